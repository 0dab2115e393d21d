"""The paper's augmentation: the law of what is drawn, and where the heart is in new images."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pytest
import SimpleITK as sitk
from scipy import stats

from drawn_heart import draw_study, transaxial_grid, usual_pose
from shortaxis.anatomy.cardiac_views import CardiacView, view_grid
from shortaxis.errors import OptionError
from shortaxis.geometry.euler import PoseParameters, parameters_from_pose
from shortaxis.geometry.pose import RigidPose
from shortaxis.spect.volume import SpectVolume
from shortaxis.training.paper.augmentation import (
    DRAWS,
    TRUNCATED_AT,
    ParameterLaw,
    augmented,
    fitted_law,
)

LAW = ParameterLaw(
    np.array([30.0, -20.0, 5.0, 12.0, 0.0, 50.0]), np.array([8.0, 9.0, 10.0, 7.0, 6.0, 11.0])
)


def test_draws_follow_the_truncated_gaussians() -> None:
    drawn = np.array([astuple(each) for each in LAW.draw(np.random.default_rng(0), 4000)])
    scaled = (drawn - LAW.means) / LAW.deviations
    assert np.abs(scaled).max() <= TRUNCATED_AT
    law = stats.truncnorm(-TRUNCATED_AT, TRUNCATED_AT)
    for column in scaled.T:
        assert stats.kstest(column, law.cdf).pvalue > 1e-3
    off_diagonal = np.corrcoef(scaled.T) - np.eye(6)
    assert np.abs(off_diagonal).max() < 0.06


def test_the_law_is_that_of_the_exams() -> None:
    rng = np.random.default_rng(1)
    values = LAW.means + LAW.deviations * rng.standard_normal((3000, 6))
    law = fitted_law([PoseParameters(*row) for row in values.tolist()])
    np.testing.assert_allclose(law.means, LAW.means, atol=0.6)
    np.testing.assert_allclose(law.deviations, LAW.deviations, rtol=0.05)


def test_one_exam_is_no_law() -> None:
    with pytest.raises(OptionError, match="too few exams"):
        fitted_law([PoseParameters(*[0.0] * 6)])


def test_381_exams_give_the_papers_number_of_images() -> None:
    assert 381 * (1 + DRAWS) == 15_621


def test_the_heart_of_a_new_image_is_where_its_pose_says() -> None:
    grid = transaxial_grid()
    pose = usual_pose(grid)
    study = draw_study(grid, pose)
    short_axis = study.resampled(view_grid(CardiacView.SHORT_AXIS, pose, (32, 48, 48), 4.0))
    law = fitted_law([parameters_from_pose(pose, grid.center_mm)] * 2)
    law = ParameterLaw(law.means, np.array([6.0, 6.0, 6.0, 8.0, 8.0, 8.0]))
    drawn = law.draw(np.random.default_rng(2), 3)

    for image, parameters in zip(augmented(short_axis, pose, grid, drawn), drawn, strict=True):
        found = parameters_from_pose(image.pose, grid.center_mm)
        np.testing.assert_allclose(astuple(found), astuple(parameters), atol=1e-6)
        assert np.linalg.det(image.pose.patient_from_cardiac) == pytest.approx(1)
        # Cut again along the new pose, by another implementation, it is the short-axis image.
        again = cut_by_itk(image.volume, image.pose, short_axis, pose)
        inside = (slice(8, -8), slice(12, -12), slice(12, -12))
        first, second = short_axis.counts[inside].ravel(), again[inside].ravel()
        assert np.corrcoef(first, second)[0, 1] > 0.98


def cut_by_itk(
    volume: SpectVolume, pose: RigidPose, like: SpectVolume, its_pose: RigidPose
) -> np.ndarray:
    """The grid of a short-axis image, carried from its pose to another, sampled by ITK."""
    image = sitk_image(volume.counts, volume.patient_from_index)
    affine = pose.matrix @ np.linalg.inv(its_pose.matrix) @ like.patient_from_index
    reference = sitk_image(np.zeros(like.shape, dtype=np.float32), affine)
    return sitk.GetArrayFromImage(
        sitk.Resample(image, reference, sitk.Transform(), sitk.sitkLinear)
    )


def sitk_image(counts: np.ndarray, patient_from_index: np.ndarray) -> sitk.Image:
    """Index order of ITK is the reverse of ours."""
    image = sitk.GetImageFromArray(counts)
    linear = patient_from_index[:3, :3][:, ::-1]
    spacing = np.linalg.norm(linear, axis=0)
    image.SetSpacing(spacing.tolist())
    image.SetDirection((linear / spacing).ravel().tolist())
    image.SetOrigin(patient_from_index[:3, 3].tolist())
    return image
