"""``glassgrad train``: from data to a model, a summary of how it went, and files."""

from __future__ import annotations

import argparse
import importlib.util
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.table import columns
from nn import metrics
from nn.cells import counted
from nn.command import files
from nn.command.data import Part, Samples, load
from nn.command.description import Description
from nn.command.options import OPTIMIZERS
from nn.errors import SettingError
from nn.layers import MLP
from nn.losses import binary_cross_entropy_with_logits, cross_entropy, mean_squared_error
from nn.optimizers import Optimizer
from nn.penalties import l2
from nn.preparation import Standardiser
from nn.sequential import Sequential
from nn.training import History, Training, fit, predict
from nn.training.history import PER_STEP

Array = NDArray[np.float64]

PICTURES = (".svg", ".png", ".pdf")
PURPOSES = {"train": "to learn from", "validation": "to validate on", "test": "to test on"}
CHECKPOINTS = 100  # that are written in a run
INTERRUPTED = 130  # the exit status of a program that Ctrl-C ended


@dataclass(frozen=True, eq=False)
class Trained:
    """What there is to draw after a run.

    Attributes:
        samples: all of them, as they came.
        history: the curves; those called validation_… are of the samples held back for testing.
        model: takes samples as they came, also where the MLP takes standardised ones.
    """

    samples: Samples
    history: History
    model: MLP | Sequential


Plot = Callable[[Path, Trained], None]


def train(options: argparse.Namespace, plot: Plot | None = None) -> int:
    """Train a model as the options say, print a summary, and write the files that are asked for.

    Args:
        options: what ``add_train_options`` declares.
        plot: what draws a run and writes the picture; for ``--plot``.

    Returns:
        0, or 130 if the run was interrupted; the files are written all the same.

    Raises:
        AutogradError: data or options that cannot be, or a loss that became infinite; no file is written then.
        OSError: a file cannot be read or written.
    """
    if options.plot is not None and options.plot.suffix.lower() not in PICTURES:
        raise SettingError(f"--plot takes a name that ends in {', '.join(PICTURES)}; not {options.plot}")
    written = {"--save": options.save, "--plot": options.plot, "--checkpoint": options.checkpoint}
    files.check(written, {"--data": options.data})
    samples = load(options)
    parts = samples.split(options.test, options.early_stopping is not None, options.seed)
    description = _description(samples, *parts["train"], options.standardise)
    model = MLP(
        len(samples.columns),
        [*options.hidden, description.count],
        options.activation,
        initial="he" if options.activation.endswith("relu") else "xavier",
        seed=options.seed,
    )
    resumed = options.resume and options.checkpoint is not None and options.checkpoint.exists()
    history = _fit(model, description, parts, options)
    try:
        if options.save is not None:  # before anything else can go wrong
            model.save(options.save, about=description.as_dict())
    finally:
        if not options.quiet:
            rows = [
                ("data", samples.text),
                ("", ", ".join(f"{len(x)} {PURPOSES[name]}" for name, (x, _) in parts.items())),
                ("model", _model_text(model, options)),
                ("run", _run_text(history, options, resumed)),
                *_scores(model, description, parts),
            ]
            print(columns(rows), flush=True)  # noqa: T201
    if options.save is not None:
        _say(options, f"saved {options.save}")
    if options.plot is not None and plot is not None:
        if history.epochs:
            plot(options.plot, Trained(samples, history, _on_raw_samples(model, description.inputs)))
        _say(options, f"wrote {options.plot}" if history.epochs else f"no {options.plot}, for no epoch is complete")
    return INTERRUPTED if history.stopped == "interrupted" else 0


def _description(samples: Samples, x: Array, y: NDArray[Any], standardise: bool | None) -> Description:
    """Return what the model's inputs and outputs are to stand for, standardised by the training data."""
    if standardise is None:
        standardise = samples.from_file
    inputs = Standardiser.fit(x) if standardise else None
    outputs = Standardiser.fit(y) if standardise and samples.classes is None else None
    return Description(samples.columns, samples.target, samples.classes, inputs, outputs)


def _fit(model: MLP, description: Description, parts: dict[str, Part], options: argparse.Namespace) -> History:
    """Train the model; without samples for validation, those for testing give the curves of that name."""
    prepared = {
        name: (description.scaled(x), y if description.outputs is None else description.outputs.transform(y))
        for name, (x, y) in parts.items()
    }
    loss = cross_entropy if description.count > 1 else binary_cross_entropy_with_logits
    bar = not options.quiet and sys.stderr.isatty() and importlib.util.find_spec("tqdm") is not None
    return fit(
        model,
        *prepared["train"],
        loss=mean_squared_error if description.classes is None else loss,
        penalty=l2(options.l2) if options.l2 else None,
        optimizer=_optimizer(model, options),
        epochs=options.epochs,
        batch_size=options.batch_size,
        seed=options.seed,
        validation=prepared.get("validation", prepared.get("test")),
        early_stopping=options.early_stopping,
        metrics=_metrics(description),
        callbacks=() if bar or options.quiet else _progress_line,
        progress=bar,
        checkpoint=options.checkpoint,
        checkpoint_every=max(1, options.epochs // CHECKPOINTS),
        resume=options.resume,
    )


def _optimizer(model: MLP, options: argparse.Namespace) -> Optimizer:
    kind, usual = OPTIMIZERS[options.optimizer]
    if usual is None:
        if options.learning_rate is not None:
            raise SettingError(f"{options.optimizer} finds its own rates; leave out --learning-rate, or take adam")
        return kind(model.parameters())
    rate = usual if options.learning_rate is None else options.learning_rate
    return kind(model.parameters(), learning_rate=rate)


def _metrics(description: Description) -> list[metrics.Metric | str]:
    """Return what is computed after each epoch; errors in the unit of the target, standardised or not."""
    if description.classes is not None:
        return ["accuracy"]
    scale = 1.0 if description.outputs is None else float(description.outputs.scale[0])

    def mae(outputs: Array, targets: Array) -> float:
        return scale * metrics.mae(outputs, targets)

    return ["r2", mae]


def _on_raw_samples(model: MLP, inputs: Standardiser | None) -> MLP | Sequential:
    """Return a model that takes samples as they came."""
    if inputs is None:
        return model
    numbers = list(zip(inputs.mean.tolist(), inputs.scale.tolist(), strict=True))

    def standardise(x: Any) -> list[Any]:
        return [(feature - mean) / scale for feature, (mean, scale) in zip(x, numbers, strict=True)]

    return Sequential(standardise, model)


# --- words ------------------------------------------------------------------------------------------------------------


def _say(options: argparse.Namespace, text: str) -> None:
    if not options.quiet:
        print(text, flush=True)  # noqa: T201


def _progress_line(run: Training) -> None:
    """Print a line on the standard error output, ten times in a run."""
    history, epochs = run.history, run.epochs
    if 10 * history.epochs // epochs == 10 * (history.epochs - 1) // epochs:
        return
    curves = [curve for curve in history if curve not in PER_STEP]
    numbers = ", ".join(f"{curve.replace('_', ' ')} {history.last(curve):.4g}" for curve in curves)
    print(f"epoch {history.epochs:{len(str(epochs))}}/{epochs}  {numbers}", file=sys.stderr, flush=True)  # noqa: T201


def _scores(model: MLP, description: Description, parts: dict[str, Part]) -> list[tuple[str, str]]:
    """Return for each part of the samples how good the trained model is on it."""
    outputs = predict(model, description.scaled(np.concatenate([x for x, _ in parts.values()])))
    by_part = np.split(outputs, np.cumsum([len(x) for x, _ in parts.values()])[:-1])
    return [(name, description.score(part, y)) for part, (name, (_, y)) in zip(by_part, parts.items(), strict=True)]


def _model_text(model: MLP, options: argparse.Namespace) -> str:
    sizes = [len(model.layers[0].neurons[0].w), *(len(layer.neurons) for layer in model.layers)]
    activation = f", {options.activation}" if options.hidden else ""
    return f"MLP {' → '.join(map(str, sizes))}{activation}, {len(model.parameters()):,} parameters"


def _run_text(history: History, options: argparse.Namespace, resumed: bool) -> str:
    """Say how the run went; a line for each fact."""
    rate = f", learning rate {history.last('learning_rate'):.3g}" if history.steps else ""
    loss = f", loss {history.last('loss'):.4g}" if history.epochs else ""
    seconds = f"in {history.seconds:.2g} s"
    lines = [f"{options.optimizer}{rate}, {counted(history.epochs, 'epoch')}, {counted(history.steps, 'step')}{loss}"]
    lines.append(
        f"{seconds}, not compiled: {history.why}"
        if history.path == "eager"
        else f"{seconds}, compiled in {history.compile_seconds:.2g} s"
    )
    if resumed:
        lines[1] += f"; resumed from {options.checkpoint}: the time is that of the last part"
    if history.stopped == "interrupted":
        lines.append(f"interrupted in epoch {history.epochs + 1} of {options.epochs}")
        if options.checkpoint is not None:
            lines[-1] += "; the same command with --resume goes on"
    if history.best_epoch is not None:
        early = "stopped early; " if history.stopped == "early stopping" else ""
        lines.append(f"{early}the weights are those of epoch {history.best_epoch}")
    return "\n".join(lines)
