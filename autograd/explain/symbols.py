r"""Names, numbers and local derivatives as they are written in plain text and in LaTeX.

A local derivative in symbols is the partial of the table's row with the operands' names put in: 1 - z * z of a tanh
called ``o`` becomes 1 − o², or 1 - o^{2}. Of a row with cases (``1 if x >= y else 0``) the case at hand is taken, and
constants stand as their numbers, so that the power rule reads 2·x for x ** 2.

>>> from autograd import Value
>>> x = Value(3.0)
>>> slope(x**2, 0, {x: "x"}.get)
Term(text='2·x', latex='2 \\, x', level=2)
"""

from __future__ import annotations

import ast
import math
import re
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache
from typing import NamedTuple
from unicodedata import category

from autograd.build import namespace
from autograd.language import Python, text_in
from autograd.ops import CONSTANT, DOT, TABLE, Op, Reduction
from autograd.table import number_text
from autograd.value import Value

LONGEST_NAME = 31  # characters of a label that are shown
LONGEST_SLOPE = 40  # characters of a formula; a longer one is written as f′(x)

SUM, PRODUCT, POWER, ATOM = 1, 2, 3, 4  # how tightly a formula holds together; a leading minus makes it a SUM

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_GREEK = re.compile(
    "alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|pi|rho|sigma|tau|phi|chi|psi|omega"
)
_CONSTANTS = {"pi": ("π", r"\pi"), "ln2": ("log(2)", r"\ln(2)"), "ln10": ("log(10)", r"\ln(10)"),
              "inf": ("∞", r"\infty"), "nan": ("nan", r"\mathrm{nan}")}  # fmt: skip


class Term(NamedTuple):
    """A formula, written twice; ``level`` says how tightly it holds together."""

    text: str
    latex: str
    level: int = ATOM

    def within(self, level: int) -> Term:
        """Return the formula in parentheses, unless it holds together as tightly as ``level`` asks."""
        return self if self.level >= level else Term(f"({self.text})", f"({self.latex})")


# --- numbers and names ------------------------------------------------------------------------------------------------


def number(x: float) -> Term:
    """Return a number to 6 significant digits, with a real minus sign: −12, 1.5e−10, ∞."""
    text = number_text(x).replace("inf", "∞").replace("-", "−")
    mantissa, e, exponent = number_text(x).partition("e")
    latex = mantissa.replace("inf", r"\infty").replace("nan", r"\mathrm{nan}")
    if e:
        latex = rf"{mantissa} \times 10^{{{int(exponent)}}}"
    return Term(text, latex, SUM if text.startswith("−") else PRODUCT if e else ATOM)


def whole(n: int) -> Term:
    """Return a count in full, 1,152,921,504,606,846,976, or where it has more than 30 digits about so: 1.27 × 10³⁰."""
    if n < 10**30:
        return Term(f"{n:,}", f"{n:,}".replace(",", "{,}"))
    exponent = int(math.log10(n))
    mantissa = f"{10 ** (math.log10(n) - exponent):.3g}"
    if mantissa == "10":
        mantissa, exponent = "1", exponent + 1
    return Term(f"about {mantissa} × 10{superscript(exponent)}", rf"{mantissa} \times 10^{{{exponent}}}")


def superscript(n: int) -> str:
    """Return a whole number as an exponent: ⁻²."""
    return str(n).translate(_SUPERSCRIPTS)


def subscript(n: int) -> str:
    """Return a whole number as an index: ₁₂."""
    return str(n).translate(_SUBSCRIPTS)


def name(label: str) -> Term:
    r"""Return a label on one line, printable, its middle left out if it is long; in LaTeX escaped, w1 as w_{1}.

    >>> name("w1").latex, name("theta").latex, name("layers.0.b").latex, name("a_b$").latex
    ('w_{1}', '\\theta', '\\mathrm{layers.0.b}', '\\mathrm{a\\_b\\$}')
    """
    text = "".join("�" if category(c) in ("Cc", "Cf", "Cs", "Cn", "Zl", "Zp") else c for c in label)
    half = (LONGEST_NAME - 1) // 2
    text = text if len(text) <= LONGEST_NAME else f"{text[:half]}…{text[-half:]}"
    if not text.strip():
        return Term(f"'{text}'", rf"\mathrm{{'{_escaped(text)}'}}")
    indexed = re.fullmatch(r"([^\W\d_]+)(?:_?(\d+)|\[(\d+)\])", text)
    base, index = (indexed[1], indexed[2] or indexed[3]) if indexed else (text, "")
    if _GREEK.fullmatch(base):
        latex = f"\\{base}"
    else:
        latex = base if len(base) == 1 and base.isalpha() else rf"\mathrm{{{_escaped(base)}}}"
    latex += f"_{{{index}}}" if index else ""
    return Term(text, latex, ATOM if re.fullmatch(r"[\w.#…�]+(\[\w+\])*", text) else SUM)


_ESCAPES = {
    "\\": r"{\backslash}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"{\&}", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"{\wedge}", "~": r"{\sim}", "<": "{<}", ">": "{>}", '"': "''", "`": "‘", " ": r"\ ",
}  # fmt: skip


def _escaped(text: str) -> str:
    r"""Return text as it stands in a ``\mathrm``; the braces around < > & keep it harmless inside HTML too."""
    return "".join(_ESCAPES.get(c, c) for c in text)


# --- local derivatives ------------------------------------------------------------------------------------------------


def slope(node: Value, position: int, names: Callable[[Value], str | None]) -> Term | None:
    """Return ∂node/∂operand in symbols, for the operand at ``position``; None if it is known only as a number."""
    found = _partial(node, position)
    if found is not None:
        text, values = found
        try:
            term = _written(_simplified(_parsed(text), values), lambda key: name(names(values[key]) or key))
        except (ArithmeticError, ValueError):  # a condition that cannot be decided at these numbers
            term = None
        if term is not None and len(term.text) <= LONGEST_SLOPE:
            return term
    if len(node.parents) == 1 and str(node.op.name).isidentifier():
        function, operand = name(node.op.name), name(names(node.parents[0]) or "x")
        latex = rf"\operatorname{{{_escaped(function.text)}}}'({operand.latex})"
        return Term(f"{function.text}′({operand.text})", latex)
    return None


def _partial(node: Value, position: int) -> tuple[str, Mapping[str, Value]] | None:
    """Return the partial as text in the row language, and the Values that its names mean."""
    op, parents = node.op, node.parents
    if isinstance(op, Op):
        return op.partials[position], {**dict(zip(op.arguments, parents, strict=True)), "z": node}
    if op is DOT:
        weights, inputs = len(node._x), len(node._y)
        if inputs <= position < weights:
            return "1", {}
        return "x", {"x": parents[position + weights if position < weights else position - weights]}
    if not isinstance(op, Reduction):
        return None
    if op.name in ("max", "min"):
        return f"{op.local(node)[position]:g}", {}
    if op.name == "logsumexp":
        return "exp(x - z)", {"x": parents[position], "z": node}
    if op.name == "prod":
        keys = {parent: f"x{i}" for i, parent in enumerate(parents)}
        others = [keys[parent] for i, parent in enumerate(parents) if i != position]
        return (" * ".join(["1", *others]), {key: v for v, key in keys.items()}) if len(others) <= 5 else None
    return {"sum": "1", "mean": f"1 / {len(parents)}"}[op.name], {}


@lru_cache(maxsize=1024)
def _parsed(text: str) -> ast.expr:
    return ast.parse(text.strip(), mode="eval").body


def _value(tree: ast.expr) -> float | None:
    """Return the number that a tree is, if it is one."""
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub):
        inner = _value(tree.operand)
        return None if inner is None else -inner
    return float(tree.value) if isinstance(tree, ast.Constant) else None  # type: ignore[arg-type]  # a number


def _literal(x: float) -> ast.expr:
    return ast.UnaryOp(ast.USub(), ast.Constant(-x)) if x < 0 else ast.Constant(x)


def _negated(tree: ast.expr) -> ast.expr:
    return tree.operand if isinstance(tree, ast.UnaryOp) else ast.UnaryOp(ast.USub(), tree)


def _simplified(tree: ast.expr, values: Mapping[str, Value]) -> ast.expr:
    """Choose among cases, put in constants, and do what one would do at sight: 2 - 1, x ** 1, 1 * x, z * z."""
    if isinstance(tree, ast.Name):
        value = values.get(tree.id)
        return _literal(value.data) if value is not None and value.op is CONSTANT else tree
    if isinstance(tree, ast.IfExp):
        data = {key: value.data for key, value in values.items()}
        holds = eval(text_in(tree.test, Python), namespace, data)  # noqa: S307  # parsed against the row language
        return _simplified(tree.body if holds else tree.orelse, values)
    if isinstance(tree, ast.UnaryOp):
        return _negated(_simplified(tree.operand, values))
    if isinstance(tree, ast.Call):
        return ast.Call(tree.func, [_simplified(argument, values) for argument in tree.args], [])
    if not isinstance(tree, ast.BinOp):
        return tree
    left, right = _simplified(tree.left, values), _simplified(tree.right, values)
    if isinstance(tree.op, ast.Mult):
        return _product([*_factors(left), *_factors(right)])
    if isinstance(tree.op, ast.Div):
        if isinstance(left, ast.UnaryOp):
            return _negated(ast.BinOp(left.operand, ast.Div(), right))
        return left if _value(right) == 1 else ast.BinOp(left, ast.Div(), right)
    if isinstance(tree.op, ast.Pow):
        exponent = _value(right)
        return left if exponent == 1 else ast.Constant(1.0) if exponent == 0 else ast.BinOp(left, ast.Pow(), right)
    return _sum(left, tree.op, right)


def _sum(left: ast.expr, op: ast.operator, right: ast.expr) -> ast.expr:
    a, b = _value(left), _value(right)
    minus = isinstance(op, ast.Sub)
    if a is not None and b is not None:
        return _literal(a - b if minus else a + b)
    if b == 0:
        return left
    if isinstance(right, ast.UnaryOp):  # a + -b
        minus, right = not minus, right.operand
    return ast.BinOp(left, ast.Sub() if minus else ast.Add(), right)


def _factors(tree: ast.expr) -> list[ast.expr]:
    if isinstance(tree, ast.UnaryOp):
        return [ast.Constant(-1.0), *_factors(tree.operand)]
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Mult):
        return [*_factors(tree.left), *_factors(tree.right)]
    return [tree]


def _product(factors: list[ast.expr]) -> ast.expr:
    """Return a product with its numbers multiplied, its sign in front, and equal factors as a power."""
    coefficient = 1.0
    rest: list[ast.expr] = []
    for factor in factors:
        value = _value(factor)
        if value is None:
            rest.append(factor)
        else:
            coefficient *= value
    different = {ast.dump(factor): factor for factor in rest}
    times = Counter(map(ast.dump, rest))
    powers = [
        factor if times[key] == 1 else ast.BinOp(factor, ast.Pow(), ast.Constant(times[key]))
        for key, factor in different.items()
    ]
    if abs(coefficient) != 1 or not powers:
        powers.insert(0, ast.Constant(abs(coefficient)))
    product = powers[0]
    for factor in powers[1:]:
        product = ast.BinOp(product, ast.Mult(), factor)
    return _negated(product) if coefficient < 0 else product


def _written(tree: ast.expr, named: Callable[[str], Term]) -> Term:
    """Write a simplified formula; ``named`` writes the name of an argument."""
    if isinstance(tree, ast.Name):
        return Term(*_CONSTANTS[tree.id]) if tree.id in _CONSTANTS else named(tree.id)
    if isinstance(tree, ast.UnaryOp):
        inner = _written(tree.operand, named).within(PRODUCT)
        return Term(f"−{inner.text}", f"-{inner.latex}", SUM)
    if isinstance(tree, ast.Call):
        return _call(tree, [_written(argument, named) for argument in tree.args])
    if not isinstance(tree, ast.BinOp):
        return number(_value(tree) or 0.0)
    left, right = _written(tree.left, named), _written(tree.right, named)
    if isinstance(tree.op, ast.Mult):
        left, right = left.within(PRODUCT), right.within(POWER)
        return Term(f"{left.text}·{right.text}", rf"{left.latex} \, {right.latex}", PRODUCT)
    if isinstance(tree.op, ast.Div):
        text = f"{left.within(PRODUCT).text}/{right.within(POWER).text}"
        return Term(text, rf"\frac{{{left.latex}}}{{{right.latex}}}", PRODUCT)
    if isinstance(tree.op, ast.Pow):
        exponent = _value(tree.right)
        base = left.within(ATOM)
        is_whole = exponent is not None and exponent.is_integer() and abs(exponent) < 1e6
        raised = superscript(int(exponent or 0)) if is_whole else f"^{right.within(ATOM).text}"
        return Term(f"{base.text}{raised}", f"{base.latex}^{{{right.latex}}}", POWER)
    right = right.within(PRODUCT)
    sign = "−" if isinstance(tree.op, ast.Sub) else "+"
    return Term(f"{left.text} {sign} {right.text}", f"{left.latex} {sign.replace('−', '-')} {right.latex}", SUM)


def _call(tree: ast.Call, arguments: list[Term]) -> Term:
    function = ast.unparse(tree.func)
    joined = ", ".join(argument.text for argument in arguments)
    text = f"|{joined}|" if function == "abs" else f"{function}({joined})"
    latex = rf"\operatorname{{{_escaped(function)}}}({', '.join(argument.latex for argument in arguments)})"
    row = TABLE.get({"abs": "absolute"}.get(function, function))
    if row is not None:
        encloses = re.search(r"[({|]\{x\}", row.latex)  # \sigma({x}), e^{{{x}}}; not \ln {x}
        inner = [argument.latex if encloses else f"({argument.latex})" for argument in arguments]
        with suppress(LookupError, ValueError):  # a user's row may hold braces of its own
            latex = row.latex.format(**dict(zip(row.arguments, inner, strict=True)))
    return Term(text, latex, ATOM if function in ("abs", "sqrt") else POWER)
