"""Independent judges for the pictures of training: networks in NumPy, and what a model looks like from outside."""

import numpy as np

from nn import Dropout

TANH = np.tanh


def weights_of(model):
    """Return each layer's weight matrix and biases."""
    return [
        (np.array([[w.data for w in n.w] for n in layer.neurons]), np.array([n.b.data for n in layer.neurons]))
        for layer in model.layers
    ]


def outputs_of(layers, x, activation=TANH):
    """Return what a network with these weights, the last layer linear, makes of samples; (n,) for one output."""
    for k, (w, b) in enumerate(layers):
        x = x @ w.T + b
        x = activation(x) if k + 1 < len(layers) else x
    return x[:, 0] if x.shape[1] == 1 else x


def with_theta(model, theta):
    """Return the layers' matrices for a vector of parameters in the order of ``model.parameters()``."""
    layers, i = [], 0
    for layer in model.layers:
        rows = []
        for neuron in layer.neurons:
            count = len(neuron.w) + 1
            rows.append(theta[i : i + count])
            i += count
        block = np.array(rows)
        layers.append((block[:, :-1], block[:, -1]))
    return layers


def state_of(model):
    """Return all that drawing must leave as it was."""
    numbers = [(p.data, p.grad, p.label) for p in model.parameters()]
    dropouts = [str(m.rng.bit_generator.state) for m in model.modules() if isinstance(m, Dropout)]
    return numbers, [m.training for m in model.modules()], dropouts
