"""A picture as data: what is drawn, before any style says how.

``picture(value)`` reads a graph once: nodes with kind, name, operation, value and gradient, edges with their local
derivative. Nothing here knows of DOT or SVG, and a picture does not change when the graph does.

>>> from autograd import trace
>>> graph = trace("q = x + y; f = q * z", x=-2, y=5, z=-4)
>>> graph.output.backward()
>>> for node in picture(graph).nodes:
...     print(node.id, node.kind, node.title, node.value, node.gradient)
v0 input x -2.0 -4.0
v1 input y 5.0 -4.0
v2 op q = + 3.0 -4.0
v3 input z -4.0 3.0
v4 output f = × -12.0 1.0
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from autograd.graph import BackwardStep, Graph
from autograd.ops import CONSTANT, DOT, Dot, Op, Reduction
from autograd.value import Value
from viz.errors import TooLargeError, VizError

MOST_VALUES = 600  # more make an unreadable strip, and the layout takes seconds
MOST_EDGES = 1500

SYMBOLS = {
    "add": "+", "subtract": "−", "multiply": "×", "divide": "÷", "power": "**", "negative": "neg", "absolute": "abs",
    "reciprocal": "1/x", "maximum": "max", "minimum": "min",
    "greater": ">", "greater_equal": "≥", "less": "<", "less_equal": "≤",
}  # fmt: skip
_TYPOGRAPHIC = {"*": "×", "-": "−", "/": "÷"}  # of operations that a user named by the operator


@dataclass(frozen=True)
class Node:
    """One value of the picture.

    Attributes:
        id: ``v0``, ``v1``, … in topological order, the same on every run.
        kind: ``input``, ``parameter``, ``constant``, ``op`` or ``output``.
        name: its label, or its name in the mapping ``names``, or "".
        operation: ``+``, ``tanh``; "" for a leaf.
        value: its data.
        gradient: its grad; None for a constant, and everywhere while the graph has not been differentiated.
        one_pass: what one backward pass over this picture gives, in a leaf whose gradient is something else: the sum of
            several backward calls, or of this pass and of uses outside the picture. Else None.
    """

    id: str
    kind: str
    name: str
    operation: str
    value: float
    gradient: float | None = None
    one_pass: float | None = None

    @property
    def title(self) -> str:
        """``q = +``, or the name or the operation alone; a leaf without a name is called by its kind."""
        return " = ".join(filter(None, (self.name, self.operation))) or self.kind


@dataclass(frozen=True)
class Edge:
    """One use of an operand: ``x * x`` has two.

    Attributes:
        operand: the id of the node it comes from, and ``user``: of the one it goes to.
        local: ∂user/∂operand; None where only a gate's own backward knows it and that has not run.
        amount: what the edge carries backward: the user's gradient times ``local``; None before ``backward()``.
    """

    operand: str
    user: str
    local: float | None = None
    amount: float | None = None


@dataclass(frozen=True)
class Picture:
    """Nodes, each after its operands and the output last; edges, each node's in the order of its operands."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    @property
    def title(self) -> str:
        """What the picture is called: ``graph of f``, or plainly ``computational graph``."""
        return f"graph of {self.nodes[-1].name}" if self.nodes[-1].name else "computational graph"


def picture(graph: Value | Graph, names: Mapping[str, Any] | None = None, unfold: bool = False) -> Picture:
    """Read a graph, or the graph below a Value.

    A graph counts as differentiated when a gradient in it, the leaves' aside, is not 0: they may hold another graph's.

    Args:
        graph: the Graph, or its output.
        names: name → Value, for Values without a label; ``locals()`` will do. Whatever is neither a Value nor a list of
            Values is passed over, and so are names that begin with an underscore.
        unfold: whether a fused ``dot`` is drawn as the products and the sum that it stands for.

    Raises:
        VizError: ``graph`` or ``names`` is something else.
        TooLargeError: the picture would have more than 600 values, or 1,500 edges.
    """
    if isinstance(graph, Value):
        graph = Graph(graph)
    if not isinstance(graph, Graph):
        raise VizError(f"draw takes a Value or a Graph, not {type(graph).__name__}; give it a computation's result")
    _refuse_large(graph, unfold)
    known = _names_of(names)
    differentiated = any(node.grad != 0 for node in graph.nodes if not node.is_leaf or node is graph.output)
    if differentiated:
        slopes, one_pass = _backward_pass(graph)
    else:
        slopes, one_pass = {node: _known_slopes(node) for node in graph.nodes}, {}
    ids: dict[Value, str] = {}
    nodes: list[Node] = []
    edges: list[Edge] = []
    for value in graph.nodes:
        ids[value] = f"v{len(ids)}"
        node = Node(
            id=ids[value],
            kind=value.op.name if value.is_leaf else "output" if value is graph.output else "op",
            name=known.get(value, "") if value.label in (None, "") else str(value.label),
            operation="" if value.is_leaf else operation(value),
            value=value.data,
            gradient=value.grad if differentiated and value.op is not CONSTANT else None,
            one_pass=one_pass.get(value),
        )
        uses = [
            Edge(ids[operand], node.id, local, amount)
            for operand, (local, amount) in zip(value.parents, slopes[value], strict=True)
        ]
        if unfold and value.op is DOT:
            products, uses = _unfolded(node, value, uses)
            nodes += products
            node = replace(node, operation="+")
        nodes.append(node)
        edges += uses
    return Picture(tuple(nodes), tuple(edges))


def operation(node: Value) -> str:
    """Return how a picture names the operation that made a Value: ``×`` rather than ``multiply``."""
    if node.op is DOT:
        return "w·x + b" if len(node._x) > len(node._y) else "w·x"
    name = str(node.op.symbol or node.op.name)
    return SYMBOLS.get(node.op.name) or _TYPOGRAPHIC.get(name, name)


def is_larger(value: Value, most: int) -> bool:
    """Return whether more than ``most`` Values make up a graph; a large one is not walked to its end."""
    seen = {value}
    stack = [value]
    while stack:
        for operand in stack.pop().parents:
            if operand not in seen:
                if len(seen) == most:
                    return True
                seen.add(operand)
                stack.append(operand)
    return False


def _refuse_large(graph: Graph, unfold: bool) -> None:
    products = sum(len(node._y) for node in graph.nodes if node.op is DOT) if unfold else 0
    values = len(graph.nodes) + products
    edges = sum(len(node.parents) for node in graph.nodes) + products
    if values > MOST_VALUES or edges > MOST_EDGES:
        raise TooLargeError(
            f"the picture would have {values:,} values and {edges:,} edges; at most {MOST_VALUES} values and "
            f"{MOST_EDGES:,} edges can be shown. Draw a part, as in draw(node) for a Value further down"
            f"{', leave out unfold' if products else ''}, or the graph of one example instead of many"
        )


def _names_of(names: Mapping[str, Any] | None) -> dict[Value, str]:
    """Return Value → name; a Value with several names gets the first."""
    if names is None:
        return {}
    if not isinstance(names, Mapping) or not all(isinstance(name, str) for name in names):
        raise VizError("names maps each name to its Value, as locals() does or {'q': q}")
    found: dict[Value, str] = {}
    for name, thing in names.items():
        if name.startswith("_"):
            continue
        if isinstance(thing, Value):
            found.setdefault(thing, name)
        elif isinstance(thing, (list, tuple)):
            for i, item in enumerate(thing):
                if isinstance(item, Value):
                    found.setdefault(item, f"{name}[{i}]")
    return found


_Slopes = Sequence[tuple[float | None, float | None]]  # of each operand: local derivative, what is carried backward


def _known_slopes(node: Value) -> _Slopes:
    """Return the local derivatives, except a user's own operation's: its backward is not run just for a picture."""
    if isinstance(node.op, (Op, Reduction, Dot)):
        return [(local, None) for local in node.op.local(node)]
    return [(None, None)] * len(node.parents)


def _backward_pass(graph: Graph) -> tuple[dict[Value, _Slopes], dict[Value, float]]:
    """Return each node's slopes in one backward pass, and its result for the leaves that hold something else."""
    slopes: dict[Value, _Slopes] = dict.fromkeys(graph.nodes, ())
    total = {graph.output: graph.output.grad}
    largest: dict[Value, float] = {}  # contribution, against which a rounding error is small
    for step in graph.steps(graph.output.grad):
        if isinstance(step, BackwardStep):
            slopes[step.node] = [(part.local, part.amount) for part in step.contributions]
            for part in step.contributions:
                total[part.operand] = part.total
                largest[part.operand] = max(largest.get(part.operand, 0.0), abs(part.amount))
    other = {node for node in total if abs(node.grad - total[node]) > 1e-9 * largest.get(node, 0.0)}
    if any(not node.is_leaf for node in other) or not _is_current(graph):
        return slopes, {}  # the gradients are those of values that have changed since
    # A gradient of 0 is one that zero_grad() has cleared since.
    return slopes, {leaf: total[leaf] for leaf in other if leaf.grad != 0 and leaf.op is not CONSTANT}


def _is_current(graph: Graph) -> bool:
    """Return whether the values follow from the present leaves; not so when an optimiser has moved parameters."""
    try:
        return all(
            node.op.forward(node) == node.data or node.data != node.data
            for node in graph.nodes
            if isinstance(node.op, (Op, Reduction, Dot))
        )
    except (ArithmeticError, ValueError):  # the moved parameter has left the operation's domain
        return False


def _unfolded(node: Node, value: Value, uses: Sequence[Edge]) -> tuple[list[Node], list[Edge]]:
    """Return the product nodes of a fused dot, and all edges of products and sum.

    The sum passes its gradient to each product unchanged, so that a product's edges carry what the dot's own did.
    """
    weights, inputs = value._x, value._y
    n = len(inputs)
    products: list[Node] = []
    edges: list[Edge] = []
    for i in range(n):
        w, x = weights[i], inputs[i]
        product = Node(f"{node.id}p{i}", "op", "", "×", w.data * x.data, node.gradient)
        products.append(product)
        edges += [replace(uses[i], user=product.id), replace(uses[len(weights) + i], user=product.id)]
    terms = [Edge(product.id, node.id, 1.0, node.gradient) for product in products]
    return products, [*edges, *terms, *uses[n : len(weights)]]
