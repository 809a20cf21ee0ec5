"""A Value: one scalar in a computational graph.

Arithmetic on Values records itself. Each result remembers its operands and the operation that made it, and
``backward()`` walks that record from the result to the leaves, multiplying local derivatives along every edge and
adding where branches meet: the chain rule, as in every lecture on backpropagation.

>>> x, y, z = Value(-2), Value(5), Value(-4)
>>> f = (x + y) * z
>>> f.backward()
>>> f.data, x.grad, y.grad, z.grad
(-12.0, -4.0, -4.0, 3.0)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, SupportsFloat

import numpy as np

from autograd import build
from autograd.copying import deepcopy_value, reduce_value
from autograd.errors import OperandError, RangeError
from autograd.gate import HandMade
from autograd.modes import is_paused, is_recording, note_created, refuse_number
from autograd.operations import Operations
from autograd.ops import CONSTANT, INPUT, PARAMETER, TABLE


class Value(Operations):
    """A scalar ``data`` with its gradient ``grad``, the operation ``op`` that made it, its operands and a ``label``.

    Args:
        data: one real number: a float, an int, a NumPy scalar or 0-d array.
        _children: the operands, where a user's own operation makes the node; its closure is then assigned to
            ``_backward``, as in micrograd. Nodes made by the operations of this package do not need it.
        _op: the name of that operation, for pictures.
        label: a name, for pictures, messages and ``Graph.inputs``.

    Raises:
        OperandError: ``data`` is not one real number, or a child is not a Value.
    """

    # Operands stand in two slots, or, where there are more, in tuples: fewer objects for the garbage collector to walk.
    __slots__ = ("_x", "_y", "data", "grad", "label", "op")

    data: float
    grad: float
    label: str | None
    op: Any  # a row of the table, a kind of leaf, or a gate: anything with forward, backward and local
    _x: Any  # the first operand, or a tuple of them, or None
    _y: Any  # the second operand, or a tuple of them, or None

    def __init__(
        self, data: SupportsFloat, _children: Iterable[Value] = (), _op: str = "", label: str | None = None
    ) -> None:
        self.data = number(data)
        self.grad = 0.0
        self.label = label
        if not isinstance(_children, Iterable):
            raise OperandError(f"the children of a Value stand in a tuple, as in (x,); not {_children!r}")
        children = tuple(_children)
        for child in children:
            if not isinstance(child, Value):
                raise OperandError(f"the children of a Value are Values, not {child!r}; make it one with Value(...)")
        self.op = HandMade(_op, None, None) if children else INPUT
        if build.namespace["recordings"]:
            note_created(self)
        self._x = children or None
        self._y = None

    # --- the graph ---

    @property
    def parents(self) -> tuple[Value, ...]:
        """The operands in order; ``x * x`` has its parent twice. A leaf has none."""
        x, y = self._x, self._y
        if x.__class__ is tuple:
            return x if y is None else (*x, *y)
        return () if x is None else (x,) if y is None else (x, y)

    _prev = parents

    @property
    def _op(self) -> str:
        """The operation's symbol, as micrograd writes it; empty for a leaf."""
        return self.op.symbol  # type: ignore[no-any-return]

    @property
    def is_leaf(self) -> bool:
        """Whether no operation made this Value: it is an input, a parameter or a constant."""
        return self._x is None

    @property
    def _backward(self) -> Callable[[], None]:
        """This node's local backward: takes nothing, adds this node's share to its operands' gradients.

        Assign a closure to write an operation of your own, as in micrograd; it then replaces the node's operation.
        """
        return lambda: self.op.backward(self)

    @_backward.setter
    def _backward(self, closure: Callable[[], None]) -> None:
        if self._x is None:
            raise OperandError(
                "_backward was assigned to a Value without children, which has nobody to pass a gradient to; "
                "make it with Value(data, (a, b), 'name')"
            )
        original = self.op.original if isinstance(self.op, HandMade) else self.op
        self.op = HandMade(self.op.symbol, closure, original)

    def backward(self, gradient: SupportsFloat = 1.0) -> None:
        """Add ∂self/∂leaf, times ``gradient``, to the ``grad`` of every leaf below this Value.

        Interior gradients start afresh at every call, leaves accumulate: two calls double a leaf's gradient, exactly.
        Constants receive none. Where a slope is infinite or undefined the gradient is ±inf or nan; nothing is raised.
        An exception in a user's own closure leaves all gradients as they were.
        """
        interior, leaves = topological_order(self)
        for node in leaves:
            if isinstance(node.data, Value):
                raise OperandError(
                    f"the data of {node.label or 'a leaf'!r} is itself a Value; change it by numbers, as in "
                    "w.data = w.data - rate * w.grad"
                )
        seed = number(gradient)
        before = [node.grad for node in leaves]
        before_interior = [node.grad for node in interior]
        try:
            for node in leaves:
                node.grad = 0.0
            for node in interior:
                node.grad = 0.0
            self.grad = seed
            for node in reversed(interior):
                node.op.backward(node)
            for node, old in zip(leaves, before, strict=True):
                node.grad = 0.0 if node.op is CONSTANT else old + node.grad
        except BaseException:  # also Ctrl-C, wherever it strikes
            for node, old in zip(leaves + interior, before + before_interior, strict=True):
                node.grad = old
            raise

    def zero_grad(self) -> None:
        """Set the gradient of this Value and of every Value below it to 0."""
        for nodes in topological_order(self):
            for node in nodes:
                node.grad = 0.0

    def detach(self) -> Value:
        """Return a constant with the same data: no gradient flows through it."""
        return constant(self.data, self.label)

    # --- as a number ---

    def __float__(self) -> float:
        if build.namespace["recordings"]:
            refuse_number("float")
        return float(self.data)

    def __int__(self) -> int:
        if build.namespace["recordings"]:
            refuse_number("int")
        return int(self.data)

    def __bool__(self) -> bool:
        if build.namespace["recordings"]:
            refuse_number("bool")
        return bool(self.data)

    def __pos__(self) -> Value:
        return self

    def __round__(self, digits: int | None = None) -> float:
        if build.namespace["recordings"]:
            refuse_number("round")
        return round(self.data, digits)

    def __format__(self, spec: str) -> str:
        if not spec:
            return repr(self)
        if build.namespace["recordings"]:
            refuse_number("format")
        return format(self.data, spec)

    # Comparisons compare the data and give a bool; == stays identity, so that Values can stand in sets and dicts.

    def __lt__(self, other: SupportsFloat) -> bool:
        right = operator_operand(other)
        if build.namespace["recordings"] and right is not NotImplemented and is_recording():
            return self.less(right)  # type: ignore[return-value]  # a Value, whose bool() is refused
        return right if right is NotImplemented else self.data < right.data

    def __le__(self, other: SupportsFloat) -> bool:
        right = operator_operand(other)
        if build.namespace["recordings"] and right is not NotImplemented and is_recording():
            return self.less_equal(right)  # type: ignore[return-value]  # a Value, whose bool() is refused
        return right if right is NotImplemented else self.data <= right.data

    def __gt__(self, other: SupportsFloat) -> bool:
        right = operator_operand(other)
        if build.namespace["recordings"] and right is not NotImplemented and is_recording():
            return self.greater(right)  # type: ignore[return-value]  # a Value, whose bool() is refused
        return right if right is NotImplemented else self.data > right.data

    def __ge__(self, other: SupportsFloat) -> bool:
        right = operator_operand(other)
        if build.namespace["recordings"] and right is not NotImplemented and is_recording():
            return self.greater_equal(right)  # type: ignore[return-value]  # a Value, whose bool() is refused
        return right if right is NotImplemented else self.data >= right.data

    # --- NumPy ---

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        """Let ``np.tanh(v)`` and ``np.float64(2) * v`` find their row, and arrays of Values NumPy's own loops."""
        name = ufunc.__name__
        if method != "__call__" or any(
            isinstance(x, np.ndarray) and x.ndim for x in (*inputs, *options.get("out", ()))
        ):
            return getattr(ufunc, method)(*map(_boxed, inputs), **options)
        if name in ("equal", "not_equal"):
            return (inputs[0] is inputs[1]) == (name == "equal")
        if options or name not in TABLE:
            return NotImplemented
        if name in _COMPARISONS and not is_recording():
            return _COMPARISONS[name](*map(float, inputs))
        return TABLE[name].apply(*inputs)

    # --- showing, copying ---

    def __repr__(self) -> str:
        return f"Value(data={self.data}, grad={self.grad})"

    def _repr_mimebundle_(self, **_formats: Any) -> dict[str, Any] | None:
        """Show a small graph as its picture in a notebook; a large one, or a leaf, stays one line of text."""
        try:
            from viz.notebook import show_value
        except ModuleNotFoundError as error:
            if (error.name or "").split(".")[0] != "viz":
                raise
            return None  # the engine works without pictures
        bundle: dict[str, Any] | None = show_value(self)
        return bundle

    def __reduce_ex__(self, protocol: Any) -> Any:
        return reduce_value(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Value:
        return deepcopy_value(self, memo)


_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "greater": float.__gt__, "greater_equal": float.__ge__, "less": float.__lt__, "less_equal": float.__le__,
}  # fmt: skip


def _boxed(x: Any) -> Any:
    """Return a Value as a 0-d array of objects, which NumPy's loops broadcast; anything else as it is."""
    if not isinstance(x, Value):
        return x
    box = np.empty((), dtype=object)
    box[()] = x
    return box


def topological_order(root: Value) -> tuple[list[Value], list[Value]]:
    """Return the interior nodes below ``root`` (itself last), every node after its operands, and the leaves.

    The order is that of a depth-first walk, operands from left to right: the same on every run. It is iterative: a
    chain of a million nodes needs no recursion.
    """
    interior: list[Value] = []
    leaves: list[Value] = []
    seen: set[Any] = set()  # finished Values, and the ids of tuples of operands whose members are taken care of
    stack: list[Any] = []  # nodes whose first slot is done; a None above a node says that it is not begun
    node = root if root._x is not None else None
    while node is not None:
        stack.append(node)  # go down along the first slot
        x = node._x
        if x.__class__ is tuple:
            _push_unseen(x, seen, stack)
        elif x not in seen:
            if x._x is not None:
                node = x
                continue
            seen.add(x)
            leaves.append(x)
        node = None
        while stack and node is None:  # come up, until a second slot or a member of a tuple leads down again
            done = stack.pop()
            if done is None:
                done = stack.pop()
                if done in seen:
                    continue
                if done._x is not None:
                    node = done
                    continue
                seen.add(done)
                leaves.append(done)
                continue
            y = done._y
            if y is not None:
                if y.__class__ is tuple:
                    if id(y) not in seen:
                        stack.append(done)
                        _push_unseen(y, seen, stack)
                        continue
                elif y not in seen:
                    if y._x is not None:
                        stack.append(done)
                        node = y
                        continue
                    seen.add(y)
                    leaves.append(y)
            seen.add(done)
            interior.append(done)
    return interior, leaves or [root]


def _push_unseen(operands: tuple[Value, ...], seen: set[Any], stack: list[Any]) -> None:
    """Put a tuple's members on the stack, the first on top, unless another node that shares the tuple has done so.

    Whatever is visited before the last of them is finished lies below one of them, so no other node with this tuple can
    be visited meanwhile: that would be a cycle. So the tuple may count as seen at once.
    """
    if id(operands) not in seen:
        seen.add(id(operands))
        for operand in reversed(operands):
            if operand not in seen:
                stack += (operand, None)


new = partial(object.__new__, Value)  # an empty node, faster than calling the class

# --- leaves -----------------------------------------------------------------------------------------------------------


def parameter(data: SupportsFloat, label: str | None = None) -> Value:
    """Return a leaf that is to be learned: a weight or a bias. Pictures draw it apart from inputs."""
    value = Value(data, label=label)
    value.op = PARAMETER
    return value


def constant(data: SupportsFloat, label: str | None = None) -> Value:
    """Return a leaf that never receives a gradient. Numbers in an expression become constants by themselves."""
    value = Value(data, label=label)
    value.op = CONSTANT
    return value


def number(x: Any) -> float:
    """Return ``x`` as a float, if it is one real number.

    Raises:
        OperandError: it is not; the message names it and the remedy.
        RangeError: an integer too large for a float.
    """
    if type(x) is float:
        return x
    if isinstance(x, np.ndarray) and x.ndim == 0:
        x = x.item()
    if isinstance(x, (str, bytes, complex, np.complexfloating, np.ndarray, Value)) or not hasattr(x, "__float__"):
        raise OperandError(f"a Value holds one real number, not {_describe(x)}")
    try:
        return float(x)
    except OverflowError:
        raise RangeError(f"a Value holds a float, and an integer of {int(x).bit_length()} bits is too large") from None
    except (TypeError, ValueError):  # a date, or another library's array
        raise OperandError(f"a Value holds one real number, not {_describe(x)}") from None


def _describe(x: Any) -> str:
    """Say what an unsuitable object is, and what to do about it."""
    text = repr(x)
    text = text if len(text) <= 60 else text[:57] + "..."
    if isinstance(x, (str, bytes)):
        return f"the text {text}; convert it first, as in Value(float(text))"
    if x is None:
        return "None; does a function lack its return statement?"
    if isinstance(x, (complex, np.complexfloating)):
        return f"the complex number {text}; use its .real, .imag or abs()"
    if isinstance(x, np.ndarray):
        return f"an array of shape {x.shape}; make one Value per number, as in [Value(a) for a in array.flat]"
    if isinstance(x, Value):
        return f"the Value {text}; use it as it is, or .detach() for a constant with its data"
    if isinstance(x, (list, tuple, set, dict)):
        return f"the {type(x).__name__} {text}; make one Value per number, as in [Value(a) for a in numbers]"
    return f"{text} of type {type(x).__name__}; convert it with float() first"


def operand(x: Any) -> Value:
    """Return a Value as it is, and a number as a constant."""
    if isinstance(x, Value):
        return x
    if x.__class__ is not float and isinstance(x, np.ndarray) and x.dtype == object and not x.ndim:
        return operand(x.item())  # what NumPy makes of one Value, as np.squeeze does
    value = new()
    value.data = number(x)
    value.grad = 0.0
    value.op = CONSTANT
    value.label = None
    value._x = value._y = None
    return value


def operator_operand(x: Any) -> Any:
    """Like ``operand``, but leave arrays and other classes that know Values to their own reflected operators."""
    if isinstance(x, np.ndarray) and x.ndim:
        return NotImplemented
    if hasattr(x, "__float__") or type(x).__module__ == "builtins":
        return operand(x)
    return NotImplemented


def operands(xs: Iterable[Any]) -> tuple[Value, ...]:
    """Return a tuple of Values, numbers among them made constants; a tuple of Values is returned as it is."""
    if not isinstance(xs, Iterable):
        raise OperandError(f"expected several Values or numbers, as in [a, b], not {xs!r}")
    values = xs if xs.__class__ is tuple else tuple(xs)
    if set(map(type, values)) <= {Value}:
        return values
    return tuple(map(operand, values))


def record(op: Any, data: float, x: Any, y: Any = None) -> Value:
    """Return the node of an operation with operand slots ``x`` and ``y``: a constant inside ``no_grad``."""
    value = new()
    value.data = data
    value.grad = 0.0
    value.label = None
    if build.namespace["pausing"] and is_paused():
        value.op, value._x, value._y = CONSTANT, None, None
    else:
        value.op, value._x, value._y = op, x, y
    return value


# What the generated methods call; build.py comes before there are Values.
build.namespace.update(
    Value=Value, new=new, operand=operand, operator_operand=operator_operand, is_paused=is_paused,
    is_recording=is_recording,
)  # fmt: skip
