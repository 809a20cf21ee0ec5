"""The graphs that the tests of viz draw, and helpers that read a picture."""

from xml.etree import ElementTree as ET

from autograd import Value, dot, parameter, trace

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
