import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from nn import MLP, binary_cross_entropy_with_logits, fit, moons
from nn.training import History
from viz import VizError
from viz.plots import plot_history, plot_run

LOSS, VALIDATION = [0.9, 0.5, 0.3, 0.2], [1.0, 0.6, 0.4, 0.7]
ACCURACY, VALIDATION_ACCURACY = [0.5, 0.7, 0.8, 0.9], [0.5, 0.8, 0.7, 0.8]


@pytest.fixture
def ax():
    return Figure().subplots()


def made(**curves):
    history = History("compiled")
    for name, numbers in curves.items():
        for x in numbers:
            history.append(name, x)
    return history


@pytest.fixture
def history():
    return made(
        step_loss=[1.0, 0.8, 0.6, 0.4, 0.3, 0.3, 0.2, 0.2], learning_rate=[0.1] * 8,
        loss=LOSS, validation_loss=VALIDATION, accuracy=ACCURACY, validation_accuracy=VALIDATION_ACCURACY,
    )  # fmt: skip


def lines(ax):
    return {line.get_label(): line.get_xydata().tolist() for line in ax.lines}


def test_a_curve_and_its_validation_curve_stand_over_the_epochs(history, ax):
    assert plot_history(history, ax) is ax
    drawn = lines(ax)
    assert drawn["training"] == [[1, 0.9], [2, 0.5], [3, 0.3], [4, 0.2]]
    assert drawn["validation"] == [[1, 1.0], [2, 0.6], [3, 0.4], [4, 0.7]]
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_yscale()) == ("epoch", "loss", "linear")


def test_the_lowest_validation_loss_is_marked(history, ax):
    plot_history(history, ax)
    assert lines(ax)["lowest: epoch 3"] == [[3, 0.4]]


def test_the_first_of_the_highest_accuracies_is_marked(history, ax):
    plot_history(history, ax, "accuracy")
    assert lines(ax)["highest: epoch 2"] == [[2, 0.8]]
    assert ax.get_ylabel() == "accuracy"


def test_after_early_stopping_the_epoch_is_marked_whose_weights_were_kept(history, ax):
    history.best_epoch = 2
    plot_history(history, ax)
    assert lines(ax)["kept: epoch 2"] == [[2, 0.6]]
    assert not any(label.startswith("lowest") for label in lines(ax))


def test_no_mark_where_none_is_wanted_or_no_number_is_best(history, ax):
    plot_history(history, ax, best=False)
    assert set(lines(ax)) == {"training", "validation"}
    plot_history(made(loss=[1.0], validation_loss=[float("nan")]), ax, label="nan")
    assert "nan, validation" in lines(ax)
    assert not any("lowest" in label for label in lines(ax))


def test_a_nan_is_not_the_lowest(ax):
    plot_history(made(loss=[1.0, 1.0, 1.0], validation_loss=[float("nan"), 3.0, 2.0]), ax)
    assert lines(ax)["lowest: epoch 3"] == [[3, 2.0]]


def test_a_list_of_curves_is_drawn_as_it_is(history, ax):
    plot_history(history, ax, ["validation_loss", "accuracy"])
    assert [label for label in lines(ax) if "epoch" not in label] == ["validation loss", "accuracy"]
    assert ax.get_ylabel() == ""


def test_curves_with_a_number_for_each_step_stand_over_the_steps(history, ax):
    plot_history(history, ax, "step_loss")
    assert lines(ax)["step loss"][-1] == [8, 0.2]
    assert ax.get_xlabel() == "step"


def test_a_logarithmic_axis_has_plain_numbers(ax):
    plot_history(made(loss=[0.5, 0.05, 0.004]), ax, log=True)
    assert list(lines(ax)) == ["loss"]
    assert ax.get_yscale() == "log"
    FigureCanvasAgg(ax.figure).draw()
    texts = [text.get_text() for text in ax.get_yticklabels()]
    assert {"0.01", "0.1"} <= set(texts)


def test_several_runs_share_axes_in_colours_of_their_own(history, ax):
    plot_history(history, ax, label="Adam")
    plot_history(history, ax, label="SGD")
    curves = [line for line in ax.lines if line.get_linestyle() != "None"]
    assert [line.get_label() for line in curves] == [
        "Adam, training", "Adam, validation", "SGD, training", "SGD, validation",
    ]  # fmt: skip
    assert len({line.get_color() for line in curves}) == 4
    assert len(ax.get_legend().get_texts()) == 6


def test_drawing_twice_gives_the_same_numbers(history, ax):
    plot_history(history, ax)
    other = plot_history(history, Figure().subplots())
    assert lines(ax) == lines(other)


def test_all_there_is_to_see_of_a_run():
    X, y = moons(60)
    model = MLP(2, [4, 1], "tanh", seed=0)
    history = fit(
        model, X, y, loss=binary_cross_entropy_with_logits, epochs=4, validation=0.25, metrics=["accuracy"]
    )  # fmt: skip
    figure = plot_run(history, model, X, y, features=["length", "width"])
    loss, accuracy, plane = figure.axes
    assert (loss.get_ylabel(), accuracy.get_ylabel(), plane.get_ylabel()) == ("loss", "accuracy", "width")
    assert np.array_equal(loss.lines[0].get_ydata(), history["loss"])
    assert np.array_equal(accuracy.lines[1].get_ydata(), history["validation_accuracy"])
    pyplot.close(figure)
    alone = plot_run(history)
    assert len(alone.axes) == 2
    pyplot.close(alone)


@pytest.mark.parametrize("wrong", [History(), made(loss=[])])
def test_an_empty_history_says_so(ax, wrong):
    with pytest.raises(VizError, match="the history is empty"):
        plot_history(wrong, ax)


def test_an_unknown_curve_is_answered_with_those_there_are(history, ax):
    for wanted in ("acuracy", ["loss", "acuracy"]):
        with pytest.raises(VizError, match=r"no curve 'acuracy'; this history has step_loss, learning_rate, loss, val"):
            plot_history(history, ax, wanted)
    for wanted in ([], 3):
        with pytest.raises(VizError, match="this history has step_loss"):
            plot_history(history, ax, wanted)
    assert not ax.lines


def test_steps_and_epochs_do_not_mix(history, ax):
    with pytest.raises(VizError, match="draw loss, step_loss in different axes"):
        plot_history(history, ax, ["loss", "step_loss"])


def test_what_is_no_history_is_refused(ax):
    with pytest.raises(VizError, match="a history is what fit"):
        plot_history({"loss": [1.0]}, ax)
