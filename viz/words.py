"""What stands in a picture, in words: on a box, and in its tooltip."""

from __future__ import annotations

from viz.model import Edge, Node
from viz.text import number, printable, shorten, spread


def heading(node: Node, frame: str = "") -> str:
    """Return the first line of a node: ``q = +``, ``relu``, ``layers.0``; "" for a leaf without a name.

    Args:
        node: the node.
        frame: the title of the cluster it lies in, which its name need not repeat.
    """
    parts = filter(None, (within(node, frame), node.operation))
    text = " = ".join(shorten(printable(part)) for part in parts)
    return text or (node.kind if node.summary and not is_one_constant(node) else "")


def notes(node: Node) -> list[str]:
    """Return what a box says below its heading: what is in it, as in ``16 neurons × 100``, and of a module how much."""
    if node.summary is None or is_one_constant(node):
        return []
    count = f"{node.summary.count:,} values" if node.kind == "module" and node.summary.note else ""
    return [text for text in (node.summary.note, count) if text]


def is_one_constant(node: Node) -> bool:
    """Return whether a box is a hundred times the same constant, which is shown as if it were one."""
    return node.kind == "constant" and node.summary is not None and node.summary.values[0] == node.summary.values[1]


def within(node: Node, frame: str) -> str:
    """Return a node's name without the path of the cluster around it.

    >>> within(Node("v0", "parameter", "layers.0.1.w2", "", 0.5), "layers.0.1")
    'w2'
    """
    return node.name.removeprefix(f"{frame}.") if node.kind != "module" else node.name


def value(node: Node) -> str:
    """Return a node's number, or its range."""
    return number(node.value) if node.summary is None else spread(node.summary.values)


def gradient(node: Node) -> str:
    """Return a node's gradient, or its range; "" where there is none."""
    if node.summary is not None:
        return spread(node.summary.gradients) if node.summary.gradients else ""
    if node.gradient is None:
        return ""
    return ("" if node.one_pass is None else "Σ ") + number(node.gradient)


def tooltip(node: Node) -> str:
    """Say all there is to say about a value, to 12 digits and with its whole name."""
    title = shorten(printable(node.title), 500)
    summary = node.summary
    if summary is not None:
        text = f"{title}: {summary.count:,} values"
        text += f", {summary.note}" if summary.note else ""
        text += f"; {'outputs' if node.kind == 'module' else 'value'} {spread(summary.values, 6, ' to ')}"
        if summary.gradients is not None:
            text += f", gradient {spread(summary.gradients, 6, ' to ')}"
        return "; ".join(filter(None, (text, summary.details, summary.alarm)))
    text = f"{title}: value {number(node.value, 12)}"
    if node.gradient is not None:
        text += f", gradient {number(node.gradient, 12)}"
    if node.one_pass is not None:
        text += (
            f". Σ: one backward pass over this graph gives {number(node.one_pass, 12)}; the rest was there before, "
            "from earlier backward calls or other uses of this value. zero_grad() starts afresh"
        )
    return text


def edge_tooltip(edge: Edge, operand: Node) -> str:
    """Say what an edge carries."""
    if edge.count > 1:
        return f"used {edge.count:,} times"
    if edge.local is None or operand.kind == "constant":
        return f"{heading(operand) or operand.kind} is an operand"
    carries = "" if edge.amount is None else f", carries back {number(edge.amount, 12)}"
    return f"local derivative {number(edge.local, 12)}{carries}"
