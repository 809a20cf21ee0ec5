"""The tape: each instruction once, sums as one, and only simplifications that leave the number as it is."""

import math

import numpy as np
import pytest
from judge import assert_close
from rows import every_row

from autograd.errors import OperationError
from autograd.ops import TABLE
from autograd.program.interpret import interpret
from autograd.program.tape import ONE, Tape, emitter, forward, partial

INF, NAN = math.inf, math.nan
SAMPLE = [2.0, -3.0, 0.5, 0.0]


@pytest.fixture
def tape():
    return Tape()


@pytest.fixture
def xs(tape):
    """Three inputs."""
    return [tape.input(i) for i in range(3)]


def value(tape, i, inputs=(2.0, 3.0, 5.0), theta=(7.0, 11.0)):
    """Return instruction i's value for one sample."""
    column = np.array(inputs, dtype=float)[:, None]
    return float(np.ravel(interpret(tape, column, np.array(theta), 1.0)[i])[0])


def lin(tape, *terms):
    return tape.lin([tape.product(*term) for term in terms])


# --- instructions are shared ---


def test_the_same_instruction_is_written_once(tape, xs):
    assert tape.input(1) == xs[1]
    assert tape.parameter(0) == tape.parameter(0) != tape.parameter(1)
    assert tape.constant(2) == tape.constant(2.0)
    assert tape.function("exp", xs[0]) == tape.function("exp", xs[0]) != tape.function("exp", xs[1])
    assert lin(tape, (2.0, xs[0], xs[1])) == lin(tape, (2.0, xs[0], xs[1]))
    before = len(tape)
    lin(tape, (2.0, xs[0], xs[1]))
    assert len(tape) == before


def test_constants_that_compare_alike_stay_apart(tape):
    assert tape.constant(0.0) != tape.constant(-0.0)
    assert tape.constant(NAN) == tape.constant(NAN)
    assert math.copysign(1.0, tape.value_of(tape.constant(-0.0))) == -1.0


def test_a_copy_grows_alone(tape, xs):
    copy = tape.copy()
    new = copy.function("exp", xs[0])
    assert len(copy) == len(tape) + 1
    assert copy.kinds[new] == "exp"
    assert copy.function("exp", xs[0]) == new
    assert tape.function("sin", xs[0]) == len(tape) - 1


def test_what_varies_over_the_batch(tape, xs):
    w, b = tape.parameter(0), tape.parameter(1)
    assert tape.batched[xs[0]]
    assert not tape.batched[w]
    assert not tape.batched[tape.constant(1.0)]
    assert not tape.batched[tape.function("exp", w)]
    assert tape.batched[tape.function("maximum", w, xs[0])]
    assert tape.batched[lin(tape, (1.0, w, xs[0]), (1.0, b))]
    assert not tape.batched[lin(tape, (1.0, w, b))]
    assert not tape.batched[tape.bsum([(1.0, xs[0], xs[1])])]
    assert not tape.batched[tape.reduction("max_of", [w, b])]
    assert tape.batched[tape.reduction("max_of", [w, xs[0]])]


# --- linear combinations ---


def test_like_terms_are_added_up(tape, xs):
    x, y, _ = xs
    i = lin(tape, (2.0, x, y), (3.0, y, x), (1.0, x), (4.0, x))
    assert sorted(tape.args[i]) == [(5.0, x, ONE), (5.0, x, y)]
    assert value(tape, i) == 5 * 2 * 3 + 5 * 2


def test_constant_factors_move_out_of_a_product(tape, xs):
    two, three = tape.constant(2.0), tape.constant(3.0)
    assert tape.product(5.0, two, xs[0]) == (10.0, xs[0], ONE)
    assert tape.product(5.0, xs[0], two) == (10.0, xs[0], ONE)
    assert tape.product(5.0, two, three) == (30.0, ONE, ONE)
    assert tape.product(1.0, xs[0], xs[1]) == (1.0, xs[0], xs[1])
    assert tape.value_of(lin(tape, (5.0, two, three), (1.0, two))) == 32.0


def test_a_combination_of_one_is_that_one(tape, xs):
    assert lin(tape, (1.0, xs[0])) == xs[0]
    assert lin(tape, (0.5, xs[0]), (0.5, xs[0])) == xs[0]
    assert lin(tape, (-1.0, xs[0])) != xs[0]
    assert tape.value_of(tape.lin([])) == 0.0


def test_what_does_not_vary_is_computed_once_and_a_bias_stays(tape, xs):
    w, b = tape.parameter(0), tape.parameter(1)
    neuron = lin(tape, (1.0, w, xs[0]), (1.0, b))
    assert set(tape.args[neuron]) == {(1.0, w, xs[0]), (1.0, b, ONE)}
    penalised = lin(tape, (1.0, xs[0]), (1.0, w, w), (1.0, b, b))
    assert len(tape.args[penalised]) == 2
    apart = next(u for _, u, v in tape.args[penalised] if u != xs[0])
    assert not tape.batched[apart]
    assert set(tape.args[apart]) == {(1.0, w, w), (1.0, b, b)}
    assert value(tape, penalised) == 2 + 49 + 121


def test_a_common_scalar_leaves_the_brackets(tape, xs):
    seed = tape.scalar("seed")
    i = lin(tape, (1.0, seed, xs[0]), (-1.0, seed, xs[1]))
    ((c, u, v),) = tape.args[i]
    assert c == 1.0
    assert seed in (u, v)
    difference = v if u == seed else u
    assert sorted(tape.args[difference]) == sorted([(1.0, xs[0], ONE), (-1.0, xs[1], ONE)])


# --- functions ---

EXACT = [
    ("power", 1.0), ("power", 2.0), ("power", 3.0), ("power", 0.5), ("power", -1.0), ("power", 0.0), ("power", 2.5),
    ("divide", 4.0), ("divide", -0.25), ("divide", 3.0), ("divide", 0.0),
]  # fmt: skip


@pytest.mark.parametrize(("name", "second"), EXACT)
def test_a_constant_second_operand_changes_nothing(name, second):
    tape = Tape()
    known = tape.function(name, tape.input(0), tape.constant(second))
    unknown = tape.function(name, tape.input(0), tape.parameter(0))
    numbers = np.array([[2.0, 0.3, 1.0, 7.0, 0.0]])
    values = interpret(tape, numbers, np.array([second]), 1.0)
    np.testing.assert_allclose(values[known], values[unknown], rtol=1e-15)


def test_functions_of_constants_are_computed_at_once(tape):
    assert tape.value_of(tape.function("exp", tape.constant(1.0))) == math.e
    assert tape.value_of(tape.function("less", tape.constant(1.0), tape.constant(2.0))) == 1.0
    assert tape.value_of(tape.function("log", tape.constant(0.0))) == -INF
    assert math.isnan(tape.value_of(tape.function("log", tape.constant(-1.0))))
    assert tape.value_of(tape.function("divide", tape.constant(1.0), tape.constant(0.0))) == INF


def test_where_of_what_is_known_is_the_chosen_one(tape, xs):
    x, y, _ = xs
    assert tape.function("where", tape.constant(1.0), x, y) == x
    assert tape.function("where", tape.constant(0.0), x, y) == y
    assert tape.function("where", tape.constant(NAN), x, y) == x
    assert tape.function("where", x, y, y) == y
    mask = tape.function("less", x, y)
    one, zero = tape.constant(1.0), tape.constant(0.0)
    assert tape.function("where", mask, one, zero) == mask
    assert value(tape, tape.function("where", mask, zero, one), (2.0, 3.0, 0.0)) == 0.0
    assert value(tape, tape.function("where", mask, zero, one), (3.0, 3.0, 0.0)) == 1.0


GRID = [(x, y) for x in (-INF, -1.0, -0.0, 0.0, 2.0, INF, NAN) for y in (-1.0, 0.0, 2.0, INF, NAN)]


@every_row
def test_a_row_on_a_tape_is_its_formula(op):
    """Its simplified instructions against its array kernel, which applies the text as it stands."""
    tape = Tape()
    operands = [tape.input(i) for i in range(len(op.arguments))]
    z = forward(tape, op, operands)
    slopes = [partial(tape, op, i, operands, z) for i in range(len(operands))]
    points = np.array([(*point, 1.0)[: len(operands)] for point in GRID]).T
    values = interpret(tape, points, np.empty(0), 1.0)
    with np.errstate(all="ignore"):
        expected = np.broadcast_to(op.kernel(*points), len(GRID)).astype(float)
        expected_slopes = op.kernel_slopes(*points, expected)
    assert_close(np.broadcast_to(values[z], len(GRID)), expected, np.abs(expected))
    for slope, wanted in zip(slopes, expected_slopes, strict=True):
        wanted = np.broadcast_to(wanted, len(GRID)).astype(float)
        assert_close(np.broadcast_to(values[slope], len(GRID)), wanted, np.abs(wanted))


def test_relu_is_one_maximum(tape, xs):
    """And its slope is taken from it, but for NaN, which passes."""
    z = forward(tape, TABLE["relu"], [xs[0]])
    assert (tape.kinds[z], tape.args[z][0]) == ("maximum", xs[0])
    slope = partial(tape, TABLE["relu"], 0, [xs[0]], z)
    assert [value(tape, slope, (x, 0, 0)) for x in (-1.0, 0.0, 2.0, NAN)] == [0.0, 0.0, 1.0, 1.0]


@pytest.mark.parametrize("name", ["maximum", "minimum"])
def test_maximum_and_minimum_are_numpys_own(tape, xs, name):
    assert tape.kinds[forward(tape, TABLE[name], xs[:2])] == name


def test_reductions(tape, xs):
    assert value(tape, tape.reduction("max_of", xs)) == 5.0
    assert value(tape, tape.reduction("min_of", xs)) == 2.0
    assert value(tape, tape.reduction("product_of", xs)) == 30.0
    assert tape.reduction("max_of", xs[:1]) == xs[0]


# --- the row language ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x + 2 * y - pi", 2.0 + 6.0 - math.pi),
        ("-x ** 2 / y", -4.0 / 3.0),
        ("1 if x < y and not y <= x or x == 7 else 0", 1.0),
        ("x if x > y else y if y != 3 else 9", 9.0),
        ("sigmoid(x) + maximum(x, y)", 1 / (1 + math.exp(-2.0)) + 3.0),
        ("hypot(x, y) * floor(y / x)", math.sqrt(13.0)),
        ("ln2 * ln10 + inf", INF),
    ],
)
def test_a_formula_becomes_instructions(text, expected):
    tape = Tape()
    i = emitter(text, ("x", "y"), "a test")(tape, {"x": tape.input(0), "y": tape.input(1)})
    assert value(tape, i, (2.0, 3.0)) == pytest.approx(expected, rel=1e-15)


def test_a_formula_outside_the_language_is_refused():
    with pytest.raises(OperationError, match="gamma"):
        emitter("gamma(x)", ("x",), "a test")
