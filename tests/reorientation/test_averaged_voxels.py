"""Small voxels averaged: where they come to lie, and that the pose stays."""

from __future__ import annotations

import numpy as np
import pytest

from drawn_study import study_volume
from shortaxis.geometry.affines import apply_affine
from shortaxis.geometry.grids import Grid
from shortaxis.geometry.pose_errors import pose_errors
from shortaxis.reorientation.averaged_voxels import averaged
from shortaxis.reorientation.network_estimate import measured_estimate
from shortaxis.reorientation.quality import Measure
from shortaxis.spect.volume import SpectVolume


def test_means_of_eight_lie_between_them() -> None:
    counts = np.arange(4 * 5 * 6, dtype=np.float32).reshape(4, 5, 6)
    affine = np.diag([1.5, -1.5, 1.5, 1.0])
    affine[:3, 3] = 10, 20, 30

    means = averaged(SpectVolume(counts, affine))

    assert means.shape == (2, 2, 3)
    assert means.counts[0, 0, 0] == pytest.approx(counts[:2, :2, :2].mean())
    assert means.counts[1, 1, 2] == pytest.approx(counts[2:4, 2:4, 4:6].mean())
    assert np.allclose(means.spacing_mm, 3.0)
    first = apply_affine(means.patient_from_index, (1, 1, 2))
    assert np.allclose(first, apply_affine(affine, (2.5, 2.5, 4.5)))


@pytest.mark.parametrize("spacing_mm", [2.0, 3.3, 6.4])
def test_other_voxels_stay_as_they_are(spacing_mm: float) -> None:
    volume = SpectVolume(np.ones((4, 4, 4)), np.diag([spacing_mm] * 3 + [1.0]))

    assert averaged(volume) is volume


@pytest.mark.parametrize("spacing_mm", [(3.0, 1.5, 3.0), (1.5, 3.0, 3.0), (1.5, 1.0, 1.5)])
def test_a_size_that_may_be_wrong_is_not_hidden(spacing_mm: tuple[float, ...]) -> None:
    volume = SpectVolume(np.ones((4, 4, 4)), np.diag([*spacing_mm, 1.0]))

    assert averaged(volume) is volume


def test_an_edge_that_is_long_already_is_not_made_longer() -> None:
    volume = SpectVolume(np.ones((4, 6, 6)), np.diag([2.8, 1.3, 1.3, 1.0]))

    assert averaged(volume).shape == (4, 2, 2)


def test_a_pose_from_small_voxels_is_that_from_usual_ones_and_no_reason_to_review() -> None:
    usual = study_volume()
    size = tuple(int(4 * extent) for extent in usual.shape)
    inner = np.diag([0.25, 0.25, 0.25, 1.0])
    inner[:3, 3] = (np.array([0.25] * 3) - 1) / 2
    fine = usual.resampled(Grid(size, usual.patient_from_index @ inner))
    assert fine.spacing_mm.max() < 2

    found, measures = measured_estimate(fine)
    of_usual, _ = measured_estimate(usual)

    apart = pose_errors(found.pose, of_usual.pose)
    assert apart.long_axis_deg < 1
    assert apart.center_mm < 1
    assert measures[Measure.MIN_VOXEL_MM] > 2
    assert not any("voxel" in reason for reason in found.quality.reasons)
