"""Files: written whole or not at all."""

from __future__ import annotations

import secrets
from pathlib import Path

from viz.errors import SaveError


def write(path: Path, data: bytes) -> None:
    """Write a file beside its place first, so that nothing half-written ever stands there.

    Raises:
        SaveError: the path cannot be written.
    """
    try:
        if path.exists() and not path.is_file():  # /dev/stdout, or a directory, which says so itself
            path.write_bytes(data)
            return
        beside = path.with_name(f".{secrets.token_hex(8)}.part")
        try:
            beside.write_bytes(data)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise SaveError(f"cannot write {str(path)!r}: {error.strerror or error}") from error
