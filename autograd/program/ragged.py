"""Linear combinations of different lengths → array calls.

First come the first terms of all, then the second terms of those that have two, and so on. Longer combinations stand
first, so that each step adds to the first rows of the result. Very long ones are added up in segments.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autograd.program.combine import scale
from autograd.program.source import Source
from autograd.program.tape import ONE, Term
from autograd.program.vectorise import LONG, Group


def ragged(source: Source, group: Group, out: str) -> None:
    """Write a group of linear combinations with few terms each, whatever they are."""
    tape = source.tape
    rows = [sorted(tape.args[i], key=lambda term: (term[2] == ONE, term[1] == ONE)) for i in group.ids]
    if group.ragged == LONG:
        terms = [term for row in rows for term in row]
        values = source.scratch(0, len(terms), group.batched)
        _terms(source, terms, group.batched, values)
        starts = np.cumsum([0, *[len(row) for row in rows[:-1]]])
        source.call(f"np.add.reduceat({values}, {source.keep(starts)}, axis=0, out={out})")
        return
    for k in range(len(rows[0])):
        slot = [row[k] for row in rows if len(row) > k]
        to = source.view(f"{out}[:{len(slot)}]") if len(slot) < len(rows) else out
        if k == 0:
            _terms(source, slot, group.batched, to)
        else:
            temporary = source.scratch(0, len(slot), group.batched)
            values = _terms(source, slot, group.batched, temporary)
            source.call(f"np.add({to}, {values}, out={to})")


def _terms(source: Source, slot: Sequence[Term], batched: bool, to: str) -> str:
    """Write c·u·v for one term of each row to the array ``to``."""
    factor = scale(source, [c for c, _, _ in slot], batched)
    double = sum(v != ONE for _, _, v in slot)  # they stand first
    source.gather([u for _, u, _ in slot], batched, to)
    if double:
        right = source.gather([v for _, _, v in slot], batched, source.scratch(1, len(slot), batched))
        source.call(f"np.multiply({to}, {right}, out={to})")
    if factor != "1.0":
        source.call(f"np.multiply({to}, {factor}, out={to})")
    return to
