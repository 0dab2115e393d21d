"""How the runs on one study differ: by words in a description and by a number."""

from __future__ import annotations

from itertools import product

from shortaxis.geometry.resampling import INTERPOLATION_ORDERS
from shortaxis.workflow.reorient.estimators import METHODS
from shortaxis.workflow.reorient.given_poses import MANUAL
from shortaxis.workflow.reorient.options import ReorientOptions, RollConvention

__all__ = ["RUNS", "run_number", "run_words"]

RUNS = tuple(product((*METHODS, MANUAL), INTERPOLATION_ORDERS, RollConvention))
"""Method, interpolation and roll of every kind of run; the default is the first."""


def run_words(method: str, options: ReorientOptions) -> tuple[str, ...]:
    """Roll, interpolation and method, as far as they are not the default."""
    default = ReorientOptions()
    pairs = (
        (options.roll.value, default.roll.value),
        (options.interpolation, default.interpolation),
        (method, default.method),
    )
    return tuple(chosen for chosen, usual in pairs if chosen != usual)


def run_number(method: str, options: ReorientOptions) -> int:
    """Place in `RUNS`, from 0; a method of other origin counts as a given pose."""
    known = method if method in METHODS else MANUAL
    return RUNS.index((known, options.interpolation, options.roll))
