"""A Program: a function of scalars as array code."""

from __future__ import annotations

import builtins
import inspect
import keyword
import linecache
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.errors import CompileError, InputError, NonFiniteError
from autograd.ops import PARAMETER
from autograd.program.differentiate import differentiate
from autograd.program.emit import Source, emit
from autograd.program.inspection import describe_nonfinite, largest_difference
from autograd.program.interpret import first_nonfinite, interpret
from autograd.program.record import Recording, record
from autograd.program.straighten import straighten
from autograd.program.structure import Slot, arrays_of, restore, slots_of
from autograd.program.tape import ONE, Tape, Term
from autograd.program.vectorise import vectorise
from autograd.value import Value

WORKSPACES = 8  # how many batch sizes a thread keeps buffers for


@dataclass(frozen=True)
class Stats:
    """What became of a function.

    Attributes:
        nodes: how many nodes were recorded.
        instructions: how many scalar instructions are left, those of the gradient included once it has been asked for.
        array_calls: how many NumPy calls do them.
        buffer_bytes: the memory of the buffers for one sample.
        seconds: how long each phase of compiling took.
    """

    nodes: int
    instructions: int
    array_calls: int
    buffer_bytes: int
    seconds: dict[str, float]


class _Plan:
    """Generated code for one purpose, and each thread's buffers for it."""

    def __init__(self, source: Source, result: str) -> None:
        lines = ["def prepare(theta, n):", *[f"    {line}" for line in source.setup], ""]
        lines += ["    def run(seed, seed_n):", *[f"        {line}" for line in source.body]]
        inputs = ", ".join(f"{array.name}[:{array.rows}]" for array in source.layout.inputs)
        lines += [f"        return {result}", "", f"    return run, [{inputs}]"]
        self.source = "\n".join(lines) + "\n"
        self.constants = source.arrays
        self.calls = source.calls
        self.rows = sum(array.rows for array in source.layout.arrays)
        self._set_up()

    def _set_up(self) -> None:
        filename = f"<program {id(self):x}>"
        linecache.cache[filename] = (len(self.source), None, self.source.splitlines(keepends=True), filename)
        namespace: dict[str, Any] = {"np": np, **self.constants}
        exec(builtins.compile(self.source, filename, "exec"), namespace)  # noqa: S102  # written by emit.py
        self._prepare = namespace["prepare"]
        self._local = threading.local()

    def workspace(self, theta: np.ndarray, n: int) -> tuple[Callable[..., Any], list[np.ndarray]]:
        """Return this thread's function and input arrays for a batch of n."""
        cache: dict[int, Any] = self._local.__dict__
        found = cache.get(n)
        if found is None:
            while len(cache) >= WORKSPACES:
                del cache[next(iter(cache))]
            found = cache[n] = self._prepare(theta, n)
        return found  # type: ignore[no-any-return]

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key not in ("_local", "_prepare")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._set_up()


class Program:
    """A function of scalars as array code for batches; made by ``autograd.compile``.

    Attributes:
        parameters: the Values it learns, in the order of ``theta`` and of every gradient.
        theta: the array of their numbers. It is what the program computes with; ``read`` and ``write`` move it from and
            to the Values, and nothing else does.
    """

    def __init__(
        self, recording: Recording, parameters: Sequence[Value], slots: list[Slot], structures: list[Any], names: list[str],
        seconds: dict[str, float],
    ) -> None:  # fmt: skip
        self.parameters = list(parameters)
        self._theta = np.array([p.data for p in parameters], dtype=float)
        self._recording = recording
        self._slots, self._structures, self._names = slots, structures, names
        self._seconds = seconds
        start = time.perf_counter()
        leaves = {p: ("parameter", i) for i, p in enumerate(self.parameters)}
        leaves.update({value: ("input", i) for i, value in enumerate(recording.inputs)})
        self._straight = straighten(recording.outputs, leaves)
        seconds["straighten"] = time.perf_counter() - start
        self._shape = _regular(recording.structure)
        self._inputs = {_identifier(slot.name, k): slot.size for k, slot in enumerate(slots)}
        self._plans: dict[str, _Plan] = {}

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

    def __call__(self, *arguments: Any, out: np.ndarray | None = None, nonfinite: str = "ignore") -> Any:
        """Return the function's values for a batch.

        Args:
            *arguments: for each example an array with the batch as its first axis. An array without that axis counts for
                every sample; if none has it, the result has none either.
            out: an array of the result's shape to write to, where the function returns one number or a regular list.
            nonfinite: "raise" looks for nan and infinity and names the operation that made the first.

        Raises:
            InputError: an argument is missing, or its shape does not fit.
            NonFiniteError: with ``nonfinite="raise"``.
        """
        plan = self._plans.get("values") or self._compile_values()
        n = self._batch(arguments)
        run, x = plan.workspace(self._theta, n or 1)
        self._load(x, arguments, n)
        with np.errstate(all="ignore"):
            rows = run(1.0, 1.0)
        if nonfinite != "ignore":
            self._look(nonfinite, rows, x, 1.0)
        if self._shape is None:
            fresh = [np.array(np.broadcast_to(row, n or 1)) for row in rows]
            return restore(self._recording.structure, iter(fresh if n is not None else [row[0] for row in fresh]))
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
        nonfinite: str = "ignore",
    ) -> Any:  # fmt: skip
        """Return the mean (or sum) of the function over the batch, and its gradient.

        Args:
            *arguments: as for a call.
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
        plan = self._plans.get("inputs" if inputs else "gradient") or self._compile_gradient(inputs)
        n = self._batch(arguments)
        size = n or 1
        if reduce == "mean":
            seed, seed_n = 1.0 / size, 1.0
        elif reduce == "sum":
            seed, seed_n = 1.0, float(size)
        else:
            raise InputError(f"reduce is 'mean' or 'sum', not {reduce!r}")
        run, x = plan.workspace(self._theta, size)
        self._load(x, arguments, n)
        with np.errstate(all="ignore"):
            result = run(seed, seed_n)
        value, gradient = result[0], result[1]
        if nonfinite != "ignore":
            self._look(nonfinite, result[:2], x, seed)
        if out is None:
            gradient = gradient.copy()
        else:
            out[...] = gradient
            gradient = out
        if not inputs:
            return float(value), gradient
        return float(value), gradient, self._input_gradients(result[2], arguments, n)

    def _batch(self, arguments: Sequence[Any]) -> int | None:
        """Return the batch size that the arguments have, or None if none has a batch axis."""
        if len(arguments) != len(self._structures):
            raise InputError(f"the program takes {len(self._structures)} arguments ({', '.join(self._names)}), not {len(arguments)}")
        sizes: dict[int, str] = {}
        for slot, array in zip(self._slots, self._arrays(arguments), strict=True):
            if array.shape == slot.shape:
                continue
            if array.shape[1:] != slot.shape or array.ndim != len(slot.shape) + 1:
                wanted = ("n", *slot.shape)
                raise InputError(
                    f"{slot.name} has the shape {array.shape}; the program takes ({', '.join(map(str, wanted))}"
                    f"{',' if len(wanted) == 1 else ''}), or {slot.shape} for all samples alike"
                )
            sizes.setdefault(array.shape[0], slot.name)
        if len(sizes) > 1:
            raise InputError("batch sizes differ: " + ", ".join(f"{name} has {n}" for n, name in sizes.items()))
        size = next(iter(sizes), None)
        if size == 0:
            raise InputError(f"{sizes[0]} has no samples")
        return size

    def _arrays(self, arguments: Sequence[Any]) -> list[np.ndarray]:
        arrays = []
        for argument, structure, name in zip(arguments, self._structures, self._names, strict=True):
            for array in arrays_of(argument, structure, name):
                try:
                    arrays.append(np.asarray(array, dtype=float))
                except (TypeError, ValueError) as error:
                    raise InputError(f"{name} is not an array of numbers: {error}") from None
        return arrays

    def _load(self, x: Sequence[np.ndarray], arguments: Sequence[Any], n: int | None) -> None:
        """Copy the arguments into the program's input arrays, the batch last."""
        for rows, slot, array in zip(x, self._slots, self._arrays(arguments), strict=True):
            batched = n is not None and array.ndim > len(slot.shape)
            rows[...] = array.reshape(n, slot.size).T if batched else array.reshape(slot.size, 1)

    def _input_gradients(self, rows: Sequence[Any], arguments: Sequence[Any], n: int | None) -> list[Any]:
        gradients = []
        for slot, array in zip(self._slots, self._arrays(arguments), strict=True):
            gradient = np.empty((slot.size, n or 1))
            for k in range(slot.size):
                gradient[k] = rows[slot.start + k]
            if array.ndim > len(slot.shape):
                gradients.append(np.ascontiguousarray(gradient.T).reshape(array.shape))
            else:  # the same for all samples, so their shares add up
                gradients.append(gradient.sum(axis=1).reshape(slot.shape))
        return gradients

    # --- compiling ---

    def _compile_values(self) -> _Plan:
        start = time.perf_counter()
        straight = self._straight
        layout = vectorise(straight.tape, straight.outputs, self._inputs, len(self.parameters))
        source = emit(straight.tape, layout)
        rows = [_row(source, i) for i in straight.outputs]
        plan = self._plans["values"] = _Plan(source, f"[{', '.join(rows)}]")
        self._seconds["values"] = time.perf_counter() - start
        return plan

    def _compile_gradient(self, inputs: bool) -> _Plan:
        straight = self._straight
        tape = straight.tape
        if len(straight.outputs) != 1:
            raise CompileError(f"only one number has a gradient, and the function returns {len(straight.outputs)}")
        start = time.perf_counter()
        output = straight.outputs[0]
        parameters = {tape.parameter(i): i for i in range(len(self.parameters))}
        leaves = [tape.input(i) for i in range(len(self._recording.inputs))] if inputs else []
        shares = differentiate(straight, output, [*parameters, *leaves])
        homes, extras = _homes(tape, shares, parameters)
        by_input = [tape.lin(shares.get(leaf, [])) for leaf in leaves]
        self._seconds["differentiate"] = time.perf_counter() - start
        start = time.perf_counter()
        needed = [output, *homes, *[i for _, i, _ in extras], *by_input]
        layout = vectorise(tape, needed, self._inputs, len(self.parameters), homes)
        self._seconds["vectorise"] = time.perf_counter() - start
        start = time.perf_counter()
        source = emit(tape, layout)
        _assemble(source, extras)
        value = f"{_row(source, output)}.sum() * seed" if tape.batched[output] else f"{_row(source, output)} * seed_n"
        rows = f", [{', '.join(_row(source, i) for i in by_input)}]" if inputs else ""
        source.setup.insert(0, f"gradient = np.zeros({len(self.parameters)})")
        plan = self._plans["inputs" if inputs else "gradient"] = _Plan(source, f"{value}, gradient{rows}")
        self._seconds["emit"] = time.perf_counter() - start
        return plan

    # --- looking in ---

    @property
    def source(self) -> str:
        """The NumPy source that runs: of ``value_and_grad`` where the function returns one number, else of a call."""
        if len(self._straight.outputs) == 1:
            return (self._plans.get("gradient") or self._compile_gradient(False)).source
        return (self._plans.get("values") or self._compile_values()).source

    @property
    def stats(self) -> Stats:
        """Counts and times; see Stats."""
        key = "gradient" if len(self._straight.outputs) == 1 else "values"
        plan = self._plans.get(key) or (self._compile_gradient(False) if key == "gradient" else self._compile_values())
        return Stats(self._straight.nodes, len(self._straight.tape), plan.calls, 8 * plan.rows, dict(self._seconds))

    def check(self, *arguments: Any) -> float:
        """Return the largest difference between this program and the eager graph, on a batch.

        Every sample is run through the recorded Values, forward and (for one output) backward; the gradients compared are
        those of the sum over the batch.
        """
        n = self._batch(arguments)
        x = [np.empty((slot.size, n or 1)) for slot in self._slots]
        self._load(x, arguments, n)
        return largest_difference(self, np.concatenate([*x, np.empty((0, n or 1))]), arguments)

    def _look(self, nonfinite: str, results: Sequence[Any], x: Sequence[np.ndarray], seed: float) -> None:
        if nonfinite != "raise":
            raise InputError(f"nonfinite is 'ignore' or 'raise', not {nonfinite!r}")
        if all(np.isfinite(result).all() for result in results):
            return
        inputs = np.concatenate([*x, np.empty((0, x[0].shape[1] if x else 1))])
        found = first_nonfinite(interpret(self._straight.tape, inputs, self._theta, seed))
        assert found is not None
        raise NonFiniteError(describe_nonfinite(self._straight, *found, inputs, self._theta))


def _homes(
    tape: Tape, shares: dict[int, list[Term]], parameters: dict[int, int]
) -> tuple[dict[int, int], list[tuple[int, int, bool]]]:
    """Decide where each parameter's gradient is computed.

    Returns:
        The instructions whose place is the gradient itself, with the parameter's number; and (parameter, instruction,
        whether to add) for what is to be copied or added there at the end.
    """
    homes: dict[int, int] = {}
    extras: list[tuple[int, int, bool]] = []
    for leaf, p in parameters.items():
        terms = shares.get(leaf)
        if not terms:
            continue
        first = next((u for c, u, v in terms if v == ONE and c == 1 and u != ONE and tape.kinds[u] == "bsum"), None)
        if first is not None and first not in homes:
            homes[first] = p
            terms = [term for term in terms if term != (1.0, first, ONE)]
            if terms:
                extras.append((p, tape.lin(terms), True))
            continue
        i = tape.lin(terms)
        if tape.kinds[i] == "lin" and i not in homes:
            homes[i] = p
        else:
            extras.append((p, i, False))
    return homes, extras


def _assemble(source: Source, extras: list[tuple[int, int, bool]]) -> None:
    """Write what is copied or added to the gradient at the end."""
    for adding in (False, True):
        chosen = sorted((p, i) for p, i, add in extras if add is adding)
        if not chosen:
            continue
        rows = [p for p, _ in chosen]
        operand = source.operand([i for _, i in chosen], False)
        if rows == list(range(rows[0], rows[-1] + 1)):
            target = source.view(f"gradient[{rows[0]}:{rows[-1] + 1}]", "g")
            source.call(f"np.add({target}, {operand}, out={target})" if adding else f"np.copyto({target}, {operand})")
        else:
            source.call(f"gradient[{source.keep(rows)}] {'+=' if adding else '='} {operand}")


def _row(source: Source, i: int) -> str:
    """Return an expression for one instruction: a row of shape (n,), or a number."""
    tape = source.tape
    value = tape.value_of(i)
    if value is not None:
        return repr(value) if np.isfinite(value) else f"np.float64('{value}')"
    if tape.kinds[i] == "scalar":
        return str(tape.args[i][0])
    array, row = source.layout.places[i]
    return f"{array.name}[{row}]"


def _identifier(name: str, k: int) -> str:
    """Return a name for an argument's array in the source: the argument's own, made safe."""
    safe = "".join(c if c.isascii() and c.isalnum() else "_" for c in name).strip("_")
    return f"{safe or 'input'}_{k}" if not safe[:1].isalpha() or safe in _TAKEN or keyword.iskeyword(safe) else safe


_TAKEN = {"np", "n", "theta", "gradient", "seed", "seed_n", "prepare", "run"}


def _regular(structure: Any) -> tuple[int, ...] | None:
    """Return the shape of nested lists of equal lengths, () for one number, or None."""
    if structure is None:
        return ()
    kind, parts = structure
    shapes = {_regular(part) for part in parts}
    if isinstance(kind, list) or len(shapes) != 1 or None in shapes:
        return None
    return (len(parts), *(shapes.pop() or ()))


def compile(  # noqa: A001  # what it is called everywhere
    function: Callable[..., Any], *examples: Any, parameters: Sequence[Value] | None = None
) -> Program:
    """Compile a function of scalars to a program that runs on batches.

    Args:
        function: takes numbers (Values) and nested lists of them, and returns a number or nested lists of numbers.
        *examples: one for each argument: a number, or nested lists of numbers. They say how the argument is made; which
            numbers they are does not matter.
        parameters: the Values to learn, in the order of the program's ``theta``. By default every leaf that existed
            before, in the order of first use; then nothing but inputs and constants is left.

    Raises:
        CompileError: the function branches on a Value, makes a plain number of one, draws random numbers, or contains
            operations that are Python code of the user's own. The message says which and what to do.

    >>> from autograd import compile, parameter
    >>> w, b = parameter(2.0), parameter(-1.0)
    >>> program = compile(lambda x, y: (w * x + b - y) ** 2, 0.0, 0.0)
    >>> program([1.0, 2.0, 3.0], [0.0, 0.0, 0.0])
    array([ 1.,  9., 25.])
    >>> value, gradient = program.value_and_grad([1.0, 2.0, 3.0], [0.0, 0.0, 0.0])
    >>> gradient
    array([14.66666667,  6.        ])
    """
    start = time.perf_counter()
    names = _argument_names(function, len(examples))
    slots: list[Slot] = []
    structures = []
    for example, name in zip(examples, names, strict=True):
        inner, structure, _ = slots_of(example, name, sum(slot.size for slot in slots))
        slots += inner
        structures.append(structure)
    recording = record(function, examples)
    chosen = recording.leaves if parameters is None else list(parameters)
    for p in chosen:
        if not isinstance(p, Value) or not p.is_leaf:
            raise CompileError(f"a parameter is a leaf, made with parameter() or Value(); got {p!r}")
    return Program(recording, chosen, slots, structures, names, {"record": time.perf_counter() - start})


def compile_graph(output: Value) -> Program:
    """Compile a graph that exists: its parameters are parameters, its other labelled leaves inputs, by label."""
    from autograd.graph import Graph

    start = time.perf_counter()
    graph = Graph(output)
    recording = Recording([output], None, [v for v in graph.inputs.values() if v.op is not PARAMETER], set())
    slots = [Slot(str(value.label), (), i) for i, value in enumerate(recording.inputs)]
    names = [slot.name for slot in slots]
    chosen = [value for value in recording.leaves if value.op is PARAMETER]
    return Program(recording, chosen, slots, [None] * len(slots), names, {"record": time.perf_counter() - start})


def _argument_names(function: Callable[..., Any], count: int) -> list[str]:
    """Return the names of a function's arguments, for messages."""
    try:
        names = list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        names = []
    return [names[i] if i < len(names) else f"argument {i}" for i in range(count)]
