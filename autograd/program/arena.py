"""One array behind many: so that rows of different arrays can be gathered in one call.

An irregular graph takes its operands from everywhere. Where that happens, all arrays of a kind (those that vary over
the batch, or those that do not) are made as slices of one; numbers that are gathered with them get rows of their own.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from autograd.program.tape import ONE, Tape, literal
from autograd.program.vectorise import Array, Layout


class Arena:
    """The rows of all arrays that vary over the batch (``rows``), or of all that do not (``flat``).

    Attributes:
        array: the whole.
        used: whether anything is gathered from it; only then is it made.
    """

    def __init__(self, tape: Tape, layout: Layout, batched: bool) -> None:
        self.tape, self.layout, self.batched = tape, layout, batched
        self.used = False
        self.starts: dict[Array, int] = {}
        self.array = Array("rows" if batched else "flat", 0, batched)
        own = [layout.theta] if not batched else layout.inputs
        for array in (*own, *layout.arrays):
            if array.batched == batched and not array.boolean:
                self.starts[array] = self.array.rows
                self.array.rows += array.rows + array.ones
        self.numbers: dict[tuple[Any, ...], int] = {}  # the arguments of a constant or scalar -> its row

    def row(self, i: int) -> int | None:
        """Return the row of an instruction's result, or of ONE; None if it lies elsewhere."""
        if i == ONE:
            return self._number((1.0, "1.0"))
        if self.tape.kinds[i] in ("constant", "scalar"):
            return self._number(self.tape.args[i])
        array, row = self.layout.places[i]
        start = self.starts.get(array)
        return None if start is None else start + row

    def rows(self, ids: Iterable[int]) -> list[int | None]:
        """Return the rows of several instructions."""
        return [self.row(i) for i in ids]

    def _number(self, args: tuple[Any, ...]) -> int:
        if args not in self.numbers:
            self.numbers[args] = self.array.rows
            self.array.rows += 1
        return self.numbers[args]

    def setup(self) -> list[str]:
        """Return the lines that make it, full of ones, and put constants in their rows."""
        size = f"({self.array.rows}, n)" if self.batched else str(self.array.rows)
        constants = [(row, args[0]) for args, row in self.numbers.items() if len(args) == 2 and args[0] != 1]
        name = self.array.name
        return [f"{name} = np.ones({size})", *[f"{name}[{row}] = {literal(x)}" for row, x in constants]]

    def begin(self) -> list[str]:
        """Return the calls that begin a run: what is known only then."""
        lines = [f"{self.array.name}[{row}] = {args[0]}" for args, row in self.numbers.items() if len(args) == 1]
        if not self.batched:
            start = self.starts[self.layout.theta]
            lines.append(f"{self.array.name}[{start}:{start + self.layout.theta.rows}] = theta")
        return lines
