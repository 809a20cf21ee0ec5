"""``fit``: the training loop as a function."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from autograd import Value
from nn.draws import Seed
from nn.optimizers import Optimizer
from nn.training.averaging import Average
from nn.training.history import History
from nn.training.problem import Loss, Model
from nn.training.run import Metric, Training
from nn.training.stopping import EarlyStopping


def fit(
    model: Model,
    X: Any,  # noqa: N803  # as everywhere in the field
    y: Any,
    *,
    loss: Loss,
    penalty: Callable[[Sequence[Value]], Any] | None = None,
    penalised: Iterable[Value] | None = None,
    optimizer: Optimizer | None = None,
    epochs: int = 100,
    batch_size: int | None = None,
    reduce: str = "mean",
    shuffle: bool = True,
    seed: Seed = 0,
    validation: float | tuple[Any, Any] | None = None,
    early_stopping: int | EarlyStopping | None = None,
    average: str | float | Average | None = None,
    metrics: Metric | Sequence[Metric] = (),
    callbacks: Callable[[Training], Any] | Sequence[Callable[[Training], Any]] = (),
    progress: bool | None = None,
    checkpoint: str | Path | None = None,
    checkpoint_every: int = 1,
    resume: bool = False,
    compile: bool | None = None,  # noqa: A002  # autograd's name
) -> History:
    """Train a model: each step follows the gradient of the loss over a batch of samples.

    A step minimises J(θ) = 1/n Σᵢ loss(model(xᵢ), yᵢ) + penalty(weights) over the n samples of its batch, as
    ``optimizer`` says. The model, the loss and the penalty are scalar code. They are compiled to array code; where that
    is impossible they are run as they are, sample by sample, which ``history.path`` and ``history.why`` tell.

    What is compiled is recorded at the beginning: a number that is no Value, such as an attribute of the model that a
    callback changes, keeps the value it had then (``compile=False`` reads it anew at every step). Callbacks change the
    weights in ``training.theta``, the learning rate in ``training.optimizer``.

    Afterwards the model is in evaluation mode (``eval()``), so Dropout leaves nothing out.

    Ctrl-C ends the run after the present step; the model and the history are as if it had been planned. A second Ctrl-C
    interrupts at once.

    Args:
        model: a Module, or a function of one sample; it returns one output or a list of them.
        X: the samples, shape (samples, features); or (samples,) for a model of one number; or (samples, …).
        y: the targets, one for each sample. What they may be depends on the loss (nn/targets.py): class numbers, for
            instance, become 0s and 1s for ``cross_entropy``. A loss of your own gets its row of y as it is.
        loss: a function of a sample's output and target, from nn/losses.py or your own.
        penalty: a function of the weights, such as ``l2(1e-4)``, added once per step.
        penalised: the weights it is put on; all but the biases, if none are given.
        optimizer: what is learned, and how; by default Adam(model.parameters(), learning_rate=0.01), a rate ten times
            Adam's own, since the models here are small.
        epochs: how many times to go through the samples; with ``resume``, in all.
        batch_size: samples per step: 1 for online learning, None for all of them.
        reduce: "mean" or "sum" of the losses over a batch.
        shuffle: whether each epoch takes the samples in a new order.
        seed: of the order, the validation split and the dropout masks.
        validation: samples that are not learned from: (X, y), or the share of the samples to hold back, or how many.
        early_stopping: stop after so many epochs without a better validation loss and give the model the weights of the
            best one; or an EarlyStopping.
        average: give the model an average over steps in place of the last weights: "running" for the mean over all
            steps, a decay such as 0.99 for an exponential one, or a RunningAverage or ExponentialAverage.
        metrics: names from nn/metrics.py such as "accuracy", or functions of (outputs, targets), computed after each
            epoch.
        callbacks: functions that are called after each epoch with the Training.
        progress: whether to show a bar (it needs tqdm); None for "if a person looks on".
        checkpoint: a file to write the run to, so that it can be resumed.
        checkpoint_every: after every how many epochs to do so; also when the run is interrupted.
        resume: go on from the checkpoint, if there is one. A resumed run equals the uninterrupted one to the last bit.
        compile: None for "if possible", True to raise an error where it is not, False not to.

    Returns:
        The History, with every curve as an array.

    Raises:
        SettingError, ShapeError, DataError: an argument that cannot be; nothing has been changed.
        CompileError: with ``compile=True``, where that is impossible.
        DivergedError (in nn.errors): the loss became nan or infinite. The model has the weights of the last finite
            loss; the error's ``history`` is the run's.
        FileFormatError, StateError: the checkpoint cannot be resumed.

    >>> from nn import MLP, binary_cross_entropy_with_logits, fit, moons
    >>> X, y = moons(100)
    >>> model = MLP(2, [16, 16, 1], initial="he", seed=1)
    >>> history = fit(model, X, y, loss=binary_cross_entropy_with_logits, epochs=150, metrics="accuracy")
    >>> history.path, len(history["loss"]), history.last("accuracy")
    ('compiled', 150, 1.0)
    """
    training = Training(
        model, X, y, loss=loss, penalty=penalty, penalised=penalised, optimizer=optimizer, epochs=epochs,
        batch_size=batch_size, reduce=reduce, shuffle=shuffle, seed=seed, validation=validation,
        early_stopping=early_stopping, average=average, metrics=metrics, callbacks=callbacks, progress=progress,
        checkpoint=checkpoint, checkpoint_every=checkpoint_every, resume=resume, compiling=compile,
    )  # fmt: skip
    return training.run()
