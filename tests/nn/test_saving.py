import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import nn
from autograd import operation, parameter, tanh
from autograd.errors import AutogradError, OperandError
from autograd.operations import Operations
from autograd.ops import TABLE
from nn import MLP, Layer, Module, Neuron, archive, saving
from nn.dropout import Dropout
from nn.errors import FileFormatError, SettingError, StateError
from nn.saving import load_model
from nn.sequential import Sequential


def bits(state):
    return {name: np.float64(x).tobytes() for name, x in state.items()}


def test_every_parameter_comes_back_with_all_its_bits(tmp_path):
    model, other = MLP(2, [3, 2], seed=1), MLP(2, [3, 2], seed=2)
    odd = [math.nan, -0.0, math.inf, -math.inf, 5e-324, 1 / 3, 1e308]
    for p, x in zip(model.parameters(), odd, strict=False):
        p.data = x
    model.save(tmp_path / "model.npz")
    values = other.parameters()
    other.load(tmp_path / "model.npz")
    assert bits(other.state_dict()) == bits(model.state_dict())
    assert all(a is b for a, b in zip(other.parameters(), values, strict=True))


def test_numbers_of_other_types_are_saved_as_floats(tmp_path):
    neuron = Neuron(2)
    neuron.w[0].data, neuron.w[1].data, neuron.b.data = 3, np.float32(0.5), np.int64(-2)
    neuron.save(tmp_path / "a")
    twin = Neuron(2)
    twin.load(tmp_path / "a")
    assert [(p.data, type(p.data)) for p in twin.parameters()] == [(3.0, float), (0.5, float), (-2.0, float)]


class Own(Module):
    def __init__(self, n=2):
        self.body = Sequential(Layer(n, 2, "tanh", seed=0), Dropout(seed=0))
        self.table = {"gain": parameter(2.0), "shifts": np.array([parameter(0.5), parameter(0.25)])}


def test_any_module_can_be_saved_and_loaded(tmp_path):
    model, twin = Own(), Own()
    for p in twin.parameters():
        p.data = 9.0
    model.save(str(tmp_path / "own"))
    twin.load(str(tmp_path / "own"))
    assert twin.state_dict() == model.state_dict()
    assert len(model.state_dict()) == 6 + 3


def test_a_model_without_parameters(tmp_path):
    Dropout().save(tmp_path / "a")
    Dropout().load(tmp_path / "a")


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (MLP(2, [4, 1]), r"it lacks 'layers\.0\.3\.w0'"),
        (MLP(2, [3]), r"the model has no 'layers\.1\.0\.w0'"),
        (Layer(2, 3), r"it lacks '0\.w0', .*; the model has no 'layers\.0"),
    ],
)
def test_the_state_of_another_model_is_refused_and_changes_nothing(tmp_path, other, message):
    MLP(2, [3, 1], seed=0).save(tmp_path / "model.npz")
    before = other.state_dict()
    with pytest.raises(StateError, match=message) as refusal:
        other.load(tmp_path / "model.npz")
    assert str(tmp_path / "model.npz") in str(refusal.value)
    assert "MLP of [Layer of [3 × ReLUNeuron(2)], Layer of [LinearNeuron(3)]]" in str(refusal.value)
    assert other.state_dict() == before


def damaged(path):
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def flipped(path):
    content = bytearray(path.read_bytes())
    at = content.index(b"values.npy") + 200  # among the numbers
    content[at] ^= 4
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (damaged, "damaged or cut off"),
        (flipped, "damaged or cut off.*CRC"),
        (lambda p: p.write_bytes(b""), "is empty"),
        (lambda p: p.write_text("w0,0.5"), "no file that glassgrad wrote"),
        (lambda p: np.savez(p, values=np.zeros(13)), "numpy.load reads it"),
        (lambda p: archive.write(p, {}, {"kind": "checkpoint"}), "holds a checkpoint, where a model is needed"),
        (lambda p: archive.write(p, {}, {}), "holds a file, where a model"),
        (lambda p: archive.write(p, {}, {"kind": "model"}), "a number for each parameter's name"),
        (lambda p: archive.write(p, {"values": [1.0]}, {"kind": "model", "names": ["a", "b"]}), "a number for each"),
        (lambda p: archive.write(p, {"values": ["x"]}, {"kind": "model", "names": ["a"]}), "a number for each"),
    ],
)
def test_files_that_hold_no_model_are_refused_and_change_nothing(tmp_path, spoil, message):
    path = tmp_path / "model.npz"
    model = MLP(2, [3, 1], seed=0)
    model.save(path)
    spoil(path)
    before = model.state_dict()
    with pytest.raises(FileFormatError, match=message) as refusal:
        model.load(path)
    assert str(path) in str(refusal.value)
    assert isinstance(refusal.value, (AutogradError, ValueError))
    assert model.state_dict() == before
    with pytest.raises(FileFormatError):
        load_model(path)


def test_a_missing_file(tmp_path):
    for read in (MLP(1, [1]).load, load_model, saving.about):
        with pytest.raises(FileNotFoundError, match="there is no such file"):
            read(tmp_path / "model.npz")


def test_a_model_that_cannot_be_saved_leaves_the_file(tmp_path):
    neuron = Neuron(1, initial=lambda *_: [0.5])
    neuron.save(tmp_path / "a")
    twin = Neuron(1)
    twin.w[0].data = twin.b  # the classic slip: data is a Value
    with pytest.raises(OperandError, match="one real number"):
        twin.save(tmp_path / "a")
    with pytest.raises(SettingError, match="about is a dict"):
        neuron.save(tmp_path / "a", about=["column"])
    with pytest.raises(SettingError, match=r"about\['f'\]"):
        neuron.save(tmp_path / "a", about={"f": len})
    twin = Neuron(1)
    twin.load(tmp_path / "a")
    assert twin.state_dict() == {"w0": 0.5, "b": 0.0}


def test_what_else_there_is_to_remember(tmp_path):
    path = tmp_path / "model.npz"
    mean = np.array([0.1, 1 / 3])
    MLP(2, [1]).save(path, about={"mean": mean, "classes": ("no", "yes"), "kind": "own", "names": 3})
    about = saving.about(path)
    assert about == {"mean": mean.tolist(), "classes": ["no", "yes"], "kind": "own", "names": 3}
    assert load_model(path).layers
    MLP(2, [1]).save(path)
    assert saving.about(path) == {}


# --- from the file alone ---


@pytest.mark.parametrize(
    "model",
    [
        MLP(2, [16, 16, 1], seed=1),
        MLP(3, [4, 2], "tanh", output_activation="sigmoid", seed=2),
        MLP(1, [1], seed=3),
        MLP(2, [3], "tanh", output_activation=None, seed=4),
        MLP(2, [1, 1, 1], "leaky_relu", seed=5),
    ],
)
def test_an_mlp_is_built_from_its_file(tmp_path, model):
    for p in model.parameters():
        p.data += 0.25
    model.save(tmp_path / "model.npz")
    twin = load_model(tmp_path / "model.npz")
    assert type(twin) is MLP
    assert repr(twin) == repr(model)
    assert bits(twin.state_dict()) == bits(model.state_dict())
    assert [p.label for p in twin.parameters()] == [p.label for p in model.parameters()]
    x = [0.5, -1.5, 2.0][: len(model.layers[0].neurons[0].w)]
    outputs, again = model(x), twin(x)
    if not isinstance(outputs, list):
        outputs, again = [outputs], [again]
    assert [o.data for o in again] == [o.data for o in outputs]


def test_another_process_reads_the_same_model(tmp_path):
    model = MLP(2, [3, 1], "tanh", seed=8)
    model.save(tmp_path / "model.npz")
    code = (
        f"from nn.saving import load_model; print(repr(load_model({str(tmp_path / 'model.npz')!r})([0.3, 0.7]).data))"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(nn.__file__).parent.parent)}
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert float(run.stdout) == model([0.3, 0.7]).data


def own_forward():
    class Squared(MLP):
        def __call__(self, x):
            return super().__call__(x) ** 2

    return Squared(2, [1])


def changed(change, *arguments):
    model = MLP(*arguments)
    change(model)
    return model


NOT_PLAIN = {
    "a function as activation": lambda: MLP(2, [2, 1], tanh),
    "a function as output activation": lambda: MLP(2, [2, 1], output_activation=lambda x: x),
    "a subclass": own_forward,
    "a sequential": lambda: Sequential(Layer(2, 1)),
    "a layer": lambda: Layer(2, 1),
    "hidden layers of different kinds": lambda: changed(
        lambda m: setattr(m.layers[0].neurons[0], "activation", "sin"), 2, [2, 1]
    ),
    "outputs of different kinds": lambda: changed(
        lambda m: setattr(m.layers[1].neurons[0], "activation", "sin"), 2, [2, 2]
    ),
    "shared weights": lambda: changed(
        lambda m: setattr(m.layers[1].neurons[0], "w", m.layers[0].neurons[0].w), 2, [2, 1]
    ),
    "neurons of different sizes": lambda: changed(lambda m: m.layers[0].neurons[0].w.append(parameter(1.0)), 2, [2, 1]),
    "a fixed bias": lambda: changed(lambda m: setattr(m.layers[0].neurons[0], "b", m.layers[0].neurons[0].b.detach()),
                                    2, [2, 1]),
    "dropout between": lambda: changed(lambda m: m.layers.insert(1, Dropout()), 2, [2, 1]),
    "no layers": lambda: changed(lambda m: m.layers.clear(), 2, [2, 1]),
    "no neurons": lambda: changed(lambda m: m.layers[0].neurons.clear(), 2, [2]),
}  # fmt: skip


@pytest.mark.parametrize("make", NOT_PLAIN.values(), ids=NOT_PLAIN.keys())
def test_what_a_file_alone_cannot_build_says_how_it_is_read(tmp_path, make):
    model = make()
    model.save(tmp_path / "model.npz")
    with pytest.raises(FileFormatError, match=r"cannot be built from a file alone; build the model as") as refusal:
        load_model(tmp_path / "model.npz")
    assert repr(model) in str(refusal.value)
    state = model.state_dict()
    for p in model.parameters():
        p.data += 1.0
    model.load(tmp_path / "model.npz")
    assert model.state_dict() == state


def test_an_activation_that_is_not_known_here_is_named(tmp_path):
    name = "bump_for_test"
    operation(name, "exp(-x * x)", "-2 * x * z")
    try:
        MLP(1, [2, 1], name).save(tmp_path / "a")
        assert load_model(tmp_path / "a").layers[0].neurons[0].activation == name
    finally:
        del TABLE[name]
        delattr(Operations, name)
    with pytest.raises(FileFormatError, match="cannot be built here: there is no activation 'bump_for_test'"):
        load_model(tmp_path / "a")


def test_the_same_sizes_with_another_activation_are_another_model(tmp_path):
    path = tmp_path / "model.npz"
    MLP(2, [3, 1], "tanh", seed=0).save(path)
    other = MLP(2, [3, 1], "relu", seed=1)
    before = other.state_dict()
    with pytest.raises(StateError, match=r"TanhNeuron.*which is not this.*ReLU"):
        other.load(path)
    assert other.state_dict() == before
