"""Early stopping: a run ends when a curve has not improved for some epochs, and the best weights are kept."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.errors import SettingError
from nn.settings import count, not_negative
from nn.training.history import History

Array = NDArray[np.float64]


@dataclass(frozen=True)
class EarlyStopping:
    """When to stop: a setting of ``fit``; ``early_stopping=10`` is short for ``EarlyStopping(patience=10)``.

    Attributes:
        patience: how many epochs without a new best are waited for.
        monitor: the curve that is watched, such as "validation_loss" or "validation_accuracy".
        mode: "min" if smaller is better, "max" if larger is; None for "max" with accuracy and r2, else "min".
        min_delta: how much better than the best so far counts as a new best.

    Raises:
        SettingError: a setting that cannot be.

    >>> EarlyStopping(5, "validation_accuracy").sign
    -1.0
    """

    patience: int = 10
    monitor: str = "validation_loss"
    mode: str | None = None
    min_delta: float = 0.0

    def __post_init__(self) -> None:
        count("number of epochs to wait (patience)", self.patience)
        if self.mode not in (None, "min", "max"):
            raise SettingError(f"mode is 'min' or 'max', or None to go by the curve's name; not {self.mode!r}")
        not_negative("min_delta", self.min_delta)

    @property
    def sign(self) -> float:
        """1 if smaller is better, -1 if larger is."""
        larger = self.mode == "max" or (self.mode is None and self.monitor.endswith(("accuracy", "r2")))
        return -1.0 if larger else 1.0


class Best:
    """The best epoch so far.

    Attributes:
        epoch: its number, from 1 on; 0 before the first.
        value: what the watched curve was then, with the sign that makes smaller better.
        theta: the weights then.
    """

    def __init__(self, rule: EarlyStopping) -> None:
        self.rule = rule
        self.epoch, self.value = 0, math.inf
        self.theta: Array | None = None

    def look(self, history: History, theta: Array) -> bool:
        """Take note of an epoch that has ended; return whether it is time to stop."""
        value = self.rule.sign * history.last(self.rule.monitor)
        if value < self.value - (self.rule.min_delta if self.epoch else 0.0):
            self.epoch, self.value, self.theta = history.epochs, value, theta.copy()
        return history.epochs - self.epoch >= self.rule.patience

    def state(self) -> dict[str, Array]:
        """Return what is known as arrays."""
        if self.theta is None:
            return {}
        return {"best": self.theta, "best_epoch": np.array(float(self.epoch)), "best_value": np.array(self.value)}

    def restore(self, state: dict[str, Array]) -> None:
        """Go on from a state."""
        if "best" in state:
            self.theta = state["best"].copy()
            self.epoch, self.value = int(state["best_epoch"]), float(state["best_value"])


def rule_for(setting: Any, validates: bool) -> EarlyStopping | None:
    """Return the rule that a setting of ``fit`` stands for: None, a number of epochs, or an EarlyStopping."""
    if setting is None:
        return None
    rule = setting if isinstance(setting, EarlyStopping) else EarlyStopping(setting)
    if rule.monitor.startswith("validation_") and not validates:
        raise SettingError(
            f"early stopping watches {rule.monitor!r} but there is no validation data; give validation=0.2 or (X, y), "
            "or watch another curve: EarlyStopping(monitor='loss')"
        )
    return rule
