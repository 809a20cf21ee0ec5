import re
from xml.etree import ElementTree as ET

import pytest
from pictures import DIGIT, SVG, fused_neuron, groups, inputs, margin_loss, parse, sigmoid_neuron, sum_times, texts

from autograd import Value, gate
from viz import draw
from viz.errors import EngineError
from viz.sheet import FILLS
from viz.styles import STYLES, Part
from viz.svg import finish
from viz.text import columns
from viz.theme import COLOURS, CS231N

NUMBER = re.compile(r"-?[\d.]+")


def points(element):
    """Return the corners of a shape, or points on a curve."""
    numbers = [float(text) for text in NUMBER.findall(element.get("d") or element.get("points") or "")]
    if element.tag == f"{SVG}ellipse":
        x, y, rx, ry = (float(element.get(name)) for name in ("cx", "cy", "rx", "ry"))
        numbers = [x - rx, y - ry, x + rx, y + ry]
    found = list(zip(numbers[0::2], numbers[1::2], strict=True))
    if "C" in element.get("d", ""):  # M p0 C p1 p2 p3 p4 …, cubic curves from p0 by p1 and p2 to p3, and so on
        return [cubic(found[i : i + 4], t / 8) for i in range(0, len(found) - 3, 3) for t in range(9)]
    return found


def cubic(four, t):
    weights = [(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3]
    return tuple(sum(w * p[axis] for w, p in zip(weights, four, strict=True)) for axis in (0, 1))


# --- what a reader sees -----------------------------------------------------------------------------------------------


def test_the_lectures_numbers():
    seen = {title: texts(group) for title, group in groups(draw(sum_times()).svg).items()}
    assert seen == {
        "x: value −2, gradient −4": {"name": "x", "value": "−2", "gradient": "−4"},
        "y: value 5, gradient −4": {"name": "y", "value": "5", "gradient": "−4"},
        "q = +: value 3, gradient −4": {"name": "q = +", "value": "3", "gradient": "−4"},
        "z: value −4, gradient 3": {"name": "z", "value": "−4", "gradient": "3"},
        "f = ×: value −12, gradient 1": {"name": "f = ×", "value": "−12", "gradient": "1"},
        "local derivative 1, carries back −4": {"local": "∂ 1"},
        "local derivative −4, carries back −4": {"local": "∂ −4"},
        "local derivative 3, carries back 3": {"local": "∂ 3"},
    }


def test_the_lectures_circuit():
    root = parse(draw(sum_times(), style="circuit").svg)
    nodes = [group for group in root.iter(f"{SVG}g") if group.get("class") == "node"]
    lines = [[text.text for text in node.iter(f"{SVG}text")] for node in nodes]
    x, y, z = [["x"], ["−2", "−4"]], [["y"], ["5", "−4"]], [["z"], ["−4", "3"]]
    gates = [["+"], ["q = 3", "−4"], ["×"], ["−12", "1"], ["f"]]
    assert sorted(lines) == sorted([*x, *y, *z, *gates])


def test_the_sigmoid_neuron():
    # Values and gradients as on the slides, which round to two digits: 0.73; −0.2, 0.39, −0.39, −0.59, 0.2.
    shown = [texts(group) for group in groups(draw(sigmoid_neuron()).svg).values()]
    by_name = {lines["name"]: (lines["value"], lines["gradient"]) for lines in shown if "gradient" in lines}
    assert by_name["f = ÷"] == ("0.7311", "1")
    assert by_name["w0"] == ("2", "−0.1966")
    assert by_name["x0"] == ("−1", "0.3932")
    assert by_name["w1"] == ("−3", "−0.3932")
    assert by_name["x1"] == ("−2", "−0.5898")
    assert by_name["w2"] == ("−3", "0.1966")
    assert by_name["exp"] == ("0.3679", "−0.5344")


@pytest.mark.parametrize("style", ["boxes", "circuit"])
def test_value_above_rule_above_gradient(style):
    root = parse(draw(sum_times(), style=style).svg)
    parted = [group for group in root.iter(f"{SVG}g") if group.find(f"{SVG}line") is not None]
    assert len(parted) == 5
    for group in parted:
        baselines = {text.get("class"): float(text.get("y")) for text in group.iter(f"{SVG}text")}
        (rule,) = group.findall(f"{SVG}line")
        assert rule.get("y1") == rule.get("y2")
        height = 0.6 * 12  # of a digit
        assert baselines["gg-value"] < float(rule.get("y1")) < baselines["gg-gradient"] - height


def test_several_passes_are_marked():
    f = sum_times()
    f.backward()
    (x,) = [group for title, group in groups(draw(f).svg).items() if title.startswith("x:")]
    assert texts(x)["gradient"] == "Σ −8"
    assert "gradient −8. Σ: one backward pass over this graph gives −4;" in x.find(f"{SVG}title").text
    (q,) = [group for title, group in groups(draw(f).svg).items() if title.startswith("q")]
    assert texts(q)["gradient"] == "−4"


def test_an_undifferentiated_graph_shows_no_gradients():
    x = Value(3.0, label="x")
    for style in STYLES:
        assert "gradient" not in draw(x * x, style=style, theme="light").svg


def test_tooltips_have_all_digits_and_the_whole_name():
    name = "layers.0.attention.heads.3.query.w17"
    svg = draw(Value(1 / 3, label=name)).svg
    (title,) = groups(svg)
    assert title == f"{name}: value 0.333333333333"
    assert texts(groups(svg)[title])["name"] == "layers.0.att….3.query.w17"


# --- hostile labels ---------------------------------------------------------------------------------------------------

HOSTILE = [
    '"quoted" \\"',
    "ends in \\",
    "\\N \\G \\l",
    "a\nb\tc",
    "&lt;b&gt; &amp;",
    "<b>bold</b>",
    "]]> <!--",
    "{a|b|<c>}",
    "null \0 bell \a",
    "lone \ud800",
    "\uffff",
    "]; evil [x=1",
    "日本語のラベル",
    "e\u0301",
    "%s {0}",
    "digraph",
    "<svg onload='alert(1)'>",
    " ",
]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("label", HOSTILE, ids=ascii)
def test_any_label_is_shown_as_it_stands(label, style):
    wanted = label.translate({ord(c): "�" for c in "\0\a\ud800\uffff"}).replace("\n", " ").replace("\t", " ")
    x = Value(3.0, label=label)
    make = gate(lambda v: v, lambda _: 1.0, name=label[:12])
    root = parse(draw(make(x), style=style).svg)
    shown = [text.text for text in root.iter(f"{SVG}text")]
    assert [text for text in shown if text.replace("\xa0", " ") == wanted], shown
    assert any(title.text.startswith(f"{wanted}: value 3") for title in root.iter(f"{SVG}title"))


# --- slides -----------------------------------------------------------------------------------------------------------


def pictures():
    long = Value(-1.2345e-7, label="the_longest_label_that_there_is_in_this_test")
    wide = Value(-123456.789, label="日本語のとても長いラベル")
    product = long * wide
    product.label = "製品"
    made = product.softplus()
    made.backward()
    return [sum_times(), sigmoid_neuron(), fused_neuron(), made]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("unfold", [False, True])
def test_no_text_leaves_its_box_and_nothing_leaves_the_picture(style, unfold):
    for f in pictures():
        check_fits(draw(f, style=style, unfold=unfold, edge_labels=True, legend=True).svg)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("options", [{}, {"depth": 0}, {"unfold": "layers.0.1"}, {"rankdir": "TB"}], ids=str)
def test_nor_does_it_when_folded(style, options):
    if style != "circuit" or "rankdir" not in options:
        check_fits(draw(margin_loss(), style=style, legend=True, **options).svg)


def check_fits(svg):
    root = parse(svg)
    (body,) = root.findall(f"{SVG}g")
    background, *_ = body.findall(f"{SVG}polygon")
    xs, ys = zip(*points(background), strict=True)
    for group in body.iter(f"{SVG}g"):
        shapes = [element for element in group if element.tag != f"{SVG}text" and points(element)]
        for element in shapes if group is not body else []:
            up = max(float(n) for n in NUMBER.findall(element.get("transform", "0")))  # a card stands out by as much
            assert all(min(xs) <= x + up <= max(xs) and min(ys) <= y - up <= max(ys) for x, y in points(element))
        for text in group.findall(f"{SVG}text"):
            width = columns(text.text.strip()) * DIGIT * float(text.get("font-size"))
            left = float(text.get("x")) - {"middle": width / 2, "end": width}.get(text.get("text-anchor"), 0)
            assert min(xs) <= left
            assert left + width <= max(xs)
            assert min(ys) <= float(text.get("y")) <= max(ys)
            fronts = [shape for shape in shapes if not shape.get("transform")]
            if fronts and group.get("class") == "node":
                sides = [x for x, _ in points(fronts[0])]
                assert min(sides) + 1 <= left
                assert left + width <= max(sides) - 1


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [1, 2], ids=["light", "dark"])
@pytest.mark.parametrize("colours", [COLOURS, CS231N], ids=["usual", "cs231n"])
def test_every_text_contrasts_with_every_fill(colours, theme):
    # WCAG 2.1: (lighter + 0.05) / (darker + 0.05), at least 4.5 for text.
    for text in ("name", "value", "gradient", "local", "alarm"):
        for fill in ("background", *FILLS):
            pair = sorted(luminance(colours[role][theme]) for role in (text, fill))
            assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 4.5, (text, fill)


def test_the_contrast_is_wcags():
    assert luminance("#ffffff") == pytest.approx(1)
    assert (luminance("#ffffff") + 0.05) / (luminance("#767676") + 0.05) == pytest.approx(4.54, abs=0.005)


def test_the_lectures_colours_are_green_and_red():
    def hues(colour):
        red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
        return red, green, blue

    for theme in (1, 2):
        red, green, blue = hues(CS231N["value"][theme])
        assert green > 1.5 * red
        assert green > 1.5 * blue
        red, green, blue = hues(CS231N["gradient"][theme])
        assert red > 1.5 * max(green, blue)
    light, dark, both = (draw(sum_times(), theme=f"cs231n{suffix}").svg for suffix in ("-light", "-dark", ""))
    assert CS231N["value"][1] in light
    assert CS231N["value"][2] in dark
    assert CS231N["value"][1] in both
    assert CS231N["value"][2] in both


# --- folded pictures and legends --------------------------------------------------------------------------------------


def test_a_folded_layers_box():
    (layer,) = [g for title, g in groups(draw(margin_loss(), depth=1).svg).items() if title.startswith("layers.1:")]
    shown = [text.text for text in layer.iter(f"{SVG}text")]
    assert shown == ["layers.1", "4 neurons × 20", "180 values", "0 … 0.826", "−0.0462 … 0.0462", "1 of 4 units dead"]
    assert [text.get("class") for text in layer.iter(f"{SVG}text")] == [
        "gg-name", "gg-local", "gg-local", "gg-value", "gg-gradient", "gg-alarm",
    ]  # fmt: skip
    title = layer.find(f"{SVG}title").text
    assert "180 values, 4 neurons × 20; outputs 0 to 0.826338" in title
    assert "20 parameters " in title
    assert "relu is 0 in " in title


def test_a_stack_looks_like_one():
    found = groups(draw(margin_loss(), depth=1).svg)
    (stack,) = [group for title, group in found.items() if title.startswith("relu:")]
    (single,) = [group for title, group in found.items() if title.startswith("loss = +:")]
    assert len(stack.findall(f"{SVG}path")) == 3
    assert len(single.findall(f"{SVG}path")) == 1


def test_an_open_module_has_a_dashed_frame_with_its_name_above_the_edges():
    root = parse(draw(margin_loss(), depth=2).svg)
    body = root.find(f"{SVG}g")
    frames = [group for group in body.iter(f"{SVG}g") if group.get("class") == "cluster"]
    assert [frame.find(f"{SVG}title").text for frame in frames] == ["model", "layers.0", "layers.1", "layers.2"]
    for frame in frames:
        assert frame.find(f"{SVG}path").get("stroke-dasharray")
        assert frame.find(f"{SVG}path").get("fill") == "none"
    last_edge = max(i for i, element in enumerate(body) if element.get("class") == "edge")
    assert [text.text for text in list(body)[last_edge + 1 :]] == ["model", "layers.0", "layers.1", "layers.2"]


def test_more_uses_make_a_thicker_edge():
    found = groups(draw(margin_loss(), depth=1).svg)
    widths = [float(found[f"used {uses} times"].find(f"{SVG}path").get("stroke-width")) for uses in (80, 160, 320)]
    assert widths == sorted(set(widths))


@pytest.mark.parametrize("style", STYLES)
def test_a_legend_explains_what_occurs(style):
    def legend(*arguments, **options):
        body = parse(draw(*arguments, style=style, legend=True, **options).svg).find(f"{SVG}g")
        return [text.text for text in body.findall(f"{SVG}text")], [
            box.get("class") for box in body.findall(f"{SVG}rect")
        ]

    words, boxes = legend(sum_times())
    value, gradient = ("data", "grad") if style == "micrograd" else ("value", "gradient")
    assert words[:3] == ["input", "output", value]
    assert gradient in words
    assert boxes == ["gg-input gg-line", "gg-output gg-line"]
    assert not any("×" in word or "Σ" in word or "frame" in word for word in words)
    words, boxes = legend(margin_loss(), depth=2)
    assert boxes == ["gg-input gg-line", "gg-output gg-line", "gg-module gg-line"]
    assert any(word.startswith("× 100") for word in words)
    assert any(word.startswith("dashed frame") for word in words)
    f = sum_times()
    f.backward()
    assert "Σ" in legend(f)[0]
    assert "; no gradients before backward()" in legend(Value(3.0) * 2)[0]


def test_without_a_legend_there_is_none():
    assert parse(draw(sum_times()).svg).find(f"{SVG}g").findall(f"{SVG}text") == []


# --- the document -----------------------------------------------------------------------------------------------------


def test_a_screen_reader_finds_title_and_description():
    root = parse(draw(sum_times()).svg)
    assert root.get("role") == "img"
    title, description = (root.find(f".//*[@id='{identity}']") for identity in root.get("aria-labelledby").split())
    assert title.text == "graph of f"
    assert description.text.startswith("x: value −2, gradient −4; y: value 5,")


def test_ids_are_unique_and_differ_between_pictures():
    def ids(svg):
        return re.findall(r'\bid="([^"]*)"', svg)

    one, other = draw(sum_times()).svg, draw(sum_times(), theme="light").svg
    assert len(set(ids(one))) == len(ids(one))
    assert not set(ids(one)) & set(ids(other))


def test_themes():
    dark_blue, light_blue = COLOURS["value"][2], COLOURS["value"][1]
    auto, light, dark = (draw(sum_times(), theme=theme).svg for theme in ("auto", "light", "dark"))
    assert "prefers-color-scheme:dark" in auto
    assert dark_blue in auto
    assert light_blue in auto
    assert dark_blue not in light
    assert light_blue not in dark
    assert "<style" not in light + dark


def test_the_dark_rules_reach_this_picture_only():
    svg = draw(sum_times()).svg
    identity = parse(svg).get("id")
    (rules,) = re.findall(r"@media \(prefers-color-scheme:dark\)\{(.*)\}</style>", svg)
    selectors = re.findall(r"([^{}]+)\{", rules)
    assert selectors == [f"#{identity} .gg-{role}" for role in COLOURS]


@pytest.mark.parametrize("style", STYLES)
def test_every_colour_follows_the_theme(style):
    w, b, x = inputs()
    f = (w[0] * x[0] + b) * 2
    f.backward()
    for drawing in (draw(f, style=style), draw(margin_loss(), style=style, depth=2, legend=True)):
        root = parse(drawing.svg)
        for element in root.find(f"{SVG}g").iter():
            for what in ("fill", "stroke"):
                if element.get(what, "none") != "none":
                    roles = element.get("class").replace("gg-", "").split()
                    colours = [COLOURS[role][1] for role in roles if COLOURS[role][0] == what]
                    assert colours == [element.get(what)], ET.tostring(element)


def test_the_background_is_opaque():
    body = parse(draw(sum_times()).svg).find(f"{SVG}g")
    assert body.find(f"{SVG}polygon").get("fill") == "#ffffff"


@pytest.mark.parametrize("raw", [b"", b"<svg", b"<svg xmlns='http://www.w3.org/2000/svg'><g/></svg>"])
def test_an_engine_that_gives_no_picture(raw):
    with pytest.raises(EngineError, match="the layout engine"):
        finish(raw, {"v0": Part((), "", "")}, "title", "description", "auto")
