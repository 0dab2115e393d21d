"""What a reader signed on the review page: axes, wall and conclusion, for the report."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from shortaxis.errors import OptionError, ShortAxisError
from shortaxis.files.inputs.side_files import read_side_file
from shortaxis.files.plain_json import OF_ANOTHER_SHAPE
from shortaxis.quantification.wall_methods import NOTHING_BY_HAND
from shortaxis.reorientation.estimate import LeftVentricleExtent, PoseEstimate, Quality
from shortaxis.reorientation.pose_record import (
    counts_of_record,
    estimate_from_record,
    parse_pose_json,
    source_of_record,
)
from shortaxis.spect.content import counts_sha256
from shortaxis.spect.study import PerfusionStudy
from shortaxis.ventricle.by_hand import WallByHand
from shortaxis.ventricle.by_hand_record import by_hand_from_record
from shortaxis.workflow.quantify.wall_by_hand import WALL_BY_HAND

__all__ = ["CONCLUSION", "Conclusion", "SignedExam", "signed_exam"]

POSE, REVIEW = "pose.json", "review.json"

CONCLUSION = "conclusion"
"""Where ``review.json`` has it."""


@dataclass(frozen=True)
class Conclusion:
    """What a reader concluded, who it was, and when it was signed."""

    words: str
    reader: str
    at: str

    @property
    def signature(self) -> str:
        """Name and time."""
        return f"signed by {self.reader}, {self.at}"


@dataclass(frozen=True, eq=False)
class SignedExam:
    """Axes that a reader accepted or corrected, what was set of the wall, and the conclusion."""

    estimate: PoseEstimate = field(repr=False)
    hand: WallByHand
    conclusion: Conclusion

    @property
    def note(self) -> str:
        """What the report says of it."""
        return f"axes {self.conclusion.signature}"


def signed_exam(folder: Path, study: PerfusionStudy) -> SignedExam | None:
    """What was signed of a study in a folder of ``shortaxis review``; None if nothing was.

    The study is known by its counts, so a file that was replaced since is not taken for it.

    Raises
    ------
    OptionError
        If the folder is none, or holds a signature that cannot be read.
    PoseFileError
        If the pose that belongs to the study is none.
    """
    if not folder.is_dir():
        raise OptionError(
            "holds no reviews",
            path=folder,
            expected="what --out of shortaxis review was",
            found="no such folder",
        )
    counts = counts_sha256(study.volume)
    for path in sorted(folder.glob(f"*/{REVIEW}")):
        pose_path = path.with_name(POSE)
        if not pose_path.is_file():
            continue
        pose = parse_pose_json(read_side_file(pose_path))
        if _is_of(pose, study.facts.sop_instance_uids, counts):
            return _signed(path, pose, study)
    return None


def _is_of(pose: Mapping[str, Any], uids: Iterable[str], counts: str) -> bool:
    made_on = counts_of_record(pose)
    return made_on == counts if made_on else source_of_record(pose) in {*uids} - {""}


def _signed(path: Path, pose: Mapping[str, Any], study: PerfusionStudy) -> SignedExam:
    try:
        said = json.loads(read_side_file(path))
        uid = next(iter(study.facts.sop_instance_uids), "")
        estimate = estimate_from_record(pose, study.volume.center_mm, uid)
        extent = LeftVentricleExtent(**said["automatic_pose"]["extent"])
        hand = said.get(WALL_BY_HAND)
        return SignedExam(
            # Who signs has looked at what the estimate was doubted for.
            replace(estimate, extent=extent, quality=Quality()),
            NOTHING_BY_HAND if hand is None else by_hand_from_record(hand),
            Conclusion(str(said.get(CONCLUSION, "")), str(said["reviewer"]), str(said["at"])),
        )
    except ShortAxisError as error:
        raise error.at_path(path) from error
    except (OSError, *OF_ANOTHER_SHAPE) as error:
        raise OptionError(
            "cannot be read as a signature",
            path=path,
            expected="review.json of shortaxis review",
            found=f"{type(error).__name__}: {error}",
        ) from error
