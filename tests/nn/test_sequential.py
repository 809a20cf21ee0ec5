import copy
import math
import pickle

import numpy as np
import pytest

import autograd
from autograd import Value, tanh
from autograd.errors import AutogradError, OperandError
from nn import MLP, Layer, Module
from nn.dropout import Dropout
from nn.errors import SettingError, ShapeError
from nn.sequential import Sequential


def matrix(layer):
    return np.array([[w.data for w in n.w] for n in layer.neurons]), np.array([n.b.data for n in layer.neurons])


def test_parts_are_called_in_order():
    first, last = Layer(3, 4, "tanh", seed=1), Layer(4, 2, "linear", seed=2)
    model = Sequential(first, last, lambda ys: [y * y for y in ys])
    x = np.array([0.3, -0.7, 1.1])
    (W1, b1), (W2, b2) = matrix(first), matrix(last)
    expected = (W2 @ np.tanh(W1 @ x + b1) + b2) ** 2
    assert [y.data for y in model(x)] == pytest.approx(expected, rel=1e-13)


def test_it_computes_what_an_mlp_of_the_same_layers_does():
    mlp = MLP(2, [5, 1], "relu", seed=4)
    model = Sequential(*mlp.layers)
    x = [0.4, -0.9]
    assert model(x).data == mlp(x).data
    model(x).backward()
    gradients = [p.grad for p in model.parameters()]
    mlp.zero_grad()
    mlp(x).backward()
    assert gradients == [p.grad for p in mlp.parameters()]
    assert any(gradients)


def test_names_begin_with_the_number_of_the_part_functions_included():
    model = Sequential(Layer(1, 1), tanh, Layer(1, 1))
    assert list(model.state_dict()) == ["0.0.w0", "0.0.b", "2.0.w0", "2.0.b"]
    assert [p.label for p in model.parameters()] == list(model.state_dict())
    assert [p.label for p in model.weights()] == ["0.0.w0", "2.0.w0"]


def test_a_sequential_within_a_sequential_and_within_a_module():
    inner = Sequential(Layer(2, 2), Layer(2, 1))
    model = Sequential(Layer(2, 2), inner)
    assert list(model.state_dict())[-3:] == ["1.1.0.w0", "1.1.0.w1", "1.1.0.b"]

    class Own(Module):
        def __init__(self):
            self.body = model

    assert list(Own().state_dict())[-1] == "body.1.1.0.b"
    assert inner in Own().modules()


def test_length_iteration_and_indexing_are_a_lists():
    parts = [Layer(2, 3), Dropout(), max]
    model = Sequential(*parts)
    assert len(model) == 3
    assert list(model) == parts
    assert model[0] is parts[0]
    assert model[-1] is max
    with pytest.raises(IndexError):
        model[3]


def test_a_slice_shares_its_parts_and_leaves_their_labels():
    model = Sequential(Layer(2, 3, seed=1), Layer(3, 1, seed=2))
    head = model[1:]
    assert isinstance(head, Sequential)
    assert list(head) == [model[1]]
    assert head.parameters()[0] is model[1].parameters()[0]
    assert model.parameters()[-1].label == "1.0.b"
    assert len(model) == 2
    head.parts.append(tanh)
    assert len(model) == 2


def test_one_layer_twice_shares_its_weights():
    layer = Layer(1, 1, "linear", initial=lambda *_: [3.0])
    model = Sequential(layer, layer)
    assert len(model.parameters()) == 2
    y = model([2.0])
    y.backward()
    w = layer.neurons[0].w[0]
    assert (y.data, w.grad) == (18.0, 2 * 3.0 * 2.0)  # w² x


@pytest.mark.parametrize(
    ("part", "message"),
    [
        (3, "3, cannot be called"),
        ("tanh", r"'tanh', cannot be called.*Layer\(2, 8, \"tanh\"\)"),
        (None, "None, cannot be called"),
        (Module(), "cannot be called; give its class a method __call__"),
        ([Layer(1, 1)], r"is a list; give its parts one by one"),
        (Dropout, r"is the class Dropout; make one: Dropout\("),
    ],
)
def test_a_part_that_is_none_is_refused_by_its_number(part, message):
    with pytest.raises(SettingError, match=message) as refusal:
        Sequential(Layer(1, 1), part)
    assert "part 1 " in str(refusal.value)


def test_no_parts_are_refused():
    with pytest.raises(SettingError, match="at least one part"):
        Sequential()


def test_an_error_says_in_which_part_it_arose():
    model = Sequential(Layer(2, 3), Sequential(Layer(4, 1)))
    with pytest.raises(ShapeError, match="takes 4 inputs, got 3") as refusal:
        model([1.0, 2.0])
    notes = refusal.value.__notes__
    assert notes[0].startswith("in part 0 of a Sequential: Layer of")
    assert notes[1].startswith("in part 1 of a Sequential: Sequential of")
    with pytest.raises(OperandError) as refusal:
        Sequential(Layer(2, 3), tanh)([1.0, 2.0])  # a function of one number, given three
    assert refusal.value.__notes__ == ["in part 1 of a Sequential: tanh"]
    assert isinstance(refusal.value, AutogradError)


def test_modes_reach_every_part():
    dropout = Dropout()
    model = Sequential(Sequential(dropout), Layer(1, 1))
    assert model.eval() is model
    assert not dropout.training
    assert not model[1].neurons[0].training
    model.train()
    assert dropout.training


def test_it_compiles():
    model = Sequential(Layer(2, 4, "tanh", seed=1), Layer(4, 3, "linear", seed=2), autograd.logsumexp)
    program = autograd.compile(lambda x: model(x), [0.0, 0.0])
    X = np.array([[0.5, -1.0], [2.0, 0.1]])
    assert program(X) == pytest.approx([model(x).data for x in X], rel=1e-13)
    value, gradient = program.value_and_grad(X, reduce="sum")
    sum((model(x) for x in X), Value(0.0)).backward()
    by_name = dict(zip(program.parameters, gradient, strict=True))
    assert [by_name[p] for p in model.parameters()] == pytest.approx([p.grad for p in model.parameters()], rel=1e-12)
    assert math.isfinite(value)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])  # noqa: S301  # our own
def test_copies_are_independent(copied):
    model = Sequential(Layer(2, 2, "tanh", seed=1), Dropout(0.5, seed=1), max)
    twin = copied(model)
    x = [1.0, 2.0]
    assert twin(x).data == model(x).data  # with the same masks, too
    twin[0].neurons[0].b.data += 1.0
    assert twin.state_dict() != model.state_dict()


def test_repr_lists_the_parts():
    model = Sequential(Layer(2, 8, "tanh"), Dropout(0.25), Layer(8, 1, "linear"), tanh)
    assert repr(model) == (
        "Sequential of [Layer of [8 × TanhNeuron(2)], Dropout(0.25), Layer of [LinearNeuron(8)], tanh]"
    )
