"""Annotate all pairs of a folder or a table, and write what was found."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shortaxis.errors import OptionError, OutputError, ShortAxisError
from shortaxis.files.plain_json import OF_ANOTHER_SHAPE, write_json
from shortaxis.files.staged_folder import refuse_existing, staged_folder
from shortaxis.reorientation.pose_record import record_in_study
from shortaxis.spect.reading_notes import doubts
from shortaxis.spect.reading_options import AS_STORED, ReadingOptions
from shortaxis.spect.study import PerfusionStudy
from shortaxis.workflow.annotation.annotating import Annotation, Center, annotate_pair
from shortaxis.workflow.annotation.engines.choosing import Engine, find_engine
from shortaxis.workflow.annotation.pairs import FoundPairs, Pair, find_pairs
from shortaxis.workflow.annotation.reading import read_pair
from shortaxis.workflow.annotation.record import annotation_row, registration_record, to_csv
from shortaxis.workflow.studies.finding import StudyChoice
from shortaxis.workflow.studies.record import NOTICE

__all__ = ["SUMMARY_FILE", "TABLE_FILE", "AnnotateOptions", "annotate_pairs"]

TABLE_FILE, SUMMARY_FILE = "annotations.csv", "annotations.json"
POSE_FILE, REGISTRATION_FILE = "pose.json", "registration.json"

ANNOTATIONS_SCHEMA = "shortaxis/annotations/1"


@dataclass(frozen=True)
class AnnotateOptions:
    """Choices for a run.

    Parameters
    ----------
    center : Center
        What the centre is.
    engine : str or None
        What registers; the best that is installed.
    reading : ReadingOptions
        What is allowed and stated of the transaxial volumes; what is stated flags their poses.
    corrected : bool or None
        Which transaxial volume of a pair is meant: with, or without, attenuation correction.

    Raises
    ------
    OptionError
        For an unknown centre.
    """

    center: Center = Center.VENTRICLE
    engine: str | None = None
    reading: ReadingOptions = AS_STORED
    corrected: bool | None = None

    def __post_init__(self) -> None:
        try:
            object.__setattr__(self, "center", Center(self.center))
        except ValueError as error:
            raise OptionError(
                "unknown centre",
                expected=" or ".join(center.value for center in Center),
                found=str(self.center),
            ) from error


def annotate_pairs(
    path: Path,
    out: Path,
    options: AnnotateOptions = AnnotateOptions(),
    *,
    force: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> list[dict[str, str]]:
    """Annotate every pair and write a folder for each, ``annotations.csv`` and a summary.

    Returns
    -------
    list of dict
        The rows of the table, one a pair, rejected and failed ones too.

    Raises
    ------
    InputNotFoundError
        If there is no pair.
    MissingExtraError
        If nothing that registers is installed.
    OutputError
        If the results cannot be written, or would lie among the pairs.
    """
    engine = find_engine(options.engine)
    found = find_pairs(path)
    if path.is_dir() and out.resolve().is_relative_to(path.resolve()):
        raise OutputError(
            "lies among the pairs",
            path=out,
            expected="another folder for the results",
            found="the folder of the pairs, or a folder in it",
        )
    if not force:
        refuse_existing(out, (TABLE_FILE, SUMMARY_FILE))
    report = progress or (lambda done, total: None)
    rows = []
    with staged_folder(out, _earlier_files(out)) as staging:
        for number, pair in enumerate(found.pairs, start=1):
            rows.append(_annotate(pair, staging, engine, options))
            report(number, len(found.pairs))
        rows += [annotation_row(each.name, None, None, each.reason) for each in found.unusable]
        (staging / TABLE_FILE).write_text(to_csv(rows), encoding="utf-8", newline="\n")
        files = sorted(
            each.relative_to(staging).as_posix() for each in staging.rglob("*") if each.is_file()
        )
        write_json(staging / SUMMARY_FILE, _summary(rows, found, options, engine, files))
    return rows


def _annotate(
    pair: Pair, staging: Path, engine: Engine, options: AnnotateOptions
) -> dict[str, str]:
    try:
        read = read_pair(pair, options.reading, StudyChoice(options.corrected))
        annotation = annotate_pair(read.slices, read.transaxial.volume, engine, options.center)
    except ShortAxisError as error:
        detail = f" ({error.found})" if error.found else ""
        return annotation_row(pair.name, None, None, f"{error.summary}{detail}")
    annotation = annotation.with_reasons(*doubts(options.reading.stated.notes))
    _write(annotation, read.transaxial, staging / pair.name)
    return annotation_row(pair.name, annotation, read.transaxial.volume)


def _write(annotation: Annotation, study: PerfusionStudy, folder: Path) -> None:
    folder.mkdir()
    write_json(folder / REGISTRATION_FILE, registration_record(annotation))
    if annotation.estimate is not None:
        write_json(folder / POSE_FILE, record_in_study(annotation.estimate, study))


def _summary(
    rows: list[dict[str, str]],
    found: FoundPairs,
    options: AnnotateOptions,
    engine: Engine,
    files: list[str],
) -> dict[str, Any]:
    outcomes = ("annotated", "rejected", "failed")
    return {
        "schema": ANNOTATIONS_SCHEMA,
        "notice": NOTICE,
        "engine": engine.name,
        "center": options.center.value,
        "pairs": len(found.pairs) + len(found.unusable),
        **{each: sum(row["outcome"] == each for row in rows) for each in outcomes},
        "rejects": [
            {"name": row["name"], "outcome": row["outcome"], "reasons": row["reasons"]}
            for row in rows
            if row["outcome"] != "annotated"
        ],
        "files": [*files, SUMMARY_FILE],
    }


def _earlier_files(folder: Path) -> frozenset[str]:
    """What an earlier run says it wrote; files of other origin are not ours."""
    try:
        listed = json.loads((folder / SUMMARY_FILE).read_text(encoding="utf-8"))["files"]
        names = {str(name) for name in listed}
    except (OSError, *OF_ANOTHER_SHAPE):
        return frozenset()
    ours = (POSE_FILE, REGISTRATION_FILE)
    return frozenset(
        name
        for name in names
        if name in (TABLE_FILE, SUMMARY_FILE)
        or (name.count("/") == 1 and name.split("/")[1] in ours and ".." not in name)
    )
