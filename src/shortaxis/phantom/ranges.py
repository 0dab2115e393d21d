"""Plausible ranges of parameters: written beside each default, checked once at construction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field, fields
from math import isfinite
from typing import TYPE_CHECKING, Any

from shortaxis.errors import OptionError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = [
    "ADDED",
    "RANGE",
    "added",
    "added_part",
    "bounded",
    "check_parameters",
    "largest",
    "point_mm",
]

RANGE = "range"
"""Key of ``(lowest, highest)`` in the metadata of a dataclass field."""

ADDED = "added"
"""Key in the metadata of a field that came later: records leave it out where it has its default, so
that what was drawn before it existed is written as it was then."""


def bounded(default: float, lowest: float, highest: float) -> float:
    """Return a dataclass field with a default and the range in which values are accepted."""
    return field(default=default, metadata={RANGE: (lowest, highest)})


def added(default: float, lowest: float, highest: float) -> float:
    """Return a bounded field that came later; its default changes nothing that was there."""
    return field(default=default, metadata={RANGE: (lowest, highest), ADDED: True})


def added_part() -> Any:  # noqa: ANN401 - None, or what the annotation says
    """Return a field for a part that came later, without which everything is as before."""
    return field(default=None, metadata={ADDED: True})


def check_parameters(parameters: DataclassInstance) -> None:
    """Make every bounded field a float and check that it lies in its range.

    Raises
    ------
    OptionError
        If a value is no number or outside its range; the message names the field.
    """
    for each in fields(parameters):
        if RANGE not in each.metadata:
            continue
        lowest, highest = each.metadata[RANGE]
        value = float(getattr(parameters, each.name))
        if not lowest <= value <= highest:
            raise OptionError(
                f"{each.name} of {type(parameters).__name__} is out of range",
                expected=f"{lowest:g} to {highest:g}",
                found=f"{value:g}",
            )
        object.__setattr__(parameters, each.name, value)


def largest(parameters: type[DataclassInstance], name: str) -> float:
    """Upper end of the range of a bounded field."""
    (highest,) = (each.metadata[RANGE][1] for each in fields(parameters) if each.name == name)
    return float(highest)


def point_mm(values: Sequence[float], name: str) -> tuple[float, float, float]:
    """Three finite numbers in mm as a tuple, so that parameters stay hashable."""
    point = tuple(float(value) for value in values)
    if len(point) != 3 or not all(isfinite(value) for value in point):
        raise OptionError(
            f"{name} is not a point", expected="three finite numbers in mm", found=str(point)
        )
    return point
