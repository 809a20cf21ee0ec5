"""Groups of parameters with settings of their own, and clipping."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optimizer_problems import MAKERS, parameters, run, slopes

from autograd import parameter
from autograd.errors import OperandError
from nn import MLP, SGD
from nn.errors import SettingError
from nn.optimizers import VSGD, Adadelta, Adagrad, Adam, AdamW, AdaSecant, RMSprop, clip_norm, clip_value, schedules

START = [0.5, -1.0, 2.0]


def fixed(theta, t):
    """Return slopes that depend on the step only, so that groups do not feel each other."""
    return slopes(START, t)


# Settings that groups can have, twice, for each optimiser.
SETTINGS = {
    "SGD": (
        lambda p, learning_rate=0.1, **o: SGD(p, learning_rate, **o),
        {"momentum": 0.5, "weight_decay": 0.2},
        {"momentum": 0.9, "learning_rate": 0.3},
    ),
    "Adagrad": (Adagrad, {"eps": 0.1}, {"learning_rate": 0.5, "weight_decay": 0.1}),
    "RMSprop": (RMSprop, {"alpha": 0.5, "momentum": 0.3}, {"eps": 0.1, "weight_decay": 0.1}),
    "Adadelta": (Adadelta, {"rho": 0.5}, {"eps": 0.01, "weight_decay": 0.1}),
    "Adam": (Adam, {"betas": (0.5, 0.8), "weight_decay": 0.1}, {"learning_rate": 0.1, "eps": 0.01}),
    "AdamW": (AdamW, {"betas": (0.5, 0.8), "weight_decay": 0.1}, {"learning_rate": 0.1}),
    "AdaSecant": (AdaSecant, {"decay": 0.5}, {"eps": 0.01}),
    "VSGD": (VSGD, {"slow_start": 4.0, "shift": 0.1}, {"reach": 1.0}),
}


@pytest.mark.parametrize(("make", "first", "second"), SETTINGS.values(), ids=SETTINGS)
def test_a_group_learns_as_an_optimizer_of_its_own_with_its_settings(make, first, second):
    a, b, c = parameters(3)
    together = make([{"parameters": [a, b], **first}, {"parameters": [c], **second}])
    alone = make([a, b], **first), make([c], **second)
    theta = np.array(START)
    for t in range(15):
        g = np.array(fixed(None, t))
        gradient_at = lambda theta: np.cos(theta)  # noqa: E731
        expected = np.concatenate(
            [
                alone[0].update(theta[:2], g[:2], gradient_at),
                alone[1].update(theta[2:], g[2:], gradient_at),
            ]
        )
        theta = together.update(theta, g, gradient_at)
        assert theta.tolist() == pytest.approx(expected.tolist(), rel=1e-12)


def test_parameters_come_in_the_order_of_the_groups():
    a, b, c = parameters(3)
    optimizer = SGD([{"parameters": [c]}, {"parameters": (x for x in (a, b))}], 0.1)
    assert optimizer.parameters == [c, a, b]


def test_a_layer_is_a_group():
    model = MLP(2, [3, 1], seed=0)
    groups = [
        {"parameters": layer.parameters(), "learning_rate": 0.1 * (i + 1)} for i, layer in enumerate(model.layers)
    ]
    optimizer = SGD(groups, 1.0)
    assert optimizer.parameters == model.parameters()
    assert optimizer.rates == [0.1, 0.2]
    assert optimizer.rate == 0.1
    change = optimizer.update(np.zeros(13), np.ones(13))
    assert change.tolist() == [-0.1] * 9 + [-0.2] * 4


def test_the_common_rate_is_that_of_groups_without_their_own():
    a, b = parameters(2)
    optimizer = SGD([{"parameters": [a], "learning_rate": schedules.exponential(1.0, 0.5)}, {"parameters": [b]}], 0.5)
    assert optimizer.rates == [1.0, 0.5]
    optimizer.update(np.zeros(2), np.ones(2))
    optimizer.learning_rate = 0.25
    assert optimizer.rates == [0.5, 0.25]
    assert optimizer.update(np.zeros(2), np.ones(2)).tolist() == [-0.5, -0.25]
    assert optimizer.eta.tolist() == [0.5, 0.25]


@pytest.mark.parametrize("name", [name for name in MAKERS if name not in ("AdaSecant", "VSGD")])
def test_a_group_with_the_rate_0_stays_as_it_is(name):
    a, b, c = parameters(3)
    optimizer = MAKERS[name]([{"parameters": [a, b], "learning_rate": 0.0}, {"parameters": [c]}])
    path = run(optimizer, START, 20)
    assert (path[:, :2] == START[:2]).all()
    assert path[-1, 2] != START[2]


@pytest.mark.parametrize(
    ("groups", "error", "message"),
    [
        (
            [{"parameters": "AB", "lr": 0.1}],
            SettingError,
            "group 0 sets 'lr'; .*learning_rate, momentum, weight_decay$",
        ),
        ([{"parameters": "AB", "nesterov": True}], SettingError, "group 0 sets 'nesterov'"),
        ([{"parameters": "A"}, {"parameters": "B", "eps": 1}], SettingError, "group 1 sets 'eps'"),
        ([{"params": "AB"}], OperandError, "group 0 has no list of Values under \"parameters\".*it has only 'params'"),
        ([{"parameters": 3}], OperandError, "group 0 has no list of Values"),
        (
            [{"parameters": "AB", "momentum": 1.5}],
            SettingError,
            "momentum of group 0 is a number of at least 0 and less",
        ),
        (
            [{"parameters": "AB", "learning_rate": -1}],
            SettingError,
            "learning rate of group 0 is a number of at least 0",
        ),
        ([{"parameters": "A"}, {"parameters": ""}], SettingError, "group 1 has no parameters"),
        ([{"parameters": "A"}, {"parameters": "A"}], SettingError, "twice"),
        ([{"parameters": "A"}, "B"], OperandError, "a list of groups holds groups only"),
        ({"parameters": "AB"}, OperandError, "a list of groups"),
        ([{}], OperandError, "no list of Values"),
        ([{"parameters": []}], SettingError, "no parameters to learn"),
    ],
)
def test_groups_that_cannot_be_are_refused(groups, error, message):
    letters = {"A": parameter(1.0), "B": parameter(2.0)}

    def filled(group):
        if not isinstance(group, dict):
            return letters.get(group, group)
        return {k: [letters[x] for x in v] if isinstance(v, str) else v for k, v in group.items()}

    groups = filled(groups) if isinstance(groups, dict) else [filled(group) for group in groups]
    with pytest.raises(error, match=message):
        SGD(groups, 0.1)


def test_optimizers_that_find_their_rates_have_none_to_set():
    with pytest.raises(SettingError, match='beside "parameters" a group of VSGD can set slow_start, shift, reach'):
        VSGD([{"parameters": parameters(2), "learning_rate": 0.1}])


# --- clipping ---

arrays = st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=6).map(np.array)
limits = st.floats(1e-6, 1e6)


@given(arrays, limits)
def test_clip_norm_shortens_and_keeps_the_direction(gradient, limit):
    clipped = clip_norm(gradient, limit)
    length = math.hypot(*gradient.tolist())
    assert math.hypot(*clipped.tolist()) <= limit * (1 + 1e-12)
    if length <= limit * (1 - 1e-12):
        assert clipped.tolist() == gradient.tolist()
    else:
        assert math.hypot(*clipped.tolist()) == pytest.approx(limit, rel=1e-9)
        for x, y in zip(gradient.tolist(), clipped.tolist(), strict=True):
            assert y == pytest.approx(x / length * limit, rel=1e-9, abs=1e-300)


@given(arrays, limits)
def test_clip_value_brings_each_slope_into_the_range(gradient, limit):
    expected = [max(-limit, min(limit, x)) for x in gradient.tolist()]
    assert clip_value(gradient, limit).tolist() == expected


@pytest.mark.parametrize("clip", [clip_norm, clip_value])
def test_clipping_returns_a_fresh_array_and_refuses_a_limit_that_is_not_positive(clip):
    gradient = np.array([0.1, -0.2])
    clipped = clip(gradient, 1.0)
    assert not np.shares_memory(clipped, gradient)
    assert clipped.tolist() == gradient.tolist()
    assert clip(np.zeros(3), 1.0).tolist() == [0.0, 0.0, 0.0]
    for limit in (0.0, -1.0, math.nan, None):
        with pytest.raises(SettingError, match="the limit is a positive number"):
            clip(gradient, limit)


def test_a_gradient_that_is_not_finite_is_not_hidden_by_clipping():
    assert np.array_equal(clip_norm(np.array([1.0, np.inf]), 1.0), [1.0, np.inf])
    assert np.array_equal(clip_norm(np.array([1.0, np.nan]), 1.0), [1.0, np.nan], equal_nan=True)
    assert np.isnan(clip_value(np.array([np.nan]), 1.0)).all()


def test_an_optimizer_clips_values_first_and_then_the_norm_over_all_groups():
    a, b = parameters(2)
    groups = [{"parameters": [a]}, {"parameters": [b], "learning_rate": 10.0}]
    optimizer = SGD(groups, 1.0, clip_value=4.0, clip_norm=1.0)
    change = optimizer.update(np.zeros(2), np.array([3.0, -400.0]))  # (3, -4), of the length 5
    assert change == pytest.approx([-0.6, 8.0])


@pytest.mark.parametrize("name", [name for name in MAKERS if name != "VSGD"])
def test_every_optimizer_sees_the_clipped_gradient(name):
    def seen_by(optimizer, *gradients):
        theta = np.array(START)
        for g in gradients:
            theta = optimizer.update(theta, np.array(g))
        return theta

    make = MAKERS[name]
    clipped = seen_by(make(parameters(3), clip_norm=1.0), [30.0, 40.0, 0.0], [0.0, -0.5, 0.0])
    assert clipped == pytest.approx(seen_by(make(parameters(3)), [0.6, 0.8, 0.0], [0.0, -0.5, 0.0]), rel=1e-12)


def test_vsgd_clips_the_gradient_but_measures_the_curvature_of_the_loss_as_it_is():
    optimizer = VSGD(parameters(2), samples=1, slow_start=2.0, clip_norm=1.0)
    theta = optimizer.update(np.zeros(2), np.array([30.0, 40.0]), lambda theta: np.array([30.0, 40.0]) + 7.0 * theta)
    assert optimizer.curvature == pytest.approx([7.0, 7.0])
    assert theta == pytest.approx([-0.6 / 14, -0.8 / 14])  # η = ḡ² / (h̄ · 2 ḡ²)
