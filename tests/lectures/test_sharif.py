"""sharif: computational graphs, the gate API, patterns in backward flow, vectorised gradients, the gradient check."""

import math
from itertools import pairwise

import numpy as np
import pytest
from worked_examples import EXAMPLES, close

from autograd import Graph, Value, check_gradient, exp, gate, maximum, relu, sigmoid, trace
from autograd.errors import GradientCheckError

# --- f = (x + y) z ----------------------------------------------------------------------------------------------------


def test_sum_times_as_arithmetic_on_values():
    numbers = EXAMPLES["sum_times"]
    x, y, z = Value(-2), Value(5), Value(-4)
    q = x + y
    f = q * z
    f.backward()
    assert (f.data, q.data) == close((numbers["f"], numbers["q"]))
    assert (x.grad, y.grad, z.grad) == close((numbers["df_dx"], numbers["df_dy"], numbers["df_dz"]))
    assert (q.grad, f.grad) == close((numbers["df_dq"], 1.0))


def test_sum_times_as_an_expression():
    numbers = EXAMPLES["sum_times"]
    graph = trace("q = x + y; f = q * z", x=-2, y=5, z=-4)
    assert graph.forward() == close(numbers["f"])
    assert graph.backward() == close({"x": numbers["df_dx"], "y": numbers["df_dy"], "z": numbers["df_dz"]})
    (q,) = (node for node in graph.nodes if node.label == "q")
    assert (q.data, q.grad) == close((numbers["q"], numbers["df_dq"]))


# --- the sigmoid neuron -----------------------------------------------------------------------------------------------

NEURON = {"w0": 2.0, "x0": -1.0, "w1": -3.0, "x1": -2.0, "w2": -3.0}


def elementary(w0, x0, w1, x1, w2):
    return 1 / (1 + exp(-1 * (w0 * x0 + w1 * x1 + w2)))


def fused(w0, x0, w1, x1, w2):
    return sigmoid(w0 * x0 + w1 * x1 + w2)


class SigmoidLayer:
    """Caffe's layer: keeps its output, which is all its backward needs."""

    def forward(self, bottom):
        self.top = 1.0 / (1.0 + math.exp(-bottom))
        return self.top

    def backward(self, top_diff):
        return top_diff * self.top * (1.0 - self.top)


def caffe(w0, x0, w1, x1, w2):
    return gate(SigmoidLayer)(w0 * x0 + w1 * x1 + w2)


@pytest.mark.parametrize("neuron", [elementary, fused, caffe])
def test_sigmoid_neuron_of_elementary_gates_and_as_one_gate(neuron):
    inputs = {label: Value(data, label=label) for label, data in NEURON.items()}
    graph = Graph(neuron(**inputs))
    gradients = graph.backward()
    assert {"f": graph.output.data, **gradients} == close(EXAMPLES["sigmoid_neuron"])


def test_sigmoid_neuron_shows_the_slides_intermediate_gradients():
    inputs = {label: Value(data, label=label) for label, data in NEURON.items()}
    graph = Graph(elementary(**inputs))
    graph.backward()
    *_, times_minus_1, exponential, plus_1, reciprocal = [node for node in graph.nodes if not node.is_leaf]
    shown = [round(node.grad, 2) for node in (reciprocal, plus_1, exponential, times_minus_1)]
    assert shown == [1.0, -0.53, -0.53, -0.2]


# --- patterns in backward flow ----------------------------------------------------------------------------------------


def test_add_gate_distributes_the_gradient():
    x, y = Value(3.0), Value(-4.0)
    (x + y).backward(gradient=2.0)
    assert (x.grad, y.grad) == (2.0, 2.0)


def test_max_gate_routes_the_gradient():
    z, w = Value(2.0), Value(-1.0)
    maximum(z, w).backward(gradient=2.0)
    assert (z.grad, w.grad) == (2.0, 0.0)


def test_multiply_gate_swaps_its_inputs():
    x, y = Value(3.0), Value(-4.0)
    (x * y).backward(gradient=2.0)
    assert (x.grad, y.grad) == (-8.0, 6.0)


def test_gradients_add_at_branches():
    x = Value(0.7)
    y1, y2 = x * 3.0, x * x
    (y1 * y2).backward()
    assert y1.grad == close(0.7**2)
    assert y2.grad == close(2.1)
    assert x.grad == close(y1.grad * 3.0 + y2.grad * 2 * 0.7)


# --- the gate API -----------------------------------------------------------------------------------------------------


class MultiplyGate:
    def forward(self, x, y):
        self.x, self.y = x, y
        return x * y

    def backward(self, dz):
        return [self.y * dz, self.x * dz]


multiply_gate = gate(MultiplyGate)


def test_computational_graph_of_the_users_own_gates():
    x, y, z = Value(-2, label="x"), Value(5, label="y"), Value(-4, label="z")
    graph = Graph(multiply_gate(x + y, z))
    assert graph.forward({"x": -2, "y": 5, "z": -4}) == -12.0
    assert graph.backward() == {"x": -4.0, "y": -4.0, "z": 3.0}
    assert graph.forward({"z": 2.0}) == 6.0  # the loss
    assert graph.backward() == {"x": 2.0, "y": 2.0, "z": 3.0}  # the gradients of the inputs


@pytest.mark.parametrize("use", [multiply_gate, gate(SigmoidLayer)])
def test_users_gates_pass_the_gradient_check(use):
    arguments = (0.7, -1.3) if use is multiply_gate else (0.7,)
    assert len(check_gradient(use, *arguments)) == len(arguments)


# --- vectorised gradients ---------------------------------------------------------------------------------------------


def test_squared_norm_and_the_shape_of_its_gradients():
    numbers = EXAMPLES["squared_norm"]
    w = [[Value(0.1), Value(0.5)], [Value(-0.3), Value(0.8)]]
    x = [Value(0.2), Value(0.4)]
    q = [sum(w_kj * x_j for w_kj, x_j in zip(row, x, strict=True)) for row in w]
    f = sum(q_k * q_k for q_k in q)
    f.backward()
    assert [v.data for v in q] == close(numbers["q"])
    assert f.data == close(numbers["f"])
    assert [v.grad for v in q] == close(numbers["df_dq"])
    assert [[v.grad for v in row] for row in w] == [close(row) for row in numbers["df_dW"]]
    assert [v.grad for v in x] == close(numbers["df_dx"])


def test_jacobian_of_an_elementwise_layer_is_diagonal():
    x = [Value(data) for data in (1.0, -2.0, 3.0, -0.5)]
    f = [relu(v) for v in x]
    jacobian = []
    for output in f:
        for v in x:
            v.grad = 0.0
        output.backward()
        jacobian.append([v.grad for v in x])
    assert jacobian == [[1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]]


# --- δ from layer to layer, and the slides' misprints -----------------------------------------------------------------


def two_layers(seed=1, sizes=(3, 4, 2)):
    """A network a = f(Wᵀ a), w[l][i][j] from unit i to unit j as on the slides, with E = Σ (a - y)²."""
    rng = np.random.default_rng(seed)
    w = [[[Value(x) for x in row] for row in rng.normal(size=shape)] for shape in pairwise(sizes)]
    a = [[Value(x) for x in rng.normal(size=sizes[0])]]
    z = [[]]
    for layer in w:
        z.append([sum(layer[i][j] * a[-1][i] for i in range(len(layer))) for j in range(len(layer[0]))])
        a.append([sigmoid(v) for v in z[-1]])
    y = [0.2, 0.9]
    error = sum((v - target) ** 2 for v, target in zip(a[-1], y, strict=True))
    error.backward()
    return w, a, z, y


def test_sensitivities_follow_the_recursion():
    w, a, _, y = two_layers()
    delta = [2 * (v.data - target) for v, target in zip(a[2], y, strict=True)]  # ∂E/∂a of the last layer
    assert [v.grad for v in a[2]] == close(delta)
    slope = [v.data * (1 - v.data) for v in a[2]]
    assert [[v.grad for v in row] for row in w[1]] == [
        close([delta[j] * v.data * slope[j] for j in range(2)]) for v in a[1]
    ]
    assert [v.grad for v in a[1]] == close([sum(delta[j] * slope[j] * row[j].data for j in range(2)) for row in w[1]])


def test_slope_taken_out_of_the_sum_is_not_the_gradient():
    w, a, _, _ = two_layers()
    delta = [v.grad for v in a[2]]
    slope = [v.data * (1 - v.data) for v in a[2]]
    for row, unit in zip(w[1], a[1], strict=True):
        for misprint in slope:
            assert misprint * sum(d * v.data for d, v in zip(delta, row, strict=True)) != pytest.approx(unit.grad)


def test_delta_is_the_gradient_of_z_when_it_is_used_as_such():
    _, a, z, _ = two_layers()
    for unit, total in zip(a[1] + a[2], z[1] + z[2], strict=True):
        assert total.grad == close(unit.grad * unit.data * (1 - unit.data))
        assert total.grad != pytest.approx(unit.grad)


def test_gradient_check_catches_the_sign_of_the_squared_error():
    right = gate(lambda a, y: (a - y) ** 2, lambda a, y: (2 * (a - y), -2 * (a - y)), name="squared_error")
    misprint = gate(lambda a, y: (a - y) ** 2, lambda a, y: (2 * (y - a), -2 * (a - y)), name="squared_error")
    check_gradient(right, 0.8, 0.3)
    with pytest.raises(GradientCheckError, match=r"argument 0: expected 1 .*, received -1 ") as caught:
        check_gradient(misprint, 0.8, 0.3)
    assert "argument 1" not in str(caught.value)
