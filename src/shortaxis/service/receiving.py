"""An object that arrives: put on disk and noted, or known already, or refused.

A SOP Instance UID stands for one content (PS3.5 9). What comes with the UID of an object that is
here and says something else is refused, so that the sender keeps it and somebody looks: neither of
the two is thrown away.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from shortaxis.dicom.received.same_object import is_same_object
from shortaxis.files.whole_files import sync_file
from shortaxis.service.bookkeeping.journal import Journal
from shortaxis.service.reading_rules import Sender
from shortaxis.service.spool import Spool

__all__ = ["Arrival", "Received", "receive"]

LOG = logging.getLogger("shortaxis.service")

ROUNDS = 8
"""How often a purge or a twin may come in between before the sender is asked to try again."""


class Received(StrEnum):
    """What has become of an object that arrived; the words are those of events."""

    STORED = "new objects"
    DUPLICATE = "duplicates"
    OTHER_CONTENT = "other content refused"


@dataclass(frozen=True)
class Arrival:
    """An object that arrived: hashes of its UIDs, its file, and who sent it if that is known.

    It is a Part 10 file, on the disk of the node's folder.
    """

    study: str
    name: str
    path: Path
    sender: Sender | None = None


def receive(
    spool: Spool,
    journal: Journal,
    arrival: Arrival,
    is_same: Callable[[Path, Path], bool] = is_same_object,
) -> Received:
    """Keep an object so that it survives a power cut, unless it is here.

    Parameters
    ----------
    spool : Spool
        The node's folder.
    journal : Journal
        What it knows.
    arrival : Arrival
        The object; its file is moved if it is kept.
    is_same : callable
        `is_same_object`, where nobody minds what comparing takes.

    Raises
    ------
    OSError, sqlite3.Error
        If it cannot be written; it is not kept then.
    """
    name = arrival.name
    target = spool.object_path(arrival.study, name)
    for _ in range(ROUNDS):
        known = journal.object_path(name)
        path = target if known is None else spool.folder / known
        if not path.exists():
            if known is not None:
                journal.drop_missing(spool.holds, [name])
            if _store(spool, journal, target, arrival):
                return Received.STORED
            continue
        with suppress(FileNotFoundError):
            if not is_same(path, arrival.path):
                LOG.warning(
                    "study %s: refused an object of the same UID and other content", arrival.study
                )
                journal.count_event(Received.OTHER_CONTENT)
                return Received.OTHER_CONTENT
            if _still_there(spool, journal, path, is_known=known is not None):
                return Received.DUPLICATE
    raise OSError("an object came and went too often")


def _store(spool: Spool, journal: Journal, path: Path, arrival: Arrival) -> bool:
    arrived = arrival.path
    sync_file(arrived)
    is_new = journal.add_object(
        path.stem,
        path.parent.name,
        path.relative_to(spool.folder).as_posix(),
        sender=arrival.sender,
        at=arrived.stat().st_mtime,
        publish=lambda: spool.name_object(arrived, path),
    )
    if is_new:
        spool.sync_name(path)
    return is_new


def _still_there(spool: Spool, journal: Journal, path: Path, *, is_known: bool) -> bool:
    """Whether an object that came again is kept: a purge may have come in between."""
    if is_known:
        return journal.touch(path.stem)
    place = path.relative_to(spool.folder).as_posix()
    at = path.stat().st_mtime
    return journal.add_object(path.stem, path.parent.name, place, at=at) and path.exists()
