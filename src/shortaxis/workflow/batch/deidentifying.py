"""DICOM of a batch without what identifies a patient: PS3.15 Annex E, basic profile.

The rules are those of ``dicom-anonymizer``, a table of the standard. UIDs are replaced by others
that follow from them and a secret, so that series of a study stay together wherever they were made.
Text files beside the DICOM name UIDs and devices: they are made again without.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path

from shortaxis.dicom.writing.deidentifying import deidentify_file
from shortaxis.files.plain_json import write_json

__all__ = ["deidentify_folder", "replaced_uid"]

DROPPED = ("report.json", "review.png", "quantification.json", "segments.csv")
"""Told in other words by the record, or drawn with words from the header."""


def deidentify_folder(folder: Path, secret: bytes) -> None:
    """De-identify everything in a folder of results, in place; nobody else sees it yet."""
    for path in sorted(folder.glob("*.dcm")):
        deidentify_file(
            path,
            lambda uid: replaced_uid(uid, secret),
            lambda patient: pseudonym(patient, secret),
        )
    for name in DROPPED:
        (folder / name).unlink(missing_ok=True)
    pose_path = folder / "pose.json"
    record = json.loads(pose_path.read_text(encoding="utf-8"))
    uid = record["source"]["sop_instance_uid"]
    record["source"]["sop_instance_uid"] = replaced_uid(uid, secret) if uid else ""
    # Whoever has the original could find it by its counts.
    record["source"].pop("counts_sha256", None)
    write_json(pose_path, record)


def pseudonym(patient: str, secret: bytes) -> str:
    """A name for a patient that nobody can trace back without the secret."""
    return hmac.new(secret, f"patient {patient}".encode(), hashlib.sha256).hexdigest()[:12]


def replaced_uid(uid: str, secret: bytes) -> str:
    """Another UID that nobody can trace back without the secret (PS3.5 B.2)."""
    digest = hmac.new(secret, uid.encode(), hashlib.sha256).digest()
    return f"2.25.{int.from_bytes(digest[:16], 'big')}"
