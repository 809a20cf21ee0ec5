"""Which module each value of a graph belongs to, found from the parameters' paths alone.

``layers.0.1.w2`` is a parameter of the neuron ``layers.0.1``, which lies in ``layers.0``. What is computed belongs

    to the module whose parameters it uses, and if they are several modules', to the one that holds them all;
    to the neuron whose products it adds up, or whose total it passes through an activation;
    to the module that holds whatever it is made from, where what follows uses parameters again.

All else is nobody's: the inputs, the loss, and penalties, which are made from parameters without any data. (A plain
number that a parameter is multiplied by is data, too.)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from autograd.ops import CONSTANT, PARAMETER
from autograd.value import Value
from nn.module import Module
from viz.errors import VizError
from viz.skeleton import PRODUCTS, SUMS, Skeleton
from viz.text import split

ACTIVATIONS = frozenset(
    ("relu", "ReLU", "tanh", "sigmoid", "leaky_relu", "elu", "gelu", "silu", "softplus", "softsign", "step")
)


class Scope:
    """A module, or a list of them, by its path; the root is the whole model.

    Attributes:
        paths: ``layers.0``, and "" for the root; several, the shortest first, where a scope holds nothing but another
            one, for then they are one.
        parent: the scope in which it lies; None for the root.
        level: 0 for the root, 1 for what lies in it, and so on.
        children: the scopes in it, by path.
        names: its own parameters' names.
    """

    def __init__(self, path: str, parent: Scope | None) -> None:
        self.paths = [path]
        self.parent = parent
        self.level: int = 0 if parent is None else parent.level + 1
        self.children: dict[str, Scope] = {}
        self.names: list[str] = []

    def within(self, other: Scope) -> bool:
        """Return whether this scope is ``other`` or lies in it."""
        scope: Scope | None = self
        while scope is not None and scope.level > other.level:
            scope = scope.parent
        return scope is other

    def outwards(self) -> Iterator[Scope]:
        """Yield this scope, the one in which it lies, and so on to the root."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    def called(self, count: int) -> str:
        """Return what so many of the children are called: ``16 neurons``, ``3 layers``, ``2 parts``.

        A neuron is what has nothing but parameters, weights among them; of a list's elements the list's name is taken.
        """
        children = list(self.children.values())
        if all(not child.children and any(name.startswith("w") for name in child.names) for child in children):
            noun = "neurons"
        else:
            names = {_list_of(child.paths[0]) for child in children}
            name = names.pop() if len(names) == 1 else ""
            noun = name if name.isalpha() else "parts"
        return f"{count:,} {noun if count != 1 else noun.removesuffix('s')}"

    def walk(self) -> Iterator[Scope]:
        """Yield this scope and all in it, each before what lies in it."""
        stack = [self]
        while stack:
            scope = stack.pop()
            yield scope
            stack += reversed(scope.children.values())


def _list_of(path: str) -> str:
    """Return the name of the list whose element a path is, or "": ``layers`` for ``encoder.layers.0``."""
    outer, _, last = path.rpartition(".")
    return outer.rpartition(".")[2] if last.isdigit() else ""


def meet(one: Scope, other: Scope) -> Scope:
    """Return the innermost scope that holds both."""
    while one is not other:
        if one.level < other.level:
            one, other = other, one
        assert one.parent is not None
        one = one.parent
    return one


def paths_of(model: Any) -> dict[Value, str]:
    """Return each parameter of a model with its path.

    Args:
        model: an ``nn.Module``; or any object, such as a network of micrograd's: its attributes are searched for the
            Values that no operation made, also in lists, tuples and dicts, and in the attributes of what is there.

    Raises:
        VizError: there is none.
    """
    if isinstance(model, Module):
        found = {value: path for path, value in model.named_parameters()}
    else:
        found = {}
        seen = {id(model)}
        stack = [("", model)]
        while stack:
            path, thing = stack.pop()
            if isinstance(thing, Value):
                if thing.is_leaf:
                    found.setdefault(thing, path)
                continue
            if isinstance(thing, Mapping):
                inner = [(str(key), item) for key, item in thing.items()]
            elif isinstance(thing, (list, tuple)):
                inner = [(str(i), item) for i, item in enumerate(thing)]
            else:
                inner = list(getattr(thing, "__dict__", {}).items())
            for name, item in reversed(inner):
                if isinstance(item, Value) or id(item) not in seen:
                    seen.add(id(item))
                    stack.append((f"{path}.{name}" if path else name, item))
    if not found:
        raise VizError(f"model={model!r} has no parameters; give the nn.Module, or the object, that holds them")
    return found


def labels_of(values: Sequence[Value]) -> dict[Value, str]:
    """Return the labelled parameters of a graph, with their labels as paths."""
    return {value: str(value.label) for value in values if value.op is PARAMETER and value.label not in (None, "")}


def scopes_of(paths: Mapping[Value, str]) -> tuple[Scope, dict[Value, Scope]]:
    """Return the root of all scopes, and that of each parameter."""
    root = Scope("", None)
    found: dict[str, Scope] = {"": root}
    home: dict[Value, Scope] = {}
    for value, path in paths.items():
        parts, name = split(path)
        scope = root
        for count in range(1, len(parts) + 1):
            inner = ".".join(parts[:count])
            if inner not in found:
                found[inner] = scope.children[inner] = Scope(inner, scope)
            scope = found[inner]
        scope.names.append(name)
        home[value] = scope
    merged: dict[Scope, Scope] = {}
    for scope in root.walk():
        while len(scope.children) == 1 and not scope.names:
            (only,) = scope.children.values()
            if only.paths[0].rpartition(".")[2].isdigit():  # the only one of a list is still one of its elements
                break
            merged[only] = scope
            scope.paths += only.paths
            scope.names, scope.children = only.names, only.children
        for child in scope.children.values():
            child.parent, child.level = scope, scope.level + 1
    return root, {value: merged.get(scope, scope) for value, scope in home.items()}


def members(skeleton: Skeleton, home: Mapping[Value, Scope], root: Scope) -> list[Scope | None]:
    """Return for each value of a graph the scope it belongs to, or None; see the head of this file."""
    values, operands = skeleton.values, skeleton.operands
    belongs: list[Scope | None] = [home.get(value) for value in values]
    given = [scope is not None for scope in belongs]  # a parameter
    order = [i for i in skeleton.order if not values[i].is_leaf]
    activated = [False] * len(values)
    for i in order:
        own: Scope | None = None  # of the parameters it uses, plain or prepared, as w / |w| is
        data: Scope | None = None  # of what else it is made from
        loose = False
        product = skeleton.operations[i] in PRODUCTS
        made = []
        for j in operands[i]:
            scope = belongs[j]
            if given[j] or (scope is not None and product and skeleton.constant[j]):
                assert scope is not None
                own = scope if own is None else meet(own, scope)
            elif not values[j].is_leaf:
                made.append(j)
                if scope is None:
                    loose = True
                else:
                    data = scope if data is None else meet(data, scope)
        if own is not None:
            belongs[i] = own
        elif data is not None and skeleton.feeds[i]:
            belongs[i] = root if loose else data
        elif data is not None and not loose:
            if skeleton.operations[i] in ACTIVATIONS and not activated[made[0]]:
                activated[i] = True
                belongs[i] = data
            elif skeleton.operations[i] in SUMS and len(made) > 1 and all(belongs[j] is data for j in made):
                forms = {skeleton.forms[j] for j in made}  # of one form are the results for several samples
                belongs[i] = data if len(forms) == len(made) else None
    _release(skeleton, order, belongs)
    return belongs


def _release(skeleton: Skeleton, order: Sequence[int], belongs: list[Scope | None]) -> None:
    """Take penalties out of the modules, and put constants into those whose values alone use them."""
    users: dict[int, Scope | None] = {}
    wanted = [False] * len(belongs)  # by a value that belongs to the same module
    for i in reversed(order):
        scope = belongs[i]
        if skeleton.constant[i] and not wanted[i]:
            scope = belongs[i] = None
        for j in skeleton.operands[i]:
            inner = belongs[j]
            if scope is not None and inner is not None and scope.within(inner):
                wanted[j] = True
            if skeleton.values[j].op is CONSTANT:
                before = users.get(j, scope)
                users[j] = None if scope is None or before is None else meet(scope, before)
    for j, scope in users.items():
        belongs[j] = scope
