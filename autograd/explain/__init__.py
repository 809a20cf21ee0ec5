"""Explanations of gradients: the paths of the chain rule, counted, ranked, and told in words and symbols.

    Graph ── paths.py ──> edges, number of paths, the largest products
          ── story.py ──> lines, values, gates (roles.py) and branches, written with symbols.py
          ── forms.py ──> plain text, LaTeX, Markdown

``explanation.py`` has the function that users call, ``autograd.explain``.
"""

from autograd.explain.explanation import Explanation, explain
from autograd.explain.paths import Edge, Path

__all__ = ["Edge", "Explanation", "Path", "explain"]
