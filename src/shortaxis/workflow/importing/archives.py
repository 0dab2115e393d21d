"""Unpack zip archives of unknown origin, or refuse them.

An entry's declared size is not believed: what comes out is counted. Nothing is written outside
the folder, links are not made, and archives in archives stay as they are.
"""

from __future__ import annotations

import stat
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from shortaxis.errors import UnreadableFileError

__all__ = ["ArchiveLimits", "unpack_archive"]

READ_BYTES = 1 << 20


@dataclass(frozen=True)
class ArchiveLimits:
    """What an archive may hold: files, bytes of all and of one, and how well it may compress.

    Volumes of counts compress ten to fifty times where most is zero; a bomb does it a thousand
    times. The ratio is asked only of entries above `free_bytes`.
    """

    files: int = 50_000
    total_bytes: int = 8 << 30
    file_bytes: int = 1 << 30
    ratio: float = 300.0
    free_bytes: int = 16 << 20


def unpack_archive(
    archive: Path, folder: Path, limits: ArchiveLimits = ArchiveLimits()
) -> list[Path]:
    """Unpack every file of a zip archive below a folder, and list them.

    Raises
    ------
    UnreadableFileError
        If it is no zip archive or damaged, is encrypted, has entries that would be written
        elsewhere, or holds more than the limits allow. What was unpacked until then stays.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = [entry for entry in opened.infolist() if not entry.is_dir()]
            _refuse_too_much(entries, limits)
            unpacked, left = [], limits.total_bytes
            for entry in entries:
                target = folder / _safe_name(entry)
                target.parent.mkdir(parents=True, exist_ok=True)
                left -= _unpack(opened, entry, target, min(limits.file_bytes, left))
                unpacked.append(target)
            return unpacked
    except UnreadableFileError as error:
        raise error.at_path(archive) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise UnreadableFileError(
            "cannot be unpacked",
            path=archive,
            expected="a complete zip archive without a password",
            found=type(error).__name__,
            cause="a download that was cut short, or a web page saved under this name",
        ) from error


def _refuse_too_much(entries: list[zipfile.ZipInfo], limits: ArchiveLimits) -> None:
    total = sum(entry.file_size for entry in entries)
    checks = (
        (len(entries) > limits.files, f"at most {limits.files} files", f"{len(entries)}"),
        (total > limits.total_bytes, f"at most {limits.total_bytes} bytes", f"{total}"),
    )
    for is_wrong, expected, found in checks:
        if is_wrong:
            raise _suspicious(expected, found)
    for entry in entries:
        ratio = entry.file_size / max(entry.compress_size, 1)
        if entry.file_size > limits.free_bytes and ratio > limits.ratio:
            raise _suspicious(
                f"entries that compress at most {limits.ratio:g} times", f"{ratio:.0f} times"
            )


def _safe_name(entry: zipfile.ZipInfo) -> PurePosixPath:
    """Name of an entry as a path that stays where it is put."""
    path = PurePosixPath(entry.filename.replace("\\", "/"))
    is_outside = path.is_absolute() or ".." in path.parts or ":" in entry.filename
    if is_outside or "\0" in entry.filename or not path.parts:
        raise _suspicious("entries that stay in their folder", "an entry that leaves it")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise _suspicious("files and folders", "a symbolic link")
    return path


def _unpack(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, most: int) -> int:
    """Write one entry, and count what comes out of it."""
    written = 0
    with opened.open(entry) as source, target.open("xb") as sink:
        while chunk := source.read(READ_BYTES):
            written += len(chunk)
            if written > most:
                raise _suspicious(f"at most {most} bytes", "more than the archive says")
            sink.write(chunk)
    return written


def _suspicious(expected: str, found: str) -> UnreadableFileError:
    return UnreadableFileError(
        "is not unpacked",
        expected=expected,
        found=found,
        cause="a damaged archive, or one that was made to do harm",
        way_on="if you trust it, unpack it and give the folder",
    )
