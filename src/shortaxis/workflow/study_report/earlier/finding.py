"""Which earlier exams are meant, whether they are of the patient, and what each is compared with.

Stress is compared with stress, rest with rest. What does not say which it is has to be named by the
option that says it: a comparison of stress with rest would be a finding that nobody has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from shortaxis.dicom.carried.same_patient import is_named_otherwise
from shortaxis.dicom.carried.source_header import SourceHeader
from shortaxis.dicom.elements.attributes import text_of
from shortaxis.dicom.elements.part10 import quiet_pydicom
from shortaxis.dicom.received.earlier import days_before
from shortaxis.errors import OptionError, ShortAxisError
from shortaxis.spect.reading_options import AS_STORED, ReadingOptions
from shortaxis.spect.stated_acquisition import ACQUIRED_AS_STORED
from shortaxis.spect.stated_geometry import NOTHING_STATED
from shortaxis.spect.study import StudyCondition
from shortaxis.workflow.study_report.earlier.unlike import unlike_exams
from shortaxis.workflow.study_report.exams.choosing import ANY_EXAM, ExamChoice
from shortaxis.workflow.study_report.exams.finding import (
    PAIR,
    FoundExams,
    LoadedExams,
    find_exams,
    load_exams,
)
from shortaxis.workflow.study_report.exams.pair_checks import (
    exchanged,
    of_two_patients,
    refuse_same,
)
from shortaxis.workflow.study_report.exams.report_exam import FoundExam, ReportExam

__all__ = ["NO_EARLIER", "EarlierPaths", "LoadedEarlier", "find_earlier", "load_earlier"]

BOTH = "present and earlier exam"

WAY_ON = "name it by --prior-stress or --prior-rest, which say what it is"


@dataclass(frozen=True)
class EarlierPaths:
    """Where earlier exams are: found as they say what they are, or named as stress and rest.

    Raises
    ------
    OptionError
        If both are given.
    """

    prior: Path | None = None
    stress: Path | None = None
    rest: Path | None = None

    def __post_init__(self) -> None:
        if self.prior is not None and (self.stress or self.rest):
            raise OptionError(
                "earlier exams are named in two ways",
                expected="either --prior, or --prior-stress and --prior-rest",
                found="both",
            )


NO_EARLIER = EarlierPaths()


@dataclass(frozen=True, eq=False)
class LoadedEarlier:
    """Earlier exams in memory, each of the condition of one that is reported.

    `days_before` lie between the first two that are compared, None where nobody says. `doubts` are
    why the comparison may mislead, as far as headers say, `notes` what else is worth knowing, and
    `reasons` what makes the whole report one to be reviewed.
    """

    exams: LoadedExams
    days_before: int | None
    doubts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


def find_earlier(
    paths: EarlierPaths,
    present: FoundExams,
    *,
    options: ReadingOptions = AS_STORED,
    corrected: bool | None = None,
) -> FoundExams | None:
    """Find the earlier exams; None if none was named.

    Of several reconstructions of a condition one that is corrected for attenuation as the present
    exam is, is taken, if there is one, then the rule of
    `shortaxis.workflow.study_report.exams.choosing`. What `options` state of files holds for the
    present exams alone: geometry and acquisition of the earlier ones are as stored.

    Raises
    ------
    OptionError
        If it is not clear which exams are meant.
    ShortAxisError
        What `find_studies` raises.
    """
    unstated = replace(options, stated=NOTHING_STATED, acquisition=ACQUIRED_AS_STORED)
    like = {
        each.condition: each.found.facts.attenuation_corrected if corrected is None else corrected
        for each in present.exams
    }
    alike: dict[bool, FoundExams | None] = {}
    for kind in like.values():
        if kind is not None and kind not in alike:
            with suppress(ShortAxisError):
                alike[kind] = _found(paths, unstated, ExamChoice(kind))
    taken = {
        condition: found
        for condition, kind in like.items()
        if kind is not None and (found := alike.get(kind)) and _of(found, condition)
    }
    if len(taken) == len(like):
        return _together(taken, None)
    try:
        other = _found(paths, unstated, ANY_EXAM)
    except ShortAxisError as error:
        if taken:
            return _together(taken, None)
        raise _of_prior(error) from error
    rest = {each: other for each in like if other and each not in taken and _of(other, each)}
    return _together({each: (taken | rest)[each] for each in like if each in taken | rest}, other)


def _of(found: FoundExams, condition: StudyCondition) -> list[FoundExam]:
    return [each for each in found.exams if each.condition is condition]


def _together(
    taken: Mapping[StudyCondition, FoundExams], other: FoundExams | None
) -> FoundExams | None:
    """The exam of each condition from where it is taken, then those of no present condition."""
    found = list({id(each): each for each in (*taken.values(), other) if each}.values())
    if len(found) < 2:
        return found[0] if found else None
    exams = [each for condition in taken for each in _of(taken[condition], condition)]
    exams += [each for one in found for each in one.exams if each.condition not in taken]
    exams = list({each.found.paths: each for each in exams}.values())
    shown = {path for each in exams for path in each.found.paths}
    left_out = {item.path: item for one in found for item in one.left_out if item.path not in shown}
    # What one rule left out the other may have taken: its notes do not hold for both.
    reasons = dict.fromkeys(reason for one in found for reason in one.reasons)
    return FoundExams(tuple(exams), (), tuple(reasons), tuple(left_out.values()))


def _found(paths: EarlierPaths, options: ReadingOptions, choice: ExamChoice) -> FoundExams | None:
    if paths.prior is not None:
        return find_exams(paths.prior, options=options, choice=choice)
    if paths.stress is not None and paths.rest is not None:
        return find_exams(paths.stress, paths.rest, options=options, choice=choice)
    condition = StudyCondition.REST if paths.stress is None else StudyCondition.STRESS
    path = paths.stress or paths.rest
    if path is None:
        return None
    found = find_exams(path, options=options, choice=choice)
    if len(found.exams) > 1:
        kept = tuple(each for each in found.exams if each.condition is condition)
        return replace(found, exams=kept)
    return replace(found, exams=(replace(found.exams[0], condition=condition),))


def _of_prior(error: ShortAxisError) -> ShortAxisError:
    """Options that choose among the present exams do not choose among earlier ones."""
    if error.way_on and "--study" in error.way_on:
        error.way_on = "name each earlier exam by its file: --prior-stress and --prior-rest"
    return error


def load_earlier(
    found: FoundExams, present: Sequence[ReportExam], *, force_pair: bool = False
) -> LoadedEarlier:
    """Read the earlier exams that one of the present ones is compared with, and check them.

    Raises
    ------
    OptionError
        If there is none, if it is not clear which it is, or if an exam is given twice. Unless
        `force_pair`, also if an earlier exam says that it is of another patient, or not what it
        was named as.
    ShortAxisError
        If one cannot be read.
    """
    kept, unsure = _matching(found, present)
    named = [each for each in kept if each.condition in PAIR]
    otherwise = exchanged(named, force=force_pair)
    reasons = [f"earlier exam: {each}" for each in otherwise]
    loaded = load_exams(replace(found, exams=tuple(kept)), force_pair=force_pair)
    told_once = tuple(each for each in loaded.reasons if each not in otherwise)
    loaded = replace(loaded, reasons=told_once)
    doubts, notes = list(unsure), []
    for earlier, source in zip(loaded.exams, kept, strict=True):
        path = source.found.paths[0]
        for each in present:
            refuse_same((each, earlier), path, BOTH)
            reasons += of_two_patients((each, earlier), path, BOTH, force=force_pair)
            if is_named_otherwise(each.header, earlier.header):
                notes.append("the patient's name in the earlier exam differs, and the ID does not")
            if not _share_identity(each.header, earlier.header):
                doubts.append("nothing says that the earlier exam is of the same patient")
    pairs = [(_partner(earlier, present), earlier) for earlier in loaded.exams]
    days = days_before(pairs[0][1].header, pairs[0][0].header)
    doubts += [
        *_doubts_of_order(pairs),
        *(words for both in pairs for words in unlike_exams(*both)),
    ]
    notes += [
        f"the earlier {each.condition.value} exam is not compared: there is no such exam here"
        for each in found.exams
        if each not in kept and each.condition not in {one.condition for one in kept}
    ]
    notes += [
        f"the present {each.condition.value} exam is not compared: there is no earlier one"
        for each in present
        if each.condition not in {one.condition for one in kept}
    ]
    return LoadedEarlier(
        loaded,
        days,
        tuple(dict.fromkeys([*reasons, *doubts])),
        tuple(dict.fromkeys(notes)),
        tuple(dict.fromkeys(reasons)),
    )


def _matching(
    found: FoundExams, present: Sequence[ReportExam]
) -> tuple[list[FoundExam], list[str]]:
    """Earlier exams of the conditions that are reported, and what is unsure about that."""
    here = [each.condition for each in present]
    kept = [each for each in found.exams if each.condition in here]
    if kept == list(found.exams) and here == [StudyCondition.UNKNOWN]:
        return kept, [SAYS_NOTHING]
    if kept:
        return kept, []
    if here == [StudyCondition.UNKNOWN] and len(found.exams) == 1:
        said = found.exams[0]
        return [replace(said, condition=StudyCondition.UNKNOWN)], [SAYS_NOTHING]
    words = " and ".join(each.value for each in here if each in PAIR) or "one exam"
    path = found.exams[0].found.paths[0] if found.exams else None
    if any(each.condition is StudyCondition.UNKNOWN for each in found.exams):
        raise OptionError(
            "the earlier exam does not say whether it is stress or rest",
            path=path,
            expected=f"an earlier exam of {words}",
            found="neither word in its header or name",
            way_on=WAY_ON,
        )
    raise OptionError(
        "there is no earlier exam of the same condition",
        path=path,
        expected=f"an earlier exam of {words}: stress is compared with stress, rest with rest",
        found=", ".join(each.condition.value for each in found.exams) or "none",
        way_on=f"report the exam of the same condition; if it is wrongly marked, {WAY_ON}, "
        "with --force-pair",
    )


SAYS_NOTHING = "nothing says that both exams are of stress, or both of rest"


def _partner(earlier: ReportExam, present: Sequence[ReportExam]) -> ReportExam:
    return next(each for each in present if each.condition is earlier.condition)


def _share_identity(first: SourceHeader | None, second: SourceHeader | None) -> bool:
    """Whether both hold a patient ID, or both a name and a birth date, that can be compared."""
    if first is None or second is None:
        return False
    with quiet_pydicom():
        return any(
            all(text_of(each.dataset, name) for each in (first, second) for name in names)
            for names in (("PatientID",), ("PatientName", "PatientBirthDate"))
        )


def _doubts_of_order(pairs: Sequence[tuple[ReportExam, ReportExam]]) -> list[str]:
    """Why the earlier exams may not be earlier, with the condition where they are not alike."""
    days = [days_before(earlier.header, now.header) for now, earlier in pairs]
    told = [_doubt_of_order(each) for each in days]
    if len(set(told)) == 1:
        return told[:1] if told[0] else []
    named = zip(pairs, told, strict=True)
    return [f"{now.title.lower()}: {words}" for (now, _), words in named if words]


def _doubt_of_order(days: int | None) -> str:
    if days is None:
        return "not both exams say their date: nothing says which one is earlier"
    if days > 0:
        return ""
    when = f"{-days} day{'s' if days < -1 else ''} later" if days else "on the same day"
    return f"what was given as the earlier exam is not earlier by its dates: it was made {when}"
