"""The operations on any number of operands, as functions: each makes one node, however many operands there are.

Their rows stand in the second table of ops.py. The names are NumPy's; ``sum``, ``max`` and ``min`` are not exported by
``from autograd import *``, so that Python's own stay what they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import SupportsFloat

from autograd.errors import DomainError, GraphError
from autograd.ops import DOT, REDUCTIONS
from autograd.value import Value, constant, operand, operands, record


def _reduce(name: str, values: Iterable[SupportsFloat]) -> Value:
    row = REDUCTIONS[name]
    xs = operands(values)
    if not xs:
        if row.empty is None:
            raise DomainError(f"{name} of no operands is not defined; give at least one")
        return constant(row.empty)
    return record(row, row.evaluate([x.data for x in xs]), xs)


def sum(values: Iterable[SupportsFloat]) -> Value:  # noqa: A001  # NumPy's name
    """Return x₁ + … + xₙ as one node (0 for no operands); every operand gets the whole gradient.

    >>> a, b = Value(1.0), Value(2.0)
    >>> sum([a, b, 3.0]).data
    6.0
    """
    return _reduce("sum", values)


def mean(values: Iterable[SupportsFloat]) -> Value:
    """Return (x₁ + … + xₙ) / n as one node; every operand gets 1/n of the gradient.

    >>> mean([Value(1.0), Value(2.0)]).data
    1.5
    """
    return _reduce("mean", values)


def prod(values: Iterable[SupportsFloat]) -> Value:
    """Return x₁ · … · xₙ as one node (1 for no operands); an operand's slope is the product of the others.

    >>> prod([Value(2.0), Value(3.0), 4.0]).data
    24.0
    """
    return _reduce("prod", values)


def max(values: Iterable[SupportsFloat]) -> Value:  # noqa: A001  # NumPy's name
    """Return the largest operand as one node; the gradient is routed to it, at a tie to the first. NaN wins.

    >>> max([Value(2.0), Value(3.0)]).data
    3.0
    """
    return _reduce("max", values)


def min(values: Iterable[SupportsFloat]) -> Value:  # noqa: A001  # NumPy's name
    """Return the smallest operand as one node; the gradient is routed to it, at a tie to the first. NaN wins.

    >>> min([Value(2.0), Value(3.0)]).data
    2.0
    """
    return _reduce("min", values)


def logsumexp(values: Iterable[SupportsFloat]) -> Value:
    """Return ln(eˣ¹ + … + eˣⁿ) as one node, without overflow; an operand's slope is its softmax, exp(xᵢ - z).

    >>> logsumexp([Value(1000.0), Value(1000.0)]).data
    1000.6931471805599
    """
    return _reduce("logsumexp", values)


def dot(weights: Iterable[SupportsFloat], inputs: Iterable[SupportsFloat], bias: SupportsFloat | None = None) -> Value:
    """Return w₁x₁ + … + wₙxₙ (+ b) as one node: a neuron's total input.

    Raises:
        GraphError: there are not as many weights as inputs.

    >>> w, x = [Value(2.0), Value(-3.0)], [Value(-1.0), Value(-2.0)]
    >>> dot(w, x, bias=-3.0).data
    1.0
    """
    ws, xs = operands(weights), operands(inputs)
    if len(ws) != len(xs):
        raise GraphError(f"dot: {len(ws)} weights for {len(xs)} inputs; there must be as many")
    return fused_dot(ws if bias is None else (*ws, operand(bias)), xs)


def fused_dot(weights: tuple[Value, ...], inputs: tuple[Value, ...]) -> Value:
    """Return the node of ``dot`` for tuples of Values, as a layer keeps them; a weight left over is the bias."""
    if not weights:
        return constant(0.0)
    return record(DOT, DOT.evaluate(weights, inputs), weights, inputs)
