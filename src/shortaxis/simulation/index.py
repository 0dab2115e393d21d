"""The table of a cohort: one row an exam, ``index.parquet``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

from shortaxis.files.whole_files import write_whole
from shortaxis.geometry.euler import parameters_from_pose
from shortaxis.simulation.exam_files import CohortFormat, exam_path, read_exam_facts

__all__ = ["INDEX_FILE", "require_table_library", "write_index"]

INDEX_FILE = "index.parquet"


def require_table_library() -> None:
    """Find out before the first exam, and not after the last, that no index can be written."""
    if find_spec("polars") is None:
        raise ModuleNotFoundError("No module named 'polars'", name="polars")


def write_index(folder: Path, seeds: Iterable[int], form: CohortFormat) -> Path:
    """Write the table of a cohort from the exams that are there.

    Columns: ``path`` (relative), ``exam_seed``, ``patient``, ``condition``, ``preset``,
    ``preset_version``, ``time_slots``, the six parameters of the true pose, ``center_x_mm`` ...,
    ``length_mm``, ``radius_mm``, voxel size and shape, and the strata.
    """
    # Only this file knows the table library, and only when a table is written.
    import polars

    rows = [_row(folder, seed, form) for seed in seeds]
    # In memory first: the library has errors of its own for a disk that is full.
    content = BytesIO()
    polars.DataFrame(rows, infer_schema_length=None).write_parquet(content)
    return write_whole(folder / INDEX_FILE, content.getvalue())


def _row(folder: Path, seed: int, form: CohortFormat) -> dict[str, object]:
    path = exam_path(folder, seed, form)
    scenario, pose, strata = read_exam_facts(path)
    grid = scenario.field_of_view.grid
    x, y, z = pose.center_mm.tolist()
    slices, rows, columns = grid.shape
    slice_mm, row_mm, _ = grid.spacing_mm.tolist()
    ventricle = scenario.phantom.heart.left_ventricle
    return {
        "path": path.relative_to(folder).as_posix(),
        "exam_seed": scenario.exam_seed,
        "patient": scenario.patient,
        "condition": scenario.condition,
        "preset": scenario.preset,
        "preset_version": scenario.preset_version,
        "time_slots": scenario.time_slots,
        "mirror": scenario.mirror,
        **asdict(parameters_from_pose(pose, grid.center_mm)),
        "center_x_mm": x,
        "center_y_mm": y,
        "center_z_mm": z,
        "length_mm": ventricle.length_mm,
        "radius_mm": ventricle.radius_mm,
        "slices": slices,
        "rows": rows,
        "columns": columns,
        "slice_mm": slice_mm,
        "pixel_mm": row_mm,
        **strata,
    }
