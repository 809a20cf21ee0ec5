"""A plan: the generated code for one purpose, the values alone or with gradients, and each thread's buffers for it."""

from __future__ import annotations

import builtins
import linecache
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from autograd.errors import CompileError
from autograd.program.differentiate import differentiate
from autograd.program.emit import emit, make_arrays
from autograd.program.source import Source
from autograd.program.straighten import Straight
from autograd.program.structure import Slot
from autograd.program.tape import ONE, Tape, Term
from autograd.program.vectorise import Layout, live, operands, vectorise

WORKSPACES = 8  # how many batch sizes a thread keeps buffers for


class Plan:
    """Generated code; made by ``values_plan`` and ``gradient_plan``."""

    def __init__(self, straight: Straight, needed: list[int], source: Source, result: str, slots: list[Slot]) -> None:
        self.straight, self.needed = straight, needed
        make_arrays(source)
        arrays = [f"{array.name}[:{array.rows}]" if array.ones else array.name for array in source.layout.inputs]
        lines = ["# once for a batch of n", *source.setup, f"inputs = [{', '.join(arrays)}]", "", ""]
        lines += ["def run(seed, seed_n):", *[f"    {line}" for line in source.body], f"    return {result}"]
        self.source = "\n".join(lines) + "\n"
        self.constants = source.arrays
        self.calls = source.calls
        self.instructions = source.instructions
        self.rows = sum(array.rows for array in source.layout.arrays)
        self.shapes = [slot.shape for slot in slots]
        self._set_up()

    def _set_up(self) -> None:
        filename = f"<program {id(self):x}>"
        linecache.cache[filename] = (len(self.source), None, self.source.splitlines(keepends=True), filename)
        self._code = builtins.compile(self.source, filename, "exec")
        self._local = threading.local()

    def prepare(self, theta: np.ndarray, n: int) -> tuple[Callable[..., Any], list[np.ndarray]]:
        """Make the buffers for a batch of n; return the function that uses them and its input arrays, batch last."""
        names: dict[str, Any] = {"np": np, "theta": theta, "n": n, **self.constants}
        exec(self._code, names)  # noqa: S102  # written by emit.py
        return names["run"], names["inputs"]

    def workspace(self, theta: np.ndarray, n: int) -> tuple[Callable[..., Any], list[np.ndarray]]:
        """Return this thread's function for a batch of n, and its input arrays, seen with the batch first."""
        cache: dict[Any, Any] = self._local.__dict__
        found = cache.get(n)
        if found is None:
            while len(cache) >= WORKSPACES:
                del cache[next(iter(cache))]
            run, rows = self.prepare(theta, n)
            inputs = [np.moveaxis(r.reshape(*shape, n), -1, 0) for r, shape in zip(rows, self.shapes, strict=True)]
            found = cache[n] = run, inputs
        return found[0], found[1]

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key not in ("_local", "_code")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._set_up()


def values_plan(straight: Straight, slots: list[Slot], parameters: int) -> Plan:
    """Return the plan that computes the outputs: ``run`` gives a row for each."""
    layout = vectorise(straight.tape, straight.outputs, _arguments(slots), parameters)
    source = emit(straight.tape, layout)
    result = f"[{', '.join(_row(source, i) for i in straight.outputs)}]"
    return Plan(straight, straight.outputs, source, result, slots)


def gradient_plan(
    straight: Straight, slots: list[Slot], parameters: int, inputs: bool, clock: Callable[[str], None]
) -> Plan:
    """Return the plan that computes the output's sum over the batch times seed, and its gradient.

    Args:
        straight: the function; it must have one output.
        slots: its arguments.
        parameters: how many there are.
        inputs: whether the gradient with respect to the arguments is wanted, too.
        clock: called with the name of each phase as it ends.
    """
    straight = replace(straight, tape=straight.tape.copy(), slope_of={})  # what is added here stays with this purpose
    tape = straight.tape
    if len(straight.outputs) != 1:
        raise CompileError(f"only one number has a gradient, and the function returns {len(straight.outputs)}")
    output = straight.outputs[0]
    leaves = {tape.parameter(i): i for i in range(parameters)}
    arguments = [tape.input(i) for i in range(sum(slot.size for slot in slots))] if inputs else []
    shares = differentiate(straight, output, [*leaves, *arguments])
    homes, extras = _homes(tape, shares, leaves)
    by_input = [tape.lin(shares.get(leaf, [])) for leaf in arguments]
    needed = [output, *homes, *[i for _, i, _ in extras], *by_input]
    _fold_signs(tape, needed)
    clock("differentiate")
    layout: Layout = vectorise(tape, needed, _arguments(slots), parameters, homes)
    clock("vectorise")
    source = emit(tape, layout)
    source.setup.insert(0, f"gradient = np.zeros({parameters})")
    _assemble(source, extras)
    value = f"{_row(source, output)}.sum() * seed" if tape.batched[output] else f"{_row(source, output)} * seed_n"
    rows = f", [{', '.join(_row(source, i) for i in by_input)}]" if inputs else ""
    plan = Plan(straight, needed, source, f"{value}, gradient{rows}", slots)
    clock("emit")
    return plan


def _fold_signs(tape: Tape, needed: Sequence[int]) -> None:
    """Move the sign of -(seed·a)·b, where seed·a has no other use, into the number that multiplies a anyway."""
    uses: dict[int, int] = dict.fromkeys(needed, 1)
    instructions = live(tape, needed)
    for i in instructions:
        for j in operands(tape, i):
            uses[j] = uses.get(j, 0) + 1
    for i in instructions:
        if tape.kinds[i] != "lin" or len(tape.args[i]) != 1 or tape.args[i][0][0] != -1:
            continue
        _, u, v = tape.args[i][0]
        for factor in (u, v):
            if factor != ONE and uses[factor] == 1 and tape.kinds[factor] == "lin" and len(tape.args[factor]) == 1:
                c, a, b = tape.args[factor][0]
                if any(j != ONE and tape.kinds[j] == "scalar" for j in (a, b)):
                    tape.args[factor] = ((-c, a, b),)
                    tape.args[i] = ((1.0, u, v),)
                    break


def _arguments(slots: list[Slot]) -> dict[str, int]:
    return {slot.identifier: slot.size for slot in slots}


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
