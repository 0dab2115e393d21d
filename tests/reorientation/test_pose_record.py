from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geometry_strategies import points_mm, poses
from shortaxis.errors import PoseFileError
from shortaxis.geometry.euler import PoseParameters, rotation_from_angles
from shortaxis.geometry.pose import RigidPose
from shortaxis.reorientation.estimate import PoseEstimate, PoseUncertainty, Quality, QualityFlag
from shortaxis.reorientation.pose_record import (
    POSE_SCHEMA,
    estimate_from_record,
    parse_pose_json,
    record_from_estimate,
)

CENTER = np.array([10.0, -20.0, 30.0])


def a_record(**changes: Any) -> dict[str, Any]:
    pose = RigidPose(rotation_from_angles(20, 5, 45), (50, -60, 40))
    record = record_from_estimate(PoseEstimate(pose, "ellipsoid"), CENTER, "1.2.3")
    record.update(changes)
    return record


def test_the_record_has_exactly_the_fields_of_the_schema() -> None:
    record = a_record()

    assert record["schema"] == POSE_SCHEMA == "shortaxis/pose/1"
    assert list(record) == [
        "schema", "center_mm", "patient_from_cardiac", "parameters", "uncertainty", "quality",
        "method", "weights", "source",
    ]  # fmt: skip
    assert list(record["parameters"]) == ["x_m", "y_m", "z_m", "alpha", "beta", "theta"]
    assert list(record["uncertainty"]) == ["long_axis_deg", "center_mm", "roll_deg"]
    assert record["quality"] == {"flag": "accept", "reasons": []}
    assert record["weights"] == {"name": "", "version": "", "sha256": ""}
    assert record["source"] == {"sop_instance_uid": "1.2.3"}


def test_parameters_count_from_the_center_of_the_volume() -> None:
    parameters = a_record()["parameters"]

    expected = {"x_m": 40, "y_m": -40, "z_m": 10, "alpha": 20, "beta": 5, "theta": 45}
    assert parameters == pytest.approx(expected)


@given(poses, points_mm)
def test_a_pose_survives_json(pose: RigidPose, volume_center: np.ndarray) -> None:
    estimate = PoseEstimate(
        pose,
        "ellipsoid",
        PoseUncertainty(long_axis_deg=2.5, center_mm=None, roll_deg=4),
        Quality(("the fit is wide",)),
    )
    text = json.dumps(record_from_estimate(estimate, volume_center, "1.2"), allow_nan=False)

    back = estimate_from_record(parse_pose_json(text), volume_center, "1.2")

    np.testing.assert_allclose(back.pose.matrix, pose.matrix, atol=1e-9)
    assert back.uncertainty == estimate.uncertainty
    assert back.quality == estimate.quality
    assert back.quality.flag is QualityFlag.REVIEW
    assert back.method == "ellipsoid"


def test_center_and_rotation_alone_are_enough() -> None:
    record = {
        "center_mm": [1, 2, 3],
        "patient_from_cardiac": rotation_from_angles(10, 0, 30).round(5).tolist(),
    }

    estimate = estimate_from_record(record, CENTER)

    assert estimate.method == "manual"
    assert estimate.pose.center_mm.tolist() == [1, 2, 3]


def test_six_parameters_alone_are_enough() -> None:
    record = {"parameters": vars(PoseParameters(40, -40, 10, 20, 5, 45))}

    estimate = estimate_from_record(record, CENTER)

    np.testing.assert_allclose(estimate.pose.center_mm, [50, -60, 40])
    np.testing.assert_allclose(estimate.pose.patient_from_cardiac, rotation_from_angles(20, 5, 45))


@pytest.mark.parametrize("name", ["alpha", "beta", "theta", "x_m", "z_m"])
def test_an_angle_or_shift_edited_beside_the_matrix_is_refused_not_ignored(name: str) -> None:
    record = a_record()
    record["parameters"][name] += 8

    with pytest.raises(PoseFileError, match="contradicts itself"):
        estimate_from_record(record, CENTER, "1.2.3")


def test_a_pose_of_another_volume_keeps_its_patient_coordinates() -> None:
    # Stress pose applied to rest: translations count from another center, the heart does not.
    estimate = estimate_from_record(a_record(), CENTER + 25, "9.9.9")

    assert estimate.pose.center_mm.tolist() == [50, -60, 40]


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ({}, "patient_from_cardiac"),
        ({"center_mm": [1, 2, 3]}, "patient_from_cardiac"),
        ({"center_mm": [1, 2], "patient_from_cardiac": np.eye(3).tolist()}, "not a point"),
        ({"center_mm": "abc", "patient_from_cardiac": np.eye(3).tolist()}, "wrong kind"),
        (
            {"center_mm": [0, 0, 0], "patient_from_cardiac": np.diag([1, 1, -1]).tolist()},
            "mirrored",
        ),
        ({"center_mm": [0, 0, 0], "patient_from_cardiac": [[1, 0], [0, 1]]}, "not a rotation"),
        ({"parameters": {"x_m": 1, "y_m": 2, "z_m": 3, "alpha": 4, "theta": 6}}, "no beta"),
        ({"parameters": dict.fromkeys(vars(PoseParameters(0, 0, 0, 0, 0, 0)), None)}, "wrong kind"),
        ({"parameters": [1, 2, 3]}, "wrong kind"),
        (a_record(quality={"reasons": "one"}), "quality.reasons"),
        (a_record(uncertainty={"roll_deg": "wide"}), "wrong kind"),
        (a_record(weights="best"), "fields were expected"),
    ],
)
def test_an_invalid_record_says_what_is_wrong(record: dict[str, Any], words: str) -> None:
    with pytest.raises(PoseFileError) as caught:
        estimate_from_record(record, CENTER, "1.2.3")

    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is not JSON"),
        ("{", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[1, 2]", "is not a pose"),
        ('{"schema": "other/1"}', "another schema"),
    ],
)
def test_text_that_is_no_pose_is_refused(text: str, words: str) -> None:
    with pytest.raises(PoseFileError, match=words):
        parse_pose_json(text)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda children: (
        st.lists(children, max_size=4)
        | st.dictionaries(st.sampled_from([*a_record(), "x_m", "reasons"]), children, max_size=4)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(list(a_record())), json_values, max_size=4))
def test_no_change_of_a_record_causes_another_error(changes: dict[str, Any]) -> None:
    try:
        estimate = estimate_from_record(a_record(**changes), CENTER, "1.2.3")
    except PoseFileError:
        return
    assert np.linalg.det(estimate.pose.patient_from_cardiac) == pytest.approx(1)
