"""Poses that were given instead of estimated: read, attributed and checked twice.

A given pose is `manual`, whatever method its file names, since a file can be edited: only what
was estimated here carries an estimator's name, uncertainty and quality. Three mistakes look
like a normal result and are reasons to review: the pose of another series, a pose made on other
counts, and a pose far from an automatic one that needs no review itself. That is the ellipsoid's:
a pose that is given has usually been made, or corrected, after the network's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from shortaxis.errors import HeartNotFoundError, PoseFileError, ShortAxisError
from shortaxis.files.inputs.side_files import read_side_file
from shortaxis.geometry.pose import RigidPose
from shortaxis.geometry.pose_errors import pose_errors
from shortaxis.reorientation.estimate import PoseEstimate, QualityFlag
from shortaxis.reorientation.methods import ELLIPSOID, MANUAL
from shortaxis.reorientation.pose_in_field import reasons_of_the_field
from shortaxis.reorientation.pose_record import (
    counts_of_record,
    estimate_from_record,
    parse_pose_json,
    source_of_record,
)
from shortaxis.reorientation.quality import judge, plausibility_measures
from shortaxis.spect.content import counts_sha256
from shortaxis.spect.study import PerfusionStudy
from shortaxis.spect.volume import SpectVolume

__all__ = ["estimate_from_pose", "read_pose_for"]

ANOTHER_SERIES = "the pose was made for another series"

OTHER_COUNTS = "the pose was made on other counts"
"""The same file, or one of its name, holds others by now, or lies otherwise."""

MAX_POSE_FILE = 1 << 20
"""A pose is 2 kB; a larger file is something else."""

FAR_DEG, FAR_MM = 15.0, 15.0
"""A failure by the usual yardstick: one of the two poses is wrong."""


def read_pose_for(study: PerfusionStudy, path: Path) -> PoseEstimate:
    """Read a ``pose.json`` to be applied to a study.

    Raises
    ------
    PoseFileError
        If the file is missing or does not hold a valid pose.
    """
    try:
        record = parse_pose_json(read_side_file(path, most=MAX_POSE_FILE))
        source_uid = next(iter(study.facts.sop_instance_uids), "")
        counts = counts_sha256(study.volume)
        stored = estimate_from_record(record, study.volume.center_mm, source_uid, counts)
    except ShortAxisError as error:
        raise error.at_path(path) from error
    except (OSError, UnicodeDecodeError) as error:
        raise PoseFileError(
            "cannot be read",
            path=path,
            expected="a pose.json",
            found=getattr(error, "strerror", None) or "no UTF-8 text",
            cause="a mistyped path, missing permission, or another kind of file",
        ) from error
    given = replace(estimate_from_pose(stored.pose, study.volume), knows_roll=stored.knows_roll)
    return replace(given, quality=given.quality.with_reasons(*_foreign(record, source_uid, counts)))


def _foreign(record: Mapping[str, Any], source_uid: str, counts: str) -> list[str]:
    """Why a pose may be another study's; a copy of the same counts is the same study."""
    made_on = counts_of_record(record)
    if made_on == counts:
        return []
    if source_of_record(record) not in ("", source_uid):
        return [ANOTHER_SERIES]
    return [OTHER_COUNTS] if made_on else []


def estimate_from_pose(pose: RigidPose, volume: SpectVolume) -> PoseEstimate:
    """Attribute a given pose to the hand that gave it, with the reasons to review it."""
    quality = judge(plausibility_measures(pose))
    doubts = (*reasons_of_the_field(volume, pose), *_disagreement(pose, volume))
    return PoseEstimate(pose, MANUAL.name, quality=quality.with_reasons(*doubts))


def _disagreement(pose: RigidPose, volume: SpectVolume) -> list[str]:
    """Why one of two poses must be wrong; empty where the automatic one is in doubt itself."""
    try:
        automatic = ELLIPSOID.estimate(volume)
    except HeartNotFoundError:
        return []
    if automatic.quality.flag is QualityFlag.REVIEW:
        return []
    apart = pose_errors(pose, automatic.pose)
    if apart.long_axis_deg <= FAR_DEG and apart.center_mm <= FAR_MM:
        return []
    return [
        f"the pose by {ELLIPSOID.name}, which needs no review, lies "
        f"{apart.long_axis_deg:.0f} degrees and {apart.center_mm:.0f} mm away"
    ]
