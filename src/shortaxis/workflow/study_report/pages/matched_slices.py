"""Slices of stress and rest at the same places of the ventricle, as tiles.

Short-axis tiles lie at equal distances from the traced apex, in mm, so that the walls of both exams
face each other whatever the valve planes do; long-axis tiles lie at equal distances from the
long axis. Every tile is sampled once, from the original counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from shortaxis.anatomy.cardiac_views import CardiacView, view_grid
from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.geometry.grids import Grid
from shortaxis.geometry.pose import RigidPose
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.drawing.field import outside_the_field
from shortaxis.workflow.drawing.shown_heart import TILE_HALF_WIDTH_MM
from shortaxis.workflow.drawing.slice_tiles import TILE_PX
from shortaxis.workflow.quantify.quantifying import QuantifiedStudy

__all__ = ["LONG_AXIS_TILES", "SHORT_AXIS_TILES", "MatchedSlices", "matched_slices", "tiles_of"]

SHORT_AXIS_TILES = 16
LONG_AXIS_TILES = 5
"""An odd number: the slice through the middle of the cavity is always there."""

STEPS_PER_RADIUS = 3.0
"""Between long-axis tiles: five of them span the cavity, whatever its size."""

TileLines = Mapping[str, Sequence[FloatArray]]


@dataclass(frozen=True, eq=False)
class MatchedSlices:
    """One view of every exam at the same places.

    `places_mm` are distances from the apex towards the base for short-axis slices, and from the
    long axis for the others: towards the lateral wall in the vertical, towards the anterior
    wall in the horizontal ones. `tiles` has one array ``(tile, row, column)`` an exam, in parts of
    100 % of its own polar map; NaN outside the field of view. `lines` has the outlines of the wall
    on each tile of an exam, by name, in pixels (column, row) of the tile.
    """

    view: CardiacView
    places_mm: tuple[float, ...]
    tiles: tuple[CountsArray, ...] = field(repr=False)
    lines: tuple[tuple[TileLines, ...], ...] = field(repr=False)


def matched_slices(exams: Sequence[QuantifiedStudy]) -> list[MatchedSlices]:
    """The three views of one or two exams."""
    return [_matched(view, exams) for view in CardiacView]


def _matched(view: CardiacView, exams: Sequence[QuantifiedStudy]) -> MatchedSlices:
    if view is CardiacView.SHORT_AXIS:
        longest = max(exam.traced.length_mm for exam in exams)
        # Whole millimetres, so that what stands on the tiles is where they lie.
        step = int(np.ceil(longest / (SHORT_AXIS_TILES - 2)))
        places = [float(step * number - step // 2) for number in range(SHORT_AXIS_TILES)]
    else:
        widest = max(exam.traced.radius_mm for exam in exams)
        step, middle = max(round(widest / STEPS_PER_RADIUS), 1), LONG_AXIS_TILES // 2
        places = [float(step * (number - middle)) for number in range(LONG_AXIS_TILES)]
    tiles = tuple(tiles_of(exam, exam.study.volume, view, places) for exam in exams)
    lines = tuple(
        tuple(_lines(exam, _pose_at(exam, view, place), view) for place in places) for exam in exams
    )
    return MatchedSlices(view, tuple(places), tiles, lines)


def tiles_of(
    exam: QuantifiedStudy, volume: SpectVolume, view: CardiacView, places_mm: Sequence[float]
) -> CountsArray:
    """Tiles ``(tile, row, column)`` of a volume that lies where that of the exam does.

    In counts of 100 % of the exam's polar map, so that time slots compare with one another only if
    they are scaled by the same exam.
    """
    level = exam.traced.polar_map.level_100
    stacked = [_tile(volume, _pose_at(exam, view, place), view) for place in places_mm]
    tiles: CountsArray = np.stack(stacked) / np.float32(level)
    return tiles


def _pose_at(exam: QuantifiedStudy, view: CardiacView, place_mm: float) -> RigidPose:
    """The exam's axes, with the middle of a tile as their origin."""
    ends = exam.traced.ends
    middle_z_mm = (ends.apex_z_mm + ends.valve_z_mm) / 2
    origin = {
        CardiacView.SHORT_AXIS: (0.0, 0.0, ends.apex_z_mm + place_mm),
        CardiacView.VERTICAL_LONG_AXIS: (place_mm, 0.0, middle_z_mm),
        CardiacView.HORIZONTAL_LONG_AXIS: (0.0, -place_mm, middle_z_mm),
    }[view]
    pose = exam.pose
    return RigidPose(pose.patient_from_cardiac, pose.to_patient(np.array(origin)))


def _lines(exam: QuantifiedStudy, pose: RigidPose, view: CardiacView) -> TileLines:
    """Outlines on a tile; where they leave it, they are broken off."""
    found = exam.wall.outlines.on_slice(_tile_grid(pose, view).patient_from_index)
    return {name: [_inside(line) for line in lines] for name, lines in found.items()}


def _inside(line: FloatArray) -> FloatArray:
    broken = line.copy()
    broken[((line < 0) | (line > TILE_PX - 1)).any(axis=1)] = np.nan
    return broken


def _tile_grid(pose: RigidPose, view: CardiacView) -> Grid:
    return view_grid(view, pose, (1, TILE_PX, TILE_PX), 2 * TILE_HALF_WIDTH_MM / TILE_PX)


def _tile(volume: SpectVolume, pose: RigidPose, view: CardiacView) -> CountsArray:
    grid = _tile_grid(pose, view)
    tile: CountsArray = volume.resampled(grid).counts[0].copy()
    tile[outside_the_field(volume, grid)[0]] = np.nan
    return tile
