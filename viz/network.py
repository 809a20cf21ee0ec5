"""network(model, x): the neurons of a model, its weights as lines, and what it does with one input.

neurons.py   a model and an input → columns of units, weights, numbers
wires.py     → SVG, with computed positions
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import index
from typing import Any

from autograd.errors import AutogradError
from autograd.value import number as checked
from nn.layers import Sample
from nn.module import Module
from nn.targets import name_of
from viz.errors import TooLargeError, VizError
from viz.graphic import Graphic
from viz.neurons import Reading, names_for, read
from viz.text import number, printable, shorten
from viz.theme import rows
from viz.wires import Wiring

LEAST_UNITS, MOST_UNITS = 2, 40  # of a column that are drawn
MOST_LINES = 5000
LINES = ("weights", "gradients")


class Network(Graphic):
    """The picture of a network for one input. ``network`` makes it."""


def network(
    model: Module,
    x: Sample,
    *,
    y: Any = None,
    loss: Callable[..., Any] | None = None,
    lines: str = "weights",
    inputs: Sequence[str] | None = None,
    outputs: Sequence[str] | None = None,
    most: int = 16,
    theme: str = "auto",
) -> Network:
    """Draw the neurons of a model with their activations for one input, and the weights between them.

    Each column is a layer, each circle a neuron with its activation in it: a coloured ring shows the sign, and how
    large it is beside the largest of its column. Lines are weights: the sign by colour, the size by width. A stub
    below a neuron is its bias. With a loss, each neuron also shows the gradient of the loss in its activation.
    Tooltips have each neuron's formula with its numbers, and each weight with its gradient: that of the loss, or
    without one what the parameters hold.

    The model runs as in ``eval()`` mode, and stays as it is, its gradients included.

    Args:
        model: an MLP, a Layer, a Neuron, or a Sequential of these, of Dropout and of functions.
        x: the input, as the model takes it.
        y: the target, handed to ``loss``.
        loss: a function of the model's output and ``y``, as ``nn.squared_error``; without ``y``, of the output alone.
        lines: what the lines show: ``weights``, or their ``gradients``.
        inputs: names for the inputs; by default their labels, or x0, x1, ….
        outputs: names for the outputs, as of classes.
        most: how many neurons of a layer are drawn, from 2 to 40; of a larger one the first and the last.
        theme: as for ``draw``: ``auto``, ``light``, ``dark``, ``cs231n``, ``cs231n-light`` or ``cs231n-dark``.

    Raises:
        VizError: the model is of another kind, or an argument is not one of those named here.
        TooLargeError: more than 20 layers, or more than 5,000 lines.
        ShapeError: another number of inputs than the model takes.

    >>> from nn import MLP, squared_error
    >>> model = MLP(2, [3, 1], "tanh", seed=1)
    >>> network(model, [1.0, -0.5])
    <Network: MLP 2-3-1, 13 parameters>
    >>> picture = network(model, [1.0, -0.5], y=1.0, loss=squared_error)

    In a notebook the last line is the picture; ``picture.save("network.svg")`` writes it.
    """
    rows(theme)  # refuses an unknown one
    if lines not in LINES:
        raise VizError(f"unknown lines {lines!r}; choose one of {', '.join(map(repr, LINES))}")
    if y is not None and loss is None:
        raise VizError("y is the target of a loss; give that too, as in network(model, x, y=y, loss=nn.squared_error)")
    if loss is not None and not callable(loss):
        raise VizError(f"loss is a function of the output and y, as nn.squared_error; not {loss!r}")
    reading = read(model, x, loss, y, inputs, _most(most))
    count = sum(len(column.weights) + len(column.links) for column in reading.columns)
    if count > MOST_LINES:
        raise TooLargeError(f"the picture would have {count:,} lines; {MOST_LINES:,} are the most. Draw fewer: most=8")
    if lines == "gradients" and not reading.differentiated:
        raise VizError(
            "there are no gradients to show: all parameters hold 0. Give a loss, or call loss.backward() first"
        )
    notes = _notes(reading, outputs, y)
    captions = _captions(reading, loss)
    if lines == "weights":
        wiring = Wiring(reading, theme, lambda weight: weight.value, "weight", notes, captions)
    else:
        wiring = Wiring(reading, theme, lambda weight: weight.gradient, "gradient", notes, captions)
    parameters = len(model.parameters())
    title = f"network {reading.title}"
    about = f"{parameters:,} parameter{'s' * (parameters != 1)}"
    return Network(wiring.svg(title, _description(reading)), reading.title, about)


def _most(most: int) -> int:
    try:
        units = index(most)
    except TypeError:
        units = 0
    if isinstance(most, bool) or not LEAST_UNITS <= units <= MOST_UNITS:
        raise VizError(
            f"most={most!r}; it is how many neurons of a layer are drawn, from {LEAST_UNITS} to {MOST_UNITS}"
        )
    return units


def _notes(reading: Reading, outputs: Sequence[str] | None, y: Any) -> dict[int, list[tuple[str, str]]]:
    """Return what stands beside each output: its name, and its target."""
    count = reading.columns[-1].count
    notes: dict[int, list[tuple[str, str]]] = {i: [] for i in range(count)}
    if outputs is not None:
        for i, name in enumerate(names_for("outputs", outputs, count)):
            notes[i].append((shorten(printable(name)), "name"))
    for i, target in _targets(y, count).items():
        notes[i].append((target, "local"))
    return notes


def _targets(y: Any, count: int) -> dict[int, str]:
    """Return the targets to show, by output: as many numbers as outputs, or the number of a class."""
    if y is None:
        return {}
    try:
        several = [checked(target) for target in y]
    except (AutogradError, TypeError):
        try:
            several = [checked(y)]
        except AutogradError:
            return {}
    if len(several) == count:
        return {i: f"target {number(target)}" for i, target in enumerate(several)}
    if len(several) == 1 and several[0] in range(count):
        return {int(several[0]): "target"}
    return {}


def _captions(reading: Reading, loss: Callable[..., Any] | None) -> list[str]:
    if loss is None or reading.loss is None:
        return []
    return [f"loss: {shorten(printable(name_of(loss)), 40)} = {number(reading.loss, 6)}"]


def _description(reading: Reading) -> str:
    """Say in words what is drawn."""
    parts = [f"{column.title}: {column.subtitle}" for column in reading.columns]
    last = reading.columns[-1]
    values = ", ".join(number(unit.value, 6) for unit in last.units[:10])
    parts.append(f"output {values}{', …' if last.count > min(10, len(last.units)) else ''}")
    if reading.loss is not None:
        parts.append(f"loss {number(reading.loss, 6)}")
    return "; ".join(parts)
