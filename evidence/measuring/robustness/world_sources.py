"""Exams and real studies whose geometry is right, to be put into wrong worlds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evidence.measuring.real_studies.study_files import find_studies
from shortaxis.geometry.affines import apply_affine, invert_affine
from shortaxis.geometry.pose import RigidPose
from shortaxis.reorientation.network_estimate import measured_estimate
from shortaxis.simulation.exam_files import read_compact_exam
from shortaxis.spect.reading_options import ReadingOptions
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.studies.finding import find_studies as find_studies_in

__all__ = ["REAL", "Source", "exam_source", "real_paths", "real_source"]

REAL = -1
"""Number of a real study."""

WHOLE_BODY_FOLDER = "pet_whole_body"

CHEST_MM = 130.0
"""Above and below the heart: what a scan of the chest shows of a whole body."""


@dataclass(frozen=True, eq=False)
class Source:
    """An exam or a real study in the right world; `number` decides what is tried on it."""

    number: int
    volume: SpectVolume
    pose: RigidPose


def exam_source(path: Path) -> Source:
    """A simulated exam, with its true pose."""
    exam = read_compact_exam(path)
    return Source(int(path.stem), exam.volume, exam.pose)


def real_paths(folder: Path) -> list[Path]:
    """Every transaxial study of the folder of real ones, and the whole-body PET."""
    whole_body = folder / WHOLE_BODY_FOLDER
    return [
        *(path for path, _ in find_studies(folder)),
        *([whole_body] if whole_body.is_dir() else []),
    ]


def real_source(path: Path) -> Source:
    """A real study, its heart where the network finds it; of a whole body the chest."""
    options = ReadingOptions(whole_body=path.is_dir())
    volume = find_studies_in(path, options=options).studies[0].load().study.volume
    pose = measured_estimate(volume)[0].pose
    return Source(REAL, chest_of(volume, pose) if path.is_dir() else volume, pose)


def chest_of(volume: SpectVolume, pose: RigidPose) -> SpectVolume:
    """Slices near the heart alone."""
    middle = apply_affine(invert_affine(volume.patient_from_index), pose.center_mm)[0]
    reach = CHEST_MM / volume.spacing_mm[0]
    first, last = max(0, round(middle - reach)), round(middle + reach)
    affine = volume.patient_from_index.copy()
    affine[:3, 3] = apply_affine(affine, np.array([first, 0.0, 0.0]))
    return SpectVolume(volume.counts[first : last + 1], affine)
