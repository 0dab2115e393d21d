"""The node as a whole: listener, workers, senders and housekeeping around one journal."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shortaxis.errors import UnreadableFileError
from shortaxis.files.folder_lock import locked_folder
from shortaxis.files.inputs.input_size import allow_inputs
from shortaxis.files.plain_json import read_json_object
from shortaxis.files.sqlite_file import is_damage
from shortaxis.reorientation.estimate import QualityFlag
from shortaxis.reorientation.pose_record import counts_of_record, source_of_record
from shortaxis.service.administration import purge_studies
from shortaxis.service.adoption import opened_journal
from shortaxis.service.bookkeeping.journal import Journal
from shortaxis.service.bookkeeping.records import ExamOutcome, StudyRow, StudyState
from shortaxis.service.listener import Listener
from shortaxis.service.monitor import NodeMetrics, monitoring
from shortaxis.service.reading_rules import ReadingRules
from shortaxis.service.reorienting import OUTCOME_FILE, Task, TaskResult, perform
from shortaxis.service.sending.commitments import Commitments
from shortaxis.service.sending.sender import Sender
from shortaxis.service.settings import ServiceSettings
from shortaxis.service.spool import Spool, hashed_name
from shortaxis.service.workers import TaskFailedError, Worker, WorkerDiedError

__all__ = ["ServiceNode"]

LOG = logging.getLogger("shortaxis.service")

IDLE_PAUSE_S = 0.2
REVIEWS_EVERY_S = 5.0
HOUSEKEEPING_EVERY_S = 60.0
ERROR_PAUSE_S = 5.0

FINISH_S, KILLED_S = 5.0, 1.0
"""After the node was told to end: for what is being done, and for what was killed to be noted."""

LOCK_FILE = ".node.lock"


@dataclass
class ServiceNode:
    """A DICOM node that reorients what it is sent.

    Everything that it knows is in its journal: it can be killed at any moment and goes on where it
    was. `clock` gives the time, seconds since the epoch.
    """

    settings: ServiceSettings
    clock: Callable[[], float] = time.time
    spool: Spool = field(init=False)
    _ended: threading.Event = field(default_factory=threading.Event)
    _damaged: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.spool = Spool(self.settings.folder)

    def end(self) -> None:
        """Stop taking work; `run` returns when what is being done is done, within seconds."""
        self._ended.set()

    def run(self, on_ready: Callable[[str], None]) -> None:
        """Serve until `end`; `on_ready` is called with the address once the node listens.

        Raises
        ------
        OutputError
            If a port is taken, or another node works in the folder.
        UnreadableFileError
            If the journal is of a newer version, may not be read, or was damaged meanwhile.
        """
        self.spool.prepare()
        # Processes read what was acknowledged.
        allow_inputs(self.settings.node.largest_object_mb)
        with ExitStack() as stack:
            cause = "another node works in this folder"
            stack.enter_context(locked_folder(self.settings.folder, LOCK_FILE, cause))
            journal = opened_journal(self.spool, self.clock)
            keep, limits = self.settings.retention, self.settings.limits
            listener = Listener(self.settings.node, self.spool, journal, keep.least_free_mb, limits)
            if any(each.storage_commitment for each in self.settings.destinations.values()):
                told = Commitments(self.spool, journal, self.settings.sending, clock=self.clock)
                listener.reported = told.reported
            metrics = NodeMetrics(listener, journal, self._is_healthy)
            stack.enter_context(monitoring(self.settings.monitor.port, metrics))
            stack.enter_context(self._working(journal, listener))
            stack.enter_context(listener.listening())
            node = self.settings.node
            on_ready(f"{node.ae_title} listens on {node.host}:{node.port}")
            self._ended.wait()
        if self._damaged.is_set():
            raise UnreadableFileError(
                "was damaged while the node ran",
                path=self.spool.journal,
                expected="a file that nobody else writes",
                found="pages that are none",
                cause="a failing disk, or a file that was replaced",
                way_on="start the node again: the journal is set aside and made anew",
            )

    def _is_healthy(self) -> bool:
        enough = self.spool.free_mb() >= self.settings.retention.least_free_mb
        return enough and all(thread.is_alive() for thread in self._threads)

    @contextmanager
    def _working(self, journal: Journal, listener: Listener) -> Iterator[None]:
        work = self.settings.work
        loops: list[tuple[str, Callable[[], float]]] = []
        workers = [
            Worker(perform, work.time_limit_s, work.memory_limit_mb) for _ in range(work.workers)
        ]
        for number, worker in enumerate(workers):
            loops.append((f"worker-{number}", self._reorienting(journal, listener, worker)))
        for destination in self.settings.destinations.values():
            title = self.settings.node.ae_title
            sender = Sender(
                destination, title, self.settings.sending, self.spool, journal, clock=self.clock
            )
            loops.append((f"sender-{destination.name}", _paced(sender.send_due)))
        loops.append(("reviews", self._collecting_reviews(journal)))
        loops.append(("housekeeping", self._housekeeping(journal)))
        for name, turn in loops:
            # A daemon: one that waits for somebody else does not keep the node from ending.
            thread = threading.Thread(
                target=self._loop, args=(name, turn, journal), name=name, daemon=True
            )
            thread.start()
            self._threads.append(thread)
        try:
            yield
        finally:
            self._ended.set()
            until_s = time.monotonic() + FINISH_S
            for thread in self._threads:
                thread.join(max(until_s - time.monotonic(), 0.0))
            # What was not finished is running in the journal, and done again after the next start.
            for worker in workers:
                worker.end()
            for thread in self._threads:
                thread.join(max(until_s + KILLED_S - time.monotonic(), 0.0))

    def _loop(self, name: str, turn: Callable[[], float], journal: Journal) -> None:
        """Take turns until the end; each says how long to pause. What fails is tried again."""
        while not self._ended.is_set():
            try:
                pause_s = turn()
            except Exception as error:
                if is_damage(error):
                    self._damaged.set()
                    self._ended.set()
                # Where it was, and not what it says: that may quote a header.
                where = "".join(traceback.format_tb(error.__traceback__))
                LOG.error("%s: %s\n%s", name, type(error).__name__, where)
                pause_s = ERROR_PAUSE_S
            self._ended.wait(pause_s)
        journal.close()

    # Work

    def _reorienting(
        self, journal: Journal, listener: Listener, worker: Worker[Task, TaskResult]
    ) -> Callable[[], float]:
        def turn() -> float:
            study = journal.take_complete(self.settings.studies.quiet_s, listener.held.now())
            if study is None:
                return IDLE_PAUSE_S
            try:
                self._reorient(journal, worker, study)
            except Exception as error:
                self._requeue(journal, study, error)
                raise
            return 0.0

        return turn

    def _requeue(self, journal: Journal, study: StudyRow, error: Exception) -> None:
        """A study whose end could not be noted, as with a full disk, waits again.

        What is wrong with the study and not with the disk is tried as often as a worker's death.
        """
        is_disk = isinstance(error, OSError | sqlite3.Error)
        again = is_disk or study.attempts + 1 < self.settings.work.attempts
        words = "the journal could not be written" if is_disk else type(error).__name__
        while not self._ended.is_set():
            with suppress(sqlite3.Error):
                journal.fail(study, words, again=again)
                return
            self._ended.wait(ERROR_PAUSE_S)

    def _reorient(
        self, journal: Journal, worker: Worker[Task, TaskResult], study: StudyRow
    ) -> None:
        work = self.settings.work
        task = Task(
            self.spool.incoming / study.study,
            self.spool.results(study.study),
            study.first_at,
            work.reorient,
            work.review_sheet,
            self.settings.reading.options,
            self.settings.reading.choice,
            self._rules_of_objects(journal, study),
        )
        try:
            result = worker.perform(task)
        except TaskFailedError as error:
            result = TaskResult(error=str(error))
        except WorkerDiedError as error:
            if self._ended.is_set():
                return
            again = study.attempts + 1 < work.attempts
            journal.fail(study, str(error), again=again)
            LOG.error("study %s: %s", study.study, error)
            return
        if not result.exams:
            journal.fail(study, result.error, again=False)
            LOG.warning("study %s: failed: %s", study.study, result.error)
            return
        self._finish(journal, study, result)

    def _rules_of_objects(self, journal: Journal, study: StudyRow) -> dict[str, ReadingRules]:
        """Rules of objects whose sender has some; a study of several of them is told."""
        of_senders = self.settings.reading_of_senders
        found = {
            name: rule
            for name, sender in journal.senders_of(study.study).items()
            if (rule := of_senders.rule_of(sender)) is not None
        }
        n_rules = len(set(found.values()))
        if n_rules > 1:
            LOG.info("study %s: objects of %d senders with rules", study.study, n_rules)
        return found

    def _finish(self, journal: Journal, study: StudyRow, result: TaskResult) -> None:
        outcomes, destinations = [], {}
        for record in result.exams:
            name = record["exam"]
            folder = (self.spool.results(study.study) / name).relative_to(self.spool.folder)
            outcome = ExamOutcome(
                name,
                folder.as_posix(),
                QualityFlag(record["flag"]),
                tuple(record["reasons"]),
                tuple(record["sources"]),
            )
            outcomes.append(outcome)
            is_flagged = outcome.flag is QualityFlag.REVIEW
            routes = self.settings.routes
            destinations[name] = routes.flagged if is_flagged else routes.accepted
        state = journal.finish(study, outcomes, dict(destinations), result.error)
        LOG.info("study %s: %s, %d exams", study.study, state.value, len(outcomes))
        if result.error:
            LOG.warning("study %s: some exams failed: %s", study.study, result.error)

    def _is_review_of(self, folder: Path, exam: Mapping[str, Any]) -> bool:
        """Whether reviewed results are those of an exam: of its object, and of its counts.

        What a reviewer states of the geometry changes what a pose is made on; there the object
        alone tells.
        """
        source, counts = _made_from(folder)
        if source not in exam["sources"]:
            return False
        record = read_json_object(self.spool.folder / exam["folder"] / OUTCOME_FILE) or {}
        review = read_json_object(folder / "review.json") or {}
        return "stated_geometry" in review or record.get("counts_sha256") in (None, counts)

    def _link_for_review(self, study: str, exam: str, sources: Sequence[str]) -> None:
        paths = [self.spool.incoming / study / f"{name}.dcm" for name in sources]
        self.spool.link_for_review(study, exam, [path for path in paths if path.exists()])

    # Reviews

    def _collecting_reviews(self, journal: Journal) -> Callable[[], float]:
        def turn() -> float:
            flagged = journal.flagged_exams()
            signed = _signed_off(self.spool.reviewed) if flagged else []
            for each in flagged:
                folders = [one for one in signed if self._is_review_of(one, each)]
                try:
                    self._collect_review(journal, each, folders)
                except OSError as error:
                    # One that cannot be linked holds back no other.
                    LOG.error("study %s: review: %s", each["study"], type(error).__name__)
            return REVIEWS_EVERY_S

        return turn

    def _collect_review(
        self, journal: Journal, exam: dict[str, Any], folders: Sequence[Path]
    ) -> None:
        """Deliver an exam that was signed off, or show it to the reviewer."""
        if not folders:
            self._link_for_review(exam["study"], exam["exam"], exam["sources"])
            return
        for folder in folders:
            where = folder.relative_to(self.spool.folder).as_posix()
            routes = self.settings.routes.reviewed
            journal.note_reviewed(exam["exam"], exam["study"], where, routes)
        self.spool.remove_from_review(exam["study"], exam["exam"])
        LOG.info("study %s: reviewed", exam["study"])

    # Housekeeping

    def _housekeeping(self, journal: Journal) -> Callable[[], float]:
        def turn() -> float:
            keep = self.settings.retention
            for state, days in (
                (StudyState.SENT, keep.sent_days),
                (StudyState.FAILED, keep.failed_days),
            ):
                removed = purge_studies(journal, self.spool, [state], days, self.clock())
                if removed:
                    LOG.info("%d studies removed", removed)
            return HOUSEKEEPING_EVERY_S

        return turn


def _paced(turn: Callable[[], int]) -> Callable[[], float]:
    return lambda: 0.0 if turn() else IDLE_PAUSE_S


def _signed_off(reviewed: Path) -> list[Path]:
    """Folders of results that a review wrote."""
    return sorted(path.parent for path in reviewed.glob("*/review.json"))


def _made_from(folder: Path) -> tuple[str, str]:
    """Name of the object and hash of the counts that reviewed results were made from, if told."""
    record = read_json_object(folder / "pose.json") or {}
    uid = source_of_record(record)
    return (hashed_name(uid) if uid else "", counts_of_record(record))
