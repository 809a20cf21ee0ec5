"""Code written for micrograd, its lecture and microgpt runs with only the import changed.

What such code looks like is known from these programs' public behaviour; the code here is this project's own.
"""

import math

import graphviz
import numpy as np
import pytest

from autograd import Value, check_gradient

# --- micrograd's expressions ------------------------------------------------------------------------------------------


def chained(a, b, relu):
    c = 3 * a + b
    d = c * c - relu(c) + (1 + relu(-c))
    return d + relu(d * 0.5 + a) * b


def all_operators(a, b, relu):
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + relu(b + a)
    d += 3 * d + relu(b - a)
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    return g - 7 / (1 + b**2) + 2**a + (a * a) ** -0.5


def relu_of_float(x):
    return max(x, 0.0)


@pytest.mark.parametrize("expression", [chained, all_operators])
@pytest.mark.parametrize("point", [(-4.0, 2.0), (1.5, -0.25), (0.3, 0.7)])
def test_expressions_against_floats_and_finite_differences(expression, point):
    a, b = map(Value, point)
    out = expression(a, b, Value.relu)
    assert out.data == expression(*point, relu_of_float)
    check_gradient(lambda x, y: expression(x, y, Value.relu), *point)

    def slope(i):
        above, below = ([x + (h if i == j else 0) for j, x in enumerate(point)] for h in (1e-6, -1e-6))
        return (expression(*above, relu_of_float) - expression(*below, relu_of_float)) / 2e-6

    out.backward()
    assert (a.grad, b.grad) == pytest.approx((slope(0), slope(1)), rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("expression", [chained, all_operators])
def test_expressions_against_torch(expression):
    torch = pytest.importorskip("torch")
    a, b = Value(-4.0), Value(2.0)
    ours = expression(a, b, Value.relu)
    ours.backward()
    x, y = (torch.tensor([v.data], dtype=torch.float64, requires_grad=True) for v in (a, b))
    theirs = expression(x, y, torch.relu)
    theirs.backward()
    assert ours.data == pytest.approx(theirs.item(), rel=1e-12)
    assert (a.grad, b.grad) == pytest.approx((x.grad.item(), y.grad.item()), rel=1e-12)


def test_expressions_against_micrograd():
    engine = pytest.importorskip("micrograd.engine")
    (a, b), (x, y) = (Value(-4.0), Value(2.0)), (engine.Value(-4.0), engine.Value(2.0))
    ours, theirs = chained(a, b, Value.relu), chained(x, y, engine.Value.relu)
    ours.backward()
    theirs.backward()
    assert (ours.data, a.grad, b.grad) == pytest.approx((theirs.data, x.grad, y.grad), rel=1e-12)


# --- its demo: a network of scalars, hinge loss, gradient descent -----------------------------------------------------


class Neuron:
    def __init__(self, rng, inputs, nonlinear):
        self.w = [Value(rng.uniform(-1, 1)) for _ in range(inputs)]
        self.b = Value(0)
        self.nonlinear = nonlinear

    def __call__(self, x):
        act = sum((wi * xi for wi, xi in zip(self.w, x, strict=True)), self.b)
        return act.relu() if self.nonlinear else act

    def parameters(self):
        return [*self.w, self.b]


class Network:
    def __init__(self, rng, sizes):
        last = len(sizes) - 2
        self.layers = [[Neuron(rng, sizes[i], i < last) for _ in range(sizes[i + 1])] for i in range(last + 1)]

    def __call__(self, x):
        for layer in self.layers:
            x = [neuron(x) for neuron in layer]
        return x[0] if len(x) == 1 else x

    def parameters(self):
        return [p for layer in self.layers for neuron in layer for p in neuron.parameters()]


def test_the_demo_trains():
    rng = np.random.default_rng(5)
    x = rng.normal(size=(24, 2))
    y = np.where(x[:, 0] * x[:, 1] > 0, 1, -1)
    model = Network(rng, (2, 8, 8, 1))

    def loss():
        scores = [model(list(map(Value, row))) for row in x]
        losses = [(1 + -yi * score).relu() for yi, score in zip(y, scores, strict=True)]
        data_loss = sum(losses) * (1.0 / len(losses))
        penalty = 1e-4 * sum(p * p for p in model.parameters())
        accuracy = [(yi > 0) == (score.data > 0) for yi, score in zip(y, scores, strict=True)]
        return data_loss + penalty, sum(accuracy) / len(accuracy)

    first, _ = loss()
    for k in range(60):
        total, accuracy = loss()
        for p in model.parameters():
            p.grad = 0
        total.backward()
        for p in model.parameters():
            p.data -= (1.0 - 0.9 * k / 100) * 0.2 * p.grad
    assert first.data > 0.8
    assert total.data < 0.3 * first.data
    assert accuracy > 0.9


def test_micrograds_own_networks_run_on_our_values(monkeypatch):
    engine, nn = pytest.importorskip("micrograd.engine"), pytest.importorskip("micrograd.nn")
    theirs = nn.MLP(3, [4, 4, 1])
    numbers = [p.data for p in theirs.parameters()]
    monkeypatch.setattr(nn, "Value", Value)
    ours = nn.MLP(3, [4, 4, 1])
    for p, number in zip(ours.parameters(), numbers, strict=True):
        p.data = number
    for model, make in ((theirs, engine.Value), (ours, Value)):
        model.zero_grad()
        out = model([make(0.5), make(-1.0), make(2.0)])
        ((out - 1) ** 2).backward()
    assert [p.grad for p in ours.parameters()] == pytest.approx([p.grad for p in theirs.parameters()], rel=1e-12)
    assert any(p.grad for p in ours.parameters())


# --- its drawing code -------------------------------------------------------------------------------------------------


def draw_dot(root):
    nodes, edges = set(), set()

    def build(v):
        if v not in nodes:
            nodes.add(v)
            for child in v._prev:
                edges.add((child, v))
                build(child)

    build(root)
    dot = graphviz.Digraph(format="svg", graph_attr={"rankdir": "LR"})
    for n in nodes:
        uid = str(id(n))
        dot.node(name=uid, label="{ %s | data %.4f | grad %.4f }" % (n.label, n.data, n.grad), shape="record")  # noqa: UP031
        if n._op:
            dot.node(name=uid + n._op, label=n._op)
            dot.edge(uid + n._op, uid)
    for n1, n2 in edges:
        dot.edge(str(id(n1)), str(id(n2)) + n2._op)
    return dot.source


def test_the_drawing_code():
    x, w, b = Value(2.0, label="x"), Value(-3.0, label="w"), Value(1.0, label="b")
    xw = x * w
    xw.label = "xw"
    y = (xw + b).relu()
    y.label = "y"
    y.backward()
    source = draw_dot(y)
    assert source.count("shape=record") == 6
    for label in ("x | data 2.0000 | grad 0.0000", "xw | data -6.0000 | grad 0.0000", "y | data 0.0000 | grad 1.0000"):
        assert f"{{ {label} }}" in source
    assert source.count("->") == 3 + 5  # from each operation to its result, and from each operand to the operation
    assert f'\t{id(w)} -> "{id(xw)}*"' in source


# --- its lecture: operations written by the learner -------------------------------------------------------------------


def own_tanh(x):
    t = (math.exp(2 * x.data) - 1) / (math.exp(2 * x.data) + 1)
    out = Value(t, (x,), "tanh")

    def _backward():
        x.grad += (1 - t**2) * out.grad

    out._backward = _backward
    return out


def own_multiply(a, b):
    out = Value(a.data * b.data, (a, b), "*", label="product")

    def _backward():
        a.grad += b.data * out.grad
        b.grad += a.data * out.grad

    out._backward = _backward
    return out


def neuron(multiply, tanh):
    x1, x2 = Value(2.0, label="x1"), Value(0.0, label="x2")
    w1, w2 = Value(-3.0, label="w1"), Value(1.0, label="w2")
    b = Value(6.8813735870195432, label="b")
    n = multiply(x1, w1) + multiply(x2, w2) + b
    return n, tanh(n), [x1, x2, w1, w2, b]


@pytest.mark.parametrize("multiply", [own_multiply, Value.__mul__])
@pytest.mark.parametrize("tanh", [own_tanh, Value.tanh, lambda n: ((2 * n).exp() - 1) / ((2 * n).exp() + 1)])
def test_the_lectures_neuron(multiply, tanh):
    _, o, leaves = neuron(multiply, tanh)
    o.backward()
    assert o.data == pytest.approx(math.sqrt(0.5), rel=1e-12)
    assert [v.grad for v in leaves] == pytest.approx([-1.5, 0.5, 1.0, 0.0, 0.5], rel=1e-12)


def test_a_node_of_ones_own_shows_its_operands_and_its_operation():
    a, b = Value(2.0), Value(3.0)
    out = own_multiply(a, b)
    assert (out._prev, out._op, out.label, out.data) == ((a, b), "*", "product", 6.0)
    assert not out.is_leaf
    assert repr(out) == "Value(data=6.0, grad=0.0)"
    assert Value(1.0, {a}, "f")._prev == (a,)


@pytest.mark.parametrize("multiply", [own_multiply, Value.__mul__])
def test_backward_by_hand_node_by_node(multiply):
    n, o, (x1, x2, w1, w2, b) = neuron(multiply, own_tanh)
    o.grad = 1.0
    o._backward()
    assert n.grad == pytest.approx(0.5)
    n._backward()
    both, _ = n._prev
    both._backward()
    for product in both._prev:
        product._backward()
    b._backward()  # a leaf passes nothing on
    assert [v.grad for v in (x1, x2, w1, w2, b)] == pytest.approx([-1.5, 0.5, 1.0, 0.0, 0.5])


def test_backward_in_the_learners_own_topological_order():
    a = Value(-2.0)
    b = Value(3.0)
    d = a * b
    e = a + b
    f = d * e
    topo, visited = [], set()

    def build_topo(v):
        if v not in visited:
            visited.add(v)
            for child in v._prev:
                build_topo(child)
            topo.append(v)

    build_topo(f)
    f.grad = 1.0
    for node in reversed(topo):
        node._backward()
    assert (a.grad, b.grad) == (-3.0, -8.0)


def test_the_operators_that_learners_miss():
    a = Value(3.0)
    computed = [2 * a, 2 + a, 2 - a, 2 / a, 2**a, a**-0.5, a ** Value(2.0), a - 1, a / 2, -a, sum([a, a])]
    expected = [6, 5, -1, 2 / 3, 8, 3**-0.5, 9, 2, 1.5, -3, 6]
    assert [v.data for v in computed] == pytest.approx(expected, rel=1e-15)


def test_integers_assigned_to_data_and_grad():
    p = Value(3)
    p.data = 4
    p.grad = 0
    (p * p / 3).backward()
    p.data -= 1 * p.grad
    assert p.grad == pytest.approx(8 / 3)
    assert p.data == pytest.approx(4 - 8 / 3)


# --- microgpt: a transformer of scalars, trained by Adam --------------------------------------------------------------

EMBED, HEADS, BLOCK, VOCABULARY = 4, 2, 5, 4


def linear(x, w):
    return [sum(wi * xi for wi, xi in zip(row, x, strict=True)) for row in w]


def softmax(logits):
    top = max(val.data for val in logits)
    exps = [(val - top).exp() for val in logits]
    total = sum(exps)
    return [e / total for e in exps]


def rmsnorm(x):
    ms = sum(xi * xi for xi in x) / len(x)
    scale = (ms + 1e-5) ** -0.5
    return [xi * scale for xi in x]


def gpt(state, token, position, keys, values):
    """Return the logits of the token after ``token``."""
    x = [t + p for t, p in zip(state["wte"][token], state["wpe"][position], strict=True)]
    x = rmsnorm(x)
    residual = x
    x = rmsnorm(x)
    q, k, v = linear(x, state["wq"]), linear(x, state["wk"]), linear(x, state["wv"])
    keys.append(k)
    values.append(v)
    size = EMBED // HEADS
    attended = []
    for h in range(0, EMBED, size):
        logits = [sum(q[h + j] * key[h + j] for j in range(size)) / size**0.5 for key in keys]
        weights = softmax(logits)
        attended += [sum(weights[t] * values[t][h + j] for t in range(len(values))) for j in range(size)]
    x = [a + b for a, b in zip(linear(attended, state["wo"]), residual, strict=True)]
    residual = x
    x = [xi.relu() for xi in linear(rmsnorm(x), state["fc1"])]
    x = [a + b for a, b in zip(linear(x, state["fc2"]), residual, strict=True)]
    return linear(x, state["head"])


def loss_of(state, tokens):
    keys, values, losses = [], [], []
    for position in range(len(tokens) - 1):
        probabilities = softmax(gpt(state, tokens[position], position, keys, values))
        losses.append(-probabilities[tokens[position + 1]].log())
    return (1 / len(losses)) * sum(losses)


def gpt_state():
    rng = np.random.default_rng(42)
    shapes = {"wte": (VOCABULARY, EMBED), "wpe": (BLOCK, EMBED), "head": (VOCABULARY, EMBED)}
    shapes |= dict.fromkeys(("wq", "wk", "wv", "wo"), (EMBED, EMBED))
    shapes |= {"fc1": (4 * EMBED, EMBED), "fc2": (EMBED, 4 * EMBED)}
    return {name: [[Value(x) for x in row] for row in rng.normal(0, 0.3, shape)] for name, shape in shapes.items()}


TOKENS = [0, 2, 1, 3, 2, 0]


def test_microgpts_gradients_against_finite_differences():
    state = gpt_state()
    loss = loss_of(state, TOKENS)
    loss.backward()
    for name in state:
        p = state[name][-1][0]
        gradient, data, h = p.grad, p.data, 1e-5
        p.data = data + h
        above = loss_of(state, TOKENS).data
        p.data = data - h
        below = loss_of(state, TOKENS).data
        p.data = data
        assert gradient == pytest.approx((above - below) / (2 * h), rel=1e-5, abs=1e-8)
        assert gradient != 0 or name == "fc1"


def test_microgpts_loss_against_arrays():
    state = gpt_state()
    w = {name: np.array([[v.data for v in row] for row in rows]) for name, rows in state.items()}

    def norm(x):
        return x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + 1e-5)

    def attention(q, k, v):
        scores = np.where(np.tri(len(q), dtype=bool), q @ k.T / np.sqrt(q.shape[1]), -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True) @ v

    x = norm(w["wte"][TOKENS[:-1]] + w["wpe"][: len(TOKENS) - 1])
    q, k, v = (norm(x) @ w[name].T for name in ("wq", "wk", "wv"))
    heads = [slice(h, h + EMBED // HEADS) for h in range(0, EMBED, EMBED // HEADS)]
    x = x + np.hstack([attention(q[:, h], k[:, h], v[:, h]) for h in heads]) @ w["wo"].T
    x = x + np.maximum(norm(x) @ w["fc1"].T, 0) @ w["fc2"].T
    logits = x @ w["head"].T
    losses = np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(logits)), TOKENS[1:]]
    assert loss_of(state, TOKENS).data == pytest.approx(losses.mean(), rel=1e-12)


def test_microgpt_learns_its_document():
    state = gpt_state()
    params = [p for rows in state.values() for row in rows for p in row]
    m, v = [0.0] * len(params), [0.0] * len(params)
    losses = []
    rate, beta1, beta2, eps, steps = 0.05, 0.85, 0.99, 1e-8, 25
    for step in range(steps):
        loss = loss_of(state, TOKENS)
        loss.backward()
        losses.append(loss.data)
        for i, p in enumerate(params):
            m[i] = beta1 * m[i] + (1 - beta1) * p.grad
            v[i] = beta2 * v[i] + (1 - beta2) * p.grad**2
            m_hat, v_hat = m[i] / (1 - beta1 ** (step + 1)), v[i] / (1 - beta2 ** (step + 1))
            p.data -= rate * (1 - step / steps) * m_hat / (v_hat**0.5 + eps)
            p.grad = 0
    assert losses[0] == pytest.approx(math.log(VOCABULARY), abs=1.0)
    assert losses[-1] < 0.1 * losses[0]
