"""draw(value): a picture of a graph, as DOT, as SVG, in a notebook, in a file."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import graphviz  # type: ignore[import-untyped]  # it ships no types

from autograd.graph import Graph
from autograd.value import Value
from viz.engine import FORMATS, check, render
from viz.errors import VizError
from viz.files import write
from viz.folding import Wish, folded, is_large
from viz.mermaid import fenced, flowchart
from viz.model import Picture, Reading, picture
from viz.modules import paths_of
from viz.styles import layout
from viz.svg import finish
from viz.words import tooltip

if TYPE_CHECKING:
    from viz.animation import Animation
    from viz.page import Page

DETAILED = 60  # values up to which a picture bears local derivatives by default, and a Value shows itself as one

_SUFFIXES = ", ".join(map(repr, (".svg", ".dot", ".png", ".pdf", ".mmd", ".md")))


class Drawing:
    """A picture of a graph as it was when it was drawn. ``draw`` makes it.

    Attributes:
        picture: what is drawn, as data.
        dot: the same as DOT text; it needs no layout engine.
    """

    def __init__(
        self,
        picture: Picture,
        style: str,
        theme: str,
        rankdir: str,
        edge_labels: bool,
        engine: str | None,
        legend: bool,
        graph: Value | Graph,
        names: Mapping[str, Any] | None,
    ) -> None:
        check(engine)
        self.picture = picture
        self._graph = graph
        self._names = names
        self._style = style
        self._theme = theme
        self._rankdir = rankdir
        self._edge_labels = edge_labels
        self._engine = engine
        self._layout = partial(layout, picture, style, theme, rankdir, edge_labels, legend=legend)
        sheet = self._layout()
        self.dot: str = sheet.dot.source
        self._parts = sheet.parts
        self._legend = sheet.rows

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
        return finish(raw, self._parts, self.picture.title, self._description(), self._theme, self._legend)

    @property
    def mermaid(self) -> str:
        """The picture as Mermaid text, which GitHub, GitLab and JupyterLab draw in a fenced block; ``save("x.md")``."""
        return flowchart(self.picture, self._theme, self._rankdir, self._edge_labels, self._description())

    def save(self, path: str | os.PathLike[str], format: str | None = None) -> Path:  # noqa: A002
        """Write the picture to a file, whole or not at all, and return its path.

        Args:
            path: its suffix says the format: .svg, .dot, .mmd (Mermaid), .md (the same, fenced for GitHub), or .png and
                .pdf, which need the program ``dot``.
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
        elif kind in ("mmd", "mermaid"):
            data = self.mermaid.encode()
        elif kind in ("md", "markdown"):
            data = fenced(self.mermaid).encode()
        elif kind == "svg":
            data = self.svg.encode()
        elif kind in FORMATS:
            data = render(self._layout(html=True).dot.source, kind, self._engine)
        else:
            raise VizError(f"unknown format {kind!r} of {str(path)!r}; choose one of {_SUFFIXES}")
        write(path, data)
        return path

    def interactive(self) -> Page:
        """Return the same graph as a live page, with sliders and steps; in a notebook it shows itself in a frame.

        It begins with the numbers that the graph has now, and shows every value: what is folded here is not there.

        Raises:
            TooLargeError, VizError: as for ``viz.page``.
        """
        from viz.page import page

        return page(
            self._graph, names=self._names, style=self._style, theme=self._theme, rankdir=self._rankdir,
            engine=self._engine,
        )  # fmt: skip

    def animate(self, seconds_per_step: float = 1.0, rest: float = 5.0, loop: bool = True) -> Animation:
        """Return both passes of the same graph step by step, as an SVG that plays in any image; see ``viz.animate``.

        Raises:
            TooLargeError, VizError: as for ``viz.animate``.
        """
        from viz.animation import animate

        return animate(
            self._graph, seconds_per_step=seconds_per_step, rest=rest, loop=loop, names=self._names, style=self._style,
            theme=self._theme, rankdir=self._rankdir, engine=self._engine,
        )  # fmt: skip

    def _description(self) -> str:
        if len(self.picture.nodes) > DETAILED:
            return self._counts()
        return "; ".join(tooltip(node) for node in self.picture.nodes)

    def _counts(self) -> str:
        count, edges = self.picture.count, len(self.picture.edges)
        folded = f" folded into {_many(len(self.picture.nodes), 'box')}" if self.picture.folded else ""
        return f"{_many(count, 'value')}{folded}, {_many(edges, 'edge')}"

    def _repr_mimebundle_(self, **_formats: Any) -> dict[str, str]:
        return {"image/svg+xml": self.svg, "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"<Drawing: {self.picture.title}, {self._counts()}>"


def draw(
    graph: Value | Graph,
    *,
    names: Mapping[str, Any] | None = None,
    model: Any = None,
    style: str = "boxes",
    theme: str = "auto",
    rankdir: str = "LR",
    fold: bool | str | Sequence[str] | None = None,
    unfold: bool | str | Sequence[str] = False,
    depth: int | None = None,
    edge_labels: bool | None = None,
    legend: bool = False,
    engine: str | None = None,
) -> Drawing:
    """Draw the graph below a Value.

    In the default style each value is a box: its name and operation, its value above a thin rule, its gradient below;
    an edge bears the local derivative by which the gradient is multiplied on its way back. Inputs are blue, parameters
    yellow. A graph that has not been differentiated shows no gradients. Σ before a leaf's gradient says that more than
    one backward pass has been summed there.

    A graph of more than 100 values, or 200 edges, is folded to at most 60 boxes and 120 edges: a layer or a neuron
    becomes one violet box, and what was computed alike for a hundred samples one stack "× 100"; both show ranges, from
    the smallest to the largest number. Modules are found by their parameters' labels, which ``nn`` makes of the paths.

    Args:
        graph: a Value, or a Graph.
        names: names for Values without a label: name → Value, as in ``names=locals()``.
        model: the nn.Module, or any object that holds the parameters, to name them and fold by its structure; for
            parameters whose labels are not their paths.
        style: ``boxes``, ``circuit`` (the lectures' gates and wires) or ``micrograd`` (its records).
        theme: ``light``, ``dark``, or ``auto``, which is dark where the reader's system is; ``cs231n``,
            ``cs231n-light`` and ``cs231n-dark`` are the same in that lecture's colours, values green and gradients red.
        rankdir: the direction of the computation: ``LR`` (left to right), ``TB``, ``RL`` or ``BT``.
        fold: whether to fold; by default what is large. Or the path of a module to keep folded, or several:
            ``"layers.1"``. True folds small graphs as well.
        unfold: the path of a module to show the inside of, or several: ``"layers.0.1"``. True shows each value, and a
            fused ``dot``, such as a neuron's, as its products and their sum.
        depth: how deep to unfold: 0, the model is one box; 1, each of its layers; 2, each neuron; 3, nothing.
        edge_labels: whether edges bear local derivatives; by default up to 60 values, and not in a circuit.
        legend: whether the picture explains its colours and signs.
        engine: the layout engine, ``wasm`` or ``dot``; by default the first where it can.

    Raises:
        TooLargeError: more than 1,200 values, or 2,000 edges, although unfolded.
        VizError: an argument that is not one of those named here.

    >>> from autograd import Value
    >>> x, y = Value(3.0), Value(-4.0)
    >>> draw(x * y, names=locals())
    <Drawing: computational graph, 3 values, 2 edges>
    >>> from nn import MLP
    >>> model = MLP(2, [16, 16, 1], seed=1)
    >>> loss = sum((model([Value(i / 100), Value(1.0)]) - i) ** 2 for i in range(100))
    >>> draw(loss)                              # input → layers.0 → layers.1 → layers.2 → … ** × 100 → +
    <Drawing: computational graph, 7,538 values folded into 9 boxes, 8 edges>
    >>> draw(loss, unfold="layers.0.1")         # the same with the inside of one neuron
    <Drawing: computational graph, 7,538 values folded into 14 boxes, 14 edges>
    """
    reading = Reading(graph, names, None if model is None else paths_of(model))
    wish = _wish(reading, fold, unfold, depth)
    if wish is None:
        seen = picture(reading, unfold=unfold is True)
    else:
        seen = folded(reading, wish, "model" if model is None else type(model).__name__)
    if edge_labels is None:
        edge_labels = len(seen.nodes) <= DETAILED and style != "circuit"
    return Drawing(seen, style, theme, rankdir, edge_labels, engine, legend, graph, names)


def _wish(
    reading: Reading, fold: bool | str | Sequence[str] | None, unfold: bool | str | Sequence[str], depth: int | None
) -> Wish | None:
    """Return what is to be folded and unfolded, or None to show every value."""
    closed = () if fold is None or isinstance(fold, bool) else _paths("fold", fold)
    opened = () if isinstance(unfold, bool) else _paths("unfold", unfold)
    if depth is not None and (isinstance(depth, bool) or not isinstance(depth, int) or depth < 0):
        raise VizError(f"depth={depth!r}; it is 0 for the model as one box, 1 for its layers, 2 for their neurons, …")
    if unfold is True or fold is False:
        every = "unfold=True" if unfold is True else "fold=False"
        if fold or opened or depth is not None:
            raise VizError(f"{every} shows every value; leave it out, or leave out what says which to show")
        return None
    large = is_large(reading.graph)
    if not large and not fold and not opened and depth is None:
        return None
    if fold is True and not large and not opened and depth is None:
        depth = 1
    return Wish(closed, opened, depth)


def _paths(what: str, paths: str | Sequence[str]) -> tuple[str, ...]:
    found = (paths,) if isinstance(paths, str) else tuple(paths) if isinstance(paths, (list, tuple, set)) else ()
    if not found or not all(isinstance(path, str) for path in found):
        raise VizError(f"{what}={paths!r}; it is True, False, a module's path, such as 'layers.0', or a list of paths")
    return found


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "es" if noun.endswith("x") else "s")
