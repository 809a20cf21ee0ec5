"""A scalar autograd engine you can see through.

>>> from autograd import Value
>>> x = Value(3.0, label="x")
>>> y = x * x + 2 * x
>>> y.backward()
>>> y.data, x.grad
(15.0, 8.0)
"""

import warnings as _warnings
from pathlib import Path as _Path

from autograd import errors
from autograd.check import check_gradient
from autograd.errors import AutogradError
from autograd.explain import explain
from autograd.expression import trace
from autograd.gate import gate
from autograd.graph import Graph
from autograd.modes import no_grad
from autograd.operations import *  # noqa: F403  # one name for each row of the table
from autograd.operations import __all__ as _operations
from autograd.operations import operation
from autograd.program import Program, compile  # noqa: A004, F401  # left out of __all__ like sum
from autograd.reductions import dot, logsumexp, max, mean, min, prod, sum  # noqa: A004, F401  # NumPy's names
from autograd.value import Value, constant, parameter

# sum, max and min are left out, so that `from autograd import *` does not replace Python's own.
__all__ = [
    "AutogradError", "Graph", "Program", "Value", "check_gradient", "constant", "dot", "errors", "explain", "gate",
    "logsumexp", "mean", "no_grad", "operation", "parameter", "prod", "trace",
    *(name for name in _operations if name != "Operations"),
]  # fmt: skip

if (_Path(__file__).parent / "tracer.py").exists():
    _warnings.warn(
        f"HIPS autograd's files lie among glassgrad's in {_Path(__file__).parent}, since both install a package called "
        "autograd; what either does is uncertain. Use a virtual environment for each, or remove the other: "
        "pip uninstall autograd; pip install --force-reinstall glassgrad",
        stacklevel=2,
    )
