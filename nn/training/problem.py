"""What is to be learned: a model and a loss, the parameters, the penalty, and the data in the form they take."""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd import Value, no_grad
from nn.dropout import Dropout
from nn.errors import SettingError, ShapeError
from nn.module import Module
from nn.targets import kind_of, name_of, prepare

Array = NDArray[np.float64]
Model = Callable[[Any], Any]
Loss = Callable[[Any, Any], Any]


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

    def penalty_value(self) -> Any:
        """Return the penalty on the weights."""
        assert self.penalty is not None
        return self.penalty(self.penalised)

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
    if isinstance(output, (list, tuple)):
        return [as_floats(part) for part in output]
    if output is None:
        raise SettingError("the model returned None; does it lack its return statement?")
    return float(output)
