"""The one study that a call is about."""

from __future__ import annotations

from pathlib import Path

from shortaxis.dicom.elements.uids import told_uid
from shortaxis.errors import OptionError
from shortaxis.workflow.studies.finding import FoundStudies, FoundStudy

__all__ = ["the_only_study"]


def the_only_study(found: FoundStudies, path: Path) -> FoundStudy:
    """The study that was found.

    Raises
    ------
    OptionError
        If there are several; it names them.
    """
    if len(found.studies) > 1:
        names = zip(found.folder_names(), found.studies, strict=True)
        choices = ", ".join(
            f"{name} ({told_uid(study.facts.series_instance_uid)})" for name, study in names
        )
        raise OptionError(
            "holds several studies",
            path=path,
            expected="one, or a series to choose by its Series Instance UID",
            found=choices,
            way_on="choose one, for example choice=StudyChoice(number=2)",
        )
    return found.studies[0]
