"""All contenders of benchmarks/program.py compute the same loss and gradients; else times could not be compared."""

import numpy as np
import pytest

from benchmarks import irregular, workloads
from benchmarks.common import installed
from benchmarks.contenders import BY_HAND, MODULES

TINY = {
    "reference, 1 sample": lambda: workloads.reference(1),
    "reference, 3 samples": lambda: workloads.reference(3),
    "digits": lambda: workloads.digits(4, (3, 5, 2)),
    "online": lambda: workloads.online(3),
    "recurrent": lambda: irregular.recurrent(3, steps=3, hidden=4),
    "random graph": lambda: irregular.random_graph(200, 3),
    "whole batch": lambda: irregular.whole_batch(3),
}


@pytest.mark.parametrize("name", TINY)
def test_contenders_agree(name):
    workload = TINY[name]()
    step = workload[BY_HAND]()
    loss, gradient = step.numbers(step.call())
    assert np.count_nonzero(gradient) > 0.3 * len(gradient)  # so that the comparison says something
    compared = 0
    for contender, prepare in workload.items():
        if contender in MODULES and not installed(MODULES[contender]):
            continue
        other = prepare()
        other_loss, other_gradient = other.numbers(other.call())
        assert other_loss == pytest.approx(loss, rel=1e-11), contender
        assert other_gradient == pytest.approx(gradient, rel=1e-9, abs=1e-11), contender
        compared += 1
    assert compared >= 2
