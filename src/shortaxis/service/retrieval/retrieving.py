"""What is missing here, retrieved: a backlog, the rest of a stress that came alone, prior exams.

The archive sends it to the node, so that it comes in by the one way in which an object is on disk
and noted before it is acknowledged. What the node has is not asked for again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from shortaxis.dicom.elements.uids import hashed_name
from shortaxis.dicom.received import queries
from shortaxis.dicom.received.queries import FoundSeries
from shortaxis.errors import ArchiveError
from shortaxis.service.bookkeeping.journal import Journal
from shortaxis.service.destinations import Destination
from shortaxis.service.retrieval.query_retrieve import Archive
from shortaxis.service.spool import Spool
from shortaxis.spect.study import StudyCondition

__all__ = ["Retrieval", "Retrieved"]

LOG = logging.getLogger("shortaxis.service")


@dataclass
class Retrieved:
    """How many series were found, are here already, were asked for, and failed, with reasons."""

    found: int = 0
    here: int = 0
    retrieved: int = 0
    reasons: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Retrieval:
    """An archive, and the node that shall have what is missing; `title` is that of the node.

    With `handed_to`, objects are fetched (C-GET) and stored there; else the archive sends them.
    """

    archive: Archive
    title: str
    spool: Spool
    journal: Journal
    handed_to: Destination | None = None

    def backlog(self, dates: str, modality: str = "NM") -> Iterator[FoundSeries]:
        """NM and PET series of all studies of some dates (PS3.4 C.2.2.2.5).

        Raises
        ------
        ArchiveError
            If the archive does not answer.
        """
        for study in self.archive.find(queries.study_query(dates, modality)):
            yield from self._series_of(study)

    def missing_rests(self, days: int) -> Iterator[FoundSeries]:
        """Series that may be the rest of a stress that is here alone, some days from it at most.

        Those that say they are a stress are left out.

        Raises
        ------
        ArchiveError
            If the archive does not answer.
        """
        for row in self.journal.studies():
            folder = self.spool.incoming / row.study
            patient = queries.patient_without_rest(sorted(folder.glob("*.dcm")))
            if patient is None:
                continue
            asked = queries.study_query(
                queries.around(patient.exam_on, days), patient_id=patient.patient_id
            )
            for study in queries.of_one_patient(self.archive.find(asked), patient):
                for series in self._series_of(study):
                    if series.condition is not StudyCondition.STRESS:
                        yield series

    def prior_exams(self, years: int) -> Iterator[FoundSeries]:
        """Series of earlier studies of each patient here, so many years back at most.

        Years count from the newest study of a patient that is here and did not come as a prior
        exam itself, so that what was retrieved is not gone back from.

        Raises
        ------
        ArchiveError
            If the archive does not answer.
        """
        for name, patient in self._newest_of_each():
            dates = queries.prior_dates(patient.exam_on, years)
            found = self.archive.find(queries.study_query(dates, patient_id=patient.patient_id))
            for study in queries.priors_among(found, patient, years):
                for series in self._series_of(study):
                    # Its objects may bear days of their own.
                    if hashed_name(series.study_uid) != name:
                        yield replace(series, is_prior=True)

    def _newest_of_each(self) -> list[tuple[str, queries.PatientSought]]:
        """Name and patient of the newest study of everybody, without those that came as priors."""
        newest: dict[tuple[str, ...], tuple[str, queries.PatientSought]] = {}
        for row in self.journal.studies():
            folder = self.spool.incoming / row.study
            patient = queries.patient_with_exam(sorted(folder.glob("*.dcm")))
            if patient is None or self.spool.came_as_prior(row.study):
                continue
            who = patient.patient_id, patient.issuer, patient.birth_date
            _, known = newest.setdefault(who, (row.study, patient))
            if patient.exam_on > known.exam_on:
                newest[who] = row.study, patient
        return list(newest.values())

    def retrieve(
        self,
        wanted: Iterator[FoundSeries],
        *,
        dry_run: bool = False,
        progress: Callable[[int], None] = lambda done: None,
    ) -> Retrieved:
        """Let the archive send what is not here; a series that fails does not stop the others."""
        outcome = Retrieved()
        seen: set[str] = set()
        for series in wanted:
            if series.series_uid in seen:
                continue
            seen.add(series.series_uid)
            outcome.found += 1
            try:
                self._retrieve_one(series, outcome, dry_run=dry_run)
            except ArchiveError as error:
                outcome.reasons.append(error.found or error.summary)
                LOG.warning("series %s: %s", hashed_name(series.series_uid), error.found)
            progress(outcome.found)
        return outcome

    def _retrieve_one(self, series: FoundSeries, outcome: Retrieved, *, dry_run: bool) -> None:
        if self._is_here(series):
            outcome.here += 1
            return
        if series.is_prior and not dry_run:
            self._note_prior(series)
        request = queries.move_request(series)
        if not dry_run and self.handed_to is not None:
            self.archive.get(request, self.handed_to)
        elif not dry_run:
            self.archive.move(request, self.title)
        if not dry_run and not self._is_here(series):
            raise ArchiveError(
                "a series did not come whole",
                expected="every object that the archive lists",
                found="it says that it sent everything, and not every object is here",
                cause="an archive that lists what it does not keep, or sends it elsewhere",
                way_on="see what the archive tells of it, and run it again",
            )
        outcome.retrieved += 1

    def _note_prior(self, series: FoundSeries) -> None:
        """Before it comes, so that it stays known however this run ends."""
        study = hashed_name(series.study_uid)
        if study not in {row.study for row in self.journal.studies()}:
            self.spool.note_prior(study)

    def _is_here(self, series: FoundSeries) -> bool:
        """Whether the node knows every object that the archive lists."""
        asked = queries.object_query(series.study_uid, series.series_uid)
        uids = [str(each.get("SOPInstanceUID", "")) for each in self.archive.find(asked)]
        names = [hashed_name(uid) for uid in uids if uid]
        return bool(names) and all(self.journal.object_path(each) is not None for each in names)

    def _series_of(self, study: object) -> list[FoundSeries]:
        if not queries.has_images(study):  # type: ignore[arg-type] # a data set
            return []
        uid = str(study.get("StudyInstanceUID", ""))  # type: ignore[attr-defined]
        results = self.archive.find(queries.series_query(uid))
        return queries.series_found(study, results)  # type: ignore[arg-type]
