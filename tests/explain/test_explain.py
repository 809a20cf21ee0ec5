"""explain: what it says of the lectures' graphs, of large ones and of odd ones, and what it refuses."""

import math
import re

import pytest
from hypothesis import given, settings
from random_graphs import recipes

import autograd
from autograd import Graph, Value, constant, gate, no_grad, operation, parameter, trace
from autograd.errors import GraphError, InputError, OperandError
from autograd.explain import explain
from autograd.explain.explanation import MOST_PATHS


def sum_times():
    return trace("q = x + y; f = q * z", x=-2, y=5, z=-4)


def neuron():
    """The neuron of the lectures on micrograd, with its labels."""
    named = {"x1": 2.0, "x2": 0.0, "w1": -3.0, "w2": 1.0, "b": 6.8813735870195432}
    x1, x2, w1, w2, b = (Value(data, label=label) for label, data in named.items())
    x1w1 = x1 * w1
    x1w1.label = "x1*w1"
    x2w2 = x2 * w2
    x2w2.label = "x2*w2"
    total = x1w1 + x2w2
    total.label = "x1*w1 + x2*w2"
    n = total + b
    n.label = "n"
    o = n.tanh()
    o.label = "o"
    return o


def doubled(times):
    """Return x and a graph in which 2 ** times paths lead from it to the output."""
    x = v = Value(1.0, label="x")
    for _ in range(times):
        v = v + v
    return x, v


def flat(explanation):
    """Return the text without its line breaks."""
    return " ".join(str(explanation).split())


def odd_graphs():
    """Return output and input of graphs in which something is out of the ordinary."""
    x, y = Value(0.5, label="x_1"), Value(0.0, label="<b>$\\{}%#^~</b>")
    cube = gate(lambda x: x**3, lambda x: 3 * x * x, name="cube_it")
    nameless = gate(lambda x, y: x * y, lambda x, y: [y, x], name="<lambda>")
    tanh = Value(math.tanh(0.5), (x,), "tanh")
    tanh._backward = lambda: None
    return [
        (sum_times(), "x"), (neuron(), "w1"), (x * x, x), (x * (x + 1) / (x - 3), x), (x**3 / x - 2**x, x), (x, x),
        (x, y), (doubled(3)[1], "x"), (y.sqrt() * y, y), (y * y * x, y), (cube(x) + nameless(x, x) + tanh, x),
        (autograd.logsumexp([x, x * 2]) * autograd.prod([x, x, y]), x), (autograd.mean([x, y]).gelu().silu(), x),
        (autograd.where(autograd.greater(x, 0), x.log(), x), x), (autograd.max([x, y]).softsign().absolute(), x),
    ]  # fmt: skip


# --- the lectures' graphs ---------------------------------------------------------------------------------------------


def test_f_of_the_lectures():
    explanation = explain(sum_times(), "x")
    assert (explanation.gradient, explanation.paths, explanation.remainder) == (-4.0, 1, 0.0)
    (path,) = explanation.contributions
    assert [node.label for node in path.nodes] == ["x", "q", "f"]
    assert [edge.local for edge in path.edges] == [1.0, -4.0]
    assert (path.product, path.share) == (-4.0, 1.0)
    assert (
        str(explanation)
        == """\
∂f/∂x = −4. One path leads from x to f; the local derivatives along it multiply.

  x → q → f  ∂q/∂x · ∂f/∂q  = 1 · z  = 1 · (−4)  = −4

The values on the way:
  q  = x + y  = 3
  f  = q * z  = −12

What the gates do with the gradient, from f back to x:
  multiply (f) swaps its inputs: each operand gets the gradient times the other operand
  add (q) distributes: each operand gets the gradient unchanged

So if x grows by a small h, f changes by about −4 · h."""
    )
    assert repr(explanation) == str(explanation)


def test_x_times_x_has_two_paths():
    x = Value(3.0, label="x")
    explanation = explain(x * x, x)
    assert (explanation.gradient, explanation.paths) == (6.0, 2)
    assert [path.product for path in explanation.contributions] == [3.0, 3.0]
    assert (
        str(explanation)
        == """\
∂f/∂x = 6. 2 paths lead from x to f; the local derivatives along each path multiply, and the
products add up.

  x →₁ f  ∂₁f  = x  = 3
  x →₂ f  ∂₂f  = x  = 3
  sum               = 6

  ∂₁, ∂₂, … are the derivatives by the first, the second, … operand, the others held fixed.

The values on the way:
  f  = x * x  = 9

What the gates do with the gradient, from f back to x:
  multiply (f) swaps its inputs: each operand gets the gradient times the other operand

Where a value goes to several places, the gradients that come back are added:
  x goes to f twice

So if x grows by a small h, f changes by about 6 · h."""
    )
    assert (
        explanation.latex
        == r"""\begin{aligned}
x \to_{1} f: \quad & \partial_{1} f = x = 3 \\
x \to_{2} f: \quad & \partial_{2} f = x = 3 \\
\frac{\partial f}{\partial x} &= 3 + 3 = 6
\end{aligned}"""
    )


def test_the_tanh_neuron():
    explanation = explain(neuron(), "w1")
    assert explanation.gradient == pytest.approx(1.0, rel=1e-12)
    assert (
        str(explanation)
        == """\
∂o/∂w1 = 1. One path leads from w1 to o; the local derivatives along it multiply.

  w1 → x1*w1 → x1*w1 + x2*w2 → n → o
      ∂(x1*w1)/∂w1 · ∂(x1*w1 + x2*w2)/∂(x1*w1) · ∂n/∂(x1*w1 + x2*w2) · ∂o/∂n
    = x1 · 1 · 1 · (1 − o²)
    = 2 · 1 · 1 · 0.5
    = 1

The values on the way:
  x1*w1          = x1 * w1              = −6
  x1*w1 + x2*w2  = (x1*w1) + (x2*w2)    = −6
  n              = (x1*w1 + x2*w2) + b  = 0.881374
  o              = tanh(n)              = 0.707107

What the gates do with the gradient, from o back to w1:
  tanh (o) scales the gradient by its slope, 1 − o² = 0.5
  add (n and x1*w1 + x2*w2) distributes: each operand gets the gradient unchanged
  multiply (x1*w1) swaps its inputs: each operand gets the gradient times the other operand

So if w1 grows by a small h, o changes by about 1 · h."""
    )
    latex = explain(neuron(), "n").latex
    assert (
        latex
        == r"""\begin{aligned}
\frac{\partial o}{\partial n} &= 1 - o^{2} \\
&= 0.5
\end{aligned}"""
    )


def test_the_sigmoid_neuron_of_elementary_gates():
    graph = trace("1 / (1 + exp(-(w0*x0 + w1*x1 + w2)))", w0=2, x0=-1, w1=-3, x1=-2, w2=-3)
    text = str(explain(graph, "w0"))
    assert (
        """\
    = x0 · 1 · 1 · (−1) · v6 · 1 · (−f/v7)
    = −1 · 1 · 1 · (−1) · 0.367879 · 1 · (−0.534447)
    = −0.196612
"""
        in text
    )
    assert "  negative (v5) turns the sign of the gradient\n" in text


def test_a_weight_of_a_network_reaches_the_output_through_both_units_of_the_second_layer():
    graph = trace("h = tanh(w*x); a = relu(u*h); b = relu(-v*h); f = a + b", w=0.5, x=1.0, u=2.0, v=3.0)
    explanation = explain(graph, "w")
    slope = 1 - math.tanh(0.5) ** 2
    assert [path.product for path in explanation.contributions] == [pytest.approx(2 * slope), 0.0]
    assert explanation.gradient == pytest.approx(2 * slope)
    text = str(explanation)
    assert "relu (b and a) switches: above 0 its input gets the whole gradient, elsewhere nothing; on: a; off: b " in (
        flat(explanation)
    )
    assert "  h goes to v2 and v4\n" in text


# --- many paths -------------------------------------------------------------------------------------------------------


def test_two_to_the_60th_paths():
    x, f = doubled(60)
    explanation = explain(f, x)
    assert explanation.paths == 2**60
    assert explanation.gradient == 2.0**60
    assert [path.product for path in explanation.contributions] == [1.0] * 10
    assert explanation.remainder == 2.0**60 - 10
    text = str(explanation)
    assert text.startswith("∂f/∂x = 1.15292e+18. 1,152,921,504,606,846,976 paths lead from x to f; ")
    assert "The 10 largest:" in text
    assert (
        """\
  x →₁ v1 →₁ v2 →₁ v3 →₁ v4 →₁ v5 → … →₁ v56 →₁ v57 →₁ v58 →₁ v59 →₂ f
      ∂₁v1 · ∂₁v2 · ∂₁v3 · ∂₁v4 · ∂₁v5 · … · ∂₁v56 · ∂₁v57 · ∂₁v58 · ∂₁v59 · ∂₂f
    = 1 · 1 · 1 · 1 · 1 · [1] · 1 · 1 · 1 · 1 · 1
    = 1
"""
        in text
    )
    assert (
        """
  sum of these 10 = 10 (8.67e-16 % of the sum of all |products|)
  the other 1,152,921,504,606,846,966 paths = 1.15292e+18
  all paths = 1.15292e+18
"""
        in text
    )
    assert "and 56 more values go to several places" in text
    assert len(text) < 6000
    assert r"\underbrace{10}_{\text{the 10 shown}} + \underbrace{1.15292 \times 10^{18}}_{1{,}152" in explanation.latex


def test_the_largest_stand_first_and_the_rest_is_the_remainder():
    x = Value(1.0, label="x")
    f = 3 * x + -5 * x + 2 * x + x
    explanation = explain(f, x, limit=2)
    assert [path.product for path in explanation.contributions] == [-5.0, 3.0]
    assert (explanation.gradient, explanation.remainder, explanation.paths) == (1.0, 3.0, 4)
    assert "sum of these 2 = −2 (72.7 % of the sum of all |products|)\n  the other 2 paths = 3\n" in str(explanation)
    one = str(explain(f, x, limit=1))
    assert "The largest:" in one
    assert "  this path = −5 (45.5 %" in one
    assert "  the other path = 1\n" in str(explain(2 * x + x, x, limit=1))


def test_no_paths_need_be_shown():
    x, f = doubled(3)
    explanation = explain(f, x, limit=0)
    assert (explanation.contributions, explanation.remainder) == ((), 8.0)
    assert str(explanation) == (
        "∂f/∂x = 8. 8 paths lead from x to f.\n\nSo if x grows by a small h, f changes by about 8 · h."
    )
    assert explanation.latex == r"\frac{\partial f}{\partial x} = 8"


def test_the_middle_of_a_long_path_is_left_out_but_for_its_product():
    x = v = Value(1.0, label="x")
    for i in range(20):
        v = v * (2 if i in (6, 8) else 3 if i == 19 else 1)
    text = str(explain(v, x))
    assert "[4] · 1 · 1 · 1 · 1 · 3\n" in text
    assert "v5 → … → v16 → v17" in text
    assert "The … stands for the links left out in the middle, and […] for the product along them." in text
    v = x
    for _ in range(12):
        v = 2 * v
    assert "…" not in str(explain(v, x))


def test_a_deep_graph():
    x = v = Value(0.5, label="x")
    for _ in range(3000):
        v = v + 0.001 * v
    explanation = explain(v, x)
    assert explanation.paths == 2**3000
    assert "About 1.23 × 10⁹⁰³ paths lead from x to f" in str(explanation)


@settings(max_examples=100)
@given(recipes(most_steps=6))
def test_an_explanation_of_any_graph_adds_up_and_can_be_shown(recipe):
    leaves, values = recipe.build()
    values[-1].backward()
    for leaf in leaves:
        explanation = explain(values[-1], leaf, limit=3)
        shown = sum(path.product for path in explanation.contributions)
        assert explanation.gradient == pytest.approx(leaf.grad, rel=1e-12, abs=1e-300)
        assert explanation.remainder == explanation.gradient - shown
        assert len(explanation.contributions) == min(3, explanation.paths)
        assert max(map(len, str(explanation).splitlines())) <= 100
        assert explanation._repr_markdown_()


# --- gates and values of every kind -----------------------------------------------------------------------------------


def test_gates_that_choose_say_what_they_chose():
    x, y = Value(1.0, label="x"), Value(2.0, label="y")
    largest = "routes: its largest operand gets the whole gradient, the others nothing; here"
    assert f"maximum (f) {largest} y " in flat(explain(autograd.maximum(x, y), x))
    assert f"max (v2 and v1) {largest} 3 in v2 and y in v1 " in flat(
        explain(autograd.max([x, y]) + autograd.max([x, 3]), x)
    )
    assert "its smallest operand gets the whole gradient, the others nothing; here x " in flat(
        explain(autograd.min([x, y]), x)
    )
    assert "beyond them the bound; here x " in flat(explain(x.clip(0, 5), x))
    assert "elsewhere nothing; here it is on " in flat(explain(x.relu(), x))
    assert "elsewhere nothing; here it is off " in flat(explain((-x).relu(), x))
    assert "elsewhere nothing; on: v1; off: v3 " in flat(explain(x.relu() + (-x).relu(), x))
    assert "its slope, f·(1 − f) = 4.53958e−05; saturated, so that hardly anything gets through " in flat(
        explain((10 * x).sigmoid(), x)
    )


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda x: x - 1, "subtract (f) distributes"), (lambda x: -x, "negative (f) turns the sign"),
        (lambda x: autograd.mean([x, 1]), "mean (f) distributes: each of its n operands gets 1/n"),
        (lambda x: autograd.sum([x, 1]), "sum (f) distributes"), (lambda x: autograd.prod([x, 2]), "prod (f) swaps"),
        (lambda x: autograd.dot([x], [2]), "dot (f) swaps its inputs: a weight gets the gradient times its input"),
        (lambda x: autograd.where(x, x, 2), "where (f) routes"), (lambda x: autograd.step(x), "step (f) is flat"),
        (lambda x: autograd.logsumexp([x, 2]), "logsumexp (f) shares out"),
        (lambda x: x**2, "power (f) scales the gradient by its slope, 2·x = 6"),
    ],
)  # fmt: skip
def test_gates_roles_in_words(build, words):
    x = Value(3.0, label="x")
    assert words in str(explain(build(x), x))


def test_gates_of_ones_own():
    x, y = Value(2.0, label="x"), Value(3.0, label="y")

    @gate
    class Multiply:
        def forward(self, x, y):
            self.x, self.y = x, y
            return x * y

        def backward(self, dz):
            return [self.y * dz, self.x * dz]

    explanation = explain(Multiply(x, y) + x, x)
    assert [path.product for path in explanation.contributions] == [3.0, 1.0]
    assert "  x → v1 → f  ∂v1/∂x · ∂f/∂v1  = ∂v1/∂x · 1  = 3 · 1  = 3\n" in str(explanation)
    assert "Multiply (v1), a gate of your own, scales the gradient by the slope that its backward gives" in str(
        explanation
    )


def test_a_closure_assigned_by_hand():
    x = Value(0.5, label="x")
    h = Value(math.tanh(0.5), (x,), "tanh", label="h")

    def backward():
        x.grad += (1 - h.data**2) * h.grad

    h._backward = backward
    x.grad, h.grad = 7.0, 8.0
    explanation = explain(h * h, x)
    assert explanation.gradient == pytest.approx(2 * math.tanh(0.5) * (1 - math.tanh(0.5) ** 2), rel=1e-14)
    assert "= tanh′(x) · h  =" in str(explanation)
    assert (x.grad, h.grad) == (7.0, 8.0)


def test_a_row_of_ones_own():
    x = Value(2.0, label="x")
    cubic = operation("explained_cube", "x ** 3", "3 * x ** 2")
    assert "∂f/∂x  = 3·x²  = 12\n" in str(explain(cubic(x), x))


def test_nothing_in_the_graph_is_touched():
    for f, x in odd_graphs():
        nodes = Graph(f).nodes if isinstance(f, Value) else f.nodes
        for i, node in enumerate(nodes):
            node.grad = 100.0 + i
        before = [(node.data, node.grad, node.op, node.label, node.parents) for node in nodes]
        explanation = explain(f, x)
        _ = str(explanation), explanation.latex, explanation._repr_markdown_()
        assert [(node.data, node.grad, node.op, node.label, node.parents) for node in nodes] == before


def test_an_explanation_keeps_the_numbers_of_its_moment():
    x = Value(3.0, label="x")
    f = x * x
    explanation = explain(f, x)
    text = str(explanation)
    x.data, x.label, f.data = 5.0, "y", 25.0
    assert str(explanation) == text
    assert explanation.gradient == 6.0


def test_values_older_than_their_inputs_are_noticed():
    w = parameter(1.0, "w")
    loss = w * w * 3
    note = "The inputs have changed since these values were computed; Graph(f).forward() computes them anew."
    assert note not in str(explain(loss, w))
    w.data = 2.0
    assert note in str(explain(loss, w))
    Graph(loss).forward()
    assert note not in str(explain(loss, w))
    root = w.log()
    w.data = -1.0
    assert note in str(explain(root, w))


def test_infinite_and_undefined_slopes_are_shown_and_add_up_as_floats_do():
    z = Value(0.0, label="z")
    explanation = explain(z.sqrt(), z)
    assert explanation.gradient == math.inf
    assert "∂f/∂z  = 0.5/|f|  = ∞" in str(explanation)
    assert "So f has no finite slope in z here." in str(explanation)
    assert r"= \infty" in explanation.latex
    undefined = explain(z.sqrt() * z, z)
    assert math.isnan(undefined.gradient)
    assert "= ∞ · 0  = nan" in str(undefined)
    assert math.isnan(undefined.contributions[0].share)
    opposite = explain(z.sqrt() - z.sqrt(), z)
    assert [path.product for path in opposite.contributions] == [math.inf, -math.inf]
    assert math.isnan(opposite.gradient)


def test_sums_that_depend_on_their_order_say_so():
    x = Value(0.0, label="x")
    root = x.sqrt()
    f = 2 * root - root
    f.backward()
    explanation = explain(f, x)
    assert explanation.gradient == x.grad == math.inf
    assert math.isnan(sum(path.product for path in explanation.contributions))
    assert "backward() adds at each branch." in str(explanation)


def test_no_path():
    x, y = Value(1.0, label="x"), Value(2.0, label="y")
    explanation = explain(y * y, x)
    assert (explanation.gradient, explanation.paths, explanation.contributions) == (0.0, 0, ())
    assert str(explanation) == "∂f/∂x = 0. No path leads from x to f: f does not depend on it."
    assert explanation._repr_markdown_() == "`∂f/∂x = 0`. No path leads from `x` to `f`: `f` does not depend on it."
    assert explanation.latex == r"\frac{\partial f}{\partial x} = 0"
    assert "It is the other way round: were the two swapped?" in flat(explain(x, x * y))
    with no_grad():
        f = x * y
    assert "The output is a constant: was it computed inside no_grad, or detached?" in flat(explain(f, x))


def test_f_itself():
    x = Value(1.0, label="x")
    explanation = explain(x, x)
    assert (explanation.gradient, explanation.paths, explanation.contributions[0].edges) == (1.0, 1, ())
    assert str(explanation) == (
        "∂x/∂x = 1. x is the output itself: its path has no links, and a product of no factors is 1."
    )
    f = x * 2
    assert explain(f, f).gradient == 1.0


# --- names ------------------------------------------------------------------------------------------------------------


def test_values_without_labels_take_names_from_a_mapping():
    a, b = Value(2.0), Value(3.0)
    ws = [Value(1.0), Value(4.0)]
    q = a * b
    f = q + a * ws[1]
    text = str(explain(f, a, names=locals()))
    assert "  q" in text
    assert "= a * b" in text
    assert "ws[1]" in text
    assert explain(f, "ws[1]", names=locals()).gradient == 2.0
    assert explain(f, "q", names={"q": q, "number": 5, "_a": a}).gradient == 1.0
    assert str(explain(f, "q", names={"q": q, "_a": a})).startswith("∂f/∂q = 1.")


def test_values_without_any_name_are_called_f_x_and_by_numbers():
    a, b = Value(2.0), Value(3.0)
    f = a * b + a
    assert "x → v3 → f" in str(explain(f, a))
    assert "v1 → v3 → f" in str(explain(f, "v1"))
    taken = Value(1.0, label="f") * Value(2.0, label="x") * a
    assert str(explain(taken, a)).startswith("∂v3/∂v2 = 2.")
    assert str(explain(a * 2, Value(1.0))).startswith("∂f/∂x = 0.")
    assert "a small ε" in str(explain(Value(1.0, label="h") * a, "h"))


def test_labels_that_occur_twice_are_told_apart():
    a, b = Value(1.0, label="w"), Value(2.0, label="w")
    with pytest.raises(InputError, match="2 Values bear the label 'w'; pass the Value itself"):
        explain(a * b, "w")
    assert "∂f/∂w#2  = w  = 1" in str(explain(a * b, b))
    assert explain(a * b, "w#2").gradient == 1.0


HOSTILE = (
    "</script><script>alert(1)</script>",
    '"]; evil [',
    "<b>&",
    "x" * 10_000,
    "a\nb\x00\u202ec",
    "$$\\end{x}",
    "`",
    "",
)


@pytest.mark.parametrize("label", HOSTILE)
def test_labels_do_no_harm(label):
    x = Value(2.0, label=label)
    explanation = explain(x * x.relu() + autograd.maximum(x, 1), x)
    text, latex, markdown = str(explanation), explanation.latex, explanation._repr_markdown_()
    assert all(len(line) < 400 for line in text.splitlines())
    assert not set(text + latex + markdown) & set("\x00\u202e")
    assert not re.search("</?[a-z]", latex)
    outside_code = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", markdown)
    assert not re.search("</?[a-z]", outside_code)
    assert latex.count(r"\begin") == latex.count(r"\end") == 1
    assert outside_code.replace(r"\$", "").count("$") == 4


def test_latex_can_be_read_by_matplotlib():
    mathtext = pytest.importorskip("matplotlib.mathtext")
    parser = mathtext.MathTextParser("path")
    for f, x in odd_graphs():
        lines = explain(f, x).latex
        for line in lines.removeprefix("\\begin{aligned}\n").removesuffix("\n\\end{aligned}").split(" \\\\\n"):
            parser.parse(f"${line.replace('&', '')}$")


def test_the_notebooks_form():
    markdown = explain(sum_times(), "x")._repr_markdown_()
    assert (
        markdown
        == r"""`∂f/∂x = −4`. One path leads from `x` to `f`; the local derivatives along it multiply.

$$
\begin{aligned}
\frac{\partial f}{\partial x} &= \frac{\partial q}{\partial x} \cdot \frac{\partial f}{\partial q} \\
&= 1 \cdot z \\
&= 1 \cdot (-4) \\
&= -4
\end{aligned}
$$

The values on the way:

- `q = x + y = 3`
- `f = q * z = −12`

What the gates do with the gradient, from `f` back to `x`:

- multiply (f) swaps its inputs: each operand gets the gradient times the other operand
- add (q) distributes: each operand gets the gradient unchanged

So if `x` grows by a small h, `f` changes by about −4 · h."""
    )


# --- what is refused --------------------------------------------------------------------------------------------------


def test_wrong_arguments_are_refused_with_the_remedy():
    x = Value(1.0, label="x")
    f = x * constant(2.0, label="c") + 3
    with pytest.raises(InputError, match="no Value is called 'y'; the labels of this graph are 'x'"):
        explain(f, "y")
    with pytest.raises(InputError, match="none in this graph has a label: pass the Value itself"):
        explain(Value(1.0) * 2, "y")
    many = sum(Value(1.0, label=f"w{i}") for i in range(30))
    with pytest.raises(InputError, match="'w18', 'w19' and 10 more"):
        explain(many, "y")
    for name in ("c", "3"):
        with pytest.raises(GraphError, match="is a constant, which receives no gradient; make it an input"):
            explain(f, name)
    with pytest.raises(GraphError, match="'2' is a constant"):
        explain(x * 2, constant(2.0, label="2"))
    with pytest.raises(OperandError, match="explain takes a Value or a Graph, not float"):
        explain(3.0, x)
    with pytest.raises(OperandError, match="second argument is a Value or its label, not float"):
        explain(f, 3.0)
    with pytest.raises(OperandError, match="names maps each name to its Value"):
        explain(f, x, names=[x])
    for limit in (-1, 1.5, "3", None, MOST_PATHS + 1):
        with pytest.raises(GraphError, match="limit says how many paths to show, from 0 to 100,000"):
            explain(f, x, limit=limit)
