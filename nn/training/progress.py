"""The progress bar of a run, by tqdm, in a terminal or a notebook."""

from __future__ import annotations

import importlib.util
import sys
from typing import Any

from nn.errors import SettingError
from nn.training.history import PER_STEP, History


class Progress:
    """A bar over the steps of a run; with ``shown=False`` nothing at all. Until ``begin`` it says "compiling".

    Args:
        shown: True, False, or None for "if tqdm is installed, and a person looks on": in a terminal or a notebook.

    Raises:
        SettingError: True without tqdm.
    """

    def __init__(self, shown: bool | None) -> None:
        if shown not in (None, True, False):
            raise SettingError(f"progress is True, False, or None for a bar where a person looks on; not {shown!r}")
        installed = importlib.util.find_spec("tqdm") is not None
        if shown and not installed:
            raise SettingError("a progress bar needs tqdm; install it (pip install tqdm), or give progress=False")
        # A notebook keeps what it shows, so there a bar that nobody asked for appears only in a run of some length.
        self._delay = 1.0 if shown is None and _in_notebook() else 0.0
        if shown is None:
            shown = installed and (_in_notebook() or sys.stderr.isatty())
        self._bar: Any = _tqdm()(desc="compiling", unit="step", delay=self._delay) if shown else None

    def begin(self, total: int, done: int, title: str) -> None:
        """Begin to count.

        Args:
            total: how many steps the run has.
            done: how many of them were done before, in an earlier part of the run.
            title: what stands in front.
        """
        if self._bar is not None:
            self._bar.total, self._bar.n = total, done
            self._bar.last_print_n = self._bar.initial = done
            self._bar.set_description(title, refresh=self._delay == 0.0)

    def step(self) -> None:
        """Move on by a step."""
        if self._bar is not None:
            self._bar.update()

    def say(self, history: History) -> None:
        """Show the last epoch's numbers behind the bar."""
        if self._bar is not None:
            names = [name for name in history if name not in PER_STEP]
            self._bar.set_postfix({name: f"{history.last(name):.4g}" for name in names}, refresh=False)

    def close(self) -> None:
        """Leave the bar as it stands."""
        if self._bar is not None:
            self._bar.close()


def _in_notebook() -> bool:
    """Return whether this process is the kernel of a notebook."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return getattr(shell, "kernel", None) is not None


def _tqdm() -> Any:
    """Return tqdm's bar for a notebook if there are widgets to show it, else the one made of text."""
    if _in_notebook() and importlib.util.find_spec("ipywidgets") is not None:
        from tqdm.notebook import tqdm as widget

        return widget
    from tqdm import tqdm

    return tqdm
