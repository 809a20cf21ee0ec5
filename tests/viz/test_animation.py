"""An animation is read as a browser would play it: at each moment, which of its texts are seen?"""

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from pictures import DIGIT, SVG, fused_neuron, inputs, parse, sigmoid_neuron, sum_times
from random_graphs import recipes

from autograd import Graph, Value, constant, dot, gate, trace
from autograd.graph import BackwardStep, ForwardStep
from autograd.ops import CONSTANT
from nn import MLP
from viz.animation import MOST_STEPS, Animation, animate
from viz.errors import SaveError, TooLargeError, VizError
from viz.styles import STYLES
from viz.text import columns, number
from viz.theme import COLOURS

HATCHED, PLAIN = "hatched", "plain"


def shared():
    """y = x², f = y x + y: x is used three times, twice by one operation, and y twice. Not differentiated."""
    x = Value(3.0, label="x")
    y = x * x
    y.label = "y"
    f = y * x + y
    f.label = "f"
    return f


def mlp_loss():
    x = [Value(0.5, label="x1"), Value(-1.0, label="x2")]
    loss = (MLP(2, [3, 1], activation="tanh", seed=1)(x) - 1.0) ** 2
    loss.label = "loss"
    return loss


GRAPHS = [sum_times, sigmoid_neuron, fused_neuron, shared, mlp_loss]


class Player:
    """Plays an animation: evaluates its keyframes as CSS does, at a time in seconds."""

    def __init__(self, svg):
        self.root = parse(svg)
        self.style = "".join(style.text for style in self.root.iter(f"{SVG}style"))
        self.id = self.root.get("id")
        self.keyframes = {
            name: [
                (float(percent), *what.split(":"))
                for selectors, what in re.findall(r"([\d.%,]+)\{([^}]*)\}", body)
                for percent in selectors.replace("%", "").split(",")
            ]
            for name, body in re.findall(r"@keyframes ([\w-]+)\{((?:[^{}]*\{[^{}]*\})*)\}", self.style)
        }
        self.names = dict(re.findall(rf"#{self.id} \.([\w-]+)\{{animation-name:([\w-]+)\}}", self.style))
        durations = dict(re.findall(rf"#{self.id} \.(gg-seen|gg-lit)\{{animation:([\d.]+)s", self.style))
        self.seconds = float(durations["gg-seen"])
        assert f"#{self.id} .gg-seen{{animation:{durations['gg-seen']}s step-end " in self.style
        assert f"#{self.id} .gg-lit{{animation:{durations['gg-lit']}s linear " in self.style
        assert durations["gg-lit"] == durations["gg-seen"]

    def _animated(self, element, time):
        """Return visibility and opacity of one element at a time, as far as it has its own."""
        visibility, opacity = element.get("visibility"), float(element.get("opacity", 1))
        classes = element.get("class", "").split()
        for name in classes:
            if name in self.names and time is not None:
                frames, at = self.keyframes[self.names[name]], 100 * time / self.seconds
                if "gg-seen" in classes:  # step-end: the last frame that has begun holds
                    (visibility,) = [value for percent, _, value in frames if percent <= at][-1:]
                else:
                    opacity = next(
                        float(a) + (float(b) - float(a)) * (at - p) / (q - p)
                        for (p, _, a), (q, _, b) in pairwise(frames)
                        if p <= at <= q and p < q
                    )
        return visibility, opacity

    def seen(self, time=None, within=None):
        """Yield the elements that are seen at a time; without one, those that are seen where nothing moves."""
        stack = [(self.root if within is None else within, "visible")]
        while stack:
            element, inherited = stack.pop()
            visibility, opacity = self._animated(element, time)
            visibility = visibility or inherited
            if opacity > 0 and element.tag not in (f"{SVG}defs", f"{SVG}style"):
                if visibility == "visible":
                    yield element
                stack += [(child, visibility) for child in reversed(element)]

    def group(self, name):
        return self.root.find(f".//{SVG}g[@id='{self.id}-{name}']")

    def texts(self, time, role, within):
        return [
            element.text.strip()
            for element in self.seen(time, within)
            if element.tag == f"{SVG}text" and role in element.get("class", "").split()
        ]

    def ground(self, time, within):
        """Return what a gradient stands on: hatching, plain ground, or nothing."""
        rects = [e for e in self.seen(time, within) if e.tag == f"{SVG}rect"]
        hatched = [e for e in rects if e.get("fill").startswith("url(")]
        dashed = [e for e in rects if e.get("stroke-dasharray")]
        assert len(hatched) == len(dashed) == len(rects) - bool(rects)
        return HATCHED if hatched else PLAIN if rects else ""

    def caption(self, time):
        """Return the lines below the graph, without the legend."""
        lines = [e for e in self.seen(time) if e.tag == f"{SVG}text" and e.get("font-size") is None]
        body = set(self.group("graph").iter())
        return ["".join(line.itertext()) for line in lines if line not in body]


def moments(f):
    """Yield for each frame what a reader has to see, from Graph.steps alone.

    The kind of step, its node, and for each node its value, its gradient so far and what that stands on.
    """
    graph = Graph(f)
    values = {node: number(node.data) if node.is_leaf else "" for node in graph.nodes}
    gradients = dict.fromkeys(graph.nodes, ("", ""))
    yield "start", None, dict(values), dict(gradients)
    backward = False
    for step in graph.steps():
        if isinstance(step, ForwardStep):
            values[step.node] = number(step.data)
            yield "forward", step.node, dict(values), dict(gradients)
            continue
        if not backward:
            backward, gradients[f] = True, ("1", PLAIN)
            yield "seed", f, dict(values), dict(gradients)
        assert isinstance(step, BackwardStep)
        for part in step.contributions:
            if part.operand.op is not CONSTANT:
                gradients[part.operand] = number(part.total), PLAIN if part.final else HATCHED
        yield "backward", step.node, dict(values), dict(gradients)
    yield "finished", None, dict(values), dict(gradients)


def check(f, **options):
    """Compare what is seen in the middle of each step, and shortly after its start and before its end."""
    player, graph = Player(animate(f, **options).svg), Graph(f)
    pace = float(options.get("seconds_per_step", 1.0))
    steps = list(moments(f))
    assert player.seconds == pytest.approx((len(steps) - 1) * pace + float(options.get("rest", 5.0)))
    prefix = "data ", "grad "
    for k, (kind, node, values, gradients) in enumerate(steps):
        for time in [(k + part) * pace for part in (0.01, 0.2, 0.99)]:
            for i, value in enumerate(graph.nodes):
                group = player.group(f"v{i}")
                (shown,) = player.texts(time, "gg-value", group) or [""]
                assert shown.removeprefix(prefix[0]).rpartition("= ")[2] == values[value], (kind, i)
                (shown,) = player.texts(time, "gg-gradient", group) or [""]
                assert (shown.removeprefix(prefix[1]), player.ground(time, group)) == gradients[value], (kind, i)
        assert player.caption((k + 0.2) * pace)[0].startswith("backward" if kind == "seed" else kind)
        lit = [e for e in player.seen((k + 0.2) * pace) if "gg-lit" in e.get("class", "").split()]
        assert len(lit) == (node is not None)
        if lit:
            assert_lights(player, graph, kind, node, lit[0])


def assert_lights(player, graph, kind, node, lit):
    """Check that the ring is around the node, and that all edges that carry something are lit, no others."""
    i, first = graph.nodes.index(node), 0
    for other in graph.nodes[:i]:
        first += len(other.parents)
    (ring,) = lit.findall(f"{SVG}rect")
    x, y, width, height = (float(ring.get(name)) for name in ("x", "y", "width", "height"))
    shape = player.group(f"v{i}op") if player.group(f"v{i}op") is not None else player.group(f"v{i}")
    centres = [(float(t.get("x")), float(t.get("y"))) for t in shape.iter(f"{SVG}text")]
    assert all(x < cx < x + width and y < cy < y + height for cx, cy in centres)
    wanted = []
    for j, operand in enumerate(node.parents if kind != "seed" else ()):
        if kind == "forward" or operand.op is not CONSTANT:
            wanted += [path.get("d") for path in player.group(f"e{first + j}").iter(f"{SVG}path")]
    assert sorted(path.get("d") for path in lit.iter(f"{SVG}path")) == sorted(wanted)


# --- each step shows its numbers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("make", GRAPHS)
def test_each_step_shows_the_values_and_the_sums_so_far(make, style):
    check(make(), style=style)


@settings(max_examples=25, deadline=None)
@given(recipes())
def test_so_it_does_on_random_graphs(recipe):
    _, nodes = recipe.build()
    if not nodes[-1].is_leaf:
        check(nodes[-1])


@pytest.mark.parametrize(("pace", "rest", "rankdir"), [(0.25, 3.0, "TB"), (2, 0.5, "LR")])
def test_so_it_does_at_any_speed(pace, rest, rankdir):
    check(shared(), seconds_per_step=pace, rest=rest, rankdir=rankdir)


def test_the_lectures_example_step_by_step():
    player = Player(animate(sum_times()).svg)
    assert [player.caption(k + 0.5) for k in range(7)] == [
        ["start: the inputs have their values"],
        ["forward: q = x + y = −2 + 5 = 3"],
        ["forward: f = q * z = 3 * (−4) = −12"],
        ["backward begins: ∂f/∂f = 1"],
        [
            "backward through f: × swaps its inputs: each operand gets the",
            "gradient times the other operand",
            "∂f/∂q += ∂f/∂f · ∂f/∂q = 1 · (−4) = −4",
            "∂f/∂z += ∂f/∂f · ∂f/∂z = 1 · 3 = 3",
        ],
        [
            "backward through q: + distributes: each operand gets the",
            "gradient unchanged",
            "∂f/∂x += ∂f/∂q · ∂q/∂x = −4 · 1 = −4",
            "∂f/∂y += ∂f/∂q · ∂q/∂y = −4 · 1 = −4",
        ],
        ["finished: ∂f/∂x = −4, ∂f/∂y = −4, ∂f/∂z = 3"],
    ]


def test_sums_that_are_not_final_are_said_and_hatched():
    # f = x³ + x²: ∂f/∂y = x + 1 = 4, then ∂f/∂x = y + 2x · 4 = 9 + 12 + 12
    player = Player(animate(shared()).svg)
    x, y = player.group("v0"), player.group("v1")
    shown = [[[*player.texts(k + 0.5, "gg-gradient", v), player.ground(k + 0.5, v)] for v in (x, y)] for k in (5, 6, 7)]
    assert shown == [
        [[""], ["1", HATCHED]],
        [["9", HATCHED], ["4", PLAIN]],
        [["33", PLAIN], ["4", PLAIN]],
    ]
    assert [len(v.findall(f"{SVG}g")) for v in (x, y)] == [2, 2]
    assert [line for k in (5, 6, 7) for line in player.caption(k + 0.5) if "final" in line] == [
        "∂f/∂y += ∂f/∂f · ∂f/∂y = 1 · 1 = 1, not final",
        "∂f/∂y += ∂f/∂v1 · ∂v1/∂y = 1 · 3 = 3; 1 + 3 = 4, final",
        "∂f/∂x += ∂f/∂v1 · ∂v1/∂x = 1 · 9 = 9, not final",
        "∂f/∂x += ∂f/∂y · ∂y/∂x = 4 · 3 = 12; 9 + 12 = 21, not final",
        "∂f/∂x += ∂f/∂y · ∂y/∂x = 4 · 3 = 12; 21 + 12 = 33, final",
    ]
    legend = [text.text for text in player.root.iter(f"{SVG}text") if text.get("class") == "gg-local"]
    assert legend[-2:] == ["sum so far, more to come", "final gradient"]


def test_many_operands_are_not_all_written_out():
    w = [Value(float(i), label=f"w{i}") for i in range(1, 9)]
    player = Player(animate(dot(w, [constant(1.0)] * 8)).svg)
    assert player.caption(3.5)[-1] == "… and 5 more operands in the same way"
    assert player.caption(4.5)[-1].endswith("∂f/∂w6 = 1, and 2 more")


def test_a_local_derivative_appears_with_its_value():
    player = Player(animate(sum_times()).svg)
    edges = [player.group(f"e{j}") for j in range(4)]
    shown = [[player.texts(k + 0.5, "gg-local", edge) for edge in edges] for k in (0, 1, 2)]
    assert shown == [
        [[], [], [], []],
        [["∂ 1"], ["∂ 1"], [], []],
        [["∂ 1"], ["∂ 1"], ["∂ −4"], ["∂ 3"]],
    ]


# --- without motion ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", GRAPHS)
def test_without_motion_the_finished_picture_is_seen(make):
    f = make()
    still, (*_, (_, _, values, gradients)) = Player(animate(f).svg), moments(f)
    for i, node in enumerate(Graph(f).nodes):
        group = still.group(f"v{i}")
        assert still.texts(None, "gg-value", group) == [values[node]]
        assert still.texts(None, "gg-gradient", group) == ([gradients[node][0]] if gradients[node][0] else [])
        assert still.ground(None, group) == gradients[node][1]
    assert still.caption(None) == still.caption(still.seconds * 0.999)
    assert still.caption(None)[0].startswith("finished: ")
    assert not [e for e in still.seen() if "gg-lit" in e.get("class", "").split()]


def test_nothing_moves_for_who_asked_for_less_motion():
    style = Player(animate(shared()).svg).style
    start = style.index("@media (prefers-reduced-motion:no-preference){")
    depth = 0
    for end in range(style.index("{", start), len(style)):
        depth += {"{": 1, "}": -1}.get(style[end], 0)
        if depth == 0:
            break
    assert "animation" in style[start:end]
    for word in ("animation", "keyframes", "transition"):
        assert word not in style[:start] + style[end:]


def test_it_plays_for_ever_or_once():
    def counts(**options):
        return set(re.findall(r"\.gg-(?:seen|lit|head)\{[^}]*?(\w+)\}", Player(animate(shared(), **options).svg).style))

    assert counts() == {"infinite"}
    assert counts(loop=False) == {"1"}


# --- the file ---------------------------------------------------------------------------------------------------------


def test_the_sigmoid_neuron_is_small():
    assert len(animate(sigmoid_neuron()).svg.encode()) < 60_000


def test_nothing_in_it_runs_or_is_loaded():
    svg = animate(sigmoid_neuron()).svg
    assert not re.search(r"<script|\bon\w+=|javascript:|@import|<image|<foreignObject", svg)
    assert set(re.findall(r"url\(([^)]*)\)", svg)) <= {f"#{Player(svg).id}-hatching"}
    assert set(re.findall(r"https?://[^\"'\s]*", svg)) == {"http://www.w3.org/2000/svg"}


def test_the_same_graph_gives_the_same_bytes():
    assert animate(shared()).svg == animate(shared()).svg


def test_two_animations_on_one_page_have_nothing_in_common():
    def identities(**options):
        svg = animate(shared(), **options).svg
        found = re.findall(r'\bid="([^"]*)"', svg)
        assert len(set(found)) == len(found)
        return {*found, *Player(svg).keyframes}

    one = identities()
    for options in ({"rest": 4}, {"loop": False}, {"seconds_per_step": 2}, {"theme": "light"}, {"style": "circuit"}):
        assert not one & identities(**options), options


def test_each_rule_reaches_this_picture_only():
    player = Player(animate(shared()).svg)
    rules = re.sub(r"@keyframes [\w-]+\{(?:[^{}]*\{[^{}]*\})*\}", "", player.style)
    selectors = [selector for selector in re.findall(r"([^{}]+)\{", rules) if not selector.startswith("@media")]
    assert selectors
    assert all(selector.startswith(f"#{player.id} .gg-") for selector in selectors)
    assert all(name.startswith(player.id) for name in player.keyframes)


def test_a_screen_reader_is_told_every_step():
    player = Player(animate(sum_times(), seconds_per_step=2, loop=False).svg)
    title, description = (player.root.find(f".//*[@id='{i}']") for i in player.root.get("aria-labelledby").split())
    assert title.text == "graph of f, step by step"
    assert description.text.startswith("Animation, 2 s a step; at the end the finished picture rests for 5 s, then it")
    assert "; forward: q = x + y = −2 + 5 = 3; forward: f = q * z" in description.text


def test_tooltips_bear_the_final_numbers():
    x = Value(2.0, label="x")
    player = Player(animate(x * 0.25125 + x * 0.74875).svg)  # the sum so far needs more room than the 1 at the end
    assert player.group("v0").find(f"{SVG}title").text == "x: value 2, gradient 1"
    assert len(player.group("v0").findall(f"{SVG}g")) == 2


@pytest.mark.parametrize("theme", ["auto", "light", "dark", "cs231n", "cs231n-dark"])
def test_themes(theme):
    svg = animate(shared(), theme=theme).svg
    assert ("prefers-color-scheme:dark" in svg) == (theme in ("auto", "cs231n"))
    light, dark = COLOURS["background"][1], COLOURS["background"][2]
    ground = Player(svg).root.find(f"{SVG}rect")
    assert ground.get("fill") == (dark if theme.endswith("dark") else light)


@pytest.mark.parametrize("theme", ["auto", "cs231n"])
def test_every_colour_has_its_dark_counterpart(theme):
    player = Player(animate(shared(), theme=theme).svg)
    dark = dict(re.findall(rf"#{player.id} \.(gg-[\w]+)\{{(?:fill|stroke):(#\w+)\}}", player.style))
    for element in player.root.iter():
        for what in ("fill", "stroke"):
            colour = element.get(what, "none")
            if colour != "none" and not colour.startswith("url("):
                assert set(element.get("class", "").split()) & set(dark), (element.tag, element.attrib)


def blend(over, under, opacity):
    return [opacity * a + (1 - opacity) * b for a, b in zip(over, under, strict=True)]


def channels(colour):
    return [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]


def luminance(rgb):
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [1, 2], ids=["light", "dark"])
def test_gradients_contrast_with_the_ground_behind_them(theme):
    # WCAG 2.1; on hatching, whose stripes cover 1.8 of 5, with the ground in the mean.
    stripe = Player(animate(shared()).svg).root.find(f".//{SVG}pattern/{SVG}rect")
    opacity = float(stripe.get("fill-opacity")) * float(stripe.get("width")) / 5
    text, ground = channels(COLOURS["gradient"][theme]), channels(COLOURS["background"][theme])
    for under in (ground, blend(text, ground, opacity)):
        pair = sorted(map(luminance, (text, under)))
        assert (pair[1] + 0.05) / (pair[0] + 0.05) > 4.5


def boxes(player):
    """Yield each text with its left and right end, in the coordinates of its group."""
    for text in player.root.iter(f"{SVG}text"):
        size = float(text.get("font-size") or 16.5)
        width = columns("".join(text.itertext()).strip()) * DIGIT * size
        x = float(text.get("x"))
        yield text, (x - width / 2, x + width / 2) if text.get("text-anchor") == "middle" else (x, x + width)


@pytest.mark.parametrize("make", GRAPHS)
def test_no_sum_leaves_its_box(make):
    player = Player(animate(make()).svg)
    ends = dict(boxes(player))
    for i in range(len(Graph(make()).nodes)):
        group = player.group(f"v{i}")
        sides = [float(x) for x in re.findall(r"(-?[\d.]+),-?[\d.]+", group.find(f"{SVG}path").get("d"))]
        for text in group.iter(f"{SVG}text"):
            assert min(sides) < ends[text][0] < ends[text][1] < max(sides)


@pytest.mark.parametrize("make", GRAPHS)
def test_captions_stay_in_the_picture(make):
    player = Player(animate(make()).svg)
    _, _, width, height = (float(x) for x in player.root.get("viewBox").split())
    below = player.root.findall(f"{SVG}g")[-1]
    size = float(below.get("font-size"))
    for text in below.iter(f"{SVG}text"):
        end = float(text.get("x")) + columns("".join(text.itertext())) * DIGIT * float(text.get("font-size", size))
        assert end < width
        assert float(text.get("y")) < height - 2


HOSTILE = [
    "</style><script>alert(1)</script>",
    '"]; evil [',
    "<b>&",
    "x" * 10_000,
    "日本語" * 30,
    "\0 bell \a",
    "a: b",
    "}",
]


@pytest.mark.parametrize("label", HOSTILE, ids=range(len(HOSTILE)))
def test_any_label_does_no_harm(label):
    x = Value(3.0, label=label)
    f = x * x
    f.label = label
    svg = animate(f).svg
    assert "<script" not in svg
    assert len(svg) < 40_000
    player = Player(svg)
    assert player.texts(None, "gg-value", player.group("v1")) == ["9"]


# --- what it takes ----------------------------------------------------------------------------------------------------


def test_a_notebook_shows_the_svg():
    animation = animate(sum_times())
    assert isinstance(animation, Animation)
    assert animation.seconds == 11
    bundle = animation._repr_mimebundle_()
    assert bundle["image/svg+xml"] == animation.svg
    assert bundle["text/plain"].startswith("<Animation: graph of f, step by step, 4 steps, 11 s, ")


def test_it_is_saved(tmp_path):
    animation = animate(sum_times())
    assert animation.save(tmp_path / "steps.svg").read_text("utf-8") == animation.svg
    with pytest.raises(VizError, match=r"'.*steps\.gif' does not end in \.svg"):
        animation.save(tmp_path / "steps.gif")
    with pytest.raises(SaveError, match="cannot write"):
        animation.save(tmp_path / "nowhere" / "steps.svg")


def test_the_graph_stays_as_it_is():
    f = sum_times()
    f.backward()  # leaves hold two passes
    before = [(node.data, node.grad, node.label) for node in Graph(f).nodes]
    animation = animate(f)
    assert [(node.data, node.grad, node.label) for node in Graph(f).nodes] == before
    player = Player(animation.svg)
    assert player.texts(None, "gg-gradient", player.group("v0")) == ["−4"]


def test_a_graph_need_not_be_differentiated():
    f = shared()
    assert Player(animate(Graph(f)).svg).texts(None, "gg-gradient", Player(animate(f).svg).group("v0")) == ["33"]


def test_names():
    w, b, x = inputs()
    for value in (*w, b, *x):
        value.label = None
    f = w[0] * x[0] + b
    assert "v1 = w[0] * x[0] = 2 * (−1) = −2" in animate(f, names={"w": w, "x": x, "b": b}).svg


def test_values_that_are_out_of_date_are_said_to_be():
    graph = trace("q = x + y; f = q * z", x=-2, y=5, z=-4)
    graph.inputs["x"].data = 7.0
    player = Player(animate(graph).svg)
    for k in (0, 6):
        assert "Note: the inputs have changed since these values were computed" in " ".join(player.caption(k + 0.5))
    graph.forward()
    assert "Note" not in animate(graph).svg


def test_gates_and_closures_of_ones_own():
    cube = gate(lambda x: x**3, lambda x: 3 * x**2, name="cube")
    x = Value(2.0, label="x")
    made = Value(x.data**2, (x,), "square")
    made._backward = lambda: setattr(x, "grad", x.grad + 2 * x.data * made.grad)
    check(cube(x) + made)
    assert x.grad == 0.0


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1e300])
def test_numbers_that_are_not_ordinary(value):
    v = Value(value, label="v")
    player = Player(animate(v * 2 + v).svg)
    assert player.texts(None, "gg-value", player.group("v0")) == [number(value)]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (None, "animate takes a Value or a Graph, not NoneType"),
        ([Value(1.0)], "animate takes a Value or a Graph, not list"),
        (Value(1.0, label="x"), "nothing to animate: the Value 'x' is a leaf"),
    ],
)
def test_what_cannot_be_animated(given, message):
    with pytest.raises(VizError, match=message):
        animate(given)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seconds_per_step": 0}, "seconds_per_step=0; it is a number of seconds from 0.1 to 60"),
        ({"seconds_per_step": "fast"}, "seconds_per_step='fast'"),
        ({"seconds_per_step": True}, "seconds_per_step=True"),
        ({"rest": float("nan")}, "rest=nan; it is a number of seconds from 0.5 to 600"),
        ({"loop": 3}, "loop=3; it is True, to play again and again, or False, to play once"),
        ({"theme": "pink"}, "unknown theme 'pink'; choose one of"),
        ({"style": "cubist"}, "unknown style 'cubist'; choose one of"),
        ({"rankdir": "XY"}, "unknown rankdir 'XY'; choose one of"),
        ({"engine": "steam"}, "unknown engine 'steam'; choose one of"),
        ({"names": ["x"]}, "names maps each name to its Value"),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(VizError, match=re.escape(message)):
        animate(sum_times(), **options)


def test_a_graph_that_is_too_long_or_too_large():
    x = y = Value(0.5)
    for _ in range(MOST_STEPS // 2):
        y = y.tanh()
    assert "120 steps" in repr(animate(y))
    with pytest.raises(
        TooLargeError, match=r"would have 122 steps; 120 are the most\. Animate a part, .* folds a large"
    ):
        animate(y + x)
    with pytest.raises(TooLargeError, match="more than 300 values"):
        animate(dot([Value(1.0) for _ in range(300)], [1.0] * 300))
