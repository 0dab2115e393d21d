"""``pose.json``: a pose estimate as plain values and back.

The schema ``shortaxis/pose/1`` is fixed, other tools read it. ``patient_from_cardiac``
always holds the anatomical pose. A file made by hand may give less: either ``center_mm`` and
``patient_from_cardiac``, or the six ``parameters``. ``source.counts_sha256`` says on which counts a
pose was made; it is left out where nobody knows. ``handedness`` is there only where another way
round of the volume is likelier, or where too little is seen to tell.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from shortaxis.errors import GeometryError, PoseFileError
from shortaxis.files.plain_json import OF_ANOTHER_SHAPE
from shortaxis.geometry.euler import (
    PoseParameters,
    has_conventional_roll,
    parameters_from_pose,
    pose_from_parameters,
)
from shortaxis.geometry.pose import RigidPose
from shortaxis.geometry.pose_errors import geodesic_angle_deg
from shortaxis.inference.weights_record import WeightsRecord
from shortaxis.reorientation.estimate import (
    PoseEstimate,
    PoseUncertainty,
    Quality,
)
from shortaxis.reorientation.handedness_words import handedness_record
from shortaxis.reorientation.methods import MANUAL, known_method
from shortaxis.spect.content import counts_sha256
from shortaxis.spect.study import PerfusionStudy

__all__ = [
    "POSE_SCHEMA",
    "counts_of_record",
    "estimate_from_record",
    "parse_pose_json",
    "record_from_estimate",
    "record_in_study",
    "source_of_record",
]

POSE_SCHEMA = "shortaxis/pose/1"

CONTRADICTION_DEG = 0.5
CONTRADICTION_MM = 0.5
"""Larger differences between matrix and parameters are an edit of one of them, not rounding."""


def record_from_estimate(
    estimate: PoseEstimate,
    volume_center_mm: ArrayLike,
    source_sop_instance_uid: str = "",
    source_counts_sha256: str = "",
) -> dict[str, Any]:
    """Plain values of ``pose.json`` for a pose estimated in a volume with this centre."""
    quality = estimate.quality
    source = {"sop_instance_uid": source_sop_instance_uid}
    if source_counts_sha256:
        source["counts_sha256"] = source_counts_sha256
    doubted = handedness_record(estimate.handedness)
    return {
        "schema": POSE_SCHEMA,
        "center_mm": estimate.pose.center_mm.tolist(),
        "patient_from_cardiac": estimate.pose.patient_from_cardiac.tolist(),
        "parameters": asdict(parameters_from_pose(estimate.pose, volume_center_mm)),
        "uncertainty": asdict(estimate.uncertainty),
        "quality": {"flag": quality.flag.value, "reasons": list(quality.reasons)},
        "method": estimate.method,
        "weights": asdict(estimate.weights),
        "source": source,
        **({"handedness": doubted} if doubted else {}),
    }


def record_in_study(estimate: PoseEstimate, study: PerfusionStudy) -> dict[str, Any]:
    """Plain values of ``pose.json`` for a pose of this study: on which counts it was made, too."""
    source_uid = next(iter(study.facts.sop_instance_uids), "")
    volume = study.volume
    return record_from_estimate(estimate, volume.center_mm, source_uid, counts_sha256(volume))


def parse_pose_json(text: str) -> Mapping[str, Any]:
    """Decode the text of a pose file and check its schema.

    Raises
    ------
    PoseFileError
        If it is no JSON object or has another schema.
    """
    try:
        record = json.loads(text)
    except OF_ANOTHER_SHAPE as error:
        raise PoseFileError("is not JSON", expected="a pose.json", found=str(error)) from error
    if not isinstance(record, dict):
        raise PoseFileError("is not a pose", expected="a JSON object", found=type(record).__name__)
    schema = record.get("schema", POSE_SCHEMA)
    if schema != POSE_SCHEMA:
        raise PoseFileError(
            "has another schema",
            expected=POSE_SCHEMA,
            found=str(schema),
            cause="the file is of another tool or of a newer version",
        )
    return record


def source_of_record(record: Mapping[str, Any]) -> str:
    """SOP Instance UID of the object that the pose was made for; empty where none is named."""
    return _said_of_source(record, "sop_instance_uid")


def counts_of_record(record: Mapping[str, Any]) -> str:
    """SHA-256 of the counts that the pose was made on; empty where nobody says."""
    return _said_of_source(record, "counts_sha256")


def _said_of_source(record: Mapping[str, Any], name: str) -> str:
    source = record.get("source")
    said = source.get(name) if isinstance(source, Mapping) else None
    return said if isinstance(said, str) else ""


def estimate_from_record(
    record: Mapping[str, Any],
    volume_center_mm: ArrayLike,
    source_sop_instance_uid: str = "",
    source_counts_sha256: str = "",
) -> PoseEstimate:
    """Pose estimate from plain values, for a volume with this geometric centre.

    A pose that says it is of another object, or was made on other counts, may lie elsewhere in it.

    Raises
    ------
    PoseFileError
        If fields are missing or of the wrong kind, or if matrix and parameters contradict
        each other (one of them was edited by hand).
    """
    try:
        is_another = source_of_record(record) not in ("", source_sop_instance_uid) or (
            bool(source_counts_sha256)
            and counts_of_record(record) not in ("", source_counts_sha256)
        )
        pose = _pose(record, volume_center_mm, of_another_volume=is_another)
        method = str(record.get("method", MANUAL.name))
        return PoseEstimate(
            pose=pose,
            method=method,
            # By a method that is blind to it, any but the conventional roll was put there by hand.
            knows_roll=known_method(method).sees_roll or not has_conventional_roll(pose),
            uncertainty=_uncertainty(record.get("uncertainty", {})),
            quality=Quality(tuple(str(reason) for reason in _reasons(record))),
            weights=WeightsRecord(**_strings(record.get("weights", {}), WeightsRecord)),
        )
    except OF_ANOTHER_SHAPE as error:
        if isinstance(error, PoseFileError):
            raise
        raise PoseFileError(
            "does not hold a valid pose",
            expected="center_mm and patient_from_cardiac (a proper rotation), or six parameters",
            found=_words(error),
            cause="an edited or incomplete file; its documentation has examples",
        ) from error


def _pose(
    record: Mapping[str, Any], volume_center_mm: ArrayLike, *, of_another_volume: bool
) -> RigidPose:
    has_matrix = "patient_from_cardiac" in record or "center_mm" in record
    from_parameters = None
    if "parameters" in record:
        names = {field.name for field in fields(PoseParameters)}
        parameters = PoseParameters(**{name: record["parameters"][name] for name in names})
        from_parameters = pose_from_parameters(parameters, volume_center_mm)
    if not has_matrix:
        if from_parameters is None:
            raise KeyError("patient_from_cardiac")
        return from_parameters
    pose = RigidPose(record["patient_from_cardiac"], record["center_mm"])
    if from_parameters is not None:
        # Translations count from the centre of the volume that the pose was made for.
        _refuse_contradiction(pose, from_parameters, compare_centers=not of_another_volume)
    return pose


def _refuse_contradiction(
    pose: RigidPose, from_parameters: RigidPose, *, compare_centers: bool
) -> None:
    angle_deg = geodesic_angle_deg(pose, from_parameters)
    apart_mm = float(np.linalg.norm(pose.center_mm - from_parameters.center_mm))
    if angle_deg > CONTRADICTION_DEG or (compare_centers and apart_mm > CONTRADICTION_MM):
        raise PoseFileError(
            "contradicts itself",
            expected="center_mm and patient_from_cardiac that agree with parameters",
            found=f"a difference of {angle_deg:.1f} degrees and {apart_mm:.1f} mm",
            cause="one of them was edited by hand, or the pose is of another volume; "
            "remove the one that is not meant",
        )


def _uncertainty(values: Mapping[str, Any]) -> PoseUncertainty:
    names = [field.name for field in fields(PoseUncertainty)]
    return PoseUncertainty(
        **{name: None if values.get(name) is None else float(values[name]) for name in names}
    )


def _reasons(record: Mapping[str, Any]) -> list[Any]:
    reasons = record.get("quality", {}).get("reasons", [])
    if not isinstance(reasons, list):
        raise TypeError("quality.reasons is not a list")
    return reasons


def _strings(values: Mapping[str, Any], kind: type[WeightsRecord]) -> dict[str, str]:
    return {field.name: str(values.get(field.name, "")) for field in fields(kind)}


def _words(error: Exception) -> str:
    if isinstance(error, GeometryError):
        return f"{error.summary}: {error.found}"
    if isinstance(error, KeyError):
        return f"no {error.args[0]}"
    if isinstance(error, AttributeError):
        return "a text or a list where fields were expected"
    return f"a value of the wrong kind: {error}".splitlines()[0]
