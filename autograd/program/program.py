"""A Program: a function of scalars as array code."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.errors import InputError, NonFiniteError
from autograd.program.inspection import describe_nonfinite, largest_difference
from autograd.program.interpret import first_nonfinite, interpret
from autograd.program.plan import Plan, gradient_plan, values_plan
from autograd.program.record import Recording
from autograd.program.straighten import straighten
from autograd.program.structure import Slot, arrays_of, restore
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

    def __init__(
        self,
        recording: Recording,
        parameters: Sequence[Value],
        slots: list[Slot],
        structures: list[Any],
        names: list[str],
    ) -> None:
        self.parameters = list(parameters)
        self._theta = np.array([p.data for p in parameters], dtype=float)
        self._recording = recording
        self._slots, self._structures, self._names = slots, structures, names
        self._simple = all(structure is None for structure in structures)
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
        n, arrays = self._arrays(self._in_order(arguments, named) if named else arguments)
        run, x = plan.workspace(self._theta, n or 1)
        for target, array in zip(x, arrays, strict=True):
            np.copyto(target, array)
        with np.errstate(all="ignore"):
            rows = run(1.0, 1.0)
        if nonfinite != "ignore":
            self._look(nonfinite, rows, x, 1.0)
        if self._shape is None:
            fresh = [np.array(np.broadcast_to(row, n or 1)) for row in rows]
            return restore(
                self._recording.structure, iter(fresh if n is not None else [float(row[0]) for row in fresh])
            )
        result = np.empty((n or 1, *self._shape)) if out is None or n is None else out
        if result.shape != (n or 1, *self._shape):
            raise InputError(f"out has the shape {result.shape}; the result has {(n or 1, *self._shape)}")
        flat = result.reshape(n or 1, -1)
        for k, row in enumerate(rows):
            flat[:, k] = row
        if flat.base is not result and not np.shares_memory(flat, result):
            result[...] = flat.reshape(result.shape)
        if n is not None:
            return result
        if out is not None:
            out[...] = result[0]
            return out
        return result[0] if self._shape else float(result[0])

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
        n, arrays = self._arrays(self._in_order(arguments, named) if named else arguments)
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
            self._look(nonfinite, result[:2], x, seed)
        if out is None:
            gradient = gradient.copy()
        elif out.shape != gradient.shape:
            raise InputError(f"out has the shape {out.shape}; the gradient has {gradient.shape}")
        else:
            out[...] = gradient
            gradient = out
        if not inputs:
            return float(value), gradient
        return float(value), gradient, self._input_gradients(result[2], arrays, n)

    def _in_order(self, arguments: Sequence[Any], named: Mapping[str, Any]) -> list[Any]:
        """Return positional and named arguments in their order."""
        rest = self._names[len(arguments) :]
        for name in named:
            if name not in self._names:
                raise InputError(f"there is no input {name!r}; the inputs are {', '.join(self._names) or 'none'}")
            if name not in rest:
                raise InputError(f"the input {name!r} is given twice")
        missing = [name for name in rest if name not in named]
        if missing:
            raise InputError(f"the input{'s' if len(missing) > 1 else ''} {', '.join(missing)} must be given, too")
        return [*arguments, *[named[name] for name in rest]]

    def _arrays(self, arguments: Sequence[Any]) -> tuple[int | None, list[np.ndarray]]:
        """Return the batch size, None if no argument has a batch axis, and the arguments as arrays that fit."""
        if len(arguments) != len(self._names):
            count = f"{len(self._names)} argument{'' if len(self._names) == 1 else 's'}"
            raise InputError(f"the program takes {count} ({', '.join(self._names) or 'none'}), not {len(arguments)}")
        parts: Sequence[Any] = arguments
        if not self._simple:
            parts = [
                array
                for argument, structure, name in zip(arguments, self._structures, self._names, strict=True)
                for array in arrays_of(argument, structure, name)
            ]
        n: int | None = None
        arrays = []
        for slot, part in zip(self._slots, parts, strict=True):
            try:
                array = np.asarray(part, dtype=float)
            except (TypeError, ValueError) as error:
                raise InputError(f"{slot.name} is not an array of numbers: {error}") from None
            arrays.append(array)
            shape = array.shape
            if shape == slot.shape:
                continue
            if shape[1:] != slot.shape or not shape:
                raise InputError(
                    f"{slot.name} has the shape {shape}; the program takes {('n', *slot.shape)} with n samples, or "
                    f"{slot.shape} for all samples alike".replace("'", "")
                )
            if n is None:
                n = shape[0]
                if n == 0:
                    raise InputError(f"{slot.name} has no samples")
            elif n != shape[0]:
                first = next(s for s, a in zip(self._slots, arrays, strict=False) if a.shape != s.shape)
                raise InputError(f"batch sizes differ: {first.name} has {n} samples, {slot.name} has {shape[0]}")
        return n, arrays

    def _input_gradients(self, rows: Sequence[Any], arrays: Sequence[np.ndarray], n: int | None) -> list[Any]:
        gradients = []
        for slot, array in zip(self._slots, arrays, strict=True):
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
                plan = values_plan(self._straight, self._slots, len(self.parameters))
                clock("values")
            else:
                plan = gradient_plan(self._straight, self._slots, len(self.parameters), kind == "inputs", clock)
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

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key != "_compiling"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._compiling = threading.Lock()

    def check(self, *arguments: Any, **named: Any) -> float:
        """Return the largest difference between this program and the eager graph, on a batch.

        Every sample is run through the recorded Values, forward and (for one output) backward; the gradients compared
        are those of the sum over the batch.
        """
        arguments = tuple(self._in_order(arguments, named))
        n, arrays = self._arrays(arguments)
        columns = [
            np.broadcast_to(a, (n or 1, *s.shape)).reshape(n or 1, -1) for a, s in zip(arrays, self._slots, strict=True)
        ]
        return largest_difference(self, np.concatenate([*columns, np.empty((n or 1, 0))], axis=1), arguments)

    def _look(self, nonfinite: str, results: Sequence[Any], x: Sequence[np.ndarray], seed: float) -> None:
        if nonfinite != "raise":
            raise InputError(f"nonfinite is 'ignore' or 'raise', not {nonfinite!r}")
        if all(np.isfinite(result).all() for result in results):
            return
        n = len(x[0]) if x else 1
        inputs = np.concatenate([*[array.reshape(n, -1) for array in x], np.empty((n, 0))], axis=1).T
        found = first_nonfinite(interpret(self._straight.tape, inputs, self._theta, seed))
        assert found is not None
        raise NonFiniteError(describe_nonfinite(self._straight, *found, inputs, self._theta))


def _regular(structure: Any) -> tuple[int, ...] | None:
    """Return the shape of nested lists of equal lengths, () for one number, or None."""
    if structure is None:
        return ()
    kind, parts = structure
    shapes = {_regular(part) for part in parts}
    if isinstance(kind, list) or len(shapes) != 1 or None in shapes:
        return None
    return (len(parts), *(shapes.pop() or ()))
