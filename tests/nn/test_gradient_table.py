"""The table of every example's gradient, against slopes by hand and by finite differences."""

import numpy as np
import pytest

from nn import MLP, Dropout, Layer, Neuron, Sequential, gradient_table, moons
from nn.errors import SettingError, ShapeError
from nn.losses import cross_entropy, hinge, squared_error


def test_one_neuron_by_hand():
    neuron = Neuron(3, "linear", initial=lambda rng, nin, nout: [-1.0, 0.5, 10.0])
    neuron.b.data = -2.0
    X, y = np.array([[4.0, -2.0, 1.0], [0.0, 1.0, 0.5]]), np.array([1.0, 2.0])
    table = gradient_table(neuron, X, y, loss=squared_error)
    errors = X @ [-1.0, 0.5, 10.0] - 2.0 - y
    expected = 2 * errors * np.column_stack([X, [1.0, 1.0]]).T
    assert table.names == ["w0", "w1", "w2", "b"]
    assert table.gradients == pytest.approx(expected)
    assert table.average == pytest.approx(expected.mean(axis=1))
    assert [p.data for p in neuron.parameters()] == [-1.0, 0.5, 10.0, -2.0]


def test_columns_are_the_slopes_of_each_examples_loss():
    X, y = moons(5, seed=1)
    model = Sequential(Layer(2, 3, "tanh", seed=0), Dropout(0.5), Layer(3, 2, "linear", seed=1)).eval()
    table = gradient_table(model, X, y, loss=cross_entropy)
    parameters = model.parameters()
    h = 1e-6
    for i in range(5):
        for row, p in enumerate(parameters):
            data = p.data
            above, below = [], []
            for side, change in ((above, h), (below, -h)):
                p.data = data + change
                side.append(cross_entropy(model(X[i]), int(y[i])).data)
            p.data = data
            assert table.gradients[row, i] == pytest.approx((above[0] - below[0]) / (2 * h), abs=1e-7)


def test_as_text():
    neuron = Neuron(1, "linear", initial=lambda rng, nin, nout: [0.0])
    text = str(gradient_table(neuron, np.arange(1.0, 21.0), np.full(20, -0.5), loss=squared_error))
    lines = text.splitlines()
    assert len(lines) == 3
    assert lines[0].split() == ["weight", *"01234567", "…", "average"]
    assert lines[1].split() == ["w0", *(str(i) for i in range(1, 9)), "…", "10.5"]
    assert lines[2].split() == ["b", *["1"] * 8, "…", "1"]


def test_data_that_do_not_fit_are_refused():
    with pytest.raises(ShapeError):
        gradient_table(MLP(2, [1]), [[1.0, 2.0]], [1, 0], loss=hinge)


def test_the_model_stays_as_it_is():
    model = Sequential(Layer(2, 3, "tanh", seed=0), Dropout(0.5), Layer(3, 1, "linear", seed=1))
    for p in model.parameters():
        p.grad = 7.0

    def branching(output, target):
        return output if output > 0 else -output  # which cannot be compiled

    for loss in (hinge, branching):
        gradient_table(model, *moons(6), loss=loss)
        assert {p.grad for p in model.parameters()} == {7.0}
        assert all(part.training for part in model.modules())


def test_a_function_has_no_named_weights():
    with pytest.raises(SettingError, match="takes a Module"):
        gradient_table(lambda x: x, [1.0], [1.0], loss=squared_error)
