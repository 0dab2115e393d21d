"""``results.parquet``: one row a study, whether it came out or not, or file or stack left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

from shortaxis.files.whole_files import write_whole
from shortaxis.workflow.batch.left_out import outcome_of

__all__ = ["COLUMNS", "RESULTS_FILE", "require_table_library", "write_results"]

RESULTS_FILE = "results.parquet"

TEXT, NUMBER, COUNT, TRUTH = "text", "number", "count", "truth"

COLUMNS: dict[str, str] = {
    "key": TEXT,
    "outcome": TEXT,
    "path": TEXT,
    "files": COUNT,
    "study_uid": TEXT,
    "kind": TEXT,
    "condition": TEXT,
    "camera": TEXT,
    "tracer": TEXT,
    "attenuation_corrected": TRUTH,
    "time_slots": COUNT,
    "slices": COUNT,
    "rows": COUNT,
    "columns": COUNT,
    "slice_mm": NUMBER,
    "row_mm": NUMBER,
    "column_mm": NUMBER,
    "method": TEXT,
    "weights_sha256": TEXT,
    "flag": TEXT,
    "reasons": TEXT,
    "x_m": NUMBER,
    "y_m": NUMBER,
    "z_m": NUMBER,
    "alpha": NUMBER,
    "beta": NUMBER,
    "theta": NUMBER,
    "center_x_mm": NUMBER,
    "center_y_mm": NUMBER,
    "center_z_mm": NUMBER,
    "uncertainty_long_axis_deg": NUMBER,
    "uncertainty_roll_deg": NUMBER,
    "uncertainty_center_mm": NUMBER,
    "length_mm": NUMBER,
    "radius_mm": NUMBER,
    "summed_score": NUMBER,
    "total_perfusion_deficit": NUMBER,
    "scar_burden": NUMBER,
    "traced_length_mm": NUMBER,
    "traced_volume_ml": NUMBER,
    "limits": TEXT,
    "ejection_fraction": NUMBER,
    "end_diastolic_ml": NUMBER,
    "end_systolic_ml": NUMBER,
    "mass_g": NUMBER,
    "sphericity": NUMBER,
    "eccentricity": NUMBER,
    "phase_sd_deg": NUMBER,
    "function_flag": TEXT,
    "report": TEXT,
    "stored_back": COUNT,
    "store_error": TEXT,
    "load_s": NUMBER,
    "estimate_s": NUMBER,
    "write_s": NUMBER,
    "seconds": NUMBER,
    "error": TEXT,
    "way_on": TEXT,
}
"""Columns and their kinds; what is not known is null."""


def require_table_library() -> None:
    """Find out before the first study, and not after the last, that no table can be written."""
    if find_spec("polars") is None:
        raise ModuleNotFoundError("No module named 'polars'", name="polars")


def write_results(out: Path, records: Sequence[Mapping[str, Any]]) -> Path:
    """Write the table; it appears by one rename."""
    import polars

    kinds = {
        TEXT: polars.String,
        NUMBER: polars.Float64,
        COUNT: polars.Int64,
        TRUTH: polars.Boolean,
    }
    schema = {name: kinds[kind] for name, kind in COLUMNS.items()}
    rows = [_row(record) for record in records]
    content = BytesIO()
    polars.DataFrame(rows, schema=schema).write_parquet(content)
    return write_whole(out / RESULTS_FILE, content.getvalue())


def _row(record: Mapping[str, Any]) -> dict[str, Any]:
    shape = record.get("shape") or (None, None, None)
    spacing = record.get("spacing_mm") or (None, None, None)
    laid = {
        **dict(zip(("slices", "rows", "columns"), shape, strict=True)),
        **dict(zip(("slice_mm", "row_mm", "column_mm"), spacing, strict=True)),
        "outcome": outcome_of(record),
        "reasons": "; ".join(record["reasons"]) if "reasons" in record else None,
    }
    row = {name: laid.get(name, record.get(name)) for name in COLUMNS}
    return {
        name: float(value) if COLUMNS[name] == NUMBER and value is not None else value
        for name, value in row.items()
    }
