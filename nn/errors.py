"""What can go wrong in nn, beside what autograd/errors.py lists.

AutogradError
├── SettingError(ValueError)    an option that cannot be: an unknown activation, a learning rate of 0, no neurons
├── ShapeError(ValueError)      a neuron with 2 weights was given 3 inputs
├── DataError(ValueError)       data that cannot be learned from: NaN, ragged rows, a label out of range
├── StateError(ValueError)      a state_dict that does not fit the model
├── FileFormatError(ValueError) a file that is not ours, is damaged, or was written by a later version
└── NonFiniteError
    └── DivergedError           the loss of a training run became nan or infinite
        └── DescentError        so did a function in ``gradient_descent``; it stands in nn/descent.py
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograd.errors import AutogradError, NonFiniteError

if TYPE_CHECKING:
    from nn.training.history import History


class SettingError(AutogradError, ValueError):
    """An option has a value that it cannot have; the message lists or describes those it can."""


class ShapeError(AutogradError, ValueError):
    """There are not as many of one thing as of another: inputs and weights, outputs and targets, samples and labels."""


class DataError(AutogradError, ValueError):
    """Data cannot be learned from; the message names the row, the column and what stands there."""


class StateError(AutogradError, ValueError):
    """A state_dict lacks a parameter of the model, or has one that the model does not know."""


class FileFormatError(AutogradError, ValueError):
    """A file is not one of this package, is damaged, or holds something else than what is asked for."""


class DivergedError(NonFiniteError):
    """The loss of a training run became nan or infinite; ``history`` is the run's up to there."""

    def __init__(self, message: str, history: History | None = None) -> None:
        super().__init__(message)
        self.history = history
