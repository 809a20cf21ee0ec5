"""Calling a program: values, gradients, batches and shapes; arguments and results; what belongs to the caller."""

import numpy as np
import pytest
from judge import assert_close
from models import line

import autograd
from autograd import parameter

# --- values ---


def test_values_of_a_batch():
    program = line()
    received = program([1.0, 2.0, 3.0], [0.0, 0.0, 1.0])
    assert received.tolist() == [1.0, 9.0, 16.0]
    assert received.dtype == float


def test_arguments_may_be_lists_arrays_of_any_type_and_layout():
    w = [parameter(1.0), parameter(10.0)]
    program = autograd.compile(lambda x: w[0] * x[0] + w[1] * x[1], [0.0, 0.0])
    X = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    expected = [21.0, 43.0, 65.0]
    wide = np.zeros((3, 5))
    wide[:, 1:5:2] = X
    forms = [X.tolist(), tuple(map(tuple, X)), X.astype(np.float32), X.astype(int)]
    for form in (*forms, np.asfortranarray(X), wide[:, 1:5:2], X[::-1][::-1]):
        assert program(form).tolist() == expected
    assert X.tolist() == [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]


def test_without_any_batch_axis_there_is_none_in_the_result():
    program = line()
    received = program(3.0, 1.0)
    assert received == 16.0
    assert type(received) is float
    value, gradient = program.value_and_grad(3.0, 1.0)
    assert value == 16.0
    assert type(value) is float
    assert gradient.tolist() == [24.0, 8.0]
    assert program([3.0], [1.0]).tolist() == [16.0]


def test_an_argument_without_the_batch_axis_counts_for_every_sample():
    program = line()
    assert program([1.0, 2.0, 3.0], 1.0).tolist() == [0.0, 4.0, 16.0]
    assert program(1.0, [0.0, 1.0]).tolist() == [1.0, 0.0]
    value, gradient, (by_x, by_y) = program.value_and_grad([1.0, 2.0, 3.0], 1.0, inputs=True, reduce="sum")
    assert value == 20.0
    assert gradient.tolist() == [2 * (0 + 2 * 2 + 3 * 4), 2 * (0 + 2 + 4)]
    assert by_x.tolist() == [0.0, 8.0, 16.0]
    assert by_y.shape == ()
    assert by_y == -12.0


def test_any_batch_size_on_any_call():
    """Also more sizes than a program keeps buffers for, and back again."""
    program = line()
    for n in [3, 1, 100, *range(2, 15), 3, 1, 1000, 100]:
        x = np.arange(n) / 10
        expected = (2 * x - 1 - 0.5) ** 2
        assert_close(program(x, np.full(n, 0.5)), expected, expected)
        value, gradient = program.value_and_grad(x, np.full(n, 0.5))
        assert_close(value, expected.mean(), expected.mean())
        assert_close(gradient, [np.mean(2 * (2 * x - 1.5) * x), np.mean(2 * (2 * x - 1.5))], 1e3)


def test_arguments_by_name():
    program = line()
    expected = program([1.0, 2.0], [5.0, 6.0]).tolist()
    assert program(y=[5.0, 6.0], x=[1.0, 2.0]).tolist() == expected
    assert program([1.0, 2.0], y=[5.0, 6.0]).tolist() == expected
    assert program.value_and_grad(y=[5.0, 6.0], x=[1.0, 2.0])[0] == program.value_and_grad([1.0, 2.0], [5.0, 6.0])[0]
    assert program.check(y=[5.0, 6.0], x=[1.0, 2.0]) == program.check([1.0, 2.0], [5.0, 6.0]) < 1e-12


def test_the_mean_and_the_sum():
    program = line()
    x, y = [1.0, 2.0, 3.0, 4.0], [0.0, 1.0, 0.0, 1.0]
    total, by_theta, by_inputs = program.value_and_grad(x, y, reduce="sum", inputs=True)
    mean, mean_by_theta, mean_by_inputs = program.value_and_grad(x, y, inputs=True)
    assert total == program(x, y).sum() == 4 * mean
    np.testing.assert_allclose(by_theta, 4 * mean_by_theta, rtol=1e-15)
    for whole, share in zip(by_inputs, mean_by_inputs, strict=True):
        np.testing.assert_allclose(whole, 4 * share, rtol=1e-15)


def test_gradients_of_inputs_have_their_arguments_shapes():
    program = autograd.compile(lambda x, y, z: x[0][1] * y * z[2], [[0.0] * 2] * 3, 0.0, [0.0] * 3)
    arrays = [np.random.default_rng(0).normal(size=shape) for shape in ((4, 3, 2), (4,), (3,))]
    _, gradient, shares = program.value_and_grad(*arrays, inputs=True)
    assert gradient.shape == (0,)
    assert [share.shape for share in shares] == [(4, 3, 2), (4,), (3,)]
    assert shares[0][:, 0, 1] == pytest.approx(arrays[1] * arrays[2][2] / 4)
    assert np.count_nonzero(shares[0]) == 4
    assert np.count_nonzero(shares[2]) == 1


# --- nested results and arguments ---


def test_a_regular_list_becomes_an_array():
    w = parameter(2.0)
    program = autograd.compile(lambda x: [[w * x, x, w], [1.0, x * x, -x]], 0.0)
    assert program([1.0, 3.0]).tolist() == [[[2, 1, 2], [1, 1, -1]], [[6, 3, 2], [1, 9, -3]]]
    assert program(3.0).tolist() == [[6, 3, 2], [1, 9, -3]]
    assert autograd.compile(lambda x: [x], 0.0)([1.0, 3.0]).tolist() == [[1.0], [3.0]]
    assert autograd.compile(lambda x: (x, -x), 0.0)([1.0, 3.0]).tolist() == [[1.0, -1.0], [3.0, -3.0]]


def test_other_structures_keep_their_form():
    w = parameter(2.0)
    program = autograd.compile(lambda x: {"a": x, "b": [w, (x * x, [1.0, x])]}, 0.0)
    received = program([1.0, 3.0])
    assert list(received) == ["a", "b"]
    assert received["a"].tolist() == [1.0, 3.0]
    w_part, (square, (one, same)) = received["b"]
    assert type(received["b"][1]) is tuple
    assert [a.tolist() for a in (w_part, square, one, same)] == [[2.0, 2.0], [1.0, 9.0], [1.0, 1.0], [1.0, 3.0]]
    single = program(3.0)
    assert single == {"a": 3.0, "b": [2.0, (9.0, [1.0, 3.0])]}
    assert type(single["a"]) is float


def test_one_number_in_a_structure_has_a_gradient():
    w = parameter(2.0)
    value, gradient = autograd.compile(lambda x: {"loss": w * x}, 0.0).value_and_grad([1.0, 3.0])
    assert (value, gradient.tolist()) == (4.0, [2.0])


def test_what_does_not_depend_on_the_batch_is_still_a_batch():
    w = parameter(2.0)
    assert autograd.compile(lambda x: w * w, 0.0)([1.0, 3.0]).tolist() == [4.0, 4.0]
    assert autograd.compile(lambda: [w, 2 * w])().tolist() == [2.0, 4.0]


def test_nested_lists_of_unequal_lengths_and_dicts_as_arguments():
    w = parameter(2.0)

    def function(points, settings):
        return w * points[0] + points[1][2] * settings["scale"] - settings["shift"][1]

    program = autograd.compile(function, [0.0, [0.0, 0.0, 0.0]], {"scale": 0.0, "shift": [0.0, 0.0]})
    points = [[1.0, 2.0], np.array([[0.0, 0.0, 5.0], [0.0, 0.0, 7.0]])]
    settings = {"scale": 10.0, "shift": [[0.0, 1.0], [0.0, 2.0]]}
    assert program(points, settings).tolist() == [2 + 50 - 1, 4 + 70 - 2]
    value, gradient, shares = program.value_and_grad(points, settings, inputs=True, reduce="sum")
    assert (value, gradient.tolist()) == (51.0 + 72.0, [3.0])
    by_first, by_second, by_scale, by_shift = shares
    assert by_first.tolist() == [2.0, 2.0]
    assert by_second.tolist() == [[0.0, 0.0, 10.0]] * 2
    assert by_scale == 12.0
    assert by_shift.tolist() == [[0.0, -1.0]] * 2
    assert program.check(points, settings) < 1e-12


def test_nested_lists_of_equal_lengths_are_one_array():
    program = autograd.compile(lambda x: x[1][0] - x[0][1], [[0.0, 0.0], [0.0, 0.0]])
    assert program(np.arange(8.0).reshape(2, 2, 2)).tolist() == [1.0, 1.0]
    assert program([[1.0, 2.0], [5.0, 6.0]]) == 3.0


# --- results are the caller's ---


def test_results_are_fresh():
    program = line()
    first = program([1.0, 2.0], [0.0, 0.0])
    _, gradient, shares = program.value_and_grad([1.0, 2.0], [0.0, 0.0], inputs=True)
    copies = [array.copy() for array in (first, gradient, *shares)]
    program([7.0, 8.0], [1.0, 1.0])
    program.value_and_grad([7.0, 8.0], [1.0, 1.0], inputs=True)
    program.value_and_grad([7.0, 8.0], [1.0, 1.0])
    for array, copy in zip((first, gradient, *shares), copies, strict=True):
        assert array.tolist() == copy.tolist()


def test_results_of_several_outputs_are_fresh():
    w = parameter(2.0)
    for function in (lambda x: [w, x, w * x], lambda x: {"a": x, "b": w * x, "c": w}):
        program = autograd.compile(function, 0.0)
        first = program([1.0, 2.0])
        parts = list(first.values()) if isinstance(first, dict) else [first]
        copies = [part.copy() for part in parts]
        program.theta = [5.0]
        program([7.0, 8.0])
        assert [part.tolist() for part in parts] == [copy.tolist() for copy in copies]


def test_a_result_may_be_changed_without_harm():
    program = line()
    expected = program.value_and_grad([1.0, 2.0], [0.0, 0.0])[1].tolist()
    program.value_and_grad([1.0, 2.0], [0.0, 0.0])[1][...] = 99.0
    program([1.0, 2.0], [0.0, 0.0])[...] = 99.0
    assert program.value_and_grad([1.0, 2.0], [0.0, 0.0])[1].tolist() == expected
    assert program([1.0, 2.0], [0.0, 0.0]).tolist() == [1.0, 9.0]


def test_out_takes_the_result():
    program = line()
    out = np.empty(2)
    assert program([1.0, 2.0], [0.0, 0.0], out=out) is out
    assert out.tolist() == [1.0, 9.0]
    gradient = np.empty(2)
    _, received = program.value_and_grad([1.0, 2.0], [0.0, 0.0], out=gradient)
    assert received is gradient
    assert gradient.tolist() == program.value_and_grad([1.0, 2.0], [0.0, 0.0])[1].tolist()


def test_out_of_any_layout():
    w = parameter(2.0)
    program = autograd.compile(lambda x: [[x, w * x], [w, -x]], 0.0)
    expected = program([1.0, 3.0])
    cube = np.empty((2, 2, 2))
    for out in (cube, np.empty((2, 2, 2), order="F"), np.empty((4, 2, 2))[::2], cube.transpose(2, 0, 1)):
        assert program([1.0, 3.0], out=out) is out
        assert out.tolist() == expected.tolist()
    single = np.empty((2, 2))
    assert program(3.0, out=single) is single
    assert single.tolist() == expected[1].tolist()


def test_repr_tells_the_arguments_and_the_sizes():
    w, b = parameter(2.0), parameter(-1.0)
    program = autograd.compile(lambda x, y: (w * x + b - y) ** 2, 0.0, 0.0)
    assert repr(program) == "Program(x, y) with 2 parameters, of 9 nodes"
