"""What gates do with the gradient that arrives at them, in words: add distributes, multiply swaps, max routes.

>>> from autograd import trace
>>> f = trace("max(x + y, z)", x=1.0, y=2.0, z=5.0).output
>>> role([f], lambda node: node.label or "the sum")
'max (the sum) routes: its largest operand gets the whole gradient, the others nothing; here z'
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from autograd.explain.symbols import number, slope
from autograd.gate import GateOp, HandMade
from autograd.ops import CONSTANT
from autograd.value import Value

_T = TypeVar("_T")

MOST_NAMES = 4  # of gates that are listed
SATURATED = 0.01  # a slope below it lets hardly anything through

_DISTRIBUTES = "distributes: each operand gets the gradient unchanged"
_LARGEST = "routes: its largest operand gets the whole gradient, the others nothing"
_SMALLEST = "routes: its smallest operand gets the whole gradient, the others nothing"
_FLAT = "is flat: its slope is 0 everywhere, so nothing is passed back"
SCALES = "scales the gradient by its slope"
ROLES = {  # of every other row than those that scale
    "add": _DISTRIBUTES, "sum": _DISTRIBUTES,
    "subtract": "distributes: the first operand gets the gradient unchanged, the second with its sign turned",
    "negative": "turns the sign of the gradient",
    "mean": "distributes: each of its n operands gets 1/n of the gradient",
    "multiply": "swaps its inputs: each operand gets the gradient times the other operand",
    "prod": "swaps its inputs: each operand gets the gradient times the product of the others",
    "dot": "swaps its inputs: a weight gets the gradient times its input, an input times its weight, a bias unchanged",
    "maximum": _LARGEST, "max": _LARGEST, "minimum": _SMALLEST, "min": _SMALLEST,
    "where": "routes: the operand that the condition chooses gets the whole gradient, the other nothing",
    "clip": "routes: between its bounds the input gets the whole gradient, beyond them the bound",
    "relu": "switches: above 0 its input gets the whole gradient, elsewhere nothing",
    "logsumexp": "shares out: each operand gets the gradient times its softmax, and these add up to 1",
    "step": _FLAT, "sign": _FLAT, "greater": _FLAT, "greater_equal": _FLAT, "less": _FLAT, "less_equal": _FLAT,
}  # fmt: skip
_ROUTERS = ("maximum", "max", "minimum", "min", "where", "clip")
_SATURATING = ("tanh", "sigmoid", "softsign", "arctan")


def role(gates: Sequence[Value], named: Callable[[Value], str]) -> str:
    """Return what gates of one kind do with the gradient, and what those of them that choose have chosen.

    Args:
        gates: the gates' results, all of the same operation.
        named: how to call a Value.
    """
    op = gates[0].op
    few = len(gates) <= MOST_NAMES
    title = f"{op.name} ({listed(gates, named) if few else f'{len(gates):,} times'})"
    if is_own(gates[0]):
        return f"{title}, a gate of your own, scales the gradient by the slope that its backward gives"
    told = f"{title} {ROLES.get(op.name) or SCALES + _slope(gates, named)}"
    if op.name in _ROUTERS and few:
        told += _chosen(gates, named)
    if op.name == "relu" and few:
        told += _switched(gates, named)
    if op.name in _SATURATING:
        flat = [gate for gate in gates if abs(gate.op.local(gate)[0]) < SATURATED]
        which = f": {listed(flat, named)}" if len(gates) > 1 else ""
        told += f"; saturated, so that hardly anything gets through{which}" if flat else ""
    return told


def _slope(gates: Sequence[Value], named: Callable[[Value], str]) -> str:
    """Return the slope of a single gate of a single operand: 1 − o² = 0.5."""
    positions = [i for i, operand in enumerate(gates[0].parents) if operand.op is not CONSTANT]
    symbol = slope(gates[0], positions[0], named) if len(gates) == len(positions) == 1 else None
    if symbol is None:
        return ""
    size = number(gates[0].op.local(gates[0])[positions[0]]).text
    return f", {symbol.text}" if symbol.text == size else f", {symbol.text} = {size}"


def _chosen(gates: Sequence[Value], named: Callable[[Value], str]) -> str:
    choices = []
    for gate in gates:
        operands = [named(v) for v, local in zip(gate.parents, gate.op.local(gate), strict=True) if local == 1]
        if operands:
            choices.append(operands[0] if len(gates) == 1 else f"{operands[0]} in {named(gate)}")
    return f"; here {listed(choices, str)}" if choices else ""


def _switched(gates: Sequence[Value], named: Callable[[Value], str]) -> str:
    on = [gate for gate in gates if gate.op.local(gate)[0] != 0]
    off = [gate for gate in gates if gate.op.local(gate)[0] == 0]
    states = [f"{state}: {listed(which, named)}" for state, which in (("on", on), ("off", off)) if which]
    return f"; here it is {'on' if on else 'off'}" if len(gates) == 1 else f"; {'; '.join(states)}"


def is_own(node: Value) -> bool:
    """Return whether the user wrote this node's backward, so that its slope is known only as a number."""
    return isinstance(node.op, (HandMade, GateOp))


def listed(things: Sequence[_T], named: Callable[[_T], str]) -> str:
    """Return a, b and c; of many the first ones and how many more there are."""
    names = [named(thing) for thing in things[:MOST_NAMES]]
    if len(things) > MOST_NAMES:
        return f"{', '.join(names)} and {len(things) - MOST_NAMES:,} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
