"""The studies of the worklist as they are now: read, with the review of what was read."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from shortaxis.errors import InputNotFoundError, ShortAxisError
from shortaxis.review.choices import GeometryChoices, TypedSizes, choices_of
from shortaxis.review.identities import Identities
from shortaxis.review.opened import KeptStudies, OpenedStudy, Stamp, as_read, read_entry, stamp_of
from shortaxis.review.stating import RefusedFile, as_stated, with_statements
from shortaxis.review.store import ReviewStore
from shortaxis.review.worklist import Entry
from shortaxis.spect.stated_geometry import StatedGeometry
from shortaxis.spect.study import PerfusionStudy
from shortaxis.workflow.studies.finding import FoundStudy, LoadedStudy

__all__ = ["PresentStudies"]

KEPT_STUDIES = 4
"""In memory: the one that is seen, its partner, and the two that were seen before."""

KEPT_CHOICES = 2
"""Studies in memory whose geometry is being stated, each with the sizes that were typed."""


class PresentStudies:
    """Studies that are opened one at a time.

    Parameters
    ----------
    entries : sequence of Entry
        The studies.
    refused : sequence of RefusedFile
        What cannot be read as it is; it may be once its geometry is stated.
    store : ReviewStore
        What has been decided and stated.
    clock : callable
        Gives the time at which other counts are found under a name.
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        refused: Sequence[RefusedFile],
        store: ReviewStore,
        clock: Callable[[], datetime],
    ) -> None:
        self.entries: dict[str, Entry] = {}
        self.refused: dict[str, RefusedFile] = {}
        self.unreadable: dict[str, ShortAxisError] = {}
        self.store = store
        self.clock = clock
        self.identities = Identities()
        self._stored: dict[str, Entry | RefusedFile] = {}
        self._locks: dict[str, threading.RLock] = {}
        self._kept = KeptStudies(KEPT_STUDIES)
        self._seen: dict[str, Stamp] = {}
        self._choices = lru_cache(maxsize=KEPT_CHOICES)(self._read_choices)
        self.take_entries(entries, refused)

    def take_entries(self, entries: Sequence[Entry], refused: Sequence[RefusedFile] = ()) -> None:
        """Take these studies as the worklist; each keeps the folder that it was given once.

        Those whose geometry a reviewer stated are read with it.
        """
        self._stored = {each.study: each for each in entries}
        self._stored |= {each.study: each for each in refused}
        for study in self._stored:
            self._locks.setdefault(study, threading.RLock())
        read, left = with_statements(entries, refused, self.store.stated())
        folders = self.store.folders({each.study: each.folder for each in read})
        self.entries = {each.study: replace(each, folder=folders[each.study]) for each in read}
        self.refused = {each.study: each for each in left}

    def entry(self, study: str) -> Entry:
        """A study by its identifier.

        Raises
        ------
        InputNotFoundError
            If it is not on the worklist.
        ShortAxisError
            Why it cannot be read, if it cannot.
        """
        if study in self.refused:
            file = self.refused[study]
            file.found(file.reading.stated)
        if study not in self.entries:
            raise InputNotFoundError(
                "is not on the worklist", expected="a study of the worklist", found="another name"
            )
        return self.entries[study]

    def load(self, study: str) -> LoadedStudy:
        """Counts and header of a study; kept for the next calls."""
        return self.opened(study).loaded

    def opened(self, study: str, *, again: bool = False, keep: bool = True) -> OpenedStudy:
        """A study as it is read now; its review is that of what was read.

        Parameters
        ----------
        study : str
            Its identifier.
        again : bool
            Read it even if its files seem untouched.
        keep : bool
            Keep it in memory for the next calls.

        Raises
        ------
        ShortAxisError
            Why it cannot be read; its review stays as it is.
        """
        with self.lock_of(study):
            entry = self.entry(study)
            kept = None if again else self._kept.get(entry)
            if kept is not None:
                return kept
            opened = self._taken(entry, read_entry(entry))
            self._seen[study] = opened.stamp
            self.identities.note(study, opened.loaded.header)
            if keep or again:
                self._kept.keep(study, opened)
            return opened

    def lock_of(self, study: str) -> threading.RLock:
        """The lock of a study: what is read and what is decided under it belong together."""
        if study not in self._locks:
            self.entry(study)
        return self._locks[study]

    def _taken(self, entry: Entry, opened: OpenedStudy) -> OpenedStudy:
        """Make the review of what was read the present one."""
        study, at = entry.study, self.now()
        known = self.store.review(study).content
        if known == opened.content:
            return opened
        if known and self.store.stated().get(study):
            return self._taken_as_stored(study, at)
        self.store.take_content(study, opened.content, at)
        if known:
            entry = as_read(entry, opened)
        folder = self.store.folders({study: entry.folder})[study]
        self.entries[study] = replace(entry, folder=folder)
        return replace(opened, found=self.entries[study].found)

    def _taken_as_stored(self, study: str, at: str) -> OpenedStudy:
        """Read other counts without what was stated of those before."""
        self.store.take_content(study, "", at, without_statement=True)
        stored = self._stored[study]
        if isinstance(stored, RefusedFile):
            del self.entries[study]
            self.refused[study] = stored
        else:
            self.entries[study] = stored
        entry = self.entry(study)
        return self._taken(entry, read_entry(entry))

    def now(self) -> str:
        """The time, for the trail."""
        return self.clock().isoformat(timespec="seconds")

    def choices(self, study: str, typed: TypedSizes) -> GeometryChoices:
        """Ways round of a study, read or not, kept for the next call.

        Raises
        ------
        ShortAxisError
            What is wrong with the file, if no statement lets it be read.
        """
        self.lock_of(study)
        stored = self._stored[study]
        paths = (stored.path,) if isinstance(stored, RefusedFile) else stored.found.paths
        return self._choices(stored, typed, stamp_of(paths))

    @staticmethod
    def _read_choices(
        stored: Entry | RefusedFile, typed: TypedSizes, stamp: Stamp
    ) -> GeometryChoices:
        reading = stored.reading if isinstance(stored, RefusedFile) else stored.found.reading

        def read(stated: StatedGeometry) -> PerfusionStudy:
            return _found_as(stored, stated).load().study

        return choices_of(read, reading.stated, typed)

    def is_untouched(self, study: str) -> bool:
        """Whether its files seem to be as they were when it was read last."""
        return self._seen.get(study) == stamp_of(self.entry(study).found.paths)

    def read_as(self, study: str, stated: StatedGeometry) -> LoadedStudy:
        """A study with a statement of its geometry, which is not kept.

        Raises
        ------
        ShortAxisError
            Why it cannot be read with it.
        """
        self.lock_of(study)
        return _found_as(self._stored[study], stated).load()

    def take_statement(self, study: str) -> None:
        """Read a study from now on as the store says."""
        stored = self._stored[study]
        (entries, refused) = ([], [stored]) if isinstance(stored, RefusedFile) else ([stored], [])
        read, _ = with_statements(entries, refused, self.store.stated())
        for entry in read:
            folder = self.store.folders({study: entry.folder})[study]
            self.entries[study] = replace(entry, folder=folder)
            self.refused.pop(study, None)
        self.unreadable.pop(study, None)


def _found_as(stored: Entry | RefusedFile, stated: StatedGeometry) -> FoundStudy:
    """A study as it was found, read with a statement; an empty one leaves it as it was found."""
    if isinstance(stored, RefusedFile):
        return stored.found(stated)
    return stored.found if stated.is_empty else as_stated(stored, stated).found
