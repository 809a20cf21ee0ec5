# %% [markdown]
# # From one neuron to any number of layers
#
# How does one neuron learn, how do two layers, and how do $L$ of them? The answer is the same each time: a number
# $\delta$ for each neuron, which says how much the loss would rise with its input, times what came in. This page
# follows *Lecture 14: Backpropagation* (the slides name neither course nor author) in its notation: first one sigmoid
# neuron, then the recursion for $\delta$ through $L$ layers, then the network with one hidden layer once more, and
# what its hidden neurons see. At the end stands a question that the pictures of hidden neurons raise: which regions
# can a network mark, with one layer, with two, with three?
#
# Beside each formula that is derived by hand stands the engine, which knows none of them and finds the same numbers.
# In some places the slides have a misprint, and it finds those too.

# %%
import math
import os

import matplotlib.pyplot as plt
import numpy as np
from matplotlib_inline.backend_inline import set_matplotlib_formats

from autograd import Graph, check_gradient, dot, explain, gate, parameter, sigmoid, trace
from autograd.errors import GradientCheckError
from nn import (
    MLP,
    SGD,
    LogisticRegression,
    Neuron,
    Perceptron,
    ThresholdUnit,
    fit,
    half_squared_error,
    logic,
    predict,
    squared_error,
)
from nn.step_networks import collapse, edges, intersection, tangents, union
from viz import draw, network, page
from viz.plots import WeightPath, plot_activation, plot_decision, plot_loss_surface

os.environ["TQDM_DISABLE"] = "1"  # no progress bars; all runs here are short
set_matplotlib_formats("svg", dpi=40)  # of the coloured grounds; lines and letters are sharp at any size
plt.rcParams.update({"figure.figsize": (5.2, 3.4), "svg.fonttype": "none"})

# %% [markdown]
# ## A simple neural network
#
# A neuron weighs its inputs, adds a constant, and bends the sum by an **activation function** $\sigma$:
#
# $$\hat y = \sigma(\underline{x}^T \underline{w} + b)$$
#
# The slide has three examples: the logistic function $\sigma(z) = 1/(1 + e^{-z})$, tanh, and ReLU, $\max(0, z)$. What
# matters for learning is the dashed line, the derivative. Where it is zero, nothing is learned.

# %%
figure, panels = plt.subplots(1, 3, figsize=(8.4, 2.9))
for name, axes in zip(("sigmoid", "tanh", "relu"), panels, strict=True):
    plot_activation(name, axes, span=(-5, 5))
plt.show()

# %% [markdown]
# From here on $\sigma$ is the logistic function. How do we learn the weights? There are examples $\underline{x}_i$ with
# right answers $y_i$, and a loss, which is to become small:
#
# $$f(\underline w) = \frac1n \sum_{i=1}^n (y_i - \hat y_i)^2
#   \qquad \hat y_i = \sigma(z_i) \qquad z_i = \langle \underline x_i, \underline w \rangle + b$$
#
# **Stochastic gradient descent** does not ask all the examples before each step. At iteration $t$ it
#
# - chooses $i_t$ uniformly at random,
# - sets $\;\underline w^{(t+1)} = \underline w^{(t)} - \tau\,\nabla f_{i_t}(\underline w^{(t)})$ and
#   $\;b^{(t+1)} = b^{(t)} - \tau\,\nabla f_{i_t}(b^{(t)})$,
#
# with $f_i = (y_i - \hat y_i)^2$ the loss of one example, and $\tau$ the step size.
#
# ## What is the gradient?
#
# One example as a graph, with small numbers: $\underline w = (0.5, -1.5)$, $b = 0.25$, and $\underline x_i = (2, 1)$
# with $y_i = 1$. (The slides have letters only. These numbers are ours.)

# %%
neuron = trace(
    "z = x1 * w1 + x2 * w2 + b; y_hat = sigmoid(z); f = (y - y_hat) ** 2", x1=2, x2=1, w1=0.5, w2=-1.5, b=0.25, y=1
)
gradients = neuron.backward()
draw(neuron, rankdir="TB")

# %% [markdown]
# The chain rule follows the path from $f_i$ down to a weight:
#
# $$\frac{df_i}{dw_j} = \frac{df_i}{d\hat y_i} \cdot \frac{d\hat y_i}{dz_i} \cdot \frac{dz_i}{dw_j}
#   = \underbrace{2(\hat y_i - y_i) \cdot \hat y_i (1 - \hat y_i)}_{\textstyle \delta_i} \cdot\, x_{ij}$$
#
# The first two factors do not depend on $j$: they are the same for every weight, and so they get a name, $\delta_i$.
# All gradients of the neuron follow from this one number:
#
# $$\nabla f_i(\underline w) = \delta_i\,\underline x_i \qquad \nabla f_i(b) = \delta_i$$

# %%
node = {node.label: node for node in neuron.nodes}
y_hat = node["y_hat"].data
delta = 2 * (y_hat - 1) * y_hat * (1 - y_hat)
assert math.isclose(y_hat, 1 / (1 + math.exp(0.25)))
assert math.isclose(node["z"].grad, delta)  # δ is the gradient of z
assert math.isclose(gradients["w1"], delta * 2)
assert math.isclose(gradients["w2"], delta * 1)
assert math.isclose(gradients["b"], delta)
print(f"δ = {delta:.4f}")
print(explain(neuron, "w1"))

# %% [markdown]
# So in the graph δ is nothing new: it is the orange number in the box of $z$. Move the sliders, and watch it: make the
# neuron right, and it goes to zero; make it very sure and wrong (type $b = -10$), and it goes to zero as well, although
# there would be much to learn. (Where this page is shown without scripts, the picture above has to do.)

# %%
assert abs(neuron.forward({"b": 10})) < 1e-3
assert abs(neuron.backward()["b"]) < 1e-3
assert neuron.forward({"b": -10}) > 0.99  # as wrong as can be
assert abs(neuron.backward()["b"]) < 1e-3  # and yet no slope
neuron.forward({"b": 0.25})
page(neuron, title="One sigmoid neuron")

# %% [markdown]
# ## An aside, and a lost factor
#
# The slide proves $\sigma' = \sigma(1 - \sigma)$ in the margin. It begins well,
#
# $$\frac{d}{dz}(1 + e^{-z})^{-1} = (1 + e^{-z})^{-2}\,e^{-z}
#   = \frac{1}{1 + e^{-z}} \cdot \frac{e^{-z}}{1 + e^{-z}}$$
#
# and then its last line reads $\frac{1}{\sigma(z)} \cdot \frac{1 - \sigma(z)}{1 - \sigma(z)}$. That cannot be: the
# second fraction is 1, and $1/\sigma$ is larger than 1 everywhere. Give both to the gradient check.


# %%
def s(z):
    """Return the logistic function of a number."""
    return 1 / (1 + math.exp(-z))


margin = gate(s, lambda z: 1 / s(z) * (1 - s(z)) / (1 - s(z)), name="sigmoid")
try:
    check_gradient(margin, 0.3)
except GradientCheckError as error:
    message = str(error)
assert "argument 0" in message
print(message)

right = gate(s, lambda z: s(z) * (1 - s(z)), name="sigmoid")
assert all(comparison.agrees for comparison in check_gradient(right, 0.3))

# %% [markdown]
# The two fractions before are the answer already: the first is $\sigma$, the second $1 - \sigma$.
#
# ## Stochastic gradient descent
#
# Now let the neuron learn. To see whether it learns the right thing, let it have a teacher: a neuron with weights that
# we know answers 60 points, and ours is to find out what these weights are. At each iteration we check that the
# engine's gradient is $\delta_i\,\underline x_i$.

# %%
TEACHER = (1.5, -2.0, -1.0)  # w1, w2, b
X = np.random.default_rng(4).normal(size=(60, 2))
y = 1 / (1 + np.exp(-(X @ TEACHER[:2] + TEACHER[2])))

w, b, tau = [parameter(-1.0), parameter(1.0)], parameter(0.0), 2.0
rng = np.random.default_rng(0)
walk = []
for _ in range(1500):
    i = rng.integers(len(X))
    y_hat = sigmoid(dot(w, X[i], b))
    f = (y[i] - y_hat) ** 2
    f.backward()
    delta = 2 * (y_hat.data - y[i]) * y_hat.data * (1 - y_hat.data)
    assert np.allclose([w[0].grad, w[1].grad, b.grad], delta * np.array([*X[i], 1.0]))
    walk.append([w[0].data, w[1].data, b.data])
    for v in (*w, b):
        v.data -= tau * v.grad
        v.zero_grad()

print(f"w = ({w[0].data:.4f}, {w[1].data:.4f}), b = {b.data:.4f}")
assert np.allclose([w[0].data, w[1].data, b.data], TEACHER, atol=0.01)

# %% [markdown]
# It has found the teacher's weights, each step led by a single example. How does the way look? Here is the loss $f$
# over $w_1$ and $w_2$, for the teacher's $b$. The orange path follows the mean gradient of all the examples, the black
# one is the walk that we have just made.

# %%
pupil = Neuron(2, "sigmoid", initial=lambda *_: [-1.0, 1.0])
all_at_once = WeightPath(pupil)
fit(pupil, X, y, loss=squared_error, optimizer=SGD(pupil.parameters(), tau), epochs=1000, callbacks=all_at_once)
assert np.allclose([v.data for v in pupil.parameters()], TEACHER, atol=0.01)

axes = plot_loss_surface(
    pupil, X, y, loss=squared_error, directions=("w0", "w1"), path=all_at_once, span=3.2, resolution=25
)
axes.plot(*np.transpose(walk)[:2], color="black", linewidth=0.8)
axes.set(xlabel="$w_1$", ylabel="$w_2$")
axes.set_rasterization_zorder(0.5)
plt.show()

# %% [markdown]
# The walk trembles, since each example pulls in a direction of its own; but a step costs one example instead of sixty.
# Near the end the trembling ceases by itself, because the pupil can become right about *every* example. With noise in
# the answers it would go on, unless $\tau$ were made smaller and smaller.
#
# ## More generally: $L$ layers
#
# Now there are many neurons in layers. Write $\underline z^l$ for what goes into the neurons of layer $l$, and
# $\underline a^l$ for what comes out:
#
# $$\underline a^0 = \underline x \qquad \underline z^l = W^l \underline a^{l-1} + \underline b^l
#   \qquad \underline a^l = \sigma(\underline z^l) \qquad \hat{\underline y} = \underline a^L$$
#
# With $M^l$ neurons in layer $l$, the matrix $W^l$ has shape $M^l \times M^{l-1}$, and $W^l_{j,k}$ is the weight from
# neuron $k$ of layer $l - 1$ to neuron $j$ of layer $l$. The loss of an example is
# $f = \lVert \hat{\underline y} - \underline y \rVert^2$.

# %%
model = MLP(3, [4, 3, 2], "sigmoid", output_activation="sigmoid", seed=1)
x, target = [0.5, -1.0, 0.8], [1.0, 0.0]
f = squared_error(model(x), target)
f.backward()
network(model, x, y=target, loss=squared_error)

# %% [markdown]
# In each circle stand $a^l_j$, above, and $df/da^l_j$, below. Each neuron of the model holds a row of its layer's
# $W^l$; two functions collect them into arrays, or their gradients.


# %%
def weights_of(layer, what="data"):
    """Return W, or with "grad" its gradient."""
    return np.array([[getattr(w, what) for w in neuron.w] for neuron in layer.neurons])


def biases_of(layer, what="data"):
    """Return b, or with "grad" its gradient."""
    return np.array([getattr(neuron.b, what) for neuron in layer.neurons])


def matrices(model):
    """Return the W and the b of each layer; their first places stay empty, so that they count from 1."""
    return [None, *map(weights_of, model.layers)], [None, *map(biases_of, model.layers)]


W, b = matrices(model)
assert [w.shape for w in W[1:]] == [(4, 3), (3, 4), (2, 3)]
W[2].round(2)

# %% [markdown]
# The forward pass, in the letters of the lecture:


# %%
def forward(weights, biases, x):
    """Return the outputs of all layers, a⁰ = x first."""
    a = [np.array(x)]
    for level in range(1, len(weights)):
        z = weights[level] @ a[level - 1] + biases[level]
        a.append(1 / (1 + np.exp(-z)))
    return a


a = forward(W, b, x)
assert np.allclose(a[3], [output.data for output in model(x)])

# %% [markdown]
# ## The recursion
#
# As before, what is wanted of each neuron is one number, the slope of the loss in its total input:
# $\delta^l_j := df/dz^l_j$. If we had it, the rest would be easy, because $z^l_j$ is a sum of $W^l_{j,k}\,a^{l-1}_k$:
#
# $$\frac{df}{dW^l_{j,k}} = \frac{df}{dz^l_j}\frac{dz^l_j}{dW^l_{j,k}} = \delta^l_j\,a^{l-1}_k
#   \quad\Rightarrow\quad \nabla f(W^l) = \underline\delta^l\,(\underline a^{l-1})^T
#   \qquad\qquad \nabla f(\underline b^l) = \underline\delta^l$$
#
# In the last layer δ is what it was for one neuron. In the others, neuron $j$ acts on the loss through all neurons of
# the next layer, and gradients add at branches:
#
# $$\frac{df}{da^l_j} = \sum_k \frac{df}{dz^{l+1}_k}\frac{dz^{l+1}_k}{da^l_j} = \sum_k \delta^{l+1}_k W^{l+1}_{k,j}
#   = \left[(W^{l+1})^T \underline\delta^{l+1}\right]_j$$
#
# So each layer's δ comes from the next layer's:
#
# $$\underline\delta^l = \begin{cases}
#   \nabla f(\underline a^L) \odot \sigma'(\underline z^L) & l = L \\
#   \left((W^{l+1})^T \underline\delta^{l+1}\right) \odot \sigma'(\underline z^l) & l < L
# \end{cases}$$
#
# where $\odot$ multiplies element by element. For our loss,
# $\nabla f(\underline a^L) = 2(\underline a^L - \underline y)$.


# %%
def deltas(weights, a, y):
    """Return δ of all layers, computed from the last one back to the first; place 0 stays empty."""
    last = len(weights) - 1
    delta = [None] * (last + 1)
    delta[last] = 2 * (a[last] - y) * a[last] * (1 - a[last])
    for level in range(last - 1, 0, -1):
        delta[level] = (weights[level + 1].T @ delta[level + 1]) * a[level] * (1 - a[level])
    return delta


delta = deltas(W, a, target)
for level, layer in enumerate(model.layers, 1):
    assert np.allclose(np.outer(delta[level], a[level - 1]), weights_of(layer, "grad"), rtol=1e-12)
    assert np.allclose(delta[level], biases_of(layer, "grad"), rtol=1e-12)
    print(f"layer {level}: δ =", delta[level].round(4))

# %% [markdown]
# A few lines of array code, and they agree with the engine on all 39 parameters. The engine knows nothing of layers: it
# has the graph, in which the total input of each neuron is one node, that below its sigmoid. The gradients of these
# nodes *are* the δ, and the recursion is what the engine's walk back through the graph amounts to.

# %%
totals = [node.parents[0].grad for node in Graph(f).nodes if node.op.name == "sigmoid"]
assert np.allclose(totals, np.concatenate(delta[1:]), rtol=1e-12)
assert len(model.parameters()) == 39

# %% [markdown]
# Other lectures write $W_{i,j}$ for the weight *from* $i$ *to* $j$. Their matrix is the transpose of this one, and the
# formulas turn round with it: $W\,\underline\delta$ where we have $W^T \underline\delta$, and
# $\underline a\,\underline\delta^T$ for $\underline\delta\,\underline a^T$. Whoever mixes two books should look at the
# shapes first.

# %%
turned = [None, *(w.T for w in W[1:])]  # from i to j
assert np.allclose((turned[2] @ delta[2]) * a[1] * (1 - a[1]), delta[1])
assert np.allclose(np.outer(a[0], delta[1]), weights_of(model.layers[0], "grad").T)

# %% [markdown]
# ## The algorithm, and its indices
#
# The lecture then puts both passes into one algorithm. Its backward loop reads: for $l = L-1, L-2, \dots, 1$,
#
# $$\begin{aligned}
# \underline\delta^l &= [(W^{l+1})^T \underline\delta^{l+1}] \odot \sigma'(\underline z^l) \\
# \nabla f(W^{l+1}) &= \underline\delta^l\,(\underline a^{l+1})^T \\
# \nabla f(\underline b^{l+1}) &= \underline\delta^l
# \end{aligned}$$
#
# and then $W^{l+1}$ and $\underline b^{l+1}$ make their step. But a page earlier it was derived that $\nabla f(W^l) =
# \underline\delta^l (\underline a^{l-1})^T$ and $\nabla f(\underline b^l) = \underline\delta^l$. Shapes tell that
# something is wrong:

# %%
for level in (2, 1):
    claimed = np.outer(delta[level], a[level + 1]).shape
    print(f"l = {level}: W{level + 1} is {W[level + 1].shape}, and the gradient claimed for it is {claimed}")
    assert claimed != W[level + 1].shape

# %% [markdown]
# But shapes do not always help. In a network whose layers are all equally large everything fits, the program runs, and
# learns badly. There one has to nudge a weight and look what happens to the loss.

# %%
square = MLP(3, [3, 3, 3], "sigmoid", output_activation="sigmoid", seed=2)
W, b = matrices(square)
a = forward(W, b, x)
y_square = [1.0, 0.0, 1.0]
delta = deltas(W, a, y_square)

w = square.layers[1].neurons[0].w[1]  # one weight of W², from neuron 2 to neuron 1
start, h = w.data, 1e-6
w.data = start + h
above = squared_error(square(x), y_square).data
w.data = start - h
below = squared_error(square(x), y_square).data
w.data = start
nudged = (above - below) / (2 * h)

slide, derived = np.outer(delta[1], a[2])[0, 1], np.outer(delta[2], a[1])[0, 1]
print(f"nudging {nudged:.6f}, as derived {derived:.6f}, as in the algorithm {slide:.6f}")
assert math.isclose(derived, nudged, rel_tol=1e-6)
assert not math.isclose(slide, nudged, rel_tol=0.1)

# %% [markdown]
# There is a second slip: with $l$ going down from $L - 1$ to $1$, the steps are made for $W^L, \dots, W^2$, and $W^1$
# is never updated. Put right, the loop goes from $L$ to $1$, and layer $l$ takes $\underline\delta^l$ and $\underline
# a^{l-1}$. Here it is, for 30 examples one after the other; and `fit`, which computes the same from the model as it
# stands, arrives at the same weights.

# %%
rng = np.random.default_rng(6)
X, Y, tau = rng.normal(size=(30, 3)), rng.uniform(size=(30, 2)), 0.6

W, b = matrices(model)
for x_i, y_i in zip(X, Y, strict=True):
    a = forward(W, b, x_i)
    delta = deltas(W, a, y_i)
    for level in (3, 2, 1):
        W[level] = W[level] - tau * np.outer(delta[level], a[level - 1])
        b[level] = b[level] - tau * delta[level]

optimizer = SGD(model.parameters(), tau)
fit(model, X, Y, loss=squared_error, optimizer=optimizer, epochs=1, batch_size=1, shuffle=False)
for level, layer in enumerate(model.layers, 1):
    assert np.allclose(W[level], weights_of(layer), rtol=1e-9)
    assert np.allclose(b[level], biases_of(layer), rtol=1e-9)

# %% [markdown]
# (All δ are computed before any weight moves. On the way back $\underline\delta^{l}$ needs $W^{l+1}$ as it was in the
# forward pass.)
#
# ## Two layers, in other letters
#
# For those who find indices of layers hard to follow, the lecture says it once more for a network with one hidden
# layer. $W$ leads from the inputs to $M$ hidden nodes with outputs $\underline h_i$, and $V$ from there to the outputs
# $\hat{\underline y}_i$. The constants are weights too, of an input and a hidden node that are always 1: both sums
# begin at zero, $x_{i0} = h_{i0} = 1$.
#
# $$\hat y_{ik} = \sigma\Big(\sum_{m=0}^M v_{km}\;\sigma\Big[\sum_{j=0}^p w_{mj}\,x_{ij}\Big]\Big)$$
#
# Now δ belongs to the outputs, and what was δ of the first layer is called γ:
#
# $$\delta_{i,k} = 2(\hat y_{ik} - y_{ik})\,\hat y_{ik}(1 - \hat y_{ik}) \qquad
#   \gamma_{i,m} = \sum_k \delta_{i,k}\,v_{k,m}\,h_{i,m}(1 - h_{i,m})$$
#
# $$\frac{df_i}{dv_{k,m}} = \delta_{i,k}\,h_{i,m} \qquad \frac{df_i}{dw_{m,j}} = \gamma_{i,m}\,x_{ij}$$

# %%
two = MLP(2, [4, 2], "sigmoid", output_activation="sigmoid", seed=3)  # 2 inputs, M = 4, 2 outputs
W, V = (np.column_stack([biases_of(layer), weights_of(layer)]) for layer in two.layers)
x, y_i = np.array([1.0, 0.3, -0.7]), np.array([1.0, 0.0])  # x begins with the constant 1

h = np.array([1.0, *(1 / (1 + np.exp(-W @ x)))])
y_hat = 1 / (1 + np.exp(-V @ h))
delta = 2 * (y_hat - y_i) * y_hat * (1 - y_hat)
gamma = (V[:, 1:].T @ delta) * h[1:] * (1 - h[1:])

squared_error(two(x[1:]), y_i).backward()
first, second = two.layers
assert np.allclose(np.outer(delta, h), np.column_stack([biases_of(second, "grad"), weights_of(second, "grad")]))
assert np.allclose(np.outer(gamma, x), np.column_stack([biases_of(first, "grad"), weights_of(first, "grad")]))

# %% [markdown]
# For a whole matrix that is $V^{(t+1)} = V^{(t)} - \tau\,\underline\delta\,\underline h^T$ and $W^{(t+1)} = W^{(t)} -
# \tau\,\underline\gamma\,\underline x^T$. The slides have the factors the other way round, $\underline
# h\,\underline\delta^T$ and $\underline x\,\underline\gamma^T$. With $\underline V_k$ as a column, as a line above has
# it, each is right for one row; but the matrix then comes out transposed:

# %%
print(f"V is {V.shape}: δ hᵀ is {np.outer(delta, h).shape}, h δᵀ is {np.outer(h, delta).shape}")
assert np.outer(delta, h).shape == V.shape != np.outer(h, delta).shape
assert np.outer(gamma, x).shape == W.shape != np.outer(x, gamma).shape

# %% [markdown]
# A remark in the margin: if the loss is defined with a half, $f_i = \frac12(y_i - \hat y_i)^2$, the factor 2 is gone
# from every δ and so from every gradient. `nn` has both; $\tau$ then means something else by a factor of two.

# %%
whole = [v.grad for v in two.parameters()]
two.zero_grad()
half_squared_error(two(x[1:]), y_i).backward()
assert np.allclose([v.grad for v in two.parameters()], np.array(whole) / 2)

# %% [markdown]
# ## What the hidden nodes see
#
# Each hidden node is a neuron like the first one of this page: on one side of a **line in the input plane** it says
# yes, on the other no. "The first set of weights defines these intermediate linear classifiers; the second set lets us
# combine them", say the slides. Four clouds, with equal classes at opposite corners, are not for one line; three
# hidden nodes learn them by SGD. (With `batch_size=1`, `fit` takes one example at a time. It does not draw each one
# anew, but goes through all of them in random order, again and again; one such round is an **epoch**.)

# %%
X, y = logic("xor", n=60, noise=0.25, seed=1, inputs=(-1.0, 1.0))
model = MLP(2, [3, 1], "sigmoid", output_activation="sigmoid", initial="xavier", seed=0)
optimizer = SGD(model.parameters(), 1.0)
history = fit(model, X, y, loss=squared_error, optimizer=optimizer, epochs=200, batch_size=1, metrics="accuracy")
assert history.last("accuracy") == 1.0

hidden, output = model.layers
figure, panels = plt.subplots(1, 3, figsize=(8.4, 2.9), sharey=True)
for k, axes in enumerate(panels, 1):
    plot_decision(hidden.neurons[k - 1], X, y, axes).get_legend().remove()
    axes.label_outer()
    axes.set_xlabel(f"x₁   (in colour: h{k})")
plt.show()

# %% [markdown]
# Where is the line? Where $w_1 x_1 + w_2 x_2 + b = 0$ and so $h = \sigma(0) = \frac12$. Its nearest point to the origin
# is $-b\,\underline w / \lVert \underline w \rVert^2$; it runs at right angles to $\underline w$, which points to the
# side of the yes.

# %%
for neuron in hidden.neurons:
    w, b = np.array([v.data for v in neuron.w]), neuron.b.data
    point, along = -b * w / (w @ w), np.array([-w[1], w[0]])
    assert np.allclose(predict(neuron, point + np.outer([-2.0, 0.0, 2.0], along)), 0.5)
    assert neuron(point + 0.1 * w) > 0.5 > neuron(point - 0.1 * w)

# %% [markdown]
# And this is the combination, "a weighted sum of the $h_k$ and thresholding", with the three lines in it:

# %%
plot_decision(model, X, y, hidden=True)
plt.show()

# %% [markdown]
# ## Hidden nodes as features
#
# Look at it from the output's side. It never sees $\underline x$. It sees $\underline h$, three numbers for each point,
# and has only one line (here: a plane) to separate them by. So the first layer must have moved the points to where that
# can be done. The perceptron's learning rule tells: it comes to an end if, and only if, a line separates the classes.

# %%
features = predict(hidden, X)
assert features.shape == (60, 3)
assert np.allclose(predict(output, features), predict(model, X))
assert not Perceptron(2).fit(X, y, epochs=200).converged  # on the inputs it would go on for ever,
assert Perceptron(3).fit(features, y).converged  # on the features it comes to an end

# %% [markdown]
# When $M$ is small, the slides say, the $h_{i1}, \dots, h_{iM}$ "can be considered as latent low-dimensional features".
# To see it, hide the four clouds in ten dimensions: ten numbers for each point, in which the plane of the clouds lies
# askew, with some noise. A single neuron cannot tell the classes apart. A network with $M = 2$ hidden nodes can; and
# what it has made of the ten numbers are two, which one can draw.

# %%
rng = np.random.default_rng(8)
corners, y = logic("xor", n=60, noise=0.25, seed=3, inputs=(-1.0, 1.0))
plane = np.linalg.qr(rng.normal(size=(10, 10)))[0][:2]  # two directions at right angles
X = corners @ plane + 0.05 * rng.normal(size=(60, 10))

alone = LogisticRegression(10).fit(X, y, metrics="accuracy")
print(f"one neuron: {alone.last('accuracy'):.0%}")
assert alone.last("accuracy") < 0.75

model = MLP(10, [2, 1], "sigmoid", output_activation="sigmoid", initial="xavier", seed=0)
optimizer = SGD(model.parameters(), 1.0)
history = fit(model, X, y, loss=squared_error, optimizer=optimizer, epochs=200, batch_size=1, metrics="accuracy")
print(f"with two hidden nodes: {history.last('accuracy'):.0%}")
assert history.last("accuracy") == 1.0

hidden, output = model.layers
plot_decision(output, predict(hidden, X), y, features=("h₁", "h₂"))
plt.show()

# %% [markdown]
# The four clouds have become three: one class has been folded onto itself in a corner, so that both of its clouds lie
# on the same side of one straight line.
#
# ## Which regions can a network mark?
#
# Sharpen every $\sigma$ into a step, which is 0 or 1 and nothing between. Then a network marks a region of the plane,
# and depth decides which:
#
# | layers | the region | because |
# | --- | --- | --- |
# | 1 | a half-plane | one unit is one line |
# | 2 | a convex polygon | the output says *and*: on the inner side of all the lines |
# | 3 | any union of polygons | the third layer says *or* |
#
# The networks below are not trained. Their weights are written down from the corners: the hidden units are the edges,
# an *and* of $n$ inputs has weights 1 and threshold $n - \frac12$, an *or* the threshold $\frac12$.

# %%
half_plane = ThresholdUnit([1.0, -2.0], threshold=0.3)
polygon = intersection(edges([(-1.2, -1.0), (1.0, -1.4), (1.4, 0.6), (0.0, 1.5)]))
upright = [(-1.2, -1.4), (-0.6, -1.4), (-0.6, 1.4), (-1.2, 1.4)]
foot = [(-0.6, -1.4), (1.2, -1.4), (1.2, -0.8), (-0.6, -0.8)]
island = [(0.2, 0.0), (1.4, 0.2), (0.6, 1.2)]
several = union([edges(corners) for corners in (upright, foot, island)])
print(several)

figure, panels = plt.subplots(1, 3, figsize=(8.4, 2.9), sharey=True)
for marks, axes in zip((half_plane, polygon, several), panels, strict=True):
    plot_decision(marks, ax=axes, hidden=True, bounds=((-2, 2), (-2, 2))).get_legend().remove()
    axes.set_aspect("equal")
    axes.label_outer()
plt.show()

# %% [markdown]
# The dashed lines are the units of the first layer. Why can two layers with an *and* not do the L and the island? If
# two points are on the inner side of every line, so is the point midway between them: what the *and* marks is
# **convex**. The L is not. (With other weights at its output, a network of two layers can mark some other regions as
# well, but there is no simple rule which. With a third layer there is no need to ask.)

# %%
ends = [-0.9, 1.0], [0.9, -1.1]
middle = np.mean(ends, axis=0)
assert [several(end).data for end in ends] == [1.0, 1.0]
assert several(middle).data == 0.0

# %% [markdown]
# For the same reason one unit cannot do XOR: $(0, 0)$ and $(1, 1)$ have the same midpoint as $(0, 1)$ and $(1, 0)$, and
# it would have to lie on both sides of the line. Two lines and an *and* can: at least one, and not both.

# %%
different = intersection([((1, 1), 0.5), ((-1, -1), -1.5)])
assert [different(point).data for point in [(0, 0), (0, 1), (1, 0), (1, 1)]] == [0, 1, 1, 0]

# %% [markdown]
# **Layers alone do nothing.** It is the step, or the bend, between them that counts: linear layers in a row are one
# linear layer, since $W_2(W_1 \underline x + \underline b_1) + \underline b_2 = (W_2 W_1)\,\underline x + (W_2
# \underline b_1 + \underline b_2)$. Here are 249 parameters that can do no more than three:

# %%
deep = MLP(2, [8, 8, 8, 8, 1], activation="linear", seed=3)
flat = collapse(deep)
assert (len(deep.parameters()), len(flat.parameters())) == (249, 3)
for point in [(0.3, -0.7), (2.0, 1.5), (-4.0, 0.1)]:
    assert math.isclose(deep(point).data, flat(point).data, rel_tol=1e-9)

# %% [markdown]
# **A smooth edge is approached by more units.** A disc is no polygon, but a polygon with many edges is nearly a disc.
# What lies between is $n \tan(\pi/n) - \pi$ for $n$ tangents to the unit circle: twice as many units, a quarter of the
# error.

# %%
figure, panels = plt.subplots(1, 3, figsize=(8.4, 2.9), sharey=True)
for n, axes in zip((4, 8, 16), panels, strict=True):
    disc = intersection(tangents(n))
    plot_decision(disc, ax=axes, hidden=n < 16, bounds=((-1.5, 1.5), (-1.5, 1.5))).get_legend().remove()
    axes.add_patch(plt.Circle((0, 0), 1, fill=False, color="white", linestyle="--", zorder=3))
    axes.set_aspect("equal")
    axes.label_outer()
    axes.set_xlabel(f"x₁   ({n} units)")
plt.show()

errors = {n: n * math.tan(math.pi / n) - math.pi for n in (4, 8, 16, 32, 64)}
for n in (4, 8, 16, 32):
    print(f"{n:2} units: {errors[n]:.4f} too much, {errors[n] / errors[2 * n]:.2f} times as much as {2 * n} units")

# %% [markdown]
# Is the formula true of the network? Ask it at points just outside the circle, in rings of equal width:

# %%
radii, angles = 1 + (np.arange(400) + 0.5) * 0.00022, np.arange(300) * 2 * np.pi / 300
r, angle = (grid.ravel() for grid in np.meshgrid(radii, angles))
marked = predict(intersection(tangents(8)), np.stack([r * np.cos(angle), r * np.sin(angle)], axis=1)) == 1
measured = (r * 0.00022 * 2 * np.pi / 300)[marked].sum()
print(f"measured {measured:.4f}, by the formula {errors[8]:.4f}")
assert math.isclose(measured, errors[8], rel_tol=0.01)

# %% [markdown]
# Steps are good for building such networks and bad for training them: their slope is zero everywhere, so every δ is
# zero. That is what $\sigma$ is for. It is a step that one can look at from close by, where it has a slope.
#
# ## Exercises
#
# **1. Another activation.** Let the neuron of this page have $\sigma = \tanh$, whose derivative is $1 - \tanh^2$. What
# is $\delta_i$, written with $\hat y_i$? Compute it for $\underline w = (0.5, -1.5)$, $b = 0.25$, $\underline x = (2,
# 1)$ and $y = 1$, and check all gradients with the engine.
#
# <details>
# <summary>Solution</summary>
#
# $\delta_i = 2(\hat y_i - y_i)(1 - \hat y_i^2)$. Nothing else changes: the weights' gradients are still
# $\delta_i\,\underline x_i$.
#
# ```python
# y_hat = math.tanh(0.5 * 2 - 1.5 * 1 + 0.25)
# delta = 2 * (y_hat - 1) * (1 - y_hat**2)
# found = trace("(y - tanh(x1 * w1 + x2 * w2 + b)) ** 2", x1=2, x2=1, w1=0.5, w2=-1.5, b=0.25, y=1).backward()
# assert math.isclose(found["w1"], 2 * delta)
# assert math.isclose(found["w2"], delta)
# assert math.isclose(found["b"], delta)
# assert round(delta, 4) == -2.3405
# ```
# </details>

# %% [markdown]
# **2. All alike.** What happens to a network with one hidden layer if all its weights begin with the same number? Look
# at the formulas for δ and γ first, then train three hidden nodes on the XOR clouds, every weight starting at 0.3.
#
# <details>
# <summary>Solution</summary>
#
# All hidden nodes compute the same $h_m$. All $v_{k,m}$ of an output are the same, so all $\gamma_m$ are the same, and
# so are the steps of all rows of $W$ and all entries of $V$. The hidden nodes stay equal for ever: three of them are
# worth one, and draw one line. That is why weights begin at random.
#
# ```python
# alike = MLP(2, [3, 1], "sigmoid", output_activation="sigmoid", initial=lambda rng, nin, nout: [0.3] * nin)
# optimizer = SGD(alike.parameters(), 1.0)
# run = fit(alike, corners, y, loss=squared_error, optimizer=optimizer, epochs=100, batch_size=1, metrics="accuracy")
# rows = weights_of(alike.layers[0])
# assert np.allclose(rows, rows[0], rtol=1e-6)
# assert run.last("accuracy") < 0.8
# ```
# </details>

# %% [markdown]
# **3. A frame.** Build a network of step units that is 1 on a square frame, that is on $[-1, 1]^2$ without the hole
# $(-\frac12, \frac12)^2$. How many layers does it need?
#
# <details>
# <summary>Solution</summary>
#
# Three: the frame is not convex, but it is the union of four rectangles, which may overlap at the corners.
#
# ```python
# def box(left, bottom, right, top):
#     """Return the edges of a rectangle."""
#     return edges([(left, bottom), (right, bottom), (right, top), (left, top)])
#
# frame = union([box(-1, -1, 1, -0.5), box(-1, 0.5, 1, 1), box(-1, -1, -0.5, 1), box(0.5, -1, 1, 1)])
# assert [frame(p).data for p in [(0, 0), (0.75, 0), (0, -0.75), (-0.75, 0.75), (1.2, 0)]] == [0, 1, 1, 1, 0]
# plot_decision(frame, hidden=True, bounds=((-1.5, 1.5), (-1.5, 1.5)))
# plt.show()
# ```
#
# One could also take the outer square *and not* the inner one: an *and* of the outer square's four edges and one unit
# that says no inside the inner square. That too has three layers, since this unit is itself an *and* of lines.
# </details>
