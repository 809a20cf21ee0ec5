"""How the pictures of training look: their colours, their axes, where a legend goes.

Blue and orange are the value's and the gradient's of theme.py, and come first everywhere; colour-blind readers tell
them apart, and line styles and markers say the same once more. Fonts, sizes and the background are the reader's own
rcParams; nothing here changes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LinearSegmentedColormap, to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatter, MaxNLocator
from numpy.typing import NDArray

from viz.errors import VizError
from viz.text import number
from viz.theme import colours

Array = NDArray[np.float64]
Color = str | tuple[float, float, float]

_LIGHT = colours("light")
BLUE, ORANGE = _LIGHT["value"], _LIGHT["gradient"]
INK, GREY = _LIGHT["name"], _LIGHT["line"]
PALETTE = (BLUE, ORANGE, "#1b8a6b", "#7d4bb3", "#c99a06", "#4aa8dc", "#c2467f", GREY)
MARKERS = ("o", "^", "s", "D", "v", "P", "X", "*")


def color_of(i: int) -> str:
    """Return the colour of the i-th thing; after eight they come again."""
    return PALETTE[i % len(PALETTE)]


def pale(color: Color, share: float) -> str:
    """Return a colour mixed with white, of which ``share`` is the colour's part.

    >>> pale("#000000", 0.2)
    '#cccccc'
    """
    red, green, blue = (1.0 - share * (1.0 - x) for x in to_rgb(color))
    return to_hex((red, green, blue))


def two_sided() -> Colormap:
    """Return the colours from blue over white to orange: below a threshold, at it, above it."""
    return LinearSegmentedColormap.from_list("glassgrad_sides", [pale(BLUE, 0.42), "#ffffff", pale(ORANGE, 0.42)])


def heights() -> Colormap:
    """Return the colours of a surface, from its depths in blue to its heights in white."""
    return LinearSegmentedColormap.from_list("glassgrad_heights", [pale(BLUE, 0.5), pale(BLUE, 0.2), "#ffffff"])


def in_order(count: int) -> list[str]:
    """Return colours for things that have an order, such as layers: from orange to blue."""
    ramp = LinearSegmentedColormap.from_list("glassgrad_order", ["#d4700f", "#c2467f", "#7d4bb3", BLUE])
    return [to_hex(ramp(i / max(count - 1, 1))) for i in range(count)]


def axes_for(ax: Any) -> Axes:
    """Return the Axes to draw in: the one that is given, or those of a new pyplot figure.

    Only the latter touches pyplot, so that ``plt.show()`` and notebooks show the figure.

    Raises:
        VizError: something else is given.
    """
    if ax is None:
        from matplotlib import pyplot

        return pyplot.subplots(layout="constrained")[1]
    if not isinstance(ax, Axes):
        what = "a Figure; give one of its Axes, as figure.subplots() returns" if isinstance(ax, Figure) else repr(ax)
        raise VizError(f"ax is the Axes to draw in, or None for a new figure; not {what}")
    return ax


def panels(rows: int, columns: int, width: float = 1.0, height: float = 1.0, **options: Any) -> tuple[Figure, Any]:
    """Return a new pyplot figure and its Axes, an array of ``rows`` by ``columns``.

    Args:
        rows: how many above each other.
        columns: how many beside each other.
        width: of a panel, as a multiple of the reader's own ``figure.figsize``.
        height: likewise.
        **options: anything else that ``plt.subplots`` takes.
    """
    import matplotlib as mpl
    from matplotlib import pyplot

    usual = mpl.rcParams["figure.figsize"]
    size = (usual[0] * width * columns, usual[1] * height * rows)
    figure, axes = pyplot.subplots(rows, columns, figsize=size, layout="constrained", squeeze=False, **options)
    return figure, axes


def open_frame(ax: Axes) -> None:
    """Leave out the frame's upper and right side, and lay a pale grid under the data."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(True, color=GREY, alpha=0.2, linewidth=0.8)
    ax.set_axisbelow(True)


def logarithmic(ax: Axes) -> None:
    """Make the vertical axis logarithmic, with plain numbers and lines between the powers of ten."""
    ax.set_yscale("log")
    ax.yaxis.set_major_formatter(_PlainNumbers())
    ax.yaxis.set_minor_formatter(_PlainNumbers())
    ax.grid(True, axis="y", which="minor", color=GREY, alpha=0.1, linewidth=0.6)


def whole_numbers(ax: Axes) -> None:
    """Put ticks of the horizontal axis at whole numbers, for it counts something."""
    ax.xaxis.set_major_locator(MaxNLocator(nbins="auto", integer=True, steps=[1, 2, 5, 10]))


class _PlainNumbers(LogFormatter):
    """The numbers on a logarithmic axis, as 0.02 instead of 2e-02; which of them are shown is matplotlib's choice."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        return number(x) if super().__call__(x, pos) else ""


def legend_above(ax: Axes, handles: Sequence[Any] | None = None, title: str | None = None) -> None:
    """Put the legend above the Axes, where it covers nothing, in as few rows as there is room for.

    A title goes above it: a title makes room for child Axes, so an empty one stands where the legend is.

    Args:
        ax: the Axes.
        handles: what to explain; by default everything with a label.
        title: what the legend's entries are about.
    """
    handles = ax.get_legend_handles_labels()[0] if handles is None else list(handles)
    for child in [child for child in ax.child_axes if child.get_label() == _SPACER]:
        child.remove()
    if not handles:
        return
    figure = ax.figure
    engine = figure.get_layout_engine()
    if engine is not None and isinstance(figure, Figure):
        engine.execute(figure)  # or else the axes are not yet as wide as they will be
    room = ax.get_window_extent()
    for columns, size in product(range(min(len(handles), 4), 0, -1), ("medium", "small")):
        legend = ax.legend(
            handles=handles, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=columns, frameon=False, borderpad=0.2,
            borderaxespad=0.0, handlelength=1.4, columnspacing=1.0, handletextpad=0.5, title=title, alignment="left",
            fontsize=size, title_fontsize=size,
        )  # fmt: skip
        extent = legend.get_window_extent()
        if extent.width <= room.width:
            break
    spacer = ax.inset_axes((0.0, 1.0, 1.0, extent.height / room.height), label=_SPACER)
    spacer.set_axis_off()


_SPACER = "room for the legend"
