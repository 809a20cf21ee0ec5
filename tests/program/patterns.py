"""Weights as matrices, in every order that a matrix can lie in theta; see functions.py."""

from __future__ import annotations

from scalars import Made, affine, made, matrix, numbers, squares

import autograd
from autograd import dot, parameter, tanh


@made
def one_product() -> Made:
    w = parameter(0.7)
    return lambda x: w * x, (0.5,)


@made
def neuron() -> Made:
    w, b = numbers(3), parameter(0.2)
    return lambda x: tanh(dot(w, x, b)), ([0.1, 0.2, 0.3],)


@made
def neuron_by_hand() -> Made:
    w, b = numbers(3), parameter(0.2)
    return lambda x: (b + w[0] * x[0] + x[1] * w[1] + w[2] * x[2]).tanh(), ([0.1, 0.2, 0.3],)


@made
def matrix_without_bias() -> Made:
    w = matrix(4, 3)
    return lambda x: squares(map(tanh, affine(w, x))), ([0.1, 0.2, 0.3],)


@made
def bias_before_weights() -> Made:
    b, w = numbers(4), matrix(4, 3, 2.0)
    return lambda x: squares(map(tanh, affine(w, x, b))) + b[0], ([0.1, 0.2, 0.3],)


@made
def bias_of_some_neurons() -> Made:
    w, b = matrix(4, 3), numbers(2, 2.0)

    def function(x):
        z = affine(w, x)
        return squares(map(tanh, [z[0] + b[0], z[1], z[2] + b[1], z[3]]))

    return function, ([0.1, 0.2, 0.3],)


@made
def matrix_by_columns() -> Made:
    w = matrix(3, 4)
    return lambda x: squares(tanh(autograd.sum([w[j][i] * x[j] for j in range(3)])) for i in range(4)), (
        [0.1, 0.2, 0.3],
    )


@made
def reversed_inputs() -> Made:
    w = matrix(4, 3)
    return lambda x: squares(map(tanh, affine(w, x[::-1]))), ([0.1, 0.2, 0.3],)


@made
def every_other_input() -> Made:
    w = matrix(4, 3)
    return lambda x: squares(map(tanh, affine(w, x[::2]))), ([0.1, 0.2, 0.3, 0.4, 0.5, 0.6],)


@made
def scattered_weights() -> Made:
    w = numbers(12)
    return lambda x: squares(
        map(tanh, affine([[w[(5 * i + 7 * j * j) % 12] for j in range(3)] for i in range(4)], x))
    ), ([0.1, 0.2, 0.3],)


@made
def tied_transpose() -> Made:
    w = matrix(3, 2)

    def function(x):  # an auto-encoder: the way back is the transpose
        code = list(map(tanh, affine(w, x)))
        back = [dot([row[j] for row in w], code) for j in range(2)]
        return squares(a - b for a, b in zip(back, x, strict=True))

    return function, ([0.1, 0.2],)


@made
def symmetric_weights() -> Made:
    w = numbers(6)
    index = {(0, 0): 0, (0, 1): 1, (0, 2): 2, (1, 1): 3, (1, 2): 4, (2, 2): 5}
    return lambda x: squares(
        tanh(dot([w[index[min(i, j), max(i, j)]] for j in range(3)], x)) for i in range(3)
    ), ([0.1, 0.2, 0.3],)  # fmt: skip


@made
def convolution() -> Made:
    kernel, b = numbers(3), parameter(0.1)
    return lambda x: squares(tanh(dot(kernel, x[i : i + 3], b)) for i in range(8)), ([0.1] * 10,)


@made
def scaled_weights() -> Made:
    w = matrix(4, 3)
    return lambda x: squares(tanh(autograd.sum([2.5 * (a * b) for a, b in zip(r, x, strict=True)])) for r in w), (
        [0.1, 0.2, 0.3],
    )


@made
def each_weight_scaled_otherwise() -> Made:
    w = matrix(4, 3)
    return lambda x: squares(
        tanh(autograd.sum([(j - 1.5 + i) * a * b for j, (a, b) in enumerate(zip(r, x, strict=True))]))
        for i, r in enumerate(w)
    ), ([0.1, 0.2, 0.3],)


@made
def weights_computed_from_others() -> Made:
    w = matrix(4, 3)
    return lambda x: squares(tanh(dot([a.exp() for a in row], x)) for row in w), ([0.1, 0.2, 0.3],)


@made
def normalised_weights() -> Made:
    w = numbers(3)

    def function(x):
        length = squares(w) ** 0.5
        return dot([a / length for a in w], x)

    return function, ([0.1, 0.2, 0.3],)


@made
def fixed_matrix() -> Made:
    w = numbers(3)
    return lambda x: dot(w, [0.5 * x[0] - x[1], x[0] + 2 * x[1], x[1] - 3 * x[0]]).tanh(), ([0.1, 0.2],)


@made
def the_same_weight_twice_in_a_row() -> Made:
    w, v = parameter(0.4), parameter(-0.3)
    return lambda x: squares([w * x[0] + w * x[1] + v * x[1], v * x[0] + w * x[0] + v * x[2]]), ([0.1, 0.2, 0.3],)


@made
def sparse_weights() -> Made:
    w = numbers(12)
    return lambda x: squares(tanh(w[i] * x[i] + w[(i + 5) % 12] * x[(3 * i + 1) % 12]) for i in range(12)), (
        [0.1] * 12,
    )


@made
def block_diagonal() -> Made:
    w = [matrix(2, 2, 0.1 + i) for i in range(4)]
    return lambda x: squares(tanh(z) for i in range(4) for z in affine(w[i], x[2 * i : 2 * i + 2])), ([0.1] * 8,)


@made
def triangular_weights() -> Made:
    w = [numbers(i + 1, i) for i in range(5)]
    return lambda x: squares(tanh(dot(w[i], x[: i + 1])) for i in range(5)), ([0.1] * 5,)


@made
def two_arguments_into_one_layer() -> Made:
    w, u, b = matrix(4, 3), matrix(4, 2, 2.0), numbers(4, 3.0)
    return lambda x, y: squares(
        tanh(dot(w[i], x) + dot(u[i], y, b[i])) for i in range(4)
    ), ([0.1, 0.2, 0.3], [0.4, 0.5])  # fmt: skip


@made
def layer_used_twice() -> Made:
    w, b = matrix(3, 3), numbers(3, 2.0)

    def function(x):
        for _ in range(3):
            x = [tanh(z) for z in affine(w, x, b)]
        return squares(x)

    return function, ([0.1, 0.2, 0.3],)


@made
def residual() -> Made:
    w, b = matrix(3, 3), numbers(3, 2.0)

    def function(x):
        for _ in range(3):
            x = [a + tanh(z) for a, z in zip(x, affine(w, x, b), strict=True)]
        return squares(x)

    return function, ([0.1, 0.2, 0.3],)


@made
def multiplicative_gates() -> Made:
    w, u = matrix(4, 3), matrix(4, 3, 2.0)
    return lambda x: squares(
        a.sigmoid() * b.tanh() + (1 - a.sigmoid()) * 0.5 for a, b in zip(affine(w, x), affine(u, x), strict=True)
    ), ([0.1, 0.2, 0.3],)


@made
def bilinear() -> Made:
    w = matrix(3, 2)
    return lambda x, y: autograd.sum([x[i] * w[i][j] * y[j] for i in range(3) for j in range(2)]), (
        [0.1, 0.2, 0.3],
        [0.4, 0.5],
    )
