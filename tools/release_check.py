"""Whether tag, version, changelog and pins of a release agree: ``make release-check``.

    python tools/release_check.py                    the commit checked out, with its signed tag
    python tools/release_check.py --before-the-tag   the same, before the tag is made

Prints what does not agree, a line each, and ends with 1; ends with 0 if all does. Needs Python and
git alone.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

__all__ = ["disagreements"]

VERSION_FILE = "src/shortaxis/_version.py"
CONTAINER_FILES = "deploy/**/Containerfile"

SPELT = re.compile(r"(\d+!)?\d+(\.\d+)*((a|b|rc)\d+)?(\.post\d+)?(\.dev\d+)?")
"""A version as packages spell it (PEP 440, normal form); what is built has no other."""

CANDIDATE = re.compile(r"((a|b|rc)\d+)?(\.dev\d+)?")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--before-the-tag", action="store_true", help="leave out the tag")
    parser.add_argument("--folder", type=Path, default=Path(__file__).resolve().parents[1])
    arguments = parser.parse_args()
    version = stated_version(arguments.folder)
    found = list(disagreements(arguments.folder, has_tag=not arguments.before_the_tag))
    for line in found:
        print(line)
    if not found:
        print(f"{version} can be released")
    sys.exit(bool(found))


def disagreements(folder: Path, *, has_tag: bool) -> Iterator[str]:
    """What keeps this checkout from being a release, as sentences with a way on."""
    version = stated_version(folder)
    if not SPELT.fullmatch(version):
        yield f"{version} is not spelt as packages spell versions: write one such as 1.2.0rc1."
    yield from _about_the_changelog(folder, version)
    yield from _about_the_containers(folder)
    if _git(folder, "status", "--porcelain").stdout.strip():
        yield "The work tree has changes: commit or remove them, since a tag holds commits alone."
    if has_tag:
        yield from _about_the_tag(folder, f"v{version}")


def stated_version(folder: Path) -> str:
    """The version that the package says it has."""
    return _matched(r'^__version__ = "(.+)"$', folder / VERSION_FILE)


def _about_the_changelog(folder: Path, version: str) -> Iterator[str]:
    headings = re.findall(r"^## \[(.+?)\](?: - (\S+))?$", _text(folder / "CHANGELOG.md"), re.M)
    newest, date = headings[0] if headings else ("nothing", "")
    if newest != version:
        yield (
            f"CHANGELOG.md begins with {newest}, {VERSION_FILE} says {version}: "
            "give the newest heading the version of the package."
        )
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", date):
        yield f"CHANGELOG.md has no date for {newest}: write `## [{newest}] - YYYY-MM-DD`."
    cited = _matched(r"^version: (.+)$", folder / "CITATION.cff")
    if cited != version:
        yield f"CITATION.cff says {cited}, {VERSION_FILE} says {version}: make them one."
    if _matched(r"^date-released: (.+)$", folder / "CITATION.cff") != date:
        yield "CITATION.cff has not the date of CHANGELOG.md: write it after `date-released:`."


def _about_the_containers(folder: Path) -> Iterator[str]:
    for recipe in sorted(folder.glob(CONTAINER_FILES)):
        name = recipe.relative_to(folder).as_posix()
        for image in re.findall(r"^FROM (\S+)", _text(recipe), re.M):
            if not re.search(r"@sha256:[0-9a-f]{64}$", image):
                yield f"{name} builds on {image} without its digest: run `make pin-image`."


def _about_the_tag(folder: Path, tag: str) -> Iterator[str]:
    tags = _git(folder, "tag", "--points-at", "HEAD").stdout.split()
    if tag not in tags:
        others = f"; there is {', '.join(tags)}" if tags else ""
        yield f"The commit has no tag {tag}{others}: make it by `git tag --sign {tag}`."
    elif _git(folder, "verify-tag", tag).returncode:
        yield (
            f"The signature of {tag} is missing or of an unknown key: sign by `git tag --sign`, "
            "and tell git which keys it may trust (gpg.ssh.allowedSignersFile)."
        )
    else:
        yield from _about_other_tags(tags, tag)


def _about_other_tags(tags: list[str], tag: str) -> Iterator[str]:
    """Tags of other versions: the highest of a commit is built."""
    for other in tags:
        is_candidate = other.startswith(tag) and CANDIDATE.fullmatch(other.removeprefix(tag))
        if re.match(r"v\d", other) and not is_candidate:
            yield (
                f"The commit has the tag {other}, too, and what is built may have that version: "
                f"remove it by `git tag --delete {other}`."
            )


def _git(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", "-C", str(folder), *words], capture_output=True, text=True, check=False
    )


def _matched(pattern: str, path: Path) -> str:
    found = re.search(pattern, _text(path), re.MULTILINE)
    return found[1] if found else "nothing"


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


if __name__ == "__main__":
    main()
