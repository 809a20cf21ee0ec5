import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograd.__main__ import main
from autograd.ops import REDUCTIONS, ROWS

ROOT = Path(__file__).parents[1]
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


def test_an_expression_may_begin_with_a_minus(capsys):
    status, lines, _ = run(capsys, "trace", "-x", "x=3")
    assert status == 0
    assert lines[-1].split() == ["f", "-x", "-3", "1"]


@pytest.mark.parametrize("style", ["boxes", "circuit"])
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
    "an unknown style": ([*SIMPLE, "--svg", "x.svg", "--style", "fancy"], "fancy"),
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


def test_python_m_autograd_is_the_same_command_and_survives_a_closed_pipe():
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "autograd", *SIMPLE]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, encoding="utf-8")
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1].split() == ["f", "q", "*", "z", "-12", "1"]
    many = [sys.executable, "-c", "from autograd.__main__ import main; import sys; sys.exit(main(['ops']))"]
    with subprocess.Popen(many, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, env=environment) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
