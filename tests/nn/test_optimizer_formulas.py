"""Each optimiser against its paper's formula, worked out afresh at every step from the list of all gradients so far.

What the optimisers keep up to date as running means and sums is here the sum it stands for: after t steps a running
mean of weight 1 - β is (1 - β) Σ β^(t - s) g(s), s = 1 … t. All is plain Python, one parameter at a time.
"""

import math

import numpy as np
import pytest
from optimizer_problems import parameters, run, slopes

from nn import SGD
from nn.optimizers import Adadelta, Adagrad, Adam, AdamW, RMSprop, schedules

START = [0.5, -1.0, 2.0]
STEPS = 100


def weighted(beta, xs):
    """Return Σ β^(t - s) x(s): the latest whole, the ones before it less and less."""
    return math.fsum(beta ** (len(xs) - s) * x for s, x in enumerate(xs, 1))


def worked(change, decay=0.0):
    """Return the path of a run; ``change`` says how a parameter moves, from its gradients so far (with λ θ in them)."""
    theta, history, path = list(START), [[], [], []], [list(START)]
    for t in range(STEPS):
        for gs, g, x in zip(history, slopes(theta, t), theta, strict=True):
            gs.append(g + decay * x)
        theta = [x + change(gs, x) for x, gs in zip(theta, history, strict=True)]
        path.append(list(theta))
    return np.array(path)


def assert_close(optimizer, path):
    assert run(optimizer, START, STEPS) == pytest.approx(path, rel=1e-10, abs=1e-12)


@pytest.mark.parametrize(("momentum", "decay"), [(0.0, 0.0), (0.9, 0.0), (0.5, 0.1), (0.0, 0.3)])
def test_sgd(momentum, decay):
    path = worked(lambda gs, x: -0.05 * weighted(momentum, gs), decay)
    assert_close(SGD(parameters(3), 0.05, momentum=momentum, weight_decay=decay), path)


@pytest.mark.parametrize("decay", [0.0, 0.3])
def test_nesterov_is_sutskevers_with_the_parameters_seen_where_the_slope_is_taken(decay):
    eta, mu = 0.05, 0.8
    theta, velocity, looked_at = list(START), [0.0] * 3, [list(START)]
    for t in range(STEPS):
        ahead = [x + mu * v for x, v in zip(theta, velocity, strict=True)]
        gs = [g + decay * x for g, x in zip(slopes(ahead, t), ahead, strict=True)]
        velocity = [mu * v - eta * g for v, g in zip(velocity, gs, strict=True)]
        theta = [x + v for x, v in zip(theta, velocity, strict=True)]
        looked_at.append([x + mu * v for x, v in zip(theta, velocity, strict=True)])
    assert_close(SGD(parameters(3), eta, momentum=mu, nesterov=True, weight_decay=decay), np.array(looked_at))


@pytest.mark.parametrize(("eps", "decay"), [(1e-10, 0.0), (0.1, 0.2)])
def test_adagrad(eps, decay):
    path = worked(lambda gs, x: -0.2 * gs[-1] / (math.hypot(*gs) + eps), decay)
    assert_close(Adagrad(parameters(3), 0.2, eps=eps, weight_decay=decay), path)


@pytest.mark.parametrize("centered", [False, True])
@pytest.mark.parametrize(("alpha", "momentum", "decay"), [(0.99, 0.0, 0.0), (0.9, 0.5, 0.1)])
def test_rmsprop(centered, alpha, momentum, decay):
    eps = 1e-3

    def scaled(gs):
        square = (1 - alpha) * weighted(alpha, [g * g for g in gs])
        mean = (1 - alpha) * weighted(alpha, gs) if centered else 0.0
        return gs[-1] / (math.sqrt(square - mean**2) + eps)

    def change(gs, x):
        return -0.01 * weighted(momentum, [scaled(gs[:s]) for s in range(1, len(gs) + 1)])

    optimizer = RMSprop(parameters(3), 0.01, alpha, eps, decay, momentum, centered)
    assert_close(optimizer, worked(change, decay))


@pytest.mark.parametrize(("rate", "rho", "eps", "decay"), [(1.0, 0.9, 1e-6, 0.0), (0.5, 0.7, 1e-3, 0.1)])
def test_adadelta(rate, rho, eps, decay):
    steps = {}

    def change(gs, x):
        done = steps.setdefault(id(gs), [])
        square = (1 - rho) * weighted(rho, [g * g for g in gs])
        square_step = (1 - rho) * weighted(rho, [d * d for d in done]) if done else 0.0
        done.append(gs[-1] * math.sqrt((square_step + eps) / (square + eps)))
        return -rate * done[-1]

    assert_close(Adadelta(parameters(3), rate, rho, eps, decay), worked(change, decay))


def adam_direction(gs, beta1, beta2, eps):
    """Return m̂ / (√v̂ + ε); the corrections make weighted means of the weighted sums."""
    weights1, weights2 = weighted(beta1, [1.0] * len(gs)), weighted(beta2, [1.0] * len(gs))
    return weighted(beta1, gs) / weights1 / (math.sqrt(weighted(beta2, [g * g for g in gs]) / weights2) + eps)


@pytest.mark.parametrize(("betas", "eps", "decay"), [((0.9, 0.999), 1e-8, 0.0), ((0.5, 0.8), 1e-2, 0.1)])
def test_adam(betas, eps, decay):
    path = worked(lambda gs, x: -0.02 * adam_direction(gs, *betas, eps), decay)
    assert_close(Adam(parameters(3), 0.02, betas, eps, decay), path)


@pytest.mark.parametrize("decay", [0.0, 0.5])
def test_adamw(decay):
    path = worked(lambda gs, x: -0.02 * adam_direction(gs, 0.9, 0.999, 1e-8) - 0.02 * decay * x)
    assert_close(AdamW(parameters(3), 0.02, weight_decay=decay), path)


def test_a_schedule_gives_each_step_its_rate():
    path = worked(lambda gs, x: -0.3 * 0.9 ** (len(gs) - 1) * gs[-1])
    assert_close(SGD(parameters(3), schedules.exponential(0.3, 0.9)), path)


def test_the_first_steps_of_adam_by_hand():
    optimizer = Adam(parameters(1), 0.5, betas=(0.5, 0.75), eps=0.0)
    # g = 4: m = 2, v = 4, m̂ = 2 / 0.5 = 4, v̂ = 4 / 0.25 = 16: a step of 0.5 · 4 / 4
    theta = optimizer.update(np.array([1.0]), np.array([4.0]))
    assert theta.tolist() == [0.5]
    # g = -2: m = 0, so it stays; v = 0.75 · 4 + 0.25 · 4 = 4
    theta = optimizer.update(theta, np.array([-2.0]))
    assert theta.tolist() == [0.5]
    assert (optimizer.mean.tolist(), optimizer.square.tolist()) == ([0.0], [4.0])


@pytest.mark.parametrize(
    ("make", "settings"),
    [
        (Adagrad, {"learning_rate": 0.01, "eps": 1e-10, "weight_decay": 0.0}),
        (RMSprop, {"learning_rate": 0.01, "alpha": 0.99, "eps": 1e-8, "weight_decay": 0.0, "momentum": 0.0}),
        (Adadelta, {"learning_rate": 1.0, "rho": 0.9, "eps": 1e-6, "weight_decay": 0.0}),
        (Adam, {"learning_rate": 0.001, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.0}),
        (AdamW, {"learning_rate": 0.001, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.01}),
    ],
)
def test_defaults_are_those_of_the_field(make, settings):
    optimizer = make(parameters(1))
    assert {name: getattr(optimizer, name) for name in settings} == settings


def test_centered_rmsprop_stays_finite_where_the_slope_never_changes():
    optimizer = RMSprop(parameters(1), 0.01, alpha=0.2, centered=True)
    theta = np.zeros(1)
    for _ in range(100):
        theta = optimizer.update(theta, np.array([0.1]))
    assert np.isfinite(theta).all()
