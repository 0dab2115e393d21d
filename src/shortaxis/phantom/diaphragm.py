"""The diaphragm: two smooth domes, pushed to where the inferior wall of the heart rests."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from shortaxis.geometry.arrays import FloatArray
from shortaxis.phantom.phantom import Phantom

__all__ = ["DiaphragmSurface"]

LEFT_TOP_MM, RIGHT_TOP_MM = (68.0, -12.0), (-70.0, -2.0)
"""Tops of the domes from the midline, for the usual half width of 172 mm."""
HALF_WIDTH_MM = 95.0
FRONT_MM, BACK_MM = 100.0, 82.0
"""From the top of a dome to where it has dropped by its curvature: it is steeper behind."""
DEEPEST_DROP = 0.45
"""How far out on a dome, in drops, the heart may rest: further out, it only touches."""
MERGING_MM = 9.0
"""Softness of the valley between the domes, the central tendon."""


class DiaphragmSurface:
    """Height of the domes in the abdomen frame: LPS mm from the midline at the contact height."""

    def __init__(self, phantom: Phantom) -> None:
        self.phantom = phantom
        self.widening = phantom.torso.body.half_width_mm / 172.0

    @cached_property
    def contact_mm(self) -> FloatArray:
        """Lowest point of the left ventricle, taken as an ellipsoid, LPS mm.

        The surface of ``c + R diag(a, a, l) u`` with unit ``u`` is lowest where ``u`` points
        against the third row of ``R diag(a, a, l)``.
        """
        shape, pose = self.phantom.heart.left_ventricle, self.phantom.pose
        semi_axes = np.array([shape.radius_mm, shape.radius_mm, shape.length_mm / 2])
        scaled = pose.patient_from_cardiac * semi_axes
        lowest: FloatArray = pose.center_mm - scaled @ scaled[2] / np.linalg.norm(scaled[2])
        return lowest

    @cached_property
    def tops_mm(self) -> tuple[float, float]:
        """Height of the left and the right dome above the contact."""
        diaphragm = self.phantom.torso.diaphragm
        x, y, _ = self.contact_mm - np.array(self.phantom.body_center_mm)
        place = torch.tensor([x]), torch.tensor([y])
        drop = float(self._drop(*place, LEFT_TOP_MM).clamp_max(DEEPEST_DROP))
        fat_mm = self.phantom.heart.pericardial_fat_mm
        left = diaphragm.settling_mm + diaphragm.curvature_mm * drop - fat_mm
        return left, left + diaphragm.right_rise_mm

    def level(self, x: Tensor, y: Tensor, z: Tensor) -> Tensor:
        """Height above the diaphragm, mm: negative below it."""
        curvature = self.phantom.torso.diaphragm.curvature_mm
        left, right = (
            top - curvature * self._drop(x, y, place)
            for top, place in zip(self.tops_mm, (LEFT_TOP_MM, RIGHT_TOP_MM), strict=True)
        )
        return z - MERGING_MM * torch.logaddexp(left / MERGING_MM, right / MERGING_MM)

    def _drop(self, x: Tensor, y: Tensor, top: tuple[float, float]) -> Tensor:
        """Drop from the top of a dome in curvatures: 1 at its rim."""
        across = (x / self.widening - top[0]) / HALF_WIDTH_MM
        along = y - top[1]
        along = along.clamp_max(0) / FRONT_MM + along.clamp_min(0) / BACK_MM
        return across * across + along * along
