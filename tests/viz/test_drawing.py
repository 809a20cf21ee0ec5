import os
import stat

import pytest
from pictures import fused_neuron, sum_times

import viz
from autograd import AutogradError, Graph, Value
from viz import Drawing, VizError, draw
from viz.errors import SaveError


def test_the_package_exports_what_it_says():
    pictures = ["Animation", "Drawing", "Network", "Page", "VizError", "animate", "draw", "network", "page"]
    assert sorted(viz.__all__) == pictures
    assert all(hasattr(viz, name) for name in viz.__all__)


def test_a_drawing_in_a_notebook():
    drawing = draw(sum_times())
    assert drawing._repr_mimebundle_(include=None, exclude=None) == {
        "image/svg+xml": drawing.svg,
        "text/plain": "<Drawing: graph of f, 5 values, 4 edges>",
    }
    assert drawing.svg.startswith("<svg ")


def test_what_was_drawn_is_data():
    drawing = draw(sum_times())
    assert isinstance(drawing, Drawing)
    assert [node.name for node in drawing.picture.nodes] == ["x", "y", "q", "z", "f"]


def test_a_graph_can_be_drawn():
    f = sum_times()
    assert draw(Graph(f)).svg == draw(f).svg


def test_options_reach_the_picture():
    f = fused_neuron()
    assert "× " not in draw(f).svg
    unfolded = draw(f, unfold=True, names={"ignored": 3}, rankdir="TB")
    assert len(unfolded.picture.nodes) == 9
    assert "rankdir=TB" in unfolded.dot


@pytest.mark.parametrize(
    ("suffix", "start"),
    [
        ("svg", "<svg "),
        ("dot", "digraph {"),
        ("gv", "digraph {"),
        ("SVG", "<svg "),
        ("mmd", "flowchart LR\n"),
        ("md", "```mermaid\nflowchart LR\n"),
    ],
)
def test_saving_by_suffix(tmp_path, suffix, start):
    path = tmp_path / f"graph of f.{suffix}"
    assert draw(sum_times()).save(path) == path
    assert path.read_text(encoding="utf-8").startswith(start)
    assert "−12" in path.read_text(encoding="utf-8")


def test_saving_in_a_given_format(tmp_path):
    path = tmp_path / "picture"
    draw(sum_times()).save(str(path), format="dot")
    assert path.read_text(encoding="utf-8").startswith("digraph {")


@pytest.mark.parametrize("name", ["f.jpg", "f", "f.svgz", ".svg"])
def test_an_unknown_format_names_those_there_are(tmp_path, name):
    with pytest.raises(
        VizError, match=r"unknown format '.*choose one of '\.svg', '\.dot', '\.png', '\.pdf', '\.mmd', '\.md'"
    ):
        draw(sum_times()).save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_saving_replaces_a_file_and_leaves_nothing_else(tmp_path):
    path = tmp_path / "f.svg"
    path.write_text("old")
    draw(sum_times()).save(path)
    assert "−12" in path.read_text(encoding="utf-8")
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="file modes")
def test_a_saved_file_has_the_usual_mode(tmp_path):
    usual = tmp_path / "usual"
    usual.touch()
    path = draw(sum_times()).save(tmp_path / "f.svg")
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(usual.stat().st_mode)


@pytest.mark.parametrize("name", ["missing/f.svg", "directory.svg", "file/f.svg", "x" * 300 + ".svg"])
def test_a_path_that_cannot_be_written(tmp_path, name):
    (tmp_path / "directory.svg").mkdir()
    (tmp_path / "file").touch()
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(SaveError, match=r"^cannot write '.*svg': [A-Z]") as caught:
        draw(sum_times()).save(tmp_path / name)
    assert isinstance(caught.value, OSError)
    assert isinstance(caught.value, AutogradError)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "f.svg"
    path.write_text("old")
    write = type(path).write_bytes

    def half(self, data):
        write(self, data[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(path), "write_bytes", half)
    with pytest.raises(SaveError, match="No space left on device"):
        draw(sum_times()).save(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_interactive_is_the_live_page_of_the_same_graph():
    x, y = Value(3.0), Value(-4.0)
    names = {"x": x, "y": y}
    drawing = draw(x * y, names=names, theme="dark", rankdir="TB")
    assert drawing.interactive().html == viz.page(x * y, names=names, theme="dark", rankdir="TB").html


def test_animate_is_the_animation_of_the_same_graph():
    x, y = Value(3.0), Value(-4.0)
    names = {"x": x, "y": y}
    drawn = draw(x * y, names=names, theme="dark").animate(seconds_per_step=0.5, loop=False)
    assert drawn.svg == viz.animate(x * y, names=names, theme="dark", seconds_per_step=0.5, loop=False).svg
