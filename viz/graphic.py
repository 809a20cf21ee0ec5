"""An SVG that shows itself in a notebook and saves itself: what ``animate`` and ``network`` return."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from viz.errors import VizError
from viz.files import write
from viz.theme import follows_reader

Colours = Mapping[str, tuple[str, str, str]]  # role → property, colour in the light, colour in the dark


class Graphic:
    """A picture that was drawn as SVG.

    Attributes:
        svg: the whole file, as text.
        title: what it is called.
    """

    def __init__(self, svg: str, title: str, about: str) -> None:
        self.svg = svg
        self.title = title
        self._about = about

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the SVG to a file, whole or not at all, and return its path.

        Raises:
            VizError: the path has another suffix than .svg.
            SaveError: the path cannot be written.
        """
        path = Path(path)
        if path.suffix.lower() != ".svg":
            raise VizError(
                f"{str(path)!r} does not end in .svg, and this picture is saved as SVG only; a browser opens it, and "
                "rsvg-convert or Inkscape turn it into another format"
            )
        write(path, self.svg.encode())
        return path

    def _repr_mimebundle_(self, **_formats: Any) -> dict[str, str]:
        return {"image/svg+xml": self.svg, "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.title}, {self._about}>"


def own_colours(colours: Colours, theme: str) -> dict[str, str]:
    """Return role → colour for roles that theme.py does not have; a theme that follows the reader begins in the light.

    >>> own_colours({"plus": ("stroke", "#007a5a", "#4cc9a0")}, "dark")
    {'plus': '#4cc9a0'}
    """
    return {role: dark if theme.endswith("dark") else light for role, (_, light, dark) in colours.items()}


def own_rules(colours: Colours, theme: str, identity: str) -> str:
    """Return the rules by which these roles follow the reader into the dark; "" for a theme that does not.

    >>> own_rules({"plus": ("stroke", "#007a5a", "#4cc9a0")}, "auto", "g1")
    '@media (prefers-color-scheme:dark){#g1 .gg-plus{stroke:#4cc9a0}}'
    """
    if not follows_reader(theme):
        return ""
    rules = "".join(f"#{identity} .gg-{role}{{{what}:{dark}}}" for role, (what, _, dark) in colours.items())
    return f"@media (prefers-color-scheme:dark){{{rules}}}"
