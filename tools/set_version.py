"""Set the version of the next release in each place that states it.

    python tools/set_version.py 0.2.0                     released today
    python tools/set_version.py 0.2.0 --date 2026-12-01

Writes ``_version.py``, version and date of ``CITATION.cff``, and dates the heading of
``CHANGELOG.md`` that is unreleased. ``make release-check`` compares them, and the tag with them.
"""

from __future__ import annotations

import argparse
import datetime
import re
import sys
from pathlib import Path

__all__ = ["set_version"]

REPOSITORY = Path(__file__).resolve().parents[1]

PLACES = (
    ("src/shortaxis/_version.py", r'^__version__ = ".+"$', '__version__ = "{version}"'),
    (
        "CITATION.cff",
        r"^version: .+$(?:\ndate-released: .+$)?",
        "version: {version}\ndate-released: {date}",
    ),
    ("CHANGELOG.md", r"^## \[[^]]+\] - unreleased$", "## [{version}] - {date}"),
)
"""File, what stands there, and what shall."""


def set_version(folder: Path, version: str, date: str) -> list[str]:
    """Write all places, or none; gives those where nothing was found to write over."""
    written, missing = {}, []
    for name, pattern, words in PLACES:
        text = (folder / name).read_text(encoding="utf-8")
        stated = words.format(version=version, date=date)
        new, count = re.subn(pattern, stated, text, count=1, flags=re.MULTILINE)
        if not count:
            missing.append(f"{name}: expected {pattern}, found no such line")
        written[folder / name] = new
    if not missing:
        for path, text in written.items():
            path.write_text(text, encoding="utf-8")
    return missing


def main() -> None:
    """Set what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("version")
    parser.add_argument("--date", default=datetime.date.today().isoformat())
    parser.add_argument("--folder", type=Path, default=REPOSITORY)
    arguments = parser.parse_args()
    missing = set_version(arguments.folder, arguments.version, arguments.date)
    sys.exit("\n".join(missing) or 0)


if __name__ == "__main__":
    main()
