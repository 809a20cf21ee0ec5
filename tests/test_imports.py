"""Who imports whom; and PyPI's autograd (HIPS), which installs the same import name: the user is told."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def run(code, *path):
    program = f"import sys; sys.path[:0] = {[str(p) for p in path]!r}\n{code}"
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=path[0])


@pytest.fixture
def other(tmp_path):
    """Make a package called autograd that is not ours."""
    (tmp_path / "autograd").mkdir()
    (tmp_path / "autograd" / "__init__.py").write_text("def grad(f): ...\n")
    return tmp_path


@pytest.mark.parametrize("code", ["import nn", "import viz", "from nn.start import main"])
def test_what_needs_our_autograd_says_which_it_found(other, code):
    result = run(code, other, ROOT)
    assert result.returncode == 1
    last = result.stderr.strip().splitlines()[-1]
    assert "ImportError" in last
    assert str(other / "autograd" / "__init__.py") in last
    assert "pip uninstall autograd" in last


def test_ours_warns_when_files_of_the_other_lie_beside_its_own(tmp_path):
    shutil.copytree(ROOT / "autograd", tmp_path / "autograd")
    (tmp_path / "autograd" / "tracer.py").write_text("")
    result = run("from autograd import Value; print(Value(1.0))", tmp_path)
    assert result.returncode == 0, result.stderr
    assert "virtual environment" in result.stderr
    assert result.stdout == "Value(data=1.0, grad=0.0)\n"


def test_ours_alone_does_not_warn():
    assert run("import autograd, nn, viz", ROOT).stderr == ""


def test_arrows_between_packages_go_one_way():
    program = """
import autograd
assert not {name.split('.')[0] for name in sys.modules} & {'viz', 'nn', 'graphviz'}
import nn
assert 'viz' not in sys.modules
import viz
"""
    result = run(program, ROOT)
    assert result.returncode == 0, result.stderr
