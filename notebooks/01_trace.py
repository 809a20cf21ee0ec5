# %% [markdown]
# # Tracing a computation
#
# A network learns by asking the same question of every number inside it: *if this number were a little larger, would
# the result rise or fall, and how fast?* The answers are called the **gradient**, and the way to find them all at
# once is called **backpropagation**.
#
# This notebook finds a gradient by hand for three numbers, then lets the engine find it, and then looks at everything
# that happens in between. You need to know what a derivative is, and nothing about neural networks. Most examples
# come from M. Soleymani's lecture *Multi-Layer Networks and Backpropagation* (Sharif University, 2017, after
# Stanford's CS231n). Every number that the text relies on is also an `assert` in the code: were one wrong, the page
# would not run.

# %%
import math

from autograd import Graph, Value, check_gradient, exp, gate, maximum, parameter, sigmoid, trace
from autograd.errors import GradientCheckError
from autograd.graph import ForwardStep
from viz import draw

# %% [markdown]
# ## By hand
#
# Here is the lecture's first function,
#
# $$f(x, y, z) = (x + y)\,z \qquad\text{at}\qquad x = -2,\; y = 5,\; z = -4.$$
#
# A computer does not see one formula; it does one operation after the other. So give the result of each operation a
# name. This is the **forward pass**:

# %%
x, y, z = -2.0, 5.0, -4.0
q = x + y
f = q * z
assert (q, f) == (3.0, -12.0)
q, f

# %% [markdown]
# Each operation on its own has simple derivatives. They are called **local**, because to know them one need not know
# what comes before or after:
#
# | operation | local derivatives |
# | --- | --- |
# | $q = x + y$ | $\partial q/\partial x = 1$ and $\partial q/\partial y = 1$ |
# | $f = q\,z$ | $\partial f/\partial q = z$ and $\partial f/\partial z = q$ |
#
# The **chain rule** joins them: along a path, derivatives multiply. Start at the end, where
# $\partial f/\partial f = 1$, and walk back. This is the **backward pass**:

# %%
df_df = 1.0
df_dq = df_df * z  # through f = q z
df_dz = df_df * q
df_dx = df_dq * 1.0  # through q = x + y
df_dy = df_dq * 1.0
assert (df_dx, df_dy, df_dz) == (-4.0, -4.0, 3.0)
df_dx, df_dy, df_dz

# %% [markdown]
# That was all of backpropagation. What remains is to have it done for us, for any formula, without a mistake.
#
# ## By the engine
#
# Wrap the numbers in `Value`, and write the same two lines. A `Value` computes like a number, and remembers how it
# came about. `backward()` then walks back from the result, as we did.

# %%
x, y, z = Value(-2, label="x"), Value(5, label="y"), Value(-4, label="z")
q = x + y
f = q * z
q.label, f.label = "q", "f"

f.backward()
assert (f.data, q.data) == (-12.0, 3.0)
assert (x.grad, y.grad, z.grad) == (-4.0, -4.0, 3.0)
x.grad, y.grad, z.grad

# %% [markdown]
# A `Value` that came out of a computation shows itself as the picture of that computation:

# %%
f

# %% [markdown]
# Read it from left to right for the forward pass, and from right to left for the backward pass. Each box is one
# number. It bears its name and its operation in bold, its **value** in blue above the line, and its **gradient** in
# orange below: how fast $f$ changes with this number. On each arrow stands the local derivative, after the sign ∂.
#
# Check one: the gradient of `x` is that of `q` times what stands on the arrow between them, $-4 \cdot 1 = -4$.
#
# The lectures draw the same graph as a circuit, with gates and wires. If you have the slides open, this style may be
# easier to follow:

# %%
draw(f, style="circuit")

# %% [markdown]
# Nothing in the picture is hidden in the engine. Each Value knows its operation, its operands and its local
# derivatives, and an operation is one row of a table: what it computes, and its derivatives as formulas.

# %%
assert f.parents == (q, z)
assert f.op.local(f) == (-4.0, 3.0)  # ∂f/∂q = z and ∂f/∂z = q
f.op.name, f.op.formula, f.op.partials

# %% [markdown]
# ## Step by step
#
# `Graph(f)` collects all that lies below `f`, and tells each step of both passes with the numbers in it. Backward,
# every node does the same small thing: it takes its own gradient, multiplies it by each local derivative, and hands
# the product to that operand.


# %%
def tell(graph):
    """Print both passes, one step a line."""
    for step in graph.steps():
        name = step.node.label
        if isinstance(step, ForwardStep):
            operands = ", ".join(f"{x:.4g}" for x in step.operands)
            print(f"forward   {name} = {step.node.op.name}({operands}) = {step.data:.4g}")
            continue
        for share in step.contributions:
            if receiver := share.operand.label:  # a constant, like the 1 in g + 1, has no label and needs no gradient
                product = f"{step.gradient:.4g} · {share.local:.4g} = {share.amount:.4g}"
                print(f"backward  {name} gives {receiver}: {product}")


tell(Graph(f))

# %% [markdown]
# A graph is built once and can be used again. `forward` writes new numbers into the inputs and computes every node
# anew; `backward` returns the gradient of each input. These are the two methods of the `ComputationalGraph` on the
# slides.

# %%
graph = Graph(f)
assert graph.forward({"x": 3, "z": 0.5}) == 4.0  # (3 + 5) · 0.5
gradients = graph.backward()
assert gradients == {"x": 0.5, "y": 0.5, "z": 8.0}
gradients

# %% [markdown]
# When a formula is all you have, `trace` makes the graph from its text, names and all.

# %%
graph = trace("q = x + y; f = q * z", x=-2, y=5, z=-4)
assert graph.forward() == -12.0
assert graph.backward() == {"x": -4.0, "y": -4.0, "z": 3.0}

# %% [markdown]
# ## What a gradient says
#
# The gradient of $x$ is $-4$: when $x$ grows by a little, $f$ falls four times as much. Nudge it and see. Here the
# prediction is exact, because $f$ is linear in $x$.

# %%
nudge = 0.25
assert graph.forward({"x": -2 + nudge}) == -12.0 - 4.0 * nudge == -13.0

# %% [markdown]
# Usually it is exact only in the limit. Another lecture's question: how does a small nudge in $x$ influence
# $f(h(g(m(x))))$? Take $m = -x$, $g = e^m$, $h = g + 1$ and $f = 1/h$, at $x = 1$: a chain of four links, and on each
# arrow between them one factor.

# %%
chain = trace("m = -x; g = exp(m); h = g + 1; f = 1 / h", x=1)
slope = chain.backward()["x"]
draw(chain)

# %% [markdown]
# Reading back from `f`, the factors multiply to the slope:
#
# $$\frac{df}{dx} = \frac{df}{dh}\,\frac{dh}{dg}\,\frac{dg}{dm}\,\frac{dm}{dx}
#   \approx -0.5344 \cdot 1 \cdot 0.3679 \cdot (-1) \approx 0.1966$$

# %%
assert math.isclose(slope, 0.19661193324148188, rel_tol=1e-12)
tell(chain)

# %% [markdown]
# Now nudge. The gradient predicts that $f$ changes by slope · nudge. The last column is how far that is off, and it
# tells the rest of the story: for a nudge ten times smaller, the error is a hundred times smaller. A gradient is the
# best *linear* prediction, and seen from close by, every smooth function is nearly linear.

# %%
before = chain.output.data


def nudged(nudge):
    """Return f after a nudge of x, as the gradient predicts it and as it is."""
    return before + slope * nudge, chain.forward({"x": 1 + nudge})


print(" nudge    predicted       actual        error")
for nudge in (0.1, 0.01, 0.001):
    predicted, actual = nudged(nudge)
    print(f"{nudge:6}  {predicted:.8f}   {actual:.8f}   {predicted - actual:.8f}")

predicted, actual = nudged(0.1)
assert math.isclose(predicted, 0.7507197719541531, rel_tol=1e-12)
assert math.isclose(actual, 0.7502601055951177, rel_tol=1e-12)

# %% [markdown]
# ## A neuron
#
# The lecture's larger example is a neuron with two inputs: weigh the inputs, add a bias $w_2$, and squash the sum
# into the range from 0 to 1:
#
# $$f(w, x) = \frac{1}{1 + e^{-(w_0 x_0 + w_1 x_1 + w_2)}}$$
#
# A `parameter` is a Value that is meant to be learned; pictures show it in yellow. A long computation is easier to
# read from top to bottom, and `names=locals()` lets the picture use the names of our variables.


# %%
def numbers():
    """Return w0, x0, w1, x1, w2 as on the slide."""
    return parameter(2, "w0"), Value(-1, label="x0"), parameter(-3, "w1"), Value(-2, label="x1"), parameter(-3, "w2")


w0, x0, w1, x1, w2 = numbers()
s = w0 * x0 + w1 * x1 + w2
f = 1 / (1 + exp(-s))
elementary = Graph(f).backward()
draw(f, names=locals(), rankdir="TB")

# %% [markdown]
# The slides follow the gradient back through $1/x$, $+1$, $e^x$ and the minus sign: $1.00$, $-0.53$, $-0.53$, $-0.20$
# and $0.20$. You find the same numbers in the boxes from `f` up to `s`. From there the gradient flows through the
# sums and products to all five inputs at once.

# %%
expected = {
    "w0": -0.19661193324148188,
    "x0": 0.39322386648296376,
    "w1": -0.39322386648296376,
    "x1": -0.5898357997244457,
    "w2": 0.19661193324148188,
}
assert math.isclose(f.data, 0.7310585786300049, rel_tol=1e-12)
assert all(math.isclose(elementary[name], expected[name], rel_tol=1e-12) for name in expected)
elementary

# %% [markdown]
# ## A gate is as large as you like
#
# All the boxes below `s` together compute one function, the **sigmoid** $\sigma(s) = 1/(1 + e^{-s})$. Its derivative
# is simple once it is written with the function's own value:
#
# $$\frac{d\sigma}{ds} = \frac{e^{-s}}{(1 + e^{-s})^2}
#   = \left(\frac{1 + e^{-s} - 1}{1 + e^{-s}}\right)\left(\frac{1}{1 + e^{-s}}\right) = (1 - \sigma)\,\sigma$$
#
# So they may as well be one gate. The picture is shorter, and the gradients are the same: with $\sigma = 0.73$ the
# one factor on the last arrow is $(1 - 0.73) \cdot 0.73 \approx 0.20$.

# %%
w0, x0, w1, x1, w2 = numbers()
s = w0 * x0 + w1 * x1 + w2
f = sigmoid(s)
fused = Graph(f).backward()
assert all(math.isclose(fused[name], elementary[name], rel_tol=1e-12) for name in elementary)
assert math.isclose((1 - f.data) * f.data, f.op.local(f)[0], rel_tol=1e-12)
draw(f, names=locals(), rankdir="TB")

# %% [markdown]
# ## Patterns in the backward flow
#
# Three gates make up most of a network, and each one treats a gradient in a way that is easy to remember:
#
# - **add distributes**: both local derivatives are 1, so each operand receives the whole gradient;
# - **max routes**: the larger operand receives everything, the other nothing;
# - **multiply swaps**: each operand receives the gradient times the *other* operand.
#
# Find all three in this picture, before you read the numbers in the next cell.

# %%
x, y, z, w = Value(3, label="x"), Value(-4, label="y"), Value(2, label="z"), Value(-1, label="w")
f = 2 * (x * y + maximum(z, w))
f.label = "f"
f.backward()
f

# %%
product, largest = f.parents[1].parents
assert (product.grad, largest.grad) == (2.0, 2.0)  # add distributes
assert (z.grad, w.grad) == (2.0, 0.0)  # max routes
assert (x.grad, y.grad) == (2.0 * y.data, 2.0 * x.data) == (-8.0, 6.0)  # multiply swaps

# %% [markdown]
# ## Gradients add at branches
#
# So far each number was used once. When a number is used twice, a nudge to it travels along both branches, and their
# effects add. That is the chain rule for several paths:
#
# $$\frac{\partial z}{\partial x} = \frac{\partial z}{\partial y_1}\frac{\partial y_1}{\partial x}
#   + \frac{\partial z}{\partial y_2}\frac{\partial y_2}{\partial x}$$
#
# The smallest example with a surprise in it: `b = a + a`, then `c = b + b`. So $c = 4a$, and the gradient of `a` must
# be 4. The picture draws each use as an arrow of its own.

# %%
a = Value(3, label="a")
b = a + a
c = b + b
b.label, c.label = "b", "c"
c.backward()
assert (c.data, b.grad, a.grad) == (12.0, 2.0, 4.0)
c

# %% [markdown]
# Here is the whole algorithm in eight lines. Two things in it look like details: that gradients are *added* (`+=`),
# and that the nodes are visited in **topological order**, reversed: each node before any of its operands.


# %%
def backpropagate(root):
    """Return the gradient of every node below ``root``."""
    nodes = Graph(root).nodes  # each node after its operands
    gradient = dict.fromkeys(nodes, 0.0)
    gradient[root] = 1.0
    for node in reversed(nodes):
        for operand, local in zip(node.parents, node.op.local(node), strict=True):
            gradient[operand] += gradient[node] * local
    return gradient


assert backpropagate(c)[a] == a.grad == 4.0
assert backpropagate(f)[y] == y.grad == 6.0

# %% [markdown]
# Neither is a detail. **Without adding**, the second branch overwrites the first, and `c` is left with one path of
# four:


# %%
def overwriting(root):
    """As before, but with = in place of +=."""
    nodes = Graph(root).nodes
    gradient = {root: 1.0}
    for node in reversed(nodes):
        for operand, local in zip(node.parents, node.op.local(node), strict=True):
            gradient[operand] = gradient[node] * local
    return gradient


assert overwriting(c)[a] == 1.0  # wrong
overwriting(c)[a]

# %% [markdown]
# **Without the order**, a node passes its gradient on before all of it has arrived. `c` gives `b` a 1, and `b`
# hurries to pass it on; then `c` gives `b` the other 1, and `b` passes on its gradient, now 2, of which half has been
# passed on already. So `a` receives $1 + 1$ and then $2 + 2$:


# %%
def hurrying(root):
    """As before, but each node passes its gradient on as soon as it receives something."""
    gradient = dict.fromkeys(Graph(root).nodes, 0.0)
    gradient[root] = 1.0

    def visit(node):
        for operand, local in zip(node.parents, node.op.local(node), strict=True):
            gradient[operand] += gradient[node] * local
            visit(operand)

    visit(root)
    return gradient


assert hurrying(c)[a] == 6.0  # wrong, differently
hurrying(c)[a]

# %% [markdown]
# To pass on only what is new would be right, but slow, because it walks along every *path*. Fifty doublings make 51
# nodes but 2⁵⁰ paths, about 10¹⁵. In topological order each node is visited once, however many paths lead through it:

# %%
start = end = Value(1)
for _ in range(50):
    end = end + end
end.backward()
assert len(Graph(end).nodes) == 51
assert start.grad == 2.0**50

# %% [markdown]
# One more thing adds up. Each call of `backward` adds to the gradients of the leaves, so that the gradients of
# several samples can be collected before a step is made. Whoever wants them fresh says `zero_grad()`; to forget it is
# the most common mistake in training loops. In a picture, a Σ marks a leaf that holds more than one pass.

# %%
c.backward()
assert a.grad == 8.0  # 4 + 4
picture = draw(c)
c.zero_grad()
assert a.grad == 0.0
picture

# %% [markdown]
# ## A gate of your own
#
# The lecture builds networks of gates with two methods: `forward` computes and keeps what it will need, and
# `backward` turns the gradient of the output into one gradient for each input. A class like that, decorated with
# `gate`, works like any operation of the engine. This is the slide's `MultiplyGate`:


# %%
@gate
class MultiplyGate:
    def forward(self, x, y):
        self.x, self.y = x, y  # must keep these around!
        return x * y

    def backward(self, dz):
        dx = self.y * dz  # [dz/dx * dL/dz]
        dy = self.x * dz  # [dz/dy * dL/dz]
        return [dx, dy]


x, y, z = Value(-2, label="x"), Value(5, label="y"), Value(-4, label="z")
graph = Graph(MultiplyGate(x + y, z))
assert graph.forward({"x": -2, "y": 5, "z": -4}) == -12.0
assert graph.backward() == {"x": -4.0, "y": -4.0, "z": 3.0}
draw(graph)

# %% [markdown]
# And this is the sigmoid layer of Caffe, a library of the time, which the lecture shows in C++. It keeps its output,
# `top`, since $(1 - \sigma)\,\sigma$ asks for nothing else; `top_diff` is the gradient that comes down from above.


# %%
@gate
class SigmoidLayer:
    def forward(self, bottom):
        self.top = 1.0 / (1.0 + math.exp(-bottom))
        return self.top

    def backward(self, top_diff):
        return top_diff * self.top * (1.0 - self.top)


w0, x0, w1, x1, w2 = numbers()
layer = Graph(SigmoidLayer(w0 * x0 + w1 * x1 + w2)).backward()
assert all(math.isclose(layer[name], elementary[name], rel_tol=1e-12) for name in elementary)

# %% [markdown]
# ## Trust, but check
#
# A derivative written by hand is easily wrong, and a wrong one rarely crashes: the network just learns badly. But any
# derivative can be estimated by nudging, without knowing it:
#
# $$\frac{\partial f}{\partial x} \approx \frac{f(x + h) - f(x - h)}{2h}$$
#
# The lecture compares the two ways: the numerical gradient is slow and approximate but easy to write, the analytic
# one is fast and exact but error-prone. So *derive the analytic gradient, and check it with the numerical one*:

# %%
for comparison in check_gradient(MultiplyGate, 3.0, -4.0):
    print(f"argument {comparison.argument}: backward {comparison.received:g}, nudging {comparison.expected:.9f}")
    assert comparison.agrees

# %% [markdown]
# The check is not pedantry. A later slide of the same lecture takes the squared error $E = (a - y)^2$ of an output
# $a$ and its target $y$, and states $\partial E/\partial a = 2(y - a)$. Make it a gate, given as a function and its
# derivatives, and check:

# %%
misprint = gate(
    lambda a, y: (a - y) ** 2,
    lambda a, y: (2 * (y - a), 2 * (y - a)),  # ∂E/∂a as on the slide, ∂E/∂y
    name="squared_error",
)
try:
    check_gradient(misprint, 0.8, 0.3)
except GradientCheckError as error:
    message = str(error)
assert message.startswith("the gradient of squared_error at (0.8, 0.3) is not confirmed: argument 0")
print(message)

# %% [markdown]
# The sign is wrong: with $a = 0.8$ and $y = 0.3$ a larger $a$ makes the error larger, so the slope must be positive.
# What the slide gives is the slope in $y$, which is why argument 1 passes. With $2(a - y)$ the check has nothing to
# say:

# %%
corrected = gate(lambda a, y: (a - y) ** 2, lambda a, y: (2 * (a - y), 2 * (y - a)), name="squared_error")
assert all(comparison.agrees for comparison in check_gradient(corrected, 0.8, 0.3))

# %% [markdown]
# ## Exercises
#
# **1. With pencil.** Let $f = (x\,y + x)\,\max(x, y)$ at $x = 2$, $y = 3$. Draw the graph, write the values on it,
# then walk back with the three patterns. Mind that $x$ is used three times and $y$ twice. What are
# $\partial f/\partial x$ and $\partial f/\partial y$?
#
# <details>
# <summary>Solution</summary>
#
# Forward: $x y = 6$, the sum is $8$, the maximum is $3$, and $f = 24$. Backward: multiply swaps, so the sum receives
# $3$ and the maximum $8$. The sum distributes: $3$ to $x y$ and $3$ to $x$. The product swaps: $3 \cdot 3 = 9$ to $x$
# and $3 \cdot 2 = 6$ to $y$. The maximum routes its $8$ to $y$. Added up at the branches, $x$ has $3 + 9 + 0 = 12$,
# and $y$ has $6 + 8 = 14$.
#
# ```python
# graph = trace("(x * y + x) * maximum(x, y)", x=2, y=3)
# assert graph.backward() == {"x": 12.0, "y": 14.0}
# ```
# </details>

# %% [markdown]
# **2. With a gate.** The next notebook trains with the *hinge loss* $\max(0,\, 1 - y s)$ of a score $s$ and a label
# $y$, which is $1$ or $-1$. Write it as a gate with `forward` and `backward`, and check its gradient where $y s < 1$,
# where $y s > 1$, and exactly where $y s = 1$. What happens there, and who is right?
#
# <details>
# <summary>Solution</summary>
#
# ```python
# @gate
# class HingeGate:
#     def forward(self, s, y):
#         self.s, self.y = s, y
#         return max(0.0, 1.0 - y * s)
#
#     def backward(self, dz):
#         inside = self.y * self.s < 1.0
#         return [-self.y * dz, -self.s * dz] if inside else [0.0, 0.0]
#
# check_gradient(HingeGate, 0.3, 1.0)
# check_gradient(HingeGate, -2.5, -1.0)
# try:
#     check_gradient(HingeGate, 1.0, 1.0)
# except GradientCheckError as error:
#     assert "expected -0.5" in str(error)
# ```
#
# At $y s = 1$ the function has a kink. On one side its slope is $-y$, on the other $0$. Nudging to both sides finds
# the mean of the two, $-\tfrac12$; a gate has to choose, and ours chose $0$. Neither is wrong, since at a kink there
# is no derivative; a gradient check should simply keep away from it.
# </details>
