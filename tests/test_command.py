import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import viz.styles
from autograd import explain, trace
from autograd.__main__ import STYLES, main
from autograd.ops import REDUCTIONS, ROWS

ROOT = Path(__file__).parents[1]
ENVIRONMENT = {**os.environ, "PYTHONIOENCODING": "utf-8"}
SIMPLE = ["trace", "q = x + y; f = q * z", "x=-2", "y=5", "z=-4"]


def run(capsys, *arguments):
    """Return exit status, printed lines and error lines of a command."""
    try:
        status = main(arguments)
    except SystemExit as stop:  # argparse
        status = stop.code
    printed = capsys.readouterr()
    return status, printed.out.splitlines(), printed.err.splitlines()


def test_trace_prints_formula_value_and_gradient_of_each_node(capsys):
    status, lines, errors = run(capsys, *SIMPLE)
    assert (status, errors) == (0, [])
    assert [line.split() for line in lines] == [
        ["node", "formula", "value", "gradient"],
        ["x", "-2", "-4"],
        ["y", "5", "-4"],
        ["q", "x", "+", "y", "3", "-4"],
        ["z", "-4", "3"],
        ["f", "q", "*", "z", "-12", "1"],
    ]
    assert len({len(line) for line in lines}) == 1, "the gradients stand flush right"


def test_steps_show_the_chain_rule_in_symbols_and_in_numbers(capsys):
    status, lines, _ = run(capsys, "trace", "x * x + 3 * x", "x=2", "--steps")
    assert status == 0
    text = [" ".join(line.split()) for line in lines]
    forward, backward = text[: text.index("backward")], text[text.index("backward") :]
    assert "v1 = x * x = 2 * 2 = 4" in forward
    assert "f = v1 + v2 = 4 + 6 = 10" in forward
    assert backward[1:] == [
        "∂f/∂f = 1",
        "∂f/∂v1 = ∂f/∂f · ∂f/∂v1 = 1 · 1 = 1",
        "∂f/∂v2 = ∂f/∂f · ∂f/∂v2 = 1 · 1 = 1",
        "∂f/∂x += ∂f/∂v2 · ∂v2/∂x = 1 · 3 = 3 so far",
        "∂f/∂x += ∂f/∂v1 · ∂v1/∂x = 3 + 1 · 2 = 5 so far",
        "∂f/∂x += ∂f/∂v1 · ∂v1/∂x = 5 + 1 · 2 = 7",
    ]


def test_the_output_is_called_f_unless_an_input_is(capsys):
    assert run(capsys, "trace", "a * b", "a=2", "b=3")[1][-1].split() == ["f", "a", "*", "b", "6", "1"]
    assert run(capsys, "trace", "f * b", "f=2", "b=3")[1][-1].split() == ["out", "f", "*", "b", "6", "1"]


def test_an_expression_of_numbers_alone_has_a_value(capsys):
    status, lines, _ = run(capsys, "trace", "2 + 3")
    assert (status, [line.split() for line in lines[1:]]) == (0, [["f", "a", "constant", "5"]])
    status, lines, _ = run(capsys, "trace", "q = 2 + 3; q", "--steps")
    assert (status, lines) == (0, ["q = 5 is a constant: there is nothing to differentiate by"])


def test_an_explanation_is_printed_for_each_name(capsys):
    expected = [str(explain(trace("q = x + y; f = q * z", x=-2, y=5, z=-4), name)) for name in "xz"]
    status, lines, _ = run(capsys, *SIMPLE, "--explain", "x", "--explain", "z")
    assert status == 0
    assert "\n".join(lines).endswith("\n\n" + "\n\n".join(expected))
    assert lines[5].split() == ["f", "q", "*", "z", "-12", "1"]


def test_an_expression_may_begin_with_a_minus(capsys):
    status, lines, _ = run(capsys, "trace", "-x", "x=3")
    assert status == 0
    assert lines[-1].split() == ["f", "-x", "-3", "1"]


def test_the_styles_are_those_of_pictures():
    assert tuple(viz.styles.STYLES) == STYLES


@pytest.mark.parametrize("style", STYLES)
def test_pictures_are_written(capsys, tmp_path, style):
    svg, dot = tmp_path / "graph.svg", tmp_path / "graph.dot"
    status, lines, _ = run(capsys, *SIMPLE, "--svg", str(svg), "--dot", str(dot), "--style", style)
    assert status == 0
    assert lines[-2:] == [f"wrote {svg}", f"wrote {dot}"]
    assert "−12" in svg.read_text(encoding="utf-8")
    assert dot.read_text(encoding="utf-8").startswith("digraph")


BAD = {
    "a name without a value": (["trace", "x * y", "x=1"], "'y' has no value"),
    "a value without a name": (["trace", "x", "x=1", "y=2"], "'y' has a value but does not occur"),
    "two values": (["trace", "x", "x=1", "x=2"], "'x' has two values"),
    "not a pair": (["trace", "x", "x:1"], "'x:1' is not a value for a name"),
    "not a number": (["trace", "x", "x=one"], "'one' is not a number"),
    "a call of anything": (["trace", "__import__('os')"], "no function '__import__'"),
    "too large": (["trace", "9**9**9"], "too large for a float"),
    "outside the domain": (["trace", "log(x)", "x=-1"], "log(-1.0) of 'x': x must lie in (0, ∞)"),
    "division by zero": (["trace", "1 / x", "x=0"], "y must not be 0"),
    "brackets": (["trace", "(" * 50_000 + "x" + ")" * 50_000, "x=1"], "at most 10000"),
    "an unknown command": (["trac"], "invalid choice: 'trac'"),
    "an unknown option": (["trace", "x", "x=1", "--picture"], "unrecognized arguments: --picture"),
    "nothing": ([], "required"),
    "an unknown style": ([*SIMPLE, "--style", "fancy"], "'circuit'"),
    "an unknown function": (["trace", "sigmod(x)", "x=1"], "did you mean 'sigmoid'"),
    "an unknown reduction": (["trace", "avg(x) + men(x)", "x=1"], "no function 'avg'"),
    "svg as png": ([*SIMPLE, "--svg", "a.png"], "write --png a.png"),
    "png as svg": ([*SIMPLE, "--png", "a.SVG"], "write --svg a.SVG"),
    "svg as pdf": ([*SIMPLE, "--svg", "a.pdf"], "write --pdf a.pdf"),
    "svg as gif": ([*SIMPLE, "--svg", "a.gif"], "write --svg a.svg"),
    "animation as gif": ([*SIMPLE, "--animate", "a.gif"], "write --animate a.svg"),
    "page as svg": ([*SIMPLE, "--html", "a.svg"], "write --svg a.svg"),
    "an explanation of an unknown name": ([*SIMPLE, "--explain", "w"], "no Value is called 'w'"),
}


@pytest.mark.parametrize(("arguments", "message"), BAD.values(), ids=BAD.keys())
def test_an_error_is_one_line_and_status_2(capsys, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    status, _, errors = run(capsys, *arguments)
    assert status == 2
    assert len(errors) == 1
    assert message in errors[0]
    assert list(tmp_path.iterdir()) == []


def test_a_path_that_cannot_be_written_leaves_nothing(capsys, tmp_path):
    path = tmp_path / "no" / "such" / "folder" / "graph.svg"
    status, _, errors = run(capsys, *SIMPLE, "--svg", str(path))
    assert status == 2
    assert len(errors) == 1
    assert str(path) in errors[0]
    assert list(tmp_path.iterdir()) == []


def test_ops_prints_every_operation(capsys):
    status, lines, _ = run(capsys, "ops")
    assert status == 0
    names = {line.split("(")[0] for line in lines[1:] if not line[:1].isspace()}
    assert names == {row.name for row in ROWS} | set(REDUCTIONS) | {"dot"}
    tanh = next(line for line in lines if line.startswith("tanh("))
    assert "1 - z * z" in tanh


def test_the_version_is_that_of_the_distribution(capsys):
    assert run(capsys, "--version") == (0, [f"glassgrad {version('glassgrad')}"], [])


@pytest.mark.parametrize("command", ["trace", "ops", "train", "predict"])
def test_every_command_has_a_help_text_with_an_example(capsys, command):
    status, lines, _ = run(capsys, command, "--help")
    assert status == 0
    assert any(line.startswith(f"  glassgrad {command}") for line in lines)
    assert any(line.split()[:1] == [command] for line in run(capsys, "--help")[1])


@pytest.mark.parametrize(
    ("arguments", "unwanted"),
    [
        ([*SIMPLE, "--explain", "x"], ["nn", "viz", "importlib.metadata"]),
        (["ops"], ["nn", "viz"]),
        (["--help"], ["nn", "viz"]),
        (["train", "moons", "--epochs", "1", "--quiet"], ["viz", "sklearn", "matplotlib", "tqdm"]),
    ],
)
def test_a_command_imports_only_what_it_needs(arguments, unwanted):
    program = f"""
import sys
from autograd.__main__ import main
try:
    main({arguments!r})
except SystemExit:
    pass
print([name for name in {unwanted!r} if name in sys.modules], file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, cwd=ROOT, env=ENVIRONMENT)
    assert done.stderr.decode().strip() == "[]"


def test_a_terminal_without_the_signs_gets_others():
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "autograd", "ops"]
    done = subprocess.run(command, capture_output=True, cwd=ROOT, env=environment)
    assert (done.returncode, done.stderr) == (0, b"")


def test_python_m_autograd_is_the_same_command_and_survives_a_closed_pipe():
    command = [sys.executable, "-m", "autograd", *SIMPLE]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=ENVIRONMENT, encoding="utf-8")
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1].split() == ["f", "q", "*", "z", "-12", "1"]
    many = [sys.executable, "-c", "from autograd.__main__ import main; import sys; sys.exit(main(['ops']))"]
    with subprocess.Popen(many, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, env=ENVIRONMENT) as process:
        process.stdout.close()
        assert process.stderr.read() == b""


def test_a_live_page_and_an_animation_are_written(capsys, tmp_path):
    page, steps = tmp_path / "page.html", tmp_path / "steps.svg"
    status, lines, _ = run(capsys, *SIMPLE, "--html", str(page), "--animate", str(steps), "--style", "circuit")
    assert status == 0
    assert lines[-2:] == [f"wrote {steps}", f"wrote {page}"]
    html = page.read_text(encoding="utf-8")
    assert html.startswith("<!doctype html>")
    assert "<script>" in html
    assert "@keyframes" in steps.read_text(encoding="utf-8")
