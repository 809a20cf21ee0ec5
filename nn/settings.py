"""What settings may be: each check returns the number, or says what it must be."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from nn.errors import SettingError

Check = Callable[[str, Any], Any]


def positive(name: str, x: Any) -> float:
    """Return a finite number above 0 as a float."""
    number = _float(x)
    if not 0.0 < number < math.inf:
        raise SettingError(f"the {name} is a positive number, as in 0.1; not {x!r}")
    return number


def not_negative(name: str, x: Any) -> float:
    """Return a finite number of at least 0 as a float."""
    number = _float(x)
    if not 0.0 <= number < math.inf:
        raise SettingError(f"the {name} is a number of at least 0, as in 0.01; not {x!r}")
    return number


def fraction(name: str, x: Any) -> float:
    """Return a number of at least 0 and less than 1 as a float: the share of a running mean that is kept."""
    number = _float(x)
    if not 0.0 <= number < 1.0:
        raise SettingError(f"the {name} is a number of at least 0 and less than 1, as in 0.9; not {x!r}")
    return number


def fractions(name: str, x: Any) -> tuple[float, float]:
    """Return a pair of such shares."""
    if not isinstance(x, (tuple, list, np.ndarray)) or len(x) != 2:
        raise SettingError(f"the {name} are two numbers, as in (0.9, 0.999); not {x!r}")
    return fraction(f"first of the {name}", x[0]), fraction(f"second of the {name}", x[1])


def count(name: str, x: Any) -> int:
    """Return a whole number of at least 1 as an int."""
    try:
        whole = 0 if isinstance(x, (bool, np.bool_)) else operator.index(x)
    except TypeError:
        whole = 0
    if whole < 1:
        raise SettingError(f"the {name} is a whole number of at least 1, as in 10; not {x!r}")
    return whole


def _float(x: Any) -> float:
    """Return a number as a float, and anything else as nan, which no range contains."""
    if isinstance(x, (bool, np.bool_)) or not isinstance(x, (int, float, np.integer, np.floating)):
        return math.nan
    try:
        return float(x)
    except OverflowError:
        return math.inf
