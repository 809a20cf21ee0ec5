"""Training: a run of ``fit``, epoch by epoch and step by step."""

from __future__ import annotations

import errno
import functools
import os
import re
import reprlib
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autograd import Value
from autograd.errors import NonFiniteError
from nn import archive
from nn.draws import Seed, generator, permutation
from nn.errors import DivergedError, SettingError, ShapeError
from nn.metrics import METRICS, resolve
from nn.module import Module
from nn.optimizers import Adam, Optimizer
from nn.preparation import samples
from nn.settings import count
from nn.training import averaging, checkpoints
from nn.training.averaging import average_for
from nn.training.history import PER_STEP, History
from nn.training.interrupt import Interrupt, listening
from nn.training.problem import Array, Loss, Model, Problem
from nn.training.progress import Progress
from nn.training.steps import steps_for
from nn.training.stopping import Best, EarlyStopping, rule_for

Metric = str | Callable[[Array, Array], float]


class Training:
    """A run of ``fit``, as its callbacks see it.

    Attributes:
        model: what is trained; after each epoch its Values hold the present weights.
        optimizer: its learning rate, for one, may be changed.
        history: the curves so far.
        epochs: how many epochs there will be.
        theta: the present weights, in the order of ``optimizer.parameters``.
    """

    def __init__(
        self, model: Model, X: Any, y: Any, *, loss: Loss, penalty: Any, penalised: Any, optimizer: Optimizer | None,  # noqa: N803
        epochs: int, batch_size: int | None, reduce: str, shuffle: bool, seed: Seed, validation: Any,
        early_stopping: Any, average: Any, metrics: Any, callbacks: Any, progress: bool | None, checkpoint: Any,
        checkpoint_every: int, resume: bool, compiling: bool | None,
    ) -> None:  # fmt: skip
        self.model = model
        self.epochs = count("number of epochs", epochs)
        self._every = count("number of epochs between checkpoints", checkpoint_every)
        if reduce not in ("mean", "sum"):
            raise SettingError(f"reduce is 'mean' or 'sum', not {reduce!r}")
        for name, setting in (("shuffle", shuffle), ("resume", resume)):
            if not isinstance(setting, (bool, np.bool_)):
                raise SettingError(f"{name} is True or False, not {setting!r}")
        self._reduce, self._shuffle, self._seed = reduce, bool(shuffle), seed
        self.optimizer = _optimizer_for(model, optimizer)
        parameters = self.optimizer.parameters
        weights = _penalised(model, parameters, penalty, penalised)
        self._problem = Problem(model, loss, parameters, penalty, weights)
        self._loss = loss
        self._rng = generator(seed)

        x = samples(X)
        with self._problem.keeping_modes():
            targets = self._problem.targets(x, y)
        self._everything = x, targets
        self._validation: tuple[Array, Array] | None
        with self._problem.keeping_modes():
            (self._x, self._y), self._validation = _split(self._problem, x, targets, validation, self._rng)
        self._size = len(self._x) if batch_size is None else min(count("batch_size", batch_size), len(self._x))
        self._rule = rule_for(early_stopping, self._validation is not None)
        self._best = Best(self._rule) if self._rule else None
        self._average = average_for(average)
        self._metrics = _metrics(metrics, loss)
        for name, metric in self._metrics:
            if name in METRICS:  # which look at the targets, and had better do so now
                metric(np.zeros_like(self._y), self._y)
        self._callbacks = _listed(callbacks)
        self._path = _checkpoint_path(checkpoint, resume, seed)
        _check_monitor(self._rule, self._metrics, penalty is not None)
        if compiling is not False:  # eagerly the loss sees the targets anyway
            self._problem.try_loss(self._x, self._y)
        self._resume = resume

        start = time.perf_counter()
        self.theta = np.array([parameter.data for parameter in parameters])
        self._safe = self.theta  # the weights of the last finite loss
        self._bar = Progress(progress)
        try:
            self._steps, why = steps_for(self._problem, self._x, self._y, compiling)
        except BaseException:
            self._bar.close()
            raise
        self.history = History(self._steps.path, why)
        self.history.compile_seconds = time.perf_counter() - start
        self._run = self._identity()  # now, since a callback may change the learning rate
        self._position = checkpoints.Position()
        self._stopping = ""

    # --- for callbacks ---

    def stop(self) -> None:
        """End the run after this epoch."""
        self._stopping = "callback"

    # --- the loop ---

    def run(self) -> History:
        """Do all epochs that are still to be done, and return the history."""
        history = self.history
        if self._path is not None and self._resume and self._path.exists():
            self._restore(self._path)
        steps_per_epoch = -(-len(self._x) // self._size)
        done = self._position.epoch * steps_per_epoch + self._position.step
        start = time.perf_counter()
        self._bar.begin(self.epochs * steps_per_epoch, done, history.path)
        generators = [dropout.rng for dropout in self._problem.dropouts]
        for dropout in self._problem.dropouts:
            dropout.rng = self._rng  # one generator draws everything, so that a checkpoint holds it
        try:
            with listening() as interrupt:
                while self._position.epoch < self.epochs and not (self._stopping or interrupt.pressed):
                    self._epoch(interrupt)
                if self._position.epoch < self.epochs and not self._stopping:
                    self._stopping = "interrupted"
            history.stopped = self._position.stopped = self._stopping or "epochs"
            if self._path is not None:
                self._write_checkpoint(self._path)
        except NonFiniteError as error:
            self.theta = self._safe
            raise self._diverged(error) from error
        finally:
            for dropout, rng in zip(self._problem.dropouts, generators, strict=True):
                dropout.rng = rng
            self._bar.close()
            history.seconds += time.perf_counter() - start
            self._write(self._final())
        return history

    def _epoch(self, interrupt: Interrupt) -> None:
        """Do the rest of the present epoch, or what is done of it until an interrupt."""
        here, history, rows = self._position, self.history, len(self._x)
        whole = self._size == rows  # then the order of the samples does not matter
        if here.order is None and not whole:
            here.order = permutation(self._rng, rows) if self._shuffle else np.arange(rows)
        for start in range(here.step * self._size, rows, self._size):
            chosen = slice(None) if here.order is None else here.order[start : start + self._size]
            x, y = self._x[chosen], self._y[chosen]
            masks = [dropout.draw(len(x)) for dropout in self._problem.dropouts]
            rate = self.optimizer.rate
            value, penalty = self._step([x, y, *masks])
            here.step += 1
            here.losses.append(value * len(x) / rows if self._reduce == "mean" else value)
            here.penalties.append(penalty)
            history.append("step_loss", value + penalty)
            history.append("learning_rate", rate)
            self._bar.step()
            if interrupt.pressed and here.step * self._size < rows:
                return
        self._end_of_epoch()

    def _step(self, batch: Sequence[Array]) -> tuple[float, float]:
        """Do one update; return the loss and the penalty before it."""

        def objective(theta: Array) -> tuple[float, float, Array]:
            value, gradient = self._steps.value_and_grad(theta, batch, self._reduce)
            if self._problem.penalty is None:
                return value, 0.0, gradient
            penalty, share = self._steps.penalty(theta)
            if not np.isfinite(penalty):
                raise NonFiniteError(f"the penalty is {penalty}")
            return value, penalty, gradient + share

        value, penalty, gradient = objective(self.theta)
        self._safe = self.theta
        self.theta = self.optimizer.update(self.theta, gradient, lambda theta: objective(theta)[2])
        if self._average is not None:
            self._average.add(self.theta)
        return value, penalty

    def _end_of_epoch(self) -> None:
        """Note the epoch's curves, look whether to stop, call the callbacks, write a checkpoint."""
        here, history = self._position, self.history
        penalty = sum(here.penalties) / len(here.penalties)
        history.append("loss", sum(here.losses) + penalty)
        if self._problem.penalty is not None:
            history.append("penalty", penalty)
        weights = self._evaluated()
        self._evaluate(weights, "", self._x, self._y)
        if self._validation is not None:
            x, y = self._validation
            history.append("validation_loss", float(np.mean(self._steps.losses(weights, x, y))))
            self._evaluate(weights, "validation_", x, y)
        here.epoch, here.step, here.order, here.losses, here.penalties = here.epoch + 1, 0, None, [], []
        self._bar.say(history)
        if self._best is not None and self._best.look(history, weights):
            self._stopping = "early stopping"
        if self._callbacks:
            self._write(weights)
            for callback in self._callbacks:
                callback(self)
        if self._path is not None and here.epoch % self._every == 0:
            self._write_checkpoint(self._path)

    def _evaluate(self, weights: Array, prefix: str, x: Array, y: Array) -> None:
        """Note every metric on some data."""
        if not self._metrics:
            return
        outputs = self._steps.outputs(weights, x)
        for name, metric in self._metrics:
            self.history.append(prefix + name, float(metric(outputs, y)))

    # --- weights ---

    def _evaluated(self) -> Array:
        """Return the weights that the run would end with now: the average if there is one."""
        average = self._average.value if self._average is not None else None
        return self.theta if average is None else average

    def _final(self) -> Array:
        """Return the weights the model gets: of the best epoch, or the average, or the last."""
        if self._best is not None and self._best.theta is not None:
            self.history.best_epoch = self._best.epoch
            return self._best.theta
        return self._evaluated()

    def _write(self, theta: Array) -> None:
        for parameter, x in zip(self.optimizer.parameters, theta.tolist(), strict=True):
            parameter.data = x

    def _diverged(self, error: NonFiniteError) -> DivergedError:
        return DivergedError(
            f"training stopped in epoch {self._position.epoch + 1}, step {self._position.step + 1}: {error}. "
            "The model has the weights of the last finite loss. A smaller learning rate, standardised data, or "
            "clip_norm in the optimizer often help",
            self.history,
        )

    # --- checkpoints ---

    def _identity(self) -> dict[str, str]:
        x, y = self._everything
        parameters = self.optimizer.parameters
        rate = self.optimizer.learning_rate
        settings = {
            "model": _name(self.model),
            "parameters": f"{len(parameters)}, from {parameters[0].label} to {parameters[-1].label}",
            "loss": _name(self._loss),
            "penalty": _name(self._problem.penalty),
            "penalised weights": len(self._problem.penalised),
            "metrics": [name for name, _ in self._metrics],
            "optimizer": type(self.optimizer).__name__,
            **self.optimizer.settings(),
            "learning rate": [rate(t) for t in (0, 1, 10, 100, 1000)] if callable(rate) else rate,
            "batch_size": self._size,
            "reduce": self._reduce,
            "shuffle": self._shuffle,
            "seed": self._seed if isinstance(self._seed, (int, np.integer)) else "a generator",
            "samples to learn from": len(self._x),
            "early_stopping": self._rule,
            "average": self._average,
            "path": self._steps.path,
        }
        return checkpoints.fingerprint([x, y, *(self._validation or ())], settings)

    def _write_checkpoint(self, path: Path) -> None:
        parts: dict[str, dict[str, Any]] = {
            "weights": {"theta": self.theta},
            "optimizer": self.optimizer.state_dict(),
            "average": averaging.state_of(self._average),
            "best": self._best.state() if self._best else {},
            "curves": dict(self.history.curves()),
        }
        checkpoints.write(path, self._position, parts, self._rng, self._run)

    def _restore(self, path: Path) -> None:
        position, parts = checkpoints.read(path, self._rng, self._run)
        self.optimizer.load_state_dict(parts.get("optimizer", {}))
        self._position = position
        self.theta = self._safe = parts["weights"]["theta"]
        averaging.restore(self._average, parts.get("average", {}))
        if self._best is not None:
            self._best.restore(parts.get("best", {}))
        self.history.restore(parts.get("curves", {}))
        if position.stopped == "early stopping":
            self._stopping = position.stopped


# --- settings ---------------------------------------------------------------------------------------------------------


def _optimizer_for(model: Model, optimizer: Optimizer | None) -> Optimizer:
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


def _penalised(model: Model, parameters: list[Value], penalty: Any, penalised: Iterable[Value] | None) -> list[Value]:
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


def _split(
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


def _checkpoint_path(checkpoint: Any, resume: bool, seed: Seed) -> Path | None:
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


def _listed(settings: Any) -> list[Any]:
    """Return a list of what may be given alone."""
    if settings is None:
        return []
    if not isinstance(settings, (str, Iterable)) and not callable(settings):
        raise SettingError(f"metrics and callbacks are functions, or lists of them; not {settings!r}")
    return [settings] if isinstance(settings, str) or callable(settings) else list(settings)


def _metrics(settings: Any, loss: Loss) -> list[tuple[str, Callable[[Array, Array], float]]]:
    """Return the metrics, each with the name of its curve."""
    metrics = [resolve(metric, loss) for metric in _listed(settings)]
    names = [name for name, _ in metrics]
    for name in names:
        if name in (*PER_STEP, "loss", "penalty") or name.startswith("validation_"):
            raise SettingError(f"fit has a curve {name!r} of its own; give the metric another name (__name__)")
        if names.count(name) > 1:
            raise SettingError(f"two metrics are called {name!r}, so their curves would be one; give each a __name__")
    return metrics


def _name(function: Any) -> str:
    """Return a function's name, or what else tells it from others and is the same in every process."""
    if isinstance(function, functools.partial):
        given = [*map(repr, function.args), *(f"{name}={x!r}" for name, x in function.keywords.items())]
        return f"{_name(function.func)}({', '.join(given)})"
    return getattr(function, "__name__", None) or re.sub(r" at 0x[0-9a-fA-F]+", "", repr(function))


def _check_monitor(rule: EarlyStopping | None, metrics: list[tuple[str, Any]], penalised: bool) -> None:
    """Refuse, before anything is learned, to watch a curve that there will not be."""
    if rule is None:
        return
    curves = ["loss", *(["penalty"] if penalised else []), *(name for name, _ in metrics)]
    curves += [f"validation_{name}" for name in curves if name != "penalty"]
    if rule.monitor not in curves:
        raise SettingError(f"early stopping watches {rule.monitor!r}, but the curves are {', '.join(curves)}")
