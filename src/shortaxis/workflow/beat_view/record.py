"""The beat as plain values for a script: what moves, in every slot; the script joins the slots.

Everything is smooth over the beat by the harmonics that the record names, so that a script reads
any moment between two slots exactly.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from typing import Any

import numpy as np

from shortaxis.function.harmonics import BeatFit
from shortaxis.function.measuring import LeftVentricularFunction
from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.spect.study import PerfusionStudy
from shortaxis.ventricle.surface_meshes import ventricle_mesh
from shortaxis.workflow.beat_view.contours import valve_line, wall_contours
from shortaxis.workflow.beat_view.cuts import (
    BEAT_CUTS,
    BeatCut,
    cut_grid,
    cut_height_mm,
    cuts_over_the_beat,
)
from shortaxis.workflow.beat_view.phase_plot import (
    PHASE_TICKS,
    PHASE_WORDS,
    WALL_WORDS,
    phase_plot,
)
from shortaxis.workflow.beat_view.polar_values import as_polar, function_maps
from shortaxis.workflow.beat_view.volume_plot import (
    CYCLE_TICKS,
    CYCLE_WORDS,
    VOLUME_WORDS,
    VolumeMark,
    volume_plot,
)

__all__ = ["beat_record", "maps_record", "phases_record"]

REACH_MM, SIZE = 60.0, 48
"""Half the edge of a cut, and its pixels: 2.5 mm, finer than any gated voxel."""

RINGS, MERIDIANS = 16, 24

BRIGHTEST_PERCENT = 99.5


def beat_record(study: PerfusionStudy, measured: LeftVentricularFunction) -> dict[str, Any]:
    """Cuts with contours, the endocardium in three dimensions, and the volume curve.

    Counts are bytes (slot, row, column) in base64; places are mm, those of lines to the right and
    down from the middle of a cut, those of points in the cardiac frame.
    """
    heights = [cut_height_mm(measured, each.height) for each in BEAT_CUTS]
    grids = [
        cut_grid(measured, each.view, z, REACH_MM, SIZE)
        for each, z in zip(BEAT_CUTS, heights, strict=True)
    ]
    counts = cuts_over_the_beat(study, measured, grids)
    level = max(float(np.percentile(counts, BRIGHTEST_PERCENT)), 1e-6)
    bytes_of = np.round(np.clip(counts / level, 0, 1) * 255).astype(np.uint8)
    whole = BeatFit(np.ones(len(measured.surfaces), dtype=bool), measured.curve.harmonics)
    return {
        "slots": len(measured.surfaces),
        "slot_parts": measured.curve.slot_parts.tolist(),
        "harmonics": measured.curve.harmonics,
        "size": SIZE,
        "reach_mm": REACH_MM,
        "cuts": [
            _cut(each, z, measured, image, whole)
            for each, z, image in zip(BEAT_CUTS, heights, bytes_of, strict=True)
        ],
        "surface": _surface(measured, whole),
        "volumes_ml": np.round(measured.curve.cavity_ml, 2).tolist(),
        "end_diastole": measured.curve.from_r_wave(measured.curve.end_diastole),
        "end_systole": measured.curve.from_r_wave(measured.curve.end_systole),
        "curve": _curve(measured),
    }


def _curve(measured: LeftVentricularFunction) -> dict[str, Any]:
    """The volume curve with its marks and axes, as in every picture of it."""
    plot = volume_plot(measured)
    return {
        "parts": np.round(plot.line_parts, 4).tolist(),
        "volumes_ml": np.round(plot.line_ml, 2).tolist(),
        "is_used": plot.is_used.tolist(),
        "end_diastole": _mark(plot.end_diastole),
        "end_systole": _mark(plot.end_systole),
        "ejection": plot.ejection_words,
        "top_ml": round(plot.top_ml, 2),
        "ticks_ml": list(plot.ticks_ml),
        "cycle_ticks": list(CYCLE_TICKS),
        "cycle_words": CYCLE_WORDS,
        "volume_words": VOLUME_WORDS,
    }


def _mark(mark: VolumeMark) -> dict[str, Any]:
    return {"part": mark.part, "ml": round(mark.ml, 2), "words": mark.words}


def _cut(
    cut: BeatCut, z_mm: float, measured: LeftVentricularFunction, image: CountsArray, fit: BeatFit
) -> dict[str, Any]:
    lines = [wall_contours(each, cut.view, z_mm) for each in measured.surfaces]
    record: dict[str, Any] = {
        "name": cut.name,
        "title": cut.title,
        "counts": b64encode(np.ascontiguousarray(image).tobytes()).decode("ascii"),
    }
    for name in lines[0]:
        record[name] = _rounded(fit.smoothed(np.stack([each[name] for each in lines])))
    planes = [valve_line(each, cut.view, z_mm) for each in measured.surfaces]
    drawn = [each for each in planes if each is not None]
    record["valve"] = _rounded(fit.smoothed(np.stack(drawn))) if drawn else None
    return record


def _surface(measured: LeftVentricularFunction, fit: BeatFit) -> dict[str, Any]:
    """Endocardium of every slot, open at the valve plane, with the mean counts of the wall."""
    meshes = [
        ventricle_mesh(each, 0.0, rings=RINGS, meridians=MERIDIANS) for each in measured.surfaces
    ]
    pose = measured.surfaces[0].pose
    points = np.stack([pose.to_cardiac(each.mesh.points_mm)[:-1] for each in meshes])
    mean = measured.counts.mean
    is_wall = measured.places.areas_mm2 > 0
    top = max(float(np.percentile(mean[is_wall], 95)), 1e-6) if is_wall.any() else 1.0
    uptake = 100 * np.clip(meshes[0].sampled(mean)[:-1] / top, 0, 1)
    return {
        "points": _rounded(fit.smoothed(points)),
        "triangles": meshes[0].mesh.triangles[:-MERIDIANS].tolist(),
        "uptake": np.round(uptake).tolist(),
    }


def maps_record(measured: LeftVentricularFunction) -> Sequence[dict[str, Any]]:
    """Polar maps of motion, thickening and phase, with the means of the segments."""
    from shortaxis.workflow.drawing.colour_steps import hex_colours

    records = []
    for each in function_maps(measured):
        values, angles = as_polar(each.values, measured.places)
        records.append(
            {
                "name": each.name,
                "title": each.title,
                "values": (np.round(values, 1) + 0.0).tolist(),
                "angles_deg": angles.tolist(),
                "segments": {
                    str(number): None if value is None else round(value, 1) + 0.0
                    for number, value in each.segments.items()
                },
                "labels": {str(number): label for number, label in each.labels.items()},
                "limits": list(each.limits),
                "ticks": list(each.ticks),
                "scale": each.scale_words,
                "doubt": each.doubt_words,
                "colours": hex_colours(each.colours),
            }
        )
    return records


def phases_record(measured: LeftVentricularFunction) -> dict[str, Any] | None:
    """The histogram of phases with its marks and axes; None where noise hides them."""
    if not measured.phase.is_told:
        return None
    plot = phase_plot(measured.phase)
    return {
        "bin_deg": plot.bin_deg,
        "percent": np.round(plot.percent, 2).tolist(),
        "mean_deg": round(plot.mean_deg, 1),
        "ranges_deg": [[round(low, 1), round(high, 1)] for low, high in plot.ranges_deg],
        "mean": plot.mean_words,
        "range": plot.range_words,
        "counted": plot.counted_words,
        "phase_words": PHASE_WORDS,
        "wall_words": WALL_WORDS,
        "top_percent": round(plot.top_percent, 2),
        "ticks_percent": list(plot.ticks_percent),
        "ticks_deg": list(PHASE_TICKS),
    }


def _rounded(values: FloatArray) -> list[Any]:
    rounded: list[Any] = np.round(values, 1).tolist()
    return rounded
