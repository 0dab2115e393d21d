"""Who the studies are of, for the page of this machine alone.

Names and dates are kept in memory and go to the page on a path of their own: nothing else that the
server answers, writes or logs holds them.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from shortaxis.dicom.carried.identity_rows import identity_of
from shortaxis.dicom.carried.source_header import SourceHeader
from shortaxis.workflow.study_report.pages.identity_words import date_words, name_words

__all__ = ["Identities", "Identity"]


@dataclass(frozen=True)
class Identity:
    """What a header says of the patient, as on a print that is filed; empty where it is silent."""

    name: str = ""
    patient_id: str = ""
    date: str = ""


AS_READ = {"name": name_words, "date": date_words}


class Identities:
    """Of every study that was read since the server was started."""

    def __init__(self) -> None:
        self._known: dict[str, Identity] = {}

    def note(self, study: str, header: SourceHeader | None) -> None:
        """Keep what the header of a study says."""
        said = {} if header is None else identity_of(header)
        told = {name: AS_READ.get(name, str)(value) for name, value in said.items()}
        self._known[study] = Identity(**told)

    def to_record(self) -> dict[str, dict[str, str]]:
        """All of them by study, without those that say nothing."""
        known = {study: asdict(each) for study, each in self._known.items()}
        return {study: each for study, each in known.items() if any(each.values())}
