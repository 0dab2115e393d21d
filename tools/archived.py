"""Files and folders in one archive whose bytes depend on them alone.

python tools/archived.py OUT.zip PATH [PATH ...]
"""

from __future__ import annotations

import argparse
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

__all__ = ["archive"]

BEGINNING = (1980, 1, 1, 0, 0, 0)
"""The earliest time that the format holds: all entries have it, so that hashes can be compared."""


def archive(out: Path, paths: Sequence[Path]) -> None:
    """Write an archive of files, and of all files below folders, under the names as given."""
    with zipfile.ZipFile(out, "w") as written:
        for path in sorted(_files(paths)):
            entry = zipfile.ZipInfo(path.as_posix(), BEGINNING)
            entry.external_attr = 0o644 << 16
            written.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from (each for each in path.rglob("*") if each.is_file())
        else:
            yield path


def main() -> None:
    """Write what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("paths", type=Path, nargs="+")
    arguments = parser.parse_args()
    archive(arguments.out, arguments.paths)


if __name__ == "__main__":
    main()
