"""A training run as a flip-book: the decision boundary epoch by epoch beside the loss, on axes that stay as they are.

It is one SVG file that moves by CSS alone, so it plays wherever an image is shown: in a notebook, in a saved one, in a
README. Readers who have asked their system for less motion see the last page. What shows no such SVG, such as slides,
gets the same pages as a GIF.

    pages    all of them are drawn in the same two axes, on top of each other
    SVG      saved once, as they are; turning.py then shows each at its time
    GIF      the pages drawn one by one
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from numpy.typing import NDArray

from nn.module import Module
from nn.training.history import History
from viz.errors import VizError
from viz.files import write
from viz.graphic import Graphic
from viz.plots import look
from viz.plots.plane import Bounds, Plane, Samples
from viz.plots.trail import WeightPath, check_path
from viz.plots.turning import turning

Array = NDArray[np.float64]
Colors = NDArray[np.int64]

RESOLUTION = 70
SIZE = (9.0, 3.9)  # inches
DOTS_PER_INCH, COLORS = 90, 128  # of the GIF
DEPTHS = (0.14, 0.28, 0.42)  # shares of colour, from near the threshold to far
MOST_FRAMES = 120


class FlipBook(Graphic):
    """A training run, page by page. ``flip_book`` makes it.

    Attributes:
        svg: the animated picture, as text.
        title: what it is called.
        epochs: which epochs the pages show.
        seconds: how long it takes once, with the rest at its end.
        figure: all pages on top of each other.
    """

    def __init__(self, svg: str, title: str, pages: _Pages, seconds: float, rest: float, loop: bool) -> None:
        about = f"{len(pages.epochs)} pages, {seconds + rest:g} s, {len(svg.encode()) / 1000:.0f} kB"
        super().__init__(svg, title, about)
        self.epochs, self.seconds, self.figure = pages.epochs, seconds + rest, pages.figure
        self._pages, self._times = pages, (seconds, rest, loop)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the flip-book as .svg or .gif, whole or not at all, and return the path.

        Raises:
            VizError: the path has another suffix.
            SaveError: the path cannot be written.
        """
        target = Path(path)
        kind = target.suffix.lower()
        if kind not in (".svg", ".gif"):
            raise VizError(f"{str(path)!r} ends neither in .svg nor in .gif, which a flip-book is saved as")
        write(target, self.svg.encode() if kind == ".svg" else self._pages.gif(*self._times))
        return target


def flip_book(
    model: Module,
    X: Any,  # noqa: N803  # as everywhere in the field
    y: Any,
    path: WeightPath,
    history: History,
    *,
    frames: int = 40,
    seconds: float = 8.0,
    rest: float = 3.0,
    loop: bool = True,
    threshold: float | None = None,
    bounds: Bounds | None = None,
    classes: Sequence[Any] | None = None,
    features: Sequence[str] | None = None,
) -> FlipBook:
    """Draw a training run as a flip-book: the decision boundary of each epoch, and the loss up to there.

    Axes and colours are the same on every page; how far a single output is from the threshold is measured by the last.

    Args:
        model: a Module of two features.
        X: the samples, shape (n, 2), as for ``plot_decision``.
        y: their labels.
        path: a WeightPath that was a callback of ``fit``.
        history: what ``fit`` returned.
        frames: how many pages at most, from 2 to 120; they are evenly spaced over the epochs.
        seconds: how long all pages but the last take together.
        rest: for how long the last one stays.
        loop: whether it begins anew after that.
        threshold: as for ``plot_decision``, and so are the others.
        bounds: see there.
        classes: see there.
        features: see there.

    Raises:
        VizError: an argument that cannot be, or that belongs to another run.
        DataError, ShapeError: see ``nn.preparation.samples``.

    >>> from nn import MLP, binary_cross_entropy_with_logits, fit, moons
    >>> X, y = moons(40)
    >>> model = MLP(2, [4, 1], seed=0)
    >>> path = WeightPath(model)
    >>> history = fit(model, X, y, loss=binary_cross_entropy_with_logits, epochs=4, callbacks=path)
    >>> flip_book(model, X, y, path, history)
    <FlipBook: decision boundary, epoch 0 to 4, 5 pages, 11 s, ...>

    In a notebook the last line is the picture; ``.save("run.svg")`` or ``.save("run.gif")`` writes it.
    """
    check_path(path)
    if path.model is not model:
        raise VizError(f"the path is that of another model, {path.model!r}; this one is {model!r}")
    if len(path.epochs) < 2:
        raise VizError("the path has epoch 0 alone: give it to fit(…, callbacks=path), which fills it")
    if not isinstance(history, History) or history.epochs < path.epochs[-1]:
        raise VizError(f"the path goes to epoch {path.epochs[-1]}, so it is not of this history: {history!r}")
    if isinstance(frames, bool) or not isinstance(frames, (int, np.integer)) or not 2 <= frames <= MOST_FRAMES:
        raise VizError(f"frames is a number of pages from 2 to {MOST_FRAMES}; not {frames!r}")
    times = _seconds("seconds", seconds, 0.1), _seconds("rest", rest, 0.0)
    if not isinstance(loop, bool):
        raise VizError(f"loop={loop!r}; it is True, to play again and again, or False, to play once")
    data = Samples(X, y, classes, features)
    plane = Plane(data.bounds(bounds), model, threshold, RESOLUTION)
    data.match(plane.classes)
    chosen = np.unique(np.linspace(0, len(path.epochs) - 1, int(frames)).round().astype(int))
    pages = _Pages(plane, data, path.weights[chosen], [path.epochs[i] for i in chosen], history)
    title = f"decision boundary, epoch {pages.epochs[0]} to {pages.epochs[-1]}"
    return FlipBook(pages.svg(title, *times, loop), title, pages, *times, loop)


@dataclass
class _Page:
    """What is seen on one page alone, and what is seen from it on."""

    own: list[Artist] = field(default_factory=list)
    lasting: list[Artist] = field(default_factory=list)


class _Pages:
    """All pages on top of each other in one figure."""

    def __init__(self, plane: Plane, data: Samples, weights: Array, epochs: list[int], history: History) -> None:
        self.epochs = epochs
        self.figure = Figure(figsize=SIZE, layout=ConstrainedLayoutEngine(wspace=0.06))
        self._salt = hashlib.sha256(weights.tobytes() + str(epochs).encode()).hexdigest()[:8]
        left, right = self.figure.subplots(1, 2, width_ratios=(1.15, 1.0))
        self.pages = [_Page() for _ in epochs]
        scores = [plane.scores(theta) for theta in weights]
        bands = _bands(plane, scores[-1])
        left.set_facecolor(bands[0][2])
        for page, here in zip(self.pages, scores, strict=True):
            fields = plane.margins(here)
            for k, level, color in bands[1:]:
                if np.nanmax(fields[k]) > level:
                    top = max(float(np.nanmax(fields[k])), level) + 1.0
                    page.own.append(left.contourf(plane.x, plane.y, fields[k], [level, top], colors=[color], zorder=1))
            page.own += plane.outline(left, here)
        handles = [*data.draw(left, plane.bounds), plane.legend()]
        self._losses(right, history)
        for _ in range(2):  # how wide the axes are says in how many columns a legend fits, which says how high they are
            look.legend_above(left, handles)
            look.legend_above(right)
            _draw(self.figure)
        self.figure.set_layout_engine("none")  # pages that hide a part must not move the others

    def _losses(self, ax: Axes, history: History) -> None:
        """Draw the whole curves pale, and on each page's top of them their part since the page before."""
        words = {"loss": "training", "validation_loss": "validation"}
        names = [name for name in words if name in history]
        for i, name in enumerate(names):
            color, numbers = look.color_of(i), history[name]
            at = np.arange(1, len(numbers) + 1)
            ax.plot(at, numbers, color=look.pale(color, 0.3), linewidth=1.4, zorder=2)
            ax.plot([], [], color=color, linewidth=2.2, label=words[name])
            begin = 0
            for page, epoch in zip(self.pages, self.epochs, strict=True):
                if epoch > 0:
                    page.lasting += ax.plot(at[begin:epoch], numbers[begin:epoch], color=color, linewidth=2.2, zorder=3)
                    page.own += ax.plot(
                        at[epoch - 1], numbers[epoch - 1], "o", color=color, markersize=7, zorder=4, clip_on=False
                    )
                    begin = epoch - 1
        for page, epoch in zip(self.pages, self.epochs, strict=True):
            page.own.append(
                ax.text(1.0, 1.02, f"epoch {epoch}", transform=ax.transAxes, ha="right", va="bottom", fontsize="large")
            )
        look.open_frame(ax)
        look.whole_numbers(ax)
        ax.set_xlim(0, max(self.epochs[-1], history.epochs))
        ax.set_ylim(*_limits([history[name] for name in names]))
        ax.set_xlabel("epoch")
        ax.set_ylabel("loss")

    def svg(self, title: str, seconds: float, rest: float, loop: bool) -> str:
        """Return the animated picture."""
        for k, page in enumerate(self.pages):
            for kind, artists in (("own", page.own), ("lasting", page.lasting)):
                for i, artist in enumerate(artists):
                    artist.set_gid(f"page-{k}-{kind}-{i}")
        file = io.StringIO()
        with mpl.rc_context({"svg.hashsalt": self._salt, "svg.fonttype": "none"}):
            self.figure.savefig(file, format="svg", metadata={"Date": None})
        name = "g" + hashlib.sha256(f"{self._salt} {seconds} {rest} {loop}".encode()).hexdigest()[:8]
        return turning(file.getvalue(), name, title, len(self.pages), seconds, rest, loop)

    def gif(self, seconds: float, rest: float, loop: bool) -> bytes:
        """Return the pages as a GIF; all have one palette, the colours most seen, so that none changes by itself."""
        from PIL import Image

        self.figure.set_dpi(DOTS_PER_INCH)
        seen = []
        for k in range(len(self.pages)):
            self._turn_to(k)
            seen.append(_draw(self.figure))
        self._turn_to(None)
        palette = _most_seen(seen[:: max(len(seen) // 4, 1)])
        images = [Image.fromarray(_nearest(colors, palette)) for colors in seen]
        for image in images:
            image.putpalette(_rgb(palette).astype(np.uint8).tobytes())
        pace, stay = (max(20, 10 * round(100.0 * time)) for time in (seconds / (len(images) - 1), rest))  # milliseconds
        durations = [pace] * (len(images) - 1) + [stay]
        file, often = io.BytesIO(), {"loop": 0} if loop else {}
        images[0].save(file, "GIF", save_all=True, append_images=images[1:], duration=durations, **often)
        return file.getvalue()

    def _turn_to(self, shown: int | None) -> None:
        """Show one page alone, or all of them."""
        for k, page in enumerate(self.pages):
            for artist in page.own:
                artist.set_visible(shown is None or k == shown)
            for artist in page.lasting:
                artist.set_visible(shown is None or k <= shown)


def _bands(plane: Plane, last: Array) -> list[tuple[int, float, str]]:
    """Return which field is filled above which level in which colour, from the ground up."""
    if len(plane.margins(last)) > 1:
        return [(k, 0.0, look.pale(look.color_of(k), 0.25)) for k in range(plane.classes)]
    reach = plane.reach(last)
    blue = [look.pale(look.BLUE, share) for share in reversed(DEPTHS)]
    orange = [look.pale(look.ORANGE, share) for share in DEPTHS]
    levels = [-np.inf, *(reach * share for share in (-0.75, -0.35, 0.0, 0.35, 0.75))]
    return [(0, level, color) for level, color in zip(levels, blue + orange, strict=True)]


def _draw(figure: Figure) -> Colors:
    """Draw a figure, and return the colour of each pixel as one number."""
    canvas: Any = FigureCanvasAgg(figure)  # matplotlib's canvases have no types
    canvas.draw()
    red, green, blue, _ = np.moveaxis(np.asarray(canvas.buffer_rgba()).astype(np.int64), 2, 0)
    colors: Colors = red << 16 | green << 8 | blue
    return colors


def _most_seen(pages: list[Colors]) -> Colors:
    """Return the colours that most pixels have: the flat parts are then exact, and edges nearly."""
    colors, counts = np.unique(np.concatenate(pages), return_counts=True)
    return colors[np.argsort(-counts, kind="stable")[:COLORS]]


def _nearest(page: Colors, palette: Colors) -> NDArray[np.uint8]:
    """Return for each pixel which colour of the palette is nearest."""
    colors, places = np.unique(page, return_inverse=True)
    distances = np.sum((_rgb(colors)[:, None, :] - _rgb(palette)[None, :, :]) ** 2, axis=2)
    nearest: NDArray[np.uint8] = np.argmin(distances, axis=1).astype(np.uint8)
    return nearest[places.reshape(page.shape)]


def _rgb(colors: Colors) -> Colors:
    return np.stack([colors >> 16, colors >> 8 & 255, colors & 255], axis=1)


def _limits(curves: list[Array]) -> tuple[float, float]:
    numbers = np.concatenate(curves)
    numbers = numbers[np.isfinite(numbers)]
    low, high = (float(numbers.min()), float(numbers.max())) if numbers.size else (0.0, 1.0)
    margin = 0.05 * ((high - low) or 1.0)
    return min(low - margin, 0.0) if low >= 0.0 else low - margin, high + margin


def _seconds(what: str, given: Any, least: float) -> float:
    if isinstance(given, bool) or not isinstance(given, (int, float, np.number)) or not least <= given <= 600.0:
        raise VizError(f"{what}={given!r}; it is a number of seconds from {least:g} to 600")
    return float(given)
