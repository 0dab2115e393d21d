"""A parallel-hole camera around one patient: grids of body and detector, orbit, collimator."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from torch import Tensor

from shortaxis.camera.collimator import (
    LEGP_72_KEV,
    LEGP_140_KEV,
    LEHR_72_KEV,
    LEHR_140_KEV,
    Collimator,
)
from shortaxis.camera.detector_angles import RAO_DEG
from shortaxis.camera.orbits import Orbit, body_contour_radii_mm
from shortaxis.camera.scatter import ScatterModel
from shortaxis.camera.transaxial_grid import TransaxialGrid
from shortaxis.geometry.grids import Grid
from shortaxis.phantom.torso import half_width_with_arms_mm
from shortaxis.simulation.acquisition import Acquisition, FieldOfView
from shortaxis.simulation.scenario import ExamScenario

__all__ = ["ParallelCamera", "body_voxels", "camera_around", "cropped_to_detector", "grid_of"]

MIN_PIXEL_MM, MAX_PIXEL_MM = 5.2, 7.2
"""Pixels of detectors; a study stored with smaller ones was interpolated, and so it is here."""

UNZOOMED_MM, OFF_CENTER_MM = 370.0, 35.0
"""A stored field this wide, with its middle this near to the body's, is the detector's own."""

DETECTOR_MM = 410.0
MARGIN_SLICES = 3
"""Of the body beyond the stored slices: what the collimator blurs in from there."""

SCATTER = {True: ScatterModel(broad_to_narrow=0.65), False: ScatterModel(broad_to_narrow=0.58)}
"""By whether it is Tc-99m; the windows of Tl-201 let in more. The 0.78 of water leaves scatter
0.19 of all counts of an exam, because lungs are shallow; 0.65 makes it 0.28, which is 0.39 of the
unscattered ones (0.3 to 0.4 in a window of 20 %)."""

COLLIMATORS = {
    (True, False): LEHR_140_KEV,
    (True, True): LEGP_140_KEV,
    (False, False): LEHR_72_KEV,
    (False, True): LEGP_72_KEV,
}
"""By whether it is Tc-99m and whether the collimator is one for general purposes."""


@dataclass(frozen=True, eq=False)
class ParallelCamera:
    """The camera around one patient.

    Parameters
    ----------
    body, detector : TransaxialGrid
        What is projected, and what is reconstructed from what the detector holds.
    body_grid, detector_grid : Grid
        Where their voxels lie in the patient.
    orbit, collimator, scatter
        As the scenario has them.
    """

    body: TransaxialGrid
    detector: TransaxialGrid
    body_grid: Grid
    detector_grid: Grid
    orbit: Orbit
    collimator: Collimator
    scatter: ScatterModel


def camera_around(
    scenario: ExamScenario, body: TransaxialGrid, attenuation_per_cm: Tensor
) -> ParallelCamera:
    """The camera of a scenario, as near to the body as its orbit goes.

    `attenuation_per_cm`, ``(slice, row, column)`` on the voxels of `body`, says where the skin is.
    """
    acquisition, detector = scenario.acquisition, _detector_voxels(scenario)
    technetium = acquisition.energy_kev > 100
    return ParallelCamera(
        body=body,
        detector=detector,
        body_grid=grid_of(body, scenario),
        detector_grid=grid_of(detector, scenario),
        orbit=_orbit(acquisition, body, attenuation_per_cm),
        collimator=COLLIMATORS[technetium, acquisition.general_purpose],
        scatter=SCATTER[technetium],
    )


def body_voxels(scenario: ExamScenario) -> TransaxialGrid:
    """As wide as the body if that is wider than the detector, and some slices longer."""
    detector = _detector_voxels(scenario)
    across_mm = 2 * half_width_with_arms_mm(scenario.phantom.torso) + 20
    wider = max(0, int(np.ceil((across_mm / detector.pixel_mm - detector.pixels) / 2)))
    return replace(
        detector, pixels=detector.pixels + 2 * wider, slices=detector.slices + 2 * MARGIN_SLICES
    )


def grid_of(transaxial: TransaxialGrid, scenario: ExamScenario) -> Grid:
    """Where voxels around the axis of rotation, at the height of the field, lie in the patient."""
    x, y = _axis_mm(scenario)
    return FieldOfView(
        slices=transaxial.slices,
        matrix=transaxial.pixels,
        pixel_mm=transaxial.pixel_mm,
        slice_mm=transaxial.slice_mm,
        center_mm=(x, y, scenario.field_of_view.center_mm[2]),
    ).grid


def cropped_to_detector(volume: Tensor, camera: ParallelCamera) -> Tensor:
    """The part of a volume of the body that the detector reconstructs."""
    body, detector = camera.body, camera.detector
    edge = (body.pixels - detector.pixels) // 2
    ends = slice(edge, edge + detector.pixels)
    return volume[MARGIN_SLICES : MARGIN_SLICES + detector.slices, ends, ends].contiguous()


def _detector_voxels(scenario: ExamScenario) -> TransaxialGrid:
    field = scenario.field_of_view
    pixel_mm = _detector_pixel_mm(field)
    if _is_unzoomed(scenario):
        return TransaxialGrid(field.slices, field.matrix, pixel_mm, pixel_mm)
    slices = int(np.ceil(field.slices * field.slice_mm / pixel_mm)) + 1
    pixels = 2 * int(np.ceil(DETECTOR_MM / pixel_mm / 2))
    return TransaxialGrid(slices, pixels, pixel_mm, pixel_mm)


def _orbit(acquisition: Acquisition, body: TransaxialGrid, attenuation_per_cm: Tensor) -> Orbit:
    views = acquisition.angular_views
    orbit = Orbit(RAO_DEG, acquisition.scan_arc_deg, (100.0,) * views, "CW")
    radii = body_contour_radii_mm(
        attenuation_per_cm, body, orbit.angles_deg, acquisition.clearance_mm
    )
    if not acquisition.follows_body:
        radii = (max(radii),) * views
    return orbit.with_radii(radii)


def _detector_pixel_mm(field: FieldOfView) -> float:
    return float(np.clip(field.pixel_mm, MIN_PIXEL_MM, MAX_PIXEL_MM))


def _is_unzoomed(scenario: ExamScenario) -> bool:
    """Whether the stored field is the detector's own, around the axis of rotation."""
    field = scenario.field_of_view
    off_mm = np.subtract(field.center_mm, scenario.phantom.body_center_mm)[:2]
    return bool(
        np.hypot(*off_mm) <= OFF_CENTER_MM
        and field.matrix * field.pixel_mm >= UNZOOMED_MM
        and _detector_pixel_mm(field) == field.pixel_mm
        and field.slice_mm == field.pixel_mm
    )


def _axis_mm(scenario: ExamScenario) -> tuple[float, float]:
    """Where the axis of rotation runs: the middle of an unzoomed field, else of the body."""
    field = scenario.field_of_view
    x, y, _ = field.center_mm if _is_unzoomed(scenario) else scenario.phantom.body_center_mm
    return x, y
