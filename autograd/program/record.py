"""Function → graph: a function of scalars is called once with Values that stand for its inputs.

While it runs, a comparison of Values gives a Value (1 or 0), and what would turn a Value into a plain number
(``bool``, ``float``, ``int``) is refused, since the program would keep the number of the example for ever. It is called
again with other numbers everywhere: a constant that differs betrays a number that came from elsewhere, from
``.data`` or a random draw.
"""

from __future__ import annotations

import math
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from autograd.errors import CompileError
from autograd.modes import recording
from autograd.ops import CONSTANT
from autograd.program.structure import build, flatten
from autograd.value import Value, operand, topological_order

# One recording at a time: each writes other numbers into the leaves for a while, and two at once would take the numbers
# of each other for those to restore. The same thread may record while it records.
_recording = threading.RLock()


class Recording:
    """A function's graph.

    Attributes:
        outputs: the results as a flat list of Values, and ``structure``: how the function returned them.
        inputs: one Value for each number of the examples.
        leaves: the leaves that existed before, in the order of their first use, constants left out.
        order: all nodes, each after its operands.
        seconds: how long recording took.
    """

    def __init__(self, outputs: list[Value], structure: Any, inputs: list[Value], created: set[int]) -> None:
        self.outputs, self.structure, self.inputs = outputs, structure, inputs
        self.seconds = 0.0
        self.input_number = {value: i for i, value in enumerate(inputs)}
        self.order = _order(outputs)
        leaves = [node for node in self.order if node.is_leaf and node.op is not CONSTANT]
        known = {id(node) for node in inputs} | created
        self.leaves = [node for node in leaves if id(node) not in known]


def record(function: Callable[..., Any], examples: Sequence[Any], parameters: Sequence[Value] = ()) -> Recording:
    """Call ``function`` on Values in the place of the examples' numbers and return its graph.

    It is called twice more with other numbers, in inputs, ``parameters`` and all leaves that were found: a comparison
    with the first call shows what it did with them outside the graph. A branch that they do not reach stays hidden.

    Raises:
        CompileError: what it returns is not made of Values, it turned a Value into a number, or its constants changed
            from one call to the next.
    """
    with _recording:
        return _record(function, examples, parameters)


def _record(function: Callable[..., Any], examples: Sequence[Any], parameters: Sequence[Value]) -> Recording:
    first = _call(function, examples, lambda x: x)
    draw = random.Random(0)  # noqa: S311  # any other numbers will do
    shifted = [(leaf, leaf.data) for leaf in dict.fromkeys([*first.leaves, *parameters])]

    def near(x: float) -> float:
        return x + draw.uniform(0.05, 0.1)

    def far(x: float) -> float:
        return -x - math.copysign(draw.uniform(0.5, 1.5), x)

    for other in (near, far):  # a branch on a threshold, a sign or an order then shows
        try:
            for leaf, data in shifted:
                leaf.data = other(data)
            again = _call(function, examples, other)
        finally:
            for leaf, data in shifted:
                leaf.data = data
        _compare(first, again, function)
    return first


def _call(function: Callable[..., Any], examples: Sequence[Any], change: Callable[[float], float]) -> Recording:
    inputs: list[Value] = []

    def stand_in(x: float) -> Value:
        value = Value(change(float(x)), label=f"input {len(inputs)}")
        inputs.append(value)
        return value

    arguments = [build(example, stand_in) for example in examples]
    with recording() as created:
        result = function(*arguments)
    numbers, structure = flatten(result)
    outputs = []
    for number in numbers:
        try:
            outputs.append(operand(number))
        except TypeError as error:
            raise CompileError(f"{_name(function)} must return Values or nested lists of them; {error}") from None
    if not outputs:
        raise CompileError(f"{_name(function)} returned nothing; does it lack its return statement?")
    return Recording(outputs, structure, inputs, {id(value) for value in created})


def _compare(first: Recording, second: Recording, function: Callable[..., Any]) -> None:
    """Refuse a function whose two recordings differ in anything but the numbers of inputs and parameters."""
    name = _name(function)
    remedy = "choose with where(), maximum() or minimum(), which are recorded"
    if len(first.order) != len(second.order) or first.structure != second.structure:
        raise CompileError(
            f"{name} took another path when its inputs were other numbers ({len(first.order)} nodes, then "
            f"{len(second.order)}); {remedy}"
        )
    kept = set(first.leaves)
    positions = [{node: i for i, node in enumerate(recording.order)} for recording in (first, second)]
    for a, b in zip(first.order, second.order, strict=True):
        what = [_what(node, recording, kept) for node, recording in ((a, first), (b, second))]
        if what[0] != what[1]:
            raise CompileError(
                f"{name} used {_words(a)} once and {_words(b)} the next time, with other inputs; {remedy}"
            )
        if [positions[0][p] for p in a.parents] != [positions[1][p] for p in b.parents]:
            raise CompileError(
                f"{name} computed {a.op.name!r} of other operands the next time, with other inputs; {remedy}"
            )
        if what[0] == "constant" and not (a.data == b.data or (a.data != a.data and b.data != b.data)):
            raise CompileError(
                f"{name} used the constant {a.data!r} once and {b.data!r} the next time, with other inputs: it draws "
                "random numbers, takes .data of a Value, detaches one or computes it inside no_grad; pass such numbers "
                "as inputs, and compute with Values"
            )
    if [positions[0][v] for v in first.outputs] != [positions[1][v] for v in second.outputs]:
        raise CompileError(f"{name} returned another of its Values when its inputs were other numbers; {remedy}")


def _what(node: Value, recording: Recording, kept: set[Value]) -> object:
    """Return what must agree between a node of one recording and the other's: which operation, input or leaf it is."""
    if not node.is_leaf:
        return node.op.name
    return recording.input_number.get(node, node if node in kept else "constant")


def _words(node: Value) -> str:
    return repr(node.op.name) if not node.is_leaf else f"the {node.op.name} {node.label or node.data!r}"


def _order(outputs: Sequence[Value]) -> list[Value]:
    seen: dict[Value, None] = {}
    for output in outputs:
        interior, leaves = topological_order(output)
        seen.update(dict.fromkeys(_first_use(interior, leaves)))
    return list(seen)


def _first_use(interior: list[Value], leaves: list[Value]) -> Iterator[Value]:
    """Yield the leaves in the order of their first use, each before the node that uses it."""
    if not interior:
        yield from leaves
    seen: set[Value] = set()
    for node in interior:
        for parent in node.parents:
            if parent.is_leaf and parent not in seen:
                seen.add(parent)
                yield parent
        yield node


def _name(function: Callable[..., Any]) -> str:
    return getattr(function, "__name__", type(function).__name__)
