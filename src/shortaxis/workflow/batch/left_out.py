"""What became no study of a batch: a row and a record each, as studies have them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

from shortaxis.dicom.reading.finding.skipped import SkippedItem, stacks_of
from shortaxis.files.plain_json import read_json_object, write_json
from shortaxis.files.privacy import private_folder
from shortaxis.workflow.batch.options import BatchOptions
from shortaxis.workflow.batch.study_record import FAILED_FOLDER

__all__ = ["Outcome", "keep_left_out", "left_out_records", "outcome_of"]

KEY_LENGTH = 20


class Outcome(StrEnum):
    """What became of a study, or of a file that is none."""

    REORIENTED = "reoriented"
    FAILED = "failed"
    NOT_READ = "not read"
    NOT_USED = "not used"


def outcome_of(record: Mapping[str, Any]) -> str:
    """Of any row; records of studies say it by their error."""
    said = record.get("outcome")
    if said is not None:
        return str(said)
    return (Outcome.FAILED if record.get("error") else Outcome.REORIENTED).value


def left_out_records(
    skipped: Sequence[SkippedItem], options: BatchOptions
) -> tuple[dict[str, Any], ...]:
    """A record for every file that was skipped: an exam that could not be read, or none.

    Slices of one stack have one record, with the paths of all.
    """
    records = []
    for stack in stacks_of(skipped):
        item = stack.first
        outcome = Outcome.NOT_READ if item.is_exam else Outcome.NOT_USED
        words = f"{outcome.value}\n{item.path.resolve()}"
        record: dict[str, Any] = {
            "key": hashlib.sha256(words.encode()).hexdigest()[:KEY_LENGTH],
            "asked": options.digest,
            "outcome": outcome.value,
            "error": item.reason,
            "way_on": item.way_on,
            "files": len(stack.paths),
        }
        if not options.deidentify:
            record |= {"path": str(item.path), "paths": [str(path) for path in stack.paths]}
        records.append(record)
    return tuple(records)


def keep_left_out(out: Path, records: Sequence[Mapping[str, Any]]) -> None:
    """Write their records into ``failed``; those of files that are read by now are removed."""
    folder = private_folder(out / FAILED_FOLDER)
    present = {str(record["key"]) for record in records}
    for path in folder.glob("*.json"):
        if path.stem not in present and _is_left_out(path):
            path.unlink(missing_ok=True)
    for record in records:
        path = folder / f"{record['key']}.json"
        write_json(path, dict(record))


def _is_left_out(path: Path) -> bool:
    return (read_json_object(path) or {}).get("outcome") is not None
