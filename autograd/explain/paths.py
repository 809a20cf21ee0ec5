"""The paths from one node of a graph up to its output: how many there are, what they carry, and which carry most.

The chain rule says that ∂f/∂x is the sum, over all paths from x to f, of the products of the local derivatives along
them. There may be 2^60 paths, so nothing here goes through them one by one: a sweep over the edges counts them, another
adds up their products, and the largest are found one after the other.

>>> from autograd import trace
>>> graph = trace("q = x + 1; f = q * x", x=3.0)
>>> found = Paths(graph, graph.inputs["x"])
>>> found.count, found.gradient
(2, 7.0)
>>> for path in found.largest(2):
...     print([node.label for node in path.nodes], path.product, round(path.share, 3))
['x', 'f'] 4.0 0.571
['x', 'q', 'f'] 3.0 0.429
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import islice
from typing import NamedTuple

from autograd.graph import Graph
from autograd.ops import is_flat
from autograd.value import Value


class Edge(NamedTuple):
    """One use of an operand; ``x * x`` has two.

    Attributes:
        operand: the Value that is used, by ``node``, as its operand number ``position`` (from 0).
        local: the local derivative ∂node/∂operand, the other operands held fixed.
        flat: whether that derivative is 0 everywhere, as that of a comparison is: nothing is passed back, not even ∞.
    """

    operand: Value
    node: Value
    position: int
    local: float
    flat: bool

    def back(self, gradient: float) -> float:
        """Return what the operand gets of the node's gradient."""
        return 0.0 if self.flat else gradient * self.local


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """One path from x to f.

    Attributes:
        nodes: the Values on it, x first and f last.
        edges: the links between them, one fewer; ``edge.local`` is a link's local derivative.
        product: of the local derivatives, multiplied from f's end as ``backward()`` does; 1 where there is no link.
        share: |product| as a part of Σ |product| over all paths, between 0 and 1; nan where that sum is 0, ∞ or nan.
    """

    nodes: tuple[Value, ...]
    edges: tuple[Edge, ...]
    product: float
    share: float


class Paths:
    """All the paths from ``x`` to the output of a graph.

    Attributes:
        nodes: the Values on any of them, each after its operands: x first and f last; none if f does not depend on x.
        uses: for each of these, the edges to those that use it, in the graph's order.
        count: the exact number of paths; two edges between the same nodes make two.
        gradient: ∂f/∂x, summed in the order of ``backward()``.
        magnitude: Σ |product| over all paths.
    """

    def __init__(self, graph: Graph, x: Value) -> None:
        self.uses: dict[Value, list[Edge]] = {}
        operands: dict[Value, list[Edge]] = {}
        for node in graph.nodes:
            if node is x:
                self.uses[node], operands[node] = [], []
                continue
            parents = node.parents
            positions = [i for i, parent in enumerate(parents) if parent in self.uses]
            if positions:
                slopes = node.op.local(node)
                edges = [Edge(parents[i], node, i, float(slopes[i]), is_flat(node.op, i)) for i in positions]
                for edge in edges:
                    self.uses[edge.operand].append(edge)
                self.uses[node], operands[node] = [], edges
        self.nodes = list(self.uses)
        self.count = self._count()
        self.gradient, self.magnitude = self._sums(operands)

    def _count(self) -> int:
        if not self.nodes:
            return 0
        counts = {self.nodes[0]: 1}
        for node in self.nodes:
            count = counts.pop(node)  # which nobody needs again: it may have thousands of digits
            for edge in self.uses[node]:
                counts[edge.node] = counts.get(edge.node, 0) + count
        return count

    def _sums(self, operands: dict[Value, list[Edge]]) -> tuple[float, float]:
        if not self.nodes:
            return 0.0, 0.0
        gradients = dict.fromkeys(self.nodes, 0.0)
        magnitudes = dict.fromkeys(self.nodes, 0.0)
        gradients[self.nodes[-1]] = magnitudes[self.nodes[-1]] = 1.0
        for node in reversed(self.nodes):
            for edge in operands[node]:
                gradients[edge.operand] += edge.back(gradients[node])
                magnitudes[edge.operand] += abs(edge.back(magnitudes[node]))
        return gradients[self.nodes[0]], magnitudes[self.nodes[0]]

    def largest(self, limit: int) -> list[Path]:
        """Return the ``limit`` paths of largest |product|, or all if there are fewer, the largest first.

        Infinite and undefined (nan) products stand first. Of equal ones, that stands first which leaves x by the edge
        that comes first in ``uses``, and so on upward.

        The time this takes grows with the edges of the graph, and beyond that with the links of the paths returned.
        """
        if not self.nodes or limit == 0:
            return []
        ranking = _Ranking(self.nodes, self.uses)
        return [self._path(edges) for edges in islice(ranking.paths(), limit)]

    def _path(self, edges: list[Edge]) -> Path:
        size = product(edges)
        share = abs(size) / self.magnitude if self.magnitude and self.magnitude < float("inf") else float("nan")
        return Path((self.nodes[0], *[edge.node for edge in edges]), tuple(edges), size, share)


def product(edges: list[Edge] | tuple[Edge, ...]) -> float:
    """Return the product of local derivatives along a path, multiplied from its upper end."""
    result = 1.0
    for edge in reversed(edges):
        result = edge.back(result)
    return result


class _Ranking:
    """From every node the paths up to f, the largest first, each found when it is asked for.

    A path from a node is one of its edges and then a path from the edge's other end, whose order multiplying by the
    edge's |local| keeps. So when a node's last path found is a certain edge with the n-th path from its other end, the
    only new candidate for the next is the same edge with the n+1-st; the other edges' candidates wait in a heap. (This
    is the recursive enumeration of Jiménez and Marzal, 1999, with products for sums and a loop for the recursion.)

    An entry is (-|product|, the edge's index, the rank of the path that follows). nan counts as ∞, which keeps the
    order too: what multiplies ∞ to nan is 0, and a path of product 0 stands below all others or, times ∞, beside them.
    """

    def __init__(self, nodes: list[Value], uses: dict[Value, list[Edge]]) -> None:
        self.x, self.f, self.uses = nodes[0], nodes[-1], uses
        self.found: dict[Value, list[tuple[float, int, int]]] = {self.f: [(-1.0, 0, 0)]}
        self.waiting: dict[Value, list[tuple[float, int, int]]] = {}
        self.finished = {self.f}
        for node in reversed(nodes[:-1]):
            self.found[node] = [min(self._entry(node, i, 0) for i in range(len(uses[node])))]

    def paths(self) -> Iterable[list[Edge]]:
        """Yield the paths from x."""
        rank = 0
        while rank < len(self.found[self.x]):
            edges = []
            node, following = self.x, rank
            while node is not self.f:
                _, index, following = self.found[node][following]
                edges.append(self.uses[node][index])
                node = edges[-1].node
            yield edges
            rank += 1
            if self.x not in self.finished:
                self._find_next()

    def _entry(self, node: Value, index: int, rank: int) -> tuple[float, int, int]:
        edge = self.uses[node][index]
        size = abs(edge.back(self.found[edge.node][rank][0]))
        return (-size if size == size else -float("inf"), index, rank)

    def _find_next(self) -> None:
        """Find one more path from x, if there is one: up to where the next path is known, and down again."""
        pending = [self.x]
        while True:
            _, index, rank = self.found[pending[-1]][-1]
            user = self.uses[pending[-1]][index].node
            if user in self.finished or len(self.found[user]) > rank + 1:
                break
            pending.append(user)
        for node in reversed(pending):
            _, index, rank = self.found[node][-1]
            if node not in self.waiting:
                self.waiting[node] = [self._entry(node, i, 0) for i in range(len(self.uses[node])) if i != index]
                heapify(self.waiting[node])
            waiting = self.waiting[node]
            if len(self.found[self.uses[node][index].node]) > rank + 1:
                heappush(waiting, self._entry(node, index, rank + 1))
            if waiting:
                self.found[node].append(heappop(waiting))
            else:
                self.finished.add(node)
