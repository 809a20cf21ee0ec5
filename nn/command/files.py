"""Files that a command writes: looked at before the work begins, and written whole or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from pathlib import Path

from nn import archive
from nn.errors import SettingError


def check(outputs: Mapping[str, Path | None], inputs: Mapping[str, Path | None]) -> None:
    """Refuse, before anything is computed, files that could not be written, or that would replace one another.

    Args:
        outputs: the files to be written, by the options that name them; None where an option was not given.
        inputs: the files that are read.

    Raises:
        SettingError: two options name the same file.
        OSError: a file cannot be written.
    """
    seen: dict[str, str] = {}
    for option, path in {**inputs, **outputs}.items():
        if path is None:
            continue
        place = os.path.realpath(path)
        if place in seen:
            raise SettingError(f"{seen[place]} and {option} both name {path}; give {option} a file of its own")
        seen[place] = option
        if option in outputs:
            archive.check_target(path, Path(place))
            if not os.access(Path(place).parent, os.W_OK):
                raise PermissionError(errno.EACCES, "cannot write the file: its folder is read-only", str(path))


def write(path: Path, content: bytes) -> None:
    """Write a file; one that exists is replaced when the new one is complete.

    Raises:
        OSError: it cannot be written; what was there before is still there.
    """
    archive.put(path, content)
