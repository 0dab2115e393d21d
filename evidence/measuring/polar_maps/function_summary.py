"""Errors of many exams of the result `function` in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from evidence.measuring.polar_maps.function_repeats import IN_STEP_DEG
from evidence.measuring.polar_maps.function_row import Row
from evidence.measuring.polar_maps.roc import roc_area
from shortaxis.geometry.arrays import FloatArray

__all__ = ["LATE", "phases", "segments", "summary", "worst"]

SMALL_ML = 25.0
LATE = 0.06
"""Of the cycle after the mean of the wall: 20 degrees."""
STILL, MOVING = 0.3, 0.8
"""Contraction relative to a normal wall."""
WORST = 3


def summary(rows: Sequence[Row]) -> dict[str, Any]:
    """Errors: volumes in parts, ejection fraction in points."""
    if not rows:
        return {"exams": 0}
    of = {name: np.array([asdict(row)[name] for row in rows]) for name in NUMBERS}
    off = 100 * (of["ejection"] - of["true_ejection"])
    parts = {
        name: of[name] / of[f"true_{name}"] - 1
        for name in ("end_diastolic", "end_systolic", "wall")
    }
    small = of["true_end_systolic"] < SMALL_ML
    flagged = np.array([row.is_flagged for row in rows])
    slots = np.array([row.slots_off for row in rows])
    return {
        "exams": len(rows),
        "flagged": int(flagged.sum()),
        "ejection": {**_bias(off), "r": _r(of["ejection"], of["true_ejection"]),
                     "median": round(float(np.median(np.abs(off))), 2)},
        "ejection_large": {**_bias(off[~small]), "exams": int((~small).sum())},
        **{name: {**_bias(100 * each), "median": round(float(np.median(np.abs(100 * each))), 1)}
           for name, each in parts.items()},
        "small": {
            "exams": int(small.sum()),
            "flagged": int((small & flagged).sum()),
            "end_systolic_of_truth": _mean(1 + parts["end_systolic"][small]),
        },
        "within_bounds": {
            "ejection_fraction": _within(rows, "ejection_fraction", off / 100),
            "end_diastolic_ml": _within(
                rows, "end_diastolic_ml", of["end_diastolic"] - of["true_end_diastolic"]
            ),
            "end_systolic_ml": _within(
                rows, "end_systolic_ml", of["end_systolic"] - of["true_end_systolic"]
            ),
        },
        "shape": {name: _shape_off(rows, name) for name in ("sphericity", "eccentricity")},
        "slots_right": [_mean((slots[:, k] == 0).astype(float)) for k in (0, 1)],
        "slots_within_one": [_mean((slots[:, k] <= 1).astype(float)) for k in (0, 1)],
    }  # fmt: skip


def _shape_off(rows: Sequence[Row], name: str) -> dict[str, float]:
    told = [row.shape for row in rows if row.shape]
    found, true = (np.array([each[key] for each in told]) for key in (name, f"true_{name}"))
    off = found - true
    is_enough = len(told) > 2
    return {
        "exams": len(told),
        "bias": _mean(off),
        "sd": round(float(off.std(ddof=1)), 3) if is_enough else 0.0,
        "r": _r(found, true) if is_enough else 0.0,
        "true_sd": round(float(true.std(ddof=1)), 3) if is_enough else 0.0,
    }


NUMBERS = (
    "end_diastolic", "end_systolic", "ejection", "wall", "true_end_diastolic", "true_end_systolic",
    "true_ejection", "true_wall",
)  # fmt: skip


def _within(rows: Sequence[Row], name: str, off: FloatArray) -> float:
    bounds = np.array([row.bounds[name] for row in rows])
    return round(float((np.abs(off) <= bounds).mean()), 3)


def _bias(off: FloatArray) -> dict[str, float]:
    spread = float(off.std(ddof=1)) if off.size > 1 else 0.0
    return {"bias": _mean(off), "sd": round(spread, 2)}


def _mean(values: FloatArray) -> float:
    return round(float(values.mean()), 3) if values.size else 0.0


def _r(one: FloatArray, other: FloatArray) -> float:
    return round(float(np.corrcoef(one, other)[0, 1]), 3)


def phases(rows: Sequence[Row]) -> dict[str, Any]:
    """How the spread of the phases lies to the truth, in hearts in step and out of step."""
    every, rows = rows, [row for row in rows if row.is_phase_told]
    found, true = (np.array([getattr(row, name) for row in rows]) for name in PHASE_SDS)
    in_step = true < IN_STEP_DEG
    return {
        "exams": len(every),
        "told": len(rows),
        "in_step": {"exams": int(in_step.sum()), "mean": _mean(found[in_step]),
                    "high": _high(found[in_step])},
        "out_of_step": {"exams": int((~in_step).sum()), **_bias((found - true)[~in_step]),
                        "true_mean": _mean(true[~in_step])},
        "off_median": round(float(np.median(np.abs(found - true))), 2) if rows else 0.0,
    }  # fmt: skip


PHASE_SDS = ("phase_sd", "true_phase_sd")


def _high(values: FloatArray) -> float:
    return round(float(np.percentile(values, 95)), 1) if values.size else 0.0


def segments(rows: Sequence[Row]) -> dict[str, Any]:
    """How well late and still segments are told, over all hearts."""
    every = [each for row in rows for each in row.segments]
    of = {name: np.array([each[name] for each in every]) for name in every[0]}
    late = of["delay"] > LATE
    still, moving = of["amplitude"] < STILL, of["amplitude"] > MOVING
    judged = still | moving
    result: dict[str, Any] = {"segments": len(every), "late": int(late.sum()),
                              "still": int(still.sum())}  # fmt: skip
    if late.any():
        result["late_auc"] = round(roc_area(of["phase"], late), 3)
    told = of["told"] > 0
    result["late_told"] = int((late & told).sum())
    if (late & told).any():
        result["late_auc_told"] = round(roc_area(of["phase"][told], late[told]), 3)
    if still.any():
        for name in ("by_counts", "thickening", "motion"):
            result[f"still_auc_{name}"] = round(roc_area(-of[name][judged], still[judged]), 3)
    return result


def worst(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The exams whose ejection fraction lies farthest from the truth."""
    kept = sorted(rows, key=lambda row: -abs(row.ejection - row.true_ejection))
    return [
        {
            "preset": row.preset,
            "seed": row.seed,
            "ejection": round(100 * row.ejection, 1),
            "true_ejection": round(100 * row.true_ejection, 1),
            "true_end_systolic_ml": round(row.true_end_systolic, 1),
            "flagged": row.is_flagged,
        }
        for row in kept[:WORST]
    ]
