"""The contenders of program.py: how each takes a workload's mathematics, and how its results are compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

import autograd
from autograd import Program, Value, parameter
from benchmarks.common import timed

BY_HAND, LEAN, PROGRAM = "NumPy by hand", "NumPy, as a compiler could", "Program"
JAX, TORCH, MICROGRAD, EAGER = "JAX jit", "PyTorch eager", "micrograd", "glassgrad eager"
COLUMNS = (BY_HAND, LEAN, PROGRAM, JAX, TORCH, EAGER, MICROGRAD)
MODULES = {JAX: "jax", TORCH: "torch", MICROGRAD: "micrograd"}  # what a peer is imported from

Arrays = list[np.ndarray]


@dataclass
class Step:
    """One contender, prepared.

    Attributes:
        call: what is timed.
        numbers: makes the loss and the flat gradient of a call's result.
        first: where something is compiled, the seconds that this and the first call took.
        program: the contender's Program, if it has one.
    """

    call: Callable[[], Any]
    numbers: Callable[[Any], tuple[float, np.ndarray]]
    first: float | None = None
    program: Program | None = None


Workload = dict[str, Callable[[], Step]]


def flat(arrays: Sequence[Any]) -> np.ndarray:
    """Return arrays of any library as one flat array."""
    return np.concatenate([np.asarray(array, dtype=float).ravel() for array in arrays])


def by_hand(function: Callable[..., tuple[Any, Sequence[Any]]], weights: Arrays, *data: np.ndarray) -> Step:
    """Prepare a function that returns the loss and the list of gradients."""
    return Step(lambda: function(weights, *data), lambda result: (float(result[0]), flat(result[1])))


def torch_library() -> SimpleNamespace:
    """Return what the losses below need, as PyTorch has it."""
    import torch

    torch.set_num_threads(1)
    functional = torch.nn.functional
    return SimpleNamespace(
        relu=torch.relu, tanh=torch.tanh, log_softmax=lambda z: functional.log_softmax(z, 1), linear=functional.linear,
        zeros=lambda *shape: torch.zeros(shape, dtype=torch.float64),
    )  # fmt: skip


def jax_library() -> SimpleNamespace:
    """Return what the losses below need, as JAX has it."""
    import jax

    jax.config.update("jax_enable_x64", True)
    return SimpleNamespace(
        relu=jax.nn.relu, tanh=jax.numpy.tanh, log_softmax=jax.nn.log_softmax,
        linear=lambda x, weight, bias: x @ weight.T + bias, zeros=lambda *shape: jax.numpy.zeros(shape),
    )  # fmt: skip


Loss = Callable[..., Any]  # (library, weights, *data) -> loss, for PyTorch and JAX alike


def with_torch(loss: Loss, weights: Arrays, *data: np.ndarray) -> Step:
    """Prepare a loss with PyTorch's gradients; data and parameters are tensors already."""
    library = torch_library()
    import torch

    leaves = [torch.tensor(array).requires_grad_() for array in weights]
    tensors = [torch.tensor(array) for array in data]

    def call() -> Any:
        value = loss(library, leaves, *tensors)
        return value.detach(), torch.autograd.grad(value, leaves)

    return Step(call, lambda result: (float(result[0]), flat(result[1])))


def with_jax(loss: Loss, weights: Arrays, *data: np.ndarray) -> Step:
    """Prepare a loss with JAX's jit(value_and_grad); data and parameters are on the device already."""
    library = jax_library()
    import jax

    function = jax.jit(jax.value_and_grad(lambda parameters, *arrays: loss(library, parameters, *arrays)))
    on_device, arrays = jax.device_put(list(weights)), jax.device_put(data)

    def call() -> Any:
        return jax.block_until_ready(function(on_device, *arrays))

    return Step(call, lambda result: (float(result[0]), flat(result[1])), timed(call)[0])


def with_program(function: Callable[..., Any], values: Sequence[Value], examples: Any, *data: np.ndarray) -> Step:
    """Prepare a function of scalars as a Program; ``values`` are its parameters in the order of the arrays."""
    seconds, program = timed(lambda: autograd.compile(function, *examples))

    def call() -> Any:
        return program.value_and_grad(*data)

    return Step(call, in_order(program, values), seconds + timed(call)[0], program)


def in_order(program: Program, values: Sequence[Value]) -> Callable[[Any], tuple[float, np.ndarray]]:
    """Return what puts a program's gradient into the order of ``values``."""
    index = {value: i for i, value in enumerate(program.parameters)}
    order = [index[value] for value in values]
    return lambda result: (float(result[0]), result[1][order])


def scalars(arrays: Arrays) -> list[Any]:
    """Return arrays as nested lists of parameters."""

    def nested(part: Any) -> Any:
        return [nested(p) for p in part] if isinstance(part, list) else parameter(part)

    return [nested(array.tolist()) for array in arrays]


def leaves_of(part: Any) -> Iterator[Value]:
    """Yield the Values of nested lists."""
    for p in part:
        yield from leaves_of(p) if isinstance(p, list) else (p,)
