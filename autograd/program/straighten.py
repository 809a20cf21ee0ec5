"""Graph → tape: each node's instructions in topological order, sums of sums flattened on the way."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from autograd.errors import CompileError
from autograd.ops import DOT, REDUCTIONS, Op
from autograd.program.tape import ONE, Tape, Term, forward
from autograd.value import Value, topological_order

_LINEAR = {"add", "subtract", "negative", "multiply", "square", "sum", "mean", "dot"}


@dataclass
class Step:
    """Something to differentiate: instruction ``z`` came from ``operands`` by ``op``, a row or a reduction's name.

    For a linear combination ``op`` is "lin" and the operands stand in its terms.
    """

    z: int
    op: Op | str
    operands: tuple[int, ...] = ()


@dataclass
class Straight:
    """A tape with the instruction of each output, and the steps that made them."""

    tape: Tape
    outputs: list[int]
    steps: list[Step]
    nodes: int  # how many nodes were recorded
    origin: dict[int, Value] = field(default_factory=dict)  # instruction -> the node it came from, for messages
    slope_of: dict[int, int] = field(default_factory=dict)  # slope, an instruction -> z, whose slope it is
    forward_length: int = 0  # instructions from this one on belong to the derivative


def straighten(outputs: Sequence[Value], leaves: Mapping[Value, tuple[str, int]]) -> Straight:
    """Write the graphs of ``outputs`` to a tape.

    Args:
        outputs: what the program is to compute.
        leaves: ("parameter" or "input", index) of the leaves that are not constants; all others are.

    Raises:
        CompileError: a node whose operation is a user's own code, which array code cannot contain.
    """
    order = _order(outputs)
    uses: dict[Value, int] = {}
    for node in order:
        for parent in node.parents:
            uses[parent] = uses.get(parent, 0) + 1
    for node in outputs:
        uses[node] = uses.get(node, 0) + 2  # an output is never only part of another sum

    tape = Tape()
    straight = Straight(tape, [], [], len(order))
    done: dict[Value, int] = {}
    pending: dict[Value, list[Term]] = {}  # linear combinations used once: their terms go straight into their user
    stepped: set[int] = set()

    def instruction(node: Value) -> int:
        """Return a node's instruction, writing it if it was pending."""
        if node not in done:
            done[node] = written(node, pending.pop(node))
        return done[node]

    def written(node: Value, terms: list[Term]) -> int:
        fixed = [term for term in terms if term[1] != ONE and not tape.varies(term)]
        if 0 < len(fixed) < len(terms) and any(map(tape.varies, terms)) and (len(fixed) > 1 or fixed[0][2] != ONE):
            # The part that does not vary over the batch is computed once; it is differentiated as a step of its own.
            apart = set(fixed)
            terms = [*(term for term in terms if term not in apart), (1.0, written(node, fixed), ONE)]
        z = tape.lin(terms)
        if tape.kinds[z] == "lin" and z not in stepped:
            stepped.add(z)
            straight.steps.append(Step(z, "lin"))
        straight.origin.setdefault(z, node)
        return z

    def terms_of(node: Value, c: float) -> list[Term]:
        """Return c·node as terms."""
        terms = pending.get(node)
        if terms is not None and (c == 1 or len(terms) <= 4):
            del pending[node]
            return terms if c == 1 else [(c * k, u, v) for k, u, v in terms]
        return [tape.product(c, instruction(node))]

    def factor(node: Value) -> tuple[float, int]:
        """Return (c, u) with node = c·u, so that constants move out of a product."""
        terms = pending.get(node)
        if terms is not None and len(terms) == 1 and terms[0][2] == ONE:
            del pending[node]
            return terms[0][0], terms[0][1]
        i = instruction(node)
        value = tape.value_of(i)
        return (1.0, i) if value is None else (value, ONE)

    def product(x: Value, y: Value) -> Term:
        (a, u), (b, v) = factor(x), factor(y)
        return tape.product(a * b, u, v)

    def linear(node: Value, name: str) -> list[Term]:
        parents = node.parents
        if name == "add":
            terms = terms_of(parents[0], 1.0)
            terms += terms_of(parents[1], 1.0)
            return terms
        if name == "subtract":
            return terms_of(parents[0], 1.0) + terms_of(parents[1], -1.0)
        if name == "negative":
            return terms_of(parents[0], -1.0)
        if name in ("sum", "mean"):
            c = 1.0 if name == "sum" else 1.0 / len(parents)
            return [term for parent in parents for term in terms_of(parent, c)]
        if name == "dot":
            weights, inputs = node._x, node._y
            terms = [product(w, x) for w, x in zip(weights, inputs)]  # noqa: B905  # the bias is left over
            return terms + (terms_of(weights[-1], 1.0) if len(weights) > len(inputs) else [])
        if name == "square":
            i = instruction(parents[0])
            return [tape.product(1.0, i, i)]
        x, y = parents
        for number, other in ((x, y), (y, x)):
            if number in done:
                value = tape.value_of(done[number])
                if value is not None:
                    return terms_of(other, value)
        return [product(x, y)]

    for node in order:
        op = node.op
        if node._x is None:
            kind, index = leaves.get(node, ("constant", 0))
            if kind == "constant":
                done[node] = tape.constant(node.data)
            else:
                done[node] = tape.parameter(index) if kind == "parameter" else tape.input(index)
                straight.origin.setdefault(done[node], node)
            continue
        name = op.name
        if name in _LINEAR and (op is DOT or op in REDUCTIONS.values() or isinstance(op, Op)):
            terms = linear(node, name)
            if uses.get(node, 0) == 1:
                pending[node] = terms
            else:
                done[node] = written(node, terms)
            continue
        operands = tuple(instruction(parent) for parent in node.parents)
        step: Op | str
        if isinstance(op, Op):
            z, step = forward(tape, op, operands), op
        elif name in REDUCTIONS:
            z, step = _reduce(tape, name, operands), name
        else:
            label = f"{node.label!r}, " if node.label else ""
            raise CompileError(
                f"the node {label}made by {op.name!r} cannot be compiled: its operation is Python code of your own; "
                "give it as formula and partials, with autograd.operation, or run it eagerly"
            )
        done[node] = z
        straight.origin.setdefault(z, node)
        if z not in stepped and z not in operands and tape.kinds[z] != "constant":
            stepped.add(z)
            straight.steps.append(Step(z, step, operands))
    straight.outputs = [instruction(node) for node in outputs]
    straight.forward_length = len(tape)
    return straight


def _reduce(tape: Tape, name: str, operands: tuple[int, ...]) -> int:
    if name == "prod":
        return tape.reduction("product_of", operands)
    if name in ("max", "min"):
        return tape.reduction(f"{name}_of", operands)
    assert name == "logsumexp"
    shift, exponentials = softmax_parts(tape, operands)
    total = tape.lin([tape.product(1.0, e) for e in exponentials])
    return tape.lin([tape.product(1.0, shift), tape.product(1.0, tape.function("log", total))])


def softmax_parts(tape: Tape, xs: Sequence[int]) -> tuple[int, list[int]]:
    """Write the largest x, kept finite so that ±inf gives ±inf and not inf - inf, and each exp(x - largest)."""
    top = tape.reduction("max_of", xs)
    shift = tape.function("maximum", top, tape.constant(-sys.float_info.max))
    shift = tape.function("minimum", shift, tape.constant(sys.float_info.max))
    return shift, [tape.function("exp", tape.lin([tape.product(1.0, x), tape.product(-1.0, shift)])) for x in xs]


def _order(outputs: Sequence[Value]) -> list[Value]:
    """Return the nodes of several graphs, each once, in an order that is topological for all of them."""
    order: list[Value] = []
    seen: set[Value] = set()
    for output in outputs:
        interior, leaves = topological_order(output)
        for node in leaves + interior:
            if node not in seen:
                seen.add(node)
                order.append(node)
    return order
