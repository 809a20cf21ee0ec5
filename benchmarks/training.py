"""Whole training runs beside micrograd, PyTorch and scikit-learn.

    python benchmarks/training.py            # minutes, most of them micrograd's; writes benchmarks/results/training.md
    python benchmarks/training.py --quick    # fewer rounds, and a tenth of micrograd's epochs, scaled up

Two problems. Moons is micrograd's demo: an MLP 2-16-16-1 with ReLU, 100 points, 100 epochs of gradient descent on all
of them, hinge loss plus 1e-4 · Σ parameter², learning rate from 1 down to 0.1. Digits is scikit-learn's bundled copy of
1,797 images of 8 × 8 pixels: an MLP 64-32-10 with ReLU, cross-entropy, Adam, batches of 32, 30 epochs, a quarter held
back.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):  # one thread for everybody
    os.environ[variable] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # measure this checkout, whatever else is installed

import numpy as np

from benchmarks.common import Target, environment, in_fresh_process, installed, interleaved, median, publish, table
from benchmarks.eager import DECAY, SIZES, initial_weights, micrograd_model, moons
from nn import MLP, SGD, Adam, fit, predict
from nn.losses import cross_entropy, hinge
from nn.penalties import l2

EPOCHS = 100  # of moons
DIGITS_EPOCHS, BATCH = 30, 32
FIT, MICROGRAD, TORCH, SKLEARN = "glassgrad fit", "micrograd", "PyTorch", "scikit-learn"
Measured = dict[str, float]


def rate(epoch: int) -> float:
    """Return the learning rate of micrograd's demo in an epoch from 0 on."""
    return 1.0 - 0.9 * epoch / EPOCHS


# --- moons ------------------------------------------------------------------------------------------------------------


def moons_by_fit(_epochs: int) -> Measured:
    """Train with ``fit``: everything from the call to the weights in the model, compiling included."""
    points, labels = moons(EPOCHS)
    model = MLP(SIZES[0], list(SIZES[1:]), activation="relu")
    for p, weight in zip(model.parameters(), initial_weights(), strict=True):
        p.data = weight
    start = time.perf_counter()
    history = fit(
        model, points, labels, loss=hinge, penalty=l2(DECAY), penalised=model.parameters(),
        optimizer=SGD(model.parameters(), rate), epochs=EPOCHS,
    )  # fmt: skip
    total = time.perf_counter() - start
    right = np.mean((predict(model, points) > 0) == (np.array(labels) > 0))
    return {"total": total, "training": history.seconds, "accuracy": float(right), "loss": history["loss"][-1]}


def moons_by_micrograd(epochs: int) -> Measured:
    """Train as micrograd's demo does; its accuracy is computed in every step there, and so it is here."""
    points, labels = moons(EPOCHS)
    model, value = micrograd_model()
    for p, weight in zip(model.parameters(), initial_weights(), strict=True):
        p.data = weight
    start = time.perf_counter()
    for k in range(epochs):
        scores = [model([value(x) for x in point]) for point in points]
        losses = [(1 + -label * score).relu() for label, score in zip(labels, scores, strict=True)]
        loss = sum(losses) * (1.0 / len(losses)) + DECAY * sum(p * p for p in model.parameters())
        accuracy = sum((label > 0) == (score.data > 0) for label, score in zip(labels, scores, strict=True))
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= rate(k) * p.grad
    total = (time.perf_counter() - start) * EPOCHS / epochs
    return {"total": total, "training": total, "accuracy": accuracy / len(points), "loss": loss.data}


def moons_by_torch(_epochs: int) -> Measured:
    """Train as one does with PyTorch's layers, in float64."""
    import torch

    torch.set_num_threads(1)
    points, labels = moons(EPOCHS)
    x, y = torch.tensor(points, dtype=torch.float64), torch.tensor(labels, dtype=torch.float64)
    relu = torch.nn.ReLU
    model = torch.nn.Sequential(torch.nn.Linear(2, 16), relu(), torch.nn.Linear(16, 16), relu(), torch.nn.Linear(16, 1))
    model.double()
    numbers = np.array(initial_weights())
    with torch.no_grad():
        for layer in model[::2]:
            n_out, n_in = layer.weight.shape
            rows, numbers = np.split(numbers, [n_out * (n_in + 1)])
            layer.weight.copy_(torch.tensor(rows.reshape(n_out, n_in + 1)[:, :-1]))
            layer.bias.copy_(torch.tensor(rows.reshape(n_out, n_in + 1)[:, -1]))
    start = time.perf_counter()
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    for k in range(EPOCHS):
        loss = torch.relu(1 - y * model(x)[:, 0]).mean() + DECAY * sum((p * p).sum() for p in model.parameters())
        optimizer.param_groups[0]["lr"] = rate(k)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    total = time.perf_counter() - start
    right = float(((model(x)[:, 0] > 0) == (y > 0)).double().mean())
    return {"total": total, "training": total, "accuracy": right, "loss": float(loss.detach())}


# --- digits -----------------------------------------------------------------------------------------------------------


def digits() -> tuple[Any, Any, Any, Any]:
    """Return training images, test images, and their labels; pixels from 0 to 1."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    data = load_digits()
    return tuple(train_test_split(data.data / 16.0, data.target, test_size=0.25, random_state=0, stratify=data.target))


def digits_by_fit(_epochs: int) -> Measured:
    """Train with ``fit``."""
    x, x_test, y, y_test = digits()
    model = MLP(64, [32, 10], initial="he", seed=0)
    start = time.perf_counter()
    history = fit(
        model,
        x,
        y,
        loss=cross_entropy,
        optimizer=Adam(model.parameters(), 0.003),
        epochs=DIGITS_EPOCHS,
        batch_size=BATCH,
    )
    total = time.perf_counter() - start
    right = np.mean(predict(model, x_test).argmax(axis=1) == y_test)
    return {"total": total, "training": history.seconds, "accuracy": float(right), "loss": history["loss"][-1]}


def digits_by_sklearn(_epochs: int) -> Measured:
    """Train with scikit-learn's MLPClassifier at the same settings."""
    import warnings

    from sklearn.neural_network import MLPClassifier

    x, x_test, y, y_test = digits()
    model = MLPClassifier(
        (32,), alpha=0.0, batch_size=BATCH, learning_rate_init=0.003, max_iter=DIGITS_EPOCHS,
        n_iter_no_change=DIGITS_EPOCHS, tol=0.0, random_state=0,
    )  # fmt: skip
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it has not converged after so many epochs
        model.fit(x, y)
    total = time.perf_counter() - start
    return {"total": total, "training": total, "accuracy": model.score(x_test, y_test), "loss": model.loss_}


def digits_by_torch(_epochs: int) -> Measured:
    """Train as one does with PyTorch's layers, in float64."""
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(0)
    x, x_test, y, y_test = (torch.tensor(array) for array in digits())
    model = torch.nn.Sequential(torch.nn.Linear(64, 32), torch.nn.ReLU(), torch.nn.Linear(32, 10)).double()
    start = time.perf_counter()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    for _ in range(DIGITS_EPOCHS):
        sum_of_losses = 0.0
        for rows in torch.randperm(len(x)).split(BATCH):
            loss = torch.nn.functional.cross_entropy(model(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            sum_of_losses += float(loss.detach()) * len(rows)
    total = time.perf_counter() - start
    right = float((model(x_test).argmax(1) == y_test).double().mean())
    return {"total": total, "training": total, "accuracy": right, "loss": sum_of_losses / len(x)}


# --- report -----------------------------------------------------------------------------------------------------------

CASES: dict[str, dict[str, Callable[[int], Measured]]] = {
    "moons": {FIT: moons_by_fit, MICROGRAD: moons_by_micrograd, TORCH: moons_by_torch},
    "digits": {FIT: digits_by_fit, SKLEARN: digits_by_sklearn, TORCH: digits_by_torch},
}
MODULES = {MICROGRAD: "micrograd", TORCH: "torch", SKLEARN: "sklearn"}


def report(problem: str, rounds: int, epochs: int) -> tuple[str, dict[str, list[Measured]]]:
    """Run everybody who is installed; return the table and the measurements."""
    here = [name for name in CASES[problem] if name == FIT or installed(MODULES[name])]
    if problem == "digits" and not installed("sklearn"):  # which has the data
        return "scikit-learn is not installed.", {}

    def measure(name: str) -> Measured:
        result: Measured = in_fresh_process(__file__, "--case", problem, name, epochs)
        return result

    results = interleaved(here, rounds, measure)
    ours = median(results[FIT], "total")
    rows = []
    for name in CASES[problem]:
        if name not in results:
            rows.append([name, "not installed", "", "", "", ""])
            continue
        seconds = [median(results[name], key) for key in ("total", "training")]
        rows.append(
            [
                name, *(f"{1e3 * s:,.0f}" for s in seconds), f"{seconds[0] / ours:,.2f}",
                f"{median(results[name], 'loss'):.4f}", f"{median(results[name], 'accuracy'):.3f}",
            ]
        )  # fmt: skip
    header = [problem, "ms in all", "of it training", "× glassgrad", "last loss", "accuracy"]
    return table(header, rows), results


def targets_of(moons_results: dict[str, Any], digits_results: dict[str, Any]) -> list[Target]:
    """Return what the runs are held to."""
    ours = moons_results[FIT]
    training = median(ours, "training")
    slower = dict.fromkeys(("training", "total"))
    if MICROGRAD in moons_results:
        slower = {key: median(moons_results[MICROGRAD], key) / median(ours, key) for key in slower}
    right = min(run["accuracy"] for run in digits_results[FIT]) if digits_results else None
    return [
        Target("moons: accuracy after 100 epochs", min(run["accuracy"] for run in ours), "≥", 0.98, ""),
        Target("moons: training", training, "≤", 1.0, "s"),
        Target(
            "moons: a step, with all of the loop around it", slower["training"], "≥", 1000, "× faster than micrograd"
        ),
        Target("moons: fit with compiling", slower["total"], "≥", 500, "× faster than micrograd"),
        Target("digits: test accuracy", right, "≥", 0.95, ""),
    ]


def main() -> None:
    """Measure everything, or one run in this process."""
    parser = argparse.ArgumentParser(description="glassgrad's training beside its peers")
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--case", nargs=3, help=argparse.SUPPRESS)  # what a fresh process is to measure
    arguments = parser.parse_args()
    if arguments.case:
        problem, name, epochs = arguments.case
        print(json.dumps(CASES[problem][name](int(epochs))))
        return
    quick = arguments.quick
    moons_table, moons_results = report("moons", 3, EPOCHS // 10 if quick else EPOCHS)
    digits_table, digits_results = report("digits", 1 if quick else 5, 0)
    sections = [
        "# Training",
        environment("numpy", "micrograd", "torch", "scikit-learn")
        + " Medians over rounds in fresh processes, one thread each; benchmarks/README.md says how it is measured.",
        "## Targets",
        table(["target", "measured", "limit", "met"], [t.row() for t in targets_of(moons_results, digits_results)]),
        "## Moons: 100 points, MLP 2-16-16-1, 100 epochs of gradient descent",
        moons_table,
        f"## Digits: 1,347 images, MLP 64-32-10, {DIGITS_EPOCHS} epochs of Adam, batches of {BATCH}",
        digits_table,
    ]
    publish("\n\n".join(sections), "training")


if __name__ == "__main__":
    main()
