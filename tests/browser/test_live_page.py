"""The live page in headless Chromium: it computes what the engine computes, and does what its reader asks.

Needs the Python package playwright, and a Chromium or Chrome on PATH; nothing is downloaded.
"""

import math
import re
import shutil

import pytest

from autograd import Graph, Value, dot, log, parameter, sigmoid, tanh, trace
from autograd.graph import BackwardStep, ForwardStep
from autograd.ops import CONSTANT
from nn import MLP
from viz.page import page
from viz.text import number

sync_api = pytest.importorskip("playwright.sync_api", reason="the package playwright is not installed")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="neither chromium nor google-chrome is on PATH"),
]
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run",
]  # fmt: skip


# --- graphs -----------------------------------------------------------------------------------------------------------


def sum_times():
    return trace("q = x + y; f = q * z", x=-2, y=5, z=-4).output


def neuron():
    w, b = [parameter(2.0, "w0"), parameter(-3.0, "w1")], parameter(-3.0, "w2")
    x = [Value(-1.0, label="x0"), Value(-2.0, label="x1")]
    f = 1 / (1 + (-(w[0] * x[0] + w[1] * x[1] + b)).exp())
    f.label = "f"
    return f


def mlp():
    x = [Value(0.5, label="x1"), Value(-1.0, label="x2")]
    loss = (MLP(2, [3, 1], activation="tanh", seed=1)(x) - Value(1.0, label="y")) ** 2
    loss.label = "loss"
    return loss


def shared():
    """A graph in which x, a and b are used more than once."""
    x, y = Value(1.5, label="x"), Value(-0.5, label="y")
    a = x * y
    b = a + x
    c = tanh(a * b) + a
    a.label, b.label, c.label = "a", "b", "c"
    return c


GRAPHS = [sum_times, neuron, mlp, shared]


# --- the browser ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def chromium():
    with sync_api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def show(chromium, tmp_path):
    """Return a function that opens a page; at the end nothing may have complained, or asked for anything."""
    contexts, complaints, requests = [], [], []

    def open_page(made, width=1280, height=800, **options):
        path = made if isinstance(made, str) else made.save(tmp_path / f"page{len(contexts)}.html").as_uri()
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        shown = context.new_page()
        shown.set_default_timeout(5000)
        shown.on("console", lambda message: complaints.append(message.text))
        shown.on("pageerror", lambda error: complaints.append(str(error)))
        shown.on("dialog", lambda dialog: (complaints.append(f"dialog {dialog.message}"), dialog.dismiss()))
        context.on("request", lambda request: requests.append(request.url))
        shown.goto(path)
        assert requests.pop() == path
        return shown

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
    assert requests == []


def state(shown):
    """Return the numbers of the page, with all their digits."""
    found = shown.evaluate(
        """() => ({
            values: glassgrad.values.map(String), gradients: glassgrad.gradients.map(String),
            right: glassgrad.rightGradients.map(String), at: glassgrad.at, steps: glassgrad.steps, mode: glassgrad.mode,
        })"""
    )
    floats = lambda texts: [float(text.replace("Infinity", "inf")) for text in texts]  # noqa: E731
    return {**found, **{key: floats(found[key]) for key in ("values", "gradients", "right")}}


def texts(shown, role):
    """Return what stands in the nodes: a text for each node, None where it has none of that role."""
    return shown.evaluate(
        "role => [...document.querySelectorAll('[data-node]')].map((g) => "
        "g.querySelector(`text.gg-${role}`)?.textContent ?? null)",
        role,
    )


def move(shown, leaf, x):
    """Move a leaf's slider, as a hand would."""
    shown.evaluate(
        """([leaf, x]) => {
            const slider = document.getElementById(`slider-${leaf}`);
            slider.value = x;
            slider.dispatchEvent(new Event("input", { bubbles: true }));
        }""",
        [leaf, x],
    )


def leaves_of(graph):
    return [i for i, node in enumerate(graph.nodes) if node.is_leaf and node.op is not CONSTANT]


def until(shown, condition):
    """Wait until a condition holds; the page's policy forbids playwright's own way, which needs eval."""
    for _ in range(100):
        if condition():
            return
        shown.wait_for_timeout(50)
    raise AssertionError("waited 5 s in vain")


def compare(shown, graph):
    """Set the graph's leaves to the page's, run the engine, and compare values, gradients and what is written."""
    found = state(shown)
    for i in leaves_of(graph):
        graph.nodes[i].data = found["values"][i]
    graph.forward()
    graph.zero_grad()
    graph.output.backward()
    size = dict.fromkeys(graph.nodes, 0.0)
    for step in graph.steps():
        if isinstance(step, BackwardStep):
            for part in step.contributions:
                size[part.operand] += abs(part.amount)
    for node, value, gradient in zip(graph.nodes, found["values"], found["gradients"], strict=True):
        assert value == pytest.approx(node.data, rel=1e-12, abs=1e-15)
        if node.op is not CONSTANT:
            assert abs(gradient - node.grad) <= 1e-9 * max(1.0, size[node])
    for role, key in (("value", "values"), ("gradient", "gradients")):
        for text, x in zip(texts(shown, role), found[key], strict=True):
            assert text is None or text == shown_number(x)


def shown_number(x):
    """Return a number as the page writes it: exactly between two, JavaScript rounds away from 0 and Python to even."""
    digits = f"{abs(x):.60e}".partition("e")[0].replace(".", "")
    between = math.isfinite(x) and digits[4] == "5" and not digits[5:].strip("0")
    whole = abs(x) < 1e6 and x == int(x) if math.isfinite(x) else True
    return number(x * (1 + 1e-12)) if between and not whole else number(x)


# --- it computes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", GRAPHS)
def test_moving_each_slider_gives_the_engines_numbers(make, show):
    graph = Graph(make())
    shown = show(page(graph))
    compare(shown, graph)
    for leaf in leaves_of(graph):
        low, high = (float(shown.get_attribute(f"#slider-{leaf}", end)) for end in ("min", "max"))
        assert low < graph.nodes[leaf].data < high
        for i in range(20):
            move(shown, leaf, low + (high - low) * (i + 0.5) / 20)
            compare(shown, graph)


def test_typing_a_number_moves_the_slider_and_its_range_grows(show):
    graph = Graph(sum_times())
    shown = show(page(graph))
    field = shown.locator("[data-leaf='0'] input[type=text]")
    field.fill("250")
    assert state(shown)["values"][0] == 250
    assert float(shown.get_attribute("#slider-0", "max")) == 500
    assert float(shown.input_value("#slider-0")) == 250
    compare(shown, graph)
    field.fill("−1,5e-3")
    assert state(shown)["values"][0] == -0.0015
    field.fill("spam")
    assert field.get_attribute("aria-invalid") == "true"
    assert state(shown)["values"][0] == -0.0015, "what is no number changes nothing"
    field.blur()
    assert field.input_value() == "-0.0015"
    assert field.get_attribute("aria-invalid") == "false"
    field.press("ArrowUp")
    assert state(shown)["values"][0] > -0.0015
    shown.click("#reset")
    assert state(shown)["values"] == [-2, 5, 3, -4, -12]
    assert float(shown.get_attribute("#slider-0", "max")) == 5


@pytest.mark.parametrize("style", ["circuit", "micrograd"])
def test_every_style_follows_the_sliders(style, show):
    graph = Graph(neuron())
    shown = show(page(graph, style=style))
    move(shown, 0, 0.5)
    found = state(shown)
    for text, x in zip(texts(shown, "value"), found["values"], strict=True):
        assert text.split(" ")[-1] == number(x)
    for text, x in zip(texts(shown, "gradient"), found["gradients"], strict=True):
        assert text is None or text.split(" ")[-1] == number(x)


def test_what_is_outside_a_domain_is_shown_marked_and_explained(show):
    x = Value(2.0, label="x")
    f = log(x) * 3
    f.label = "f"
    shown = show(page(f))
    shown.locator("[data-leaf='0'] input[type=text]").fill("-1")
    assert texts(shown, "value") == ["−1", "nan", "3", "nan"]
    assert shown.locator(".is-trouble").count() == 1
    assert "is-trouble" in shown.get_attribute("[data-node='1']", "class")
    shown.focus("[data-node='1']")
    shown.keyboard.press("Enter")
    assert "log(−1) is not defined: x must lie in (0, ∞)" in shown.inner_text("#node")
    shown.locator("[data-leaf='0'] input[type=text]").fill("0")
    assert texts(shown, "value")[1] == "−∞"
    shown.locator("[data-leaf='0'] input[type=text]").fill("1")
    assert shown.locator(".is-trouble").count() == 0


# --- step by step -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", GRAPHS)
def test_scrubbing_shows_each_steps_numbers(make, show):
    graph = Graph(make())
    place = {node: i for i, node in enumerate(graph.nodes)}
    shown = show(page(graph))
    steps = list(graph.steps())
    assert state(shown)["at"] == len(steps) + 1, "a page begins with everything done"
    totals, finals = {graph.output: 1.0}, {graph.output}
    for k, step in enumerate(steps, 1):
        shown.evaluate(
            "k => { const s = document.getElementById('scrubber'); s.value = k; s.dispatchEvent(new Event('input')); }",
            k,
        )
        told = shown.inner_text("#step")
        active = shown.locator(".node.is-active")
        assert active.count() == 1
        assert active.get_attribute("data-node") == str(place[step.node])
        values, gradients = texts(shown, "value"), texts(shown, "gradient")
        if isinstance(step, ForwardStep):
            assert shown_number(step.data) in told
            for x in step.operands:
                assert shown_number(x).lstrip("−") in told
            assert values[place[step.node]] == shown_number(step.data)
            later = [s.node for s in steps[k:] if isinstance(s, ForwardStep)]
            assert all(values[place[node]] == "·" for node in later)
            assert all(text in (None, "·") for text in gradients)
            assert shown.locator(".edge.is-forward").count() == len(step.operands)
            continue
        assert shown.locator(".edge.is-backward").count() == len(step.contributions)
        for part in step.contributions:
            if part.operand.op is CONSTANT:
                continue
            assert f"{shown_number(step.gradient)} · " in told
            assert f" = {shown_number(part.amount)}" in told
            if not (part.before == 0 and part.final):
                assert f"{shown_number(part.total)}  {'the sum is complete' if part.final else 'so far'}" in told
            totals[part.operand] = part.total
            finals |= {part.operand} if part.final else set()
        for node, i in place.items():
            if node.op is CONSTANT:
                continue
            assert gradients[i] == (shown_number(totals[node]) if node in totals else "·")
            is_part = "is-part" in shown.get_attribute(f"[data-node='{i}']", "class")
            assert is_part == (node in totals and node not in finals)


def test_gradients_that_are_not_final_are_hatched(show):
    shown = show(page(shared()))
    for _ in range(5):
        shown.click("#back")
    hatch = shown.locator(".node.is-part .hatch")
    assert hatch.count() > 0
    assert "hatching" in hatch.first.evaluate("e => getComputedStyle(e).fill")
    assert shown.locator("output.is-part").count() == 0, "no leaf has received anything yet"


def test_the_buttons_step_and_play(show):
    shown = show(page(sum_times()))
    shown.select_option("#speed", "350")
    shown.click("#first")
    assert state(shown)["at"] == 0
    assert shown.is_disabled("#back")
    shown.click("#next")
    assert shown.inner_text("#where") == "forward 1 of 2"
    shown.click("#play")
    assert shown.get_attribute("#play", "aria-label") == "Pause"
    until(shown, lambda: state(shown)["at"] == 5)
    until(shown, lambda: shown.get_attribute("#play", "aria-label") == "Play")
    shown.click("#back")
    assert shown.inner_text("#where") == "backward 2 of 2"
    shown.click("#last")
    assert shown.inner_text("#where") == "all done"


def test_a_slider_can_be_moved_in_the_middle_of_a_pass(show):
    shown = show(page(sum_times()))
    shown.click("#first")
    shown.click("#next")
    move(shown, 0, 1)
    assert state(shown)["at"] == 1
    assert texts(shown, "value")[2] == "6"
    assert "q = x + y = 1 + 5 = 6" in shown.inner_text("#step")


# --- one node ---------------------------------------------------------------------------------------------------------


def test_pointing_at_a_node_shows_its_rule_slopes_contributions_and_paths(show):
    graph = Graph(shared())
    shown = show(page(graph))
    shown.hover("[data-node='2']")  # a = x · y, which b, a · b and c use
    told = shown.inner_text("#node")
    assert "a = x · y" in told
    assert "= 1.5 · (−0.5) = −0.75" in told
    assert "∂a/∂x = y = −0.5" in told
    assert "3 paths to c" in told
    amounts = [part.amount for step in graph.steps() if isinstance(step, BackwardStep)
               for part in step.contributions if part.operand is graph.nodes[2]]  # fmt: skip
    for amount in amounts:
        assert f"= {number(amount)}" in told
    assert f"their sum = {number(sum(amounts))}" in told
    lit = {int(e.get_attribute("data-node")) for e in shown.locator("#graph .node:not(.is-aside)").all()}
    assert lit == {2, 3, 4, 5, 6}
    shown.mouse.move(5, 5)
    assert shown.locator(".is-aside").count() == 0


def test_a_click_keeps_a_node_and_another_lets_it_go(show):
    shown = show(page(sum_times()))
    shown.click("[data-node='2']")
    shown.mouse.move(5, 5)
    assert shown.inner_text("#node").startswith("q = +")
    assert shown.get_attribute("[data-node='2']", "aria-pressed") == "true"
    move(shown, 0, 1)
    assert "= 1 + 5 = 6" in shown.inner_text("#node"), "it follows the sliders"
    shown.click("[data-node='2']")
    shown.mouse.move(5, 5)
    assert shown.inner_text("#node").startswith("Point at a node")


def test_countless_paths_are_counted(show):
    f = Value(1.0, label="x")
    for _ in range(60):
        f = f + f
    shown = show(page(f))
    shown.focus("[data-node='0']")
    shown.keyboard.press("Enter")
    assert "1,152,921,504,606,846,976 paths to f" in shown.inner_text("#node")
    assert shown.locator(".node.is-aside").count() == 0


# --- right and wrong --------------------------------------------------------------------------------------------------


def doubled():
    a = Value(1.0, label="a")
    b = a + a
    c = b + b
    b.label, c.label = "b", "c"
    return c


@pytest.mark.parametrize(("mode", "wrong", "why"), [
    ("assign", {0: "1", 1: "1"}, "b is used twice, so as many contributions arrive. The last one, 1, overwrites"),
    ("recursion", {0: "8"}, "b was called a second time"),
])  # fmt: skip
def test_the_wrong_ways_stand_beside_the_right_one(mode, wrong, why, show):
    shown = show(page(doubled()))
    shown.check(f"input[value={mode}]", force=True)
    found = state(shown)
    assert found["right"] == [4, 2, 1]
    gradients = texts(shown, "gradient")
    assert {i: gradients[i] for i in wrong} == wrong
    assert {int(e.get_attribute("data-node")) for e in shown.locator(".node.is-wrong").all()} == set(wrong)
    assert shown.locator("[data-node='0'] .badge").text_content() == "right: 4"
    assert why in shown.inner_text("#wrong")
    rows = [row.split() for row in shown.locator("#wrong tbody tr").all_inner_texts()]
    assert rows[0][:3] == ["∂c/∂a", "4", wrong[0]]
    assert shown.locator("output.is-wrong").inner_text() == wrong[0]
    move(shown, 0, 0.5)
    assert texts(shown, "gradient")[0] == wrong[0], "the wrong way too follows the sliders"
    shown.check("input[value=right]", force=True)
    assert texts(shown, "gradient") == ["4", "2", "1"]
    assert shown.locator(".is-wrong").count() == 0
    assert shown.is_hidden("#wrong")


def test_a_wrong_pass_can_be_stepped_through(show):
    shown = show(page(doubled()))
    shown.check("input[value=assign]", force=True)
    shown.click("#first")
    for _ in range(3):
        shown.click("#next")
    assert "overwrites 1, which is lost" in shown.inner_text("#step")
    shown.check("input[value=recursion]", force=True)
    shown.click("#last")
    assert state(shown)["steps"] == 2 + 3, "c, and b twice"
    shown.click("#back")
    assert "Backward through b" in shown.inner_text("#step")


# --- the reader -------------------------------------------------------------------------------------------------------


def test_the_keyboard_does_it_all(show):
    shown = show(page(sum_times()))
    keys = shown.keyboard
    keys.press("Home")
    assert state(shown)["at"] == 0
    keys.press("ArrowRight")
    keys.press("ArrowRight")
    keys.press("ArrowLeft")
    assert state(shown)["at"] == 1
    keys.press("End")
    assert state(shown)["at"] == 5
    keys.press("Space")
    assert shown.get_attribute("#play", "aria-label") == "Pause"
    keys.press("Space")
    assert shown.get_attribute("#play", "aria-label") == "Play"
    keys.press("?")
    assert shown.is_visible("#help")
    keys.press("ArrowRight")
    keys.press("Escape")
    assert shown.is_hidden("#help")
    before = shown.get_attribute("#graph", "viewBox")
    keys.press("+")
    assert shown.get_attribute("#graph", "viewBox") != before
    keys.press("0")
    assert shown.get_attribute("#graph", "viewBox") == before


def test_tab_reaches_every_node_in_order_and_shows_it(show):
    shown = show(page(sum_times()), reduced_motion="reduce")  # which would let the frame grow slowly
    shown.focus("#ask")
    shown.keyboard.press("Tab")
    assert shown.locator(":focus").inner_text() == "Skip the graph"
    seen = []
    for _ in range(5):
        shown.keyboard.press("Tab")
        seen.append(shown.evaluate("document.activeElement.getAttribute('aria-label')"))
        title = shown.inner_text("#node h3").split()[0]
        assert title in seen[-1].split(",")[0].split()
        shape = shown.locator(":focus .shape")
        assert float(shape.evaluate("e => parseFloat(getComputedStyle(e).strokeWidth)")) >= 3, "the focus can be seen"
    assert seen == [
        "input x, value −2, gradient −4",
        "input y, value 5, gradient −4",
        "q, +, value 3, gradient −4",
        "input z, value −4, gradient 3",
        "f, ×, value −12, gradient 1",
    ]
    shown.keyboard.press("Enter")
    shown.keyboard.press("Tab")
    assert shown.inner_text("#node h3").startswith("f"), "Enter keeps it"
    shown.keyboard.press("Escape")
    assert shown.locator("#node h3").count() == 0


def test_arrows_on_a_slider_move_the_slider(show):
    shown = show(page(sum_times()))
    shown.focus("#slider-0")
    before = state(shown)
    shown.keyboard.press("ArrowRight")
    after = state(shown)
    assert after["at"] == before["at"]
    assert after["values"][0] > before["values"][0]
    shown.keyboard.type("?")
    assert shown.is_visible("#help")


def test_typing_in_a_field_is_not_taken_for_commands(show):
    shown = show(page(sum_times()))
    field = shown.locator("[data-leaf='0'] input[type=text]")
    field.fill("")
    field.press_sequentially("-10")
    shown.keyboard.press("Home")
    assert state(shown)["at"] == 5
    assert state(shown)["values"][0] == -10


def test_the_wheel_and_a_drag_and_two_fingers(show):
    shown = show(page(neuron()))
    box = shown.locator("#graph").bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    def view():
        return [float(x) for x in shown.get_attribute("#graph", "viewBox").split()]

    start = view()
    shown.mouse.move(*middle)
    shown.mouse.wheel(0, -300)
    until(shown, lambda: view() != start)
    near = view()
    assert near[2] < start[2]
    assert near[0] + near[2] / 2 == pytest.approx(start[0] + start[2] / 2, abs=0.5), (
        "what the pointer is on stays there"
    )
    shown.mouse.down()
    shown.mouse.move(middle[0] + 60, middle[1] + 10, steps=4)
    shown.mouse.up()
    assert view()[0] == pytest.approx(near[0] - 60 * near[2] / box["width"], abs=0.5)
    shown.click("#fit")
    assert view() == start
    shown.evaluate(
        """([x, y]) => {
            const graph = document.getElementById("graph");
            graph.setPointerCapture = () => {};
            const fire = (type, id, dx) =>
              graph.dispatchEvent(
                new PointerEvent(type, { pointerId: id, button: 0, clientX: x + dx, clientY: y, bubbles: true }));
            fire("pointerdown", 1, -20); fire("pointerdown", 2, 20);
            for (let i = 1; i <= 10; i += 1) {
              fire("pointermove", 1, -20 - 8 * i);
              fire("pointermove", 2, 20 + 8 * i);
            }
            fire("pointerup", 1, -100); fire("pointerup", 2, 100);
        }""",
        middle,
    )
    assert start[2] / view()[2] > 3


def test_the_active_node_is_brought_into_view(show):
    shown = show(page(neuron()))
    for _ in range(8):
        shown.click("#closer")
    shown.click("#first")
    for _ in range(16):
        shown.keyboard.press("ArrowRight")
        node, frame = shown.locator(".node.is-active").bounding_box(), shown.locator("#graph").bounding_box()
        assert frame["x"] - 1 <= node["x"]
        assert node["x"] + node["width"] <= frame["x"] + frame["width"] + 1


# --- how it looks -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("make", GRAPHS)
def test_everything_fits_the_window(make, width, scheme, show):
    shown = show(page(make()), width=width, color_scheme=scheme)
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    if width == 1280:
        assert shown.evaluate("document.documentElement.scrollHeight") <= 800
    for name in ("graph", "scrubber", "play", "theme", "ask", "fit", "speed"):
        box = shown.locator(f"#{name}").bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    for box in (e.bounding_box() for e in shown.locator(".leaf:not(.head) > *").all()):
        assert box["x"] + box["width"] <= width


CONTRAST = """() => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const [r, g, b, a = 1] = channels(getComputedStyle(e).backgroundColor);
      if (a === 1) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const poor = [];
  const judge = (what, text, back) => {
    const [low, high] = [luminance(text), luminance(back)].sort((a, b) => a - b);
    if ((high + 0.05) / (low + 0.05) < 4.5) poor.push(`${what}: ${text} on ${back}`);
  };
  const all = "h1, h2, h3, h4, p, span, b, li, label, output, td, th, button:enabled, code, pre";
  for (const e of document.querySelectorAll(all)) {
    if (!e.checkVisibility() || !e.textContent.trim()) continue;
    judge(e.outerHTML.slice(0, 60), channels(getComputedStyle(e).color), behind(e));
  }
  const frame = behind(document.querySelector(".frame"));
  for (const g of document.querySelectorAll("#graph .node, #graph .edge")) {
    const shape = g.querySelector(".shape");
    const fill = shape ? channels(getComputedStyle(shape).fill) : frame;
    for (const t of g.querySelectorAll("text")) {
      const back = t.classList.contains("badge") || t.classList.contains("mark") ? frame : fill;
      if (t.textContent.trim()) judge(t.textContent, channels(getComputedStyle(t).fill), back);
    }
  }
  return poor;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("mode", ["right", "assign"])
def test_every_text_can_be_read_in_either_theme(scheme, mode, show):
    shown = show(page(mlp()), color_scheme=scheme)
    shown.check(f"input[value={mode}]", force=True)
    shown.locator("input[type=text]").first.fill("0.25")
    assert shown.evaluate(CONTRAST) == []
    shown.click("#theme")
    assert shown.evaluate(CONTRAST) == []


def test_the_switch_turns_the_theme(show):
    def dark(shown):
        return shown.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(14, 16, 20)"

    shown = show(page(sum_times()), color_scheme="dark")
    assert dark(shown)
    shown.click("#theme")
    assert not dark(shown)
    shown.click("#theme")
    assert dark(shown)
    assert dark(show(page(sum_times(), theme="dark"), color_scheme="light"))
    assert not dark(show(page(sum_times(), theme="light"), color_scheme="dark"))


@pytest.mark.parametrize(("motion", "moves"), [("no-preference", True), ("reduce", False)])
def test_nothing_moves_for_readers_who_do_not_want_it(motion, moves, show):
    shown = show(page(sum_times()), reduced_motion=motion)
    shown.click("#back")
    path = shown.locator(".edge.is-backward path").first
    assert (path.evaluate("e => getComputedStyle(e).animationName") != "none") == moves


# --- elsewhere --------------------------------------------------------------------------------------------------------


def test_it_runs_in_a_notebooks_frame(show, tmp_path):
    path = tmp_path / "notebook.html"
    path.write_text(f"<!doctype html><meta charset=utf-8><body>{page(sum_times())._repr_html_()}", "utf-8")
    shown = show(path.as_uri())
    frame = next(f for f in shown.frames if f is not shown.main_frame)
    frame.wait_for_selector(".leaf")
    frame.fill("[data-leaf='0'] input[type=text]", "3")
    assert frame.evaluate("glassgrad.values") == [3, 5, 8, -4, -32]
    frame.click("#ask")
    frame.click("#close")
    assert frame.is_hidden("#help")


EVIL = [
    "</script><script>alert(1)</script>",
    '"]; evil [',
    "<b>&",
    "x" * 10_000,
    "<img src=x onerror=alert(1)>",
    "${alert(1)}",
    "lone \ud800 surrogate",
    "bell \x07 null \0",
    "' onfocus='alert(1)",
    "\u202ereversed\u2028line",
    "</style><style>*{color:red}",
]


@pytest.mark.parametrize("label", EVIL, ids=lambda label: ascii(label[:12]))
def test_no_label_does_harm(label, show):
    x, y = Value(3.0, label=label), Value(-4.0, label="y")
    f = sigmoid(x * y)
    f.label = label
    shown = show(page(f, title=label))
    assert state(shown)["values"][0] == 3
    for i in range(4):
        shown.focus(f"[data-node='{i}']")
        shown.keyboard.press("Enter")
        shown.keyboard.press("ArrowLeft")
    assert shown.evaluate("document.documentElement.scrollWidth") <= 1280
    assert shown.locator("script").count() == 2
    assert shown.locator("style").count() == 1
    assert shown.locator("img").count() == 0
    wanted = re.sub("[\ud800\0\x07\u202e]", "�", label)
    assert shown.inner_text("[data-leaf='0'] label")[:8].strip() == wanted[:8].strip()


def test_600_values_still_follow_the_hand(show):
    x = [Value(0.1 * i, label=f"x{i}") for i in range(10)]
    f = MLP(10, [20, 12, 1], activation="tanh", seed=1)(x)
    graph = Graph(f)
    assert 500 < len(graph.nodes) <= 600
    shown = show(page(graph))
    took = shown.evaluate(
        """() => {
            const slider = document.getElementById("slider-0");
            const before = performance.now();
            for (let i = 0; i < 10; i += 1) { slider.value = i / 10; slider.dispatchEvent(new Event("input")); }
            return (performance.now() - before) / 10;
        }"""
    )
    assert took < 250, f"{took:.0f} ms for one move of a slider"
    f.zero_grad()
    compare(shown, graph)


def test_a_fused_neuron_shows_its_products(show):
    w, x = [parameter(2.0, "w0"), parameter(-3.0, "w1")], [Value(-1.0, label="x0"), Value(-2.0, label="x1")]
    n = dot(w, x, parameter(-3.0, "b"))
    n.label = "n"
    shown = show(page(n))
    shown.click("#first")
    shown.click("#next")
    assert "n = w0 · x0 + w1 · x1 + b = 2 · (−1) + (−3) · (−2) + (−3) = 1" in shown.inner_text("#step")
