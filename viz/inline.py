"""From a drawing's SVG to the one inside a live page: small, without colours, each part marked with its node.

The page's style sheet colours it and its JavaScript writes the numbers. So this pass keeps geometry, classes and texts:

    <g class="edge" data-edge="2">                          an edge, by its place among the picture's edges
    <g class="node" data-node="0" data-box="…">             all the parts of a node, by its place among the nodes
      <text class="gg-value" data-room="7" data-prefix="…"> where a number is written, and for how many characters
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from viz.model import Node
from viz.text import number

_NUMBER = re.compile(r"-?[\d.]+(?:e[-+]?\d+)?")
_PART = re.compile(r"-(?:v(?P<node>\d+)(?:op|name|from|to)?|e(?P<edge>\d+))$")
_KEPT = ("d", "points", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "rx", "ry")
ROOM = 7  # characters for a number, where data-room does not say otherwise
_FONT_SIZES = {"node": "12.00", "edge": "10.00"}  # which the style sheet knows

# Hatching behind gradients that are not final, and the heads of arrows: of edges, and of those lit in some way.
_HEADS = ("tip", "tip-forward", "tip-path")
DEFINITIONS = "".join(
    [
        '<defs><pattern id="hatching" width="5" height="5" patternUnits="userSpaceOnUse" ',
        'patternTransform="rotate(45)"><rect class="stripe" width="1.6" height="5"/></pattern>',
        *[
            f'<marker id="{head}" viewBox="0 0 7 5" refX="0" refY="2.5" markerWidth="7" markerHeight="5" '
            'markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L7 2.5L0 5z"/></marker>'
            for head in _HEADS
        ],
        '<marker id="tip-back" viewBox="0 0 7 5" refX="7" refY="2.5" markerWidth="7" markerHeight="5" '
        'markerUnits="userSpaceOnUse" orient="auto-start-reverse"><path d="M0 0L7 2.5L0 5z"/></marker></defs>',
    ]
)


def inline(svg: str, placeholders: Sequence[Node], shown: Sequence[Node], title: str) -> tuple[str, float]:
    """Return the SVG for a page, and its width divided by its height.

    Args:
        svg: a finished drawing.
        placeholders: its nodes, with numbers that were drawn only to be as wide as others may become.
        shown: the same nodes with the numbers that are shown at first.
        title: what a screen reader calls the graph.
    """
    root = ET.fromstring(svg)  # noqa: S314  # our own
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    body = root.find("g")
    assert body is not None  # svg.py has seen to it
    shift = [float(x) for x in re.findall(r"translate\(([-\d.]+)[ ,]([-\d.]+)\)", body.get("transform", ""))[0]]
    _, _, width, height = (float(x) for x in root.get("viewBox", "").split())
    window = f"{-shift[0]:g} {-shift[1]:g} {width:g} {height:g}"  # so that no group needs to be moved
    new = ET.Element("svg", {"id": "graph", "viewBox": window, "role": "group", "aria-label": title})
    new.append(ET.fromstring(DEFINITIONS))  # noqa: S314
    wires = ET.SubElement(new, "g", {"aria-hidden": "true"})
    nodes = [ET.Element("g", {"class": "node", "data-node": str(i)}) for i in range(len(shown))]
    for part in body.findall("g"):
        match = _PART.search(part.get("id", ""))
        assert match is not None  # every part has an id of its kind
        if match["edge"]:
            edge = ET.SubElement(wires, "g", {"class": "edge", "data-edge": match["edge"]})
            edge.extend(element for element in _slim(part, "edge") if element.tag != "polygon")  # the sheet draws heads
        elif part.get("class") == "edge":  # a wire between the parts of one node
            wire = ET.SubElement(wires, "g", {"class": "wire", "data-wire": match["node"]})
            wire.extend(_slim(part, "edge"))
        else:
            i = int(match["node"])
            elements = _slim(part, "node")
            for element in elements:
                _write(element, placeholders[i], shown[i])
            nodes[i].extend(elements)
    for node in nodes:
        node.set("data-box", _box(node))
    new.extend(nodes)
    return ET.tostring(new, encoding="unicode"), width / height


def _slim(part: ET.Element, kind: str) -> list[ET.Element]:
    """Return a part's shapes and texts with what the style sheet cannot know."""
    kept = []
    for element in part:
        if element.tag == "title":
            continue
        attributes = {key: _rounded(element.get(key, "")) for key in _KEPT if key in element.attrib}
        roles = element.get("class", "").split()
        if element.tag == "text":
            if element.get("font-size") not in (None, _FONT_SIZES[kind]):
                attributes["font-size"] = element.get("font-size", "")
        elif kind == "node":
            if element.tag == "path":
                element.tag, attributes = "rect", _rectangle(element.get("d", ""))
            is_shape = element.tag != "line" and element.get("fill", "none") != "none"
            roles = [role for role in roles if role != "gg-line"] if is_shape else ["gg-line"]
            roles += ["shape"] if is_shape else ["rule-line"] if element.get("stroke-opacity") else []
            roles += ["thick"] if element.get("stroke-width") else []
        if roles:
            attributes["class"] = " ".join(roles)
        copy = ET.Element(element.tag, attributes)
        copy.text = element.text.strip() if element.text else None
        kept.append(copy)
    return kept


def _rectangle(path: str) -> dict[str, str]:
    """Return the rounded box that Graphviz draws as a path, as the attributes of a rect."""
    numbers = [float(x) for x in _NUMBER.findall(path)]
    xs, ys = numbers[0::2], numbers[1::2]
    box = {"x": min(xs), "y": min(ys), "width": max(xs) - min(xs), "height": max(ys) - min(ys), "rx": max(xs) - xs[0]}
    return {key: f"{round(x, 1):g}" for key, x in box.items()}


def _rounded(coordinates: str) -> str:
    return _NUMBER.sub(lambda match: f"{round(float(match[0]), 1):g}", coordinates)


def _write(element: ET.Element, placeholder: Node, shown: Node) -> None:
    """Write a number into its text, and note what stands before it and how long it may become."""
    roles = element.get("class", "").split()
    drawn, new = (placeholder.value, shown.value) if "gg-value" in roles else (placeholder.gradient, shown.gradient)
    if drawn is None or new is None or not {"gg-value", "gg-gradient"} & set(roles):
        return
    prefix, _, _ = (element.text or "").rpartition(number(drawn))
    if len(number(drawn)) != ROOM:
        element.set("data-room", str(len(number(drawn))))
    if prefix:
        element.set("data-prefix", prefix)
    element.text = prefix + number(new)


def _box(node: ET.Element) -> str:
    """Return the box around a node's shapes and texts: x, y, width and height."""
    xs: list[float] = []
    ys: list[float] = []
    for element in node:
        numbers = [float(x) for x in _NUMBER.findall(element.get("d") or element.get("points") or "")]
        if element.tag == "rect":
            x, y, width, height = (float(element.get(name, "0")) for name in ("x", "y", "width", "height"))
            numbers = [x, y, x + width, y + height]
        elif element.tag == "ellipse":
            x, y, rx, ry = (float(element.get(name, "0")) for name in ("cx", "cy", "rx", "ry"))
            numbers = [x - rx, y - ry, x + rx, y + ry]
        elif element.tag == "line":
            numbers = [float(element.get(name, "0")) for name in ("x1", "y1", "x2", "y2")]
        elif element.tag == "text":
            x, y = (float(element.get(name, "0")) for name in ("x", "y"))
            numbers = [x, y - 10, x, y + 3]
        xs += numbers[0::2]
        ys += numbers[1::2]
    return f"{min(xs):g} {min(ys):g} {max(xs) - min(xs):g} {max(ys) - min(ys):g}"
