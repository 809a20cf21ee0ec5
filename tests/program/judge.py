"""The eager engine as the judge of programs: every sample by itself, one Value at a time, no code of the program's.

A gradient may differ by 1e-10 of the sum of the magnitudes of what it is summed from, over all paths and samples:
NumPy's functions differ from Python's in the last bits, and sums are done in another order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Graph, Program, Value

TOLERANCE = 1e-10


@dataclass
class Eager:
    """What the eager engine gives for a batch.

    ``values`` has the shape (samples, outputs). The gradients are those of the sum over the samples of the only output:
    ``parameters`` of shape (parameters,), and one array for each argument, of its shape. The ``*_size`` beside each is
    the sum of the magnitudes of its contributions. Of several outputs there are no gradients.
    """

    values: np.ndarray
    parameters: np.ndarray
    parameters_size: np.ndarray
    arguments: list[np.ndarray]
    arguments_size: list[np.ndarray]


def values_of(array: np.ndarray) -> Any:
    """Return an array as nested lists of fresh Values."""
    return [values_of(part) for part in array] if array.ndim else Value(array)


def flat(result: Any) -> list[Any]:
    """Return the entries of nested lists, tuples and dicts."""
    if isinstance(result, dict):
        result = list(result.values())
    if isinstance(result, (list, tuple)):
        return [entry for part in result for entry in flat(part)]
    return [result]


def sizes(output: Value) -> dict[Value, float]:
    """Return for each node the sum over all paths to ``output`` of the magnitude of the product of local slopes."""
    found = dict.fromkeys(Graph(output).nodes, 0.0)
    found[output] = 1.0
    for node in reversed(list(found)):
        if not node.is_leaf:
            for parent, slope in zip(node.parents, node.op.local(node), strict=True):
                found[parent] += found[node] * abs(slope)
    return found


def eager(
    function: Callable[..., Any], examples: Sequence[Any], arguments: Sequence[Any], parameters: Sequence[Value]
) -> Eager:
    """Run ``function`` on each sample of ``arguments``; those without the batch axis count for every sample."""
    arrays = [np.asarray(argument, dtype=float) for argument in arguments]
    batched = [array.ndim > np.ndim(example) for array, example in zip(arrays, examples, strict=True)]
    n = next((len(array) for array, has_batch in zip(arrays, batched, strict=True) if has_batch), 1)
    values = []
    gradient, gradient_size = np.zeros((2, len(parameters)))
    shares = [np.zeros(array.shape) for array in arrays]
    shares_size = [np.zeros(array.shape) for array in arrays]
    for i in range(n):
        inputs = [values_of(array[i] if has_batch else array) for array, has_batch in zip(arrays, batched, strict=True)]
        outputs = flat(function(*inputs))
        values.append([float(output) for output in outputs])
        if len(outputs) > 1 or not isinstance(outputs[0], Value):
            continue
        before = [p.grad for p in parameters]
        for p in parameters:
            p.grad = 0.0
        outputs[0].backward()
        size = sizes(outputs[0])
        gradient += [p.grad for p in parameters]
        gradient_size += [size.get(p, 0.0) for p in parameters]
        for share, share_size, leaves, has_batch in zip(shares, shares_size, inputs, batched, strict=True):
            shape = share[i].shape if has_batch else share.shape
            target, target_size = (share[i : i + 1], share_size[i : i + 1]) if has_batch else (share, share_size)
            target += np.array([v.grad for v in flat(leaves)]).reshape(shape)
            target_size += np.array([size.get(v, 0.0) for v in flat(leaves)]).reshape(shape)
        for p, grad in zip(parameters, before, strict=True):
            p.grad = grad
    return Eager(np.array(values), gradient, gradient_size, shares, shares_size)


def assert_close(received: Any, expected: Any, size: Any = 0.0, message: str = "") -> None:
    """Assert that numbers differ by less than 1e-10 · max(1, size); nan equals nan, and inf inf."""
    received, expected = np.asarray(received, dtype=float), np.asarray(expected, dtype=float)
    assert received.shape == expected.shape, message
    with np.errstate(invalid="ignore"):
        close = np.abs(received - expected) <= TOLERANCE * np.maximum(1.0, size)
    same = close | (received == expected) | (np.isnan(received) & np.isnan(expected))
    assert same.all(), f"{message}: received {received[~same][:5]}, expected {expected[~same][:5]}"


def assert_agrees(
    function: Callable[..., Any],
    examples: Sequence[Any],
    arguments: Sequence[Any],
    parameters: Sequence[Value] | None = None,
) -> Program:
    """Assert that the program gives the eager engine's values and gradients, and return it."""
    program = autograd.compile(function, *examples, parameters=parameters)
    expected = eager(function, examples, arguments, program.parameters)
    n = len(expected.values)
    received = np.array([np.broadcast_to(row, n) for row in columns(program(*arguments), expected.values.shape[1])]).T
    assert_close(received, expected.values, np.abs(expected.values), "values")
    if expected.values.shape[1] > 1:
        return program
    for reduce, divisor in (("sum", 1), ("mean", n)):
        total = expected.values.sum() / divisor, np.abs(expected.values).sum() / divisor
        value, gradient, shares = program.value_and_grad(*arguments, reduce=reduce, inputs=True)
        alone, alone_gradient = program.value_and_grad(*arguments, reduce=reduce)
        for number, what in ((value, "value"), (alone, "value without inputs")):
            assert_close(number, *total, f"{reduce}: {what}")
        for array, what in ((gradient, "gradient"), (alone_gradient, "gradient without inputs")):
            assert_close(array, expected.parameters / divisor, expected.parameters_size / divisor, f"{reduce}: {what}")
        for k, (share, wanted, size) in enumerate(
            zip(shares, expected.arguments, expected.arguments_size, strict=True)
        ):
            assert_close(share, wanted / divisor, size / divisor, f"{reduce}: gradient of argument {k}")
    return program


def refused(error: type[Exception], *parts: str) -> Any:
    """Expect an error of this class whose message has these parts, in order."""
    return pytest.raises(error, match="(?s)" + ".*".join(map(re.escape, parts)))


def columns(result: Any, outputs: int) -> list[Any]:
    """Return what a program returned as a list with one array, or number, for each output."""
    parts = flat(result)
    if len(parts) == 1 and outputs > 1:  # a regular list: one array with the batch first
        array = np.asarray(parts[0])
        return list(array.reshape(-1, outputs).T)
    return parts
