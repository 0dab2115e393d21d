r"""What the node knows, in one SQLite file: objects, studies, exams and deliveries.

Every change is one transaction that is on disk when it returns (write-ahead log, synchronous).
Studies, exams and objects are known by hashes of their UIDs: neither the journal nor its errors
hold what identifies a patient. States of a study::

    received -> running -> done -> sent
                   |   \-> review (an exam is flagged; the others are delivered) -> done -> sent
                   \----> failed

A study without destinations stays done.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

from shortaxis.files.plain_json import to_json_line
from shortaxis.files.sqlite_file import SqliteFile
from shortaxis.service.reading_rules import Sender
from shortaxis.service.records import (
    Delivery,
    DeliveryState,
    ExamOutcome,
    StudyRow,
    StudyState,
)

__all__ = ["Journal"]

SCHEMA_VERSION = 2

TABLES = """
CREATE TABLE IF NOT EXISTS objects (
    object TEXT PRIMARY KEY,
    study TEXT NOT NULL,
    path TEXT NOT NULL,
    received_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS objects_of_study ON objects (study);
CREATE TABLE IF NOT EXISTS senders (
    object TEXT PRIMARY KEY,
    study TEXT NOT NULL,
    calling TEXT NOT NULL,
    called TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS senders_of_study ON senders (study);
CREATE TABLE IF NOT EXISTS studies (
    study TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    first_at REAL NOT NULL,
    last_at REAL NOT NULL,
    changed_at REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS studies_by_state ON studies (state, last_at);
CREATE TABLE IF NOT EXISTS exams (
    exam TEXT PRIMARY KEY,
    study TEXT NOT NULL,
    folder TEXT NOT NULL,
    flag TEXT NOT NULL,
    reasons TEXT NOT NULL,
    sources TEXT NOT NULL,
    reviewed TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS exams_of_study ON exams (study);
CREATE TABLE IF NOT EXISTS deliveries (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    exam TEXT NOT NULL,
    study TEXT NOT NULL,
    destination TEXT NOT NULL,
    folder TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting',
    attempts INTEGER NOT NULL DEFAULT 0,
    next_at REAL NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    UNIQUE (exam, destination, folder)
);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (state, next_at);
"""


class Journal:
    """The file; one connection a thread.

    Parameters
    ----------
    path : Path
        Made if it is missing.
    clock : callable
        Gives the time, seconds since the epoch.

    Raises
    ------
    UnreadableFileError
        If the file is no journal, or one of a newer version.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._file = SqliteFile(path, SCHEMA_VERSION, TABLES, "journal of a node", write_ahead=True)

    def close(self) -> None:
        """Close this thread's connection."""
        self._file.close()

    # What comes in

    def has_object(self, name: str) -> bool:
        """Whether an object was received before."""
        row = self._file.one("SELECT 1 FROM objects WHERE object = ?", (name,))
        return row is not None

    def add_object(self, name: str, study: str, path: str, sender: Sender | None = None) -> None:
        """Note an object whose file is on disk; its study waits to be complete again.

        Who sends it again later is not its sender.
        """
        at = self._clock()
        with self._file.change() as connection:
            made = connection.execute(
                "INSERT OR IGNORE INTO objects (object, study, path, received_at) "
                "VALUES (?, ?, ?, ?)",
                (name, study, path, at),
            )
            if not made.rowcount:
                return
            if sender is not None:
                connection.execute(
                    "INSERT OR REPLACE INTO senders (object, study, calling, called) "
                    "VALUES (?, ?, ?, ?)",
                    (name, study, sender.calling, sender.called),
                )
            connection.execute(
                "INSERT INTO studies (study, state, first_at, last_at, changed_at) "
                "VALUES (?, 'received', ?, ?, ?) ON CONFLICT (study) DO UPDATE SET "
                "last_at = excluded.last_at, changed_at = excluded.changed_at, attempts = 0, "
                "reason = '', "
                # What is running is done again when it ends.
                "state = CASE state WHEN 'running' THEN 'running' ELSE 'received' END",
                (study, at, at, at),
            )

    def senders_of(self, study: str) -> dict[str, Sender]:
        """Who sent each object of a study; those that nothing is known of are missing."""
        rows = self._file.all(
            "SELECT object, calling, called FROM senders WHERE study = ?", (study,)
        )
        return {name: Sender(calling, called) for name, calling, called in rows}

    def senders(self) -> list[Sender]:
        """Everybody whose objects are here."""
        rows = self._file.all("SELECT DISTINCT calling, called FROM senders ORDER BY 1, 2")
        return [Sender(*row) for row in rows]

    # Work

    def requeue_running(self) -> int:
        """After a start: what was running when the node ended is to be done again."""
        with self._file.change() as connection:
            return connection.execute(
                "UPDATE studies SET state = 'received' WHERE state = 'running'"
            ).rowcount

    def take_complete(self, quiet_s: float, open_studies: Collection[str]) -> StudyRow | None:
        """The study that has waited longest, if one is complete; it is running then."""
        with self._file.change() as connection:
            rows = connection.execute(
                "SELECT * FROM studies WHERE state = 'received' AND last_at <= ? ORDER BY last_at",
                (self._clock() - quiet_s,),
            )
            row = next((each for each in rows if each["study"] not in open_studies), None)
            if row is None:
                return None
            connection.execute(
                "UPDATE studies SET state = 'running', attempts = attempts + 1, changed_at = ? "
                "WHERE study = ?",
                (self._clock(), row["study"]),
            )
            return StudyRow.from_row(row)

    def finish(
        self,
        study: StudyRow,
        outcomes: Sequence[ExamOutcome],
        destinations: dict[str, Sequence[str]],
        reason: str = "",
    ) -> StudyState:
        """Note exams and where they go; `destinations` are by exam.

        With a `reason`, some of its exams could not be reoriented: the study has failed, and what
        came out is delivered all the same. If objects came while the study was running, it waits to
        be complete again.
        """
        with self._file.change() as connection:
            for each in outcomes:
                connection.execute(
                    "INSERT INTO exams (exam, study, folder, flag, reasons, sources) "
                    "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (exam) DO UPDATE SET "
                    "flag = excluded.flag, reasons = excluded.reasons",
                    (
                        each.exam,
                        study.study,
                        each.folder,
                        each.flag.value,
                        to_json_line(each.reasons),
                        to_json_line(each.sources),
                    ),
                )
                for name in destinations.get(each.exam, ()):
                    _add_delivery(connection, each.exam, study.study, name, each.folder)
            return self._settle(connection, study.study, study.last_at, reason)

    def fail(self, study: StudyRow, reason: str, *, again: bool) -> None:
        """Note that a study could not be reoriented; `again`: it is tried once more."""
        state = StudyState.RECEIVED if again else StudyState.FAILED
        with self._file.change() as connection:
            connection.execute(
                "UPDATE studies SET state = CASE WHEN last_at > ? THEN 'received' ELSE ? END, "
                "reason = ?, changed_at = ? WHERE study = ?",
                (study.last_at, state.value, reason, self._clock(), study.study),
            )

    # What goes out

    def due_deliveries(self, destination: str, limit: int) -> list[Delivery]:
        """Deliveries to a destination whose time has come, the oldest first."""
        rows = self._file.all(
            "SELECT number, exam, study, destination, folder, attempts FROM deliveries "
            "WHERE state = 'waiting' AND destination = ? AND next_at <= ? ORDER BY number LIMIT ?",
            (destination, self._clock(), limit),
        )
        return [Delivery(*row) for row in rows]

    def note_delivered(self, delivery: Delivery) -> None:
        """Note that everything has arrived."""
        with self._file.change() as connection:
            connection.execute(
                "UPDATE deliveries SET state = 'sent', reason = '' WHERE number = ?",
                (delivery.number,),
            )
            self._settle(connection, delivery.study, None)

    def note_not_delivered(self, delivery: Delivery, reason: str, again_at: float) -> None:
        """Note why a delivery failed, and when it is tried again."""
        with self._file.change() as connection:
            connection.execute(
                "UPDATE deliveries SET attempts = attempts + 1, reason = ?, next_at = ? "
                "WHERE number = ?",
                (reason, again_at, delivery.number),
            )

    def note_results_gone(self, delivery: Delivery) -> None:
        """Note that results are not where they were: the study has failed, unless it is remade.

        The delivery waits on: `retry` makes the results again, and they go.
        """
        with self._file.change() as connection:
            connection.execute(
                "UPDATE studies SET state = 'failed', reason = ?, changed_at = ? "
                "WHERE study = ? AND state IN ('done', 'review', 'sent')",
                ("results are gone before they were sent", self._clock(), delivery.study),
            )

    def flagged_exams(self) -> list[dict[str, Any]]:
        """Exams that wait for a reviewer: exam, study, folder, sources."""
        rows = self._file.all(
            "SELECT exam, study, folder, sources FROM exams WHERE flag = 'review' AND reviewed = ''"
        )
        return [{**dict(row), "sources": json.loads(row["sources"])} for row in rows]

    def note_reviewed(
        self, exam: str, study: str, folder: str, destinations: Sequence[str]
    ) -> None:
        """Note that a reviewer signed an exam off, and where those results go."""
        with self._file.change() as connection:
            connection.execute("UPDATE exams SET reviewed = ? WHERE exam = ?", (folder, exam))
            for name in destinations:
                _add_delivery(connection, exam, study, name, folder)
            self._settle(connection, study, None)

    # What operators see

    def counts(self) -> dict[str, int]:
        """How many studies are in each state."""
        rows = self._file.all("SELECT state, COUNT(*) FROM studies GROUP BY state")
        found = {row[0]: int(row[1]) for row in rows}
        return {state.value: found.get(state.value, 0) for state in StudyState}

    def waiting_deliveries(self) -> list[dict[str, Any]]:
        """How many deliveries wait by destination, the most attempts, and the last reason."""
        rows = self._file.all(
            "SELECT destination, COUNT(*) AS waiting, MAX(attempts) AS attempts, "
            "MAX(reason) AS reason FROM deliveries WHERE state = 'waiting' GROUP BY destination"
        )
        return [dict(row) for row in rows]

    def studies(self, states: Collection[StudyState] = tuple(StudyState)) -> list[StudyRow]:
        """Studies in these states, the oldest first."""
        marks = ", ".join("?" * len(states))
        rows = self._file.all(
            f"SELECT * FROM studies WHERE state IN ({marks}) ORDER BY first_at",  # noqa: S608
            tuple(state.value for state in states),
        )
        return [StudyRow.from_row(row) for row in rows]

    def known_objects(self) -> set[str]:
        """Names of all objects."""
        return {row[0] for row in self._file.all("SELECT object FROM objects")}

    def objects(self) -> int:
        """How many objects there are."""
        (count,) = self._file.one("SELECT COUNT(*) FROM objects") or (0,)
        return int(count)

    def retry(self, studies: Collection[str] = ()) -> int:
        """Put failed studies back, all or these, and let deliveries that wait go at once."""
        with self._file.change() as connection:
            named = [each.study for each in self._failed(connection)]
            chosen = [each for each in named if not studies or each in studies]
            for study in chosen:
                connection.execute(
                    "UPDATE studies SET state = 'received', attempts = 0, reason = '', "
                    "changed_at = ? WHERE study = ?",
                    (self._clock(), study),
                )
            connection.execute("UPDATE deliveries SET next_at = 0 WHERE state = 'waiting'")
            return len(chosen)

    @staticmethod
    def _failed(connection: sqlite3.Connection) -> list[StudyRow]:
        rows = connection.execute("SELECT * FROM studies WHERE state = 'failed'")
        return [StudyRow.from_row(row) for row in rows]

    def forget(self, study: str, changed_at: float) -> bool:
        """Forget a study that has not changed since; its files are to be removed after that.

        What waits to be sent is not forgotten.
        """
        with self._file.change() as connection:
            gone = connection.execute(
                "DELETE FROM studies WHERE study = ? AND changed_at = ? "
                "AND state NOT IN ('received', 'running') AND NOT EXISTS "
                "(SELECT 1 FROM deliveries WHERE study = ? AND state = 'waiting')",
                (study, changed_at, study),
            )
            if not gone.rowcount:
                return False
            for table in ("objects", "senders", "exams", "deliveries"):
                connection.execute(f"DELETE FROM {table} WHERE study = ?", (study,))  # noqa: S608
            return True

    def _settle(
        self,
        connection: sqlite3.Connection,
        study: str,
        seen_until: float | None,
        reason: str = "",
    ) -> StudyState:
        """Set the state of a study to what its exams and deliveries say.

        `seen_until` is the time of the last object that a worker saw; None leaves alone what is not
        finished. `reason` says why some exams failed.
        """
        row = connection.execute("SELECT * FROM studies WHERE study = ?", (study,)).fetchone()
        present = StudyState(row["state"])
        if seen_until is None and present in (
            StudyState.RECEIVED,
            StudyState.RUNNING,
            StudyState.FAILED,
        ):
            return present
        waits = connection.execute(
            "SELECT 1 FROM exams WHERE study = ? AND flag = 'review' AND reviewed = ''", (study,)
        ).fetchone()
        known = connection.execute("SELECT state FROM deliveries WHERE study = ?", (study,))
        deliveries = {each["state"] for each in known}
        if seen_until is not None and row["last_at"] > seen_until:
            state = StudyState.RECEIVED
        elif reason:
            state = StudyState.FAILED
        elif waits:
            state = StudyState.REVIEW
        else:
            state = StudyState.SENT if deliveries == {DeliveryState.SENT} else StudyState.DONE
        connection.execute(
            "UPDATE studies SET state = ?, reason = ?, changed_at = ? WHERE study = ?",
            (state.value, reason, self._clock(), study),
        )
        return state


def _add_delivery(
    connection: sqlite3.Connection, exam: str, study: str, destination: str, folder: str
) -> None:
    connection.execute(
        "INSERT OR IGNORE INTO deliveries (exam, study, destination, folder) VALUES (?, ?, ?, ?)",
        (exam, study, destination, folder),
    )
