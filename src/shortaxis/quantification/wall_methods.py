"""The methods that find the wall of the left ventricle: one table, and what every one gives.

The tracing looks for the brightest place along rays and needs no weights. The network draws both
surfaces. Either can be asked for a second opinion of the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from shortaxis.errors import OptionError
from shortaxis.geometry.euler import with_roll_of
from shortaxis.geometry.pose import RigidPose
from shortaxis.quantification.drawn_surfaces import (
    TRACED_WALL,
    surfaces_of_tracing,
    tracing_of_surfaces,
)
from shortaxis.quantification.tracing import TracedVentricle, trace_ventricle
from shortaxis.spect.volume import SpectVolume
from shortaxis.ventricle.by_hand import WallByHand, with_hand, without_neighbours
from shortaxis.ventricle.outlines import BOTH_SURFACES, WallOutlines, outlines_of
from shortaxis.ventricle.surfaces import VentricleSurfaces
from shortaxis.ventricle.wall_network import NETWORK_WALL, draw_wall

__all__ = [
    "DEFAULT_WALL_METHOD",
    "NOTHING_BY_HAND",
    "WALL_METHODS",
    "FoundWall",
    "WallMethod",
    "WallSizeMm",
    "find_wall",
    "require_wall_method",
]


WallSizeMm = tuple[float, float] | tuple[()]
"""Length from epicardial apex to valve plane, and radius to the middle of the wall; or nothing."""


@dataclass(frozen=True, eq=False)
class FoundWall:
    """A wall as the traced ventricle that polar maps are made of, and as surfaces."""

    traced: TracedVentricle
    volume: SpectVolume
    drawn: VentricleSurfaces | None = None
    is_thickness_known: bool = True

    @cached_property
    def surfaces(self) -> VentricleSurfaces:
        """In the frame of the traced ventricle's pose; those of a tracing are made when asked."""
        return self.drawn or surfaces_of_tracing(self.traced, self.volume)

    @property
    def knows_both_surfaces(self) -> bool:
        """Whether endo- and epicardium were found, not the middle of the wall alone."""
        return self.drawn is not None and self.is_thickness_known

    @cached_property
    def outlines(self) -> WallOutlines:
        """Lines for pictures: both surfaces, or the middle of a wall of which no more is known."""
        parts = BOTH_SURFACES if self.knows_both_surfaces else MIDDLE
        return outlines_of(self.surfaces, parts)


MIDDLE: Mapping[str, float] = {"middle": 0.5}
"""What a tracing finds."""


@dataclass(frozen=True)
class KnownOfPose:
    """What an estimator told besides the pose: about the size, and the bound of the long axis."""

    size: WallSizeMm = ()
    axis_bound_deg: float | None = None


class WallMethod(Protocol):
    """Finds the wall of a volume along the axes of a pose."""

    def __call__(
        self, volume: SpectVolume, pose: RigidPose, anatomical: RigidPose, known: KnownOfPose, /
    ) -> FoundWall:
        """Find it; arguments are those of `find_wall`."""


def _traced(
    volume: SpectVolume, pose: RigidPose, anatomical: RigidPose, known: KnownOfPose
) -> FoundWall:
    traced = trace_ventricle(volume, pose, *known.size)
    return FoundWall(traced, volume)


def _drawn(
    volume: SpectVolume, pose: RigidPose, anatomical: RigidPose, known: KnownOfPose
) -> FoundWall:
    along = with_roll_of(pose, anatomical)
    surfaces = draw_wall(volume, along, axis_bound_deg=known.axis_bound_deg).seen_from(pose)
    return FoundWall(tracing_of_surfaces(surfaces, volume), volume, surfaces)


WALL_METHODS: Mapping[str, WallMethod] = {TRACED_WALL: _traced, NETWORK_WALL: _drawn}

DEFAULT_WALL_METHOD = TRACED_WALL

NOTHING_BY_HAND = WallByHand()


def find_wall(  # noqa: PLR0913 - what may be known of a wall
    volume: SpectVolume,
    pose: RigidPose,
    method: str = DEFAULT_WALL_METHOD,
    *,
    anatomical: RigidPose | None = None,
    size: WallSizeMm = (),
    hand: WallByHand = NOTHING_BY_HAND,
    axis_bound_deg: float | None = None,
) -> FoundWall:
    """Find the wall of the left ventricle around a pose.

    Parameters
    ----------
    volume : SpectVolume
        Counts in any grid.
    pose : RigidPose
        Axes and centre of the left ventricle; the wall is given in this frame.
    method : str
        A name in `WALL_METHODS`.
    anatomical : RigidPose, optional
        Whose roll is anatomical, for methods that know the walls apart; by default that of `pose`.
    size : (length_mm, radius_mm) or empty
        About how large it is, for methods that must be told.
    hand : WallByHand
        What an operator set; it has the last word.
    axis_bound_deg : float, optional
        Bound of the pose's long axis: methods with a flag doubt a wall along one that is not sure.

    Raises
    ------
    OptionError
        If there is no such method.
    UnknownWeightsError
        If the method needs weights that are not installed.
    HeartNotFoundError
        If there are no counts around the pose.
    """
    require_wall_method(method)
    seen = without_neighbours(volume, hand)
    known = KnownOfPose(size, axis_bound_deg)
    found = WALL_METHODS[method](seen, pose, anatomical or pose, known)
    if not hand.what:
        return found
    surfaces = with_hand(found.surfaces, hand)
    return FoundWall(tracing_of_surfaces(surfaces, seen), seen, surfaces, method != TRACED_WALL)


def require_wall_method(name: str) -> None:
    """Raise `OptionError` unless there is a method of this name."""
    if name not in WALL_METHODS:
        raise OptionError(
            "unknown method for the wall", expected=" or ".join(WALL_METHODS), found=name
        )
