"""The record of a study of a batch: what it holds, what a run did with it, and where it is kept."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from shortaxis.files.plain_json import read_json_object, write_json
from shortaxis.files.privacy import private_folder
from shortaxis.spect.content import content_sha256
from shortaxis.spect.study import PerfusionStudy
from shortaxis.workflow.batch.options import BatchOptions
from shortaxis.workflow.batch.scanning import BatchStudy

__all__ = [
    "FAILED_FOLDER",
    "RECORD_FILE",
    "STAGING_FOLDER",
    "STUDIES_FOLDER",
    "Fate",
    "WorkedOn",
    "content_of",
    "earlier_record",
    "facts_of",
    "keep_failure",
    "lost",
]

STUDIES_FOLDER, FAILED_FOLDER, STAGING_FOLDER = "studies", "failed", ".staging"

RECORD_FILE = "record.json"


class Fate(Enum):
    """What a run did with a study."""

    MADE = "made"
    KEPT = "kept of an earlier run"
    CHANGED = "made again, of other counts"


@dataclass(frozen=True)
class WorkedOn:
    """The record of a study, and whether this run has made it."""

    record: dict[str, Any]
    fate: Fate


def earlier_record(out: Path, key: str, digest: str) -> dict[str, Any] | None:
    """What an earlier run has made of a study, if it was asked for the same; None otherwise."""
    for path in (out / STUDIES_FOLDER / key / RECORD_FILE, out / FAILED_FOLDER / f"{key}.json"):
        record = read_json_object(path)
        is_said = record is not None and not record.get("lost")
        if record is not None and is_said and record.get("asked") == digest:
            return record
    return None


def content_of(study: PerfusionStudy, secret: bytes) -> str:
    """What a study holds; with a secret, nobody else can tell by it whose it is."""
    content = content_sha256(study)
    return hmac.new(secret, content.encode(), hashlib.sha256).hexdigest() if secret else content


def lost(study: BatchStudy, reason: str, out: Path, options: BatchOptions) -> WorkedOn:
    """The failure of a study whose worker could not say one: it was killed, or took too long.

    What the study holds is not known then, so the next run tries again.
    """
    record = {"key": study.key, "asked": options.digest, **facts_of(study, options)}
    record |= {"error": reason, "lost": True}
    keep_failure(record, out)
    return WorkedOn(record, Fate.MADE)


def keep_failure(record: dict[str, Any], out: Path) -> None:
    """Write the record of a study that came to nothing."""
    write_json(private_folder(out / FAILED_FOLDER) / f"{record['key']}.json", record)


def facts_of(study: BatchStudy, options: BatchOptions) -> dict[str, Any]:
    """What is known of a study before it is read; nothing of the patient where names go."""
    found, facts = study.found, study.found.facts
    record = {
        "files": len(found.paths),
        "kind": found.kind,
        "condition": facts.condition.value,
        "camera": facts.camera,
        "tracer": facts.tracer,
        "attenuation_corrected": facts.attenuation_corrected,
        "time_slots": found.n_time_slots,
        "shape": list(found.shape),
        "spacing_mm": [round(each, 4) for each in found.spacing_mm],
    }
    if not options.deidentify:
        record["path"] = str(found.paths[0])
        record["study_uid"] = facts.study_instance_uid
    return record
