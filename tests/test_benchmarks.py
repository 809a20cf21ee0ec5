"""The workloads of the benchmarks are the same mathematics for every contender; else times could not be compared."""

import pytest

from autograd import Value, check_gradient
from benchmarks import eager
from benchmarks.common import Target, interleaved, table

POINTS = [(0.5, -1.0), (2.0, 0.25), (-1.5, 0.75)]
LABELS = [1, -1, 1]


def gradients(name):
    """The loss of a contender on three samples, and its gradient in each parameter."""
    model, value = eager.MODELS[name]()
    parameters = model.parameters()
    for p, weight in zip(parameters, eager.initial_weights(), strict=True):
        p.data = weight
    loss = eager.hinge_loss(model, value, POINTS, LABELS)
    loss.backward()
    return loss.data, [p.grad for p in parameters]


@pytest.mark.parametrize("peer", ["glassgrad, nn", "micrograd"])
def test_elementary_operations_do_what_the_peer_does(peer):
    if peer == "micrograd":
        pytest.importorskip("micrograd")
    loss, gradient = gradients("glassgrad, elementary")
    peer_loss, peer_gradient = gradients(peer)
    assert loss == pytest.approx(peer_loss, rel=1e-12)
    assert gradient == pytest.approx(peer_gradient, rel=1e-9, abs=1e-12)
    assert sum(slope != 0 for slope in gradient) > 50  # so that the comparison says something


def test_the_loss_is_the_mean_hinge_by_hand():
    loss = eager.hinge_loss(lambda x: x[0] + 2 * x[1], Value, POINTS, LABELS)
    assert loss.data == pytest.approx(((1 + 1.5) + (1 + 2.5) + (1 - 0.0)) / 3)


def test_the_elementary_model_passes_the_gradient_check():
    model = eager.ElementaryMLP((2, 3, 1))
    for i, p in enumerate(model.parameters()):
        p.data = 0.3 + 0.1 * i
    check_gradient(lambda x, y: model((x, y)), 0.7, -0.2)


@pytest.mark.parametrize("shape", eager.GRAPHS)
def test_graphs_have_the_size_they_are_asked_for(shape):
    nodes = len(eager.Graph(eager.GRAPHS[shape](10_000)()).nodes)
    assert 9_500 < nodes < 10_500


def test_rounds_rotate_and_keep_every_result():
    order = []
    results = interleaved("abc", 2, lambda case: order.append(case) or {"n": len(order)})
    assert order == list("abcbca")
    assert results == {"a": [{"n": 1}, {"n": 6}], "b": [{"n": 2}, {"n": 4}], "c": [{"n": 3}, {"n": 5}]}


def test_a_target_is_met_missed_or_not_measured():
    at_most, at_least = Target("t", 6.0, "≤", 6, "×"), Target("t", 8.9, "≥", 9, "×")
    assert (at_most.met, at_least.met, Target("t", None, "≤", 2, "×").met) == (True, False, None)
    assert at_least.row() == ["t", "8.9 ×", "≥ 9 ×", "NO"]


def test_tables_are_aligned_markdown():
    assert table(["who", "ms"], [["a", "12.5"]]) == "| who |   ms |\n| --- | ---: |\n| a   | 12.5 |"
