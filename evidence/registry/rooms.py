"""What the rooms of the package hold, as hashes: equal hashes are equal code.

Hashes are of names and contents of files, not of git: they are the same with uncommitted changes,
in a source distribution and in a clone. Of Python, what runs counts: neither comments nor
docstrings. Installed weights count for results that name them, not for whatever reads them; so do
the few files that are never run for most of what reads their room.
"""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from pathlib import Path

from evidence.registry.code_text import code_text
from evidence.registry.places import REPOSITORY, ROOMS

__all__ = ["hash_of", "rooms_at", "rooms_in", "rooms_now"]

LENGTH = 16
"""Hexadecimal digits that are kept: enough to tell rooms apart."""

WEIGHTS_FOLDER = "installed_weights"

APART = {"reorientation/beat_order.py"}
"""Files that count for results that name them alone: this one is run for gated studies."""

TEXT = {".py", ".js", ".css", ".html", ".json", ".md", ".toml", ".csv", ".txt"}


@cache
def hash_of(room: Path) -> str | None:
    """Hash of all files of a folder, or of one file; None if there is none."""
    if not room.exists():
        return None
    found = sha256()
    for path in [room] if room.is_file() else sorted(_files(room)):
        content = path.read_bytes()
        if path.suffix in TEXT:
            content = content.replace(b"\r\n", b"\n")
        if path.suffix == ".py":
            content = code_text(content.decode()).encode()
        name = path.relative_to(room.parent).as_posix()
        found.update(f"{name}\0{len(content)}\0".encode())
        found.update(content)
    return found.hexdigest()[:LENGTH]


def _files(folder: Path) -> Iterable[Path]:
    return (
        path
        for path in folder.rglob("*")
        if path.is_file()
        and not {"__pycache__", WEIGHTS_FOLDER} & set(path.relative_to(folder).parts)
        and not path.name.startswith(".")
        and f"{folder.name}/{path.relative_to(folder).as_posix()}" not in APART
    )


def rooms_now(rooms: Iterable[str]) -> dict[str, str | None]:
    """Hash of each room as it is on disk."""
    return {room: hash_of(ROOMS / room) for room in rooms}


def rooms_in(folder: Path, rooms: Iterable[str]) -> dict[str, str]:
    """Hash of each room of the package in a folder; rooms that are not there are left out."""
    hashes = {room: hash_of(folder / room) for room in rooms}
    return {room: one for room, one in hashes.items() if one is not None}


def rooms_at(revision: str, rooms: Iterable[str]) -> dict[str, str]:
    """Hash of each room as it was at a git revision; rooms that were not there are left out.

    Raises
    ------
    LookupError
        If git does not know the revision.
    """
    below = ROOMS.relative_to(REPOSITORY).as_posix()
    run = subprocess.run(
        ["git", "-C", str(REPOSITORY), "archive", "--format=tar", revision, below],
        capture_output=True, check=False,
    )  # fmt: skip
    if run.returncode:
        raise LookupError(f"git does not know {revision[:7]}: {run.stderr.decode().strip()}")
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(run.stdout)) as archive:
            archive.extractall(folder, filter="data")
        return rooms_in(Path(folder) / below, rooms)
