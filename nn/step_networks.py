"""Networks of step units built from given half-planes: which regions a network can mark, by its number of layers.

    layers   region where the output is 1              how
    1        a half-plane, w₁x₁ + w₂x₂ ≥ θ             one unit: nn.ThresholdUnit(w, θ)
    2        a convex polygon, open or closed          intersection: one unit each half-plane, and an AND of them
    3        any union of polygons                     union: an AND for each polygon, and an OR of those

A region with a smooth edge is approached by more and more units. Layers of linear units gain nothing, however many
there are: ``collapse`` makes one of them. All of it holds in any number of dimensions, for half-spaces and polyhedra.

>>> from nn.step_networks import edges, intersection, union
>>> square, triangle = edges([(0, 0), (1, 0), (1, 1), (0, 1)]), edges([(2, 0), (3, 0), (2, 1)])
>>> inside = union([square, triangle])
>>> [inside(point).data for point in [(0.5, 0.5), (1.5, 0.5), (2.25, 0.25)]]
[1.0, 0.0, 1.0]
>>> inside
MLP of [Layer of [7 × StepNeuron(2)], Layer of [2 × StepNeuron(7)], Layer of [StepNeuron(2)]]

R. P. Lippmann, "An introduction to computing with neural nets", IEEE ASSP Magazine 4 (1987), has the table.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, SupportsFloat

import numpy as np
from numpy.typing import ArrayLike, NDArray

from autograd.value import number
from nn.errors import SettingError
from nn.layers import MLP, Layer
from nn.perceptron import zeros
from nn.settings import positive

HalfPlane = tuple[Sequence[SupportsFloat], SupportsFloat]  # weights w and threshold θ: where Σ wᵢxᵢ ≥ θ


def intersection(half_planes: Sequence[HalfPlane]) -> MLP:
    """Return the two-layer network that is 1 where all half-planes overlap, and 0 elsewhere: a convex region.

    The hidden units are the half-planes. The output unit is their AND: weights 1 and threshold n - ½, which only n
    units that all fire exceed.

    Args:
        half_planes: pairs of weights and threshold, (w, θ), for Σ wᵢxᵢ ≥ θ.

    Raises:
        SettingError: there are none, or not all have the same number of finite weights.

    >>> strip = intersection([((1, 0), -1), ((-1, 0), -1)])      # x ≥ -1 and -x ≥ -1
    >>> strip([0.5, 100.0]).data, strip([1.5, 0.0]).data
    (1.0, 0.0)
    """
    first = _checked(half_planes)
    return _step_network(first, [([1.0] * len(first), len(first) - 0.5)])


def union(regions: Sequence[Sequence[HalfPlane]]) -> MLP:
    """Return the three-layer network that is 1 in any of several convex regions, and 0 elsewhere.

    The first layer has all the half-planes, the second an AND for each region, and the output unit is an OR: weights 1
    and threshold ½, which a single unit that fires exceeds.

    Args:
        regions: a list of half-planes for each region, as for ``intersection``.

    Raises:
        SettingError: there are no regions, or one of them is none.
    """
    parts = [_checked(region) for region in regions] if isinstance(regions, Sequence) else []
    if not parts:
        raise SettingError(f"a union is made of regions, lists of half-planes (weights, threshold); not {regions!r}")
    first = _checked([half_plane for part in parts for half_plane in part])
    second: list[tuple[list[float], float]] = []
    for k, part in enumerate(parts):
        own = [[float(j == k)] * len(other) for j, other in enumerate(parts)]
        second.append(([w for ws in own for w in ws], len(part) - 0.5))
    return _step_network(first, second, [([1.0] * len(parts), 0.5)])


def edges(corners: ArrayLike) -> list[tuple[list[float], float]]:
    """Return the half-planes whose intersection is a convex polygon, one for each edge.

    Args:
        corners: its corners (x, y) in order, clockwise or not; at least three.

    Raises:
        SettingError: they are not the corners of a convex polygon in order.

    >>> edges([(0, 0), (2, 0), (0, 2)])[1]         # the edge from (2, 0) to (0, 2): -2x - 2y ≥ -4
    ([-2.0, -2.0], -4.0)
    """
    try:
        points = np.array(corners, dtype=float)
    except (TypeError, ValueError):
        points = np.empty(0)
    if points.ndim != 2 or points.shape[0] < 3 or points.shape[1] != 2 or not np.isfinite(points).all():
        raise SettingError(f"a polygon has at least three corners (x, y), all of them finite; not {corners!r}")
    ahead = np.roll(points, -1, axis=0)
    area = float(np.sum(points[:, 0] * ahead[:, 1] - ahead[:, 0] * points[:, 1]))  # twice it; negative if clockwise
    directions = math.copysign(1.0, area) * (ahead - points)
    inward = np.stack([-directions[:, 1], directions[:, 0]], axis=1)
    thresholds = np.sum(inward * points, axis=1)
    slack = 1e-9 * np.abs(inward).sum(axis=1) * np.abs(points).max()
    if area == 0.0 or not (inward @ points.T >= (thresholds - slack)[:, None]).all():
        raise SettingError(
            f"these are not the corners of a convex polygon in order: {corners!r}; cut the polygon into convex parts, "
            "and take their union"
        )
    return list(zip(inward.tolist(), thresholds.tolist(), strict=True))


def tangents(n: int, center: tuple[float, float] = (0.0, 0.0), radius: float = 1.0) -> list[tuple[list[float], float]]:
    """Return n half-planes that touch a disc from outside, evenly spaced; their intersection is a regular polygon.

    It is larger than the disc by r² (n tan(π/n) - π), which is nearly π³r² / 3n²: twice as many units, a quarter of the
    error.

    Args:
        n: how many, at least 3.
        center: of the disc.
        radius: r, a positive number.

    Raises:
        SettingError: an argument that cannot be.

    >>> disc = intersection(tangents(100))
    >>> disc([0.7, 0.7]).data, disc([0.8, 0.8]).data
    (1.0, 0.0)
    """
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 3:
        raise SettingError(f"n is the number of tangents, a whole number of at least 3; not {n!r}")
    radius = positive("radius", radius)
    middle = np.array([number(x) for x in center]) if isinstance(center, Iterable) else np.empty(0)
    if middle.shape != (2,) or not np.isfinite(middle).all():
        raise SettingError(f"the centre is a point, as in (0, 0), not {center!r}")
    angles = 2.0 * np.pi * np.arange(n) / n
    inward = -np.stack([np.cos(angles), np.sin(angles)], axis=1)
    thresholds = inward @ middle - radius
    return list(zip(inward.tolist(), thresholds.tolist(), strict=True))


def collapse(model: MLP) -> Layer:
    """Return the one linear layer that does what several linear layers in a row do.

    W₂ (W₁ x + b₁) + b₂ = (W₂ W₁) x + (W₂ b₁ + b₂), and so on: more layers of linear units do not help.

    Raises:
        SettingError: a layer is not linear.

    >>> deep = MLP(2, [8, 8, 1], activation="linear", seed=0)
    >>> flat = collapse(deep)
    >>> len(deep.parameters()), len(flat.parameters())
    (105, 3)
    >>> abs(deep([0.3, -0.7]) - flat([0.3, -0.7])).data < 1e-12
    True
    """
    if not isinstance(model, MLP):
        raise SettingError(f"collapse takes an MLP of linear layers, not {model!r}")
    bent = {neuron.activation for layer in model.layers for neuron in layer.neurons} - {"linear"}
    if bent:
        raise SettingError(f"only linear layers collapse into one; this model has the activation {bent.pop()!r}")
    weights = np.eye(len(model.layers[0].neurons[0].w))
    biases = np.zeros(len(weights))
    for layer in model.layers:
        w = np.array([[v.data for v in neuron.w] for neuron in layer.neurons])
        weights, biases = w @ weights, w @ biases + np.array([neuron.b.data for neuron in layer.neurons])
    return _filled(Layer(weights.shape[1], len(weights), "linear", initial=zeros), weights, biases)


# --- making networks --------------------------------------------------------------------------------------------------


def _step_network(*layers: Sequence[tuple[list[float], float]]) -> MLP:
    """Return a network of step units with the given weights and thresholds."""
    sizes = [len(units) for units in layers]
    model = MLP(len(layers[0][0][0]), sizes, "step", output_activation="step", initial=zeros)
    for layer, units in zip(model.layers, layers, strict=True):
        _filled(layer, np.array([weights for weights, _ in units]), np.array([-threshold for _, threshold in units]))
    return model


def _filled(layer: Layer, weights: NDArray[np.float64], biases: NDArray[np.float64]) -> Layer:
    """Give a layer its weights, a neuron's in each row, and its biases; return it."""
    for neuron, row, bias in zip(layer.neurons, weights.tolist(), biases.tolist(), strict=True):
        for w, x in zip(neuron.w, row, strict=True):
            w.data = x
        neuron.b.data = bias
    return layer


def _checked(half_planes: Any) -> list[tuple[list[float], float]]:
    """Return half-planes as floats, all in the same number of dimensions."""
    planes: list[tuple[list[float], float]] = []
    for plane in half_planes if isinstance(half_planes, Sequence) else ():
        try:
            weights, threshold = plane
            planes.append(([number(w) for w in weights], number(threshold)))
        except (TypeError, ValueError):
            raise SettingError(
                f"a half-plane is a pair of weights and threshold, as in ([1, 1], 1.5); not {plane!r}"
            ) from None
        if not all(map(math.isfinite, (*planes[-1][0], planes[-1][1]))):
            raise SettingError(f"a half-plane has finite weights and a finite threshold; not {plane!r}")
    if not planes or not planes[0][0] or len({len(weights) for weights, _ in planes}) > 1:
        raise SettingError(
            "a region is a list of half-planes (weights, threshold), all with as many weights as a point has "
            f"coordinates; not {half_planes!r}"
        )
    return planes
