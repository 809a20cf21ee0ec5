"""A network as data: its columns of units, their activations for one input, weights and gradients.

``read(model, x)`` fires each neuron once and notes the numbers; how they are drawn is wires.py's business. The model
runs as in ``eval()`` mode, so that Dropout leaves out nothing, and is left as it was.

>>> from nn import MLP
>>> columns = read(MLP(2, [3, 1], "tanh", seed=1), [1.0, -0.5]).columns
>>> [(column.title, column.subtitle, column.count) for column in columns]
[('inputs', '2', 2), ('layers.0', '3 × tanh', 3), ('layers.1', '1 × linear', 1)]
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from math import isfinite
from typing import Any

from autograd import dot, no_grad
from autograd.graph import BackwardStep, Graph
from autograd.modes import is_paused
from autograd.value import Value
from nn.dropout import Dropout
from nn.layers import MLP, Layer, Neuron, inputs_of
from nn.module import Module
from nn.sequential import Sequential, part_text
from nn.targets import kind_of, name_of
from viz.errors import TooLargeError, VizError
from viz.text import number, printable, shorten

MOST_LAYERS = 20
MOST_TERMS = 6  # of a weighted sum that a tooltip writes out

_TAKES = "network draws what is made of nn's layers: an MLP, a Layer, a Neuron, or a Sequential of these and functions"


@dataclass(frozen=True)
class Weight:
    """A weight or a bias: its path, its number, and its gradient if there is one."""

    name: str
    value: float
    gradient: float | None

    @property
    def about(self) -> str:
        """The tooltip."""
        return f"{self.name} = {number(self.value, 6)}{_gradient_text(self.gradient)}"


@dataclass(frozen=True)
class Unit:
    """An input, a neuron or a function's output.

    Attributes:
        name: its path, or an input's name.
        value: its activation.
        gradient: ∂loss/∂value; None without a loss.
        about: its formula with numbers, for the tooltip.
        bias: of a neuron.
    """

    name: str
    value: float
    gradient: float | None
    about: str
    bias: Weight | None = None


@dataclass(frozen=True)
class Column:
    """Units that stand below each other.

    Attributes:
        title: ``inputs``, a layer's path, or a function's name.
        subtitle: how many units there are, and with which activation.
        count: how many there are.
        shown: which of them are drawn, and ``units``: those.
        weights: of drawn neurons for drawn inputs, by their places in ``shown`` here and in the column before.
        links: the same places, where a function's output depends on a unit before it.
        largest: the largest finite |activation| of all units.
    """

    title: str
    subtitle: str
    count: int
    shown: tuple[int, ...]
    units: tuple[Unit, ...]
    weights: Mapping[tuple[int, int], Weight]
    links: tuple[tuple[int, int], ...]
    largest: float


@dataclass(frozen=True)
class Reading:
    """A network for one input.

    Attributes:
        columns: the inputs first.
        title: ``MLP 2-3-1``.
        loss: its value, if there is one.
        differentiated: where gradients come from: ``loss``, ``parameters``, which hold some, or "".
    """

    columns: tuple[Column, ...]
    title: str
    loss: float | None
    differentiated: str


@dataclass(frozen=True)
class _Stage:
    """A layer, with the path of each neuron, or a function between layers."""

    path: str
    neurons: Sequence[Neuron] = ()
    paths: Sequence[str] = ()
    function: Callable[[Any], Any] | None = None


class _Gradient:
    """The gradients to be shown: those of a loss, or those that parameters hold, or none.

    Attributes:
        source: ``loss``, ``parameters`` or "".
    """

    def __init__(self, loss: Value | None, parameters: Sequence[Value]) -> None:
        self._totals: dict[Value, float] | None = None
        if loss is not None:
            self.source = "loss"
            self._totals = {loss: 1.0}
            for step in Graph(loss).steps():  # which leaves the Values' own gradients alone
                if isinstance(step, BackwardStep):
                    self._totals |= {part.operand: part.total for part in step.contributions}
        else:
            self.source = "parameters" if any(parameter.grad != 0 for parameter in parameters) else ""

    def __call__(self, value: Value, activation: bool = False) -> float | None:
        """Return a Value's gradient; without a loss, that of a parameter only."""
        if self._totals is not None:
            return self._totals.get(value, 0.0)
        return value.grad if self.source and not activation else None


def read(
    model: Any,
    x: Any,
    loss: Callable[..., Any] | None = None,
    y: Any = None,
    names: Sequence[str] | None = None,
    most: int = 16,
) -> Reading:
    """Read a network for one input.

    Args:
        model: see ``viz.network``, as for all the others.
        x: the input.
        loss: a function of output and target, or of the output alone.
        y: the target.
        names: of the inputs.
        most: how many units of a column are drawn.

    Raises:
        VizError, TooLargeError, ShapeError: as ``viz.network``.
    """
    stages = _stages(model)
    if loss is not None and is_paused():
        raise VizError(
            "inside no_grad() nothing is recorded, so that a loss has no gradients; call network outside of it"
        )
    given = inputs_of(x)
    called = _input_names(names, given)
    values = [tuple(Value(value.data) for value in given)]  # not x itself, which may stand in a graph of its own
    for stage in stages:
        with no_grad() if loss is None and stage.function is None else nullcontext():
            values.append(_fired(stage, values[-1]))
    result = None if loss is None else _loss(loss, values[-1], y)
    gradient_of = _Gradient(result, model.parameters())
    columns = [_inputs(values[0], called, gradient_of, most)]
    for stage, inputs, outputs in zip(stages, values[:-1], values[1:], strict=True):
        make = _layer if stage.function is None else _outputs_of_function
        columns.append(make(stage, columns[-1], inputs, outputs, gradient_of, most))
    title = f"{type(model).__name__} {'-'.join(str(column.count) for column in columns)}"
    return Reading(tuple(columns), title, None if result is None else result.data, gradient_of.source)


# --- the model --------------------------------------------------------------------------------------------------------


def _stages(model: Any) -> list[_Stage]:
    if isinstance(model, type) and issubclass(model, Module):
        raise VizError(f"{_TAKES}; {model.__name__} is a class: make one, as in {model.__name__}(…)")
    if not isinstance(model, Module):
        raise VizError(f"{_TAKES}; not {type(model).__name__}")
    stages = list(_walk(model, ""))
    if not any(stage.neurons for stage in stages):
        raise VizError(f"{_TAKES}; there is no layer in {model!r}")
    if len(stages) > MOST_LAYERS:
        raise TooLargeError(
            f"the network has {len(stages)} layers; {MOST_LAYERS} are the most. Draw a part, as in "
            "network(Sequential(*model.layers[:5]), x)"
        )
    return stages


def _walk(part: Any, path: str) -> Iterator[_Stage]:
    """Yield the stages of a part; one whose class has a ``__call__`` of its own may compute anything."""
    call = type(part).__call__ if isinstance(part, Module) else None
    within = f"{path}." if path else ""
    if isinstance(part, Dropout):
        return
    if isinstance(part, MLP) and call is MLP.__call__:
        for i, layer in enumerate(part.layers):
            yield from _walk(layer, f"{within}layers.{i}")
    elif isinstance(part, Sequential) and call is Sequential.__call__:
        for i, inner in enumerate(part.parts):
            yield from _walk(inner, f"{within}{i}")
    elif isinstance(part, Layer) and call is Layer.__call__:
        yield _Stage(path, part.neurons, [f"{within}{i}" for i in range(len(part.neurons))])
    elif isinstance(part, Neuron) and call is Neuron.__call__ and type(part).fire is Neuron.fire:
        yield _Stage(path, [part], [path])
    elif isinstance(part, Module):
        place = f"the part {path!r} is" if path else "this is"
        raise VizError(
            f"{_TAKES}; {place} of the class {type(part).__name__}, which computes in its own way. The graph of any "
            "model can be drawn: draw(model(x))"
        )
    else:
        yield _Stage(path, function=part)


def _fired(stage: _Stage, inputs: tuple[Value, ...]) -> tuple[Value, ...]:
    if stage.function is None:
        return tuple(neuron.fire(inputs) for neuron in stage.neurons)
    outputs = inputs_of(stage.function(inputs[0] if len(inputs) == 1 else list(inputs)))
    if not outputs:
        raise VizError(f"the part {stage.path!r}, {part_text(stage.function)}, returned nothing")
    return outputs


def _loss(loss: Callable[..., Any], outputs: tuple[Value, ...], y: Any) -> Value:
    output = outputs[0] if len(outputs) == 1 else list(outputs)
    if y is None and kind_of(loss) is not None:
        raise VizError(f"{name_of(loss)} compares the output with a target; give it too, as in y=1.0")
    value = loss(output) if y is None else loss(output, y)
    if not isinstance(value, Value):
        raise VizError(
            f"loss is a function of the output and y that returns a Value, as nn.squared_error; it returned {value!r}"
        )
    return value


# --- its columns ------------------------------------------------------------------------------------------------------


def shown_of(count: int, most: int) -> tuple[int, ...]:
    """Return which of so many units are drawn: all, or the first and the last.

    >>> shown_of(3, 4), shown_of(64, 4)
    ((0, 1, 2), (0, 1, 62, 63))
    """
    if count <= most:
        return tuple(range(count))
    return (*range(most - most // 2), *range(count - most // 2, count))


def _inputs(values: tuple[Value, ...], names: Sequence[str], gradient_of: _Gradient, most: int) -> Column:
    shown = shown_of(len(values), most)
    units = tuple(_plain(names[i], values[i], gradient_of) for i in shown)
    return Column("inputs", f"{len(values):,}", len(values), shown, units, {}, (), _largest(values))


def _outputs_of_function(
    stage: _Stage,
    before: Column,
    inputs: tuple[Value, ...],
    outputs: tuple[Value, ...],
    gradient_of: _Gradient,
    most: int,
) -> Column:
    name = printable(part_text(stage.function)) if stage.function else ""
    shown = shown_of(len(outputs), most)
    names = [f"{name} {i}" if len(outputs) > 1 else name for i in shown]
    units = tuple(_plain(called, outputs[i], gradient_of) for called, i in zip(names, shown, strict=True))
    links = []
    for at, i in enumerate(shown):
        uses = _uses(outputs[i], inputs)
        links += [(at, place) for place, j in enumerate(before.shown) if inputs[j] in uses]
    return Column(name, f"{len(outputs):,}", len(outputs), shown, units, {}, tuple(links), _largest(outputs))


def _layer(
    stage: _Stage,
    before: Column,
    inputs: tuple[Value, ...],
    outputs: tuple[Value, ...],
    gradient_of: _Gradient,
    most: int,
) -> Column:
    shown = shown_of(len(outputs), most)
    units: list[Unit] = []
    weights: dict[tuple[int, int], Weight] = {}
    for at, i in enumerate(shown):
        neuron, path = stage.neurons[i], stage.paths[i]
        within = f"{path}." if path else ""
        name, gradient = path or "neuron", gradient_of(outputs[i], activation=True)
        about = f"{name}: {_formula(neuron, inputs, outputs[i].data)}{_gradient_text(gradient)}"
        bias = Weight(f"{within}b", neuron.b.data, gradient_of(neuron.b))
        units.append(Unit(name, outputs[i].data, gradient, about, bias))
        for place, j in enumerate(before.shown):
            weights[at, place] = Weight(f"{within}w{j}", neuron.w[j].data, gradient_of(neuron.w[j]))
    kinds = {_activation(neuron) for neuron in stage.neurons}
    kind = kinds.pop() if len(kinds) == 1 else "various"
    title = stage.path or ("layer" if stage.paths[0] else "neuron")
    count = len(outputs)
    return Column(title, f"{count:,} × {kind}", count, shown, tuple(units), weights, (), _largest(outputs))


def _plain(name: str, value: Value, gradient_of: _Gradient) -> Unit:
    """Return a unit that is no neuron."""
    gradient, called = gradient_of(value, activation=True), printable(name)
    about = f"{shorten(called, 100)} = {number(value.data, 6)}{_gradient_text(gradient)}"
    return Unit(called, value.data, gradient, about)


def _uses(output: Value, inputs: tuple[Value, ...]) -> set[Value]:
    """Return which inputs an output is made from; all of them where nothing was recorded."""
    ends = set(inputs)
    if is_paused():
        return ends
    found, seen, stack = set(), {output}, [output]
    while stack:
        value = stack.pop()
        if value in ends:
            found.add(value)
            continue
        for operand in value.parents:
            if operand not in seen:
                seen.add(operand)
                stack.append(operand)
    return found


def _largest(values: Sequence[Value]) -> float:
    return max((abs(value.data) for value in values if isfinite(value.data)), default=0.0)


# --- words ------------------------------------------------------------------------------------------------------------


def _gradient_text(gradient: float | None) -> str:
    return "" if gradient is None else f"; gradient {number(gradient, 6)}"


def _activation(neuron: Neuron) -> str:
    f = neuron.activation
    return f if isinstance(f, str) else printable(str(getattr(f, "__name__", type(f).__name__)))


def _formula(neuron: Neuron, inputs: Sequence[Value], output: float) -> str:
    """Return how a neuron comes to its activation: ``tanh(0.5·1 + 2·(−3) + 0.1) = tanh(−5.4) = −1``."""
    pairs = [(number(w.data), number(x.data)) for w, x in zip(neuron.w[:MOST_TERMS], inputs, strict=False)]
    products = [f"{_bracketed(w) if i else w}·{_bracketed(x)}" for i, (w, x) in enumerate(pairs)]
    if len(neuron.w) > MOST_TERMS:
        products.append(f"… ({len(neuron.w) - MOST_TERMS:,} more)")
    total = " + ".join([*products, _bracketed(number(neuron.b.data))])
    if neuron.activation == "linear":
        return f"{total} = {number(output, 6)}"
    with no_grad():
        z = dot(neuron.w, inputs, neuron.b).data
    f = _activation(neuron)
    return f"{f}({total}) = {f}({number(z, 6)}) = {number(output, 6)}"


def _bracketed(text: str) -> str:
    return f"({text})" if text.startswith("−") else text


def _input_names(names: Sequence[str] | None, given: tuple[Value, ...]) -> list[str]:
    if names is None:
        return [value.label or f"x{i}" for i, value in enumerate(given)]
    return list(names_for("inputs", names, len(given)))


def names_for(what: str, names: Any, count: int) -> tuple[str, ...]:
    """Return the names of inputs or outputs, if there are as many as are needed.

    Raises:
        VizError: they are something else.
    """
    several = isinstance(names, Iterable) and not isinstance(names, str)
    texts = tuple(map(str, names)) if several else ()
    if len(texts) != count:
        told = f"got {len(texts)}" if several else f"not {names!r}"
        raise VizError(f"{what} is a list of names, one for each of the model's {what}, which are {count}; {told}")
    return texts
