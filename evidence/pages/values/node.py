"""What became of studies while the node was killed, and what strangers cost it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["killed", "strangers"]

JOURNALS = {
    "older": "an older one was put back",
    "older_beside_newer_log": "an older file was put beside the newer write-ahead log",
    "removed": "it was removed",
    "spoilt": "bytes at random places were others",
    "truncated": "it was cut short",
}


def killed(records: Mapping[str, Any]) -> dict[str, Any]:
    """The counts, and what was done to the journal in words."""
    record = records["killed_node"]
    harms = [(JOURNALS[name], count) for name, count in record["journals"].items()]
    return {"record": record, "harms": harms, "harmed": sum(count for _, count in harms)}


FILES = {
    "counts_claimed": "NIfTI that claims its voxels",
    "counts_that_are_there": "NIfTI of zeros, packed",
    "far_counts": "NIfTI whose counts are far away, packed",
    "sparse_nifti": "NIfTI with a hole",
    "sparse_dicom": "DICOM with a hole in its header",
    "sparse_pixels": "DICOM with a hole for its pixels",
    "deflated_value": "deflated DICOM of large values",
    "deflated_elements": "deflated DICOM of very many elements",
    "compressed_frames": "DICOM of small frames that claim to be large",
}


def strangers(records: Mapping[str, Any]) -> dict[str, Any]:
    """Waits in floods, memory of the node and the command, and how long a stop took."""
    record = records["strangers"]
    measured = record["measured"]
    return {
        "record": record,
        "floods": measured["floods"],
        "inputs": measured["inputs"],
        "stops": measured["stops"],
        "files": [(FILES[name], values) for name, values in measured["files"].items()],
    }
