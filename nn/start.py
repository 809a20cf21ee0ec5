"""Where the ``glassgrad`` command starts: in a package whose import says so when the name autograd is not ours."""

from autograd.__main__ import main

__all__ = ["main"]
