"""animate(value): both passes as a picture that plays, one node at a time, forward and then backward.

It is one SVG file that moves by CSS keyframes alone, so it plays wherever an image is shown: in a notebook, in a saved
one, in a README. Without motion it is the finished picture: that is what stands in the attributes, and the keyframes,
which hide and light its parts, hold only for readers who have not asked for less motion.

    timeline.py   what is shown when, and what is said about it
    styles.py     the graph, laid out and coloured as for draw; svg.py
    scene.py      a class for each span of frames, on the parts that are seen in it
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, SupportsFloat

from autograd.graph import Graph
from autograd.value import Value
from viz.drawing import DETAILED
from viz.engine import check, render
from viz.errors import TooLargeError, VizError
from viz.graphic import Graphic
from viz.model import Picture, is_larger, picture
from viz.naming import names_for, with_names
from viz.scene import Scene
from viz.styles import layout
from viz.svg import finish
from viz.text import number, printable, shorten
from viz.theme import rows
from viz.timeline import Timeline

MOST_STEPS = 120  # forward and backward; at one second each that is two minutes
MOST_VALUES = 300


class Animation(Graphic):
    """Both passes through a graph, as a picture that plays. ``animate`` makes it.

    Attributes:
        svg: the whole file, as text.
        title: what it is called.
        seconds: how long it takes once, with the rest at its end.
    """

    def __init__(self, svg: str, title: str, steps: int, seconds: float) -> None:
        super().__init__(svg, title, f"{steps} steps, {seconds:g} s, {len(svg.encode()) / 1000:.0f} kB")
        self.seconds = seconds


def animate(
    graph: Value | Graph,
    *,
    seconds_per_step: SupportsFloat = 1.0,
    rest: SupportsFloat = 5.0,
    loop: bool = True,
    names: Mapping[str, Any] | None = None,
    style: str = "boxes",
    theme: str = "auto",
    rankdir: str = "LR",
    edge_labels: bool | None = None,
    engine: str | None = None,
) -> Animation:
    """Animate the forward and the backward pass through the graph below a Value, as an SVG that plays in any image.

    Forward, each node lights up and its value appears. Backward, each node lights up and passes its gradient on along
    its edges; a gradient that is still adding up shows its sum so far, hatched in a dashed frame, and one that is
    final stands in a plain frame. A caption tells each step in words and numbers. At the end the finished picture
    rests. Readers who have asked their system for less motion see the finished picture only.

    The numbers are those of ``Graph.steps``: the present values, and one backward pass with a gradient of 1, whatever
    ``backward()`` calls there have been. Nothing in the graph is changed.

    Args:
        graph: a Value, or a Graph.
        seconds_per_step: how long a step is shown, from 0.1 to 60.
        rest: for how many seconds the finished picture stays, from 0.5 to 600.
        loop: whether it begins anew after that; if not, the finished picture stays.
        names: names for Values without a label: name → Value, as in ``names=locals()``. The others become v1, v2, ….
        style: as for ``draw``: ``boxes``, ``circuit`` or ``micrograd``.
        theme: as for ``draw``: ``auto``, ``light``, ``dark``, ``cs231n``, ``cs231n-light`` or ``cs231n-dark``.
        rankdir: the direction of the computation, as for ``draw``.
        edge_labels: whether edges bear local derivatives, as for ``draw``.
        engine: the layout engine, as for ``draw``.

    Raises:
        TooLargeError: more than 120 steps, which are two for each operation, or more than 300 values.
        VizError: an argument that is not one of those named here, or a graph without an operation.
        EngineError: no layout engine is installed, or it failed.

    >>> from autograd import trace
    >>> animate(trace("q = x + y; f = q * z", x=-2, y=5, z=-4))
    <Animation: graph of f, step by step, 4 steps, 11 s, ...>

    In a notebook the last line is the picture; ``animate(f).save("steps.svg")`` writes it, and a page or a README shows
    it with ``<img src="steps.svg">``.
    """
    pace = _seconds("seconds_per_step", seconds_per_step, 0.1, 60.0)
    stay = _seconds("rest", rest, 0.5, 600.0)
    if not isinstance(loop, bool):
        raise VizError(f"loop={loop!r}; it is True, to play again and again, or False, to play once")
    check(engine)
    rows(theme)  # refuses an unknown one
    graph = _graph(graph)
    drawn = picture(graph, names)
    called = names_for(graph, drawn)
    shown = with_names(graph, drawn, called)
    timeline = Timeline(graph, list(called.values()))
    if edge_labels is None:
        edge_labels = len(shown.nodes) <= DETAILED and style != "circuit"
    edges = zip(shown.edges, timeline.carried, strict=True)
    shown = replace(shown, edges=tuple(replace(edge, local=local, amount=amount) for edge, (local, amount) in edges))
    wide = _wide(shown, timeline)
    sheet, laid_out = (layout(seen, style, theme, rankdir, edge_labels) for seen in (shown, wide))
    steps = len(timeline.frames) - 3
    title = f"{shorten(printable(shown.title), 120)}, step by step"
    raw = finish(render(laid_out.dot.source, "svg", engine), sheet.parts, title, "", theme)
    scene = Scene(raw, timeline, wide, theme, pace, stay, loop)
    return Animation(scene.text(), title, steps, scene.seconds)


# --- what is refused --------------------------------------------------------------------------------------------------


def _graph(graph: Value | Graph) -> Graph:
    """Return the Graph of what is to be animated, if that can be followed."""
    remedy = (
        "Animate a part, as in animate(node) for a Value further down, or the graph of one sample instead of many; an "
        "nn.Neuron is two operations, where w * x + b is many. draw(f) folds a large graph, and page(f) steps through "
        "one at the reader's pace"
    )
    output = graph.output if isinstance(graph, Graph) else graph
    if not isinstance(output, Value):
        raise VizError(f"animate takes a Value or a Graph, not {type(graph).__name__}; give it a computation's result")
    if is_larger(output, MOST_VALUES):
        raise TooLargeError(f"the graph has more than {MOST_VALUES} values, which nobody can follow. {remedy}")
    found = graph if isinstance(graph, Graph) else Graph(graph)
    steps = 2 * sum(not node.is_leaf for node in found.nodes)
    if steps > MOST_STEPS:
        raise TooLargeError(f"the animation would have {steps:,} steps; {MOST_STEPS} are the most. {remedy}")
    if steps == 0:
        name = f" {output.label!r}" if output.label else ""
        raise VizError(
            f"there is nothing to animate: the Value{name} is a leaf, which no operation made; draw() shows it"
        )
    return found


def _seconds(name: str, given: SupportsFloat, least: float, most: float) -> float:
    try:
        seconds = float(given)
    except (TypeError, ValueError):
        seconds = math.nan
    if isinstance(given, (str, bool)) or not least <= seconds <= most:
        raise VizError(f"{name}={given!r}; it is a number of seconds from {least:g} to {most:g}")
    return seconds


def _wide(shown: Picture, timeline: Timeline) -> Picture:
    """Return the picture with the widest of each node's gradients, so that all of them have room."""
    nodes = []
    for node, totals in zip(shown.nodes, timeline.totals, strict=True):
        gradients = [part.total for part in totals]
        widest = max(gradients, key=lambda x: len(number(x))) if gradients else None
        nodes.append(replace(node, gradient=widest))
    return replace(shown, nodes=tuple(nodes))
