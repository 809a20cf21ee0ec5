"""The loss of a model as a surface over two directions of its weights, with the path that training took."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from autograd.value import Value
from nn.draws import Seed, generator, normal
from nn.layers import Neuron
from nn.module import Module
from nn.preparation import samples
from nn.training.problem import Loss
from viz.errors import VizError
from viz.plots import look, paths
from viz.plots.evaluation import Evaluation
from viz.plots.trail import WeightPath, check_path
from viz.text import number

Array = NDArray[np.float64]
Directions = str | tuple[str | Value, str | Value] | None

RESOLUTION = 41


def plot_loss_surface(
    model: Module,
    X: Any,  # noqa: N803  # as everywhere in the field
    y: Any,
    *,
    loss: Loss,
    ax: Axes | None = None,
    path: WeightPath | None = None,
    directions: Directions = None,
    span: float | None = None,
    resolution: int = RESOLUTION,
    seed: Seed = 0,
) -> Axes:
    """Draw the mean loss over the plane θ + a d₁ + b d₂ through a model's present weights θ, as contour lines.

    The two directions are

    - "random": normal draws, each neuron's weights scaled to be as long as the neuron's own, biases left alone. So
      surfaces of different models can be compared: H. Li et al., "Visualizing the loss landscape of neural nets",
      NeurIPS 2018;
    - "path": the two principal directions of the path, in which the weights moved most;
    - two parameters, by name: the plane is that of their own numbers.

    The path is projected on the plane. Its points lie above or below the surface, unless the weights moved in these two
    directions alone; for "path" the axes tell how much of the movement each direction has.

    Args:
        model: a Module; its Values stay as they are.
        X: the samples, as for ``fit``.
        y: their targets.
        loss: a function of an output and a target; penalty and dropout are left out.
        ax: where to draw; None for a new figure.
        path: a WeightPath that was a callback of ``fit``.
        directions: as above; by default "path" if there is one, else "random".
        span: how far the plane goes from its middle; by default as far as the path, or 1, or for parameters as far
            again as the larger of the two is from 0.
        resolution: how many points each way the loss is computed at, from 2 to 500.
        seed: of the random directions.

    Raises:
        VizError: an argument that cannot be, or a path that has no two directions.
        DataError, ShapeError, SettingError: the data do not fit the model or the loss.

    >>> from matplotlib.figure import Figure
    >>> from nn import Neuron, half_squared_error
    >>> neuron = Neuron(1, "linear", initial=lambda rng, nin, nout: [2.0])
    >>> ax = plot_loss_surface(
    ...     neuron, [0.0, 1.0], [1.0, 3.0], loss=half_squared_error, directions=("w0", "b"), ax=Figure().subplots()
    ... )
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('w0', 'b')
    """
    surface = loss_surface(
        model, X, y, loss=loss, path=path, directions=directions, span=span, resolution=resolution, seed=seed
    )
    ax = look.axes_for(ax)
    paths.contours(ax, surface.x, surface.y, surface.losses, paths.levels_of_losses(surface.losses))
    handles = [Line2D([], [], color=look.BLUE, linewidth=0.9, label="lines: mean loss")]
    if surface.path is not None and path is not None:
        handles.append(paths.path(ax, surface.path, f"epochs {path.epochs[0]} to {path.epochs[-1]}"))
    handles += ax.plot(
        *surface.middle, linestyle="none", marker="*", color=look.INK, markersize=14, markeredgecolor="white", zorder=7,
        label=f"the model: {number(surface.loss)}",
    )  # fmt: skip
    paths.frame(ax, ((surface.x[0], surface.x[-1]), (surface.y[0], surface.y[-1])), surface.names)
    look.legend_above(ax, handles)
    return ax


@dataclass(frozen=True, eq=False)
class Surface:
    """A loss over a plane of weights.

    Attributes:
        x: the columns of the grid, a.
        y: its rows, b.
        losses: the mean loss at each point; shape (rows, columns).
        directions: d₁ and d₂; shape (2, parameters).
        middle: where the model itself is.
        loss: its loss.
        path: where the path's epochs are, projected; shape (epochs, 2).
        names: of the axes.
    """

    x: Array
    y: Array
    losses: Array
    directions: Array
    middle: Array
    loss: float
    path: Array | None
    names: tuple[str, str]


def loss_surface(
    model: Module, X: Any, y: Any, *, loss: Loss, path: WeightPath | None = None, directions: Directions = None,  # noqa: N803
    span: float | None = None, resolution: int = RESOLUTION, seed: Seed = 0,
) -> Surface:  # fmt: skip
    """Compute what ``plot_loss_surface`` draws; the arguments are the same."""
    if not isinstance(model, Module) or not model.parameters():
        raise VizError(f"a loss surface is that of a Module with parameters, such as MLP(2, [8, 1]); not of {model!r}")
    if path is not None:
        check_path(path)
        if path.model is not model:
            raise VizError(f"the path is that of another model, {path.model!r}; this one is {model!r}")
    if isinstance(resolution, bool) or not isinstance(resolution, (int, np.integer)) or not 2 <= resolution <= 500:
        raise VizError(f"resolution is the number of points each way, from 2 to 500; not {resolution!r}")
    if span is not None and not (isinstance(span, (int, float, np.number)) and 0.0 < span < np.inf):
        raise VizError(f"span is how far the plane goes from its middle, a positive number; not {span!r}")
    evaluation = Evaluation(model, samples(X), y, loss)
    theta = evaluation.theta
    plane, middle, names = _plane(model, theta, path, directions, seed)
    moved = None
    if path is not None:
        moved = middle + np.linalg.lstsq(plane.T, (path.weights - theta).T, rcond=None)[0].T
    (left, right), (bottom, top) = _window(moved, middle, span, isinstance(directions, (tuple, list)))
    a, b = np.linspace(left, right, int(resolution)), np.linspace(bottom, top, int(resolution))
    offsets = [(u - middle[0]) * plane[0] + (v - middle[1]) * plane[1] for v in b for u in a]
    losses = np.array([evaluation.loss(theta + offset) for offset in offsets]).reshape(len(b), len(a))
    return Surface(a, b, losses, plane, middle, evaluation.loss(), moved, names)


def _plane(
    model: Module, theta: Array, path: WeightPath | None, directions: Directions, seed: Seed
) -> tuple[Array, Array, tuple[str, str]]:
    """Return the two directions, where the model is in the plane, and the names of the axes."""
    wanted = ("random" if path is None else "path") if directions is None else directions
    if isinstance(wanted, str) and wanted == "random":
        rng = generator(seed)
        random = np.array([_filter_normalised(model, theta, rng) for _ in range(2)])
        return random, np.zeros(2), ("random direction 1", "random direction 2")
    if isinstance(wanted, str) and wanted == "path":
        if path is None:
            raise VizError("directions='path' asks for a path: path = WeightPath(model), then fit(…, callbacks=path)")
        return _principal(path.weights - theta)
    names = list(dict(model.named_parameters()))
    pair = list(wanted) if isinstance(wanted, (tuple, list)) else []
    places = [_place(model, names, one) for one in pair]
    if len(set(places)) != 2 or len(places) != 2:
        raise VizError(
            f"directions are 'random', 'path', or two parameters, as in ({names[0]!r}, {names[-1]!r}); "
            f"not {directions!r}"
        )
    return np.eye(len(theta))[places], theta[places], (names[places[0]], names[places[1]])


def _filter_normalised(model: Module, theta: Array, rng: np.random.Generator) -> Array:
    """Return a random direction in which each neuron's weights are as long as the neuron's own, and biases stay."""
    draws = normal(rng, len(theta))
    place = {parameter: i for i, parameter in enumerate(model.parameters())}
    weights = {place[weight] for weight in model.weights()}
    neurons = [[place[w] for w in module.w if w in place] for module in model.modules() if isinstance(module, Neuron)]
    alone = weights - {i for neuron in neurons for i in neuron}
    direction = np.zeros(len(theta))
    for group in [*neurons, sorted(alone)]:
        length = float(np.linalg.norm(draws[group]))
        direction[group] = draws[group] * (np.linalg.norm(theta[group]) / length if length else 0.0)
    if not direction.any():
        raise VizError(
            "the model's weights are all 0, and random directions are as long as those; name two parameters instead"
        )
    return direction


def _principal(moves: Array) -> tuple[Array, Array, tuple[str, str]]:
    """Return the two directions in which a path goes farthest, and their shares of its variance."""
    if len(moves) < 3 or moves.shape[1] < 2:
        raise VizError(
            "a path has two directions if it has at least 3 epochs and 2 parameters; this one has "
            f"{len(moves)} and {moves.shape[1]}. See directions='random'"
        )
    _, sizes, rows = np.linalg.svd(moves - moves.mean(axis=0), full_matrices=False)
    if not sizes[0] > 0.0:
        raise VizError("the weights did not move, so the path has no direction; see directions='random'")
    plane = rows[:2] * np.sign(rows[np.arange(2), np.argmax(np.abs(rows[:2]), axis=1)])[:, None]  # LAPACK's sign is any
    shares = 100.0 * sizes[:2] ** 2 / np.sum(sizes**2)
    return plane, np.zeros(2), (f"direction 1 ({shares[0]:.0f} % of the path)", f"direction 2 ({shares[1]:.0f} %)")


def _place(model: Module, names: list[str], one: Any) -> int:
    """Return which parameter a name or a Value stands for."""
    if isinstance(one, Value):
        for i, parameter in enumerate(model.parameters()):
            if parameter is one:
                return i
    elif one in names:
        return names.index(one)
    shown = ", ".join(names[:6]) + (f", … ({len(names)} in all)" if len(names) > 6 else "")
    raise VizError(f"the model has no parameter {one!r}; it has {shown}")


def _window(moved: Array | None, middle: Array, span: Any, own_numbers: bool) -> Any:
    """Return the part of the plane to draw."""
    if span is None and moved is not None:
        return paths.rectangle(np.concatenate([moved, middle[None]]), 0.25)
    if span is None:
        span = float(np.abs(middle).max()) or 1.0 if own_numbers else 1.0
    return tuple((float(centre - span), float(centre + span)) for centre in middle)
