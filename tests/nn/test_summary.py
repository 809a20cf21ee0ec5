import numpy as np
import pytest

import autograd
from autograd import Value, parameter
from nn import MLP, Layer, Module, Neuron
from nn.dropout import Dropout
from nn.sequential import Sequential
from nn.summary import summary


class Tied(Module):
    def __init__(self):
        self.encoder = MLP(4, [3, 2], "tanh")
        self.decoder = Layer(2, 4, "linear")
        for i, neuron in enumerate(self.decoder.neurons):
            neuron.w[:2] = [other.w[i % 3] for other in self.encoder.layers[1].neurons]
        self.gain = parameter(1.0)
        self.table = np.array([[parameter(0.0), parameter(0.0)], [parameter(0.0), Value(3.0)]])
        self.again = self.encoder.layers[0]

    def __call__(self, x):
        return self.decoder(self.encoder(x))


def test_an_mlp_is_a_line_for_each_layer():
    assert repr(MLP(64, [32, 10], "tanh").summary()) == (
        "MLP\n"
        "part      kind   in → out  activation  parameters\n"
        "layers.0  Layer  64 → 32   tanh             2,080\n"
        "layers.1  Layer  32 → 10   linear             330\n"
        "total                                       2,410"
    )


def test_a_module_of_ones_own_is_a_tree_and_shared_parameters_count_once():
    assert repr(Tied().summary()) == (
        "Tied\n"
        "part        kind        in → out  activation  parameters  shared\n"
        "encoder     MLP\n"
        "  layers.0  Layer       4 → 3     tanh                15\n"
        "  layers.1  Layer       3 → 2     linear               8\n"
        "decoder     Layer       2 → 4     linear               4  8 with encoder.layers.1\n"
        "gain        parameters                                 1\n"
        "table       parameters                                 3\n"
        "again       Layer       4 → 3     tanh                 0  the same as encoder.layers.0\n"
        "total                                                 31"
    )


@pytest.mark.parametrize(
    "model", [Tied(), MLP(2, [3, 1]), Neuron(2), Sequential(Tied(), Tied(), Layer(1, 1)), Dropout(), Module()]
)
def test_the_total_is_the_number_of_parameters(model):
    table = summary(model)
    assert table.total == len(model.parameters()) == sum(row.parameters for row in table.rows)


def test_rows_hold_the_numbers():
    first, second = summary(MLP(2, [3, 1], "relu")).rows
    assert (first.path, first.kind, first.shape, first.activation, first.parameters) == (
        "layers.0", "Layer", (2, 3), "relu", 9,
    )  # fmt: skip
    assert (second.shape, second.parameters, second.shared) == ((3, 1), 4, "")
    nested = summary(Sequential(Sequential(Layer(2, 2)))).rows
    assert [(row.path, row.name, row.depth) for row in nested] == [("0", "0", 0), ("0.0", "0", 1)]


def test_a_single_layer_or_neuron_is_one_line():
    for model, kind, shape in ((Layer(2, 3), "Layer", (2, 3)), (Neuron(4), "Neuron", (4, 1))):
        (row,) = summary(model).rows
        assert (row.path, row.kind, row.shape) == ("", kind, shape)
        assert f"(itself)  {kind}" in repr(summary(model))


def test_dropout_shows_its_rate_and_after_a_call_its_size():
    model = Sequential(Layer(2, 8), Dropout(0.25))
    row = summary(model).rows[1]
    assert (row.shape, row.activation, row.parameters) == (None, "rate 0.25", 0)
    model([0.0, 0.0])
    assert summary(model).rows[1].shape == (8, 8)


def test_activations_are_names():
    class Learned(Module):
        def __init__(self):
            self.slope = parameter(0.25)

        def __call__(self, x):
            return x.maximum(self.slope * x)

    layer = Layer(2, 3, Learned())
    layer.neurons[1].activation, layer.neurons[2].activation = autograd.tanh, "relu"
    (row,) = summary(layer).rows
    assert row.activation == "Learned, tanh, relu"
    assert row.parameters == 9 + 1


def test_sharing_within_a_layer():
    layer = Layer(3, 2)
    layer.neurons[1].w = layer.neurons[0].w
    (row,) = summary(layer).rows
    assert (row.parameters, row.shared) == (5, "3 within it")


def test_sharing_with_several_parts():
    a, b, c = Layer(1, 1), Layer(1, 1), Layer(2, 1)
    c.neurons[0].w = [a.neurons[0].w[0], b.neurons[0].w[0]]
    rows = summary(Sequential(a, b, c)).rows
    assert [row.parameters for row in rows] == [2, 2, 1]
    assert rows[2].shared == "1 with 0, 1 with 1"


def test_a_module_that_refers_to_its_owner_does_not_hold_it():
    class Child(Module):
        def __init__(self, owner):
            self.owner, self.w = owner, parameter(1.0)

    class Owner(Module):
        def __init__(self):
            self.child = Child(self)
            self.gain = parameter(2.0)

    assert [(row.path, row.parameters) for row in summary(Owner()).rows] == [("child", 1), ("gain", 1)]


def test_only_modules_have_a_summary():
    with pytest.raises(TypeError, match=r"of a Module.*not of <function"):
        summary(lambda x: x)


def test_it_changes_nothing():
    model = Tied()
    labels, state = [p.label for p in model.parameters()], model.state_dict()
    model.summary()
    assert ([p.label for p in model.parameters()], model.state_dict()) == (labels, state)
