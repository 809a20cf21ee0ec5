"""How large the gradient is in each layer while a model is trained: vanishing, exploding, dead units.

The error at the output reaches a layer as a product of one factor for each layer above it (σ′ times weights). Sigmoid
units have σ′ ≤ ¼, so that product vanishes with depth; ReLU units pass on 1, or 0 where they are off. A ReLU unit that
is off for every sample gets no gradient at all: it is dead (dsc-140b).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from autograd import Graph, Program, Value
from autograd.errors import CompileError, NonFiniteError
from autograd.ops import PARAMETER
from autograd.program import compile  # noqa: A004  # autograd's name
from nn.module import Module
from nn.preparation import samples
from nn.summary import summary
from nn.training import Training
from nn.training.problem import Loss, as_floats
from viz.errors import VizError
from viz.plots import look
from viz.plots.evaluation import Evaluation, untouched
from viz.plots.trail import check_trains

Array = NDArray[np.float64]


class GradientSizes:
    """A callback of ``fit`` that notes, epoch by epoch, each layer's size of gradient and share of dead ReLU units.

    The size is the length ‖∂L/∂θ‖ of the gradient of the mean loss L over some samples, without dropout and penalty,
    for the parameters θ of one layer. A unit is dead if its output is 0 for every one of these samples.

    Epoch 0 is noted at once, so make it when the model has its first weights.

    Args:
        model: a Module.
        X: the samples; a few hundred will do.
        y: their targets, as for ``fit``.
        loss: a function of an output and a target.
        every: after every how many epochs to look.

    Attributes:
        layers: the layers' paths, as in ``model.summary()``.
        epochs: the epochs that were looked at, from 0 on.
        relu_layers: the paths of those with ReLU units.

    Raises:
        VizError: that is no Module with parameters, or ``every`` cannot be.
        DataError, ShapeError, SettingError: the data do not fit the model or the loss.

    >>> from nn import MLP, SGD, binary_cross_entropy_with_logits, fit, moons
    >>> X, y = moons(50)
    >>> model = MLP(2, [8, 8, 1], activation="sigmoid", seed=0)
    >>> sizes = GradientSizes(model, X, y, binary_cross_entropy_with_logits)
    >>> history = fit(model, X, y, loss=binary_cross_entropy_with_logits, epochs=10, callbacks=sizes)
    >>> sizes.layers, sizes.sizes.shape
    (['layers.0', 'layers.1', 'layers.2'], (11, 3))
    """

    def __init__(self, model: Module, X: Any, y: Any, loss: Loss, *, every: int = 1) -> None:  # noqa: N803
        if not isinstance(model, Module) or not model.parameters():
            raise VizError(f"gradients are those of a Module with parameters, such as MLP(2, [8, 1]); not of {model!r}")
        if isinstance(every, bool) or not isinstance(every, (int, np.integer)) or every < 1:
            raise VizError(f"every is a number of epochs, at least 1; not {every!r}")
        x = samples(X)
        self._model, self._every = model, int(every)
        self._evaluation = Evaluation(model, x, y, loss)
        self.layers, self._places = _layers(model)
        self._relus = _ReluUnits(model, x, self._places)
        self.relu_layers = [self.layers[k] for k in self._relus.layers]
        self.epochs: list[int] = []
        self._sizes: list[list[float]] = []
        self._dead: list[list[float]] = []
        self._note(0)

    @property
    def sizes(self) -> Array:
        """The lengths of the gradients; shape (epochs, layers)."""
        return np.array(self._sizes)

    @property
    def dead(self) -> Array:
        """The shares of dead units, from 0 to 1; shape (epochs, relu_layers)."""
        return np.array(self._dead).reshape(len(self.epochs), len(self.relu_layers))

    def __call__(self, training: Training) -> None:
        """Look at the model after an epoch of ``fit``."""
        check_trains(training, self._model)
        if training.history.epochs % self._every == 0:
            self._note(training.history.epochs)

    def _note(self, epoch: int) -> None:
        theta = np.array([parameter.data for parameter in self._model.parameters()])
        try:
            gradient = self._evaluation.gradient(theta)
        except NonFiniteError:  # a picture shows a gap there; whether to go on is for fit to say
            gradient = np.full(len(theta), np.nan)
        self.epochs.append(epoch)
        self._sizes.append([float(np.linalg.norm(gradient[self._places == k])) for k in range(len(self.layers))])
        self._dead.append(self._relus.dead(theta))

    def __repr__(self) -> str:
        last = ", ".join(f"{name} {size:.3g}" for name, size in zip(self.layers, self._sizes[-1], strict=True))
        return f"GradientSizes({len(self.epochs)} times; epoch {self.epochs[-1]}: {last})"


def plot_gradient_sizes(sizes: GradientSizes, ax: Axes | None = None, *, log: bool = True) -> Axes:
    """Draw each layer's size of gradient over the epochs.

    Where a layer's gradient is 0, or not finite, its line has a gap; a triangle at the bottom marks a 0.

    Args:
        sizes: what a GradientSizes has noted.
        ax: where to draw; None for a new figure.
        log: whether the vertical axis is logarithmic.

    Raises:
        VizError: that is no GradientSizes.

    >>> from matplotlib.figure import Figure
    >>> from nn import MLP, hinge, moons
    >>> sizes = GradientSizes(MLP(2, [8, 8, 1], seed=0), *moons(50), hinge)
    >>> ax = plot_gradient_sizes(sizes, Figure().subplots())
    >>> [line.get_label() for line in ax.lines]
    ['layers.0', 'layers.1', 'layers.2']
    """
    _check(sizes)
    ax = look.axes_for(ax)
    lines = sizes.sizes.T
    _over_epochs(ax, sizes.epochs, np.where(lines > 0.0, lines, np.nan) if log else lines, sizes.layers, sizes.layers)
    if log:
        for numbers, color in zip(lines, look.in_order(len(lines)), strict=True):
            _mark_zeros(ax, np.array(sizes.epochs)[numbers == 0.0], color)
        look.logarithmic(ax)
    ax.set_ylabel("size of the gradient, ‖∂L/∂θ‖")
    look.legend_above(ax)
    return ax


def plot_gradients_by_layer(
    runs: Mapping[str, GradientSizes], ax: Axes | None = None, *, epoch: int = 0, log: bool = True
) -> Axes:
    """Draw the size of the gradient against depth, a line for each model: sigmoid beside ReLU.

    Args:
        runs: name → GradientSizes.
        ax: where to draw; None for a new figure.
        epoch: which one; 0 is before training.
        log: whether the vertical axis is logarithmic.

    Raises:
        VizError: there is nothing to compare, or an epoch that was not noted.
    """
    if not isinstance(runs, Mapping) or not runs:
        raise VizError(f"give names and what was noted, as in {{'sigmoid': sizes, 'ReLU': others}}; not {runs!r}")
    rows = []
    for name, sizes in runs.items():
        _check(sizes)
        if epoch not in sizes.epochs:
            noted = f"{len(sizes.epochs)} epochs, the last {sizes.epochs[-1]}" if len(sizes.epochs) > 1 else "epoch 0"
            raise VizError(f"{name!r} has nothing of epoch {epoch!r}; it noted {noted}")
        rows.append(sizes.sizes[sizes.epochs.index(epoch)])
    ax = look.axes_for(ax)
    for i, (name, row) in enumerate(zip(runs, rows, strict=True)):
        color, depths = look.color_of(i), np.arange(1, len(row) + 1)
        shown = np.where(row > 0.0, row, np.nan) if log else row
        ax.plot(depths, shown, color=color, marker=look.MARKERS[i % 8], linewidth=2.0, markersize=7, label=name)
        if log:
            _mark_zeros(ax, depths[row == 0.0], color)
    look.open_frame(ax)
    if log:
        look.logarithmic(ax)
    look.whole_numbers(ax)
    ax.set_xlabel("layer, from the input to the output")
    ax.set_ylabel("size of the gradient, ‖∂L/∂θ‖")
    look.legend_above(ax)
    return ax


def plot_dead_units(sizes: GradientSizes, ax: Axes | None = None) -> Axes:
    """Draw the share of each layer's ReLU units that are dead, over the epochs.

    Args:
        sizes: what a GradientSizes has noted.
        ax: where to draw; None for a new figure.

    Raises:
        VizError: that is no GradientSizes, or the model has no ReLU units.
    """
    _check(sizes)
    if not sizes.relu_layers:
        raise VizError("this model has no ReLU units, and only those can be dead")
    ax = look.axes_for(ax)
    _over_epochs(ax, sizes.epochs, 100.0 * sizes.dead.T, sizes.relu_layers, sizes.layers)
    ax.set_ylim(-3.0, 103.0)
    ax.set_ylabel("dead ReLU units, %")
    look.legend_above(ax)
    return ax


# --- how they are drawn -----------------------------------------------------------------------------------------------


def _over_epochs(ax: Axes, epochs: list[int], lines: Array, names: list[str], layers: list[str]) -> None:
    """Draw a line for each of some layers, in the colour of its depth."""
    colors = dict(zip(layers, look.in_order(len(layers)), strict=True))
    for name, numbers in zip(names, lines, strict=True):
        alone = "o" if len(epochs) == 1 else None
        ax.plot(epochs, numbers, color=colors[name], linewidth=2.0, marker=alone, label=name or "the model")
    look.open_frame(ax)
    look.whole_numbers(ax)
    ax.set_xlabel("epoch")


def _mark_zeros(ax: Axes, places: NDArray[Any], color: str) -> None:
    """Mark at the bottom where a size is 0, which a logarithmic axis has no place for."""
    if len(places):
        ax.plot(
            places, np.zeros(len(places)), linestyle="none", marker="v", color=color, clip_on=False,
            transform=ax.get_xaxis_transform(),
        )  # fmt: skip


def _check(sizes: Any) -> None:
    if not isinstance(sizes, GradientSizes):
        raise VizError(
            "give what was noted while training: sizes = GradientSizes(model, X, y, loss), then "
            f"fit(…, callbacks=sizes); not {sizes!r}"
        )


# --- layers and units -------------------------------------------------------------------------------------------------


def _layers(model: Module) -> tuple[list[str], NDArray[np.int64]]:
    """Return the paths of the parts that hold parameters, and for each parameter which part it is in."""
    paths = [row.path for row in summary(model).rows if row.parameters]
    places = []
    for name, _ in model.named_parameters():
        holders = [k for k, path in enumerate(paths) if not path or name == path or name.startswith(f"{path}.")]
        places.append(max(holders, key=lambda k: len(paths[k])))
    return paths, np.array(places)


class _ReluUnits:
    """The ReLU units of a model, found in the graph of its output, and their outputs for some samples.

    Attributes:
        layers: the layers that have any, by number.
    """

    def __init__(self, model: Module, x: Array, places: NDArray[np.int64]) -> None:
        self._model, self._x = model, x
        parameters = model.parameters()
        place_of = dict(zip(parameters, places.tolist(), strict=True))
        with untouched(model):
            owners = [_owner(node) for node in self._nodes(x[0].tolist())]
            self._program = _program(self._nodes, x, parameters) if owners else None
        # A unit is known by a parameter of its own: one that is used at several places is dead if it is so at all.
        units = {owner: place_of[owner] for owner in owners if owner in place_of}
        self._units = [(place, [i for i, other in enumerate(owners) if other is unit]) for unit, place in units.items()]
        self.layers = sorted(set(units.values()))

    def dead(self, theta: Array) -> list[float]:
        """Return the share of units that are 0 for every sample, for each of ``layers``."""
        if not self.layers:
            return []
        if self._program is not None:
            self._program.theta = theta
            outputs = np.asarray(self._program(self._x))
        else:
            with untouched(self._model):
                outputs = np.array([as_floats(self._nodes(row)) for row in self._x.tolist()])
        off = {place: [] for place in self.layers}  # type: dict[int, list[bool]]
        for place, columns in self._units:
            off[place].append(bool((outputs[:, columns] == 0.0).all()))
        return [float(np.mean(off[place])) for place in self.layers]

    def _nodes(self, x: Any) -> list[Value]:
        """Return the ReLU nodes that the model's outputs for one sample are made of."""
        output: Any = self._model(x)
        whole: Any = sum(output) if isinstance(output, (list, tuple)) else output
        return [node for node in Graph(whole).nodes if getattr(node.op, "name", "") == "relu"]


def _program(nodes: Callable[[Any], list[Value]], x: Array, parameters: list[Value]) -> Program | None:
    try:
        return compile(nodes, x[0].tolist(), parameters=parameters)
    except CompileError:
        return None


def _owner(node: Value) -> Value | None:
    """Return the parameter nearest below a node."""
    row = [node]
    while row:
        found = next((value for value in row if value.op is PARAMETER), None)
        if found is not None:
            return found
        row = list(dict.fromkeys(parent for value in row for parent in value.parents))
    return None
