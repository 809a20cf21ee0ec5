"""The single units of the lectures, from the binary threshold unit of 1943 to the support vector machine.

    unit                    output               learns by
    ThresholdUnit           0 or 1               nothing: its weights are given
    Perceptron              0 or 1 (-1 or 1)     the convergence procedure: adding and subtracting inputs
    MulticlassPerceptron    a score each class   the same, on the templates of two classes
    Adaline                 a number             the delta rule: down the gradient of the squared error
    LogisticRegression      a probability        down the gradient of the cross-entropy
    LinearSVM               a score each class   down the gradient of the hinge loss

Each one is called on a sample and returns Values, has weights ``w`` and a bias ``b``, and if it learns, ``fit(X, y)``,
which goes on from the present weights. As their parameters are Values, they can be drawn, compiled and trained like any
other Module. The first three are written in perceptron.py. The last three are a Neuron or a Layer with the loss and the
rule that the lectures give them, and weights that start at 0; ``nn.fit`` does the work.

>>> from nn.data import blobs
>>> X, y = blobs(60, centers=[[-1, 0], [1, 0]], noise=0.2)
>>> for unit in Perceptron(2), LogisticRegression(2), LinearSVM(2, classes=2):
...     result = unit.fit(X, y)
>>> result = Adaline(2).fit(X, 2 * y - 1)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd import Value
from nn.layers import Layer, Neuron
from nn.losses import binary_cross_entropy_with_logits, half_squared_error, multiclass_hinge
from nn.optimizers import SGD
from nn.penalties import l2
from nn.perceptron import Convergence, MulticlassPerceptron, Perceptron, Templates, ThresholdUnit, zeros
from nn.training import History, fit

__all__ = [
    "Adaline", "Convergence", "LinearSVM", "LogisticRegression", "MulticlassPerceptron", "Perceptron", "ThresholdUnit",
]  # fmt: skip


class Adaline(Neuron):
    """ADALINE, the adaptive linear neuron: its output is wᵀx + b itself, and it learns from how far off that is.

    After each example w ← w + η (y - wᵀx - b) x and b ← b + η (y - wᵀx - b): the delta rule, also called LMS or the
    Widrow–Hoff rule. It is a step down the gradient of E = ½ (y - wᵀx - b)². (The lecture writes E without the ½, so
    that its gradient has a factor 2, and then drops the factor from the rule.) As a classifier it is taught -1 and 1,
    and its decision is the sign of its output.

    B. Widrow and M. E. Hoff, "Adaptive switching circuits", IRE WESCON Convention Record 4 (1960).

    Args:
        nin: the number of inputs.

    Raises:
        SettingError: not a number of inputs.

    >>> unit = Adaline(1)
    >>> history = unit.fit([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0], learning_rate=0.1)       # y = 2x + 1
    >>> round(unit.w[0].data, 2), round(unit.b.data, 2)
    (2.0, 1.0)
    """

    def __init__(self, nin: int) -> None:
        super().__init__(nin, "linear", initial=zeros)

    def fit(
        self,
        X: Any,  # noqa: N803  # as everywhere in the field
        y: Any,
        learning_rate: float = 0.01,
        epochs: int = 100,
        **options: Any,
    ) -> History:
        """Follow the delta rule, one example at a time.

        Args:
            X: the examples, shape (examples, inputs).
            y: a number for each one.
            learning_rate: η.
            epochs: how many times to go through the examples.
            **options: anything else that ``nn.fit`` takes, such as ``batch_size`` or ``shuffle``.

        Returns:
            The History; its ``loss`` is the mean of ½ (y - wᵀx - b)².

        Raises:
            DataError, ShapeError, SettingError, DivergedError: as ``nn.fit``.
        """
        optimizer = SGD(self.parameters(), learning_rate)
        chosen = {"batch_size": 1, **options}
        return fit(self, X, y, loss=half_squared_error, optimizer=optimizer, epochs=epochs, **chosen)

    def __repr__(self) -> str:
        return f"Adaline({len(self.w)})"


class LogisticRegression(Neuron):
    """Logistic regression: P(y = 1 | x) = σ(wᵀx + b), a sigmoid unit with the cross-entropy as its loss.

    The loss of an example is -ln P(y | x), computed from the logit wᵀx + b, so that it stays finite where the sigmoid
    rounds to 0 or 1. It is convex: there are no valleys to get stuck in.

    Args:
        nin: the number of inputs.

    Raises:
        SettingError: not a number of inputs.

    >>> from nn.data import blobs
    >>> X, y = blobs(100, centers=[[-1.0, 0.0], [1.0, 0.0]], noise=0.5)
    >>> unit = LogisticRegression(2)
    >>> history = unit.fit(X, y, metrics="accuracy")
    >>> history.last("accuracy") > 0.95, unit([2.0, 0.0]) > 0.99
    (True, True)
    """

    def __init__(self, nin: int) -> None:
        super().__init__(nin, "sigmoid", initial=zeros)

    @property
    def logit(self) -> Neuron:
        """The unit without its sigmoid: a linear Neuron that shares the weights and the bias."""
        twin = Neuron(len(self.w), "linear", initial=zeros)
        twin.w, twin.b = self.w, self.b
        return twin

    def fit(
        self,
        X: Any,  # noqa: N803  # as everywhere in the field
        y: Any,
        strength: float = 0.0,
        learning_rate: float = 1.0,
        epochs: int = 100,
        **options: Any,
    ) -> History:
        """Follow the gradient of the mean cross-entropy + strength · Σ w².

        Args:
            X: the examples, shape (examples, inputs).
            y: 0 or 1 for each one.
            strength: λ of the penalty on the weights, which leaves the bias out. On examples that a line separates, the
                weights would grow for ever without it.
            learning_rate: η of each step.
            epochs: how many steps, if all examples are taken at once.
            **options: anything else that ``nn.fit`` takes, such as ``batch_size``, or another ``optimizer``.

        Returns:
            The History.

        Raises:
            DataError, ShapeError, SettingError, DivergedError: as ``nn.fit``.
        """
        return _fit(self.logit, X, y, binary_cross_entropy_with_logits, strength, learning_rate, epochs, options)

    def __repr__(self) -> str:
        return f"LogisticRegression({len(self.w)})"


class LinearSVM(Templates):
    """A linear support vector machine for several classes: scores, margins, data loss + regularisation.

        scores           sⱼ = wⱼᵀx + bⱼ
        margins          max(0, sⱼ - s_y + 1) for each class j that is not the right one, y
        data loss        the mean over the examples of the sum of their margins
        regularisation   λ Σ w²
        loss             data loss + regularisation

    The classes' scores are to be apart by 1; what is further apart costs nothing, so that only the examples near the
    boundary (the support vectors) count. As in Stanford's CS231n, after J. Weston and C. Watkins, "Support vector
    machines for multi-class pattern recognition", ESANN 1999.

    Args:
        nin: the number of inputs.
        classes: how many, at least 2.

    Raises:
        SettingError: an argument that cannot be.

    >>> from nn.data import blobs
    >>> X, y = blobs(150, centers=3)
    >>> machine = LinearSVM(2, classes=3)
    >>> history = machine.fit(X, y, strength=1e-3, metrics="accuracy")
    >>> history.last("accuracy") > 0.95, machine.winner([1.0, 0.0])
    (True, 0)
    """

    def fit(
        self,
        X: Any,  # noqa: N803  # as everywhere in the field
        y: Any,
        strength: float = 1e-3,
        learning_rate: float = 0.1,
        epochs: int = 100,
        **options: Any,
    ) -> History:
        """Follow the gradient of the data loss + regularisation.

        Args:
            X: the examples, shape (examples, inputs).
            y: the class of each one, from 0 on.
            strength: λ.
            learning_rate: η of each step.
            epochs: how many steps, if all examples are taken at once.
            **options: anything else that ``nn.fit`` takes, such as ``batch_size``, or another ``optimizer``.

        Returns:
            The History; its ``loss`` is the sum, its ``penalty`` the regularisation.

        Raises:
            DataError, ShapeError, SettingError, DivergedError: as ``nn.fit``.
        """
        return _fit(self, X, y, multiclass_hinge, strength, learning_rate, epochs, options)


def _fit(
    model: Neuron | Layer,
    X: Any,  # noqa: N803
    y: Any,
    loss: Callable[[Any, Any], Value],
    strength: float,
    learning_rate: float,
    epochs: int,
    options: dict[str, Any],
) -> History:
    optimizer = options.pop("optimizer", None) or SGD(model.parameters(), learning_rate)
    penalty = None if strength == 0 else l2(strength)
    return fit(model, X, y, loss=loss, penalty=penalty, optimizer=optimizer, epochs=epochs, **options)
