"""A graph as an object: the lectures' ComputationalGraph.

It holds the nodes below an output in topological order, evaluates them anew when inputs change, differentiates, and can
tell every step of either pass with the numbers involved; pictures and explanations are drawn from those steps.

>>> from autograd import Graph, trace
>>> graph = trace("q = x + y; f = q * z", x=-2, y=5, z=-4)
>>> graph.forward({"x": 3.0})
-32.0
>>> graph.backward()
{'x': -4.0, 'y': -4.0, 'z': 8.0}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, SupportsFloat

from autograd.errors import AutogradError, InputError, OperandError
from autograd.gate import GateOp
from autograd.ops import CONSTANT, Op, is_flat
from autograd.value import Value, number, topological_order

if TYPE_CHECKING:
    from autograd.program import Program


@dataclass(frozen=True)
class Contribution:
    """What one edge carries backward: ``amount = gradient of the node * local``, added to the operand's gradient.

    Attributes:
        operand: the Value that receives it, and ``position``: which operand of the node it is.
        local: ∂node/∂operand.
        amount: gradient * local; 0 for a constant, which receives nothing.
        before: the operand's gradient so far, and ``total`` = before + amount.
        final: whether nothing more will be added, so that ``total`` is the operand's gradient.
    """

    operand: Value
    position: int
    local: float
    amount: float
    before: float
    total: float
    final: bool


@dataclass(frozen=True)
class ForwardStep:
    """A node is computed: ``data`` from ``operands``."""

    node: Value
    operands: tuple[float, ...]
    data: float


@dataclass(frozen=True)
class BackwardStep:
    """A node passes its (final) ``gradient`` on, one contribution for each operand in order."""

    node: Value
    gradient: float
    contributions: tuple[Contribution, ...]


class Graph:
    """The Values below ``output``.

    Attributes:
        output: the last node, whose value ``forward`` returns.
        nodes: every node once, each after its operands, ``output`` last; the same order on every run.
    """

    def __init__(self, output: Value) -> None:
        if not isinstance(output, Value):
            raise OperandError(f"a Graph is made from its output, a Value; got {type(output).__name__}")
        self.output = output
        self.nodes: list[Value] = _in_reading_order(output)

    @property
    def leaves(self) -> list[Value]:
        """The nodes that no operation made, constants among them."""
        return [node for node in self.nodes if node.is_leaf]

    @property
    def inputs(self) -> dict[str, Value]:
        """The leaves by label: inputs and parameters, not constants, and none without a label.

        Raises:
            InputError: two of them bear the same label.
        """
        inputs: dict[str, Value] = {}
        for node in self.leaves:
            if node.op is CONSTANT or node.label is None:
                continue
            if node.label in inputs:
                raise InputError(f"two leaves bear the label {node.label!r}; give each input a label of its own")
            inputs[node.label] = node
        return inputs

    def forward(self, inputs: Mapping[str, SupportsFloat] | None = None) -> float:
        """Write ``inputs`` (label → number) into the leaves, compute every node anew, and return the output's value.

        Leaves that are not named keep their data. An error, as for log(-1), leaves all data as it was.

        Raises:
            InputError: a label that no input bears.
            GraphError: a node made by hand, which cannot be computed anew.
        """
        known = self.inputs if inputs else {}
        for label in inputs or ():
            if label not in known:
                raise InputError(
                    f"no input {label!r}; the inputs of this graph are {', '.join(map(repr, known)) or 'none'}"
                )
        before = [node.data for node in self.nodes]
        gates = [(node.op, copy(node.op.instance)) for node in self.nodes if isinstance(node.op, GateOp)]
        try:
            for label, value in (inputs or {}).items():
                known[label].data = number(value)
            for node in self.nodes:
                if not node.is_leaf:
                    node.data = _evaluate(node)
        except BaseException:
            for node, data in zip(self.nodes, before, strict=True):
                node.data = data
            for op, instance in gates:  # which keeps what its backward needs
                op.instance = instance
            raise
        return self.output.data

    def backward(self, gradient: SupportsFloat = 1.0) -> dict[str, float]:
        """Differentiate as ``Value.backward`` does, and return this call's gradient of each labelled input."""
        inputs = self.inputs
        before = {label: node.grad for label, node in inputs.items()}
        for node in inputs.values():
            node.grad = 0.0
        try:
            self.output.backward(gradient)
        except BaseException:
            for label, node in inputs.items():
                node.grad = before[label]
            raise
        gradients = {label: node.grad for label, node in inputs.items()}
        for label, node in inputs.items():
            node.grad = before[label] + gradients[label]
        return gradients

    def compile(self) -> Program:
        """Return the graph as a Program: array code that runs it for new inputs, whole batches of them, far faster.

        Labelled inputs are the program's arguments, in the order of ``inputs`` or by their labels. Parameters, and
        leaves without a label, make up its ``theta``.

        >>> from autograd import trace
        >>> program = trace("(x + y) * z", x=-2, y=5, z=-4).compile()
        >>> program(x=[-2.0, 3.0], y=5.0, z=-4.0)
        array([-12., -32.])
        """
        from autograd.program import compile_graph

        return compile_graph(self)

    def zero_grad(self) -> None:
        """Set every gradient of the graph to 0."""
        for node in self.nodes:
            node.grad = 0.0

    def steps(self, gradient: float = 1.0) -> Iterator[ForwardStep | BackwardStep]:
        """Yield what happens, one node at a time: first each operation forward, then each one backward.

        The numbers are those of the present data; nothing in the graph is changed.

        >>> from autograd import trace
        >>> for step in trace("x * x", x=3.0).steps():
        ...     print(step.node.op.symbol, step.data if isinstance(step, ForwardStep) else step.contributions[1].total)
        * 9.0
        * 6.0
        """
        interior = [node for node in self.nodes if not node.is_leaf]
        for node in interior:
            yield ForwardStep(node, tuple(parent.data for parent in node.parents), node.data)
        uses: dict[Value, int] = {}
        for node in interior:
            for parent in node.parents:
                uses[parent] = uses.get(parent, 0) + 1
        totals: dict[Value, float] = dict.fromkeys(self.nodes, 0.0)
        totals[self.output] = float(gradient)
        for node in reversed(interior):
            contributions = []
            for position, (parent, local) in enumerate(zip(node.parents, node.op.local(node), strict=True)):
                nothing = parent.op is CONSTANT or is_flat(node.op, position)
                amount = 0.0 if nothing else totals[node] * local
                before, totals[parent] = totals[parent], totals[parent] + amount
                uses[parent] -= 1
                contributions.append(
                    Contribution(parent, position, local, amount, before, totals[parent], uses[parent] == 0)
                )
            yield BackwardStep(node, totals[node], tuple(contributions))


def _evaluate(node: Value) -> float:
    """Compute a node's data from its operands; errors name operation, numbers, labels and domain."""
    try:
        return float(node.op.forward(node))
    except AutogradError:
        raise
    except (ArithmeticError, ValueError) as error:
        if isinstance(node.op, Op):
            from autograd.build import describe

            raise describe(node.op, node.parents, error) from None
        raise


def _in_reading_order(output: Value) -> list[Value]:
    """Return all nodes, each leaf just before the first node that uses it."""
    interior, leaves = topological_order(output)
    nodes: list[Value] = []
    seen: set[Value] = set()
    for node in interior:
        for parent in node.parents:
            if parent.is_leaf and parent not in seen:
                seen.add(parent)
                nodes.append(parent)
        nodes.append(node)
    return nodes or leaves
