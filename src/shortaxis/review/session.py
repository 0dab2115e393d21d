"""What a reviewer can do with a study: see it, and sign its pose off.

Accepting and correcting write what ``shortaxis reorient`` writes and ``review.json``, all files or
none: who decided what when, and the automatic pose. One lock a study keeps the decisions of two
windows apart; the second one gets a conflict. A decision is announced before its files are written,
so that a server that was killed in between can do it again at the next start.

Files are read again before anything is decided, and what was read then is what is checked and
written: a decision is made on the counts that the reviewer saw, or refused.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shortaxis.errors import ShortAxisError
from shortaxis.files.plain_json import to_json_line
from shortaxis.files.staged_folder import refuse_existing, remove_unfinished
from shortaxis.geometry.pose import RigidPose
from shortaxis.review.automatic import automatic_record
from shortaxis.review.decisions import SIGNED_OFF, STATE_AFTER, Decision, ReviewAction, ReviewState
from shortaxis.review.opened import OpenedStudy
from shortaxis.review.present_studies import PresentStudies
from shortaxis.review.review_rows import Change, StoredReview
from shortaxis.review.signing import (
    REPORT_SUFFIX,
    RESULT_NAMES,
    REVIEW_FILE,
    remove_report,
    remove_signed,
    signed_pose,
    write_signed,
)
from shortaxis.review.stating import RefusedFile
from shortaxis.review.store import ReviewConflictError, ReviewStore, require_same_content
from shortaxis.review.worklist import Entry, worklist
from shortaxis.spect.content import content_sha256
from shortaxis.spect.stated_geometry import StatedGeometry
from shortaxis.workflow.drawing.display_scale import myocardial_level
from shortaxis.workflow.reorient.made_with import made_with
from shortaxis.workflow.reorient.options import ReorientOptions

__all__ = ["ReviewSession", "utc_now"]


def utc_now() -> datetime:
    """The clock of the audit trail."""
    return datetime.now(UTC)


class ReviewSession(PresentStudies):
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
        self.out = out
        self.options = options or ReorientOptions()
        self.force = force
        self.is_estimating = False
        self._made_with = to_json_line(made_with(self.options), sorted_keys=True)
        # Taken after that of a study, never before.
        self._estimating: dict[str, threading.Lock] = {}
        super().__init__(entries, refused, store, clock)

    def automatic(self, study: str) -> dict[str, Any]:
        """``pose.json`` of the automatic pose with `extent`, estimated once and kept.

        Where no heart was found there is no ``center_mm``, and the reasons say so.
        """
        return self.automatic_of(study, self.opened(study))

    def estimate_all(self, ended: threading.Event) -> None:
        """Estimate what has no automatic pose yet, in the order of the worklist, until `ended`.

        Files that were touched since they were read are read again: a review of other counts is
        not shown on. What cannot be read is named on the worklist, and an error when it is opened.
        """
        try:
            self._estimate_all(ended)
        finally:
            self.is_estimating = False

    def _estimate_all(self, ended: threading.Event) -> None:
        rows = worklist(list(self.entries.values()), self.store.reviews(), self.out)
        for number, row in enumerate(rows):
            if ended.is_set():
                return
            entry = self.entries.get(row["study"])
            if entry is None or self._is_up_to_date(entry):
                continue
            try:
                # The first one is what the page asks for; the others would push it out of memory.
                opened = self.opened(entry.study, keep=number == 0)
                self.automatic_of(entry.study, opened)
                self.unreadable.pop(entry.study, None)
            except ShortAxisError as error:
                self.unreadable[entry.study] = error

    def _is_up_to_date(self, entry: Entry) -> bool:
        return self.is_untouched(entry.study) and self._is_kept(self.store.review(entry.study))

    def _is_kept(self, review: StoredReview) -> bool:
        """Whether the automatic pose is there; of what was decided on, it is the one then seen."""
        is_open = review.state is ReviewState.OPEN
        made_otherwise = is_open and review.made_with != self._made_with
        return review.automatic is not None and not made_otherwise

    def automatic_of(self, study: str, opened: OpenedStudy) -> dict[str, Any]:
        """The automatic pose of what was read; who asks while it is estimated waits for it.

        Raises
        ------
        ReviewConflictError
            If the file holds other counts by now, and they have been read.
        """
        with self._estimating_of(study):
            review = self.store.review(study)
            require_same_content(review, opened.content)
            if self._is_kept(review) and review.automatic is not None:
                return review.automatic
            made = automatic_record(opened.loaded, self.options)
            self.store.keep_automatic(study, made, opened.content, self._made_with)
            return made

    def _estimating_of(self, study: str) -> threading.Lock:
        return self._estimating.setdefault(study, threading.Lock())

    def level(self, study: str, opened: OpenedStudy) -> float:
        """Counts that are shown as 100 %: those of the myocardium."""
        record, volume = self.automatic_of(study, opened), opened.loaded.study.volume
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
        with self.lock_of(study):
            opened = self.opened(study, again=True)
            self._finish(study, opened)
            review = self._present(study, decision)
            change = self._change(study, decision, review, opened)
            if decision.action is not ReviewAction.COMMENT:
                self._settle_announced(study, opened, review, change)
            return self.store.change(study, decision.version, change)

    def _present(self, study: str, decision: Decision) -> StoredReview:
        """The present state of a review, if it is the one that was decided on."""
        review = self.store.review(study)
        if review.version != decision.version:
            raise ReviewConflictError(
                "was changed meanwhile",
                expected=f"version {review.version}, the present one",
                found=f"a decision on version {decision.version}",
                cause="another window or reviewer, or a file that was replaced; "
                "open the study again, then decide",
            )
        return review

    def _state_geometry(
        self, study: str, decision: Decision, stated: StatedGeometry
    ) -> StoredReview:
        """Read a study with what a reviewer states, and forget its automatic pose.

        Nothing is changed unless it can be read with it. Results of the geometry before go.
        """
        with self.lock_of(study):
            opened = self.opened(study, again=True) if self._can_be_read(study) else None
            if opened is not None:
                self._finish(study, opened)
            review = self._present(study, decision)
            if opened is None and review.state is not ReviewState.OPEN:
                # Other counts than those it was decided on, since those could be read.
                self.store.take_content(study, "", self.now())
                review = self._present(study, decision)
            loaded = self.read_as(study, stated)
            change = replace(
                self._change(study, decision, review, opened),
                stated=stated.to_dict(),
                content=content_sha256(loaded.study),
            )
            with self._estimating_of(study):
                if opened is not None:
                    self._settle_announced(study, opened, review, change)
                self.store.change(study, decision.version, change)
                self.take_statement(study)
        return self.store.review(study)

    def _can_be_read(self, study: str) -> bool:
        """Whether it can be read as it is; what cannot may be once its geometry is stated."""
        try:
            self.opened(study)
        except ShortAxisError:
            return False
        return True

    def _change(
        self, study: str, decision: Decision, review: StoredReview, opened: OpenedStudy | None
    ) -> Change:
        state = STATE_AFTER[decision.action] or review.state
        pose = review.pose if decision.action is ReviewAction.COMMENT else None
        if state in SIGNED_OFF and decision.action is not ReviewAction.COMMENT:
            opened = opened or self.opened(study)
            pose = signed_pose(opened, decision, self.automatic_of(study, opened))
        name, content = decision.reviewer.strip(), "" if opened is None else opened.content
        return Change(
            decision.action, state, name, self.now(), decision.comment, pose, content=content
        )

    def _settle_announced(
        self, study: str, opened: OpenedStudy, review: StoredReview, change: Change
    ) -> None:
        """Write or remove results so that a server that is killed meanwhile can do it again."""
        folder = self.out / self.entries[study].folder
        is_ours = review.version > 0 and (folder / REVIEW_FILE).exists()
        if change.state not in SIGNED_OFF and not is_ours:
            return
        if not (is_ours or self.force):
            refuse_existing(folder, RESULT_NAMES)
        self.store.announce(study, change)
        try:
            self._settle(study, opened, change)
        except BaseException:
            self.store.withdraw(study)
            raise

    def _settle(self, study: str, opened: OpenedStudy, change: Change) -> None:
        """Results are there of what is signed off, and of nothing else."""
        folder = self.out / self.entries[study].folder
        # A report of an earlier signature says what is true no more, of this exam or of its pair.
        for each in filter(self.entries.get, (study, self.entries[study].partner)):
            remove_report(self.report_folder(each))
        if change.state in SIGNED_OFF:
            automatic = self.automatic_of(study, opened)
            write_signed(opened, change, automatic, self.options, folder)
        else:
            remove_signed(folder)

    def report_folder(self, study: str) -> Path:
        """Where the report of a study lies, beside its results."""
        return self.out / f"{self.entries[study].folder}{REPORT_SUFFIX}"

    def finish_interrupted(self) -> None:
        """Do again what a server was killed at: write results and decision of what was announced.

        To be called before anything is decided. What cannot be read now stays announced, and so
        does what was decided on other counts, until they are back.
        """
        begun = self.store.begun()
        if begun:
            remove_unfinished(self.out)
        for study in begun & self.entries.keys():
            with suppress(ShortAxisError), self.lock_of(study):
                self._finish(study, self.opened(study))

    def _finish(self, study: str, opened: OpenedStudy) -> None:
        """Write results and decision of what was announced of a study, if anything was."""
        change = self.store.announced().get(study)
        if change is not None:
            remove_unfinished(self.out / self.entries[study].folder)
            self._settle(study, opened, change)
            self.store.change(study, self.store.review(study).version, change)
            if change.stated is not None:
                self.take_statement(study)
