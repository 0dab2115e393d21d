"""What reviewers have said, in one SQLite file: the present state and an audit trail.

Every change names the version of the review that it was made from. Who changed an older one is
told, and nothing is written (optimistic locking). Each change is one transaction that is on disk
when it returns, so a server that is killed leaves the last change whole or absent. A change that
comes with files is announced first: what was announced and not changed is done again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from shortaxis.errors import InputNotFoundError, ShortAxisError, UnreadableFileError

__all__ = [
    "STORE_FILE",
    "Change",
    "ReviewConflictError",
    "ReviewState",
    "ReviewStore",
    "StoredReview",
    "existing_store",
]

STORE_FILE = "reviews.sqlite"
"""In the folder of what was reviewed."""

SCHEMA_VERSION = 1

TABLES = """
CREATE TABLE IF NOT EXISTS reviews (
    study TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    state TEXT NOT NULL,
    pose TEXT,
    automatic TEXT
);
CREATE TABLE IF NOT EXISTS trail (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    study TEXT NOT NULL,
    version INTEGER NOT NULL,
    at TEXT NOT NULL,
    reviewer TEXT NOT NULL,
    action TEXT NOT NULL,
    comment TEXT NOT NULL,
    pose TEXT
);
CREATE TABLE IF NOT EXISTS announced (
    study TEXT PRIMARY KEY,
    change TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS folders (
    study TEXT PRIMARY KEY,
    folder TEXT NOT NULL UNIQUE
);
CREATE INDEX IF NOT EXISTS trail_of_study ON trail (study, number);
"""

BUSY_S = 10.0
"""How long one process waits for another that writes."""


class ReviewState(Enum):
    """What has become of a study."""

    OPEN = "open"
    ACCEPTED = "accepted"
    CORRECTED = "corrected"
    REJECTED = "rejected"


class ReviewConflictError(ShortAxisError):
    """The review was changed by somebody else meanwhile."""


@dataclass(frozen=True)
class StoredReview:
    """The present state of one study.

    Parameters
    ----------
    study : str
        Its identifier.
    version : int
        Counts changes; 0 before the first one.
    state : ReviewState
        What has become of it.
    pose : dict or None
        ``pose.json`` of the pose that was signed off; None before.
    automatic : dict or None
        ``pose.json`` of the automatic pose, as it was when the study was first seen.
    """

    study: str
    version: int = 0
    state: ReviewState = ReviewState.OPEN
    pose: dict[str, Any] | None = None
    automatic: dict[str, Any] | None = None


@dataclass(frozen=True)
class Change:
    """One change: who did what when, and why.

    `action` is a word of the page: accept, correct, reject, comment or reopen.
    """

    action: str
    state: ReviewState
    reviewer: str
    at: str
    comment: str = ""
    pose: Mapping[str, Any] | None = None


class ReviewStore:
    """Reviews in a file.

    Parameters
    ----------
    path : Path
        Made if it is missing.

    Raises
    ------
    UnreadableFileError
        If the file is no store, or one of a newer version.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with self._connected() as connection:
                (found,) = connection.execute("PRAGMA user_version").fetchone()
                if found > SCHEMA_VERSION:
                    raise sqlite3.DatabaseError(f"schema {found}")
                connection.executescript(TABLES)
                connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        except sqlite3.Error as error:
            raise UnreadableFileError(
                "is no store of reviews",
                path=path,
                expected=f"a SQLite file of schema {SCHEMA_VERSION}",
                found=str(error),
                cause="another file of this name, a newer version, or a folder without "
                "permission to write",
            ) from error

    def review(self, study: str) -> StoredReview:
        """The present state; that of a study nobody has seen is open."""
        with self._connected() as connection:
            row = connection.execute(
                "SELECT version, state, pose, automatic FROM reviews WHERE study = ?", (study,)
            ).fetchone()
        if row is None:
            return StoredReview(study)
        version, state, pose, automatic = row
        return StoredReview(study, version, ReviewState(state), _read(pose), _read(automatic))

    def reviews(self) -> dict[str, StoredReview]:
        """All that is known, by study."""
        with self._connected() as connection:
            rows = connection.execute(
                "SELECT study, version, state, pose, automatic FROM reviews"
            ).fetchall()
        return {
            study: StoredReview(study, version, ReviewState(state), _read(pose), _read(automatic))
            for study, version, state, pose, automatic in rows
        }

    def keep_automatic(self, study: str, record: Mapping[str, Any]) -> None:
        """Keep the automatic pose of a study, once; it is no change of the review."""
        with self._connected() as connection:
            connection.execute(
                "INSERT INTO reviews (study, version, state, automatic) VALUES (?, 0, ?, ?) "
                "ON CONFLICT (study) DO UPDATE SET automatic = excluded.automatic "
                "WHERE automatic IS NULL",
                (study, ReviewState.OPEN.value, json.dumps(record)),
            )

    def folders(self, wanted: Mapping[str, str]) -> dict[str, str]:
        """Folder of results of each study: given once, and never to another one.

        `wanted` are names such as ``01-rest`` by study; one that is taken gets another number.
        """
        with self._connected() as connection:
            connection.execute("BEGIN IMMEDIATE")
            given = dict(connection.execute("SELECT study, folder FROM folders"))
            used, number = set(given.values()), len(given)
            for study, name in wanted.items():
                if study in given:
                    continue
                chosen = name
                while chosen in used:
                    number += 1
                    chosen = f"{number:02d}-{name.partition('-')[2] or name}"
                used.add(chosen)
                given[study] = chosen
                connection.execute(
                    "INSERT INTO folders (study, folder) VALUES (?, ?)", (study, chosen)
                )
        return {study: given[study] for study in wanted}

    def announce(self, study: str, change: Change) -> None:
        """Keep a change whose files are about to be written, until it is made or withdrawn."""
        record = {**asdict(change), "state": change.state.value}
        with self._connected() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO announced (study, change) VALUES (?, ?)",
                (study, json.dumps(record)),
            )

    def withdraw(self, study: str) -> None:
        """Forget a change that was announced: its files were not written."""
        with self._connected() as connection:
            connection.execute("DELETE FROM announced WHERE study = ?", (study,))

    def announced(self) -> dict[str, Change]:
        """Changes that were announced and neither made nor withdrawn, by study."""
        with self._connected() as connection:
            rows = connection.execute("SELECT study, change FROM announced").fetchall()
        found = {study: json.loads(text) for study, text in rows}
        return {
            study: Change(**{**values, "state": ReviewState(values["state"])})
            for study, values in found.items()
        }

    def change(self, study: str, version: int, change: Change) -> StoredReview:
        """Write a change that was made from a version of the review; it is announced no more.

        Raises
        ------
        ReviewConflictError
            If the review has another version by now; nothing is written.
        """
        pose = None if change.pose is None else json.dumps(change.pose)
        with self._connected() as connection:
            # The lock comes first: two that read the same version do not both write.
            connection.execute("BEGIN IMMEDIATE")
            row = connection.execute(
                "SELECT version FROM reviews WHERE study = ?", (study,)
            ).fetchone()
            present = row[0] if row else 0
            if present != version:
                raise ReviewConflictError(
                    "was changed meanwhile",
                    expected=f"version {present}, the present one",
                    found=f"a change of version {version}",
                    cause="another window, or another reviewer; look again, then decide",
                )
            connection.execute(
                "INSERT INTO reviews (study, version, state, pose) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (study) DO UPDATE SET version = excluded.version, "
                "state = excluded.state, pose = excluded.pose",
                (study, version + 1, change.state.value, pose),
            )
            connection.execute(
                "INSERT INTO trail (study, version, at, reviewer, action, comment, pose) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    study,
                    version + 1,
                    change.at,
                    change.reviewer,
                    change.action,
                    change.comment,
                    pose,
                ),
            )
            connection.execute("DELETE FROM announced WHERE study = ?", (study,))
        return self.review(study)

    def trail(self, study: str) -> list[dict[str, Any]]:
        """All changes of a study, the first one first."""
        names = ("version", "at", "reviewer", "action", "comment", "pose")
        with self._connected() as connection:
            rows = connection.execute(
                f"SELECT {', '.join(names)} FROM trail WHERE study = ? ORDER BY number",  # noqa: S608
                (study,),
            ).fetchall()
        found = [dict(zip(names, row, strict=True)) for row in rows]
        return [{**each, "pose": _read(each["pose"])} for each in found]

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        """A connection of this thread; what it did is on disk, or undone, when it closes."""
        with closing(sqlite3.connect(self.path, timeout=BUSY_S, isolation_level=None)) as one:
            one.execute("PRAGMA journal_mode = WAL")
            one.execute("PRAGMA synchronous = FULL")
            try:
                yield one
            except BaseException:
                if one.in_transaction:
                    one.rollback()
                raise
            if one.in_transaction:
                one.commit()


def existing_store(path: Path) -> ReviewStore:
    """The store of an earlier review.

    Raises
    ------
    InputNotFoundError
        If there is none; none is made.
    """
    if not path.is_file():
        raise InputNotFoundError(
            "holds no reviews",
            path=path.parent,
            expected=f"{path.name}, written by shortaxis review",
            found="no such file" if path.parent.is_dir() else "no such folder",
            cause="another folder was given to shortaxis review with --out",
        )
    return ReviewStore(path)


def _read(text: str | None) -> dict[str, Any] | None:
    return None if text is None else json.loads(text)
