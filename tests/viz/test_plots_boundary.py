import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.contour import QuadContourSet
from matplotlib.figure import Figure
from plots_by_hand import outputs_of, state_of, weights_of

from autograd import sigmoid
from nn import (
    MLP,
    Adaline,
    Dropout,
    Layer,
    LinearSVM,
    LogisticRegression,
    Module,
    MulticlassPerceptron,
    Perceptron,
    Sequential,
    ThresholdUnit,
    blobs,
    logic,
    moons,
    predict,
)  # fmt: skip
from nn.errors import DataError
from nn.step_networks import edges, intersection, union
from viz import VizError
from viz.plots import plot_decision
from viz.plots.boundary import crossing, hidden_lines

BOUNDS = ((-1.0, 3.0), (-2.0, 1.0))


@pytest.fixture
def ax():
    return Figure().subplots()


def grid(resolution, bounds=BOUNDS):
    x, y = np.linspace(*bounds[0], resolution), np.linspace(*bounds[1], resolution)
    return x, y, np.array([[a, b] for b in y for a in x])


def image(ax):
    (found,) = ax.images
    return np.asarray(found.get_array())


def outlines(ax):
    return [c for c in ax.collections if isinstance(c, QuadContourSet)]


def vertices(ax):
    return np.concatenate([path.vertices for c in outlines(ax) for path in c.get_paths()])


def texts(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


# --- the plane --------------------------------------------------------------------------------------------------------


def test_the_plane_shows_the_models_outputs(ax):
    model = MLP(2, [5, 1], "tanh", seed=3)
    plot_decision(model, bounds=BOUNDS, ax=ax, resolution=40)
    x, y, points = grid(40)
    assert image(ax) == pytest.approx(outputs_of(weights_of(model), points).reshape(40, 40), abs=1e-12)
    left, right, bottom, top = ax.images[0].get_extent()
    assert (left, right) == pytest.approx((x[0] - (x[1] - x[0]) / 2, x[-1] + (x[1] - x[0]) / 2))
    assert (bottom, top) == pytest.approx((y[0] - (y[1] - y[0]) / 2, y[-1] + (y[1] - y[0]) / 2))
    assert (ax.get_xlim(), ax.get_ylim()) == BOUNDS


def test_the_boundary_is_where_the_output_is_at_the_threshold(ax):
    model = MLP(2, [5, 1], "tanh", seed=3)
    plot_decision(model, bounds=BOUNDS, ax=ax, threshold=0.1)
    assert outputs_of(weights_of(model), vertices(ax)) == pytest.approx(0.1, abs=1e-3)
    assert texts(ax) == ["output = 0.1"]


def test_colours_are_as_deep_on_either_side_of_the_threshold(ax):
    plot_decision(LogisticRegression(2), *moons(30), ax)
    norm = ax.images[0].norm
    assert norm(0.5) == pytest.approx(0.5)
    assert 0.5 - norm.vmin == pytest.approx(norm.vmax - 0.5)


def test_of_several_outputs_the_largest_has_the_point(ax):
    model = MLP(2, [6, 3], "tanh", seed=1)
    plot_decision(model, bounds=BOUNDS, ax=ax, resolution=60)
    scores = outputs_of(weights_of(model), grid(60)[2])
    assert np.array_equal(image(ax), scores.argmax(axis=1).reshape(60, 60))
    two = np.sort(outputs_of(weights_of(model), vertices(ax)), axis=1)[:, -2:]
    assert two[:, 0] == pytest.approx(two[:, 1], abs=2e-2)


def test_units_that_learned_by_the_convergence_procedure(ax):
    X, y = logic("or", inputs=(-1, 1))
    unit = Perceptron(2, "sign")
    unit.fit(X, 2 * y - 1)
    plot_decision(unit, X, 2 * y - 1, ax, bounds=BOUNDS, resolution=50)
    total = grid(50)[2] @ [w.data for w in unit.w] + unit.b.data
    assert np.array_equal(image(ax), np.sign(total).reshape(50, 50))
    assert texts(ax) == ["class -1", "class 1", "output = 0"]


def test_templates_for_several_classes(ax):
    X, y = blobs(30, 3, noise=0.2)
    unit = MulticlassPerceptron(2, 3)
    unit.fit(X, y)
    plot_decision(unit, X, y, ax, bounds=BOUNDS, resolution=30)
    winners = [unit.winner(point) for point in grid(30)[2].tolist()]
    assert np.array_equal(image(ax), np.reshape(winners, (30, 30)))


def test_a_union_of_polygons_in_step_units(ax):
    square, triangle = edges([(0, 0), (1, 0), (1, 1), (0, 1)]), edges([(2, -1), (2.75, -1), (2, 0.5)])
    plot_decision(union([square, triangle]), bounds=BOUNDS, ax=ax, resolution=45)
    x, y = grid(45)[2].T
    inside = ((x >= 0) & (x <= 1) & (y >= 0) & (y <= 1)) | ((x >= 2) & (y >= -1) & (y <= 0.5 - 2 * (x - 2)))
    assert np.array_equal(image(ax), inside.reshape(45, 45))
    assert texts(ax) == ["output = 0.5"]


@pytest.mark.parametrize(
    ("model", "threshold"),
    [
        (ThresholdUnit([1, 1], 0.5), 0.5),
        (LogisticRegression(2), 0.5),
        (MLP(2, [3, 1], output_activation="sigmoid", seed=0), 0.5),
        (lambda x: sigmoid(x[0] - x[1]), 0.5),
        (lambda x: x[0] > x[1], 0.5),
        (Perceptron(2, "sign"), 0.0),
        (Adaline(2), 0.0),
        (MLP(2, [3, 1], seed=0), 0.0),
        (lambda x: x[0] - x[1], 0.0),
    ],
)
def test_the_threshold_is_a_half_where_outputs_lie_between_0_and_1(ax, model, threshold):
    plot_decision(model, bounds=BOUNDS, ax=ax, resolution=5)
    assert texts(ax) == [f"output = {threshold:g}"]


def test_a_function_of_a_sample_is_a_model_too(ax):
    plot_decision(lambda x: x[0] * x[1] - 0.5, bounds=BOUNDS, ax=ax, resolution=20)
    x, y = grid(20)[2].T
    assert image(ax) == pytest.approx((x * y - 0.5).reshape(20, 20))


class Branching(Module):
    """A model that cannot be compiled."""

    def __init__(self):
        self.layer = Layer(2, 1, "linear", seed=0)
        self.dropout = Dropout(0.5, seed=1)

    def __call__(self, x):
        score = self.dropout([self.layer(x)])[0]
        return score if float(x[0]) > 0 else -score


def test_a_model_that_cannot_be_compiled_is_asked_point_by_point(ax):
    model = Branching()
    plot_decision(model, bounds=BOUNDS, ax=ax)
    w, b = [w.data for w in model.layer.neurons[0].w], model.layer.neurons[0].b.data
    assert model.training  # and yet nothing is dropped
    points = grid(80)[2]
    expected = (points @ w + b) * np.where(points[:, 0] > 0, 1.0, -1.0)
    assert image(ax) == pytest.approx(expected.reshape(80, 80), abs=1e-12)


def test_what_is_not_defined_stays_blank(ax):
    plot_decision(lambda x: x[0].log(), bounds=BOUNDS, ax=ax, resolution=20)
    x = grid(20)[2][:, 0]
    with np.errstate(invalid="ignore", divide="ignore"):
        assert image(ax) == pytest.approx(np.log(x).reshape(20, 20), nan_ok=True)
    empty = Figure().subplots()
    plot_decision(lambda x: (x[0] * 0.0 - 1.0).log(), bounds=BOUNDS, ax=empty, resolution=5)
    assert np.isnan(image(empty)).all()
    assert not outlines(empty)


# --- the samples ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("labels", "legend"),
    [
        (lambda y: y, ["class 0", "class 1"]),
        (lambda y: 2 * y - 1, ["class -1", "class 1"]),
        (lambda y: np.array(["cat", "dog"])[y], ["cat", "dog"]),
        (lambda y: np.eye(2)[y], ["class 0", "class 1"]),
        (lambda y: y.reshape(-1, 1), ["class 0", "class 1"]),
        (lambda y: 5.0 * y + 2.5, ["class 2.5", "class 7.5"]),
    ],
)
def test_each_class_has_its_samples(ax, labels, legend):
    X, y = moons(30)
    plot_decision(MLP(2, [1], seed=0), X, labels(y), ax)
    low, high = [c for c in ax.collections if not isinstance(c, QuadContourSet)]
    assert np.array_equal(low.get_offsets(), X[y == 0])
    assert np.array_equal(high.get_offsets(), X[y == 1])
    assert texts(ax)[:2] == legend


def test_the_classes_can_be_given_in_the_order_of_the_outputs(ax):
    X, y = moons(30)
    plot_decision(MLP(2, [1], seed=0), X, np.array(["no", "yes"])[y], ax, classes=["yes", "no"])
    low, _ = [c for c in ax.collections if not isinstance(c, QuadContourSet)]
    assert np.array_equal(low.get_offsets(), X[y == 1])


def test_all_samples_are_in_view(ax):
    X, y = moons(50)
    plot_decision(MLP(2, [1], seed=0), X, y, ax)
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    assert left < X[:, 0].min() < X[:, 0].max() < right
    assert bottom < X[:, 1].min() < X[:, 1].max() < top


def test_a_single_sample_and_samples_without_labels(ax):
    plot_decision(MLP(2, [1], seed=0), [[1.0, 2.0]], ax=ax)
    assert (ax.get_xlim(), ax.get_ylim()) == ((0.0, 2.0), (1.0, 3.0))
    assert texts(ax)[0] == "samples"


def test_columns_with_names_name_the_axes(ax):
    class Frame:
        columns = ("length", "width")

        def __array__(self, dtype=None, copy=None):
            return np.array([[0.0, 1.0], [2.0, 3.0]], dtype=dtype)

    plot_decision(MLP(2, [1], seed=0), Frame(), [0, 1], ax)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("length", "width")


# --- hidden units -----------------------------------------------------------------------------------------------------


def test_hidden_units_are_lines_with_ticks_on_their_positive_side(ax):
    model = MLP(2, [4, 1], "tanh", seed=2)
    for neuron, bias in zip(model.layers[0].neurons, (0.3, -0.2, 0.1, 0.0), strict=True):
        neuron.b.data = bias
    plot_decision(model, bounds=BOUNDS, ax=ax, hidden=True)
    dashed = [line.get_xydata() for line in ax.lines if line.get_linestyle() == "--"]
    ticks = [line.get_xydata() for line in ax.lines if line.get_linestyle() == "-"]
    w, b = weights_of(model)[0]
    assert len(dashed) == 4
    assert len(ticks) == 16
    for k, ends in enumerate(dashed):
        assert ends @ w[k] + b[k] == pytest.approx(0.0, abs=1e-12)
        for foot, tip in ticks[4 * k : 4 * k + 4]:
            assert foot @ w[k] + b[k] == pytest.approx(0.0, abs=1e-12)
            assert tip @ w[k] + b[k] > 0.0


@pytest.mark.parametrize(
    ("model", "count"),
    [
        (MLP(2, [7, 3, 1], seed=0), 7),
        (Layer(2, 3, seed=0), 3),
        (ThresholdUnit([1, 2], 0), 1),
        (Sequential(Layer(2, 5, "relu", seed=0), Layer(5, 1, "linear", seed=0)), 5),
        (intersection(edges([(0, 0), (1, 0), (0, 1)])), 3),
        (LinearSVM(2, 4), 4),
    ],
)
def test_whose_first_layer_is_known(model, count):
    assert len(hidden_lines(model)) == count


finite = st.floats(-5.0, 5.0)


@given(w=st.tuples(finite, finite), b=finite)
def test_a_line_is_drawn_from_edge_to_edge(w, b):
    ends = crossing(w, b, BOUNDS)
    corners = [w[0] * x + w[1] * y + b for x in BOUNDS[0] for y in BOUNDS[1]]
    if ends is None:  # then the picture lies on one side, or is touched at a corner
        assert min(corners) >= -1e-9 or max(corners) <= 1e-9
        return
    (left, right), (bottom, top) = BOUNDS
    for x, y in ends:
        assert w[0] * x + w[1] * y + b == pytest.approx(0.0, abs=1e-9)
        assert any(map(math.isclose, (x, x, y, y), (left, right, bottom, top)))


# --- what stays, and what is refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize("training", [True, False])
def test_the_model_stays_as_it_is(ax, training):
    X, y = moons(20)
    for model in (
        Sequential(Layer(2, 4, "tanh", seed=0), Dropout(0.5, seed=0), Layer(4, 1, "linear", seed=1)),
        Branching(),
    ):
        model.train(training)
        for i, parameter in enumerate(model.parameters()):
            parameter.grad = float(i)
        before = state_of(model)
        plot_decision(model, X, y, ax, resolution=10)
        assert state_of(model) == before


def test_dropout_drops_nothing_in_a_picture(ax):
    model = Sequential(Layer(2, 4, "tanh", seed=0), Dropout(0.5, seed=0), Layer(4, 1, "linear", seed=1))
    plot_decision(model, bounds=BOUNDS, ax=ax, resolution=9)
    assert image(ax).ravel() == pytest.approx(predict(model, grid(9)[2]))


X4 = np.zeros((4, 2))


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((MLP(3, [1]), X4, [0, 1, 0, 1]), {}, "a model of two features; this one says: a neuron with 3 weights"),
        ((lambda x: x[2], X4), {}, "a model of two features"),
        ((MLP(3, [1]), np.zeros((4, 3)), [0, 1, 0, 1]), {}, r"plane of two features, so X .* not \(4, 3\)"),
        ((MLP(2, [1]), X4, [0, 1]), {}, "4 samples in X and 2 labels in y"),
        ((MLP(2, [1]), X4, [0.1, 0.2, 0.3, 0.4]), {}, "2 classes apart, and y has 4 labels: 0.1, 0.2"),
        ((MLP(2, [3]), X4, [0, 1, 2, 3]), {}, "3 classes apart, and y has 4 labels"),
        ((MLP(2, [9]), X4), {}, "tells 8 classes apart; this model has 9 outputs"),
        ((MLP(2, [1]), None, [0, 1]), {}, "labels y but no samples X"),
        ((MLP(2, [1]),), {}, "say what to draw: bounds="),
        ((3, X4), {}, "a model is a Module"),
        ((MLP(2, [1]), X4), {"bounds": ((1, 0), (0, 1))}, "bounds are"),
        ((MLP(2, [1]), X4), {"bounds": "all"}, "bounds are"),
        ((MLP(2, [1]), X4), {"threshold": "high"}, "threshold is a finite number"),
        ((MLP(2, [3]), X4), {"threshold": 0.5}, "a threshold is for one output"),
        ((MLP(2, [1]), X4, [0, 1, 0, 1]), {"classes": ["a"]}, "2 classes apart, and classes lists 1"),
        ((MLP(2, [1]), X4, [0, 1, 0, 1]), {"classes": [1, 2]}, "the label 0, which is not in classes"),
        ((MLP(2, [1]), X4), {"features": ["x"]}, "names of the two axes"),
        ((MLP(2, [1]), X4), {"resolution": 1}, "from 2 to 2000"),
        ((lambda x: x[0], X4), {"hidden": True}, "hidden=True draws the units of the first layer"),
        ((MLP(3, [1]), X4), {"hidden": True}, "the first of this model has 3"),
    ],
)
def test_what_cannot_be_drawn_says_why(ax, arguments, options, message):
    with pytest.raises(VizError, match=message):
        plot_decision(*arguments, ax=ax, **options)
    assert not ax.images


def test_samples_with_gaps_are_named(ax):
    with pytest.raises(DataError, match=r"X\[0, 1\] is nan"):
        plot_decision(MLP(2, [1]), [[0.0, math.nan]], [0], ax)
