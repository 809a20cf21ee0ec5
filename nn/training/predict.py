"""A model's outputs for many samples at once."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.module import Module
from nn.preparation import samples
from nn.training.problem import Array, Model, Problem
from nn.training.steps import steps_for


def predict(model: Model, X: Any) -> Array:  # noqa: N803  # as everywhere in the field
    """Return model(x) for every sample, without dropout: by a compiled program, where the model can be compiled.

    Args:
        model: a Module, or a function of one sample, that returns one number or a list of them.
        X: the samples, as for ``fit``.

    Returns:
        shape (samples,) for one output, (samples, outputs) for several.

    >>> from nn import MLP, predict
    >>> predict(MLP(2, [4, 3], seed=0), [[0.0, 0.0], [1.0, 2.0]]).shape
    (2, 3)
    """
    x = samples(X)
    parameters = model.parameters() if isinstance(model, Module) else []
    problem = Problem(model, None, parameters)
    with problem.keeping_modes():
        problem.outputs(x)
        steps, _ = steps_for(problem, x, None, None)
        return steps.outputs(np.array([parameter.data for parameter in parameters]), x)
