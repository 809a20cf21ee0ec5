"""The command line: ``glassgrad trace "(x + y) * z" x=-2 y=5 z=-4 --svg graph.svg``, ``ops``, ``train``, ``predict``.

``python -m autograd`` is the same command. Errors are one line and exit status 2; Ctrl-C is exit status 130. What a
command needs beyond autograd is imported when that command runs.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from autograd.errors import AutogradError, ExpressionError, InputError
from autograd.expression import trace
from autograd.graph import BackwardStep, ForwardStep, Graph
from autograd.ops import CONSTANT, DOT, REDUCTIONS, TABLE
from autograd.table import columns, formula, names_of, number_text

if TYPE_CHECKING:
    from nn.command import Trained

STYLES = ("boxes", "circuit", "micrograd")  # viz's, which is not imported for the sake of a help text
FILES = {  # what trace can write, by option: the file's suffix, and the help
    "svg": ("svg", "write the picture as SVG"),
    "dot": ("dot", "write the picture as DOT text"),
    "png": ("png", "write the picture as PNG, which needs the program dot"),
    "pdf": ("pdf", "write the picture as PDF, which needs the program dot"),
    "animate": ("svg", "write both passes, step by step, as an SVG that plays in any image"),
    "html": ("html", "write a live page with sliders and steps, one file that any browser shows"),
}
OTHER_FORMATS = ("jpg", "jpeg", "gif", "md", "mmd")  # that a file's name may wrongly say

NO_DATE = {"svg": "Date", "pdf": "CreationDate"}

TRACE_EXAMPLES = """\
examples:
  glassgrad trace 'q = x + y; f = q * z' x=-2 y=5 z=-4 --svg graph.svg
  glassgrad trace 'sigmoid(w * x + b)' w=2 x=-1 b=3 --steps --explain w
  glassgrad trace 'tanh(w * x + b)' w=2 x=-1 b=3 --html page.html --animate steps.svg
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status: 0, 2 after an error, 130 after Ctrl-C."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    if arguments is None:
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # of a terminal that has no ∂
    message: Callable[[str], str] = str
    try:
        command = given[0] if given else ""
        if command in ("train", "predict"):
            from nn.command.options import in_options

            message = in_options
        if command == "trace":
            # argparse takes "-x * y" for options unless it holds a space.
            given = [f" {text}" if text[:1] == "-" and text[:2] not in ("--", "-h") else text for text in given]
        options = _parser(command).parse_args(given)
        status: int = options.run(options)
    except BrokenPipeError:  # the reader, `head` say, has seen enough
        sys.stderr.close()
        return 0
    except KeyboardInterrupt:
        print("glassgrad: interrupted", file=sys.stderr)  # noqa: T201
        return 130
    except (AutogradError, OSError) as error:
        text = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) and error.filename else str(error)
        print(f"glassgrad: {message(' '.join(text.split()))}", file=sys.stderr)  # noqa: T201
        return 2
    return status


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help\n")


class _Version(argparse.Action):
    """The option ``--version``, which looks it up only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(f"glassgrad {version('glassgrad')}")  # noqa: T201
        except PackageNotFoundError:
            print("glassgrad, not installed: a folder of source files")  # noqa: T201
        parser.exit()


def _parser(command: str) -> argparse.ArgumentParser:
    """Return the parser of the command line; ``train`` and ``predict`` know their options if they are the command."""
    parser = _Parser(prog="glassgrad", description="A scalar autograd engine you can see through.", allow_abbrev=False)
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    tracing = commands.add_parser(
        "trace",
        help="evaluate and differentiate an expression, and draw it",
        description="Print each node's formula, value and gradient.",
        epilog=TRACE_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    tracing.add_argument("expression", help="such as '(x + y) * z', or 'q = x + y; f = q * z'")
    tracing.add_argument("values", nargs="*", metavar="name=value", help="a number for each name")
    tracing.add_argument("--steps", action="store_true", help="print every forward and backward step with its numbers")
    tracing.add_argument("--explain", action="append", default=[], metavar="NAME", help="explain the gradient of this "
        "name by the paths of the chain rule; can be given several times")  # fmt: skip
    for option, (_, text) in FILES.items():
        tracing.add_argument(f"--{option}", type=Path, metavar="FILE", help=text)
    tracing.add_argument("--style", choices=STYLES, default="boxes", help="of the picture (default: boxes)")
    tracing.set_defaults(run=_trace)
    listing = commands.add_parser(
        "ops",
        help="print the table of operations",
        description="Print the table of operations: formula, slopes, domain and conventions of each.",
        epilog="example:\n  glassgrad ops",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    listing.set_defaults(run=_ops)
    training = commands.add_parser("train", help="train a small network on data", allow_abbrev=False)
    predicting = commands.add_parser("predict", help="let a trained network predict", allow_abbrev=False)
    if command in ("train", "predict"):
        from nn.command import add_predict_options, add_train_options, predict

        add_train_options(training)
        add_predict_options(predicting)
        training.set_defaults(run=_train)
        predicting.set_defaults(run=predict)
    return parser


# --- trace ------------------------------------------------------------------------------------------------------------


def _trace(options: argparse.Namespace) -> int:
    files = {option: path for option in FILES if (path := getattr(options, option)) is not None}
    for option, path in files.items():
        _check_suffix(path, option)
    try:
        graph = trace(options.expression, _values(options.values))
    except ExpressionError as error:
        raise ExpressionError(f"{error}{_suggestion(str(error))}") from None
    if graph.output.label is None:
        graph.output.label = next(name for name in ("f", "out", "result", "_") if name not in names_of(graph).values())
    graph.output.backward()
    texts = [_steps(graph) if options.steps else _nodes(graph)]
    if options.explain:
        from autograd.explain import explain

        texts += [str(explain(graph, name)) for name in options.explain]
    print("\n\n".join(texts))  # noqa: T201
    if files:
        from viz import draw

        drawing = draw(graph, style=options.style)
        for option, path in files.items():
            if option == "html":
                drawing.interactive().save(path)
            elif option == "animate":
                drawing.animate().save(path)
            else:
                drawing.save(path, format=option)
            print(f"wrote {path}")  # noqa: T201
    return 0


def _check_suffix(path: Path, option: str) -> None:
    """Refuse a name that says another format than its option."""
    said = path.suffix.removeprefix(".").lower()
    wanted = FILES[option][0]
    if said != wanted and said in (*FILES, *OTHER_FORMATS):
        remedy = f"--{said} {path}" if said in FILES else f"--{option} {path.with_suffix(f'.{wanted}')}"
        raise InputError(f"--{option} writes {wanted.upper()}, which is not what {path} is called; write {remedy}")


def _suggestion(message: str) -> str:
    """Return what may have been meant by a function that there is not, as a message names it."""
    unknown = message.partition("there is no function '")[2].partition("'")[0]
    known = get_close_matches(unknown, [*TABLE, *REDUCTIONS], n=3)
    return f"; did you mean {' or '.join(map(repr, known))}?" if known else ""


def _values(pairs: Sequence[str]) -> dict[str, float]:
    values: dict[str, float] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        name = name.strip()
        if not equals or not name.isidentifier():
            raise InputError(f"{pair!r} is not a value for a name; write it as x=1.5")
        if name in values:
            raise InputError(f"{name!r} has two values: {values[name]:g} and {text}")
        try:
            values[name] = float(text)
        except ValueError:
            raise InputError(f"{pair!r}: {text!r} is not a number; write it as {name}=1.5") from None
    return values


def _nodes(graph: Graph) -> str:
    """Return a line for each node: name, formula, value, gradient."""
    names = names_of(graph)
    rows = [("node", "formula", "value", "gradient")]
    if graph.output.op is CONSTANT:  # which receives no gradient
        rows.append((str(graph.output.label), "a constant", number_text(graph.output.data), ""))
    for node in graph.nodes:
        if node.op is not CONSTANT:
            made = formula(node, names) if not node.is_leaf else ""
            rows.append((names[node], made, number_text(node.data), number_text(node.grad)))
    return columns(rows, right=(2, 3))


def _steps(graph: Graph) -> str:
    """Return every forward and backward step, with the chain rule in symbols and in numbers."""
    names = names_of(graph)
    output = names[graph.output]
    if graph.output.op is CONSTANT:
        return f"{graph.output.label} = {output} is a constant: there is nothing to differentiate by"
    lines = ["forward"]
    leaves = [node for node in graph.leaves if node.op is not CONSTANT]
    rows = [(f"  {names[node]}", f"= {number_text(node.data)}", "") for node in leaves]
    backward = [(f"  ∂{output}/∂{output}", "", "", "= 1")]
    for step in graph.steps():
        name = names[step.node]
        if isinstance(step, ForwardStep):
            numbers = {parent: number_text(parent.data) for parent in step.node.parents}
            worked = f"= {formula(step.node, numbers)} = {number_text(step.data)}"
            rows.append((f"  {name}", f"= {formula(step.node, names)}", worked))
        elif isinstance(step, BackwardStep):
            for part in step.contributions:
                if part.operand.op is CONSTANT:
                    continue
                operand = names[part.operand]
                added = f"{number_text(part.before)} + " if part.before else ""
                sum_sign = "+=" if added or not part.final else "="
                backward.append(
                    (
                        f"  ∂{output}/∂{operand}",
                        f"{sum_sign} ∂{output}/∂{name} · ∂{name}/∂{operand}",
                        f"= {added}{number_text(step.gradient)} · {number_text(part.local)}",
                        f"= {number_text(part.total)}{'' if part.final else ' so far'}",
                    )
                )
    lines += [columns(rows), "", "backward", columns(backward)]
    return "\n".join(lines)


# --- ops --------------------------------------------------------------------------------------------------------------


def _ops(_options: argparse.Namespace) -> int:
    rows = [("operation", "z", "∂z/∂ each argument", "domain and conventions")]
    for op in TABLE.values():
        call = f"{op.name}({', '.join(op.arguments)})"
        slopes = "\n".join(f"{name}: {text}" if len(op.arguments) > 1 else text
                           for name, text in zip(op.arguments, op.partials, strict=True))  # fmt: skip
        rows.append((call, op.formula, slopes, op.domain.text + (f"; {op.note}" if op.note else "")))
    reductions: dict[str, Any] = {**REDUCTIONS, "dot": DOT}
    for name, row in reductions.items():
        call = "dot(weights, inputs, bias)" if name == "dot" else f"{name}(values)"
        rows.append((call, "any number of operands", "", str(row.note)))
    print(columns(rows, wrap=(None, 30, 42, 46)))  # noqa: T201
    return 0


# --- train ------------------------------------------------------------------------------------------------------------


def _train(options: argparse.Namespace) -> int:
    from nn.command import train

    if options.plot is None:
        return train(options)
    try:
        import viz.plots  # noqa: F401  # now, for without matplotlib it is better not to begin
    except ImportError as error:
        raise AutogradError(f"--plot: {error}") from None
    return train(options, _plot)


def _plot(path: Path, run: Trained) -> None:
    """Write a picture of a run's curves and, where there are classes and two features, of who gets which area."""
    import io

    import matplotlib as mpl
    import numpy as np
    from matplotlib import pyplot

    from nn.command.files import write
    from viz.plots.curves import plot_run
    from viz.plots.plane import MOST_CLASSES

    mpl.use("agg")  # which opens no window, wherever the command runs
    samples, boundary = run.samples, {}
    if samples.classes is not None and samples.X.shape[1] == 2 and len(samples.classes) <= MOST_CLASSES:
        names = np.array(samples.classes)
        boundary = {"model": run.model, "X": samples.X, "y": names[samples.y], "classes": names}
        boundary["features"] = samples.columns
    kind = path.suffix.removeprefix(".").lower()
    content = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "glassgrad"}):  # the same run, the same file
        figure = plot_run(run.history, **boundary)
        figure.savefig(content, format=kind, metadata=None if kind == "png" else {NO_DATE[kind]: None})
    pyplot.close(figure)
    write(path, content.getvalue())


if __name__ == "__main__":
    sys.exit(main())
