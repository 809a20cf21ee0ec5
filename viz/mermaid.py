"""Mermaid text: a picture that GitHub, GitLab and JupyterLab draw by themselves, wherever Markdown is read.

>>> from autograd import trace
>>> from viz.model import picture
>>> graph = trace("f = x * y", x=-2, y=5)
>>> graph.backward()
{'x': 5.0, 'y': -2.0}
>>> print(flowchart(picture(graph), "light", "LR", True, "an example"))
flowchart LR
    accTitle: graph of f
    accDescr: an example
    v0("x<br>value −2<br>gradient 5"):::input
    v1("y<br>value 5<br>gradient −2"):::input
    v2("f #61; ×<br>value −10<br>gradient 1"):::output
    v0 -- "∂ 5" --> v2
    v1 -- "∂ −2" --> v2
    classDef input fill:#eef5fb,stroke:#6b7280,color:#1f2328
    classDef output fill:#f1f1f1,stroke:#6b7280,color:#1f2328,stroke-width:3px
"""

from __future__ import annotations

import re

from viz.model import Edge, Node, Picture
from viz.text import number, printable, shorten
from viz.theme import colours
from viz.words import gradient, heading, notes, value

_POINT = re.compile(r"#46;(?=\w)")  # within a number or a path; before a space it may begin a list
_PLAIN = frozenset(" ,…−∞∂Σ×÷·∇")  # what neither Mermaid nor Markdown nor HTML reads as anything but text


def flowchart(picture: Picture, theme: str, rankdir: str, edge_labels: bool, description: str) -> str:
    """Return a picture as a Mermaid flowchart, which says in words what the other forms say by position and colour.

    Args:
        picture: what to draw.
        theme: its colours; Mermaid knows no theme that follows the reader, so these are then the light ones.
        rankdir: ``LR``, ``TB``, ``RL`` or ``BT``.
        edge_labels: whether edges bear local derivatives.
        description: the picture in words, for screen readers.
    """
    palette = colours(theme)
    titles = {cluster.id: cluster.title for cluster in picture.clusters}
    nodes = {node.id: node for node in picture.nodes}
    lines = [f"flowchart {rankdir}", f"    accTitle: {_line(picture.title)}", f"    accDescr: {_line(description)}"]
    blocks: dict[str, list[str]] = {"": [], **{identity: [] for identity in titles}}
    for node in picture.nodes:
        blocks[node.cluster].append(_node(node, titles.get(node.cluster, "")))
    for parent in (*reversed(titles), ""):  # the inner ones are whole first
        for cluster in picture.clusters:
            if cluster.parent == parent:
                inside = [f"    {line}" for line in blocks[cluster.id]]
                blocks[parent] += [f'subgraph {cluster.id} ["{_text(cluster.title)}"]', *inside, "end"]
    lines += [f"    {line}" for line in blocks[""]]
    lines += [f"    {_edge(edge, nodes[edge.operand], edge_labels)}" for edge in picture.edges]
    for kind in dict.fromkeys(node.kind for node in picture.nodes):
        look = f"fill:{palette[kind]},stroke:{palette['line']},color:{palette['name']}"
        thick = ",stroke-width:3px" if kind in ("parameter", "output") else ""
        lines.append(f"    classDef {kind} {look}{thick}")
    for cluster in picture.clusters:
        lines.append(f"    style {cluster.id} fill:none,stroke:{palette['line']},stroke-dasharray:5 3")
    return "\n".join(lines) + "\n"


def fenced(text: str) -> str:
    """Return Mermaid text as a block of Markdown."""
    return f"```mermaid\n{text}```\n"


def escape(text: str) -> str:
    """Return ``text`` so that Mermaid shows it as it stands, in a label that is quoted.

    Everything but letters, digits and a few harmless signs becomes an entity, ``#`` and a number: labels may hold HTML
    and Markdown, which would else be obeyed.

    >>> escape('"x" <b>')
    '#34;x#34; #60;b#62;'
    """
    shown = "".join(c if c.isalnum() or c in _PLAIN else f"#{ord(c)};" for c in printable(text))
    shown = _POINT.sub(".", shown)
    return shown.replace("#36;#36;", "#36;\u200b#36;")  # two dollars would begin a formula, escaped or not


def _node(node: Node, frame: str) -> str:
    number_alone = node.kind == "constant" and not heading(node, frame)
    words = [heading(node, frame), *notes(node), value(node) if number_alone else f"value {value(node)}"]
    if gradient(node):
        words.append(f"gradient {gradient(node)}")
    if node.summary:
        words.append(node.summary.alarm)
    return f'{node.id}("{"<br>".join(escape(word) for word in words if word)}"):::{node.kind}'


def _text(title: str) -> str:
    return escape(shorten(printable(title)))


def _edge(edge: Edge, operand: Node, labels: bool) -> str:
    if edge.count > 1:
        return f"{edge.operand} ==> {edge.user}"
    if edge.local is None or operand.kind == "constant" or not labels:
        return f"{edge.operand} --> {edge.user}"
    return f'{edge.operand} -- "∂ {escape(number(edge.local))}" --> {edge.user}'


def _line(text: str) -> str:
    """Return text for a statement that ends with its line; there ``;`` would end it, and ``#`` begin an entity."""
    return printable(text).replace("#", "#35;").replace(";", ",").replace("#35,", "#35;")
