r"""What the node knows, in one SQLite file: objects, studies, exams and deliveries.

Every change is one transaction that is on disk when it returns (write-ahead log, synchronous).
It is an index of the node's folder, and no more: what was acknowledged lies there, and a journal
that is lost, old or damaged is made good from it (see `shortaxis.service.adoption`). What came last
is told by numbers of revisions and not by the clock, which may be set back.

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
from dataclasses import replace
from pathlib import Path
from typing import Any

from shortaxis.files.plain_json import to_json_line
from shortaxis.files.sqlite_file import SqliteFile
from shortaxis.service.bookkeeping.deliveries import Deliveries
from shortaxis.service.bookkeeping.journal_tables import (
    CONTRADICTIONS,
    NEXT_REVISION,
    SCHEMA_VERSION,
    TABLES,
    UPGRADES,
)
from shortaxis.service.bookkeeping.records import ExamOutcome, StudyRow, StudyState
from shortaxis.service.bookkeeping.settling import add_delivery, settle
from shortaxis.service.reading_rules import Sender

__all__ = ["Journal"]


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
        self._file = SqliteFile(
            path, SCHEMA_VERSION, TABLES, "journal of a node", write_ahead=True, upgrades=UPGRADES
        )
        self.deliveries = Deliveries(self._file, clock)

    def close(self) -> None:
        """Close this thread's connection."""
        self._file.close()

    def require_sound(self) -> None:
        """Look at every page, and whether the rows can be what a node wrote.

        Raises
        ------
        UnreadableFileError
            If a page is damaged, or a row contradicts others or means nothing: SQLite keeps no
            checksums of them.
        """
        self._file.require_sound(CONTRADICTIONS)

    # What comes in

    def object_path(self, name: str) -> str | None:
        """Where an object that was received lies, below the node's folder; None if none was."""
        row = self._file.one("SELECT path FROM objects WHERE object = ?", (name,))
        return None if row is None else str(row[0])

    def add_object(
        self,
        name: str,
        study: str,
        path: str,
        *,
        sender: Sender | None = None,
        at: float | None = None,
        publish: Callable[[], object] | None = None,
    ) -> bool:
        """Note an object; its study waits to be complete again.

        Parameters
        ----------
        name, study : str
            Hashes of its UIDs.
        path : str
            Of its file, below the node's folder.
        sender : Sender, optional
            Who sent it; who sends it again later is not its sender.
        at : float, optional
            When it came, seconds since the epoch; default: now.
        publish : callable, optional
            Puts the file where it shall be. Nobody can forget the study, and take its files away,
            between that and the note of it.

        Returns
        -------
        bool
            False if an object of this name is known already; nothing is done then.
        """
        now_s = self._clock()
        came_at = now_s if at is None else at
        with self._file.change() as connection:
            made = connection.execute(
                "INSERT OR IGNORE INTO objects (object, study, path, received_at) "
                "VALUES (?, ?, ?, ?)",
                (name, study, path, came_at),
            )
            if not made.rowcount:
                return False
            if sender is not None:
                connection.execute(
                    "INSERT OR REPLACE INTO senders (object, study, calling, called) "
                    "VALUES (?, ?, ?, ?)",
                    (name, study, sender.calling, sender.called),
                )
            connection.execute(
                "INSERT INTO studies (study, state, first_at, last_at, changed_at, revision) "  # noqa: S608
                f"VALUES (?, 'received', ?, ?, ?, {NEXT_REVISION}) ON CONFLICT (study) "
                "DO UPDATE SET first_at = MIN(first_at, excluded.first_at), "
                "last_at = excluded.last_at, changed_at = excluded.changed_at, attempts = 0, "
                "reason = '', revision = excluded.revision, "
                # What is running is done again when it ends.
                "state = CASE state WHEN 'running' THEN 'running' ELSE 'received' END",
                (study, came_at, now_s, now_s),
            )
            if publish is not None:
                publish()
        return True

    def touch(self, name: str) -> bool:
        """Note that an object came again: its study is kept from now on as if it had changed.

        Returns
        -------
        bool
            False if it has been forgotten meanwhile.
        """
        with self._file.change() as connection:
            return bool(
                connection.execute(
                    "UPDATE studies SET changed_at = ? "
                    "WHERE study = (SELECT study FROM objects WHERE object = ?)",
                    (self._clock(), name),
                ).rowcount
            )

    def drop_missing(
        self, is_there: Callable[[str], bool], names: Collection[str] | None = None
    ) -> int:
        """Forget objects, all or these, whose files are not there; their studies stay.

        `is_there` is asked by path, below the node's folder, while no object can come.
        """
        with self._file.change() as connection:
            rows = connection.execute("SELECT object, path FROM objects")
            gone = [
                (row["object"],)
                for row in rows
                if (names is None or row["object"] in names) and not is_there(row["path"])
            ]
            connection.executemany("DELETE FROM objects WHERE object = ?", gone)
            return len(gone)

    def count_event(self, event: str, times: int = 1) -> None:
        """Count what operators want to know of after the node has ended, too."""
        with self._file.change() as connection:
            connection.execute(
                "INSERT INTO events (event, count) VALUES (?, ?) "
                "ON CONFLICT (event) DO UPDATE SET count = count + excluded.count",
                (event, times),
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
        """The study that has waited longest, if one is complete; it is running then.

        A last object that is to come later than a quiet time from now has come: the clock was set
        back since.
        """
        now_s = self._clock()
        with self._file.change() as connection:
            rows = connection.execute(
                "SELECT * FROM studies WHERE state = 'received' AND (last_at <= ? OR last_at > ?) "
                "ORDER BY revision",
                (now_s - quiet_s, now_s + quiet_s),
            )
            row = next((each for each in rows if each["study"] not in open_studies), None)
            if row is None:
                return None
            connection.execute(
                "UPDATE studies SET state = 'running', attempts = attempts + 1, changed_at = ?, "  # noqa: S608
                f"revision = {NEXT_REVISION} WHERE study = ?",
                (now_s, row["study"]),
            )
            (revision,) = connection.execute(
                "SELECT revision FROM studies WHERE study = ?", (row["study"],)
            ).fetchone()
            return replace(StudyRow.from_row(row), revision=revision)

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
                    add_delivery(connection, each.exam, study.study, name, each.folder)
            return settle(connection, study.study, self._clock(), study.revision, reason)

    def fail(self, study: StudyRow, reason: str, *, again: bool) -> None:
        """Note that a study could not be reoriented; `again`: it is tried once more."""
        state = StudyState.RECEIVED if again else StudyState.FAILED
        with self._file.change() as connection:
            connection.execute(
                "UPDATE studies SET state = CASE WHEN revision <> ? THEN 'received' ELSE ? END, "  # noqa: S608
                f"reason = ?, changed_at = ?, revision = {NEXT_REVISION} WHERE study = ?",
                (study.revision, state.value, reason, self._clock(), study.study),
            )

    # Reviews

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
                add_delivery(connection, exam, study, name, folder)
            settle(connection, study, self._clock())

    # What operators see

    def counts(self) -> dict[str, int]:
        """How many studies are in each state."""
        rows = self._file.all("SELECT state, COUNT(*) FROM studies GROUP BY state")
        found = {row[0]: int(row[1]) for row in rows}
        return {state.value: found.get(state.value, 0) for state in StudyState}

    def events(self) -> dict[str, int]:
        """What was counted, by name."""
        return {row[0]: int(row[1]) for row in self._file.all("SELECT event, count FROM events")}

    def studies(self, states: Collection[StudyState] = tuple(StudyState)) -> list[StudyRow]:
        """Studies in these states, the oldest first."""
        marks = ", ".join("?" * len(states))
        rows = self._file.all(
            f"SELECT * FROM studies WHERE state IN ({marks}) ORDER BY rowid",  # noqa: S608
            tuple(state.value for state in states),
        )
        return [StudyRow.from_row(row) for row in rows]

    def known_objects(self) -> dict[str, str]:
        """Paths of all objects by their names, below the node's folder."""
        return {row[0]: row[1] for row in self._file.all("SELECT object, path FROM objects")}

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
                    "UPDATE studies SET state = 'received', attempts = 0, reason = '', "  # noqa: S608
                    f"changed_at = ?, revision = {NEXT_REVISION} WHERE study = ?",
                    (self._clock(), study),
                )
            connection.execute("UPDATE deliveries SET next_at = 0 WHERE state <> 'sent'")
            return len(chosen)

    @staticmethod
    def _failed(connection: sqlite3.Connection) -> list[StudyRow]:
        rows = connection.execute("SELECT * FROM studies WHERE state = 'failed'")
        return [StudyRow.from_row(row) for row in rows]

    def forget(
        self,
        study: str,
        unchanged_since: float,
        can_be_sent: Callable[[str], bool],
        take_away: Callable[[], object],
    ) -> bool:
        """Forget a study on which nobody works, and which has not changed for so long.

        Parameters
        ----------
        study : str
            Its name.
        unchanged_since : float
            Seconds since the epoch.
        can_be_sent : callable
            Whether the results in a folder are there: what waits to be sent, or for the word that
            it is kept where it was sent, is not forgotten.
        take_away : callable
            Moves its files away. No object of it can come between that and its being forgotten;
            if it fails, nothing is forgotten.
        """
        with self._file.change() as connection:
            waiting = connection.execute(
                "SELECT folder FROM deliveries WHERE study = ? AND state <> 'sent'", (study,)
            ).fetchall()
            if any(can_be_sent(row["folder"]) for row in waiting):
                return False
            gone = connection.execute(
                "DELETE FROM studies WHERE study = ? AND changed_at <= ? "
                "AND state NOT IN ('received', 'running')",
                (study, unchanged_since),
            )
            if not gone.rowcount:
                return False
            for table in ("objects", "senders", "exams", "deliveries"):
                connection.execute(f"DELETE FROM {table} WHERE study = ?", (study,))  # noqa: S608
            take_away()
            return True
