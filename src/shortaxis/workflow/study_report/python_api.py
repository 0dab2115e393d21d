"""``shortaxis.report``: the report of a stress and a rest exam."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path

from shortaxis.quantification.named_normals import DEFAULT_NORMALS
from shortaxis.reorientation.methods import DEFAULT_METHOD
from shortaxis.spect.reading_options import AS_STORED, ReadingOptions
from shortaxis.workflow.quantify.quantifying import QuantifyOptions
from shortaxis.workflow.study_report.earlier.finding import EarlierPaths
from shortaxis.workflow.study_report.exams.choosing import ExamChoice
from shortaxis.workflow.study_report.requests import (
    MadeReport,
    StudyReportRequest,
    make_study_report,
)

__all__ = ["report"]


def report(  # noqa: PLR0913 - the choices of the command line, all optional
    stress: str | PathLike[str],
    rest: str | PathLike[str] | None = None,
    *,
    out: str | PathLike[str],
    pose: str = "own",
    method: str = DEFAULT_METHOD,
    weights: str | None = None,
    normals: str | None = DEFAULT_NORMALS,
    force: bool = False,
    force_input: bool = False,
    reading: ReadingOptions = AS_STORED,
    force_pair: bool = False,
    corrected: bool | None = None,
    studies: Sequence[int] = (),
    with_identity: bool = False,
    second_position: str | PathLike[str] | None = None,
    reviewed: str | PathLike[str] | None = None,
    prior: str | PathLike[str] | None = None,
) -> MadeReport:
    """Write the report of a stress and a rest exam, or of one exam.

    Parameters
    ----------
    stress, rest : path
        DICOM or NIfTI files or folders; one folder with an exam of each will do.
    out : path
        Folder of the report.
    pose : {"own", "shared"}
        A pose for each exam, or that of stress for both.
    method, weights, normals
        As for `quantify`.
    force : bool
        Overwrite an earlier report.
    force_input, force_pair : bool
        Take exams that are marked as reoriented; that say they are the other one, or of another
        patient.
    reading : ReadingOptions
        What else is allowed and stated, for both exams.
    corrected : bool, optional
        Only exams with, or without, attenuation correction.
    studies : sequence of int
        Stress and rest, or one exam, by the numbers with which ``shortaxis info`` lists them.
    with_identity, second_position, reviewed, prior
        As the options of ``shortaxis report``.

    Returns
    -------
    MadeReport
        Everything quantified in `pair`, and the paths in `files`.

    Raises
    ------
    ShortAxisError
        One of its children, see `shortaxis.errors`.
    """
    options = QuantifyOptions(method=method, weights=weights, normals=normals)
    request = StudyReportRequest(
        Path(stress),
        None if rest is None else Path(rest),
        options,
        pose=pose,
        force=force,
        reading=replace(reading, force_input=reading.force_input or force_input),
        force_pair=force_pair,
        choice=ExamChoice(corrected, tuple(studies)),
        with_identity=with_identity,
        second_position=None if second_position is None else Path(second_position),
        reviewed=None if reviewed is None else Path(reviewed),
        earlier=EarlierPaths(None if prior is None else Path(prior)),
    )
    return make_study_report(request, Path(out))
