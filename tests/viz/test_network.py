"""A network's picture is read back: each circle's and each line's numbers, judged by NumPy and finite differences."""

import math
import re
from collections import Counter

import numpy as np
import pytest
from pictures import DIGIT, SVG, parse

from autograd import Value, constant, no_grad
from nn import (
    MLP,
    Adaline,
    Dropout,
    Layer,
    LinearSVM,
    LogisticRegression,
    Module,
    Neuron,
    Perceptron,
    Sequential,
    cross_entropy,
    squared_error,
)
from nn.errors import ShapeError
from viz.errors import SaveError, TooLargeError, VizError
from viz.labels import placed
from viz.network import Network, network
from viz.text import columns, number
from viz.theme import COLOURS
from viz.wires import SIGNS, short

TANH = {"tanh": np.tanh, "relu": lambda z: np.maximum(z, 0.0), "linear": lambda z: z}
NUMBER = r"(−?[\d.]+(?:e−?\d+)?|nan|−?∞)"


def value(text):
    return float(text.replace("−", "-").replace("∞", "inf"))


class Picture:
    """The circles and lines of a network's SVG."""

    def __init__(self, svg):
        self.root = parse(svg)
        self.id = self.root.get("id")
        self.units = [g for g in self.root.iter(f"{SVG}g") if g.get("class") == "unit"]
        self.lines = {
            line.find(f"{SVG}title").text.split(" = ")[0]: line
            for line in self.root.iter(f"{SVG}line")
            if line.find(f"{SVG}title") is not None
        }
        self.texts = [text.text for text in self.root.iter(f"{SVG}text")]
        self.columns = {}
        for unit in self.units:
            self.columns.setdefault(float(unit.find(f"{SVG}circle").get("cx")), []).append(unit)
        self.columns = list(self.columns.values())

    def shown(self, unit, role):
        return [t.text for t in unit.iter(f"{SVG}text") if t.get("class") == f"gg-{role}"]

    def tooltip(self, unit):
        return unit.find(f"{SVG}title").text

    def gradient(self, tooltip):
        return value(re.search(rf"; gradient {NUMBER}$", tooltip)[1])

    def weight(self, path):
        """Return a weight's number and its gradient."""
        text = self.lines[path].find(f"{SVG}title").text
        number_of = value(re.match(rf"[\w.]+ = {NUMBER}", text)[1])
        return number_of, self.gradient(text) if "gradient" in text else None


def forward(model, x, state=None, nudge=None):
    """Return all activations, layer by layer, in NumPy; ``nudge`` = (layer, unit, h) moves one of them."""
    state = model.state_dict() if state is None else state
    layers = [np.array(x, float)]
    for i, layer in enumerate([None, *model.layers]):
        if layer is not None:
            paths = [f"layers.{i - 1}.{k}." for k in range(len(layer.neurons))]
            w = np.array([[state[f"{path}w{j}"] for j in range(len(layers[-1]))] for path in paths])
            b = np.array([state[f"{path}b"] for path in paths])
            layers.append(TANH[layer.neurons[0].activation](w @ layers[-1] + b))
        if nudge is not None and nudge[0] == i:
            layers[-1][nudge[1]] += nudge[2]
    return layers


def squared(layers, y):
    return float(np.sum((layers[-1] - np.array(y)) ** 2))


def slope(f, h=1e-5):
    return (f(h) - f(-h)) / (2 * h)


@pytest.fixture
def model():
    made = MLP(2, [3, 2], "tanh", seed=1)
    for i, parameter in enumerate(made.parameters()):
        parameter.data += 0.1 * i - 0.4  # biases too
    return made


X, Y = [1.0, -0.5], [1.0, -1.0]


# --- numbers ----------------------------------------------------------------------------------------------------------


def test_each_circle_shows_its_activation(model):
    picture = Picture(network(model, X).svg)
    wanted = forward(model, X)
    assert [len(column) for column in picture.columns] == [2, 3, 2]
    for units, activations in zip(picture.columns, wanted, strict=True):
        for unit, activation in zip(units, activations, strict=True):
            assert picture.shown(unit, "value") == [short(activation)]
            assert picture.shown(unit, "gradient") == []
            assert value(picture.tooltip(unit).rpartition(" = ")[2]) == pytest.approx(activation, rel=1e-5)


def test_with_a_loss_each_circle_shows_its_gradient_too(model):
    picture = Picture(network(model, X, y=Y, loss=squared_error).svg)
    for i, units in enumerate(picture.columns):
        for j, unit in enumerate(units):
            wanted = slope(lambda h, at=(i, j): squared(forward(model, X, nudge=(*at, h)), Y))
            assert picture.gradient(picture.tooltip(unit)) == pytest.approx(wanted, rel=1e-4, abs=1e-8)
            (shown,) = picture.shown(unit, "gradient")
            assert value(shown) == pytest.approx(wanted, rel=0.06)
    assert f"loss: squared_error = {number(squared(forward(model, X), Y), 6)}" in picture.texts


def test_each_weight_and_bias_has_its_number_and_its_gradient(model):
    picture = Picture(network(model, X, y=Y, loss=squared_error).svg)
    state = model.state_dict()
    assert set(picture.lines) == set(state)
    for path, data in state.items():
        wanted = slope(lambda h, path=path: squared(forward(model, X, {**state, path: state[path] + h}), Y))
        shown, gradient = picture.weight(path)
        assert shown == pytest.approx(data, rel=1e-5)
        assert gradient == pytest.approx(wanted, rel=1e-4, abs=1e-8)


def test_a_weight_lies_between_its_input_and_its_neuron(model):
    picture = Picture(network(model, X).svg)
    places = [
        [(float(c.get("cx")), float(c.get("cy"))) for c in (u.find(f"{SVG}circle") for u in units)]
        for units in picture.columns
    ]
    for i, layer in enumerate(model.layers):
        for k, neuron in enumerate(layer.neurons):
            for j in range(len(neuron.w)):
                line = picture.lines[f"layers.{i}.{k}.w{j}"]
                ends = [(float(line.get(f"x{e}")), float(line.get(f"y{e}"))) for e in (1, 2)]
                assert ends == [places[i][j], places[i + 1][k]]
            stub = picture.lines[f"layers.{i}.{k}.b"]
            assert float(stub.get("x1")) == float(stub.get("x2")) == places[i + 1][k][0]
            assert float(stub.get("y2")) > float(stub.get("y1")) > places[i + 1][k][1]


def test_tooltips_tell_the_formula(model):
    model = MLP(2, [1], output_activation="tanh")
    model.load_state_dict({"layers.0.0.w0": 0.5, "layers.0.0.w1": -2.0, "layers.0.0.b": -0.25})
    picture = Picture(network(model, [3.0, 0.5]).svg)
    assert picture.tooltip(picture.units[-1]) == (
        f"layers.0.0: tanh(0.5·3 + (−2)·0.5 + (−0.25)) = tanh(0.25) = {number(math.tanh(0.25), 6)}"
    )
    linear = Picture(network(MLP(9, [1], initial=lambda *_: [1.0] * 9), range(9)).svg)
    assert linear.tooltip(linear.units[-1]).startswith(
        "layers.0.0: 1·0 + 1·1 + 1·2 + 1·3 + 1·4 + 1·5 + … (3 more) + 0 = 36"
    )


def test_a_loss_of_the_output_alone(model):
    picture = Picture(network(model, X, loss=lambda outputs: outputs[0] * outputs[1]).svg)
    first, second = picture.columns[-1]
    _, _, (a, b) = forward(model, X)
    assert picture.gradient(picture.tooltip(first)) == pytest.approx(b, rel=1e-5)
    assert picture.gradient(picture.tooltip(second)) == pytest.approx(a, rel=1e-5)


def test_a_shared_weight_has_the_sum_of_its_gradients():
    encoder, decoder = Layer(2, 1, "linear", seed=1), Layer(1, 2, "linear")
    for i, neuron in enumerate(decoder.neurons):
        neuron.w = [encoder.neurons[0].w[i]]
    x = [0.5, -1.5]
    picture = Picture(network(Sequential(encoder, decoder), x, y=x, loss=squared_error).svg)
    w = np.array([p.data for p in encoder.neurons[0].w])

    def loss(w):
        return float(np.sum((w * (w @ np.array(x)) - x) ** 2))

    for i in range(2):
        wanted = slope(lambda h, i=i: loss(w + h * np.eye(2)[i]))
        assert picture.weight(f"0.0.w{i}")[1] == pytest.approx(wanted, rel=1e-4)
        assert picture.weight(f"1.{i}.w0")[1] == pytest.approx(wanted, rel=1e-4)


def test_without_a_loss_weights_show_the_gradients_they_hold(model):
    assert "; gradient" not in network(model, X).svg
    squared_error(model([2.0, 3.0]), Y).backward()
    picture = Picture(network(model, X).svg)
    for name, parameter in model.named_parameters():
        assert picture.weight(name)[1] == pytest.approx(parameter.grad, rel=1e-5)
    assert not any(picture.shown(unit, "gradient") for unit in picture.units)


# --- lines and rings --------------------------------------------------------------------------------------------------


def sign_of(element):
    return {"gg-plus-line": 1, "gg-minus-line": -1, "gg-line": 0}[element.get("class")]


@pytest.mark.parametrize("shown", ["weights", "gradients"])
def test_sign_is_colour_size_is_width_and_the_strongest_is_on_top(model, shown):
    model.parameters()[0].data = 0.0
    picture = Picture(network(model, X, y=Y, loss=squared_error, lines=shown).svg)
    sizes = {path: picture.weight(path)[shown == "gradients"] for path in picture.lines}
    for path, line in picture.lines.items():
        assert sign_of(line) == np.sign(sizes[path]), path
    by_size = sorted(sizes, key=lambda path: abs(sizes[path]))
    widths = [float(picture.lines[path].get("stroke-width")) for path in by_size]
    assert widths == sorted(widths)
    assert widths[0] < widths[-1] / 3
    for i in range(2):
        drawn = [abs(sizes[path]) for path in picture.lines if path.startswith(f"layers.{i}") and path[-1] != "b"]
        assert drawn == sorted(drawn)
    legend = " ".join(picture.texts)
    assert f"positive {shown[:-1]}" in legend
    assert f"up to {number(abs(sizes[by_size[-1]]), 3)}" in legend


def test_numbers_stand_on_the_lines_of_few_weights(model):
    picture = Picture(network(model, X).svg)
    wanted = Counter(short(w.data) for w in model.weights())
    shown = Counter(t.text for t in picture.root.iter(f"{SVG}text") if t.get("class") in ("gg-plus", "gg-minus"))
    assert shown == wanted
    many = Picture(network(MLP(4, [5, 1], seed=0), [1.0] * 4).svg)
    assert sum(t.get("class") in ("gg-plus", "gg-minus") for t in many.root.iter(f"{SVG}text")) == 5


def test_rings_show_sign_and_size_of_activations():
    model = MLP(1, [4], initial=lambda *_: [1.0])
    for neuron, bias in zip(model.layers[0].neurons, (4.0, -2.0, 0.0, 1.0), strict=True):
        neuron.b.data = bias
    picture = Picture(network(model, [0.0]).svg)
    rings = [unit.findall(f"{SVG}circle")[1:] for unit in picture.columns[1]]
    assert [[sign_of(ring) for ring in found] for found in rings] == [[1], [-1], [], [1]]
    strengths = [float(found[0].get("stroke-opacity")) for found in rings if found]
    assert strengths[0] == 1.0
    assert strengths[0] > strengths[1] > strengths[2]


def test_weights_that_are_not_finite():
    model = MLP(2, [2, 1], "tanh", seed=1)
    model.layers[0].neurons[0].w[0].data = math.nan
    model.layers[0].neurons[1].w[0].data = math.inf
    picture = Picture(network(model, X).svg)
    for path in ("layers.0.0.w0", "layers.0.1.w0"):
        assert sign_of(picture.lines[path]) == 0
        assert picture.lines[path].get("stroke-dasharray")
    assert "nan" in picture.texts
    assert "weight that is not finite" in picture.texts
    assert "nan" not in re.sub(r">[^<]*<", "><", network(model, X).svg)  # no coordinate


# --- which models -----------------------------------------------------------------------------------------------------


def test_a_sequential_with_dropout_and_a_function():
    def halved(outputs):
        return [output / 2 for output in outputs]

    dropout = Dropout(0.5, seed=0)
    state = dropout.rng.bit_generator.state
    model = Sequential(Layer(2, 2, "tanh", seed=1), dropout, Sequential(Layer(2, 2, "linear", seed=2)), halved)
    picture = Picture(network(model, X).svg)
    model.eval()
    assert [value(picture.tooltip(u).rpartition(" = ")[2]) for u in picture.columns[-1]] == pytest.approx(
        [output.data for output in model(X)], rel=1e-5
    )
    assert dropout.rng.bit_generator.state == state
    assert [text for text in picture.texts if text in ("inputs", "0", "2.0", "halved")] == [
        "inputs",
        "0",
        "2.0",
        "halved",
    ]
    links = [line for line in picture.root.iter(f"{SVG}line") if line.get("stroke-opacity") == "0.5"]
    assert len(links) == 2  # each half depends on one unit
    assert all(line.get("y1") == line.get("y2") for line in links)
    with no_grad():
        assert "halved" in network(model, X).svg


@pytest.mark.parametrize(
    ("model", "title", "columns_of"),
    [
        (Layer(2, 3, seed=0), "Layer 2-3", ["layer", "3 × relu"]),
        (Neuron(2, "sigmoid", seed=0), "Neuron 2-1", ["neuron", "1 × sigmoid"]),
        (Perceptron(2), "Perceptron 2-1", ["neuron", "1 × step"]),
        (Adaline(2), "Adaline 2-1", ["neuron", "1 × linear"]),
        (LogisticRegression(2), "LogisticRegression 2-1", ["neuron", "1 × sigmoid"]),
        (LinearSVM(2, classes=3), "LinearSVM 2-3", ["layer", "3 × linear"]),
    ],
    ids=lambda x: type(x).__name__ if isinstance(x, Module) else "",
)
def test_single_layers_and_units(model, title, columns_of):
    picture = network(model, X)
    assert picture.title == title
    assert [text for text in Picture(picture.svg).texts if text in columns_of] == columns_of
    assert set(Picture(picture.svg).lines) == set(model.state_dict())


def test_frozen_weights_are_drawn():
    model = Layer(2, 1, seed=0)
    model.neurons[0].w[0] = constant(3.0)
    assert Picture(network(model, X, loss=lambda out: out).svg).weight("0.w0")[0] == 3.0


class Residual(Module):
    def __init__(self):
        self.inner = Layer(2, 2)

    def __call__(self, x):
        return [a + b for a, b in zip(self.inner(x), x, strict=True)]


class Doubled(MLP):
    def __call__(self, x):
        return [2 * output for output in super().__call__(x)]


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (None, "not NoneType"),
        ([Layer(2, 2)], "not list"),
        (MLP, r"MLP is a class: make one, as in MLP\(…\)"),
        (Dropout(0.5), "there is no layer in Dropout"),
        (Sequential(max), "there is no layer in Sequential"),
        (Residual(), "this is of the class Residual, which computes in its own way"),
        (Doubled(2, [2]), "this is of the class Doubled"),
        (Sequential(Layer(2, 2), Residual()), "the part '1' is of the class Residual"),
    ],
)
def test_other_models_are_refused(model, message):
    with pytest.raises(VizError, match=r"network draws what is made of nn's layers: .*" + message):
        network(model, X)


# --- nothing changes --------------------------------------------------------------------------------------------------


def test_the_model_stays_as_it_is(model):
    squared_error(model(X), Y).backward()
    before = [(p, p.data, p.grad, p.label) for p in model.parameters()]
    x = [Value(1.0, label="height"), Value(2.0)]
    f = x[0] * 3
    picture = Picture(network(model, x, y=Y, loss=squared_error).svg)
    assert [(p, p.data, p.grad, p.label) for p in model.parameters()] == before
    assert model.training
    assert (x[0].grad, f.grad) == (0.0, 0.0)
    assert {"height", "x1"} <= set(picture.texts)


def test_the_same_network_gives_the_same_bytes(model):
    assert network(model, X).svg == network(model, X).svg


def test_positions_depend_on_the_sizes_alone(model):
    def places(picture):
        return [(c.get("cx"), c.get("cy"), c.get("r")) for c in (u.find(f"{SVG}circle") for u in picture.units)]

    before = places(Picture(network(model, X).svg))
    for parameter in model.parameters():
        parameter.data *= -123.456
    assert places(Picture(network(model, [-1e6, 1e-9]).svg)) == before


# --- large layers -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def classifier():
    return MLP(64, [32, 10], seed=1, initial="he")


@pytest.fixture(scope="module")
def digits(classifier):
    return network(
        classifier, np.linspace(0, 1, 64), y=3, loss=cross_entropy, outputs=["zero", "one", "two", "three", *"456789"]
    )


def test_large_layers_are_folded_in_the_middle(classifier, digits):
    picture = Picture(digits.svg)
    assert [len(column) for column in picture.columns] == [16, 16, 10]
    assert [text for text in picture.texts if text.startswith("… ")] == ["… 48 more", "… 16 more"]
    assert {"x0", "x7", "x56", "x63"} <= set(picture.texts)
    assert not {"x8", "x55"} & set(picture.texts)
    paths = set(picture.lines)
    assert {"layers.0.7.w56", "layers.0.24.b", "layers.1.9.w31"} <= paths
    assert not {"layers.0.8.w0", "layers.0.0.w8", "layers.1.0.w15"} & paths
    assert len(paths) == 16 * 16 + 16 + 16 * 10 + 10
    state = classifier.state_dict()
    for path in paths:
        assert picture.weight(path)[0] == pytest.approx(state[path], rel=1e-5)
    activations = forward(classifier, np.linspace(0, 1, 64))
    assert value(picture.tooltip(picture.columns[1][-1]).split("; ")[0].rpartition(" = ")[2]) == pytest.approx(
        activations[1][-1], rel=1e-5
    )
    assert repr(digits) == "<Network: MLP 64-32-10, 2,410 parameters>"
    assert len(digits.svg.encode()) < 150_000


def test_outputs_have_names_and_the_target_is_marked(digits):
    picture = Picture(digits.svg)
    beside = [[t.text for t in unit.iter(f"{SVG}text")][2:] for unit in picture.columns[-1]]
    assert beside[2:5] == [["two"], ["three", "target"], ["4"]]


def test_the_target_of_each_output(model):
    picture = Picture(network(model, X, y=np.array([1.0, -0.25]), loss=squared_error).svg)
    assert [text for text in picture.texts if text.startswith("target")] == ["target 1", "target −0.25"]


@pytest.mark.parametrize(("most", "drawn"), [(2, 2), (5, 5), (40, 32)])
def test_how_many_units_are_drawn(most, drawn):
    picture = Picture(network(MLP(3, [32, 1], seed=0), [1.0, 2.0, 3.0], most=most).svg)
    assert len(picture.columns[1]) == drawn


# --- slides -----------------------------------------------------------------------------------------------------------


def pictures():
    wide = MLP(2, [16, 16, 1], seed=1)
    named = MLP(3, [4, 4, 2], "tanh", seed=3)
    names = ["a name that is too long to be written in full", "日本語", "c"]
    return [
        network(MLP(2, [3, 1], "tanh", seed=1), X),
        network(wide, X),
        network(wide, [1e5, -1e-7], y=1.0, loss=squared_error),
        network(
            named, [1.0, -2.0, 3.0], y=[1.0, 0.0], loss=squared_error, inputs=names, outputs=["yes", "no, not at all"]
        ),
        network(MLP(64, [32, 10], seed=1), np.zeros(64)),
        network(Neuron(1, "linear"), [0.0]),
    ]


@pytest.mark.parametrize("i", range(6))
def test_everything_lies_in_the_picture_and_numbers_in_their_circles(i):
    picture = Picture(pictures()[i].svg)
    _, _, width, height = (float(x) for x in picture.root.get("viewBox").split())
    for text in picture.root.iter(f"{SVG}text"):
        x, y, size = (float(text.get(name)) for name in ("x", "y", "font-size"))
        length = columns(text.text) * DIGIT * size
        left = (
            x
            if text.get("text-anchor") == "start"
            else x - length
            if text.get("text-anchor") == "end"
            else x - length / 2
        )
        assert 0 < left < left + length < width + 0.5, text.text
        assert size < y < height
    for unit in picture.units:
        circle = unit.find(f"{SVG}circle")
        cy, r = float(circle.get("cy")), float(circle.get("r"))
        for text in unit.iter(f"{SVG}text"):
            if text.get("class") in ("gg-value", "gg-gradient"):
                y, size = float(text.get("y")), float(text.get("font-size"))
                assert size >= 4.5
                half = columns(text.text) * DIGIT * size / 2
                for edge in (y, y - 0.72 * size):
                    assert math.hypot(half, edge - cy) < r * 0.9, text.text


@pytest.mark.parametrize("i", range(6))
def test_no_two_circles_touch(i):
    picture = Picture(pictures()[i].svg)
    circles = [[float(u.find(f"{SVG}circle").get(n)) for n in ("cx", "cy", "r")] for u in picture.units]
    for k, (x, y, r) in enumerate(circles):
        for other_x, other_y, other_r in circles[:k]:
            assert math.hypot(x - other_x, y - other_y) > r + other_r + 8


def test_labels_keep_apart():
    left, right = [0.0, 60.0, 120.0], [0.0, 40.0, 80.0, 120.0]
    lines = [(0.0, a, 170.0, b) for b in right for a in left]
    boxes = [(x - 14, y - 6, x + 14, y + 6) for x, y in placed(lines, [28.0] * 12, clear=28.0)]
    for k, a in enumerate(boxes):
        for b in boxes[:k]:
            assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
    for (x, y), (x1, y1, x2, y2) in zip(placed(lines, [28.0] * 12, clear=28.0), lines, strict=True):
        assert (x - x1) * (y2 - y1) == pytest.approx((y - y1) * (x2 - x1))


def linear(colour):
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast(a, b):
    pair = sorted(float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (a, b))
    return (pair[1] + 0.05) / (pair[0] + 0.05)


# G. M. Machado, M. M. Oliveira, L. A. F. Fernandes, "A physiologically-based model for simulation of color vision
# deficiency", IEEE Trans. Visualization and Computer Graphics 15 (2009), severity 1.
BLINDNESS = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
    "none": np.eye(3),
}


def lab(rgb):
    """Return CIE L*a*b* of linear sRGB."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ np.clip(rgb, 0, 1) / [0.95047, 1.0, 1.08883]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("theme", [1, 2], ids=["light", "dark"])
def test_colours(theme):
    ground = COLOURS["background"][theme]
    for sign in ("plus", "minus"):
        assert SIGNS[sign][theme] == SIGNS[f"{sign}-line"][theme]
        assert contrast(SIGNS[sign][theme], ground) > 4.5
    for text in ("name", "local"):
        assert contrast(COLOURS[text][theme], ground) > 4.5
    for text in ("value", "gradient"):
        for fill in ("input", "op"):
            assert contrast(COLOURS[text][theme], COLOURS[fill][theme]) > 4.5
    for eyes in BLINDNESS.values():
        plus, minus = (lab(np.array(eyes) @ linear(SIGNS[sign][theme])) for sign in ("plus", "minus"))
        assert np.linalg.norm(plus - minus) > 35  # from 2.3 on a difference is seen


@pytest.mark.parametrize("theme", ["auto", "light", "dark", "cs231n", "cs231n-dark"])
def test_themes(model, theme):
    svg = network(model, X, y=Y, loss=squared_error, theme=theme).svg
    picture = Picture(svg)
    assert ("prefers-color-scheme:dark" in svg) == (theme in ("auto", "cs231n"))
    style = "".join(s.text for s in picture.root.iter(f"{SVG}style"))
    selectors = re.findall(r"([^{}]+)\{(?:fill|stroke)", style)
    assert all(selector.startswith(f"#{picture.id} .gg-") for selector in selectors)
    dark = {selector.rpartition(".")[2] for selector in selectors}
    for element in picture.root.iter():
        for what in ("fill", "stroke"):
            if element.get(what, "none") != "none" and dark:
                assert set(element.get("class").split()) & dark


# --- the file ---------------------------------------------------------------------------------------------------------


def test_a_screen_reader_finds_title_and_description(model):
    picture = Picture(network(model, X, y=Y, loss=squared_error).svg)
    assert picture.root.get("role") == "img"
    title, about = (picture.root.find(f".//*[@id='{i}']") for i in picture.root.get("aria-labelledby").split())
    _, _, outputs = forward(model, X)
    assert title.text == "network MLP 2-3-2"
    shown = ", ".join(number(output, 6) for output in outputs)
    loss = number(squared([outputs], Y), 6)
    assert about.text == f"inputs: 2; layers.0: 3 × tanh; layers.1: 2 × linear; output {shown}; loss {loss}"


def test_a_notebook_shows_it_and_it_is_saved(model, tmp_path):
    picture = network(model, X)
    assert isinstance(picture, Network)
    assert picture._repr_mimebundle_() == {
        "image/svg+xml": picture.svg,
        "text/plain": "<Network: MLP 2-3-2, 17 parameters>",
    }
    assert picture.save(tmp_path / "network.svg").read_text("utf-8") == picture.svg
    with pytest.raises(VizError, match=r"does not end in \.svg"):
        picture.save(tmp_path / "network.png")
    with pytest.raises(SaveError, match="cannot write"):
        picture.save(tmp_path / "nowhere" / "network.svg")


@pytest.mark.parametrize(
    "name", ["</text><script>alert(1)</script>", "<b>&", '"]; evil [', "x" * 10_000, "\0\udc80", "日本"]
)
def test_any_name_does_no_harm(name):
    svg = network(Layer(1, 1, seed=0), [Value(1.0, label=name)], outputs=[name]).svg
    assert "<script" not in svg
    assert len(svg) < 15_000
    parse(svg.encode())


# --- bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("x", [[1.0], [1.0, 2.0, 3.0], 1.0, []])
def test_another_number_of_inputs_is_the_models_own_error(model, x):
    with pytest.raises(ShapeError) as theirs:
        model(x)
    with pytest.raises(ShapeError) as ours:
        network(model, x)
    assert str(ours.value) == str(theirs.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"y": 1.0}, "y is the target of a loss; give that too"),
        ({"loss": "mse"}, "loss is a function of the output and y, as nn.squared_error; not 'mse'"),
        ({"loss": squared_error}, "squared_error compares the output with a target; give it too, as in y=1.0"),
        ({"loss": lambda _: 1.0}, "returns a Value, as nn.squared_error; it returned 1.0"),
        ({"lines": "biases"}, "unknown lines 'biases'; choose one of 'weights', 'gradients'"),
        ({"lines": "gradients"}, "there are no gradients to show: all parameters hold 0"),
        ({"most": 1}, "most=1; it is how many neurons of a layer are drawn, from 2 to 40"),
        ({"most": 8.0}, "most=8.0"),
        ({"theme": "pink"}, "unknown theme 'pink'; choose one of"),
        ({"inputs": ["a"]}, "inputs is a list of names, one for each of the model's inputs, which are 2; got 1"),
        ({"outputs": "ab"}, "outputs is a list of names, one for each of the model's outputs, which are 2; not 'ab'"),
    ],
)
def test_bad_options(model, options, message):
    with pytest.raises(VizError, match=re.escape(message)):
        network(model, X, **options)


def test_a_loss_inside_no_grad(model):
    with no_grad():
        assert network(model, X)
        with pytest.raises(VizError, match=r"inside no_grad\(\) nothing is recorded"):
            network(model, X, y=Y, loss=squared_error)


def test_networks_that_are_too_large():
    assert network(MLP(1, [2] * 20, seed=0), [1.0])
    with pytest.raises(TooLargeError, match="has 21 layers; 20 are the most"):
        network(MLP(1, [2] * 21, seed=0), [1.0])
    with pytest.raises(TooLargeError, match=r"would have 6,440 lines; 5,000 are the most\. Draw fewer: most=8"):
        network(MLP(1, [40] * 5, seed=0), [1.0], most=40)
