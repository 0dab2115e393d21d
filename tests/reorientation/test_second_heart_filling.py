"""The heart that was found is taken out of the volume, whatever its grid, as voxel by voxel."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawn_study import study_pose, study_volume
from geometry_strategies import affines
from repository import DEMO
from shortaxis.geometry.affines import apply_affine
from shortaxis.geometry.pose import RigidPose
from shortaxis.reorientation.second_heart import HEART_RADIUS_MM, RIM_MM, filled_around
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.studies.finding import find_studies


def filled_voxel_by_voxel(volume: SpectVolume, pose: RigidPose) -> np.ndarray:
    """The definition: every voxel, by its own distance."""
    indices = np.moveaxis(np.indices(volume.shape), 0, -1)
    positions = apply_affine(volume.patient_from_index, indices)
    away_mm = np.linalg.norm(positions - pose.center_mm, axis=-1)
    inside = away_mm < HEART_RADIUS_MM
    around = volume.counts[~inside & (away_mm < HEART_RADIUS_MM + RIM_MM)]
    return np.where(inside, np.median(around) if around.size else 0.0, volume.counts)


@given(
    affine=affines(),
    shape=st.tuples(*[st.integers(8, 24)] * 3),
    place=st.tuples(*[st.floats(-0.7, 1.7)] * 3),
    seed=st.integers(0, 9),
)
def test_any_grid_and_any_place_are_filled_as_defined(
    affine: np.ndarray, shape: tuple[int, int, int], place: tuple[float, ...], seed: int
) -> None:
    counts = np.random.default_rng(seed).random(shape)
    volume = SpectVolume(counts, affine)
    # A place of odd decimals: no voxel lies on the edge of the ball but by a rounding error.
    center = apply_affine(affine, np.array(place) * (np.array(shape) - 1) + 0.0123)
    pose = RigidPose(np.eye(3), center)

    np.testing.assert_array_equal(
        filled_around(volume, pose).counts, filled_voxel_by_voxel(volume, pose)
    )


def test_real_and_drawn_studies_are_filled_as_defined(real_data_dir: Path) -> None:
    paths = [DEMO / "study.dcm", DEMO / "rest.dcm", *(real_data_dir / "dicom").glob("*.dcm")]
    volumes = [find_studies(path).studies[0].load().study.volume for path in paths]

    for volume in (*volumes, study_volume()):
        for offset in ((0.0, 0.0, 0.0), (21.3, -40.7, 11.9), (160.1, 3.3, -70.2)):
            pose = RigidPose(np.eye(3), volume.center_mm + offset)
            np.testing.assert_array_equal(
                filled_around(volume, pose).counts, filled_voxel_by_voxel(volume, pose)
            )


def test_a_place_far_away_fills_nothing() -> None:
    volume = study_volume()
    pose = RigidPose(np.eye(3), study_pose().center_mm + 5000.0)

    np.testing.assert_array_equal(filled_around(volume, pose).counts, volume.counts)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_volume_of_thin_slabs_is_filled(axis: int) -> None:
    counts = np.moveaxis(study_volume().counts, 0, axis)[:9]
    volume = SpectVolume(counts, np.diag([12.0, 3.0, 5.0, 1.0]))
    pose = RigidPose(np.eye(3), volume.center_mm + 1.7)

    np.testing.assert_array_equal(
        filled_around(volume, pose).counts, filled_voxel_by_voxel(volume, pose)
    )
