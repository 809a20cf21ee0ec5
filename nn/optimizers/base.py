"""What all optimisers share: groups, the learning rate, clipping, counting, and saving their state."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from autograd.errors import OperandError
from autograd.value import Value
from nn.errors import SettingError, ShapeError, StateError
from nn.optimizers import clipping
from nn.optimizers.groups import Groups
from nn.settings import Check, not_negative, positive

Array = NDArray[np.float64]
Schedule = Callable[[int], float]
Rate = float | Schedule
Parameters = Iterable[Value] | Iterable[Mapping[str, Any]]
Closure = Callable[[], Value]
GradientAt = Callable[[Array], Array]


class Optimizer(ABC):
    """The base of all optimisers. A subclass gives the ``formula``, and names its ``options`` and its ``state``.

    Args:
        parameters: the Values to be learned, as ``model.parameters()`` lists them; or groups of them, each with
            settings of its own: ``[{"parameters": a, "learning_rate": 0.01}, {"parameters": b}]``. A group whose
            learning rate is 0 stays as it is.
        learning_rate: how far to go, η. A positive number, or a schedule: a function that returns the rate for step
            t = 0, 1, …, as those of ``nn.optimizers.schedules`` do.
        clip_norm: shorten the gradient to this length if it is longer. The length is that of all groups together.
        clip_value: bring every slope into [-clip_value, clip_value], before ``clip_norm`` if both are given.
        **options: the numbers of a subclass, one for each name in ``options``. Each becomes an attribute: a float, or
            where groups differ an array with one number for each parameter.

    Attributes:
        parameters: the Values, one group after the other. Every array here is in this order.
        steps: how many updates were done.
        eta: the learning rate of the last update: a number, or where groups differ one for each parameter.
        learning_rate: the common one, for groups without their own. It can be assigned between steps.

    Raises:
        SettingError: a setting that cannot be, or that the optimiser does not have; no parameters, or one twice.
        OperandError: one of them cannot be learned, since it is no Value, a constant, or the result of an operation.

    An optimiser of your own is one formula. Its state is at zero before the first step, and is saved and restored:

    >>> from autograd import parameter
    >>> class SignDescent(Optimizer):
    ...     state = ("mean",)
    ...     def formula(self, theta, gradient):
    ...         self.mean = 0.9 * self.mean + 0.1 * gradient
    ...         return theta - self.eta * np.sign(self.mean)
    >>> optimizer = SignDescent([parameter(1.0)], learning_rate=0.25)
    >>> optimizer.update(np.array([1.0]), np.array([3.0]))
    array([0.75])
    >>> optimizer.state_dict()
    {'steps': 1, 'learning_rate': 0.25, 'mean': array([0.3])}
    """

    options: ClassVar[Mapping[str, Check]] = {}  # the numbers that groups can set, each with what it may be
    state: ClassVar[tuple[str, ...]] = ()  # the attributes that change from step to step, one number per parameter
    needs_gradient_at: ClassVar[bool] = False  # whether update asks for gradients at other parameters
    takes_learning_rate: ClassVar[bool] = True  # False for those that find their own

    eta: float | Array

    def __init__(
        self,
        parameters: Parameters,
        learning_rate: Rate | None,
        *,
        clip_norm: float | None = None,
        clip_value: float | None = None,
        **options: Any,
    ) -> None:
        self._groups = Groups(parameters)
        settings = ["learning_rate"] * self.takes_learning_rate + list(self.options)
        self._groups.refuse_unknown(settings, type(self).__name__)
        self.parameters = self._groups.parameters
        if set(options) != set(self.options):
            raise SettingError(f"the options of {type(self).__name__} are {settings}; got {sorted(options)}")
        self.steps = 0
        self.eta = 0.0
        self.learning_rate = learning_rate
        self.clip_norm = None if clip_norm is None else positive("clip_norm", clip_norm)
        self.clip_value = None if clip_value is None else positive("clip_value", clip_value)
        for name, check in self.options.items():
            setattr(self, name, self._groups.spread(self._groups.values(name, check, options[name])))
        for name in self.state:
            setattr(self, name, np.zeros(len(self.parameters)))

    def settings(self) -> dict[str, Any]:
        """Return the options, and the limits of clipping, by name: what else but the rate decides what a step does.

        >>> from autograd import parameter
        >>> from nn import SGD
        >>> SGD([parameter(1.0)], 0.1, momentum=0.9).settings()
        {'momentum': 0.9, 'weight_decay': 0.0, 'clip_norm': None, 'clip_value': None, 'nesterov': False}
        """
        given = {name: getattr(self, name) for name in (*self.options, "clip_norm", "clip_value")}
        given |= {name: x for name, x in vars(self).items() if isinstance(x, bool)}
        return {name: x.tolist() if isinstance(x, np.ndarray) else x for name, x in given.items()}

    @abstractmethod
    def formula(self, theta: Array, gradient: Array) -> Array:
        """Return the new parameters as an array of their own, and bring the state up to date.

        A subclass writes this. It finds the rate in ``self.eta``, and in ``self.steps`` how many updates were done
        before. It assigns new arrays to its state rather than changing the old ones, so that an exception undoes it.
        """

    def probe(self, theta: Array, gradient: Array, gradient_at: GradientAt) -> None:
        """Look at gradients elsewhere, before the formula. A subclass that says ``needs_gradient_at`` writes this.

        The gradient is that of the loss as it is; the formula gets the clipped one.
        """
        raise NotImplementedError(f"{type(self).__name__} needs gradient_at, and so a method probe that uses it")

    # --- the learning rate ---

    @property
    def learning_rate(self) -> Rate | None:
        """The number or the schedule that holds for groups without their own."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, rate: Rate | None) -> None:
        if not self.takes_learning_rate:
            if rate is not None:
                raise SettingError(f"{type(self).__name__} finds its own rates; to set one, use SGD or Adam")
        else:
            rate = rate if callable(rate) else positive("learning rate", rate)
            self._group_rates = self._groups.values("learning rate", self._rate_of_group, rate)
        self._learning_rate = rate

    @property
    def rates(self) -> list[float]:
        """Each group's learning rate for the next update."""
        return [rate if isinstance(rate, float) else _scheduled(rate, self.steps) for rate in self._group_rates]

    @property
    def rate(self) -> float:
        """The learning rate of the next update; that of the first group, if they differ."""
        return self.rates[0]

    def _rate_of_group(self, name: str, rate: Any) -> Rate:
        if not callable(rate):
            return not_negative(name, rate)
        schedule: Schedule = rate
        try:
            _scheduled(schedule, self.steps)  # one that fails had better do so now
        except TypeError as error:
            raise SettingError(
                "a schedule is a function of the step number t, as schedules.cosine(0.1, 0.0, steps=1000) returns; "
                f"{name}({self.steps}) failed: {error}"
            ) from error
        return schedule

    # --- updates ---

    def update(self, theta: Array, gradient: Array, gradient_at: GradientAt | None = None) -> Array:
        """Return the new parameters as an array of their own; ``theta`` and ``gradient`` stay as they are.

        Args:
            theta: the parameters' numbers, in the order of ``parameters``. A program has it if it was compiled with
                ``parameters=optimizer.parameters``.
            gradient: the slope of the loss for each of them.
            gradient_at: a function that returns the gradient of the same batch at another theta. Only optimisers that
                say ``needs_gradient_at`` call it.

        Raises:
            ShapeError: one of them has not one number for each parameter.
            SettingError: a schedule returns something that is no rate; ``gradient_at`` is needed and not given.
        """
        theta, gradient = self._one_each("theta", theta), self._one_each("gradient", gradient)
        if self.needs_gradient_at and gradient_at is None:
            raise SettingError(
                f"{type(self).__name__} compares gradients of the same samples at several points: give update a "
                "function of theta, as in update(theta, gradient, gradient_at), or step a closure that returns the loss"
            )
        if self.takes_learning_rate:
            self.eta = self._groups.spread(self.rates)
        before = {name: getattr(self, name) for name in self.state}
        try:
            with np.errstate(all="ignore"):  # IEEE-754, as in programs: a rate that is too large ends at inf and nan
                if self.needs_gradient_at and gradient_at is not None:
                    # Copies, because a program that computes gradients elsewhere changes the arrays it handed out.
                    theta, gradient = theta.copy(), gradient.copy()
                    self.probe(theta, gradient, gradient_at)
                updated = self.formula(theta, self._clipped(gradient))
        except BaseException:  # also Ctrl-C
            vars(self).update(before)
            raise
        self.steps += 1
        return updated

    def step(self, closure: Closure | None = None) -> Value | None:
        """Update every parameter from its gradient, or from that of a closure's loss.

        Args:
            closure: a function without arguments that computes the loss anew and returns it, for optimisers that ask
                for gradients at several points (``needs_gradient_at``). As in PyTorch it may, but need not, call
                ``zero_grad()`` and ``backward()`` itself.

        Returns:
            The closure's loss before the update; without a closure None.

        An exception in the closure leaves every parameter as it was.

        >>> from autograd import parameter
        >>> from nn.optimizers import VSGD
        >>> x = parameter(5.0)
        >>> optimizer = VSGD([x])
        >>> for _ in range(60):
        ...     loss = optimizer.step(lambda: (x - 2) ** 2)
        >>> round(x.data, 1)
        2.0
        """
        theta = np.array([parameter.data for parameter in self.parameters])
        if closure is not None and not callable(closure):
            raise OperandError(f"a closure is a function without arguments that returns the loss; not {closure!r}")
        if closure is None:
            loss, gradient = None, np.array([parameter.grad for parameter in self.parameters])
            updated = self.update(theta, gradient)
        else:
            slopes = [parameter.grad for parameter in self.parameters]
            try:
                loss, gradient = self._at(theta, closure)
                updated = self.update(theta, gradient, lambda point: self._at(point, closure)[1])
                slopes = gradient.tolist()
            finally:
                self._write(theta)
                for parameter, slope in zip(self.parameters, slopes, strict=True):
                    parameter.grad = slope
        self._write(updated)
        return loss

    def zero_grad(self) -> None:
        """Set every parameter's gradient to 0, as is due before each new ``backward()``, for gradients accumulate."""
        for parameter in self.parameters:
            parameter.grad = 0.0

    def _clipped(self, gradient: Array) -> Array:
        if self.clip_value is not None:
            gradient = clipping.clip_value(gradient, self.clip_value)
        if self.clip_norm is not None:
            gradient = clipping.clip_norm(gradient, self.clip_norm)
        return gradient

    def _one_each(self, name: str, numbers: Any) -> Array:
        array = np.asarray(numbers, dtype=np.float64)
        if array.shape != (len(self.parameters),):
            raise ShapeError(
                f"{name} has one number for each of the optimiser's {len(self.parameters)} parameters, "
                f"but the shape {array.shape}"
            )
        return array

    def _at(self, theta: Array, closure: Closure) -> tuple[Value, Array]:
        """Return a closure's loss and gradient at the given parameters, which stay there."""
        self._write(theta)
        self.zero_grad()
        loss = closure()
        if not isinstance(loss, Value):
            raise OperandError(f"the closure returns the loss, a Value; not {loss!r}")
        if not any(parameter.grad for parameter in self.parameters):  # else the closure has called backward
            loss.backward()
        return loss, np.array([parameter.grad for parameter in self.parameters])

    def _write(self, theta: Array) -> None:
        for parameter, data in zip(self.parameters, theta.tolist(), strict=True):
            parameter.data = data

    # --- state ---

    def state_dict(self) -> dict[str, float | Array]:
        """Return all that changes from step to step: numbers and arrays, which ``np.savez`` can write.

        These are ``steps``, the common ``learning_rate`` unless it is a schedule, and one number per parameter for each
        name in ``state``. What the constructor was given otherwise is not among them.
        """
        result: dict[str, float | Array] = {"steps": self.steps}
        if isinstance(self.learning_rate, (int, float)):
            result["learning_rate"] = float(self.learning_rate)
        return result | {name: getattr(self, name).copy() for name in self.state}

    def load_state_dict(self, state: Mapping[str, ArrayLike]) -> None:
        """Take over a ``state_dict``; all of it, or on an error nothing.

        An optimiser that was made with the same arguments then continues exactly as the saved one would have.

        Raises:
            StateError: something is missing, unknown, of another shape or not a number.
        """
        known = list(self.state_dict())
        missing, unknown = [x for x in known if x not in state], [x for x in state if x not in known]
        if missing or unknown:
            text = f"the state does not fit this {type(self).__name__}:"
            text += f" it lacks {', '.join(map(repr, missing))};" if missing else ""
            text += f" it has {', '.join(map(repr, unknown))}, which is not known here;" if unknown else ""
            if "learning_rate" in missing + unknown and self.takes_learning_rate:
                text += " a learning rate is saved where it is a number, and not where it is a schedule;"
            raise StateError(text[:-1])
        arrays = {name: _loaded(name, state[name], (len(self.parameters),)) for name in self.state}
        numbers = {name: _loaded(name, state[name], ()).item() for name in known if name not in self.state}
        steps, rate = numbers["steps"], numbers.get("learning_rate", 1.0)
        if not (steps.is_integer() and steps >= 0):
            raise StateError(f"'steps' in the state is a whole number from 0 on; not {steps!r}")
        if not 0.0 < rate < np.inf:
            raise StateError(f"'learning_rate' in the state is a positive number; not {rate!r}")
        if "learning_rate" in numbers:
            self.learning_rate = rate
        self.steps = int(steps)
        vars(self).update(arrays)

    def __repr__(self) -> str:
        settings = {"learning_rate": self.learning_rate} if self.takes_learning_rate else {}
        settings |= {name: getattr(self, name) for name in self.options}
        texts = [
            f"{name}={'by group' if isinstance(x, np.ndarray) else 'by schedule' if callable(x) else repr(x)}"
            for name, x in settings.items()
        ]
        return f"{type(self).__name__}({', '.join([f'{len(self.parameters)} parameters', *texts])})"


def _scheduled(schedule: Schedule, t: int) -> float:
    """Return what a schedule says for a step."""
    try:
        rate = schedule(t)
    except OverflowError:
        rate = np.inf
    try:
        return not_negative("learning rate", rate)
    except SettingError:
        raise SettingError(f"a schedule returns a rate of at least 0 for every step; for step {t} {rate!r}") from None


def _loaded(name: str, x: Any, shape: tuple[int, ...]) -> Array:
    """Return a copy of what a state has under a name, if it is numbers in that shape."""
    try:
        array = np.array(x, dtype=np.float64)
    except (TypeError, ValueError):
        raise StateError(f"{name!r} in the state is not numbers: {x!r}") from None
    if array.shape != shape:
        raise StateError(f"{name!r} in the state has the shape {array.shape}, and here it is {shape}")
    return array
