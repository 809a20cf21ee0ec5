import math

import pytest

from viz.text import LONGEST, columns, number, printable, shorten


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (3.0, "3"),
        (-12.0, "−12"),
        (0.0, "0"),
        (-0.0, "0"),
        (0.1966119, "0.1966"),
        (-0.00012345678, "−0.0001235"),
        (1.5e-10, "1.5e−10"),
        (-123456.7, "−1.235e5"),
        (123456.0, "123456"),
        (1e6, "1e6"),
        (1e300, "1e300"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
        (math.nan, "nan"),
    ],
)
def test_numbers(x, text):
    assert number(x) == text


def test_digits():
    assert number(-math.pi, 12) == "−3.14159265359"


def test_control_characters_and_surrogates_are_replaced():
    assert printable("a\0b\x1b[31mc\x85\udcffd\ufffe") == "a�b�[31mc��d�"
    assert printable("one\ntwo\tthree\u2028four") == "one two three four"
    assert printable("evil\u202etxt") == "evil�txt"
    assert printable("é 日本語 🎉 x₁ ∂") == "é 日本語 🎉 x₁ ∂"


def test_long_text_loses_its_middle():
    assert shorten("a" * LONGEST) == "a" * LONGEST
    short = shorten("start" + "x" * 100 + "end")
    assert len(short) == LONGEST
    assert short.startswith("startx")
    assert short.endswith("xend")
    assert "…" in short


def test_columns():
    assert [columns(text) for text in ("abc", "日本", "é", "e\u0301", "")] == [3, 4, 1, 1, 0]
