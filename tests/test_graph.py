"""A Graph: nodes, inputs, forward, backward, and every step with its numbers."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_graphs import recipes

from autograd import Graph, Value, constant, gate, log, parameter, trace
from autograd.errors import DomainError, GraphError, InputError, OperandError
from autograd.graph import BackwardStep, ForwardStep
from autograd.ops import CONSTANT


def state(graph):
    return [(node.data, node.grad, node.op, node.label) for node in graph.nodes]


# --- nodes and inputs -------------------------------------------------------------------------------------------------


@given(recipes())
def test_nodes_stand_once_after_their_operands_with_the_output_last(recipe):
    _, values = recipe.build()
    nodes = Graph(values[-1]).nodes
    place = {node: i for i, node in enumerate(nodes)}
    assert len(place) == len(nodes)
    assert nodes[-1] is values[-1]
    assert all(place[parent] < place[node] for node in nodes for parent in node.parents)
    reached = {values[-1]}
    for node in reversed(nodes):
        reached.update(node.parents)
    assert reached == set(nodes)


def test_leaves_stand_just_before_their_first_use():
    graph = trace("q = x + y; f = q * z", x=-2, y=5, z=-4)
    assert [node.label for node in graph.nodes] == ["x", "y", "q", "z", "f"]
    assert [node.label for node in graph.leaves] == ["x", "y", "z"]


def test_a_graph_of_one_leaf():
    x = Value(3.0, label="x")
    graph = Graph(x)
    assert graph.nodes == [x]
    assert graph.forward({"x": 4}) == 4.0
    assert graph.backward() == {"x": 1.0}
    assert list(graph.steps()) == []


def test_inputs_are_the_labelled_leaves_without_constants():
    x, w, c, nameless = Value(1, label="x"), parameter(2, label="w"), constant(3, label="c"), Value(4)
    product = x * w
    product.label = "product"
    assert Graph(product + c + nameless).inputs == {"x": x, "w": w}


def test_two_inputs_of_one_label_are_an_error():
    graph = Graph(Value(1, label="x") * Value(2, label="x"))
    for use in (lambda: graph.inputs, lambda: graph.forward({"x": 3}), graph.backward):
        with pytest.raises(InputError, match="two leaves bear the label 'x'"):
            use()
    assert graph.forward() == 2.0


def test_a_graph_is_made_of_a_value():
    with pytest.raises(OperandError, match="float"):
        Graph(3.0)


# --- forward ----------------------------------------------------------------------------------------------------------


@given(recipes(), st.data())
def test_forward_equals_building_anew(recipe, data):
    _, values = recipe.build()
    graph = Graph(values[-1])
    other = data.draw(st.lists(st.floats(-2, 2), min_size=len(recipe.leaves), max_size=len(recipe.leaves)))
    _, fresh = type(recipe)(tuple(other), recipe.steps).build()
    known = graph.inputs
    result = graph.forward({f"x{i}": x for i, x in enumerate(other) if f"x{i}" in known})
    assert result == fresh[-1].data
    reached = set(graph.nodes)
    assert all(v.data == w.data for v, w in zip(values, fresh, strict=True) if v in reached)


def test_forward_without_inputs_reads_the_leaves():
    x = Value(2.0)
    graph = Graph(x * x)
    x.data = 5.0
    assert graph.output.data == 4.0
    assert graph.forward() == graph.output.data == 25.0


def test_forward_names_an_unknown_input_and_the_known_ones():
    graph = trace("x * y", x=1, y=2)
    before = state(graph)
    with pytest.raises(InputError) as caught:
        graph.forward({"x": 7, "w": 3})
    assert str(caught.value) == "no input 'w'; the inputs of this graph are 'x', 'y'"
    assert isinstance(caught.value, KeyError)
    assert state(graph) == before


@pytest.mark.parametrize(("inputs", "error"), [({"x": 3, "y": "4"}, OperandError), ({"x": -3.0}, DomainError)])
def test_a_failing_forward_leaves_all_data_as_it_was(inputs, error):
    graph = trace("q = x * y; log(q) + x", x=1, y=2)
    graph.backward()
    before = state(graph)
    with pytest.raises(error):
        graph.forward(inputs)
    assert state(graph) == before


def test_a_failing_forward_names_operation_label_and_domain():
    graph = trace("log(p)", p=1)
    with pytest.raises(DomainError, match=r"log\(-1\.0\) of 'p': x must lie in \(0, ∞\)"):
        graph.forward({"p": -1})


# --- backward ---------------------------------------------------------------------------------------------------------


def test_backward_returns_this_calls_gradients_while_leaves_accumulate():
    graph = trace("x * x * y", x=3, y=2)
    x = graph.inputs["x"]
    assert graph.backward() == {"x": 12.0, "y": 9.0}
    assert graph.backward(gradient=10) == {"x": 120.0, "y": 90.0}
    assert x.grad == 132.0
    graph.zero_grad()
    assert all(node.grad == 0.0 for node in graph.nodes)
    assert graph.backward()["x"] == x.grad == 12.0


def test_an_exception_in_backward_leaves_the_old_gradients():
    x, y = Value(2.0, label="x"), Value(3.0, label="y")
    own = Value(6.0, (x, y), "own")
    graph = Graph(own + x)
    assert graph.backward() == {"x": 1.0, "y": 0.0}

    def closure():
        x.grad += 5.0
        raise RuntimeError("closure")

    own._backward = closure
    with pytest.raises(RuntimeError, match="closure"):
        graph.backward(gradient=4)
    assert (x.grad, y.grad, own.grad, graph.output.grad) == (1.0, 0.0, 1.0, 1.0)


# --- steps ------------------------------------------------------------------------------------------------------------


def test_steps_of_the_lectures_example():
    graph = trace("q = x + y; f = q * z", x=-2, y=5, z=-4)
    add, multiply, back_multiply, back_add = graph.steps()
    assert (add.node.label, add.operands, add.data) == ("q", (-2.0, 5.0), 3.0)
    assert (multiply.node.label, multiply.operands, multiply.data) == ("f", (3.0, -4.0), -12.0)
    assert (back_multiply.node.label, back_multiply.gradient) == ("f", 1.0)
    assert [(c.operand.label, c.position, c.local, c.amount) for c in back_multiply.contributions] == [
        ("q", 0, -4.0, -4.0),
        ("z", 1, 3.0, 3.0),
    ]
    assert (back_add.node.label, back_add.gradient) == ("q", -4.0)
    assert [(c.operand.label, c.local, c.total) for c in back_add.contributions] == [("x", 1.0, -4.0), ("y", 1.0, -4.0)]


def test_steps_show_a_gradient_that_is_not_final_yet():
    graph = trace("x * x + x", x=3)
    contributions = [c for step in graph.steps() if isinstance(step, BackwardStep) for c in step.contributions]
    to_x = [(c.amount, c.total, c.final) for c in contributions if c.operand.label == "x"]
    assert to_x == [(1.0, 1.0, False), (3.0, 4.0, False), (3.0, 7.0, True)]


@given(recipes(), st.floats(-10, 10))
def test_steps_equal_the_real_data_and_gradients_and_change_nothing(recipe, gradient):
    _, values = recipe.build()
    graph = Graph(values[-1])
    graph.backward(gradient=3)
    before = state(graph)
    steps = list(graph.steps(gradient))
    assert state(graph) == before

    interior = [node for node in graph.nodes if not node.is_leaf]
    forward = [step for step in steps if isinstance(step, ForwardStep)]
    backward = [step for step in steps if isinstance(step, BackwardStep)]
    assert steps == forward + backward
    assert [step.node for step in forward] == interior
    assert [step.node for step in backward] == interior[::-1]

    graph.zero_grad()
    graph.output.backward(gradient)
    assert [(s.operands, s.data) for s in forward] == [(tuple(p.data for p in n.parents), n.data) for n in interior]
    totals = {graph.output: gradient}
    done = set()
    for step in backward:
        assert step.gradient == totals[step.node]
        done.add(step.node)
        assert tuple(c.operand for c in step.contributions) == step.node.parents
        for position, c in enumerate(step.contributions):
            assert c.position == position
            assert c.operand not in done
            if c.operand.op is not CONSTANT:  # the slope in the exponent of (-1) ** 2 is nan, and nobody needs it
                assert c.amount == step.gradient * c.local
                assert c.before == totals.get(c.operand, 0.0)
                totals[c.operand] = c.before + c.amount
                assert c.total == totals[c.operand]
    paths = max(recipe.dual().paths)
    for node, total in totals.items():
        assert abs(total - node.grad) <= 1e-12 * abs(gradient) * paths
    last = {c.operand: i for i, c in enumerate(c for step in backward for c in step.contributions)}
    for i, c in enumerate(c for step in backward for c in step.contributions):
        assert c.final == (last[c.operand] == i)


# --- operations of the user's own -------------------------------------------------------------------------------------


@gate
class Remember:
    def forward(self, x, y):
        self.x, self.y = x, y
        return x * y

    def backward(self, dz):
        return [self.y * dz, self.x * dz]


def test_gates_are_evaluated_anew():
    x, y = Value(2.0, label="x"), Value(3.0, label="y")
    graph = Graph(Remember(x, y) + x)
    assert graph.backward() == {"x": 4.0, "y": 2.0}
    assert graph.forward({"x": 5.0}) == 20.0
    assert graph.backward() == {"x": 4.0, "y": 5.0}


def test_steps_through_gates():
    x = Value(3.0, label="x")
    first, second = Graph(Remember(x, x)).steps(gradient=2.0)
    assert first.data == 9.0
    assert [(c.local, c.amount, c.total) for c in second.contributions] == [(3.0, 6.0, 6.0), (3.0, 6.0, 12.0)]


def test_a_failing_forward_leaves_what_a_gate_kept():
    x, y = Value(2.0, label="x"), Value(3.0, label="y")
    graph = Graph(log(Remember(x, y)))
    with pytest.raises(DomainError):
        graph.forward({"x": -1.0})
    assert graph.backward() == pytest.approx({"x": 1 / 2, "y": 1 / 3})


def by_hand():
    x = Value(0.5, label="x")
    out = Value(math.tanh(x.data), (x,), "tanh", label="out")

    def closure():
        x.grad += (1 - out.data**2) * out.grad

    out._backward = closure
    return Graph(out * 2.0)


def test_a_node_made_by_hand_differentiates_but_refuses_forward_by_name():
    graph = by_hand()
    slope = 2 * (1 - math.tanh(0.5) ** 2)
    assert graph.backward() == pytest.approx({"x": slope})
    before = state(graph)
    with pytest.raises(GraphError, match=r"the node 'out' was made by hand.*'tanh'.*autograd\.gate"):
        graph.forward({"x": 1.0})
    assert state(graph) == before


def test_steps_through_a_node_made_by_hand():
    graph = by_hand()
    graph.backward()
    before = state(graph)
    *_, last = graph.steps()
    (contribution,) = last.contributions
    assert contribution.local == pytest.approx(1 - math.tanh(0.5) ** 2)
    assert contribution.total == pytest.approx(graph.inputs["x"].grad)
    assert state(graph) == before


def test_a_replaced_backward_keeps_the_forward():
    x = Value(3.0, label="x")
    y = x * x
    y._backward = lambda: None
    y._backward = lambda: setattr(x, "grad", x.grad + 100 * y.grad)
    graph = Graph(y)
    assert graph.forward({"x": 5.0}) == 25.0
    assert graph.backward() == {"x": 100.0}


def test_local_slopes_of_an_operand_that_stands_twice_in_a_node_made_by_hand():
    x = Value(3.0, label="x")
    y = Value(9.0, (x, x), "square")
    y._backward = lambda: setattr(x, "grad", x.grad + 6.0 * y.grad)
    *_, step = Graph(y).steps()
    assert [c.local for c in step.contributions] == [3.0, 3.0]
    assert step.contributions[-1].total == 6.0


def test_a_slope_of_0_everywhere_passes_nothing_back_in_steps_as_in_backward():
    x = Value(-1.0)
    root = x.step().sqrt()  # whose slope at 0 is infinite
    last = list(Graph(root).steps())[-1]
    root.backward()
    assert last.contributions[0].operand is x
    assert last.contributions[0].total == x.grad == 0.0
