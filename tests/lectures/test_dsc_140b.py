"""dsc-140b: the four recursive formulas, and all gradients of the 2-2-2-1 ReLU network."""

from itertools import pairwise

import numpy as np
import pytest
from worked_examples import EXAMPLES, close

from autograd import Value, dot, relu, sigmoid

RELU_NET = ([[2, -3], [2, 1]], [[2, 1], [0, 1]], [[3], [-2]])  # W_ij goes from unit i to unit j


class Network:
    """z_j = Σ_i W_ij a_i + b_j, a = g(z), and a last layer without activation, H."""

    def __init__(self, weights, x, g, fused=False):
        self.w = [[[Value(data) for data in row] for row in layer] for layer in weights]
        self.b = [[Value(0.0) for _ in layer[0]] for layer in weights]
        self.a, self.z = [[Value(data) for data in x]], []
        for w, b in zip(self.w, self.b, strict=True):
            columns = list(zip(*w, strict=True))
            if fused:
                self.z.append([dot(column, self.a[-1], bias) for column, bias in zip(columns, b, strict=True)])
            else:
                self.z.append(
                    [
                        sum(w_ij * a_i for w_ij, a_i in zip(column, self.a[-1], strict=True)) + bias
                        for column, bias in zip(columns, b, strict=True)
                    ]
                )
            self.a.append([g(z) for z in self.z[-1]] if w is not self.w[-1] else self.z[-1])
        (self.output,) = self.a[-1]
        self.output.backward()


def data(nested):
    return [data(x) for x in nested] if isinstance(nested, list) else nested.data


def grad(nested):
    return [grad(x) for x in nested] if isinstance(nested, list) else nested.grad


@pytest.mark.parametrize("fused", [False, True])
def test_relu_network(fused):
    numbers = EXAMPLES["relu_net"]
    network = Network(RELU_NET, (2, 1), relu, fused)
    assert network.output.data == numbers["H"]
    assert data(network.z[:2]) == [numbers["z1"], numbers["z2"]]
    assert grad(network.w) == [numbers["dW1"], numbers["dW2"], numbers["dW3"]]
    assert grad(network.b) == [numbers["db1"], numbers["db2"], numbers["db3"]]


def test_four_recursive_formulas_equal_the_graphs_gradients():
    rng = np.random.default_rng(3)
    weights = [rng.normal(size=shape).tolist() for shape in pairwise((3, 4, 3, 1))]
    network = Network(weights, rng.normal(size=3), sigmoid)
    dz = [1.0]  # ∂H/∂z of the last layer, which has no activation
    for layer in (2, 1, 0):
        below = data(network.a[layer])
        assert grad(network.z[layer]) == close(dz)
        assert grad(network.b[layer]) == close(dz)
        for row, a_i in zip(grad(network.w[layer]), below, strict=True):
            assert row == close([a_i * dz_j for dz_j in dz])
        da = [sum(w_jk * dz_k for w_jk, dz_k in zip(row, dz, strict=True)) for row in weights[layer]]
        assert grad(network.a[layer]) == close(da)
        dz = [da_j * a * (1 - a) for da_j, a in zip(da, below, strict=True)]


def test_stochastic_gradient_is_the_mean_over_the_mini_batch():
    batch = [(0.5, 1.0), (-1.5, 0.2), (2.0, -0.7)]
    w = Value(0.4)
    risk = sum((w * x - y) ** 2 for x, y in batch) / len(batch)
    risk.backward()
    error_times_blame = [2 * (0.4 * x - y) * x for x, y in batch]
    assert w.grad == close(sum(error_times_blame) / len(batch))
    assert w.grad != pytest.approx(sum(error_times_blame))  # the slide's sum lacks 1/|B|
