"""Programs against other libraries, in double precision, where they are installed."""

import numpy as np
import pytest
from judge import assert_close
from models import attention, classifier, hinge_with_penalty, mlp, recurrent

import autograd


def ours(model):
    """Return the mean loss and its gradient, one array for each of the model's arrays of weights."""
    program = autograd.compile(model.loss, *model.examples, parameters=model.parameters)
    value, gradient = program.value_and_grad(*model.batch)
    sizes = np.cumsum([array.size for array in model.weights.values()])[:-1]
    parts = np.split(gradient, sizes)
    return value, {
        name: part.reshape(model.weights[name].shape) for name, part in zip(model.weights, parts, strict=True)
    }


def assert_same(model, value, gradients):
    received, parts = ours(model)
    assert_close(received, value, abs(value))
    for name, part in parts.items():
        assert_close(part, gradients[name], np.abs(gradients[name]).sum() + 1, name)


# Each model's mean loss over its batch, written for arrays of either library: ``m`` has its functions.


def mlp_loss(m, w, X, Y):
    k = len(w)
    for i in range(k):
        X = X @ w[f"w{i}"][:, :-1].T + w[f"w{i}"][:, -1]
        X = m.tanh(X) if i < k - 1 else X
    return ((X - Y) ** 2).sum(1).mean()


def hinge_loss(m, w, X, y):
    for i in range(3):
        X = X @ w[f"w{i}"][:, :-1].T + w[f"w{i}"][:, -1]
        X = m.relu(X) if i < 2 else X
    return m.relu(1 - y * X[:, 0]).mean() + 1e-4 * sum((a * a).sum() for a in w.values())


def classifier_loss(m, w, X, Y):
    Z = m.relu(X @ w["w1"].T + w["b1"]) @ w["w2"].T + w["b2"]
    return (m.logsumexp(Z) - (Y * Z).sum(1)).mean()


def recurrent_loss(m, w, X, Y):
    H = X[:, 0] @ (0 * w["u"].T)
    for t in range(X.shape[1]):
        H = m.tanh(H @ w["w"].T + X[:, t] @ w["u"].T + w["b"])
    return ((H @ w["v"] - Y) ** 2).mean()


def attention_loss(m, w, X):
    q, k, v = (X @ w[name].T for name in ("wq", "wk", "wv"))
    shares = m.softmax(q @ k.swapaxes(1, 2) / 2.0)
    return ((shares @ v) ** 2).sum((1, 2)).mean()


PAIRS = {
    "mlp": (lambda: mlp((3, 5, 4, 2), "tanh"), mlp_loss),
    "hinge with L2": (hinge_with_penalty, hinge_loss),
    "softmax cross-entropy": (classifier, classifier_loss),
    "recurrent": (recurrent, recurrent_loss),
    "attention": (attention, attention_loss),
}
every_pair = pytest.mark.parametrize(("make", "loss"), PAIRS.values(), ids=PAIRS)


@every_pair
def test_pytorch_agrees(make, loss):
    torch = pytest.importorskip("torch")

    class Torch:
        tanh, relu = torch.tanh, torch.relu
        logsumexp = staticmethod(lambda z: torch.logsumexp(z, 1))
        softmax = staticmethod(lambda z: torch.softmax(z, -1))

    model = make()
    weights = {name: torch.tensor(array, requires_grad=True) for name, array in model.numbers.items()}
    value = loss(Torch, weights, *[torch.tensor(array) for array in model.batch])
    value.backward()
    assert_same(model, value.item(), {name: tensor.grad.numpy() for name, tensor in weights.items()})


@every_pair
def test_jax_agrees(make, loss):
    jax = pytest.importorskip("jax")
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    try:

        class Jax:
            tanh, relu = jax.numpy.tanh, jax.nn.relu
            logsumexp = staticmethod(lambda z: jax.scipy.special.logsumexp(z, axis=1))
            softmax = staticmethod(lambda z: jax.nn.softmax(z, axis=-1))

        model = make()
        weights = {name: jax.numpy.asarray(array) for name, array in model.numbers.items()}
        batch = [jax.numpy.asarray(array) for array in model.batch]
        value, gradients = jax.jit(jax.value_and_grad(lambda w: loss(Jax, w, *batch)))(weights)
        assert_same(model, float(value), {name: np.asarray(array) for name, array in gradients.items()})
    finally:
        jax.config.update("jax_enable_x64", before)
