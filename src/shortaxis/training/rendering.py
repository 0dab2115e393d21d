"""One training sample: the exam seen through a grid, with its variation applied."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.geometry.pose import RigidPose
from shortaxis.reorientation.network_grid import NetworkGrid
from shortaxis.training.exams import TrainingExam
from shortaxis.training.variations import Blob, FieldOfViewCut, Tone, Variation

__all__ = ["rendered", "rendered_noise"]


def rendered(
    exam: TrainingExam, grid: NetworkGrid, patient_from_grid: RigidPose, variation: Variation
) -> CountsArray:
    """Normalised counts ``(size, size, size)``; the heart is `variation.scale` times as large.

    The scaled heart keeps its pose. Counts added or cut away are placed in the scaled patient.
    """
    center = exam.pose.center_mm
    shrink = np.eye(4)
    shrink[:3, :3] /= variation.scale
    shrink[:3, 3] = center - center / variation.scale
    counts = grid.sampled(exam.volume, shrink @ patient_from_grid.matrix)
    if variation.blobs or variation.defects or variation.cut or np.isfinite(variation.lowest_mm):
        counts = _changed(counts, _places(grid, patient_from_grid, center), variation)
    return grid.normalised(_toned(counts, variation.tone))


def rendered_noise(grid: NetworkGrid, rng: np.random.Generator) -> CountsArray:
    """A volume without a patient: noise of some smoothness, squared so that it clots."""
    noise = ndimage.gaussian_filter(
        rng.normal(size=(grid.size,) * 3).astype(np.float32), rng.uniform(0.0, 3.0)
    )
    return grid.normalised(np.abs(noise) ** np.float32(rng.uniform(0.5, 2.5)))


def _places(grid: NetworkGrid, patient_from_grid: RigidPose, center_mm: FloatArray) -> CountsArray:
    """Position of every voxel relative to the heart, LPS mm, ``(3, size**3)``."""
    affine = patient_from_grid.matrix @ grid.pose_from_index
    axis = np.arange(grid.size, dtype=np.float32)
    linear = affine[:3, :3].astype(np.float32)
    offset = (affine[:3, 3] - center_mm).astype(np.float32)
    slices, rows, columns = (linear[:, i, None] * axis for i in range(3))
    places = slices[:, :, None, None] + rows[:, None, :, None] + columns[:, None, None, :]
    flat: CountsArray = (places + offset[:, None, None, None]).reshape(3, -1)
    return flat


def _changed(counts: CountsArray, places: CountsArray, variation: Variation) -> CountsArray:
    flat = counts.reshape(-1)
    for defect in variation.defects:
        flat = flat * (1 - np.float32(defect.amount) * _gaussian(places, defect))
    for blob in variation.blobs:
        flat = flat + np.float32(blob.amount) * _gaussian(places, blob)
    if variation.cut is not None:
        flat = _cut(flat, places, variation.cut)
    seen = (places[2] >= variation.lowest_mm) & (places[2] <= variation.highest_mm)
    changed: CountsArray = (flat * seen).reshape(counts.shape)
    return changed


def _gaussian(places: CountsArray, blob: Blob) -> CountsArray:
    place = blob.place_mm.astype(np.float32)[:, None]
    reach = blob.reach_mm.astype(np.float32)[:, None]
    weights: CountsArray = np.exp(-0.5 * (((places - place) / reach) ** 2).sum(axis=0))
    return weights


def _cut(flat: CountsArray, places: CountsArray, cut: FieldOfViewCut) -> CountsArray:
    reach = cut.reach_mm.astype(np.float32)[:, None]
    relative = np.abs((places - cut.place_mm.astype(np.float32)[:, None]) / reach)
    radius = (relative ** np.float32(cut.power)).sum(axis=0) ** np.float32(1 / cut.power)
    inside = radius < 1
    if cut.rim > 0:
        depth_mm = (1 - radius) * np.float32(cut.reach_mm.min())
        wave = 1 + np.cos(places.T @ cut.rim_wave.astype(np.float32))
        rim = np.float32(cut.rim / 2) * wave * np.exp(-((depth_mm / np.float32(cut.rim_mm)) ** 2))
        flat = flat + rim
    result: CountsArray = (flat * inside).astype(np.float32)
    return result


def _toned(counts: CountsArray, tone: Tone) -> CountsArray:
    if tone.blur > 0:
        counts = ndimage.gaussian_filter(counts, tone.blur, truncate=2.5)
    if tone.gamma != 1.0:
        counts = np.maximum(counts, 0) ** np.float32(tone.gamma)
    if tone.noise > 0:
        rng = np.random.default_rng(tone.noise_seed)
        noise = rng.standard_normal(counts.shape, dtype=np.float32)
        smooth = ndimage.gaussian_filter(noise, tone.noise_blur, truncate=2.5)
        amount = np.float32(tone.noise / max(float(smooth.std()), 1e-6))
        counts = counts + amount * smooth * np.sqrt(np.maximum(counts, 0) + np.float32(0.05))
    toned: CountsArray = np.maximum(counts, 0)
    return toned
