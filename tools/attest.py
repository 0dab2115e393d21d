"""Say of files what they were made of: ``python tools/attest.py out/release``.

Writes beside the files of a release ``provenance.json``, an in-toto statement (version 1) with SLSA
provenance (version 1): each file by its SHA-256, the revision it was built from, and the pins of
what built it; and ``SHA256SUMS`` of all. Whoever signs SHA256SUMS vouches for the rest.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
from pathlib import Path

__all__ = ["attest"]

REPOSITORY = Path(__file__).resolve().parents[1]
PROJECT = "https://github.com/shortaxis/shortaxis"
RECIPE = f"{PROJECT}/blob/main/docs/how-to/release.md"
PINS = ("requirements/release.txt", "requirements/pip.txt")

STATEMENT, SUMS = "provenance.json", "SHA256SUMS"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    attest(parser.parse_args().folder, REPOSITORY)


def attest(folder: Path, repository: Path) -> None:
    """Write the statement and the sums for all files of `folder`, built from `repository`."""
    files = sorted(p for p in folder.iterdir() if p.name not in (STATEMENT, SUMS, f"{SUMS}.sig"))
    content = json.dumps(_statement(files, repository), indent=2, sort_keys=True)
    (folder / STATEMENT).write_text(content + "\n", encoding="utf-8")
    lines = [f"{_sha256(path)}  {path.name}\n" for path in sorted([*files, folder / STATEMENT])]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8")


def _statement(files: list[Path], repository: Path) -> dict[str, object]:
    revision = subprocess.run(
        ["git", "-C", str(repository), "rev-parse", "HEAD"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    source = {"uri": f"git+{PROJECT}", "digest": {"gitCommit": revision}}
    pins = [{"uri": name, "digest": {"sha256": _sha256(repository / name)}} for name in PINS]
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": p.name, "digest": {"sha256": _sha256(p)}} for p in files],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": RECIPE,
                "externalParameters": {"source": source},
                "resolvedDependencies": [source, *pins],
            },
            "runDetails": {"builder": {"id": RECIPE}},
        },
    }


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
