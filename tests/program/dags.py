"""Random functions of scalars for hypothesis: irregular graphs of all operations, with parts shared and unused."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

import autograd
from autograd import Graph, Value, constant, parameter
from autograd.ops import REDUCTIONS, TABLE, Op

# What brings any number into a row's domain, and keeps its result moderate; rows not named here take their operands as
# they are.
SQUASH = {
    "divide": lambda x, y: (x, y * y + 0.5),
    "power": lambda x, y: (x * x + 0.5, y.tanh()),
    "reciprocal": lambda x: (x * x + 0.5,),
    **dict.fromkeys(("log", "log2", "log10", "sqrt", "cbrt"), lambda x: (x * x + 0.5,)),
    "log1p": lambda x: (x * x,),
    **dict.fromkeys(("exp", "expm1", "sinh", "cosh", "tan"), lambda x: (x.tanh(),)),
    **dict.fromkeys(("arcsin", "arccos", "arctanh"), lambda x: (0.9 * x.tanh(),)),
    "arccosh": lambda x: (x * x + 1.5,),
    "clip": lambda x, a, b: (x, a, a + b * b + 0.1),
}

# Where a rounding error makes another number: how far the operands are from there. A condition that is itself 0 or 1,
# or a comparison of a number with itself, is never near.
KINKS = {
    **dict.fromkeys(("absolute", "sign", "step", "relu", "leaky_relu", "elu"), lambda x, *_: [x]),
    **dict.fromkeys(
        ("maximum", "minimum", "greater", "greater_equal", "less", "less_equal"),
        lambda x, y: [] if x is y else [x - y],
    ),
    "clip": lambda x, a, b: [x - a, x - b],
    "where": lambda c, *_: (
        [] if c.op.name in ("greater", "greater_equal", "less", "less_equal", "step", "relu") else [c]
    ),
}


def nearest_kink(output: Value) -> float:
    """Return the smallest distance of any node's operands from a kink or a jump."""
    distances = [math.inf]
    for node in Graph(output).nodes:
        name = node.op.name
        if name in KINKS:
            with autograd.no_grad():
                distances += [abs(d.data) for d in KINKS[name](*node.parents)]
        elif name in ("max", "min"):
            behind = sorted(abs(node.data - parent.data) for parent in dict.fromkeys(node.parents))
            distances += behind[1:2]
    return min(distances)


@dataclass(frozen=True)
class Dag:
    """A random function.

    Attributes:
        parameters, constants: numbers.
        inputs: for each argument whether it has the batch axis.
        steps: (operation, operands, number): the operands count from the latest value back.
        seed: of the numbers in the batch.
    """

    parameters: tuple[float, ...]
    constants: tuple[float, ...]
    inputs: tuple[bool, ...]
    steps: tuple[tuple[str, tuple[int, ...], float], ...]
    seed: int

    def function(self) -> tuple[Any, list[Value]]:
        """Return the function and its parameters."""
        parameters = [parameter(x) for x in self.parameters]
        constants = [constant(x) for x in self.constants]

        def function(*inputs: Value) -> Value:
            values: list[Any] = [*constants, *parameters, *inputs]
            for name, operands, number in self.steps:
                values.append(step(name, [values[-1 - k % len(values)] for k in operands], number))
            return autograd.sum(values[-3:])

        return function, parameters

    def arguments(self, n: int) -> list[np.ndarray]:
        """Return normal draws for each argument."""
        rng = np.random.default_rng(self.seed)
        return [rng.normal(size=n if batched else ()) for batched in self.inputs]


def step(name: str, operands: Sequence[Value], number: float) -> Value:
    """Return the operation of some operands, tamed where it may grow."""
    if name == "scale":
        return operands[0] * number + operands[1] - number
    if name == "dot":
        middle = len(operands) // 2
        result = autograd.dot(operands[:middle], operands[middle : 2 * middle], operands[-1])
    elif name in REDUCTIONS:
        result = getattr(autograd, name)(operands)
    else:
        row = TABLE[name]
        chosen = operands[: len(row.arguments)]
        result = row.apply(*(SQUASH[name](*chosen) if name in SQUASH else chosen))
    return result.tanh() if abs(number) < 0.5 else 0.3 * result


OPERATIONS = [*[row.name for row in TABLE.values() if isinstance(row, Op)], *REDUCTIONS, "dot", "scale"]


@st.composite
def dags(draw: st.DrawFn, most_steps: int = 16) -> Dag:
    """Draw a function; its numbers come from a seed, so that they are not 0 or 1 more often than in life."""
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)

    def some(most: int) -> tuple[float, ...]:
        return tuple(rng.uniform(-1.5, 1.5, size=draw(st.integers(0, most))).tolist())

    inputs = draw(st.lists(st.sampled_from([True, True, False]), min_size=1, max_size=4))
    operand = st.one_of(st.integers(0, 3), st.integers(0, 30))
    steps = draw(
        st.lists(
            st.tuples(st.sampled_from(OPERATIONS), st.lists(operand, min_size=3, max_size=6).map(tuple)),
            min_size=3,
            max_size=most_steps,
        )
    )
    factors = rng.uniform(-1.0, 1.0, size=len(steps)).tolist()
    return Dag(
        parameters=some(4),
        constants=some(2),
        inputs=tuple(inputs),
        steps=tuple((name, operands, factor) for (name, operands), factor in zip(steps, factors, strict=True)),
        seed=seed,
    )
