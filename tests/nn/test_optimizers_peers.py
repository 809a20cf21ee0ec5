"""Optimisers, schedules and clipping against PyTorch's, for 100 steps in double precision."""

import numpy as np
import pytest

import autograd
from autograd import parameter
from nn import SGD
from nn.optimizers import Adadelta, Adagrad, Adam, AdamW, RMSprop, clip_norm, clip_value, schedules

torch = pytest.importorskip("torch")

RNG = np.random.Generator(np.random.PCG64(7))
X, Y = RNG.random((12, 2)) * 2 - 1, RNG.random(12)
START = [0.4, -0.7, 0.2, 1.1]

BOTH = {
    "SGD": (SGD, {"lr": 0.3}),
    "momentum": (SGD, {"lr": 0.1, "momentum": 0.9}),
    "Nesterov, decay": (SGD, {"lr": 0.1, "momentum": 0.8, "nesterov": True, "weight_decay": 0.05}),
    "Adagrad": (Adagrad, {}),
    "Adagrad, decay": (Adagrad, {"lr": 0.5, "eps": 1e-3, "weight_decay": 0.05}),
    "RMSprop": (RMSprop, {}),
    "RMSprop, momentum": (RMSprop, {"lr": 0.02, "alpha": 0.9, "momentum": 0.7, "weight_decay": 0.01}),
    "RMSprop, centered": (RMSprop, {"eps": 1e-2, "centered": True}),
    "RMSprop, all": (RMSprop, {"eps": 1e-2, "centered": True, "momentum": 0.5, "alpha": 0.8}),
    "Adadelta": (Adadelta, {}),
    "Adadelta, decay": (Adadelta, {"lr": 0.5, "rho": 0.7, "eps": 1e-3, "weight_decay": 0.05}),
    "Adam": (Adam, {}),
    "Adam, decay": (Adam, {"lr": 0.05, "betas": (0.7, 0.9), "eps": 1e-4, "weight_decay": 0.05}),
    "AdamW": (AdamW, {}),
    "AdamW, decay": (AdamW, {"lr": 0.05, "weight_decay": 0.5}),
}


def loss(m, a, b, c, d, x1, x2, y):
    return (d * m.tanh(a * x1 + b * x2 + c) - y) ** 2


def ours(optimizer, steps=100):
    program = autograd.compile(
        lambda x, y: loss(autograd, *optimizer.parameters, *x, y), [0.0, 0.0], 0.0, parameters=optimizer.parameters
    )
    path = []
    for _ in range(steps):
        _, gradient = program.value_and_grad(X, Y)
        program.theta = optimizer.update(program.theta, gradient)
        path.append(program.theta.copy())
    return np.array(path)


def theirs(optimizer, leaves, steps=100, scheduler=None, clip=None):
    x1, x2, y = torch.tensor(X[:, 0]), torch.tensor(X[:, 1]), torch.tensor(Y)
    path = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss(torch, *leaves, x1, x2, y).mean().backward()
        if clip:
            clip(leaves)
        optimizer.step()
        if scheduler:
            scheduler.step()
        path.append([leaf.item() for leaf in leaves])
    return np.array(path)


def values():
    return [parameter(x) for x in START]


def leaves():
    return [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in START]


def renamed(settings):
    return {{"lr": "learning_rate"}.get(name, name): x for name, x in settings.items()}


@pytest.mark.parametrize(("make", "settings"), BOTH.values(), ids=BOTH)
def test_pytorch_takes_the_same_steps(make, settings):
    tensors = leaves()
    expected = theirs(getattr(torch.optim, make.__name__)(tensors, **settings), tensors)
    path = ours(make(values(), **renamed(settings)))
    assert np.abs(path - START).max() > 1e-3  # it went somewhere
    assert path == pytest.approx(expected, rel=1e-10, abs=1e-10)


def test_pytorch_treats_groups_alike():
    a, b = values(), leaves()
    first, second = {"betas": (0.5, 0.9)}, {"weight_decay": 0.1}
    optimizer = Adam([{"parameters": a[:1], "learning_rate": 0.02, **first}, {"parameters": a[1:], **second}], 0.05)
    torchs = torch.optim.Adam([{"params": b[:1], "lr": 0.02, **first}, {"params": b[1:], **second}], 0.05)
    assert ours(optimizer) == pytest.approx(theirs(torchs, b), rel=1e-10, abs=1e-10)


def test_pytorch_clips_alike():
    a, b = values(), leaves()
    path = ours(SGD(a, 0.3, momentum=0.5, clip_value=0.02))
    clipped = theirs(torch.optim.SGD(b, 0.3, momentum=0.5), b, clip=lambda x: torch.nn.utils.clip_grad_value_(x, 0.02))
    assert path == pytest.approx(clipped, rel=1e-10, abs=1e-10)
    gradient = RNG.random(20) - 0.5
    for limit in (0.1, 1.0, 100.0):
        tensor = torch.zeros(20, dtype=torch.float64, requires_grad=True)
        tensor.grad = torch.tensor(gradient)
        torch.nn.utils.clip_grad_norm_([tensor], limit)  # divides by the length + 1e-6
        assert clip_norm(gradient, limit) == pytest.approx(tensor.grad.numpy(), rel=2e-6)
        assert np.linalg.norm(clip_norm(gradient, limit)) <= limit * (1 + 1e-15)
        assert clip_value(gradient, limit).tolist() == torch.tensor(gradient).clamp(-limit, limit).tolist()


SCHEDULES = {
    "constant": (schedules.constant(0.3), lambda o, s: s.ConstantLR(o, factor=1.0)),
    "step": (schedules.step_decay(0.3, every=7, factor=0.5), lambda o, s: s.StepLR(o, 7, 0.5)),
    "exponential": (schedules.exponential(0.3, 0.97), lambda o, s: s.ExponentialLR(o, 0.97)),
    "linear": (schedules.linear(0.3, 0.03, 40), lambda o, s: s.LinearLR(o, 1.0, 0.1, 40)),
    "warm-up": (
        schedules.warm_up(5, then=schedules.step_decay(0.3, 10, 0.5)),
        lambda o, s: s.SequentialLR(o, [s.LinearLR(o, 1 / 6, 1.0, 5), s.StepLR(o, 10, 0.5)], milestones=[5]),
    ),
}


@pytest.mark.filterwarnings("ignore:The epoch parameter in")  # PyTorch's own, from its SequentialLR
@pytest.mark.parametrize(("schedule", "make"), SCHEDULES.values(), ids=SCHEDULES)
def test_pytorch_changes_the_rate_alike(schedule, make):
    tensors = leaves()
    optimizer = torch.optim.SGD(tensors, 0.3)
    expected = theirs(optimizer, tensors, scheduler=make(optimizer, torch.optim.lr_scheduler))
    assert ours(SGD(values(), schedule)) == pytest.approx(expected, rel=1e-10, abs=1e-10)


def test_pytorchs_cosine_is_the_same_until_its_end():
    optimizer = torch.optim.SGD(leaves(), 0.3)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 50, eta_min=0.01)
    for t in range(51):  # afterwards theirs rises again, and ours stays
        assert schedules.cosine(0.3, 0.01, 50)(t) == pytest.approx(scheduler.get_last_lr()[0], rel=1e-12)
        optimizer.step()
        scheduler.step()
