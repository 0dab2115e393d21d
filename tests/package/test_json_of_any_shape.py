"""Whatever JSON a user hands in is read, or refused in words: no reader ends in a traceback."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evaluation_scenes import write_note
from json_shapes import STRANGE_TEXTS, any_json, spoilt
from shortaxis.agreement.exams.results import find_results
from shortaxis.errors import ShortAxisError
from shortaxis.evaluation.cohorts.cohort import find_cohort
from shortaxis.evaluation.cohorts.exam_truth import ExamTruth
from shortaxis.evaluation.poses.foreign_poses import read_foreign_poses
from shortaxis.evaluation.report.files import _earlier_files as evaluation_files
from shortaxis.files.staged_folder import earlier_results
from shortaxis.geometry.pose import RigidPose
from shortaxis.inference.weights_record import FOLDER as WEIGHTS
from shortaxis.nifti.reading import read_nifti_study
from shortaxis.quantification.normal_files import FOLDER as NORMALS
from shortaxis.quantification.normal_files import read_normals
from shortaxis.reorientation.estimate import PoseEstimate
from shortaxis.reorientation.handedness_weights import handedness_of
from shortaxis.reorientation.pose_record import record_in_study
from shortaxis.reorientation.weights import find_weights
from shortaxis.simulation.cohort_folder import _refuse_another_cohort
from shortaxis.simulation.cohort_request import CohortRequest
from shortaxis.simulation.presets import sample_scenario
from shortaxis.simulation.scenario import scenario_from_json, scenario_to_json
from shortaxis.spect.study import PerfusionStudy
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.annotation.requests import _earlier_files as annotation_files
from shortaxis.workflow.batch.batch_folder import claim
from shortaxis.workflow.reorient.given_poses import read_pose_for

EXAMPLES = 30

COUNTS = np.zeros((12, 12, 12), dtype=np.float32)
STUDY = PerfusionStudy(SpectVolume(COUNTS, np.diag([6.4, 6.4, 6.4, 1.0])))
POSE = RigidPose(np.eye(3), (30.0, 30.0, 30.0))


def a_pose() -> dict[str, Any]:
    return record_in_study(PoseEstimate(POSE, "network"), STUDY)


def a_cohort() -> dict[str, Any]:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        write_note(Path(folder), CohortRequest("paper", 3, 100, "compact"))
        found: dict[str, Any] = json.loads((Path(folder) / "cohort.json").read_text("utf-8"))
    return found


def some_limits() -> dict[str, Any]:
    """The installed ones, of two groups and few digits, so that something else is hit, too."""
    found: dict[str, Any] = json.loads(next(NORMALS.glob("*.json")).read_text("utf-8"))
    return {**found, "groups": found["groups"][:2]}


def read_pose(folder: Path) -> object:
    return read_pose_for(STUDY, folder / "file.json")


def read_foreign(folder: Path) -> object:
    shutil.copy(folder / "file.json", folder / "0000000001.json")
    return read_foreign_poses(folder, [ExamTruth(1, POSE, STUDY.volume.center_mm, {}, True)])


def read_weights(folder: Path) -> object:
    shutil.copy(folder / "file.json", folder / "record.json")
    found = find_weights(str(folder))
    return found.judgement, handedness_of(found)


def read_cohort(folder: Path) -> object:
    shutil.copy(folder / "file.json", folder / "cohort.json")
    return find_cohort(folder).request.count


def claim_batch(folder: Path) -> object:
    shutil.copy(folder / "file.json", folder / "batch.json")
    return claim(folder, "asked", force=True)


def read_sidecar(folder: Path) -> object:
    counts = np.random.default_rng(1).poisson(50, (12, 12, 12)).astype(np.float32)
    nib.save(nib.Nifti1Image(counts, np.diag([6.4, 6.4, 6.4, 1])), folder / "file.nii")
    return read_nifti_study(folder / "file.nii").notes


def read_results(folder: Path) -> object:
    record = folder / "studies" / "a" / "record.json"
    record.parent.mkdir(parents=True)
    for path in (record, record.with_name("quantification.json"), folder / "function.json"):
        shutil.copy(folder / "file.json", path)
    of_batch = find_results(folder)
    shutil.move(record.with_name("quantification.json"), folder)
    shutil.rmtree(folder / "studies")
    return of_batch, find_results(folder)


def a_result() -> dict[str, Any]:
    """A record of a batch, of its polar map and of its function at once."""
    scores = {"summed": 3, "extent": 0.1, "segments": {str(each): 0 for each in range(1, 18)}}
    return {
        "condition": "stress", "summed_score": 3, "flag": "accept",
        "scores": {**scores, "scar_burden": {"part_of_wall": 0.1}},
        "source": {"study_instance_uid": "1.2", "condition": "stress"},
        "quality": {"flag": "accept"}, "measured": True, "ejection_fraction_percent": 55.0,
        "end_diastolic_ml": 100.0, "end_systolic_ml": 45.0, "mass_g": 120.0,
        "phase": {"sd_deg": 9.0},
    }  # fmt: skip


def listed_results(folder: Path) -> object:
    for name in ("evaluation.json", "annotations.json"):
        shutil.copy(folder / "file.json", folder / name)
    return (
        earlier_results(folder, "file.json", ["pose.json"]),
        evaluation_files(folder),
        annotation_files(folder),
    )


@dataclass(frozen=True)
class Reader:
    """Something that reads the ``file.json`` of a folder, and a record that it takes."""

    read: Callable[[Path], object]
    valid: Callable[[], Any]


READERS = {
    "pose": Reader(read_pose, a_pose),
    "pose of an exam": Reader(read_foreign, a_pose),
    "weights": Reader(
        read_weights,
        lambda: json.loads((WEIGHTS / "default" / "record.json").read_text("utf-8")),
    ),
    "cohort": Reader(read_cohort, a_cohort),
    "earlier cohort": Reader(
        lambda folder: _refuse_another_cohort(folder / "file.json", a_cohort()), a_cohort
    ),
    "normal limits": Reader(lambda folder: read_normals(folder / "file.json"), some_limits),
    "scenario": Reader(
        lambda folder: scenario_from_json((folder / "file.json").read_text("utf-8")),
        lambda: json.loads(scenario_to_json(sample_scenario("paper", 100))),
    ),
    "batch": Reader(claim_batch, lambda: {"schema": "shortaxis/batch/1", "asked": "abc"}),
    "sidecar": Reader(read_sidecar, lambda: {"Modality": "NM", "ConversionSoftware": "dcm2niix"}),
    "results": Reader(read_results, a_result),
    "listed results": Reader(listed_results, lambda: {"files": ["pose.json"]}),
}
"""Every reader of JSON that a user can hand in, except the page's, which answers requests."""


def read_text(reader: Reader, text: str, factory: pytest.TempPathFactory) -> None:
    folder = factory.mktemp("json")
    (folder / "file.json").write_text(text, encoding="utf-8")
    with suppress(ShortAxisError):
        reader.read(folder)
    shutil.rmtree(folder)


@pytest.mark.parametrize("name", READERS)
def test_what_is_valid_is_read(name: str, tmp_path: Path) -> None:
    reader = READERS[name]
    (tmp_path / "file.json").write_text(json.dumps(reader.valid()), encoding="utf-8")

    reader.read(tmp_path)


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("number", range(len(STRANGE_TEXTS)))
def test_a_strange_text_is_no_traceback(
    name: str, number: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    read_text(READERS[name], STRANGE_TEXTS[number], tmp_path_factory)


@pytest.mark.parametrize("name", READERS)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(drawn=st.data())
def test_no_shape_is_a_traceback(
    name: str, drawn: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    reader = READERS[name]
    texts = st.one_of(spoilt(reader.valid()), spoilt(reader.valid()), any_json().map(json.dumps))

    read_text(reader, drawn.draw(texts), tmp_path_factory)
