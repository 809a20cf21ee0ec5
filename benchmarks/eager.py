"""Eager execution against micrograd and PyTorch, and against itself from a thousand to a million nodes.

    python benchmarks/eager.py            # a few minutes; writes benchmarks/results/eager.md
    python benchmarks/eager.py --quick    # fewer rounds

The reference step is that of micrograd's demo: an MLP 2-16-16-1 with ReLU, 100 samples, hinge loss plus 1e-4 · Σ
parameter², forward and backward, no update. All contenders have the same weights and data, and must find the same loss.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import random
import statistics
import sys
import tracemalloc
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # measure this checkout, whatever else is installed

from autograd import Graph, Value, parameter
from autograd.ops import PARAMETER
from benchmarks.common import (
    CollectorClock,
    Target,
    environment,
    in_fresh_process,
    installed,
    interleaved,
    median,
    peak_megabytes,
    publish,
    table,
    timed,
)
from nn import MLP

SIZES = (2, 16, 16, 1)
SAMPLES = 100
DECAY = 1e-4  # of the parameters, in the loss

# --- the reference step -----------------------------------------------------------------------------------------------


def moons(samples: int) -> tuple[list[tuple[float, float]], list[int]]:
    """Return points of two interleaving half circles with some noise, and their labels, 1 and -1 in turn."""
    draw = random.Random(1337)  # noqa: S311  # not for secrets
    points, labels = [], []
    for i in range(samples):
        label = 1 if i % 2 else -1
        angle = draw.uniform(0.0, math.pi)
        x, y = (1.0 - math.cos(angle), 0.5 - math.sin(angle)) if label == 1 else (math.cos(angle), math.sin(angle))
        points.append((x + draw.gauss(0.0, 0.1), y + draw.gauss(0.0, 0.1)))
        labels.append(label)
    return points, labels


def initial_weights() -> list[float]:
    """Return the parameters that every contender starts from: neuron by neuron, its weights and then its bias."""
    draw = random.Random(42)  # noqa: S311
    return [draw.uniform(-1.0, 1.0) for n_in, n_out in pairwise(SIZES) for _ in range((n_in + 1) * n_out)]


class ElementaryNeuron:
    """A neuron of products and sums, as micrograd's: 2n nodes for n inputs, and one for the activation."""

    def __init__(self, n_in: int, activated: bool) -> None:
        self.weights = [parameter(0.0) for _ in range(n_in)]
        self.bias = parameter(0.0)
        self.activated = activated

    def __call__(self, x: Sequence[Value]) -> Value:
        """Return the activation of Σ wᵢ xᵢ + b."""
        total = sum((w * xi for w, xi in zip(self.weights, x, strict=True)), self.bias)
        return total.relu() if self.activated else total


class ElementaryMLP:
    """micrograd's MLP built from Values, without the fused nodes of ``nn``."""

    def __init__(self, sizes: Sequence[int]) -> None:
        last = len(sizes) - 2
        self.layers = [
            [ElementaryNeuron(n_in, activated=i != last) for _ in range(n_out)]
            for i, (n_in, n_out) in enumerate(pairwise(sizes))
        ]

    def __call__(self, x: Sequence[Value]) -> Value:
        """Return the score of one sample."""
        for layer in self.layers:
            x = [neuron(x) for neuron in layer]
        return x[0]

    def parameters(self) -> list[Value]:
        """Return all weights and biases in the order of ``initial_weights``."""
        return [p for layer in self.layers for neuron in layer for p in (*neuron.weights, neuron.bias)]


def hinge_loss(model: Any, value: Callable[[float], Any], points: Sequence[Any], labels: Sequence[int]) -> Any:
    """Return the mean of max(0, 1 - label · score): the same code for every engine of scalars."""
    inputs = [[value(a) for a in point] for point in points]
    scores = [model(x) for x in inputs]
    losses = [(1 + -label * score).relu() for label, score in zip(labels, scores, strict=True)]
    return sum(losses) * (1.0 / len(losses))


def scalar_step(model: Any, value: Callable[[float], Any]) -> Callable[[], Any]:
    """Return the forward pass of the reference step, from data to loss."""
    points, labels = moons(SAMPLES)
    parameters = model.parameters()
    for p, weight in zip(parameters, initial_weights(), strict=True):
        p.data = weight
    return lambda: hinge_loss(model, value, points, labels) + DECAY * sum(p * p for p in parameters)


def micrograd_model() -> tuple[Any, Callable[[float], Any]]:
    """Return micrograd's own MLP and its Value."""
    from micrograd.engine import Value as MicrogradValue
    from micrograd.nn import MLP as MicrogradMLP  # noqa: N811  # an acronym, not a constant

    return MicrogradMLP(SIZES[0], list(SIZES[1:])), MicrogradValue


MODELS: dict[str, Callable[[], tuple[Any, Callable[[float], Any]]]] = {
    "micrograd": micrograd_model,
    "glassgrad, elementary": lambda: (ElementaryMLP(SIZES), Value),
    "glassgrad, nn": lambda: (MLP(SIZES[0], list(SIZES[1:]), activation="relu"), Value),
}


def torch_step() -> Callable[[], Any]:
    """Return the forward pass of the reference step on PyTorch's tensors, the whole batch at once, on one thread."""
    import torch

    torch.set_num_threads(1)
    points, labels = moons(SAMPLES)
    inputs = torch.tensor(points, dtype=torch.float64)
    signs = torch.tensor(labels, dtype=torch.float64)
    flat = iter(initial_weights())
    layers = []
    for n_in, n_out in pairwise(SIZES):
        rows = torch.tensor([[next(flat) for _ in range(n_in + 1)] for _ in range(n_out)], dtype=torch.float64)
        layers.append([part.clone().requires_grad_() for part in (rows[:, :-1], rows[:, -1])])

    def forward() -> Any:
        x = inputs
        for weight, bias in layers[:-1]:
            x = torch.relu(torch.nn.functional.linear(x, weight, bias))
        scores = torch.nn.functional.linear(x, *layers[-1])[:, 0]
        decay = sum((p * p).sum() for layer in layers for p in layer)
        return torch.relu(1 - signs * scores).mean() + DECAY * decay

    return forward


# --- what a fresh process measures ------------------------------------------------------------------------------------


def measure_step(name: str) -> dict[str, Any]:
    """Time the reference step: each alone, after a collection, and then in a loop without one, as training has it."""
    if installed("micrograd"):
        import micrograd.nn  # noqa: F401  # in every process, so that all contenders' collectors walk the same modules

    forward = torch_step() if name == "PyTorch, eager" else scalar_step(*MODELS[name]())
    clock = CollectorClock()
    steps = []
    while len(steps) < 4 or sum(total for _, _, total, _ in steps) < 1.0:
        loss = None  # the graph before must not be alive, or the collector walks it too
        gc.collect()
        clock.seconds = 0.0
        forward_seconds, loss = timed(forward)
        backward_seconds, _ = timed(loss.backward)
        steps.append((forward_seconds, backward_seconds, forward_seconds + backward_seconds, clock.seconds))
    value = float(loss.data)
    loss = None
    gc.collect()

    def training_step() -> None:
        nonlocal loss
        loss = forward()  # which frees the graph of the step before, as in a training loop
        loss.backward()

    loop = [timed(training_step)[0] for _ in steps[1:]]
    medians = [statistics.median(column) for column in zip(*steps[1:], strict=True)]  # the first warms up
    return dict(zip(("forward", "backward", "total", "collector"), medians, strict=True)) | {
        "loop": statistics.median(loop),
        "loss": value,
    }


def measure_memory(name: str) -> dict[str, Any]:
    """Count the bytes of the reference step's graph, after building it and after backward, per node."""
    forward = scalar_step(*MODELS[name]())
    gc.collect()
    tracemalloc.start()
    loss = forward()
    gc.collect()
    built = tracemalloc.get_traced_memory()[0]
    loss.backward()
    gc.collect()
    differentiated = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    nodes = len(Graph(loss).nodes) if isinstance(loss, Value) else _count_nodes(loss)
    nodes -= len(initial_weights())  # which were there before
    return {"nodes": nodes, "built": built / nodes, "differentiated": differentiated / nodes}


def _count_nodes(root: Any) -> int:
    """Count the nodes of a micrograd graph."""
    seen, stack = {root}, [root]
    while stack:
        new = stack.pop()._prev - seen
        seen |= new
        stack += new
    return len(seen)


def reference_graph(size: int) -> Callable[[], Value]:
    """Prepare the hinge loss of the reference step for as many samples as give about ``size`` nodes."""
    model, (points, labels) = _model(), moons(_samples(size))
    return lambda: hinge_loss(model, Value, points, labels)


def running_total_graph(size: int) -> Callable[[], Value]:
    """Prepare the same sum, but each sample's loss is added as it comes, so that only the total holds the graph."""
    model, (points, labels) = _model(), moons(_samples(size))

    def build() -> Value:
        total = Value(0.0)
        for point, label in zip(points, labels, strict=True):
            total = total + (1 + -label * model([Value(a) for a in point])).relu()
        return total

    return build


def chain_graph(size: int) -> Callable[[], Value]:
    """Prepare x ← tanh(w x), half as often as there are nodes: as deep as a graph can be."""
    w = parameter(0.5)

    def build() -> Value:
        x = Value(1.0)
        for _ in range(size // 2):
            x = (w * x).tanh()
        return x

    return build


GRAPHS: dict[str, Callable[[int], Callable[[], Value]]] = {
    "reference": reference_graph,
    "running total": running_total_graph,
    "chain": chain_graph,
}
GROWTH = (10**3, 10**4, 10**5, 10**6)


def _samples(size: int) -> int:
    return max(1, round((size - len(initial_weights())) / 650))  # nodes of one sample


def _model() -> ElementaryMLP:
    model = ElementaryMLP(SIZES)
    for p, weight in zip(model.parameters(), initial_weights(), strict=True):
        p.data = weight
    return model


def measure_growth(shape: str, size: int) -> dict[str, Any]:
    """Time the building and the backward of one graph, in seconds per node."""
    build = GRAPHS[shape](size)
    clock = CollectorClock()
    times = []
    for _ in range(max(2, min(50, 200_000 // size))):
        output = None  # as in measure_step
        gc.collect()
        clock.seconds = 0.0
        build_seconds, output = timed(build)
        collector_seconds = clock.seconds
        backward_seconds, _ = timed(output.backward)
        times.append((build_seconds, collector_seconds, backward_seconds))
    peak = peak_megabytes()
    nodes = Graph(output).nodes
    made = sum(node.op is not PARAMETER for node in nodes)  # the model was there before
    build_seconds, collector_seconds, backward_seconds = map(statistics.median, zip(*times, strict=True))
    return {
        "nodes": len(nodes),
        "build": build_seconds / made,
        "collector": collector_seconds / made,
        "backward": backward_seconds / len(nodes),
        "peak": peak,
    }


# --- the report -------------------------------------------------------------------------------------------------------


def report_step(rounds: int) -> tuple[str, list[Target]]:
    """Run the reference step for every contender; return its table and targets 1 and 2."""
    peers = {"micrograd": "micrograd", "PyTorch, eager": "torch"}
    names = [*MODELS, "PyTorch, eager"]
    present = [name for name in names if name not in peers or installed(peers[name])]
    results = interleaved(present, rounds, lambda name: in_fresh_process(__file__, "--case", "step", name))
    losses = {name: result["loss"] for name, runs in results.items() for result in runs}
    if not all(math.isclose(loss, losses["glassgrad, nn"], rel_tol=1e-9) for loss in losses.values()):
        raise SystemExit(f"the contenders do not compute the same loss, so their times mean nothing: {losses}")

    def times_faster(name: str, key: str) -> float | None:
        return median(results["micrograd"], key) / median(results[name], key) if "micrograd" in results else None

    rows = []
    for name in names:
        if name not in results:
            rows.append([name, "not installed", *[""] * 7])
            continue
        runs = results[name]
        milliseconds = [f"{median(runs, key) * 1e3:.3g}" for key in ("forward", "backward", "total")]
        totals = [run["total"] * 1e3 for run in runs]
        spread = f"{min(totals):.3g}–{max(totals):.3g}"
        collector, loop = f"{median(runs, 'collector') * 1e3:.3g}", f"{median(runs, 'loop') * 1e3:.3g}"
        faster = [f"{ratio:.1f}" if (ratio := times_faster(name, key)) else "–" for key in ("total", "loop")]
        rows.append([name, *milliseconds, spread, collector, faster[0], loop, faster[1]])
    header = ["ms", "forward", "backward", "total", "rounds", "collector", "× micrograd", "in a loop", "× micrograd"]
    targets = [
        Target("1. reference step, elementary", times_faster("glassgrad, elementary", "total"), "≥", 9, "× micrograd"),
        Target("2. reference step, nn", times_faster("glassgrad, nn", "total"), "≥", 35, "× micrograd"),
    ]
    return table(header, rows), targets


def report_memory() -> tuple[str, list[Target]]:
    """Weigh the graphs of micrograd and glassgrad; return the table and the target."""
    rows, built = [], 0.0
    for name in ("micrograd", "glassgrad, elementary"):
        if name == "micrograd" and not installed(name):
            rows.append([name, "not installed", "", ""])
            continue
        result = in_fresh_process(__file__, "--case", "memory", name)
        built = result["built"]
        rows.append([name, f"{result['nodes']:,}", f"{built:.1f}", f"{result['differentiated']:.1f}"])
    header = ["bytes per node", "nodes", "after building", "after backward"]
    return table(header, rows), [Target("1. memory of a node, after building", built, "≤", 110, "bytes")]


def report_growth(rounds: int) -> tuple[str, list[Target]]:
    """Run glassgrad from 10³ to 10⁶ nodes; return the table and target 5."""
    cases = [(shape, size) for shape in GRAPHS for size in GROWTH]
    results = interleaved(cases, rounds, lambda case: in_fresh_process(__file__, "--case", "growth", *case))
    rows, targets = [], []
    for shape in GRAPHS:
        for size in GROWTH:
            runs = results[shape, size]
            peak = f"{median(runs, 'peak'):,.0f}" if runs[0]["peak"] else "not known"
            nanoseconds = [f"{median(runs, key) * 1e9:,.0f}" for key in ("build", "collector", "backward")]
            rows.append([shape, f"{runs[0]['nodes']:,}", *nanoseconds, peak])
        for key, what, limit in (("build", "building", 6), ("backward", "backward", 2)):
            growth = median(results[shape, GROWTH[-1]], key) / median(results[shape, GROWTH[0]], key)
            targets.append(Target(f"5. growth of {what}, 10³ to 10⁶ nodes, {shape}", growth, "≤", limit, "×"))
    header = ["ns a node", "nodes", "building", "of it collector", "backward", "peak, MB"]
    peaks = [run["peak"] for shape in GRAPHS for run in results[shape, GROWTH[-1]]]
    targets.append(Target("peak memory, 10⁶ nodes", max(peaks) if all(peaks) else None, "≤", 2000, "MB"))
    return table(header, rows), targets


def main() -> None:
    """Measure everything, or one case in this process."""
    parser = argparse.ArgumentParser(description="glassgrad's eager execution against its peers and across sizes")
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--case", nargs="+", help=argparse.SUPPRESS)  # what a fresh process is to measure
    arguments = parser.parse_args()
    if arguments.case:
        kind, name, *size = arguments.case
        measure = {"step": measure_step, "memory": measure_memory, "growth": measure_growth}[kind]
        print(json.dumps(measure(name, *map(int, size))))
        return
    step, step_targets = report_step(3 if arguments.quick else 7)
    memory, memory_targets = report_memory()
    growth, growth_targets = report_growth(1 if arguments.quick else 3)
    targets = [*step_targets, *memory_targets, *growth_targets]
    sections = [
        "# Eager execution",
        environment("numpy", "micrograd", "torch")
        + " Medians over rounds in fresh processes; benchmarks/README.md says how it is measured.",
        "## Targets",
        table(["target", "measured", "limit", "met"], [target.row() for target in targets]),
        "## The reference step",
        step,
        "## Memory",
        memory,
        "## Growth",
        growth,
    ]
    publish("\n\n".join(sections), "eager")


if __name__ == "__main__":
    main()
