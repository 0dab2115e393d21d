"""An object on its way, in a file instead of in memory."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

__all__ = ["ArrivalRules", "ArrivingObject"]

PRIVATE = 0o600

ROOM_ASKED_EVERY_BYTES = 1 << 20


@dataclass(frozen=True)
class ArrivalRules:
    """Where objects arrive and how large they may be; `has_room` says whether the disk takes more.

    Whatever arrived when the node was killed is nobody's, and is removed at the start.
    """

    folder: Path
    most_bytes: int
    has_room: Callable[[int], bool]

    def prepare(self) -> None:
        """Make the folder, and empty it."""
        self.folder.mkdir(exist_ok=True, mode=0o700)
        for path in self.folder.iterdir():
            path.unlink(missing_ok=True)


class ArrivingObject(io.BytesIO):
    """A data set as pynetdicom writes it while it comes: behind a head, in a file.

    It stands where pynetdicom keeps a buffer, and holds no bytes itself. `head` gives what comes
    first in the file, once the first bytes are there. What is too large is dropped at once, and
    what follows of it, too.
    """

    def __init__(self, rules: ArrivalRules, head: Callable[[], bytes]) -> None:
        super().__init__()
        self.rules = rules
        self.size = 0
        self.is_refused = False
        self.path = rules.folder / f"{uuid4().hex}.dcm"
        self._head = head
        self._file: BinaryIO | None = None
        self._asked_at = 0

    def write(self, content: bytes, /) -> int:  # type: ignore[override]  # bytes are all that comes
        """Take the next bytes of the data set."""
        self.size += len(content)
        if self.size > self.rules.most_bytes or not self._has_room(len(content)):
            self.is_refused = True
        if self.is_refused:
            self.discard()
            return len(content)
        try:
            self._keep(content)
        except OSError:
            # The disk is full, or gone; the sender keeps the object.
            self.is_refused = True
            self.discard()
        return len(content)

    def _keep(self, content: bytes) -> None:
        if self._file is None:
            head = self._head()
            self._file = self.path.open("xb")
            self.path.chmod(PRIVATE)
            self._file.write(head)
        self._file.write(content)

    @property
    def is_here(self) -> bool:
        """Whether there is a file of it."""
        return self._file is not None

    def finish(self) -> Path | None:
        """The file with all that came; None if nothing did or it was refused."""
        if self._file is None:
            return None
        try:
            self._file.close()
        except OSError:
            self.is_refused = True
            self.discard()
            return None
        return self.path

    def discard(self) -> None:
        """Remove the file, if it is still there."""
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
            self._file = None
            self.path.unlink(missing_ok=True)

    def _has_room(self, count: int) -> bool:
        if self.size < self._asked_at:
            return True
        self._asked_at = self.size + ROOM_ASKED_EVERY_BYTES
        return self.rules.has_room(count)
