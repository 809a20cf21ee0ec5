import functools
import math

import numpy as np
import pytest

from autograd import Value
from nn import MLP, losses, metrics
from nn.errors import DataError, SettingError, ShapeError
from nn.metrics import accuracy, mae, mse, r2, resolve
from nn.targets import prepare

# --- accuracy ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(5,), (5, 1)])
@pytest.mark.parametrize("labels", [[1, 0, 0, 1, 0], [1, -1, -1, 1, -1], [0.9, 0.5, 0.2, 0.51, 0.0]])
def test_one_output_is_held_against_the_threshold(shape, labels):
    outputs = np.array([2.0, -1.0, 0.25, -0.5, 0.0]).reshape(shape)
    for y in (labels, np.array(labels).reshape(5, 1)):
        assert accuracy(outputs, y) == 3 / 5  # 0.0 does not exceed 0
        assert accuracy(outputs, y, threshold=0.25) == 4 / 5
        assert accuracy(outputs, y, threshold=-0.75) == 3 / 5


def test_the_largest_of_several_outputs_is_the_class():
    outputs = [[1.0, 2.0, 0.0], [-1.0, -2.0, -3.0], [0.0, 0.0, 0.0], [5.0, 6.0, 7.0]]
    for y in ([1, 0, 0, 2], [[1], [0], [0], [2]], np.eye(3)[[1, 0, 0, 2]], 2 * np.eye(3)[[1, 0, 0, 2]] - 1):
        assert accuracy(outputs, y) == 1.0
    assert accuracy(outputs, [1, 2, 1, 0]) == 0.25
    assert accuracy(outputs, [[0.2, 0.5, 0.3], [0.4, 0.3, 0.3], [0.3, 0.4, 0.3], [0.0, 0.0, 1.0]]) == 0.75


def test_an_output_that_is_nan_is_never_right():
    assert accuracy([math.nan, math.nan, 1.0], [0, 1, 1]) == 1 / 3
    assert accuracy([[math.nan, 1.0], [1.0, math.nan], [1.0, 0.0]], [0, 0, 0]) == 1 / 3


def test_accuracy_of_a_models_values():
    model = MLP(2, [3], seed=0)
    rows = [[0.0, 1.0], [1.0, 0.0]]
    largest = [int(np.argmax([float(v) for v in model(x)])) for x in rows]
    assert accuracy([model(x) for x in rows], largest) == 1.0
    assert accuracy([Value(1.0), Value(-1.0)], [1, 1]) == 0.5


def test_labels_that_mark_no_class_are_refused():
    with pytest.raises(DataError, match="labels 0 and 1, or -1 and 1; not 2, in row 1"):
        accuracy([1.0, 1.0], [0, 2])
    with pytest.raises(DataError, match="not 0, in row 0"):
        accuracy([1.0, 1.0], [0, -1])
    with pytest.raises(DataError, match="label 2 in row 1"):
        accuracy([[1.0, 2.0], [1.0, 2.0]], [0, 2])
    with pytest.raises(DataError, match=r"row 1 is \[1\.0, 1\.0, 0\.0\].*lambda outputs, targets"):
        accuracy(np.ones((2, 3)), [[1, 0, 0], [1, 1, 0]])
    with pytest.raises(DataError, match="text 'cat' in row 0"):
        accuracy([1.0], ["cat"])
    with pytest.raises(DataError, match="outputs are numbers"):
        accuracy([[1.0], [1.0, 2.0]], [0, 1])


# --- regression -------------------------------------------------------------------------------------------------------


def test_errors_by_hand():
    outputs, targets = np.array([1.0, 2.0, 4.0]), np.array([0.5, 4.0, 4.0])
    assert mse(outputs, targets) == 4.25 / 3
    assert mae(outputs, targets) == 2.5 / 3
    for metric in (mse, mae, r2):
        value = metric(outputs, targets)
        assert type(value) is float
        assert metric(outputs[:, None], targets) == metric(outputs, targets[:, None]) == value  # nothing is broadcast
        assert metric([Value(x) for x in outputs], list(targets)) == value


def test_r2_by_hand():
    # targets 1, 2, 6: mean 3, spread 4 + 1 + 9 = 14; errors 1, 0, 2: 5
    assert r2([2.0, 2.0, 4.0], [1, 2, 6]) == pytest.approx(1 - 5 / 14)
    assert r2([3.0, 3.0, 3.0], [1, 2, 6]) == 0.0
    assert r2([1.0, 2.0, 6.0], [1, 2, 6]) == 1.0
    assert r2([[2.0, 3.0], [2.0, 3.0], [4.0, 3.0]], [[1, 1], [2, 2], [6, 6]]) == pytest.approx((1 - 5 / 14) / 2)
    assert r2([0.1] * 3, [0.1] * 3) == 1.0
    assert r2([0.1, 0.1, 0.2], [0.1] * 3) == 0.0
    assert math.isnan(r2([math.nan, 1.0], [1.0, 2.0]))


def test_scikit_learn_has_the_same_metrics():
    sklearn = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    for shape in ((20,), (20, 3)):
        outputs, targets = rng.normal(size=shape), rng.normal(size=shape)
        if len(shape) == 2:
            targets[:, 1] = 0.5
        assert mse(outputs, targets) == pytest.approx(sklearn.mean_squared_error(targets, outputs), rel=1e-14)
        assert mae(outputs, targets) == pytest.approx(sklearn.mean_absolute_error(targets, outputs), rel=1e-14)
        assert r2(outputs, targets) == pytest.approx(sklearn.r2_score(targets, outputs), rel=1e-13)
    scores, labels = rng.normal(size=(50, 3)), rng.integers(0, 3, 50)
    assert accuracy(scores, labels) == pytest.approx(sklearn.accuracy_score(labels, scores.argmax(axis=1)))


def test_outputs_out_of_all_bounds_do_not_warn():
    assert mse([1e200, 0.0], [0.0, 1.0]) == math.inf
    assert r2([1e200, 0.0], [0.0, 1.0]) == -math.inf
    assert r2([0.0, 1.0], [0.0, 1e-200]) == -math.inf


@pytest.mark.parametrize("metric", [accuracy, mse, mae, r2], ids=lambda metric: metric.__name__)
@pytest.mark.parametrize(
    ("outputs", "targets"),
    [((3,), (2,)), ((3, 2), (2, 3)), ((3,), (3, 3)), ((3, 1), (1, 3)), ((3, 2), (2,)), ((0,), (0,)), ((2, 2, 2), (2,))],
)
def test_shapes_that_do_not_fit_are_refused(metric, outputs, targets):
    with pytest.raises(ShapeError, match="a metric takes"):
        metric(np.zeros(outputs), np.zeros(targets))


# --- by name ----------------------------------------------------------------------------------------------------------

ZERO_ONE, SIGNS = [0, 1], [-1, 1]


@pytest.mark.parametrize(
    ("loss", "outputs", "labels"),
    [
        (losses.hinge, [-0.1, 0.1], ZERO_ONE),
        (losses.hinge, [-0.1, 0.1], SIGNS),
        (losses.binary_cross_entropy_with_logits, [-0.1, 0.1], ZERO_ONE),
        (losses.binary_cross_entropy, [0.4, 0.6], ZERO_ONE),
        (functools.partial(losses.binary_cross_entropy), [0.4, 0.6], ZERO_ONE),
        (losses.squared_error, [0.4, 0.6], ZERO_ONE),
        (losses.squared_error, [-0.1, 0.1], SIGNS),
        (losses.half_squared_error, [0.4, 0.6], ZERO_ONE),
        (losses.mean_squared_error, [-0.1, 0.1], SIGNS),
        (functools.partial(losses.huber, delta=0.5), [0.4, 0.6], ZERO_ONE),
        (losses.cross_entropy, [[0.4, 0.3], [-2.0, -1.0]], ZERO_ONE),
        (losses.multiclass_hinge, [[0.4, 0.3], [-2.0, -1.0]], ZERO_ONE),
        (lambda o, t: o, [-0.1, 0.1], ZERO_ONE),
    ],
)
@pytest.mark.parametrize("metric", ["accuracy", accuracy])
def test_the_loss_says_which_threshold_accuracy_has(metric, loss, outputs, labels):
    name, function = resolve(metric, loss)
    assert name == "accuracy"
    prepared = prepare(loss, labels, np.ndim(outputs))
    for targets in (labels, prepared):
        assert function(np.array(outputs), targets) == 1.0
        assert function(np.array(outputs[::-1]), targets) == 0.0


def test_metrics_by_name():
    assert list(metrics.METRICS) == ["accuracy", "mse", "mae", "r2"]
    for name, by_name in metrics.METRICS.items():
        assert resolve(name, losses.hinge)[0] == name == by_name.__name__
    assert resolve("mse", losses.hinge)[1]([1.0, 3.0], [0.0, 0.0]) == 5.0
    for wrong in ("acuracy", None, 3, ["mse"]):
        with pytest.raises(SettingError, match="accuracy, mse, mae, r2") as refusal:
            resolve(wrong, losses.hinge)
        assert repr(wrong) in str(refusal.value)


def test_a_metric_of_ones_own():
    def largest_error(outputs, targets):
        return np.abs(outputs - targets).max()

    name, function = resolve(largest_error, losses.hinge)
    result = function(np.array([1.0, 4.0]), np.array([0.0, 1.0]))
    assert (name, result, type(result)) == ("largest_error", 3.0, float)
    name, function = resolve(functools.partial(accuracy, threshold=0.5), losses.hinge)
    assert (name, function([0.4, 0.6], [0, 1])) == ("accuracy", 1.0)
    for wrong in (None, "high", np.ones(2)):
        name, function = resolve(lambda outputs, targets, wrong=wrong: wrong, losses.hinge)
        with pytest.raises(SettingError, match=f"metric {name} returned .* one number"):
            function([1.0], [1.0])
