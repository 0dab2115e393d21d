"""What kind of exam it is: a scenario made by hand for each stratum, and a plain one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="the simulation needs torch")

from phantom_measures import silent_torso
from shortaxis.anatomy.segments import Territory
from shortaxis.geometry.euler import rotation_from_angles
from shortaxis.geometry.pose import RigidPose
from shortaxis.phantom.defects import PerfusionDefect, segment_defects
from shortaxis.phantom.heart import ApicalAneurysm, Heart, LeftVentricle
from shortaxis.phantom.organs import BowelLoop
from shortaxis.phantom.phantom import Phantom
from shortaxis.simulation.acquisition import FieldOfView
from shortaxis.simulation.exam import Stratum
from shortaxis.simulation.presets import PRESETS, sample_scenario
from shortaxis.simulation.scenario import ExamScenario
from shortaxis.simulation.strata import STRATA, strata_of
from simulation_scenes import FAR_MM, phantom_at, scenario_of

FLAGS = ("hot_organ", "small_heart", "low_counts", "extreme_pose", "truncated")
PLAIN_POSE = (22.0, 0.0, 50.0)
SILENT = silent_torso()


def strata(scenario: ExamScenario) -> dict[str, Stratum]:
    return strata_of(scenario, scenario.phantom.pose)


def plain(**parts: Any) -> Phantom:
    return phantom_at(PLAIN_POSE, **{"torso": SILENT, **parts})


def flags_of(scenario: ExamScenario) -> set[str]:
    found = strata(scenario)
    return {name for name in FLAGS if found[name]}


@pytest.mark.parametrize("kind", ["osem", "corrected", "pinhole", "pet"])
def test_a_plain_exam_is_in_no_stratum_of_hard_ones(kind: str) -> None:
    found = strata(scenario_of(kind, plain()))

    assert [name for name in FLAGS if found[name]] == []
    assert found["defect_part"] == 0
    assert found["correction"] == ("AC" if kind in ("corrected", "pet") else "none")
    assert set(found) == set(STRATA)


def test_camera_technique_and_tracer_are_those_of_the_acquisition() -> None:
    found = strata(scenario_of("pet"))

    assert found["camera"] == "SIEMENS Biograph"
    assert (found["technique"], found["tracer"]) == ("PET", "RB82_CHLORIDE")


@pytest.mark.parametrize(
    "ventricle",
    [LeftVentricle(length_mm=70), LeftVentricle(length_mm=80, radius_mm=22, wall_mm=11)],
    ids=["short", "narrow"],
)
def test_a_small_heart_is_short_or_has_little_blood(ventricle: LeftVentricle) -> None:
    assert flags_of(scenario_of(phantom=plain(heart=Heart(ventricle)))) == {"small_heart"}


def test_a_defect_counts_by_the_part_of_the_wall_that_it_takes() -> None:
    half = PerfusionDefect(0, 0.5, angular_extent_deg=180, longitudinal_extent=2, severity=0.9)

    (found,) = {
        strata(scenario_of(phantom=plain(heart=Heart(defects=(half, each)))))["defect_part"]
        for each in (half, replace(half, angular_extent_deg=90))
    }

    # Half the circumference over the whole length; what lies inside it adds nothing.
    assert found == pytest.approx(0.5, abs=0.04)


def test_a_whole_territory_is_a_large_defect_and_a_light_one_none() -> None:
    anterior = segment_defects(
        Territory.LEFT_ANTERIOR_DESCENDING.value, severity=0.9, transmurality=1.0
    )
    light = tuple(replace(each, severity=0.3) for each in anterior)

    found = [
        float(strata(scenario_of(phantom=plain(heart=Heart(defects=each))))["defect_part"])
        for each in (anterior, light)
    ]

    # Seven of seventeen segments (Cerqueira 2002).
    assert found[0] == pytest.approx(7 / 17, abs=0.12)
    assert found[1] == 0


def test_an_aneurysm_is_a_defect_as_high_as_it_reaches() -> None:
    heart = Heart(LeftVentricle(aneurysm=ApicalAneurysm(height=0.4)))

    assert strata(scenario_of(phantom=plain(heart=heart)))["defect_part"] == pytest.approx(0.4)


def test_a_hot_loop_under_the_heart_is_a_hot_organ() -> None:
    under = ((0.0, 0.0, -14.0), (25.0, -10.0, -14.0), (50.0, -30.0, -14.0))
    hot = BowelLoop(under, radius_mm=15, uptake=2.0)

    phantoms = [
        plain(torso=replace(SILENT, bowel=(replace(hot, uptake=uptake),))) for uptake in (2.0, 0.1)
    ]

    assert flags_of(scenario_of(phantom=phantoms[0])) == {"hot_organ"}
    assert flags_of(scenario_of(phantom=phantoms[1])) == set()


def test_a_hot_loop_far_below_is_none() -> None:
    far = ((-60.0, 0.0, -110.0), (60.0, 0.0, -110.0))
    torso = replace(SILENT, bowel=(BowelLoop(far, radius_mm=12, uptake=3.0),))

    assert flags_of(scenario_of(phantom=plain(torso=torso))) == set()


@pytest.mark.parametrize(
    ("angles", "extreme"),
    [
        ((22, 0, 50), False),
        ((43, 0, 50), False),
        ((55, 0, 50), True),
        ((-15, 0, 50), True),
        ((22, 28, 50), True),
        ((22, -28, 50), True),
        ((22, 0, 5), True),
        ((22, 0, 80), True),
    ],
)
def test_an_extreme_pose_is_one_outside_two_standard_deviations(
    angles: tuple[float, float, float], extreme: bool
) -> None:
    pose = RigidPose(rotation_from_angles(*angles), plain().pose.center_mm)

    assert strata_of(scenario_of(phantom=plain()), pose)["extreme_pose"] is extreme


@pytest.mark.parametrize(("kind", "few"), [("osem", 30), ("pinhole", 40), ("pet", 60)])
def test_low_counts_are_told_for_each_technique(kind: str, few: float) -> None:
    scenario = scenario_of(kind, plain())

    low = replace(scenario, acquisition=replace(scenario.acquisition, counts=few))

    assert flags_of(low) == {"low_counts"}


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("side", [-1, 1])
def test_a_field_that_ends_at_the_heart_truncates_it(axis: int, side: int) -> None:
    phantom = plain()
    # 40 slices of 64 x 64 voxels of 4 mm: 128, 128 and 80 mm to each side.
    half_mm = np.array([128.0, 128.0, 80.0])[axis]

    def field_ending_at(distance_mm: float) -> FieldOfView:
        center = phantom.pose.center_mm.copy()
        center[axis] += side * (distance_mm - half_mm)
        return FieldOfView(40, 64, 4.0, 4.0, tuple(center.tolist()))

    near, far = (
        scenario_of(phantom=phantom, field_of_view=field_ending_at(distance_mm))
        for distance_mm in (20, 75)
    )

    assert flags_of(near) == {"truncated"}
    assert flags_of(far) == set()


def test_the_round_field_of_a_multi_pinhole_camera_truncates_in_its_corners() -> None:
    phantom = plain()
    # 105 mm to the left and to the front of the middle: in the square, out of the circle.
    center = phantom.pose.center_mm + np.array([-90.0, 90.0, 0.0])
    corner = FieldOfView(50, 70, 4.0, 4.0, tuple(center.tolist()))

    assert flags_of(scenario_of("pinhole", phantom, field_of_view=corner)) == {"truncated"}
    square = scenario_of("osem", phantom, field_of_view=replace(corner, matrix=90))
    assert flags_of(square) == set()


@pytest.mark.parametrize("preset", PRESETS)
def test_strata_of_drawn_exams_are_plain_values_of_known_names(preset: str) -> None:
    found = [strata(sample_scenario(preset, seed)) for seed in range(20)]

    for each in found:
        assert tuple(each) == STRATA
        assert all(type(value) in (str, float, bool) for value in each.values())
        assert 0 <= float(each["defect_part"]) <= 1


def test_the_grid_around_the_heart_is_found_wherever_the_patient_lies() -> None:
    under = ((0.0, 0.0, -14.0), (25.0, -10.0, -14.0), (50.0, -30.0, -14.0))
    torso = replace(SILENT, bowel=(BowelLoop(under, radius_mm=15, uptake=2.0),))
    there = tuple((np.array(FAR_MM) + np.array([-900.0, 400.0, 77.7])).tolist())

    moved = phantom_at(PLAIN_POSE, there, torso=torso)

    assert flags_of(scenario_of(phantom=moved)) == {"hot_organ"}
