"""``glassgrad train`` and ``glassgrad predict``: what the command line does with nn.

options.py       what can be asked for, and error messages in those words
data.py          a data set by its name, or a CSV file → samples, targets, and what the columns mean
description.py   what a model's inputs and outputs stand for; it goes into the model's file
train.py         the first command: data → a model, a summary, files
predict.py       the second: a model's file and a CSV file → predictions
files.py         files that are written whole or not at all

The commands return their exit status and raise this project's errors, which ``autograd/__main__.py`` prints.
"""

from nn.command.options import add_predict_options, add_train_options
from nn.command.predict import predict
from nn.command.train import Trained, train

__all__ = ["Trained", "add_predict_options", "add_train_options", "predict", "train"]
