"""Estimators for scikit-learn: a multi-layer perceptron that classifies, and one that predicts numbers.

They go where any estimator of scikit-learn goes: into a Pipeline, cross_val_score, GridSearchCV. Settings and results
have the names of scikit-learn's own ``MLPClassifier`` and ``MLPRegressor``, so that a change of the import is enough;
what is trained is a model of ours, ``model_``, with scalar weights that can be looked at, drawn and explained.

>>> from sklearn.pipeline import make_pipeline
>>> from sklearn.preprocessing import StandardScaler
>>> from nn import moons
>>> X, y = moons(100, seed=0)
>>> classifier = MLPClassifier((16, 16), learning_rate_init=0.05, random_state=0)
>>> pipeline = make_pipeline(StandardScaler(), classifier).fit(X, y)
>>> pipeline.score(X, y) > 0.98
True
"""

from __future__ import annotations

import math
import threading
import warnings
from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from autograd.value import Value
from nn.draws import generator
from nn.errors import DataError, SettingError
from nn.layers import MLP
from nn.losses import binary_cross_entropy_with_logits, cross_entropy, half_squared_error
from nn.optimizers import SGD, Adam, Optimizer
from nn.penalties import l2
from nn.preparation import split_rows
from nn.training import EarlyStopping, fit
from nn.training.problem import Problem
from nn.training.steps import Steps, steps_for

try:
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.utils import check_random_state
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError as error:
    raise ImportError('nn.estimators needs scikit-learn 1.6 or later: pip install "glassgrad[sklearn]"') from error

Array = NDArray[np.float64]

ACTIVATIONS = {"identity": "linear", "logistic": "sigmoid"}  # by scikit-learn's names; others have ours


class _MLP(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """What the two estimators share: the settings, and how a model is trained."""

    def __init__(
        self,
        hidden_layer_sizes: int | Sequence[int] = (100,),
        activation: str = "relu",
        *,
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: int | str = "auto",
        learning_rate_init: float = 0.001,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: float = 10,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change

    def _train(self, x: Array, y: NDArray[Any], outputs: int, loss: Callable[..., Value], score: str) -> None:
        """Train a new model on checked data, and note what became of it.

        Args:
            x: samples.
            y: targets, as ``loss`` takes them.
            outputs: how many the model is to have.
            loss: what to minimise.
            score: the metric that early stopping watches.
        """
        self._check_settings()
        rng = generator(_seed(self.random_state))
        hidden = np.atleast_1d(self.hidden_layer_sizes).tolist()
        activation = ACTIVATIONS.get(self.activation, self.activation)
        model = MLP(x.shape[1], [*map(int, hidden), outputs], activation, initial="xavier", seed=rng)
        validation = None
        if self.early_stopping:
            labels = y if score == "accuracy" else None
            rows, held_back = split_rows(len(x), float(self.validation_fraction), rng, labels)
            x, y, validation = x[rows], y[rows], (x[held_back], y[held_back])
        batch = min(len(x), 200 if isinstance(self.batch_size, str) else self.batch_size)
        watched = f"validation_{score}" if self.early_stopping else "loss"
        stopping = None
        if self.n_iter_no_change < math.inf:
            stopping = EarlyStopping(int(self.n_iter_no_change), watched, min_delta=self.tol)
        history = fit(
            model,
            x,
            y,
            loss=loss,
            penalty=l2(self.alpha / (2.0 * batch)) if self.alpha else None,
            optimizer=self._optimizer(model.parameters()),
            epochs=self.max_iter,
            batch_size=batch,
            shuffle=self.shuffle,
            seed=rng,
            validation=validation,
            early_stopping=stopping,
            metrics=score if self.early_stopping else (),
            progress=bool(self.verbose),
        )
        self.model_, self.history_, self._outputs = model, history, _Outputs(model)
        self.n_layers_, self.n_outputs_, self.n_iter_ = len(hidden) + 2, outputs, history.epochs
        self.loss_curve_ = history["loss"].tolist() if history.epochs else []  # none, if Ctrl-C came at once
        self.loss_ = self.loss_curve_[-1] if self.loss_curve_ else math.nan
        if history.stopped == "epochs" and stopping is not None:
            warnings.warn(
                f"after max_iter={self.max_iter} epochs the {watched.replace('_', ' ')} has not come to rest; more "
                "epochs, standardised features or a larger learning_rate_init may help",
                ConvergenceWarning,
                stacklevel=3,
            )

    def _optimizer(self, parameters: list[Value]) -> Optimizer:
        if self.solver == "adam":
            return Adam(parameters, self.learning_rate_init)
        nesterov = bool(self.nesterovs_momentum and self.momentum)
        return SGD(parameters, self.learning_rate_init, momentum=self.momentum, nesterov=nesterov)

    def _check_settings(self) -> None:
        """Refuse, by their names here, settings that the parts know by another name."""
        sizes = np.atleast_1d(np.array(self.hidden_layer_sizes, dtype=object))
        wanted = {
            "hidden_layer_sizes": (
                sizes.ndim == 1 and all(_at_least_1(size) for size in sizes),
                "the numbers of neurons in the hidden layers, as in (100,)",
            ),
            "solver": (self.solver in ("adam", "sgd"), "'adam' or 'sgd'"),
            "alpha": (_within(self.alpha, 0.0, math.inf), "a number of at least 0"),
            "batch_size": (self.batch_size == "auto" or _at_least_1(self.batch_size), "a number of samples, or 'auto'"),
            "max_iter": (_at_least_1(self.max_iter), "a number of epochs, at least 1"),
            "tol": (_within(self.tol, 0.0, math.inf), "a number of at least 0"),
            "n_iter_no_change": (
                self.n_iter_no_change == math.inf or _at_least_1(self.n_iter_no_change),
                "a number of epochs, at least 1, or math.inf for never stopping early",
            ),
            "validation_fraction": (
                _within(self.validation_fraction, math.ulp(0.0), 1.0),
                "a share between 0 and 1",
            ),
        }
        for name, (right, description) in wanted.items():
            if not right:
                raise SettingError(f"{name} is {description}; not {getattr(self, name)!r}")

    def _raw(self, X: Any) -> Array:  # noqa: N803
        """Return the model's outputs, shape (n, outputs)."""
        check_is_fitted(self)
        x = validate_data(self, X, reset=False, dtype=np.float64)
        return self._outputs(x).reshape(len(x), self.n_outputs_)

    @property
    def coefs_(self) -> list[Array]:
        """The weights of each layer, shape (inputs, neurons)."""
        return [np.array([[w.data for w in neuron.w] for neuron in layer.neurons]).T for layer in self.model_.layers]

    @property
    def intercepts_(self) -> list[Array]:
        """The biases of each layer, shape (neurons,)."""
        return [np.array([neuron.b.data for neuron in layer.neurons]) for layer in self.model_.layers]


class MLPClassifier(ClassifierMixin, _MLP):  # type: ignore[misc]
    """A multi-layer perceptron that classifies, as an estimator of scikit-learn.

    For two classes it has one output z, with P(second class) = 1 / (1 + e⁻ᶻ); for K classes K outputs, with
    P(class k) = exp(zₖ) / Σ exp(zⱼ). It minimises the cross-entropy, -ln P(right class), plus the penalty
    α / (2 m) Σ w² on the weights without the biases, for batches of m samples.

    Args:
        hidden_layer_sizes: the number of neurons in each hidden layer; () for none, which is logistic regression.
        activation: of the hidden neurons: "relu", "tanh", "logistic", "identity", or another operation of one argument
            in autograd's table.
        solver: "adam", or "sgd" for stochastic gradient descent with momentum.
        alpha: α, the strength of the penalty.
        batch_size: samples per step; "auto" for 200, or all if there are fewer.
        learning_rate_init: the learning rate, which stays the same all along.
        max_iter: the largest number of epochs.
        shuffle: whether each epoch takes the samples in a new order.
        random_state: of the first weights, the order and the split: a whole number for the same results every time, a
            numpy.random.RandomState, or None.
        tol: an epoch that improves the loss by less counts as no improvement.
        verbose: whether to show a progress bar (it needs tqdm).
        momentum: of "sgd", from 0 to 1.
        nesterovs_momentum: whether it is Nesterov's.
        early_stopping: whether to hold back samples, and to watch the accuracy on them in place of the loss.
        validation_fraction: the share of the samples that are held back, of each class alike.
        n_iter_no_change: training ends after so many epochs without improvement; math.inf for never. Where it goes on
            up to max_iter, scikit-learn's ConvergenceWarning says so.

    Attributes:
        classes_: the labels, sorted.
        model_: the MLP that was trained.
        history_: the History of the training, with every curve.
        n_iter_: the number of epochs.
        loss_: the loss in the last epoch.
        loss_curve_: the loss in each epoch.
        coefs_: the weights of each layer, shape (inputs, neurons).
        intercepts_: the biases of each layer.
        n_features_in_: the number of features.
        feature_names_in_: their names, if they had names.
        n_layers_: the number of layers, the inputs being one.
        n_outputs_: the number of the model's outputs.

    The model has the weights of the best epoch, also without early stopping.

    >>> from nn import moons
    >>> X, y = moons(100, seed=0)
    >>> classifier = MLPClassifier((16, 16), learning_rate_init=0.05, random_state=0).fit(X, y)
    >>> classifier.predict(X[:3]), y[:3], classifier.predict_proba(X[:3]).shape
    (array([0, 1, 1]), array([0, 1, 1]), (3, 2))
    """

    def fit(self, X: Any, y: Any) -> Self:  # noqa: N803
        """Train a new model.

        Args:
            X: the samples, shape (n, d).
            y: a label for each of them: numbers or texts, two different ones at least.

        Raises:
            SettingError: a setting that cannot be.
            DataError: there is one class only.
            ValueError: X or y cannot be learned from.
            DivergedError: the loss became infinite.
        """
        x, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        classes, labels = np.unique(y, return_inverse=True)
        if len(classes) < 2:
            raise DataError(f"y holds one class only, {classes.tolist()[0]!r}; there is nothing to tell apart")
        self.classes_ = classes
        if len(classes) == 2:
            self._train(x, labels, 1, binary_cross_entropy_with_logits, "accuracy")
        else:
            self._train(x, labels, len(classes), cross_entropy, "accuracy")
        return self

    def predict(self, X: Any) -> NDArray[Any]:  # noqa: N803
        """Return the most probable label of each sample, shape (n,)."""
        chosen = np.argmax(self._scores(X), axis=1)
        classes: NDArray[Any] = self.classes_[chosen]
        return classes

    def predict_proba(self, X: Any) -> Array:  # noqa: N803
        """Return the probability of each class, in the order of ``classes_``; shape (n, K)."""
        return np.exp(self.predict_log_proba(X))

    def predict_log_proba(self, X: Any) -> Array:  # noqa: N803
        """Return the natural logarithms of ``predict_proba``, which are finite where that is 0."""
        scores = self._scores(X)
        scores = scores - scores.max(axis=1, keepdims=True)
        logarithms: Array = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        return logarithms

    def _scores(self, X: Any) -> Array:  # noqa: N803
        """Return a score for each class, whose softmax is its probability."""
        z = self._raw(X)
        return np.hstack([np.zeros_like(z), z]) if z.shape[1] == 1 else z


class MLPRegressor(RegressorMixin, _MLP):  # type: ignore[misc]
    """A multi-layer perceptron that predicts numbers, as an estimator of scikit-learn.

    It minimises ½ Σ (o - y)² over the outputs, plus the penalty α / (2 m) Σ w² on the weights without the biases, for
    batches of m samples. Targets far from the size of 1 are better standardised:
    ``TransformedTargetRegressor(MLPRegressor(), transformer=StandardScaler())``.

    Args:
        hidden_layer_sizes: the number of neurons in each hidden layer; () for none, which is linear regression.
        activation: see MLPClassifier, as for all others.
        solver: see there.
        alpha: see there.
        batch_size: see there.
        learning_rate_init: see there.
        max_iter: see there.
        shuffle: see there.
        random_state: see there.
        tol: see there.
        verbose: see there.
        momentum: see there.
        nesterovs_momentum: see there.
        early_stopping: whether to hold back samples, and to watch R² on them in place of the loss.
        validation_fraction: the share of the samples that are held back.
        n_iter_no_change: see MLPClassifier.

    Attributes:
        model_: the MLP that was trained. The others are those of MLPClassifier, without ``classes_``.

    >>> X = [[-1.0], [-0.5], [0.0], [0.5], [1.0]]
    >>> regressor = MLPRegressor((), learning_rate_init=0.05, tol=1e-9, alpha=0.0, random_state=0)
    >>> regressor.fit(X, [-1.0, 0.0, 1.0, 2.0, 3.0]).predict([[2.0]]).round(2)
    array([5.])
    """

    def fit(self, X: Any, y: Any) -> Self:  # noqa: N803
        """Train a new model.

        Args:
            X: the samples, shape (n, d).
            y: a number for each of them, shape (n,), or several, shape (n, K).

        Raises:
            SettingError: a setting that cannot be.
            ValueError: X or y cannot be learned from.
            DivergedError: the loss became infinite.
        """
        x, y = validate_data(self, X, y, dtype=np.float64, multi_output=True, y_numeric=True)
        y = y.astype(np.float64)
        self._train(x, y, 1 if y.ndim == 1 else y.shape[1], half_squared_error, "r2")
        return self

    def predict(self, X: Any) -> Array:  # noqa: N803
        """Return the predicted numbers: shape (n,) for one target, (n, K) for several."""
        outputs = self._raw(X)
        return outputs[:, 0] if outputs.shape[1] == 1 else outputs

    def __sklearn_tags__(self) -> Any:
        """Say that there may be several targets."""
        tags = super().__sklearn_tags__()
        tags.target_tags.single_output = True
        tags.target_tags.multi_output = True
        return tags


class _Outputs:
    """A model's outputs for many samples, by a program that is compiled when it is first needed.

    A copy, or what comes out of a pickle, compiles its own. Threads take turns: while one compiles, the model's weights
    are not what they were.
    """

    def __init__(self, model: MLP) -> None:
        self.model = model
        self._steps: Steps | None = None
        self._turn = threading.Lock()

    def __call__(self, x: Array) -> Array:
        with self._turn:
            parameters = self.model.parameters()
            if self._steps is None:
                self._steps, _ = steps_for(Problem(self.model, None, parameters), x, None, None)
            return self._steps.outputs(np.array([parameter.data for parameter in parameters]), x)

    def __reduce__(self) -> tuple[Any, ...]:
        return _Outputs, (self.model,)


def _seed(random_state: Any) -> int:
    """Return a seed for a random_state as scikit-learn has them."""
    if isinstance(random_state, (int, np.integer)):
        return int(random_state)
    return int(check_random_state(random_state).randint(2**31))


def _at_least_1(count: Any) -> bool:
    return isinstance(count, (int, np.integer)) and not isinstance(count, bool) and bool(count >= 1)


def _within(x: Any, low: float, high: float) -> bool:
    return isinstance(x, (int, float, np.integer, np.floating)) and bool(low <= x < high)
