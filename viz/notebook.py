"""How a Value shows itself in a notebook: the hook that autograd.value calls."""

from __future__ import annotations

from autograd.value import Value
from viz.drawing import DETAILED, draw
from viz.errors import EngineError
from viz.model import is_larger


def show_value(value: Value) -> dict[str, str] | None:
    """Return a small graph as its picture, or None for a large one or a leaf, which stays one line of text.

    A large graph is not walked to its end. Without a layout engine the text says so.
    """
    if value.is_leaf or is_larger(value, DETAILED):
        return None
    try:
        return {"image/svg+xml": draw(value).svg, "text/plain": repr(value)}
    except EngineError as error:
        return {"text/plain": f"{value!r}\n(no picture: {error})"}
