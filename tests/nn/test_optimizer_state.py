import io
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optimizer_problems import MAKERS, Bowl, parameters

from nn import SGD, Optimizer
from nn.errors import StateError
from nn.optimizers import Adam, schedules

every_optimizer = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)


def through_a_file(state):
    """Return a state as it comes back from an npz file, whose numbers are arrays without dimensions."""
    file = io.BytesIO()
    np.savez(file, **state)
    file.seek(0)
    return np.load(file, allow_pickle=False)


def same(a, b):
    return a.keys() == b.keys() and all(np.array_equal(a[name], b[name], equal_nan=True) for name in a)


@every_optimizer
@given(before=st.integers(0, 25), noise=st.sampled_from([0.0, 1.0]))
def test_an_optimizer_continues_as_if_it_had_not_been_saved(make, before, noise):
    options = {"clip_norm": 2.0}
    optimizer, bowl = make(parameters(3), **options), Bowl(noise)
    theta = bowl.descend(optimizer, Bowl.start, before)
    twin = make(parameters(3), **options)
    twin.load_state_dict(through_a_file(optimizer.state_dict()))
    assert (twin.steps, twin.rate) == (before, optimizer.rate)
    other = theta
    for _ in range(12):
        bowl.draw()
        theta = optimizer.update(theta, bowl.gradient(theta), bowl.gradient)
        other = twin.update(other, bowl.gradient(other), bowl.gradient)
        assert other.tolist() == theta.tolist()
    assert same(twin.state_dict(), optimizer.state_dict())


@every_optimizer
def test_a_state_is_numbers_and_arrays_and_does_not_change_by_itself(make):
    optimizer, bowl = make(parameters(3)), Bowl()
    theta = bowl.descend(optimizer, Bowl.start, 12)
    state = optimizer.state_dict()
    kept = {name: np.copy(x) for name, x in state.items()}
    assert all(isinstance(x, (int, float)) or x.dtype == np.float64 for x in state.values())
    bowl.descend(optimizer, theta, 3)
    assert same(state, kept)
    twin = make(parameters(3))
    twin.load_state_dict(state)
    bowl.descend(twin, theta, 3)
    assert same(state, kept)


def test_a_state_is_a_copy_even_of_what_a_formula_changes_in_place():
    class Careless(Optimizer):
        state = ("total",)

        def formula(self, theta, gradient):
            self.total += gradient
            return theta - self.eta * self.total

    optimizer = Careless(parameters(2), 0.5)
    optimizer.update(np.zeros(2), np.ones(2))
    state = optimizer.state_dict()
    twin = Careless(parameters(2), 0.5)
    twin.load_state_dict(state)
    for either in (optimizer, twin):
        assert either.update(np.zeros(2), np.ones(2)).tolist() == [-1.0, -1.0]
    assert state["total"].tolist() == [1.0, 1.0]


def test_a_learning_rate_that_was_changed_is_restored():
    optimizer = SGD(parameters(2), 0.5)
    optimizer.learning_rate = 0.125
    twin = SGD(parameters(2), 0.5)
    twin.load_state_dict(optimizer.state_dict())
    assert twin.rate == 0.125


def test_a_schedule_goes_on_where_it_was():
    optimizer = SGD(parameters(3), schedules.exponential(1.0, 0.5))
    Bowl().descend(optimizer, Bowl.start, 3)
    twin = SGD(parameters(3), schedules.exponential(1.0, 0.5))
    twin.load_state_dict(optimizer.state_dict())
    assert twin.rate == 0.125


def changed(**parts):
    return lambda state: {**state, **parts}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda state: {}, "it lacks 'steps', 'learning_rate', 'mean', 'square'"),
        (lambda state: {name: x for name, x in state.items() if name != "mean"}, "it lacks 'mean'$"),
        (changed(velocity=np.zeros(3)), "it has 'velocity', which is not known here$"),
        (changed(mean=np.zeros(2)), r"'mean' in the state has the shape \(2,\), and here it is \(3,\)"),
        (changed(square=0.0), r"'square' in the state has the shape \(\)"),
        (changed(square=["a", "b", "c"]), "'square' in the state is not numbers"),
        (changed(square=None), "'square'"),
        (changed(steps=np.zeros(1)), "'steps' in the state has the shape"),
        (changed(steps=-1), "'steps' in the state is a whole number from 0 on; not -1"),
        (changed(steps=2.5), "not 2.5"),
        (changed(steps=math.nan), "not nan"),
        (changed(steps=math.inf), "not inf"),
        (changed(learning_rate=0.0), "'learning_rate' in the state is a positive number; not 0"),
        (changed(learning_rate=math.nan), "'learning_rate'"),
        (changed(steps=5, learning_rate="fast"), "'learning_rate' in the state is not numbers: 'fast'"),
    ],
)
def test_a_state_that_does_not_fit_is_refused_and_nothing_changes(change, message):
    optimizer = Adam(parameters(3), 0.1)
    Bowl().descend(optimizer, Bowl.start, 4)
    before = optimizer.state_dict()
    state = {name: x * 2 for name, x in before.items()}
    with pytest.raises(StateError, match=message):
        optimizer.load_state_dict(change(state))
    assert same(optimizer.state_dict(), before)


def test_a_number_for_a_learning_rate_does_not_fit_a_schedule_and_the_message_says_why():
    number, schedule = SGD(parameters(2), 0.1), SGD(parameters(2), schedules.constant(0.1))
    for optimizer, state in ((number, schedule.state_dict()), (schedule, number.state_dict())):
        with pytest.raises(StateError, match="saved where it is a number, and not where it is a schedule"):
            optimizer.load_state_dict(state)


def test_a_state_of_another_number_of_parameters_is_refused():
    with pytest.raises(StateError, match="shape"):
        SGD(parameters(2), 0.1).load_state_dict(SGD(parameters(3), 0.1).state_dict())
