"""Expressions as text: what they mean, what they are not, and that nothing in them is ever executed."""

import ast
import math
import operator
import re
import warnings
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, parameter, trace
from autograd.errors import AutogradError, ExpressionError, InputError, OperandError, RangeError
from autograd.expression import LONGEST

# --- meaning ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x - y - z", 2.0 - 3.0 - 5.0),
        ("x / y / z", 2.0 / 3.0 / 5.0),
        ("x ** y ** x", 2.0**3.0**2.0),
        ("-x ** 2", -4.0),
        ("2 ** -x", 0.25),
        ("-+-x", 2.0),
        ("x + y * z", 17.0),
        ("(x + y) * z", 25.0),
        ("2e-3 * x", 0.004),
        ("7 / 2", 3.5),
        ("x < y", 1.0),
        ("x >= y", 0.0),
        ("x + (y > z)", 2.0),
        ("maximum(x, y) + max(x, y, z)", 8.0),
        ("sum(x, y, z) / mean(x, y)", 4.0),
        ("leaky_relu(-x)", -0.02),
        ("leaky_relu(-x, 0.5)", -1.0),
        ("where(x > y, z, -z)", -5.0),
        ("clip(z, x, y)", 3.0),
        ("x +\n y", None),
        ("(x +\n y)", 5.0),
        ("  x # a comment", 2.0),
    ],
)
def test_values_of_expressions(text, expected):
    names = {name: number for name, number in {"x": 2.0, "y": 3.0, "z": 5.0}.items() if re.search(rf"\b{name}\b", text)}
    if expected is None:
        with pytest.raises(ExpressionError):
            trace(text, names)
    else:
        assert trace(text, names).output.data == pytest.approx(expected, rel=1e-15)


NAMES = {"x": 0.7, "y": -1.3, "z": 2.1}
ATOMS = st.sampled_from(sorted(NAMES)) | st.floats(0, 9, width=16).map(repr) | st.integers(0, 9).map(str)


def compound(parts):
    binary = st.tuples(parts, st.sampled_from(["+", "-", "*", "/", "**", " - ", " / "]), parts).map("".join)
    unary = st.tuples(st.sampled_from(["-", "+", "- -"]), parts).map("".join)
    bracket = parts.map("({})".format)
    call = st.tuples(st.sampled_from(["tanh", "cos", "absolute"]), parts).map(lambda t: f"{t[0]}({t[1]})")
    return binary | unary | bracket | call


@given(st.recursive(ATOMS, compound, max_leaves=12))
def test_precedence_is_pythons(text):
    names = {name: number for name, number in NAMES.items() if name in text}
    tree = ast.fix_missing_locations(Floats().visit(ast.parse(text, mode="eval")))
    python = compile(tree, "<test>", "eval")
    try:
        expected = eval(python, {"tanh": math.tanh, "cos": math.cos, "absolute": abs, **names})  # noqa: S307  # drawn above
    except (ArithmeticError, ValueError, TypeError):  # TypeError: tanh of a complex number
        with pytest.raises(AutogradError):
            trace(text, names)
        return
    if isinstance(expected, complex):
        with pytest.raises(ValueError, match="power"):
            trace(text, names)
        return
    assert trace(text, names).output.data == pytest.approx(expected, rel=1e-15, nan_ok=True)


class Floats(ast.NodeTransformer):
    """Make Python see numbers as this package does: as floats."""

    def visit_Constant(self, node):
        return ast.Constant(float(node.value))


def test_gradients_of_an_expression():
    graph = trace("f = tanh(x * y) + exp(-x)", x=0.5, y=1.5)
    slope = 1 - math.tanh(0.75) ** 2
    assert graph.backward() == pytest.approx({"x": 1.5 * slope - math.exp(-0.5), "y": 0.5 * slope})


# --- names and labels -------------------------------------------------------------------------------------------------


def test_names_are_labels_and_occur_once():
    graph = trace("x * x + y", x=2, y=3)
    assert [(node.label, node.data) for node in graph.leaves] == [("x", 2.0), ("y", 3.0)]
    assert graph.output.parents[0].parents == (graph.inputs["x"],) * 2
    assert graph.output.label is None


@pytest.mark.parametrize("text", ["q = x + y; f = q * z", "q = x + y\nf = q * z", "q = x + y;f = q * z;"])
def test_named_intermediates(text):
    graph = trace(text, x=-2, y=5, z=-4)
    assert [(node.label, node.data) for node in graph.nodes if not node.is_leaf] == [("q", 3.0), ("f", -12.0)]


def test_an_alias_keeps_the_first_label():
    graph = trace("a = x; b = a * a; c = b; c + a", x=3)
    assert graph.output.data == 12.0
    assert [node.label for node in graph.nodes] == ["x", "b", None]


def test_the_last_statement_may_be_a_name():
    assert trace("q = x + 1; q", x=2).output.label == "q"
    assert trace("x", x=2).nodes[0].label == "x"


def test_numbers_alone_make_a_constant_not_a_graph():
    graph = trace("x * (2 + 3 * 4)", x=1)
    assert [node.data for node in graph.nodes] == [1.0, 14.0, 14.0]
    assert graph.output.parents[1].op.name == "constant"
    assert trace("2 ** 3").output.is_leaf


def test_values_may_be_given_as_a_mapping_or_as_values():
    w = parameter(3.0, label="weight")
    graph = trace("w * expression", {"expression": 2.0}, w=w)
    assert graph.output.parents[0] is w
    assert graph.backward() == {"weight": 2.0, "expression": 3.0}


# --- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("__import__('os')", "there is no function '__import__'"),
        ("__import__('os').system('true')", "only the functions of the table"),
        ("x.__class__", "'x.__class__': Attribute"),
        ("x[0]", r"'x\[0\]': Subscript"),
        ("(lambda: 0)()", "only the functions of the table"),
        ("[x for x in x]", "ListComp"),
        ("x if x else x", "IfExp"),
        ("(y := x)", "NamedExpr"),
        ("x and x", "BoolOp"),
        ("not x", "UnaryOp"),
        ("~x", "UnaryOp"),
        ("x // 2", "'x // 2': BinOp is not part"),
        ("x % 2 + 1", "'x % 2': BinOp is not part"),
        ("x @ x", "'x @ x': BinOp is not part"),
        ("x == x", "Compare"),
        ("x < x < x", "Compare"),
        ("f'{x}'", "JoinedStr"),
        ("'x'", "only real numbers"),
        ("1j * x", "only real numbers"),
        ("True", "only real numbers"),
        ("...", "only real numbers"),
        ("eval(x)", "there is no function 'eval'"),
        ("sin()", "sin takes 1 argument, not 0"),
        ("maximum(x)", "maximum takes 2 arguments, not 1"),
        ("leaky_relu(x, x, x)", "leaky_relu takes 1 to 2 arguments, not 3"),
        ("sin(x=x)", "by position"),
        ("max(*x)", "by position"),
        ("import os", "Import is not an expression"),
        ("x += 1", "AugAssign is not an expression"),
        ("del x", "Delete"),
        ("a = b = x", "Assign"),
        ("a, b = x", "only a name can be assigned"),
        ("x.y = x", "only a name can be assigned"),
        ("x = 3", "'x' is assigned, but it is an input with a value"),
        ("q = x; q = x", "'q' is assigned, but it is already in use"),
        ("x; x", "all but the last part must be named"),
        ("x +", "is not an expression"),
        ("(x", "is not an expression"),
        ("", "is empty"),
        (" \n ", "is empty"),
        ("# nothing", "is empty"),
        ("x\0", "null"),
    ],
)
def test_what_is_not_an_expression_is_refused(text, message):
    with pytest.raises(ExpressionError, match=message) as caught:
        trace(text, x=2.0)
    assert isinstance(caught.value, ValueError)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("(" * 50_000, "has 50000 characters; at most 10000 are read"),
        ("x" + "+x" * 5_000, "has 10001 characters"),
        ("(" * 900 + "x" + ")" * 900, "too many nested parentheses"),
        ("-" * 9_000 + "x", "nested too deeply"),
        ("sin(" * 99 + "-" * 5_000 + "x" + ")" * 99, "nested too deeply"),
        ("x**" * 3_000 + "x", "nested too deeply"),
        ("1" * 5_000, "digits"),
    ],
)
def test_texts_that_exhaust_a_parser_are_refused(text, message):
    with pytest.raises(ExpressionError, match=message) as caught:
        trace(text, x=1.0)
    assert len(str(caught.value)) < 500


def test_nesting_within_pythons_limits_works():
    assert trace("(" * 150 + "x" + ")" * 150, x=3).output.data == 3.0
    assert trace("-" * 200 + "x", x=3).output.data == 3.0


def test_long_sums_and_products_work():
    x = Value(0.5, label="x")
    graph = trace("+".join(["x"] * 2_500), x=x)
    assert graph.output.data == 1250.0
    assert graph.backward() == {"x": 2500.0}
    assert trace("*".join(["x"] * 1_000), x=1).output.data == 1.0


def test_the_longest_sum_is_computed_or_refused():
    text = "x" + "+x" * (LONGEST // 2 - 1)  # how deep Python's own parser goes depends on its version
    with suppress(ExpressionError):
        assert trace(text, x=1).output.data == LONGEST // 2


def test_towers_of_powers_end_at_once():
    with pytest.raises(RangeError, match=r"power\(9\.0, 387420489\.0\): the result is too large"):
        trace("9**9**9")
    with pytest.raises(RangeError, match="an integer of"):
        trace("1" + "0" * 400)


def test_refused_text_is_never_warned_about():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for text in ("1(2)", "x is 1", "(x, )[0]"):
            with pytest.raises(ExpressionError):
                trace(text, x=1)
    assert caught == []


@pytest.mark.parametrize(
    ("text", "values", "message"),
    [
        ("x + y", {"x": 1}, "the name 'y' has no value; give one, as in y=1.5"),
        ("x", {"x": 1, "y": 2}, "'y' has a value but does not occur in 'x'"),
        ("x", {"x": 1, "y": 2, "z": 3}, "'y', 'z' have values but do not occur in 'x'"),
        ("q = q + 1; q", {}, "the name 'q' has no value; give one, as in q=1.5"),
        ("sin + 1", {}, "the name 'sin' has no value; give one, as in sin=1.5"),
    ],
)
def test_names_missing_or_superfluous(text, values, message):
    with pytest.raises(InputError) as caught:
        trace(text, values)
    assert str(caught.value) == message


@pytest.mark.parametrize("wrong", ["1", None, 1j])
def test_values_that_are_not_numbers(wrong):
    with pytest.raises(OperandError, match="one real number"):
        trace("x", x=wrong)


@pytest.mark.parametrize("wrong", [3, None, b"x", Value(1.0)])
def test_only_text_is_an_expression(wrong):
    with pytest.raises(ExpressionError, match=f"got {type(wrong).__name__}"):
        trace(wrong)


def test_an_error_of_arithmetic_names_the_place():
    with pytest.raises(ZeroDivisionError, match=r"divide\(1\.0, 0\.0\) of 'x': y must not be 0"):
        trace("1 / x", x=0)


def test_operators_mean_what_pythons_do():
    for symbol, function in {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}.items():
        assert trace(f"x {symbol} y", x=7, y=-2).output.data == function(7, -2)
