# %% [markdown]
# # Perceptrons and computational graphs
#
# This notebook follows M. Soleymani's lecture *Multi-Layer Networks and Backpropagation Algorithm* (Sharif University
# of Technology, fall 2017), most of whose slides come from Stanford's CS231n and from Geoffrey Hinton's course. Its
# story is that of the field. First came units that learn by correcting their mistakes, then the proof that there are
# simple things they can never learn. Hidden units can do those things, but nobody tells a hidden unit what it should
# do; so one needs a gradient, and a way to compute it that is neither slow nor done by hand.
#
# If you have the slides open, you will find their examples, symbols and numbers here. Where they overlap with
# `01_trace`, this text refers to it and looks at the same thing from another side. You need to know what a derivative
# is; `01_trace` says what a gradient is.

# %%
import copy
import math
import os

import matplotlib.pyplot as plt
import numpy as np
from matplotlib_inline.backend_inline import set_matplotlib_formats

from autograd import Graph, Value, check_gradient, dot, exp, explain, gate, no_grad, parameter, relu, sigmoid, trace
from nn import (
    MLP,
    Adaline,
    Adam,
    Dropout,
    Layer,
    LinearSVM,
    Module,
    MulticlassPerceptron,
    Perceptron,
    Sequential,
    ThresholdUnit,
    binary_cross_entropy_with_logits,
    blobs,
    circles,
    cross_entropy,
    fit,
    l2,
    logic,
    moons,
    multiclass_hinge,
    predict,
    pretrain,
    shifted_patterns,
    squared_error,
)
from nn.data import PATTERNS
from nn.metrics import accuracy
from nn.step_networks import collapse, edges, intersection, tangents, union
from viz import animate, draw, network
from viz.plots import plot_activations, plot_decision

os.environ["TQDM_DISABLE"] = "1"  # no progress bars; all runs here are short
set_matplotlib_formats("svg", dpi=40)  # of the coloured grounds; lines and letters are sharp at any size
plt.rcParams.update({"image.interpolation_stage": "data", "svg.fonttype": "none"})

# %% [markdown]
# ## A neuron as a function
#
# A nerve cell collects charge through its synapses, each of which lets through more or less of what arrives. When
# enough has flowed in, the cell sends a spike along its axon to others. The mathematical model keeps three things of
# this: inputs $x_i$, a weight $w_i$ for each synapse, and a function $f$ of what comes together:
#
# $$z = b + \sum_i x_i w_i, \qquad y = f(z)$$
#
# Everything else is left out, and the lecture warns to be very careful with brain analogies: there are many types of
# neurons, their dendrites compute, a synapse is not a single number. What remains is simple enough to be understood
# completely. These are the lecture's three choices of $f$, with their derivatives:

# %%
plot_activations(["step", "sigmoid", "relu"], columns=3)
plt.show()

# %% [markdown]
# - The **step** makes a *binary threshold unit*: it fires or it does not. Its derivative is 0 wherever it has one,
#   which will matter later.
# - The **sigmoid** $1/(1 + e^{-z})$ is smooth and bounded, and its derivative is as simple as one can wish.
# - The **rectified linear unit**, ReLU, gives $z$ where $z > 0$, and 0 otherwise.
#
# ## Binary threshold units
#
# Warren McCulloch and Walter Pitts described the first of them in 1943. They took a spike for the truth value of a
# proposition, so that a neuron combines truth values into another one: it is 1 if $\sum_i w_i x_i \ge \theta$, and
# else 0. In the notation above, the bias is $b = -\theta$.
#
# Let 1 stand for true and $-1$ for false, as on the slide. With both weights 1, the sum of two inputs is $-2$, $0$ or
# $2$. A threshold between 0 and 2 then makes the unit an AND, and one between $-2$ and 0 an OR.

# %%
units = {"and": ThresholdUnit([1, 1], threshold=1.5), "or": ThresholdUnit([1, 1], threshold=-1.5)}
for name, unit in units.items():
    X, y = logic(name, inputs=(-1, 1))  # the truth table
    assert [unit(x).data for x in X] == y.tolist()

network(units["and"], [1, -1])

# %% [markdown]
# The picture shows the AND for the inputs 1 and $-1$; the stub below the neuron is its bias. A picture that is good
# for all inputs at once is the plane in which each input is a point. The unit changes its mind where
# $w_1 x_1 + w_2 x_2 = \theta$, and this is a straight line. On one side of it lies everything that makes the unit
# fire.

# %%
square = ((-2, 2), (-2, 2))
_, panels = plt.subplots(1, 2, figsize=(7.6, 3.4), sharey=True)
for axes, (name, unit) in zip(panels, units.items(), strict=True):
    plot_decision(unit, *logic(name, inputs=(-1, 1)), axes, bounds=square)
    axes.set_title(name.upper())
plt.show()

# %% [markdown]
# ## Learning from mistakes: the perceptron
#
# Nobody wants to choose weights by hand. Frank Rosenblatt's **perceptron** of the early 1960s is a threshold unit that
# finds them. It goes through the training cases again and again, and after each one it does this:
#
# - if the output is **correct**, leave the weights alone;
# - if it is **incorrectly 0**, add the input vector to the weights;
# - if it is **incorrectly 1**, subtract the input vector from them.
#
# The bias is the weight of one more input, which is always 1. Here is the whole procedure on an OR, this time with
# false as 0. All weights start at 0, and $z = 0$ counts as firing.

# %%
X, y = logic("or")
unit = Perceptron(2)
print("inputs  wanted  output     w1  w2   b")
for x, target in [*zip(X, y, strict=True)] * 4:
    output = unit(x).data
    unit.fit([x], [target], epochs=1)
    w1, w2, b = (p.data for p in unit.parameters())
    print(f"{x[0]:g}, {x[1]:g} {target:7} {output:7g} {'  ' if output == target else '✗ '} {w1:5g} {w2:3g} {b:3g}")

assert (w1, w2, b) == (1.0, 1.0, -1.0)
assert [unit(x).data for x in X] == y.tolist()

# %% [markdown]
# Five corrections (✗), and then a whole round without any: the procedure has **converged**. `fit` does the same for as
# many rounds, or *epochs*, as it takes.
#
# Why should it work? Suppose that a case was incorrectly a 0, so that $\mathbf{w}^T\mathbf{x} < 0$ although it should
# be positive. After adding $\mathbf{x}$ the sum is $(\mathbf{w} + \mathbf{x})^T\mathbf{x} = \mathbf{w}^T\mathbf{x} +
# \|\mathbf{x}\|^2$: larger, and so at least less wrong. A correction may spoil another case; the theorem is that, if
# there are any weights that are right on all cases, the spoiling comes to an end, and the procedure finds such
# weights.


# %%
def show(models, points=None, labels=None, resolution=180, **options):
    """Draw what several models make of the plane, side by side."""
    _, panels = plt.subplots(1, len(models), figsize=(2.5 * len(models), 2.2))
    for axes, (title, model) in zip(panels, models.items(), strict=True):
        plot_decision(model, points, labels, axes, resolution=resolution, **options)
        axes.get_legend().remove()
        for room in list(axes.child_axes):  # that was kept for the legend
            room.remove()
        axes.set(title=title, xlabel="", ylabel="", xticks=[], yticks=[])
    plt.show()


X, y = blobs(40, centers=[[-1, -0.5], [1, 0.5]], noise=0.5, seed=5)
units = {}
for epochs in range(1, 6):
    unit = Perceptron(2)
    result = unit.fit(X, y, epochs=epochs)
    units[f"epoch {epochs}: mistakes {result.mistakes[-1]}"] = unit
assert result.converged
assert result.mistakes == [4, 2, 1, 1, 0]
show(dict(list(units.items())[:4]), X, y)

# %% [markdown]
# With outputs of $-1$ and 1, the same rule is a single formula. For a training pair $(\mathbf{x}^{(n)}, y^{(n)})$:
#
# $$\text{if}\quad \operatorname{sign}(\mathbf{w}^T\mathbf{x}^{(n)}) \ne y^{(n)} \quad\text{then}\quad
#   \Delta\mathbf{w} = \mathbf{x}^{(n)} y^{(n)}, \quad\text{else}\quad \Delta\mathbf{w} = \mathbf{0}$$

# %%
unit = Perceptron(2, activation="sign")
unit.fit([[2.0, -3.0]], [-1], epochs=1)  # one case, one epoch: Δw = x y
assert [w.data for w in unit.w] == [-2.0, 3.0]

# %% [markdown]
# ## ADALINE
#
# A perceptron asks only *whether* it is wrong. The adaptive linear neuron of Widrow and Hoff (1960) asks *how far off*
# it is. Its output is $\mathbf{w}^T\mathbf{x}$ itself, with no step after it, and its rule is
#
# $$\Delta\mathbf{w} = \eta\,(y^{(n)} - \mathbf{w}^T\mathbf{x}^{(n)})\,\mathbf{x}^{(n)},$$
#
# known as Widrow–Hoff, LMS or **delta rule**. The slide derives it as a step down a gradient,
# $\mathbf{w}^{t+1} = \mathbf{w}^t - \eta\,\nabla E_n(\mathbf{w}^t)$, with
# $E_n(\mathbf{w}) = (y^{(n)} - \mathbf{w}^T\mathbf{x}^{(n)})^2$. Let the engine differentiate that:

# %%
x, y = [2.0, -1.0], 1.0
w = [parameter(0.5, "w1"), parameter(0.25, "w2")]
E = (y - dot(w, x)) ** 2
E.backward()

rule = [(y - dot(w, x).data) * x_i for x_i in x]  # Δw / η
assert rule == [0.5, -0.25]
assert [-w_i.grad for w_i in w] == [1.0, -0.5] == [2 * change for change in rule]

# %% [markdown]
# The gradient is twice what the rule says. The slide drops the factor 2, and nothing is lost by it, since $\eta$ can
# take it up; other lectures write $E = \tfrac12 (\dots)^2$ to be rid of it.
#
# What is gained by asking how far off? Take two clouds that overlap, so that no line is right about all points. The
# perceptron's theorem promises nothing here: it goes on correcting for ever, and where its line lies at the end is an
# accident of the last few mistakes. ADALINE approaches the line with the smallest mean square error, and stays near it.

# %%
X, y = blobs(60, centers=[[-1, -0.5], [1, 0.5]], noise=0.9, seed=0)
perceptron, adaline = Perceptron(2), Adaline(2)
result = perceptron.fit(X, y, epochs=100)
adaline.fit(X, 2 * y - 1, learning_rate=0.01, epochs=50)
assert not result.converged
assert min(result.mistakes) > 0

right = accuracy(predict(perceptron, X), y, threshold=0.5), accuracy(predict(adaline, X), y)
show({f"perceptron: {right[0]:.0%} right": perceptron, f"ADALINE: {right[1]:.0%} right": adaline}, X, y)

# %% [markdown]
# ## Several classes: template matching
#
# With several classes, each has a weight vector of its own, and the class with the highest score
# $\mathbf{w}_k^T\mathbf{x}$ wins. When the wrong class wins, lower its score, by removing the input from its weight
# vector, and raise the score of the target, by adding the input to its own. The lecture shows this on handwritten
# digits; here are ten small ones, of 15 pixels each.

# %%
digits = [
    "111101101101111", "010110010010111", "111001111100111", "111001111001111", "101101111001001",
    "111100111001111", "111100111101111", "111001001001001", "111101111101111", "111101111001111",
]  # fmt: skip
X = np.array([[float(pixel) for pixel in digit] for digit in digits])
y = np.arange(10)
assert [X[label].sum() for label in (2, 3, 5)] == [11, 11, 11]  # of which more below


def show_rows(names, *rows):
    """Draw rows of images of 5 by 3 pixels, each row with a name; negative numbers are orange, positive ones violet."""
    images = [row.reshape(-1, 5, 3) / np.abs(row).max() for row in rows]
    framed = [np.hstack(np.pad(row, ((0, 0), (1, 1), (1, 1)), constant_values=np.nan)) for row in images]
    _, axes = plt.subplots(figsize=(8, 0.9 * len(rows)))
    axes.imshow(np.vstack(framed), cmap="PuOr", vmin=-1, vmax=1)
    axes.set(xticks=[], yticks=3 + 7 * np.arange(len(rows)), yticklabels=names)
    plt.show()


unit = MulticlassPerceptron(15, classes=10)
templates = []
for epochs in (1, 2, 17):
    result = unit.fit(X, y, epochs=epochs)
    templates.append(np.array(unit.w, dtype=float))
assert result.converged
assert [unit.winner(x) for x in X] == y.tolist()
show_rows(["input", "epoch 1", "epoch 3", "epoch 20"], X, *templates)

# %% [markdown]
# The weights of a class form an image, too, a **template** of the class, and the score says how similar the input is
# to it. (Violet is positive, orange negative, white 0.) Look at the last row: templates are not pictures of digits.
# They weigh what *distinguishes* a digit from those it was confused with: the middle pixel speaks strongly against a
# zero, and the left pixel of the fourth line for an eight, which a nine does not have.
#
# All ten are told apart. But the lecture goes on: the ways in which digits vary are much too complicated to be
# captured by matching whole shapes. The simplest variation is to stand elsewhere. Shift each digit up to all 15
# places, with wrap-around (what leaves on the right comes back on the left):

# %%
places = list(np.ndindex(5, 3))
X_shifted = np.array([np.roll(x.reshape(5, 3), place, (0, 1)).ravel() for x in X for place in places])
y_shifted = np.repeat(y, len(places))

unit = MulticlassPerceptron(15, classes=10)
result = unit.fit(X_shifted, y_shifted, epochs=100)
wins = sum(unit.winner(x) == label for x, label in zip(X_shifted, y_shifted, strict=True))
print(f"{wins} of {len(X_shifted)} right, after 100 epochs with at least {min(result.mistakes)} mistakes in each")
assert not result.converged
assert wins < 0.5 * len(X_shifted)

# %% [markdown]
# More patience would not help. In 1969 Minsky and Papert's book *Perceptrons* showed what such units cannot do, and two
# of its arguments are short.
#
# ## What a threshold unit cannot do
#
# It cannot even tell whether two bits are the same:
#
# | | inputs | wanted | so the weights must satisfy |
# | --- | --- | --- | --- |
# | same | (1, 1) | 1 | $w_1 + w_2 \ge \theta$ |
# | same | (0, 0) | 1 | $0 \ge \theta$ |
# | different | (1, 0) | 0 | $w_1 < \theta$ |
# | different | (0, 1) | 0 | $w_2 < \theta$ |
#
# The first two add up to $w_1 + w_2 \ge 2\theta$, and the last two to $w_1 + w_2 < 2\theta$. No weights and no
# threshold do both. For the opposite, XOR, all signs turn round and the contradiction stays.
#
# The perceptron finds this out in its own way. Its weights are whole numbers that cannot grow for ever, so at some time
# they must come back to where they were; from then on it goes round in a circle. `fit` notices.

# %%
X, y = logic("xnor")  # 1 where the inputs are the same
unit = Perceptron(2)
result = unit.fit(X, y)
assert not result.converged
assert result.cycle is not None
result

# %% [markdown]
# In the plane, the points of either class lie at opposite corners, and no straight line has two opposite corners on
# one side and the other two on the other. Here is what it tries on XOR, with $-1$ for false. After each case it is
# corrected, and the fourth correction brings all weights back to 0:

# %%
X, y = logic("xor", inputs=(-1, 1))
unit, tried = Perceptron(2), {}
for number, (x, target) in enumerate(zip(X, y, strict=True), 1):
    unit.fit([x], [target], epochs=1)
    tried[f"after correction {number}"] = copy.deepcopy(unit)
assert [p.data for p in unit.parameters()] == [0.0, 0.0, 0.0]
del tried["after correction 4"]
show(tried, X, y, bounds=square)

# %% [markdown]
# ## Patterns that move
#
# The second argument is about pixels. Take two patterns with the same number of pixels on, and let both translate with
# wrap-around. Can a unit tell pattern A from pattern B, wherever they stand?

# %%
X, y = shifted_patterns()  # ten translations of each
assert X.shape == (20, 10)
assert [sum(pattern) for pattern in PATTERNS] == [4, 4]

_, panels = plt.subplots(1, 2, figsize=(6, 2.9))
for axes, name, label in zip(panels, "AB", (0, 1), strict=True):
    axes.imshow(X[y == label], cmap="Blues", vmax=1.4)
    axes.set(title=f"pattern {name}", xlabel="pixel", ylabel="translation")
plt.show()

# %% [markdown]
# Look at a column of either picture: every pixel is on in 4 of the 10 translations. So whatever the weights are, the
# total input over all translations of A is four times the sum of all weights, and over all translations of B it is the
# same. To discriminate, each single case of A would have to give more input than each single case of B, and then so
# would their sums. That is impossible.

# %%
rng = np.random.default_rng(0)
for w in rng.normal(size=(5, 10)):
    z = X @ w
    print(f"A {z[y == 0].sum():9.6f}   B {z[y == 1].sum():9.6f}   4 Σ w {4 * w.sum():9.6f}")
    assert np.allclose([z[y == 0].sum(), z[y == 1].sum()], 4 * w.sum())

result = Perceptron(10).fit(X, y)
assert not result.converged
assert result.cycle is not None
result

# %% [markdown]
# This also settles the shifted digits. 2, 3 and 5 have 11 pixels each. Take the score that template 2 gives minus the
# one that template 3 gives: over all places it adds up to the same for the 2s as for the 3s. So it cannot be positive
# for every 2 and negative for every 3.
#
# The part of the machine that recognises a pattern wherever it stands has to be something else: **features**, which the
# threshold unit then only has to weigh. Here is one way, made by hand. A unit for each place fires if all four pixels
# of A are on there; an output unit fires if any of them does.

# %%
detectors = [[(x.tolist(), 3.5)] for x in X[y == 0]]  # weights and threshold
finds_a = union(detectors)
assert [finds_a(x).data for x in X] == (1 - y).tolist()
finds_a

# %% [markdown]
# The features can be learned, too, by hidden units that are trained as in `02_moons`. This network has eight of them:

# %%
model = MLP(10, [8, 1], "tanh", initial="xavier", seed=0)
learner = Adam(model.parameters(), learning_rate=0.05)
fit(model, X, y, loss=binary_cross_entropy_with_logits, optimizer=learner, epochs=300)
assert accuracy(predict(model, X), y) == 1.0

# %% [markdown]
# And so it is with the digits, at all their places:

# %%
model = MLP(15, [20, 10], "tanh", initial="xavier", seed=0)
learner = Adam(model.parameters(), learning_rate=0.02)
fit(model, X_shifted, y_shifted, loss=cross_entropy, optimizer=learner, epochs=300)
assert accuracy(predict(model, X_shifted), y_shifted) == 1.0

# %% [markdown]
# ## What hidden layers add
#
# Two things do not help. **More layers of linear units** do not, because a linear function of linear functions is
# linear: $W_2 (W_1 \mathbf{x} + \mathbf{b}_1) + \mathbf{b}_2 = (W_2 W_1)\,\mathbf{x} + (W_2 \mathbf{b}_1 +
# \mathbf{b}_2)$. Five layers can be replaced by one:

# %%
deep = MLP(2, [8, 8, 8, 8, 1], activation="linear", seed=3)
flat = collapse(deep)
points = rng.normal(size=(100, 2))
assert np.allclose(predict(deep, points), predict(flat, points))
print(f"{len(deep.parameters())} parameters do what {len(flat.parameters())} can do")

# %% [markdown]
# Nor does a fixed non-linearity at the output. What helps is *layers of non-linear units*. With step units one can say
# exactly how much, and the lecture has a table of it:
#
# | structure | type of decision region | interpretation |
# | --- | --- | --- |
# | single layer (no hidden layer) | half space | region found by a hyperplane |
# | two layers (one hidden layer) | polyhedron, open or closed | intersection of half spaces |
# | three layers (two hidden layers) | arbitrary regions | union of polyhedra |
#
# The construction is the AND and the OR from above. Hidden units mark half-planes; an AND of them is their
# intersection, which is a convex polygon; and an OR of polygons is their union. The dashed lines are the units of the
# first layer, with ticks on the side where they fire.

# %%
arrow = [edges([(-1.2, -0.4), (0.2, -0.4), (0.2, 0.4), (-1.2, 0.4)]), edges([(0.2, -1), (1.3, 0), (0.2, 1)])]
networks = {
    "one layer": ThresholdUnit([1.0, -2.0], threshold=0.3),
    "two layers": intersection(arrow[1]),
    "three layers": union(arrow),
}
show(networks, bounds=((-1.6, 1.6), (-1.4, 1.4)), hidden=True)

# %% [markdown]
# The arrow's head, asked about the point (0.5, 0): all three half-planes say yes, so the output unit, whose threshold
# is $2\tfrac12$, does too.

# %%
assert networks["two layers"]([0.5, 0.0]).data == 1.0
network(networks["two layers"], [0.5, 0.0])

# %% [markdown]
# XOR needs no more than two layers: *at least one* of the inputs, and *not both*. And a region with a **smooth**
# boundary is approached by more and more units. Tangents to a circle enclose a polygon, whose surplus of area,
# $n \tan(\pi/n) - \pi$, becomes about four times smaller when the number of units is doubled.

# %%
different = intersection([((1, 1), 0.5), ((-1, -1), -1.5)])  # x1 + x2 ≥ ½, and x1 + x2 ≤ 1½
assert [different(x).data for x in logic("xor")[0]] == [0, 1, 1, 0]

discs = {}
for n in (4, 8, 16):
    surplus = n * math.tan(math.pi / n) - math.pi
    discs[f"{n} units: {surplus / math.pi:.1%} too large"] = intersection(tangents(n))
show(discs, bounds=((-1.6, 1.6), (-1.4, 1.4)))

# %% [markdown]
# ## Hidden units as features
#
# Nobody draws such lines by hand for a real task. The lecture's next model leaves the lines to learning:
#
# $$\textbf{(before)}\quad f = W x \qquad\qquad \textbf{(now)}\quad f = W_2 \max(0,\, W_1 x)$$
#
# With $M$ hidden units, $o_k(\mathbf{x}) = \psi\big(\sum_{j=0}^M w^{[2]}_{jk}\, z_j\big)$ with $z_j =
# \phi\big(\sum_{i=0}^d w^{[1]}_{ij}\, x_i\big)$. Read from the output, this is a linear model, but of features $z_j$
# of $\mathbf{x}$; and the features have parameters of their own, so their form is not fixed in advance but adapted to
# the data. Here $\phi$ is tanh, a sigmoid from $-1$ to 1. A ring around a disc takes three units, since two lines
# enclose nothing:

# %%
X, y = circles(60, noise=0.08, factor=0.4, seed=0)
rings = {}
for hidden in (1, 2, 3):
    model = MLP(2, [hidden, 1], "tanh", initial="xavier", seed=0)
    fit(model, X, y, loss=binary_cross_entropy_with_logits, optimizer=Adam(model.parameters(), 0.05), epochs=300)
    rings[f"{hidden} hidden: {accuracy(predict(model, X), y):.0%} right"] = model
assert accuracy(predict(model, X), y) == 1.0
show(rings, X, y, hidden=True, resolution=80)

# %% [markdown]
# Networks with more hidden layers can represent no more than this, yet often work better; the lecture notes that as an
# observation, not as a theorem.
#
# Learning the weights that go into hidden units *is* learning features, and it is difficult, because nobody tells us
# what the hidden units should do. The perceptron's rule needs a target for every unit that it corrects, so it cannot
# do it. The delta rule was a step down a gradient; and a gradient with respect to $W_1$ exists just as well, if only
# the hidden units have a slope, as sigmoids and rectified units do and steps do not. All that is missing is a way to
# compute it.
#
# ## Numerical and analytic gradient
#
# One way needs no thought at all: nudge each weight a little, up and down, and see what the loss does.
#
# $$\frac{\partial L}{\partial w} \approx \frac{L(w + h) - L(w - h)}{2h}$$

# %%
model = MLP(2, [16, 16, 1], "tanh", seed=1)


def loss():
    """Return the squared error for one sample."""
    return squared_error(model([0.6, -0.4]), 1.0)


def slope(p, h=1e-5):
    """Return ∂L/∂p by nudging."""
    start = p.data
    p.data = start + h
    above = loss().data
    p.data = start - h
    below = loss().data
    p.data = start
    return (above - below) / (2 * h)


with no_grad():
    numerical = [slope(p) for p in model.parameters()]

# %% [markdown]
# That is easy to write. It is also slow: two evaluations of the network for each of its 337 weights, and that for one
# sample and one step. `backward()` finds all of them in a single walk back over what one evaluation computed.

# %%
L = loss()
L.backward()
analytic = [p.grad for p in model.parameters()]
assert np.allclose(numerical, analytic, rtol=0, atol=1e-9)
print(f"{len(numerical)} weights: {2 * len(numerical)} evaluations by nudging, one and a walk back by backward()")

# %% [markdown]
# The two agree to nine decimals and no further, for nudging is approximate, too. How good it is depends on $h$: if it
# is too large, the function bends on the way; if it is too small, the difference of two nearly equal numbers consists
# of rounding errors. For the derivative of the sigmoid at 1:

# %%
exact = sigmoid(1.0).data * (1 - sigmoid(1.0).data)
steps = 10.0 ** -np.arange(1, 15)
central = [abs((sigmoid(1 + h).data - sigmoid(1 - h).data) / (2 * h) - exact) for h in steps]
one_sided = [abs((sigmoid(1 + h).data - sigmoid(1.0).data) / h - exact) for h in steps]
assert 1e-7 <= steps[np.argmin(central)] <= 1e-4
assert min(central) < 1e-3 * min(one_sided)

_, axes = plt.subplots()
axes.loglog(steps, one_sided, "s--", color="#b3400a", label="(f(x + h) − f(x)) / h")
axes.loglog(steps, central, "o-", color="#0b5fa5", label="(f(x + h) − f(x − h)) / 2h")
axes.set(xlabel="$h$", ylabel="error", title="The numerical gradient is best at neither end")
axes.legend()
plt.show()

# %% [markdown]
# The slide sums it up. The numerical gradient is slow :( approximate :( and easy to write :) and the analytic one is
# fast :) exact :) and error-prone :( so *derive the analytic gradient, and check your implementation with the numerical
# one*. Here the derivation is the engine's; the check is `check_gradient`, which uses $h = 10^{-5}$, and will catch a
# misprint below.
#
# ## Computational graphs
#
# **Backpropagation** computes the analytic gradient on the graph of the computation. The lecture introduces it with
#
# $$f(x, y, z) = (x + y)\,z \qquad\text{e.g.}\quad x = -2,\; y = 5,\; z = -4,$$
#
# and takes nine slides to walk through it. `01_trace` does the same by hand. Here the slides are one picture that
# plays, in their own style and colours: values in green above the wires, gradients in red below.

# %%
f = trace("q = x + y; f = q * z", x=-2, y=5, z=-4)
assert f.forward() == -12.0
assert f.backward() == {"x": -4.0, "y": -4.0, "z": 3.0}
animate(f, style="circuit", theme="cs231n")

# %% [markdown]
# Each step of the backward pass is one use of the chain rule: the gradient from above, times the local derivative. For
# $y$, as on the slide,
#
# $$\frac{\partial f}{\partial y} = \frac{\partial f}{\partial q}\,\frac{\partial q}{\partial y} = -4 \cdot 1.$$
#
# Now play with it. The page below computes by itself, without a server. Drag $z$ through 0: the gradients of $x$ and
# $y$ follow it, since *multiply swaps*, and $f$ becomes 0 but the gradient of $z$ does not. Then step through both
# passes with the scrubber. (Where a notebook is only shown, and not run, the page may be missing; the picture above has
# its numbers.)

# %%
draw(f).interactive()

# %% [markdown]
# The lecture's other example is the sigmoid neuron,
#
# $$f(w, x) = \frac{1}{1 + e^{-(w_0 x_0 + w_1 x_1 + w_2)}},$$
#
# built of elementary gates, of which multiplying by $-1$ is one. Read it from top to bottom:


# %%
def inputs():
    """Return w0, x0, w1, x1 and w2 as on the slide."""
    numbers = {"w0": 2.0, "x0": -1.0, "w1": -3.0, "x1": -2.0, "w2": -3.0}
    return [Value(data, label=name) for name, data in numbers.items()]


w0, x0, w1, x1, w2 = inputs()
f = 1 / (1 + exp(-1 * (w0 * x0 + w1 * x1 + w2)))
gradients = Graph(f).backward()
draw(f, theme="cs231n", rankdir="TB")

# %% [markdown]
# Follow the red numbers from `f` upwards. Through $1/x$ the gradient becomes $(-1/1.37^2)(1.00) = -0.53$. Adding 1 does
# not change it. Through $e^x$ it becomes $(e^{-1})(-0.53) = -0.20$, and multiplying by $-1$ turns it into $0.20$. From
# there it flows to all five inputs:

# %%
expected = {
    "w0": -0.19661193324148188,
    "x0": 0.39322386648296376,
    "w1": -0.39322386648296376,
    "x1": -0.5898357997244457,
    "w2": 0.19661193324148188,
}
assert math.isclose(f.data, 0.7310585786300049, rel_tol=1e-12)
assert all(math.isclose(gradients[name], expected[name], rel_tol=1e-12) for name in expected)
assert round(-1 / 1.37**2, 2) == -0.53
assert round(math.exp(-1) * -0.53, 2) == -0.19  # from rounded numbers; the graph's own is -0.1966
gradients

# %% [markdown]
# The gates from $-1\cdot$ to $1/x$ make up the sigmoid, whose derivative is $(1 - \sigma)\,\sigma$; `01_trace` has the
# derivation. As one gate it gives the same gradients, in one step: $(1 - 0.73) \cdot 0.73 = 0.20$.

# %%
w0, x0, w1, x1, w2 = inputs()
s = w0 * x0 + w1 * x1 + w2
f = sigmoid(s)
s.label, f.label = "s", "f"
assert all(math.isclose(gradient, expected[name], rel_tol=1e-12) for name, gradient in Graph(f).backward().items())
draw(f)

# %% [markdown]
# `draw(f).interactive()` makes a page of this one, too. Drag $w_2$ there to the right until the neuron is sure of
# itself: $f$ comes close to 1, and all gradients go to 0 with $(1 - \sigma)\,\sigma$. Such a neuron is *saturated*,
# and it has almost stopped learning.
#
# ## Patterns in the backward flow
#
# On the way back each gate has a habit: the **add gate** distributes its gradient to all operands, the **max gate**
# routes it to the larger one, the **multiply gate** swaps. And where a value branches out, the gradients of the
# branches **add**, as in the chain rule for several paths,
#
# $$\frac{\partial z}{\partial x} = \frac{\partial z}{\partial y_1}\frac{\partial y_1}{\partial x}
#   + \frac{\partial z}{\partial y_2}\frac{\partial y_2}{\partial x}.$$
#
# `01_trace` looks at each of these by itself, and at what goes wrong without the addition. Here are all four at once.
# Say what each gate does before you read the explanation below the picture: $x$ is used twice, once on its way through
# the maximum.

# %%
g = trace("p = x * y; m = maximum(x, z); s = p + m; f = 2 * s", x=3, y=-4, z=2)
assert g.backward() == {"x": -6.0, "y": 6.0, "z": 0.0}
draw(g)

# %%
explanation = explain(g, "x")
assert [path.product for path in explanation.contributions] == [-8.0, 2.0]
explanation

# %% [markdown]
# ## forward() and backward()
#
# What has been said so far is a plan for a program, and the lecture writes it down. Each gate has a `forward`, which
# computes its result and saves what will be needed later, and a `backward`, which applies the chain rule to the
# gradient that comes down from above. A `ComputationalGraph` calls the one in topological order, and the other in
# reverse:
#
# ```
# class ComputationalGraph(object):
#     def forward(inputs):
#         # 1. [pass inputs to input gates...]
#         # 2. forward the computational graph:
#         for gate in self.graph.nodes_topologically_sorted():
#             gate.forward()
#         return loss # the final gate in the graph outputs the loss
#     def backward():
#         for gate in reversed(self.graph.nodes_topologically_sorted()):
#             gate.backward() # little piece of backprop (chain rule applied)
#         return inputs_gradients
# ```
#
# Here it is called `Graph`. `01_trace` writes the slides' `MultiplyGate` and Caffe's sigmoid layer as gates; with one
# more, for the squared error, the neuron becomes something that can learn:


# %%
@gate
class SquaredErrorGate:
    def forward(self, a, y):
        self.error = a - y  # must keep this around
        return self.error**2

    def backward(self, dz):
        return [2 * self.error * dz, -2 * self.error * dz]


E = SquaredErrorGate(f, 0.0)  # the neuron is to say 0
E.label = "E"
graph = Graph(E)

# %% [markdown]
# `forward(inputs)` returns the loss, `backward()` the gradients of the inputs. The two are all that a learning
# procedure asks for:

# %%
weights = {"w0": 2.0, "w1": -3.0, "w2": -3.0}
for step in range(41):
    E = graph.forward(weights)
    gradients = graph.backward()
    if step % 10 == 0:
        print(f"step {step:2}: output {f.data:.4f}, loss {E:.4f}, ∂E/∂w0 {gradients['w0']:7.4f}")
    weights = {name: w - 0.5 * gradients[name] for name, w in weights.items()}
assert E < 0.02

# %% [markdown]
# ## δ from layer to layer
#
# For a network in layers, the walk back through the graph can be written down layer by layer. The lecture's notation:
# $a^{[0]}$ is the input and $a^{[L]}$ the output, $w_{ij}^{[l]}$ is the weight from unit $i$ of layer $l - 1$ to unit
# $j$ of layer $l$, and
#
# $$z_j^{[l]} = \sum_i w_{ij}^{[l]}\, a_i^{[l-1]}, \qquad a_j^{[l]} = f(z_j^{[l]}), \qquad
#   E_n = \sum_j (a_j^{[L]} - y_j^{(n)})^2.$$
#
# The **sensitivity** of the error to a unit is $\delta_j^{[l]}$. On the last layer it can be read off; on each layer
# before, it follows from the one after it; and the gradient of a weight is the sensitivity of the unit it leads to,
# times the activation of the unit it comes from:
#
# $$\delta_j^{[L]} = 2\,(a_j^{[L]} - y_j^{(n)})\,f'(z_j^{[L]}), \qquad
#   \delta_i^{[l-1]} = f'(z_i^{[l-1]}) \sum_j \delta_j^{[l]}\, w_{ij}^{[l]}, \qquad
#   \frac{\partial E_n}{\partial w_{ij}^{[l]}} = \delta_j^{[l]}\, a_i^{[l-1]}$$
#
# Here is a network of two layers with sigmoids. The numbers in orange, below the neurons, are the gradients of the
# error with respect to their activations.

# %%
model = MLP(2, [2, 2], "sigmoid", output_activation="sigmoid", initial="uniform", seed=92)
x, y = [1.0, -0.5], [1.0, 0.0]
network(model, x, y=y, loss=squared_error)

# %% [markdown]
# Since a Value keeps its gradient, also in the middle of the graph, all the δ can be looked up after `backward()`, and
# the three formulas must give the same. A unit's total input $z$ is what its activation was computed from.

# %%
a1 = model.layers[0](x)
a2 = model.layers[1](a1)
z1, z2 = ([a.parents[0] for a in layer] for layer in (a1, a2))
squared_error(a2, y).backward()

A1, A2 = np.array(a1, dtype=float), np.array(a2, dtype=float)
W2 = np.array([neuron.w for neuron in model.layers[1].neurons], dtype=float).T  # W2[i, j], from i to j
delta2 = 2 * (A2 - y) * A2 * (1 - A2)
delta1 = A1 * (1 - A1) * (W2 @ delta2)
assert np.allclose([z.grad for z in z2], delta2)
assert np.allclose([z.grad for z in z1], delta1)
assert np.allclose([[w.grad for w in neuron.w] for neuron in model.layers[1].neurons], np.outer(A1, delta2).T)
assert np.allclose([[w.grad for w in neuron.w] for neuron in model.layers[0].neurons], np.outer(x, delta1).T)
delta2, delta1

# %% [markdown]
# On the way to these formulas the slides stumble three times (not counting that the sum for $z_j$ runs over $j$ there,
# where $i$ is meant).
#
# 1. They state $\partial E/\partial a = 2(y - a)$, with the wrong sign. `01_trace` catches this one with a gradient
#    check.
# 2. They define $\delta_j^{[l]}$ as $\partial E/\partial a_j^{[l]}$, and later use it as $\partial E/\partial
#    z_j^{[l]}$. The two differ by the factor $f'(z_j^{[l]})$. The formulas above hold for the latter.
# 3. Between the two definitions, they take $f'$ out of the sum over $j$, as $f'(z_i^{[l]}) \sum_j \delta_j^{[l]}
#    w_{ij}^{[l]}$. But it belongs to unit $j$, and must stay inside.
#
# The second can be seen in the graph, which has both numbers:

# %%
for j in range(2):
    print(f"unit {j}: ∂E/∂a {a2[j].grad:8.5f}   f′(z) {A2[j] * (1 - A2[j]):.5f}   ∂E/∂z {z2[j].grad:8.5f}")
    assert math.isclose(a2[j].grad * A2[j] * (1 - A2[j]), z2[j].grad)

# %% [markdown]
# The third is the kind of mistake that a gradient check is for. Take $E$ as a function of $a^{[1]}$, nudge, and see
# which of the two formulas for $\partial E/\partial a_i^{[1]}$ is confirmed:


# %%
def error(*a):
    """Return E for given activations of the first layer."""
    return squared_error(model.layers[1](a), y)


nudged = [comparison.expected for comparison in check_gradient(error, *A1)]
slope, sensitivity = A2 * (1 - A2), 2 * (A2 - y)
on_the_slide = slope * (W2 @ sensitivity)  # f' outside of the sum
inside = W2 @ (slope * sensitivity)
for i in range(2):
    print(f"unit {i}: nudging {nudged[i]:8.5f}   on the slide {on_the_slide[i]:8.5f}   inside {inside[i]:8.5f}")
assert np.allclose(inside, nudged)
assert not np.allclose(on_the_slide, nudged, rtol=0.1)

# %% [markdown]
# ## Vectors and matrices
#
# In practice a node of the graph holds a vector, and its local derivative is a **Jacobian matrix**. For a layer
# $f(x) = \max(0, x)$ of 4096 elements that is a matrix of 4096 × 4096, and for a minibatch of 100 examples one of
# 409,600 × 409,600. What does it look like? Here it is for four elements, a row for each output:

# %%
x = [Value(data) for data in (1.0, -2.0, 3.0, -0.5)]
jacobian = []
for output_i in map(relu, x):
    output_i.backward()
    jacobian.append([x_j.grad for x_j in x])
    for x_j in x:
        x_j.zero_grad()
assert np.array_equal(jacobian, np.diag([1, 0, 1, 0]))
print(np.array(jacobian))

# %% [markdown]
# It is **diagonal**, because each output depends on its own input alone, and each element of the diagonal is 0 or 1.
# So nobody ever makes the matrix: to multiply by it is to let the gradient through where the input was positive.
#
# The lecture's vectorised example has a matrix as a variable:
#
# $$f(x, W) = \|W \cdot x\|^2 = \sum_{i=1}^n (W \cdot x)_i^2, \qquad
#   W = \begin{bmatrix} 0.1 & 0.5 \\ -0.3 & 0.8 \end{bmatrix}, \quad x = \begin{bmatrix} 0.2 \\ 0.4 \end{bmatrix}$$
#
# With scalars there is nothing new in it: $q = W \cdot x$ is two nodes, and $f = q_1^2 + q_2^2$ is one more.

# %%
W = [[parameter(0.1, "W11"), parameter(0.5, "W12")], [parameter(-0.3, "W21"), parameter(0.8, "W22")]]
x = [Value(0.2, label="x1"), Value(0.4, label="x2")]
q = [dot(row, x) for row in W]
f = dot(q, q)
q[0].label, q[1].label, f.label = "q1", "q2", "f"
f.backward()
draw(f)

# %% [markdown]
# The lecture derives $\partial f/\partial q_i = 2 q_i$. From $\partial q_k/\partial W_{i,j} = \mathbf{1}_{k=i}\, x_j$
# follows $\partial f/\partial W_{i,j} = 2 q_i x_j$, and from $\partial q_k/\partial x_i = W_{k,i}$ follows
# $\partial f/\partial x_i = \sum_k 2 q_k W_{k,i}$. With vectors and matrices:
#
# $$\nabla_q f = 2q, \qquad \nabla_W f = 2\,q\,x^T, \qquad \nabla_x f = 2\,W^T q$$

# %%
q_, x_, w_ = (np.array(values, dtype=float) for values in (q, x, W))
grad_q, grad_x = np.array([v.grad for v in q]), np.array([v.grad for v in x])
grad_w = np.array([[v.grad for v in row] for row in W])
assert np.allclose(q_, [0.22, 0.26])
assert math.isclose(f.data, 0.116)
assert np.allclose(grad_q, [0.44, 0.52])
assert np.allclose(grad_w, [[0.088, 0.176], [0.104, 0.208]])
assert np.allclose(grad_x, [-0.112, 0.636])
assert np.allclose(grad_q, 2 * q_)
assert np.allclose(grad_w, 2 * np.outer(q_, x_))
assert np.allclose(grad_x, 2 * w_.T @ q_)

# %% [markdown]
# The lecture's advice: *always check that the gradient with respect to a variable has the same shape as the variable.*
# Each element of a gradient tells how one element of the variable moves $f$, so there are as many. This often suffices
# to find the formula: $2\,q\,x^T$ is the only product of $q$ and $x$ that has the shape of $W$.

# %%
assert (grad_w.shape, grad_x.shape) == (w_.shape, x_.shape) == ((2, 2), (2,))

# %% [markdown]
# ## The linear SVM
#
# The lecture's last example is the support vector machine of CS231n, in stages: scores, margins, data loss and
# regularisation. Class $j$ has the score $s_j = \mathbf{w}_j^T\mathbf{x}$, and the right class $y$ should lead each
# other class by a margin of 1; what is missing of that is the loss:
#
# $$L = \frac{1}{N} \sum_{n} \sum_{j \ne y} \max(0,\; s_j - s_y + 1) \;+\; \lambda \sum_{k,i} W_{k,i}^2$$
#
# CS231n's example has three pictures, of a cat, a car and a frog, and the scores of these classes for each:

# %%
scores = {"cat": [3.2, 5.1, -1.7], "car": [1.3, 4.9, 2.0], "frog": [2.2, 2.5, -3.1]}
losses = [multiclass_hinge(s, label).data for label, s in enumerate(scores.values())]
for name, each in zip(scores, losses, strict=True):
    print(f"{name:5} {each:.1f}")
assert np.allclose(losses, [2.9, 0.0, 12.9])
assert round(np.mean(losses), 2) == 5.27

# %% [markdown]
# The slide leaves the program to the reader: eight lines forward, five backward. In arrays, for the gradient of $W$:


# %%
def svm(w, b, x, y, strength):
    """Return the loss and its gradient with respect to W, derived by hand."""
    n = np.arange(len(x))
    scores = x @ w.T + b
    margins = np.maximum(0, scores - scores[n, y][:, None] + 1)
    margins[n, y] = 0
    data_loss = margins.sum() / len(x)
    reg_loss = strength * np.sum(w * w)
    loss = data_loss + reg_loss

    dscores = (margins > 0) / len(x)  # each margin that is not 0 raises its class
    dscores[n, y] = -dscores.sum(axis=1)  # and lowers the right one
    dw = dscores.T @ x + 2 * strength * w
    return loss, dw


# %% [markdown]
# It is easily got wrong, and the engine is there to say whether it is right. The same machine of scalars:

# %%
X, y = blobs(90, centers=3, noise=0.35, seed=2)
machine = LinearSVM(2, classes=3)
machine.fit(X, y, strength=0.01, epochs=5)  # not far, so that there is something left to learn

machine.zero_grad()
data_loss = sum(multiclass_hinge(machine(x), label) for x, label in zip(X, y, strict=True)) / len(X)
reg_loss = l2(0.01)(machine.weights())
loss = data_loss + reg_loss
loss.backward()

by_hand, dw = svm(np.array(machine.w, dtype=float), np.array(machine.b, dtype=float), X, y, 0.01)
assert math.isclose(loss.data, by_hand)
assert np.allclose([[w.grad for w in row] for row in machine.w], dw)

# %% [markdown]
# For a single point the graph is small enough to be drawn. Each class's score is folded into a box, `0`, `1` and `2`;
# then come the margins and the data loss, and beside them the regularisation:

# %%
machine.zero_grad()
data_loss = multiclass_hinge(machine(X[3]), y[3])
reg_loss = l2(0.01)(machine.weights())
loss = data_loss + reg_loss
loss.backward()
draw(loss, names=locals(), depth=1, rankdir="TB")

# %% [markdown]
# Trained to the end, the machine divides the plane by straight lines. Points beyond their margin have a loss of 0,
# hence a gradient of 0: they could lie anywhere on their side, and the machine would be the same. The others, circled
# here, support the boundary and give the machine its name.

# %%
machine.fit(X, y, strength=0.01, epochs=300)
with no_grad():
    support = np.array([multiclass_hinge(machine(x), label).data > 0 for x, label in zip(X, y, strict=True)])
assert 0.1 < support.mean() < 0.7

axes = plot_decision(machine, X, y, resolution=150)
axes.scatter(*X[support].T, s=110, facecolors="none", edgecolors="black", zorder=4)
plt.show()

# %% [markdown]
# ## Overfitting, and what helps
#
# Backpropagation gives $dE/dw$ for every weight on a single training case. The lecture ends with the decisions that
# remain. How often to update and by how much are questions of optimisation, for which other lectures have answers. The
# other question is *generalisation*: will the weights work well on cases that were not seen?
#
# "A model is convincing when it fits a lot of data surprisingly well. It is not surprising that a complicated model can
# fit a small amount of data well." Here is one model with 501 parameters. It learns from 40 points of two noisy moons,
# and then from 1,000; each time it is judged by the same new points.

# %%
X, y = moons(40, noise=0.35, seed=10)
X_many, y_many = moons(1000, noise=0.35, seed=11)
X_new, y_new = moons(1000, noise=0.35, seed=31)


def learn(model, points=X, labels=y, **settings):
    """Train a model for 300 epochs, and return it."""
    learner = Adam(model.parameters(), learning_rate=0.02)
    fit(model, points, labels, loss=binary_cross_entropy_with_logits, optimizer=learner, epochs=300, **settings)
    return model


def new_network(seed=0):
    return MLP(2, [20, 20, 1], "tanh", initial="xavier", seed=seed)


few, many = learn(new_network()), learn(new_network(), X_many, y_many)

# %% [markdown]
# A model is judged by its mean loss, the cross-entropy, and by the share of points that it gets right:


# %%
def judged(model, points, labels):
    """Return the mean loss of points and the share that is right."""
    z = predict(model, points)
    losses = [binary_cross_entropy_with_logits(*pair).data for pair in zip(z, labels, strict=True)]
    return np.mean(losses), accuracy(z, labels)


window = ((-2, 3), (-1.7, 2.2))
titles = [f"{n} points: new ones {judged(model, X_new, y_new)[1]:.0%}" for n, model in ((40, few), (1000, many))]
show(dict(zip(titles, (few, many), strict=True)), X, y, bounds=window, resolution=80)
assert judged(few, X, y)[1] == 1.0
assert judged(few, X_new, y_new)[1] < 0.8 < 0.85 < judged(many, X_new, y_new)[1]

# %% [markdown]
# The points in both pictures are the 40. On the left every one of them is right, and a quarter of the new ones are
# wrong: the network has drawn islands around points that are only noise. On the right, a thousand points do not let
# it. Often there are no more points to be had. The lecture lists six ways to reduce overfitting nevertheless, and
# four of them apply here:
#
# - **Weight decay** adds $\lambda \sum w^2$ to the loss, so that each weight has to be worth its cost. Small weights
#   make smooth boundaries.
# - **Early stopping** keeps some points aside, watches the loss on *them*, and returns to the weights with which it was
#   lowest.
# - **Model averaging** trains several models, here each on another sample of the 40 points, and averages their
#   probabilities. They overfit in different ways, which cancel.
# - **Dropout** leaves out half of the hidden units at random, for each case anew, so that no unit can rely on the
#   presence of certain others.

# %%
decayed = learn(new_network(), penalty=l2(0.01))
stopped = learn(new_network(), validation=moons(40, noise=0.35, seed=20), early_stopping=30)

members = []
for seed in range(10):
    chosen = np.random.default_rng(seed).integers(40, size=40)
    members.append(learn(new_network(seed), X[chosen], y[chosen]))


def committee(x):
    """Return the logit of the members' mean probability."""
    p = sum(sigmoid(member(x)) for member in members) / len(members)
    return (p / (1 - p)).log()


first, second, last = new_network().layers
dropped = learn(Sequential(first, Dropout(0.5, seed=0), second, Dropout(0.5, seed=1), last))

# %%
ways = {"weight decay": decayed, "early stopping": stopped, "averaging": committee, "dropout": dropped}
show(ways, X, y, bounds=window, resolution=80)

lines = [f"{'':16} loss: learned    new   right: learned  new"]
for name, model in {"plain": few, **ways}.items():
    (loss, right), (new_loss, new_right) = judged(model, X, y), judged(model, X_new, y_new)
    lines.append(f"{name:16} {loss:13.2f} {new_loss:6.2f} {right:15.0%} {new_right:4.0%}")
    assert model is few or new_loss < 0.6 * judged(few, X_new, y_new)[0]
print("\n".join(lines))

# %% [markdown]
# The plain network is nearly sure of everything that it learned, and pays for it on new points, where it is just as
# sure and often wrong. Each of the four is worse on what it has learned, and much better on what it has not.
#
# **Weight sharing** builds into the model what is known about the task. The patterns that move, above, may stand
# anywhere; so let the same four detectors look at every place, and add up what they find. A network with as many hidden
# units, but free weights, has 481 parameters; this one has 25. Both learn from three translations of each pattern:


# %%
class Shared(Module):
    def __init__(self, seed=0):
        self.detectors = Layer(4, 4, "tanh", initial="xavier", seed=seed)  # four detectors of four pixels
        self.output = Layer(4, 1, "linear", initial="xavier", seed=seed)

    def __call__(self, x):
        ring = [*x, *x]
        found = [self.detectors(ring[place : place + 4]) for place in range(10)]
        return self.output([sum(values) for values in zip(*found, strict=True)])


X_moved, y_moved = shifted_patterns()
seen = np.isin(np.arange(20) % 10, (0, 3, 7))
shared = learn(Shared(), X_moved[seen], y_moved[seen])
free = learn(MLP(10, [40, 1], "tanh", initial="xavier", seed=0), X_moved[seen], y_moved[seen])
assert (len(shared.parameters()), len(free.parameters())) == (25, 481)

learned = [judged(model, X_moved[seen], y_moved[seen])[1] for model in (free, shared)]
new = [judged(model, X_moved[~seen], y_moved[~seen])[1] for model in (free, shared)]
for name, at_home, elsewhere in zip(("free weights", "shared weights"), learned, new, strict=True):
    print(f"{name:15} learned {at_home:.0%}, elsewhere {elsewhere:.0%}")
assert learned == [1.0, 1.0]
assert new[0] < 0.6 < new[1] == 1.0

# %% [markdown]
# **Generative pre-training** is for tasks with many cases but few labels. Each hidden layer in turn learns to
# reconstruct its input, as an *autoencoder*, for which no label is needed; only then the labels come in, and find
# features that know what the data look like. Here are three clouds in 40 dimensions, with one labelled point each:

# %%
centres = np.random.default_rng(1).normal(size=(3, 40))
X_all, y_all = blobs(603, centres, noise=1.2, seed=1)
one_each = [int(np.flatnonzero(y_all == k)[0]) for k in range(3)]
rest = np.setdiff1d(np.arange(603), one_each)

plain, pretrained = (MLP(40, [4, 3, 3], "tanh", initial="xavier", seed=1) for _ in range(2))
pretrain(pretrained, X_all[rest[:300]], epochs=60, batch_size=30)
right = []
for model in (plain, pretrained):
    fit(model, X_all[one_each], y_all[one_each], loss=cross_entropy, epochs=200)
    right.append(accuracy(predict(model, X_all[rest[300:]]), y_all[rest[300:]]))
print(f"right about the other points: {right[0]:.0%} plain, {right[1]:.0%} pre-trained")
assert right[0] < 0.85 < 0.9 < right[1]

# %% [markdown]
# ## Exercises
#
# **1. Fourteen of sixteen.** There are sixteen functions of two bits. How many of them can a threshold unit compute?
# Try all weights from $-2$ to $2$ and thresholds between, and find which are missing.
#
# <details>
# <summary>Solution</summary>
#
# ```python
# from itertools import product
#
# bits = list(product((0, 1), repeat=2))
# found = set()
# for w1, w2, theta in product(range(-2, 3), range(-2, 3), np.arange(-4.5, 5)):
#     unit = ThresholdUnit([w1, w2], theta)
#     found.add(tuple(int(unit(x).data) for x in bits))
# assert set(product((0, 1), repeat=4)) - found == {(0, 1, 1, 0), (1, 0, 0, 1)}
# ```
#
# All but two: *different* (XOR) and *the same*. Larger weights bring nothing new, for the four inequalities above
# contradict each other whatever the weights are.
# </details>

# %% [markdown]
# **2. XOR with two rectified units.** Find weights by hand for $f = W_2 \max(0,\, W_1 x + b_1)$ with two hidden units,
# so that $f$ is the XOR of two bits. Hint: it depends on $x_1 + x_2$ only, and has to rise and fall.
#
# <details>
# <summary>Solution</summary>
#
# ```python
# def xor(x1, x2):
#     return relu(x1 + x2) - 2 * relu(x1 + x2 - 1)
#
#
# assert [xor(x1, x2).data for x1, x2 in logic("xor")[0]] == [0, 1, 1, 0]
# ```
#
# So $W_1 = \begin{bmatrix} 1 & 1 \\ 1 & 1 \end{bmatrix}$, $b_1 = (0, -1)$ and $W_2 = (1, -2)$. The first unit rises
# with the sum; from 1 on, the second pulls it down again, twice as fast.
# </details>

# %% [markdown]
# **3. Patterns that one unit can tell apart.** Change one pattern so that it has five pixels on, for instance
# `[1, 1, 0, 1, 0, 1, 1, 0, 0, 0]`. Which weights and which threshold tell it from the first one of `PATTERNS`, wherever
# they stand? Does the perceptron find them?
#
# <details>
# <summary>Solution</summary>
#
# ```python
# X, y = shifted_patterns([PATTERNS[0], [1, 1, 0, 1, 0, 1, 1, 0, 0, 0]])
# counts = ThresholdUnit([1] * 10, threshold=4.5)
# assert [counts(x).data for x in X] == y.tolist()
# assert Perceptron(10).fit(X, y).converged
# ```
#
# With equal weights a unit counts pixels, and the number of pixels does not change when a pattern moves. The proof
# above needs equal numbers of them, and nothing else.
# </details>
