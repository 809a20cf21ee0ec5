import math

import pytest
from pictures import ByHand, boxes, frames, titles

from autograd import Value, constant, parameter, sum  # noqa: A004
from nn import MLP, Layer, Module, Neuron
from viz import draw


def scopes(f, model):
    """Return {title: frame} of the picture in which every module is open."""
    return frames(draw(f, model=model, depth=9, edge_labels=False))


def test_a_neuron_has_its_parameters_its_total_and_its_activation():
    model = MLP(2, [2, 1], activation="tanh", seed=0)
    out = model([Value(1.0, label="x0"), Value(2.0, label="x1")])
    loss = (out - 0.5) ** 2
    drawing = draw(loss, depth=9)
    inside = {node.title: node.cluster for node in drawing.picture.nodes}
    named = {cluster.id: cluster.title for cluster in drawing.picture.clusters}
    assert [cluster.title for cluster in drawing.picture.clusters] == [
        "model", "layers.0", "layers.0.0", "layers.0.1", "layers.1", "layers.1.0",
    ]  # fmt: skip
    assert named[inside["layers.0.1.w0"]] == "layers.0.1"
    assert sorted(named[node.cluster] for node in drawing.picture.nodes if node.title == "tanh") == [
        "layers.0.0", "layers.0.1",
    ]  # fmt: skip
    assert {title: inside[title] for title in ("x0", "x1", "−", "** = output") if title in inside} == {
        "x0": "", "x1": "", "−": "",
    }  # fmt: skip
    assert drawing.picture.nodes[-1].cluster == ""
    assert "label=w0 " in drawing.dot.replace('"w0\\n', "label=w0 ")


def test_an_activation_made_of_several_gates_belongs_to_its_neuron_where_parameters_follow():
    def swish(v):
        return v * v.sigmoid()

    model = MLP(1, [1, 1], activation=swish, seed=0)
    found = scopes(model([Value(1.0, label="x")]), model)
    assert found["sigmoid"] == found["×"] == "layers.0.0"


def test_an_elementary_neurons_products_and_sum_belong_to_it_even_at_the_end():
    model = ByHand(2, [2, 1])
    drawing = draw(model([Value(1.0, label="x0"), Value(2.0, label="x1")]), model=model, depth=9)
    named = {cluster.id: cluster.title for cluster in drawing.picture.clusters}
    products = [named[node.cluster] for node in drawing.picture.nodes if node.title == "×"]
    assert sorted(products) == ["layers.0.neurons.0"] * 2 + ["layers.0.neurons.1"] * 2 + ["layers.1.neurons.0"] * 2
    assert named[drawing.picture.nodes[-1].cluster] == "layers.1.neurons.0"


def test_the_loss_and_the_sum_over_samples_are_nobodys():
    model = Neuron(1, "linear", seed=0)
    scores = [model([Value(float(i))]) for i in range(3)]
    assert scopes(sum(scores), model)["sum"] is None
    assert scopes((scores[0] - 1).relu() ** 2, model)["relu"] is None


def test_a_penalty_is_nobodys_and_one_stack_but_prepared_weights_are_the_neurons():
    class Normed(Module):
        def __init__(self):
            self.v = [parameter(3.0), parameter(4.0)]
            self.scale = parameter(2.0)
            self.label_parameters()

        def __call__(self, x):
            size = sum([v * v for v in self.v]).sqrt()
            return sum([self.scale * (v / size) * x for v, x in zip(self.v, x, strict=True)])

    model = Normed()
    penalty = sum([(p * 0.1).square() for p in model.parameters()])
    found = draw(model([Value(1.0), Value(2.0)]).tanh() + penalty, depth=9)
    clusters = {cluster.id: cluster.title for cluster in found.picture.clusters}
    where = [(node.title, clusters.get(node.cluster)) for node in found.picture.nodes]
    assert ("sqrt", "model") in where
    assert ("÷", "model") in where
    assert [frame for title, frame in where if title == "square"] == [None]
    (squares,) = [node for node in found.picture.nodes if node.title == "square"]
    assert squares.summary.note == "× 3"


def test_what_joins_two_modules_belongs_to_the_one_around_them():
    class Residual(Module):
        def __init__(self):
            self.first, self.second = Neuron(1, "tanh", seed=0), Neuron(1, "tanh", seed=1)
            self.last = Neuron(1, seed=2)
            self.label_parameters()

        def __call__(self, x):
            a = self.first([x])
            return self.last([a + self.second([a])])

    model = Residual()
    assert scopes(model(Value(1.0, label="x")), model)["+"] == "Residual"


def test_a_parameters_list_is_no_module():
    class Line(Module):
        def __init__(self):
            self.slopes = [parameter(2.0), parameter(3.0)]
            self.label_parameters()

    line = Line()
    drawing = draw(sum([s * Value(1.0) for s in line.slopes]), depth=1)
    assert [cluster.title for cluster in drawing.picture.clusters] == ["model"]


def test_a_label_with_dots_that_is_no_path():
    rate = parameter(0.5, label="rate, 0.5 a day")
    drawing = draw(sum([rate * Value(1.0) for _ in range(100)]))
    assert "rate, 0.5 a day" in titles(drawing)


def test_a_constant_of_a_module_lies_in_it():
    class Halved(Module):
        def __init__(self):
            self.inner, self.outer = Neuron(1, "tanh", seed=0), Neuron(1, "tanh", seed=1)
            self.label_parameters()

        def __call__(self, x):
            return self.outer([self.inner([x]) * constant(0.5, "half")])

    model = Halved()
    assert scopes(model(Value(1.0, label="x")), model)["half"] == "inner"


# --- dead units and nan -----------------------------------------------------------------------------------------------


def test_dead_units_are_counted():
    layer = Layer(1, 3, "relu", seed=0)
    for neuron, (w, b) in zip(layer.neurons, [(1.0, 0.0), (1.0, -9.0), (-1.0, -0.5)], strict=True):
        neuron.w[0].data, neuron.b.data = w, b
    last = Neuron(3, "linear", seed=1)
    last.label_parameters("last.")
    f = sum([last(layer([Value(i / 10)])) for i in range(20)])
    found = boxes(draw(f, depth=0))["model"].summary
    assert found.alarm == "2 of 3 units dead"
    assert "relu is 0 in 41 of 60 cases" in found.details  # at i = 0 the first is 0 as well


def test_a_unit_at_0_for_a_few_samples_is_not_called_dead():
    layer = Layer(1, 2, "relu", seed=0)
    layer.neurons[0].b.data = -9.0
    last = Neuron(2, "linear", seed=1)
    last.label_parameters("last.")
    f = sum([last(layer([Value(i / 10)])) for i in range(9)])
    assert boxes(draw(f, depth=0))["model"].summary.alarm == ""


def test_a_loss_of_0_for_all_samples_is_not_dead():
    f = sum([(1 - Value(2.0 + i) * parameter(1.0)).relu() for i in range(100)])
    assert [node.summary.alarm for node in draw(f).picture.nodes if node.title == "relu"] == [""]


def test_nan_is_told_and_ranges_go_without_it():
    x = [Value(math.nan if i == 3 else i) for i in range(200)]
    stack = boxes(draw(sum([v.square() for v in x])))["square"].summary
    assert (stack.values, stack.alarm) == ((0, 199**2), "1 value nan")
    assert boxes(draw(sum([Value(math.nan).square() for _ in range(200)])))["square"].summary.alarm == "200 values nan"


@pytest.mark.parametrize("number", [float, Value])
def test_samples_may_be_plain_numbers(number):
    model = MLP(2, [3, 1], "tanh", seed=0)
    samples = [[number(a) for a in x] for x in ((0.5, -1.0), (1.5, 2.0))]
    loss = sum([(1 - model(x)).relu() for x in samples]) + 1e-4 * sum([p * p for p in model.parameters()])
    found = draw(loss, depth=1)
    titles = [node.title for node in found.picture.nodes if node.kind == "module"]
    assert titles == ["layers.0", "layers.1"]


def test_a_neuron_of_elementary_products_may_see_plain_numbers():
    neuron = Neuron(2, seed=0)
    total = sum([w * x for w, x in zip(neuron.w, (0.5, -1.0), strict=True)]) + neuron.b
    assert scopes(total.tanh(), neuron)["tanh"] is not None
