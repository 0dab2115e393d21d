"""Motion, thickening, time of contraction and defects of the truth, measured back from voxels.

Nothing that works out the truth is asked here: occupancy and activity are drawn, and what lies
along each ray of the hybrid grid is counted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pytest

pytest.importorskip("torch", reason="the simulation needs torch")

from torch import Tensor

from phantom_measures import NO_BLOOD, STILL, silent_torso
from rays_in_voxels import VOXEL_MM, around, length_within, sampled_along_rays
from shortaxis.anatomy.cardiac_views import CardiacView, view_grid
from shortaxis.anatomy.segments import SEGMENTS, Territory
from shortaxis.phantom.defects import segment_defects
from shortaxis.phantom.drawing import draw_cavity, draw_myocardium, draw_phantom
from shortaxis.phantom.heart import Heart, LeftVentricle, PerfusionDefect
from shortaxis.phantom.phantom import Phantom
from shortaxis.phantom.regional_contraction import ContractionPatch, RegionalContraction
from shortaxis.simulation.exam_truth import ExamTruth
from shortaxis.simulation.truth import lost_uptake, truth_of

SLOTS = 8
ROW = 10
"""Of the rays: through 2 mm apical of the centre."""
MIDDLE_ROWS = slice(9, 16)
"""Of the rays: from 7 mm apical of the centre to 23 mm basal of it, below the valve at any time."""


@dataclass(frozen=True, eq=False)
class Beat:
    """A heart, its truth, and the same (slot, row, angle) of the middle rows in its voxels."""

    phantom: Phantom
    truth: ExamTruth
    endocardium_mm: np.ndarray
    thickness_mm: np.ndarray


@cache
def beat() -> Beat:
    """A heart with a late lateral wall and an inferior one that bulges."""
    bulge = ContractionPatch(
        angle_deg=90, height=0.55, angular_extent_deg=150, longitudinal_extent=1.2, amplitude=-0.3
    )
    contraction = RegionalContraction(lateral_delay=0.15, patches=(bulge,))
    heart = Heart(LeftVentricle(papillary_radius_mm=0), contraction=contraction)
    phantom = Phantom(heart=heart)
    slab = view_grid(CardiacView.SHORT_AXIS, phantom.pose, (34, 46, 46), VOXEL_MM)

    def lengths(draw: Callable[..., Tensor]) -> np.ndarray:
        drawn = (
            draw(phantom, slab, time_slot=k, n_time_slots=SLOTS, supersampling=1)
            for k in range(SLOTS)
        )
        return np.stack([length_within(each.numpy())[MIDDLE_ROWS] for each in drawn])

    return Beat(phantom, truth_of(heart, SLOTS), lengths(draw_cavity), lengths(draw_myocardium))


def test_the_ejection_fraction_is_that_of_the_drawn_blood() -> None:
    truth, phantom = beat().truth, beat().phantom

    ends = (truth.cavity_ml.argmax(), truth.cavity_ml.argmin())
    largest, smallest = (
        float(
            draw_cavity(
                phantom, around(phantom), time_slot=int(k), n_time_slots=SLOTS, supersampling=1
            ).sum()
        )
        for k in ends
    )

    assert 1 - smallest / largest == pytest.approx(truth.ejection_fraction, abs=0.015)


def test_the_wall_moves_as_it_is_drawn() -> None:
    def inwards(radius_mm: np.ndarray) -> np.ndarray:
        return radius_mm[0] - radius_mm[3]

    known = inwards(beat().truth.endocardium_mm[:, MIDDLE_ROWS])

    assert known.min() < -1 < 4 < known.max()
    np.testing.assert_allclose(inwards(beat().endocardium_mm), known, atol=0.6)


def test_the_wall_thickens_as_it_is_drawn() -> None:
    def thickening(thickness_mm: np.ndarray) -> np.ndarray:
        return thickness_mm[3] / thickness_mm[0] - 1

    known = thickening(beat().truth.thickness_mm[:, MIDDLE_ROWS])

    assert known.min() < 0.05 < 0.3 < known.max()
    np.testing.assert_allclose(thickening(beat().thickness_mm), known, atol=0.08)


def test_each_place_contracts_when_the_truth_says() -> None:
    course = beat().endocardium_mm
    # Where little moves across the axis, what moves along it decides the course.
    moving = beat().truth.contraction_amplitude[MIDDLE_ROWS] > 0.9

    first = np.tensordot(np.exp(-2j * np.pi * np.arange(SLOTS) / SLOTS), course, axes=(0, 0))
    known = beat().truth.contraction_delay[MIDDLE_ROWS][moving]

    measured = -np.angle(first[moving]) / (2 * np.pi)
    off = np.exp(2j * np.pi * (measured - known))
    assert moving.sum() > 60
    assert np.ptp(known) > 0.12
    # When the whole heart contracts is no matter here: that of all places is the mean.
    assert np.abs(np.angle(off / off.mean())).max() / (2 * np.pi) < 0.025


def activity_of(heart: Heart) -> np.ndarray:
    """Of the wall alone, of a heart that is still, in the middle of its length."""
    alone = replace(heart, motion=STILL, blood=NO_BLOOD, has_right_ventricle=False)
    phantom = Phantom(alone, silent_torso())
    slab = view_grid(CardiacView.SHORT_AXIS, phantom.pose, (14, 46, 46), VOXEL_MM)
    return draw_phantom(phantom, slab, time_slot=0, supersampling=1).activity.numpy()


def lost_at(heart: Heart, depths: tuple[float, ...]) -> np.ndarray:
    """Part of the activity that is lost at depths of the wall, in the row through the centre."""
    surfaces = truth_of(replace(heart, motion=STILL), SLOTS)
    inner, thick = surfaces.endocardium_mm[0], surfaces.thickness_mm[0]
    ill, whole = (activity_of(each) for each in (heart, replace(heart, defects=())))
    lost = []
    for depth in depths:
        kept, all_of_it = (sampled_along_rays(each, inner + depth * thick) for each in (ill, whole))
        lost.append(1 - kept[ROW] / np.maximum(all_of_it[ROW], 1e-3))
    return np.array(lost)


def columns_of(territory: Territory) -> np.ndarray:
    """Angles of the middle ring's segments that an artery supplies, 15 degrees off their edges."""
    angles = np.arange(0, 360, 15)
    middle = [each for each in SEGMENTS if each.number in territory.value and 7 <= each.number < 13]
    off = [np.abs((angles - each.angle_deg + 180) % 360 - 180) for each in middle]
    return np.flatnonzero(np.min(off, axis=0) <= 15)


@pytest.mark.parametrize("territory", Territory)
def test_a_defect_lies_in_its_territory_as_severe_as_the_truth_says(territory: Territory) -> None:
    defects = segment_defects(territory, severity=0.6)
    heart = Heart(LeftVentricle(wall_mm=14, papillary_radius_mm=0), defects=defects)

    found = [*lost_at(heart, (0.25, 0.75)), lost_uptake(heart)[ROW]]

    for other in Territory:
        wanted = 0.6 if other is territory else 0.0
        for lost in found:
            np.testing.assert_allclose(lost[columns_of(other)], wanted, atol=0.05)


@pytest.mark.parametrize("transmurality", [0.4, 0.7])
def test_a_defect_takes_as_much_of_the_wall_as_the_truth_says(transmurality: float) -> None:
    defect = PerfusionDefect(severity=0.8, transmurality=transmurality)
    shape = LeftVentricle(wall_mm=14, papillary_radius_mm=0)
    heart = Heart(shape, motion=STILL, defects=(defect,))

    lost = lost_at(heart, (0.1, 0.3, 0.5, 0.7, 0.9))[:, 0]

    assert lost[0] > lost[-1] + 0.4
    assert lost_uptake(heart)[ROW, 0] == pytest.approx(lost.mean(), abs=0.04)
