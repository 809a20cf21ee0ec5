import copy
import math
import pickle

import numpy as np
import pytest

from autograd import Graph, Value, constant, parameter, tanh
from autograd.errors import AutogradError, OperandError
from nn import MLP, Layer, Module, Neuron
from nn.errors import SettingError, StateError


class Everything(Module):
    """Every place in which a parameter can stand, and things that are none."""

    def __init__(self):
        self.scale = parameter(1.0)
        self.table = [[parameter(2.0), parameter(3.0)], (parameter(4.0),)]
        self.bias = [parameter(5.0), parameter(6.0)]
        self.part = Neuron(1, initial=lambda *_: [7.0])
        self.parts = [Neuron(1, initial=lambda *_: [8.0]), "text", 3.5, None]
        self.last_input = Value(1.0)
        self.two = constant(2.0)
        self.product = self.scale * 2
        self.label_parameters()


PATHS = {
    "scale": 1.0, "table.0.0": 2.0, "table.0.1": 3.0, "table.1.0": 4.0, "bias.0": 5.0, "bias.1": 6.0,
    "part.w0": 7.0, "part.b": 0.0, "parts.0.w0": 8.0, "parts.0.b": 0.0,
}  # fmt: skip


def test_parameters_are_found_in_order_of_assignment_and_nothing_else_is():
    module = Everything()
    assert list(module.state_dict().items()) == list(PATHS.items())
    assert [p.data for p in module.parameters()] == list(PATHS.values())
    assert [p.label for p in module.parameters()] == list(PATHS)


def test_weights_are_the_parameters_without_biases():
    module = Everything()
    biases = {"bias.0", "bias.1", "part.b", "parts.0.b"}
    assert [p.label for p in module.weights()] == [path for path in PATHS if path not in biases]


def test_a_weight_called_b_something_is_no_bias():
    class Named(Module):
        def __init__(self):
            self.b1 = parameter(1.0)
            self.beta = parameter(2.0)
            self.b = parameter(3.0)

    assert [p.data for p in Named().weights()] == [1.0, 2.0]


def test_an_mlp_has_micrograds_order_and_the_paths_as_labels():
    model = MLP(2, [2, 1])
    expected = [
        "layers.0.0.w0", "layers.0.0.w1", "layers.0.0.b", "layers.0.1.w0", "layers.0.1.w1", "layers.0.1.b",
        "layers.1.0.w0", "layers.1.0.w1", "layers.1.0.b",
    ]  # fmt: skip
    assert list(model.state_dict()) == [p.label for p in model.parameters()] == expected
    by_hand = [p for layer in model.layers for neuron in layer.neurons for p in [*neuron.w, neuron.b]]
    assert all(p is q for p, q in zip(model.parameters(), by_hand, strict=True))
    assert [p.label for p in model.weights()] == [path for path in expected if not path.endswith("b")]


def test_labels_are_inputs_of_the_graph_and_a_prefix_tells_two_models_apart():
    one, two = Neuron(1), Neuron(1)
    one.label_parameters("one.")
    two.label_parameters("two.")
    graph = Graph(one([2.0]) + two([3.0]))
    assert set(graph.inputs) == {"one.w0", "one.b", "two.w0", "two.b"}


def test_a_shared_parameter_comes_once_and_collects_both_gradients():
    first, second = Neuron(1, "linear"), Neuron(1, "linear")
    second.w = first.w

    class Tied(Module):
        def __init__(self):
            self.first, self.second, self.again = first, second, first

    tied = Tied()
    first.w[0].data, first.b.data, second.b.data = 3.0, 1.0, 5.0
    assert tied.state_dict() == {"first.w0": 3.0, "first.b": 1.0, "second.b": 5.0}
    second(first([2.0])).backward()  # w (w x + b) + c: slope in w is 2 w x + b
    assert first.w[0].grad == 2 * 3.0 * 2.0 + 1.0


def test_a_module_may_refer_to_its_parent():
    class Child(Module):
        def __init__(self, parent):
            self.parent, self.w = parent, parameter(1.0)

    class Parent(Module):
        def __init__(self):
            self.child = Child(self)
            self.gain = parameter(2.0)

    assert list(Parent().state_dict()) == ["child.w", "gain"]


def test_zero_grad_clears_parameters_and_works_with_parameters_overridden_as_in_micrograd():
    model = MLP(1, [2, 1], seed=0)
    model([1.0]).backward()
    assert any(p.grad for p in model.parameters())
    model.zero_grad()
    assert [p.grad for p in model.parameters()] == [0.0] * 7

    class Own(Module):
        def __init__(self):
            self.a = Value(2.0)

        def parameters(self):
            return [self.a]

    own = Own()
    (own.a * 3).backward()
    assert own.a.grad == 3.0
    own.zero_grad()
    assert own.a.grad == 0.0


def test_state_round_trip():
    model, other = MLP(2, [3, 1], "tanh", seed=1), MLP(2, [3, 1], "tanh", seed=2)
    assert model([0.3, -0.7]).data != other([0.3, -0.7]).data
    other.load_state_dict(model.state_dict())
    assert other.state_dict() == model.state_dict()
    assert model([0.3, -0.7]).data == other([0.3, -0.7]).data


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.pop("w1"), "it lacks 'w1'"),
        (lambda s: s.update(w7=1.0), "the model has no 'w7'"),
        (lambda s: (s.pop("b"), s.update(bias=1.0)), "it lacks 'b'; the model has no 'bias'"),
        (lambda s: s.update({f"v{i}": 0.0 for i in range(9)}), "the model has no 'v0', 'v1', 'v2' and 6 more"),
    ],
)
def test_a_state_that_does_not_fit_is_refused_and_changes_nothing(change, message):
    neuron = Neuron(2, seed=0)
    before = neuron.state_dict()
    state = dict.fromkeys(before, 9.0)
    change(state)
    with pytest.raises(StateError) as refusal:
        neuron.load_state_dict(state)
    assert message in str(refusal.value)
    assert isinstance(refusal.value, (AutogradError, ValueError))
    assert neuron.state_dict() == before


def test_a_state_with_something_else_than_numbers_changes_nothing():
    neuron = Neuron(2, seed=0)
    before = neuron.state_dict()
    with pytest.raises(OperandError, match="'high'"):
        neuron.load_state_dict({"w0": 9.0, "w1": 9.0, "b": "high"})
    assert neuron.state_dict() == before


def test_load_state_keeps_the_same_values_so_that_optimisers_still_hold_them():
    neuron = Neuron(1)
    weight = neuron.w[0]
    neuron.load_state_dict({"w0": 2, "b": 1})
    assert neuron.w[0] is weight
    assert (weight.data, type(weight.data)) == (2.0, float)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])  # noqa: S301  # our own
def test_a_copy_is_independent_and_trains(copied):
    model = MLP(2, [3, 1], "tanh", seed=3)
    x = [0.5, -1.0]
    model(x)
    twin = copied(model)
    assert twin(x).data == model(x).data
    assert list(twin.state_dict()) == [p.label for p in twin.parameters()]
    twin(x).backward()
    assert any(p.grad for p in twin.parameters())
    assert not any(p.grad for p in model.parameters())
    twin.layers[1].neurons[0].b.data += 1.0
    assert math.isclose(twin(x).data, model(x).data + 1.0)


def test_repr_of_an_own_module_counts():
    class Scale(Module):
        def __init__(self):
            self.layer = Layer(2, 3)

        def __call__(self, x):
            return tanh(self.layer(x)[0])

    assert repr(Scale()) == "Scale(9 parameters)"
    assert repr(Module()) == "Module(0 parameters)"


# --- parts ---


class Parts(Module):
    """A Module that does not call super().__init__(), as micrograd's learners write them."""

    def __init__(self):
        self.first = Neuron(1)
        self.rest = {"a": [Layer(1, 2)], "b": (self.first,)}
        self.boxed = np.array([Neuron(1), None, 3.0], dtype=object)
        self.owner = self


def test_modules_are_found_once_the_outer_before_the_inner():
    parts = Parts()
    layer = parts.rest["a"][0]
    found = parts.modules()
    expected = [parts, parts.first, layer, *layer.neurons, parts.boxed[0]]
    assert len(found) == len(expected)
    assert all(a is b for a, b in zip(found, expected, strict=True))
    assert Module().modules()[0].modules() != []


def test_training_mode_is_on_at_the_start_and_set_everywhere():
    parts = Parts()
    assert all(module.training for module in parts.modules())
    assert parts.eval() is parts
    assert not any(module.training for module in parts.modules())
    assert parts.train() is parts
    assert all(module.training for module in parts.modules())
    parts.train(False)
    assert not any(module.training for module in parts.modules())
    assert Neuron(1).training  # another Module is not concerned


def test_the_mode_survives_copies():
    assert not copy.deepcopy(MLP(1, [1]).eval()).layers[0].training
    assert not pickle.loads(pickle.dumps(MLP(1, [1]).eval())).training  # noqa: S301  # our own


@pytest.mark.parametrize("mode", [None, 1, "train", [[0.0, 1.0]]])
def test_train_with_data_is_refused_with_a_hint(mode):
    with pytest.raises(SettingError, match=r"switches to training mode.*nn\.fit"):
        MLP(2, [1]).train(mode)


def test_a_module_may_have_a_method_called_train():
    class Learner(Module):
        def __init__(self):
            self.w = parameter(1.0)

        def train(self, X, y):  # noqa: ARG002
            raise AssertionError

    class Both(Module):
        def __init__(self):
            self.learner = Learner()

    assert not Both().eval().learner.training


def test_parameters_in_dicts_and_arrays_are_found():
    class Table(Module):
        def __init__(self):
            self.rows = {"w": [parameter(1.0)], "b": parameter(2.0), 3: {"bias": parameter(3.0)}, "rate": 0.5}
            self.W = np.array([[parameter(4.0), parameter(5.0)]])
            self.one = np.array(parameter(6.0), dtype=object)
            self.data = np.zeros(3)
            self.label_parameters()

    table = Table()
    expected = {"rows.w.0": 1.0, "rows.b": 2.0, "rows.3.bias": 3.0, "W.0.0": 4.0, "W.0.1": 5.0, "one": 6.0}
    assert table.state_dict() == expected
    assert [p.label for p in table.weights()] == ["rows.w.0", "W.0.0", "W.0.1", "one"]


def test_two_parameters_of_one_name_are_refused_before_one_is_lost():
    class Clash(Module):
        def __init__(self):
            self.rows = {1: parameter(1.0), "1": parameter(2.0)}

    assert len(Clash().parameters()) == 2
    with pytest.raises(StateError, match=r"two parameters are called 'rows\.1'"):
        Clash().state_dict()


def test_members_may_be_called_by_numbers_alone():
    class Numbered(Module):
        def __init__(self):
            self.own = [parameter(1.0), parameter(2.0)]

        def members(self):
            return iter([("0", self.own[0]), ("1", self.own[1])])

    assert len(Numbered().weights()) == 2


def test_a_state_that_is_a_file_name_is_refused_with_the_remedy():
    for state in ("model.npz", None, [("w0", 1.0)]):
        with pytest.raises(StateError, match=r"what state_dict\(\) returns.*load\(path\)"):
            Neuron(1).load_state_dict(state)
