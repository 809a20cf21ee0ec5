# matrices are upper case, as in mathematics

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn.data import blobs, circles, logic, moons, shifted_patterns, spirals
from nn.errors import DataError, SettingError

GENERATORS = [logic, moons, circles, spirals, blobs]


def accuracy_of_a_line(X, y):
    """Return how often the least-squares line is right about two classes."""
    A = np.column_stack([X, np.ones(len(X))])
    coefficients, *_ = np.linalg.lstsq(A, 2.0 * y - 1.0, rcond=None)
    return np.mean((A @ coefficients > 0) == (y == 1))


# --- every generator --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("generate", GENERATORS)
def test_there_are_n_points_of_floats_with_whole_labels_from_0_on(generate):
    for n in (4, 5, 101):
        X, y = generate(n=n)
        assert X.shape == (n, 2)
        assert X.dtype == np.float64
        assert y.shape == (n,)
        assert y.dtype == np.int64
        assert sorted(set(y.tolist())) == list(range(y.max() + 1))


@pytest.mark.parametrize("generate", [moons, circles, spirals, blobs])
def test_classes_share_the_points_evenly_and_their_order_is_shuffled(generate):
    _, y = generate(n=200)
    counts = np.bincount(y)
    assert counts.max() - counts.min() <= 1
    assert 30 < np.count_nonzero(np.diff(y)) < 170  # in order there would be one or two changes of class


@pytest.mark.parametrize("generate", [*GENERATORS, shifted_patterns])
def test_a_seed_makes_the_set(generate):
    (X, y), (X2, y2), (X3, _) = (generate(noise=0.1, seed=seed) for seed in (4, 4, 5))
    assert np.array_equal(X, X2)
    assert np.array_equal(y, y2)
    assert not np.array_equal(X, X3)
    assert not np.array_equal(generate(noise=0.1, seed=None)[0], generate(noise=0.1, seed=None)[0])


@pytest.mark.parametrize("generate", [*GENERATORS, shifted_patterns])
@pytest.mark.parametrize("noise", [-0.1, float("nan"), float("inf"), "0.1", None])
def test_noise_that_cannot_be_is_refused(generate, noise):
    with pytest.raises(SettingError, match="standard deviation of at least 0") as refusal:
        generate(noise=noise)
    assert repr(noise) in str(refusal.value)


@pytest.mark.parametrize("generate", GENERATORS)
@pytest.mark.parametrize("n", [1, 0, -5, 2.5, "100", None])
def test_a_number_of_points_that_cannot_be_is_refused(generate, n):
    with pytest.raises(SettingError, match="number of points is a whole number of at least") as refusal:
        generate(n=n)
    assert repr(n) in str(refusal.value)


@pytest.mark.parametrize("generate", [*GENERATORS, shifted_patterns])
def test_a_seed_that_cannot_be_is_refused(generate):
    with pytest.raises(SettingError, match="a seed is"):
        generate(seed="now")


# --- logic ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gate", "function"),
    [
        ("and", lambda a, b: a and b),
        ("or", lambda a, b: a or b),
        ("xor", lambda a, b: a != b),
        ("nand", lambda a, b: not (a and b)),
        ("nor", lambda a, b: not (a or b)),
        ("xnor", lambda a, b: a == b),
    ],
)
@pytest.mark.parametrize("inputs", [(0, 1), (-1, 1), (5.0, -2.0)])
def test_a_gate_is_its_truth_table(gate, function, inputs):
    X, y = logic(gate, inputs=inputs)
    truth = {inputs[0]: False, inputs[1]: True}
    assert X.tolist() == [[a, b] for a in map(float, inputs) for b in map(float, inputs)]
    assert y.tolist() == [int(function(truth[a], truth[b])) for a, b in X]


def test_more_points_are_clouds_around_the_rows_in_turn():
    X, y = logic("xor", n=4002, noise=0.25, inputs=(-1, 1))
    table, labels = logic("xor", inputs=(-1, 1))
    for row in range(4):
        cloud = X[row::4]
        assert cloud.mean(axis=0) == pytest.approx(table[row], abs=0.03)
        assert cloud.std(axis=0) == pytest.approx([0.25, 0.25], rel=0.06)
        assert set(y[row::4].tolist()) == {labels[row]}
    assert accuracy_of_a_line(X, y) < 0.6


@pytest.mark.parametrize("gate", ["XOR", "same", "", None, 3, ["xor"]])
def test_an_unknown_gate_is_refused_with_the_choices(gate):
    with pytest.raises(SettingError, match="and, or, xor, nand, nor, xnor") as refusal:
        logic(gate)
    assert repr(gate) in str(refusal.value)


@pytest.mark.parametrize("inputs", [(0, 0), (0,), (0, 1, 2), "01", None, (0, float("inf")), (None, 1), 3])
def test_inputs_that_are_not_two_numbers_are_refused(inputs):
    with pytest.raises(SettingError, match="two different numbers"):
        logic("and", inputs=inputs)


def test_a_gate_needs_a_point_for_each_row():
    with pytest.raises(SettingError, match="at least 4, one for each row of the truth table; not 3"):
        logic("and", n=3)


# --- moons ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [2, 3, 100, 101])
def test_without_noise_the_points_lie_on_the_two_half_circles(n):
    X, y = moons(n, noise=0.0)
    assert X.shape == (n, 2)
    assert X.dtype == np.float64
    assert y.shape == (n,)
    assert y.dtype == np.int64
    upper, lower = X[y == 0], X[y == 1]
    assert (len(upper), len(lower)) == (n // 2, n - n // 2)
    assert np.hypot(upper[:, 0], upper[:, 1]) == pytest.approx(np.ones(len(upper)))
    assert (upper[:, 1] >= 0).all()
    assert np.hypot(lower[:, 0] - 1.0, lower[:, 1] - 0.5) == pytest.approx(np.ones(len(lower)))
    assert (lower[:, 1] <= 0.5).all()


def test_the_moons_interleave():
    X, y = moons(200, noise=0.0)
    assert 0.7 < accuracy_of_a_line(X, y) < 0.95  # the tip of each lies inside the other
    assert X[y == 0][:, 1].min() < X[y == 1][:, 1].max()


def test_noise_is_the_standard_deviation_of_what_is_added():
    X, y = moons(4000, noise=0.2, seed=5)
    centre = np.where(y[:, None] == 0, [0.0, 0.0], [1.0, 0.5])
    radii = np.hypot(*(X - centre).T)
    assert radii.std() == pytest.approx(0.2, rel=0.05)


def test_first_points_of_seed_0_never_change():
    X, y = moons(100, noise=0.1, seed=0)
    assert y[:8].tolist() == [0, 1, 1, 1, 0, 0, 1, 0]
    assert X[0] == pytest.approx([1.1143724041095615, 0.33648145067011487], rel=1e-12)


# --- circles ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("factor", [0.5, 0.2])
def test_without_noise_the_points_lie_evenly_on_two_circles(factor):
    X, y = circles(41, noise=0.0, factor=factor)
    for label, count, radius in ((0, 20, 1.0), (1, 21, factor)):
        points = X[y == label]
        assert np.hypot(*points.T) == pytest.approx(np.full(count, radius))
        angles = np.sort(np.arctan2(points[:, 1], points[:, 0]))
        assert np.diff(angles) == pytest.approx(np.full(count - 1, 2 * np.pi / count))


def test_a_line_cannot_tell_the_circles_apart_but_the_distance_can():
    X, y = circles(400, noise=0.05)
    assert accuracy_of_a_line(X, y) < 0.65
    assert accuracy_of_a_line(np.hypot(*X.T)[:, None], y) == 1.0


@pytest.mark.parametrize("factor", [0.0, 1.0, -0.5, 2, float("nan"), "0.5", None])
def test_a_factor_that_is_no_fraction_is_refused(factor):
    with pytest.raises(SettingError, match="between 0 and 1"):
        circles(factor=factor)


# --- spirals ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("classes", "turns"), [(2, 1.0), (3, 0.5), (5, 2)])
def test_without_noise_the_points_lie_on_the_arms(classes, turns):
    X, y = spirals(60, classes=classes, noise=0.0, turns=turns)
    assert set(y.tolist()) == set(range(classes))
    radii = np.hypot(*X.T)
    straight = np.exp(-2j * np.pi * turns * radii) * (X[:, 0] + 1j * X[:, 1]) / radii  # unwound, each arm is a ray
    assert straight == pytest.approx(np.exp(2j * np.pi * y / classes))
    for k in range(classes):
        own = np.sort(radii[y == k])
        assert (own[0], own[-1]) == pytest.approx((0.1, 1.0))
        assert np.ptp(np.diff(own)) < 1e-12


def test_a_ray_from_the_centre_crosses_the_arms_in_turn():
    X, y = spirals(4000, noise=0.0, turns=2)
    near = np.abs(np.arctan2(X[:, 1], X[:, 0])) < 0.02
    in_order = y[near][np.argsort(np.hypot(*X[near].T))]
    assert sum(a != b for a, b in pairwise(in_order)) == 3


@pytest.mark.parametrize("turns", [0, -1.0, float("nan"), float("inf"), "2", None])
def test_turns_that_cannot_be_are_refused(turns):
    with pytest.raises(SettingError, match="turns is a positive number"):
        spirals(turns=turns)


@pytest.mark.parametrize("classes", [1, 0, 2.0, "3", None])
def test_a_number_of_classes_that_cannot_be_is_refused(classes):
    with pytest.raises(SettingError, match="number of classes is a whole number of at least 2"):
        spirals(classes=classes)
    if classes is not None and not isinstance(classes, (float, str)):
        with pytest.raises(SettingError, match="number of classes is a whole number of at least 2"):
            blobs(centers=classes)


def test_every_class_needs_a_point():
    with pytest.raises(SettingError, match="at least 5, one for each class; not 4"):
        spirals(4, classes=5)


# --- blobs ------------------------------------------------------------------------------------------------------------


def test_centres_lie_evenly_on_the_unit_circle():
    X, y = blobs(5000, centers=5, noise=0.2, seed=3)
    for k in range(5):
        angle = 2 * np.pi * k / 5
        assert X[y == k].mean(axis=0) == pytest.approx([np.cos(angle), np.sin(angle)], abs=0.03)
        assert X[y == k].std(axis=0) == pytest.approx([0.2, 0.2], rel=0.06)


def test_centres_of_ones_own_may_have_any_dimension():
    centers = np.array([[0.0, 0.0, 9.0], [3.0, -1.0, 2.0]])
    X, y = blobs(11, centers=centers, noise=0.0)
    assert np.array_equal(X, centers[y])
    assert np.bincount(y).tolist() == [5, 6]


@pytest.mark.parametrize(
    "centers",
    [[[0, 0]], [[0, 0], [1]], [1, 2], [[0, float("nan")], [1, 1]], "three", None, 2.5, [[], []], [["a"], ["b"]]],
)
def test_centres_that_cannot_be_are_refused(centers):
    with pytest.raises(SettingError, match="classes") as refusal:
        blobs(centers=centers)
    assert repr(centers) in str(refusal.value)


# --- shifted patterns -------------------------------------------------------------------------------------------------


def test_every_translation_of_each_pattern_is_there_in_order():
    X, y = shifted_patterns([[1, 1, 0, 0, 0], [1, 0, 1, 0, 0]])
    assert y.tolist() == [0] * 5 + [1] * 5
    assert ["".join(str(int(pixel)) for pixel in row) for row in X] == [
        "11000", "01100", "00110", "00011", "10001",
        "10100", "01010", "00101", "10010", "01001",
    ]  # fmt: skip


def test_by_default_the_patterns_have_four_of_ten_pixels_on_and_no_two_rows_are_the_same():
    X, y = shifted_patterns()
    assert X.shape == (20, 10)
    assert X.sum(axis=1).tolist() == [4.0] * 20
    assert len({tuple(row) for row in X.tolist()}) == 20
    assert np.bincount(y).tolist() == [10, 10]


@given(st.integers(3, 9).flatmap(lambda n: st.lists(st.integers(0, 1), min_size=n, max_size=n)))
def test_over_all_translations_each_pixel_is_on_as_often_as_the_pattern_has_pixels_on(pattern):
    other = [1 - pixel for pixel in pattern] if 2 * sum(pattern) != len(pattern) else [1] * len(pattern)
    X, y = shifted_patterns([pattern, other])
    assert X[y == 0].sum(axis=0).tolist() == [sum(pattern)] * len(pattern)


def test_noise_is_added_to_the_pixels():
    clean, _ = shifted_patterns()
    noisy, _ = shifted_patterns(noise=0.1, seed=2)
    assert (noisy - clean).std() == pytest.approx(0.1, rel=0.15)


def test_a_pattern_that_is_a_translation_of_another_is_refused():
    with pytest.raises(DataError, match="pattern 1 shifted by 2 is pattern 0"):
        shifted_patterns([[1, 1, 0, 0], [0, 0, 1, 1]])


@pytest.mark.parametrize("patterns", [[[1, 0]], [[1, 0], [1]], [[1, 2], [0, 1]], ["10", "11"], None, 3, [], [[], []]])
def test_patterns_that_are_not_rows_of_0_and_1_are_refused(patterns):
    with pytest.raises(DataError, match="rows of 0 and 1") as refusal:
        shifted_patterns(patterns)
    assert repr(patterns) in str(refusal.value)
