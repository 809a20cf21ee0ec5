"""The colours: one row per role, light and dark.

By default value blue and gradient orange-brown are told apart by colour-blind readers too. Every text contrasts with
every fill it stands on by more than 4.5 to 1, in the light and in the dark. Position says the same as colour: the value
stands above, the gradient below.
"""

from __future__ import annotations

from viz.errors import VizError

#  role          (property, light,     dark)
COLOURS: dict[str, tuple[str, str, str]] = {
    "background": ("fill", "#ffffff", "#15181d"),
    "input": ("fill", "#eef5fb", "#16273a"),
    "parameter": ("fill", "#fff6df", "#332a12"),
    "constant": ("fill", "#ffffff", "#15181d"),
    "op": ("fill", "#ffffff", "#1d2229"),
    "output": ("fill", "#f1f1f1", "#2a2f37"),
    "module": ("fill", "#f4f0fb", "#282338"),
    "line": ("stroke", "#6b7280", "#9aa4b2"),
    "halo": ("stroke", "#ffffff", "#15181d"),
    "tip": ("fill", "#6b7280", "#9aa4b2"),
    "name": ("fill", "#1f2328", "#e6edf3"),
    "value": ("fill", "#0b5fa5", "#6cb6ff"),
    "gradient": ("fill", "#b3400a", "#ff9e64"),
    "local": ("fill", "#57606a", "#adb8c6"),
    "alarm": ("fill", "#b3123c", "#ff8fa3"),
}

#  the lectures' colours: values green, gradients red
CS231N: dict[str, tuple[str, str, str]] = {
    **COLOURS,
    "value": ("fill", "#12702e", "#5fd075"),
    "gradient": ("fill", "#c01717", "#ff8580"),
}

THEMES = ("auto", "light", "dark", "cs231n", "cs231n-light", "cs231n-dark")


def rows(theme: str) -> dict[str, tuple[str, str, str]]:
    """Return role → property, colour in the light, colour in the dark.

    Raises:
        VizError: there is no such theme.
    """
    if theme not in THEMES:
        raise VizError(f"unknown theme {theme!r}; choose one of {', '.join(map(repr, THEMES))}")
    return CS231N if theme.startswith("cs231n") else COLOURS


def follows_reader(theme: str) -> bool:
    """Return whether a theme is light or dark as the reader's system is."""
    return theme in ("auto", "cs231n")


def colours(theme: str) -> dict[str, str]:
    """Return role → colour; a theme that follows the reader begins with the light ones.

    Raises:
        VizError: there is no such theme.
    """
    return {role: dark if theme.endswith("dark") else light for role, (_, light, dark) in rows(theme).items()}
