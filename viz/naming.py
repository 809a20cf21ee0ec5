"""A name for every node, where rules and steps are told in words: in live pages and animations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from autograd.graph import BackwardStep, Graph
from autograd.ops import CONSTANT
from autograd.value import Value
from viz.model import Picture
from viz.text import number


def names_for(graph: Graph, drawn: Picture) -> dict[Value, str]:
    """Return a name for each node that no other has: its own, a constant's number, or v1, v2, …; f for the output."""
    own = [node.name for node in drawn.nodes]
    taken = {name for name in own if name}
    fresh = (name for name in (f"v{i}" for i in range(1, 2 * len(own) + 2)) if name not in taken)
    counts: dict[str, int] = {}
    called: dict[Value, str] = {}
    for value, node in zip(graph.nodes, drawn.nodes, strict=True):
        name = node.name
        if name:
            counts[name] = counts.get(name, 0) + 1
            called[value] = name if counts[name] == 1 else f"{name}#{counts[name]}"
        elif value is graph.output and "f" not in taken:
            called[value] = "f"
        else:
            called[value] = number(value.data) if value.op is CONSTANT else next(fresh)
    return called


def with_names(graph: Graph, drawn: Picture, called: Mapping[Value, str]) -> Picture:
    """Return the picture with these names, and with the gradients of one backward pass."""
    gradients = dict.fromkeys(graph.nodes, 0.0)
    gradients[graph.output] = 1.0
    for step in graph.steps():
        if isinstance(step, BackwardStep):
            for part in step.contributions:
                gradients[part.operand] = part.total
    nodes = tuple(
        replace(
            node,
            name=node.name if value.op is CONSTANT else called[value],
            gradient=None if value.op is CONSTANT else gradients[value],
            one_pass=None,
        )
        for value, node in zip(graph.nodes, drawn.nodes, strict=True)
    )
    return replace(drawn, nodes=nodes)
