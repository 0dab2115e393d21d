"""One exam of a report: on disk, and in memory."""

from __future__ import annotations

from dataclasses import dataclass, field

from shortaxis.dicom.carried.source_header import SourceHeader
from shortaxis.spect.study import PerfusionStudy, StudyCondition
from shortaxis.workflow.studies.finding import FoundStudy

__all__ = ["FoundExam", "ReportExam"]


@dataclass(frozen=True, eq=False)
class ReportExam:
    """One exam of a report: what it is shown as, and its study.

    `condition` is what the user said it is, or else what the study says, and the facts of the study
    say the same; `header` is None for sources other than DICOM; `other_position` is the
    same exam with the patient lying or sitting in another way.
    """

    condition: StudyCondition
    study: PerfusionStudy = field(repr=False)
    header: SourceHeader | None = field(default=None, repr=False)
    other_position: PerfusionStudy | None = field(default=None, repr=False)

    @property
    def title(self) -> str:
        """The word that pages and tables carry."""
        return "Study" if self.condition is StudyCondition.UNKNOWN else self.condition.value.title()


@dataclass(frozen=True, eq=False)
class FoundExam:
    """An exam on disk, what it shall be shown as, and the same one in another position."""

    condition: StudyCondition
    found: FoundStudy
    beside: FoundStudy | None = None
