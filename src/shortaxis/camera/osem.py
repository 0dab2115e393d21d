"""Ordered-subsets expectation maximisation (Hudson and Larkin, IEEE Trans Med Imaging 1994;13:601).

Without attenuation, response or scatter in the projector this is what most clinical studies are
made with; with them, what is called attenuation correction and resolution recovery.
"""

from __future__ import annotations

import torch
from torch import Tensor

from shortaxis.camera.projector import SpectProjector
from shortaxis.camera.stacked_projector import StackedProjector
from shortaxis.errors import CountsError, GeometryError, OptionError

__all__ = ["OrderedSubsets", "reconstruct_osem", "subset_views"]

MIN_SHARE = 1e-6
"""Below this share of the highest expected counts, a bin tells nothing: no division by it."""

FADED_SHARE = 1e-12
"""Below this share of the hottest voxel, activity is none."""


def reconstruct_osem(
    projections: Tensor,
    projector: SpectProjector,
    iterations: int,
    subsets: int,
    additive: Tensor | None = None,
) -> Tensor:
    """Activity whose expected counts fit the projections.

    Parameters
    ----------
    projections : (angular_view, slice, bin) tensor
        Counts, not negative.
    projector : SpectProjector
        The camera as the reconstruction sees it.
    iterations, subsets : int
        Passes over all views, and updates in each pass. Views need not divide evenly.
    additive : (angular_view, slice, bin) tensor, optional
        Expected counts that do not come from the activity, such as a scatter estimate.

    Returns
    -------
    (slice, row, column) tensor
        Counts a voxel gives to one view, not negative, zero outside the circle that every view
        sees.
    """
    return OrderedSubsets(projector, iterations, subsets).reconstruct(projections, additive)


class OrderedSubsets:
    """What the reconstructions of several projections by the same camera share.

    Time slots of a gated exam are such, one after the other, or all at once by a
    `StackedProjector`; parameters as of `reconstruct_osem`.
    """

    def __init__(
        self, projector: SpectProjector | StackedProjector, iterations: int, subsets: int
    ) -> None:
        views = projector.out_shape[0]
        _check_passes(views, iterations, subsets)
        projector = projector.within_circle()
        self._projector, self._iterations = projector, iterations
        self._parts = [(each, projector.subset(each)) for each in subset_views(views, subsets)]
        inside = projector.grid.inside_circle().to(projector.dtype)
        self._start = projector.to_columns(inside.expand(projector.in_shape))
        self._inverse = [
            part.to_columns(_inverse(part.repeated_sensitivity()) * inside)
            for _, part in self._parts
        ]

    def reconstruct(self, projections: Tensor, additive: Tensor | None = None) -> Tensor:
        """Activity whose expected counts fit the projections; see `reconstruct_osem`."""
        _check(projections, self._projector)
        measured = self._rays(projections)
        known = None if additive is None else self._rays(additive)
        activity = self._start.clone()
        for _ in range(self._iterations):
            for number, (_, part) in enumerate(self._parts):
                expected = part.project(activity)
                if known is not None:
                    expected += known[number]
                change = part.project_back(_ratio(measured[number], expected))
                inverse = self._inverse[number]
                apart = change.view(len(inverse), -1, inverse.shape[1])
                activity *= apart.mul_(inverse[:, None]).view(change.shape)
                # Voxels fade for ever; too small for float32 (denormal), they slow everything down.
                level = FADED_SHARE * activity.max()
                torch.threshold_(activity, float(torch.nextafter(level, level - 1)), 0)
        return self._projector.from_columns(activity)

    def _rays(self, projections: Tensor) -> list[Tensor]:
        """Of every subset, in the order that its projector computes in."""
        counts = projections.to(self._projector.dtype)
        return [part.to_rays(counts[views]) for views, part in self._parts]


def subset_views(angular_views: int, subsets: int) -> list[list[int]]:
    """Views of each subset, in the order of use: every `subsets`-th view, far ones in a row.

    The order of offsets is that of reversed bits, so that following subsets see other sides.

    Examples
    --------
    >>> subset_views(8, 4)
    [[0, 4], [2, 6], [1, 5], [3, 7]]
    """
    bits = max(1, (subsets - 1).bit_length())
    offsets = sorted(range(subsets), key=lambda offset: int(f"{offset:0{bits}b}"[::-1], 2))
    return [list(range(offset, angular_views, subsets)) for offset in offsets]


def _inverse(sensitivity: Tensor) -> Tensor:
    seen = sensitivity > MIN_SHARE * sensitivity.max()
    return torch.where(seen, 1 / sensitivity.clamp(min=torch.finfo(sensitivity.dtype).tiny), 0)


def _ratio(measured: Tensor, expected: Tensor) -> Tensor:
    lowest = torch.clamp(MIN_SHARE * expected.max(), min=torch.finfo(expected.dtype).tiny)
    return torch.where(expected > lowest, measured / expected.clamp(min=lowest), 0)


def _check(projections: Tensor, projector: SpectProjector | StackedProjector) -> None:
    if tuple(projections.shape) != projector.out_shape:
        raise GeometryError(
            "projections do not fit the projector",
            expected=f"shape {projector.out_shape}",
            found=f"shape {tuple(projections.shape)}",
        )
    if not (torch.isfinite(projections).all() and (projections >= 0).all()):
        raise CountsError(
            "projections are not counts",
            expected="finite numbers, none below zero",
            found=f"{float(projections.min()):g} to {float(projections.max()):g}",
            cause="filtered or corrected projections",
        )


def _check_passes(views: int, iterations: int, subsets: int) -> None:
    if iterations < 1 or not 1 <= subsets <= views:
        raise OptionError(
            "iterations or subsets out of range",
            expected=f"at least 1 iteration, 1 to {views} subsets",
            found=f"{iterations} iterations, {subsets} subsets",
        )
