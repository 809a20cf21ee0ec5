"""The README's figures come from files that the benchmarks write, and its pictures from the commands it shows."""

import re
from pathlib import Path

from autograd.__main__ import main

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_measured_row_stands_in_a_file_that_a_benchmark_wrote():
    rows = [line for line in README.splitlines() if line.startswith("| ") and not line.startswith("| ---")]
    assert len(rows) > 5
    written = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "benchmarks" / "results").glob("*.md"))
    assert [row for row in rows if row not in written] == []


def test_the_picture_is_the_one_that_the_first_command_writes(tmp_path, capsys):
    command = re.search(r'glassgrad trace "([^"]+)" (.+) --svg graph.svg', README)
    path = tmp_path / "graph.svg"
    assert main(["trace", command[1], *command[2].split(), "--svg", str(path)]) == 0
    capsys.readouterr()
    drawn, shown = (p.read_text(encoding="utf-8") for p in (path, ROOT / "docs" / "images" / "graph.svg"))
    # Each picture has ids of its own, so that two can stand on one page.
    identity = re.search(r'aria-labelledby="(\w+?)-', drawn)
    other = re.search(r'aria-labelledby="(\w+?)-', shown)
    assert (identity is None) == (other is None)
    if identity and other:
        drawn, shown = drawn.replace(identity[1], "id"), shown.replace(other[1], "id")
    assert drawn == shown


def test_what_it_links_to_is_there():
    targets = re.findall(r"\]\(([^)#]+)", README)
    assert [t for t in targets if not t.startswith("http") and not (ROOT / t).exists()] == []
