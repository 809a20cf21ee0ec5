"""Every row of the table against mathematics: its values, its slopes, its conventions at kinks.

The laws are stated once and hold for all rows; what a row does differently stands in a small table beside the law.
test_domains.py has what lies outside the domains, test_ufuncs.py what NumPy makes of the rows.
"""

import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from mpmath import mpf
from references import REFERENCES, exact, slope
from rows import INF, LARGEST, NAN, OPERATORS, SMALLEST, every_row, points, slopes_of, ulps_off

import autograd
from autograd import Value, constant
from autograd.errors import RangeError
from autograd.ops import ROWS, TABLE

# --- values ---


def test_every_row_has_a_reference():
    assert sorted(op.name for op in ROWS) == sorted(REFERENCES)


@every_row
@given(data=st.data())
def test_value_is_exact_to_the_stated_ulps(op, data):
    point = data.draw(points(op))
    expected = exact(REFERENCES[op.name], point)
    try:
        z = op.evaluate(*point)
    except OverflowError:
        assert abs(expected) > LARGEST
        return
    assert ulps_off(z, expected) <= op.ulps


@every_row
@given(data=st.data())
def test_method_function_and_row_agree(op, data):
    point = data.draw(points(op))
    try:
        z = op.evaluate(*point)
    except OverflowError:
        z = None
    for call in (getattr(Value, op.name), getattr(autograd, op.name), op.apply):
        values = [Value(x) for x in point]
        if z is None:
            with pytest.raises(RangeError):
                call(*values)
            continue
        node = call(*values)
        assert (node.data, node.op, node.parents) == (z, op, tuple(values))
        assert node.op.forward(node) == z


@pytest.mark.parametrize(("name", "operate"), OPERATORS.items())
def test_operators_find_their_row(name, operate):
    point = (2.5, 1.5)[: len(TABLE[name].arguments)]
    node = operate(*map(Value, point))
    assert node.op is TABLE[name]
    assert node.data == operate(*point)
    if len(point) == 2:
        for node in (operate(Value(2.5), 1.5), operate(2.5, Value(1.5))):
            assert (node.op, node.data) == (TABLE[name], operate(2.5, 1.5))


@settings(max_examples=500)
@given(st.floats(-21.3, 5.0))
def test_gelu_loses_digits_only_as_its_exponent_grows(x):
    """An error of ε in the exponent u costs |u| ε of the result, which is why the row states 2048 ulp, not 4."""
    u = 2 * math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)
    assert ulps_off(TABLE["gelu"].evaluate(x), exact(REFERENCES["gelu"], (x,))) <= 4 + 3 * abs(u)


# --- slopes ---

# A slope that is computed from z = 1 - ε knows ε only to a rounding of 1: its error is absolute in the saturated tails.
SATURATING = {"tanh": 2.0**-51, "sigmoid": 2.0**-51}


# Kinks that look alike from both sides, so that differences cannot see them; what holds there is in SLOPES_AT.
SYMMETRIC_KINKS = {
    "cbrt": lambda x: x == 0,
    "sign": lambda x: x == 0,
    "clip": lambda x, a, b: x == a == b,
}


def nearby(point, i):
    """Return the point moved 1 % to either side in one coordinate."""
    reach = mpf("0.01") * min(abs(mpf(point[i])), 1)
    return [[mpf(x) + sign * reach if j == i else x for j, x in enumerate(point)] for sign in (-1, 1)]


@every_row
@given(data=st.data())
def test_slopes_are_those_of_central_differences(op, data):
    point = data.draw(points(op))
    try:
        received = slopes_of(op, point)
    except OverflowError:
        assume(False)
    reference = REFERENCES[op.name]
    for i in range(len(point)):
        expected = slope(reference, point, i)
        if expected is None or SYMMETRIC_KINKS.get(op.name, lambda *_: False)(*point):
            continue
        around = [slope(reference, near, i) for near in nearby(point, i)]
        largest = max(abs(s) for s in (expected, *around) if s is not None)
        tolerance = 1e-12 * largest + SATURATING.get(op.name, 0.0) + (SMALLEST if point[i] else 1e-45)
        for way, slopes in received.items():
            if math.isinf(slopes[i]):
                assert abs(expected) > LARGEST * (1 - 1e-12), way
                assert slopes[i] * expected > 0, way
            else:
                assert abs(slopes[i] - expected) <= tolerance, (way, slopes[i], expected)


def test_a_wrong_slope_would_be_noticed():
    """The judge itself: differences of references give textbook slopes, and None where there is no slope."""
    assert float(slope(REFERENCES["tanh"], (0.5,), 0)) == pytest.approx(1 / math.cosh(0.5) ** 2, rel=1e-15)
    assert float(slope(REFERENCES["exp"], (-700.0,), 0)) == pytest.approx(math.exp(-700), rel=1e-14)
    assert float(slope(REFERENCES["power"], (-2.0, 3.0), 0)) == 12.0
    assert slope(REFERENCES["power"], (-2.0, 3.0), 1) is None
    assert slope(REFERENCES["absolute"], (0.0,), 0) is None
    assert slope(REFERENCES["maximum"], (1.0, 1.0), 1) is None
    assert slope(REFERENCES["step"], (0.0,), 0) is None
    assert slope(REFERENCES["sqrt"], (0.0,), 0) is None


# At kinks, jumps and edges: what the row's note says.
SLOPES_AT = [
    ("absolute", (0.0,), (0.0,)),
    ("absolute", (-0.0,), (0.0,)),
    ("sqrt", (0.0,), (INF,)),
    ("sqrt", (-0.0,), (INF,)),
    ("cbrt", (0.0,), (INF,)),
    ("cbrt", (-0.0,), (INF,)),
    ("arcsin", (1.0,), (INF,)),
    ("arcsin", (-1.0,), (INF,)),
    ("arccos", (1.0,), (-INF,)),
    ("arccos", (-1.0,), (-INF,)),
    ("arccosh", (1.0,), (INF,)),
    ("power", (0.0, 0.0), (0.0, 0.0)),
    ("power", (0.0, 0.5), (INF, 0.0)),
    ("power", (0.0, 1.0), (1.0, 0.0)),
    ("power", (0.0, 2.0), (0.0, 0.0)),
    ("power", (-2.0, 0.0), (0.0, NAN)),
    ("power", (-2.0, 3.0), (12.0, NAN)),
    ("power", (-2.0, -1.0), (-0.25, NAN)),
    ("maximum", (2.0, 2.0), (1.0, 0.0)),
    ("maximum", (0.0, -0.0), (1.0, 0.0)),
    ("minimum", (2.0, 2.0), (1.0, 0.0)),
    ("minimum", (-0.0, 0.0), (1.0, 0.0)),
    ("clip", (0.0, 0.0, 1.0), (1.0, 0.0, 0.0)),
    ("clip", (1.0, 0.0, 1.0), (1.0, 0.0, 0.0)),
    ("clip", (1.0, 1.0, 1.0), (1.0, 0.0, 0.0)),
    ("clip", (2.0, 1.0, 1.0), (0.0, 0.0, 1.0)),
    ("clip", (0.0, 1.0, 1.0), (0.0, 1.0, 0.0)),
    ("relu", (0.0,), (0.0,)),
    ("relu", (-0.0,), (0.0,)),
    ("relu", (NAN,), (1.0,)),
    ("leaky_relu", (0.0, 0.1), (0.1, 0.0)),
    ("elu", (0.0, 2.0), (2.0, 0.0)),
    ("step", (0.0,), (0.0,)),
    ("sign", (0.0,), (0.0,)),
    ("greater", (1.0, 1.0), (0.0, 0.0)),
    ("greater_equal", (1.0, 1.0), (0.0, 0.0)),
    ("less", (1.0, 1.0), (0.0, 0.0)),
    ("less_equal", (1.0, 1.0), (0.0, 0.0)),
    ("where", (0.0, 3.0, 4.0), (0.0, 0.0, 1.0)),
    ("where", (-0.0, 3.0, 4.0), (0.0, 0.0, 1.0)),
]


@pytest.mark.parametrize(("name", "point", "expected"), SLOPES_AT, ids=str)
def test_slopes_at_kinks_and_edges(name, point, expected):
    for way, slopes in slopes_of(TABLE[name], point).items():
        assert list(slopes) == pytest.approx(expected, rel=0, abs=0, nan_ok=True), way


# The values there, which references cannot say where it is a convention.
VALUES_AT = [
    ("power", (0.0, 0.0), 1.0),
    ("step", (0.0,), 1.0),
    ("step", (-0.0,), 1.0),
    ("sign", (0.0,), 0.0),
    ("clip", (2.0, 1.0, 1.0), 1.0),
    ("where", (NAN, 3.0, 4.0), 3.0),
    ("leaky_relu", (-2.0,), -0.02),
    ("elu", (-1.0,), math.expm1(-1.0)),
]


@pytest.mark.parametrize(("name", "point", "expected"), VALUES_AT, ids=str)
def test_values_by_convention(name, point, expected):
    assert getattr(Value(point[0]), name)(*point[1:]).data == expected


@every_row
@given(data=st.data())
def test_backward_adds_its_share_for_any_gradient_and_spares_constants(op, data):
    """Adding, not assigning; times the gradient above; and a constant among the operands changes nothing for others."""
    point = data.draw(points(op))
    try:
        values = [Value(x) for x in point]
        node = op.apply(*values)
    except OverflowError:
        assume(False)
    slopes = op.local(node)
    assume(all(map(math.isfinite, slopes)))
    for value in values:
        value.grad = 7.0
    node.grad = -2.0
    op.backward(node)
    assert [value.grad for value in values] == [7.0 - 2.0 * slope for slope in slopes]
    for i in range(len(point)):
        mixed = [Value(x) if j == i else constant(x) for j, x in enumerate(point)]
        op.apply(*mixed).backward()
        assert [v.grad for v in mixed] == [slopes[i] if j == i else 0.0 for j in range(len(point))]


def test_a_constant_exponent_keeps_the_slope_of_a_negative_base_finite():
    x = Value(-3.0)
    (x**2).backward()
    assert x.grad == -6.0


# --- identities ---

IDENTITIES = {
    "x * x = square": (lambda x: x * x, lambda x: x.square()),
    "x ** 2 = square": (lambda x: x**2, lambda x: x.square()),
    "x + x = 2 x": (lambda x: x + x, lambda x: 2 * x),
    "(f + g)' = f' + g'": (lambda x: x.sin() + x.exp(), lambda x: autograd.sum([x.sin(), x.exp()])),
    "3 f + f = 4 f": (lambda x: 3 * x.sin() + x.sin(), lambda x: 4 * x.sin()),
    "(f g)' = f' g + f g'": (lambda x: (x + 1) * (x - 1), lambda x: x.square() - 1),
    "chain rule": (lambda x: x.sin().sin(), lambda x: (lambda u: u.sin())(x.sin())),
    "x - y = x + (-y)": (lambda x, y: x - y, lambda x, y: x + (-y)),
    "x / y = x (1 / y)": (lambda x, y: x / (y * y + 1), lambda x, y: x * (y.square() + 1).reciprocal()),
    "max + min = x + y": (lambda x, y: x.maximum(y) + x.minimum(y), lambda x, y: x + y),
    "max = where": (lambda x, y: x.maximum(y), lambda x, y: autograd.where(x >= y, x, y)),
    "clip = min of max": (lambda x, y: x.clip(y, y + 1), lambda x, y: x.maximum(y).minimum(y + 1)),
    "|x| = x sign(x)": (lambda x: abs(x), lambda x: x * x.sign()),
    "relu = max(0, x)": (lambda x: x.relu(), lambda x: autograd.maximum(0, x)),
    "leaky_relu": (lambda x, y: x.leaky_relu(y), lambda x, y: x.relu() - y * (-x).relu()),
    "tanh = 2 sigmoid(2 x) - 1": (lambda x: x.tanh(), lambda x: 2 * (2 * x).sigmoid() - 1),
    "sigmoid = 1 - sigmoid(-x)": (lambda x: x.sigmoid(), lambda x: 1 - (-x).sigmoid()),
    "softplus(x) - softplus(-x) = x": (lambda x: x.softplus() - (-x).softplus(), lambda x: 1 * x),
    "silu = x sigmoid": (lambda x: x.silu(), lambda x: x * x.sigmoid()),
    "log exp": (lambda x: x.exp().log(), lambda x: 1 * x),
    "sin² + cos² = 1": (lambda x: x.sin() ** 2 + x.cos() ** 2, lambda x: 1 + 0 * x),
    "cosh² - sinh² = 1": (lambda x: (x / 9).cosh() ** 2 - (x / 9).sinh() ** 2, lambda x: 1 + 0 * x),
}


@pytest.mark.parametrize("name", IDENTITIES)
@given(data=st.data())
def test_identities_hold_for_values_and_gradients(name, data):
    left, right = IDENTITIES[name]
    count = left.__code__.co_argcount
    point = data.draw(st.tuples(*[st.floats(-10, 10)] * count))
    assume(len(set(point)) == count and all(abs(x) > 1e-3 for x in point))  # off the kinks, where conventions rule
    one, other = [Value(x) for x in point], [Value(x) for x in point]
    results = left(*one), right(*other)
    for result in results:
        result.backward()
    assert results[0].data == pytest.approx(results[1].data, rel=1e-11, abs=1e-11)
    assert [v.grad for v in one] == pytest.approx([v.grad for v in other], rel=1e-11, abs=1e-11)
