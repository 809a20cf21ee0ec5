"""What happened in a training run: every curve as an array, and how the run went."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


PER_STEP = ("step_loss", "learning_rate")  # the curves with a number for each step, not for each epoch


class History:
    """The record of a run of ``fit``.

    ``history["loss"]`` is a curve, an array with one number for each complete epoch, and ``list(history)`` names them:

    - ``loss``: what is minimised: the loss over the epoch's samples, each taken before the update it led to (the mean,
      or the sum where ``fit`` was asked for that), plus the penalty;
    - ``penalty``, where there is one: its share in that;
    - ``validation_loss``, where there is validation data: the mean loss over it at the end of the epoch;
    - a curve for each metric, such as ``accuracy`` and ``validation_accuracy``, at the end of the epoch;
    - ``step_loss`` and ``learning_rate``: one number for each step, those of an epoch cut short included.

    Two histories are equal if all but their times is.

    Attributes:
        path: "compiled" or "eager".
        why: why it was not compiled; "" if it was.
        stopped: "epochs" (all were done), "early stopping", "callback" or "interrupted"; "" while the run goes on.
        best_epoch: with early stopping, the number of the epoch (from 1 on) whose weights the model has now; else None.
        compile_seconds: how long compiling took.
        seconds: how long the rest took.
    """

    def __init__(self, path: str = "", why: str = "") -> None:
        self.path, self.why = path, why
        self.stopped = ""
        self.best_epoch: int | None = None
        self.compile_seconds = self.seconds = 0.0
        self._curves: dict[str, list[float]] = {}

    def __getitem__(self, name: str) -> Array:
        """Return a curve by name.

        Raises:
            KeyError: there is no such curve; the message lists those there are.
        """
        return np.array(self._curve(name))

    def __iter__(self) -> Iterator[str]:
        return iter(self._curves)

    def __contains__(self, name: object) -> bool:
        return name in self._curves

    def append(self, name: str, number: float) -> None:
        """Add a number to a curve."""
        self._curves.setdefault(name, []).append(number)

    def last(self, name: str) -> float:
        """Return the last number of a curve.

        Raises:
            KeyError: there is no such curve; the message lists those there are.
        """
        return self._curve(name)[-1]

    def best(self, name: str) -> float:
        """Return the number of a curve in the epoch whose weights the model has: the best one, or else the last.

        Raises:
            KeyError: there is no such curve.
        """
        return self._curve(name)[-1 if self.best_epoch is None else self.best_epoch - 1]

    def _curve(self, name: str) -> list[float]:
        if name not in self._curves:
            raise KeyError(f"there is no curve {name!r}; this history has {', '.join(self._curves) or 'none yet'}")
        return self._curves[name]

    @property
    def epochs(self) -> int:
        """How many epochs were completed."""
        return len(self._curves.get("loss", ()))

    @property
    def steps(self) -> int:
        """How many updates were done."""
        return len(self._curves.get("step_loss", ()))

    def curves(self) -> dict[str, Array]:
        """Return all curves by name."""
        return {name: np.array(numbers) for name, numbers in self._curves.items()}

    def restore(self, curves: dict[str, Array]) -> None:
        """Take over the curves of an earlier part of the run."""
        self._curves = {name: array.tolist() for name, array in curves.items()}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, History):
            return NotImplemented
        facts = [(h.path, h.why, h.stopped, h.best_epoch, list(h)) for h in (self, other)]
        return facts[0] == facts[1] and all(np.array_equal(self[name], other[name], equal_nan=True) for name in self)

    __hash__ = None  # type: ignore[assignment]  # it changes as the run goes on

    def __repr__(self) -> str:
        last = ", ".join(f"{name} {numbers[-1]:.4g}" for name, numbers in self._curves.items() if name not in PER_STEP)
        how = f"{self.path}: {self.why}" if self.why else self.path
        stop = f"stopped by {self.stopped}" if self.stopped not in ("", "epochs") else ""
        best = f"weights of epoch {self.best_epoch}" if self.best_epoch is not None else ""
        time = f"{self.compile_seconds + self.seconds:.3g} s"
        parts = [f"{self.epochs} epochs, {self.steps} steps in {time}", how, stop, best, last]
        return f"History({'; '.join(part for part in parts if part)})"
