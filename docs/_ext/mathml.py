r"""Formulas as MathML: browsers show it without a script, and so without a network.

A command of LaTeX that the converter does not know is a warning, which fails the build.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any
from xml.etree import ElementTree as ET

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

MATHML = "http://www.w3.org/1998/Math/MathML"
SIGNS = ("−", "+", "±")
CLOSING = (")", "]", "}", "|", "!", "′", "∂")
_ALIGNED = re.compile(r"\\(begin|end)\{(?:aligned|split)\}")  # to the converter they have another name
ET.register_namespace("", MATHML)

logger = logging.getLogger(__name__)


def mathml(latex: str, display: str, node: nodes.Node) -> str:
    """Return a formula as MathML, with the LaTeX as its description."""
    known = _ALIGNED.sub(r"\\\1{align*}", latex)
    try:
        converted = _spaced(convert(known, display=display), latex)
    except Exception as error:  # the converter's own, of many kinds
        logger.warning("no MathML for %r: %r", latex, error, location=node, type="math")
        return f"<code>{escape(latex)}</code>"
    unknown = re.search(r">\\\w+<", converted)
    if unknown:
        logger.warning("no MathML for %s in %r", unknown[0][1:-1], latex, location=node, type="math")
    return converted


def _spaced(math: str, description: str) -> str:
    """Return a formula with a sign close to its number, as in x = -2, and no space around a slash."""
    root = ET.fromstring(math)  # noqa: S314  # the converter's own output
    root.set("alttext", description)
    for row in root.iter():
        previous = None
        for element in row:
            if element.tag == f"{{{MATHML}}}mo":
                if element.text == "/":
                    element.attrib |= {"lspace": "0", "rspace": "0"}
                if element.text in SIGNS and (previous is None or _expects_operand(previous)):
                    element.set("form", "prefix")
            previous = element
    return ET.tostring(root, encoding="unicode")


def _expects_operand(element: ET.Element) -> bool:
    return element.tag == f"{{{MATHML}}}mspace" or (
        element.tag == f"{{{MATHML}}}mo" and (element.text or "") not in CLOSING
    )


def visit_math(self: HTML5Translator, node: nodes.math) -> None:
    """Write a formula in a line of text."""
    self.body.append(f'<span class="math notranslate">{mathml(node.astext(), "inline", node)}</span>')
    raise nodes.SkipNode


def visit_math_block(self: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula that stands by itself; it scrolls where it is wider than the page."""
    self.body.append(f'<div class="math notranslate" tabindex="0">{mathml(node.astext(), "block", node)}</div>\n')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_math_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
