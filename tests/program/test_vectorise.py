"""Vectorisation: groups that one array call can do, in an order that works, and places that do not overlap."""

import itertools
from collections import defaultdict

import numpy as np
import pytest
from functions import MADE, SEVERAL
from straight import straight_of

from autograd.program.differentiate import differentiate
from autograd.program.tape import ONE
from autograd.program.vectorise import live, operands, parts, vectorise
from nn import MLP

LEAVES = ("constant", "parameter", "input", "scalar")


def layout_of(function, examples, gradient=True):
    """Return the tape, what is needed of it, and its layout: with the gradient of a single output, unless unwanted."""
    straight, parameters, inputs = straight_of(function, examples)
    tape, needed = straight.tape, list(straight.outputs)
    if gradient and len(straight.outputs) == 1:
        leaves = [tape.parameter(i) for i in range(len(parameters))]
        shares = differentiate(straight, straight.outputs[0], leaves)
        needed += [tape.lin(shares[leaf]) for leaf in leaves if leaf in shares]
    sizes = {f"x{k}": int(np.prod(np.shape(example))) for k, example in enumerate(examples)}
    assert sum(sizes.values()) == inputs
    return tape, needed, vectorise(tape, needed, sizes, len(parameters))


every_function = pytest.mark.parametrize("make", [*MADE.values(), *SEVERAL.values()], ids=[*MADE, *SEVERAL])


@every_function
def test_every_live_instruction_is_done_once_and_after_its_operands(make):
    tape, needed, layout = layout_of(*make())
    expected = [i for i in live(tape, needed) if tape.kinds[i] not in LEAVES]
    done = []
    for group in layout.groups:
        for i in group.ids:
            assert all(j in done or tape.kinds[j] in LEAVES for j in operands(tape, i)), tape.kinds[i]
        done += group.ids
    assert sorted(done) == expected


@every_function
def test_a_groups_members_are_alike(make):
    tape, _, layout = layout_of(*make())
    for group in layout.groups:
        assert {tape.kinds[i] for i in group.ids} == {group.kind}
        assert {tape.batched[i] for i in group.ids} == {group.batched}
        assert group.array.batched == group.batched


@every_function
def test_no_two_results_lie_in_the_same_place_while_both_are_needed(make):
    """A result may be written over by the only one that uses it."""
    tape, needed, layout = layout_of(*make())
    placed = [i for i in live(tape, needed) if i in layout.places]
    assert {tape.kinds[i] for i in live(tape, needed) if i not in layout.places} <= {"constant", "scalar"}
    for group in layout.groups:
        assert [layout.places[i] for i in group.ids] == [(group.array, row) for row in range(len(group.ids))]
    users = defaultdict(list)
    for i in live(tape, needed):
        for j in operands(tape, i):
            users[j].append(i)
    taken = defaultdict(list)
    for i in placed:
        array, row = layout.places[i]
        taken[id(array), row].append(i)
    for occupants in taken.values():
        for before, after in itertools.pairwise(occupants):
            assert users[before] == [after]
            assert before not in needed
    for array in (*layout.inputs, *layout.arrays, layout.theta):
        assert all(row < array.rows for a, row in layout.places.values() if a is array)
    assert len({array.name for array in (*layout.inputs, *layout.arrays)}) == len([*layout.inputs, *layout.arrays])


@every_function
def test_the_terms_of_a_combination_are_all_sorted(make):
    tape, needed, _ = layout_of(*make())
    rng = np.random.default_rng(0)
    values = rng.normal(size=len(tape) + 1)
    values[ONE] = 1.0
    for i in live(tape, needed):
        if tape.kinds[i] == "lin":
            p = parts(tape, i)
            total = p.constant + sum(c * values[u] for c, u in p.single)
            total += sum(c * values[u] * values[v] for c, u, v in (*p.double, *p.mixed))
            assert total == pytest.approx(sum(c * values[u] * values[v] for c, u, v in tape.args[i]), rel=1e-12)
            for _, u, v in p.mixed:
                assert tape.batched[i]
                assert not tape.batched[u]
                assert v == ONE or tape.batched[v]


def test_a_layer_is_one_group_each_for_sums_and_activations():
    model = MLP(2, [16, 16, 1], seed=1)
    _, _, layout = layout_of(lambda x: model(x).tanh(), ([0.1, 0.2],), gradient=False)
    assert [(group.kind, len(group.ids)) for group in layout.groups] == [
        ("lin", 16), ("maximum", 16), ("lin", 16), ("maximum", 16), ("lin", 1), ("tanh", 1),
    ]  # fmt: skip


def test_forward_and_backward_together_are_as_few_groups_as_a_person_writes():
    model = MLP(2, [16, 16, 1], seed=1)
    _, _, layout = layout_of(lambda x, y: (1 - y * model(x)).relu(), ([0.1, 0.2], 1.0))
    assert len(layout.groups) <= 20


def test_neurons_keep_their_order():
    """So that the operands of the next layer, and the weights in theta, are slices."""
    model = MLP(3, [5, 4, 2], "tanh", seed=1)
    tape, _, layout = layout_of(lambda x: model(x), ([0.1, 0.2, 0.3],))
    first, activations = layout.groups[0].ids, layout.groups[1].ids
    weights = [[layout.places[u][1] for _, u, _ in tape.args[i]] for i in first]
    assert sorted(weights) == weights
    assert [tape.args[i][0] for i in activations] == first


def test_a_bias_gets_a_row_of_ones_beside_what_its_neurons_see():
    model = MLP(2, [3, 1], seed=1)
    _, _, layout = layout_of(lambda x: model(x), ([0.1, 0.2],))
    assert [array.ones for array in layout.inputs] == [True]
    with_ones = {(group.kind, group.array.ones) for group in layout.groups if group.batched}
    assert ("maximum", True) in with_ones
    assert sum(array.ones for array in layout.arrays) == 1
