"""Whole problems, learned as a user would learn them."""

import numpy as np
import pytest

from nn import MLP, SGD, Adam, cross_entropy, fit, hinge, l2, logic, moons, predict, spirals, train_test_split
from nn.errors import DivergedError


def test_micrograds_demo_separates_the_moons():
    X, y = moons(100)
    model = MLP(2, [16, 16, 1], seed=1)
    history = fit(
        model, X, y, loss=hinge, penalty=l2(1e-4), penalised=model.parameters(),
        optimizer=SGD(model.parameters(), lambda t: 1.0 - 0.9 * t / 100), epochs=100, metrics="accuracy",
    )  # fmt: skip
    assert history.path == "compiled"
    assert history["accuracy"][-1] > 0.98
    assert history["loss"][-1] == pytest.approx(
        np.maximum(0.0, 1.0 - (2 * y - 1) * predict(model, X)).mean()
        + 1e-4 * sum(p.data**2 for p in model.parameters()),
        rel=0.2,  # the loss is that before the last step
    )


@pytest.mark.parametrize("seed", range(5))
def test_an_mlp_solves_xor(seed):
    X, y = logic("xor")
    model = MLP(2, [8, 1], "tanh", initial="xavier", seed=seed)
    fit(model, X, y, loss=hinge, optimizer=Adam(model.parameters(), 0.05), epochs=200)
    assert ((predict(model, X) > 0) == (y == 1)).all()


def test_three_spirals():
    X, y = spirals(300, classes=3, noise=0.02, turns=0.75)
    X, X_test, y, y_test = train_test_split(X, y)
    model = MLP(2, [24, 24, 3], "tanh", initial="xavier", seed=0)
    history = fit(model, X, y, loss=cross_entropy, epochs=400, batch_size=32, metrics="accuracy")
    assert history["accuracy"][-1] > 0.97
    assert np.mean(predict(model, X_test).argmax(axis=1) == y_test) > 0.95


def test_digits():
    data = pytest.importorskip("sklearn.datasets").load_digits()
    X, X_test, y, y_test = train_test_split(data.data / 16.0, data.target, stratify=True)
    model = MLP(64, [32, 10], initial="he", seed=0)
    fit(model, X, y, loss=cross_entropy, optimizer=Adam(model.parameters(), 0.003), epochs=30, batch_size=32)
    assert np.mean(predict(model, X_test).argmax(axis=1) == y_test) > 0.95


def test_a_rate_that_is_too_large_says_what_to_do():
    X, y = moons(50)
    model = MLP(2, [16, 1], "linear", seed=0)
    with pytest.raises(DivergedError, match="smaller learning rate"):
        fit(model, X, 100.0 * y, loss=lambda s, t: (s - t) ** 2, optimizer=SGD(model.parameters(), 10.0), epochs=1000)
