"""Where the numbers stand on the lines between two columns: on their line, and as little in the way as can be."""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot

Box = tuple[float, float, float, float]  # left, top, right, bottom
Line = tuple[float, float, float, float]  # x1, y1, x2, y2

STEPS = 40  # places that are tried on each line
HALF = 6.5  # of a label's height


def placed(lines: Sequence[Line], widths: Sequence[float], clear: float) -> list[tuple[float, float]]:
    """Return the middle of each line's label, one line after the other.

    Each stands where it covers the least of the labels before it, then where it hides the fewest other lines, and then
    as near to the middle as it can.

    Args:
        lines: from left to right.
        widths: of their labels.
        clear: how far labels stay away from a line's ends.

    >>> placed([(0.0, 0.0, 100.0, 0.0), (0.0, 40.0, 100.0, 40.0)], [20.0, 20.0], clear=20.0)
    [(50.0, 0.0), (50.0, 40.0)]
    """
    taken: list[Box] = []
    places: list[tuple[float, float]] = []
    for i, line in enumerate(lines):
        half = widths[i] / 2
        others = [other for j, other in enumerate(lines) if j != i]
        candidates = _candidates(line, half, clear)
        prices = [_price(_box(x, y, half), others, taken) for x, y in candidates]
        x, y = candidates[prices.index(min(prices))]
        places.append((x, y))
        taken.append(_box(x, y, half))
    return places


def _candidates(line: Line, half: float, clear: float) -> list[tuple[float, float]]:
    """Return places on a line, the middle first."""
    x1, y1, x2, y2 = line
    least = min(0.5, (clear + half) / hypot(x2 - x1, y2 - y1))
    shares = sorted((least + i / STEPS * (1 - 2 * least) for i in range(STEPS + 1)), key=lambda t: abs(t - 0.5))
    return [(x1 + t * (x2 - x1), y1 + t * (y2 - y1)) for t in shares]


def _price(box: Box, others: Sequence[Line], taken: Sequence[Box]) -> float:
    return 1000.0 * sum(_overlap(box, other) for other in taken) + sum(_crosses(other, box) for other in others)


def _box(x: float, y: float, half: float) -> Box:
    return x - half, y - HALF, x + half, y + HALF


def _overlap(a: Box, b: Box) -> float:
    """Return the area that two boxes share."""
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))


def _crosses(line: Line, box: Box) -> bool:
    """Return whether a line from left to right passes through a box."""
    x1, y1, x2, y2 = line
    heights = [y1 + (x - x1) / (x2 - x1) * (y2 - y1) for x in (box[0], box[2])]
    return max(heights) >= box[1] and min(heights) <= box[3]
