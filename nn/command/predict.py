"""``glassgrad predict``: a model's file and a CSV file → predictions."""

from __future__ import annotations

import argparse
import csv
import io
import sys
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from nn import training
from nn.cells import counted
from nn.command import files
from nn.command.data import format_of
from nn.command.description import Description
from nn.errors import DataError
from nn.saving import load_model
from nn.tables import Table, read_csv

Array = NDArray[np.float64]


def predict(options: argparse.Namespace) -> int:
    """Write a line of CSV for each row of the data: the prediction and, of classes, the probability of each.

    Args:
        options: what ``add_predict_options`` declares.

    Returns:
        0.

    Raises:
        AutogradError: the model's file is no such, or the data do not fit it: the message names the column, or the
            line. Nothing is written.
        OSError: a file cannot be read or written.
    """
    files.check({"--output": options.output}, {"the model": options.model, "--data": options.data})
    model = load_model(options.model)
    description = Description.of_file(options.model, model)
    table = _read(options, description)
    outputs = training.predict(model, description.scaled(table.X))
    if description.classes is None:
        text = _csv([description.target], ([x] for x in description.numbers(outputs).tolist()))
    else:
        probabilities = description.probabilities(outputs)
        head = [description.target, *(f"P({name})" for name in description.classes)]
        best = [description.classes[k] for k in probabilities.argmax(axis=1)]
        text = _csv(head, ([name, *row] for name, row in zip(best, probabilities.tolist(), strict=True)))
    if options.output is None:
        sys.stdout.write(text)
        sys.stdout.flush()
    else:
        files.write(options.output, text.encode())
        print(f"wrote {counted(len(outputs), 'prediction')} to {options.output}")  # noqa: T201
    if options.score:
        assert table.y is not None
        print(description.score(outputs, table.y), file=sys.stderr)  # noqa: T201
    return 0


def _read(options: argparse.Namespace, description: Description) -> Table:
    """Return the columns that the model takes, in its order; with ``--score`` the target, too."""
    try:
        return read_csv(
            options.data,
            description.target if options.score else None,
            features=description.columns,
            classes=False if description.classes is None else description.classes,
            **format_of(options),
        )
    except DataError as error:
        what, _, remedy = str(error).partition(". ")
        if "leave_out" not in remedy:
            raise
        raise DataError(f"{what}, and the model needs a number there") from None  # it cannot do without the column


def _csv(head: list[str], rows: Iterable[list[object]]) -> str:
    """Return lines of CSV; floats with all their digits."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue()
