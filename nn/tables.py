r"""Tables of numbers and text: a CSV file of the user's own as arrays to learn from.

>>> import io
>>> table = read_csv(io.StringIO("width,height,kind\n1.5,0.2,oak\n4,1.3,elm\n"), target="kind")
>>> table
Table(2 rows, 2 features: width, height; target kind with 2 classes: elm, oak)
>>> table.X
array([[1.5, 0.2],
       [4. , 1.3]])
>>> table.y
array([1, 0])
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from nn.cells import Cells, counted, listed, number_in, quoted, read_cells
from nn.errors import DataError, SettingError


@dataclass(frozen=True, eq=False, repr=False)
class Table:
    """What a CSV file holds, as arrays.

    Attributes:
        X: the features, shape (n, d).
        y: the target, shape (n,): class numbers 0, …, K - 1 if there are classes; else the numbers of the column, whole
            ones as integers; None where no target was asked for.
        features: the names of X's columns; "colour=red" is 1 where the column colour says red, and 0 elsewhere.
        target: the name of the target column, or None.
        classes: what the class numbers stand for, or None if the target is numbers.
    """

    X: NDArray[np.float64]
    y: NDArray[np.float64] | NDArray[np.int64] | None
    features: tuple[str, ...]
    target: str | None = None
    classes: tuple[str, ...] | None = None

    def __repr__(self) -> str:
        rows, columns = self.X.shape
        text = f"{counted(rows, 'row')}, {counted(columns, 'feature')}: {listed(self.features)}"
        if self.target is not None:
            text += f"; target {self.target}"
        if self.classes is not None:
            text += f" with {counted(len(self.classes), 'class', 'classes')}: {listed(self.classes)}"
        return f"Table({text})"


def read_csv(
    path: str | os.PathLike[str] | TextIO,
    target: str | int | None = None,
    *,
    features: Sequence[str | int] | None = None,
    leave_out: Sequence[str | int] = (),
    one_hot: Sequence[str | int] = (),
    classes: Sequence[str] | bool | None = None,
    header: bool | None = None,
    delimiter: str | None = None,
    decimal: str = ".",
    encoding: str = "utf-8-sig",
) -> Table:
    r"""Read a CSV file as arrays to learn from, and refuse what could not be learned from.

    A column is chosen by its name, or by its number from 0 on, or from -1 on backwards. In a file without names the
    numbers are the names. Nothing is guessed about empty cells or text: each is an error that names the line.

    Args:
        path: the file, or an open text file.
        target: the column to be predicted; None if all columns are features.
        features: the columns to learn from, in this order; by default all but the target. "colour=red" stands for a
            column of 1 where colour is red and 0 elsewhere; if several colours are listed, there may be no other. To
            read more data for a trained model, hand on the ``features`` (and ``classes``) of the Table that it was
            trained on.
        leave_out: columns that are no features, such as row numbers and names.
        one_hot: columns of text (or of numbers that are only names), each to become a column of 0 and 1 for each value.
        classes: whether the target holds classes. None: if it is text. True: even if it is numbers. False: it is
            numbers. Names, such as ("no", "yes"), say which is class 0, which 1 and so on; else they are sorted.
        header: whether the first row holds the columns' names. None: if none of its cells is a number.
        delimiter: what stands between the cells. None: a comma, a semicolon or a tab, whichever fits the first rows.
        decimal: what stands before the decimals of a number: "." or ",".
        encoding: how the characters are coded; "cp1252" for an older file from Windows.

    Raises:
        DataError: rows of different lengths, an empty cell, text among the features, nan or infinity, a label that is
            none of the classes, a name that two columns bear, no rows, or a file that is not text. The message names
            the line.
        SettingError: an option that cannot be, such as a column that there is not.
        OSError: the file cannot be opened.

    >>> import io
    >>> text = "colour;size;price\nred;1,5;3\nblue;2;4\n"
    >>> table = read_csv(io.StringIO(text), "price", one_hot=["colour"], decimal=",")
    >>> table.features, table.X.tolist(), table.y.tolist()
    (('colour=blue', 'colour=red', 'size'), [[0.0, 1.0, 1.5], [1.0, 0.0, 2.0]], [3, 4])
    """
    if decimal not in (".", ","):
        raise SettingError(f"decimal is '.' or ',', what stands before the decimals of a number; not {decimal!r}")
    cells = read_cells(path, header, delimiter, decimal, encoding)
    goal = None if target is None else cells.index(target)
    excluded = {cells.index(column) for column in _several("leave_out", leave_out)} | {goal}
    split_up = {cells.index(column) for column in _several("one_hot", one_hot)}
    if features is None:
        chosen: list[tuple[int, str | None]] = [(i, None) for i in range(len(cells.names)) if i not in excluded]
    else:
        chosen = [cells.column_and_value(feature) for feature in _several("features", features)]
        if len(set(chosen)) < len(chosen):
            raise SettingError(f"a column stands twice in features={features!r}")
    for i in [*split_up, *(i for i, _ in chosen)]:
        if i in excluded:
            raise SettingError(f"{cells.names[i]!r} is {'the target' if i == goal else 'left out'}, and no feature")
    columns = _features(cells, chosen, split_up)
    if not columns:
        raise SettingError(f"no column is left to learn from: {cells.origin} has {quoted(cells.names)}")
    numbers = np.stack(list(columns.values()), axis=1)
    if goal is None:
        return Table(numbers, None, tuple(columns))
    y, names = _target(cells, goal, classes)
    return Table(numbers, y, tuple(columns), cells.names[goal], names)


def _features(cells: Cells, chosen: list[tuple[int, str | None]], split_up: set[int]) -> dict[str, NDArray[np.float64]]:
    """Return the chosen columns as numbers, by name."""
    known: dict[int, list[str]] = {}  # the values of each column that is split up
    for i, value in chosen:
        if value is not None:
            known.setdefault(i, []).append(value)
        elif i in split_up:
            known[i] = _distinct(cells, i)
        elif not cells.names[i]:
            raise DataError(
                f"{cells.origin}: column {i} has no name. If it is of no use, leave it out: leave_out=[{i}]; else give "
                "it a name in the header"
            )
    for i, values in known.items():
        _check_known(cells, i, values, "values", any_other=len(values) == 1)  # which is a question with yes or no
    _check_numbers(cells, [i for i, _ in chosen if i not in known])
    columns: dict[str, NDArray[np.float64]] = {}
    for i, value in chosen:
        if i not in known:
            leave_out = f"Fill it in, delete the line, or leave the column out: leave_out=[{cells.names[i]!r}]"
            columns[cells.names[i]] = _numbers(cells, i, leave_out)
        else:
            for part in known[i] if value is None else [value]:
                columns[f"{cells.names[i]}={part}"] = np.array([float(cell == part) for cell in cells.columns[i]])
    return columns


def _check_numbers(cells: Cells, chosen: list[int]) -> None:
    """Refuse columns that hold text, all at once."""
    texts = [i for i in chosen if all(number_in(cell, cells.decimal) is None for cell in cells.columns[i])]
    if texts:
        names = [cells.names[i] for i in texts]
        remedy = "If the cells are separated by blanks: delimiter=' '"
        if len(cells.names) > 1:
            remedy = (
                f"{'This column' if len(texts) == 1 else f'The columns {quoted(names)}'} can be left out, "
                f"leave_out={names!r}, or become a column of 0 and 1 for each value, one_hot={names!r}"
            )
        raise DataError(f"{cells.where(0, texts[0])}: {_odd(cells, cells.columns[texts[0]][0])}. {remedy}")


def _check_known(cells: Cells, i: int, values: Sequence[str], what: str, any_other: bool = False) -> None:
    """Refuse a cell that is empty, or none of the values."""
    known = set(values)
    for row, cell in enumerate(cells.columns[i]):
        if not cell:
            raise DataError(f"{cells.where(row, i)}: the cell is empty. Fill it in, or delete the line")
        if not any_other and cell not in known:
            raise DataError(f"{cells.where(row, i)}: {cell!r} is none of the known {what}, {quoted(values)}")


def _numbers(cells: Cells, i: int, remedy: str) -> NDArray[np.float64]:
    """Return a column as numbers, all of them finite."""
    numbers = []
    for row, cell in enumerate(cells.columns[i]):
        x = number_in(cell, cells.decimal)
        if x is None or not math.isfinite(x):
            if row == 0 and not cells.header and cell:
                remedy = "If this line holds the names of the columns: header=True"
            raise DataError(f"{cells.where(row, i)}: {_odd(cells, cell)}. {remedy}")
        numbers.append(x)
    return np.array(numbers)


def _odd(cells: Cells, cell: str) -> str:
    """Say what a cell is instead of a finite number."""
    if not cell:
        return "the cell is empty"
    if number_in(cell, cells.decimal) is not None:
        return f"{cell!r} is not a finite number"
    if re.fullmatch(r"[+-]?\d+[.,]\d+", cell):
        return f"{cell!r} is not a number with decimal={cells.decimal!r}"
    return f"{cell!r} is not a number"


def _target(
    cells: Cells, i: int, classes: Sequence[str] | bool | None
) -> tuple[NDArray[np.float64] | NDArray[np.int64], tuple[str, ...] | None]:
    """Return the target as numbers, or as class numbers with what they stand for."""
    column = cells.columns[i]
    if classes is None:
        classes = all(number_in(cell, cells.decimal) is None for cell in column)
    if classes is False:
        numbers = _numbers(cells, i, "Mend or delete the line; or, if these are names of classes: classes=True")
        if all(re.fullmatch(r"[+-]?\d{1,15}", cell) for cell in column):
            return numbers.astype(np.int64), None
        return numbers, None
    names = _distinct(cells, i) if classes is True else [str(name) for name in _several("classes", classes)]
    numbers_of = {name: number for number, name in enumerate(names)}
    if len(numbers_of) < len(names):
        raise SettingError(f"a class stands twice in classes={names!r}")
    _check_known(cells, i, names, "classes")
    return np.array([numbers_of[cell] for cell in column], dtype=np.int64), tuple(names)


def _distinct(cells: Cells, i: int) -> list[str]:
    """Return the different values of a column, in the order of the numbers if they are numbers, else as text."""
    values = sorted({cell for cell in cells.columns[i] if cell})
    numbers = {value: number_in(value, cells.decimal) for value in values}
    if all(x is not None and math.isfinite(x) for x in numbers.values()):
        values.sort(key=lambda value: numbers[value] or 0.0)
    return values


def _several(what: str, given: Any) -> list[Any]:
    if isinstance(given, str) or not isinstance(given, (Sequence, np.ndarray)):
        raise SettingError(f"{what} is a list, as in {what}=['age', 'height']; not {given!r}")
    return list(given)
