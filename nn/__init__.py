"""Neural networks on Values: neurons and layers, losses, optimisers, data, and training.

>>> from nn import MLP, Adam, fit, hinge, moons
>>> X, y = moons(100)
>>> model = MLP(2, [16, 16, 1], activation="tanh", seed=0)
>>> history = fit(model, X, y, loss=hinge, optimizer=Adam(model.parameters(), 0.02), epochs=60, metrics="accuracy")
>>> history.path, history.last("accuracy")
('compiled', 1.0)
"""

import autograd

if not hasattr(autograd, "Value"):
    raise ImportError(
        f"nn and viz belong to glassgrad, but 'import autograd' found {autograd.__file__ or list(autograd.__path__)}, "
        "another package of that name (HIPS autograd, most likely). Install glassgrad in a virtual environment of its "
        "own, or remove the other: pip uninstall autograd; pip install --force-reinstall glassgrad"
    )

from nn import errors
from nn.classic import (
    Adaline,
    Convergence,
    LinearSVM,
    LogisticRegression,
    MulticlassPerceptron,
    Perceptron,
    ThresholdUnit,
)
from nn.data import blobs, circles, logic, moons, shifted_patterns, spirals
from nn.descent import Descent, gradient_descent
from nn.dropout import Dropout
from nn.layers import MLP, Layer, Neuron
from nn.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    half_squared_error,
    hinge,
    huber,
    mean_squared_error,
    multiclass_hinge,
    squared_error,
)
from nn.metrics import accuracy
from nn.module import Module
from nn.optimizers import SGD, VSGD, Adadelta, Adagrad, Adam, AdamW, AdaSecant, Optimizer, RMSprop, schedules
from nn.penalties import l1, l2
from nn.preparation import Standardiser, train_test_split
from nn.saving import load_model
from nn.sequential import Sequential
from nn.tables import read_csv
from nn.training import (
    EarlyStopping,
    ExponentialAverage,
    GradientTable,
    History,
    RunningAverage,
    Training,
    fit,
    gradient_table,
    predict,
    pretrain,
)

__all__ = [
    "MLP", "SGD", "VSGD", "AdaSecant", "Adadelta", "Adagrad", "Adaline", "Adam", "AdamW", "Convergence", "Descent",
    "Dropout", "EarlyStopping", "ExponentialAverage", "GradientTable", "History", "Layer", "LinearSVM",
    "LogisticRegression", "Module", "MulticlassPerceptron", "Neuron", "Optimizer", "Perceptron", "RMSprop",
    "RunningAverage", "Sequential", "Standardiser", "ThresholdUnit", "Training", "accuracy", "binary_cross_entropy",
    "binary_cross_entropy_with_logits", "blobs", "circles", "cross_entropy", "errors", "fit", "gradient_descent",
    "gradient_table", "half_squared_error", "hinge", "huber", "l1", "l2", "load_model", "logic", "mean_squared_error",
    "moons", "multiclass_hinge", "predict", "pretrain", "read_csv", "schedules", "shifted_patterns", "spirals",
    "squared_error", "train_test_split",
]  # fmt: skip
