import subprocess
import sys

import matplotlib as mpl
import pytest
from matplotlib import pyplot
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

import viz.plots
from nn import MLP, binary_cross_entropy_with_logits, fit, moons
from viz.plots import look, plot_history

WITHOUT = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "matplotlib":
            raise ModuleNotFoundError("No module named 'matplotlib'")
sys.meta_path.insert(0, Missing())
import viz
try:
    from viz import plots
except ImportError as error:
    print(error)
"""


def run(program):
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout


def test_importing_viz_does_not_import_matplotlib():
    assert run("import sys, viz; print('matplotlib' in sys.modules)") == "False\n"


def test_without_matplotlib_the_error_names_the_extra():
    assert run(WITHOUT) == 'viz.plots needs matplotlib 3.8 or later: pip install "glassgrad[plot]"\n'


def test_importing_the_pictures_does_not_import_pyplot():
    assert run("import sys, viz.plots; print('matplotlib.pyplot' in sys.modules)") == "False\n"


def test_all_names_what_is_there():
    assert sorted(viz.plots.__all__) == sorted(
        name for name in vars(viz.plots) if name.startswith("plot_") or name in viz.plots.__all__
    )


@pytest.fixture(scope="module")
def history():
    X, y = moons(40)
    return fit(MLP(2, [4, 1], seed=0), X, y, loss=binary_cross_entropy_with_logits, epochs=5, validation=0.2)


def test_with_ax_pyplot_is_left_alone_and_without_it_makes_a_new_figure(history):
    before = pyplot.get_fignums()
    ax = Figure().subplots()
    assert plot_history(history, ax) is ax
    assert pyplot.get_fignums() == before
    own = plot_history(history)
    assert len(pyplot.get_fignums()) == len(before) + 1
    assert own.figure is pyplot.gcf()
    pyplot.close(own.figure)


def test_the_readers_settings_stay_and_are_kept_to(history):
    with mpl.rc_context({"axes.facecolor": "#123456", "font.size": 17.0, "figure.figsize": (5.0, 3.0)}):
        before = dict(mpl.rcParams)
        ax = plot_history(history)
        assert dict(mpl.rcParams) == before
        assert ax.get_facecolor() == pytest.approx(mpl.colors.to_rgba("#123456"))
        assert ax.xaxis.label.get_fontsize() == 17.0
        assert tuple(ax.figure.get_size_inches()) == (5.0, 3.0)
        pyplot.close(ax.figure)


def test_a_legend_stands_above_the_axes_and_a_title_above_the_legend(history):
    figure = Figure(layout="constrained")
    ax = plot_history(history, figure.subplots())
    ax.set_title("a title")
    FigureCanvasAgg(figure).draw()
    legend, title, axes = ax.get_legend().get_window_extent(), ax.title.get_window_extent(), ax.get_window_extent()
    assert legend.y0 >= axes.y1 - 1.0
    assert title.y0 >= legend.y1 - 3.0
    assert legend.x1 <= axes.x1 + 1.0


def test_a_legend_without_room_for_its_columns_takes_more_rows():
    ax = Figure(figsize=(3.0, 3.0)).subplots()
    for name in ("one rather long name", "another one of this kind", "and a third, no shorter"):
        ax.plot([0, 1], [0, 1], label=name)
    look.legend_above(ax)
    look.legend_above(ax)  # a second run in the same axes
    assert ax.get_legend()._ncols == 1
    assert len(ax.child_axes) == 1


def test_blue_and_orange_come_first_and_no_two_of_a_kind_are_alike():
    assert [look.color_of(0), look.color_of(1)] == [look.BLUE, look.ORANGE]
    assert len({(look.color_of(k), look.MARKERS[k]) for k in range(8)}) == 8
    assert len(set(look.in_order(6))) == 6


@pytest.mark.parametrize("wrong", [Figure(), "left", 3])
def test_ax_is_axes(history, wrong):
    with pytest.raises(viz.VizError, match="ax is the Axes to draw in"):
        plot_history(history, wrong)
