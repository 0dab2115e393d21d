"""Which time slots of a gated exam are end-diastole and end-systole."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from shortaxis.quantification.tracing import trace_ventricle
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.quantify.quantifying import QuantifiedStudy

__all__ = ["GatedVentricle", "gated_ventricle"]

MIN_TIME_SLOTS = 4
"""Fewer average end-systole away."""

MIN_COUNTS = 0.5
"""Of a time slot, in parts of the median one: arrhythmia takes the last slots' beats."""


@dataclass(frozen=True, eq=False)
class GatedVentricle:
    """Volumes inside the mid-wall surface over the heart beat, ml, one for each time slot.

    They follow the heart's size but are no ventricular volumes: those end at the endocardium, and
    a part of them that is ejected is no ejection fraction. `volumes_ml` is NaN for time slots with
    few counts, which count for nothing. End-diastole and end-systole are the slots of the measured
    function where there is one, so that all pages show the same, else those of these volumes.
    """

    volumes_ml: tuple[float, ...]
    end_diastole: SpectVolume = field(repr=False)
    end_systole: SpectVolume = field(repr=False)
    end_diastolic_slot: int
    end_systolic_slot: int

    @property
    def reasons(self) -> list[str]:
        """Reasons to review."""
        empty = [str(slot) for slot, volume in enumerate(self.volumes_ml, 1) if np.isnan(volume)]
        return [f"time slot {slot} has few counts" for slot in empty]


def gated_ventricle(exam: QuantifiedStudy) -> GatedVentricle | None:
    """Trace every time slot with the axes of the exam; None without time slots to speak of."""
    volumes = exam.study.gate_volumes()
    if len(volumes) < MIN_TIME_SLOTS or not exam.study.volume.counts.any():
        return None
    size = exam.traced.length_mm, exam.traced.radius_mm
    totals = np.array([float(each.counts.sum()) for each in volumes])
    has_counts = totals >= MIN_COUNTS * np.median(totals)
    volumes_ml = tuple(
        round(trace_ventricle(each, exam.pose, *size).volume_ml, 1) if enough else float("nan")
        for each, enough in zip(volumes, has_counts, strict=True)
    )
    largest, smallest = int(np.nanargmax(volumes_ml)) + 1, int(np.nanargmin(volumes_ml)) + 1
    measured = None if exam.function is None else exam.function.measured
    if measured is not None:
        slots = measured.curve.end_diastolic_slot, measured.curve.end_systolic_slot
        if all(has_counts[slot - 1] for slot in slots):
            largest, smallest = slots
    return GatedVentricle(
        volumes_ml, volumes[largest - 1], volumes[smallest - 1], largest, smallest
    )
