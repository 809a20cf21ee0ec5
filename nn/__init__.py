"""Neural networks on Values: neurons, layers, initial weights, optimisers and data.

>>> from nn import MLP, SGD, moons
>>> X, y = moons(20)
>>> model = MLP(2, [16, 16, 1], activation="tanh", seed=0)
>>> optimizer = SGD(model.parameters(), learning_rate=1.0)
>>> for step in range(50):
...     losses = [(1 - (2 * label - 1) * model(x)).relu() for x, label in zip(X, y)]
...     loss = sum(losses) / len(losses)
...     optimizer.zero_grad()
...     loss.backward()
...     optimizer.step()
>>> float(sum((model(x) > 0) == label for x, label in zip(X, y)) / len(X))
1.0
"""

import autograd

if not hasattr(autograd, "Value"):
    raise ImportError(
        f"nn and viz belong to glassgrad, but 'import autograd' found {autograd.__file__ or list(autograd.__path__)}, "
        "another package of that name (HIPS autograd, most likely). Install glassgrad in a virtual environment of its "
        "own, or remove the other: pip uninstall autograd; pip install --force-reinstall glassgrad"
    )

from nn import errors
from nn.data import moons
from nn.dropout import Dropout
from nn.layers import MLP, Layer, Neuron
from nn.module import Module
from nn.optimizers import SGD, Optimizer
from nn.saving import load_model
from nn.sequential import Sequential

__all__ = [
    "MLP", "SGD", "Dropout", "Layer", "Module", "Neuron", "Optimizer", "Sequential", "errors", "load_model", "moons",
]  # fmt: skip
