"""What raw views lack is told, and what they do not lack is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from reconstruction_scenes import CHEST, Ball, angles_of, counted, views_of, with_counts
from shortaxis.reconstruction.checks import notes_on
from shortaxis.spect.projections import Projections

USUAL = counted(views_of(CHEST, angles_of(180, 60), heads=2), 150)


def texts(projections: Projections) -> str:
    return "; ".join(note.text for note in notes_on(projections) if note.is_doubtful)


def without(projections: Projections, views: set[int]) -> Projections:
    kept = [view for view in range(len(projections.angles_deg)) if view not in views]
    return replace(
        projections,
        counts=projections.counts[:, :, kept],
        angles_deg=tuple(projections.angles_deg[view] for view in kept),
        radial_position_mm=(180.0,) * len(kept),
        heads=1,
    )


def test_nothing_is_said_of_a_usual_study() -> None:
    assert texts(USUAL) == ""


def test_few_counts_are_told() -> None:
    assert "few counts" in texts(counted(views_of(CHEST, angles_of(180, 60)), 12))


def test_gates_share_the_counts_of_a_study() -> None:
    eight = np.random.default_rng(1).poisson(np.repeat(USUAL.counts / 8, 8, axis=1))

    assert texts(with_counts(USUAL, eight, is_gated=True)) == ""


def test_missing_views_are_told() -> None:
    assert "views are missing" in texts(without(USUAL, {20}))
    assert texts(without(USUAL, {0, 59})) == ""


def test_a_lost_frame_is_told() -> None:
    counts = USUAL.counts.copy()
    counts[:, :, 17] *= 0.3
    counts[:, :, 45] = 0

    assert "2 of 60 views hold far fewer counts" in texts(with_counts(USUAL, counts))


def test_a_hot_organ_beyond_the_edge_is_told() -> None:
    liver = (*CHEST, Ball((-145, 10, -20), 20, 2.0))

    cut = counted(views_of(liver, angles_of(180, 60)), 150)

    assert "cut off by the edge" in texts(cut)
