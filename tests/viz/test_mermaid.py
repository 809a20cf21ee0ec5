"""Mermaid text. What Mermaid itself makes of it was tried with Mermaid 11.17, with all the labels below."""

import re
from html import unescape

import pytest
from pictures import fused_neuron, margin_loss, sigmoid_neuron, sum_times
from test_svg import HOSTILE

from autograd import Value, sum  # noqa: A004
from viz import draw
from viz.mermaid import escape
from viz.theme import COLOURS

NODE = re.compile(r'^ +(\w+)\("([^"]*)"\):::(\w+)$', re.MULTILINE)
ENTITY = re.compile(r"#(\d+);")


def labels(text):
    """Return {id: lines of the label}, with entities resolved as Mermaid does."""
    return {
        identity: [ENTITY.sub(lambda found: chr(int(found[1])), line) for line in label.split("<br>")]
        for identity, label, _ in NODE.findall(text)
    }


def test_the_lectures_graph():
    assert draw(sum_times()).mermaid == (
        "flowchart LR\n"
        "    accTitle: graph of f\n"
        "    accDescr: x: value −2, gradient −4, y: value 5, gradient −4, q = +: value 3, gradient −4, "
        "z: value −4, gradient 3, f = ×: value −12, gradient 1\n"
        '    v0("x<br>value −2<br>gradient −4"):::input\n'
        '    v1("y<br>value 5<br>gradient −4"):::input\n'
        '    v2("q #61; #43;<br>value 3<br>gradient −4"):::op\n'
        '    v3("z<br>value −4<br>gradient 3"):::input\n'
        '    v4("f #61; ×<br>value −12<br>gradient 1"):::output\n'
        '    v0 -- "∂ 1" --> v2\n'
        '    v1 -- "∂ 1" --> v2\n'
        '    v2 -- "∂ −4" --> v4\n'
        '    v3 -- "∂ 3" --> v4\n'
        "    classDef input fill:#eef5fb,stroke:#6b7280,color:#1f2328\n"
        "    classDef op fill:#ffffff,stroke:#6b7280,color:#1f2328\n"
        "    classDef output fill:#f1f1f1,stroke:#6b7280,color:#1f2328,stroke-width:3px\n"
    )


def test_options_reach_it():
    text = draw(fused_neuron(), rankdir="TB", theme="dark", edge_labels=False).mermaid
    assert text.startswith("flowchart TB\n")
    assert "∂" not in text
    assert f"color:{COLOURS['name'][2]}" in text
    assert draw(sigmoid_neuron(), theme="auto").mermaid == draw(sigmoid_neuron(), theme="light").mermaid


def test_a_constant_is_its_number():
    assert ["1"] in labels(draw(sigmoid_neuron()).mermaid).values()


def test_a_folded_graph_has_subgraphs_for_open_modules():
    text = draw(margin_loss(), unfold="layers.0.1").mermaid
    lines = text.splitlines()
    opened = [line for line in lines if line.strip().startswith("subgraph")]
    assert opened == [
        '    subgraph c0 ["model"]',
        '        subgraph c1 ["layers.0"]',
        '            subgraph c2 ["layers.0.1"]',
    ]
    assert sum_of(lines, "end") == 3
    inside = lines[lines.index(opened[2]) + 1 :]
    assert inside[0].startswith("                v")
    found = list(labels(text).values())
    assert ["layers.1", "4 neurons × 20", "180 values", "value 0 … 0.826", "gradient −0.0462 … 0.0462",
            "1 of 4 units dead"] in found  # fmt: skip
    assert any(label[0] == "w1" for label in found)
    assert sum_of(lines, "==>") > 5


def sum_of(lines, what):
    return len([line for line in lines if line.strip() == what or f" {what} " in line])


MERMAIDS = [
    "1. item", "1.", "1.5", "- item", "+ x", "# title", "`code`", "```", "_a_ *b* ~c~", "end", "graph", "subgraph",
    "click", "#35; #quot;", "%% comment", "%%{init: {}}%%", "a-->b", "http://x.y", "style v0 fill:red", "x:::evil",
    "</script><script>alert(1)</script>", "</pre>", "javascript:alert(1)", "a;b", "fa:fa-ban", "x" * 10_000,
]  # fmt: skip


@pytest.mark.parametrize("label", [*HOSTILE, *MERMAIDS], ids=ascii)
def test_any_label_is_shown_as_it_stands(label):
    wanted = label.translate({ord(c): "�" for c in "\0\a\ud800\uffff"}).replace("\n", " ").replace("\t", " ")
    text = draw(Value(3.0, label=label).tanh()).mermaid
    first = labels(text)["v0"][0]
    assert first == wanted if len(wanted) <= 25 else first == f"{wanted[:12]}…{wanted[-12:]}"
    (line,) = [line for line in text.splitlines() if line.startswith("    v0(")]
    quoted = line.split('"')[1]
    assert not re.search(r"[][{}()<>`_*~#&\\;|:/-]", ENTITY.sub("", quoted.replace("<br>", "")))
    assert not re.search(r"[.](\s|<|$)", quoted)
    assert len(text.splitlines()) == 8  # nothing began another line


def test_a_formula_between_dollars_is_text():
    shown = escape("$$x$$")
    assert "#36;#36;" not in shown
    assert ENTITY.sub(lambda found: chr(int(found[1])), shown).replace("\u200b", "") == "$$x$$"


@pytest.mark.parametrize("label", ["a; b # c\nd", "`````", "}"])
def test_the_description_stays_on_its_line(label):
    f = Value(3.0, label=label).tanh()
    f.label = label
    text = draw(f).mermaid
    title, description = text.splitlines()[1:3]
    assert title.startswith("    accTitle: graph of ")
    assert ENTITY.sub("", title + description).count(";") == 0
    assert description.startswith("    accDescr: ")


def test_a_fence_cannot_be_closed_by_a_label(tmp_path):
    path = draw(Value(3.0, label="\n```\n<b>").tanh()).save(tmp_path / "f.md")
    text = path.read_text(encoding="utf-8")
    assert text.startswith("```mermaid\nflowchart")
    assert text.endswith("\n```\n")
    assert [line for line in text.splitlines() if line.lstrip().startswith("```")] == ["```mermaid", "```"]
    assert unescape(text).count("<b>") == text.count("<b>")


def test_every_box_of_a_wide_graph_is_there():
    f = sum([Value(float(i), label=chr(0x4E00 + 200 * i)) for i in range(90)])
    drawing = draw(f)
    assert len(labels(drawing.mermaid)) == len(drawing.picture.nodes) == 91
