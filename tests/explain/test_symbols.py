"""Names, numbers and local derivatives in text and LaTeX."""

import math
import re
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rows import every_row, points

import autograd
from autograd import Value, constant, dot, gate, operation
from autograd.explain.symbols import ATOM, name, number, slope, whole
from autograd.ops import FUNCTIONS, TABLE

NAMES = {"w1": "w_{1}", "x": "x", "w_1": "w_{1}", "h[3]": "h_{3}", "theta": r"\theta", "alpha2": r"\alpha_{2}",
         "hidden": r"\mathrm{hidden}", "hidden2": r"\mathrm{hidden}_{2}", "layers.0.b": r"\mathrm{layers.0.b}",
         "v1#2": r"\mathrm{v1\#2}", "x1*w1": r"\mathrm{x1*w1}", "a b": r"\mathrm{a\ b}", "é": "é", "σ": "σ",
         "$x$": r"\mathrm{\$x\$}", "a_b": r"\mathrm{a\_b}", "{%}": r"\mathrm{\{\%\}}", "\\": r"\mathrm{{\backslash}}",
         "<b>": r"\mathrm{{<}b{>}}", "a&b": r"\mathrm{a{\&}b}", "^~": r"\mathrm{{\wedge}{\sim}}"}  # fmt: skip


@pytest.mark.parametrize(("label", "latex"), NAMES.items())
def test_names_in_latex(label, latex):
    assert name(label).latex == latex


def test_names_that_are_formulas_stand_in_parentheses_in_a_formula():
    assert name("x1*w1 + b").within(ATOM).text == "(x1*w1 + b)"
    assert [name(label).within(ATOM).text for label in ("w1", "layers.0.w", "h[3]", "v1#2", "σ")] == [
        "w1", "layers.0.w", "h[3]", "v1#2", "σ",
    ]  # fmt: skip


@given(st.text(max_size=60))
def test_every_label_becomes_one_short_printable_line_and_balanced_latex(label):
    term = name(label)
    assert len(term.text.splitlines()) == 1
    assert 1 <= len(term.text) <= 33
    assert term.text.strip()
    assert all(c.isprintable() or c.isspace() or c == "�" or category(c) == "Co" for c in term.text)
    depth = 0
    for brace in re.findall(r"(?<!\\)[{}]", term.latex.replace(r"{\backslash}", "")):
        depth += 1 if brace == "{" else -1
        assert depth >= 0
    assert depth == 0
    assert not re.search(r"<[a-zA-Z/!?]|&[a-zA-Z#]", term.latex)  # nothing that HTML would take for a tag or an entity
    assert not re.search(r"(?<!\\)[$%#]", term.latex)


def test_a_long_label_loses_its_middle():
    assert name("a" * 5000 + "b" * 5000).text == "a" * 15 + "…" + "b" * 15


def test_numbers():
    assert [number(x).text for x in (-12.0, 0.196611933, 1.5e-10, -2e20, -0.0, math.inf, -math.inf, math.nan)] == [
        "−12", "0.196612", "1.5e−10", "−2e+20", "0", "∞", "−∞", "nan",
    ]  # fmt: skip
    assert [number(x).latex for x in (-12.0, 1.5e-10, -math.inf, math.nan)] == [
        "-12", r"1.5 \times 10^{-10}", r"-\infty", r"\mathrm{nan}",
    ]  # fmt: skip


def test_counts_are_exact_up_to_30_digits():
    assert whole(2**60).text == "1,152,921,504,606,846,976"
    assert whole(2**60).latex == "1{,}152{,}921{,}504{,}606{,}846{,}976"
    assert whole(10**30 - 1).text == ",".join(["999"] * 10)
    assert whole(2**100).text == "about 1.27 × 10³⁰"
    assert whole(2**100).latex == r"1.27 \times 10^{30}"
    assert whole(10**40 - 1).text == "about 1 × 10⁴⁰"
    assert whole(2**100_000).text == "about 9.99 × 10³⁰¹⁰²"


# --- local derivatives ------------------------------------------------------------------------------------------------


def symbols(node, **names):
    """Return each local derivative of a node as text, over its operands' names and z."""
    called = {value: key for key, value in names.items()}
    found = [slope(node, i, lambda v: called.get(v, "z")) for i in range(len(node.parents))]
    return [term and term.text for term in found]


def calculated(text, names):
    """Evaluate a formula of an explanation: x·(1 − y)², exp(x), |x|."""
    text = re.sub(r"\|([^|]*)\|", r"abs(\1)", text).replace("·", "*").replace("−", "-").replace("^", "**")
    text = re.sub(
        "[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda m: f"**({m[0].translate(str.maketrans('⁻⁰¹²³⁴⁵⁶⁷⁸⁹', '-0123456789'))})", text
    )
    rows = {row.name: row.evaluate for row in TABLE.values()}
    functions = {key: eval(python, {"math": math}) for key, (python, _, _) in FUNCTIONS.items() if python[0] != "_"}  # noqa: S307
    return eval(text.replace("∞", "inf"), {**rows, **functions, "inf": math.inf, "nan": math.nan, **names})  # noqa: S307


@every_row
@given(data=st.data())
def test_every_rows_symbols_say_the_same_as_its_numbers(op, data):
    point = data.draw(points(op))
    try:
        node = op.apply(*map(Value, point))
    except OverflowError:
        return
    names = {**dict(zip(op.arguments, node.parents, strict=True)), "z": node}
    for text, local in zip(symbols(node, **names), node.op.local(node), strict=True):
        if text is None or "′" in text:
            assert op.name in ("gelu", "silu")
            continue
        try:
            value = calculated(text, {key: v.data for key, v in names.items()})
        except ArithmeticError:
            continue  # 1 / 0, which the number knows as ∞
        assert value == pytest.approx(local, rel=1e-12, abs=1e-300, nan_ok=True)


def test_the_rows_symbols():
    x, y = Value(3.0), Value(2.0)
    names = {"x": x, "y": y}
    assert symbols(x + y, **names) == ["1", "1"]
    assert symbols(x - y, **names) == ["1", "−1"]
    assert symbols(x * y, **names) == ["y", "x"]
    assert symbols(x / y, **names) == ["1/y", "−z/y"]
    assert symbols(x**y, **names) == ["y·x^(y − 1)", "z·log(x)"]
    assert symbols(-x, **names) == ["−1"]
    assert symbols(x.tanh(), **names) == ["1 − z²"]
    assert symbols(x.sigmoid(), **names) == ["z·(1 − z)"]
    assert symbols(x.exp(), **names) == ["z"]
    assert symbols(x.log(), **names) == ["1/x"]
    assert symbols(x.sqrt(), **names) == ["0.5/|z|"]
    assert symbols(x.relu(), **names) == ["1"]
    assert symbols((-x).relu(), **names) == ["0"]
    assert symbols(x.maximum(y), **names) == ["1", "0"]
    assert symbols(x.clip(0, 1), **names)[0] == "0"
    assert symbols(x.cbrt(), **names) == ["1/(3·z²)"]
    assert symbols(x.reciprocal(), **names) == ["−z²"]


def test_constants_stand_as_their_numbers():
    x = Value(3.0)
    assert symbols(x**2, x=x)[0] == "2·x"
    assert symbols(x**3, x=x)[0] == "3·x²"
    assert symbols(x**-1, x=x)[0] == "−x⁻²"
    assert symbols(x**0.5, x=x)[0] == "0.5·x^(−0.5)"
    assert symbols(x**1, x=x)[0] == "1"
    assert symbols(x**0, x=x)[0] == "0"
    assert symbols(x * -4, x=x)[0] == "−4"
    assert symbols(x / 4, x=x)[0] == "1/4"
    assert symbols(x * constant(2.5, label="c"), x=x)[0] == "2.5"
    assert symbols(2**x, x=x)[1] == "z·log(2)"


def test_reductions():
    a, b, c = Value(3.0), Value(2.0), Value(5.0)
    names = {"a": a, "b": b, "c": c}
    assert symbols(autograd.sum([a, b, c]), **names) == ["1", "1", "1"]
    assert symbols(autograd.mean([a, b, c]), **names) == ["1/3", "1/3", "1/3"]
    assert symbols(autograd.prod([a, b, c]), **names) == ["b·c", "a·c", "a·b"]
    assert symbols(autograd.prod([a, a, a]), **names) == ["a²", "a²", "a²"]
    assert symbols(autograd.prod([a]), **names) == ["1"]
    assert symbols(autograd.prod([a] * 10)) == [None] * 10
    assert symbols(autograd.max([a, b, c]), **names) == ["0", "0", "1"]
    assert symbols(autograd.min([a, b, c]), **names) == ["0", "1", "0"]
    assert symbols(autograd.logsumexp([a, b]), **names) == ["exp(a − z)", "exp(b − z)"]
    assert symbols(dot([a, b], [c, 4.0]), **names)[:3] == ["c", "4", "a"]
    assert symbols(dot([a], [b], c), **names) == ["b", "1", "a"]


def test_operations_of_the_user():
    x = Value(2.0)
    assert symbols(operation("cubed", "x ** 3", "3 * x ** 2")(x), x=x) == ["3·x²"]
    bump = operation("bump", "exp(-x * x)", "-2 * x * z", latex=r"\frac{x}{2}")
    assert symbols(bump(x), x=x) == ["−2·x·z"]
    twice = operation("bump_twice", "2 * bump(x)", "2 * bump(x) * -2 * x")
    assert slope(twice(x), 0, lambda v: "x").latex == r"-4 \, \operatorname{bump}(x) \, x"  # its LaTeX has other braces
    assert symbols(gate(lambda x: x**3, lambda x: 3 * x**2, name="cube")(x), x=x) == ["cube′(x)"]
    assert symbols(gate(lambda x, y: x, lambda x, y: (1, 0), name="first")(x, x), x=x) == [None, None]
    assert symbols(Value(1.0, (x,), "<lambda>"), x=x) == [None]


def test_a_formula_that_is_too_long_is_written_with_a_prime():
    x = Value(2.0)
    assert symbols(x.gelu(), x=x) == ["gelu′(x)"]
    assert slope(x.gelu(), 0, lambda v: "x").latex == r"\operatorname{gelu}'(x)"
    assert symbols(x.silu(), a_name_of_some_length=x) == ["silu′(a_name_of_some_length)"]


def test_latex_of_slopes():
    x, y = Value(3.0), Value(2.0)
    names = {x: "x1", y: "y"}

    def latex(node, position=0):
        return slope(node, position, lambda v: names.get(v, "z")).latex

    assert latex(x / y, 1) == r"-\frac{z}{y}"
    assert latex(x**y) == r"y \, x_{1}^{y - 1}"
    assert latex(x**y, 1) == r"z \, \ln (x_{1})"
    assert latex(x.tanh()) == "1 - z^{2}"
    assert latex(x.sin()) == r"\cos (x_{1})"
    assert latex(x.sqrt()) == r"\frac{0.5}{\left|z\right|}"
    assert latex(x.softsign()) == r"\frac{1}{(1 + \left|x_{1}\right|)^{2}}"
    assert latex(x.expm1()) == "e^{x_{1}}"
    assert latex(x.silu()) == r"\sigma(x_{1}) \, (1 + x_{1} \, \sigma(-x_{1}))"
    assert latex(x.log2()) == r"\frac{1}{x_{1} \, \ln(2)}"
