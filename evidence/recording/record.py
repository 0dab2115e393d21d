"""Store a measured result with what is needed to measure it again, and to see that it is old."""

from __future__ import annotations

import json
import platform
import shlex
import subprocess
import sys
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any

from evidence.recording.options import without_places
from evidence.registry.places import REPOSITORY, ROOMS, results_folder
from evidence.registry.rooms import rooms_now
from evidence.registry.table import RESULTS
from evidence.registry.weights import weights_now

__all__ = ["command_of", "provenance", "store_pictures", "store_result"]


def provenance(name: str, seed: int | None = None) -> dict[str, Any]:
    """Command, seed, revision, rooms, weights and machine of what is being measured."""
    row = RESULTS[name]
    return {
        "command": command_of(name, sys.argv[1:]),
        "seed": seed,
        "git_revision": _git("rev-parse", "HEAD") or "unknown",
        "git_changed_files": _changed_files(row.rooms),
        "rooms": rooms_now(row.rooms),
        "weights": weights_now() if row.uses_weights else None,
        "python": platform.python_version(),
        "processor": _processor(),
    }


def command_of(name: str, options: Iterable[str]) -> str:
    """The command that measures a result, short where the options are those of its row.

    Where files lay is left out: the result is the same elsewhere.
    """
    given, usual = without_places(options), without_places(RESULTS[name].options)
    words = ["python", "-m", "evidence", "run", name]
    return shlex.join(words if given == usual else [*words, "--", *given])


def store_result(name: str, values: dict[str, Any], seed: int | None = None) -> Path:
    """Write ``NAME.json`` with the values and their provenance; values may tell it otherwise."""
    record = {**provenance(name, seed), **values}
    path = results_folder() / RESULTS[name].file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    print(f"stored in {path.name}")
    return path


def store_pictures(name: str, pictures: Iterable[Path], seed: int | None = None) -> Path:
    """Store a result that is nothing but pictures: their names and hashes."""
    hashes = {path.name: sha256(path.read_bytes()).hexdigest() for path in pictures}
    return store_result(name, {"pictures": hashes}, seed)


def _changed_files(rooms: Iterable[str]) -> list[str]:
    """Files of the rooms that differ from the revision; empty for a clean measurement."""
    below = ROOMS.relative_to(REPOSITORY)
    paths = [(below / room).as_posix() for room in rooms]
    lines = _git("status", "--porcelain", "--untracked-files=all", "--", *paths).splitlines()
    return sorted(line.split(maxsplit=1)[1] for line in lines)


def _git(*arguments: str) -> str:
    """What git answers; nothing where there is no repository."""
    try:
        run = subprocess.run(
            ["git", "-C", str(REPOSITORY), *arguments], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return ""
    return run.stdout.strip()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
