# Written by `python -m autograd.stub` from the table in ops.py; do not edit.
from collections.abc import Callable
from typing import SupportsFloat

from autograd.ops import Domain, Op
from autograd.value import Value

__all__ = [
    "Operations",
    "add",
    "subtract",
    "multiply",
    "divide",
    "power",
    "negative",
    "absolute",
    "exp",
    "expm1",
    "log",
    "log1p",
    "log2",
    "log10",
    "sqrt",
    "square",
    "cbrt",
    "reciprocal",
    "sin",
    "cos",
    "tan",
    "arcsin",
    "arccos",
    "arctan",
    "sinh",
    "cosh",
    "tanh",
    "arcsinh",
    "arccosh",
    "arctanh",
    "maximum",
    "minimum",
    "clip",
    "sigmoid",
    "relu",
    "leaky_relu",
    "elu",
    "silu",
    "gelu",
    "softplus",
    "softsign",
    "step",
    "sign",
    "greater",
    "greater_equal",
    "less",
    "less_equal",
    "where",
]

class Operations:
    __slots__ = ()

    def add(self, y: SupportsFloat) -> Value:
        """z = x + y; ∂z/∂x = 1, ∂z/∂y = 1. x and y may be any numbers."""

    def __add__(self, y: SupportsFloat) -> Value:
        """z = x + y; ∂z/∂x = 1, ∂z/∂y = 1. x and y may be any numbers."""

    def __radd__(self, other: SupportsFloat) -> Value:
        """z = x + y; ∂z/∂x = 1, ∂z/∂y = 1. x and y may be any numbers."""

    def subtract(self, y: SupportsFloat) -> Value:
        """z = x - y; ∂z/∂x = 1, ∂z/∂y = -1. x and y may be any numbers."""

    def __sub__(self, y: SupportsFloat) -> Value:
        """z = x - y; ∂z/∂x = 1, ∂z/∂y = -1. x and y may be any numbers."""

    def __rsub__(self, other: SupportsFloat) -> Value:
        """z = x - y; ∂z/∂x = 1, ∂z/∂y = -1. x and y may be any numbers."""

    def multiply(self, y: SupportsFloat) -> Value:
        """z = x * y; ∂z/∂x = y, ∂z/∂y = x. x and y may be any numbers."""

    def __mul__(self, y: SupportsFloat) -> Value:
        """z = x * y; ∂z/∂x = y, ∂z/∂y = x. x and y may be any numbers."""

    def __rmul__(self, other: SupportsFloat) -> Value:
        """z = x * y; ∂z/∂x = y, ∂z/∂y = x. x and y may be any numbers."""

    def divide(self, y: SupportsFloat) -> Value:
        """z = x / y; ∂z/∂x = 1 / y, ∂z/∂y = -z / y. y must not be 0."""

    def __truediv__(self, y: SupportsFloat) -> Value:
        """z = x / y; ∂z/∂x = 1 / y, ∂z/∂y = -z / y. y must not be 0."""

    def __rtruediv__(self, other: SupportsFloat) -> Value:
        """z = x / y; ∂z/∂x = 1 / y, ∂z/∂y = -z / y. y must not be 0."""

    def power(self, y: SupportsFloat) -> Value:
        """z = x ** y; ∂z/∂x = 0 if y == 0 else y * x ** (y - 1), ∂z/∂y = z * log(x) if x > 0 else 0 if x == 0 else nan. x must lie in (0, ∞), or be 0 with y ≥ 0, or be negative with y a whole number; 0 ** 0 is 1 with slope 0 in x; the slope in y is 0 at x = 0 and nan for negative x."""

    def __pow__(self, y: SupportsFloat) -> Value:
        """z = x ** y; ∂z/∂x = 0 if y == 0 else y * x ** (y - 1), ∂z/∂y = z * log(x) if x > 0 else 0 if x == 0 else nan. x must lie in (0, ∞), or be 0 with y ≥ 0, or be negative with y a whole number; 0 ** 0 is 1 with slope 0 in x; the slope in y is 0 at x = 0 and nan for negative x."""

    def __rpow__(self, other: SupportsFloat) -> Value:
        """z = x ** y; ∂z/∂x = 0 if y == 0 else y * x ** (y - 1), ∂z/∂y = z * log(x) if x > 0 else 0 if x == 0 else nan. x must lie in (0, ∞), or be 0 with y ≥ 0, or be negative with y a whole number; 0 ** 0 is 1 with slope 0 in x; the slope in y is 0 at x = 0 and nan for negative x."""

    def negative(self) -> Value:
        """z = -x; ∂z/∂x = -1. x may be any number."""

    def __neg__(self) -> Value:
        """z = -x; ∂z/∂x = -1. x may be any number."""

    def absolute(self) -> Value:
        """z = abs(x); ∂z/∂x = sign(x). x may be any number; slope 0 at 0."""

    def __abs__(self) -> Value:
        """z = abs(x); ∂z/∂x = sign(x). x may be any number; slope 0 at 0."""

    def exp(self) -> Value:
        """z = exp(x); ∂z/∂x = z. x must be at most 709.78."""

    def expm1(self) -> Value:
        """z = expm1(x); ∂z/∂x = exp(x). x must be at most 709.78."""

    def log(self) -> Value:
        """z = log(x); ∂z/∂x = 1 / x. x must lie in (0, ∞)."""

    def log1p(self) -> Value:
        """z = log1p(x); ∂z/∂x = 1 / (1 + x). x must lie in (-1, ∞)."""

    def log2(self) -> Value:
        """z = log2(x); ∂z/∂x = 1 / (x * ln2). x must lie in (0, ∞)."""

    def log10(self) -> Value:
        """z = log10(x); ∂z/∂x = 1 / (x * ln10). x must lie in (0, ∞)."""

    def sqrt(self) -> Value:
        """z = sqrt(x); ∂z/∂x = 0.5 / abs(z). x must lie in [0, ∞); slope ∞ at 0, and at -0 too."""

    def square(self) -> Value:
        """z = x * x; ∂z/∂x = 2 * x. x may be any number."""

    def cbrt(self) -> Value:
        """z = cbrt(x); ∂z/∂x = 1 / (3 * z * z). x may be any number; slope ∞ at 0."""

    def reciprocal(self) -> Value:
        """z = 1 / x; ∂z/∂x = -z * z. x must not be 0."""

    def sin(self) -> Value:
        """z = sin(x); ∂z/∂x = cos(x). x must be finite."""

    def cos(self) -> Value:
        """z = cos(x); ∂z/∂x = -sin(x). x must be finite."""

    def tan(self) -> Value:
        """z = tan(x); ∂z/∂x = 1 + z * z. x must be finite."""

    def arcsin(self) -> Value:
        """z = arcsin(x); ∂z/∂x = 1 / sqrt((1 - x) * (1 + x)). x must lie in [-1, 1]; slope ∞ at -1 and 1."""

    def arccos(self) -> Value:
        """z = arccos(x); ∂z/∂x = -1 / sqrt((1 - x) * (1 + x)). x must lie in [-1, 1]; slope -∞ at -1 and 1."""

    def arctan(self) -> Value:
        """z = arctan(x); ∂z/∂x = 1 / (1 + x * x). x may be any number."""

    def sinh(self) -> Value:
        """z = sinh(x); ∂z/∂x = cosh(x). x must lie in [-710.47, 710.47]."""

    def cosh(self) -> Value:
        """z = cosh(x); ∂z/∂x = sinh(x). x must lie in [-710.47, 710.47]."""

    def tanh(self) -> Value:
        """z = tanh(x); ∂z/∂x = 1 - z * z. x may be any number."""

    def arcsinh(self) -> Value:
        """z = arcsinh(x); ∂z/∂x = 1 / hypot(x, 1). x may be any number."""

    def arccosh(self) -> Value:
        """z = arccosh(x); ∂z/∂x = 1 / (sqrt(x - 1) * sqrt(x + 1)). x must lie in [1, ∞); slope ∞ at 1."""

    def arctanh(self) -> Value:
        """z = arctanh(x); ∂z/∂x = 1 / ((1 - x) * (1 + x)). x must lie in (-1, 1)."""

    def maximum(self, y: SupportsFloat) -> Value:
        """z = x if x >= y or x != x else y; ∂z/∂x = 1 if x >= y or x != x else 0, ∂z/∂y = 0 if x >= y or x != x else 1. x and y may be any numbers; at a tie the first argument gets the gradient."""

    def minimum(self, y: SupportsFloat) -> Value:
        """z = x if x <= y or x != x else y; ∂z/∂x = 1 if x <= y or x != x else 0, ∂z/∂y = 0 if x <= y or x != x else 1. x and y may be any numbers; at a tie the first argument gets the gradient."""

    def clip(self, a: SupportsFloat, b: SupportsFloat) -> Value:
        """z = minimum(maximum(x, a), b); ∂z/∂x = 0 if maximum(x, a) > b or x < a else 1, ∂z/∂a = 1 if x < a and a <= b else 0, ∂z/∂b = 1 if maximum(x, a) > b else 0. a must be at most b; at a bound the gradient goes to x."""

    def sigmoid(self) -> Value:
        """z = 1 / (1 + exp(-x)) if x > -709 else exp(x); ∂z/∂x = z * (1 - z). x may be any number."""

    def relu(self) -> Value:
        """z = 0 if x <= 0 else x; ∂z/∂x = 0 if x <= 0 else 1. x may be any number; slope 0 at 0."""

    def leaky_relu(self, y: SupportsFloat = 0.01) -> Value:
        """z = y * x if x <= 0 else x; ∂z/∂x = y if x <= 0 else 1, ∂z/∂y = x if x <= 0 else 0. x and y may be any numbers; y is the slope for x ≤ 0."""

    def elu(self, y: SupportsFloat = 1.0) -> Value:
        """z = y * expm1(x) if x <= 0 else x; ∂z/∂x = y * exp(x) if x <= 0 else 1, ∂z/∂y = expm1(x) if x <= 0 else 0. x and y may be any numbers; y is the depth that is reached as x → -∞; slope y at 0."""

    def silu(self) -> Value:
        """z = x * sigmoid(x); ∂z/∂x = sigmoid(x) * (1 + x * sigmoid(-x)). x may be any number."""

    def gelu(self) -> Value:
        """z = x * sigmoid(x * (1.5957691216057308 + 0.07135481627260025 * x * x)); ∂z/∂x = sigmoid(x * (1.5957691216057308 + 0.07135481627260025 * x * x)) + z * sigmoid(-x * (1.5957691216057308 + 0.07135481627260025 * x * x)) * (1.5957691216057308 + 0.21406444881780073 * x * x) if abs(x) < 1e3 else sigmoid(x). x may be any number; the tanh form, 0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³))), written with sigmoid so that its tail keeps digits."""

    def softplus(self) -> Value:
        """z = maximum(x, 0) + log1p(exp(-abs(x))); ∂z/∂x = sigmoid(x). x may be any number."""

    def softsign(self) -> Value:
        """z = x / (1 + abs(x)); ∂z/∂x = 1 / ((1 + abs(x)) * (1 + abs(x))). x may be any number."""

    def step(self) -> Value:
        """z = x if x != x else 1 if x >= 0 else 0; ∂z/∂x = 0. x may be any number; 1 at 0, as a threshold unit fires; slope 0 everywhere."""

    def sign(self) -> Value:
        """z = sign(x); ∂z/∂x = 0. x may be any number; 0 at 0; slope 0 everywhere."""

    def greater(self, y: SupportsFloat) -> Value:
        """z = 1 if x > y else 0; ∂z/∂x = 0, ∂z/∂y = 0. x and y may be any numbers; slope 0 everywhere."""

    def greater_equal(self, y: SupportsFloat) -> Value:
        """z = 1 if x >= y else 0; ∂z/∂x = 0, ∂z/∂y = 0. x and y may be any numbers; slope 0 everywhere."""

    def less(self, y: SupportsFloat) -> Value:
        """z = 1 if x < y else 0; ∂z/∂x = 0, ∂z/∂y = 0. x and y may be any numbers; slope 0 everywhere."""

    def less_equal(self, y: SupportsFloat) -> Value:
        """z = 1 if x <= y else 0; ∂z/∂x = 0, ∂z/∂y = 0. x and y may be any numbers; slope 0 everywhere."""

    def where(self, x: SupportsFloat, y: SupportsFloat) -> Value:
        """z = x if c != 0 else y; ∂z/∂c = 0, ∂z/∂x = 1 if c != 0 else 0, ∂z/∂y = 0 if c != 0 else 1. c, x and y may be any numbers; x where c is not 0, else y; no gradient reaches c."""

def add(x: SupportsFloat, y: SupportsFloat) -> Value:
    """z = x + y; ∂z/∂x = 1, ∂z/∂y = 1. x and y may be any numbers."""

def subtract(x: SupportsFloat, y: SupportsFloat) -> Value:
    """z = x - y; ∂z/∂x = 1, ∂z/∂y = -1. x and y may be any numbers."""

def multiply(x: SupportsFloat, y: SupportsFloat) -> Value:
    """z = x * y; ∂z/∂x = y, ∂z/∂y = x. x and y may be any numbers."""

def divide(x: SupportsFloat, y: SupportsFloat) -> Value:
    """z = x / y; ∂z/∂x = 1 / y, ∂z/∂y = -z / y. y must not be 0."""

def power(x: SupportsFloat, y: SupportsFloat) -> Value:
    """z = x ** y; ∂z/∂x = 0 if y == 0 else y * x ** (y - 1), ∂z/∂y = z * log(x) if x > 0 else 0 if x == 0 else nan. x must lie in (0, ∞), or be 0 with y ≥ 0, or be negative with y a whole number; 0 ** 0 is 1 with slope 0 in x; the slope in y is 0 at x = 0 and nan for negative x."""

def negative(x: SupportsFloat) -> Value:
    """z = -x; ∂z/∂x = -1. x may be any number."""

def absolute(x: SupportsFloat) -> Value:
    """z = abs(x); ∂z/∂x = sign(x). x may be any number; slope 0 at 0."""

def exp(x: SupportsFloat) -> Value:
    """z = exp(x); ∂z/∂x = z. x must be at most 709.78."""

def expm1(x: SupportsFloat) -> Value:
    """z = expm1(x); ∂z/∂x = exp(x). x must be at most 709.78."""

def log(x: SupportsFloat) -> Value:
    """z = log(x); ∂z/∂x = 1 / x. x must lie in (0, ∞)."""

def log1p(x: SupportsFloat) -> Value:
    """z = log1p(x); ∂z/∂x = 1 / (1 + x). x must lie in (-1, ∞)."""

def log2(x: SupportsFloat) -> Value:
    """z = log2(x); ∂z/∂x = 1 / (x * ln2). x must lie in (0, ∞)."""

def log10(x: SupportsFloat) -> Value:
    """z = log10(x); ∂z/∂x = 1 / (x * ln10). x must lie in (0, ∞)."""

def sqrt(x: SupportsFloat) -> Value:
    """z = sqrt(x); ∂z/∂x = 0.5 / abs(z). x must lie in [0, ∞); slope ∞ at 0, and at -0 too."""

def square(x: SupportsFloat) -> Value:
    """z = x * x; ∂z/∂x = 2 * x. x may be any number."""

def cbrt(x: SupportsFloat) -> Value:
    """z = cbrt(x); ∂z/∂x = 1 / (3 * z * z). x may be any number; slope ∞ at 0."""

def reciprocal(x: SupportsFloat) -> Value:
    """z = 1 / x; ∂z/∂x = -z * z. x must not be 0."""

def sin(x: SupportsFloat) -> Value:
    """z = sin(x); ∂z/∂x = cos(x). x must be finite."""

def cos(x: SupportsFloat) -> Value:
    """z = cos(x); ∂z/∂x = -sin(x). x must be finite."""

def tan(x: SupportsFloat) -> Value:
    """z = tan(x); ∂z/∂x = 1 + z * z. x must be finite."""

def arcsin(x: SupportsFloat) -> Value:
    """z = arcsin(x); ∂z/∂x = 1 / sqrt((1 - x) * (1 + x)). x must lie in [-1, 1]; slope ∞ at -1 and 1."""

def arccos(x: SupportsFloat) -> Value:
    """z = arccos(x); ∂z/∂x = -1 / sqrt((1 - x) * (1 + x)). x must lie in [-1, 1]; slope -∞ at -1 and 1."""

def arctan(x: SupportsFloat) -> Value:
    """z = arctan(x); ∂z/∂x = 1 / (1 + x * x). x may be any number."""

def sinh(x: SupportsFloat) -> Value:
    """z = sinh(x); ∂z/∂x = cosh(x). x must lie in [-710.47, 710.47]."""

def cosh(x: SupportsFloat) -> Value:
    """z = cosh(x); ∂z/∂x = sinh(x). x must lie in [-710.47, 710.47]."""

def tanh(x: SupportsFloat) -> Value:
    """z = tanh(x); ∂z/∂x = 1 - z * z. x may be any number."""

def arcsinh(x: SupportsFloat) -> Value:
    """z = arcsinh(x); ∂z/∂x = 1 / hypot(x, 1). x may be any number."""

def arccosh(x: SupportsFloat) -> Value:
    """z = arccosh(x); ∂z/∂x = 1 / (sqrt(x - 1) * sqrt(x + 1)). x must lie in [1, ∞); slope ∞ at 1."""

def arctanh(x: SupportsFloat) -> Value:
    """z = arctanh(x); ∂z/∂x = 1 / ((1 - x) * (1 + x)). x must lie in (-1, 1)."""

def maximum(x: SupportsFloat, y: SupportsFloat) -> Value:
    """z = x if x >= y or x != x else y; ∂z/∂x = 1 if x >= y or x != x else 0, ∂z/∂y = 0 if x >= y or x != x else 1. x and y may be any numbers; at a tie the first argument gets the gradient."""

def minimum(x: SupportsFloat, y: SupportsFloat) -> Value:
    """z = x if x <= y or x != x else y; ∂z/∂x = 1 if x <= y or x != x else 0, ∂z/∂y = 0 if x <= y or x != x else 1. x and y may be any numbers; at a tie the first argument gets the gradient."""

def clip(x: SupportsFloat, a: SupportsFloat, b: SupportsFloat) -> Value:
    """z = minimum(maximum(x, a), b); ∂z/∂x = 0 if maximum(x, a) > b or x < a else 1, ∂z/∂a = 1 if x < a and a <= b else 0, ∂z/∂b = 1 if maximum(x, a) > b else 0. a must be at most b; at a bound the gradient goes to x."""

def sigmoid(x: SupportsFloat) -> Value:
    """z = 1 / (1 + exp(-x)) if x > -709 else exp(x); ∂z/∂x = z * (1 - z). x may be any number."""

def relu(x: SupportsFloat) -> Value:
    """z = 0 if x <= 0 else x; ∂z/∂x = 0 if x <= 0 else 1. x may be any number; slope 0 at 0."""

def leaky_relu(x: SupportsFloat, y: SupportsFloat = 0.01) -> Value:
    """z = y * x if x <= 0 else x; ∂z/∂x = y if x <= 0 else 1, ∂z/∂y = x if x <= 0 else 0. x and y may be any numbers; y is the slope for x ≤ 0."""

def elu(x: SupportsFloat, y: SupportsFloat = 1.0) -> Value:
    """z = y * expm1(x) if x <= 0 else x; ∂z/∂x = y * exp(x) if x <= 0 else 1, ∂z/∂y = expm1(x) if x <= 0 else 0. x and y may be any numbers; y is the depth that is reached as x → -∞; slope y at 0."""

def silu(x: SupportsFloat) -> Value:
    """z = x * sigmoid(x); ∂z/∂x = sigmoid(x) * (1 + x * sigmoid(-x)). x may be any number."""

def gelu(x: SupportsFloat) -> Value:
    """z = x * sigmoid(x * (1.5957691216057308 + 0.07135481627260025 * x * x)); ∂z/∂x = sigmoid(x * (1.5957691216057308 + 0.07135481627260025 * x * x)) + z * sigmoid(-x * (1.5957691216057308 + 0.07135481627260025 * x * x)) * (1.5957691216057308 + 0.21406444881780073 * x * x) if abs(x) < 1e3 else sigmoid(x). x may be any number; the tanh form, 0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³))), written with sigmoid so that its tail keeps digits."""

def softplus(x: SupportsFloat) -> Value:
    """z = maximum(x, 0) + log1p(exp(-abs(x))); ∂z/∂x = sigmoid(x). x may be any number."""

def softsign(x: SupportsFloat) -> Value:
    """z = x / (1 + abs(x)); ∂z/∂x = 1 / ((1 + abs(x)) * (1 + abs(x))). x may be any number."""

def step(x: SupportsFloat) -> Value:
    """z = x if x != x else 1 if x >= 0 else 0; ∂z/∂x = 0. x may be any number; 1 at 0, as a threshold unit fires; slope 0 everywhere."""

def sign(x: SupportsFloat) -> Value:
    """z = sign(x); ∂z/∂x = 0. x may be any number; 0 at 0; slope 0 everywhere."""

def greater(x: SupportsFloat, y: SupportsFloat) -> Value:
    """z = 1 if x > y else 0; ∂z/∂x = 0, ∂z/∂y = 0. x and y may be any numbers; slope 0 everywhere."""

def greater_equal(x: SupportsFloat, y: SupportsFloat) -> Value:
    """z = 1 if x >= y else 0; ∂z/∂x = 0, ∂z/∂y = 0. x and y may be any numbers; slope 0 everywhere."""

def less(x: SupportsFloat, y: SupportsFloat) -> Value:
    """z = 1 if x < y else 0; ∂z/∂x = 0, ∂z/∂y = 0. x and y may be any numbers; slope 0 everywhere."""

def less_equal(x: SupportsFloat, y: SupportsFloat) -> Value:
    """z = 1 if x <= y else 0; ∂z/∂x = 0, ∂z/∂y = 0. x and y may be any numbers; slope 0 everywhere."""

def where(c: SupportsFloat, x: SupportsFloat, y: SupportsFloat) -> Value:
    """z = x if c != 0 else y; ∂z/∂c = 0, ∂z/∂x = 1 if c != 0 else 0, ∂z/∂y = 0 if c != 0 else 1. c, x and y may be any numbers; x where c is not 0, else y; no gradient reaches c."""

def install(op: Op) -> Callable[..., Value]: ...
def operation(
    name: str,
    formula: str,
    *partials: str,
    latex: str = "",
    domain: Domain | None = None,
    arguments: tuple[str, ...] = (),
    defaults: tuple[float, ...] = (),
    note: str = "",
) -> Callable[..., Value]: ...
