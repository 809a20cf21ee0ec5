"""An explanation told: the paths in symbols and numbers, the values, gates and branches in words.

``tell`` writes everything down at once, so that the story stays the same when the graph's numbers change. ``forms.py``
puts it into plain text, LaTeX and Markdown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from autograd.explain.paths import Edge, Path, Paths, product
from autograd.explain.roles import is_own, listed, role
from autograd.explain.symbols import PRODUCT, Term, name, number, slope, subscript
from autograd.ops import CONSTANT
from autograd.table import formula
from autograd.value import Value

MOST_LINKS = 12  # of a path that are written out; of a longer one the first and the last ENDS
ENDS = 5
MOST_VALUES = 12  # whose formulas are listed
MOST_BRANCHES = 4  # that are listed
MOST_CHECKED = 1000  # whether they follow from their operands
LONGEST_FORMULA = 60


@dataclass(frozen=True)
class Line:
    """A path as it is written: x → q → f, ∂q/∂x · ∂f/∂q, 1 · z, 1 · (−4), −4.

    A step that would only repeat the one before is None.
    """

    route: Term
    derivatives: Term
    symbols: Term | None
    numbers: Term | None
    product: Term | None

    @property
    def steps(self) -> list[Term]:
        """What stands between the equals signs."""
        return [step for step in (self.derivatives, self.symbols, self.numbers, self.product) if step is not None]


@dataclass(frozen=True)
class Story:
    """What an explanation says.

    Attributes:
        f: the output's name, and ``x``: that of the Value explained.
        link: whether there is a path with links; not so where x is f, or f does not depend on x.
        hint: at a mistake that may be behind there being no path.
        gradient: ∂f/∂x.
        paths: how many paths there are.
        lines: those shown.
        amounts: their products, and ``share``: the part of Σ |product| that they make up.
        values: q, x + y, 3 for each node on them, where these are few.
        gates: what each kind of gate on them does.
        branches: where they branch.
        notes: on the notation, and on numbers that need one.
    """

    f: Term
    x: Term
    link: bool
    hint: str
    gradient: float
    paths: int
    lines: tuple[Line, ...]
    amounts: tuple[float, ...]
    share: float
    values: tuple[tuple[str, str, str], ...]
    gates: tuple[str, ...]
    branches: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def shown(self) -> float:
        """The sum of the paths shown."""
        return sum(self.amounts)

    @property
    def hidden(self) -> int:
        """How many paths are not shown."""
        return self.paths - len(self.lines)

    @property
    def remainder(self) -> float:
        """What those that are not shown contribute."""
        return self.gradient - self.shown


def tell(f: Value, x: Value, paths: Paths, shown: Sequence[Path], called: Mapping[Value, str], hint: str) -> Story:
    """Return the story of the paths ``shown``; ``called`` has a name for each node."""
    writer = _Writer(paths, called)
    writer.names = {node: name(str(called[node])) for node in (f, x)}  # also of an f that is a constant
    lines = tuple(writer.line(path) for path in shown)
    on_paths = {node for path in shown for node in path.nodes}
    gates = [node for node in paths.nodes[1:] if node in on_paths]
    kinds: dict[tuple[str, bool], list[Value]] = {}
    for node in reversed(gates):
        kinds.setdefault((node.op.name, is_own(node)), []).append(node)
    if _is_stale(gates[:MOST_CHECKED]):
        writer.note("The inputs have changed since these values were computed; Graph(f).forward() computes them anew.")
    amounts = tuple(path.product for path in shown)
    if paths.count == len(shown) and not isfinite(sum(amounts)) and str(sum(amounts)) != str(paths.gradient):
        writer.note("With ∞ and nan it matters in which order one adds and multiplies; backward() adds at each branch.")
    return Story(
        f=writer.named(f),
        x=writer.named(x),
        link=paths.count > 0 and f is not x,
        hint=hint,
        gradient=paths.gradient,
        paths=paths.count,
        lines=lines,
        amounts=amounts,
        share=sum(path.share for path in shown),
        values=tuple(writer.value(node) for node in gates) if len(gates) <= MOST_VALUES else (),
        gates=tuple(role(nodes, writer.text) for nodes in kinds.values()),
        branches=tuple(_branches(paths, on_paths, writer.text)),
        notes=tuple(writer.notes),
    )


class _Writer:
    """Writes nodes, edges and paths; each edge once, however many paths it is on."""

    def __init__(self, paths: Paths, called: Mapping[Value, str]) -> None:
        self.paths, self.called = paths, called
        self.names: dict[Value, Term] = {}
        self.links: dict[Edge, tuple[Term, Term, Term, Term]] = {}
        self.uses: dict[Value, Counter[Value]] = {}
        self.notes: dict[str, None] = {}

    def note(self, note: str) -> None:
        self.notes[note] = None

    def named(self, node: Value) -> Term:
        if node not in self.names:
            self.names[node] = number(node.data) if node.op is CONSTANT else name(str(self.called[node]))
        return self.names[node]

    def text(self, node: Value) -> str:
        return self.named(node).text

    def value(self, node: Value) -> tuple[str, str, str]:
        """Return q, x + y and 3."""
        operands = {
            parent: self.called[parent] if parent.op is CONSTANT else self.named(parent).within(PRODUCT).text
            for parent in node.parents
        }
        made = formula(node, operands)
        half = LONGEST_FORMULA // 2
        made = made if len(made) <= LONGEST_FORMULA else f"{made[:half]} … {made[-half:]}"
        return self.text(node), made, number(node.data).text

    def line(self, path: Path) -> Line:
        """Return a path as it is written, the middle of a long one left out."""
        left_out = path.edges[ENDS:-ENDS] if len(path.edges) > MOST_LINKS else ()
        written = (*path.edges[:ENDS], *path.edges[-ENDS:]) if left_out else path.edges
        arrows, derivatives, symbols, numbers = [[self.link(edge)[i] for edge in written] for i in range(4)]
        repeats = [s.text for s in symbols] == [n.text for n in numbers]
        if len(written) > 1:
            symbols = [_factor(term, is_first=not i) for i, term in enumerate(symbols)]
            numbers = [_factor(term, is_first=not i) for i, term in enumerate(numbers)]
        if left_out:
            self.note("The … stands for the links left out in the middle, and […] for the product along them.")
            rest = number(product(left_out))
            arrows.insert(ENDS, Term(" → …", r" \to \cdots"))
            derivatives.insert(ENDS, Term("…", r"\cdots"))
            symbols.insert(ENDS, Term("…", r"\cdots"))
            numbers.insert(ENDS, Term(f"[{rest.text}]", f"[{rest.latex}]"))
        route = _joined([self.named(path.nodes[0]), *arrows], "", "")
        steps = [_joined(terms, " · ", r" \cdot ") for terms in (derivatives, symbols, numbers)]
        if not written:
            return Line(route, Term("1", "1"), None, None, None)
        return Line(
            route,
            derivatives=steps[0],
            symbols=None if repeats or steps[1].text == steps[0].text else steps[1],
            numbers=None if len(written) == 1 else steps[2],
            product=number(path.product),
        )

    def link(self, edge: Edge) -> tuple[Term, Term, Term, Term]:
        """Return an edge's arrow, derivative, symbol and number."""
        if edge not in self.links:
            node, operand, index = self.named(edge.node), self.named(edge.operand), edge.position + 1
            is_parallel = self._edges_beside(edge) > 1
            is_direct = edge.operand is self.paths.nodes[0] and edge.node is self.paths.nodes[-1]
            arrow = Term(f" → {node.text}", rf" \to {node.latex}")
            if is_parallel:
                arrow = Term(f" →{subscript(index)} {node.text}", rf" \to_{{{index}}} {node.latex}")
            d, by = node.within(PRODUCT), operand.within(PRODUCT)
            derivative = Term(f"∂{d.text}/∂{by.text}", rf"\frac{{\partial {d.latex}}}{{\partial {by.latex}}}")
            if is_parallel or (is_direct and self.paths.count > 1):  # which ∂f/∂x would not tell from the whole
                derivative = Term(f"∂{subscript(index)}{d.text}", rf"\partial_{{{index}}} {d.latex}")
                self.note("∂₁, ∂₂, … are the derivatives by the first, the second, … operand, the others held fixed.")
            symbol = slope(edge.node, edge.position, self.text) or derivative
            self.links[edge] = arrow, derivative, symbol, number(edge.local)
        return self.links[edge]

    def _edges_beside(self, edge: Edge) -> int:
        if edge.operand not in self.uses:
            self.uses[edge.operand] = Counter(use.node for use in self.paths.uses[edge.operand])
        return self.uses[edge.operand][edge.node]


def _joined(terms: Sequence[Term], text: str, latex: str) -> Term:
    return Term(text.join(term.text for term in terms), latex.join(term.latex for term in terms))


def _factor(term: Term, is_first: bool) -> Term:
    """Return a term as it stands in a product; a minus sign in front of everything needs no parentheses."""
    return term if is_first and term.text[0] == "−" and " " not in term.text else term.within(PRODUCT)


def _branches(paths: Paths, on_paths: set[Value], text: Callable[[Value], str]) -> list[str]:
    """Return where the paths shown branch: x goes to q and f."""
    branching = [node for node in paths.nodes if node in on_paths and len(paths.uses[node]) > 1]
    told = []
    for node in branching[:MOST_BRANCHES]:
        users = Counter(edge.node for edge in paths.uses[node])
        places = [text(user) + {1: "", 2: " twice"}.get(n, f" {n:,} times") for user, n in users.items()]
        told.append(f"{text(node)} goes to {listed(places, str)}")
    if len(branching) > MOST_BRANCHES:
        told.append(f"and {len(branching) - MOST_BRANCHES:,} more values go to several places")
    return told


def _is_stale(nodes: Sequence[Value]) -> bool:
    """Return whether a value no longer follows from its operands, as when an optimiser has moved a weight since."""
    try:
        return any(not is_own(node) and node.op.forward(node) != node.data and node.data == node.data for node in nodes)
    except (ArithmeticError, ValueError):  # the operand has left the operation's domain
        return True
