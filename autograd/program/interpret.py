"""A tape run instruction by instruction: slow, plain, and the judge of the fast way.

It finds the first instruction that made a nan or an infinity.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd.program.tape import ONE, REDUCE, UFUNCS, Tape


def interpret(tape: Tape, inputs: np.ndarray, theta: np.ndarray, seed: float) -> list[Any]:
    """Return the value of every instruction: an array of shape (n,) where it varies over the batch, else a number.

    Args:
        tape: the instructions.
        inputs: of shape (inputs, n).
        theta: the parameters.
        seed: what the output's adjoint is.
    """
    n = inputs.shape[1]
    scalars = {"seed": seed, "seed_n": seed * n, "n": float(n)}
    values: list[Any] = []

    def total(terms: tuple[tuple[float, int, int], ...]) -> Any:
        return sum(c * (1.0 if u == ONE else values[u]) * (1.0 if v == ONE else values[v]) for c, u, v in terms)

    with np.errstate(all="ignore"):
        for kind, args in zip(tape.kinds, tape.args, strict=True):
            if kind == "constant":
                value: Any = args[0]
            elif kind == "parameter":
                value = theta[args[0]]
            elif kind == "input":
                value = inputs[args[0]]
            elif kind == "scalar":
                value = scalars[args[0]]
            elif kind == "lin":
                value = total(args)
            elif kind == "bsum":
                value = np.sum(total(args))
            elif kind in REDUCE:
                stacked = np.stack(np.broadcast_arrays(*[values[i] for i in args]))
                value = getattr(np, REDUCE[kind].split(".")[1]).reduce(stacked, axis=0)
            else:
                value = getattr(np, UFUNCS[kind].removeprefix("np."))(*[np.float64(values[i]) for i in args])
                value = value.astype(float) if value.dtype == bool else value
            values.append(value)
    return values


def first_nonfinite(values: list[Any], instructions: Iterable[int]) -> tuple[int, int] | None:
    """Return (instruction, sample) of the first of some values that is nan or infinite; before it all are finite."""
    for i in instructions:
        wrong = np.flatnonzero(~np.isfinite(values[i]))
        if len(wrong):
            return i, int(wrong[0])
    return None
