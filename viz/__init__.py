"""Pictures of graphs.

>>> from autograd import Value
>>> from viz import draw
>>> x, y, z = Value(-2, label="x"), Value(5, label="y"), Value(-4, label="z")
>>> f = (x + y) * z
>>> f.backward()
>>> draw(f)
<Drawing: computational graph, 5 values, 4 edges>

In a notebook the last line is the picture; ``draw(f).save("graph.svg")`` writes it. A large graph is folded: its layers
and neurons become boxes, and what was done for each of many samples becomes a stack.

    model.py      a graph → nodes and edges, with their numbers
    folding.py    a large graph → boxes in their place, with ranges; on the way:
      modules.py    which neuron and layer each value belongs to
      skeleton.py   long sums as one operation, and what else folding asks of a graph
      boxes.py      which values share a box
      summaries.py  what a box says
    styles.py     → DOT text, in one of several styles, written on a sheet (sheet.py) with its words (words.py, text.py,
                  legend.py) and its colours (theme.py)
    engine.py     → laid out
    svg.py        → coloured, with tooltips
    mermaid.py    → or as Mermaid text, which GitHub draws
    drawing.py    draw() and Drawing, which put these together
    notebook.py   what a Value shows of itself

    page.py       page(): the graph as one HTML file that computes, from javascript.py, inline.py and live/
    animation.py  animate(): both passes as an SVG that plays, from timeline.py and scene.py
    network.py    network(): an MLP's neurons and weights, from neurons.py, wires.py and labels.py
    plots/        pictures of training, by Matplotlib, which is an extra
    graphic.py    what these pictures share; naming.py names their nodes, files.py writes them
"""

import importlib
from typing import Any

import nn  # noqa: F401  # it says which package it found, when the name autograd belongs to another one
from viz.animation import Animation, animate
from viz.drawing import Drawing, draw
from viz.errors import VizError
from viz.network import Network, network
from viz.page import Page, page

__all__ = ["Animation", "Drawing", "Network", "Page", "VizError", "animate", "draw", "network", "page"]


def __getattr__(name: str) -> Any:
    """Import ``viz.plots``, and with it Matplotlib, when it is asked for."""
    if name == "plots":
        return importlib.import_module("viz.plots")
    raise AttributeError(f"module 'viz' has no attribute {name!r}")
