"""Functions of scalars that tape, array code and whole programs are tested on: small ones, each for one trait.

Each entry makes anew (function, examples): parameters are made in it, so that no test sees another's numbers.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import autograd
from autograd import Value, constant, dot, logsumexp, maximum, parameter, tanh, where

Made = tuple[Callable[..., Any], tuple[Any, ...]]


def numbers(count: int, start: float = 0.3) -> list[Value]:
    """Return parameters with numbers between -1 and 1, all different."""
    return [parameter(math.sin(start + 1.7 * i)) for i in range(count)]


def matrix(rows: int, width: int, start: float = 0.3) -> list[list[Value]]:
    flat = iter(numbers(rows * width, start))
    return [list(itertools.islice(flat, width)) for _ in range(rows)]


def affine(w: list[list[Value]], x: Any, b: list[Value] | None = None) -> list[Value]:
    return [dot(row, x, None if b is None else b[i]) for i, row in enumerate(w)]


def squares(xs: Any) -> Value:
    return autograd.sum([x * x for x in xs])


MADE: dict[str, Callable[[], Made]] = {}


def made(function: Callable[[], Made]) -> Callable[[], Made]:
    MADE[function.__name__] = function
    return function


# --- weights as matrices, in every order that a matrix can lie in theta ---


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


# --- sums ---


@made
def long_sum_of_inputs() -> Made:
    return lambda x: autograd.sum(x).tanh(), ([0.1] * 20,)


@made
def long_sum_of_products() -> Made:
    return lambda x, y: dot(x, y).tanh(), ([0.1] * 20, [0.2] * 20)


@made
def long_sums_of_different_lengths() -> Made:
    return lambda x: squares(
        autograd.sum([a * b for a, b in zip(x[: 9 + i], x[i:], strict=False)]) for i in range(5)
    ), ([0.1] * 20,)


@made
def long_weighted_sum() -> Made:
    return lambda x: autograd.sum([(i - 7.5) * a * a for i, a in enumerate(x)]), ([0.1] * 16,)


@made
def penalty_alone() -> Made:
    w = numbers(12)
    return lambda x: squares(w) + 0 * x, (0.5,)


@made
def loss_and_penalty() -> Made:
    w = numbers(12)
    return lambda x: dot(w, x).tanh() + 1e-2 * squares(w), ([0.1] * 12,)


@made
def sums_of_differences() -> Made:
    return lambda x: squares(3 - (x[i] - x[i + 1]) - (x[i] - 2 * x[i + 1]) for i in range(5)), ([0.1] * 6,)


@made
def shared_sum() -> Made:
    w = numbers(2)

    def function(x):
        s = w[0] * x[0] + w[1] * x[1]
        return s * s + s + s.tanh() * s

    return function, ([0.1, 0.2],)


@made
def like_terms() -> Made:
    w = parameter(0.4)
    return lambda x, y: (w * x + x * w + y - 3 * y + w * y - y * w + 1 + 2).tanh(), (0.1, 0.2)


@made
def means() -> Made:
    w = numbers(3)
    return lambda x: autograd.mean([w[0] * x[0], w[1], autograd.mean(x), 0.5]) ** 2, ([0.1, 0.2, 0.3],)


@made
def constant_minus_product() -> Made:
    w = numbers(2)
    return lambda x, y: (1 - y * dot(w, x)).relu(), ([0.1, 0.2], 1.0)


# --- choices, reductions ---


@made
def a_choice() -> Made:
    w = numbers(2)
    return lambda x: where(x[0] > x[1], w[0] * x[0], w[1] * x[1].exp()), ([0.3, 0.2],)


@made
def choice_by_a_parameter() -> Made:
    w = numbers(3)
    return lambda x: where(w[0] > 0, w[1] * x, w[2] / (1 + x * x)), (0.3,)


@made
def truth_values_as_numbers() -> Made:
    w = numbers(3)

    def function(x):
        above = [a > 0.1 for a in x]
        return autograd.sum([t * a for t, a in zip(above, w, strict=True)]) + autograd.sum(above) * (
            above[0] - above[1]
        )

    return function, ([0.3, 0.2, -0.1],)


@made
def truth_value_alone() -> Made:
    return lambda x: x > 0.1, (0.3,)


@made
def softmax_cross_entropy() -> Made:
    w, b = matrix(4, 3), numbers(4, 2.0)

    def function(x, y):
        z = affine(w, x, b)
        return logsumexp(z) - dot(y, z)

    return function, ([0.1, 0.2, 0.3], [0.0, 1.0, 0.0, 0.0])


@made
def max_pooling() -> Made:
    w = numbers(2)
    return lambda x: squares(autograd.max([w[0] * x[i], x[i + 1], w[1]]) for i in range(0, 6, 2)), ([0.1] * 6,)


@made
def products_of_many() -> Made:
    w = numbers(3)
    return lambda x: autograd.prod([*w, *x]) + autograd.prod(w) * autograd.min(x), ([0.1, 0.2],)


@made
def reductions_of_parameters() -> Made:
    w = numbers(3)
    return lambda x: x * autograd.max(w) + autograd.prod(w) - logsumexp(w) * autograd.min([w[0], x]), (0.1,)


# --- what does not vary, what does not matter ---


@made
def no_parameters() -> Made:
    return lambda x: x.sin() * x, (0.1,)


@made
def no_arguments() -> Made:
    w = numbers(3)
    return lambda: squares(w).tanh(), ()


@made
def the_argument_itself() -> Made:
    return lambda x: x, (0.1,)


@made
def a_parameter_itself() -> Made:
    w = parameter(0.3)
    return lambda x: w, (0.1,)


@made
def a_number() -> Made:
    return lambda x: 3.0, (0.1,)


@made
def without_the_argument() -> Made:
    w = numbers(2)
    return lambda x: w[0] * w[1].exp(), (0.1,)


@made
def an_unused_argument() -> Made:
    w = numbers(2)
    return lambda x, y, z: w[0] * z[1] + w[1], (0.1, [0.2], [0.3, 0.4])


@made
def slopes_of_zero() -> Made:
    w = numbers(2)
    return lambda x: (w[0] * x).sign() + (w[1] * x).step() + (x > w[0]) + constant(2.0) * constant(3.0), (0.4,)


@made
def detached() -> Made:
    w, fixed = parameter(0.3), Value(0.8).detach()
    return lambda x: fixed * w * x, (0.4,)


@made
def parameter_function_times_batch() -> Made:
    w = numbers(2)
    return lambda x: (w[0].exp() + w[1]) * x + w[0].sin() * w[1], (0.4,)


@made
def deep_chain() -> Made:
    w = parameter(0.9)

    def function(x):
        for _ in range(200):
            x = (w * x).tanh() + 0.5
        return x

    return function, (0.1,)


@made
def irregular() -> Made:
    w = numbers(4)

    def function(x, y):
        a = maximum(w[0] * x[0], y) / (1 + (x[1] - w[1]) ** 2)
        b = where(a > x[2], a.sin() + w[2], (w[3] * a).softplus()) - a
        return (a * b + y).tanh() * b.absolute() + abs(w[2] - x[2] * b) ** 1.5

    return function, ([0.1, 0.2, 0.3], 0.4)


SEVERAL: dict[str, Callable[[], Made]] = {
    "a list": lambda: ((lambda w: lambda x: [w * x, x, w, 2.0])(parameter(0.3)), (0.1,)),
    "a matrix": lambda: ((lambda w: lambda x: affine(w, x))(matrix(3, 2)), ([0.1, 0.2],)),
    "softmax": lambda: (
        (lambda w: lambda x: [(z - logsumexp(affine(w, x))).exp() for z in affine(w, x)])(matrix(3, 2)),
        ([0.1, 0.2],),
    ),
    "the same twice": lambda: (lambda x: [x * x, x * x, x], (0.1,)),
    "one within the other": lambda: (lambda x, y: [x + y, x + y + 1, (x + y) * x], (0.1, 0.2)),
    "nested": lambda: (lambda x: {"a": x, "b": [x * x, (x.exp(), 1.0)]}, (0.1,)),
}
