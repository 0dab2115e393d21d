"""Which weights of the pose are installed, as a hash."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

from evidence.registry.places import ROOMS

__all__ = ["weights_in", "weights_now"]

WEIGHTS = "installed_weights/default/record.json"


def weights_in(folder: Path) -> str | None:
    """SHA-256 of the record of weights of a package, which names the hashes of their files."""
    records = sorted(folder.glob(f"**/{WEIGHTS}"))
    return sha256(records[0].read_bytes()).hexdigest() if records else None


@cache
def weights_now() -> str | None:
    """Of the package as it is on disk."""
    return weights_in(ROOMS)
