import io
import math
import pickle
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn", minversion="1.6")

import joblib
from sklearn import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_digits, load_iris, make_regression
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score, train_test_split
from sklearn.neural_network import MLPClassifier as TheirClassifier
from sklearn.neural_network import MLPRegressor as TheirRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator, parametrize_with_checks

from nn import MLP, History, moons
from nn.errors import DataError, SettingError
from nn.estimators import MLPClassifier, MLPRegressor

ROOT = Path(__file__).parents[2]
QUICK = {"learning_rate_init": 0.05, "tol": 1e-3, "max_iter": 300, "random_state": 0}

never_converged = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(scope="module")
def iris():
    X, y = load_iris(return_X_y=True)
    return StandardScaler().fit_transform(X), y


SMALL = {"hidden_layer_sizes": (10,), "learning_rate_init": 0.02}


@parametrize_with_checks([MLPClassifier(**SMALL), MLPRegressor(**SMALL)])
@pytest.mark.filterwarnings("ignore")  # the suite provokes warnings of many kinds, scikit-learn's own too
def test_scikit_learns_checks(estimator, check):
    check(estimator)


@pytest.mark.slow
@pytest.mark.parametrize("estimator", [MLPClassifier(), MLPRegressor()], ids=repr)
@pytest.mark.filterwarnings("ignore")
def test_scikit_learns_checks_with_the_default_settings(estimator):
    check_estimator(estimator)


# --- what it computes, judged by scikit-learn's own networks with the same weights ---


def theirs_with_our_weights(estimator, ours):
    """Return scikit-learn's network with the weights of one of ours."""
    estimator.coefs_, estimator.intercepts_ = ours.coefs_, ours.intercepts_
    return estimator


@never_converged
@pytest.mark.parametrize("activation", ["relu", "tanh", "logistic", "identity"])
@pytest.mark.parametrize("classes", [2, 3])
def test_predictions_are_those_of_scikit_learns_network_with_the_same_weights(iris, activation, classes):
    X, y = iris[0][iris[1] < classes], iris[1][iris[1] < classes]
    settings = {"hidden_layer_sizes": (5, 4), "activation": activation, "max_iter": 3, "random_state": 0}
    ours = MLPClassifier(**settings).fit(X, y)
    theirs = theirs_with_our_weights(TheirClassifier(**settings).fit(X, y), ours)
    assert [w.shape for w in ours.coefs_] == [(4, 5), (5, 4), (4, 1 if classes == 2 else 3)]
    assert ours.predict_proba(X) == pytest.approx(theirs.predict_proba(X), rel=1e-10)
    assert ours.predict_log_proba(X) == pytest.approx(theirs.predict_log_proba(X), rel=1e-8)
    assert ours.predict(X).tolist() == theirs.predict(X).tolist()


@never_converged
@pytest.mark.parametrize("targets", [1, 3])
def test_predicted_numbers_are_those_of_scikit_learns_network_with_the_same_weights(targets):
    X, y = make_regression(40, 4, n_targets=targets, random_state=0)
    settings = {"hidden_layer_sizes": (5,), "activation": "tanh", "max_iter": 3, "random_state": 0}
    ours = MLPRegressor(**settings).fit(X, y)
    theirs = theirs_with_our_weights(TheirRegressor(**settings).fit(X, y), ours)
    assert ours.predict(X).shape == y.shape
    assert ours.predict(X) == pytest.approx(theirs.predict(X), rel=1e-10)


@never_converged
@pytest.mark.parametrize("solver", ["adam", "sgd"])
@pytest.mark.parametrize("problem", ["two classes", "three classes", "numbers", "several numbers"])
def test_from_the_same_first_weights_training_goes_scikit_learns_way(iris, solver, problem):
    X, labels = iris
    y, outputs = {
        "two classes": ((labels > 0).astype(int), 1),
        "three classes": (labels, 3),
        "numbers": (X[:, 0] * X[:, 1], 1),
        "several numbers": (X[:, :2] * X[:, 2:], 2),
    }[problem]
    settings = {
        "hidden_layer_sizes": (6,),
        "activation": "tanh",
        "solver": solver,
        "alpha": 5.0,
        "learning_rate_init": 0.01,
        "max_iter": 20,
        "random_state": 0,
    }
    Ours, Theirs = (MLPClassifier, TheirClassifier) if "classes" in problem else (MLPRegressor, TheirRegressor)
    first = iter(MLP(4, [6, outputs], "tanh", initial="xavier", seed=0).layers)

    class TheirsFromThere(Theirs):
        def _init_coef(self, fan_in, fan_out, dtype):  # noqa: ARG002
            neurons = next(first).neurons
            return np.array([[w.data for w in neuron.w] for neuron in neurons]).T, np.zeros(fan_out)

    ours = Ours(**settings, n_iter_no_change=math.inf).fit(X, y)
    theirs = TheirsFromThere(**settings, n_iter_no_change=100).fit(X, y)
    for mine, other in zip([*ours.coefs_, *ours.intercepts_], [*theirs.coefs_, *theirs.intercepts_], strict=True):
        assert mine == pytest.approx(other, rel=1e-3, abs=1e-5)  # they add Adam's ε elsewhere
    if problem != "several numbers":  # where they write down the mean over the outputs, but minimise the sum
        assert ours.loss_curve_ == pytest.approx(theirs.loss_curve_, rel=1e-5)
        assert ours.loss_ == ours.loss_curve_[-1]


@pytest.mark.parametrize("initial", [0, 1])
def test_digits_are_told_apart_as_well_as_by_scikit_learns_network(initial):
    X, y = load_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X / 16.0, y, random_state=0, stratify=y)
    settings = {"hidden_layer_sizes": (32,), "learning_rate_init": 0.01, "max_iter": 40, "random_state": initial}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        ours = MLPClassifier(**settings).fit(X_train, y_train).score(X_test, y_test)
        theirs = TheirClassifier(**settings).fit(X_train, y_train).score(X_test, y_test)
    assert ours > 0.95
    assert ours > theirs - 0.02


# --- what it is in scikit-learn's eyes ---


def test_labels_may_be_texts():
    X, y = moons(60)
    names = np.array(["oak", "elm"])[y]
    classifier = MLPClassifier((32,), **QUICK).fit(X, names)
    assert classifier.classes_.tolist() == ["elm", "oak"]
    assert set(classifier.predict(X)) == {"elm", "oak"}
    assert classifier.score(X, names) > 0.95
    probabilities = classifier.predict_proba(X)
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(60))
    assert ((probabilities[:, 1] > 0.5) == (classifier.predict(X) == "oak")).all()


def test_one_output_for_two_classes_and_k_for_k(iris):
    X, y = moons(40)
    assert MLPClassifier((3,), **QUICK).fit(X, y).n_outputs_ == 1
    assert MLPClassifier((3,), **QUICK).fit(*iris).n_outputs_ == 3


def test_without_hidden_layers_it_is_logistic_regression():
    classifier = MLPClassifier((), **QUICK).fit([[-1.0], [-2.0], [1.0], [2.0]], [0, 0, 1, 1])
    (weights,), (bias,) = classifier.coefs_, classifier.intercepts_
    expected = 1.0 / (1.0 + np.exp(-(3.0 * weights[0, 0] + bias[0])))
    assert classifier.predict_proba([[3.0]])[0, 1] == pytest.approx(expected)
    assert classifier.n_layers_ == 2


def test_a_pipeline_in_a_grid_search_on_two_processes():
    X, y = moons(80)
    pipeline = make_pipeline(StandardScaler(), MLPClassifier(**QUICK))
    grid = {"mlpclassifier__hidden_layer_sizes": [(), (32,)], "mlpclassifier__activation": ["tanh"]}
    search = GridSearchCV(pipeline, grid, n_jobs=2, cv=3).fit(X, y)
    assert search.best_params_["mlpclassifier__hidden_layer_sizes"] == (32,)
    assert search.best_score_ > 0.9


def test_cross_validation(iris):
    assert cross_val_score(MLPClassifier((8,), **QUICK), *iris, cv=3).mean() > 0.9
    assert cross_val_score(MLPClassifier((8,), **QUICK), *iris, cv=3, scoring="roc_auc_ovr").mean() > 0.95


def test_a_regressor_with_standardised_targets():
    X = np.linspace(-1.0, 1.0, 60)[:, None]
    y = 1000.0 + 50.0 * np.sin(3.0 * X[:, 0])
    regressor = TransformedTargetRegressor(
        MLPRegressor((12,), "tanh", learning_rate_init=0.05, max_iter=600, tol=1e-5, random_state=0),
        transformer=StandardScaler(),
    )
    assert regressor.fit(X, y).score(X, y) > 0.99


@pytest.mark.parametrize("way", ["clone", "pickle", "joblib", "deepcopy"])
def test_copies(iris, way):
    import copy

    estimator = MLPClassifier((4,), **QUICK).fit(*iris)
    proba = estimator.predict_proba(iris[0])  # compiled, which must not be in the way
    if way == "clone":
        other = clone(estimator)
        with pytest.raises(NotFittedError):
            other.predict(iris[0])
        other.fit(*iris)
    elif way == "pickle":
        other = pickle.loads(pickle.dumps(estimator))  # noqa: S301
    elif way == "joblib":
        file = io.BytesIO()
        joblib.dump(estimator, file)
        file.seek(0)
        other = joblib.load(file)
    else:
        other = copy.deepcopy(estimator)
    assert np.array_equal(other.predict_proba(iris[0]), proba)
    assert other.loss_curve_ == estimator.loss_curve_


def test_threads_may_predict_at_once(iris):
    X, y = iris
    estimator = MLPClassifier((30,), **QUICK).fit(X, y)
    expected = estimator.predict_proba(X)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)  # so that threads get into each other's way
    try:
        other = pickle.loads(pickle.dumps(estimator))  # noqa: S301  # it has still to be compiled
        with ThreadPoolExecutor(4) as threads:
            parts = list(threads.map(lambda i: (i, other.predict_proba(X[i:])), range(0, 140, 10)))
    finally:
        sys.setswitchinterval(interval)
    for i, part in parts:
        assert part == pytest.approx(expected[i:], rel=1e-12)


def test_the_model_is_a_model_like_any_other(iris):
    X, y = iris
    estimator = MLPClassifier((4,), **QUICK).fit(X, y)
    scores = [value.data for value in estimator.model_(X[0])]
    assert np.argmax(scores) == estimator.predict(X[:1])[0]
    estimator.model_.layers[-1].neurons[2].b.data += 100.0  # a weight changed by hand counts
    assert (estimator.predict(X) == 2).all()
    assert estimator.history_.path == "compiled"


# --- settings ---


def test_the_random_state_decides(iris):
    def weights(state):
        return MLPClassifier((4,), **{**QUICK, "max_iter": 300, "random_state": state}).fit(*iris).coefs_[0]

    assert np.array_equal(weights(3), weights(3))
    assert not np.array_equal(weights(3), weights(4))
    assert np.array_equal(weights(np.random.RandomState(3)), weights(np.random.RandomState(3)))
    assert not np.array_equal(weights(None), weights(None))


def test_it_ends_when_the_loss_rests_and_warns_when_it_does_not(iris):
    classifier = MLPClassifier((4,), **QUICK).fit(*iris)
    assert classifier.n_iter_ < 300
    assert len(classifier.loss_curve_) == classifier.n_iter_ == classifier.history_.best_epoch + 10
    with pytest.warns(ConvergenceWarning, match="after max_iter=5 epochs the loss has not come to rest") as caught:
        classifier = MLPClassifier((4,), max_iter=5, random_state=0).fit(*iris)
    assert caught[0].filename == __file__
    assert classifier.n_iter_ == 5
    assert MLPClassifier((4,), max_iter=5, n_iter_no_change=math.inf).fit(*iris).n_iter_ == 5  # as was asked for


def test_interrupted_in_the_first_epoch_there_is_a_model_nevertheless(iris, monkeypatch):
    def interrupted(*args, **settings):
        history = History("compiled")
        history.stopped = "interrupted"
        return history

    monkeypatch.setattr("nn.estimators.fit", interrupted)
    classifier = MLPClassifier((4,)).fit(*iris)
    assert classifier.n_iter_ == 0
    assert classifier.loss_curve_ == []
    assert math.isnan(classifier.loss_)
    assert classifier.predict(iris[0]).shape == (150,)


def test_early_stopping_holds_samples_back_of_each_class_alike(iris):
    X, y = iris
    classifier = MLPClassifier((4,), early_stopping=True, validation_fraction=0.2, **QUICK).fit(X, y)
    accuracies = classifier.history_["validation_accuracy"]
    assert accuracies.max() >= 0.9
    assert accuracies * 30 == pytest.approx(np.round(accuracies * 30))  # shares of 30 samples
    assert classifier.history_.stopped == "early stopping"
    assert classifier.history_.best_epoch == np.argmax(accuracies) + 1
    regressor = MLPRegressor((4,), early_stopping=True, **QUICK).fit(X, X[:, 0] + X[:, 1])
    assert regressor.history_["validation_r2"].max() > 0.8


@never_converged
def test_batches_and_penalty_reach_the_training(iris):
    X, y = iris
    settings = {"hidden_layer_sizes": (4,), "max_iter": 3, "random_state": 0}
    for batch_size, steps in (("auto", 1), (150, 1), (1000, 1), (50, 3), (40, 4)):
        assert MLPClassifier(batch_size=batch_size, **settings).fit(X, y).history_.steps == 3 * steps
    weak, strong = (MLPClassifier((4,), alpha=alpha, **QUICK).fit(X, y).coefs_[0] for alpha in (0.0, 100.0))
    assert np.abs(strong).sum() < 0.5 * np.abs(weak).sum()


@never_converged
def test_sizes_may_be_a_number_a_list_or_an_array(iris):
    for sizes in (4, [4], (4,), np.array([4]), np.int64(4)):
        assert MLPClassifier(sizes, max_iter=1).fit(*iris).coefs_[0].shape == (4, 4)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"hidden_layer_sizes": (0,)}, "hidden_layer_sizes is the numbers of neurons"),
        ({"hidden_layer_sizes": (2.5,)}, "hidden_layer_sizes"),
        ({"hidden_layer_sizes": ((1, 2), (3, 4))}, "hidden_layer_sizes"),
        ({"hidden_layer_sizes": "100"}, "hidden_layer_sizes"),
        ({"activation": "rleu"}, "rleu"),
        ({"solver": "lbfgs"}, "solver is 'adam' or 'sgd'; not 'lbfgs'"),
        ({"alpha": -1.0}, "alpha is a number of at least 0; not -1.0"),
        ({"alpha": math.nan}, "alpha"),
        ({"batch_size": 0}, "batch_size is a number of samples, or 'auto'; not 0"),
        ({"batch_size": "all"}, "batch_size"),
        ({"learning_rate_init": 0.0}, "learning rate"),
        ({"max_iter": 0}, "max_iter is a number of epochs"),
        ({"max_iter": 1.5}, "max_iter"),
        ({"tol": -1e-4}, "tol"),
        ({"n_iter_no_change": 0}, "n_iter_no_change"),
        ({"validation_fraction": 1.0, "early_stopping": True}, "validation_fraction is a share between 0 and 1"),
        ({"validation_fraction": 0.0, "early_stopping": True}, "validation_fraction is a share between 0 and 1"),
        ({"momentum": 1.5, "solver": "sgd"}, "momentum"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings, message):
    with pytest.raises(SettingError) as refusal:
        MLPClassifier(**settings).fit([[0.0], [1.0]], [0, 1])
    assert message in str(refusal.value)


@never_converged
def test_plain_gradient_descent_needs_no_momentum(iris):
    assert MLPClassifier(solver="sgd", momentum=0.0, max_iter=2).fit(*iris).n_iter_ == 2


def test_one_class_is_refused():
    with pytest.raises(DataError, match="one class only, 7"):
        MLPClassifier().fit([[0.0], [1.0]], [7, 7])


def test_without_scikit_learn_the_error_names_the_extra():
    code = "import sys; sys.modules['sklearn'] = None\nimport nn\nimport nn.estimators"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    last = result.stderr.strip().splitlines()[-1]
    assert last == 'ImportError: nn.estimators needs scikit-learn 1.6 or later: pip install "glassgrad[sklearn]"'
