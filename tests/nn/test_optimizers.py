# matrices are upper case, as in mathematics

import numpy as np
import pytest

from autograd import Value, constant, parameter
from autograd.errors import AutogradError, OperandError
from nn import MLP, SGD, Optimizer, moons
from nn.errors import SettingError


def test_one_step_by_hand():
    a, b = parameter(1.0), parameter(-2.0)
    (3 * a + a * b).backward()  # slopes 3 + b = 1 and a = 1
    SGD([a, b], learning_rate=0.25).step()
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


def test_the_learning_rate_can_change_between_steps():
    x = parameter(1.0)
    optimizer = SGD([x], learning_rate=0.5)
    x.grad = 1.0
    optimizer.step()
    optimizer.learning_rate = 0.125
    optimizer.step()
    assert x.data == 1.0 - 0.5 - 0.125


def test_update_leaves_its_arguments_as_they_are():
    theta, gradient = np.array([1.0, 2.0]), np.array([10.0, -10.0])
    assert SGD([parameter(0.0)], 0.5).update(theta, gradient).tolist() == [-4.0, 7.0]
    assert theta.tolist() == [1.0, 2.0]
    assert gradient.tolist() == [10.0, -10.0]


def test_an_error_in_the_formula_changes_no_parameter():
    class Broken(Optimizer):
        def update(self, theta, gradient):
            theta -= gradient
            raise FloatingPointError("no")

    x = parameter(1.0)
    x.grad = 1.0
    with pytest.raises(FloatingPointError):
        Broken([x], 0.1).step()
    assert x.data == 1.0


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


@pytest.mark.parametrize("rate", [0.0, -0.1, float("nan"), float("inf"), "0.1", None])
def test_a_learning_rate_that_is_not_positive_is_refused(rate):
    with pytest.raises(SettingError, match="learning rate is a positive number") as refusal:
        SGD([parameter(1.0)], learning_rate=rate)
    assert repr(rate) in str(refusal.value)
    assert isinstance(refusal.value, (AutogradError, ValueError))


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


@pytest.mark.parametrize("seed", [0, 1])
def test_micrograds_demo_learns_the_moons(seed):
    X, y = moons(100, noise=0.1, seed=seed)
    y = y * 2 - 1
    model = MLP(2, [16, 16, 1], seed=seed)
    optimizer = SGD(model.parameters(), learning_rate=1.0)
    losses = []
    for k in range(40):
        inputs = [list(map(Value, row)) for row in X]
        scores = list(map(model, inputs))
        data_loss = sum((1 + -yi * s).relu() for yi, s in zip(y, scores, strict=True)) * (1.0 / len(scores))
        loss = data_loss + 1e-4 * sum(p * p for p in model.parameters())
        losses.append(loss.data)
        model.zero_grad()
        loss.backward()
        optimizer.learning_rate = 1.0 - 0.9 * k / 100
        optimizer.step()
    accuracy = np.mean([(yi > 0) == (model(row).data > 0) for row, yi in zip(X, y, strict=True)])
    assert accuracy > 0.9
    assert min(losses) < 0.3 * losses[0]


def test_training_is_bit_identical_from_run_to_run():
    def train():
        X, y = moons(10, seed=3)
        model = MLP(2, [4, 1], "tanh", seed=3)
        optimizer = SGD(model.parameters(), 0.5)
        for _ in range(5):
            loss = sum((model(x) - t) ** 2 for x, t in zip(X, y, strict=True))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return model.state_dict()

    assert train() == train()
