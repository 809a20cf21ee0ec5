"""The two ways to compute a model's loss and its gradient on a batch: compiled, and one sample after the other.

Both take and return plain arrays, and both see the same random draws: a Dropout's masks are drawn by ``fit`` and handed
in with the batch, one row for each sample.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from autograd import Program, Value, no_grad
from autograd.errors import CompileError, DivisionByZeroError, DomainError, NonFiniteError, OperandError, RangeError
from autograd.program import compile  # noqa: A004  # autograd's name
from nn.errors import SettingError
from nn.training.problem import Array, Problem, as_floats

Batch = Sequence[Array]  # x, y, and a mask for each Dropout; the samples are the first axis of each

ROWS_AT_ONCE = 1024  # of data that are only evaluated, which bounds the memory it takes


class Steps(Protocol):
    """A way to compute; ``theta`` holds the parameters' numbers in the order of ``parameters``."""

    path: str
    parameters: list[Value]

    def value_and_grad(self, theta: Array, batch: Batch, reduce: str) -> tuple[float, Array]:
        """Return the mean or sum of the loss over a batch, and its gradient.

        Raises:
            NonFiniteError: the loss, or its gradient, is nan or infinite; the message says where that came from.
        """

    def losses(self, theta: Array, x: Array, y: Array) -> Array:
        """Return the loss of each sample, without dropout; shape (samples,)."""

    def outputs(self, theta: Array, x: Array) -> Array:
        """Return the model's outputs without dropout; shape (samples,), or (samples, outputs) if there are several."""

    def penalty(self, theta: Array) -> tuple[float, Array]:
        """Return the penalty on the weights and its gradient; 0 where there is none."""


class Compiled:
    """Every sample of a batch at once, by programs made of the model and the loss.

    Raises:
        CompileError: the model, the loss or the penalty is not made of Values alone.
    """

    path = "compiled"

    def __init__(self, problem: Problem, x: Array, y: Array | None = None) -> None:
        self.parameters = problem.parameters
        self._problem = problem
        self._example = x[0].tolist()
        self._programs: dict[str, Program] = {}
        self._target = None if y is None else y[0].tolist()
        names = ["train"] * (y is not None) + ["penalty"] * (problem.penalty is not None)
        for name in names:
            _ = self._program(name).source  # the gradient is compiled now, not in the first step

    def _program(self, name: str) -> Program:
        """Compile a program when it is first wanted."""
        if name not in self._programs:
            problem = self._problem
            examples: dict[str, tuple[Callable[..., Any], list[Any]]] = {
                "train": (
                    problem.sample_loss,
                    [self._example, self._target, *([1.0] * (dropout.size or 0) for dropout in problem.dropouts)],
                ),
                "losses": (lambda x, y: problem.loss(problem.model(x), y), [self._example, self._target]),  # type: ignore[misc]
                "outputs": (problem.model, [self._example]),
                "penalty": (problem.penalty_value, []),
            }
            function, arguments = examples[name]
            problem.train(name == "train")
            try:
                self._programs[name] = compile(function, *arguments, parameters=self.parameters)
            finally:
                problem.train(False)
        return self._programs[name]

    def _at(self, name: str, theta: Array) -> Program:
        program = self._program(name)
        program.theta = theta
        return program

    def value_and_grad(self, theta: Array, batch: Batch, reduce: str) -> tuple[float, Array]:
        """See Steps."""
        program = self._at("train", theta)
        value, gradient = program.value_and_grad(*batch, reduce=reduce)
        if not (np.isfinite(value) and np.isfinite(gradient).all()):
            program.value_and_grad(*batch, reduce=reduce, nonfinite="raise")  # says where it came from
        return value, gradient

    def losses(self, theta: Array, x: Array, y: Array) -> Array:
        """See Steps."""
        program = self._at("losses" if self._problem.has_modes else "train", theta)
        return _in_parts(program, x, y)

    def outputs(self, theta: Array, x: Array) -> Array:
        """See Steps."""
        return _in_parts(self._at("outputs", theta), x)

    def penalty(self, theta: Array) -> tuple[float, Array]:
        """See Steps."""
        if self._problem.penalty is None:
            return 0.0, np.zeros(len(theta))
        value, gradient = self._at("penalty", theta).value_and_grad()
        return value, gradient


class Eager:
    """One sample after the other, by the model and the loss themselves: slow, but any Python will do."""

    path = "eager"

    def __init__(self, problem: Problem) -> None:
        self.parameters = problem.parameters
        self._problem = problem

    def _write(self, theta: Array) -> None:
        for parameter, x in zip(self.parameters, theta.tolist(), strict=True):
            parameter.data = x

    def value_and_grad(self, theta: Array, batch: Batch, reduce: str) -> tuple[float, Array]:
        """See Steps."""
        self._write(theta)
        x, y, *masks = batch
        share = 1.0 / len(x) if reduce == "mean" else 1.0
        total = 0.0
        self._problem.train(True)
        try:
            for parameter in self.parameters:
                parameter.grad = 0.0
            for row in range(len(x)):
                loss = self._problem.sample_loss(x[row].tolist(), y[row].tolist(), *(m[row].tolist() for m in masks))
                total += share * loss.data
                loss.backward(gradient=share)
        except (DomainError, DivisionByZeroError, RangeError) as error:
            raise NonFiniteError(str(error)) from error
        finally:
            self._problem.train(False)
        gradient = np.array([parameter.grad for parameter in self.parameters])
        for value, what in ((total, "the loss"), (gradient, "its gradient")):
            if not np.isfinite(value).all():
                raise NonFiniteError(f"{what} is not finite")
        return total, gradient

    def losses(self, theta: Array, x: Array, y: Array) -> Array:
        """See Steps."""
        loss = self._problem.loss
        assert loss is not None
        return self._evaluated(theta, lambda row: loss(self._problem.model(x[row].tolist()), y[row].tolist()), len(x))

    def outputs(self, theta: Array, x: Array) -> Array:
        """See Steps."""
        return self._evaluated(theta, lambda row: self._problem.model(x[row].tolist()), len(x))

    def _evaluated(self, theta: Array, result: Callable[[int], Any], rows: int) -> Array:
        self._write(theta)
        with no_grad():
            return np.array([as_floats(result(row)) for row in range(rows)])

    def penalty(self, theta: Array) -> tuple[float, Array]:
        """See Steps."""
        if self._problem.penalty is None:
            return 0.0, np.zeros(len(theta))
        self._write(theta)
        for parameter in self.parameters:
            parameter.grad = 0.0
        value = self._problem.penalty_value()
        value.backward()
        return value.data, np.array([parameter.grad for parameter in self.parameters])


def steps_for(problem: Problem, x: Array, y: Array | None, compiling: bool | None) -> tuple[Steps, str]:
    """Return the way to compute, and why it is not the compiled one ("" if it is).

    Args:
        problem: what is to be learned.
        x: samples, the first of which serves as an example.
        y: their targets; None where only outputs are wanted.
        compiling: None to try, True to insist, False for the eager way.

    Raises:
        CompileError: with ``compiling=True``, where the problem cannot be compiled.
    """
    if compiling not in (None, True, False):
        raise SettingError(f"compile is None (compile if possible), True (or else fail) or False; not {compiling!r}")
    if compiling is False:
        return Eager(problem), "it was asked not to compile"
    try:
        compiled = Compiled(problem, x, y)
        if y is None:
            compiled.outputs(np.array([parameter.data for parameter in problem.parameters]), x[:1])
        return compiled, ""
    except (CompileError, OperandError) as error:  # the second where a loss needs a number and not a Value
        if compiling:
            raise
        return Eager(problem), str(error)


def _in_parts(program: Program, *arrays: Array) -> Array:
    """Return a program's results on many rows, computed some at a time."""
    rows = len(arrays[0])
    parts = [
        program(*(array[start : start + ROWS_AT_ONCE] for array in arrays)) for start in range(0, rows, ROWS_AT_ONCE)
    ]
    return np.concatenate(parts) if len(parts) > 1 else np.asarray(parts[0])
