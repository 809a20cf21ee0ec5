"""From a row to code: the row language, rows of one's own, and what is generated."""

import builtins
import copy
import inspect
import math
import traceback

import numpy as np
import pytest

import autograd
from autograd import Value, check_gradient, no_grad, operation, operations, trace
from autograd.build import build, methods_of
from autograd.errors import DivisionByZeroError, DomainError, OperationError, RangeError
from autograd.language import parse
from autograd.ops import CONSTANT, REAL, ROWS, TABLE, Domain, Op

every_row = pytest.mark.parametrize("op", ROWS, ids=lambda op: op.name)


# --- the row language ---


@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        ("x +", "is not an expression"),
        ("", "is not an expression"),
        ("x = 1", "is not an expression"),
        ("'x'", "has the constant 'x', which is not a number"),
        ("x + True", "has the constant True, which is not a number"),
        ("1j * x", "has the constant 1j, which is not a number"),
        ("None", "has the constant None, which is not a number"),
        ("1 if 0 < x < 1 else 0", "chains comparisons; join them with 'and'"),
        ("math.sin(x)", "calls something that is not a function's name"),
        ("(lambda: 1)()", "calls something that is not a function's name"),
        ("sin(x=1)", "calls something that is not a function's name"),
        ("sine(x)", "calls 'sine', which is neither a function of the language nor an earlier row"),
        ("__import__('os')", "calls '__import__', which is neither"),
        ("sin(x, x)", "calls 'sin' with 2 arguments instead of 1"),
        ("hypot(x)", "calls 'hypot' with 1 arguments instead of 2"),
        ("leaky_relu(x)", "calls 'leaky_relu' with 1 arguments instead of 2"),
        ("x + w", "uses the name 'w'; known names: x, pi, ln2, ln10, nan, inf"),
        ("x * z", "uses the name 'z'"),
        ("sin", "uses the name 'sin'"),
        ("x.real", "contains Attribute, which the language does not have"),
        ("x[0]", "contains Subscript"),
        ("[x]", "contains List"),
        ("(y := x)", "contains NamedExpr"),
        ("f'{x}'", "contains JoinedStr"),
        ("sin(*x)", "contains Starred"),
        ("x // 2", "contains FloorDiv"),
        ("x % 2", "contains Mod"),
        ("x @ x", "contains MatMult"),
        ("+x", "contains UAdd"),
        ("~x", "contains Invert"),
        ("1 if x is x else 0", "contains Is"),
        ("1 if x in x else 0", "contains In"),
        ("x > 0", "has the condition 'x > 0' where a number is needed"),
        ("x * (x > 0)", "has the condition 'x > 0' where a number is needed"),
        ("not x", "has the condition 'not x' where a number is needed"),
        ("x and 1", "has the condition 'x and 1' where a number is needed"),
        ("1 if x else 0", "has the number 'x' where a condition is needed"),
        ("1 if x > 0 and x else 0", "has the number 'x' where a condition is needed"),
        ("1 if not x else 0", "has the number 'x' where a condition is needed"),
    ],
)
def test_what_is_not_in_the_language_is_refused_by_name(formula, reason):
    with pytest.raises(OperationError) as caught:
        parse(formula, ("x",), "row 'mine'")
    message = str(caught.value)
    assert message.startswith(f"row 'mine': {formula!r} {reason}")
    assert message.endswith("; autograd/ops.py defines the language of rows")


def test_a_domain_must_be_a_condition():
    with pytest.raises(OperationError, match="number 'x' where a condition"):
        parse("x", ("x",), "row 'mine'", condition=True)


# The same formula in Python, at two points each: every construct that the language has.
FORMULAS = {
    "1 + 2 * x - x / 4": lambda x: 1 + 2 * x - x / 4,
    "-x ** 2 + 2 ** x": lambda x: -(x**2) + 2**x,
    "1 if x > 1 else 0": lambda x: float(x > 1),
    "1 if x >= 1 and not x == 2 else 0.5": lambda x: 1 if x >= 1 and x != 2 else 0.5,
    "1 if x < 1 or x > 2 or x != x else -1": lambda x: 1 if x < 1 or x > 2 else -1,
    "1 if x <= 1.5 else 2 if x != 2.5 else 3": lambda x: 1 if x <= 1.5 else 3,
    "pi * x + ln2 - ln10": lambda x: math.pi * x + math.log(2) - math.log(10),
    "abs(x) + sign(-x) + floor(x)": lambda x: x - 1 + math.floor(x),
    "hypot(x, 3) + cbrt(x)": lambda x: math.hypot(x, 3) + math.cbrt(x),
    "exp(-x) + expm1(x) + log(x) + log1p(x)": lambda x: math.exp(-x) + math.expm1(x) + math.log(x) + math.log1p(x),
    "log2(x) + log10(x) + sqrt(x)": lambda x: math.log2(x) + math.log10(x) + math.sqrt(x),
    "sin(x) + cos(x) + tan(x) + arctan(x)": lambda x: math.sin(x) + math.cos(x) + math.tan(x) + math.atan(x),
    "arcsin(x / 4) + arccos(x / 4)": lambda x: math.asin(x / 4) + math.acos(x / 4),
    "sinh(x) + cosh(x) + tanh(x)": lambda x: math.sinh(x) + math.cosh(x) + math.tanh(x),
    "arcsinh(x) + arccosh(x) + arctanh(x / 4)": lambda x: math.asinh(x) + math.acosh(x) + math.atanh(x / 4),
    "sigmoid(2 * x) + maximum(x, 2)": lambda x: 1 / (1 + math.exp(-2 * x)) + max(x, 2),
    "1e-3 * x ** -1": lambda x: 1e-3 / x,
}


@pytest.mark.parametrize("formula", FORMULAS)
def test_the_language_means_what_python_means(formula):
    operation("mine", formula, "0")
    for x in (1.25, 2.5):
        expected = pytest.approx(FORMULAS[formula](x), rel=1e-14)
        assert Value(x).mine().data == expected
        assert TABLE["mine"].kernel(np.array([x])) == expected


@pytest.mark.parametrize("x", [-2.5, -2.0, -0.0, 0.0, 2.5, 1e300, math.inf, -math.inf, math.nan])
def test_sign_and_floor_are_numpys_for_every_float(x):
    for name, formula in (("my_sign", "sign(x)"), ("my_floor", "floor(x)")):
        if name not in TABLE:
            operation(name, formula, "0")
        z = TABLE[name].evaluate(x)
        expected = getattr(np, name[3:])(x)
        assert type(z) is float
        assert z == expected or (math.isnan(z) and math.isnan(expected))


# --- rows that are refused ---


@pytest.mark.parametrize(
    ("name", "formula", "partials", "options", "reason"),
    [
        ("2x", "x", ("1",), {}, "the name is not an identifier"),
        ("two words", "x", ("1",), {}, "the name is not an identifier"),
        ("lambda", "x", ("1",), {}, "the name is not an identifier"),
        ("tanh", "x", ("1",), {}, "the name is taken"),
        ("logsumexp", "x", ("1",), {}, "the name is taken"),
        ("dot", "x", ("1",), {}, "the name is taken"),
        ("input", "x", ("1",), {}, "the name is taken"),
        ("backward", "x", ("1",), {}, "the name is taken"),
        ("data", "x", ("1",), {}, "the name is taken"),
        ("mine", "x", (), {}, "0 partials for the arguments "),
        ("mine", "x", ("1", "1", "1"), {}, "3 partials for the arguments x, y"),
        ("mine", "x", ("1",), {"arguments": ("x", "y")}, "1 partials for the arguments x, y"),
        ("mine", "x", ("1",) * 4, {"arguments": ("x", "a", "b", "c")}, "4 partials for the arguments x, a, b, c"),
        ("mine", "x", ("1", "1"), {"arguments": ("x", "x")}, "the arguments must bear different names; not x, x"),
        ("mine", "x", ("1", "1"), {"arguments": ("x", "if")}, "the arguments must bear different names; not x, if"),
        ("mine", "x", ("1", "1"), {"arguments": ("x", "z")}, "an argument bears a name that the language uses: x, z"),
        ("mine", "x", ("1", "1"), {"arguments": ("x", "pi")}, "an argument bears a name that the language uses: x, pi"),
        ("mine", "x", ("1", "1"), {"arguments": ("x", "sin")}, "an argument bears a name that the language uses"),
        ("mine", "x", ("1", "1"), {"arguments": ("x", "math")}, "an argument bears a name that the language uses"),
        ("mine", "x", ("1", "1"), {"arguments": ("x", "self")}, "an argument bears a name that the language uses"),
        ("mine", "x", ("1", "1"), {"arguments": ("x", "dx")}, "an argument bears a name that the language uses"),
        ("mine", "x", ("1",), {"defaults": (1.0,)}, "the first argument has no default"),
        ("mine", "x +", ("1",), {}, "'x +' is not an expression"),
        ("mine", "x", ("1 +",), {}, "'1 +' is not an expression"),
        ("mine", "x", ("y",), {}, "'y' uses the name 'y'; known names: x, z, pi"),
    ],
)
def test_a_bad_row_is_refused_and_leaves_nothing(name, formula, partials, options, reason):
    before, had = dict(TABLE), hasattr(Value, name)
    with pytest.raises(OperationError) as caught:
        operation(name, formula, *partials, **options)
    assert str(caught.value).startswith(f"row {name!r}: {reason}")
    assert before == TABLE
    assert hasattr(Value, name) == had


def test_a_bad_domain_is_refused():
    with pytest.raises(OperationError, match="row 'mine', domain: 'x > w' uses the name 'w'"):
        operation("mine", "x", "1", domain=Domain("x", "x > w", ((0.0, 1.0),)))


def test_a_name_is_taken_once_it_is_given():
    mine = operation("mine", "x", "1")
    assert operation("mine", "x", "1") is mine, "a notebook's cell may be run again"
    with pytest.raises(OperationError, match="row 'mine': the name is taken"):
        operation("mine", "2 * x", "2")


def test_an_operation_is_made_of_texts():
    for wrong in (("x * y", ("y", "x")), (lambda x: x, "1")):
        with pytest.raises(OperationError, match="made of texts"):
            operation("wrong", *wrong)


# --- rows of one's own ---


def test_a_row_of_ones_own_is_an_operation_like_any_other():
    bell = operation("bell", "exp(-x * x)", "-2 * x * z", note="a Gaussian")
    x = Value(0.5, label="x")
    y = bell(x)
    y.backward()
    assert (y.data, x.grad) == (math.exp(-0.25), -math.exp(-0.25))
    assert y.op is TABLE["bell"]
    assert x.bell().data == y.data
    assert bell(0.5).data == y.data
    assert check_gradient(bell, 0.5)
    graph = trace("2 * bell(x)", x=0.5)
    assert graph.output.data == 2 * y.data
    assert graph.backward() == {"x": 2 * x.grad}
    assert graph.forward({"x": 0.0}) == 2.0
    assert copy.deepcopy(y).op is TABLE["bell"]
    assert bell.__name__ == "bell"
    assert "a Gaussian" in bell.__doc__
    assert TABLE["bell"].latex.format(x="x") == r"\operatorname{bell}(x)"


def test_two_arguments_with_names_of_their_own():
    distance = operation("distance", "hypot(a, b)", "a / z", "b / z", arguments=("a", "b"))
    a, b = Value(3.0), Value(-4.0)
    distance(a, b).backward()
    assert (a.grad, b.grad) == (0.6, -0.8)
    assert check_gradient(Value.distance, 3.0, -4.0)
    origin = distance(Value(0.0), Value(0.0))
    origin.backward()
    assert all(math.isnan(v.grad) for v in origin.parents)


def test_three_arguments_with_a_default():
    partials = ("k / x", "log(x)", "1")
    scale = operation("scale", "k * log(x) + b", *partials, arguments=("x", "k", "b"), defaults=(0.25,))
    assert scale(math.e, 2).data == pytest.approx(2.25)
    assert scale(math.e, 2, b=1).data == pytest.approx(3.0)
    assert Value(math.e).scale(2).data == pytest.approx(2.25)
    assert check_gradient(scale, 2.0, 3.0, 4.0)
    with pytest.raises(TypeError, match="k"):
        scale(1.0)


def test_slopes_that_may_raise_without_naming_any_argument():
    """The operands' data are then needed only where Python raised and IEEE-754 takes over."""
    mine = operation("mine", "a + b + c", "1 / (z - z)", "1", "2", arguments=("a", "b", "c"))
    values = [Value(1.0), Value(2.0), Value(3.0)]
    mine(*values).backward()
    assert [v.grad for v in values] == [math.inf, 1.0, 2.0]


def test_a_row_may_call_rows_before_it():
    operation("double", "x + x", "2")
    quadruple = operation("quadruple", "double(double(x))", "4")
    assert quadruple(Value(1.5)).data == 6.0
    assert TABLE["quadruple"].kernel(np.array([1.5])) == [6.0]


def test_a_row_with_the_formula_of_an_operator_leaves_the_operator_alone():
    operation("plus", "x + y", "1", "1")
    operation("minus", "-x", "-1")
    assert (Value(1.0) + Value(2.0)).op is TABLE["add"]
    assert (1.0 + Value(2.0)).op is TABLE["add"]
    assert (-Value(1.0)).op is TABLE["negative"]
    plus = Value(1.0).plus(2.0)
    assert (plus.data, plus.op.symbol) == (3.0, "plus")


def test_a_row_with_the_name_of_a_ufunc_is_found_by_numpy():
    operation("hypot", "sqrt(x * x + y * y)", "x / z", "y / z")
    node = np.hypot(Value(3.0), 4.0)
    assert (node.data, node.op) == (5.0, TABLE["hypot"])


def test_a_domain_of_ones_own_names_itself_in_errors():
    unit = Domain("x must lie in (0, 1)", "x > 0 and x < 1", ((0.0, 1.0),))
    logit = operation("logit", "log(x / (1 - x))", "1 / (x * (1 - x))", domain=unit)
    assert check_gradient(logit, 0.25)
    for x, error in ((2.0, DomainError), (0.0, DomainError), (1.0, DivisionByZeroError)):
        with pytest.raises(error) as caught:
            logit(Value(x, label="p"))
        assert str(caught.value) == f"logit({x}) of 'p': x must lie in (0, 1)"
    with pytest.raises(RangeError, match="the result is too large"):
        operation("tower", "exp(exp(x))", "z * exp(x)")(10.0)


def test_notes_may_hold_quotes_and_backslashes():
    note = 'so called """relu""", see \\frac and \\N, "quoted"'
    mine = operation("mine", "x", "1", note=note)
    assert f"{note}." in mine.__doc__
    assert mine.__doc__ == Value.mine.__doc__


# --- what is generated ---


@every_row
def test_every_row_has_its_methods_and_its_function(op):
    names = methods_of(op)
    assert names[0] == op.name
    for name in names:
        method = getattr(Value, name)
        assert inspect.getsource(method).startswith(f"def {method.__name__}(self")
        assert method.__qualname__ == f"Value.{method.__name__}"
    assert getattr(autograd, op.name) is op.apply
    assert op.formula in getattr(Value, op.name).__doc__
    assert list(inspect.signature(op.apply).parameters) == list(op.arguments)
    assert TABLE[op.name] is op
    assert copy.deepcopy(op) is op


def test_operators_are_generated_from_the_rows_of_their_formula():
    operators = {name for op in ROWS for name in methods_of(op) if name.startswith("__")}
    assert operators == {
        "__add__", "__radd__", "__sub__", "__rsub__", "__mul__", "__rmul__", "__truediv__", "__rtruediv__",
        "__pow__", "__rpow__", "__neg__", "__abs__",
    }  # fmt: skip
    symbols = {op.name: op.symbol for op in ROWS if op.symbol != op.name}
    assert symbols == {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "**", "negative": "-"}


def test_operations_has_nothing_but_generated_methods():
    generated = {name for op in TABLE.values() for name in methods_of(op)}
    assert {name for name, member in vars(operations.Operations).items() if inspect.isfunction(member)} == generated


def test_the_source_of_a_method_can_be_read():
    source = inspect.getsource(Value.tanh)
    assert source.splitlines()[0] == "def tanh(self):"
    assert "z = math.tanh(self.data)" in source
    assert "1 - z * z" in inspect.getdoc(Value.tanh)
    assert inspect.getsource(Value.__add__).splitlines()[0] == "def __add__(self, y):"
    assert "x_node.grad += share * y" in inspect.getsource(TABLE["multiply"].backward)


def test_a_traceback_shows_generated_lines():
    with pytest.raises(ValueError, match="math domain error") as caught:
        TABLE["log"].evaluate(-1.0)
    assert "return math.log(x)" in "".join(traceback.format_exception(caught.value))
    with pytest.raises(DomainError) as caught:
        Value(-1.0).log()
    lines = "".join(traceback.format_exception(caught.value))
    assert 'File "<autograd row log>"' in lines
    assert "z = failed(log_row, (self,), error)" in lines


@every_row
def test_inside_no_grad_a_row_records_nothing(op):
    point = [Value(x) for x in (1.5, 2.0, 3.0)[: len(op.arguments)]]
    if op.name in ("arcsin", "arccos", "arctanh"):
        point = [Value(0.5)]
    with no_grad():
        result = op.apply(*point)
    assert result.is_leaf
    assert result.op is CONSTANT
    assert result.data == op.apply(*point).data


@every_row
def test_latex_has_a_place_for_every_argument(op):
    text = op.latex.format(**{name: f"<{name}>" for name in op.arguments})
    assert all(f"<{name}>" in text for name in op.arguments)
    assert text.count("{") == text.count("}")


@every_row
def test_symbolic_fields_are_in_the_language(op):
    """What other back ends will read: formula, partials, domain, and one interval for each argument."""
    assert len(op.domain.ranges) == len(op.arguments)
    assert all(low < high for low, high in op.domain.ranges)
    parse(op.formula, op.arguments, op.name)
    for partial in op.partials:
        parse(partial, (*op.arguments, "z"), op.name)


def test_a_row_calls_only_rows_above_it():
    """Built in another order, a row would refuse its formula; this is what keeps the table readable from the top."""
    late = Op("late", "x", ("1",), "x", REAL)
    early = Op("early", "late(x)", ("1",), "x", REAL)
    with pytest.raises(OperationError, match="calls 'late'"):
        build(early)
    build(late)
    assert build(early)["early"]


def test_all_is_exact():
    names = [op.name for op in ROWS]
    assert operations.__all__ == ["Operations", *names]
    assert len(set(autograd.__all__)) == len(autograd.__all__)
    public = {name for name, member in vars(autograd).items() if name[0] != "_" and not inspect.ismodule(member)}
    assert set(autograd.__all__) == (public | {"errors"}) - {"Operations"} - set(dir(builtins))
    assert set(names) <= set(autograd.__all__)
