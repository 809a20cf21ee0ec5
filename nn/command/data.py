"""What ``glassgrad train`` learns from: a data set by its name, or a CSV file."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.cells import counted, quoted, read_cells
from nn.data import GATES, DataSet, blobs, circles, logic, moons, spirals
from nn.errors import DataError, SettingError
from nn.preparation import train_test_split
from nn.tables import Table, read_csv

Array = NDArray[np.float64]
Part = tuple[Array, NDArray[Any]]  # samples and their targets

DATA_SETS: dict[str, Callable[..., DataSet]] = {
    "moons": moons,
    "circles": circles,
    "spirals": spirals,
    "blobs": blobs,
    **{gate: partial(logic, gate) for gate in GATES},
}
HOW_MANY_CLASSES = {"spirals": "classes", "blobs": "centers"}  # the argument that says so

MOST_CLASSES = 10  # that whole numbers are taken for without being asked
FEWEST_TO_SPLIT = 20  # samples; of fewer none are held back without being asked
HELD_BACK = 0.2  # of the samples, where nothing else is said

_MADE = ("samples", "noise", "classes")
_READ = ("target", "features", "leave_out", "one_hot", "task", "header", "delimiter")


@dataclass(frozen=True, eq=False)
class Samples:
    """Samples and their targets, and what they stand for.

    Attributes:
        origin: where they are from.
        X: the samples, shape (n, d).
        y: class numbers, or the numbers to be predicted; shape (n,).
        columns: the names of X's columns.
        target: what is to be predicted.
        classes: the names of the classes; None if the target is numbers.
        why: what decided that; "" where there was nothing to decide.
        from_file: whether they were read, and not made.
    """

    origin: str
    X: Array
    y: NDArray[Any]
    columns: tuple[str, ...]
    target: str
    classes: tuple[str, ...] | None
    why: str = ""
    from_file: bool = True

    @property
    def text(self) -> str:
        """What the samples are, in words."""
        kind = "regression" if self.classes is None else counted(len(self.classes), "class", "classes")
        rows, columns = self.X.shape
        text = f"{self.origin}: {counted(rows, 'sample')}, {counted(columns, 'feature')}"
        return f"{text}; target {self.target}: {kind}{f', since it {self.why}' if self.why else ''}"

    def split(self, test: float | int | None, validate: bool, seed: int) -> dict[str, Part]:
        """Return the samples to train on and, where some are held back, those for "validation" and for "test".

        Args:
            test: how many to test on, or which share of them; None for what is usual.
            validate: whether to hold back some of the others for early stopping.
            seed: of the random choice, which takes its share of each class.

        Raises:
            SettingError: one part would be empty.
            DataError: all samples to train on have the same target.
        """
        if test is None:
            test = HELD_BACK if len(self.X) >= FEWEST_TO_SPLIT else 0
        parts = {"train": (self.X, self.y)}
        for name, share in (("test", test), ("validation", HELD_BACK if validate else 0)):
            if share:
                x, other_x, y, other_y = train_test_split(*parts["train"], share, seed, self.classes is not None)
                parts = {**parts, "train": (x, y), name: (other_x, other_y)}
        if (parts["train"][1] == parts["train"][1][0]).all():
            raise DataError(
                f"{len(parts['train'][1])} of {counted(len(self.X), 'sample')} are left to train on, all with the same "
                f"{self.target}; hold back fewer, or none: --test 0"
            )
        return {name: parts[name] for name in ("train", "validation", "test") if name in parts}


def load(options: argparse.Namespace) -> Samples:
    """Return the samples that the options ask for.

    Raises:
        SettingError: options that do not go together, or have a value that cannot be.
        DataError: the file cannot be learned from.
        OSError: it cannot be read.
    """
    if options.dataset is not None and options.data is not None:
        raise SettingError(f"either the data set {options.dataset} or --data {options.data}, not both")
    if options.dataset is not None:
        _refuse(options, _READ, "a CSV file", "--data FILE")
        return _made(options)
    if options.data is None:
        raise SettingError(
            f"say what to learn: a data set ({', '.join(DATA_SETS)}), or --data FILE --target COLUMN for a CSV file"
        )
    _refuse(options, _MADE, "data sets that are made", "such as moons")
    return _read(options)


def _refuse(options: argparse.Namespace, names: Sequence[str], what: str, remedy: str) -> None:
    """Refuse options that belong to the other kind of data."""
    for name in names:
        if getattr(options, name) not in (None, []):
            raise SettingError(f"--{name.replace('_', '-')} is for {what}, {remedy}; leave it out")


def _made(options: argparse.Namespace) -> Samples:
    name = options.dataset
    arguments: dict[str, Any] = {"seed": options.seed}
    if options.samples is not None:
        arguments["n"] = options.samples
    if options.noise is not None:
        arguments["noise"] = options.noise
    if options.classes is not None:
        if name not in HOW_MANY_CLASSES:
            raise SettingError(f"--classes is for {' and '.join(HOW_MANY_CLASSES)}; {name} always has two")
        arguments[HOW_MANY_CLASSES[name]] = options.classes
    X, y = DATA_SETS[name](**arguments)  # noqa: N806  # as everywhere in the field
    classes = tuple(map(str, range(int(y.max()) + 1)))
    return Samples(name, X, y, ("x1", "x2"), "class", classes, from_file=False)


# --- CSV files --------------------------------------------------------------------------------------------------------


def format_of(options: argparse.Namespace) -> dict[str, Any]:
    """Return the arguments of ``read_csv`` that say how a file is written."""
    return {name: getattr(options, name) for name in ("header", "delimiter", "decimal", "encoding")}


def _read(options: argparse.Namespace) -> Samples:
    how = format_of(options)
    if options.target is None:
        names = read_cells(options.data, **how).names
        raise SettingError(f"say which column is to be predicted: --target COLUMN; {options.data} has {quoted(names)}")
    chosen = [options.target, *(options.features or []), *options.leave_out, *options.one_hot]
    # A number is a column's name in a file without names, and elsewhere its place; only then the names are needed.
    names = read_cells(options.data, **how).names if any(map(_is_number, chosen)) else chosen

    def columns(texts: Sequence[str]) -> list[str | int]:
        return [text if text in names or not _is_number(text) else int(text) for text in texts]

    table = read_csv(
        options.data,
        columns([options.target])[0],
        features=None if options.features is None else columns(options.features),
        leave_out=columns(options.leave_out),
        one_hot=columns(options.one_hot),
        classes={"classification": True, "regression": False, None: None}[options.task],
        **how,
    )
    assert table.y is not None
    assert table.target is not None
    if (table.y == table.y[0]).all():
        raise DataError(f"{options.data}: {table.target!r} is the same in all rows, so there is nothing to learn")
    y, classes, why = _task(table, options.task)
    return Samples(str(options.data), table.X, y, table.features, table.target, classes, why)


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?\d+", text) is not None


def _task(table: Table, task: str | None) -> tuple[NDArray[Any], tuple[str, ...] | None, str]:
    """Return the targets, the names of the classes, and why they are classes or numbers."""
    assert table.y is not None
    rows = len(table.y)
    if table.classes is not None:
        if task is None and 2 * len(table.classes) > rows:
            raise DataError(
                f"{table.target!r} is text with {len(table.classes)} different values in {counted(rows, 'row')}, "
                "which are hardly classes; choose another --target, or insist with --task classification"
            )
        return table.y, table.classes, "" if task else "is text"
    if task is None and table.y.dtype.kind == "i":
        numbers, labels = np.unique(table.y, return_inverse=True)
        if len(numbers) <= min(MOST_CLASSES, rows // 2):
            why = f"has {len(numbers)} different whole numbers (--task regression takes them as numbers)"
            return labels, tuple(map(str, numbers.tolist())), why
        return table.y, None, f"has {len(numbers)} different whole numbers"
    return table.y, None, "" if task else "is numbers"
