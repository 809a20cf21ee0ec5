"""Decision boundaries: which part of the plane a model gives to which class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from nn.layers import MLP, Layer, Neuron
from nn.sequential import Sequential
from nn.training.problem import Model
from viz.errors import VizError
from viz.plots import look
from viz.plots.plane import Bounds, Plane, Samples

Array = NDArray[np.float64]


def plot_decision(
    model: Model,
    X: Any = None,  # noqa: N803  # as everywhere in the field
    y: Any = None,
    ax: Axes | None = None,
    *,
    threshold: float | None = None,
    hidden: bool = False,
    bounds: Bounds | None = None,
    classes: Sequence[Any] | None = None,
    features: Sequence[str] | None = None,
    resolution: int | None = None,
) -> Axes:
    """Draw which part of the plane a model of two features gives to which class, and the data on top.

    A model with one output s gives a point to the second class where s exceeds the threshold; the deeper the colour,
    the farther s is from it. A model with K outputs gives it to the class with the largest; at a tie to the first.

    Args:
        model: a Module, or a function of one sample: an MLP, a Perceptron, a network of step units, …
        X: samples, shape (n, 2); without them the plane alone is drawn, within ``bounds``.
        y: their labels: 0 and 1, or -1 and 1, or for K outputs 0 to K - 1; or any others, of which the order of sorting
            or else ``classes`` says which belongs to which output.
        ax: where to draw; None for a new figure.
        threshold: of one output; by default ½ if the model ends in a sigmoid or a step, else 0.
        hidden: whether to draw each unit of the first layer as the line where its total input w₁x₁ + w₂x₂ + b is 0,
            with ticks on the side where it is positive (lecture-14). The model's first part is a Layer or a Neuron.
        bounds: ((left, right), (bottom, top)); by default around the samples.
        classes: the classes' labels, in the order of the outputs; of one output the two of its sides, low and high.
        features: names for the two axes; by default a DataFrame's columns, or x₁ and x₂.
        resolution: how many points each way the model is asked for; by default 300, or 80 if it cannot be compiled.

    Raises:
        VizError: the model does not take two features, the labels do not fit its outputs, or an option cannot be.
        DataError, ShapeError: see ``nn.preparation.samples``.

    >>> from matplotlib.figure import Figure
    >>> from nn import Perceptron, logic
    >>> X, y = logic("or")
    >>> unit = Perceptron(2)
    >>> converged = unit.fit(X, y)
    >>> ax = plot_decision(unit, X, y, Figure().subplots(), hidden=True)
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('x₁', 'x₂')
    """
    data = Samples(X, y, classes, features)
    lines = hidden_lines(model) if hidden else []
    plane = Plane(data.bounds(bounds), model, threshold, resolution)
    data.match(plane.classes)
    scores = plane.scores()
    ax = look.axes_for(ax)
    plane.fill(ax, scores)
    plane.outline(ax, scores)
    handles = [*data.draw(ax, plane.bounds), plane.legend()]
    for weights, bias in lines:
        _half_plane(ax, weights, bias, plane.bounds)
    if lines:
        text = "hidden unit (ticks: its positive side)"
        handles.append(Line2D([], [], color=look.GREY, linewidth=1.2, linestyle="--", label=text))
    look.legend_above(ax, handles)
    return ax


def hidden_lines(model: Model) -> list[tuple[tuple[float, float], float]]:
    """Return the weights and the bias of each unit of a model's first layer.

    Raises:
        VizError: the model's first part is no Layer, MLP or Neuron, or does not take two inputs.

    >>> from nn.step_networks import edges, intersection
    >>> hidden_lines(intersection(edges([(0, 0), (1, 0), (0, 1)])))[0]
    ((-0.0, 1.0), -0.0)
    """
    first: Any = model
    while isinstance(first, (Sequential, MLP)):
        first = first.parts[0] if isinstance(first, Sequential) else first.layers[0]
    neurons = first.neurons if isinstance(first, Layer) else [first] if isinstance(first, Neuron) else []
    if not neurons:
        raise VizError(
            f"hidden=True draws the units of the first layer; a model whose first part is {first!r} has none that "
            "could be drawn in the plane of its inputs"
        )
    for neuron in neurons:
        if len(neuron.w) != 2:
            raise VizError(f"a unit is a line in the plane of 2 inputs; the first of this model has {len(neuron.w)}")
    return [((neuron.w[0].data, neuron.w[1].data), neuron.b.data) for neuron in neurons]


def crossing(weights: tuple[float, float], bias: float, bounds: Bounds) -> Array | None:
    """Return the two points where the line w₁x + w₂y + b = 0 enters and leaves a rectangle; None if it misses it.

    >>> crossing((1.0, 1.0), -1.0, ((0.0, 2.0), (0.0, 2.0))).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    (left, right), (bottom, top) = bounds
    w1, w2 = weights
    found = []
    if w2:
        found += [(x, -(w1 * x + bias) / w2) for x in (left, right)]
    if w1:
        found += [(-(w2 * y + bias) / w1, y) for y in (bottom, top)]
    inside = sorted({(x, y) for x, y in found if left <= x <= right and bottom <= y <= top})
    return np.array([inside[0], inside[-1]]) if len(inside) > 1 else None


def _half_plane(ax: Axes, weights: tuple[float, float], bias: float, bounds: Bounds) -> None:
    """Draw the line w₁x₁ + w₂x₂ + b = 0 across the picture, with ticks on its positive side."""
    ends = crossing(weights, bias, bounds)
    if ends is None:
        return
    ax.plot(*ends.T, color=look.GREY, linewidth=1.2, linestyle="--", zorder=2)
    window = ax.get_window_extent()
    dots = np.array([window.width, window.height]) / np.ptp(bounds, axis=1)  # of the picture, for a step of 1
    normal = np.array(weights) / dots  # so that the ticks look perpendicular
    tick = 0.02 * window.height * normal / np.hypot(*normal) / dots
    for share in (0.2, 0.4, 0.6, 0.8):
        foot = ends[0] + share * (ends[1] - ends[0])
        ax.plot(*np.stack([foot, foot + tick]).T, color=look.GREY, linewidth=1.2, zorder=2)
