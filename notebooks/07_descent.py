# %% [markdown]
# # Errors backward, steps downhill
#
# Two ideas train a neural network. **Backpropagation** says in which direction each weight should move.
# **Gradient descent** moves it, a little at a time, and in practice on the word of a few examples only. The two are
# often taken for one, and this notebook keeps them apart: first the one, then the other, then what becomes of both when
# the network is deep and the data are many.
#
# It follows Lecture 21 of the course *DSC 140B: Representation Learning*, in its three parts and in its notation. You
# should know what `backward()` does; `01_trace` says it.

# %%
import math
from itertools import combinations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib_inline.backend_inline import set_matplotlib_formats

from autograd import Value, check_gradient, dot, exp, gate, mean, parameter, relu
from autograd.errors import GradientCheckError
from nn import (
    MLP,
    SGD,
    Neuron,
    binary_cross_entropy_with_logits,
    circles,
    fit,
    gradient_descent,
    gradient_table,
    logic,
    predict,
    schedules,
    squared_error,
)
from nn.descent import DescentError
from viz import draw, network, page
from viz.plots import (
    GradientSizes,
    WeightPath,
    plot_activation,
    plot_descent,
    plot_gradients_by_layer,
    plot_history,
    plot_loss_surface,
)

set_matplotlib_formats("svg", dpi=80)  # of landscapes; lines and letters are sharp at any size
plt.rcParams.update({"figure.figsize": (5.8, 3.6), "svg.fonttype": "none"})

# %% [markdown]
# ## Part 1: Backpropagation
#
# A network $H$ is a composition of functions. Node $j$ of layer $\ell$ adds up what comes in, and applies the
# activation $g$:
#
# $$z_j^{(\ell)} = \sum_i W_{ij}^{(\ell)}\, a_i^{(\ell-1)} + b_j^{(\ell)}
#   \qquad\qquad a_j^{(\ell)} = g\big(z_j^{(\ell)}\big)$$
#
# Mind the indices: $W_{ij}$ leads *from* node $i$ *to* node $j$. The last layer has no activation, and its single $z$
# is $H$. The slide's example has two inputs, two layers of two nodes, and one output:
#
# $$W^{(1)} = \begin{pmatrix} 2 & -3 \\ 2 & 1 \end{pmatrix} \quad
#   W^{(2)} = \begin{pmatrix} 2 & 1 \\ 0 & 1 \end{pmatrix} \quad
#   W^{(3)} = \begin{pmatrix} 3 \\ -2 \end{pmatrix} \quad
#   \vec x = (2, 1)^T \quad g = \text{ReLU}$$
#
# Step 1 of the algorithm is to *evaluate the network to compute $z$ and $a$ for all nodes*. Here `z1_2` stands for
# $z_2^{(1)}$ and `W1_12` for $W_{12}^{(1)}$; all biases are 0.

# %%
x1, x2 = Value(2), Value(1)
W1_11, W1_12, W1_21, W1_22 = map(parameter, (2, -3, 2, 1))
W2_11, W2_12, W2_21, W2_22 = map(parameter, (2, 1, 0, 1))
W3_11, W3_21 = map(parameter, (3, -2))
b1_1, b1_2, b2_1, b2_2, b3_1 = map(parameter, (0, 0, 0, 0, 0))

z1_1, z1_2 = dot([W1_11, W1_21], [x1, x2], b1_1), dot([W1_12, W1_22], [x1, x2], b1_2)
a1_1, a1_2 = relu(z1_1), relu(z1_2)
z2_1, z2_2 = dot([W2_11, W2_21], [a1_1, a1_2], b2_1), dot([W2_12, W2_22], [a1_1, a1_2], b2_2)
a2_1, a2_2 = relu(z2_1), relu(z2_2)
H = dot([W3_11, W3_21], [a2_1, a2_2], b3_1)

assert (z1_1.data, z1_2.data) == (6.0, -5.0)
assert (z2_1.data, z2_2.data) == (12.0, 6.0)
assert H.data == 24.0

# %% [markdown]
# ### Four formulas
#
# Step 2 goes through the layers *from last to first* with four formulas. The slides state them as claims; each is the
# chain rule for one kind of arrow:
#
# $$\frac{\partial H}{\partial a_j^{(\ell)}}
#   = \sum_{k=1}^{n_{\ell+1}} \frac{\partial H}{\partial z_k^{(\ell+1)}}\, W_{jk}^{(\ell+1)}
#   \qquad
#   \frac{\partial H}{\partial z_j^{(\ell)}} = \frac{\partial H}{\partial a_j^{(\ell)}}\; g'\big(z_j^{(\ell)}\big)$$
#
# $$\frac{\partial H}{\partial W_{ij}^{(\ell)}} = \frac{\partial H}{\partial z_j^{(\ell)}}\; a_i^{(\ell-1)}
#   \qquad
#   \frac{\partial H}{\partial b_j^{(\ell)}} = \frac{\partial H}{\partial z_j^{(\ell)}}$$
#
# With pencil, from the end:
#
# | | node 1 | node 2 |
# | --- | --- | --- |
# | $\partial H/\partial z^{(3)}$ | $1$ | |
# | $\partial H/\partial a^{(2)}$ | $1 \cdot 3 = 3$ | $1 \cdot (-2) = -2$ |
# | $\partial H/\partial z^{(2)}$ | $3$, since $12 > 0$ | $-2$, since $6 > 0$ |
# | $\partial H/\partial a^{(1)}$ | $3 \cdot 2 + (-2) \cdot 1 = 4$ | $3 \cdot 0 + (-2) \cdot 1 = -2$ |
# | $\partial H/\partial z^{(1)}$ | $4$, since $6 > 0$ | $0$, since $-5 < 0$ |
#
# Then one call does the same:

# %%
H.backward()
assert (a2_1.grad, a2_2.grad) == (z2_1.grad, z2_2.grad) == (3.0, -2.0)
assert (a1_1.grad, a1_2.grad) == (4.0, -2.0)
assert (z1_1.grad, z1_2.grad) == (4.0, 0.0)
draw(H, names=locals(), rankdir="TB")

# %% [markdown]
# And with these, the entries of the gradient that the slide asks for: each weight's is the orange number of the $z$
# that it leads to, times the blue number of the $a$ that it comes from.

# %%
into_1 = [[W1_11.grad, W1_12.grad], [W1_21.grad, W1_22.grad]]  # ∂H/∂W of layer 1
into_2 = [[W2_11.grad, W2_12.grad], [W2_21.grad, W2_22.grad]]
into_3 = [[W3_11.grad], [W3_21.grad]]
assert into_1 == [[8.0, 0.0], [4.0, 0.0]]
assert into_2 == [[18.0, -12.0], [0.0, 0.0]]
assert into_3 == [[12.0], [6.0]]
assert [b.grad for b in (b1_1, b1_2, b2_1, b2_2, b3_1)] == [4.0, 0.0, 3.0, -2.0, 1.0]
into_1, into_2, into_3

# %% [markdown]
# Five of the zeros tell a story. Node 2 of the first layer has $z = -5$, so its ReLU is shut: it sends 0 forward, and
# lets nothing back. Neither the weights into it nor those out of it get a gradient. For this $\vec x$ the node might as
# well not be there.
#
# It is there for others. Move $x_1$ down to 0 on this page, and see how it opens. (Where this notebook is only
# displayed and not run, the picture above has to do.) ▶ plays both passes; backward, you can watch the *main idea* of
# the slides: the derivatives in layer $\ell$ depend on derivatives in layer $\ell + 1$.

# %%
page(H, names=locals(), rankdir="TB", title="The network of the slide")

# %% [markdown]
# ### In matrices
#
# Stack the nodes of a layer into vectors, and the four formulas are four short lines. The circle multiplies element by
# element:
#
# $$\nabla_a = W\, \nabla_z^{\text{next}} \qquad \nabla_z = \nabla_a \circ g'(z)
#   \qquad \nabla_W = a^{\text{prev}}\, \nabla_z^{\,T} \qquad \nabla_b = \nabla_z$$


# %%
def evaluate(weights, biases, x, g):
    """Step 1: return z and a of all layers; a[0] is x, and the last z is H."""
    z, a = [], [x]
    for matrix, vector in zip(weights, biases, strict=True):
        z.append(matrix.T @ a[-1] + vector)
        a.append(g(z[-1]))
    return z, a


def backpropagate(weights, z, a, slope):
    """Step 2: return ∂H/∂W and ∂H/∂b of all layers, found from last to first."""
    by_weights, by_biases = [], []
    by_z = np.ones(1)  # of the last layer, which has no activation
    for layer in reversed(range(len(weights))):
        by_weights.insert(0, np.outer(a[layer], by_z))
        by_biases.insert(0, by_z)
        if layer > 0:
            by_a = weights[layer] @ by_z
            by_z = by_a * slope(z[layer - 1])
    return by_weights, by_biases


weights = [np.array(rows) for rows in ([[2, -3], [2, 1]], [[2, 1], [0, 1]], [[3], [-2]])]
biases = [np.zeros(2), np.zeros(2), np.zeros(1)]
z, a = evaluate(weights, biases, np.array([2, 1]), lambda z: np.maximum(z, 0))
by_weights, by_biases = backpropagate(weights, z, a, lambda z: z > 0)
assert z[-1] == 24.0
assert [matrix.tolist() for matrix in by_weights] == [into_1, into_2, into_3]
assert [vector.tolist() for vector in by_biases] == [[4.0, 0.0], [3.0, -2.0], [1.0]]

# %% [markdown]
# That holds for any fully connected network, with any activation. Take one of four layers with random weights from the
# library, and compare all its gradients. One thing to mind: here a neuron is the unit, and holds the weights that lead
# *into* it. So its rows are this lecture's columns. Other lectures write it like that, too, and have
# $\delta^{l} (a^{l-1})^T$ where this one has $a\, \nabla_z^T$: the same numbers, transposed.


# %%
def sigma(z):
    return 1 / (1 + np.exp(-z))


model = MLP(3, [5, 4, 4, 1], "sigmoid", initial="xavier", seed=2)
weights = [np.array([[w.data for w in neuron.w] for neuron in layer.neurons]).T for layer in model.layers]
biases = [np.array([neuron.b.data for neuron in layer.neurons]) for layer in model.layers]
x = np.array([0.5, -1.0, 2.0])
z, a = evaluate(weights, biases, x, sigma)
by_weights, by_biases = backpropagate(weights, z, a, lambda z: sigma(z) * (1 - sigma(z)))

model(x).backward()
for layer, matrix, vector in zip(model.layers, by_weights, by_biases, strict=True):
    assert np.allclose([[w.grad for w in neuron.w] for neuron in layer.neurons], matrix.T, rtol=1e-12, atol=0)
    assert np.allclose([neuron.b.grad for neuron in layer.neurons], vector, rtol=1e-12, atol=0)

# %% [markdown]
# *It is not an algorithm you need to carry out by hand*, says the summary of the slides, *your NN library can do it for
# you*. So from here on it does.
#
# ## Part 2: Gradient descent
#
# ### Which way is down?
#
# The lecture leaves networks aside for a while and looks at a landscape:
#
# $$f(x, y) = e^{x^2 + y^2} + (x - 2)^2 + (y - 3)^2$$
#
# One would like to set its gradient to zero and solve. *Can we solve the system? Not in closed form.* The slide derives
# the gradient, and the engine can at least confirm that:


# %%
def f(x, y):
    return exp(x**2 + y**2) + (x - 2) ** 2 + (y - 3) ** 2


def gradient(point):
    """Return the gradient of f by the engine, as an array."""
    x, y = map(Value, point)
    f(x, y).backward()
    return np.array([x.grad, y.grad])


def slide(point):
    """Return the gradient of f as the slide derives it."""
    x, y = point
    return np.array([2 * x * np.exp(x**2 + y**2) + 2 * (x - 2), 2 * y * np.exp(x**2 + y**2) + 2 * (y - 3)])


for point in ((0.4, -0.3), (-1.0, 0.5), (0.0, 0.0)):
    assert np.allclose(gradient(point), slide(point), rtol=1e-12)
    assert all(comparison.agrees for comparison in check_gradient(f, *point))

# %% [markdown]
# What is it good for? Near a point $P$, $f$ looks like a plane, and the gradient says how that plane is tilted:
#
# $$f(P + \vec\delta) \approx f(P) + \vec\delta \cdot \vec\nabla f(P)$$
#
# Walk from $P = (0.4, -0.3)$ in some direction, and compare with the plane. Each time the step is ten times shorter,
# the error is a hundred times smaller:

# %%
P, direction = np.array([0.4, -0.3]), np.array([0.6, 0.8])
height = float(f(*P))
errors = []
for length in (0.1, 0.01, 0.001):
    delta = length * direction
    errors.append(float(f(*(P + delta))) - (height + delta @ gradient(P)))
    print(f"step {length:5}: the plane is off by {errors[-1]:.2e}")
assert math.isclose(errors[1] / errors[2], 100, rel_tol=0.1)

# %% [markdown]
# Now go around $P$ once, and measure how steeply $f$ rises in each direction, by nudging. The slides list four
# properties of the gradient, and all of them can be read from the one curve.

# %%
angles = np.radians(np.arange(361))
slopes = [(float(f(*(P + 1e-6 * np.array([np.cos(t), np.sin(t)])))) - height) / 1e-6 for t in angles]
dx, dy = gradient(P)
ascent = np.degrees(np.arctan2(dy, dx)) % 360
length = math.hypot(dx, dy)

figure, axes = plt.subplots(figsize=(5.8, 3))
axes.plot(np.degrees(angles), slopes, color="#0b5fa5")
axes.axhline(0, color="#b8c4ce", linewidth=1)
for turn, text in ((0, "∇f"), (90, "across"), (180, "−∇f"), (270, "across")):
    angle = (ascent + turn) % 360
    axes.axvline(angle, color="#b3400a", linestyle=":", linewidth=1.5)
    axes.annotate(text, (angle, length), xytext=(4, 2), textcoords="offset points", color="#b3400a")
axes.set(xlabel="direction from P, in degrees", ylabel="slope of f", xticks=range(0, 361, 90))
plt.show()

assert abs(np.degrees(angles[np.argmax(slopes)]) - ascent) <= 1  # steepest ascent: along the gradient
assert abs(np.degrees(angles[np.argmin(slopes)]) - (ascent - 180)) <= 1  # steepest descent: against it
assert math.isclose(max(slopes), length, rel_tol=1e-3)  # its length is the steepness
assert np.allclose(slopes, length * np.cos(angles - np.radians(ascent)), atol=1e-4 * length)  # so across it: 0

# %% [markdown]
# The curve is a cosine. Its top lies in the direction of the gradient and is as high as the gradient is long, its
# bottom lies opposite, and in the two directions across it $f$ does not change.
#
# ### Walking
#
# So walk against the gradient, a step of $\eta$ times its length, and again from there, until the steps are negligible.
# This is the code on the slide, under another name; only the gradient comes from the engine.


# %%
def slides_descent(
    gradient, x, learning_rate=.01,
    threshold=.1e-4
):  # fmt: skip
    while True:
        x_new = x - learning_rate * gradient(x)
        if np.linalg.norm(x - x_new) < threshold:
            break
        x = x_new
    return x


end = slides_descent(gradient, np.array([0.0, 0.0]))
print(f"({end[0]:.4f}, {end[1]:.4f})")
assert np.linalg.norm(end - [0.5477422094056488, 0.8216133141084733]) < 2e-4

# %% [markdown]
# `gradient_descent` is the same loop, takes $f$ itself, and keeps the way.

# %%
descent = gradient_descent(f, (0.0, 0.0), learning_rate=0.01, threshold=1e-5)
assert np.allclose(descent.point, end, rtol=1e-12)
assert math.isclose(descent.value, 9.505773952343153, abs_tol=1e-6)
assert (np.diff(descent.values) < 0).all()  # downhill all the way
descent

# %%
starts = [(-1, -1), (1, -1), (-1, 1)]
descents = [gradient_descent(f, start, learning_rate=0.02) for start in starts]
axes = plot_descent(f, descents, plt.subplots(figsize=(5.2, 5))[1], bounds=((-1.6, 1.6), (-1.2, 1.6)))
axes.set_aspect("equal")
axes.set_rasterization_zorder(2)  # the landscape as an image, to keep the file small
plt.show()
assert all(np.linalg.norm(descent.point - end) < 3e-4 for descent in descents)

# %% [markdown]
# All ends are one, because this $f$ is **convex**: a single bowl. (The steps here are twice as long as before.) Each
# way sets out at a right angle to the contour lines, for along them nothing changes.
#
# But look how gentle these starts are. From $(2, 2)$, where $e^8$ already makes the slope twelve thousand, the first
# step leads far out to where $f$ is no number any more. The error says so, and holds the way up to there:

# %%
try:
    gradient_descent(f, (2.0, 2.0))
except DescentError as error:
    message, way = str(error), error.descent
print(message)
assert way.points.tolist() == [[2.0, 2.0]]
assert gradient_descent(f, (2.0, 2.0), 1e-4, 1e-7, max_steps=50_000).converged  # what it advises

# %% [markdown]
# ### The learning rate
#
# How high each descent stands above the minimum, from the same start with four learning rates:

# %%
figure, axes = plt.subplots()
for rate in (0.001, 0.01, 0.03, 0.1):
    try:
        descent = gradient_descent(f, (-1.0, -1.0), rate, max_steps=60)
    except DescentError as error:
        descent = error.descent
    axes.plot(descent.values - 9.505773952343153, label=f"η = {rate}: {descent.steps} steps")
axes.set(xlabel="step", ylabel="f − its minimum", yscale="log", ylim=(1e-9, 1e6))
axes.legend()
plt.show()
assert descent.values[-1] > 100 * descent.values[0]

# %% [markdown]
# The smaller rates go steadily down, in the end on a straight line, for on this scale that means that each step takes
# away the same share of what is left. Ten times the rate needs a tenth of the steps; three times as much again is
# better still. But at 0.1 the first step jumps across the valley to a place that is steeper, the second back across it
# and far up the wall, and the third lands where $f$ overflows. The best rates lie not far below those that fail, which
# makes choosing one a matter of trial.

# %% [markdown]
# ### Convex or not
#
# *Gradient descent is guaranteed to find the optimum when the objective function is convex*, and *properly
# initialised*, as the slide's footnote adds, with a good word for our $(2, 2)$. Otherwise it finds the bottom of the
# valley in which it starts. This landscape has two, and the one on the left is deeper:


# %%
def two_valleys(x, y):
    return (x**2 - 1) ** 2 + 0.3 * x + 0.5 * y**2


starts = [(-2, 1), (-0.1, 1.5), (0.3, -1.5), (1.8, -1)]
descents = [gradient_descent(two_valleys, start, learning_rate=0.05, threshold=1e-4) for start in starts]
plot_descent(two_valleys, descents).set_rasterization_zorder(2)
plt.show()

bottoms = np.sort(np.roots([4, 0, -4, 0.3]).real)[[0, 2]]  # where 4x³ − 4x + 0.3 = 0, but for the ridge between
assert np.allclose([descent.point[0] for descent in descents], bottoms[[0, 0, 1, 1]], atol=1e-4)

# %% [markdown]
# Is that a worry for networks? Let us see. A network's **empirical risk** is the mean loss over the $n$ examples,
#
# $$R(\vec w) = \frac1n \sum_{i=1}^n \ell\big(H(\vec x^{(i)}; \vec w),\, y_i\big),$$
#
# and as a function of the weights it is *highly non-convex*. Train two hidden units on the four examples of XOR, from
# twelve random starts:

# %%
X, y = logic("xor")
figure, axes = plt.subplots()
risks = []
for seed in range(12):
    model = MLP(2, [2, 1], "tanh", initial="xavier", seed=seed)
    history = fit(model, X, y, loss=squared_error, optimizer=SGD(model.parameters(), 0.1), epochs=2000)
    axes.plot(history["loss"], color="#0b5fa5" if history.last("loss") < 0.01 else "#b3400a", linewidth=1.2)
    risks.append(history.last("loss"))
axes.set(xlabel="step", ylabel="empirical risk", ylim=(-0.02, 0.52), title="XOR from twelve starts")
plt.show()

stuck = [risk for risk in risks if risk > 0.01]
print(f"{len(stuck)} of 12 are stuck, at", *(f"{risk:.3f}" for risk in stuck))
assert 0 < len(stuck) < 12

# %% [markdown]
# The orange ones are stuck at a risk of about ⅛: two examples are right, and the other two get ½, which is wrong for
# both. *Solution depends on initialisation*, says the slide. Other ways to walk are the subject of `06_learning_rules`;
# more hidden units help, too.
#
# ### Error and blame
#
# Back to backpropagation, and to the question how the two ideas meet. For the square loss, the chain rule says of the
# gradient of the risk
#
# $$\nabla_{\vec w} R(\vec w) = \frac2n \sum_{i=1}^n \underbrace{\big(H(\vec x^{(i)}) - y_i\big)}_{\text{Error}}\;
#   \underbrace{\nabla_{\vec w} H(\vec x^{(i)}; \vec w)}_{\text{Blame}}$$
#
# The first factor says how wrong the network is about example $i$, the second how much each weight has to do with it.
# `gradient_table` gives both apart: with $H$ itself as the loss its columns are the blame. Here they are for one
# weight of a small network, the first into its first hidden unit:

# %%
X = np.array([-2.0, -1.2, -0.5, 0.3, 1.0, 2.2])
y = np.sin(1.5 * X)
model = MLP(1, [3, 1], "tanh", initial="xavier", seed=1)
error = predict(model, X) - y
blame = gradient_table(model, X, y, loss=lambda output, _: output).gradients  # a row for each weight
print("     x     error     blame   2 · error · blame")
for numbers in zip(X, error, blame[0], 2 * error * blame[0], strict=True):
    print("{:6.1f}{:10.4f}{:10.4f}{:16.4f}".format(*numbers))
print(f"their mean, which is the slope of R{np.mean(2 * error * blame[0]):9.4f}")

# %% [markdown]
# And that mean is what the engine finds when it differentiates the risk, for this weight and all the others:

# %%
risk = mean([(model(x) - target) ** 2 for x, target in zip(X, y, strict=True)])
risk.backward()
assert np.allclose([w.grad for w in model.parameters()], 2 / len(X) * blame @ error, rtol=1e-12)

# %% [markdown]
# An example without error changes nothing, however much a weight has to do with it. A weight without blame is not
# changed, however large the error. In the picture of a network the errors flow back along the lines, which is where
# *backpropagation of errors* has its name from. Below, the lines are the gradients for the second of these examples:

# %%
network(model, X[1], y=y[1], loss=squared_error, lines="gradients")

# %% [markdown]
# ### Vanishing gradients
#
# A network with many layers has a trouble of its own. On its way to the front, an error passes one factor $g'(z)$ in
# each layer. For the sigmoid that is at most ¼; for ReLU it is 1, or 0 where a node is shut:

# %%
figure, grid = plt.subplots(1, 2, figsize=(8, 2.8), sharey=True)
for axes, name in zip(grid, ("sigmoid", "relu"), strict=True):
    plot_activation(name, axes)
    axes.set_ylim(-0.1, 1.3)
plt.show()

# %% [markdown]
# So take two networks of eight hidden layers with ten nodes each. They have the same random weights, and differ in the
# activation alone. This is the size of each layer's gradient before they have learned anything:

# %%
X, y = circles(60, noise=0.05, seed=1)
loss = binary_cross_entropy_with_logits
models = {name: MLP(2, [10] * 8 + [1], name, initial="he", seed=0) for name in ("sigmoid", "relu")}
sizes = {name: GradientSizes(model, X, y, loss) for name, model in models.items()}
plot_gradients_by_layer(sizes)
plt.show()

for name, noted in sizes.items():
    first, last = noted.sizes[0][[0, -1]]
    print(f"{name:8} first layer {first:.1e}, last layer {last:.1e}, ratio {first / last:.1e}")
assert sizes["sigmoid"].sizes[0][0] < 1e-4 * sizes["sigmoid"].sizes[0][-1]
assert sizes["relu"].sizes[0][0] > 0.1 * sizes["relu"].sizes[0][-1]

# %% [markdown]
# With sigmoids the gradient shrinks in each layer, to between a half and an eighth of what it was, and only about a
# hundred-thousandth of it is left at the front. *If $\partial H/\partial w$ is always close to zero, $w$ is updated
# very slowly*: train both, and see.

# %%
figure, axes = plt.subplots()
runs = {}
for name, model in models.items():
    optimizer = SGD(model.parameters(), 0.1)
    runs[name] = fit(model, X, y, loss=loss, optimizer=optimizer, epochs=300, metrics="accuracy", progress=False)
    plot_history(runs[name], axes, label=name)
plt.show()

for name, history in runs.items():
    print(f"{name:8} loss {history.last('loss'):.4f}, accuracy {history.last('accuracy'):.0%}")
assert runs["sigmoid"].last("accuracy") < 0.6 < 0.95 < runs["relu"].last("accuracy")

# %% [markdown]
# *One mitigation: use ReLU instead of sigmoid.* The sigmoid network has learned nothing but how many examples there are
# of each class, for which the last bias suffices: its loss is that of a fair coin, $\ln 2 \approx 0.6931$.
#
# ## Part 3: Stochastic gradient descent
#
# The gradient of the risk is a mean of $n$ gradients, one for each example. *The number of training points $n$ can be
# very large*, and each step then costs $n$ gradients. The idea: choose at random a few examples, a **mini-batch** $B$,
# and take their gradient for that of all.
#
# ### What is in a batch
#
# Here are eight points and a model with one weight, $H(x) = w x$. On the slide, the stochastic gradient is
#
# $$\nabla R(\vec w) \approx \sum_{i \in B} \vec\nabla \ell\big(H(\vec x^{(i)}; \vec w),\, y_i\big).$$
#
# If that were so, it ought to be right at least when $B$ holds *all* the examples. Make the risk a gate whose
# derivative is this sum, and check it by nudging:

# %%
x8 = np.array([0.5, -1.5, 2.0, 1.0, -0.5, 1.5, -2.0, 0.8])
y8 = np.array([1.0, -0.2, 0.7, 1.9, -1.2, 2.2, -1.0, 0.1])


def risk8(w):
    return np.mean((w * x8 - y8) ** 2)


def slopes8(w):
    """Return the slope of each example's loss."""
    return 2 * (w * x8 - y8) * x8


misprint = gate(risk8, lambda w: (np.sum(slopes8(w)),), name="risk")
try:
    check_gradient(misprint, 0.2)
except GradientCheckError as error:
    message = str(error)
print(message)
assert message.startswith("the gradient of risk at (0.2) is not confirmed")

# %% [markdown]
# The sum is eight times too large, which is $|B|$: the slide lacks a factor $1/|B|$. It is easily overlooked, since it
# can be made up for by a smaller learning rate; only that this rate would then have to change with the batch size. With
# the mean over the batch the check agrees.

# %%
corrected = gate(risk8, lambda w: (np.mean(slopes8(w)),), name="risk")
assert all(comparison.agrees for comparison in check_gradient(corrected, 0.2))

# %% [markdown]
# So *choose a random subset*. Eight points have 255 subsets, few enough to look at all of them. Each dot below is the
# stochastic gradient of one batch, the line is the gradient of the risk itself:

# %%
full = np.mean(slopes8(0.2))
batches = {m: np.array([np.mean(batch) for batch in combinations(slopes8(0.2), m)]) for m in range(1, 9)}

figure, axes = plt.subplots()
for m, means in batches.items():
    axes.plot([m] * len(means), means, "o", color="#0b5fa5", alpha=0.25, markersize=5, rasterized=True)
axes.axhline(full, color="#b3400a", linewidth=1.5)
axes.set(xlabel="batch size $m$", ylabel="stochastic gradient", title="Every batch of eight points")
plt.show()

# %% [markdown]
# Two things can be read from it. For every batch size the dots lie around the line: over all batches, the mean of the
# stochastic gradient *is* the gradient. And they close in on it as batches grow. How fast is known exactly, too: with
# the variance $S^2$ of single examples, the variance over batches is $\frac{S^2}{m}\big(1 - \frac m8\big)$, for batches
# that are small beside the data about $S^2/m$. Four times as large a batch is four times the work, and halves the
# error.

# %%
variance = np.var(slopes8(0.2), ddof=1)
for m, means in batches.items():
    assert math.isclose(np.mean(means), full, rel_tol=1e-12)
    assert math.isclose(np.mean((means - full) ** 2), variance / m * (1 - m / 8), rel_tol=1e-9, abs_tol=1e-12)

# %% [markdown]
# You can choose the batch yourself. In the page below are the first four of the points, each with a switch $s_i$: at 1
# it is in the batch, at 0 it is not. Take one out, and see what becomes of the gradient of $w$.

# %%
w = parameter(0.2)
s1, s2, s3, s4 = switches = [Value(1) for _ in range(4)]
L = [(w * x_i - y_i).square() for x_i, y_i in zip(x8[:4], y8[:4], strict=True)]
R = dot(switches, L) / dot(switches, [1, 1, 1, 1])  # the sum of those in the batch, divided by how many they are
R.backward()
assert math.isclose(w.grad, np.mean(slopes8(0.2)[:4]), rel_tol=1e-12)
page(R, names=locals(), rankdir="TB", title="Who is in the batch?")

# %% [markdown]
# ### SGD
#
# Now the algorithm: *pick a starting point, a learning rate and a batch size; until convergence, sample a batch,
# compute the stochastic gradient, and update*. To be able to see the way, take least squares with two weights,
# $H(x) = w x + b$, and 200 noisy points.

# %%
draws = np.random.default_rng(3)
x200 = draws.normal(size=200)
y200 = 2 * x200 + 0.5 + 0.8 * draws.normal(size=200)


def sgd(m, eta, steps):
    """Return the points (w, b) that SGD with batches of m examples comes by."""
    w, b = parameter(-1.0), parameter(-1.5)
    optimizer, path = SGD([w, b], eta), [(w.data, b.data)]
    for _ in range(steps):
        batch = draws.choice(200, size=m, replace=False)
        optimizer.zero_grad()
        mean([(w * x200[i] + b - y200[i]).square() for i in batch]).backward()
        optimizer.step()
        path.append((w.data, b.data))
    return np.array(path)


# %% [markdown]
# Sixty steps with batches of one, of ten, and with all 200. The star is where the risk is least, as the closed formula
# of least squares has it.

# %%
best = np.linalg.lstsq(np.column_stack([x200, np.ones(200)]), y200, rcond=None)[0]
line = Neuron(1, "linear")
line.load_state_dict({"w0": best[0], "b": best[1]})

figure, grid = plt.subplots(1, 3, figsize=(9.6, 3.6), sharex=True, sharey=True)
for axes, m in zip(grid, (1, 10, 200), strict=True):
    plot_loss_surface(line, x200, y200, loss=squared_error, directions=("w0", "b"), span=3.6, ax=axes, resolution=15)
    axes.plot(*sgd(m, 0.05, steps=60).T, color="#b3400a", linewidth=1.2)
    axes.set_title(f"m = {m}: {60 * m:,} gradients")
    axes.set_rasterization_zorder(0.5)
plt.show()

# %% [markdown]
# With all 200 points the way is the smooth one of gradient descent. With ten it trembles, and gets there as well, for a
# twentieth of the work. With one it staggers; *the extreme case when $m = 1$ will still work*.
#
# *It is better to take many noisy steps quickly than few exact steps slowly.* To see that, compare after the same
# *work*. An epoch takes every example once, so it costs 200 gradients, whatever the batch size. The curves are how far
# the risk lies above the least possible:


# %%
def excess(size, rate):
    """Return how far the risk is above the least one after each epoch."""
    line = Neuron(1, "linear", seed=0)
    path, optimizer = WeightPath(line), SGD(line.parameters(), rate)
    options = {"epochs": 60, "batch_size": size, "callbacks": path, "progress": False}
    fit(line, x200, y200, loss=squared_error, optimizer=optimizer, **options)
    residuals = path.weights @ np.stack([x200, np.ones(200)]) - y200
    return np.mean(residuals**2, axis=1) - np.mean((best @ np.stack([x200, np.ones(200)]) - y200) ** 2)


figure, axes = plt.subplots()
curves = {f"m = {size or 200}": excess(size, 0.02) for size in (1, 10, None)}
curves["m = 1, rate falling"] = excess(1, schedules.exponential(0.02, factor=0.9995))
for name, curve in curves.items():
    axes.plot(curve, label=name)
axes.set(xlabel="epoch (200 gradients each)", ylabel="risk above the least", yscale="log")
axes.legend()
plt.show()
assert curves["m = 1"][1] < 0.1 * curves["m = 10"][1] < 0.1 * curves["m = 200"][1]
assert np.mean(curves["m = 10"][-30:]) < 0.1 * np.mean(curves["m = 1"][-30:])
assert curves["m = 1, rate falling"][-1] < 0.1 * np.mean(curves["m = 1"][-30:])

# %% [markdown]
# After one epoch, which for gradient descent is a single step, SGD with $m = 1$ is nearly there; and there it stays and
# trembles, because single examples keep disagreeing about where the minimum is. Larger batches come later and closer. A
# learning rate that falls as time goes by has both.
#
# *SGD allows learning on massive data sets*: the cost of a step does not depend on $n$. All of training is this loop
# with backpropagation in it, and in this library it is `fit(model, X, y, loss=…, optimizer=…, batch_size=…)`. In
# PyTorch and TensorFlow, which the last slide names, you will find the same words.

# %% [markdown]
# ## Exercises
#
# **1. With pencil.** In the network of the slide, let $\vec x = (-1, 3)^T$. Which nodes are open now? Compute $H$ and
# the gradient of $W^{(1)}$.
#
# <details>
# <summary>Solution</summary>
#
# $z^{(1)} = (-2 + 6,\; 3 + 3) = (4, 6)$, both open. $z^{(2)} = (2 \cdot 4 + 0 \cdot 6,\; 4 + 6) = (8, 10)$, both open,
# and $H = 3 \cdot 8 - 2 \cdot 10 = 4$. Back: $\nabla_z = (3, -2)$ in layer 2 as before, and in layer 1
# $(3 \cdot 2 - 2 \cdot 1,\; 0 - 2) = (4, -2)$, of which nothing is shut out this time. So
# $\nabla_{W^{(1)}} = \begin{pmatrix} -1 \cdot 4 & -1 \cdot (-2) \\ 3 \cdot 4 & 3 \cdot (-2) \end{pmatrix}$.
#
# ```python
# from autograd import Graph
#
# graph = Graph(H)
# x1.data, x2.data = -1.0, 3.0
# assert graph.forward() == 4.0
# for parameter_ in (W1_11, W1_12, W1_21, W1_22):
#     parameter_.grad = 0.0
# H.backward()
# assert [W1_11.grad, W1_12.grad, W1_21.grad, W1_22.grad] == [-4.0, 2.0, 12.0, -6.0]
# ```
# </details>

# %% [markdown]
# **2. When do we stop?** The loop stops when a *step* is shorter than the threshold. Descend on $f$ from $(0, 0)$ with
# $\eta = 10^{-2}$, $10^{-3}$, $10^{-4}$ and $10^{-5}$, and the threshold as it is. How far from the minimum does each
# end, and why? What would you compare with the threshold instead?
#
# <details>
# <summary>Solution</summary>
#
# The step is $\eta\, \lVert\nabla f\rVert$. With a small $\eta$ it is short where the slope is not: the loop stops at
# $\lVert\nabla f\rVert < 10^{-5} / \eta$, which for $\eta = 10^{-5}$ is a slope of 1. It is better to compare the
# gradient itself, or to make the threshold a multiple of $\eta$.
#
# ```python
# for eta in (1e-2, 1e-3, 1e-4, 1e-5):
#     descent = gradient_descent(f, (0, 0), eta, max_steps=50_000)
#     slope = np.linalg.norm(descent.gradients[-1])
#     distance = np.linalg.norm(descent.point - [0.5477422094056488, 0.8216133141084733])
#     print(f"η = {eta:g}: {descent.steps:6} steps, slope {slope:.1e}, distance {distance:.1e}")
#     assert descent.converged and slope < 1e-5 / eta
# assert distance > 0.05
# ```
# </details>

# %% [markdown]
# **3. The way out of the sigmoid's flats.** The weights of our deep networks were drawn by the rule called *he*, which
# suits ReLU. Since σ′ is about ¼ near 0, weights four times as large should keep a sigmoid network's gradients from
# vanishing. Try it, and then with weights eight times as large. Why is that no cure?
#
# <details>
# <summary>Solution</summary>
#
# ```python
# X, y = circles(60, noise=0.05, seed=1)
# for factor in (1, 4, 8):
#     model = MLP(2, [10] * 8 + [1], "sigmoid", initial="he", seed=0)
#     for w in model.weights():
#         w.data *= factor
#     noted = GradientSizes(model, X, y, loss).sizes[0]
#     print(f"{factor} times: first layer {noted[0]:.1e}, last layer {noted[-1]:.1e}")
# ```
#
# Four times as large helps much, eight times as large does not help more. Larger weights also make larger sums $z$, and
# there the sigmoid is flat: σ′ is ¼ only at 0, and with $z$ around 5 less than 0.007. The factor in each layer is a
# product of both, and cannot be made 1 for all nodes.
# </details>
