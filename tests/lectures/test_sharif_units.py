"""sharif: threshold units and what they cannot do, the perceptron, ADALINE, the SVM, and patterns under translation."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worked_examples import close

from autograd import maximum
from nn import MLP
from nn.classic import Adaline, LinearSVM, MulticlassPerceptron, Perceptron, ThresholdUnit
from nn.data import GATES, PATTERNS, blobs, logic, shifted_patterns
from nn.losses import binary_cross_entropy_with_logits, half_squared_error, multiclass_hinge, squared_error
from nn.optimizers import Adam
from nn.penalties import l2
from nn.step_networks import union
from nn.training import fit

INPUTS = [(0, 0), (0, 1), (1, 0), (1, 1)]


# --- McCulloch-Pitts: AND and OR on -1 and 1 --------------------------------------------------------------------------


@pytest.mark.parametrize(("gate", "threshold"), [("and", 1.5), ("or", -1.5)])
def test_and_and_or_on_inputs_of_minus_1_and_1(gate, threshold):
    X, y = logic(gate, inputs=(-1, 1))
    unit = ThresholdUnit([1, 1], threshold)
    assert [unit(x).data for x in X] == y.tolist()


def test_a_unit_computes_14_of_the_16_functions_of_two_bits_and_the_others_are_xor_and_same():
    weights, thresholds = range(-2, 3), np.arange(-4.5, 5)
    found = set()
    for w1, w2, threshold in product(weights, weights, thresholds):
        unit = ThresholdUnit([w1, w2], threshold)
        found.add(tuple(int(unit(x).data) for x in INPUTS))
    assert set(product((0, 1), repeat=4)) - found == {GATES["xor"], GATES["xnor"]}


WEIGHT = st.fractions(-100, 100)


@given(WEIGHT, WEIGHT, WEIGHT)
def test_the_four_inequalities_of_same_contradict_each_other(w1, w2, threshold):
    # Exact arithmetic. What the two equal inputs give together, the two different ones give together too:
    total = {(a, b): w1 * a + w2 * b for a, b in INPUTS}
    assert total[1, 1] + total[0, 0] == total[1, 0] + total[0, 1]
    # so if the former both reach the threshold, their sum reaches twice it, and the latter cannot both stay below.
    same = [total[1, 1] >= threshold, total[0, 0] >= threshold]
    different = [total[1, 0] < threshold, total[0, 1] < threshold]
    assert not all(same + different)
    assert any(same + different)  # XOR would need the opposite of all four
    unit = ThresholdUnit([float(w1), float(w2)], float(threshold))
    assert [unit(x).data for x in INPUTS] not in ([1, 0, 0, 1], [0, 1, 1, 0])


# --- the perceptron convergence procedure -----------------------------------------------------------------------------


def test_the_procedure_adds_and_subtracts_the_input():
    unit = Perceptron(2)
    unit.fit([[2.0, -3.0]], [0], epochs=1)  # the total input 0 fires: incorrectly a 1, so subtract
    assert [w.data for w in unit.w] == [-2.0, 3.0]
    unit.fit([[4.0, 1.0]], [1], epochs=1)  # -8 + 3 - 1 < 0: incorrectly a 0, so add
    assert [w.data for w in unit.w] == [2.0, 4.0]
    unit.fit([[1.0, 1.0]], [1], epochs=1)  # correct: left alone
    assert [w.data for w in unit.w] == [2.0, 4.0]


def test_with_outputs_of_minus_1_and_1_the_change_is_the_input_times_the_target():
    unit = Perceptron(2, activation="sign")
    unit.fit([[2.0, -3.0]], [-1], epochs=1)
    assert [w.data for w in unit.w] == [-2.0, 3.0]


@pytest.mark.parametrize("gate", ["and", "or"])
@pytest.mark.parametrize("inputs", [(0, 1), (-1, 1)])
@pytest.mark.parametrize("activation", ["step", "sign"])
def test_it_converges_on_and_and_or(gate, inputs, activation):
    X, y = logic(gate, inputs=inputs)
    targets = 2 * y - 1 if activation == "sign" else y
    unit = Perceptron(2, activation)
    result = unit.fit(X, targets)
    assert result.converged
    assert result.mistakes[-1] == 0
    assert [unit(x).data for x in X] == targets.tolist()


@pytest.mark.parametrize("gate", ["xor", "xnor"])
@pytest.mark.parametrize("inputs", [(0, 1), (-1, 1)])
@pytest.mark.parametrize("activation", ["step", "sign"])
def test_it_never_converges_on_xor_or_same(gate, inputs, activation):
    X, y = logic(gate, inputs=inputs)
    targets = 2 * y - 1 if activation == "sign" else y
    unit = Perceptron(2, activation)
    mistakes, ends = [], []
    for _ in range(100):  # one epoch at a time, whatever fit thinks of it
        mistakes += unit.fit(X, targets, epochs=1).mistakes
        ends.append(tuple(p.data for p in unit.parameters()))
    assert min(mistakes) > 0
    assert len(set(ends)) < 10  # the weights go round in a small cycle
    result = Perceptron(2, activation).fit(X, targets)
    assert not result.converged
    assert result.cycle is not None


# --- several classes: template matching -------------------------------------------------------------------------------

LETTERS = {
    "T": "111 010 010", "L": "100 100 111", "X": "101 010 101", "O": "111 101 111",
}  # fmt: skip


def test_templates_of_letters_win_by_similarity():
    X = np.array([[float(pixel) for pixel in letter if pixel != " "] for letter in LETTERS.values()])
    unit = MulticlassPerceptron(9, classes=4)
    result = unit.fit(X, range(4))
    assert result.converged
    assert [unit.winner(x) for x in X] == [0, 1, 2, 3]
    templates = np.array([[w.data for w in row] for row in unit.w])
    assert [int(np.argmax(templates @ x + [b.data for b in unit.b])) for x in X] == [0, 1, 2, 3]
    assert np.linalg.matrix_rank(np.vstack([X, templates])) == np.linalg.matrix_rank(X)  # sums of inputs, nothing else


def test_a_single_template_cannot_capture_two_shapes_of_one_class():
    X, y = logic("xor")
    assert not MulticlassPerceptron(2, classes=2).fit(X, y).converged


# --- ADALINE ----------------------------------------------------------------------------------------------------------


def test_the_delta_rule_is_the_gradient_step_of_half_the_squared_error():
    x, y, rate, start = [2.0, -1.0], 1.0, 0.1, [0.5, 0.25, -0.75]
    error = y - (0.5 * 2.0 - 0.25 - 0.75)
    unit = Adaline(2)
    for p, data in zip(unit.parameters(), start, strict=True):
        p.data = data
    gradients = {}
    for loss in (half_squared_error, squared_error):
        for p in unit.parameters():
            p.grad = 0.0
        loss(unit(x), y).backward()
        gradients[loss] = [p.grad for p in unit.parameters()]
    rule = [rate * error * x_i for x_i in (*x, 1.0)]
    assert [-rate * g for g in gradients[half_squared_error]] == close(rule)
    assert [-rate * g for g in gradients[squared_error]] == close([2 * change for change in rule])  # the factor dropped
    unit.fit([x], [y], learning_rate=rate, epochs=1)
    assert [p.data for p in unit.parameters()] == close([s + change for s, change in zip(start, rule, strict=True)])


# --- the linear SVM ---------------------------------------------------------------------------------------------------


def test_margins_of_given_scores():
    # CS231n's three images, from which the slides are adapted: a cat, a car and a frog.
    scores, y = [(3.2, 5.1, -1.7), (1.3, 4.9, 2.0), (2.2, 2.5, -3.1)], [0, 1, 2]
    losses = [multiclass_hinge(s, label).data for s, label in zip(scores, y, strict=True)]
    assert losses == close([2.9, 0.0, 12.9])
    assert sum(losses) / 3 == pytest.approx(5.27, abs=0.005)


def test_scores_margins_data_loss_and_regularisation_forward_and_backward():
    rng = np.random.default_rng(5)
    X, y, W0, b0, strength = rng.normal(size=(4, 3)), [0, 2, 1, 2], rng.normal(size=(3, 3)), rng.normal(size=3), 0.1

    machine = LinearSVM(3, classes=3)
    for neuron, row, bias in zip(machine.neurons, W0, b0, strict=True):
        for w, data in zip(neuron.w, row, strict=True):
            w.data = data
        neuron.b.data = bias
    scores = [machine(x) for x in X]
    margins = [
        [maximum(0.0, s_j - s[label] + 1) for j, s_j in enumerate(s) if j != label]
        for s, label in zip(scores, y, strict=True)
    ]
    data_loss = sum(sum(row) for row in margins) / len(X)
    reg_loss = strength * sum(w * w for row in machine.w for w in row)
    loss = data_loss + reg_loss
    loss.backward()

    S = X @ W0.T + b0
    M = np.maximum(0, S - S[range(4), y][:, None] + 1)
    M[range(4), y] = 0
    dS = (M > 0).astype(float)
    dS[range(4), y] = -dS.sum(axis=1)
    dW, db = dS.T @ X / 4 + 2 * strength * W0, dS.sum(axis=0) / 4
    assert np.array([[v.data for v in s] for s in scores]) == close(S)
    assert data_loss.data == close(M.sum() / 4)
    assert reg_loss.data == close(strength * np.sum(W0**2))
    assert np.array([[w.grad for w in row] for row in machine.w]) == close(dW)
    assert [b.grad for b in machine.b] == close(db)

    by_the_library = sum(multiclass_hinge(machine(x), label) for x, label in zip(X, y, strict=True)) / 4
    total = by_the_library + l2(strength)(machine.weights())
    assert total.data == close(loss.data)
    machine.fit(X, y, strength=strength, learning_rate=0.5, epochs=1)
    assert np.array([[w.data for w in row] for row in machine.w]) == close(W0 - 0.5 * dW)
    assert [b.data for b in machine.b] == close(b0 - 0.5 * db)


def test_only_support_vectors_pull():
    X, y = blobs(60, centers=[[-1, 0], [1, 0]], noise=0.5)
    machine = LinearSVM(2, classes=2)
    machine.fit(X, y, epochs=200)

    def gradient_of(examples):
        for p in machine.parameters():
            p.grad = 0.0
        sum(multiclass_hinge(machine(X[i]), y[i]) for i in examples).backward()
        return [p.grad for p in machine.parameters()]

    support = [i for i in range(60) if multiclass_hinge(machine(X[i]), y[i]).data > 0]
    assert 0 < len(support) < 30
    assert gradient_of(range(60)) == close(gradient_of(support))


# --- patterns under translation with wrap-around ----------------------------------------------------------------------


def test_over_all_translations_two_patterns_give_a_unit_the_same_input():
    X, y = shifted_patterns()
    on = sum(PATTERNS[0])
    assert on == sum(PATTERNS[1]) == 4
    rng = np.random.default_rng(0)
    for w in rng.normal(size=(20, X.shape[1])):
        totals = X @ w
        assert totals[y == 0].sum() == close(on * w.sum())  # four times the sum of all the weights
        assert totals[y == 1].sum() == close(on * w.sum())
        # so not every case of the one gives more than every case of the other
        assert totals[y == 0].min() < totals[y == 1].max()
        assert totals[y == 1].min() < totals[y == 0].max()


@pytest.mark.parametrize(("activation", "targets"), [("step", (0, 1)), ("step", (1, 0)), ("sign", (-1, 1))])
def test_so_no_single_unit_tells_them_apart(activation, targets):
    X, y = shifted_patterns()
    result = Perceptron(X.shape[1], activation).fit(X, np.array(targets)[y])
    assert not result.converged
    assert result.cycle is not None
    assert min(result.mistakes) > 0


def test_with_another_number_of_pixels_on_a_single_unit_can():
    X, y = shifted_patterns([[1, 1, 1, 1, 0, 0, 0, 0, 0, 0], [1, 1, 0, 1, 0, 0, 0, 0, 0, 0]])
    assert Perceptron(X.shape[1]).fit(X, y).converged


def test_a_network_with_hidden_units_does_it_by_looking_for_one_pattern_everywhere():
    X, y = shifted_patterns()
    detectors = [[(x.tolist(), 3.5)] for x in X[y == 0]]  # fires if all four pixels of this translation are on
    network = union(detectors)
    assert [network(x).data for x in X] == (1 - y).tolist()


def test_a_network_with_hidden_units_learns_it():
    X, y = shifted_patterns()
    model = MLP(X.shape[1], [8, 1], activation="tanh", initial="xavier", seed=0)
    optimizer = Adam(model.parameters(), learning_rate=0.05)
    history = fit(
        model, X, y, loss=binary_cross_entropy_with_logits, optimizer=optimizer, epochs=300, metrics="accuracy"
    )
    assert history.last("accuracy") == 1.0
    assert history.last("loss") < 0.05
