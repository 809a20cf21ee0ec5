"""What the tests of optimisers share: one of each kind, and problems to set them."""

import math

import numpy as np

from autograd import parameter
from nn.optimizers import SGD, VSGD, Adadelta, Adagrad, Adam, AdamW, AdaSecant, RMSprop

# One of each kind, with settings that find the minimum of ``Bowl`` in a few hundred steps.
MAKERS = {
    "SGD": lambda parameters, **options: SGD(parameters, 0.1, **options),
    "momentum": lambda parameters, **options: SGD(parameters, 0.05, momentum=0.8, **options),
    "Nesterov": lambda parameters, **options: SGD(parameters, 0.05, momentum=0.8, nesterov=True, **options),
    "Adagrad": lambda parameters, **options: Adagrad(parameters, 1.0, **options),
    "RMSprop": lambda parameters, **options: RMSprop(parameters, lambda t: 0.1 / (1 + t / 10), **options),
    "RMSprop, all": lambda parameters, **options: RMSprop(
        parameters, lambda t: 0.1 / (1 + t / 10), momentum=0.5, centered=True, **options
    ),
    "Adadelta": lambda parameters, **options: Adadelta(parameters, lambda t: 1 / (1 + t / 50), eps=1e-3, **options),
    "Adam": lambda parameters, **options: Adam(parameters, 0.1, **options),
    "AdamW": lambda parameters, **options: AdamW(parameters, 0.1, weight_decay=1e-6, **options),
    "AdaSecant": lambda parameters, **options: AdaSecant(parameters, **options),
    "VSGD": lambda parameters, **options: VSGD(parameters, **options),
}


def parameters(n):
    return [parameter(float(i), label=f"p{i}") for i in range(n)]


class Bowl:
    """½ (θ - c)ᵀ H (θ - c), with a little noise in c if asked."""

    H = np.array([[2.0, 0.5, 0.0], [0.5, 1.0, -0.3], [0.0, -0.3, 4.0]])
    bottom = np.array([1.0, -2.0, 0.5])
    start = np.array([-1.0, 1.0, 2.0])

    def __init__(self, noise=0.0, seed=0):
        self.noise, self.rng = noise, np.random.Generator(np.random.PCG64(seed))
        self.draw()

    def draw(self):
        self.c = self.bottom + self.noise * (self.rng.random(3) - 0.5)

    def gradient(self, theta):
        return self.H @ (theta - self.c)

    def descend(self, optimizer, theta, steps):
        for _ in range(steps):
            self.draw()
            theta = optimizer.update(theta, self.gradient(theta), self.gradient)
        return theta


def slopes(theta, t):
    """Return three made-up slopes at step t, as floats: bounded, coupled, of changing sign."""
    a, b, c = theta
    return [
        0.3 * (a - 1.0) + 0.2 * math.sin(b) + 0.5 * math.cos(0.7 * t),
        math.tanh(b + c) - 0.1 * math.sin(1.3 * t),
        2.0 * c / (1.0 + c * c) + 0.3 * a - 0.05,
    ]


def run(optimizer, theta, steps, gradient=slopes):
    """Return every theta of a run on ``slopes``, the start first."""
    path = [np.array(theta, dtype=float)]
    for t in range(steps):
        path.append(optimizer.update(path[-1], np.array(gradient(path[-1].tolist(), t))))
    return np.array(path)
