"""The Program's interface: batches, results, parameters, looking inside, pickling, threads, and calls that are broken off."""

import pickle
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from judge import assert_close
from models import classifier, hinge_with_penalty, mlp

import autograd
from autograd import Value, parameter
from autograd.errors import DomainError
from nn import MLP

ROOT = Path(__file__).parents[2]


def line():
    """Return the program of (w·x + b - y)² with w = 2 and b = -1."""
    w, b = parameter(2.0, "w"), parameter(-1.0, "b")
    return autograd.compile(lambda x, y: (w * x + b - y) ** 2, 0.0, 0.0)


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
    for form in (
        X.tolist(), tuple(map(tuple, X)), X.astype(np.float32), X.astype(int), np.asfortranarray(X), wide[:, 1:5:2], X[::-1][::-1],
    ):  # fmt: skip
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
    value, gradient, shares = program.value_and_grad([1.0, 2.0], [0.0, 0.0], inputs=True)
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
    value, received = program.value_and_grad([1.0, 2.0], [0.0, 0.0], out=gradient)
    assert received is gradient
    assert gradient.tolist() == program.value_and_grad([1.0, 2.0], [0.0, 0.0])[1].tolist()


def test_out_of_any_layout():
    w = parameter(2.0)
    program = autograd.compile(lambda x: [[x, w * x], [w, -x]], 0.0)
    expected = program([1.0, 3.0])
    for out in (
        np.empty((2, 2, 2)), np.empty((2, 2, 2), order="F"), np.empty((4, 2, 2))[::2], np.empty((2, 2, 2)).transpose(2, 0, 1),
    ):  # fmt: skip
        assert program([1.0, 3.0], out=out) is out
        assert out.tolist() == expected.tolist()
    single = np.empty((2, 2))
    assert program(3.0, out=single) is single
    assert single.tolist() == expected[1].tolist()


# --- parameters ---


def test_parameters_in_the_order_of_first_use():
    w, b = parameter(2.0), Value(3.0)
    program = autograd.compile(lambda x: b + w * x, 0.0)
    assert program.parameters == [b, w]
    assert program.theta.tolist() == [3.0, 2.0]


def test_parameters_in_the_order_given_and_the_others_constants():
    w, b, other = parameter(2.0), parameter(3.0), parameter(4.0)
    program = autograd.compile(lambda x: b + w * x + other, 0.0, parameters=[w, b])
    assert program.parameters == [w, b]
    value, gradient = program.value_and_grad([1.0, 5.0])
    assert (value, gradient.tolist()) == (13.0, [3.0, 1.0])
    other.data = 100.0
    program.read()
    assert program([1.0]).tolist() == [9.0]


def test_parameters_that_are_not_used_have_the_gradient_0():
    w, unused = parameter(2.0), parameter(3.0)
    program = autograd.compile(lambda x: w * x, 0.0, parameters=[unused, w, parameter(4.0)])
    for _ in range(2):
        assert program.value_and_grad([1.0, 3.0])[1].tolist() == [0.0, 2.0, 0.0]
    assert program.check([1.0, 3.0]) == 0.0


def test_parameters_may_come_from_any_iterable():
    model = MLP(2, [3, 1], seed=1)
    program = autograd.compile(lambda x: model(x), [0.0, 0.0], parameters=(p for p in model.parameters()))
    assert program.parameters == model.parameters()


def test_theta_is_live():
    program = line()
    program.theta[0] = 5.0
    assert program([1.0], [0.0]).tolist() == [16.0]
    program.theta -= [1.0, -1.0]
    assert program([1.0], [0.0]).tolist() == [16.0]
    program.theta = [3.0, 1.0]
    assert program([1.0], [0.0]).tolist() == [16.0]
    assert program.value_and_grad([1.0], [0.0])[1].tolist() == [8.0, 8.0]
    kept = program.theta
    program.theta = [0.0, 0.5]
    assert kept.tolist() == [0.0, 0.5]
    assert program([1.0], [0.0]).tolist() == [0.25]


def test_theta_and_values_never_meet_silently():
    w = parameter(2.0)
    program = autograd.compile(lambda x: w * x, 0.0)
    w.data = 7.0
    assert program([1.0]).tolist() == [2.0]
    program.value_and_grad([1.0])
    program.check([1.0])
    assert program.theta.tolist() == [2.0]
    program.theta[:] = 3.0
    program.value_and_grad([1.0])
    program.check([1.0])
    assert (w.data, w.grad) == (7.0, 0.0)


def test_read_and_write():
    w, b = parameter(2.0), parameter(1.0)
    program = autograd.compile(lambda x: w * x + b, 0.0)
    w.data = 7.0
    program.read()
    assert program.theta.tolist() == [7.0, 1.0]
    assert program([1.0]).tolist() == [8.0]
    program.theta[:] = [0.5, 0.25]
    program.write()
    assert (w.data, b.data) == (0.5, 0.25)
    assert type(w.data) is float


# --- looking inside ---


def test_stats():
    model = mlp((2, 16, 16, 1), "relu")
    program = autograd.compile(model.loss, *model.examples)
    before = program.stats
    assert before.nodes == 337 + 3 + 33 + 32 + 1 + 1 + 1 + 1  # parameters, inputs, dots, relus, -, 2, **, sum
    assert 400 < before.instructions < 600
    assert 10 < before.array_calls < 25
    assert program.source.count("out=") >= before.array_calls - 2
    assert 8 * 33 <= before.buffer_bytes < 8 * 1000
    program(*model.batch)
    program.value_and_grad(*model.batch)
    seconds = program.stats.seconds
    assert {"record", "straighten", "differentiate", "vectorise", "emit"} <= set(seconds)
    assert all(0 < s < 10 for s in seconds.values())
    assert program.stats.array_calls == before.array_calls


def test_compiling_again_costs_nothing():
    program = line()
    program.value_and_grad([1.0], [1.0])
    seconds = program.stats.seconds
    for n in (1, 2, 3):
        program.value_and_grad(np.ones(n), np.ones(n))
    assert program.stats.seconds == seconds


def test_the_source_of_several_outputs_is_that_of_their_values():
    w = parameter(2.0)
    program = autograd.compile(lambda x: [w * x, x], 0.0)
    assert "gradient" not in program.source
    assert program.stats.array_calls >= 1


def test_check_is_small_wherever_theta_stands():
    model = classifier()
    program = autograd.compile(model.loss, *model.examples)
    before = [(p.data, p.grad) for p in program.parameters]
    assert program.check(*model.batch) < 1e-12
    program.theta += 0.3
    assert program.check(*model.batch) < 1e-12
    assert program.check(*[array[0] for array in model.batch]) < 1e-12
    assert [(p.data, p.grad) for p in program.parameters] == before


def test_check_finds_a_wrong_value(monkeypatch):
    program = line()
    right = type(program).__call__
    monkeypatch.setattr(type(program), "__call__", lambda self, *a, **k: right(self, *a, **k) + [0.0, 1e-6])
    assert program.check([1.0, 2.0], [0.0, 0.0]) == pytest.approx(1e-6)


def test_check_finds_a_wrong_gradient():
    program = line()
    program.value_and_grad([1.0, 2.0], [0.0, 0.0])
    assert program.check([1.0, 2.0], [0.0, 0.0]) < 1e-12
    plan = program._plans["gradient"]
    prepare = plan._prepare

    def wrong(theta, n):
        run, inputs = prepare(theta, n)

        def run_wrong(*seeds):
            value, gradient = run(*seeds)
            gradient[1] += 1e-5
            return value, gradient

        return run_wrong, inputs

    plan._prepare = wrong
    assert program.check([1.0, 2.0, 3.0], [0.0, 0.0, 0.0]) == pytest.approx(1e-5)


def test_check_finds_a_graph_that_was_changed():
    """The recorded Values are the judge: who tampers with their numbers learns of it."""
    w, c = parameter(2.0), Value(3.0)
    program = autograd.compile(lambda x: w * x + c, 0.0, parameters=[w])
    assert program.check([1.0, 2.0]) == 0.0
    c.data = 3.5
    assert program.check([1.0, 2.0]) == 0.5


def test_check_compares_every_output():
    w = parameter(2.0)
    for function in (lambda x: [w * x, x.exp(), w], lambda x: {"a": x.sin(), "b": [w * x]}, lambda x: [[x], [w]]):
        program = autograd.compile(function, 0.0)
        assert program.check([1.0, 2.0, 3.0]) < 1e-12
        assert program.check(2.0) < 1e-12


def test_check_restores_the_values_when_it_cannot_go_on():
    w = parameter(2.0)
    program = autograd.compile(lambda x: (w * x).log(), 1.0)
    w.data = 5.0
    with pytest.raises(DomainError, match="log"):
        program.check([1.0, -1.0])
    assert (w.data, w.grad) == (5.0, 0.0)


# --- pickling ---


def test_a_pickled_program_is_the_same_program():
    model = classifier()
    program = autograd.compile(model.loss, *model.examples)
    for used in (False, True):
        if used:
            program(*model.batch)
            program.value_and_grad(*model.batch, inputs=True)
        program.theta += 0.1
        copy = pickle.loads(pickle.dumps(program))  # noqa: S301  # our own
        assert copy.theta.tolist() == program.theta.tolist()
        assert copy(*model.batch).tolist() == program(*model.batch).tolist()
        value, gradient = copy.value_and_grad(*model.batch)
        assert value == program.value_and_grad(*model.batch)[0]
        assert gradient.tolist() == program.value_and_grad(*model.batch)[1].tolist()
        assert copy.source == program.source
        assert copy.check(*model.batch) < 1e-12


def test_a_copy_is_independent():
    program = line()
    program.value_and_grad([1.0], [0.0])
    copy = pickle.loads(pickle.dumps(program))  # noqa: S301  # our own
    copy.theta[:] = 0.0
    copy.write()
    assert program.theta.tolist() == [2.0, -1.0]
    assert [p.data for p in program.parameters] == [2.0, -1.0]
    assert [p.data for p in copy.parameters] == [0.0, 0.0]
    assert copy([1.0], [3.0]).tolist() == [9.0]
    assert program([1.0], [3.0]).tolist() == [4.0]


def test_a_program_goes_to_another_process(tmp_path):
    """The function itself, a lambda, stays behind: the program does not need it."""
    program = line()
    (tmp_path / "program.pickle").write_bytes(pickle.dumps(program))
    script = (
        "import pickle, sys\n"
        "program = pickle.load(open(sys.argv[1], 'rb'))\n"
        "value, gradient = program.value_and_grad([1.0, 2.0, 3.0], [0.0, 0.0, 1.0])\n"
        "print(value, gradient.tolist(), program([1.0], [0.0]).tolist(), program.check([1.0], [0.5]) < 1e-12)\n"
    )
    done = subprocess.run(  # noqa: S603  # our own script
        [sys.executable, "-W", "error", "-c", script, str(tmp_path / "program.pickle")],
        capture_output=True, text=True, cwd=ROOT, timeout=60, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    value, gradient = program.value_and_grad([1.0, 2.0, 3.0], [0.0, 0.0, 1.0])
    assert done.stdout.strip() == f"{value} {gradient.tolist()} [1.0] True"


# --- threads ---


def test_threads_do_not_disturb_each_other():
    """One program, many threads, each with other batches of its own size."""
    model = classifier(n=64)
    program = autograd.compile(model.loss, *model.examples)
    X, Y = model.batch
    jobs = []
    for k in range(12):
        rows = np.random.default_rng(k).integers(0, 64, size=1 + 7 * (k % 5))
        jobs.append((X[rows], Y[rows]))
    alone = [(program(*job), program.value_and_grad(*job)) for job in jobs]
    start = threading.Barrier(4)

    def work(thread):
        start.wait(timeout=10)
        mismatches = 0
        for repeat in range(40):
            k = (thread * 5 + repeat) % len(jobs)
            values, (value, gradient) = program(*jobs[k]), program.value_and_grad(*jobs[k])
            wanted, (wanted_value, wanted_gradient) = alone[k]
            mismatches += values.tolist() != wanted.tolist()
            mismatches += value != wanted_value or gradient.tolist() != wanted_gradient.tolist()
        return mismatches

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, range(4))) == [0] * 4


def test_threads_may_compile_at_the_same_time():
    model = mlp((2, 8, 1), "tanh")
    program = autograd.compile(model.loss, *model.examples)
    start = threading.Barrier(4)

    def work(_):
        start.wait(timeout=10)
        return program.value_and_grad(*model.batch)[1].tolist()

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(work, range(4)))
    assert results == [results[0]] * 4
    assert program.check(*model.batch) < 1e-12


# --- calls that are broken off ---


def unchanged(program, before):
    return program.theta.tolist() == before[0] and [(p.data, p.grad) for p in program.parameters] == before[1]


def state(program):
    return program.theta.tolist(), [(p.data, p.grad) for p in program.parameters]


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_a_call_that_is_broken_off_changes_nothing(monkeypatch, error):
    """Wherever in the array code it strikes; the next call is right again."""
    model = hinge_with_penalty()
    program = autograd.compile(model.loss, *model.examples)
    program.theta += 0.05
    expected = program.value_and_grad(*model.batch), program(*model.batch)
    before = state(program)
    for name in ("dot", "maximum", "multiply", "not_equal"):
        for count in (1, 2, 3):
            calls = 0

            class Breaking:
                """NumPy, but one function of it raises at its count-th call."""

                def __getattr__(self, attribute, name=name, count=count):
                    function = getattr(np, attribute)
                    if attribute != name:
                        return function

                    def breaking(*args, **kwargs):
                        nonlocal calls
                        calls += 1
                        if calls == count:
                            raise error
                        return function(*args, **kwargs)

                    return breaking

            with monkeypatch.context() as patch:
                for plan in program._plans.values():
                    patch.setitem(plan._prepare.__globals__, "np", Breaking())
                with pytest.raises(error):
                    for _ in range(count):
                        program.value_and_grad(*model.batch)
                        program(*model.batch)
                assert unchanged(program, before)
            value, gradient = program.value_and_grad(*model.batch)
            assert (value, gradient.tolist()) == (expected[0][0], expected[0][1].tolist())
            assert program(*model.batch).tolist() == expected[1].tolist()


def test_a_call_with_bad_input_changes_nothing():
    program = line()
    program.theta[:] = [4.0, 5.0]
    before = state(program)
    expected = program.value_and_grad([1.0], [0.0])[1].tolist()
    for bad in (([1.0],), ([1.0, 2.0], [1.0]), ([[1.0]], [1.0]), (["a"], [1.0]), ([], [])):
        with pytest.raises(autograd.errors.InputError):
            program(*bad)
        with pytest.raises(autograd.errors.InputError):
            program.value_and_grad(*bad)
    assert unchanged(program, before)
    assert program.value_and_grad([1.0], [0.0])[1].tolist() == expected


def test_numpys_error_state_stays_as_it_was():
    w = parameter(2.0)
    program = autograd.compile(lambda x: (w * x).log() / x, 1.0)
    with np.errstate(all="raise"):
        before = np.geterr()
        assert np.isnan(program([-1.0, 0.0])).tolist() == [True, True] or program([-1.0, 0.0])[1] != 0
        program.value_and_grad([-1.0, 0.0], inputs=True)
        assert np.geterr() == before
