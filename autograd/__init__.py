"""A scalar autograd engine you can see through.

>>> from autograd import Value
>>> x = Value(3.0, label="x")
>>> y = x * x + 2 * x
>>> y.backward()
>>> y.data, x.grad
(15.0, 8.0)
"""
from autograd.operations import *  # noqa: F403
from autograd.operations import operation
from autograd.value import Value, constant, no_grad, parameter
from autograd.gate import gate
from autograd.reductions import dot, logsumexp, max, mean, min, prod, sum
