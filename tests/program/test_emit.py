"""The array code, against the eager engine, for every pattern of weights, sums and choices in functions.py.

Where it differs, test_straighten.py says whether the tape was right.
"""

import itertools

import numpy as np
import pytest
from functions import MADE, SEVERAL
from judge import assert_agrees, assert_close
from scalars import matrix

import autograd
from autograd import dot, parameter, tanh
from nn import MLP

everything = {**MADE, **SEVERAL}
every_function = pytest.mark.parametrize("make", everything.values(), ids=everything)


def draw(examples, sizes, seed=3):
    """Return normal draws for each argument: with the batch axis where the size is not None."""
    rng = np.random.default_rng(seed)
    return [
        rng.normal(size=np.shape(example) if n is None else (n, *np.shape(example)))
        for example, n in zip(examples, sizes, strict=True)
    ]


@every_function
@pytest.mark.parametrize("n", [1, 2, 7])
def test_batches(make, n):
    function, examples = make()
    assert_agrees(function, examples, draw(examples, [n] * len(examples)))


@every_function
def test_arguments_without_the_batch_axis(make):
    function, examples = make()
    for sizes in itertools.product([None, 3], repeat=len(examples)):
        assert_agrees(function, examples, draw(examples, sizes))


@every_function
def test_the_source_is_the_same_every_time(make):
    """Compiling does not depend on hash seeds, ids or the like."""
    sources = set()
    for _ in range(2):
        function, examples = make()
        sources.add(autograd.compile(function, *examples).source)
    assert len(sources) == 1


# --- transparency: what a good NumPy programmer would write ---


def lines(source, text):
    return [line.strip() for line in source.splitlines() if text in line]


def run_of(source):
    return source[source.index("def run(") :]


def products(source):
    return lines(run_of(source), "np.dot(") + lines(run_of(source), "np.matmul(")


def hinge():
    model = MLP(2, [16, 16, 1], seed=1)
    return autograd.compile(lambda x, y: (1 - y * model(x)).relu(), [0.0, 0.0], 1.0)


def test_the_source_of_an_mlp_can_be_read():
    program = hinge()
    assert len(program.source.splitlines()) < 60
    assert max(map(len, program.source.splitlines())) <= 120
    assert "x[...]" not in program.source
    assert not lines(program.source, "np.take")
    assert not lines(program.source, "index")


def test_an_mlps_forward_pass_is_three_matrix_products():
    program = hinge()
    program(np.zeros((3, 2)), np.zeros(3))
    from_values = program._plans["values"].source
    assert len(products(from_values)) == 3
    forward = run_of(program.source).splitlines()
    first_of_backward = next(i for i, line in enumerate(forward) if "seed" in line and "def" not in line)
    assert len(products("\n".join(["def run(", *forward[:first_of_backward]]))) == 3


def test_weights_are_views_of_theta_and_gradients_are_written_in_place():
    """Biases folded in: each layer's weights and biases are one matrix, and no parameter is copied while it runs."""
    program = hinge()
    weights = lines(program.source, "= theta[")
    assert len(weights) >= 3
    assert all(".reshape(" in line for line in weights)
    assert len(lines(program.source, "= gradient[")) == 3
    *calls, result = run_of(program.source).split("\n\n")[0].splitlines()
    assert not any("theta" in call or "gradient" in call for call in calls)
    assert result.strip().startswith("return")


def test_no_array_is_made_while_it_runs():
    """Every call writes with out=, so that memory is allocated once for a batch size."""
    calls = [line.strip() for line in run_of(hinge().source).splitlines()[1:] if line.strip()]
    assert all("out=" in call for call in calls if call.startswith("np."))
    assert all(call.startswith(("np.", "return")) for call in calls)


def test_what_the_batch_does_not_change_is_computed_once():
    w = [parameter(0.1 * i) for i in range(6)]
    program = autograd.compile(lambda x: dot(w, x) + autograd.sum([p.exp() * p for p in w]), [0.0] * 6)
    program.value_and_grad(np.zeros((100, 6)))
    exps = lines(program.source, "np.exp(")
    assert len(exps) == 1
    target = exps[0].split("out=")[1].rstrip(")")
    assert f"{target} = np.empty(6)" in program.source


def test_a_constant_that_every_sample_shares_is_not_spread():
    program = autograd.compile(lambda x: tanh(2.0 * x + 1.0) / 3.0, 0.0)
    assert "2.0" in program.source
    assert not lines(program.source, "constants")


def test_the_source_is_what_runs():
    """It can be copied out of the program and run."""
    program = hinge()
    constants = program._plans.get("gradient", program._main_plan()).constants
    namespace = {"np": np, "theta": program.theta, "n": 5, **constants}
    exec(program.source, namespace)  # noqa: S102  # it is what is tested
    X, y = np.random.default_rng(1).normal(size=(5, 2)), np.array([1.0, -1.0, 1.0, 1.0, -1.0])
    run, (x_in, y_in) = namespace["run"], namespace["inputs"]
    x_in[...], y_in[...] = X.T, y
    value, gradient, *_ = run(1 / 5, 1.0)
    expected_value, expected = program.value_and_grad(X, y)
    assert_close(value, expected_value)
    np.testing.assert_array_equal(gradient, expected)


def test_arguments_keep_their_names_where_they_can():
    w = parameter(0.3)
    assert "x = np.empty" in autograd.compile(lambda x: w * x, 0.1).source
    for name in ("theta", "n", "v1", "np", "seed", "gradient", "index1", "lambda_", "run"):
        function = eval(f"lambda {name}: w * {name}.exp()", {"w": w})  # noqa: S307  # a name chosen above
        program = autograd.compile(function, 0.1)
        value, gradient, (by_input,) = program.value_and_grad([1.0, 2.0], inputs=True, reduce="sum")
        e1, e2 = np.exp([1.0, 2.0])
        assert_close([value, *gradient, *by_input], [0.3 * (e1 + e2), e1 + e2, 0.3 * e1, 0.3 * e2], 10, name)


def test_arguments_of_one_name_stay_apart():
    """As parts of one argument, or where a function takes *args."""
    program = autograd.compile(lambda *xs: xs[0] - 2 * xs[1] + xs[2], 0.1, 0.2, 0.3)
    assert program([1.0], [10.0], [100.0]).tolist() == [81.0]
    program = autograd.compile(lambda a, a_0: a["0"] - 2 * a_0 + a["1"], {"0": 0.1, "1": 0.2}, 0.3)
    assert program({"0": [1.0], "1": [100.0]}, [10.0]).tolist() == [81.0]


def test_a_traceback_shows_the_generated_line():
    import linecache

    program = hinge()
    program.value_and_grad(np.zeros((2, 2)), np.zeros(2))
    code = program._plans["gradient"].workspace(program.theta, 2)[0].__code__
    assert linecache.getline(code.co_filename, code.co_firstlineno).startswith("def run(")


def test_every_sample_of_a_big_batch_is_used():
    w = matrix(3, 2)
    program = autograd.compile(lambda x: autograd.sum(map(tanh, [dot(row, x) for row in w])), [0.0, 0.0])
    X = np.random.default_rng(0).normal(size=(20_000, 2))
    W = np.array([[p.data for p in row] for row in w])
    value, gradient = program.value_and_grad(X, reduce="sum")
    T = np.tanh(X @ W.T)
    assert_close(value, T.sum(), np.abs(T).sum())
    assert_close(gradient, ((1 - T * T).T @ X).ravel(), np.abs(X).sum())
