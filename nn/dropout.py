"""Dropout: while training, leave out units at random, so that none of them can rely on another.

N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever and R. Salakhutdinov, "Dropout: a simple way to prevent neural
networks from overfitting", Journal of Machine Learning Research 15 (2014).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, SupportsFloat

import numpy as np
from numpy.typing import NDArray

from autograd.errors import CompileError
from autograd.modes import is_recording
from autograd.value import Value, operands
from nn.draws import Seed, generator
from nn.errors import SettingError, ShapeError
from nn.layers import Sample, inputs_of
from nn.module import Module
from nn.settings import count


class Dropout(Module):
    """Each unit is kept with probability 1 - p and then divided by it, or else set to 0: x ← x · m, m ∈ {0, 1/(1-p)}.

    So the mean of what comes out is x ("inverted" dropout), and after training, in ``eval()`` mode, x stays as it is.
    In training mode every call draws a new mask, unless it stands in ``with dropout.masked(mask):``. ``nn.fit`` uses
    that: the masks of a batch are inputs of its program.

    Give every place of a model a Dropout of its own: each of them draws, and is given, masks of one size.

    Args:
        rate: p, the probability of being left out: 0 ≤ p < 1. Usual are 0.5 for hidden units and 0.2 for inputs.
        seed: of the masks: a whole number for the same ones every time, a generator, or None for fresh ones.

    Attributes:
        rate: p.
        rng: the generator of the masks.
        size: how many units the last call had; None before the first.

    Raises:
        SettingError: a rate outside of [0, 1), or no seed.

    >>> dropout = Dropout(0.5, seed=0)
    >>> [x.data for x in dropout([1.0, 2.0, 3.0, 4.0])]
    [2.0, 0.0, 0.0, 0.0]
    >>> with dropout.masked([0.0, 0.0, 2.0, 2.0]):
    ...     [x.data for x in dropout([1.0, 2.0, 3.0, 4.0])]
    [0.0, 0.0, 6.0, 8.0]
    >>> [x.data for x in dropout.eval()([1.0, 2.0, 3.0, 4.0])]
    [1.0, 2.0, 3.0, 4.0]
    """

    def __init__(self, rate: float = 0.5, seed: Seed = None) -> None:
        if not isinstance(rate, (int, float, np.integer, np.floating)) or not 0.0 <= rate < 1.0:
            raise SettingError(f"the rate of Dropout is the share of units left out, 0 ≤ rate < 1, not {rate!r}")
        self.rate = float(rate)
        self.rng = generator(seed)
        self.size: int | None = None
        self._mask: tuple[Value, ...] | None = None
        self._mask_is_used = False

    def __call__(self, x: Sample) -> Any:
        """Return the units with some left out: a list, or one Value for one.

        Raises:
            ShapeError: the mask given has another number of units, or was used by a call before.
            CompileError: a program is being recorded in training mode without a mask.
        """
        units = inputs_of(x)
        self.size = len(units)
        if self.training and units:
            units = tuple(unit * kept for unit, kept in zip(units, self._mask_for(units), strict=True))
        several = isinstance(x, Iterable) and not (isinstance(x, np.ndarray) and x.ndim == 0)
        return list(units) if several else units[0]

    @contextmanager
    def masked(self, mask: Iterable[SupportsFloat]) -> Iterator[None]:
        """Use this mask instead of a drawn one, for the next call in training mode.

        One call has one mask. A second call inside of the same ``with`` is an error, since it would be another sample,
        or another place of the model, that silently had the same units left out.

        Args:
            mask: a number or Value for each unit: 0, or 1/(1-p) to keep it, as ``draw`` gives them.

        >>> dropout = Dropout(0.2)
        >>> x = Value(3.0)
        >>> with dropout.masked([1.25]):
        ...     y = dropout(x)
        >>> y.data
        3.75
        """
        before = self._mask, self._mask_is_used
        self._mask, self._mask_is_used = operands(mask), False
        try:
            yield
        finally:
            self._mask, self._mask_is_used = before

    def draw(self, samples: int, size: int | None = None) -> NDArray[np.float64]:
        """Draw masks: an array of shape (samples, size) of 0 and 1/(1-p).

        Row for row they are what as many calls would draw.

        Args:
            samples: how many masks.
            size: the number of units; by default that of the last call.

        Raises:
            SettingError: a count is not a whole number of at least 1, or the size is not known yet.

        >>> Dropout(0.2, seed=0).draw(2, 3)
        array([[1.25, 1.25, 0.  ],
               [0.  , 1.25, 1.25]])
        """
        samples = count("number of samples", samples)
        if size is None and self.size is None:
            raise SettingError("how many units a Dropout has is known after a call; call the model once, or give size")
        size = count("number of units (size)", self.size if size is None else size)
        return np.where(self.rng.random((samples, size)) < self.rate, 0.0, 1.0 / (1.0 - self.rate))

    def members(self) -> Iterator[tuple[str, Value | Module]]:
        """Yield nothing: there is nothing to learn here."""
        return iter(())

    def _mask_for(self, units: tuple[Value, ...]) -> tuple[Value, ...]:
        """Return the mask of the present call."""
        if self._mask is None:
            if is_recording():
                raise CompileError(
                    "Dropout in training mode leaves out other units at every call, and a program would leave out the "
                    "same ones for ever. Compile model.eval(), or make the mask an argument of the function and call "
                    "the model within `with dropout.masked(mask):`; nn.fit does so by itself"
                )
            return operands(self.draw(1, len(units))[0].tolist())
        if self._mask_is_used:
            raise ShapeError(
                "this Dropout was called twice with one mask. If it stands at several places of the model, give each "
                "place a Dropout of its own; if there are several samples, give each a mask: "
                "`with dropout.masked(mask): model(x)`"
            )
        if len(self._mask) != len(units):
            raise ShapeError(f"a Dropout of {len(units)} units was given a mask of {len(self._mask)}")
        self._mask_is_used = True
        return self._mask

    def __repr__(self) -> str:
        return f"Dropout({self.rate:g})"
