"""Make the README's pictures: ``python docs/images/build.py``."""

from __future__ import annotations

from pathlib import Path

from autograd import trace
from nn import MLP, moons
from viz import animate, draw

FOLDER = Path(__file__).resolve().parent


def pictures() -> dict[str, str]:
    """Return each picture's SVG by its file name."""
    example = trace("q = x + y; f = q * z", x=-2, y=5, z=-4)
    X, y = moons(100)  # micrograd's demo
    model = MLP(2, [16, 16, 1], seed=1)
    losses = [(1 - (2 * label - 1) * model(x)).relu() for x, label in zip(X, y, strict=True)]
    loss = sum(losses) / len(losses) + 1e-4 * sum(p * p for p in model.parameters())
    loss.backward()
    example.output.backward()
    return {
        "graph.svg": draw(example).svg,
        "steps.svg": animate(example).svg,
        "folded.svg": draw(loss, legend=True).svg,
    }


if __name__ == "__main__":
    for name, svg in pictures().items():
        (FOLDER / name).write_text(svg, encoding="utf-8")
