"""``autograd.compile``: from a function, or a graph, to its Program."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from autograd.errors import CompileError
from autograd.ops import CONSTANT, PARAMETER
from autograd.program.arguments import Arguments
from autograd.program.program import Program
from autograd.program.record import Recording, record
from autograd.value import Value

if TYPE_CHECKING:
    from autograd.graph import Graph


def compile(  # noqa: A001  # what it is called everywhere
    function: Callable[..., Any], *examples: Any, parameters: Sequence[Value] | None = None
) -> Program:
    """Compile a function of scalars to a program that runs on batches.

    Args:
        function: takes numbers (Values) and nested lists of them, and returns a number or nested lists of numbers.
        *examples: one for each argument: a number, nested lists of numbers, or an array, which the function gets as an
            array of Values. They say how the argument is made; which numbers they are does not matter.
        parameters: the Values to learn, in the order of the program's ``theta``. By default every leaf that existed
            before, in the order of first use; then nothing but inputs and constants is left.

    Raises:
        CompileError: the function branches on a Value, makes a plain number of one, draws random numbers, or contains
            operations that are Python code of the user's own. The message says which and what to do. The function is
            called three times, with the examples and with other numbers, to see that; a branch on ``.data`` that none
            of them reaches cannot be seen, nor can ``==``, which asks whether two Values are the same object. While
            that lasts the leaves hold those other numbers, so no other thread may compute with them.

    >>> from autograd import compile, parameter
    >>> w, b = parameter(2.0), parameter(-1.0)
    >>> program = compile(lambda x, y: (w * x + b - y) ** 2, 0.0, 0.0)
    >>> program([1.0, 2.0, 3.0], [0.0, 0.0, 0.0])
    array([ 1.,  9., 25.])
    >>> value, gradient = program.value_and_grad([1.0, 2.0, 3.0], [0.0, 0.0, 0.0])
    >>> gradient
    array([14.66666667,  6.        ])
    """
    if not callable(function):
        raise CompileError(f"compile takes a function of numbers; got {function!r}")
    start = time.perf_counter()
    names = _argument_names(function, len(examples))
    arguments = Arguments(names, examples)
    given = None if parameters is None else _checked(parameters)
    recording = record(function, examples, given or ())
    chosen = recording.leaves if given is None else given
    recording.seconds = time.perf_counter() - start
    return Program(recording, chosen, arguments)


def _checked(parameters: Any) -> list[Value]:
    """Return parameters as a list of different leaves that can learn."""
    if isinstance(parameters, Value) or not isinstance(parameters, Iterable):
        raise CompileError(f"parameters is a list of Values, not {parameters!r}")
    chosen = list(parameters)
    seen: set[Value] = set()
    for p in chosen:
        if not isinstance(p, Value) or not p.is_leaf or p.op is CONSTANT:
            kind = "a constant, " if isinstance(p, Value) and p.op is CONSTANT else ""
            raise CompileError(f"a parameter is a leaf, made with parameter() or Value(); got {kind}{p!r}")
        if p in seen:
            raise CompileError(f"the parameter {p.label or repr(p)} stands in parameters twice")
        seen.add(p)
    return chosen


def compile_graph(graph: Graph) -> Program:
    """Compile a graph that exists; see ``Graph.compile``."""
    start = time.perf_counter()
    inputs = [value for value in graph.inputs.values() if value.op is not PARAMETER]
    recording = Recording([graph.output], None, inputs, set())
    recording.seconds = time.perf_counter() - start
    arguments = Arguments([str(value.label) for value in inputs], [0.0] * len(inputs))
    return Program(recording, recording.leaves, arguments)


def _argument_names(function: Callable[..., Any], count: int) -> list[str]:
    """Return the names of a function's arguments, for messages."""
    try:
        names = list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        names = []
    return [names[i] if i < len(names) else f"argument {i}" for i in range(count)]
