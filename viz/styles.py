"""From a picture to DOT: one function per style.

    boxes      a box per value: name and operation, value, gradient; local derivatives on the edges
    circuit    the lectures' circuit: gates joined by wires, on each wire the value above and the gradient below
    micrograd  micrograd's records, name | data | grad, and an ellipse for each operation

DOT stays plain, without HTML labels, so that every engine draws it alike: a label is a few lines of text, and the font
is exactly Courier, whose widths every engine knows. What plain DOT cannot say (each line's colour, the rule between
value and gradient) a style notes beside it, as ``Part``; svg.py adds it after the layout. For png and pdf, which only
the program ``dot`` can draw, and which no such pass can reach, the same is said in HTML labels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

import graphviz  # type: ignore[import-untyped]  # it ships no types

from viz.errors import VizError
from viz.model import Edge, Node, Picture
from viz.text import columns, number, printable, shorten
from viz.theme import colours

RANKDIRS = ("LR", "TB", "RL", "BT")
MOST_CAREFUL = 300  # edges up to which the layout takes its time; 1,500 could take it minutes, hurried some seconds

DIGIT, LINE = 7.2, 14.4  # the width of a Courier character and the height of a line, in points

Lines = Sequence[tuple[str, str]]  # a label's lines: the role of each (see theme.py), and its text


@dataclass(frozen=True)
class Part:
    """Something drawn, by the id it has in the DOT: what the pass over the SVG needs to know of it.

    Attributes:
        roles: of the lines of its text.
        fill: the role of its shape's colour, "" where it has no shape.
        tooltip: all there is to say about it.
        rule: what parts value and gradient: "" for nothing, ``box`` for a thin rule, ``wire`` for a wire.
    """

    roles: tuple[str, ...]
    fill: str
    tooltip: str
    rule: str = ""


@dataclass(frozen=True)
class Frame:
    """A shape around a label, measured here, because engines disagree on the width of whatever is not ASCII.

    Attributes:
        shape: DOT's attributes.
        pad: points left and right of the text, and above and below it.
        least: the least width and height.
    """

    shape: dict[str, str]
    pad: tuple[float, float]
    least: tuple[float, float]

    def around(self, texts: Sequence[str], fixed: bool) -> dict[str, str]:
        """Return DOT's attributes for a label: the shape, and its width and height in inches."""
        width = max(self.least[0], max(map(columns, texts)) * DIGIT + 2 * self.pad[0])
        height = max(self.least[1], len(texts) * LINE + 2 * self.pad[1])
        if self.shape["shape"] == "circle":
            width = height = max(width, height)
        inches = {"width": f"{width / 72:.3f}", "height": f"{height / 72:.3f}"}
        return {**self.shape, **inches, "margin": "0", "fixedsize": "true" if fixed else "false"}


ROUNDED = {"shape": "box", "style": "rounded,filled"}
BOX = Frame(ROUNDED, pad=(9.5, 5), least=(44, 22))
GATE = Frame({"shape": "circle", "style": "filled"}, pad=(6, 0), least=(36, 36))
END = Frame(ROUNDED, pad=(7, 3.5), least=(22, 22))
WIRE = Frame({"shape": "box", "color": "transparent"}, pad=(3, 0), least=(22, 29))
NUMBER = Frame({"shape": "plaintext"}, pad=(3.5, 0), least=(14, 22))


def layout(picture: Picture, style: str, theme: str, rankdir: str, edge_labels: bool, html: bool = False) -> Sheet:
    """Write a picture in a style, with plain labels or with HTML ones.

    Raises:
        VizError: an unknown style, theme or direction, or a circuit that does not run from left to right.
    """
    if style not in STYLES:
        raise VizError(f"unknown style {style!r}; choose one of {', '.join(map(repr, STYLES))}")
    if rankdir not in RANKDIRS:
        raise VizError(f"unknown rankdir {rankdir!r}; choose one of {', '.join(map(repr, RANKDIRS))}")
    if style == "circuit" and rankdir != "LR":
        raise VizError(f"a circuit runs from left to right; leave out rankdir={rankdir!r}, or take style='boxes'")
    sheet = Sheet(picture, colours(theme), rankdir, edge_labels, html)
    STYLES[style](picture, sheet)
    return sheet


class Sheet:
    """The DOT of a picture under construction, and its parts by id."""

    def __init__(self, picture: Picture, palette: dict[str, str], rankdir: str, edge_labels: bool, html: bool) -> None:
        self.colours = palette
        self.edge_labels = edge_labels
        self.html = html
        self.parts: dict[str, Part] = {}
        self.dot = graphviz.Digraph()
        self.dot.attr("graph", rankdir=rankdir, pad="0.15", bgcolor=palette["background"])
        if len({edge.operand for edge in picture.edges}) == len(picture.edges):
            self.dot.attr("graph", ordering="in")  # a tree, so operands can stand in order without edges that cross
        if len(picture.edges) > MOST_CAREFUL:
            self.dot.attr("graph", nslimit="1", nslimit1="1", mclimit="0.1")
        font = {"fontname": "Courier", "color": palette["line"]}
        self.dot.attr("node", fontsize="12", fontcolor=palette["name"], **font)
        self.dot.attr("edge", fontsize="10", fontcolor=palette["local"], arrowsize="0.7", **font)

    def node(
        self,
        identity: str,
        lines: Lines,
        fill: str,
        tooltip: str,
        rule: str = "",
        frame: Frame | None = None,
        **attributes: str,
    ) -> None:
        """Write a node that is labelled with ``lines``; parameters and the output have a thick frame."""
        texts = [text for _, text in lines]
        record = attributes.get("shape") == "record"
        label = "|".join(map(_escape_record, texts)) if record else r"\n".join(map(_escape, texts))
        if frame is not None:
            attributes |= frame.around(texts, fixed=not self.html)
        if fill in ("parameter", "output"):
            attributes["penwidth"] = "2"
        if fill:
            attributes["fillcolor"] = self.colours[fill]
        html = self.html and not record  # a record has no HTML labels
        self.dot.node(identity, self._html(lines, rule) if html else graphviz.nohtml(label), id=identity, **attributes)
        self.parts[identity] = Part(tuple(role for role, _ in lines), fill, tooltip, rule)

    def _html(self, lines: Lines, rule: str) -> str:
        rows = []
        for role, text in lines:
            cell = f'<font color="{self.colours[role or "name"]}">{escape(text)}</font>'
            rows.append(f"<tr><td>{f'<b>{cell}</b>' if role == 'name' else cell}</td></tr>")
        if rule:
            rows.insert(-1, "<hr/>")
        table = f'<table border="0" cellborder="0" cellspacing="0" cellpadding="1" color="{self.colours["line"]}">'
        return f"<{table}{''.join(rows)}</table>>"

    def edge(self, identity: str, tail: str, head: str, edge: Edge, operand: Node) -> None:
        """Write the edge of an operand, with its local derivative; a constant's has none to show."""
        if edge.local is None or operand.kind == "constant":
            self.wire(identity, tail, head, f"{_title(operand)} is an operand")
            return
        carries = "" if edge.amount is None else f", carries back {number(edge.amount, 12)}"
        label = f" ∂ {number(edge.local)} " if self.edge_labels else None
        self.dot.edge(tail, head, label, id=identity)
        tooltip = f"local derivative {number(edge.local, 12)}{carries}"
        self.parts[identity] = Part(("local",) if label else (), "", tooltip)

    def wire(self, identity: str, tail: str, head: str, tooltip: str, **attributes: str) -> None:
        """Write an edge without a label."""
        self.dot.edge(tail, head, id=identity, **attributes)
        self.parts[identity] = Part((), "", tooltip)


# --- the styles -------------------------------------------------------------------------------------------------------


def boxes(picture: Picture, sheet: Sheet) -> None:
    """One box per value; inputs are blue, parameters yellow, the output grey."""
    sheet.dot.attr("graph", nodesep="0.2", ranksep="0.4")
    nodes = {node.id: node for node in picture.nodes}
    for node in picture.nodes:
        title = [("name", _title(node))] if node.name or node.operation else []
        lines = [*title, ("value", number(node.value)), *_gradient(node)]
        sheet.node(node.id, lines, node.kind, tooltip(node), rule="box" if _gradient(node) else "", frame=BOX)
    for i, edge in enumerate(picture.edges):
        sheet.edge(f"e{i}", edge.operand, edge.user, edge, nodes[edge.operand])


def circuit(picture: Picture, sheet: Sheet) -> None:
    """Gates joined by wires; a leaf's wire begins at its name, and the output's ends at its own."""
    sheet.dot.attr("graph", nodesep="0.25", ranksep="0.3")
    nodes = {node.id: node for node in picture.nodes}
    for node in picture.nodes:
        said = tooltip(node)
        name = shorten(printable(node.name))
        value = number(node.value)
        if node.kind == "constant":
            sheet.node(node.id, [("value", f"{name} = {value}" if name else value)], "", said, frame=NUMBER)
            continue
        if node.operation:
            sheet.node(f"{node.id}op", [("name", shorten(printable(node.operation), 12))], "op", said, frame=GATE)
            sheet.wire(f"{node.id}from", f"{node.id}op", f"{node.id}:w", said, arrowhead="none")
        elif name:
            sheet.node(f"{node.id}name", [("name", name)], node.kind, said, frame=END)
            sheet.wire(f"{node.id}from", f"{node.id}name:e", f"{node.id}:w", said, arrowhead="none")
        if name and node.kind == "op":
            value = f"{name} = {value}"
        sheet.node(node.id, [("value", value), *(_gradient(node) or [("", " ")])], "", said, rule="wire", frame=WIRE)
        if name and node.kind == "output":
            sheet.node(f"{node.id}name", [("name", name)], "output", said, frame=END)
            sheet.wire(f"{node.id}to", f"{node.id}:e", f"{node.id}name:w", said)
    for i, edge in enumerate(picture.edges):
        operand = nodes[edge.operand]
        tail = edge.operand if operand.kind == "constant" else f"{edge.operand}:e"
        sheet.edge(f"e{i}", tail, f"{edge.user}op", edge, operand)


def micrograd(picture: Picture, sheet: Sheet) -> None:
    """A record for each value, and an ellipse for the operation that made it."""
    nodes = {node.id: node for node in picture.nodes}
    for node in picture.nodes:
        said = tooltip(node)
        name = [("name", shorten(printable(node.name)))] if node.name else []
        gradient = [(role, f"grad {text}") for role, text in _gradient(node)]
        lines = [*name, ("value", f"data {number(node.value)}"), *gradient]
        sheet.node(node.id, lines, node.kind, said, shape="record", style="filled")
        if node.operation:
            sheet.node(f"{node.id}op", [("name", shorten(printable(node.operation), 12))], "op", said, style="filled")
            sheet.wire(f"{node.id}from", f"{node.id}op", node.id, said)
    for i, edge in enumerate(picture.edges):
        sheet.edge(f"e{i}", edge.operand, f"{edge.user}op", edge, nodes[edge.operand])


STYLES: dict[str, Callable[[Picture, Sheet], None]] = {"boxes": boxes, "circuit": circuit, "micrograd": micrograd}

# --- the words --------------------------------------------------------------------------------------------------------


def tooltip(node: Node) -> str:
    """Say all there is to say about a value, to 12 digits and with its whole name."""
    text = f"{shorten(printable(node.title), 500)}: value {number(node.value, 12)}"
    if node.gradient is not None:
        text += f", gradient {number(node.gradient, 12)}"
    if node.one_pass is not None:
        text += (
            f". Σ: one backward pass over this graph gives {number(node.one_pass, 12)}; the rest was there before, "
            "from earlier backward calls or other uses of this value. zero_grad() starts afresh"
        )
    return text


def _title(node: Node) -> str:
    parts = filter(None, (node.name, node.operation))
    return " = ".join(shorten(printable(part)) for part in parts) or node.kind


def _gradient(node: Node) -> Lines:
    if node.gradient is None:
        return []
    return [("gradient", ("" if node.one_pass is None else "Σ ") + number(node.gradient))]


def _escape(text: str) -> str:
    r"""Return ``text`` so that DOT shows it as it stands: in labels it knows escapes (\N, \l) and entities (&lt;)."""
    return text.replace("\\", "\\\\").replace("&", "&amp;")


def _escape_record(text: str) -> str:
    r"""Do so for a record's label, in which { } | < > and spaces are special as well."""
    return "".join(f"\\{c}" if c in "{}|<> " else c for c in _escape(text))
