"""Averages of weights, and early stopping, judged by the weights that a callback saw after every step."""

import numpy as np
import pytest

from nn import SGD, EarlyStopping, ExponentialAverage, Neuron, RunningAverage, fit
from nn.errors import SettingError
from nn.losses import squared_error

X, Y = np.array([[1.0], [2.0], [3.0]]), np.array([1.0, 3.0, 2.0])


def neuron():
    return Neuron(1, "linear", initial=lambda rng, nin, nout: [3.0])


def weights_of(model):
    return np.array([p.data for p in model.parameters()])


def trained(epochs, **settings):
    """Return the model, the history and the weights after each step."""
    model, path = neuron(), []
    history = fit(
        model, X, Y, loss=squared_error, optimizer=SGD(model.parameters(), 0.05), epochs=epochs,
        callbacks=lambda training: path.append(training.theta.copy()), **settings,
    )  # fmt: skip
    return model, history, np.array(path)


def test_running_average_is_the_mean_over_all_steps():
    model, _, path = trained(7, average="running")
    assert weights_of(model) == pytest.approx(path.mean(axis=0), rel=1e-13)


def test_running_average_can_skip_the_start():
    model, _, path = trained(7, average=RunningAverage(skip=4))
    assert weights_of(model) == pytest.approx(path[4:].mean(axis=0), rel=1e-13)
    short, _, path = trained(2, average=RunningAverage(skip=4))
    assert (weights_of(short) == path[-1]).all()


def test_exponential_average_weights_steps_by_powers_of_the_decay():
    model, _, path = trained(7, average=0.8)
    shares = 0.8 ** np.arange(6, -1, -1)
    assert weights_of(model) == pytest.approx(shares @ path / shares.sum(), rel=1e-13)


def test_curves_are_those_of_the_averaged_weights():
    model, history, _ = trained(5, average="running", validation=(X, Y))
    w, b = weights_of(model)
    assert history["validation_loss"][-1] == pytest.approx(np.mean((X[:, 0] * w + b - Y) ** 2), rel=1e-13)


@pytest.mark.parametrize("setting", ["mean", 1.0, 0.0, True, 3, -0.5])
def test_other_averages_are_refused(setting):
    with pytest.raises(SettingError):
        trained(1, average=setting)


def test_an_average_serves_one_run():
    average = ExponentialAverage(0.5)
    trained(2, average=average)
    with pytest.raises(SettingError, match="another run"):
        trained(2, average=average)


def scripted(*numbers):
    """Return a metric that has these values, epoch by epoch."""
    left = list(numbers)

    def script(outputs, targets):
        return left.pop(0)

    return script


@pytest.mark.parametrize(
    ("numbers", "rule", "epochs", "best"),
    [
        ((5, 4, 3, 4, 3, 5, 1, 1), EarlyStopping(3, "script"), 6, 3),
        ((5, 4, 3, 4, 3, 5, 1, 1), EarlyStopping(4, "script"), 8, 7),
        ((5, 4, 3, 4, 5, 5, 1, 1), EarlyStopping(2, "script", mode="max"), 3, 1),
        ((5, 4.9, 4.8, 4.0, 3.9, 3.8), EarlyStopping(3, "script", min_delta=0.5), 6, 4),
        ((float("nan"), 2, float("nan"), 1, 3, 4), EarlyStopping(2, "script"), 6, 4),
    ],
)
def test_the_weights_of_the_best_epoch_are_given_back(numbers, rule, epochs, best):
    model, history, path = trained(len(numbers), metrics=scripted(*numbers), early_stopping=rule)
    assert history.epochs == epochs
    assert history.best_epoch == best
    assert history.stopped == (
        "early stopping" if epochs < len(numbers) or epochs - best >= rule.patience else "epochs"
    )
    assert (weights_of(model) == path[best - 1]).all()


def test_a_number_is_the_patience_for_the_validation_loss():
    model, history, _ = trained(60, validation=(X, -Y), early_stopping=2)  # fitting Y makes -Y worse and worse
    curve = history["validation_loss"]
    assert history.best_epoch == curve.argmin() + 1
    assert history.epochs == history.best_epoch + 2
    w, b = weights_of(model)
    assert curve.min() == pytest.approx(np.mean((X[:, 0] * w + b + Y) ** 2), rel=1e-13)


def test_a_curve_that_does_not_exist_is_refused():
    with pytest.raises(SettingError, match=r"watches 'acuracy', but the curves are .*mse"):
        trained(2, early_stopping=EarlyStopping(2, "acuracy"), metrics="mse")


@pytest.mark.parametrize("settings", [{"patience": 0}, {"patience": 1.5}, {"mode": "up"}, {"min_delta": -1.0}])
def test_bad_rules_are_refused(settings):
    with pytest.raises(SettingError):
        EarlyStopping(**settings)
