import math

import pytest
from pictures import Unwalked, fused_neuron, inputs, sigmoid_neuron, sum_times

from autograd import Graph, Value, constant, dot, gate, parameter, sum, trace  # noqa: A004
from autograd.ops import TABLE
from viz.errors import TooLargeError, VizError
from viz.model import MOST_EDGES, MOST_VALUES, is_larger, operation, picture


def by_name(seen):
    return {node.name: node for node in seen.nodes if node.name}


def edges(seen):
    """Return {(operand, user): [(local, amount), …]} by titles."""
    titles = {node.id: node.title for node in seen.nodes}
    found = {}
    for edge in seen.edges:
        found.setdefault((titles[edge.operand], titles[edge.user]), []).append((edge.local, edge.amount))
    return found


def test_the_lectures_graph_with_its_numbers():
    seen = picture(sum_times())
    assert [(n.id, n.kind, n.title, n.value, n.gradient) for n in seen.nodes] == [
        ("v0", "input", "x", -2, -4),
        ("v1", "input", "y", 5, -4),
        ("v2", "op", "q = +", 3, -4),
        ("v3", "input", "z", -4, 3),
        ("v4", "output", "f = ×", -12, 1),
    ]
    assert edges(seen) == {
        ("x", "q = +"): [(1, -4)],
        ("y", "q = +"): [(1, -4)],
        ("q = +", "f = ×"): [(-4, -4)],
        ("z", "f = ×"): [(3, 3)],
    }


def test_a_value_and_its_graph_give_the_same_picture():
    f = sum_times()
    assert picture(f) == picture(Graph(f))


def test_a_picture_does_not_change_with_the_graph():
    f = sum_times()
    seen = picture(f)
    f.data = 7.0
    f.zero_grad()
    assert (seen.nodes[-1].value, seen.nodes[-1].gradient) == (-12, 1)


def test_kinds():
    w, x = parameter(2.0, "w"), Value(3.0, label="x")
    f = w * x + 1
    kinds = [(node.title, node.kind) for node in picture(f).nodes]
    assert kinds == [("w", "parameter"), ("x", "input"), ("×", "op"), ("constant", "constant"), ("+", "output")]


def test_a_shared_operand_has_two_edges():
    x = Value(3.0, label="x")
    f = x * x
    f.backward()
    assert edges(picture(f)) == {("x", "×"): [(3, 3), (3, 3)]}


def test_each_edge_carries_its_share_back():
    # What arrives at a node over all its edges is its gradient.
    seen = picture(sigmoid_neuron())
    for node in seen.nodes[:-1]:
        carried = math.fsum(edge.amount for edge in seen.edges if edge.operand == node.id)
        assert node.kind == "constant" or carried == pytest.approx(node.gradient, rel=1e-14)


def test_a_graph_that_is_not_differentiated_has_no_gradients():
    seen = picture(trace("q = x + y; f = q * z", x=-2, y=5, z=-4))
    assert {node.gradient for node in seen.nodes} == {None}
    assert {edge.amount for edge in seen.edges} == {None}
    assert [edge.local for edge in seen.edges] == [1, 1, -4, 3]


def test_gradients_that_leaves_hold_from_another_graph_are_not_this_ones():
    x = Value(3.0, label="x")
    (x * 2).backward()
    assert {node.gradient for node in picture(x * x).nodes} == {None}


def test_a_gradient_of_zero_is_shown_where_others_are_not():
    x = Value(-1.0, label="x")
    f = x.relu()
    f.backward()
    assert [node.gradient for node in picture(f).nodes] == [0, 1]


def test_a_differentiated_leaf_alone():
    x = Value(3.0)
    assert picture(x).nodes[0].gradient is None
    x.backward()
    assert picture(x).nodes[0].gradient == 1


def test_a_constant_has_no_gradient():
    x = Value(3.0, label="x")
    f = x * constant(2.0, "two")
    f.backward()
    assert by_name(picture(f))["two"].gradient is None


# --- several backward calls -------------------------------------------------------------------------------------------


def test_leaves_that_hold_several_passes_are_marked():
    f = sum_times()
    assert [node.one_pass for node in picture(f).nodes] == [None] * 5
    f.backward()
    seen = by_name(picture(f))
    assert {name: (node.gradient, node.one_pass) for name, node in seen.items()} == {
        "x": (-8, -4),
        "y": (-8, -4),
        "q": (-4, None),
        "z": (6, 3),
        "f": (1, None),
    }


def test_a_pass_with_another_seed_is_one_pass():
    f = trace("x * y", x=2, y=3).output
    f.backward(gradient=5.0)
    seen = picture(f)
    assert [(node.gradient, node.one_pass) for node in seen.nodes] == [(15, None), (10, None), (5, None)]


def test_cleared_gradients_are_not_marked():
    f = sum_times()
    for leaf in Graph(f).leaves:
        leaf.zero_grad()
    assert [node.one_pass for node in picture(f).nodes] == [None] * 5


def test_gradients_of_values_that_have_changed_are_not_marked():
    f = sum_times()
    Graph(f).inputs["x"].data -= 0.1  # as an optimiser does
    assert [node.one_pass for node in picture(f).nodes] == [None] * 5
    graph = trace("f = (x + y) * z * z", x=-2, y=5, z=-4)
    graph.backward()
    graph.forward({"z": 1.0})
    assert [node.one_pass for node in picture(graph).nodes] == [None] * 6


def test_a_parameter_that_has_left_an_operations_domain():
    x = Value(1.0, label="x")
    f = x.log() * 2
    f.backward()
    x.data = -1.0
    assert by_name(picture(f))["x"].one_pass is None


def test_rounding_is_not_a_second_pass():
    @gate
    class Third:
        def forward(self, x):
            return x / 3

        def backward(self, dz):
            return dz / 3

    x = Value(0.1, label="x")
    f = Third(x)
    f.backward(gradient=5.0)
    assert x.grad != 5 * (1 / 3)
    assert by_name(picture(f))["x"].one_pass is None


# --- names ------------------------------------------------------------------------------------------------------------


def test_names_from_locals():
    x = [Value(1.0), Value(2.0)]
    w = Value(3.0, label="weight")
    _ = x[0] * w + x[1]
    total = _
    other = "not a Value"
    seen = picture(total, names=locals())
    assert [node.title for node in seen.nodes] == ["x[0]", "weight", "×", "x[1]", "total = +"]


def test_the_first_of_several_names_counts():
    x = Value(1.0)
    assert picture(x, names={"a": x, "b": x}).nodes[0].name == "a"


@pytest.mark.parametrize("names", [[("x", 1)], {Value(1.0): "x"}, "x"])
def test_names_that_are_no_mapping_from_names(names):
    with pytest.raises(VizError, match=r"names maps each name to its Value, as locals\(\)"):
        picture(Value(1.0), names=names)


def test_a_label_that_is_no_text():
    assert picture(Value(1.0, label=0)).nodes[0].name == "0"


@pytest.mark.parametrize(
    ("thing", "message"),
    [
        (3.0, "draw takes a Value or a Graph, not float"),
        (None, "there is nothing to draw: draw was given None"),
        ([], r"draw takes one Value; of a list draw one, as in draw\(values\[0\]\), or their sum"),
        ((Value(1.0), Value(2.0)), "draw takes one Value; of a tuple"),
    ],
)
def test_something_that_is_no_graph(thing, message):
    with pytest.raises(VizError, match=message):
        picture(thing)


# --- operations -------------------------------------------------------------------------------------------------------


def test_operations_have_readable_names():
    x, y = Value(3.0), Value(2.0)
    made = [
        x + y,
        x - y,
        x * y,
        x / y,
        x**y,
        -x,
        abs(x),
        x.tanh(),
        x.reciprocal(),
        x.maximum(y),
        TABLE["less"].apply(x, y),
    ]
    assert [operation(node) for node in made] == ["+", "−", "×", "÷", "**", "neg", "abs", "tanh", "1/x", "max", "<"]
    assert [operation(node) for node in (sum([x, y]), dot([x], [y]), dot([x], [y], 1.0))] == ["sum", "w·x", "w·x + b"]


def test_operations_that_a_user_made():
    x = Value(3.0)
    by_hand = Value(9.0, (x, x), "*")
    assert operation(by_hand) == "×"
    by_hand._backward = lambda: None
    assert operation(by_hand) == "×"
    assert operation(gate(lambda v: v, lambda _: 1.0, name="wire")(x)) == "wire"


def test_a_gates_backward_does_not_run_before_backward():
    @gate
    class Unfinished:
        def forward(self, x):
            return x

        def backward(self, dz):
            raise NotImplementedError

    f = Unfinished(Value(3.0, label="x"))
    assert picture(f).edges[0].local is None


def test_a_gates_local_derivative_after_backward():
    cube = gate(lambda x: x**3, lambda x: 3 * x**2, name="cube")
    f = cube(Value(2.0, label="x"))
    f.backward(gradient=10.0)
    assert (picture(f).edges[0].local, picture(f).edges[0].amount) == (12, 120)


# --- unfolding --------------------------------------------------------------------------------------------------------


def test_a_fused_neuron_is_one_node_unless_unfolded():
    seen = picture(fused_neuron())
    assert [node.title for node in seen.nodes] == ["w0", "w1", "w2", "x0", "x1", "n = w·x + b", "f = sigmoid"]


def test_an_unfolded_neuron_shows_its_products_and_their_sum():
    seen = picture(fused_neuron(), unfold=True)
    slope = 1 / (1 + math.exp(-1)) * (1 - 1 / (1 + math.exp(-1)))  # σ(1) (1 − σ(1)), 0.1966 on the slides
    products = [node for node in seen.nodes if node.operation == "×"]
    assert [node.value for node in products] == [-2, 6]
    assert [node.gradient for node in products] == pytest.approx([slope, slope], rel=1e-15)
    total = by_name(seen)["n"]
    assert (total.title, total.value) == ("n = +", 1)
    found = [(e.operand, e.user, e.local, e.amount) for e in seen.edges if e.user != seen.nodes[-1].id]
    leaves = {node.name: node.id for node in seen.nodes}
    first, second = (node.id for node in products)
    wanted = [
        (leaves["w0"], first, -1, -slope),
        (leaves["x0"], first, 2, 2 * slope),
        (leaves["w1"], second, -2, -2 * slope),
        (leaves["x1"], second, -3, -3 * slope),
        (first, total.id, 1, slope),
        (second, total.id, 1, slope),
        (leaves["w2"], total.id, 1, slope),
    ]
    assert [edge[:3] for edge in found] == [edge[:3] for edge in wanted]
    assert [edge[3] for edge in found] == pytest.approx([edge[3] for edge in wanted], rel=1e-15)


def test_an_unfolded_neuron_is_the_neuron_of_elementary_gates():
    # The same values and gradients at w, x, each product and their sum, computed by other operations of the engine.
    w, b, x = inputs()
    products = [w[0] * x[0], w[1] * x[1]]
    sum([*products, b]).sigmoid().backward()
    seen = picture(fused_neuron(), unfold=True)
    shown = [node for node in seen.nodes if node.operation == "×"]
    assert [node.value for node in shown] == [product.data for product in products]
    assert [node.gradient for node in shown] == pytest.approx([product.grad for product in products], rel=1e-14)
    for leaf in (*w, b, *x):
        assert by_name(seen)[leaf.label].gradient == pytest.approx(leaf.grad, rel=1e-14)


def test_unfolding_without_a_bias_and_without_backward():
    seen = picture(dot([Value(2.0, label="w")], [Value(5.0, label="x")]), unfold=True)
    assert [(node.title, node.value, node.gradient) for node in seen.nodes] == [
        ("w", 2, None), ("x", 5, None), ("×", 10, None), ("+", 10, None),
    ]  # fmt: skip
    assert [(edge.local, edge.amount) for edge in seen.edges] == [(5, None), (2, None), (1, None)]
    assert seen.nodes[-1].kind == "output"


# --- size -------------------------------------------------------------------------------------------------------------


def chain(length, start=1.0):
    value = start if isinstance(start, Value) else Value(start)
    for _ in range(length - 1):
        value = value.tanh()
    return value


def test_the_largest_picture_and_one_more():
    assert len(picture(chain(MOST_VALUES)).nodes) == MOST_VALUES
    with pytest.raises(TooLargeError, match=r"1,201 values and 1,200 edges; .* fold=False .* draw\(node\)"):
        picture(chain(MOST_VALUES + 1))


def test_a_small_graph_of_too_many_edges():
    x = tuple(Value(1.0) for _ in range(50))
    f = sum([sum(x) for _ in range(50)])
    assert len(Graph(f).nodes) < MOST_VALUES < MOST_EDGES < 50 * 50
    with pytest.raises(TooLargeError, match="2,550 edges"):
        picture(f)


def test_unfolding_counts():
    f = dot([1.0] * 450, [1.0] * 450)
    assert len(picture(f).nodes) == 901
    with pytest.raises(TooLargeError, match="Leave out unfold=True"):
        picture(f, unfold=True)


def test_a_large_graph_is_not_walked_to_its_end():
    assert is_larger(chain(100, start=Unwalked(1.0)), 60)
    wide = sum([Unwalked(1.0) for _ in range(100)])
    assert is_larger(wide, 60)


def test_the_count_is_exact():
    x = Value(2.0)
    assert not is_larger(x, 1)
    assert is_larger(x * x, 1)
    assert not is_larger(x * x, 2)
    assert not is_larger(chain(60), 60)
    assert is_larger(chain(61), 60)
