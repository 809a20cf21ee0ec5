"""The lectures' numbers, computed with independent libraries in float64; the slides round them to two digits."""

import json
from pathlib import Path
from typing import Any

import pytest

EXAMPLES: dict[str, Any] = json.loads((Path(__file__).parent / "worked_examples.json").read_text())


def close(expected: Any) -> Any:
    """Compare with a number or a list of numbers to 1e-12."""
    return pytest.approx(expected, rel=1e-12, abs=1e-12)
