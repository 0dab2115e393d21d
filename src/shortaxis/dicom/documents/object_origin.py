"""Where UIDs and times of new objects come from: chance and the clock, or what the objects hold.

A UID stands for one object (PS3.5 9), its time of creation included (PS3.3 C.12.1). So what is made
again gets the UIDs that it had only together with the time that it had: the time is asked for, or
it is among the words that UIDs follow from.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Protocol

from pydicom import dcmwrite

from shortaxis.dicom.elements.attributes import text_of
from shortaxis.dicom.elements.part10 import quiet_pydicom, read_dataset
from shortaxis.dicom.elements.uids import UidGenerator, numbered_uids, random_uid

__all__ = ["NewOrigin", "ObjectOrigin", "RepeatedOrigin", "WriteObjects", "following_uids"]

WriteObjects = Callable[[UidGenerator, datetime], None]
"""Writes all objects of a result, each time over those of the time before."""

NO_UID, NO_TIME = "1.2", datetime(2000, 1, 1)
"""Of objects that are looked at and never kept."""

CORRECTED = (
    "PatientName",
    "PatientID",
    "IssuerOfPatientID",
    "IssuerOfPatientIDQualifiersSequence",
    "PatientBirthDate",
    "PatientBirthTime",
    "PatientSex",
    "PatientAge",
    "PatientSize",
    "PatientWeight",
    "PatientComments",
    "EthnicGroup",
    "AccessionNumber",
    "IssuerOfAccessionNumberSequence",
    "ReferringPhysicianName",
    "StudyID",
    "StudyDescription",
    "SpecificCharacterSet",
)
"""What archives correct in objects that keep their UIDs: a name that was mistyped, an order."""


class ObjectOrigin(Protocol):
    """Gives UIDs and a time to objects that are written."""

    def write(self, folder: Path, write: WriteObjects) -> None:
        """Let objects be written into a folder that holds no others."""
        ...


@dataclass(frozen=True)
class NewOrigin:
    """UIDs and the time as they come: objects that were never there before."""

    uids: UidGenerator = random_uid
    clock: Callable[[], datetime] = datetime.now

    def write(self, folder: Path, write: WriteObjects) -> None:
        """Write once."""
        write(self.uids, self.clock())


@dataclass(frozen=True)
class RepeatedOrigin:
    """UIDs that follow from everything else in the objects, and the time of those made before.

    Parameters
    ----------
    made_at : callable
        When objects of these Series and SOP Instance UIDs were made, or None if there are none.
    clock : callable
        The time of objects that were not made before.
    """

    made_at: Callable[[Sequence[tuple[str, str]]], datetime | None]
    clock: Callable[[], datetime] = datetime.now

    def write(self, folder: Path, write: WriteObjects) -> None:
        """Write without UIDs and time, then with what follows from that."""
        self.settled(folder, write).write(folder, write)

    def settled(self, folder: Path, write: WriteObjects) -> NewOrigin:
        """Write without UIDs and time, and return the UIDs and the time that those should have."""
        write(numbered_uids(NO_UID), NO_TIME)
        paths = sorted(folder.glob("*.dcm"))
        held = _sha256_of(paths)
        made_at = self.made_at([_uids_in(path, held) for path in paths])
        now = self.clock() if made_at is None else made_at
        return NewOrigin(following_uids(held), lambda: now)


def following_uids(words: str) -> UidGenerator:
    """UIDs that follow from words, in the place of random UUIDs (PS3.5 B.2).

    Examples
    --------
    >>> first, again = following_uids("one"), following_uids("one")
    >>> first() == again(), first() == again(), first() == following_uids("one")()
    (True, True, False)
    """
    numbers = count(1)
    return lambda: _uid(words, next(numbers))


def _sha256_of(paths: Sequence[Path]) -> str:
    """Hash of what objects hold, without what an archive corrects."""
    digest = hashlib.sha256()
    for path in paths:
        dataset, content = read_dataset(path, with_pixels=True), BytesIO()
        for keyword in CORRECTED:
            dataset.pop(keyword, None)
        with quiet_pydicom():
            dcmwrite(content, dataset, enforce_file_format=True)
        digest.update(hashlib.sha256(content.getvalue()).digest())
    return digest.hexdigest()


def _uids_in(path: Path, held: str) -> tuple[str, str]:
    """Series and SOP Instance UIDs in the place of those that were numbered."""
    dataset = read_dataset(path, with_pixels=False)
    series, instance = (
        _uid(held, int(text_of(dataset, keyword).removeprefix(f"{NO_UID}.")))
        for keyword in ("SeriesInstanceUID", "SOPInstanceUID")
    )
    return series, instance


def _uid(words: str, number: int) -> str:
    digest = hashlib.sha256(f"{words} {number}".encode()).digest()
    return f"2.25.{int.from_bytes(digest[:16], 'big')}"
