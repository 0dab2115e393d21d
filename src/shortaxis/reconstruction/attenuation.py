"""Attenuation maps: from CT numbers, or given as they are.

CT numbers become attenuation by two straight lines that meet at water (Burger et al., Eur J Nucl
Med 2002;29:922): below, a mixture of air and water; above, of water and cortical bone. Mass
attenuation of water and bone (ICRU-44) is that of NIST XCOM, interpolated on logarithmic axes.

Examples
--------
>>> [round(float(each), 3) for each in hounsfield_to_per_cm([-1000, -700, 0, 1000], 140.5)]
[0.0, 0.046, 0.154, 0.251]
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import ndimage

from shortaxis.errors import CountsError, GeometryError, OptionError
from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.geometry.grids import Grid
from shortaxis.geometry.resampling import resample
from shortaxis.spect.volume import SpectVolume

__all__ = ["MAP_UNITS", "AttenuationMap", "hounsfield_to_per_cm", "water_per_cm"]

MAP_UNITS = ("per_cm", "hounsfield")

XCOM_KEV = (50.0, 60.0, 80.0, 100.0, 150.0, 200.0, 300.0, 400.0, 511.0)
WATER_CM2_PER_G = (0.2269, 0.2059, 0.1837, 0.1707, 0.1505, 0.1370, 0.1186, 0.1061, 0.0960)
BONE_CM2_PER_G = (0.4242, 0.3148, 0.2229, 0.1855, 0.1480, 0.1309, 0.1113, 0.0990, 0.0895)
BONE_G_PER_CM3 = 1.92

CT_KEV = 75.0
"""Effective energy of a CT at 120 kV."""

HIGHEST_PER_CM = 1.0
"""Bone is 0.3 per cm at 140 keV and 0.5 at 72 keV; more is another unit."""

LOWEST_COVERED = 0.5
"""Of the field of the views; less of a map is another part of the body."""


@dataclass(frozen=True, eq=False)
class AttenuationMap:
    """A volume of attenuation, on any grid in the frame of reference of the projections.

    Parameters
    ----------
    volume : SpectVolume
        Values and where they lie, LPS mm.
    unit : {"per_cm", "hounsfield"}
        Linear attenuation at the photopeak, 1/cm, or CT numbers.
    """

    volume: SpectVolume
    unit: str = "per_cm"

    def __post_init__(self) -> None:
        if self.unit not in MAP_UNITS:
            raise OptionError(
                "unknown unit of an attenuation map",
                expected=" or ".join(MAP_UNITS),
                found=self.unit,
            )

    def per_cm_on(self, grid: Grid, energy_kev: float) -> CountsArray:
        """Linear attenuation at the voxels of a grid, 1/cm; beyond the map, what is nearest.

        Finer voxels are averaged.

        Raises
        ------
        CountsError
            If the values are not attenuation.
        GeometryError
            If the map leaves out most of the grid.
        """
        values = self.volume.counts
        if self.unit == "hounsfield":
            values = hounsfield_to_per_cm(values, energy_kev).astype(np.float32)
        _check_values(values)
        covered = resample(np.ones_like(values), self.volume.patient_from_index, grid, "linear")
        if covered.mean() < LOWEST_COVERED:
            raise GeometryError(
                "the attenuation map lies elsewhere than the views",
                expected=f"at least {LOWEST_COVERED:.0%} of their field",
                found=f"{covered.mean():.0%}",
                cause="another frame of reference, or another part of the body",
                way_on="reconstruct without attenuation correction",
            )
        averaged = ndimage.uniform_filter(values, _voxels_within(self.volume, grid))
        sampled = resample(
            averaged, self.volume.patient_from_index, grid, "linear", beyond="nearest"
        )
        return np.asarray(np.maximum(sampled, 0), dtype=np.float32)


def water_per_cm(energy_kev: float) -> float:
    """Linear attenuation of water."""
    return _interpolated(WATER_CM2_PER_G, energy_kev)


def hounsfield_to_per_cm(hounsfield: ArrayLike, energy_kev: float) -> FloatArray:
    """Linear attenuation at an energy of tissue with these CT numbers, any shape."""
    numbers = np.asarray(hounsfield, dtype=np.float64)
    water, bone = (_of_water_and_bone(energy_kev, part) for part in (0, 1))
    ct_water, ct_bone = (_of_water_and_bone(CT_KEV, part) for part in (0, 1))
    slope = ct_water * (bone - water) / (ct_bone - ct_water) / 1000
    above = water + numbers * slope
    below = np.maximum(water * (1 + numbers / 1000), 0)
    return np.asarray(np.where(numbers > 0, above, below))


def _of_water_and_bone(energy_kev: float, part: int) -> float:
    if part == 0:
        return water_per_cm(energy_kev)
    return BONE_G_PER_CM3 * _interpolated(BONE_CM2_PER_G, energy_kev)


def _interpolated(cm2_per_g: tuple[float, ...], energy_kev: float) -> float:
    logarithm = np.interp(np.log(energy_kev), np.log(XCOM_KEV), np.log(cm2_per_g))
    return float(np.exp(logarithm))


def _voxels_within(volume: SpectVolume, grid: Grid) -> tuple[int, ...]:
    """How many voxels of the map one of the grid is wide, along the axes of the map, at least 1."""
    wide_mm = float(np.max(grid.spacing_mm))
    slices, rows, columns = (max(1, round(wide_mm / each)) for each in volume.spacing_mm)
    return slices, rows, columns


def _check_values(per_cm: CountsArray) -> None:
    lowest, highest = float(per_cm.min()), float(per_cm.max())
    if not (lowest >= -0.05 and 0 < highest <= HIGHEST_PER_CM):
        raise CountsError(
            "not an attenuation map",
            expected=f"0 to {HIGHEST_PER_CM:g} per cm",
            found=f"{lowest:g} to {highest:g}",
            cause="CT numbers taken for attenuation, or 1/m",
            way_on="state the unit of the map",
        )
