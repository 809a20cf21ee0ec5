"""A model on fixed samples, at its present weights and at others, without a trace of it in the model."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.errors import CompileError
from nn.module import Module
from nn.training.problem import Loss, Model, Problem
from nn.training.steps import Steps, steps_for
from viz.errors import VizError

Array = NDArray[np.float64]


class Evaluation:
    """A model's outputs, losses and gradients on samples: compiled if possible, else one sample after the other.

    Args:
        model: a Module, or a function of one sample, whose weights then stay as they are.
        x: the samples.
        y: their targets, as for ``fit``, where losses are wanted.
        loss: a function of an output and a target.

    Attributes:
        path: "compiled" or "eager".
        theta: the model's weights when this was made; the methods take others in this order.

    Raises:
        VizError: that is no model.
        DataError, ShapeError, SettingError: the samples, the targets and the loss do not fit each other.
    """

    def __init__(self, model: Model, x: Array, y: Any = None, loss: Loss | None = None) -> None:
        if not callable(model):
            raise VizError(f"a model is a Module such as MLP(2, [8, 1]), or a function of one sample; not {model!r}")
        self.model = model
        parameters = model.parameters() if isinstance(model, Module) else []
        self._problem = Problem(model, loss, parameters)
        self._x = x
        self.theta: Array = np.array([parameter.data for parameter in parameters])
        with untouched(model):
            self._y = None if y is None and loss is None else self._problem.targets(x, y)
            self._steps = self._ways()
        self.path = self._steps.path

    def outputs(self, theta: Array | None = None) -> Array:
        """Return the outputs; shape (samples,) for one, (samples, outputs) for several."""
        with untouched(self.model):
            return self._steps.outputs(self._at(theta), self._x)

    def loss(self, theta: Array | None = None) -> float:
        """Return the mean loss."""
        assert self._y is not None
        with untouched(self.model):
            return float(np.mean(self._steps.losses(self._at(theta), self._x, self._y)))

    def gradient(self, theta: Array | None = None) -> Array:
        """Return the gradient of the mean loss, without dropout.

        Raises:
            NonFiniteError: the loss or a slope is nan or infinite.
        """
        assert self._y is not None
        masks = [np.ones((len(self._x), dropout.size or 0)) for dropout in self._problem.dropouts]
        with untouched(self.model):
            return self._steps.value_and_grad(self._at(theta), [self._x, self._y, *masks], "mean")[1]

    def _at(self, theta: Array | None) -> Array:
        return self.theta if theta is None else theta

    def _ways(self) -> Steps:
        steps, _ = steps_for(self._problem, self._x, self._y, None)
        try:
            steps.outputs(self.theta, self._x[:1])  # compiled only now, and it may turn out that it cannot be
        except CompileError:
            steps, _ = steps_for(self._problem, self._x, self._y, False)
        return steps


@contextmanager
def untouched(model: Model) -> Iterator[None]:
    """Switch a model to evaluation, and when the block ends give it back its numbers, its gradients and its mode."""
    problem = Problem(model, None, model.parameters() if isinstance(model, Module) else [])
    numbers = [(parameter, parameter.data, parameter.grad) for parameter in problem.parameters]
    with problem.keeping_modes():
        problem.train(False)
        try:
            yield
        finally:
            for parameter, data, gradient in numbers:
                parameter.data, parameter.grad = data, gradient
