"""The torso painted on a canvas, from the skin inwards and from the abdomen upwards."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from torch import Tensor

from shortaxis.geometry.affines import apply_affine, invert_affine
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.pose import RigidPose
from shortaxis.phantom.attenuation import Tissue, attenuation_per_cm
from shortaxis.phantom.canvas import (
    Block,
    Canvas,
    Implicit,
    block_around,
    box_corners,
    whole_block,
)
from shortaxis.phantom.chest_wall import ChestWall
from shortaxis.phantom.diaphragm import DiaphragmSurface
from shortaxis.phantom.organs import AbdomenPlacement, BowelLoop, EllipsoidOrgan
from shortaxis.phantom.phantom import Phantom
from shortaxis.phantom.shapes import above, boxed_ellipsoid, boxed_tube, ellipsoid

__all__ = ["TorsoPainter", "turn_about_axis"]

MIN_BREAST_MM = 2.0
"""Below it there are none."""


@dataclass(frozen=True, eq=False)
class TorsoPainter:
    """Paints the parts of one phantom's torso, each within its own box.

    Two frames, both with LPS axes: `chest` starts at the body centre, `abdomen` above or below
    it at the height of the diaphragm under the heart.
    """

    phantom: Phantom
    canvas: Canvas
    energy_kev: float

    @cached_property
    def diaphragm(self) -> DiaphragmSurface:
        """The surface that the heart rests on, in the abdomen frame."""
        return DiaphragmSurface(self.phantom)

    @cached_property
    def chest_from_patient(self) -> FloatArray:
        """Shift to the body centre."""
        return _shift(self.phantom.body_center_mm)

    @cached_property
    def abdomen_from_patient(self) -> FloatArray:
        """Shift to the midline of the body at the height of the diaphragm under the heart."""
        x, y, _ = self.phantom.body_center_mm
        return _shift((x, y, self.diaphragm.contact_mm[2]))

    @cached_property
    def turned_from_patient(self) -> FloatArray:
        """The abdomen frame, turned about the long axis as the diaphragm is."""
        placement = self.phantom.torso.abdomen
        if placement is None or placement.turn_deg == 0:
            return self.abdomen_from_patient
        back = turn_about_axis(self.phantom.pose, -placement.turn_deg)
        return self.abdomen_from_patient @ back

    @cached_property
    def whole(self) -> Block:
        """All voxels."""
        return whole_block(self.canvas.grid)

    @cached_property
    def below_diaphragm(self) -> Tensor:
        """Occupancy of everything under the domes."""
        x, y, z = self.whole.coordinates(self.turned_from_patient)
        return self.whole.occupancy(self.diaphragm.level(x, y, z))

    @cached_property
    def abdomen(self) -> Tensor:
        """Occupancy of the room for the organs under the diaphragm."""
        x, y, z = self.whole.coordinates(self.turned_from_patient)
        thickness = self.phantom.torso.diaphragm.thickness_mm
        below = self.whole.occupancy(self.diaphragm.level(x, y, z + thickness))
        return below * self.chest_wall.cavity

    @cached_property
    def chest_wall(self) -> ChestWall:
        """The layers from the skin to the cavity."""
        x, y, z = self.whole.coordinates(self.chest_from_patient)
        return ChestWall(self.phantom.torso, self.whole, (x, y, z))

    def mu(self, tissue: Tissue) -> float:
        """Attenuation of a tissue at the energy, 1/cm."""
        return attenuation_per_cm(tissue, self.energy_kev)

    def paint_chest(self) -> None:
        """Arms, breasts, skin, fat, muscle, bones and lungs."""
        torso, wall = self.phantom.torso, self.chest_wall
        body, canvas = torso.body, self.canvas
        self._paint_arms()
        if torso.breasts.radius_mm >= MIN_BREAST_MM:
            breasts = torso.breasts
            self._paint_shape(wall.breast(-1), breasts.uptake, Tissue.FAT)
            self._paint_shape(wall.breast(1), breasts.uptake, Tissue.FAT)
        canvas.paint(self.whole, wall.skin, body.fat_uptake, self.mu(Tissue.FAT))
        canvas.paint(self.whole, wall.muscle, body.uptake, self.mu(Tissue.SOFT))
        self._paint_bones()
        self._paint_lungs()

    def paint_abdomen(self) -> None:
        """Organs under the diaphragm, each covering the ones painted before."""
        torso = self.phantom.torso
        body = torso.body
        below = self.below_diaphragm * self.chest_wall.cavity
        self.canvas.paint(self.whole, below, body.uptake, self.mu(Tissue.SOFT))
        for solid in (torso.right_kidney, torso.left_kidney, torso.spleen):
            self._paint_solid(solid)
        self._paint_stomach()
        for loop in torso.bowel:
            self._paint_bowel(loop)
        self._paint_liver()
        self._paint_solid(torso.gall_bladder)

    def _paint_arms(self) -> None:
        arms, body = self.phantom.torso.arms, self.phantom.torso.body
        side = body.half_width_mm + arms.radius_mm
        # Raised arms leave the chest at the shoulder; lowered ones lie along it.
        course = ((side - 55, 25.0, 165.0), (side - 10, 0.0, 330.0))
        if not arms.are_raised:
            course = ((side - 12, 25.0, 130.0), (side + 6, 15.0, -330.0))
        for sign in (-1, 1):
            waypoints = [(sign * x, y, z) for x, y, z in course]
            muscle = boxed_tube(waypoints, arms.radius_mm)
            bone = boxed_tube(waypoints, 12.0)
            self._paint_shape(muscle, body.uptake, Tissue.SOFT)
            self._paint_shape(bone, self.phantom.torso.skeleton.uptake, Tissue.BONE)

    def _paint_bones(self) -> None:
        wall, uptake = self.chest_wall, self.phantom.torso.skeleton.uptake
        self.canvas.paint(self.whole, wall.ribs, uptake, self.mu(Tissue.BONE))
        self._paint_shape(wall.sternum, uptake, Tissue.BONE)

    def _paint_lungs(self) -> None:
        lungs = self.phantom.torso.lungs
        room = self.chest_wall.cavity * (1 - self.below_diaphragm)
        top = 0.85 * lungs.apex_height_mm
        for sign, share in ((-1, 1.0), (1, lungs.left_to_right)):
            width, depth = lungs.half_width_mm * share, lungs.half_depth_mm
            center_x = sign * (lungs.half_gap_mm + width)
            box = box_corners(
                (center_x - width, -depth, -200), (center_x + width, depth, lungs.apex_height_mm)
            )
            # Straight below, rounded above: the lung's tip lies at its apex height.
            dome = ellipsoid((center_x, 0, 0), (width, depth, top))
            lung = above(lungs.apex_height_mm - top, dome)
            self._paint_in(
                self.abdomen_from_patient, (box, lung), (lungs.uptake, Tissue.LUNG), room
            )

    def paint_spine(self) -> None:
        """Spine and descending aorta, behind lungs and abdomen."""
        wall, torso = self.chest_wall, self.phantom.torso
        blood = self.phantom.heart.blood
        for shape in wall.vertebrae:
            self._paint_shape(shape, torso.skeleton.uptake, Tissue.BONE)
        aorta = [(22.0, wall.spine_y_mm - 22, -330.0), (22.0, wall.spine_y_mm - 22, 75.0)]
        radius = 0.8 * blood.aorta_radius_mm
        self._paint_shape(boxed_tube(aorta, radius), blood.uptake)

    def _paint_solid(self, organ: EllipsoidOrgan) -> None:
        shape = boxed_ellipsoid(organ.center_mm, organ.semi_axes_mm)
        self._paint_abdominal(shape, organ.uptake)

    def _paint_stomach(self) -> None:
        stomach = self.phantom.torso.stomach
        outer = tuple(stomach.scale * axis for axis in (44.0, 46.0, 40.0))
        inner = tuple(max(axis - stomach.wall_mm, 2.0) for axis in outer)
        for axes, uptake in ((outer, stomach.wall_uptake), (inner, stomach.content_uptake)):
            self._paint_abdominal(boxed_ellipsoid(stomach.center_mm, axes), uptake)

    def _paint_bowel(self, loop: BowelLoop) -> None:
        x, y, _ = self.diaphragm.contact_mm - np.array(self.phantom.body_center_mm)
        waypoints = [(px + x, py + y, pz) for px, py, pz in loop.waypoints_mm]
        shape = boxed_tube(waypoints, loop.radius_mm)
        self._paint_abdominal(shape, loop.uptake)

    def _paint_liver(self) -> None:
        liver = self.phantom.torso.liver
        scale, body = liver.scale, self.phantom.torso.body
        right_x = -0.42 * body.half_width_mm
        right = ((right_x, 2.0, -52.0), (92 * scale, 95 * scale, 92 * scale))
        # From deep inside the right lobe to its tip across the midline.
        middle_x, half = (liver.left_reach_mm - 70) / 2, (liver.left_reach_mm + 70) / 2
        under_heart = self.diaphragm.contact_mm[1] - self.phantom.body_center_mm[1] + 10
        placement = self.phantom.torso.abdomen or AbdomenPlacement()
        left = (
            (middle_x, under_heart - placement.liver_shift_mm, -18.0 - placement.liver_drop_mm),
            (half, 52 * scale, liver.left_thickness_mm * scale),
        )
        for center, axes in (right, left):
            shape = boxed_ellipsoid(center, axes)
            self._paint_abdominal(shape, liver.uptake)

    def _paint_shape(
        self, shape: tuple[FloatArray, Implicit], uptake: float, tissue: Tissue = Tissue.SOFT
    ) -> None:
        """Paint a shape given in the chest frame, within its box."""
        self._paint_in(self.chest_from_patient, shape, (uptake, tissue))

    def _paint_abdominal(self, shape: tuple[FloatArray, Implicit], uptake: float) -> None:
        """Paint a shape given in the turned abdomen frame, within the abdomen."""
        self._paint_in(self.turned_from_patient, shape, (uptake, Tissue.SOFT), self.abdomen)

    def _paint_in(
        self,
        frame_from_patient: FloatArray,
        shape: tuple[FloatArray, Implicit],
        material: tuple[float, Tissue],
        room: Tensor | None = None,
    ) -> None:
        """Paint a shape given in a frame, within its box, and within a room if there is one."""
        corners, level = shape
        block = block_around(self.canvas.grid, _in_patient(frame_from_patient, corners))
        if block is None:
            return
        occupancy = block.occupancy(level(*block.coordinates(frame_from_patient)))
        if room is not None:
            occupancy = occupancy * room[block.region]
        uptake, tissue = material
        self.canvas.paint(block, occupancy, uptake, self.mu(tissue))


def turn_about_axis(pose: RigidPose, angle_deg: float) -> FloatArray:
    """Affine that turns LPS points about the long axis of a pose, positive from x_c to y_c."""
    c, s = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    turn = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    frame = pose.patient_from_cardiac
    affine = np.eye(4)
    affine[:3, :3] = frame @ turn @ frame.T
    affine[:3, 3] = pose.center_mm - affine[:3, :3] @ pose.center_mm
    return affine


def _in_patient(frame_from_patient: FloatArray, points: FloatArray) -> FloatArray:
    if np.array_equal(frame_from_patient[:3, :3], np.eye(3)):
        return points - frame_from_patient[:3, 3]
    return apply_affine(invert_affine(frame_from_patient), points)


def _shift(origin_mm: tuple[float, float, float]) -> FloatArray:
    frame_from_patient = np.eye(4)
    frame_from_patient[:3, 3] = -np.asarray(origin_mm)
    return frame_from_patient
