"""The sources of an earlier revision, to be measured beside these."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from evidence.registry.places import REPOSITORY

__all__ = ["sources_of"]


@contextmanager
def sources_of(revision: str) -> Iterator[Path]:
    """``src`` as it was at a revision of this repository."""
    command = ["git", "-C", str(REPOSITORY), "archive", revision, "src"]
    packed = subprocess.run(command, capture_output=True, check=True).stdout
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            archive.extractall(folder, filter="data")
        yield Path(folder) / "src"
