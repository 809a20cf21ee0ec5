"""Operations that a user writes as code: the lectures' gates, and micrograd's closures.

A gate is a class with ``forward`` and ``backward``, as on the slides, or a function with its derivative:

>>> from autograd import Value, gate
>>> @gate
... class MultiplyGate:
...     def forward(self, x, y):
...         self.x, self.y = x, y           # must keep these around
...         return x * y
...     def backward(self, dz):
...         return [self.y * dz, self.x * dz]
>>> x, y = Value(3.0), Value(-4.0)
>>> z = MultiplyGate(x, y)
>>> z.backward()
>>> z.data, x.grad, y.grad
(-12.0, -4.0, 3.0)

A formula with its partials as text is better still: ``autograd.operation`` makes it a row of the table.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.errors import GraphError, OperationError

if TYPE_CHECKING:
    from autograd.value import Value


class HandMade:
    """The ``op`` of a node whose local backward is a closure that the user assigned.

    ``original`` is the operation that the closure replaced; it still knows how to evaluate the node anew.
    """

    def __init__(self, symbol: str, closure: Callable[[], None] | None, original: Any) -> None:
        self.name = symbol or "closure"
        self.symbol = symbol
        self.closure = closure
        self.original = original

    def forward(self, node: Value) -> float:
        if self.original is None:
            raise GraphError(
                f"{_title(node)} was made by hand, as Value(data, children, {self.symbol!r}), so its data cannot be "
                "computed anew; write the operation as a gate (autograd.gate), which has a forward"
            )
        return self.original.forward(node)  # type: ignore[no-any-return]

    def backward(self, node: Value) -> None:
        if self.closure is not None:
            self.closure()

    def local(self, node: Value) -> tuple[float, ...]:
        """Find ∂z/∂operand by running the closure on a gradient of 1; an operand that stands twice gets two halves."""
        parents = node.parents
        touched = [node, *parents]
        before = [v.grad for v in touched]
        try:
            for v in touched:
                v.grad = 0.0
            node.grad = 1.0
            self.backward(node)
            return tuple(v.grad / parents.count(v) for v in parents)
        finally:
            for v, old in zip(touched, before, strict=True):
                v.grad = old

    def __reduce__(self) -> Any:
        if self.closure is None:
            return HandMade, (self.symbol, None, self.original)
        raise GraphError(
            f"a node {self.symbol!r} whose _backward is a closure cannot be pickled or copied, since it holds on to "
            "the original nodes; write the operation as a gate (autograd.gate)"
        )


class GateOp:
    """The ``op`` of a node that a gate made; each node has its own instance of the gate, which keeps what it needs."""

    def __init__(self, gate: Gate, instance: Any) -> None:
        self.gate = gate
        self.name = self.symbol = gate.name
        self.instance = instance

    def forward(self, node: Value) -> float:
        from autograd.value import number

        return number(self.instance.forward(*[v.data for v in node.parents]))

    def shares(self, node: Value, gradient: float) -> list[float]:
        from autograd.value import number

        parents = node.parents
        shares = _listed(self.instance.backward(gradient))
        if len(shares) != len(parents):
            raise GraphError(
                f"backward of the gate {self.name!r} returned {len(shares)} gradients for {len(parents)} operands; "
                "return one for each, in order"
            )
        return [number(share) for share in shares]

    def local(self, node: Value) -> tuple[float, ...]:
        return tuple(self.shares(node, 1.0))

    def backward(self, node: Value) -> None:
        for v, share in zip(node.parents, self.shares(node, node.grad), strict=True):
            v.grad += share

    def __reduce__(self) -> Any:
        return _restore, (self.gate, self.instance.__getstate__())


def _restore(gate: Gate, state: Any) -> GateOp:
    """Make a pickled or copied GateOp anew; ``state`` is what the gate kept."""
    instance = gate.make()
    for attributes in state if isinstance(state, tuple) else (state,):  # __dict__, or (__dict__, slots)
        for name, value in (attributes or {}).items():
            setattr(instance, name, value)
    return GateOp(gate, instance)


class _FunctionGate:
    """A gate from a function and its derivative."""

    def __init__(self, function: Callable[..., Any], derivative: Callable[..., Any]) -> None:
        self.function, self.derivative = function, derivative

    def forward(self, *xs: float) -> Any:
        self.xs = xs
        return self.function(*xs)

    def backward(self, dz: float) -> list[float]:
        from autograd.value import number

        return [dz * number(slope) for slope in _listed(self.derivative(*self.xs))]

    def __getstate__(self) -> dict[str, Any]:
        return {"xs": self.xs}  # the gate knows the functions


class Gate:
    """A gate that can be called on Values like any operation of the table; made by ``gate``."""

    def __init__(self, definition: Any, derivative: Callable[..., Any] | None, name: str) -> None:
        self.definition, self.derivative = definition, derivative
        self.__name__ = self.name = name
        self.__module__ = definition.__module__

    def make(self) -> Any:
        """Return a new instance: an object with ``forward`` and ``backward``."""
        return self.definition() if self.derivative is None else _FunctionGate(self.definition, self.derivative)

    def __call__(self, *xs: Any) -> Value:
        from autograd.value import operands, record

        if not xs:
            raise OperationError(f"the gate {self.name!r} was called without operands")
        op = GateOp(self, self.make())
        values = operands(xs)
        return record(op, op.forward(_Operands(values)), values)  # type: ignore[arg-type]  # forward reads parents only

    def __repr__(self) -> str:
        return f"<gate {self.name}>"

    def __reduce__(self) -> Any:
        if getattr(sys.modules.get(self.__module__), self.name, None) is self:
            return self.name  # like a function, by its name; a decorated class has no other
        return gate, (self.definition, self.derivative, self.name)


class _Operands:
    """Stands in for a node that does not exist yet."""

    def __init__(self, parents: tuple[Value, ...]) -> None:
        self.parents = parents


def gate(definition: Any, derivative: Callable[..., Any] | None = None, name: str | None = None) -> Gate:
    """Make an operation from a class with ``forward`` and ``backward``, or from a function and its derivative.

    Args:
        definition: a class; each call of the gate makes an instance, calls ``forward(*floats)`` for the result and
            later ``backward(gradient)`` for one gradient per operand. Or a function of floats.
        derivative: of the function: takes the same floats and returns ∂z/∂x, or one number for each argument.
        name: for pictures; by default the name of the class or function.

    Raises:
        OperationError: the class lacks a method, or a function comes without its derivative.

    >>> from autograd import Value
    >>> cube = gate(lambda x: x**3, lambda x: 3 * x**2, name="cube")
    >>> x = Value(2.0)
    >>> cube(x).backward()
    >>> x.grad
    12.0
    """
    title = name or str(getattr(definition, "__name__", type(definition).__name__))
    if isinstance(definition, type):
        missing = [method for method in ("forward", "backward") if not callable(getattr(definition, method, None))]
        if missing:
            raise OperationError(f"the gate {title!r} has no method {' and no method '.join(missing)}")
        return Gate(definition, None, title)
    if not callable(definition):
        raise OperationError(f"a gate is a class with forward and backward, or a function; not {definition!r}")
    if derivative is None:
        raise OperationError(f"the gate {title!r} is a function: give its derivative too, as in gate(f, df)")
    return Gate(definition, derivative, title)


def _listed(result: Any) -> list[Any]:
    """Return one number, or several in a tuple, list or array, as a list."""
    several = isinstance(result, (tuple, list)) or (isinstance(result, np.ndarray) and result.ndim > 0)
    return list(result) if several else [result]


def _title(node: Value) -> str:
    return f"the node {node.label!r}" if node.label else f"a node {node.op.symbol!r}"
