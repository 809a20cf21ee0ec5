import os
import subprocess
import sys
from pathlib import Path

import nn

ROOT = Path(nn.__file__).parent.parent


def test_all_is_exact():
    public = {name for name in vars(nn) if not name.startswith("_")}
    submodules = {path.stem for path in (ROOT / "nn").glob("*.py")}
    assert sorted(nn.__all__) == sorted((public - submodules - {"autograd"}) | {"errors"})
    assert nn.__all__ == sorted(nn.__all__, key=lambda name: (not name.isupper(), not name[0].isupper(), name))


def import_nn(*folders):
    code = "import nn"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, folders))}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=folders[0], check=False)  # noqa: S603


def test_another_package_called_autograd_is_named_with_the_remedy(tmp_path):
    other = tmp_path / "autograd"
    other.mkdir()
    (other / "__init__.py").write_text("def grad(f): ...\n")
    result = import_nn(tmp_path, ROOT)
    assert result.returncode == 1
    last = result.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: ")
    assert str(other / "__init__.py") in last
    assert "pip uninstall autograd" in last
    assert "virtual environment" in last


def test_nn_imports_autograd_but_never_viz(tmp_path):
    script = "import sys, nn; print(sorted({name.split('.')[0] for name in sys.modules} & {'autograd', 'nn', 'viz'}))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", script]
    result = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=tmp_path, check=True)  # noqa: S603
    assert result.stdout.strip() == "['autograd', 'nn']"
