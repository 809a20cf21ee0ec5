"""Numbers and labels as they stand in a picture: short, printable, in the same width on every machine."""

from __future__ import annotations

import math
import re
from unicodedata import category, combining, east_asian_width

LONGEST = 25  # characters of a label that a picture shows; its tooltip shows all of them

_PATH = re.compile(r"\w+(\.\w+)*")
_REPLACED = ("Cc", "Cs", "Cn")  # control characters, lone surrogates, code points that are no characters
_REORDERING = set("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def number(x: float, digits: int = 4) -> str:
    """Return a number to ``digits`` significant digits, whole ones up to 999,999 in full, with a real minus sign.

    >>> number(-0.19661193), number(-12.0), number(1.5e-10), number(-math.inf)
    ('−0.1966', '−12', '1.5e−10', '−∞')
    """
    if math.isinf(x):
        text = "∞" if x > 0 else "-∞"
    elif x == 0:
        text = "0"
    elif abs(x) < 1e6 and x == int(x):
        text = str(int(x))
    else:
        text = f"{x:.{digits}g}"
    mantissa, e, exponent = text.partition("e")
    return (mantissa + e + str(int(exponent)) if e else text).replace("-", "−")


def spread(ends: tuple[float, float], digits: int = 3, to: str = " … ") -> str:
    """Return a range of numbers, or the one number where both ends are the same.

    >>> spread((-1.0, 2.0)), spread((0.5, 0.5)), spread((-0.25, 1234567.0))
    ('−1 … 2', '0.5', '−0.25 … 1.23e6')
    """
    low, high = (number(x, digits) for x in ends)
    return low if low == high else f"{low}{to}{high}"


def printable(text: str) -> str:
    r"""Return ``text`` on one line, with ``�`` for each character that a picture or an XML file cannot hold.

    >>> printable("two\nlines, a bell\a and a lone surrogate \udc80")
    'two lines, a bell� and a lone surrogate �'
    """
    return "".join(
        " " if c in "\t\n\r\u2028\u2029" else "�" if category(c) in _REPLACED or c in _REORDERING else c for c in text
    )


def shorten(text: str, longest: int = LONGEST) -> str:
    """Return ``text`` with its middle left out, where it is longer than ``longest`` characters.

    >>> shorten("layers.0.attention.heads.3.query.w17")
    'layers.0.att….3.query.w17'
    """
    half = (longest - 1) // 2
    return text if len(text) <= longest else f"{text[:half]}…{text[-half:]}"


def columns(text: str) -> int:
    """Return how wide a monospace font sets ``text``, in digits' widths: a Chinese character takes two."""
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def split(path: str) -> tuple[list[str], str]:
    """Split a parameter's path: that of its module, in parts, and its own name, which may be an element of a list.

    >>> split("layers.0.1.w2"), split("layers.0.w.3"), split("learning rate, 0.5")
    ((['layers', '0', '1'], 'w2'), (['layers', '0'], 'w.3'), ([], 'learning rate, 0.5'))
    """
    if not _PATH.fullmatch(path):
        return [], path
    parts = path.split(".")
    i = len(parts) - 1
    while i > 0 and parts[i].isdigit():
        i -= 1
    return parts[:i], ".".join(parts[i:])
