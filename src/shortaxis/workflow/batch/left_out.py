"""Files of a batch that became no study: a row and a record each, as studies have them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from json import loads
from pathlib import Path
from typing import Any

from shortaxis.files.plain_json import write_json
from shortaxis.files.privacy import private_folder
from shortaxis.workflow.batch.options import BatchOptions
from shortaxis.workflow.batch.study_work import FAILED_FOLDER
from shortaxis.workflow.studies.finding import SkippedItem

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
    """A record for every file that was skipped: an exam that could not be read, or none."""
    records = []
    for item in skipped:
        outcome = Outcome.NOT_READ if item.is_exam else Outcome.NOT_USED
        words = f"{outcome.value}\n{item.path.resolve()}"
        record = {
            "key": hashlib.sha256(words.encode()).hexdigest()[:KEY_LENGTH],
            "asked": options.digest,
            "outcome": outcome.value,
            "error": item.reason,
        }
        if not options.deidentify:
            record["path"] = str(item.path)
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
    with suppress(OSError, ValueError, AttributeError):
        return loads(path.read_text(encoding="utf-8")).get("outcome") is not None
    return False
