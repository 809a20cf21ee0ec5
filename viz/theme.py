"""The colours: one row per role, light and dark.

Value blue and gradient orange-brown are told apart by colour-blind readers too, and contrast with every fill they stand
on by more than 4.5 to 1 in either theme. Position says the same as colour: the value stands above, the gradient below.
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
    "line": ("stroke", "#6b7280", "#9aa4b2"),
    "tip": ("fill", "#6b7280", "#9aa4b2"),
    "name": ("fill", "#1f2328", "#e6edf3"),
    "value": ("fill", "#0b5fa5", "#6cb6ff"),
    "gradient": ("fill", "#b3400a", "#ff9e64"),
    "local": ("fill", "#57606a", "#adb8c6"),
}

THEMES = ("auto", "light", "dark")


def colours(theme: str) -> dict[str, str]:
    """Return role → colour; ``auto`` begins with the light ones.

    Raises:
        VizError: there is no such theme.
    """
    if theme not in THEMES:
        raise VizError(f"unknown theme {theme!r}; choose one of {', '.join(map(repr, THEMES))}")
    return {role: dark if theme == "dark" else light for role, (_, light, dark) in COLOURS.items()}
