"""Values of a configuration: of the right kind and in their range, or one error that says why."""

from __future__ import annotations

from collections.abc import Collection
from math import inf
from typing import Protocol

from shortaxis.errors import OptionError

__all__ = [
    "Schedule",
    "require_choice",
    "require_number",
    "require_schedule",
    "require_share",
    "require_whole_number",
]

MAX_SEED = 2**32 - 1
"""Of NumPy's older generators, which Lightning seeds, too."""


class Schedule(Protocol):
    """How long a training is, and how it steps."""

    @property
    def samples(self) -> int:
        """Of the whole training."""

    @property
    def epoch_samples(self) -> int:
        """Between two checkpoints."""

    @property
    def batch(self) -> int:
        """Samples at a time."""

    @property
    def learning_rate(self) -> float:
        """The highest one."""

    @property
    def weight_decay(self) -> float:
        """Of kernels."""

    @property
    def seed(self) -> int:
        """Of weights and samples."""


def require_whole_number(name: str, value: object, lowest: int, highest: float = inf) -> None:
    """Raise `OptionError` unless the value is a whole number in the range."""
    # A truth value is an int, too.
    if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
        upper = "or more" if highest == inf else f"to {highest}"
        raise OptionError(
            f"{name} is out of range",
            expected=f"a whole number, {lowest} {upper}",
            found=repr(value),
        )


def require_number(name: str, value: object, *, zero: bool = False) -> None:
    """Raise `OptionError` unless the value is a finite number above zero, or `zero` itself."""
    if (
        not isinstance(value, int | float)
        or isinstance(value, bool)
        or not (0 < value < inf or (zero and value == 0))
    ):
        raise OptionError(
            f"{name} is out of range",
            expected="a number, 0 or more" if zero else "a number above 0",
            found=repr(value),
        )


def require_share(name: str, value: object) -> None:
    """Raise `OptionError` unless the value is a part of exams, from a half and below all."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0.5 <= value < 1:
        raise OptionError(
            f"{name} is out of range", expected="a number from 0.5, below 1", found=repr(value)
        )


def require_choice(name: str, value: object, choices: Collection[str]) -> None:
    """Raise `OptionError` unless the value is one of the choices."""
    if not (isinstance(value, str) and value in choices):
        raise OptionError(f"unknown {name}", expected=" or ".join(choices), found=repr(value))


def require_schedule(schedule: Schedule) -> None:
    """Raise `OptionError` unless every number is in its range, and epochs are whole batches."""
    for name in ("samples", "epoch_samples", "batch"):
        require_whole_number(name, getattr(schedule, name), 1)
    require_whole_number("seed", schedule.seed, 0, MAX_SEED)
    require_number("learning_rate", schedule.learning_rate)
    require_number("weight_decay", schedule.weight_decay, zero=True)
    if schedule.samples < schedule.epoch_samples or schedule.epoch_samples % schedule.batch:
        raise OptionError(
            "numbers of samples do not fit",
            expected="at least one epoch, and whole batches in it",
            found=f"{schedule.samples} in epochs of {schedule.epoch_samples}, batches of "
            f"{schedule.batch}",
        )
