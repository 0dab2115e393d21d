"""What is known of patients, as tables: one row a parameter, one column a spread.

`CLINICAL` is a hospital's mix; `WIDE` goes beyond it on every side, for training. Sources stand
beside the rows. Heights and angles follow `shortaxis.phantom`; lengths are in mm.
"""

from __future__ import annotations

from collections.abc import Mapping

from shortaxis.simulation.draws import LogUniform, Normal, Table, Uniform

__all__ = [
    "ABDOMEN_UPTAKE",
    "CLINICAL",
    "CLINICAL_POSE",
    "LEFT_VENTRICLE",
    "MOTION",
    "POSE",
    "REGIONAL_UPTAKE",
    "RIGHT_VENTRICLE",
    "TORSO",
    "WIDE",
]

CLINICAL, WIDE = 0, 1
"""Columns of the tables."""

CLINICAL_POSE: Mapping[str, Normal] = {
    # Sources count azimuth from the patient's left, theta counts from straight ahead: 44 +- 7 (MRI,
    # Engblom 2005), 38 +- 11 (XCAT), 27 +- 9 (CTA masks); their middle.
    "theta": Normal(36, 11, 0, 70),
    # Elevation 28 (MRI), 23 +- 10 (XCAT), 15 +- 12 (CTA masks).
    "alpha": Normal(22, 12, -12, 58),
    # No data on roll; the septum faces right and front, +-12 degrees from conventional.
    "beta": Normal(0, 12, -30, 30),
}
"""Angles of `shortaxis.geometry.euler` as hospitals see them, degrees."""

POSE: Table = {
    "theta": (CLINICAL_POSE["theta"], Uniform(-10, 70)),
    "alpha": (CLINICAL_POSE["alpha"], Uniform(-20, 60)),
    "beta": (CLINICAL_POSE["beta"], Uniform(-30, 30)),
    # Centre to the left of the body's middle: 56 +- 11 mm, 35 to 80 (XCAT).
    "left_mm": (Normal(54, 10, 32, 78), Uniform(25, 85)),
    # From the epicardial apex to the inner side of the chest wall.
    "apex_to_chest_wall_mm": (Normal(10, 6, 2, 32), Uniform(1, 45)),
}

LEFT_VENTRICLE: Table = {
    # 83 +- 9 mm (XCAT systole), 92 +- 9 (CTA masks, diastole); the cycle's average.
    "length_mm": (Normal(88, 9, 64, 118), Uniform(56, 124)),
    # Mid-wall 27 +- 5 mm; half a wall more at the epicardium.
    "radius_to_length": (Normal(0.36, 0.035, 0.28, 0.46), Uniform(0.26, 0.48)),
    "wall_mm": (Normal(10, 1.3, 7, 16), Uniform(6, 17)),
    "apex_wall_fraction": (Normal(0.72, 0.12, 0.4, 1.0), Uniform(0.35, 1.1)),
    "base_wall_fraction": (Normal(0.85, 0.08, 0.6, 1), Uniform(0.55, 1)),
    "septal_excess_mm": (Normal(0.3, 0.8, -2, 5), Uniform(-3, 8)),
    "widest_height": (Normal(0.66, 0.05, 0.52, 0.8), Uniform(0.5, 0.83)),
    "apex_bluntness": (Normal(2.1, 0.15, 1.75, 2.6), Uniform(1.65, 2.9)),
    "base_narrowing": (Normal(0.1, 0.05, 0, 0.25), Uniform(0, 0.32)),
    "valve_tilt_deg": (Normal(9, 4, 0, 20), Uniform(0, 24)),
    "valve_tilt_direction_deg": (Normal(0, 25, -90, 90), Uniform(-120, 120)),
    "membranous_septum_mm": (Normal(13, 4, 3, 25), Uniform(0, 29)),
    "bend_mm": (Uniform(0, 3), Uniform(0, 7)),
    "bend_direction_deg": (Uniform(-180, 180), Uniform(-180, 180)),
    "ellipticity": (Uniform(0, 0.06), Uniform(0, 0.13)),
    "ellipticity_angle_deg": (Uniform(-180, 180), Uniform(-180, 180)),
    "triangularity": (Uniform(0, 0.02), Uniform(0, 0.05)),
    "triangularity_angle_deg": (Uniform(-180, 180), Uniform(-180, 180)),
    "papillary_radius_mm": (Uniform(2, 5), Uniform(0, 8)),
}

REGIONAL_UPTAKE: Table = {
    "lateral": (Normal(0.02, 0.06, -0.17, 0.2), Uniform(-0.28, 0.28)),
    "inferior": (Normal(0.0, 0.06, -0.17, 0.17), Uniform(-0.25, 0.25)),
    "apical": (Normal(0.0, 0.07, -0.2, 0.2), Uniform(-0.28, 0.28)),
    "twofold": (Normal(0, 0.03, -0.08, 0.08), Uniform(-0.14, 0.14)),
    "twofold_oblique": (Normal(0, 0.03, -0.08, 0.08), Uniform(-0.14, 0.14)),
}

RIGHT_VENTRICLE: Table = {
    "insertion_angle_deg": (Normal(58, 6, 42, 74), Uniform(38, 78)),
    "apex_height": (Normal(0.22, 0.06, 0.1, 0.4), Uniform(0.1, 0.5)),
    "width_mm": (Normal(30, 6, 16, 50), Uniform(10, 60)),
    "wall_mm": (Normal(3.6, 0.7, 2.2, 7), Uniform(2, 9)),
    # Images show 0.2-0.5 of the LV, of which a wall far thinner than the resolution has lost more
    # than half.
    "uptake": (Normal(0.52, 0.15, 0.12, 1.0), Uniform(0.02, 1.2)),
}

MOTION: Table = {
    # Normal .61 +- .07; a part of patients far lower.
    "ejection_fraction": (Normal(0.58, 0.11, 0.2, 0.8), Uniform(0.1, 0.82)),
    "base_excursion_mm": (Normal(11, 2.5, 3, 16), Uniform(1, 18)),
    "apex_excursion_mm": (Uniform(0, 3), Uniform(0, 5)),
    # Over 10 mm in a third of 1,103 patients, 1.1-37 mm in all (Pretorius 2017).
    "superior_inferior_mm": (LogUniform(2.2, 24), LogUniform(1, 37)),
    "anterior_posterior_mm": (Uniform(0, 4), Uniform(0, 10)),
}

TORSO: Table = {
    "half_width_mm": (Normal(172, 18, 130, 225), Uniform(120, 240)),
    "half_depth_mm": (Normal(118, 13, 92, 165), Uniform(88, 185)),
    "squareness": (Normal(2.4, 0.2, 2, 3), Uniform(1.9, 3.6)),
    "taper_per_m": (Normal(0.15, 0.2, -0.4, 0.7), Uniform(-0.8, 0.9)),
    "fat_share_of_depth": (Normal(0.1, 0.045, 0.01, 0.26), Uniform(0, 0.3)),
    # In four 530c studies the mediastinum behind the heart has twice the counts of the left lung,
    # though more attenuated: muscle, blood and marrow take up more than lung does.
    "body_uptake": (Normal(0.125, 0.04, 0.04, 0.25), LogUniform(0.03, 0.3)),
    "fat_uptake_share": (Uniform(0.2, 0.7), Uniform(0.1, 1)),
    "blood_uptake": (Normal(0.095, 0.035, 0.03, 0.22), LogUniform(0.02, 0.35)),
    "lung_uptake": (Normal(0.065, 0.025, 0.02, 0.14), LogUniform(0.02, 0.25)),
    "lung_half_width_mm": (Normal(64, 6, 48, 82), Uniform(44, 88)),
    "lung_half_depth_mm": (Normal(98, 9, 75, 130), Uniform(65, 145)),
    "diaphragm_rise_mm": (Normal(12, 9, -12, 36), Uniform(-22, 46)),
    "diaphragm_settling_mm": (Normal(3, 5, -15, 13), Uniform(-24, 14)),
    "diaphragm_curvature_mm": (Normal(45, 10, 22, 75), Uniform(18, 88)),
    "pericardial_fat_mm": (Normal(3, 2, 0, 10), Uniform(0, 14)),
    "liver_scale": (Normal(1, 0.1, 0.78, 1.3), Uniform(0.72, 1.45)),
    "liver_left_reach_mm": (Normal(48, 24, 5, 115), Uniform(0, 128)),
    "liver_left_thickness_mm": (Normal(48, 12, 24, 80), Uniform(22, 88)),
    "stomach_scale": (Normal(1, 0.18, 0.6, 1.5), Uniform(0.52, 1.58)),
    "bone_uptake": (Normal(0.17, 0.06, 0.03, 0.35), LogUniform(0.02, 0.6)),
    "rib_spacing_mm": (Uniform(24, 31), Uniform(21, 39)),
}

ABDOMEN_UPTAKE: Mapping[str, Table] = {
    # Exercise draws blood away from the liver; drugs and rest do not (Tc-99m agents).
    "stress": {
        "liver": (LogUniform(0.25, 1.0), LogUniform(0.1, 2.5)),
        "gall_bladder": (LogUniform(0.2, 2.0), LogUniform(0.05, 5)),
        "bowel": (LogUniform(0.08, 0.8), LogUniform(0.05, 5)),
        "stomach_wall": (LogUniform(0.08, 0.5), LogUniform(0.05, 2.5)),
        # Air and food: three of four 530c studies have a hole there, black to the last count.
        "stomach_content": (LogUniform(0.003, 0.15), LogUniform(0.003, 2)),
        "spleen": (Uniform(0.3, 0.9), Uniform(0.1, 2)),
        "kidney": (Uniform(0.4, 1.0), Uniform(0.1, 2)),
    },
    "rest": {
        "liver": (LogUniform(0.35, 1.5), LogUniform(0.1, 2.5)),
        "gall_bladder": (LogUniform(0.4, 3.0), LogUniform(0.05, 5)),
        "bowel": (LogUniform(0.1, 1.6), LogUniform(0.05, 5)),
        "stomach_wall": (LogUniform(0.08, 0.6), LogUniform(0.05, 2.5)),
        "stomach_content": (LogUniform(0.003, 0.3), LogUniform(0.003, 2)),
        "spleen": (Uniform(0.4, 1.0), Uniform(0.1, 2)),
        "kidney": (Uniform(0.5, 1.1), Uniform(0.1, 2)),
    },
}
"""Liver 0.3-1.5, gut 0.3-3, spleen and kidneys 0.5-1 of the myocardium, sources in the docs."""
