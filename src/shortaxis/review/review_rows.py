"""Tables of the store of reviews, and what their rows say."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shortaxis.files.plain_json import to_json_line
from shortaxis.review.decisions import ReviewAction, ReviewState, TrailAction

__all__ = [
    "REVIEWS",
    "SCHEMA_VERSION",
    "TABLES",
    "Change",
    "StoredReview",
    "add_to_trail",
    "content_of",
    "read_json",
    "review_of_row",
    "set_content",
]

SCHEMA_VERSION = 4

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
DROP TABLE IF EXISTS announced;
CREATE TABLE IF NOT EXISTS begun (
    study TEXT NOT NULL,
    content TEXT NOT NULL,
    change TEXT NOT NULL,
    PRIMARY KEY (study, content)
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
CREATE TABLE IF NOT EXISTS contents (
    study TEXT PRIMARY KEY,
    content TEXT NOT NULL,
    made_with TEXT NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS decided_on (
    study TEXT NOT NULL,
    version INTEGER NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (study, version)
);
CREATE TABLE IF NOT EXISTS earlier (
    study TEXT NOT NULL,
    content TEXT NOT NULL,
    made_with TEXT NOT NULL,
    state TEXT NOT NULL,
    pose TEXT,
    automatic TEXT,
    folder TEXT,
    PRIMARY KEY (study, content)
);
CREATE TABLE IF NOT EXISTS second_readings (
    study TEXT NOT NULL,
    content TEXT NOT NULL,
    reviewer TEXT NOT NULL,
    at TEXT NOT NULL,
    verdict TEXT NOT NULL,
    comment TEXT NOT NULL,
    pose TEXT,
    PRIMARY KEY (study, content, reviewer)
);
CREATE INDEX IF NOT EXISTS trail_of_study ON trail (study, number);
"""


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
        ``pose.json`` of the automatic pose that the reviewer saw.
    content : str
        Of the study that all of this is about; empty before it was read, or of a store of before.
    made_with : str
        What the automatic pose was made with.
    """

    study: str
    version: int = 0
    state: ReviewState = ReviewState.OPEN
    pose: dict[str, Any] | None = None
    automatic: dict[str, Any] | None = None
    content: str = ""
    made_with: str = ""


@dataclass(frozen=True)
class Change:
    """One change: who did what when, and why.

    `content` is that of the study as it is read from then on. `stated` is the geometry that was
    stated, as plain values; the automatic pose before it is that of another geometry, and is
    forgotten with the change.
    """

    action: ReviewAction | TrailAction
    state: ReviewState
    reviewer: str
    at: str
    comment: str = ""
    pose: Mapping[str, Any] | None = None
    stated: Mapping[str, Any] | None = None
    content: str = ""


REVIEWS = (
    "SELECT study, version, state, pose, automatic, ifnull(content, '') AS content, "
    "ifnull(made_with, '') AS made_with FROM reviews LEFT JOIN contents USING (study)"
)
"""Present states."""


def review_of_row(row: sqlite3.Row) -> StoredReview:
    """A row of `REVIEWS`, or of an earlier content."""
    return StoredReview(
        row["study"],
        row["version"],
        ReviewState(row["state"]),
        read_json(row["pose"]),
        read_json(row["automatic"]),
        row["content"],
        row["made_with"],
    )


def content_of(connection: sqlite3.Connection, study: str) -> str:
    """Content that the present state is about; empty if nobody knows."""
    found = connection.execute("SELECT content FROM contents WHERE study = ?", (study,)).fetchone()
    return "" if found is None else str(found["content"])


def set_content(connection: sqlite3.Connection, study: str, content: str) -> None:
    """Note what the present state is about; how the automatic pose was made stays."""
    connection.execute(
        "INSERT INTO contents (study, content) VALUES (?, ?) "
        "ON CONFLICT (study) DO UPDATE SET content = excluded.content",
        (study, content),
    )


def add_to_trail(connection: sqlite3.Connection, study: str, version: int, change: Change) -> None:
    """Note who did what, and on which content."""
    pose = None if change.pose is None else to_json_line(change.pose)
    action = change.action.value
    said = (study, version, change.at, change.reviewer, action, change.comment, pose)
    connection.execute(
        "INSERT INTO trail (study, version, at, reviewer, action, comment, pose) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        said,
    )
    connection.execute(
        "INSERT INTO decided_on (study, version, content) VALUES (?, ?, ?)",
        (study, version, change.content),
    )


def read_json(text: str | None) -> dict[str, Any] | None:
    """A record of a row; None where there is none."""
    return None if text is None else json.loads(text)
