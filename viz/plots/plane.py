"""The plane of two features: a model's outputs on a grid over it, and samples in it; how both are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap, Normalize
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from autograd.errors import DivisionByZeroError, DomainError, RangeError
from autograd.value import Value
from nn.preparation import samples
from nn.training.problem import Model
from viz.errors import VizError
from viz.plots import look
from viz.plots.evaluation import Evaluation, untouched

Array = NDArray[np.float64]
Bounds = tuple[tuple[float, float], tuple[float, float]]

RESOLUTION = {"compiled": 300, "eager": 80}
MOST_CLASSES = 8  # as many colours and markers as can be told apart
_HALF = (
    "sigmoid",
    "step",
    "greater",
    "greater_equal",
    "less",
    "less_equal",
    "bool",
)  # what these give lies between 0 and 1


class Plane:
    """A model's outputs on a grid over the plane.

    Args:
        bounds: ((left, right), (bottom, top)).
        model: a Module, or a function of one sample.
        threshold: of a single output; None for ½ if the model ends in a sigmoid or a step, else 0.
        resolution: how many points each way; None for 300, or 80 if the model cannot be compiled.

    Attributes:
        bounds: as given.
        x: the grid's columns.
        y: its rows.
        classes: how many the model tells apart.
        threshold: of a single output; 0 for several.

    Raises:
        VizError: the model does not take two features, or an argument cannot be.

    >>> from nn import ThresholdUnit
    >>> plane = Plane(((0.0, 1.0), (0.0, 1.0)), ThresholdUnit([1.0, 1.0], threshold=0.5), resolution=2)
    >>> plane.threshold, plane.scores().tolist()
    (0.5, [[0.0, 1.0], [1.0, 1.0]])
    """

    def __init__(
        self, bounds: Bounds, model: Model, threshold: float | None = None, resolution: int | None = None
    ) -> None:
        self.bounds = bounds
        corner = np.array([[bounds[0][0], bounds[1][0]]])
        last = _last_op(model, corner)
        probe = Evaluation(model, corner)
        outputs = probe.outputs().size
        self._several = outputs > 1
        self.classes = max(outputs, 2)
        if self.classes > MOST_CLASSES:
            raise VizError(f"a picture tells {MOST_CLASSES} classes apart; this model has {outputs} outputs")
        usual = 0.5 if not self._several and last in _HALF else 0.0
        self.threshold = usual if threshold is None else _threshold(threshold, self._several)
        count = RESOLUTION[probe.path] if resolution is None else _resolution(resolution)
        self.x, self.y = np.linspace(*bounds[0], count), np.linspace(*bounds[1], count)
        xs, ys = np.meshgrid(self.x, self.y)
        self._evaluation = Evaluation(model, np.stack([xs.ravel(), ys.ravel()], axis=1))

    def scores(self, theta: Array | None = None) -> Array:
        """Return the outputs on the grid, with a row for each y: shape (rows, columns), or (rows, columns, classes).

        Args:
            theta: weights to use in place of the model's own.
        """
        outputs = self._evaluation.outputs(theta)
        return outputs.reshape(len(self.y), len(self.x), *([-1] if self._several else []))

    def margins(self, scores: Array) -> list[Array]:
        """Return how far a single output is above the threshold, or each of several above the largest other one."""
        if not self._several:
            return [scores - self.threshold]
        return [scores[:, :, k] - np.max(np.delete(scores, k, axis=2), axis=2) for k in range(self.classes)]

    def reach(self, scores: Array) -> float:
        """Return how far from the threshold a single output has its full colour: what three in four points reach."""
        distances = np.abs(scores - self.threshold)
        finite = distances[np.isfinite(distances)]
        return (float(np.quantile(finite, 0.75)) if finite.size else 0.0) or 1.0

    def fill(self, ax: Axes, scores: Array) -> None:
        """Colour the plane: by class; for a single output the deeper, the farther it is from the threshold."""
        if self._several:
            shown = np.argmax(scores, axis=2)
            tints: Any = ListedColormap([look.pale(look.color_of(k), 0.25) for k in range(self.classes)])
            norm = Normalize(-0.5, self.classes - 0.5)
        else:
            shown, tints, reach = scores, look.two_sided(), self.reach(scores)
            norm = Normalize(self.threshold - reach, self.threshold + reach)
        dx, dy = (self.x[1] - self.x[0]) / 2, (self.y[1] - self.y[0]) / 2  # pixels stand around their points
        ax.imshow(
            shown, cmap=tints, norm=norm, extent=(self.x[0] - dx, self.x[-1] + dx, self.y[0] - dy, self.y[-1] + dy),
            origin="lower", aspect="auto", interpolation="nearest" if self._several else "bilinear",
        )  # fmt: skip

    def outline(self, ax: Axes, scores: Array) -> list[Artist]:
        """Draw the boundary: where an output is at the threshold, or where the two largest are equal."""
        return [
            ax.contour(self.x, self.y, field, levels=[0.0], colors=[look.INK], linewidths=[1.8], zorder=2)
            for field in self.margins(scores)
            if (field < 0.0).any() and (field > 0.0).any()
        ]

    def legend(self) -> Line2D:
        """Return what stands for the boundary in a legend."""
        text = "boundary" if self._several else f"output = {self.threshold:g}"
        ink = mpl.rcParams["text.color"]  # for the legend stands on the reader's own ground
        return Line2D([], [], color=ink, linewidth=1.8, label=text)


class Samples:
    """Samples of two features with their labels, both optional.

    Args:
        X: shape (n, 2), or None.
        y: a label for each, or rows of numbers of which the largest marks the class, or None.
        classes: the classes' labels in the order of the model's outputs, or None.
        features: names for the axes, or None.

    Attributes:
        points: the samples.
        labels: their labels.
        features: the names of the axes.
        classes: the classes' labels, once ``match`` knows how many there are.

    Raises:
        VizError: they are not of two features, or there are not as many labels.
        DataError, ShapeError: see ``nn.preparation.samples``.
    """

    def __init__(
        self,
        X: Any,  # noqa: N803
        y: Any = None,
        classes: Sequence[Any] | None = None,
        features: Sequence[str] | None = None,
    ) -> None:
        self.points, self.labels = _data(X, y)
        self.features = _features(X, features)
        self._given, self.classes = classes, []  # type: ignore[var-annotated]

    def bounds(self, bounds: Any = None) -> Bounds:
        """Return the rectangle to draw: the one that is asked for, or one around the samples.

        Raises:
            VizError: it is none, or there is nothing to put it around.
        """
        if bounds is None:
            if self.points is None:
                raise VizError("without samples X say what to draw: bounds=((left, right), (bottom, top))")
            low, high = self.points.min(axis=0), self.points.max(axis=0)
            margin = np.where(high > low, 0.1 * (high - low), 1.0)
            bounds = np.stack([low - margin, high + margin], axis=1)
        return checked_bounds(bounds)

    def match(self, count: int) -> None:
        """Find out which label belongs to which of the model's classes.

        Raises:
            VizError: that cannot be known.
        """
        found = [] if self.labels is None else np.unique(self.labels).tolist()
        if self._given is not None:
            self.classes = list(self._given)
            if len(self.classes) != count:
                raise VizError(f"the model tells {count} classes apart, and classes lists {len(self.classes)}")
        elif set(found) <= set(range(count)):
            self.classes = list(range(count))
        elif count == 2 and set(found) <= {-1, 1}:
            self.classes = [-1, 1]
        elif len(found) == count:
            self.classes = found
        else:
            shown = ", ".join(map(repr, found[:5])) + (", …" if len(found) > 5 else "")
            raise VizError(
                f"the model tells {count} classes apart, and y has {len(found)} labels: {shown}; give the labels in "
                "the order of the outputs, as in classes=['cat', 'dog']"
            )
        strange = [label for label in found if label not in self.classes]
        if strange:
            raise VizError(f"y has the label {strange[0]!r}, which is not in classes: {self.classes!r}")

    def draw(self, ax: Axes, bounds: Bounds) -> list[Any]:
        """Draw the samples, each class with its colour and its marker, set the limits and name the axes.

        Returns:
            What goes into the legend.
        """
        style: dict[str, Any] = {"edgecolors": "white", "linewidths": 0.8, "s": 36, "zorder": 3}
        handles = []
        if self.points is not None and self.labels is None:
            handles = [ax.scatter(self.points[:, 0], self.points[:, 1], color=look.GREY, label="samples", **style)]
        elif self.points is not None:
            for k, name in enumerate(self.classes):
                text = f"class {name:g}" if isinstance(name, (int, float, np.number)) else str(name)
                chosen = self.points[self.labels == name]
                marks: dict[str, Any] = {"color": look.color_of(k), "marker": look.MARKERS[k], "label": text}
                handles.append(ax.scatter(chosen[:, 0], chosen[:, 1], **marks, **style))
        ax.set_xlim(bounds[0])
        ax.set_ylim(bounds[1])
        ax.set_xlabel(self.features[0])
        ax.set_ylabel(self.features[1])
        return handles


# --- what is refused --------------------------------------------------------------------------------------------------


def checked_bounds(bounds: Any) -> Bounds:
    """Return a rectangle as floats.

    Raises:
        VizError: it is none.
    """
    try:
        (left, right), (bottom, top) = np.array(bounds, dtype=float).tolist()
    except (TypeError, ValueError):
        left = right = bottom = top = 0.0
    if not (np.isfinite([left, right, bottom, top]).all() and left < right and bottom < top):
        raise VizError(f"bounds are ((left, right), (bottom, top)), as in ((-1, 2), (-1, 1)); not {bounds!r}")
    return (left, right), (bottom, top)


def _data(X: Any, y: Any) -> tuple[Array | None, NDArray[Any] | None]:  # noqa: N803
    """Return the samples and their labels, if there are any."""
    if X is None:
        if y is not None:
            raise VizError("there are labels y but no samples X")
        return None, None
    points = samples(X)
    if points.ndim != 2 or points.shape[1] != 2:
        raise VizError(
            f"a decision boundary lies in the plane of two features, so X has the shape (samples, 2), not "
            f"{points.shape}; train a model on two columns, as in X[:, :2], to draw it"
        )
    if y is None:
        return points, None
    labels = np.asarray(y)
    if labels.ndim == 2 and labels.shape[1] > 1:
        labels = np.argmax(labels, axis=1)
    labels = labels.reshape(-1)
    if len(labels) != len(points):
        raise VizError(f"there are {len(points)} samples in X and {len(labels)} labels in y; there must be as many")
    return points, labels


def _last_op(model: Model, x: Array) -> str:
    """Return the name of the operation that makes a model's output; "" where it is not known.

    Raises:
        VizError: the model does not take two features.
    """
    if not callable(model):
        raise VizError(f"a model is a Module such as MLP(2, [8, 1]), or a function of one sample; not {model!r}")
    with untouched(model):
        try:
            output = model([Value(feature) for feature in x[0].tolist()])
        except (DomainError, DivisionByZeroError, RangeError):  # it is not defined at this one point
            return ""
        except (ValueError, IndexError) as error:  # a ShapeError of ours, or what a function makes of too few features
            raise VizError(f"a decision boundary is that of a model of two features; this one says: {error}") from error
    return "bool" if isinstance(output, (bool, np.bool_)) else str(getattr(getattr(output, "op", None), "name", ""))


def _features(X: Any, features: Any) -> tuple[str, str]:  # noqa: N803
    names = getattr(X, "columns", None) if features is None else features
    if names is None:
        return "x₁", "x₂"
    if isinstance(names, str) or len(names) != 2:
        raise VizError(f"features are the names of the two axes, as in ['height', 'weight']; not {features!r}")
    return str(names[0]), str(names[1])


def _threshold(given: Any, several: bool) -> float:
    if several:
        raise VizError("a threshold is for one output; this model has several, and the largest wins")
    if not isinstance(given, (int, float, np.number)) or not np.isfinite(given):
        raise VizError(f"the threshold is a finite number, not {given!r}")
    return float(given)


def _resolution(given: Any) -> int:
    if isinstance(given, bool) or not isinstance(given, (int, np.integer)) or not 2 <= given <= 2000:
        raise VizError(f"resolution is the number of points each way, from 2 to 2000; not {given!r}")
    return int(given)
