"""The node's folder: what was received, results, and what waits for a reviewer.

==========================  ===============================================================
``incoming/STUDY/*.dcm``    objects as they came
``arriving/``               objects on their way; empty when the node does not run
``results/STUDY/EXAM/``     what ``shortaxis reorient`` writes, for each exam
``review/STUDY/EXAM/``      links to the objects of flagged exams: point ``shortaxis review`` here
``reviewed/``               what the review page writes: its ``--out``
``journal.sqlite``          see `shortaxis.service.journal`
==========================  ===============================================================

Names are hashes of UIDs.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from shortaxis.files.staged_folder import remove_unfinished
from shortaxis.files.whole_files import move_whole, sync_folder

__all__ = ["Spool", "hashed_name"]

NAME_LENGTH = 24


def hashed_name(uid: str) -> str:
    """A name that stands for a UID, which does not follow from it."""
    return hashlib.sha256(uid.encode("utf-8", "replace")).hexdigest()[:NAME_LENGTH]


@dataclass(frozen=True)
class Spool:
    """The folder of a node."""

    folder: Path

    def prepare(self) -> None:
        """Make what is missing, readable to this user alone."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in ("arriving", "incoming", "results", "review", "reviewed"):
            (self.folder / name).mkdir(exist_ok=True, mode=0o700)

    def sweep(self, known: set[str]) -> int:
        """Remove received files that the journal does not know, and results that are half-written.

        The former were never acknowledged.
        """
        removed = 0
        for path in self.incoming.glob("*/*"):
            if path.stem not in known:
                path.unlink(missing_ok=True)
                removed += 1
        for folder in self.incoming.iterdir():
            with suppress(OSError):
                folder.rmdir()
        for folder in (self.folder / "results").iterdir():
            remove_unfinished(folder)
        return removed

    @property
    def journal(self) -> Path:
        """The SQLite file."""
        return self.folder / "journal.sqlite"

    @property
    def incoming(self) -> Path:
        """Objects by study."""
        return self.folder / "incoming"

    @property
    def arriving(self) -> Path:
        """Objects on their way."""
        return self.folder / "arriving"

    @property
    def review(self) -> Path:
        """Objects of flagged exams by study and exam."""
        return self.folder / "review"

    @property
    def reviewed(self) -> Path:
        """Results of reviews."""
        return self.folder / "reviewed"

    def results(self, study: str) -> Path:
        """Results of a study."""
        return self.folder / "results" / study

    def keep(self, study: str, name: str, arrived: Path) -> Path:
        """Move an object from where it arrived; it survives a power cut once this returns."""
        folder = self.incoming / study
        is_new = not folder.exists()
        folder.mkdir(exist_ok=True, mode=0o700)
        path = move_whole(arrived, folder / f"{name}.dcm")
        if is_new:
            sync_folder(self.incoming)
        return path

    def link_for_review(self, study: str, exam: str, sources: list[Path]) -> None:
        """Let the review page find the objects of an exam."""
        folder = self.review / study / exam
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for path in sources:
            with suppress(FileExistsError):
                os.link(path, folder / path.name)

    def remove_from_review(self, study: str, exam: str) -> None:
        """Remove an exam that was reviewed from what waits for the review page."""
        shutil.rmtree(self.review / study / exam, ignore_errors=True)
        with suppress(OSError):
            (self.review / study).rmdir()

    def remove(self, study: str) -> None:
        """Remove every file of a study, but not what reviewers wrote."""
        for folder in (self.incoming / study, self.results(study), self.review / study):
            shutil.rmtree(folder, ignore_errors=True)

    def free_mb(self) -> float:
        """Free space of the disk, 10^6 bytes."""
        return shutil.disk_usage(self.folder).free / 1e6
