"""One study of a batch: results and record appear together, by one rename, or not at all."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from matplotlib.image import imsave

from shortaxis.anatomy.cardiac_views import CardiacView, view_grid
from shortaxis.errors import ShortAxisError
from shortaxis.files.plain_json import write_json
from shortaxis.files.privacy import private_folder
from shortaxis.files.whole_files import publish
from shortaxis.geometry.arrays import CountsArray
from shortaxis.geometry.euler import parameters_from_pose
from shortaxis.workflow.batch.options import BatchOptions
from shortaxis.workflow.batch.scanning import BatchStudy
from shortaxis.workflow.batch.study_record import (
    FAILED_FOLDER,
    RECORD_FILE,
    STAGING_FOLDER,
    STUDIES_FOLDER,
    Fate,
    WorkedOn,
    content_of,
    earlier_record,
    facts_of,
    keep_failure,
)
from shortaxis.workflow.drawing.display_scale import myocardial_level
from shortaxis.workflow.quantify.function_study import StudyFunction
from shortaxis.workflow.quantify.quantifying import QuantifiedStudy, quantify_study
from shortaxis.workflow.quantify.wording import BY_BANDS
from shortaxis.workflow.reorient.outputs import OutputOptions, write_reorientation
from shortaxis.workflow.reorient.reorienting import Reorientation, reorient_study
from shortaxis.workflow.studies.finding import LoadedStudy

__all__ = ["THUMBNAIL_FILE", "work_on"]

THUMBNAIL_FILE = "thumbnail.png"

TILE, TILE_MM = 40, 150.0
"""Pixels and width of a slice on the contact pages."""


def work_on(
    studies: Sequence[BatchStudy], out: Path, options: BatchOptions, secret: bytes = b""
) -> list[WorkedOn]:
    """Do some studies one after the other; records of all, with what went wrong."""
    return [work_on_one(each, out, options, secret) for each in studies]


def work_on_one(
    study: BatchStudy, out: Path, options: BatchOptions, secret: bytes = b""
) -> WorkedOn:
    """Do one study, or keep what was made of the same counts; a failure is a record, too."""
    digest = options.digest
    earlier = earlier_record(out, study.key, digest)
    record = {"key": study.key, "asked": digest, **facts_of(study, options)}
    fate, started = Fate.MADE, time.perf_counter()
    try:
        loaded = study.found.load()
        record["content"] = content_of(loaded.study, secret)
        if earlier is not None:
            if earlier.get("content") == record["content"]:
                if not earlier.get("error"):
                    # One that a worker died of, while it looked whether to keep this.
                    (out / FAILED_FOLDER / f"{study.key}.json").unlink(missing_ok=True)
                return WorkedOn(earlier, Fate.KEPT)
            fate = Fate.CHANGED
            shutil.rmtree(out / STUDIES_FOLDER / study.key, ignore_errors=True)
        return WorkedOn(_made(study, loaded, out, options, record, secret, started), fate)
    except ShortAxisError as error:
        words, found = error.summary, error.found
        reason = f"{words} ({found})" if found and not options.deidentify else words
    except MemoryError:
        reason = "not enough memory"
    except OSError as error:
        reason = error.strerror or type(error).__name__
    except Exception as error:
        # Of whatever kind: one bad study never stops the rest.
        reason = f"an error of the program: {type(error).__name__}"
    record["error"] = reason
    if earlier is not None and _is_as_before(earlier, record):
        return WorkedOn(earlier, Fate.KEPT)
    record["seconds"] = round(time.perf_counter() - started, 3)
    keep_failure(record, out)
    return WorkedOn(record, fate)


def _is_as_before(earlier: dict[str, Any], record: dict[str, Any]) -> bool:
    """Whether it could not be read then, nor now, for the same reason."""
    return "content" not in record and all(
        earlier.get(name) == record.get(name) for name in ("content", "error")
    )


def _made(  # noqa: PLR0913 - what is made of what, and where
    study: BatchStudy,
    loaded: LoadedStudy,
    out: Path,
    options: BatchOptions,
    record: dict[str, Any],
    secret: bytes,
    started: float,
) -> dict[str, Any]:
    times = [started, time.perf_counter()]
    made = reorient_study(loaded.study, options.reorient, None, loaded.header)
    times.append(time.perf_counter())
    record |= _pose_values(made)
    staging = private_folder(out / STAGING_FOLDER / uuid4().hex)
    try:
        _write(study, made, staging, options, secret)
        if "quantify" in options.extras:
            record |= _quantified(made, staging, options)
        imsave(staging / THUMBNAIL_FILE, _thumbnail(made), cmap="afmhot", vmin=0, vmax=255)
        times.append(time.perf_counter())
        names = ("load_s", "estimate_s", "write_s")
        spent = np.diff(times).round(4).tolist()
        record |= dict(zip(names, spent, strict=True)) | {"seconds": round(times[-1] - times[0], 3)}
        write_json(staging / RECORD_FILE, record)
        _publish(staging, out / STUDIES_FOLDER / study.key)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    (out / FAILED_FOLDER / f"{study.key}.json").unlink(missing_ok=True)
    return record


def _write(
    study: BatchStudy, made: Reorientation, folder: Path, options: BatchOptions, secret: bytes
) -> None:
    output = OutputOptions(
        formats=options.formats or (study.found.native_format,),
        force=True,
        review_sheet="sheet" in options.extras,
    )
    write_reorientation(made, folder, output)
    if options.deidentify:
        from shortaxis.workflow.batch.deidentifying import deidentify_folder

        deidentify_folder(folder, secret)


def _pose_values(made: Reorientation) -> dict[str, Any]:
    estimate, volume = made.estimate, made.study.volume
    x, y, z = estimate.pose.center_mm.tolist()
    uncertainty = {f"uncertainty_{k}": v for k, v in asdict(estimate.uncertainty).items()}
    extent = estimate.extent
    return {
        "method": estimate.method,
        "weights_sha256": estimate.weights.sha256,
        "flag": estimate.quality.flag.value,
        "reasons": list(estimate.quality.reasons),
        **asdict(parameters_from_pose(estimate.pose, volume.center_mm)),
        "center_x_mm": x,
        "center_y_mm": y,
        "center_z_mm": z,
        **uncertainty,
        "length_mm": None if extent is None else extent.length_mm,
        "radius_mm": None if extent is None else extent.radius_mm,
    }


def _quantified(made: Reorientation, folder: Path, options: BatchOptions) -> dict[str, Any]:
    from shortaxis.workflow.quantify.record import build_quantification, segments_csv

    found = quantify_study(made.study, options.quantify, estimated=made.estimate)
    if not options.deidentify:
        write_json(folder / "quantification.json", build_quantification(found))
        (folder / "segments.csv").write_text(segments_csv(found), encoding="utf-8")
    severity = found.severity
    return {
        "summed_score": None if severity is None else severity.summed_score,
        "total_perfusion_deficit": None if severity is None else severity.deficit_by_limits,
        "scar_burden": None if severity is None else severity.scar_burden,
        "traced_length_mm": found.traced.length_mm,
        "traced_volume_ml": found.traced.volume_ml,
        "limits": _scored_by(found),
        **_function(found.function, folder, options),
    }


def _scored_by(found: QuantifiedStudy) -> str:
    """The group of the limits, or the bands; empty where nothing is scored."""
    if found.options.is_by_fixed_bands:
        return BY_BANDS
    return "" if found.limits is None else found.limits.group.words


def _function(
    function: StudyFunction | None, folder: Path, options: BatchOptions
) -> dict[str, Any]:
    from shortaxis.workflow.quantify.function_record import (
        function_csv,
        function_numbers_csv,
        function_record,
    )

    if function is None:
        return {}
    if not options.deidentify:
        write_json(folder / "function.json", function_record(function))
        for name, table in (
            ("function.csv", function_csv(function)),
            ("function-numbers.csv", function_numbers_csv(function)),
        ):
            (folder / name).write_text(table, encoding="utf-8")
    measured = function.measured
    if measured is None:
        return {"function_flag": function.flag}
    return {
        "ejection_fraction": measured.curve.ejection_fraction,
        "end_diastolic_ml": measured.curve.end_diastolic_ml,
        "end_systolic_ml": measured.curve.end_systolic_ml,
        "mass_g": measured.mass_g,
        "sphericity": measured.end_diastolic_shape.sphericity,
        "eccentricity": measured.end_diastolic_shape.eccentricity,
        "phase_sd_deg": measured.phase.sd_deg if measured.phase.is_told else None,
        "function_flag": function.flag,
    }


def _thumbnail(made: Reorientation) -> CountsArray:
    """Middle slices of the three views beside each other, 0-255 of the myocardial level."""
    volume = made.study.volume
    level = myocardial_level(volume, made.estimate.pose, made.estimate.extent)
    tiles = []
    for view in CardiacView:
        grid = view_grid(view, made.pose, (1, TILE, TILE), TILE_MM / TILE)
        tiles.append(volume.resampled(grid).counts[0])
    shown = np.clip(np.hstack(tiles) * (255 / level), 0, 255)
    small: CountsArray = shown.astype(np.uint8)
    return small


def _publish(staging: Path, target: Path) -> None:
    """One rename; results that were asked for otherwise make room first."""
    private_folder(target.parent)
    try:
        publish(staging, target)
    except OSError:
        # Another worker that was given the same study was faster.
        if not (target / RECORD_FILE).exists():
            raise
