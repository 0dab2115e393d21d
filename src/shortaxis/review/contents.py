"""A review begins anew where its file holds other counts; the one before is kept for its return."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

from shortaxis.files.plain_json import to_json_line
from shortaxis.review.decisions import SIGNED_OFF, ReviewState, TrailAction
from shortaxis.review.review_rows import Change, StoredReview, add_to_trail, review_of_row

__all__ = ["NOT_KNOWN", "OTHER_COUNTS", "begin_anew", "state_nothing"]

OTHER_COUNTS = "the file holds other counts than before"

NOT_KNOWN = "on which counts it was decided before is not known: to be confirmed"


def begin_anew(connection: sqlite3.Connection, before: StoredReview, content: str, at: str) -> None:
    """Make the review of a content the present one, if it is not.

    Where nothing was decided on counts that nobody knows, nothing is told either.
    """
    if before.content == content:
        return
    is_known, study = bool(before.content), before.study
    if not is_known and before.state is ReviewState.OPEN:
        _make_present(connection, StoredReview(study, before.version), content)
        return
    _keep_earlier(connection, before)
    state = _take_back(connection, study, content, before.version + 1)
    words = OTHER_COUNTS if is_known else NOT_KNOWN
    change = Change(TrailAction.REPLACED, state, "", at, words, content=content)
    add_to_trail(connection, study, before.version + 1, change)


def state_nothing(connection: sqlite3.Connection, study: str) -> None:
    """Take back what was stated of the geometry of a content that is there no more."""
    connection.execute(
        "INSERT INTO stated (study, version, geometry) "
        "SELECT study, version, '{}' FROM reviews WHERE study = ?",
        (study,),
    )


def _keep_earlier(connection: sqlite3.Connection, review: StoredReview) -> None:
    """Keep a review with its pose, and with its folder if results are in it."""
    study, is_signed = review.study, review.state in SIGNED_OFF
    connection.execute(
        "INSERT OR REPLACE INTO earlier (study, content, made_with, state, pose, automatic) "
        "SELECT study, ?, ?, state, pose, automatic FROM reviews WHERE study = ?",
        (review.content, review.made_with, study),
    )
    if is_signed:
        connection.execute(
            "UPDATE earlier SET folder = (SELECT folder FROM folders WHERE study = ?) "
            "WHERE study = ? AND content = ?",
            (study, study, review.content),
        )
        connection.execute("DELETE FROM folders WHERE study = ?", (study,))


def _take_back(
    connection: sqlite3.Connection, study: str, content: str, version: int
) -> ReviewState:
    """Make an earlier review of this content the present one, or an open one; its state."""
    this = (study, content)
    row = None
    if content:
        row = connection.execute(
            "SELECT *, 0 AS version FROM earlier WHERE study = ? AND content = ?", this
        ).fetchone()
    review = StoredReview(study) if row is None else review_of_row(row)
    _make_present(connection, replace(review, version=version), content)
    if row is not None and row["folder"]:
        connection.execute(
            "INSERT OR REPLACE INTO folders (study, folder) VALUES (?, ?)", (study, row["folder"])
        )
    if row is not None:
        connection.execute("DELETE FROM earlier WHERE study = ? AND content = ?", this)
    return review.state


def _make_present(connection: sqlite3.Connection, review: StoredReview, content: str) -> None:
    pose, automatic = (
        None if each is None else to_json_line(each) for each in (review.pose, review.automatic)
    )
    connection.execute(
        "INSERT OR REPLACE INTO reviews (study, version, state, pose, automatic) "
        "VALUES (?, ?, ?, ?, ?)",
        (review.study, review.version, review.state.value, pose, automatic),
    )
    connection.execute(
        "INSERT OR REPLACE INTO contents (study, content, made_with) VALUES (?, ?, ?)",
        (review.study, content, review.made_with),
    )
