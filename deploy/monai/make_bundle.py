"""Assemble the MONAI bundle: ``python deploy/monai/make_bundle.py OUT``.

OUT gets what lies in ``bundle/``, the installed weights as ``models/``, the licence, and metadata
with versions and the SHA-256 of each file of weights.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
from pathlib import Path

import shortaxis

__all__ = ["make_bundle"]

HERE = Path(__file__).resolve().parent
LICENCE = HERE.parents[1] / "LICENSE"


def make_bundle(out: Path) -> None:
    """Write the bundle into a folder that does not exist yet.

    Raises
    ------
    FileExistsError
        If it does.
    """
    weights = Path(shortaxis.__file__).parent / "inference" / "installed_weights" / "default"
    leave = shutil.ignore_patterns("__pycache__")
    shutil.copytree(HERE / "bundle", out, ignore=leave)
    shutil.copytree(weights, out / "models", ignore=leave)
    shutil.copy(LICENCE, out / "LICENSE")
    path = out / "configs" / "metadata.json"
    metadata = json.loads(path.read_text("utf-8"))
    version = json.loads((weights / "record.json").read_text("utf-8"))["version"]
    metadata["version"] = f"{version}.0"
    metadata["changelog"] = {f"{version}.0": f"weights {version} of ShortAxis"}
    metadata["required_packages_version"]["shortaxis"] = shortaxis.__version__
    metadata["weights"] = {
        each.name: hashlib.sha256(each.read_bytes()).hexdigest()
        for each in sorted((out / "models").iterdir())
    }
    path.write_text(json.dumps(metadata, indent=2) + "\n", "utf-8")


def main() -> None:
    """Write where the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    out = parser.parse_args().out
    make_bundle(out)
    print(out)


if __name__ == "__main__":
    main()
