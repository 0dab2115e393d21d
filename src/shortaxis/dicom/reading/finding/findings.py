"""What a scan has seen so far: entries, single slices of stacks, and what it leaves out."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from shortaxis.dicom.elements.attributes import text_of
from shortaxis.dicom.elements.vocabulary import NM_STORAGE, PET_STORAGE
from shortaxis.dicom.reading.finding.entries import object_entries, stack_entries
from shortaxis.dicom.reading.finding.opening import opening_of
from shortaxis.dicom.reading.finding.seen_objects import OF_ONE_UID, SeenObjects
from shortaxis.dicom.reading.finding.series import SeriesEntry
from shortaxis.dicom.reading.finding.skipped import (
    SkippedItem,
    StackKey,
    is_one_slice,
    may_hold_an_exam,
)
from shortaxis.dicom.reading.headers.kinds import ObjectKind, classify_object, refusal_of_class
from shortaxis.dicom.reading.headers.read_headers import ReadHeader, read_header
from shortaxis.dicom.reading.headers.way_on import lead_on
from shortaxis.errors import ShortAxisError, UnsupportedObjectError
from shortaxis.spect.reading_options import ReadingOptions
from shortaxis.spect.study import Modality

__all__ = ["Findings"]


@dataclass
class Findings:
    """What a scan has seen so far; `skipped_series` are the UIDs of what was skipped.

    Of the errors the first is kept, and that of the series that is `wanted`: an error holds on to
    all that was in hand when it was raised, and a folder can have a hundred thousand.
    """

    options: ReadingOptions
    wanted: str | None = None
    entries: list[SeriesEntry] = field(default_factory=list)
    skipped: list[SkippedItem] = field(default_factory=list)
    skipped_series: set[str] = field(default_factory=set)
    summaries: set[str] = field(default_factory=set)
    first_error: ShortAxisError | None = None
    error_of_wanted: ShortAxisError | None = None
    slices: dict[str, list[ReadHeader]] = field(default_factory=dict)
    seen: SeenObjects = field(default_factory=SeenObjects)

    def add_file(self, path: Path) -> None:
        """Read the header of a file: an entry, a slice, or something to be left out."""
        series_uid, is_slice = "", False
        try:
            opening = opening_of(path)
            if opening is not None and opening.sop_class not in (NM_STORAGE, PET_STORAGE):
                # As `is_one_slice` has it.
                series_uid, is_slice = opening.series_uid, opening.frames in ("", "1")
                raise refusal_of_class(opening.sop_class)
            header = read_header(path)
            series_uid = text_of(header.dataset, "SeriesInstanceUID")
            is_slice = is_one_slice(header.dataset)
            kind = classify_object(header.dataset, self.options)
            self._add_object(header, kind)
        except ShortAxisError as error:
            self.seen.forget(path)
            self._refuse([path], series_uid, error, are_slices=is_slice)

    def _add_object(self, header: ReadHeader, kind: ObjectKind) -> None:
        series_uid = text_of(header.dataset, "SeriesInstanceUID")
        why_doubled = self.seen.why_doubled(header.path, header.dataset)
        if why_doubled:
            key = (series_uid, why_doubled) if is_one_slice(header.dataset) else None
            self.skip(header.path, why_doubled, series_uid, stack_key=key)
        elif kind.modality is Modality.PET or (
            is_one_slice(header.dataset) and not kind.holds_projections
        ):
            self.slices.setdefault(series_uid, []).append(header)
        else:
            self.entries += object_entries(header, kind, self.options)

    def add_stacks(self) -> None:
        """Put single slices together, once all files were seen."""
        for series_uid, headers in self.slices.items():
            try:
                kind = classify_object(headers[0].dataset, self.options)
                self.entries += stack_entries(headers, kind, self.options)
            except ShortAxisError as error:
                self._explain_one_uid(series_uid, error)
                paths = [header.path for header in headers]
                self._refuse(paths, series_uid, error, are_slices=True)

    def _explain_one_uid(self, series_uid: str, error: ShortAxisError) -> None:
        """Say why slices are missing of a series whose files share UIDs: they were left out."""
        key = (series_uid, OF_ONE_UID)
        alike = sum(item.stack_key == key for item in self.skipped)
        if alike:
            error.cause = (
                f"{alike} more files of the series share a SOP Instance UID with another one, and "
                "were left out: de-identified so that all got one UID"
            )
            error.way_on = "de-identify again, so that every file keeps a UID of its own"

    def raise_what_is_wrong_with_the_file(self) -> None:
        """Raise why the only file is no study, which a single slice is not either."""
        if self.first_error is not None:
            raise self.first_error
        for headers in self.slices.values():
            is_pet = text_of(headers[0].dataset, "Modality") == Modality.PET.value
            raise UnsupportedObjectError(
                "is one slice of a PET series" if is_pet else "is one slice of an NM series",
                path=headers[0].path,
                expected="the folder with all slices of the series",
                found="one file",
                way_on="give the folder that holds all files of the series",
            )

    def raise_what_is_wrong_with_the_only_series(self) -> None:
        """Raise its error, with cause and all, where nothing else is there."""
        is_one_series = len(self.skipped_series) == 1 and "" not in self.skipped_series
        if len(self.summaries) == 1 and is_one_series and self.first_error is not None:
            raise self.first_error

    def skip(
        self,
        path: Path,
        reason: str,
        series_uid: str = "",
        way_on: str = "",
        *,
        is_exam: bool = False,
        stack_key: StackKey | None = None,
    ) -> None:
        """Leave a file out."""
        # One text a kind of reason, however many files have it.
        words = sys.intern(reason), sys.intern(way_on)
        self.skipped.append(SkippedItem(path, *words, is_exam, stack_key=stack_key))
        self.skipped_series.add(series_uid)

    def _refuse(
        self, paths: Sequence[Path], series_uid: str, error: ShortAxisError, *, are_slices: bool
    ) -> None:
        """One error of one or many files; each of them is named."""
        lead_on(error.at_path(paths[0]))
        self.summaries.add(error.summary)
        self.first_error = self.first_error or error
        if series_uid == self.wanted:
            self.error_of_wanted = self.error_of_wanted or error
        series_uid = sys.intern(series_uid)
        detail = f" ({error.found})" if error.found else ""
        for path in paths:
            self.skip(
                path,
                f"{error.summary}{detail}",
                series_uid,
                error.way_on or "",
                is_exam=may_hold_an_exam(error),
                stack_key=(series_uid, error.summary) if are_slices and series_uid else None,
            )
