"""What a reviewer can do with a study: see it, and sign its pose off.

Accepting and correcting write what ``shortaxis reorient`` writes and ``review.json``, all files or
none: who decided what when, and the automatic pose. One lock a study keeps the decisions of two
windows apart; the second one gets a conflict. A decision is announced before its files are written,
so that a server that was killed in between can do it again at the next start.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from shortaxis.errors import (
    InputNotFoundError,
    OptionError,
    ShortAxisError,
)
from shortaxis.files.plain_json import to_json_text
from shortaxis.files.staged_folder import (
    refuse_existing,
    remove_results,
    remove_unfinished,
)
from shortaxis.geometry.pose import RigidPose
from shortaxis.reorientation.estimate import PoseEstimate
from shortaxis.reorientation.pose_record import estimate_from_record, record_from_estimate
from shortaxis.review.automatic import NOT_FOUND, automatic_record, source_uid
from shortaxis.review.choices import GeometryChoices, TypedSizes, choices_of
from shortaxis.review.decisions import SIGNED_OFF, STATE_AFTER, Decision, ReviewAction
from shortaxis.review.stating import RefusedFile, as_stated, with_statements
from shortaxis.review.store import Change, ReviewConflictError, ReviewStore, StoredReview
from shortaxis.review.worklist import Entry, worklist
from shortaxis.spect.reading_notes import doubts
from shortaxis.spect.stated_geometry import StatedGeometry
from shortaxis.spect.study import PerfusionStudy
from shortaxis.workflow.drawing.display_scale import myocardial_level
from shortaxis.workflow.reorient.given_poses import estimate_from_pose
from shortaxis.workflow.reorient.options import ReorientOptions
from shortaxis.workflow.reorient.outputs import ALL_OUTPUT_NAMES, OutputOptions, write_reorientation
from shortaxis.workflow.reorient.reorienting import reorient_study
from shortaxis.workflow.studies.finding import FoundStudy, LoadedStudy

__all__ = ["ReviewSession", "utc_now"]

REVIEW_FILE = "review.json"

KEPT_STUDIES = 4
"""In memory: the one that is seen, its partner, and the two that were seen before."""

KEPT_CHOICES = 2
"""Studies in memory whose geometry is being stated, each with the sizes that were typed."""


def utc_now() -> datetime:
    """The clock of the audit trail."""
    return datetime.now(UTC)


class ReviewSession:
    """A review of the studies of a worklist: they are opened one at a time, and decided about.

    Parameters
    ----------
    entries : sequence of Entry
        The studies.
    store : ReviewStore
        What has been decided.
    out : Path
        Gets a folder of results for each study.
    options : ReorientOptions
        Of the automatic pose and the slices.
    force : bool
        Whether results that are no earlier review's may be overwritten.
    clock : callable
        Gives the time of a decision.
    refused : sequence of RefusedFile
        What cannot be read as it is; it may be once its geometry is stated.
    """

    def __init__(  # noqa: PLR0913 - what is reviewed, and how it is kept
        self,
        entries: Sequence[Entry],
        store: ReviewStore,
        out: Path,
        options: ReorientOptions | None = None,
        *,
        force: bool = False,
        clock: Callable[[], datetime] = utc_now,
        refused: Sequence[RefusedFile] = (),
    ) -> None:
        self.entries: dict[str, Entry] = {}
        self.refused: dict[str, RefusedFile] = {}
        self.unreadable: dict[str, ShortAxisError] = {}
        self._stored: dict[str, Entry | RefusedFile] = {}
        self.store = store
        self.out = out
        self.options = options or ReorientOptions()
        self.force = force
        self.clock = clock
        self._locks: dict[str, threading.Lock] = {}
        self._estimating: dict[str, threading.Lock] = {}
        # By the entry itself: what was read under another geometry is another one.
        self._load = lru_cache(maxsize=KEPT_STUDIES)(_loaded)
        self._choices = lru_cache(maxsize=KEPT_CHOICES)(self._read_choices)
        self.take_entries(entries, refused)

    def take_entries(self, entries: Sequence[Entry], refused: Sequence[RefusedFile] = ()) -> None:
        """Take these studies as the worklist; each keeps the folder that it was given once.

        Those whose geometry a reviewer stated are read with it.
        """
        self._stored = {each.study: each for each in entries}
        self._stored |= {each.study: each for each in refused}
        for study in self._stored:
            self._locks.setdefault(study, threading.Lock())
            self._estimating.setdefault(study, threading.Lock())
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
        return self._load(self.entry(study))

    def choices(self, study: str, typed: TypedSizes) -> GeometryChoices:
        """Ways round of a study, read or not, kept for the next call.

        Raises
        ------
        ShortAxisError
            What is wrong with the file, if no statement lets it be read.
        """
        if study not in self._stored:
            self.entry(study)
        return self._choices(self._stored[study], typed)

    @staticmethod
    def _read_choices(stored: Entry | RefusedFile, typed: TypedSizes) -> GeometryChoices:
        reading = stored.reading if isinstance(stored, RefusedFile) else stored.found.reading

        def read(stated: StatedGeometry) -> PerfusionStudy:
            return _found_as(stored, stated).load().study

        return choices_of(read, reading.stated, typed)

    def automatic(self, study: str) -> dict[str, Any]:
        """``pose.json`` of the automatic pose with `extent`, estimated once and kept.

        Where no heart was found there is no ``center_mm``, and the reasons say so.
        """
        return self._estimated_once(self.entry(study).study, self._load)

    def estimate_all(self, ended: threading.Event) -> None:
        """Estimate what has no automatic pose yet, in the order of the worklist, until `ended`.

        What cannot be read is named on the worklist, and an error when it is opened.
        """
        rows = worklist(list(self.entries.values()), self.store.reviews(), self.out)
        for number, row in enumerate(rows):
            if ended.is_set():
                return
            entry = self.entries.get(row["study"])
            if entry is None:
                continue
            # The first one is what the page asks for; the others would push it out of memory.
            load = self._load if number == 0 else _loaded
            try:
                self._estimated_once(entry.study, load)
                self.unreadable.pop(entry.study, None)
            except ShortAxisError as error:
                self.unreadable[entry.study] = error

    def _estimated_once(self, study: str, load: Callable[[Entry], LoadedStudy]) -> dict[str, Any]:
        """The automatic pose; who asks while it is being estimated waits for it."""
        with self._estimating[study]:
            kept = self.store.review(study).automatic
            if kept is None:
                kept = automatic_record(load(self.entry(study)), self.options)
                self.store.keep_automatic(study, kept)
            return kept

    def level(self, study: str) -> float:
        """Counts that are shown as 100 %: those of the myocardium."""
        record, volume = self.automatic(study), self.load(study).study.volume
        if "center_mm" not in record:
            return float(max(volume.counts.max(), 1e-6))
        pose = RigidPose(record["patient_from_cardiac"], record["center_mm"])
        return myocardial_level(volume, pose, None)

    def decide(self, study: str, decision: Decision) -> StoredReview:
        """Write what was decided: results and decision, or neither.

        What was announced of the study before, and never made, comes first: the version counts it.

        Raises
        ------
        ReviewConflictError
            If the review was changed since the version that was decided on.
        PoseFileError
            If the pose of a correction is none, or lies outside the volume.
        ExistingOutputError
            If there are results in the study's folder that no review wrote.
        """
        if decision.stated is not None:
            return self._state_geometry(study, decision, decision.stated)
        entry = self.entry(study)
        with self._locks[study]:
            self._finish(entry)
            review = self._present(study, decision)
            change = self._change(study, decision, review)
            if decision.action is not ReviewAction.COMMENT:
                self._settle_announced(entry, review, change)
            return self.store.change(study, decision.version, change)

    def _present(self, study: str, decision: Decision) -> StoredReview:
        """The present state of a review, if it is the one that was decided on."""
        review = self.store.review(study)
        if review.version != decision.version:
            raise ReviewConflictError(
                "was changed meanwhile",
                expected=f"version {review.version}, the present one",
                found=f"a decision on version {decision.version}",
                cause="another window, or another reviewer; open the study again, then decide",
            )
        return review

    def _state_geometry(
        self, study: str, decision: Decision, stated: StatedGeometry
    ) -> StoredReview:
        """Read a study with what a reviewer states, and forget its automatic pose.

        Nothing is changed unless it can be read with it. Results of the geometry before go.
        """
        if study not in self._stored:
            self.entry(study)
        with self._locks[study]:
            if study in self.entries:
                self._finish(self.entries[study])
            review = self._present(study, decision)
            _found_as(self._stored[study], stated).load()
            change = replace(self._change(study, decision, review), stated=stated.to_dict())
            with self._estimating[study]:
                if study in self.entries:
                    self._settle_announced(self.entries[study], review, change)
                self.store.change(study, decision.version, change)
                self._take_statement(study)
        return self.store.review(study)

    def _take_statement(self, study: str) -> None:
        """Read a study from now on as the store says."""
        stored = self._stored[study]
        (entries, refused) = ([], [stored]) if isinstance(stored, RefusedFile) else ([stored], [])
        read, _ = with_statements(entries, refused, self.store.stated())
        for entry in read:
            folder = self.store.folders({study: entry.folder})[study]
            self.entries[study] = replace(entry, folder=folder)
            self.refused.pop(study, None)
        self.unreadable.pop(study, None)

    def _change(self, study: str, decision: Decision, review: StoredReview) -> Change:
        state = STATE_AFTER[decision.action] or review.state
        is_comment = decision.action is ReviewAction.COMMENT
        pose = review.pose if is_comment else self._signed_pose(study, decision)
        at = self.clock().isoformat(timespec="seconds")
        name = decision.reviewer.strip()
        return Change(decision.action, state, name, at, decision.comment, pose)

    def _settle_announced(self, entry: Entry, review: StoredReview, change: Change) -> None:
        """Write or remove results so that a server that is killed meanwhile can do it again."""
        folder = self.out / entry.folder
        is_ours = review.version > 0 and (folder / REVIEW_FILE).exists()
        if change.state not in SIGNED_OFF and not is_ours:
            return
        if not (is_ours or self.force):
            refuse_existing(folder, {*ALL_OUTPUT_NAMES, REVIEW_FILE})
        self.store.announce(entry.study, change)
        try:
            self._settle(entry, change)
        except BaseException:
            self.store.withdraw(entry.study)
            raise

    def _settle(self, entry: Entry, change: Change) -> None:
        """Results are there of what is signed off, and of nothing else."""
        if change.state in SIGNED_OFF:
            self._write(entry, change)
        else:
            remove_results(self.out / entry.folder, "report.json", ALL_OUTPUT_NAMES, REVIEW_FILE)

    def finish_interrupted(self) -> None:
        """Do again what a server was killed at: write results and decision of what was announced.

        To be called before anything is decided. What cannot be read now stays announced, until
        it is decided on or for a later start.
        """
        announced = self.store.announced()
        if announced:
            remove_unfinished(self.out)
        for study in announced.keys() & self.entries.keys():
            with suppress(ShortAxisError), self._locks[study]:
                self._finish(self.entries[study])

    def _finish(self, entry: Entry) -> None:
        """Write results and decision of what was announced of a study, if anything was."""
        change = self.store.announced().get(entry.study)
        if change is not None:
            remove_unfinished(self.out / entry.folder)
            self._settle(entry, change)
            self.store.change(entry.study, self.store.review(entry.study).version, change)
            if change.stated is not None:
                self._take_statement(entry.study)

    def _signed_pose(self, study: str, decision: Decision) -> dict[str, Any] | None:
        """``pose.json`` of what is signed off; None where nothing is."""
        if decision.action not in (ReviewAction.ACCEPT, ReviewAction.CORRECT):
            return None
        loaded = self.load(study)
        if decision.action is ReviewAction.ACCEPT:
            record = self.automatic(study)
            if "center_mm" not in record:
                raise OptionError(
                    "there is no automatic pose to accept",
                    expected="a pose made by hand",
                    found=NOT_FOUND,
                )
            return {name: value for name, value in record.items() if name != "extent"}
        volume, uid = loaded.study.volume, source_uid(loaded)
        given = estimate_from_record(decision.pose or {}, volume.center_mm, uid)
        made = estimate_from_pose(given.pose, volume)
        # Whoever puts the pose right has not proven the geometry that somebody stated.
        said = doubts(self.entry(study).found.reading.stated.notes)
        flagged = replace(made, quality=made.quality.with_reasons(*said))
        return record_from_estimate(flagged, volume.center_mm, uid)

    def _write(self, entry: Entry, change: Change) -> None:
        loaded = self.load(entry.study)
        estimate = self._estimate_of(loaded, change.pose or {})
        reorientation = reorient_study(loaded.study, self.options, estimate, loaded.header)
        record = {
            "action": change.action,
            "reviewer": change.reviewer,
            "at": change.at,
            "comment": change.comment,
            "automatic_pose": self.automatic(entry.study),
        }
        stated = entry.found.reading.stated
        if not stated.is_empty:
            record["stated_geometry"] = stated.to_dict()
        output = OutputOptions(
            formats=(entry.found.native_format,),
            force=True,
            companions={REVIEW_FILE: to_json_text(record).encode()},
        )
        write_reorientation(reorientation, self.out / entry.folder, output)

    @staticmethod
    def _estimate_of(loaded: LoadedStudy, pose: Mapping[str, Any]) -> PoseEstimate:
        return estimate_from_record(pose, loaded.study.volume.center_mm, source_uid(loaded))


def _loaded(entry: Entry) -> LoadedStudy:
    return entry.found.load()


def _found_as(stored: Entry | RefusedFile, stated: StatedGeometry) -> FoundStudy:
    """A study as it was found, read with a statement; an empty one leaves it as it was found."""
    if isinstance(stored, RefusedFile):
        return stored.found(stated)
    return stored.found if stated.is_empty else as_stated(stored, stated).found
