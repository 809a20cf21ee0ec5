"""Training: a run of ``fit``, epoch by epoch and step by step."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autograd.errors import NonFiniteError
from nn.draws import Seed, generator, permutation
from nn.errors import DivergedError, SettingError
from nn.metrics import METRICS
from nn.optimizers import Optimizer
from nn.preparation import samples
from nn.settings import count
from nn.training import averaging, checkpoints, choices
from nn.training.averaging import average_for
from nn.training.history import History
from nn.training.interrupt import Interrupt, listening
from nn.training.problem import Array, Loss, Model, Problem
from nn.training.progress import Progress
from nn.training.steps import steps_for
from nn.training.stopping import Best, rule_for

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
        self.optimizer = choices.optimizer_for(model, optimizer)
        parameters = self.optimizer.parameters
        weights = choices.penalised(model, parameters, penalty, penalised)
        self._problem = Problem(model, loss, parameters, penalty, weights)
        self._loss = loss
        self._rng = generator(seed)

        x = samples(X)
        with self._problem.keeping_modes():
            targets = self._problem.targets(x, y)
        self._everything = x, targets
        self._validation: tuple[Array, Array] | None
        with self._problem.keeping_modes():
            (self._x, self._y), self._validation = choices.split(self._problem, x, targets, validation, self._rng)
        self._size = len(self._x) if batch_size is None else min(count("batch_size", batch_size), len(self._x))
        self._rule = rule_for(early_stopping, self._validation is not None)
        self._best = Best(self._rule) if self._rule else None
        self._average = average_for(average)
        self._metrics = choices.metrics(metrics, loss)
        for name, metric in self._metrics:
            if name in METRICS:  # which look at the targets, and had better do so now
                metric(np.zeros_like(self._y), self._y)
        self._callbacks = choices.listed(callbacks)
        self._path = choices.checkpoint_path(checkpoint, resume, seed)
        choices.check_monitor(self._rule, self._metrics, penalty is not None)
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
            "model": choices.name(self.model),
            "parameters": f"{len(parameters)}, from {parameters[0].label} to {parameters[-1].label}",
            "loss": choices.name(self._loss),
            "penalty": choices.name(self._problem.penalty),
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
