"""How pytest runs the code on these pages: in a folder of its own, with the data that they use."""

import shutil
from pathlib import Path

import pytest

HERE = Path(__file__).parent
collect_ignore_glob = ["*.py", "_build", "_ext"]  # Sphinx imports these; there is nothing to test in them


@pytest.fixture(autouse=True)
def _folder_with_data(tmp_path, monkeypatch):
    for path in (HERE / "data").iterdir():
        shutil.copy(path, tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "agg")
