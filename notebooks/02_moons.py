# %% [markdown]
# # Two moons
#
# The last notebook found the gradient of a formula. This one uses it to learn: a small network finds, all by itself,
# the curve that separates two interleaved half moons. It is the demo of Andrej Karpathy's *micrograd*, and like that
# it is made of nothing but scalars: each weight, each product, each sum is a number that you could stop at and look
# into.
#
# You should know what `backward()` does; `01_trace` says it. The pictures need Matplotlib, which
# `pip install "glassgrad[plot]"` brings along.

# %%
import math
from collections import Counter

import matplotlib.pyplot as plt
import numpy as np
from matplotlib_inline.backend_inline import set_matplotlib_formats

from autograd import Graph, Value, mean, no_grad
from nn import MLP, SGD, moons
from viz import draw

set_matplotlib_formats("svg")

# %% [markdown]
# ## The data
#
# `moons` draws points along two half circles and adds noise. Its draws come from a seeded generator, so that you get
# the points that you see here. The labels are 0 and 1; for the loss below, −1 and 1 are handier.

# %%
X, labels = moons(100, noise=0.1, seed=0)
y = 2 * labels - 1
assert X.shape == (100, 2)
assert sorted(set(y.tolist())) == [-1, 1]


def scatter(axes, points, classes):
    """Draw the points of each class in a colour and a shape of its own."""
    for label, marker, colour in ((-1, "o", "#0b5fa5"), (1, "s", "#b3400a")):
        chosen = points[classes == label]
        style = {"s": 22, "marker": marker, "color": colour, "edgecolors": "white", "linewidths": 0.6}
        axes.scatter(chosen[:, 0], chosen[:, 1], **style, label=f"$y = {label}$")
    axes.set_aspect("equal")


figure, axes = plt.subplots()
scatter(axes, X, y)
axes.set(xlabel="$x_0$", ylabel="$x_1$", title="100 points; no straight line separates them")
axes.legend()
plt.show()

# %% [markdown]
# ## The model
#
# A **multi-layer perceptron**: 2 inputs, two hidden layers of 16 neurons, 1 output. Each hidden neuron computes
# $\max(0,\, w_0 x_0 + w_1 x_1 + \dots + b)$; this activation, which cuts off what is negative, is called ReLU. The
# output neuron has none. Its number is the **score** of a point: positive means label 1, negative label −1.
#
# The weights start at random. With the biases there are $(2 + 1) \cdot 16 + (16 + 1) \cdot 16 + (16 + 1) = 337$ of
# them.

# %%
model = MLP(2, [16, 16, 1], seed=1)
assert len(model.parameters()) == 337
model

# %% [markdown]
# To see what a neuron is, ask one for its output and look. This is the first neuron of the first layer with the first
# point. The engine keeps its weighted sum as a single node, `dot`; `unfold=True` shows the products and the sum it
# stands for.

# %%
neuron = model.layers[0].neurons[0]
x0, x1 = Value(X[0, 0], label="x0"), Value(X[0, 1], label="x1")
draw(neuron([x0, x1]), unfold=True)

# %% [markdown]
# It has not been differentiated yet, so the picture shows values only. Nothing has been asked so far; for a gradient
# there must be a result that is to become smaller.
#
# ## The loss
#
# That result is the **loss**: one number that says how badly the model does. We use the **hinge loss**. With $s_i$
# the score of point $i$ and $y_i$ its label, the product $y_i s_i$ is positive when the sign is right, and large when
# the model is sure. The hinge is content when it reaches 1, and complains in proportion below that:
#
# $$L = \frac{1}{n} \sum_{i=1}^{n} \max(0,\, 1 - y_i s_i) \;+\; \lambda \sum_j \theta_j^2$$
#
# The second term, with a small $\lambda$, keeps the parameters $\theta_j$ from growing without need. This is all of
# it:


# %%
def loss_of(model):
    """Return the mean hinge loss over the data, plus 1e-4 times the sum of the squared parameters."""
    hinges = [(1 - label * model(point)).relu() for point, label in zip(X, y, strict=True)]
    return mean(hinges) + 1e-4 * sum(p * p for p in model.parameters())


def accuracy(model, points=X, classes=y):
    """Return the share of points whose score has the sign of the label."""
    with no_grad():
        return float(np.mean([(model(point) > 0) == (label > 0) for point, label in zip(points, classes, strict=True)]))


loss = loss_of(model)
print(f"loss {loss.data:.4f}, accuracy {accuracy(model):.0%}")
assert 0.0 < accuracy(model) < 0.95  # it has not learned anything yet

# %% [markdown]
# How large is the computation behind that number? A `Graph` can tell:

# %%
nodes = Graph(loss).nodes
kinds = Counter(node.op.name for node in nodes)
for kind, count in kinds.most_common():
    print(f"{count:5} {kind}")
assert kinds["dot"] == 100 * 33  # one for each of the 33 neurons and each point
assert kinds["parameter"] == 337
print(f"{len(nodes):5} nodes in all")

unfolded = len(nodes) + sum(len(node.parents) - 2 for node in nodes if node.op.name == "dot")
print(f"{unfolded:5} if each product and each sum were a node of its own")
assert unfolded == 65_716

# %% [markdown]
# One `dot` stands for all the products and sums of a neuron; written out, as one would on paper, the loss is eight
# times as large. Either way one call of `backward()` finds the derivative of the loss with respect to all 337
# parameters, in one walk over the nodes. Nudging them one after the other would take 337 evaluations of the whole.
#
# ## One step
#
# The gradient points to where the loss grows fastest; so go a little the other way. How far is set by the **learning
# rate** $\eta$:
#
# $$\theta_j \leftarrow \theta_j - \eta\,\frac{\partial L}{\partial \theta_j}$$
#
# What should one step achieve? Each parameter is nudged by $-\eta\,\partial L/\partial\theta_j$, so to first order
# the loss changes by $-\eta \sum_j (\partial L/\partial\theta_j)^2$. For a small $\eta$ that prediction must come
# true, and it checks 337 derivatives at once.

# %%
model.zero_grad()
loss.backward()
rate = 1e-5
predicted = -rate * sum(p.grad**2 for p in model.parameters())
for p in model.parameters():
    p.data -= rate * p.grad
actual = loss_of(model).data - loss.data
print(f"predicted {predicted:.4e}, actual {actual:.4e}")
assert math.isclose(predicted, actual, rel_tol=1e-2)

# %% [markdown]
# ## The training loop
#
# Learning is that step again and again, with a larger rate, which goes down from 1 to 0.1 on the way: long strides
# first, small ones to settle. Five lines matter. Mind `zero_grad`: gradients add up over calls, and without it every
# step would still follow all the earlier ones.

# %%
STEPS = 100


def rate_at(step):
    """Return the learning rate: from 1 down to 0.1."""
    return 1.0 - 0.9 * step / STEPS


model = MLP(2, [16, 16, 1], seed=1)
losses, snapshots = [], {}
for step in range(STEPS):
    if step in (0, 5, 25):
        snapshots[step] = model.state_dict()
    loss = loss_of(model)
    model.zero_grad()
    loss.backward()
    for p in model.parameters():
        p.data -= rate_at(step) * p.grad
    losses.append(loss.data)
snapshots[STEPS] = model.state_dict()

print(f"loss {loss_of(model).data:.4f}, accuracy {accuracy(model):.0%}")
assert accuracy(model) >= 0.98

# %% [markdown]
# The curve is typical. It falls fast, jumps where a long stride overshoots, and settles as the strides become
# shorter.

# %%
figure, axes = plt.subplots()
axes.plot(losses, color="#0b5fa5")
axes.set(xlabel="step", ylabel="loss", title="The loss while learning", yscale="log")
plt.show()

# %% [markdown]
# ## The decision boundary
#
# The model gives a score to every point of the plane, not only to those it has seen. Where the score changes its
# sign, the model changes its mind: that line is its **decision boundary**. We ask it on a grid, inside `no_grad()`,
# since nobody will ask for gradients here and nothing need be remembered.


# %%
def show_boundary(axes, model, points, classes):
    """Shade the plane by the model's score; the black line is where it is 0."""
    horizontal, vertical = np.linspace(-1.6, 2.6, 43), np.linspace(-1.2, 1.7, 30)
    with no_grad():
        scores = [[model([a, b]).data for a in horizontal] for b in vertical]
    levels = [-math.inf, -2, -1, 0, 1, 2, math.inf]
    shades = ["#9cc4e4", "#c3dcf0", "#e6f1fa", "#fdeee3", "#fad4ba", "#f2b08a"]
    axes.contourf(horizontal, vertical, np.clip(scores, -9, 9), levels, colors=shades)
    axes.contour(horizontal, vertical, scores, [0], colors="black", linewidths=1.2)
    scatter(axes, points, classes)


figure, grid = plt.subplots(2, 2, figsize=(7.6, 5.6), sharex=True, sharey=True)
for axes, (step, state) in zip(grid.flat, snapshots.items(), strict=True):
    model.load_state_dict(state)
    show_boundary(axes, model, X, y)
    axes.set_title(f"after {step} steps: {accuracy(model):.0%} right")
plt.show()

# %% [markdown]
# Blue is where the score is negative, orange where it is positive. At first the boundary is an accident of the random
# weights. Five steps make it nearly a straight line that is right about most points; then it begins to bend, until it
# follows the gap between the moons. It consists of straight pieces, because a ReLU is linear on either side of its
# kink, and so the whole network is linear in patches.
#
# The shades change at scores of ±1 and ±2. At the end almost every point lies on its own side and beyond ±1, where
# the hinge is content:

# %%
with no_grad():
    content = sum(label * model(point) >= 1 for point, label in zip(X, y, strict=True))
print(f"{content} of {len(X)} points")
assert content >= 95

# %% [markdown]
# ## Points it has not seen
#
# To have learned by heart is not to have understood. So draw new points, from the same moons with another seed:

# %%
X_new, labels_new = moons(200, noise=0.1, seed=1)
y_new = 2 * labels_new - 1
print(f"accuracy on 200 new points: {accuracy(model, X_new, y_new):.1%}")
assert accuracy(model, X_new, y_new) >= 0.95

# %% [markdown]
# ## The same with an optimiser
#
# The line that updates the parameters is a formula of its own, and there are better ones. An **optimiser** holds the
# parameters and the formula. `SGD` is the plain one that we wrote above; from the same start it must take the same
# way, and for the first 25 steps we watch that it does, to the last bit:

# %%
model = MLP(2, [16, 16, 1], seed=1)
optimizer = SGD(model.parameters(), learning_rate=1.0)
for step in range(25):
    loss = loss_of(model)
    optimizer.zero_grad()
    loss.backward()
    optimizer.learning_rate = rate_at(step)
    optimizer.step()
    assert loss.data == losses[step]

assert model.state_dict() == snapshots[25]

# %% [markdown]
# ## Where to go from here
#
# Every one of these steps built eight thousand nodes, walked over them, and threw them away, although the computation
# is the same each time. A later chapter records it once and compiles it to array code, which makes the same step in a
# small fraction of the time, while the model stays what it is here: a plain function of scalars.

# %% [markdown]
# ## Exercises
#
# **1. Without hidden layers.** What can `MLP(2, [1])` do, which has only the output neuron? Train it in the same way
# and draw its boundary with `show_boundary`. Why does it stop where it does?
#
# <details>
# <summary>Solution</summary>
#
# ```python
# single = MLP(2, [1], seed=1)
# optimizer = SGD(single.parameters(), learning_rate=0.5)
# for step in range(STEPS):
#     loss = loss_of(single)
#     optimizer.zero_grad()
#     loss.backward()
#     optimizer.step()
#
# show_boundary(plt.subplots()[1], single, X, y)
# plt.show()
# assert 0.8 < accuracy(single) < 0.95
# ```
#
# One neuron's score is $w_0 x_0 + w_1 x_1 + b$, which is 0 along a straight line, whatever the weights. The moons
# interleave, so the best line leaves out the tips. More layers without an activation between them would not help: a
# linear function of linear functions is linear.
# </details>

# %% [markdown]
# **2. Too fast.** Train with a learning rate of 1 throughout, then with 2, then with 5, thirty steps each, and print
# the hinge term, the penalty and the accuracy. What has happened to the model at 5? Look at its scores.
#
# <details>
# <summary>Solution</summary>
#
# ```python
# def train(rate, steps=30):
#     """Return a model that was trained with a constant learning rate."""
#     hasty = MLP(2, [16, 16, 1], seed=1)
#     optimizer = SGD(hasty.parameters(), rate)
#     for _ in range(steps):
#         loss = loss_of(hasty)
#         optimizer.zero_grad()
#         loss.backward()
#         optimizer.step()
#     return hasty
#
# for rate in (1.0, 2.0, 5.0):
#     hasty = train(rate)
#     penalty = 1e-4 * sum(p.data**2 for p in hasty.parameters())
#     hinge = loss_of(hasty).data - penalty
#     print(f"rate {rate}: hinge {hinge:.3f}, penalty {penalty:.3f}, accuracy {accuracy(hasty):.0%}")
#
# with no_grad():
#     scores = {hasty(point).data for point in X}
# assert len(scores) == 1
# ```
#
# At 5 each of the first strides overshoots further than the one before, until one throws every hidden neuron below
# its kink, for all points at once. ReLU's slope is 0 there, so no gradient passes any more: the model gives every
# point the same score, the hinge term stands still at 1, and only the penalty still goes down. Such neurons are
# called *dead*, and a smaller learning rate does not bring them back.
# </details>
