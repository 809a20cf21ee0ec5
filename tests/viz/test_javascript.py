"""The table in JavaScript against the table in Python: values, slopes, domains, and how slopes read.

Python's own rows are judged by mathematics in tests/test_ops.py; here the two languages judge each other.
"""

import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from javascript_host import host, live, needs_node
from rows import INF, NAN, SMALLEST, every_row, inside, points

from autograd import Value, operation
from autograd.language import JavaScript, parse
from autograd.operations import Operations
from autograd.ops import DOT, REDUCTIONS, ROWS, TABLE
from viz.javascript import PRELUDE, Symbols, source

pytestmark = needs_node

FUNCTIONS = """
const functions = {
  value: (name, xs) => ROWS[name].value(...xs),
  slopes: (name, xs, z) => ROWS[name].slopes.map((slope) => (slope ? slope(...xs, z) : null)),
  inside: (name, xs) => ROWS[name].inside(...xs),
  symbols: (name, xs, z) => ROWS[name].symbols.map((symbol) => symbol(...xs, z)),
  text: (name) => ROWS[name].text,
  many: (name, xs, weights) => {
    const z = REDUCTIONS[name].value(xs, weights);
    const [slopes, symbols] = [REDUCTIONS[name].slopes(xs, z, weights), REDUCTIONS[name].symbols(xs, z, weights)];
    return { z, slopes, symbols, text: REDUCTIONS[name].text(xs, weights) };
  },
  reductions: () => Object.keys(REDUCTIONS),
};
"""

# A slope that is computed from z = 1 - ε knows ε only to a rounding of 1: its error is absolute in the saturated tails.
SATURATING = {"tanh": 2.0**-51, "sigmoid": 2.0**-51}


@pytest.fixture(scope="module")
def call():
    with host(source(ROWS) + live("reductions.js") + FUNCTIONS) as call:
        yield call


@pytest.fixture
def own_rows():
    """Leave the table as it was after a test that adds rows to it."""
    before = dict(TABLE)
    yield
    for name in TABLE.keys() - before.keys():
        del TABLE[name]
        delattr(Operations, name)


# --- values and slopes ------------------------------------------------------------------------------------------------


@every_row
@given(data=st.data())
def test_every_row_has_the_same_value(op, call, data):
    point = data.draw(points(op))
    try:
        expected = op.evaluate(*point)
    except OverflowError:
        expected = INF
    received = call("value", op.name, point)
    if math.isinf(expected):
        assert abs(received) > 1.79e308
    else:
        assert abs(received - expected) <= 1e-12 * abs(expected) + SMALLEST


@every_row
@given(data=st.data())
def test_every_row_has_the_same_slopes(op, call, data):
    point = data.draw(points(op))
    try:
        z = op.evaluate(*point)
    except OverflowError:
        return
    received = [slope or 0.0 for slope in call("slopes", op.name, point, call("value", op.name, point))]
    expected = op.slopes(*point, z)
    around = [slope for near in nearby(op, point) for slope in op.slopes(*near, op.evaluate(*near))]
    for slope, other in zip(received, expected, strict=True):
        if not math.isfinite(other):
            assert slope == other or (slope != slope and other != other)
            continue
        largest = max(map(abs, (other, *filter(math.isfinite, around))))
        assert abs(slope - other) <= 1e-12 * largest + SATURATING.get(op.name, 0.0) + SMALLEST


def nearby(op, point):
    """Return the points of the domain that lie 1 % to either side of this one."""
    for i in range(len(point)):
        for sign in (-0.01, 0.01):
            near = tuple(x + sign * min(abs(x), 1) if j == i else x for j, x in enumerate(point))
            try:
                op.evaluate(*near)
            except (ArithmeticError, ValueError):
                continue
            yield near


@every_row
@settings(max_examples=20)
@given(data=st.data())
def test_every_row_knows_its_domain(op, call, data):
    anything = st.floats() | st.sampled_from([0.0, -0.0, 1.0, -1.0, 0.5, 2.0, INF, -INF, NAN])
    point = tuple(data.draw(anything) for _ in op.arguments)
    try:
        expected = bool(inside(op, point))
    except (OverflowError, ValueError):  # floor of inf or nan
        return
    assert call("inside", op.name, point) == expected


@every_row
@settings(max_examples=10)
@given(data=st.data())
def test_nan_passes_through_as_in_python(op, call, data):
    point = list(data.draw(points(op)))
    point[data.draw(st.integers(0, len(point) - 1))] = NAN
    assert math.isnan(call("value", op.name, point)) == math.isnan(op.evaluate(*point))


@pytest.mark.parametrize(
    ("name", "point", "expected"),
    [
        ("log", [-1.0], NAN), ("log", [0.0], -INF), ("sqrt", [-1.0], NAN), ("divide", [1.0, 0.0], INF),
        ("exp", [710.0], INF),
        ("power", [-8.0, 1 / 3], NAN), ("power", [0.0, -1.0], INF), ("power", [1.0, NAN], 1.0),
        ("power", [1.0, INF], 1.0),
        ("power", [-1.0, INF], 1.0), ("power", [NAN, 0.0], 1.0), ("arcsin", [2.0], NAN), ("sigmoid", [-1000.0], 0.0),
        ("sigmoid", [1000.0], 1.0), ("softplus", [1000.0], 1000.0),
    ],
)  # fmt: skip
def test_outside_the_domain_stands_what_ieee_754_says(name, point, expected, call):
    received = call("value", name, point)
    assert received == expected or (received != received and expected != expected)


def test_a_slope_that_the_row_calls_0_lets_nothing_through(call):
    """0 · ∞ would be nan; the engine adds nothing there."""
    assert call("slopes", "where", [1.0, 2.0, 3.0], 2.0) == [None, 1, 0]
    assert call("slopes", "step", [1.0], 1.0) == [None]
    assert call("slopes", "relu", [-1.0], 0.0) == [0]


# --- any number of operands -------------------------------------------------------------------------------------------

numbers = st.floats(-100, 100) | st.floats(-1e6, 1e6) | st.sampled_from([0.0, 1.0, 1.0, -1.0, 1e-300, 700.0, -700.0])


def test_every_reduction_is_there(call):
    assert set(call("reductions")) == {*REDUCTIONS, DOT.name}


@pytest.mark.parametrize("name", REDUCTIONS)
@given(xs=st.lists(numbers, min_size=1, max_size=7))
def test_every_reduction_has_the_same_value_and_slopes(name, call, xs):
    row = REDUCTIONS[name]
    z = row.evaluate(xs)
    received = call("many", name, xs, 0)
    terms = math.fsum(map(abs, xs)) if name in ("sum", "mean") else 0.0
    assert abs(received["z"] - z) <= 1e-12 * max(abs(z), terms) + SMALLEST
    for slope, other in zip(received["slopes"], row.slopes(xs, z), strict=True):
        assert abs(slope - other) <= 1e-12 * abs(other) + SMALLEST


@pytest.mark.parametrize("name", ["max", "min", "logsumexp", "sum", "prod"])
@pytest.mark.parametrize(
    "xs", [[1.0, NAN, 2.0], [NAN, NAN], [INF, 1.0], [-INF, -INF], [INF, NAN], [-INF, 3.0], [3.0, 3.0, 1.0]], ids=str
)
def test_reductions_agree_on_what_is_not_finite(name, xs, call):
    row = REDUCTIONS[name]
    z = row.evaluate(xs)
    received = call("many", name, xs, 0)
    assert received["z"] == z or (received["z"] != received["z"] and z != z)
    for slope, other in zip(received["slopes"], row.slopes(xs, z), strict=True):
        assert slope == other or (slope != slope and other != other)


@given(xs=st.lists(numbers, min_size=1, max_size=6), data=st.data(), has_bias=st.booleans())
def test_a_dot_is_the_same(xs, call, data, has_bias):
    ws = data.draw(st.lists(numbers, min_size=len(xs), max_size=len(xs)))
    operands = [*ws, 0.75, *xs] if has_bias else [*ws, *xs]
    received = call("many", "dot", operands, len(operands) - len(xs))
    terms = [w * x for w, x in zip(ws, xs, strict=True)]
    assert abs(received["z"] - math.fsum([*terms, 0.75 * has_bias])) <= 1e-12 * math.fsum(map(abs, [*terms, 1.0]))
    assert received["slopes"] == [*xs, 1, *ws] if has_bias else [*xs, *ws]


# --- the language -----------------------------------------------------------------------------------------------------

# Each at x = 1.5, y = 2.5: precedence, grouping, and every construct; Python itself is the judge.
FORMULAS = [
    "x - (y - 1)", "x - y - 1", "x / (y / 3)", "x / y / 3", "x * (y + 1)", "x + y * 2", "-x ** 2", "(-x) ** 2",
    "2 ** -x",
    "x ** y ** 0.5", "(x ** y) ** 0.5", "-(-x)", "-(x + y)", "-x * y", "1 - -x", "(x + y) + (x - y)", "x * (y / 3)",
    "(1 if x > 2 else 3) * y", "1 if x > 2 else 2 if y > 2 else 3", "1 if (x > 1 or y > 9) and y < 1 else 0",
    "1 if x > 9 or y > 1 and x > 1 else 0", "1 if not x > 1 or y == 2.5 else 0", "1 if not (x > 1 and y != 2.5) else 0",
    "1e300 * x", "1e-7 + x", "123456789012345678 * x", "x + 1e22", "pi + ln2 * ln10", "floor(-x) + hypot(x, y)",
    "inf if x < y else 0", "0 if x < y else inf", "nan if x < y else 0", "-inf if x < y else 0", "abs(-x) / 2",
]  # fmt: skip


@pytest.fixture(scope="module")
def formulas():
    """Yield a function that evaluates a formula at x, y in JavaScript."""
    code = JavaScript({"x": "x", "y": "y"})
    texts = [code.text(parse(formula, ("x", "y"), "test")) for formula in FORMULAS]
    functions = ", ".join(f"(x, y) => {text}" for text in texts)
    with host(PRELUDE + f"const all = [{functions}]; const functions = {{ f: (i, x, y) => all[i](x, y) }};") as call:
        yield lambda formula, x, y: call("f", FORMULAS.index(formula), x, y)


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_means_what_python_means(formula, formulas):
    names = {"x": 1.5, "y": 2.5, "pi": math.pi, "ln2": math.log(2), "ln10": math.log(10), "inf": INF, "nan": NAN}
    expected = eval(formula, {**names, "floor": math.floor, "hypot": math.hypot})  # noqa: S307  # from the list above
    assert formulas(formula, 1.5, 2.5) == pytest.approx(expected, rel=1e-15, nan_ok=True)


def test_words_that_javascript_reserves_may_be_arguments(own_rows):
    names = ("this", "var", "x")
    row = operation("delete", "this * var - x", "var", "this", "-1", arguments=names)(1.0, 2.0, 3.0)
    operation("constructor", "delete(x, 2, x)", "1")
    operation("größe", "x + 1 # </script>", "1")
    operation("letters", "ä * ö", "ö", "ä", arguments=("ä", "ö"))
    text = source([TABLE[name] for name in ("constructor", "größe", "letters")])
    assert "</script" not in text
    with host(text + "const functions = { f: (name, ...xs) => ROWS[name].value(...xs) };") as call:
        assert call("f", "delete", 1.0, 2.0, 3.0) == row.data == -1.0
        assert call("f", "constructor", 4.0) == 4.0
        assert call("f", "größe", 4.0) == 5.0
        assert call("f", "letters", 4.0, 3.0) == 12.0


def test_a_users_row_joins_with_the_rows_it_calls(own_rows):
    operation("swish2", "x * sigmoid(2 * x)", "sigmoid(2 * x) * (1 + 2 * x * sigmoid(-2 * x))")
    node = Value(0.7).swish2()
    text = source([TABLE["swish2"]])
    assert re.findall(r'^ROWS\["(\w+)"\]', text, re.MULTILINE) == ["sigmoid", "swish2"]
    with host(
        text + "const functions = { f: (x) => ROWS.swish2.value(x), d: (x) => ROWS.swish2.slopes[0](x, 0) };"
    ) as call:
        assert call("f", 0.7) == pytest.approx(node.data, rel=1e-15)
        assert call("d", 0.7) == pytest.approx(node.op.local(node)[0], rel=1e-14)


def test_only_what_is_needed_is_written():
    assert source([]) == PRELUDE
    assert "ROWS[" not in source([]).replace("const ROWS", "")
    assert source(ROWS) == source(ROWS)


# --- symbols ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "point", "expected"),
    [
        ("add", (1.0, 2.0), ["1", "1"]),
        ("multiply", (1.0, 2.0), ["{1}", "{0}"]),
        ("divide", (1.0, 2.0), ["1 / {1}", "−{z} / {1}"]),
        ("tanh", (0.5,), ["1 − {z} · {z}"]),
        ("sigmoid", (0.5,), ["{z} · (1 − {z})"]),
        ("relu", (0.5,), ["1"]),
        ("relu", (-0.5,), ["0"]),
        ("maximum", (3.0, 2.0), ["1", "0"]),
        ("power", (3.0, 2.0), ["{1} · {0}^({1} − 1)", "{z} · log({0})"]),
        ("power", (-3.0, 2.0), ["{1} · {0}^({1} − 1)", "nan"]),
        ("sqrt", (4.0,), ["0.5 / |{z}|"]),
        ("log2", (4.0,), ["1 / ({0} · log(2))"]),
    ],
)
def test_slopes_read_as_mathematics_with_the_branch_that_is_taken(name, point, expected, call):
    assert call("symbols", name, point, TABLE[name].evaluate(*point)) == expected


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("add", "{0} + {1}"),
        ("negative", "−{0}"),
        ("power", "{0}^{1}"),
        ("exp", "exp({0})"),
        ("clip", "clip({0}, {1}, {2})"),
    ],
)
def test_rows_of_one_operator_are_written_with_it(name, text, call):
    assert call("text", name) == text


def test_a_conditional_inside_a_formula_stands_in_parentheses_where_it_must():
    tree = parse("y * (x + 1 if x > 0 else 1)", ("x", "y"), "test")
    symbols = Symbols({"x": "x", "y": "y"}, {"x": "{0}", "y": "{1}"}).literal(tree)
    with host(f"const functions = {{ f: (x, y) => {symbols} }};") as call:
        assert call("f", 1.0, 2.0) == "{1} · ({0} + 1)"


def test_reductions_read_as_mathematics(call):
    assert call("many", "sum", [1.0, 2.0], 0)["text"] == "{0} + {1}"
    assert call("many", "mean", [1.0, 2.0], 0)["symbols"] == ["1 / 2", "1 / 2"]
    assert call("many", "prod", [1.0, 2.0, 3.0], 0)["symbols"] == ["{1} · {2}", "{0} · {2}", "{0} · {1}"]
    assert call("many", "max", [1.0, 2.0], 0)["symbols"] == ["0", "1"]
    neuron = call("many", "dot", [1.0, 2.0, 0.5, 3.0, 4.0], 3)
    assert neuron["text"] == "{0} · {3} + {1} · {4} + {2}"
    assert neuron["symbols"] == ["{3}", "{4}", "1", "{0}", "{1}"]
    long = call("many", "sum", [1.0] * 20, 0)["text"]
    assert long == "{0} + {1} + {2} + {3} + {4} + {5} + … + {19}"
