"""Reorient the real studies and compare with what is known of them.

``python -m evidence run real_studies -- --method M [--data FOLDER] [--pictures FOLDER]`` needs the
real studies (de-identified NM 530c files of the PhysioNet myocardial perfusion database,
doi:10.13026/ce2z-dw74) and stores ``real_studies.json``:

- angle between the estimated long axis and the expert wall mask's own (by three definitions,
  whose differences say how sharp the mask's axis is), and whether the centre lies in its cavity;
- how well the pose follows known motions of the input (turns to 15 degrees, shifts to 10 mm);
- errors that dciodvfy finds in the written files;
- distance between where the written header puts a voxel and where the slices were cut.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pydicom

import shortaxis
from evidence.measuring.real_studies.study_files import find_studies
from evidence.measuring.real_studies.wall_mask import WallMask, coverage, cut_like, read_wall_mask
from evidence.recording.options import add_pictures, add_real_data
from evidence.recording.pictures import keep_picture
from evidence.recording.record import store_result
from shortaxis.geometry.affines import apply_affine
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.motions import sample_motion
from shortaxis.geometry.pose import RigidPose
from shortaxis.geometry.pose_errors import pose_errors
from shortaxis.reorientation.consistency import collect_answers
from shortaxis.reorientation.methods import METHODS
from shortaxis.reorientation.moved_volumes import with_moved_counts
from shortaxis.workflow.reorient.record import build_report
from shortaxis.workflow.reorient.reorienting import Reorientation

SEED = 20260101
MAX_TURN_DEG = 15.0
MAX_SHIFT_MM = 10.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_real_data(parser)
    parser.add_argument("--motions", type=int, default=20)
    add_pictures(parser)
    parser.add_argument("--method", required=True, choices=list(METHODS))
    arguments = parser.parse_args()
    rng = np.random.default_rng(SEED)
    rows = []
    masked: list[tuple[WallMask, RigidPose]] = []
    for number, (study, mask) in enumerate(find_studies(arguments.data), start=1):
        result = shortaxis.reorient(study, method=arguments.method)
        row: dict[str, Any] = {"study": number, **_pose_row(result)}
        if mask is not None:
            wall = read_wall_mask(mask)
            masked.append((wall, result.estimate.pose))
            row |= compare_with_mask(result, wall)
        row |= follow_motions(result, rng, arguments.motions)
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "out"
            shortaxis.write(result, out, formats=("dicom",))
            row |= check_files(result, out)
            if arguments.pictures:
                keep_picture(out / "review.png", arguments.pictures / f"real-study-{number}.png")
        rows.append(row)
        print(row)
    values = {
        "method": arguments.method,
        "motions": arguments.motions,
        "studies": rows,
        "mask_control": control(masked),
    }
    store_result("real_studies", values, SEED)


def compare_with_mask(result: Reorientation, mask: WallMask) -> dict[str, Any]:
    """Angles to the mask's own axis, what it holds, and whether the centre lies in the cavity."""
    pose = result.estimate.pose
    angles = mask.axis_angles_deg(pose.apex_direction)
    return {
        "mask_axis_deg": {name: round(angle, 1) for name, angle in angles.items()},
        "mask_axis_ambiguity_deg": round(mask.ambiguity_deg, 1),
        "mask_coverage": coverage(mask, result.study.volume, pose),
        "center_in_mask_cavity": mask.cavity_contains(pose.center_mm),
    }


def control(masked: list[tuple[WallMask, RigidPose]]) -> dict[str, float]:
    """Angles of the first masked study's axis once its mask is cut like the second's."""
    if len(masked) != 2:
        return {}
    (first, pose), (second, second_pose) = masked
    angles = cut_like(first, pose, second, second_pose).axis_angles_deg(pose.apex_direction)
    return {name: round(angle, 1) for name, angle in angles.items()}


def follow_motions(result: Reorientation, rng: np.random.Generator, motions: int) -> dict[str, Any]:
    """Errors of the moved-back poses against the first one, after known motions."""
    first = result.estimate.pose
    drawn = [
        sample_motion(rng, first.center_mm, MAX_TURN_DEG, MAX_SHIFT_MM) for _ in range(motions)
    ]
    estimate = METHODS[result.estimate.method].estimate
    answers = collect_answers(result.study.volume, drawn, with_moved_counts, estimate).answers
    poses = [answer.moved_back for answer in answers]
    differences = [pose_errors(pose, first) for pose in poses if pose is not None]
    axis = [difference.long_axis_deg for difference in differences]
    center = [difference.center_mm for difference in differences]
    return {
        "motion_axis_median_deg": round(float(np.median(axis)), 2),
        "motion_axis_max_deg": round(float(np.max(axis)), 2),
        "motion_center_median_mm": round(float(np.median(center)), 2),
        "motion_center_max_mm": round(float(np.max(center)), 2),
        "motion_not_found": len(answers) - len(differences),
    }


def check_files(result: Reorientation, folder: Path) -> dict[str, Any]:
    """Conformance and geometry of the written series."""
    errors: int | None = 0 if shutil.which("dciodvfy") else None
    apart_mm = 0.0
    for view, volume in result.views.items():
        path = folder / f"{view.value}.dcm"
        if errors is not None:
            run = subprocess.run(
                ["dciodvfy", str(path)], capture_output=True, text=True, check=False
            )
            errors += (run.stdout + run.stderr).count("Error")
        last = np.array(volume.shape) - 1
        written, cut = (
            apply_affine(affine, last)
            for affine in (affine_of_header(path), volume.patient_from_index)
        )
        apart_mm = max(apart_mm, float(np.linalg.norm(written - cut)))
    return {"dciodvfy_errors": errors, "header_position_error_mm": round(apart_mm, 4)}


def affine_of_header(path: Path) -> FloatArray:
    """Affine by PS3.3 C.7.6.2.1.1 and C.8.4.15 from the raw header, without our reader."""
    header = pydicom.dcmread(path, stop_before_pixels=True)
    detector = header.DetectorInformationSequence[0]
    row, column = np.reshape(np.array(detector.ImageOrientationPatient, dtype=float), (2, 3))
    affine = np.eye(4)
    affine[:3, 0] = np.cross(row, column) * float(header.SpacingBetweenSlices)
    affine[:3, 1] = column * float(header.PixelSpacing[0])
    affine[:3, 2] = row * float(header.PixelSpacing[1])
    affine[:3, 3] = np.array(detector.ImagePositionPatient, dtype=float)
    return affine


def _pose_row(result: Reorientation) -> dict[str, Any]:
    quality = result.estimate.quality
    extent = result.estimate.extent
    return {
        "flag": quality.flag.value,
        "reasons": list(quality.reasons),
        "length_mm": None if extent is None else round(extent.length_mm, 1),
        "parameters": {
            name: round(value, 1)
            for name, value in build_report(result)["pose"]["anatomical"]["parameters"].items()
        },
    }


if __name__ == "__main__":
    main()
