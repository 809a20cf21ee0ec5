"""Comparing a program with the eager graph, and saying where a number went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from autograd.ops import Op
from autograd.program.interpret import first_nonfinite, interpret
from autograd.program.vectorise import live, operands

if TYPE_CHECKING:
    from autograd.program.arguments import Arguments
    from autograd.program.plan import Plan
    from autograd.program.record import Recording
    from autograd.value import Value


FEW = 4  # operands named in a message


def eager_results(
    recording: Recording, parameters: Sequence[Value], theta: np.ndarray, inputs: np.ndarray
) -> tuple[np.ndarray, np.ndarray | None]:
    """Run a batch through the recorded Values, one sample at a time, and leave them as they were.

    Args:
        recording: the Values.
        parameters: those whose gradients are wanted, and ``theta``: their numbers.
        theta: as above.
        inputs: of shape (samples, inputs).

    Returns:
        The outputs, of shape (samples, outputs), and if there is one output the gradient of its sum over the batch.
    """
    before = [(node, node.data, node.grad) for node in dict.fromkeys([*recording.order, *parameters])]
    outputs = np.empty((len(inputs), len(recording.outputs)))
    try:
        for p, x in zip(parameters, theta.tolist(), strict=True):
            p.data, p.grad = x, 0.0
        for sample, numbers in enumerate(inputs.tolist()):
            for node, x in zip(recording.inputs, numbers, strict=True):
                node.data = x
            for node in recording.order:
                if not node.is_leaf:
                    node.data = _evaluate(node)
            outputs[sample] = [node.data for node in recording.outputs]
            if len(recording.outputs) == 1:
                recording.outputs[0].backward()
        return outputs, np.array([p.grad for p in parameters]) if len(recording.outputs) == 1 else None
    finally:
        for node, data, grad in before:
            node.data, node.grad = data, grad


def _evaluate(node: Value) -> float:
    """Compute a node anew as the eager engine does; by IEEE-754, as a program does, where that would raise."""
    try:
        return float(node.op.forward(node))
    except (ArithmeticError, ValueError):
        if not isinstance(node.op, Op):
            raise
        with np.errstate(all="ignore"):
            return float(node.op.kernel(*[np.float64(parent.data) for parent in node.parents]))


def largest_difference(received: np.ndarray, expected: np.ndarray) -> float:
    """Return the largest |received - expected|, 0 where both are nan or the same infinity; nan where one is nan."""
    same = (received == expected) | (np.isnan(received) & np.isnan(expected))
    with np.errstate(invalid="ignore"):
        return float(np.max(np.where(same, 0.0, np.abs(received - expected)), initial=0.0))


def origin_of_nonfinite(
    plan: Plan, arguments: Arguments, parameters: Sequence[Value], inputs: np.ndarray, theta: np.ndarray, seed: float
) -> str:
    """Say which instruction of a plan made the first nan or infinity, of which sample, and what it came from."""
    tape, origin = plan.straight.tape, plan.straight.origin
    values = interpret(tape, inputs, theta, seed)
    needed = live(tape, plan.needed)
    named = [i for i in needed if i in origin or i in plan.straight.slope_of or tape.kinds[i] in ("input", "parameter")]
    # An infinity inside a row's formula may do no harm, as that of exp in 1 / (1 + exp(-x)); so results come first.
    found = first_nonfinite(values, named) or first_nonfinite(values, needed)
    if found is None:
        return "a result is not finite though every operation by itself is: a sum over the batch became too large"
    i, sample = found
    kind = tape.kinds[i]
    where = f" in sample {sample}" if tape.batched[i] else ""
    number = np.asarray(values[i]).ravel()[sample]
    if kind == "input":
        return f"the input {arguments.name_of(tape.args[i][0])} is {number}{where}"
    if kind == "parameter":
        p = tape.args[i][0]
        label = parameters[p].label
        return f"the parameter {repr(label) if label else p} is {number}"
    what = "" if i < plan.straight.forward_length else "the slope of "
    node = origin.get(plan.straight.slope_of.get(i, i))
    if node is None:  # part of a row's formula: the row's own instruction uses it
        users = [j for j in (*origin, *plan.straight.slope_of) if i in operands(tape, j)]
        node = origin.get(plan.straight.slope_of.get(users[0], users[0])) if users else None
    if node is None:
        return f"the derivative of the graph gave the first non-finite number, {number}{where}, in {kind!r}"
    label = f" of {node.label!r}" if node.label else ""
    labels = [repr(parent.label) for parent in node.parents if parent.label]
    left_out = f" and {len(labels) - FEW} more" if len(labels) > FEW else ""
    arguments_text = ", ".join(labels[:FEW]) + left_out
    of = label or (f" of {arguments_text}" if arguments_text else "")
    return f"{what}{node.op.name}{of} gave the first non-finite number, {number}{where}, from finite operands"
