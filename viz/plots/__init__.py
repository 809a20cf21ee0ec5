"""Pictures of training, drawn by matplotlib, which is an extra: ``pip install "glassgrad[plot]"``.

>>> from matplotlib.figure import Figure
>>> from nn import MLP, binary_cross_entropy_with_logits, fit, moons
>>> from viz.plots import plot_decision, plot_history
>>> X, y = moons(100)
>>> model = MLP(2, [8, 1], activation="tanh", seed=0)
>>> history = fit(model, X, y, loss=binary_cross_entropy_with_logits, epochs=50, validation=0.2)
>>> left, right = Figure().subplots(1, 2)
>>> curves, boundary = plot_history(history, ax=left), plot_decision(model, X, y, ax=right)

Functions called ``plot_…`` draw into the Axes ``ax`` and return them. Without ``ax`` they make a figure with pyplot,
which a notebook shows at the end of the cell and ``plt.show()`` in a window; with it they leave pyplot alone. Those
that need several Axes return the Figure. Models are as they were before.

    curves.py       plot_history, plot_run: loss and metrics
    boundary.py     plot_decision: which part of the plane goes to which class; plane.py
    gradients.py    GradientSizes, a callback of fit, and its pictures: vanishing, exploding, dead units
    surface.py      plot_loss_surface: the loss over two directions of the weights
    trail.py        WeightPath, a callback of fit: the weights epoch by epoch
    descents.py     plot_descent, plot_optimizers: paths over functions of two numbers; paths.py
    activations.py  plot_activation, plot_activations: functions with their derivatives
    flipbook.py     flip_book: a training run that plays, as SVG or GIF; turning.py
    look.py, evaluation.py   what all share: colours and legends; a model's outputs without a trace in it
"""

from __future__ import annotations

try:
    import matplotlib  # noqa: F401
except ImportError as error:
    raise ImportError('viz.plots needs matplotlib 3.8 or later: pip install "glassgrad[plot]"') from error

from viz.plots.activations import plot_activation, plot_activations
from viz.plots.boundary import plot_decision
from viz.plots.curves import plot_history, plot_run
from viz.plots.descents import beale, plot_descent, plot_optimizers, ravine
from viz.plots.flipbook import FlipBook, flip_book
from viz.plots.gradients import GradientSizes, plot_dead_units, plot_gradient_sizes, plot_gradients_by_layer
from viz.plots.surface import plot_loss_surface
from viz.plots.trail import WeightPath

__all__ = [
    "FlipBook", "GradientSizes", "WeightPath", "beale", "flip_book", "plot_activation", "plot_activations",
    "plot_dead_units", "plot_decision", "plot_descent", "plot_gradient_sizes", "plot_gradients_by_layer",
    "plot_history", "plot_loss_surface", "plot_optimizers", "plot_run", "ravine",
]  # fmt: skip
