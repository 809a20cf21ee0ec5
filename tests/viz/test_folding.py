import math
import time

import pytest
from hypothesis import given, settings
from pictures import ByHand, boxes, edges, frames, margin_loss, points, titles
from random_graphs import recipes

from autograd import Graph, Value, gate, maximum, parameter, sum, tanh  # noqa: A004
from nn import MLP, Layer, Neuron
from viz import VizError, draw
from viz.boxes import ALIKE, LARGE, READABLE
from viz.errors import TooLargeError
from viz.model import MOST_VALUES


def demo():
    return margin_loss(MLP(2, [16, 16, 1], seed=1), 100)


# --- the demo's loss --------------------------------------------------------------------------------------------------


def test_the_demos_loss_reads_from_input_by_layers_to_loss():
    drawing = draw(demo())
    assert titles(drawing) == [
        "layers.0", "input", "layers.1", "layers.2", "constant", "×", "constant", "+", "relu", "+",
        "constant", "×", "×", "+", "constant", "×", "loss = +",
    ]  # fmt: skip
    found = edges(drawing)
    assert found["input", "layers.0"] == 100 * 16 * 2
    assert found["layers.0", "layers.1"] == 100 * 16 * 16
    assert found["layers.1", "layers.2"] == 100 * 16
    assert repr(drawing) == "<Drawing: graph of loss, 8,318 values folded into 17 boxes, 19 edges>"


def test_a_layers_box_sums_it_up():
    model = MLP(2, [16, 16, 1], seed=1)
    loss = margin_loss(model, 100)
    layer = boxes(draw(loss))["layers.0"]
    assert layer.kind == "module"
    assert layer.summary.note == "16 neurons × 100"
    assert layer.summary.count == 16 * 3 + 100 * 16 * 2
    outputs = [neuron([Value(x) for x in point]).data for point in points(100) for neuron in model.layers[0].neurons]
    assert layer.summary.values == (min(outputs), max(outputs))
    relus = [node for node in Graph(loss).nodes if node.op.name == "relu" and node.parents[0].parents[0].label]
    first = [node.grad for node in relus if node.parents[0].parents[0].label.startswith("layers.0.")]
    assert len(first) == 1600
    assert layer.summary.gradients == (min(first), max(first))
    weights = [p.data for p in model.layers[0].parameters()]
    assert f"48 parameters {min(weights):.3g} … {max(weights):.3g}".replace("-", "−") in layer.summary.details
    assert f"relu is 0 in {outputs.count(0):,} of 1,600 cases" in layer.summary.details


@pytest.mark.parametrize("make", [lambda: (demo(), None), lambda: (margin_loss(m := ByHand(2, [16, 16, 1]), 100), m)])
def test_every_value_is_counted_once(make):
    loss, model = make()
    for options in ({}, {"depth": 0}, {"depth": 1}, {"depth": 2}, {"fold": True}):
        assert draw(loss, model=model, **options).picture.count == len(Graph(loss).nodes), options


def test_a_network_of_elementary_gates_and_plain_objects_folds_alike():
    model = ByHand(2, [16, 16, 1])
    drawing = draw(margin_loss(model, 100), model=model)
    named = boxes(drawing)
    assert [named[f"layers.{i}"].summary.note for i in range(3)] == [
        "16 neurons × 100", "16 neurons × 100", "1 neuron × 100",
    ]  # fmt: skip
    assert named["layers.1"].summary.count == 16 * 17 + 100 * 16 * (16 + 16 + 1)
    assert {cluster.title for cluster in drawing.picture.clusters} == {"ByHand"}


def test_a_network_without_names_stacks_by_what_is_done():
    drawing = draw(margin_loss(ByHand(2, [16, 16, 1]), 100))
    notes = [(node.title, node.summary.note) for node in drawing.picture.nodes if node.summary]
    for note in [
        ("input", "× 200"), ("input", "× 32"), ("×", "× 3,200"), ("+", "1,600 × 3 terms"), ("relu", "× 1,600"),
        ("input", "× 256"), ("×", "× 25,600"), ("+", "1,600 × 17 terms"), ("+", "100 terms"),
        ("×", "× 337"), ("+", "337 terms"),
    ]:  # fmt: skip
        assert note in notes
    assert drawing.picture.count == 65_818


# --- stacks -----------------------------------------------------------------------------------------------------------


def test_what_is_made_alike_is_one_stack_with_its_ranges():
    x = [Value(i - 2, label=f"x{i}") for i in range(10)]
    f = sum([(v * v).tanh() for v in x])
    f.backward()
    named = boxes(draw(f, fold=True))
    square, leaves = named["×"], named["x…"]
    assert (square.summary.note, square.summary.stacked, square.summary.count) == ("× 10", 10, 10)
    assert square.summary.values == (0, 49)
    assert square.summary.gradients == (1 - math.tanh(49) ** 2, 1)
    slopes = [2 * i * (1 - math.tanh(i * i) ** 2) for i in range(-2, 8)]
    assert leaves.summary.gradients == pytest.approx((min(slopes), max(slopes)), rel=1e-12)
    assert named["sum"].summary is None
    assert edges(draw(f, fold=True)) == {("x…", "×"): 20, ("×", "tanh"): 10, ("tanh", "sum"): 10}


def test_a_graph_that_is_not_differentiated_has_no_gradients():
    f = sum([Value(i).tanh() for i in range(200)])
    assert {node.gradient for node in draw(f).picture.nodes} == {None}
    assert {node.summary.gradients for node in draw(f).picture.nodes if node.summary} == {None}


def test_a_few_names_are_kept_apart_and_many_are_one_stack():
    few = sum([Value(i, label="x0") * Value(2, label="x1") for i in range(100)])
    assert titles(draw(few)) == ["x0", "x1", "×", "sum"]
    losses = [Value(i).tanh() for i in range(100)]
    assert titles(draw(sum(losses), names={"losses": losses})) == ["input", "losses[…] = tanh", "sum"]


def test_leaves_part_by_their_use():
    w, x = [Value(i) for i in range(100)], [Value(i) for i in range(100)]
    assert titles(draw(sum([a - b for a, b in zip(w, x, strict=True)]))) == ["input", "input", "−", "sum"]
    shared = Value(3.0)
    assert titles(draw(sum([a - shared for a in w]))) == ["input", "input", "−", "sum"]


def test_a_hundred_times_the_same_constant_is_shown_as_one():
    drawing = draw(sum([Value(i) * 2 for i in range(100)]))
    (two,) = [node for node in drawing.picture.nodes if node.kind == "constant"]
    assert two.summary.count == 100
    assert "label=2 " in drawing.dot


def test_edges_between_single_values_keep_their_numbers():
    x = [Value(i / 10, label="x") for i in range(150)]
    total = sum(x)
    f = total * total
    f.backward()
    drawing = draw(f)
    last = [(edge.local, edge.amount, edge.count) for edge in drawing.picture.edges if edge.local is not None]
    assert last == [(total.data, total.data, 1)] * 2
    f.backward()
    named = boxes(draw(sum([f, *[Value(1.0).tanh() for _ in range(100)]])))
    assert named["×"].summary is None


def test_a_single_leaf_keeps_its_mark_of_several_passes():
    w = parameter(2.0, label="w")
    f = sum([w * Value(i) for i in range(100)])
    f.backward()
    assert boxes(draw(f))["w"].one_pass is None
    f.backward()
    assert boxes(draw(f))["w"].one_pass == 4950
    assert boxes(draw(f))["w"].gradient == 9900


def test_a_gates_backward_does_not_run_before_backward():
    @gate
    class Unfinished:
        def forward(self, x):
            return x

        def backward(self, dz):
            raise NotImplementedError

    f = Unfinished(sum([Value(i) for i in range(200)]))
    assert titles(draw(f)) == ["input", "sum", "Unfinished"]


# --- gathered operations ----------------------------------------------------------------------------------------------


def gathered(drawing):
    return {node.title: node.summary.note for node in drawing.picture.nodes if node.summary}


def test_a_sum_built_by_python_is_one_operation():
    import builtins

    x = [Value(i) for i in range(100)]
    found = draw(builtins.sum(v.tanh() for v in x))
    assert gathered(found) == {"input": "× 100", "tanh": "× 100", "+": "100 terms"}
    (total,) = [node for node in found.picture.nodes if node.title == "+"]
    assert total.kind == "output"
    assert total.value == pytest.approx(math.fsum(math.tanh(i) for i in range(100)))


def test_products_maxima_and_differences_are_gathered():
    x = [Value(1 + i / 1000) for i in range(100)]
    product, largest, difference = x[0], x[0], x[0]
    for v in x[1:]:
        product, largest, difference = product * v, maximum(v, largest), difference - v
    assert gathered(draw(product))["×"] == "100 terms"
    assert gathered(draw(largest))["max"] == "100 terms"
    assert gathered(draw(difference))["−"] == "100 terms"


def test_an_operation_on_its_own_result_over_and_over_is_one():
    x = Value(0.5, label="x")
    for _ in range(300):
        x = tanh(x)
    drawing = draw(x)
    assert gathered(drawing) == {"tanh": "300 in a row"}
    assert drawing.picture.nodes[-1].value == x.data


def test_a_partial_sum_that_is_used_or_named_is_not_inside_another():
    x = [Value(float(i), label=f"x{i}") for i in range(4)]
    used = x[0] + x[1]
    assert titles(draw((used + x[2]) * used, fold=True)) == ["x0", "x1", "+", "x2", "+", "×"]
    named = x[0] + x[1]
    named.label = "part"
    assert "part = +" in titles(draw(named + x[2] + x[3], fold=True))


def test_a_difference_is_gathered_on_its_left_only():
    x = [Value(float(i), label=f"x{i}") for i in range(3)]
    assert titles(draw(x[0] - (x[1] - x[2]), fold=True)).count("−") == 2
    assert gathered(draw(x[0] - x[1] - x[2], fold=True)) == {"−": "3 terms"}


# --- what is shown ----------------------------------------------------------------------------------------------------


def test_small_graphs_are_not_folded():
    x = [Value(i) for i in range(LARGE - 1)]
    assert not draw(sum(x)).picture.folded
    assert draw(sum([*x, Value(1.0)])).picture.folded
    many_edges = [sum(x[:20]) for _ in range(10)]
    assert draw(sum(many_edges)).picture.folded


def test_nothing_is_folded_on_request():
    drawing = draw(sum([Value(i) for i in range(LARGE)]), fold=False)
    assert len(drawing.picture.nodes) == LARGE + 1
    assert not drawing.picture.folded


def test_a_small_graph_is_folded_on_request():
    model = MLP(2, [2, 1], seed=0)
    out = model([Value(1.0, label="x0"), Value(2.0, label="x1")])
    assert titles(draw(out)) != titles(draw(out, fold=True))
    assert titles(draw(out, fold=True)) == ["layers.0", "x0", "x1", "layers.1"]
    assert titles(draw(out, fold="layers.0"))[:3] == ["layers.0", "x0", "x1"]
    assert "layers.1.0.w1" in titles(draw(out, fold="layers.0"))


def test_depth():
    loss = margin_loss()
    by_depth = [set(boxes(draw(loss, depth=depth))) for depth in range(4)]
    assert "model" in by_depth[0]
    assert {"layers.0", "layers.1", "layers.2"} <= by_depth[1]
    assert {"layers.0.3", "layers.1.3", "layers.2.0"} <= by_depth[2]
    assert {"layers.0.3.w1", "layers.2.0.b"} <= by_depth[3]
    assert titles(draw(loss, depth=3)) == titles(draw(loss, depth=99))


def test_one_neuron_is_unfolded_by_name_and_the_others_share_a_box():
    drawing = draw(demo(), unfold="layers.0.1")
    named = boxes(drawing)
    assert [cluster.title for cluster in drawing.picture.clusters] == ["model", "layers.0", "layers.0.1"]
    assert {"layers.0.1.w0", "layers.0.1.w1", "layers.0.1.b", "w·x + b", "layers.1", "layers.2"} <= set(named)
    assert named["15 more neurons"].summary.note == "× 100"
    assert named["15 more neurons"].summary.count == 15 * (3 + 2 * 100)
    assert frames(drawing)["15 more neurons"] == "layers.0"
    assert '"w0\\n' in drawing.dot  # the frame says the rest
    assert "layers.0.1.w0" in drawing.svg  # the tooltip says it all


def test_a_layer_is_unfolded_by_name():
    named = boxes(draw(demo(), unfold="layers.0"))
    assert {f"layers.0.{i}" for i in range(16)} <= set(named)
    assert "layers.1" in named


def test_several_are_unfolded_and_folded():
    drawing = draw(demo(), unfold=["layers.0", "layers.0.1"], fold=("layers.0.2", "layers.1"))
    assert "layers.0.1.w0" in boxes(drawing)
    assert {"layers.0.0", "layers.0.2", "layers.1"} <= set(boxes(drawing))
    assert (
        draw(margin_loss(), depth=2, fold="layers.0").picture
        == draw(margin_loss(), unfold=["layers.1", "layers.2"], depth=1).picture
    )


def test_many_parameters_of_one_module_are_one_stack():
    def drawn(nin):
        return boxes(draw(Neuron(nin, seed=0)([Value(1.0)] * nin), depth=9))

    assert f"w{ALIKE - 1}" in drawn(ALIKE)
    assert drawn(ALIKE + 1)["w…"].summary.note == f"× {ALIKE + 1}"


def test_a_recurrent_cell_is_one_box_however_long_the_sequence():
    cell = Layer(2, 1, "tanh", seed=0)
    cell.label_parameters("cell.")
    out = Neuron(1, "linear", seed=1)
    out.label_parameters("out.")
    h = Value(0.0)
    for i in range(100):
        h = cell([Value(i / 100), h])
    drawing = draw(out([h]))
    assert boxes(drawing)["cell.0"].summary.note == "× 100"


def test_a_model_whose_parameters_are_not_in_the_graph():
    f = sum([Value(i) for i in range(200)])
    assert titles(draw(f, model=MLP(2, [2]))) == ["input", "sum"]


def test_parameters_of_a_given_model_are_parameters():
    model = ByHand(1, [1])
    f = model([Value(2.0)])
    assert [node.kind for node in draw(f).picture.nodes] != [node.kind for node in draw(f, model=model).picture.nodes]
    assert boxes(draw(f, model=model))["layers.0.neurons.0.b"].kind == "parameter"
    assert boxes(draw(f, model={"first": model}))["first.layers.0.neurons.0.b"].kind == "parameter"


# --- what does not fold -----------------------------------------------------------------------------------------------


def test_what_does_not_fold_is_shown_from_its_end():
    w = Value(0.9, label="w")
    x = Value(0.5, label="x")
    for _ in range(1000):
        x = (x * w).tanh() + 0.1
    drawing = draw(x)
    nodes = drawing.picture.nodes
    assert len(nodes) <= READABLE
    assert len(drawing.picture.edges) <= 2 * READABLE
    assert drawing.picture.count == len(Graph(x).nodes)
    (rest,) = [node for node in nodes if node.kind == "module"]
    assert rest.name == f"{rest.summary.count:,} more values"
    assert nodes[-1].value == x.data
    assert nodes[-1].operation == "+"


@settings(deadline=None, max_examples=40)
@given(recipe=recipes())
def test_any_graph_folds_into_its_counts(recipe):
    _, values = recipe.build()
    f = values[-1]
    for options in ({"fold": True}, {"depth": 0}):
        picture = draw(f, **options).picture
        assert picture.count == len(Graph(f).nodes)
        ids = {node.id for node in picture.nodes}
        assert len(ids) == len(picture.nodes)
        assert all(edge.operand in ids and edge.user in ids and edge.operand != edge.user for edge in picture.edges)
        for node in picture.nodes:
            if node.summary is None:
                assert math.isnan(node.value) or node.value in {value.data for value in Graph(f).nodes}
        place = {node.id: i for i, node in enumerate(picture.nodes)}
        assert all(place[edge.operand] < place[edge.user] or edge.operand in ids for edge in picture.edges)
        assert picture == draw(f, **options).picture


def test_a_tangle_of_three_thousand_values_is_readable():
    values = [Value(i / 30) for i in range(30)]
    step = 1
    while len(values) < 3000:
        step = step * 7919 % 104_729
        a, b = values[-1 - step % 30], values[-1 - step // 30 % 30]
        values.append((a * b).tanh() if step % 3 else a + b)
    f = sum(values[-100:])
    picture = draw(f).picture
    assert len(picture.nodes) <= READABLE
    assert len(picture.edges) <= 2 * READABLE
    assert picture.count == len(Graph(f).nodes)


# --- bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"unfold": "layers.7"}, r"no module 'layers\.7'; choose one of 'layers\.0', 'layers\.1', 'layers\.2', or one"),
        ({"unfold": "layers.0.16"}, r"no module 'layers\.0\.16'; choose one of 'layers\.0\.0', .* and 8 more"),
        ({"fold": ["layer.0"]}, r"no module 'layer\.0'; choose one of 'layers\.0'"),
        ({"unfold": True, "depth": 1}, "unfold=True shows every value; leave it out"),
        ({"unfold": True, "fold": "layers.0"}, "unfold=True shows every value"),
        ({"fold": False, "unfold": "layers.0"}, "fold=False shows every value"),
        ({"depth": -1}, "depth=-1; it is 0 for the model"),
        ({"depth": 1.5}, r"depth=1\.5; it is 0"),
        ({"depth": True}, "depth=True; it is 0"),
        ({"fold": 3}, r"fold=3; it is True, False, a module's path, such as 'layers\.0', or a list"),
        ({"unfold": [1]}, r"unfold=\[1\]; it is True, False"),
        ({"unfold": []}, r"unfold=\[\]; it is True, False"),
        ({"model": 3}, "model=3 has no parameters; give the nn.Module, or the object, that holds them"),
    ],
)
def test_what_cannot_be_folded_says_what_can(options, message):
    with pytest.raises(VizError, match=message):
        draw(demo(), **options)


def test_a_graph_without_modules_says_where_they_come_from():
    with pytest.raises(VizError, match=r"this graph shows none.*labels.*'layers\.0\.w1'.*draw\(loss, model=model\)"):
        draw(sum([Value(i) for i in range(200)]), unfold="layers.0")


def test_too_much_at_once_says_how_to_fold():
    model = MLP(20, [40, 40, 1], seed=0)
    loss = sum([model([Value(1.0)] * 20) for _ in range(2)])
    with pytest.raises(TooLargeError, match=r"[\d,]+ boxes and [\d,]+ edges; at most 1,200 boxes .* smaller depth"):
        draw(loss, depth=3)
    with pytest.raises(TooLargeError, match="Leave out fold=False to have it folded"):
        draw(loss, fold=False)
    assert len(draw(loss).picture.nodes) < 10


def test_hostile_paths():
    evil = parameter(1.0, label='a.b"];evil[x.<b>&.\\N')
    plain = parameter(1.0, label="a" * 10_000 + ".w")
    deep = parameter(1.0, label=".".join("0123456789" * 50) + ".w")
    f = sum([p * Value(i) for i in range(60) for p in (evil, plain, deep)])
    for options in ({}, {"depth": 1}, {"depth": 2}):
        drawing = draw(f, **options)
        assert drawing.picture.count == 364
        assert drawing.svg.startswith("<svg ")
        assert drawing.mermaid.startswith("flowchart ")


def test_a_model_that_holds_itself():
    class Ring:
        def __init__(self):
            self.w = parameter(1.0)
            self.ring = self
            self.odd = [self, {"self": self, 3: None}]

    ring = Ring()
    assert "w" in titles(draw(ring.w * Value(1.0), model=ring))


# --- size and time ----------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_demos_loss_of_elementary_gates_draws_in_under_3_seconds(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    model = ByHand(2, [16, 16, 1])
    loss = margin_loss(model, 100)
    assert len(Graph(loss).nodes) == 65_818
    start = time.process_time()
    assert draw(loss, model=model).svg
    assert time.process_time() - start < 3


@pytest.mark.slow
def test_a_thousand_values_draw_in_under_2_seconds(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    f = margin_loss(ByHand(2, [8, 8, 1]), 3)
    assert 900 <= len(Graph(f).nodes) <= MOST_VALUES
    for options in ({}, {"fold": False}):
        start = time.process_time()
        assert draw(f, **options).svg
        assert time.process_time() - start < 2, options


@pytest.mark.slow
def test_folding_takes_time_in_proportion_to_the_graph():
    def seconds(samples):
        loss = margin_loss(ByHand(2, [16, 16, 1]), samples)
        start = time.process_time()
        draw(loss)
        return time.process_time() - start

    assert min(seconds(400) for _ in range(2)) < 10 * min(seconds(100) for _ in range(2))
