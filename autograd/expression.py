"""Expressions as text: ``"(x + y) * z"`` becomes a Graph.

The text is parsed by Python's ``ast``, never evaluated. It may hold names, numbers, + - * / ** and unary signs, one
comparison (which gives 1 or 0), calls of the table's operations, and named intermediates: ``"q = x + y; f = q * z"``.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any, SupportsFloat

from autograd import reductions
from autograd.errors import ExpressionError, InputError
from autograd.graph import Graph
from autograd.modes import no_grad
from autograd.ops import REDUCTIONS, TABLE
from autograd.value import Value, constant

LONGEST = 10_000  # characters; Python's parser would take far longer texts, at the price of memory

_BINARY = {ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide", ast.Pow: "power"}
_COMPARE = {ast.Gt: "greater", ast.GtE: "greater_equal", ast.Lt: "less", ast.LtE: "less_equal"}


def trace(expression: str, /, values: Mapping[str, SupportsFloat] | None = None, **named: SupportsFloat) -> Graph:
    """Return the graph of an expression at the given values of its names; the labels are the names.

    Args:
        expression: one expression, or several statements ``name = expression`` separated by ``;`` or line ends, of
            which the last one's result is the output.
        values: a number, or a Value, for each name.
        **named: the same, for names that can be keyword arguments.

    Raises:
        ExpressionError: the text is not an expression of this language; the message shows the part.
        InputError: a name without a value, or a value without a name.
        AutogradError: evaluating it fails, as log(-1) does.

    >>> trace("(x + y) * z", x=-2, y=5, z=-4).output.data
    -12.0
    """
    given = {**(values or {}), **named}
    statements = _parse(expression)
    names: dict[str, Value] = {}
    used: set[str] = set()

    def name_value(name: str) -> Value:
        if name not in names:
            if name not in given:
                raise InputError(f"the name {name!r} has no value; give one, as in {name}=1.5")
            used.add(name)
            value = given[name]
            names[name] = value if isinstance(value, Value) else Value(value, label=name)
        return names[name]

    output: Value | None = None
    for target, tree in statements:
        if target is not None and (target in names or target in given):
            raise ExpressionError(f"the name {target!r} is assigned, but it is {_taken(target, given)}; choose another")
        output = _walk(tree, expression, name_value)
        if target is not None:
            if output.label is None:  # else it is one more name for a Value that has one
                output.label = target
            names[target] = output
    assert output is not None
    superfluous = [name for name in given if name not in used]
    if superfluous:
        raise InputError(
            f"{', '.join(map(repr, superfluous))} {'has a value' if len(superfluous) == 1 else 'have values'} but "
            f"{'does' if len(superfluous) == 1 else 'do'} not occur in {_shown(expression)}"
        )
    return Graph(output)


def _taken(name: str, given: Mapping[str, Any]) -> str:
    return "an input with a value" if name in given else "already in use"


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")


def _parse(text: str) -> list[tuple[str | None, ast.expr]]:
    """Return (target or None, tree) for each statement."""
    if not isinstance(text, str):
        raise ExpressionError(f"an expression is text, as in '(x + y) * z'; got {type(text).__name__}")
    if len(text) > LONGEST:
        raise ExpressionError(f"the expression has {len(text)} characters; at most {LONGEST} are read")
    try:
        module = ast.parse(text.strip())
    except SyntaxError as error:
        raise ExpressionError(f"{_shown(text)} is not an expression: {error.msg}") from None
    except (MemoryError, RecursionError, ValueError) as error:
        reason = "it holds a null character" if isinstance(error, ValueError) else "it is nested too deeply"
        raise ExpressionError(f"{_shown(text)} cannot be read: {reason}") from None
    statements: list[tuple[str | None, ast.expr]] = []
    for statement in module.body:
        if isinstance(statement, ast.Expr):
            statements.append((None, statement.value))
        elif isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target = statement.targets[0]
            if not isinstance(target, ast.Name):
                raise ExpressionError(f"only a name can be assigned, as in 'q = x + y'; not in {_shown(text)}")
            statements.append((target.id, statement.value))
        else:
            raise ExpressionError(f"{_shown(text)}: {type(statement).__name__} is not an expression")
    if not statements:
        raise ExpressionError("the expression is empty; write one, as in '(x + y) * z'")
    for named, _ in statements[:-1]:
        if named is None:
            raise ExpressionError(f"{_shown(text)}: all but the last part must be named, as in 'q = x + y; q * z'")
    return statements


def _walk(tree: ast.expr, text: str, name_value: Any) -> Value:
    def refuse(node: ast.expr, reason: str) -> ExpressionError:
        return ExpressionError(f"{ast.get_source_segment(text.strip(), node) or _shown(text)!r}: {reason}")

    def walk(node: ast.expr) -> Value:
        if isinstance(node, ast.Constant):
            if type(node.value) not in (int, float):
                raise refuse(node, "only real numbers can stand in an expression")
            return constant(node.value)  # type: ignore[arg-type]  # checked just above
        if isinstance(node, ast.Name):
            return name_value(node.id)  # type: ignore[no-any-return]
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
            value = walk(node.operand)
            return value if isinstance(node.op, ast.UAdd) else apply("negative", value)
        if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
            chain = []  # a + b + c + … leans to the left; going down it in a loop allows for thousands of terms
            while isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
                chain.append(node)
                node = node.left
            value = walk(node)
            for link in reversed(chain):
                value = apply(_BINARY[type(link.op)], value, walk(link.right))
            return value
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _COMPARE:
            return apply(_COMPARE[type(node.ops[0])], walk(node.left), walk(node.comparators[0]))
        if isinstance(node, ast.Call):
            return call(node)
        raise refuse(node, f"{type(node).__name__} is not part of an expression here; use + - * / ** and functions")

    def call(node: ast.Call) -> Value:
        if not isinstance(node.func, ast.Name):
            raise refuse(node, "only the functions of the table can be called, by their names")
        name = node.func.id
        if node.keywords or any(isinstance(argument, ast.Starred) for argument in node.args):
            raise refuse(node, "arguments are given by position only")
        if name in REDUCTIONS:
            values = [walk(argument) for argument in node.args]
            result: Value = getattr(reductions, name)(values)
            return result
        if name not in TABLE:
            raise refuse(node, f"there is no function {name!r}; 'glassgrad ops' lists those there are")
        row = TABLE[name]
        most, least = len(row.arguments), len(row.arguments) - len(row.defaults)
        if not least <= len(node.args) <= most:
            count = str(most) if least == most else f"{least} to {most}"
            raise refuse(node, f"{name} takes {count} argument{'s' if most > 1 else ''}, not {len(node.args)}")
        return apply(name, *[walk(argument) for argument in node.args])

    def apply(name: str, *values: Value) -> Value:
        if all(value.op.name == "constant" for value in values):
            with no_grad():  # numbers alone make a number, not a graph
                return TABLE[name].apply(*values)
        return TABLE[name].apply(*values)

    try:
        return walk(tree)
    except RecursionError:
        raise ExpressionError(f"{_shown(text)} cannot be read: it is nested too deeply") from None
