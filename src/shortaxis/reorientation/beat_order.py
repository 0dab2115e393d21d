"""Whether the time slots of a gated study follow the heart or run backwards.

Systole draws the wall inwards, so the part of the counts that lies inside the resting wall rises to
end-systole and falls again. Two things tell the direction of time: end-systole comes in the first
half of the cycle, and the ventricle empties at one go but fills in two, with a pause between. So
the curve is compared with volume curves of all kinds of hearts, as they are and turned round in
time. The beat is called reversed only where a curve that is turned round explains it clearly
better than every one that is not. In fast hearts systole takes half of the cycle and the pause is
gone: their curves fit either way, and nothing is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
from numpy.typing import ArrayLike

from shortaxis.geometry.affines import apply_affine, invert_affine
from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.geometry.pose import RigidPose
from shortaxis.geometry.trilinear import places_at
from shortaxis.reorientation.estimate import LeftVentricleExtent

__all__ = ["BACKWARDS", "BeatReading", "contraction_of_slots", "read_beat"]

BACKWARDS = (
    "the beat seems to run backwards: end-systole late, and the pause of filling before it; "
    "are the time slots in reversed order?"
)

MIN_SLOTS = 8
"""What is fitted, and as much again to tell the noise by."""

END_SYSTOLES: FloatArray = np.arange(0.26, 0.521, 0.02)
"""Of the cycle, counted from the R wave. It is 30 to 45 % at rest, and systole takes half of the
cycle from about 110 beats a minute on (Weissler's systolic intervals)."""

PAUSES: FloatArray = np.array([0.4, 0.5, 0.6, 0.7, 0.8])
"""Of the time after end-systole: where the first filling has ended."""

STILL_OUT: FloatArray = np.array([0.05, 0.1, 0.2, 0.3, 0.4])
"""Of the stroke volume, in the pause: what the atria add at the end."""

OVERSHOOT = 0.1
"""Of the stroke volume, most, by which a curve may leave the range from diastole to systole."""

CLEARLY_WORSE = 6.0
"""How much worse every curve that runs forwards must fit, in variances of the noise."""

CLEAR_BEAT = 3.0
"""How often the variance of the curve must be that of its noise: below it no beat is seen."""

LEAST_NOISE = 0.0025
"""Of the variance of the curve: hearts are not exactly like the curves they are compared with."""

TINY = 1e-12

ANGLES: FloatArray = np.linspace(0.0, 2 * np.pi, 24, endpoint=False)
STEP_MM, BEYOND_MM = 3.0, 20.0
"""Between rings, and how far they go beyond the middle of the wall."""

APICAL_MM, BASAL_PART = 25.0, 0.25
"""The body of the ventricle: from so far behind the apex to this part of its length behind the
middle."""


@dataclass(frozen=True)
class BeatReading:
    """What the contraction curve tells.

    Parameters
    ----------
    end_systole_part : float
        Of the curve that fits best, as a part of the cycle in the order of the slots: above one
        half in most beats that are reversed.
    turned_round : float
        How much worse the curves that run forwards fit than those that are turned round, in
        variances of the noise; below 0 where they fit better.
    clearness : float
        Variance of the contraction over that of its noise.
    """

    end_systole_part: float
    turned_round: float
    clearness: float

    @property
    def runs_backwards(self) -> bool:
        """Whether a beat is seen that clearly runs the other way."""
        return self.turned_round > CLEARLY_WORSE and self.clearness > CLEAR_BEAT


def contraction_of_slots(
    gates: CountsArray,
    patient_from_index: FloatArray,
    pose: RigidPose,
    extent: LeftVentricleExtent,
) -> FloatArray:
    """Part of the counts of the heart's body that lie inside its mid-wall radius, (time_slot,).

    Parameters
    ----------
    gates : (time_slot, slice, row, column) array
        Counts.
    patient_from_index : (4, 4) array
        Where their voxels lie, LPS mm.
    pose, extent
        Of the left ventricle, in the sum over the slots.
    """
    radii = np.arange(0.0, extent.radius_mm + BEYOND_MM, STEP_MM)
    apical, basal = APICAL_MM - extent.length_mm / 2, BASAL_PART * extent.length_mm
    heights = np.arange(min(apical, 0.0), basal, STEP_MM)
    radius, angle, height = np.meshgrid(radii, ANGLES, heights, indexing="ij")
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle), height], axis=-1)
    index = apply_affine(invert_affine(patient_from_index), pose.to_patient(points))
    places = places_at(gates.shape[1:], index, "zero")
    rings = np.array([places.values(gate).mean(axis=(1, 2)) for gate in gates])
    weighted = np.maximum(rings, 0) * radii
    total = np.maximum(weighted.sum(axis=1), np.finfo(np.float64).tiny)
    inside: FloatArray = weighted[:, radii < extent.radius_mm].sum(axis=1) / total
    return inside


def read_beat(contraction: FloatArray) -> BeatReading | None:
    """Timing and direction of a contraction curve (time_slot,); None for fewer than eight slots."""
    slots = len(contraction)
    if slots < MIN_SLOTS:
        return None
    curves, end_systoles = _usual_curves(slots)
    reversed_ = curves[:, ::-1]
    # Whoever turns the order round may leave the slot of the R wave the first.
    backward_curves = np.concatenate([reversed_, np.roll(reversed_, 1, axis=1)])
    backward_ends = np.concatenate([1 - end_systoles, 1 - end_systoles + 1 / slots])
    around = contraction - contraction.mean()
    total = float(around @ around)
    forward, backward = _misfits(around, curves), _misfits(around, backward_curves)
    is_backward = backward.min() < forward.min()
    best, ends = (backward, backward_ends) if is_backward else (forward, end_systoles)
    # Of the curve are fitted: its mean and size, when systole ends, and the pause.
    noise = max(float(best.min()) / (slots - 4), LEAST_NOISE * total / slots, TINY)
    return BeatReading(
        float(ends[best.argmin()]),
        float(forward.min() - backward.min()) / noise,
        total / slots / noise,
    )


def _misfits(around: FloatArray, curves: FloatArray) -> FloatArray:
    """Sum of squares that each curve (curve, time_slot) leaves, at the size that fits best."""
    sizes = np.maximum(curves @ around / np.sum(curves**2, axis=1), 0)
    left: FloatArray = np.sum((around - sizes[:, None] * curves) ** 2, axis=1)
    return left


@cache
def _usual_curves(slots: int) -> tuple[FloatArray, FloatArray]:
    """Contraction around its mean, (curve, time_slot), and when its systole ends, (curve,).

    Two harmonics that are 0 with a level tangent at end-diastole, 1 with a level one at
    end-systole, and what is still out in the pause.
    """
    middles = (np.arange(slots) + 0.5) / slots
    moments = np.linspace(0, 1, 100, endpoint=False)
    curves, end_systoles = [], []
    for systole, pause, still_out in product(END_SYSTOLES, PAUSES, STILL_OUT):
        filled = systole + pause * (1 - systole)
        conditions = [*_waves([0.0, systole, filled]), *_slopes([0.0, systole])]
        waves = np.linalg.solve(conditions, [0.0, 1.0, still_out, 0.0, 0.0])
        whole = _waves(moments) @ waves
        if whole.min() > -OVERSHOOT and whole.max() < 1 + OVERSHOOT:
            curve = _waves(middles) @ waves
            curves.append(curve - curve.mean())
            end_systoles.append(systole)
    return np.array(curves), np.array(end_systoles)


def _waves(moments: ArrayLike) -> FloatArray:
    """A constant and two harmonics at each moment, (moment, 5)."""
    turn = 2 * np.pi * np.asarray(moments)
    found: FloatArray = np.stack(
        [np.ones_like(turn), np.cos(turn), np.cos(2 * turn), np.sin(turn), np.sin(2 * turn)], -1
    )
    return found


def _slopes(moments: ArrayLike) -> FloatArray:
    """Their change with the turn, (moment, 5)."""
    turn = 2 * np.pi * np.asarray(moments)
    found: FloatArray = np.stack(
        [0 * turn, -np.sin(turn), -2 * np.sin(2 * turn), np.cos(turn), 2 * np.cos(2 * turn)], -1
    )
    return found
