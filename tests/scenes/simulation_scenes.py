"""Exams made by hand for the tests of the simulation, and hearts measured with numpy alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from scipy import ndimage

pytest.importorskip("torch", reason="the simulation needs torch")

from phantom_measures import silent_torso
from shortaxis.geometry.euler import rotation_from_angles
from shortaxis.geometry.pose import RigidPose
from shortaxis.phantom.heart import Heart, RightVentricle
from shortaxis.phantom.phantom import USUAL_CENTER_MM, Phantom
from shortaxis.phantom.torso import Torso
from shortaxis.simulation.acquisition import (
    Acquisition,
    FieldOfView,
    PostFilter,
    Reconstruction,
)
from shortaxis.simulation.scenario import ExamScenario

FAR_MM = (210.0, -330.0, 450.0)
"""Middle of the body: frames of reference start anywhere."""

PARALLEL = Acquisition("Philips CardioMD", counts=400.0)
BUTTERWORTH = PostFilter("butterworth", 0.45, 8)
OSEM = Reconstruction("osem", 3, 8, post_filter=BUTTERWORTH)
FBP = Reconstruction("fbp", post_filter=BUTTERWORTH)
CORRECTED = replace(OSEM, attenuation_corrected=True, scatter_corrected=True)
PINHOLE_FILTER = PostFilter("gaussian", fwhm_mm=8)

TECHNIQUES: dict[str, tuple[Acquisition, Reconstruction]] = {
    "osem": (PARALLEL, OSEM),
    "fbp": (PARALLEL, FBP),
    "corrected": (PARALLEL, CORRECTED),
    "pinhole": (
        Acquisition("GE Discovery NM 530c", "MULTI_PINHOLE", counts=900.0),
        Reconstruction("image", post_filter=PINHOLE_FILTER),
    ),
    "pet": (
        Acquisition("SIEMENS Biograph", "PET", "RB82_CHLORIDE", counts=900.0),
        Reconstruction("image", attenuation_corrected=True, post_filter=PINHOLE_FILTER),
    ),
}
"""Acquisition and reconstruction of an easy exam of each kind."""

FIELDS = {"pinhole": (50, 70, 4.0), "pet": (46, 84, 4.0)}
"""Slices, matrix and voxels of the kinds that are not 28 x 64 x 64 at 6.4 mm."""


def phantom_at(
    angles_deg: tuple[float, float, float] = (20.0, 10.0, 45.0),
    body_mm: tuple[float, float, float] = FAR_MM,
    heart: Heart | None = None,
    torso: Torso | None = None,
) -> Phantom:
    """A usual heart turned by alpha, beta and theta in a body somewhere."""
    center = np.array(body_mm) + np.array(USUAL_CENTER_MM)
    pose = RigidPose(rotation_from_angles(*angles_deg), center)
    return Phantom(heart or Heart(), torso or Torso(), pose, body_mm)


def scenario_of(kind: str = "osem", phantom: Phantom | None = None, **changes: Any) -> ExamScenario:
    """An easy exam; `changes` are fields of ExamScenario."""
    phantom = phantom or phantom_at()
    acquisition, reconstruction = TECHNIQUES[kind]
    slices, matrix, voxel_mm = FIELDS.get(kind, (28, 64, 6.4))
    center = phantom.pose.center_mm - (-6.0, 12.0, 5.0)
    if kind not in FIELDS:
        # The field is the detector's own: it turns about the middle of the body.
        center = np.array([*phantom.body_center_mm[:2], phantom.pose.center_mm[2] - 5.0])
    scenario = ExamScenario(
        preset="clinical",
        exam_seed=1,
        patient=0,
        condition="stress",
        phantom=phantom,
        acquisition=acquisition,
        reconstruction=reconstruction,
        field_of_view=FieldOfView(slices, matrix, voxel_mm, voxel_mm, tuple(center.tolist())),
    )
    return replace(scenario, **changes)


def small_scenario(**changes: Any) -> ExamScenario:
    """The cheapest exam: a fifth of a second, for tests of files and folders."""
    views = replace(PARALLEL, angular_views=16, camera="Test Camera")
    once = Reconstruction("osem", 1, 5, post_filter=BUTTERWORTH)
    return scenario_of(acquisition=views, reconstruction=once, **changes)


def bare_phantom(**heart: Any) -> Phantom:
    """A heart whose right ventricle glows, in a torso that attenuates but holds no activity."""
    glowing = replace(RightVentricle(), uptake=0.9, wall_mm=6.0)
    whole = Heart(**{"right_ventricle": glowing, **heart})
    return phantom_at(heart=whole, torso=silent_torso())


def sampled(
    counts: np.ndarray, affine: np.ndarray, pose: RigidPose, points: np.ndarray
) -> np.ndarray:
    """Counts at points of the cardiac frame, by scipy and the definition of the frames alone."""
    patient = np.asarray(points) @ pose.patient_from_cardiac.T + pose.center_mm
    index = np.linalg.solve(affine[:3, :3], (patient - affine[:3, 3]).reshape(-1, 3).T)
    values = ndimage.map_coordinates(np.asarray(counts, float), index, order=1)
    return values.reshape(patient.shape[:-1])


@dataclass(frozen=True)
class Rings:
    """How the walls lie about a pose that should be the heart's."""

    tilt_deg: float
    off_mm: float
    open_end: float
    """Counts near the axis at the valve, as a part of those at the apex: low in a heart."""


def measured_rings(counts: np.ndarray, affine: np.ndarray, pose: RigidPose) -> Rings:
    """Ring centres in seven short-axis slices about the middle, and the line through them."""
    heights = np.arange(-18, 13, 5.0)
    turns = np.deg2rad(np.arange(0, 360, 10.0))
    radii = np.arange(12, 42, 0.5)
    centers = []
    for height in heights:
        points = np.empty((len(turns), len(radii), 3))
        points[..., 0] = np.cos(turns)[:, None] * radii
        points[..., 1] = np.sin(turns)[:, None] * radii
        points[..., 2] = height
        wall = np.maximum(sampled(counts, affine, pose, points), 0) ** 4
        mid_wall = (wall * radii).sum(1) / np.maximum(wall.sum(1), 1e-9)
        x, y = mid_wall * np.cos(turns), mid_wall * np.sin(turns)
        # Circle through the mid-wall: x^2 + y^2 = 2ax + 2by + c (Kasa 1976).
        system = np.column_stack([2 * x, 2 * y, np.ones_like(x)])
        centers.append(np.linalg.lstsq(system, x**2 + y**2, rcond=None)[0][:2])
    slope, middle = np.polyfit(heights, np.array(centers), 1)
    half = np.array([sampled(counts, affine, pose, _disc(end)).mean() for end in (-42.0, 42.0)])
    return Rings(
        tilt_deg=float(np.degrees(np.arctan(np.hypot(*slope)))),
        off_mm=float(np.hypot(*middle)),
        open_end=float(half[1] / half[0]),
    )


def _disc(height_mm: float) -> np.ndarray:
    x, y = np.meshgrid(np.arange(-8, 9, 4.0), np.arange(-8, 9, 4.0))
    return np.stack([x, y, np.full_like(x, height_mm)], axis=-1)


def sector_counts(
    counts: np.ndarray,
    affine: np.ndarray,
    pose: RigidPose,
    angle_deg: float,
    radii_mm: tuple[float, float],
) -> float:
    """Mean counts of a mid-ventricular sector, 40 degrees wide; 0 lateral, 90 inferior."""
    turns = np.deg2rad(angle_deg + np.arange(-20, 21, 5.0))[:, None, None]
    radii = np.arange(*radii_mm, 1.0)[None, :, None]
    heights = np.arange(-10, 16, 5.0)[None, None, :]
    points = np.stack(
        np.broadcast_arrays(radii * np.cos(turns), radii * np.sin(turns), heights), axis=-1
    )
    return float(sampled(counts, affine, pose, points).mean())


def measured_apex_mm(counts: np.ndarray, affine: np.ndarray, pose: RigidPose) -> float:
    """Where counts rise fastest on the way in along the long axis: half of a blurred step."""
    heights = np.arange(-75, -25, 0.5)
    profile = np.array(
        [sampled(counts, affine, pose, _disc(height) * (0.5, 0.5, 1)).mean() for height in heights]
    )
    return float(heights[np.argmax(np.gradient(ndimage.gaussian_filter1d(profile, 3)))])


def measured_septum_deg(counts: np.ndarray, affine: np.ndarray, pose: RigidPose) -> float:
    """Direction of what glows beside the left ventricle: 180 is -x_c, septal."""
    turns = np.arange(0, 360, 10.0)
    beside = np.array([sector_counts(counts, affine, pose, turn, (42, 70)) for turn in turns])
    middle = (beside * np.exp(1j * np.deg2rad(turns))).sum()
    return float(np.degrees(np.angle(middle)) % 360)
