"""What the boxes of a folded picture say: ranges, counts, and units that are dead."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from autograd.ops import CONSTANT
from viz.model import Node, Reading, Summary
from viz.skeleton import Skeleton
from viz.text import spread

MANY = 10  # samples for which a relu is at 0, from which on it is called dead


@dataclass(frozen=True)
class Contents:
    """The values in a box, by their numbers in the skeleton.

    Attributes:
        all: every one.
        heads: those that are not inside a gathered operation.
        outputs: those that are used outside the box, or are the graph's output.
    """

    all: list[int] = field(default_factory=list)
    heads: list[int] = field(default_factory=list)
    outputs: set[int] = field(default_factory=set)


def extent(numbers: Iterable[float]) -> tuple[float, float]:
    """Return the smallest and the largest number, without those that are nan unless all are.

    >>> extent([2.0, math.nan, -1.0])
    (-1.0, 2.0)
    """
    known = [x for x in numbers if x == x]
    return (min(known), max(known)) if known else (math.nan, math.nan)


def stack_box(identity: str, box: Contents, reading: Reading, skeleton: Skeleton) -> Node:
    """Return the node for values of one form, or for one value with those gathered in it."""
    values = [skeleton.values[i] for i in box.heads]
    first = box.heads[0]
    names = {reading.name(value) for value in values}
    lengths = set(Counter(skeleton.gathered[i] for i in box.all).values())
    many = f"{len(values):,} × " if len(values) > 1 else ""
    if len(box.all) == len(values) or (len(skeleton.operands[first]) == 1 and len(lengths) > 1):
        note = f"× {len(values):,}"
    elif len(skeleton.operands[first]) == len(skeleton.raw[first]) == 1:
        note = f"{many}{lengths.pop():,} in a row"
    else:
        terms = sorted({len(skeleton.operands[i]) for i in box.heads})
        note = f"{many}{' to '.join(f'{n:,}' for n in dict.fromkeys((terms[0], terms[-1])))} terms"
    if values[0].is_leaf:
        kind = "parameter" if skeleton.learned[first] else values[0].op.name
    else:
        kind = "output" if skeleton.output in box.outputs else "op"
    single = values[0] if len(values) == 1 else None
    return Node(
        id=identity,
        kind=kind,
        name=names.pop() if len(names) == 1 else skeleton.patterns[first],
        operation=skeleton.operations[first],
        value=single.data if single is not None else math.nan,
        gradient=reading.gradient(single) if single is not None else None,
        summary=_summary(len(values), note, box, box.heads, reading, skeleton),
    )


def module_box(identity: str, name: str, note: str, box: Contents, reading: Reading, skeleton: Skeleton) -> Node:
    """Return the node for a module, whose numbers are those of its outputs."""
    outputs = [i for i in sorted(box.outputs) if not skeleton.values[i].is_leaf] or sorted(box.outputs) or box.heads
    return Node(
        id=identity,
        kind="module",
        name=name,
        operation="",
        value=math.nan,
        summary=_summary(1, note, box, outputs, reading, skeleton),
    )


def _summary(
    stacked: int, note: str, box: Contents, shown: Sequence[int], reading: Reading, skeleton: Skeleton
) -> Summary:
    values = skeleton.values
    alarm, details = _units(box, skeleton)
    parameters = [values[i] for i in box.heads if skeleton.learned[i]]
    if parameters and len(parameters) < len(box.all):
        learned = f"{len(parameters):,} parameters {spread(extent(value.data for value in parameters))}"
        if reading.differentiated:
            learned += f" with gradients {spread(extent(value.grad for value in parameters))}"
        details = [learned, *details]
    for what, lost in (
        ("gradients", sum(1 for i in box.all if values[i].grad != values[i].grad) if reading.differentiated else 0),
        ("values", sum(1 for i in box.all if values[i].data != values[i].data)),
    ):
        alarm = f"{lost:,} {what if lost > 1 else what[:-1]} nan" if lost else alarm
    gradients = [values[i].grad for i in shown if values[i].op is not CONSTANT]
    return Summary(
        count=len(box.all),
        stacked=stacked,
        note=note,
        values=extent(values[i].data for i in shown),
        gradients=extent(gradients) if reading.differentiated and gradients else None,
        alarm=alarm,
        details="; ".join(details),
    )


def _units(box: Contents, skeleton: Skeleton) -> tuple[str, list[str]]:
    """Return what is to be said of relus: how many units are dead, and how often relus are at 0.

    A unit is what is made from the same parameters, whatever the sample. It is dead if it is at 0 for all of many; but
    that of a loss is not, since parameters come after it no more: there 0 is what is wanted.
    """
    outputs: dict[int, list[bool]] = {}
    for i in box.heads:
        if skeleton.operations[i].lower() == "relu":
            outputs.setdefault(skeleton.forms[i] if skeleton.feeds[i] else -1, []).append(
                skeleton.values[i].data == 0.0
            )
    if not outputs:
        return "", []
    cases = [zero for unit in outputs.values() for zero in unit]
    details = [f"relu is 0 in {sum(cases):,} of {len(cases):,} cases"]
    outputs.pop(-1, None)
    dead = sum(1 for unit in outputs.values() if len(unit) >= MANY and all(unit))
    said = f"{dead:,} of {len(outputs):,} units dead" if len(outputs) > 1 else "dead"
    return said if dead else "", details
