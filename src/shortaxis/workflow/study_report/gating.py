"""Which time slots of a gated exam are end-diastole and end-systole."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from shortaxis.quantification.tracing import trace_ventricle
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.quantifying import QuantifiedStudy

__all__ = ["GatedVentricle", "gated_ventricle"]

FEWEST_TIME_SLOTS = 4
"""Fewer average end-systole away."""


@dataclass(frozen=True, eq=False)
class GatedVentricle:
    """Volumes inside the mid-wall surface over the heart beat, ml, one for each time slot.

    They follow the heart's size but are no ventricular volumes: those end at the endocardium, and
    a part of them that is ejected is no ejection fraction.
    """

    volumes_ml: tuple[float, ...]
    end_diastole: SpectVolume = field(repr=False)
    end_systole: SpectVolume = field(repr=False)

    @property
    def end_diastolic_slot(self) -> int:
        """Number of the largest time slot, from 1."""
        return int(np.argmax(self.volumes_ml)) + 1

    @property
    def end_systolic_slot(self) -> int:
        """Number of the smallest time slot, from 1."""
        return int(np.argmin(self.volumes_ml)) + 1


def gated_ventricle(exam: QuantifiedStudy) -> GatedVentricle | None:
    """Trace every time slot with the axes of the exam; None without time slots to speak of."""
    volumes = exam.study.gate_volumes()
    if len(volumes) < FEWEST_TIME_SLOTS:
        return None
    size = exam.traced.length_mm, exam.traced.radius_mm
    volumes_ml = [trace_ventricle(each, exam.pose, *size).volume_ml for each in volumes]
    largest, smallest = int(np.argmax(volumes_ml)), int(np.argmin(volumes_ml))
    return GatedVentricle(
        tuple(round(value, 1) for value in volumes_ml), volumes[largest], volumes[smallest]
    )
