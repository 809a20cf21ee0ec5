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

from autograd.graph import Graph
from autograd.ops import CONSTANT, DOT, Dot, Op, Reduction
from autograd.value import Value
from viz.errors import TooLargeError, VizError

MOST_VALUES = 1200  # one by one; more are an unreadable strip, and their layout takes many seconds
MOST_EDGES = 2000

SYMBOLS = {
    "add": "+", "subtract": "−", "multiply": "×", "divide": "÷", "power": "**", "negative": "neg", "absolute": "abs",
    "reciprocal": "1/x", "maximum": "max", "minimum": "min",
    "greater": ">", "greater_equal": "≥", "less": "<", "less_equal": "≤",
}  # fmt: skip
_TYPOGRAPHIC = {"*": "×", "-": "−", "/": "÷"}  # of operations that a user named by the operator

_NO_GRAPH = "draw takes a Value or a Graph, not {}; give it a computation's result"
_NOTHING = {
    "NoneType": "there is nothing to draw: draw was given None; does the function that made it return its result?",
    "list": "draw takes one Value; of a list draw one, as in draw(values[0]), or their sum",
    "tuple": "draw takes one Value; of a tuple draw one, as in draw(values[0]), or their sum",
}


@dataclass(frozen=True)
class Summary:
    """What a box of a folded picture tells of the values that it stands for.

    Attributes:
        count: how many values those are.
        stacked: how many values of one form lie on each other; 1 for a module, or for one value with what it hides.
        note: what they are, as in ``16 neurons × 100``.
        values: the smallest and the largest number, of a stack or of a module's outputs; nan where all are.
        gradients: the same of their gradients; None while the graph has not been differentiated.
        alarm: what calls for attention, as in ``3 of 16 dead``, or "".
        details: the rest, for the tooltip.
    """

    count: int
    stacked: int
    note: str
    values: tuple[float, float]
    gradients: tuple[float, float] | None = None
    alarm: str = ""
    details: str = ""


@dataclass(frozen=True)
class Cluster:
    """A module whose inside is shown: a dashed frame around nodes, which name it in ``Node.cluster``.

    Attributes:
        id: ``c0``, ``c1``, …
        title: its path, as in ``layers.0``.
        parent: the id of the cluster in which it lies, or "".
    """

    id: str
    title: str
    parent: str = ""


@dataclass(frozen=True)
class Node:
    """One value of the picture, or in a folded picture a box that stands for several.

    Attributes:
        id: ``v0``, ``v1``, … in topological order, the same on every run; ``b0``, … for boxes.
        kind: ``input``, ``parameter``, ``constant``, ``op``, ``output``, or ``module`` for the box of a folded one.
        name: its label, or its name in the mapping ``names``, or "".
        operation: ``+``, ``tanh``; "" for a leaf.
        value: its data; nan for a box, whose ``summary`` has the range.
        gradient: its grad; None for a constant, and everywhere while the graph has not been differentiated.
        one_pass: what one backward pass over this picture gives, in a leaf whose gradient is something else: the sum of
            several backward calls, or of this pass and of uses outside the picture. Else None.
        summary: of the values in a box; None for a single value.
        cluster: the id of the cluster it lies in, or "".
    """

    id: str
    kind: str
    name: str
    operation: str
    value: float
    gradient: float | None = None
    one_pass: float | None = None
    summary: Summary | None = None
    cluster: str = ""

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
        count: how many uses it stands for, in a folded picture; then it has neither ``local`` nor ``amount``.
    """

    operand: str
    user: str
    local: float | None = None
    amount: float | None = None
    count: int = 1


@dataclass(frozen=True)
class Picture:
    """Nodes, each after its operands and the output last; edges, each node's in the order of its operands.

    In a folded picture boxes stand in the order of their first values, and ``clusters`` each after its parent.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    clusters: tuple[Cluster, ...] = ()

    @property
    def title(self) -> str:
        """What the picture is called: ``graph of f``, or plainly ``computational graph``."""
        last = self.nodes[-1]
        return f"graph of {last.name}" if last.name and last.kind != "module" else "computational graph"

    @property
    def folded(self) -> bool:
        """Whether boxes stand for several values."""
        return any(node.summary for node in self.nodes)

    @property
    def count(self) -> int:
        """How many values the picture stands for."""
        return sum(node.summary.count if node.summary else 1 for node in self.nodes)


class Reading:
    """A graph, read once: what the full and the folded picture both ask of it.

    A graph counts as differentiated when a gradient in it, the leaves' aside, is not 0: they may hold another graph's.

    Args:
        graph: a Graph, or its output.
        names: name → Value, or None.
        paths: Value → path in a model, for what has no label and no name; or None.

    Raises:
        VizError: ``graph`` or ``names`` is something else.
    """

    def __init__(
        self, graph: Value | Graph, names: Mapping[str, Any] | None = None, paths: Mapping[Value, str] | None = None
    ) -> None:
        if isinstance(graph, Value):
            graph = Graph(graph)
        if not isinstance(graph, Graph):
            raise VizError(_NOTHING.get(type(graph).__name__, "") or _NO_GRAPH.format(type(graph).__name__))
        self.graph = graph
        self.names = {**(paths or {}), **_names_of(names)}
        self.paths = paths
        self.differentiated = any(node.grad != 0 for node in graph.nodes if not node.is_leaf or node is graph.output)
        self._slopes: dict[Value, Sequence[float]] = {}
        self._gradients: dict[Value, float] = {}  # of one backward pass
        self._one_pass: dict[Value, float] = {}

    def differentiate(self) -> None:
        """Run through one backward pass, which the numbers on edges and the marks of several passes come from."""
        if self.differentiated and not self._gradients:
            self._slopes, self._gradients, self._one_pass = _backward_pass(self.graph)

    def name(self, value: Value) -> str:
        """Return a Value's label, or else the name it was given."""
        return self.names.get(value, "") if value.label in (None, "") else str(value.label)

    def gradient(self, value: Value) -> float | None:
        """Return what a picture shows as a Value's gradient, if any."""
        return value.grad if self.differentiated and value.op is not CONSTANT else None

    def node(self, value: Value, identity: str) -> Node:
        """Return the node of a picture for a single Value."""
        return Node(
            id=identity,
            kind=self._kind(value),
            name=self.name(value),
            operation="" if value.is_leaf else operation(value),
            value=value.data,
            gradient=self.gradient(value),
            one_pass=self._one_pass.get(value),
        )

    def _kind(self, value: Value) -> str:
        if value.is_leaf:
            return "parameter" if self.paths and value in self.paths else str(value.op.name)
        return "output" if value is self.graph.output else "op"

    def uses(self, value: Value, ids: Mapping[Value, str]) -> list[Edge]:
        """Return the edges from a Value's operands, in order."""
        if value in self._slopes:
            gradient = self._gradients[value]
            return [
                Edge(ids[operand], ids[value], local, 0.0 if operand.op is CONSTANT else gradient * local)
                for operand, local in zip(value.parents, self._slopes[value], strict=True)
            ]
        # A user's own operation keeps its local derivatives: its backward is not run just for a picture.
        known = isinstance(value.op, (Op, Reduction, Dot))
        slopes: Sequence[float | None] = value.op.local(value) if known else [None] * len(value.parents)
        return [Edge(ids[o], ids[value], local) for o, local in zip(value.parents, slopes, strict=True)]


def picture(graph: Value | Graph | Reading, names: Mapping[str, Any] | None = None, unfold: bool = False) -> Picture:
    """Read a graph, or the graph below a Value, and show every value of it.

    Args:
        graph: the Graph, or its output.
        names: name → Value, for Values without a label; ``locals()`` will do. Whatever is neither a Value nor a list of
            Values is passed over, and so are names that begin with an underscore.
        unfold: whether a fused ``dot`` is drawn as the products and the sum that it stands for.

    Raises:
        VizError: ``graph`` or ``names`` is something else.
        TooLargeError: the picture would have more than 1,200 values, or 2,000 edges.
    """
    reading = graph if isinstance(graph, Reading) else Reading(graph, names)
    _refuse_large(reading.graph, unfold)
    reading.differentiate()
    ids: dict[Value, str] = {}
    nodes: list[Node] = []
    edges: list[Edge] = []
    for value in reading.graph.nodes:
        ids[value] = f"v{len(ids)}"
        node = reading.node(value, ids[value])
        uses = reading.uses(value, ids)
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
            f"the picture would have {values:,} values and {edges:,} edges; at most {MOST_VALUES:,} values and "
            f"{MOST_EDGES:,} edges can be shown one by one. Leave out "
            f"{'unfold=True' if products else 'fold=False'} to have it folded, or draw a part, as in draw(node) for a "
            "Value further down"
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


def _backward_pass(graph: Graph) -> tuple[dict[Value, Sequence[float]], dict[Value, float], dict[Value, float]]:
    """Return each node's local derivatives, its gradient in one backward pass, and that of leaves that hold another."""
    slopes: dict[Value, Sequence[float]] = {}
    total = dict.fromkeys(graph.nodes, 0.0)
    total[graph.output] = graph.output.grad
    largest = dict.fromkeys(graph.nodes, 0.0)  # contribution, against which a rounding error is small
    for node in reversed(graph.nodes):
        if node.is_leaf:
            continue
        gradient = total[node]
        slopes[node] = node.op.local(node)
        for operand, local in zip(node.parents, slopes[node], strict=True):
            if operand.op is not CONSTANT:
                amount = gradient * local
                total[operand] += amount
                if abs(amount) > largest[operand]:
                    largest[operand] = abs(amount)
    other = {node for node in total if abs(node.grad - total[node]) > 1e-9 * largest[node]}
    if any(not node.is_leaf for node in other) or not (other and is_current(graph)):
        return slopes, total, {}  # the gradients are those of values that have changed since
    # A gradient of 0 is one that zero_grad() has cleared since.
    return slopes, total, {leaf: total[leaf] for leaf in other if leaf.grad != 0 and leaf.op is not CONSTANT}


def is_current(graph: Graph) -> bool:
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
