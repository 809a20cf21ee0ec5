"""Models in files: what ``Module.save`` writes and ``Module.load`` reads.

The file (nn/archive.py) holds the array ``values`` and, in its description, the ``names`` of as many parameters, so it
is a ``state_dict``. It does not hold the model's code: to read it, build the model as before and call ``load``. Only an
MLP says by itself how it is built, and ``load_model`` makes it from the file alone.

>>> import tempfile
>>> from nn import MLP
>>> model = MLP(2, [3, 1], "tanh", seed=1)
>>> with tempfile.TemporaryDirectory() as folder:
...     path = f"{folder}/model.npz"
...     model.save(path, about={"columns": ["height", "age"]})
...     twin = load_model(path)
...     about(path)
{'columns': ['height', 'age']}
>>> twin([0.5, -1.0]).data == model([0.5, -1.0]).data
True
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from autograd.value import number
from nn import archive
from nn.archive import PathLike
from nn.errors import FileFormatError, SettingError, StateError
from nn.layers import MLP, Layer
from nn.module import Module

_KIND = "model"


def save(model: Module, path: PathLike, about: Mapping[str, Any] | None = None) -> None:
    """Write a model's parameters to a file; this is ``model.save(path, about)``, which see."""
    if about is not None and not isinstance(about, Mapping):
        raise SettingError(f"about is a dict of what to remember, as in {{'columns': ['a', 'b']}}; not {about!r}")
    state = model.state_dict()
    archive.write(
        path,
        {"values": np.array([number(x) for x in state.values()])},
        {
            "kind": _KIND,
            "model": repr(model),
            "mlp": _mlp_arguments(model),
            "names": list(state),
            "about": archive.plain(dict(about or {}), "about"),
        },
    )


def load(model: Module, path: PathLike) -> None:
    """Read a model's parameters from a file; this is ``model.load(path)``, which see."""
    _load(model, path, *archive.read(path, _KIND))


def load_model(path: PathLike) -> MLP:
    """Return a new MLP, made and filled from a file that its ``save`` wrote.

    Raises:
        FileNotFoundError: there is no such file.
        FileFormatError: the file is damaged, of a later version, or none that ``save`` wrote; or it does not say how to
            build the model, since it is no plain MLP or has activations of its own.
    """
    arrays, about = archive.read(path, _KIND)
    arguments = about.get("mlp")
    if not isinstance(arguments, dict):
        raise FileFormatError(
            f"{os.fspath(path)} holds {about.get('model')}, which cannot be built from a file alone; "
            "build the model as it was built before, and call its load(path)"
        )
    try:
        model = MLP(**arguments)
    except (SettingError, TypeError) as error:
        raise FileFormatError(f"the MLP in {os.fspath(path)} cannot be built here: {error}") from error
    _load(model, path, arrays, about)
    return model


def about(path: PathLike) -> dict[str, Any]:
    """Return what ``model.save(path, about=…)`` was told to remember, an empty dict if that was nothing.

    Tuples and arrays come back as lists.

    Raises:
        FileNotFoundError: there is no such file.
        FileFormatError: the file is damaged, of a later version, or none that ``save`` wrote.
    """
    _, description = archive.read(path, _KIND)
    return dict(description.get("about", {}))


def _load(model: Module, path: PathLike, arrays: Mapping[str, np.ndarray], about: Mapping[str, Any]) -> None:
    names, values = about.get("names"), arrays.get("values")
    if not isinstance(names, list) or values is None or values.shape != (len(names),) or values.dtype.kind != "f":
        raise FileFormatError(f"{os.fspath(path)} does not hold a number for each parameter's name; write it anew")
    built, mine = about.get("mlp"), _mlp_arguments(model)
    if built is not None and mine is not None and built != mine and names == list(model.state_dict()):
        raise StateError(
            f"{os.fspath(path)} holds {about.get('model')}, which is not this {model!r}; "
            "load_model(path) makes one like it"
        )
    try:
        model.load_state_dict(dict(zip(names, values.tolist(), strict=True)))
    except StateError as error:
        raise StateError(f"{os.fspath(path)} holds {about.get('model')}: {error}") from error


def _mlp_arguments(model: Module) -> dict[str, Any] | None:
    """Return the arguments that make an MLP like this one; None if there are none, or it is something else."""
    layers = model.layers if type(model) is MLP else []
    if not layers or not all(type(layer) is Layer and layer.neurons for layer in layers):
        return None
    sizes = [len(layers[0].neurons[0].w), *(len(layer.neurons) for layer in layers)]
    regular = all(
        len(neuron.w) == size for layer, size in zip(layers, sizes[:-1], strict=True) for neuron in layer.neurons
    )
    each_once = len(model.parameters()) == sum((nin + 1) * nout for nin, nout in pairwise(sizes))
    *hidden, output = ([neuron.activation for neuron in layer.neurons] for layer in layers)
    names = [_only_name([f for fs in hidden for f in fs] or ["linear"]), _only_name(output)]
    if not regular or not each_once or None in names:
        return None
    return {"nin": sizes[0], "nouts": sizes[1:], "activation": names[0], "output_activation": names[1]}


def _only_name(activations: list[Any]) -> str | None:
    """Return the one name that all of these are, or None."""
    name = activations[0]
    return name if isinstance(name, str) and all(f is name or f == name for f in activations) else None
