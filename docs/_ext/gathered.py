"""Files of other folders as pages of the site: copied before Sphinx looks for its sources, and ignored by git.

A copy that is the same already is left alone, so that an unchanged page is not built anew.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

COPIES = {  # to which folder, from where, which files
    "tutorial": ("notebooks", "[0-9]*.ipynb"),
    "benchmarks": ("benchmarks/results", "*.md"),
}


def gather(app: Sphinx) -> None:
    """Copy what stands in other folders, and remove copies of what is not there any more."""
    docs = Path(app.srcdir)
    for folder, (source, pattern) in COPIES.items():
        wanted = {path.name: path.read_bytes() for path in (docs.parent / source).glob(pattern)}
        if folder == "benchmarks":
            method = (docs.parent / "benchmarks" / "README.md").read_text("utf-8")
            wanted["method.md"] = method.replace("# Benchmarks\n", "# How it is measured\n", 1).encode()
        write_all(docs / folder, wanted, pattern)


def write_all(folder: Path, wanted: dict[str, bytes], pattern: str) -> None:
    """Let a folder hold these files and no others of that pattern, its index.md apart."""
    folder.mkdir(exist_ok=True)
    for path in folder.glob(pattern):
        if path.name not in wanted and path.name != "index.md":
            path.unlink()
    for name, content in wanted.items():
        path = folder / name
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("builder-inited", gather)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
