"""The progress bar of a run, by tqdm, in a terminal or a notebook."""

from __future__ import annotations

import importlib.util
import sys
from typing import Any

from nn.errors import SettingError
from nn.training.history import History


class Progress:
    """A bar over the steps of a run; with ``shown=False`` nothing at all.

    Args:
        shown: True, False, or None for "if tqdm is installed, and a person looks on": in a terminal or a notebook.
        total: how many steps the run has.
        done: how many of them were done before, in an earlier part of the run.
        title: what stands in front.

    Raises:
        SettingError: True without tqdm.
    """

    def __init__(self, shown: bool | None, total: int, done: int, title: str) -> None:
        installed = importlib.util.find_spec("tqdm") is not None
        if shown and not installed:
            raise SettingError("a progress bar needs tqdm; install it (pip install tqdm), or give progress=False")
        if shown is None:
            shown = installed and (_in_notebook() or sys.stderr.isatty())
        self._bar: Any = _tqdm()(total=total, initial=done, desc=title, unit="step", leave=True) if shown else None

    def step(self) -> None:
        """Move on by a step."""
        if self._bar is not None:
            self._bar.update()

    def say(self, history: History) -> None:
        """Show the last epoch's numbers behind the bar."""
        if self._bar is not None:
            names = [name for name in history if name not in ("step_loss", "learning_rate")]
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
