"""Optimisers at work: on Values and on programs, in loops that users write."""

import numpy as np
import pytest

import autograd
from autograd import Value
from nn import MLP, SGD, moons
from nn.optimizers import VSGD, Adam


def test_a_program_learns_by_update():
    X, y = moons(100, noise=0.1, seed=0)
    model = MLP(2, [8, 1], "tanh", seed=1)
    optimizer = Adam(model.parameters(), 0.02)
    program = autograd.compile(
        lambda point, sign: (-sign * model(point)).softplus(), [0.0, 0.0], 1.0, parameters=optimizer.parameters
    )
    for _ in range(300):
        loss, gradient = program.value_and_grad(X, 2 * y - 1)
        program.theta = optimizer.update(program.theta, gradient)
    assert loss < 0.1


def test_vsgd_learns_by_a_program_that_hands_out_its_own_arrays():
    X, y = moons(100, noise=0.1, seed=0)
    model = MLP(2, [8, 1], "tanh", seed=1)
    optimizer = VSGD(model.parameters())
    program = autograd.compile(
        lambda point, sign: (-sign * model(point)).softplus(), [0.0, 0.0], 1.0, parameters=optimizer.parameters
    )
    buffer, twin, theta = np.empty(len(optimizer.parameters)), VSGD(model.parameters()), program.theta.copy()

    def careless(shifted):  # moves program.theta and writes over the gradient it returned before
        program.theta = shifted
        return program.value_and_grad(X, 2 * y - 1, out=buffer)[1]

    def careful(shifted):
        program.theta = shifted
        return program.value_and_grad(X, 2 * y - 1)[1]

    for _ in range(40):
        expected = twin.update(theta, careful(theta), careful)
        program.theta = theta
        careless(theta)
        program.theta = optimizer.update(program.theta, buffer, careless)
        assert program.theta.tolist() == expected.tolist()
        theta = expected


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
