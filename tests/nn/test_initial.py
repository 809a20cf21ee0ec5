import numpy as np
import pytest

from nn import MLP, Layer, Neuron
from nn.errors import SettingError


def numbers(model):
    return [p.data for p in model.parameters()]


@pytest.mark.parametrize("initial", ["uniform", "xavier", "he"])
def test_the_same_seed_gives_the_same_weights_and_another_seed_others(initial):
    assert numbers(MLP(3, [4, 2], initial=initial, seed=8)) == numbers(MLP(3, [4, 2], initial=initial, seed=8))
    assert numbers(MLP(3, [4, 2], initial=initial, seed=8)) != numbers(MLP(3, [4, 2], initial=initial, seed=9))


def test_without_a_seed_every_model_is_another():
    assert numbers(MLP(3, [4, 2])) != numbers(MLP(3, [4, 2]))


def test_one_generator_draws_all_weights_so_no_two_are_equal():
    weights = [w.data for w in MLP(3, [4, 4, 4], seed=0).weights()]
    assert len(set(weights)) == len(weights)


def test_a_generator_goes_on_where_it_was():
    rng = np.random.Generator(np.random.PCG64(3))
    first, second = Neuron(2, seed=rng), Neuron(2, seed=rng)
    pair = Layer(2, 2, seed=3)
    assert numbers(first) + numbers(second) == numbers(pair)


# PCG64(0).random() begins 0.6369616873214543, 0.2697867137638703, 0.04097352393619469, 0.016527635528529094.
def test_first_weights_of_seed_0_never_change():
    u = [0.6369616873214543, 0.2697867137638703, 0.04097352393619469, 0.016527635528529094]
    assert numbers(Neuron(2, initial="uniform", seed=0)) == [2 * u[0] - 1, 2 * u[1] - 1, 0.0]
    layer = Layer(2, 2, initial="xavier", seed=0)  # √(6 / 4)
    assert [w.data for w in layer.weights()] == pytest.approx([1.5**0.5 * (2 * x - 1) for x in u], rel=1e-15)
    expected = [(-2 * np.log(1 - a)) ** 0.5 * np.cos(2 * np.pi * b) for a, b in ((u[0], u[2]), (u[1], u[3]))]
    assert [w.data for w in Neuron(2, initial="he", seed=0).w] == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize(
    ("initial", "variance", "bound"),
    [("uniform", 1 / 3, 1.0), ("xavier", 2 / (300 + 100), (6 / 400) ** 0.5), ("he", 2 / 300, np.inf)],
)
def test_scales_are_those_of_the_papers(initial, variance, bound):
    weights = np.array([w.data for w in Layer(300, 100, initial=initial, seed=1).weights()])
    assert weights.var() == pytest.approx(variance, rel=0.03)
    assert abs(weights.mean()) < 4 * (variance / weights.size) ** 0.5
    assert np.abs(weights).max() <= bound
    kurtosis = np.mean((weights - weights.mean()) ** 4) / weights.var() ** 2
    assert kurtosis == pytest.approx(3.0 if initial == "he" else 1.8, rel=0.05)  # normal, or uniform


def test_he_keeps_the_size_of_signals_through_ten_relu_layers():
    layers = MLP(100, [100] * 10, initial="he", seed=4).layers
    a = np.random.default_rng(0).normal(size=(100, 50))
    before = np.mean(a**2)
    for layer in layers:
        a = np.maximum(np.array([[w.data for w in n.w] for n in layer.neurons]) @ a, 0.0)
    assert 0.2 < np.mean(a**2) / before * 2 < 5.0  # relu halves the mean square once more at the end


def test_biases_start_at_0():
    for initial in ("uniform", "xavier", "he"):
        assert [n.b.data for n in Layer(3, 4, initial=initial).neurons] == [0.0] * 4


def test_a_function_gives_the_weights_of_one_neuron():
    calls = []

    def initial(rng, nin, nout):
        calls.append((type(rng), nin, nout))
        return np.arange(nin)

    model = MLP(2, [3, 1], initial=initial)
    assert calls == [(np.random.Generator, 2, 3)] * 3 + [(np.random.Generator, 3, 1)]
    assert [w.data for w in model.layers[1].neurons[0].w] == [0.0, 1.0, 2.0]


def test_what_is_no_initialisation_is_refused():
    with pytest.raises(SettingError, match="'xaver'; choose one of uniform, xavier, he"):
        Neuron(2, initial="xaver")
    with pytest.raises(SettingError, match="None; choose one of"):
        Neuron(2, initial=None)
    with pytest.raises(SettingError, match="3 weights for a neuron with 2 inputs"):
        Neuron(2, initial=lambda *_: [1.0, 2.0, 3.0])
