# %% [markdown]
# # Learning rules
#
# Backpropagation finds the gradient. What to do with it is another question, and it has many answers: follow it after
# each example, or after all of them; with one step size for every weight, or one for each; with a memory of earlier
# steps, or without.
#
# This notebook follows Dr. Ehab Essa's *Lecture 6: Backpropagation Algorithm* (Computer Science Department, Mansoura
# University, after chapter 6 of L. Fausett's *Fundamentals of Neural Networks*), in its order and its notation. It
# starts with a network of six units in which every number can be checked by hand, and ends with the cost function that
# one would use today. You should know what `backward()` does; `01_trace` says it.

# %%
import math

import matplotlib.pyplot as plt
import numpy as np
from matplotlib_inline.backend_inline import set_matplotlib_formats

from autograd import Graph, Value, dot, explain, parameter, sigmoid
from nn import (
    MLP,
    SGD,
    VSGD,
    Adadelta,
    Adagrad,
    Adam,
    AdaSecant,
    Neuron,
    Optimizer,
    RMSprop,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    blobs,
    fit,
    gradient_table,
    half_squared_error,
    l2,
    predict,
    schedules,
)
from viz import draw, network, page
from viz.plots import plot_decision, plot_history, plot_optimizers

set_matplotlib_formats("svg", dpi=80)  # of the coloured grounds; lines and letters are sharp at any size
plt.rcParams.update({"figure.figsize": (5.8, 3.6), "svg.fonttype": "none"})

# %% [markdown]
# ## One example, every number
#
# The lecture sends its reader to a worked example on the web, Matt Mazur's *A Step by Step Backpropagation Example*:
# two inputs, two hidden units, two outputs, all of them sigmoids, and one training example. A unit's activation stands
# in its circle, the weights on the lines, and the biases below.


# %%
def mazur():
    """Return the network of the example with its first weights; each unit has two weights and a bias."""
    model = MLP(2, [2, 2], "sigmoid", output_activation="sigmoid")
    numbers = [0.15, 0.20, 0.35, 0.25, 0.30, 0.35, 0.40, 0.45, 0.60, 0.50, 0.55, 0.60]
    model.load_state_dict(dict(zip(model.state_dict(), numbers, strict=True)))
    return model


x, t = (0.05, 0.10), (0.01, 0.99)
network(mazur(), x, y=t, loss=half_squared_error, inputs=["i1", "i2"], outputs=["o1", "o2"])

# %% [markdown]
# In the lecture's notation $x$ is a unit's total input, before the activation $g$, and $y = g(x)$ is its output. The
# **error signal** of output $k$ is $e_k = y_k - t_k$, where $t_k$ is the desired response, and the cost of the example
# is half the sum of their squares:
#
# $$E = \tfrac12 \sum_k e_k^2$$
#
# The half is there so that the slope of $\tfrac12 e^2$ is $e$ itself. Written out, with a name for each number:

# %%
i1, i2 = Value(0.05), Value(0.10)
w1, w2, w3, w4, w5, w6, w7, w8 = map(parameter, (0.15, 0.20, 0.25, 0.30, 0.40, 0.45, 0.50, 0.55))

x_h1, x_h2 = dot([w1, w2], [i1, i2], 0.35), dot([w3, w4], [i1, i2], 0.35)  # the last number is the bias
y_h1, y_h2 = sigmoid(x_h1), sigmoid(x_h2)
x_o1, x_o2 = dot([w5, w6], [y_h1, y_h2], 0.60), dot([w7, w8], [y_h1, y_h2], 0.60)
y_o1, y_o2 = sigmoid(x_o1), sigmoid(x_o2)
e_o1, e_o2 = y_o1 - 0.01, y_o2 - 0.99
E = 0.5 * (e_o1**2 + e_o2**2)
E.backward()
draw(E, names=locals(), rankdir="TB")

# %% [markdown]
# From top to bottom, the blue numbers are those of the page on the web:

# %%
assert math.isclose(y_h1.data, 0.5932699921071872, rel_tol=1e-12)
assert math.isclose(y_h2.data, 0.596884378259767, rel_tol=1e-12)
assert math.isclose(y_o1.data, 0.7513650695523157, rel_tol=1e-12)
assert math.isclose(y_o2.data, 0.7729284653214625, rel_tol=1e-12)
assert math.isclose(E.data, 0.2983711087600027, rel_tol=1e-12)
print(f"outputs {y_o1:.9f} and {y_o2:.9f}, E = {E:.9f}")

# %% [markdown]
# ## The deltas
#
# The lecture does not speak of graphs. It derives a rule for the weights of each layer, and in both a quantity turns
# up that it calls $\delta$. For a weight from hidden unit $j$ to output $k$, and for one from input $i$ to hidden
# unit $j$:
#
# $$\frac{\partial E}{\partial W_{jk}} = \delta_k\, y_j
#   \quad\text{with}\quad \delta_k = (y_k - t_k)\, y_k (1 - y_k)$$
#
# $$\frac{\partial E}{\partial W_{ij}} = \delta_j\, y_i
#   \quad\text{with}\quad \delta_j = y_j (1 - y_j) \sum_k \delta_k W_{jk}$$
#
# Do what it says, with the numbers from the forward pass:

# %%
y_h, y_o = [y_h1.data, y_h2.data], [y_o1.data, y_o2.data]
W_jk = [[w5.data, w7.data], [w6.data, w8.data]]  # a row for each hidden unit, a column for each output

delta_k = [(y - t) * y * (1 - y) for y, t in zip(y_o, (0.01, 0.99), strict=True)]
delta_j = [y * (1 - y) * np.dot(delta_k, row) for y, row in zip(y_h, W_jk, strict=True)]
print(f"output units: δ = {delta_k[0]:9.6f} and {delta_k[1]:9.6f}")
print(f"hidden units: δ = {delta_j[0]:9.6f} and {delta_j[1]:9.6f}")

# %% [markdown]
# Now look at the picture again, at the boxes `x_o1`, `x_o2`, `x_h1` and `x_h2`. The $\delta$s have been there all
# along: they are the gradients of the total inputs, $\delta = \partial E/\partial x$. And so the lecture's rules and
# the graph agree about every weight.

# %%
assert np.allclose([x_o1.grad, x_o2.grad, x_h1.grad, x_h2.grad], delta_k + delta_j, rtol=1e-12, atol=0)

by_rule = [d * y for d in delta_j for y in (0.05, 0.10)] + [d * y for d in delta_k for y in y_h]
by_graph = [w.grad for w in (w1, w2, w3, w4, w5, w6, w7, w8)]
expected = [
    0.0004385677344743467, 0.0008771354689486934, 0.0004977127352608599, 0.0009954254705217198,
    0.08216704056423077, 0.08266762784753325, -0.022602540477475067, -0.02274024221597822,
]  # fmt: skip
assert np.allclose(by_rule, expected, rtol=1e-12, atol=0)
assert np.allclose(by_graph, expected, rtol=1e-12, atol=0)

# %% [markdown]
# Where does the sum over $k$ come from? The weight `w1` reaches $E$ on two ways, one through each output, and the
# chain rule adds up what comes back on all of them. `explain` knows the ways. Its full text names each link; here are
# the products:

# %%
explanation = explain(E, w1, names=locals())
for way in explanation.contributions:
    through = "o1" if y_o1 in way.nodes else "o2"
    print(f"through {through}: {way.product:+.9f}")
print(f"together:   {explanation.gradient:+.9f}")
assert explanation.paths == 2
assert math.isclose(explanation.gradient, w1.grad, rel_tol=1e-12)

# %% [markdown]
# The two outputs want opposite things: the first is to fall from 0.75 to 0.01, the second is to rise from 0.77 to 0.99.
# So they pull `w1` in opposite directions, and the first, which is farther off, wins.
#
# Pull for yourself. In the live page below, every weight and both inputs have a slider, and the numbers follow. ▶ walks
# through both passes with each step's rule. (Where this notebook is only displayed and not run, the picture above has
# to do.)

# %%
page(E, names=locals(), rankdir="TB", title="Matt Mazur's example")

# %% [markdown]
# ## The update
#
# Learning is a step against the gradient $g$: $\Delta w = -\alpha\, g$, with the **learning rate** $\alpha$. For a
# single weight that is $\Delta w_{ij} = -\alpha\, \delta_j\, y_i$. The example takes $\alpha = 0.5$, and it changes the
# eight weights only, not the biases.

# %%
optimizer = SGD([w1, w2, w3, w4, w5, w6, w7, w8], learning_rate=0.5)
optimizer.step()
after = [
    0.1497807161327628, 0.19956143226552567, 0.24975114363236958, 0.29950228726473915,
    0.35891647971788465, 0.4086661860762334, 0.5113012702387375, 0.5613701211079891,
]  # fmt: skip
assert np.allclose([w.data for w in optimizer.parameters], after, rtol=1e-12, atol=0)

graph = Graph(E)
assert math.isclose(graph.forward(), 0.29102777369359933, rel_tol=1e-12)  # computes every node anew
print(f"E falls from 0.298371 to {E:.6f}")

# %% [markdown]
# That is not much. But steps are cheap, and one can take ten thousand of them. `fit` is the loop of the lecture's
# page 15; it records the scalar code of model and loss once, and runs it as array code from then on.

# %%
model = mazur()
optimizer = SGD(model.weights(), learning_rate=0.5)
history = fit(model, [x], [t], loss=half_squared_error, optimizer=optimizer, epochs=10_000, progress=False)
outputs = predict(model, [x])[0]
E_end = 0.5 * sum((outputs - t) ** 2)
print(f"after {history.steps:,} updates: outputs {outputs[0]:.6f} and {outputs[1]:.6f}, E = {E_end:.3e}")
assert history["loss"][:2].round(12).tolist() == [0.29837110876, 0.291027773694]
assert math.isclose(E_end, 3.51e-5, rel_tol=1e-3)

# %%
plot_history(history, log=True)
plt.show()

# %% [markdown]
# The error falls fast and then ever more slowly, which on this logarithmic scale shows as a curve that flattens. Near
# the goal $y_k (1 - y_k)$ is small, because a sigmoid close to 0 or 1 is flat; and so is the error itself. Remember
# that: the last section removes one of these two brakes.

# %% [markdown]
# ## One example at a time, or all at once
#
# With $N$ examples there are two costs: that of one of them, and the average of all.
#
# $$E(n) = \tfrac12 \sum_j e_j^2(n) \qquad\qquad E_{av} = \frac1N \sum_{n=1}^{N} E(n)$$
#
# The lecture names two ways to learn. In **batch** mode the gradient is that of $E_{av}$, and one makes a step after
# each *epoch*, when all examples have been seen. In **online** or **stochastic** mode the gradient is that of $E(n)$,
# and one makes a step after each *pattern*. Between them lie **mini-batches** of some examples each.
#
# The lecture's classes are pedestrian, car, motorcycle and truck, which its networks tell apart in pictures. Here are
# a hundred road users with just two measurements each, in four overlapping clouds. The targets are its vectors: for a
# car, $t = (0, 1, 0, 0)$.

# %%
CLASSES = ["pedestrian", "car", "motorcycle", "truck"]
X, labels = blobs(100, centers=4, noise=0.35, seed=0)
T = np.eye(4)[labels]
assert T[labels == 1][0].tolist() == [0, 1, 0, 0]

# %% [markdown]
# To see what the two modes follow, take a single unit that is to say "pedestrian" or not, with three weights to learn.
# `gradient_table` shows what each example wants: a column for each of them, and in the last column the average. Online
# learning follows one column after the other, batch learning the last one.

# %%
unit = Neuron(2, "sigmoid", initial="xavier", seed=3)
table = gradient_table(unit, X, T[:, 0], loss=half_squared_error)
print(table)

# %% [markdown]
# The examples contradict each other: columns of either sign stand in each row. Most of that cancels in the average,
# which is what the gradient of $E_{av}$ is. A step of batch learning follows it exactly:

# %%
before = np.array([p.data for p in unit.parameters()])
fit(unit, X, T[:, 0], loss=half_squared_error, optimizer=SGD(unit.parameters(), 0.5), epochs=1)
assert np.allclose([p.data for p in unit.parameters()], before - 0.5 * table.average, rtol=1e-12)
assert np.allclose(table.average, table.gradients.mean(axis=1), rtol=1e-12)

# %% [markdown]
# Now the whole network: two inputs, four hidden units, four outputs. Three runs start from the same weights with the
# same learning rate, and each of them goes through the examples sixty times.


# %%
def network_of_4():
    """Return a network of 2, 4 and 4 units, always with the same first weights."""
    return MLP(2, [4, 4], "sigmoid", output_activation="sigmoid", initial="xavier", seed=1)


figure, axes = plt.subplots()
runs = {}
for mode, size in (("online", 1), ("mini-batches of 10", 10), ("batch", None)):
    model = network_of_4()
    optimizer = SGD(model.parameters(), learning_rate=0.5)
    runs[mode] = fit(model, X, T, loss=half_squared_error, optimizer=optimizer, epochs=60, batch_size=size)
    plot_history(runs[mode], axes, label=mode)
plt.show()

for mode, history in runs.items():
    print(f"{mode:20} {history.steps:5} steps, E_av = {history.last('loss'):.3f}")
assert [history.steps for history in runs.values()] == [6000, 600, 60]

# %% [markdown]
# Each epoch costs about the same, a hundred gradients, whatever the mode. Online learning makes a hundred steps of it
# where batch learning makes one, and for the same learning rate it is far ahead. Its steps are noisy, each of them a
# column of the table and not the average; but nothing says that a step must be exact.
#
# The comparison is not quite fair: a batch gradient, being an average, could bear a larger learning rate. How large?

# %% [markdown]
# ## The learning rate
#
# *Set the learning rate η carefully*, says the slide. (It changes its letter here, from $\alpha$ to $\eta$.) Why that
# matters shows on the simplest of all costs, $E(w) = w^2$, whose gradient is $2w$. A step leads from $w$ to
#
# $$w - \eta \cdot 2w = (1 - 2\eta)\, w,$$
#
# so each step multiplies $w$ by $1 - 2\eta$. Six steps from $w = 1$, for four rates:


# %%
def steps_down(eta, w=1.0, steps=6):
    """Return w and the costs on the way down E = w²; eta may be a Value."""
    path = [w]
    for _ in range(steps):
        path.append(path[-1] - eta * (2 * path[-1]))
    return path, [w * w for w in path]


figure, grid = plt.subplots(1, 4, figsize=(9.6, 2.6), sharey=True)
curve = np.linspace(-1.5, 1.5, 61)
rates = {0.05: "slow", 0.3: "right", 0.9: "to and fro", 1.05: "too large"}
for axes, (eta, what) in zip(grid, rates.items(), strict=True):
    axes.plot(curve, curve**2, color="#b8c4ce")
    axes.plot(*steps_down(eta), "o-", color="#b3400a", markersize=4, linewidth=1)
    axes.set(title=f"η = {eta}: {what}", xlabel="$w$")
grid[0].set_ylabel("$E$")
plt.show()

assert steps_down(1.05)[1][-1] > steps_down(1.05)[1][0]  # the cost has grown
assert steps_down(0.5)[1][1] == 0.0  # for this cost, η = ½ arrives at once

# %% [markdown]
# To play with it, let the learning rate be a `Value` like any other number, and look at the graph of two steps:

# %%
eta = Value(0.9, label="η")
(w0, w1, w2), (_, _, E) = steps_down(eta, Value(1.0), steps=2)
E.backward()
draw(E, names=locals(), rankdir="TB")

# %% [markdown]
# Below is the same graph with sliders. Move η to 0.5 and see $w_1$ become 0; move it past 1 and see $E$ grow.
#
# There is more to be seen. η has a gradient, too: the slope of the final cost in the learning rate, found by
# backpropagation *through the descent itself*. At 0.9 it is positive: a smaller rate would have been better.

# %%
by_hand = 4 * (1 - 2 * 0.9) ** 3 * -2  # the slope of E = (1 - 2η)⁴
assert math.isclose(eta.grad, by_hand, rel_tol=1e-12)
page(E, names=locals(), rankdir="TB", title="Two steps down E = w²")

# %% [markdown]
# A network's cost is no parabola, but the picture is the same. This is the slide's figure, the cost over the updates
# for four learning rates, drawn from our network in batch mode:

# %%
figure, axes = plt.subplots()
runs = {}
for rate in (0.5, 5.0, 50.0, 500.0):
    model = network_of_4()
    runs[rate] = fit(model, X, T, loss=half_squared_error, optimizer=SGD(model.parameters(), rate), epochs=100)
    plot_history(runs[rate], axes, label=f"η = {rate:g}")
plt.show()

rises = {rate: int(np.sum(np.diff(run["loss"]) > 0)) for rate, run in runs.items()}
print("how often the cost rose:", rises)
assert rises[0.5] == rises[5.0] == 0
assert rises[50.0] > 0
assert runs[500.0].last("loss") > runs[0.5].last("loss")

# %% [markdown]
# At 0.5 the cost falls after each update, and slowly. At 5 it falls fast. At 50 it jumps, *may not decrease after each
# update* as the slide has it, and arrives all the same; which is luck. At 500 the first step throws the units to where
# the sigmoids are flat. From there hardly any gradient leads back.
#
# A rate need not stay what it is. Long strides first and small ones to settle is a good plan, and a **schedule** is
# simply a function of the step number. Here are the usual ones, and one could write one's own as a `lambda`:

# %%
plans = {
    "step_decay": schedules.step_decay(1.0, every=25, factor=0.5),
    "exponential": schedules.exponential(1.0, factor=0.97),
    "linear": schedules.linear(1.0, 0.1, steps=100),
    "cosine": schedules.cosine(1.0, 0.0, steps=100),
    "warm_up, then cosine": schedules.warm_up(10, then=schedules.cosine(1.0, 0.0, steps=90)),
}
figure, axes = plt.subplots(figsize=(5.8, 3))
for name, plan in plans.items():
    axes.plot([plan(step) for step in range(100)], label=name)
axes.set(xlabel="step", ylabel="η")
axes.legend()
plt.show()

# %% [markdown]
# ## Momentum
#
# In a long valley the gradient points across rather than along: plain descent zigzags between the walls, and hardly
# gets on. **Momentum** remembers where it was going. It adds a fraction $\mu$ of the last update to the present one.
# The slide writes
#
# $$\Delta w_{ij}(t+1) = \alpha\, \delta_j\, y_i + \mu\, \Delta w_{ij}(t).$$
#
# An optimiser is one formula here, so let us take the slide at its word. (`state` names what is remembered from step to
# step; it starts at 0.)


# %%
class AsPrinted(Optimizer):
    state = ("update_before",)
    sign = +1.0

    def formula(self, theta, gradient):
        self.update_before = self.sign * self.eta * gradient + 0.4 * self.update_before
        return theta + self.update_before


class Corrected(AsPrinted):
    sign = -1.0


errors = {}
for rule in (AsPrinted, Corrected):
    model = mazur()
    optimizer = rule(model.weights(), learning_rate=0.5)
    errors[rule] = fit(model, [x], [t], loss=half_squared_error, optimizer=optimizer, epochs=20)["loss"]

for rule, E in errors.items():
    print(f"{rule.__name__:10} E = {E[0]:.4f}, {E[1]:.4f}, {E[2]:.4f}, {E[3]:.4f}, …, {E[-1]:.4f}")
assert (np.diff(errors[AsPrinted]) > 0).all()
assert (np.diff(errors[Corrected]) < 0).all()

# %% [markdown]
# As printed, the error *grows*. The gradient check of `01_trace` would not have found this, since the gradient
# $\delta_j y_i$ is right. It is the step that goes the wrong way: $\alpha\, \delta_j\, y_i$ should have a minus sign,
# as it has three pages earlier. A check for steps is just as simple. To first order a step $\Delta w$ changes the error
# by $g \cdot \Delta w$, and that must be negative.
#
# With the minus sign the formula is that of `SGD` with `momentum`, and unrolled it is what the slide says next, an
# exponentially weighted sum of all updates so far:
#
# $$\Delta w_{ij}(t+1) = -\sum_{s=1}^{t} \mu^{t-s}\, \alpha\, \delta_j(s)\, y_i(s)$$

# %%
alpha, mu, slopes = 0.1, 0.4, [3.0, -1.0, 2.0, 0.5, -4.0]
library, ours, theta = SGD([parameter(0.0)], alpha, momentum=mu), Corrected([parameter(0.0)], alpha), np.zeros(1)
for step, slope in enumerate(slopes, 1):
    update = library.update(theta, np.array([slope])) - theta
    weighted_sum = -sum(mu ** (step - s) * alpha * g for s, g in enumerate(slopes[:step], 1))
    assert np.allclose(update, weighted_sum, rtol=1e-12)
    assert np.allclose(update, ours.update(theta, np.array([slope])) - theta, rtol=1e-12)
    theta = theta + update

# %% [markdown]
# What does it do for us? The valley below, $f(x, y) = \frac12 (x^2 + 20 y^2)$, is twenty times as steep across as
# along. The rate of plain descent must suit the steep direction (with 0.1 it would not settle), and is too small for
# the flat one. Momentum, with the same rate, does better in both: across the valley the updates change their sign and
# cancel, along it they agree and add up.

# %%
rules = {"μ = 0": lambda p: SGD(p, 0.09), "μ = 0.5": lambda p: SGD(p, 0.09, momentum=0.5)}
axes = plot_optimizers(optimizers=rules, steps=20)
axes.set_rasterization_zorder(0.5)  # the coloured ground as an image, to keep the file small
plt.show()

# %% [markdown]
# *Error is no longer monotonically decreasing*, warns the slide, for momentum carries one past the goal. On our network
# both can be seen, the gain and the price. (The slide asks for $\mu < \alpha$. Usual today is a $\mu$ of 0.9 with any
# rate.)

# %%
figure, axes = plt.subplots()
runs = {}
for mu in (0.0, 0.5, 0.9):
    model = network_of_4()
    optimizer = SGD(model.parameters(), 0.5, momentum=mu)
    runs[mu] = fit(model, X, T, loss=half_squared_error, optimizer=optimizer, epochs=100)
    plot_history(runs[mu], axes, label=f"μ = {mu:g}")
plt.show()

rises = {mu: int(np.sum(np.diff(run["loss"]) > 0)) for mu, run in runs.items()}
for mu, run in runs.items():
    print(f"μ = {mu:g}: E_av = {run.last('loss'):.3f}, it rose {rises[mu]} times")
assert rises[0.0] == 0 < rises[0.9]

# %% [markdown]
# ## Adagrad: a rate for each weight
#
# *Can we give different parameters different learning rates?* Adagrad does. It divides the rate of each weight by the
# root of the sum of all its squared derivatives so far:
#
# $$w^{t+1} \leftarrow w^t - \eta_w\, g^t \qquad\text{with}\qquad \eta_w = \frac{\eta}{\sqrt{\sum_{i=0}^t (g^i)^2}}$$
#
# The slide computes two weights, one with small derivatives and one with large ones. `update` takes the weights and
# their gradient as arrays, and returns the new weights; how far they went, divided by the gradient, is the rate.

# %%
optimizer = Adagrad([parameter(0.0), parameter(0.0)], learning_rate=1.0, eps=0.0)
divisors = []
for g in np.array([[0.1, 20.0], [0.2, 10.0]]):
    rates = -optimizer.update(np.zeros(2), g) / g
    divisors.append(1 / rates)
    for k in (0, 1):
        print(f"w{k + 1}: derivative {g[k]:4.1f}, rate η / {divisors[-1][k]:.4g}")

assert np.allclose(divisors[0], [0.1, 20.0], rtol=1e-12)
assert np.allclose(divisors[1], [0.22360679774997896, 22.360679774997898], rtol=1e-12)

# %% [markdown]
# The slide draws two observations from this, and you can read both from the table. *Learning rate is smaller and
# smaller for all parameters*, since a sum of squares only grows. And *smaller derivatives, larger learning rate, and
# vice versa*; of which it asks: *why?*
#
# Think of the valley again. Where the derivatives are large the walls are steep, and a long step would throw us up the
# other side; where they are small the ground is flat, and long steps are what is wanted. A single rate serves one of
# them badly. Divided by the size of its own derivatives, each weight's first step has the length $\eta$, whatever the
# steepness, and the later ones become shorter alike. So Adagrad heads down the valley where plain descent goes across:

# %%
rules = {"plain, η = 0.09": lambda p: SGD(p, 0.09), "Adagrad, η = 1.5": lambda p: Adagrad(p, 1.5)}
plot_optimizers(optimizers=rules, steps=20).set_rasterization_zorder(0.5)
plt.show()

# %% [markdown]
# ## Not the whole story
#
# That ever smaller rate is Adagrad's weakness: on a long run it comes to rest before it has arrived. The lecture names
# its successors, and all but the last two mend this in the same way: they forget. In the table, $\overline{z}$ is a
# running mean of $z$, in which older numbers count less and less.
#
# | optimiser | step $\Delta w$ | source |
# | --- | --- | --- |
# | momentum | $-\eta\, (g + \mu\, v)$, where $v$ is the last bracket | B. Polyak 1964 |
# | Adagrad | $-\eta\, g / \sqrt{\sum g^2}$ | J. Duchi, JMLR 2011 |
# | RMSprop | $-\eta\, g / \sqrt{\overline{g^2}}$ | T. Tieleman and G. Hinton 2012 |
# | Adadelta | $-g\, \sqrt{\overline{\Delta w^2}} / \sqrt{\overline{g^2}}$ | M. Zeiler, arXiv 2012 |
# | Adam | $-\eta\, \overline{g} / \sqrt{\overline{g^2}}$, both means corrected at the start | D. Kingma, ICLR 2015 |
# | AdaSecant | $-g\, \sqrt{\overline{\Delta w^2}} / \sqrt{\overline{\alpha^2}} + \dots$ | C. Gulcehre, arXiv 2014 |
# | vSGD | $-g\, \overline{g}^2 / (\overline{h}\; \overline{g^2})$ | T. Schaul, arXiv 2012 |
#
# In AdaSecant's row $g$ is first brought to the length 1, and $\alpha$ is how much it has changed since the last step.
# So the quotient is a length divided by a change of slope, a secant's estimate of 1 / curvature; the term left out
# corrects it for steps and changes that go together. In the last row, which is the paper *No more pesky learning
# rates*, $h$ is the curvature itself.
#
# In code they differ by one line, so let all of them train our network, with mini-batches of 10 and rates of a usual
# size. The last two have no learning rate to set.

# %%
RULES = {
    "plain": lambda model: SGD(model.parameters(), 0.5),
    "momentum": lambda model: SGD(model.parameters(), 0.5, momentum=0.9),
    "Adagrad": lambda model: Adagrad(model.parameters(), 0.2),
    "RMSprop": lambda model: RMSprop(model.parameters(), 0.02),
    "Adadelta": lambda model: Adadelta(model.parameters()),
    "Adam": lambda model: Adam(model.parameters(), 0.05),
    "AdaSecant": lambda model: AdaSecant([{"parameters": layer.parameters()} for layer in model.layers]),
    "vSGD": lambda model: VSGD(model.parameters()),
}

figure, axes = plt.subplots(figsize=(7, 4.4))
ends = {}
for name, rule in RULES.items():
    model = network_of_4()
    history = fit(model, X, T, loss=half_squared_error, optimizer=rule(model), epochs=40, batch_size=10)
    plot_history(history, axes, label=name)
    ends[name] = history.last("loss")
plt.show()

# %%
for name, end in sorted(ends.items(), key=lambda item: item[1]):
    print(f"{name:10} E_av = {end:.3f}")
assert all(end < ends["plain"] for name, end in ends.items() if name not in ("plain", "Adadelta"))
assert ends["Adadelta"] < 0.7 * history["loss"][0]

# %% [markdown]
# Do not take this for a ranking: with another rate, another seed or another network the order is another. What can be
# taken from it is the shape of the curves. On the plateau near 0.35 plain descent crawls; it hardly holds up momentum,
# nor the rules with a rate for each weight. Only Adadelta is slower: it starts almost at rest, because it has no steps
# yet to take its length from.
#
# ### How a rate can find itself
#
# The last in the table deserves a look. Let a weight $\theta$ see noisy samples of one cost, $\frac12 (\theta - c)^2$
# with random $c$ around 0. Far from the goal all samples agree, and long steps are right; close to it they contradict
# each other, and only small steps average the noise away. The best rate can be computed, if one knows where the goal
# is: it is $(\mathbb{E} g)^2 / \mathbb{E} g^2 = \theta^2 / (\theta^2 + \sigma^2)$. vSGD does not know, and estimates it
# from the gradients that it sees. In the first ten steps it looks only, and does not move.

# %%
theta, sigma, optimizer = np.array([6.0]), 1.0, VSGD([parameter(6.0)])
used, best = [], []
for c in np.random.default_rng(0).normal(0.0, sigma, 150):
    best.append(theta.item() ** 2 / (theta.item() ** 2 + sigma**2))
    theta = optimizer.update(theta, theta - c, lambda point, c=c: point - c)
    used.append(optimizer.rate)

figure, axes = plt.subplots()
axes.plot(best, color="#8a99a6", label="the best rate, for someone who knows the goal")
axes.plot(used, color="#0b5fa5", label="the rate vSGD uses")
axes.set(xlabel="step", ylabel="rate", yscale="log", ylim=(1e-4, 6))
axes.legend()
plt.show()
assert max(used) > 0.3 > 0.05 > used[-1]
assert abs(theta.item()) < 0.5

# %% [markdown]
# It wobbles, since it has only noisy samples to go by, but it goes where it should: down by two powers of ten, and up
# again when the noise has carried $\theta$ away.

# %% [markdown]
# ## The cost function
#
# The lecture ends with another cost. For logistic regression with $m$ examples it is
#
# $$J(\theta) = -\frac1m \sum_{i=1}^m
#   \Big[ y^{(i)} \log h_\theta(x^{(i)}) + (1 - y^{(i)}) \log\big(1 - h_\theta(x^{(i)})\big) \Big]
#   + \frac{\lambda}{2m} \sum_{j=1}^n \theta_j^2$$
#
# and for a network with $K$ output units the bracket is summed over the outputs, the squares over all weights of all
# layers. The first part is called **cross-entropy**, the second **regularisation**. Mind where its sum begins: at
# $j = 1$. The bias $\theta_0$ is not punished, since it only shifts the boundary.
#
# In this library: the loss is `binary_cross_entropy`, which sums over the outputs; the mean over the examples is what
# `fit` takes anyway; and `l2(λ / 2m)` is a penalty on all parameters but biases. Check that this is $J$, term by term,
# for a network and for a single unit:


# %%
def slides_cost(model, inputs, targets, strength):
    """Return J, written out in NumPy."""
    h, m = predict(model, inputs), len(inputs)
    entropy = -np.sum(targets * np.log(h) + (1 - targets) * np.log(1 - h)) / m
    return entropy + strength / (2 * m) * sum(w.data**2 for w in model.weights())


strength = 0.7
penalty = l2(strength / (2 * len(X)))
for model, targets in ((network_of_4(), T), (Neuron(2, "sigmoid", initial="xavier", seed=3), T[:, 0])):
    by_hand = slides_cost(model, X, targets, strength)
    optimizer = SGD(model.parameters(), 0.5)
    history = fit(model, X, targets, loss=binary_cross_entropy, penalty=penalty, optimizer=optimizer, epochs=1)
    assert math.isclose(history.last("loss"), by_hand, rel_tol=1e-12)

# %% [markdown]
# ### Why another cost?
#
# Compute the $\delta$ of an output unit for both. With $E = \frac12 (y - t)^2$ it is $(y - t)\, y (1 - y)$. With the
# cross-entropy, $\partial J/\partial y = (y - t) / (y (1 - y))$, and so
#
# $$\delta = \frac{y - t}{y (1 - y)} \cdot y (1 - y) = y - t.$$
#
# The factor that slowed us down above has gone. Let the engine draw both, for a unit that is to say $t = 1$ and has the
# total input $x$. The gradient of $x$ is the $\delta$:

# %%
totals = np.linspace(-8, 4, 121)
deltas = {half_squared_error: [], binary_cross_entropy: []}
for loss, slopes in deltas.items():
    for total in map(Value, totals):
        loss(sigmoid(total), 1).backward()
        slopes.append(total.grad)

figure, axes = plt.subplots()
axes.plot(totals, deltas[half_squared_error], color="#0b5fa5", label="½ (y − t)²")
axes.plot(totals, deltas[binary_cross_entropy], color="#b3400a", label="cross-entropy")
axes.set(xlabel="total input $x$ of the output unit", ylabel="δ", title="What an output unit is told when $t = 1$")
axes.legend()
plt.show()
y = 1 / (1 + np.exp(-totals))
assert np.allclose(deltas[half_squared_error], (y - 1) * y * (1 - y), atol=1e-12)
assert np.allclose(deltas[binary_cross_entropy], y - 1, atol=1e-12)

# %% [markdown]
# On the left the unit is certain and wrong. The squared error then tells it next to nothing, the cross-entropy all the
# louder. Which is why one pairs sigmoids with the latter, and why `binary_cross_entropy_with_logits` does both at once:
# it takes $x$ and never computes the sigmoid, so that nothing overflows.
#
# ### What regularisation does
#
# With 16 hidden units and only sixty examples of clouds that overlap more, a network can learn every example by heart.
# $\lambda$ says how much that may cost.

# %%
X, labels = blobs(60, centers=4, noise=0.5, seed=0)
X_new, labels_new = blobs(1000, centers=4, noise=0.5, seed=1)
figure, grid = plt.subplots(1, 3, figsize=(9.6, 4))
right = {}
for axes, strength in zip(grid, (0.0, 1.0, 30.0), strict=True):
    model = MLP(2, [16, 4], "tanh", initial="xavier", seed=1)
    loss, penalty = binary_cross_entropy_with_logits, l2(strength / (2 * len(X)))
    fit(model, X, labels, loss=loss, penalty=penalty, optimizer=Adam(model.parameters(), 0.05), epochs=600)
    plot_decision(model, X, np.array(CLASSES)[labels], axes, classes=CLASSES, resolution=60)
    seen, new = ((predict(model, x).argmax(axis=1) == y).mean() for x, y in ((X, labels), (X_new, labels_new)))
    right[strength] = (seen, new)
    axes.set_xlabel(f"λ = {strength:g}: right about {seen:.0%} of these,\nabout {new:.0%} of 1,000 new ones")
plt.show()
assert right[0.0][0] == 1.0
assert right[1.0][1] > right[0.0][1] + 0.1
assert all(abs(w.data) < 1e-3 for w in model.weights())

# %% [markdown]
# Without it, the network draws its boundaries around single points, is right about all of them, and pays for it with
# new ones. With $\lambda = 1$ it makes more mistakes here and fewer there. With far too much all weights go to 0; what
# remains are the biases, which say the same of everyone.
#
# One last remark. The four outputs here are four separate yes-or-no questions; nothing makes them add up to 1, and
# "both" or "none" are possible answers. If exactly one class must be right, the usual cost is `cross_entropy`, the
# softmax's.

# %% [markdown]
# ## Exercises
#
# **1. The biases too.** Matt Mazur's example leaves the biases alone; the lecture's algorithm has a rule for them,
# $\Delta w_{0j} = -\alpha\, \delta_j$. Why is there no factor $y_i$ in it? Then train the example with its biases for
# 10,000 updates. Is it better or worse?
#
# <details>
# <summary>Solution</summary>
#
# The bias is added to the total input as it is, so $\partial x_j/\partial w_{0j} = 1$: a bias is a weight from a unit
# whose output is always 1.
#
# ```python
# model = mazur()
# optimizer = SGD(model.parameters(), 0.5)
# fit(model, [x], [t], loss=half_squared_error, optimizer=optimizer, epochs=10_000, progress=False)
# E_biases = 0.5 * sum((predict(model, [x])[0] - t) ** 2)
# print(f"E = {E_biases:.2e}, with fixed biases {E_end:.2e}")
# assert E_biases < 0.1 * E_end
# ```
#
# Better, by a factor of 14. The inputs 0.05 and 0.10 are small, and so are the slopes $\delta_j\, y_i$ of the first
# layer's weights; a bias, whose input is 1, gets the whole $\delta_j$ and learns ten to twenty times as fast.
# </details>

# %% [markdown]
# **2. How fast can momentum get?** If the slope is the same at every step, each update is a little longer than the one
# before. Where does that end? Work it out from the weighted sum, and check it with `SGD(…, momentum=0.9)`.
#
# <details>
# <summary>Solution</summary>
#
# With a constant gradient $g$ the sum is geometric: $\alpha g\, (1 + \mu + \mu^2 + \dots) = \alpha g / (1 - \mu)$. With
# $\mu = 0.9$ the steps become ten times as long. That is why the plateau above was left so much sooner, and why a
# larger momentum asks for a smaller rate.
#
# ```python
# optimizer, theta = SGD([parameter(0.0)], 0.01, momentum=0.9), np.zeros(1)
# for _ in range(200):
#     before, theta = theta, optimizer.update(theta, np.array([1.0]))
# assert math.isclose((before - theta).item(), 0.01 / (1 - 0.9), rel_tol=1e-6)
# ```
# </details>

# %% [markdown]
# **3. Adagrad on the long run.** If all derivatives had the same size $|g|$, how long would Adagrad's step number $t$
# be? And RMSprop's?
#
# <details>
# <summary>Solution</summary>
#
# Adagrad: $\eta\, |g| / \sqrt{t\, g^2} = \eta / \sqrt t$, whatever $g$ is; its steps become shorter by themselves.
# RMSprop: the running mean of $g^2$ is $g^2$ after a while, so its steps keep the length $\eta$. It can go on learning,
# and it cannot come to rest without a schedule.
#
# ```python
# slow, steady = Adagrad([parameter(0.0)], 0.1), RMSprop([parameter(0.0)], 0.1)
# for t in range(1, 2001):
#     lengths = [abs(rule.update(np.zeros(1), np.array([-3.0])).item()) for rule in (slow, steady)]
# assert math.isclose(lengths[0], 0.1 / math.sqrt(2000), rel_tol=1e-6)
# assert math.isclose(lengths[1], 0.1, rel_tol=1e-6)
# ```
# </details>
