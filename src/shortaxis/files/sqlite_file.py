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

__all__ = ["SqliteFile", "is_damage"]

BUSY_S = 30.0
"""How long one writer waits for another."""


DAMAGES = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
"""Beginnings of the names of errors after which the file itself is bad."""


def is_damage(error: BaseException | None) -> bool:
    """Whether an error says that the bytes of a file are wrong, and not that it cannot be had."""
    name = getattr(error, "sqlite_errorname", "") if isinstance(error, sqlite3.Error) else ""
    return isinstance(name, str) and name.startswith(DAMAGES)


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
    upgrades : tuple of str
        Statements that bring tables of schema 1 to schema 2, of 2 to 3, and so on.

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
    upgrades: tuple[str, ...] = ()
    _kept: local = field(default_factory=local, repr=False)

    def __post_init__(self) -> None:
        # Its companions get the mode that it has; what is wrong with the path SQLite tells.
        with suppress(OSError):
            private_file(self.path)
        try:
            found = self._version()
            if found > self.schema_version:
                raise sqlite3.DatabaseError(f"schema {found}")
            # To look at a file on a full disk must not need a change of it.
            if found < self.schema_version:
                self._make_tables()
        except sqlite3.Error as error:
            self.close()
            raise self._unreadable(error) from error

    def require_sound(self, contradictions: Sequence[str] = ()) -> None:
        """Look at every page of the file.

        Parameters
        ----------
        contradictions : sequence of str
            Questions that only a damaged file answers with rows.

        Raises
        ------
        UnreadableFileError
            If a page is damaged, indexes and tables differ, or there is such a row.
        """
        try:
            (found,) = self._connection().execute("PRAGMA integrity_check(1)").fetchone()
            if found != "ok" or any(self.one(question) for question in contradictions):
                error = sqlite3.DatabaseError("pages, indexes or rows are damaged")
                error.sqlite_errorname = DAMAGES[0]
                raise error
        except sqlite3.Error as error:
            self.close()
            raise self._unreadable(error) from error

    def _unreadable(self, error: sqlite3.Error) -> UnreadableFileError:
        return UnreadableFileError(
            f"is no {self.what}",
            path=self.path,
            expected=f"a SQLite file of schema {self.schema_version}",
            found=str(error),
            cause="another file of this name, a newer version, damage, missing permission or space",
        )

    def _version(self) -> int:
        (found,) = self._connection().execute("PRAGMA user_version").fetchone()
        return int(found)

    def _make_tables(self) -> None:
        with self.change() as connection:
            # Within the transaction: another process may have made them.
            found = self._version()
            # Without upgrades every table is made where it is missing.
            is_upgraded = found and self.upgrades
            steps = self.upgrades[found - 1 :] if is_upgraded else (self.tables,)
            for statement in filter(str.strip, ";".join(steps).split(";")):
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
