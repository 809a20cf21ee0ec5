import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from plots_by_hand import outputs_of, state_of, with_theta

from nn import (
    MLP,
    SGD,
    Dropout,
    Layer,
    LogisticRegression,
    Neuron,
    Perceptron,
    Sequential,
    binary_cross_entropy_with_logits,
    fit,
    half_squared_error,
    moons,
)
from viz import VizError
from viz.plots import WeightPath, plot_loss_surface
from viz.plots.surface import loss_surface

X, Y = moons(30, seed=1)


@pytest.fixture
def ax():
    return Figure().subplots()


def line_unit(w=2.0, b=0.5):
    neuron = Neuron(1, "linear", initial=lambda rng, nin, nout: [w])
    neuron.b.data = b
    return neuron


def theta_of(model):
    return np.array([p.data for p in model.parameters()])


def trained(epochs=12):
    model = MLP(2, [4, 1], "tanh", seed=0)
    path = WeightPath(model)
    optimizer = SGD(model.parameters(), 0.5, momentum=0.5)
    fit(model, X, Y, loss=half_squared_error, epochs=epochs, optimizer=optimizer, callbacks=path)
    return model, path


# --- the surface ------------------------------------------------------------------------------------------------------


def test_over_two_parameters_the_loss_is_that_of_their_numbers():
    x, y = np.array([0.0, 1.0, 2.0]), np.array([1.0, 2.0, 5.0])
    surface = loss_surface(line_unit(), x, y, loss=half_squared_error, directions=("w0", "b"), span=3.0, resolution=7)
    assert surface.x.tolist() == pytest.approx(np.linspace(-1.0, 5.0, 7))
    assert surface.y.tolist() == pytest.approx(np.linspace(-2.5, 3.5, 7))
    for i, b in enumerate(surface.y):
        for j, w in enumerate(surface.x):
            assert surface.losses[i, j] == pytest.approx(np.mean(0.5 * (w * x + b - y) ** 2))
    assert surface.names == ("w0", "b")
    assert surface.middle.tolist() == [2.0, 0.5]


def test_parameters_can_be_given_as_values():
    neuron = line_unit()
    one = loss_surface(neuron, [1.0, 2.0], [1.0, 2.0], loss=half_squared_error, directions=(neuron.b, neuron.w[0]))
    assert one.names == ("b", "w0")
    assert one.middle.tolist() == [0.5, 2.0]
    assert (one.x[0], one.x[-1]) == pytest.approx((-1.5, 2.5))  # as far again as the larger is from 0


def test_over_random_directions_the_loss_is_that_of_the_moved_weights():
    model = MLP(2, [4, 3, 1], "tanh", seed=2)
    surface = loss_surface(model, X, Y, loss=half_squared_error, resolution=5)
    theta = theta_of(model)
    for i, b in enumerate(surface.y):
        for j, a in enumerate(surface.x):
            moved = with_theta(model, theta + a * surface.directions[0] + b * surface.directions[1])
            assert surface.losses[i, j] == pytest.approx(np.mean(0.5 * (outputs_of(moved, X) - Y) ** 2))
    assert surface.losses[2, 2] == pytest.approx(surface.loss)


def test_random_directions_are_as_long_as_each_neurons_weights_and_leave_biases_alone():
    model = MLP(2, [4, 3, 1], "tanh", seed=2)
    for p in model.parameters():
        p.data += 0.1
    own = with_theta(model, theta_of(model))
    for direction in loss_surface(model, X, Y, loss=half_squared_error, resolution=2).directions:
        for (w, _), (d, bias) in zip(own, with_theta(model, direction), strict=True):
            assert np.linalg.norm(d, axis=1) == pytest.approx(np.linalg.norm(w, axis=1))
            assert not bias.any()


def test_random_directions_are_those_of_their_seed():
    def directions(seed):
        model = MLP(2, [3, 1], seed=0)
        return loss_surface(model, X, Y, loss=half_squared_error, resolution=2, seed=seed).directions.tolist()

    assert directions(1) == directions(1) != directions(2)


# --- the path ---------------------------------------------------------------------------------------------------------


def test_the_path_has_the_weights_of_every_epoch():
    seen = []
    model = MLP(2, [3, 1], "tanh", seed=0)
    path = WeightPath(model)
    seen.append(theta_of(model))
    callbacks = [path, lambda training: seen.append(theta_of(model))]
    fit(model, X, Y, loss=half_squared_error, epochs=5, callbacks=callbacks)
    assert path.epochs == [0, 1, 2, 3, 4, 5]
    assert np.array_equal(path.weights, seen)


@settings(deadline=None)
@given(epochs=st.integers(1, 60), most=st.integers(2, 9))
def test_of_a_long_run_the_path_keeps_evenly_spaced_epochs_and_the_last(epochs, most):
    path = WeightPath(line_unit(), most)
    for epoch in range(1, epochs + 1):
        path._keep(epoch)
        assert len(path.epochs) <= most
        assert path.epochs[0] == 0
        assert path.epochs[-1] == epoch
    strides = set(np.diff(path.epochs[:-1]).tolist())
    assert len(strides) <= 1
    if epochs < most:
        assert path.epochs == list(range(epochs + 1))


def test_the_principal_directions_are_orthonormal_and_hold_most_of_the_path():
    model, path = trained()
    surface = loss_surface(model, X, Y, loss=half_squared_error, path=path, resolution=2)
    assert surface.directions @ surface.directions.T == pytest.approx(np.eye(2), abs=1e-12)
    variances, axes = np.linalg.eigh(np.cov(path.weights.T))
    assert np.abs(surface.directions @ axes[:, [-1, -2]]) == pytest.approx(np.eye(2), abs=1e-6)
    share = 100.0 * variances[-1] / variances.sum()
    assert surface.names[0] == f"direction 1 ({share:.0f} % of the path)"


def test_the_path_is_projected_on_the_plane_and_ends_at_the_model():
    model, path = trained()
    surface = loss_surface(model, X, Y, loss=half_squared_error, path=path, resolution=2)
    moves = path.weights - theta_of(model)
    assert surface.path == pytest.approx(moves @ surface.directions.T, abs=1e-9)
    assert surface.path[-1] == pytest.approx([0.0, 0.0], abs=1e-12)
    assert surface.x[0] < surface.path[:, 0].min() < surface.path[:, 0].max() < surface.x[-1]
    assert surface.y[0] < surface.path[:, 1].min() < surface.path[:, 1].max() < surface.y[-1]


def test_over_two_parameters_the_path_is_that_of_their_numbers():
    unit = LogisticRegression(2).logit
    path = WeightPath(unit)
    fit(unit, X, Y, loss=binary_cross_entropy_with_logits, epochs=6, callbacks=path)
    surface = loss_surface(
        unit, X, Y, loss=binary_cross_entropy_with_logits, path=path, directions=("w0", "w1"), resolution=2
    )
    assert surface.path == pytest.approx(path.weights[:, :2], abs=1e-12)


def test_on_random_directions_the_path_is_projected_too():
    model, path = trained()
    surface = loss_surface(model, X, Y, loss=half_squared_error, path=path, directions="random", resolution=2)
    rest = path.weights - theta_of(model) - surface.path @ surface.directions
    assert rest @ surface.directions.T == pytest.approx(0.0, abs=1e-9)


# --- the picture ------------------------------------------------------------------------------------------------------


def test_the_picture_shows_the_path_its_start_and_the_model(ax):
    model, path = trained()
    assert plot_loss_surface(model, X, Y, loss=half_squared_error, path=path, ax=ax) is ax
    surface = loss_surface(model, X, Y, loss=half_squared_error, path=path)
    drawn = {line.get_label(): line.get_xydata() for line in ax.lines}
    assert drawn["epochs 0 to 12"] == pytest.approx(surface.path)
    (model_label,) = [label for label in drawn if label.startswith("the model: ")]
    assert drawn[model_label] == pytest.approx(surface.middle.reshape(1, 2))
    (ring,) = [line for line in ax.lines if line.get_marker() == "o"]
    assert ring.get_xydata()[0] == pytest.approx(surface.path[0])
    assert ax.get_xlim() == (surface.x[0], surface.x[-1])
    assert (ax.get_xlabel(), ax.get_ylabel()) == surface.names


def test_the_contour_lines_lie_at_the_losses_they_name(ax):
    neuron = line_unit()
    x, y = np.array([0.0, 1.0, 2.0]), np.array([1.0, 2.0, 5.0])
    plot_loss_surface(
        neuron, x, y, loss=half_squared_error, directions=("w0", "b"), ax=ax, resolution=201
    )  # fmt: skip
    _, lines = ax.collections
    for level, path in zip(lines.levels, lines.get_paths(), strict=True):
        if len(path.vertices):
            w, b = path.vertices.T
            losses = np.mean(0.5 * (np.outer(w, x) + b[:, None] - y) ** 2, axis=1)
            assert losses == pytest.approx(level, rel=0.02)


def test_the_model_stays_as_it_is(ax):
    model = Sequential(Layer(2, 4, "tanh", seed=0), Dropout(0.5), Layer(4, 1, "linear", seed=1))
    model.parameters()[3].grad = 5.0
    before = state_of(model)
    plot_loss_surface(model, X, Y, loss=half_squared_error, resolution=4, ax=ax)
    assert state_of(model) == before


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"directions": ("layers.0.0.w0", "w")}, "no parameter 'w'; it has layers.0.0.w0, "),
        ({"directions": ("layers.0.0.b", "layers.0.0.b")}, "directions are 'random', 'path', or two parameters"),
        ({"directions": "pca"}, "not 'pca'"),
        ({"directions": ("layers.0.0.b",)}, "directions are"),
        ({"directions": "path"}, "asks for a path"),
        ({"path": [1, 2]}, "the path is a WeightPath"),
        ({"path": WeightPath(MLP(2, [4, 1], "tanh"))}, "that of another model"),
        ({"span": 0.0}, "a positive number; not 0.0"),
        ({"span": "wide"}, "a positive number"),
        ({"resolution": 1}, "from 2 to 500"),
    ],
)
def test_what_cannot_be_drawn_says_why(ax, options, message):
    with pytest.raises(VizError, match=message):
        plot_loss_surface(MLP(2, [4, 1], "tanh"), X, Y, loss=half_squared_error, ax=ax, **options)
    assert not ax.collections


def test_a_path_without_two_directions_says_so(ax):
    model = MLP(2, [4, 1], "tanh", seed=0)
    path = WeightPath(model)
    with pytest.raises(VizError, match="at least 3 epochs and 2 parameters; this one has 1 and 17"):
        plot_loss_surface(model, X, Y, loss=half_squared_error, path=path, ax=ax)
    for epoch in (1, 2, 3):
        path._keep(epoch)
    with pytest.raises(VizError, match="the weights did not move"):
        plot_loss_surface(model, X, Y, loss=half_squared_error, path=path, ax=ax)


def test_weights_of_zero_have_no_random_directions(ax):
    with pytest.raises(VizError, match="the model's weights are all 0"):
        plot_loss_surface(Perceptron(2), X, Y, loss=half_squared_error, ax=ax)


def test_what_has_no_parameters_has_no_path_and_no_surface(ax):
    with pytest.raises(VizError, match="a Module with parameters"):
        WeightPath(lambda x: x)
    with pytest.raises(VizError, match="at least 2"):
        WeightPath(MLP(2, [1]), 1)
    with pytest.raises(VizError, match="a Module with parameters"):
        plot_loss_surface(lambda x: x[0], X, Y, loss=half_squared_error, ax=ax)


def test_a_path_refuses_the_run_of_another_model():
    path = WeightPath(MLP(2, [1]))
    with pytest.raises(VizError, match="the run trains another model"):
        fit(MLP(2, [1]), X, Y, loss=half_squared_error, epochs=1, callbacks=path)
    assert path.epochs == [0]
