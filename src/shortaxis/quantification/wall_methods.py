"""The methods that find the wall of the left ventricle: one table, and what every one gives.

The tracing looks for the brightest place along rays and needs no weights. The network draws both
surfaces. Either can be asked for a second opinion of the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from shortaxis.anatomy.heart_sizes import TYPICAL_LENGTH_MM, TYPICAL_RADIUS_MM
from shortaxis.errors import OptionError
from shortaxis.geometry.pose import RigidPose
from shortaxis.quantification.drawn_surfaces import (
    TRACED_WALL,
    surfaces_of_tracing,
    tracing_of_surfaces,
)
from shortaxis.quantification.tracing import TracedVentricle, trace_ventricle
from shortaxis.spect.volume import SpectVolume
from shortaxis.ventricle.surfaces import VentricleSurfaces
from shortaxis.ventricle.wall_network import NETWORK_WALL, draw_wall

__all__ = ["DEFAULT_WALL_METHOD", "WALL_METHODS", "FoundWall", "WallMethod", "find_wall"]


@dataclass(frozen=True, eq=False)
class FoundWall:
    """A wall as surfaces, and as the traced ventricle that polar maps are made of."""

    surfaces: VentricleSurfaces
    traced: TracedVentricle


class WallMethod(Protocol):
    """Finds the wall of a volume along the axes of a pose; of a size that is about known."""

    def __call__(
        self, volume: SpectVolume, pose: RigidPose, length_mm: float, radius_mm: float, /
    ) -> FoundWall:
        """Find it; lengths are those of `find_wall`."""


def _traced(volume: SpectVolume, pose: RigidPose, length_mm: float, radius_mm: float) -> FoundWall:
    traced = trace_ventricle(volume, pose, length_mm, radius_mm)
    return FoundWall(surfaces_of_tracing(traced, volume), traced)


def _drawn(volume: SpectVolume, pose: RigidPose, _length: float, _radius: float) -> FoundWall:
    surfaces = draw_wall(volume, pose)
    return FoundWall(surfaces, tracing_of_surfaces(surfaces, volume))


WALL_METHODS: Mapping[str, WallMethod] = {TRACED_WALL: _traced, NETWORK_WALL: _drawn}

DEFAULT_WALL_METHOD = TRACED_WALL


def find_wall(
    volume: SpectVolume,
    pose: RigidPose,
    method: str = DEFAULT_WALL_METHOD,
    *,
    length_mm: float = TYPICAL_LENGTH_MM,
    radius_mm: float = TYPICAL_RADIUS_MM,
) -> FoundWall:
    """Find the wall of the left ventricle around a pose.

    Parameters
    ----------
    volume : SpectVolume
        Counts in any grid.
    pose : RigidPose
        Axes and centre of the left ventricle.
    method : str
        A name in `WALL_METHODS`.
    length_mm, radius_mm : float
        About how large it is, for methods that must be told.

    Raises
    ------
    OptionError
        If there is no such method.
    UnknownWeightsError
        If the method needs weights that are not installed.
    HeartNotFoundError
        If there are no counts around the pose.
    """
    if method not in WALL_METHODS:
        raise OptionError(
            "unknown method for the wall", expected=" or ".join(WALL_METHODS), found=method
        )
    return WALL_METHODS[method](volume, pose, length_mm, radius_mm)
