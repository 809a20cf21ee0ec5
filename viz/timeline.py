r"""What an animation shows and when: the frames of a graph's two passes, and their captions.

A frame is one step: the start, one for each operation forward, the seed of the backward pass, one for each operation
backward, and the end, which rests. All of them come from ``Graph.steps``; nothing here knows of SVG.

>>> from autograd import Graph, Value
>>> x = Value(3.0, label="x")
>>> timeline = Timeline(Graph(x * x), ["x", "f"])
>>> for k in range(len(timeline.frames)):
...     print("\n".join(timeline.caption(k, 90)))
start: the inputs have their values
forward: f = x * x = 3 * 3 = 9
backward begins: ∂f/∂f = 1
backward through f: × swaps its inputs: each operand gets the gradient times the other operand
∂f/∂x += ∂f/∂f · ∂f/∂x = 1 · 3 = 3, not final
∂f/∂x += ∂f/∂f · ∂f/∂x = 1 · 3 = 3; 3 + 3 = 6, final
finished: ∂f/∂x = 6
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from autograd.explain.roles import ROLES, SCALES
from autograd.graph import BackwardStep, Contribution, ForwardStep, Graph
from autograd.ops import CONSTANT
from autograd.table import formula
from viz.model import is_current, operation
from viz.text import columns, number, printable, shorten

MOST_LINES = 4  # of formulas in a caption; of more operands the first are written out
MOST_GRADIENTS = 6  # in the last caption
LONGEST_NAME = 16

_FIRST = re.compile(r"^\((−[^()]*)\)")  # a negative number in parentheses, which it needs only before **
_LOOSE = ("add", "subtract", "multiply", "divide")


@dataclass(frozen=True)
class Total:
    """A gradient from some frame on: what has been added up so far, and whether that is all."""

    frame: int
    total: float
    final: bool


@dataclass(frozen=True)
class Frame:
    """What is lit in one step.

    Attributes:
        kind: ``start``, ``forward``, ``seed``, ``backward`` or ``end``.
        node: the place in ``graph.nodes`` of the node whose step it is; None at the start and at the end.
        edges: the places in the picture's edges of those that carry something: a constant receives no gradient.
    """

    kind: str
    node: int | None = None
    edges: tuple[int, ...] = ()


class Timeline:
    """The frames of both passes.

    Attributes:
        frames: one after the other.
        values: the frame in which each node's value appears, by its place in ``graph.nodes``; 0 for leaves.
        totals: each node's gradients, one after the other; none for a constant.
        carried: what each edge carries backward, the local derivative and its product with the gradient.
        current: whether the values follow from the present inputs.

    Args:
        graph: the graph; its data and gradients are left alone.
        names: what to call its nodes, in order.
    """

    def __init__(self, graph: Graph, names: Sequence[str]) -> None:
        self.graph = graph
        self.current = is_current(graph)
        self._names = dict(zip(graph.nodes, (shorten(printable(name), LONGEST_NAME) for name in names), strict=True))
        self._place = {node: i for i, node in enumerate(graph.nodes)}
        self._first_edge: list[int] = []
        edges = 0
        for node in graph.nodes:
            self._first_edge.append(edges)
            edges += len(node.parents)
        self._steps = list(graph.steps())
        self.carried: list[tuple[float, float]] = [(0.0, 0.0)] * edges
        self._seen: set[tuple[int, int]] = set()  # contributions that are the first to their operand: frame, position
        self.frames = [Frame("start")]
        self.values = [0] * len(graph.nodes)
        self.totals: list[list[Total]] = [[] for _ in graph.nodes]
        self._arrange()

    def _arrange(self) -> None:
        backward = False
        output = self._place[self.graph.output]
        for step in self._steps:
            node = self._place[step.node]
            if isinstance(step, BackwardStep) and not backward:
                backward = True
                self.totals[output].append(Total(len(self.frames), step.gradient, True))
                self.frames.append(Frame("seed", node))
            k = len(self.frames)
            used = [j for j, v in enumerate(step.node.parents) if not backward or v.op is not CONSTANT]
            edges = tuple(self._first_edge[node] + j for j in used)
            self.frames.append(Frame("backward" if backward else "forward", node, edges))
            if isinstance(step, ForwardStep):
                self.values[node] = k
            else:
                self._add(k, step)
        self.frames.append(Frame("end"))

    def _add(self, k: int, step: BackwardStep) -> None:
        for part in step.contributions:
            self.carried[self._first_edge[self._place[step.node]] + part.position] = part.local, part.amount
            if part.operand.op is CONSTANT:
                continue
            totals = self.totals[self._place[part.operand]]
            if not totals:
                self._seen.add((k, part.position))
            elif totals[-1].frame == k:
                totals.pop()  # x * x adds to x twice in one step
            totals.append(Total(k, part.total, part.final))

    # --- captions -----------------------------------------------------------------------------------------------------

    def heading(self, k: int) -> str:
        """Return how a frame's caption begins: ``forward:``, ``backward through q:``."""
        frame = self.frames[k]
        if frame.kind == "backward" and frame.node is not None:
            return f"backward through {self._names[self.graph.nodes[frame.node]]}:"
        return {"seed": "backward begins:", "end": "finished:"}.get(frame.kind, f"{frame.kind}:")

    def caption(self, k: int, width: int) -> list[str]:
        """Return what is said in a frame, in lines of at most ``width`` characters."""
        frame = self.frames[k]
        output = self._names[self.graph.output]
        if frame.kind == "start":
            return _wrapped(f"{self.heading(k)} the inputs have their values{self._warning()}", width)
        if frame.kind == "seed":
            return [f"{self.heading(k)} ∂{output}/∂{output} = {number(self.totals[frame.node or 0][0].total)}"]
        if frame.kind == "end":
            return _wrapped(f"{self.heading(k)} {self._result()}{self._warning()}", width)
        step = self._steps[k - 1 if frame.kind == "forward" else k - 2]
        if isinstance(step, ForwardStep):
            return self._forward(step, width)
        return self._backward(k, step, width)

    def _forward(self, step: ForwardStep, width: int) -> list[str]:
        numbers = {parent: number(parent.data).replace("−", "-") for parent in step.node.parents}  # formula knows "-"
        made = formula(step.node, self._names).replace(" - ", " − ")
        made = f"−{made[1:]}" if made.startswith("-") else made
        worked = formula(step.node, numbers).replace("-", "−")
        if step.node.op.name in _LOOSE:
            worked = _FIRST.sub(r"\1", worked)
        stages = [made, worked, number(step.data)]
        stages = [stage for i, stage in enumerate(stages) if stage not in stages[:i]]
        return _chained(f"forward: {self._names[step.node]}", stages, width)

    def _backward(self, k: int, step: BackwardStep, width: int) -> list[str]:
        role = ROLES.get(step.node.op.name, SCALES)
        symbol = shorten(printable(operation(step.node)), LONGEST_NAME)
        lines = _wrapped(f"{self.heading(k)} {symbol} {role}", width)
        parts = [part for part in step.contributions if part.operand.op is not CONSTANT]
        shown = parts if len(parts) <= MOST_LINES else parts[: MOST_LINES - 1]
        for part in shown:
            lines += self._contribution(k, step, part, width)
        if len(parts) > len(shown):
            lines.append(f"… and {len(parts) - len(shown):,} more operands in the same way")
        return lines

    def _contribution(self, k: int, step: BackwardStep, part: Contribution, width: int) -> list[str]:
        output, node, operand = (self._names[v] for v in (self.graph.output, step.node, part.operand))
        amount, total = number(part.amount), number(part.total)
        product = f"{number(step.gradient)} · {_bracketed(number(part.local))}"
        ending = amount
        if (k, part.position) not in self._seen:
            ending += (
                f"; {number(part.before)} + {_bracketed(amount)} = {total}, {'final' if part.final else 'not final'}"
            )
        elif not part.final:
            ending += ", not final"
        return _chained(f"∂{output}/∂{operand} += ∂{output}/∂{node} · ∂{node}/∂{operand}", [product, ending], width)

    def _result(self) -> str:
        output = self._names[self.graph.output]
        leaves = [node for node in self.graph.leaves if node.op is not CONSTANT]
        texts = [
            f"∂{output}/∂{self._names[leaf]} = {number(self.totals[self._place[leaf]][-1].total)}" for leaf in leaves
        ]
        more = f", and {len(texts) - MOST_GRADIENTS:,} more" if len(texts) > MOST_GRADIENTS else ""
        return ", ".join(texts[:MOST_GRADIENTS]) + more or f"{output} depends on constants only"

    def _warning(self) -> str:
        older = "the inputs have changed since these values were computed; Graph(f).forward() computes them anew"
        return "" if self.current else f". Note: {older}"


def _bracketed(text: str) -> str:
    return f"({text})" if text.startswith("−") else text


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_on_hyphens=False)


def _chained(start: str, stages: Sequence[str], width: int) -> list[str]:
    """Return ``start = stage = stage``, broken before an equals sign where it is too long."""
    lines = [shorten(start, width)]
    for stage in stages:
        if columns(lines[-1]) + columns(stage) + 3 <= width:
            lines[-1] += f" = {stage}"
        else:
            lines.append(f"    = {shorten(stage, width - 6)}")
    return lines
