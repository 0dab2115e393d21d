"""Small files that a user names beside an input: no pipe is waited for, nothing endless is read."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from shortaxis.agreement.exams.table import read_table
from shortaxis.errors import ShortAxisError, UnreadableFileError
from shortaxis.evaluation.cohorts.cohort import find_cohort
from shortaxis.evaluation.cohorts.exam_truth import ExamTruth
from shortaxis.evaluation.cohorts.reviewed_exams import read_reviewed_exam
from shortaxis.evaluation.poses.foreign_poses import read_foreign_poses
from shortaxis.files.inputs.input_size import VARIABLE
from shortaxis.files.inputs.side_files import LARGEST_BYTES, read_side_file
from shortaxis.files.plain_json import read_json_object
from shortaxis.files.staged_folder import earlier_results
from shortaxis.geometry.pose import RigidPose
from shortaxis.quantification.normal_files import read_normals
from shortaxis.reorientation.weights import find_weights
from shortaxis.service.settings import read_settings
from shortaxis.simulation.exam_files import read_compact_exam
from shortaxis.spect.study import PerfusionStudy
from shortaxis.spect.volume import SpectVolume
from shortaxis.training.config import read_config
from shortaxis.training.paper.experiment import read_experiment
from shortaxis.training.wall.config import read_wall_config
from shortaxis.workflow.annotation.pairs import find_pairs
from shortaxis.workflow.reorient.given_poses import read_pose_for

COUNTS = np.zeros((12, 12, 12), dtype=np.float32)
STUDY = PerfusionStudy(SpectVolume(COUNTS, np.diag([6.4, 6.4, 6.4, 1.0])))
TRUTH = ExamTruth(1, RigidPose(np.eye(3), (30.0, 30.0, 30.0)), STUDY.volume.center_mm, {}, True)

READERS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "pose": ("pose.json", lambda path: read_pose_for(STUDY, path)),
    "pose of an exam": (
        "0000000001.json",
        lambda path: read_foreign_poses(path.parent, [TRUTH]),
    ),
    "cohort": ("cohort.json", lambda path: find_cohort(path.parent)),
    "normal limits": ("normals.json", read_normals),
    "record of weights": ("record.json", lambda path: find_weights(str(path.parent))),
    "settings of a node": ("node.toml", read_settings),
    "training": ("train.toml", lambda path: read_config(path, path.parent)),
    "training of the wall": ("wall.toml", lambda path: read_wall_config(path, path.parent)),
    "experiment": ("paper.toml", lambda path: read_experiment(path, path.parent)),
    "pairs": ("pairs.csv", find_pairs),
    "agreement": ("table.csv", lambda path: read_table(path, joined=False)),
}


@pytest.mark.parametrize("name", READERS)
def test_a_pipe_is_refused_and_not_waited_for(name: str, tmp_path: Path) -> None:
    file, read = READERS[name]
    os.mkfifo(tmp_path / file)

    with pytest.raises(ShortAxisError):
        read(tmp_path / file)


@pytest.mark.parametrize("name", READERS)
def test_what_is_far_too_large_is_refused_by_its_size(name: str, tmp_path: Path) -> None:
    file, read = READERS[name]
    with (tmp_path / file).open("wb") as made:
        made.truncate(1 << 36)

    with pytest.raises(ShortAxisError, match="too large"):
        read(tmp_path / file)


def test_records_of_earlier_runs_are_not_read_from_pipes(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "report.json")

    assert read_json_object(tmp_path / "report.json") is None
    assert earlier_results(tmp_path, "report.json", ["pose.json"]) == frozenset()


@pytest.mark.parametrize("read", [read_compact_exam, read_reviewed_exam])
def test_an_archive_that_unpacks_to_too_much_is_refused_by_what_it_says(
    read: Callable[[Path], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "1")
    path = tmp_path / "0000000001.npz"
    np.savez_compressed(path, counts=np.zeros(2_000_000, dtype=np.uint8))

    with pytest.raises(UnreadableFileError, match="larger than what is read"):
        read(path)


def test_an_exam_is_not_read_from_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "0000000001.npz")

    with pytest.raises(ShortAxisError, match="is a pipe"):
        read_compact_exam(tmp_path / "0000000001.npz")


def test_as_much_as_may_be_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * LARGEST_BYTES)
    assert len(read_side_file(tmp_path / "file")) == LARGEST_BYTES

    (tmp_path / "file").write_bytes(b"x" * (LARGEST_BYTES + 1))
    with pytest.raises(ShortAxisError, match="too large"):
        read_side_file(tmp_path / "file")


def test_a_device_that_never_ends_is_not_read() -> None:
    with pytest.raises(ShortAxisError, match="is a device"):
        read_side_file(Path("/dev/zero"))
