"""The command line: ``glassgrad trace "(x + y) * z" x=-2 y=5 z=-4 --svg graph.svg``, ``glassgrad ops``.

``python -m autograd`` is the same command. Errors are one line and exit status 2.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from autograd.errors import AutogradError, InputError
from autograd.expression import trace
from autograd.graph import BackwardStep, ForwardStep, Graph
from autograd.ops import CONSTANT, DOT, REDUCTIONS, TABLE
from autograd.table import columns, formula, names_of, number_text


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status: 0, or 2 after an error."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    # argparse takes "-x * y" for options unless it holds a space.
    options = _parser().parse_args(
        [f" {text}" if text[:1] == "-" and text[:2] not in ("--", "-h") else text for text in given]
    )
    try:
        status: int = options.run(options)
    except BrokenPipeError:  # the reader, `head` say, has seen enough
        sys.stderr.close()
        return 0
    except (AutogradError, OSError) as error:
        print(f"glassgrad: {error}", file=sys.stderr)  # noqa: T201
        return 2
    return status


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="glassgrad", description="A scalar autograd engine you can see through.", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    tracing = commands.add_parser(
        "trace",
        help="evaluate and differentiate an expression, and draw it",
        description="Print each node's formula, value and gradient. "
        "Example: glassgrad trace 'q = x + y; f = q * z' x=-2 y=5 z=-4 --svg graph.svg",
        allow_abbrev=False,
    )
    tracing.add_argument("expression", help="such as '(x + y) * z', or 'q = x + y; f = q * z'")
    tracing.add_argument("values", nargs="*", metavar="name=value", help="a number for each name")
    tracing.add_argument("--steps", action="store_true", help="print every forward and backward step with its numbers")
    for suffix in ("svg", "dot", "png"):
        tracing.add_argument(f"--{suffix}", type=Path, metavar="FILE", help=f"write the picture as {suffix.upper()}")
    tracing.add_argument("--style", default="boxes", help="of the picture: boxes (default) or circuit")
    tracing.set_defaults(run=_trace)
    commands.add_parser(
        "ops", help="print the table of operations", description="Print the table of operations."
    ).set_defaults(run=_ops)
    return parser


def _trace(options: argparse.Namespace) -> int:
    graph = trace(options.expression, _values(options.values))
    if graph.output.label is None:
        graph.output.label = next(name for name in ("f", "out", "result", "_") if name not in names_of(graph).values())
    graph.output.backward()
    print(_steps(graph) if options.steps else _nodes(graph))  # noqa: T201
    pictures = [path for path in (options.svg, options.dot, options.png) if path is not None]
    if pictures:
        from viz import draw

        drawing = draw(graph, style=options.style)
        for suffix in ("svg", "dot", "png"):
            path = getattr(options, suffix)
            if path is not None:
                drawing.save(path, format=suffix)
                print(f"wrote {path}")  # noqa: T201
    return 0


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
    for node in graph.nodes:
        if node.op is not CONSTANT:
            made = formula(node, names) if not node.is_leaf else ""
            rows.append((names[node], made, number_text(node.data), number_text(node.grad)))
    return columns(rows, right=(2, 3))


def _steps(graph: Graph) -> str:
    """Return every forward and backward step, with the chain rule in symbols and in numbers."""
    names = names_of(graph)
    output = names[graph.output]
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


if __name__ == "__main__":
    sys.exit(main())
