"""Groups → NumPy: the source of one Python function, made to be read.

The source has two parts. ``prepare`` runs once for a batch size: it makes the buffers and the views of them, weight
matrices as views of theta among them. The function it returns runs on every call, and holds little but array calls with
``out=``. Big arrays of indices are kept aside and named (``index1``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from autograd.program.tape import ONE, REDUCE, UFUNCS, Tape
from autograd.program.vectorise import SLOTS, Array, Group, Layout, Parts, parts

_SCALARS = ("seed", "seed_n", "n")  # numbers that run() is given

DENSE = 0.3  # how full a matrix of coefficients must be to be multiplied as a matrix


class Source:
    """The lines of a program's source, and the constant arrays they refer to."""

    def __init__(self, tape: Tape, layout: Layout) -> None:
        self.instructions = sum(len(group.ids) for group in layout.groups)
        self.tape = tape
        self.layout = layout
        self.setup: list[str] = []
        self.body: list[str] = []
        self.arrays: dict[str, np.ndarray] = {}
        self.calls = 0
        self._views: dict[str, str] = {}
        self._names: dict[str, int] = defaultdict(int)
        self._written: set[int] = set()

    # --- names ---

    def name(self, stem: str) -> str:
        """Return a new name: w1, w2, …"""
        self._names[stem] += 1
        return f"{stem}{self._names[stem]}"

    def view(self, text: str, stem: str = "a") -> str:
        """Return the name of a view that ``prepare`` makes once."""
        if text.isidentifier():
            return text
        if text not in self._views:
            self._views[text] = self.name(stem)
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

    def call(self, text: str) -> None:
        """Add an array call."""
        self.body.append(text)
        self.calls += 1

    def multiply(self, left: str, right: str, to: str) -> None:
        """Add a matrix product: np.dot, which starts sooner, unless a matrix has columns left out, which it would copy."""
        texts = {name: text for text, name in self._views.items()}
        cut = any(", :" in texts.get(name, "") for name in (left, right, to))
        self.call(f"np.{'matmul' if cut else 'dot'}({left}, {right}, out={to})")

    # --- operands ---

    def whole(self, array: Array) -> str:
        """Return an array without its row of ones."""
        return self.view(f"{array.name}[:{array.rows}]") if array.ones else array.name

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
                return _literal(value)
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
        if constants:
            values = self.keep(np.array(list(constants.values()))[:, None] if batched else list(constants.values()))
            self.setup.append(f"{out}[{self.keep(list(constants))}] = {values}")
        for name, positions in scalars.items():
            self.call(f"{out}[{self.keep(positions)}] = {name}")
        for name, pairs in sources.items():
            to, rows = zip(*pairs, strict=True)
            column = "[:, None]" if batched and not columns[name].batched else ""
            if _consecutive(to) and _consecutive(rows):
                source = self.view(f"{name}[{rows[0]}:{rows[-1] + 1}]{column}")
                self.call(f"np.copyto({self.view(f'{out}[{to[0]}:{to[-1] + 1}]')}, {source})")
            else:
                self.call(f"{out}[{self.keep(to)}] = {name}[{self.keep(rows)}]{column}")
        return out

    # --- groups ---

    def write(self, group: Group) -> None:
        """Write the calls that compute a group."""
        out = self._target(group)
        if group.kind == "lin":
            self._lin(group, out)
        elif group.kind == "bsum":
            self._bsum(group)
        elif group.kind in REDUCE:
            self._reduce(group, out)
        else:
            columns = zip(*[self.tape.args[i] for i in group.ids], strict=True)
            operands = [self.operand(ids, group.batched) for ids in columns]
            if group.kind == "where":
                self.call(f"{out}[...] = np.where({', '.join(operands)})")
            else:
                self.call(f"{UFUNCS[group.kind]}({', '.join(operands)}, out={out})")

    def _target(self, group: Group) -> str:
        if group.array is not self.layout.gradient:
            return self.whole(group.array)
        rows = [self.layout.places[i][1] for i in group.ids]
        return self.rows(group.array, rows) if _consecutive(rows) else ""

    def _reduce(self, group: Group, out: str) -> None:
        size = len(self.tape.args[group.ids[0]])
        flat = self.operand([j for i in group.ids for j in self.tape.args[i]], group.batched, spread=True)
        shape = f"({len(group.ids)}, {size}, n)" if group.batched else f"({len(group.ids)}, {size})"
        self.call(f"{REDUCE[group.kind]}({self.view(f'{flat}.reshape{shape}')}, axis=1, out={out})")

    def _lin(self, group: Group, out: str) -> None:
        """Write linear combinations: what is a matrix product first, then what is added to it."""
        if not out:  # the group's rows lie scattered in the gradient
            temporary = self.buffer(len(group.ids), group.batched)
            self._lin(group, temporary)
            rows = self.keep([self.layout.places[i][1] for i in group.ids])
            self.call(f"{group.array.name}[{rows}] = {temporary}")
            return
        everything = [parts(self.tape, i) for i in group.ids]
        pieces: list[Callable[[str], str | None]] = []  # each writes to the array it is given, or returns an operand
        pieces += self._mixed(group, everything)
        if len(everything[0].double) > SLOTS:
            pieces.append(lambda to: self._long(group, [p.double for p in everything], to))
        else:
            for slot in zip(*[p.double for p in everything], strict=True):
                pieces.append(lambda to, slot=slot: self._double(slot, group.batched, to))
        singles: list[Sequence[tuple[float, int]]] = []
        if len(everything[0].single) > SLOTS:
            long = [[(c, u, ONE) for c, u in p.single] for p in everything]
            pieces.append(lambda to: self._long(group, long, to))
        else:
            singles = list(zip(*[p.single for p in everything], strict=True))
        constants = [p.constant for p in everything]
        constant = (
            _literal(constants[0])
            if len(set(constants)) == 1
            else self.keep(np.array(constants)[:, None] if group.batched else constants, "constants")
        )
        started = False
        if len(pieces) == 1 and not singles and constant != "0.0" and self._negated(everything):
            # constant - u·v is one subtraction, not a negation and an addition
            slot = [(-c, u, v) for p in everything for c, u, v in p.double]
            self._double(slot, group.batched, out)
            self.call(f"np.subtract({constant}, {out}, out={out})")
            return
        for piece in pieces:
            if started:
                temporary = self.buffer(len(group.ids), group.batched)
                piece(temporary)
                self.call(f"np.add({out}, {temporary}, out={out})")
            else:
                piece(out)
                started = True
        # c·u with c = ±1 is added or subtracted as it is; the first of all has nothing to be added to
        singles.sort(key=lambda slot: [c for c, _ in slot] != [1.0] * len(slot))
        for slot in singles:
            scale = self._scale([c for c, _ in slot], group.batched)
            operand = self.operand([u for _, u in slot], group.batched)
            if started and scale in ("1.0", "-1.0"):
                self.call(f"np.{'add' if scale == '1.0' else 'subtract'}({out}, {operand}, out={out})")
            elif started:
                temporary = self.buffer(len(group.ids), group.batched)
                self.call(f"np.multiply({operand}, {scale}, out={temporary})")
                self.call(f"np.add({out}, {temporary}, out={out})")
            elif scale == "-1.0" and constant != "0.0":
                self.call(f"np.subtract({constant}, {operand}, out={out})")
                started, constant = True, "0.0"
            elif scale == "1.0" and constant != "0.0":
                self.call(f"np.add({operand}, {constant}, out={out})")
                started, constant = True, "0.0"
            elif scale == "1.0" and len(singles) > 1:
                other = singles.pop(1)
                second = self._scale([c for c, _ in other], group.batched)
                if second in ("1.0", "-1.0"):
                    name = "add" if second == "1.0" else "subtract"
                    right = self.operand([u for _, u in other], group.batched)
                    self.call(f"np.{name}({operand}, {right}, out={out})")
                else:
                    right = self.operand([u for _, u in other], group.batched)
                    self.call(f"np.multiply({right}, {second}, out={out})")
                    self.call(f"np.add({operand}, {out}, out={out})")
                started = True
            else:
                self.call(f"np.multiply({operand}, {scale}, out={out})")
                started = True
        if constant != "0.0":
            self.call(f"np.add({out}, {constant}, out={out})")

    def _negated(self, everything: Sequence[Parts]) -> bool:
        """Return whether each combination is a constant minus one product."""
        return all(len(p.double) == 1 and p.double[0][0] == -1 and not p.mixed for p in everything)

    def _scale(self, coefficients: Sequence[float], batched: bool) -> str:
        if len(set(coefficients)) == 1:
            return _literal(coefficients[0])
        column = np.array(coefficients)
        return self.keep(column[:, None] if batched else column, "constants")

    def _double(self, slot: Sequence[tuple[float, int, int]], batched: bool, to: str) -> None:
        scale = self._scale([c for c, _, _ in slot], batched)
        left = self.operand([u for _, u, _ in slot], batched)
        right = self.operand([v for _, _, v in slot], batched)
        if right in _SCALARS:
            left, right = right, left
        if left in _SCALARS and scale in ("1.0", "-1.0"):
            left, scale = ("" if scale == "1.0" else "-") + left, "1.0"
        elif left in _SCALARS and not scale.isidentifier():
            left, scale = f"{scale} * {left}", "1.0"
        self.call(f"np.multiply({left}, {right}, out={to})")
        if scale == "-1.0":
            self.call(f"np.negative({to}, out={to})")
        elif scale != "1.0":
            self.call(f"np.multiply({to}, {scale}, out={to})")

    def _long(self, group: Group, sums: Sequence[Sequence[tuple[float, int, int]]], to: str) -> None:
        """Write sums of many terms: all products in one array, added up along an axis or in segments."""
        batched = group.batched
        terms = [term for row in sums for term in row]
        lengths = {len(row) for row in sums}
        products_first = any(v != ONE for _, _, v in terms)
        whole = len(sums) == 1 and not batched
        left = self.operand([u for _, u, _ in terms], batched, spread=whole or not products_first)
        scale = self._scale([c for c, _, _ in terms], batched)
        if products_first:
            right = self.operand([v for _, _, v in terms], batched, spread=whole)
            if whole and scale == "1.0":
                self.call(f"np.dot({left}, {right}, out={self.view(f'{to}.reshape(())')})")
                return
            products = self.buffer(len(terms), batched)
            self.call(f"np.multiply({left}, {right}, out={products})")
            left = products
        if scale != "1.0" and len(set(c for c, _, _ in terms)) > 1:
            scaled = self.buffer(len(terms), batched)
            self.call(f"np.multiply({left}, {scale}, out={scaled})")
            left, scale = scaled, "1.0"
        if len(lengths) == 1:
            size = lengths.pop()
            shape = f"({len(sums)}, {size}, n)" if batched else f"({len(sums)}, {size})"
            self.call(f"np.add.reduce({self.view(f'{left}.reshape{shape}')}, axis=1, out={to})")
        else:
            starts = self.keep(np.cumsum([0, *[len(row) for row in sums[:-1]]]))
            self.call(f"np.add.reduceat({left}, {starts}, axis=0, out={to})")
        if scale != "1.0":
            self.call(f"np.multiply({to}, {scale}, out={to})")

    def _mixed(self, group: Group, everything: Sequence[Parts]) -> list[Callable[[str], str | None]]:
        """Return the pieces of Σ c·u·v with u the same for all samples: matrix products where the pattern is dense."""
        if not everything[0].mixed:
            return []
        by_array: dict[Array, list[tuple[int, int, float, int]]] = defaultdict(list)  # (row of group, row, c, u)
        biases: list[tuple[int, float, int]] = []
        for g, p in enumerate(everything):
            for c, u, v in p.mixed:
                if v == ONE:
                    biases.append((g, c, u))
                else:
                    array, row = self.layout.places[v]
                    by_array[array].append((g, row, c, u))
        for array, entries in by_array.items():
            if biases and array.ones and max(row for _, row, _, _ in entries) == array.rows - 1 and self._dense(group, entries):
                entries += [(g, array.rows, c, u) for g, c, u in biases]
                biases = []
        pieces: list[Callable[[str], str | None]] = []
        for array, entries in by_array.items():
            if self._dense(group, entries):
                pieces.append(lambda to, a=array, e=entries: self._matrix_product(group, a, e, to))
            else:
                pieces += self._sparse(group, array, entries)
        if biases:
            pieces.append(lambda to: self._bias(group, biases, to))
        return pieces

    def _dense(self, group: Group, entries: Sequence[tuple[int, int, float, int]]) -> bool:
        rows = {row for _, row, _, _ in entries}
        return len(entries) >= DENSE * len(group.ids) * len(rows) and (len(entries) > 1)

    def _bias(self, group: Group, biases: Sequence[tuple[int, float, int]], to: str) -> None:
        if sorted(g for g, _, _ in biases) == list(range(len(group.ids))):
            ordered = sorted(biases)
            scale = self._scale([c for _, c, _ in ordered], True)
            column = self.operand([u for _, _, u in ordered], True)
            if scale == "1.0":
                self.call(f"np.copyto({to}, {column})")
            else:
                self.call(f"np.multiply({column}, {scale}, out={to})")
            return
        scale = self._scale([c for _, c, _ in biases], True)
        column = self.operand([u for _, _, u in biases], True)
        self.call(f"{to}[...] = 0.0")
        self.call(f"{to}[{self.keep([g for g, _, _ in biases])}] = {column if scale == '1.0' else f'{scale} * {column}'}")

    def _sparse(
        self, group: Group, array: Array, entries: Sequence[tuple[int, int, float, int]]
    ) -> list[Callable[[str], str | None]]:
        """Return pieces that multiply row by row, one term of each combination at a time."""
        slots: list[dict[int, tuple[int, float, int]]] = []
        for g, row, c, u in entries:
            slot = next((slot for slot in slots if g not in slot), None)
            if slot is None:
                slot = {}
                slots.append(slot)
            slot[g] = (row, c, u)

        def piece(to: str, slot: dict[int, tuple[int, float, int]]) -> None:
            chosen = sorted(slot)
            rows = self.rows(array, [slot[g][0] for g in chosen])
            column = self.operand([slot[g][2] for g in chosen], True)
            scale = self._scale([slot[g][1] for g in chosen], True)
            full = len(chosen) == len(group.ids)
            target = to if full else self.buffer(len(chosen), True)
            if column in _SCALARS and scale in ("1.0", "-1.0"):
                column, scale = ("" if scale == "1.0" else "-") + column, "1.0"
            self.call(f"np.multiply({rows}, {column}, out={target})")
            if scale != "1.0":
                self.call(f"np.multiply({target}, {scale}, out={target})")
            if not full:
                self.call(f"{to}[...] = 0.0")
                self.call(f"{to}[{self.keep(chosen)}] = {target}")

        return [lambda to, slot=slot: piece(to, slot) for slot in slots]

    def _matrix_product(
        self, group: Group, array: Array, entries: Sequence[tuple[int, int, float, int]], to: str
    ) -> None:
        rows = sorted({row for _, row, _, _ in entries})
        column = {row: k for k, row in enumerate(rows)}
        matrix, scale = self._coefficients(
            len(group.ids), len(rows), [(g, column[row], c, u) for g, row, c, u in entries]
        )
        if _consecutive(rows):
            all_rows = len(rows) == array.rows + array.ones
            values = array.name if all_rows else self.view(f"{array.name}[{rows[0]}:{rows[-1] + 1}]")
        else:
            values = self.rows(array, rows)
        self.multiply(matrix, values, to)
        if scale != 1:
            self.call(f"np.multiply({to}, {_literal(scale)}, out={to})")

    def _coefficients(self, height: int, width: int, entries: Sequence[tuple[int, int, float, int]]) -> tuple[str, float]:
        """Return a matrix of coefficients and what it is to be multiplied with: a view of theta where possible."""
        scales = {c for _, _, c, _ in entries}
        constants = all(self.tape.kinds[u] == "constant" for _, _, _, u in entries)
        places = {} if constants else {(g, k): self.layout.places.get(u) for g, k, _, u in entries}
        arrays = {place[0] if place else None for place in places.values()}
        if len(arrays) == 1 and None not in arrays and len(places) == len(entries):
            array = arrays.pop()
            assert array is not None
            index = np.full((height, width), -1)
            for (g, k), place in places.items():
                index[g, k] = place[1]  # type: ignore[index]  # None is not among the arrays
            if len(scales) == 1 and (text := _affine(array, index)):
                return self.view(text, "w"), scales.pop()
            matrix = self.name("w")
            self.setup.append(f"{matrix} = np.zeros(({height}, {width}))")
            filled = index >= 0
            flat = self.keep(np.flatnonzero(filled))
            self.call(f"{matrix}.flat[{flat}] = {array.name}[{self.keep(index[filled])}]")
            if len(scales) > 1:
                factors = np.zeros((height, width))
                for g, k, c, _ in entries:
                    factors[g, k] = c
                self.call(f"np.multiply({matrix}, {self.keep(factors, 'constants')}, out={matrix})")
                return matrix, 1.0
            return matrix, scales.pop()
        matrix = self.name("w")
        self.setup.append(f"{matrix} = np.zeros({height * width})")
        sums: dict[tuple[int, int], list[tuple[float, int]]] = defaultdict(list)
        for g, k, c, u in entries:
            sums[g, k].append((c, u))
        depth = max(map(len, sums.values()))
        for layer in range(depth):
            chosen = [(g * width + k, *terms[layer]) for (g, k), terms in sums.items() if layer < len(terms)]
            column = self.operand([u for _, _, u in chosen], False)
            scale = self._scale([c for _, c, _ in chosen], False)
            value = column if scale == "1.0" else f"{column} * {scale}"
            at = self.keep([position for position, _, _ in chosen])
            self.call(f"{matrix}[{at}] {'+=' if layer else '='} {value}")
        return self.view(f"{matrix}.reshape({height}, {width})", "w"), 1.0

    # --- sums over the batch ---

    def _bsum(self, group: Group) -> None:
        """Write sums over the batch of Σ c·u·v: where the pairs (u, v) fill a grid, one product of two matrices."""
        layout, tape = self.layout, self.tape
        grids: dict[tuple[Array, Array | None], list[tuple[int, int, int, float]]] = defaultdict(list)
        alone: list[tuple[int, Array, int, float]] = []
        for i in group.ids:
            for c, u, v in tape.args[i]:
                array_u, row_u = layout.places[u]
                if v == ONE:
                    alone.append((i, array_u, row_u, c))
                else:
                    array_v, row_v = layout.places[v]
                    grids[array_u, array_v].append((i, row_u, row_v, c))
        for i, array_u, row_u, c in alone:
            partner = next((v for u, v in grids if u is array_u and v is not None and v.ones), None)
            grids[array_u, partner].append((i, row_u, partner.rows if partner else 0, c))
        for (array_u, array_v), entries in grids.items():
            self._grid(group, array_u, array_v, entries)

    def _grid(
        self, group: Group, left: Array, right: Array | None, entries: Sequence[tuple[int, int, int, float]]
    ) -> None:
        rows_u = sorted({u for _, u, _, _ in entries})
        rows_v = sorted({v for _, _, v, _ in entries})
        index = np.full((len(rows_u), len(rows_v)), -1)
        factors = np.ones_like(index, dtype=float)
        at_u, at_v = {u: k for k, u in enumerate(rows_u)}, {v: k for k, v in enumerate(rows_v)}
        unique = len({(u, v) for _, u, v, _ in entries}) == len(entries)
        for i, u, v, c in entries:
            index[at_u[u], at_v[v]] = self.layout.places[i][1]
            factors[at_u[u], at_v[v]] = c
        fresh = all(i not in self._written for i, *_ in entries)
        again = {i for i, *_ in entries if i in self._written}
        ids = [i for i, *_ in entries]
        if not unique or len(entries) < DENSE * index.size or len(set(ids)) < len(ids):
            self._pairs(group, left, right, entries)
            return
        self._written.update(ids)
        us = self.rows(left, rows_u)
        full = bool((index >= 0).all())
        uniform = len({c for *_, c in entries}) == 1
        view = _affine(group.array, index) if full and fresh and not again else None
        target = self.view(view, "g") if view else self.name("t")
        if not view:
            self.setup.append(f"{target} = np.empty({index.shape})")
        if right is None:
            self.call(f"np.add.reduce({us}, axis=1, out={self.view(f'{target}[:, 0]')})")
        else:
            if _consecutive(rows_v) and len(rows_v) == right.rows + right.ones:
                vs = right.name
            elif _consecutive(rows_v):
                vs = self.view(f"{right.name}[{rows_v[0]}:{rows_v[-1] + 1}]")
            else:
                vs = self.rows(right, rows_v)
            self.multiply(us, self.view(f"{vs}.T"), target)
        if not uniform:
            self.call(f"np.multiply({target}, {self.keep(factors, 'constants')}, out={target})")
        elif entries[0][3] != 1:
            self.call(f"np.multiply({target}, {_literal(entries[0][3])}, out={target})")
        if not view:
            self._scatter(group, target, index, ids, again)

    def _scatter(self, group: Group, source: str, index: np.ndarray, ids: Sequence[int], again: set[int]) -> None:
        """Write or add a matrix to scattered places of a group's array."""
        filled = np.flatnonzero(index >= 0)
        flat = f"{source}.ravel()" if len(filled) == index.size else f"{source}.ravel()[{self.keep(filled)}]"
        places = index.ravel()[filled]
        if again and len(again) < len(set(ids)):
            zero = [self.layout.places[i][1] for i in ids if i not in again]
            self.call(f"{group.array.name}[{self.keep(zero)}] = 0.0")
        target = (
            self.view(f"{group.array.name}[{places[0]}:{places[-1] + 1}]")
            if _consecutive(places)
            else f"{group.array.name}[{self.keep(places)}]"
        )
        if target.isidentifier():
            flat = self.view(flat) if "[" not in flat else flat
            self.call(f"np.add({target}, {flat}, out={target})" if again else f"np.copyto({target}, {flat})")
        else:
            self.call(f"{target} {'+=' if again else '='} {flat}")

    def _pairs(
        self, group: Group, left: Array, right: Array | None, entries: Sequence[tuple[int, int, int, float]]
    ) -> None:
        """Write sums over the batch pair by pair, for patterns that fill no grid."""
        ordered = sorted(entries, key=lambda entry: self.layout.places[entry[0]][1])
        us = self.rows(left, [u for _, u, _, _ in ordered])
        sums = self.name("t")
        self.setup.append(f"{sums} = np.empty({len(ordered)})")
        if right is None:
            self.call(f"np.add.reduce({us}, axis=1, out={sums})")
        else:
            vs = self.rows(right, [v for _, _, v, _ in ordered])
            self.call(f"np.einsum('rn,rn->r', {us}, {vs}, out={sums})")
        scale = self._scale([c for *_, c in ordered], False)
        if scale != "1.0":
            self.call(f"np.multiply({sums}, {scale}, out={sums})")
        ids = list(dict.fromkeys(i for i, *_ in ordered))
        starts = [k for k, (i, *_) in enumerate(ordered) if k == 0 or ordered[k - 1][0] != i]
        if len(ids) < len(ordered):
            total = self.name("t")
            self.setup.append(f"{total} = np.empty({len(ids)})")
            self.call(f"np.add.reduceat({sums}, {self.keep(starts)}, out={total})")
            sums = total
        again = {i for i in ids if i in self._written}
        self._written.update(ids)
        self._scatter(group, sums, np.array([self.layout.places[i][1] for i in ids]), ids, again)


def _consecutive(numbers: Sequence[int] | Any) -> bool:
    return all(b - a == 1 for a, b in pairwise(numbers))


def _literal(value: float) -> str:
    text = repr(float(value))
    return {"inf": "np.inf", "-inf": "-np.inf", "nan": "np.nan"}.get(text, text)


def _affine(array: Array, index: np.ndarray) -> str | None:
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
            return f"{array.name}[{start}:{base + down * (height - 1) + width}].reshape({height}, {down})[:, {down - width}:]"
        return None
    if width == 1 and down == 1:
        return f"{array.name}[{base}:{base + height}].reshape({height}, 1)"
    if width == 1:
        across = 1
        if down >= 1 and base + down * height <= array.rows:
            return f"{array.name}[{base}:{base + down * height}].reshape({height}, {down})[:, :1]"
    if down == 1 or height == 1:
        other = _affine(array, index.T)
        return f"{other}.T" if other else None
    return None


def emit(tape: Tape, layout: Layout) -> Source:
    """Return the source that computes all groups of a layout."""
    source = Source(tape, layout)
    for array in (*layout.inputs, *layout.arrays):
        rows = array.rows + array.ones
        make = "ones" if array.ones else "empty"
        shape = f"({rows}, n)" if array.batched else str(rows)
        source.setup.append(f"{array.name} = np.{make}({shape}{', bool' if array.boolean else ''})")
    for group in layout.groups:
        source.write(group)
    return source
