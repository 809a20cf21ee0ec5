"""Surfaces as contour lines, and paths over them: what descents, optimisers and loss surfaces are drawn with."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from viz.plots import look
from viz.text import number

Array = NDArray[np.float64]

COLORS = (look.ORANGE, "#1b8a6b", "#7d4bb3", look.INK, "#b8860b", "#c2467f", "#0b7285", "#6b4423")  # off a blue ground
LINES = ("-", "--", "-.", ":")
LEVELS = 14


def contours(ax: Axes, x: Array, y: Array, heights: Array, lines: Array) -> None:
    """Draw a surface: bands from blue in the depths to white, and contour lines with their heights.

    Where the surface is not finite it stays blank.

    Args:
        ax: where to draw.
        x: the grid's columns.
        y: its rows.
        heights: shape (rows, columns).
        lines: the heights of the lines, in ascending order; the bands lie between them.
    """
    surface = np.ma.masked_invalid(heights)
    if len(lines) < 2:
        return
    ramp = look.heights()
    ax.contourf(x, y, surface, levels=lines, cmap=ramp, norm=BoundaryNorm(lines, ramp.N), extend="max", zorder=0)
    drawn = ax.contour(x, y, surface, levels=lines[1:], colors=[look.BLUE], linewidths=0.7, alpha=0.55, zorder=1)
    texts: list[Any] = list(
        ax.clabel(drawn, lines[1::2], fmt=lambda z: number(z, 3), fontsize="small", colors=[look.INK])
    )
    margin_x, margin_y = 0.05 * (x[-1] - x[0]), 0.04 * (y[-1] - y[0])
    for text in texts:
        text.set_alpha(1.0)
        a, b = text.get_position()
        if not (x[0] + margin_x < a < x[-1] - margin_x and y[0] + margin_y < b < y[-1] - margin_y):
            text.remove()  # the frame would cut it off


def levels(heights: Array, count: int = LEVELS) -> Array:
    """Return heights for a surface's contour lines, in ascending order, the first at its bottom.

    They are evenly spaced; or where the surface rises far above its middle, so that each is as many times as far above
    the bottom as the one before.

    >>> levels(np.array([[0.0, 6.5], [13.0, np.nan]])).tolist()[:3]
    [0.0, 1.0, 2.0]
    """
    finite = heights[np.isfinite(heights)]
    if finite.size == 0:
        return np.empty(0)
    bottom, top = float(finite.min()), float(finite.max())
    middle = float(np.median(finite)) - bottom
    if top - bottom <= 12.0 * middle:
        return np.unique(np.linspace(bottom, top, count))
    first = max(float(np.quantile(finite, 0.01)) - bottom, 1e-4 * middle, 1e-12 * (top - bottom))
    if first == 0.0:
        return np.unique([bottom, top])
    top = min(top, bottom + 1e6 * first)
    return np.unique([bottom, *(bottom + np.geomspace(first, top - bottom, count - 1))])


def levels_of_losses(losses: Array, count: int = LEVELS) -> Array:
    """Return heights for the contour lines of positive numbers: where they span orders of magnitude, each by a factor.

    >>> levels_of_losses(np.array([[0.01, 1.0]]), 3).round(6).tolist()
    [0.01, 0.1, 1.0]
    """
    finite = losses[np.isfinite(losses)]
    if finite.size == 0 or finite.max() <= 20.0 * max(float(finite.min()), 0.0) or finite.max() <= 0.0:
        return levels(losses, count)
    top = min(float(finite.max()), 1e3 * float(np.median(finite)) or np.inf)
    bottom = max(float(finite.min()), 1e-4 * top)
    lines = np.geomspace(bottom, top, count)
    return np.unique([min(float(finite.min()), bottom), *lines[1:]])


def path(ax: Axes, points: Array, label: str, i: int = 0) -> Line2D:
    """Draw a path: a line with a dot for each step, a ring at its start and a star at its end.

    Args:
        ax: where to draw.
        points: shape (steps + 1, 2).
        label: what to call it.
        i: which of several paths this is, for its colour and its kind of line.

    Returns:
        The line, for a legend.
    """
    color = COLORS[i % len(COLORS)]
    dots = "." if len(points) <= 80 else None
    ax.plot(*points.T, color="white", linewidth=3.2, alpha=0.8, zorder=3)  # which sets it off from the ground
    (line,) = ax.plot(
        *points.T, color=color, linestyle=LINES[i // len(COLORS) % 4], linewidth=1.7, marker=dots, markersize=6,
        label=label, zorder=4,
    )  # fmt: skip
    ax.plot(*points[0], marker="o", color=color, markerfacecolor="white", markersize=8, markeredgewidth=1.8, zorder=5)
    ax.plot(
        *points[-1], marker="*", color=color, markersize=14, markeredgecolor="white", markeredgewidth=1.0, zorder=6
    )  # fmt: skip
    return line


def rectangle(points: Array, margin: float = 0.15) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return a rectangle around points, with room on each side; one that is flat is made as high as it is wide.

    >>> rectangle(np.array([[0.0, 1.0], [10.0, 1.0]]))
    ((-1.5, 11.5), (-5.5, 7.5))
    """
    low, high = points.min(axis=0), points.max(axis=0)
    side = float((high - low).max()) or 1.0
    half = np.where(high - low > 0.02 * side, 0.5 * (high - low), 0.5 * side) * (1.0 + 2.0 * margin)
    centre = 0.5 * (low + high)
    (left, bottom), (right, top) = (centre - half).tolist(), (centre + half).tolist()
    return (left, right), (bottom, top)


def frame(ax: Axes, bounds: Any, names: tuple[str, str]) -> None:
    """Set the limits and name the axes."""
    ax.set_xlim(bounds[0])
    ax.set_ylim(bounds[1])
    ax.set_xlabel(names[0])
    ax.set_ylabel(names[1])
