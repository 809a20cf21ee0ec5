import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import compile  # noqa: A004  # autograd's name
from autograd.errors import OperandError
from nn import MLP
from nn.errors import SettingError
from nn.step_networks import collapse, edges, intersection, tangents, union

SQUARE = [(0, 0), (2, 0), (2, 2), (0, 2)]
ABOVE, RIGHT = ((0, 1), 1), ((1, 0), 1)  # y ≥ 1, x ≥ 1


def test_an_intersection_is_an_and_of_half_planes():
    corner = intersection([ABOVE, RIGHT])
    assert [corner(p).data for p in [(0, 0), (0, 2), (2, 0), (2, 2), (1, 1)]] == [0, 0, 0, 1, 1]
    assert [len(layer.neurons) for layer in corner.layers] == [2, 1]


def test_a_union_is_an_or_of_ands():
    either = union([[ABOVE], [RIGHT, ABOVE], [RIGHT]])
    assert [either(p).data for p in [(0, 0), (0, 2), (2, 0), (2, 2)]] == [0, 1, 1, 1]
    assert [len(layer.neurons) for layer in either.layers] == [4, 3, 1]


@given(
    st.lists(
        st.lists(
            st.tuples(st.lists(st.integers(-3, 3), min_size=3, max_size=3), st.integers(-3, 3)), min_size=1, max_size=4
        ),
        min_size=1,
        max_size=4,
    ),
    st.lists(st.integers(-4, 4), min_size=3, max_size=3),
)
def test_any_union_of_intersections_in_three_dimensions(regions, point):
    inside = [all(np.dot(w, point) >= theta for w, theta in region) for region in regions]
    assert union(regions)(point).data == any(inside)
    assert intersection(regions[0])(point).data == inside[0]


def test_the_network_compiles_and_gives_the_same():
    model = union([edges(SQUARE), edges([(3, 0), (4, 0), (3, 1)])])
    program = compile(model, [0.0, 0.0])
    points = np.random.default_rng(0).uniform(-1, 5, size=(200, 2))
    assert program(points).tolist() == [model(point).data for point in points]


# --- edges ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("corners", [SQUARE, SQUARE[::-1], SQUARE[2:] + SQUARE[:2], np.array(SQUARE)])
def test_edges_of_a_square_either_way_round(corners):
    inside = intersection(edges(corners))
    points = [(x / 2, y / 2) for x in range(-1, 6) for y in range(-1, 6)]
    assert [inside(p).data for p in points] == [float(0 <= x <= 2 and 0 <= y <= 2) for x, y in points]


@given(st.integers(3, 12), st.floats(0.1, 100), st.floats(-50, 50), st.floats(-50, 50), st.booleans())
def test_edges_of_a_regular_polygon(n, radius, x, y, clockwise):
    angles = 2 * np.pi * np.arange(n) / n * (-1 if clockwise else 1)
    inside = intersection(edges(np.stack([x + radius * np.cos(angles), y + radius * np.sin(angles)], axis=1)))
    apothem = radius * math.cos(math.pi / n)
    for angle in np.linspace(0, 6, 7):
        direction = np.array([math.cos(angle), math.sin(angle)])
        assert inside([x, y] + 0.99 * apothem * direction).data == 1.0
        assert inside([x, y] + 1.01 * radius * direction).data == 0.0


def test_a_corner_on_a_straight_edge_does_no_harm():
    inside = intersection(edges([(0, 0), (1, 0), (2, 0), (2, 2), (0, 2)]))
    assert [inside(p).data for p in [(1, 1), (1, -1), (3, 1)]] == [1, 0, 0]


@pytest.mark.parametrize(
    "corners",
    [
        [(0, 0), (4, 0), (4, 4), (2, 1), (0, 4)],  # dented
        [(0, 0), (2, 2), (2, 0), (0, 2)],  # crossing itself
        [(0, 0), (1, 1), (2, 2)],  # flat
        [(math.cos(k), math.sin(k)) for k in 4 * np.pi / 5 * np.arange(5)],  # a star: all turns to the left
    ],
)
def test_corners_of_no_convex_polygon_are_refused(corners):
    with pytest.raises(SettingError, match="convex"):
        edges(corners)


@pytest.mark.parametrize(
    "corners",
    [[], [(0, 0), (1, 1)], [(0, 0, 0)] * 3, [(0, 0), (1, 0), (0, math.inf)], "abc", None, [(0, 0), (1,), (2, 2)]],
)
def test_what_are_no_corners_is_refused(corners):
    with pytest.raises(SettingError, match="at least three corners") as refusal:
        edges(corners)
    assert repr(corners) in str(refusal.value)


# --- tangents ---------------------------------------------------------------------------------------------------------


@given(st.integers(3, 40), st.floats(0.01, 100), st.floats(-9, 9), st.floats(-9, 9))
def test_each_tangent_touches_the_disc(n, radius, x, y):
    planes = tangents(n, (x, y), radius)
    assert len(planes) == n
    for w, theta in planes:
        assert np.hypot(*w) == pytest.approx(1.0)
        assert np.dot(w, (x, y)) - theta == pytest.approx(radius)  # the centre's distance from the line, inwards


@pytest.mark.parametrize("n", [2, 0, -1, 3.0, "4", None, True])
def test_a_number_of_tangents_that_cannot_be_is_refused(n):
    with pytest.raises(SettingError, match="at least 3"):
        tangents(n)


@pytest.mark.parametrize("radius", [0, -1.0, math.nan, math.inf, "1", None])
def test_a_radius_that_cannot_be_is_refused(radius):
    with pytest.raises(SettingError, match="radius"):
        tangents(4, radius=radius)


@pytest.mark.parametrize("center", [(0,), (0, 0, 0), (0, math.nan), 3, None])
def test_a_centre_that_cannot_be_is_refused(center):
    with pytest.raises(SettingError, match="centre"):
        tangents(4, center=center)


# --- collapse ---------------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(1, 4), min_size=2, max_size=5), st.integers(0, 9))
def test_linear_layers_in_a_row_are_one(sizes, seed):
    deep = MLP(sizes[0], sizes[1:], activation="linear", seed=seed)
    for k, layer in enumerate(deep.layers):
        for j, neuron in enumerate(layer.neurons):
            neuron.b.data = 0.5 * k - 0.25 * j
    flat = collapse(deep)
    for point in np.random.default_rng(seed).normal(size=(3, sizes[0])):
        expected, received = (np.array([v.data for v in np.atleast_1d(model(point))]) for model in (deep, flat))
        assert received == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert len(flat.parameters()) == sizes[-1] * (sizes[0] + 1)


def test_a_bent_layer_does_not_collapse():
    with pytest.raises(SettingError, match="relu"):
        collapse(MLP(2, [3, 1], activation="relu"))
    with pytest.raises(SettingError, match="tanh"):
        collapse(MLP(2, [3, 1], activation="linear", output_activation="tanh"))


def test_what_is_no_mlp_does_not_collapse():
    with pytest.raises(SettingError, match="MLP"):
        collapse([1, 2])


# --- half-planes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "half_planes", [[], None, 3, "ab", [1], [((1, 0),)], [((), 1)], [((1, 0), 1), ((1,), 1)], [((1, math.nan), 0)]]
)
def test_half_planes_that_cannot_be_are_refused(half_planes):
    with pytest.raises(SettingError, match="half-plane"):
        intersection(half_planes)
    with pytest.raises(SettingError, match="half-plane"):
        union([[ABOVE], half_planes])


@pytest.mark.parametrize("regions", [[], None, 3])
def test_a_union_of_nothing_is_refused(regions):
    with pytest.raises(SettingError, match="regions"):
        union(regions)


def test_regions_in_different_dimensions_are_refused():
    with pytest.raises(SettingError, match="as many weights"):
        union([[ABOVE], [((1, 0, 0), 1)]])


def test_half_planes_may_stand_in_an_array():
    planes = [(np.array([1.0, 0.0]), np.float64(1.0))]
    assert intersection(planes)((2, 0)).data == 1.0
    assert intersection(tuple(planes))((0, 0)).data == 0.0
    with pytest.raises((SettingError, OperandError)):
        intersection([("ab", 1)])
