"""Which values share a box of a folded picture: those of one closed module, and else those that are made alike.

Alike are values of the same operation on the same boxes; so, from the inputs on, what was computed for one sample and
for the next. Leaves are alike that are used in the same place by the same boxes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from autograd.ops import DOT
from autograd.value import Value
from viz.modules import Scope
from viz.skeleton import Skeleton

LARGE = 100  # values, with up to twice as many edges, up to which a graph is shown as it is
READABLE = 60  # boxes, with up to twice as many edges, to which a larger one is folded
ALIKE = 20  # parameters of one module, as w0, w1, …, up to which each is drawn by itself

Key = tuple[Any, ...]


@dataclass(frozen=True, eq=False)
class Cut:
    """Which modules are open.

    Attributes:
        open: their scopes.
        partly: those among them that show only what is open in them, and the rest as one box.
    """

    open: frozenset[Scope]
    partly: frozenset[Scope] = frozenset()

    def closed(self, scope: Scope | None) -> Key | None:
        """Return the key of the box in which a scope is closed; None if it is open, or there is none."""
        for outer in reversed(list(scope.outwards())) if scope else ():
            if outer not in self.open:
                return ("rest", outer.parent) if outer.parent in self.partly else ("module", outer)
        return None


@dataclass(frozen=True)
class Boxes:
    """The boxes of a graph.

    Attributes:
        of: the number of each value's box; -1 for values inside a gathered operation.
        keys: what each box is: ("module", scope), ("rest", scope of those beside it), ("more", None), or
            ("stack", scope around it, and what its values have in common).
        edges: (box, box that uses it) → how many uses.
    """

    of: list[int]
    keys: list[Key]
    edges: dict[tuple[int, int], int]

    def fit(self, boxes: int, edges: int) -> bool:
        """Return whether there are no more of either."""
        return len(self.keys) <= boxes and len(self.edges) <= edges


class Boxing:
    """Puts the values of a graph into boxes.

    Args:
        skeleton: the graph.
        belongs: the scope of each value, or None.
        home: the scope of each parameter.
    """

    def __init__(self, skeleton: Skeleton, belongs: Sequence[Scope | None], home: Mapping[Value, Scope]) -> None:
        self.skeleton = skeleton
        self.belongs = belongs
        self.given = [value in home for value in skeleton.values]
        self.alike = Counter((belongs[i], pattern) for i, pattern in enumerate(skeleton.patterns) if self.given[i])

    def boxes(self, cut: Cut) -> Boxes:
        """Return the boxes under a cut."""
        skeleton = self.skeleton
        closed = cache(cut.closed)
        known: dict[Key, int] = {}
        of = [-1] * len(skeleton.values)
        uses: dict[int, set[tuple[int, int]]] = {}  # of the leaves of no module: by which box, and where
        for i in skeleton.order:
            key = closed(self.belongs[i]) or ("stack", self.belongs[i], *self._likeness(i, of))
            of[i] = known.setdefault(key, len(known))
            if key[0] == "stack" and skeleton.values[i].is_leaf and not self.given[i]:
                uses[i] = set()
        keys = list(known)
        for i in skeleton.order:
            stacked = keys[of[i]][0] == "stack"
            for position, j in enumerate(skeleton.operands[i]):
                if j in uses:
                    uses[j].add((of[i], self._role(i, position) if stacked else 0))
        return self._boxes([(*keys[of[i]], frozenset(uses[i])) if i in uses else keys[of[i]] for i in skeleton.order])

    def nearest(self, cut: Cut) -> Boxes:
        """Return as many boxes as are readable next to the output, with the rest of the graph in one more.

        Here all values of the same operation are alike that are as many steps away from the output.
        """
        skeleton = self.skeleton
        closed = cache(cut.closed)
        steps = [0] * len(skeleton.values)  # by the longest way, so that operands are always further away
        for i in reversed(skeleton.order):
            for j in skeleton.operands[i]:
                steps[j] = max(steps[j], steps[i] + 1)
        keys: list[Key] = []
        for i in skeleton.order:
            value, scope = skeleton.values[i], self.belongs[i]
            name = value.op.name if value.is_leaf else skeleton.operations[i]
            keys.append(closed(scope) or ("stack", scope, name, skeleton.patterns[i], steps[i]))
        boxes = self._boxes(keys)
        far = [0] * len(boxes.keys)
        for i in skeleton.order:
            far[boxes.of[i]] = max(far[boxes.of[i]], steps[i])
        count = edges = 0
        new_boxes, new_edges = Counter(far), Counter(max(far[a], far[b]) for a, b in boxes.edges)
        for distance in sorted(new_boxes):
            count += new_boxes[distance]
            edges += new_edges[distance]
            if distance and (count >= READABLE or count + edges > 2 * READABLE):  # the rest is a box, used by all
                more = [far[boxes.of[i]] >= distance for i in skeleton.order]
                return self._boxes([("more", None) if m else key for m, key in zip(more, keys, strict=True)])
        return boxes

    def _likeness(self, i: int, of: Sequence[int]) -> Key:
        """Return what a value in no closed module has in common with those that share its box."""
        skeleton, value = self.skeleton, self.skeleton.values[i]
        pattern = skeleton.patterns[i]
        if self.given[i]:
            return ("parameter", pattern if self.alike[self.belongs[i], pattern] > ALIKE else i)
        if value.is_leaf:
            return (value.op.name, pattern)
        penalty = skeleton.constant[i]  # one for all parameters, whichever modules they are in
        operands = [-1 if penalty and self.given[j] else of[j] for j in skeleton.operands[i]]
        if skeleton.operands[i] is not skeleton.raw[i]:
            return (skeleton.operations[i], pattern, "gathered", *dict.fromkeys(operands))
        squared = len(set(skeleton.operands[i])) < len(operands)  # x * x is not w * x
        return (skeleton.operations[i], pattern, squared, *operands)

    def _role(self, i: int, position: int) -> int:
        """Return which part the operand at a position plays in an operation, as far as it makes a difference."""
        value = self.skeleton.values[i]
        if value.op is DOT:  # weights, bias, inputs
            return 2 if position >= len(value._x) else 1 if position >= len(value._y) else 0
        return position if len(self.skeleton.operands[i]) <= 2 else 0

    def _boxes(self, keys: Sequence[Key]) -> Boxes:
        """Return the boxes for the keys of the values in the skeleton's order."""
        skeleton = self.skeleton
        known: dict[Key, int] = {}
        of = [-1] * len(skeleton.values)
        edges: Counter[tuple[int, int]] = Counter()
        for i, key in zip(skeleton.order, keys, strict=True):
            of[i] = known.setdefault(key, len(known))
            for j in skeleton.operands[i]:
                if of[j] != of[i]:
                    edges[of[j], of[i]] += 1
        return Boxes(of, list(known), edges)
