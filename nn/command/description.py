"""What a model's inputs and outputs stand for, so that a file from outside can be read, and the answer understood."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.errors import AutogradError
from nn import metrics, saving
from nn.errors import FileFormatError
from nn.layers import MLP
from nn.preparation import Standardiser

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Description:
    """What a model's inputs and outputs stand for.

    Two classes are one output z, with P(second class) = 1 / (1 + e⁻ᶻ); K classes are K outputs, with
    P(class k) = exp(zₖ) / Σ exp(zⱼ); a number is one output.

    Attributes:
        columns: the names of the inputs.
        target: the name of what is predicted.
        classes: the names of the classes; None if a number is predicted.
        inputs: how the inputs were standardised, if they were.
        outputs: how the numbers to be predicted were standardised, if they were.
    """

    columns: tuple[str, ...]
    target: str
    classes: tuple[str, ...] | None = None
    inputs: Standardiser | None = None
    outputs: Standardiser | None = None

    @property
    def count(self) -> int:
        """How many outputs the model has."""
        return 1 if self.classes is None or len(self.classes) == 2 else len(self.classes)

    def scaled(self, X: Array) -> Array:  # noqa: N803  # as everywhere in the field
        """Return samples as the model takes them."""
        return X if self.inputs is None else self.inputs.transform(X)

    def probabilities(self, outputs: Array) -> Array:
        """Return the probability of each class for the outputs of n samples, shape (n, K).

        >>> Description(("x",), "kind", ("a", "b")).probabilities(np.array([0.0, 1000.0]))
        array([[0.5, 0.5],
               [0. , 1. ]])
        """
        scores = outputs if outputs.ndim == 2 else np.stack([np.zeros_like(outputs), outputs], axis=1)
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        result: Array = powers / powers.sum(axis=1, keepdims=True)
        return result

    def numbers(self, outputs: Array) -> Array:
        """Return the predicted numbers for the outputs of n samples, shape (n,)."""
        return outputs if self.outputs is None else self.outputs.inverse(outputs)

    def score(self, outputs: Array, targets: NDArray[Any]) -> str:
        """Say how good the outputs for n samples are.

        Args:
            outputs: the model's.
            targets: class numbers, or numbers in the unit they came in.
        """
        if self.classes is not None:
            share = metrics.accuracy(outputs, targets)
            return f"accuracy {share:.4g} ({round(share * len(targets))} of {len(targets)})"
        numbers = self.numbers(outputs)
        return f"r2 {metrics.r2(numbers, targets):.4g}, mae {metrics.mae(numbers, targets):.4g}"

    # --- in a model's file ---

    def as_dict(self) -> dict[str, Any]:
        """Return what ``model.save(path, about=…)`` takes."""
        parts: dict[str, Any] = {"columns": self.columns, "target": self.target, "classes": self.classes}
        for name, standardiser in (("inputs", self.inputs), ("outputs", self.outputs)):
            parts[name] = standardiser and {"mean": standardiser.mean, "scale": standardiser.scale}
        return parts

    @classmethod
    def of_file(cls, path: str | os.PathLike[str], model: MLP) -> Description:
        """Read the description from a model's file.

        Raises:
            FileFormatError: there is none in it, or it does not fit the model.
        """
        about = saving.about(path)
        try:
            classes = about["classes"]
            description = cls(
                tuple(map(str, about["columns"])),
                str(about["target"]),
                None if classes is None else tuple(map(str, classes)),
                *(about[name] and Standardiser(**about[name]) for name in ("inputs", "outputs")),
            )
            layers = model.layers
            fits = (len(layers[0].neurons[0].w), len(layers[-1].neurons)) == (
                len(description.columns),
                description.count,
            )
        except (KeyError, TypeError, AutogradError):
            fits = False
        if not fits:
            raise FileFormatError(
                f"{os.fspath(path)} holds a model, but not the names of its inputs and outputs, which glassgrad train "
                "--save writes; in Python, nn.load_model reads it and nn.predict uses it"
            )
        return description
