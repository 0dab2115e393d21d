"""Sets of several places put together: counts, means and deviations of groups are pooled."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from shortaxis.errors import OptionError
from shortaxis.quantification.normal_limits import NormalLimits, NormalSet

__all__ = ["merged_sets"]


def merged_sets(sets: Sequence[NormalSet], name: str) -> NormalSet:
    """One set of several.

    The mean of a group is that of all its exams, the variance within the sets and between them. An
    exam that is in two of the sets counts twice.

    Raises
    ------
    OptionError
        For fewer than two sets, and for sets of walls that were found by different methods.
    """
    if len(sets) < 2:
        raise OptionError("nothing to merge", expected="two sets or more", found=str(len(sets)))
    walls = sorted({each.wall for each in sets})
    if len(walls) > 1:
        raise OptionError(
            "sets of normal limits do not go together",
            expected="walls found by one method",
            found=" and ".join(walls),
            way_on="build one of them again with the other --wall",
        )
    every = [limits for each in sets for limits in each.limits]
    groups = list(dict.fromkeys(limits.group for limits in every))
    pooled = [_pooled(name, [each for each in every if each.group == group]) for group in groups]
    names = ", ".join(each.name for each in sets)
    statements = [f"{each.name}: {words}" for each in sets for words in each.statements]
    source = f"{names}: {'; '.join(each.source for each in sets)}"
    return NormalSet(name, source, tuple(pooled), walls[0], tuple(statements))


def _pooled(name: str, limits: Sequence[NormalLimits]) -> NormalLimits:
    counts = np.array([each.exams for each in limits], dtype=np.float64)[:, None, None]
    means = np.stack([each.mean_percent for each in limits])
    variances = np.stack([each.sd_percent**2 for each in limits])
    mean = (counts * means).sum(axis=0) / counts.sum()
    squares = ((counts - 1) * variances + counts * (means - mean) ** 2).sum(axis=0)
    deviations = np.sqrt(squares / (counts.sum() - 1))
    upper = _pooled_ratio(limits)
    return NormalLimits(name, limits[0].group, int(counts.sum()), mean, deviations, upper)


def _pooled_ratio(limits: Sequence[NormalLimits]) -> float | None:
    """Of all exams; None if one of the sets is of before it was told."""
    ratios = [each.upper_ratio for each in limits if each.upper_ratio is not None]
    if len(ratios) < len(limits):
        return None
    return float(np.average(ratios, weights=[each.exams for each in limits]))
