import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, cos, exp, log, sin, sqrt, where
from autograd.errors import AutogradError, NonFiniteError, OperandError
from nn.descent import Descent, DescentError, gradient_descent
from nn.errors import DivergedError, SettingError


def test_each_step_goes_the_rate_times_the_gradient_downhill():
    result = gradient_descent(lambda x, y: x * x + 3 * y, (1.0, 2.0), learning_rate=0.25, max_steps=2)
    assert result.points.tolist() == [[1.0, 2.0], [0.5, 1.25], [0.25, 0.5]]
    assert result.values.tolist() == [7.0, 4.0, 1.5625]
    assert result.gradients.tolist() == [[2.0, 3.0], [1.0, 3.0], [0.5, 3.0]]
    assert not result.converged
    assert result.steps == 2
    assert result.point.tolist() == [0.25, 0.5]
    assert result.value == 1.5625


@given(st.floats(0.01, 0.99), st.floats(-5, 5))
def test_a_parabola_shrinks_by_the_known_factor_and_stops_where_the_next_step_is_below_the_threshold(rate, start):
    result = gradient_descent(lambda x: x * x, start, learning_rate=rate, threshold=1e-3)
    factor = 1 - 2 * rate
    assert result.points[:, 0] == pytest.approx(start * factor ** np.arange(result.steps + 1), rel=1e-9, abs=1e-300)
    assert result.converged
    lengths = np.abs(2 * rate * result.points[:, 0])
    assert (lengths[:-1] >= 1e-3).all()
    assert lengths[-1] < 1e-3


def test_a_start_at_the_minimum_is_the_end():
    result = gradient_descent(lambda x, y: x * x + y * y, (0.0, 0.0))
    assert result.converged
    assert result.steps == 0
    assert result.points.shape == result.gradients.shape == (1, 2)
    assert result.values.shape == (1,)


def test_the_steps_end_at_max_steps():
    result = gradient_descent(lambda x: x, 0.0, learning_rate=1.0, max_steps=7)
    assert result.steps == 7
    assert not result.converged
    assert result.point.tolist() == [-7.0]
    converged_just_in_time = gradient_descent(lambda x: (x - 1) ** 2, 0.0, learning_rate=0.5, max_steps=1)
    assert converged_just_in_time.converged


def test_too_large_a_rate_overshoots_further_at_each_step_but_is_no_error_until_it_overflows():
    result = gradient_descent(lambda x: x * x, 1.0, learning_rate=1.25, max_steps=10)
    assert not result.converged
    assert result.values.tolist() == [2.25**k for k in range(11)]
    with pytest.raises(DescentError, match=r"after \d+ steps: .*smaller learning_rate") as caught:
        gradient_descent(lambda x: x * x, 1.0, learning_rate=1.25)
    path = caught.value.descent
    assert path.steps > 800
    assert np.isfinite(path.values).all()
    assert np.isfinite(path.points).all()


def test_a_function_may_branch_on_its_numbers_and_use_any_operation():
    def f(x, y):
        return (abs(x) if x > y else x * x) + where(y > 1, y, 1.0) + sin(x) * cos(y)

    result = gradient_descent(f, [2.0, 0.5], learning_rate=0.1)
    assert result.values[-1] < result.values[0]


def test_a_start_may_be_any_numbers():
    for start in (2, [2], (2.0,), np.array([2.0]), np.float32(2), np.array(2.0), range(2, 3)):
        assert gradient_descent(lambda x: x * x, start).points[0].tolist() == [2.0]


def test_a_function_that_is_the_same_everywhere_is_at_its_minimum():
    for f in (lambda x: 3.0, lambda x: Value(3.0), lambda x: 0 * x):
        assert gradient_descent(f, 1.0).converged


def test_a_start_without_a_value_or_a_slope_is_said_to_be_one():
    for f, start, what in (
        (log, 0.0, "log"),
        (sqrt, 0.0, r"the gradient is \(inf\)"),
        (lambda x: 1 / x, 0.0, "divide"),
        (lambda x: x * float("inf"), 1.0, "f is inf"),
        (exp, 1000.0, "exp"),
    ):
        with pytest.raises(DescentError, match=f"cannot start at .*{what}") as caught:
            gradient_descent(f, start)
        assert caught.value.descent is None


def test_a_step_out_of_the_domain_is_said_with_the_path_kept():
    with pytest.raises(DescentError, match=r"came to \(-1\) after 1 step: log\(-1\.0\)") as caught:
        gradient_descent(log, 1.0, learning_rate=2.0)
    assert caught.value.descent.points.tolist() == [[1.0]]
    assert caught.value.descent.gradients.tolist() == [[1.0]]
    assert isinstance(caught.value.__cause__, AutogradError)


def test_a_step_to_infinity_is_said_without_a_warning():
    with pytest.raises(DescentError, match=r"came to \(-inf\) after 1 step"):
        gradient_descent(lambda x: x * x, 1e150, learning_rate=1e200)


def test_the_error_is_what_training_raises_too():
    for kind in (DivergedError, NonFiniteError, AutogradError, ArithmeticError):
        with pytest.raises(kind):
            gradient_descent(log, 1.0, learning_rate=2.0)


@pytest.mark.parametrize("start", [(), [], (0.0, math.nan), (math.inf,)])
def test_a_start_that_is_no_point_is_refused(start):
    with pytest.raises(SettingError, match="the start is a point") as refusal:
        gradient_descent(lambda *xs: sum(xs), start)
    assert repr(start) in str(refusal.value)


@pytest.mark.parametrize("start", ["0", None, ["a"], [[1.0, 2.0]]])
def test_a_start_that_is_not_numbers_is_refused(start):
    with pytest.raises(OperandError):
        gradient_descent(lambda x: x, start)


@pytest.mark.parametrize(
    ("setting", "what"),
    [
        ({"learning_rate": 0.0}, "learning rate is a positive number"),
        ({"learning_rate": math.nan}, "learning rate is a positive number"),
        ({"learning_rate": "0.1"}, "learning rate is a positive number"),
        ({"threshold": 0}, "threshold is a positive number"),
        ({"threshold": -1e-5}, "threshold is a positive number"),
        ({"max_steps": 0}, "max_steps, is a whole number"),
        ({"max_steps": 2.5}, "max_steps, is a whole number"),
    ],
)
def test_settings_that_cannot_be_are_refused(setting, what):
    with pytest.raises(SettingError, match=what):
        gradient_descent(lambda x: x, 1.0, **setting)


def test_what_is_no_function_of_numbers_is_refused():
    with pytest.raises(SettingError, match="f is a function"):
        gradient_descent(3.0, 1.0)
    with pytest.raises(OperandError, match="return statement"):
        gradient_descent(lambda x: None, 1.0)


def test_an_error_of_the_functions_own_comes_through():
    def f(x):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        gradient_descent(f, 1.0)


def test_repr_says_how_it_ended():
    assert repr(gradient_descent(lambda x: (x - 1) ** 2, 0.0, learning_rate=0.5)) == (
        "Descent(converged after 1 step at (1), where f = 0)"
    )
    assert repr(gradient_descent(lambda x, y: x - y, (0, 0), max_steps=2)) == (
        "Descent(not converged in 2 steps at (-0.02, 0.02), where f = -0.04)"
    )
    assert isinstance(gradient_descent(lambda x: x * x, 0.0), Descent)
