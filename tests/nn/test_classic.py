# matrices are upper case, as in mathematics

import copy
import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import check_gradient, compile  # noqa: A004  # autograd's name
from autograd.errors import OperandError
from nn import classic
from nn.classic import Adaline, LinearSVM, LogisticRegression, MulticlassPerceptron, Perceptron, ThresholdUnit
from nn.data import blobs, circles, logic, moons
from nn.errors import DataError, DivergedError, SettingError, ShapeError
from nn.losses import half_squared_error
from nn.optimizers import SGD

LEARNERS = [Perceptron, MulticlassPerceptron, Adaline, LogisticRegression, LinearSVM]
BINARY = [Perceptron, Adaline, LogisticRegression]


def made(kind, nin=2):
    return kind(nin, 3) if kind in (MulticlassPerceptron, LinearSVM) else kind(nin)


def numbers(unit):
    return [p.data for p in unit.parameters()]


# --- every unit -------------------------------------------------------------------------------------------------------


def test_all_lists_every_unit():
    assert set(classic.__all__) == {kind.__name__ for kind in LEARNERS} | {"ThresholdUnit", "Convergence"}


@pytest.mark.parametrize("kind", LEARNERS)
def test_a_unit_starts_at_0_and_its_parameters_are_named_values(kind):
    unit = made(kind)
    assert set(numbers(unit)) == {0.0}
    names = ["w0", "w1", "b"]
    expected = names if kind in BINARY else [f"{k}.{name}" for k in range(3) for name in names]
    assert [p.label for p in unit.parameters()] == expected
    flat = [unit.w] if kind in BINARY else unit.w
    biases = [unit.b] if kind in BINARY else unit.b
    assert [p for w, b in zip(flat, biases, strict=True) for p in (*w, b)] == unit.parameters()


@pytest.mark.parametrize("kind", LEARNERS)
def test_a_unit_learns_blobs_that_are_far_apart_and_goes_on_from_its_weights(kind):
    X, y = blobs(60, centers=[[-1, 0], [1, 1], [1, -1]], noise=0.1)
    if kind in BINARY:
        y = np.minimum(y, 1)
    unit = made(kind)
    unit.fit(X, 2 * y - 1 if kind is Adaline else y)
    middle = 0.5 if kind is LogisticRegression else 0.0
    for x, label in zip(X, y, strict=True):
        answer = unit.winner(x) if kind not in BINARY else int(unit(x) > middle)
        assert answer == label
    if kind in (Perceptron, MulticlassPerceptron):
        before = numbers(unit)
        assert unit.fit(X, y).mistakes == [0]
        assert numbers(unit) == before
    else:
        again = unit.fit(X, 2 * y - 1 if kind is Adaline else y, epochs=1)
        assert again["loss"][0] < math.log(2)  # less than at the start


@pytest.mark.parametrize("kind", LEARNERS)
def test_a_unit_compiles_and_copies(kind):
    X, y = blobs(30, centers=3, noise=0.2)
    unit = made(kind)
    unit.fit(X, np.minimum(y, 1) if kind in BINARY else y, epochs=3)
    program = compile(unit, [0.0, 0.0])
    expected = [unit(x).data if kind in BINARY else [v.data for v in unit(x)] for x in X]
    assert program(X) == pytest.approx(np.array(expected), rel=1e-12, abs=1e-12)
    for twin in (copy.deepcopy(unit), pickle.loads(pickle.dumps(unit))):  # noqa: S301  # our own bytes
        assert numbers(twin) == numbers(unit)
        assert repr(twin) == repr(unit)


@pytest.mark.parametrize(
    ("unit", "text"),
    [
        (ThresholdUnit([1, -2], 0.5), "ThresholdUnit([1.0, -2.0], threshold=0.5)"),
        (Perceptron(3, "sign"), "Perceptron(3, 'sign')"),
        (MulticlassPerceptron(2, 4), "MulticlassPerceptron(2, classes=4)"),
        (Adaline(2), "Adaline(2)"),
        (LogisticRegression(1), "LogisticRegression(1)"),
        (LinearSVM(2, classes=3), "LinearSVM(2, classes=3)"),
    ],
)
def test_repr_is_how_to_make_one(unit, text):
    assert repr(unit) == text
    assert repr(eval(text)) == text  # noqa: S307  # a constant


@pytest.mark.parametrize("kind", LEARNERS)
@pytest.mark.parametrize("nin", [0, -1, 2.5, "2", None])
def test_a_number_of_inputs_that_cannot_be_is_refused(kind, nin):
    with pytest.raises(SettingError, match="number of inputs"):
        made(kind, nin)


@pytest.mark.parametrize("kind", [MulticlassPerceptron, LinearSVM])
@pytest.mark.parametrize("classes", [1, 0, 2.0, "3", None, True])
def test_a_number_of_classes_that_cannot_be_is_refused(kind, classes):
    with pytest.raises(SettingError, match="number of classes"):
        kind(2, classes)


@pytest.mark.parametrize("kind", LEARNERS)
@pytest.mark.parametrize(
    ("X", "y", "error"),
    [
        ([[1.0, math.nan]], [1], DataError),
        ([[1.0, 2.0], [1.0]], [1, 0], DataError),
        ([], [], DataError),
        ([["a", "b"]], [1], DataError),
        ([[1.0, 2.0]], ["yes"], DataError),
        ([[1.0, 2.0]], [math.inf], DataError),
        ([[1.0, 2.0, 3.0]], [1], ShapeError),
        ([[1.0, 2.0]], [1, 0], ShapeError),
    ],
)
def test_examples_that_cannot_be_are_refused_and_nothing_is_changed(kind, X, y, error):
    unit = made(kind)
    with pytest.raises(error):
        unit.fit(X, y)
    assert set(numbers(unit)) == {0.0}


@pytest.mark.parametrize("kind", LEARNERS)
@pytest.mark.parametrize("epochs", [0, -3, 2.5, "10", None, True])
def test_a_number_of_epochs_that_cannot_be_is_refused(kind, epochs):
    with pytest.raises(SettingError, match="epochs"):
        made(kind).fit([[0.0, 1.0]], [1], epochs=epochs)


# --- the threshold unit -----------------------------------------------------------------------------------------------


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=5), st.integers(-20, 20), st.randoms(use_true_random=False))
def test_a_threshold_unit_fires_where_the_weighted_sum_reaches_the_threshold(weights, threshold, random):
    x = [random.randint(-3, 3) for _ in weights]
    total = sum(w * x_i for w, x_i in zip(weights, x, strict=True))
    unit = ThresholdUnit(weights, threshold)
    assert unit(x).data == (1.0 if total >= threshold else 0.0)
    assert ThresholdUnit(weights, total)(x).data == 1.0  # it is reached exactly
    assert unit.threshold == threshold
    assert unit.b.data == -threshold
    assert [w.data for w in unit.w] == weights


def test_weights_that_cannot_be_are_refused():
    with pytest.raises(SettingError, match="number of inputs"):
        ThresholdUnit([])
    for weights, threshold in (([math.nan], 0), ([1.0], math.inf)):
        with pytest.raises(SettingError, match="finite"):
            ThresholdUnit(weights, threshold)
    for weights, threshold in (("ab", 0), ([None], 0), (3, 0), ([1.0], "a"), ([1.0], None)):
        with pytest.raises(OperandError):
            ThresholdUnit(weights, threshold)


# --- the perceptron ---------------------------------------------------------------------------------------------------


def slide_procedure(X, y, epochs, signs):
    """Follow the slide's rules in plain NumPy, with the bias as the weight of a 1; return mistakes and weights."""
    X, w, mistakes = np.column_stack([X, np.ones(len(X))]), np.zeros(X.shape[1] + 1), []
    for _ in range(epochs):
        mistakes.append(0)
        for x, target in zip(X, y, strict=True):
            output = np.sign(w @ x) if signs else float(w @ x >= 0)
            if output == target:
                continue
            mistakes[-1] += 1
            if signs:
                w = w + target * x
            elif output == 0:
                w = w + x
            else:
                w = w - x
        if not mistakes[-1]:
            break
    return mistakes, w


@given(
    st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3), st.booleans()), min_size=1, max_size=8), st.booleans()
)
def test_the_procedure_is_the_slides(rows, signs):
    X = np.array([row[:2] for row in rows], dtype=float)
    y = np.array([int(row[2]) for row in rows])
    y = 2 * y - 1 if signs else y
    unit = Perceptron(2, "sign" if signs else "step")
    result = unit.fit(X, y, epochs=30)
    mistakes, weights = slide_procedure(X, y, len(result.mistakes), signs)
    assert result.mistakes == mistakes
    assert numbers(unit) == result.weights[-1].tolist() == weights.tolist()
    assert result.converged == (mistakes[-1] == 0)
    assert result.converged == all(unit(x).data == target for x, target in zip(X, y, strict=True))
    if result.cycle is not None:
        assert not result.converged
        assert result.weights[-1].tolist() == result.weights[-1 - result.cycle].tolist()
        longer, _ = slide_procedure(X, y, len(mistakes) + 4 * result.cycle, signs)
        assert longer[len(mistakes) :] == 4 * mistakes[-result.cycle :]  # round and round


@given(st.lists(st.integers(-5, 5), min_size=4, max_size=4).filter(any), st.randoms(use_true_random=False))
def test_it_converges_on_whatever_a_unit_can_do_within_novikoffs_bound(teacher, random):
    X = np.array([[random.randint(-4, 4) for _ in range(3)] for _ in range(12)], dtype=float)
    totals = X @ teacher[:3] + teacher[3]
    X, totals = X[totals != 0], totals[totals != 0]
    if not len(X):
        return
    result = Perceptron(3, "sign").fit(X, np.sign(totals), epochs=10_000)
    assert result.converged
    longest, margin = np.max(np.sum(X**2, axis=1) + 1), np.min(np.abs(totals))
    assert sum(result.mistakes) <= longest * np.dot(teacher, teacher) / margin**2


def test_it_agrees_with_scikit_learns():
    linear_model = pytest.importorskip("sklearn.linear_model")
    X, y = moons(80, noise=0.2, seed=1)
    reference = linear_model.Perceptron(shuffle=False, tol=None, max_iter=7).fit(X, y)
    unit = Perceptron(2, "sign")
    unit.fit(X, 2 * y - 1, epochs=7)
    assert [w.data for w in unit.w] == pytest.approx(reference.coef_[0], rel=1e-12)
    assert unit.b.data == pytest.approx(reference.intercept_[0], rel=1e-12)


def test_the_record_has_the_weights_before_and_after_each_epoch():
    X, y = logic("and")
    unit = Perceptron(2)
    result = unit.fit(X, y)
    assert result.converged
    assert result.cycle is None
    assert result.weights.shape == (len(result.mistakes) + 1, 3)
    assert result.weights[0].tolist() == [0.0, 0.0, 0.0]
    assert result.weights[-1].tolist() == numbers(unit)
    assert repr(result).startswith("Convergence(converged after 6 epochs; mistakes 2, 3,")


def test_the_epochs_may_run_out():
    X, y = moons(50)
    result = Perceptron(2).fit(X, y, epochs=12)
    assert (result.converged, result.cycle, len(result.mistakes)) == (False, None, 12)
    assert repr(result).startswith("Convergence(not converged in 12 epochs; ")
    assert repr(result).endswith(", …)")


@pytest.mark.parametrize(
    ("activation", "labels", "remedy"),
    [("step", [1, -1], r"y\[1\] is -1; .*\(y \+ 1\) / 2"), ("sign", [1, 0], r"y\[1\] is 0; .*2 \* y - 1")],
)
def test_labels_of_the_other_kind_are_refused_with_the_remedy(activation, labels, remedy):
    unit = Perceptron(1, activation)
    with pytest.raises(DataError, match=remedy):
        unit.fit([[0.0], [1.0]], labels)
    assert numbers(unit) == [0.0, 0.0]


@pytest.mark.parametrize("activation", ["relu", "linear", None, True, abs])
def test_a_perceptron_has_a_threshold(activation):
    with pytest.raises(SettingError, match=r"'step'.*'sign'"):
        Perceptron(2, activation)


def test_inputs_of_one_number_need_no_column():
    unit = Perceptron(1)
    assert unit.fit([1.0, 2.0, 3.0], [False, False, True]).converged
    assert unit([2.5]).data in (0.0, 1.0)


# --- the multi-class perceptron ---------------------------------------------------------------------------------------


def test_a_mistake_moves_the_input_from_the_guess_to_the_right_template():
    unit = MulticlassPerceptron(2, classes=3)
    unit.fit([[3.0, -1.0]], [2], epochs=1)  # all scores are 0, so the guess is class 0
    assert [[w.data for w in row] for row in unit.w] == [[-3.0, 1.0], [0.0, 0.0], [3.0, -1.0]]
    assert [b.data for b in unit.b] == [-1.0, 0.0, 1.0]


@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3), st.integers(0, 2)), min_size=1, max_size=8))
def test_the_multi_class_procedure_is_the_slides(rows):
    X, y = np.array([[a, b, 1.0] for a, b, _ in rows]), [label for *_, label in rows]
    unit = MulticlassPerceptron(2, classes=3)
    result = unit.fit(X[:, :2], y, epochs=20)
    W = np.zeros((3, 3))
    for count in result.mistakes:
        wrong = 0
        for x, label in zip(X, y, strict=True):
            guess = int(np.argmax(W @ x))
            if guess != label:
                wrong += 1
                W[label] += x
                W[guess] -= x
        assert wrong == count
    assert numbers(unit) == W.ravel().tolist()
    assert sum(numbers(unit)) == 0.0  # what one template gains another one loses


def test_with_two_classes_it_is_two_perceptrons_back_to_back():
    X, y = circles(40)
    unit = MulticlassPerceptron(2, classes=2)
    unit.fit(X, y, epochs=9)
    first, second = (np.array([*[w.data for w in neuron.w], neuron.b.data]) for neuron in unit.neurons)
    assert first.tolist() == (-second).tolist()


def test_a_class_out_of_range_is_refused():
    for kind in (MulticlassPerceptron, LinearSVM):
        with pytest.raises(DataError, match="3"):
            kind(2, classes=3).fit([[0.0, 0.0], [1.0, 1.0]], [0, 3])


# --- units that follow a gradient -------------------------------------------------------------------------------------


def test_adaline_follows_the_delta_rule_without_the_factor_2():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(20, 3)), rng.normal(size=20)
    unit = Adaline(3)
    history = unit.fit(X, y, learning_rate=0.05, epochs=3, shuffle=False)
    w, b, losses = np.zeros(3), 0.0, []
    for _ in range(3):
        errors = []
        for x, target in zip(X, y, strict=True):
            error = target - (w @ x + b)
            w, b = w + 0.05 * error * x, b + 0.05 * error
            errors.append(error)
        losses.append(np.mean(np.square(errors)) / 2)
    assert numbers(unit) == pytest.approx([*w, b], rel=1e-12)
    assert history["loss"] == pytest.approx(losses, rel=1e-12)


def test_adaline_ends_at_the_least_squares_line():
    X, y = blobs(100, centers=[[-1, 0], [1, 1]], noise=0.5)
    A = np.column_stack([X, np.ones(len(X))])
    expected, *_ = np.linalg.lstsq(A, 2.0 * y - 1.0, rcond=None)
    unit = Adaline(2)
    unit.fit(X, 2 * y - 1, learning_rate=0.3, epochs=300, batch_size=None)
    assert numbers(unit) == pytest.approx(expected, abs=1e-6)


def test_too_large_a_rate_diverges_and_says_so():
    X, y = blobs(20, centers=2)
    with pytest.raises(DivergedError, match="smaller learning rate"):
        Adaline(2).fit(X, y, learning_rate=100.0)


def test_logistic_regression_follows_the_gradient_of_the_cross_entropy():
    X, y = moons(30, seed=2)
    unit = LogisticRegression(2)
    unit.fit(X, y, strength=0.1, learning_rate=0.5, epochs=5)
    A, theta = np.column_stack([X, np.ones(30)]), np.zeros(3)
    for _ in range(5):
        p = 1 / (1 + np.exp(-A @ theta))
        theta = theta - 0.5 * (A.T @ (p - y) / 30 + 2 * 0.1 * theta * [1, 1, 0])
    assert numbers(unit) == pytest.approx(theta, rel=1e-12)
    assert unit(X[0]).data == pytest.approx(1 / (1 + np.exp(-A[0] @ theta)))
    assert unit.logit(X[0]).data == pytest.approx(A[0] @ theta)


def test_logistic_regression_ends_where_scikit_learns_does():
    linear_model = pytest.importorskip("sklearn.linear_model")
    X, y = moons(100, noise=0.2, seed=4)
    strength = 0.01
    reference = linear_model.LogisticRegression(C=1 / (2 * strength * len(X)), tol=1e-10).fit(X, y)
    unit = LogisticRegression(2)
    unit.fit(X, y, strength=strength, epochs=2000)
    assert numbers(unit) == pytest.approx([*reference.coef_[0], *reference.intercept_], abs=1e-5)


def test_logistic_regression_stays_finite_where_its_probability_rounds_to_1():
    unit = LogisticRegression(1)
    unit.fit([[-1000.0], [1000.0], [2000.0]], [0, 1, 0], epochs=3)
    assert all(map(math.isfinite, numbers(unit)))


def test_the_logit_shares_the_weights_that_a_unit_has_now():
    unit = LogisticRegression(2)
    logit = unit.logit
    assert logit.parameters() == unit.parameters()
    unit.w[0].data = 3.0
    assert logit([1.0, 5.0]).data == 3.0


def test_svm_follows_the_gradient_of_data_loss_and_regularisation():
    X, y = blobs(30, centers=3, noise=0.6, seed=1)
    machine = LinearSVM(2, classes=3)
    history = machine.fit(X, y, strength=0.05, learning_rate=0.2, epochs=4)
    W, b, losses = np.zeros((3, 2)), np.zeros(3), []
    for _ in range(4):
        scores = X @ W.T + b
        margins = np.maximum(0, scores - scores[np.arange(30), y][:, None] + 1)
        margins[np.arange(30), y] = 0
        losses.append(margins.sum() / 30 + 0.05 * np.sum(W**2))
        dscores = (margins > 0).astype(float)
        dscores[np.arange(30), y] = -dscores.sum(axis=1)
        W, b = W - 0.2 * (dscores.T @ X / 30 + 2 * 0.05 * W), b - 0.2 * dscores.sum(axis=0) / 30
    assert numbers(machine) == pytest.approx(np.column_stack([W, b]).ravel(), rel=1e-12, abs=1e-15)
    assert history["loss"] == pytest.approx(losses, rel=1e-12)
    assert history["loss"][0] == 2.0  # all scores 0: a margin of 1 for each wrong class


def test_everything_that_fit_takes_can_be_given():
    X, y = moons(40)
    unit = LogisticRegression(2)
    history = unit.fit(X, y, epochs=4, batch_size=10, metrics="accuracy", validation=0.25, seed=3)
    assert history.steps == 4 * 3
    assert {"accuracy", "validation_accuracy", "validation_loss"} <= set(history)
    other = LogisticRegression(2)
    other.fit(X, y, epochs=2, optimizer=SGD(other.parameters(), 0.125))
    same = LogisticRegression(2)
    same.fit(X, y, epochs=2, learning_rate=0.125)
    assert numbers(other) == numbers(same)


def test_a_penalty_of_no_strength_is_none():
    X, y = moons(20)
    assert "penalty" not in LogisticRegression(2).fit(X, y, epochs=1)
    assert "penalty" in LogisticRegression(2).fit(X, y, epochs=1, strength=0.1)
    with pytest.raises(SettingError, match="strength"):
        LogisticRegression(2).fit(X, y, strength=-0.1)


def test_an_adalines_loss_passes_the_gradient_check():
    unit = Adaline(2)
    unit.w[0].data, unit.w[1].data, unit.b.data = 0.5, -1.0, 0.25
    check_gradient(lambda a, b: half_squared_error(unit([a, b]), 1.0), 0.3, -0.8)
