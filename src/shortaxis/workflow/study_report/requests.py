"""Make the report that was asked for, from paths to files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from shortaxis.dicom.documents.object_origin import ObjectOrigin
from shortaxis.errors import OptionError, OutputError
from shortaxis.files.staged_folder import refuse_existing
from shortaxis.spect.reading_options import AS_STORED, ReadingOptions
from shortaxis.workflow.quantify.quantifying import QuantifyOptions
from shortaxis.workflow.quantify.requests import QUANTIFICATION_NAMES
from shortaxis.workflow.study_report.earlier.comparing import with_earlier
from shortaxis.workflow.study_report.earlier.finding import (
    NO_EARLIER,
    EarlierPaths,
    find_earlier,
    load_earlier,
)
from shortaxis.workflow.study_report.exams.choosing import ANY_EXAM, ExamChoice
from shortaxis.workflow.study_report.exams.finding import (
    FoundExams,
    LoadedExams,
    find_exams,
    load_exams,
)
from shortaxis.workflow.study_report.exams.pairing import PoseRule, QuantifiedPair, quantify_exams
from shortaxis.workflow.study_report.exams.signed import SignedExam, signed_exam
from shortaxis.workflow.study_report.writing import (
    REPORT_NAMES,
    write_pair_quantification,
    write_study_report,
)

__all__ = ["MadeReport", "StudyReportRequest", "make_study_report"]


@dataclass(frozen=True)
class StudyReportRequest:
    """What the user asked for.

    `stress` and `rest` are as `find_exams` takes them, `pose` is the value of a `PoseRule`.
    `reading` says how files are read, `force_pair` exams that say they are the
    other one, or of another patient, which is then a reason to review. `numbers_only` leaves the
    slices out: what ``shortaxis quantify --rest`` writes. `choice` names exams among several.
    `with_identity` names the patient on a first page of the print. `second_position` is the first
    exam once more, with the patient lying or sitting in another way. `reviewed` is a folder of
    ``shortaxis review``: axes, wall and conclusion that were signed there are taken. `origin` gives
    UIDs and time to documents for the archive. `earlier` says what the exams are compared with.

    Raises
    ------
    OptionError
        For an unknown pose rule.
    """

    stress: Path
    rest: Path | None = None
    quantify: QuantifyOptions = field(default_factory=QuantifyOptions)
    pose: str = PoseRule.OWN.value
    force: bool = False
    reading: ReadingOptions = AS_STORED
    force_pair: bool = False
    numbers_only: bool = False
    choice: ExamChoice = ANY_EXAM
    with_identity: bool = False
    second_position: Path | None = None
    reviewed: Path | None = None
    origin: ObjectOrigin | None = None
    earlier: EarlierPaths = NO_EARLIER

    def __post_init__(self) -> None:
        known = [rule.value for rule in PoseRule]
        if self.pose not in known:
            raise OptionError("unknown pose rule", expected=" or ".join(known), found=self.pose)


@dataclass(frozen=True, eq=False)
class MadeReport:
    """A report and where it was written.

    `pair` holds everything that was quantified, `files` the paths that were written.
    """

    pair: QuantifiedPair
    files: tuple[Path, ...]


def make_study_report(
    request: StudyReportRequest,
    out: Path,
    *,
    exams: FoundExams | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> MadeReport:
    """Find, quantify and report the exams; those of `exams` are found already.

    Raises
    ------
    ExistingOutputError
        Before any work, if a report is there already and overwriting was not asked for.
    OutputError
        Before any work, if a result would overwrite an exam.
    ShortAxisError
        What finding, reading and quantifying raise.
    """
    names = QUANTIFICATION_NAMES if request.numbers_only else REPORT_NAMES
    found = exams or find_exams(
        request.stress,
        request.rest,
        options=request.reading,
        choice=request.choice,
        second_position=request.second_position,
    )
    earlier = find_earlier(
        request.earlier, found, options=request.reading, corrected=request.choice.corrected
    )
    sources = {
        path.resolve()
        for exam in (*found.exams, *(earlier.exams if earlier else ()))
        for each in (exam.found, exam.beside)
        if each is not None
        for path in each.paths
    }
    for name in names:
        if (out / name).resolve() in sources:
            raise OutputError(
                "is a source and would be overwritten",
                path=out / name,
                expected="another folder for the report",
                found=f"a result that would be named {name} too",
            )
    if not request.force:
        refuse_existing(out, names)
    loaded = load_exams(found, force_pair=request.force_pair)
    before = earlier and load_earlier(earlier, loaded.exams, force_pair=request.force_pair)
    progress(1, STEPS)
    signed = _signed(request.reviewed, loaded)
    pair = quantify_exams(loaded, request.quantify, PoseRule(request.pose), signed)
    if before:
        signed_before = _any_signed(request.reviewed, before.exams)
        pair = with_earlier(pair, before, request.quantify, signed_before)
    progress(2, STEPS)
    if request.numbers_only:
        files = write_pair_quantification(pair, out, force=request.force)
    else:
        files = write_study_report(
            pair,
            out,
            force=request.force,
            origin=request.origin,
            with_identity=request.with_identity,
        )
    progress(STEPS, STEPS)
    return MadeReport(pair, tuple(files))


def _signed(reviewed: Path | None, loaded: LoadedExams) -> list[SignedExam | None]:
    """What readers signed of the exams.

    Raises
    ------
    OptionError
        If they signed none of them.
    """
    if reviewed is None:
        return []
    found = _any_signed(reviewed, loaded)
    if not any(found):
        raise OptionError(
            "holds no signature of these exams",
            path=reviewed,
            expected="an exam that was accepted or corrected on the review page",
            found="none on the same counts",
            cause="another folder, or exams that are open or rejected",
        )
    return found


def _any_signed(reviewed: Path | None, loaded: LoadedExams) -> list[SignedExam | None]:
    """What readers signed of the exams, perhaps of none."""
    if reviewed is None:
        return []
    return [signed_exam(reviewed, exam.study) for exam in loaded.exams]


STEPS = 3
"""Read, quantified, written."""
