"""Hearts as 53 CT and 48 SPECT studies show them, as tables like those of version 1.

The numbers are medians and 5-95 % ranges of masks of both ventricles in CT angiography, and of
surfaces in SPECT, of MIILab-MTU/SPECTMPIAndCTAFusion, measured with one code. Angles are about the
axis, from the middle of the septum at mid-height, positive towards the anterior insertion.
"""

from __future__ import annotations

from shortaxis.simulation import priors
from shortaxis.simulation.draws import Normal, Table, Uniform

__all__ = ["CRESCENT", "CRESCENT_FORM", "MEASURED_POSE", "MEASURED_VENTRICLE"]

MEASURED_POSE: Table = {
    **priors.POSE,
    # 35.5 +- 9.4 and 21.1 +- 9.7 in 53 CTs; wide as before.
    "theta": (Normal(35.5, 10, 0, 70), Uniform(-10, 70)),
    "alpha": (Normal(21, 11, -12, 58), Uniform(-20, 60)),
    # 0.7 +- 13.1 [-19, 16]. Wide is flat, so that nothing draws an answer towards zero.
    "beta": (Normal(0.7, 13, -35, 35), Uniform(-35, 35)),
}

MEASURED_VENTRICLE: Table = {
    **priors.LEFT_VENTRICLE,
    # 82 [70, 98] mm from apex to the base's centre; radius 33 [29, 37].
    "length_mm": (Normal(81, 9, 58, 114), Uniform(50, 122)),
    "radius_to_length": (Normal(0.39, 0.035, 0.3, 0.49), Uniform(0.28, 0.5)),
    # Widest at .74; radius at .1/.25/.5/.95 of the largest .49/.74/.94/.83.
    # The parameter comes out .03 higher, as the base narrows.
    "widest_height": (Normal(0.76, 0.04, 0.62, 0.84), Uniform(0.55, 0.85)),
    "apex_bluntness": (Normal(2.0, 0.12, 1.7, 2.5), Uniform(1.62, 2.8)),
    "base_narrowing": (Normal(0.24, 0.06, 0.05, 0.34), Uniform(0, 0.35)),
    # The longest wall is lateral and a little inferior: 17 [11, 26] degrees towards +12 [-28, 51].
    "valve_tilt_deg": (Normal(14, 5, 0, 24.9), Uniform(0, 25)),
    "valve_tilt_direction_deg": (Normal(12, 25, -90, 90), Uniform(-120, 120)),
    # The septum is shorter by 12.8 [8, 20] mm in all, of which the tilt makes a part; the gap lies
    # at +21 [-9, 33] degrees (17 hearts).
    "membranous_septum_mm": (Normal(6, 4, 0, 16), Uniform(0, 26)),
    "membranous_direction_deg": (Normal(20, 12, -10, 45), Uniform(-40, 60)),
}

CRESCENT: Table = {
    **priors.RIGHT_VENTRICLE,
    # Insertions at +-70 by a code that over-reads septal arcs by 7 degrees.
    "insertion_angle_deg": (Normal(65, 7, 46, 80), Uniform(40, 80)),
    "apex_height": (Normal(0.12, 0.05, 0.1, 0.25), Uniform(0.1, 0.4)),
    "width_mm": (Normal(31, 6, 16, 50), Uniform(10, 60)),
}

CRESCENT_FORM: Table = {
    "apical_twist_deg": (Normal(-20, 10, -42, 2), Uniform(-50, 20)),
    "basal_turn_deg": (Normal(9, 12, -10, 32), Uniform(-20, 40)),
    "half_fullness": (Normal(0.8, 0.1, 0.55, 0.98), Uniform(0.55, 1)),
    "three_quarter_fullness": (Normal(0.45, 0.1, 0.2, 0.7), Uniform(0.18, 0.75)),
    "skew": (Normal(0.12, 0.25, -0.5, 0.6), Uniform(-0.7, 0.7)),
    "anterior_top": (Normal(0.99, 0.12, 0.65, 1.2), Uniform(0.6, 1.2)),
    "inferior_top": (Normal(0.89, 0.07, 0.7, 1.1), Uniform(0.6, 1.2)),
}
