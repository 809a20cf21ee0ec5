"""A Program: a function of scalars as array code."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.errors import InputError, NonFiniteError
from autograd.program.arguments import Arguments, fits
from autograd.program.inspection import eager_results, largest_difference, origin_of_nonfinite
from autograd.program.plan import Plan, gradient_plan, values_plan
from autograd.program.record import Recording
from autograd.program.straighten import straighten
from autograd.program.structure import flatten, restore
from autograd.value import Value


@dataclass(frozen=True)
class Stats:
    """What became of a function.

    Attributes:
        nodes: how many nodes were recorded.
        instructions: how many scalar instructions are left, those of the gradient included.
        array_calls: how many NumPy calls do them.
        buffer_bytes: the memory of the buffers for one sample.
        seconds: how long each phase of compiling took.
    """

    nodes: int
    instructions: int
    array_calls: int
    buffer_bytes: int
    seconds: dict[str, float]


class Program:
    """A function of scalars as array code for batches; made by ``autograd.compile``.

    Attributes:
        parameters: the Values it learns, in the order of ``theta`` and of every gradient.
        theta: the array of their numbers. It is what the program computes with; ``read`` and ``write`` move it from and
            to the Values, and nothing else does.
    """

    def __init__(self, recording: Recording, parameters: Sequence[Value], arguments: Arguments) -> None:
        self.parameters = list(parameters)
        self._theta = np.array([p.data for p in parameters], dtype=float)
        self._recording = recording
        self._arguments = arguments
        self._shape = _regular(recording.structure)
        self._plans: dict[str, Plan] = {}
        self._compiling = threading.Lock()
        self._seconds = {"record": recording.seconds}
        start = time.perf_counter()
        leaves = {p: ("parameter", i) for i, p in enumerate(self.parameters)}
        leaves.update({value: ("input", i) for i, value in enumerate(recording.inputs)})
        self._straight = straighten(recording.outputs, leaves)
        self._seconds["straighten"] = time.perf_counter() - start

    # --- parameters ---

    @property
    def theta(self) -> np.ndarray:
        """The parameters' numbers, shape (parameters,): live, so that changing it changes the program's results."""
        return self._theta

    @theta.setter
    def theta(self, numbers: Any) -> None:
        array = np.asarray(numbers, dtype=float)
        if array.shape != self._theta.shape:
            raise InputError(f"theta has the shape {self._theta.shape}, not {array.shape}")
        self._theta[...] = array

    def read(self) -> None:
        """Copy the data of the parameters' Values into theta."""
        self._theta[...] = [p.data for p in self.parameters]

    def write(self) -> None:
        """Copy theta into the data of the parameters' Values."""
        for p, x in zip(self.parameters, self._theta.tolist(), strict=True):
            p.data = x

    # --- running ---

    def __call__(self, *arguments: Any, out: np.ndarray | None = None, nonfinite: str = "ignore", **named: Any) -> Any:
        """Return the function's values for a batch.

        Args:
            *arguments: for each example an array with the batch as its first axis. An array without that axis counts
                for every sample; if none has it, the result has none either.
            **named: arguments by name.
            out: an array of the result's shape to write to, where the function returns one number or a regular list.
            nonfinite: "raise" looks for nan and infinity and names the operation that made the first.

        Raises:
            InputError: an argument is missing, or its shape does not fit.
            NonFiniteError: with ``nonfinite="raise"``.
        """
        plan = self._plans.get("values") or self._plan("values")
        n, arrays = self._arguments.arrays(arguments, named)
        run, x = plan.workspace(self._theta, n or 1)
        for target, array in zip(x, arrays, strict=True):
            np.copyto(target, array)
        with np.errstate(all="ignore"):
            rows = run(1.0, 1.0)
        if nonfinite != "ignore":
            self._look(nonfinite, plan, rows, x, 1.0)
        return self._result(rows, n, out)

    def _result(self, rows: Sequence[Any], n: int | None, out: np.ndarray | None) -> Any:
        """Return the outputs' rows as fresh arrays in the function's structure, or in ``out``."""
        size = n or 1
        if self._shape is None:
            if out is not None:
                raise InputError("out is for one number or a regular list; this function returns another structure")
            fresh = [np.array(np.broadcast_to(row, size)) for row in rows]
            return restore(
                self._recording.structure, iter(fresh if n is not None else [float(row[0]) for row in fresh])
            )
        result = np.empty((size, *self._shape))
        flat = result.reshape(size, -1)
        for k, row in enumerate(rows):
            flat[:, k] = row
        if n is None:
            result = result[0]
        if out is not None:
            fits(out, result.shape)
            np.copyto(out, result)
            return out
        return result if result.ndim else float(result)

    def value_and_grad(
        self, *arguments: Any, reduce: str = "mean", inputs: bool = False, out: np.ndarray | None = None,
        nonfinite: str = "ignore", **named: Any,
    ) -> Any:  # fmt: skip
        """Return the mean (or sum) of the function over the batch, and its gradient.

        Args:
            *arguments: as for a call.
            **named: as for a call.
            reduce: "mean" or "sum" over the batch.
            inputs: return the gradient with respect to the arguments, too, as a list of arrays of their shapes.
            out: an array of theta's shape for the gradient; by default a fresh one.
            nonfinite: "raise" looks for nan and infinity and names the operation that made the first.

        Returns:
            ``(value, gradient)``, or ``(value, gradient, gradients of the arguments)``.

        Raises:
            CompileError: the function returns more than one number.
            InputError, NonFiniteError: as for a call.
        """
        kind = "inputs" if inputs else "gradient"
        plan = self._plans.get(kind) or self._plan(kind)
        n, arrays = self._arguments.arrays(arguments, named)
        size = n or 1
        if reduce == "mean":
            seed, seed_n = 1.0 / size, 1.0
        elif reduce == "sum":
            seed, seed_n = 1.0, float(size)
        else:
            raise InputError(f"reduce is 'mean' or 'sum', not {reduce!r}")
        run, x = plan.workspace(self._theta, size)
        for target, array in zip(x, arrays, strict=True):
            np.copyto(target, array)
        with np.errstate(all="ignore"):
            result = run(seed, seed_n)
        value, gradient = result[0], result[1]
        if nonfinite != "ignore":
            self._look(nonfinite, plan, [value, gradient, *(result[2] if inputs else ())], x, seed)
        if out is None:
            gradient = gradient.copy()
        else:
            fits(out, gradient.shape)
            np.copyto(out, gradient)
            gradient = out
        if not inputs:
            return float(value), gradient
        return float(value), gradient, self._input_gradients(result[2], arrays, n)

    def _input_gradients(self, rows: Sequence[Any], arrays: Sequence[np.ndarray], n: int | None) -> list[Any]:
        gradients = []
        for slot, array in zip(self._arguments.slots, arrays, strict=True):
            gradient = np.empty((slot.size, n or 1))
            for k in range(slot.size):
                gradient[k] = rows[slot.start + k]
            if array.ndim > len(slot.shape):
                gradients.append(np.ascontiguousarray(gradient.T).reshape(array.shape))
            else:  # the same for all samples, so their shares add up
                gradients.append(gradient.sum(axis=1).reshape(slot.shape))
        return gradients

    # --- compiling, looking in ---

    def _plan(self, kind: str) -> Plan:
        """Compile a plan when it is first wanted."""
        with self._compiling:
            if kind in self._plans:  # another thread was first
                return self._plans[kind]
            then = time.perf_counter()

            def clock(phase: str) -> None:
                nonlocal then
                now = time.perf_counter()
                self._seconds[phase], then = now - then, now

            if kind == "values":
                plan = values_plan(self._straight, self._arguments.slots, len(self.parameters))
                clock("values")
            else:
                plan = gradient_plan(
                    self._straight, self._arguments.slots, len(self.parameters), kind == "inputs", clock
                )
            self._plans[kind] = plan
        return plan

    def _main_plan(self) -> Plan:
        kind = "gradient" if len(self._straight.outputs) == 1 else "values"
        return self._plans.get(kind) or self._plan(kind)

    @property
    def source(self) -> str:
        """The NumPy source that runs: of ``value_and_grad`` where the function returns one number, else of a call."""
        return self._main_plan().source

    @property
    def stats(self) -> Stats:
        """Counts and times; see Stats."""
        plan = self._main_plan()
        return Stats(self._straight.nodes, plan.instructions, plan.calls, 8 * plan.rows, dict(self._seconds))

    def __repr__(self) -> str:
        names = ", ".join(self._arguments.names)
        return f"Program({names}) with {len(self.parameters)} parameters, of {self._straight.nodes} nodes"

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key != "_compiling"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._compiling = threading.Lock()

    def check(self, *arguments: Any, **named: Any) -> float:
        """Return the largest difference between this program and the eager graph, on a batch.

        Every sample is run through the recorded Values, forward and (for one output) backward; the gradients compared
        are those of the sum over the batch. Where both are nan, or the same infinity, they do not differ.
        """
        n, arrays = self._arguments.arrays(arguments, named)
        size = n or 1
        outputs, gradient = eager_results(self._recording, self.parameters, self._theta, self._columns(arrays, size))
        result = self(*arguments, **named)
        if self._shape is None:
            received = np.array(flatten(result)[0]).reshape(-1, size).T
        else:
            received = np.asarray(result).reshape(size, -1)
        differences = [largest_difference(received, outputs)]
        if gradient is not None and self.parameters:
            differences.append(largest_difference(self.value_and_grad(*arguments, reduce="sum", **named)[1], gradient))
        return float(np.max(differences))

    def _columns(self, arrays: Sequence[np.ndarray], size: int) -> np.ndarray:
        """Return the arguments as one array of shape (samples, inputs)."""
        slots = self._arguments.slots
        columns = [np.broadcast_to(a, (size, *s.shape)).reshape(size, -1) for a, s in zip(arrays, slots, strict=True)]
        return np.concatenate([*columns, np.empty((size, 0))], axis=1)

    def _look(self, nonfinite: str, plan: Plan, results: Sequence[Any], x: Sequence[np.ndarray], seed: float) -> None:
        """Look for nan and infinity in some results; raise an error that names where the first came from."""
        if nonfinite != "raise":
            raise InputError(f"nonfinite is 'ignore' or 'raise', not {nonfinite!r}")
        if not all(np.isfinite(result).all() for result in results):
            inputs = self._columns(x, len(x[0]) if x else 1).T
            raise NonFiniteError(origin_of_nonfinite(plan, self._arguments, self.parameters, inputs, self._theta, seed))


def _regular(structure: Any) -> tuple[int, ...] | None:
    """Return the shape of nested lists of equal lengths, () for one number, or None."""
    if structure is None:
        return ()
    kind, parts = structure
    shapes = {_regular(part) for part in parts}
    if isinstance(kind, list) or len(shapes) != 1 or None in shapes:
        return None
    return (len(parts), *(shapes.pop() or ()))
