"""Activations with their derivatives, their kinks and jumps shown as they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from autograd.errors import AutogradError
from autograd.value import Value
from nn.layers import Activation, known_activation
from viz.errors import VizError
from viz.plots import look

Array = NDArray[np.float64]
Point = tuple[float, float]

USUAL = (
    "sigmoid", "tanh", "softsign", "sign", "relu", "leaky_relu", "elu", "linear", "softplus", "gelu", "silu", "step",
)  # fmt: skip
POINTS = 801
STEEP = 0.05  # what a smooth line does not rise or fall between two points, unless it is steep
ENDLESS = 1e6  # a line that goes so far has no end to mark


def plot_activation(activation: Activation, ax: Axes | None = None, *, span: tuple[float, float] = (-4.0, 4.0)) -> Axes:
    """Draw a function f of one number and its derivative f′.

    At a jump a line ends in a ring, and a dot shows the number that is taken there: relu′(0) is 0.

    Args:
        activation: the name of an operation that takes one number, as for ``nn.Neuron``; or a function of a Value.
        ax: where to draw; None for a new figure.
        span: from where to where.

    Raises:
        SettingError: there is no such activation; the message lists those there are.
        VizError: the span is not one, or the function is not defined in it.

    >>> from matplotlib.figure import Figure
    >>> ax = plot_activation("relu", Figure().subplots())
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['relu(x)', 'relu′(x)']
    """
    function, name = _function(activation)
    curve = _Curve(function, name, *_span(span))
    ax = look.axes_for(ax)
    _draw(ax, curve, name)
    look.legend_above(ax)
    return ax


def plot_activations(
    activations: Sequence[Activation] = USUAL, *, columns: int = 4, span: tuple[float, float] = (-4.0, 4.0)
) -> Figure:
    """Draw several activations, each with its derivative, in one figure; those in a row have the same scale.

    Args:
        activations: names or functions, as for ``plot_activation``; by default twelve usual ones.
        columns: how many stand beside each other.
        span: from where to where.

    Raises:
        SettingError: there is no such activation.
        VizError: an argument that cannot be.
    """
    if isinstance(activations, str) or not len(activations):
        raise VizError(f"activations is a list of names or functions, as in ['sigmoid', 'relu']; not {activations!r}")
    if isinstance(columns, bool) or not isinstance(columns, (int, np.integer)) or columns < 1:
        raise VizError(f"columns is a whole number of at least 1; not {columns!r}")
    curves = [(name, _Curve(f, name, *_span(span))) for f, name in map(_function, activations)]
    wide = min(int(columns), len(curves))
    rows = -(-len(curves) // wide)
    figure, axes = look.panels(rows, wide, 0.47, 0.47, sharex=True, sharey="row")
    for ax, (name, curve) in zip(axes.flat, curves, strict=False):
        _draw(ax, curve, "f")
        ax.set_title(name, fontsize="medium")
        ax.label_outer()
    for ax in axes.flat[len(curves) :]:
        ax.set_axis_off()
    for row in range(rows):
        limits = np.array([curve.limits for _, curve in curves[row * wide : (row + 1) * wide]])
        axes[row, 0].set_ylim(limits[:, 0].min(), limits[:, 1].max())
    figure.legend(
        handles=axes[0, 0].get_legend_handles_labels()[0], loc="outside upper left", ncols=2, frameon=False
    )  # fmt: skip
    return figure


class _Curve:
    """A function and its derivative on a span, in pieces that end where one of the two jumps.

    Attributes:
        x: the points.
        f: the function there, nan between pieces.
        slope: its derivative, likewise.
        limits: the heights to show.
    """

    def __init__(self, function: Callable[[Value], Any], name: str, low: float, high: float) -> None:
        self._function = function
        x = np.linspace(low, high, POINTS)
        x[np.abs(x) < 1e-9 * (high - low)] = 0.0  # where most kinks are
        values = np.array([self._at(a) for a in x.tolist()])
        if not np.isfinite(values[:, 0]).any():
            raise VizError(f"{name} is not defined anywhere from {low:g} to {high:g}; choose another span")
        self.rings: list[list[Point]] = [[], []]
        self.dots: list[list[Point]] = [[], []]
        self.lines = [self._line(x, values[:, k], k) for k in (0, 1)]
        shown = np.concatenate([line[:, 1] for line in self.lines])
        shown = shown[np.isfinite(shown)]
        tallest = max(1.5 * float(np.quantile(np.abs(shown), 0.95)), 1.0)  # what goes farther, as 1 / x, is cut off
        bottom, top = max(float(shown.min()), -tallest), min(float(shown.max()), tallest)
        margin = 0.08 * ((top - bottom) or 1.0)
        self.limits = (bottom - margin, top + margin)

    def _at(self, x: float) -> Point:
        """Return the function and its derivative at a point; nan where they are not defined."""
        point = Value(x)
        try:
            result = self._function(point)
            if isinstance(result, Value):
                result.backward()
            return float(result), point.grad
        except AutogradError:
            return np.nan, np.nan

    def _line(self, x: Array, heights: Array, k: int) -> Array:
        """Return the points of a line with gaps at jumps, and note what is drawn at those."""
        steep = np.flatnonzero(np.abs(np.diff(heights)) > STEEP)
        jumps = {self._steepest(float(x[i]), float(x[i + 1]), k) for i in steep.tolist()}
        points = dict(zip(x.tolist(), ([height] for height in heights.tolist()), strict=True))
        for place in jumps:
            near = 1e-9 * max(1.0, abs(place))
            before, there, after = (self._at(place + shift)[k] for shift in (-near, 0.0, near))
            if max(abs(after - before), abs(there - before)) < STEEP:
                continue
            points[place] = [before, np.nan, after]
            if max(abs(before), abs(after)) < ENDLESS:
                self.rings[k] += [(place, end) for end in dict.fromkeys((before, after)) if abs(end - there) >= STEEP]
                self.dots[k].append((place, there))
        return np.array([(place, height) for place, here in sorted(points.items()) for height in here])

    def _steepest(self, low: float, high: float, k: int) -> float:
        """Return the point between two where the line rises or falls most, to nine decimals."""
        start, end = self._at(low)[k], self._at(high)[k]
        while high - low > 1e-10 * max(1.0, abs(low)):
            middle = 0.5 * (low + high)
            there = self._at(middle)[k]
            if abs(there - start) > abs(end - there):
                high, end = middle, there
            else:
                low, start = middle, there
        return round(0.5 * (low + high), 9) + 0.0


def _draw(ax: Axes, curve: _Curve, name: str) -> None:
    """Draw a function in blue and its derivative in orange, as values and gradients are elsewhere."""
    for k, (color, style, label) in enumerate([(look.BLUE, "-", f"{name}(x)"), (look.ORANGE, "--", f"{name}′(x)")]):
        ax.plot(*curve.lines[k].T, color=color, linestyle=style, linewidth=2.2, label=label, zorder=3 + k)
        for points, face in ((curve.rings[k], "white"), (curve.dots[k], color)):
            if points:
                ax.plot(
                    *np.array(points).T, linestyle="none", marker="o", markersize=6, color=color, markerfacecolor=face,
                    markeredgewidth=1.6, zorder=5,
                )  # fmt: skip
    look.open_frame(ax)
    ax.set_xlim(curve.lines[0][0, 0], curve.lines[0][-1, 0])
    ax.set_ylim(curve.limits)
    ax.set_xlabel("x")


def _function(activation: Activation) -> tuple[Callable[[Value], Any], str]:
    """Return an activation as a function of a Value, and its name."""
    known = known_activation(activation)
    if not isinstance(known, str):
        name = getattr(known, "__name__", "f")
        return known, name if name.isidentifier() else "f"
    if known == "linear":
        return lambda x: x * 1.0, known
    return lambda x: getattr(x, known)(), known


def _span(span: Any) -> tuple[float, float]:
    try:
        low, high = (float(x) for x in span)
    except (TypeError, ValueError):
        low = high = 0.0
    if not (np.isfinite([low, high]).all() and low < high):
        raise VizError(f"span is from where to where, as in (-4, 4); not {span!r}")
    return low, high
