"""Looking inside a program: its source, its counts, and its comparison with the eager graph."""

import numpy as np
import pytest
from models import classifier, line, mlp

import autograd
from autograd import Value, parameter
from autograd.errors import NonFiniteError


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
    monkeypatch.setattr(type(program), "__call__", lambda self, *a, **k: np.add(right(self, *a, **k), [0.0, 1e-6]))
    assert program.check([1.0, 2.0], [0.0, 0.0]) == pytest.approx(1e-6)


def test_check_finds_a_wrong_gradient():
    program = line()
    program.value_and_grad([1.0, 2.0], [0.0, 0.0])
    assert program.check([1.0, 2.0], [0.0, 0.0]) < 1e-12
    plan = program._plans["gradient"]
    prepare = plan.prepare

    def wrong(theta, n):
        run, inputs = prepare(theta, n)

        def run_wrong(*seeds):
            value, gradient = run(*seeds)
            gradient[1] += 1e-5
            return value, gradient

        return run_wrong, inputs

    plan.prepare = wrong
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


def test_check_where_both_give_nan():
    """Or the same infinity: a program then agrees; NumPy has nothing to warn of."""
    w = parameter(2.0)
    assert autograd.compile(lambda x: (w * x).log(), 1.0).check([1.0, -1.0]) < 1e-12
    assert autograd.compile(lambda x: w / x, 1.0).check([1.0, 0.0, -0.0]) < 1e-12
    assert autograd.compile(lambda x: [w * x, x.exp()], 1.0).check([1.0, np.inf, np.nan, 1e3]) < 1e-12


@pytest.mark.parametrize("kind", ["values", "gradient"])
def test_check_finds_nan(kind):
    program = line()
    program([1.0], [0.0])
    program.value_and_grad([1.0], [0.0])
    plan = program._plans[kind]
    prepare = plan.prepare

    def wrong(theta, n):
        run, inputs = prepare(theta, n)

        def run_wrong(*seeds):
            result = run(*seeds)
            result[-1][0] = np.nan
            return result

        return run_wrong, inputs

    plan.prepare = wrong
    assert not program.check([1.0, 2.0, 3.0], [0.0, 0.0, 0.0]) < 1


def test_check_gives_the_values_back_when_it_is_broken_off(monkeypatch):
    w = parameter(2.0)
    program = autograd.compile(lambda x: (w * x).tanh(), 1.0)
    w.data, w.grad = 5.0, 3.0
    before = [(node.data, node.grad) for node in autograd.Graph(program._recording.outputs[0]).nodes]

    def broken_off(node):
        raise KeyboardInterrupt

    monkeypatch.setattr(autograd.ops.TABLE["tanh"], "backward", broken_off)
    with pytest.raises(KeyboardInterrupt):
        program.check([1.0, -1.0])
    assert [(node.data, node.grad) for node in autograd.Graph(program._recording.outputs[0]).nodes] == before
    assert (w.data, w.grad) == (5.0, 3.0)


def test_a_harmless_infinity_inside_a_formula_is_not_blamed():
    w = parameter(1.0, "w")
    program = autograd.compile(lambda x: -(w * x).sigmoid().log(), 0.0)
    with pytest.raises(NonFiniteError, match=r"^log") as caught:
        program.value_and_grad([1.0, -1000.0], nonfinite="raise")  # in sigmoid, exp(1000) is infinite, and does no harm
    assert "in sample 1" in str(caught.value)


def test_of_many_operands_a_few_are_named():
    weights = [parameter(1e300, f"w{i}") for i in range(9)]
    program = autograd.compile(lambda x: autograd.dot(weights, [x] * 9), 0.0)
    with pytest.raises(NonFiniteError, match=r"'w0', 'w1', 'w2', 'w3' and [0-9]+ more"):
        program([1e300], nonfinite="raise")
