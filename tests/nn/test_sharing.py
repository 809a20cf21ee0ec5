"""One parameter in several places: a tied autoencoder, weights of a window, the bias of a layer."""

import copy
import pickle

import numpy as np
import pytest

import autograd
from autograd import parameter
from nn import SGD, Layer, Module
from nn.errors import StateError


class Autoencoder(Module):
    """x ↦ Wᵀ tanh(W x + b) + c: the decoder's weights are the encoder's, transposed."""

    def __init__(self, nin, hidden, seed=0):
        self.encoder = Layer(nin, hidden, "tanh", initial="xavier", seed=seed)
        self.decoder = Layer(hidden, nin, "linear")
        for i, neuron in enumerate(self.decoder.neurons):
            neuron.w = [other.w[i] for other in self.encoder.neurons]
        self.label_parameters()

    def __call__(self, x):
        return self.decoder(self.encoder(x))

    def loss(self, x):
        return autograd.sum([(a - b) ** 2 for a, b in zip(self(x), x, strict=True)])


def arrays(model):
    W = np.array([[w.data for w in n.w] for n in model.encoder.neurons])
    return W, *(np.array([n.b.data for n in layer.neurons]) for layer in (model.encoder, model.decoder))


def loss_and_slopes(W, b, c, x):
    """Return the loss and its slopes in W, b and c, written by hand: W receives from both of its places."""
    h = np.tanh(W @ x + b)
    error = 2 * (W.T @ h + c - x)
    delta = (W @ error) * (1 - h * h)
    return np.sum((W.T @ h + c - x) ** 2), np.outer(delta, x) + np.outer(h, error), delta, error


X = np.random.default_rng(1).normal(size=(8, 4))


def test_gradients_of_both_places_add_up():
    model = Autoencoder(4, 3)
    loss = model.loss(X[0])
    loss.backward()
    value, dW, db, dc = loss_and_slopes(*arrays(model), X[0])
    assert loss.data == pytest.approx(value, rel=1e-13)
    assert [[w.grad for w in n.w] for n in model.encoder.neurons] == [pytest.approx(row, rel=1e-12) for row in dW]
    assert [n.b.grad for n in model.encoder.neurons] == pytest.approx(db, rel=1e-12)
    assert [n.b.grad for n in model.decoder.neurons] == pytest.approx(dc, rel=1e-12)


def test_it_is_listed_saved_and_labelled_once_by_its_first_place():
    model = Autoencoder(4, 3)
    assert len(model.parameters()) == len(set(model.parameters())) == 4 * 3 + 3 + 4
    assert list(model.state_dict()) == [
        *(f"encoder.{i}.{name}" for i in range(3) for name in ("w0", "w1", "w2", "w3", "b")),
        *(f"decoder.{i}.b" for i in range(4)),
    ]
    assert [p.label for p in model.parameters()] == list(model.state_dict())
    assert len(model.weights()) == 12
    assert model.summary().total == 19
    assert [row.shared for row in model.summary().rows] == ["", "12 with encoder"]


def test_a_step_moves_it_once_by_the_whole_gradient():
    model = Autoencoder(4, 3)
    W, b, c = arrays(model)
    _, dW, db, dc = loss_and_slopes(W, b, c, X[0])
    optimizer = SGD(model.parameters(), learning_rate=0.1)
    model.loss(X[0]).backward()
    optimizer.step()
    for now, before, slope in zip(arrays(model), (W, b, c), (dW, db, dc), strict=True):
        assert now == pytest.approx(before - 0.1 * slope, rel=1e-12)
    assert all(model.decoder.neurons[i].w[j] is model.encoder.neurons[j].w[i] for i in range(4) for j in range(3))
    model.zero_grad()
    assert not any(p.grad for p in model.parameters())


def test_it_compiles():
    model = Autoencoder(4, 3)
    program = autograd.compile(model.loss, [0.0] * 4)
    assert len(program.parameters) == 19
    values, gradient = program.value_and_grad(X, reduce="mean")
    by_parameter = dict(zip(program.parameters, gradient, strict=True))
    samples = [loss_and_slopes(*arrays(model), x) for x in X]
    assert values == pytest.approx(np.mean([s[0] for s in samples]), rel=1e-12)
    for place, slopes in (("W", 1), ("b", 2), ("c", 3)):
        expected = np.mean([s[slopes] for s in samples], axis=0)
        layer = model.decoder if place == "c" else model.encoder
        got = [[by_parameter[w] for w in n.w] if place == "W" else by_parameter[n.b] for n in layer.neurons]
        assert np.array(got) == pytest.approx(expected, rel=1e-11), place


def test_a_state_goes_into_another_tied_model_but_not_into_an_untied_one(tmp_path):
    model, twin = Autoencoder(4, 3, seed=1), Autoencoder(4, 3, seed=2)
    model.save(tmp_path / "tied")
    twin.load(tmp_path / "tied")
    assert [y.data for y in twin(X[0])] == [y.data for y in model(X[0])]
    untied = Autoencoder(4, 3)
    untied.decoder = Layer(3, 4, "linear")
    with pytest.raises(StateError, match=r"it lacks 'decoder.0.w0'"):
        untied.load(tmp_path / "tied")
    with pytest.raises(StateError, match=r"the model has no 'decoder.0.w0'"):
        model.load_state_dict(untied.state_dict())


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])  # noqa: S301  # our own
def test_a_copy_is_tied_within_itself(copied):
    model = Autoencoder(4, 3)
    twin = copied(model)
    assert len(twin.parameters()) == 19
    twin.encoder.neurons[0].w[0].data = 9.0
    assert twin.decoder.neurons[0].w[0].data == 9.0
    assert abs(model.decoder.neurons[0].w[0].data) < 1.0


def test_a_convolution_by_hand_shares_one_window():
    """Three neurons with the same three weights slide along five inputs."""
    window, bias = [parameter(x) for x in (0.5, -1.0, 0.25)], parameter(0.1)
    layer = Layer(3, 3, "linear")
    for neuron in layer.neurons:
        neuron.w, neuron.b = window, bias
    x = np.array([1.0, 2.0, -1.0, 0.5, 3.0])
    outputs = [neuron(x[i : i + 3]) for i, neuron in enumerate(layer.neurons)]
    assert [o.data for o in outputs] == pytest.approx(np.correlate(x, [0.5, -1.0, 0.25], "valid") + 0.1)
    sum(outputs).backward()
    assert [w.grad for w in window] == pytest.approx([x[i : i + 3].sum() for i in range(3)])
    assert bias.grad == 3.0
    assert len(layer.parameters()) == 4


def test_untying_gives_the_place_a_parameter_of_its_own():
    model = Autoencoder(2, 1)
    model.decoder.neurons[0].w[0] = parameter(5.0)
    model.label_parameters()
    assert len(model.parameters()) == 2 + 1 + 2 + 1
    assert model.decoder.neurons[0].w[0].label == "decoder.0.w0"
    assert model([0.0, 0.0])[0].data == 0.0


def test_an_array_of_parameters_and_its_transpose_are_one():
    class Matrix(Module):
        def __init__(self):
            self.W = np.array([[parameter(1.0), parameter(2.0)], [parameter(3.0), parameter(4.0)]])
            self.transposed = self.W.T
            self.label_parameters()

        def __call__(self, x):
            return self.transposed @ [h.tanh() for h in self.W @ x]

    model = Matrix()
    assert list(model.state_dict()) == ["W.0.0", "W.0.1", "W.1.0", "W.1.1"]
    out = model(np.array([0.1, -0.2]))
    W = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert [o.data for o in out] == pytest.approx(W.T @ np.tanh(W @ [0.1, -0.2]))
    assert [(row.path, row.parameters, row.shared) for row in model.summary().rows] == [
        ("W", 4, ""),
        ("transposed", 0, "4 with W"),
    ]
