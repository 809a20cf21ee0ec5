import copy
import math
import pickle

import numpy as np
import pytest
from optimizer_problems import MAKERS, Bowl, parameters

from autograd import Value, constant, parameter
from autograd.errors import AutogradError, OperandError
from nn import MLP, SGD, Optimizer
from nn.errors import SettingError, ShapeError
from nn.optimizers import VSGD, Adam

every_optimizer = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)


def test_one_step_by_hand():
    a, b = parameter(1.0), parameter(-2.0)
    (3 * a + a * b).backward()  # slopes 3 + b = 1 and a = 1
    assert SGD([a, b], learning_rate=0.25).step() is None
    assert (a.data, b.data) == (0.75, -2.25)
    assert type(a.data) is float
    assert (a.grad, b.grad) == (1.0, 1.0)


def test_a_quadratic_shrinks_by_the_known_factor_at_every_step():
    x = parameter(1.0)
    optimizer = SGD([x], learning_rate=0.1)
    for _ in range(10):
        optimizer.zero_grad()
        (x * x).backward()
        optimizer.step()
    assert x.data == pytest.approx((1 - 2 * 0.1) ** 10, rel=1e-14)


@every_optimizer
def test_every_optimizer_finds_the_minimum_of_a_bowl(make):
    optimizer = make(parameters(3))
    theta = Bowl().descend(optimizer, Bowl.start, 500)
    assert theta == pytest.approx(Bowl.bottom, abs=0.02)
    assert optimizer.steps == 500


@every_optimizer
def test_update_leaves_its_arguments_as_they_are_and_returns_a_fresh_array(make):
    optimizer = make(parameters(3))
    theta, gradient = np.array([1.0, 2.0, -3.0]), np.array([10.0, -10.0, 0.0])
    for _ in range(12):  # more than VSGD's start-up
        new = optimizer.update(theta, gradient, lambda theta: 2.0 * theta)
        assert not np.shares_memory(new, theta)
        assert theta.tolist() == [1.0, 2.0, -3.0]
        assert gradient.tolist() == [10.0, -10.0, 0.0]
    kept = new.copy()
    optimizer.update(theta, -gradient, lambda theta: 2.0 * theta)
    assert new.tolist() == kept.tolist()


@every_optimizer
def test_step_on_values_is_update_on_arrays(make):
    xs, bowl = parameters(3), Bowl()
    for x, data in zip(xs, Bowl.start, strict=True):
        x.data = float(data)
    stepping, updating = make(xs), make(parameters(3))

    def loss():
        d = [x - c for x, c in zip(xs, bowl.c, strict=True)]
        return sum(0.5 * Bowl.H[i, j] * d[i] * d[j] for i in range(3) for j in range(3))

    theta = Bowl.start
    for _ in range(15):
        if stepping.needs_gradient_at:
            stepping.step(loss)
        else:
            stepping.zero_grad()
            loss().backward()
            stepping.step()
        theta = bowl.descend(updating, theta, 1)
        assert [x.data for x in xs] == pytest.approx(theta.tolist(), rel=1e-9, abs=1e-12)


def test_momentum_crosses_a_narrow_valley_faster():
    h = np.array([1.0, 100.0])

    def steps(optimizer):
        theta = np.ones(2)
        while np.abs(theta).max() > 1e-6:
            theta = optimizer.update(theta, h * theta)
        return optimizer.steps

    root = math.sqrt(100.0)
    plain = steps(SGD(parameters(2), 2 / (1 + 100)))  # the best rate there is without momentum
    heavy = steps(SGD(parameters(2), 4 / (1 + root) ** 2, momentum=((root - 1) / (root + 1)) ** 2))
    assert plain == math.ceil(math.log(1e-6) / math.log(99 / 101))  # it shrinks by (κ - 1) / (κ + 1)
    assert heavy < plain / 5  # about (√κ - 1) / (√κ + 1) a step


def test_the_learning_rate_can_change_between_steps():
    x = parameter(1.0)
    optimizer = SGD([x], learning_rate=0.5)
    x.grad = 1.0
    optimizer.step()
    optimizer.learning_rate = 0.125
    assert (optimizer.learning_rate, optimizer.rate) == (0.125, 0.125)
    optimizer.step()
    assert x.data == 1.0 - 0.5 - 0.125
    with pytest.raises(SettingError, match="positive"):
        optimizer.learning_rate = -1.0
    assert optimizer.rate == 0.125


def test_a_schedule_is_asked_for_the_number_of_updates_done_before():
    optimizer = SGD([parameter(0.0)], learning_rate=lambda t: 1.0 / (1 + t))
    theta = np.zeros(1)
    for t in range(4):
        assert optimizer.rate == 1.0 / (1 + t)
        theta = optimizer.update(theta, np.ones(1))
        assert optimizer.eta == 1.0 / (1 + t)
    assert theta == pytest.approx([-(1 + 1 / 2 + 1 / 3 + 1 / 4)])


@pytest.mark.parametrize("returned", [-0.1, math.nan, math.inf, None, "0.1", [0.1]])
def test_a_schedule_that_returns_no_rate_is_refused_and_nothing_changes(returned):
    with pytest.raises(SettingError, match="a schedule returns a rate of at least 0 for every step; for step 0"):
        SGD([parameter(1.0)], learning_rate=lambda t: returned)
    optimizer = Adam([parameter(1.0)], learning_rate=lambda t: 0.1 if t < 1 else returned)
    theta = optimizer.update(np.ones(1), np.ones(1))
    before = optimizer.state_dict()
    with pytest.raises(SettingError, match="step 1"):
        optimizer.update(theta, np.ones(1))
    assert optimizer.state_dict() == before


def test_an_error_in_the_formula_changes_nothing():
    class Broken(Optimizer):
        state = ("seen",)

        def formula(self, theta, gradient):
            self.seen = self.seen + gradient
            theta -= gradient
            raise FloatingPointError("no")

    x = parameter(1.0)
    x.grad = 1.0
    optimizer = Broken([x], 0.1)
    with pytest.raises(FloatingPointError):
        optimizer.step()
    assert x.data == 1.0
    assert (optimizer.steps, optimizer.seen.tolist()) == (0, [0.0])


def test_an_optimizer_of_ones_own_can_have_options_state_and_look_elsewhere():
    class Newton(Optimizer):
        state = ("curvature",)
        needs_gradient_at = True

        def probe(self, theta, gradient, gradient_at):
            self.curvature = (gradient_at(theta + 1.0) - gradient) / 1.0

        def formula(self, theta, gradient):
            return theta - self.eta * gradient / self.curvature

    x = parameter(5.0)
    optimizer = Newton([x], 1.0)
    optimizer.step(lambda: 3 * (x - 2) ** 2)
    assert x.data == pytest.approx(2.0)
    assert optimizer.state_dict()["curvature"] == pytest.approx([6.0])
    with pytest.raises(SettingError, match="Newton compares gradients"):
        optimizer.step()

    class Careless(Newton):
        probe = Optimizer.probe

    with pytest.raises(NotImplementedError, match="a method probe"):
        Careless([x], 1.0).step(lambda: x * x)


# --- closures ---


def test_a_closure_is_differentiated_by_step_whether_or_not_it_does_so_itself():
    def run(closure_of):
        x, y = parameter(1.0), parameter(2.0)
        optimizer = SGD([x, y], 0.1, momentum=0.5)
        for _ in range(3):
            loss = optimizer.step(closure_of(optimizer, lambda: (x - 3) ** 2 * y + y * y))
        return x.data, y.data, x.grad, y.grad, loss.data

    def plain(optimizer, loss):
        return loss

    def as_in_pytorch(optimizer, loss):
        def closure():
            optimizer.zero_grad()
            value = loss()
            value.backward()
            return value

        return closure

    assert run(plain) == run(as_in_pytorch)


def test_step_returns_the_loss_before_the_update_and_leaves_the_gradient_there():
    x = parameter(3.0)
    x.grad = 77.0
    assert SGD([x], 0.5).step(lambda: x * x).data == 9.0
    assert (x.data, x.grad) == (0.0, 6.0)
    y = parameter(3.0)
    optimizer = VSGD([y], samples=1)
    assert optimizer.step(lambda: y * y).data == 9.0  # not that at the shifted point
    assert y.grad == 6.0


@pytest.mark.parametrize("failing_call", [1, 2])
def test_an_error_in_a_closure_changes_nothing(failing_call):
    x = parameter(3.0)
    x.grad = 7.0
    optimizer, calls = VSGD([x], samples=1), []

    def closure():
        calls.append(x.data)
        if len(calls) == failing_call:
            raise KeyboardInterrupt
        return x * x

    before = optimizer.state_dict()
    with pytest.raises(KeyboardInterrupt):
        optimizer.step(closure)
    assert (x.data, x.grad) == (3.0, 7.0)
    assert optimizer.state_dict() == before


def test_a_closure_that_returns_no_value_is_refused():
    x = parameter(3.0)
    with pytest.raises(OperandError, match="returns the loss, a Value; not None"):
        SGD([x], 0.1).step(lambda: None)
    with pytest.raises(OperandError, match="a function without arguments"):
        SGD([x], 0.1).step(x * x)
    assert (x.data, x.grad) == (3.0, 0.0)


# --- settings ---


def test_zero_grad_clears_every_parameter():
    xs = [parameter(1.0), parameter(2.0)]
    (xs[0] * xs[1]).backward()
    SGD(xs, 0.1).zero_grad()
    assert [x.grad for x in xs] == [0.0, 0.0]


def test_parameters_may_come_from_a_generator_and_be_plain_values():
    xs = [Value(1.0), Value(2.0)]
    optimizer = SGD((x for x in xs), 1.0)
    xs[1].grad = 2.0
    optimizer.step()
    assert [x.data for x in xs] == [1.0, 0.0]


@pytest.mark.parametrize("rate", [0.0, -0.1, float("nan"), float("inf"), "0.1", None, True, [0.1], 10**400])
def test_a_learning_rate_that_is_not_positive_is_refused(rate):
    with pytest.raises(SettingError, match="learning rate is a positive number") as refusal:
        SGD([parameter(1.0)], learning_rate=rate)
    assert repr(rate) in str(refusal.value)
    assert isinstance(refusal.value, (AutogradError, ValueError))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda xs: SGD(xs, 0.1, momentum=1.0), r"momentum is a number of at least 0 and less than 1.*not 1\.0"),
        (lambda xs: SGD(xs, 0.1, momentum=True), "momentum"),
        (lambda xs: SGD(xs, 0.1, weight_decay=-1.0), "weight_decay is a number of at least 0"),
        (lambda xs: SGD(xs, 0.1, nesterov=True), "nesterov looks ahead along the momentum, which is 0"),
        (lambda xs: SGD(xs, 0.1, clip_norm=0.0), "clip_norm is a positive number"),
        (lambda xs: SGD(xs, 0.1, clip_value=math.nan), "clip_value is a positive number"),
        (lambda xs: Adam(xs, betas=0.9), "betas are two numbers"),
        (lambda xs: Adam(xs, betas=(0.9, 1.0)), "second of the betas"),
        (lambda xs: Adam(xs, eps=-1e-8), "eps"),
        (lambda xs: MAKERS["RMSprop"](xs, alpha=math.nan), "alpha"),
        (lambda xs: MAKERS["AdaSecant"](xs, decay=2), "decay"),
        (lambda xs: MAKERS["AdaSecant"](xs, eps=0.0), "eps is a positive number"),
        (lambda xs: VSGD(xs, samples=0), "number of samples is a whole number of at least 1"),
        (lambda xs: VSGD(xs, samples=2.5), "samples"),
        (lambda xs: VSGD(xs, slow_start=0), "slow_start"),
    ],
)
def test_settings_that_cannot_be_are_refused(make, message):
    with pytest.raises(SettingError, match=message):
        make([parameter(1.0)])


def test_options_that_a_subclass_does_not_have_are_refused():
    class Bare(Optimizer):
        def formula(self, theta, gradient):
            return theta - self.eta * gradient

    with pytest.raises(SettingError, match=r"options of Bare are \['learning_rate'\]; got \['momentum'\]"):
        Bare([parameter(1.0)], 0.1, momentum=0.5)


def test_parameters_that_cannot_be_learned_are_refused():
    x = parameter(1.0)
    with pytest.raises(SettingError, match="no parameters to learn"):
        SGD([], 0.1)
    with pytest.raises(SettingError, match="twice"):
        SGD([x, x], 0.1)
    with pytest.raises(OperandError, match=r"changes Values, not 1\.0"):
        SGD([1.0], 0.1)
    with pytest.raises(OperandError, match=r"result of 'multiply'"):
        SGD([x * x], 0.1)
    with pytest.raises(OperandError, match="constant"):
        SGD([constant(1.0)], 0.1)
    with pytest.raises(OperandError, match=r"model.parameters\(\)"):
        SGD(MLP(2, [1]), 0.1)


@every_optimizer
def test_arrays_of_another_shape_are_refused_and_nothing_changes(make):
    optimizer = make(parameters(3))
    before = optimizer.state_dict()
    right = np.zeros(3)
    for theta, gradient in ((np.zeros(2), right), (right, np.zeros(4)), (right, np.zeros((3, 1))), (right, 1.0)):
        with pytest.raises(ShapeError, match="one number for each of the optimiser's 3 parameters"):
            optimizer.update(theta, gradient, lambda theta: theta)
    assert repr(optimizer.state_dict()) == repr(before)


def test_numbers_too_large_end_at_infinity_or_nan_without_a_warning():
    for make in MAKERS.values():
        optimizer = make(parameters(3))
        gradient = np.array([1e250, -1e300, 0.0])
        for scale in (1.0, 1.0, -1e7, np.inf, np.nan) * 3:
            with np.errstate(all="ignore"):
                gradient = scale * gradient
            optimizer.update(gradient, gradient, lambda theta: 1e250 * theta)


def test_an_optimizer_says_what_it_is():
    a, b = parameters(2)
    assert repr(SGD([a, b], 0.1)) == "SGD(2 parameters, learning_rate=0.1, momentum=0.0, weight_decay=0.0)"
    groups = [{"parameters": [a], "betas": (0.5, 0.5)}, {"parameters": [b]}]
    assert "betas=by group" in repr(Adam(groups))
    assert repr(VSGD([a])) == "VSGD(1 parameters, slow_start=2.0, shift=0.03, reach=10.0)"
    assert "learning_rate=by schedule" in repr(SGD([a], lambda t: 0.1))


@every_optimizer
def test_optimizers_can_be_copied(make):
    optimizer = make(parameters(3))
    theta = Bowl().descend(optimizer, Bowl.start, 12)
    twin = copy.deepcopy(optimizer)
    assert Bowl().descend(twin, theta, 5).tolist() == Bowl().descend(optimizer, theta, 5).tolist()


def test_optimizers_without_a_schedule_can_be_pickled():
    optimizer = Adam(parameters(3), 0.1)
    theta = Bowl().descend(optimizer, Bowl.start, 12)
    twin = pickle.loads(pickle.dumps(optimizer))  # noqa: S301  # our own bytes
    assert Bowl().descend(twin, theta, 5).tolist() == Bowl().descend(optimizer, theta, 5).tolist()
