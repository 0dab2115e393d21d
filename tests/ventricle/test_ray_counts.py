"""What the wall network is shown."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from shortaxis.geometry.motions import PatientMotion
from shortaxis.geometry.pose import RigidPose, compose
from shortaxis.reorientation.moved_volumes import with_moved_affine
from shortaxis.spect.volume import SpectVolume
from shortaxis.ventricle.ray_counts import DEPTHS_MM, MAX_INPUT, ray_counts
from shortaxis.ventricle.sharpness import FREQUENCIES_PER_MM, power_spectrum
from wall_scenes import POSE, hot_bullet


def test_rays_see_the_wall_where_it_is() -> None:
    rays = ray_counts(hot_bullet(voxel_mm=2.0, size=90), POSE)

    inside = rays.counts[(DEPTHS_MM > 22) & (DEPTHS_MM < 28)][:, :16]
    outside = rays.counts[(DEPTHS_MM < 18) | (DEPTHS_MM > 33)][:, :16]
    assert inside.min() > 0.95
    assert outside.max() < 0.2
    assert rays.level == pytest.approx(100.0)


def test_counts_are_parts_of_their_level_whatever_their_unit() -> None:
    volume = hot_bullet()
    brighter = SpectVolume(volume.counts * 50, volume.patient_from_index)

    np.testing.assert_allclose(
        ray_counts(brighter, POSE).counts, ray_counts(volume, POSE).counts, atol=1e-5
    )
    np.testing.assert_allclose(
        ray_counts(brighter, POSE).context, ray_counts(volume, POSE).context, atol=1e-4
    )


def test_an_organ_much_hotter_than_the_wall_is_cut_off() -> None:
    volume = hot_bullet()
    counts = volume.counts.copy()
    counts[:, :9] = 1e5

    rays = ray_counts(SpectVolume(counts, volume.patient_from_index), POSE)

    assert rays.counts.max() == MAX_INPUT
    assert rays.level == pytest.approx(100.0, rel=0.05)


def test_a_patient_who_lies_otherwise_looks_the_same_along_his_own_axes() -> None:
    volume = hot_bullet()
    motion = PatientMotion((1, 2, 3), 40.0, (10, -20, 5), (0, 0, 0))

    moved = ray_counts(with_moved_affine(volume, motion), compose(motion.pose, POSE))

    np.testing.assert_allclose(moved.counts, ray_counts(volume, POSE).counts, atol=1e-4)


def test_an_empty_place_has_no_level() -> None:
    rays = ray_counts(hot_bullet(), RigidPose(np.eye(3), np.array([900.0, 0, 0])))

    assert rays.level == 0
    assert not rays.counts.any()


def test_a_filter_takes_the_power_of_fine_waves() -> None:
    volume = hot_bullet(voxel_mm=3.0, size=64)
    smooth = ndimage.gaussian_filter(volume.counts, 7.0 / 3.0 / 2.355)
    blurred = SpectVolume(smooth, volume.patient_from_index)

    sharp, soft = (power_spectrum(each, POSE).described() for each in (volume, blurred))

    # A Gaussian of 7 mm FWHM leaves exp(-(2 pi f s)^2) of the power.
    sigma = 7.0 / 2.355
    kept = np.log10(np.exp(-((2 * np.pi * FREQUENCIES_PER_MM[:6] * sigma) ** 2))) / 2
    lost = soft[:6] - sharp[:6]
    np.testing.assert_allclose(lost - lost[0], kept - kept[0], atol=0.12)


def test_an_image_drawn_twice_as_large_is_told_so() -> None:
    spectrum = power_spectrum(hot_bullet(voxel_mm=3.0, size=64), POSE)

    plain, larger = spectrum.described(), spectrum.described(scale=2.0)

    assert larger[-1] - plain[-1] == pytest.approx(2 * np.log(2))
    assert larger[2] == pytest.approx(plain[5])
