"""The version that a build has: that of the tag of its commit, else that of ``_version.py``.

Hatchling asks for it, and writes it into the ``_version.py`` of the packages that it builds, as
pyproject.toml says. So a source distribution, which has no tag, knows its version too, and a
checkout without git builds. A tag is a ``v`` and a version, such as ``v1.2.0``; of several at one
commit the highest counts, which is the release after its candidates.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from packaging.version import InvalidVersion, Version

__all__ = ["tagged_version"]

REPOSITORY = Path(__file__).resolve().parents[1]
VERSION_FILE = "src/shortaxis/_version.py"


def tagged_version(folder: Path = REPOSITORY) -> str:
    """Version of a checkout or of an unpacked source distribution."""
    versions = list(filter(None, map(_version_of, _tags(folder))))
    if versions:
        return str(max(versions))
    text = (folder / VERSION_FILE).read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "(.+)"$', text, re.MULTILINE)
    if not found:
        raise ValueError(f'{VERSION_FILE}: expected a line __version__ = "...", found none')
    return found[1]


def _version_of(tag: str) -> Version | None:
    try:
        return Version(tag.removeprefix("v")) if tag.startswith("v") else None
    except InvalidVersion:
        return None


def _tags(folder: Path) -> list[str]:
    """Tags of the commit; none of a repository that merely holds the folder."""
    top = _git(folder, "rev-parse", "--show-toplevel")
    if not top or Path(top).resolve() != folder.resolve():
        return []
    return _git(folder, "tag", "--points-at", "HEAD").split()


def _git(folder: Path, *words: str) -> str:
    command = ["git", "-C", str(folder), *words]
    try:
        run = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:  # no git
        return ""
    return "" if run.returncode else run.stdout.strip()
