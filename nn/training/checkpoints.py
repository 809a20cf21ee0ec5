"""Checkpoints: all of a run that its next step depends on, so that it can go on as if it had never been interrupted."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn import archive
from nn.errors import StateError

Array = NDArray[np.float64]

KIND = "checkpoint"


@dataclass
class Position:
    """Where a run is.

    Attributes:
        epoch: how many epochs are complete.
        step: how many steps of the present one are done.
        order: the order of the samples in the present epoch.
        losses: for each step of the present epoch, its samples' share of the loss.
        penalties: for each step of the present epoch, the penalty.
        stopped: why the run ended before its last epoch; "" if it did not.
    """

    epoch: int = 0
    step: int = 0
    order: NDArray[np.intp] | None = None
    losses: list[float] = field(default_factory=list)
    penalties: list[float] = field(default_factory=list)
    stopped: str = ""


def fingerprint(data: Sequence[Array], settings: Mapping[str, object]) -> dict[str, str]:
    """Return what must be the same for a run to be resumed: a digest of the data, and the settings as text."""
    digest = hashlib.sha256()
    for array in data:
        digest.update(repr(array.shape).encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return {"data": digest.hexdigest(), **{name: str(setting) for name, setting in settings.items()}}


def write(
    path: Path,
    position: Position,
    parts: Mapping[str, Mapping[str, Any]],
    rng: np.random.Generator,
    identity: Mapping[str, str],
) -> None:
    """Write a checkpoint; at every moment the file is the old one or the new one, whole.

    Args:
        path: where to.
        position: where the run is.
        parts: arrays and numbers by the name of what they belong to: "weights", "optimizer", "curves" and so on.
        rng: the generator of the run's random draws.
        identity: the run's fingerprint.

    Raises:
        OSError: the file cannot be written.
    """
    arrays = {f"{part}/{name}": np.asarray(array) for part, state in parts.items() for name, array in state.items()}
    arrays["position/losses"] = np.array(position.losses)
    arrays["position/penalties"] = np.array(position.penalties)
    if position.order is not None:
        arrays["position/order"] = position.order
    about = {
        "kind": KIND,
        "epoch": position.epoch,
        "step": position.step,
        "stopped": position.stopped,
        "rng": rng.bit_generator.state,
        "run": dict(identity),
    }
    archive.write(path, arrays, about)


def read(
    path: Path, rng: np.random.Generator, identity: Mapping[str, str]
) -> tuple[Position, dict[str, dict[str, Array]]]:
    """Read a checkpoint and set the generator to its state; on an error nothing is changed.

    Raises:
        FileFormatError: the file is not whole, or not a checkpoint.
        StateError: it is a checkpoint of another run: of other data, parameters or settings.
    """
    arrays, about = archive.read(path, KIND)
    differing = [name for name in identity if about["run"].get(name) != identity[name]]
    if differing:
        told = "; ".join(
            "the data differ" if name == "data" else f"{name} was {about['run'].get(name)}, is {identity[name]}"
            for name in differing
        )
        raise StateError(
            f"{path} belongs to another run ({told}); give the same data and settings to go on, or another file"
        )
    parts: dict[str, dict[str, Array]] = {}
    for path_in_file, array in arrays.items():
        part, _, name = path_in_file.partition("/")
        parts.setdefault(part, {})[name] = array
    here = parts.pop("position")
    order = here["order"].astype(np.intp) if "order" in here else None
    position = Position(
        about["epoch"], about["step"], order, here["losses"].tolist(), here["penalties"].tolist(),
        about["stopped"],
    )  # fmt: skip
    rng.bit_generator.state = about["rng"]
    return position, parts
