"""Are drawn ventricles formed like real ones: ``python -m evidence run ventricle_forms``.

Masks of both ventricles of hearts of either version of ``clinical``, in diastasis, measured as CT
angiographies of 53 patients were. Stored in ``ventricle_forms.json``.
"""

from __future__ import annotations

import argparse

import numpy as np

from evidence.measuring.simulation.ventricle_masks import draw_masks, form_of
from evidence.recording.record import store_result
from shortaxis.geometry.euler import angles_from_rotation
from shortaxis.simulation.presets import sample_scenario

FIRST_SEED = 9_220_000
PERCENTILES = (5, 50, 95)

REAL: dict[str, tuple[float, ...]] = {
    "LV length (mm)": (70, 82, 98),
    "epicardial radius (mm)": (29, 33, 37),
    "widest height": (0.74,),
    "radius at 0.1": (0.49,),
    "radius at 0.25": (0.74,),
    "radius at 0.5": (0.94,),
    "radius at 0.95": (0.83,),
    "insertion, anterior (deg)": (70,),
    "insertion, inferior (deg)": (-70,),
    "septal arc (deg)": (118, 139, 160),
    "septal arc, apical (deg)": (66, 119, 148),
    "septal arc, basal (deg)": (52, 125, 144),
    "middle of the septum, apical (deg)": (-40, -21, -3),
    "middle of the septum, basal (deg)": (-32, 2, 29),
    "RV centroid, apical (deg)": (-18,),
    "RV centroid, mid (deg)": (1,),
    "RV centroid, basal (deg)": (10,),
    "farthest RV point, apical (deg)": (-13,),
    "farthest RV point, mid (deg)": (-12,),
    "farthest RV point, basal (deg)": (-7,),
    "RV depth at -0.75 (mm)": (13,),
    "RV depth at -0.5 (mm)": (29,),
    "RV depth at -0.25 (mm)": (36,),
    "RV depth at +0 (mm)": (35,),
    "RV depth at +0.25 (mm)": (30,),
    "RV depth at +0.5 (mm)": (26,),
    "RV depth at +0.75 (mm)": (18,),
    "RV volume (ml)": (119,),
    "RV from": (0.11,),
    "RV to": (0.99,),
    "RV top, anterior": (0.99,),
    "RV top, inferior": (0.89,),
    "tilt of the base (deg)": (11, 17, 26),
    "longest wall (deg)": (-28, 12, 51),
    "septum shorter by (mm)": (8, 12.8, 20),
    "centre of the gap (deg)": (-9, 21, 33),
    "azimuth (deg)": (20, 35.5, 51),
    "elevation (deg)": (5, 21.1, 37),
    "roll (deg)": (-19, 0.7, 16),
}
"""Median, or 5th, 50th and 95th percentile, of 53 CT angiographies of
MIILab-MTU/SPECTMPIAndCTAFusion; of azimuth and elevation mean -+ 1.645 standard deviations."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100)
    count = parser.parse_args().count
    found = {str(version): measured(version, count) for version in (1, 2)}
    rows = {
        name: {"real": real, **{version: rows[name] for version, rows in found.items()}}
        for name, real in REAL.items()
    }
    for name, row in rows.items():
        print(f"{name:36s}", *row.values())
    store_result("ventricle_forms", {"count": count, "measures": rows}, FIRST_SEED)


def measured(version: int, count: int) -> dict[str, list[float]]:
    """Percentiles of every measure over hearts of one version."""
    forms = [one_form(FIRST_SEED + 2 * number, version) for number in range(count)]
    return {
        name: np.nanpercentile([each[name] for each in forms], PERCENTILES).round(3).tolist()
        for name in forms[0]
    }


def one_form(seed: int, version: int) -> dict[str, float]:
    """Measures of one drawn heart, and how it lies."""
    phantom = sample_scenario("clinical", seed, version=version).phantom
    alpha, beta, theta = angles_from_rotation(phantom.pose.patient_from_cardiac)
    lies = {"azimuth (deg)": theta, "elevation (deg)": alpha, "roll (deg)": beta}
    return {**form_of(draw_masks(phantom.heart)), **lies}


if __name__ == "__main__":
    main()
