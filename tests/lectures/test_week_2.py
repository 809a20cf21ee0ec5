"""week-2: the chain rule link by link, and a neuron with squared-error cost as a graph."""

from worked_examples import EXAMPLES, close

from autograd import Graph, Value, dot, exp, sigmoid, trace

CHAIN = "m = -x; g = exp(m); h = g + 1; f = 1 / h"


def test_every_link_of_the_chain():
    numbers = EXAMPLES["chain"]
    graph = trace(CHAIN, x=1.0)
    graph.backward()
    nodes = {node.label: node for node in graph.nodes if node.label}
    assert {label: nodes[label].data for label in "mghf"} == close({label: numbers[label] for label in "mghf"})
    assert {label: nodes[label].grad for label in "hgmx"} == close({label: numbers[f"df_d{label}"] for label in "hgmx"})


def test_the_links_multiply_to_the_sigmoids_slope():
    graph = trace(CHAIN, x=1.0)
    product = 1.0
    for node in graph.nodes:
        if not node.is_leaf:
            links = dict(zip(node.parents, node.op.local(node), strict=True))
            product *= next(slope for operand, slope in links.items() if operand.label)
    assert product == close(EXAMPLES["chain"]["df_dx"])


def test_what_a_small_nudge_of_x_does_to_f():
    nudge = EXAMPLES["chain"]["nudge"]
    graph = trace(CHAIN, x=1.0)
    before = graph.output.data
    slope = graph.backward()["x"]
    assert before + slope * (nudge["x"] - 1.0) == close(nudge["linear_prediction"])
    assert graph.forward({"x": nudge["x"]}) == close(nudge["f"])


W, B, X, Y = (-1.0, 0.5, 10.0), -2.0, (4.0, -2.0, 1.0), 1.0


def compare(c, y_hat, z, w, b, x):
    numbers = EXAMPLES["squared_error_neuron"]
    c.backward()
    assert (z.data, y_hat.data, c.data) == close((numbers["z"], numbers["y_hat"], numbers["C"]))
    assert (y_hat.grad, z.grad, b.grad) == close((numbers["dC_dy"], numbers["dC_dz"], numbers["dC_db"]))
    assert [v.grad for v in w] == close(numbers["dC_dw"])
    assert [v.grad for v in x] == close(numbers["dC_dx"])


def test_squared_error_neuron_of_elementary_gates():
    w, b, x = [Value(v) for v in W], Value(B), [Value(v) for v in X]
    z = b + x[0] * w[0] + x[1] * w[1] + x[2] * w[2]
    y_hat = 1 / (1 + exp(-z))
    compare((y_hat - Y) ** 2, y_hat, z, w, b, x)


def test_squared_error_neuron_of_fused_gates():
    w, b, x = [Value(v) for v in W], Value(B), [Value(v) for v in X]
    z = dot(w, x, b)
    y_hat = sigmoid(z)
    compare((y_hat - Y) ** 2, y_hat, z, w, b, x)


def test_average_over_all_training_data():
    examples = [((4.0, -2.0, 1.0), 1.0), ((0.5, 1.0, -0.2), 0.0), ((-1.0, 0.3, 0.1), 1.0)]
    w, b = [Value(v, label=f"w{i}") for i, v in enumerate(W, 1)], Value(B, label="w0")

    def cost(x, y):
        return (sigmoid(dot(w, x, b)) - y) ** 2

    rows = [Graph(cost(*example)).backward() for example in examples]
    average = Graph(sum(cost(*example) for example in examples) / len(examples)).backward()
    assert average == close({label: sum(row[label] for row in rows) / 3 for label in ("w0", "w1", "w2", "w3")})
