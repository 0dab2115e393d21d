"""Where in a transaxial volume do slices come from: all turns, all shifts, all orders of axes.

Both volumes are sampled at 12.8 mm. For each of some hundred turns the transaxial volume is
sampled once, and the slices, laid along its axes in each of 48 ways, are correlated with it at
every shift by Fourier transforms. So nothing needs to be known of how the slices are stored.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft, ndimage

from shortaxis.geometry.affines import invert_affine
from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.spect.stored_slices import StoredSlices
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.annotation.matching import zeroed_voxels
from shortaxis.workflow.annotation.registration.axis_orders import (
    base_turns,
    signed_permutations,
    turned_counts,
)

__all__ = ["Placement", "coarse_placements"]

PITCH_MM = 12.8
FIELD_VOXELS = 32
"""Edge of the sampled transaxial volume: 410 mm."""

TEMPLATE_VOXELS = 16
"""Largest edge of the sampled slices, about their middle: 205 mm, and the heart is in them."""

APART_DEG = 25.0
"""Placements that differ by less are one."""

FAINTEST_PART = 0.02
"""Places whose counts vary less than this part of the most varied one hold no heart."""

SpectrumArray = NDArray[np.complex64]
"""Fourier transforms of float32 counts."""

HALF, MIN_PART = 0.5, np.float32(0.1)
"""Of a voxel that must be free of a mask to count, and to be divided by."""

TINY = float(np.finfo(np.float32).tiny)


@dataclass(frozen=True, eq=False)
class Placement:
    """A guess where slices lie: directions of their stored axes in the patient, and their middle.

    `axes` has one column a stored axis (slice, row, column), LPS.
    """

    axes: FloatArray
    center_mm: FloatArray
    similarity: float

    def patient_from_index(self, slices: StoredSlices) -> FloatArray:
        """Affine of the slices under this guess."""
        patient_from_centered = np.eye(4)
        patient_from_centered[:3, :3] = self.axes
        patient_from_centered[:3, 3] = self.center_mm
        affine: FloatArray = patient_from_centered @ slices.centered_from_index
        return affine


def coarse_placements(
    slices: StoredSlices, transaxial: SpectVolume, *, proper: int = 4, mirrored: int = 2
) -> list[Placement]:
    """Best placements, `proper` and `mirrored` ones, each kind by falling similarity.

    The similarity is the correlation coefficient over the sampled slices, -1 to 1.
    """
    template, window = _sampled_slices(slices)
    templates = [
        _Template.of(turned_counts(template, order), turned_counts(window, order))
        for order in signed_permutations()
    ]
    windows = {each.window: each.window_transform() for each in templates}
    smooth = _smoothed(transaxial.counts, transaxial.spacing_mm)
    found = []
    for turn in base_turns():
        field = _sampled_field(smooth, transaxial, turn)
        transformed = fft.rfftn(field)
        energies = {key: _local_energy(field, each) for key, each in windows.items()}
        for order, each in zip(signed_permutations(), templates, strict=True):
            similarity, shift = each.best_shift(transformed, energies[each.window])
            middle = shift + (np.array(each.shape) - 1) / 2 - (FIELD_VOXELS - 1) / 2
            center = transaxial.center_mm + turn @ (middle * PITCH_MM)
            found.append(Placement(turn @ order, center, similarity))
    found.sort(key=lambda placement: -placement.similarity)
    return [
        *_distinct([each for each in found if not slices.is_mirrored_by(each.axes)], proper),
        *_distinct([each for each in found if slices.is_mirrored_by(each.axes)], mirrored),
    ]


@dataclass(frozen=True, eq=False)
class _Template:
    """Slices laid along the axes in one way, as their Fourier transform.

    `window` are the bytes of 0 and 1 that say which voxels count; many ways have the same.
    """

    shape: tuple[int, int, int]
    window: tuple[tuple[int, int, int], bytes]
    transformed: SpectrumArray

    @classmethod
    def of(cls, counts: CountsArray, window: CountsArray) -> _Template:
        centered = window * (counts - counts[window > 0].mean())
        norm = float(np.linalg.norm(centered)) or 1.0
        sizes = (FIELD_VOXELS,) * 3
        a, b, c = counts.shape
        key = (a, b, c), np.ascontiguousarray(window, dtype=np.float32).tobytes()
        return cls((a, b, c), key, np.conj(fft.rfftn((centered / norm).astype(np.float32), sizes)))

    def window_transform(self) -> tuple[SpectrumArray, int]:
        """Fourier transform of the window, and how many voxels count."""
        ones = np.frombuffer(self.window[1], dtype=np.float32).reshape(self.shape)
        return np.conj(fft.rfftn(ones, (FIELD_VOXELS,) * 3)), int(ones.sum())

    def best_shift(self, field: SpectrumArray, energy: CountsArray) -> tuple[float, FloatArray]:
        """Highest correlation coefficient, and the shift of the first voxel that gives it."""
        correlation = fft.irfftn(field * self.transformed, (FIELD_VOXELS,) * 3) / energy
        best = np.unravel_index(int(correlation.argmax()), correlation.shape)
        shift = np.array(best, dtype=np.float64)
        # Shifts are cyclic: the middle of the slices stays within the field.
        beyond = shift + (np.array(self.shape) - 1) / 2 > FIELD_VOXELS - 1
        return float(correlation[best]), shift - FIELD_VOXELS * beyond


def _local_energy(field: CountsArray, window: tuple[SpectrumArray, int]) -> CountsArray:
    """Norm of the field less its mean over the window at every shift."""
    transformed, n = window
    sizes = (FIELD_VOXELS,) * 3
    total = fft.irfftn(fft.rfftn(field) * transformed, sizes)
    squares = fft.irfftn(fft.rfftn(field**2) * transformed, sizes)
    energy = np.sqrt(np.maximum(squares - total**2 / n, 0))
    floor = np.float32(FAINTEST_PART * energy.max() + TINY)
    lifted: CountsArray = np.maximum(energy, floor)
    return lifted


def _smoothed(counts: CountsArray, spacing_mm: FloatArray) -> CountsArray:
    """Counts blurred to the pitch of the search, so that sampling them loses no structure."""
    sigma = np.sqrt(np.maximum((PITCH_MM / 2) ** 2 - (spacing_mm / 2) ** 2, 0)) / spacing_mm
    smooth: CountsArray = ndimage.gaussian_filter(counts, sigma)
    # Sums of squares stay within what float32 resolves.
    scaled: CountsArray = smooth / np.float32(max(float(np.abs(smooth).max()), TINY))
    return scaled


def _sampled_slices(slices: StoredSlices) -> tuple[CountsArray, CountsArray]:
    """Slices about their middle at the pitch of the search, and 1 where no mask zeroed them."""
    extent = slices.spacing_mm * slices.counts.shape
    shape = np.clip(np.round(extent / PITCH_MM), 2, TEMPLATE_VOXELS).astype(int)
    step = PITCH_MM / slices.spacing_mm
    offset = (np.array(slices.counts.shape) - 1) / 2 - step * (shape - 1) / 2
    usable = ~zeroed_voxels(slices.counts)
    smooth = _smoothed(slices.counts, slices.spacing_mm)
    part = _smoothed(usable.astype(np.float32), slices.spacing_mm)
    # Zeros of a mask are no counts: they must not darken what lies beside them.
    smooth = np.asarray(smooth / np.maximum(part, MIN_PART), dtype=np.float32)

    def sampled(array: CountsArray) -> CountsArray:
        result: CountsArray = ndimage.affine_transform(
            array, step, offset, output_shape=tuple(shape.tolist()), order=1, mode="nearest"
        )
        return result

    window = (sampled(part) >= HALF).astype(np.float32)
    return sampled(smooth), window if window.any() else np.ones_like(window)


def _sampled_field(smooth: CountsArray, transaxial: SpectVolume, turn: FloatArray) -> CountsArray:
    """The transaxial volume in a cube about its middle whose axes are the columns of `turn`."""
    patient_from_field = np.eye(4)
    patient_from_field[:3, :3] = turn * PITCH_MM
    middle = np.full(3, (FIELD_VOXELS - 1) / 2)
    patient_from_field[:3, 3] = transaxial.center_mm - turn @ (middle * PITCH_MM)
    index_from_field = invert_affine(transaxial.patient_from_index) @ patient_from_field
    sampled: CountsArray = ndimage.affine_transform(
        smooth, index_from_field[:3, :3], index_from_field[:3, 3],
        output_shape=(FIELD_VOXELS,) * 3, order=1, mode="constant",
    )  # fmt: skip
    return sampled


def _distinct(placements: list[Placement], most: int) -> list[Placement]:
    kept: list[Placement] = []
    for each in placements:
        if all(_angle_deg(each.axes, other.axes) > APART_DEG for other in kept):
            kept.append(each)
        if len(kept) == most:
            break
    return kept


def _angle_deg(first: FloatArray, second: FloatArray) -> float:
    cosine = (np.trace(first.T @ second) - 1) / 2
    return float(np.rad2deg(np.arccos(np.clip(cosine, -1, 1))))
