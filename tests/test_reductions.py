"""The operations on any number of operands, against mathematics and against chains of the operations on two."""

import functools
import math
import operator

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from mpmath import mpf
from references import REDUCTIONS, dot, exact, slope

import autograd
from autograd import Value, ops
from autograd.errors import DomainError, GraphError, OperandError

INF, NAN = math.inf, math.nan
EPSILON = 2.0**-52

every_reduction = pytest.mark.parametrize("name", ops.REDUCTIONS)
numbers = st.floats(-100, 100) | st.floats(-1e6, 1e6) | st.sampled_from([0.0, 1.0, -1.0, 1e-300])
lists = st.lists(numbers, min_size=1, max_size=6)


def of_list(name):
    return lambda *xs: REDUCTIONS[name](xs)


def gradients(function, *lists):
    """Return the function's data at lists of fresh Values, and the gradients of all of them."""
    values = [[Value(x) for x in xs] for xs in lists]
    result = function(*values)
    result.backward()
    return result.data, [v.grad for vs in values for v in vs]


def test_every_reduction_has_a_reference():
    assert list(REDUCTIONS) == list(ops.REDUCTIONS)


@every_reduction
@given(xs=lists)
def test_value_is_exact_but_for_rounding(name, xs):
    """Each of n steps may round: by half an ulp of the product so far, or of the sum of magnitudes."""
    expected = exact(of_list(name), xs)
    scale = abs(expected) if name in ("prod", "max", "min") else max(1.0, math.fsum(map(abs, xs)))
    received = getattr(autograd, name)(map(Value, xs)).data
    assert abs(mpf(received) - expected) <= len(xs) * EPSILON * scale + 1e-300


@every_reduction
@given(xs=lists)
def test_slopes_are_those_of_central_differences(name, xs):
    _, received = gradients(getattr(autograd, name), xs)
    for i, grad in enumerate(received):
        expected = slope(of_list(name), xs, i)
        if expected is not None:  # else a tie of max or min
            assert abs(grad - expected) <= 1e-12 * abs(expected) + 1e-45


@given(xs=lists, ys=lists, bias=numbers)
def test_dot_is_exact_but_for_rounding(xs, ys, bias):
    n = min(len(xs), len(ys))
    xs, ys = xs[:n], ys[:n]
    received, grads = gradients(lambda xs, ys, b: autograd.dot(xs, ys, b[0]), xs, ys, [bias])
    expected = exact(lambda *zs: dot(zs[:n], zs[n:-1], zs[-1]), [*xs, *ys, bias])
    scale = abs(bias) + math.fsum(abs(x * y) for x, y in zip(xs, ys, strict=True))
    assert abs(mpf(received) - expected) <= (n + 1) * EPSILON * scale + 1e-300
    assert grads == [*ys, *xs, 1.0]
    assert autograd.dot([*map(Value, xs)], ys).data == autograd.dot(xs, ys, 0.0).data


CHAINS = {
    "sum": lambda xs: functools.reduce(operator.add, xs),
    "mean": lambda xs: functools.reduce(operator.add, xs) / len(xs),
    "prod": lambda xs: functools.reduce(operator.mul, xs),
    "max": lambda xs: functools.reduce(autograd.maximum, xs),
    "min": lambda xs: functools.reduce(autograd.minimum, xs),
    "logsumexp": lambda xs: functools.reduce(operator.add, [x.exp() for x in xs]).log(),
    "dot": lambda xs: functools.reduce(operator.add, [x * x for x in xs]),
}


@pytest.mark.parametrize("name", CHAINS)
@given(xs=st.lists(st.floats(-20, 20), min_size=2, max_size=6))
def test_one_node_equals_a_chain(name, xs):
    """Ties included: the first operand gets the gradient in both."""
    assume(name != "prod" or all(abs(x) > 1e-3 for x in xs))
    function = (lambda vs: autograd.dot(vs, vs)) if name == "dot" else getattr(autograd, name)
    value, grads = gradients(function, xs)
    chained, chained_grads = gradients(CHAINS[name], xs)
    assert value == pytest.approx(chained, rel=1e-12, abs=1e-12)
    assert grads == pytest.approx(chained_grads, rel=1e-12, abs=1e-12)


@every_reduction
def test_makes_one_node_with_its_operands_in_order(name):
    xs = [Value(2.0), Value(3.0), Value(1.0)]
    node = getattr(autograd, name)(x for x in [*xs, xs[0], 5.0])
    assert node.op is ops.REDUCTIONS[name]
    assert node.parents[:4] == (*xs, xs[0])
    assert node.parents[4].data == 5.0
    assert node.parents[4].op is ops.CONSTANT
    assert node.op.forward(node) == node.data


@every_reduction
def test_an_operand_that_stands_twice_gets_both_shares(name):
    x, y = Value(2.0), Value(1.5)
    node = getattr(autograd, name)([x, y, x])
    node.backward()
    first, _, third = node.op.local(node)
    assert x.grad == first + third


def test_dot_makes_one_node():
    w, x, b = [Value(2.0), Value(-3.0)], [Value(-1.0), Value(-2.0)], Value(-3.0)
    node = autograd.dot(w, x, b)
    assert node.op is ops.DOT
    assert node.parents == (*w, b, *x)
    assert node.op.local(node) == (-1.0, -2.0, 1.0, 2.0, -3.0)
    assert node.op.forward(node) == 1.0
    assert autograd.dot(w, w).op.local(autograd.dot(w, w)) == (2.0, -3.0, 2.0, -3.0)


# --- conventions and edges ---


@pytest.mark.parametrize(
    ("name", "xs", "expected", "slopes"),
    [
        ("max", [1.0, 3.0, 3.0], 3.0, [0.0, 1.0, 0.0]),
        ("min", [1.0, 3.0, 1.0], 1.0, [1.0, 0.0, 0.0]),
        ("max", [1.0, NAN, 3.0], NAN, [0.0, 1.0, 0.0]),
        ("min", [1.0, 3.0, NAN], NAN, [0.0, 0.0, 1.0]),
        ("max", [-INF, -INF], -INF, [1.0, 0.0]),
        ("max", [0.0, -0.0], 0.0, [1.0, 0.0]),
        ("prod", [0.0, 3.0, 4.0], 0.0, [12.0, 0.0, 0.0]),
        ("prod", [0.0, 0.0, 4.0], 0.0, [0.0, 0.0, 0.0]),
        ("prod", [5.0], 5.0, [1.0]),
        ("sum", [1.0, NAN], NAN, [1.0, 1.0]),
        ("sum", [INF, -INF], NAN, [1.0, 1.0]),
        ("sum", [1e308, 1e308], INF, [1.0, 1.0]),
        ("mean", [1.0, NAN], NAN, [0.5, 0.5]),
        ("prod", [INF, 2.0], INF, [2.0, INF]),
        ("logsumexp", [1000.0, 1000.0], 1000.0 + math.log(2), [0.5, 0.5]),
        ("logsumexp", [1e308, -1e308], 1e308, [1.0, 0.0]),
        ("logsumexp", [-1e308, -1e308], -1e308, [0.5, 0.5]),
        ("logsumexp", [1e16, 1e16], 1e16, [0.5, 0.5]),
        ("logsumexp", [0.0, -40.0], math.exp(-40), [1.0, math.exp(-40)]),
        ("logsumexp", [-INF, 0.0], 0.0, [0.0, 1.0]),
        ("logsumexp", [-INF, -INF], -INF, [NAN, NAN]),
        ("logsumexp", [INF, 0.0], INF, [NAN, NAN]),
        ("logsumexp", [INF, INF], INF, [NAN, NAN]),
        ("logsumexp", [INF, -INF], INF, [NAN, NAN]),
        ("logsumexp", [0.0, NAN], NAN, [NAN, NAN]),
        ("logsumexp", [INF, NAN], NAN, [NAN, NAN]),
    ],
    ids=str,
)
def test_conventions(name, xs, expected, slopes):
    value, received = gradients(getattr(autograd, name), xs)
    assert value == pytest.approx(expected, rel=1e-15, abs=0, nan_ok=True)
    assert received == pytest.approx(slopes, rel=1e-15, abs=0, nan_ok=True)


@given(st.lists(st.floats(), min_size=1, max_size=4))
def test_logsumexp_never_raises(xs):
    value, received = gradients(autograd.logsumexp, xs)
    assert math.isnan(value) == any(map(math.isnan, xs))
    assert value >= max(xs) or math.isnan(value)
    if math.isfinite(value):
        assert math.fsum(received) == pytest.approx(1.0, rel=1e-14)


def test_no_operands():
    assert autograd.sum([]).data == 0.0
    assert autograd.prod([]).data == 1.0
    assert autograd.dot([], []).data == 0.0
    for name in ("mean", "max", "min", "logsumexp"):
        with pytest.raises(DomainError, match=f"{name} of no operands is not defined"):
            getattr(autograd, name)([])


def test_numbers_arrays_and_generators_are_taken():
    assert autograd.sum([1, 2.5, np.float64(0.5)]).data == 4.0
    assert autograd.max(np.array([1.0, 3.0, 2.0])).data == 3.0
    assert autograd.mean(np.array([Value(1.0), Value(2.0)])).data == 1.5
    assert autograd.prod(Value(x) for x in (2.0, 3.0)).data == 6.0


def test_bad_operands_are_refused():
    with pytest.raises(OperandError, match="None"):
        autograd.sum([Value(1.0), None])
    with pytest.raises(OperandError, match="several"):
        autograd.sum(Value(1.0))
    with pytest.raises(GraphError, match="2 weights for 3 inputs"):
        autograd.dot([1.0, 2.0], [1.0, 2.0, 3.0])


@every_reduction
def test_inside_no_grad_nothing_is_recorded(name):
    with autograd.no_grad():
        assert getattr(autograd, name)([Value(1.0), Value(2.0)]).is_leaf
