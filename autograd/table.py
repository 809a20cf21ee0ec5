"""Graphs in words: names for nodes, formulas, numbers, columns. What the command line and explanations print."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from unicodedata import combining, east_asian_width

from autograd.graph import Graph
from autograd.ops import CONSTANT
from autograd.value import Value

_OPERATORS = ("add", "subtract", "multiply", "divide", "power")


def number_text(x: float) -> str:
    """Return a number to 6 significant digits: 0.731059, -12, 1e-09, ∞ as inf."""
    return f"{x:.6g}" if x else "0"


def names_of(graph: Graph) -> dict[Value, str]:
    """Return a name for each node: its label, a constant's number, or v1, v2, … in topological order.

    Labels that occur more than once are numbered, so that every name means one node.
    """
    labels = [node.label for node in graph.nodes if node.label is not None]
    names: dict[Value, str] = {}
    taken = set(labels)
    counts: dict[str, int] = {}
    unnamed = 0
    for node in graph.nodes:
        if node.op is CONSTANT:
            names[node] = number_text(node.data)
        elif node.label is not None:
            counts[node.label] = counts.get(node.label, 0) + 1
            again = counts[node.label] > 1
            names[node] = f"{node.label}#{counts[node.label]}" if again else node.label
        else:
            unnamed += 1
            while f"v{unnamed}" in taken:
                unnamed += 1
            names[node] = f"v{unnamed}"
    return names


def formula(node: Value, names: Mapping[Value, str]) -> str:
    """Return how a node is made, over the names of its operands: ``x + y``, ``-x``, ``tanh(x)``, ``dot(w0, b; x0)``."""
    operands = [names[parent] for parent in node.parents]
    op = node.op
    if op.name == "negative":
        return f"-{_in_parentheses(operands[0])}"
    if op.name in _OPERATORS:
        left, right = map(_in_parentheses, operands)
        return f"{left} {op.symbol} {right}"
    if op.name == "dot":
        weights, inputs = len(node._x), len(node._y)
        return f"dot({', '.join(operands[:weights])}; {', '.join(operands[weights : weights + inputs])})"
    return f"{op.name}({', '.join(operands)})"


def _in_parentheses(text: str) -> str:
    """Set off a negative number: 3 * (-4)."""
    return f"({text})" if text.startswith("-") else text


def columns(rows: Sequence[Sequence[str]], right: Sequence[int] = (), wrap: Sequence[int | None] | None = None) -> str:
    """Return rows as lines of aligned columns, two spaces apart.

    Args:
        rows: the cells; a cell may hold several lines.
        right: the columns that are flush right.
        wrap: for each column the width at which its cells are wrapped, or None.
    """
    table: list[list[str]] = []
    for row in rows:
        cells = [
            [piece for line in cell.splitlines() for piece in textwrap.wrap(line, width or 1000)]
            for cell, width in zip(row, wrap or [None] * len(row), strict=True)
        ]
        table += [list(line) for line in zip_longest(*cells, fillvalue="")] or [[""] * len(row)]
    widths = [max(map(_width, column)) for column in zip(*table, strict=True)]
    lines = []
    for line in table:
        padded = []
        for i, (cell, width) in enumerate(zip(line, widths, strict=True)):
            space = " " * (width - _width(cell))
            padded.append(space + cell if i in right else cell + space)
        lines.append("  ".join(padded).rstrip())
    return "\n".join(lines)


def _width(text: str) -> int:
    """Return how many columns a terminal needs for ``text``."""
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)
