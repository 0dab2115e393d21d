"""Draw the demo study: ``python demo/draw_demo_study.py [path]`` writes ``demo/study.dcm``.

The file is the same every time: a drawn heart with an inferolateral defect, stored as a camera
stores it, with fixed UIDs and dates and nobody's name.
"""

from __future__ import annotations

import sys
from pathlib import Path

from pydicom import Dataset

from drawn_heart import DrawnHeart, draw_study, transaxial_grid
from nm_object import build_nm, save_object
from shortaxis.geometry.euler import PoseParameters, pose_from_parameters
from shortaxis.geometry.pose import RigidPose
from shortaxis.spect.volume import SpectVolume

__all__ = ["DEMO_STUDY", "demo_dataset", "demo_pose", "demo_volume"]

DEMO_STUDY = Path(__file__).with_name("study.dcm")

COUNTS_PER_VOXEL = 400.0
"""Level of the wall: a clinical stress study has a few hundred counts a voxel."""


def demo_pose() -> RigidPose:
    """The true pose of the drawn heart, LPS mm."""
    parameters = PoseParameters(x_m=38, y_m=-24, z_m=6, alpha=21, beta=0, theta=46)
    return pose_from_parameters(parameters, transaxial_grid().center_mm)


def demo_volume() -> SpectVolume:
    """Counts with a defect of the inferolateral wall, 32 x 64 x 64 voxels of 6.4 mm."""
    heart = DrawnHeart(defect_uptake=0.45)
    return draw_study(
        transaxial_grid(), demo_pose(), heart, counts_per_voxel=COUNTS_PER_VOXEL, seed=20240102
    )


def demo_dataset() -> Dataset:
    """The demo study as a camera stores it: slices from superior to inferior."""
    return build_nm(demo_volume(), negative_spacing=True, seed="demo study")


if __name__ == "__main__":
    written = save_object(demo_dataset(), Path(sys.argv[1]) if len(sys.argv) > 1 else DEMO_STUDY)
    print(f"{written} ({written.stat().st_size / 1000:.0f} kB)")
