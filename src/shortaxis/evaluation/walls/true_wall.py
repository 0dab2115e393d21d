"""The true wall of a simulated exam, as an ungated image shows it, along the rays of any frame."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from shortaxis.geometry.affines import invert_affine
from shortaxis.geometry.arrays import FloatArray
from shortaxis.simulation.exam_truth import ExamTruth
from shortaxis.ventricle.integration import apex_z_mm, cavity_ml
from shortaxis.ventricle.seen_from import radii_seen_from, values_seen_from
from shortaxis.ventricle.valve_plane import ValvePlane

__all__ = ["TrueWall", "true_wall", "wall_in_frame"]


@dataclass(frozen=True, eq=False)
class TrueWall:
    """The wall of an ungated image, along the rays of a frame: the mean over the cycle.

    ``endocardium_mm``, ``epicardium_mm``, ``is_wall`` and ``uptake`` are (row, angle) arrays; the
    last one is 1 in a healthy wall.
    """

    endocardium_mm: FloatArray
    epicardium_mm: FloatArray
    is_wall: FloatArray
    uptake: FloatArray
    valve: ValvePlane

    @cached_property
    def cavity_ml(self) -> float:
        """Volume inside the mean endocardium, up to the valve plane.

        The mean over the cycle of the volumes, which exams store, is larger by one to four per
        cent: a mean radius has not the mean volume.
        """
        return cavity_ml(self.endocardium_mm, self.valve)

    @property
    def length_mm(self) -> float:
        """From the epicardial apex to the centre of the valve plane, along the axis."""
        return float(self.valve.center_mm[2]) - apex_z_mm(self.epicardium_mm)

    @property
    def middle_mm(self) -> FloatArray:
        """Half-way between the surfaces."""
        return (self.endocardium_mm + self.epicardium_mm) / 2

    @property
    def mean_thickness_mm(self) -> float:
        """Mean over the rays that meet muscle."""
        thickness = self.epicardium_mm - self.endocardium_mm
        return float(np.average(thickness, weights=self.is_wall + 1e-9))


def true_wall(truth: ExamTruth) -> TrueWall:
    """What an image of the whole cycle shows, in the frame of the true pose."""
    return TrueWall(
        truth.endocardium_mm.astype(np.float64).mean(axis=0),
        truth.epicardium_mm.astype(np.float64).mean(axis=0),
        (truth.is_wall.mean(axis=0) >= 0.5).astype(np.float64),
        truth.uptake.astype(np.float64),
        ValvePlane(
            truth.valve_center_mm.astype(np.float64).mean(axis=0),
            truth.valve_normal.astype(np.float64).mean(axis=0),
        ),
    )


def wall_in_frame(wall: TrueWall, true_from_frame: FloatArray) -> TrueWall:
    """The true wall along the rays of another frame, by a similarity from there."""
    inner, outer = (
        radii_seen_from(surface, true_from_frame)
        for surface in (wall.endocardium_mm, wall.epicardium_mm)
    )
    middle = (inner + outer) / 2
    return TrueWall(
        inner,
        outer,
        (values_seen_from(wall.is_wall, middle, true_from_frame) >= 0.5).astype(np.float64),
        values_seen_from(wall.uptake, middle, true_from_frame),
        wall.valve.seen_from(invert_affine(true_from_frame)),
    )
