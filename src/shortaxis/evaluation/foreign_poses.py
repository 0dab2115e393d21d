"""Poses that anybody made with anything, as ``pose.json`` files by exam."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from shortaxis.errors import InputNotFoundError, PoseFileError, ShortAxisError
from shortaxis.evaluation.exam_estimate import Absence, ExamEstimate
from shortaxis.evaluation.exam_truth import ExamTruth
from shortaxis.geometry.euler import has_conventional_roll
from shortaxis.reorientation.estimate import PoseEstimate, QualityFlag
from shortaxis.reorientation.pose_record import estimate_from_record, parse_pose_json

__all__ = ["read_foreign_poses"]

NO_REASON = "flagged without a reason"


def read_foreign_poses(folder: Path, truths: Sequence[ExamTruth]) -> tuple[ExamEstimate, ...]:
    """Read the poses of a cohort's exams; an exam without a file has no pose.

    For exam 12 the file is ``0000000012/pose.json`` or ``0000000012.json``, zeros in front or
    not. Where every pose has ``beta = 0`` the roll is taken as a convention.

    Raises
    ------
    InputNotFoundError
        If the folder has no pose of any exam.
    PoseFileError
        If a file does not hold a valid pose, or an exam has several.
    """
    estimates = tuple(_read(folder, truth) for truth in truths)
    poses = [each.estimate for each in estimates if each.estimate is not None]
    if not poses:
        raise InputNotFoundError(
            "holds no pose of any exam",
            path=folder,
            expected=f"files such as {truths[0].exam_seed:010d}/pose.json",
            found="none of the exams of this cohort" if folder.is_dir() else "no such folder",
            cause="a mistyped path, or poses of another cohort",
        )
    if all(has_conventional_roll(each.pose) for each in poses):
        return tuple(_without_roll(each) for each in estimates)
    return estimates


def _read(folder: Path, truth: ExamTruth) -> ExamEstimate:
    seed = truth.exam_seed
    names = dict.fromkeys((f"{seed:010d}", str(seed)))
    candidates = [folder / name / "pose.json" for name in names]
    candidates += [folder / f"{name}.json" for name in names]
    paths = [path for path in candidates if path.exists()]
    if not paths:
        return ExamEstimate(seed, absence=Absence.NO_POSE)
    if len(paths) > 1:
        raise PoseFileError(
            "is one of several poses of one exam",
            path=paths[0],
            expected=f"one pose of exam {seed}",
            found=", ".join(path.relative_to(folder).as_posix() for path in paths),
        )
    return ExamEstimate(seed, _read_pose(paths[0], truth))


def _read_pose(path: Path, truth: ExamTruth) -> PoseEstimate:
    try:
        record = parse_pose_json(path.read_text(encoding="utf-8"))
        estimate = estimate_from_record(record, truth.volume_center_mm)
    except ShortAxisError as error:
        raise error.at_path(path) from error
    except (OSError, UnicodeDecodeError) as error:
        raise PoseFileError(
            "cannot be read",
            path=path,
            expected="a pose.json",
            found=getattr(error, "strerror", None) or "no UTF-8 text",
        ) from error
    flag = record.get("quality", {}).get("flag")
    if flag == QualityFlag.REVIEW.value and not estimate.quality.reasons:
        return replace(estimate, quality=estimate.quality.with_reasons(NO_REASON))
    return estimate


def _without_roll(each: ExamEstimate) -> ExamEstimate:
    if each.estimate is None:
        return each
    return replace(each, estimate=replace(each.estimate, knows_roll=False))
