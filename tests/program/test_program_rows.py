"""Every operation of both tables as array code: values, slopes, kinks and special numbers as the eager engine has them.

The eager engine is judged by mathematics in tests/test_ops.py and tests/test_reductions.py.
"""

import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from judge import assert_agrees, assert_close
from rows import every_row, inside

import autograd
from autograd import Value, constant, parameter
from autograd.ops import REDUCTIONS, TABLE

INF, NAN = math.inf, math.nan

every_reduction = pytest.mark.parametrize("name", [*REDUCTIONS, "dot"])


def points(op, count=6):
    """Return points inside the domain, where numbers stay moderate, as columns: one array for each argument."""
    rng = np.random.default_rng(sum(map(ord, op.name)))
    ranges = [(max(low, -3.0), min(high, 3.0)) for low, high in op.domain.ranges]
    found = []
    while len(found) < count:
        point = [rng.uniform(*interval) for interval in ranges]
        if op.name == "power" and len(found) < 2:
            point = [-abs(point[0]), float(round(point[1]))]  # a negative base, with a whole exponent
        if inside(op, point):
            found.append(point)
    return np.array(found).T


def places(count):
    """Return for each argument whether it is an input with a batch axis, one without, a parameter or a constant."""
    return itertools.product(["batch", "alike", "parameter", "constant"], repeat=count)


def arranged(operation, columns, kinds):
    """Return a function of the inputs alone, and the arrays for them; parameters and constants take the first point."""
    fixed = {
        i: (parameter if kind == "parameter" else constant)(columns[i][0])
        for i, kind in enumerate(kinds)
        if kind in ("parameter", "constant")
    }
    inputs = [i for i in range(len(kinds)) if i not in fixed]

    def function(*xs):
        values = {**fixed, **dict(zip(inputs, xs, strict=True))}
        return operation(*[values[i] for i in range(len(kinds))])

    arrays = [columns[i] if kinds[i] == "batch" else columns[i][0] for i in inputs]
    return function, arrays


def one_point(op, columns, kinds):
    """Return columns such that every combination of what varies with what does not lies inside the domain."""
    varying = [kind == "batch" for kind in kinds]
    first = columns[:, 0]
    chosen = [
        point for point in (np.where(varying, column, first) for column in columns.T) if inside(op, point.tolist())
    ]
    return np.array(chosen).T


@every_row
def test_every_kind_of_argument(op):
    """Batched, shared by all samples, a parameter or a constant, in every place; alone and inside a formula."""
    columns = points(op)
    for kinds in places(len(op.arguments)):
        suited = one_point(op, columns, kinds)
        for wrap in (op.apply, lambda *xs: 0.5 * op.apply(*xs) * xs[-1] - op.apply(*xs) ** 2):
            function, arrays = arranged(wrap, suited, kinds)
            assert_agrees(function, [0.5] * len(arrays), arrays)


@every_row
def test_the_same_argument_everywhere(op):
    columns = points(op)
    point = next((p for p in (columns[0], np.full(6, 0.5), np.full(6, 1.5)) if inside(op, [p[0]] * len(columns))), None)
    if point is not None:
        w = parameter(1.0)
        assert_agrees(lambda x: op.apply(*[w * x] * len(columns)), (0.5,), [point])


@every_row
def test_several_at_once(op):
    """Eight of a kind, which make a group of eight rows, some shared between them."""
    columns = points(op, 8)
    w = [parameter(1.0 + 0.001 * i) for i in range(4)]

    def function(*xs):
        rows = [op.apply(*[x[(i + k) % 4] for k, x in enumerate(xs)]) for i in range(4)]
        rows += [op.apply(*[x[i] for x in xs]) * w[i] for i in range(4)]
        return autograd.sum([a * (i + 1) for i, a in enumerate(rows)])

    arguments = [np.tile(column[:, None], 4) for column in columns]
    assert_agrees(function, [[0.5] * 4] * len(columns), arguments)


SPECIAL = [0.0, -0.0, 1.0, -1.0, INF, -INF, NAN, 2.5, -3.0, 0.5]


def eager_at(op, points, places=None):
    """Return values and slopes at the points where Python does not raise: (points, values, slopes)."""
    kept, values, slopes = [], [], []
    for point in points:
        leaves = [Value(x) if places is None or i in places else constant(x) for i, x in enumerate(point)]
        try:
            node = op.apply(*leaves)
        except (ArithmeticError, ValueError):
            continue
        node.backward()
        kept.append(point)
        values.append(node.data)
        slopes.append([v.grad for i, v in enumerate(leaves) if places is None or i in places])
    return kept, np.array(values), np.array(slopes)


@every_row
def test_special_numbers(op):
    """±0, ±∞, nan and ties: what the eager engine says wherever Python does not raise; no warning, no exception."""
    count = len(op.arguments)
    kept, values, slopes = eager_at(op, itertools.product(SPECIAL, repeat=count))
    program = autograd.compile(op.apply, *[0.3] * count)
    arguments = np.array(kept).T
    assert_close(program(*arguments), values, np.abs(values))
    _, _, received = program.value_and_grad(*arguments, inputs=True, reduce="sum")
    assert_close(np.array(received).T, slopes, np.abs(slopes))


@every_row
def test_special_numbers_beside_constants(op):
    count = len(op.arguments)
    for place, number in itertools.product(range(count if count > 1 else 0), SPECIAL):
        others = [i for i in range(count) if i != place]
        all_points = [(*rest[:place], number, *rest[place:]) for rest in itertools.product(SPECIAL, repeat=count - 1)]
        if (
            op.name == "power" and number == 0.5
        ):  # NumPy's own power takes the square root then; -∞ is outside the domain
            all_points = [point for point in all_points if point[0] != -INF]
        kept, values, slopes = eager_at(op, all_points, others)
        if kept:
            program = autograd.compile(
                lambda *xs, p=place, c=number: op.apply(*xs[:p], constant(c), *xs[p:]), *[0.3] * (count - 1)
            )
            arguments = np.array(kept).T[others]
            received = program(*arguments)
            assert_close(received, values, np.abs(values), f"{number} in place {place}")
            _, _, by_input = program.value_and_grad(*arguments, inputs=True, reduce="sum")
            assert_close(np.array(by_input).T, slopes, np.abs(slopes), f"{number} in place {place}")


@every_row
def test_outside_the_domain_ieee_754_rules(op):
    """Where the eager engine raises, a program gives inf or nan, as NumPy does, without a warning."""
    count = len(op.arguments)
    outside = [point for point in itertools.product([-2.0, 0.0, 2.0, 800.0], repeat=count) if not inside(op, point)]
    if outside:
        program = autograd.compile(op.apply, *[0.5] * count)
        with np.errstate(all="ignore"):
            expected = np.broadcast_to(op.kernel(*np.array(outside).T), len(outside))
        assert_close(program(*np.array(outside).T), expected, np.abs(expected))


def test_log_of_a_negative_number_is_nan():
    program = autograd.compile(lambda x: autograd.log(x), 1.0)
    received = program([-1.0, 0.0, math.e])
    assert math.isnan(received[0])
    assert received[1:].tolist() == [-INF, 1.0]
    value, _, (slopes,) = program.value_and_grad([-1.0, 0.0, 2.0], inputs=True, reduce="sum")
    assert math.isnan(value)
    assert slopes.tolist() == [-1.0, INF, 0.5]


def test_nothing_is_dropped_that_could_be_nan():
    """A sum that cancels, a factor 0: of infinity and nan they are nan."""
    numbers = [INF, -INF, NAN, 3.0]
    for function in (
        lambda x: x - x, lambda x: 0 * x, lambda x: 2 * x - x - x, lambda x: x * 0.0 + 1, lambda x: x / INF,
        lambda x: (x + 1) - (1 + x), lambda x: autograd.sum([x, -x]), lambda x: autograd.dot([x, x], [1.0, -1.0]),
        lambda x: (x * x - x * x).exp(),
    ):  # fmt: skip
        expected = [function(Value(x)).data for x in numbers]
        assert_close(autograd.compile(function, 0.5)(numbers), expected)


def test_nan_and_infinity_stay_in_their_row():
    """What does not use a number does not see it, though both may be rows of one product of matrices."""
    w = [parameter(2.0 + i) for i in range(4)]
    program = autograd.compile(lambda x: [a * b for a, b in zip(w, x, strict=True)], [0.5] * 4)
    X = np.eye(4)
    X[0, 1], X[1, 2], X[2, 0] = NAN, INF, -INF
    received = program(X)
    expected = X * [2.0, 3.0, 4.0, 5.0]
    assert_close(received, expected)


def test_nan_and_infinity_stay_in_their_gradient():
    w = [parameter(2.0 + i) for i in range(3)]
    program = autograd.compile(lambda x: autograd.sum([(a * b) ** 2 for a, b in zip(w, x, strict=True)]), [0.5] * 3)
    _, gradient, (by_input,) = program.value_and_grad([[1.0, NAN, INF], [2.0, 1.0, 1.0]], inputs=True, reduce="sum")
    assert_close(gradient, [2 * 2.0 * (1 + 4), NAN, INF])
    assert_close(by_input, [[8.0, NAN, INF], [16.0, 18.0, 32.0]])


@pytest.mark.parametrize(
    ("name", "x"), [("relu", 0.0), ("relu", -0.0), ("relu", NAN), ("absolute", 0.0), ("sign", 0.0), ("step", 0.0)]
)
def test_relu_and_its_like_at_their_kink_inside_a_layer(name, x):
    """Where relu is one maximum and its slope comes from the result."""
    w, b = parameter(1.0), parameter(0.0)
    assert_agrees(lambda x: 3.0 * getattr(w * x + b, name)() * w, (0.5,), [np.array([x, 1.0, -1.0])])


def test_ties_of_maximum_and_minimum():
    w = parameter(1.0)
    for name in ("maximum", "minimum"):
        assert_agrees(
            lambda x, y, f=TABLE[name].apply: 2 * f(w * x, y) + f(y, x), (0.5, 0.5), [[1.0, 2.0, 3.0], [1.0, 3.0, 2.0]]
        )


# --- any number of operands ---


def reduction(name):
    if name == "dot":
        return lambda xs: autograd.dot(xs, xs[::-1])
    return getattr(autograd, name)


@every_reduction
@pytest.mark.parametrize("count", [1, 2, 3, 12])
def test_reductions_of_inputs(name, count):
    rng = np.random.default_rng(count)
    assert_agrees(reduction(name), ([0.5] * count,), [rng.normal(size=(5, count))])
    assert_agrees(lambda xs: reduction(name)(xs).tanh() * xs[0], ([0.5] * count,), [rng.normal(size=(5, count))])


@every_reduction
def test_reductions_of_every_kind_of_operand(name):
    rng = np.random.default_rng(7)
    w, c = [parameter(x) for x in rng.normal(size=2)], constant(0.7)

    def function(xs, y):
        f = reduction(name)
        return f([*xs, w[0], y, c, 0.25, w[1]]) * f([w[0], w[1], c]) + f([y, y]) + f([w[0] * y, xs[0], xs[0]])

    for arrays in ([rng.normal(size=(4, 3)), rng.normal()], [rng.normal(size=3), rng.normal(size=4)]):
        assert_agrees(function, ([0.5] * 3, 0.5), arrays)


@every_reduction
def test_several_reductions_at_once(name):
    rng = np.random.default_rng(8)
    w = [parameter(x) for x in rng.normal(size=6)]

    def function(x):
        f = reduction(name)
        return autograd.sum([f([w[i] * x[i], x[(i + 1) % 6], w[(i + 2) % 6]]).tanh() for i in range(6)])

    assert_agrees(function, ([0.5] * 6,), [rng.normal(size=(4, 6))])


@pytest.mark.parametrize("name", REDUCTIONS)
def test_reductions_of_special_numbers(name):
    points = list(itertools.product([0.0, 1.0, -2.0, INF, -INF, NAN, 1000.0], repeat=3))
    program = autograd.compile(reduction(name), [0.5] * 3)
    values, slopes = [], []
    for point in points:
        xs = [Value(x) for x in point]
        node = reduction(name)(xs)
        node.backward()
        values.append(node.data)
        slopes.append([x.grad for x in xs])
    assert_close(program(points), values, np.abs(values))
    _, _, (received,) = program.value_and_grad(points, inputs=True, reduce="sum")
    # The softmax of infinities is nan for all operands in the eager engine, and for the infinite ones in a program.
    kept = np.isfinite(values) if name == "logsumexp" else np.full(len(points), True)
    assert_close(received[kept], np.array(slopes)[kept], np.abs(slopes)[kept])


def test_softmax_of_large_numbers_does_not_overflow():
    program = autograd.compile(lambda xs: autograd.logsumexp(xs), [0.5] * 3)
    X = [[1000.0, 1000.0, -1000.0], [-1e308, -1e308, -1e308], [1e308, 0.0, 0.0]]
    value = program(X)
    assert_close(value[0], 1000 + math.log(2), 1000)
    assert value[1:].tolist() == [-1e308, 1e308]
    _, _, (slopes,) = program.value_and_grad(X, inputs=True, reduce="sum")
    assert_close(slopes, [[0.5, 0.5, 0.0], [1 / 3, 1 / 3, 1 / 3], [1.0, 0.0, 0.0]])


@given(st.lists(st.floats(-30, 30), min_size=2, max_size=6), st.sampled_from(sorted(REDUCTIONS)))
@settings(max_examples=60)
def test_reductions_of_any_numbers(xs, name):
    assume(name != "prod" or math.prod(max(1.0, abs(x)) for x in xs) < 1e6)
    assert_agrees(reduction(name), ([0.5] * len(xs),), [np.array([xs, xs[::-1]])])
