"""One simulated exam as a folder of files: study, projections, and the truth about them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np

from shortaxis._version import __version__
from shortaxis.dicom.writing.acquired.identity import AcquiredIdentity
from shortaxis.dicom.writing.acquired.projections import (
    AcquiredProjections,
    write_acquired_projections,
)
from shortaxis.dicom.writing.acquired.series import AcquiredSeries, write_acquired_series
from shortaxis.files.plain_json import write_json
from shortaxis.reorientation.estimate import PoseEstimate
from shortaxis.reorientation.pose_record import record_from_estimate
from shortaxis.simulation.camera_facts import camera_facts
from shortaxis.simulation.exam import SimulatedExam
from shortaxis.simulation.scenario import ExamScenario, scenario_to_json
from shortaxis.spect.projections import Projections
from shortaxis.spect.study import StudyCondition

__all__ = ["PROJECTIONS_FILE", "TRUTH", "TRUTH_FILE", "write_dicom_exam"]

TRUTH = "truth"
"""Method of a pose that is known and not estimated."""

TRUTH_FILE, PROJECTIONS_FILE = "truth.npz", "projections.dcm"
"""Wall, volumes and contraction; what the camera counted."""

SHARED_ROLES = ("study", "frame of reference")

ACQUIRED_AT = datetime(2024, 1, 2, 10, 15)
"""Date of every simulated study."""


def write_dicom_exam(exam: SimulatedExam, path: Path) -> None:
    """Write a folder with study, pose, scenario, and what else is known of the exam."""
    path.mkdir()
    scenario, uid_of = exam.scenario, _uids_of(exam.scenario)
    series = AcquiredSeries(
        volume=exam.volume,
        gates=exam.gates,
        camera=camera_facts(scenario),
        identity=_identity(scenario, f"TRANSAXIAL {scenario.reconstruction.words}"),
        negative_spacing=scenario.field_of_view.negative_spacing,
    )
    write_acquired_series(path / "study.dcm", series, uid_of, ACQUIRED_AT)
    record = record_from_estimate(
        PoseEstimate(exam.pose, TRUTH), exam.volume.center_mm, uid_of("instance")
    )
    write_json(path / "pose.json", record)
    values = {"scenario": json.loads(scenario_to_json(scenario)), "strata": dict(exam.strata)}
    write_json(path / "scenario.json", values)
    if exam.truth is not None:
        np.savez_compressed(path / TRUTH_FILE, **exam.truth.to_arrays())
    if exam.projections is not None:
        _write_projections(exam, exam.projections, path)


def _write_projections(exam: SimulatedExam, projections: Projections, path: Path) -> None:
    scenario, uid_of = exam.scenario, _uids_of(exam.scenario)
    acquired = AcquiredProjections(
        projections, camera_facts(scenario), _identity(scenario, "PROJECTIONS")
    )

    def own_uid_of(role: str) -> str:
        # Same patient, study and frame of reference; a series and an instance of their own.
        return uid_of(role if role in SHARED_ROLES else f"projections {role}")

    write_acquired_projections(path / PROJECTIONS_FILE, acquired, own_uid_of, ACQUIRED_AT)


def _identity(scenario: ExamScenario, what: str) -> AcquiredIdentity:
    return AcquiredIdentity(
        condition=StudyCondition(scenario.condition),
        patient=_patient(scenario),
        description=f"{scenario.condition.upper()} {what}",
        sex="F" if scenario.phantom.torso.is_of_woman else "M",
    )


def _patient(scenario: ExamScenario) -> str:
    version = "" if scenario.preset_version == 1 else f"{scenario.preset_version}-"
    return f"SIM-{scenario.preset}-{version}{scenario.patient}".upper()


def _uids_of(scenario: ExamScenario) -> Callable[[str], str]:
    """UIDs by role: of the patient for the study, of the exam for everything else."""
    version = "" if scenario.preset_version == 1 else f" version {scenario.preset_version}"
    name = f"{scenario.preset}{version} {scenario.exam_seed}"

    def uid_of(role: str) -> str:
        own = _patient(scenario) if role == "study" else name
        return _uid(f"{own} {role} {scenario.time_slots}")

    return uid_of


def _uid(words: str) -> str:
    """A UID made from words: a hash in the place of a UUID (PS3.5 B.2).

    The version is part of it, since another version may give other counts for the same seed.
    """
    content = f"shortaxis {__version__} {words}".encode()
    return f"2.25.{int.from_bytes(hashlib.sha256(content).digest()[:16], 'big')}"
