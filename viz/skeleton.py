"""A graph as plain numbers: what folding asks of it again and again, found once.

Long sums are gathered: ``((0 + a) + b) + c``, as Python's ``sum`` builds it, counts as one operation on a, b and c. So
do products, maxima, minima, and an operation that is applied to its own result over and over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from autograd.ops import CONSTANT, DOT, PARAMETER
from autograd.value import Value
from viz.model import Reading, operation
from viz.text import split

DOTS = frozenset(("w·x", "w·x + b"))
PRODUCTS = frozenset(("×", "÷")) | DOTS
SUMS = frozenset(("+", "sum"))
_ANY_SIDE = frozenset(("+", "×", "max", "min"))
_LEFT_SIDE = frozenset(("−", "÷"))
FEW = 8  # names that differ by numbers only, as x0, x1, …, up to which they are kept apart

_DIGITS = re.compile(r"\d+")


class Skeleton:
    """The values of a graph by their numbers, 0, 1, … in topological order.

    Attributes:
        values: the Values.
        operations: how a picture calls their operations; "" for leaves.
        patterns: their names; where many differ by numbers only, ``losses[…]`` for all of these.
        order: the numbers of those that are not inside a gathered operation.
        operands: the numbers of their operands, of a gathered operation all it is made from.
        gathered: of a value inside a gathered operation the number of the last one, which stands for all; else its own.
        learned: whether it is a parameter.
        constant: whether no input is among what it is made from.
        feeds: whether it ends up in an operation that uses parameters; behind the last of these is the loss.
        forms: the same number for values that are made from the same parameters by the same operations, and from inputs
            in the same places: a neuron's outputs for several samples.
        output: the number of the output.
    """

    def __init__(self, reading: Reading, paths: Mapping[Value, str]) -> None:
        self.values = values = reading.graph.nodes
        self.output = len(values) - 1
        number = {value: i for i, value in enumerate(values)}
        names: dict[tuple[object, bool], str] = {}
        self.operations: list[str] = []
        labels: list[str] = []
        for value in values:
            bias = value.op is DOT and len(value._x) > len(value._y)
            if value.is_leaf:
                name = ""
            elif (value.op, bias) not in names:
                name = names[value.op, bias] = operation(value)
            else:
                name = names[value.op, bias]
            self.operations.append(name)
            labels.append(reading.name(value))
        self.patterns = _patterns(labels, [value in paths for value in values])
        self.raw = [tuple([number[operand] for operand in value.parents]) for value in values]
        self._gather()
        self._classify(paths)

    def _gather(self) -> None:
        values, operations = self.values, self.operations
        uses = [0] * len(values)
        for operands in self.raw:
            for j in operands:
                uses[j] += 1
        self.gathered = list(range(len(values)))
        self.operands: list[tuple[int, ...]] = list(self.raw)
        terms: dict[int, list[int]] = {}
        for i, operands in enumerate(self.raw):
            name = operations[i]
            if len(operands) == 1 or name in _ANY_SIDE:
                joined = [j for j in operands if operations[j] == name and uses[j] == 1 and not self.patterns[j]]
            elif name in _LEFT_SIDE:
                joined = [j for j in operands[:1] if operations[j] == name and uses[j] == 1 and not self.patterns[j]]
            else:
                continue
            if not joined:
                continue
            lists = sorted((terms.pop(j) if j in terms else list(self.raw[j]) for j in joined), key=len)
            longest = lists.pop()
            for other in lists:
                longest += other
            longest += [j for j in operands if j not in joined]
            terms[i] = longest
            for j in joined:
                self.gathered[j] = i
        for i in reversed(range(len(values))):
            self.gathered[i] = self.gathered[self.gathered[i]]
        for i, found in terms.items():
            zeros = [j for j in found if values[j].op is CONSTANT and values[j].data == 0.0 and operations[i] == "+"]
            for j in zeros if len(zeros) < len(found) else ():
                self.gathered[j] = i
            self.operands[i] = tuple([j for j in found if self.gathered[j] == j])
        self.order = [i for i in range(len(values)) if self.gathered[i] == i]

    def _classify(self, paths: Mapping[Value, str]) -> None:
        values, operands, operations = self.values, self.operands, self.operations
        self.constant = [False] * len(values)
        self.forms = [0] * len(values)
        self.learned = [False] * len(values)
        known: dict[tuple[object, ...], int] = {}
        summed = [True] * len(values)  # used in sums only
        for i in self.order:
            if operations[i] not in SUMS:
                for j in operands[i]:
                    summed[j] = False
        for i in self.order:
            value = values[i]
            key: tuple[object, ...]
            if value.is_leaf:
                learned = self.learned[i] = value.op is PARAMETER or value in paths
                self.constant[i] = learned or value.op is CONSTANT
                key = (value.op.name, i if learned else -1)
            else:
                self.constant[i] = all(self.constant[j] for j in operands[i]) and not self._weighs_numbers(i, summed[i])
                forms = [self.forms[j] for j in operands[i]]
                key = (operations[i], *(forms if self.raw[i] is operands[i] else dict.fromkeys(forms)))
            self.forms[i] = known.setdefault(key, len(known))
        self.feeds = [False] * len(values)
        for i in reversed(self.order):
            if self.feeds[i] or (not self.constant[i] and any(self.learned[j] for j in operands[i])):
                for j in operands[i]:
                    self.feeds[j] = True

    def _weighs_numbers(self, i: int, summed: bool) -> bool:
        """Return whether a product is that of a parameter and a sample's plain number, and not of a penalty."""
        operands = self.operands[i]
        if not any(self.values[j].op is CONSTANT for j in operands) or not any(self.learned[j] for j in operands):
            return False
        return self.operations[i] in DOTS or (self.operations[i] == "×" and len(operands) == 2 and summed)


def _patterns(names: list[str], given: list[bool]) -> list[str]:
    """Return each name, or where more than a few differ by numbers only, the name with ``…`` for the numbers.

    Of a parameter's path (``given``) the module's part stays: ``layers.0.w…``.
    """
    found: dict[str, set[str]] = {}
    patterns = []
    for name, is_path in zip(names, given, strict=True):
        own = split(name)[1] if is_path else name
        pattern = name.removesuffix(own) + _DIGITS.sub("…", own) if name else ""
        found.setdefault(pattern, set()).add(name)
        patterns.append(pattern)
    return [name if len(found[pattern]) <= FEW else pattern for name, pattern in zip(names, patterns, strict=True)]
