"""A Value: numbers in, and everything that Python and NumPy do with a number; test_backward.py has the gradients."""

import asyncio
import math
import threading
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value, constant, no_grad, parameter
from autograd.errors import AutogradError, OperandError, RangeError

FINITE = st.floats(allow_nan=False, allow_infinity=False)

# --- leaves -----------------------------------------------------------------------------------------------------------


def test_kinds_of_leaves():
    leaves = [Value(1), parameter(1), constant(1)]
    assert [v.op.name for v in leaves] == ["input", "parameter", "constant"]
    assert all(v.is_leaf and v.parents == () and v._prev == () and v._op == "" for v in leaves)
    assert [v.data for v in leaves] == [1.0, 1.0, 1.0]
    assert not (leaves[0] * 2).is_leaf


def test_labels():
    assert Value(1).label is None
    assert [make(1, label="a").label for make in (Value, parameter, constant)] == ["a", "a", "a"]


def test_constants_receive_no_gradient():
    x, c = Value(2.0), constant(3.0)
    y = x * c + 4.0
    y.backward()
    four = y.parents[1]
    assert (x.grad, c.grad, four.grad) == (3.0, 0.0, 0.0)
    assert (four.data, four.op.name) == (4.0, "constant")
    c.backward()
    assert c.grad == 0.0


def test_detach_cuts_the_graph():
    x = Value(2.0, label="x")
    y = x * x
    y.label = "y"
    cut = y.detach()
    (cut * x).backward()
    assert (cut.data, cut.label, cut.op.name, cut.is_leaf) == (4.0, "y", "constant", True)
    assert (x.grad, y.grad) == (4.0, 0.0)


@pytest.mark.parametrize(
    "number", [3, 3.0, True, np.float64(3), np.float32(3), np.int8(3), np.bool_(True), np.array(3.0), np.array(3),
               Fraction(3, 1), Decimal(3)]
)  # fmt: skip
def test_data_is_a_float(number):
    assert type(Value(number).data) is float
    assert Value(number).data == float(number)


# --- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "named", "remedy"),
    [
        ("3", "'3'", "float("),
        (b"3", "b'3'", "float("),
        (None, "None", "return"),
        (1j, "1j", ".real"),
        (np.complex128(1j), "1j", ".real"),
        (np.array(1j), "1j", ".real"),
        (np.array([1.0, 2.0]), "(2,)", "[Value(a) for a in array.flat]"),
        ([1.0], "[1.0]", "[Value(a) for a in numbers]"),
        ((1.0,), "(1.0,)", "[Value(a) for a in numbers]"),
        ({"a": 1}, "{'a': 1}", "[Value(a) for a in numbers]"),
        (Value(3.0), "Value(data=3.0, grad=0.0)", ".detach()"),
        (np.datetime64("2020"), "2020", "float("),
        (math.sin, "sin", "float("),
    ],
)
def test_what_is_not_a_number_is_refused_with_its_remedy(wrong, named, remedy):
    attempts = [lambda: Value(wrong), lambda: parameter(wrong), lambda: constant(wrong)]
    if not isinstance(wrong, (np.ndarray, np.generic, Value)) and wrong is not math.sin:
        x = Value(2.0)
        attempts += [
            lambda: x + wrong,
            lambda: wrong * x,
            lambda: x**wrong,
            lambda: x < wrong,
            lambda: x.maximum(wrong),
        ]
    for attempt in attempts:
        with pytest.raises(OperandError) as caught:
            attempt()
        assert named in str(caught.value)
        assert remedy in str(caught.value)
        assert isinstance(caught.value, TypeError)


def test_a_long_unsuitable_value_is_shortened_in_the_message():
    with pytest.raises(OperandError) as caught:
        Value("a" * 10_000)
    assert len(str(caught.value)) < 200


def test_an_integer_too_large_for_a_float_is_refused():
    for attempt in (lambda: Value(10**400), lambda: Value(1) + 10**400):
        with pytest.raises(RangeError, match="1329 bits") as caught:
            attempt()
        assert isinstance(caught.value, OverflowError)


@pytest.mark.parametrize(
    ("children", "message"),
    [
        ((2.0,), r"Values, not 2\.0; make it one with Value"),
        ((Value(1), None), "Values, not None"),
        (Value(1.0), r"in a tuple, as in \(x,\); not Value\(data=1\.0"),
        (3, r"in a tuple, as in \(x,\); not 3"),
    ],
)
def test_children_that_are_not_values_are_refused(children, message):
    with pytest.raises(OperandError, match=message):
        Value(1.0, children, "op")


def test_backward_closure_of_a_leaf_is_refused():
    x = Value(1.0)
    with pytest.raises(OperandError, match=r"without children.*Value\(data, \(a, b\), 'name'\)"):
        x._backward = lambda: None
    assert x.is_leaf


# --- as a number ------------------------------------------------------------------------------------------------------


def test_repr():
    x = Value(-1.5)
    x.grad = 2.0
    assert repr(x) == "Value(data=-1.5, grad=2.0)"
    assert f"{Value(1e-7)!r}" == f"{Value(1e-7)}" == str(Value(1e-7)) == "Value(data=1e-07, grad=0.0)"


def test_conversions_and_formats():
    x = Value(2.71828)
    assert (float(x), int(x), round(x, 2), round(x)) == (2.71828, 2, 2.72, 3)
    assert (bool(x), bool(Value(0.0)), bool(Value(-0.0))) == (True, False, False)
    assert f"{x:.3f}|{x:8.1e}" == "2.718| 2.7e+00"
    assert "%.4f" % x == "2.7183"  # noqa: UP031  # as micrograd's notebook writes it
    assert +x is x
    with pytest.raises(TypeError):
        range(x)


@given(FINITE, FINITE)
def test_order_comparisons_compare_data_and_give_bool(a, b):
    x, y = Value(a), Value(b)
    for other in (y, b, np.float64(b), np.array(b)):
        for compared, expected in [(x < other, a < b), (x <= other, a <= b), (x > other, a > b), (x >= other, a >= b)]:
            assert compared is expected
    for compared, expected in [(a < y, a < b), (a <= y, a <= b), (a > y, a > b), (np.float64(a) >= y, a >= b)]:
        assert bool(compared) == expected


def test_equality_is_identity():
    x, y = Value(1.0), Value(1.0)
    assert x == x
    assert x != y
    assert x != 1.0
    assert np.float64(1.0) != x
    assert len({x, y, x}) == 2
    assert x not in [y]


def test_python_builtins_over_lists_of_values():
    values = [Value(3.0), Value(-1.0), Value(2.0)]
    assert [v.data for v in sorted(values)] == [-1.0, 2.0, 3.0]
    assert max(values) is values[0]
    assert min(values) is values[1]
    assert max(*values, 5) == 5
    total = sum(values)
    assert total.data == 4.0
    total.backward()
    assert [v.grad for v in values] == [1.0, 1.0, 1.0]


# --- numbers and arrays on either side --------------------------------------------------------------------------------

OPERATORS = [
    (lambda a, b: a + b, (1.0, 1.0)),
    (lambda a, b: a - b, (1.0, -1.0)),
    (lambda a, b: a * b, (3.0, 2.0)),
    (lambda a, b: a / b, (1 / 3, -2 / 9)),
    (lambda a, b: a**b, (12.0, 8 * math.log(2))),
]


@pytest.mark.parametrize(("operator", "slopes"), OPERATORS)
@pytest.mark.parametrize("kind", [int, float, np.float64, np.float32, np.int64, np.array, lambda n: np.array(float(n))])
def test_numbers_of_every_kind_on_either_side(operator, slopes, kind):
    x = Value(2.0)
    z = operator(x, kind(3))
    z.backward()
    assert (type(z), z.data) == (Value, operator(2.0, 3.0))
    assert x.grad == pytest.approx(slopes[0], rel=1e-15)
    y = Value(3.0)
    z = operator(kind(2), y)
    z.backward()
    assert (type(z), z.data) == (Value, operator(2.0, 3.0))
    assert y.grad == pytest.approx(slopes[1], rel=1e-15)


@pytest.mark.parametrize(("operator", "slopes"), OPERATORS)
def test_arrays_on_either_side(operator, slopes):
    x = Value(2.0)
    z = operator(x, np.array([[3.0, 1.0]]))
    assert (z.shape, z.dtype) == ((1, 2), object)
    assert [v.data for v in z.flat] == [operator(2.0, 3.0), operator(2.0, 1.0)]
    z[0, 0].backward()
    assert x.grad == pytest.approx(slopes[0], rel=1e-15)
    y = Value(3.0)
    z = operator(np.array([2.0, 4.0]), y)
    assert [v.data for v in z] == [operator(2.0, 3.0), operator(4.0, 3.0)]
    z[0].backward()
    assert y.grad == pytest.approx(slopes[1], rel=1e-15)


def test_arrays_of_values():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 3)), rng.normal(size=3)
    matrix = np.array([Value(x) for x in a.flat], dtype=object).reshape(a.shape)
    out = (matrix @ b).sum()
    assert out.data == pytest.approx((a @ b).sum())
    out.backward()
    assert [[v.grad for v in row] for row in matrix] == [pytest.approx(b)] * 2


def test_a_value_in_an_array_without_dimensions():
    x = Value(3.0)
    box = np.squeeze(np.array([x]))
    for product in (box * x, x * box):
        assert product.data == 9.0
        product.backward()
    assert x.grad == 12.0


def test_unsupported_operators_say_so():
    for attempt in (lambda: Value(3.0) % 2, lambda: Value(3.0) // 2, lambda: Value(3.0) << 1):
        with pytest.raises(TypeError, match="Value"):
            attempt()


# --- errors of arithmetic ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("compute", "error", "message"),
    [
        (lambda p: autograd.log(-p), ValueError, "log(-1.0): x must lie in (0, ∞)"),
        (lambda p: autograd.log(p - 1), ValueError, "log(0.0): x must lie in (0, ∞)"),
        (lambda p: 1 / (p - 1), ZeroDivisionError, "divide(1.0, 0.0): y must not be 0"),
        (lambda p: autograd.exp(p * 1000), OverflowError, "exp(1000.0): x must be at most 709.78"),
        (lambda p: (-p) ** 0.5, ValueError, "power(-1.0, 0.5): x must lie in (0, ∞)"),
        (lambda p: autograd.sqrt(-p), ValueError, "sqrt(-1.0): x must lie in [0, ∞)"),
    ],
)
def test_arithmetic_raises_where_python_does(compute, error, message):
    with pytest.raises(error) as caught:
        compute(Value(1.0))
    assert isinstance(caught.value, AutogradError)
    assert str(caught.value).startswith(message)


def test_the_message_names_the_label():
    with pytest.raises(ValueError, match=r"log\(-1\.0\) of 'p': x must lie in \(0, ∞\)"):
        autograd.log(Value(-1.0, label="p"))


def test_backward_does_not_raise():
    x = Value(0.0)
    (autograd.sqrt(x) + x**0.5).backward()
    assert x.grad == math.inf
    y = Value(-2.0)
    (Value(-8.0) ** y).backward()
    assert math.isnan(y.grad)


# --- no_grad ----------------------------------------------------------------------------------------------------------


def is_recorded():
    return not (Value(1.0) * 2).is_leaf


def test_no_grad_makes_constants():
    x = Value(3.0)
    with no_grad():
        results = [
            x * 2,
            2 / x,
            autograd.tanh(x),
            autograd.sum([x, x]),
            autograd.dot([x], [x]),
            np.exp(x),
            x.clip(0, 1),
        ]
    assert all(v.is_leaf and v.op.name == "constant" for v in results)
    assert [v.data for v in results[:2]] == [6.0, 2 / 3]
    assert is_recorded()
    (results[0] * x).backward()
    assert x.grad == 6.0


def test_no_grad_nested():
    with no_grad():
        with no_grad():
            assert not is_recorded()
        assert not is_recorded()
    assert is_recorded()


def test_no_grad_ends_with_an_exception():
    with pytest.raises(ZeroDivisionError), no_grad():
        Value(1.0) / 0
    assert is_recorded()


def test_no_grad_as_a_decorator():
    @no_grad()
    def predict(recurse):
        """Predict."""
        return is_recorded() or (recurse and predict(False))

    assert predict.__doc__ == "Predict."
    assert not predict(True)
    assert is_recorded()


def test_no_grad_holds_for_its_own_thread_only():
    results = []
    with no_grad():
        thread = threading.Thread(target=lambda: results.append(is_recorded()))
        thread.start()
        thread.join()
        assert not is_recorded()
    assert results == [True]


def test_no_grad_holds_for_its_own_task_only():
    async def inside(entered, leave):
        with no_grad():
            entered.set()
            await leave.wait()
            return is_recorded()

    async def main():
        entered, leave = asyncio.Event(), asyncio.Event()
        task = asyncio.create_task(inside(entered, leave))
        await entered.wait()
        outside = is_recorded()
        leave.set()
        return outside, await task

    assert asyncio.run(main()) == (True, False)
