"""Recording: a function of scalars becomes a graph, once and for all inputs."""

import math
import threading
import time

import numpy as np
import pytest

import autograd
from autograd import Value, constant, parameter
from autograd.program.record import record
from autograd.program.structure import build, flatten, restore


def names(recording):
    return [node.label or node.op.name for node in recording.order]


def test_records_the_graph_in_order_with_the_examples_numbers():
    w, b = parameter(3.0, "w"), parameter(1.0, "b")
    recording = record(lambda x, y: (w * x + b - y).tanh(), (2.0, 7.0))
    assert [v.data for v in recording.inputs] == [2.0, 7.0]
    assert names(recording) == ["w", "input 0", "multiply", "b", "add", "input 1", "subtract", "tanh"]
    (output,) = recording.outputs
    assert output.data == 0.0
    assert recording.structure is None
    assert output.op.name == "tanh"


def test_parameters_are_the_leaves_that_existed_in_the_order_of_first_use():
    w, b, unused = Value(3.0), parameter(1.0), parameter(2.0)
    fixed = constant(5.0)

    def function(x):
        made_inside = Value(4.0)
        return (b * fixed + made_inside) * w + b + x + 6.0

    recording = record(function, (1.0,))
    assert recording.leaves == [b, w]
    assert unused not in recording.order


def test_a_result_computed_before_is_part_of_the_graph():
    w = parameter(3.0)
    doubled = 2 * w
    recording = record(lambda x: doubled * x, (1.0,))
    assert recording.leaves == [w]


def test_every_comparison_becomes_a_node():
    for compare, name in [
        (lambda x: x < 1, "less"), (lambda x: x <= 1, "less_equal"), (lambda x: x > 1, "greater"),
        (lambda x: x >= 1, "greater_equal"), (lambda x: x < 1, "less"), (lambda x: np.float64(1) > x, "greater"),
    ]:  # fmt: skip
        (output,) = record(compare, (0.5,)).outputs
        assert output.op.name == name


def test_comparisons_are_bool_again_afterwards_and_numbers_numbers():
    x = Value(2.0)
    record(lambda y: y < 1, (0.5,))
    with pytest.raises(autograd.errors.CompileError):
        record(float, (0.5,))
    with pytest.raises(ZeroDivisionError):
        record(lambda y: y + 1 // 0, (0.5,))
    assert (x > 1) is True
    assert float(x) == 2.0
    with pytest.raises(autograd.errors.DomainError):
        autograd.log(-1.0)


def test_examples_may_lie_outside_the_domain():
    """For it is not their numbers that matter."""
    (output,) = record(lambda x, y: autograd.log(x) + y.exp() / x + x**0.5, (-1.0, 1000.0)).outputs
    assert math.isnan(output.data)
    (output,) = record(lambda x: 1 / x, (0.0,)).outputs
    assert output.data == math.inf


def test_leaves_have_their_numbers_back_whatever_happens():
    w = parameter(3.0)
    record(lambda x: w * x, (1.0,))
    assert w.data == 3.0
    calls = []

    def interrupted(x):
        calls.append(w.data)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return w * x

    with pytest.raises(KeyboardInterrupt):
        record(interrupted, (1.0,))
    assert calls[0] == 3.0 != calls[1]
    assert w.data == 3.0


def test_the_function_sees_other_numbers_the_next_times():
    w, only_named = parameter(3.0), parameter(4.0)
    seen = []

    def function(x, ys):
        seen.append((x.data, ys[1].data, w.data, only_named.data))
        return w * x * ys[1]

    record(function, (1.0, [5.0, 5.0]), [only_named])
    first, near, far = seen
    assert first == (1.0, 5.0, 3.0, 4.0)
    assert all(0 < b - a < 0.2 for a, b in zip(first, near, strict=True))
    assert all(a * b < 0 for a, b in zip(first, far, strict=True))


def test_gradients_stay_as_they_were():
    w = parameter(3.0)
    w.grad = 5.0
    record(lambda x: w * x, (1.0,))
    assert w.grad == 5.0


def test_recordings_in_two_threads_do_not_mix():
    from threading import Barrier, Thread

    barrier = Barrier(2)
    found = {}

    def work(name, plain):
        def function(x):
            barrier.wait(timeout=10)
            inside = Value(3.0)
            barrier.wait(timeout=10)
            return x * inside

        if plain:
            barrier.wait(timeout=10)
            found[name] = (Value(1.0) < 2.0, float(Value(1.0)))
            for _ in range(5):  # the function is called three times
                barrier.wait(timeout=10)
        else:
            found[name] = record(function, (1.0,))

    threads = [Thread(target=work, args=("recording", False)), Thread(target=work, args=("plain", True))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found["plain"] == (True, 1.0)
    assert found["recording"].leaves == []


# --- structure ---


def test_examples_keep_their_form():
    def make(x):
        return x * 10

    assert build(2, make) == 20
    assert build([1.0, (2.0, [3.0])], make) == [10.0, (20.0, [30.0])]
    assert build({"a": 1.0, "b": [2.0]}, make) == {"a": 10.0, "b": [20.0]}
    array = build(np.array([[1.0, 2.0]]), make)
    assert isinstance(array, np.ndarray)
    assert array.tolist() == [[10.0, 20.0]]
    assert build(np.array(1.0), make) == 10.0
    assert build(np.float32(0.5), make) == 5.0


@pytest.mark.parametrize("result", [1, [1], (1, 2), [1, [2, (3,)]], {"a": 1, "b": [2, {"c": 3}]}, [[]]], ids=str)
def test_what_is_flattened_can_be_restored(result):
    numbers, structure = flatten(result)
    assert numbers == sorted(numbers)
    assert restore(structure, iter(numbers)) == result


def test_an_array_of_values_is_a_list():
    x, y = Value(1.0), Value(2.0)
    numbers, structure = flatten(np.array([[x, y]]))
    assert numbers == [x, y]
    assert restore(structure, iter("ab")) == [["a", "b"]]


def test_the_function_is_handed_what_the_examples_are():
    def function(row, pair, names):
        assert (row * 2).shape == (2,)
        assert isinstance(pair, tuple)
        assert set(names) == {"a"}
        return autograd.dot(row, pair) + names["a"][0]

    (output,) = record(function, (np.array([1.0, 2.0]), (3.0, 4.0), {"a": [5.0]})).outputs
    assert output.data == 16.0


def test_two_threads_that_record_the_same_leaves_leave_their_numbers_alone():
    weights = [Value(float(i)) for i in range(20)]

    def slow(x):
        time.sleep(0.001)  # lets the other thread in
        return sum(w * x for w in weights)

    def work():
        for _ in range(5):
            record(slow, (1.0,))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [w.data for w in weights] == [float(i) for i in range(20)]
