"""The paths of a graph: their number, their sum and the largest of them, against going through them one by one."""

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from random_graphs import STEPS, Dual, recipes

import autograd
from autograd import Graph, Value, gate
from autograd.explain.paths import Edge, Paths

INF, NAN = math.inf, math.nan
MOST = 20_000


def products(paths, limit=MOST):
    return [path.product for path in paths.largest(limit)]


def ranked(products):
    """Return the sizes of products, the largest first; nan counts as infinite."""
    return sorted((INF if math.isnan(p) else abs(p) for p in products), reverse=True)


def walk(node, x, gradient=1.0):
    """Yield the product along each path from x to a node, multiplied from the output's end."""
    if node is x:
        yield gradient
    for operand, local in zip(node.parents, node.op.local(node), strict=True):
        yield from walk(operand, x, gradient * local)


# --- an independent judge, which knows neither Values nor their operations --------------------------------------------


def count(recipe, leaf):
    counts = [int(i == leaf) for i in range(len(recipe.leaves))]
    for _, operands in recipe.steps:
        counts.append(sum(counts[i] for i in operands))
    return counts[-1]


def one_by_one(recipe, leaf):
    """Return the product of dual numbers' slopes along each path from a leaf, with a bound by its factors' sizes."""
    data, edges = list(recipe.leaves), [()] * len(recipe.leaves)
    for name, operands in recipe.steps:
        result = STEPS[name][2](
            *[Dual(data[i], row, row) for i, row in zip(operands, np.eye(len(operands)), strict=True)]
        )
        data.append(result.data)
        edges.append(tuple(zip(operands, result.slopes.tolist(), strict=True)))

    def paths(n):
        if n == leaf:
            yield 1.0, 1.0
        for operand, local in edges[n]:
            for product, bound in paths(operand):
                yield product * local, bound * max(1.0, abs(local))

    return list(paths(len(data) - 1))


@settings(max_examples=300)
@given(recipes(most_steps=7))
def test_the_paths_of_300_random_graphs_add_up_to_what_backward_gives(recipe):
    leaves, values = recipe.build()
    values[-1].backward()
    for i, leaf in enumerate(leaves):
        paths = Paths(Graph(values[-1]), leaf)
        assert paths.count == count(recipe, i)
        assert paths.gradient == pytest.approx(leaf.grad, rel=1e-12, abs=1e-12 * paths.magnitude)
        if paths.count > MOST:
            continue
        found = products(paths)
        assert len(found) == paths.count
        total = sum(map(abs, found))
        assert abs(sum(found) - leaf.grad) <= 1e-12 * total
        assert paths.magnitude == pytest.approx(total, rel=1e-12)


@settings(max_examples=100)
@given(recipes(most_steps=6))
def test_every_product_is_that_of_dual_numbers_along_the_same_path(recipe):
    for i in range(len(recipe.leaves)):
        assume(count(recipe, i) <= 2000)
    leaves, values = recipe.build()
    for i, leaf in enumerate(leaves):
        expected = sorted(one_by_one(recipe, i))
        tolerance = 1e-10 * max((bound for _, bound in expected), default=0.0)
        received = sorted(products(Paths(Graph(values[-1]), leaf)))
        assert received == pytest.approx([product for product, _ in expected], abs=tolerance)


@settings(max_examples=100)
@given(recipes(most_steps=8), st.integers(0, 12))
def test_the_largest_are_those_of_the_whole_list(recipe, limit):
    leaves, values = recipe.build()
    for i, leaf in enumerate(leaves):
        assume(count(recipe, i) <= 2000)
        everything = list(walk(values[-1], leaf))
        assert ranked(products(Paths(Graph(values[-1]), leaf), limit)) == ranked(everything)[:limit]


SLOPES = st.sampled_from([0.0, -0.0, 1.0, -1.0, 2.0, 0.5, 1e-200, 1e200, -1e200, INF, -INF, NAN]) | st.floats()


def layered(slopes, width):
    """Return x and the output of layers of ``width`` gates, each with an edge of given slope from every one below."""
    x = Value(0.0)
    layer = [x]
    remaining = iter(slopes)
    for n in [width, width, width, 1]:
        above = []
        for _ in range(n):
            local = [next(remaining) for _ in layer]
            above.append(gate(lambda *xs: 0.0, lambda *xs, local=local: local, name="g")(*layer))
        layer = above
    return x, layer[0]


@given(st.lists(SLOPES, min_size=24, max_size=24))
def test_infinite_undefined_and_vanishing_slopes_are_ranked_as_their_products_are(slopes):
    x, output = layered(slopes, width=3)
    everything = list(walk(output, x))
    assert len(everything) == 27
    paths = Paths(Graph(output), x)
    assert paths.count == 27
    found = products(paths)
    assert [INF if math.isnan(p) else abs(p) for p in found] == ranked(everything)
    for limit in (1, 5, 26):
        assert products(paths, limit) == pytest.approx(found[:limit], nan_ok=True, rel=0, abs=0)


def test_paths_are_what_they_say():
    x = Value(3.0, label="x")
    q = x + 1
    f = q * x
    first, second = Paths(Graph(f), x).largest(5)
    assert (first.nodes, second.nodes) == ((x, f), (x, q, f))
    assert [(e.operand, e.node, e.position, e.local) for e in second.edges] == [(x, q, 0, 1.0), (q, f, 0, 3.0)]
    assert (first.product, second.product) == (4.0, 3.0)
    assert first.share == pytest.approx(4 / 7)
    assert second.share == pytest.approx(3 / 7)


def test_parallel_edges_count_separately_and_ties_stand_in_the_operands_order():
    x = Value(2.0)
    f = x * x
    paths = Paths(Graph(f), x)
    assert [path.edges[0].position for path in paths.largest(9)] == [0, 1]
    cube = autograd.prod([x, x, x])
    assert Paths(Graph(cube), x).count == 3
    assert Paths(Graph(f * f * x), x).count == 5


def test_shares_are_of_the_sizes_so_that_cancelling_paths_count_too():
    x = Value(1.0)
    paths = Paths(Graph(3 * x - x), x)
    assert [path.share for path in paths.largest(2)] == [0.75, 0.25]
    flat = Paths(Graph(0 * x), x)
    assert math.isnan(flat.largest(1)[0].share)


def test_no_path_and_the_path_without_edges():
    x, y = Value(1.0), Value(2.0)
    paths = Paths(Graph(y * 2), x)
    assert (paths.count, paths.gradient, paths.nodes, paths.largest(3)) == (0, 0.0, [], [])
    itself = Paths(Graph(x), x)
    (path,) = itself.largest(3)
    assert (itself.count, itself.gradient, path.nodes, path.edges, path.product) == (1, 1.0, (x,), (), 1.0)
    assert itself.largest(0) == []


def test_a_slope_that_is_0_everywhere_stops_even_an_infinite_gradient_as_backward_does():
    x = Value(-1.0)
    f = autograd.sqrt(autograd.step(x))
    f.backward()
    assert x.grad == 0.0
    paths = Paths(Graph(f), x)
    assert (paths.gradient, products(paths)) == (0.0, [0.0])
    g = autograd.sqrt(autograd.relu(x))  # its slope is 0 only here
    g.backward()
    assert math.isnan(Paths(Graph(g), x).gradient)
    assert math.isnan(x.grad)


# --- more paths than anyone could go through --------------------------------------------------------------------------


@pytest.fixture
def work(monkeypatch):
    """Return a list with one element: how many products have been formed."""
    formed = [0]

    def back(self, gradient, original=Edge.back):
        formed[0] += 1
        return original(self, gradient)

    monkeypatch.setattr(Edge, "back", back)
    return formed


def test_two_to_the_60th_paths_are_counted_exactly_and_the_largest_found_with_little_work(work):
    x = v = Value(1.0)
    ratios = [1 - 1 / (3 + i) for i in range(60)]
    for ratio in ratios:
        v = v * 2 + v * (2 * ratio)
    graph = Graph(v)
    paths = Paths(graph, x)
    assert paths.count == 2**60
    assert paths.gradient == pytest.approx(math.prod(2 + 2 * ratio for ratio in ratios), rel=1e-13)
    found = products(paths, limit=40)
    near_1 = sorted(ratios)[-40:]
    expected = sorted((math.prod(taken) for n in range(4) for taken in combinations(near_1, n)), reverse=True)[:40]
    assert expected[-1] > max(near_1) ** 4  # so that none with four factors, or a smaller one, is among the largest
    assert expected[-1] > min(near_1)
    assert found == pytest.approx([2.0**60 * product for product in expected], rel=1e-12)
    edges = sum(len(uses) for uses in paths.uses.values())
    assert edges == 240
    assert work[0] <= 4 * edges + 40 * 3 * 120


def test_equal_products_are_found_with_little_work_too(work):
    x = v = Value(1.0)
    for _ in range(60):
        v = v + v
    paths = Paths(Graph(v), x)
    assert (paths.count, paths.gradient) == (2**60, 2.0**60)
    assert products(paths, limit=100) == [1.0] * 100
    assert len({path.edges for path in paths.largest(100)}) == 100
    assert work[0] <= 4 * 120 + 100 * 4 * 60 * 2


def test_a_deep_graph_needs_no_recursion():
    x = v = Value(0.5)
    for _ in range(3000):
        v = v + v * 1e-3
    paths = Paths(Graph(v), x)
    assert paths.count == 2**3000
    first, second, *_ = paths.largest(3)
    assert (first.product, second.product) == (1.0, 1e-3)
    assert (len(first.edges), len(second.edges)) == (3000, 3001)


@pytest.mark.slow
def test_a_graph_of_100_000_nodes_of_paths_whose_number_has_9_000_digits():
    x = v = Value(0.5)
    for i in range(30_000):
        v = v * 0.9 + v * (0.1 + 1e-7 * i)
    graph = Graph(v)
    assert len(graph.nodes) > 100_000
    paths = Paths(graph, x)
    assert paths.count == 2**30_000
    assert len(paths.largest(5)) == 5
