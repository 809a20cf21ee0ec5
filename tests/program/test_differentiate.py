"""Differentiation of tapes: what the batch's sum, the seed and unneeded branches make of it.

Whether the slopes are right, test_straighten.py (by the interpreter) and test_program_rows.py (by array code) say.
"""

from dataclasses import replace

import numpy as np
import pytest
from scalars import matrix, numbers
from straight import interpreted_gradient, straight_of

import autograd
from autograd import dot, parameter
from autograd.program.differentiate import differentiate
from autograd.program.vectorise import live


def gradient(function, examples, inputs, **options):
    straight, parameters, _ = straight_of(function, examples)
    return interpreted_gradient(straight, np.array(inputs), [p.data for p in parameters], **options)


def test_a_parameters_share_is_summed_over_the_batch():
    w, b = parameter(3.0), parameter(5.0)
    by_parameter, by_input = gradient(lambda x: w * x + b, (0.1,), [[2.0, 7.0, 11.0]])
    assert by_parameter.tolist() == [20.0, 3.0]
    assert by_input.tolist() == [[3.0, 3.0, 3.0]]


def test_the_seed_scales_everything():
    w = parameter(3.0)
    for function in (lambda x: w * x * x, lambda x: w * w + 0 * x, lambda x: x + 2.0 * w, lambda x: (w * x).exp()):
        whole, share = (gradient(function, (0.1,), [[0.2, 0.7]], seed=seed) for seed in (1.0, 0.25))
        np.testing.assert_allclose(share[0], whole[0] / 4, rtol=1e-15)
        np.testing.assert_allclose(share[1], whole[1] / 4, rtol=1e-15)


def test_what_does_not_vary_counts_once_for_each_sample():
    w, v = parameter(3.0), parameter(2.0)
    by_parameter, _ = gradient(lambda x: w * w * v + x, (0.1,), [[1.0] * 5])
    assert by_parameter.tolist() == [5 * 2 * 3 * 2.0, 5 * 9.0]
    by_parameter, _ = gradient(lambda x: (w * v) * x, (0.1,), [[1.0, 2.0, 3.0]])
    assert by_parameter.tolist() == [2 * 6.0, 3 * 6.0]
    by_parameter, _ = gradient(lambda x: w, (0.1,), [[1.0] * 5])
    assert by_parameter.tolist() == [5.0]


def test_shares_of_several_uses_add_up():
    w = parameter(3.0)
    by_parameter, by_input = gradient(lambda x: w * x + (w * x) ** 2 + w.exp() * x - x, (0.1,), [[2.0]])
    assert by_parameter == pytest.approx([2 + 2 * 6 * 2 + np.exp(3) * 2], rel=1e-15)
    assert by_input == pytest.approx(np.array([[3 + 2 * 6 * 3 + np.exp(3) - 1]]), rel=1e-15)


def test_leaves_that_do_not_matter_have_no_adjoint():
    w, v = parameter(3.0), parameter(2.0)
    straight, parameters, _ = straight_of(lambda x, y: w * x, (0.1, 0.2), [w, v])
    tape = straight.tape
    leaves = [tape.parameter(0), tape.parameter(1), tape.input(0), tape.input(1)]
    assert parameters == [w, v]
    assert set(differentiate(straight, straight.outputs[0], leaves)) == {leaves[0], leaves[2]}


def test_nothing_is_differentiated_that_is_not_asked_for():
    """A loss of many inputs' functions, with respect to one parameter."""
    w = parameter(3.0)
    straight, _, _ = straight_of(lambda x: autograd.sum([a.exp() * a.sin() for a in x]) + w * x[0], ([0.1] * 10,))
    before = len(straight.tape)
    differentiate(straight, straight.outputs[0], [straight.tape.parameter(0)])
    assert len(straight.tape) - before <= 4  # the leaf, the seed, the sum over the batch, the product


def test_differentiation_reuses_what_was_computed():
    """exp's slope is z and tanh's 1 - z²: neither is computed again."""
    w = parameter(0.3)
    straight, _, _ = straight_of(lambda x: (w * x).exp().tanh().sigmoid(), (0.1,))
    straight = replace(straight, tape=straight.tape.copy())
    shares = differentiate(straight, straight.outputs[0], [straight.tape.parameter(0)])
    adjoint = straight.tape.lin(shares[straight.tape.parameter(0)])
    kinds = [straight.tape.kinds[i] for i in live(straight.tape, [adjoint, *straight.outputs])]
    assert kinds.count("tanh") == 1
    assert kinds.count("exp") == 2  # that of the sigmoid is another one
    assert set(kinds) <= {"parameter", "input", "constant", "scalar", "lin", "bsum", "exp", "tanh", "divide"}


def test_a_layers_gradient_is_one_sum_over_the_batch_per_weight():
    w, b = matrix(4, 3), numbers(4, 2.0)
    straight, parameters, _ = straight_of(
        lambda x: autograd.sum([dot(row, x, c).relu() for row, c in zip(w, b, strict=True)]), ([0.1, 0.2, 0.3],)
    )
    tape = straight.tape
    leaves = [tape.parameter(i) for i in range(len(parameters))]
    shares = differentiate(straight, straight.outputs[0], leaves)
    adjoints = [tape.lin(shares[leaf]) for leaf in leaves]
    assert [tape.kinds[i] for i in adjoints] == ["bsum"] * 16
    assert len(set(adjoints)) == 16


def test_a_product_through_zeros_keeps_its_slopes():
    _, by_input = gradient(
        lambda x: autograd.prod(x), ([0.1, 0.2, 0.3],), [[0.0, 0.0, 2.0], [3.0, 0.0, 0.0], [4.0, 5.0, 7.0]]
    )
    assert by_input.tolist() == [[12.0, 0.0, 0.0], [0.0, 0.0, 14.0], [0.0, 0.0, 0.0]]


def test_ties_go_to_the_first():
    for reduce in (autograd.max, autograd.min):
        _, by_input = gradient(lambda x, f=reduce: f(x), ([0.1, 0.2, 0.3],), [[1.0], [1.0], [1.0]])
        assert by_input.tolist() == [[1.0], [0.0], [0.0]]
