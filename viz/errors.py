"""What can go wrong with a picture, as one tree below autograd's.

    AutogradError
    └── VizError(ValueError)          an argument that draw does not know: a style, a theme, a format, a name
        ├── TooLargeError             a graph with more values than a picture can show
        ├── EngineError(RuntimeError) no layout engine is there, or it failed or took too long
        └── SaveError(OSError)        a picture cannot be written to its path

So ``except AutogradError`` catches whatever this project raises on purpose, pictures included.
"""

from __future__ import annotations

from autograd.errors import AutogradError


class VizError(AutogradError, ValueError):
    """Something cannot be drawn as it was asked for."""


class TooLargeError(VizError):
    """A graph has more values than a picture can show."""


class EngineError(VizError, RuntimeError):
    """No layout engine is there, or it failed."""


class SaveError(VizError, OSError):
    """A picture cannot be written."""
