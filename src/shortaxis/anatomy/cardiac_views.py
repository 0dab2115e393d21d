"""The three standard views of the heart as directions on a screen.

One table holds what the American Society of Nuclear Cardiology and the AHA agree on:
short axis from apex to base with the anterior wall up and the septum left; vertical long axis
from septum to lateral wall with the apex right; horizontal long axis from inferior to
anterior with the apex up. Every triple is right-handed (row x column = stacking), so no view
can show a mirrored heart.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from shortaxis.geometry.affines import affine_from_axes, apply_affine
from shortaxis.geometry.grids import Grid
from shortaxis.geometry.pose import RigidPose

__all__ = ["CardiacView", "ViewAxes", "Wall", "view_grid"]

Axis = tuple[int, int, int]


class Wall(Enum):
    """A wall or an end of the left ventricle, with its direction in the cardiac frame."""

    LATERAL = (1, 0, 0)
    SEPTAL = (-1, 0, 0)
    INFERIOR = (0, 1, 0)
    ANTERIOR = (0, -1, 0)
    BASE = (0, 0, 1)
    APEX = (0, 0, -1)

    @property
    def label(self) -> str:
        """The word that pictures carry."""
        return self.name.capitalize()


@dataclass(frozen=True)
class ViewAxes:
    """Row direction (to the right on screen), column direction (down), stacking direction."""

    row: Axis
    column: Axis
    stacking: Axis

    def walls(self) -> dict[str, Wall]:
        """Which wall is seen at which side of the screen, and at the ends of the stack."""
        sides = {"right": self.row, "bottom": self.column, "last": self.stacking}
        opposite = {"right": "left", "bottom": "top", "last": "first"}
        walls = {}
        for side, direction in sides.items():
            walls[side] = Wall(direction)
            walls[opposite[side]] = Wall(tuple(-component for component in direction))
        return walls


class CardiacView(Enum):
    """The three standard views."""

    SHORT_AXIS = "short_axis"
    VERTICAL_LONG_AXIS = "vertical_long_axis"
    HORIZONTAL_LONG_AXIS = "horizontal_long_axis"

    @property
    def title(self) -> str:
        """The name for people, e.g. "Short axis"."""
        return self.value.replace("_", " ").capitalize()

    @property
    def axes(self) -> ViewAxes:
        """Directions of the view in the cardiac frame."""
        return _AXES[self]


_AXES = {
    CardiacView.SHORT_AXIS: ViewAxes(row=(1, 0, 0), column=(0, 1, 0), stacking=(0, 0, 1)),
    CardiacView.VERTICAL_LONG_AXIS: ViewAxes(row=(0, 0, -1), column=(0, 1, 0), stacking=(1, 0, 0)),
    CardiacView.HORIZONTAL_LONG_AXIS: ViewAxes(
        row=(1, 0, 0), column=(0, 0, 1), stacking=(0, -1, 0)
    ),
}


def view_grid(
    view: CardiacView, pose: RigidPose, shape: tuple[int, int, int], spacing_mm: float
) -> Grid:
    """Grid ``(slice, row, column)`` of a view, centred on the pose, in patient coordinates.

    Examples
    --------
    >>> grid = view_grid(CardiacView.SHORT_AXIS, RigidPose(np.eye(3), (0, 0, 50)), (3, 5, 5), 4.0)
    >>> grid.patient_from_index[:3, 3].tolist()  # apical, anterior, septal corner
    [-8.0, -8.0, 46.0]
    """
    axes = view.axes
    cardiac_from_index = affine_from_axes(
        (axes.stacking, axes.column, axes.row), spacing_mm, (0, 0, 0)
    )
    middle = (np.asarray(shape, dtype=np.float64) - 1) / 2
    cardiac_from_index[:3, 3] = -apply_affine(cardiac_from_index, middle)
    return Grid(shape, pose.matrix @ cardiac_from_index)
