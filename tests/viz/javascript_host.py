"""JavaScript for the tests: one node process that answers calls, so that thousands of points cost one start."""

import json
import math
import shutil
import subprocess
from contextlib import contextmanager
from importlib.resources import files

import pytest

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="the program node is not installed")

# Numbers cross as JSON; those that JSON lacks as texts.
_SERVER = """
const unpack = (x) =>
  Array.isArray(x) ? x.map(unpack)
  : typeof x === "string" && x[0] === "#" ? Number(x.slice(1))
  : typeof x === "object" && x !== null ? Object.fromEntries(Object.entries(x).map(([key, y]) => [key, unpack(y)]))
  : x;
const pack = (x) =>
  Array.isArray(x) ? x.map(pack)
  : typeof x === "bigint" ? String(x)
  : x instanceof Set ? pack([...x])
  : typeof x === "object" && x !== null ? Object.fromEntries(Object.entries(x).map(([key, y]) => [key, pack(y)]))
  : typeof x !== "number" ? x
  : Object.is(x, -0) ? "#-0" : Number.isFinite(x) ? x : "#" + x;
require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const [name, ...given] = JSON.parse(line).map(unpack);
  let answer;
  try { answer = { result: pack(functions[name](...given)) }; }
  catch (error) { answer = { error: String(error.stack) }; }
  console.log(JSON.stringify(answer));
});
"""


def live(name):
    """Return one of the page's scripts."""
    return (files("viz") / "live" / name).read_text("utf-8")


@contextmanager
def host(source):
    """Run JavaScript that defines ``functions``, and yield ``call(name, *arguments)``."""
    process = subprocess.Popen(
        [NODE, "-e", f'"use strict";\n{source}\n{_SERVER}'],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )

    def call(name, *arguments):
        process.stdin.write(json.dumps([name, *map(_packed, arguments)]) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        assert line, "node has ended"
        answer = json.loads(line)
        assert "error" not in answer, answer["error"]
        return _unpacked(answer.get("result"))

    try:
        yield call
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait(10)


def _packed(x):
    if isinstance(x, (list, tuple)):
        return [_packed(item) for item in x]
    if isinstance(x, dict):
        return {key: _packed(item) for key, item in x.items()}
    if isinstance(x, float) and not math.isfinite(x):
        return "#NaN" if x != x else "#Infinity" if x > 0 else "#-Infinity"
    return x


def _unpacked(x):
    if isinstance(x, list):
        return [_unpacked(item) for item in x]
    if isinstance(x, dict):
        return {key: _unpacked(item) for key, item in x.items()}
    return float(x[1:].replace("Infinity", "inf")) if isinstance(x, str) and x.startswith("#") else x
