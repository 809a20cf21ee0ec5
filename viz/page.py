"""page(value): a graph as one HTML file that computes: sliders on its leaves, both passes step by step, every rule.

The page needs no kernel, no server and no network. Its JavaScript is made of the operations' rows (javascript.py) and
of the files in ``live/``, in this order:

    rows, reductions.js   what each operation computes, and its slopes
    engine.js             values forward, gradients backward, step by step; the wrong ways too
    words.js              numbers and sentences
    picture.js            the graph's SVG: numbers, highlights, pan and zoom
    controls.js           sliders and number fields
    page.js               what is shown when, and what the reader does
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import os
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from autograd.explain.roles import ROLES, SCALES
from autograd.graph import Graph
from autograd.ops import DOT, Dot, Op, Reduction
from autograd.value import Value
from autograd.value import number as checked
from viz.drawing import DETAILED
from viz.engine import check, render
from viz.errors import TooLargeError, VizError
from viz.files import write
from viz.inline import inline
from viz.javascript import source
from viz.model import MOST_EDGES, MOST_VALUES, Node, Picture, operation, picture
from viz.naming import names_for, with_names
from viz.styles import layout
from viz.svg import finish
from viz.text import printable, shorten
from viz.theme import colours

SCRIPTS = ("reductions.js", "engine.js", "words.js", "picture.js", "controls.js", "page.js")
WIDE = 2.0  # a graph that is wider than this many times its height stands above its cards, not beside them
HEIGHT = 720  # of the frame in a notebook, in pixels

_WIDEST = -0.12345  # drawn in place of numbers that will change: as wide as most of them become
_SLOPE = -0.12  # and on edges


class Page:
    """A graph as one HTML file. ``page`` makes it.

    Attributes:
        html: the whole file.
        title: what it is called.
    """

    def __init__(self, html: str, title: str, values: int, edges: int) -> None:
        self.html = html
        self.title = title
        self._size = f"{values} values, {edges} edges"

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the file, whole or not at all, and return its path.

        Raises:
            SaveError: the path cannot be written.
        """
        write(Path(path), self.html.encode())
        return Path(path)

    def _repr_html_(self) -> str:
        """Show the page in a frame of its own, which may run its script and nothing else."""
        text = self.html.replace("&", "&amp;").replace("'", "&#39;")
        style = f"width:100%;height:{HEIGHT}px;border:0;display:block"
        title = escape(self.title)
        return f'<iframe sandbox="allow-scripts" style="{style}" title="{title}" srcdoc=\'{text}\'></iframe>'

    def __repr__(self) -> str:
        return f"<Page: {self.title}, {self._size}, {len(self.html.encode()) / 1000:.0f} kB>"


def page(
    graph: Value | Graph,
    *,
    names: Mapping[str, Any] | None = None,
    title: str | None = None,
    style: str = "boxes",
    theme: str = "auto",
    rankdir: str = "LR",
    edge_labels: bool | None = None,
    engine: str | None = None,
) -> Page:
    """Make a live page of the graph below a Value: one HTML file that runs in any browser, without a network.

    Sliders and number fields move the inputs and parameters; values and gradients follow at once. A scrubber steps
    through the forward and the backward pass, with each step's rule and its numbers; pointing at a node shows its
    slopes, its contributions and its paths to the output. ``=`` instead of ``+=``, and a backward pass without
    topological order, can be set beside the right one. All of it works from the keyboard.

    The page computes in JavaScript that is made from the table of operations, on the same 64-bit floats and in the same
    order as Python. Where Python would raise an error it shows nan or ∞, and says why.

    Args:
        graph: a Value, or a Graph.
        names: names for Values without a label: name → Value, as in ``names=locals()``. The others become v1, v2, ….
        title: of the page; by default ``graph of f``.
        style: of the graph's picture, as for ``draw``: ``boxes``, ``circuit`` or ``micrograd``.
        theme: ``light``, ``dark``, or ``auto``, which is dark where the reader's system is; the page has a switch.
        rankdir: the direction of the computation, as for ``draw``.
        edge_labels: whether edges bear local derivatives; by default up to 60 values, and not in a circuit.
        engine: the layout engine, as for ``draw``.

    Raises:
        VizError: an argument that is not one of those named here; or a node that is code of a user's own, a gate or a
            closure, which JavaScript cannot run: the message names it.
        TooLargeError: more values or edges than one can follow.
        EngineError: no layout engine is installed, or it failed.

    >>> from autograd import trace
    >>> from viz import page
    >>> lesson = page(trace("q = x + y; f = q * z", x=-2, y=5, z=-4))
    >>> lesson.title
    'graph of f'

    In a notebook ``lesson`` is the page; ``lesson.save("lesson.html")`` writes it.
    """
    if isinstance(graph, Value):
        graph = Graph(graph)
    if not isinstance(graph, Graph):
        raise VizError(f"page takes a Value or a Graph, not {type(graph).__name__}; give it a computation's result")
    if title is not None and not isinstance(title, str):
        raise VizError(f"title is the page's name, a str; not {title!r}")
    check(engine)
    colours(theme)
    _refuse_large(graph)
    drawn = picture(graph, names)
    called = names_for(graph, drawn)
    _refuse_code(graph, called)
    shown = with_names(graph, drawn, called)
    heading = shorten(printable(title or shown.title), 120)
    if edge_labels is None:
        edge_labels = len(shown.nodes) <= DETAILED and style != "circuit"
    svg, ratio = _picture(shown, style, rankdir, edge_labels, engine, heading)
    rows = source(dict.fromkeys(node.op for node in graph.nodes if isinstance(node.op, Op)))
    places = {node: i for i, node in enumerate(graph.nodes)}
    nodes = [_data(node, places, called[node], at) for node, at in zip(graph.nodes, shown.nodes, strict=True)]
    roles = {node.op.name: ROLES.get(node.op.name, SCALES) for node in graph.nodes if not node.is_leaf}
    size = (len(shown.nodes), len(shown.edges))
    html = _html(
        {
            "title": escape(heading),
            "about": f"{size[0]} value{'s' * (size[0] != 1)}, {size[1]} edge{'s' * (size[1] != 1)}",
            "theme": next((mode for mode in ("light", "dark") if theme.endswith(mode)), "auto"),
            "shape": "wide" if ratio > WIDE else "tall",
            "picture": svg,
            "data": _json({"nodes": nodes, "roles": roles}),
            "style": _style(theme),
            "script": "\n".join(['"use strict";', rows, *map(_file, SCRIPTS)]),
        }
    )
    return Page(html, heading, *size)


# --- what is refused --------------------------------------------------------------------------------------------------


def _refuse_large(graph: Graph) -> None:
    values, edges = len(graph.nodes), sum(len(node.parents) for node in graph.nodes)
    if values > MOST_VALUES or edges > MOST_EDGES:
        raise TooLargeError(
            f"the page would have {values:,} values and {edges:,} edges; at most {MOST_VALUES:,} values and "
            f"{MOST_EDGES:,} edges can be followed. Show a part, as in page(node) for a Value further down, or the "
            "graph of one example instead of many; nn's fused neurons need fewer values than w * x + b"
        )


def _refuse_code(graph: Graph, called: Mapping[Value, str]) -> None:
    for node in graph.nodes:
        if not node.is_leaf and not isinstance(node.op, (Op, Reduction, Dot)):
            raise VizError(
                f"the node {called[node]!r} is made by {node.op.name!r}, which is Python code of your own, and a page "
                f"cannot run it. Write it as a row, autograd.operation({node.op.name!r}, formula, slopes), as in "
                'operation("cube", "x ** 3", "3 * x ** 2"), or show it without sliders, with draw(...)'
            )


# --- numbers ------------------------------------------------------------------------------------------------


def _data(value: Value, places: Mapping[Value, int], name: str, node: Node) -> dict[str, Any]:
    """Return what the page's engine and words need to know of a node."""
    data: dict[str, Any] = {
        "name": shorten(printable(name)),
        "kind": node.kind,
        "args": [places[parent] for parent in value.parents],
    }
    full = shorten(printable(name), 500)
    if full != data["name"]:
        data["full"] = full
    if value.is_leaf:
        x = checked(value.data)
        data["value"] = x if math.isfinite(x) else "NaN" if x != x else "Infinity" if x > 0 else "-Infinity"
    else:
        data |= {"op": value.op.name, "symbol": printable(operation(value))}
    if value.op is DOT:
        data["weights"] = len(value._x)
    return data


# --- the file ---------------------------------------------------------------------------------------------------------


def _picture(
    shown: Picture, style: str, rankdir: str, edge_labels: bool, engine: str | None, title: str
) -> tuple[str, float]:
    """Return the graph's SVG with room for numbers that change, and its width divided by its height."""
    wide = tuple(
        node if node.kind == "constant" else replace(node, value=_WIDEST, gradient=_WIDEST) for node in shown.nodes
    )
    edges = tuple(replace(edge, local=_SLOPE, amount=None) for edge in shown.edges)
    drawn = Picture(wide, edges)
    sheet = layout(drawn, style, "light", rankdir, edge_labels)
    svg = finish(render(sheet.dot.source, "svg", engine), sheet.parts, title, "", "light")
    return inline(svg, wide, shown.nodes, title)


def _html(parts: dict[str, str]) -> str:
    """Put the parts into the page, whose policy lets only its own script and style run, and nothing be loaded."""
    parts["policy"] = "; ".join(
        [
            "default-src 'none'",
            f"script-src 'sha256-{_digest(parts['script'])}'",
            f"style-src 'sha256-{_digest(parts['style'])}'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    return re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match[1]], _file("page.html"))


def _style(theme: str) -> str:
    """Return the style sheet with a theme's colours, those for the light and those for the dark."""
    family = theme.removesuffix("auto").removesuffix("light").removesuffix("dark").removesuffix("-")
    light, dark = (colours(f"{family}-{mode}" if family else mode) for mode in ("light", "dark"))
    variables = "\n".join(f"  --{role}: light-dark({light[role]}, {dark[role]});" for role in light)
    roles = "\n".join(
        f"#graph .gg-{role} {{ {'stroke' if role == 'line' else 'fill'}: var(--{role}); }}" for role in light
    )
    return _file("page.css").replace("{{colours}}", variables).replace("{{roles}}", roles)


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _json(data: Any) -> str:
    """Return data as JSON in which nothing can end a script element or begin another one."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return text.replace("<", r"\u003c").replace(">", r"\u003e").replace("&", r"\u0026")


@cache
def _file(name: str) -> str:
    return (files("viz") / "live" / name).read_text("utf-8")
