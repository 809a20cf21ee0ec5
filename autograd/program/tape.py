"""The tape: scalar instructions in the order they run, each written once.

An instruction is a number; its operands are the numbers of earlier ones. There are few kinds:

    constant    a number known now            parameter, input    a number known when the program runs
    lin         Σ c·u·v, the linear combination: c a constant, u and v instructions, or ONE
    bsum        the sum over the batch of a Σ c·u·v that varies over it
    a function  of the row language: exp, divide, less, where, …, and maximum over any number of operands

Sums, products, means and dot products are all ``lin``; so a neuron is one instruction, a bias one more term of it, and
what differentiation adds is again of these kinds. Each instruction either varies over the batch or does not.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from autograd.language import parse
from autograd.ops import CONSTANTS, FUNCTIONS, TABLE, Op

ONE = -1  # stands for the number 1 in a term
Term = tuple[float, int, int]  # c, u, v: c·u·v; (c, u, ONE) is c·u and (c, ONE, ONE) is c

# How NumPy calls the functions that instructions may have.
UFUNCS: dict[str, str] = {
    **{name: numpy for name, (_, numpy, _) in FUNCTIONS.items()},
    "divide": "np.divide", "power": "np.power", "maximum": "np.maximum", "minimum": "np.minimum",
    "less": "np.less", "less_equal": "np.less_equal", "greater": "np.greater", "greater_equal": "np.greater_equal",
    "equal": "np.equal", "not_equal": "np.not_equal", "and": "np.logical_and", "or": "np.logical_or",
    "not": "np.logical_not", "where": "np.where",
}  # fmt: skip
BOOLEAN = {"less", "less_equal", "greater", "greater_equal", "equal", "not_equal", "and", "or", "not"}
REDUCE = {"max_of": "np.maximum.reduce", "min_of": "np.minimum.reduce", "product_of": "np.multiply.reduce"}


class Tape:
    """Instructions: ``kinds``, ``args`` and ``batched`` are lists with one entry for each."""

    def __init__(self) -> None:
        self.kinds: list[str] = []
        self.args: list[tuple[Any, ...]] = []
        self.batched: list[bool] = []
        self._known: dict[tuple[str, tuple[Any, ...]], int] = {}

    def __len__(self) -> int:
        return len(self.kinds)

    def _add(self, kind: str, args: tuple[Any, ...], batched: bool) -> int:
        key = (kind, args)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = len(self.kinds)
            self.kinds.append(kind)
            self.args.append(args)
            self.batched.append(batched)
        return known

    # --- leaves ---

    def constant(self, value: float) -> int:
        """Return the instruction of a number known now."""
        value = float(value)
        # NaN differs from itself, and 0.0 equals -0.0: the key must not.
        return self._add("constant", (value, str(value)), False)

    def parameter(self, index: int) -> int:
        """Return the instruction of a parameter."""
        return self._add("parameter", (index,), False)

    def input(self, index: int) -> int:
        """Return the instruction of an input, which varies over the batch."""
        return self._add("input", (index,), True)

    def scalar(self, name: str) -> int:
        """Return a number that is known only when the program runs: "seed", "seed_n" or "n" (see differentiate.py)."""
        return self._add("scalar", (name,), False)

    def value_of(self, i: int) -> float | None:
        """Return the number of a constant, else None."""
        return self.args[i][0] if self.kinds[i] == "constant" else None

    # --- linear combinations ---

    def product(self, c: float, u: int, v: int = ONE) -> Term:
        """Return the term c·u·v with constants moved into c and ONE last."""
        for factor in (u, v):
            if factor != ONE and self.kinds[factor] == "constant":
                c *= self.args[factor][0]
        u = ONE if u != ONE and self.kinds[u] == "constant" else u
        v = ONE if v != ONE and self.kinds[v] == "constant" else v
        return (c, v, ONE) if u == ONE else (c, u, v)

    def lin(self, terms: Iterable[Term]) -> int:
        """Return Σ c·u·v, like terms added up."""
        sums: dict[tuple[int, int], float] = {}
        for c, u, v in terms:
            key = (u, v) if (u, v) in sums or (v, u) not in sums else (v, u)
            sums[key] = sums.get(key, 0.0) + c
        # A coefficient of 0 stays, since 0·∞ is nan; only a constant 0 has nothing to add.
        combined = tuple((c, u, v) for (u, v), c in sums.items() if u != ONE or c != 0)
        if not combined:
            return self.constant(0.0)
        if len(combined) == 1:
            c, u, v = combined[0]
            if u == ONE:
                return self.constant(c)
            if c == 1 and v == ONE:
                return u
        scalar = self._common_scalar(combined)
        if scalar is not None:  # seed·a - seed·b is seed·(a - b)
            rest = self.lin([(c, v if u == scalar else u, ONE) for c, u, v in combined])
            return self.lin([self.product(1.0, scalar, rest)])
        batched = any(map(self.varies, combined))
        if batched:
            combined = self._apart(combined)
        return self._add("lin", combined, batched)

    def _common_scalar(self, terms: tuple[Term, ...]) -> int | None:
        """Return the scalar that is a factor of all of several terms, if there is one."""
        if len(terms) > 1:
            for factor in terms[0][1:]:
                if factor != ONE and self.kinds[factor] == "scalar" and all(factor in term[1:] for term in terms):
                    return factor
        return None

    def copy(self) -> Tape:
        """Return a tape with the same instructions, to which others can be added."""
        tape = Tape()
        tape.kinds, tape.args, tape.batched = self.kinds[:], self.args[:], self.batched[:]
        tape._known = self._known.copy()
        return tape

    def varies(self, term: Term) -> bool:
        """Return whether a term varies over the batch."""
        _, u, v = term
        return (u != ONE and self.batched[u]) or (v != ONE and self.batched[v])

    def _apart(self, terms: tuple[Term, ...]) -> tuple[Term, ...]:
        """Compute once, as one instruction, what does not vary in a combination that does; a bias alone may stay."""
        fixed = tuple(term for term in terms if not self.varies(term) and term[1] != ONE)
        if len(fixed) < 2 and all(v == ONE for _, _, v in fixed):
            return terms
        known = set(fixed)
        return (*(term for term in terms if term not in known), (1.0, self.lin(fixed), ONE))

    def bsum(self, terms: Iterable[Term]) -> int:
        """Return the sum over the batch of Σ c·u·v, each of whose terms varies over the batch."""
        sums: dict[tuple[int, int], float] = {}
        for c, u, v in terms:
            sums[u, v] = sums.get((u, v), 0.0) + c
        return self._add("bsum", tuple((c, u, v) for (u, v), c in sums.items()), False)

    # --- functions ---

    def function(self, name: str, *operands: int) -> int:
        """Return the function of some operands, computed now if they are constants, simplified where that is exact."""
        values = [self.value_of(i) for i in operands]
        if name == "divide" and values[1] is not None and 1e-300 < abs(values[1]) < 1e300:
            return self.lin([self.product(1.0 / values[1], operands[0])])
        if name == "power" and values[1] in (1.0, 2.0, 3.0, -1.0):
            return self._power(operands[0], values[1])
        if None not in values:
            with np.errstate(all="ignore"):
                return self.constant(float(_numpy(name)(*map(np.float64, values))))
        if name == "where":
            return self._where(*operands)
        if name == "not" and self.kinds[operands[0]] == "less_equal":
            # not x <= 0 is true of NaN, which x > 0 is not; of maximum(x, 0) it is the same as not_equal to 0
            x, zero = self.args[operands[0]]
            relu = self._known.get(("maximum", (x, zero)))
            if relu is not None and self.value_of(zero) == 0:
                return self.function("not_equal", relu, zero)
        return self._add(name, operands, any(self.batched[i] for i in operands))

    def _power(self, x: int, exponent: float) -> int:
        if exponent == -1:
            return self.function("divide", self.constant(1.0), x)
        if exponent == 1:
            return x
        square = self.lin([self.product(1.0, x, x)])
        return square if exponent == 2 else self.lin([self.product(1.0, square, x)])

    def _where(self, condition: int, a: int, b: int) -> int:
        kind, operands = self.kinds[condition], self.args[condition]
        known = self.value_of(condition)
        if known is not None:
            return a if known else b
        if a == b:
            return a
        if kind == "less_equal" and operands == (b, a) and self.value_of(a) is not None:
            return self.function("maximum", b, a)  # relu: a if x <= a else x, which keeps NaN as np.maximum does
        if kind == "or" and self.kinds[operands[1]] == "not_equal" and self.args[operands[1]] == (a, a):
            first = operands[0]  # a if a >= b or a != a else b
            if self.args[first] == (a, b) and self.kinds[first] in ("greater_equal", "less_equal"):
                return self.function("maximum" if self.kinds[first] == "greater_equal" else "minimum", a, b)
        if kind in BOOLEAN:  # a truth value counts as 1 or 0 where it is multiplied
            if (self.value_of(a), self.value_of(b)) == (1.0, 0.0):
                return condition
            if (self.value_of(a), self.value_of(b)) == (0.0, 1.0):
                return self.function("not", condition)
        return self._add("where", (condition, a, b), any(self.batched[i] for i in (condition, a, b)))

    def reduction(self, name: str, operands: Sequence[int]) -> int:
        """Return "max_of", "min_of" or "product_of" any number of operands."""
        if len(operands) == 1:
            return operands[0]
        return self._add(name, tuple(operands), any(self.batched[i] for i in operands))


def literal(value: float) -> str:
    """Return a number as source text."""
    text = repr(float(value))
    return {"inf": "np.inf", "-inf": "-np.inf", "nan": "np.nan"}.get(text, text)


def _numpy(name: str) -> Callable[..., Any]:
    function: Callable[..., Any] = getattr(np, UFUNCS[name].removeprefix("np."))
    return function


# --- rows on a tape ---------------------------------------------------------------------------------------------------

Emit = Callable[[Tape, dict[str, int]], int]  # writes a formula's instructions and returns the last one

_BINARY: dict[type[ast.operator], Callable[[Tape, int, int], int]] = {
    ast.Add: lambda t, x, y: t.lin([t.product(1.0, x), t.product(1.0, y)]),
    ast.Sub: lambda t, x, y: t.lin([t.product(1.0, x), t.product(-1.0, y)]),
    ast.Mult: lambda t, x, y: t.lin([t.product(1.0, x, y)]),
    ast.Div: lambda t, x, y: t.function("divide", x, y),
    ast.Pow: lambda t, x, y: t.function("power", x, y),
}
_COMPARE = {
    ast.Lt: "less", ast.LtE: "less_equal", ast.Gt: "greater", ast.GtE: "greater_equal", ast.Eq: "equal",
    ast.NotEq: "not_equal",
}  # fmt: skip


def emitter(text: str, names: tuple[str, ...], where: str) -> Emit:
    """Return what writes a formula of the row language to a tape, given the instructions of its names."""
    return _emitter(parse(text, names, where))


def _emitter(tree: ast.expr) -> Emit:
    if isinstance(tree, ast.Constant):
        value = float(tree.value)  # type: ignore[arg-type]  # parse() admits numbers only
        return lambda t, _: t.constant(value)
    if isinstance(tree, ast.Name):
        name = tree.id
        if name in CONSTANTS:
            return lambda t, _: t.constant(CONSTANTS[name])
        return lambda _, env: env[name]
    if isinstance(tree, ast.BinOp):
        make, left, right = _BINARY[type(tree.op)], _emitter(tree.left), _emitter(tree.right)
        return lambda t, env: make(t, left(t, env), right(t, env))
    if isinstance(tree, ast.UnaryOp):
        operand = _emitter(tree.operand)
        if isinstance(tree.op, ast.Not):
            return lambda t, env: t.function("not", operand(t, env))
        return lambda t, env: t.lin([t.product(-1.0, operand(t, env))])
    if isinstance(tree, ast.IfExp):
        parts = [_emitter(part) for part in (tree.test, tree.body, tree.orelse)]
    elif isinstance(tree, ast.Compare):
        parts = [_emitter(tree.left), _emitter(tree.comparators[0])]
    elif isinstance(tree, ast.BoolOp):
        parts = [_emitter(value) for value in tree.values]
    else:
        assert isinstance(tree, ast.Call)
        parts = [_emitter(argument) for argument in tree.args]
    name = _name(tree)
    if isinstance(tree, ast.Call) and name not in FUNCTIONS:
        row = TABLE[name]
        return lambda t, env: forward(t, row, [part(t, env) for part in parts])
    if isinstance(tree, ast.BoolOp):

        def join(t: Tape, env: dict[str, int]) -> int:
            result, *rest = [part(t, env) for part in parts]
            for i in rest:
                result = t.function(name, result, i)
            return result

        return join
    return lambda t, env: t.function(name, *[part(t, env) for part in parts])


def _name(tree: ast.expr) -> str:
    if isinstance(tree, ast.IfExp):
        return "where"
    if isinstance(tree, ast.Compare):
        return _COMPARE[type(tree.ops[0])]
    if isinstance(tree, ast.BoolOp):
        return "and" if isinstance(tree.op, ast.And) else "or"
    assert isinstance(tree, ast.Call)
    assert isinstance(tree.func, ast.Name)
    return tree.func.id


_forward: dict[str, Emit] = {}
_partials: dict[str, list[Emit]] = {}


def forward(tape: Tape, row: Op, operands: Sequence[int]) -> int:
    """Write a row's z and return its instruction."""
    emit = _forward.get(row.name)
    if emit is None:
        emit = _forward[row.name] = emitter(row.array or row.formula, row.arguments, row.name)
    return emit(tape, dict(zip(row.arguments, operands, strict=True)))


def partial(tape: Tape, row: Op, position: int, operands: Sequence[int], z: int) -> int:
    """Write a row's ∂z/∂operand and return its instruction."""
    emits = _partials.get(row.name)
    if emits is None:
        names = (*row.arguments, "z")
        emits = _partials[row.name] = [emitter(text, names, row.name) for text in row.partials]
    return emits[position](tape, {**dict(zip(row.arguments, operands, strict=True)), "z": z})
