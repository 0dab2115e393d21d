"""``wall.json``: the wall that was drawn, and what the files beside it hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shortaxis._version import __version__
from shortaxis.reorientation.pose_record import record_in_study
from shortaxis.ventricle.label_map import VentricleLabel
from shortaxis.workflow.quantify.quantifying import QuantifiedStudy
from shortaxis.workflow.quantify.wall_record import wall_record
from shortaxis.workflow.studies.record import NOTICE, source_values

__all__ = ["WALL_FILES_SCHEMA", "wall_files_record"]

WALL_FILES_SCHEMA = "shortaxis/wall-files/1"


def wall_files_record(quantified: QuantifiedStudy, files: Sequence[str] = ()) -> dict[str, Any]:
    """Plain values: source, pose, wall, and the meaning of the files; no patient identifiers."""
    study, quality = quantified.study, quantified.estimate.quality
    return {
        "schema": WALL_FILES_SCHEMA,
        "notice": NOTICE,
        "software": {"name": "shortaxis", "version": __version__},
        "source": source_values(study),
        "pose": record_in_study(quantified.estimate, study),
        "quality": {"flag": quality.flag.value, "reasons": list(quality.reasons)},
        "wall": wall_record(quantified.wall.surfaces),
        "labels": {label.name.lower(): int(label) for label in VentricleLabel},
        "label_map": "on the grid of the source; NIfTI, RAS+ mm",
        "surfaces": "LPS mm; endocardium and epicardium are closed by the valve plane",
        "files": list(files),
    }
