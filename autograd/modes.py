"""How arithmetic on Values is meant at present: recorded, as always; not recorded; or recorded for a program.

Either mode holds for one thread and task. How many are on in all threads stands in the namespace of the generated
methods, so that a method asks which thread is meant only when there is a thread to ask for.
"""

from __future__ import annotations

import linecache
import sys
from collections.abc import Iterator
from contextlib import ContextDecorator, contextmanager
from contextvars import ContextVar
from threading import Lock
from typing import TYPE_CHECKING

from autograd.build import namespace
from autograd.errors import CompileError

if TYPE_CHECKING:
    from autograd.value import Value

_counting = Lock()
_paused: ContextVar[int] = ContextVar("autograd_paused", default=0)
_created: ContextVar[list[Value] | None] = ContextVar("autograd_created", default=None)


def _count(mode: str, change: int) -> None:
    with _counting:
        namespace[mode] += change


class no_grad(ContextDecorator):  # noqa: N801  # PyTorch's name
    """Compute without recording: results are constants. A context manager and a decorator, per thread and task.

    >>> from autograd import Value
    >>> w = Value(3.0)
    >>> with no_grad():
    ...     y = w * w
    >>> y.data, y.is_leaf
    (9.0, True)
    """

    def __enter__(self) -> None:
        _paused.set(_paused.get() + 1)
        _count("pausing", 1)

    def __exit__(self, *exception: object) -> None:
        _paused.set(_paused.get() - 1)
        _count("pausing", -1)


def is_paused() -> bool:
    """Return whether the present thread and task is inside ``no_grad``."""
    return _paused.get() > 0


@contextmanager
def recording() -> Iterator[list[Value]]:
    """Record for a program (program/record.py): yield the list of the leaves that are created meanwhile.

    Comparisons of Values give Values, a Value does not become a plain number, and arithmetic follows IEEE-754 where it
    would raise.
    """
    created: list[Value] = []
    before = _created.set(created)
    _count("recordings", 1)
    try:
        yield created
    finally:
        _created.reset(before)
        _count("recordings", -1)


def is_recording() -> bool:
    """Return whether the present thread and task is recording for a program."""
    return _created.get() is not None


def note_created(value: Value) -> None:
    """Remember a leaf that is created while recording: the function makes it anew, so it is no parameter."""
    created = _created.get()
    if created is not None:
        created.append(value)


def refuse_number(name: str) -> None:
    """Refuse, while recording, to turn a Value into a plain number, and name the line that would."""
    if not is_recording():
        return
    frame = sys._getframe(2)  # the caller of bool(), whose own frame is written in C
    line = linecache.getline(frame.f_code.co_filename, frame.f_lineno).strip()
    remedy = (
        "choose with where(condition, a, b), maximum or minimum, which are recorded"
        if name == "bool"
        else "compute with the Value itself, or pass the number as an input"
    )
    raise CompileError(
        f"line {frame.f_lineno} of {frame.f_code.co_name}, `{line}`, takes {name}() of a Value that stands for all "
        f"inputs to come; {remedy}"
    )
