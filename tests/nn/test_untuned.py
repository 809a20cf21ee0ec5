"""AdaSecant and vSGD against their formulas, worked by hand and in plain Python, one parameter at a time."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from optimizer_problems import Bowl, parameters, slopes

import autograd
from autograd import log, parameter
from nn import MLP, moons
from nn.draws import generator, normal
from nn.errors import SettingError, ShapeError
from nn.optimizers import VSGD, AdaSecant

# --- AdaSecant ---


def test_adasecants_first_two_steps_by_hand():
    tiny = 1e-30  # so that ε plays no part but at the very start
    optimizer = AdaSecant(parameters(2), decay=0.75, eps=tiny)
    theta = optimizer.update(np.zeros(2), np.array([3.0, -4.0]))
    # The gradient is brought to the length 1: (0.6, -0.8). E g = g / 4, and α = g. With g' = 0 the numerator of γ is
    # |g| |E g| and its denominator |3/4 g| |E g|, so γ = 4/3, and ĝ = (g + 4/3 · g/4) / (7/3) = 4/7 g.
    # E[α²] = g² / 2.1, E[Δ²] = g², E[α Δ] is not yet begun: the rate is √2.1.
    g = np.array([0.6, -0.8])
    rate = math.sqrt(2.1)
    assert optimizer.eta == pytest.approx([rate, rate])
    delta = -rate * 4 / 7 * g
    assert theta == pytest.approx(delta)
    # |g - E g| = 3/4 |g|, and σ² = g²/4 - g²/16 = 3/16 g², 2 σ = 0.87 |g|: no outlier. |α - E α| = 1.1/2.1 |g|, and
    # σ² = g²/2.1 - g²/2.1², 2 σ = 0.9988 |g|: none either. So τ = (1 - 1) · 2.1 + 1 = 1, which is raised to 1.5.
    assert optimizer.memory == pytest.approx([1.5, 1.5])
    assert optimizer.step_square == pytest.approx(1.1 / 2.1 * g**2 + delta**2 / 2.1)
    assert optimizer.step_mean == pytest.approx(1.1 / 2.1 * g + delta / 2.1)
    assert optimizer.step_change == pytest.approx(g * delta / 2.1)

    theta = optimizer.update(theta, np.array([-3.0, -4.0]))
    # In the second parameter the slope is as it was: α = 0, E[α²] shrinks to a third, and g' - E g = -0.8 · 9/16.
    alpha_square = (0.64 / 2.1) / 3
    rate = (
        math.sqrt(1.1 / 2.1 * 0.64 + delta[1] ** 2 / 2.1) / math.sqrt(alpha_square)
        - (-0.8 * delta[1] / 2.1) / alpha_square
    )
    assert optimizer.eta[1] == pytest.approx(rate)
    above = 0.8**2 * 0.2**2 / 2.1 / 3  # (g - g')² = 0 adds nothing; the first step left |g|² |E g|² / 2.1
    below = 0.6**2 * 0.2**2 / 2.1 / 3 + 2 / 3 * (0.8 * 9 / 16) ** 4
    gamma = math.sqrt(above / below)
    mean = -0.8 * 7 / 16
    assert theta[1] - delta[1] == pytest.approx(-rate * (-0.8 + gamma * mean) / (1 + gamma))


def adasecant_in_python(gradients, groups, decay, eps, reach=10.0):
    """Return the steps and memories of AdaSecant for a list of gradients, from the formulas, by dicts of floats."""
    n = len(gradients[0])
    names = ("Eg", "Eg2", "above", "below", "Ea", "Ea2", "Ed", "Ed2", "Ead")
    cells = [dict.fromkeys(names, eps) | {"tau": 2.1, "g": 0.0} for _ in range(n)]
    results = []
    for t, gradient in enumerate(gradients):
        steps = []
        for group in groups:
            norm = math.hypot(*(gradient[i] for i in group))
            for i in group:
                s, g = cells[i], gradient[i] / (norm + eps)
                tau = s["tau"]

                def take_in(name, x, s=s, tau=tau):
                    s[name] += (x - s[name]) / tau

                for name, x in (("Eg", g), ("Eg2", g**2)):
                    s[name] = decay * s[name] + (1 - decay) * x
                if t == 0:
                    s["Ed"], s["Ed2"] = g, g**2
                take_in("above", ((g - s["g"]) * (s["g"] - s["Eg"])) ** 2)
                take_in("below", ((g - s["Eg"]) * (s["g"] - s["Eg"])) ** 2)
                gamma = min(math.sqrt(s["above"] / (s["below"] + eps)), 1.8)
                a = g - s["g"]
                take_in("Ea", a)
                take_in("Ea2", a**2)
                rate = math.sqrt((s["Ed2"] + eps) / (s["Ea2"] + eps)) - s["Ead"] / (s["Ea2"] + eps)
                d = -rate * (g + gamma * s["Eg"]) / (1 + gamma)
                d = min(max(d, -reach), reach)
                new_tau = tau - s["Ed"] ** 2 / (s["Ed2"] + eps) * tau + 1
                far_g = abs(g - s["Eg"]) > 2 * math.sqrt(max(s["Eg2"] - s["Eg"] ** 2, 0))
                far_a = abs(a - s["Ea"]) > 2 * math.sqrt(max(s["Ea2"] - s["Ea"] ** 2, 0))
                take_in("Ed", d)
                take_in("Ed2", d**2)
                take_in("Ead", a * d)
                s["tau"] = min(max(2.2 if far_g or far_a else new_tau, 1.5), 1e8)
                s["g"] = g
                steps.append(d)
        results.append((steps, [s["tau"] for s in cells]))
    return results


@pytest.mark.parametrize("groups", [[[0, 1, 2]], [[0, 1], [2]], [[0], [1], [2]]])
@pytest.mark.parametrize(("decay", "eps"), [(0.95, 1e-4), (0.7, 1e-2)])
@pytest.mark.parametrize("alternating", [False, True])  # of changing sign, γ reaches its bound
def test_adasecant_follows_its_formulas_for_a_hundred_steps(groups, decay, eps, alternating):
    values = parameters(3)
    optimizer = AdaSecant([{"parameters": [values[i] for i in group]} for group in groups], decay, eps)
    gradients = [slopes([0.5, -1.0, 2.0], t) for t in range(100)]
    if alternating:
        gradients = [[(-1) ** t * g for g in (1.0, 2.0, -0.5)] for t in range(100)]
    theta = np.zeros(3)
    for gradient, (steps, memory) in zip(gradients, adasecant_in_python(gradients, groups, decay, eps), strict=True):
        new = optimizer.update(theta, np.array(gradient))
        assert new - theta == pytest.approx(steps, rel=1e-10, abs=1e-12)
        assert optimizer.memory.tolist() == pytest.approx(memory, rel=1e-10)
        theta = new


def test_adasecant_forgets_when_it_meets_an_outlier():
    gradients = [[1.0, 1.0 + 0.01 * math.sin(t)] for t in range(60)] + [[1.0, -1.0], [1.0, -1.0]]
    optimizer = AdaSecant(parameters(2))
    theta, memories = np.zeros(2), []
    for gradient in gradients:
        theta = optimizer.update(theta, np.array(gradient))
        memories.append(optimizer.memory.tolist())
    assert memories == [pytest.approx(m, rel=1e-9) for _, m in adasecant_in_python(gradients, [[0, 1]], 0.95, 1e-4)]
    assert memories[59][1] != 2.2
    assert memories[60][1] == 2.2


def test_adasecant_does_not_feel_the_size_of_a_groups_gradient():
    def end(scale):
        values = parameters(3)
        optimizer = AdaSecant([{"parameters": values[:1]}, {"parameters": values[1:]}], eps=1e-9)
        theta = np.zeros(3)
        for t in range(20):
            theta = optimizer.update(theta, np.array(slopes([0.5, -1.0, 2.0], t)) * [scale, 1.0, 1.0])
        return theta

    assert end(1000.0) == pytest.approx(end(1.0), rel=1e-5)


def test_adasecants_steps_are_no_longer_than_its_reach_where_the_slope_never_changes():
    optimizer = AdaSecant([{"parameters": parameters(1), "reach": 0.5}, {"parameters": parameters(1)}])
    theta = np.zeros(2)
    for _ in range(100):
        before, theta = theta, optimizer.update(theta, np.array([1.0, 3.0]))
    assert theta - before == pytest.approx([-0.5, -10.0])


def test_adasecant_takes_a_gradient_of_zero():
    optimizer = AdaSecant([{"parameters": parameters(2)}, {"parameters": parameters(1)}])
    theta = optimizer.update(np.ones(3), np.array([0.0, 0.0, 1.0]))
    assert theta[:2] == pytest.approx([1.0, 1.0], abs=1e-5)  # the means begin at ε, not at 0
    assert np.isfinite(optimizer.update(theta, np.zeros(3))).all()


def trained(optimizer_of, batch_size, epochs, relu=False):
    """Return the losses, epoch by epoch, of an MLP on the moons."""
    X, y = moons(100, noise=0.1, seed=0)
    y = 2 * y - 1
    model = MLP(2, [8, 8, 1], "relu" if relu else "tanh", seed=1)
    optimizer = optimizer_of(model)

    def loss(point, sign):
        return (1 - sign * model(point)).relu() if relu else (-sign * model(point)).softplus()

    program = autograd.compile(loss, [0.0, 0.0], 1.0, parameters=optimizer.parameters)
    rng, losses = generator(0), []
    for _ in range(epochs):
        order = np.argsort(rng.random(100))
        for batch in np.split(order, 100 // batch_size):

            def gradient_at(theta, batch=batch):
                program.theta = theta
                return program.value_and_grad(X[batch], y[batch])[1]

            program.theta = optimizer.update(program.theta, gradient_at(program.theta), gradient_at)
        losses.append(program.value_and_grad(X, y)[0])
    return np.array(losses)


@pytest.mark.parametrize("batch_size", [10, 100])
def test_adasecant_learns_the_moons_layer_by_layer(batch_size):
    losses = trained(lambda m: AdaSecant([{"parameters": x.parameters()} for x in m.layers]), batch_size, 100)
    assert losses[-1] < 0.1


# --- vSGD ---


def test_vsgds_first_steps_by_hand():
    optimizer = VSGD(parameters(1), samples=2, slow_start=3.0)
    F = Fraction

    def sample(c):  # ½ · 4 (θ - c)²
        return lambda theta: 4.0 * (theta - c)

    one = np.array([1.0])
    assert optimizer.update(one, sample(0.0)(one), sample(0.0)).tolist() == [1.0]  # g = 4: it looks, and stays
    theta = optimizer.update(one, sample(0.5)(one), sample(0.5))  # g = 2: ḡ = 3, v̄ = 3 · (16 + 4) / 2 = 30, h̄ = 4
    eta = F(9, 4 * 30)
    assert optimizer.eta == pytest.approx([float(eta)], rel=1e-12)
    x = 1 - eta * 2
    assert theta == pytest.approx([float(x)], rel=1e-12)
    tau = (1 - F(9, 30)) * 2 + 1
    assert optimizer.memory == pytest.approx([float(tau)], rel=1e-12)

    g = 4 * (x + 1)
    theta = optimizer.update(theta, sample(-1.0)(theta), sample(-1.0))
    mean, square = 3 + (g - 3) / tau, 30 + (g**2 - 30) / tau
    eta = mean**2 / (4 * square)
    assert optimizer.eta == pytest.approx([float(eta)], rel=1e-12)
    assert theta == pytest.approx([float(x - eta * g)], rel=1e-12)
    assert optimizer.memory == pytest.approx([float((1 - mean**2 / square) * tau + 1)], rel=1e-12)


def vsgd_in_python(samples_of, theta, curvature, samples, slow_start):
    """Return the path of vSGD on ½ h (θ - c)², from the formulas, for one parameter."""
    path, seen, averages, tau = [theta], [], None, None
    for c in samples_of:
        g = curvature * (theta - c)
        seen.append(g)
        if len(seen) < samples:
            path.append(theta)
            continue
        if len(seen) == samples:
            averages = [sum(seen) / samples, slow_start * sum(x * x for x in seen) / samples]
            tau = samples
        else:
            averages = [(1 - 1 / tau) * a + 1 / tau * x for a, x in zip(averages, (g, g * g), strict=True)]
        agreement = averages[0] ** 2 / averages[1]
        tau = max((1 - agreement) * tau + 1, 1.001)
        theta -= agreement / curvature * g
        path.append(theta)
    return path


def test_vsgd_follows_its_formulas_for_a_hundred_steps():
    rng = generator(3)
    h = np.array([0.5, 2.0, 30.0])
    centres = normal(rng, 300).reshape(100, 3) * [0.1, 1.0, 0.01]
    optimizer = VSGD(parameters(3), samples=5, reach=1e6)
    path = [np.array([1.0, -2.0, 0.5])]
    for c in centres:
        path.append(optimizer.update(path[-1], h * (path[-1] - c), lambda theta, c=c: h * (theta - c)))
    for i in range(3):
        expected = vsgd_in_python(centres[:, i], path[0][i], h[i], 5, 2.0)
        assert [theta[i] for theta in path] == pytest.approx(expected, rel=1e-8, abs=1e-10)


@pytest.mark.parametrize(("h", "sigma", "theta"), [(2.0, 0.5, 1.0), (0.5, 1.0, 0.2), (30.0, 0.1, 1.0)])
def test_vsgds_first_rate_is_the_optimal_one_if_it_looks_long_enough(h, sigma, theta):
    """On ½ h (θ - c)², c ~ N(0, σ²): η* = (E g)² / (h E g²) = θ² / (h (θ² + σ²)), since E g = h θ."""
    n = 40_000
    optimizer = VSGD(parameters(1), samples=n, slow_start=1.0)
    x = np.array([theta])
    for c in (sigma * normal(generator(5), n)).tolist():
        optimizer.update(x, h * (x - c), lambda theta, c=c: h * (theta - c))
    assert optimizer.rate == pytest.approx(theta**2 / (h * (theta**2 + sigma**2)), rel=0.06)


@pytest.mark.parametrize(("h", "sigma", "start"), [(2.0, 0.5, 1.0), (0.5, 1.0, 3.0), (10.0, 0.1, 1.0)])
def test_vsgds_rate_follows_the_optimal_rate_down(h, sigma, start):
    """4,000 independent copies of the noisy quadratic, and beside them copies that are told the optimal rate."""
    n, rng = 4_000, generator(1)
    optimizer = VSGD(parameters(n))
    theta, told = np.full(n, start), np.full(n, start)
    ratios = []
    for t in range(1_000):
        c = sigma * normal(rng, n)
        best = theta**2 / (h * (theta**2 + sigma**2))
        theta = optimizer.update(theta, h * (theta - c), lambda theta, c=c: h * (theta - c))
        mean_square = np.mean(told**2)
        told = told - mean_square / (mean_square + sigma**2) * (told - c)
        if t >= 50:
            ratios.append(optimizer.rate / best.mean())
    assert min(ratios) > 0.25
    assert max(ratios) < 1.0
    assert best.mean() < 0.01 / h  # the optimum fell a hundredfold meanwhile
    assert np.mean(theta**2) < 3.5 * np.mean(told**2)


def test_the_square_of_a_batchs_mean_gradient_is_what_the_papers_formula_for_mini_batches_has():
    """By all batches there are: n draws with replacement from five gradients."""
    gradients = [Fraction(x) for x in (3, -1, 2, 0, 5)]
    mean = sum(gradients) / 5
    square = sum(g * g for g in gradients) / 5
    for n in (1, 2, 3, 4):
        batches = [sum(batch) / n for batch in itertools.product(gradients, repeat=n)]
        assert sum(g * g for g in batches) / len(batches) == square / n + (n - 1) * mean**2 / Fraction(n)
        # so looking at every batch once gives the paper's rate
        optimizer = VSGD(parameters(1), samples=len(batches), slow_start=1.0)
        for g in batches:
            optimizer.update(np.zeros(1), np.array([float(g)]), lambda theta, g=g: 7.0 * theta + float(g))
        rate = mean**2 / (7 * (square / n + (n - 1) * mean**2 / Fraction(n)))
        assert optimizer.rate == pytest.approx(float(rate), rel=1e-9)


def test_vsgds_curvature_is_that_of_the_same_samples():
    X = np.array([[1.0, 2.0], [3.0, -1.0]])
    optimizer = VSGD(parameters(2), samples=1)
    H = X.T @ X
    theta = np.array([0.5, -0.5])
    optimizer.update(theta, H @ theta, lambda theta: H @ theta)
    assert optimizer.curvature == pytest.approx(np.abs(H @ [1.0, 1.0]))  # ḡ is 0 at first: shifted upwards
    optimizer.update(theta, H @ theta, lambda theta: H @ theta)
    signs = -np.sign(H @ theta)  # downhill
    tau = 2 - optimizer.slow_start**-1 * 1  # (1 - ½) 1 + 1
    before = np.abs(H @ [1.0, 1.0])
    assert optimizer.curvature == pytest.approx(before + (np.abs(H @ signs) - before) / tau)


def test_vsgd_looks_for_the_curvature_downhill():
    optimizer, asked = VSGD(parameters(3), samples=5, shift=0.25), []

    def gradient_at(theta):
        asked.append(theta.tolist())
        return np.zeros(3)

    for _ in range(2):
        optimizer.update(np.ones(3), np.array([2.0, -2.0, 0.0]), gradient_at)
    assert asked == [[1.25, 1.25, 1.25], [0.75, 1.25, 1.25]]  # at first it knows no slope


def test_vsgd_does_not_feel_the_units_of_the_loss():
    def end(scale):
        optimizer, bowl = VSGD(parameters(3)), Bowl(noise=0.5, seed=2)
        theta = Bowl.start
        for _ in range(100):
            bowl.draw()
            theta = optimizer.update(theta, scale * bowl.gradient(theta), lambda theta: scale * bowl.gradient(theta))
        return theta

    assert end(1e6) == pytest.approx(end(1.0), rel=1e-6)
    assert end(1e-6) == pytest.approx(end(1.0), rel=1e-6)


def test_vsgd_goes_no_further_than_its_reach_where_there_is_no_curvature():
    optimizer = VSGD(parameters(2), samples=1, slow_start=1.0, reach=0.5)
    theta, slope = np.zeros(2), np.array([3.0, -1e-3])
    for _ in range(5):
        new = optimizer.update(theta, slope, lambda theta: slope)
        assert new - theta == pytest.approx([-0.5, 0.5])
        theta = new


def test_vsgd_leaves_parameters_that_are_not_used_alone_and_takes_them_up_later():
    optimizer = VSGD(parameters(2), samples=3)
    theta = np.array([1.0, 1.0])
    for t in range(60):
        used = np.array([1.0, float(t >= 20)])
        theta = optimizer.update(theta, used * theta, lambda theta, used=used: used * theta)
        if t == 19:
            assert theta[1] == 1.0
            assert optimizer.eta[1] == 0.0
    assert abs(theta[1]) < 0.5


def test_vsgd_measures_nothing_where_the_shift_leaves_the_domain():
    x = parameter(1.5)
    program = autograd.compile(lambda c: x - log(x), 0.0)  # the minimum is at 1; 2 downhill from above it is negative
    optimizer, outside = VSGD([x], samples=3, shift=2.0), []

    def gradient_at(theta):
        outside.append(theta[0] < 0)
        program.theta = theta
        gradient = program.value_and_grad(0.0)[1]
        return np.where(theta > 0, gradient, np.nan)

    for _ in range(60):
        program.theta = optimizer.update(program.theta, gradient_at(program.theta), gradient_at)
        assert np.isfinite([*program.theta, *optimizer.curvature]).all()
    assert any(outside)
    assert program.theta == pytest.approx([1.0], abs=0.1)


def test_vsgds_memory_can_grow_again_after_a_long_way_without_contradiction():
    optimizer, rng = VSGD(parameters(1), reach=1.0), generator(0)
    theta = np.array([200.0])
    for _ in range(1_000):  # far off the samples agree all but wholly
        c = normal(rng, 1)
        theta = optimizer.update(theta, theta - c, lambda theta, c=c: theta - c)
    assert optimizer.memory[0] > 20.0
    assert abs(theta[0]) < 0.5


@pytest.mark.parametrize("relu", [False, True])
@pytest.mark.parametrize("batch_size", [1, 10, 100])
def test_vsgd_learns_the_moons(batch_size, relu):
    losses = trained(lambda m: VSGD(m.parameters()), batch_size, {1: 40, 10: 150, 100: 150}[batch_size], relu)
    assert losses.min() < 0.1
    assert losses.max() < 10.0  # it never goes astray for good
    assert losses[-1] < 0.3


# --- both ---


def test_they_take_no_learning_rate_and_say_the_one_they_found():
    a, b, c = parameters(3)
    for make in (AdaSecant, VSGD):
        optimizer = make([{"parameters": [a, b]}, {"parameters": [c]}])
        assert optimizer.learning_rate is None
        assert (optimizer.rate, optimizer.rates) == (0.0, [0.0, 0.0])
        with pytest.raises(SettingError, match="finds its own rates"):
            optimizer.learning_rate = 0.1
        Bowl().descend(optimizer, Bowl.start, 12)
        assert optimizer.rate == pytest.approx(optimizer.eta.mean())
        assert optimizer.rates == pytest.approx([optimizer.eta[:2].mean(), optimizer.eta[2]])
        assert "learning_rate" not in optimizer.state_dict()
        with pytest.raises(TypeError):
            make([a], learning_rate=0.1)


def test_vsgd_without_a_second_gradient_is_refused_with_the_remedy():
    x = parameter(1.0)
    optimizer = VSGD([x])
    for call in (optimizer.step, lambda: optimizer.update(np.ones(1), np.ones(1))):
        with pytest.raises(SettingError, match=r"update\(theta, gradient, gradient_at\), or step a closure"):
            call()
    assert optimizer.steps == 0
    with pytest.raises(ShapeError, match="the gradient has one number for each"):
        optimizer.update(np.ones(1), np.ones(1), lambda theta: np.ones(2))
    assert optimizer.steps == 0
