"""The curves of a training run: loss, metrics, learning rate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nn.training.history import History
from viz.errors import VizError
from viz.plots import look
from viz.plots.boundary import plot_decision

PER_STEP = ("step_loss", "learning_rate")
_VALIDATION = "validation_"
_LARGER_IS_BETTER = ("accuracy", "r2")


def plot_history(
    history: History,
    ax: Axes | None = None,
    curves: str | Sequence[str] = "loss",
    *,
    log: bool = False,
    label: str | None = None,
    best: bool = True,
) -> Axes:
    """Draw curves of a training run over its epochs (``step_loss`` and ``learning_rate``: over its steps).

    The best epoch is marked on the validation curve: after early stopping the one whose weights were kept, else the one
    where the curve is lowest, or for ``accuracy`` and ``r2`` highest.

    Args:
        history: what ``fit`` returned.
        ax: where to draw; None for a new figure. Several runs may share one.
        curves: the name of a curve, which brings its validation curve along; or a list of names, just which are drawn.
        log: whether the vertical axis is logarithmic; a number that is not positive then has no place there.
        label: the run's name, put before its curves' names where several runs share the axes.
        best: whether to mark the best epoch.

    Raises:
        VizError: the history is empty, or has no such curve; the message lists those it has.

    >>> from matplotlib.figure import Figure
    >>> from nn import LogisticRegression, moons
    >>> history = LogisticRegression(2).fit(*moons(100), epochs=20, validation=0.2, metrics="accuracy")
    >>> ax = plot_history(history, Figure().subplots())
    >>> [line.get_label() for line in ax.lines]
    ['training', 'validation', 'lowest: epoch 20']
    """
    names = _names(history, curves)
    ax = look.axes_for(ax)
    steps = [name in PER_STEP for name in names]
    if any(steps) and not all(steps):
        raise VizError(
            f"the curves {', '.join(PER_STEP)} have a number for each step, the others for each epoch; draw "
            f"{', '.join(names)} in different axes"
        )
    taken = sum(line.get_linestyle() != "None" for line in ax.lines)  # by the curves of other runs
    for i, name in enumerate(names):
        numbers = history[name]
        validates = name.startswith(_VALIDATION)
        color = look.color_of(taken + i)
        ax.plot(
            np.arange(1, len(numbers) + 1), numbers, color=color, linestyle="--" if validates else "-",
            linewidth=1.2 if any(steps) else 2.0, label=_label(name, names, label),
        )  # fmt: skip
        if best and validates and not any(steps):
            _mark_best(ax, history, name, color, label)
    look.open_frame(ax)
    look.whole_numbers(ax)
    ax.set_xlabel("step" if any(steps) else "epoch")
    quantities = {_words(name.removeprefix(_VALIDATION)) for name in names}
    ax.set_ylabel(quantities.pop() if len(quantities) == 1 else "")
    if log:
        look.logarithmic(ax)
    look.legend_above(ax)
    return ax


def plot_run(history: History, model: Any = None, X: Any = None, y: Any = None, **options: Any) -> Figure:  # noqa: N803
    """Draw all there is to see of a run in one figure: the loss, each metric, and a classifier's decision boundary.

    Args:
        history: what ``fit`` returned.
        model: the model, to draw its boundary too; it then takes two features.
        X: the samples, shape (samples, 2), as for ``plot_decision``.
        y: their labels.
        **options: what else ``plot_decision`` takes.

    Raises:
        VizError: the history is empty; or the model or the data have no boundary that could be drawn.

    >>> from matplotlib import pyplot
    >>> from nn import LogisticRegression, moons
    >>> X, y = moons(100)
    >>> model = LogisticRegression(2)
    >>> figure = plot_run(model.fit(X, y, epochs=20, metrics="accuracy"), model, X, y)
    >>> [ax.get_ylabel() for ax in figure.axes]
    ['loss', 'accuracy', 'x₂']
    >>> pyplot.close(figure)
    """
    _names(history, "loss")
    quantities = [
        name for name in history if not name.startswith(_VALIDATION) and name not in (*PER_STEP, "penalty")
    ]  # fmt: skip
    figure, axes = look.panels(1, len(quantities) + (model is not None), 0.75, 0.85)
    for name, ax in zip(quantities, axes[0], strict=False):
        plot_history(history, ax, name)
    if model is not None:
        plot_decision(model, X, y, axes[0, -1], **options)
    return figure


def _names(history: Any, curves: str | Sequence[str]) -> list[str]:
    """Return the names of the curves that are wanted."""
    if not isinstance(history, History):
        raise VizError(f"a history is what fit(…) returns, not {history!r}")
    if not any(len(curve) for curve in history.curves().values()):
        raise VizError("the history is empty: no step of the run was done")
    if isinstance(curves, str):
        twin = _VALIDATION + curves
        wanted = [curves, twin] if twin in history else [curves]
    else:
        wanted = list(curves) if np.iterable(curves) else [curves]
    for name in wanted:
        if name not in history:
            raise VizError(f"there is no curve {name!r}; this history has {', '.join(history)}")
    if not wanted:
        raise VizError(f"curves is a name or a list of names; this history has {', '.join(history)}")
    return wanted


def _mark_best(ax: Axes, history: History, name: str, color: str, label: str | None) -> None:
    """Mark the epoch whose weights the model has, or the one where a validation curve is best."""
    numbers = history[name]
    epoch = history.best_epoch
    how = "kept"
    if epoch is None:
        if not np.isfinite(numbers).any():
            return
        highest = name.endswith(_LARGER_IS_BETTER)
        epoch = int(np.nanargmax(numbers) if highest else np.nanargmin(numbers)) + 1
        how = "highest" if highest else "lowest"
    ax.plot(
        [epoch], [numbers[epoch - 1]], linestyle="none", marker="o", markersize=8, markerfacecolor="none", color=color,
        markeredgewidth=2.0, label=f"{label}, {how}: epoch {epoch}" if label else f"{how}: epoch {epoch}",
    )  # fmt: skip


def _label(name: str, names: list[str], run: str | None) -> str:
    """Return what to call a curve: "training" and "validation" where that is all that tells two apart."""
    quantity = name.removeprefix(_VALIDATION)
    pair = {*names} == {quantity, _VALIDATION + quantity}
    text = ("training" if name == quantity else "validation") if pair else _words(name)
    return f"{run}, {text}" if run else text


def _words(name: str) -> str:
    return name.replace("_", " ")
