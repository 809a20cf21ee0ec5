"""DOT text: compared with golden files. ``python tests/viz/test_golden.py`` writes them anew, after a wanted change."""

import os
import subprocess
import sys
from math import fsum
from pathlib import Path

import pytest
from pictures import fused_neuron, margin_loss, sigmoid_neuron, sum_times

from viz import draw

GOLDEN = Path(__file__).with_name("golden")
CASES = {
    "sum_times_boxes": lambda: draw(sum_times()),
    "sum_times_circuit": lambda: draw(sum_times(), style="circuit"),
    "sum_times_micrograd": lambda: draw(sum_times(), style="micrograd", theme="cs231n"),
    "sigmoid_neuron_dark": lambda: draw(sigmoid_neuron(), theme="dark"),
    "fused_neuron_unfolded": lambda: draw(fused_neuron(), unfold=True, rankdir="TB"),
    "folded_loss": lambda: draw(margin_loss(), legend=True),
}
EVERYTHING = """
from pictures import ByHand, margin_loss, sigmoid_neuron
from viz import draw
for f, style, options in (
    (sigmoid_neuron(), "boxes", {}),
    (margin_loss(), "circuit", {}),
    (margin_loss(ByHand(2, [3, 1])), "boxes", {}),
    (margin_loss(), "micrograd", {"unfold": ["layers.0.1", "layers.1"]}),
):
    drawing = draw(f, style=style, legend=True, **options)
    print(drawing.svg, drawing.mermaid)
"""


@pytest.mark.parametrize("case", CASES)
def test_dot_is_what_it_was(case):
    assert CASES[case]().dot == (GOLDEN / f"{case}.dot").read_text(encoding="utf-8")


def test_golden_files_are_small_and_all_used():
    files = list(GOLDEN.iterdir())
    assert {file.stem for file in files} == set(CASES)
    assert fsum(file.stat().st_size for file in files) < 20_000


def test_the_same_bytes_in_every_process():
    path = [str(Path(__file__).parent), str(Path(__file__).parents[2])]
    runs = [
        subprocess.run(  # our own program
            [sys.executable, "-c", f"import sys; sys.path[:0] = {path}; {EVERYTHING}"],
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
        ).stdout
        for seed in ("0", "5")
    ]
    assert runs[0] == runs[1]
    assert draw(sigmoid_neuron(), legend=True).svg.encode() in runs[0]


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for name, make in CASES.items():
        (GOLDEN / f"{name}.dot").write_text(make().dot, encoding="utf-8")
