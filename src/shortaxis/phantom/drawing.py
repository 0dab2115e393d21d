"""A phantom drawn on any grid: activity, attenuation, and the muscle alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import torch
from torch import Tensor

from shortaxis.errors import OptionError
from shortaxis.geometry.affines import affine_from_axes
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.grids import Grid
from shortaxis.phantom.attenuation import Tissue
from shortaxis.phantom.breathing import breathe, breathe_anew
from shortaxis.phantom.canvas import Canvas
from shortaxis.phantom.contraction import cycle_instants
from shortaxis.phantom.great_vessels import paint_great_vessels, paint_pericardial_fat
from shortaxis.phantom.heart_drawing import DrawnVentricles, draw_ventricles, ventricle_parts
from shortaxis.phantom.heart_points import HeartPoints
from shortaxis.phantom.phantom import Phantom
from shortaxis.phantom.torso_drawing import TorsoPainter
from shortaxis.phantom.ventricle_surface import HeartInstant

__all__ = [
    "PhantomMaps",
    "StillTorso",
    "draw_cavity",
    "draw_myocardium",
    "draw_phantom",
]

MAX_SUPERSAMPLING = 8


@dataclass(frozen=True, eq=False)
class PhantomMaps:
    """Voxel averages on the grid, float32 ``(slice, row, column)``.

    `activity` is relative to healthy myocardium (1); `attenuation_per_cm` is linear
    attenuation in 1/cm at the mean position of breathing.
    """

    activity: Tensor
    attenuation_per_cm: Tensor


def draw_phantom(
    phantom: Phantom,
    grid: Grid,
    *,
    energy_kev: float = 140.5,
    time_slot: int | None = None,
    n_time_slots: int = 8,
    supersampling: int = 2,
) -> PhantomMaps:
    """Draw activity and attenuation.

    Parameters
    ----------
    phantom : Phantom
        What to draw and where.
    grid : Grid
        Any affine: any voxel order, oblique, either handedness.
    energy_kev : float
        Photon energy of the attenuation map, 50 to 600 keV.
    time_slot : int, optional
        From 0, which is end diastole; without it, the average over the cardiac cycle.
    n_time_slots : int
        Into how many the cycle is divided.
    supersampling : int
        Parts per voxel along each axis around the ventricles, whose walls are thin.
    """
    behind = StillTorso.of(phantom, grid, energy_kev, supersampling)
    return behind.with_heart(time_slot, n_time_slots)


@dataclass(frozen=True, eq=False)
class StillTorso:
    """All of a phantom but its ventricles, on upright voxels, and the points to draw those on.

    Ventricles are drawn once at each of the instants that stand for the cycle, whatever is asked.
    """

    phantom: Phantom
    canvas: Canvas
    flipped: list[int]
    soft_per_cm: float
    points: HeartPoints | None
    _drawn: dict[HeartInstant, DrawnVentricles] = field(default_factory=dict)
    _breathed: list[Tensor] = field(default_factory=list)

    @classmethod
    def of(cls, phantom: Phantom, grid: Grid, energy_kev: float, supersampling: int) -> StillTorso:
        """Draw the torso; see `draw_phantom`."""
        _check_supersampling(supersampling)
        upright, flipped = _upright(grid)
        canvas = Canvas.empty(upright)
        painter = TorsoPainter(phantom, canvas, energy_kev)
        painter.paint_chest()
        painter.paint_abdomen()
        painter.paint_spine()
        soft = painter.mu(Tissue.SOFT)
        paint_pericardial_fat(phantom, canvas, soft, painter.chest_wall.cavity)
        paint_great_vessels(phantom, canvas, soft)
        points = HeartPoints.around(phantom.heart, phantom.pose, upright, supersampling)
        return cls(phantom, canvas, flipped, soft, points)

    def with_heart(self, time_slot: int | None, n_time_slots: int) -> PhantomMaps:
        """The whole phantom at one time slot, or averaged over the cycle."""
        points, canvas = self.points, self.canvas.copy()
        if points is not None:
            instants = cycle_instants(self.phantom.heart, time_slot, n_time_slots)
            drawn = [self._ventricles(instant, points) for instant in instants]
            light, cover = (
                sum(parts[1:], start=parts[0])
                for parts in ([each.light for each in drawn], [each.cover for each in drawn])
            )
            share = 1 / len(instants)
            canvas.lay(
                points.block,
                points.averaged(light * share),
                points.averaged(cover * share),
                self.soft_per_cm,
            )
        return PhantomMaps(
            self._breathe(canvas).flip(self.flipped).contiguous(),
            canvas.attenuation_per_cm.flip(self.flipped).contiguous(),
        )

    def myocardium_and_cavity(self) -> tuple[Tensor, Tensor]:
        """Their occupancies, as of `draw_myocardium` and `draw_cavity`, of the whole cycle."""
        wall, cavity = (
            torch.zeros_like(self.canvas.activity),
            torch.zeros_like(self.canvas.activity),
        )
        points = self.points
        if points is not None:
            for instant in self._cycle:
                drawn = self._ventricles(instant, points)
                for occupancy, part in ((wall, drawn.wall), (cavity, drawn.cavity)):
                    occupancy[points.block.region] += points.averaged(part) / len(self._cycle)
        return wall.flip(self.flipped).contiguous(), cavity.flip(self.flipped).contiguous()

    @cached_property
    def _cycle(self) -> tuple[HeartInstant, ...]:
        return cycle_instants(self.phantom.heart, None, 1)

    def _ventricles(self, instant: HeartInstant, points: HeartPoints) -> DrawnVentricles:
        if instant in self._drawn:
            return self._drawn[instant]
        drawn = draw_ventricles(self.phantom.heart, instant, points)
        if instant in self._cycle:
            self._drawn[instant] = drawn
        return drawn

    def _breathe(self, canvas: Canvas) -> Tensor:
        """Breathing activity: after the first time slot, it is another around the heart alone."""
        moving = canvas.activity, canvas.grid, self.phantom.torso.respiration
        if not self._breathed or self.points is None:
            self._breathed[:] = [breathe(*moving)]
            return self._breathed[0]
        changed = self.points.block.region
        return breathe_anew(self._breathed[0], moving[0], changed, *moving[1:])


def draw_myocardium(
    phantom: Phantom,
    grid: Grid,
    *,
    time_slot: int | None = None,
    n_time_slots: int = 8,
    supersampling: int = 2,
) -> Tensor:
    """Occupancy of the left ventricular wall, without papillary muscles and breathing."""
    return _draw_parts(("wall",), phantom, grid, (time_slot, n_time_slots), supersampling)[0]


def draw_cavity(
    phantom: Phantom,
    grid: Grid,
    *,
    time_slot: int | None = None,
    n_time_slots: int = 8,
    supersampling: int = 2,
) -> Tensor:
    """Occupancy of the left ventricular cavity, papillary muscles included."""
    return _draw_parts(("cavity",), phantom, grid, (time_slot, n_time_slots), supersampling)[0]


def _draw_parts(
    names: tuple[str, ...],
    phantom: Phantom,
    grid: Grid,
    slots: tuple[int | None, int],
    supersampling: int,
) -> list[Tensor]:
    _check_supersampling(supersampling)
    upright, flipped = _upright(grid)
    occupancies = [torch.zeros(grid.shape) for _ in names]
    points = HeartPoints.around(phantom.heart, phantom.pose, upright, supersampling)
    if points is not None:
        instants = cycle_instants(phantom.heart, *slots)
        for instant in instants:
            parts = ventricle_parts(phantom.heart, instant, points)
            for occupancy, name in zip(occupancies, names, strict=True):
                drawn: Tensor = getattr(parts, name)
                occupancy[points.block.region] += points.averaged(drawn) / len(instants)
    return [occupancy.flip(flipped).contiguous() for occupancy in occupancies]


def _upright(grid: Grid) -> tuple[Grid, list[int]]:
    """The same voxels, each index growing to the left, to the back or upwards, and what to flip.

    Two grids that differ by reversed axes are drawn with the same arithmetic, so that
    reversing slices reverses the maps to the last digit.
    """
    affine = grid.patient_from_index
    axes = affine[:3, :3].T
    reverse = [axis for axis in range(3) if _leading(axes[axis]) < 0]
    origin = affine[:3, 3] + sum(((grid.shape[axis] - 1) * axes[axis] for axis in reverse), 0.0)
    upright = [(-axes[axis] if axis in reverse else axes[axis]) for axis in range(3)]
    return Grid(grid.shape, affine_from_axes(upright, 1.0, origin.round(6))), reverse


def _leading(direction: FloatArray) -> float:
    return float(direction[abs(direction).argmax()])


def _check_supersampling(supersampling: int) -> None:
    if not 1 <= supersampling <= MAX_SUPERSAMPLING:
        raise OptionError(
            "supersampling is out of range",
            expected=f"1 to {MAX_SUPERSAMPLING}",
            found=str(supersampling),
        )
