"""The hardest settings of the camera that the preset ``wide`` can draw, each and all at once.

Heart, torso, tracer and motion of the patient stay as they are: only what the camera does
changes. Every number is an end of a range in `shortaxis.simulation.protocols.vary_protocol`,
`shortaxis.simulation.presets` or `shortaxis.simulation.pinhole_effects`; a test compares them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from shortaxis.simulation.acquisition import PostFilter, Technique
from shortaxis.simulation.pinhole_effects import PinholeEffects
from shortaxis.simulation.scenario import ExamScenario

__all__ = ["SETTINGS", "HardSetting", "to_hardest"]

MIN_COUNTS = {"PARALLEL_HOLES": 20.0, "MULTI_PINHOLE": 35.0, "PET": 35.0}
WIDEST_CLEARANCE_MM = 60.0
MIN_VIEWS = 30
MIN_SUBSETS = 4

HEAVIEST = PostFilter("hanning", cutoff_per_cm=0.55)
"""Down to a half at 0.275 cycles/cm: Butterworth filters of `wide` at 0.3, Gaussians at 0.34."""

LIGHTEST = PostFilter("gaussian", fwhm_mm=4.0)
HEAVIEST_IMAGE, LIGHTEST_IMAGE = (PostFilter("gaussian", fwhm_mm=width) for width in (16.0, 5.0))

MAX_VOXEL_MM, MIN_DEPTH_MM = 7.0, 130.0
MIN_MATRIX = 48
"""The smallest of `wide`; with the largest voxels 336 mm."""

FARTHEST_MM = (70.0, 70.0, 5.0)
"""Heart to the middle of the field, x, y and z: the farthest in fields of this size that are not
meant to cut the heart."""

STRONGEST = PinholeEffects(
    rim_strength=15.0, rim_spread=0.8, rim_steepness=1.0,
    unevenness=0.13, attenuation_part=0.85, scatter_part=0.14,
)  # fmt: skip


@dataclass(frozen=True)
class HardSetting:
    """One setting at its hardest.

    Parameters
    ----------
    name, hardest, drawn : str
        What it is, its hardest value, and the range of ``wide``, for people.
    change : callable
        Returns the scenario with this setting, or as it is where the camera has none.
    """

    name: str
    hardest: str
    drawn: str
    change: Callable[[ExamScenario], ExamScenario]


def to_hardest(scenario: ExamScenario) -> ExamScenario:
    """The same patient, with every setting at its hardest."""
    for setting in SETTINGS:
        scenario = setting.change(scenario)
    return scenario


def _is_parallel(scenario: ExamScenario) -> bool:
    return scenario.acquisition.technique == Technique.PARALLEL_HOLES.name


def _is_pinhole(scenario: ExamScenario) -> bool:
    return scenario.acquisition.technique == Technique.MULTI_PINHOLE.name


def _with_fewest_counts(scenario: ExamScenario) -> ExamScenario:
    counts = MIN_COUNTS[scenario.acquisition.technique]
    return replace(scenario, acquisition=replace(scenario.acquisition, counts=counts))


def _from_farthest(scenario: ExamScenario) -> ExamScenario:
    if not _is_parallel(scenario):
        return scenario
    acquisition = replace(
        scenario.acquisition,
        clearance_mm=WIDEST_CLEARANCE_MM,
        follows_body=False,
        general_purpose=True,
    )
    return replace(scenario, acquisition=acquisition)


def _with_fewest_views(scenario: ExamScenario) -> ExamScenario:
    if not _is_parallel(scenario):
        return scenario
    acquisition = replace(scenario.acquisition, angular_views=MIN_VIEWS, scan_arc_deg=180.0)
    return replace(scenario, acquisition=acquisition)


def _barely_reconstructed(scenario: ExamScenario) -> ExamScenario:
    """Nothing corrected; one iteration for patients of even number, else back projection."""
    if not _is_parallel(scenario):
        return scenario
    reconstruction = replace(
        scenario.reconstruction,
        method="fbp" if scenario.patient % 2 else "osem",
        iterations=1,
        subsets=MIN_SUBSETS,
        attenuation_corrected=False,
        scatter_corrected=False,
        resolution_modelled=False,
    )
    return replace(scenario, reconstruction=reconstruction)


def _at_the_end_of_filters(scenario: ExamScenario) -> ExamScenario:
    """The heaviest filter for two patients, the lightest for the next two."""
    heavy = scenario.patient % 4 < 2
    if scenario.reconstruction.method == "image":
        post_filter = HEAVIEST_IMAGE if heavy else LIGHTEST_IMAGE
    else:
        post_filter = HEAVIEST if heavy else LIGHTEST
    return replace(
        scenario, reconstruction=replace(scenario.reconstruction, post_filter=post_filter)
    )


def _in_largest_voxels(scenario: ExamScenario) -> ExamScenario:
    """Large voxels in a short field, which the heart is as far from the middle of as before."""
    if _is_pinhole(scenario):
        return scenario
    heart = scenario.phantom.pose.center_mm
    off = np.clip(
        np.array(scenario.field_of_view.center_mm) - heart, np.negative(FARTHEST_MM), FARTHEST_MM
    )
    x, y, z = (heart + off).tolist()
    field = replace(
        scenario.field_of_view,
        slices=int(MIN_DEPTH_MM / MAX_VOXEL_MM),
        matrix=MIN_MATRIX,
        pixel_mm=MAX_VOXEL_MM,
        slice_mm=MAX_VOXEL_MM,
        center_mm=(x, y, z),
    )
    return replace(scenario, field_of_view=field)


def _with_strongest_effects(scenario: ExamScenario) -> ExamScenario:
    if not _is_pinhole(scenario):
        return scenario
    return replace(scenario, acquisition=replace(scenario.acquisition, pinhole=STRONGEST))


SETTINGS = (
    HardSetting(
        "counts",
        "20 in the hottest bin (parallel holes), 35 over the variance of a voxel (others)",
        "20 or 35 to 900",
        _with_fewest_counts,
    ),
    HardSetting(
        "distance",
        "60 mm from the body, on a circle, general-purpose collimator",
        "8 to 60 mm, circle or contour, either collimator",
        _from_farthest,
    ),
    HardSetting("views", "30 over 180°", "30 to 64, over 180° or 360°", _with_fewest_views),
    HardSetting(
        "reconstruction",
        "OSEM with one iteration of four subsets, for every second patient filtered back "
        "projection; no corrections",
        "1 to 5 iterations of 4 to 10 subsets, or filtered back projection; with or without "
        "corrections",
        _barely_reconstructed,
    ),
    HardSetting(
        "filter",
        "Hanning 0.55 per cm or Gaussian 4 mm, two patients each in turn; 16 mm or 5 mm where "
        "the camera is simulated in the image",
        "Butterworth 0.3 to 0.7 per cm, Hanning 0.55 to 1.2 per cm, Gaussian 4 to 13 mm; 5 to "
        "16 mm in the image",
        _at_the_end_of_filters,
    ),
    HardSetting(
        "voxels and field",
        "18 slices of 48 × 48 voxels of 7 mm (not for pinholes, whose field is fixed)",
        "3 to 7 mm, 48 to 128 voxels across, 130 to 260 mm deep",
        _in_largest_voxels,
    ),
    HardSetting(
        "pinhole effects",
        "rim, plaques, attenuation and haze at their strongest",
        "see `shortaxis.simulation.pinhole_effects`",
        _with_strongest_effects,
    ),
)
