"""Pre-training layer by layer: what it learns, what it leaves alone, and that it helps."""

import numpy as np
import pytest

from nn import MLP, SGD, moons, predict, pretrain
from nn.errors import SettingError

X = moons(60, seed=2)[0]


def test_hidden_layers_learn_one_after_the_other_and_the_last_stays():
    model = MLP(2, [5, 3, 1], "tanh", initial="xavier", seed=0)
    before = model.state_dict()
    labels = [p.label for p in model.parameters()]
    histories = pretrain(model, X, epochs=30)
    assert len(histories) == 2
    assert all(history["loss"][-1] < 0.6 * history["loss"][0] for history in histories)
    after = model.state_dict()
    changed = {name.split(".")[1] for name in before if before[name] != after[name]}
    assert changed == {"0", "1"}
    assert [p.label for p in model.parameters()] == labels


def test_a_linear_code_of_as_many_units_reconstructs_its_input():
    model = MLP(2, [2, 1], "linear", initial="xavier", seed=1)
    history = pretrain(model, X, epochs=800)[0]
    assert history["loss"][-1] < 1e-3


def test_one_linear_unit_finds_the_direction_of_largest_variance():
    direction = np.array([0.8, 0.6])
    points = np.outer(np.linspace(-1.0, 1.0, 40), direction)
    model = MLP(2, [1, 1], "linear", initial="xavier", seed=1)
    pretrain(model, points, epochs=600)
    codes = predict(model.layers[0], points)
    assert abs(np.corrcoef(codes, points @ direction)[0, 1]) > 0.9999
    weights = np.array([w.data for w in model.layers[0].neurons[0].w])
    assert abs(weights @ direction) > 0.1


def test_the_optimiser_and_the_seed_are_taken():
    runs = [
        pretrain(MLP(2, [3, 1], "tanh", seed=0), X, epochs=3, seed=seed, optimizer=lambda p: SGD(p, 0.1))[0]
        for seed in (1, 1, 2)
    ]
    assert runs[0] == runs[1] != runs[2]
    assert (runs[0]["learning_rate"] == 0.1).all()


@pytest.mark.parametrize("model", [MLP(2, [1]), len])
def test_a_model_without_hidden_layers_is_refused(model):
    with pytest.raises(SettingError, match="hidden layer"):
        pretrain(model, X)


def test_an_optimiser_of_other_parameters_is_refused():
    model = MLP(2, [3, 1])
    with pytest.raises(SettingError, match="lambda parameters: SGD"):
        pretrain(model, X, optimizer=SGD(model.parameters(), 0.1))
