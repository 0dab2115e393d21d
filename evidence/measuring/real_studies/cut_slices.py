"""Pairs with known poses: slices cut by SimpleITK, an independent oracle, and stored anyhow."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import nibabel as nib
import numpy as np
import SimpleITK as sitk
from scipy.spatial.transform import Rotation

from shortaxis.geometry.affines import apply_affine
from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.geometry.pose import RigidPose
from shortaxis.nifti.orientation import affine_from_patient_from_index
from shortaxis.spect.volume import SpectVolume


@dataclass(frozen=True, eq=False)
class CutSlices:
    """Slices ``(slice, row, column)``, apex to base, anterior up, septum left, and their affine."""

    counts: CountsArray
    patient_from_index: FloatArray

    def reindexed(self, order: tuple[int, int, int], signs: tuple[int, int, int]) -> CutSlices:
        """The same voxels with their axes in another order, and reversed where a sign is -1."""
        affine = self.patient_from_index[:, [*order, 3]].copy()
        counts = self.counts.transpose(order)
        for axis, sign in enumerate(signs):
            if sign < 0:
                affine[:3, 3] += affine[:3, axis] * (counts.shape[axis] - 1)
                affine[:3, axis] *= -1
                counts = np.flip(counts, axis)
        return CutSlices(counts, affine)

    def cropped(self, low: tuple[int, int, int], high: tuple[int, int, int]) -> CutSlices:
        """Without so many voxels at the low and at the high ends."""
        a, b, c = (slice(start, size - end) for start, end, size in
                   zip(low, high, self.counts.shape, strict=True))  # fmt: skip
        affine = self.patient_from_index.copy()
        affine[:3, 3] = apply_affine(affine, low)
        return CutSlices(self.counts[a, b, c], affine)

    def within_cylinder(self, radius_mm: float) -> CutSlices:
        """Zero outside a cylinder about the middle of the slices."""
        rows, columns = (np.indices(self.counts.shape[1:]).T - (np.array(self.counts.shape[1:]) - 1)
                         / 2).T  # fmt: skip
        spacing = np.linalg.norm(self.patient_from_index[:3, :3], axis=0)
        outside = np.hypot(rows * spacing[1], columns * spacing[2]) > radius_mm
        return CutSlices(np.where(outside, 0, self.counts), self.patient_from_index)


def cut_slices(
    volume: SpectVolume,
    pose: RigidPose,
    shape: tuple[int, int, int] = (24, 32, 32),
    spacing_mm: tuple[float, float, float] = (6.4, 6.4, 6.4),
    *,
    cubic: bool = False,
) -> CutSlices:
    """Slices about the centre of the pose, resampled by SimpleITK."""
    image = sitk.GetImageFromArray(volume.counts)
    affine = volume.patient_from_index
    image.SetSpacing(volume.spacing_mm[::-1].tolist())
    image.SetOrigin(affine[:3, 3].tolist())
    image.SetDirection((affine[:3, :3] / volume.spacing_mm)[:, ::-1].ravel().tolist())
    size = np.array(shape)[::-1]
    spacing = np.array(spacing_mm)[::-1]
    # ITK's axes are column, row, slice: here x_c, y_c, z_c.
    origin = pose.to_patient(-spacing * (size - 1) / 2)
    resampled = sitk.Resample(
        image,
        size.tolist(),
        sitk.Transform(),
        sitk.sitkBSpline if cubic else sitk.sitkLinear,
        origin.tolist(),
        spacing.tolist(),
        pose.patient_from_cardiac.ravel().tolist(),
        0.0,
        sitk.sitkFloat32,
    )
    stored = np.eye(4)
    stored[:3, :3] = pose.patient_from_cardiac[:, ::-1] * np.array(spacing_mm)
    stored[:3, 3] = origin
    return CutSlices(sitk.GetArrayFromImage(resampled), stored)


def write_nifti_with(
    path: Path,
    counts: CountsArray,
    affine: FloatArray | None,
    size_mm: tuple[float, float, float],
) -> Path:
    """A NIfTI file with an affine of ``(slice, row, column)``, or with voxel sizes alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if affine is None:
        image = nib.Nifti1Image(np.ascontiguousarray(counts.T), np.diag([*size_mm[::-1], 1.0]))
        image.set_sform(None, code=0)
        image.set_qform(None, code=0)
        image.header.set_zooms(size_mm[::-1])
    else:
        image = nib.Nifti1Image(
            np.ascontiguousarray(counts.T), affine_from_patient_from_index(affine)
        )
        image.set_qform(image.affine, code=1)
        image.set_sform(image.affine, code=1)
    image.header.set_xyzt_units("mm")
    nib.save(image, path)
    return path


def turn_between_deg(first: FloatArray, second: FloatArray) -> float:
    """Angle between two 3x3 matrices of unit axes of the same handedness."""
    return float(np.rad2deg(Rotation.from_matrix(first @ np.linalg.inv(second)).magnitude()))
