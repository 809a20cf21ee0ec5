# %% [markdown]
# # From scalars to array code
#
# In `02_moons` every step of the training built eight thousand nodes, walked over them, and threw them away. Each node
# is a Python object that can be stopped at and looked into, and that is what this engine is for. It is also slow: a
# processor adds two numbers in less than a nanosecond, and Python takes hundreds to make a node of the sum.
#
# People who write networks in NumPy pay less, because one call to NumPy does the work of thousands of nodes. They pay
# in another coin: they must think in arrays, get every transpose right, and derive the backward pass by hand. This
# notebook is about having both. You write scalar code; `autograd.compile` turns it into the array code that a good
# NumPy programmer would have written, forward and backward. Then we open what it made, and read it to the last line.
#
# You should know what `backward()` does (`01_trace`) and what a training loop is (`02_moons`). No lecture asks for what
# follows, but two of them meet us on the way: the δ recursion in matrix form, and the gradient
# $\nabla_W f = 2\,q\,x^T$.

# %%
import textwrap
import timeit

import matplotlib.pyplot as plt
import numpy as np
from matplotlib_inline.backend_inline import set_matplotlib_formats

import autograd
from autograd import Graph, Value, check_gradient, dot, gate, log, mean, parameter, relu, sqrt, tanh, trace, where
from autograd.errors import CompileError, DomainError, InputError, NonFiniteError
from autograd.program.differentiate import differentiate  # this and the next four are rooms inside the compiler
from autograd.program.record import record
from autograd.program.straighten import straighten
from autograd.program.tape import ONE
from autograd.program.vectorise import vectorise
from nn import MLP, SGD, fit, hinge, moons
from viz import draw

set_matplotlib_formats("svg")

# %% [markdown]
# ## A first program
#
# Here is the first function of `01_trace` again, $f = (x + y)\,z$. `Graph.compile` makes a **program** of its graph. A
# program takes arrays where the graph took numbers: here two values of $x$, with one $y$ and one $z$ for both.

# %%
program = trace("(x + y) * z", x=-2, y=5, z=-4).compile()
results = program(x=[-2.0, 3.0], y=5.0, z=-4.0)
assert results.tolist() == [-12.0, -32.0]
results

# %% [markdown]
# The values that are computed together are called a **batch**, each of them a **sample**. Gradients work alike. Below,
# `reduce="sum"` asks for the gradient of $f$ summed over the batch, and `inputs=True` for the part of it that belongs
# to the inputs. Each $x$ has a gradient of its own, as in `01_trace` equal to $z$. But $y$ and $z$ are used once for
# each sample, and gradients add at branches: a batch is a branch with as many arms as it has samples.

# %%
total, _, (by_x, by_y, by_z) = program.value_and_grad(x=[-2.0, 3.0], y=5.0, z=-4.0, reduce="sum", inputs=True)
assert total == -12.0 - 32.0
assert by_x.tolist() == [-4.0, -4.0]
assert by_y == -4.0 - 4.0
assert by_z == (-2.0 + 5.0) + (3.0 + 5.0)

# %% [markdown]
# ## A neuron, twice
#
# The next example will take us through the whole compiler, so it is as small as it can be with something in it to
# compile: one tanh neuron with two inputs and its squared error.
#
# $$\text{loss}(x, y) = (\tanh(w_0 x_0 + w_1 x_1 + b) - y)^2$$

# %%
w0, w1, b = parameter(0.5, "w0"), parameter(-1.0, "w1"), parameter(0.25, "b")


def loss(x, y):
    """Return the squared error of the neuron for one sample: two inputs x and a target y."""
    return (tanh(w0 * x[0] + w1 * x[1] + b) - y) ** 2


one = loss([Value(1.0, label="x0"), Value(2.0, label="x1")], Value(1.0, label="y"))
one.backward()
draw(one, rankdir="TB")

# %% [markdown]
# Four samples give four such graphs, whose losses we average and whose gradients add up in the three parameters. This
# is the way of the earlier notebooks; it is called **eager**, because every operation is done at once when Python meets
# it.

# %%
X = np.array([[1.0, 2.0], [-1.0, 0.5], [0.0, -1.5], [2.0, 1.0]])
y = np.array([1.0, -1.0, 1.0, 0.5])

for p in (w0, w1, b):
    p.zero_grad()
mean_loss = sum(loss(point, target) for point, target in zip(X, y, strict=True)) / len(X)
mean_loss.backward()
print(f"loss {mean_loss.data:.6f}, gradient {w0.grad:.6f} {w1.grad:.6f} {b.grad:.6f}")

# %% [markdown]
# And this is the other way. `autograd.compile` takes the function, and for each of its arguments an example that shows
# how it is made: `x` is a list of two numbers, `y` a number. Which numbers does not matter.

# %%
program = autograd.compile(loss, [0.0, 0.0], 0.0)
value, gradient = program.value_and_grad(X, y)
print(f"loss {value:.6f}, gradient", *[f"{slope:.6f}" for slope in gradient])

assert program.parameters == [w0, w1, b]
assert np.isclose(value, mean_loss.data, rtol=1e-12)
assert np.allclose(gradient, [p.grad for p in program.parameters], rtol=1e-12)

# %% [markdown]
# The same numbers. A program hides nothing; here is all of it:

# %%
print(program.source)

# %% [markdown]
# Further down you will have no trouble reading that, and know why each line is where it is. Five stages lie between the
# function and this text, and we now go through them one after the other:
#
# ```text
# function ─ record ─> graph ─ straighten ─> tape ─ differentiate ─> tape ─ vectorise ─> groups ─ emit ─> source
# ```
#
# ## Record
#
# The function is called, once, with Values in the place of the examples' numbers. What it returns is an ordinary graph:
# the one in the picture above. Some of its leaves are inputs, which will be different for each sample. Leaves that
# existed before the call are parameters, in the order in which the function first meets them. All others are constants.
#
# Only what happened during that call exists for the compiler. It never sees the text of the function: loops have been
# walked through, classes and lists have been taken apart, and what remains is arithmetic.
#
# What if the function did something with the *example*, which will be wrong for other inputs? To find out, the compiler
# calls it twice more, with other numbers in inputs and parameters, and compares the graphs. Numbers that change where
# the function had no business to change them give it away.

# %%
seen = []


def watched(x):
    """Return w0 times x, and remember what x was."""
    seen.append(x.data)
    return w0 * x


autograd.compile(watched, 3.0)
assert len(seen) == 3
assert len(set(seen)) == 3  # three different numbers
assert program.stats.nodes == 14  # of the neuron's graph, its six leaves and the exponent 2 among them

# %% [markdown]
# ## Straighten
#
# A graph becomes a **tape**: a list of instructions, each a number computed from earlier ones. A program keeps its tape
# to itself, since nobody needs it to use a program. But the rooms of the compiler are ordinary modules, and here we
# walk into them. The first function below goes through the stages up to differentiation, the second one prints a tape.


# %%
def opened(function, *examples):
    """Return the tape of a function, forward and backward, and the instructions of its parameters' slopes."""
    recording = record(function, examples)
    leaves = {value: ("input", i) for i, value in enumerate(recording.inputs)}
    leaves |= {value: ("parameter", i) for i, value in enumerate(recording.leaves)}
    straight = straighten(recording.outputs, leaves)
    tape, parameters = straight.tape, [straight.tape.parameter(i) for i in range(len(recording.leaves))]
    shares = differentiate(straight, straight.outputs[0], parameters)
    return straight, [tape.lin(shares[p]) for p in parameters]


def tell(tape, start, stop, names):
    """Print some instructions of a tape; ``names`` has those that are not computed."""
    name = [names.get(i, f"t{i}") for i in range(len(tape.kinds))]
    for i in range(start, stop):
        kind, args = tape.kinds[i], tape.args[i]
        if kind in ("lin", "bsum"):  # its terms are (c, u, v): a number, and two instructions or ONE
            terms = [[f"{c:g}"] * (c != 1 or u == ONE) + [name[k] for k in (u, v) if k != ONE] for c, u, v in args]
            text = " + ".join(" · ".join(term) for term in terms).replace("+ -1 · ", "- ")
            print(f"{name[i]} = {'Σ over the batch of ' if kind == 'bsum' else ''}{text}")
        elif kind not in ("parameter", "input", "constant", "scalar"):
            print(f"{name[i]} = {kind}({', '.join(name[k] for k in args)})")


straight, slopes = opened(loss, [0.0, 0.0], 0.0)
tape, output = straight.tape, straight.outputs[0]
names = {tape.parameter(i): p.label for i, p in enumerate(program.parameters)}
names |= {tape.input(i): name for i, name in enumerate(("x0", "x1", "y"))}
names[tape.scalar("seed")] = "seed"
tell(tape, 0, straight.forward_length, names)

# %% [markdown]
# Six operations went in: two products, two sums, tanh, a difference and a square. Four instructions came out. Sums,
# differences, products, means and dot products are all of one kind, the **linear combination**
#
# $$z = \sum_k c_k\, u_k\, v_k,$$
#
# with numbers $c_k$ known now and factors $u_k, v_k$ known later. A sum inside a sum melts into the outer one, if
# nobody else needs it. So the neuron's weighted sum is one instruction, and its bias is nothing special: one more term,
# whose second factor is 1. What is computed twice is written once, and what nobody needs is not written.
#
# ## Differentiate
#
# Now the backward pass, which is the walk of `01_trace` with one difference: it does not compute gradients, it *writes
# instructions* that will. From $z = \sum c\,u\,v$, the operand $u$ receives $\bar z \cdot c\,v$, where $\bar z$ is the
# gradient of $z$. From tanh, the operand receives $\bar z$ times the derivative that stands in the engine's table of
# operations, the very text that eager `backward` uses:

# %%
row = one.parents[0].parents[0].op
print(row.name, row.formula, row.partials)
tell(tape, straight.forward_length, len(tape), names)

# %% [markdown]
# Read it from the top. `seed` is the gradient that the walk begins with, $\partial L/\partial\,\text{loss}_i$: $1/n$
# for the mean over $n$ samples, 1 for the sum. The square hands $2\,(\tanh s - y)$ down, which is multiplied by the
# slope of tanh, $1 - \tanh^2 s$. That product is $\delta$, the gradient of the weighted sum, and the three parameters
# receive $\delta x_0$, $\delta x_1$ and $\delta$.
#
# Something new has appeared in the last three lines. The instructions before them are computed for each sample; they
# *vary over the batch*. A parameter does not vary, and every sample has a share in its gradient, so the shares are
# added up. As we saw with $f = (x + y)\,z$, a batch is a branch.
#
# ## Vectorise
#
# Every instruction now runs either once, or once for each sample, and NumPy likes nothing better than to do the same
# thing many times. Here is the idea on which the rest depends:
#
# > Instructions of the same kind, at the same depth, that vary alike, do not depend on each other. So one array call
# > can do them all.
#
# Such a **group** gets one array for its results: one row for each instruction, one column for each sample. (That is
# the other way round than in most NumPy code, where samples are rows. Batch last, the results of a group lie side by
# side in memory, and a slice of an array is a block of neurons.) For one neuron most groups have a single row. (`lin`
# is the compiler's word for a linear combination, `bsum` for a sum over the batch.)

# %%
homes = {slope: i for i, slope in enumerate(slopes)}
layout = vectorise(tape, [output, *slopes], {"x": 2, "y": 1}, len(slopes), homes)
for group in layout.groups:
    print(f"{group.array.name:>8} <- {group.kind}: {', '.join(f't{i}' for i in group.ids)}")

assert len(layout.groups) == program.stats.array_calls == 10
assert sum(len(group.ids) for group in layout.groups) == program.stats.instructions == 12

# %% [markdown]
# The last group holds the three gradients, and has no array of its own: they are computed where they are wanted, in the
# gradient. And t8 is written over t7, because nobody needs the weighted sum once its tanh is known. Whoever writes
# NumPy by hand might do the same to save memory, and would have to remember what is still needed.
#
# ## Emit
#
# Finally each group is written as a line. Go back to the source, and find these in it.
#
# - `np.dot(w1, x, out=v1)` is t7, for all samples. There are three coefficients, $w_0, w_1, b$, and `w1` is a view of
#   them as a matrix with one row: `theta[0:3].reshape(1, 3)`, where `theta` is the array of all parameters. The array
#   `x` has *three* rows, made with `np.ones`; the inputs are copied to the first two. The last one stays 1, and so
#   **the bias is folded in**: one product of matrices is the whole affine map.
# - `np.tanh(v1, out=v1)` is t8. Then come $t_8 - y$, its square, twice itself, $1 - t_8^2$ (`one` is the number 1, as
#   an array, which NumPy takes more quickly), and $\delta$ in two products.
# - `np.dot(v8, a1, out=g1)` is the last group, all three sums over the batch. Written out, it is
#   $[\sum_i \delta_i x_{i0},\; \sum_i \delta_i x_{i1},\; \sum_i \delta_i \cdot 1]$, which is a matrix product too, with
#   the row of ones for the bias. `g1` is a view of the array `gradient`, so the result lands in its place.
#
# What stands above `run` is done once for a batch size: it makes the arrays and the views. In `run` nothing is
# allocated.
#
# To be sure that we have understood, here is the gradient again, in NumPy by hand:

# %%
points = np.vstack([X.T, np.ones(4)])
activation = np.tanh(np.array([[0.5, -1.0, 0.25]]) @ points)
delta = 2.0 * (activation - y) / 4 * (1.0 - activation**2)
assert np.allclose((delta @ points.T)[0], gradient, rtol=1e-12)

# %% [markdown]
# ## A layer is one product
#
# One neuron is a row times a matrix. Two neurons over the *same* inputs are two rows, so their weighted sums are one
# group, and its coefficients form a matrix. Nobody declares that matrix. It is discovered, because the two instructions
# share their factors $x_0, x_1$.
#
# M. Soleymani's slides, after CS231n, have the smallest example: $f = \lVert W x\rVert^2$ with a 2×2 matrix. We write
# it with four scalars and two dot products, and the code shows no matrix at all:

# %%
rows = [[parameter(0.1), parameter(0.5)], [parameter(-0.3), parameter(0.8)]]


def squared_norm(x):
    """Return ‖W x‖²."""
    return sum(dot(row, x) ** 2 for row in rows)


program = autograd.compile(squared_norm, [0.0, 0.0])
print(program.source[program.source.index("def run") :])

# %% [markdown]
# The first line is $q = W x$. The last one is the slide's $\nabla_W f = 2\,q\,x^T$, with $2q$ prepared in `v5` (times
# the seed, 1) and $x^T$ in `a3`; and a gradient has the shape of its variable. The numbers are those of the slide:

# %%
value, gradient, (by_x,) = program.value_and_grad([0.2, 0.4], inputs=True)
q = np.array([[0.1, 0.5], [-0.3, 0.8]]) @ [0.2, 0.4]
assert np.allclose(q, [0.22, 0.26])
assert np.isclose(value, 0.116)
assert np.allclose(gradient.reshape(2, 2), [[0.088, 0.176], [0.104, 0.208]])
assert np.allclose(gradient.reshape(2, 2), 2 * np.outer(q, [0.2, 0.4]))
assert np.allclose(by_x, [-0.112, 0.636])  # 2 Wᵀ q
gradient.reshape(2, 2)

# %% [markdown]
# ## The network of the two moons
#
# Now the model of `02_moons`: two inputs, two hidden layers of 16 ReLU neurons, and a score $s$. The picture folds each
# layer into a box; the whole graph has 404 values.

# %%
X, labels = moons(100, noise=0.1, seed=0)
y = 2.0 * labels - 1.0
model = MLP(2, [16, 16, 1], seed=1)


def hinge_loss(point, sign):
    """Return the hinge loss of the model for one point and its label, 1 or -1."""
    return (1 - sign * model(point)).relu()


draw(model([Value(1.0, label="x0"), Value(0.5, label="x1")]))

# %% [markdown]
# With the hinge loss $\max(0,\, 1 - y s)$ it makes a graph of 409 nodes. Here is what becomes of them:

# %%
program = autograd.compile(hinge_loss, [0.0, 0.0], 1.0)
stats = program.stats
print(f"{stats.nodes} nodes, {stats.instructions} instructions, {stats.array_calls} array calls")

straight, slopes = opened(hinge_loss, [0.0, 0.0], 1.0)
homes = {slope: i for i, slope in enumerate(slopes)}
layout = vectorise(straight.tape, [straight.outputs[0], *slopes], {"point": 2, "sign": 1}, len(slopes), homes)
for group in layout.groups:
    print(f"{group.array.name:>8} <- {len(group.ids):3} × {group.kind}")
assert len(layout.groups) == 19

# %% [markdown]
# That list is the network, as a person would have drawn it. The 16 weighted sums of the first layer, the 16 maxima with
# zero, the next layer, the score, the hinge; then backward, 17 gradients of the last layer's weights and bias, 272 of
# the middle layer, 48 of the first. (A relu's slope is 1 where its result is not 0, hence `not_equal`; it is computed
# as soon as it can be.) Over five hundred scalar instructions, in nineteen groups. And their source:

# %%
print(program.source)

# %% [markdown]
# Three matrix products lead forward, one for each layer:
#
# | line | what it is | shapes, for $n$ samples |
# | --- | --- | --- |
# | `np.dot(w1, point, out=a1)` | $z^1 = W^1 a^0 + b^1$ | (16, 3) · (3, n) |
# | `np.maximum(a1, zero, out=a1)` | $a^1 = \max(0, z^1)$, in place | (16, n) |
# | `np.dot(w2, v1, out=a2)` | $z^2 = W^2 a^1 + b^2$ | (16, 17) · (17, n) |
# | `np.maximum(a2, zero, out=a2)` | $a^2 = \max(0, z^2)$ | (16, n) |
# | `np.dot(w3, v3, out=v6)` | the scores $s = W^3 a^2 + b^3$ | (1, 17) · (17, n) |
#
# `a1` is `v1` without its last row. So the first layer's activations are written to the upper 16 rows of `v1`, and the
# next layer reads all 17 of them, the last of which is 1: its bias. The margin $1 - y s$ takes two calls, the hinge
# one.
#
# Backward, δ is a letter that you may know. *Lecture 14, Backpropagation* calls $\delta^l = df/dz^l$, and derives
#
# $$\delta^l = ((W^{l+1})^T \delta^{l+1}) \odot \sigma'(z^l), \qquad
#   \nabla f(W^l) = \delta^l (a^{l-1})^T, \qquad \nabla f(b^l) = \delta^l.$$
#
# Here they are, discovered line by line from scalar chain rules:
#
# | line | what it is |
# | --- | --- |
# | `np.multiply(v10, -seed, …)`, `np.multiply(v11, sign, …)` | $\delta^3 = -y/n$ where the hinge is not content |
# | `np.dot(v11, a3, out=g1)` | $\nabla W^3 = \delta^3 (a^2)^T$, and the bias with it |
# | `np.dot(w4, v11, out=v13)`, `np.multiply(v13, v7, out=v13)` | $\delta^2 = (W^3)^T \delta^3 \odot [a^2 \ne 0]$ |
# | `np.dot(v13, a4, out=g2)` | $\nabla W^2 = \delta^2 (a^1)^T$, and the biases |
# | `np.matmul(w5, v13, out=v16)`, `np.multiply(v16, v4, out=v16)` | $\delta^1 = (W^2)^T \delta^2 \odot [a^1 \ne 0]$ |
# | `np.dot(v16, a5, out=g3)` | $\nabla W^1 = \delta^1 (a^0)^T$, and the biases |
#
# Two details show the care of it. `w5` is $(W^2)^T$ *without* the biases: on the way back nobody asks for the gradient
# of the row of ones. And it is a view, `theta[48:320].reshape(16, 17)[:, :16].T`: transposed and cut, and not a single
# number has been copied.
#
# If the lines of the text are right, they can be counted: three products forward, two for δ, three for the gradients.

# %%
source = program.source
assert source.count("np.dot(") + source.count("np.matmul(") == 3 + 2 + 3
assert program.stats.array_calls == 20
assert "w5 = theta[48:320].reshape(16, 17)[:, :16].T" in source
assert "v1 = np.ones((17, n))" in source
assert "np.take" not in source  # nothing is gathered from elsewhere

# %% [markdown]
# ## Why theta is one array
#
# The parameters are 337 Values, each an object of its own. The program keeps their numbers in a single array,
# `program.theta`, in the order in which the function first used them: a neuron's weights, its bias, then the next
# neuron. In that order every layer is a rectangle, so its matrix is a window onto `theta`, and its gradient a window
# onto `gradient`. Here are the windows; the last column of each is the biases, which begin at 0.

# %%
windows = {"w1": (0, 16, 3), "w2": (48, 16, 17), "w3": (320, 1, 17)}
ratios = {"height_ratios": [1, 7], "width_ratios": [1.4, 4, 4]}
figure, axes = plt.subplot_mosaic([["theta"] * 3, [*windows]], figsize=(7.6, 3.6), **ratios)
colours = {"cmap": "RdBu_r", "vmin": -1, "vmax": 1}
axes["theta"].imshow(program.theta[None], aspect="auto", **colours)
axes["theta"].set(title="theta: 337 numbers in a row", yticks=[], xticks=[0, 48, 320])
for name, (start, height, width) in windows.items():
    block = program.theta[start : start + height * width].reshape(height, width)
    axes["theta"].axvline(start - 0.5, color="black", linewidth=0.8)
    axes[name].imshow(block, **colours)
    axes[name].set(title=f"{name}: {height} × {width}", xticks=[0, width - 1], yticks=[0, height - 1][:height])
plt.show()

# %% [markdown]
# The order does not matter for the results. You may say with `parameters=` which Values are to be learned and in which
# order, and gradients come in that order. But with the order reversed no layer is a window any more: weights are copied
# into matrices first, and gradients out of them at last, in six more calls.

# %%
backwards = autograd.compile(hinge_loss, [0.0, 0.0], 1.0, parameters=program.parameters[::-1])
assert np.allclose(backwards.value_and_grad(X, y)[1][::-1], program.value_and_grad(X, y)[1], atol=1e-14)
assert "w1.flat[index1] = theta[index2]" in backwards.source
assert backwards.stats.array_calls == program.stats.array_calls + 6

# %% [markdown]
# One array has more to be said for it. An optimiser is a formula on arrays; it need not know that there are layers. A
# gradient step is `theta -= rate * gradient`. And two gradients are compared, added or clipped as one thing.
#
# ## Twice as wide, as many calls
#
# The number of groups is the depth of the computation, not its size. So a wider network has more instructions, but as
# many array calls, only larger ones:

# %%
table = ["width   parameters   nodes   instructions   array calls"]
for width in (4, 8, 16, 32):
    wider = MLP(2, [width, width, 1], seed=1)
    program_of_wider = autograd.compile(lambda point, sign, net=wider: (1 - sign * net(point)).relu(), [0.0, 0.0], 1.0)
    stats = program_of_wider.stats
    table += [f"{width:5}{len(wider.parameters()):13}{stats.nodes:8}{stats.instructions:15}{stats.array_calls:14}"]
    assert stats.array_calls == 20
print("\n".join(table))

# %% [markdown]
# ## Is it right?
#
# Between the scalars and the source lie three thousand lines of compiler, and a compiler that is wrong is worse than
# none. So ask. `program.check` takes a batch, runs every sample through the recorded Values, forward and backward, and
# returns the largest difference to the program's results.

# %%
assert program.check(X, y) < 1e-12

# %% [markdown]
# It is not exactly 0, and need not be. A matrix product may add its terms in another order than a walk over the graph
# does, and rounding then differs in the sixteenth digit.
#
# That compares the program with the eager engine. Is the *eager engine* right? The gradient check of `01_trace` says
# so, by nudging; here for the neuron, at its first sample, as a function of its three parameters:

# %%
for comparison in check_gradient(lambda w0, w1, b: (tanh(w0 * 1.0 + w1 * 2.0 + b) - 1.0) ** 2, 0.5, -1.0, 0.25):
    assert comparison.agrees

# %% [markdown]
# And nothing keeps us from nudging the program itself. `theta` is live: write to it, and the next call computes with
# the new numbers. We nudge all 337 parameters at once, in some direction $d$. If the gradient is right, the loss
# changes by $\text{gradient} \cdot d$, and 337 slopes have passed one test.

# %%
value, gradient = program.value_and_grad(X, y)
start = program.theta.copy()
direction = np.cos(np.arange(337))
nudge = 1e-6
program.theta = start + nudge * direction
above, _ = program.value_and_grad(X, y)
program.theta = start - nudge * direction
below, _ = program.value_and_grad(X, y)
program.theta = start
assert np.isclose((above - below) / (2 * nudge), gradient @ direction, rtol=1e-6)

# %% [markdown]
# ## How fast?
#
# Against what should it be measured? Against the eager step, and against what people write when they leave scalars
# behind. This is the second one, batch first, forward and backward derived on paper:


# %%
def by_hand(layers, x, y):
    """Return the mean hinge loss and, for each layer, its gradients: the network in NumPy, as people write it."""
    (w1, b1), (w2, b2), (w3, b3) = layers
    z1 = x @ w1.T + b1
    h1 = np.maximum(z1, 0)
    z2 = h1 @ w2.T + b2
    h2 = np.maximum(z2, 0)
    s = (h2 @ w3.T + b3)[:, 0]
    margin = 1 - y * s
    ds = np.where(margin > 0, -y / len(x), 0.0)[:, None]
    dz2 = (ds @ w3) * (z2 > 0)
    dz1 = (dz2 @ w2) * (z1 > 0)
    gradients = [(dz1.T @ x, dz1.sum(0)), (dz2.T @ h1, dz2.sum(0)), (ds.T @ h2, ds.sum(0))]
    return np.maximum(margin, 0).mean(), gradients


blocks = [program.theta[i : i + rows * columns].reshape(rows, columns) for i, rows, columns in windows.values()]
layers = [(block[:, :-1].copy(), block[:, -1].copy()) for block in blocks]
hand_value, hand_gradients = by_hand(layers, X, y)
assert np.isclose(hand_value, value, rtol=1e-12)
assert np.allclose(np.concatenate([np.column_stack(pair).ravel() for pair in hand_gradients]), gradient, atol=1e-14)

# %% [markdown]
# These lines are not hard, but each is a chance for a mistake, and a new activation or loss means new ones. Now the
# contest, on this machine, while this page is made. The two ways of array code take turns, so that a busy moment hits
# both, the best of many rounds counts, and we state only what will hold on yours, too:


# %%
def eager_step():
    """Find the gradient of the mean loss as in 02_moons."""
    mean_loss = sum(hinge_loss(point, sign) for point, sign in zip(X, y, strict=True)) / len(X)
    model.zero_grad()
    mean_loss.backward()


def seconds(steps, rounds, times):
    """Return how long each step takes at best, over rounds in which they take turns."""
    taken = [[timeit.timeit(step, number=times) for step in steps] for _ in range(rounds)]
    return np.min(taken, axis=0) / times


steps = [lambda: program.value_and_grad(X, y), lambda: by_hand(layers, X, y)]
compiled, hand = seconds(steps, rounds=200, times=10)
(eager,) = seconds([eager_step], rounds=10, times=1)
assert eager > 100 * compiled
assert hand > compiled

# %% [markdown]
# More than a hundred times faster than eager, and faster than NumPy by hand. For exact figures one measures with more
# care; `benchmarks/program.py` does, and writes `benchmarks/results/program.md`. There the training step of `02_moons`
# (this loss, and the penalty on the weights) took, on one thread:
#
# | | µs | against NumPy by hand |
# | --- | ---: | ---: |
# | NumPy, by hand | 57 | 1.0 |
# | NumPy, by hand, as a compiler could write it | 25 | 0.4 |
# | **this program** | **26** | **0.5** |
# | JAX, compiled with `jit` | 63 | 1.1 |
# | PyTorch, eager | 300 | 5.3 |
# | micrograd | 414,000 | 7,300 |
#
# How can a program be faster than the NumPy that it consists of? By what the second line of the table has, too: no
# array is made during a step, biases cost no call of their own, results overwrite what is no longer needed, gradients
# are computed where they belong. All that can be written by hand. It is only that nobody does.
#
# The advantage lies in small and middling work, where calls and memory count. With large matrices the time goes into
# the products themselves, and those are the same for everybody.

# %% [markdown]
# ## A penalty, computed once
#
# The loss of `02_moons` had a second term, $\lambda \sum_j \theta_j^2$. Write it into the function, as if each sample
# paid it; the mean over the batch leaves it as it is. Since it does not vary over the batch, the compiler computes it
# once. The 337 squares are even one linear combination $\sum_j \theta_j \theta_j$, a product of theta with itself:


# %%
def loss_with_penalty(point, sign):
    """Return the hinge loss and the penalty on all parameters."""
    return hinge_loss(point, sign) + 1e-4 * sum(p * p for p in model.parameters())


penalised = autograd.compile(loss_with_penalty, [0.0, 0.0], 1.0)
assert "np.dot(theta, theta, out=" in penalised.source
print(penalised.stats.nodes, "nodes,", penalised.stats.array_calls, "array calls")

penalised_value, penalised_gradient = penalised.value_and_grad(X, y)
assert np.isclose(penalised_value, value + 1e-4 * (start @ start), rtol=1e-12)
assert np.allclose(penalised_gradient, gradient + 2e-4 * start, atol=1e-15)

# %% [markdown]
# ## Batches of any size
#
# The source says `n`. The first call with a new number of samples makes arrays for it (those of the last few sizes are
# kept); nothing is compiled again. A call without a batch axis is one sample. An argument without one counts for all
# samples. What does not fit is refused by name:

# %%
scores = autograd.compile(model, [0.0, 0.0])
assert scores(X).shape == (100,)
assert scores(X[:7]).shape == (7,)
assert isinstance(scores(X[0]), float)
assert np.isclose(scores(X[0]), model(X[0]).data, rtol=1e-12)
assert program(X, 1.0).shape == (100,)  # one label for all points

try:
    program(X, y[:99])
except InputError as error:
    print(error)

# %% [markdown]
# ## Training
#
# A program computes with `theta` and with nothing else. It takes the Values' numbers when it is compiled; afterwards
# `read()` fetches them and `write()` puts them back, and nothing moves unasked. In between, training is arithmetic on
# two arrays. An optimiser's `update` returns the new `theta`:

# %%
optimizer = SGD(program.parameters, learning_rate=0.5)
losses = []
for _ in range(300):
    value, gradient = program.value_and_grad(X, y)
    program.theta = optimizer.update(program.theta, gradient)
    losses.append(value)

assert program.parameters[0].data == start[0]  # the Values know nothing of it yet
program.write()
assert program.parameters[0].data == program.theta[0] != start[0]
print(f"loss {losses[0]:.4f} at the start, {losses[-1]:.4f} at the end")
assert losses[-1] < 0.01

# %% [markdown]
# The loss has become 0: every point lies beyond its margin, and the hinge is content. The model is still the plain
# function of scalars that it was. What `scores` computes with is its own `theta`, so tell it to read. Then let it
# colour the plane: 40,000 points, in one call.

# %%
scores.read()
across, up = np.linspace(-1.6, 2.6, 200), np.linspace(-1.2, 1.7, 200)
grid = np.stack(np.meshgrid(across, up), axis=-1)
heights = scores(grid.reshape(-1, 2)).reshape(200, 200)

figure, axes = plt.subplots()
axes.contourf(across, up, heights, [-99, 0, 99], colors=["#c3dcf0", "#fad4ba"])
axes.contour(across, up, heights, [-1, 0, 1], colors="black", linewidths=[0.5, 1.4, 0.5], linestyles="solid")
for label, marker, colour in ((-1, "o", "#0b5fa5"), (1, "s", "#b3400a")):
    axes.scatter(*X[y == label].T, s=22, marker=marker, color=colour, edgecolors="white", linewidths=0.6)
axes.set(title="The score's sign, and where it is -1, 0 and 1", xlabel="$x_0$", ylabel="$x_1$", aspect="equal")
plt.show()
assert np.all((scores(X) > 0) == (y > 0))

# %% [markdown]
# Whoever calls `fit` trains in just this way without seeing it. It compiles the model with the loss, runs such a loop,
# and writes the weights back. From the same start, with the same optimiser, all weights are the same to the last bit:

# %%
twin = MLP(2, [16, 16, 1], seed=1)
history = fit(twin, X, y, loss=hinge, optimizer=SGD(twin.parameters(), 0.5), epochs=300, progress=False)
assert history.path == "compiled"
assert [p.data for p in twin.parameters()] == program.theta.tolist()
assert np.allclose(history["loss"], losses, rtol=1e-12)

# %% [markdown]
# ## What cannot be compiled
#
# A program is one fixed list of array calls. What the function does must not depend on the numbers it is given, or else
# the program would do for ever what was right for the example. Such functions are refused, with the line and the
# remedy.


# %%
def refusal(function, *examples):
    """Return why a function cannot be compiled."""
    try:
        autograd.compile(function, *examples)
    except CompileError as error:
        return textwrap.fill(str(error), 100)


def leaky(x):
    if x > 0:
        return x
    return 0.1 * x


print(refusal(leaky, 1.0))

# %% [markdown]
# An `if` asks for one answer, and a batch has many. `where` computes both sides and takes for each sample the right
# one:

# %%
program = autograd.compile(lambda x: where(x > 0, x, 0.1 * x), 1.0)
assert program([-2.0, -1.0, 0.0, 3.0]).tolist() == [-0.2, -0.1, 0.0, 3.0]

# %% [markdown]
# A number that gets into the graph from elsewhere: `.data` of a Value, or a random draw. Neither leaves a trace in a
# graph, but the second and third call find a constant that has changed. (The remedy for random numbers is to make them
# an argument. `nn`'s `Dropout` does that: its masks come in with the batch.)

# %%
generator = np.random.default_rng(0)
for function in (lambda x: x * x.data, lambda x: x + generator.normal()):
    message = refusal(function, 1.0)
    assert "used the constant" in message
    assert "takes .data of a Value" in message
    assert "draws random numbers" in message.replace("\n", " ")

# %% [markdown]
# And a gate with methods of its own, since Python code cannot be turned into array code:


# %%
@gate
class Cube:
    def forward(self, x):
        self.x = x
        return x**3

    def backward(self, dz):
        return 3 * self.x**2 * dz


print(refusal(lambda x: Cube(w0 * x), 1.0))

# %% [markdown]
# Given as formula and derivative, `operation("cube", "x ** 3", "3 * x ** 2")`, it would be a row of the table like
# tanh, and would compile.
#
# `fit` takes such a model nevertheless. It trains eagerly, sample by sample, and says why:

# %%
history = fit(MLP(2, [3, 1], activation=Cube, seed=0), X, y, loss=hinge, epochs=1, progress=False)
assert history.path == "eager"
assert "'Cube' cannot be compiled" in history.why

# %% [markdown]
# One thing slips through. A branch on `.data` that all three calls take in the same direction looks like no branch.
# `check` cannot find it either, because it compares with the recorded graph. So keep `.data` out of functions that you
# compile:


# %%
def far(x):
    return 2 * x if x.data > 1000 else x


program = autograd.compile(far, 1.0)
assert far(Value(5000.0)).data == 10000.0
assert program([5000.0]).tolist() == [5000.0]  # what was recorded, and not what the function says

# %% [markdown]
# ## Numbers that go wrong
#
# Eager code is Python: `log(-1)` is an error, at once, at the place where it happens. Array code follows the rules of
# IEEE-754, as NumPy does: log(−1) is nan ("not a number"), log(0) is −∞, and everything goes on. For a batch that is
# the better rule; one bad sample should not cost the results of all the others.

# %%
p = parameter(1.0, "p")
try:
    log(p * Value(-1.0, label="x"))
except DomainError as error:
    print(error)

program = autograd.compile(lambda x: log(p * x), 1.0)
results = program([1.0, -1.0, 0.0])
assert results[0] == 0.0
assert np.isnan(results[1])
assert results[2] == -np.inf

# %% [markdown]
# But nan spreads: one of them in a mean makes the mean nan, then the gradient, then with the next update every weight.
# When that has happened, ask with `nonfinite="raise"`. The program looks for the first operation that made a nan or an
# infinity from healthy operands, and for the sample:

# %%
try:
    program([1.0, -1.0, 0.0], nonfinite="raise")
except NonFiniteError as error:
    print(error)

# %% [markdown]
# It may be in the derivative only. $\sqrt{x}$ at 0 is harmless, but its slope there is infinite:

# %%
program = autograd.compile(lambda x: sqrt(p * x), 1.0)
assert program([4.0, 0.0], nonfinite="raise").tolist() == [2.0, 0.0]
try:
    program.value_and_grad([4.0, 0.0], nonfinite="raise")
except NonFiniteError as error:
    print(error)

# %% [markdown]
# ## Whole graphs
#
# So far the function took one sample, and the batch was an axis of the arrays. What if the graph is there already, with
# all samples in it, as a script in micrograd's style builds it? Then take `Graph.compile`, as at the beginning. Here is
# the loss of `02_moons` again, with so many points in one graph of scalars, all of them constants:


# %%
def whole_graph(samples):
    """Return the graph of the mean loss over the first so many points, with the penalty."""
    losses = [hinge_loss(point, sign) for point, sign in zip(X[:samples], y[:samples], strict=True)]
    return Graph(mean(losses) + 1e-4 * sum(p * p for p in model.parameters()))


whole = {samples: whole_graph(samples).compile() for samples in (10, 50)}
stats = {samples: program.stats for samples, program in whole.items()}
for samples, counts in stats.items():
    print(f"{samples} samples: {counts.nodes} nodes, {counts.array_calls} array calls")

penalised.read()
value, gradient = whole[50].value_and_grad()
expected_value, expected_gradient = penalised.value_and_grad(X[:50], y[:50])
assert whole[50].parameters == penalised.parameters
assert np.isclose(value, expected_value, rtol=1e-12)
assert np.allclose(gradient, expected_gradient, atol=1e-14)
assert stats[10].array_calls == stats[50].array_calls

# %% [markdown]
# Nobody told the compiler that there are samples. It finds that the same things happen fifty times, and the number of
# array calls does not depend on how often. But it does not find a batch *axis*: weights are copied to where they are
# used, and sums are sums of products, not products of matrices. The benchmark has such a step with 100 samples at 470
# µs: some nine hundred times faster than micrograd, and eighteen times slower than the function of one sample.
# Compiling it takes most of a second. So write the function of one sample if you can.
#
# ## Limits
#
# **One path.** Loops are unrolled as they ran, so a recurrent network is compiled for one length of its sequences.
#
# **One sample.** The function sees a single sample and cannot mix them; normalising over the batch, for instance, needs
# a whole graph.
#
# **Irregular code stays irregular.** What forms matrices becomes products of matrices. The rest becomes gathers, which
# are slower than products, though still a small fraction of the scalar time. Three weights that slide over eight inputs
# are such a case: as each of them stands in six sums, the gradient is collected from copies.

# %%
kernel = [parameter(0.1), parameter(0.2), parameter(0.3)]
convolution = autograd.compile(lambda x: sum(relu(dot(kernel, x[i : i + 3])) for i in range(6)), [0.0] * 8)
assert len(convolution.theta) == 3
assert convolution.source.count("np.dot(w1") == 6  # the same three weights, once for each place
assert convolution.source.count("np.take(") == 2
assert convolution.check(np.sin(np.arange(80.0)).reshape(10, 8)) < 1e-12

# %% [markdown]
# **Compiling takes time**, in proportion to the graph. The benchmark has 22 ms until the first result of the step
# above, a quarter of a second for a network of 9,610 parameters, and six seconds for a hundred thousand operations
# without any pattern. For a function that is wanted once, that is lost.
#
# **Others are better at other things.** This is one thread of NumPy with 64-bit floats, without a graphics card. In the
# same tables JAX needs the same time for a recurrent network, and for a patternless graph of a thousand nodes half the
# time, after eight seconds of compiling. With 1,000 samples its distance to us shrinks to a factor of 1.5.
#
# **First derivatives only.** Gradients of gradients are not there yet.
#
# What stays is what this notebook began with. The model is scalar code; every number in it can be looked at, drawn and
# explained; and when it is to learn, it runs as the arrays that nobody had to write.

# %% [markdown]
# ## Exercises
#
# **1. Before you look.** A network with four inputs, eight tanh neurons and three outputs learns three classes by
# *cross-entropy*, $-\sum_k t_k \log p_k$ with $p = \text{softmax}(s)$. How long is its theta? How many matrix products
# are in its source? A textbook says that the gradient with respect to the outputs is $p - t$. The compiler has read no
# textbook; does it find that?
#
# <details>
# <summary>Solution</summary>
#
# ```python
# from nn import cross_entropy
#
# net = MLP(4, [8, 3], activation="tanh", seed=0)
# program = autograd.compile(lambda x, t: cross_entropy(net(x), t), [0.0] * 4, [0.0, 0.0, 1.0])
# source = program.source
# assert len(program.theta) == 8 * (4 + 1) + 3 * (8 + 1) == 67
# assert source.count("np.dot(") + source.count("np.matmul(") == 2 + 1 + 2
# assert "np.divide(v9, v11, out=v13)" in source  # p, each exponential divided by their sum
# assert "np.subtract(v13, t, out=v15)" in source  # p - t
# ```
#
# Two products lead forward and two to the gradients. Only one leads back, to the hidden layer, since nobody asks for
# the gradient of the inputs. And yes: the slope of the log of the summed exponentials is $p$, that of $-\sum t_k s_k$
# is $-t$, and gradients add at branches. (The lines with 1.8e308 keep the largest output finite, so that an infinite
# one does not give $\infty - \infty$.)
# </details>

# %% [markdown]
# **2. A loss that breaks.** For a score $s$ and the label 1, someone writes the cross-entropy as $\log(1 + e^{-s})$.
# Compile it with one weight $w = 1$, $s = w x$, and give it $x = 2$ and $x = -1000$. What comes out, and which
# operation is to blame? Write it so that it holds for every score.
#
# <details>
# <summary>Solution</summary>
#
# ```python
# from autograd import exp, softplus
#
# w = parameter(1.0, "w")
# program = autograd.compile(lambda x: log(1 + exp(-w * x)), 0.0)
# value, gradient = program.value_and_grad([2.0, -1000.0])
# assert value == np.inf
# assert np.isnan(gradient[0])
# try:
#     program.value_and_grad([2.0, -1000.0], nonfinite="raise")
# except NonFiniteError as error:
#     assert "exp gave the first non-finite number, inf in sample 1" in str(error)
#
# program = autograd.compile(lambda x: softplus(-w * x), 0.0)
# value, gradient = program.value_and_grad([2.0, -1000.0], nonfinite="raise")
# assert np.isclose(value, (np.log1p(np.exp(-2.0)) + 1000.0) / 2)
# ```
#
# $e^{1000}$ is larger than any number that a float can hold, so it becomes $\infty$, although its logarithm is a
# harmless 1000. The function is `softplus(-s)`, one row of the table, and that row is written so that it neither
# overflows nor loses digits. `nn`'s `binary_cross_entropy_with_logits` is made of it.
# </details>
