"""Counts prepared for finding a wall: smoothed, isotropic, in patient axes.

Everything downstream works on grids whose axes are superior, posterior and left, so
nothing depends on the order in which a file stores its voxels.

The wall is looked for as a *ridge*. Where ``g`` is the gradient of the counts,
``-div(g / (|g| + e))`` is large on a bright sheet or line, negative beside it and, because
the gradient is normalised, nearly as large on a faint wall as on a hot organ. That is what
keeps a liver hotter than the heart, or a hot rim of the field of view, from winning by
brightness alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from shortaxis.errors import HeartNotFoundError
from shortaxis.geometry.affines import affine_from_axes, apply_affine, invert_affine
from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.geometry.grids import Grid
from shortaxis.geometry.resampling import resample
from shortaxis.geometry.smoothing import gaussian_smoothed
from shortaxis.geometry.trilinear import Places, places_at
from shortaxis.reorientation.field_of_view import distance_to_edge, solid
from shortaxis.spect.volume import SpectVolume

__all__ = ["WallField", "coarse_field", "edge_distances", "field_around", "smoothed"]

SMOOTHING_SIGMA_MM = 3.5
"""Adds 8 mm FWHM: less than the 12-18 mm that a wall is blurred to, more than the noise."""
COARSE_SPACING_MM = 8.0
"""Below a wall's blurred width (12-18 mm), so that a shell still has a dark side each way."""
FINE_SPACING_MM = (4.0, 6.5)
"""Finest and coarsest voxel for the fit: the range of clinical reconstructions."""
FIELD_RADIUS_MM = 84.0
"""A left ventricle 120 mm long fits around a candidate 20 mm off its middle."""
SMOOTHER_SIGMA_MM = 5.0
"""For the second opinion of `WallField.smoother`: a noisier exam's usual filter."""
FADED_EDGE_MM = (8.0, 16.0)
"""Ridges nearer than the first to the edge of the field of view are ignored, from the second
on they count fully: the rim of a reconstruction can be hotter than the heart."""
GRADIENT_FLOOR = 1.5
"""Gradients below this multiple of the median one are noise and are damped."""
RELATIVE_FLOOR = 0.01
"""The same against the steepest gradient, for images without noise: rounding is no ridge."""

_AXES = ((0, 0, 1), (0, 1, 0), (1, 0, 0))


@dataclass(frozen=True, eq=False)
class WallField:
    """Three maps on one isotropic grid ``(slice, row, column)`` along superior, posterior, left.

    `counts` are smoothed counts, `ridge` (1/mm) is the normalised ridge strength,
    `edge_distance_mm` the distance to the nearest place outside the field of view.
    """

    grid: Grid
    counts: CountsArray
    ridge: CountsArray
    edge_distance_mm: CountsArray

    @property
    def edges(self) -> tuple[Grid, CountsArray]:
        """Grid and distances, as `edge_distances` gives them."""
        return self.grid, self.edge_distance_mm

    @cached_property
    def index_from_patient(self) -> FloatArray:
        """4x4 affine from LPS mm to ``(slice, row, column)``."""
        return invert_affine(self.grid.patient_from_index)

    def places(self, points: FloatArray) -> Places:
        """Where ``(..., 3)`` LPS mm lie in the maps."""
        index = apply_affine(self.index_from_patient, points)
        return places_at(self.grid.shape, index, "nearest")

    def sample(self, values: CountsArray, points: FloatArray) -> FloatArray:
        """One of the maps at ``(..., 3)`` LPS mm by trilinear interpolation."""
        return self.places(points).values(values)

    def smoother(self) -> WallField:
        """The same field from counts smoothed further, to see what noise decides."""
        sigma = SMOOTHER_SIGMA_MM / self.grid.spacing_mm
        counts = gaussian_smoothed(self.counts, sigma, "mirror", truncate=3.0)
        return _field(self.grid, counts, self.edge_distance_mm)


def smoothed(volume: SpectVolume) -> SpectVolume:
    """Counts smoothed to a common noise level, on their own grid; negatives are set to 0."""
    sigma = SMOOTHING_SIGMA_MM / volume.spacing_mm
    counts = gaussian_smoothed(np.maximum(volume.counts, 0), sigma, "mirror", truncate=3.0)
    counts.flags.writeable = False
    return SpectVolume(counts, volume.patient_from_index)


def coarse_field(volume: SpectVolume, smooth: SpectVolume) -> WallField:
    """The whole field of view at 8 mm.

    Parameters
    ----------
    volume : SpectVolume
        Original counts, which tell where the field of view ends (zero outside).
    smooth : SpectVolume
        The same after `smoothed`.

    Raises
    ------
    HeartNotFoundError
        If there are no positive counts, or fewer than any heart has.
    """
    grid, distance = edge_distances(volume)
    return _field(grid, smooth.resampled(grid).counts, distance)


def edge_distances(volume: SpectVolume) -> tuple[Grid, CountsArray]:
    """Distance (mm) to the nearest place outside the field of view, on a grid of 8 mm.

    Raises
    ------
    HeartNotFoundError
        As `coarse_field`.
    """
    grid = _patient_grid(volume.grid, COARSE_SPACING_MM)
    positive = resample((volume.counts > 0).astype(np.float32), volume.patient_from_index, grid)
    distance = distance_to_edge(solid(positive > 0.5), COARSE_SPACING_MM)
    if distance.max() < FADED_EDGE_MM[1]:
        raise HeartNotFoundError(
            "nothing here can be a left ventricle",
            expected="a field of view wider than a heart",
            found=f"positive counts no farther than {distance.max():.0f} mm from an edge",
            cause="the volume is empty, or cropped too closely",
        )
    return grid, distance


def field_around(
    smooth: SpectVolume, edges: tuple[Grid, CountsArray], center_mm: FloatArray
) -> WallField:
    """The neighbourhood of a candidate, at about the spacing of the original voxels.

    `edges` are those of `edge_distances`.
    """
    spacing = float(np.clip(np.cbrt(np.prod(smooth.spacing_mm)), *FINE_SPACING_MM))
    steps = int(np.ceil(FIELD_RADIUS_MM / spacing))
    origin = center_mm - steps * spacing
    grid = Grid((2 * steps + 1,) * 3, affine_from_axes(_AXES, spacing, origin))
    coarse, coarse_distance = edges
    distance = resample(coarse_distance, coarse.patient_from_index, grid)
    return _field(grid, smooth.resampled(grid).counts, distance)


def _field(grid: Grid, counts: CountsArray, distance: CountsArray) -> WallField:
    gradient = np.gradient(counts, float(grid.spacing_mm[0]))
    length = np.sqrt(sum(component**2 for component in gradient))
    inside = length[distance > FADED_EDGE_MM[0]]
    floor = GRADIENT_FLOOR * float(np.median(inside)) if inside.size else 0.0
    steepest = float(length.max(initial=0.0))
    scale = 1 / (length + max(floor, RELATIVE_FLOOR * steepest, np.finfo(np.float32).tiny))
    ridge = np.zeros_like(counts)
    for axis, component in enumerate(gradient):
        ridge -= np.gradient(component * scale, float(grid.spacing_mm[0]), axis=axis)
    near, far = FADED_EDGE_MM
    ridge *= np.clip((distance - near) / (far - near), 0, 1)
    return WallField(grid, counts, ridge.astype(np.float32), distance)


def _patient_grid(grid: Grid, spacing_mm: float) -> Grid:
    """Isotropic grid over the bounding box of `grid`, concentric with it."""
    corners = np.array(np.meshgrid(*[(0, size - 1) for size in grid.shape])).reshape(3, -1).T
    patient = apply_affine(grid.patient_from_index, corners)
    extent = patient.max(axis=0) - patient.min(axis=0)
    sizes = np.ceil(extent / spacing_mm).astype(int) + 1
    origin = (patient.max(axis=0) + patient.min(axis=0)) / 2 - (sizes - 1) / 2 * spacing_mm
    columns, rows, slices = (int(size) for size in sizes)
    return Grid((slices, rows, columns), affine_from_axes(_AXES, spacing_mm, origin))
