"""The gradient check: confirms right gradients, and says of a wrong one where, which, expected and received."""

import math

import pytest
from hypothesis import given
from random_graphs import recipes

from autograd import Value, check_gradient, exp, gate, relu, sqrt, tanh
from autograd.check import Comparison
from autograd.errors import GradientCheckError, OperandError


def wrong_square(x):
    return gate(lambda x: x * x, lambda x: x, name="square")(x)


def test_a_right_gradient_is_confirmed():
    first, second = check_gradient(lambda x, y: tanh(x) * y, 0.5, 2.0)
    assert (first.argument, second.argument) == (0, 1)
    assert first.received == pytest.approx(2.0 * (1 - math.tanh(0.5) ** 2), rel=1e-14)
    assert first.expected == pytest.approx(first.received, rel=1e-8)
    assert second.received == math.tanh(0.5)
    assert first.agrees
    assert second.agrees


@given(recipes(most_steps=4))
def test_random_graphs_are_confirmed(recipe):
    if any(name == "maximum" for name, _ in recipe.steps):
        return  # a kink that lies near the point is no mistake
    check_gradient(lambda *xs: recipe.run(xs)[-1], *recipe.leaves, tolerance=1e-4)


def test_a_wrong_gradient_is_reported_with_point_argument_expected_and_received():
    def product(x, y, z):
        return x * wrong_square(y) * z

    with pytest.raises(GradientCheckError) as caught:
        check_gradient(product, 2.0, 3.0, -1.0)
    message = str(caught.value)
    assert message.startswith("the gradient of product at (2, 3, -1) is not confirmed: argument 1: ")
    assert "received -6 (backward)" in message
    expected = float(message.split("expected ")[1].split()[0])
    assert expected == pytest.approx(-12.0, rel=1e-8)
    assert "argument 0" not in message
    assert "argument 2" not in message
    assert isinstance(caught.value, AssertionError)


def test_a_missing_gradient_is_found():
    def cut(x):
        return x * x.detach()

    with pytest.raises(GradientCheckError, match=r"received 3 \(backward\)"):
        check_gradient(cut, 3.0)


@pytest.mark.parametrize(("size", "found"), [(1e-8, False), (1e-3, True)])
def test_the_tolerance_is_relative_to_the_slope(size, found):
    almost = gate(lambda x: 1e6 * x, lambda x: 1e6 * (1 + size), name="almost")
    if found:
        with pytest.raises(GradientCheckError):
            check_gradient(almost, 2.0)
    else:
        check_gradient(almost, 2.0)


def test_large_arguments_get_large_steps():
    check_gradient(lambda x: x * x, 1e9)
    check_gradient(exp, -700.0)


def test_a_kink_is_not_confirmed():
    with pytest.raises(GradientCheckError, match=r"expected 0\.5 .* received 0 "):
        check_gradient(relu, 0.0)


def test_a_domain_that_ends_at_the_point_is_an_error():
    with pytest.raises(ValueError, match="sqrt"):
        check_gradient(sqrt, 0.0)


def test_the_function_must_return_a_value():
    with pytest.raises(OperandError, match="must return a Value; it returned 6"):
        check_gradient(lambda x: float(x) * 2, 3.0)


def test_a_point_without_numbers_is_refused():
    with pytest.raises(OperandError, match="one number for each argument"):
        check_gradient(tanh)
    with pytest.raises(OperandError, match="'3'"):
        check_gradient(tanh, "3")


def test_the_check_leaves_the_users_values_alone():
    w = Value(2.0)
    check_gradient(lambda x: x * w.detach(), 3.0)
    assert (w.data, w.grad) == (2.0, 0.0)


@pytest.mark.parametrize(
    ("received", "expected", "agrees"),
    [
        (1.0, 1.0 + 1e-7, True),
        (1.0, 1.1, False),
        (math.inf, math.inf, True),
        (math.inf, -math.inf, False),
        (math.inf, 1.0, False),
        (math.nan, math.nan, True),
        (math.nan, 1.0, False),
        (1.0, math.nan, False),
    ],
)
def test_agreement(received, expected, agrees):
    assert Comparison(0, received, expected, 1e-6).agrees is agrees
