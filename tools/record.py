"""Store a measured result with what is needed to measure it again."""

from __future__ import annotations

import json
import platform
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]


def provenance(seed: int | None = None) -> dict[str, Any]:
    """Command, seed, revision and machine of what is being measured."""
    arguments = [Path(sys.argv[0]).resolve().relative_to(REPOSITORY).as_posix(), *sys.argv[1:]]
    return {
        "command": shlex.join(["python", *arguments]),
        "seed": seed,
        "git_revision": _git("rev-parse", "HEAD"),
        "git_changed_files": _changed_source_files(),
        "python": platform.python_version(),
        "processor": _processor(),
    }


def store_result(name: str, values: dict[str, Any], seed: int | None = None) -> Path:
    """Write ``results/NAME.json`` with the values, command, seed and git revision."""
    record = {**provenance(seed), **values}
    path = REPOSITORY / "results" / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    print(f"stored in {path.relative_to(REPOSITORY)}")
    return path


def _changed_source_files() -> list[str]:
    """Files of the package that differ from the revision; empty for a clean measurement."""
    return _git("diff", "--name-only", "HEAD", "--", "src").split()


def _git(*arguments: str) -> str:
    run = subprocess.run(
        ["git", "-C", str(REPOSITORY), *arguments], capture_output=True, text=True, check=False
    )
    return run.stdout.strip()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
