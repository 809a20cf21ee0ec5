"""Training: ``fit`` and what it is made of."""

from nn.training.averaging import ExponentialAverage, RunningAverage
from nn.training.fit import fit
from nn.training.gradient_table import GradientTable, gradient_table
from nn.training.history import History
from nn.training.predict import predict
from nn.training.pretrain import pretrain
from nn.training.run import Training
from nn.training.stopping import EarlyStopping

__all__ = [
    "EarlyStopping", "ExponentialAverage", "GradientTable", "History", "RunningAverage", "Training", "fit",
    "gradient_table", "predict", "pretrain",
]  # fmt: skip
