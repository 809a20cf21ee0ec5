"""The little language of the table's rows: parsing it, and writing it as Python, as NumPy and as JavaScript.

The head of ops.py defines it.
"""

from __future__ import annotations

import ast
import json
import math
from collections.abc import Mapping
from typing import ClassVar

from autograd.errors import OperationError
from autograd.ops import CONSTANTS, FUNCTIONS, TABLE

_OPERATORS = (
    ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.USub, ast.Not, ast.And, ast.Or,
    ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq,
)  # fmt: skip
_NODES = (ast.Expression, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.IfExp, ast.Load, *_OPERATORS)


def parse(text: str, names: tuple[str, ...], where: str, condition: bool = False) -> ast.expr:
    """Return the syntax tree of a formula, or of a condition, in the row language over ``names``.

    Raises:
        OperationError: the text is not in the language; the message quotes it and begins with ``where``.
    """

    def refuse(reason: str) -> OperationError:
        return OperationError(f"{where}: {text!r} {reason}; autograd/ops.py defines the language of rows")

    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError as error:
        raise refuse(f"is not an expression ({error.msg})") from None
    conditions = _where_conditions_stand(tree) | ({tree.body} if condition else set())
    functions = {node.func for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.expr) and _is_condition(node) != (node in conditions):
            found, needed = ("condition", "number") if _is_condition(node) else ("number", "condition")
            raise refuse(f"has the {found} {ast.unparse(node)!r} where a {needed} is needed")
        if isinstance(node, ast.Constant):
            if type(node.value) not in (int, float):
                raise refuse(f"has the constant {node.value!r}, which is not a number")
        elif isinstance(node, ast.Compare):
            if len(node.ops) > 1:
                raise refuse("chains comparisons; join them with 'and'")
        elif isinstance(node, ast.Call):
            if not isinstance(node.func, ast.Name) or node.keywords:
                raise refuse("calls something that is not a function's name")
            name = node.func.id
            if name not in FUNCTIONS and name not in TABLE:
                raise refuse(f"calls {name!r}, which is neither a function of the language nor an earlier row")
            wanted = 2 if name == "hypot" else 1 if name in FUNCTIONS else len(TABLE[name].arguments)
            if len(node.args) != wanted:
                raise refuse(f"calls {name!r} with {len(node.args)} arguments instead of {wanted}")
        elif isinstance(node, ast.Name):
            if node not in functions and node.id not in names and node.id not in CONSTANTS:
                raise refuse(f"uses the name {node.id!r}; known names: {', '.join((*names, *CONSTANTS))}")
        elif not isinstance(node, _NODES):
            raise refuse(f"contains {type(node).__name__}, which the language does not have")
    return tree.body


def _is_condition(node: ast.expr) -> bool:
    return isinstance(node, (ast.Compare, ast.BoolOp)) or (
        isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    )


def _where_conditions_stand(tree: ast.AST) -> set[ast.expr]:
    """Return the parts of a tree that must be conditions; all others must be numbers."""
    parts: set[ast.expr] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.IfExp):
            parts.add(node.test)
        elif isinstance(node, ast.BoolOp):
            parts.update(node.values)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            parts.add(node.operand)
    return parts


class _Floats(ast.NodeTransformer):
    """Rewrite a formula so that its numbers are floats."""

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        assert isinstance(node.value, (int, float))  # parse() admits no others
        return ast.Constant(float(node.value))


class Python(_Floats):
    """Rewrite a formula as Python on floats: functions are those of ``math``."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.Pow):
            return _call("_power", node.left, node.right)  # ** would answer (-8) ** (1/3) with a complex number
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        assert isinstance(node.func, ast.Name)
        name = FUNCTIONS[node.func.id][0] if node.func.id in FUNCTIONS else f"{node.func.id}_evaluate"
        return _call(name, *[self.visit(argument) for argument in node.args])


class NumPy(_Floats):
    """Rewrite a formula as NumPy on arrays: a conditional becomes ``np.where``, and so on."""

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        return _call("np.where", self.visit(node.test), self.visit(node.body), self.visit(node.orelse))

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        name = "np.logical_and" if isinstance(node.op, ast.And) else "np.logical_or"
        joined: ast.expr
        joined, *rest = [self.visit(value) for value in node.values]
        for value in rest:
            joined = _call(name, joined, value)
        return joined

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        return _call("np.logical_not", node.operand) if isinstance(node.op, ast.Not) else node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        assert isinstance(node.func, ast.Name)
        name = FUNCTIONS[node.func.id][1] if node.func.id in FUNCTIONS else f"{node.func.id}_kernel"
        return _call(name, *[self.visit(argument) for argument in node.args])


def _call(function: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(ast.parse(function, mode="eval").body, list(arguments), [])


class JavaScript:
    """Write a formula as JavaScript on numbers, with no more parentheses than it needs.

    Attributes:
        names: what stands for each argument and for ``z``. JavaScript reserves other words than Python does.

    A row in a formula is ``ROWS["name"].value``; ``**`` is ``power``, which knows that 1 ** nan is 1, as in Python.

    >>> tree = parse("0 if x == 0 else -x ** 2 * sigmoid(x)", ("x",), "an example")
    >>> print(JavaScript({"x": "x"}).text(tree))
    x === 0 ? 0 : -power(x, 2) * ROWS["sigmoid"].value(x)
    """

    # Each operator, and how tightly it binds: a looser one inside a tighter one needs parentheses.
    _BINDING: ClassVar[dict[type[ast.AST], tuple[str, int]]] = {
        ast.Or: ("||", 2), ast.And: ("&&", 3),
        ast.Eq: ("===", 4), ast.NotEq: ("!==", 4),
        ast.Lt: ("<", 5), ast.LtE: ("<=", 5), ast.Gt: (">", 5), ast.GtE: (">=", 5),
        ast.Add: ("+", 6), ast.Sub: ("-", 6), ast.Mult: ("*", 7), ast.Div: ("/", 7),
        ast.USub: ("-", 8), ast.Not: ("!", 8),
    }  # fmt: skip

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names

    def text(self, node: ast.expr, binding: int = 0) -> str:
        """Return a formula's text, in parentheses if it binds less tightly than ``binding``."""
        text, own = self._written(node)
        return f"({text})" if own < binding else text

    def _written(self, node: ast.expr) -> tuple[str, int]:
        if isinstance(node, ast.IfExp):
            return f"{self.text(node.test, 2)} ? {self.text(node.body, 1)} : {self.text(node.orelse, 1)}", 1
        if isinstance(node, ast.BoolOp):
            sign, own = self._BINDING[type(node.op)]
            return f" {sign} ".join(self.text(value, own + 1) for value in node.values), own
        if isinstance(node, ast.Compare):
            sign, own = self._BINDING[type(node.ops[0])]
            return f"{self.text(node.left, own + 1)} {sign} {self.text(node.comparators[0], own + 1)}", own
        if isinstance(node, ast.UnaryOp):
            sign, own = self._BINDING[type(node.op)]
            return f"{sign}{self.text(node.operand, own + 1)}", own
        if isinstance(node, ast.BinOp):
            if isinstance(node.op, ast.Pow):
                return f"power({self.text(node.left)}, {self.text(node.right)})", 9
            sign, own = self._BINDING[type(node.op)]
            return f"{self.text(node.left, own)} {sign} {self.text(node.right, own + 1)}", own
        if isinstance(node, ast.Call):
            assert isinstance(node.func, ast.Name)  # parse() admits no others, here and below
            name = node.func.id
            function = FUNCTIONS[name][2] if name in FUNCTIONS else f"ROWS[{json.dumps(name)}].value"
            return f"{function}({', '.join(map(self.text, node.args))})", 9
        if isinstance(node, ast.Name):
            return (self.names[node.id] if node.id in self.names else self._number(CONSTANTS[node.id])), 9
        assert isinstance(node, ast.Constant)
        assert isinstance(node.value, (int, float))
        return self._number(node.value), 9

    @staticmethod
    def _number(x: float) -> str:
        x = float(x)
        return "NaN" if x != x else "Infinity" if x == math.inf else repr(int(x) if x.is_integer() and x < 1e15 else x)


def text_in(tree: ast.expr, language: type[ast.NodeTransformer]) -> str:
    """Return a formula's source text in Python or NumPy."""
    copy = ast.parse(ast.unparse(tree), mode="eval").body
    return ast.unparse(language().visit(copy))


def power(x: float, y: float) -> float:
    """Return x ** y; a ValueError where Python would answer with a complex number."""
    try:
        z = x**y
    except OverflowError:
        if x > 0 or y % 1 == 0:
            raise
        z = complex(math.inf)  # the complex power is what overflows
    if z.__class__ is complex:
        raise ValueError("a negative number has no real power with a fractional exponent")
    return z  # type: ignore[no-any-return]  # a float, as float ** float is typed Any


def sign(x: float) -> float:
    """Return -1, 0 or 1; nan for nan."""
    return math.copysign(1.0, x) if x < 0 or x > 0 else x + 0.0


def floor(x: float) -> float:
    """Return the largest whole number up to x, as a float; infinities and nan as they are."""
    return float(math.floor(x)) if math.isfinite(x) else x
