"""The tables of the journal, and how a journal of an earlier version gets them."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from shortaxis.reorientation.estimate import QualityFlag
from shortaxis.service.bookkeeping.records import DeliveryState, StudyState

__all__ = ["CONTRADICTIONS", "NEXT_REVISION", "SCHEMA_VERSION", "TABLES", "UPGRADES"]

SCHEMA_VERSION = 4

OF_VERSION_2 = """
CREATE TABLE IF NOT EXISTS senders (
    object TEXT PRIMARY KEY,
    study TEXT NOT NULL,
    calling TEXT NOT NULL,
    called TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS senders_of_study ON senders (study);
"""

OF_VERSION_3 = """
CREATE INDEX IF NOT EXISTS studies_by_revision ON studies (revision);
CREATE TABLE IF NOT EXISTS events (
    event TEXT PRIMARY KEY,
    count INTEGER NOT NULL
);
"""

OF_VERSION_4 = """
CREATE INDEX IF NOT EXISTS deliveries_by_transaction ON deliveries (transaction_uid);
"""

TABLES = f"""
CREATE TABLE IF NOT EXISTS objects (
    object TEXT PRIMARY KEY,
    study TEXT NOT NULL,
    path TEXT NOT NULL,
    received_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS objects_of_study ON objects (study);
CREATE TABLE IF NOT EXISTS studies (
    study TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    first_at REAL NOT NULL,
    last_at REAL NOT NULL,
    changed_at REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    revision INTEGER NOT NULL DEFAULT 0
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
    transaction_uid TEXT NOT NULL DEFAULT '',
    UNIQUE (exam, destination, folder)
);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (state, next_at);
{OF_VERSION_2}
{OF_VERSION_3}
{OF_VERSION_4}
"""

UPGRADES = (
    OF_VERSION_2,
    f"ALTER TABLE studies ADD COLUMN revision INTEGER NOT NULL DEFAULT 0; {OF_VERSION_3}",
    f"ALTER TABLE deliveries ADD COLUMN transaction_uid TEXT NOT NULL DEFAULT ''; {OF_VERSION_4}",
)
"""Statements that make version 2 of version 1, and so on."""

NEXT_REVISION = "(SELECT COALESCE(MAX(revision), 0) + 1 FROM studies)"
"""What orders changes of studies: a clock that is set back would put the last one first."""


def _one_of(values: Iterable[Enum]) -> str:
    return ", ".join(f"'{each.value}'" for each in values)


CONTRADICTIONS = (
    f"SELECT 1 FROM studies WHERE state NOT IN ({_one_of(StudyState)}) "  # noqa: S608
    "OR typeof(first_at) <> 'real' OR typeof(last_at) <> 'real' OR typeof(changed_at) <> 'real' "
    "OR typeof(attempts) <> 'integer' OR typeof(revision) <> 'integer'",
    "SELECT 1 FROM objects WHERE path <> 'incoming/' || study || '/' || object || '.dcm' "
    "OR study NOT IN (SELECT study FROM studies)",
    f"SELECT 1 FROM exams WHERE flag NOT IN ({_one_of(QualityFlag)}) "  # noqa: S608
    "OR study NOT IN (SELECT study FROM studies) OR NOT json_valid(sources)",
    f"SELECT 1 FROM deliveries WHERE state NOT IN ({_one_of(DeliveryState)}) "  # noqa: S608
    "OR study NOT IN (SELECT study FROM studies) OR typeof(next_at) <> 'real' "
    "OR typeof(attempts) <> 'integer'",
)
"""Questions that a journal which a node wrote answers with nothing."""
