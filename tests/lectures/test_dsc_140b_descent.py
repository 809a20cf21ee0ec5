"""dsc-140b: gradient descent with a stopping threshold, what a gradient is, and where the end depends on the start."""

import math

import numpy as np
import pytest
from worked_examples import EXAMPLES

from autograd import Value, exp
from nn.descent import DescentError, gradient_descent


def bowl(x, y):
    return exp(x**2 + y**2) + (x - 2) ** 2 + (y - 3) ** 2


def slides_gradient(point):
    """Return ∇f as the slide derives it, in plain NumPy."""
    x, y = point
    e = np.exp(x**2 + y**2)
    return np.array([2 * x * e + 2 * (x - 2), 2 * y * e + 2 * (y - 3)])


def slides_loop(gradient, x, learning_rate=0.01, threshold=0.1e-4):
    """Do what the slide's code does."""
    while True:
        x_new = x - learning_rate * gradient(x)
        if np.linalg.norm(x - x_new) < threshold:
            break
        x = x_new
    return x


def value_and_gradient(f, *point):
    values = [Value(x) for x in point]
    z = f(*values)
    z.backward()
    return z.data, np.array([v.grad for v in values])


def test_bowl_is_found():
    result = gradient_descent(bowl, (0.0, 0.0), learning_rate=0.01, threshold=1e-5)
    assert result.converged
    assert np.linalg.norm(result.point - EXAMPLES["bowl"]["argmin"]) < 2e-4
    assert result.value == pytest.approx(EXAMPLES["bowl"]["min"], abs=1e-6)
    assert (np.diff(result.values) < 0).all()  # downhill all the way


@pytest.mark.parametrize("start", [(0.0, 0.0), (1.0, -0.5), (-1.0, 1.0)])
def test_the_path_is_the_slides_loop(start):
    result = gradient_descent(bowl, start, learning_rate=0.01, threshold=1e-5)
    assert result.point == pytest.approx(slides_loop(slides_gradient, np.array(start)), rel=1e-12)
    for point, gradient in zip(result.points, result.gradients, strict=True):
        assert gradient == pytest.approx(slides_gradient(point), rel=1e-12, abs=1e-12)


def test_from_2_2_it_overflows_at_once_and_says_so():
    with pytest.raises(DescentError, match=r"after 1 step: exp\(.*too large.*learning_rate") as caught:
        gradient_descent(bowl, (2.0, 2.0), learning_rate=0.01, threshold=1e-5)
    path = caught.value.descent
    assert path.points.tolist() == [[2.0, 2.0]]
    assert path.values[0] == pytest.approx(math.exp(8) + 1)
    assert path.gradients[0] == pytest.approx([4 * math.exp(8), 4 * math.exp(8) - 2])


def test_a_smaller_rate_finds_it_from_there_too():
    result = gradient_descent(bowl, (2.0, 2.0), learning_rate=1e-4, threshold=1e-7, max_steps=50_000)
    assert result.converged
    assert np.linalg.norm(result.point - EXAMPLES["bowl"]["argmin"]) < 1e-3


# --- the gradient -----------------------------------------------------------------------------------------------------

POINT = (0.4, -0.3)


def test_the_gradient_gives_the_linear_approximation():
    value, gradient = value_and_gradient(bowl, *POINT)
    for direction in ((1.0, 0.0), (0.6, 0.8), (-0.28, 0.96)):
        errors = []
        for h in (1e-2, 1e-3):
            delta = h * np.array(direction)
            there, _ = value_and_gradient(bowl, *(np.array(POINT) + delta))
            errors.append(abs(there - (value + delta @ gradient)))
        assert errors[0] < 1e-3
        assert errors[0] / errors[1] == pytest.approx(100, rel=0.1)  # what is left is of second order


def test_the_gradient_is_the_direction_of_steepest_ascent_and_its_length_the_steepness():
    value, gradient = value_and_gradient(bowl, *POINT)
    h, angles = 1e-5, np.arange(0.0, 2 * np.pi, np.pi / 180)
    slopes = [
        (value_and_gradient(bowl, POINT[0] + h * np.cos(a), POINT[1] + h * np.sin(a))[0] - value) / h for a in angles
    ]
    steepest, along = angles[np.argmax(slopes)], math.atan2(gradient[1], gradient[0]) % (2 * np.pi)
    assert steepest == pytest.approx(along, abs=np.pi / 180)
    assert angles[np.argmin(slopes)] == pytest.approx((along + np.pi) % (2 * np.pi), abs=np.pi / 180)
    assert max(slopes) == pytest.approx(np.linalg.norm(gradient), rel=1e-3)


def test_across_the_gradient_the_function_does_not_change():
    value, gradient = value_and_gradient(bowl, *POINT)
    h, across = 1e-5, np.array([-gradient[1], gradient[0]]) / np.linalg.norm(gradient)
    there, _ = value_and_gradient(bowl, *(np.array(POINT) + h * across))
    assert abs(there - value) / h < 1e-3 * np.linalg.norm(gradient)


# --- convex or not ----------------------------------------------------------------------------------------------------


def two_valleys(x):
    return (x**2 - 1) ** 2 + 0.3 * x


def test_the_end_depends_on_the_start():
    minima = np.sort(np.roots([4, 0, -4, 0.3]).real)[[0, 2]]  # f' = 4x³ - 4x + 0.3
    ends = [gradient_descent(two_valleys, start, 0.02, 1e-9).point[0] for start in (-2.0, -0.1, 0.3, 2.0)]
    assert ends == pytest.approx([minima[0], minima[0], minima[1], minima[1]], abs=1e-6)
    left, right = (gradient_descent(two_valleys, start, 0.02, 1e-9).value for start in (-2.0, 2.0))
    assert left < right  # the one on the right is stuck in the lesser valley


def test_on_a_convex_function_it_does_not():
    ends = [gradient_descent(bowl, start, 0.01, 1e-9).point for start in ((-1.0, -1.0), (1.0, -1.0), (0.0, 1.4))]
    for end in ends:
        assert end == pytest.approx(EXAMPLES["bowl"]["argmin"], abs=1e-6)
