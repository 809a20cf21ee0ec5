"""lecture-6: its δ rules, on the step-by-step 2-2-2 example that it links to (Mazur)."""

import pytest
from worked_examples import EXAMPLES, close

from autograd import Graph, Value, dot, sigmoid

WEIGHTS = (0.15, 0.20, 0.25, 0.30, 0.40, 0.45, 0.50, 0.55)
B1, B2 = 0.35, 0.60
INPUTS, TARGETS = (0.05, 0.10), (0.01, 0.99)
RATE = 0.5


class Network:
    """Two inputs, two hidden and two output units of sigmoids, E = Σ ½ (t - o)²; the biases are not learned."""

    def __init__(self):
        self.w = w = [Value(data, label=f"w{i}") for i, data in enumerate(WEIGHTS, 1)]
        self.h = [sigmoid(dot(w[:2], INPUTS, B1)), sigmoid(dot(w[2:4], INPUTS, B1))]
        self.o = [sigmoid(dot(w[4:6], self.h, B2)), sigmoid(dot(w[6:8], self.h, B2))]
        self.error = sum(0.5 * (t - o) ** 2 for t, o in zip(TARGETS, self.o, strict=True))
        self.graph = Graph(self.error)

    def step(self):
        """Return the gradients, after one update of the eight weights."""
        gradients = list(self.graph.backward().values())
        for w, gradient in zip(self.w, gradients, strict=True):
            w.data -= RATE * gradient
        self.graph.forward()
        return gradients


def test_first_step():
    numbers = EXAMPLES["mazur"]
    network = Network()
    assert [v.data for v in network.h + network.o] == close([numbers[name] for name in ("h1", "h2", "o1", "o2")])
    assert network.error.data == close(numbers["E"])
    assert network.step() == close(numbers["grads"])
    assert [w.data for w in network.w] == close(numbers["w_after"])
    assert network.error.data == close(numbers["E_after_1"])


def test_ten_thousand_updates():
    network = Network()
    for _ in range(10_000):
        network.step()
    assert network.error.data == pytest.approx(3.51e-5, abs=0.005e-5)


def test_delta_rules_equal_the_graphs_gradients():
    network = Network()
    network.error.backward()
    h, o, w = [v.data for v in network.h], [v.data for v in network.o], [v.data for v in network.w]
    w_jk = [[w[4], w[6]], [w[5], w[7]]]  # from hidden unit j to output unit k
    delta_k = [y * (1 - y) * (y - t) for y, t in zip(o, TARGETS, strict=True)]
    delta_j = [y * (1 - y) * sum(w_jk[j][k] * delta_k[k] for k in (0, 1)) for j, y in enumerate(h)]
    expected = [delta_j[j] * x for j in (0, 1) for x in INPUTS] + [delta_k[k] * y for k in (0, 1) for y in h]
    assert [v.grad for v in network.w] == close(expected)
