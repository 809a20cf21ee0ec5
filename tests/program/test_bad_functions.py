"""What cannot be compiled: functions, examples, graphs, lists of parameters; refused with the line and the remedy."""

import math
import random
import re

import numpy as np
import pytest
from judge import refused

import autograd
from autograd import Graph, Value, constant, gate, parameter
from autograd.errors import CompileError, InputError

w = parameter(2.0, "w")


def branching(x):
    if x > 0:
        return x
    return -x


def asserting(x):
    assert x
    return x


@pytest.mark.parametrize(
    ("function", "line", "name", "remedy"),
    [
        (branching, "if x > 0:", "bool", "where("),
        (asserting, "assert x", "bool", "where("),
        (lambda x: x if x < w else w, "(lambda x: x if x < w else w", "bool", "maximum"),
        (lambda x: max(x, w), "(lambda x: max(x, w)", "bool", "maximum"),
        (lambda x: x * float(x), "(lambda x: x * float(x)", "float", "input"),
        (lambda x: x * int(x), "(lambda x: x * int(x)", "int", "input"),
        (lambda x: x * math.exp(x), "(lambda x: x * math.exp(x)", "float", "input"),
        (lambda x: x * round(x, 2), "(lambda x: x * round(x, 2)", "round", "input"),
        (lambda x: x * round(x), "(lambda x: x * round(x)", "round", "input"),
        (lambda x: x * float(f"{x:.3f}"), "(lambda x: x * float(f", "format", "input"),
        (lambda x: x * float(f"{w:.0f}"), "(lambda x: x * float(f", "format", "input"),
        (lambda x: x * np.asarray([x, w], dtype=float)[0], "np.asarray([x, w], dtype=float)", "float", "input"),
    ],
    ids=[
        "if",
        "assert",
        "conditional",
        "max",
        "float",
        "int",
        "math.exp",
        "round",
        "round to int",
        "format",
        "format w",
        "asarray",
    ],
)
def test_a_number_of_a_recorded_value_is_refused_with_the_line(function, line, name, remedy):
    with refused(CompileError, line, f"{name}(", remedy) as caught:
        autograd.compile(function, 0.2)
    number = int(re.search(r"line (\d+)", str(caught.value))[1])
    assert abs(number - function.__code__.co_firstlineno) <= 2
    assert w.data == 2.0


def test_a_value_may_be_shown_while_it_is_recorded():
    seen = []

    def function(x):
        seen.append(f"{x!r} {w!s}")
        return w * x

    assert autograd.compile(function, 0.5)([3.0]).tolist() == [6.0]
    assert seen[0] == "Value(data=0.5, grad=0.0) Value(data=2.0, grad=0.0)"


def draws_numbers():
    generator = random.Random(1)  # noqa: S311  # any will do
    return lambda x: x * generator.random()


def counts():
    calls = []

    def function(x):
        calls.append(x)
        return x * len(calls)

    return function


@pytest.mark.parametrize(
    "make",
    [
        draws_numbers,
        counts,
        lambda: lambda x: w * x + np.random.default_rng().normal(),
        lambda: lambda x: w * x + x.data,
        lambda: lambda x: w * x + 0 * x * w.data,
        lambda: lambda x: (w * x).exp().data * x,
        lambda: lambda x: (w * x).detach() * x,
        lambda: lambda x: x * Value(x.data),
        lambda: lambda x: autograd.dot([x, w], [x.data, 1.0]),
    ],
    ids=["draws", "counts", "NumPy draws", "input's data", "parameter's data", "node's data", "detach", "Value", "dot"],
)
def test_constants_that_change_are_refused(make):
    with refused(CompileError, "used the constant", "the next time", "random", ".data", "inputs"):
        autograd.compile(make(), 0.5)


def test_the_data_of_a_parameter_that_only_its_list_names():
    p = parameter(3.0)
    with refused(CompileError, "used the constant 3.0"):
        autograd.compile(lambda x: w * x + p.data, 0.5, parameters=[w, p])


def test_a_dropout_mask_is_an_input():
    program = autograd.compile(lambda x, mask: autograd.dot(x, mask), [0.0, 0.0], [1.0, 1.0])
    assert program([[1.0, 2.0]], [[0.0, 2.0]]).tolist() == [4.0]


def grows():
    calls = []

    def function(x):
        calls.append(x)
        for _ in calls:
            x = x * w
        return x

    return function


def changes():
    calls = []

    def function(x):
        calls.append(x)
        return x.sin() if len(calls) == 1 else x.cos()

    return function


def by_data(x):
    return w * x if x.data <= 0.5 else x.exp() + x


@pytest.mark.parametrize(
    ("function", "parts"),
    [
        (grows(), ["took another path", "where(", "maximum"]),
        (by_data, ["once and", "the next time", "where("]),
        (lambda x: x * w if x.data > 0 else w - x, ["once and", "the next time", "where("]),
        (changes(), ["'sin' once and 'cos' the next time", "where("]),
        (lambda x: w * x if x.data <= 0.5 else x * w + 0, ["took another path", "nodes", "where("]),
    ],
    ids=["grows", "by data", "by sign", "changes", "constant"],
)
def test_another_path_is_refused(function, parts):
    with refused(CompileError, *parts):
        autograd.compile(function, 0.5)


def wires_differently():
    calls = []

    def function(x, y):
        calls.append(x)
        return x - y if len(calls) == 1 else y - x

    return function


def other_parameters():
    a, b = parameter(1.0), parameter(1.0)
    calls = []

    def function(x):
        calls.append(x)
        return x * (a if len(calls) == 1 else b)

    return function


def other_structure():
    calls = []

    def function(x):
        calls.append(x)
        return [x, w] if len(calls) == 1 else {"a": x, "b": w}

    return function


@pytest.mark.parametrize(
    ("function", "examples"),
    [(wires_differently(), (0.5, 0.5)), (other_parameters(), (0.5,)), (other_structure(), (0.5,))],
    ids=["operands", "parameters", "structure"],
)
def test_a_path_of_as_many_steps_of_the_same_names_is_refused(function, examples):
    with refused(CompileError, "where("):
        autograd.compile(function, *examples)


@pytest.mark.parametrize(
    ("function", "parts"),
    [
        (lambda x: None, ["must return Values", "None", "return statement"]),
        (lambda x: [x, None], ["must return Values", "None"]),
        (lambda x: "loss", ["must return Values", "'loss'"]),
        (lambda x: str(x), ["must return Values", "text"]),
        (lambda x: [], ["returned nothing", "return statement"]),
        (lambda x: {}, ["returned nothing"]),
        (lambda x: {"a": []}, ["returned nothing"]),
        (lambda x: (x, 1j), ["must return Values", "complex"]),
        (lambda x: {x}, ["must return Values", "set"]),
        (lambda x: object(), ["must return Values"]),
        (lambda x: (a for a in [x]), ["must return Values", "generator"]),
    ],
    ids=["None", "a None", "str", "str(x)", "[]", "{}", "no entries", "complex", "set", "object", "generator"],
)
def test_what_a_function_may_not_return(function, parts):
    with refused(CompileError, "<lambda>", *parts):
        autograd.compile(function, 0.5)


def test_the_function_is_named():
    def my_loss(x):
        return None

    with refused(CompileError, "my_loss must return"):
        autograd.compile(my_loss, 0.5)


@pytest.mark.parametrize("example", ["a", None, 1j, ["a", 1.0], [None], {"a": "b"}, object(), b"1", {1.0}], ids=repr)
def test_what_an_example_may_not_be(example):
    with refused(CompileError, "an example is a number or nested lists of numbers"):
        autograd.compile(lambda x: w, example)


@pytest.mark.parametrize("example", [[], {}, [[]], [1.0, []], np.empty((0, 2))], ids=repr)
def test_an_example_without_numbers(example):
    """Says how nothing is made; it is refused, or taken for what it is."""
    try:
        program = autograd.compile(lambda x, y: w * y, example, 0.5)
    except CompileError:
        return
    assert program.parameters == [w]
    assert program(example, 3.0) == 6.0


@pytest.mark.parametrize("examples", [(), (0.0,), (0.0, 0.0, 0.0)])
def test_examples_must_be_as_many_as_arguments(examples):
    with pytest.raises(TypeError, match="argument"):
        autograd.compile(lambda x, y: x + y, *examples)


def test_an_error_in_the_function_comes_through_as_it_is():
    def broken(x):
        raise RuntimeError("of my own")

    with pytest.raises(RuntimeError, match="of my own"):
        autograd.compile(broken, 0.5)
    assert (Value(1.0) < 2.0) is True  # nothing is recording any more


class Twice:
    def forward(self, x):
        return 2 * x

    def backward(self, dz):
        return [2 * dz]


def with_closure(x):
    out = x * w
    out._backward = lambda: None
    return out + 1


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (lambda x: gate(Twice)(x) * w, "'Twice'"),
        (lambda x: gate(lambda x: x**3, lambda x: 3 * x**2, name="cube")(x), "'cube'"),
        (lambda x: Value(x.data, (x,), "by hand"), "'by hand'"),
        (with_closure, "'*'"),
    ],
    ids=["gate", "function gate", "by hand", "closure"],
)
def test_code_of_your_own_is_refused_by_name(function, name):
    with refused(CompileError, name, "cannot be compiled", "autograd.operation", "eagerly"):
        autograd.compile(function, 0.5)


def test_a_graph_with_a_gate_is_refused_too():
    with refused(CompileError, "'Twice'", "cannot be compiled"):
        Graph(gate(Twice)(Value(1.0, label="x"))).compile()


def test_two_inputs_of_one_label():
    with refused(InputError, "two leaves bear the label 'x'"):
        Graph(Value(1.0, label="x") * Value(2.0, label="x")).compile()


# --- parameters ---


def test_parameters_are_leaves():
    for bad in (w * 2, 3.0, "w", None):
        with refused(CompileError, "a parameter is a leaf", "parameter()"):
            autograd.compile(lambda x: w * x, 0.5, parameters=[w, bad])


def test_parameters_are_a_list():
    for bad in (w, 3.0):
        with refused(CompileError, "parameters", "list of Values"):
            autograd.compile(lambda x: w * x, 0.5, parameters=bad)


def test_no_parameter_twice():
    with refused(CompileError, "w", "twice"):
        autograd.compile(lambda x: w * x, 0.5, parameters=[w, parameter(1.0), w])


def test_a_constant_is_not_learned():
    fixed = constant(2.0, "fixed")
    with refused(CompileError, "a parameter is a leaf", "a constant"):
        autograd.compile(lambda x: fixed * x, 0.5, parameters=[fixed])
