"""How far ``shortaxis annotate`` is off where the pose is known, for any transaxial studies.

``python -m evidence run annotation_errors -- [FOLDER...] [--most N] [--engine NAME]``: SimpleITK
cuts slices of each study along the pose that the network gives it, and they are stored in several
ways. Each study is registered with the slices of the next one, too, to be rejected. Folders are
those of the benchmark ``clinical-1000`` and of the real studies where none is named. Stored in
``annotation_errors.json``, folder by folder.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from evidence.measuring.real_studies.cut_slices import CutSlices, cut_slices, turn_between_deg
from evidence.recording.record import store_result
from evidence.registry.places import cohorts_folder, real_data_folder
from shortaxis.geometry.affines import apply_affine, invert_affine, voxel_spacing_mm
from shortaxis.geometry.euler import with_conventional_roll
from shortaxis.geometry.pose import RigidPose
from shortaxis.reorientation.methods import METHODS, estimate_pose
from shortaxis.simulation.exam_files import read_compact_exam
from shortaxis.spect.stored_slices import StoredSlices
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.annotation.annotating import Annotation, annotate_pair
from shortaxis.workflow.annotation.engines.choosing import Engine, find_engine
from shortaxis.workflow.studies.finding import find_studies


def ways_to_store(volume: SpectVolume, pose: RigidPose) -> Iterator[tuple[str, CutSlices]]:
    yield "whole", cut_slices(volume, pose, (40, 64, 64))
    yield "cropped", cut_slices(volume, pose).cropped((3, 4, 8), (5, 9, 4))
    cubic = cut_slices(volume, pose, (34, 44, 44), (4.0, 4.0, 4.0), cubic=True)
    yield "cubic, swapped, flipped", cubic.reindexed((2, 0, 1), (-1, 1, -1))
    yield "cut out by a cylinder", cut_slices(volume, pose).within_cylinder(60.0)
    coarse = cut_slices(volume, pose, (16, 26, 24), (8.0, 6.0, 6.0))
    yield "coarse, mirrored", coarse.reindexed((0, 2, 1), (1, 1, 1))


def stored(cut: CutSlices) -> StoredSlices:
    return StoredSlices(cut.counts * 3, voxel_spacing_mm(cut.patient_from_index))


def errors(annotation: Annotation, cut: CutSlices, pose: RigidPose) -> tuple[float, float]:
    """Turn and shift of the slices at the centre of the pose; NaN where a hand is confused."""
    found = annotation.registration.patient_from_index
    ours, theirs = (
        each[:3, :3] / voxel_spacing_mm(each) for each in (found, cut.patient_from_index)
    )
    center = apply_affine(invert_affine(cut.patient_from_index), pose.center_mm)
    shift = float(np.linalg.norm(apply_affine(found, center) - pose.center_mm))
    if np.linalg.det(ours) * np.linalg.det(theirs) < 0:
        return float("nan"), shift
    return turn_between_deg(ours, theirs), shift


def read_volumes(folder: Path, most: int) -> list[SpectVolume]:
    compact = sorted(folder.rglob("*.npz"))[:most]
    if compact:
        return [read_compact_exam(path).volume for path in compact]
    return [found.load().study.volume for found in find_studies(folder).studies[:most]]


def measure(volumes: list[SpectVolume], engine: Engine) -> dict[str, Any]:
    """Errors by the way of storing, and how well own and other hearts match."""
    poses = [
        with_conventional_roll(estimate_pose(volume, next(iter(METHODS))).pose)
        for volume in volumes
    ]
    found: dict[str, list[tuple[float, float]]] = {}
    own_hearts, other_hearts, refused, rejected = [], [], [], 0
    for number, (volume, pose) in enumerate(zip(volumes, poses, strict=True)):
        for name, cut in ways_to_store(volume, pose):
            annotation = annotate_pair(stored(cut), volume, engine)
            found.setdefault(name, []).append(errors(annotation, cut, pose))
            own_hearts.append(annotation.match.heart)
            if annotation.rejections:
                refused.append({"study": number, "way": name, "why": annotation.rejections})
        other = (number + 1) % len(volumes)
        strange = annotate_pair(stored(cut_slices(volumes[other], poses[other])), volume, engine)
        other_hearts.append(strange.match.heart)
        rejected += bool(strange.rejections)
        print(f"study {number + 1} of {len(volumes)}", flush=True)
    return {
        "studies": len(volumes),
        "engine": engine.name,
        "ways": {
            name: {
                "turn_deg": [float(np.median(turns)), float(np.max(turns))],
                "shift_mm": [float(np.median(shifts)), float(np.max(shifts))],
            }
            for name, (turns, shifts) in ((name, np.array(each).T) for name, each in found.items())
        },
        "true_pairs_rejected": refused,
        "lowest_own_heart": min(own_hearts),
        "highest_other_heart": max(other_hearts),
        "other_pairs_rejected": rejected,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    default = [cohorts_folder() / "clinical-1000", real_data_folder()]
    parser.add_argument("folders", type=Path, nargs="*", default=default, metavar="FOLDER")
    parser.add_argument("--engine", default=None)
    parser.add_argument("--most", type=int, default=12)
    asked = parser.parse_args()
    sets = [
        measure(read_volumes(folder, asked.most), find_engine(asked.engine))
        for folder in asked.folders
    ]
    print(sets)
    store_result("annotation_errors", {"sets": sets})


if __name__ == "__main__":
    main()
