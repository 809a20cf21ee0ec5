"""What is to be learned: a model and a loss, the parameters, the penalty, and the data in the form they take."""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, SupportsFloat

import numpy as np
from numpy.typing import NDArray

from autograd import Value, no_grad
from autograd.errors import RangeError
from nn.dropout import Dropout
from nn.errors import SettingError, ShapeError
from nn.layers import MLP, Layer, Neuron
from nn.module import Module
from nn.sequential import Sequential
from nn.targets import kind_of, name_of, prepare

Array = NDArray[np.float64]
Model = Callable[[Any], Any]
Loss = Callable[[Any, Any], Any]


MOST_TRIED = 20  # different targets of which the loss is tried before a run


class Problem:
    """A model, its loss, the parameters that are learned, and a penalty with the weights that it is put on."""

    def __init__(
        self,
        model: Model,
        loss: Loss | None,
        parameters: list[Value],
        penalty: Callable[[Sequence[Value]], Any] | None = None,
        penalised: Sequence[Value] = (),
    ) -> None:
        self.model, self.loss, self.parameters = model, loss, parameters
        self.penalty, self.penalised = penalty, list(penalised)
        self.dropouts = (
            [part for part in model.modules() if isinstance(part, Dropout)] if isinstance(model, Module) else []
        )

    def sample_loss(self, x: Any, y: Any, *masks: Any) -> Any:
        """Return the loss of one sample in training mode, with one mask for each Dropout."""
        assert self.loss is not None
        with ExitStack() as stack:
            for dropout, mask in zip(self.dropouts, masks, strict=True):
                stack.enter_context(dropout.masked(mask))
            loss = self.loss(self.model(x), y)
        if not isinstance(loss, Value):
            raise SettingError(
                f"the loss of a sample is one Value that is made of the model's outputs; the loss returned "
                f"{reprlib.repr(loss)}"
            )
        return loss

    def penalty_value(self) -> Value:
        """Return the penalty on the weights."""
        assert self.penalty is not None
        penalty = self.penalty(self.penalised)
        if not isinstance(penalty, Value):
            raise SettingError(
                f"a penalty is one Value made of the weights, as in l2(1e-4); this one returned {reprlib.repr(penalty)}"
            )
        return penalty

    @property
    def has_modes(self) -> bool:
        """Whether the model may compute something else in training than afterwards."""
        parts = self.model.modules() if isinstance(self.model, Module) else []
        return any(type(part) not in (MLP, Layer, Neuron, Sequential) for part in parts)

    def try_loss(self, x: Array, y: Array) -> None:
        """Compute the loss of some samples eagerly, since only then losses see and check the targets.

        Raises:
            AutogradError: what the loss says of a target, or of an output.
        """
        assert self.loss is not None
        _, rows = np.unique(y.reshape(len(y), -1), axis=0, return_index=True)
        with no_grad(), self.keeping_modes():
            self.train(False)
            for row in sorted({0, *rows[:MOST_TRIED].tolist(), int(rows[-1])}):
                with suppress(RangeError):  # exp(1000), say, which a program takes for ∞
                    self.loss(self.model(x[row].tolist()), y[row].tolist())

    def train(self, mode: bool) -> None:
        """Switch the model between training and evaluation, which Dropout asks for."""
        if isinstance(self.model, Module):
            self.model.train(mode)

    @contextmanager
    def keeping_modes(self) -> Iterator[None]:
        """Give every part of the model back the mode, training or not, that it had before."""
        modes = [(part, part.training) for part in self.model.modules()] if isinstance(self.model, Module) else []
        try:
            yield
        finally:
            for part, mode in modes:
                part.training = mode

    def outputs(self, x: Array) -> int:
        """Run the model on one sample and return how many outputs it has; each Dropout then knows its size.

        Raises:
            ShapeError: it returns lists of lists, which only a loss of the user's own can take.
        """
        self.train(False)
        try:
            with no_grad():
                output = np.asarray(as_floats(self.model(x[0].tolist())))
        except TypeError as error:
            if x.ndim == 2 and x.shape[1] == 1:
                error.add_note("each sample is a list of one number; for a model of a plain number give X[:, 0]")
            raise
        except ShapeError as error:
            if x.ndim == 1:
                error.add_note(
                    f"X has the shape {x.shape}: that is {len(x)} samples of one number. For one sample of {len(x)} "
                    "numbers give [X]; X[:1] of an array of samples is its first one"
                )
            raise
        if output.ndim > 1 and self.loss is not None and kind_of(self.loss) is not None:
            raise ShapeError(
                f"{name_of(self.loss)} takes one output or a list of them, and the model returns lists of shape "
                f"{output.shape}; write a loss of your own that adds it up over them"
            )
        return output.size if output.ndim else 1

    def targets(self, x: Array, y: Any) -> Array:
        """Return the targets of some samples as the loss takes them; see nn/targets.py.

        Raises:
            ShapeError: there are not as many targets as samples.
            DataError: the loss cannot take them.
        """
        if not callable(self.loss):
            raise SettingError(f"loss is a function of an output and a target, as in nn/losses.py; not {self.loss!r}")
        targets = prepare(self.loss, y, self.outputs(x))
        if len(targets) != len(x):
            raise ShapeError(f"there are {len(x)} samples in X and {len(targets)} targets in y; there must be as many")
        return targets


def as_floats(output: Any) -> Any:
    """Return a model's output, a Value or nested lists of them, as a float or nested lists of floats."""
    if isinstance(output, (list, tuple, np.ndarray)) and np.ndim(output):
        return [as_floats(part) for part in output]
    if output is None:
        raise SettingError("the model returned None; does it lack its return statement?")
    if not isinstance(output, SupportsFloat):
        raise SettingError(f"a model returns one Value or a list of them, not {reprlib.repr(output)}")
    return float(output)
