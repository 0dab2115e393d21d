"""The node's folder: what was received, results, and what waits for a reviewer.

==========================  ===============================================================
``incoming/STUDY/*.dcm``    objects as they came
``arriving/``               objects on their way; empty when the node does not run
``results/STUDY/EXAM/``     what ``shortaxis reorient`` writes, for each exam
``review/STUDY/EXAM/``      links to the objects of flagged exams: point ``shortaxis review`` here
``reviewed/``               what the review page writes: its ``--out``
``priors/STUDY``            empty; a study that was retrieved as a prior exam of another one
``unknown/``                files that were found among the received ones and are none of them
``journal.sqlite``          see `shortaxis.service.bookkeeping.journal`
``journal-damaged-1.sqlite``  a journal that was damaged, as it was found
==========================  ===============================================================

Names are hashes of UIDs. What is to be removed lies in a hidden folder until it is.
"""

from __future__ import annotations

import os
import re
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from shortaxis.dicom.elements.uids import HASHED_LENGTH, hashed_name
from shortaxis.files.privacy import private_folder
from shortaxis.files.staged_folder import remove_unfinished
from shortaxis.files.whole_files import (
    publish,
    remove_partial,
    sync_folder,
)

__all__ = ["Spool", "hashed_name", "is_hashed_name"]

OF_STUDIES = ("incoming", "results", "review")
"""Folders that hold one folder for each study."""

REMOVED_PREFIX = ".removed-"


def is_hashed_name(name: str) -> bool:
    """Whether a name is one that this node gives.

    Examples
    --------
    >>> is_hashed_name(hashed_name("1.2.3")), is_hashed_name("Doe^Jane")
    (True, False)
    """
    return re.fullmatch(rf"[0-9a-f]{{{HASHED_LENGTH}}}", name, re.ASCII) is not None


@dataclass(frozen=True)
class Spool:
    """The folder of a node."""

    folder: Path

    def prepare(self) -> None:
        """Make what is missing, readable to this user alone."""
        private_folder(self.folder)
        for name in (*OF_STUDIES, "arriving", "reviewed"):
            private_folder(self.folder / name)

    def sweep(self) -> None:
        """Remove what a node that was killed was writing: none of it was acknowledged."""
        remove_unfinished(self.incoming)
        for parent in (self.incoming, self.folder / "results"):
            for folder in filter(Path.is_dir, parent.iterdir()):
                remove_unfinished(folder)
        for folder in self.incoming.iterdir():
            with suppress(OSError):
                folder.rmdir()

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
    def unknown(self) -> Path:
        """Files that are of no study; made when there is one."""
        return self.folder / "unknown"

    @property
    def priors(self) -> Path:
        """Names of studies that came as prior exams; made when there is one."""
        return self.folder / "priors"

    @property
    def reviewed(self) -> Path:
        """Results of reviews."""
        return self.folder / "reviewed"

    def results(self, study: str) -> Path:
        """Results of a study."""
        return self.folder / "results" / study

    def object_path(self, study: str, name: str) -> Path:
        """Where an object of a study is kept."""
        return self.incoming / study / f"{name}.dcm"

    def holds(self, place: str) -> bool:
        """Whether there is a file of this path below the node's folder."""
        return (self.folder / place).is_file()

    def received_files(self) -> list[Path]:
        """Every file below ``incoming``, in the order in which they came."""
        files = [path for path in self.incoming.rglob("*") if not path.is_dir()]
        return sorted(files, key=lambda path: (path.lstat().st_mtime, path))

    def name_object(self, arrived: Path, path: Path) -> None:
        """Give an object its name, which survives a power cut after `sync_name`.

        Raises
        ------
        OSError
            If there is one of this name, among others.
        """
        if os.path.lexists(path):
            raise FileExistsError(path.name)
        private_folder(path.parent)
        publish(arrived, path)

    def sync_name(self, path: Path) -> None:
        """Wait until the name of an object, and that of its study, are on disk."""
        sync_folder(path.parent)
        sync_folder(self.incoming)

    def set_aside(self, path: Path) -> None:
        """Move a file of others out of ``incoming``, under the name that it has there."""
        kept = self.unknown / path.relative_to(self.incoming)
        while os.path.lexists(kept):
            kept = kept.with_name(f"{kept.name}-{uuid4().hex[:6]}")
        private_folder(kept.parent)
        publish(path, kept)

    def link_for_review(self, study: str, exam: str, sources: list[Path]) -> None:
        """Let the review page find the objects of an exam."""
        folder = self.review / study / exam
        private_folder(folder)
        for path in sources:
            with suppress(FileExistsError):
                os.link(path, folder / path.name)

    def remove_from_review(self, study: str, exam: str) -> None:
        """Remove an exam that was reviewed from what waits for the review page."""
        shutil.rmtree(self.review / study / exam, ignore_errors=True)
        with suppress(OSError):
            (self.review / study).rmdir()

    def place_for_removal(self, study: str) -> Path:
        """A folder, not made yet, that files of a study can be taken away to."""
        return self.folder / f"{REMOVED_PREFIX}{study}-{uuid4().hex[:8]}"

    def take_away(self, study: str, away: Path) -> None:
        """Move every file of a study, but not what reviewers wrote, to where it can be removed.

        Raises
        ------
        OSError
            If one cannot be moved; `put_back` undoes the rest.
        """
        private_folder(away)
        for name in OF_STUDIES:
            if (self.folder / name / study).is_dir():
                publish(self.folder / name / study, away / name)

    def put_back(self, study: str, away: Path) -> None:
        """Undo `take_away`: what has come since stays as it is."""
        for path in [each for each in away.rglob("*") if not each.is_dir()]:
            name, *below = path.relative_to(away).parts
            there = (self.folder / name / study).joinpath(*below)
            if not os.path.lexists(there):
                private_folder(there.parent)
                publish(path, there)
        remove_partial(away)

    def taken_away(self) -> list[tuple[str, Path]]:
        """Studies whose removal was begun and not ended, and where their files are."""
        found = sorted(self.folder.glob(f"{REMOVED_PREFIX}*"))
        return [(away.name[len(REMOVED_PREFIX) :].split("-")[0], away) for away in found]

    def journals_set_aside(self) -> list[Path]:
        """Journals that were damaged."""
        return sorted(self.folder.glob("journal-damaged-*.sqlite"))

    def unknown_files(self) -> list[Path]:
        """Files that were found among the received ones and are none of them."""
        return [path for path in self.unknown.rglob("*") if not path.is_dir()]

    def note_prior(self, study: str) -> None:
        """Remember that a study comes as a prior exam; longer than its files are kept."""
        private_folder(self.priors)
        (self.priors / study).touch()
        sync_folder(self.priors)

    def came_as_prior(self, study: str) -> bool:
        """Whether a study was retrieved as a prior exam."""
        return (self.priors / study).is_file()

    def free_mb(self) -> float:
        """Free space of the disk, 10^6 bytes."""
        return shutil.disk_usage(self.folder).free / 1e6
