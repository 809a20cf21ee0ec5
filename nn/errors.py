"""What can go wrong in nn, beside what autograd/errors.py lists.

AutogradError
├── SettingError(ValueError)    an option that cannot be: an unknown activation, a learning rate of 0, no neurons
├── ShapeError(ValueError)      a neuron with 2 weights was given 3 inputs
└── StateError(ValueError)      a state_dict that does not fit the model
"""

from __future__ import annotations

from autograd.errors import AutogradError


class SettingError(AutogradError, ValueError):
    """An option has a value that it cannot have; the message lists or describes those it can."""


class ShapeError(AutogradError, ValueError):
    """The number of inputs is not the number of weights."""


class StateError(AutogradError, ValueError):
    """A state_dict lacks a parameter of the model, or has one that the model does not know."""
