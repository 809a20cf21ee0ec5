"""Comparing a program with the eager graph, and saying where a number went wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.ops import CONSTANT, Op
from autograd.program.straighten import Straight
from autograd.program.vectorise import operands

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autograd.program.program import Program
    from autograd.value import Value


def largest_difference(program: Program, inputs: np.ndarray, arguments: Sequence[Any]) -> float:
    """Return the largest difference of outputs and gradients between a program and its recorded Values."""
    recording = program._recording
    nodes = [*recording.order]
    before = [(node, node.data, node.grad) for node in nodes]
    outputs = np.empty((len(inputs), len(recording.outputs)))
    total = np.zeros(len(program.parameters))
    try:
        for p, x in zip(program.parameters, program.theta.tolist(), strict=True):
            p.data, p.grad = x, 0.0
        for sample, column in enumerate(inputs.tolist()):
            for node, x in zip(recording.inputs, column, strict=True):
                node.data = x
            for node in nodes:
                if not node.is_leaf:
                    node.data = _evaluate(node)
            outputs[sample] = [node.data for node in recording.outputs]
            if len(recording.outputs) == 1:
                recording.outputs[0].backward()
        total[:] = [p.grad if p.op is not CONSTANT else 0.0 for p in program.parameters]
    finally:
        for node, data, grad in before:
            node.data, node.grad = data, grad
    plan_outputs = np.array([np.broadcast_to(row, len(inputs)) for row in _rows(program, arguments)]).T
    differences = [np.max(np.abs(plan_outputs - outputs), initial=0.0)]
    if len(recording.outputs) == 1 and program.parameters:
        _, gradient = program.value_and_grad(*arguments, reduce="sum")
        differences.append(np.max(np.abs(gradient - total), initial=0.0))
    return float(max(differences))


def _evaluate(node: Value) -> float:
    """Compute a node anew as the eager engine does; by IEEE-754, as a program does, where that would raise."""
    try:
        return float(node.op.forward(node))
    except (ArithmeticError, ValueError):
        if not isinstance(node.op, Op):
            raise
        with np.errstate(all="ignore"):
            return float(node.op.kernel(*[np.float64(parent.data) for parent in node.parents]))


def _rows(program: Program, arguments: Sequence[Any]) -> list[Any]:
    result = program(*arguments)
    if program._shape is not None:
        array = np.asarray(result)
        array = array.reshape(-1, max(1, int(np.prod(program._shape)))) if array.ndim else array.reshape(1, 1)
        return list(array.T)
    flat: list[Any] = []

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            part = list(part.values())
        if isinstance(part, (list, tuple)):
            for p in part:
                walk(p)
        else:
            flat.append(part)

    walk(result)
    return flat


def describe_nonfinite(straight: Straight, i: int, sample: int, inputs: np.ndarray, theta: np.ndarray) -> str:
    """Say which instruction made the first nan or infinity, of which sample, and what node it came from."""
    tape = straight.tape
    kind = tape.kinds[i]
    if kind == "input":
        return f"input {tape.args[i][0]} is {inputs[tape.args[i][0], sample]} in sample {sample}"
    if kind == "parameter":
        return f"parameter {tape.args[i][0]} is {theta[tape.args[i][0]]}"
    where = f" in sample {sample}" if tape.batched[i] else ""
    node = straight.origin.get(i)
    if node is None:
        users = [j for j in straight.origin if i in operands(tape, j)]
        node = straight.origin[users[0]] if users else None
    name = node.op.name if node is not None else kind
    label = f" of {node.label!r}" if node is not None and node.label else ""
    return f"{name}{label} gave the first non-finite number{where}, from finite operands"
