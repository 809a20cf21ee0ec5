from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from autograd import Value
from nn import moons
from nn.errors import DataError, SettingError, ShapeError
from nn.preparation import Standardiser, samples, split_rows, train_test_split

# --- samples ---


@pytest.mark.parametrize(
    "given_samples",
    [
        [[1, 2], [3, 4]],
        ((1.0, 2.0), (3.0, 4.0)),
        [np.array([1, 2]), np.array([3, 4])],
        np.array([[1, 2], [3, 4]], dtype=np.float32),
        np.array([[1, 2], [3, 4]], dtype=object),
        np.asfortranarray([[1.0, 2.0], [3.0, 4.0]]),
        np.ma.array([[1, 2], [3, 4]]),
        [[Fraction(1), Value(2.0)], [np.float64(3.0), np.array(4)]],
    ],
)
def test_whatever_holds_numbers_becomes_an_array_of_floats(given_samples):
    x = samples(given_samples)
    assert x.tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert x.dtype == np.float64
    assert x.flags.c_contiguous


def test_the_shape_stays_and_an_array_of_floats_is_not_copied():
    assert samples([1, 2, 3]).shape == (3,)
    assert samples(range(3)).tolist() == [0.0, 1.0, 2.0]
    assert samples([True, False]).tolist() == [1.0, 0.0]
    x = np.zeros((2, 3, 4))
    assert samples(x) is x


nan = float("nan")


@pytest.mark.parametrize(
    ("given_samples", "message"),
    [
        ([[1.0, 2.0], [3.0, nan]], "X[1, 1] is nan, and only finite numbers can be learned from"),
        ([1.0, float("-inf")], "X[1] is -inf"),
        (np.full((1, 2, 3), nan), "X[0, 0, 0] is nan"),
        (np.array([[1, 2], [None, 4]]), "X[1, 0] is None"),
        ([[1, "2"], [3, 4]], "X[0, 1] is '2', which is text"),
        (np.array([["a", "b"]]), "X[0, 0] is 'a', which is text"),
        ([[1, 2j]], "X[0, 0] is (1+0j), which is complex"),
        ([10**400], "which is no number that fits a float"),
        (np.array(["2020-01-01"], dtype="datetime64[D]"), "X[0] is np.datetime64('2020-01-01'), which is no number"),
        (np.ma.array([[1.0, 2.0]], mask=[[False, True]]), "X[0, 1] is nan"),
        ([[1, 2], [3]], "X[1] has the length 1, but X[0] has the length 2"),
        ([[1, 2], 3], "X[1] is a single number, but X[0] has the length 2"),
        ([[[1], [2]], [[1], [2, 3]]], "X[1][1] has the length 2, but X[1][0] has the length 1"),
        ([np.zeros(2), np.zeros(3)], "X[1] has the length 3, but X[0] has the length 2"),
        ([np.zeros((2, 2)), np.zeros((2, 3))], "no array of numbers with equally long rows"),
        ([], "X is empty: its shape is (0,)"),
        (np.zeros((0, 3)), "X is empty: its shape is (0, 3)"),
        ("1,2,3", "not '1,2,3'"),
        ({"a": [1, 2]}, "not {'a': [1, 2]}"),
    ],
)
def test_what_cannot_be_learned_from_is_refused_with_its_place(given_samples, message):
    with pytest.raises(DataError) as refusal:
        samples(given_samples)
    assert message in str(refusal.value)


@pytest.mark.parametrize("given_samples", [5.0, None, (row for row in [[1, 2]])])
def test_a_single_thing_is_refused(given_samples):
    with pytest.raises(ShapeError, match="an entry for each sample"):
        samples(given_samples)


def test_a_column_of_a_data_frame_is_named():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"age": [1.0, nan], "name": ["Ada", "Bob"]})
    with pytest.raises(DataError, match=r"X\[1, 0\] \(column 'age'\) is nan"):
        samples(frame[["age"]])
    with pytest.raises(DataError, match=r"X\[0, 1\] \(column 'name'\) is 'Ada', which is text"):
        samples(frame)
    assert samples(frame["age"][:1]).tolist() == [1.0]


def test_a_sparse_matrix_is_refused_with_the_remedy():
    sparse = pytest.importorskip("scipy.sparse")
    with pytest.raises(DataError, match=r"X\.toarray\(\)"):
        samples(sparse.csr_matrix([[1.0, 0.0]]))


# --- Standardiser ---


def test_columns_get_mean_0_and_deviation_1():
    X = np.array([[1.0, 100.0], [2.0, 300.0], [6.0, 200.0]])
    Z = Standardiser.fit(X).transform(X)
    # By hand: the deviations from the means 3 and 200, by the roots of 14/3 and 20000/3.
    assert Z[:, 0] == pytest.approx(np.array([-2.0, -1.0, 3.0]) / np.sqrt(14 / 3))
    assert Z[:, 1] == pytest.approx(np.array([-1.0, 1.0, 0.0]) * np.sqrt(1.5))


matrices = arrays(np.float64, array_shapes(min_dims=2, max_dims=2, max_side=6), elements=st.floats(-1e300, 1e300))


@given(matrices)
def test_every_column_is_standardised_or_constant_and_comes_back(X):
    standardiser = Standardiser.fit(X)
    Z = standardiser.transform(X)
    for z, column in zip(Z.T, X.T, strict=True):
        if (column == column[0]).all():
            assert (z == 0.0).all()
        elif np.ptp(column) > max(1e-9 * np.abs(column).max(), 1e-300):  # else digits are lost
            assert z.mean() == pytest.approx(0.0, abs=1e-6)
            assert z.std() == pytest.approx(1.0, abs=1e-6)
    back = standardiser.inverse(Z)
    assert np.all(np.abs(back - X) <= 1e-9 * np.abs(X).max(axis=0))


def test_a_constant_column_becomes_0_even_if_its_mean_is_rounded():
    X = np.column_stack([np.full(7, 0.1), np.arange(7.0)])
    assert np.mean(X[:, 0]) != 0.1 or np.std(X[:, 0]) != 0.0  # what makes this hard
    standardiser = Standardiser.fit(X)
    assert standardiser.scale[0] == 1.0
    assert (standardiser.transform(X)[:, 0] == 0.0).all()
    assert standardiser.transform([[1.1, 0.0]])[0, 0] == 1.0


def test_numbers_too_close_for_a_deviation_count_as_equal():
    assert Standardiser.fit([0.0, 5e-324]).scale.tolist() == [1.0]


def test_a_single_column_may_be_flat():
    standardiser = Standardiser.fit([1.0, 3.0])
    assert standardiser.transform([1.0, 2.0]).tolist() == [-1.0, 0.0]
    assert standardiser.transform([[1.0], [2.0]]).tolist() == [[-1.0], [0.0]]
    assert standardiser.inverse([-1.0, 0.0]).tolist() == [1.0, 2.0]


def test_a_standardiser_is_made_again_of_its_arrays():
    X, _ = moons(50)
    first = Standardiser.fit(X)
    again = Standardiser(first.mean.tolist(), first.scale.tolist())
    assert np.array_equal(again.transform(X), first.transform(X))


def test_a_standardiser_keeps_arrays_of_its_own():
    mean = np.array([1.0, 2.0])
    standardiser = Standardiser(mean, np.ones(2))
    mean[0] = 5.0
    assert standardiser.mean[0] == 1.0


def test_a_standardiser_agrees_with_scikit_learn():
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    X = np.random.default_rng(0).normal(size=(20, 3)) * [1e-3, 1.0, 1e5] + [1.0, 0.0, -1e3]
    theirs = preprocessing.StandardScaler().fit(X)
    ours = Standardiser.fit(X)
    assert ours.mean == pytest.approx(theirs.mean_, rel=1e-12)
    assert ours.scale == pytest.approx(theirs.scale_, rel=1e-12)


def test_a_standardiser_refuses_what_does_not_fit():
    standardiser = Standardiser.fit([[1.0, 2.0], [3.0, 5.0]])
    with pytest.raises(ShapeError, match=r"the shape is \(n, 2\).*; not \(1, 3\)"):
        standardiser.transform([[1.0, 2.0, 3.0]])
    with pytest.raises(ShapeError, match=r"for a single sample: \[x\]"):
        standardiser.inverse([1.0, 2.0])
    with pytest.raises(DataError, match=r"X\[0, 1\] is nan"):
        standardiser.transform([[1.0, nan]])
    with pytest.raises(ShapeError, match="shape"):
        Standardiser.fit(np.zeros((2, 3, 4)))
    with pytest.raises(SettingError, match="positive"):
        Standardiser([0.0], [0.0])
    with pytest.raises(DataError, match=r"mean\[0\] is nan"):
        Standardiser([nan], [1.0])
    with pytest.raises(ShapeError, match="one number for each column"):
        Standardiser([0.0, 1.0], [1.0])


# --- train_test_split ---


def test_every_sample_goes_to_one_side_with_its_target():
    X, y = np.arange(40.0).reshape(20, 2), np.arange(20)
    X_train, X_test, y_train, y_test = train_test_split(X, y)
    assert (len(X_train), len(X_test)) == (15, 5)
    assert sorted([*y_train, *y_test]) == list(range(20))
    assert np.array_equal(X_train[:, 0], 2.0 * y_train)
    assert np.array_equal(X_test[:, 0], 2.0 * y_test)
    assert y_train.tolist() != sorted(y_train)


def test_the_seed_decides():
    X, y = moons(40)
    parts = [train_test_split(X, y, seed=seed)[1] for seed in (3, 3, 4)]
    assert np.array_equal(parts[0], parts[1])
    assert not np.array_equal(parts[0], parts[2])
    assert not np.array_equal(train_test_split(X, y, seed=None)[1], train_test_split(X, y, seed=None)[1])


def test_rows_of_seed_0_never_change():
    train, test = split_rows(8, 0.25)
    # numpy.random.Generator(PCG64(0)).random(8) has its smallest numbers in these places.
    draws = np.random.Generator(np.random.PCG64(0)).random(8)
    assert test.tolist() == np.argsort(draws)[:2].tolist() == [3, 2]
    assert train.tolist() == np.argsort(draws)[2:].tolist()


@pytest.mark.parametrize(
    ("count", "test", "held_back"), [(10, 0.25, 3), (30, 0.1, 3), (3, 0.01, 1), (100, 7, 7), (2, 0.5, 1), (7, 1, 1)]
)
def test_a_share_is_rounded_up(count, test, held_back):
    train, rest = split_rows(count, test)
    assert (len(train), len(rest)) == (count - held_back, held_back)


@given(st.lists(st.sampled_from("abcd"), min_size=2, max_size=60), st.floats(0.05, 0.8), st.integers(0, 1000))
def test_stratified_parts_get_their_shares(labels, test, seed):
    labels = np.array(labels)
    held_back = len(split_rows(len(labels), test)[1]) if test * len(labels) <= len(labels) - 1 else None
    if held_back is None:
        return
    train, rest = split_rows(len(labels), test, seed, labels)
    assert sorted([*train, *rest]) == list(range(len(labels)))
    assert len(rest) == held_back
    for label in set(labels):
        share = np.count_nonzero(labels == label) * held_back / len(labels)
        assert abs(np.count_nonzero(labels[rest] == label) - share) < 1.0


def test_without_stratify_shares_are_up_to_chance():
    labels = np.array([0] * 50 + [1] * 50)
    shares = {int(labels[split_rows(100, 0.3, seed)[1]].sum()) for seed in range(10)}
    assert len(shares) > 2
    assert {int(labels[split_rows(100, 0.3, seed, labels)[1]].sum()) for seed in range(10)} == {15}


def test_stratified_parts_are_in_random_order():
    labels = np.array([0] * 50 + [1] * 50)
    for rows in split_rows(100, 0.4, 0, labels):
        assert 5 < np.count_nonzero(np.diff(labels[rows])) < len(rows) - 5


def test_targets_may_be_names_or_rows():
    X = np.arange(8.0).reshape(4, 2)
    assert set(train_test_split(X, ["oak", "elm", "oak", "elm"], stratify=True)[2]) == {"oak", "elm"}
    assert train_test_split(X, X)[3].shape == (1, 2)


@pytest.mark.parametrize("test", [0, 0.0, 1.0, 1.5, -0.1, "0.2", None, True, nan, 10, -3])
def test_shares_that_cannot_be_are_refused(test):
    with pytest.raises(SettingError):
        train_test_split(np.zeros((10, 1)), np.zeros(10), test)


def test_data_that_does_not_fit_is_refused():
    X = np.zeros((4, 1))
    with pytest.raises(ShapeError, match="4 samples in X and 3 targets in y"):
        train_test_split(X, [1, 2, 3])
    with pytest.raises(ShapeError, match="4 samples in X and one targets in y"):
        train_test_split(X, 1.0)
    with pytest.raises(DataError, match="nan"):
        train_test_split(X + nan, [1, 2, 3, 4])
    with pytest.raises(ShapeError, match=r"shape \(4,\); not \(4, 2\)"):
        train_test_split(X, np.zeros((4, 2)), stratify=True)
    with pytest.raises(SettingError, match=r"holding back 0\.5 of 1 samples leaves none to learn from"):
        train_test_split([[1.0]], [1.0], 0.5)
