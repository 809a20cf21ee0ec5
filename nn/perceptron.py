"""Units with a threshold: the one whose weights are given, and those that learn by the perceptron procedure.

>>> from nn.data import logic
>>> X, y = logic("or")
>>> unit = Perceptron(2)
>>> unit.fit(X, y)
Convergence(converged after 4 epochs; mistakes 2, 2, 1, 0)
>>> [unit(x).data for x in X]
[0.0, 1.0, 1.0, 1.0]
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any, SupportsFloat

import numpy as np
from numpy.typing import NDArray

from autograd import Value, no_grad
from autograd.value import number, operands
from nn.errors import DataError, SettingError, ShapeError
from nn.layers import Layer, Neuron, Sample
from nn.module import Module
from nn.preparation import samples
from nn.settings import count

Example = tuple[tuple[Value, ...], list[float], int]  # the inputs as Values and as numbers, and the target


class ThresholdUnit(Neuron):
    """The binary threshold unit: 1 if w₁x₁ + … + wₙxₙ ≥ θ, else 0.

    A spike is the truth value of a proposition, and a unit combines truth values: W. S. McCulloch and W. Pitts, "A
    logical calculus of the ideas immanent in nervous activity", Bulletin of Mathematical Biophysics 5 (1943).

    No such unit computes XOR ("different") or XNOR: it cannot even tell if two features of one bit are the same. That
    would take four inequalities:

        same:       (1, 1) → 1   w₁ + w₂ ≥ θ        different:  (1, 0) → 0   w₁ < θ
                    (0, 0) → 1         0 ≥ θ                    (0, 1) → 0   w₂ < θ

    The left two add up to w₁ + w₂ ≥ 2θ, the right two to w₁ + w₂ < 2θ: no weights and threshold satisfy all four. For
    XOR each sign is the other way round, and the contradiction is the same.

    Args:
        weights: w, one for each input.
        threshold: θ; the unit's bias ``b`` is -θ.

    Raises:
        SettingError: there are no weights, or a number is not finite.
        OperandError: a weight or the threshold is not a number.

    >>> both, either = ThresholdUnit([1, 1], threshold=1), ThresholdUnit([1, 1], threshold=-1)
    >>> [(both(x).data, either(x).data) for x in [(-1, -1), (-1, 1), (1, -1), (1, 1)]]
    [(0.0, 0.0), (0.0, 1.0), (0.0, 1.0), (1.0, 1.0)]
    """

    def __init__(self, weights: Iterable[SupportsFloat], threshold: SupportsFloat = 0.0) -> None:
        given, bias = [w.data for w in operands(weights)], 0.0 - number(threshold)
        if not all(map(math.isfinite, (*given, bias))):
            raise SettingError(f"weights and threshold are finite numbers, not {given} and {threshold!r}")
        super().__init__(len(given), "step", initial=lambda *_: given)
        self.b.data = bias

    @property
    def threshold(self) -> float:
        """θ, which the total input has to reach."""
        return 0.0 - self.b.data

    def __repr__(self) -> str:
        return f"ThresholdUnit({[w.data for w in self.w]}, threshold={self.threshold})"


@dataclass(frozen=True, eq=False, repr=False)
class Convergence:
    """How the perceptron convergence procedure went.

    Attributes:
        mistakes: how many there were in each epoch.
        weights: before the first epoch and after each one, in the order of the unit's ``parameters()``; an array of
            shape (epochs + 1, parameters).
        converged: whether the last epoch went without a mistake, so that the unit is right on every example.
        cycle: if the weights after the last epoch are those after an earlier one (or the first ones), how many epochs
            lie between; else None. As nothing in the procedure is left to chance, it then goes round for ever; and as
            it converges wherever any weights are right on every example, none are (if numbers of very different size
            have not led to rounding).
    """

    mistakes: list[int]
    weights: NDArray[np.float64]
    converged: bool
    cycle: int | None

    def __repr__(self) -> str:
        done = len(self.mistakes)
        epochs = f"{done} epoch{'' if done == 1 else 's'}"
        if self.converged:
            how = f"converged after {epochs}"
        elif self.cycle is not None:
            before = f"after {done - self.cycle}" if self.cycle < done else "at the start"
            how = f"never converges: the weights after {epochs} are those {before}"
        else:
            how = f"not converged in {epochs}"
        shown = ", ".join(map(str, self.mistakes[:10])) + (", …" if done > 10 else "")
        return f"Convergence({how}; mistakes {shown})"


class Perceptron(Neuron):
    """The perceptron: a threshold unit that learns its weights, by the perceptron convergence procedure.

    Where the output for an example is its target, the weights are left alone. Where it is not:

        outputs 0 and 1      incorrectly 0: w ← w + x, b ← b + 1;   incorrectly 1: w ← w - x, b ← b - 1
        outputs -1 and 1     w ← w + y x, b ← b + y, where y is the target

    The bias is the weight of an input that is always 1. All start at 0. If any weights are right on all examples, the
    procedure finds such weights; if not, it never ends. On whole numbers its weights then come back to where they were,
    because they cannot grow for ever (the perceptron cycling theorem), and ``fit`` notices.

    F. Rosenblatt, "Principles of Neurodynamics", 1962; A. B. J. Novikoff, "On convergence proofs on perceptrons", 1962;
    M. Minsky and S. Papert, "Perceptrons", 1969, for what it cannot learn.

    Args:
        nin: the number of inputs.
        activation: "step" for outputs 0 and 1, where a total input of 0 gives 1; "sign" for -1 and 1, where a total
            input of 0 gives 0, which is a mistake whatever the target.

    Raises:
        SettingError: an argument that cannot be.

    >>> from nn.data import logic
    >>> X, y = logic("xor", inputs=(-1, 1))
    >>> Perceptron(2, activation="sign").fit(X, 2 * y - 1)
    Convergence(never converges: the weights after 1 epoch are those at the start; mistakes 4)
    """

    def __init__(self, nin: int, activation: str = "step") -> None:
        if activation not in ("step", "sign"):
            raise SettingError(
                f"the activation of a perceptron is 'step', for 0 and 1, or 'sign', for -1 and 1; not {activation!r}"
            )
        super().__init__(nin, activation, initial=zeros)

    def fit(self, X: Any, y: Any, epochs: int = 1000) -> Convergence:  # noqa: N803  # as everywhere in the field
        """Follow the procedure, example after example in the order given, until nothing more can come of it.

        It starts from the present weights, and ends after an epoch without a mistake, or when the weights after an
        epoch are those after an earlier one.

        Args:
            X: the examples, shape (examples, inputs).
            y: for each one the output that is wanted: 0 or 1; with the activation "sign", -1 or 1.
            epochs: how many times to go through the examples at most.

        Raises:
            DataError, ShapeError, SettingError: the examples cannot be learned from; nothing has been changed.
        """
        labels, remedy = {
            "step": ((0, 1), "0 and 1; (y + 1) / 2 makes them of -1 and 1"),
            "sign": ((-1, 1), "-1 and 1; 2 * y - 1 makes them of 0 and 1"),
        }[str(self.activation)]
        examples = _examples(X, y, len(self.w), labels, remedy)

        def correct(example: Example) -> bool:
            inputs, x, target = example
            output = self.fire(inputs).data
            if output != target:
                _add(self, x, target - output if 0 in labels else target)
            return output != target

        return _converge(self, examples, correct, epochs)

    def __repr__(self) -> str:
        return f"Perceptron({len(self.w)}, {self.activation!r})"


class Templates(Layer):
    """Linear scores for several classes: each class has a template, wₖ, and the most similar one wins.

    The score of class k is the template's product with the sample, wₖ·x + bₖ; MulticlassPerceptron and LinearSVM differ
    in how they learn the templates. All weights start at 0.

    Args:
        nin: the number of inputs.
        classes: how many, at least 2.

    Raises:
        SettingError: an argument that cannot be.
    """

    def __init__(self, nin: int, classes: int) -> None:
        if isinstance(classes, bool) or not isinstance(classes, (int, np.integer)) or classes < 2:
            raise SettingError(f"the number of classes is a whole number of at least 2, not {classes!r}")
        super().__init__(nin, int(classes), "linear", initial=zeros)

    @property
    def w(self) -> list[list[Value]]:
        """The templates: the weights of each class."""
        return [neuron.w for neuron in self.neurons]

    @property
    def b(self) -> list[Value]:
        """The bias of each class."""
        return [neuron.b for neuron in self.neurons]

    def winner(self, x: Sample) -> int:
        """Return the class with the highest score; of several, the first."""
        with no_grad():
            scores: list[float] = [score.data for score in self(x)]
        return scores.index(max(scores))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.w[0])}, classes={len(self.neurons)})"


class MulticlassPerceptron(Templates):
    """A perceptron for several classes, which shifts an example between two templates where it guesses wrong.

    If the class with the highest score is the right one, nothing changes. If not, the score of the right class is
    raised and that of the wrong answer lowered, by adding the input to the one template and removing it from the other:

        w_right ← w_right + x, b_right ← b_right + 1;    w_guess ← w_guess - x, b_guess ← b_guess - 1

    Args:
        nin: the number of inputs.
        classes: how many, at least 2.

    Raises:
        SettingError: an argument that cannot be.

    >>> unit = MulticlassPerceptron(2, classes=3)
    >>> unit.fit([[0, 1], [1, 0], [-1, -1]], [0, 1, 2])
    Convergence(converged after 3 epochs; mistakes 2, 1, 0)
    >>> [score.data for score in unit([1, 0])], unit.winner([1, 0])
    ([-1.0, 1.0, 0.0], 1)
    """

    def fit(self, X: Any, y: Any, epochs: int = 1000) -> Convergence:  # noqa: N803  # as everywhere in the field
        """Follow the procedure, as Perceptron.fit does.

        Args:
            X: the examples, shape (examples, inputs).
            y: the class of each one, from 0 on.
            epochs: how many times to go through the examples at most.

        Raises:
            DataError, ShapeError, SettingError: the examples cannot be learned from; nothing has been changed.
        """
        classes = len(self.neurons)
        remedy = f"0 to {classes - 1}; np.unique(y, return_inverse=True)[1] numbers other labels so"
        examples = _examples(X, y, len(self.w[0]), range(classes), remedy)

        def correct(example: Example) -> bool:
            inputs, x, target = example
            guess = self.winner(inputs)
            if guess != target:
                _add(self.neurons[target], x, 1.0)
                _add(self.neurons[guess], x, -1.0)
            return guess != target

        return _converge(self, examples, correct, epochs)


# --- what the procedures share ----------------------------------------------------------------------------------------


def zeros(_rng: np.random.Generator, nin: int, _nout: int) -> list[float]:
    """Return 0 for each weight: a single unit has no symmetry that random weights would have to break."""
    return [0.0] * nin


def _converge(unit: Module, examples: list[Example], correct: Callable[[Example], bool], epochs: int) -> Convergence:
    """Go through the examples until there is an outcome; ``correct`` returns whether the unit was wrong on one."""
    epochs, parameters = count("number of epochs", epochs), unit.parameters()
    path = [tuple(p.data for p in parameters)]
    epoch_with = {path[0]: 0}  # the weights, and the epoch they stood after
    mistakes: list[int] = []
    cycle: int | None = None
    with no_grad():
        while len(mistakes) < epochs and cycle is None and (not mistakes or mistakes[-1] > 0):
            mistakes.append(sum(correct(example) for example in examples))
            path.append(tuple(p.data for p in parameters))
            epoch = len(mistakes)
            if mistakes[-1] > 0 and epoch_with.setdefault(path[-1], epoch) < epoch:
                cycle = epoch - epoch_with[path[-1]]
    return Convergence(mistakes, np.array(path), mistakes[-1] == 0, cycle)


def _add(neuron: Neuron, x: list[float], times: float) -> None:
    """Add an input to a neuron's weights, and as much to its bias."""
    for w, x_i in zip(neuron.w, x, strict=True):
        w.data += times * x_i
    neuron.b.data += times


def _examples(X: Any, y: Any, nin: int, labels: Collection[int], remedy: str) -> list[Example]:  # noqa: N803
    """Return the examples one by one; ``remedy`` says in words what the labels are, and how to make them."""
    x, targets = samples(X), samples(y, "y")
    x = x.reshape(-1, 1) if x.ndim == 1 else x
    if x.ndim != 2 or x.shape[1] != nin:
        raise ShapeError(f"the unit has {nin} inputs, so X has the shape (examples, {nin}); not {x.shape}")
    if targets.shape != (len(x),):
        raise ShapeError(f"X has {len(x)} examples, so y has the shape ({len(x)},); not {targets.shape}")
    for i, target in enumerate(targets.tolist()):
        if target not in labels:
            raise DataError(f"y[{i}] is {target:g}; this unit learns the labels {remedy}")
    return [(operands(row), row, int(target)) for row, target in zip(x.tolist(), targets.tolist(), strict=True)]
