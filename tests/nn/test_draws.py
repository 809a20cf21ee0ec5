import numpy as np
import pytest

from nn.draws import generator, normal, permutation
from nn.errors import SettingError


def test_the_generator_is_pcg64_whatever_numpys_default():
    rng = generator(123)
    assert isinstance(rng.bit_generator, np.random.PCG64)
    raw = np.random.PCG64(123).random_raw(3)
    assert rng.random(3).tolist() == [(int(r) >> 11) / 2**53 for r in raw]


def test_a_generator_is_returned_as_it_is_and_none_draws_afresh():
    rng = generator(1)
    assert generator(rng) is rng
    assert generator(None).random() != generator(None).random()
    assert generator(np.int64(5)).random() == generator(5).random()


@pytest.mark.parametrize("seed", [-1, 1.5, "0", [1, 2]])
def test_other_seeds_are_refused(seed):
    with pytest.raises(SettingError, match="a seed is a whole number"):
        generator(seed)


def test_normal_draws_are_distributed_normally():
    draws = normal(generator(0), 100_000)
    assert abs(draws.mean()) < 0.02
    assert draws.std() == pytest.approx(1.0, abs=0.01)
    for z, share in ((1.0, 0.158655), (2.0, 0.022750), (3.0, 0.001350)):  # the upper tail's probability
        tolerance = 4 * (share / draws.size) ** 0.5
        assert np.mean(draws > z) == pytest.approx(share, abs=tolerance)
        assert np.mean(draws < -z) == pytest.approx(share, abs=tolerance)


def test_a_permutation_has_everything_once_in_an_order_that_depends_on_the_seed():
    order = permutation(generator(0), 50)
    assert sorted(order.tolist()) == list(range(50))
    assert order.tolist() != permutation(generator(1), 50).tolist()
    assert order.tolist() == permutation(generator(0), 50).tolist()


def test_every_permutation_of_three_is_equally_likely():
    rng = generator(2)
    counts: dict[tuple[int, ...], int] = {}
    for _ in range(6000):
        order = tuple(permutation(rng, 3).tolist())
        counts[order] = counts.get(order, 0) + 1
    assert len(counts) == 6
    assert all(880 < count < 1120 for count in counts.values())  # 1000 ± 4 standard deviations
