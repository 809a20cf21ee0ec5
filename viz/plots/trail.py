"""The weights of a model, epoch by epoch: what loss surfaces and flip-books are drawn from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nn.module import Module
from nn.training import Training
from viz.errors import VizError

Array = NDArray[np.float64]


class WeightPath:
    """A callback of ``fit`` that keeps the weights of epochs: those of epoch 0 at once, and of the last one always.

    Of a long run it keeps every second epoch, every fourth, … so that they are never more than ``most``.

    Args:
        model: a Module.
        most: how many epochs to keep, at least 2.

    Raises:
        VizError: that is no Module with parameters, or ``most`` cannot be.

    >>> from nn import MLP, fit, hinge, moons
    >>> model = MLP(2, [4, 1], seed=0)
    >>> path = WeightPath(model)
    >>> history = fit(model, *moons(20), loss=hinge, epochs=3, callbacks=path)
    >>> path.epochs, path.weights.shape
    ([0, 1, 2, 3], (4, 17))
    """

    def __init__(self, model: Module, most: int = 500) -> None:
        if not isinstance(model, Module) or not model.parameters():
            raise VizError(
                f"a path of weights is that of a Module with parameters, such as MLP(2, [8, 1]); not {model!r}"
            )
        if isinstance(most, bool) or not isinstance(most, (int, np.integer)) or most < 2:
            raise VizError(f"most is a number of epochs, at least 2; not {most!r}")
        self.model, self.most = model, int(most)
        self._parameters = model.parameters()
        self._stride = 1
        self._kept: dict[int, Array] = {}
        self._last = 0
        self._keep(0)

    @property
    def epochs(self) -> list[int]:
        """The epochs whose weights are kept."""
        return list(self._kept)

    @property
    def weights(self) -> Array:
        """Their weights, in the order of ``model.parameters()``; shape (epochs, parameters)."""
        return np.array(list(self._kept.values()))

    def __call__(self, training: Training) -> None:
        """Keep the weights after an epoch of ``fit``."""
        check_trains(training, self.model)
        self._keep(training.history.epochs)

    def _keep(self, epoch: int) -> None:
        if self._last % self._stride:  # it was kept only because it was the last
            del self._kept[self._last]
        self._kept[epoch] = np.array([parameter.data for parameter in self._parameters])
        self._last = epoch
        while len(self._kept) > self.most:
            self._stride *= 2
            self._kept = {n: theta for n, theta in self._kept.items() if n % self._stride == 0 or n == epoch}

    def __repr__(self) -> str:
        return f"WeightPath({len(self._kept)} of {self._last + 1} epochs)"


def check_trains(training: Training, model: Module) -> None:
    """Refuse a run of ``fit`` that does not change a model; a twin that shares its parameters will do.

    Raises:
        VizError: none of the model's parameters is learned in that run.
    """
    if not {*training.optimizer.parameters} & {*model.parameters()}:
        raise VizError(f"this callback looks at {model!r}, but the run trains another model, {training.model!r}")


def check_path(path: object) -> None:
    """Refuse what is no WeightPath.

    Raises:
        VizError: it is none.
    """
    if not isinstance(path, WeightPath):
        raise VizError(
            f"the path is a WeightPath(model), made before fit(…, callbacks=path), which then fills it; not {path!r}"
        )
