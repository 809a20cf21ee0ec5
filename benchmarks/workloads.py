"""The workloads of program.py that are stacks of layers, each written as the users of each contender write it.

A workload maps the names of its contenders to functions that prepare them and return a Step. Its parameters are NumPy
arrays, the same for all; gradients are compared as one flat array, in the order of these.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import cycle, pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np

import autograd
from autograd import Value
from benchmarks.contenders import (
    BY_HAND,
    JAX,
    LEAN,
    MICROGRAD,
    PROGRAM,
    TORCH,
    Arrays,
    Step,
    Workload,
    by_hand,
    flat,
    in_order,
    jax_library,
    torch_library,
    with_jax,
    with_program,
    with_torch,
)
from benchmarks.eager import DECAY, SIZES, hinge_loss, initial_weights, micrograd_model, moons
from nn import MLP

# --- layers -----------------------------------------------------------------------------------------------------------


def mlp(weights: Arrays) -> tuple[MLP, list[Value]]:
    """Return nn's model with these weights, and its parameters in their order."""
    model = MLP(weights[0].shape[1], [len(bias) for bias in weights[1::2]], activation="relu")
    values = [
        value
        for layer in model.layers
        for value in (*[w for neuron in layer.neurons for w in neuron.w], *[neuron.b for neuron in layer.neurons])
    ]
    for value, x in zip(values, flat(weights).tolist(), strict=True):
        value.data = x
    return model, values


def scores(library: SimpleNamespace, weights: Sequence[Any], x: Any) -> Any:
    """Return an MLP's outputs, for PyTorch and JAX."""
    *hidden, last = zip(weights[::2], weights[1::2], strict=True)
    for weight, bias in hidden:
        x = library.relu(library.linear(x, weight, bias))
    return library.linear(x, *last)


# --- the reference step, and online steps of it -----------------------------------------------------------------------


def reference_weights() -> Arrays:
    """Return the weights of benchmarks/eager.py as arrays W₁, b₁, W₂, b₂ and so on."""
    numbers = np.array(initial_weights())
    weights = []
    for n_in, n_out in pairwise(SIZES):
        rows, numbers = np.split(numbers, [(n_in + 1) * n_out])
        weights += [rows.reshape(n_out, n_in + 1)[:, :-1].copy(), rows.reshape(n_out, n_in + 1)[:, -1].copy()]
    return weights


def reference_data(samples: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the points and the labels, 1.0 and -1.0, of benchmarks/eager.py."""
    points, labels = moons(samples)
    return np.array(points), np.array(labels, dtype=float)


def reference_by_hand(weights: Arrays, x: np.ndarray, y: np.ndarray) -> tuple[float, Arrays]:
    """Return the loss of the reference step and its gradients, as people write them."""
    w1, b1, w2, b2, w3, b3 = weights
    n = len(x)
    z1 = x @ w1.T + b1
    h1 = np.maximum(z1, 0)
    z2 = h1 @ w2.T + b2
    h2 = np.maximum(z2, 0)
    s = (h2 @ w3.T + b3)[:, 0]
    margin = 1 - y * s
    loss = np.maximum(margin, 0).mean() + DECAY * sum((w * w).sum() for w in weights)
    ds = np.where(margin > 0, -y / n, 0.0)[:, None]
    dz2 = (ds @ w3) * (z2 > 0)
    dz1 = (dz2 @ w2) * (z1 > 0)
    gradients = [dz1.T @ x, dz1.sum(0), dz2.T @ h1, dz2.sum(0), ds.T @ h2, ds.sum(0)]
    return loss, [g + 2 * DECAY * w for g, w in zip(gradients, weights, strict=True)]


def reference_lean(weights: Arrays, x: np.ndarray, y: np.ndarray) -> Step:
    """Prepare the reference step as a compiler could: batch last, a bias as one more column, no temporaries."""
    shapes = [(n_out, n_in + 1) for n_in, n_out in pairwise(SIZES)]
    splits = np.cumsum([rows * columns for rows, columns in shapes])[:-1]
    theta = flat([np.column_stack(pair) for pair in zip(weights[::2], weights[1::2], strict=True)])
    gradient, decay = np.empty_like(theta), np.empty_like(theta)
    (w1, w2, w3), (g1, g2, g3) = (
        [part.reshape(shape) for part, shape in zip(np.split(array, splits), shapes, strict=True)]
        for array in (theta, gradient)
    )
    n = len(x)
    x0, h1, h2 = (np.ones((rows + 1, n)) for rows in SIZES[:-1])
    mask1, mask2 = np.empty((SIZES[1], n), bool), np.empty((SIZES[2], n), bool)
    d1, d2 = np.empty((SIZES[1], n)), np.empty((SIZES[2], n))
    margin, ds, active = np.empty((1, n)), np.empty((1, n)), np.empty((1, n), bool)
    a1, a2, w2_back, w3_back, x_t, h1_t, h2_t = h1[:-1], h2[:-1], w2[:, :-1].T, w3[:, :-1].T, x0.T, h1.T, h2.T

    def call() -> tuple[float, np.ndarray]:
        x0[:-1] = x.T
        np.dot(w1, x0, out=a1)
        np.maximum(a1, 0.0, out=a1)
        np.dot(w2, h1, out=a2)
        np.maximum(a2, 0.0, out=a2)
        np.dot(w3, h2, out=margin)
        np.multiply(margin, y, out=margin)
        np.subtract(1.0, margin, out=margin)
        np.maximum(margin, 0.0, out=margin)
        np.greater(margin, 0.0, out=active)
        np.multiply(y, -1.0 / n, out=ds)
        np.multiply(ds, active, out=ds)
        np.dot(ds, h2_t, out=g3)
        np.multiply(w3_back, ds, out=d2)
        np.greater(a2, 0.0, out=mask2)
        np.multiply(d2, mask2, out=d2)
        np.dot(d2, h1_t, out=g2)
        np.matmul(w2_back, d2, out=d1)
        np.greater(a1, 0.0, out=mask1)
        np.multiply(d1, mask1, out=d1)
        np.dot(d1, x_t, out=g1)
        np.multiply(theta, 2 * DECAY, out=decay)
        np.add(gradient, decay, out=gradient)
        return float(np.add.reduce(margin[0])) / n + DECAY * float(np.dot(theta, theta)), gradient.copy()

    def numbers(result: tuple[float, np.ndarray]) -> tuple[float, np.ndarray]:
        matrices = [part.reshape(shape) for part, shape in zip(np.split(result[1], splits), shapes, strict=True)]
        return result[0], flat([part for matrix in matrices for part in (matrix[:, :-1], matrix[:, -1])])

    return Step(call, numbers)


def reference_loss(library: SimpleNamespace, weights: Sequence[Any], x: Any, y: Any) -> Any:
    """Return the loss of the reference step, for PyTorch and JAX."""
    hinge = library.relu(1 - y * scores(library, weights, x)[:, 0])
    return hinge.mean() + DECAY * sum((w * w).sum() for w in weights)


def reference_function(weights: Arrays) -> tuple[Callable[..., Value], list[Value]]:
    """Return the loss of one sample in scalars, and the parameters."""
    model, values = mlp(weights)
    parameters = model.parameters()

    def loss(x: Sequence[Value], y: Value) -> Value:
        return (1 - y * model(x)).relu() + DECAY * sum(p * p for p in parameters)

    return loss, values


def whole_graph(model: Any, value: Callable[[float], Any], samples: int) -> tuple[Callable[[], Any], list[Any]]:
    """Return what builds micrograd's demo graph, all samples in one graph, and the model's parameters in order."""
    points, labels = moons(samples)
    parameters = model.parameters()
    for p, weight in zip(parameters, initial_weights(), strict=True):
        p.data = weight
    rest = iter(parameters)
    ordered: list[Any] = []
    for n_in, n_out in pairwise(SIZES):  # neuron by neuron, its weights and then its bias -> weights, then biases
        neurons = [[next(rest) for _ in range(n_in + 1)] for _ in range(n_out)]
        ordered += [w for neuron in neurons for w in neuron[:-1]] + [neuron[-1] for neuron in neurons]
    build = lambda: hinge_loss(model, value, points, labels) + DECAY * sum(p * p for p in parameters)  # noqa: E731
    return build, ordered


def scalar_step(model: Any, value: Callable[[float], Any], samples: int) -> Step:
    """Prepare the step in an engine of scalars: build the graph, go backward."""
    build, parameters = whole_graph(model, value, samples)

    def call() -> Any:
        for p in parameters:
            p.grad = 0.0
        loss = build()
        loss.backward()
        return loss

    return Step(call, lambda loss: (loss.data, np.array([p.grad for p in parameters])))


def reference(samples: int = 100) -> Workload:
    """Workload 1: the reference step."""
    weights, data = reference_weights(), reference_data(samples)

    def program() -> Step:
        loss, values = reference_function(weights)
        return with_program(loss, values, ([0.0, 0.0], 1.0), *data)

    return {
        BY_HAND: lambda: by_hand(reference_by_hand, weights, *data),
        LEAN: lambda: reference_lean(weights, *data),
        PROGRAM: program,
        JAX: lambda: with_jax(reference_loss, weights, *data),
        TORCH: lambda: with_torch(reference_loss, weights, *data),
        MICROGRAD: lambda: scalar_step(*micrograd_model(), samples),
    }


# --- softmax cross-entropy --------------------------------------------------------------------------------------------


def digits_by_hand(weights: Arrays, x: np.ndarray, y: np.ndarray) -> tuple[float, Arrays]:
    """Return the mean cross-entropy of a hidden layer and a softmax, and its gradients, as people write them."""
    w1, b1, w2, b2 = weights
    n = len(x)
    z1 = x @ w1.T + b1
    h1 = np.maximum(z1, 0)
    z2 = h1 @ w2.T + b2
    e = np.exp(z2 - z2.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.log((p * y).sum(axis=1)).mean()
    dz2 = (p - y) / n
    dz1 = (dz2 @ w2) * (z1 > 0)
    return loss, [dz1.T @ x, dz1.sum(0), dz2.T @ h1, dz2.sum(0)]


def digits_loss(library: SimpleNamespace, weights: Sequence[Any], x: Any, y: Any) -> Any:
    """Return the mean cross-entropy, for PyTorch and JAX."""
    return -(y * library.log_softmax(scores(library, weights, x))).sum(1).mean()


def digits(samples: int = 64, sizes: tuple[int, int, int] = (64, 128, 10)) -> Workload:
    """Workload 2: softmax cross-entropy of one hidden layer, on random images of the digits' size."""
    draw = np.random.default_rng(7)
    weights: Arrays = []
    for n_in, n_out in pairwise(sizes):
        weights += [draw.normal(size=(n_out, n_in)) / np.sqrt(n_in), draw.normal(size=n_out) * 0.1]
    data = draw.integers(0, 17, (samples, sizes[0])) / 16.0, np.eye(sizes[-1])[draw.integers(0, sizes[-1], samples)]

    def program() -> Step:
        model, values = mlp(weights)

        def loss(x: Sequence[Value], y: Sequence[Value]) -> Value:
            z = model(x)
            return autograd.logsumexp(z) - autograd.dot(y, z)

        return with_program(loss, values, ([0.0] * sizes[0], [0.0] * sizes[-1]), *data)

    return {
        BY_HAND: lambda: by_hand(digits_by_hand, weights, *data),
        PROGRAM: program,
        JAX: lambda: with_jax(digits_loss, weights, *data),
        TORCH: lambda: with_torch(digits_loss, weights, *data),
    }


# --- online -----------------------------------------------------------------------------------------------------------


def online(samples: int = 50, rate: float = 0.01) -> Workload:
    """Workload 3: the reference step on one sample at a time, and the plain update w ← w - rate · gradient."""
    x, y = reference_data(samples)
    one_by_one = [(x[k : k + 1], y[k : k + 1]) for k in range(samples)]

    def updated() -> Step:
        weights, data = reference_weights(), cycle(one_by_one)

        def call() -> tuple[float, Arrays]:
            loss, gradients = reference_by_hand(weights, *next(data))
            for w, g in zip(weights, gradients, strict=True):
                w -= rate * g
            return loss, weights

        return Step(call, lambda result: (float(result[0]), flat(result[1])))

    def program() -> Step:
        loss, values = reference_function(reference_weights())
        compiled = autograd.compile(loss, [0.0, 0.0], 1.0)
        theta, data = compiled.theta, cycle(one_by_one)

        def call() -> tuple[float, np.ndarray]:
            nonlocal theta
            loss, gradient = compiled.value_and_grad(*next(data))
            theta -= rate * gradient
            return loss, theta

        return Step(call, in_order(compiled, values), program=compiled)

    def with_jit() -> Step:
        library = jax_library()
        import jax

        @jax.jit
        def update(weights: Any, x: Any, y: Any) -> Any:
            loss, gradients = jax.value_and_grad(lambda w: reference_loss(library, w, x, y))(weights)
            return loss, [w - rate * g for w, g in zip(weights, gradients, strict=True)]

        weights, data = jax.device_put(reference_weights()), cycle(jax.device_put(one_by_one))

        def call() -> Any:
            nonlocal weights
            loss, weights = update(weights, *next(data))
            return jax.block_until_ready((loss, weights))

        return Step(call, lambda result: (float(result[0]), flat(result[1])))

    def with_tensors() -> Step:
        library = torch_library()
        import torch

        weights = [torch.tensor(w).requires_grad_() for w in reference_weights()]
        data = cycle([tuple(map(torch.tensor, sample)) for sample in one_by_one])

        def call() -> Any:
            loss = reference_loss(library, weights, *next(data))
            gradients = torch.autograd.grad(loss, weights)
            with torch.no_grad():
                for w, g in zip(weights, gradients, strict=True):
                    w.sub_(g, alpha=rate)
            return loss.detach(), weights

        return Step(call, lambda result: (float(result[0]), flat([w.detach() for w in result[1]])))

    return {BY_HAND: updated, PROGRAM: program, JAX: with_jit, TORCH: with_tensors}
