"""Values of a configuration: of the right kind and in their range, or one error that says why."""

from __future__ import annotations

from collections.abc import Collection
from math import inf

from shortaxis.errors import OptionError

__all__ = ["require_choice", "require_number", "require_share", "require_whole_number"]


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
