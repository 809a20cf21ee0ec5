"""What every operation means, written from its mathematics with mpmath: the judge of the table in autograd/ops.py.

Each reference takes mpmath numbers and works to whatever precision ``mpmath.mp`` is set to. Outside the real domain it
may raise or answer with a complex number. Nothing here is taken from the rows: a formula that the table writes in a
stable or a fused form stands here in the form of its textbook definition, and ``slope`` differentiates by differences.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mpmath import mp, mpf


def _real_power(x: mpf, y: mpf) -> mpf:
    if x < 0 and y == int(y):
        return mp.power(-x, y) * (-1) ** int(y)
    return mp.mpf(0) if x == 0 and y > 0 else mp.power(x, y)


def _gelu(x: mpf) -> mpf:
    with mp.workdps(mp.dps + 400):  # 1 + tanh loses as many digits as the result has zeros after the point
        return x / 2 * (1 + mp.tanh(mp.sqrt(2 / mp.pi) * (x + mpf("0.044715") * x**3)))


REFERENCES: dict[str, Callable[..., mpf]] = {
    "add": lambda x, y: x + y,
    "subtract": lambda x, y: x - y,
    "multiply": lambda x, y: x * y,
    "divide": lambda x, y: x / y,
    "power": _real_power,
    "negative": lambda x: -x,
    "absolute": lambda x: max(x, -x),
    "exp": mp.exp,
    "expm1": mp.expm1,
    "log": mp.log,
    "log1p": mp.log1p,
    "log2": lambda x: mp.log(x) / mp.log(2),
    "log10": lambda x: mp.log(x) / mp.log(10),
    "sqrt": mp.sqrt,
    "square": lambda x: x**2,
    "cbrt": lambda x: mp.sign(x) * mp.cbrt(abs(x)),
    "reciprocal": lambda x: 1 / x,
    "sin": mp.sin,
    "cos": mp.cos,
    "tan": mp.tan,
    "arcsin": mp.asin,
    "arccos": mp.acos,
    "arctan": mp.atan,
    "sinh": mp.sinh,
    "cosh": mp.cosh,
    "tanh": mp.tanh,
    "arcsinh": mp.asinh,
    "arccosh": mp.acosh,
    "arctanh": mp.atanh,
    "maximum": max,
    "minimum": min,
    "clip": lambda x, a, b: min(max(x, a), b),
    "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
    "relu": lambda x: max(x, mpf(0)),
    "leaky_relu": lambda x, y: x if x > 0 else y * x,
    "elu": lambda x, y: x if x > 0 else y * mp.expm1(x),
    "silu": lambda x: x / (1 + mp.exp(-x)),
    "gelu": _gelu,
    "softplus": lambda x: mp.log1p(mp.exp(x)),
    "softsign": lambda x: x / (1 + abs(x)),
    "step": lambda x: mpf(x >= 0),
    "sign": mp.sign,
    "greater": lambda x, y: mpf(x > y),
    "greater_equal": lambda x, y: mpf(x >= y),
    "less": lambda x, y: mpf(x < y),
    "less_equal": lambda x, y: mpf(x <= y),
    "where": lambda c, x, y: x if c != 0 else y,
}

REDUCTIONS: dict[str, Callable[[Sequence[mpf]], mpf]] = {
    "sum": mp.fsum,
    "mean": lambda xs: mp.fsum(xs) / len(xs),
    "prod": mp.fprod,
    "max": max,
    "min": min,
    "logsumexp": lambda xs: max(xs) + mp.log(mp.fsum(mp.exp(x - max(xs)) for x in xs)),
}


def dot(weights: Sequence[mpf], inputs: Sequence[mpf], bias: mpf) -> mpf:
    return mp.fsum([bias, *(w * x for w, x in zip(weights, inputs, strict=True))])


def exact(reference: Callable[..., mpf], point: Sequence[float]) -> mpf:
    """Return the reference's value at floats, to 50 digits."""
    with mp.workdps(50):
        return reference(*map(mpf, point))


def slope(reference: Callable[..., mpf], point: Sequence[mpf | float], i: int) -> mpf | None:
    """Return ∂reference/∂xᵢ by central differences; None at a kink, a jump, or where a neighbour is outside the domain.

    The step h is 1e-25 of xᵢ. Two floats lie at least 1e-16 of themselves apart, so a step cannot cross a kink or an
    edge that is itself a float: the point either stands on it or is far from it. The error of the differences, of order
    h², is below 1e-15 even a float's breadth away from a singularity, and the precision is such that they keep digits.
    """
    sizes = [abs(mpf(x)) for x in point if x]
    h = (abs(mpf(point[i])) or min([mpf(1), *sizes])) * mpf("1e-25")
    digits = 60 + int(mp.log10(max([mpf(1), *sizes]) / h))
    with mp.workdps(digits):
        below, here, above = (_at(reference, point, i, step * h) for step in (-1, 0, 1))
    if below is None or here is None or above is None:
        return None
    if abs(above - below) < abs(here) * mpf(10) ** (20 - digits):  # a saturated function: it is the digits that lack
        digits += 400
        with mp.workdps(digits):
            below, here, above = (_at(reference, point, i, step * h) for step in (-1, 0, 1))
    with mp.workdps(digits):
        left, right = (here - below) / h, (above - here) / h
        if abs(right - left) > mpf("1e-6") * max(abs(left), abs(right)):
            return None
        return (above - below) / (2 * h)


def _at(reference: Callable[..., mpf], point: Sequence[mpf | float], i: int, step: mpf) -> mpf | None:
    """Return the reference with xᵢ moved by ``step``; None where it has no finite real value."""
    try:
        z = reference(*[mpf(x) + step if j == i else mpf(x) for j, x in enumerate(point)])
    except (ValueError, ZeroDivisionError):
        return None
    return z if isinstance(z, mpf) and mp.isfinite(z) else None
