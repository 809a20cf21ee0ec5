"""The legend: what a picture's colours, places and signs mean, as far as they occur in it."""

from __future__ import annotations

from viz.model import Picture

Row = list[tuple[str, str]]  # pieces of text, each with its role in theme.py; a fill's role draws a box around it

_SWATCHES = ("input", "parameter", "output", "module")


def legend(picture: Picture, style: str, edge_labels: bool) -> list[Row]:
    """Return the legend of a picture, row by row.

    >>> from autograd import Value
    >>> from viz.model import picture
    >>> for row in legend(picture(Value(2.0) * Value(3.0)), "boxes", True):
    ...     print("".join(text for _, text in row))
    inputoutput
    value; no gradients before backward()
    ∂ local derivative, on the edge from the operand
    """
    kinds = {node.kind for node in picture.nodes}
    rows: list[Row] = []
    for kind in _SWATCHES:
        if kind in kinds:
            rows = rows or [[]]
            rows[0].append((kind, kind))
    data, grad = ("data", "grad") if style == "micrograd" else ("value", "gradient")
    if any(node.gradient is not None or (node.summary and node.summary.gradients) for node in picture.nodes):
        line = {"circuit": "wire", "boxes": "line"}.get(style, "")
        where = (f" above the {line}, ", " below it") if line else (": its value, ", ": its gradient")
        rows.append([("value", data), ("local", where[0]), ("gradient", grad), ("local", where[1])])
    else:
        rows.append([("value", data), ("local", "; no gradients before backward()")])
    if any(node.one_pass is not None for node in picture.nodes):
        rows.append([("gradient", "Σ"), ("local", " the sum of several backward passes")])
    derivatives = [edge for edge in picture.edges if edge.local is not None]
    if edge_labels and derivatives:
        rows.append([("local", "∂ local derivative, on the edge from the operand")])
    if picture.folded:
        rows.append([("local", "× 100: so many values made alike, least … greatest")])
    if picture.clusters:
        rows.append([("local", "dashed frame: a module, unfolded")])
    return rows
