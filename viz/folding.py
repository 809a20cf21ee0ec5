"""Large graphs, folded: modules closed to one box each, and values of the same form stacked in one.

Two things make a graph large. A model is large by its parts; so a module (a neuron, a layer, the model, found by
modules.py) is drawn as one box, or opened as a dashed frame around what lies in it. And a loss is large by its samples;
so what was computed a hundred times from the same parameters, or in the same way from nobody's, is one box "× 100". A
box shows ranges where a value shows a number. What is still too large is shown from the output back, as far as it is
readable, and the rest is one more box.

>>> from autograd import Value
>>> from nn import MLP
>>> model = MLP(2, [16, 16, 1], seed=1)
>>> loss = sum((model([Value(i / 100), Value(1.0)]) - i) ** 2 for i in range(100))
>>> for node in folded(Reading(loss), Wish()).nodes:
...     print(node.title, "stands for", node.summary.count if node.summary else 1)
layers.0 stands for 3248
input stands for 200
layers.1 stands for 3472
layers.2 stands for 117
constant stands for 100
− stands for 100
constant stands for 100
** stands for 100
+ stands for 101
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from autograd.graph import Graph
from viz.boxes import LARGE, READABLE, Boxes, Boxing, Cut
from viz.errors import TooLargeError, VizError
from viz.model import MOST_EDGES, MOST_VALUES, Cluster, Edge, Picture, Reading
from viz.modules import Scope, labels_of, members, scopes_of
from viz.skeleton import Skeleton
from viz.summaries import Contents, module_box, stack_box


@dataclass(frozen=True)
class Wish:
    """What to see of a large graph.

    Attributes:
        closed: paths of modules that are one box each, whatever else is said.
        opened: paths of modules whose inside is shown.
        depth: where the boxes stand: 0, the model is one; 1, each of its layers; 2, each of their neurons; 3, all is
            open. None: as deep as is readable.
    """

    closed: tuple[str, ...] = ()
    opened: tuple[str, ...] = ()
    depth: int | None = None


def is_large(graph: Graph) -> bool:
    """Return whether a graph is larger than what is shown value by value."""
    edges = 0
    for node in graph.nodes:
        edges += len(node.parents)
        if edges > 2 * LARGE:
            return True
    return len(graph.nodes) > LARGE


def folded(reading: Reading, wish: Wish, title: str = "model") -> Picture:
    """Return the folded picture of a graph.

    Args:
        reading: the graph.
        wish: what to open and what to close.
        title: of the whole model.

    Raises:
        VizError: there is no such module.
        TooLargeError: with all that is to be opened the picture has more than 1,200 boxes, or 2,000 edges.
    """
    folding = _Folding(reading, title)
    return folding.picture(folding.choose(wish))


class _Folding:
    def __init__(self, reading: Reading, title: str) -> None:
        self.reading = reading
        self.title = title
        values = reading.graph.nodes
        paths = labels_of(values) if reading.paths is None else reading.paths
        self.root, self.home = scopes_of(paths)
        self.skeleton = Skeleton(reading, paths)
        self.belongs = members(self.skeleton, self.home, self.root)
        self.boxing = Boxing(self.skeleton, self.belongs, self.home)
        # How often a neuron was called is how often each of its parameters was used for data.
        used = (j for i in self.skeleton.order if not self.skeleton.constant[i] for j in self.skeleton.operands[i])
        self.calls = Counter(j for j in used if self.boxing.given[j])
        self.scopes = {path: scope for scope in self.root.walk() for path in scope.paths}

    # --- what is open -------------------------------------------------------------------------------------------------

    def choose(self, wish: Wish) -> Boxes:
        """Return the boxes that a wish asks for; they are readable unless it asks for more."""
        closed = frozenset(self._scope(path) for path in wish.closed)
        if wish.depth is None and not wish.opened:
            return self._readable(closed)
        boxes = self.boxing.boxes(self._cut(1 if wish.depth is None else wish.depth, wish.opened, closed))
        if not boxes.fit(MOST_VALUES, MOST_EDGES):
            raise TooLargeError(
                f"unfolded as far as this, the picture would have {len(boxes.keys):,} boxes and {len(boxes.edges):,} "
                f"edges; at most {MOST_VALUES:,} boxes and {MOST_EDGES:,} edges can be shown. Unfold fewer modules, or "
                "take a smaller depth; without unfold and depth the picture is as deep as is readable"
            )
        return boxes

    def _readable(self, closed: frozenset[Scope]) -> Boxes:
        best: Boxes | None = None
        deepest = max(scope.level for scope in self.root.walk()) + 1
        for depth in range(0 if self.root.children else 1, deepest + 1):  # loose parameters are no model to be closed
            cut = self._cut(depth, (), closed)
            boxes = self.boxing.boxes(cut)
            if not boxes.fit(READABLE, 2 * READABLE):
                return best or self.boxing.nearest(cut)
            best = boxes
        assert best is not None
        return best

    def _cut(self, depth: int, opened: Sequence[str], closed: frozenset[Scope]) -> Cut:
        is_open = {scope for scope in self.root.walk() if scope.level < depth}
        wanted = {self._scope(path) for path in opened}
        partly = set()
        for scope in wanted:
            for outer in scope.outwards():
                if outer not in is_open and outer not in wanted:
                    partly.add(outer)
        # Neurons stand side by side and can share a box; layers cannot, for such a box would stand before itself.
        partly = {scope for scope in partly if not any(child.children for child in scope.children.values())}
        every = is_open | wanted | {outer for scope in wanted for outer in scope.outwards()}
        return Cut(frozenset(every) - closed, frozenset(partly) - closed)

    def _scope(self, path: str) -> Scope:
        if path in self.scopes:
            return self.scopes[path]
        if len(self.scopes) == 1:
            raise VizError(
                f"no module {path!r}: this graph shows none. Modules are found by their parameters' labels, such as "
                "'layers.0.w1', or in the model given as in draw(loss, model=model)"
            )
        outer = self.root
        for scope in self.root.walk():
            if any(path.startswith(f"{known}.") for known in scope.paths if known):
                outer = scope
        known = [repr(child.paths[0]) for child in outer.children.values()] or [repr(outer.paths[0])]
        more = f" and {len(known) - 8} more" if len(known) > 8 else ""
        raise VizError(f"no module {path!r}; choose one of {', '.join(known[:8])}{more}, or one within these")

    # --- the picture --------------------------------------------------------------------------------------------------

    def picture(self, boxes: Boxes) -> Picture:
        """Return nodes, edges and clusters for boxes."""
        skeleton, values = self.skeleton, self.skeleton.values
        self.reading.differentiate()
        contents = [Contents() for _ in boxes.keys]
        for i, head in enumerate(skeleton.gathered):
            box = contents[boxes.of[head]]
            box.all.append(i)
            if head == i:
                box.heads.append(i)
                for j in skeleton.operands[i]:
                    if boxes.of[j] != boxes.of[i]:
                        contents[boxes.of[j]].outputs.add(j)
        output = boxes.of[skeleton.output]
        contents[output].outputs.add(skeleton.output)
        clusters: dict[Scope, Cluster] = {}
        nodes = []
        for number, (key, box) in enumerate(zip(boxes.keys, contents, strict=True)):
            if key[0] in ("module", "rest", "more"):
                name, note = self._described(key, box)
                node = module_box(f"b{number}", name, note, box, self.reading, skeleton)
            elif len(box.all) == 1:
                (i,) = box.all
                node = self.reading.node(values[i], f"v{i}")
            else:
                node = stack_box(f"b{number}", box, self.reading, skeleton)
            nodes.append(replace(node, cluster=self._frame(key, clusters)))
        edges = self._edges(boxes, contents, [node.id for node in nodes])
        nodes.append(nodes.pop(output))
        return Picture(tuple(nodes), tuple(edges), tuple(clusters.values()))

    def _edges(self, boxes: Boxes, contents: Sequence[Contents], ids: Sequence[str]) -> Iterator[Edge]:
        """Yield one edge for all between two boxes, and each edge between two values."""
        skeleton, values = self.skeleton, self.skeleton.values
        for (operand, user), count in boxes.edges.items():
            if len(contents[operand].all) == len(contents[user].all) == 1:
                (i,), (j,) = contents[user].all, contents[operand].all
                named = {values[k]: ids[boxes.of[skeleton.gathered[k]]] for k in (*skeleton.raw[i], i)}
                uses = self.reading.uses(values[i], named)
                yield from [edge for edge, k in zip(uses, skeleton.raw[i], strict=True) if k == j]
            else:
                yield Edge(ids[operand], ids[user], count=count)

    def _frame(self, key: tuple[Any, ...], clusters: dict[Scope, Cluster]) -> str:
        """Return the id of the cluster in which a box lies, which is made with those around it."""
        scope: Scope | None = key[1]
        if key[0] == "module" and scope is not None:
            scope = scope.parent
        if scope is None:
            return ""
        for outer in reversed(list(scope.outwards())):
            if outer not in clusters:
                parent = clusters[outer.parent].id if outer.parent else ""
                clusters[outer] = Cluster(f"c{len(clusters)}", outer.paths[0] if outer.parent else self.title, parent)
        return clusters[scope].id

    def _described(self, key: tuple[Any, ...], box: Contents) -> tuple[str, str]:
        """Return the name of a module's box, and what is in it."""
        if key[0] == "more":
            return f"{len(box.all):,} more values", ""
        scope: Scope = key[1]
        inner = {child for i in box.heads if (child := _child(self.belongs[i], scope)) is not None}
        what = scope.called(len(inner)) if inner else ""
        calls = {self.calls[i] for i in box.heads if i in self.calls}
        repeated = f" × {times:,}" if len(calls) == 1 and (times := calls.pop()) > 1 else ""
        if key[0] == "rest":
            count, _, noun = what.partition(" ")
            return f"{count} more {noun}", repeated.strip()
        return scope.paths[0] if scope.parent else self.title, (what + repeated).strip()


def _child(scope: Scope | None, outer: Scope) -> Scope | None:
    """Return the child of ``outer`` in which a scope lies."""
    while scope is not None and scope.parent is not outer:
        scope = scope.parent
    return scope
