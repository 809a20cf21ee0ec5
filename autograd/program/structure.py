"""Nested lists of numbers, and arrays with a batch axis in their place.

An example ``([0.0, 0.0], 1.0)`` says that a function takes a list of two numbers and a number. A program then takes
arrays of shape (n, 2) and (n,); or, for one sample, of shape (2,) and ().
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd.errors import CompileError, InputError


def build(example: Any, make: Callable[[float], Any]) -> Any:
    """Return ``example`` with every number replaced by ``make(number)``; an array becomes one of objects."""
    if isinstance(example, np.ndarray):
        if example.ndim == 0:
            return build(example.item(), make)
        stand_ins = np.empty(example.shape, dtype=object)
        for place in np.ndindex(example.shape):
            stand_ins[place] = build(example[place], make)
        return stand_ins
    if isinstance(example, (list, tuple)):
        return type(example)([build(part, make) for part in example])
    if isinstance(example, dict):
        return {key: build(part, make) for key, part in example.items()}
    if isinstance(example, (str, bytes, complex)) or not hasattr(example, "__float__"):
        raise CompileError(f"an example is a number or nested lists of numbers; got {example!r}")
    return make(example)


def flatten(result: Any) -> tuple[list[Any], Any]:
    """Return the entries of nested lists as a flat list, and the structure that ``restore`` needs."""
    flat: list[Any] = []

    def walk(part: Any) -> Any:
        if isinstance(part, np.ndarray) and part.ndim:
            part = part.tolist()
        if isinstance(part, (list, tuple)):
            return type(part) if type(part) in (list, tuple) else list, [walk(p) for p in part]
        if isinstance(part, dict):
            return list(part), [walk(p) for p in part.values()]
        flat.append(part)
        return None

    return flat, walk(result)


def restore(structure: Any, flat: Iterator[Any]) -> Any:
    """Return the entries of a flat list in a structure."""
    if structure is None:
        return next(flat)
    kind, parts = structure
    restored = [restore(part, flat) for part in parts]
    if isinstance(kind, list):
        return dict(zip(kind, restored, strict=True))
    return kind(restored)


class Slot:
    """An argument, or an array within one: its ``shape`` without the batch axis, and where its inputs ``start``."""

    def __init__(self, name: str, shape: tuple[int, ...], start: int) -> None:
        self.name, self.shape, self.start = name, shape, start
        self.size = int(np.prod(shape))
        self.identifier = _identifier(name, start)


def slots_of(example: Any, name: str, start: int) -> tuple[list[Slot], Any, int]:
    """Return an argument's arrays, its structure where it is not one array, and the next free row."""
    build(example, float)  # which refuses what is not made of numbers
    try:
        array = None if isinstance(example, dict) else np.array(example, dtype=float)
    except (ValueError, TypeError):
        array = None  # ragged: an array for each part
    if array is not None:
        slot = Slot(name, array.shape, start)
        return [slot], None, start + slot.size
    slots: list[Slot] = []
    structure = []
    parts = example.items() if isinstance(example, dict) else enumerate(example)
    for key, part in parts:
        inner, deeper, start = slots_of(part, f"{name}[{key!r}]", start)
        slots += inner
        structure.append((key, deeper))
    return slots, structure, start


def arrays_of(argument: Any, structure: Any, name: str) -> list[Any]:
    """Return an argument's arrays in the order of its slots."""
    if structure is None:
        return [argument]
    arrays: list[Any] = []
    keys = [key for key, _ in structure]
    found = (
        list(argument) if isinstance(argument, dict) else range(len(argument)) if hasattr(argument, "__len__") else []
    )
    for key in found:
        if key not in keys:
            raise InputError(f"{name} has a part {key!r} that the example has not; its parts are {keys}")
    for key, deeper in structure:
        try:
            part = argument[key]
        except (KeyError, IndexError, TypeError):
            raise InputError(f"{name}: the part {key!r} is missing") from None
        arrays += arrays_of(part, deeper, f"{name}[{key!r}]")
    return arrays


_TAKEN = {"np", "n", "theta", "gradient", "seed", "seed_n", "inputs", "run"}


def _identifier(name: str, start: int) -> str:
    """Return a name for an argument's array in generated source: the argument's own, where that is safe."""
    safe = "".join(c if c.isascii() and c.isalnum() else "_" for c in name).strip("_")
    clashes = re.fullmatch(r"[avwtg]\d+|index\d+|constants\d+|c\d+|zero|one", safe)
    if safe in _TAKEN or keyword.iskeyword(safe) or not safe[:1].isalpha() or clashes or safe != name:
        return f"{safe if safe[:1].isalpha() else 'input'}_{start}"
    return safe
