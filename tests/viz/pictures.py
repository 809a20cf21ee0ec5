"""The graphs that the tests of viz draw, and helpers that read a picture."""

from itertools import pairwise
from xml.etree import ElementTree as ET

from autograd import Value, dot, parameter, trace
from nn import MLP

SVG = "{http://www.w3.org/2000/svg}"
DIGIT = 0.6  # the width of a Courier character, in font sizes


def sum_times():
    """f = (x + y) z of the lectures, differentiated: f = −12, q = 3, gradients −4, −4, 3."""
    graph = trace("q = x + y; f = q * z", x=-2, y=5, z=-4)
    graph.output.backward()
    return graph.output


def inputs():
    """The sigmoid neuron's weights, bias and inputs, as on the slides."""
    w = [parameter(2.0, "w0"), parameter(-3.0, "w1")]
    return w, parameter(-3.0, "w2"), [Value(-1.0, label="x0"), Value(-2.0, label="x1")]


def sigmoid_neuron():
    """The neuron of elementary gates."""
    w, b, x = inputs()
    f = 1 / (1 + (-(w[0] * x[0] + w[1] * x[1] + b)).exp())
    f.label = "f"
    f.backward()
    return f


def fused_neuron():
    """The neuron of one dot node and one sigmoid gate."""
    w, b, x = inputs()
    n = dot(w, x, b)
    n.label = "n"
    f = n.sigmoid()
    f.label = "f"
    f.backward()
    return f


class ByHand:
    """micrograd's multi-layer perceptron: elementary gates, and objects that are no nn.Module."""

    class Neuron:
        def __init__(self, weights, relu):
            self.w, self.b, self.relu = [Value(w) for w in weights], Value(0.0), relu

        def __call__(self, x):
            total = sum((w * x for w, x in zip(self.w, x, strict=True)), self.b)
            return total.relu() if self.relu else total

    class Layer:
        def __init__(self, nin, nout, relu, draw):
            self.neurons = [ByHand.Neuron([next(draw) for _ in range(nin)], relu) for _ in range(nout)]

        def __call__(self, x):
            return [neuron(x) for neuron in self.neurons]

    def __init__(self, nin, nouts):
        draw = ((i * 37 % 101) / 50 - 1 for i in range(100_000))  # between -1 and 1, the same on every machine
        sizes = [nin, *nouts]
        self.layers = [
            ByHand.Layer(size, next_size, i < len(nouts) - 1, draw)
            for i, (size, next_size) in enumerate(pairwise(sizes))
        ]

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x[0]

    def parameters(self):
        return [p for layer in self.layers for neuron in layer.neurons for p in (*neuron.w, neuron.b)]


def points(count):
    return [((i % 5 - 2) / 2, (i % 7 - 3) / 3) for i in range(count)]


def margin_loss(model=None, samples=20):
    """micrograd's demo: the mean of relu(1 - y score), and a penalty on the parameters' squares; differentiated."""
    model = MLP(2, [4, 4, 1], seed=1) if model is None else model
    scores = [model([Value(x) for x in point]) for point in points(samples)]
    losses = [(1 + (-1.0) ** i * score).relu() for i, score in enumerate(scores)]
    loss = sum(losses) * (1 / samples) + 1e-4 * sum(p * p for p in model.parameters())
    loss.label = "loss"
    loss.backward()
    return loss


class Unwalked(Value):
    """A Value that notices when a walk over a large graph comes too far."""

    @property
    def parents(self):
        raise AssertionError("the walk has gone too far")


def parse(svg):
    return ET.fromstring(svg)  # noqa: S314  # our own


def groups(svg):
    """Return the nodes and edges of a finished SVG: tooltip → element."""
    root = parse(svg)
    return {g.find(f"{SVG}title").text: g for g in root.iter(f"{SVG}g") if g.find(f"{SVG}title") is not None}


def texts(group):
    """Return the lines of a node: role → text."""
    return {text.get("class").removeprefix("gg-"): text.text.strip() for text in group.iter(f"{SVG}text")}


# --- readers of a folded picture --------------------------------------------------------------------------------------


def boxes(drawing):
    """Return {title: node} for titles that stand once."""
    titles = [node.title for node in drawing.picture.nodes]
    return {node.title: node for node in drawing.picture.nodes if titles.count(node.title) == 1}


def titles(drawing):
    return [node.title for node in drawing.picture.nodes]


def edges(drawing):
    """Return {(title, title of its user): count}."""
    named = {node.id: node.title for node in drawing.picture.nodes}
    return {(named[e.operand], named[e.user]): e.count for e in drawing.picture.edges}


def frames(drawing):
    """Return the title of the innermost dashed frame around each node, by the node's title."""
    named = {cluster.id: cluster.title for cluster in drawing.picture.clusters}
    return {node.title: named.get(node.cluster) for node in drawing.picture.nodes}
