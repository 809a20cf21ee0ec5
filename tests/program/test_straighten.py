"""Straightening: the tape computes what the graph does, with as few instructions as its sums allow."""

import numpy as np
import pytest
from functions import MADE, SEVERAL
from hypothesis import given, settings
from hypothesis import strategies as st
from judge import assert_close, eager
from random_graphs import recipes
from straight import assert_interpreted, interpreted, interpreted_gradient, straight_of

import autograd
from autograd import Value, dot, gate, operation, parameter
from autograd.errors import CompileError, GraphError
from autograd.program.vectorise import live


def work(function, *examples):
    """Return the kinds of the instructions that are left, leaves not counted."""
    straight, _, _ = straight_of(function, examples)
    kinds = [straight.tape.kinds[i] for i in live(straight.tape, straight.outputs)]
    return [kind for kind in kinds if kind not in ("input", "parameter", "constant")]


@pytest.mark.parametrize("make", [*MADE.values(), *SEVERAL.values()], ids=[*MADE, *SEVERAL])
def test_values_and_gradients_are_the_eager_engines(make):
    """By the interpreter, which no array code enters."""
    function, examples = make()
    straight, parameters, inputs = straight_of(function, examples)
    draw = np.random.default_rng(2)
    arguments = [draw.normal(size=(5, *np.shape(example))) for example in examples]
    expected = eager(function, examples, arguments, parameters)
    n = len(expected.values)
    columns = np.concatenate([np.empty((n, 0)), *[a.reshape(n, -1) for a in arguments]], axis=1).T
    assert len(columns) == inputs
    assert_interpreted(straight, columns, parameters, expected)


@given(recipes(most_steps=20), st.data())
@settings(max_examples=100)
def test_random_graphs_against_dual_numbers(recipe, data):
    """Forward mode is a third engine; some of the leaves are inputs, the others parameters."""
    is_input = data.draw(st.lists(st.booleans(), min_size=len(recipe.leaves), max_size=len(recipe.leaves)))
    parameters = [None if flag else parameter(x) for x, flag in zip(recipe.leaves, is_input, strict=True)]
    given_numbers = [x for x, flag in zip(recipe.leaves, is_input, strict=True) if flag]
    positions = [i for i, flag in enumerate(is_input) if flag]

    def function(*inputs):
        leaves = parameters[:]
        for position, value in zip(positions, inputs, strict=True):
            leaves[position] = value
        return recipe.run(leaves)[-1]

    chosen = [p for p in parameters if p is not None]
    straight, _, _ = straight_of(function, [0.5] * len(positions), chosen)
    column = np.array(given_numbers, dtype=float).reshape(-1, 1)
    expected = recipe.dual()
    theta = [p.data for p in chosen]
    assert_close(interpreted(straight, column, theta), [[expected.data]], abs(expected.data))
    gradient, by_input = interpreted_gradient(straight, column, theta)
    received = np.empty(len(recipe.leaves))
    received[positions] = by_input[:, 0]
    received[[not flag for flag in is_input]] = gradient
    assert_close(received, expected.slopes, expected.paths)


# --- how many instructions are left ---


def test_a_neuron_is_one_combination_and_its_activation():
    w, b = [parameter(0.1), parameter(0.2)], parameter(0.3)
    for function in (
        lambda x: dot(w, x, b).tanh(),
        lambda x: (w[0] * x[0] + w[1] * x[1] + b).tanh(),
        lambda x: autograd.sum([b, x[1] * w[1], w[0] * x[0]]).tanh(),
        lambda x: (b - (-(w[0] * x[0])) - x[1] * (-w[1])).tanh(),
        lambda x: (w[0] * x[0] * 1.0 + (w[1] * x[1] + 0.0) - 5 + b + 5).tanh(),
    ):
        assert work(function, [0.1, 0.2]) == ["lin", "tanh"], function


def test_the_same_subexpression_is_computed_once():
    assert work(lambda x, y: (x * y).exp() + (x * y).exp(), 0.1, 0.2) == ["lin", "exp", "lin"]


def test_what_constants_give_is_computed_now():
    assert work(lambda x: x + autograd.exp(2.0) * 3 / autograd.sqrt(4.0), 0.1) == ["lin"]
    straight, _, _ = straight_of(lambda x: autograd.exp(0.0) + 2.0, [0.1])
    assert straight.tape.value_of(straight.outputs[0]) == 3.0


def test_what_the_output_does_not_need_is_left_out():
    def function(x):
        x.exp() * x.sin()
        return x.cos()

    assert work(function, 0.1) == ["cos"]


def test_a_sum_that_is_used_twice_stays_one():
    def function(x):
        s = x[0] + x[1] + x[2]
        return s.exp() + s

    assert work(function, [0.1, 0.2, 0.3]) == ["lin", "exp", "lin"]


def test_a_long_sum_is_one_instruction_however_it_is_written():
    n = 5000

    def chain(x):
        total = x[0]
        for a in x[1:]:
            total = total + a
        return total

    assert work(chain, [0.1] * n) == ["lin"]
    assert work(lambda x: autograd.sum(x), [0.1] * n) == ["lin"]


def test_what_does_not_vary_over_the_batch_is_apart():
    w = [parameter(0.1), parameter(0.2)]
    straight, _, _ = straight_of(lambda x: dot(w, x) + 0.5 * autograd.sum([p * p for p in w]), [[0.1, 0.2]])
    batched = [
        straight.tape.batched[i] for i in live(straight.tape, straight.outputs) if straight.tape.kinds[i] == "lin"
    ]
    assert sorted(batched) == [False, True]


def test_nodes_are_counted():
    w = parameter(0.1)
    straight, _, _ = straight_of(lambda x: w * x + w, (0.1,))
    assert straight.nodes == 4  # w, x, the product, the sum


# --- what a tape cannot hold ---


def test_a_row_of_your_own_compiles(table):
    slope_y = "-0.5 * z * x * x / (1 + y * x * x)"
    softer = operation("softer", "x / sqrt(1 + y * x * x)", "1 / (1 + y * x * x) ** 1.5", slope_y)
    w = parameter(0.7)
    function, examples = (lambda x: softer(w * x, w) * w), (0.1,)
    straight, parameters, _ = straight_of(function, examples)
    arguments = np.array([[0.3, -2.0, 5.0]])
    assert_interpreted(straight, arguments, parameters, eager(function, examples, arguments, parameters))


def test_a_row_with_constant_slopes(table):
    ramp = operation("ramp", "x + 2 * y - c", "1", "2", "-1", arguments=("x", "y", "c"))
    w = parameter(0.7)
    function, examples = (lambda x: ramp(w * x, x * x, w) * ramp(w, x, x)), (0.1,)
    straight, parameters, _ = straight_of(function, examples)
    arguments = np.array([[0.3, -2.0, 5.0]])
    assert_interpreted(straight, arguments, parameters, eager(function, examples, arguments, parameters))


class Doubling:
    def forward(self, x):
        return 2 * x

    def backward(self, dz):
        return [2 * dz]


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x: gate(Doubling)(x), "made by 'Doubling' cannot be compiled.*Python code of your own"),
        (lambda x: gate(lambda x: x**3, lambda x: 3 * x * x, name="cube")(x) + 1, "made by 'cube' cannot be compiled"),
        (lambda x: Value(2 * x.data, (x,), "twice"), "made by 'twice' cannot be compiled.*formula and partials"),
    ],
    ids=["class", "function", "by hand"],
)
def test_code_of_your_own_is_refused_by_name(function, message):
    with pytest.raises(GraphError, match=message):
        straight_of(function, [0.1])


def test_a_closure_is_refused_by_the_nodes_name():
    def function(x):
        out = x.exp()
        out.label = "hidden"
        out._backward = lambda: None
        return out * 2

    with pytest.raises(GraphError, match="the node 'hidden', made by 'exp' cannot be compiled"):
        straight_of(function, [0.1])


def test_the_refusal_is_a_compile_error():
    with pytest.raises(CompileError):
        autograd.compile(lambda x: gate(Doubling)(x), 0.1)
