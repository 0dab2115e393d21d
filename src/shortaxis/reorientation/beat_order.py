"""Whether the time slots of a gated study follow the heart or run backwards.

Systole draws the wall inwards, so the part of the counts that lies inside the resting wall rises to
end-systole and falls again. Two things tell the direction of time. End-systole comes in the first
half of the cycle, and the ventricle empties faster than it fills. Reversed, both are the other way
round. At high heart rates neither holds: systole takes half of the cycle and the pause before the
next beat is gone. So the beat is called reversed only where both say so, and clearly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shortaxis.geometry.affines import apply_affine, invert_affine
from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.geometry.pose import RigidPose
from shortaxis.geometry.trilinear import places_at
from shortaxis.reorientation.estimate import LeftVentricleExtent

__all__ = ["BACKWARDS", "BeatReading", "contraction_of_slots", "read_beat"]

BACKWARDS = (
    "the beat seems to run backwards: end-systole late and filling faster than ejection; "
    "are the time slots in reversed order?"
)

MIN_SLOTS = 8
"""Two harmonics and something to tell their noise by."""

LATE_PART = 0.5
"""Of the cycle. End-systole at 30 to 45 % of it is usual."""

MIN_LEAD_DEG = 10.0
"""Below this the second harmonic does not tell emptying from filling."""

CLEAR_TIMES = 2.5
"""How often the second harmonic must be above the noise of one."""

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
        Middle of the most contracted time, of the cycle, by the first harmonic.
    lead_deg : float
        How the second harmonic lies to the first, -180 to 180 degrees: above 0 where the curve
        falls faster than it rises, that is, where filling is the faster one.
    clearness : float
        Second harmonic over the noise of one.
    """

    end_systole_part: float
    lead_deg: float
    clearness: float

    @property
    def runs_backwards(self) -> bool:
        """Whether both signs are of a reversed beat, and clear."""
        return (
            self.end_systole_part > LATE_PART
            and MIN_LEAD_DEG < self.lead_deg < 180 - MIN_LEAD_DEG
            and self.clearness > CLEAR_TIMES
        )


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
    """Timing and shape of a contraction curve (time_slot,); None for fewer than eight slots."""
    slots = len(contraction)
    if slots < MIN_SLOTS:
        return None
    waves = np.fft.rfft(contraction) / slots
    first, second, noise = waves[1], waves[2], waves[3:]
    # Slot k lasts from k to k + 1 of n: its middle stands for it.
    peak = (-np.angle(first) / (2 * np.pi) + 0.5 / slots) % 1.0
    lead_deg = float(np.degrees(np.angle(first**2 * np.conj(second))))
    noise_of_one = float(np.sqrt(np.mean(np.abs(noise) ** 2)))
    clearness = float(abs(second)) / max(noise_of_one, 1e-9)
    return BeatReading(float(peak), lead_deg, clearness)
