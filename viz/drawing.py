"""draw(value): a picture of a graph, as DOT, as SVG, in a notebook, in a file."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import graphviz  # type: ignore[import-untyped]  # it ships no types

from autograd.graph import Graph
from autograd.value import Value
from viz.engine import FORMATS, check, render
from viz.errors import SaveError, VizError
from viz.model import Picture, picture
from viz.styles import layout, tooltip
from viz.svg import finish

DETAILED = 60  # values up to which a picture bears local derivatives by default, and a Value shows itself as one


class Drawing:
    """A picture of a graph as it was when it was drawn. ``draw`` makes it.

    Attributes:
        picture: what is drawn, as data.
        dot: the same as DOT text; it needs no layout engine.
    """

    def __init__(
        self, picture: Picture, style: str, theme: str, rankdir: str, edge_labels: bool, engine: str | None
    ) -> None:
        check(engine)
        self.picture = picture
        self._theme = theme
        self._engine = engine
        self._layout = partial(layout, picture, style, theme, rankdir, edge_labels)
        sheet = self._layout()
        self.dot: str = sheet.dot.source
        self._parts = sheet.parts

    @property
    def source(self) -> graphviz.Source:
        """The DOT text as the ``graphviz`` package's object, for all that this package can do with it."""
        return graphviz.Source(self.dot)

    @cached_property
    def svg(self) -> str:
        """The picture as SVG text.

        Raises:
            EngineError: no layout engine is installed, or it failed.
        """
        raw = render(self.dot, "svg", self._engine)
        return finish(raw, self._parts, self.picture.title, self._description(), self._theme)

    def save(self, path: str | os.PathLike[str], format: str | None = None) -> Path:  # noqa: A002
        """Write the picture to a file, whole or not at all, and return its path.

        Args:
            path: its suffix says the format: .svg, .dot, or .png and .pdf, which need the program ``dot``.
            format: instead of the suffix.

        Raises:
            VizError: an unknown format.
            EngineError: no layout engine for the format is installed, or it failed.
            SaveError: the path cannot be written.
        """
        path = Path(path)
        kind = format or path.suffix.removeprefix(".").lower()
        if kind in ("dot", "gv"):
            data = self.dot.encode()
        elif kind == "svg":
            data = self.svg.encode()
        elif kind in FORMATS:
            data = render(self._layout(html=True).dot.source, kind, self._engine)
        else:
            raise VizError(f"unknown format {kind!r} of {str(path)!r}; choose one of '.svg', '.dot', '.png', '.pdf'")
        _write(path, data)
        return path

    def _description(self) -> str:
        nodes, edges = self.picture.nodes, self.picture.edges
        if len(nodes) > DETAILED:
            return f"{len(nodes)} values, {len(edges)} edges"
        return "; ".join(tooltip(node) for node in nodes)

    def _repr_mimebundle_(self, **_formats: Any) -> dict[str, str]:
        return {"image/svg+xml": self.svg, "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"<Drawing: {self.picture.title}, {len(self.picture.nodes)} values, {len(self.picture.edges)} edges>"


def draw(
    graph: Value | Graph,
    *,
    names: Mapping[str, Any] | None = None,
    style: str = "boxes",
    theme: str = "auto",
    rankdir: str = "LR",
    unfold: bool = False,
    edge_labels: bool | None = None,
    engine: str | None = None,
) -> Drawing:
    """Draw the graph below a Value.

    In the default style each value is a box: its name and operation, its value above a thin rule, its gradient below;
    an edge bears the local derivative by which the gradient is multiplied on its way back. Inputs are blue, parameters
    yellow. A graph that has not been differentiated shows no gradients. Σ before a leaf's gradient says that more than
    one backward pass has been summed there.

    Args:
        graph: a Value, or a Graph.
        names: names for Values without a label: name → Value, as in ``names=locals()``.
        style: ``boxes``, ``circuit`` (the lectures' gates and wires) or ``micrograd`` (its records).
        theme: ``light``, ``dark``, or ``auto``, which is dark where the reader's system is.
        rankdir: the direction of the computation: ``LR`` (left to right), ``TB``, ``RL`` or ``BT``.
        unfold: draw a fused ``dot``, such as a neuron's, as its products and their sum.
        edge_labels: whether edges bear local derivatives; by default up to 60 values, and not in a circuit.
        engine: the layout engine, ``wasm`` or ``dot``; by default the first where it can.

    Raises:
        TooLargeError: more than 600 values, or 1,500 edges.
        VizError: an argument that is not one of those named here.

    >>> from autograd import Value
    >>> x, y = Value(3.0), Value(-4.0)
    >>> draw(x * y, names=locals())
    <Drawing: computational graph, 3 values, 2 edges>
    """
    seen = picture(graph, names, unfold)
    if edge_labels is None:
        edge_labels = len(seen.nodes) <= DETAILED and style != "circuit"
    return Drawing(seen, style, theme, rankdir, edge_labels, engine)


def _write(path: Path, data: bytes) -> None:
    """Write a file beside its place first, so that nothing half-written ever stands there."""
    try:
        if path.exists() and not path.is_file():  # /dev/stdout, or a directory, which says so itself
            path.write_bytes(data)
            return
        beside = path.with_name(f".{secrets.token_hex(8)}.part")
        try:
            beside.write_bytes(data)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise SaveError(f"cannot write {str(path)!r}: {error.strerror or error}") from error
