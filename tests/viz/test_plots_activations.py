import math

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure

from nn.errors import SettingError
from nn.layers import activations
from viz import VizError
from viz.plots import look, plot_activation, plot_activations
from viz.plots.activations import USUAL

X = np.linspace(-4.0, 4.0, 801)
REFERENCES = {
    "linear": lambda x: x,
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
    "tanh": math.tanh,
    "softsign": lambda x: x / (1 + abs(x)),
    "relu": lambda x: max(x, 0.0),
    "leaky_relu": lambda x: x if x > 0 else 0.01 * x,
    "elu": lambda x: x if x > 0 else math.exp(x) - 1,
    "softplus": lambda x: math.log1p(math.exp(x)),
    "gelu": lambda x: 0.5 * x * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))),
    "silu": lambda x: x / (1 + math.exp(-x)),
    "step": lambda x: float(x >= 0),
    "sign": lambda x: float(x > 0) - float(x < 0),
    "absolute": abs,
}
JUMPS = {  # of the function and of its derivative at 0: the rings, and the dots
    "relu": ([], [], [(0, 1)], [(0, 0)]),
    "leaky_relu": ([], [], [(0, 1)], [(0, 0.01)]),
    "step": ([(0, 0)], [(0, 1)], [], []),
    "sign": ([(0, -1), (0, 1)], [(0, 0)], [], []),
    "absolute": ([], [], [(0, -1), (0, 1)], [(0, 0)]),
}


@pytest.fixture
def ax():
    return Figure().subplots()


def curves(ax):
    """Return the two lines as points, without gaps."""
    lines = [line for line in ax.lines if line.get_marker() == "None"]
    return [line.get_xydata()[np.isfinite(line.get_ydata())] for line in lines]


def marks(ax, color, filled):
    return sorted(
        tuple(np.round(point, 9) + 0.0)
        for line in ax.lines
        if line.get_marker() == "o" and line.get_color() == color
        if (line.get_markerfacecolor() == color) == filled
        for point in line.get_xydata()
    )


@pytest.mark.parametrize("name", REFERENCES)
def test_the_curves_are_the_function_and_its_derivative(ax, name):
    plot_activation(name, ax)
    reference, h = REFERENCES[name], 1e-6
    f, slope = curves(ax)
    for x, y in f[np.abs(f[:, 0]) > 0.0]:
        assert y == pytest.approx(reference(x), abs=1e-12)
    for x, y in slope[np.abs(slope[:, 0]) > 0.0]:
        assert y == pytest.approx((reference(x + h) - reference(x - h)) / (2 * h), abs=1e-7)
    assert {-4.0, 4.0} <= set(f[:, 0])


@pytest.mark.parametrize("name", REFERENCES)
def test_jumps_are_gaps_with_rings_and_a_dot_where_the_value_is(ax, name):
    plot_activation(name, ax)
    expected = JUMPS.get(name, ([], [], [], []))
    for color, rings, dots in ((look.BLUE, *expected[:2]), (look.ORANGE, *expected[2:])):
        assert marks(ax, color, filled=False) == [pytest.approx(ring) for ring in rings]
        assert marks(ax, color, filled=True) == [pytest.approx(dot) for dot in dots]
    lines = [line for line in ax.lines if line.get_marker() == "None"]
    for line, rings in zip(lines, (expected[0], expected[2]), strict=True):
        at_0 = line.get_ydata()[line.get_xdata() == 0.0]
        assert np.isnan(at_0).tolist() == ([False, True, False] if rings else [False])
        if rings:
            ends = line.get_ydata()[np.abs(np.abs(line.get_xdata()) - 0.01) < 1e-9]
            assert at_0[[0, 2]] == pytest.approx(ends, abs=0.02)  # the line comes to where it was going


def test_a_kink_between_two_points_of_the_grid_is_found(ax):
    plot_activation(lambda x: (x - 0.12345).relu(), ax)
    assert marks(ax, look.ORANGE, filled=False) == [pytest.approx((0.12345, 1.0))]
    assert marks(ax, look.ORANGE, filled=True) == [pytest.approx((0.12345, 0.0))]


def test_a_pole_has_no_ends_to_mark_and_is_cut_off(ax):
    plot_activation("reciprocal", ax)
    assert not [line for line in ax.lines if line.get_marker() == "o"]
    low, high = ax.get_ylim()
    assert -1000.0 < low < -1.0
    assert 1.0 < high < 1000.0
    f, _ = curves(ax)
    assert len(f) == 800  # 0 is left out
    assert not np.isfinite(ax.lines[0].get_ydata()).all()


def test_a_domain_ends_where_it_ends(ax):
    plot_activation("log", ax, span=(-1.0, 3.0))
    f, slope = curves(ax)
    assert f[:, 0].min() > 0.0
    assert slope[:, 0].min() > 0.0
    assert f[-1] == pytest.approx([3.0, math.log(3.0)])


def test_steep_is_not_a_jump(ax):
    plot_activation(lambda x: (200.0 * x).tanh(), ax)
    assert not [line for line in ax.lines if line.get_marker() == "o"]
    assert np.isfinite(ax.lines[0].get_ydata()).all()


@pytest.mark.parametrize("name", activations())
def test_every_activation_of_the_table_can_be_drawn(name):
    ax = plot_activation(name, Figure().subplots())
    assert ax.get_legend().get_texts()[0].get_text() == f"{name}(x)"
    assert np.isfinite(ax.get_ylim()).all()


def test_a_function_of_ones_own(ax):
    def swish(x):
        return x * (1.5 * x).sigmoid()

    plot_activation(swish, ax, span=(-2, 1))
    f, _ = curves(ax)
    assert f[-1].tolist() == pytest.approx([1.0, 1.0 / (1.0 + math.exp(-1.5))])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["swish(x)", "swish′(x)"]
    assert ax.get_xlim() == (-2.0, 1.0)


def test_a_constant_has_the_slope_0(ax):
    plot_activation(lambda x: 3.0, ax)
    f, slope = curves(ax)
    assert set(f[:, 1]) == {3.0}
    assert set(slope[:, 1]) == {0.0}


def test_several_in_one_figure_with_the_same_scale_in_a_row():
    figure = plot_activations(["relu", "tanh", "step"], columns=2)
    first, second, third, empty = figure.axes
    assert [ax.get_title() for ax in (first, second, third)] == ["relu", "tanh", "step"]
    assert first.get_ylim() == second.get_ylim() != third.get_ylim()
    assert not empty.axison
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["f(x)", "f′(x)"]
    pyplot.close(figure)


def test_the_usual_ones():
    figure = plot_activations()
    assert [ax.get_title() for ax in figure.axes] == list(USUAL)
    for ax, name in zip(figure.axes, USUAL, strict=True):
        f, _ = curves(ax)
        assert f[f[:, 0] == 2.0][0, 1] == pytest.approx(REFERENCES[name](2.0))
        assert ax.get_ylim()[0] < f[:, 1].min() <= f[:, 1].max() < ax.get_ylim()[1]
    pyplot.close(figure)


def test_an_unknown_activation_is_answered_with_those_there_are(ax):
    with pytest.raises(SettingError, match=r"no activation 'rellu'; .* one of linear, .*relu, leaky_relu"):
        plot_activation("rellu", ax)
    with pytest.raises(SettingError, match="no activation 'maximum'"):
        plot_activations(["relu", "maximum"])


@pytest.mark.parametrize("span", [(1, -1), (0, 0), (0, math.inf), 3, ("a", "b")])
def test_a_span_goes_from_somewhere_to_somewhere(ax, span):
    with pytest.raises(VizError, match="span is from where to where"):
        plot_activation("relu", ax, span=span)


def test_what_cannot_be_drawn_says_why(ax):
    with pytest.raises(VizError, match="log is not defined anywhere from -3 to -1"):
        plot_activation("log", ax, span=(-3, -1))
    with pytest.raises(VizError, match="activations is a list"):
        plot_activations("relu")
    with pytest.raises(VizError, match="activations is a list"):
        plot_activations([])
    with pytest.raises(VizError, match="columns is a whole number"):
        plot_activations(["relu"], columns=0)
