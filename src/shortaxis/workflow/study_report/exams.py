"""Which exams a report is of: found where the user points, loaded, and checked to be a pair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from shortaxis.dicom.source_header import SourceHeader
from shortaxis.errors import InputNotFoundError, OptionError
from shortaxis.spect.study import PerfusionStudy, StudyCondition
from shortaxis.workflow.studies import FoundStudies, FoundStudy, find_studies

__all__ = ["ReportExam", "find_exams", "load_exams"]

PAIR = (StudyCondition.STRESS, StudyCondition.REST)

PATIENT = ("PatientID", "IssuerOfPatientID")
"""What two exams of one patient have in common; names are spelt in many ways."""


@dataclass(frozen=True, eq=False)
class ReportExam:
    """One exam of a report: what it is shown as, and its study.

    `condition` is what the user said it is, or else what the study says; `header` is None for
    sources other than DICOM.
    """

    condition: StudyCondition
    study: PerfusionStudy = field(repr=False)
    header: SourceHeader | None = field(default=None, repr=False)

    @property
    def title(self) -> str:
        """The word that pages and tables carry."""
        return "Study" if self.condition is StudyCondition.UNKNOWN else self.condition.value.title()


@dataclass(frozen=True, eq=False)
class FoundExam:
    """An exam on disk, and what it shall be shown as."""

    condition: StudyCondition
    found: FoundStudy


def find_exams(stress: Path, rest: Path | None, *, force_input: bool = False) -> list[FoundExam]:
    """Find one exam, or stress and rest.

    Two paths name stress and rest. One path names a single exam, or a folder with one exam of each.
    Of several exams of a condition, as a gated and an ungated series are, the only gated one is
    taken: its sum over the time slots is the ungated exam.

    Raises
    ------
    OptionError
        If it is not clear which exams are meant, or one says that it is the other.
    ShortAxisError
        What `find_studies` raises.
    """
    if rest is None:
        studies = find_studies(stress, force_input=force_input)
        if len(studies.studies) == 1:
            only = studies.studies[0]
            return [FoundExam(only.facts.condition, only)]
        return [FoundExam(each, _chosen(studies, each, stress)) for each in PAIR]
    exams = []
    for condition, path in zip(PAIR, (stress, rest), strict=True):
        studies = find_studies(path, force_input=force_input)
        single = len(studies.studies) == 1
        found = studies.studies[0] if single else _chosen(studies, condition, path)
        exams.append(FoundExam(condition, found))
    if not force_input:
        _refuse_exchanged(exams)
    if set(exams[0].found.paths) & set(exams[1].found.paths) and _is_same(exams):
        raise OptionError(
            "stress and rest are the same exam",
            path=exams[1].found.paths[0],
            expected="two exams",
            found="one file given twice",
        )
    return exams


def load_exams(found: Sequence[FoundExam], *, force_input: bool = False) -> list[ReportExam]:
    """Read the exams.

    Raises
    ------
    OptionError
        If they say that they are of two patients, unless `force_input`: files that were
        de-identified one by one do so, too.
    ShortAxisError
        If one cannot be read.
    """
    exams = []
    for each in found:
        loaded = each.found.load()
        exams.append(ReportExam(each.condition, loaded.study, loaded.header))
    patients = [_patient(exam.header) for exam in exams]
    if len(exams) == len(PAIR) and not force_input and _differ(*patients):
        raise OptionError(
            "is of another patient than the stress exam",
            path=found[1].found.paths[0],
            expected="the same Patient ID (0010,0020)",
            found="another one",
            cause="files mixed up, or de-identified one by one; --force-input takes them",
        )
    return exams


def _chosen(studies: FoundStudies, condition: StudyCondition, path: Path) -> FoundStudy:
    """The exam of a condition; of several, the only gated one."""
    fitting = [each for each in studies.studies if each.facts.condition is condition]
    gated = [each for each in fitting if each.n_time_slots > 1]
    if len(gated) == 1:
        return gated[0]
    if len(fitting) == 1:
        return fitting[0]
    told = ", ".join(studies.folder_names())
    kind = InputNotFoundError if not fitting else OptionError
    raise kind(
        f"holds no single {condition.value} exam",
        path=path,
        expected=f"one {condition.value} exam, or files named one by one",
        found=f"{len(studies.studies)} exams: {told}",
        cause="several reconstructions, or exams that do not say whether they are stress or rest; "
        "shortaxis info lists them",
    )


def _refuse_exchanged(exams: Sequence[FoundExam]) -> None:
    for exam in exams:
        said = exam.found.facts.condition
        if said not in (exam.condition, StudyCondition.UNKNOWN):
            raise OptionError(
                f"says that it is {said.value}",
                path=exam.found.paths[0],
                expected=f"the {exam.condition.value} exam",
                found=exam.found.facts.condition_evidence or said.value,
                cause="stress and rest exchanged on the command line; where the file is wrong, "
                "--force-input takes it",
            )


def _is_same(exams: Sequence[FoundExam]) -> bool:
    first, second = (exam.found.facts.series_instance_uid for exam in exams)
    return first == second


def _patient(header: SourceHeader | None) -> tuple[str, ...]:
    """What names the patient, for a comparison alone."""
    if header is None:
        return ()
    return tuple(str(header.dataset.get(name, "") or "").strip() for name in PATIENT)


def _differ(first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    """Whether anything that both say differs."""
    return any(a and b and a != b for a, b in zip(first, second, strict=False))
