"""Real studies whose pose a reviewer signed off, as exams of a cohort: written and read.

One ``.npz`` file an exam, where a compact simulated exam would lie: ``counts`` (float32, as
they were read), ``patient_from_index``, ``patient_from_cardiac`` and ``facts``, a text of JSON.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from shortaxis.errors import UnreadableFileError
from shortaxis.evaluation.cohorts.exam_truth import ExamTruth, Stratum
from shortaxis.files.inputs.input_size import require_archive_fits
from shortaxis.files.plain_json import to_json_line
from shortaxis.geometry.pose import RigidPose
from shortaxis.simulation.exam_files import CohortFormat
from shortaxis.simulation.seed_ranges import (
    CALIBRATION,
    SELECTION,
    TEST,
    TRAINING,
    SeedPurpose,
)
from shortaxis.spect.volume import SpectVolume

__all__ = [
    "PURPOSES",
    "REVIEWED",
    "ReviewedExam",
    "ReviewedRequest",
    "is_reviewed_exam",
    "read_reviewed_exam",
    "read_reviewed_truth",
    "reviewed_exam_bytes",
]

REVIEWED = "reviewed"
"""In the place of a preset."""

EXAM_SCHEMA = "shortaxis/reviewed-exam/1"

PURPOSES: dict[str, SeedPurpose] = {
    "evaluation": TEST,
    "training": TRAINING,
    "selection": SELECTION,
    "calibration": CALIBRATION,
}
"""What a cohort is for, with the seeds that its exams get: other uses refuse them."""


@dataclass(frozen=True)
class ReviewedRequest:
    """Which exams a cohort of reviewed studies has; the names are those of `CohortRequest`."""

    count: int
    first_seed: int
    preset: str = REVIEWED
    format: CohortFormat = CohortFormat.COMPACT
    time_slots: int = 0

    @property
    def seeds(self) -> range:
        """Numbers of the exams."""
        return range(self.first_seed, self.first_seed + self.count)


@dataclass(frozen=True, eq=False)
class ReviewedExam:
    """One study with the pose that a reviewer signed off.

    Parameters
    ----------
    exam_seed : int
        Its number in the cohort; nothing was drawn with it.
    volume : SpectVolume
        The original counts; of a gated study the sum over its time slots.
    pose : RigidPose
        LPS mm.
    size_mm : (float, float)
        Length and radius of the left ventricle.
    knows_roll : bool
        False where the roll is a convention that nobody changed.
    strata : mapping
        Facts by which exams are grouped.
    """

    exam_seed: int
    volume: SpectVolume
    pose: RigidPose
    size_mm: tuple[float, float]
    knows_roll: bool
    strata: Mapping[str, Stratum]


def reviewed_exam_bytes(exam: ReviewedExam) -> bytes:
    """Content of an exam's file."""
    counts = np.ascontiguousarray(exam.volume.counts, dtype=np.float32)
    facts = {
        "schema": EXAM_SCHEMA,
        "exam_seed": exam.exam_seed,
        "center_mm": exam.volume.center_mm.tolist(),
        "size_mm": list(exam.size_mm),
        "knows_roll": exam.knows_roll,
        "strata": dict(exam.strata),
        "counts_sha256": hashlib.sha256(counts.tobytes()).hexdigest(),
    }
    content = io.BytesIO()
    np.savez_compressed(
        content,
        counts=counts,
        patient_from_index=exam.volume.patient_from_index,
        patient_from_cardiac=exam.pose.matrix,
        facts=to_json_line(facts),
    )
    return content.getvalue()


def is_reviewed_exam(path: Path) -> bool:
    """Whether a file holds a reviewed exam and not a simulated one."""
    try:
        require_archive_fits(path)
        with np.load(path) as stored:
            return "facts" in stored.files
    except Exception:
        # Damage is an error when it is read.
        return False


def read_reviewed_exam(path: Path) -> ReviewedExam:
    """Read an exam with its counts.

    Raises
    ------
    UnreadableFileError
        If the file is none, or is damaged.
    """
    with _opened(path) as (stored, facts):
        length_mm, radius_mm = map(float, facts["size_mm"])
        counts = stored["counts"]
        if hashlib.sha256(counts.tobytes()).hexdigest() != facts["counts_sha256"]:
            raise ValueError("counts of another study")
        return ReviewedExam(
            int(facts["exam_seed"]),
            SpectVolume(counts, stored["patient_from_index"]),
            RigidPose.from_matrix(stored["patient_from_cardiac"]),
            (length_mm, radius_mm),
            bool(facts["knows_roll"]),
            facts["strata"],
        )


def read_reviewed_truth(path: Path) -> tuple[ExamTruth, str]:
    """Truth of an exam, without its counts, and the SHA-256 of pose and counts.

    Raises
    ------
    UnreadableFileError
        If the file is none, or is damaged.
    """
    with _opened(path) as (stored, facts):
        pose = RigidPose.from_matrix(stored["patient_from_cardiac"])
        truth = ExamTruth(
            int(facts["exam_seed"]),
            pose,
            np.array(facts["center_mm"], dtype=np.float64),
            facts["strata"],
            bool(facts["knows_roll"]),
        )
        identity = [facts["counts_sha256"], pose.matrix.round(6).tolist()]
        return truth, hashlib.sha256(to_json_line(identity).encode()).hexdigest()


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Mapping[str, Any], dict[str, Any]]]:
    """Arrays and facts of a file; whatever is wrong with them is one error."""
    require_archive_fits(path)
    try:
        with np.load(path) as stored:
            facts: dict[str, Any] = json.loads(str(stored["facts"]))
            if facts["schema"] != EXAM_SCHEMA:
                raise ValueError(f"schema {facts['schema']}")
            yield stored, facts
    except Exception as error:
        # Readers of archives, arrays and JSON raise anything where bytes are not what they were.
        raise UnreadableFileError(
            "is no reviewed exam",
            path=path,
            expected="a file written by shortaxis review export",
            found=f"{type(error).__name__}: {error}",
            cause="damaged, changed, or of another program",
        ) from error
