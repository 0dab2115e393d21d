"""What the journal tells of: studies and their states, what came of exams, deliveries."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from enum import Enum

__all__ = ["Delivery", "ExamOutcome", "State", "StudyRow"]


class State(Enum):
    """What has become of a study."""

    RECEIVED = "received"
    RUNNING = "running"
    DONE = "done"
    REVIEW = "review"
    FAILED = "failed"
    SENT = "sent"


@dataclass(frozen=True)
class StudyRow:
    """A study as it stands; times are seconds since the epoch."""

    study: str
    state: State
    first_at: float
    last_at: float
    changed_at: float
    attempts: int
    reason: str

    @classmethod
    def from_row(cls, row: sqlite3.Row) -> StudyRow:
        """A row of the journal's table."""
        return cls(
            row["study"],
            State(row["state"]),
            row["first_at"],
            row["last_at"],
            row["changed_at"],
            row["attempts"],
            row["reason"],
        )


@dataclass(frozen=True)
class ExamOutcome:
    """What a worker made of one exam of a study.

    `folder` is below the node's folder, `sources` are hashes of the objects it was made from.
    """

    exam: str
    folder: str
    flag: str
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
