"""From a row of the table to code that runs.

    row (text) ── parse ──> syntax tree ── python ──> evaluate, slopes, backward, the methods of Value
                                        └─ numpy  ──> kernel, kernel_slopes

The generated Python is ordinary source: it is registered in ``linecache``, so that a traceback shows its lines and
``inspect.getsource(Value.tanh)`` prints them. Python's versions raise where Python and ``math`` raise; NumPy's follow
IEEE-754, and stand in wherever a slope must be a number although Python would raise (1 / 0 is ∞).
"""

from __future__ import annotations

import ast
import keyword
import linecache
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.errors import AutogradError, DivisionByZeroError, DomainError, OperationError, RangeError
from autograd.language import NumPy, Python, floor, parse, power, sign, text_in
from autograd.ops import CONSTANT, CONSTANTS, FUNCTIONS, ROWS, TABLE, Op, row

# --- generated source -------------------------------------------------------------------------------------------------

# What generated code sees. value.py adds Value and the conversions when it has defined them.
namespace: dict[str, Any] = {
    "math": math, "np": np, "CONSTANT": CONSTANT,
    "_power": power, "_sign": sign, "_floor": floor, "pausing": 0, "recordings": 0, **CONSTANTS,
}  # fmt: skip

_DUNDERS = {"x + y": "add", "x - y": "sub", "x * y": "mul", "x / y": "truediv", "x ** y": "pow"}
_UNARY_DUNDERS = {"-x": "__neg__", "abs(x)": "__abs__"}
_LOCALS = ("z", "self", "other", "out", "share", "error")  # names in generated functions
_NEVER_RAISES = {"abs", "sign", "floor", "cbrt", "arctan", "tanh", "arcsinh", "hypot"}


def _may_raise(tree: ast.expr) -> bool:
    return any(
        isinstance(node, (ast.Div, ast.Pow))
        or (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id not in _NEVER_RAISES)
        for node in ast.walk(tree)
    )


def _backward_source(op: Op, trees: list[ast.expr]) -> list[str]:
    """Return the body of a row's shared local backward: each operand's gradient grows by share * slope."""
    names = op.arguments
    slopes = [text_in(tree, Python) for tree in trees]
    if all(slope in ("0.0", "-0.0") for slope in slopes):
        return ["    pass  # the slope is 0 everywhere"]
    if len(names) == 3:
        lines = [f"    {', '.join(f'{name}_node' for name in names)} = out._x"]
    else:
        lines = [f"    {name}_node = out.{slot}" for name, slot in zip(names, ("_x", "_y"), strict=False)]
    may_raise = any(map(_may_raise, trees))  # and if one does, slopes() needs all the operands' data
    used = {node.id for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name)}
    used |= set(names) if may_raise else set()
    lines += [f"    {name} = {name}_node.data" for name in names if name in used]
    lines += ["    z = out.data"] if "z" in used else []
    lines += ["    share = out.grad"]
    if may_raise:
        lines += ["    try:"]
        for name, slope in zip(names, slopes, strict=True):
            # A constant needs no slope, and log(x) for the exponent in x ** 2 would fail for negative x.
            guard = f" if {name}_node.op is not CONSTANT else 0.0" if len(names) > 1 else ""
            lines += [f"        d{name} = ({slope}){guard}" if guard else f"        d{name} = {slope}"]
        lines += ["    except (ArithmeticError, ValueError):"]
        lines += [
            f"        {', '.join(f'd{name}' for name in names)}, = {op.name}_slopes({', '.join(names)}, out.data)"
        ]
        return lines + [f"    {name}_node.grad += share * d{name}" for name in names]
    for name, slope in zip(names, slopes, strict=True):
        if slope in ("1.0", "-1.0"):
            lines += [f"    {name}_node.grad {'+' if slope == '1.0' else '-'}= share"]
        elif slope != "0.0":
            lines += [f"    {name}_node.grad += share * {slope if slope.isidentifier() else f'({slope})'}"]
    return lines


def _method_source(op: Op, name: str, formula: str, may_raise: bool) -> list[str]:
    """Return the source of a method: the operands' data, z, and the node that records it.

    ``multiply`` and ``__mul__`` differ in one thing: an operator leaves operands of unknown types to their own class.
    """
    operands = ("self", *op.arguments[1:])
    firsts = len(op.arguments) - len(op.defaults)
    parameters = [
        argument if i < firsts else f"{argument}={op.defaults[i - firsts]!r}" for i, argument in enumerate(operands)
    ]
    lines = [f"def {name}({', '.join(parameters)}):", f'    """{_escaped(documentation(op))}"""']
    for argument in operands[1:]:
        lines += [f"    if {argument}.__class__ is not Value:"]
        if name.startswith("__"):
            lines += [f"        {argument} = operator_operand({argument})"]
            lines += [f"        if {argument} is NotImplemented:", "            return NotImplemented"]
        else:
            lines += [f"        {argument} = operand({argument})"]
    data = {argument: f"{operand}.data" for argument, operand in zip(op.arguments, operands, strict=True)}

    class Substitute(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.AST:
            return ast.parse(data[node.id], mode="eval").body if node.id in data else node

    z = ast.unparse(Substitute().visit(ast.parse(formula, mode="eval").body))
    if may_raise:
        lines += ["    try:", f"        z = {z}", "    except (ArithmeticError, ValueError) as error:"]
        lines += [f"        z = failed({op.name}_row, ({', '.join(operands)},), error)"]
    else:
        lines += [f"    z = {z}"]
    slots = {1: ("self", "None"), 2: ("self", operands[-1]), 3: (f"({', '.join(operands)})", "None")}[len(operands)]
    return [
        *lines,
        "    out = new()",
        "    out.data = z",
        "    out.grad = 0.0",
        "    out.label = None",
        "    if pausing and is_paused():",
        "        out.op = CONSTANT",
        "        out._x = out._y = None",
        "        return out",
        f"    out.op = {op.name}_row",
        f"    out._x = {slots[0]}",
        f"    out._y = {slots[1]}",
        "    return out",
    ]


def documentation(op: Op) -> str:
    """Return a row in words: formula, partials, domain and note."""
    partials = ", ".join(f"∂z/∂{name} = {text}" for name, text in zip(op.arguments, op.partials, strict=True))
    return f"z = {op.formula}; {partials}. {op.domain.text}{'; ' + op.note if op.note else ''}."


def _is_name(text: str) -> bool:
    return text.isidentifier() and not keyword.iskeyword(text)


def _is_taken(name: str) -> bool:
    try:
        row(name)
    except KeyError:
        return hasattr(namespace.get("Value"), name)  # data, backward, __len__
    return True


def _escaped(text: str) -> str:
    """Return a text as it is written between three quotes."""
    return text.replace("\\", r"\\").replace('"', r"\"")


def build(op: Op) -> dict[str, Callable[..., Any]]:
    """Fill a row's generated fields, enter it in the table, and return its methods by name.

    Raises:
        OperationError: the row is not well formed, or its name is taken.
    """
    where = f"row {op.name!r}"
    if not _is_name(op.name) or _is_taken(op.name):
        raise OperationError(f"{where}: the name is {'taken' if _is_name(op.name) else 'not an identifier'}")
    if not 1 <= len(op.arguments) <= 3 or len(op.partials) != len(op.arguments):
        raise OperationError(f"{where}: {len(op.partials)} partials for the arguments {', '.join(op.arguments)}")
    if not all(map(_is_name, op.arguments)) or len(set(op.arguments)) < len(op.arguments):
        raise OperationError(f"{where}: the arguments must bear different names; not {', '.join(op.arguments)}")
    used = {*_LOCALS, *FUNCTIONS, *TABLE, *namespace, *[f"d{name}" for name in op.arguments]}
    if not used.isdisjoint(op.arguments):
        raise OperationError(f"{where}: an argument bears a name that the language uses: {', '.join(op.arguments)}")
    if len(op.defaults) >= len(op.arguments):
        raise OperationError(f"{where}: the first argument has no default, so there are too many: {op.defaults}")
    formula = parse(op.formula, op.arguments, where)
    partials = [parse(text, (*op.arguments, "z"), where) for text in op.partials]
    parse(op.domain.condition, op.arguments, f"{where}, domain", condition=True)
    names = methods_of(op)
    op.symbol = op.formula[2:-2] if len(names) == 3 else "-" if "__neg__" in names else op.name

    arguments = ", ".join(op.arguments)
    z = text_in(formula, Python)
    dz = ", ".join(text_in(tree, Python) for tree in partials)
    may_raise = _may_raise(formula)
    lines = [f"def {op.name}_evaluate({arguments}):", f"    return {z}", ""]
    lines += [f"def {op.name}_slopes({arguments}, z):", "    try:", f"        return ({dz},)"]
    lines += ["    except (ArithmeticError, ValueError):"]
    lines += [f"        return ieee_slopes({op.name}_row, {arguments}, z)", ""]
    lines += [f"def {op.name}_backward(out):", *_backward_source(op, partials), ""]
    lines += [f"def {op.name}_kernel({arguments}):", f"    return {text_in(formula, NumPy)}", ""]
    lines += [f"def {op.name}_kernel_slopes({arguments}, z):"]
    lines += [f"    return ({', '.join(text_in(tree, NumPy) for tree in partials)},)", ""]
    lines += [*_method_source(op, op.name, z, may_raise), ""]
    if len(names) == 3:
        _, forward, reflected = names
        lines += [*_method_source(op, forward, z, may_raise), ""]
        lines += [f"def {reflected}(self, other):", "    other = operator_operand(other)"]
        lines += [f"    return NotImplemented if other is NotImplemented else other.{forward}(self)", ""]
    first, *others = op.arguments
    rest = [f"{a}={d!r}" for a, d in zip(others[len(others) - len(op.defaults) :], op.defaults, strict=True)]
    lines += [f"def {op.name}_apply({', '.join([first, *others[: len(others) - len(op.defaults)], *rest])}):"]
    lines += [
        f'    """{_escaped(documentation(op))}"""',
        f"    return operand({first}).{op.name}({', '.join(others)})",
        "",
    ]

    functions = _execute(f"<autograd row {op.name}>", "\n".join(lines))
    for part in ("evaluate", "slopes", "backward", "kernel", "kernel_slopes", "apply"):
        function = functions[f"{op.name}_{part}"]
        namespace[function.__name__] = function
        setattr(op, part, function)
    namespace[f"{op.name}_row"] = op
    op.apply.__name__ = op.apply.__qualname__ = op.name
    op.source = "\n".join(lines)
    TABLE[op.name] = op
    methods = {name: functions[op.name if name in _UNARY_DUNDERS.values() else name] for name in names}
    for name, method in methods.items():
        method.__qualname__ = f"Value.{op.name if name in _UNARY_DUNDERS.values() else name}"
    return methods


def methods_of(op: Op) -> list[str]:
    """Return the names of the methods a row gives a Value: its own, and the operators whose formula it is.

    A user's row leaves the operators to the table's own.
    """
    if op not in ROWS:
        return [op.name]
    if op.formula in _DUNDERS:
        return [op.name, f"__{_DUNDERS[op.formula]}__", f"__r{_DUNDERS[op.formula]}__"]
    return [op.name, *([_UNARY_DUNDERS[op.formula]] if op.formula in _UNARY_DUNDERS else [])]


def _execute(filename: str, source: str) -> dict[str, Callable[..., Any]]:
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    functions: dict[str, Callable[..., Any]] = {}
    exec(compile(source, filename, "exec"), namespace, functions)  # noqa: S102  # parsed against the row language
    return functions


# --- what generated code calls ----------------------------------------------------------------------------------------


def ieee_slopes(op: Op, *floats: float) -> tuple[float, ...]:
    """Return the partials by IEEE-754, for the points where Python would raise: 0.5 / 0 is ∞, 0 / 0 is nan."""
    with np.errstate(all="ignore"):
        return tuple(float(slope) for slope in op.kernel_slopes(*map(np.float64, floats)))


def failed(op: Op, operands: tuple[Any, ...], error: Exception) -> float:
    """Raise the documented error for a row that Python refused to evaluate; while recording, go on by IEEE-754."""
    if namespace["is_recording"]():
        with np.errstate(all="ignore"):
            return float(op.kernel(*[np.float64(operand.data) for operand in operands]))
    raise describe(op, operands, error) from None


def describe(op: Op, operands: tuple[Any, ...], error: Exception) -> AutogradError:
    """Return the error that names operation, numbers, labels and domain: ``log(-1.0) of 'p': x must lie in (0, ∞)``."""
    call = f"{op.name}({', '.join(repr(operand.data) for operand in operands)})"
    labels = [repr(operand.label) for operand in operands if operand.label is not None]
    place = f"{call} of {', '.join(labels)}" if labels else call
    if isinstance(error, OverflowError):
        limit = f"{op.domain.text}; " if not _inside(op, operands) else ""
        return RangeError(f"{place}: {limit}the result is too large for a float (above 1.8e308)")
    kind = DivisionByZeroError if isinstance(error, ZeroDivisionError) else DomainError
    return kind(f"{place}: {op.domain.text}")


def _inside(op: Op, operands: tuple[Any, ...]) -> bool:
    tree = parse(op.domain.condition, op.arguments, op.name, condition=True)
    names = dict(zip(op.arguments, [operand.data for operand in operands], strict=True))
    return bool(eval(text_in(tree, Python), namespace, names))  # noqa: S307  # parsed against the row language


namespace.update(ieee_slopes=ieee_slopes, failed=failed)
