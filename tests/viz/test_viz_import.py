import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run(program, *path, cwd):
    """Run a program in a fresh interpreter with ``path`` first."""
    code = f"import sys; sys.path[:0] = {[str(p) for p in path]}\n{program}"
    return subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=cwd, check=False
    )


def test_another_autograd_is_named_with_the_remedy(tmp_path):
    other = tmp_path / "autograd"
    other.mkdir()
    (other / "__init__.py").write_text("def grad(f): ...\n")
    done = run("import viz", tmp_path, ROOT, cwd=tmp_path)
    assert done.returncode == 1
    assert (
        f"ImportError: viz draws the Values of glassgrad's own package autograd, but 'autograd' is {other}"
        in done.stderr
    )
    assert "virtual environment" in done.stderr


def test_who_imports_whom(tmp_path):
    program = """
        import autograd
        assert not {name for name in sys.modules if name.split('.')[0] in ('viz', 'nn')}, 'autograd imports them'
        import viz
        viz.draw(autograd.Value(2.0) * 3).svg
        assert 'nn' not in sys.modules, 'viz imports nn'
    """
    done = run("\n".join(line.strip() for line in program.splitlines()), ROOT, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
