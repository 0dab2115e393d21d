"""How much of what surrounds the heart lies in the field of view."""

from __future__ import annotations

import numpy as np

from shortaxis.geometry.affines import apply_affine, invert_affine
from shortaxis.geometry.arrays import FloatArray
from shortaxis.spect.volume import SpectVolume

__all__ = ["SHELL_MM", "seen_shell_part"]

SHELL_MM = (60.0, 100.0)
"""Inner and outer radius: beyond the largest heart, as far as most fields of view reach."""

STEP_MM = 12.5

NEIGHBOURS = np.concatenate([np.eye(3, dtype=int), -np.eye(3, dtype=int)])
"""Voxels that share a face."""


def _shell() -> FloatArray:
    along = np.arange(-SHELL_MM[1], SHELL_MM[1] + 1, STEP_MM)
    offsets = np.stack(np.meshgrid(along, along, along, indexing="ij"), axis=-1).reshape(-1, 3)
    away_mm = np.linalg.norm(offsets, axis=1)
    kept: FloatArray = offsets[(away_mm >= SHELL_MM[0]) & (away_mm <= SHELL_MM[1])]
    return kept


OFFSETS_MM = _shell()


def seen_shell_part(volume: SpectVolume, center_mm: FloatArray) -> float:
    """Part of a shell around a heart that is seen, 0-1.

    A place is seen if it lies in the volume and its voxel, or one beside it, has counts: outside a
    round field of view all are exactly zero, while filtered backprojection leaves single zeros
    inside it.
    """
    index_from_patient = invert_affine(volume.patient_from_index)
    indices = np.round(apply_affine(index_from_patient, center_mm + OFFSETS_MM)).astype(int)
    inside = indices[((indices >= 0) & (indices < volume.shape)).all(axis=1)]
    seen = _has_counts(volume, inside)
    for neighbour in NEIGHBOURS:
        if seen.all():
            break
        seen[~seen] = _has_counts(volume, inside[~seen] + neighbour)
    return float(seen.sum()) / len(OFFSETS_MM)


def _has_counts(volume: SpectVolume, indices: np.ndarray) -> np.ndarray:
    """Of voxels ``(n, 3)``; beyond the edges those of the nearest."""
    at = np.clip(indices, 0, np.array(volume.shape) - 1)
    return np.asarray(volume.counts[tuple(at.T)] > 0)
