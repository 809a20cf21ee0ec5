"""What can go wrong, as one tree.

    AutogradError
    ├── OperandError(TypeError)                 a value that no Value can hold: a str, None, a complex number, an array
    ├── DomainError(ValueError)                 log(-1), sqrt(-1), arcsin(2)
    ├── DivisionByZeroError(ZeroDivisionError)  1 / 0, 0 ** -1
    ├── RangeError(OverflowError)               exp(1000): the result is too large for a float
    ├── GraphError(ValueError)                  a graph that cannot do what is asked of it
    │   ├── InputError(KeyError)                an input that is missing, unknown, named twice or of the wrong shape
    │   └── CompileError                        a function that cannot become a program; the message says why
    ├── NonFiniteError(FloatingPointError)      a program met nan or infinity and was asked to say where
    ├── ExpressionError(ValueError)             text that is not an expression of this package
    ├── OperationError(ValueError)              a row or a gate that is not well formed
    └── GradientCheckError(AssertionError)      an analytic gradient that finite differences do not confirm

Each one is also the built-in exception that Python itself raises in that place, so ``except ZeroDivisionError`` and
``except AutogradError`` both catch ``Value(1) / 0``.
"""

from __future__ import annotations


class AutogradError(Exception):
    """The root of every error this package raises on purpose."""


class OperandError(AutogradError, TypeError):
    """Something that is not one real number stands where a number is needed."""


class DomainError(AutogradError, ValueError):
    """An argument lies outside the domain of its operation."""


class DivisionByZeroError(AutogradError, ZeroDivisionError):
    """A division by zero, or zero raised to a negative power."""


class RangeError(AutogradError, OverflowError):
    """A result too large for a float (above 1.8e308)."""


class GraphError(AutogradError, ValueError):
    """A graph cannot do what is asked of it; the message names the node."""


class InputError(GraphError, KeyError):
    """An input of a graph is missing, unknown, or bears the label of another one."""

    def __str__(self) -> str:  # KeyError would show the message in quotes
        return str(self.args[0]) if self.args else ""


class CompileError(GraphError):
    """A function cannot become a program: it branches on a value, draws random numbers, or runs code of its own."""


class NonFiniteError(AutogradError, FloatingPointError):
    """A program was asked to look for nan and infinity, and found the operation that made the first one."""


class ExpressionError(AutogradError, ValueError):
    """A text is not an expression; the message shows the part that is not understood."""


class OperationError(AutogradError, ValueError):
    """A row of the table, or a gate, is not well formed."""


class GradientCheckError(AutogradError, AssertionError):
    """An analytic gradient differs from the one that finite differences give."""
