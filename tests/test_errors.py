"""The tree of errors: complete, as drawn, and each one also the built-in error that Python raises in that place."""

import inspect
import pickle
import re

import pytest

from autograd import errors

CLASSES = {name: cls for name, cls in vars(errors).items() if inspect.isclass(cls)}


BUILT_IN = {
    "OperandError": TypeError,
    "DomainError": ValueError,
    "DivisionByZeroError": ZeroDivisionError,
    "RangeError": OverflowError,
    "GraphError": ValueError,
    "InputError": KeyError,
    "CompileError": ValueError,
    "NonFiniteError": FloatingPointError,
    "ExpressionError": ValueError,
    "OperationError": ValueError,
    "GradientCheckError": AssertionError,
}


@pytest.mark.parametrize(("name", "builtin"), BUILT_IN.items())
def test_every_error_is_also_a_built_in_one(name, builtin):
    with pytest.raises(builtin) as caught:
        raise CLASSES[name]("said so")
    assert isinstance(caught.value, errors.AutogradError)
    assert str(caught.value) == "said so"
    assert str(pickle.loads(pickle.dumps(caught.value))) == "said so"  # noqa: S301  # our own


def test_the_drawing_at_the_top_shows_every_error():
    drawn = set(re.findall(r"^[ │├└─]+(\w+Error)\b", errors.__doc__ or "", re.MULTILINE))
    assert drawn == set(CLASSES) == {"AutogradError", *BUILT_IN}


def test_the_drawing_names_the_built_in_errors():
    for name, cls in CLASSES.items():
        builtins = [base.__name__ for base in cls.__bases__ if base.__module__ == "builtins" and base is not Exception]
        assert all(f"{name}({builtin})" in (errors.__doc__ or "") for builtin in builtins)
