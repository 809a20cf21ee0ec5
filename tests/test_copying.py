"""Pickling and copying: graphs of any depth, shared nodes, operations of the user's own."""

import copy
import pickle
import sys

import pytest
from hypothesis import given
from random_graphs import recipes

import autograd
from autograd import Graph, Value, constant, parameter
from autograd.errors import GraphError


def pickled(value, protocol=pickle.HIGHEST_PROTOCOL):
    return pickle.loads(pickle.dumps(value, protocol))  # noqa: S301  # our own


CLONES = [pickled, copy.deepcopy]


def chain(length):
    x = Value(1.0, label="x")
    y = x
    for _ in range(length):
        y = y + x
    return x, y


@pytest.mark.parametrize("clone", CLONES)
@given(recipe=recipes())
def test_a_clone_has_the_same_numbers_shape_and_gradients(clone, recipe):
    _, values = recipe.build()
    values[-1].backward()
    twin = clone(values[-1])
    originals, copies = Graph(values[-1]).nodes, Graph(twin).nodes
    assert len(originals) == len(copies)
    place = {node: i for i, node in enumerate(originals)}
    twin_place = {node: i for i, node in enumerate(copies)}
    for node, other in zip(originals, copies, strict=True):
        assert node is not other
        assert (node.data, node.grad, node.op, node.label) == (other.data, other.grad, other.op, other.label)
        assert [place[p] for p in node.parents] == [twin_place[p] for p in other.parents]
    before = [node.grad for node in originals]
    twin.backward(gradient=5.0)
    assert [node.grad for node in originals] == before


@pytest.mark.parametrize("clone", [*CLONES, *[lambda v, p=p: pickled(v, p) for p in range(pickle.HIGHEST_PROTOCOL)]])
def test_a_graph_deeper_than_the_recursion_limit(clone):
    length = 3 * sys.getrecursionlimit()
    _, y = chain(length)
    twin = clone(y)
    twin.backward()
    (x,) = Graph(twin).leaves
    assert (twin.data, x.grad, x.label) == (length + 1.0, length + 1.0, "x")


def test_a_pickle_grows_linearly_with_the_graph():
    small, large = (len(pickle.dumps(chain(length)[1])) for length in (1000, 2000))
    assert large < 2.5 * small


@pytest.mark.slow
@pytest.mark.parametrize("clone", CLONES)
def test_a_graph_of_depth_100_000(clone):
    _, y = chain(100_000)
    twin = clone(y)
    twin.backward()
    assert twin.data == Graph(twin).leaves[0].grad == 100_001.0


@pytest.mark.parametrize("clone", CLONES)
def test_nodes_shared_by_two_outputs_stay_shared(clone):
    x, y = chain(10)
    first, second, leaf = clone([y * 2, y * 3, x])
    assert first.parents[0] is second.parents[0]
    first.backward()
    second.backward()
    assert leaf.grad == 5 * 11.0


@pytest.mark.parametrize("clone", CLONES)
def test_layers_that_share_their_inputs_tuple(clone):
    inputs = (Value(1.0), Value(2.0))
    weights = [(Value(3.0), Value(4.0)), (Value(5.0), Value(6.0))]
    out = autograd.sum([autograd.dot(w, inputs, bias=0.5) for w in weights])
    twin = clone(out)
    first, second = twin.parents
    assert [v.data for v in first.parents] == [3.0, 4.0, 0.5, 1.0, 2.0]
    assert first.parents[-1] is second.parents[-1]
    twin.backward()
    assert [v.grad for v in second.parents[-2:]] == [8.0, 10.0]


@pytest.mark.parametrize("clone", [*CLONES, copy.copy])
def test_leaves_keep_their_kind(clone):
    for leaf in (Value(1.0, label="a"), parameter(2.0), constant(3.0)):
        leaf.grad = 0.5
        twin = clone(leaf)
        assert twin is not leaf
        assert (twin.data, twin.grad, twin.label, twin.op) == (leaf.data, 0.5, leaf.label, leaf.op)


@pytest.mark.parametrize("clone", CLONES)
def test_a_graph_object(clone):
    graph = Graph(chain(3000)[1])
    twin = clone(graph)
    assert twin.nodes[-1] is twin.output
    assert twin.forward({"x": 2.0}) == 6002.0
    assert graph.output.data == 3001.0


def test_copy_copies_one_node():
    x, y = chain(5)
    twin = copy.copy(y)
    assert twin is not y
    assert all(a is b for a, b in zip(twin.parents, y.parents, strict=True))
    twin.backward()
    assert (x.grad, y.grad) == (6.0, 0.0)


def test_every_operation_of_the_tables_pickles():
    x = Value(0.5)
    reductions = [getattr(autograd, name)([x, 2.0]) for name in ("sum", "mean", "prod", "max", "min", "logsumexp")]
    for node in (x.tanh(), x**2, x.clip(0, 1), autograd.where(x > 0, x, x), autograd.dot([x], [x], x), *reductions):
        twin = pickled(node)
        assert twin.op is node.op
        assert len(twin.parents) == len(node.parents)


@pytest.mark.parametrize("clone", CLONES)
def test_closures_are_refused_with_the_remedy(clone):
    x = Value(1.0)
    y = Value(1.0, (x,), "identity")
    assert clone(y).op.symbol == "identity"  # without a closure there is nothing to refuse
    y._backward = lambda: None
    with pytest.raises(GraphError, match=r"'identity' whose _backward is a closure.*autograd\.gate"):
        clone(y * 2)


@pytest.mark.parametrize("clone", CLONES)
def test_a_refused_copy_does_not_spoil_the_next_one(clone):
    x, deep = chain(3 * sys.getrecursionlimit())
    y = Value(1.0, (x,), "identity")
    y._backward = lambda: None
    with pytest.raises(GraphError) as kept:
        clone(deep + y)
    assert clone(deep).data == deep.data
    assert kept.value.__traceback__ is not None  # which keeps the frames of the refused copy alive
