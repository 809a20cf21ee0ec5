"""Linear combinations → array calls: matrix products where a pattern of coefficients is dense, else slot by slot."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise

import numpy as np

from autograd.program.source import SCALARS, Source, affine, consecutive
from autograd.program.tape import ONE, literal
from autograd.program.vectorise import SLOTS, Array, Group, Parts, parts

CLASSES = 16  # a group's rows may fall into so many classes, each of which is a matrix product of its own

Entry = tuple[int, int, float, int]  # combination g of the group has the term c·u·(row of the array): (g, row, c, u)
Piece = Callable[[str], None]  # writes the calls that compute some of the terms to the array of that name


def combinations(source: Source, group: Group, out: str) -> None:
    """Write a group of linear combinations Σ c·u·v: products of matrices first, then what is added to them."""
    everything = [parts(source.tape, i) for i in group.ids]
    total = _Sum(source, group, out, [p.constant for p in everything])
    doubles: list[Sequence[tuple[float, int, int]]] = [p.double for p in everything]
    singles = [p.single for p in everything]
    for piece in _mixed(source, group, everything):
        total.add(piece)
    if len(doubles[0]) > SLOTS:
        total.add(lambda to: _long(source, group, doubles, to))
    else:
        for slot in zip(*doubles, strict=True):
            total.add_double(slot)
    if len(singles[0]) > SLOTS:
        total.add(lambda to: _long(source, group, [[(c, u, ONE) for c, u in row] for row in singles], to))
    else:
        total.add_singles(list(zip(*singles, strict=True)))
    total.finish()


class _Sum:
    """A sum under way in the array ``out``, with a constant that joins it where that costs least."""

    def __init__(self, source: Source, group: Group, out: str, constants: Sequence[float]) -> None:
        self.source, self.rows, self.batched, self.out = source, len(group.ids), group.batched, out
        self.constant = scale(source, constants, group.batched)  # source text; "0.0" when there is none left to add
        self.negative = False  # whether ``out`` holds minus the sum so far
        self.started = False

    def add(self, piece: Piece) -> None:
        """Add what a piece computes: in place if it is the first, else by way of a temporary array."""
        if not self.started:
            piece(self.out)
            self.started = True
        else:
            temporary = self.source.buffer(self.rows, self.batched)
            piece(temporary)
            self._join("add", temporary)

    def add_double(self, slot: Sequence[tuple[float, int, int]]) -> None:
        """Add c·u·v; a sign can wait until something else is added."""
        if not self.started and all(c == -1 for c, _, _ in slot):
            self.negative = True
            slot = [(1.0, u, v) for _, u, v in slot]
        self.add(lambda to: _double(self.source, slot, self.batched, to))

    def add_singles(self, slots: list[Sequence[tuple[float, int]]]) -> None:
        """Add every c·u; those with c = 1 first, so that one of them can begin the sum."""
        slots.sort(key=lambda slot: [c for c, _ in slot] != [1.0] * len(slot))
        for k, slot in enumerate(slots):
            factor = scale(self.source, [c for c, _ in slot], self.batched)
            operand = self.source.operand([u for _, u in slot], self.batched)
            if self.started and factor in ("1.0", "-1.0"):
                self._join("add" if factor == "1.0" else "subtract", operand)
            elif not self.started and factor in ("1.0", "-1.0") and self.constant != "0.0":
                sign = "add" if factor == "1.0" else "subtract"
                self.source.call(f"np.{sign}({self.constant}, {operand}, out={self.out})")
                self.started, self.constant = True, "0.0"
            elif not self.started and factor == "1.0" and k + 1 < len(slots):
                self._begin_with_two(operand, slots.pop(k + 1))
            else:
                self.add(lambda to, f=factor, o=operand: self.source.call(f"np.multiply({o}, {f}, out={to})"))  # type: ignore[misc]

    def _begin_with_two(self, left: str, slot: Sequence[tuple[float, int]]) -> None:
        """Begin the sum with left + c·u in one call, or two."""
        factor = scale(self.source, [c for c, _ in slot], self.batched)
        right = self.source.operand([u for _, u in slot], self.batched)
        if factor not in ("1.0", "-1.0"):
            self.source.call(f"np.multiply({right}, {factor}, out={self.out})")
            right = self.out
        self.source.call(f"np.{'subtract' if factor == '-1.0' else 'add'}({left}, {right}, out={self.out})")
        self.started = True

    def _join(self, sign: str, operand: str) -> None:
        """Add an operand to the sum, or subtract it; if the sum is held with the wrong sign, set that right."""
        left, right = self.out, operand
        if self.negative and sign == "add":
            left, right, sign, self.negative = operand, self.out, "subtract", False
        elif self.negative:
            self.source.call(f"np.negative({self.out}, out={self.out})")
            self.negative = False
        self.source.call(f"np.{sign}({left}, {right}, out={self.out})")

    def finish(self) -> None:
        """Add the constant, and set the sign right."""
        if self.constant != "0.0":
            self._join("add", self.constant)
        elif self.negative:
            self.source.call(f"np.negative({self.out}, out={self.out})")


def scale(source: Source, coefficients: Sequence[float], batched: bool) -> str:
    """Return the source text of one coefficient for each row of a group: a number where they are alike."""
    if len(set(coefficients)) == 1:
        return literal(coefficients[0])
    column = np.array(coefficients)
    return source.keep(column[:, None] if batched else column, "constants")


def _double(source: Source, slot: Sequence[tuple[float, int, int]], batched: bool, to: str) -> None:
    factor = scale(source, [c for c, _, _ in slot], batched)
    left = source.operand([u for _, u, _ in slot], batched)
    right = source.operand([v for _, _, v in slot], batched)
    if right in SCALARS:
        left, right = right, left
    if left in SCALARS and factor in ("1.0", "-1.0"):
        left, factor = ("" if factor == "1.0" else "-") + left, "1.0"
    elif left in SCALARS and not factor.isidentifier():
        left, factor = f"{factor} * {left}", "1.0"
    source.call(f"np.multiply({left}, {right}, out={to})")
    if factor == "-1.0":
        source.call(f"np.negative({to}, out={to})")
    elif factor != "1.0":
        source.call(f"np.multiply({to}, {factor}, out={to})")


def _long(source: Source, group: Group, sums: Sequence[Sequence[tuple[float, int, int]]], to: str) -> None:
    """Write sums of many terms: all products in one array, added up along an axis or in segments."""
    batched = group.batched
    terms = [term for row in sums for term in row]
    lengths = {len(row) for row in sums}
    products_first = any(v != ONE for _, _, v in terms)
    whole = len(sums) == 1 and not batched
    left = source.operand([u for _, u, _ in terms], batched, spread=whole or not products_first)
    factor = scale(source, [c for c, _, _ in terms], batched)
    if products_first:
        right = source.operand([v for _, _, v in terms], batched, spread=whole)
        if whole and factor == "1.0":
            source.call(f"np.dot({left}, {right}, out={source.view(f'{to}.reshape(())')})")
            return
        products = source.buffer(len(terms), batched)
        source.call(f"np.multiply({left}, {right}, out={products})")
        left = products
    if factor != "1.0" and len({c for c, _, _ in terms}) > 1:
        scaled = source.buffer(len(terms), batched)
        source.call(f"np.multiply({left}, {factor}, out={scaled})")
        left, factor = scaled, "1.0"
    if len(lengths) == 1:
        size = lengths.pop()
        shape = f"({len(sums)}, {size}, n)" if batched else f"({len(sums)}, {size})"
        source.call(f"np.add.reduce({source.view(f'{left}.reshape{shape}')}, axis=1, out={to})")
    else:
        starts = source.keep(np.cumsum([0, *[len(row) for row in sums[:-1]]]))
        source.call(f"np.add.reduceat({left}, {starts}, axis=0, out={to})")
    if factor != "1.0":
        source.call(f"np.multiply({to}, {factor}, out={to})")


def _mixed(source: Source, group: Group, everything: Sequence[Parts]) -> list[Piece]:
    """Return the pieces of Σ c·u·v with u the same for all samples: matrix products where the pattern is dense."""
    if not everything[0].mixed:
        return []
    by_array: dict[Array, list[Entry]] = defaultdict(list)
    biases: list[tuple[int, float, int]] = []
    for g, p in enumerate(everything):
        for c, u, v in p.mixed:
            if v == ONE:
                biases.append((g, c, u))
            else:
                array, row = source.layout.places[v]
                by_array[array].append((g, row, c, u))
    for array, entries in by_array.items():
        whole = len(blocks := _blocks(entries)) == 1 and len(blocks[0][0]) == len(group.ids)
        if biases and whole and array.ones and max(row for _, row, _, _ in entries) == array.rows - 1:
            entries += [(g, array.rows, c, u) for g, c, u in biases]
            biases = []
    pieces: list[Piece] = []
    for array, entries in by_array.items():
        blocks = _blocks(entries)
        if len(blocks) <= CLASSES and len(entries) > len(blocks):
            pieces.append(partial(_matrix_products, source, group, array, blocks))
        else:
            pieces += _sparse(source, group, array, entries)
    if biases:
        pieces.append(lambda to: _bias(source, group, biases, to))
    return pieces


def _blocks(entries: Sequence[Entry]) -> list[tuple[list[int], list[Entry]]]:
    """Return the entries by combinations that use the same rows: full matrices, as a 0 would let a nan through."""
    rows_of: dict[int, set[int]] = defaultdict(set)
    for g, row, _, _ in entries:
        rows_of[g].add(row)
    blocks: dict[frozenset[int], tuple[list[int], list[Entry]]] = {}
    key_of = {}
    for g, rows in rows_of.items():
        key_of[g] = frozenset(rows)
        blocks.setdefault(key_of[g], ([], []))[0].append(g)
    for entry in entries:
        blocks[key_of[entry[0]]][1].append(entry)
    return [(sorted(chosen), inside) for chosen, inside in blocks.values()]


def _bias(source: Source, group: Group, biases: Sequence[tuple[int, float, int]], to: str) -> None:
    if sorted(g for g, _, _ in biases) == list(range(len(group.ids))):
        ordered = sorted(biases)
        factor = scale(source, [c for _, c, _ in ordered], True)
        column = source.operand([u for _, _, u in ordered], True)
        if factor == "1.0":
            source.call(f"np.copyto({to}, {column})")
        else:
            source.call(f"np.multiply({column}, {factor}, out={to})")
        return
    factor = scale(source, [c for _, c, _ in biases], True)
    column = source.operand([u for _, _, u in biases], True)
    source.call(f"{to}[...] = 0.0")
    source.call(
        f"{to}[{source.keep([g for g, _, _ in biases])}] = {column if factor == '1.0' else f'{factor} * {column}'}"
    )


def _sparse(source: Source, group: Group, array: Array, entries: Sequence[Entry]) -> list[Piece]:
    """Return pieces that multiply row by row, one term of each combination at a time."""
    slots: list[dict[int, tuple[int, float, int]]] = []
    filled: dict[int, int] = defaultdict(int)
    for g, row, c, u in entries:
        if filled[g] == len(slots):
            slots.append({})
        slots[filled[g]][g] = (row, c, u)
        filled[g] += 1

    def piece(slot: dict[int, tuple[int, float, int]], to: str) -> None:
        chosen = sorted(slot)
        rows = source.rows(array, [slot[g][0] for g in chosen])
        column = source.operand([slot[g][2] for g in chosen], True)
        factor = scale(source, [slot[g][1] for g in chosen], True)
        full = len(chosen) == len(group.ids)
        target = to if full else source.buffer(len(chosen), True)
        if column in SCALARS and factor in ("1.0", "-1.0"):
            column, factor = ("" if factor == "1.0" else "-") + column, "1.0"
        source.call(f"np.multiply({rows}, {column}, out={target})")
        if factor != "1.0":
            source.call(f"np.multiply({target}, {factor}, out={target})")
        if not full:
            source.call(f"{to}[...] = 0.0")
            source.call(f"{to}[{source.keep(chosen)}] = {target}")

    return [partial(piece, slot) for slot in slots]


def _matrix_products(
    source: Source, group: Group, array: Array, blocks: Sequence[tuple[list[int], list[Entry]]], to: str
) -> None:
    """Write one matrix product for each block of combinations."""
    if sum(len(chosen) for chosen, _ in blocks) < len(group.ids):
        source.call(f"{to}[...] = 0.0")
    for chosen, entries in blocks:
        rows = sorted({row for _, row, _, _ in entries})
        line, column = {g: k for k, g in enumerate(chosen)}, {row: k for k, row in enumerate(rows)}
        matrix, factor = _coefficients(
            source, len(chosen), len(rows), [(line[g], column[row], c, u) for g, row, c, u in entries]
        )
        if consecutive(rows) and len(rows) == array.rows + array.ones:
            values = array.name
        elif consecutive(rows):
            values = source.view(f"{array.name}[{rows[0]}:{rows[-1] + 1}]")
        else:
            values = source.rows(array, rows)
        step = chosen[1] - chosen[0] if len(chosen) > 1 else 1
        scattered = False
        if len(chosen) == len(group.ids):
            target = to
        elif all(b - a == step for a, b in pairwise(chosen)):
            target = source.view(f"{to}[{chosen[0]}:{chosen[-1] + 1}{f':{step}' if step > 1 else ''}]")
        else:
            target, scattered = source.buffer(len(chosen), True), True
        source.multiply(matrix, values, target)
        if factor != 1:
            source.call(f"np.multiply({target}, {literal(factor)}, out={target})")
        if scattered:
            source.call(f"{to}[{source.keep(chosen)}] = {target}")


def _coefficients(source: Source, height: int, width: int, entries: Sequence[Entry]) -> tuple[str, float]:
    """Return a matrix of coefficients and what it is to be multiplied with: a view of theta where possible."""
    scales = {c for _, _, c, _ in entries}
    constants = all(source.tape.kinds[u] == "constant" for _, _, _, u in entries)
    places = {} if constants else {(g, k): source.layout.places.get(u) for g, k, _, u in entries}
    arrays = {place[0] if place else None for place in places.values()}
    if len(arrays) == 1 and None not in arrays and len(places) == len(entries):
        array = arrays.pop()
        assert array is not None
        index = np.full((height, width), -1)
        for (g, k), place in places.items():
            index[g, k] = place[1]  # type: ignore[index]  # None is not among the arrays
        if len(scales) == 1 and (text := affine(array, index)):
            return source.view(text, "w"), scales.pop()
        key = array.name, index.shape, index.tobytes(), len(scales) == 1 or tuple(sorted(entries))
        if key in source.matrices and not array.batched and array is source.layout.theta:
            return source.matrices[key], scales.pop() if len(scales) == 1 else 1.0
        matrix = source.matrices[key] = source.name("w")
        source.setup.append(f"{matrix} = np.zeros(({height}, {width}))")
        filled = index >= 0
        flat = source.keep(np.flatnonzero(filled))
        source.call(f"{matrix}.flat[{flat}] = {array.name}[{source.keep(index[filled])}]")
        if len(scales) > 1:
            factors = np.zeros((height, width))
            for g, k, c, _ in entries:
                factors[g, k] = c
            source.call(f"np.multiply({matrix}, {source.keep(factors, 'constants')}, out={matrix})")
            return matrix, 1.0
        return matrix, scales.pop()
    matrix = source.name("w")
    source.setup.append(f"{matrix} = np.zeros({height * width})")
    sums: dict[tuple[int, int], list[tuple[float, int]]] = defaultdict(list)
    for g, k, c, u in entries:
        sums[g, k].append((c, u))
    depth = max(map(len, sums.values()))
    for layer in range(depth):
        chosen = [(g * width + k, *terms[layer]) for (g, k), terms in sums.items() if layer < len(terms)]
        column = source.operand([u for _, _, u in chosen], False)
        factor = scale(source, [c for _, c, _ in chosen], False)
        value = column if factor == "1.0" else f"{column} * {factor}"
        at = source.keep([position for position, _, _ in chosen])
        source.call(f"{matrix}[{at}] {'+=' if layer else '='} {value}")
    return source.view(f"{matrix}.reshape({height}, {width})", "w"), 1.0
