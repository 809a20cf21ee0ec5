"""The docstrings' few marks, as Sphinx reads them.

Docstrings here are written to be read in an editor. They know ``code`` in two backticks, examples with >>>, blocks that
are indented after an empty line, trees of lines, lists, and Google's sections. Everything else is meant as it stands,
so that w * x, |x| and classes_ need no backslash there; reStructuredText wants one.
"""

from __future__ import annotations

import re
from typing import Any

from sphinx.application import Sphinx

SECTION = re.compile(r"(Args|Attributes|Returns|Yields|Raises):$")
_LITERAL = re.compile(r"(``.+?``)")
_MARK = re.compile(r"([\\*`|]|(?<=\w)_(?!\w))")


def escaped(line: str) -> str:
    r"""Return a line in which nothing but ``code`` is a mark.

    >>> escaped("the largest |w * x| of ``**named``, in classes_")
    'the largest \\|w \\* x\\| of ``**named``, in classes\\_'
    """
    parts = _LITERAL.split(line)
    return "".join(part if i % 2 else _MARK.sub(r"\\\1", part) for i, part in enumerate(parts))


def _joined(lines: list[str]) -> list[str]:
    """Return the lines with each ``code`` that is broken over two of them on the first."""
    joined: list[str] = []
    for line in lines:
        if (
            joined
            and joined[-1].count("``") % 2
            and line.strip()
            and not joined[-1].lstrip().startswith((">>>", "..."))
        ):
            joined[-1] += f" {line.strip()}"
        else:
            joined.append(line)
    return joined


def as_rst(lines: list[str]) -> list[str]:
    """Return a docstring's lines as reStructuredText with Google's sections, which napoleon reads next."""
    result: list[str] = []
    in_section = in_example = in_block = in_tree = first_of_returns = False
    for line in _joined(lines):
        indented = line.startswith("    ")
        if not line.strip():
            in_example = in_tree = False
            result.append("")
            continue
        if in_example or line.lstrip().startswith(">>>"):
            in_example = True
            in_section = in_section and indented
            result.append(line)
            continue
        if in_tree or line[0] in "├└│":  # a tree that is not indented begins with its root, the line before
            if not in_tree:
                result[-1:] = ["::", "", f"    {result[-1]}"]
            in_tree = True
            result.append(f"    {line}")
            continue
        if SECTION.match(line):
            in_section, in_block = True, False
            first_of_returns = line in ("Returns:", "Yields:")
            result.append(line)
            continue
        if not indented:
            in_section = in_block = False
        elif not in_section and (in_block or not result or not result[-1]):
            if not in_block:
                result += ["::", ""]
            in_block = True
            result.append(line)
            continue
        text = escaped(line)
        if first_of_returns:  # else napoleon takes what stands before a colon for the type
            text = re.sub(r"^(\s*)", r"\1: ", text, count=1)
            first_of_returns = False
        result.append(text)
    return result


def process(_app: Sphinx, what: str, _name: str, _object: Any, _options: Any, lines: list[str]) -> None:
    """Rewrite a docstring in place, as Sphinx wants it."""
    lines[:] = as_rst(lines)
    if what in ("attribute", "property") and lines:
        lines[0] = f": {lines[0]}"  # as above


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.setup_extension("sphinx.ext.autodoc")
    app.connect("autodoc-process-docstring", process, priority=400)  # before napoleon's 500
    return {"parallel_read_safe": True, "parallel_write_safe": True}
