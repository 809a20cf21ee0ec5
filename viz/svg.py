"""The one pass over an engine's SVG: roles, colours, themes, tooltips, and what screen readers read.

Colours stand in plain attributes, so that every viewer knows them; ``theme="auto"`` adds rules for readers whose system
is dark. They are confined to the picture's own id, because a page may hold several pictures.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from xml.etree import ElementTree as ET

from viz.errors import EngineError
from viz.styles import Part
from viz.theme import COLOURS, colours

FONTS = "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace"

_NAMESPACE = "http://www.w3.org/2000/svg"
_SHAPES = ("path", "polygon", "polyline", "ellipse")
_NUMBER = re.compile(r"-?[\d.]+(?:e[-+]?\d+)?")


def finish(raw: bytes, parts: Mapping[str, Part], title: str, description: str, theme: str) -> str:
    """Return an engine's SVG with everything that plain DOT could not say.

    Args:
        raw: the engine's SVG.
        parts: what was drawn, by the ids in the DOT.
        title: of the picture, for screen readers and as its tooltip.
        description: the picture in words.
        theme: ``auto``, ``light`` or ``dark``.

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
    body.set("id", f"{own}-graph")
    body.set("font-family", FONTS)
    for element in body.findall("title"):
        body.remove(element)
    for element in body.findall("polygon"):  # the only one outside a node is the background
        _paint(element, palette, fill="background")
    _head(root, own, title, description, theme)
    return ET.tostring(root, encoding="unicode") + "\n"


def _head(root: ET.Element, own: str, title: str, description: str, theme: str) -> None:
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
    if theme == "auto":
        rules = "".join(f"#{own} .gg-{role}{{{what}:{dark}}}" for role, (what, _, dark) in COLOURS.items())
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
        if role == "name":
            element.set("font-weight", "bold")
    if part.rule:
        _rule(group, part, texts, palette)


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
