"""Poses that anybody made with anything, as ``pose.json`` files by exam."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from shortaxis.errors import InputNotFoundError, PoseFileError, ShortAxisError
from shortaxis.evaluation.cohorts.exam_truth import ExamTruth
from shortaxis.evaluation.scores.exam_estimate import Absence, ExamEstimate
from shortaxis.evaluation.scores.wording import no_exam_words
from shortaxis.files.inputs.side_files import read_side_file
from shortaxis.geometry.euler import has_conventional_roll
from shortaxis.reorientation.estimate import PoseEstimate, QualityFlag
from shortaxis.reorientation.pose_record import estimate_from_record, parse_pose_json

__all__ = ["files_of_no_exam", "read_foreign_poses"]

EXAM_NUMBER = re.compile(r"\d{1,19}", re.ASCII)

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
    files = _files_by_exam(folder)
    estimates = tuple(_read(folder, truth, files.get(truth.exam_seed, [])) for truth in truths)
    poses = [each.estimate for each in estimates if each.estimate is not None]
    if not poses:
        raise _no_pose_of_any(folder, truths)
    if all(has_conventional_roll(each.pose) for each in poses):
        return tuple(_without_roll(each) for each in estimates)
    return estimates


def files_of_no_exam(folder: Path, truths: Sequence[ExamTruth]) -> tuple[str, ...]:
    """Pose files that `read_foreign_poses` has no exam for, from the folder, by name."""
    seeds = {truth.exam_seed for truth in truths}
    return tuple(
        path.relative_to(folder).as_posix()
        for seed, paths in _files_by_exam(folder).items()
        if seed not in seeds
        for path in paths
        if path.is_file()
    )


def _files_by_exam(folder: Path) -> dict[int | None, list[Path]]:
    """Paths that are named as poses are, sorted, by exam; None where the name is no number."""
    files: dict[int | None, list[Path]] = {}
    paths = [*folder.glob("*.json"), *folder.glob("*/pose.json")]
    for path in sorted(paths, key=lambda each: each.relative_to(folder).as_posix()):
        name = path.stem if path.parent == folder else path.parent.name
        number = int(name) if EXAM_NUMBER.fullmatch(name) else None
        files.setdefault(number, []).append(path)
    return files


def _no_pose_of_any(folder: Path, truths: Sequence[ExamTruth]) -> InputNotFoundError:
    others = no_exam_words(files_of_no_exam(folder, truths))
    found = others or "no pose" if folder.is_dir() else "no such folder"
    return InputNotFoundError(
        "holds no pose of any exam",
        path=folder,
        expected=f"files such as {truths[0].exam_seed:010d}/pose.json",
        found=found,
        cause="a mistyped path, or poses of another cohort",
    )


def _read(folder: Path, truth: ExamTruth, paths: Sequence[Path]) -> ExamEstimate:
    seed = truth.exam_seed
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
        record = parse_pose_json(read_side_file(path))
        estimate = estimate_from_record(record, truth.volume_center_mm)
    except ShortAxisError as error:
        error.cause = error.cause or "a file cut short, edited by hand, or of another kind"
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
