"""Whether every view holds counts that can be reconstructed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pydicom import Dataset

from shortaxis.dicom.elements.attributes import label, numbers_of, required_integer
from shortaxis.errors import CountsError
from shortaxis.geometry.arrays import CountsArray

__all__ = ["refuse_empty_views", "refuse_negative_counts", "refuse_saturated_views"]

EMPTY_PART = 0.05
"""Of the counts of the usual view. Turning from the front to the side halves them at most."""

MOST_NAMED = 8

SATURATED_PIXELS = 4
"""At the highest value that the pixels can hold; one may be a defect, or a marker."""


def refuse_empty_views(counts: CountsArray, angles_deg: Sequence[float]) -> None:
    """Refuse projections in which views are missing though their frames are there.

    Parameters
    ----------
    counts : (time_slot, angular_view, row, bin) array
        Of the photopeak.
    angles_deg : sequence of float
        Of the views, degrees.

    Raises
    ------
    CountsError
        If all counts are zero, or a view has less than a twentieth of the usual counts.
    """
    totals = counts.sum(axis=(0, 2, 3), dtype=np.float64)
    usual = float(np.median(totals[totals > 0])) if (totals > 0).any() else 0.0
    if usual == 0:
        raise CountsError(
            "holds no counts", expected="views with counts", found="all pixels are zero",
            cause="an acquisition that was not started, or pixels that were blanked",
            way_on="export the acquisition again if the camera shows counts, or acquire again",
        )  # fmt: skip
    empty = np.flatnonzero(totals < EMPTY_PART * usual)
    if empty.size:
        listed = ", ".join(f"{view + 1} at {angles_deg[view]:.0f}" for view in empty[:MOST_NAMED])
        raise CountsError(
            "has empty views",
            expected=f"at least {100 * EMPTY_PART:.0f} % of the counts of the usual view",
            found=f"{empty.size} of {len(totals)}: {listed} degrees"
            + (" ..." if empty.size > MOST_NAMED else ""),
            cause="a broken acquisition: a stalled head, a lost connection, a stopped scan",
            way_on="acquire again, or export the acquisition again if the camera shows these views",
        )


def refuse_negative_counts(counts: CountsArray) -> None:
    """Refuse counts that no camera counts; raises a `CountsError`."""
    lowest = float(counts.min())
    if lowest < 0:
        raise CountsError(
            "holds negative counts", expected="counts from zero", found=f"{lowest:g}",
            cause="projections that were filtered or subtracted, or pixels of the wrong sign",
            way_on="take the projections as the camera stored them",
        )  # fmt: skip


def refuse_saturated_views(
    dataset: Dataset, counts: CountsArray, angles_deg: Sequence[float]
) -> None:
    """Refuse views whose pixels are as high as they can be stored.

    Parameters
    ----------
    dataset : Dataset
        Header, which says how pixels are stored and rescaled.
    counts : (time_slot, angular_view, row, bin) array
        Of the photopeak.
    angles_deg : sequence of float
        Of the views, degrees.

    Raises
    ------
    CountsError
        If several pixels hold the highest value.
    """
    bits = required_integer(dataset, "BitsStored")
    is_signed = required_integer(dataset, "PixelRepresentation") == 1
    highest = (2 ** (bits - is_signed) - 1) * _number(dataset, "RescaleSlope", 1.0)
    highest += _number(dataset, "RescaleIntercept", 0.0)
    if bits > 16 or counts.max() < highest:
        return
    times = (counts >= highest).sum(axis=(2, 3)).max(axis=0)
    saturated = np.flatnonzero(times >= SATURATED_PIXELS)
    if saturated.size:
        first = int(saturated[0])
        raise CountsError(
            "has saturated views",
            expected=f"counts below {highest:g}, the most that {label('BitsStored')} {bits} holds",
            found=f"{saturated.size} views, the first at {angles_deg[first]:.0f} degrees with "
            f"{int(times[first])} such pixels",
            cause="more counts than a pixel holds: an acquisition or an export in too few bits",
            way_on="export the acquisition with 16 bits, or acquire it with more",
        )


def _number(dataset: Dataset, keyword: str, usual: float) -> float:
    numbers = numbers_of(dataset, keyword)
    return usual if numbers is None else float(numbers[0])
