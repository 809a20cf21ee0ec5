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

import importlib.util

if importlib.util.find_spec("autograd") is None or importlib.util.find_spec("autograd.value") is None:
    # PyPI's autograd (HIPS) installs the same import name.
    _found = importlib.util.find_spec("autograd")
    raise ImportError(
        f"viz draws the Values of glassgrad's own package autograd, but 'autograd' is "
        f"{_found.origin if _found else 'not installed'}; in a fresh virtual environment, install glassgrad alone "
        "(pip uninstall autograd removes another package of that name)",
        name="autograd",
    )

from viz.drawing import Drawing, draw
from viz.errors import VizError

__all__ = ["Drawing", "VizError", "draw"]
