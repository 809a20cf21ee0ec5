"""Groups → NumPy: the source of one Python function, made to be read."""

from __future__ import annotations

from autograd.program.batch_sums import batch_sums
from autograd.program.combine import combinations
from autograd.program.source import Source, consecutive
from autograd.program.tape import REDUCE, UFUNCS, Tape
from autograd.program.vectorise import Group, Layout


def emit(tape: Tape, layout: Layout) -> Source:
    """Return the source that computes all groups of a layout."""
    source = Source(tape, layout)
    for array in (*layout.inputs, *layout.arrays):
        rows = array.rows + array.ones
        make = "ones" if array.ones else "empty"
        shape = f"({rows}, n)" if array.batched else str(rows)
        source.setup.append(f"{array.name} = np.{make}({shape}{', bool' if array.boolean else ''})")
    for group in layout.groups:
        _write(source, group)
    return source


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
    if group.kind == "lin":
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
