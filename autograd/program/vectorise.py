"""Tape → groups: instructions that one array call can do together, and where each result lies.

Live instructions of the same kind, at the same depth, that vary over the batch or do not alike, form a group. Its
results are the rows of one array, of shape (rows, n) if they vary over the batch of n samples and (rows,) if not. Rows
are ordered by where the operands lie, so that an operand of a whole group is a slice as a rule, a gather by exception.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from autograd.program.tape import BOOLEAN, ONE, REDUCE, Tape

RAGGED, LONG = "ragged", "long"  # in place of a shape: any, with up to so many terms or with more
RAGGED_TERMS = 12
FEW = 3  # instructions are split by where their operands come from if that gives no more parts than this
SLOTS = 8  # up to so many terms, a group's k-th terms are taken together; longer sums are reduced along an axis


@dataclass(eq=False)
class Array:
    """An array of the program: ``rows`` results, and one row of ones behind them where a bias wants it."""

    name: str
    rows: int
    batched: bool
    ones: bool = False
    boolean: bool = False  # truth values, which are multiplied as 1 and 0


@dataclass(eq=False)
class Group:
    """Instructions done together: ``ids`` in the order of the rows of ``array``."""

    kind: str
    ids: list[int]
    batched: bool
    array: Array
    ragged: str = ""  # RAGGED or LONG: linear combinations of different shapes


@dataclass
class Layout:
    """The groups in the order they run, and the place (array, row) of every live instruction that has one."""

    groups: list[Group]
    places: dict[int, tuple[Array, int]]
    inputs: list[Array]
    theta: Array
    gradient: Array
    arrays: list[Array] = field(default_factory=list)


def vectorise(
    tape: Tape, needed: Iterable[int], inputs: dict[str, int], parameters: int, homes: dict[int, int] | None = None
) -> Layout:
    """Group the instructions that ``needed`` ones depend on.

    Args:
        tape: the instructions.
        needed: those whose results are wanted.
        inputs: how many numbers each argument holds, by its name; the inputs of the tape in this order.
        parameters: how many there are.
        homes: for the instructions that are a parameter's whole gradient, the parameter's number: their place is there.
    """
    instructions = live(tape, needed)
    arguments = [Array(name, size, True) for name, size in inputs.items()]
    layout = Layout([], {}, arguments, Array("theta", parameters, False), Array("gradient", parameters, False))
    input_places = [(array, row) for array in arguments for row in range(array.rows)]
    members: dict[tuple[int, str, bool, object, bool], list[int]] = defaultdict(list)
    depth: dict[int, int] = {}
    for i in instructions:
        kind = tape.kinds[i]
        if kind in ("constant", "scalar"):
            depth[i] = 0
        elif kind in ("parameter", "input"):
            depth[i] = 0
            index = tape.args[i][0]
            layout.places[i] = (layout.theta, index) if kind == "parameter" else input_places[index]
        else:
            depth[i] = 1 + max((depth[j] for j in operands(tape, i)), default=0)
            members[depth[i], kind, tape.batched[i], _shape(tape, i), i in (homes or {})].append(i)
    _merge(tape, members)
    group_of: dict[int, Group] = {}
    for (_, function, batched, shape, _), ids in sorted(members.items(), key=lambda item: (item[0][0], item[1][0])):
        for chosen in [ids] if function == "bsum" or shape in (RAGGED, LONG) else _split(tape, ids, group_of):
            group = Group(function, chosen, batched, Array("", len(chosen), batched, boolean=function in BOOLEAN))
            group.ragged = shape if shape in (RAGGED, LONG) else ""
            layout.groups.append(group)
            group_of.update(dict.fromkeys(chosen, group))
    _want_ones(tape, layout, group_of)
    _want_truth(tape, instructions, group_of)
    uses = _uses(tape, instructions, needed)
    for number, group in enumerate(layout.groups, 1):
        group.ids.sort(key=lambda i: _position(tape, i, layout.places))
        if group.ragged:
            group.ids.sort(key=lambda i: -len(tape.args[i]))
        if homes and group.ids[0] in homes:
            group.array = layout.gradient
            layout.places.update({i: (layout.gradient, homes[i]) for i in group.ids})
            continue
        before = _operand_to_overwrite(tape, group, group_of, uses)
        if before is not None:
            before.array.ones |= group.array.ones
            group.array = before.array
        else:
            group.array.name = f"v{number}"
            layout.arrays.append(group.array)
        layout.places.update({i: (group.array, row) for row, i in enumerate(group.ids)})
    return layout


def _uses(tape: Tape, instructions: Iterable[int], needed: Iterable[int]) -> dict[int, int]:
    """Return how often each instruction's result is used; being wanted counts as a use."""
    uses: dict[int, int] = defaultdict(int)
    for i in needed:
        uses[i] += 1
    for i in instructions:
        for j in operands(tape, i):
            uses[j] += 1
    return uses


def _operand_to_overwrite(tape: Tape, group: Group, group_of: dict[int, Group], uses: dict[int, int]) -> Group | None:
    """Return the group whose results only this one needs, row for row, so that it can write over them.

    So a sum goes through its activation in place: fewer arrays fit into the processor's caches more often.
    """
    if group.ragged or group.kind in REDUCE or group.kind in ("bsum", "where"):
        return None
    if group.kind != "lin":
        slots = [list(slot) for slot in zip(*[tape.args[i] for i in group.ids], strict=True)]
    elif all(_is_product(tape, i) for i in group.ids):
        slots = [[tape.args[i][0][k] for i in group.ids] for k in (1, 2)]
    else:
        return None
    for slot in slots:
        before = group_of.get(slot[0])
        if (
            before is not None
            and before.ids == slot
            and before.array.name != "gradient"
            and (before.batched, before.array.boolean) == (group.batched, group.array.boolean)
            and all(uses[i] == 1 for i in slot)
        ):
            return before
    return None


def _is_product(tape: Tape, i: int) -> bool:
    """Return whether a combination is one product of two results that vary as it does itself."""
    _, u, v = tape.args[i][0]
    return len(tape.args[i]) == 1 and ONE not in (u, v) and tape.batched[u] == tape.batched[v] == tape.batched[i]


def _merge(tape: Tape, members: dict[tuple[int, str, bool, object, bool], list[int]]) -> None:
    """Put linear combinations together whatever their shapes, where a depth has many shapes and they form no matrix."""
    shapes: dict[tuple[int, str, bool, bool], list[tuple[int, str, bool, object, bool]]] = defaultdict(list)
    for key in members:
        depth, kind, batched, _, home = key
        if kind == "lin":
            shapes[depth, kind, batched, home].append(key)
    for (depth, kind, batched, home), keys in shapes.items():
        if len(keys) <= FEW:
            continue
        rows: dict[frozenset[int], int] = defaultdict(int)  # the operands of a product with weights -> how often
        factors = {}
        for key in keys:
            for i in members[key]:
                factors[i] = frozenset(v for _, _, v in parts(tape, i).mixed if v != ONE)
                rows[factors[i]] += 1
        for key in keys:
            ids = members.pop(key)
            for i in ids:
                matrix = len(factors[i]) > 1 and rows[factors[i]] > 1
                shape = key[3] if matrix else LONG if len(tape.args[i]) > RAGGED_TERMS or not batched else RAGGED
                members[depth, kind, batched, shape, home].append(i)


def _split(tape: Tape, ids: list[int], group_of: dict[int, Group]) -> list[list[int]]:
    """Split instructions by the groups of their operands, if that gives few parts: each then finds them in slices."""
    if len(ids) == 1:
        return [ids]
    by_source: dict[frozenset[object], list[int]] = {}
    for i in ids:
        source = frozenset(id(group_of[j]) if j in group_of else tape.kinds[j] for j in operands(tape, i))
        by_source.setdefault(source, []).append(i)
        if len(by_source) > FEW:
            return [ids]
    return list(by_source.values())


def operands(tape: Tape, i: int) -> list[int]:
    """Return the instructions that instruction ``i`` uses."""
    kind, args = tape.kinds[i], tape.args[i]
    if kind in ("lin", "bsum"):
        return [j for _, u, v in args for j in (u, v) if j != ONE]
    return [] if kind in ("constant", "parameter", "input", "scalar") else list(args)


def live(tape: Tape, needed: Iterable[int]) -> list[int]:
    """Return the instructions that ``needed`` ones depend on, in order."""
    found: set[int] = set()
    stack = list(needed)
    while stack:
        i = stack.pop()
        if i not in found:
            found.add(i)
            stack += operands(tape, i)
    return sorted(found)


class Parts(NamedTuple):
    """The terms of a linear combination by what kind of array call they want."""

    constant: float
    single: tuple[tuple[float, int], ...]  # c·u, u varying as the combination does
    double: tuple[tuple[float, int, int], ...]  # c·u·v, both varying alike
    mixed: tuple[tuple[float, int, int], ...]  # c·u·v in a batch: u the same for all samples, v not (or ONE: a bias)


def parts(tape: Tape, i: int) -> Parts:
    """Sort the terms of a linear combination."""
    constant, single, double, mixed = 0.0, [], [], []
    batched = tape.batched
    for c, u, v in tape.args[i]:
        if u == ONE:
            constant += c
        elif v == ONE:
            if batched[i] and not batched[u]:
                mixed.append((c, u, ONE))
            else:
                single.append((c, u))
        elif not batched[i] or (batched[u] and batched[v]):
            double.append((c, u, v))
        else:
            mixed.append((c, v, u) if batched[u] else (c, u, v))
    return Parts(constant, tuple(single), tuple(double), tuple(mixed))


def _shape(tape: Tape, i: int) -> object:
    """Return what must agree, besides kind and depth, for instructions to share a group."""
    kind = tape.kinds[i]
    if kind == "lin":
        p = parts(tape, i)
        weights = len(p.mixed) if len(p.mixed) <= 1 else 2
        return min(len(p.single), SLOTS + 1), min(len(p.double), SLOTS + 1), weights
    return len(tape.args[i]) if kind.endswith("_of") else 0


def _position(tape: Tape, i: int, places: dict[int, tuple[Array, int]]) -> tuple[tuple[str, int], ...]:
    """Return where the operands of an instruction lie: the key that orders a group."""
    kind = tape.kinds[i]
    if kind == "lin":
        p = parts(tape, i)
        if p.mixed:
            _, u, v = min(p.mixed, key=lambda term: _place(term[1], places))
            return (_place(u, places), _place(v, places))
        chosen = [*[j for _, u, v in p.double[:2] for j in (u, v)], *[u for _, u in p.single[:2]]]
        return tuple(_place(j, places) for j in chosen)
    if kind == "bsum":
        return tuple(_place(j, places) for j in tape.args[i][0][1:])
    return tuple(_place(j, places) for j in tape.args[i])


def _place(i: int, places: dict[int, tuple[Array, int]]) -> tuple[str, int]:
    array, row = places.get(i, (None, 0))
    return (array.name if array else "", row)


def _want_truth(tape: Tape, instructions: Iterable[int], group_of: dict[int, Group]) -> None:
    """Keep truth values as such where they only select or mask, and as 1.0 and 0.0 where they are added up."""

    def truth(i: int) -> bool:
        return i in group_of and tape.kinds[i] in BOOLEAN

    for i in instructions:
        if tape.kinds[i] in ("and", "or", "not"):
            continue
        if tape.kinds[i] == "where":
            numbers = list(tape.args[i][1:])
        elif tape.kinds[i] == "lin":
            masks = [(u, v) for _, u, v in tape.args[i] if v != ONE and truth(u) != truth(v)]
            masked = {
                j for pair in masks for j in pair if tape.batched[j] == tape.batched[i] and not group_of[i].ragged
            }
            numbers = [j for j in operands(tape, i) if j not in masked or len(tape.args[i]) > SLOTS]
        else:
            numbers = operands(tape, i)
        for j in numbers:
            if truth(j):
                group_of[j].array.boolean = False


def _want_ones(tape: Tape, layout: Layout, group_of: dict[int, Group]) -> None:
    """Give a row of ones to the arrays beside which a bias is used, so that it is one more column of the weights."""

    def array_of(i: int) -> Array | None:
        if tape.kinds[i] == "input":
            return layout.places[i][0]
        return group_of[i].array if i in group_of else None

    partners: dict[int, list[Array]] = defaultdict(list)
    biased: set[int] = set()
    for group in layout.groups:
        if group.kind == "lin" and group.batched:
            for i in group.ids:
                mixed = parts(tape, i).mixed
                if len(mixed) > 1 and any(v == ONE for _, _, v in mixed):
                    for array in {array_of(v) for _, _, v in mixed if v != ONE}:
                        if array is not None:
                            array.ones = True
        elif group.kind == "bsum":
            for i in group.ids:
                for _, u, v in tape.args[i]:
                    if v == ONE:
                        biased.add(u)
                    elif (array := array_of(v)) is not None:
                        partners[u].append(array)
    for u in biased:
        for array in partners[u]:
            array.ones = True
