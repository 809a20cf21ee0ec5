# %% [markdown]
# # How networks learn
#
# A neuron can draw a straight line between two classes. Four neurons, connected, can do more, if somebody finds their
# thirteen weights. This page follows the lecture *Gradient descent and backpropagation*, week 2 of the course
# *Artificial Neural Networks and Deep Learning*: from a problem that one neuron cannot solve to a network that can, to
# the rule by which the network finds its weights, and to the chain rule, which makes that rule affordable.
#
# You should know what a gradient is; `01_trace` says it. The examples, the letters and the numbers are the lecture's.
# Its pictures are made anew, with data of our own where the slides show points.

# %%
import math
import os

import matplotlib.pyplot as plt
import numpy as np
from matplotlib_inline.backend_inline import set_matplotlib_formats

from autograd import Graph, Value, check_gradient, explain, gate, mean, trace
from autograd.errors import ExpressionError, GradientCheckError
from nn import (
    MLP,
    SGD,
    Layer,
    LogisticRegression,
    Neuron,
    Sequential,
    blobs,
    fit,
    gradient_descent,
    gradient_table,
    mean_squared_error,
    predict,
    squared_error,
)
from nn.descent import DescentError
from viz import animate, draw, network, page
from viz.plots import WeightPath, flip_book, plot_decision, plot_descent, plot_history

os.environ["TQDM_DISABLE"] = "1"  # no progress bars; all runs here are short
set_matplotlib_formats("svg", dpi=40)  # of the coloured grounds; lines and letters are sharp at any size
plt.rcParams.update({"figure.figsize": (5.2, 3.4), "svg.fonttype": "none"})
NAMES = ("$x_0$", "$x_1$")  # of the inputs, as the lecture counts them

# %% [markdown]
# ## Logistic regression
#
# The lecture begins with a recap. Each input is weighed, a constant weight $w_0$ is added, and the sum is squashed
# into the range from 0 to 1, where it can be read as a probability. For three inputs:
#
# $$f(\mathbf{x}) = w_0 + x_0 w_1 + x_1 w_2 + x_2 w_3 \qquad
#   \sigma(f(\mathbf{x})) = \frac{1}{1 + \exp(-f(\mathbf{x}))}$$
#
# That is one neuron. Here it learns to tell two clouds of points apart, with two inputs, so that we can look at it.

# %%
X, y = blobs(60, centers=[[-1.0, 0.5], [1.0, -0.5]], noise=0.3, seed=0)
model = LogisticRegression(2)
history = model.fit(X, y, metrics="accuracy")

w0, w1, w2 = model.b.data, model.w[0].data, model.w[1].data
print(f"w0 = {w0:.2f}, w1 = {w1:.2f}, w2 = {w2:.2f}; {history.last('accuracy'):.0%} are right")
assert history.last("accuracy") == 1.0
assert np.array_equal(w0 + X[:, 0] * w1 + X[:, 1] * w2 > 0, y == 1)

# %% [markdown]
# The neuron is undecided, at ½, where $f(\mathbf{x}) = 0$. That is a straight line. How long the learning takes and
# what it does is the subject of this page; for the moment it is enough that it can be done.

# %%
plot_decision(model, X, y, features=NAMES)
plt.show()

# %% [markdown]
# ## A problem that is not so simple
#
# Now put one class in the middle, and the other around it in three clouds.

# %%
around = [[0.0, 1.6], [1.4, -0.8], [-1.4, -0.8]]
X, cloud = blobs(60, centers=[[0, 0], [0, 0], [0, 0], *around], noise=0.25, seed=0)
y = (cloud < 3).astype(int)  # 1 in the middle, 0 in the clouds 3, 4 and 5

model = LogisticRegression(2)
history = model.fit(X, y, epochs=400, metrics="accuracy")
answers = predict(model, X)
print(f"{history.last('accuracy'):.0%} are right; the answers lie between {answers.min():.3f} and {answers.max():.3f}")
assert history.last("accuracy") < 0.7
assert np.all(np.abs(answers - 0.5) < 0.05)

# %% [markdown]
# It has given up: to every point it says "about one half". Is that the fault of what it was asked to make small? The
# slide asks for
#
# > values of $\{w_0, w_1, w_2\}$ that minimise $\sum_n (\tilde y_n - y_n)^2$
#
# with $\tilde y_n$ the answer for point $n$ and $y_n$ the right one, and `LogisticRegression` makes another cost
# small, the cross-entropy, which a later lecture brings. But a neuron that is trained with the slide's own squared
# error does no better:

# %%
neuron = Neuron(2, "sigmoid", seed=0)
optimizer = SGD(neuron.parameters(), 2.0)
history = fit(neuron, X, y, loss=squared_error, optimizer=optimizer, epochs=400, metrics="accuracy")
print(f"{history.last('accuracy'):.0%} are right, mean squared error {history.last('loss'):.4f}")
assert math.isclose(history.last("loss"), 0.25, abs_tol=1e-3)  # (½ - y)², whichever y is

plot_decision(neuron, X, y, features=NAMES)
plt.show()

# %% [markdown]
# (The colours tell on which side of ½ an answer lies; all of them are very near.) It is the **model** that is too
# simple. A line with all of class 0 on one side has on that side whatever lies between those points too, and so the
# whole triangle from cloud to cloud. In this triangle sits class 1: its middle is a mixture of the three clouds'
# middles, with shares that are all positive.

# %%
corners = [X[cloud == k].mean(axis=0) for k in (3, 4, 5)]
shares = np.linalg.solve(np.vstack([np.transpose(corners), [1, 1, 1]]), [*X[y == 1].mean(axis=0), 1])
assert np.all(shares > 0)
assert math.isclose(shares.sum(), 1.0)
shares.round(2)

# %% [markdown]
# ## Break the problem into subproblems
#
# What a line *can* do is to cut off one of the clouds. So ask three neurons, each of them for one cloud: is this point
# on the inner side?
#
# $$\begin{aligned}
# \sigma(w_0 + x_0 w_1 + x_1 w_2) &= z_0(\mathbf{x}) \\
# \sigma(w_3 + x_0 w_4 + x_1 w_5) &= z_1(\mathbf{x}) \\
# \sigma(w_6 + x_0 w_7 + x_1 w_8) &= z_2(\mathbf{x})
# \end{aligned}$$

# %%
figure, panels = plt.subplots(1, 3, figsize=(8.4, 2.9), sharey=True)
units = []
for k, axes in zip((3, 4, 5), panels, strict=True):
    inside = (cloud != k).astype(int)
    unit = LogisticRegression(2)
    history = unit.fit(X, inside, learning_rate=2.0, epochs=300, metrics="accuracy")
    assert history.last("accuracy") == 1.0
    units.append(unit)
    plot_decision(unit, X, inside, axes, features=NAMES).get_legend().remove()
    axes.label_outer()
    axes.set_xlabel(f"$x_0$   (in colour: $z_{k - 3}$)")
plt.show()

# %% [markdown]
# Each point now has three new numbers, $z_0$, $z_1$ and $z_2$. They make a table $\mathbf{Z}$ with the same
# $\mathbf{y}$ beside it: a new problem. Here is the first point of each cloud, and two from the middle.

# %%
Z = np.stack([predict(unit, X) for unit in units], axis=1)
rows = [*np.flatnonzero(y == 1)[:2], *(np.flatnonzero(cloud == k)[0] for k in (3, 4, 5))]
print("  z0    z1    z2   y")
for i in rows:
    print("  ".join(f"{z:.2f}" for z in Z[i]), f" {y[i]}")

# %% [markdown]
# In the middle all three are large; outside one of them is small. "Given $\mathbf{Z}$, predict $\mathbf{y}$: why not
# use a logistic regression?", asks the slide. Why not:

# %%
last = LogisticRegression(3)
history = last.fit(Z, y, learning_rate=4.0, epochs=300, metrics="accuracy")
assert history.last("accuracy") == 1.0
assert all(w.data > 0 for w in last.w)
assert last.b.data < 0
last.b.data, [w.data for w in last.w]

# %% [markdown]
# Three positive weights and a negative constant: the sum is positive only if all three neurons agree. The last neuron
# has learned to say *and*.
#
# ## Connect them
#
# Put the three formulas into the fourth, and the whole is one formula of thirteen weights. This is how the slide
# writes it, in Python's letters. `trace` reads formulas, and has an objection:

# %%
slide = (
    "sigmoid(w9 + sigmoid(w0 + x0 * w1 + x1 * w2) * w10) + "
    "sigmoid(w3 + x0 * w4 + x1 * w5) * w11 + "
    "sigmoid(w6 + x0 * w7 + x1 * w8) * w12)"
)
try:
    trace(slide)
except ExpressionError as error:
    objection = str(error)
assert "unmatched ')'" in objection
print(objection)

# %% [markdown]
# Count them: the parenthesis after $w_{10}$ closes the outer $\sigma$ too early, and one is left over at the end. All
# three terms belong inside:
#
# $$\sigma\big(w_9 + \sigma(w_0 + x_0 w_1 + x_1 w_2)\,w_{10} + \sigma(w_3 + x_0 w_4 + x_1 w_5)\,w_{11}
#   + \sigma(w_6 + x_0 w_7 + x_1 w_8)\,w_{12}\big)$$

# %%
weights = {}
for first, unit in zip((0, 3, 6, 9), [*units, last], strict=True):
    for i, value in enumerate([unit.b, *unit.w]):
        weights[f"w{first + i}"] = value.data

formula = slide.replace("* w10)", "* w10")
graph = trace(formula, x0=X[0, 0], x1=X[0, 1], **weights)
assert len(weights) == 13
assert math.isclose(graph.output.data, last(Z[0]).data)

# %% [markdown]
# The same as a model: a layer of three neurons, and a layer of one. We take the four that we have and connect them.

# %%
hidden, output = Layer(2, 3, "sigmoid"), Layer(3, 1, "sigmoid")
hidden.neurons, output.neurons = units, [last]
connected = Sequential(hidden, output)
assert math.isclose(connected(X[0]).data, graph.output.data)
network(connected, X[0])

# %% [markdown]
# A line is a weight: its colour tells the sign, its breadth the size. In each circle stands what the neuron says of
# this one point. And here is what the four say of every point of the plane, with the three lines that it is made of:

# %%
assert np.array_equal(predict(connected, X) > 0.5, y == 1)
plot_decision(connected, X, y, hidden=True, features=NAMES)
plt.show()

# %% [markdown]
# ## The structure
#
# This is a **multi-layer perceptron**. Write the constants of a layer as a vector $\mathbf{b}_n$ and its weights as a
# matrix $\mathbf{W}_n$, a row for each neuron, and every layer is the same step:
#
# $$\sigma(\mathbf{b}_n + \mathbf{W}_n\,\mathbf{a}_{n-1}) = \mathbf{a}_n$$

# %%
a = X[0]
for layer in (hidden, output):
    W = np.array([[w.data for w in neuron.w] for neuron in layer.neurons])
    b = np.array([neuron.b.data for neuron in layer.neurons])
    a = 1 / (1 + np.exp(-(b + W @ a)))
assert np.allclose(a, connected(X[0]).data)

# %% [markdown]
# So far *we* had the idea of cutting off one cloud at a time. A network that is to be of use has to find such an idea
# alone, that is, to find the thirteen weights from the points and their labels. "Today: how neural networks learn",
# says the slide; it takes two things, **gradient descent** and **backpropagation**.
#
# ## How good are the weights?
#
# First we need a number that says so, the **cost** $C(\mathbf{W})$. The slides' example: a network predicts
# $\tilde{\mathbf{y}}$, and $\mathbf{y}$ would be right. (There are more numbers on the slide, behind dots.)
#
# $$C(\mathbf{W}) = \frac{1}{N} \sum_i (\tilde y_i - y_i)^2$$

# %%
predicted = [0.96, 0.10, 0.04, 0.70, 0.02, 0.99]
true = [1, 0, 0, 1, 0, 1]
cost = mean_squared_error(predicted, true)
assert math.isclose(cost.data, (0.0016 + 0.01 + 0.0016 + 0.09 + 0.0004 + 0.0001) / 6)
print(f"C = {cost.data:.5f}, of which the fourth prediction alone makes {(0.70 - 1) ** 2 / 6:.5f}")

# %% [markdown]
# The slide goes on with the sum written out, $(0.96 - 1)^2 + (0.10 - 0)^2 + \dots$, and there the $\frac{1}{N}$ has
# got lost. As a place to look for the smallest cost this makes no difference; but the slope is $N$ times as steep,
# and with it each step that we shall take. A gradient check notices. Give it the mean as the function, and the slopes
# of the sum as written out:

# %%
written_out = gate(
    lambda *answers: mean_squared_error(answers, true).data,
    lambda *answers: [2 * (answer - y_i) for answer, y_i in zip(answers, true, strict=True)],
    name="cost",
)
try:
    check_gradient(written_out, *predicted)
except GradientCheckError as error:
    message = str(error)
assert message.startswith("the gradient of cost at (0.96, 0.1, 0.04, 0.7, 0.02, 0.99) is not confirmed")
print(message)

# %% [markdown]
# ## Gradient descent
#
# Start with a single weight, and with a cost that one can draw: $C(w) = \frac12 (w - 3)^2$, whose slope is $w - 3$.
# Suppose that we stand at $w = 0$ and do not see the valley, only the slope under our feet. Where the slope is
# positive, the valley lies to the left; so go **against** the gradient:
#
# $$w = w^{\text{old}} + r\,\big({-\nabla C(w^{\text{old}})}\big)$$
#
# How far is decided by $r$, the **learning rate**. `gradient_descent` does this and keeps the path; here are six steps
# at each of four rates.


# %%
def bowl(w):
    """Return the cost C(w)."""
    return (w - 3) ** 2 / 2


figure, panels = plt.subplots(1, 4, figsize=(8.4, 2.6), sharey=True)
line = np.linspace(-1.5, 7.5, 46)
for r, axes in zip((0.2, 0.8, 1.8, 2.1), panels, strict=True):
    path = gradient_descent(bowl, 0.0, learning_rate=r, max_steps=6)
    axes.plot(line, bowl(line), color="#9bb8cf")
    axes.plot(path.points[:, 0], path.values, "o-", color="#b3400a", markersize=4, linewidth=1)
    axes.set(title=f"r = {r}", xlabel="w", ylim=(-0.5, 10))
    axes.label_outer()
    # Each step multiplies the distance to 3 by 1 - r.
    assert np.allclose(path.points[:, 0] - 3, (0.0 - 3) * (1 - r) ** np.arange(7))
panels[0].set_ylabel("C(w)")
plt.show()

# %% [markdown]
# At 0.2 it creeps; at 0.8 it is there in a few steps; at 1.8 each step jumps over the valley but ends lower than it
# began; at 2.1 it ends higher each time. The reason is in the last comment of the cell: a step turns the distance
# $w - 3$ into $(w - 3) - r(w - 3) = (1 - r)(w - 3)$, and beyond $r = 2$ that factor is larger than 1 in size.
#
# Play with it: here are two steps as a graph, with $r$ as an input. At 1.5 the first step goes too far, to `w1` =
# 4.5, and the second one too far back, to `w2` = 2.25. Move the slider of `r`: where does the first step arrive at 3?
# From where on is `w2` worse than `w0`? (The page computes in your browser. Where this notebook is shown without
# scripts, as on a code host, the picture below it has the same graph.)

# %%
steps = trace("w1 = w0 - r * (w0 - 3); w2 = w1 - r * (w1 - 3)", w0=0, r=1.5)
assert steps.forward({"r": 1.0}) == 3.0
assert steps.forward({"r": 2.0}) == 0.0
assert steps.forward({"r": 2.1}) < 0.0
assert steps.forward({"r": 1.5}) == 2.25
page(steps, title="Two steps of gradient descent")

# %%
slopes = steps.backward()
assert slopes["r"] == -3.0  # a larger rate would lead w2 away from 3
draw(steps, edge_labels=False)

# %% [markdown]
# ## Two weights, and a rate that is too large
#
# With two weights the cost is a landscape. Take a neuron without its $\sigma$, which has to lay a line through four
# points: its two weights are the slope $w$ and the height $b$. The arrow of the gradient points straight up the hill,
# and the path goes against it.

# %%
inputs, targets = [0.5, 1.0, 2.0, 3.5], [1.0, 0.0, 2.0, 2.5]


def line_cost(w, b):
    """Return the mean squared error of the line w x + b."""
    return mean_squared_error([w * x + b for x in inputs], targets)


# The cost is quadratic: its curvature is the same everywhere, and largest in one direction.
design = np.stack([inputs, np.ones(4)], axis=1)
curvature = np.linalg.eigvalsh(2 * design.T @ design / 4).max()
limit = 2 / curvature
print(f"the largest curvature is {curvature:.2f}, so the rate has to be below 2 / {curvature:.2f} = {limit:.4f}")

# %%
paths = {}
for share in (0.1, 0.9, 1.06):
    path = gradient_descent(line_cost, (2.0, -2.0), learning_rate=share * limit, max_steps=14)
    paths[f"{share} of the limit"] = path
assert path.value > path.values[0]

plot_descent(line_cost, paths, names=("w", "b")).set_rasterization_zorder(0.5)
plt.show()

# %% [markdown]
# It is the calculation of one weight again, once for each direction in which the valley curves: along a direction of
# curvature $\lambda$, a step multiplies the distance by $1 - r\lambda$. So the direction that curves **most** sets the
# limit, $r < 2/\lambda$, and the flat one has to make do with that. This is why narrow valleys are slow. A little above
# the limit the path swings wider each time; and far above it soon leaves the numbers that a computer has:

# %%
try:
    gradient_descent(line_cost, (2.0, -2.0), learning_rate=2 * limit, max_steps=5000)
except DescentError as error:
    message, path = str(error), error.descent
assert np.all(np.diff(path.values) > 0)
print(message)

# %% [markdown]
# ## Thirteen dimensions
#
# "13D? Or higher?", asks the slide. Nobody can draw it, but the rule stays the same: $\mathbf{W}$ becomes a column of
# thirteen numbers, and $-\nabla C(\mathbf{W})$ another one, which says of each weight how it would like to be
# changed. These are the lecture's steps, for our network with weights drawn at random:

# %%
net = MLP(2, [3, 1], "sigmoid", output_activation="sigmoid", seed=1)  # (1) the model
cost = mean((net(point) - label) ** 2 for point, label in zip(X, y, strict=True))  # (2) its performance
cost.backward()  # (3) the cost function's gradient in W
before = [w.data for w in net.parameters()]
minus_gradient = [-w.grad for w in net.parameters()]

r = 4.0
for w in net.parameters():  # (4) updating W
    w.data = w.data + r * (-w.grad)

for (name, w), old, downhill in zip(net.named_parameters(), before, minus_gradient, strict=True):
    print(f"{name:13} {old:7.3f} + {r:g} · ({downhill:7.4f}) = {w.data:7.3f}")

# %% [markdown]
# There are thirteen of each. (On the last slides about it the vector $-\nabla C(\mathbf{W})$ has fourteen entries; an
# entry $0.54$ has slipped in, which is not there two slides earlier. A gradient has the shape of what it is the
# gradient of.)

# %%
earlier_slide = [-0.23, 1.32, 0.20, 0.38, -1.23, 0.01, 1.20, -2.12, 0.73, 2.17, -0.23, -0.93, 0.45]
later_slide = [-0.23, 1.32, 0.20, 0.38, -1.23, 0.01, 1.20, -2.12, 0.73, 2.17, 0.54, -0.23, -0.93, 0.45]
assert (len(earlier_slide), len(later_slide)) == (13, 14)
assert len(minus_gradient) == len(net.parameters()) == 13

# %% [markdown]
# "(5) Repeat 3 and 4". That is what `fit` does, having made array code of it first, so that 1500 steps take a moment.
# It begins with the very step that we made by hand. `WeightPath` notes the weights on the way.

# %%
once = MLP(2, [3, 1], "sigmoid", output_activation="sigmoid", seed=1)
fit(once, X, y, loss=squared_error, optimizer=SGD(once.parameters(), r), epochs=1)
assert np.allclose([w.data for w in once.parameters()], [w.data for w in net.parameters()], rtol=1e-12)

net = MLP(2, [3, 1], "sigmoid", output_activation="sigmoid", seed=1)
path = WeightPath(net)
optimizer = SGD(net.parameters(), r)
history = fit(net, X, y, loss=squared_error, optimizer=optimizer, epochs=1500, metrics="accuracy", callbacks=path)
print(f"cost {history['loss'][0]:.4f} at the start, {history.last('loss'):.4f} at the end")
assert history.last("accuracy") == 1.0
flip_book(net, X, y, path, history, frames=12, seconds=5, features=NAMES)

# %%
plot_decision(net, X, y, hidden=True, features=NAMES)
plt.show()

# %% [markdown]
# All points are right. But look at the lines of the three hidden neurons: nobody told the network about our triangle,
# and it has found another way. Two lines make a wedge around class 1, and the third one bends it out of the cloud at
# the top. To the right the region stays open, because no point there had to be kept out. Our triangle would be closed:
# far from all points the two solutions disagree, and no point says who is right.
#
# And the learning rate? Too small and nothing happens within our patience; too large and the first steps throw the
# weights so far that every $\sigma$ is pushed flat against 0 or 1, where there is no slope left to follow. A cost of
# exactly one half means that half of the points get the answer 1 for 0, or 0 for 1, and the network is sure of it.

# %%
figure, axes = plt.subplots()
for rate in (0.1, 4.0, 40.0, 400.0):
    other = MLP(2, [3, 1], "sigmoid", output_activation="sigmoid", seed=1)
    run = fit(other, X, y, loss=squared_error, optimizer=SGD(other.parameters(), rate), epochs=150)
    plot_history(run, axes, label=f"r = {rate:g}", log=True)
plt.show()
assert math.isclose(run.last("loss"), 0.5, abs_tol=1e-3)

# %% [markdown]
# ## Backpropagation: the chain rule
#
# One thing was passed over: where does `backward` have the gradient from? From the rule for functions of functions.
# If $x$ goes into $g$ and the result into $h$, and the result of that into $f$, the slopes multiply:
#
# $$\frac{df}{dx} = \frac{df}{dh}\,\frac{dh}{dg}\,\frac{dg}{dx}$$
#
# The lecture's example has four links, and asks: **how does a small nudge in $x$ influence $f(h(g(m(x))))$?**
#
# | model | its derivative |
# | --- | --- |
# | $m(z) = -z$ | $m'(z) = -1$ |
# | $g(z) = \exp(z)$ | $g'(z) = \exp(z)$ |
# | $h(z) = z + 1$ | $h'(z) = 1$ |
# | $f(z) = 1/z$ | $f'(z) = -1/z^2$ |
#
# The nudge goes from $x_0 = 1$ to $x_1 = 1.1$. Forward first:

# %%
chain = trace("m = -x; g = exp(m); h = g + 1; f = 1 / h", x=1)
slope = chain.backward()["x"]
draw(chain)

# %% [markdown]
# Then backward, as on the slides: from $f$ to $h$, to $g$, to $m$, to $x$. Each line has one factor more than the one
# before it, and the slides' two digits agree:
#
# $$\begin{aligned}
# \frac{df}{dh} &= -\frac{1}{1.37^2} = -0.53 \\
# \frac{df}{dg} &= -\frac{1}{1.37^2} \cdot 1 = -0.53 \\
# \frac{df}{dm} &= -\frac{1}{1.37^2} \cdot 1 \cdot e^{-1} = -0.20 \\
# \frac{df}{dx} &= -\frac{1}{1.37^2} \cdot 1 \cdot e^{-1} \cdot (-1) = 0.20
# \end{aligned}$$

# %%
link = {node.label: node for node in chain.nodes}
assert [round(link[name].grad, 2) for name in "hgmx"] == [-0.53, -0.53, -0.20, 0.20]
assert math.isclose(link["h"].grad, -0.534446645388523, rel_tol=1e-12)
assert math.isclose(link["g"].grad, -0.534446645388523, rel_tol=1e-12)
assert math.isclose(link["m"].grad, -0.19661193324148188, rel_tol=1e-12)
assert math.isclose(link["x"].grad, 0.19661193324148188, rel_tol=1e-12)

# %% [markdown]
# `explain` writes that out for any graph: the path, the product in letters and in numbers, and what each gate does.

# %%
print(explain(chain, "x"))

# %% [markdown]
# So to the question. A nudge of $0.1$ changes $f$ by about $0.1966 \cdot 0.1$:

# %%
before = chain.forward({"x": 1})
by_the_slope = before + slope * 0.1
by_computing = chain.forward({"x": 1.1})
print(f"from {before:.4f} to {by_the_slope:.4f} by the slope, to {by_computing:.4f} by computing")
assert math.isclose(by_the_slope, 0.7507197719541531, rel_tol=1e-12)
assert math.isclose(by_computing, 0.7502601055951177, rel_tol=1e-12)

line = np.linspace(-3, 5, 81)
figure, axes = plt.subplots()
axes.plot(line, [chain.forward({"x": x}) for x in line], color="#0b5fa5", label="f(h(g(m(x))))")
axes.plot(line, before + slope * (line - 1), "--", color="#b3400a", label="the slope at x = 1")
axes.plot([1, 1.1], [before, by_computing], "o", color="black", markersize=3)
axes.set(xlabel="x", ylim=(-0.1, 1.2))
axes.legend()
plt.show()

# %% [markdown]
# You know this curve: $f(h(g(m(x)))) = 1/(1 + e^{-x})$ is the sigmoid function. So we have found its derivative on
# the way, and it is the one of the slide, $\sigma'(z) = \sigma(z)\,(1 - \sigma(z))$:

# %%
sigma = before
assert math.isclose(slope, sigma * (1 - sigma), rel_tol=1e-12)

# %% [markdown]
# Here the chain is live. Nudge $x$ yourself, far and near, and step back through the four links.

# %%
chain.forward({"x": 1})
page(chain, title="A small nudge in x")

# %% [markdown]
# ## Backpropagation on a neural network
#
# Now the whole neuron, with a cost at its end, as a computational graph:
#
# $$z(\mathbf{x}) = w_0 + x_0 w_1 + x_1 w_2 + x_2 w_3 \qquad \tilde y = \sigma(z) \qquad
#   C(\tilde y, y) = (\tilde y - y)^2$$
#
# with the slide's numbers, $\mathbf{b} = [-2]$, $\mathbf{W} = [-1\;\; 0.5\;\; 10]$, $\mathbf{x} = (4, -2, 1)$ and
# $y = 1$. The slides show the forward pass and then the backward pass, one gate a slide. So does this picture: each
# step lights up with its numbers (and where pictures do not move, it is the finished graph).

# %%
neuron = trace(
    "z = sum(w0, x0 * w1, x1 * w2, x2 * w3); y_hat = sigmoid(z); C = (y_hat - y) ** 2",
    w0=-2, w1=-1, w2=0.5, w3=10, x0=4, x1=-2, x2=1, y=1,
)  # fmt: skip
animate(neuron, rankdir="TB")

# %%
gradients = neuron.backward()
draw(neuron, rankdir="TB")

# %% [markdown]
# Follow it back. $C' = 2(\tilde y - y)$ is small, because the neuron is nearly right; $\sigma'$ is small too, because
# it is nearly sure. Their product goes through the sum to every branch unchanged, and there each branch is $y = wx$,
# which multiplies the gradient of the weight by the input, and that of the input by the weight.

# %%
node = {node.label: node for node in neuron.nodes}
assert (node["z"].data, neuron.output.data) == (3.0, 0.0022492134466546346)
assert math.isclose(node["y_hat"].data, 0.9525741268224334, rel_tol=1e-12)
assert math.isclose(node["y_hat"].grad, -0.09485174635513327, rel_tol=1e-12)  # 2 (ỹ - y)
assert math.isclose(node["z"].grad, -0.004285085069968629, rel_tol=1e-12)  # that, times σ (1 - σ)

delta = node["z"].grad
assert np.allclose([gradients[f"w{k}"] for k in (0, 1, 2, 3)], [delta, 4 * delta, -2 * delta, delta], rtol=1e-12)
assert np.allclose([gradients[f"x{k}"] for k in (0, 1, 2)], [-delta, 0.5 * delta, 10 * delta], rtol=1e-12)
gradients

# %% [markdown]
# All four weights would like to move so that $z$ grows, $w_1$ most of all, because its input is the largest;
# $w_2$ downwards, because its input is negative.
#
# ## When several gradients come in, add them
#
# In a chain each gate hands its gradient to one other. In a network a neuron may feed several, and then several
# gradients come back to it; their **sum** is its gradient, since a nudge takes all the ways at once. In this network
# one neuron feeds two:

# %%
small = MLP(1, [1, 2, 1], "sigmoid", output_activation="sigmoid", seed=3)
x = Value(0.8, label="x")
cost = squared_error(small(x), 1.0)
cost.backward()
a = next(node for node in Graph(cost).nodes if node.op.name == "sigmoid")  # the first neuron's output
print(explain(cost, a, names={"a": a, "C": cost}))

# %%
network(small, [0.8], y=1.0, loss=squared_error)

# %% [markdown]
# Two paths lead from `a` to the cost, and their products add up to its gradient, which also stands at the first
# neuron of the picture. The rest of backpropagation is economy: the factors from the cost back to the second layer
# are the same for every weight below, so they are computed once and handed on.
#
# ## In the computer
#
# The lecture ends with a table: a column for each example of the training data, a row for each weight, and at the
# right end the average over all of them, which is the gradient of the whole cost. Here it is for our network as it
# was before it learned, with the first six of its 60 examples:

# %%
start = MLP(2, [3, 1], "sigmoid", output_activation="sigmoid", seed=1)
table = gradient_table(start, X, y, loss=squared_error)
print("y            ", *(f"{label:6}" for label in y[:6]), "       average")
for name, slopes, average in zip(table.names, table.gradients, table.average, strict=True):
    print(f"{name:13}", *(f"{slope:+.3f}" for slope in slopes[:6]), f" … → {average:+.4f}")
assert table.gradients.shape == (13, 60)
assert np.allclose(table.average, table.gradients.mean(axis=1))
assert np.allclose(-table.average, minus_gradient)

# %% [markdown]
# Each example wants something else: those of class 1 pull the last neuron's weights one way, those of class 0 the
# other, and they nearly cancel. The average is what they agree on. It is the gradient that we have already followed
# by hand, and a step of gradient descent is minus $r$ times this last column, and nothing else:

# %%
before = np.array([w.data for w in start.parameters()])
fit(start, X, y, loss=squared_error, optimizer=SGD(start.parameters(), r), epochs=1)
after = np.array([w.data for w in start.parameters()])
assert np.allclose(after, before - r * table.average, rtol=1e-12)

# %% [markdown]
# The first example of the lecture, the single neuron, has a column as well. Here it is column 0, beside two
# examples of our own (`b` is the lecture's $w_0$, and `w0` its $w_1$):

# %%
single = Neuron(3, "sigmoid", initial=lambda *_: [-1.0, 0.5, 10.0])
single.b.data = -2.0
table = gradient_table(single, [[4, -2, 1], [0.5, 1, -0.2], [-1, 0.3, 0.1]], [1, 0, 1], loss=squared_error)
assert np.allclose(table.gradients[:, 0], [gradients[name] for name in ("w1", "w2", "w3", "w0")], rtol=1e-12)
print(table)

# %% [markdown]
# The slide's table has the digits 2, 5, 0, 4, 7 and 9 above its columns and goes down to $w_{13{,}001}$. It belongs
# to the network in the videos that the lecture links to (3Blue1Brown), which reads handwritten digits of
# $28 \cdot 28$ points with two hidden layers of 16 neurons. That is 13,002 weights with the constants:

# %%
assert len(MLP(784, [16, 16, 10]).parameters()) == 13_002

# %% [markdown]
# ## Exercises
#
# **1. With pencil.** Take the lecture's neuron, but let $y = 0$ be right. Nothing changes in the forward pass up to
# $\tilde y = 0.9526$. What are the gradients now? You need a single division, and no graph.
#
# <details>
# <summary>Solution</summary>
#
# Only the first factor changes, from $2(\tilde y - 1)$ to $2(\tilde y - 0)$, and all gradients contain it. So each is
# multiplied by $\tilde y/(\tilde y - 1) = 0.9526/(-0.0474) \approx -20.09$: the same direction turned round, and
# twenty times as large, because the neuron is now wrong, and sure of it.
#
# ```python
# y_hat = 1 / (1 + math.exp(-3))
# neuron.forward({"y": 0})
# wrong = neuron.backward()
# factor = y_hat / (y_hat - 1)
# assert math.isclose(factor, -math.exp(3))  # about -20.09
# assert all(math.isclose(wrong[name], factor * gradients[name]) for name in ("w0", "w1", "w2", "w3"))
# ```
# </details>

# %% [markdown]
# **2. The limit.** A neuron without $\sigma$ and without a constant predicts $w x$; its cost over the four points
# above is $C(w) = \frac14 \sum_i (w x_i - y_i)^2$. Above which learning rate does gradient descent run away? And if
# the inputs were given in other units, ten times as large?
#
# <details>
# <summary>Solution</summary>
#
# $C''(w) = \frac{2}{4} \sum_i x_i^2 = 8.75$, so the limit is $2/8.75 = 0.2286$. With inputs ten times as large the
# curvature is a hundred times as large, and the limit a hundredth. That is why inputs are brought to a common scale
# before learning (`nn.Standardiser` does it).
#
# ```python
# def proportional(w):
#     return mean_squared_error([w * x for x in inputs], targets)
#
# border = 2 / (2 * np.mean(np.square(inputs)))
# assert round(border, 4) == 0.2286
# assert gradient_descent(proportional, 0.0, learning_rate=0.99 * border, max_steps=5000).converged
# try:
#     gradient_descent(proportional, 0.0, learning_rate=1.01 * border, max_steps=100_000)
# except DescentError:
#     pass
# else:
#     raise AssertionError("it should have run away")
# ```
# </details>

# %% [markdown]
# **3. How few?** Three lines make a triangle. Would two hidden neurons do, or one? Try them from several seeds, with
# 3000 steps, and draw the best boundary of two.
#
# <details>
# <summary>Solution</summary>
#
# ```python
# best = {}
# for count in (1, 2, 3):
#     for seed in range(4):
#         few = MLP(2, [count, 1], "sigmoid", output_activation="sigmoid", seed=seed)
#         run = fit(few, X, y, loss=squared_error, optimizer=SGD(few.parameters(), 4.0), epochs=3000)
#         right = np.mean((predict(few, X) > 0.5) == (y == 1))
#         best[count] = max(best.get(count, (0.0, None)), (float(right), few), key=lambda pair: pair[0])
#     print(f"{count} hidden neurons: {best[count][0]:.1%}")
#
# assert best[1][0] < 0.85 < 0.97 < best[2][0]
# assert best[3][0] == 1.0
# plot_decision(best[2][1], X, y, hidden=True, features=NAMES)
# plt.show()
# ```
#
# One hidden neuron draws one line, so it cuts off one cloud and leaves it at that. Two can do it, with luck at the
# start: their $\sigma$ is not a step but a slope, and the sum of two slopes has curved lines of equal height, which
# bend around the middle. Counting lines is a good guide, not a law.
# </details>
