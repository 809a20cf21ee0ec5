# matrices are upper case, as in mathematics

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Value, no_grad, parameter
from autograd.errors import AutogradError, OperandError
from autograd.operations import Operations
from autograd.ops import TABLE
from autograd.value import topological_order
from nn import MLP, Layer, Module, Neuron
from nn.errors import SettingError, ShapeError
from nn.layers import activations

# Independent of the table: NumPy's own formulas.
NUMPY = {
    "linear": lambda z: z,
    "relu": lambda z: np.maximum(z, 0.0),
    "tanh": np.tanh,
    "sigmoid": lambda z: 1.0 / (1.0 + np.exp(-z)),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
    "elu": lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0.0))),
    "softplus": lambda z: np.logaddexp(z, 0.0),
    "silu": lambda z: z / (1.0 + np.exp(-z)),
    "step": lambda z: np.heaviside(z, 1.0),
}


def matrices(model):
    """Return (W, b) of each layer, W with one row for each neuron."""
    return [
        (np.array([[w.data for w in n.w] for n in layer.neurons]), np.array([n.b.data for n in layer.neurons]))
        for layer in model.layers
    ]


def with_random_biases(model, seed=7):
    rng = np.random.default_rng(seed)
    for layer in model.layers:
        for neuron in layer.neurons:
            neuron.b.data = rng.uniform(-1, 1)
    return model


@pytest.mark.parametrize("activation", NUMPY)
@pytest.mark.parametrize("nouts", [[1], [4, 1], [5, 3, 2]])
def test_forward_equals_a_matrix_computation(activation, nouts):
    model = with_random_biases(MLP(3, nouts, activation, seed=5))
    x = np.array([0.4, -1.3, 2.2])
    *hidden, (W, b) = matrices(model)
    a = x
    for V, c in hidden:
        a = NUMPY[activation](V @ a + c)
    expected = W @ a + b
    outputs = model(x)
    outputs = [outputs] if nouts[-1] == 1 else outputs
    assert [o.data for o in outputs] == pytest.approx(expected, rel=1e-13, abs=1e-13)


def test_the_output_activation_is_that_of_the_last_layer_alone():
    model = with_random_biases(MLP(2, [3, 1], "tanh", output_activation="sigmoid", seed=1))
    (V, c), (W, b) = matrices(model)
    z = W @ np.tanh(V @ [0.5, -0.5] + c) + b
    assert model([0.5, -0.5]).data == pytest.approx(1 / (1 + np.exp(-z[0])), rel=1e-14)


def defined(name, x):
    try:
        TABLE[name].evaluate(x, *TABLE[name].defaults)
    except (ArithmeticError, ValueError):
        return False
    return True


NAMES = activations()  # as they are before other tests add operations of their own
CASES = [(name, x) for name in NAMES for x in (-0.3, 0.3, 1.1) if name == "linear" or defined(name, x)]


def test_every_activation_is_checked_somewhere():
    assert {name for name, _ in CASES} == set(NAMES)


@pytest.mark.parametrize(("activation", "centre"), CASES)
def test_gradients_equal_central_differences(activation, centre):
    # Weights are small and biases put the total inputs near the centre, so that all stay within f's domain.
    model = MLP(2, [3, 2, 1], activation, initial=lambda rng, nin, _: 0.04 * rng.random(nin) - 0.01, seed=11)
    for layer in model.layers[:-1]:
        for neuron in layer.neurons:
            neuron.b.data = centre
    for w in model.layers[-1].neurons[0].w:
        w.data *= 50.0
    x = [Value(0.7), Value(-0.4)]
    model(x).backward()
    for leaf in [*model.parameters(), *x]:
        data, h = leaf.data, 1e-5
        with no_grad():
            leaf.data = data + h
            above = model(x).data
            leaf.data = data - h
            below = model(x).data
            leaf.data = data
        assert leaf.grad == pytest.approx((above - below) / (2 * h), rel=1e-6, abs=1e-9), leaf


def test_a_neuron_is_one_node_and_its_activation():
    neuron = Neuron(5, "tanh", seed=0)
    interior, leaves = topological_order(neuron([1.0, 2.0, 3.0, 4.0, 5.0]))
    assert [node.op.name for node in interior] == ["dot", "tanh"]
    assert len(leaves) == 5 + 5 + 1
    interior, _ = topological_order(Neuron(5, "linear")([1.0, 2.0, 3.0, 4.0, 5.0]))
    assert [node.op.name for node in interior] == ["dot"]


def test_a_layer_shares_its_inputs_and_a_neuron_its_weights():
    layer = Layer(2, 3, "linear")
    a, b, c = layer([0.5, 1.5])
    assert a._y is b._y is c._y
    again, *_ = layer([2.5, 3.5])
    assert again._x is a._x


@pytest.mark.parametrize(
    ("activation", "expected"),
    [(None, -1.0), ("linear", -1.0), ("relu", 0.0), (autograd.tanh, np.tanh(-1.0)), (np.tanh, np.tanh(-1.0)),
     (lambda v: v * v + 1, 2.0), ("leaky_relu", -0.01)],
)  # fmt: skip
def test_an_activation_is_a_name_or_none_or_a_function(activation, expected):
    neuron = Neuron(1, activation, initial=lambda *_: [-1.0])
    assert neuron([1.0]).data == pytest.approx(expected, rel=1e-15)


def test_an_operation_of_ones_own_is_an_activation():
    name = "swish2_for_test"
    autograd.operation(name, "x * x * sigmoid(x)", "2 * x * sigmoid(x) + x * x * sigmoid(x) * (1 - sigmoid(x))")
    try:
        assert Neuron(1, name, initial=lambda *_: [2.0])([1.0]).data == pytest.approx(4 / (1 + np.exp(-2.0)))
    finally:
        del TABLE[name]
        delattr(Operations, name)


def test_unknown_activations_are_refused_with_the_choices():
    for activation in ("rely", "maximum", "add", "", 3, True):
        with pytest.raises(SettingError) as refusal:
            Neuron(2, activation)
        message = str(refusal.value)
        assert repr(activation) in message
        assert "linear" in message
        assert "leaky_relu" in message
        assert "maximum" not in message.replace(repr(activation), "")


def test_an_mlp_without_hidden_layers_checks_their_activation_all_the_same():
    for activation in ("foo", 3, "maximum"):
        with pytest.raises(SettingError, match="there is no activation"):
            MLP(2, [3], activation=activation)
    assert MLP(2, [3], activation="tanh").layers[0].neurons[0].activation == "linear"


def test_an_activation_with_parameters_of_its_own_learns_them():
    class PReLU(Module):
        def __init__(self):
            self.slope = parameter(0.25)

        def __call__(self, x):
            return autograd.where(x > 0, x, self.slope * x)

    model = MLP(1, [2, 1], PReLU(), initial=lambda rng, nin, _: [1.0] * nin)
    assert [p.data for p in model.parameters()].count(0.25) == 1  # one for all neurons
    assert "layers.0.0.activation.slope" in model.state_dict()
    model([-3.0]).backward()
    assert model.layers[0].neurons[0].activation.slope.grad == -6.0


def test_a_weight_overwritten_by_a_number_is_refused_with_the_remedy():
    neuron = Neuron(2)
    neuron.w[1] = 0.5
    with pytest.raises(OperandError, match=r"a neuron's w\[1\] was replaced by 0\.5.*neuron\.w\[1\]\.data = "):
        neuron([1.0, 2.0])
    with pytest.raises(OperandError, match=r"w1 is 0\.5, not a Value.*\.data"):
        neuron.parameters()
    neuron.w[1] = autograd.constant(0.5)
    neuron.b = 1
    with pytest.raises(OperandError, match=r"a neuron's b was replaced by 1"):
        neuron([1.0, 2.0])
    neuron.b = autograd.constant(1)
    neuron([1.0, 2.0])
    assert len(neuron.parameters()) == 1


def test_micrograds_nonlin():
    assert Neuron(1, nonlin=False, initial=lambda *_: [1.0])([-2.0]).data == -2.0
    assert Neuron(1, nonlin=True, initial=lambda *_: [1.0])([-2.0]).data == 0.0
    assert [n.activation for n in Layer(1, 2, nonlin=False).neurons] == ["linear", "linear"]


def test_micrograds_shapes_of_results():
    assert isinstance(MLP(2, [16, 16, 1])([1.0, 2.0]), Value)
    outputs = MLP(2, [3, 2])([1.0, 2.0])
    assert isinstance(outputs, list)
    assert len(outputs) == 2
    assert isinstance(Layer(2, 1)([1.0, 2.0]), Value)
    assert isinstance(MLP(1, [1, 1])([1.0]), Value)  # a single hidden neuron feeds the next layer


def test_a_number_or_a_value_is_a_sample_of_one():
    neuron = Neuron(1, "linear", initial=lambda *_: [3.0])
    assert [neuron(x).data for x in (2, 2.0, np.float64(2.0), np.array(2.0), Value(2.0), [2.0], (2.0,))] == [6.0] * 7


@given(st.lists(st.floats(-10, 10), min_size=3, max_size=3))
@settings(max_examples=25)
def test_lists_tuples_arrays_generators_and_values_give_the_same(xs):
    model = MLP(3, [4, 1], seed=2)
    expected = model(xs).data
    assert {
        model(tuple(xs)).data,
        model(np.array(xs)).data,
        model(x for x in xs).data,
        model([Value(x) for x in xs]).data,
    } == {expected}


def test_inputs_that_are_values_get_gradients():
    x = [Value(1.0), Value(2.0)]
    Neuron(2, "linear", initial=lambda *_: [3.0, -4.0])(x).backward()
    assert [v.grad for v in x] == [3.0, -4.0]


@pytest.mark.parametrize("make", [lambda: Neuron(2), lambda: Layer(2, 3), lambda: MLP(2, [3, 1])])
@pytest.mark.parametrize("x", [[1.0], [1.0, 2.0, 3.0], [], 5.0])
def test_a_wrong_number_of_inputs_names_both(make, x):
    got = 1 if x == 5.0 else len(x)
    with pytest.raises(ShapeError, match=f"takes 2 inputs, got {got}") as refusal:
        make()(x)
    assert isinstance(refusal.value, AutogradError)


def test_a_batch_is_refused_with_the_remedy():
    with pytest.raises(ShapeError, match=r"\(100, 2\).*for x in X"):
        MLP(2, [1])(np.zeros((100, 2)))


def test_inputs_that_are_no_numbers_are_refused():
    for x in ([1.0, "a"], [None, 1.0], None, [[1.0, 2.0], [3.0, 4.0]]):
        with pytest.raises(OperandError):
            MLP(2, [1])(x)


def test_weights_and_bias_can_be_replaced_after_a_call():
    neuron = Neuron(2, "linear", initial=lambda *_: [1.0, 1.0])
    assert neuron([10.0, 1.0]).data == 11.0
    neuron.w[1] = parameter(5.0)  # one weight in place
    assert neuron([10.0, 1.0]).data == 15.0
    neuron.w = [parameter(2.0), parameter(3.0)]  # the list
    assert neuron([10.0, 1.0]).data == 23.0
    neuron.b = parameter(100.0)
    assert neuron([10.0, 1.0]).data == 123.0
    neuron.w.append(parameter(4.0))  # one more input
    assert neuron([10.0, 1.0, 1.0]).data == 127.0
    output = neuron([10.0, 1.0, 2.0])
    output.backward()
    assert [p.grad for p in neuron.parameters()] == [10.0, 1.0, 2.0, 1.0]


def test_micrograds_update_of_data_is_seen_by_the_next_call():
    neuron = Neuron(1, "linear", initial=lambda *_: [1.0])
    neuron([2.0]).backward()
    for p in neuron.parameters():
        p.data -= 0.5 * p.grad
    assert neuron([2.0]).data == (1.0 - 0.5 * 2.0) * 2.0 - 0.5


def test_no_grad_makes_constants():
    with no_grad():
        assert MLP(2, [3, 1])([1.0, 2.0]).is_leaf


@pytest.mark.parametrize(
    "make",
    [lambda: Neuron(0), lambda: Neuron(-1), lambda: Neuron(2.5), lambda: Neuron("2"), lambda: Layer(2, 0),
     lambda: Layer(2, None), lambda: MLP(0, [1]), lambda: MLP(2, []), lambda: MLP(2, 16), lambda: MLP(2, "16"),
     lambda: MLP(2, [16, 0])],
)  # fmt: skip
def test_sizes_that_cannot_be_are_refused(make):
    with pytest.raises(SettingError, match=r"whole number of at least 1, as in 10; not|as in \[16, 16, 1\]; got"):
        make()


def test_sizes_may_be_numpys():
    assert len(MLP(np.int64(2), np.array([3, 1])).parameters()) == 3 * 3 + 4
    assert len(MLP(2, (3, 1)).parameters()) == 3 * 3 + 4


def test_repr():
    assert repr(Neuron(3)) == "ReLUNeuron(3)"
    assert repr(Neuron(3, None)) == "LinearNeuron(3)"
    assert repr(Neuron(3, "leaky_relu")) == "LeakyReLUNeuron(3)"
    assert repr(Neuron(3, autograd.sigmoid)) == "SigmoidNeuron(3)"
    assert repr(Layer(2, 1, "tanh")) == "Layer of [TanhNeuron(2)]"
    assert repr(MLP(2, [4, 1])) == "MLP of [Layer of [4 × ReLUNeuron(2)], Layer of [LinearNeuron(4)]]"
