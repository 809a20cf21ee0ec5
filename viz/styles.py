"""From a picture to DOT: one function per style.

    boxes      a box per value: name and operation, value, gradient; local derivatives on the edges
    circuit    the lectures' circuit: gates joined by wires, on each wire the value above and the gradient below
    micrograd  micrograd's records, name | data | grad, and an ellipse for each operation

In each of them a box that stands for several values shows their ranges, and modules that are open have dashed frames.
"""

from __future__ import annotations

from collections.abc import Callable

from viz.errors import VizError
from viz.legend import legend as rows_of
from viz.model import Node, Picture
from viz.sheet import BOX, END, GATE, NUMBER, WIRE, Part, Sheet
from viz.text import printable, shorten
from viz.theme import colours
from viz.words import gradient, is_one_constant, notes, tooltip, value

__all__ = ["RANKDIRS", "STYLES", "Part", "Sheet", "layout", "tooltip"]

RANKDIRS = ("LR", "TB", "RL", "BT")


def layout(
    picture: Picture, style: str, theme: str, rankdir: str, edge_labels: bool, html: bool = False, legend: bool = False
) -> Sheet:
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
    if legend:
        sheet.legend(rows_of(picture, style, edge_labels))
    return sheet


# --- the styles -------------------------------------------------------------------------------------------------------


def boxes(picture: Picture, sheet: Sheet) -> None:
    """One box per value; inputs are blue, parameters yellow, modules violet, the output grey."""
    sheet.dot.attr("graph", nodesep="0.2", ranksep="0.4")
    nodes = {node.id: node for node in picture.nodes}
    for node in picture.nodes:
        _box(node, sheet)
    sheet.frames(picture.clusters)
    for i, edge in enumerate(picture.edges):
        sheet.edge(f"e{i}", edge.operand, edge.user, edge, nodes[edge.operand])


def circuit(picture: Picture, sheet: Sheet) -> None:
    """Gates joined by wires; a leaf's wire begins at its name, and the output's ends at its own."""
    sheet.dot.attr("graph", nodesep="0.25", ranksep="0.3")
    nodes = {node.id: node for node in picture.nodes}
    for node in picture.nodes:
        if node.summary:
            _box(node, sheet)
            continue
        said, inside = tooltip(node), node.cluster
        name = shorten(printable(sheet.name(node)))
        text = value(node)
        if node.kind == "constant":
            sheet.node(node.id, [("value", f"{name} = {text}" if name else text)], "", said, "", NUMBER, inside)
            continue
        if node.operation:
            gate = [("name", shorten(printable(node.operation), 12))]
            sheet.node(f"{node.id}op", gate, "op", said, "", GATE, inside)
            sheet.wire(f"{node.id}from", f"{node.id}op", f"{node.id}:w", said, inside, arrowhead="none")
        elif name:
            sheet.node(f"{node.id}name", [("name", name)], node.kind, said, "", END, inside)
            sheet.wire(f"{node.id}from", f"{node.id}name:e", f"{node.id}:w", said, inside, arrowhead="none")
        if name and node.kind == "op":
            text = f"{name} = {text}"
        sheet.node(node.id, [("value", text), *(_gradient(node) or [("", " ")])], "", said, "wire", WIRE, inside)
        if name and node.kind == "output":
            sheet.node(f"{node.id}name", [("name", name)], "output", said, "", END, inside)
            sheet.wire(f"{node.id}to", f"{node.id}:e", f"{node.id}name:w", said, inside)
    sheet.frames(picture.clusters)
    for i, edge in enumerate(picture.edges):
        operand, user = nodes[edge.operand], nodes[edge.user]
        tail = edge.operand if operand.kind == "constant" and not operand.summary else f"{edge.operand}:e"
        sheet.edge(f"e{i}", tail, edge.user if user.summary else f"{edge.user}op", edge, operand)


def micrograd(picture: Picture, sheet: Sheet) -> None:
    """A record for each value, and an ellipse for the operation that made it."""
    nodes = {node.id: node for node in picture.nodes}
    for node in picture.nodes:
        said = tooltip(node)
        title = sheet.heading(node) if node.summary else shorten(printable(sheet.name(node)))
        name = [("name", title)] if title else []
        gradient = [(role, f"grad {text}") for role, text in _gradient(node)]
        lines = [*name, *_notes(node), ("value", f"data {value(node)}"), *gradient, *_alarm(node)]
        sheet.node(node.id, lines, node.kind, said, cluster=node.cluster, shape="record", style="filled")
        if node.operation and not node.summary:
            gate = [("name", shorten(printable(node.operation), 12))]
            sheet.node(f"{node.id}op", gate, "op", said, cluster=node.cluster, style="filled")
            sheet.wire(f"{node.id}from", f"{node.id}op", node.id, said, node.cluster)
    sheet.frames(picture.clusters)
    for i, edge in enumerate(picture.edges):
        head = edge.user if nodes[edge.user].summary or not nodes[edge.user].operation else f"{edge.user}op"
        sheet.edge(f"e{i}", edge.operand, head, edge, nodes[edge.operand])


STYLES: dict[str, Callable[[Picture, Sheet], None]] = {"boxes": boxes, "circuit": circuit, "micrograd": micrograd}


def _box(node: Node, sheet: Sheet) -> None:
    lines = [*_named(sheet.heading(node)), *_notes(node), ("value", value(node)), *_gradient(node), *_alarm(node)]
    cards = node.summary is not None and node.summary.stacked > 1 and not is_one_constant(node)
    rule = "box" if _gradient(node) else ""
    sheet.node(node.id, lines, node.kind, tooltip(node), rule, BOX, node.cluster, cards)


def _named(title: str) -> list[tuple[str, str]]:
    return [("name", title)] if title else []


def _notes(node: Node) -> list[tuple[str, str]]:
    return [("local", text) for text in notes(node)]


def _gradient(node: Node) -> list[tuple[str, str]]:
    return [("gradient", gradient(node))] if gradient(node) else []


def _alarm(node: Node) -> list[tuple[str, str]]:
    return [("alarm", node.summary.alarm)] if node.summary and node.summary.alarm else []
