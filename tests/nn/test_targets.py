import functools
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from autograd import Value
from autograd.errors import AutogradError
from nn import losses
from nn.errors import DataError, ShapeError
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
from nn.targets import KINDS, kind_of, name_of, one_hot, prepare

NUMBERS = [squared_error, half_squared_error, mean_squared_error, huber]
PROBABILITIES = [binary_cross_entropy, binary_cross_entropy_with_logits]
CLASSES = [cross_entropy, multiclass_hinge]
ALL = [*NUMBERS, *PROBABILITIES, *CLASSES, hinge]


def own(outputs, targets):
    return (outputs - targets) ** 2


def same(array, expected):
    assert array.dtype == np.float64
    assert array.tolist() == expected


def test_every_loss_has_a_kind():
    public = {f for name, f in vars(losses).items() if getattr(f, "__module__", "") == "nn.losses" and name[0] != "_"}
    assert {f for f in public if not isinstance(f, type)} == set(KINDS)
    assert {kind_of(loss) for loss in NUMBERS} == {"numbers"}
    assert kind_of(own) is None


@pytest.mark.parametrize("loss", [*NUMBERS, *PROBABILITIES, hinge], ids=name_of)
def test_one_output_takes_one_number_for_each_sample(loss):
    for y in ([1, 1, 1], (1.0, 1, True), np.ones(3, np.float32), np.ones((3, 1)), [[1], [1], [1]], range(1, 2)):
        same(prepare(loss, y, 1), [1.0] * len(y))


@pytest.mark.parametrize("loss", ALL, ids=name_of)
def test_several_outputs_take_class_numbers(loss):
    low = -1.0 if loss is hinge else 0.0
    rows = [[low, low, 1.0], [1.0, low, low]]
    for y in ([2, 0], [2.0, 0.0], np.array([2, 0], np.uint8), np.array([[2], [0]])):
        same(prepare(loss, y, 3), rows)
    same(prepare(loss, rows, 3), rows)


def test_numbers_of_any_size_and_class_numbers_as_many_as_outputs():
    same(prepare(huber, [[1.5, -2.0], [1e300, 0.0]], 2), [[1.5, -2.0], [1e300, 0.0]])
    same(prepare(squared_error, [-7, 12], 1), [-7.0, 12.0])
    same(prepare(squared_error, [1, 0], 2), [[0.0, 1.0], [1.0, 0.0]])
    same(prepare(binary_cross_entropy, [[0, 1], [1, 1], [0.5, 0]], 2), [[0.0, 1.0], [1.0, 1.0], [0.5, 0.0]])


@pytest.mark.parametrize(
    ("labels", "signs"),
    [([0, 1], [-1, 1]), ([-1, 1], [-1, 1]), ([1, 1], [1, 1]), ([0, 0], [-1, -1]), ([-1, -1], [-1, -1]), ([], [])],
)
def test_labels_0_and_1_become_signs(labels, signs):
    same(prepare(hinge, labels, 1), signs)


def test_rows_of_class_probabilities():
    same(prepare(cross_entropy, [[0.25, 0.75], [1, 0]], 2), [[0.25, 0.75], [1.0, 0.0]])
    prepare(cross_entropy, np.full((4, 3), 1 / 3, np.float32), 3)


def test_a_partial_keeps_the_kind_of_the_function_within():
    inner = functools.partial(multiclass_hinge, margin=2.0)
    inner.why = "with an attribute of its own, Python keeps it apart within the next one"
    loss = functools.partial(inner, margin=3.0)
    same(prepare(loss, [1], 2), [[0.0, 1.0]])
    with pytest.raises(DataError, match=r"multiclass_hinge takes .* one 1 and else 0; row 1"):
        prepare(loss, [[1, 0], [0.5, 0.5]], 2)


def test_a_loss_of_ones_own_gets_y_as_it_is():
    same(prepare(own, [[1], [2]], 3), [[1.0], [2.0]])
    same(prepare(own, [-1, 7], 1), [-1.0, 7.0])
    same(prepare(lambda o, t: o, np.ones((2, 3, 4)), 1), np.ones((2, 3, 4)).tolist())

    class Unhashable:
        __hash__ = None

        def __call__(self, outputs, targets):
            return outputs - targets

    same(prepare(Unhashable(), [1], 1), [1.0])
    assert name_of(Unhashable()) == "Unhashable"


def test_anything_with_numbers_in_it_will_do():
    same(prepare(own, [Decimal("0.5"), Fraction(1, 4), Value(2.0)], 1), [0.5, 0.25, 2.0])
    same(prepare(own, np.array([[1, None]], dtype=object)[:, :1], 1), [[1.0]])


def test_the_result_is_fresh():
    y = np.array([0.5, 1.0])
    prepared = prepare(squared_error, y, 1)
    prepared[0] = 7.0
    assert y.tolist() == [0.5, 1.0]


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", [*ALL, own], ids=name_of)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite_are_refused_with_their_row(loss, bad):
    with pytest.raises(DataError, match=rf"y holds {bad} in row 2;") as refusal:
        prepare(loss, [0.0, 1.0, bad, bad], 3 if loss in CLASSES else 1)
    assert isinstance(refusal.value, (AutogradError, ValueError))
    with pytest.raises(DataError, match=rf"y holds {bad} in row 1, column 0;"):
        prepare(loss, [[0.0, 1.0], [bad, 0.0]], 2)


@pytest.mark.parametrize("loss", [cross_entropy, own], ids=name_of)
@pytest.mark.parametrize(
    ("y", "message"),
    [
        (["cat", "dog"], r"text 'cat' in row 0.*np\.unique\(y, return_inverse=True\)"),
        ([1, "2", 3], "text '1' in row 0"),  # NumPy makes texts of them all
        (np.array([1, "2"], dtype=object), "text '2' in row 1"),
        ([1, None], "y holds None in row 1, which is not a number"),
        ([[0, 1], [1, None]], "y holds None in row 1"),
        ([1, 2j], "in row 0, which is not a number"),
        (np.array(["2020-01-01"], dtype="datetime64[ns]"), "row 0, which is not a number"),
        ([10**400, 1], "y holds 1000.*0000 in row 0"),
        ([[1, 2], [3]], "row 0 holds 2 numbers, row 1 1 numbers"),
        ([1, [2, 3]], "row 0 holds a number, row 1 2 numbers"),
        (None, "one target for each sample, in a list or an array; not None"),
        (3.0, "not 3.0"),
        ("cat", "not 'cat'"),
        ({"a": 1}, "not {'a': 1}"),
        ((i for i in range(3)), "not <generator"),
    ],
    ids=repr,
)
def test_what_is_not_numeric_is_refused(loss, y, message):
    with pytest.raises(DataError, match=message):
        prepare(loss, y, 3)


@pytest.mark.filterwarnings("error")
def test_a_number_too_large_for_float64_is_refused():
    with pytest.raises(DataError, match="inf in row 1"):
        prepare(own, np.array([1, "1e400"]).astype(np.longdouble), 1)


@pytest.mark.parametrize("loss", CLASSES, ids=name_of)
def test_labels_that_are_no_class_numbers_are_refused(loss):
    for wrong in (3, -1, 0.5):
        with pytest.raises(DataError, match=rf"label {wrong} in row 2 is none of the class numbers 0 to 2"):
            prepare(loss, [0, 1, wrong, 7], 3)
    with pytest.raises(ShapeError, match=rf"{loss.__name__}.*one output.*binary_cross_entropy_with_logits or hinge"):
        prepare(loss, [0, 1], 1)
    with pytest.raises(DataError, match=rf"{loss.__name__} takes .*; y holds -1 in row 1"):
        prepare(loss, [[0, 1], [1, -1]], 2)
    with pytest.raises(DataError, match=r"row 1 of y is \[0\.25, 0\.5\]"):
        prepare(loss, [[0, 1], [0.25, 0.5]], 2)


@pytest.mark.parametrize(
    ("y", "label", "row"), [([0, 1, 2], "2", 2), ([-1, 1, 0], "0", 2), ([0, -1, 1], "0", 0), ([0, 0.5], "0.5", 1)]
)
def test_labels_that_are_no_signs_are_refused(y, label, row):
    with pytest.raises(DataError, match=rf"^hinge takes labels -1 and 1, or 0 and 1.*; y holds {label} in row {row}$"):
        prepare(hinge, y, 1)


@pytest.mark.parametrize("loss", PROBABILITIES, ids=name_of)
def test_targets_that_are_no_probabilities_are_refused(loss):
    with pytest.raises(DataError, match=rf"^{loss.__name__} takes labels 0 and 1.*; y holds -1 in row 1$"):
        prepare(loss, [1, -1, 2], 1)
    with pytest.raises(DataError, match=r"y holds 1\.5 in row 0"):
        prepare(loss, [[0.5, 1.5]], 2)


@pytest.mark.parametrize("loss", ALL, ids=name_of)
@pytest.mark.parametrize("shape", [(4, 2), (4, 4), (4, 3, 1), (4, 1, 3)])
def test_shapes_that_do_not_fit_are_refused(loss, shape):
    with pytest.raises(ShapeError, match=rf"{loss.__name__}: y has the shape .*3 outputs; .*\(n, 3\), or \(n,\) with"):
        prepare(loss, np.ones(shape), 3)
    if loss not in CLASSES:
        with pytest.raises(ShapeError, match=r"the model has one output; give y the shape \(n,\)$"):
            prepare(loss, np.ones(shape), 1)


@pytest.mark.parametrize("loss", [*NUMBERS, *PROBABILITIES, hinge], ids=name_of)
def test_one_number_for_several_outputs_is_refused_if_it_is_no_class_number(loss):
    with pytest.raises(ShapeError, match=r"one number for each sample, in row 1 0\.5, and the model has 2 outputs"):
        prepare(loss, [0, 0.5], 2)
    with pytest.raises(ShapeError, match=r"in row 0 12, and"):
        prepare(loss, [12, 1], 2)


# --- one-hot ----------------------------------------------------------------------------------------------------------


def test_one_hot():
    same(one_hot([1, 0, 3], 4), [[0.0, 1.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]])
    same(one_hot(np.array([], int), 2), [])
    assert one_hot([], 2).shape == (0, 2)
    with pytest.raises(DataError, match="label 4 in row 1"):
        one_hot([0, 4], 4)
    with pytest.raises(ShapeError, match=r"\(2, 1\)"):
        one_hot([[0], [1]], 2)
