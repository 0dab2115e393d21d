"""Annotations as plain values: one file a pair, and one row a pair."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from shortaxis._version import __version__
from shortaxis.geometry.euler import parameters_from_pose
from shortaxis.geometry.pose import RigidPose
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.annotation.annotating import Annotation

__all__ = ["CSV_COLUMNS", "REGISTRATION_SCHEMA", "annotation_row", "registration_record", "to_csv"]

REGISTRATION_SCHEMA = "shortaxis/registration/1"

CSV_COLUMNS: dict[str, str] = {
    "name": "of the pair",
    "outcome": "`annotated`, `rejected` (registered, not believed) or `failed` (not registered)",
    "flag": "`accept` or `review` of an annotated pair",
    "reasons": "why it was rejected, failed or should be looked at; separated by `; `",
    "x_m": "the [six parameters](../explanation/frames.md#six-parameters), mm",
    "y_m": "as above",
    "z_m": "as above",
    "alpha": "as above, degrees",
    "beta": "as above, degrees: the roll that the slices were given",
    "theta": "as above, degrees",
    "similarity": "correlation coefficient of the counts of the slices and of the volume",
    "heart_similarity": "the same within 60 mm of the centre of the left ventricle",
    "residual": "standard deviation of what is left, part of the slices' 99th percentile",
    "overlap": "part of the slices that lies in the volume",
    "starts": "starts from which registration came to an end",
    "agreeing": "those that ended within 0.3 degrees and 0.5 mm of the best",
    "spread_deg": "largest turn between the best start and another one",
    "spread_mm": "largest shift of the middle of the slices likewise",
    "mirrored": "`yes` where the slices, as they are stored, show a mirror image",
    "other_hand": "similarity of the slices the other way round",
    "apex_contrast": "above 0 where the wall closes at the apex",
    "axes_apart_deg": "from the automatic estimate that named the axes",
    "header_deg": "how far the slices' own header is off; empty where it says nothing",
    "header_mm": "likewise",
    "engine": "`elastix` or `SimpleITK`",
}
"""Columns of ``annotations.csv``, and what they hold."""


def registration_record(annotation: Annotation) -> dict[str, Any]:
    """Plain values of ``registration.json``."""
    registration = annotation.registration
    return {
        "schema": REGISTRATION_SCHEMA,
        "software": {"name": "ShortAxis", "version": __version__},
        "engine": registration.engine,
        "patient_from_short_axis_index": registration.patient_from_index.tolist(),
        "index_order": "slice, row, column",
        "mirrored": registration.is_mirrored,
        "match": {**asdict(annotation.match), "other_hand": registration.other_hand},
        "starts": [
            {"similarity": similarity, "turn_deg": turn, "shift_mm": shift}
            for similarity, turn, shift in zip(
                registration.start_similarities,
                registration.start_turns_deg,
                registration.start_shifts_mm,
                strict=True,
            )
        ],
        "agreeing_starts": registration.agreeing,
        "apex_contrast": annotation.apex_contrast,
        "axes_apart_deg": annotation.axes_apart_deg,
        "header_off": None
        if annotation.header is None
        else dict(zip(("turn_deg", "shift_mm"), annotation.header, strict=True)),
        "rejections": list(annotation.rejections),
        "notes": list(annotation.notes),
    }


def annotation_row(
    name: str, annotation: Annotation | None, transaxial: SpectVolume | None, failure: str = ""
) -> dict[str, str]:
    """One row of ``annotations.csv``; of a pair that failed the reason is all there is."""
    row = dict.fromkeys(CSV_COLUMNS, "")
    row["name"] = name
    if annotation is None or transaxial is None:
        return row | {"outcome": "failed", "reasons": failure}
    row |= _numbers(annotation)
    if annotation.estimate is None:
        return row | {"outcome": "rejected", "reasons": "; ".join(annotation.rejections)}
    quality = annotation.estimate.quality
    row |= _parameters(annotation.estimate.pose, transaxial)
    return row | {
        "outcome": "annotated",
        "flag": quality.flag.value,
        "reasons": "; ".join(quality.reasons),
    }


def to_csv(rows: Sequence[Mapping[str, str]]) -> str:
    """Text of ``annotations.csv``."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(CSV_COLUMNS), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _parameters(pose: RigidPose, transaxial: SpectVolume) -> dict[str, str]:
    values = asdict(parameters_from_pose(pose, transaxial.center_mm))
    return {name: f"{value:.4f}" for name, value in values.items()}


def _numbers(annotation: Annotation) -> dict[str, str]:
    registration, match = annotation.registration, annotation.match
    header_deg, header_mm = annotation.header or (None, None)
    return {
        "similarity": f"{match.similarity:.5f}",
        "heart_similarity": f"{match.heart:.5f}",
        "residual": f"{match.residual:.5f}",
        "overlap": f"{match.overlap:.3f}",
        "starts": str(len(registration.start_similarities)),
        "agreeing": str(registration.agreeing),
        "spread_deg": f"{max(registration.start_turns_deg):.4f}",
        "spread_mm": f"{max(registration.start_shifts_mm):.4f}",
        "mirrored": "yes" if registration.is_mirrored else "no",
        "other_hand": f"{registration.other_hand:.5f}",
        "apex_contrast": _number(annotation.apex_contrast, 3),
        "axes_apart_deg": _number(annotation.axes_apart_deg, 2),
        "header_deg": _number(header_deg, 2),
        "header_mm": _number(header_mm, 2),
        "engine": registration.engine,
    }


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"
