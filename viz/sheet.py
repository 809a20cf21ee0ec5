"""A sheet of DOT: nodes, edges and frames as the styles ask for them, with what svg.py needs to know of each.

DOT stays plain, without HTML labels, so that every engine draws it alike: a label is a few lines of text, and the font
is exactly Courier, whose widths every engine knows. What plain DOT cannot say (each line's colour, the rule between
value and gradient, the cards of a stack) is noted beside it, as ``Part``; svg.py adds it after the layout. For png and
pdf, which only the program ``dot`` can draw, and which no such pass can reach, the same is said in HTML labels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import log10

import graphviz  # type: ignore[import-untyped]  # it ships no types

from viz.legend import Row
from viz.model import Cluster, Edge, Node, Picture
from viz.text import columns, number, printable, shorten
from viz.words import edge_tooltip, heading, within

MOST_CAREFUL = 300  # edges up to which the layout takes its time; 1,500 could take it minutes, hurried some seconds

DIGIT, LINE = 7.2, 14.4  # the width of a Courier character and the height of a line, in points
SMALL = 10  # the size of a legend's font; a node's is 12

BOLD = ("name", "alarm")  # roles of text
FILLS = ("input", "parameter", "constant", "op", "output", "module")  # roles of shapes: the kinds of nodes

Lines = Sequence[tuple[str, str]]  # a label's lines: the role of each (see theme.py), and its text


@dataclass(frozen=True)
class Part:
    """Something drawn, by the id it has in the DOT: what the pass over the SVG needs to know of it.

    Attributes:
        roles: of the lines of its text.
        fill: the role of its shape's colour, "" where it has no shape.
        tooltip: all there is to say about it.
        rule: what parts value and gradient: "" for nothing, ``box`` for a thin rule, ``wire`` for a wire.
        cards: whether it looks like a stack of cards.
    """

    roles: tuple[str, ...]
    fill: str
    tooltip: str
    rule: str = ""
    cards: bool = False


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


class Sheet:
    """The DOT of a picture under construction, and its parts by id."""

    def __init__(
        self, picture: Picture, palette: Mapping[str, str], rankdir: str, edge_labels: bool, html: bool
    ) -> None:
        self.colours = palette
        self.edge_labels = edge_labels
        self.html = html
        self.parts: dict[str, Part] = {}
        self.dot = graphviz.Digraph()
        self.dot.attr("graph", rankdir=rankdir, pad="0.15", bgcolor=palette["background"])
        if len({edge.operand for edge in picture.edges}) == len(picture.edges):
            self.dot.attr("graph", ordering="in")  # a tree, so operands can stand in order without edges that cross
        if len(picture.edges) > MOST_CAREFUL:
            self.dot.attr("graph", nslimit="1", nslimit1="1", mclimit="0.05")
        font = {"fontname": "Courier", "color": palette["line"]}
        self.dot.attr("node", fontsize="12", fontcolor=palette["name"], **font)
        self.dot.attr("edge", fontsize="10", fontcolor=palette["local"], arrowsize="0.7", **font)
        self.rows: Sequence[Row] = ()  # of the legend
        self._frames = {cluster.id: graphviz.Digraph(f"cluster_{cluster.id}") for cluster in picture.clusters}
        self._titles = {cluster.id: cluster.title for cluster in picture.clusters}

    def heading(self, node: Node) -> str:
        """Return the first line of a node, without what the frame around it says already."""
        return heading(node, self._titles.get(node.cluster, ""))

    def name(self, node: Node) -> str:
        """Return a node's name alone, without what the frame around it says already."""
        return within(node, self._titles.get(node.cluster, ""))

    def node(
        self,
        identity: str,
        lines: Lines,
        fill: str,
        tooltip: str,
        rule: str = "",
        frame: Frame | None = None,
        cluster: str = "",
        cards: bool = False,
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
        if cards and html:
            attributes["peripheries"] = "2"
        label = self._html(lines, rule) if html else graphviz.nohtml(label)
        self._place(cluster).node(identity, label, id=identity, **attributes)
        self.parts[identity] = Part(tuple(role for role, _ in lines), fill, tooltip, rule, cards)

    def _html(self, lines: Lines, rule: str) -> str:
        rows = []
        for role, text in lines:
            cell = f'<font color="{self.colours[role or "name"]}">{escape(text)}</font>'
            if rule and role == "gradient":
                rows.append("<hr/>")
            rows.append(f"<tr><td>{f'<b>{cell}</b>' if role in BOLD else cell}</td></tr>")
        table = f'<table border="0" cellborder="0" cellspacing="0" cellpadding="1" color="{self.colours["line"]}">'
        return f"<{table}{''.join(rows)}</table>>"

    def edge(self, identity: str, tail: str, head: str, edge: Edge, operand: Node) -> None:
        """Write the edge of an operand, with its local derivative; a constant's has none to show."""
        said = edge_tooltip(edge, operand)
        if edge.count > 1:  # as many lines, drawn as one, the thicker the more they are
            self.wire(identity, tail, head, said, penwidth=f"{1 + log10(edge.count) / 2:.2f}")
        elif edge.local is None or operand.kind == "constant" or not self.edge_labels:
            self.wire(identity, tail, head, said)
        else:
            self.dot.edge(tail, head, f" ∂ {number(edge.local)} ", id=identity)
            self.parts[identity] = Part(("local",), "", said)

    def wire(self, identity: str, tail: str, head: str, tooltip: str, cluster: str = "", **attributes: str) -> None:
        """Write an edge without a label."""
        self._place(cluster).edge(tail, head, id=identity, **attributes)
        self.parts[identity] = Part((), "", tooltip)

    def frames(self, clusters: Sequence[Cluster]) -> None:
        """Write a dashed frame around the nodes of each cluster; due after the last node and before the first edge."""
        for cluster in clusters:
            title = shorten(printable(cluster.title))
            look = {"style": "rounded,dashed", "color": self.colours["line"], "fontcolor": self.colours["local"]}
            font = {"fontname": "Courier", "fontsize": "11", "labeljust": "l", "margin": "10"}
            label = graphviz.nohtml(_escape(title))
            self._frames[cluster.id].attr("graph", label=label, id=cluster.id, **look, **font)
            self.parts[cluster.id] = Part(("local",), "", printable(cluster.title))
        for parent in (*[cluster.id for cluster in reversed(clusters)], ""):  # the inner ones are whole first
            for cluster in clusters:
                if cluster.parent == parent:
                    self._place(parent).subgraph(self._frames[cluster.id])

    def legend(self, rows: Sequence[Row]) -> None:
        """Write a legend below the picture; svg.py sets it in colour."""
        self.rows = rows
        if self.html:
            cells = "".join(f'<tr><td align="left">{self._line(row)}</td></tr>' for row in rows)
            label = f'<<table border="0" cellborder="0" cellspacing="0" cellpadding="2">{cells}</table>>'
        else:
            texts = ("".join(f"[{text}] " if role in FILLS else text for role, text in row) for row in rows)
            label = graphviz.nohtml("".join(rf"{_escape(text)}\l" for text in texts))
        self.dot.attr("graph", label=label, labelloc="b", labeljust="l", fontname="Courier", fontsize=str(SMALL))
        self.dot.attr("graph", fontcolor=self.colours["local"])

    def _line(self, row: Row) -> str:
        pieces = "".join(map(self._piece, row))
        if row[0][0] in FILLS:
            return f'<table border="0" cellborder="0" cellspacing="3"><tr>{pieces}</tr></table>'
        return pieces

    def _piece(self, piece: tuple[str, str]) -> str:
        role, text = piece
        if role not in FILLS:
            return f'<font color="{self.colours[role]}">{escape(text)}</font>'
        size = f'fixedsize="true" width="{(columns(text) + 2) * SMALL * 0.65:.0f}" height="{SMALL + 5}"'
        look = f'border="1" color="{self.colours["line"]}" bgcolor="{self.colours[role]}"'
        return f'<td {size} {look}><font color="{self.colours["name"]}">{escape(text)}</font></td>'

    def _place(self, cluster: str) -> graphviz.Digraph:
        return self._frames[cluster] if cluster else self.dot


def _escape(text: str) -> str:
    r"""Return ``text`` so that DOT shows it as it stands: in labels it knows escapes (\N, \l) and entities (&lt;)."""
    return text.replace("\\", "\\\\").replace("&", "&amp;")


def _escape_record(text: str) -> str:
    r"""Do so for a record's label, in which { } | < > and spaces are special as well."""
    return "".join(f"\\{c}" if c in "{}|<> " else c for c in _escape(text))
