"""What reviewers have said, in one SQLite file: the present state and an audit trail.

Every change names the version of the review that it was made from. A change of an older one is
refused, and nothing is written (optimistic locking). Each change is one transaction that is on disk
when it returns, so a server that is killed leaves the last change whole or absent. A change that
comes with files is announced first: what was announced and not changed is done again.

A review belongs to the content that it was made on, `shortaxis.spect.content`. Where the file
holds another, the review is kept as an earlier one and begins anew; it is back if that content is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from shortaxis.errors import InputNotFoundError, ShortAxisError
from shortaxis.files.plain_json import to_json_line
from shortaxis.files.sqlite_file import SqliteFile
from shortaxis.review.contents import begin_anew, state_nothing
from shortaxis.review.decisions import ReviewAction, ReviewState
from shortaxis.review.review_rows import (
    REVIEWS,
    SCHEMA_VERSION,
    TABLES,
    Change,
    StoredReview,
    add_to_trail,
    content_of,
    read_json,
    review_of_row,
    set_content,
)
from shortaxis.review.second_reading import SecondReading

__all__ = [
    "STORE_FILE",
    "Change",
    "ReviewConflictError",
    "ReviewStore",
    "StoredReview",
    "existing_store",
    "require_same_content",
]

STORE_FILE = "reviews.sqlite"
"""In the folder of what was reviewed."""


class ReviewConflictError(ShortAxisError):
    """The review was changed by somebody else meanwhile."""


def require_same_content(review: StoredReview, content: str) -> None:
    """Refuse to answer about counts that are there no more.

    Raises
    ------
    ReviewConflictError
        If the review is of another content by now.
    """
    if review.content != content:
        raise ReviewConflictError(
            "was replaced meanwhile",
            expected="the counts that were opened",
            found="others under the same name",
            cause="the file was replaced, or is being copied; open the study again",
        )


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
        row = self._file.one(f"{REVIEWS} WHERE study = ?", (study,))
        return StoredReview(study) if row is None else review_of_row(row)

    def reviews(self) -> dict[str, StoredReview]:
        """All that is known, by study."""
        return {row["study"]: review_of_row(row) for row in self._file.all(REVIEWS)}

    def review_of(self, study: str, content: str) -> StoredReview:
        """What was decided on this content, be it the present one or an earlier one."""
        present = self.review(study)
        if present.content == content:
            return present
        row = self._file.one(
            "SELECT *, 0 AS version FROM earlier WHERE study = ? AND content = ?", (study, content)
        )
        return StoredReview(study, content=content) if row is None else review_of_row(row)

    def earlier(self) -> list[StoredReview]:
        """Reviews of contents that lie there no more."""
        return [review_of_row(row) for row in self._file.all("SELECT *, 0 AS version FROM earlier")]

    def take_content(
        self, study: str, content: str, at: str, *, without_statement: bool = False
    ) -> StoredReview:
        """Note what a study holds, as it was read; another content is another review.

        Parameters
        ----------
        study : str
            Its identifier.
        content : str
            Of what was read.
        at : str
            Now, for the trail.
        without_statement : bool
            Whether a statement of geometry, which was made of the content before, is taken back.
        """
        with self._file.change() as connection:
            begin_anew(connection, self.review(study), content, at)
            if without_statement:
                state_nothing(connection, study)
        return self.review(study)

    def keep_automatic(
        self, study: str, record: Mapping[str, Any], content: str, made_with: str
    ) -> None:
        """Keep the automatic pose of a content; it is no change of the review."""
        with self._file.change() as connection:
            connection.execute(
                "UPDATE reviews SET automatic = ? WHERE study = ? AND EXISTS "
                "(SELECT 1 FROM contents WHERE study = ? AND content = ?)",
                (to_json_line(record), study, study, content),
            )
            connection.execute(
                "UPDATE contents SET made_with = ? WHERE study = ? AND content = ?",
                (made_with, study, content),
            )

    def folders(self, wanted: Mapping[str, str]) -> dict[str, str]:
        """Folder of results of each study: given once, and never to another one.

        `wanted` are names such as ``01-rest`` by study; one that is taken gets another number.
        """
        with self._file.change() as connection:
            rows = connection.execute("SELECT study, folder FROM folders")
            given = {row["study"]: str(row["folder"]) for row in rows}
            before = connection.execute("SELECT folder FROM earlier WHERE folder IS NOT NULL")
            used = {*given.values(), *(str(row["folder"]) for row in before)}
            number = len(given)
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
                "INSERT OR REPLACE INTO begun (study, content, change) VALUES (?, ?, ?)",
                (study, content_of(connection, study), to_json_line(record)),
            )

    def withdraw(self, study: str) -> None:
        """Forget a change that was announced: its files were not written."""
        with self._file.change() as connection:
            connection.execute(
                "DELETE FROM begun WHERE study = ? AND content = ?",
                (study, content_of(connection, study)),
            )

    def begun(self) -> set[str]:
        """Studies of which a change was announced and neither made nor withdrawn."""
        return {row["study"] for row in self._file.all("SELECT study FROM begun")}

    def announced(self) -> dict[str, Change]:
        """Changes of present contents that were announced and neither made nor withdrawn."""
        rows = self._file.all(
            "SELECT study, change FROM begun LEFT JOIN contents USING (study) "
            "WHERE begun.content = ifnull(contents.content, '')"
        )
        found = {row["study"]: json.loads(row["change"]) for row in rows}
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
            decided_on = content_of(connection, study)
            connection.execute(
                "INSERT INTO reviews (study, version, state, pose) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (study) DO UPDATE SET version = excluded.version, "
                "state = excluded.state, pose = excluded.pose",
                (study, version + 1, change.state.value, pose),
            )
            add_to_trail(connection, study, version + 1, change)
            set_content(connection, study, change.content)
            if change.stated is not None:
                connection.execute(
                    "INSERT INTO stated (study, version, geometry) VALUES (?, ?, ?)",
                    (study, version + 1, to_json_line(change.stated)),
                )
                connection.execute("UPDATE reviews SET automatic = NULL WHERE study = ?", (study,))
            connection.execute(
                "DELETE FROM begun WHERE study = ? AND content = ?", (study, decided_on)
            )
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
        on = self._file.all("SELECT version, content FROM decided_on WHERE study = ?", (study,))
        contents: dict[int, str] = {row["version"]: row["content"] for row in on}
        return [
            {
                **dict(each),
                "pose": read_json(each["pose"]),
                "stated": stated.get(each["version"]),
                "content": contents.get(each["version"], ""),
            }
            for each in found
        ]

    def keep_second_reading(self, reading: SecondReading) -> None:
        """Keep what a second reader said, in the place of what the same one said before."""
        pose = None if reading.pose is None else to_json_line(reading.pose)
        said = (reading.study, reading.content, reading.reviewer, reading.at)
        with self._file.change() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO second_readings "
                "(study, content, reviewer, at, verdict, comment, pose) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (*said, reading.verdict.value, reading.comment, pose),
            )

    def second_readings(self) -> list[SecondReading]:
        """All of them, the latest of a study last."""
        rows = self._file.all(
            "SELECT study, content, reviewer, at, verdict, comment, pose FROM second_readings "
            "ORDER BY at"
        )
        return [
            SecondReading(
                row["study"],
                row["content"],
                row["reviewer"],
                row["at"],
                ReviewAction(row["verdict"]),
                row["comment"],
                read_json(row["pose"]),
            )
            for row in rows
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
