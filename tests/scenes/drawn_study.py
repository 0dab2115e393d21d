"""A drawn stress study with an inferolateral defect: the same every time, nobody's."""

from __future__ import annotations

from pydicom import Dataset

from drawn_heart import DrawnHeart, draw_study, transaxial_grid
from nm_object import build_nm
from shortaxis.geometry.euler import PoseParameters, pose_from_parameters
from shortaxis.geometry.pose import RigidPose
from shortaxis.spect.volume import SpectVolume

__all__ = ["study_dataset", "study_pose", "study_volume"]

COUNTS_PER_VOXEL = 400.0
"""Level of the wall: a clinical stress study has a few hundred counts a voxel."""


def study_pose() -> RigidPose:
    """The true pose of the drawn heart, LPS mm."""
    parameters = PoseParameters(x_m=38, y_m=-24, z_m=6, alpha=21, beta=0, theta=46)
    return pose_from_parameters(parameters, transaxial_grid().center_mm)


def study_volume() -> SpectVolume:
    """Counts with a defect of the inferolateral wall, 32 x 64 x 64 voxels of 6.4 mm."""
    heart = DrawnHeart(defect_uptake=0.45)
    return draw_study(
        transaxial_grid(), study_pose(), heart, counts_per_voxel=COUNTS_PER_VOXEL, seed=20240102
    )


def study_dataset() -> Dataset:
    """The study as a camera stores it: slices from superior to inferior."""
    return build_nm(study_volume(), negative_spacing=True, seed="drawn study")
