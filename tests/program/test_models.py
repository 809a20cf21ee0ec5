"""Whole models as programs: gradients, and training that ends where eager training does."""

import numpy as np
import pytest
from judge import assert_agrees, assert_close, eager
from models import attention, classifier, hinge_with_penalty, mlp, recurrent
from straight import assert_interpreted, straight_of

import autograd
from autograd import Graph, Value, parameter
from nn import MLP, moons

MODELS = {
    "mlp 2-16-16-1 relu": lambda: mlp((2, 16, 16, 1), "relu"),
    "mlp 3-5-4-2 tanh": lambda: mlp((3, 5, 4, 2), "tanh"),
    "mlp 1-7-1 gelu": lambda: mlp((1, 7, 1), "gelu"),
    "mlp 4-3 sigmoid": lambda: mlp((4, 3), "sigmoid"),
    "mlp 5-2-6-1 leaky_relu": lambda: mlp((5, 2, 6, 1), "leaky_relu"),
    "mlp 2-3-3-3-2 elu": lambda: mlp((2, 3, 3, 3, 2), "elu"),
    "mlp 3-4-1 softplus": lambda: mlp((3, 4, 1), "softplus"),
    "mlp 3-4-2 silu": lambda: mlp((3, 4, 2), "silu"),
    "hinge with L2": hinge_with_penalty,
    "softmax cross-entropy": classifier,
    "recurrent, 20 steps": recurrent,
    "attention, 8 positions": attention,
}
every_model = pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)


@every_model
def test_values_and_gradients(make):
    model = make()
    program = assert_agrees(model.loss, model.examples, model.batch)
    assert set(program.parameters) == set(model.parameters)
    assert program.check(*model.batch) < 1e-10 * max(1.0, np.abs(program.value_and_grad(*model.batch)[1]).sum())


@every_model
def test_parameters_in_a_given_order(make):
    """Also in an order that no layer has, so that weight matrices are no views of theta."""
    model = make()
    shuffled = np.random.default_rng(0).permutation(np.array(model.parameters))
    program = assert_agrees(model.loss, model.examples, model.batch, list(shuffled))
    assert program.parameters == list(shuffled)


@every_model
def test_a_batch_of_one_and_one_sample(make):
    model = make()
    program = assert_agrees(model.loss, model.examples, [array[:1] for array in model.batch])
    alone = program.value_and_grad(*[array[0] for array in model.batch])
    batch = program.value_and_grad(*[array[:1] for array in model.batch])
    assert_close(alone[0], batch[0])
    assert_close(alone[1], batch[1], np.abs(batch[1]))
    assert np.shape(program(*[array[0] for array in model.batch])) == ()


@pytest.mark.parametrize("name", ["mlp 3-5-4-2 tanh", "recurrent, 20 steps", "attention, 8 positions"])
def test_the_interpreter_agrees(name):
    model = MODELS[name]()
    straight, parameters, _ = straight_of(model.loss, model.examples)
    columns = np.concatenate([array.reshape(len(array), -1) for array in model.batch], axis=1).T
    assert_interpreted(straight, columns, parameters, eager(model.loss, model.examples, model.batch, parameters))


@every_model
def test_gradients_against_finite_differences(make):
    """Of the program itself, so that no other engine has a say: along random directions in theta."""
    model = make()
    program = autograd.compile(model.loss, *model.examples)
    _, gradient = program.value_and_grad(*model.batch)
    theta = program.theta.copy()
    rng = np.random.default_rng(1)
    for _ in range(3):
        direction = rng.normal(size=len(theta))
        h = 1e-6
        values = []
        for sign in (1, -1):
            program.theta = theta + sign * h * direction
            values.append(program(*model.batch).mean())
        slope = (values[0] - values[1]) / (2 * h)
        assert abs(slope - gradient @ direction) <= 1e-6 * max(1.0, np.abs(gradient * direction).sum())


def test_a_program_stays_small():
    """As many array calls as layers ask for, and not more for more neurons."""
    small = autograd.compile(mlp((2, 4, 4, 1), "tanh").loss, [0.0] * 2, [0.0])
    large = autograd.compile(mlp((2, 24, 24, 1), "tanh").loss, [0.0] * 2, [0.0])
    assert small.stats.array_calls == large.stats.array_calls < 25


# --- training ---


def train_both(steps):
    """Train micrograd's demo, with its decaying rate, eagerly and by a program; return both parameters and losses."""
    X, y = moons(20, noise=0.1, seed=1)
    y = 2.0 * y - 1.0
    models = MLP(2, [8, 8, 1], seed=1), MLP(2, [8, 8, 1], seed=1)
    eager_model, model = models
    losses = []

    def loss(x, y):
        return (1 - y * model(x)).relu() + 1e-4 * autograd.sum([p * p for p in model.parameters()])

    program = autograd.compile(loss, [0.0, 0.0], 1.0, parameters=model.parameters())
    rates = [1.0 - 0.9 * k / steps for k in range(steps)]
    for rate in rates:
        value, gradient = program.value_and_grad(X, y)
        program.theta -= 0.2 * rate * gradient
        losses.append(value)
    parameters = eager_model.parameters()
    samples = [list(map(Value, row)) for row in X.tolist()]
    for rate in rates:
        terms = [(1 - yi * eager_model(x)).relu() for x, yi in zip(samples, y.tolist(), strict=True)]
        total = autograd.mean(terms) + 1e-4 * autograd.sum([p * p for p in parameters])
        eager_model.zero_grad()
        total.backward()
        for p in parameters:
            p.data -= 0.2 * rate * p.grad
    assert model.parameters()[0].data == MLP(2, [8, 8, 1], seed=1).parameters()[0].data  # theta alone was trained
    program.write()
    return [p.data for p in model.parameters()], [p.data for p in parameters], losses


def test_training_ends_where_eager_training_does():
    trained, expected, losses = train_both(100)
    np.testing.assert_allclose(trained, expected, rtol=0, atol=1e-8)
    assert losses[-1] < 0.5 * losses[0]


@pytest.mark.slow
def test_a_thousand_steps_end_where_eager_training_does():
    trained, expected, losses = train_both(1000)
    np.testing.assert_allclose(trained, expected, rtol=0, atol=1e-8)
    assert losses[-1] < 0.1 * losses[0]


def test_online_training():
    """One sample at a time, with and without the batch axis."""
    model = mlp((2, 4, 1), "tanh")
    program = autograd.compile(model.loss, *model.examples)
    other = autograd.compile(model.loss, *model.examples)
    X, Y = model.batch
    for x, y in zip(X, Y, strict=True):
        program.theta -= 0.1 * program.value_and_grad(x, y)[1]
        other.theta -= 0.1 * other.value_and_grad(x[None], y[None])[1]
    np.testing.assert_allclose(program.theta, other.theta, rtol=1e-12)
    assert np.abs(program.theta - [p.data for p in program.parameters]).max() > 1e-3


# --- graphs that exist ---


def test_the_lectures_graph_runs_as_a_program():
    """∂f/∂(x, y, z) of f = (x + y) z, as on CS231n's slide, and again for new inputs."""
    graph = autograd.trace("q = x + y; f = q * z", x=-2, y=5, z=-4)
    program = graph.compile()
    value, gradient, slopes = program.value_and_grad(-2.0, 5.0, -4.0, inputs=True)
    assert (value, gradient.tolist(), [float(s) for s in slopes]) == (-12.0, [], [-4.0, -4.0, 3.0])
    assert program(z=-4.0, x=[-2.0, 3.0], y=5.0).tolist() == [-12.0, -32.0]
    assert [graph.forward({"x": x}) for x in (-2.0, 3.0)] == [-12.0, -32.0]


def test_a_graphs_parameters_and_unlabelled_leaves_are_theta():
    w, b, unnamed, x = parameter(2.0, "w"), parameter(-1.0), Value(5.0), Value(3.0, label="x")
    program = Graph((w * x + b).tanh() * unnamed + 7.0).compile()
    assert program.parameters == [w, b, unnamed]
    value, gradient = program.value_and_grad(x=[0.5, 1.0])
    t = np.tanh([0.0, 1.0])
    assert_close(value, np.mean(5 * t + 7))
    assert_close(gradient, [np.mean(5 * (1 - t**2) * [0.5, 1.0]), np.mean(5 * (1 - t**2)), np.mean(t)])


def test_labels_need_not_be_names():
    x, y = Value(3.0, label="x 1"), Value(4.0, label="lambda")
    program = Graph(x / y).compile()
    assert program(**{"x 1": [10.0], "lambda": [4.0]}).tolist() == [2.5]
    assert program([10.0], [4.0]).tolist() == [2.5]


def test_compiling_a_graph_leaves_it_alone():
    x, w = Value(3.0, label="x"), parameter(2.0, "w")
    output = (w * x) ** 2
    output.backward()
    before = [(v.data, v.grad) for v in Graph(output).nodes]
    program = Graph(output).compile()
    program.value_and_grad([1.0, 2.0])
    program.check([1.0, 2.0])
    assert [(v.data, v.grad) for v in Graph(output).nodes] == before


def test_a_whole_batchs_graph_is_replayed_after_its_leaves_change():
    """As a plain micrograd script builds it: one graph that holds all samples."""
    model = MLP(2, [4, 1], "tanh", seed=2)
    X, y = moons(10, seed=3)
    samples = [[Value(a, label=f"x{i}{j}") for j, a in enumerate(row)] for i, row in enumerate(X.tolist())]

    def loss():
        return autograd.mean([(model(x) - t) ** 2 for x, t in zip(samples, y.tolist(), strict=True)])

    program = Graph(loss()).compile()
    names = {v.label: v for row in samples for v in row}
    for shift in (0.0, 0.3):
        for p in model.parameters():
            p.data += shift
        for v in names.values():
            v.data -= shift
        program.read()
        value, gradient = program.value_and_grad(**{name: v.data for name, v in names.items()})
        total = loss()
        model.zero_grad()
        total.backward()
        assert_close(value, total.data)
        assert_close(gradient, [p.grad for p in program.parameters])
