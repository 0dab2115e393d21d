"""The wall that the network draws, as lines on the tiles of the review sheet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from shortaxis.anatomy.cardiac_views import CardiacView
from shortaxis.errors import HeartNotFoundError
from shortaxis.geometry.affines import apply_affine, invert_affine
from shortaxis.geometry.pose import RigidPose
from shortaxis.reorientation.estimate import PoseEstimate
from shortaxis.spect.volume import SpectVolume
from shortaxis.ventricle.outlines import WallOutlines, outlines_of
from shortaxis.ventricle.wall_network import draw_wall
from shortaxis.workflow.review_sheet.content import Outline, OutlinesOfFrames, no_outlines

__all__ = ["SheetWall", "sheet_wall"]

COLOURS: Mapping[str, str] = {
    "endocardium": "#35d0ff",
    "epicardium": "#7dff8a",
    "valve_plane": "#ffffff",
}
"""On the warm metal scale, as in reports."""

LINE_PX = 1.0


@dataclass(frozen=True, eq=False)
class SheetWall:
    """Lines of every frame, and what they are, in words."""

    outlines: OutlinesOfFrames = no_outlines
    legend: tuple[str, ...] = ()


def sheet_wall(
    volume: SpectVolume,
    estimate: PoseEstimate,
    pose: RigidPose,
    views: Mapping[CardiacView, SpectVolume],
) -> SheetWall:
    """Draw the wall along the estimated pose; nothing where there are no counts around it.

    `views` are the slices that were cut with `pose`.
    """
    try:
        surfaces = draw_wall(
            volume, estimate.pose, axis_bound_deg=estimate.uncertainty.long_axis_deg
        )
    except HeartNotFoundError:
        return SheetWall()
    legend = ["lines: wall by network", "cyan endocardium", "green epicardium", "white valve plane"]
    if surfaces.reasons:
        legend.append("wall: REVIEW")
    return SheetWall(_lines_of(outlines_of(surfaces), pose, views), tuple(legend))


def _lines_of(
    outlines: WallOutlines, pose: RigidPose, views: Mapping[CardiacView, SpectVolume]
) -> Callable[[CardiacView, int], Sequence[Outline]]:
    def lines(view: CardiacView, index: int) -> Sequence[Outline]:
        shown = views[view]
        affine, spacing = shown.patient_from_index, shown.spacing_mm
        center = apply_affine(invert_affine(affine), pose.center_mm)
        right_down = np.array([2, 1])
        return [
            Outline((line - center[right_down]) * spacing[right_down], COLOURS[name], LINE_PX, name)
            for name, found in outlines.on_slice(affine, index).items()
            for line in found
        ]

    return lines
