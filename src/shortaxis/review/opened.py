"""Studies as they were read: kept for the next question while their files stay as they are."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from shortaxis.review.worklist import Entry
from shortaxis.spect.content import content_sha256
from shortaxis.workflow.studies.finding import FoundStudy, LoadedStudy

__all__ = ["KeptStudies", "OpenedStudy", "Stamp", "as_read", "read_entry", "stamp_of"]

Stamp = tuple[tuple[int, ...], ...]
"""What tells at once that files may hold something else."""


@dataclass(frozen=True, eq=False)
class OpenedStudy:
    """A study in memory, and what it holds: the content is that of these counts, not of a file.

    `found` is the search's word for it, `stamp` that of its files before they were read.
    """

    found: FoundStudy
    loaded: LoadedStudy
    content: str
    stamp: Stamp


def read_entry(entry: Entry) -> OpenedStudy:
    """Read a study, now.

    Raises
    ------
    ShortAxisError
        Why it cannot be read.
    """
    stamp = stamp_of(entry.found.paths)
    loaded = entry.found.load()
    return OpenedStudy(entry.found, loaded, content_sha256(loaded.study), stamp)


def stamp_of(paths: Sequence[Path]) -> Stamp:
    """Which files they are and when they were changed; the counts of a pair lie beside its header.

    The time of the last change of a file's entry cannot be set back, unlike that of its content.
    """
    beside = [path.with_suffix(end) for path in paths[:1] for end in (".img", ".IMG")]
    return tuple(_stamp(path) for path in (*paths, *beside))


def _stamp(path: Path) -> tuple[int, ...]:
    try:
        said = path.stat()
    except OSError:
        return ()
    return (said.st_dev, said.st_ino, said.st_size, said.st_mtime_ns, said.st_ctime_ns)


def as_read(entry: Entry, opened: OpenedStudy) -> Entry:
    """An entry with the facts of what was read, where the search saw another file."""
    study = opened.loaded.study
    along_slice, along_row, along_column = study.volume.spacing_mm.tolist()
    found = replace(
        entry.found,
        shape=study.volume.shape,
        spacing_mm=(along_slice, along_row, along_column),
        n_time_slots=1 if study.gates is None else len(study.gates),
        facts=study.facts,
    )
    return replace(entry, found=found)


class KeptStudies:
    """The studies that were asked for last, in memory.

    Parameters
    ----------
    size : int
        How many.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[str, OpenedStudy] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, entry: Entry) -> OpenedStudy | None:
        """A study as it was read, if it is kept and its files have not been touched since."""
        with self._lock:
            opened = self._kept.get(entry.study)
            if opened is None or opened.found is not entry.found:
                return None
            self._kept.move_to_end(entry.study)
        return opened if opened.stamp == stamp_of(opened.found.paths) else None

    def keep(self, study: str, opened: OpenedStudy) -> None:
        """Keep a study; what was kept of it before goes, and what nobody asked for longest."""
        with self._lock:
            self._kept[study] = opened
            self._kept.move_to_end(study)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
