"""Module: anything that has parameters, or parts that have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, SupportsFloat

from autograd.ops import PARAMETER
from autograd.value import Value, number
from nn.errors import StateError


class Module:
    """The base of everything that is learned; a subclass assigns its parameters and parts to attributes.

    They are found there, in the order in which they were assigned: parameters (made with ``autograd.parameter``), other
    Modules, and lists and tuples of either. A parameter's name is its path: ``slope``, ``hidden.0.w1``.

    >>> from autograd import parameter
    >>> from nn import Layer
    >>> class Gated(Module):
    ...     def __init__(self):
    ...         self.hidden = Layer(2, 1, "tanh")
    ...         self.gain = parameter(3.0)
    ...         self.label_parameters()
    ...     def __call__(self, x):
    ...         return self.gain * self.hidden(x)
    >>> [name for name, parameter in Gated().named_parameters()]
    ['hidden.0.w0', 'hidden.0.w1', 'hidden.0.b', 'gain']
    """

    def members(self) -> Iterator[tuple[str, Value | Module]]:
        """Yield the Values and Modules that this Module holds directly, each with its name."""
        for name, attribute in vars(self).items():
            yield from _members(name, attribute)

    def named_parameters(self) -> Iterator[tuple[str, Value]]:
        """Yield every parameter with its path. One that is used in several places comes once, under its first path."""
        return _named_parameters(self, "", {id(self)})

    def parameters(self) -> list[Value]:
        """Return every parameter once; the same order on every call."""
        return [parameter for _, parameter in self.named_parameters()]

    def weights(self) -> list[Value]:
        """Return the parameters without the biases, which are those called ``b`` or ``bias``, or in a list so called.

        A penalty on the size of weights leaves biases out, since they only shift a neuron's threshold.
        """
        return [parameter for name, parameter in self.named_parameters() if not _is_bias(name)]

    def zero_grad(self) -> None:
        """Set every parameter's gradient to 0, as is due before each new ``backward()``, for gradients accumulate."""
        for parameter in self.parameters():
            parameter.grad = 0.0

    def label_parameters(self, prefix: str = "") -> None:
        """Label every parameter with its path, for pictures, messages and ``Graph.inputs``.

        Constructors do this last. Where two models stand in one graph, give each a prefix to tell them apart.

        >>> from nn import Neuron
        >>> neuron = Neuron(2)
        >>> neuron.label_parameters("critic.")
        >>> neuron.b.label
        'critic.b'
        """
        for name, parameter in self.named_parameters():
            parameter.label = prefix + name

    def state_dict(self) -> dict[str, float]:
        """Return the number in each parameter, by path.

        >>> from nn import Neuron
        >>> Neuron(2, initial=lambda rng, nin, nout: [0.5, -2.0]).state_dict()
        {'w0': 0.5, 'w1': -2.0, 'b': 0.0}
        """
        return {name: parameter.data for name, parameter in self.named_parameters()}

    def load_state_dict(self, state: Mapping[str, SupportsFloat]) -> None:
        """Write the numbers of a ``state_dict`` into the parameters; all of them, or on an error none.

        Raises:
            StateError: a parameter has no number, or a number has no parameter.
            OperandError: something in it is not a number.
        """
        parameters = dict(self.named_parameters())
        missing = [name for name in parameters if name not in state]
        unknown = [name for name in state if name not in parameters]
        if missing or unknown:
            raise StateError(
                "the state does not fit the model: "
                + "; ".join(
                    f"{what} {_enumerated(names)}"
                    for what, names in (("it lacks", missing), ("the model has no", unknown))
                    if names
                )
            )
        numbers = {name: number(state[name]) for name in parameters}
        for name, parameter in parameters.items():
            parameter.data = numbers[name]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.parameters())} parameters)"


def _members(name: str, item: Any) -> Iterator[tuple[str, Value | Module]]:
    if isinstance(item, (Value, Module)):
        yield name, item
    elif isinstance(item, (list, tuple)):
        for i, element in enumerate(item):
            yield from _members(f"{name}.{i}", element)


def _named_parameters(module: Module, prefix: str, seen: set[int]) -> Iterator[tuple[str, Value]]:
    for name, member in module.members():
        if id(member) in seen:
            continue
        seen.add(id(member))
        if isinstance(member, Module):
            yield from _named_parameters(member, f"{prefix}{name}.", seen)
        elif member.op is PARAMETER:
            yield prefix + name, member


def _is_bias(path: str) -> bool:
    names = [part for part in path.split(".") if not part.isdigit()]
    return names[-1] in ("b", "bias")


def _enumerated(names: list[str]) -> str:
    """Return the first few names in quotes, and how many more there are."""
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(map(repr, names[:3])) + more
