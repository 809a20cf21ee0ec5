"""Sums over the batch → array calls: where the pairs of factors fill a grid, one product of two matrices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from autograd.program.combine import scale
from autograd.program.source import Source, affine, consecutive
from autograd.program.tape import ONE, literal
from autograd.program.vectorise import SLOTS, Array, Group

DENSE = 0.3  # how full a grid must be for a product of matrices, of which the rest is left out


def batch_sums(source: Source, group: Group) -> None:
    """Write sums over the batch of Σ c·u·v: where the pairs (u, v) fill a grid, one product of two matrices."""
    layout, tape = source.layout, source.tape
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
    if len(grids) > SLOTS and sum(map(len, grids.values())) < SLOTS * len(grids):
        arena = source.arenas[True]
        pairs = [
            (i, a, b, c)
            for i in group.ids
            for c, u, v in tape.args[i]
            if (a := arena.row(u)) is not None and (b := arena.row(v)) is not None
        ]
        if len(pairs) == sum(map(len, grids.values())):
            arena.used = True
            _pairs(source, group, arena.array, arena.array, pairs)
            return
    for (left, right), entries in grids.items():
        _grid(source, group, left, right, entries)


def _grid(
    source: Source, group: Group, left: Array, right: Array | None, entries: Sequence[tuple[int, int, int, float]]
) -> None:
    rows_u = sorted({u for _, u, _, _ in entries})
    rows_v = sorted({v for _, _, v, _ in entries})
    index = np.full((len(rows_u), len(rows_v)), -1)
    factors = np.ones_like(index, dtype=float)
    at_u, at_v = {u: k for k, u in enumerate(rows_u)}, {v: k for k, v in enumerate(rows_v)}
    unique = len({(u, v) for _, u, v, _ in entries}) == len(entries)
    for i, u, v, c in entries:
        index[at_u[u], at_v[v]] = source.layout.places[i][1]
        factors[at_u[u], at_v[v]] = c
    fresh = all(i not in source.written for i, *_ in entries)
    again = {i for i, *_ in entries if i in source.written}
    ids = [i for i, *_ in entries]
    if not unique or len(entries) < DENSE * index.size or len(set(ids)) < len(ids):
        _pairs(source, group, left, right, entries)
        return
    source.written.update(ids)
    us = source.rows(left, rows_u)
    full = bool((index >= 0).all())
    uniform = len({c for *_, c in entries}) == 1
    view = affine(group.array, index) if full and (fresh or len(again) == len(ids)) else None
    target = source.view(view, "g") if view and fresh else source.name("t")
    if not (view and fresh):
        source.setup.append(f"{target} = np.empty({index.shape})")
    if right is None:
        source.call(f"np.add.reduce({us}, axis=1, out={source.view(f'{target}[:, 0]')})")
    else:
        if consecutive(rows_v) and len(rows_v) == right.rows + right.ones:
            vs = right.name
        elif consecutive(rows_v):
            vs = source.view(f"{right.name}[{rows_v[0]}:{rows_v[-1] + 1}]")
        else:
            vs = source.rows(right, rows_v)
        source.multiply(us, source.view(f"{vs}.T"), target)
    if not uniform:
        source.call(f"np.multiply({target}, {source.keep(factors, 'constants')}, out={target})")
    elif entries[0][3] != 1:
        source.call(f"np.multiply({target}, {literal(entries[0][3])}, out={target})")
    if view and not fresh:
        total = source.view(view, "g")
        source.call(f"np.add({total}, {target}, out={total})")
    elif not view:
        _scatter(source, group, target, index, ids, again)


def _scatter(source: Source, group: Group, values: str, index: np.ndarray, ids: Sequence[int], again: set[int]) -> None:
    """Write or add a matrix to scattered places of a group's array."""
    filled = np.flatnonzero(index >= 0)
    flat = f"{values}.ravel()" if len(filled) == index.size else f"{values}.ravel()[{source.keep(filled)}]"
    places = index.ravel()[filled]
    if again and len(again) < len(set(ids)):
        fresh = [source.layout.places[i][1] for i in ids if i not in again]
        source.call(f"{group.array.name}[{source.keep(fresh)}] = 0.0")
    if consecutive(places) and "[" not in flat:
        target = source.view(f"{group.array.name}[{places[0]}:{places[-1] + 1}]")
        flat = source.view(flat)
        source.call(f"np.add({target}, {flat}, out={target})" if again else f"np.copyto({target}, {flat})")
    else:
        source.call(f"{group.array.name}[{source.keep(places)}] {'+=' if again else '='} {flat}")


def _pairs(
    source: Source, group: Group, left: Array, right: Array | None, entries: Sequence[tuple[int, int, int, float]]
) -> None:
    """Write sums over the batch pair by pair, for patterns that fill no grid."""
    ordered = sorted(entries, key=lambda entry: source.layout.places[entry[0]][1])
    us = source.rows(left, [u for _, u, _, _ in ordered])
    sums = source.name("t")
    source.setup.append(f"{sums} = np.empty({len(ordered)})")
    if right is None:
        source.call(f"np.add.reduce({us}, axis=1, out={sums})")
    else:
        vs = source.rows(right, [v for _, _, v, _ in ordered])
        source.call(f"np.einsum('rn,rn->r', {us}, {vs}, out={sums})")
    factor = scale(source, [c for *_, c in ordered], False)
    if factor != "1.0":
        source.call(f"np.multiply({sums}, {factor}, out={sums})")
    ids = list(dict.fromkeys(i for i, *_ in ordered))
    starts = [k for k, (i, *_) in enumerate(ordered) if k == 0 or ordered[k - 1][0] != i]
    if len(ids) < len(ordered):
        total = source.name("t")
        source.setup.append(f"{total} = np.empty({len(ids)})")
        source.call(f"np.add.reduceat({sums}, {source.keep(starts)}, out={total})")
        sums = total
    again = {i for i in ids if i in source.written}
    source.written.update(ids)
    _scatter(source, group, sums, np.array([source.layout.places[i][1] for i in ids]), ids, again)
