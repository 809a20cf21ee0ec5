"""Pre-training: a network's hidden layers learn one after the other to reconstruct their input, before any label."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd import Value
from nn.draws import Seed, generator
from nn.errors import SettingError
from nn.layers import MLP, Layer
from nn.losses import mean_squared_error
from nn.module import Module
from nn.optimizers import Optimizer
from nn.training.fit import fit
from nn.training.history import History
from nn.training.predict import predict


class _Autoencoder(Module):
    """A layer and a decoder that is to undo it; both keep their parameters' labels."""

    def __init__(self, encoder: Layer, decoder: Layer) -> None:
        self.encoder, self.decoder = encoder, decoder

    def __call__(self, x: Any) -> Any:
        return self.decoder(self.encoder(x))


def pretrain(
    model: MLP,
    X: Any,  # noqa: N803  # as everywhere in the field
    *,
    optimizer: Callable[[list[Value]], Optimizer] | None = None,
    seed: Seed = 0,
    **settings: Any,
) -> list[History]:
    """Train each hidden layer as an autoencoder of what the layers below it make of X.

    Layer l with outputs h = f(W x + b) gets a linear decoder x̂ = V h + c; both learn to minimise the mean squared error
    between x̂ and x. The decoder is then thrown away, and h is what the next layer learns on: Y. Bengio, P. Lamblin,
    D. Popovici and H. Larochelle, "Greedy layer-wise training of deep networks", NIPS 2006.

    Args:
        model: an MLP with at least one hidden layer; the last layer stays as it is.
        X: samples; labels are not needed.
        optimizer: a function of the parameters that returns their optimiser; by default that of ``fit``.
        seed: of the decoders' first weights and of the order of samples.
        settings: the further settings of ``fit``: epochs, batch_size, and so on.

    Returns:
        one History for each hidden layer; of those that were trained, if Ctrl-C ended it.

    >>> from nn import MLP, moons, pretrain
    >>> model = MLP(2, [6, 4, 1], "tanh", initial="xavier", seed=0)
    >>> [history.epochs for history in pretrain(model, moons(50)[0], epochs=20)]
    [20, 20]
    """
    if not isinstance(model, MLP) or len(model.layers) < 2:
        raise SettingError(f"pretrain takes an MLP with at least one hidden layer, not {model!r}")
    refused = {"loss", "y", "checkpoint", "resume"} & settings.keys()
    if refused:
        raise SettingError(
            f"pretrain takes fit's settings but {', '.join(sorted(refused))}: each layer learns to reconstruct its "
            "input, in a run of its own"
        )
    if isinstance(optimizer, Optimizer):
        raise SettingError(
            "each layer has an optimiser of its own: give a function that makes it, as in "
            f"optimizer=lambda parameters: {type(optimizer).__name__}(parameters, 0.01)"
        )
    rng = generator(seed)
    histories, codes = [], X
    for layer in model.layers[:-1]:
        units, inputs = len(layer.neurons), len(layer.neurons[0].w)
        autoencoder = _Autoencoder(layer, Layer(units, inputs, "linear", initial="xavier", seed=rng))
        learner = None if optimizer is None else optimizer(autoencoder.parameters())
        histories.append(
            fit(autoencoder, codes, codes, loss=mean_squared_error, optimizer=learner, seed=rng, **settings)
        )
        if histories[-1].stopped == "interrupted":
            break
        codes = predict(layer, codes)
    return histories
