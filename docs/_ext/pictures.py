"""Code with the picture that it makes: the directive ``picture``.

    ```{picture}
    >>> f.backward()
    >>> draw(f)
    <Drawing: graph of f, 5 values, 4 edges>

    ```

It shows its examples and, in place of the last one's text, what that gives: a drawing, a page, an explanation or a
figure. They are run when the site is built, after all that stand before them on the page, so that a picture is always
the one that the code makes. pytest runs them as well, as the examples that they are.
"""

from __future__ import annotations

import doctest
import io
import os
import re
import shutil
import sys
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

PIXELS = 4 / 3  # of a point
SMALLEST = 0.6  # of its natural size
_DARK = re.compile(r"@media \(prefers-color-scheme:dark\)\{((?:[^{}]*\{[^{}]*\})*)\}")


class Run:
    """The examples of one page, run one after the other."""

    def __init__(self, text: str, data: Path) -> None:
        self.examples = doctest.DocTestParser().get_examples(text)
        self.names: dict[str, Any] = {"__name__": "__main__"}
        self.next = 0
        self._folder = tempfile.TemporaryDirectory()
        for path in data.iterdir():
            shutil.copy(path, self._folder.name)

    def up_to(self, code: str) -> Any:
        """Run what is left of the page up to the end of these examples, and return what the last one gives."""
        wanted = [example.source for example in doctest.DocTestParser().get_examples(code)]
        for start in range(self.next, len(self.examples)):
            if [example.source for example in self.examples[start : start + len(wanted)]] == wanted:
                break
        else:
            raise ValueError("its examples are not among those of the page")
        end = start + len(wanted)
        shown: list[Any] = []
        before, place = sys.displayhook, Path.cwd()
        sys.displayhook = shown.append
        os.chdir(self._folder.name)
        try:
            with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
                for example in self.examples[self.next : end]:
                    shown.clear()
                    try:
                        exec(compile(example.source, "<example>", "single"), self.names)  # noqa: S102  # our own pages
                    except Exception:
                        if example.exc_msg is None:
                            raise
        finally:
            sys.displayhook = before
            os.chdir(place)
        self.next = end
        return shown[-1] if shown else None


def in_the_theme(svg: str) -> str:
    """Return an SVG, to stand in a page, that is dark where the page is dark and not where the reader's system is."""
    return _DARK.sub(
        lambda rules: (
            f'body[data-theme="dark"]{{{rules[1]}}}'
            f'@media (prefers-color-scheme:dark){{body:not([data-theme="light"]){{{rules[1]}}}}}'
        ),
        svg,
    )


def _readable(svg: str) -> str:
    """Return an SVG that does not become smaller than readable where there is no room; it scrolls instead."""
    points = re.search(r'<svg[^>]* width="([\d.]+)pt"', svg)
    least = f"min-width:{float(points[1]) * PIXELS * SMALLEST:.0f}px;" if points else ""
    return svg.replace('style="', f'style="{least}', 1)


def _figure(figure: Any) -> str:
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()[text.getvalue().index("<svg") :]


class PictureDirective(SphinxDirective):
    """``picture``: examples, and the picture that the last of them makes. ``:hide-code:`` leaves out the examples."""

    has_content = True
    option_spec = {"hide-code": directives.flag}  # noqa: RUF012  # docutils' way

    def run(self) -> list[nodes.Node]:
        """Return the code and the picture as nodes."""
        code = "\n".join(self.content) + "\n"
        page = Path(self.env.doc2path(self.env.docname))
        if "picture_run" not in self.env.temp_data:  # which is emptied after each page
            self.env.temp_data["picture_run"] = Run(page.read_text("utf-8"), Path(self.env.srcdir) / "data")
        try:
            result = self.env.temp_data["picture_run"].up_to(code)
            shown = self._shown(result)
        except Exception as error:  # whatever the page's own code raises
            raise self.error(f"picture: {type(error).__name__}: {error}") from error
        if "hide-code" in self.options:
            return shown
        want = doctest.DocTestParser().get_examples(code)[-1].want.count("\n")
        code = "\n".join(code.rstrip().splitlines()[: -want or None])
        block = nodes.literal_block(code, code, language="pycon")
        self.set_source_info(block)
        return [block, *shown]

    def _shown(self, result: Any) -> list[nodes.Node]:
        if hasattr(result, "svg"):
            return [_raw(f'<div class="picture" tabindex="0">{_readable(in_the_theme(result.svg))}</div>')]
        if hasattr(result, "figure"):  # matplotlib's Axes, or its Figure
            return [_raw(f'<div class="picture figure">{_figure(result.figure)}</div>')]
        if hasattr(result, "_repr_html_"):
            return [_raw(f'<div class="live">{result._repr_html_()}</div>')]
        if hasattr(result, "_repr_markdown_"):
            return list(self.parse_text_to_nodes(result._repr_markdown_()))
        raise ValueError(f"{result!r} is no picture")


def _raw(html: str) -> nodes.raw:
    return nodes.raw("", html, format="html")


def trim(_app: Sphinx, doctree: nodes.document) -> None:
    """Leave out the empty line that ends the examples for pytest, before the fence."""
    for block in doctree.findall(nodes.literal_block):
        if block.get("language") == "pycon" and isinstance(block[0], nodes.Text):
            block.rawsource = block.rawsource.rstrip()
            block[0] = nodes.Text(block.astext().rstrip())


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("doctree-read", trim)
    app.add_directive("picture", PictureDirective)
    return {"parallel_read_safe": False, "parallel_write_safe": True}  # a page's code runs in the process
