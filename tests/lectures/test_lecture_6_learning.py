"""lecture-6: online, mini-batch and batch learning, the example it links to (Mazur), cross-entropy with λ/2m Σθ²."""

import numpy as np
import pytest
from worked_examples import EXAMPLES, close

from nn import (
    MLP,
    SGD,
    Neuron,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    fit,
    gradient_table,
    half_squared_error,
    l2,
    mean_squared_error,
    predict,
    squared_error,
)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def weights_of(model):
    return np.array([parameter.data for parameter in model.parameters()])


def set_weights(model, numbers):
    for parameter, data in zip(model.parameters(), numbers, strict=True):
        parameter.data = data
    return model


# --- online, mini-batch and batch -------------------------------------------------------------------------------------

RNG = np.random.default_rng(0)
X, T = RNG.normal(size=(12, 3)), RNG.uniform(size=(12, 2))  # N = 12 examples, m₀ = 3 inputs, M = 2 outputs
START = RNG.normal(size=4 * 4 + 2 * 5)  # of 3-4-2 units, each with its bias last
ALPHA = 0.4


def network(start=START):
    return set_weights(MLP(3, [4, 2], "sigmoid", output_activation="sigmoid"), start)


def example_by_hand(theta, x, t):
    """Return E(n) = ½ Σ e² of one example and its gradient, by the lecture's δ rules."""
    w_ij, w_jk = theta[:16].reshape(4, 4).T, theta[16:].reshape(2, 5).T  # from unit i to unit j, from j to k
    y_i = np.append(x, 1.0)
    y_j = np.append(sigmoid(y_i @ w_ij), 1.0)
    y_k = sigmoid(y_j @ w_jk)
    delta_k = (y_k - t) * y_k * (1 - y_k)
    delta_j = (y_j * (1 - y_j))[:4] * (w_jk[:4] @ delta_k)
    gradient = np.concatenate([np.outer(y_i, delta_j).T.ravel(), np.outer(y_j, delta_k).T.ravel()])
    return 0.5 * np.sum((y_k - t) ** 2), gradient


def learn_by_hand(size, epochs, mean):
    """Return the weights after following Δw = -α g, and the loss of each batch before its step."""
    theta, losses = START.copy(), []
    for _ in range(epochs):
        for first in range(0, len(X), size):
            batch = [example_by_hand(theta, x, t) for x, t in zip(X[first:][:size], T[first:][:size], strict=True)]
            share = len(batch) if mean else 1
            losses.append(sum(error for error, _ in batch) / share)
            theta = theta - ALPHA * sum(gradient for _, gradient in batch) / share
    return theta, losses


@pytest.mark.parametrize(("size", "steps"), [(1, 12), (4, 3), (5, 3), (12, 1)])
@pytest.mark.parametrize("reduce", ["sum", "mean"])
def test_online_mini_batch_and_batch_learning(size, steps, reduce):
    model = network()
    history = fit(
        model, X, T, loss=half_squared_error, optimizer=SGD(model.parameters(), ALPHA), epochs=3, reduce=reduce,
        batch_size=None if size == len(X) else size, shuffle=False,
    )  # fmt: skip
    theta, losses = learn_by_hand(size, 3, mean=reduce == "mean")
    assert history.steps == 3 * steps
    assert history["step_loss"] == close(losses)
    assert weights_of(model) == close(theta)


def test_the_loss_of_an_example_is_half_the_sum_of_its_squared_errors_and_that_of_an_epoch_their_average():
    errors = predict(network(), X) - T
    e_n = 0.5 * np.sum(errors**2, axis=1)
    model = network()
    tiny = SGD(model.parameters(), 1e-300)  # no weight moves by that
    online = fit(model, X, T, loss=half_squared_error, optimizer=tiny, epochs=1, batch_size=1, shuffle=False)
    assert online["step_loss"] == close(e_n)
    assert online["loss"] == close([e_n.mean()])  # E_av
    summed = fit(model, X, T, loss=half_squared_error, optimizer=tiny, epochs=1, batch_size=5, reduce="sum")
    assert summed["loss"] == close([e_n.sum()])
    assert (weights_of(model) == START).all()


def test_the_half_makes_the_slopes_the_errors_themselves():
    half, whole, mean = (
        gradient_table(network(), X, T, loss=loss).gradients
        for loss in (half_squared_error, squared_error, mean_squared_error)
    )
    assert half == close(np.array([example_by_hand(START, x, t)[1] for x, t in zip(X, T, strict=True)]).T)
    assert whole == close(2 * half)
    assert mean == close(half)  # of M = 2 outputs


def test_an_epoch_of_online_learning_is_not_a_step_of_batch_learning_unless_steps_are_small():
    apart = []
    for rate in (1e-2, 1e-3):
        ends = []
        for size in (1, None):
            model = network()
            optimizer = SGD(model.parameters(), rate)
            fit(model, X, T, loss=half_squared_error, optimizer=optimizer, epochs=1, batch_size=size, reduce="sum")
            ends.append(weights_of(model))
        apart.append(np.abs(ends[0] - ends[1]).max())
    assert apart[0] / apart[1] == pytest.approx(100, rel=0.2)  # the difference is of second order in the rate


# --- the example it links to ------------------------------------------------------------------------------------------

INPUTS, TARGETS = [(0.05, 0.10)], [(0.01, 0.99)]
BEFORE = (0.15, 0.20, 0.35, 0.25, 0.30, 0.35, 0.40, 0.45, 0.60, 0.50, 0.55, 0.60)  # w1 w2 b1 w3 w4 b1 w5 w6 b2 w7 w8 b2
UPDATES = 10_000


def mazur(**settings):
    """Train the eight weights; return the network and its history."""
    model = set_weights(MLP(2, [2, 2], "sigmoid", output_activation="sigmoid"), BEFORE)
    optimizer = SGD(model.weights(), learning_rate=0.5)
    return model, fit(model, INPUTS, TARGETS, loss=half_squared_error, optimizer=optimizer, batch_size=1, **settings)


@pytest.mark.parametrize("compiling", [True, False])
def test_first_update_of_the_eight_weights(compiling):
    numbers = EXAMPLES["mazur"]
    model = set_weights(MLP(2, [2, 2], "sigmoid", output_activation="sigmoid"), BEFORE)
    assert predict(model.layers[0], INPUTS)[0] == close([numbers["h1"], numbers["h2"]])
    assert predict(model, INPUTS)[0] == close([numbers["o1"], numbers["o2"]])
    table = gradient_table(model, INPUTS, TARGETS, loss=half_squared_error)
    slopes = dict(zip(table.names, table.gradients[:, 0], strict=True))
    assert [slope for name, slope in slopes.items() if not name.endswith("b")] == close(numbers["grads"])
    model, history = mazur(epochs=2, compile=compiling)
    assert history["loss"] == close([numbers["E"], numbers["E_after_1"]])
    model, _ = mazur(epochs=1, compile=compiling)
    assert [w.data for w in model.weights()] == close(numbers["w_after"])
    assert [p.data for p in model.parameters() if p.label.endswith("b")] == [0.35, 0.35, 0.60, 0.60]


def test_ten_thousand_updates_of_the_eight_weights():
    model, history = mazur(epochs=UPDATES)
    assert history.path == "compiled"
    assert history.steps == UPDATES
    assert [p.data for p in model.parameters() if p.label.endswith("b")] == [0.35, 0.35, 0.60, 0.60]
    error = 0.5 * np.sum((predict(model, INPUTS) - TARGETS) ** 2)
    assert error == pytest.approx(3.51e-5, abs=0.005e-5)
    assert (np.diff(history["loss"]) < 0).all()


# --- cross-entropy with regularisation --------------------------------------------------------------------------------

LAMBDA, RATE = 0.7, 0.3


def slopes_of(f, at, h=1e-6):
    """Return f's gradient by central differences."""
    return np.array([(f(at + h * e) - f(at - h * e)) / (2 * h) for e in np.eye(len(at))])


def first_step(model, x, y, loss, lam=LAMBDA, **settings):
    """Return J and the gradient that the first step of gradient descent follows, as the weights show it."""
    before, m = weights_of(model), len(x)
    history = fit(
        model, x, y, loss=loss, penalty=l2(lam / (2 * m)), optimizer=SGD(model.parameters(), RATE), epochs=1, **settings
    )
    return history, (before - weights_of(model)) / RATE


LOGISTIC_X = np.random.default_rng(1).normal(size=(20, 3))
LOGISTIC_Y = (np.random.default_rng(2).uniform(size=20) < 0.5).astype(float)
THETA = np.array([0.8, -1.7, 0.4, 2.5])  # θ₁, θ₂, θ₃, then the bias θ₀


def logistic_cost(theta):
    """Return J(θ) of the slide, term by term."""
    h, m = sigmoid(LOGISTIC_X @ theta[:3] + theta[3]), len(LOGISTIC_X)
    data = sum(y * np.log(p) + (1 - y) * np.log(1 - p) for y, p in zip(LOGISTIC_Y, h, strict=True))
    return -data / m + LAMBDA / (2 * m) * np.sum(theta[:3] ** 2)


@pytest.mark.parametrize("loss", [binary_cross_entropy, binary_cross_entropy_with_logits])
@pytest.mark.parametrize("compiling", [True, False])
def test_logistic_regressions_cost_and_gradient(loss, compiling):
    activation = "sigmoid" if loss is binary_cross_entropy else "linear"
    model = set_weights(Neuron(3, activation), THETA)
    history, gradient = first_step(model, LOGISTIC_X, LOGISTIC_Y, loss, compile=compiling)
    assert history["loss"] == close([logistic_cost(THETA)])
    assert history["penalty"] == close([LAMBDA / 40 * (0.8**2 + 1.7**2 + 0.4**2)])
    error, m = sigmoid(LOGISTIC_X @ THETA[:3] + THETA[3]) - LOGISTIC_Y, 20
    assert gradient[:3] == pytest.approx(error @ LOGISTIC_X / m + LAMBDA / m * THETA[:3], rel=1e-11, abs=1e-12)
    assert gradient[3] == pytest.approx(error.mean(), rel=1e-11)  # no share of the penalty
    assert gradient == pytest.approx(slopes_of(logistic_cost, THETA), abs=1e-8)


def test_logistic_regression_ends_where_the_regularised_cost_is_least():
    model = Neuron(3, "linear", seed=0)
    optimizer, m = SGD(model.parameters(), 1.0), len(LOGISTIC_X)
    loss = binary_cross_entropy_with_logits
    history = fit(
        model, LOGISTIC_X, LOGISTIC_Y, loss=loss, penalty=l2(LAMBDA / (2 * m)), optimizer=optimizer, epochs=500
    )
    theta = weights_of(model)
    assert slopes_of(logistic_cost, theta) == pytest.approx(np.zeros(4), abs=1e-8)
    assert history.last("loss") == pytest.approx(logistic_cost(theta), rel=1e-12)
    free = Neuron(3, "linear", seed=0)
    fit(free, LOGISTIC_X, LOGISTIC_Y, loss=loss, optimizer=SGD(free.parameters(), 1.0), epochs=500)
    assert np.linalg.norm(theta[:3]) < np.linalg.norm(weights_of(free)[:3])


CLASSES = np.random.default_rng(3).integers(4, size=15)  # K = 4
ONE_HOT = np.eye(4)[CLASSES]  # pedestrian, car, motorcycle, truck
IMAGES = np.random.default_rng(4).normal(size=(15, 2))
THETAS = np.random.default_rng(5).normal(size=3 * 3 + 4 * 4)  # of 2-3-4 units, each with its bias last


def network_cost(thetas):
    """Return J(Θ) of the slide: K binary cross-entropies each, and λ/2m times all squares but the biases'."""
    first, second = thetas[:9].reshape(3, 3), thetas[9:].reshape(4, 4)
    a = sigmoid(IMAGES @ first[:, :2].T + first[:, 2])
    h = sigmoid(a @ second[:, :3].T + second[:, 3])
    m, data = len(IMAGES), 0.0
    for i in range(m):
        for k in range(4):
            data += ONE_HOT[i, k] * np.log(h[i, k]) + (1 - ONE_HOT[i, k]) * np.log(1 - h[i, k])
    squares = np.sum(first[:, :2] ** 2) + np.sum(second[:, :3] ** 2)
    return -data / m + LAMBDA / (2 * m) * squares


def logistic_network(loss):
    output = "sigmoid" if loss is binary_cross_entropy else "linear"
    return set_weights(MLP(2, [3, 4], "sigmoid", output_activation=output), THETAS)


@pytest.mark.parametrize("loss", [binary_cross_entropy, binary_cross_entropy_with_logits])
@pytest.mark.parametrize("targets", [ONE_HOT, CLASSES], ids=["vectors", "class numbers"])
def test_cost_and_gradient_of_a_network_with_k_logistic_output_units(loss, targets):
    history, gradient = first_step(logistic_network(loss), IMAGES, targets, loss)
    assert history["loss"] == close([network_cost(THETAS)])
    assert gradient == pytest.approx(slopes_of(network_cost, THETAS), abs=1e-8)
    without, free = first_step(logistic_network(loss), IMAGES, targets, loss, lam=0.0)
    assert without["penalty"].tolist() == [0.0]
    biases = np.concatenate([np.tile([0, 0, 1], 3), np.tile([0, 0, 0, 1], 4)])
    assert gradient - free == pytest.approx(np.where(biases, 0.0, LAMBDA / 15 * THETAS), abs=1e-12)


def test_k_output_units_are_k_questions_and_not_one_choice():
    # Their slopes are h_k - y_k with h_k = σ(z_k) each for itself, so that "both" and "none" can be learned too.
    model = set_weights(MLP(2, [2]), [0.5, -1.0, 0.2, 1.5, 0.3, -0.4])
    both = gradient_table(model, [[1.0, 2.0]], [[1.0, 1.0]], loss=binary_cross_entropy_with_logits)
    h = sigmoid(np.array([0.5 - 2.0 + 0.2, 1.5 + 0.6 - 0.4]))
    assert both.average == close(np.outer(h - 1.0, [1.0, 2.0, 1.0]).ravel())
    none = gradient_table(model, [[1.0, 2.0]], [[0.0, 0.0]], loss=binary_cross_entropy_with_logits)
    assert none.average == close(np.outer(h, [1.0, 2.0, 1.0]).ravel())


def test_the_penalty_counts_once_in_every_step_of_mini_batches():
    model = set_weights(Neuron(3, "linear"), THETA)
    m, theta, losses = len(LOGISTIC_X), THETA.copy(), []
    for first in range(0, m, 8):
        x, y = LOGISTIC_X[first : first + 8], LOGISTIC_Y[first : first + 8]
        z = x @ theta[:3] + theta[3]
        losses.append(np.mean(np.logaddexp(0.0, z) - y * z) + LAMBDA / (2 * m) * np.sum(theta[:3] ** 2))
        error = (sigmoid(z) - y) / len(y)
        theta = theta - RATE * np.append(error @ x + LAMBDA / m * theta[:3], error.sum())
    loss = binary_cross_entropy_with_logits
    history, _ = first_step(model, LOGISTIC_X, LOGISTIC_Y, loss, batch_size=8, shuffle=False)
    assert history["step_loss"] == close(losses)
    assert weights_of(model) == close(theta)
