"""Studies with masks of their wall: the index that ``shortaxis import-physionet`` writes."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path

from shortaxis.errors import InputNotFoundError, UnreadableFileError
from shortaxis.files.inputs.side_files import read_side_file
from shortaxis.files.plain_json import OF_ANOTHER_SHAPE
from shortaxis.workflow.importing.physionet import INDEX_FILE, INDEX_SCHEMA, SUMMARY_FILE

__all__ = ["MaskedStudy", "is_mask_index", "read_mask_index"]


@dataclass(frozen=True)
class MaskedStudy:
    """A study and the mask of its wall."""

    name: str
    study: Path
    mask: Path


def is_mask_index(folder: Path) -> bool:
    """Whether a folder holds an index of studies with masks."""
    try:
        return bool(_summary(folder)["schema"] == INDEX_SCHEMA)
    except (OSError, *OF_ANOTHER_SHAPE):
        return False


def read_mask_index(folder: Path) -> list[MaskedStudy]:
    """Every study of the index that has a mask which could be read.

    Raises
    ------
    UnreadableFileError
        If the index is damaged.
    InputNotFoundError
        If no study of it has a mask.
    """
    try:
        data = Path(_summary(folder)["data_folder"])
        rows = list(csv.DictReader(io.StringIO(read_side_file(folder / INDEX_FILE))))
        found = [
            MaskedStudy(row["id"], data / row["study"], data / row["mask"])
            for row in rows
            if row["wall_ml"]
        ]
    except (OSError, *OF_ANOTHER_SHAPE) as error:
        raise UnreadableFileError(
            "is no index of wall masks",
            path=folder / INDEX_FILE,
            expected=f"{INDEX_FILE} and {SUMMARY_FILE} as shortaxis import-physionet writes them",
            found=f"{type(error).__name__}: {error}",
            way_on="write the index again with shortaxis import-physionet --force",
        ) from error
    if not found:
        raise InputNotFoundError(
            "no study of the index has a mask that could be read",
            path=folder / INDEX_FILE,
            expected="rows with wall_ml",
            found=f"{len(rows)} rows without",
            way_on="the column note says why each mask was not taken",
        )
    return found


def _summary(folder: Path) -> dict[str, str]:
    summary: dict[str, str] = json.loads(read_side_file(folder / SUMMARY_FILE))
    return summary
