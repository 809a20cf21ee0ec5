"""The SVG of a network: circles in columns, and the weights as lines between them.

    line      a weight: its sign by colour, its size by width, the strongest on top
    ring      an activation: its sign by colour, its size beside the column's largest by strength
    numbers   the activation, and with a loss below it its gradient, as in the boxes of a graph
    stub      a bias, below its neuron, drawn like a weight

Positions are computed here, from the numbers of units alone, so that a picture of a training run's next step lies
exactly on the one before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from math import isfinite, sqrt
from xml.etree import ElementTree as ET

from viz.graphic import own_colours, own_rules
from viz.labels import HALF, placed
from viz.neurons import Column, Reading, Unit, Weight
from viz.svg import FONTS, head
from viz.text import columns as columns_of
from viz.text import number, shorten
from viz.theme import colours

#  the signs of weights and activations: told apart by colour-blind readers too, and different from value and gradient
SIGNS: dict[str, tuple[str, str, str]] = {
    "plus": ("fill", "#1b7837", "#6fcf87"),
    "minus": ("fill", "#7b2d9b", "#cf93f0"),
    "plus-line": ("stroke", "#1b7837", "#6fcf87"),
    "minus-line": ("stroke", "#7b2d9b", "#cf93f0"),
}

MARGIN = 14.0
THICKEST = 5.0, 3.2  # lines, where there are few and where there are many
FAINTEST = 0.35, 0.12  # their opacity
LABELLED = 12  # weights between two columns, up to which their numbers are written on the lines
STUB = 9.0  # of a bias

Number = Callable[[Weight], float | None]


class Wiring:
    """A network's picture under construction.

    Args:
        reading: the network.
        theme: one of ``THEMES``.
        number_of: what a line shows of a weight: its value, or its gradient.
        shown: what that is called in the legend, ``weight`` or ``gradient``.
        notes: what stands right of each output, by its number.
        captions: the lines below the picture.
    """

    def __init__(
        self,
        reading: Reading,
        theme: str,
        number_of: Number,
        shown: str,
        notes: Mapping[int, Sequence[tuple[str, str]]],
        captions: Sequence[str],
    ) -> None:
        self.reading, self.theme, self.shown = reading, theme, shown
        self.number_of, self.notes, self.captions = number_of, notes, captions
        self.palette = {**colours(theme), **own_colours(SIGNS, theme)}
        every = [w for column in reading.columns for w in column.weights.values()]
        every += [unit.bias for column in reading.columns for unit in column.units if unit.bias]
        sizes = [abs(size) for size in map(number_of, every) if size is not None]
        self.largest = max(filter(isfinite, sizes), default=0.0)
        self.finite = all(map(isfinite, sizes))
        self.gradients = reading.differentiated == "loss"
        self._place()

    # --- positions ----------------------------------------------------------------------------------------------------

    def _place(self) -> None:
        """Compute where everything stands."""
        columns = self.reading.columns
        rows = max(len(column.shown) + _folded(column) for column in columns)
        self.radius = 24.0 if rows <= 6 else 21.0 if rows <= 10 else 18.0
        self.detailed = rows <= 6  # so that biases have room for their numbers
        self.pitch = 2 * self.radius + (32.0 if self.detailed else STUB + 3)
        self.height = rows * self.pitch
        labels = [self._width(shorten(unit.name), 10) for unit in columns[0].units]
        x = MARGIN + max(labels) + 8 + self.radius
        self.x: list[float] = []
        self.y: list[list[float]] = []
        self.gaps: list[float | None] = []  # where in a column units are left out
        self.head = 46.0
        for i, column in enumerate(columns):
            x = max(x, self.x[-1] + self._distance(columns[i - 1], column) if i else 0.0)
            self.x.append(x)
            self.y.append(self._rows(column))
        right = max(
            (self._width(text, 10) for lines in self.notes.values() for text, _ in lines),
            default=0.0,
        )
        titles = max(self._width(text, 11) for text in (columns[-1].title, columns[-1].subtitle)) / 2
        self.width = self.x[-1] + max(self.radius + (right + 10 if right else 0), titles) + MARGIN

    def _distance(self, before: Column, column: Column) -> float:
        """Return how far apart two columns stand: numbers on lines, titles, and many lines want room."""
        titles = (self._width(before.title, 11) + self._width(column.title, 11)) / 2 + 18
        titles = max(titles, (self._width(before.subtitle, 10) + self._width(column.subtitle, 10)) / 2 + 18)
        room = 170.0 if self._is_labelled(column) else min(320.0, max(140.0, 0.4 * self.height))
        return max(titles, room)

    def _is_labelled(self, column: Column) -> bool:
        return 0 < len(column.weights) <= LABELLED and self.detailed

    def _rows(self, column: Column) -> list[float]:
        """Return the heights of a column's units, centred, and note where some are left out."""
        count = len(column.shown) + _folded(column)
        top = self.head + (self.height - count * self.pitch) / 2 + self.radius + 6
        first = len(column.shown) - len(column.shown) // 2 if _folded(column) else count
        self.gaps.append(top + first * self.pitch if _folded(column) else None)
        return [top + (i if i < first else i + 1) * self.pitch for i in range(len(column.shown))]

    def _width(self, text: str, size: float) -> float:
        return columns_of(text) * 0.6 * size

    # --- the file -----------------------------------------------------------------------------------------------------

    def svg(self, title: str, description: str) -> str:
        """Return the finished file."""
        root = ET.Element("svg")
        body = ET.SubElement(root, "g", {"font-family": FONTS, "text-anchor": "middle"})
        ground = ET.SubElement(body, "rect", {"width": "100%", "height": "100%"})
        self._paint(ground, fill="background")
        self._lines(body)
        for i, column in enumerate(self.reading.columns):
            self._titles(body, i, column)
            for j, unit in enumerate(column.units):
                self._unit(body, i, j, unit)
            self._left_out(body, i, column)
        self._weights(body)
        bottom = self._below(body, self.head + self.height + 14)
        root.attrib = {"width": f"{self.width:.0f}pt", "height": f"{bottom:.0f}pt"}
        root.set("viewBox", f"0 0 {self.width:.2f} {bottom:.2f}")
        drawn = ET.tostring(root, encoding="unicode") + title + description + self.theme
        own = "n" + hashlib.sha256(drawn.encode()).hexdigest()[:10]
        head(root, own, title, description, self.theme)
        rules = own_rules(SIGNS, self.theme, own)
        if rules:
            style = ET.Element("style")
            style.text, style.tail = rules, "\n"
            root.insert(list(root).index(body), style)
        return ET.tostring(root, encoding="unicode") + "\n"

    def _paint(self, element: ET.Element, fill: str = "", stroke: str = "") -> None:
        for what, role in (("fill", fill), ("stroke", stroke)):
            if role:
                element.set(what, self.palette[role])
        element.set("class", " ".join(f"gg-{role}" for role in (fill, stroke) if role))

    def _text(
        self, parent: ET.Element, x: float, y: float, text: str, size: float, role: str, **attributes: str
    ) -> ET.Element:
        place = {"x": f"{x:.2f}", "y": f"{y:.2f}", "font-size": f"{size:.3g}"}
        element = ET.SubElement(parent, "text", place | {key.replace("_", "-"): v for key, v in attributes.items()})
        element.text = text
        self._paint(element, fill=role)
        return element

    # --- weights ------------------------------------------------------------------------------------------------------

    def _strength(self, weight: Weight) -> tuple[float, str]:
        """Return a weight's share of the largest, from 0 to 1, and the role of its line's colour."""
        size = self.number_of(weight)
        if size is None or not isfinite(size):
            return 0.0, "line"
        share = abs(size) / self.largest if self.largest else 0.0
        return share, "line" if size == 0 else "plus-line" if size > 0 else "minus-line"

    def _stroke(self, element: ET.Element, weight: Weight) -> None:
        share, role = self._strength(weight)
        self._paint(element, stroke=role)
        thickest, faintest = THICKEST[not self.detailed], FAINTEST[not self.detailed]
        element.set("stroke-width", f"{0.6 + (thickest - 0.6) * share:.2f}")
        element.set("stroke-opacity", f"{faintest + (0.9 - faintest) * share:.2f}")
        size = self.number_of(weight)
        if size is not None and not isfinite(size):
            element.set("stroke-dasharray", "2 3")
            element.set("stroke-opacity", "1")
        ET.SubElement(element, "title").text = weight.about

    def _lines(self, body: ET.Element) -> None:
        """Draw the lines, the strongest last."""
        group = ET.SubElement(body, "g", {"fill": "none", "stroke-linecap": "round"})
        for i, column in enumerate(self.reading.columns):
            for at, place in column.links:
                line = ET.SubElement(group, "line", self._ends(i, at, place))
                self._paint(line, stroke="line")
                line.set("stroke-opacity", "0.5")
            ordered = sorted(column.weights.items(), key=lambda item: self._strength(item[1])[0])
            for (at, place), weight in ordered:
                self._stroke(ET.SubElement(group, "line", self._ends(i, at, place)), weight)

    def _ends(self, i: int, at: int, place: int) -> dict[str, str]:
        ends = {"x1": self.x[i - 1], "y1": self.y[i - 1][place], "x2": self.x[i], "y2": self.y[i][at]}
        return {key: f"{x:.5g}" for key, x in ends.items()}

    def _weights(self, body: ET.Element) -> None:
        """Write the numbers of few weights on their lines, each where it is least in the way."""
        for i, column in enumerate(self.reading.columns):
            if not self._is_labelled(column):
                continue
            lines = [(self.x[i - 1], self.y[i - 1][at], self.x[i], self.y[i][to]) for to, at in column.weights]
            sizes = [self.number_of(weight) or 0.0 for weight in column.weights.values()]
            widths = [self._width(short(size), 9) + 4 for size in sizes]
            for size, width, (x, y) in zip(sizes, widths, placed(lines, widths, self.radius + 4), strict=True):
                self._ground(body, x, y, width, 2 * HALF)
                role = "local" if size == 0 or not isfinite(size) else "plus" if size > 0 else "minus"
                self._text(body, x, y + 3.2, short(size), 9, role)

    def _ground(self, parent: ET.Element, x: float, y: float, width: float, height: float) -> None:
        """Put the picture's ground behind a text that stands on lines."""
        box = {"x": x - width / 2, "y": y - height / 2, "width": width, "height": height}
        ground = ET.SubElement(parent, "rect", {key: f"{at:.5g}" for key, at in box.items()})
        ground.attrib |= {"rx": "3", "fill-opacity": "0.85"}
        self._paint(ground, fill="background")

    # --- units --------------------------------------------------------------------------------------------------------

    def _titles(self, body: ET.Element, i: int, column: Column) -> None:
        self._text(body, self.x[i], 22, shorten(column.title), 11, "name", font_weight="bold")
        self._text(body, self.x[i], 36, column.subtitle, 10, "local")

    def _unit(self, body: ET.Element, i: int, j: int, unit: Unit) -> None:
        """Draw a unit: the ring, its numbers, its bias, and an input's or output's name beside it."""
        x, y, r = self.x[i], self.y[i][j], self.radius
        group = ET.SubElement(body, "g", {"class": "unit"})
        ET.SubElement(group, "title").text = unit.about
        if unit.bias is not None:
            stub = {"x1": x, "y1": y + r, "x2": x, "y2": y + r + STUB}
            line = ET.SubElement(group, "line", {key: f"{at:.5g}" for key, at in stub.items()})
            self._stroke(line, unit.bias)
            size = self.number_of(unit.bias)
            if self.detailed and size is not None:
                text = f"b {short(size)}"
                self._ground(group, x + 5 + self._width(text, 9) / 2, y + r + STUB - 2, self._width(text, 9) + 3, 11)
                self._text(group, x + 5, y + r + STUB + 1, text, 9, "local", text_anchor="start")
        circle = ET.SubElement(group, "circle", {"cx": f"{x:.5g}", "cy": f"{y:.5g}", "r": f"{r:g}"})
        self._paint(circle, fill="input" if i == 0 else "op", stroke="line")
        self._ring(group, x, y, unit.value, self.reading.columns[i].largest)
        self._numbers(group, x, y, unit)
        if i == 0:
            name = shorten(unit.name)
            self._text(group, x - r - 8, y + 3.5, name, 10, "name", text_anchor="end")
        if i == len(self.reading.columns) - 1:
            lines = self.notes.get(self.reading.columns[i].shown[j], ())
            for k, (text, role) in enumerate(lines):
                height = y + 3.5 + 13 * (k - (len(lines) - 1) / 2)
                self._text(group, x + r + 8, height, text, 10, role, text_anchor="start")

    def _ring(self, group: ET.Element, x: float, y: float, value: float, largest: float) -> None:
        """Draw a ring inside a unit's edge, coloured by its activation's sign, the stronger the larger it is."""
        if value == 0 or not isfinite(value):
            return
        share = abs(value) / largest if largest else 0.0
        width = self.radius / 6
        place = {"cx": f"{x:.5g}", "cy": f"{y:.5g}", "r": f"{self.radius - width / 2:.4g}", "fill": "none"}
        ring = ET.SubElement(group, "circle", place | {"stroke-width": f"{width:.3g}"})
        self._paint(ring, stroke="plus-line" if value > 0 else "minus-line")
        ring.set("stroke-opacity", f"{0.12 + 0.88 * share:.2f}")

    def _numbers(self, group: ET.Element, x: float, y: float, unit: Unit) -> None:
        """Write a unit's activation, and its gradient below it, as large as the circle lets them be."""
        r = self.radius
        value = short(unit.value)
        if unit.gradient is None or not self.gradients:
            size = self._fitting(value, 0.46 * r, 0.0)
            self._text(group, x, y + 0.36 * size, value, size, "value", font_weight="bold")
            return
        for text, role, side in ((value, "value", -1), (short(unit.gradient), "gradient", 1)):
            size = self._fitting(text, 0.44 * r, 0.27 * r)
            self._text(group, x, y + side * 0.27 * r + 0.36 * size, text, size, role)
        ends = {"x1": x - 0.6 * r, "x2": x + 0.6 * r, "y1": y, "y2": y}
        rule = ET.SubElement(group, "line", {key: f"{at:.5g}" for key, at in ends.items()} | {"stroke-opacity": "0.45"})
        self._paint(rule, stroke="line")

    def _fitting(self, text: str, size: float, height: float) -> float:
        """Return the largest font size, up to ``size``, at which a text so high above the middle stays in the ring."""
        inner = 0.8 * self.radius
        while size > 4 and self._width(text, size) / 2 > sqrt(max(0.0, inner**2 - (height + 0.36 * size) ** 2)):
            size -= 0.25
        return size

    def _left_out(self, body: ET.Element, i: int, column: Column) -> None:
        """Say how many units are left out of the middle of a column."""
        gap = self.gaps[i]
        if gap is None:
            return
        text = f"… {column.count - len(column.shown):,} more"
        self._ground(body, self.x[i], gap, self._width(text, 10) + 10, 18)
        self._text(body, self.x[i], gap + 3.5, text, 10, "name")

    # --- below --------------------------------------------------------------------------------------------------------

    def _below(self, body: ET.Element, y: float) -> float:
        """Write captions and legend, and return where the picture ends."""
        for text in self.captions:
            self._text(body, MARGIN, y, text, 11, "name", text_anchor="start")
            self.width = max(self.width, self._width(text, 11) + 2 * MARGIN)
            y += 17
        y += 2
        items = self._legend()
        widest = max(self._width(text, 10) + 34 for _, text in items)
        self.width = max(self.width, widest + 2 * MARGIN)
        x = MARGIN
        for kind, text in items:
            length = self._width(text, 10) + 34
            if x > MARGIN and x + length > self.width - MARGIN + 16:
                x, y = MARGIN, y + 17
            self._swatch(body, kind, x, y - 3.5)
            self._text(body, x + 22, y, text, 10, "local", text_anchor="start")
            x += length + 8
        return y + 12

    def _legend(self) -> list[tuple[str, str]]:
        """Return the kinds of marks and what they mean, as far as they occur."""
        largest = f", up to {number(self.largest, 3)}" if self.largest else ""
        items = [("plus-line", f"positive {self.shown}"), ("minus-line", f"negative {self.shown}")]
        items += [
            ("wedge", f"thicker is larger{largest}"),
            ("stub", f"bias{'' if self.shown == 'weight' else _S}"),
        ]
        if not self.finite:
            items.append(("dashed", f"{self.shown} that is not finite"))
        items.append(("ring", "activation, relative to its column's largest"))
        if self.gradients:
            items.append(("numbers", "activation above the line, its gradient below"))
        return items

    def _swatch(self, body: ET.Element, kind: str, x: float, y: float) -> None:
        """Draw a mark of the legend, 16 points wide."""
        if kind == "wedge":
            wedge = ET.SubElement(
                body, "polygon", {"points": f"{x:g},{y:g} {x + 16:g},{y - 2.5:g} {x + 16:g},{y + 2.5:g}"}
            )
            self._paint(wedge, fill="tip")
        elif kind == "ring":
            for at, role in ((4, "plus-line"), (13, "minus-line")):
                ring = ET.SubElement(body, "circle", {"cx": f"{x + at:g}", "cy": f"{y:g}", "r": "3", "fill": "none"})
                self._paint(ring, stroke=role)
                ring.set("stroke-width", "2")
        elif kind == "stub":
            half = ET.SubElement(body, "path", {"d": f"M{x + 2:g} {y - 4.5:g}a6 6 0 0 0 12 0", "fill": "none"})
            self._paint(half, stroke="line")
            line = ET.SubElement(body, "line", {"x1": f"{x + 8:g}", "x2": f"{x + 8:g}", "y1": f"{y + 1.5:g}"})
            line.set("y2", f"{y + 6:g}")
            line.set("stroke-width", "2")
            self._paint(line, stroke="plus-line")
        elif kind == "numbers":
            self._text(body, x + 8, y - 1.5, "1", 7.5, "value")
            self._text(body, x + 8, y + 7.5, "1", 7.5, "gradient")
            rule = ET.SubElement(
                body, "line", {"x1": f"{x + 2:g}", "x2": f"{x + 14:g}", "y1": f"{y:g}", "y2": f"{y:g}"}
            )
            self._paint(rule, stroke="line")
        else:
            line = ET.SubElement(body, "line", {"x1": f"{x:g}", "x2": f"{x + 16:g}", "y1": f"{y:g}", "y2": f"{y:g}"})
            line.attrib |= (
                {"stroke-width": "1", "stroke-dasharray": "2 3"} if kind == "dashed" else {"stroke-width": "3"}
            )
            self._paint(line, stroke="line" if kind == "dashed" else kind)


_S = "'s gradient"


def short(x: float) -> str:
    """Return a number to two digits in at most six characters, if need be to one.

    >>> short(-0.5678), short(0.00123), short(-0.00123)
    ('−0.57', '0.0012', '−1e−3')
    """
    text = number(x, 2)
    if len(text) <= 6 or not isfinite(x):
        return text
    mantissa, _, exponent = f"{x:.0e}".partition("e")
    return f"{mantissa}e{int(exponent)}".replace("-", "−")


def _folded(column: Column) -> bool:
    return len(column.shown) < column.count
