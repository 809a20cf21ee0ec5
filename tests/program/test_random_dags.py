"""Random irregular graphs of all operations: array code, interpreter and eager engine agree on values and gradients."""

from collections import Counter

import numpy as np
import pytest
from dags import OPERATIONS, dags, nearest_kink
from hypothesis import assume, given, settings
from judge import assert_agrees, eager
from straight import assert_interpreted, straight_of

from autograd import Value

SAMPLES = 4


def judged(dag):
    """Return the function with what it is tested on, if no rounding error can make it jump."""
    function, parameters = dag.function()
    arguments = dag.arguments(SAMPLES)
    for i in range(SAMPLES):
        inputs = [Value(a[i] if batched else a) for a, batched in zip(arguments, dag.inputs, strict=True)]
        assume(nearest_kink(function(*inputs)) > 1e-7)
    return function, parameters, arguments


def check(dag):
    function, parameters, arguments = judged(dag)
    examples = [0.1] * len(arguments)
    program = assert_agrees(function, examples, arguments)
    assert set(program.parameters) <= set(parameters)
    scale = np.abs(program(*arguments)).max() + np.abs(program.value_and_grad(*arguments, reduce="sum")[1]).sum()
    assert program.check(*arguments) <= 1e-9 * max(1.0, scale)


@given(dags())
@settings(max_examples=60)
def test_some_random_graphs(dag):
    check(dag)


@pytest.mark.slow
@given(dags(most_steps=30))
@settings(max_examples=500)
def test_five_hundred_random_graphs(dag):
    check(dag)


@given(dags())
@settings(max_examples=40)
def test_the_interpreter_agrees_on_random_graphs(dag):
    function, parameters, arguments = judged(dag)
    straight, _, _ = straight_of(function, [0.1] * len(arguments), parameters)
    columns = np.array([np.broadcast_to(a, SAMPLES) for a in arguments])
    spread = list(columns)
    assert_interpreted(straight, columns, parameters, eager(function, [0.1] * len(arguments), spread, parameters))


def test_the_random_graphs_are_made_of_everything():
    """Every operation, arguments of both kinds, constants, shared values, and most are not thrown away."""
    used, shapes, kept = Counter(), Counter(), 0

    @given(dags(most_steps=30))
    @settings(max_examples=200)
    def look(dag):
        nonlocal kept
        used.update(name for name, _, _ in dag.steps)
        shapes.update(dag.inputs)
        shapes["constants"] += bool(dag.constants)
        shapes["parameters"] += bool(dag.parameters)
        try:
            judged(dag)
        except BaseException as rejected:
            if type(rejected).__name__ != "UnsatisfiedAssumption":
                raise
        else:
            kept += 1

    look()
    assert set(used) == set(OPERATIONS)
    assert min(shapes[kind] for kind in (True, False, "constants", "parameters")) > 50
    assert kept > 150
