"""Models that programs are tested on, and compared with other libraries on; each with the numbers it is run on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import autograd
from autograd import Program, Value, dot, logsumexp, parameter, tanh
from nn import MLP


@dataclass
class Model:
    """A loss of one sample, examples of its arguments, a batch of them, and its parameters in arrays of Values."""

    loss: Callable[..., Value]
    examples: tuple[Any, ...]
    batch: tuple[np.ndarray, ...]
    weights: dict[str, np.ndarray]

    @property
    def parameters(self) -> list[Value]:
        return [p for array in self.weights.values() for p in array.flat]

    @property
    def numbers(self) -> dict[str, np.ndarray]:
        """The weights as arrays of floats."""
        return {name: np.vectorize(lambda p: p.data, otypes=[float])(array) for name, array in self.weights.items()}


def line() -> Program:
    """Return the program of (w·x + b - y)² with w = 2 and b = -1."""
    w, b = parameter(2.0, "w"), parameter(-1.0, "b")
    return autograd.compile(lambda x, y: (w * x + b - y) ** 2, 0.0, 0.0)


def draw(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Return an array of parameters."""
    array = np.empty(shape, dtype=object)
    array.flat = [parameter(x) for x in rng.uniform(-0.5, 0.5, size=int(np.prod(shape)))]
    return array


def mlp(sizes: tuple[int, ...], activation: str, n: int = 9) -> Model:
    """A multi-layer perceptron with the squared error."""
    model = MLP(sizes[0], sizes[1:], activation, seed=3)
    rng = np.random.default_rng(4)
    for p in model.parameters():
        p.data = rng.uniform(-0.7, 0.7)
    weights = {}
    for k, layer in enumerate(model.layers):
        weights[f"w{k}"] = np.array([[*neuron.w, neuron.b] for neuron in layer.neurons])

    def loss(x, y):
        out = model(x)
        out = out if isinstance(out, list) else [out]
        return autograd.sum([(a - b) ** 2 for a, b in zip(out, y, strict=True)])

    batch = rng.normal(size=(n, sizes[0])), rng.normal(size=(n, sizes[-1]))
    return Model(loss, ([0.0] * sizes[0], [0.0] * sizes[-1]), batch, weights)


def hinge_with_penalty(n: int = 20, alpha: float = 1e-4) -> Model:
    """micrograd's demo: the hinge loss of an MLP, and an L2 term."""
    model = mlp((2, 16, 16, 1), "relu")
    parameters = model.parameters
    ws = list(model.weights.values())

    def score(x):
        for w in ws[:-1]:
            x = [dot(row[:-1], x, row[-1]).relu() for row in w]
        return dot(ws[-1][0][:-1], x, ws[-1][0][-1])

    def loss(x, y):
        return (1 - y * score(x)).relu() + alpha * autograd.sum([p * p for p in parameters])

    rng = np.random.default_rng(5)
    X = rng.normal(size=(n, 2))
    return Model(loss, ([0.0, 0.0], 1.0), (X, np.sign(X[:, 0] - X[:, 1])), model.weights)


def classifier(n: int = 16) -> Model:
    """Softmax cross-entropy over ten classes."""
    rng = np.random.default_rng(6)
    w1, b1, w2, b2 = draw(rng, 12, 8), draw(rng, 12), draw(rng, 10, 12), draw(rng, 10)

    def loss(x, y):
        hidden = [dot(row, x, b).relu() for row, b in zip(w1, b1, strict=True)]
        z = [dot(row, hidden, b) for row, b in zip(w2, b2, strict=True)]
        return logsumexp(z) - dot(y, z)

    batch = rng.normal(size=(n, 8)), np.eye(10)[rng.integers(0, 10, n)]
    return Model(loss, ([0.0] * 8, [0.0] * 10), batch, {"w1": w1, "b1": b1, "w2": w2, "b2": b2})


def recurrent(steps: int = 20, hidden: int = 6, n: int = 5) -> Model:
    """A recurrent network, unrolled: h ← tanh(W h + U x + b), and a linear readout at the end."""
    rng = np.random.default_rng(7)
    w, u, b, v = draw(rng, hidden, hidden), draw(rng, hidden, 2), draw(rng, hidden), draw(rng, hidden)

    def loss(xs, y):
        h: list[Any] = [0.0] * hidden
        for x in xs:
            h = [tanh(dot(w[i], h) + dot(u[i], x) + b[i]) for i in range(hidden)]
        return (dot(v, h) - y) ** 2

    batch = rng.normal(size=(n, steps, 2)), rng.normal(size=n)
    return Model(loss, ([[0.0, 0.0]] * steps, 0.0), batch, {"w": w, "u": u, "b": b, "v": v})


def attention(positions: int = 8, width: int = 4, n: int = 5) -> Model:
    """Single-head self-attention: softmax(q·k / √d) v at each position, and the sum of squares of what comes out."""
    rng = np.random.default_rng(8)
    wq, wk, wv = draw(rng, width, width), draw(rng, width, width), draw(rng, width, width)

    def loss(xs):
        qs, ks, vs = ([[dot(row, x) for row in w] for x in xs] for w in (wq, wk, wv))
        out = []
        for q in qs:
            scores = [dot(q, k) * width**-0.5 for k in ks]
            total = logsumexp(scores)
            shares = [(score - total).exp() for score in scores]
            out += [autograd.sum([a * v[d] for a, v in zip(shares, vs, strict=True)]) for d in range(width)]
        return autograd.sum([o * o for o in out])

    batch = (rng.normal(size=(n, positions, width)),)
    return Model(loss, ([[0.0] * width] * positions,), batch, {"wq": wq, "wk": wk, "wv": wv})
