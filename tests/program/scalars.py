"""What functions.py and patterns.py share: parameters in lists, and the table of functions to test on."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import autograd
from autograd import Value, dot, parameter

Made = tuple[Callable[..., Any], tuple[Any, ...]]


def numbers(count: int, start: float = 0.3) -> list[Value]:
    """Return parameters with numbers between -1 and 1, all different."""
    return [parameter(math.sin(start + 1.7 * i)) for i in range(count)]


def matrix(rows: int, width: int, start: float = 0.3) -> list[list[Value]]:
    flat = iter(numbers(rows * width, start))
    return [list(itertools.islice(flat, width)) for _ in range(rows)]


def affine(w: list[list[Value]], x: Any, b: list[Value] | None = None) -> list[Value]:
    return [dot(row, x, None if b is None else b[i]) for i, row in enumerate(w)]


def squares(xs: Any) -> Value:
    return autograd.sum([x * x for x in xs])


MADE: dict[str, Callable[[], Made]] = {}


def made(function: Callable[[], Made]) -> Callable[[], Made]:
    MADE[function.__name__] = function
    return function
