"""From matplotlib's SVG of many pages on top of each other to one that turns them, by CSS keyframes alone.

The parts of page k have the ids ``page-k-own-…`` (seen on that page) and ``page-k-lasting-…`` (seen from it on). They
become classes. Without motion the last page is seen. Names begin with the picture's own, so that several pictures can
stand in one document; and paths are written short, so that the file stays small.
"""

from __future__ import annotations

import math
import re
from html import escape
from itertools import pairwise

SLACK = 0.12  # points; by how much a path may differ from matplotlib's
FONTS = "'DejaVu Sans',Verdana,'Helvetica Neue',Arial,sans-serif"

Point = tuple[float, float]

_PATH_DATA = re.compile(r' d="([MLz\d\s.e-]*)"')
_PIECE = re.compile(r"M[^M]*")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
_PAGE = re.compile(r'id="page-(\d+)-(o|l)(?:wn|asting)-\d+"')
_ID = re.compile(r' id="([^"]+)"')


def turning(svg: str, name: str, title: str, pages: int, seconds: float, rest: float, loop: bool) -> str:
    """Return the SVG that turns the pages.

    Args:
        svg: matplotlib's.
        name: what class names begin with; unique to this picture.
        title: for readers who hear it.
        pages: how many there are.
        seconds: how long all but the last are shown together.
        rest: how long the last one is.
        loop: whether it begins anew.
    """
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = _PATH_DATA.sub(lambda match: f' d="{short(match[1])}"', svg)
    svg = re.sub(r" font-family: [^;\"]*;?", "", svg)
    svg = re.sub(r"\s*\n\s*", "\n", svg)
    svg = svg.replace('<style type="text/css">*{', f"<style>.{name} *{{")  # or else it would hold for the whole page
    svg = _PAGE.sub(lambda match: f'class="{name}-{match[2]}{match[1]}"', svg)
    used = set(re.findall(r"#([\w-]+)", svg))
    svg = _ID.sub(lambda match: match[0] if match[1] in used else "", svg)
    head, _, body = svg.partition(">")
    head += f' class="{name}" role="img" aria-label="{escape(title)}"><title>{escape(title)}</title>'
    return f"{head}<style>{_rules(name, pages, seconds, rest, loop)}</style>{body}"


def short(path: str) -> str:
    """Return a path of straight lines with fewer points and in tenths of a point; what is bent stays as it is.

    >>> short("M 0 0 L 1.04 0.01 L 2 0 L 2 5 z")
    'M0 0h2v5z'
    """
    pieces = []
    for piece in _PIECE.findall(path):
        numbers = [float(x) for x in _NUMBER.findall(piece)]
        points = thinned(list(zip(numbers[0::2], numbers[1::2], strict=True)))
        tenths = [(round(10 * x), round(10 * y)) for x, y in points]
        text = f"M{_tenths(tenths[0][0])} {_tenths(tenths[0][1])}"
        for (x, y), (u, v) in pairwise(tenths):  # of rounded points, so that no error adds up
            if (x, y) != (u, v):
                text += f"h{_tenths(u - x)}" if v == y else f"v{_tenths(v - y)}" if u == x else _line(u - x, v - y)
        pieces.append(text + ("z" if "z" in piece else ""))
    return "".join(pieces)


def thinned(points: list[Point]) -> list[Point]:
    """Return the points that a line needs to stay within ``SLACK`` of the line through all of them.

    D. H. Douglas and T. K. Peucker, "Algorithms for the reduction of the number of points required to represent a
    digitized line or its caricature", Cartographica 10 (1973).
    """
    kept, spans = {0, len(points) - 1}, [(0, len(points) - 1)]
    while spans:
        first, last = spans.pop()
        distances = [_distance(point, points[first], points[last]) for point in points[first + 1 : last]]
        if distances and max(distances) > SLACK:
            middle = first + 1 + distances.index(max(distances))
            kept.add(middle)
            spans += [(first, middle), (middle, last)]
    return [points[i] for i in sorted(kept)]


def _distance(point: Point, a: Point, b: Point) -> float:
    """Return how far a point is from the segment between two others."""
    (x, y), (dx, dy) = (point[0] - a[0], point[1] - a[1]), (b[0] - a[0], b[1] - a[1])
    length = dx * dx + dy * dy
    share = min(max((x * dx + y * dy) / length, 0.0), 1.0) if length else 0.0
    return math.hypot(x - share * dx, y - share * dy)


def _line(dx: int, dy: int) -> str:
    across = _tenths(dy)
    return f"l{_tenths(dx)}{across if across.startswith('-') else ' ' + across}"


def _tenths(x: int) -> str:
    return f"{x / 10:g}"


def _rules(name: str, pages: int, seconds: float, rest: float, loop: bool) -> str:
    """Return the style sheet: at rest the last page, in motion each at its time."""
    whole, often = seconds + rest, "infinite" if loop else "1"
    begin = [f"{100.0 * seconds * k / ((pages - 1) * whole):.4g}%" for k in range(pages)]
    hidden = ",".join(f".{name}-o{k}" for k in range(pages - 1))
    rules = f".{name} text{{font-family:{FONTS}}}{hidden}{{visibility:hidden}}"
    moving = "".join(
        f".{name}-{kind}{k}{{animation:{name}-{kind}{k} {whole:g}s step-end {often}}}"
        for k in range(pages)
        for kind in ("o", "l")
    )
    for k in range(pages):
        before = "0%{visibility:hidden}" if k else ""
        shown = f"{before}{begin[k]}{{visibility:visible}}"
        after = f"{begin[k + 1]}{{visibility:hidden}}" if k + 1 < pages else "100%{visibility:visible}"
        rules += f"@keyframes {name}-o{k}{{{shown}{after}}}@keyframes {name}-l{k}{{{shown}100%{{visibility:visible}}}}"
    return f"{rules}@media (prefers-reduced-motion:no-preference){{{moving}}}"
