"""lecture-14: the δ recursion for L layers and for the two-layer network, and one sigmoid neuron's SGD step."""

from itertools import pairwise

import numpy as np
import pytest
from worked_examples import close

from autograd import Value, check_gradient, gate, sigmoid
from autograd.errors import GradientCheckError


def values(array):
    """Return an array of Values with these data."""
    return np.array([Value(x) for x in array.flat], dtype=object).reshape(array.shape)


def data(array):
    return np.array([v.data for v in array.flat]).reshape(array.shape)


def grad(array):
    return np.array([v.grad for v in array.flat]).reshape(array.shape)


class Network:
    """z^l = W^l a^(l-1) + b^l, a^l = σ(z^l), f = ‖a^L - y‖²; W_jk leads from unit k to unit j."""

    def __init__(self, sizes, seed=0):
        rng = np.random.default_rng(seed)
        self.w = [None] + [values(rng.normal(size=(m, n))) for n, m in pairwise(sizes)]
        self.b = [None] + [values(rng.normal(size=m)) for m in sizes[1:]]
        self.a, self.z = [values(rng.normal(size=sizes[0]))], [None]
        for w, b in zip(self.w[1:], self.b[1:], strict=True):
            self.z.append(w @ self.a[-1] + b)
            self.a.append(np.array([sigmoid(z) for z in self.z[-1]], dtype=object))
        self.y = rng.uniform(size=sizes[-1])
        self.f = sum((self.a[-1] - self.y) ** 2)
        self.f.backward()

    def deltas(self):
        """Return δ^l for each layer by the lecture's recursion, in plain NumPy."""
        a, last = [data(layer) for layer in self.a], len(self.a) - 1
        delta = {last: 2 * (a[last] - self.y) * a[last] * (1 - a[last])}
        for layer in range(last - 1, 0, -1):
            delta[layer] = data(self.w[layer + 1]).T @ delta[layer + 1] * a[layer] * (1 - a[layer])
        return delta


@pytest.mark.parametrize("sizes", [(3, 2), (2, 3, 2), (3, 5, 4, 2)])
def test_delta_recursion_equals_the_graphs_gradients(sizes):
    network = Network(sizes)
    for layer, delta in network.deltas().items():
        assert grad(network.z[layer]) == close(delta)
        assert grad(network.b[layer]) == close(delta)  # ∇f(b^l) = δ^l
        assert grad(network.w[layer]) == close(np.outer(delta, data(network.a[layer - 1])))  # ∇f(W^l) = δ^l (a^(l-1))ᵀ


def test_the_final_algorithms_indices_are_a_misprint():
    network = Network((3, 3, 3, 3))  # equal layers, so that the misprint's shapes fit
    delta = network.deltas()
    misprint = np.outer(delta[1], data(network.a[2]))  # ∇f(W^(l+1)) = δ^l (a^(l+1))ᵀ for l = 1
    assert not np.allclose(grad(network.w[2]), misprint)
    assert not np.allclose(grad(network.b[2]), delta[1])


def test_two_layer_network_in_the_second_notation():
    network = Network((3, 2, 4))
    w, v = network.w[1], network.w[2]
    x, h, y_hat = (data(layer) for layer in network.a)
    delta = 2 * (y_hat - network.y) * y_hat * (1 - y_hat)
    gamma = (delta @ data(v)) * h * (1 - h)
    assert grad(v) == close(np.outer(delta, h))  # δ hᵀ; the slides' h δᵀ is its transpose
    assert grad(w) == close(np.outer(gamma, x))
    assert grad(v).shape != np.outer(h, delta).shape


def test_sgd_step_of_one_sigmoid_neuron():
    w, b, x, y, rate = [Value(0.5), Value(-1.5)], Value(0.25), (2.0, 1.0), 1.0, 0.1
    y_hat = sigmoid(x[0] * w[0] + x[1] * w[1] + b)
    ((y - y_hat) ** 2).backward()
    for v in (*w, b):
        v.data -= rate * v.grad
    p = 1 / (1 + np.exp(0.25))  # z = 2 · 0.5 - 1.5 + 0.25 = -0.25
    delta = 2 * (p - y) * p * (1 - p)
    assert [v.data for v in w] == close([0.5 - rate * delta * x[0], -1.5 - rate * delta * x[1]])
    assert b.data == close(0.25 - rate * delta)


def test_gradient_check_catches_the_asides_lost_factor():
    def s(z):
        return 1 / (1 + np.exp(-z))

    check_gradient(gate(s, lambda z: s(z) * (1 - s(z)), name="sigmoid"), 0.3)
    with pytest.raises(GradientCheckError, match="argument 0"):
        check_gradient(gate(s, lambda z: 1 / s(z) * (1 - s(z)) / (1 - s(z)), name="sigmoid"), 0.3)
