import numpy as np
import pytest
from matplotlib.figure import Figure
from plots_by_hand import outputs_of, state_of, weights_of, with_theta

from autograd import parameter
from nn import (
    MLP,
    SGD,
    Dropout,
    Layer,
    LogisticRegression,
    Module,
    Neuron,
    Sequential,
    binary_cross_entropy_with_logits,
    fit,
    half_squared_error,
    moons,
)
from nn.errors import SettingError, ShapeError
from viz import VizError
from viz.plots import GradientSizes, plot_dead_units, plot_gradient_sizes, plot_gradients_by_layer

X, Y = moons(25, seed=3)


@pytest.fixture
def ax():
    return Figure().subplots()


def theta_of(model):
    return np.array([p.data for p in model.parameters()])


def half_squared(model, theta):
    return float(np.mean(0.5 * (outputs_of(with_theta(model, theta), X) - Y) ** 2))


def sizes_by_differences(model, h=1e-6):
    """Return each layer's length of the gradient, by central differences of a loss in NumPy."""
    theta = theta_of(model)
    slopes = np.array(
        [half_squared(model, theta + h * e) - half_squared(model, theta - h * e) for e in np.eye(len(theta))]
    )
    ends = np.cumsum([len(layer.parameters()) for layer in model.layers])
    return [float(np.linalg.norm(block / (2 * h))) for block in np.split(slopes, ends[:-1])]


# --- sizes ------------------------------------------------------------------------------------------------------------


def test_a_size_is_the_length_of_the_gradient_of_the_mean_loss_for_a_layer():
    model = MLP(2, [4, 3, 1], "tanh", seed=0)
    sizes = GradientSizes(model, X, Y, half_squared_error)
    assert sizes.layers == ["layers.0", "layers.1", "layers.2"]
    assert sizes.sizes.tolist() == [pytest.approx(sizes_by_differences(model), rel=1e-6)]


def test_epochs_are_noted_as_they_come():
    model = MLP(2, [4, 1], "tanh", seed=0)
    sizes = GradientSizes(model, X, Y, half_squared_error)
    fit(model, X, Y, loss=half_squared_error, epochs=6, callbacks=sizes)
    assert sizes.epochs == [0, 1, 2, 3, 4, 5, 6]
    assert sizes.sizes[6].tolist() == pytest.approx(sizes_by_differences(model), rel=1e-6)
    assert not np.allclose(sizes.sizes[6], sizes.sizes[0])


def test_every_so_many_epochs():
    model = MLP(2, [4, 1], seed=0)
    sizes = GradientSizes(model, X, Y, half_squared_error, every=3)
    fit(model, X, Y, loss=half_squared_error, epochs=7, callbacks=sizes)
    assert sizes.epochs == [0, 3, 6]
    assert sizes.sizes.shape == (3, 2)


def test_looking_on_changes_nothing_in_a_run():
    def run(look):
        model = Sequential(Layer(2, 6, "relu", seed=0), Dropout(0.4), Layer(6, 1, "linear", seed=1))
        callbacks = [GradientSizes(model, X, Y, half_squared_error)] if look else []
        history = fit(model, X, Y, loss=half_squared_error, epochs=5, batch_size=4, callbacks=callbacks)
        return history, theta_of(model).tolist()

    assert run(True) == run(False)


def test_dropout_drops_nothing_when_gradients_are_looked_at():
    parts = Layer(2, 6, "relu", seed=0), Layer(6, 1, "linear", seed=1)
    plain = GradientSizes(Sequential(*parts), X, Y, half_squared_error)
    dropping = GradientSizes(Sequential(parts[0], Dropout(0.5), parts[1]), X, Y, half_squared_error)
    assert dropping.layers == ["0", "2"]
    assert dropping.sizes == pytest.approx(plain.sizes)
    assert np.array_equal(dropping.dead, plain.dead)


@pytest.mark.parametrize("branches", [False, True])  # with branches it cannot be compiled
def test_making_one_leaves_the_model_as_it_is(branches):
    start = (lambda x: x if float(x[0]) < 100.0 else x[::-1]) if branches else list
    model = Sequential(start, Layer(2, 6, "relu", seed=0), Dropout(0.4, seed=0), Layer(6, 1, "linear", seed=1))
    model.parameters()[0].grad = 7.0
    before = state_of(model)
    GradientSizes(model, X, Y, half_squared_error)
    assert state_of(model) == before


def test_a_twin_that_shares_the_parameters_may_be_trained():
    unit = LogisticRegression(2)
    sizes = GradientSizes(unit.logit, X, Y, binary_cross_entropy_with_logits)
    unit.fit(X, Y, epochs=3, callbacks=sizes)
    assert sizes.layers == [""]
    assert len(sizes.epochs) == 4


def test_gradients_vanish_through_sigmoids_and_not_through_relus():
    shares = {}
    for activation in ("sigmoid", "relu"):
        model = MLP(2, [10] * 6 + [1], activation, initial="he", seed=0)
        row = GradientSizes(model, X, Y, half_squared_error).sizes[0]
        shares[activation] = row[0] / row[-2]
    assert shares["sigmoid"] < 1e-2
    assert shares["relu"] > 0.1


def test_a_gradient_that_is_not_finite_leaves_a_gap(ax):
    model = MLP(2, [1], seed=0)

    def loss(output, y):
        return output.log()

    for parameter_ in model.parameters():
        parameter_.data = -1.0
    sizes = GradientSizes(model, [[1.0, 1.0]], [0.0], loss)
    assert np.isnan(sizes.sizes).all()
    plot_gradient_sizes(sizes, ax)


# --- dead units -------------------------------------------------------------------------------------------------------


def dead_by_hand(model, x):
    shares = []
    for w, b in weights_of(model)[:-1]:
        x = np.maximum(x @ w.T + b, 0.0)
        shares.append(float((x == 0.0).all(axis=0).mean()))
    return shares


def test_a_unit_is_dead_that_is_off_for_every_sample():
    model = MLP(2, [4, 8, 1], seed=1)
    for neuron, bias in zip(model.layers[0].neurons, (-50.0, 0.0, -50.0, 5.0), strict=True):
        neuron.b.data = bias
    sizes = GradientSizes(model, X, Y, half_squared_error)
    assert sizes.relu_layers == ["layers.0", "layers.1"]
    assert sizes.dead[0].tolist() == dead_by_hand(model, X)
    assert sizes.dead[0, 0] >= 0.5


def test_units_die_of_a_rate_that_is_too_large():
    model = MLP(2, [12, 1], seed=1)
    sizes = GradientSizes(model, X, Y, half_squared_error)
    fit(model, X, Y, loss=half_squared_error, epochs=3, optimizer=SGD(model.parameters(), 8.0), callbacks=sizes)
    assert sizes.dead[0, 0] == 0.0
    assert sizes.dead[-1].tolist() == dead_by_hand(model, X)
    assert sizes.dead[-1, 0] > 0.5


class Handwritten(Module):
    """A ReLU unit of elementary operations, used twice, and one that is off everywhere."""

    def __init__(self, branches):
        self.w, self.b, self.off = parameter(1.0), parameter(0.0), parameter(-9.0)
        self.branches = branches
        self.label_parameters()

    def unit(self, x):
        return (x * self.w + self.b).relu()

    def __call__(self, x):
        if self.branches and float(x[0]) > 100.0:
            return self.w
        return self.unit(x[0]) + self.unit(-1.0 * x[0] - 7.0) + (x[1] * 0.0 + self.off).relu()


@pytest.mark.parametrize("branches", [False, True])  # with branches it cannot be compiled
def test_handwritten_units_count_once_wherever_they_are_used(branches):
    sizes = GradientSizes(Handwritten(branches), X, Y, half_squared_error)
    assert sizes.relu_layers == ["b", "off"]
    assert sizes.dead.tolist() == [[0.0, 1.0]]


def test_models_of_several_outputs_have_their_units_found():
    model = MLP(2, [5, 3], seed=0)
    sizes = GradientSizes(model, X, np.eye(3)[[0] * 25], lambda scores, y: sum(scores) * y[0])
    assert sizes.dead[0].tolist() == dead_by_hand(model, X)


def test_without_relu_units_there_is_nothing_to_draw(ax):
    sizes = GradientSizes(MLP(2, [3, 1], "tanh"), X, Y, half_squared_error)
    assert sizes.relu_layers == []
    assert sizes.dead.shape == (1, 0)
    with pytest.raises(VizError, match="no ReLU units"):
        plot_dead_units(sizes, ax)


# --- pictures ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def noted():
    model = MLP(2, [6, 6, 1], seed=0)
    sizes = GradientSizes(model, X, Y, half_squared_error)
    fit(model, X, Y, loss=half_squared_error, epochs=4, callbacks=sizes)
    return sizes


def test_a_line_for_each_layer_over_the_epochs(noted, ax):
    assert plot_gradient_sizes(noted, ax) is ax
    assert [line.get_label() for line in ax.lines] == noted.layers
    for k, line in enumerate(ax.lines):
        assert line.get_xdata().tolist() == [0, 1, 2, 3, 4]
        assert line.get_ydata() == pytest.approx(noted.sizes[:, k])
    assert ax.get_yscale() == "log"


def test_the_dead_in_percent(noted, ax):
    plot_dead_units(noted, ax)
    for k, line in enumerate(ax.lines):
        assert line.get_ydata() == pytest.approx(100.0 * noted.dead[:, k])
    low, high = ax.get_ylim()
    assert low < 0.0
    assert high > 100.0


def test_layers_have_the_same_colours_in_both_pictures(noted, ax):
    other = Figure().subplots()
    plot_gradient_sizes(noted, ax)
    plot_dead_units(noted, other)
    colors = {line.get_label(): line.get_color() for line in ax.lines}
    assert all(colors[line.get_label()] == line.get_color() for line in other.lines)


def test_models_side_by_side_against_depth(noted, ax):
    plot_gradients_by_layer({"one": noted, "two": noted}, ax, epoch=2, log=False)
    assert [line.get_label() for line in ax.lines] == ["one", "two"]
    assert ax.lines[0].get_xdata().tolist() == [1, 2, 3]
    assert ax.lines[1].get_ydata() == pytest.approx(noted.sizes[2])
    assert ax.lines[0].get_color() != ax.lines[1].get_color()
    assert ax.lines[0].get_marker() != ax.lines[1].get_marker()


def test_a_gradient_of_zero_is_marked_at_the_bottom(ax):
    model = MLP(2, [2, 1], seed=0)
    for neuron in model.layers[0].neurons:
        neuron.b.data = -99.0
    sizes = GradientSizes(model, X, Y, half_squared_error)
    plot_gradient_sizes(sizes, ax)
    assert sizes.sizes[0, 0] == 0.0
    assert np.isnan(ax.lines[0].get_ydata()).all()
    (mark,) = [line for line in ax.lines if line.get_marker() == "v"]
    assert mark.get_xydata().tolist() == [[0.0, 0.0]]
    assert mark.get_transform() == ax.get_xaxis_transform()


# --- what is refused --------------------------------------------------------------------------------------------------


def test_what_cannot_be_noted_says_why():
    with pytest.raises(VizError, match="those of a Module with parameters"):
        GradientSizes(lambda x: x[0], X, Y, half_squared_error)
    with pytest.raises(VizError, match="every is a number of epochs"):
        GradientSizes(Neuron(2), X, Y, half_squared_error, every=0)
    with pytest.raises(SettingError, match="loss is a function"):
        GradientSizes(Neuron(2), X, Y, None)
    with pytest.raises(ShapeError, match="25 samples in X and 3 targets"):
        GradientSizes(Neuron(2), X, Y[:3], half_squared_error)


def test_the_run_of_another_model_is_refused(noted):
    with pytest.raises(VizError, match="the run trains another model"):
        fit(MLP(2, [1]), X, Y, loss=half_squared_error, epochs=1, callbacks=noted)
    assert len(noted.epochs) == 5


def test_what_cannot_be_drawn_says_why(noted, ax):
    for draw in (plot_gradient_sizes, plot_dead_units):
        with pytest.raises(VizError, match="give what was noted while training"):
            draw([1.0], ax)
    with pytest.raises(VizError, match="give names and what was noted"):
        plot_gradients_by_layer(noted, ax)
    with pytest.raises(VizError, match="nothing of epoch 9; it noted 5 epochs, the last 4"):
        plot_gradients_by_layer({"one": noted}, ax, epoch=9)
