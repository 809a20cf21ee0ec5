"""The arguments of a program: what the examples say of them, and the arrays that are given in their place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd.errors import InputError
from autograd.program.structure import Slot, arrays_of, slots_of


class Arguments:
    """A program's arguments by name; ``slots`` are the arrays that they consist of."""

    def __init__(self, names: Sequence[str], examples: Sequence[Any]) -> None:
        self.names = list(names)
        self.slots: list[Slot] = []
        self.structures = []
        for name, example in zip(names, examples, strict=True):
            slots, structure, _ = slots_of(example, name, sum(slot.size for slot in self.slots))
            self.slots += slots
            self.structures.append(structure)
        self._plain = all(structure is None for structure in self.structures)

    def arrays(self, given: Sequence[Any], named: Mapping[str, Any]) -> tuple[int | None, list[np.ndarray]]:
        """Return the batch size, None if no argument has a batch axis, and an array for each slot.

        Raises:
            InputError: an argument is missing, unknown or given twice, not made of numbers, or its shape does not fit.
        """
        if named:
            given = self._in_order(given, named)
        if len(given) != len(self.names):
            count = f"{len(self.names)} argument{'' if len(self.names) == 1 else 's'}"
            raise InputError(f"the program takes {count} ({', '.join(self.names) or 'none'}), not {len(given)}")
        if not self._plain:
            given = [
                array
                for argument, structure, name in zip(given, self.structures, self.names, strict=True)
                for array in arrays_of(argument, structure, name)
            ]
        n: int | None = None
        arrays = []
        for slot, part in zip(self.slots, given, strict=True):
            array = part if type(part) is np.ndarray and part.dtype == float else _numbers(part, slot.name)
            arrays.append(array)
            shape = array.shape
            if shape == slot.shape:
                continue
            if not shape or shape[1:] != slot.shape:
                batch = ", ".join(["n", *map(str, slot.shape)]) + ("" if slot.shape else ",")
                raise InputError(
                    f"{slot.name} has the shape {shape}; the program takes ({batch}) with n samples, or {slot.shape} "
                    "for all samples alike"
                )
            if n is None:
                n, first = shape[0], slot
                if n == 0:
                    raise InputError(f"{slot.name} has no samples")
            elif n != shape[0]:
                raise InputError(f"batch sizes differ: {first.name} has {n} samples, {slot.name} has {shape[0]}")
        return n, arrays

    def _in_order(self, given: Sequence[Any], named: Mapping[str, Any]) -> list[Any]:
        """Return positional and named arguments in their order."""
        rest = self.names[len(given) :]
        for name in named:
            if name not in self.names:
                raise InputError(f"there is no input {name!r}; the inputs are {', '.join(self.names) or 'none'}")
            if name not in rest:
                raise InputError(f"the input {name!r} is given twice")
        missing = [name for name in rest if name not in named]
        if missing:
            raise InputError(f"the input{'s' if len(missing) > 1 else ''} {', '.join(missing)} must be given, too")
        return [*given, *[named[name] for name in rest]]

    def name_of(self, index: int) -> str:
        """Return the name of one input number: ``x``, or ``x[1]`` in an argument of several."""
        slot = next(slot for slot in self.slots if slot.start <= index < slot.start + slot.size)
        place = np.unravel_index(index - slot.start, slot.shape)
        return slot.name + "".join(f"[{i}]" for i in place)


def _numbers(part: Any, name: str) -> np.ndarray:
    """Return an array of floats; None and complex numbers, which NumPy would turn into some, are refused."""
    try:
        array = np.asarray(part)
        if array.dtype.kind == "c" or (array.dtype.kind == "O" and any(x is None for x in array.flat)):
            kind = "complex numbers" if array.dtype.kind == "c" else "None"
            raise TypeError(f"it holds {kind}")
        return array.astype(float)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} is not an array of numbers: {error}") from None


def fits(out: Any, shape: tuple[int, ...]) -> None:
    """Refuse an ``out`` that is not an array of floats of the result's shape."""
    if not isinstance(out, np.ndarray) or out.shape != shape or out.dtype != float:
        found = f"{out.dtype} {out.shape}" if isinstance(out, np.ndarray) else type(out).__name__
        raise InputError(f"out is {found}; it must be an array of floats of the shape {shape}")
