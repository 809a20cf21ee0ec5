"""Gates: operations that a user writes as a class, as a function with its derivative, or as a row of text."""

import copy
import math
import pickle

import numpy as np
import pytest

from autograd import Value, check_gradient, gate, no_grad, operation, tanh
from autograd.errors import GraphError, OperandError, OperationError
from autograd.ops import TABLE


@gate
class Multiply:
    def forward(self, x, y):
        self.x, self.y = x, y
        return x * y

    def backward(self, dz):
        return [self.y * dz, self.x * dz]


class Tanh:
    __slots__ = ("z",)

    def forward(self, x):
        self.z = math.tanh(x)
        return self.z

    def backward(self, dz):
        return dz * (1 - self.z**2)


def sine(x):
    return math.sin(x)


tanh_gate = gate(Tanh)
sin_gate = gate(sine, math.cos)
hypotenuse = gate(
    lambda x, y: math.hypot(x, y), lambda x, y: (x / math.hypot(x, y), y / math.hypot(x, y)), name="hypotenuse"
)


def test_a_gate_is_used_like_an_operation():
    x, y = Value(3.0), Value(-4.0)
    z = Multiply(x, y)
    out = z * 2 + x
    out.backward()
    assert (z.data, z.parents, z._op, z.op.name) == (-12.0, (x, y), "Multiply", "Multiply")
    assert (x.grad, y.grad) == (-7.0, 6.0)


def test_every_use_keeps_its_own_numbers():
    a, b, c = Value(2.0), Value(3.0), Value(5.0)
    out = Multiply(Multiply(a, b), c)
    out.backward()
    assert [v.grad for v in (a, b, c)] == [15.0, 10.0, 6.0]


def test_an_operand_used_twice():
    x = Value(3.0)
    Multiply(x, x).backward()
    assert x.grad == 6.0


def test_numbers_become_constants():
    x = Value(3.0)
    z = Multiply(x, 2)
    z.backward()
    z.backward()
    assert (z.data, x.grad, z.parents[1].grad) == (6.0, 4.0, 0.0)


@pytest.mark.parametrize(
    ("use", "point"), [(Multiply, (1.5, -2.0)), (tanh_gate, (0.3,)), (sin_gate, (0.3,)), (hypotenuse, (3.0, 4.0))]
)
def test_gates_pass_the_gradient_check(use, point):
    check_gradient(use, *point)
    check_gradient(lambda *xs: tanh(use(*xs) * xs[0]), *point)


def test_names():
    assert [use.name for use in (Multiply, tanh_gate, sin_gate, hypotenuse)] == [
        "Multiply",
        "Tanh",
        "sine",
        "hypotenuse",
    ]
    assert repr(hypotenuse) == "<gate hypotenuse>"


def test_in_no_grad_a_gate_makes_a_constant():
    with no_grad():
        z = Multiply(Value(3.0), 2.0)
    assert (z.data, z.is_leaf, z.op.name) == (6.0, True, "constant")


def test_gradients_may_be_an_array():
    z = gate(lambda x: x * x, lambda x: np.float64(2 * x), name="square")(Value(3.0))
    z.backward()
    assert z.parents[0].grad == 6.0
    x, y = Value(2.0), Value(5.0)

    class Add:
        def forward(self, x, y):
            return x + y

        def backward(self, dz):
            return np.full(2, dz)

    gate(Add)(x, y).backward(gradient=3.0)
    assert (x.grad, y.grad) == (3.0, 3.0)


# --- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: gate(type("Half", (), {"forward": None})), "'Half' has no method forward and no method backward"),
        (lambda: gate(type("Half", (), {"forward": len})), "'Half' has no method backward"),
        (lambda: gate(math.sin), r"'sin' is a function: give its derivative too, as in gate\(f, df\)"),
        (lambda: gate(3), "not 3"),
        (Multiply, "'Multiply' was called without operands"),
    ],
)
def test_a_gate_that_is_not_well_formed(make, message):
    with pytest.raises(OperationError, match=message):
        make()


def test_a_wrong_count_of_gradients_is_named_and_leaves_the_old_gradients():
    class Forgetful:
        def forward(self, x, y):
            return x * y

        def backward(self, dz):
            return [dz]

    x, y = Value(2.0), Value(3.0)
    x.grad = y.grad = 0.5
    with pytest.raises(GraphError, match="'Forgetful' returned 1 gradients for 2 operands"):
        gate(Forgetful)(x, y).backward()
    assert (x.grad, y.grad) == (0.5, 0.5)


def test_results_that_are_not_numbers_are_refused():
    with pytest.raises(OperandError, match="None; does a function lack its return statement"):
        gate(lambda _: None, lambda _: 1.0, name="silent")(Value(1.0))
    with pytest.raises(OperandError, match="'1'"):
        gate(lambda x: x, lambda _: "1", name="text")(Value(1.0)).backward()
    with pytest.raises(OperandError, match="None; does a function lack its return statement"):
        gate(lambda x: x, lambda _: None, name="silent")(Value(1.0)).backward()


def test_operands_that_are_not_numbers_are_refused():
    with pytest.raises(OperandError, match="'3'"):
        Multiply(Value(1.0), "3")


# --- pickling ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("clone", [copy.deepcopy, lambda z: pickle.loads(pickle.dumps(z))])  # noqa: S301  # our own
@pytest.mark.parametrize("use", [Multiply, tanh_gate, sin_gate])
def test_gates_pickle_and_copy_with_what_they_keep(use, clone):
    xs = [Value(0.5), Value(2.0)] if use is Multiply else [Value(0.5)]
    z = use(*xs) * 3.0
    twin = clone(z)
    z.backward()
    twin.backward()
    assert twin.data == z.data
    assert [v.grad for v in twin.parents[0].parents] == [v.grad for v in xs]
    assert twin.parents[0].op.instance is not z.parents[0].op.instance
    assert twin.parents[0].op.name == use.name


def test_gates_that_cannot_be_imported_do_not_pickle():
    z = hypotenuse(Value(3.0), Value(4.0))
    assert pickle.loads(pickle.dumps(z)).data == 5.0  # noqa: S301  # found by its name, though it holds a lambda
    local = gate(lambda x: x, lambda _: 1.0, name="local")
    with pytest.raises((pickle.PicklingError, AttributeError), match="lambda"):
        pickle.dumps(local(Value(1.0)))


# --- a row of one's own -----------------------------------------------------------------------------------------------


@pytest.fixture
def table():
    """Take rows that a test adds out of the table again."""
    before = dict(TABLE)
    yield TABLE
    for name in TABLE.keys() - before.keys():
        del TABLE[name]
        delattr(Value.__mro__[1], name)


def test_a_row_of_ones_own_is_an_operation_like_any_other(table):
    swish = operation("swish2", "x * sigmoid(y * x)", "sigmoid(y * x) * (1 + y * x * (1 - sigmoid(y * x)))",
                      "x * x * sigmoid(y * x) * (1 - sigmoid(y * x))", defaults=(1.0,))  # fmt: skip
    x, y = Value(0.7), Value(2.0)
    assert swish(x, y).data == pytest.approx(0.7 / (1 + math.exp(-1.4)))
    assert x.swish2().data == pytest.approx(0.7 / (1 + math.exp(-0.7)))
    check_gradient(swish, 0.7, 2.0)
    assert pickle.loads(pickle.dumps(swish(x, y))).op is table["swish2"]  # noqa: S301  # our own


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("tanh", "x", "1"), "taken"),
        (("not a name", "x", "1"), "not an identifier"),
        (("bad", "x + w", "1"), "uses the name 'w'"),
        (("bad", "__import__('os')", "1"), "__import__"),
        (("bad", "x.real", "1"), "Attribute"),
        (("bad", "x +", "1"), "not an expression"),
        (("bad", "x", "1", "1", "1", "1"), "4 partials"),
    ],
)
def test_a_row_that_is_not_well_formed(arguments, message, table):
    before = set(table)
    with pytest.raises(OperationError, match=message):
        operation(*arguments)
    assert set(table) == before
