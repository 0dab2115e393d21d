"""How the runs on one study differ: by words in a description and by a number."""

from __future__ import annotations

from shortaxis.reorientation.methods import known_method
from shortaxis.workflow.reorient.options import ReorientOptions, RollConvention

__all__ = [
    "INTERPOLATION_NUMBERS",
    "ROLL_NUMBERS",
    "first_series_number",
    "run_number",
    "run_words",
]

INTERPOLATION_NUMBERS = {"linear": 0, "cubic": 1}
ROLL_NUMBERS = {RollConvention.CONVENTIONAL: 0, RollConvention.ANATOMICAL: 1}
"""Fixed, as the numbers of methods are: Series Numbers follow from them."""

RUNS_OF_A_METHOD = len(INTERPOLATION_NUMBERS) * len(ROLL_NUMBERS)

SERIES_OF_A_RUN = 10
"""Series Numbers left to the views of one run: three, and three with time slots."""

METHODS_OF_A_BLOCK = 3
RUNS_OF_A_BLOCK = METHODS_OF_A_BLOCK * RUNS_OF_A_METHOD
LATER_BLOCK = 5_000
"""The first three methods share the numbers from 0, the next three those from here: runs on a
second reconstruction of the same series follow those on the first without a gap."""


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
    """Number of a kind of run, from 0; a method of other origin counts as a given pose.

    Examples
    --------
    >>> run_number("network", ReorientOptions()), run_number("manual", ReorientOptions())
    (0, 8)
    """
    choices = 2 * INTERPOLATION_NUMBERS[options.interpolation] + ROLL_NUMBERS[options.roll]
    return RUNS_OF_A_METHOD * known_method(method).number + choices


def first_series_number(method: str, options: ReorientOptions, number_in_series: int) -> int:
    """Number before that of the first view, within those that follow the source's.

    `number_in_series` counts the reconstructions that the source series holds, from 1.
    """
    block, run = divmod(run_number(method, options), RUNS_OF_A_BLOCK)
    place = run + RUNS_OF_A_BLOCK * (number_in_series - 1)
    return LATER_BLOCK * block + SERIES_OF_A_RUN * place
