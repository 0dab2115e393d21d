"""What reviewers have said, in one SQLite file: the present state and an audit trail.

Every change names the version of the review that it was made from. A change of an older one is
refused, and nothing is written (optimistic locking). Each change is one transaction that is on disk
when it returns, so a server that is killed leaves the last change whole or absent. A change that
comes with files is announced first: what was announced and not changed is done again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from shortaxis.errors import InputNotFoundError, ShortAxisError
from shortaxis.files.plain_json import to_json_line
from shortaxis.files.sqlite_file import SqliteFile
from shortaxis.review.decisions import ReviewAction, ReviewState

__all__ = [
    "STORE_FILE",
    "Change",
    "ReviewConflictError",
    "ReviewStore",
    "StoredReview",
    "existing_store",
]

STORE_FILE = "reviews.sqlite"
"""In the folder of what was reviewed."""

SCHEMA_VERSION = 3

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
CREATE TABLE IF NOT EXISTS stated (
    study TEXT NOT NULL,
    version INTEGER NOT NULL,
    geometry TEXT NOT NULL,
    PRIMARY KEY (study, version)
);
CREATE TABLE IF NOT EXISTS folders (
    study TEXT PRIMARY KEY,
    folder TEXT NOT NULL UNIQUE
);
CREATE INDEX IF NOT EXISTS trail_of_study ON trail (study, number);
"""


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

    `stated` is the geometry that was stated, as plain values; the automatic pose before it is
    that of another geometry, and is forgotten with the change.
    """

    action: ReviewAction
    state: ReviewState
    reviewer: str
    at: str
    comment: str = ""
    pose: Mapping[str, Any] | None = None
    stated: Mapping[str, Any] | None = None


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
        self._file = SqliteFile(path, SCHEMA_VERSION, TABLES, "store of reviews")

    def review(self, study: str) -> StoredReview:
        """The present state; that of a study nobody has seen is open."""
        row = self._file.one(
            "SELECT version, state, pose, automatic FROM reviews WHERE study = ?", (study,)
        )
        if row is None:
            return StoredReview(study)
        version, state, pose, automatic = row
        return StoredReview(study, version, ReviewState(state), _read(pose), _read(automatic))

    def reviews(self) -> dict[str, StoredReview]:
        """All that is known, by study."""
        rows = self._file.all("SELECT study, version, state, pose, automatic FROM reviews")
        return {
            study: StoredReview(study, version, ReviewState(state), _read(pose), _read(automatic))
            for study, version, state, pose, automatic in rows
        }

    def keep_automatic(self, study: str, record: Mapping[str, Any]) -> None:
        """Keep the automatic pose of a study, once; it is no change of the review."""
        with self._file.change() as connection:
            connection.execute(
                "INSERT INTO reviews (study, version, state, automatic) VALUES (?, 0, ?, ?) "
                "ON CONFLICT (study) DO UPDATE SET automatic = excluded.automatic "
                "WHERE automatic IS NULL",
                (study, ReviewState.OPEN.value, to_json_line(record)),
            )

    def folders(self, wanted: Mapping[str, str]) -> dict[str, str]:
        """Folder of results of each study: given once, and never to another one.

        `wanted` are names such as ``01-rest`` by study; one that is taken gets another number.
        """
        with self._file.change() as connection:
            rows = connection.execute("SELECT study, folder FROM folders")
            given = {row["study"]: str(row["folder"]) for row in rows}
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
        record = asdict(change)
        with self._file.change() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO announced (study, change) VALUES (?, ?)",
                (study, to_json_line(record)),
            )

    def withdraw(self, study: str) -> None:
        """Forget a change that was announced: its files were not written."""
        with self._file.change() as connection:
            connection.execute("DELETE FROM announced WHERE study = ?", (study,))

    def announced(self) -> dict[str, Change]:
        """Changes that were announced and neither made nor withdrawn, by study."""
        rows = self._file.all("SELECT study, change FROM announced")
        found = {study: json.loads(text) for study, text in rows}
        return {
            study: Change(
                ReviewAction(values.pop("action")), ReviewState(values.pop("state")), **values
            )
            for study, values in found.items()
        }

    def change(self, study: str, version: int, change: Change) -> StoredReview:
        """Write a change that was made from a version of the review; it is announced no more.

        Raises
        ------
        ReviewConflictError
            If the review has another version by now; nothing is written.
        """
        pose = None if change.pose is None else to_json_line(change.pose)
        with self._file.change() as connection:
            row = connection.execute(
                "SELECT version FROM reviews WHERE study = ?", (study,)
            ).fetchone()
            present = row[0] if row else 0
            if present != version:
                raise ReviewConflictError(
                    "was changed meanwhile",
                    expected=f"version {present}, the present one",
                    found=f"a change of version {version}",
                    cause="another window, or another reviewer; open the study again, then decide",
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
                    change.action.value,
                    change.comment,
                    pose,
                ),
            )
            if change.stated is not None:
                connection.execute(
                    "INSERT INTO stated (study, version, geometry) VALUES (?, ?, ?)",
                    (study, version + 1, to_json_line(change.stated)),
                )
                connection.execute("UPDATE reviews SET automatic = NULL WHERE study = ?", (study,))
            connection.execute("DELETE FROM announced WHERE study = ?", (study,))
        return self.review(study)

    def stated(self) -> dict[str, dict[str, Any]]:
        """The geometry that was stated last, by study; empty of one that was taken back."""
        rows = self._file.all("SELECT study, geometry FROM stated ORDER BY version")
        return {study: json.loads(geometry) for study, geometry in rows}

    def trail(self, study: str) -> list[dict[str, Any]]:
        """All changes of a study, the first one first."""
        names = ("version", "at", "reviewer", "action", "comment", "pose")
        found = self._file.all(
            f"SELECT {', '.join(names)} FROM trail WHERE study = ? ORDER BY number",  # noqa: S608
            (study,),
        )
        said = self._file.all("SELECT version, geometry FROM stated WHERE study = ?", (study,))
        stated = {version: json.loads(geometry) for version, geometry in said}
        return [
            {**dict(each), "pose": _read(each["pose"]), "stated": stated.get(each["version"])}
            for each in found
        ]


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
