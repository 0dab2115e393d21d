"""What raw views lack, in words for people."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from shortaxis.errors import CountsError
from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.spect.projections import Projections
from shortaxis.spect.reading_notes import ReadingNote

__all__ = ["hottest_of_views", "notes_on", "photopeak_views", "require_counts"]

FEW_COUNTS = 20.0
"""Of the hottest pixels of a usual view, all time slots together: their noise is a fifth."""

HOT_PERCENTILE = 99.5

EDGE_BINS = 2
EDGE_PART = 0.4
"""Of the hottest pixels: where the edge of a view is this hot, something hot lies beyond it."""

LOST_PART = 0.6
"""Of the counts of the views beside it: less is a lost frame, or a part of one."""

GAP = 1.5
"""Of the usual step: a wider one is a missing view."""


def photopeak_views(projections: Projections) -> CountsArray:
    """Counts of the photopeak, ``(angular_view, row, bin)``, summed over time slots."""
    return np.asarray(projections.counts[0].sum(axis=0), dtype=np.float32)


def require_counts(projections: Projections) -> None:
    """Raise `CountsError` unless the counts are finite, none below zero, and some above."""
    counts = projections.counts
    lowest, highest = float(counts.min()), float(counts[0].max())
    if not (np.isfinite(counts).all() and lowest >= 0 and highest > 0):
        raise CountsError(
            "projections are not counts",
            expected="finite numbers, none below zero, some above",
            found=f"{lowest:g} to {highest:g}",
            cause="filtered or corrected projections, or empty ones",
            way_on="take the projections as the camera stored them",
        )


def hottest_of_views(views: CountsArray) -> FloatArray:
    """Counts of the hottest pixels of each view ``(angular_view, row, bin)``."""
    pixels = views.reshape(len(views), -1).astype(np.float64)
    return np.asarray(np.percentile(pixels, HOT_PERCENTILE, axis=1))


def notes_on(projections: Projections) -> tuple[ReadingNote, ...]:
    """Few counts, views cut off at the edge, missing views, lost frames."""
    views = photopeak_views(projections)
    hottest = hottest_of_views(views)
    found = (
        *_few_counts(hottest),
        *_cut_off(views, hottest),
        *_missing_views(projections),
        *_lost_frames(projections, views),
    )
    return tuple(ReadingNote(text, is_doubtful=True) for text in found)


def _few_counts(hottest: FloatArray) -> Iterator[str]:
    usual = float(np.median(hottest))
    if usual < FEW_COUNTS:
        yield f"few counts: the hottest pixels of a usual view hold {usual:.0f}"


def _cut_off(views: CountsArray, hottest: FloatArray) -> Iterator[str]:
    sides = [views[:, :, :EDGE_BINS], views[:, :, -EDGE_BINS:]]
    # The hottest few rows of an edge: an organ that is cut off is no taller.
    edges = [np.sort(side.mean(axis=2), axis=1)[:, -3:].mean(axis=1) for side in sides]
    cut = int((np.max(edges, axis=0) > EDGE_PART * hottest).sum())
    if cut:
        yield f"something hot is cut off by the edge in {cut} of {len(views)} views"


def _missing_views(projections: Projections) -> Iterator[str]:
    for views in projections.views_of_heads:
        angles = np.unwrap([projections.angles_deg[view] for view in views], period=360)
        steps = np.abs(np.diff(angles))
        if len(steps) and steps.max() > GAP * np.median(steps):
            usual = float(np.median(steps))
            yield f"views are missing: a step of {steps.max():.1f} degrees among {usual:.1f}"


def _lost_frames(projections: Projections, views: CountsArray) -> Iterator[str]:
    sums = views.sum(axis=(1, 2), dtype=np.float64)
    lost = 0
    for run in projections.views_of_heads:
        own = sums[list(run)]
        padded = np.pad(own, 2, mode="reflect") if len(own) > 2 else np.pad(own, 2, mode="edge")
        beside = np.median([padded[shift : shift + len(own)] for shift in (0, 1, 3, 4)], axis=0)
        lost += int((own < LOST_PART * beside).sum())
    if lost:
        yield f"{lost} of {len(views)} views hold far fewer counts than those beside them"
