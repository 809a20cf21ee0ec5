"""Functions of two numbers as contour lines, with the paths that gradient descent and the optimisers take over them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, SupportsFloat

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from autograd import parameter
from autograd.errors import AutogradError, CompileError
from autograd.program import compile  # noqa: A004  # autograd's name
from autograd.value import Value
from nn.cells import counted
from nn.descent import Descent
from nn.optimizers import SGD, Adadelta, Adagrad, Adam, Optimizer, RMSprop
from viz.errors import VizError
from viz.plots import look, paths
from viz.plots.plane import Bounds, checked_bounds
from viz.text import number

Array = NDArray[np.float64]
Function = Callable[..., Any]
MakeOptimizer = Callable[[Sequence[Value]], Optimizer]

RESOLUTION = 160


def ravine(x: Any, y: Any) -> Any:
    """Return ½ (x² + 20 y²): a valley 20 times as steep across as along, with its bottom, 0, at (0, 0).

    >>> ravine(2.0, 0.5)
    4.5
    """
    return 0.5 * (x * x + 20.0 * y * y)


def beale(x: Any, y: Any) -> Any:
    """Return Beale's function, (1.5 - x + xy)² + (2.25 - x + xy²)² + (2.625 - x + xy³)²; it is 0 at (3, ½).

    E. M. L. Beale, "On an iterative method for finding a local minimum of a function of more than one variable", 1958.

    >>> beale(3.0, 0.5)
    0.0
    """
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


#: What ``plot_optimizers`` compares unless told otherwise, with rates that suit ``ravine``.
OPTIMIZERS: dict[str, MakeOptimizer] = {
    "SGD": lambda p: SGD(p, 0.09),
    "momentum": lambda p: SGD(p, 0.02, momentum=0.85),
    "Nesterov": lambda p: SGD(p, 0.02, momentum=0.85, nesterov=True),
    "Adagrad": lambda p: Adagrad(p, 1.0),
    "RMSprop": lambda p: RMSprop(p, 0.15, alpha=0.9),
    "Adadelta": lambda p: Adadelta(p, 60.0),
    "Adam": lambda p: Adam(p, 0.3),
}


def plot_descent(
    f: Function,
    descents: Descent | Sequence[Descent] | Mapping[str, Descent],
    ax: Axes | None = None,
    *,
    bounds: Bounds | None = None,
    names: tuple[str, str] = ("x", "y"),
) -> Axes:
    """Draw a function of two numbers as contour lines, with the paths of gradient descents: where each ends.

    Args:
        f: the function, as ``gradient_descent`` takes it.
        descents: what that returned; or several of them, from several starts, in a list, or in a dict with names. The
            path of a descent that diverged is in its error: ``error.descent``.
        ax: where to draw; None for a new figure.
        bounds: ((left, right), (bottom, top)); by default around the paths.
        names: of the two axes.

    Raises:
        VizError: a descent is not of two coordinates, or an argument cannot be.

    >>> from matplotlib.figure import Figure
    >>> from nn import gradient_descent
    >>> starts = [gradient_descent(beale, start, learning_rate=0.01) for start in [(1, 1), (4, 0.9)]]
    >>> ax = plot_descent(beale, starts, Figure().subplots())
    >>> ax.get_legend().get_texts()[0].get_text()
    'from (1, 1): 1.644e−6 after 1560 steps'
    """
    named = _named(descents)
    ways = [descent.points for descent in named.values()]
    for points in ways:
        if points.shape[1] != 2:
            raise VizError(f"contour lines are of a function of 2 numbers; this descent is over {points.shape[1]}")
    return _drawn(f, dict(zip(named, ways, strict=True)), ax, bounds, names)


def plot_optimizers(
    f: Function = ravine,
    start: tuple[SupportsFloat, SupportsFloat] = (-8.0, 1.5),
    optimizers: Mapping[str, MakeOptimizer] | None = None,
    ax: Axes | None = None,
    *,
    steps: int = 60,
    bounds: Bounds | None = None,
    names: tuple[str, str] = ("x", "y"),
) -> Axes:
    """Draw the paths that optimisers take from one start over one surface.

    Args:
        f: a function of two Values.
        start: where all of them begin.
        optimizers: name → a function that makes an optimiser of two parameters, as in
            ``{"Adam": lambda p: Adam(p, 0.1)}``; by default SGD, momentum, Nesterov, Adagrad, RMSprop, Adadelta and
            Adam, with rates that suit ``ravine``.
        ax: where to draw; None for a new figure.
        steps: how many each of them does. One that diverges stops there, which the legend says.
        bounds: ((left, right), (bottom, top)); by default around the paths, as far as they stay near.
        names: of the two axes.

    Raises:
        VizError: an argument that cannot be.

    >>> from matplotlib.figure import Figure
    >>> from nn import Adam
    >>> ax = plot_optimizers(beale, (1, 1.5), {"Adam": lambda p: Adam(p, 0.1)}, Figure().subplots(), steps=100)
    """
    chosen = OPTIMIZERS if optimizers is None else optimizers
    if not isinstance(chosen, Mapping) or not chosen or not all(callable(make) for make in chosen.values()):
        raise VizError(
            "optimizers are functions that make one of two parameters, by name, as in "
            f"{{'Adam': lambda p: Adam(p, 0.1)}}; not {optimizers!r}"
        )
    if isinstance(steps, bool) or not isinstance(steps, (int, np.integer)) or steps < 1:
        raise VizError(f"steps is a whole number of at least 1; not {steps!r}")
    ways = {name: optimizer_path(f, start, make, int(steps)) for name, make in chosen.items()}
    return _drawn(f, ways, ax, bounds, names, int(steps))


def optimizer_path(f: Function, start: tuple[SupportsFloat, SupportsFloat], make: MakeOptimizer, steps: int) -> Array:
    """Return the points an optimiser comes by; shape (steps + 1, 2), or fewer where it leaves the finite numbers.

    >>> optimizer_path(lambda x, y: x * x + y, (1.0, 0.0), lambda p: SGD(p, 0.25), 2).tolist()
    [[1.0, 0.0], [0.5, -0.25], [0.25, -0.5]]
    """
    try:
        first, second = start
        x, y = parameter(first), parameter(second)
    except (TypeError, ValueError):
        raise VizError(f"the start is a point, as in (-8, 1.5); not {start!r}") from None
    optimizer = make([x, y])
    if not isinstance(optimizer, Optimizer):
        raise VizError(f"an optimiser is made of a list of parameters, as in lambda p: Adam(p, 0.1); got {optimizer!r}")
    points = [(x.data, y.data)]
    for _ in range(steps):
        try:
            optimizer.step(lambda: f(x, y))
        except AutogradError:
            if len(points) == 1:
                raise
            break
        if not np.isfinite([x.data, y.data]).all():
            break
        points.append((x.data, y.data))
    return np.array(points)


# --- what they share --------------------------------------------------------------------------------------------------


def _drawn(
    f: Function,
    ways: Mapping[str, Array],
    ax: Axes | None,
    bounds: Any,
    names: tuple[str, str],
    steps: int | None = None,
) -> Axes:
    """Draw contour lines and paths."""
    everywhere = np.concatenate(list(ways.values()))
    if bounds is None:
        start = everywhere[0]
        far = np.abs(everywhere - start).max(axis=1)
        near = everywhere[far <= 4.0 * (np.median(far) or 1.0)]  # a path that diverges does not set the scale
        bounds = paths.rectangle(near)
    window = checked_bounds(bounds)
    x, y = np.linspace(*window[0], RESOLUTION), np.linspace(*window[1], RESOLUTION)
    heights = on_grid(f, x, y)
    ends = [on_grid(f, points[-1:, 0], points[-1:, 1])[0, 0] for points in ways.values()]
    ax = look.axes_for(ax)
    paths.contours(ax, x, y, heights, paths.levels(heights))
    for i, ((name, points), end) in enumerate(zip(ways.items(), ends, strict=True)):
        done = len(points) - 1
        how = f"{number(end)} after {counted(done, 'step')}"
        if steps is not None:
            how = number(end) if done == steps else f"diverged after {done}"
        paths.path(ax, points, f"{name}: {how}", i)
    paths.frame(ax, window, names)
    look.legend_above(ax, title=None if steps is None else f"value after {counted(steps, 'step')}")
    return ax


def on_grid(f: Function, x: Array, y: Array) -> Array:
    """Return f at every point of a grid, with a row for each y; nan where it is not defined.

    >>> on_grid(lambda x, y: x.log() + y, np.array([1.0, -1.0]), np.array([0.0, 2.0])).tolist()
    [[0.0, nan], [2.0, nan]]
    """
    if not callable(f):
        raise VizError(f"f is a function of two numbers, as in lambda x, y: x**2 + y**2; not {f!r}")
    xs, ys = (axis.ravel() for axis in np.meshgrid(x, y))
    try:
        heights = np.asarray(compile(f, float(xs[0]), float(ys[0]))(xs, ys), dtype=float)
    except CompileError:
        heights = np.array([_at(f, *point) for point in zip(xs.tolist(), ys.tolist(), strict=True)])
    return np.broadcast_to(heights, xs.shape).reshape(len(y), len(x))


def _at(f: Function, x: float, y: float) -> float:
    try:
        return float(f(Value(x), Value(y)))
    except AutogradError:
        return float("nan")


def _named(descents: Any) -> dict[str, Descent]:
    if isinstance(descents, Mapping):
        named = {str(name): descent for name, descent in descents.items()}
    else:
        several = [descents] if isinstance(descents, Descent) else list(descents) if np.iterable(descents) else []
        named = {}
        for descent in several:
            start = descent.points[0].tolist() if isinstance(descent, Descent) else []
            name = f"from ({', '.join(map(number, start))})"
            while name in named:
                name += " again"
            named[name] = descent
    if not named or not all(isinstance(descent, Descent) for descent in named.values()):
        raise VizError(f"descents are what gradient_descent(f, start) returns, one or several; not {descents!r}")
    return named
