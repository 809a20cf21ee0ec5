"""Reverse-mode differentiation of a tape: the adjoint of every instruction, written to the same tape.

The adjoint of u is ∂(Σ over the batch of seed · output)/∂u. For z = Σ c·u·v, u's share is c·z̄·v; for a row it is
z̄ · ∂z/∂u, from the row's own text. Shares add up: an adjoint is a linear combination again. Where u does not vary over
the batch and z does, u's share is summed over the batch.

``seed`` is a number chosen when the program runs: 1/n for the mean over the batch, 1 for the sum. What z̄ = seed gives
a u that does not vary is n · seed, the number ``seed_n``.
"""

from __future__ import annotations

from collections.abc import Iterable

from autograd.ops import Op
from autograd.program.straighten import Step, Straight, softmax_parts
from autograd.program.tape import ONE, Tape, Term, partial


class _Shares:
    """What has arrived at an instruction: terms as they are, and terms to be summed over the batch."""

    def __init__(self) -> None:
        self.terms: list[Term] = []
        self.over_batch: list[Term] = []

    def total(self, tape: Tape) -> list[Term]:
        """Return all of it as terms."""
        return [*self.terms, (1.0, tape.bsum(self.over_batch), ONE)] if self.over_batch else self.terms


def differentiate(straight: Straight, output: int, wanted: Iterable[int]) -> dict[int, list[Term]]:
    """Write the adjoints of the leaves ``wanted`` and return, for each that has one, its terms.

    The terms of a leaf that does not vary over the batch are already summed over it.
    """
    tape = straight.tape
    targets = set(wanted)
    needed = _needed(straight, targets)
    shares: dict[int, _Shares] = {output: _Shares()}
    shares[output].terms.append((1.0, tape.scalar("seed" if tape.batched[output] else "seed_n"), ONE))

    def add(u: int, z: int, term: Term) -> None:
        """Add a share that z passes to u."""
        if u == ONE or u not in needed:
            return
        arrived = shares.setdefault(u, _Shares())
        if tape.batched[z] and not tape.batched[u]:
            _over_batch(tape, term, arrived)
        else:
            arrived.terms.append(term)

    for step in reversed(straight.steps):
        if step.z not in shares or step.z not in needed:
            continue
        c, adjoint = _adjoint(tape, shares.pop(step.z).total(tape))
        if step.op == "lin":
            for k, u, v in tape.args[step.z]:
                add(u, step.z, tape.product(c * k, adjoint, v))
                add(v, step.z, tape.product(c * k, adjoint, u))
        elif isinstance(step.op, Op):
            for position, u in enumerate(step.operands):
                if u in needed:
                    slope = partial(tape, step.op, position, step.operands, step.z)
                    straight.slope_of.setdefault(slope, step.z)
                    if tape.value_of(slope) != 0:
                        add(u, step.z, tape.product(c, adjoint, slope))
        else:
            for u, slope in zip(step.operands, _slopes(tape, step), strict=True):
                add(u, step.z, tape.product(c, adjoint, slope))
    return {leaf: shares[leaf].total(tape) for leaf in targets if leaf in shares}


def _needed(straight: Straight, targets: set[int]) -> set[int]:
    """Return the instructions that depend on a target."""
    needed = set(targets)
    tape = straight.tape
    for step in straight.steps:
        operands = [i for _, u, v in tape.args[step.z] for i in (u, v)] if step.op == "lin" else step.operands
        if not needed.isdisjoint(operands):
            needed.add(step.z)
    return needed


def _adjoint(tape: Tape, terms: list[Term]) -> tuple[float, int]:
    """Return (c, i) with the adjoint equal to c·i."""
    if len(terms) == 1 and terms[0][2] == ONE and terms[0][1] != ONE:
        return terms[0][0], terms[0][1]
    return 1.0, tape.lin(terms)


def _over_batch(tape: Tape, term: Term, arrived: _Shares) -> None:
    """Add the sum of a term over the batch."""
    c, u, v = term
    batched_u, batched_v = u != ONE and tape.batched[u], v != ONE and tape.batched[v]
    if batched_u and (batched_v or v == ONE):
        arrived.over_batch.append(term)
    elif batched_u or batched_v:  # the other factor does not vary, so it waits outside the sum
        varying, fixed = (u, v) if batched_u else (v, u)
        arrived.terms.append((c, tape.bsum([(1.0, varying, ONE)]), fixed))
    elif u != ONE and tape.kinds[u] == "scalar":
        assert tape.args[u] == ("seed",)
        arrived.terms.append((c, tape.scalar("seed_n"), v))
    else:
        arrived.terms.append(tape.product(1.0, tape.scalar("n"), tape.lin([term])))


def _slopes(tape: Tape, step: Step) -> list[int]:
    """Write the slopes of a reduction."""
    xs, z = step.operands, step.z
    if step.op == "logsumexp":
        _, exponentials = softmax_parts(tape, xs)
        total = tape.lin([tape.product(1.0, e) for e in exponentials])
        return [tape.function("divide", e, total) for e in exponentials]
    if step.op == "prod":  # the product of all others: of those before it and those after it
        before_each = _running_products(tape, xs[:-1])
        after_each = _running_products(tape, xs[:0:-1])[::-1]
        return [tape.lin([tape.product(1.0, b, a)]) for b, a in zip(before_each, after_each, strict=True)]
    slopes = []
    before = None  # whether an earlier operand was chosen
    for x in xs:
        chosen = tape.function("or", tape.function("equal", x, z), tape.function("not_equal", x, x))
        slopes.append(chosen if before is None else tape.function("and", chosen, tape.function("not", before)))
        before = chosen if before is None else tape.function("or", before, chosen)
    return slopes


def _running_products(tape: Tape, xs: tuple[int, ...]) -> list[int]:
    """Return 1, x₁, x₁x₂, … as instructions."""
    products = [tape.constant(1.0)]
    for x in xs:
        products.append(tape.lin([tape.product(1.0, products[-1], x)]))
    return products
