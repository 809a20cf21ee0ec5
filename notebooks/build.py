"""Make the notebooks from their text: ``python notebooks/build.py``, or name the files to make.

The text of a notebook is a Python file in the percent format, which Jupytext, VS Code, PyCharm and Spyder read too:
``# %% [markdown]`` begins a cell of prose, each line of it a comment, and ``# %%`` a cell of code.

>>> notebook = read('''
... # %% [markdown]
... # # A title
...
... # %%
... 1 + 1
... ''')
>>> [(cell.cell_type, cell.source) for cell in notebook.cells]
[('markdown', '# A title'), ('code', '1 + 1')]
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import v4

FOLDER = Path(__file__).resolve().parent
MARKER = re.compile(r"^# %%(.*)$", re.MULTILINE)


def read(text: str) -> nbformat.NotebookNode:
    """Return the notebook of a text in the percent format, not yet run.

    Raises:
        ValueError: something stands before the first cell, a marker is not one of the two, or a line of prose is not a
            comment.
    """
    before, *parts = MARKER.split(text)
    if before.strip():
        raise ValueError(f"a notebook begins with '# %%' or '# %% [markdown]', not with {before.strip()[:60]!r}")
    cells = []
    for number, (kind, body) in enumerate(zip(parts[::2], parts[1::2], strict=True)):
        if kind == "":
            cell = v4.new_code_cell(body.strip("\n"))
        elif kind == " [markdown]":
            cell = v4.new_markdown_cell("\n".join(map(_prose, body.strip("\n").split("\n"))))
        else:
            raise ValueError(f"'# %%{kind}' does not begin a cell; write '# %%' or '# %% [markdown]'")
        cell.id = f"cell-{number}"  # by default an id is random
        cells.append(cell)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def _prose(line: str) -> str:
    if line != "#" and not line.startswith("# "):
        raise ValueError(f"a line of prose begins with '# ': {line!r}")
    return line[2:]


def run(notebook: nbformat.NotebookNode) -> None:
    """Run every cell in this folder, with this checkout's packages, and keep what the cells show.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell fails.
    """
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, [str(FOLDER.parent), os.environ.get("PYTHONPATH")])),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # else the debugger warns of Python's frozen modules
        "SOURCE_DATE_EPOCH": "0",  # Matplotlib writes the date into a picture, so that each run would differ
    }
    client = NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        resources={"metadata": {"path": str(FOLDER)}},
        record_timing=False,
        extra_arguments=["--log-level=ERROR"],  # else each kernel warns that it talks in plain text, over the loopback
    )
    client.execute(env=environment)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = _joined(cell.outputs)
    notebook.metadata.language_info = {"name": "python", "pygments_lexer": "ipython3"}  # without Python's version


def _joined(outputs: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """Join what a cell printed in pieces, which differ from run to run with the kernel's timing."""
    joined: list[nbformat.NotebookNode] = []
    for output in outputs:
        before = joined[-1] if joined else None
        if before is not None and output.output_type == before.output_type == "stream" and output.name == before.name:
            before.text += output.text
        else:
            joined.append(output)
    return joined


def build(path: Path) -> Path:
    """Run the notebook of a text, write it beside the text, and return its path."""
    notebook = read(path.read_text(encoding="utf-8"))
    run(notebook)
    nbformat.validate(notebook)
    target = path.with_suffix(".ipynb")
    target.write_text(nbformat.writes(notebook), encoding="utf-8")
    return target


def main(arguments: list[str]) -> None:
    """Build the texts that are named, or all of them."""
    for path in map(Path, arguments or sorted(FOLDER.glob("[0-9]*.py"))):
        print(build(path.with_suffix(".py")))


if __name__ == "__main__":
    main(sys.argv[1:])
