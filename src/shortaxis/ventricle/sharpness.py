"""How sharp a reconstruction is, from its own counts around the heart.

What a wall's thickness does to counts and what blur does look alike: a thin wall is dimmer, and
both are wide. The power of the counts at each spatial frequency tells how much the filter of the
reconstruction has left, whatever the header says or leaves out.
"""

from __future__ import annotations

import numpy as np

from shortaxis.geometry.affines import apply_affine, invert_affine
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.pose import RigidPose
from shortaxis.spect.volume import SpectVolume

__all__ = ["FREQUENCIES_PER_MM", "PowerSpectrum", "power_spectrum"]

FREQUENCIES_PER_MM: FloatArray = np.arange(1, 11, dtype=np.float64) * 0.01
"""Of the powers that describe an image: waves of 100 to 10 mm."""

BIN_PER_MM = 0.006
BOX_MM = 110.0
FLOOR = -7.0
"""Of the logarithm of a power, relative to the strongest: beyond what the voxels hold."""


class PowerSpectrum:
    """Logarithms (base 10) of the mean power at rising frequencies, and the voxel's edge, mm."""

    def __init__(self, frequencies: FloatArray, powers: FloatArray, voxel_mm: float) -> None:
        self.frequencies = frequencies
        self.powers = powers
        self.voxel_mm = voxel_mm

    def described(self, scale: float = 1.0) -> FloatArray:
        """Numbers (11,) of about -3 to 3: powers relative to the strongest, voxel edge.

        `scale` is how many times as large the image is drawn.
        """
        at = np.interp(FREQUENCIES_PER_MM * scale, self.frequencies, self.powers, right=FLOOR)
        relative = np.clip(at - self.powers.max(), FLOOR, 0.0) / 2 + 1.5
        edge = np.log(self.voxel_mm * scale / 5.0) * 2
        described: FloatArray = np.append(relative, edge)
        return described


def power_spectrum(volume: SpectVolume, pose: RigidPose) -> PowerSpectrum:
    """Of the counts in a box of 11 cm around a pose's centre, faded out towards its faces."""
    spacing = volume.spacing_mm
    half = np.maximum(np.round(BOX_MM / 2 / spacing), 2).astype(int)
    center = np.round(apply_affine(invert_affine(volume.patient_from_index), pose.center_mm))
    box = np.zeros(tuple(2 * half))
    low = center.astype(int) - half
    inside = [
        slice(max(start, 0), max(min(start + 2 * each, size), 0))
        for start, each, size in zip(low, half, volume.shape, strict=True)
    ]
    there = tuple(slice(one.start - s, one.stop - s) for one, s in zip(inside, low, strict=True))
    if all(one.stop > one.start for one in inside):
        box[there] = volume.counts[tuple(inside)]
    for axis, size in enumerate(box.shape):
        shape = [1, 1, 1]
        shape[axis] = size
        box = box * np.hanning(size + 2)[1:-1].reshape(shape)
    power = np.abs(np.fft.rfftn(box - box.mean())) ** 2
    waves = [np.fft.fftfreq(n, d) for n, d in zip(box.shape[:2], spacing[:2], strict=True)]
    waves.append(np.fft.rfftfreq(box.shape[2], spacing[2]))
    across = np.sqrt(sum(wave**2 for wave in np.meshgrid(*waves, indexing="ij")))
    number = np.floor(across / BIN_PER_MM).astype(int).ravel()
    count = np.bincount(number)
    mean = np.bincount(number, weights=power.ravel()) / np.maximum(count, 1)
    # Beyond half of what the coarsest voxels hold there is no whole shell left.
    kept = (count > 0) & (np.arange(count.size) * BIN_PER_MM < 0.5 / spacing.max())
    logs = np.log10(np.maximum(mean[kept], 1e-30))
    logs = np.maximum(logs, logs.max() + FLOOR)
    frequencies = (np.flatnonzero(kept).astype(np.float64) + 0.5) * BIN_PER_MM
    return PowerSpectrum(frequencies, logs, float(np.cbrt(spacing.prod())))
