"""The use case: an index of studies with masks in, every method's walls beside them out."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np

from shortaxis._version import __version__
from shortaxis.errors import ShortAxisError
from shortaxis.evaluation.walls.masks.index import MaskedStudy
from shortaxis.evaluation.walls.masks.score import BoolArray, MaskScore, score_against_mask
from shortaxis.evaluation.walls.masks.sheet import draw_mask_sheet
from shortaxis.files.plain_json import write_json
from shortaxis.files.staged_folder import refuse_existing, staged_folder
from shortaxis.nifti.wall_masks import read_wall_mask
from shortaxis.quantification.wall_methods import WALL_METHODS
from shortaxis.workflow.drawing.png import png_of
from shortaxis.workflow.quantify.quantifying import QuantifiedStudy, QuantifyOptions, quantify_study
from shortaxis.workflow.studies.finding import find_studies
from shortaxis.workflow.studies.record import NOTICE

__all__ = [
    "MASK_RECORD",
    "MASK_TABLE",
    "MaskedWall",
    "evaluate_masks",
    "refuse_earlier_walls",
    "write_mask_evaluation",
]

MASK_SCHEMA = "shortaxis/wall-evaluation/1"
MASK_RECORD, MASK_TABLE = "walls.json", "walls.csv"


def _no_wall() -> BoolArray:
    return np.zeros((0, 0, 0), dtype=bool)


@dataclass(frozen=True, eq=False)
class MaskedWall:
    """One study: the walls by method and how they lie to its mask, or why there are none."""

    name: str
    drawn: dict[str, QuantifiedStudy] = field(default_factory=dict, repr=False)
    wall: BoolArray = field(default_factory=_no_wall, repr=False)
    scores: dict[str, MaskScore] = field(default_factory=dict)
    error: ShortAxisError | None = None


def evaluate_masks(studies: Sequence[MaskedStudy], method: str) -> Iterator[MaskedWall]:
    """Draw the wall of every study by every method, along the axes that `method` finds.

    A study that fails does not stop the others.
    """
    for each in studies:
        try:
            yield _evaluated(each, method)
        except ShortAxisError as error:
            yield MaskedWall(each.name, error=error.at_path(each.study))


def _evaluated(each: MaskedStudy, method: str) -> MaskedWall:
    study = find_studies(each.study).studies[0].load().study
    wall = read_wall_mask(each.mask, study.volume, study.facts.sop_instance_uids)
    drawn: dict[str, QuantifiedStudy] = {}
    for name in WALL_METHODS:
        estimated = next((one.estimate for one in drawn.values()), None)
        options = QuantifyOptions(method=method, normals=None, wall=name)
        drawn[name] = quantify_study(study, options, estimated=estimated)
    scores = {
        name: score_against_mask(one.wall.surfaces, study.volume, wall)
        for name, one in drawn.items()
    }
    return MaskedWall(each.name, drawn, wall, scores)


def refuse_earlier_walls(folder: Path) -> None:
    """Refuse a folder with results, before any work is done.

    Raises
    ------
    ExistingOutputError
        Naming the first file that would be overwritten.
    """
    refuse_existing(folder, (MASK_RECORD, MASK_TABLE))


def write_mask_evaluation(walls: Sequence[MaskedWall], folder: Path, command: str) -> list[Path]:
    """Write record, table and a picture of every study, all or none.

    Raises
    ------
    OutputError
        If anything cannot be written.
    """
    pictures = {
        f"wall-{number}.png": each for number, each in enumerate(walls, start=1) if each.drawn
    }
    names = [MASK_RECORD, MASK_TABLE, *pictures]
    with staged_folder(folder) as staging:
        write_json(staging / MASK_RECORD, _record(walls, names, command))
        (staging / MASK_TABLE).write_text(_table(walls), encoding="utf-8", newline="\n")
        for name, each in pictures.items():
            sheet = draw_mask_sheet(each.drawn, each.wall, each.scores)
            (staging / name).write_bytes(png_of(sheet))
    return [folder / name for name in names]


def _record(walls: Sequence[MaskedWall], files: Sequence[str], command: str) -> dict[str, Any]:
    methods = {
        name: _means([each.scores[name] for each in walls if name in each.scores])
        for name in WALL_METHODS
    }
    return {
        "schema": MASK_SCHEMA,
        "notice": NOTICE,
        "software": {"name": "shortaxis", "version": __version__},
        "command": command,
        "studies": [_study_record(each) for each in walls],
        "means": methods,
        "files": list(files),
    }


def _study_record(each: MaskedWall) -> dict[str, Any]:
    if each.error is not None:
        return {"id": each.name, "error": each.error.to_dict()}
    return {
        "id": each.name,
        "methods": {
            name: {
                **_rounded(score),
                "flag": each.drawn[name].wall.surfaces.flag,
                "reasons": list(each.drawn[name].wall.surfaces.reasons),
            }
            for name, score in each.scores.items()
        },
    }


def _means(scores: Sequence[MaskScore]) -> dict[str, Any]:
    if not scores:
        return {"studies": 0}
    return {
        "studies": len(scores),
        "dice": round(float(np.mean([each.dice for each in scores])), 3),
        "middle_mm": round(float(np.mean([each.middle_mm for each in scores])), 2),
        "beyond_apical_mm": round(
            float(np.mean([each.mask_apical_end_mm - each.apical_end_mm for each in scores])), 1
        ),
        "beyond_basal_mm": round(
            float(np.mean([each.basal_end_mm - each.mask_basal_end_mm for each in scores])), 1
        ),
    }


def _rounded(score: MaskScore) -> dict[str, float]:
    return {name: round(value, 3) for name, value in asdict(score).items()}


def _table(walls: Sequence[MaskedWall]) -> str:
    text = io.StringIO()
    columns = ["id", "method", *(each.name for each in fields(MaskScore)), "flag", "error"]
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    for each in walls:
        if each.error is not None:
            writer.writerow({"id": each.name, "error": each.error.summary})
        for name, score in each.scores.items():
            flag = each.drawn[name].wall.surfaces.flag
            writer.writerow({"id": each.name, "method": name, **_rounded(score), "flag": flag})
    return text.getvalue()
