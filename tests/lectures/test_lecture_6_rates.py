"""lecture-6: momentum as a weighted sum, Adagrad's learning rates, and the optimisers that it names."""

import numpy as np
import pytest
from worked_examples import EXAMPLES, close

from autograd import dot, parameter, sigmoid
from nn.optimizers import SGD, VSGD, Adadelta, Adagrad, Adam, AdaSecant, RMSprop

# Each slope of the slide with the name its number has in the worked examples.
SLIDE = [((0.1, 0.2), "gradients_0.1_0.2", 0.22), ((20.0, 10.0), "gradients_20_10", 22)]


@pytest.mark.parametrize(("gradients", "name", "rounded"), SLIDE)
def test_adagrads_learning_rates(gradients, name, rounded):
    divisors = EXAMPLES["adagrad_rate_divisors"]
    optimizer = Adagrad([parameter(0.0)], learning_rate=1.0, eps=0.0)
    rates = [-optimizer.update(np.zeros(1), np.array([g]))[0] / g for g in gradients]
    assert 1 / np.array(rates) == close([gradients[0], divisors[name]])
    assert 1 / rates[1] == pytest.approx(rounded, rel=0.02)


def test_both_weights_of_the_slide_at_once():
    optimizer = Adagrad([parameter(0.0), parameter(0.0)], learning_rate=0.5)
    assert optimizer.update(np.zeros(2), np.array([0.1, 20.0])) == pytest.approx([-0.5, -0.5])
    second = optimizer.update(np.zeros(2), np.array([0.2, 10.0]))
    assert second == pytest.approx([-0.5 * 0.2 / np.sqrt(0.05), -0.5 * 10 / np.sqrt(500)])


def test_the_observations_rates_shrink_and_smaller_derivatives_have_larger_rates():
    optimizer = Adagrad([parameter(0.0), parameter(0.0)], learning_rate=1.0)
    rates = np.array(
        [-optimizer.update(np.zeros(2), g) / g for g in np.array([[0.1, 20], [0.2, 10], [-0.3, 5], [1e-3, -1]])]
    )
    assert (np.diff(rates, axis=0) < 0).all()
    assert (rates[:, 0] > rates[:, 1]).all()


def test_momentum_is_an_exponentially_weighted_sum_of_all_previous_updates():
    alpha, mu, slopes = 0.1, 0.05, [3.0, -1.0, 2.0, 0.5, -4.0]
    optimizer, theta = SGD([parameter(0.0)], alpha, momentum=mu), np.zeros(1)
    for t, slope in enumerate(slopes, 1):
        new = optimizer.update(theta, np.array([slope]))
        expected = -sum(mu ** (t - s) * alpha * g for s, g in enumerate(slopes[:t], 1))  # the slide lacks the minus
        assert new - theta == close([expected])
        theta = new


NAMED = {
    "momentum": lambda w: SGD(w, 0.5, momentum=0.4),
    "Adagrad": lambda w: Adagrad(w, 0.2),
    "RMSprop": lambda w: RMSprop(w, 0.01),
    "Adadelta": lambda w: Adadelta(w, eps=1e-4),
    "Adam": lambda w: Adam(w, 0.05),
    "AdaSecant": lambda w: AdaSecant([{"parameters": w[:4]}, {"parameters": w[4:]}]),
    "No more pesky learning rates": lambda w: VSGD(w),
}


@pytest.mark.parametrize("make", NAMED.values(), ids=NAMED)
def test_every_optimizer_that_the_lecture_names_trains_the_network_it_links_to(make):
    w = [parameter(data) for data in (0.15, 0.20, 0.25, 0.30, 0.40, 0.45, 0.50, 0.55)]

    def error():
        h = [sigmoid(dot(w[:2], (0.05, 0.10), 0.35)), sigmoid(dot(w[2:4], (0.05, 0.10), 0.35))]
        o = [sigmoid(dot(w[4:6], h, 0.60)), sigmoid(dot(w[6:8], h, 0.60))]
        return sum(0.5 * (t - x) ** 2 for t, x in zip((0.01, 0.99), o, strict=True))

    optimizer = make(w)
    first = optimizer.step(error).data
    assert first == close(EXAMPLES["mazur"]["E"])
    for _ in range(300):
        optimizer.step(error)
    assert error().data < 0.1 * first
