"""Groups of parameters: which Values an optimiser changes, and the settings that hold for some of them only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from autograd.errors import OperandError
from autograd.ops import CONSTANT
from autograd.value import Value
from nn.errors import SettingError
from nn.settings import Check


class Groups:
    """The parameters as an optimiser was given them: a list of Values, which is one group, or a list of groups.

    Attributes:
        parameters: all of them, one group after the other.
        sizes: how many each group has.
        settings: each group's own settings.

    Raises:
        SettingError: there are no parameters, a group has none, or one stands twice.
        OperandError: one of them cannot be learned, since it is no Value, a constant, or the result of an operation.

    >>> a, b, c = Value(1.0), Value(2.0), Value(3.0)
    >>> groups = Groups([{"parameters": [a, b]}, {"parameters": [c], "momentum": 0.5}])
    >>> groups.sizes, groups.settings
    ([2, 1], [{}, {'momentum': 0.5}])
    """

    def __init__(self, parameters: Any) -> None:
        if isinstance(parameters, Mapping) or not isinstance(parameters, Iterable):
            raise OperandError(
                "an optimiser takes a list of Values, as model.parameters() returns, or a list of groups, as in "
                f'[{{"parameters": layer.parameters(), "learning_rate": 0.01}}]; not {parameters!r}'
            )
        items = list(parameters)
        if any(isinstance(item, Mapping) for item in items):
            self.settings, lists = _groups(items)
        else:
            self.settings, lists = [{}], [items]
        self.parameters = _learnable([value for values in lists for value in values])
        self.sizes = [len(values) for values in lists]
        if 0 in self.sizes:
            raise SettingError(f"group {self.sizes.index(0)} has no parameters; leave it out")

    def refuse_unknown(self, known: list[str], owner: str) -> None:
        """Raise SettingError if a group sets what the optimiser does not have."""
        for i, settings in enumerate(self.settings):
            for name in settings:
                if name not in known:
                    raise SettingError(
                        f'group {i} sets {name!r}; beside "parameters" a group of {owner} can set '
                        + (", ".join(known) or "nothing")
                    )

    def values(self, name: str, check: Check, common: Any) -> list[Any]:
        """Return a setting's value in each group: the group's own, or the common one."""
        key, common = name.replace(" ", "_"), check(name, common)
        return [
            check(f"{name} of group {i}", settings[key]) if key in settings else common
            for i, settings in enumerate(self.settings)
        ]

    def spread(self, values: list[Any]) -> Any:
        """Return one value if all groups agree, else an array with one for each parameter; of pairs, two rows."""
        if all(value == values[0] for value in values):
            return values[0]
        return np.repeat(np.array(values), self.sizes, axis=0).T


def _groups(items: list[Any]) -> tuple[list[dict[str, Any]], list[list[Any]]]:
    """Return the settings and the parameters of each group."""
    settings, lists = [], []
    for i, item in enumerate(items):
        if not isinstance(item, Mapping):
            raise OperandError(f'a list of groups holds groups only, as in {{"parameters": [a, b]}}; not {item!r}')
        values = item.get("parameters")
        if not isinstance(values, Iterable) or isinstance(values, (str, Mapping)):
            raise OperandError(
                f'group {i} has no list of Values under "parameters", as model.parameters() returns; it has '
                + (repr(values) if "parameters" in item else f"only {', '.join(map(repr, item)) or 'nothing'}")
            )
        settings.append({name: x for name, x in item.items() if name != "parameters"})
        lists.append(list(values))
    return settings, lists


def _learnable(values: list[Any]) -> list[Value]:
    if not values:
        raise SettingError("there are no parameters to learn; make them with autograd.parameter(0.5)")
    for value in values:
        if not isinstance(value, Value):
            raise OperandError(f"an optimiser changes Values, not {value!r}")
        if not value.is_leaf:
            raise OperandError(
                f"{value!r} is the result of {value.op.name!r}; only what it was made from can be learned"
            )
        if value.op is CONSTANT:
            raise OperandError(f"{value!r} is a constant, which never receives a gradient; use autograd.parameter")
    if len(set(values)) < len(values):
        raise SettingError("a parameter stands twice in the list, and would be updated twice; list each one once")
    return values
