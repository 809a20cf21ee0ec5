import graphviz
import pytest
from pictures import fused_neuron, sum_times

from autograd import Value, dot, sum  # noqa: A004
from viz import VizError, draw
from viz.styles import STYLES


@pytest.mark.parametrize("style", STYLES)
def test_labels_are_plain(style):
    drawing = draw(fused_neuron(), style=style)
    assert "=<" not in drawing.dot
    assert "fontname=Courier" in drawing.dot
    assert drawing.dot.count("fontname") == 2


def test_the_source_is_graphvizs():
    drawing = draw(sum_times())
    assert isinstance(drawing.source, graphviz.Source)
    assert drawing.source.source == drawing.dot


def test_the_layout_hurries_where_there_are_many_edges():
    x = tuple(Value(1.0) for _ in range(20))
    assert "nslimit" not in draw(sum([sum(x) for _ in range(10)]), fold=False).dot
    assert "nslimit=1" in draw(sum([sum(x) for _ in range(20)]), fold=False).dot


def test_a_gate_with_a_long_name_is_a_circle_around_it():
    x = Value(3.0, label="x")
    (gate,) = [line for line in draw(x.leaky_relu(), style="circuit").dot.splitlines() if "leaky_relu" in line]
    assert "height=1.167" in gate  # (10 characters of 7.2 points + twice 6) / 72
    assert "width=1.167" in gate


def labelled(picture):
    return picture.dot.count("∂")


def test_edge_labels():
    small, large = sum_times(), dot([Value(1.0) for _ in range(40)], [Value(1.0) for _ in range(40)])
    assert labelled(draw(small)) == 4
    assert labelled(draw(small, edge_labels=False)) == 0
    assert labelled(draw(small, style="circuit")) == 0
    assert labelled(draw(small, style="circuit", edge_labels=True)) == 4
    assert labelled(draw(large)) == 0
    assert labelled(draw(large, edge_labels=True)) == 80


def test_a_constants_edge_has_no_local_derivative():
    assert labelled(draw(Value(3.0) * 2)) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"style": "spam"}, "unknown style 'spam'; choose one of 'boxes', 'circuit', 'micrograd'"),
        (
            {"theme": "pink"},
            "unknown theme 'pink'; choose one of 'auto', 'light', 'dark', 'cs231n', 'cs231n-light', 'cs231n-dark'",
        ),
        ({"rankdir": "up"}, "unknown rankdir 'up'; choose one of 'LR', 'TB', 'RL', 'BT'"),
        ({"style": "circuit", "rankdir": "TB"}, "a circuit runs from left to right; leave out rankdir='TB'"),
        ({"engine": "spam"}, "unknown engine 'spam'; choose one of 'wasm', 'dot'"),
    ],
)
def test_unknown_choices_name_those_there_are(arguments, message):
    with pytest.raises(VizError) as caught:
        draw(Value(1.0), **arguments)
    assert str(caught.value).startswith(message)
