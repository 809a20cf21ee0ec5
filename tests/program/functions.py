"""Functions of scalars that tape, array code and whole programs are tested on: small ones, each for one trait.

Each entry of MADE makes anew (function, examples): parameters are made in it, so that no test sees another's numbers.
Those of SEVERAL return several numbers.
"""

from __future__ import annotations

from collections.abc import Callable

import patterns  # noqa: F401  # which adds its functions to the table
from scalars import MADE, Made, affine, made, matrix, numbers, squares

import autograd
from autograd import Value, constant, dot, logsumexp, maximum, parameter, where

__all__ = ["MADE", "SEVERAL"]

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
