"""Counts of every time slot in cuts along the axes of the heart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from shortaxis.anatomy.cardiac_views import CardiacView, view_grid
from shortaxis.function.measuring import LeftVentricularFunction
from shortaxis.geometry.arrays import CountsArray
from shortaxis.geometry.grids import Grid
from shortaxis.spect.study import PerfusionStudy
from shortaxis.spect.volume import SpectVolume

__all__ = ["BEAT_CUTS", "BeatCut", "cut_grid", "cut_height_mm", "cuts_over_the_beat"]


@dataclass(frozen=True)
class BeatCut:
    """One cut: its view, and for short-axis cuts the part of the long axis from the apex."""

    name: str
    title: str
    view: CardiacView
    height: float = 0.5


BEAT_CUTS = (
    BeatCut("apical", "Short axis, apical", CardiacView.SHORT_AXIS, 0.25),
    BeatCut("mid", "Short axis, mid", CardiacView.SHORT_AXIS, 0.5),
    BeatCut("basal", "Short axis, basal", CardiacView.SHORT_AXIS, 0.75),
    BeatCut("horizontal", "Horizontal long axis", CardiacView.HORIZONTAL_LONG_AXIS),
    BeatCut("vertical", "Vertical long axis", CardiacView.VERTICAL_LONG_AXIS),
)


def cut_height_mm(measured: LeftVentricularFunction, height: float = 0.5) -> float:
    """Height in the frame of the pose, between apex and valve plane at end-diastole."""
    largest = measured.surfaces[measured.curve.end_diastolic_slot - 1]
    low, high = largest.apex_z_mm, float(largest.valve.center_mm[2])
    return low + height * (high - low)


def cut_grid(
    measured: LeftVentricularFunction, view: CardiacView, z_mm: float, reach_mm: float, size: int
) -> Grid:
    """One slice of size x size pixels that reaches so far from the axis."""
    pose = measured.surfaces[0].pose
    moved = type(pose)(pose.patient_from_cardiac, pose.to_patient(np.array([0.0, 0.0, z_mm])))
    return view_grid(view, moved, (1, size, size), 2 * reach_mm / size)


def cuts_over_the_beat(
    study: PerfusionStudy, measured: LeftVentricularFunction, grids: Sequence[Grid]
) -> CountsArray:
    """Counts (cut, slot, row, column), smooth over the beat; slots that were not used are filled.

    Slots with fewer beats are scaled to those of the others.
    """
    fit = measured.slots.fit
    gates = study.gate_volumes()
    totals = np.array([float(each.counts.sum(dtype=np.float64)) for each in gates])
    times = totals[fit.is_used].mean() / np.maximum(totals, 1e-9)
    sampled = np.stack(
        [_sampled(gate, grids) * part for gate, part in zip(gates, times, strict=True)]
    )
    smooth = np.maximum(fit.smoothed(sampled), 0)
    return np.moveaxis(smooth, 1, 0).astype(np.float32)


def _sampled(gate: SpectVolume, grids: Sequence[Grid]) -> CountsArray:
    return np.stack([gate.resampled(each).counts[0] for each in grids])
