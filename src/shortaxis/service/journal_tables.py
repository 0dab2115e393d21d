"""Tables of the journal of a node, and the version of their schema."""

from __future__ import annotations

__all__ = ["SCHEMA_VERSION", "TABLES"]

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
