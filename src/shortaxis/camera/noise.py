"""Counting noise, apart from the physics: draw it once, from a generator that is passed in."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from shortaxis.errors import CountsError

__all__ = ["sample_counts", "scale_to_maximum", "scale_to_total"]


def sample_counts(expected: Tensor, generator: torch.Generator | np.random.Generator) -> Tensor:
    """Poisson counts with these means; same shape and type.

    Raises
    ------
    CountsError
        If an expected count is negative or not finite.
    """
    if not (torch.isfinite(expected).all() and (expected >= 0).all()):
        raise CountsError(
            "no counts can be expected here",
            expected="finite means, none below zero",
            found=f"{float(expected.min()):g} to {float(expected.max()):g}",
        )
    if isinstance(generator, torch.Generator):
        return torch.poisson(expected, generator=generator)
    return torch.from_numpy(generator.poisson(expected.double().numpy())).to(expected.dtype)


def scale_to_total(expected: Tensor, total_counts: float) -> Tensor:
    """Projections with `total_counts` in all views together."""
    return expected * _scale(float(expected.double().sum()), total_counts)


def scale_to_maximum(
    expected: Tensor, maximum_counts: float, myocardial: Tensor | None = None
) -> Tensor:
    """Projections in which the hottest bin of the myocardium expects `maximum_counts`.

    Good studies have more than 150 counts in the hottest pixel of the left ventricle, poor ones
    fewer than 100 (Wackers, Bruni, Zaret, Nuclear Cardiology: The Basics).

    Parameters
    ----------
    expected : (angular_view, slice, bin) tensor
        Expected counts of everything.
    myocardial : tensor of the same shape, optional
        Where the left ventricle is seen: only bins above half of its maximum are searched.
    """
    searched = expected if myocardial is None else expected[myocardial > 0.5 * myocardial.max()]
    found = float(searched.max()) if searched.numel() else 0.0
    return expected * _scale(found, maximum_counts)


def _scale(found: float, wanted: float) -> float:
    if not (found > 0 and wanted > 0):
        raise CountsError(
            "counts cannot be scaled",
            expected="counts above zero",
            found=f"{found:g}, to become {wanted:g}",
            cause="an empty exam",
        )
    return wanted / found
