"""dsc-140b: empirical risk, error × blame, mini-batches, backpropagation in matrices, vanishing gradients."""

from itertools import combinations

import numpy as np
import pytest
from worked_examples import EXAMPLES, close

from nn import (
    MLP,
    SGD,
    Neuron,
    Optimizer,
    binary_cross_entropy_with_logits,
    circles,
    fit,
    gradient_table,
    half_squared_error,
    predict,
    squared_error,
)


def weights_of(model):
    return np.array([parameter.data for parameter in model.parameters()])


def relu(z):
    return np.maximum(z, 0.0)


RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(8, 2)), RNG.normal(size=8)
N = len(X)


def prediction_function(seed=1):
    """Return H: a small network of tanh units with one linear output."""
    return MLP(2, [3, 1], "tanh", initial="xavier", seed=seed)


# --- backpropagation in matrix form -----------------------------------------------------------------------------------


def backpropagate(weights, biases, x):
    """Return H, and ∂H/∂W and ∂H/∂b of each layer, by the lecture's four formulas in matrices.

    W leads from row to column. The hidden layers have the activation ReLU, the last one has none.
    """
    a, z = [np.asarray(x)], []
    for w, b in zip(weights, biases, strict=True):
        z.append(w.T @ a[-1] + b)
        a.append(relu(z[-1]) if len(z) < len(weights) else z[-1])
    dw, db, da = [], [], np.ones(1)
    for layer in range(len(weights) - 1, -1, -1):
        dz = da * (z[layer] > 0) if layer < len(weights) - 1 else da  # ∂H/∂z = ∂H/∂a ∘ g′(z)
        dw.insert(0, np.outer(a[layer], dz))  # ∂H/∂W = a (∂H/∂z)ᵀ
        db.insert(0, dz)
        da = weights[layer] @ dz  # ∂H/∂a of the layer below = W ∂H/∂z
    return a[-1].item(), dw, db


def network_with(weights, biases):
    """Return an MLP in which unit j of layer ℓ has column j of W as its weights."""
    model = MLP(weights[0].shape[0], [w.shape[1] for w in weights], "relu")
    for layer, w, b in zip(model.layers, weights, biases, strict=True):
        for neuron, column, bias in zip(layer.neurons, w.T.tolist(), b.tolist(), strict=True):
            neuron.b.data = bias
            for weight, data in zip(neuron.w, column, strict=True):
                weight.data = data
    return model


def gradients_of(model, x):
    """Return ∂H/∂w of every parameter, layer by layer as matrices with a row for each unit and the bias last."""
    table = gradient_table(model, [x], [0.0], loss=lambda output, target: output)
    sizes = [(len(layer.neurons), len(layer.neurons[0].w) + 1) for layer in model.layers]
    parts = np.split(table.gradients[:, 0], np.cumsum([m * n for m, n in sizes])[:-1])
    return [part.reshape(size) for part, size in zip(parts, sizes, strict=True)]


def test_the_relu_network_of_the_slides_built_of_layers():
    numbers = EXAMPLES["relu_net"]
    weights = [np.array(w, dtype=float) for w in ([[2, -3], [2, 1]], [[2, 1], [0, 1]], [[3], [-2]])]
    biases = [np.zeros(2), np.zeros(2), np.zeros(1)]
    model = network_with(weights, biases)
    assert predict(model, [[2.0, 1.0]]).tolist() == [numbers["H"]]
    output, dw, db = backpropagate(weights, biases, [2.0, 1.0])
    assert output == numbers["H"]
    for layer, part in enumerate(gradients_of(model, [2.0, 1.0])):
        assert part[:, :-1].T.tolist() == numbers[f"dW{layer + 1}"] == dw[layer].tolist()
        assert part[:, -1].tolist() == numbers[f"db{layer + 1}"] == db[layer].tolist()


def test_the_four_formulas_in_matrix_form_with_lecture_14s_weights_transposed():
    rng = np.random.default_rng(2)
    shapes = [(3, 5), (5, 4), (4, 1)]
    weights, biases = [rng.normal(size=shape) for shape in shapes], [rng.normal(size=m) for _, m in shapes]
    model = network_with(weights, biases)
    for x in rng.normal(size=(5, 3)):
        output, dw, db = backpropagate(weights, biases, x)
        assert predict(model, [x]) == close([output])
        for part, w, b in zip(gradients_of(model, x), dw, db, strict=True):
            assert part[:, :-1] == close(w.T)  # our rows are lecture-14's W, from which this one's is the transpose
            assert part[:, -1] == close(b)


# --- empirical risk, error and blame ----------------------------------------------------------------------------------


def test_the_loss_of_a_run_is_the_empirical_risk_and_a_step_follows_its_gradient():
    model, before = prediction_function(), weights_of(prediction_function())
    history = fit(model, X, Y, loss=squared_error, optimizer=SGD(model.parameters(), 0.1), epochs=1)
    w, b, v, c = before[:9].reshape(3, 3)[:, :2], before[:9].reshape(3, 3)[:, 2], before[9:12], before[12]

    def risk(theta):
        hidden = np.tanh(X @ theta[:9].reshape(3, 3)[:, :2].T + theta[:9].reshape(3, 3)[:, 2])
        return np.mean((hidden @ theta[9:12] + theta[12] - Y) ** 2)

    assert history["loss"] == close([risk(before)])
    slopes = [(risk(before + 1e-6 * e) - risk(before - 1e-6 * e)) / 2e-6 for e in np.eye(13)]
    assert (before - weights_of(model)) / 0.1 == pytest.approx(slopes, abs=1e-8)
    assert predict(prediction_function(), X) == close(np.tanh(X @ w.T + b) @ v + c)


def test_the_gradient_of_the_risk_is_error_times_blame():
    model = prediction_function()
    blame = gradient_table(model, X, Y, loss=lambda output, target: output).gradients  # ∇H at each point
    error = predict(model, X) - Y
    theta = weights_of(model)
    w, b, v = theta[:9].reshape(3, 3)[:, :2], theta[:9].reshape(3, 3)[:, 2], theta[9:12]
    hidden = np.tanh(X @ w.T + b)
    into_z = v * (1 - hidden**2)  # ∂H/∂z of each hidden unit, by hand
    by_hand = np.concatenate(
        [*(np.stack([into_z[:, j] * X[:, 0], into_z[:, j] * X[:, 1], into_z[:, j]]) for j in range(3)), hidden.T]
    )
    assert blame == close(np.vstack([by_hand, np.ones(N)]))
    each = gradient_table(model, X, Y, loss=squared_error)
    assert each.gradients == close(2 * error * blame)
    assert each.average == close(2 / N * blame @ error)


def test_a_point_without_error_or_without_blame_changes_nothing():
    model = prediction_function()
    model.layers[1].neurons[0].w[0].data = 0.0  # hidden unit 0 has no say in H
    exact = predict(model, X)
    assert gradient_table(model, X, exact, loss=squared_error).gradients == close(np.zeros((13, N)))
    assert (gradient_table(model, X, Y, loss=squared_error).gradients[:3] == 0.0).all()


# --- mini-batches -----------------------------------------------------------------------------------------------------


class Recorder(Optimizer):
    """Notes the gradient of every batch and stays where it is."""

    def __init__(self, parameters):
        super().__init__(parameters, 1.0)
        self.gradients = []

    def formula(self, theta, gradient):
        self.gradients.append(gradient.copy())
        return theta.copy()


def gradients_of_batches(size, x=X, y=Y, **settings):
    """Return the gradient of each mini-batch that ``fit`` takes, all at the same weights."""
    model = prediction_function()
    recorder = Recorder(model.parameters())
    fit(model, x, y, loss=squared_error, optimizer=recorder, batch_size=size, **settings)
    return np.array(recorder.gradients)


def spread(gradients, center):
    """Return the mean squared distance from the center."""
    return np.mean(np.sum((gradients - center) ** 2, axis=1))


@pytest.mark.parametrize("size", range(1, N + 1))
def test_over_all_mini_batches_the_gradient_is_unbiased_and_its_variance_falls_as_one_over_the_size(size):
    each = gradient_table(prediction_function(), X, Y, loss=squared_error).gradients.T
    full = each.mean(axis=0)
    subsets = np.array(list(combinations(range(N), size)))
    everything = subsets.ravel()
    gradients = gradients_of_batches(size, X[everything], Y[everything], shuffle=False, epochs=1)
    assert len(gradients) == len(subsets)
    assert gradients == close(np.array([each[rows].mean(axis=0) for rows in subsets]))
    assert gradients.mean(axis=0) == close(full)
    # Of a finite population of N without repetition: S²/|B| · (1 - |B|/N).
    variance = np.sum((each - full) ** 2) / (N - 1)
    assert spread(gradients, full) == close(variance / size * (1 - size / N))


@pytest.mark.parametrize("size", [1, 2])
def test_with_repetition_the_variance_is_that_of_one_example_over_the_size(size):
    each = gradient_table(prediction_function(), X, Y, loss=squared_error).gradients.T
    tuples = np.array(list(np.ndindex(*[N] * size))).ravel()
    gradients = gradients_of_batches(size, X[tuples], Y[tuples], shuffle=False, epochs=1)
    assert gradients.mean(axis=0) == close(each.mean(axis=0))
    assert spread(gradients, each.mean(axis=0)) == close(spread(each, each.mean(axis=0)) / size)


def test_the_batches_that_fit_draws_have_this_mean_and_this_variance():
    each = gradient_table(prediction_function(), X, Y, loss=squared_error).gradients.T
    full, variance = each.mean(axis=0), np.sum((each - each.mean(axis=0)) ** 2) / (N - 1)
    measured = {}
    for size in (1, 2, 4):
        gradients = gradients_of_batches(size, epochs=600)
        by_epoch = gradients.reshape(600, N // size, -1).mean(axis=1)
        assert by_epoch == pytest.approx(np.tile(full, (600, 1)), abs=1e-12)  # an epoch takes every example once
        measured[size] = spread(gradients, full)
        assert measured[size] == pytest.approx(variance / size * (1 - size / N), rel=0.05)
    assert measured[1] > 2 * measured[2] > 4 * measured[4]
    assert gradients_of_batches(None, epochs=2) == close(np.array([full, full]))


def test_a_mini_batch_step_divides_by_the_batchs_size_as_the_slides_sum_does_not():
    size, rate = 3, 0.05
    batches = [slice(k, k + size) for k in range(0, N, size)]  # the last one has two

    def follow(divide):
        model, theta = prediction_function(), weights_of(prediction_function())
        for batch in batches:
            for parameter, data in zip(model.parameters(), theta, strict=True):
                parameter.data = data
            slopes = gradient_table(model, X[batch], Y[batch], loss=half_squared_error).gradients.sum(axis=1)
            theta = theta - rate * slopes / (len(X[batch]) if divide else 1)
        return theta

    for reduce in ("mean", "sum"):
        model = prediction_function()
        fit(
            model, X, Y, loss=half_squared_error, optimizer=SGD(model.parameters(), rate), epochs=1, batch_size=size,
            shuffle=False, reduce=reduce,
        )  # fmt: skip
        assert weights_of(model) == close(follow(divide=reduce == "mean"))
    assert follow(True) != pytest.approx(follow(False), rel=0.01)


def test_sgd_solves_least_squares_too_the_sooner_the_smaller_and_the_closer_the_larger_its_batches_are():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(200, 2))
    y = x @ [2.0, -1.0] + 0.5 + 0.3 * rng.normal(size=200)
    design = np.column_stack([x, np.ones(200)])
    best = np.linalg.lstsq(design, y, rcond=None)[0]
    least = np.mean((design @ best - y) ** 2)
    early, late = {}, {}
    for size in (1, 10, None):
        model, path = Neuron(2, "linear", seed=0), []
        fit(
            model, x, y, loss=squared_error, optimizer=SGD(model.parameters(), 0.02), epochs=60, batch_size=size,
            callbacks=lambda training, path=path: path.append(training.theta),
        )  # fmt: skip
        excess = [np.mean((design @ theta - y) ** 2) - least for theta in path]
        early[size], late[size] = excess[0], np.mean(excess[-30:])
    assert early[1] < 0.1 * early[10] < 0.1 * early[None]  # many noisy steps lead further than few exact ones
    assert late[10] < 0.1 * late[1]
    assert late[1] < 0.2 * least  # |B| = 1 still works, though it does not come to rest


# --- vanishing gradients ----------------------------------------------------------------------------------------------

DEPTH, WIDTH = 8, 10


def deep(activation, initial, seed=0):
    return MLP(2, [*[WIDTH] * DEPTH, 1], activation, initial=initial, seed=seed)


def norms_by_layer(model, x, y):
    """Return the length of the average gradient of each layer's parameters."""
    table = gradient_table(model, x, y, loss=binary_cross_entropy_with_logits)
    layer_of = np.array([int(name.split(".")[1]) for name in table.names])
    return np.array([np.linalg.norm(table.average[layer_of == k]) for k in range(DEPTH + 1)])


def matrix(layer):
    return np.array([[w.data for w in neuron.w] for neuron in layer.neurons])


@pytest.mark.parametrize("initial", ["xavier", "he", "uniform"])
def test_sigmoids_shrink_every_delta_by_a_quarter_of_the_weights_norm_at_least(initial):
    x, y = circles(20, seed=1)
    model = deep("sigmoid", initial)
    table = gradient_table(model, x, y, loss=binary_cross_entropy_with_logits)
    deltas = [
        table.gradients[[name.startswith(f"layers.{k}.") and name.endswith("b") for name in table.names]]
        for k in range(DEPTH + 1)
    ]
    for k in range(DEPTH):
        bound = 0.25 * np.linalg.norm(matrix(model.layers[k + 1]), 2)  # δ = σ′ ∘ Wᵀδ of the next, and σ′ ≤ ¼
        lengths, above = (np.linalg.norm(delta, axis=0) for delta in deltas[k : k + 2])
        assert (lengths > 0).all()
        assert (lengths <= bound * above * (1 + 1e-12)).all()


@pytest.mark.parametrize("seed", range(5))
def test_gradients_vanish_towards_the_front_with_sigmoids_and_not_with_relu(seed):
    x, y = circles(60, seed=1)
    sigmoids, rectifiers = (norms_by_layer(deep(f, "he", seed), x, y) for f in ("sigmoid", "relu"))
    ratio = {"sigmoid": sigmoids[0] / sigmoids[-1], "relu": rectifiers[0] / rectifiers[-1]}
    # The same weights for both. Through 8 layers a δ is multiplied by at most (¼ ‖W‖)⁸, and typically by (¼ √2)⁸ =
    # 2e-4, since he's weights preserve lengths behind ReLU, which lets half of the slopes through: √2 with all of them.
    assert ratio["sigmoid"] < 1e-3
    assert ratio["relu"] > 0.05
    assert ratio["relu"] > 500 * ratio["sigmoid"]


def test_early_layers_are_slower_to_train():
    x, y = circles(60, noise=0.05, seed=1)
    accuracy, moved = {}, {}
    for activation in ("sigmoid", "relu"):
        model = deep(activation, "he", seed=0)
        before = [matrix(layer) for layer in model.layers]
        history = fit(
            model, x, y, loss=binary_cross_entropy_with_logits, optimizer=SGD(model.parameters(), 0.1), epochs=300,
            metrics="accuracy",
        )  # fmt: skip
        accuracy[activation] = history.last("accuracy")
        steps = [np.linalg.norm(matrix(layer) - w) for layer, w in zip(model.layers, before, strict=True)]
        moved[activation] = steps[0] / steps[-1]
    assert accuracy["relu"] > 0.95 > 0.7 > accuracy["sigmoid"]
    assert moved["sigmoid"] < 0.01 < 0.1 < moved["relu"]
