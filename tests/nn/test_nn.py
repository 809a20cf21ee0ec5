from pathlib import Path

import nn

ROOT = Path(nn.__file__).parent.parent


def test_all_is_exact():
    public = {name for name in vars(nn) if not name.startswith("_")}
    submodules = {path.stem for path in (ROOT / "nn").iterdir()} - {"schedules"}
    assert sorted(nn.__all__) == sorted((public - submodules - {"autograd"}) | {"errors"})
    assert nn.__all__ == sorted(nn.__all__, key=lambda name: (not name.isupper(), not name[0].isupper(), name))
