"""The state of a study, from what its exams and deliveries say."""

from __future__ import annotations

import sqlite3

from shortaxis.service.bookkeeping.journal_tables import NEXT_REVISION
from shortaxis.service.bookkeeping.records import DeliveryState, StudyState

__all__ = ["add_delivery", "settle"]

UNSETTLED = (StudyState.RECEIVED, StudyState.RUNNING, StudyState.FAILED)


def settle(
    connection: sqlite3.Connection,
    study: str,
    now_s: float,
    seen_revision: int | None = None,
    reason: str = "",
) -> StudyState:
    """Set the state of a study; its row is there.

    Parameters
    ----------
    connection : sqlite3.Connection
        In a transaction.
    study : str
        Its name.
    now_s : float
        Seconds since the epoch.
    seen_revision : int, optional
        That of the study when a worker took it: what came later is still to be done. Without it,
        what is not finished is left alone.
    reason : str
        Why some of its exams failed.
    """
    row = connection.execute("SELECT * FROM studies WHERE study = ?", (study,)).fetchone()
    present = StudyState(row["state"])
    if seen_revision is None and present in UNSETTLED:
        return present
    if seen_revision is not None and row["revision"] != seen_revision:
        state = StudyState.RECEIVED
    elif reason:
        state = StudyState.FAILED
    else:
        state = _finished(connection, study)
    connection.execute(
        f"UPDATE studies SET state = ?, reason = ?, changed_at = ?, revision = {NEXT_REVISION} "  # noqa: S608
        "WHERE study = ?",
        (state.value, reason, now_s, study),
    )
    return state


def _finished(connection: sqlite3.Connection, study: str) -> StudyState:
    waits = connection.execute(
        "SELECT 1 FROM exams WHERE study = ? AND flag = 'review' AND reviewed = ''", (study,)
    ).fetchone()
    if waits:
        return StudyState.REVIEW
    known = connection.execute("SELECT state FROM deliveries WHERE study = ?", (study,))
    is_sent = {each["state"] for each in known} == {DeliveryState.SENT}
    return StudyState.SENT if is_sent else StudyState.DONE


def add_delivery(
    connection: sqlite3.Connection, exam: str, study: str, destination: str, folder: str
) -> None:
    """Let results go to a destination, unless they went or wait already."""
    connection.execute(
        "INSERT OR IGNORE INTO deliveries (exam, study, destination, folder) VALUES (?, ?, ?, ?)",
        (exam, study, destination, folder),
    )
