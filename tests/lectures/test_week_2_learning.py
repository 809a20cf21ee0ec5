"""week-2: logistic regression, a problem it cannot solve, three of them connected; gradient descent and its table."""

from itertools import combinations

import numpy as np
import pytest
from worked_examples import EXAMPLES, close

from nn import (
    MLP,
    SGD,
    Adam,
    Layer,
    LogisticRegression,
    Neuron,
    Sequential,
    blobs,
    fit,
    gradient_table,
    predict,
    squared_error,
)
from nn.errors import DivergedError
from nn.metrics import accuracy


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def weights_of(model):
    return np.array([parameter.data for parameter in model.parameters()])


# --- a problem that logistic regression solves, and one that it does not ----------------------------------------------

NORMALS = np.array([[0.0, 1.0], [np.sqrt(0.75), -0.5], [-np.sqrt(0.75), -0.5]])  # of a triangle's sides, inward
GAP = 0.15  # how far every point is from each side


def surrounded():
    """Return points within a triangle, class 1, and all around it, class 0; and which sides they are inside of.

    A point's distance from side k, inward, is NORMALS[k] · x + 0.6.
    """
    points = np.random.default_rng(2).uniform(-2.0, 2.0, size=(1000, 2))
    distances = points @ NORMALS.T + 0.6
    clear = (np.abs(distances) > GAP).all(axis=1)
    inside = distances[clear] > 0
    y = inside.all(axis=1)
    chosen = np.sort(np.concatenate([np.flatnonzero(y)[:50], np.flatnonzero(~y)[:50]]))
    return points[clear][chosen], y[chosen].astype(int), inside[chosen].astype(int)


def best_line(X, y):
    """Return the best accuracy that any line has on these points, by trying all lines that make a difference.

    Every way in which a line can divide points is also that of a line through two of them, moved or turned a little,
    which puts those two on whichever sides one likes.
    """
    first, second = np.array(list(combinations(range(len(X)), 2))).T
    direction = X[second] - X[first]
    normal = np.stack([-direction[:, 1], direction[:, 0]], axis=1)
    above = normal @ X.T > (normal * X[first]).sum(axis=1)[:, None]
    others = np.ones_like(above)
    others[np.arange(len(first)), first] = others[np.arange(len(first)), second] = False
    right = ((above == (y == 1)) & others).sum(axis=1)
    return (np.maximum(right, len(X) - 2 - right).max() + 2) / len(X)


def test_logistic_regression_solves_a_simple_problem():
    X, y = blobs(100, centers=[[-1.0, 0.5], [1.0, -0.5]], noise=0.3)
    assert best_line(X, y) == 1.0
    model = Neuron(2, "sigmoid", initial="xavier", seed=0)
    history = fit(model, X, y, loss=squared_error, optimizer=SGD(model.parameters(), 2.0), metrics="accuracy")
    assert history.last("accuracy") == 1.0
    w0, w1, w2 = weights_of(model)[[2, 0, 1]]
    assert predict(model, X) == close(sigmoid(w0 + X[:, 0] * w1 + X[:, 1] * w2))
    assert np.array_equal(w0 + X @ [w1, w2] > 0, y == 1)


def test_it_fails_on_the_not_so_simple_problem_however_long_it_learns():
    X, y, _ = surrounded()
    model = LogisticRegression(2)
    history = model.fit(X, y, learning_rate=2.0, epochs=400)
    measured, possible = accuracy(predict(model, X), y, threshold=0.5), best_line(X, y)
    assert measured <= possible < 0.8
    # Its loss is convex, and it is at the bottom of it: more steps would change nothing.
    error = predict(model, X) - y
    assert np.append(error @ X, error.sum()) / len(y) == pytest.approx(np.zeros(3), abs=1e-9)
    assert history["loss"][-1] > 0.9 * np.log(2)  # hardly better than to say "one half" of every point
    # The slide's own cost, the squared error, is no way around it.
    other = Neuron(2, "sigmoid", initial="xavier", seed=0)
    fit(other, X, y, loss=squared_error, optimizer=Adam(other.parameters(), learning_rate=0.05), epochs=400)
    assert accuracy(predict(other, X), y, threshold=0.5) <= possible


def test_three_of_them_connected_succeed():
    X, y, _ = surrounded()
    model = MLP(2, [3, 1], "sigmoid", output_activation="sigmoid", initial="xavier", seed=0)
    assert len(model.parameters()) == 13
    optimizer = Adam(model.parameters(), learning_rate=0.1)
    history = fit(model, X, y, loss=squared_error, optimizer=optimizer, epochs=400, metrics="accuracy")
    assert history.last("accuracy") == 1.0
    (w1, w2, w0, w4, w5, w3, w7, w8, w6, w10, w11, w12, w9), (x0, x1) = weights_of(model), X.T
    composite = sigmoid(
        w9
        + sigmoid(w0 + x0 * w1 + x1 * w2) * w10
        + sigmoid(w3 + x0 * w4 + x1 * w5) * w11
        + sigmoid(w6 + x0 * w7 + x1 * w8) * w12
    )
    assert predict(model, X) == close(composite)
    assert history.last("loss") == pytest.approx(np.mean((composite - y) ** 2), rel=0.1)  # 1/N Σ, which one slide lacks


def test_the_subproblems_can_be_solved_one_by_one_and_then_connected():
    X, y, inside = surrounded()
    subproblems = []
    for k in range(3):
        unit = LogisticRegression(2)
        unit.fit(X, inside[:, k], learning_rate=4.0, epochs=300)
        assert accuracy(predict(unit, X), inside[:, k], threshold=0.5) > 0.98
        subproblems.append(unit)
    Z = np.stack([predict(unit, X) for unit in subproblems], axis=1)
    last = LogisticRegression(3)
    last.fit(Z, y, learning_rate=4.0, epochs=300)
    assert accuracy(predict(last, Z), y, threshold=0.5) > 0.98
    hidden, output = Layer(2, 3, "sigmoid"), Layer(3, 1, "sigmoid")
    hidden.neurons, output.neurons = [*subproblems], [last]
    assert predict(Sequential(hidden, output), X) == close(predict(last, Z))


# --- the gradient of each example -------------------------------------------------------------------------------------

W, B = (-1.0, 0.5, 10.0), -2.0
EXAMPLE_X = np.array([[4.0, -2.0, 1.0], [0.5, 1.0, -0.2], [-1.0, 0.3, 0.1]])  # the first is the slides' own
EXAMPLE_Y = np.array([1.0, 0.0, 1.0])


def slides_neuron():
    neuron = Neuron(3, "sigmoid", initial=lambda rng, nin, nout: W)
    neuron.b.data = B
    return neuron


def table_by_hand():
    """Return the slopes of (ỹ - y)² with ỹ = σ(w·x + b), a row for each of w and b and a column for each example."""
    prediction = sigmoid(EXAMPLE_X @ W + B)
    delta = 2 * (prediction - EXAMPLE_Y) * prediction * (1 - prediction)
    return delta * np.vstack([EXAMPLE_X.T, np.ones(3)])


def test_the_table_has_each_weights_gradient_for_each_example():
    table = gradient_table(slides_neuron(), EXAMPLE_X, EXAMPLE_Y, loss=squared_error)
    numbers = EXAMPLES["squared_error_neuron"]
    assert table.names == ["w0", "w1", "w2", "b"]
    assert table.gradients[:, 0] == close([*numbers["dC_dw"], numbers["dC_db"]])
    assert table.gradients == close(table_by_hand())
    assert table.average == close(table_by_hand().mean(axis=1))


def test_a_step_of_gradient_descent_is_minus_r_times_the_average():
    model, r = slides_neuron(), 0.7
    before, average = weights_of(model), table_by_hand().mean(axis=1)
    history = fit(model, EXAMPLE_X, EXAMPLE_Y, loss=squared_error, optimizer=SGD(model.parameters(), r), epochs=1)
    assert weights_of(model) - before == close(-r * average)
    cost = np.mean((sigmoid(EXAMPLE_X @ W + B) - EXAMPLE_Y) ** 2)
    assert history["loss"] == close([cost])
    after = np.mean((sigmoid(EXAMPLE_X @ weights_of(model)[:3] + weights_of(model)[3]) - EXAMPLE_Y) ** 2)
    assert after < cost


def test_steps_repeated_follow_the_average_of_each_new_table():
    X, y, _ = surrounded()
    model = MLP(2, [3, 1], "sigmoid", output_activation="sigmoid", seed=3)
    by_hand = weights_of(model)
    for _ in range(4):
        other = MLP(2, [3, 1], "sigmoid", output_activation="sigmoid")
        other.load_state_dict(dict(zip(other.state_dict(), by_hand, strict=True)))
        by_hand = by_hand - 1.5 * gradient_table(other, X, y, loss=squared_error).average
    fit(model, X, y, loss=squared_error, optimizer=SGD(model.parameters(), 1.5), epochs=4)
    assert weights_of(model) == close(by_hand)


def test_the_networks_gradient_has_thirteen_entries_for_thirteen_weights():
    X, y, _ = surrounded()
    model = MLP(2, [3, 1], "sigmoid", output_activation="sigmoid", seed=3)
    table = gradient_table(model, X, y, loss=squared_error)
    assert table.average.shape == weights_of(model).shape == (13,)  # a slide lists 14
    assert table.gradients.shape == (13, 100)

    def cost(weights):
        w, v = weights[:9].reshape(3, 3), weights[9:]  # rows w1, w2, w0 of the hidden units
        z = sigmoid(X @ w[:, :2].T + w[:, 2])
        return np.mean((sigmoid(z @ v[:3] + v[3]) - y) ** 2)

    h, at = 1e-6, weights_of(model)
    slopes = [(cost(at + h * e) - cost(at - h * e)) / (2 * h) for e in np.eye(13)]
    assert table.average == pytest.approx(slopes, abs=1e-9)


# --- the learning rate ------------------------------------------------------------------------------------------------

LINE_X = np.array([0.5, 1.0, 2.0, 3.5])
LINE_Y = np.array([1.0, 0.0, 2.0, 2.5])


def descend(rate, epochs=40, offset=None):
    """Return the excess of the mean squared error of a line over its minimum, before each step with this rate.

    It is a quadratic function of (w, b); where it starts is ``offset`` from its minimum.
    """
    design = np.stack([LINE_X, np.ones(4)], axis=1)
    best = np.linalg.lstsq(design, LINE_Y, rcond=None)[0]
    start = best + (np.array([1.0, 1.0]) if offset is None else offset)
    model = Neuron(1, "linear", initial=lambda rng, nin, nout: start[:1])
    model.b.data = start[1]
    history = fit(model, LINE_X, LINE_Y, loss=squared_error, optimizer=SGD(model.parameters(), rate), epochs=epochs)
    return history["loss"] - np.mean((design @ best - LINE_Y) ** 2)


def curvatures():
    """Return the eigenvalues λ and eigenvectors of the mean squared error's Hessian, 2/n Σ (x, 1) (x, 1)ᵀ."""
    design = np.stack([LINE_X, np.ones(4)], axis=1)
    return np.linalg.eigh(2 * design.T @ design / 4)


@pytest.mark.parametrize("share", [0.25, 0.5, 0.9, 1.0, 1.01, 1.5])
def test_a_step_along_a_curvature_scales_the_offset_by_one_minus_r_lambda(share):
    eigenvalues, vectors = curvatures()
    rate = share * 2 / eigenvalues[-1]
    excess = descend(rate, epochs=6, offset=vectors[:, -1])
    factor = (1 - rate * eigenvalues[-1]) ** 2  # 0 at a share of ½, 1 at the threshold itself
    assert excess == pytest.approx(excess[0] * factor ** np.arange(6), rel=1e-9, abs=1e-12)


def test_below_the_threshold_the_loss_falls_and_above_it_grows():
    threshold = 2 / curvatures()[0][-1]
    slow, fast = descend(0.99 * threshold, epochs=400), descend(1.01 * threshold, epochs=400)
    assert (np.diff(slow) < 0).all()
    assert slow[-1] < 1e-3 * slow[0]
    assert (np.diff(fast[100:]) > 0).all()
    assert fast[-1] > 100 * fast[0]


def test_a_rate_far_too_large_diverges_and_says_so():
    with pytest.raises(DivergedError, match="smaller learning rate") as caught:
        descend(10.0, epochs=1000)
    curve = caught.value.history["loss"]
    assert len(curve) < 1000
    assert np.isfinite(curve).all()
    assert (np.diff(curve) > 0).all()
