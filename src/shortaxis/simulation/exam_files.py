"""One simulated exam on disk: as a camera and a reader would store it, or compact for training.

``dicom``: a folder with ``study.dcm``, the true pose as ``pose.json``, ``scenario.json``, and from
version 2 of the presets on the true wall and function as ``truth.npz``.
``compact``: one ``.npz`` file with 16-bit counts, affine, pose, scenario and strata. Both appear
by one rename, so a killed process leaves no half-written exam.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np

from shortaxis.errors import OptionError, UnreadableFileError
from shortaxis.files.inputs.input_size import require_archive_fits
from shortaxis.files.inputs.side_files import read_side_file
from shortaxis.files.plain_json import to_json_line
from shortaxis.files.whole_files import written_whole
from shortaxis.geometry.arrays import CountsArray
from shortaxis.geometry.pose import RigidPose
from shortaxis.simulation.dicom_exam import TRUTH_FILE, write_dicom_exam
from shortaxis.simulation.exam import SimulatedExam, Stratum
from shortaxis.simulation.exam_truth import ExamTruth
from shortaxis.simulation.scenario import ExamScenario, scenario_from_json, scenario_to_json
from shortaxis.spect.volume import SpectVolume

__all__ = [
    "FORMATS",
    "CohortFormat",
    "StoredExam",
    "cohort_format",
    "exam_path",
    "read_compact_exam",
    "read_exam_facts",
    "read_exam_truth",
    "write_exam",
]

TRUTH_PREFIX = "truth_"
"""Of the names of the arrays of `ExamTruth` in a compact exam."""

MAX_STORED = 65535


class CohortFormat(StrEnum):
    """How exams of a cohort are stored."""

    DICOM = "dicom"
    COMPACT = "compact"


def cohort_format(name: str) -> CohortFormat:
    """A format by its name.

    Raises
    ------
    OptionError
        For any other word.
    """
    try:
        return CohortFormat(name)
    except ValueError:
        expected = ", ".join(CohortFormat)
        raise OptionError("unknown format", expected=expected, found=name) from None


@dataclass(frozen=True, eq=False)
class StoredExam:
    """A compact exam as it was read, like `SimulatedExam`: a gated `volume` is the sum."""

    volume: SpectVolume
    pose: RigidPose
    scenario: ExamScenario
    strata: dict[str, Stratum]
    gates: CountsArray | None = None
    truth: ExamTruth | None = None

    @property
    def known_truth(self) -> ExamTruth:
        """Wall, valve, volumes and contraction.

        Raises
        ------
        OptionError
            If the exam was stored without.
        """
        if self.truth is None:
            raise OptionError(
                "an exam does not hold its true wall",
                expected="an exam of version 2 of the presets, or newer",
                found=f"seed {self.scenario.exam_seed} of version {self.scenario.preset_version}",
                cause="a cohort of version 1",
                way_on="simulate it with --preset-version 2",
            )
        return self.truth

    @property
    def size_mm(self) -> tuple[float, float]:
        """Length and radius of the left ventricle."""
        ventricle = self.scenario.phantom.heart.left_ventricle
        return ventricle.length_mm, ventricle.radius_mm


def exam_path(folder: Path, exam_seed: int, form: CohortFormat) -> Path:
    """Where an exam lies in a cohort's folder."""
    return folder / "exams" / (f"{exam_seed:010d}" + FORMATS[form].suffix)


def write_exam(
    exam: SimulatedExam, folder: Path, form: CohortFormat, *, with_projections: bool = False
) -> Path:
    """Write one exam into a cohort's folder; an exam that is there already is replaced.

    A ``dicom`` exam of a camera that keeps its projections holds them, too, if asked.
    """
    if not with_projections:
        exam = replace(exam, projections=None)
    target = exam_path(folder, exam.scenario.exam_seed, form)
    target.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(target) as partial:
        FORMATS[form].write(exam, partial)
    return target


def read_exam_facts(path: Path) -> tuple[ExamScenario, RigidPose, dict[str, Stratum]]:
    """Scenario, true pose and strata of an exam of either format, without its counts.

    Raises
    ------
    UnreadableFileError
        If there is no exam, or its files are damaged.
    """
    if path.is_dir():
        with _damage_named(path):
            values = json.loads(read_side_file(path / "scenario.json"))
            pose = json.loads(read_side_file(path / "pose.json"))
            truth = RigidPose(pose["patient_from_cardiac"], pose["center_mm"])
            return scenario_from_json(to_json_line(values["scenario"])), truth, values["strata"]
    with _opened(path) as stored:
        return _facts(stored)


def read_compact_exam(path: Path) -> StoredExam:
    """Read a compact exam.

    Raises
    ------
    UnreadableFileError
        If the file is none, or is damaged.
    """
    with _opened(path) as stored:
        counts = stored["counts"].astype(np.float32) * np.float32(stored["slope"])
        gates = counts if counts.ndim == 4 else None
        volume = counts if gates is None else gates.sum(axis=0)
        scenario, pose, strata = _facts(stored)
        return StoredExam(
            SpectVolume(volume, stored["patient_from_index"]),
            pose,
            scenario,
            strata,
            gates,
            _stored_truth(stored),
        )


def read_exam_truth(path: Path) -> ExamTruth | None:
    """Read wall, valve, volumes and contraction of an exam of either format, without its counts.

    None for exams of version 1 of the presets, which were stored without.

    Raises
    ------
    UnreadableFileError
        If there is no exam, or its files are damaged.
    """
    if not path.is_dir():
        with _opened(path) as stored:
            return _stored_truth(stored)
    if not (path / TRUTH_FILE).exists():
        return None
    with _opened(path / TRUTH_FILE) as stored:
        return ExamTruth.from_arrays(stored)


def _stored_truth(stored: Mapping[str, Any]) -> ExamTruth | None:
    found = {
        name.removeprefix(TRUTH_PREFIX): stored[name]
        for name in stored
        if name.startswith(TRUTH_PREFIX)
    }
    return ExamTruth.from_arrays(found) if found else None


def _truth_arrays(exam: SimulatedExam) -> dict[str, Any]:
    arrays = exam.truth.to_arrays() if exam.truth else {}
    return {TRUTH_PREFIX + name: each for name, each in arrays.items()}


def _facts(stored: Mapping[str, Any]) -> tuple[ExamScenario, RigidPose, dict[str, Stratum]]:
    return (
        scenario_from_json(str(stored["scenario"])),
        RigidPose.from_matrix(stored["patient_from_cardiac"]),
        json.loads(str(stored["strata"])),
    )


@contextmanager
def _opened(path: Path) -> Iterator[Mapping[str, Any]]:
    require_archive_fits(path)
    with _damage_named(path), path.open("rb") as file, np.load(file) as stored:
        yield stored


@contextmanager
def _damage_named(path: Path) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        # Readers of archives, arrays and JSON raise anything where bytes are not what they were.
        raise UnreadableFileError(
            "is no simulated exam",
            path=path,
            expected="a file or folder written by shortaxis simulate",
            found=f"{type(error).__name__}: {error}",
            cause="damaged, changed, or of another program",
        ) from error


def _write_compact(exam: SimulatedExam, path: Path) -> None:
    counts = exam.volume.counts if exam.gates is None else exam.gates
    slope = max(float(counts.max()), 1e-6) / MAX_STORED
    content = io.BytesIO()
    np.savez_compressed(
        content,
        counts=np.round(counts / slope).astype(np.uint16),
        slope=np.float32(slope),
        patient_from_index=exam.volume.patient_from_index,
        patient_from_cardiac=exam.pose.matrix,
        scenario=scenario_to_json(exam.scenario),
        strata=to_json_line(dict(exam.strata)),
        **_truth_arrays(exam),
    )
    path.write_bytes(content.getvalue())


@dataclass(frozen=True)
class ExamFormat:
    """Suffix of an exam's path, and the function that writes it there."""

    suffix: str
    write: Callable[[SimulatedExam, Path], None]


FORMATS = {
    CohortFormat.DICOM: ExamFormat("", write_dicom_exam),
    CohortFormat.COMPACT: ExamFormat(".npz", _write_compact),
}
