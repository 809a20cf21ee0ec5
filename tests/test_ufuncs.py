"""NumPy and the rows: ufuncs on Values and on arrays of them, and the array kernel that each row generates."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from references import REFERENCES, exact
from rows import INF, NAN, SMALLEST, every_row, points, ulps_off

from autograd import Value
from autograd.ops import ROWS, TABLE

UFUNCS = [op for op in ROWS if isinstance(getattr(np, op.name, None), np.ufunc)]
COMPARISONS = ("greater", "greater_equal", "less", "less_equal")
every_ufunc = pytest.mark.parametrize("op", [op for op in UFUNCS if op.name not in COMPARISONS], ids=lambda op: op.name)


def a_point(op):
    return ((1.5,) if op.name == "arccosh" else (0.5, 2.0))[: len(op.arguments)]


@every_row
@given(data=st.data())
def test_kernel_is_exact_to_the_stated_ulps(op, data):
    """NumPy promises 4 ulp for its own functions, whence the factor of 2."""
    drawn = data.draw(st.lists(points(op), min_size=1, max_size=5))
    arrays = [np.array(column) for column in zip(*drawn, strict=True)]
    with np.errstate(all="ignore"):
        z = op.kernel(*arrays)
    assert z.shape == (len(drawn),)
    assert z.dtype == np.float64
    for point, received in zip(drawn, z, strict=True):
        expected = exact(REFERENCES[op.name], point)
        assert ulps_off(float(received), expected) <= 2 * op.ulps or abs(received - expected) < SMALLEST


@pytest.mark.parametrize(
    ("name", "point", "expected"),
    [
        ("divide", (1.0, 0.0), INF), ("divide", (-1.0, 0.0), -INF), ("divide", (0.0, 0.0), NAN),
        ("power", (0.0, -1.0), INF), ("power", (-8.0, 1 / 3), NAN), ("power", (1e200, 2.0), INF),
        ("exp", (1000.0,), INF), ("expm1", (1000.0,), INF), ("log", (0.0,), -INF), ("log", (-1.0,), NAN),
        ("log1p", (-1.0,), -INF), ("log1p", (-2.0,), NAN), ("log2", (0.0,), -INF), ("log10", (-1.0,), NAN),
        ("sqrt", (-1.0,), NAN), ("reciprocal", (0.0,), INF), ("reciprocal", (-0.0,), -INF), ("sin", (INF,), NAN),
        ("cos", (INF,), NAN), ("tan", (-INF,), NAN), ("arcsin", (2.0,), NAN), ("arccos", (-2.0,), NAN),
        ("sinh", (-1000.0,), -INF), ("cosh", (-1000.0,), INF), ("arccosh", (0.0,), NAN), ("arctanh", (1.0,), INF),
        ("arctanh", (-1.0,), -INF), ("arctanh", (2.0,), NAN),
    ],
    ids=str,
)  # fmt: skip
def test_kernels_outside_the_domain(name, point, expected):
    with np.errstate(all="ignore"):
        z = TABLE[name].kernel(*[np.array([x]) for x in point])
    assert z == pytest.approx(np.array([expected]), rel=0, abs=0, nan_ok=True)


def test_which_rows_are_ufuncs():
    """A new ufunc of NumPy that bears the name of a row must not go unnoticed."""
    others = ("clip", "sigmoid", "relu", "leaky_relu", "elu", "silu", "gelu", "softplus", "softsign", "step", "where")
    assert {op.name for op in UFUNCS}.isdisjoint(others)
    assert len(UFUNCS) >= 36


@every_ufunc
def test_ufunc_of_values_is_the_row(op):
    ufunc, point = getattr(np, op.name), a_point(op)
    values, same = [Value(x) for x in point], [Value(x) for x in point]
    node, expected = ufunc(*values), getattr(Value, op.name)(*same)
    assert (node.op, node.data, node.parents) == (op, expected.data, tuple(values))
    node.backward()
    expected.backward()
    assert [v.grad for v in values] == [v.grad for v in same]


@every_ufunc
def test_ufunc_takes_a_value_and_a_number_on_either_side(op):
    ufunc, point = getattr(np, op.name), a_point(op)
    for i in range(len(point)):
        for kind in (float, np.float64, np.float32, np.array):
            node = ufunc(*[Value(x) if j == i else kind(x) for j, x in enumerate(point)])
            assert (node.op, node.data) == (op, op.evaluate(*point))


@pytest.mark.parametrize("name", COMPARISONS)
def test_ufunc_comparisons_give_a_bool_like_the_operators(name):
    for x, y in ((1.0, 2.0), (2.0, 2.0), (2.0, 1.0)):
        result = getattr(np, name)(Value(x), Value(y))
        assert isinstance(result, bool)
        assert result == getattr(np, name)(x, y)


def test_aliases_of_ufuncs_find_the_row():
    assert np.abs(Value(-2.0)).op is TABLE["absolute"]
    assert np.true_divide(Value(1.0), Value(2.0)).op is TABLE["divide"]


def test_a_ufunc_without_a_row_is_refused():
    with pytest.raises(TypeError, match="heaviside"):
        np.heaviside(Value(1.0), 0.5)


# NumPy's loops over arrays of objects call a method, an operator or a comparison. Where they call something other than
# the method of that name, this is what comes out instead: another row, one of the operands, or a Python number.
OBJECT_LOOPS = {"square": "multiply", "reciprocal": "divide", "maximum": "input", "minimum": "input", "sign": int}


@every_ufunc
def test_ufunc_over_an_array_of_values(op):
    ufunc, point = getattr(np, op.name), a_point(op)
    columns = [[Value(x), Value(x + 0.25)] for x in point]
    if op.name in ("arcsin", "arccos", "arctanh"):
        assert max(v.data for v in columns[0]) < 1
    results = ufunc(*[np.array(column, dtype=object) for column in columns])
    for result, *operands in zip(results, *columns, strict=True):
        if OBJECT_LOOPS.get(op.name) is int:
            assert type(result) is int
            continue
        assert result.op.name == OBJECT_LOOPS.get(op.name, op.name)
        assert result.data == pytest.approx(op.evaluate(*[v.data for v in operands]), rel=1e-15)
        result.backward()
        slopes = op.slopes(*[v.data for v in operands], result.data)
        assert [v.grad for v in operands] == pytest.approx(list(slopes), rel=1e-15)


def test_maximum_over_an_array_of_values_hands_out_the_larger_operand_itself():
    """Its gradient is right, but there is no node of maximum to be seen; the same holds for minimum."""
    x, y = Value(1.0), Value(2.0)
    assert np.maximum(np.array([x], dtype=object), np.array([y], dtype=object))[0] is y
    assert np.minimum(np.array([x], dtype=object), np.array([y], dtype=object))[0] is x


def test_np_clip_compares_and_makes_no_node():
    """np.clip is no ufunc; inside the bounds it hands out the Value, outside them the bound."""
    x = Value(0.5)
    assert np.clip(x, 0.0, 1.0) is x
    assert np.clip(x, 0.0, 0.25) == 0.25
    assert list(np.clip(np.array([x], dtype=object), 0.0, 1.0)) == [x]
