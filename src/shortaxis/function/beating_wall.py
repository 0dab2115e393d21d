"""The wall in every time slot, the slots taken together.

Counts of a single slot are few. So they are first smoothed over the beat by harmonics, along every
ray; then the network draws the wall of each slot along the rays of one pose, told how sharp the
*sum* over the slots is; and what it gives is smoothed over the beat again. Where muscle is and
where it shows counts is read from the sum.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from shortaxis.errors import HeartNotFoundError
from shortaxis.function.harmonics import BeatFit
from shortaxis.geometry.affines import invert_affine
from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.geometry.pose import RigidPose
from shortaxis.spect.volume import SpectVolume
from shortaxis.ventricle.ray_counts import normalised_rays, sampled_along_rays
from shortaxis.ventricle.sharpness import power_spectrum
from shortaxis.ventricle.surfaces import VentricleSurfaces
from shortaxis.ventricle.valve_plane import ValvePlane
from shortaxis.ventricle.wall_network import MIN_RADIUS_MM, WallDrawer, WallDrawing

__all__ = ["BeatingWall", "draw_beating_wall"]


@dataclass(frozen=True, eq=False)
class BeatingWall:
    """The wall of every slot on the hybrid grid of one pose, smooth over the beat.

    Parameters
    ----------
    pose : RigidPose
        Of the sum; axes of all slots.
    fit : BeatFit
        Which slots were used, and how they are joined.
    summed : WallDrawing
        The wall in the sum, with what it is judged by.
    sharpness : (11,) float32 array
        Of the sum, as the network was told it.
    rays : (slot, depth, row, angle) float32 array
        Counts along the rays as measured, corrected for the beats that a slot holds.
    middle_mm, thickness_mm : (slot, row, angle) arrays
        As the network gives them.
    valve : (slot, 5) array
        Height and slopes of the valve plane, and where its centre lies, as the network gives them.
    """

    pose: RigidPose
    fit: BeatFit
    summed: WallDrawing
    sharpness: CountsArray
    rays: CountsArray
    middle_mm: FloatArray
    thickness_mm: FloatArray
    valve: FloatArray

    @property
    def is_wall(self) -> npt.NDArray[np.bool_]:
        """Where a ray meets muscle, (row, angle)."""
        return self.summed.surfaces.is_wall

    @property
    def is_seen(self) -> npt.NDArray[np.bool_]:
        """Where that muscle shows counts, (row, angle); all of it where next to nothing does."""
        seen = self.summed.surfaces.is_seen
        return seen if seen.sum() >= FEWEST_RAYS else self.is_wall

    @property
    def valves(self) -> list[ValvePlane]:
        """The plane of every slot."""
        return [
            ValvePlane.from_heights(height, slope_x, slope_y, (x, y))
            for height, slope_x, slope_y, x, y in self.valve.tolist()
        ]

    def surfaces(self, thickness_mm: FloatArray | None = None) -> tuple[VentricleSurfaces, ...]:
        """Surfaces of every slot about the middle of the wall.

        Parameters
        ----------
        thickness_mm : (slot, row, angle) array, optional
            In place of that which the network gives.
        """
        thickness = self.thickness_mm if thickness_mm is None else thickness_mm
        inner = np.maximum(self.middle_mm - thickness / 2, MIN_RADIUS_MM)
        outer = np.maximum(self.middle_mm + thickness / 2, inner)
        summed = self.summed.surfaces
        return tuple(
            VentricleSurfaces(
                self.pose, one, two, summed.spread_mm, summed.is_wall, summed.is_seen, valve,
                summed.method,
            )
            for one, two, valve in zip(inner, outer, self.valves, strict=True)
        )  # fmt: skip


FEWEST_RAYS = 30


def draw_beating_wall(
    gates: CountsArray, volume: SpectVolume, pose: RigidPose, fit: BeatFit, drawer: WallDrawer
) -> BeatingWall:
    """Draw the wall of all slots along the axes of a pose.

    Parameters
    ----------
    gates : (time_slot, slice, row, column) array
        Counts.
    volume : SpectVolume
        Their sum, on the same grid.
    pose : RigidPose
        Of the left ventricle in the sum, anatomical roll.
    fit : BeatFit
        Which slots are used.
    drawer : WallDrawer
        The network of the wall.

    Raises
    ------
    HeartNotFoundError
        If there are no counts around the pose.
    """
    summed = drawer.draw(volume, pose)
    sharpness = power_spectrum(volume, pose).described().astype(np.float32)
    index_from_cardiac = invert_affine(volume.patient_from_index) @ pose.matrix
    totals = gates.sum(axis=(1, 2, 3), dtype=np.float64)
    usual = float(totals[fit.is_used].mean())
    if not usual > 0:
        raise HeartNotFoundError("the time slots hold no counts", expected="counts", found="none")
    # Beats that ended early are missing in the last slots, which says nothing of the wall.
    rays = np.stack(
        [
            sampled_along_rays(gate, index_from_cardiac) * np.float32(usual / total if used else 0)
            for gate, total, used in zip(gates, totals, fit.is_used, strict=True)
        ]
    )
    smooth = np.maximum(fit.smoothed(rays), 0).astype(np.float32)
    outputs = [
        drawer.network(counts=normalised_rays(each)[0][None], context=sharpness[None])
        for each in smooth
    ]
    whole = BeatFit(np.ones(fit.slots, dtype=bool), fit.harmonics)
    middle, thickness, valve = (
        whole.smoothed(np.stack([each[name][0] for each in outputs]).astype(np.float64))
        for name in ("middle_mm", "thickness_mm", "valve")
    )
    return BeatingWall(pose, fit, summed, sharpness, rays, middle, np.maximum(thickness, 0), valve)
