"""lecture-14: stochastic gradient descent on one sigmoid neuron and on two layers, V and W; hidden units as lines."""

from itertools import pairwise

import numpy as np
import pytest
from worked_examples import close

from nn import (
    MLP,
    SGD,
    Adam,
    LogisticRegression,
    Neuron,
    Perceptron,
    fit,
    gradient_table,
    logic,
    predict,
    squared_error,
)
from nn.metrics import accuracy


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def neuron_with(weights, bias, activation="sigmoid"):
    neuron = Neuron(len(weights), activation, initial=lambda rng, nin, nout: weights)
    neuron.b.data = bias
    return neuron


def matrix(layer):
    """Return a layer's weights with its biases as column 0, as the slides write W and V (x₀ = h₀ = 1)."""
    return np.array([[neuron.b.data, *(w.data for w in neuron.w)] for neuron in layer.neurons])


def network_with(*matrices):
    """Return a network of sigmoids with these weights; column 0 are the biases."""
    sizes = [matrices[0].shape[1] - 1, *(len(rows) for rows in matrices)]
    model = MLP(sizes[0], sizes[1:], "sigmoid", output_activation="sigmoid")
    for layer, rows in zip(model.layers, matrices, strict=True):
        for neuron, (bias, *weights) in zip(layer.neurons, rows.tolist(), strict=True):
            neuron.b.data = bias
            for w, data in zip(neuron.w, weights, strict=True):
                w.data = data
    return model


# --- one sigmoid neuron -----------------------------------------------------------------------------------------------

TEACHER = np.array([1.5, -2.0, 0.5, -1.0])  # w, then b


def taught(samples=60, seed=4):
    """Return points and what a neuron with the teacher's weights says of them."""
    X = np.random.default_rng(seed).normal(size=(samples, 3))
    return X, sigmoid(X @ TEACHER[:3] + TEACHER[3])


def test_sgd_on_one_sigmoid_neuron_follows_w_minus_tau_delta_x():
    X, y = taught()
    chosen = np.random.default_rng(5).integers(len(X), size=300)  # i_t, uniformly at random, so with repetitions
    w, b, tau, losses = np.array([0.1, 0.2, -0.3]), 0.4, 0.8, []
    for i in chosen:
        y_hat = sigmoid(X[i] @ w + b)
        losses.append((y[i] - y_hat) ** 2)
        delta = 2 * (y_hat - y[i]) * y_hat * (1 - y_hat)
        w, b = w - tau * delta * X[i], b - tau * delta
    model = neuron_with([0.1, 0.2, -0.3], 0.4)
    optimizer = SGD(model.parameters(), tau)
    history = fit(
        model, X[chosen], y[chosen], loss=squared_error, optimizer=optimizer, epochs=1, batch_size=1, shuffle=False
    )
    assert [v.data for v in model.w] == close(w)
    assert model.b.data == close(b)
    assert history["step_loss"] == close(losses)


def test_sgd_learns_the_weights_of_the_neuron_that_taught_it():
    X, y = taught()
    model = neuron_with([0.0, 0.0, 0.0], 0.0)
    optimizer = SGD(model.parameters(), 2.0)
    history = fit(model, X, y, loss=squared_error, optimizer=optimizer, epochs=120, batch_size=1)
    assert [v.data for v in model.parameters()] == pytest.approx(TEACHER, abs=0.01)
    assert history.last("loss") < 1e-4 * history["loss"][0]


# --- two layers -------------------------------------------------------------------------------------------------------


def test_sgd_on_two_layers_updates_v_by_delta_and_w_by_gamma():
    rng = np.random.default_rng(6)
    W, V = rng.normal(size=(4, 3)), rng.normal(size=(2, 5))  # 2 inputs, M = 4 hidden nodes, 2 outputs, and biases
    X, Y, tau = rng.normal(size=(50, 2)), rng.uniform(size=(50, 2)), 0.6
    model = network_with(W, V)
    for x_i, y_i in zip(X, Y, strict=True):
        x = np.array([1.0, *x_i])
        h = np.array([1.0, *sigmoid(W @ x)])
        y_hat = sigmoid(V @ h)
        delta = 2 * (y_hat - y_i) * y_hat * (1 - y_hat)
        gamma = (V[:, 1:].T @ delta) * h[1:] * (1 - h[1:])
        V, W = V - tau * np.outer(delta, h), W - tau * np.outer(gamma, x)  # the slides have h δᵀ and x γᵀ
    optimizer = SGD(model.parameters(), tau)
    history = fit(model, X, Y, loss=squared_error, optimizer=optimizer, epochs=1, batch_size=1, shuffle=False)
    assert history.path == "compiled"
    assert matrix(model.layers[0]) == close(W)
    assert matrix(model.layers[1]) == close(V)


@pytest.mark.parametrize("sizes", [(3, 2), (2, 4, 1), (3, 5, 4, 2)])
def test_the_delta_recursion_in_matrix_form_is_every_examples_gradient_of_a_network_of_layers(sizes):
    rng = np.random.default_rng(7)
    matrices = [rng.normal(size=(m, n + 1)) for n, m in pairwise(sizes)]
    model = network_with(*matrices)
    X, Y = rng.normal(size=(6, sizes[0])), rng.uniform(size=(6, sizes[-1]))
    table = gradient_table(model, X, Y, loss=squared_error)
    columns = []
    for x, y in zip(X, Y, strict=True):
        a = [x]
        for rows in matrices:
            a.append(sigmoid(rows[:, 1:] @ a[-1] + rows[:, 0]))  # z^l = W^l a^(l-1) + b^l
        delta, slopes = 2 * (a[-1] - y) * a[-1] * (1 - a[-1]), []
        for layer in range(len(matrices), 0, -1):
            # ∇f(W^l) = δ^l (a^(l-1))ᵀ beside ∇f(b^l) = δ^l: a row for each unit, in the order of its parameters
            slopes.insert(0, np.column_stack([np.outer(delta, a[layer - 1]), delta]).ravel())
            if layer > 1:
                delta = matrices[layer - 1][:, 1:].T @ delta * a[layer - 1] * (1 - a[layer - 1])
        columns.append(np.concatenate(slopes))
    assert table.gradients == close(np.array(columns).T)


# --- hidden nodes: lines in the input plane, and features -------------------------------------------------------------


def line(neuron):
    """Return a point of the line w·x + b = 0 that a unit draws, -b w / ‖w‖², and its direction, (-w₂, w₁) / ‖w‖."""
    w, b = np.array([v.data for v in neuron.w]), neuron.b.data
    length = np.linalg.norm(w)
    return -b * w / length**2, np.array([-w[1], w[0]]) / length


def learned_xor():
    """Return noisy points of XOR, and a network with three hidden nodes that has learned them."""
    X, y = logic("xor", n=80, noise=0.25, seed=1, inputs=(-1.0, 1.0))
    model = MLP(2, [3, 1], "sigmoid", output_activation="sigmoid", initial="xavier", seed=0)
    optimizer = Adam(model.parameters(), learning_rate=0.1)
    fit(model, X, y, loss=squared_error, optimizer=optimizer, epochs=400)
    assert accuracy(predict(model, X), y, threshold=0.5) == 1.0
    return X, y, model


def test_each_hidden_node_is_a_line_in_the_input_plane():
    _, _, model = learned_xor()
    for neuron in model.layers[0].neurons:
        point, direction = line(neuron)
        along = point + np.linspace(-3.0, 3.0, 7)[:, None] * direction
        w = np.array([v.data for v in neuron.w])
        net_input = neuron_with(w.tolist(), neuron.b.data, "linear")
        assert predict(net_input, along) == pytest.approx(np.zeros(7), abs=1e-12)
        assert predict(neuron, along) == pytest.approx(np.full(7, 0.5), abs=1e-12)
        assert (predict(neuron, along + 0.01 * w) > 0.5).all()  # w points to the side where it fires
        assert (predict(neuron, along - 0.01 * w) < 0.5).all()
        assert np.linalg.norm(point) < 1.5  # it runs between the points


def test_the_output_is_a_line_classifier_on_the_hidden_nodes_features():
    X, y, model = learned_xor()
    hidden, output = model.layers
    features = predict(hidden, X)
    assert features.shape == (80, 3)
    assert predict(model, X) == close(predict(output, features))
    z = features @ matrix(output)[0, 1:] + matrix(output)[0, 0]
    assert np.array_equal(z > 0, y == 1)


def test_features_are_linearly_separable_where_the_inputs_are_not():
    X, y, model = learned_xor()
    features = predict(model.layers[0], X)
    # The convergence procedure ends if, and only if, there are weights that get all right.
    assert Perceptron(3).fit(features, y).converged
    # The corners' four means show that there are none for the inputs: no line has (0, 0) and (1, 1) on one side and
    # (0, 1) and (1, 0) on the other, if the two diagonals cross.
    same, different = (np.array([X[k::4].mean(axis=0) for k in corners]) for corners in ((0, 3), (1, 2)))
    share = np.linalg.solve(np.stack([same[1] - same[0], different[0] - different[1]], axis=1), different[0] - same[0])
    assert (share > 0).all()
    assert (share < 1).all()
    assert not Perceptron(2).fit(X, y, epochs=200).converged


def test_few_hidden_nodes_are_low_dimensional_features():
    rng = np.random.default_rng(8)
    corners, y = logic("xor", n=120, noise=0.25, seed=3, inputs=(-1.0, 1.0))
    askew = np.linalg.qr(rng.normal(size=(10, 10)))[0][:2]
    X = corners @ askew + 0.05 * rng.normal(size=(120, 10))  # a plane in ten dimensions, nearly
    unit = LogisticRegression(10)
    unit.fit(X, y)
    assert accuracy(predict(unit, X), y, threshold=0.5) < 0.75
    model = MLP(10, [3, 1], "sigmoid", output_activation="sigmoid", initial="xavier", seed=0)
    optimizer = Adam(model.parameters(), learning_rate=0.1)
    fit(model, X, y, loss=squared_error, optimizer=optimizer, epochs=400)
    features = predict(model.layers[0], X)
    assert features.shape == (120, 3)
    unit = LogisticRegression(3)
    unit.fit(features, y, learning_rate=4.0)
    assert accuracy(predict(unit, features), y, threshold=0.5) == 1.0
