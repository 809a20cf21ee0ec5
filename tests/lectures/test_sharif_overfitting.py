"""sharif: overfitting, and each of the slide's ways to reduce it.

Each is measured as the mean over some draws of small, noisy data, where the plain network overfits.
"""

from functools import cache

import numpy as np
import pytest
from worked_examples import close

import autograd
from nn import (
    MLP,
    SGD,
    Adam,
    Dropout,
    Layer,
    Module,
    Sequential,
    binary_cross_entropy_with_logits,
    blobs,
    cross_entropy,
    fit,
    l2,
    predict,
    pretrain,
    shifted_patterns,
    squared_error,
)
from nn.metrics import accuracy, mse

DRAWS = range(4)
SAMPLES, INPUTS, UNITS, NOISE = 20, 12, 30, 0.7
PLANE = np.linalg.qr(np.random.default_rng(99).normal(size=(INPUTS, INPUTS)))[0][:2]


def sample(n, rng):
    """Return n noisy values of a curved function of two numbers, which are hidden in noisy inputs."""
    s = rng.normal(size=(n, 2))
    X = 1.5 * s @ PLANE + 0.3 * rng.normal(size=(n, INPUTS))
    return X, np.sin(2 * s[:, 0]) + 0.5 * s[:, 1] + NOISE * rng.normal(size=n)


@cache
def data(draw):
    """Return few samples to learn from, some to validate on, and many that are held out."""
    rng = np.random.default_rng(draw)
    return sample(SAMPLES, rng), sample(SAMPLES, rng), sample(300, rng)


def network(seed=0, initial="xavier"):
    return MLP(INPUTS, [UNITS, 1], "tanh", initial=initial, seed=seed)


def losses(model, draw):
    """Return a model's mean squared error on the samples it has learned from, and on those held out."""
    (X, y), _, (held_X, held_y) = data(draw)
    return mse(predict(model, X), y), mse(predict(model, held_X), held_y)


def learn(model, draw, optimizer=None, epochs=300, **settings):
    X, y = data(draw)[0]
    return fit(model, X, y, loss=squared_error, optimizer=optimizer, epochs=epochs, **settings)


@cache
def plain():
    """Return the plain network's losses, draw by draw, and the length of its weights."""
    rows = []
    for draw in DRAWS:
        model = network(draw)
        learn(model, draw)
        rows.append((*losses(model, draw), length(model)))
    return np.array(rows).T


def length(model):
    return np.sqrt(sum(w.data**2 for w in model.weights()))


def test_the_plain_network_overfits():
    learned, held_out, _ = plain()
    assert learned.max() < 0.01  # it fits the noise too, whose mean square is 0.49
    assert held_out.min() > 2 * NOISE**2
    assert held_out.mean() > np.mean([data(draw)[2][1].var() for draw in DRAWS])  # worse than to say the mean of all


def test_weight_decay():
    _, held_out, lengths = plain()
    decayed = []
    for draw in DRAWS:
        model = network(draw)
        history = learn(model, draw, penalty=l2(0.1))
        assert history.last("penalty") == pytest.approx(0.1 * length(model) ** 2, rel=0.01)
        decayed.append((*losses(model, draw), length(model)))
    learned, better, shorter = np.array(decayed).T
    assert better.mean() < 0.7 * held_out.mean()
    assert (better < held_out).all()
    assert (shorter < 0.5 * lengths).all()
    assert learned.mean() > 0.2  # it no longer fits the noise


def test_early_stopping():
    _, held_out, _ = plain()
    stopped = []
    for draw in DRAWS:
        model = network(draw)
        history = learn(model, draw, validation=data(draw)[1], early_stopping=20)
        assert history.stopped == "early stopping"
        assert history.best_epoch == history["validation_loss"].argmin() + 1 == history.epochs - 20
        X, y = data(draw)[1]
        assert mse(predict(model, X), y) == close(history["validation_loss"].min())  # it has the best weights back
        stopped.append(losses(model, draw))
    learned, better = np.array(stopped).T
    assert better.mean() < 0.75 * held_out.mean()
    assert (better < held_out).all()
    assert learned.mean() > 0.2


def test_model_averaging():
    singles, together = [], []
    for draw in DRAWS:
        _, _, (X, y) = data(draw)
        outputs = []
        for seed in range(5):
            model = network(seed, initial="uniform")
            learn(model, draw, epochs=120)
            outputs.append(predict(model, X))
        singles.append([mse(o, y) for o in outputs])
        together.append(mse(np.mean(outputs, axis=0), y))
    singles = np.array(singles)
    assert (together < singles.mean(axis=1)).all()  # always so, if they differ at all: the square is convex
    assert np.mean(together) < 0.8 * singles.mean()
    assert np.mean(together) < singles.mean(axis=0).min()  # better than whichever of them one might have chosen


def test_averaging_the_weights_along_the_way():
    held_out = {None: [], "running": []}
    for average in held_out:
        for draw in DRAWS:
            model = network(draw)
            learn(model, draw, SGD(model.parameters(), 0.02), epochs=30, batch_size=1, average=average)
            held_out[average].append(losses(model, draw)[1])
    assert np.mean(held_out["running"]) < 0.9 * np.mean(held_out[None])


def test_dropout():
    _, held_out, _ = plain()
    dropped = []
    for draw in DRAWS:
        first, last = network(draw).layers
        model = Sequential(Dropout(0.2), first, Dropout(0.5), last)
        history = learn(model, draw)
        assert history.path == "compiled"
        X = data(draw)[0][0]
        assert predict(model, X) == close(predict(Sequential(first, last), X))  # with every unit
        dropped.append(losses(model, draw))
    learned, better = np.array(dropped).T
    assert better.mean() < 0.7 * held_out.mean()
    assert (better < held_out).all()
    assert learned.mean() > 0.2


# --- weight sharing ---------------------------------------------------------------------------------------------------

PIXELS, WINDOW, DETECTORS = 10, 4, 4


class Shared(Module):
    """The same detectors at every place, with wrap-around; the output is a weighted sum of what they find in all."""

    def __init__(self, seed=0):
        rng = np.random.Generator(np.random.PCG64(seed))
        self.detectors = Layer(WINDOW, DETECTORS, "tanh", initial="xavier", seed=rng)
        self.output = Layer(DETECTORS, 1, "linear", initial="xavier", seed=rng)
        self.label_parameters()

    def __call__(self, x):
        ring = [*x, *x]
        found = [self.detectors(ring[place : place + WINDOW]) for place in range(PIXELS)]
        return self.output([autograd.sum(values) for values in zip(*found, strict=True)])


def unshared(shared):
    """Return an MLP with a hidden unit for each detector at each place, which computes the same."""
    model = MLP(PIXELS, [PIXELS * DETECTORS, 1], "tanh")
    hidden, (output,) = model.layers[0].neurons, model.layers[1].neurons
    for place in range(PIXELS):
        for k, detector in enumerate(shared.detectors.neurons):
            unit = hidden[place * DETECTORS + k]
            unit.b.data = detector.b.data
            for w in unit.w:
                w.data = 0.0
            for i, w in enumerate(detector.w):
                unit.w[(place + i) % PIXELS].data = w.data
            output.w[place * DETECTORS + k].data = shared.output.neurons[0].w[k].data
    output.b.data = shared.output.neurons[0].b.data
    return model


def test_weight_sharing():
    X, y = shifted_patterns()
    seen = np.isin(np.arange(20) % PIXELS, (0, 3, 7))  # three translations of each pattern
    held_out, right = {"shared": [], "plain": []}, {"shared": [], "plain": []}
    for draw in DRAWS:
        shared = Shared(seed=draw)
        free = unshared(shared)
        assert len(shared.parameters()) == 25
        assert len(free.parameters()) == 481
        points = np.random.default_rng(draw).normal(size=(5, PIXELS))
        assert predict(shared, points) == close(predict(free, points))
        for name, model in (("shared", shared), ("plain", MLP(PIXELS, [40, 1], "tanh", initial="xavier", seed=draw))):
            fit(model, X[seen], y[seen], loss=binary_cross_entropy_with_logits, epochs=300)
            z = predict(model, X)
            each = np.logaddexp(0.0, z) - y * z
            assert each[seen].max() < 0.1
            held_out[name].append(each[~seen].mean())
            right[name].append(accuracy(z[~seen], y[~seen]))
        assert predict(shared, np.roll(X, 4, axis=1)) == close(predict(shared, X))  # wherever the pattern is
    assert max(held_out["shared"]) < 0.1
    assert min(right["shared"]) == 1.0
    assert np.mean(held_out["plain"]) > 1.0
    assert np.mean(right["plain"]) < 0.75


# --- generative pre-training ------------------------------------------------------------------------------------------


def few_labels(draw):
    """Return one labelled example of each of three classes, many without labels, and many that are held out."""
    centers = np.random.default_rng(draw).normal(size=(3, 40))
    X, y = blobs(603, centers=centers, noise=1.2, seed=draw)
    first = [int(np.flatnonzero(y == k)[0]) for k in range(3)]
    rest = np.setdiff1d(np.arange(603), first)
    return (X[first], y[first]), X[rest[:300]], (X[rest[300:]], y[rest[300:]])


def test_generative_pre_training_layer_by_layer():
    right = {"plain": [], "pre-trained": [], "random features": [], "pre-trained features": []}
    for draw in DRAWS:
        (X, y), unlabelled, (held_X, held_y) = few_labels(draw)
        for name in right:
            model = MLP(40, [4, 3, 3], "tanh", initial="xavier", seed=draw)
            if name.startswith("pre-trained"):
                histories = pretrain(model, unlabelled, epochs=60, batch_size=30)
                assert [h["loss"][-1] < 0.8 * h["loss"][0] for h in histories] == [True, True]
            learned = model.layers[-1] if name.endswith("features") else model
            fit(model, X, y, loss=cross_entropy, optimizer=Adam(learned.parameters(), 0.01), epochs=200)
            right[name].append(accuracy(predict(model, held_X), held_y))
    means = {name: np.mean(shares) for name, shares in right.items()}
    assert means["pre-trained"] > means["plain"] + 0.06  # a better start for all layers
    assert means["pre-trained features"] > 0.95  # and with so few labels, it is best to leave its features alone
    assert means["plain"] < 0.85
    assert means["random features"] < 0.6  # that would not do with any others
