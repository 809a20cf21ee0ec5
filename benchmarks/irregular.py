"""Workloads that are no stack of layers: a recurrent net, a random graph, and a graph of a whole batch."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

import autograd
from autograd import Graph, Value
from benchmarks.common import timed
from benchmarks.contenders import (
    BY_HAND,
    EAGER,
    JAX,
    MICROGRAD,
    PROGRAM,
    TORCH,
    Arrays,
    Step,
    Workload,
    by_hand,
    in_order,
    leaves_of,
    scalars,
    with_jax,
    with_program,
    with_torch,
)
from benchmarks.eager import SIZES, ElementaryMLP, micrograd_model
from benchmarks.workloads import reference_by_hand, reference_data, reference_weights, scalar_step, whole_graph

# --- a recurrent net --------------------------------------------------------------------------------------------------


def recurrent_by_hand(weights: Arrays, x: np.ndarray, y: np.ndarray) -> tuple[float, Arrays]:
    """Return the mean squared error of a recurrent net's last state, and its gradients, as people write them."""
    w, u, b, v = weights
    n, steps, _ = x.shape
    states = [np.zeros((n, len(w)))]
    for t in range(steps):
        states.append(np.tanh(states[-1] @ w.T + x[:, t] @ u.T + b))
    error = states[-1] @ v - y
    loss = (error * error).mean()
    derror = 2 * error / n
    dw, du, db, dv = np.zeros_like(w), np.zeros_like(u), np.zeros_like(b), states[-1].T @ derror
    dh = derror[:, None] * v
    for t in reversed(range(steps)):
        dz = dh * (1 - states[t + 1] ** 2)
        dw += dz.T @ states[t]
        du += dz.T @ x[:, t]
        db += dz.sum(0)
        dh = dz @ w
    return loss, [dw, du, db, dv]


def recurrent_loss(library: SimpleNamespace, weights: Sequence[Any], x: Any, y: Any) -> Any:
    """Return the same loss, for PyTorch and JAX, which unrolls the loop as Python does."""
    w, u, b, v = weights
    h = library.zeros(len(x), len(w))
    for t in range(x.shape[1]):
        h = library.tanh(h @ w.T + library.linear(x[:, t], u, b))
    error = h @ v - y
    return (error * error).mean()


def recurrent(samples: int = 32, steps: int = 20, hidden: int = 16, inputs: int = 2) -> Workload:
    """Workload 4: a recurrent net with tanh, unrolled."""
    draw = np.random.default_rng(11)
    shapes: list[tuple[int, ...]] = [(hidden, hidden), (hidden, inputs), (hidden,), (hidden,)]
    weights = [draw.normal(size=shape) / np.sqrt(hidden) for shape in shapes]
    data = draw.normal(size=(samples, steps, inputs)), draw.normal(size=samples)

    def program() -> Step:
        w, u, b, v = nested = scalars(weights)

        def loss(xs: Sequence[Sequence[Value]], y: Value) -> Value:
            h: list[Any] = [0.0] * hidden
            for x in xs:
                h = [(autograd.dot(w[i], h) + autograd.dot(u[i], x) + b[i]).tanh() for i in range(hidden)]
            return (autograd.dot(v, h) - y) ** 2

        return with_program(loss, list(leaves_of(nested)), ([[0.0] * inputs] * steps, 0.0), *data)

    return {
        BY_HAND: lambda: by_hand(recurrent_by_hand, weights, *data),
        PROGRAM: program,
        JAX: lambda: with_jax(recurrent_loss, weights, *data),
        TORCH: lambda: with_torch(recurrent_loss, weights, *data),
    }


# --- a random graph ---------------------------------------------------------------------------------------------------

INPUTS, PARAMETERS = 10, 100  # of the random graph
JIT_NODES = 1_000  # a bigger one is not for JAX, whose compiler takes minutes
Instruction = tuple[str, int, int]  # "+", "-", "*" or "tanh", and which earlier results are its operands


def random_instructions(nodes: int) -> tuple[list[Instruction], list[int]]:
    """Return a random graph of so many nodes, and those of them that no other uses.

    The first results are the inputs and the parameters. A factor of each product is a tanh, so that none overflows.
    """
    draw = random.Random(5)  # noqa: S311  # not for secrets
    bounded = list(range(INPUTS + PARAMETERS))
    instructions: list[Instruction] = []
    unused = dict.fromkeys(bounded)
    for number in range(len(bounded), nodes - 1):
        op = draw.choice(("+", "-", "*", "tanh"))
        i = draw.randrange(number)
        j = draw.choice(bounded) if op == "*" else draw.randrange(number)
        if op == "tanh":
            bounded.append(number)
            j = i
        unused.pop(i, None)
        unused.pop(j, None)
        unused[number] = None
        instructions.append((op, i, j))
    return instructions, list(unused)


def run_instructions(
    instructions: Sequence[Instruction], leaves: Sequence[Any], tanh: Callable[[Any], Any]
) -> list[Any]:
    """Return all results, computed with Python's operators: on Values, on NumPy's arrays, on PyTorch's tensors."""
    values = list(leaves)
    for op, i, j in instructions:
        if op == "+":
            values.append(values[i] + values[j])
        elif op == "-":
            values.append(values[i] - values[j])
        elif op == "*":
            values.append(values[i] * values[j])
        else:
            values.append(tanh(values[i]))
    return values


def graph_by_hand(instructions: Sequence[Instruction], unused: Sequence[int]) -> Callable[..., tuple[float, Arrays]]:
    """Return the mean of the sum of the unused nodes, and its gradients, with one array call for each node."""

    def step(weights: Arrays, x: np.ndarray) -> tuple[float, Arrays]:
        n = len(x)
        leaves = [*x.T, *np.repeat(weights[0][:, None], n, axis=1)]
        values = run_instructions(instructions, leaves, np.tanh)
        adjoints: list[Any] = [0.0] * len(values)
        for i in unused:
            adjoints[i] = np.full(n, 1 / n)
        for number in range(len(values) - 1, len(leaves) - 1, -1):
            op, i, j = instructions[number - len(leaves)]
            adjoint = adjoints[number]
            if op == "tanh":
                adjoints[i] = adjoints[i] + adjoint * (1 - values[number] ** 2)
            elif op == "*":
                adjoints[i] = adjoints[i] + adjoint * values[j]
                adjoints[j] = adjoints[j] + adjoint * values[i]
            else:
                adjoints[i] = adjoints[i] + adjoint
                adjoints[j] = adjoints[j] + adjoint if op == "+" else adjoints[j] - adjoint
        loss = sum(values[i] for i in unused).mean()
        return loss, [np.array([np.sum(adjoint) for adjoint in adjoints[INPUTS : len(leaves)]])]

    return step


def random_graph(nodes: int = 100_000, samples: int = 32) -> Workload:
    """Workload 5: a random graph of sums, products and tanh."""
    instructions, unused = random_instructions(nodes)
    draw = np.random.default_rng(3)
    weights, data = [draw.uniform(-1, 1, PARAMETERS)], draw.uniform(-1, 1, (samples, INPUTS))

    def scalar_function() -> tuple[Callable[[Sequence[Any]], Value], list[Value]]:
        parameters = scalars(weights)[0]

        def function(x: Sequence[Any]) -> Value:
            values = run_instructions(instructions, [*x, *parameters], Value.tanh)
            return autograd.sum([values[i] for i in unused])

        return function, parameters

    def program() -> Step:
        function, parameters = scalar_function()
        return with_program(function, parameters, ([0.0] * INPUTS,), data)

    def eager() -> Step:
        function, parameters = scalar_function()
        rows = data.tolist()

        def call() -> float:
            for p in parameters:
                p.grad = 0.0
            total = 0.0
            for row in rows:
                result = function(list(map(Value, row)))
                result.backward(1 / samples)
                total += result.data / samples
            return total

        return Step(call, lambda loss: (loss, np.array([p.grad for p in parameters])))

    def loss(library: SimpleNamespace, leaves: Sequence[Any], x: Any) -> Any:
        values = run_instructions(instructions, [*x.T, *leaves[0]], library.tanh)
        return sum(values[i] for i in unused).mean()

    workload = {
        BY_HAND: lambda: by_hand(graph_by_hand(instructions, unused), weights, data),
        PROGRAM: program,
        JAX: lambda: with_jax(loss, weights, data),
        TORCH: lambda: with_torch(loss, weights, data),
        EAGER: eager,
    }
    if nodes > JIT_NODES:
        del workload[JAX]
    return workload


# --- a graph of a whole batch -----------------------------------------------------------------------------------------


def whole_batch(samples: int = 100) -> Workload:
    """Workload 6: micrograd's demo, one graph of all samples, compiled; then its leaves change and it is replayed."""
    weights, data = reference_weights(), reference_data(samples)

    def program() -> Step:
        build, values = whole_graph(ElementaryMLP(SIZES), Value, samples)
        graph = Graph(build())
        seconds, compiled = timed(graph.compile)

        def call() -> Any:
            compiled.read()  # what the leaves hold now
            return compiled.value_and_grad()

        return Step(call, in_order(compiled, values), seconds + timed(call)[0], compiled)

    return {
        BY_HAND: lambda: by_hand(reference_by_hand, weights, *data),
        PROGRAM: program,
        EAGER: lambda: scalar_step(ElementaryMLP(SIZES), Value, samples),
        MICROGRAD: lambda: scalar_step(*micrograd_model(), samples),
    }
