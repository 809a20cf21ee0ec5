"""What the arguments of ``fit`` stand for: each is checked, and made into what a run needs, before it begins."""

from __future__ import annotations

import errno
import functools
import os
import re
import reprlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from autograd import Value
from nn import archive
from nn.draws import Seed, permutation
from nn.errors import SettingError, ShapeError
from nn.metrics import resolve
from nn.module import Module
from nn.optimizers import Adam, Optimizer
from nn.preparation import samples
from nn.training.history import PER_STEP
from nn.training.problem import Array, Loss, Model, Problem
from nn.training.stopping import EarlyStopping


def optimizer_for(model: Model, optimizer: Optimizer | None) -> Optimizer:
    """Return the optimiser that was given, or else the default one for all of the model's parameters."""
    if optimizer is None:
        if not isinstance(model, Module):
            raise SettingError(
                f"fit does not know what to learn of {model!r}: give a Module, such as MLP(2, [16, 1]), or an "
                "optimizer with the parameters"
            )
        return Adam(model.parameters(), learning_rate=0.01)
    if not isinstance(optimizer, Optimizer):
        raise SettingError(f"optimizer is an optimiser such as SGD(model.parameters(), 0.1), not {optimizer!r}")
    if isinstance(model, Module) and set(model.parameters()).isdisjoint(optimizer.parameters):
        raise SettingError(
            "the optimizer has none of the model's parameters, and the model would learn nothing; make it anew: "
            f"{type(optimizer).__name__}(model.parameters(), …)"
        )
    return optimizer


def penalised(model: Model, parameters: list[Value], penalty: Any, penalised: Iterable[Value] | None) -> list[Value]:
    """Return the weights that the penalty is put on; by default the learned ones but the biases."""
    if penalty is None:
        if penalised is not None:
            raise SettingError("penalised lists the weights that a penalty is put on, but there is no penalty")
        return []
    if not callable(penalty):
        raise SettingError(f"penalty is a function of the weights, such as l2(1e-4), not {reprlib.repr(penalty)}")
    learned = set(parameters)
    if penalised is not None:
        given = list(penalised)
        if not learned.issuperset(given):
            raise SettingError(
                "penalised lists weights that the optimizer learns; of those given, some are not its own"
            )
        return given
    return [w for w in (model.weights() if isinstance(model, Module) else parameters) if w in learned]


def split(
    problem: Problem, x: Array, y: Array, validation: Any, rng: np.random.Generator
) -> tuple[tuple[Array, Array], tuple[Array, Array] | None]:
    """Return the data to learn from and the data to validate on."""
    if validation is None:
        return (x, y), None
    if isinstance(validation, (tuple, list)) and len(validation) == 2:
        other = samples(validation[0], "the validation data's X")
        if other.shape[1:] != x.shape[1:]:
            raise ShapeError(f"a sample of X has the shape {x.shape[1:]}, one of the validation data {other.shape[1:]}")
        return (x, y), (other, problem.targets(other, validation[1]))
    share = isinstance(validation, (float, np.floating)) and 0.0 < validation < 1.0
    number = isinstance(validation, (int, np.integer)) and not isinstance(validation, bool) and validation > 0
    if not (share or number):
        raise SettingError(
            f"validation is (X, y), or a share of the samples such as 0.2, or how many; not {reprlib.repr(validation)}"
        )
    held_back = round(len(x) * float(validation)) if share else int(validation)
    if not 0 < held_back < len(x):
        raise SettingError(f"validation={validation} of {len(x)} samples leaves none on one side")
    order = permutation(rng, len(x))
    back, kept = order[:held_back], order[held_back:]
    return (x[kept], y[kept]), (x[back], y[back])


def checkpoint_path(checkpoint: Any, resume: bool, seed: Seed) -> Path | None:
    """Return where to write checkpoints, if anywhere; an existing one is not overwritten unasked."""
    if checkpoint is None:
        if resume:
            raise SettingError("resume goes on from a checkpoint; say which file: checkpoint='run.npz'")
        return None
    path = Path(checkpoint)
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "there is no such folder to write a checkpoint to", str(path.parent))
    archive.check_target(path, Path(os.path.realpath(path)))
    if seed is None:
        raise SettingError("a run with a checkpoint needs a seed, so that it can be resumed; give seed=0")
    if path.exists() and not resume:
        raise SettingError(
            f"the checkpoint {path} exists; give resume=True to go on from it, or remove it to start anew"
        )
    return path


def listed(settings: Any) -> list[Any]:
    """Return a list of what may be given alone."""
    if settings is None:
        return []
    if not isinstance(settings, (str, Iterable)) and not callable(settings):
        raise SettingError(f"metrics and callbacks are functions, or lists of them; not {settings!r}")
    return [settings] if isinstance(settings, str) or callable(settings) else list(settings)


def metrics(settings: Any, loss: Loss) -> list[tuple[str, Callable[[Array, Array], float]]]:
    """Return the metrics, each with the name of its curve."""
    metrics = [resolve(metric, loss) for metric in listed(settings)]
    names = [name for name, _ in metrics]
    for name in names:
        if name in (*PER_STEP, "loss", "penalty") or name.startswith("validation_"):
            raise SettingError(f"fit has a curve {name!r} of its own; give the metric another name (__name__)")
        if names.count(name) > 1:
            raise SettingError(f"two metrics are called {name!r}, so their curves would be one; give each a __name__")
    return metrics


def name(function: Any) -> str:
    """Return a function's name, or what else tells it from others and is the same in every process."""
    if isinstance(function, functools.partial):
        given = [*map(repr, function.args), *(f"{name}={x!r}" for name, x in function.keywords.items())]
        return f"{name(function.func)}({', '.join(given)})"
    return getattr(function, "__name__", None) or re.sub(r" at 0x[0-9a-fA-F]+", "", repr(function))


def check_monitor(rule: EarlyStopping | None, metrics: list[tuple[str, Any]], penalised: bool) -> None:
    """Refuse, before anything is learned, to watch a curve that there will not be."""
    if rule is None:
        return
    curves = ["loss", *(["penalty"] if penalised else []), *(name for name, _ in metrics)]
    curves += [f"validation_{name}" for name in curves if name != "penalty"]
    if rule.monitor not in curves:
        raise SettingError(f"early stopping watches {rule.monitor!r}, but the curves are {', '.join(curves)}")
