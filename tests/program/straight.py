"""A function's tape, and its gradient as the interpreter gives it: no array code takes part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from judge import Eager, assert_close

from autograd import Value
from autograd.program.differentiate import differentiate
from autograd.program.interpret import interpret
from autograd.program.record import record
from autograd.program.straighten import Straight, straighten


def straight_of(
    function: Callable[..., Any], examples: Sequence[Any], parameters: Sequence[Value] | None = None
) -> tuple[Straight, list[Value], int]:
    """Return the tape, the parameters, and how many inputs there are."""
    recording = record(function, examples)
    chosen = recording.leaves if parameters is None else list(parameters)
    leaves = {p: ("parameter", i) for i, p in enumerate(chosen)}
    leaves.update({value: ("input", i) for i, value in enumerate(recording.inputs)})
    return straighten(recording.outputs, leaves), chosen, len(recording.inputs)


def interpreted(straight: Straight, inputs: np.ndarray, theta: Sequence[float]) -> np.ndarray:
    """Return the outputs, shape (samples, outputs), for inputs of shape (inputs, samples)."""
    values = interpret(straight.tape, inputs, np.array(theta, dtype=float), 1.0)
    return np.array([np.broadcast_to(values[i], inputs.shape[1]) for i in straight.outputs]).T


def interpreted_gradient(
    straight: Straight, inputs: np.ndarray, theta: Sequence[float], seed: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """Return seed · the gradient of the sum over the batch: (parameters,) and (inputs, samples)."""
    straight = replace(straight, tape=straight.tape.copy())
    tape = straight.tape
    leaves = [tape.parameter(i) for i in range(len(theta))] + [tape.input(i) for i in range(len(inputs))]
    shares = differentiate(straight, straight.outputs[0], leaves)
    adjoints = [tape.lin(shares.get(leaf, [])) for leaf in leaves]
    assert not any(tape.batched[i] for i in adjoints[: len(theta)])
    values = interpret(tape, inputs, np.array(theta, dtype=float), seed)
    gradient = np.array([values[i] for i in adjoints[: len(theta)]], dtype=float)
    by_input = [np.broadcast_to(values[i], inputs.shape[1]) for i in adjoints[len(theta) :]]
    return gradient, np.array(by_input, dtype=float).reshape(inputs.shape)


def assert_interpreted(straight: Straight, inputs: np.ndarray, parameters: Sequence[Value], expected: Eager) -> None:
    """Assert that the tape gives the eager engine's values and gradients; ``inputs`` (inputs, samples)."""
    theta = [p.data for p in parameters]
    assert_close(interpreted(straight, inputs, theta), expected.values, np.abs(expected.values), "values")
    if len(straight.outputs) == 1:
        gradient, by_input = interpreted_gradient(straight, inputs, theta)
        assert_close(gradient, expected.parameters, expected.parameters_size, "gradient")
        n = inputs.shape[1]
        wanted, size = (
            np.concatenate([np.empty((n, 0)), *[array.reshape(n, -1) for array in arrays]], axis=1).T
            for arrays in (expected.arguments, expected.arguments_size)
        )
        assert_close(by_input, wanted, size, "gradient of the inputs")
