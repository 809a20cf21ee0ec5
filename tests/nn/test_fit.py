"""nn.fit against training loops written by hand in NumPy, and its two paths against each other."""

import os
import signal
import subprocess
import sys

import numpy as np
import pytest

from autograd import parameter
from autograd.errors import CompileError, NonFiniteError
from nn import MLP, SGD, Adam, Dropout, EarlyStopping, Layer, Module, Neuron, Sequential, fit, moons, predict
from nn.draws import generator, permutation
from nn.errors import DataError, DivergedError, SettingError, ShapeError
from nn.losses import binary_cross_entropy, binary_cross_entropy_with_logits, cross_entropy, hinge, squared_error
from nn.penalties import l2

X, Y = moons(40, seed=3)


def weights_of(model):
    return np.array([p.data for p in model.parameters()])


def neuron(*weights):
    return Neuron(len(weights), "linear", initial=lambda rng, nin, nout: list(weights))


def logistic_by_hand(batches, rate, theta):
    """Return the weights w0, w1, b after SGD on logistic regression, and the loss of each batch before its step."""
    losses = []
    for x, y in batches:
        z = x @ theta[:2] + theta[2]
        losses.append(np.mean(np.logaddexp(0.0, z) - y * z))
        error = (1.0 / (1.0 + np.exp(-z)) - y) / len(y)
        theta = theta - rate * np.append(x.T @ error, error.sum())
    return theta, losses


def test_full_batch_is_gradient_descent():
    model = neuron(0.5, -0.25)
    history = fit(model, X, Y, loss=binary_cross_entropy_with_logits, optimizer=SGD(model.parameters(), 0.3), epochs=20)
    theta, losses = logistic_by_hand([(X, Y)] * 20, 0.3, np.array([0.5, -0.25, 0.0]))
    assert weights_of(model) == pytest.approx(theta, rel=1e-12)
    assert history["loss"] == pytest.approx(losses, rel=1e-12)
    assert history["step_loss"] == pytest.approx(losses, rel=1e-12)
    assert (history.path, history.why, history.stopped) == ("compiled", "", "epochs")
    assert (history.epochs, history.steps) == (20, 20)
    assert (history["learning_rate"] == 0.3).all()


@pytest.mark.parametrize("size", [1, 16])
@pytest.mark.parametrize("compiling", [True, False])
def test_batches_follow_the_seeds_order(size, compiling):
    rng = generator(7)
    orders = [permutation(rng, len(X)) for _ in range(3)]
    batches = [(X[o[k : k + size]], Y[o[k : k + size]]) for o in orders for k in range(0, len(X), size)]
    theta, losses = logistic_by_hand(batches, 0.1, np.array([0.5, -0.25, 0.0]))
    model = neuron(0.5, -0.25)
    history = fit(
        model, X, Y, loss=binary_cross_entropy_with_logits, optimizer=SGD(model.parameters(), 0.1), epochs=3,
        batch_size=size, seed=7, compile=compiling,
    )  # fmt: skip
    assert weights_of(model) == pytest.approx(theta, rel=1e-11)
    assert history["step_loss"] == pytest.approx(losses, rel=1e-11)
    by_epoch = np.array_split(np.array(losses) * [len(y) for _, y in batches], 3)
    assert history["loss"] == pytest.approx([part.sum() / len(X) for part in by_epoch], rel=1e-11)


def test_without_shuffling_the_order_is_that_of_the_data():
    batches = [(X[k : k + 10], Y[k : k + 10]) for k in range(0, 40, 10)] * 2
    theta, _ = logistic_by_hand(batches, 0.1, np.array([0.5, -0.25, 0.0]))
    model = neuron(0.5, -0.25)
    optimizer = SGD(model.parameters(), 0.1)
    fit(model, X, Y, loss=binary_cross_entropy_with_logits, optimizer=optimizer, epochs=2, batch_size=10, shuffle=False)
    assert weights_of(model) == pytest.approx(theta, rel=1e-12)


def test_sum_over_the_batch():
    model, other = neuron(0.5, -0.25), neuron(0.5, -0.25)
    loss = binary_cross_entropy_with_logits
    summed = fit(model, X, Y, loss=loss, optimizer=SGD(model.parameters(), 0.01), epochs=4, reduce="sum")
    mean = fit(other, X, Y, loss=loss, optimizer=SGD(other.parameters(), 0.01 * len(X)), epochs=4)
    assert weights_of(model) == pytest.approx(weights_of(other), rel=1e-11)
    assert summed["loss"] == pytest.approx(len(X) * mean["loss"], rel=1e-11)


@pytest.mark.parametrize("compiling", [True, False])
def test_the_penalty_is_added_once_per_step_and_leaves_biases_out(compiling):
    model = neuron(2.0, -3.0)
    model.b.data = 5.0
    history = fit(
        model, X, Y, loss=lambda output, target: 0.0 * output, penalty=l2(0.5), optimizer=SGD(model.parameters(), 0.1),
        epochs=1, batch_size=20, compile=compiling,
    )  # fmt: skip
    assert weights_of(model) == pytest.approx([2.0 * 0.9 * 0.9, -3.0 * 0.9 * 0.9, 5.0], rel=1e-12)
    first, second = 0.5 * (4.0 + 9.0), 0.5 * (4.0 + 9.0) * 0.81
    assert history["step_loss"] == pytest.approx([first, second])
    assert history["penalty"] == pytest.approx([(first + second) / 2])
    assert history["loss"] == pytest.approx(history["penalty"])


def test_the_penalised_weights_can_be_chosen():
    model = neuron(2.0, -3.0)
    model.b.data = 5.0
    fit(
        model, X, Y, loss=lambda output, target: 0.0 * output, penalty=l2(0.5), penalised=[model.b],
        optimizer=SGD(model.parameters(), 0.1), epochs=1,
    )  # fmt: skip
    assert weights_of(model) == pytest.approx([2.0, -3.0, 4.5])


def test_both_paths_do_the_same():
    runs = []
    for compiling in (True, False):
        model = Sequential(Layer(2, 6, "tanh", initial="xavier", seed=0), Dropout(0.3), Layer(6, 1, "linear", seed=1))
        history = fit(
            model, X, Y, loss=hinge, penalty=l2(0.01), epochs=3, batch_size=16, validation=0.25, metrics="accuracy",
            seed=5, compile=compiling,
        )  # fmt: skip
        runs.append((history, weights_of(model)))
    (one, first), (other, second) = runs
    assert (one.path, other.path, other.why) == ("compiled", "eager", "it was asked not to compile")
    assert first == pytest.approx(second, rel=1e-9)
    assert list(one) == list(other)
    for name in one:
        assert one[name] == pytest.approx(other[name], rel=1e-9)


def test_what_cannot_be_compiled_is_run_as_it_is_and_the_history_says_why():
    def branching(output, target):
        return output if output > target else target - output

    model = neuron(0.1, 0.2)
    history = fit(model, X, Y, loss=branching, epochs=1)
    assert history.path == "eager"
    assert "where" in history.why
    assert history.why in repr(history)
    with pytest.raises(CompileError):
        fit(model, X, Y, loss=branching, epochs=1, compile=True)


def test_validation_data_are_not_learned_from():
    loss = binary_cross_entropy_with_logits
    model = neuron(0.5, -0.25)
    split = permutation(generator(2), 40)
    history = fit(model, X, Y, loss=loss, optimizer=SGD(model.parameters(), 0.3), epochs=5, validation=0.25, seed=2)
    kept, back = np.sort(split[10:]), split[:10]
    theta, _ = logistic_by_hand([(X[kept], Y[kept])] * 5, 0.3, np.array([0.5, -0.25, 0.0]))
    assert weights_of(model) == pytest.approx(theta, rel=1e-12)
    z = X[back] @ theta[:2] + theta[2]
    assert history["validation_loss"][-1] == pytest.approx(np.mean(np.logaddexp(0.0, z) - Y[back] * z), rel=1e-12)
    other = neuron(0.5, -0.25)
    optimizer = SGD(other.parameters(), 0.3)
    again = fit(other, X[kept], Y[kept], loss=loss, optimizer=optimizer, epochs=5, validation=(X[back], Y[back]))
    assert again["validation_loss"] == pytest.approx(history["validation_loss"], rel=1e-12)


def test_metrics_are_those_at_the_end_of_each_epoch():
    seen = []

    def largest(outputs, targets):
        seen.append((outputs, targets))
        return outputs.max()

    model = neuron(0.5, -0.25)
    history = fit(model, X, Y, loss=hinge, metrics=["accuracy", largest], epochs=2, validation=(X[:4], Y[:4]))
    assert list(history) == [
        "step_loss", "learning_rate", "loss", "accuracy", "largest", "validation_loss", "validation_accuracy",
        "validation_largest",
    ]  # fmt: skip
    outputs = X @ weights_of(model)[:2] + weights_of(model)[2]
    assert seen[2][0] == pytest.approx(outputs)
    assert history["largest"][-1] == pytest.approx(outputs.max())
    assert history["accuracy"][-1] == np.mean((outputs > 0) == (Y == 1))
    assert predict(model, X) == pytest.approx(outputs)


def test_several_outputs_and_class_numbers():
    model = MLP(2, [8, 3], "tanh", initial="xavier", seed=0)
    y = (X[:, 0] > 0).astype(int) + (X[:, 0] > 1)
    history = fit(model, X, y, loss=cross_entropy, metrics="accuracy", epochs=150)
    assert history["accuracy"][-1] > 0.9
    assert predict(model, X).shape == (40, 3)


def test_one_number_a_sample_and_a_plain_function():
    slope, offset = parameter(0.0), parameter(0.0)
    x = np.linspace(-1.0, 1.0, 20)
    optimizer = SGD([slope, offset], 0.3)
    fit(lambda t: slope * t + offset, x, 3.0 * x - 1.0, loss=squared_error, optimizer=optimizer, epochs=200)
    assert (slope.data, offset.data) == pytest.approx((3.0, -1.0))


def test_only_the_optimizers_parameters_are_learned():
    model = MLP(2, [4, 1], seed=0)
    before = weights_of(model)
    fit(model, X, Y, loss=hinge, optimizer=Adam(model.layers[1].parameters(), 0.1), epochs=3)
    after = weights_of(model)
    assert (after[:12] == before[:12]).all()
    assert (after[12:] != before[12:]).any()


def test_callbacks_see_the_present_weights_and_can_stop():
    model = neuron(0.5, -0.25)
    seen = []

    def note(training):
        seen.append((weights_of(model), training.theta.copy(), training.history.epochs))
        if training.history.epochs == 3:
            training.stop()

    history = fit(model, X, Y, loss=hinge, epochs=10, callbacks=note)
    assert (history.stopped, history.epochs) == ("callback", 3)
    assert [epoch for _, _, epoch in seen] == [1, 2, 3]
    for values, theta, _ in seen:
        assert (values == theta).all()
    assert not (seen[0][0] == seen[1][0]).all()


def test_a_callback_that_fails_leaves_the_weights_it_saw():
    model = neuron(0.5, -0.25)

    def failing(training):
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        fit(model, X, Y, loss=hinge, epochs=10, callbacks=failing, optimizer=SGD(model.parameters(), 0.5))
    other = neuron(0.5, -0.25)
    fit(other, X, Y, loss=hinge, epochs=1, optimizer=SGD(other.parameters(), 0.5))
    assert (weights_of(model) == weights_of(other)).all()


def press_ctrl_c():
    os.kill(os.getpid(), signal.SIGINT)


def test_ctrl_c_ends_the_run_after_the_step():
    model = neuron(0.5, -0.25)
    calls = []

    def loss(output, target):
        calls.append(output)
        if len(calls) == 45:  # in the second step of the second epoch
            press_ctrl_c()
        return hinge(output, 2.0 * target - 1.0)

    optimizer = SGD(model.parameters(), 0.1)
    history = fit(model, X, Y, loss=loss, optimizer=optimizer, epochs=5, batch_size=4, compile=False)
    assert (history.stopped, history.epochs, history.steps) == ("interrupted", 1, 12)
    other = neuron(0.5, -0.25)
    optimizer = SGD(other.parameters(), 0.1)
    whole = fit(other, X, Y, loss=hinge, optimizer=optimizer, epochs=5, batch_size=4, compile=False)
    assert history["step_loss"] == pytest.approx(whole["step_loss"][:12])
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_second_ctrl_c_interrupts_at_once():
    model = neuron(0.5, -0.25)

    def loss(output, target):
        press_ctrl_c()
        press_ctrl_c()
        return hinge(output, 2.0 * target - 1.0)

    with pytest.raises(KeyboardInterrupt):
        fit(model, X, Y, loss=loss, epochs=5, compile=False)
    assert weights_of(model) == pytest.approx([0.5, -0.25, 0.0])


@pytest.mark.parametrize("compiling", [True, False])
def test_a_loss_that_is_not_finite_stops_the_run(compiling):
    model = neuron(1.0, 1.0)
    losses = []

    def loss(output, target):
        return (output - target) ** 2

    with pytest.raises(DivergedError, match=r"in epoch [0-9]+, step 1: .*smaller learning rate") as caught:
        fit(
            model, 1e30 * X, Y, loss=loss, optimizer=SGD(model.parameters(), 1e40), epochs=50, compile=compiling,
            callbacks=lambda training: losses.append(training.history.last("loss")),
        )  # fmt: skip
    assert isinstance(caught.value, NonFiniteError)
    assert caught.value.history["loss"].tolist() == losses
    assert 0 < len(losses) < 10
    assert np.isfinite(weights_of(model)).all()


def test_dropout_compiles_and_is_off_afterwards():
    model = Sequential(Layer(2, 5, "tanh", seed=0), Dropout(0.5, seed=9), Layer(5, 1, "linear", seed=1))
    history = fit(model, X, Y, loss=hinge, epochs=2)
    assert history.path == "compiled"
    assert not model[1].training
    assert predict(model, X[:3]) == pytest.approx([model(x).data for x in X[:3]])


def test_the_same_seed_gives_the_same_history_in_two_processes():
    script = (
        "from nn import *; from nn.losses import hinge; X, y = moons(30);"
        "m = Sequential(Layer(2, 4, 'tanh', seed=0), Dropout(0.2), Layer(4, 1, 'linear', seed=1));"
        "h = fit(m, X, y, loss=hinge, epochs=4, batch_size=8, seed=11, validation=0.2, average=0.9);"
        "print({name: [x.hex() for x in h[name].tolist()] for name in h}, m.state_dict())"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", script], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(printed) == 1
    assert len(printed.pop()) > 500


def test_the_bar_is_shown_when_asked_for(capsys):
    pytest.importorskip("tqdm")
    fit(neuron(0.1, 0.2), X, Y, loss=hinge, epochs=3, progress=True)
    assert "3/3" in capsys.readouterr().err
    fit(neuron(0.1, 0.2), X, Y, loss=hinge, epochs=3, progress=False)
    assert capsys.readouterr().err == ""


def test_the_bar_can_be_disabled_by_tqdms_own_means():
    """tqdm reads its environment when it is imported."""
    script = (
        "from nn import *; m = Neuron(1, 'linear', seed=0);"
        "print(fit(m, [1.0, 2.0], [1.0, 2.0], loss=squared_error, epochs=2, progress=True).epochs)"
    )
    environment = {**os.environ, "TQDM_DISABLE": "1"}
    command = [sys.executable, "-c", script]
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert (finished.stdout, finished.stderr) == ("2\n", "")


class Unlearnable(Module):
    def __call__(self, x):
        return [[x, x]]


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"epochs": 0}, SettingError, "number of epochs is a whole number of at least 1, as in 10; not 0"),
        ({"batch_size": 2.5}, SettingError, "batch_size is a whole number of at least 1, as in 10; not 2.5"),
        ({"reduce": "max"}, SettingError, "'mean' or 'sum', not 'max'"),
        ({"loss": "hinge"}, SettingError, "loss is a function"),
        ({"penalty": 0.1}, SettingError, r"l2\(1e-4\), not 0.1"),
        ({"penalised": []}, SettingError, "there is no penalty"),
        ({"optimizer": SGD}, SettingError, "optimizer is an optimiser"),
        ({"validation": 1.5}, SettingError, "share of the samples such as 0.2, or how many; not 1.5"),
        ({"validation": 0.001}, SettingError, "leaves none"),
        ({"validation": (X[:, :1], Y)}, ShapeError, "shape"),
        ({"early_stopping": 3}, SettingError, "there is no validation data"),
        ({"average": "mean"}, SettingError, "average is 'running'"),
        ({"metrics": "acuracy"}, SettingError, "accuracy"),
        ({"seed": -1}, SettingError, "seed"),
        ({"resume": True}, SettingError, "say which file"),
        ({"compile": "yes"}, SettingError, "compile is None"),
        ({"y": Y[:-1]}, ShapeError, "40 samples in X and 39 targets"),
        ({"X": [[1.0, 2.0], [3.0]]}, DataError, "X"),
        ({"X": np.where(X > 1.5, np.nan, X)}, DataError, "nan"),
        ({"X": []}, DataError, "X is empty"),
        ({"y": np.full(40, 7)}, DataError, "7"),
        ({"model": Unlearnable()}, SettingError, "no parameters"),
        ({"model": lambda x: x[0]}, SettingError, "or an optimizer with the parameters"),
    ],
)
def test_bad_settings_are_refused_before_anything_changes(settings, error, message):
    model = neuron(0.5, -0.25)
    arguments = {"model": model, "X": X, "y": Y, "loss": hinge, **settings}
    with pytest.raises(error, match=message):
        fit(arguments.pop("model"), arguments.pop("X"), arguments.pop("y"), **arguments)
    assert weights_of(model).tolist() == [0.5, -0.25, 0.0]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"optimizer": SGD(MLP(2, [1]).parameters(), 0.1)}, "none of the model's parameters"),
        ({"metrics": [lambda o, t: 0.0, lambda o, t: 1.0]}, "two metrics are called '<lambda>'"),
        ({"loss": lambda output, target: [output]}, "one Value .* returned"),
        ({"loss": lambda output, target: None}, "returned None"),
        ({"loss": lambda output, target: 1.0}, "returned 1.0"),
        ({"model": MLP}, r"such as MLP\(2, \[16, 1\]\)"),
    ],
)
@pytest.mark.parametrize("compiling", [None, False])
def test_slips_that_would_learn_nothing_are_told(settings, message, compiling):
    arguments = {"model": neuron(0.5, -0.25), "loss": hinge, "compile": compiling, **settings}
    with pytest.raises(SettingError, match=message):
        fit(arguments.pop("model"), X, Y, **arguments)


def test_none_stands_for_no_metrics_and_no_callbacks():
    assert fit(neuron(0.5, -0.25), X, Y, loss=hinge, epochs=1, metrics=None, callbacks=None).epochs == 1


def test_one_sample_without_its_axis_is_recognised():
    with pytest.raises(ShapeError) as caught:
        predict(neuron(0.5, -0.25), X[0])
    assert "one sample of 2 numbers give [X]" in caught.value.__notes__[0]


def test_predict_keeps_the_mode_and_takes_a_function():
    model = Sequential(Layer(2, 3, "tanh", seed=0), Dropout(0.5), Layer(3, 1, "linear", seed=1))
    outputs = predict(model, X[:4])
    assert all(part.training for part in model.modules())
    model.eval()
    assert outputs == pytest.approx([model(x).data for x in X[:4]])
    assert predict(lambda x: 2.0 * x[0], X[:4]) == pytest.approx(2.0 * X[:4, 0])
    assert not any(part.training for part in model.modules())


def test_an_unknown_curve_is_answered_with_those_there_are():
    history = fit(neuron(0.5, -0.25), X, Y, loss=hinge, epochs=1)
    for look in (history.last, history.__getitem__):
        with pytest.raises(KeyError, match="step_loss, learning_rate, loss"):
            look("acc")


def test_a_loss_of_ones_own_takes_any_outputs():
    weight = parameter(0.5)
    steps = np.arange(12.0).reshape(4, 3)

    def recurrent(xs):
        return [[weight * x, weight * x * x] for x in xs]

    def squares(outputs, targets):
        return sum((o - t) ** 2 for out in outputs for o, t in zip(out, targets, strict=True))

    history = fit(recurrent, steps, np.ones((4, 2)), loss=squares, optimizer=SGD([weight], 1e-6), epochs=1)
    by_hand = [sum((0.5 * x - 1) ** 2 + (0.5 * x * x - 1) ** 2 for x in row) for row in steps]
    assert history.last("loss") == pytest.approx(np.mean(by_hand))
    with pytest.raises(ShapeError, match="a loss of your own"):
        fit(recurrent, steps, np.ones((4, 2)), loss=squared_error, optimizer=SGD([weight], 1e-6))


def test_a_model_without_a_return_statement_is_told():
    with pytest.raises(SettingError, match="return statement"):
        fit(lambda x: None, X, Y, loss=hinge, optimizer=SGD([parameter(1.0)], 0.1))


def test_one_column_for_a_model_of_a_number_is_told():
    slope = parameter(1.0)
    with pytest.raises(TypeError) as caught:
        fit(lambda t: -t * slope, X[:, :1], Y, loss=squared_error, optimizer=SGD([slope], 0.1))
    assert "X[:, 0]" in caught.value.__notes__[0]


def test_best_is_the_curve_in_the_epoch_whose_weights_the_model_has():
    model = neuron(0.5, -0.25)
    history = fit(model, X, Y, loss=hinge, epochs=4)
    assert history.best("loss") == history["loss"][-1]
    history.best_epoch = 2
    assert history.best("loss") == history["loss"][1]


class Moody(Module):
    def __init__(self):
        self.w = parameter(1.0)

    def __call__(self, x):
        return self.w * x * (3.0 if self.training else 1.0)


@pytest.mark.parametrize("compiling", [True, False])
def test_validation_is_in_evaluation_mode(compiling):
    model, x = Moody(), np.linspace(-1.0, 1.0, 20)
    history = fit(
        model, x, x, loss=squared_error, optimizer=SGD(model.parameters(), 1e-12), epochs=1, validation=(x, x),
        metrics="mse", compile=compiling,
    )  # fmt: skip
    assert history.last("loss") == pytest.approx(np.mean((3 * x - x) ** 2))
    assert history.last("validation_loss") == pytest.approx(0.0, abs=1e-15)


@pytest.mark.parametrize("compiling", [None, False])
@pytest.mark.parametrize("loss", [hinge, binary_cross_entropy_with_logits])
def test_a_wrapped_loss_still_checks_its_targets(loss, compiling):
    labels = Y if loss is hinge else Y + 1
    with pytest.raises(DataError):
        fit(neuron(0.5, -0.25), X, labels, loss=lambda o, t: 2.0 * loss(o, t), epochs=2, compile=compiling)


def test_probabilities_outside_their_range_are_told_with_the_remedy():
    with pytest.raises(ValueError, match="sigmoid"):
        fit(neuron(5.0, -2.5), X, Y, loss=binary_cross_entropy, epochs=2)


def test_a_loss_that_needs_a_class_number_is_run_as_it_is():
    model = MLP(2, [4, 2], "tanh", seed=0)
    history = fit(model, X, Y, loss=lambda scores, label: cross_entropy(scores, int(label)), epochs=2)
    assert history.path == "eager"


@pytest.mark.parametrize("compiling", [None, False])
@pytest.mark.parametrize("penalty", [lambda w: 0.0, lambda w: None, lambda w: sum(v.data**2 for v in w)])
def test_a_penalty_is_a_value(penalty, compiling):
    with pytest.raises(SettingError, match="a penalty is one Value"):
        fit(neuron(0.5, -0.25), X, Y, loss=hinge, penalty=penalty, epochs=1, compile=compiling)


@pytest.mark.parametrize("compiling", [True, False])
def test_a_penalty_that_is_not_finite_stops_the_run(compiling):
    model = neuron(0.5, -0.25)
    with pytest.raises(DivergedError, match="penalty"):
        fit(model, X, Y, loss=hinge, penalty=lambda w: w[0] * float("nan"), epochs=1, compile=compiling)
    assert weights_of(model).tolist() == [0.5, -0.25, 0.0]


@pytest.mark.parametrize(
    "settings",
    [
        {"early_stopping": EarlyStopping(2, "val_loss")},
        {"checkpoint": "no/such/folder/run.npz"},
        {"metrics": "accuracy", "y": Y + 0.25},
        {"penalty": l2(0.1), "penalised": neuron(1.0).parameters()},
        {"shuffle": "no"},
        {"progress": "no"},
        {"callbacks": 3},
        {"metrics": [lambda o, t: 0.0]},
    ],
)
def test_what_cannot_be_done_is_refused_before_the_first_step(settings):
    model = Sequential(neuron(0.5, -0.25))
    for metric in settings["metrics"] if isinstance(settings.get("metrics"), list) else ():
        metric.__name__ = "loss"
    arguments = {"loss": squared_error, "y": Y, "epochs": 2, **settings}
    with pytest.raises((SettingError, DataError, OSError)):
        fit(model, X, arguments.pop("y"), **arguments)
    assert weights_of(model).tolist() == [0.5, -0.25, 0.0]
    assert model.training


def test_validation_can_be_a_number_of_samples():
    history = fit(neuron(0.5, -0.25), X, Y, loss=hinge, epochs=1, batch_size=1, validation=10)
    assert history.steps == 30


def test_predict_runs_what_it_cannot_compile():
    def branching(x):
        return x[0] if x[0] > 1.0 else 0.0 * x[0]

    assert predict(branching, X) == pytest.approx(np.where(X[:, 0] > 1.0, X[:, 0], 0.0))


def test_arrays_of_values_are_outputs_too():
    model = MLP(2, [2], seed=0)
    assert predict(lambda x: np.array(model(x)), X[:3]) == pytest.approx(predict(model, X[:3]))
    with pytest.raises(SettingError, match="one Value or a list"):
        predict(lambda x: {"score": x[0]}, X)
