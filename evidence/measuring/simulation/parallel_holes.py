"""Are the parallel-hole exams what the literature says: ``python -m evidence run parallel_holes``.

Of normal hearts of the ``paper`` preset: the share of scatter in the projections, what attenuation
leaves of the inferior wall, noise beside the heart and the width of the wall; and of a point where
the heart is, what resolution the reconstruction has before the post-filter. Stored in
``parallel_holes.json``.
"""

from __future__ import annotations

import argparse

import numpy as np
import torch
from scipy import ndimage

from evidence.measuring.simulation.wall_profiles import (
    HEIGHTS_MM,
    RADII_MM,
    wall_fwhm_mm,
    wall_profiles,
)
from evidence.recording.record import store_result
from shortaxis.camera.collimator import LEHR_140_KEV
from shortaxis.camera.detector_angles import RAO_DEG
from shortaxis.camera.orbits import Orbit, body_contour_radii_mm
from shortaxis.camera.osem import reconstruct_osem
from shortaxis.camera.projector import SpectProjector
from shortaxis.camera.transaxial_grid import TransaxialGrid
from shortaxis.geometry.arrays import FloatArray
from shortaxis.phantom.drawing import draw_phantom
from shortaxis.simulation.acquisition import FieldOfView
from shortaxis.simulation.parallel_camera import SCATTER
from shortaxis.simulation.presets import sample_scenario
from shortaxis.simulation.scenario import ExamScenario
from shortaxis.simulation.simulating import simulate

FIRST_SEED = 9_420_000
PIXEL_MM = 6.4
ANTERIOR, INFERIOR = slice(24, 31), slice(6, 13)
"""Of the 36 angles of a profile, 70 degrees around each: 0 is lateral, 9 inferior, 27 anterior."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=40)
    arguments = parser.parse_args()
    rows: list[dict[str, float]] = []
    seed = FIRST_SEED
    while len(rows) < arguments.count:
        scenario = sample_scenario("paper", seed, version=1)
        seed += 2
        heart = scenario.phantom.heart
        if not heart.defects and heart.left_ventricle.aneurysm is None:
            rows.append(measures(scenario))
    table = {
        name: np.nanpercentile([row[name] for row in rows], [5, 50, 95]).round(3).tolist()
        for name in rows[0]
    }
    for name, row in table.items():
        print(f"{name:36s}", row)
    store_result("parallel_holes", {"count": arguments.count, "measures": table}, FIRST_SEED)


def measures(scenario: ExamScenario) -> dict[str, float]:
    """Numbers of one exam without defects."""
    exam = simulate(scenario)
    profiles = wall_profiles(exam.volume, exam.pose)
    peaks = np.median(profiles.max(axis=-1)[HEIGHTS_MM >= -6], axis=0)
    level = float(np.percentile(profiles.max(axis=-1), 90))
    body, activity, attenuation = _body(scenario)
    ratio = float(peaks[INFERIOR].mean() / peaks[ANTERIOR].mean())
    sex, other = ("women", "men") if scenario.phantom.torso.breasts.radius_mm else ("men", "women")
    return {
        "wall FWHM (mm)": wall_fwhm_mm(profiles),
        "cavity / wall": float(np.median(profiles[..., RADII_MM <= 6])) / level,
        f"inferior / anterior wall, {sex}": ratio,
        f"inferior / anterior wall, {other}": float("nan"),
        "scatter / unscattered counts": scatter_part(scenario, body, activity, attenuation),
        "resolution at the heart (mm)": resolution_mm(scenario, body, attenuation),
    }


def _body(scenario: ExamScenario) -> tuple[TransaxialGrid, torch.Tensor, torch.Tensor]:
    body = TransaxialGrid(36, 72, PIXEL_MM, PIXEL_MM)
    x, y, _ = scenario.phantom.body_center_mm
    center = (x, y, float(scenario.phantom.pose.center_mm[2]))
    maps = draw_phantom(
        scenario.phantom, FieldOfView(36, 72, PIXEL_MM, PIXEL_MM, center).grid, supersampling=1
    )
    return body, maps.activity, maps.attenuation_per_cm


def _orbit(scenario: ExamScenario, body: TransaxialGrid, attenuation: torch.Tensor) -> Orbit:
    acquisition = scenario.acquisition
    views = acquisition.angular_views
    orbit = Orbit(RAO_DEG, acquisition.scan_arc_deg, (100.0,) * views, "CW")
    radii = body_contour_radii_mm(attenuation, body, orbit.angles_deg, acquisition.clearance_mm)
    return orbit.with_radii((max(radii),) * views)


def scatter_part(
    scenario: ExamScenario,
    body: TransaxialGrid,
    activity: torch.Tensor,
    attenuation: torch.Tensor,
) -> float:
    """Scattered over unscattered counts of all views: 0.3 to 0.4 in a window of 20 %."""
    orbit = _orbit(scenario, body, attenuation)
    projector = SpectProjector(body, orbit, attenuation, LEHR_140_KEV, SCATTER[True])
    counted = projector.apply(activity).sum()
    return float(counted / projector.without_scatter().apply(activity).sum() - 1)


def resolution_mm(scenario: ExamScenario, body: TransaxialGrid, attenuation: torch.Tensor) -> float:
    """Transaxial FWHM of a point at the heart by OSEM 3 x 10: 10 to 15 mm."""
    orbit = _orbit(scenario, body, attenuation)
    offset = scenario.phantom.pose.center_mm - np.array(scenario.phantom.body_center_mm)
    column, row = (round(each / PIXEL_MM + (body.pixels - 1) / 2) for each in offset[:2])
    activity = torch.full(body.shape, 0.02) * (attenuation > 0.02)
    without = _reconstructed(activity, body, orbit, attenuation)
    activity[body.slices // 2, row, column] += 1.0
    point = _reconstructed(activity, body, orbit, attenuation) - without
    near = point[body.slices // 2, row - 5 : row + 6, column - 5 : column + 6].numpy()
    return _fwhm_mm(near.astype(np.float64))


def _reconstructed(
    activity: torch.Tensor, body: TransaxialGrid, orbit: Orbit, attenuation: torch.Tensor
) -> torch.Tensor:
    counts = SpectProjector(body, orbit, attenuation, LEHR_140_KEV).apply(activity)
    return reconstruct_osem(counts, SpectProjector(body, orbit), 3, 10)


def _fwhm_mm(plane: FloatArray) -> float:
    """Full width of the disc as large as what lies above half of the peak."""
    fine = ndimage.zoom(plane, 8, order=3)
    area_mm2 = (
        float((fine > fine.max() / 2).sum()) * (PIXEL_MM * plane.shape[0] / fine.shape[0]) ** 2
    )
    return 2 * float(np.sqrt(area_mm2 / np.pi))


if __name__ == "__main__":
    main()
