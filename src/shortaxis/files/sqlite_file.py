"""One SQLite file whose changes are on disk, whole, when they return."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import local
from typing import Any

from shortaxis.errors import UnreadableFileError
from shortaxis.files.privacy import private_file

__all__ = ["SqliteFile"]

BUSY_S = 30.0
"""How long one writer waits for another."""


@dataclass
class SqliteFile:
    """A file with full synchronisation; one connection a thread.

    A process that is killed leaves the last change whole or absent. Other users of the machine
    cannot read it.

    Parameters
    ----------
    path : Path
        Made if it is missing.
    schema_version : int
        Of the tables.
    tables : str
        Statements that make what is missing of them.
    what : str
        What the file is, for errors.
    write_ahead : bool
        Many small changes are fast, and until the last connection is closed the newest lie in a
        second file beside it. Without, the file alone is everything, and may be copied.

    Raises
    ------
    UnreadableFileError
        If it is another file, or one of a newer version.
    """

    path: Path
    schema_version: int
    tables: str
    what: str
    write_ahead: bool = False
    _kept: local = field(default_factory=local, repr=False)

    def __post_init__(self) -> None:
        # Its companions get the mode that it has; what is wrong with the path SQLite tells.
        with suppress(OSError):
            private_file(self.path)
        try:
            (found,) = self._connection().execute("PRAGMA user_version").fetchone()
            if found > self.schema_version:
                raise sqlite3.DatabaseError(f"schema {found}")
            # To look at a file on a full disk must not need a change of it.
            if found < self.schema_version:
                self._make_tables()
        except sqlite3.Error as error:
            raise UnreadableFileError(
                f"is no {self.what}",
                path=self.path,
                expected=f"a SQLite file of schema {self.schema_version}",
                found=str(error),
                cause="another file of this name, a newer version, missing permission or space",
            ) from error

    def _make_tables(self) -> None:
        with self.change() as connection:
            for statement in filter(str.strip, self.tables.split(";")):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {self.schema_version}")

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """One transaction; the lock is taken first, so that nobody reads what will not hold."""
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.rollback()
            raise
        connection.commit()

    def all(self, question: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """All rows that answer a question."""
        return self._connection().execute(question, values).fetchall()

    def one(self, question: str, values: Sequence[Any] = ()) -> sqlite3.Row | None:
        """The first row that answers a question, or None."""
        found: sqlite3.Row | None = self._connection().execute(question, values).fetchone()
        return found

    def close(self) -> None:
        """Close this thread's connection."""
        if hasattr(self._kept, "connection"):
            self._kept.connection.close()
            del self._kept.connection

    def _connection(self) -> sqlite3.Connection:
        if not hasattr(self._kept, "connection"):
            made = sqlite3.connect(self.path, timeout=BUSY_S, isolation_level=None)
            made.row_factory = sqlite3.Row
            made.execute(f"PRAGMA journal_mode = {'WAL' if self.write_ahead else 'DELETE'}")
            made.execute("PRAGMA synchronous = FULL")
            self._kept.connection = made
        connection: sqlite3.Connection = self._kept.connection
        return connection
