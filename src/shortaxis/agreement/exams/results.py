"""Numbers of ShortAxis from the folder of ``batch``, or from folders of ``quantify``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shortaxis.agreement.exams.compared_exam import OWN
from shortaxis.agreement.exams.quantities import SEGMENTS, SUMMED, TPD, segment_column
from shortaxis.errors import InputNotFoundError, UnreadableFileError
from shortaxis.files.plain_json import OF_ANOTHER_SHAPE, read_json_object
from shortaxis.workflow.batch.left_out import Outcome
from shortaxis.workflow.batch.study_record import FAILED_FOLDER, RECORD_FILE, STUDIES_FOLDER

__all__ = ["FoundResult", "find_results"]

QUANTIFICATION, FUNCTION = "quantification.json", "function.json"

OF_A_BATCH: dict[str, tuple[str, float]] = {
    SUMMED: ("summed_score", 1.0),
    TPD: ("total_perfusion_deficit", 100.0),
    "scar_percent": ("scar_burden", 100.0),
    "ef_percent": ("ejection_fraction", 100.0),
    "edv_ml": ("end_diastolic_ml", 1.0),
    "esv_ml": ("end_systolic_ml", 1.0),
    "mass_g": ("mass_g", 1.0),
    "phase_sd_deg": ("phase_sd_deg", 1.0),
}
"""Names of the batch table, and what makes a part a percentage."""


@dataclass(frozen=True)
class FoundResult:
    """What ShortAxis found in one study.

    Parameters
    ----------
    key : str
        Name of its folder.
    study_uid, file : str
        Study Instance UID and first file, empty where they are not known.
    condition : str
        As the header has it.
    values : mapping of (source, quantity) to float
    is_flagged, is_function_flagged : bool or None
    failure : str
        What the batch came to instead; empty where there are results.
    """

    key: str
    study_uid: str
    file: str
    condition: str
    values: Mapping[tuple[str, str], float]
    is_flagged: bool | None = None
    is_function_flagged: bool | None = None
    failure: str = ""


def find_results(folder: Path) -> list[FoundResult]:
    """Every result in a folder of ``shortaxis batch``, or below one that ``quantify`` wrote.

    The table ``results.parquet`` stands for the folder that it lies in.

    Raises
    ------
    InputNotFoundError
        If there is none.
    UnreadableFileError
        If a record is damaged.
    """
    place = folder.parent if folder.is_file() else folder
    records = sorted(place.glob(f"{STUDIES_FOLDER}/*/{RECORD_FILE}"))
    failed = [_failed(path) for path in sorted(place.glob(f"{FAILED_FOLDER}/*.json"))]
    if records or failed:
        studies = [_of_batch(path) for path in records]
        return [*studies, *(each for each in failed if each.failure != Outcome.NOT_USED)]
    found = [_of_quantify(path, place) for path in sorted(place.rglob(QUANTIFICATION))]
    if not found:
        raise InputNotFoundError(
            "holds no results",
            path=folder,
            expected="the folder of shortaxis batch --with quantify, or of shortaxis quantify",
            found="no record.json in studies, and no quantification.json",
            way_on="give the folder that --out named",
        )
    return found


def _read(path: Path) -> dict[str, Any]:
    found = read_json_object(path)
    if found is None:
        raise UnreadableFileError(
            "cannot be read as a result", path=path, expected="a JSON object",
            found="other content", way_on="make the results again with --force",
        )  # fmt: skip
    return found


def _of_batch(path: Path) -> FoundResult:
    record = _read(path)
    beside = path.with_name(QUANTIFICATION)
    scored = _scored(beside) if beside.exists() else {}
    values = {
        (OWN, name): times * float(value)
        for name, (column, times) in OF_A_BATCH.items()
        # A deficit is one of limits: fixed bands have none.
        if isinstance(value := record.get(column), int | float)
        and (name != TPD or record.get("limits"))
    }
    return FoundResult(
        key=path.parent.name,
        study_uid=_text(record.get("study_uid")),
        file=_text(record.get("path")),
        condition=_text(record.get("condition")),
        values={**scored, **values},
        is_flagged=_flagged(record.get("flag")),
        is_function_flagged=_flagged(record.get("function_flag")),
    )


def _failed(path: Path) -> FoundResult:
    record = _read(path)
    return FoundResult(
        key=path.stem,
        study_uid=_text(record.get("study_uid")),
        file=_text(record.get("path")),
        condition=_text(record.get("condition")),
        values={},
        # Why it failed may name a file, and so a patient: the batch keeps it.
        failure=_text(record.get("outcome")) or Outcome.FAILED.value,
    )


def _of_quantify(path: Path, folder: Path) -> FoundResult:
    record = _read(path)
    values = _scored(path)
    function, is_function_flagged = _function(path.with_name(FUNCTION))
    try:
        source, flag = record["source"], record["quality"]["flag"]
        return FoundResult(
            key=path.parent.relative_to(folder).as_posix(),
            study_uid=_text(source["study_instance_uid"]),
            file="",
            condition=_text(source["condition"]),
            values={**values, **function},
            is_flagged=_flagged(flag),
            is_function_flagged=is_function_flagged,
        )
    except OF_ANOTHER_SHAPE as error:
        raise _damaged(path) from error


def _scored(path: Path) -> dict[tuple[str, str], float]:
    """Scores of ``quantification.json``; none where no limits fit."""
    try:
        scores = _read(path)["scores"]
        if scores is None:
            return {}
        found = {
            SUMMED: scores["summed"],
            "extent_percent": 100 * scores["extent"],
            **{segment_column(each): scores["segments"][str(each)] for each in SEGMENTS},
        }
        if "total_perfusion_deficit" in scores:
            found[TPD] = 100 * scores["total_perfusion_deficit"]
        if scores.get("scar_burden"):
            found["scar_percent"] = 100 * scores["scar_burden"]["part_of_wall"]
        return {(OWN, name): float(value) for name, value in found.items()}
    except OF_ANOTHER_SHAPE as error:
        raise _damaged(path) from error


def _function(path: Path) -> tuple[dict[tuple[str, str], float], bool | None]:
    """Numbers of ``function.json`` and its flag; nothing where there is none."""
    if not path.exists():
        return {}, None
    record = _read(path)
    try:
        flag = _flagged(record["quality"]["flag"])
        if not record["measured"]:
            return {}, flag
        found = {
            "ef_percent": record["ejection_fraction_percent"],
            "edv_ml": record["end_diastolic_ml"],
            "esv_ml": record["end_systolic_ml"],
            "mass_g": record["mass_g"],
            "phase_sd_deg": record["phase"].get("sd_deg"),
        }
        return {
            (OWN, name): float(value) for name, value in found.items() if value is not None
        }, flag
    except OF_ANOTHER_SHAPE as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> UnreadableFileError:
    return UnreadableFileError(
        "cannot be read as a result",
        path=path,
        expected="a file as shortaxis quantify writes it",
        found="a JSON object of another shape",
        way_on="make the results again with --force",
    )


def _flagged(flag: object) -> bool | None:
    return None if flag not in ("accept", "review") else flag == "review"


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
