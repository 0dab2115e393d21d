"""The ellipsoid method on real NM 530c studies, used in place and skipped where absent."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from ellipsoid_scenes import motion_about, moved, voxel_positions
from shortaxis.dicom.reading.finding.scan import scan_dicom
from shortaxis.dicom.reading.study import read_dicom_study
from shortaxis.errors import HeartNotFoundError
from shortaxis.geometry.pose import RigidPose, compose
from shortaxis.geometry.pose_errors import pose_errors
from shortaxis.nifti.reading import read_nifti_study
from shortaxis.reorientation.ellipsoid import estimate_pose_by_ellipsoid
from shortaxis.reorientation.estimate import PoseEstimate, QualityFlag
from shortaxis.spect.volume import SpectVolume

STUDIES = range(4)


@pytest.fixture(scope="module")
def volumes(real_data_dir: Path) -> list[SpectVolume]:
    dicom = [
        read_dicom_study(scan_dicom(path).entries[0]).study.volume
        for path in sorted((real_data_dir / "dicom").glob("*.dcm"))
    ]
    (image,) = sorted((real_data_dir / "nifti").glob("*_0000.nii.gz"))
    return [*dicom, read_nifti_study(image).volume]


@pytest.fixture(scope="module")
def estimates(volumes: list[SpectVolume]) -> list[PoseEstimate]:
    return [estimate_pose_by_ellipsoid(volume) for volume in volumes]


@pytest.mark.parametrize("number", STUDIES)
def test_a_good_study_is_accepted_with_a_small_spread(
    estimates: list[PoseEstimate], number: int
) -> None:
    estimate = estimates[number]

    assert estimate.quality.reasons == ()
    assert estimate.uncertainty.long_axis_deg is not None
    assert estimate.uncertainty.long_axis_deg < 4
    assert estimate.extent is not None
    assert 75 < estimate.extent.length_mm < 100
    assert 20 < estimate.extent.radius_mm < 32


@pytest.mark.parametrize("number", STUDIES)
def test_a_header_that_turns_the_patient_is_never_accepted(
    volumes: list[SpectVolume], estimates: list[PoseEstimate], number: int
) -> None:
    truth = estimates[number].pose
    for angles_deg in ((0, 0, 180), (180, 0, 0)):
        turn = motion_about(truth.center_mm, angles_deg)

        estimate = estimate_pose_by_ellipsoid(moved(volumes[number], turn))

        # Most are even found the right way round; the others must say that they are in doubt.
        errors = pose_errors(estimate.pose, compose(turn, truth))
        assert estimate.quality.flag is QualityFlag.REVIEW
        assert errors.long_axis_deg < 5 or len(estimate.quality.reasons) > 1


@pytest.mark.parametrize("number", STUDIES)
def test_a_heart_without_an_apex_in_the_field_of_view_is_for_review(
    volumes: list[SpectVolume], estimates: list[PoseEstimate], number: int
) -> None:
    volume, pose = volumes[number], estimates[number].pose
    inside = pose.to_cardiac(voxel_positions(volume.grid))[..., 2] > -28

    try:
        cut = estimate_pose_by_ellipsoid(
            SpectVolume(volume.counts * inside, volume.patient_from_index)
        )
    except HeartNotFoundError:
        return
    assert cut.quality.flag is QualityFlag.REVIEW


@pytest.mark.parametrize("number", STUDIES)
def test_a_study_whose_heart_was_erased_is_refused_or_for_review(
    volumes: list[SpectVolume], estimates: list[PoseEstimate], number: int
) -> None:
    without_heart = erase_heart(volumes[number], estimates[number].pose)

    try:
        estimate = estimate_pose_by_ellipsoid(without_heart)
    except HeartNotFoundError:
        return
    assert estimate.quality.flag is QualityFlag.REVIEW


def erase_heart(volume: SpectVolume, pose: RigidPose) -> SpectVolume:
    """Fill a cylinder around the left ventricle from what surrounds it."""
    cardiac = pose.to_cardiac(voxel_positions(volume.grid))
    heart = (np.hypot(cardiac[..., 0], cardiac[..., 1]) < 42) & (np.abs(cardiac[..., 2]) < 58)
    known = (~heart & (volume.counts > 0)).astype(np.float64)
    level = ndimage.gaussian_filter(volume.counts * known, 5.0)
    filled = level / np.maximum(ndimage.gaussian_filter(known, 5.0), 1e-3)
    return SpectVolume(np.where(heart, filled, volume.counts), volume.patient_from_index)
