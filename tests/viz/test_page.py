"""The live page as a file: what it holds, what it refuses, and its engine in node against Python's.

tests/browser/test_live_page.py looks at the page itself, in Chromium.
"""

import base64
import hashlib
import html
import json
import math
import os
import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from javascript_host import host, live, needs_node
from pictures import fused_neuron, sigmoid_neuron, sum_times
from random_graphs import recipes

from autograd import Graph, Value, constant, dot, gate, logsumexp, mean, operation, parameter, trace
from autograd.errors import AutogradError
from autograd.graph import BackwardStep, ForwardStep
from autograd.operations import Operations
from autograd.ops import CONSTANT, ROWS, TABLE
from nn import MLP
from viz.errors import SaveError, TooLargeError, VizError
from viz.javascript import source
from viz.page import Page, page
from viz.text import number


class Elements(HTMLParser):
    """Every element's name and attributes, and the text of scripts, styles and the title."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.texts, self.open = [], {}, None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag in ("script", "style", "title", "h1"):
            self.open = f"{tag} {dict(attrs).get('type', '')}".strip()
            self.texts[self.open] = ""

    def handle_endtag(self, tag):  # noqa: ARG002  # as the parser calls it
        self.open = None

    def handle_data(self, data):
        if self.open:
            self.texts[self.open] += data

    def count(self, tag):
        return sum(name == tag for name, _ in self.elements)


def data_of(made):
    return json.loads(Elements(made.html).texts["script application/json"])


def names_of(made):
    return [node["name"] for node in data_of(made)["nodes"]]


def mlp_loss():
    x = [Value(0.5, label="x1"), Value(-1.0, label="x2")]
    loss = (MLP(2, [3, 1], activation="tanh", seed=1)(x) - Value(1.0, label="y")) ** 2
    loss.label = "loss"
    return loss


def large():
    """A graph of 200 values, most of them parameters of fused neurons."""
    x = [Value(0.1 * i, label=f"x{i}") for i in range(6)]
    f = MLP(6, [8, 8, 1], activation="tanh", seed=1)(x)
    for i in range(200 - len(Graph(f).nodes)):
        f = f.tanh() if i % 2 else f.sin()
    assert len(Graph(f).nodes) == 200
    return f


# --- the file ---------------------------------------------------------------------------------------------------------


def test_a_page_is_one_file_that_asks_for_nothing():
    read = Elements(page(sigmoid_neuron()).html)
    for tag, attributes in read.elements:
        assert tag not in ("iframe", "object", "embed", "img", "base", "form")
        for name, value in attributes.items():
            assert name not in ("src", "srcset", "action", "style"), (tag, name)
            assert not name.startswith("on"), (tag, name)
            assert name not in ("href", "xlink:href") or value.startswith(("data:", "#")), (tag, value)
    assert not re.search(
        r"\b(fetch|XMLHttpRequest|WebSocket|import|eval|Function|innerHTML|outerHTML)\b\s*[(=]", read.texts["script"]
    )
    assert "url(" not in read.texts["style"].replace("url(#", "")
    assert "@import" not in read.texts["style"]


def test_the_policy_lets_only_the_pages_own_script_and_style_run():
    read = Elements(page(sum_times()).html)
    (policy,) = [a["content"] for tag, a in read.elements if a.get("http-equiv") == "Content-Security-Policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    for kind in ("script", "style"):
        digest = base64.b64encode(hashlib.sha256(read.texts[kind].encode()).digest()).decode()
        assert rules[f"{kind}-src"] == f"'sha256-{digest}'"
    assert {"default-src", "script-src", "style-src", "img-src", "base-uri", "form-action"} == set(rules)


def test_200_values_make_less_than_300_kb():
    f = large()
    made = page(f)
    size = len(made.html.encode())
    assert size < 300_000
    edges = sum(len(node.parents) for node in Graph(f).nodes)
    assert repr(made) == f"<Page: graph of f, 200 values, {edges} edges, {size / 1000:.0f} kB>"


def test_the_same_graph_gives_the_same_bytes_in_every_process():
    script = (
        "import hashlib; from autograd import trace; from viz.page import page;"
        "print(hashlib.sha256(page(trace('f = tanh(x * y) + max(x, y)', x=1, y=2)).html.encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_the_title():
    read = Elements(page(sum_times(), title="Slide <3> & more").html)
    assert read.texts["title"] == read.texts["h1"] == "Slide <3> & more"
    assert page(sum_times()).title == "graph of f"
    assert page(Value(1.0) * 2).title == "graph of f"


@pytest.mark.parametrize("theme", ["auto", "light", "dark"])
def test_themes(theme):
    _, root = Elements(page(sum_times(), theme=theme).html).elements[0]
    assert root["data-theme"] == theme


@pytest.mark.parametrize("style", ["boxes", "circuit", "micrograd"])
def test_every_style_marks_each_node_and_edge_and_says_where_numbers_stand(style):
    f = sigmoid_neuron()
    made = page(f, style=style)
    elements = Elements(made.html).elements
    count, edges = len(Graph(f).nodes), sum(len(node.parents) for node in Graph(f).nodes)
    assert [a["data-node"] for _, a in elements if "data-node" in a] == [str(i) for i in range(count)]
    assert sorted(int(a["data-edge"]) for _, a in elements if "data-edge" in a) == list(range(edges))
    classes = [a.get("class") for tag, a in elements if tag == "text"]
    constants = sum(node.op is CONSTANT for node in Graph(f).nodes)
    assert classes.count("gg-value") == count
    assert classes.count("gg-gradient") == count - constants
    prefixes = {a["data-prefix"] for tag, a in elements if tag == "text" and "data-prefix" in a}
    assert (
        prefixes
        == {"boxes": set(), "circuit": {f"v{i} = " for i in range(1, 8)}, "micrograd": {"data ", "grad "}}[style]
    )


def test_numbers_stand_in_the_picture_even_before_the_script_runs():
    x, y = Value(3.0, label="x"), Value(-4.0, label="y")
    text = page(x * y).html
    for role, shown in [("value", "−12"), ("gradient", "−4"), ("gradient", "3")]:
        assert re.search(rf'<text [^>]*class="gg-{role}"[^>]*>{shown}</text>', text)
    assert x.grad == 0.0


def test_the_graph_itself_is_left_alone():
    f = sum_times()
    before = [(node.data, node.grad, node.label) for node in Graph(f).nodes]
    page(f)
    assert [(node.data, node.grad, node.label) for node in Graph(f).nodes] == before


def test_saving(tmp_path):
    made = page(sum_times())
    path = made.save(tmp_path / "f.html")
    assert path.read_bytes() == made.html.encode()
    assert made.save(str(path)) == path
    with pytest.raises(SaveError, match="cannot write"):
        made.save(tmp_path / "nowhere" / "f.html")


def test_a_notebook_shows_the_page_in_a_frame_that_may_run_scripts_only():
    made = page(sum_times(), title='it\'s "quoted" & <b>')
    ((tag, attributes),) = Elements(made._repr_html_()).elements
    assert tag == "iframe"
    assert attributes["sandbox"] == "allow-scripts"
    assert attributes["srcdoc"] == made.html
    assert attributes["title"] == 'it\'s "quoted" & <b>'


# --- names and data ---------------------------------------------------------------------------------------------------


def test_nodes_without_a_label_get_names_that_formulas_can_use():
    a, v1 = Value(1.0), Value(2.0, label="v1")
    assert names_of(page((a * v1 + 2).exp())) == ["v2", "v1", "v3", "2", "v4", "f"]


def test_names_may_be_given():
    x, w = Value(1.0), [Value(2.0), Value(3.0)]
    h = x * w[0]
    made = page(h + w[1], names=locals())
    assert names_of(made) == ["x", "w[0]", "h", "w[1]", "f"]


def test_no_two_nodes_have_the_same_name():
    x, other, f = Value(1.0, label="x"), Value(2.0, label="x"), Value(3.0, label="f")
    assert names_of(page(x * other + f)) == ["x", "x#2", "v1", "f", "v2"]


def test_data_is_what_the_engine_needs():
    w, b, x = [parameter(2.0, "w")], constant(0.25), [Value(math.inf, label="x")]
    nodes = data_of(page(dot(w, x, b)))["nodes"]
    assert [node["kind"] for node in nodes] == ["parameter", "constant", "input", "output"]
    assert [node.get("value") for node in nodes] == [2.0, 0.25, "Infinity", None]
    assert nodes[-1] == {
        "name": "f",
        "kind": "output",
        "args": [0, 1, 2],
        "op": "dot",
        "symbol": "w·x + b",
        "weights": 2,
    }


def test_a_leaf_alone_makes_a_page():
    assert names_of(page(Value(3.0, label="x"))) == ["x"]
    assert names_of(page(constant(3.0))) == ["f"]


EVIL = [
    "</script><script>alert(1)</script>",
    '"]; evil [',
    "<b>&",
    "x" * 10_000,
    "<!--<script>",
    "]]>",
    "{{data}}{{script}}",
    "&lt;b&gt;",
    "a\nb\r\tc\0\x07\x1b",
    "lone \ud800 surrogate \udfff",
    "line\u2028paragraph\u2029end",
    "' onload='alert(1)",
    "\\",
    "`${alert(1)}`",
    "\u202ereversed",
    "日本語",
    "__proto__",
    "",
    " ",
]


@pytest.mark.parametrize("label", EVIL, ids=lambda label: ascii(label[:20]))
def test_no_label_does_harm(label):
    x, y = Value(3.0, label=label), Value(-4.0, label="y")
    f = (x * y).tanh()
    f.label = label
    made = page(f, title=label)
    read = Elements(made.html)
    plain = Elements(page((Value(3.0, label="a") * Value(-4.0, label="y")).tanh()).html)
    assert read.texts["script"] == plain.texts["script"], "a label stands in data, never in the script"
    for tag in {name for name, _ in read.elements + plain.elements} - {"g", "text", "rect"}:
        assert read.count(tag) == plain.count(tag), tag
    assert not [attributes for _, attributes in read.elements for name in attributes if name.startswith("on")]
    made.html.encode()
    (node, *_) = data_of(made)["nodes"]
    assert len(node["name"]) <= 25
    assert Elements(made._repr_html_()).elements[0][1]["srcdoc"] == made.html


# --- what is refused --------------------------------------------------------------------------------------------------


def test_a_gate_of_the_users_own_is_refused_by_name_with_the_remedy():
    @gate
    class Twice:
        def forward(self, x):
            return 2 * x

        def backward(self, dz):
            return 2 * dz

    h = Twice(Value(1.0, label="x"))
    h.label = "h"
    with pytest.raises(
        VizError, match=r"the node 'h' is made by 'Twice', .* Write it as a row, autograd.operation\('Twice'"
    ):
        page(h * 2)
    by_hand = Value(2.0, (Value(1.0),), "own")
    by_hand._backward = lambda: None
    with pytest.raises(VizError, match="the node 'v2' is made by 'own'"):
        page(by_hand.exp())


def test_a_row_of_the_users_own_works():
    cube = operation("page_cube", "x ** 3", "3 * x ** 2")
    try:
        made = page(cube(Value(2.0, label="x")))
        assert 'ROWS["page_cube"]' in made.html
    finally:
        del TABLE["page_cube"]
        del Operations.page_cube


def test_a_graph_that_is_too_large_is_refused_with_the_remedy():
    f = x = Value(0.5, label="x")
    for _ in range(3000):
        f = f + x
    with pytest.raises(TooLargeError, match=r"3,001 values and 6,000 edges; .* as in page\(node\)"):
        page(f)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"style": "spam"}, "unknown style 'spam'; choose one of 'boxes'"),
        ({"theme": "spam"}, "unknown theme 'spam'; choose one of 'auto'"),
        ({"engine": "spam"}, "unknown engine 'spam'; choose one of"),
        ({"rankdir": "UP"}, "unknown rankdir 'UP'; choose one of"),
        ({"title": 3}, "title is the page's name, a str; not 3"),
        ({"names": [1]}, "names maps each name to its Value"),
    ],
)
def test_unknown_arguments_are_refused_with_the_choices(arguments, message):
    with pytest.raises(VizError, match=message):
        page(sum_times(), **arguments)


@pytest.mark.parametrize("thing", [3.0, [Value(1.0)], None, "f"], ids=repr)
def test_what_is_no_graph_is_refused(thing):
    with pytest.raises(AutogradError, match=f"takes a Value or a Graph, not {type(thing).__name__}"):
        page(thing)


def test_leaf_data_must_be_a_number():
    x = Value(1.0, label="x")
    f = x * 2
    x.data = Value(1.0)
    with pytest.raises(AutogradError):
        page(f)


# --- the page's engine, in node ---------------------------------------------------------------------------------------

FUNCTIONS = """
const read = (nodes) => engine.graph(nodes.map((node) => ({ ...node, value: Number(node.value), role: "" })));
const leaves = (graph, values) => graph.nodes.map((node, i) => (values ? values[i] : node.value));
const ran = (nodes, mode, values) => {
  const graph = read(nodes);
  return engine.run(graph, leaves(graph, values), mode);
};
const functions = {
  run: (nodes, mode, values) => {
    const { graph, ...rest } = ran(nodes, mode, values);
    return rest;
  },
  snapshots: (nodes, mode) => {
    const run = ran(nodes, mode);
    return Array.from({ length: run.events.length + 2 }, (_, k) => engine.snapshot(run, k));
  },
  compare: (nodes, mode) => {
    const [right, wrong] = [ran(nodes, "right"), ran(nodes, mode)];
    const found = engine.compare(right, wrong);
    return { ...found, told: words.explanation(right, wrong, found) };
  },
  paths: (nodes, id, most) => engine.paths(ran(nodes, "right"), id, most),
  troubles: (nodes, values) => {
    const run = ran(nodes, "right", values);
    return engine.troubles(run).map((id) => words.trouble(run, id));
  },
  steps: (nodes, mode) => {
    const [right, run] = [ran(nodes, "right"), ran(nodes, mode)];
    return Array.from({ length: run.events.length + 2 }, (_, k) => {
      const { title, lines } = words.step(run, right, k);
      return [title, ...lines].map((pieces) => words.plain(pieces));
    });
  },
  number: (x) => words.number(x),
};
"""


@pytest.fixture(scope="module")
def call():
    with host(source(ROWS) + "".join(map(live, ("reductions.js", "engine.js", "words.js"))) + FUNCTIONS) as call:
        yield call


def nodes_of(f):
    return data_of(page(f))["nodes"]


def sizes(graph):
    """Return each node's Σ |contributions|, and 1 at least: what rounding may be measured against."""
    total = dict.fromkeys(graph.nodes, 0.0)
    for step in graph.steps():
        if isinstance(step, BackwardStep):
            for part in step.contributions:
                total[part.operand] += abs(part.amount)
    return [max(1.0, total[node]) for node in graph.nodes]


@needs_node
@settings(max_examples=30)
@given(recipe=recipes())
def test_values_gradients_and_steps_are_pythons(recipe, call):
    _, values = recipe.build()
    graph = Graph(values[-1])
    run = call("run", nodes_of(graph), "right")
    graph.output.backward()
    for node, value, gradient, size in zip(graph.nodes, run["values"], run["gradients"], sizes(graph), strict=True):
        assert value == pytest.approx(node.data, rel=1e-12, abs=1e-12)
        if node.op is not CONSTANT:
            assert abs(gradient - node.grad) <= 1e-9 * size
    place = {node: i for i, node in enumerate(graph.nodes)}
    steps = list(graph.steps())
    assert len(run["events"]) == len(steps)
    for event, step in zip(run["events"], steps, strict=True):
        assert event["node"] == place[step.node]
        if isinstance(step, ForwardStep):
            assert event["kind"] == "forward"
            continue
        assert event["kind"] == "backward"
        for part, other in zip(event["contributions"], step.contributions, strict=True):
            assert (part["operand"], part["position"], part["isFinal"]) == (
                place[other.operand],
                other.position,
                other.final,
            )
            for key in ("local", "amount", "before", "total"):
                # An absolute bound as well: z and slopes of saturated units differ by roundings of 1.
                assert part[key] == pytest.approx(
                    getattr(other, key), rel=1e-9, abs=1e-9 * max(sizes(graph)), nan_ok=True
                )


@needs_node
def test_every_operation_runs_in_the_engine(call):
    x, y = Value(0.6, label="x"), Value(0.3, label="y")
    for name, op in [(op.name, op) for op in ROWS]:  # not what other tests have added
        point = [x + 1 if name == "arccosh" else x, y, y + 0.5][: len(op.arguments)]
        f = op.apply(*point) + logsumexp([x, y]) * mean([x, y])
        graph = Graph(f)
        run = call("run", nodes_of(graph), "right")
        f.zero_grad()
        f.backward()
        assert run["values"][-1] == pytest.approx(f.data, rel=1e-12), name
        got = [run["gradients"][graph.nodes.index(v)] for v in (x, y)]
        assert got == pytest.approx([x.grad, y.grad], rel=1e-12), name


@needs_node
def test_a_gradient_is_part_until_its_last_contribution(call):
    x = Value(3.0, label="x")
    states = [snapshot["states"] for snapshot in call("snapshots", nodes_of((x * x).exp() * x), "right")]
    # x, x * x, exp, f: three forward steps, and backward through f, exp and x * x
    assert states[3] == ["none", "none", "none", "none"]
    assert states[4] == ["part", "none", "final", "final"]
    assert states[5] == ["part", "final", "final", "final"]
    assert states[6] == ["final", "final", "final", "final"]
    known = [snapshot["known"] for snapshot in call("snapshots", nodes_of((x * x).exp() * x), "right")]
    assert known[:4] == [[True, False, False, False], [True, True, False, False], [True] * 3 + [False], [True] * 4]


# --- the wrong ways, against the same mistakes made in Python ---------------------------------------------------------


def with_assignment(graph):
    """Return the gradients when each contribution is written with = instead of +=."""
    gradients = dict.fromkeys(graph.nodes, 0.0)
    gradients[graph.output] = 1.0
    for node in reversed([node for node in graph.nodes if not node.is_leaf]):
        for parent, local in zip(node.parents, node.op.local(node), strict=True):
            gradients[parent] = gradients[node] * local
    return [gradients[node] for node in graph.nodes]


def with_recursion(graph):
    """Return the gradients of the recursion that learners write, run on the Values themselves."""

    def backward(v):
        v._backward()
        for operand in v._prev:
            backward(operand)

    graph.zero_grad()
    graph.output.grad = 1.0
    backward(graph.output)
    return [node.grad for node in graph.nodes]


WRONG = {"assign": with_assignment, "recursion": with_recursion}


def doubled():
    a = Value(1.0, label="a")
    b = a + a
    b.label = "b"
    return a, b


@needs_node
def test_the_smallest_example_with_assignment(call):
    _, b = doubled()
    assert call("run", nodes_of(b), "right")["gradients"] == [2, 1]
    assert call("run", nodes_of(b), "assign")["gradients"] == [1, 1], "= keeps the last contribution only"
    found = call("compare", nodes_of(b), "assign")
    assert found["ids"] == [0]
    assert found["told"] == (
        "a is used twice, so as many contributions arrive. The last one, 1, overwrites the others, where += would have "
        "made their sum, 2."
    )


@needs_node
def test_the_smallest_example_without_order(call):
    _, b = doubled()
    c = b + b
    assert call("run", nodes_of(c), "right")["gradients"] == [4, 2, 1]
    assert call("run", nodes_of(c), "recursion")["gradients"] == [8, 2, 1], "b passes its 2 on twice"
    found = call("compare", nodes_of(c), "recursion")
    assert found["ids"] == [0]
    assert found["told"].startswith(
        "b was called a second time, once for each path to it, and passed on all it had, 2,"
    )


@needs_node
@pytest.mark.parametrize("mode", WRONG)
@settings(max_examples=25)
@given(recipe=recipes(most_steps=7))
def test_a_wrong_pass_goes_wrong_as_it_does_in_python(mode, recipe, call):
    _, values = recipe.build()
    graph = Graph(values[-1])
    run = call("run", nodes_of(graph), mode)
    expected = WRONG[mode](graph)
    scale = max([1.0, *map(abs, expected)])
    for node, got, wanted in zip(graph.nodes, run["gradients"], expected, strict=True):
        if node.op is not CONSTANT:
            assert abs(got - wanted) <= 1e-9 * scale


@needs_node
@pytest.mark.parametrize("mode", WRONG)
def test_a_tree_comes_out_right_either_way_and_the_page_says_so(mode, call):
    found = call("compare", nodes_of(sum_times()), mode)
    assert found["ids"] == []
    assert "no harm" in found["told"]


@needs_node
def test_what_would_take_too_many_calls_is_counted_and_not_run(call):
    f = Value(1.0, label="x")
    for _ in range(60):
        f = f + f
    nodes = nodes_of(f)
    run = call("run", nodes, "recursion")
    assert run["isComplete"] is False
    assert run["calls"] == str(2**60 - 1)
    assert "1,152,921,504,606,846,975 times" in call("compare", nodes, "recursion")["told"]
    found = call("paths", nodes, 0, 6)
    assert found["count"] == str(2**60)
    assert found["listed"] == []
    assert (len(found["nodes"]), len(found["edges"])) == (61, 120)


# --- words ------------------------------------------------------------------------------------------------------------


@needs_node
def test_paths_are_listed_by_size_and_sum_to_the_gradient(call):
    x, y = Value(3.0, label="x"), Value(-4.0, label="y")
    f = x * y + x * 2 + y
    found = call("paths", nodes_of(f), 0, 6)
    assert found["count"] == "2"
    assert [path["product"] for path in found["listed"]] == [-4, 2]


@needs_node
def test_each_step_is_told_with_its_rule_and_its_numbers(call):
    start, forward_q, forward_f, backward_f, backward_q, end = call("steps", nodes_of(sum_times()), "right")
    assert start == ["Start"]
    assert forward_q == ["Forward: q", "q = x + y = −2 + 5 = 3"]
    assert forward_f == ["Forward: f", "f = q · z = 3 · (−4) = −12"]
    assert backward_f[:2] == ["Backward through f", "∂f/∂f = 1, where it all begins"]
    assert backward_f[2:] == ["∂f/∂q = ∂f/∂f · z = 1 · (−4) = −4", "∂f/∂z = ∂f/∂f · q = 1 · 3 = 3"]
    assert backward_q[1:] == ["∂f/∂x = ∂f/∂q · 1 = −4 · 1 = −4", "∂f/∂y = ∂f/∂q · 1 = −4 · 1 = −4"]
    assert end == ["All done", "f = −12", "∂f/∂x = −4", "∂f/∂y = −4", "∂f/∂z = 3"]


@needs_node
def test_sums_of_contributions_are_told_while_they_grow(call):
    x = Value(3.0, label="x")
    f = x * x
    assert call("steps", nodes_of(f), "right")[2][2:] == [
        "∂f/∂x += ∂f/∂f · x = 1 · 3 = 3",
        "   sum: 3  so far, more to come",
        "∂f/∂x += ∂f/∂f · x = 1 · 3 = 3",
        "   sum: 3 + 3 = 6  the sum is complete",
    ]
    assert call("steps", nodes_of(f), "assign")[2][-1] == "   overwrites 3, which is lost"
    assert call("steps", nodes_of(f), "assign")[-1][-1] == "∂f/∂x = 3   right: 6"


@needs_node
def test_compound_slopes_and_negative_numbers_stand_in_parentheses(call):
    f = Value(-0.5, label="x").tanh()
    f.label = "t"
    assert call("steps", nodes_of(f), "right")[2][2] == "∂t/∂x = ∂t/∂t · (1 − t · t) = 1 · 0.7864 = 0.7864"
    assert call("steps", nodes_of(Value(-2.0, label="x") ** 2), "right")[1][1] == "f = x^2 = (−2)^2 = 4"


@needs_node
@pytest.mark.parametrize(
    ("expression", "x", "told"),
    [
        (
            "log(x)",
            -1.0,
            "log(−1) is not defined: x must lie in (0, ∞). The result is nan; Python raises an error here",
        ),
        ("log(x)", 0.0, "log(0) is not defined: x must lie in (0, ∞). The result is −∞; Python raises an error here"),
        ("1 / x", 0.0, "1 / 0 is not defined: y must not be 0. The result is ∞; Python raises an error here"),
        (
            "exp(x) * exp(x)",
            400.0,
            "5.221e173 · 5.221e173 is too large for a 64-bit float, so the result is ∞; Python may raise an error here",
        ),
    ],
)
def test_what_is_not_finite_is_explained_where_it_begins(expression, x, told, call):
    graph = trace(f"f = ({expression}) + 1", x=1.0)
    nodes = nodes_of(graph)
    values = [x if node["name"] == "x" else node.get("value", 0.0) for node in nodes]
    assert call("troubles", nodes, values) == [f"{told}."]


@needs_node
@given(x=st.floats() | st.integers(-(10**7), 10**7).map(float) | st.floats(-1e5, 1e5))
def test_numbers_are_written_as_in_pictures(x, call):
    here, there = call("number", x), number(x)
    if here != there:  # exactly between two: Python rounds to even, JavaScript up
        digits = f"{abs(x):.60e}".partition("e")[0].replace(".", "")
        assert digits[4] == "5"
        assert not digits[5:].strip("0")
        assert len(here) <= len(there) + 1


def test_fused_neurons_and_models_make_pages():
    assert isinstance(page(fused_neuron()), Page)
    assert len(data_of(page(mlp_loss()))["nodes"]) == 26
    assert html.escape(page(mlp_loss()).title) == "graph of loss"
