"""What each example wants: the gradient of its loss for every weight, and their average, which one step follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.table import columns, number_text
from nn.errors import SettingError
from nn.module import Module
from nn.preparation import samples
from nn.training.problem import Array, Loss, Problem
from nn.training.steps import steps_for

COLUMNS_SHOWN = 8


@dataclass(frozen=True)
class GradientTable:
    """The slopes of every example's loss; see ``gradient_table``.

    Attributes:
        names: of the weights, one for each row.
        gradients: shape (weights, examples); each column is the gradient of one example's loss.
        average: shape (weights,), the mean over the examples: the gradient of their mean loss.
    """

    names: list[str]
    gradients: Array
    average: Array

    def __str__(self) -> str:
        """Return the table as text; of many examples, the first ones."""
        shown = min(self.gradients.shape[1], COLUMNS_SHOWN)
        left_out = self.gradients.shape[1] - shown
        rows = [("weight", *(str(k) for k in range(shown)), *(["…"] if left_out else []), "average")]
        for name, slopes, mean in zip(self.names, self.gradients, self.average, strict=True):
            numbers = [number_text(x) for x in slopes[:shown]]
            rows.append((name, *numbers, *(["…"] if left_out else []), number_text(mean)))
        return columns(rows, right=tuple(range(1, len(rows[0]))))


def gradient_table(model: Module, X: Any, y: Any, *, loss: Loss) -> GradientTable:  # noqa: N803  # as everywhere
    """Return ∂ loss(model(xᵢ), yᵢ) / ∂w for every weight w and every example i, and the average over i (week-2).

    Args:
        model: a Module; its Values stay as they are.
        X: the examples, as for ``fit``.
        y: their targets, as for ``fit``.
        loss: a function of an example's output and target.

    Raises:
        DataError, ShapeError: the data do not fit each other, or the loss.
        NonFiniteError: a loss or a slope is nan or infinite.

    >>> from nn import Neuron, gradient_table
    >>> from nn.losses import half_squared_error
    >>> neuron = Neuron(1, "linear", initial=lambda rng, nin, nout: [2.0])
    >>> print(gradient_table(neuron, [1.0, 3.0], [1.0, 4.0], loss=half_squared_error))
    weight  0  1  average
    w0      1  6      3.5
    b       1  2      1.5
    """
    if not isinstance(model, Module):
        raise SettingError(f"gradient_table takes a Module, whose weights have names; not {model!r}")
    parameters = model.parameters()
    x = samples(X)
    problem = Problem(model, loss, parameters)
    gradients = [parameter.grad for parameter in parameters]
    theta = np.array([parameter.data for parameter in parameters])
    with problem.keeping_modes():
        targets = problem.targets(x, y)
        steps, _ = steps_for(problem, x, targets, None)
        masks = [np.ones((1, dropout.size or 0)) for dropout in problem.dropouts]
        try:
            each = [
                steps.value_and_grad(theta, [x[i : i + 1], targets[i : i + 1], *masks], "mean")[1]
                for i in range(len(x))
            ]
        finally:  # where it could not be compiled, the Values themselves were used
            for parameter, data, gradient in zip(parameters, theta.tolist(), gradients, strict=True):
                parameter.data, parameter.grad = data, gradient
    names = [name for name, _ in model.named_parameters()]
    return GradientTable(names, np.array(each).T, np.mean(each, axis=0))
