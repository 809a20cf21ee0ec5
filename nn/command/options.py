"""The options of ``glassgrad train`` and ``glassgrad predict``, and error messages in the words of the command line."""

from __future__ import annotations

import argparse
import ast
import re
import shlex
import textwrap
from collections.abc import Callable
from pathlib import Path

from nn.command.data import DATA_SETS
from nn.layers import activations
from nn.optimizers import SGD, VSGD, Adadelta, Adagrad, Adam, AdamW, AdaSecant, Optimizer, RMSprop

#   name          class      learning rate that suits small networks; None where it finds its own
OPTIMIZERS: dict[str, tuple[Callable[..., Optimizer], float | None]] = {
    "sgd":       (SGD,       0.1),
    "adagrad":   (Adagrad,   0.1),
    "rmsprop":   (RMSprop,   0.01),
    "adadelta":  (Adadelta,  1.0),
    "adam":      (Adam,      0.01),
    "adamw":     (AdamW,     0.01),
    "adasecant": (AdaSecant, None),
    "vsgd":      (VSGD,      None),
}  # fmt: skip

TRAIN_EXAMPLES = """\
examples:
  glassgrad train moons --hidden 16 16 --epochs 100 --plot run.svg
  glassgrad train xor --hidden 4 --activation tanh --epochs 300
  glassgrad train --data iris.csv --target species --leave-out id --save iris.npz
  glassgrad train --data houses.csv --target price --one-hot city --epochs 500 --checkpoint run.npz --resume
"""

PREDICT_EXAMPLES = """\
examples:
  glassgrad predict iris.npz --data flowers.csv
  glassgrad predict iris.npz --data flowers.csv --output predictions.csv
"""


def add_train_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``glassgrad train``."""
    _describe(
        parser,
        "glassgrad train [dataset | --data FILE --target COLUMN] [option ...]",
        "Train a multi-layer perceptron on a data set or on a CSV file, and say how well it does. A target of text, "
        "or of a few different whole numbers, is learned as classes, any other as a number. Progress goes to the "
        "standard error output, the result to the standard output. Ctrl-C ends the training after the present step; "
        "everything is then written as if it had been planned, and the exit status is 130.",
        TRAIN_EXAMPLES,
    )

    made = parser.add_argument_group("a data set that is made")
    made.add_argument("dataset", nargs="?", choices=DATA_SETS, metavar="dataset", help=", ".join(DATA_SETS))
    made.add_argument("--samples", type=_whole(1), metavar="N", help="how many points (default 100; 4 for a gate)")
    made.add_argument("--noise", type=float, metavar="σ", help="standard deviation of the noise on them")
    made.add_argument("--classes", type=_whole(2), metavar="K", help="how many classes, of spirals and blobs")

    file = parser.add_argument_group("or a CSV file of your own")
    file.add_argument("--data", type=Path, metavar="FILE", help="the file")
    file.add_argument("--target", metavar="COLUMN", help="the column to be predicted: its name, or -1 for the last")
    file.add_argument("--features", nargs="+", metavar="COLUMN", help="to learn from (default: all but the target)")
    file.add_argument("--leave-out", nargs="+", default=[], metavar="COLUMN", help="not to learn from")
    file.add_argument("--one-hot", nargs="+", default=[], metavar="COLUMN", help="text: a 0/1 column for each value")
    file.add_argument("--task", choices=("classification", "regression"), help="default: decided by the target")
    _add_format_options(file)

    model = parser.add_argument_group("the model and its training")
    add = model.add_argument
    add(
        "--hidden",
        type=_whole(1),
        nargs="*",
        default=[16, 16],
        metavar="N",
        help="neurons in each hidden layer (16 16)",
    )
    add("--activation", choices=activations(), default="relu", metavar="NAME", help="of the hidden layers (relu)")
    add("--epochs", type=_whole(1), default=100, metavar="N", help="how often to go through the data (100)")
    add("--batch-size", type=_whole(1), default=32, metavar="N", help="samples per step (32; all if there are fewer)")
    add("--optimizer", choices=OPTIMIZERS, default="adam", metavar="NAME", help=f"{', '.join(OPTIMIZERS)} (adam)")
    add("--learning-rate", type=float, metavar="η", help="default: one that suits the optimizer; 0.01 for adam")
    add("--l2", type=float, default=0.0, metavar="λ", help="penalty λ Σ w² on the weights without biases (0)")
    add("--test", type=_share, metavar="SHARE", help="held back for testing: a share, or how many samples (0.2; none "
        "of fewer than 20 samples). Nothing depends on them; their curves are called validation")  # fmt: skip
    add("--early-stopping", type=_whole(1), metavar="N", help="stop after N epochs without a better loss on a fifth of "
        "the samples, held back for it beside those for testing, and keep the best weights")  # fmt: skip
    add("--standardise", "--standardize", action=argparse.BooleanOptionalAction, help="bring each column to mean 0 and "
        "standard deviation 1, with the numbers of the training data (done for a CSV file)")  # fmt: skip
    add("--seed", type=_whole(0), default=0, metavar="N", help="of all random draws; the same seed, the same model (0)")

    files = parser.add_argument_group("what is written", "A file that exists is replaced when the new one is complete.")
    files.add_argument("--save", type=Path, metavar="MODEL.npz", help="the model, for predict and nn.load_model")
    files.add_argument("--plot", type=Path, metavar="FILE", help="the curves, as .svg, .png or .pdf; needs matplotlib")
    files.add_argument(
        "--checkpoint", type=Path, metavar="RUN.npz", help="the run, now and then and at its end, for --resume"
    )
    files.add_argument("--resume", action="store_true", help="go on from the checkpoint, if there is one")
    files.add_argument("--quiet", action="store_true", help="print nothing but errors")


def add_predict_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``glassgrad predict``."""
    _describe(
        parser,
        "glassgrad predict model.npz --data FILE [option ...]",
        "Let a model that glassgrad train has saved predict its target for each row of a CSV file: as CSV again, with "
        "the probability of each class. Columns are found by their names, in any order; others are passed over.",
        PREDICT_EXAMPLES,
    )
    parser.add_argument("model", type=Path, metavar="model.npz", help="what glassgrad train --save wrote")
    parser.add_argument("--data", type=Path, required=True, metavar="FILE", help="the CSV file")
    parser.add_argument("--output", type=Path, metavar="FILE", help="where to (default: the standard output); a file "
        "that exists is replaced")  # fmt: skip
    parser.add_argument("--score", action="store_true", help="the file has the target, too: say, on the standard error "
        "output, how good the predictions are")  # fmt: skip
    _add_format_options(parser)


def _describe(parser: argparse.ArgumentParser, usage: str, description: str, examples: str) -> None:
    parser.usage, parser.description, parser.epilog = usage, textwrap.fill(description, 79), examples
    parser.formatter_class = argparse.RawDescriptionHelpFormatter


def _add_format_options(parser: argparse._ActionsContainer) -> None:
    parser.add_argument("--header", action=argparse.BooleanOptionalAction, help="whether the first line holds the "
        "names of the columns (default: if there is no number in it)")  # fmt: skip
    parser.add_argument("--delimiter", type=_delimiter, metavar="CHAR", help="between the cells (default: found out)")
    parser.add_argument(
        "--decimal", choices=(".", ","), default=".", metavar="CHAR", help="before the decimals of a number: . or , (.)"
    )
    parser.add_argument("--encoding", default="utf-8-sig", metavar="NAME", help="of the characters (utf-8)")


def _whole(least: int) -> Callable[[str], int]:
    """Return what reads a whole number of at least so much."""

    def whole(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = least - 1
        if number < least:
            raise argparse.ArgumentTypeError(f"a whole number of at least {least}, not {text!r}")
        return number

    return whole


def _delimiter(text: str) -> str:
    """Return a delimiter; a tab may be written as a backslash and a t, which a shell hands on as they are."""
    return text.replace("\\t", "\t")


def _share(text: str) -> float | int:
    """Return a share such as 0.2, or a number of samples."""
    try:
        return float(text) if "." in text else int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"a share such as 0.2, or a number of samples such as 30; not {text!r}"
        ) from None


# --- error messages ---------------------------------------------------------------------------------------------------

_ARGUMENT = re.compile(
    r"\b(leave_out|one_hot|features|classes|header|delimiter|decimal|encoding|test|checkpoint|resume|seed)="
    r"(\[[^\]]*\]|'[^']*'|\"[^\"]*\"|[\w.]+)"
)


def in_options(message: str) -> str:
    """Return an error message of nn's functions with their arguments written as options of the command line.

    >>> in_options("leave it out, leave_out=['a', 'my column'], or classes=True")
    "leave it out, --leave-out a 'my column', or --task classification"
    """
    return _ARGUMENT.sub(_option, message)


def _option(argument: re.Match[str]) -> str:
    name, text = argument.groups()
    try:
        given = ast.literal_eval(text)
    except (SyntaxError, ValueError):
        return argument[0]
    if name == "classes" and given is True:
        return "--task classification"
    values = given if isinstance(given, list) else [] if given is True else [given]
    return " ".join([f"--{name.replace('_', '-')}", *(shlex.quote(str(value)) for value in values)])
