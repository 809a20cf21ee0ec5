"""Groups → NumPy: the source of one Python function, made to be read."""

from __future__ import annotations

from autograd.program.batch_sums import batch_sums
from autograd.program.combine import combinations
from autograd.program.ragged import ragged
from autograd.program.source import Source, consecutive
from autograd.program.tape import REDUCE, UFUNCS, Tape
from autograd.program.vectorise import Group, Layout


def emit(tape: Tape, layout: Layout) -> Source:
    """Return the source that computes all groups of a layout."""
    source = Source(tape, layout)
    for group in layout.groups:
        _write(source, group)
    return source


def make_arrays(source: Source) -> None:
    """Write the lines that make all arrays; last, when it is known which of them are slices of one."""
    lines = []
    for arena in source.arenas.values():
        if arena.used:
            lines += arena.setup()
            source.body[:0] = arena.begin()
            source.calls += len(arena.begin())
    for (number, batched), size in source.scratches.items():
        name = f"scratch{number}{'' if batched else '_flat'}"
        lines.append(f"{name} = np.empty({f'({size}, n)' if batched else size})")
    for array in (*source.layout.inputs, *source.layout.arrays):
        rows = array.rows + array.ones
        arena = source.arenas[array.batched]
        if arena.used and array in arena.starts:
            start = arena.starts[array]
            lines.append(f"{array.name} = {arena.array.name}[{start}:{start + rows}]")
            continue
        make = "ones" if array.ones else "empty"
        shape = f"({rows}, n)" if array.batched else str(rows)
        lines.append(f"{array.name} = np.{make}({shape}{', bool' if array.boolean else ''})")
    source.setup[:0] = lines


def _write(source: Source, group: Group) -> None:
    """Write the calls that compute a group."""
    if group.kind == "bsum":
        batch_sums(source, group)
        return
    rows = [source.layout.places[i][1] for i in group.ids]
    scattered = group.array is source.layout.gradient and not consecutive(rows)
    if scattered:
        out = source.buffer(len(rows), group.batched)
    elif group.array is source.layout.gradient:
        out = source.rows(group.array, rows)
    else:
        out = source.whole(group.array)
    if group.ragged:
        ragged(source, group, out)
    elif group.kind == "lin":
        combinations(source, group, out)
    elif group.kind in REDUCE:
        size = len(source.tape.args[group.ids[0]])
        flat = source.operand([j for i in group.ids for j in source.tape.args[i]], group.batched, spread=True)
        shape = f"({len(rows)}, {size}, n)" if group.batched else f"({len(rows)}, {size})"
        source.call(f"{REDUCE[group.kind]}({source.view(f'{flat}.reshape{shape}')}, axis=1, out={out})")
    else:
        columns = zip(*[source.tape.args[i] for i in group.ids], strict=True)
        operands = [source.operand(ids, group.batched) for ids in columns]
        if group.kind == "where":
            source.call(f"{out}[...] = np.where({', '.join(operands)})")
        else:
            source.call(f"{UFUNCS[group.kind]}({', '.join(operands)}, out={out})")
    if scattered:
        source.call(f"{group.array.name}[{source.keep(rows)}] = {out}")
