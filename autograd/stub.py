"""Write operations.pyi, which tells editors and type checkers what the table generates.

python -m autograd.stub             write it
python -m autograd.stub --check     say whether it is up to date
"""

from __future__ import annotations

import sys
from pathlib import Path

from autograd.build import documentation, methods_of
from autograd.ops import ROWS, Op

PATH = Path(__file__).with_name("operations.pyi")

_HEAD = """\
# Written by `python -m autograd.stub` from the table in ops.py; do not edit.
from collections.abc import Callable
from typing import SupportsFloat

from autograd.ops import Domain, Op
from autograd.value import Value

__all__ = [
    "Operations",
{names}
]

class Operations:
    __slots__ = ()
"""

_TAIL = """
def install(op: Op) -> Callable[..., Value]: ...
def operation(
    name: str,
    formula: str,
    *partials: str,
    latex: str = "",
    domain: Domain | None = None,
    arguments: tuple[str, ...] = (),
    defaults: tuple[float, ...] = (),
    note: str = "",
) -> Callable[..., Value]: ...
"""


def stub() -> str:
    """Return the text of operations.pyi."""
    lines = [_HEAD.format(names="\n".join(f'    "{op.name}",' for op in ROWS))]
    for op in ROWS:
        for name in methods_of(op):
            others = [] if len(op.arguments) == 1 else _parameters(op, name)
            lines += [f"    def {name}({', '.join(['self', *others])}) -> Value:"]
            lines += [f'        """{documentation(op)}"""', ""]
    for op in ROWS:
        lines += [
            f"def {op.name}({', '.join([f'{op.arguments[0]}: SupportsFloat', *_parameters(op, op.name)])}) -> Value:"
        ]
        lines += [f'    """{documentation(op)}"""', ""]
    return "\n".join(lines).rstrip() + "\n" + _TAIL


def _parameters(op: Op, method: str) -> list[str]:
    names = ["other"] if method.startswith("__r") else op.arguments[1:]
    first = len(names) - len(op.defaults)
    return [
        f"{name}: SupportsFloat" + (f" = {op.defaults[i - first]}" if i >= first else "")
        for i, name in enumerate(names)
    ]


def main(arguments: list[str]) -> int:
    """Write the stub, or with ``--check`` return 1 if it is out of date."""
    if arguments == ["--check"]:
        if PATH.read_text(encoding="utf-8") == stub():
            return 0
        print("operations.pyi is out of date; run python -m autograd.stub", file=sys.stderr)  # noqa: T201
        return 1
    PATH.write_text(stub(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
