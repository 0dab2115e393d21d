"""The start of a node: its journal is made to say what lies in its folder, and nothing is removed.

What was acknowledged lies in ``incoming``. A journal that was restored from a backup, emptied or
damaged does not know all of it; those objects are adopted, and their studies done again, which
gives the same results. What the journal knows and the folder does not hold is forgotten, so that
it is taken when it comes again.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from shortaxis.dicom.elements.part10 import sender_titles
from shortaxis.errors import UnreadableFileError
from shortaxis.files.sqlite_file import is_damage
from shortaxis.files.whole_files import publish, remove_partial
from shortaxis.service.bookkeeping.journal import Journal
from shortaxis.service.reading_rules import Sender
from shortaxis.service.spool import Spool, is_hashed_name

__all__ = ["opened_journal"]

LOG = logging.getLogger("shortaxis.service")

BESIDE = ("-wal", "-shm")
"""Ends of the names of what SQLite keeps beside a journal."""


def opened_journal(spool: Spool, clock: Callable[[], float] = time.time) -> Journal:
    """The journal of a node that starts, in agreement with the node's folder.

    A damaged one is kept under another name, and a new one is begun. Only for who holds the lock of
    the folder.

    Raises
    ------
    UnreadableFileError
        If the journal is one of a newer version, or may not be read.
    """
    spool.sweep()
    journal = _sound_journal(spool, clock)
    _end_removals(spool, journal)
    _adopt(spool, journal)
    journal.requeue_running()
    return journal


def _sound_journal(spool: Spool, clock: Callable[[], float]) -> Journal:
    try:
        journal = Journal(spool.journal, clock)
        journal.require_sound()
        return journal
    except UnreadableFileError as error:
        if not is_damage(error.__cause__):
            raise
    kept = _set_aside(spool)
    LOG.error("the journal was damaged: kept as %s, and made anew from the objects", kept.name)
    return Journal(spool.journal, clock)


def _set_aside(spool: Spool) -> Path:
    numbers = [int(*re.findall(r"\d+", path.stem)) for path in spool.journals_set_aside()]
    kept = spool.folder / f"journal-damaged-{max(numbers, default=0) + 1}.sqlite"
    for end in ("", *BESIDE):
        with suppress(FileNotFoundError):
            publish(
                spool.journal.with_name(spool.journal.name + end), kept.with_name(kept.name + end)
            )
    return kept


def _end_removals(spool: Spool, journal: Journal) -> None:
    """A purge that was killed is ended if the study was forgotten, and else undone."""
    known = {each.study for each in journal.studies()}
    for study, away in spool.taken_away():
        if study in known:
            spool.put_back(study, away)
        else:
            remove_partial(away)


def _adopt(spool: Spool, journal: Journal) -> None:
    gone = journal.drop_missing(spool.holds)
    if gone:
        LOG.warning("%d objects of the journal are not in the folder", gone)
        journal.count_event("objects missing", gone)
    known = journal.known_objects()
    adopted = strange = 0
    for path in spool.received_files():
        place = path.relative_to(spool.folder).as_posix()
        if known.get(path.stem) == place:
            continue
        if _is_object(spool, path) and _add(journal, place, path):
            adopted += 1
        else:
            spool.set_aside(path)
            strange += 1
    if adopted:
        LOG.warning("%d objects were not in the journal; they are adopted", adopted)
        journal.count_event("objects adopted", adopted)
    if strange:
        LOG.warning("%d files among the received ones are none of this node", strange)


def _is_object(spool: Spool, path: Path) -> bool:
    is_named = is_hashed_name(path.stem) and is_hashed_name(path.parent.name)
    is_plain = path.is_file() and not path.is_symlink()
    return is_plain and is_named and path == spool.object_path(path.parent.name, path.stem)


def _add(journal: Journal, place: str, path: Path) -> bool:
    titles = sender_titles(path)
    return journal.add_object(
        path.stem,
        path.parent.name,
        place,
        at=path.stat().st_mtime,
        sender=Sender(*titles) if any(titles) else None,
    )
