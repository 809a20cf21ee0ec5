"""Source text under construction: names, buffers, views, and expressions for operands.

A program's source has two parts. What stands at its top is run once for a batch size: it makes the buffers and the
views of them, weight matrices as views of theta among them. ``run`` runs on every call, and holds little but array
calls with ``out=``. Big arrays of indices are kept aside and named (``index1``).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from autograd.program.arena import Arena
from autograd.program.tape import Tape, literal
from autograd.program.vectorise import FEW, Array, Layout

_NUMBER = re.compile(r"(?<=[(,] )-?\d[\d.]*(e[-+]?\d+)?(?=[,)])|(?<=\()-?\d[\d.]*(e[-+]?\d+)?(?=, )")  # as an operand
_CUT = re.compile(r", \d*:|:\d+:")  # a view that leaves out columns, or takes rows at a distance
SCALARS = ("seed", "seed_n", "n")  # numbers that run() is given


class Source:
    """The lines of a program's source, and the constant arrays they refer to."""

    def __init__(self, tape: Tape, layout: Layout) -> None:
        self.instructions = sum(len(group.ids) for group in layout.groups)
        self.tape = tape
        self.layout = layout
        self.arenas = {batched: Arena(tape, layout, batched) for batched in (True, False)}
        self.setup: list[str] = []
        self.body: list[str] = []
        self.arrays: dict[str, np.ndarray] = {}
        self.calls = 0
        self._views: dict[str, str] = {}  # the text of each view -> its name
        self._texts: dict[str, str] = {}  # and back
        self.matrices: dict[object, str] = {}  # coefficient matrices that a run fills, by their contents
        self._names: dict[str, int] = defaultdict(int)
        self.scratches: dict[tuple[int, bool], int] = {}  # (number, batched) -> how many rows are wanted at most
        self.written: set[int] = set()  # sums over the batch that have a value, to which more may be added

    # --- names ---

    def name(self, stem: str) -> str:
        """Return a new name: w1, then w2, and so on."""
        self._names[stem] += 1
        return f"{stem}{self._names[stem]}"

    def view(self, text: str, stem: str = "a") -> str:
        """Return the name of a view that is made once."""
        if text.isidentifier():
            return text
        if text not in self._views:
            self._views[text] = self.name(stem)
            self._texts[self._views[text]] = text
            self.setup.append(f"{self._views[text]} = {text}")
        return self._views[text]

    def keep(self, array: Any, stem: str = "index") -> str:
        """Return the name of a constant array."""
        name = self.name(stem)
        self.arrays[name] = np.asarray(array)
        return name

    def buffer(self, rows: int, batched: bool, boolean: bool = False) -> str:
        """Return the name of a new buffer."""
        name = self.name("t")
        shape = f"({rows}, n)" if batched else str(rows)
        self.setup.append(f"{name} = np.empty({shape}{', bool' if boolean else ''})")
        return name

    def scratch(self, number: int, rows: int, batched: bool) -> str:
        """Return the first rows of an array whose contents nobody needs after the next call or two."""
        name = f"scratch{number}{'' if batched else '_flat'}"
        self.scratches[number, batched] = max(rows, self.scratches.get((number, batched), 0))
        return self.view(f"{name}[:{rows}]")

    def call(self, text: str) -> None:
        """Add an array call."""
        self.body.append(_NUMBER.sub(self._number, text))
        self.calls += 1

    def _number(self, literal: re.Match[str]) -> str:
        """Return the name of an array of no dimensions for a number: NumPy takes a third of a call to make one."""
        if literal[0] in ("0.0", "1.0"):
            name = "zero" if literal[0] == "0.0" else "one"
            self.arrays[name] = np.array(float(literal[0]))
            return name
        return self.view(f"np.array({literal[0]})", "c")

    def multiply(self, left: str, right: str, to: str) -> None:
        """Add a matrix product: np.dot, which starts sooner; np.matmul for a cut matrix, which np.dot would copy."""
        texts = [self._texts.get(name, "") for name in (left, right, to)]
        cut = any(map(_CUT.search, texts)) or ".T" in texts[-1]
        self.call(f"np.{'matmul' if cut else 'dot'}({left}, {right}, out={to})")

    # --- operands ---

    def whole(self, array: Array) -> str:
        """Return an array without its row of ones."""
        return self.view(f"{array.name}[0:{array.rows}]") if array.ones else array.name

    def operand(self, ids: Sequence[int], batched: bool, spread: bool = False) -> str:
        """Return an expression for the values of ``ids``, one row each, that broadcasts to a group's shape.

        With ``spread`` it has that shape: what is alike stands there as often as it is used.
        """
        tape = self.tape
        first = ids[0]
        if spread:
            array, _ = self.layout.places.get(first, (None, 0))
            if array is not None and array.batched == batched:
                places = [self.layout.places.get(i, (None, 0)) for i in ids]
                if all(place[0] is array for place in places):
                    return self.rows(array, [row for _, row in places])
            return self._gathered(ids, batched)
        if all(i == first for i in ids):
            value = tape.value_of(first)
            if value is not None:
                return literal(value)
            if tape.kinds[first] == "scalar":
                return str(tape.args[first][0])
            array, row = self.layout.places[first]
            if array.batched:
                return self.rows(array, [row])
            return self.view(f"{array.name}[{row}:{row + 1}, None]" if batched else f"{array.name}[{row}:{row + 1}]")
        if all(tape.kinds[i] == "constant" for i in ids):
            values = np.array([tape.value_of(i) for i in ids])
            return self.keep(values[:, None] if batched else values, "constants")
        if all(i in self.layout.places for i in ids):
            array, row = self.layout.places[first]
            places = [self.layout.places[i] for i in ids]
            if all(place[0] is array for place in places):
                text = self.rows(array, [row for _, row in places])
                return text if array.batched or not batched else self.view(f"{text}[:, None]")
        return self._gathered(ids, batched)

    def gather(self, ids: Sequence[int], batched: bool, to: str) -> str:
        """Copy the values of ``ids`` (or ONE) to an array, one row each, wherever they lie; return its name."""
        arena = self.arenas[batched]
        arena.used = True
        rows = arena.rows(ids)
        index = [row or 0 for row in rows]
        if None not in rows and consecutive(index):
            self.call(f"np.copyto({to}, {self.view(f'{arena.array.name}[{index[0]}:{index[-1] + 1}]')})")
        elif any(row is not None for row in rows):
            self.call(f"np.take({arena.array.name}, {self.keep(index)}, axis=0, out={to}, mode='clip')")
        if None in rows:  # what does not vary over the batch, or truth values
            elsewhere = [k for k, row in enumerate(rows) if row is None]
            places = [ids[k] for k in elsewhere]
            flat = self.arenas[False]
            if None not in flat.rows(places):
                flat.used = True
                values = f"{flat.array.name}[{self.keep(flat.rows(places))}, None]"
            else:
                values = self._gathered(places, batched)
            self.call(f"{to}[{self.keep(elsewhere)}] = {values}")
        return to

    def rows(self, array: Array, rows: Sequence[int]) -> str:
        """Return some rows of an array: a view where they stand at equal distances, else a gather."""
        if len(rows) == array.rows and not array.ones and list(rows) == list(range(array.rows)):
            return array.name
        step = rows[1] - rows[0] if len(rows) > 1 else 1
        if step > 0 and all(b - a == step for a, b in pairwise(rows)):
            by = f":{step}" if step != 1 else ""
            return self.view(f"{array.name}[{rows[0]}:{rows[-1] + 1}{by}]")
        out = self.buffer(len(rows), array.batched, array.boolean)
        self.call(f"np.take({array.name}, {self.keep(rows)}, axis=0, out={out}, mode='clip')")
        return out

    def _gathered(self, ids: Sequence[int], batched: bool) -> str:
        """Copy rows of several arrays together."""
        tape = self.tape
        out = self.buffer(len(ids), batched)
        sources: dict[str, list[tuple[int, int]]] = defaultdict(list)
        columns: dict[str, Array] = {}
        constants: dict[int, float] = {}
        scalars: dict[str, list[int]] = defaultdict(list)
        for position, i in enumerate(ids):
            if tape.kinds[i] == "constant":
                constants[position] = tape.args[i][0]
            elif tape.kinds[i] == "scalar":
                scalars[tape.args[i][0]].append(position)
            else:
                array, row = self.layout.places[i]
                columns[array.name] = array
                sources[array.name].append((position, row))
        if len(sources) > FEW or (batched and any(not columns[name].batched for name in sources)):
            flat = self.arenas[False]
            if all(array in self.arenas[batched].starts for array in columns.values()):
                return self.gather(ids, batched, out)
            if batched and all(array in flat.starts for array in columns.values()) and not constants and not scalars:
                flat.used = True
                self.call(f"{out}[...] = {flat.array.name}[{self.keep(flat.rows(ids))}, None]")
                return out
        if constants:
            values = self.keep(np.array(list(constants.values()))[:, None] if batched else list(constants.values()))
            self.setup.append(f"{out}[{self.keep(list(constants))}] = {values}")
        for name, positions in scalars.items():
            self.call(f"{out}[{self.keep(positions)}] = {name}")
        for name, pairs in sources.items():
            to, rows = zip(*pairs, strict=True)
            column = "[:, None]" if batched and not columns[name].batched else ""
            if consecutive(to) and consecutive(rows):
                source = self.view(f"{name}[{rows[0]}:{rows[-1] + 1}]{column}")
                self.call(f"np.copyto({self.view(f'{out}[{to[0]}:{to[-1] + 1}]')}, {source})")
            else:
                self.call(f"{out}[{self.keep(to)}] = {name}[{self.keep(rows)}]{column}")
        return out


def consecutive(numbers: Sequence[int] | Any) -> bool:
    """Return whether each number is one more than that before it."""
    return all(b - a == 1 for a, b in pairwise(numbers))


def affine(array: Array, index: np.ndarray) -> str | None:
    """Return the text of a view of a flat array whose entry (r, c) is index[r, c], if there is one."""
    if array.batched or (index < 0).any():
        return None
    height, width = index.shape
    base = int(index[0, 0])
    down = int(index[1, 0]) - base if height > 1 else 0
    across = int(index[0, 1]) - base if width > 1 else 1
    if not (index == base + down * np.arange(height)[:, None] + across * np.arange(width)).all():
        return None
    if height == 1 and across == 1:
        return f"{array.name}[{base}:{base + width}].reshape(1, {width})"
    if across == 1 and down >= width:
        end = base + down * height
        cut = f"[:, :{width}]" if width < down else ""
        if end <= array.rows:
            return f"{array.name}[{base}:{end}].reshape({height}, {down}){cut}"
        start = base - (down - width)
        if width < down and start >= 0:
            end = base + down * (height - 1) + width
            return f"{array.name}[{start}:{end}].reshape({height}, {down})[:, {down - width}:]"
        return None
    if width == 1 and down == 1:
        return f"{array.name}[{base}:{base + height}].reshape({height}, 1)"
    if width == 1:
        across = 1
        if down >= 1 and base + down * height <= array.rows:
            return f"{array.name}[{base}:{base + down * height}].reshape({height}, {down})[:, :1]"
    if down == 1 or height == 1:
        other = affine(array, index.T)
        return f"{other}.T" if other else None
    return None
