"""The text of a CSV file, by columns, each cell with the line it stands in."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from nn.errors import DataError, SettingError

DELIMITERS = ("\t", ";", ",")  # a comma last: between semicolons it is a decimal comma
SNIFFED = 20  # rows that are looked at to find the delimiter


@dataclass
class Cells:
    """The text of a file, by columns.

    Attributes:
        origin: what to call the file in a message.
        names: of the columns.
        columns: the cells of each, without the blanks around them.
        lines: the line each row starts in, from 1 on.
        header: whether the names stand in the file.
        decimal: "." or ",".
    """

    origin: str
    names: list[str]
    columns: list[list[str]]
    lines: list[int]
    header: bool
    decimal: str

    def index(self, column: Any) -> int:
        """Return a column's number, given its name or number."""
        if isinstance(column, str) and column in self.names:
            return self.names.index(column)
        count = len(self.names)
        if isinstance(column, (int, np.integer)) and not isinstance(column, bool) and -count <= column < count:
            return int(column) % count
        text = f"{self.origin} has no column {column!r}; its columns are {quoted(self.names, 30)}"
        if not self.header and column in [cells[0] for cells in self.columns]:
            text += f". If line {self.lines[0]} holds their names: header=True"
        raise SettingError(text)

    def column_and_value(self, feature: Any) -> tuple[int, str | None]:
        """Return a column's number, and the value if the feature is given as "column=value"."""
        if isinstance(feature, str) and feature not in self.names:
            for equals in re.finditer("=", feature):
                if feature[: equals.start()] in self.names:
                    return self.index(feature[: equals.start()]), feature[equals.end() :]
        return self.index(feature), None

    def where(self, row: int, column: int) -> str:
        """Say where a cell stands."""
        return f"{self.origin}, line {self.lines[row]}, column {self.names[column]!r}"


def read_cells(
    path: str | os.PathLike[str] | TextIO, header: bool | None, delimiter: str | None, decimal: str, encoding: str
) -> Cells:
    """Return the text of a file, by columns.

    Args:
        path: the file, or an open text file.
        header: whether the first row holds the columns' names. None: if none of its cells is a number.
        delimiter: what stands between the cells. None: a comma, a semicolon or a tab, whichever fits the first rows.
        decimal: "." or ",".
        encoding: how the characters are coded.

    Raises:
        DataError: rows of different lengths, a name that two columns bear, no rows, or a file that is not text.
        SettingError: a delimiter or an encoding that cannot be.
        OSError: the file cannot be opened.
    """
    origin, text = _text(path, encoding)
    if delimiter is None:
        delimiter = _sniffed(text)
    elif not isinstance(delimiter, str) or len(delimiter) != 1 or delimiter in '\r\n"':
        raise SettingError(f"the delimiter is one character, such as ',' or ';'; not {delimiter!r}")
    rows, lines = _rows(origin, text, delimiter)
    if header is None:
        header = bool(rows) and all(number_in(cell, decimal) is None for cell in rows[0])
    if len(rows) <= header:
        raise DataError(f"{origin} holds {'the names of columns, but no rows' if rows else 'no rows'}")
    for row, line in zip(rows, lines, strict=True):
        if len(row) != len(rows[0]):
            raise DataError(
                f"{origin}, line {line}: {counted(len(row), 'field')}, but {len(rows[0])} in "
                f"{'the header' if header else 'the first row'} (line {lines[0]}), separated by {delimiter!r}. A cell "
                'that contains the separator itself stands in quotes: "a, b"'
            )
    if header:
        names, rows, lines = rows[0], rows[1:], lines[1:]
        twice = sorted({name for name in names if name and names.count(name) > 1})
        if twice:
            raise DataError(f"{origin}: two columns bear the name {quoted(twice)}; give each column a name of its own")
    else:
        names = [str(i) for i in range(len(rows[0]))]
    columns = [list(column) for column in zip(*rows, strict=True)]
    return Cells(origin, names, columns, lines, bool(header), decimal)


def _text(path: Any, encoding: str) -> tuple[str, str]:
    """Return what to call a file in a message, and all that stands in it."""
    if hasattr(path, "read"):
        text = path.read()
        if not isinstance(text, str):
            raise SettingError(f"an open file is read as text, open(path, newline=''), not in binary mode: {path!r}")
        return str(getattr(path, "name", "the text")), text.removeprefix("\ufeff")
    if not isinstance(path, (str, os.PathLike)):
        raise SettingError(f"a CSV file is given by its path, or as an open text file; not {path!r}")
    origin, raw = os.fspath(path), Path(path).read_bytes()
    try:
        text = raw.decode(encoding)
    except LookupError:
        raise SettingError(f"there is no encoding {encoding!r}; try 'utf-8' or 'cp1252'") from None
    except UnicodeError as error:
        raise DataError(
            f"{origin} is not text in {encoding.removesuffix('-sig')}: {error}. A spreadsheet has to be saved as CSV "
            "first, and a compressed file unpacked; an older text file may want encoding='cp1252', or 'utf-16'"
        ) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise DataError(f"{origin} is a binary file, not text: a zero byte stands in line {line}")
    return origin, text


def _sniffed(text: str) -> str:
    """Return the delimiter that cuts the first rows into equally many cells, or else the first row into the most."""
    counts: dict[str, list[int]] = {}
    for delimiter in DELIMITERS:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
        counts[delimiter] = []
        try:
            for row in reader:
                if row:
                    counts[delimiter].append(len(row))
                if len(counts[delimiter]) == SNIFFED:
                    break
        except csv.Error:  # told by _rows
            pass
    for delimiter, lengths in counts.items():
        if len(set(lengths)) == 1 and lengths[0] > 1:
            return delimiter
    return max(reversed(DELIMITERS), key=lambda delimiter: max(counts[delimiter][:1], default=0))


def _rows(origin: str, text: str, delimiter: str) -> tuple[list[list[str]], list[int]]:
    """Return the cells of each row that is not blank, and the line it starts in."""
    rows, lines = [], []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True)
    line = 1
    try:
        for row in reader:
            row = [cell.strip() for cell in row]
            if row and row != [""]:
                rows.append(row)
                lines.append(line)
            line = reader.line_num + 1
    except csv.Error as error:
        raise DataError(f"{origin}, line {line}: {error}") from None
    return rows, lines


def number_in(text: str, decimal: str) -> float | None:
    """Return the number that a cell holds, or None if it is no number.

    >>> number_in("1,5", ","), number_in("1e-3", "."), number_in("12_345", ".")
    (1.5, 0.001, None)
    """
    if decimal == ",":
        if "." in text:
            return None
        text = text.replace(",", ".")
    if "_" in text:  # which Python allows between digits
        return None
    try:
        return float(text)
    except ValueError:
        return None


def counted(count: int, one: str, many: str | None = None) -> str:
    """Return a number of things in words, such as "1 row" and "2 rows"."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def listed(names: Sequence[str], most: int = 8) -> str:
    """Return the first names with commas between them, and how many more there are."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def quoted(names: Sequence[str], most: int = 8) -> str:
    """Return the first names in quotes, and how many more there are."""
    return listed([repr(name) for name in names], most)
