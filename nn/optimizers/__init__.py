"""Optimisers: how parameters follow their gradients downhill.

Each is one formula on arrays: all parameters and all gradients in, the new parameters out. So scalar code and compiled
programs share them: ``step()`` reads and writes Values, ``update()`` takes and returns arrays, ``nn.fit`` does it all.

>>> from autograd import parameter
>>> x = parameter(5.0)
>>> optimizer = SGD([x], learning_rate=0.1)
>>> for _ in range(100):
...     loss = (x - 2) ** 2
...     optimizer.zero_grad()
...     loss.backward()
...     optimizer.step()
>>> round(x.data, 6)
2.0

base.py         what all share: update and step, rates, saving; with groups.py, clipping.py and settings.py
descent.py      SGD, with momentum
adaptive.py     a rate for every parameter: Adagrad, RMSprop, Adadelta, Adam, AdamW
untuned.py      no learning rate at all: AdaSecant, VSGD
schedules.py    rates that change from step to step
"""

from nn.optimizers import schedules
from nn.optimizers.adaptive import Adadelta, Adagrad, Adam, AdamW, RMSprop
from nn.optimizers.base import Optimizer
from nn.optimizers.clipping import clip_norm, clip_value
from nn.optimizers.descent import SGD
from nn.optimizers.untuned import VSGD, AdaSecant

__all__ = [
    "SGD", "VSGD", "AdaSecant", "Adadelta", "Adagrad", "Adam", "AdamW", "Optimizer", "RMSprop", "clip_norm",
    "clip_value", "schedules",
]  # fmt: skip
