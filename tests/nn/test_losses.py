# The judges are the losses' textbook definitions in mpmath, and PyTorch where it is there; matrices are upper case.

import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf

from autograd import Graph, Value, check_gradient, no_grad, parameter
from autograd import compile as compiled
from autograd.errors import AutogradError, DomainError, OperandError
from autograd.value import topological_order
from nn import MLP
from nn.errors import DataError, SettingError, ShapeError
from nn.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    half_squared_error,
    hinge,
    huber,
    mean_squared_error,
    multiclass_hinge,
    squared_error,
)
from nn.penalties import l1, l2

EPS = 2.0**-52
EXTREMES = [0.0, 1e-300, -1e-300, 1e-8, -1e-8, 0.5, -3.0, 20.0, 36.8, -37.5, 700.0, -700.0, 750.0, 1000.0, -1000.0]

numbers = st.floats(-50, 50)


def exactly(definition, *arguments):
    """Return a definition's value to hundreds of digits, as a float."""
    with mp.workdps(500):
        return float(definition(*[[mpf(x) for x in a] if isinstance(a, list) else mpf(a) for a in arguments]))


def sigma(z):
    return 1 / (1 + mp.exp(-z))


def binary(p, t):
    return -((t * mp.log(p) if t else 0) + ((1 - t) * mp.log(1 - p) if t != 1 else 0))


def softmax_cost(s, t):
    total = mp.fsum(mp.exp(x) for x in s)
    return -mp.fsum(p * mp.log(mp.exp(x) / total) for x, p in zip(s, t, strict=True))


def slopes(loss, outputs, target, **options):
    values = [Value(x) for x in outputs] if isinstance(outputs, list) else Value(outputs)
    loss(values, target, **options).backward()
    return [v.grad for v in values] if isinstance(outputs, list) else values.grad


def interior(value):
    return len(topological_order(value)[0])


# --- numbers ----------------------------------------------------------------------------------------------------------


def test_squared_errors_by_hand():
    outputs, targets = [1.0, -2.0, 4.0], [0.5, 1.0, 4.0]
    assert squared_error(outputs, targets).data == 9.25
    assert half_squared_error(outputs, targets).data == 4.625
    assert mean_squared_error(outputs, targets).data == pytest.approx(9.25 / 3, rel=EPS)
    assert slopes(squared_error, outputs, targets) == [1.0, -6.0, 0.0]
    assert slopes(half_squared_error, outputs, targets) == [0.5, -3.0, 0.0]
    assert slopes(mean_squared_error, outputs, targets) == pytest.approx([1 / 3, -2.0, 0.0], rel=2 * EPS)


def test_for_one_output_the_mean_squared_error_is_the_squared_error():
    assert mean_squared_error(Value(3.0), 1.0).data == squared_error(3.0, 1.0).data == 4.0
    assert mean_squared_error([3.0], [1.0]).data == 4.0


def test_huber_is_quadratic_near_and_linear_far():
    assert [huber(e, 0.0, delta=2.0).data for e in (0.0, 1.0, -2.0, 2.5, -7.0)] == [0.0, 0.5, 2.0, 3.0, 12.0]
    assert [slopes(huber, e, 0.0, delta=2.0) for e in (0.0, 1.0, -2.0, 2.5, -7.0)] == [0.0, 1.0, -2.0, 2.0, -2.0]
    assert huber(1e308, 0.0).data == 1e308  # its square would overflow
    assert slopes(huber, -1e308, 0.0) == -1.0


# --- probabilities ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("p", [1e-300, 1e-17, 0.1, 0.5, 0.75, 1 - 2**-53])
@pytest.mark.parametrize("t", [0.0, 0.3, 1.0])
def test_binary_cross_entropy_is_its_definition(p, t):
    assert binary_cross_entropy(p, t).data == pytest.approx(exactly(binary, p, t), rel=4 * EPS, abs=0)
    assert binary_cross_entropy(Value(p), Value(t)).data == pytest.approx(exactly(binary, p, t), rel=4 * EPS, abs=0)
    slope = exactly(lambda p, t: -t / p + (1 - t) / (1 - p), p, t)
    assert slopes(binary_cross_entropy, p, t) == pytest.approx(slope, rel=4 * EPS, abs=0)


@pytest.mark.parametrize(("p", "t", "slope"), [(0.0, 0.0, 1.0), (1.0, 1.0, -1.0)])
@pytest.mark.parametrize("kind", [float, Value])
def test_binary_cross_entropy_takes_0_ln_0_to_be_0(p, t, slope, kind):
    assert binary_cross_entropy(p, kind(t)).data == 0.0
    assert slopes(binary_cross_entropy, p, kind(t)) == slope
    program = compiled(binary_cross_entropy, 0.5, 0.5)
    value, _, (by_p, _) = program.value_and_grad([p], [t], inputs=True)
    assert (value, by_p.tolist()) == (0.0, [slope])


@pytest.mark.parametrize(("p", "t"), [(0.0, 1.0), (1.0, 0.0), (0.0, 0.25), (1.0, 0.75)])
def test_binary_cross_entropy_is_infinite_for_what_was_ruled_out(p, t):
    with pytest.raises(DomainError, match=rf"infinite: output 1 is {p} and its target {t}.*_with_logits"):
        binary_cross_entropy([0.5, Value(p)], [0.0, t])
    assert compiled(binary_cross_entropy, 0.5, 0.5)([p], [t]).tolist() == [math.inf]


@pytest.mark.parametrize("p", [-0.25, 1.5, math.inf])
def test_an_output_that_is_no_probability_is_refused(p):
    with pytest.raises(DomainError, match=rf"output 0 is {p}; end the model with a sigmoid"):
        binary_cross_entropy(Value(p), 1)


def test_nan_passes_through_every_loss():
    for loss in (squared_error, huber, binary_cross_entropy, binary_cross_entropy_with_logits, hinge):
        assert math.isnan(loss(Value(math.nan), 1.0).data), loss
    for loss in (cross_entropy, multiclass_hinge):
        assert math.isnan(loss([Value(0.0), Value(math.nan)], 0).data), loss


@pytest.mark.parametrize("z", EXTREMES)
@pytest.mark.parametrize("t", [0.0, 0.3, 1.0])
def test_binary_cross_entropy_with_logits_is_its_definition_however_large_the_logit(z, t):
    loss, slope = exactly(lambda z, t: binary(sigma(z), t), z, t), exactly(lambda z, t: sigma(z) - t, z, t)
    assert binary_cross_entropy_with_logits(z, t).data == pytest.approx(loss, rel=4 * EPS, abs=EPS * abs(z))
    assert slopes(binary_cross_entropy_with_logits, z, t) == pytest.approx(slope, rel=4 * EPS, abs=EPS)


@given(st.floats(-12, 12), st.floats(0, 1))
def test_logits_give_what_their_sigmoid_gives(z, t):
    through_sigmoid = binary_cross_entropy(Value(z).sigmoid(), t).data
    assert binary_cross_entropy_with_logits(z, t).data == pytest.approx(through_sigmoid, rel=1e-9, abs=1e-9)


# --- classes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "s",
    [
        [0.0, 0.0],
        [1000.0, -1000.0],
        [-1000.0, -1000.0, -1000.0],
        [1e-300, -1e-300],
        [1000.0, 999.0, 0.0],
        [1.0, 2.0, 40.0],
    ],
)
def test_cross_entropy_is_its_definition_however_large_the_scores(s):
    k = len(s)
    rows = [[float(j == y) for j in range(k)] for y in range(k)] + [[1 / k] * k]
    for t in rows:
        loss = pytest.approx(exactly(softmax_cost, s, t), rel=4 * EPS, abs=2 * EPS * max(map(abs, s)))
        slope = [exactly(lambda s, t, i=i: mp.exp(s[i]) / mp.fsum(mp.exp(x) for x in s) - t[i], s, t) for i in range(k)]
        forms = [t, [Value(x) for x in t], *([t.index(1.0)] if 1.0 in t else [])]
        for form in forms:
            assert cross_entropy(s, form).data == loss
            assert slopes(cross_entropy, s, form) == pytest.approx(slope, rel=4 * EPS, abs=EPS)


@given(st.lists(numbers, min_size=2, max_size=5), numbers, st.integers(0, 1))
def test_cross_entropy_does_not_change_when_a_constant_is_added_to_all_scores(s, c, y):
    assert cross_entropy([x + c for x in s], y).data == pytest.approx(cross_entropy(s, y).data, rel=1e-12, abs=1e-12)


@given(st.lists(numbers, min_size=2, max_size=5), st.integers(0, 1))
def test_the_slopes_of_cross_entropy_add_up_to_0(s, y):
    assert math.fsum(slopes(cross_entropy, s, y)) == pytest.approx(0.0, abs=1e-14)


@given(numbers, st.integers(0, 1))
def test_two_scores_of_which_one_is_0_are_one_logit(z, y):
    one = binary_cross_entropy_with_logits(z, y).data
    assert cross_entropy([0.0, z], y).data == pytest.approx(one, rel=1e-12, abs=1e-13)


def test_the_multiclass_hinge_of_cs231ns_cats_cars_and_frogs():
    # cs231n.github.io/linear-classify: the worked example of its lecture on loss functions
    assert multiclass_hinge([3.2, 5.1, -1.7], 0).data == pytest.approx(2.9)
    assert multiclass_hinge([1.3, 4.9, 2.0], 1).data == 0.0
    assert multiclass_hinge([2.2, 2.5, -3.1], 2).data == pytest.approx(12.9)
    assert multiclass_hinge([13.0, -7.0, 11.0], 0, margin=10.0).data == 8.0


@pytest.mark.parametrize("target", [1, np.int64(1), 1.0, [0, 1, 0], (0.0, 1.0, 0.0), np.array([0.0, 1.0, 0.0])])
def test_a_class_is_given_by_its_number_or_one_hot(target):
    s = [0.5, 1.0, 1.75]  # margins of 0.5 and 1.75
    assert multiclass_hinge(s, target).data == 2.25
    assert slopes(multiclass_hinge, s, target) == [1.0, -2.0, 1.0]
    assert cross_entropy(s, target).data == cross_entropy(s, 1).data


def test_a_one_hot_list_of_values_gives_the_same_hinge():
    for s, y in [([0.5, 1.0, 1.75], 1), ([9.0, 1.0, -3.0], 0), ([0.1, 0.2, 0.3], 2)]:
        one_hot = [Value(float(j == y)) for j in range(3)]
        assert multiclass_hinge(s, one_hot, margin=0.7).data == multiclass_hinge(s, y, margin=0.7).data
        assert slopes(multiclass_hinge, s, one_hot) == slopes(multiclass_hinge, s, y)


def test_hinge_by_hand():
    assert [hinge(s, 1).data for s in (-2.0, 0.0, 0.5, 1.0, 3.0)] == [3.0, 1.0, 0.5, 0.0, 0.0]
    assert [hinge(s, -1.0).data for s in (-2.0, -1.0, 0.0, 0.5)] == [0.0, 0.0, 1.0, 1.5]
    assert [slopes(hinge, s, 1) for s in (0.5, 1.0, 3.0)] == [-1.0, 0.0, 0.0]
    assert slopes(hinge, 0.5, -1) == 1.0


@given(numbers, numbers, st.integers(0, 1))
def test_the_hinge_of_two_classes_is_the_hinge_of_their_difference(s0, s1, y):
    assert multiclass_hinge([s0, s1], y).data == pytest.approx(hinge(s1 - s0, 2 * y - 1).data, abs=1e-13)


# --- all of them ------------------------------------------------------------------------------------------------------

ONE_BY_ONE = {
    squared_error: [0.5, -1.0, 2.0],
    half_squared_error: [0.5, -1.0, 2.0],
    huber: [0.5, -1.0, 2.5],
    binary_cross_entropy: [0.0, 0.25, 1.0],
    binary_cross_entropy_with_logits: [0.0, 0.25, 1.0],
    hinge: [-1.0, 1.0, 1.0],
}


@pytest.mark.parametrize("loss", ONE_BY_ONE, ids=lambda loss: loss.__name__)
def test_the_loss_of_several_outputs_is_the_sum_of_theirs(loss):
    outputs, targets = [0.3, 0.6, 0.9], ONE_BY_ONE[loss]
    one_by_one = math.fsum(loss(o, t).data for o, t in zip(outputs, targets, strict=True))
    assert loss(outputs, targets).data == pytest.approx(one_by_one, rel=1e-15)
    for form in (tuple, np.array, iter):
        assert loss(form(outputs), form(targets)).data == loss(outputs, targets).data
    assert loss([outputs[0]], [targets[0]]).data == loss(outputs[0], targets[0]).data
    assert loss(np.float64(0.3), np.array(targets[0])).data == loss(0.3, targets[0]).data


@pytest.mark.parametrize("loss", ONE_BY_ONE, ids=lambda loss: loss.__name__)
def test_small_nudges_confirm_the_slopes_in_every_output(loss):
    targets = ONE_BY_ONE[loss]
    check_gradient(lambda *outputs: loss(outputs, targets), 0.3, 0.6, 0.9)
    check_gradient(lambda *outputs: loss(outputs, [Value(t) for t in targets]), 0.35, 0.65, 0.95)


@pytest.mark.parametrize("loss", [mean_squared_error, cross_entropy, multiclass_hinge], ids=lambda loss: loss.__name__)
def test_small_nudges_confirm_the_slopes_in_every_score(loss):
    check_gradient(lambda *scores: loss(scores, [0.0, 1.0, 0.0]), 0.3, -0.6, 0.9)
    check_gradient(lambda *scores: loss(scores, [Value(0.0), Value(1.0), Value(0.0)]), 0.3, -0.6, 0.9)


def model(outputs, output_activation="linear"):
    return MLP(2, [3, outputs], "tanh", output_activation=output_activation, seed=3)


X = np.random.default_rng(0).normal(size=(9, 2))
ROWS = np.random.default_rng(1)
BATCHES = {  # loss: (activation of the outputs, targets for one output or None, targets for three)
    squared_error: ("linear", ROWS.normal(size=9), ROWS.normal(size=(9, 3))),
    half_squared_error: ("linear", ROWS.normal(size=9), ROWS.normal(size=(9, 3))),
    mean_squared_error: ("linear", ROWS.normal(size=9), ROWS.normal(size=(9, 3))),
    huber: ("linear", 2 * ROWS.normal(size=9), 2 * ROWS.normal(size=(9, 3))),
    binary_cross_entropy: ("sigmoid", np.arange(9) % 2.0, np.linspace(0, 1, 27).reshape(9, 3)),
    binary_cross_entropy_with_logits: ("linear", np.arange(9) % 2.0, np.linspace(0, 1, 27).reshape(9, 3)),
    hinge: ("linear", np.arange(9) % 2.0 * 2 - 1, ROWS.choice([-1.0, 1.0], (9, 3))),
    cross_entropy: ("linear", None, np.eye(3)[np.arange(9) % 3]),
    multiclass_hinge: ("linear", None, np.eye(3)[np.arange(9) % 3]),
}


@pytest.mark.parametrize(
    ("loss", "outputs"),
    [(loss, k) for loss, (_, single, _) in BATCHES.items() for k in (1, 3) if k == 3 or single is not None],
    ids=lambda x: getattr(x, "__name__", x),
)
def test_a_program_gives_what_the_eager_loss_gives(loss, outputs):
    activation, *targets = BATCHES[loss]
    Y = targets[outputs == 3]
    network = model(outputs, activation)
    program = compiled(lambda x, y: loss(network(x), y), [0.0, 0.0], Y[0].tolist(), parameters=network.parameters())
    eager = [loss(network(x), y.tolist()) for x, y in zip(X, Y, strict=True)]
    assert program(X, Y) == pytest.approx([v.data for v in eager], rel=1e-13, abs=1e-14)
    for v in eager:
        v.backward()
    _, gradient = program.value_and_grad(X, Y, reduce="sum")
    assert gradient == pytest.approx([p.grad for p in network.parameters()], rel=1e-12, abs=1e-13)
    assert program.check(X, Y) < 1e-12


def test_class_numbers_of_an_eager_loss_and_one_hot_rows_of_a_program_are_the_same():
    network = model(3)
    for loss in (cross_entropy, multiclass_hinge):
        program = compiled(lambda x, y, loss=loss: loss(network(x), y), [0.0, 0.0], [0.0] * 3)
        eager = [loss(network(x), i % 3).data for i, x in enumerate(X)]
        assert program(X, np.eye(3)[np.arange(9) % 3]) == pytest.approx(eager, rel=1e-13, abs=1e-14)


def test_a_target_that_is_known_while_a_program_is_recorded_is_part_of_it():
    program = compiled(lambda s: cross_entropy(s, 1) + multiclass_hinge(s, [0, 1]) + hinge(s[0], -1), [0.0, 0.0])
    assert program([[0.0, 0.0]]).tolist() == pytest.approx([math.log(2) + 1.0 + 1.0])
    with pytest.raises(DataError, match="2 \\* y - 1"):
        compiled(lambda s: hinge(s, 0), 0.0)


@pytest.mark.parametrize("loss", BATCHES, ids=lambda loss: loss.__name__)
def test_a_graph_follows_new_targets(loss):
    targets = [Value(t, label=f"t{i}") for i, t in enumerate([1.0, 1.0, 1.0] if loss is hinge else [0.0, 1.0, 0.0])]
    outputs = [0.2, 0.3, 0.6]
    graph = Graph(loss(outputs, targets))
    new = [-1.0, 1.0, -1.0] if loss is hinge else [1.0, 0.0, 0.0]
    assert graph.forward({f"t{i}": t for i, t in enumerate(new)}) == pytest.approx(loss(outputs, new).data, abs=1e-15)


def test_losses_make_few_nodes():
    z = [Value(0.25), Value(0.5), Value(0.75)]
    assert interior(squared_error(z[0], 1.0)) == 2
    assert interior(squared_error(z, [0.0, 1.0, 2.0])) == 4
    assert interior(cross_entropy(z, 2)) == 2
    assert interior(binary_cross_entropy(z[0], 1)) == 2
    assert interior(binary_cross_entropy(z[0], 0)) == 3
    assert interior(binary_cross_entropy_with_logits(z, [0, 1, 1])) == 6
    assert interior(hinge(z[0], 1)) == 3
    assert interior(multiclass_hinge(z, 0)) == interior(multiclass_hinge(z, [1, 0, 0])) == 6
    assert interior(l2(0.1)(z)) == 2
    assert interior(l1(0.1)(z)) == 5


def test_losses_of_plain_numbers_and_within_no_grad():
    with no_grad():
        assert cross_entropy([Value(1.0), Value(1.0)], [0.5, 0.5]).data == pytest.approx(math.log(2))
        assert binary_cross_entropy(Value(0.5), Value(1.0)).data == pytest.approx(math.log(2))
    assert isinstance(squared_error(1, 2), Value)


# --- PyTorch ----------------------------------------------------------------------------------------------------------


def by_torch(name, outputs, targets, **options):
    torch = pytest.importorskip("torch")
    o = torch.tensor(outputs, dtype=torch.float64, requires_grad=True)
    dtype = torch.long if isinstance(targets, int) else torch.float64
    loss = getattr(torch.nn.functional, name)(o, torch.tensor(targets, dtype=dtype), reduction="sum", **options)
    loss.backward()
    return loss.item(), o.grad.tolist()


@pytest.mark.parametrize(
    ("loss", "name", "outputs", "targets", "options"),
    [
        (squared_error, "mse_loss", [1.0, -3.0, 2.5], [0.5, 0.25, 2.0], {}),
        (huber, "huber_loss", [1.0, -3.0, 2.5], [0.5, 0.25, 0.0], {"delta": 1.5}),
        (binary_cross_entropy, "binary_cross_entropy", [0.1, 0.5, 0.999], [0.0, 0.25, 1.0], {}),
        (
            binary_cross_entropy_with_logits,
            "binary_cross_entropy_with_logits",
            [-1000.0, 1000.0, 1e-300, -1e-300, 3.0],
            [0.0, 0.0, 1.0, 0.5, 0.25],
            {},
        ),
        (cross_entropy, "cross_entropy", [1000.0, -1000.0, 999.0], [0.25, 0.25, 0.5], {}),
        (cross_entropy, "cross_entropy", [1e-300, -1e-300, 2.0, -1.0], 1, {}),
    ],
    ids=lambda x: getattr(x, "__name__", None),
)
def test_pytorch_has_the_same_loss_and_slopes(loss, name, outputs, targets, options):
    value, slope = by_torch(name, outputs, targets, **options)
    assert loss(outputs, targets, **options).data == pytest.approx(value, rel=1e-14)
    assert slopes(loss, outputs, targets, **options) == pytest.approx(slope, rel=1e-14, abs=1e-15)


def test_pytorch_divides_the_same_multiclass_hinge_by_the_number_of_classes():
    outputs = [0.5, 1.0, 1.75, -3.0]
    value, slope = by_torch("multi_margin_loss", outputs, 1, margin=0.8)
    assert multiclass_hinge(outputs, 1, margin=0.8).data == pytest.approx(4 * value, rel=1e-14)
    assert slopes(multiclass_hinge, outputs, 1, margin=0.8) == pytest.approx([4 * g for g in slope], rel=1e-14)


# --- penalties --------------------------------------------------------------------------------------------------------


def test_penalties_by_hand():
    weights = [parameter(w) for w in (3.0, -1.0, 0.0)]
    assert l2(0.25)(weights).data == 2.5
    assert l1(0.25)(weights).data == 1.0
    l2(0.25)(weights).backward()
    assert [w.grad for w in weights] == [1.5, -0.5, 0.0]
    for w in weights:
        w.grad = 0.0
    l1(0.25)(weights).backward()
    assert [w.grad for w in weights] == [0.25, -0.25, 0.0]
    both = compiled(lambda: l1(0.25)(weights) + l2(0.25)(weights), parameters=weights)
    value, gradient = both.value_and_grad()
    assert (value, gradient.tolist()) == (3.5, [1.75, -0.75, 0.0])


def test_the_lectures_regularised_cost():
    # J(θ) = -1/m Σ [y log h + (1 - y) log(1 - h)] + λ/2m Σ θ², for θ = (2, -1), bias 0.5, m = 2, λ = 3, by hand
    lam, m, theta, b = 3.0, 2, [2.0, -1.0], 0.5
    samples = [([1.0, 0.0], 1.0), ([0.5, 2.0], 0.0)]
    cost = 0.0
    for x, y in samples:
        h = 1 / (1 + math.exp(-(theta[0] * x[0] + theta[1] * x[1] + b)))
        cost -= (y * math.log(h) + (1 - y) * math.log(1 - h)) / m
    cost += lam / (2 * m) * (theta[0] ** 2 + theta[1] ** 2)
    w = [parameter(t) for t in theta]
    data = sum(binary_cross_entropy((w[0] * x[0] + w[1] * x[1] + b).sigmoid(), y) for x, y in samples) / m
    assert (data + l2(lam / (2 * m))(w)).data == pytest.approx(cost, rel=1e-14)


def test_penalties_compare_show_and_pickle_as_what_they_are():
    assert l2(1e-4) == l2(1e-4) != l2(1e-3)
    assert l1(1e-4) != l2(1e-4)
    assert repr(l2(1e-4)) == "l2(strength=0.0001)"
    assert pickle.loads(pickle.dumps(l1(0.5))) == l1(0.5)  # noqa: S301  # our own bytes
    assert l1(0.5)([]).data == l2(0.5)([]).data == 0.0
    assert l2(0)([Value(1.0)]).data == 0.0


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", BATCHES, ids=lambda loss: loss.__name__)
def test_as_many_targets_as_outputs(loss):
    with pytest.raises(ShapeError, match=f"^{loss.__name__}: .*outputs is 3, that of targets 2"):
        loss([0.5, 0.5, 0.5], [1.0, 0.0])
    with pytest.raises(ShapeError, match=r"one sample at a time, not an array of shape \(2, 3\)"):
        loss(np.ones((2, 3)), np.ones((2, 3)))
    with pytest.raises(ShapeError, match="no"):
        loss([], [])
    with pytest.raises(OperandError, match="None"):
        loss([0.5, 0.5], None)


@pytest.mark.parametrize("loss", [cross_entropy, multiclass_hinge], ids=lambda loss: loss.__name__)
def test_what_is_no_class_is_refused(loss):
    for wrong in (3, -1, 0.5, math.nan):
        with pytest.raises(DataError, match=rf"{loss.__name__}: 3 scores .* 0 to 2; the target is {wrong}"):
            loss([1.0, 2.0, 3.0], wrong)
    with pytest.raises(OperandError, match=r"one-hot list of 3 numbers, as in \[1\.0, 0\.0, 0\.0\]"):
        loss([1.0, 2.0, 3.0], Value(1.0))
    with pytest.raises(OperandError, match="one-hot"):
        compiled(lambda s, y: loss(s, y), [1.0, 2.0], 1)
    with pytest.raises(OperandError, match="the text 'cat'"):
        loss([1.0, 2.0, 3.0], "cat")
    for one in (1.0, [1.0], Value(1.0)):
        with pytest.raises(ShapeError, match="binary_cross_entropy_with_logits or hinge"):
            loss(one, 0)


def test_lists_that_are_no_probabilities_are_refused():
    wrongs = {"add up to 0.75": [0.5, 0.25], "contain 1.5": [1.5, -0.5], "contain nan": [math.nan, 1.0]}
    for what, wrong in wrongs.items():
        with pytest.raises(DataError, match=f"add up to 1; these {what}"):
            cross_entropy([1.0, 2.0], wrong)
        with pytest.raises(DataError, match="one-hot"):
            multiclass_hinge([1.0, 2.0], [Value(x) for x in wrong])
    cross_entropy([1.0, 2.0, 3.0], [1 / 3] * 3)
    cross_entropy([1.0, 2.0, 3.0], np.full(3, 1 / 3, dtype=np.float32))


def test_labels_of_another_loss_are_refused_with_the_remedy():
    with pytest.raises(DataError, match=r"hinge: labels are -1 or 1, not 0\.0; .* 2 \* y - 1"):
        hinge(Value(0.5), 0)
    for loss in (binary_cross_entropy, binary_cross_entropy_with_logits):
        with pytest.raises(DataError, match=rf"{loss.__name__}: .* not -1\.0; .* \(y \+ 1\) / 2"):
            loss(Value(0.5), -1)
        with pytest.raises(DataError, match=r"not 2\.0$"):
            loss(Value(0.5), Value(2.0))


@pytest.mark.parametrize("wrong", [0, -1.0, math.nan, math.inf, "1", None])
def test_settings_that_cannot_be_are_refused(wrong):
    with pytest.raises(SettingError, match="delta is a positive number") as refusal:
        huber(1.0, 0.0, delta=wrong)
    assert repr(wrong) in str(refusal.value)
    assert isinstance(refusal.value, (AutogradError, ValueError))
    with pytest.raises(SettingError, match="margin is a positive number"):
        multiclass_hinge([1.0, 2.0], 0, margin=wrong)
    if wrong != 0:
        for penalty in (l1, l2):
            with pytest.raises(SettingError, match=f"{penalty.__name__}: the strength"):
                penalty(wrong)
