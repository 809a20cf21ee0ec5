"""The one pass over an engine's SVG: roles, colours, themes, tooltips, and what screen readers read.

Colours stand in plain attributes, so that every viewer knows them; a theme that follows the reader adds rules for those
whose system is dark. They are confined to the picture's own id, because a page may hold several pictures.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from copy import copy
from xml.etree import ElementTree as ET

from viz.errors import EngineError
from viz.legend import Row
from viz.sheet import BOLD, DIGIT, FILLS, SMALL, Part
from viz.text import columns
from viz.theme import colours, follows_reader, rows

FONTS = "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace"

CARD = 2.5  # points by which one card of a stack stands out behind the other

SMALL_DIGIT = DIGIT * SMALL / 12

_NAMESPACE = "http://www.w3.org/2000/svg"
_SHAPES = ("path", "polygon", "polyline", "ellipse")
_NUMBER = re.compile(r"-?[\d.]+(?:e[-+]?\d+)?")


def finish(
    raw: bytes, parts: Mapping[str, Part], title: str, description: str, theme: str, legend: Sequence[Row] = ()
) -> str:
    """Return an engine's SVG with everything that plain DOT could not say.

    Args:
        raw: the engine's SVG.
        parts: what was drawn, by the ids in the DOT.
        title: of the picture, for screen readers and as its tooltip.
        description: the picture in words.
        theme: one of ``THEMES``.
        legend: the rows of its legend, whose plain text stands in the picture.

    Raises:
        EngineError: the engine's SVG is not XML, or lacks a part.
    """
    try:
        root = ET.fromstring(raw)  # noqa: S314  # an engine's own output
    except ET.ParseError as error:
        raise EngineError(f"the layout engine gave no SVG that can be read: {error}") from error
    for element in root.iter():
        element.tag = element.tag.removeprefix(f"{{{_NAMESPACE}}}")
    groups = {group.get("id", ""): group for group in root.iter("g")}
    missing = sorted(set(parts) - set(groups))
    body = root.find("g")
    if missing or body is None:
        raise EngineError(f"the layout engine left out {', '.join(missing) or 'everything'}")

    own = "g" + hashlib.sha256(raw + f"{theme} {title} {description}".encode()).hexdigest()[:10]
    palette = colours(theme)
    for identity, part in parts.items():
        group = groups[identity]
        group.set("id", f"{own}-{identity}")
        _dress(group, part, palette)
    plain = body.findall("text")  # of the legend
    _raise_titles(body, palette)
    body.set("id", f"{own}-graph")
    body.set("font-family", FONTS)
    for element in body.findall("title"):
        body.remove(element)
    for element in body.findall("polygon"):  # the only one outside a node is the background
        _paint(element, palette, fill="background")
    _legend(body, plain, legend, palette)
    head(root, own, title, description, theme)
    return ET.tostring(root, encoding="unicode") + "\n"


def head(root: ET.Element, own: str, title: str, description: str, theme: str) -> None:
    """Give the picture its id, its title and description, and the rules of the dark theme."""
    root.attrib = {
        "xmlns": _NAMESPACE,
        "id": own,
        **{name: root.get(name, "") for name in ("width", "height", "viewBox")},
        "style": "max-width:100%;height:auto",
        "role": "img",
        "aria-labelledby": f"{own}-title {own}-desc",
    }
    head = []
    for tag, text in (("title", title), ("desc", description)):
        element = ET.Element(tag, id=f"{own}-{tag}")
        element.text = text
        head.append(element)
    if follows_reader(theme):
        rules = "".join(f"#{own} .gg-{role}{{{what}:{dark}}}" for role, (what, _, dark) in rows(theme).items())
        element = ET.Element("style")
        element.text = f"@media (prefers-color-scheme:dark){{{rules}}}"
        head.append(element)
    for element in reversed(head):
        element.tail = "\n"
        root.insert(0, element)


def _dress(group: ET.Element, part: Part, palette: Mapping[str, str]) -> None:
    """Give the shapes and texts of a node or an edge their roles, and its tooltip."""
    for element in group.findall("title"):
        element.text = part.tooltip
    is_edge = group.get("class") == "edge"
    for element in group:
        if element.tag in _SHAPES:
            fill = part.fill if not is_edge else "tip" if element.tag == "polygon" else ""
            _paint(element, palette, fill=fill, stroke="line")
    texts = group.findall("text")
    for element, role in zip(texts, part.roles, strict=True):
        del element.attrib["font-family"]
        _paint(element, palette, fill=role)
        if role in BOLD:
            element.set("font-weight", "bold")
    if part.rule:
        _rule(group, part, texts, palette)
    if part.cards:
        _cards(group)


def _cards(group: ET.Element) -> None:
    """Draw two more outlines behind a node's own, each a little higher and further right."""
    shape = next(element for element in group if element.tag in _SHAPES)
    at = list(group).index(shape)
    for offset in (CARD, 2 * CARD):
        card = copy(shape)
        card.attrib = {**shape.attrib, "transform": f"translate({offset:g},{-offset:g})"}
        group.insert(at, card)


def _raise_titles(body: ET.Element, palette: Mapping[str, str]) -> None:
    """Move the titles of clusters before the edges that cross them, each with a halo."""
    for cluster in [group for group in body.findall("g") if group.get("class") == "cluster"]:
        for text in cluster.findall("text"):
            cluster.remove(text)
            _paint(text, palette, fill="local", stroke="halo")
            text.set("stroke-width", "4")
            text.set("paint-order", "stroke")
            body.append(text)


def _legend(body: ET.Element, texts: Sequence[ET.Element], rows: Sequence[Row], palette: Mapping[str, str]) -> None:
    """Set the lines of the legend anew, piece by piece in its colour; a fill's name in a box of that fill."""
    for plain, row in zip(texts, rows, strict=True):
        body.remove(plain)
        x, y = float(plain.get("x", "")), float(plain.get("y", "")) + 6  # away from the nodes, into the margin
        for role, text in row:
            if role in FILLS:
                y = float(plain.get("y", "")) + 3
                width = (columns(text) + 2) * SMALL_DIGIT
                box = ET.SubElement(
                    body, "rect", x=f"{x:g}", y=f"{y - 8.6:g}", width=f"{width:g}", height="11.2", rx="3"
                )
                _paint(box, palette, fill=role, stroke="line")
                if role in ("parameter", "output"):
                    box.set("stroke-width", "1.5")
                x += SMALL_DIGIT
            start = x + (len(text) - len(text.lstrip())) * SMALL_DIGIT  # viewers drop a text's leading spaces
            piece = ET.SubElement(body, "text", {"x": f"{start:g}", "y": f"{y:g}", "font-size": f"{SMALL:.2f}"})
            piece.text = text.strip()
            _paint(piece, palette, fill="name" if role in FILLS else role)
            x += columns(text) * SMALL_DIGIT + (2 * SMALL_DIGIT if role in FILLS else 0)


def _paint(element: ET.Element, palette: Mapping[str, str], fill: str = "", stroke: str = "") -> None:
    """Set an element's colours by their roles; no role, no colour."""
    element.set("fill", palette[fill] if fill else "none")
    element.set("stroke", palette[stroke] if stroke else "none")
    element.set("class", " ".join(f"gg-{role}" for role in (fill, stroke) if role))


def _rule(group: ET.Element, part: Part, texts: list[ET.Element], palette: Mapping[str, str]) -> None:
    """Draw the line between value and gradient: thin inside a box, or the wire itself in place of the (unseen) box."""
    shape = next(element for element in group if element.tag in _SHAPES)
    numbers = [float(text) for text in _NUMBER.findall(shape.get("d") or shape.get("points") or "")]
    left, right = min(numbers[0::2]), max(numbers[0::2])
    if part.rule == "wire":
        group.remove(shape)
        left, right = left - 1.5, right + 1.5  # edges end at the outside of the frame
        y = (min(numbers[1::2]) + max(numbers[1::2])) / 2
    else:
        left, right = left + 8, right - 8
        y = float(texts[part.roles.index("gradient")].get("y", "")) - 10.8
    line = ET.SubElement(group, "line", x1=f"{left:g}", x2=f"{right:g}", y1=f"{y:g}", y2=f"{y:g}")
    _paint(line, palette, stroke="line")
    if part.rule == "box":
        line.set("stroke-opacity", "0.45")
