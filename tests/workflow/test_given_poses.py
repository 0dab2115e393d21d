"""A pose that is given belongs to the counts that it was made on, and lies in the volume."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shortaxis.errors import PoseFileError
from shortaxis.geometry.pose import RigidPose
from shortaxis.reorientation.estimate import PoseEstimate
from shortaxis.reorientation.pose_record import record_from_estimate, record_in_study
from shortaxis.spect.study import AcquisitionFacts, PerfusionStudy
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.quantify.quantifying import QuantifyOptions, quantify_study
from shortaxis.workflow.reorient.given_poses import estimate_from_pose, read_pose_for
from shortaxis.workflow.reorient.options import ReorientOptions
from shortaxis.workflow.reorient.reorienting import reorient_study

ON_OTHER_COUNTS = "the pose was made on other counts"
ANOTHER_SERIES = "the pose was made for another series"
LEAVES = "the long axis leaves the field of view"


@pytest.fixture
def study(drawn_volume: SpectVolume) -> PerfusionStudy:
    return PerfusionStudy(drawn_volume, facts=AcquisitionFacts(sop_instance_uids=("1.2.3",)))


def reasons(record: dict[str, Any], study: PerfusionStudy, folder: Path) -> tuple[str, ...]:
    (folder / "pose.json").write_text(json.dumps(record), "utf-8")
    return read_pose_for(study, folder / "pose.json").quality.reasons


def noisier(study: PerfusionStudy) -> PerfusionStudy:
    return replace(
        study, volume=SpectVolume(study.volume.counts + 1, study.volume.grid.patient_from_index)
    )


def shifted(study: PerfusionStudy) -> PerfusionStudy:
    affine = study.volume.patient_from_index.copy()
    affine[2, 3] += 10
    return replace(study, volume=SpectVolume(study.volume.counts, affine))


def renamed(study: PerfusionStudy) -> PerfusionStudy:
    return replace(study, facts=AcquisitionFacts(sop_instance_uids=("1.2.4",)))


def test_of_the_same_counts_a_pose_needs_no_look(
    study: PerfusionStudy, drawn_pose: RigidPose, tmp_path: Path
) -> None:
    record = record_in_study(PoseEstimate(drawn_pose, "network"), study)

    assert reasons(record, study, tmp_path) == ()
    # A copy under other UIDs holds the same counts.
    assert reasons(record, renamed(study), tmp_path) == ()


@pytest.mark.parametrize("change", [noisier, shifted], ids=["counts", "geometry"])
def test_a_pose_made_on_other_counts_under_the_same_name_asks_for_a_look(
    study: PerfusionStudy, drawn_pose: RigidPose, tmp_path: Path, change: Any
) -> None:
    record = record_in_study(PoseEstimate(drawn_pose, "network"), study)

    assert ON_OTHER_COUNTS in reasons(record, change(study), tmp_path)
    assert ANOTHER_SERIES in reasons(record, renamed(change(study)), tmp_path)


def test_a_pose_that_says_nothing_of_counts_is_taken_as_made_by_hand(
    study: PerfusionStudy, drawn_pose: RigidPose, tmp_path: Path
) -> None:
    center_mm = study.volume.center_mm
    record = record_from_estimate(PoseEstimate(drawn_pose, "network"), center_mm, "1.2.3")

    assert record["source"] == {"sop_instance_uid": "1.2.3"}
    assert reasons(record, noisier(study), tmp_path) == ()


def beside_the_edge(volume: SpectVolume, pose: RigidPose, inside_mm: float) -> RigidPose:
    """The pose so far to the patient's front that its centre is just inside the field."""
    front = (volume.patient_from_index @ np.array([0, 0, 0, 1.0]))[1]
    return RigidPose(
        pose.patient_from_cardiac, [pose.center_mm[0], front + inside_mm, pose.center_mm[2]]
    )


@pytest.mark.parametrize("cut", [reorient_study, quantify_study])
def test_a_centre_outside_the_volume_is_one_clear_error(
    study: PerfusionStudy, drawn_pose: RigidPose, cut: Any
) -> None:
    outside = RigidPose(drawn_pose.patient_from_cardiac, drawn_pose.center_mm + 400)
    options = ReorientOptions() if cut is reorient_study else QuantifyOptions(method="ellipsoid")
    given = PoseEstimate(outside, "manual") if cut is reorient_study else outside

    with pytest.raises(PoseFileError, match="does not fit the study") as raised:
        cut(study, options, given)
    assert "inside the volume" in str(raised.value.expected)


def test_a_long_axis_that_leaves_the_field_is_a_reason_to_look(
    study: PerfusionStudy, drawn_pose: RigidPose
) -> None:
    near = beside_the_edge(study.volume, drawn_pose, 10)

    assert any(LEAVES in each for each in estimate_from_pose(near, study.volume).quality.reasons)
    quantified = quantify_study(study, QuantifyOptions(method="ellipsoid"), near)
    assert any(LEAVES in each for each in quantified.estimate.quality.reasons)
    assert not any(
        LEAVES in each for each in estimate_from_pose(drawn_pose, study.volume).quality.reasons
    )
