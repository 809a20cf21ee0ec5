"""Pictures of graphs.

>>> from autograd import Value
>>> from viz import draw
>>> x, y, z = Value(-2, label="x"), Value(5, label="y"), Value(-4, label="z")
>>> f = (x + y) * z
>>> f.backward()
>>> draw(f)
<Drawing: computational graph, 5 values, 4 edges>

In a notebook the last line is the picture; ``draw(f).save("graph.svg")`` writes it.

    model.py     a graph → nodes and edges, with their numbers
    styles.py    → DOT text, in one of several styles; text.py and theme.py: its words and colours
    engine.py    → laid out
    svg.py       → coloured, with tooltips
    drawing.py   draw() and Drawing, which put these together
    notebook.py  what a Value shows of itself
"""

import nn  # noqa: F401  # it says which package it found, when the name autograd belongs to another one
from viz.drawing import Drawing, draw
from viz.errors import VizError

__all__ = ["Drawing", "VizError", "draw"]
