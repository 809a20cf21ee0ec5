"""From rows of the table to the JavaScript of a live page: values and slopes that run, and the same in symbols.

For each row there is one object, which the page's engine (live/engine.js) calls and its words (live/words.js) show:

    value    the operands -> z                  inside   whether the operands lie in the domain
    slopes   the operands and z -> ∂z/∂operand; null where the row says 0, so that nothing flows there
    text     how a formula shows the row, "{0} · {1}"; {0}, {1} are its operands and {z} its result
    symbols  each slope as such a text; of a conditional, the branch that the numbers take

Sums, products, ``dot`` and the like, whose rows are Python functions, are written by hand in live/reductions.js.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar

from autograd.language import JavaScript, parse
from autograd.ops import FUNCTIONS, TABLE, Op
from viz.text import number

PRELUDE = """\
// From the table of operations: each row's value and slopes, and the same in symbols.
const power = (x, y) => (x === 1 || (x === -1 && (y === Infinity || y === -Infinity)) ? 1 : x ** y);
const ROWS = Object.create(null);
"""


def source(rows: Iterable[Op]) -> str:
    """Return the JavaScript that defines these rows in ``ROWS``, by name; those that a formula calls stand before it.

    >>> print(source([TABLE["relu"]])[len(PRELUDE) :])
    // relu: z = 0 if x <= 0 else x
    ROWS["relu"] = {
      value: (x) => x <= 0 ? 0 : x,
      slopes: [(x, z) => x <= 0 ? 0 : 1],
      inside: (x) => x === x,
      text: "relu({0})",
      symbols: [(x, z) => `${x <= 0 ? `0` : `1`}`],
      domain: "x may be any number",
      note: "slope 0 at 0",
    };
    <BLANKLINE>
    """
    wanted: dict[Op, None] = {}
    for row in rows:
        _add(row, wanted)
    return PRELUDE + "".join(map(_row_source, wanted))


def _add(row: Op, wanted: dict[Op, None]) -> None:
    """Put a row after the rows that it calls."""
    if row in wanted:
        return
    for tree in (*_trees(row), _condition(row)):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id not in FUNCTIONS:
                _add(TABLE[node.func.id], wanted)
    wanted[row] = None


def _trees(row: Op) -> Iterator[ast.expr]:
    """Yield the syntax trees of a row's formula and of its partials."""
    yield parse(row.formula, row.arguments, row.name)
    for text in row.partials:
        yield parse(text, (*row.arguments, "z"), row.name)


def _condition(row: Op) -> ast.expr:
    return parse(row.domain.condition, row.arguments, row.name, condition=True)


def _row_source(row: Op) -> str:
    formula, *partials = _trees(row)
    names = {argument: _identifier(argument, i) for i, argument in enumerate(row.arguments)}
    code = JavaScript({**names, "z": "z"})
    symbols = Symbols({**names, "z": "z"}, {**{argument: f"{{{i}}}" for i, argument in enumerate(names)}, "z": "{z}"})
    operands = f"({', '.join(names.values())})"
    with_z = f"({', '.join(names.values())}, z)"
    slopes = ["null" if text == "0" else f"{with_z} => {text}" for text in map(code.text, partials)]
    texts = [f"{with_z} => {symbols.literal(tree)}" for tree in partials]
    fields = {
        "value": f"{operands} => {code.text(formula)}",
        "slopes": f"[{', '.join(slopes)}]",
        "inside": f"{operands} => {code.text(_condition(row))}",
        "text": _string(_shown(row, formula, symbols)),
        "symbols": f"[{', '.join(texts)}]",
        "domain": _string(row.domain.text),
        "note": _string(row.note),
    }
    comment = f"// {row.name}: z = {ast.unparse(formula)}"  # not the row's own text, which may hold a comment
    return "\n".join([comment, f"ROWS[{_string(row.name)}] = {{", *[f"  {k}: {v}," for k, v in fields.items()], "};\n"])


def _string(text: str) -> str:
    """Return a text in JavaScript's quotes; a ``<`` in it cannot end the script that it stands in."""
    return json.dumps(text, ensure_ascii=False).replace("<", r"\u003c").replace("\u2028", " ").replace("\u2029", " ")


def _identifier(argument: str, i: int) -> str:
    """Return a name for an argument that JavaScript has not reserved: ``new`` and ``var`` are names in Python."""
    return argument if len(argument) == 1 and argument.isascii() else f"{argument}_" if argument.isascii() else f"a{i}_"


def _shown(row: Op, formula: ast.expr, symbols: Symbols) -> str:
    """Return ``{0} + {1}`` for a row of one operator, and ``tanh({0})`` for any other."""
    parts = [formula.left, formula.right] if isinstance(formula, ast.BinOp) else []
    parts = [formula.operand] if isinstance(formula, ast.UnaryOp) else parts
    if parts and all(isinstance(part, (ast.Name, ast.Constant)) for part in parts):
        return symbols.text(formula)
    return f"{row.name}({', '.join(f'{{{i}}}' for i in range(len(row.arguments)))})"


# --- symbols ----------------------------------------------------------------------------------------------------------


class Symbols(JavaScript):
    """Write a formula as JavaScript that gives its text: ``{0} · (1 − {z})``, of a conditional the branch taken.

    Args:
        names: what stands for each argument in conditions, which run.
        places: what stands for it in the text.

    >>> tree = parse("y * x if x > 0 else 1 - z", ("x", "y", "z"), "an example")
    >>> names = {"x": "x", "y": "y", "z": "z"}
    >>> print(Symbols(names, {"x": "{0}", "y": "{1}", "z": "{z}"}).literal(tree))
    `${x > 0 ? `{1} · {0}` : `1 − {z}`}`
    """

    _BINDING: ClassVar = {**JavaScript._BINDING, ast.Sub: ("−", 6), ast.Mult: ("·", 7), ast.USub: ("−", 8)}

    def __init__(self, names: Mapping[str, str], places: Mapping[str, str]) -> None:
        super().__init__(places)
        self._code = JavaScript(names)

    def literal(self, tree: ast.expr) -> str:
        """Return the JavaScript of the text."""
        text = self.text(tree)
        return f"`{text}`" if "${" in text else _string(text)

    def _written(self, node: ast.expr) -> tuple[str, int]:
        if isinstance(node, ast.IfExp):
            (yes, a), (no, b) = self._written(node.body), self._written(node.orelse)
            return f"${{{self._code.text(node.test, 2)} ? `{yes}` : `{no}`}}", min(a, b)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            return f"{self.text(node.left, 9)}^{self.text(node.right, 9)}", 8
        if isinstance(node, ast.Call):
            assert isinstance(node.func, ast.Name)  # parse() admits no others
            arguments = ", ".join(map(self.text, node.args))
            return (f"|{arguments}|" if node.func.id == "abs" else f"{node.func.id}({arguments})"), 9
        if isinstance(node, ast.Name) and node.id not in self.names:
            return {"pi": "π", "ln2": "log(2)", "ln10": "log(10)", "inf": "∞", "nan": "nan"}[node.id], 9
        return super()._written(node)

    @staticmethod
    def _number(x: float) -> str:
        return number(x)
