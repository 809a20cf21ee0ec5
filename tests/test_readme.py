"""The README's figures come from files that the benchmarks write, and its pictures from the commands it shows."""

import re
import runpy
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


def test_the_pictures_are_those_that_are_drawn_now():
    shown = set(re.findall(r"docs/images/(\w+\.svg)", README))
    drawn = runpy.run_path(str(ROOT / "docs" / "images" / "build.py"))["pictures"]()
    assert shown == set(drawn)
    for name, svg in drawn.items():
        assert (ROOT / "docs" / "images" / name).read_text(encoding="utf-8") == svg


def test_what_it_links_to_is_there():
    targets = re.findall(r"\]\(([^)#]+)", README)
    assert [t for t in targets if not t.startswith("http") and not (ROOT / t).exists()] == []


def test_the_training_commands_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    rows = [f"{i % 5}.5,{i % 7},{'rose' if i % 5 > 2 else 'iris'}\n" for i in range(60)]
    Path("flowers.csv").write_text("length,width,species\n" + "".join(rows), encoding="utf-8")
    Path("new.csv").write_text("width,length\n3,4.5\n3,0.5\n", encoding="utf-8")
    block = re.search(r"```sh\n(glassgrad train .*?)```", README, re.DOTALL)[1]
    commands = [command for line in block.splitlines() for command in line.split(" && ")]
    assert len(commands) == 3
    for command in commands:
        assert main(command.split()[1:]) == 0
    predicted = capsys.readouterr().out.splitlines()[-2:]
    assert [line.split(",")[0] for line in predicted] == ["rose", "iris"]
    assert Path("model.npz").exists()
