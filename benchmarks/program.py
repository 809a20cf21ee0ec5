"""Programs against NumPy written by hand, JAX, PyTorch and micrograd.

    python benchmarks/program.py            # several minutes; writes benchmarks/results/program.md
    python benchmarks/program.py --quick    # fewer rounds, and no graph of a million nodes

The workloads stand in workloads.py and irregular.py, the contenders in contenders.py. What is timed is a public call,
from a user's arrays to loss and gradients, with one thread for everybody. Contenders whose losses or gradients differ
are not timed: the run stops.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # measure this checkout, whatever else is installed

import numpy as np

from benchmarks.common import (
    CollectorClock,
    Target,
    environment,
    in_fresh_process,
    installed,
    interleaved,
    median,
    publish,
    table,
    timed,
)
from benchmarks.contenders import BY_HAND, COLUMNS, EAGER, JAX, MICROGRAD, MODULES, PROGRAM, TORCH, Step, Workload
from benchmarks.irregular import random_graph, recurrent, whole_batch
from benchmarks.workloads import digits, online, reference

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
ONE_THREAD = {**dict.fromkeys(THREADS, "1"), "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false"}

STEP, STEP_1, STEP_1000 = "reference step, 100 samples", "reference step, 1 sample", "reference step, 1,000 samples"
DIGITS, WHOLE = "64-128-10, cross-entropy, batch 64", "whole-batch graph, 100 samples"
WORKLOADS: dict[str, Callable[[], Workload]] = {
    STEP_1: lambda: reference(1),
    STEP: reference,
    STEP_1000: lambda: reference(1000),
    DIGITS: digits,
    "online step with update": online,
    "recurrent net, 20 steps, batch 32": recurrent,
    "random graph, 10³ nodes, batch 32": lambda: random_graph(10**3),
    "random graph, 10⁵ nodes, batch 32": lambda: random_graph(10**5),
    WHOLE: whole_batch,
}
ALONE = (EAGER, MICROGRAD)  # have a process of their own: the collector would walk their objects while others are timed
BLOCK = 0.005  # seconds: so long a contender is called again and again before the next has its turn
PATIENCE = 10.0  # seconds: a process whose laps take longer makes fewer of them, at least 3
PHASES = ("record", "straighten", "differentiate", "vectorise", "emit")
SHAPES: dict[str, Callable[[int], Workload]] = {
    "random graph": lambda size: random_graph(size, samples=1),
    "whole-batch graph": lambda size: whole_batch(max(1, size // 650)),  # nodes of one sample
}
GROWTH = (10**3, 10**4, 10**5, 10**6)

# --- what a fresh process measures ------------------------------------------------------------------------------------


def difference(step: Step, reference: Step) -> float:
    """Return the largest difference of two contenders' loss and gradients, relative to the largest number of each."""
    pairs = zip(step.numbers(step.call()), reference.numbers(reference.call()), strict=True)
    return float(max(np.max(np.abs(a - b)) / np.max(np.abs(b)) for a, b in pairs))


def microseconds(calls: dict[str, Callable[[], Any]], laps: int) -> dict[str, float]:
    """Time contenders that take turns, so that they share the machine's better and worse moments."""
    repeats, lap_seconds = {}, 0.0
    for name, call in calls.items():
        call()
        once = timed(call)[0]
        repeats[name] = max(1, round(BLOCK / once))
        lap_seconds += once * repeats[name]
    laps = max(3, min(laps, int(PATIENCE / lap_seconds)))
    times: dict[str, list[float]] = {name: [] for name in calls}
    names = list(calls)
    for lap in range(laps):
        for name in names[lap % len(names) :] + names[: lap % len(names)]:
            call, count = calls[name], repeats[name]
            start = time.perf_counter()
            for _ in range(count):
                call()
            times[name].append((time.perf_counter() - start) / count)
    return {name: statistics.median(seconds) * 1e6 for name, seconds in times.items()}


def measure_workload(name: str, group: str, laps: int) -> dict[str, Any]:
    """Time the contenders of a group: "arrays", or one of those that need a process of their own."""
    workload = WORKLOADS[name]()
    wanted = [c for c in workload if (c == group if group in ALONE else c not in ALONE)]
    present = [c for c in wanted if c not in MODULES or installed(MODULES[c])]
    steps = {c: workload[c]() for c in present}
    for contender, step in steps.items():
        error = difference(step, workload[BY_HAND]())
        if not error <= 1e-9:
            return {"disagrees": f"{name}: {contender} differs from {BY_HAND} by {error:.1e}"}
    result: dict[str, Any] = {f"first {c}": step.first for c, step in steps.items() if step.first is not None}
    if group in ALONE:
        return result | {group: alone(steps[group].call)}
    return result | microseconds({c: step.call for c, step in steps.items()}, laps)


def alone(call: Callable[[], Any]) -> float:
    """Time a scalar engine's step, up to three times, each after a collection, as benchmarks/eager.py does."""
    times: list[float] = []
    while len(times) < 3 and sum(times) < PATIENCE:
        gc.collect()
        times.append(timed(call)[0])
    return statistics.median(times) * 1e6


def measure_growth(shape: str, size: int) -> dict[str, Any]:
    """Compile a graph; return the seconds of each phase, and of the collector in all of them, per node."""
    workload = SHAPES[shape](size)
    workload_program = workload[PROGRAM]
    gc.collect()
    clock = CollectorClock()
    program = workload_program().program
    assert program is not None
    stats = program.stats
    seconds = {phase: stats.seconds[phase] for phase in PHASES} | {"collector": clock.seconds}
    return {"nodes": stats.nodes, "calls": stats.array_calls, **{k: s / stats.nodes for k, s in seconds.items()}}


# --- the report -------------------------------------------------------------------------------------------------------

Times = dict[str, dict[str, float]]  # workload -> contender -> microseconds; "first …" -> seconds


def measure_all(rounds: int, laps: int) -> Times:
    """Time every contender of every workload; stop if one computes something else."""
    cases = [
        (name, group)
        for name, make in WORKLOADS.items()
        for group in ("arrays", *[c for c in make() if c in ALONE and installed(MODULES.get(c, "numpy"))])
        if not (group == MICROGRAD and name in (STEP_1, STEP_1000))  # it says no more than the step of 100
    ]

    def measure(case: tuple[str, str]) -> dict[str, Any]:
        result = in_fresh_process(__file__, "--case", "workload", *case, laps)
        if "disagrees" in result:
            raise SystemExit(f"the contenders do not compute the same, so their times mean nothing: {result}")
        return result

    results = interleaved(cases, rounds, measure)
    times: Times = {name: {} for name in WORKLOADS}
    for (name, _), runs in results.items():
        times[name].update({key: median(runs, key) for key in runs[0]})
    return times


def report_times(times: Times) -> str:
    """Return the table of all contenders: microseconds, and in brackets the ratio to NumPy written by hand."""

    def cell(row: dict[str, float], contender: str) -> str:
        if contender not in row:
            return "–"
        ratio = row[contender] / row[BY_HAND]
        digits = 0 if row[contender] >= 1000 else 1
        return f"{row[contender]:,.{digits}f} ({ratio:,.{0 if ratio >= 100 else 2}f})"

    rows = [[name, *[cell(row, contender) for contender in COLUMNS]] for name, row in times.items()]
    return table(["µs (ratio to NumPy by hand)", *COLUMNS], rows)


def report_first(times: Times) -> str:
    """Return the table of the seconds until the first result: recording, compiling and one call."""
    rows = [
        [name, *[f"{row[key] * 1e3:,.0f}" if (key := f"first {c}") in row else "–" for c in (PROGRAM, JAX)]]
        for name, row in times.items()
        if f"first {PROGRAM}" in row
    ]
    return table(["ms until the first result", PROGRAM, JAX], rows)


def targets_of(times: Times) -> list[Target]:
    """Return targets 3 and 4 of performance, and that of whole-batch graphs."""

    def slower(name: str, contender: str) -> float | None:
        row = times[name]
        return row[contender] / row[PROGRAM] if contender in row else None

    targets = []
    for name in (STEP_1, STEP, STEP_1000):
        targets.append(Target(f"3. {name}", times[name][PROGRAM] / times[name][BY_HAND], "≤", 0.6, "× NumPy"))
        targets.append(Target(f"3. {name}: {JAX}", slower(name, JAX), "≥", 2, "× Program"))
        targets.append(Target(f"3. {name}: {TORCH}", slower(name, TORCH), "≥", 9, "× Program"))
    first = {name: times[name][f"first {PROGRAM}"] * 1e3 for name in (STEP, DIGITS)}
    return [
        *targets,
        Target(f"3. {STEP}: {MICROGRAD}", slower(STEP, MICROGRAD), "≥", 10_000, "× Program"),
        Target("3. the same: recording, compiling, first call", first[STEP], "≤", 50, "ms"),
        Target(f"4. {DIGITS}", times[DIGITS][PROGRAM] / times[DIGITS][BY_HAND], "≤", 1.0, "× NumPy"),
        Target("4. the same: recording, compiling, first call", first[DIGITS], "≤", 500, "ms"),
        Target(f"{WHOLE}: {MICROGRAD}", slower(WHOLE, MICROGRAD), "≥", 1000, "× Program"),
    ]


def report_growth(rounds: int, sizes: Sequence[int]) -> tuple[str, list[Target]]:
    """Compile graphs of growing size; return the table of the phases and target 5."""
    cases = [(shape, size) for shape in SHAPES for size in sizes]
    results = interleaved(cases, rounds, lambda case: in_fresh_process(__file__, "--case", "growth", *case))
    rows, targets = [], []
    for shape in SHAPES:
        passes = {}
        for size in sizes:
            runs = results[shape, size]
            each = {key: median(runs, key) for key in (*PHASES, "collector")}
            passes[size] = sum(each[phase] for phase in PHASES[1:])
            nanoseconds = [f"{x * 1e9:,.0f}" for x in (*each.values(), passes[size])]
            rows.append([shape, f"{runs[0]['nodes']:,}", f"{runs[0]['calls']:,}", *nanoseconds])
        growth = passes[sizes[-1]] / passes[sizes[0]]
        what = f"5. growth of the compiler's passes, {sizes[0]:,} to {sizes[-1]:,} nodes, {shape}"
        targets.append(Target(what, growth, "≤", 1.5, "×"))
    return table(["ns a node", "nodes", "array calls", *PHASES, "of it collector", "passes"], rows), targets


def main() -> None:
    """Measure everything, or one case in this process."""
    parser = argparse.ArgumentParser(description="programs against NumPy by hand and their peers")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, and no graph of a million nodes")
    parser.add_argument("--case", nargs="+", help=argparse.SUPPRESS)  # what a fresh process is to measure
    arguments = parser.parse_args()
    if arguments.case:
        if not ONE_THREAD.items() <= os.environ.items():
            raise SystemExit(f"contenders are compared with one thread each; set {ONE_THREAD} before Python starts")
        kind, name, *rest = arguments.case
        measure = {"workload": measure_workload, "growth": measure_growth}[kind]
        print(json.dumps(measure(name, *[int(text) if text.isdigit() else text for text in rest])))
        return
    os.environ.update(ONE_THREAD)  # for the processes that measure; NumPy reads it when it is imported
    times = measure_all(*((1, 11) if arguments.quick else (3, 15)))
    growth, growth_targets = report_growth(1, GROWTH[:-1] if arguments.quick else GROWTH)
    sections = [
        "# Programs",
        environment("numpy", "jax", "torch", "micrograd")
        + " One thread each; medians over rounds in fresh processes; benchmarks/README.md says how it is measured.",
        "## Targets",
        table(["target", "measured", "limit", "met"], [t.row() for t in (*targets_of(times), *growth_targets)]),
        "## Times",
        report_times(times),
        "## Compiling",
        report_first(times),
        growth,
    ]
    publish("\n\n".join(sections), "program")


if __name__ == "__main__":
    main()
