"""Who the studies are of, for the page of this machine alone.

Names and dates are kept in memory and go to the page on a path of their own: nothing else that the
server answers, writes or logs holds them. Which studies are of one patient is compared here, too.
"""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass

from shortaxis.dicom.carried.identity_rows import identity_of
from shortaxis.dicom.carried.same_patient import differing_identity
from shortaxis.dicom.carried.source_header import SourceHeader
from shortaxis.dicom.received.earlier import days_before
from shortaxis.workflow.study_report.pages.identity_words import date_words, name_words

__all__ = ["Identities", "Identity"]


@dataclass(frozen=True)
class Identity:
    """What a header says of the patient, as on a print that is filed; empty where it is silent."""

    name: str = ""
    patient_id: str = ""
    date: str = ""


AS_READ = {"name": name_words, "date": date_words}

COMPARED = (
    "PatientID", "IssuerOfPatientID", "PatientBirthDate", "PatientSex", "PatientName",
    "AcquisitionDate", "SeriesDate", "StudyDate",
)  # fmt: skip
"""What is kept of a header: by what patients are told apart, and when an exam was made."""

NOBODYS = {"", "0", "anon", "anonymous", "anonymized", "anonymised", "none", "unknown"}
"""Patient IDs that files of many patients share once they were de-identified."""


class Identities:
    """Of every study that was read since the server was started."""

    def __init__(self) -> None:
        self._known: dict[str, Identity] = {}
        self._headers: dict[str, SourceHeader] = {}
        self._lock = threading.Lock()

    def note(self, study: str, header: SourceHeader | None) -> None:
        """Keep what the header of a study says."""
        said = {} if header is None else identity_of(header)
        told = {name: AS_READ.get(name, str)(value) for name, value in said.items()}
        with self._lock:
            self._known[study] = Identity(**told)
            self._headers.pop(study, None)
            if header is not None:
                self._headers[study] = _with_compared_alone(header)

    def earlier_of(self, study: str) -> dict[str, int]:
        """Studies of the same patient that were made on an earlier day, and how many days before.

        The same patient has the same Patient ID, and nothing else that both headers say differs:
        issuer of the ID, birth date, sex.
        """
        with self._lock:
            known, headers = dict(self._known), dict(self._headers)
        header = headers.get(study)
        patient_id = known[study].patient_id if header else ""
        if patient_id.casefold() in NOBODYS:
            return {}
        found = {}
        for other, their_header in headers.items():
            if known[other].patient_id != patient_id or differing_identity(header, their_header):
                continue
            days = days_before(their_header, header)
            if days is not None and days > 0:
                found[other] = days
        return found

    def to_record(self) -> dict[str, dict[str, str]]:
        """All of them by study, without those that say nothing."""
        with self._lock:
            known = {study: asdict(each) for study, each in self._known.items()}
        return {study: each for study, each in known.items() if any(each.values())}


def _with_compared_alone(header: SourceHeader) -> SourceHeader:
    """A header of a thousandth of the size: those of all studies are kept."""
    kept = SourceHeader()
    for keyword in COMPARED:
        if keyword in header.dataset:
            kept.dataset.add(header.dataset[keyword])
    return kept
