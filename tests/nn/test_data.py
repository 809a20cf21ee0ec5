# matrices are upper case, as in mathematics

import numpy as np
import pytest

from nn import moons
from nn.errors import SettingError


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
    # The tip of each lies inside the other, so a least-squares line cannot separate them.
    A = np.column_stack([X, np.ones(len(X))])
    coefficients, *_ = np.linalg.lstsq(A, 2.0 * y - 1.0, rcond=None)
    accuracy = np.mean((A @ coefficients > 0) == (y == 1))
    assert 0.7 < accuracy < 0.95
    assert X[y == 0][:, 1].min() < X[y == 1][:, 1].max()


def test_noise_is_the_standard_deviation_of_what_is_added():
    X, y = moons(4000, noise=0.2, seed=5)
    centre = np.where(y[:, None] == 0, [0.0, 0.0], [1.0, 0.5])
    radii = np.hypot(*(X - centre).T)
    assert radii.std() == pytest.approx(0.2, rel=0.05)


def test_a_seed_makes_the_set_and_the_order_is_shuffled():
    (X, y), (X2, y2), (X3, _) = moons(seed=4), moons(seed=4), moons(seed=5)
    assert np.array_equal(X, X2)
    assert np.array_equal(y, y2)
    assert not np.array_equal(X, X3)
    assert 10 < np.count_nonzero(np.diff(y)) < 90  # in order there would be one change of class
    assert not np.array_equal(moons(seed=None)[0], moons(seed=None)[0])


def test_first_points_of_seed_0_never_change():
    X, y = moons(100, noise=0.1, seed=0)
    assert y[:8].tolist() == [0, 1, 1, 1, 0, 0, 1, 0]
    assert X[0] == pytest.approx([1.1143724041095615, 0.33648145067011487], rel=1e-12)


@pytest.mark.parametrize("n", [1, 0, -5, 2.5, "100", None])
def test_a_number_of_points_that_cannot_be_is_refused(n):
    with pytest.raises(SettingError, match="whole number of at least 2") as refusal:
        moons(n)
    assert repr(n) in str(refusal.value)


@pytest.mark.parametrize("noise", [-0.1, float("nan"), float("inf"), "0.1", None])
def test_noise_that_cannot_be_is_refused(noise):
    with pytest.raises(SettingError, match="standard deviation of at least 0"):
        moons(10, noise=noise)
