"""The rows at and beyond the edges of their domains: errors, infinities, NaN, the largest and the smallest floats."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mpf
from references import REFERENCES, exact
from rows import INF, LARGEST, NAN, OPERATORS, SMALLEST, every_row, inside, slopes_of, ulps_off

import autograd
from autograd import Value
from autograd.errors import AutogradError, DivisionByZeroError, DomainError, RangeError
from autograd.ops import ROWS, TABLE

# --- outside the domain ---

ABOVE_EXP = math.nextafter(709.782712893384, INF)
ABOVE_COSH = math.nextafter(710.4758600739439, INF)
ABOVE_1, BELOW_1 = math.nextafter(1.0, 2.0), math.nextafter(1.0, 0.0)
TINY = math.ulp(0.0)

OUTSIDE = [
    *[("divide", point, DivisionByZeroError) for point in [(1.0, 0.0), (0.0, 0.0), (INF, -0.0)]],
    *[("power", point, DivisionByZeroError) for point in [(0.0, -1.0), (-0.0, -0.5), (0.0, -TINY)]],
    *[("power", point, DomainError) for point in [(-8.0, 1 / 3), (-TINY, 0.5), (-1.0, -BELOW_1), (-1e308, 1.5)]],
    *[(name, point, RangeError) for name in ("exp", "expm1") for point in [(1000.0,), (ABOVE_EXP,)]],
    *[(name, (x,), DomainError) for name in ("log", "log2", "log10") for x in (-1.0, 0.0, -0.0, -TINY, -INF)],
    *[("log1p", (x,), DomainError) for x in (-1.0, -2.0, -ABOVE_1, -INF)],
    *[("sqrt", (x,), DomainError) for x in (-1.0, -TINY, -INF)],
    *[("reciprocal", (x,), DivisionByZeroError) for x in (0.0, -0.0)],
    *[(name, (x,), DomainError) for name in ("sin", "cos", "tan") for x in (INF, -INF)],
    *[(name, (x,), DomainError) for name in ("arcsin", "arccos") for x in (2.0, ABOVE_1, -ABOVE_1, INF)],
    *[(name, (x,), RangeError) for name in ("sinh", "cosh") for x in (1000.0, ABOVE_COSH, -ABOVE_COSH)],
    *[("arccosh", (x,), DomainError) for x in (0.0, BELOW_1, -1.0, -INF)],
    *[("arctanh", (x,), DomainError) for x in (1.0, -1.0, 2.0, INF)],
]
EDGES = [  # the last points inside, which must not raise
    ("power", (-8.0, 3.0)), ("power", (0.0, 0.0)), ("exp", (709.782712893384,)), ("expm1", (709.782712893384,)),
    ("log", (TINY,)), ("log2", (TINY,)), ("log10", (TINY,)), ("log1p", (-BELOW_1,)), ("sqrt", (0.0,)),
    ("sqrt", (-0.0,)),
    ("arcsin", (1.0,)), ("arccos", (-1.0,)), ("sinh", (710.4758600739439,)), ("cosh", (-710.4758600739439,)),
    ("arccosh", (1.0,)), ("arctanh", (BELOW_1,)), ("arctanh", (-BELOW_1,)), ("divide", (0.0, TINY)),
    ("reciprocal", (SMALLEST,)), ("sin", (LARGEST,)), ("cos", (-LARGEST,)), ("tan", (LARGEST,)),
]  # fmt: skip
BUILT_IN = {DivisionByZeroError: ZeroDivisionError, DomainError: ValueError, RangeError: OverflowError}


@pytest.mark.parametrize(("name", "point", "error"), OUTSIDE, ids=str)
def test_outside_the_domain_raises_and_names_value_label_and_domain(name, point, error):
    op = TABLE[name]
    labels = [("p", "q")[i] for i in range(len(point))]
    numbers, names = ", ".join(map(repr, point)), ", ".join(map(repr, labels))
    values = [Value(x, label=label) for x, label in zip(point, labels, strict=True)]
    for call in (getattr(Value, name), op.apply, OPERATORS.get(name, op.apply)):
        with pytest.raises(BUILT_IN[error]) as caught:
            call(*values)
        assert type(caught.value) is error
        assert isinstance(caught.value, AutogradError)
        assert str(caught.value).startswith(f"{name}({numbers}) of {names}: {op.domain.text}")
        assert ("too large" in str(caught.value)) == (error is RangeError)
        assert caught.value.__suppress_context__


def test_error_messages_in_full():
    with pytest.raises(DomainError) as caught:
        autograd.log(Value(-1.0, label="p"))
    assert str(caught.value) == "log(-1.0) of 'p': x must lie in (0, ∞)"
    with pytest.raises(DivisionByZeroError) as caught:
        1 / Value(0)
    assert str(caught.value) == "divide(1.0, 0.0): y must not be 0"
    with pytest.raises(RangeError) as caught:
        Value(1e200) ** 2
    assert str(caught.value) == "power(1e+200, 2.0): the result is too large for a float (above 1.8e308)"


@pytest.mark.parametrize(("name", "point"), EDGES, ids=str)
def test_the_last_points_inside_the_domain_do_not_raise(name, point):
    op = TABLE[name]
    assert inside(op, point)
    z = op.apply(*map(Value, point)).data
    assert ulps_off(z, exact(REFERENCES[name], point)) <= op.ulps


def test_every_restricted_domain_has_its_errors_tested():
    unrestricted = {"x == x", "x == x and y == y", "c == c and x == x and y == y", TABLE["clip"].domain.condition}
    restricted = {op.name for op in ROWS if op.domain.condition not in unrestricted}
    assert restricted == {name for name, _, _ in OUTSIDE}
    for name, point, _ in OUTSIDE:
        assert not inside(TABLE[name], point)


# --- all floats: NaN, infinities, the largest ---

# Where NaN among the arguments gives a number: comparisons are false, an argument that is not used does not matter,
# and x ** 0 = 1 ** y = 1 whatever x and y are. All as IEEE-754, C and NumPy have it.
NUMBER_FROM_NAN = {
    ("greater", 0), ("greater", 1), ("greater_equal", 0), ("greater_equal", 1),
    ("less", 0), ("less", 1), ("less_equal", 0), ("less_equal", 1),
    ("where", 0), ("where", 2), ("leaky_relu", 1), ("elu", 1),
}  # fmt: skip


@every_row
def test_nan_passes_through(op):
    ordinary = {"arccosh": (1.5,), "clip": (0.5, 0.25, 0.75), "where": (1.0, 0.5, 0.5)}
    for i in range(len(op.arguments)):
        point = list(ordinary.get(op.name, (0.5, 0.5)))[: len(op.arguments)]
        point[i] = NAN
        with np.errstate(all="ignore"):
            kernel = float(op.kernel(*map(np.array, point)))
        for z in (op.evaluate(*point), op.apply(*map(Value, point)).data, kernel):
            assert math.isnan(z) == ((op.name, i) not in NUMBER_FROM_NAN)


def test_nan_to_the_power_of_0_is_1():
    assert autograd.power(NAN, 0).data == autograd.power(1, NAN).data == 1.0


def test_comparisons_with_nan_are_false():
    for name in ("greater", "greater_equal", "less", "less_equal"):
        assert getattr(autograd, name)(NAN, 1.0).data == getattr(autograd, name)(1.0, NAN).data == 0.0


LIMITS = [
    ("exp", -INF, 0.0), ("exp", INF, INF), ("expm1", -INF, -1.0), ("log", INF, INF), ("log1p", INF, INF),
    ("log2", INF, INF), ("log10", INF, INF), ("sqrt", INF, INF), ("cbrt", -INF, -INF), ("reciprocal", -INF, 0.0),
    ("arctan", INF, math.pi / 2), ("sinh", -INF, -INF), ("cosh", -INF, INF), ("tanh", -INF, -1.0), ("tanh", INF, 1.0),
    ("arcsinh", -INF, -INF), ("arccosh", INF, INF), ("sigmoid", -INF, 0.0), ("sigmoid", INF, 1.0),
    ("sigmoid", -1e308, 0.0), ("sigmoid", 1e308, 1.0), ("softplus", -INF, 0.0), ("softplus", INF, INF),
    ("softplus", -1e308, 0.0), ("softplus", 1e308, 1e308), ("relu", -INF, 0.0), ("relu", INF, INF),
    ("silu", -1e308, 0.0), ("silu", 1e308, 1e308), ("silu", INF, INF), ("gelu", -1e308, 0.0), ("gelu", 1e308, 1e308),
    ("gelu", INF, INF), ("elu", -INF, -1.0), ("softsign", -1e308, -1.0), ("step", -INF, 0.0), ("sign", -INF, -1.0),
]  # fmt: skip


@pytest.mark.parametrize(("name", "x", "expected"), LIMITS, ids=str)
def test_limits(name, x, expected):
    value = getattr(Value(x), name)()
    assert value.data == expected
    value.backward()


@pytest.mark.parametrize("x", [1e150, 1e160, 1e200, 1e308])
@pytest.mark.parametrize("name", ["sigmoid", "relu", "silu", "gelu", "softplus", "tanh", "softsign", "elu", "arctan"])
def test_activations_have_finite_slopes_at_huge_arguments(name, x):
    expected = 0.0 if name in ("sigmoid", "tanh", "softsign", "arctan") else 1.0
    for sign, slope_there in ((1, expected), (-1, 0.0)):
        for way, slopes in slopes_of(TABLE[name], (sign * x, 1.0)[: len(TABLE[name].arguments)]).items():
            assert slopes[0] == pytest.approx(slope_there, abs=1e-200), (way, sign)


SPECIAL = st.sampled_from([0.0, -0.0, 1.0, -1.0, 0.5, -2.0, TINY, LARGEST, -LARGEST, INF, -INF, NAN])


@every_row
@settings(max_examples=100)
@given(data=st.data())
def test_backward_never_raises_and_kernels_follow_ieee(op, data):
    """Whatever the floats: an error is ours, slopes are numbers, and arrays go on where Python raises."""
    point = data.draw(st.tuples(*[SPECIAL | st.floats()] * len(op.arguments)))
    values = [Value(x) for x in point]
    with np.errstate(all="ignore"):
        kernel = float(op.kernel(*map(np.float64, point)))
    try:
        node = op.apply(*values)
    except (DomainError, DivisionByZeroError):
        assert not inside(op, point)
        assert not math.isfinite(kernel)
        return
    except RangeError:
        assert math.isinf(kernel)
        return
    assert node.data == kernel or ulps_off(kernel, mpf(node.data)) <= 2 * op.ulps or math.isnan(node.data)
    assert math.isnan(kernel) == math.isnan(node.data)
    node.backward()
    assert all(type(value.grad) is float for value in values)
    assert all(type(slope) is float for slope in op.local(node))
