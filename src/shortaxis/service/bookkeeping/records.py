"""What the journal holds: studies and their states, outcomes of exams, deliveries."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from enum import StrEnum

from shortaxis.reorientation.estimate import QualityFlag

__all__ = ["FINISHED", "Delivery", "DeliveryState", "ExamOutcome", "StudyRow", "StudyState"]


class StudyState(StrEnum):
    """What has become of a study."""

    RECEIVED = "received"
    RUNNING = "running"
    DONE = "done"
    REVIEW = "review"
    FAILED = "failed"
    SENT = "sent"


FINISHED = (StudyState.SENT, StudyState.DONE, StudyState.FAILED, StudyState.REVIEW)
"""States of studies that nobody works on."""


class DeliveryState(StrEnum):
    """What has become of a delivery."""

    WAITING = "waiting"
    STORED = "stored"
    """Acknowledged, and the destination was asked, or is to be, whether it keeps it."""
    SENT = "sent"


@dataclass(frozen=True)
class StudyRow:
    """A study as it stands; times are seconds since the epoch.

    `revision` grows with every change of it.
    """

    study: str
    state: StudyState
    first_at: float
    last_at: float
    changed_at: float
    attempts: int
    reason: str
    revision: int

    @classmethod
    def from_row(cls, row: sqlite3.Row) -> StudyRow:
        """A row of the journal's table."""
        return cls(
            row["study"],
            StudyState(row["state"]),
            row["first_at"],
            row["last_at"],
            row["changed_at"],
            row["attempts"],
            row["reason"],
            row["revision"],
        )


@dataclass(frozen=True)
class ExamOutcome:
    """Result of one exam of a study.

    `folder` is below the node's folder, `sources` are hashes of the objects it was made from.
    """

    exam: str
    folder: str
    flag: QualityFlag
    reasons: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Delivery:
    """Results that are to be sent somewhere."""

    number: int
    exam: str
    study: str
    destination: str
    folder: str
    attempts: int
