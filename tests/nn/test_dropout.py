import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value
from autograd.errors import CompileError, OperandError
from nn import Layer
from nn.dropout import Dropout
from nn.errors import SettingError, ShapeError
from nn.sequential import Sequential

ONES = [1.0] * 1000


def data(values):
    return [v.data for v in values]


@pytest.mark.parametrize("rate", [0.0, 0.2, 0.5, 0.9])
def test_the_rate_is_the_share_left_out_and_the_rest_is_scaled(rate):
    out = np.array([data(Dropout(rate, seed=seed)(ONES)) for seed in range(20)])
    assert set(out.flat) <= {0.0, 1.0 / (1.0 - rate)}
    share = np.mean(out == 0.0)
    assert share == pytest.approx(rate, abs=4 * (rate * (1 - rate) / out.size) ** 0.5)
    assert out.mean() == pytest.approx(1.0, abs=4 * (rate / (1 - rate) / out.size) ** 0.5)


def test_units_are_left_out_independently_of_their_place_and_of_each_other():
    masks = Dropout(0.3, seed=1).draw(20_000, 4) > 0
    assert masks.mean(axis=0) == pytest.approx(np.full(4, 0.7), abs=0.013)
    assert np.corrcoef(masks.T.astype(float)) == pytest.approx(np.eye(4), abs=0.03)


def test_every_call_draws_anew_and_a_seed_repeats_the_series():
    dropout, again, other = Dropout(seed=3), Dropout(seed=3), Dropout(seed=4)
    first, second = data(dropout(ONES)), data(dropout(ONES))
    assert first != second
    assert (data(again(ONES)), data(again(ONES))) == (first, second)
    assert data(other(ONES)) != first
    assert data(Dropout()(ONES)) != data(Dropout()(ONES))


def test_the_generators_state_can_be_put_back():
    dropout = Dropout(seed=0)
    dropout(ONES)
    state = dropout.rng.bit_generator.state
    first = data(dropout(ONES))
    dropout.rng.bit_generator.state = state
    assert data(dropout(ONES)) == first


@given(st.integers(1, 6), st.integers(1, 6), st.sampled_from([0.0, 0.2, 0.5]))
def test_drawing_for_a_batch_equals_drawing_sample_by_sample(samples, size, rate):
    batch = Dropout(rate, seed=9).draw(samples, size)
    assert (batch.shape, batch.dtype) == ((samples, size), np.float64)
    dropout = Dropout(rate, seed=9)
    assert batch.tolist() == [data(dropout([1.0] * size)) for _ in range(samples)]


def test_eval_mode_leaves_the_very_same_values_and_draws_nothing():
    dropout = Dropout(0.9, seed=0).eval()
    state = dropout.rng.bit_generator.state
    xs = [Value(1.0), Value(2.0)]
    out = dropout(xs)
    assert all(a is b for a, b in zip(out, xs, strict=True))
    assert dropout(xs[0]) is xs[0]
    assert dropout.rng.bit_generator.state == state


def test_it_drops_at_the_start_as_in_pytorch():
    assert Dropout().training
    assert 0.0 in data(Dropout(0.9, seed=0)(ONES[:20]))


def test_gradients_reach_only_the_units_kept_and_are_scaled():
    xs = [Value(3.0), Value(5.0), Value(-2.0)]
    dropout = Dropout(0.75)
    with dropout.masked([4.0, 0.0, 4.0]):
        out = dropout(xs)
    sum(out).backward()
    assert data(out) == [12.0, 0.0, -8.0]
    assert [x.grad for x in xs] == [4.0, 0.0, 4.0]


def test_one_unit_stays_one_and_several_become_a_list():
    dropout = Dropout(0.0)
    for one in (Value(2.0), 2, 2.0, np.float64(2.0), np.array(2.0)):
        assert dropout(one).data == 2.0
        assert dropout.size == 1
    for several in ([Value(2.0)], (2.0,), np.array([2.0]), (x for x in [2.0])):
        out = dropout(several)
        assert isinstance(out, list)
        assert data(out) == [2.0]
    assert dropout([]) == []


def test_size_is_that_of_the_last_call_in_either_mode():
    dropout = Dropout()
    assert dropout.size is None
    dropout([1.0] * 5)
    assert dropout.size == 5
    dropout.eval()([1.0] * 3)
    assert dropout.size == 3
    assert dropout.draw(2).shape == (2, 3)


def test_a_mask_may_be_numbers_an_array_or_values_and_is_for_its_with_only():
    dropout = Dropout(0.5, seed=0)
    state = dropout.rng.bit_generator.state
    kept = Value(2.0)
    for mask in ([2, 0.0], (2.0, 0), np.array([2.0, 0.0]), [kept, 0.0]):
        with dropout.masked(mask):
            assert data(dropout([1.5, 1.5])) == [3.0, 0.0]
    assert dropout.rng.bit_generator.state == state
    dropout([1.5, 1.5])
    assert dropout.rng.bit_generator.state != state


def test_masks_can_be_nested_and_an_error_inside_ends_them():
    dropout = Dropout(0.5, seed=0)
    with dropout.masked([1.0]):
        with dropout.masked([7.0]):
            assert dropout(1.0).data == 7.0
        assert dropout(1.0).data == 1.0
    with pytest.raises(KeyError), dropout.masked([7.0]):
        raise KeyError
    assert dropout(1.0).data in (0.0, 2.0)


@pytest.mark.parametrize("mask", [[], [1.0], [1.0, 1.0, 1.0]])
def test_a_mask_of_another_size_is_refused(mask):
    dropout = Dropout()
    with pytest.raises(ShapeError, match=f"2 units was given a mask of {len(mask)}"), dropout.masked(mask):
        dropout([1.0, 2.0])


def test_a_mask_that_is_none_is_refused():
    for mask in (3.0, "ab", [[1.0, 0.0]]):
        with pytest.raises(OperandError), Dropout().masked(mask):
            pass


def test_one_mask_for_two_calls_is_refused_with_the_remedies():
    dropout = Dropout()
    model = Sequential(Layer(1, 2, seed=0), dropout, Layer(2, 2, seed=0), dropout)
    with pytest.raises(ShapeError, match="each place a Dropout of its own"), dropout.masked([1.0, 1.0]):
        model([1.0])
    model([1.0])  # without a mask each place draws its own


@pytest.mark.parametrize("rate", [1.0, 1.5, -0.1, float("nan"), "0.5", None, [0.5], 0.5 + 0j])
def test_a_rate_that_cannot_be_is_refused(rate):
    with pytest.raises(SettingError, match="0 ≤ rate < 1") as refusal:
        Dropout(rate)
    assert repr(rate) in str(refusal.value)


def test_other_bad_input():
    with pytest.raises(SettingError, match="a seed is a whole number"):
        Dropout(0.5, seed="a")
    with pytest.raises(SettingError, match="known after a call"):
        Dropout().draw(3)
    for samples, size in ((0, 3), (3, 0), (2.5, 3), (3, "4")):
        with pytest.raises(SettingError, match="whole number of at least 1"):
            Dropout().draw(samples, size)
    with pytest.raises(ShapeError, match="one sample at a time"):
        Dropout()(np.zeros((3, 2)))
    with pytest.raises(OperandError):
        Dropout()(["a"])


def test_it_has_no_parameters_even_while_a_mask_is_set():
    dropout = Dropout()
    with dropout.masked([autograd.parameter(1.0)]):
        assert dropout.parameters() == []
        assert dropout.state_dict() == {}


# --- compiled ---


def network(seed=0):
    dropouts = Dropout(0.2, seed=seed), Dropout(0.5, seed=seed + 1)
    model = Sequential(dropouts[0], Layer(3, 6, "tanh", seed=1), dropouts[1], Layer(6, 1, "linear", seed=2))
    return model, dropouts


def test_masks_as_inputs_make_it_compile():
    model, (first, second) = network()

    def loss(x, y, m1, m2):
        with first.masked(m1), second.masked(m2):
            return (model(x) - y) ** 2

    model([0.0] * 3)
    assert (first.size, second.size) == (3, 6)
    program = autograd.compile(loss, [0.0] * 3, 0.0, [1.0] * 3, [1.0] * 6)
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(5, 3)), rng.normal(size=5)
    masks = first.draw(5), second.draw(5)
    assert 0.0 in masks[0]
    assert 0.0 in masks[1]

    W, b, V, c = (
        np.array([[w.data for w in n.w] for n in model[1].neurons]), np.array([n.b.data for n in model[1].neurons]),
        np.array([w.data for w in model[3].neurons[0].w]), model[3].neurons[0].b.data,
    )  # fmt: skip
    expected = ((masks[1] * np.tanh((masks[0] * X) @ W.T + b)) @ V + c - y) ** 2
    assert program(X, y, *masks) == pytest.approx(expected, rel=1e-12)

    _, gradient = program.value_and_grad(X, y, *masks, reduce="sum")
    sum(loss(*sample) for sample in zip(X, y, *masks, strict=True)).backward()
    by_parameter = dict(zip(program.parameters, gradient, strict=True))
    assert len(by_parameter) == len(model.parameters())
    for p in model.parameters():
        assert by_parameter[p] == pytest.approx(p.grad, rel=1e-11, abs=1e-14)


def test_compiling_in_training_mode_is_refused_with_the_remedies_however_small_the_layer():
    for seed in range(8):  # a single unit's mask is often the same three times
        dropout = Dropout(0.5, seed=seed)
        with pytest.raises(CompileError, match=r"eval\(\).*masked\(mask\)"):
            autograd.compile(lambda x, dropout=dropout: dropout(x) * x, 0.0)


def test_compiled_in_eval_mode_it_does_nothing():
    model, _ = network()
    model.eval()
    program = autograd.compile(lambda x: model(x), [0.0] * 3)
    X = np.array([[0.1, 0.2, 0.3], [1.0, -1.0, 0.5]])
    bare = Sequential(model[1], model[3])
    assert program(X) == pytest.approx([bare(x).data for x in X], rel=1e-13)


def test_repr():
    assert repr(Dropout()) == "Dropout(0.5)"
    assert repr(Dropout(0.125)) == "Dropout(0.125)"


def test_it_equals_pytorchs_with_the_same_mask():
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    x = torch.tensor([0.5, -1.0, 2.0, 3.0, -0.25, 1.0], dtype=torch.float64, requires_grad=True)
    out = torch.nn.functional.dropout(x, p=0.5, training=True)
    out.square().sum().backward()
    mask = (out / x).detach().numpy()
    xs = [Value(float(v)) for v in x.detach()]
    dropout = Dropout(0.5)
    with dropout.masked(mask):
        ours = dropout(xs)
    sum(o * o for o in ours).backward()
    assert data(ours) == out.tolist()
    assert [v.grad for v in xs] == x.grad.tolist()
