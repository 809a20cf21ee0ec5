"""The generated operations: what arithmetic on a Value does, and the functions of this package.

``Operations`` is the base class of Value. Its methods, and the functions below it, come from the rows of ops.py through
build.py; operations.pyi declares them for editors and type checkers, and is written from the same rows by

    python -m autograd.stub
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.build import build
from autograd.errors import OperationError
from autograd.ops import ROWS, TABLE, Domain, Op


class Operations:
    """The operations of the table as methods and operators; see ``glassgrad ops`` for the table itself."""

    __slots__ = ()


def install(op: Op) -> Callable[..., Any]:
    """Build a row and make it a method of every Value; return its function."""
    for name, method in build(op).items():
        setattr(Operations, name, method)
    return op.apply


__all__ = ["Operations"]
for _row in ROWS:
    globals()[_row.name] = install(_row)
    __all__ += [_row.name]


def operation(
    name: str,
    formula: str,
    *partials: str,
    latex: str = "",
    domain: Domain | None = None,
    arguments: tuple[str, ...] = (),
    defaults: tuple[float, ...] = (),
    note: str = "",
) -> Callable[..., Any]:
    r"""Add a row of your own to the table and return its function; it is a method of Value as well.

    Args:
        name: the operation's name, not yet in the table.
        formula: z, in the row language that autograd/ops.py defines.
        partials: ∂z/∂x, ∂z/∂y, in the same language, where ``z`` is the result.
        latex: with ``{x}`` and ``{y}`` for the operands; by default the name as an operator.
        domain: where it is defined; by default everywhere.
        arguments: their names; by default x, or x and y.
        defaults: values of the last arguments, where a call may leave them out.
        note: a convention to state, as at a kink.

    Raises:
        OperationError: the row is not well formed, or the name is taken.

    >>> cube = operation("cube", "x ** 3", "3 * x ** 2")
    >>> from autograd import Value
    >>> x = Value(2.0)
    >>> cube(x).backward()
    >>> x.grad, x.cube().data
    (12.0, 8.0)
    """
    known = TABLE.get(name)
    if known is not None and (known.formula, known.partials) == (formula, partials):
        return known.apply  # a notebook's cell that is run again
    if not all(isinstance(text, str) for text in (formula, *partials)):
        raise OperationError("an operation is made of texts: operation(name, z, ∂z/∂x, ∂z/∂y), as in "
                             "operation('cube', 'x ** 3', '3 * x ** 2')")  # fmt: skip
    names = arguments or ("x", "y")[: len(partials)]
    everywhere = Domain(
        f"{' and '.join(names)} may be any number",
        " and ".join(f"{n} == {n}" for n in names),
        ((-1e6, 1e6),) * len(names),
    )
    fallback = rf"\operatorname{{{{{name}}}}}({', '.join('{' + n + '}' for n in names)})"
    return install(Op(name, formula, partials, latex or fallback, domain or everywhere, arguments, defaults, note=note))
