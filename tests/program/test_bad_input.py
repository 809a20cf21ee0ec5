"""What a call of a program cannot take; refused with an error that names the input, the sample, or the operation."""

import numpy as np
import pytest
from judge import refused

import autograd
from autograd import parameter
from autograd.errors import AutogradError, CompileError, InputError, NonFiniteError

w = parameter(2.0, "w")


def squared_error():
    """A program of (x: two numbers, y: one number)."""
    return autograd.compile(lambda x, y: (w * x[0] + x[1] - y) ** 2, [0.0, 0.0], 0.0)


# --- calls ---

X, Y = np.zeros((3, 2)), np.zeros(3)


# (arguments, named arguments, parts of the message)
MISFITS = {
    "too many numbers": ((np.zeros((3, 4)), Y), {}, ["x has the shape (3, 4)", "(n, 2) with n", "(2,) for all"]),
    "samples as columns": ((np.zeros((2, 3)), Y), {}, ["x has the shape (2, 3)", "(n, 2)"]),
    "an axis too many": ((np.zeros((3, 2, 1)), Y), {}, ["x has the shape (3, 2, 1)", "(n, 2)"]),
    "a number for a list": ((0.0, Y), {}, ["x has the shape ()", "(n, 2)"]),
    "a column": ((X, np.zeros((3, 1))), {}, ["y has the shape (3, 1)", "(n,) with n", "() for all samples alike"]),
    "batch sizes": ((X, np.zeros(4)), {}, ["batch sizes differ", "x has 3 samples", "y has 4"]),
    "an empty batch": ((np.zeros((0, 2)), np.zeros(0)), {}, ["x has no samples"]),
    "an empty batch for one": ((X, np.zeros(0)), {}, ["y has"]),
    "text": ((X, "abc"), {}, ["y is not an array of numbers", "abc"]),
    "None": ((X, None), {}, ["y is not an array of numbers"]),
    "None among numbers": ((X, [1.0, None, 2.0]), {}, ["y is not an array of numbers"]),
    "a ragged list": ((X, [1.0, [2.0, 3.0]]), {}, ["y is not an array of numbers"]),
    "complex numbers": ((X, [1j, 0j, 1j]), {}, ["y is not an array of numbers"]),
    "a complex array": ((X, np.array([1j, 0j, 1j])), {}, ["y is not an array of numbers"]),
    "one argument too few": ((X,), {}, ["the program takes 2 arguments (x, y), not 1"]),
    "no arguments": ((), {}, ["the program takes 2 arguments (x, y), not 0"]),
    "one argument too many": ((X, Y, Y), {}, ["the program takes 2 arguments (x, y), not 3"]),
    "an unknown name": ((X,), {"z": Y}, ["there is no input 'z'", "x, y"]),
    "an unknown name besides": ((X, Y), {"z": Y}, ["there is no input 'z'", "x, y"]),
    "a missing name": ((), {"x": X}, ["the input y must be given"]),
    "twice": ((X,), {"x": X, "y": Y}, ["the input 'x' is given twice"]),
    "twice, the last": ((X, Y), {"y": Y}, ["the input 'y' is given twice"]),
    "twice, and one too many": ((X, Y, Y), {"y": Y}, ["y"]),
}  # fmt: skip


@pytest.mark.parametrize(("arguments", "named", "parts"), MISFITS.values(), ids=MISFITS)
def test_arguments_that_do_not_fit(arguments, named, parts):
    program = squared_error()
    for call in (program, program.value_and_grad, program.check):
        with refused(InputError, *parts):
            call(*arguments, **named)


def test_the_number_of_arguments_in_words():
    with refused(InputError, "takes 1 argument (x), not 2"):
        autograd.compile(lambda x: w * x, 0.0)(1.0, 2.0)
    with refused(InputError, "takes 0 arguments (none), not 1"):
        autograd.compile(lambda: w * w)(1.0)
    with refused(InputError, "the inputs x, y must be given"):
        autograd.compile(lambda x, y, z: x + y + z, 0.0, 0.0, 0.0)(z=1.0)


def test_errors_of_input_are_built_in_errors_too():
    for error in (InputError, CompileError):
        assert issubclass(error, ValueError)
        assert issubclass(error, AutogradError)
    assert issubclass(InputError, KeyError)
    assert issubclass(NonFiniteError, FloatingPointError)


def test_a_program_is_as_good_as_before_after_bad_input():
    program = squared_error()
    expected = program.value_and_grad([[1.0, 2.0]], [5.0])[1].tolist()
    with pytest.raises(InputError):
        program.value_and_grad([[1.0, 2.0, 3.0]], [5.0])
    with pytest.raises(InputError):
        program.value_and_grad([[9.0, 9.0]], [5.0], reduce="max")
    assert program.value_and_grad([[1.0, 2.0]], [5.0])[1].tolist() == expected


def test_parts_of_an_argument():
    program = autograd.compile(lambda d: d["a"] * d["b"][1][0], {"a": 0.0, "b": [0.0, [0.0, 0.0]]})
    good = {"a": [1.0, 2.0], "b": [0.0, [[3.0, 0.0], [4.0, 0.0]]]}
    assert program(good).tolist() == [3.0, 8.0]
    with refused(InputError, "d: the part 'b' is missing"):
        program({"a": 1.0})
    with refused(InputError, "d['b']: the part 1 is missing"):
        program({"a": 1.0, "b": [0.0]})
    with refused(InputError, "d['b'][1] has the shape (3,)", "(n, 2)"):
        program({"a": 1.0, "b": [0.0, [0.0, 0.0, 0.0]]})
    with refused(InputError, "batch sizes differ", "d['a'] has 2 samples", "d['b'][1] has 3"):
        program({"a": [1.0, 2.0], "b": [0.0, np.zeros((3, 2))]})
    with refused(InputError, "d"):
        program(3.0)
    with refused(InputError, "d", "c"):
        program({**good, "c": 1.0})
    with refused(InputError, "d['b']"):
        program({"a": 1.0, "b": [0.0, [0.0, 0.0], 7.0]})


def test_labels_of_a_graph_are_its_inputs():
    program = autograd.trace("(x + y) * z", x=-2, y=5, z=-4).compile()
    with refused(InputError, "the input z must be given"):
        program(x=1.0, y=2.0)
    with refused(InputError, "there is no input 'q'", "x, y, z"):
        program(x=1.0, y=2.0, q=2.0)


def test_reduce():
    for bad in ("max", None, "Mean", 1):
        with refused(InputError, "reduce is 'mean' or 'sum'", repr(bad)):
            squared_error().value_and_grad(X, Y, reduce=bad)


def test_nonfinite_is_ignore_or_raise():
    program = squared_error()
    for call in (program, program.value_and_grad):
        with refused(InputError, "nonfinite is 'ignore' or 'raise'", "'warn'"):
            call(X, Y, nonfinite="warn")


def test_out_must_fit():
    program = squared_error()
    with refused(InputError, "out", "(4,)", "(3,)"):
        program(X, Y, out=np.zeros(4))
    with refused(InputError, "out", "(3, 1)", "(3,)"):
        program(X, Y, out=np.zeros((3, 1)))
    for shape in ((3,), (1, 1), ()):
        with refused(InputError, "out", str(shape), "(1,)"):
            program.value_and_grad(X, Y, out=np.zeros(shape))
    pairs = autograd.compile(lambda x: [x, w], 0.0)
    with refused(InputError, "out", "(3,)", "(3, 2)"):
        pairs([1.0, 2.0, 3.0], out=np.zeros(3))
    with refused(InputError, "out", "(3, 2)", "(2,)"):
        pairs(1.0, out=np.zeros((3, 2)))


def test_out_of_a_type_that_cannot_hold_the_result():
    program = squared_error()
    with refused(InputError, "out", "int"):
        program(X + 0.5, Y, out=np.zeros(3, dtype=int))
    with refused(InputError, "out", "int"):
        program.value_and_grad(X + 0.5, Y, out=np.zeros(1, dtype=int))


def test_out_for_a_structure_that_is_no_array():
    program = autograd.compile(lambda x: {"a": x, "b": w * x}, 0.0)
    with refused(InputError, "out"):
        program([1.0, 2.0], out=np.zeros((2, 2)))


def test_theta_keeps_its_shape():
    program = squared_error()
    for bad in ([1.0, 2.0], [[1.0]], 3.0):
        with refused(InputError, "theta has the shape (1,)"):
            program.theta = bad
    assert program.theta.tolist() == [2.0]


def test_the_gradient_of_several_outputs():
    for function in (lambda x: [x, w * x], lambda x: {"a": x, "b": [w]}):
        program = autograd.compile(function, 0.0)
        with refused(CompileError, "only one number has a gradient", "returns 2"):
            program.value_and_grad([1.0])
        assert program([1.0]) is not None


# --- non-finite numbers ---


def first_bad(function, examples, *arguments):
    program = autograd.compile(function, *examples)
    messages = []
    for call in (program, program.value_and_grad):
        with pytest.raises(NonFiniteError) as caught:
            call(*arguments, nonfinite="raise")
        messages.append(str(caught.value))
    assert messages[0] == messages[1]
    return messages[0]


def test_the_first_bad_operation_and_sample_are_named():
    message = first_bad(lambda x: (w * x).log().exp() * 3.0, (1.0,), [1.0, 2.0, -1.0, 4.0, -5.0])
    assert "log" in message
    assert "sample 2" in message
    assert "exp" not in message
    assert "slope" not in message


def test_the_label_is_named():
    def function(x, y):
        ratio = x / (y - 1.0)
        ratio.label = "ratio"
        return w * ratio

    message = first_bad(function, (1.0, 3.0), [1.0, 2.0, 3.0], [2.0, 1.0, 3.0])
    assert "divide" in message
    assert "'ratio'" in message
    assert "sample 1" in message


def test_a_bad_input_is_named():
    message = first_bad(lambda x, y: w * x[1] + y, ([0.0, 0.0], 0.0), [[1.0, 1.0], [2.0, np.nan]], [1.0, 2.0])
    assert "x" in message
    assert "nan" in message
    assert "sample 1" in message


def test_a_bad_parameter_is_named():
    p = parameter(1.0, "gain")
    program = autograd.compile(lambda x: p * x, 0.0)
    program.theta[:] = np.inf
    with refused(NonFiniteError, "parameter", "'gain'", "inf"):
        program([1.0], nonfinite="raise")


def test_a_bad_number_that_the_batch_does_not_change():
    p = parameter(-1.0)
    with refused(NonFiniteError, "log"):
        autograd.compile(lambda x: p.log() * x, 0.0)([1.0, 2.0], nonfinite="raise")


def test_overflow_is_named():
    assert "exp" in first_bad(lambda x: (x * x).exp() + w, (0.5,), [1.0, 30.0])
    message = first_bad(lambda x: x * x * w, (0.5,), [1.0, 1e200])
    assert "sample 1" in message


def test_a_gradient_alone_may_be_infinite():
    """√0 is 0, and its slope infinite."""
    program = autograd.compile(lambda x: (w * x).sqrt(), 1.0)
    assert program([0.0, 1.0], nonfinite="raise")[0] == 0.0
    with refused(NonFiniteError, "slope of", "sample 0"):
        program.value_and_grad([0.0, 1.0], nonfinite="raise")


def test_finite_numbers_pass():
    program = squared_error()
    assert program(X, Y, nonfinite="raise").tolist() == program(X, Y).tolist()
    assert program.value_and_grad(X, Y, nonfinite="raise")[0] == program.value_and_grad(X, Y)[0]


def test_the_gradient_of_the_inputs_is_looked_at_too():
    program = autograd.compile(lambda x: x.sqrt(), 1.0)
    with refused(NonFiniteError, "slope of", "sample 1"):
        program.value_and_grad([1.0, 0.0], inputs=True, nonfinite="raise")
