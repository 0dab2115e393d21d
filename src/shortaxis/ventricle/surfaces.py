"""Endocardium, epicardium and valve plane of a left ventricle, and how far to trust them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from shortaxis.anatomy.hybrid_grid import RAY_ANGLES, RAY_ROWS, ray_points_mm
from shortaxis.errors import GeometryError
from shortaxis.geometry.affines import invert_affine
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.pose import RigidPose, compose, invert
from shortaxis.ventricle.integration import apex_z_mm, cavity_ml, wall_ml
from shortaxis.ventricle.seen_from import radii_seen_from, values_seen_from
from shortaxis.ventricle.valve_plane import ValvePlane

__all__ = ["VentricleSurfaces", "WallBounds"]

BoolArray = npt.NDArray[np.bool_]

GRID = (RAY_ROWS, RAY_ANGLES)


@dataclass(frozen=True)
class WallBounds:
    """What nine errors of ten stay below, on simulated exams like this one.

    Parameters
    ----------
    wall_mm : float
        Mean distance of the mid-wall surface from the true one.
    valve_mm, valve_deg : float
        Of the valve plane's centre and normal.
    cavity_ml : float
        Of the cavity's volume.
    length_mm : float
        From the epicardial apex to the valve plane's centre.
    """

    wall_mm: float
    valve_mm: float
    valve_deg: float
    cavity_ml: float
    length_mm: float


@dataclass(frozen=True, eq=False)
class VentricleSurfaces:
    """The wall of the left ventricle on the hybrid grid, in the cardiac frame of a pose.

    Parameters
    ----------
    pose : RigidPose
        The frame, see `shortaxis.anatomy.hybrid_grid` for its rays.
    endocardium_mm, epicardium_mm : (row, angle) arrays
        Distances along the rays. Beyond the valve plane the surfaces go on without a meaning.
    spread_mm : (2, row, angle) array
        Expected errors of endo- and epicardium; infinite where a method gives none.
    is_wall : (row, angle) bool array
        Where a ray meets muscle: below the valve plane and the membranous septum.
    is_seen : (row, angle) bool array
        Where that muscle shows counts; elsewhere the surfaces follow their neighbours.
    valve : ValvePlane
        In the same frame.
    method : str
        Of `shortaxis.quantification.wall_methods`.
    bounds : WallBounds or None
        None for methods that give none.
    reasons : tuple of str
        Why an operator should look at the wall; none for one to be trusted.
    set_by_hand : tuple of str
        What an operator set, see `shortaxis.ventricle.by_hand`.

    Raises
    ------
    GeometryError
        If an array has another shape, distances are not finite, the epicardium lies inside the
        endocardium, or the valve plane does not face the base.
    """

    pose: RigidPose
    endocardium_mm: FloatArray
    epicardium_mm: FloatArray
    spread_mm: FloatArray
    is_wall: BoolArray
    is_seen: BoolArray
    valve: ValvePlane
    method: str
    bounds: WallBounds | None = None
    reasons: tuple[str, ...] = ()
    set_by_hand: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        maps = (self.endocardium_mm, self.epicardium_mm, self.is_wall, self.is_seen)
        shapes = {each.shape for each in maps} | {self.spread_mm.shape[1:]}
        if shapes != {GRID}:
            raise GeometryError(
                "not surfaces of a ventricle", expected=f"shape {GRID}", found=str(sorted(shapes))
            )
        if not (np.isfinite(self.endocardium_mm).all() and np.isfinite(self.epicardium_mm).all()):
            raise GeometryError(
                "not surfaces of a ventricle", expected="finite distances", found="others"
            )
        if self.valve.normal[2] <= 0:
            raise GeometryError(
                "the valve plane does not face the base",
                expected="a normal from apex to base",
                found=f"{self.valve.normal.tolist()}",
                cause="a pose that is turned round, or a normal of the other sense",
            )
        if not (self.thickness_mm >= 0).all():
            raise GeometryError(
                "not surfaces of a ventricle",
                expected="an epicardium outside the endocardium",
                found=f"a wall of {float(self.thickness_mm.min()):.1f} mm",
            )

    @property
    def thickness_mm(self) -> FloatArray:
        """Along the rays, (row, angle)."""
        return self.epicardium_mm - self.endocardium_mm

    @property
    def middle_mm(self) -> FloatArray:
        """Half-way between the surfaces, (row, angle)."""
        return (self.endocardium_mm + self.epicardium_mm) / 2

    @property
    def flag(self) -> str:
        """``review`` if there is a reason to look, else ``accept``."""
        return "review" if self.reasons else "accept"

    @cached_property
    def mean_thickness_mm(self) -> float:
        """Mean over the rays that meet muscle; not a number where none does."""
        if not self.is_wall.any():
            return float("nan")
        return float(self.thickness_mm[self.is_wall].mean())

    @cached_property
    def cavity_ml(self) -> float:
        """Volume inside the endocardium, from the apex to the valve plane."""
        return cavity_ml(self.endocardium_mm, self.valve)

    @cached_property
    def wall_ml(self) -> float:
        """Volume of the muscle below the valve plane."""
        is_wall = self.is_wall.astype(np.float64)
        return wall_ml(self.endocardium_mm, self.epicardium_mm, is_wall, self.valve)

    @property
    def apex_z_mm(self) -> float:
        """Height of the epicardial apex on the axis of the pose."""
        return apex_z_mm(self.epicardium_mm)

    @property
    def length_mm(self) -> float:
        """From the epicardial apex to the centre of the valve plane, along the axis."""
        return float(self.valve.center_mm[2]) - self.apex_z_mm

    @property
    def seen_part(self) -> float:
        """Part of the rays through muscle that show it, 0 to 1."""
        return float(self.is_seen[self.is_wall].mean()) if self.is_wall.any() else 0.0

    def seen_from(self, pose: RigidPose) -> VentricleSurfaces:
        """The same wall along the rays of another pose of the same heart."""
        here_from_there = compose(invert(self.pose), pose).matrix
        inner, outer = (
            radii_seen_from(surface, here_from_there)
            for surface in (self.endocardium_mm, self.epicardium_mm)
        )
        middle = (inner + outer) / 2

        def seen(values: FloatArray) -> FloatArray:
            return values_seen_from(values, middle, here_from_there)

        is_wall, is_seen = (
            seen(each.astype(np.float64)) >= 0.5 for each in (self.is_wall, self.is_seen)
        )
        return replace(
            self,
            pose=pose,
            endocardium_mm=inner,
            epicardium_mm=np.maximum(outer, inner),
            spread_mm=np.stack([seen(each) for each in self.spread_mm]),
            is_wall=is_wall,
            is_seen=is_seen & is_wall,
            valve=self.valve.seen_from(invert_affine(here_from_there)),
        )

    def points_mm(self, part: float = 0.5) -> FloatArray:
        """Cardiac points (row, angle, 3) at a depth: 0 endocardium, 1 epicardium."""
        return ray_points_mm(self.endocardium_mm + part * self.thickness_mm)
