"""Do simulated exams look like real ones, in numbers: ``python -m evidence run realism``.

Everything is measured in the same way on both: the pose by the ellipsoid, then profiles of the
counts. Simulated are multi-pinhole exams of the ``clinical`` preset, as the real studies are of a
Discovery NM 530c; other cameras are measured for comparison where no real study is at hand. Stored
in ``realism.json``.
"""

from __future__ import annotations

import argparse
from itertools import pairwise

import numpy as np
from scipy import ndimage

from evidence.measuring.real_studies.study_files import find_studies
from evidence.measuring.simulation.wall_profiles import (
    RADII_MM,
    sample_counts,
    wall_fwhm_mm,
    wall_profiles,
)
from evidence.recording.options import add_real_data
from evidence.recording.record import store_result
from shortaxis.errors import HeartNotFoundError
from shortaxis.geometry.affines import apply_affine
from shortaxis.geometry.pose import RigidPose
from shortaxis.reorientation.ellipsoid import estimate_pose_by_ellipsoid
from shortaxis.reorientation.estimate import LeftVentricleExtent
from shortaxis.simulation.presets import sample_scenario
from shortaxis.simulation.scenario import LATEST_VERSION
from shortaxis.simulation.simulating import simulate
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.drawing.display_scale import TYPICAL_EXTENT
from shortaxis.workflow.studies.finding import find_studies as find_studies_in

FIRST_SEED = 9_000_000
"""Outside every range that anything is trained, chosen or tested on."""

BANDS_MM = (5.0, 10.0, 20.0, 40.0)
"""Blurs, full width at half maximum, between which waves are measured."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_real_data(parser)
    parser.add_argument("--count", type=int, default=120)
    parser.add_argument("--preset-version", type=int, default=LATEST_VERSION)
    arguments = parser.parse_args()
    real = [
        measures(find_studies_in(path).studies[0].load().study.volume)
        for path, _ in find_studies(arguments.data)
    ]
    groups: dict[str, list[dict[str, float]]] = {}
    seed = FIRST_SEED
    while len(groups.get("MULTI_PINHOLE", [])) < arguments.count:
        scenario = sample_scenario("clinical", seed, version=arguments.preset_version)
        seed += 1
        technique = scenario.acquisition.technique
        if technique != "MULTI_PINHOLE" and len(groups.get(technique, [])) >= arguments.count // 2:
            continue
        found = measures(simulate(scenario).volume)
        if found:
            groups.setdefault(technique, []).append(found)
    table = compare([one for one in real if one], groups)
    for name, row in table.items():
        print(f"{name:32s}", row)
    measured = {
        "count": arguments.count,
        "preset_version": arguments.preset_version,
        "measures": table,
    }
    store_result("realism", measured, FIRST_SEED)


def measures(volume: SpectVolume) -> dict[str, float]:
    """What can be told of any study; empty where no heart was found."""
    try:
        estimate = estimate_pose_by_ellipsoid(volume)
    except HeartNotFoundError:
        return {}
    pose, extent = estimate.pose, estimate.extent or TYPICAL_EXTENT
    profiles = wall_profiles(volume, pose)
    peaks = profiles.max(axis=-1)
    level = float(np.percentile(peaks, 90))
    cavity = float(np.median(profiles[..., RADII_MM <= 6]))
    return {
        "wall FWHM (mm)": wall_fwhm_mm(profiles),
        "cavity / wall": cavity / level,
        "lung / wall": (lung := _lung(volume, pose, extent) / level),
        "back of the chest / lung": _behind(volume, pose) / level / lung,
        "right ventricle / wall": _right_ventricle(volume, pose, extent) / level,
        "liver side / wall": _percentile_in(volume, pose, (-1.0, 0.3, -1.0), 95) / level,
        **_waves(volume, pose, extent, level),
        "spread of wall peaks": float(np.std(peaks) / np.mean(peaks)),
        "rim (95th percentile) / wall": _rim(volume) / level,
        "LV length (mm)": extent.length_mm,
        "mid-wall radius (mm)": extent.radius_mm,
        "mid-wall volume (ml)": _volume_ml(extent),
    }


def compare(
    real: list[dict[str, float]], groups: dict[str, list[dict[str, float]]]
) -> dict[str, dict[str, object]]:
    """Real values beside the 5th, 50th and 95th percentile of the simulated ones."""
    table: dict[str, dict[str, object]] = {}
    for name in groups["MULTI_PINHOLE"][0]:
        values = [one[name] for one in real]
        row: dict[str, object] = {"real": [round(value, 3) for value in values]}
        for group, rows in groups.items():
            simulated = [one[name] for one in rows if np.isfinite(one[name])]
            row[group] = np.percentile(simulated, [5, 50, 95]).round(3).tolist()
        low, _, high = np.nanpercentile([one[name] for one in groups["MULTI_PINHOLE"]], [5, 50, 95])
        row["inside"] = int(sum(low <= value <= high for value in values))
        table[name] = row
    return table


def _lung(volume: SpectVolume, pose: RigidPose, extent: LeftVentricleExtent) -> float:
    """Median counts beyond the lateral wall, 25 to 45 mm outside it."""
    x = extent.radius_mm + 6 + np.arange(20, 41, 4.0)
    z = np.arange(-10, 31, 5.0)
    y = np.arange(-20, 21, 10.0)
    points = np.stack(np.meshgrid(x, y, z, indexing="ij"), axis=-1)
    values = sample_counts(volume, pose.to_patient(points))
    seen = values[np.isfinite(values) & (values > 0)]
    return float(np.median(seen)) if seen.size else float("nan")


def _percentile_in(
    volume: SpectVolume, pose: RigidPose, toward: tuple[float, float, float], percent: float
) -> float:
    """Percentile of the counts 50 to 90 mm from the heart in a patient direction (LPS)."""
    direction = np.array(toward) / np.linalg.norm(toward)
    steps = np.arange(50, 91, 5.0)
    side = np.arange(-20, 21, 10.0)
    across = np.linalg.svd(direction[None])[2][1:]
    grid = np.stack(np.meshgrid(steps, side, side, indexing="ij"), axis=-1)
    points = pose.center_mm + grid @ np.vstack([direction, across])
    values = sample_counts(volume, points)
    seen = values[np.isfinite(values) & (values > 0)]
    return float(np.percentile(seen, percent)) if seen.size else float("nan")


def _behind(volume: SpectVolume, pose: RigidPose) -> float:
    """Median counts 60 to 100 mm behind and to the right of the heart: aorta, spine, atria."""
    return _percentile_in(volume, pose, (-0.4, 1.0, 0.15), 50)


def _right_ventricle(volume: SpectVolume, pose: RigidPose, extent: LeftVentricleExtent) -> float:
    """Upper quartile of the counts where the right ventricle lies, beyond the septum."""
    angle = np.deg2rad(np.arange(110, 200, 10))
    radius = extent.radius_mm + np.arange(18, 39, 2.0)
    height, angle, radius = np.meshgrid(np.arange(-5, 26, 5.0), angle, radius, indexing="ij")
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle), height], axis=-1)
    values = sample_counts(volume, pose.to_patient(points))
    seen = values[np.isfinite(values) & (values > 0)]
    return float(np.percentile(seen, 75)) if seen.size else float("nan")


def _waves(
    volume: SpectVolume, pose: RigidPose, extent: LeftVentricleExtent, level: float
) -> dict[str, float]:
    """The spectrum of what lies around the heart, in three bands, in parts of the wall's level.

    A band is what is left between two blurs; its strength is a robust standard deviation. The
    finest is noise, the coarsest organs too.
    """
    spacing = volume.spacing_mm
    counts = volume.counts.astype(np.float64)
    blurs = [ndimage.gaussian_filter(counts, fwhm / 2.355 / spacing) for fwhm in BANDS_MM]
    index = np.moveaxis(np.indices(volume.shape), 0, -1)
    distance = np.linalg.norm(
        apply_affine(volume.patient_from_index, index) - pose.center_mm, axis=-1
    )
    inside = ndimage.binary_erosion(ndimage.binary_fill_holes(counts > 0.001 * level), iterations=3)
    near = (distance > extent.length_mm * 0.65) & (distance < 95) & inside
    names = [f"waves of {a:g}-{b:g} mm" for a, b in pairwise(BANDS_MM)]
    bands = [(fine - coarse)[near] for fine, coarse in pairwise(blurs)]
    strengths = [float(np.median(np.abs(band)) * 1.4826 / level) for band in bands]
    ratio = {"coarse / fine waves": strengths[-1] / strengths[0] if strengths[0] else float("nan")}
    return dict(zip(names, strengths, strict=True)) | ratio


def _rim(volume: SpectVolume) -> float:
    """Upper level of the outermost two voxels of the field of view."""
    inside = volume.counts > 0
    inside = ndimage.binary_fill_holes(inside)
    rim = inside & ~ndimage.binary_erosion(inside, iterations=2)
    return float(np.percentile(volume.counts[rim], 95))


def _volume_ml(extent: LeftVentricleExtent) -> float:
    """Volume inside the mid-wall surface, taken as two thirds of its cylinder."""
    return float(np.pi * extent.radius_mm**2 * extent.length_mm * 2 / 3 / 1000)


if __name__ == "__main__":
    main()
