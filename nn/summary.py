"""A model as a table of its parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from autograd.ops import PARAMETER
from autograd.table import columns
from autograd.value import Value
from nn.dropout import Dropout
from nn.layers import Layer, Neuron
from nn.module import Module
from nn.sequential import Sequential, part_text


@dataclass(frozen=True)
class Row:
    """One part of a model.

    Attributes:
        path: where it is, as in the names of parameters, ``encoder.layers.0``; empty for the model itself.
        name: the end of the path that the row above, less deep, does not say.
        depth: how many parts it lies within.
        kind: its class, or a function's name; "parameters" for those that a Module holds directly.
        shape: the numbers of its inputs and outputs, where they are known.
        activation: of its neurons; for Dropout its rate.
        parameters: how many there are in it that no row above has counted.
        shared: how many more places in it hold a parameter that was counted, and in which part that was.
    """

    path: str
    name: str
    depth: int
    kind: str
    shape: tuple[int, int] | None = None
    activation: str = ""
    parameters: int = 0
    shared: str = ""


class Summary:
    """The table that ``summary`` makes: ``rows``, and their text, which a notebook or ``print`` shows.

    Attributes:
        kind: the model's class.
        rows: the parts, the outer before the inner.
        total: the number of parameters, shared ones counted once.
    """

    def __init__(self, kind: str, rows: list[Row]) -> None:
        self.kind = kind
        self.rows = rows
        self.total = sum(row.parameters for row in rows)

    def __repr__(self) -> str:
        table = [("part", "kind", "in → out", "activation", "parameters", "shared")]
        for row in self.rows:
            name = "  " * row.depth + (row.name or "(itself)")
            shape = f"{row.shape[0]} → {row.shape[1]}" if row.shape else ""
            count = f"{row.parameters:,}" if row.parameters or row.shared else ""
            table.append((name, row.kind, shape, row.activation, count, row.shared))
        table.append(("total", "", "", "", f"{self.total:,}", ""))
        shown = 6 if any(row.shared for row in self.rows) else 5
        return f"{self.kind}\n{columns([cells[:shown] for cells in table], right=(4,))}"


def summary(model: Module) -> Summary:
    """Return a table of a model's parts: what each is, its inputs and outputs, and how many parameters it has.

    Layers are one line each; other Modules show what they hold, indented. A parameter that stands in several places is
    counted in the first; later places say where that was.

    Raises:
        TypeError: that is no Module.

    >>> from nn import Layer
    >>> summary(Sequential(Layer(2, 8, "tanh"), Dropout(0.5), Layer(8, 3, "linear"), max))
    Sequential
    part  kind     in → out  activation  parameters
    0     Layer    2 → 8     tanh                24
    1     Dropout            rate 0.5
    2     Layer    8 → 3     linear              27
    3     max
    total                                        51
    """
    if not isinstance(model, Module):
        raise TypeError(f"a summary is of a Module, as MLP(2, [16, 1]) is; not of {model!r}")
    return Summary(type(model).__name__, list(_Walk().rows(model)))


class _Walk:
    """A walk over a model; remembers what it met, and where first."""

    def __init__(self) -> None:
        self.owners: dict[Value, str] = {}  # the path of the row that counts a parameter
        self.modules: dict[int, str] = {}
        self.within: list[Module] = []  # the Modules around the present one; one that refers to them does not hold them

    def rows(self, module: Module, path: str = "", name: str = "") -> Iterator[Row]:
        """Yield the rows of a Module; the model itself has none unless it is a single layer."""
        depth, kind = len(self.within) - 1, type(module).__name__
        if id(module) in self.modules:
            yield Row(path, name, depth, kind, *_traits(module), shared=f"the same as {self.modules[id(module)]}")
            return
        self.modules[id(module)] = path
        whole = isinstance(module, (Layer, Neuron, Dropout))
        if whole or (self.within and not isinstance(module, Sequential) and not any(self._parts(module))):
            count, shared = self._count(_parameters(module, {id(outer) for outer in (*self.within, module)}), path)
            yield Row(path, name, max(depth, 0), kind, *_traits(module), parameters=count, shared=shared)
            return
        if self.within:
            yield Row(path, name, depth, kind)
        self.within.append(module)
        prefix = f"{path}." if path else ""
        for name, part in _held(module):
            if isinstance(part, Module):
                if part not in self.within:
                    yield from self.rows(part, prefix + name, name)
            elif isinstance(part, str):
                yield Row(prefix + name, name, depth + 1, part)
            else:
                count, shared = self._count(part, prefix + name)
                yield Row(prefix + name, name, depth + 1, "parameters", parameters=count, shared=shared)
        self.within.pop()

    def _parts(self, module: Module) -> Iterator[Module]:
        return (member for _, member in module.members() if isinstance(member, Module) and member not in self.within)

    def _count(self, parameters: Iterable[Value], path: str) -> tuple[int, str]:
        """Return how many parameters are new here, and in words where the others were counted."""
        new, repeated = 0, Counter[str]()
        for parameter in parameters:
            if parameter in self.owners:
                repeated[self.owners[parameter]] += 1
            else:
                self.owners[parameter] = path
                new += 1
        return new, ", ".join(
            f"{count} within it" if owner == path else f"{count} with {owner}" for owner, count in repeated.items()
        )


def _held(module: Module) -> Iterator[tuple[str, Module | list[Value] | str]]:
    """Yield what a Module holds directly: Modules, parameters by the attribute they stand in, names of functions."""
    if isinstance(module, Sequential):
        for i, part in enumerate(module.parts):
            yield str(i), part if isinstance(part, Module) else part_text(part)
        return
    for attribute, group in groupby(module.members(), key=lambda named: named[0].split(".")[0]):
        members = list(group)
        values = [member for _, member in members if isinstance(member, Value) and member.op is PARAMETER]
        if values:
            yield attribute, values
        yield from ((name, member) for name, member in members if isinstance(member, Module))


def _parameters(module: Module, seen: set[int]) -> Iterator[Value]:
    """Yield every parameter in a Module as often as it stands in it."""
    for _, member in module.members():
        if isinstance(member, Value):
            if member.op is PARAMETER:
                yield member
        elif id(member) not in seen:
            seen.add(id(member))
            yield from _parameters(member, seen)


def _traits(module: Module) -> tuple[tuple[int, int] | None, str]:
    """Return the numbers of inputs and outputs, and the activation."""
    if isinstance(module, Dropout):
        return (module.size, module.size) if module.size else None, f"rate {module.rate:g}"
    if not isinstance(module, (Layer, Neuron)):
        return None, ""
    neurons = module.neurons if isinstance(module, Layer) else [module]
    widths = {len(neuron.w) for neuron in neurons}
    activations = dict.fromkeys(
        f if isinstance(f, str) else type(f).__name__ if isinstance(f, Module) else part_text(f)
        for f in (neuron.activation for neuron in neurons)
    )
    return (widths.pop(), len(neurons)) if len(widths) == 1 else None, ", ".join(activations)
