import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from autograd import exp
from nn import SGD, VSGD, Adagrad, Adam, AdaSecant, gradient_descent
from nn.descent import DescentError
from viz import VizError
from viz.plots import beale, plot_descent, plot_optimizers, ravine
from viz.plots.descents import OPTIMIZERS, on_grid, optimizer_path
from viz.plots.paths import levels, levels_of_losses, rectangle


@pytest.fixture
def ax():
    return Figure().subplots()


def bowl(x, y):
    return exp(x**2 + y**2) + (x - 2) ** 2 + (y - 3) ** 2


def ways(ax):
    """Return the paths that are drawn, by label."""
    return {line.get_label(): line.get_xydata() for line in ax.lines if not line.get_label().startswith("_")}


# --- gradient descent -------------------------------------------------------------------------------------------------


def test_the_path_is_that_of_the_descent(ax):
    descent = gradient_descent(bowl, (0, 0), learning_rate=0.01)
    assert plot_descent(bowl, descent, ax) is ax
    ((label, path),) = ways(ax).items()
    assert label == f"from (0, 0): 9.506 after {descent.steps} steps"
    assert np.array_equal(path, descent.points)
    rings = [line.get_xydata()[0].tolist() for line in ax.lines if line.get_marker() == "o"]
    stars = [line.get_xydata()[0].tolist() for line in ax.lines if line.get_marker() == "*"]
    assert rings == [[0.0, 0.0]]
    assert stars == [descent.point.tolist()]


def test_contour_lines_lie_at_the_heights_they_name(ax):
    plot_descent(beale, gradient_descent(beale, (1, 1), learning_rate=0.01), ax, bounds=((0.0, 4.0), (-1.0, 1.0)))
    _, lines = ax.collections
    assert len(lines.levels) > 8
    for level, path in zip(lines.levels, lines.get_paths(), strict=True):
        x, y = path.vertices.T
        heights = (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2
        assert heights == pytest.approx(level, rel=0.05)
    assert (ax.get_xlim(), ax.get_ylim()) == ((0.0, 4.0), (-1.0, 1.0))


def test_several_starts_have_colours_and_names_of_their_own(ax):
    starts = [(0, 0), (-1, 1), (1, -0.5)]
    plot_descent(bowl, [gradient_descent(bowl, start) for start in starts], ax)
    drawn = [line for line in ax.lines if not line.get_label().startswith("_")]
    assert [line.get_label().split(":")[0] for line in drawn] == ["from (0, 0)", "from (−1, 1)", "from (1, −0.5)"]
    assert len({line.get_color() for line in drawn}) == 3
    named = {"far": gradient_descent(bowl, (1, 1)), "near": gradient_descent(bowl, (0.5, 0.8))}
    other = Figure().subplots()
    plot_descent(bowl, named, other)
    assert [label.split(":")[0] for label in ways(other)] == ["far", "near"]


def test_the_path_of_a_descent_that_diverged_can_be_drawn(ax):
    with pytest.raises(DescentError) as caught:
        gradient_descent(beale, (3.0, 2.0), learning_rate=0.1)
    plot_descent(beale, caught.value.descent, ax, bounds=((-5, 5), (-5, 5)))
    assert np.array_equal(next(iter(ways(ax).values())), caught.value.descent.points)


def test_all_of_a_path_is_in_view(ax):
    descent = gradient_descent(bowl, (-1, 1))
    plot_descent(bowl, descent, ax)
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    assert left < descent.points[:, 0].min() < descent.points[:, 0].max() < right
    assert bottom < descent.points[:, 1].min() < descent.points[:, 1].max() < top


@pytest.mark.parametrize(
    "f", [lambda x, y: x.log() * y, lambda x, y: x.log() * y if float(y) > -9.0 else y], ids=["compiled", "eager"]
)
def test_a_grid_has_a_row_for_each_y_and_gaps_where_the_function_is_not_defined(f):
    heights = on_grid(f, np.array([-1.0, 1.0, math.e]), np.array([2.0, 3.0]))
    assert heights == pytest.approx(np.array([[math.nan, 0.0, 2.0], [math.nan, 0.0, 3.0]]), nan_ok=True)


def test_a_constant_is_flat(ax):
    assert on_grid(lambda x, y: 3.0, np.array([0.0, 1.0]), np.array([0.0])).tolist() == [[3.0, 3.0]]
    plot_optimizers(lambda x, y: 0.0 * x + 3.0, (0, 0), {"SGD": lambda p: SGD(p, 0.1)}, ax, steps=2)
    assert not ax.collections


# --- optimisers -------------------------------------------------------------------------------------------------------


def slope(x, y):
    return np.array([x, 20.0 * y])


def by_hand(step, count=25):
    point = np.array([-8.0, 1.5])
    points, state = [point], {}
    for t in range(1, count + 1):
        point = point + step(slope(*point), state, t)
        points.append(point)
    return np.array(points)


def sgd(g, state, t):
    return -0.09 * g


def momentum(g, state, t):
    state["v"] = 0.85 * state.get("v", 0.0) + g
    return -0.02 * state["v"]


def nesterov(g, state, t):
    state["v"] = 0.85 * state.get("v", 0.0) + g
    return -0.02 * (g + 0.85 * state["v"])


def adagrad(g, state, t):
    state["s"] = state.get("s", 0.0) + g**2
    return -1.0 * g / (np.sqrt(state["s"]) + 1e-10)


def rmsprop(g, state, t):
    state["s"] = 0.9 * state.get("s", 0.0) + 0.1 * g**2
    return -0.15 * g / (np.sqrt(state["s"]) + 1e-8)


def adadelta(g, state, t):
    state["s"] = 0.9 * state.get("s", 0.0) + 0.1 * g**2
    step = np.sqrt(state.get("d", 0.0) + 1e-6) / np.sqrt(state["s"] + 1e-6) * g
    state["d"] = 0.9 * state.get("d", 0.0) + 0.1 * step**2
    return -60.0 * step


def adam(g, state, t):
    state["m"] = 0.9 * state.get("m", 0.0) + 0.1 * g
    state["v"] = 0.999 * state.get("v", 0.0) + 0.001 * g**2
    return -0.3 * (state["m"] / (1 - 0.9**t)) / (np.sqrt(state["v"] / (1 - 0.999**t)) + 1e-8)


BY_HAND = {
    "SGD": sgd, "momentum": momentum, "Nesterov": nesterov, "Adagrad": adagrad, "RMSprop": rmsprop,
    "Adadelta": adadelta, "Adam": adam,
}  # fmt: skip


def test_each_path_is_that_of_the_optimisers_formula(ax):
    plot_optimizers(ax=ax, steps=25)
    drawn = {label.split(":")[0]: path for label, path in ways(ax).items()}
    assert list(drawn) == list(BY_HAND) == list(OPTIMIZERS)
    for name, step in BY_HAND.items():
        assert drawn[name] == pytest.approx(by_hand(step), rel=1e-9, abs=1e-12), name


def test_the_legend_has_the_value_at_the_end(ax):
    plot_optimizers(ravine, (2.0, 0.5), {"SGD": lambda p: SGD(p, 0.05)}, ax, steps=1)
    (label,) = ways(ax)
    assert label == "SGD: 1.805"  # ½ (1.9² + 20 · 0²)
    assert ax.get_legend().get_title().get_text() == "value after 1 step"


def test_an_optimiser_that_diverges_stops_and_does_not_set_the_scale(ax):
    makers = {"Adam": lambda p: Adam(p, 0.1), "wild": lambda p: SGD(p, 0.5)}
    plot_optimizers(beale, (1, 1.5), makers, ax, steps=50)
    labels = list(ways(ax))
    assert labels[1].startswith("wild: diverged after ")
    assert ax.get_xlim()[1] - ax.get_xlim()[0] < 20.0


def test_optimisers_that_ask_for_gradients_elsewhere_take_part(ax):
    plot_optimizers(ravine, (-8, 1.5), {"vSGD": VSGD, "AdaSecant": AdaSecant}, ax, steps=10)
    assert all(len(path) == 11 for path in ways(ax).values())


def test_a_path_ends_where_the_function_is_no_longer_defined():
    path = optimizer_path(lambda x, y: x.sqrt() + y, (0.5, 0.0), lambda p: SGD(p, 1.0), 10)
    assert path[0].tolist() == [0.5, 0.0]
    assert len(path) == 2


def test_a_path_ends_before_infinity():
    path = optimizer_path(lambda x, y: x + y, (0.0, 0.0), lambda p: SGD(p, 1e308), 10)
    assert path.tolist() == [[0.0, 0.0], [-1e308, -1e308]]


def test_the_default_picture_is_the_same_each_time():
    one, two = (plot_optimizers(ax=Figure().subplots(), steps=5) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(ways(one).values(), ways(two).values(), strict=True))


# --- contour lines ----------------------------------------------------------------------------------------------------

surfaces = st.lists(st.floats(-1e9, 1e9) | st.sampled_from([math.nan, math.inf]), min_size=1, max_size=30)


@given(heights=surfaces)
def test_heights_of_lines_ascend_from_the_bottom(heights):
    surface = np.array([heights])
    finite = surface[np.isfinite(surface)]
    for lines in (levels(surface), levels_of_losses(np.abs(surface))):
        assert np.isfinite(lines).all()
        assert (np.diff(lines) > 0.0).all()
        assert len(lines) == 0 or finite.size
    if finite.size:
        assert levels(surface)[0] == finite.min()
        assert levels(surface)[-1] <= finite.max() * (1 + 1e-9) + 1e-9 * abs(finite.min()) or finite.max() < 0.0


def test_losses_over_orders_of_magnitude_have_lines_by_factors():
    lines = levels_of_losses(np.geomspace(1e-3, 1.0, 50).reshape(5, 10))
    assert lines[1:] / lines[:-1] == pytest.approx(lines[1] / lines[0])
    assert (lines[0], lines[-1]) == pytest.approx((1e-3, 1.0))


def test_a_rectangle_has_room_on_every_side_also_around_one_point():
    assert rectangle(np.array([[1.0, 2.0]])) == ((pytest.approx(0.35), pytest.approx(1.65)), (1.35, 2.65))


# --- what is refused --------------------------------------------------------------------------------------------------

ONE = gradient_descent(lambda x: x * x, 1.0, max_steps=2)
TWO = gradient_descent(beale, (1, 1), max_steps=2)


@pytest.mark.parametrize(
    ("f", "descents", "options", "message"),
    [
        (lambda x: x * x, ONE, {}, "a function of 2 numbers; this descent is over 1"),
        (beale, None, {}, "descents are what gradient_descent"),
        (beale, [], {}, "descents are what gradient_descent"),
        (beale, [TWO, 3], {}, "descents are what gradient_descent"),
        (3, TWO, {}, "f is a function of two numbers"),
        (beale, TWO, {"bounds": (0, 1)}, "bounds are"),
    ],
)
def test_a_descent_that_cannot_be_drawn_says_why(ax, f, descents, options, message):
    with pytest.raises(VizError, match=message):
        plot_descent(f, descents, ax, **options)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((beale, 3), {}, "the start is a point"),
        ((beale, (1, 2, 3)), {}, "the start is a point"),
        ((beale, "ab"), {}, "the start is a point"),
        ((beale, (1, 1), {"a": 3}), {}, "functions that make one of two parameters"),
        ((beale, (1, 1), {}), {}, "functions that make one of two parameters"),
        ((beale, (1, 1), [Adagrad]), {}, "functions that make one of two parameters"),
        ((beale, (1, 1), {"a": lambda p: 3}), {}, "an optimiser is made of a list of parameters"),
        ((beale, (1, 1)), {"steps": 0}, "at least 1; not 0"),
        ((beale, (1, 1)), {"steps": 2.5}, "a whole number"),
    ],
)
def test_a_race_that_cannot_be_run_says_why(ax, arguments, options, message):
    with pytest.raises(VizError, match=message):
        plot_optimizers(*arguments, ax=ax, **options)
