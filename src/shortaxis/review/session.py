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
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from shortaxis.errors import (
    HeartNotFoundError,
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
from shortaxis.reorientation.estimate import LeftVentricleExtent, PoseEstimate, Quality
from shortaxis.reorientation.methods import estimate_pose
from shortaxis.reorientation.pose_record import estimate_from_record, record_from_estimate
from shortaxis.review.decisions import SIGNED_OFF, STATE_AFTER, Decision, ReviewAction
from shortaxis.review.store import Change, ReviewConflictError, ReviewStore, StoredReview
from shortaxis.review.worklist import Entry, worklist
from shortaxis.workflow.drawing.display_scale import TYPICAL_EXTENT, myocardial_level
from shortaxis.workflow.reorient.given_poses import estimate_from_pose
from shortaxis.workflow.reorient.options import ReorientOptions
from shortaxis.workflow.reorient.outputs import ALL_OUTPUT_NAMES, OutputOptions, write_reorientation
from shortaxis.workflow.reorient.reorienting import reasons_of_the_source, reorient_study
from shortaxis.workflow.studies.finding import LoadedStudy

__all__ = ["ReviewSession", "utc_now"]

REVIEW_FILE = "review.json"

KEPT_STUDIES = 4
"""In memory: the one that is seen, its partner, and the two that were seen before."""

NOT_FOUND = "no left ventricle was found"


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
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        store: ReviewStore,
        out: Path,
        options: ReorientOptions | None = None,
        *,
        force: bool = False,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.entries: dict[str, Entry] = {}
        self.store = store
        self.out = out
        self.options = options or ReorientOptions()
        self.force = force
        self.clock = clock
        self._locks: dict[str, threading.Lock] = {}
        self._estimating: dict[str, threading.Lock] = {}
        self._load = lru_cache(maxsize=KEPT_STUDIES)(self._loaded)
        self.take_entries(entries)

    def take_entries(self, entries: Sequence[Entry]) -> None:
        """Take these studies as the worklist; each keeps the folder that it was given once."""
        folders = self.store.folders({each.study: each.folder for each in entries})
        for each in entries:
            self._locks.setdefault(each.study, threading.Lock())
            self._estimating.setdefault(each.study, threading.Lock())
        self.entries = {each.study: replace(each, folder=folders[each.study]) for each in entries}

    def entry(self, study: str) -> Entry:
        """A study by its identifier.

        Raises
        ------
        InputNotFoundError
            If it is not on the worklist.
        """
        if study not in self.entries:
            raise InputNotFoundError(
                "is not on the worklist", expected="a study of the worklist", found="another name"
            )
        return self.entries[study]

    def load(self, study: str) -> LoadedStudy:
        """Counts and header of a study; kept for the next calls."""
        return self._load(self.entry(study).study)

    def _loaded(self, study: str) -> LoadedStudy:
        return self.entry(study).found.load()

    def automatic(self, study: str) -> dict[str, Any]:
        """``pose.json`` of the automatic pose with `extent`, estimated once and kept.

        Where no heart was found there is no ``center_mm``, and the reasons say so.
        """
        return self._estimated_once(self.entry(study), lambda: self.load(study))

    def estimate_all(self, ended: threading.Event) -> None:
        """Estimate what has no automatic pose yet, in the order of the worklist, until `ended`.

        What cannot be read is an error when it is opened.
        """
        rows = worklist(list(self.entries.values()), self.store.reviews(), self.out)
        for number, row in enumerate(rows):
            if ended.is_set():
                return
            entry = self.entries.get(row["study"])
            if entry is None:
                continue
            # The first one is what the page asks for; the others would push it out of memory.
            load = self.load if number == 0 else self._loaded
            with suppress(ShortAxisError):
                self._estimated_once(entry, partial(load, entry.study))

    def _estimated_once(self, entry: Entry, load: Callable[[], LoadedStudy]) -> dict[str, Any]:
        """The automatic pose; who asks while it is being estimated waits for it."""
        with self._estimating[entry.study]:
            kept = self.store.review(entry.study).automatic
            if kept is None:
                kept = self._estimated(load())
                self.store.keep_automatic(entry.study, kept)
            return kept

    def _estimated(self, loaded: LoadedStudy) -> dict[str, Any]:
        study = loaded.study
        reasons = reasons_of_the_source(study)
        try:
            found = estimate_pose(study.volume, self.options.method, self.options.weights)
        except HeartNotFoundError:
            quality = Quality((NOT_FOUND, *reasons))
            return {
                "method": self.options.method,
                "quality": {"flag": quality.flag.value, "reasons": list(quality.reasons)},
                "extent": _extent_record(None),
            }
        flagged = replace(found, quality=found.quality.with_reasons(*reasons))
        record = record_from_estimate(flagged, study.volume.center_mm, _source_uid(loaded))
        return {**record, "extent": _extent_record(found.extent)}

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
        entry = self.entry(study)
        with self._locks[study]:
            self._finish(entry)
            review = self.store.review(study)
            if review.version != decision.version:
                raise ReviewConflictError(
                    "was changed meanwhile",
                    expected=f"version {review.version}, the present one",
                    found=f"a decision on version {decision.version}",
                    cause="another window, or another reviewer; open the study again, then decide",
                )
            change = self._change(study, decision, review)
            if decision.action is not ReviewAction.COMMENT:
                self._settle_announced(entry, review, change)
            return self.store.change(study, decision.version, change)

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

    def _signed_pose(self, study: str, decision: Decision) -> dict[str, Any] | None:
        """``pose.json`` of what is signed off; None where nothing is."""
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
        if decision.action is ReviewAction.CORRECT:
            volume, uid = loaded.study.volume, _source_uid(loaded)
            given = estimate_from_record(decision.pose or {}, volume.center_mm, uid)
            made = estimate_from_pose(given.pose, volume)
            return record_from_estimate(made, volume.center_mm, uid)
        return None

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
        output = OutputOptions(
            formats=(entry.found.native_format,),
            force=True,
            companions={REVIEW_FILE: to_json_text(record).encode()},
        )
        write_reorientation(reorientation, self.out / entry.folder, output)

    @staticmethod
    def _estimate_of(loaded: LoadedStudy, pose: Mapping[str, Any]) -> PoseEstimate:
        return estimate_from_record(pose, loaded.study.volume.center_mm, _source_uid(loaded))


def _source_uid(loaded: LoadedStudy) -> str:
    return next(iter(loaded.study.facts.sop_instance_uids), "")


def _extent_record(extent: LeftVentricleExtent | None) -> dict[str, float]:
    shown = extent or TYPICAL_EXTENT
    return {"length_mm": shown.length_mm, "radius_mm": shown.radius_mm}
