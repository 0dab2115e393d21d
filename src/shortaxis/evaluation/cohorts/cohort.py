"""Cohorts on disk: exams, their truth, their counts.

``shortaxis simulate`` writes those of simulated exams, ``shortaxis review export`` those of real
studies whose pose a reviewer signed off.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

from shortaxis.errors import InputNotFoundError, ShortAxisError, UnreadableFileError
from shortaxis.evaluation.cohorts.checksums import cohort_sha256, exam_sha256
from shortaxis.evaluation.cohorts.exam_truth import ExamTruth
from shortaxis.evaluation.cohorts.reviewed_exams import (
    REVIEWED,
    ReviewedRequest,
    is_reviewed_exam,
    read_reviewed_exam,
    read_reviewed_truth,
)
from shortaxis.files.inputs.side_files import read_side_file
from shortaxis.files.plain_json import OF_ANOTHER_SHAPE
from shortaxis.simulation.cohort_folder import COHORT_FILE, COHORT_SCHEMA
from shortaxis.simulation.cohort_request import CohortRequest
from shortaxis.simulation.exam_files import exam_path, read_compact_exam, read_exam_facts
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.studies.finding import find_studies

__all__ = ["Cohort", "CohortTruth", "find_cohort", "read_exam_volume", "read_truth"]

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Cohort:
    """Where a cohort lies, what was asked for, and the version that made it."""

    folder: Path
    request: CohortRequest | ReviewedRequest
    software_version: str

    def path_of(self, exam_seed: int) -> Path:
        """File or folder of an exam."""
        return exam_path(self.folder, exam_seed, self.request.format)

    @property
    def missing(self) -> tuple[int, ...]:
        """Seeds of exams that are not there."""
        return tuple(seed for seed in self.request.seeds if not self.path_of(seed).exists())


@dataclass(frozen=True, eq=False)
class CohortTruth:
    """Truths of all exams by seed, and the checksum of what identifies them."""

    exams: tuple[ExamTruth, ...]
    sha256: str


def find_cohort(folder: Path) -> Cohort:
    """Cohort in a folder, complete or not.

    Raises
    ------
    InputNotFoundError
        If the folder holds no cohort.
    UnreadableFileError
        If its ``cohort.json`` is damaged, or of another version of the schema.
    """
    path = folder / COHORT_FILE
    try:
        values = json.loads(read_side_file(path))
    except ShortAxisError:
        raise
    except (FileNotFoundError, NotADirectoryError) as error:
        raise _no_cohort(folder) from error
    except OSError as error:
        raise _unreadable(path, error.strerror or "the system refused it") from error
    except OF_ANOTHER_SHAPE as error:
        raise _unreadable(path, str(error)) from error
    return _cohort_of(folder, values)


def read_truth(cohort: Cohort, progress: Progress | None = None) -> CohortTruth:
    """Read the truth of every exam.

    Raises
    ------
    InputNotFoundError
        If exams are missing, as after a run that was stopped.
    UnreadableFileError
        If an exam is damaged.
    """
    _refuse_incomplete(cohort)
    report = progress or (lambda done, total: None)
    truths, sums = [], []
    for seed in cohort.request.seeds:
        truth, identity = _truth(cohort, seed)
        truths.append(truth)
        sums.append(identity)
        report(len(truths), cohort.request.count)
    return CohortTruth(tuple(truths), cohort_sha256(sums))


def _truth(cohort: Cohort, seed: int) -> tuple[ExamTruth, str]:
    """Truth of an exam, and the SHA-256 of what identifies it."""
    path = cohort.path_of(seed)
    if cohort.request.preset == REVIEWED:
        truth, identity = read_reviewed_truth(path)
        if truth.exam_seed != seed:
            raise UnreadableFileError(
                "is another exam",
                path=path,
                expected=f"exam {seed}",
                found=f"exam {truth.exam_seed}",
                cause="a renamed file",
            )
        return truth, identity
    scenario, pose, strata = read_exam_facts(path)
    truth = ExamTruth(seed, pose, scenario.field_of_view.grid.center_mm, strata)
    return truth, exam_sha256(scenario, pose)


def read_exam_volume(path: Path) -> SpectVolume:
    """Counts of an exam of any kind; of a gated one the sum over its time slots.

    Raises
    ------
    UnreadableFileError
        If the exam is damaged.
    """
    if path.is_dir():
        return find_studies(path / "study.dcm").studies[0].load().study.volume
    if is_reviewed_exam(path):
        return read_reviewed_exam(path).volume
    return read_compact_exam(path).volume


def _cohort_of(folder: Path, values: object) -> Cohort:
    if not isinstance(values, dict) or values.get("schema") != COHORT_SCHEMA:
        raise _unreadable(folder / COHORT_FILE, "another schema, or none")
    kind = ReviewedRequest if values.get("preset") == REVIEWED else CohortRequest
    try:
        # Cohorts that were begun before presets had versions are of the first.
        known = {"preset_version": 1, "projections": False, **values}
        request = kind(**{field.name: known[field.name] for field in fields(kind)})
        return Cohort(folder, request, str(values["software_version"]))
    except OF_ANOTHER_SHAPE as error:
        raise _unreadable(folder / COHORT_FILE, str(error)) from error


def _no_cohort(folder: Path) -> InputNotFoundError:
    cause = "a mistyped path, or the name of a benchmark that is spelled otherwise"
    if folder.is_file():
        found, cause = "a file", "a study of a cohort was given, and not the folder of all of them"
    else:
        found = f"no {COHORT_FILE}" if folder.is_dir() else "no such folder"
    return InputNotFoundError(
        "is no cohort",
        path=folder,
        expected=f"a folder with {COHORT_FILE}, written by shortaxis simulate or review export",
        found=found,
        cause=cause,
    )


def _unreadable(path: Path, found: str) -> UnreadableFileError:
    return UnreadableFileError(
        "does not say what cohort this is",
        path=path,
        expected=f"JSON with schema {COHORT_SCHEMA}",
        found=found,
        cause="damaged, edited, or written by another version",
    )


def _refuse_incomplete(cohort: Cohort) -> None:
    missing, request = cohort.missing, cohort.request
    if not missing:
        return
    remedy = (
        "a simulation that was stopped; the same command goes on: shortaxis simulate "
        f"--preset {request.preset} --count {request.count} --seed {request.first_seed} "
        f"--format {request.format}"
    )
    if isinstance(request, CohortRequest):
        remedy += f" --preset-version {request.preset_version}"
    else:
        remedy = "files that were moved or removed; export the reviews again"
    raise InputNotFoundError(
        "is not complete",
        path=cohort.folder,
        expected=f"{request.count} exams",
        found=f"{request.count - len(missing)}; the first that is missing is {missing[0]}",
        cause=remedy,
    )
