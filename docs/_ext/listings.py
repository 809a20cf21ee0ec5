"""What the project says of itself: the table of operations, and the options of the command line."""

from __future__ import annotations

import os
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from autograd.__main__ import _parser
from autograd.ops import DOT, REDUCTIONS, ROWS


class OperationTable(SphinxDirective):
    """``operation-table``: a line for each row of autograd/ops.py. ``reductions``: of its second table."""

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the table as nodes."""
        rows = _reductions() if self.arguments else _operations()
        lines = ["::::{list-table}", ":header-rows: 1", ":class: operations", ":widths: 15 30 30 25", ""]
        for row in rows:
            lines += [f"{'*' if not i else ' '} - {cell}" for i, cell in enumerate(row)]
        return list(self.parse_text_to_nodes("\n".join([*lines, "::::"])))


def _operations() -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("operation", "z", "∂z/∂ each argument", "domain and conventions")]
    for op in ROWS:
        latex = op.latex.format(**{name: name for name in op.arguments})
        call = f"{{py:func}}`{op.name} <autograd.{op.name}>`"
        several = len(op.arguments) > 1
        slopes = "<br>".join(
            f"{name}: `{text}`" if several else f"`{text}`"
            for name, text in zip(op.arguments, op.partials, strict=True)
        )
        rows.append((call, f"${latex}$<br>`{op.formula}`", slopes, _sentence(op.domain.text, op.note)))
    return rows


def _reductions() -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("operation", "z", "of no operands", "conventions")]
    for row in REDUCTIONS.values():
        empty = "an error" if row.empty is None else f"{row.empty:g}"
        rows.append((f"{{py:func}}`{row.name} <autograd.{row.name}>`", f"${row.latex}$", empty, row.note or "–"))
    rows.append(("{py:func}`dot <autograd.dot>`", f"${DOT.latex}$", "0", DOT.note))
    return rows


def _sentence(*parts: str) -> str:
    return "; ".join(filter(None, parts)).replace("*", r"\*").replace("|", r"\|")


class HelpDirective(SphinxDirective):
    """``help``: what ``glassgrad <command> --help`` prints."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the text as a literal block."""
        command = self.arguments[0]
        width = os.environ.get("COLUMNS")
        os.environ["COLUMNS"] = "88"
        try:
            subparsers = _parser(command)._subparsers
            assert subparsers is not None
            text = subparsers._group_actions[0].choices[command].format_help()  # type: ignore[index]
        finally:
            os.environ.pop("COLUMNS")
            if width is not None:
                os.environ["COLUMNS"] = width
        block = nodes.literal_block(text, text.rstrip(), language="text")
        self.set_source_info(block)
        return [block]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_directive("operation-table", OperationTable)
    app.add_directive("help", HelpDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
