"""sharif and lecture-14: which regions networks of step units can mark, by their number of layers."""

import math

import numpy as np
import pytest

from autograd import compile  # noqa: A004  # autograd's name
from nn import MLP
from nn.perceptron import ThresholdUnit
from nn.step_networks import collapse, edges, intersection, tangents, union

AXIS = np.linspace(-1.5, 1.5, 401)
GRID = np.stack(np.meshgrid(AXIS, AXIS, indexing="ij"), axis=-1).reshape(-1, 2)
PIXEL = (AXIS[1] - AXIS[0]) ** 2


def region(model, points=GRID):
    """Return at which points a model's output is 1."""
    outputs = compile(model, [0.0, 0.0])(points)
    assert set(outputs.tolist()) <= {0.0, 1.0}
    return outputs == 1.0


def test_one_layer_marks_a_half_plane():
    marked = region(ThresholdUnit([1.0, -2.0], threshold=0.31))
    assert np.array_equal(marked, GRID[:, 0] - 2 * GRID[:, 1] >= 0.31)


def test_one_layer_never_tells_two_points_from_two_others_with_the_same_middle():
    # The middle lies on the marked side for the one pair and on the other side for the other; it is one point.
    rng = np.random.default_rng(0)
    for weights in rng.normal(size=(200, 2)):
        unit = ThresholdUnit(weights, threshold=rng.normal())
        outputs = [unit(p).data for p in [(0, 0), (1, 1), (1, 0), (0, 1)]]
        assert outputs not in ([1, 1, 0, 0], [0, 0, 1, 1])
    strip = intersection([((1, 1), 0.5), ((-1, -1), -1.5)])
    assert [strip(p).data for p in [(0, 0), (1, 1), (1, 0), (0, 1)]] == [0, 0, 1, 1]


def test_two_layers_mark_a_convex_polygon_open_or_closed():
    triangle = region(intersection(edges([(-1, -1), (1, -1), (0, 1)])))
    x, y = GRID.T
    assert np.array_equal(triangle, (y >= -1) & (y <= 1 - 2 * np.abs(x)) & (np.abs(x) <= 1))
    wedge = region(intersection([((1, 0), 0.0), ((0, 1), 0.0)]))
    assert np.array_equal(wedge, (x >= 0) & (y >= 0))


def test_two_layers_of_and_mark_nothing_that_is_not_convex():
    rng = np.random.default_rng(1)
    for _ in range(5):
        model = intersection([(w, -0.7) for w in rng.normal(size=(5, 2)).tolist()])
        inside = GRID[region(model)]
        pairs = rng.integers(len(inside), size=(200, 2))
        middles = inside[pairs].mean(axis=1)
        assert compile(model, [0.0, 0.0])(middles).all()


def test_three_layers_mark_a_union_of_polygons_apart_overlapping_or_dented():
    squares = [[(-1, -1), (0, -1), (0, 0), (-1, 0)], [(-0.5, -0.5), (1, -0.5), (1, 1), (-0.5, 1)]]
    marked = region(union([edges(corners) for corners in squares]))
    x, y = GRID.T
    first = (x >= -1) & (x <= 0) & (y >= -1) & (y <= 0)
    second = (x >= -0.5) & (x <= 1) & (y >= -0.5) & (y <= 1)
    assert np.array_equal(marked, first | second)
    islands = region(union([edges([(c - 0.2, -0.2), (c + 0.2, -0.2), (c, 0.2)]) for c in (-1.0, 0.0, 1.0)]))
    assert islands.sum() * PIXEL == pytest.approx(3 * 0.08, rel=0.05)
    middle_row = islands.reshape(401, 401)[:, 200]
    assert np.count_nonzero(np.diff(middle_row.astype(int)) == 1) == 3


def test_xor_takes_two_layers():
    different = intersection([((1, 1), 0.5), ((-1, -1), -1.5)])  # at least one, and not both
    assert [different(x).data for x in [(0, 0), (0, 1), (1, 0), (1, 1)]] == [0, 1, 1, 0]


def test_linear_layers_stay_linear_however_many():
    deep = MLP(2, [8, 8, 8, 8, 1], activation="linear", seed=3)
    flat = collapse(deep)
    deep_outputs, flat_outputs = (compile(model, [0.0, 0.0])(GRID[::50]) for model in (deep, flat))
    assert deep_outputs == pytest.approx(flat_outputs, rel=1e-9, abs=1e-9)
    table = {(a, b): deep([a, b]).data for a in (0, 1) for b in (0, 1)}
    assert table[0, 0] + table[1, 1] == pytest.approx(table[0, 1] + table[1, 0])  # so its sign is not XOR


def test_a_smooth_boundary_is_approached_by_more_units():
    # Points on circles near the disc's edge, each with the area it stands for.
    radii, angles = 0.95 + (np.arange(1000) + 0.5) * 0.0005, np.arange(201) * 2 * np.pi / 201
    r, angle = (x.ravel() for x in np.meshgrid(radii, angles))
    points, areas = np.stack([r * np.cos(angle), r * np.sin(angle)], axis=1), r * 0.0005 * 2 * np.pi / 201
    errors = {}
    for n in (4, 8, 16, 32):
        marked = region(intersection(tangents(n)), points)
        assert marked[r <= 1.0].all()  # the tangents' polygon contains the disc
        errors[n] = areas[marked & (r > 1.0)].sum()
        assert errors[n] == pytest.approx(n * math.tan(math.pi / n) - math.pi, rel=0.01)
    for n in (8, 16):
        assert errors[n] / errors[2 * n] == pytest.approx(4, abs=0.4)  # twice the units, a quarter of the error
