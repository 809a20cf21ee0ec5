"""Sequential: parts in a row, each one's outputs the next one's inputs.

>>> from nn import Layer
>>> model = Sequential(Layer(2, 8, "tanh", seed=1), Layer(8, 1, "linear", seed=2))
>>> output = model([0.5, -1.0])
>>> len(model.parameters()), model.parameters()[0].label
(33, '0.0.w0')
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any, Self, overload

from autograd.errors import AutogradError
from autograd.value import Value
from nn.errors import SettingError
from nn.module import Module

Part = Callable[[Any], Any]


class Sequential(Module):
    """Modules and functions in a row: model(x) = pₙ(… p₂(p₁(x))).

    A function gets what the part before it returns: a list of Values, or one Value after a layer of one neuron. The
    parameters of a Module inside a function are not found; make such a function a Module (see ``Module``).

    Args:
        *parts: what is called one after the other.

    Attributes:
        parts: the list of them, which may be changed. A parameter's name begins with its part's number: ``0.1.w2``.

    Raises:
        SettingError: there are no parts, or one of them cannot be called.

    >>> from nn import Layer
    >>> model = Sequential(Layer(2, 2, "linear", initial=lambda *_: [1.0, -1.0]), max)
    >>> model([3.0, 1.0]).data
    2.0
    >>> len(model), model[0], len(model[:1])
    (2, Layer of [2 × LinearNeuron(2)], 1)
    """

    def __init__(self, *parts: Part) -> None:
        if not parts:
            raise SettingError('a Sequential has at least one part, as in Sequential(Layer(2, 1, "linear"))')
        for i, part in enumerate(parts):
            _check(i, part)
        self.parts = list(parts)
        self.label_parameters()

    def __call__(self, x: Any) -> Any:
        """Return what the last part returns; an error names the part it comes from in a note."""
        for i, part in enumerate(self.parts):
            try:
                x = part(x)
            except AutogradError as error:
                error.add_note(f"in part {i} of a Sequential: {part_text(part)}")
                raise
        return x

    def members(self) -> Iterator[tuple[str, Value | Module]]:
        """Yield the Modules among the parts; their names are their numbers."""
        for i, part in enumerate(self.parts):
            if isinstance(part, Module):
                yield str(i), part

    @overload
    def __getitem__(self, index: int) -> Part: ...
    @overload
    def __getitem__(self, index: slice) -> Self: ...
    def __getitem__(self, index: int | slice) -> Part | Self:
        """Return one part, or a Sequential of several: the same parts, not copies, under the labels they have."""
        if isinstance(index, slice):
            piece = copy.copy(self)
            piece.parts = self.parts[index]
            return piece
        return self.parts[index]

    def __len__(self) -> int:
        return len(self.parts)

    def __iter__(self) -> Iterator[Part]:
        return iter(self.parts)

    def __repr__(self) -> str:
        return f"Sequential of [{', '.join(map(part_text, self.parts))}]"


def _check(i: int, part: Any) -> None:
    """Refuse what is not a part."""
    if isinstance(part, (list, tuple)):
        raise SettingError(f"part {i} of the Sequential is a {type(part).__name__}; give its parts one by one: *parts")
    if isinstance(part, type) and issubclass(part, Module):
        raise SettingError(f"part {i} of the Sequential is the class {part.__name__}; make one: {part.__name__}(…)")
    if isinstance(part, Module) and not callable(part):
        raise SettingError(f"part {i} of the Sequential, {part!r}, cannot be called; give its class a method __call__")
    if not callable(part):
        raise SettingError(
            f"part {i} of the Sequential, {part!r}, cannot be called; a part is a Module or a function. "
            'An activation belongs to its layer, as in Layer(2, 8, "tanh")'
        )


def part_text(part: Part) -> str:
    """Return how a part is called: a Module as it shows itself, a function by its name."""
    return repr(part) if isinstance(part, Module) else getattr(part, "__name__", repr(part))
