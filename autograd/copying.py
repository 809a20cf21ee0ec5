"""Pickling and copying of graphs of any depth.

Pickle and ``copy.deepcopy`` follow references by recursion, which a graph of 100,000 nodes in a chain would exhaust. So
a Value hands pickle, before its own operands, a list of everything below it in topological order, and is itself copied
in that order: when a node's turn comes, its operands have been stored already. Both modules remember what they stored,
so shared nodes stay shared.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograd.value import Value


class _Flattening(threading.local):
    """The ids of nodes whose operands are stored before them, while a graph is being stored in this thread."""

    def __init__(self) -> None:
        self.nodes: set[int] = set()


_flattening = _Flattening()


class Below:
    """Everything below a Value in topological order; stored as a list."""

    def __init__(self, value: Value) -> None:
        self.value = value

    def __reduce__(self) -> Any:
        return list, (), None, self._nodes()

    def _nodes(self) -> Iterator[Value]:
        from autograd.value import topological_order

        interior, leaves = topological_order(self.value)
        nodes = [node for node in leaves + interior if node is not self.value]
        mine = {id(node) for node in nodes} - _flattening.nodes
        _flattening.nodes |= mine
        try:
            yield from nodes
        finally:
            _flattening.nodes -= mine


def reduce_value(value: Value) -> Any:
    """Implement ``Value.__reduce_ex__``."""
    below = None if value.is_leaf or id(value) in _flattening.nodes else Below(value)
    return _restore, (below, value.data, value.grad, value.op, value.label, value._x, value._y)


def deepcopy_value(value: Value, memo: dict[int, Any]) -> Value:
    """Implement ``Value.__deepcopy__``."""
    from autograd.value import topological_order

    interior, leaves = topological_order(value)
    for node in leaves + interior:
        if id(node) not in memo:
            op, x, y = (copy.deepcopy(part, memo) for part in (node.op, node._x, node._y))
            memo[id(node)] = _restore(None, node.data, node.grad, op, node.label, x, y)
    copied: Value = memo[id(value)]
    return copied


def _restore(_below: object, data: float, grad: float, op: Any, label: str | None, x: Any, y: Any) -> Value:
    from autograd.value import Value

    value = Value(data, label=label)
    value.grad, value.op, value._x, value._y = grad, op, x, y
    return value
