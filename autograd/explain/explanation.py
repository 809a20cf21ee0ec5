"""A gradient explained: every path from x to f, what the chain rule multiplies along it, and the sum.

>>> from autograd import trace
>>> print(explain(trace("q = x + y; f = q * z", x=-2, y=5, z=-4), "x"))
∂f/∂x = −4. One path leads from x to f; the local derivatives along it multiply.
<BLANKLINE>
  x → q → f  ∂q/∂x · ∂f/∂q  = 1 · z  = 1 · (−4)  = −4
<BLANKLINE>
The values on the way:
  q  = x + y  = 3
  f  = q * z  = −12
<BLANKLINE>
What the gates do with the gradient, from f back to x:
  multiply (f) swaps its inputs: each operand gets the gradient times the other operand
  add (q) distributes: each operand gets the gradient unchanged
<BLANKLINE>
So if x grows by a small h, f changes by about −4 · h.
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import index
from typing import Any, SupportsIndex

from autograd.errors import GraphError, InputError, OperandError
from autograd.explain.forms import as_latex, as_markdown, as_text
from autograd.explain.paths import Path, Paths
from autograd.explain.story import tell
from autograd.graph import Graph
from autograd.ops import CONSTANT
from autograd.table import names_of
from autograd.value import Value

MOST_PATHS = 100_000  # that can be asked for


def explain(
    f: Value | Graph, x: Value | str, *, limit: int = 10, names: Mapping[str, Any] | None = None
) -> Explanation:
    """Explain ∂f/∂x: the paths from x to f, the product of the local derivatives along each, and their sum.

    Where more paths than ``limit`` lead from x to f, those with the largest |product| are shown, with the exact number
    of paths and the remainder. The explanation holds the numbers of this moment; the graph, and every ``grad``, stays
    as it is. Of a gate that you wrote, the local derivatives are what its backward makes of a gradient of 1.

    Args:
        f: the output, or its Graph.
        x: the Value to explain, an input or any other, or its label.
        limit: how many paths to show at most, from 0 to 100,000.
        names: name → Value, for Values without a label; ``locals()`` will do, and a list of Values gives w[0], w[1], …
            Names that begin with an underscore are passed over.

    Raises:
        OperandError: f, x or names is something else.
        InputError: no Value, or more than one, is called ``x``; the message lists the labels.
        GraphError: x is a constant, or ``limit`` is out of range.

    >>> x = Value(3.0, label="x")
    >>> explanation = explain(x * x, x)
    >>> explanation.paths, explanation.gradient, [path.product for path in explanation.contributions]
    (2, 6.0, [3.0, 3.0])
    """
    if isinstance(f, Value):
        f = Graph(f)
    if not isinstance(f, Graph):
        raise OperandError(f"explain takes a Value or a Graph, not {type(f).__name__}; give it a computation's result")
    if not isinstance(limit, SupportsIndex) or not 0 <= index(limit) <= MOST_PATHS:
        raise GraphError(f"limit says how many paths to show, from 0 to {MOST_PATHS:,}; not {limit!r}")
    known = _names_in(names)
    called = _called(f, known)
    value = _find(x, f, names or {}, called)
    if value.op is CONSTANT:
        title = called.get(value) or value.label or "x"
        raise GraphError(
            f"{title!r} is a constant, which receives no gradient; make it an input, as in Value({value.data:g})"
        )
    _name_end(f.output, "f", called, known)
    if value is x or value not in called:
        _name_end(value, "x", called, known)
    return Explanation(f, value, Paths(f, value), index(limit), called)


# --- names ------------------------------------------------------------------------------------------------------------


def _names_in(names: Mapping[str, Any] | None) -> dict[Value, str]:
    """Return Value → name; a Value with several names gets the first."""
    if names is None:
        return {}
    if not isinstance(names, Mapping) or not all(isinstance(key, str) for key in names):
        raise OperandError("names maps each name to its Value, as locals() does or {'q': q}")
    found: dict[Value, str] = {}
    for key, thing in names.items():
        if key.startswith("_"):
            continue
        if isinstance(thing, Value):
            found.setdefault(thing, key)
        elif isinstance(thing, (list, tuple)):
            for i, item in enumerate(thing):
                if isinstance(item, Value):
                    found.setdefault(item, f"{key}[{i}]")
    return found


def _called(graph: Graph, named: Mapping[Value, str]) -> dict[Value, str]:
    """Return a name for each node: its label, or its name in ``named``, or v1, v2, … as ``names_of`` says."""
    called = names_of(graph)
    taken = set(called.values())
    for node in graph.nodes:
        if not node.label and node.op is not CONSTANT and node in named and named[node] not in taken:
            called[node] = named[node]
    return called


def _name_end(node: Value, title: str, called: dict[Value, str], known: Mapping[Value, str]) -> None:
    """Call an output without a name f, and an x without one x, as ``explain`` does, unless the name is taken."""
    given = node.label if node.label is not None else known.get(node)
    taken = (given or title) in called.values()
    if node not in called or node.op is CONSTANT:  # as f does not depend on it, or is not the number that it is
        called[node] = f"{given or title}#2" if taken else given or title
    elif given is None and not taken:
        called[node] = title


def _find(x: Value | str, graph: Graph, names: Mapping[str, Any], called: Mapping[Value, str]) -> Value:
    if isinstance(x, Value):
        return x
    if not isinstance(x, str):
        raise OperandError(f"explain's second argument is a Value or its label, not {type(x).__name__}")
    found = [node for node in graph.nodes if node.label == x]
    if len(found) > 1:
        raise InputError(f"{len(found)} Values bear the label {x!r}; pass the Value itself, or label them apart")
    if not found and isinstance(names.get(x), Value):
        return names[x]  # type: ignore[no-any-return]
    found = found or [node for node, title in called.items() if title == x]
    if found:
        return found[0]
    labels = [repr(title) for node, title in called.items() if node.label is not None or title in names]
    listed = ", ".join(labels[:20]) + (f" and {len(labels) - 20} more" if len(labels) > 20 else "")
    raise InputError(
        f"no Value is called {x!r}; "
        + (
            f"the labels of this graph are {listed}"
            if labels
            else "none in this graph has a label: pass the Value itself, or names=locals()"
        )
    )


def _hint(f: Value, x: Value) -> str:
    """Return what may have gone wrong where no path leads from x to f."""
    if f.op is CONSTANT:
        return "The output is a constant: was it computed inside no_grad, or detached?"
    return "It is the other way round: were the two swapped?" if f in set(Graph(x).nodes) else ""


# --- the explanation --------------------------------------------------------------------------------------------------


class Explanation:
    """Why ∂f/∂x is what it is; ``print`` shows it as text, a notebook as mathematics.

    Attributes:
        f: the output, and ``x``: the Value whose gradient is explained.
        gradient: ∂f/∂x, the sum of the products of all paths.
        paths: how many paths lead from x to f, exactly.
        contributions: the paths shown, those with the largest |product| first.
    """

    def __init__(self, graph: Graph, x: Value, paths: Paths, limit: int, called: Mapping[Value, str]) -> None:
        self.f = graph.output
        self.x = x
        self.gradient = paths.gradient
        self.paths = paths.count
        self.contributions: tuple[Path, ...] = tuple(paths.largest(limit))
        hint = "" if paths.count else _hint(self.f, x)
        self._story = tell(self.f, x, paths, self.contributions, called, hint)

    @property
    def remainder(self) -> float:
        """The gradient less the sum of the paths shown: what the others contribute."""
        return self._story.remainder

    @property
    def latex(self) -> str:
        """The explanation as display mathematics in LaTeX, without the $$ around it: for ``IPython.display.Math``."""
        return as_latex(self._story)

    def __str__(self) -> str:
        return as_text(self._story)

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        return as_markdown(self._story)
