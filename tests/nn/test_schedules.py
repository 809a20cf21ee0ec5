"""Schedules against their closed forms; PyTorch's are in test_optimizers_peers.py."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import parameter
from nn import SGD
from nn.errors import SettingError
from nn.optimizers.schedules import constant, cosine, exponential, linear, step_decay, warm_up

rates = st.floats(1e-6, 10.0)
times = st.integers(0, 1000)


@given(rates, times)
def test_constant(rate, t):
    assert constant(rate)(t) == rate


def test_step_decay_counts_whole_periods():
    schedule = step_decay(0.8, every=3, factor=0.5)
    assert [schedule(t) for t in range(8)] == [0.8, 0.8, 0.8, 0.4, 0.4, 0.4, 0.2, 0.2]
    assert step_decay(1.0, every=2)(4) == pytest.approx(0.01)


@given(rates, st.floats(0.5, 1.0), times)
def test_exponential_shrinks_by_the_factor_at_every_step(rate, factor, t):
    schedule = exponential(rate, factor)
    assert schedule(0) == rate
    assert schedule(t + 1) == pytest.approx(factor * schedule(t), rel=1e-9)


@given(rates, rates, st.integers(1, 50), times)
def test_linear_and_cosine_go_from_start_to_end_and_stay(start, end, steps, t):
    for schedule in (linear(start, end, steps), cosine(start, end, steps)):
        assert schedule(0) == pytest.approx(start)
        assert schedule(steps + t) == end
        assert min(start, end) * (1 - 1e-9) <= schedule(t) <= max(start, end) * (1 + 1e-9)
        assert schedule(t) + schedule(steps - t) == pytest.approx(start + end) if t <= steps else True
    if t < steps:
        assert linear(start, end, steps)(t + 1) - linear(start, end, steps)(t) == pytest.approx(
            (end - start) / steps, abs=1e-12
        )


def test_cosine_is_half_a_wave():
    schedule = cosine(3.0, 1.0, 6)
    expected = [3.0, 2 + math.sqrt(3) / 2, 2.5, 2.0, 1.5, 2 - math.sqrt(3) / 2, 1.0, 1.0]
    assert [schedule(t) for t in range(8)] == pytest.approx(expected, rel=1e-12)


def test_warm_up_rises_evenly_and_then_starts_what_comes_after_it():
    schedule = warm_up(4, then=lambda t: 1.0 / (1 + t))
    assert [schedule(t) for t in range(8)] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0, 1 / 2, 1 / 3, 1 / 4])
    assert [warm_up(1, then=0.5)(t) for t in range(3)] == [0.25, 0.5, 0.5]
    assert warm_up(2, then=warm_up(2, then=0.9))(0) == pytest.approx(0.1)


@pytest.mark.parametrize("make", [
    lambda x: constant(x), lambda x: step_decay(x, 3), lambda x: step_decay(0.1, 3, x), lambda x: exponential(x, 0.5),
    lambda x: exponential(0.1, x), lambda x: warm_up(3, x),
])  # fmt: skip
@pytest.mark.parametrize("x", [0.0, -0.1, math.nan, math.inf, "0.1", None, True])
def test_rates_and_factors_that_are_not_positive_are_refused(make, x):
    with pytest.raises(SettingError, match="is a positive number"):
        make(x)


@pytest.mark.parametrize("make", [
    lambda n: step_decay(0.1, n), lambda n: linear(1.0, 0.0, n), lambda n: cosine(1.0, 0.0, n),
    lambda n: warm_up(n, 0.1),
])  # fmt: skip
@pytest.mark.parametrize("n", [0, -3, 2.0, "3", None, True])
def test_numbers_of_steps_that_are_not_whole_and_positive_are_refused(make, n):
    with pytest.raises(SettingError, match="is a whole number of at least 1"):
        make(n)


@pytest.mark.parametrize("x", [-0.1, math.nan, math.inf, "0.1"])
def test_ends_below_0_are_refused_and_0_is_not(x):
    for make in (linear, cosine):
        with pytest.raises(SettingError, match="the start is a number of at least 0"):
            make(x, 0.0, 3)
        with pytest.raises(SettingError, match="the end is a number of at least 0"):
            make(0.1, x, 3)
        assert make(0.1, 0, 3)(3) == 0.0


def test_a_factory_in_place_of_its_schedule_is_refused():
    with pytest.raises(SettingError, match="a schedule returns a rate of at least 0"):
        SGD([parameter(1.0)], learning_rate=lambda t: constant(0.1))
    for factory in (step_decay, linear, lambda: 0.1):
        with pytest.raises(SettingError, match=r"a schedule is a function of the step number t.*failed: .*argument"):
            SGD([parameter(1.0)], learning_rate=factory)


def test_a_rate_that_grows_beyond_all_numbers_is_named():
    optimizer = SGD([parameter(1.0)], learning_rate=exponential(1.0, 10.0))
    optimizer.steps = 400
    with pytest.raises(SettingError, match="for step 400 inf"):
        _ = optimizer.rate
