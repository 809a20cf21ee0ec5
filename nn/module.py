"""Module: anything that has parameters, or parts that have."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Self, SupportsFloat

import numpy as np

from autograd.errors import OperandError
from autograd.ops import PARAMETER
from autograd.value import Value, number
from nn.errors import SettingError, StateError

if TYPE_CHECKING:
    from nn.summary import Summary


class Module:
    """The base of everything that is learned; a subclass assigns its parameters and parts to attributes.

    They are found there, in the order in which they were assigned: parameters (made with ``autograd.parameter``), other
    Modules, and lists, tuples, dicts and NumPy arrays of either. A parameter's name is its path: ``slope``,
    ``hidden.0.w1``.

    A parameter may stand in several places. It is one Value, so the gradients of all its places add up in it, and it is
    listed, saved and counted once, under the path of the first.

    Attributes:
        training: whether the model is being trained, which Dropout asks. True at the start, as in PyTorch; ``eval()``
            and ``train()`` change it.

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

    training: bool = True  # on the class, so that a subclass need not call super().__init__()

    if TYPE_CHECKING:
        __call__: Callable[..., Any]  # which a subclass writes

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

    def modules(self) -> list[Module]:
        """Return this Module and every Module in it, each once, the outer before the inner.

        >>> from nn import Layer
        >>> Layer(2, 2, "tanh").modules()
        [Layer of [2 × TanhNeuron(2)], TanhNeuron(2), TanhNeuron(2)]
        """
        return list(_modules(self, {id(self)}))

    def train(self, mode: bool = True) -> Self:
        """Set ``training`` here and in every Module in it, and return this one.

        It switches, it does not learn: ``nn.fit`` does that.

        Raises:
            SettingError: the mode is not True or False.
        """
        if not isinstance(mode, (bool, np.bool_)):
            raise SettingError(
                f"train() switches to training mode, or with False out of it; it takes no {type(mode).__name__}. "
                "To train a model on data, see nn.fit"
            )
        for module in self.modules():
            module.training = bool(mode)
        return self

    def eval(self) -> Self:
        """Leave training mode, here and in every Module in it, and return this one: Dropout then drops nothing.

        >>> from nn import MLP
        >>> MLP(2, [1]).eval().training
        False
        """
        return self.train(False)

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

        Raises:
            StateError: two parameters have the same path, as the keys 1 and "1" of one dict give.

        >>> from nn import Neuron
        >>> Neuron(2, initial=lambda rng, nin, nout: [0.5, -2.0]).state_dict()
        {'w0': 0.5, 'w1': -2.0, 'b': 0.0}
        """
        state: dict[str, float] = {}
        for name, parameter in self.named_parameters():
            if name in state:
                raise StateError(f"two parameters are called {name!r}; rename an attribute or a key of a dict")
            state[name] = parameter.data
        return state

    def load_state_dict(self, state: Mapping[str, SupportsFloat]) -> None:
        """Write the numbers of a ``state_dict`` into the parameters; all of them, or on an error none.

        Raises:
            StateError: a parameter has no number, or a number has no parameter.
            OperandError: something in it is not a number.
        """
        if not isinstance(state, Mapping):
            raise StateError(f"a state is what state_dict() returns, not {state!r}; a file is read by load(path)")
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

    def save(self, path: str | os.PathLike[str], about: Mapping[str, Any] | None = None) -> None:
        """Write the parameters to a file, from which ``load`` reads them back, exactly; see nn/saving.py.

        The file is there in full or not at all: an error, or a crash while writing, leaves an older one as it was.

        Args:
            path: the file; it gets just this name. Usual is the ending ``.npz``, since NumPy can read it.
            about: what else to remember, under names of your choice: numbers, texts, lists, dicts and arrays of them.
                ``nn.saving.about(path)`` returns it.

        Raises:
            SettingError: ``about`` holds something else.
            OSError: the file cannot be written; the message says why.
        """
        from nn.saving import save

        save(self, path, about)

    def load(self, path: str | os.PathLike[str]) -> None:
        """Read the parameters from a file that ``save`` wrote; all of them, or on an error none.

        Raises:
            FileNotFoundError: there is no such file.
            FileFormatError: the file is damaged, of a later version, or none that ``save`` wrote.
            StateError: it holds the parameters of another model.

        >>> import tempfile
        >>> from nn import MLP
        >>> model, other = MLP(2, [3, 1], seed=1), MLP(2, [3, 1], seed=2)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     model.save(f"{folder}/model.npz")
        ...     other.load(f"{folder}/model.npz")
        >>> other.state_dict() == model.state_dict()
        True
        """
        from nn.saving import load

        load(self, path)

    def summary(self) -> Summary:
        """Return a table of the parts: what each is, its inputs and outputs, and how many parameters it has.

        >>> from nn import MLP
        >>> MLP(2, [16, 1], "tanh").summary()
        MLP
        part      kind   in → out  activation  parameters
        layers.0  Layer  2 → 16    tanh                48
        layers.1  Layer  16 → 1    linear              17
        total                                          65
        """
        from nn.summary import summary

        return summary(self)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.parameters())} parameters)"


def _members(name: str, item: Any) -> Iterator[tuple[str, Value | Module]]:
    if isinstance(item, (Value, Module)):
        yield name, item
    elif isinstance(item, (list, tuple)):
        for i, element in enumerate(item):
            yield from _members(f"{name}.{i}", element)
    elif isinstance(item, dict):
        for key, element in item.items():
            yield from _members(f"{name}.{key}", element)
    elif isinstance(item, np.ndarray) and item.dtype == object:
        for place, element in np.ndenumerate(item):
            yield from _members(".".join(map(str, (name, *place))), element)


def _named_parameters(module: Module, prefix: str, seen: set[int]) -> Iterator[tuple[str, Value]]:
    for name, member in module.members():
        if id(member) in seen:
            continue
        seen.add(id(member))
        if isinstance(member, Module):
            yield from _named_parameters(member, f"{prefix}{name}.", seen)
        elif not isinstance(member, Value):  # where a weight in a neuron's list was overwritten
            raise OperandError(f"{prefix}{name} is {member!r}, not a Value; a number is changed by writing its .data")
        elif member.op is PARAMETER:
            yield prefix + name, member


def _modules(module: Module, seen: set[int]) -> Iterator[Module]:
    yield module
    for _, member in module.members():
        if isinstance(member, Module) and id(member) not in seen:
            seen.add(id(member))
            yield from _modules(member, seen)


def _is_bias(path: str) -> bool:
    names = [part for part in path.split(".") if not part.isdigit()]
    return names[-1:] in (["b"], ["bias"])


def _enumerated(names: list[str]) -> str:
    """Return the first few names in quotes, and how many more there are."""
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(map(repr, names[:3])) + more
