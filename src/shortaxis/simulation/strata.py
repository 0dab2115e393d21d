"""What kind of exam it is, for tables that group results.

========================  =====================================================================
``camera``                name
``technique``, ``tracer`` names of `Technique` and `Tracer`
``correction``            "AC" or "none"
``defect_part``           part of the wall with less than half of its uptake, 0-1
``hot_organ``             more than 2 % of what lies within 14 mm outside the left ventricle is
                          at least 0.7 times as hot as healthy myocardium
``small_heart``           shorter than 75 mm or with a cavity of less than 45 ml
``low_counts``            fewer than 100 in the hottest bin of the heart, or noise of more than a
                          tenth of the wall where the camera is simulated in the image
``extreme_pose``          an angle outside two standard deviations of the clinical prior
``truncated``             a part of the left ventricle lies less than 8 mm inside the field
``moved_mm``              how far the patient moved once during the views; 0 for most
========================  =====================================================================
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from shortaxis.anatomy.cardiac_views import CardiacView, view_grid
from shortaxis.camera.field_of_view import RoundField
from shortaxis.camera.image_domain import CZT_GRID
from shortaxis.geometry.affines import apply_affine, invert_affine
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.euler import angles_from_rotation
from shortaxis.geometry.grids import Grid
from shortaxis.geometry.pose import RigidPose
from shortaxis.phantom.contraction import cavity_volume_ml
from shortaxis.phantom.drawing import StillTorso
from shortaxis.phantom.phantom import Phantom
from shortaxis.phantom.ventricle_surface import rest_instant
from shortaxis.simulation.acquisition import FieldOfView, Technique
from shortaxis.simulation.exam import Stratum
from shortaxis.simulation.priors import CLINICAL_POSE
from shortaxis.simulation.scenario import ExamScenario

__all__ = ["STRATA", "hot_part", "strata_of"]

STRATA = (
    "camera", "technique", "tracer", "correction", "defect_part", "hot_organ", "small_heart",
    "low_counts", "extreme_pose", "truncated", "moved_mm",
)  # fmt: skip

SHELL_MM = 14.0
SHELL_VOXEL_MM = 4.7
HOT, HOT_PART = 0.7, 0.02
ENERGY_KEV = 140.5
"""Of an attenuation that nobody asks for."""

SMALL_LENGTH_MM, SMALL_CAVITY_ML = 75.0, 45.0

FEW_COUNTS = 100.0
"""Fewer in the hottest pixel of the heart is a suboptimal study (Wackers); for cameras simulated in
the image, a noise of more than a tenth of the wall."""

NEAR_EDGE_MM = 8.0


def strata_of(scenario: ExamScenario, pose: RigidPose) -> dict[str, Stratum]:
    """Strata of one exam with the mean pose that its volume shows."""
    acquisition, phantom = scenario.acquisition, scenario.phantom
    return {
        "camera": acquisition.camera,
        "technique": acquisition.technique,
        "tracer": acquisition.tracer,
        "correction": "AC" if scenario.reconstruction.attenuation_corrected else "none",
        "defect_part": round(_defect_part(phantom), 3),
        "hot_organ": hot_part(phantom) > HOT_PART,
        "small_heart": _is_small(phantom),
        "low_counts": acquisition.counts < FEW_COUNTS,
        "extreme_pose": _is_extreme(pose),
        "truncated": _is_truncated(scenario, pose),
        "moved_mm": round(acquisition.motion.distance_mm, 1),
    }


def _around(phantom: Phantom) -> Grid:
    """Voxels around the left ventricle, aligned with it."""
    size = int(np.ceil((phantom.heart.left_ventricle.length_mm + 50) / SHELL_VOXEL_MM))
    return view_grid(CardiacView.SHORT_AXIS, phantom.pose, (size, size, size), SHELL_VOXEL_MM)


def _defect_part(phantom: Phantom) -> float:
    """Part of the wall whose uptake is below half of what it would be without defects."""
    heart = phantom.heart
    severe = [each for each in heart.defects if each.severity * each.transmurality > 0.5]
    part = 0.0
    if severe:
        angles = np.deg2rad(np.arange(0, 360, 10.0))[None, :]
        heights = np.linspace(0.02, 0.98, 25)[:, None]
        hit = np.zeros((25, 36), dtype=bool)
        for each in severe:
            turn = np.abs((np.rad2deg(angles) - each.angle_deg + 180) % 360 - 180)
            along = np.abs(heights - each.height)
            hit |= (turn <= each.angular_extent_deg / 2) & (along <= each.longitudinal_extent / 2)
        part = float(hit.mean())
    if heart.left_ventricle.aneurysm is not None:
        part = max(part, heart.left_ventricle.aneurysm.height)
    return part


def hot_part(phantom: Phantom) -> float:
    """Part, 0-1, of what lies close outside the left ventricle that is hot, as `STRATA` has it."""
    grid = _around(phantom)
    torso = StillTorso.of(phantom, grid, ENERGY_KEV, supersampling=1)
    activity = torso.with_heart(None, 1).activity
    wall, cavity = torso.myocardium_and_cavity()
    inside = (wall > 0.2) | (cavity > 0.2)
    reach = 2 * round(SHELL_MM / SHELL_VOXEL_MM) + 1
    shell = _grown(inside, reach) & ~_grown(inside, 3) & ~_toward_right_ventricle(inside)
    return float((activity[shell] > HOT).float().mean())


def _grown(inside: Tensor, reach: int) -> Tensor:
    """Voxels that have one inside in the cube of `reach` voxels around them."""
    filled = inside[None, None].float()
    for axis in range(3):
        # A cube is grown by its sides, one after the other.
        cube = [reach if each == axis else 1 for each in range(3)]
        padding = [each // 2 for each in cube]
        filled = torch.nn.functional.max_pool3d(filled, cube, stride=1, padding=padding)
    return filled[0, 0] > 0


def _toward_right_ventricle(inside: Tensor) -> Tensor:
    """Septal side of the grid, where the right ventricle is and no organ can lie."""
    columns = torch.arange(inside.shape[2]) - (inside.shape[2] - 1) / 2
    rows = torch.arange(inside.shape[1]) - (inside.shape[1] - 1) / 2
    septal = (columns[None, :] < 0) & (rows[:, None].abs() < -columns[None, :])
    return septal.expand_as(inside)


def _is_small(phantom: Phantom) -> bool:
    heart = phantom.heart
    cavity_ml = cavity_volume_ml(heart, rest_instant(heart))
    return heart.left_ventricle.length_mm < SMALL_LENGTH_MM or cavity_ml < SMALL_CAVITY_ML


def _is_extreme(pose: RigidPose) -> bool:
    alpha, beta, theta = angles_from_rotation(pose.patient_from_cardiac)
    angles = {"alpha": alpha, "beta": beta, "theta": theta}
    return any(
        abs(angle - CLINICAL_POSE[name].mean) > 2 * CLINICAL_POSE[name].sd
        for name, angle in angles.items()
    )


def _is_truncated(scenario: ExamScenario, pose: RigidPose) -> bool:
    shape = scenario.phantom.heart.left_ventricle
    half = shape.length_mm / 2
    turns = np.deg2rad(np.arange(0, 360, 30))
    ring = np.column_stack([np.cos(turns), np.sin(turns)]) * shape.radius_mm
    points = np.vstack(
        [(0.0, 0.0, -half), *(np.column_stack([ring, np.full(len(ring), z)]) for z in (0.0, half))]
    )
    patient = pose.to_patient(points)
    field = scenario.field_of_view
    if _leaves(field.grid, patient):
        return True
    if scenario.acquisition.technique != Technique.MULTI_PINHOLE.name:
        return False
    camera = FieldOfView(
        CZT_GRID.slices, CZT_GRID.pixels, CZT_GRID.pixel_mm, CZT_GRID.slice_mm, field.center_mm
    ).grid
    if _leaves(camera, patient):
        return True
    depth = RoundField().depth_mm(CZT_GRID).numpy()
    index = apply_affine(invert_affine(camera.patient_from_index), patient)
    return bool((depth[tuple(np.round(index).astype(int).T)] < NEAR_EDGE_MM).any())


def _leaves(grid: Grid, points_mm: FloatArray) -> bool:
    """Whether any point lies outside a grid, or too near its edge."""
    index = apply_affine(invert_affine(grid.patient_from_index), points_mm)
    margin = NEAR_EDGE_MM / grid.spacing_mm
    last = np.array(grid.shape) - 1
    return bool(((index < margin) | (index > last - margin)).any())
