r"""The table of operations: one row per operation, and the only place that knows a derivative.

A row reads like a line of a formulary: the name, z as a formula of x and y, ∂z/∂x and ∂z/∂y, the LaTeX, the domain.

    Op("multiply", "x * y",   ("y", "x"),      r"{x} \, {y}",   REAL2),
    Op("tanh",     "tanh(x)", ("1 - z * z",),  r"\tanh {x}",    REAL),

Formulas, partials and domains are written in a little language that Python, NumPy and JavaScript share:

    names        the arguments (``x``, ``y``, or those the row lists), and in partials ``z``, the row's result
    numbers      1, 0.5, 1e-3, and the constants of CONSTANTS
    operators    + - * / ** and unary -,  < <= > >= == !=,  and or not,  ``a if condition else b``
    calls        the functions of FUNCTIONS, and every row that stands above

Every row is parsed against this language at import (see build.py), and everything else is derived from it: the method
and its local backward, the function in ``autograd``, NumPy's dispatch, the error message, the checks in tests/test_ops.py.
Names are NumPy's, so that ``np.tanh(value)`` finds its row.

What stands in a Value's ``op``, be it a row of either table, a kind of leaf, or a gate (gate.py), has three methods:
``forward(node)`` computes z from the operands, ``local(node)`` gives ∂z/∂operand for each operand in order, and
``backward(node)`` adds to each operand's gradient the node's own times that slope.

Kinks choose one side, stated in the row's note. NaN passes through every row, and relu passes its gradient on; what IEEE-754
makes of NaN stays so too: comparisons with it are false, ``nan ** 0`` is 1, and an argument that is not chosen has no say.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, repeat
from operator import mul
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograd.value import Value

# name in the language: (Python, NumPy, JavaScript)
FUNCTIONS: dict[str, tuple[str, str, str]] = {
    "abs": ("abs", "np.abs", "Math.abs"),
    "sign": ("_sign", "np.sign", "Math.sign"),
    "floor": ("_floor", "np.floor", "Math.floor"),
    "hypot": ("math.hypot", "np.hypot", "Math.hypot"),
    "exp": ("math.exp", "np.exp", "Math.exp"),
    "expm1": ("math.expm1", "np.expm1", "Math.expm1"),
    "log": ("math.log", "np.log", "Math.log"),
    "log1p": ("math.log1p", "np.log1p", "Math.log1p"),
    "log2": ("math.log2", "np.log2", "Math.log2"),
    "log10": ("math.log10", "np.log10", "Math.log10"),
    "sqrt": ("math.sqrt", "np.sqrt", "Math.sqrt"),
    "cbrt": ("math.cbrt", "np.cbrt", "Math.cbrt"),
    "sin": ("math.sin", "np.sin", "Math.sin"),
    "cos": ("math.cos", "np.cos", "Math.cos"),
    "tan": ("math.tan", "np.tan", "Math.tan"),
    "arcsin": ("math.asin", "np.arcsin", "Math.asin"),
    "arccos": ("math.acos", "np.arccos", "Math.acos"),
    "arctan": ("math.atan", "np.arctan", "Math.atan"),
    "sinh": ("math.sinh", "np.sinh", "Math.sinh"),
    "cosh": ("math.cosh", "np.cosh", "Math.cosh"),
    "tanh": ("math.tanh", "np.tanh", "Math.tanh"),
    "arcsinh": ("math.asinh", "np.arcsinh", "Math.asinh"),
    "arccosh": ("math.acosh", "np.arccosh", "Math.acosh"),
    "arctanh": ("math.atanh", "np.arctanh", "Math.atanh"),
}

CONSTANTS: dict[str, float] = {
    "pi": math.pi,
    "ln2": math.log(2),
    "ln10": math.log(10),
    "nan": math.nan,
    "inf": math.inf,
}


@dataclass(frozen=True)
class Domain:
    """Where an operation is defined.

    ``condition`` is a formula over the arguments; ``text`` says the same in words, for error messages and documentation;
    ``ranges`` holds one closed interval for each argument, from which tests draw (and keep what meets the condition).
    """

    text: str
    condition: str
    ranges: tuple[tuple[float, float], ...]


@dataclass(eq=False)
class Op:
    """One row of the table. The fields below ``note`` are filled by build.py."""

    name: str
    formula: str
    partials: tuple[str, ...]
    latex: str
    domain: Domain
    arguments: tuple[str, ...] = ()  # default: x, or x and y
    defaults: tuple[float, ...] = ()  # values of the last arguments, where a call may leave them out
    ulps: float = 4.0  # how far z may lie from the exact result, in units in the last place
    note: str = ""
    array: str = ""  # z without the guards that Python needs and IEEE-754 does not; for programs

    symbol: str = field(init=False, default="")  # "+" where the formula is one operator, else the name
    source: str = field(init=False, default="", repr=False)  # the generated Python
    evaluate: Callable[..., float] = field(init=False, repr=False)  # floats -> z; raises as Python and math do
    slopes: Callable[..., tuple[float, ...]] = field(init=False, repr=False)  # floats and z -> partials; never raises
    kernel: Callable[..., Any] = field(init=False, repr=False)  # arrays -> z, by IEEE-754
    kernel_slopes: Callable[..., Any] = field(init=False, repr=False)  # arrays and z -> partials, by IEEE-754
    backward: Callable[[Value], None] = field(init=False, repr=False)  # adds a node's share to its operands' gradients
    apply: Callable[..., Value] = field(init=False, repr=False)  # Values -> Value

    def __post_init__(self) -> None:
        self.arguments = self.arguments or ("x", "y")[: len(self.partials)]

    def forward(self, node: Value) -> float:
        """Return z, computed anew from the operands' present data."""
        return self.evaluate(*[operand.data for operand in node.parents])

    def local(self, node: Value) -> tuple[float, ...]:
        """Return ∂z/∂operand for each operand of ``node``, in order."""
        return self.slopes(*[operand.data for operand in node.parents], node.data)

    def __reduce__(self) -> tuple[Any, ...]:
        return row, (self.name,)


@dataclass(eq=False)
class Reduction:
    """A row of the second table: an operation on any number of operands.

    ``evaluate`` takes a list of floats and gives z; ``slopes`` takes the same list and z and gives the list of ∂z/∂xᵢ.
    The operands of a node stand in one tuple.
    """

    name: str
    evaluate: Callable[[Sequence[float]], float]
    slopes: Callable[[Sequence[float], float], Sequence[float]]
    latex: str
    empty: float | None = None  # the result for no operands; None: an error
    note: str = ""

    symbol: str = field(init=False, default="")

    def __post_init__(self) -> None:
        self.symbol = self.name

    def forward(self, node: Value) -> float:
        return self.evaluate([operand.data for operand in node.parents])

    def local(self, node: Value) -> tuple[float, ...]:
        return tuple(self.slopes([operand.data for operand in node.parents], node.data))

    def backward(self, node: Value) -> None:
        operands = node._x
        share = node.grad
        for operand, slope in zip(operands, self.slopes([v.data for v in operands], node.data), strict=True):
            operand.grad += share * slope

    def __reduce__(self) -> tuple[Any, ...]:
        return row, (self.name,)


class Dot:
    """w₁x₁ + … + wₙxₙ (+ b): one node for all of a neuron's products and their sum.

    The weights, with the bias last if there is one, stand in one tuple and the inputs in another; a layer's neurons share
    the inputs' tuple and a neuron's calls share the weights' one, so that a node stays small.
    """

    name = symbol = "dot"
    latex = r"\cdot"
    note = "one node; its products are not nodes of their own"

    def evaluate(self, weights: Sequence[Value], inputs: Sequence[Value]) -> float:
        total = weights[-1].data if len(weights) > len(inputs) else 0.0
        for w, x in zip(weights, inputs):  # noqa: B905  # the bias is the weight left over; strict=False costs 10 %
            total += w.data * x.data
        return total

    def forward(self, node: Value) -> float:
        return self.evaluate(node._x, node._y)

    def local(self, node: Value) -> tuple[float, ...]:
        weights, inputs = node._x, node._y
        bias = (1.0,) if len(weights) > len(inputs) else ()
        return (*[x.data for x in inputs], *bias, *[w.data for w in weights[: len(inputs)]])

    def backward(self, node: Value) -> None:
        weights, inputs = node._x, node._y
        share = node.grad
        if len(weights) > len(inputs):
            weights[-1].grad += share
        for w, x in zip(weights, inputs):  # noqa: B905  # as above
            w.grad += share * x.data
            x.grad += share * w.data

    def __reduce__(self) -> tuple[Any, ...]:
        return row, (self.name,)


class Leaf:
    """The ``op`` of a Value that no operation made: it says what kind of leaf the Value is."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.symbol = ""

    def __repr__(self) -> str:
        return f"Leaf({self.name!r})"

    def forward(self, node: Value) -> float:
        return node.data

    def local(self, node: Value) -> tuple[float, ...]:
        return ()

    def backward(self, node: Value) -> None:
        """A leaf passes nothing on."""

    def __reduce__(self) -> tuple[Any, ...]:
        return row, (self.name,)


def is_flat(op: Any, position: int) -> bool:
    """Return whether a row's slope is 0 everywhere, as a comparison's is: it passes nothing back, not even 0 · ∞."""
    return isinstance(op, Op) and op.partials[position] == "0"


INPUT = Leaf("input")
PARAMETER = Leaf("parameter")
CONSTANT = Leaf("constant")  # a number in the program text, or a detached Value: it never receives a gradient


def row(name: str) -> Any:
    """Return the row, reduction or kind of leaf of that name."""
    return {op.name: op for op in (INPUT, PARAMETER, CONSTANT, DOT)}.get(name) or REDUCTIONS.get(name) or TABLE[name]


# --- domains ----------------------------------------------------------------------------------------------------------

_ANY = (-1e6, 1e6)
_UNIT = (-1.0, 1.0)
REAL = Domain("x may be any number", "x == x", (_ANY,))
REAL2 = Domain("x and y may be any numbers", "x == x and y == y", (_ANY, _ANY))
FINITE = Domain("x must be finite", "-inf < x and x < inf", (_ANY,))
POSITIVE = Domain("x must lie in (0, ∞)", "x > 0", ((0.0, 1e6),))
NONNEGATIVE = Domain("x must lie in [0, ∞)", "x >= 0", ((0.0, 1e6),))
ABOVE_MINUS_1 = Domain("x must lie in (-1, ∞)", "x > -1", ((-1.0, 1e6),))
CLOSED_UNIT = Domain("x must lie in [-1, 1]", "x >= -1 and x <= 1", (_UNIT,))
OPEN_UNIT = Domain("x must lie in (-1, 1)", "x > -1 and x < 1", (_UNIT,))
FROM_1 = Domain("x must lie in [1, ∞)", "x >= 1", ((1.0, 1e6),))
NONZERO = Domain("x must not be 0", "x != 0", (_ANY,))
DIVISOR = Domain("y must not be 0", "y != 0", (_ANY, _ANY))
EXPONENT = Domain("x must be at most 709.78", "x <= 709.782712893384", ((-745.0, 709.782712893384),))
HYPERBOLIC = Domain("x must lie in [-710.47, 710.47]", "abs(x) <= 710.4758600739439", ((-710.475, 710.475),))
POWER = Domain(
    "x must lie in (0, ∞), or be 0 with y ≥ 0, or be negative with y a whole number",
    "x > 0 or x == 0 and y >= 0 or x < 0 and y == floor(y)",
    ((-30.0, 30.0), (-30.0, 30.0)),
)
ORDERED = Domain("a must be at most b", "a <= b", (_ANY, _ANY, _ANY))
CHOICE = Domain("c, x and y may be any numbers", "c == c and x == x and y == y", (_UNIT, _ANY, _ANY))

# --- the table --------------------------------------------------------------------------------------------------------

# fmt: off
ROWS: list[Op] = [
    #  name           z                            ∂z/∂x, ∂z/∂y                              LaTeX                     domain
    Op("add",         "x + y",                     ("1", "1"),                               r"{x} + {y}",             REAL2),
    Op("subtract",    "x - y",                     ("1", "-1"),                              r"{x} - {y}",             REAL2),
    Op("multiply",    "x * y",                     ("y", "x"),                               r"{x} \, {y}",            REAL2),
    Op("divide",      "x / y",                     ("1 / y", "-z / y"),                      r"\frac{{{x}}}{{{y}}}",   DIVISOR),
    Op("power",       "x ** y",                    ("0 if y == 0 else y * x ** (y - 1)",
                                                    "z * log(x) if x > 0 else 0 if x == 0 else nan"),
                                                                                             r"{x}^{{{y}}}",           POWER,
       note="0 ** 0 is 1 with slope 0 in x; the slope in y is 0 at x = 0 and nan for negative x"),
    Op("negative",    "-x",                        ("-1",),                                  r"-{x}",                  REAL),
    Op("absolute",    "abs(x)",                    ("sign(x)",),                             r"\left|{x}\right|",      REAL,
       note="slope 0 at 0"),

    Op("exp",         "exp(x)",                    ("z",),                                   r"e^{{{x}}}",             EXPONENT),
    Op("expm1",       "expm1(x)",                  ("exp(x)",),                              r"e^{{{x}}} - 1",         EXPONENT),
    Op("log",         "log(x)",                    ("1 / x",),                               r"\ln {x}",               POSITIVE),
    Op("log1p",       "log1p(x)",                  ("1 / (1 + x)",),                         r"\ln (1 + {x})",         ABOVE_MINUS_1),
    Op("log2",        "log2(x)",                   ("1 / (x * ln2)",),                       r"\log_2 {x}",            POSITIVE),
    Op("log10",       "log10(x)",                  ("1 / (x * ln10)",),                      r"\log_{{10}} {x}",       POSITIVE),
    Op("sqrt",        "sqrt(x)",                   ("0.5 / abs(z)",),                        r"\sqrt{{{x}}}",          NONNEGATIVE,
       note="slope ∞ at 0, and at -0 too"),
    Op("square",      "x * x",                     ("2 * x",),                               r"{x}^2",                 REAL),
    Op("cbrt",        "cbrt(x)",                   ("1 / (3 * z * z)",),                     r"\sqrt[3]{{{x}}}",       REAL,
       note="slope ∞ at 0"),
    Op("reciprocal",  "1 / x",                     ("-z * z",),                              r"\frac{{1}}{{{x}}}",     NONZERO),

    Op("sin",         "sin(x)",                    ("cos(x)",),                              r"\sin {x}",              FINITE),
    Op("cos",         "cos(x)",                    ("-sin(x)",),                             r"\cos {x}",              FINITE),
    Op("tan",         "tan(x)",                    ("1 + z * z",),                           r"\tan {x}",              FINITE),
    Op("arcsin",      "arcsin(x)",                 ("1 / sqrt((1 - x) * (1 + x))",),         r"\arcsin {x}",           CLOSED_UNIT,
       note="slope ∞ at -1 and 1"),
    Op("arccos",      "arccos(x)",                 ("-1 / sqrt((1 - x) * (1 + x))",),        r"\arccos {x}",           CLOSED_UNIT,
       note="slope -∞ at -1 and 1"),
    Op("arctan",      "arctan(x)",                 ("1 / (1 + x * x)",),                     r"\arctan {x}",           REAL),
    Op("sinh",        "sinh(x)",                   ("cosh(x)",),                             r"\sinh {x}",             HYPERBOLIC),
    Op("cosh",        "cosh(x)",                   ("sinh(x)",),                             r"\cosh {x}",             HYPERBOLIC),
    Op("tanh",        "tanh(x)",                   ("1 - z * z",),                           r"\tanh {x}",             REAL),
    Op("arcsinh",     "arcsinh(x)",                ("1 / hypot(x, 1)",),                     r"\operatorname{{arsinh}} {x}", REAL),
    Op("arccosh",     "arccosh(x)",                ("1 / (sqrt(x - 1) * sqrt(x + 1))",),     r"\operatorname{{arcosh}} {x}", FROM_1,
       note="slope ∞ at 1"),
    Op("arctanh",     "arctanh(x)",                ("1 / ((1 - x) * (1 + x))",),             r"\operatorname{{artanh}} {x}", OPEN_UNIT),

    Op("maximum",     "x if x >= y or x != x else y",
                                                   ("1 if x >= y or x != x else 0",
                                                    "0 if x >= y or x != x else 1"),         r"\max({x}, {y})",        REAL2,
       note="at a tie the first argument gets the gradient"),
    Op("minimum",     "x if x <= y or x != x else y",
                                                   ("1 if x <= y or x != x else 0",
                                                    "0 if x <= y or x != x else 1"),         r"\min({x}, {y})",        REAL2,
       note="at a tie the first argument gets the gradient"),
    Op("clip",        "minimum(maximum(x, a), b)", ("0 if maximum(x, a) > b or x < a else 1",
                                                    "1 if x < a and a <= b else 0",
                                                    "1 if maximum(x, a) > b else 0"),        r"\operatorname{{clip}}({x}, {a}, {b})", ORDERED,
       arguments=("x", "a", "b"), note="at a bound the gradient goes to x"),

    Op("sigmoid",     "1 / (1 + exp(-x)) if x > -709 else exp(x)",
                                                   ("z * (1 - z)",),                         r"\sigma({x})",           REAL,
       array="1 / (1 + exp(-x))"),
    Op("relu",        "0 if x <= 0 else x",        ("0 if x <= 0 else 1",),                  r"\operatorname{{relu}}({x})", REAL,
       note="slope 0 at 0"),
    Op("leaky_relu",  "y * x if x <= 0 else x",    ("y if x <= 0 else 1",
                                                    "x if x <= 0 else 0"),                   r"\operatorname{{leaky\_relu}}({x}; {y})", REAL2,
       defaults=(0.01,), note="y is the slope for x ≤ 0"),
    Op("elu",         "y * expm1(x) if x <= 0 else x",
                                                   ("y * exp(x) if x <= 0 else 1",
                                                    "expm1(x) if x <= 0 else 0"),            r"\operatorname{{elu}}({x}; {y})", REAL2,
       defaults=(1.0,), note="y is the depth that is reached as x → -∞; slope y at 0"),
    Op("silu",        "x * sigmoid(x)",            ("sigmoid(x) * (1 + x * sigmoid(-x))",),  r"\operatorname{{silu}}({x})", REAL),
    Op("gelu",        "x * sigmoid(x * (1.5957691216057308 + 0.07135481627260025 * x * x))",
                                                   ("sigmoid(x * (1.5957691216057308 + 0.07135481627260025 * x * x))"
                                                    " + z * sigmoid(-x * (1.5957691216057308 + 0.07135481627260025 * x * x))"
                                                    " * (1.5957691216057308 + 0.21406444881780073 * x * x) if abs(x) < 1e3 else sigmoid(x)",),
                                                                                             r"\operatorname{{gelu}}({x})", REAL,
       ulps=2048, note="the tanh form, 0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³))), written with sigmoid so that its tail keeps digits"),
    Op("softplus",    "maximum(x, 0) + log1p(exp(-abs(x)))",
                                                   ("sigmoid(x)",),                          r"\ln(1 + e^{{{x}}})",    REAL),
    Op("softsign",    "x / (1 + abs(x))",          ("1 / ((1 + abs(x)) * (1 + abs(x)))",),   r"\frac{{{x}}}{{1 + |{x}|}}", REAL),
    Op("step",        "x if x != x else 1 if x >= 0 else 0",
                                                   ("0",),                                   r"\operatorname{{step}}({x})", REAL,
       note="1 at 0, as a threshold unit fires; slope 0 everywhere"),
    Op("sign",        "sign(x)",                   ("0",),                                   r"\operatorname{{sign}}({x})", REAL,
       note="0 at 0; slope 0 everywhere"),

    Op("greater",       "1 if x > y else 0",       ("0", "0"),                               r"[{x} > {y}]",           REAL2,
       note="slope 0 everywhere"),
    Op("greater_equal", "1 if x >= y else 0",      ("0", "0"),                               r"[{x} \ge {y}]",         REAL2,
       note="slope 0 everywhere"),
    Op("less",          "1 if x < y else 0",       ("0", "0"),                               r"[{x} < {y}]",           REAL2,
       note="slope 0 everywhere"),
    Op("less_equal",    "1 if x <= y else 0",      ("0", "0"),                               r"[{x} \le {y}]",         REAL2,
       note="slope 0 everywhere"),
    Op("where",         "x if c != 0 else y",      ("0", "1 if c != 0 else 0",
                                                    "0 if c != 0 else 1"),                   r"\operatorname{{where}}({c}, {x}, {y})", CHOICE,
       arguments=("c", "x", "y"), note="x where c is not 0, else y; no gradient reaches c"),
]
# fmt: on

TABLE: dict[str, Op] = {}  # by name; build.py fills it, row by row, so that a row may call those above it


# --- the second table: any number of operands -------------------------------------------------------------------------


def _prod_slopes(xs: Sequence[float], _z: float) -> list[float]:
    """Return each product of all the others, from the products before and after it, so that zeros do no harm."""
    before = list(accumulate(xs[:-1], mul, initial=1.0))
    after = list(accumulate(xs[:0:-1], mul, initial=1.0))[::-1]
    return [b * a for b, a in zip(before, after, strict=True)]


def _choose(choose: Callable[[Sequence[float]], float]) -> Callable[[Sequence[float]], float]:
    def chosen(xs: Sequence[float]) -> float:
        return next((x for x in xs if x != x), None) or choose(xs)  # NaN wins, as in NumPy; it is never falsy

    return chosen


def _chosen_slopes(xs: Sequence[float], z: float) -> list[float]:
    slopes = [0.0] * len(xs)
    first = next((i for i, x in enumerate(xs) if x == z or x != x), 0)
    slopes[first] = 1.0
    return slopes


def _logsumexp(xs: Sequence[float]) -> float:
    top = max(xs)
    if not math.isfinite(top):
        return sum(xs) if top != top or top < 0 or any(x != x for x in xs) else top
    return top + math.log1p(
        math.fsum([-1.0, *[math.exp(x - top) for x in xs]])
    )  # log1p keeps a small remainder's digits


def _logsumexp_slopes(xs: Sequence[float], z: float) -> list[float]:
    if not math.isfinite(z):
        return [math.nan] * len(xs)
    top = max(xs)
    shares = [math.exp(x - top) for x in xs]  # exp(x - z) would carry z's rounding error, which grows with z
    total = math.fsum(shares)
    return [share / total for share in shares]


# fmt: off
REDUCTIONS: dict[str, Reduction] = {row.name: row for row in [
    #         name         z                                   ∂z/∂xᵢ                                          LaTeX
    Reduction("sum",       sum,                                lambda xs, z: list(repeat(1.0, len(xs))),       r"\sum",  empty=0.0),
    Reduction("mean",      lambda xs: sum(xs) / len(xs),       lambda xs, z: list(repeat(1 / len(xs), len(xs))), r"\operatorname{mean}"),
    Reduction("prod",      math.prod,                          _prod_slopes,                                   r"\prod", empty=1.0),
    Reduction("max",       _choose(max),                       _chosen_slopes,                                 r"\max",
              note="at a tie the first operand gets the gradient"),
    Reduction("min",       _choose(min),                       _chosen_slopes,                                 r"\min",
              note="at a tie the first operand gets the gradient"),
    Reduction("logsumexp", _logsumexp,                         _logsumexp_slopes,                              r"\operatorname{logsumexp}"),
]}
# fmt: on
DOT = Dot()
