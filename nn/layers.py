"""Neurons, layers of neurons, and the multi-layer perceptron; the names and calls are micrograd's.

>>> from nn import MLP
>>> model = MLP(2, [16, 16, 1], seed=1)
>>> len(model.parameters())
337
>>> score = model([1.0, -0.5])
>>> score.backward()
>>> model
MLP of [Layer of [16 × ReLUNeuron(2)], Layer of [16 × ReLUNeuron(16)], Layer of [LinearNeuron(16)]]
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, SupportsFloat

import numpy as np

from autograd.errors import OperandError
from autograd.ops import TABLE
from autograd.reductions import fused_dot
from autograd.value import Value, operands, parameter
from nn.draws import Seed, generator
from nn.errors import SettingError, ShapeError
from nn.initial import Scheme, initial_weights
from nn.module import Module
from nn.settings import count

Activation = str | Callable[[Value], Value] | None
Sample = Iterable[SupportsFloat] | SupportsFloat


class Neuron(Module):
    """A neuron: z = f(w₁x₁ + … + wₙxₙ + b), as two nodes: one for the total input, one for its activation f.

    Args:
        nin: the number of inputs.
        activation: f. The name of an operation of the table that needs one argument ("relu", "tanh", "sigmoid", …),
            "linear" or None for f(x) = x, or a function of a Value.
        initial: how the weights are drawn: "uniform", "xavier", "he", or a function (nn/initial.py). The bias is 0.
        seed: a whole number for the same draws every time, a generator to draw from, or None for fresh ones.
        nonlin: micrograd's name: True stands for relu, False for linear; given, it overrules ``activation``.
        nout: the number of neurons in the layer, which Xavier's formula asks for.

    Attributes:
        w: the weights, a list of Values. They, the list and ``b`` may be replaced, to share weights for instance.
        b: the bias, a Value.
        activation: the name, or the function.

    Raises:
        SettingError: an argument that cannot be; the message lists the choices.

    >>> neuron = Neuron(2, "tanh", initial=lambda rng, nin, nout: [3.0, -1.0])
    >>> neuron([1.0, 3.0]).data
    0.0
    """

    def __init__(
        self,
        nin: int,
        activation: Activation = "relu",
        *,
        initial: str | Scheme = "uniform",
        seed: Seed = None,
        nonlin: bool | None = None,
        nout: int = 1,
    ) -> None:
        nin = count("number of inputs (nin)", nin)
        self.w = [parameter(w) for w in initial_weights(initial, generator(seed), nin, nout)]
        self.b = parameter(0.0)
        self.activation = known_activation(activation, nonlin)
        self._w, self._operands = self._tied()
        self.label_parameters()

    def __call__(self, x: Sample) -> Value:
        """Return the output for one sample: as many Values or numbers as there are weights.

        Raises:
            ShapeError: another number of inputs.
        """
        return self.fire(inputs_of(x))

    def fire(self, inputs: tuple[Value, ...]) -> Value:
        """Return the output for a tuple of Values; a Layer calls this on each of its neurons."""
        if self.w != self._w or self.b is not self._operands[-1]:
            self._w, self._operands = self._tied()
        if len(inputs) != len(self._w):
            raise ShapeError(f"a neuron with {len(self._w)} weights takes {len(self._w)} inputs, got {len(inputs)}")
        total = fused_dot(self._operands, inputs)
        activation = self.activation
        if activation == "linear":
            return total
        if isinstance(activation, str):
            result: Value = getattr(total, activation)()
            return result
        return activation(total)

    def _tied(self) -> tuple[list[Value], tuple[Value, ...]]:
        """Return a copy of ``w``, to notice changes by, and the tuple of weights and bias that all calls share."""
        for what, value in (*((f"w[{i}]", w) for i, w in enumerate(self.w)), ("b", self.b)):
            if not isinstance(value, Value):
                raise OperandError(
                    f"a neuron's {what} was replaced by {value!r}; to change the number, write neuron.{what}.data = …, "
                    "to fix it for good, put autograd.constant(…) there"
                )
        return self.w[:], operands((*self.w, self.b))

    def members(self) -> Iterator[tuple[str, Value | Module]]:
        """Yield w0, w1, … and b; and the activation, if it is a Module with parameters of its own."""
        for i, weight in enumerate(self.w):
            yield f"w{i}", weight
        yield "b", self.b
        if isinstance(self.activation, Module):
            yield "activation", self.activation

    def __repr__(self) -> str:
        name = self.activation if isinstance(self.activation, str) else getattr(self.activation, "__name__", "Own")
        return f"{name.title().replace('_', '').replace('Relu', 'ReLU')}Neuron({len(self.w)})"


class Layer(Module):
    """Neurons that see the same inputs.

    Layers share weights where they hold the same Values, as a decoder with the transposed weights of its encoder:

    >>> encoder, decoder = Layer(4, 2, "tanh", seed=1), Layer(2, 4, "linear")
    >>> for i, neuron in enumerate(decoder.neurons):
    ...     neuron.w = [other.w[i] for other in encoder.neurons]

    Args:
        nin: the number of inputs.
        nout: the number of neurons, and so of outputs.
        activation: as for a Neuron, and so are all the others.
        initial: see Neuron.
        seed: see Neuron.
        nonlin: see Neuron.

    Attributes:
        neurons: the list of them. Their parameters' names leave it out: ``0.w1``, not ``neurons.0.w1``.

    Raises:
        SettingError: an argument that cannot be.

    >>> layer = Layer(2, 3, seed=1)
    >>> len(layer([1.0, 2.0]))
    3
    >>> [p.label for p in layer.parameters()][:4]
    ['0.w0', '0.w1', '0.b', '1.w0']
    """

    def __init__(
        self,
        nin: int,
        nout: int,
        activation: Activation = "relu",
        *,
        initial: str | Scheme = "uniform",
        seed: Seed = None,
        nonlin: bool | None = None,
    ) -> None:
        nout = count("number of neurons (nout)", nout)
        rng = generator(seed)
        self.neurons = [
            Neuron(nin, activation, initial=initial, seed=rng, nonlin=nonlin, nout=nout) for _ in range(nout)
        ]
        self.label_parameters()

    def __call__(self, x: Sample) -> Any:
        """Return the list of outputs for one sample; a single one is not wrapped in a list.

        Raises:
            ShapeError: another number of inputs than the neurons have weights.
        """
        inputs = inputs_of(x)
        outputs = [neuron.fire(inputs) for neuron in self.neurons]
        return outputs[0] if len(outputs) == 1 else outputs

    def members(self) -> Iterator[tuple[str, Value | Module]]:
        """Yield the neurons; their names are their numbers."""
        for i, neuron in enumerate(self.neurons):
            yield str(i), neuron

    def __repr__(self) -> str:
        runs = [(text, len(list(run))) for text, run in groupby(map(repr, self.neurons))]
        return f"Layer of [{', '.join(f'{count} × {text}' if count > 1 else text for text, count in runs)}]"


class MLP(Module):
    """A multi-layer perceptron: layers in a row, each one's outputs the next one's inputs, and the last one linear.

    Args:
        nin: the number of inputs.
        nouts: the number of neurons in each layer, the last being the number of outputs.
        activation: of all layers but the last; as for a Neuron.
        output_activation: of the last layer.
        initial: how weights are drawn; as for a Neuron.
        seed: one generator draws all weights, layer by layer and neuron by neuron; as for a Neuron.

    Attributes:
        layers: the list of Layers. A parameter's name is ``layers.0.1.w2``: layer 0, neuron 1, weight 2.

    Raises:
        SettingError: an argument that cannot be.

    >>> model = MLP(3, [4, 2], activation="tanh", initial="xavier", seed=1)
    >>> outputs = model([0.5, -1.0, 2.0])
    >>> len(outputs), model.parameters()[6].label
    (2, 'layers.0.1.w2')
    """

    def __init__(
        self,
        nin: int,
        nouts: Sequence[int],
        activation: Activation = "relu",
        *,
        output_activation: Activation = "linear",
        initial: str | Scheme = "uniform",
        seed: Seed = None,
    ) -> None:
        if isinstance(nouts, str) or not isinstance(nouts, (Sequence, np.ndarray)) or len(nouts) == 0:
            raise SettingError(f"nouts lists the number of neurons in each layer, as in [16, 16, 1]; got {nouts!r}")
        rng = generator(seed)
        sizes = [nin, *nouts]
        hidden = known_activation(activation)  # also where there are no hidden layers to have it
        activations = [hidden] * (len(nouts) - 1) + [output_activation]
        self.layers = [
            Layer(size, next_size, f, initial=initial, seed=rng)
            for size, next_size, f in zip(sizes[:-1], sizes[1:], activations, strict=True)
        ]
        self.label_parameters()

    def __call__(self, x: Sample) -> Any:
        """Return the list of outputs for one sample; a single one is not wrapped in a list.

        Raises:
            ShapeError: another number of inputs than ``nin``.
        """
        for layer in self.layers:
            x = layer(x)
        return x

    def __repr__(self) -> str:
        return f"MLP of [{', '.join(map(repr, self.layers))}]"


def activations() -> list[str]:
    """Return the names an activation can have: "linear", and the operations that can be called with one argument.

    >>> "leaky_relu" in activations(), "maximum" in activations()
    (True, False)
    """
    return ["linear", *(op.name for op in TABLE.values() if len(op.arguments) - len(op.defaults) == 1)]


def known_activation(activation: Activation, nonlin: bool | None = None) -> str | Callable[[Value], Value]:
    """Return an activation as its name, if it has one, or as the function that it is."""
    if nonlin is not None:
        return "relu" if nonlin else "linear"
    if activation is None:
        return "linear"
    if isinstance(activation, str) and activation in activations():
        return activation
    if isinstance(activation, str) or not callable(activation):
        raise SettingError(
            f"there is no activation {activation!r}; give a function of a Value, or one of {', '.join(activations())}"
        )
    return activation


def inputs_of(x: Any) -> tuple[Value, ...]:
    """Return one sample as a tuple of Values; a number or a Value is a sample of one."""
    if x.__class__ is not list and x.__class__ is not tuple:  # the usual cases need no further look
        if isinstance(x, np.ndarray) and x.ndim > 1:
            raise ShapeError(
                f"a model takes one sample at a time, not an array of shape {x.shape}; "
                "call it for each row, as in [model(x) for x in X]"
            )
        if not isinstance(x, Iterable) or (isinstance(x, np.ndarray) and x.ndim == 0):
            x = (x,)
    return operands(x)
