"""Real hearts: NM 530c studies, used in place and skipped where they are absent."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import shortaxis
from evidence.measuring.real_studies.real_studies import affine_of_header
from evidence.measuring.real_studies.study_files import find_studies
from evidence.measuring.real_studies.wall_mask import read_wall_mask
from shortaxis.anatomy.cardiac_views import CardiacView
from shortaxis.geometry.affines import apply_affine
from shortaxis.geometry.motions import sample_motion
from shortaxis.geometry.pose import compose, invert
from shortaxis.geometry.pose_errors import pose_errors
from shortaxis.reorientation.methods import METHODS
from shortaxis.reorientation.moved_volumes import with_moved_counts
from shortaxis.workflow.reorient.reorienting import Reorientation

STUDIES = range(4)


@pytest.fixture(scope="module")
def reoriented(real_data_dir: Path) -> list[tuple[Reorientation, Path | None]]:
    return [(shortaxis.reorient(path), mask) for path, mask in find_studies(real_data_dir)]


@pytest.mark.parametrize("number", STUDIES)
def test_axis_and_center_agree_with_the_expert_wall_mask(
    reoriented: list[tuple[Reorientation, Path | None]], number: int
) -> None:
    result, mask_path = reoriented[number]
    if mask_path is None:
        pytest.skip("this study has no wall mask")
    mask = read_wall_mask(mask_path)
    pose = result.estimate.pose

    # 15 degrees is the bound for a classical method; a reversed axis would be 180. A mask that
    # leaves out part of the wall has no sharp axis: its definitions lie `ambiguity_deg` apart.
    angles = mask.axis_angles_deg(pose.apex_direction)
    assert min(angles.values()) < 15
    assert max(angles.values()) < 15 + mask.ambiguity_deg
    assert mask.cavity_contains(pose.center_mm)


@pytest.mark.parametrize("number", STUDIES)
def test_a_short_axis_slice_is_a_ring_about_a_darker_cavity(
    reoriented: list[tuple[Reorientation, Path | None]], number: int
) -> None:
    slices = reoriented[number][0].short_axis
    middle = (np.array(slices.shape) - 1) / 2
    angles = np.deg2rad(np.arange(0, 360, 15))

    def ring(radius_mm: float) -> np.ndarray:
        rows = middle[1] + radius_mm / slices.spacing_mm[1] * np.sin(angles)
        columns = middle[2] + radius_mm / slices.spacing_mm[2] * np.cos(angles)
        level = slices.counts[round(middle[0])]
        return level[rows.round().astype(int), columns.round().astype(int)]

    walls = np.array([ring(radius) for radius in np.arange(12, 44, 2)])
    cavity = ring(4).mean()
    # In nearly every direction a wall is met that is clearly brighter than the cavity.
    assert np.mean(walls.max(axis=0) > 1.25 * cavity) > 0.85


@pytest.mark.parametrize("number", STUDIES)
def test_the_heart_is_not_mirrored_and_points_to_the_front(
    reoriented: list[tuple[Reorientation, Path | None]], number: int
) -> None:
    pose = reoriented[number][0].pose
    lateral, inferior, _ = pose.patient_from_cardiac.T

    assert np.linalg.det(pose.patient_from_cardiac) == pytest.approx(1)
    assert lateral[0] > 0  # toward the patient's left
    assert inferior[2] < 0  # toward the feet
    assert pose.apex_direction[1] < 0  # toward the front


@pytest.mark.parametrize("number", STUDIES)
def test_the_pose_follows_a_known_motion_of_the_patient(
    reoriented: list[tuple[Reorientation, Path | None]], number: int
) -> None:
    result = reoriented[number][0]
    first = result.estimate.pose
    rng = np.random.default_rng(number)
    differences = []
    for _ in range(5):
        motion = sample_motion(rng, first.center_mm, 15, 10)
        again = METHODS[result.estimate.method].estimate(
            with_moved_counts(result.study.volume, motion)
        )
        differences.append(pose_errors(compose(invert(motion.pose), again.pose), first))

    assert np.median([difference.long_axis_deg for difference in differences]) < 6
    assert np.median([difference.center_mm for difference in differences]) < 5


@pytest.mark.parametrize("number", STUDIES)
def test_written_series_lie_where_they_were_cut(
    reoriented: list[tuple[Reorientation, Path | None]], number: int, tmp_path: Path
) -> None:
    result = reoriented[number][0]
    shortaxis.write(result, tmp_path / "out", formats=["dicom"], review_sheet=False)

    for view in CardiacView:
        volume = result.views[view]
        affine = affine_of_header(tmp_path / "out" / f"{view.value}.dcm")
        corners = np.array([(0, 0, 0), np.array(volume.shape) - 1])
        np.testing.assert_allclose(
            apply_affine(affine, corners),
            apply_affine(volume.patient_from_index, corners),
            atol=0.1,
        )
