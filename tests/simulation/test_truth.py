"""What is known of a heart beside its pose, measured back from drawn voxels by another path."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the simulation needs torch")

from hypothesis import given, settings
from hypothesis import strategies as st

from rays_in_voxels import VOXEL_MM, around, sampled_along_rays
from shortaxis.phantom.drawing import draw_cavity, draw_myocardium
from shortaxis.phantom.heart import Heart
from shortaxis.phantom.phantom import Phantom
from shortaxis.phantom.regional_contraction import ContractionPatch, RegionalContraction
from shortaxis.simulation.exam import SimulatedExam
from shortaxis.simulation.exam_files import (
    CohortFormat,
    read_compact_exam,
    read_exam_truth,
    write_exam,
)
from shortaxis.simulation.exam_truth import ExamTruth
from shortaxis.simulation.presets import sample_scenario
from shortaxis.simulation.scenario import ExamScenario
from shortaxis.simulation.truth import truth_of
from shortaxis.spect.volume import SpectVolume


def exam_of(scenario: ExamScenario) -> SimulatedExam:
    """An exam of a scenario, with any counts."""
    grid = scenario.field_of_view.grid
    counts = np.random.default_rng(1).random(grid.shape, dtype=np.float32)
    volume = SpectVolume(counts, grid.patient_from_index)
    return SimulatedExam(scenario, volume, None, scenario.phantom.pose, {"hot_organ": False})


def measured_heart(seed: int) -> Heart:
    """Of a patient of version 2: one draw of a heart in a hundred has no cavity or no room."""
    return sample_scenario("clinical", seed).phantom.heart


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0, 3, 5]))
def test_volumes_are_those_of_the_voxels(seed: int, slot: int) -> None:
    heart = measured_heart(seed)
    phantom = Phantom(heart=heart)

    truth = truth_of(heart, 8)

    drawn = draw_cavity(phantom, around(phantom), time_slot=slot, n_time_slots=8, supersampling=1)
    assert truth.cavity_ml[slot] == pytest.approx(
        float(drawn.sum()) * VOXEL_MM**3 / 1000, rel=0.03, abs=0.2
    )


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0, 3, 6]))
def test_surfaces_lie_where_the_voxels_change(seed: int, slot: int) -> None:
    heart = replace(measured_heart(seed), defects=())
    phantom = Phantom(heart=heart)
    truth = truth_of(heart, 8)

    cavity = draw_cavity(
        phantom, around(phantom), time_slot=slot, n_time_slots=8, supersampling=1
    ).numpy()
    wall = draw_myocardium(
        phantom, around(phantom), time_slot=slot, n_time_slots=8, supersampling=1
    ).numpy()

    inner, outer, is_wall = (
        truth.endocardium_mm[slot], truth.epicardium_mm[slot], truth.is_wall[slot]
    )  # fmt: skip
    # Away from the valve, where a voxel holds neither cavity nor wall in part.
    deep = is_wall & np.roll(is_wall, -2, axis=0) & np.roll(is_wall, -1, axis=0)
    deep[-2:] = False
    middle = sampled_along_rays(wall, (inner + outer) / 2)
    assert np.median(middle[deep]) > 0.95
    assert np.mean(sampled_along_rays(cavity, np.maximum(inner - 3, 0))[deep] > 0.5) > 0.9
    assert np.mean(sampled_along_rays(cavity, inner + 3)[deep] < 0.5) > 0.95
    assert np.mean(sampled_along_rays(wall, outer + 3)[deep] < 0.5) > 0.95


def test_the_valve_plane_is_where_the_cavity_ends() -> None:
    heart = measured_heart(3)
    phantom = Phantom(heart=heart)
    truth = truth_of(heart, 8)

    cavity = draw_cavity(
        phantom, around(phantom), time_slot=0, n_time_slots=8, supersampling=1
    ).numpy()

    center, normal = truth.valve_center_mm[0], truth.valve_normal[0]
    index = np.argwhere(cavity > 0.5) - (np.array(cavity.shape) - 1) / 2
    above = (index[:, ::-1] * VOXEL_MM - center) @ normal
    assert above.max() < 2
    # Its highest layer is a whole disc.
    layer = index[above > above.max() - 3]
    assert len(layer) * VOXEL_MM**2 > 500
    assert normal[2] > 0.9


def test_the_mean_of_the_slots_stands_for_an_ungated_exam() -> None:
    heart = measured_heart(5)

    ungated, gated = truth_of(heart), truth_of(heart, 16)

    assert ungated.endocardium_mm.shape == (1, 28, 24)
    assert ungated.cavity_ml[0] == pytest.approx(gated.cavity_ml.mean(), rel=0.01)
    off = np.abs(ungated.endocardium_mm[0] - gated.endocardium_mm.mean(axis=0))
    assert np.percentile(off[ungated.is_wall[0]], 95) < 0.5


def test_the_ejection_fraction_is_that_of_the_volumes() -> None:
    truth = truth_of(measured_heart(8), 32)

    volumes = truth.cavity_ml
    assert truth.ejection_fraction == pytest.approx(1 - volumes.min() / volumes.max(), abs=0.01)


def test_a_wall_keeps_its_volume_over_the_beat() -> None:
    late = RegionalContraction(0.15, 0.1, (ContractionPatch(angle_deg=90, amplitude=-0.2),))

    truth = truth_of(Heart(contraction=late), 8)

    assert np.ptp(truth.wall_ml) < 0.02 * truth.wall_ml.mean()


def test_a_late_wall_is_smallest_late() -> None:
    late = RegionalContraction(lateral_delay=0.2)

    truth = truth_of(Heart(contraction=late), 32)

    body = slice(10, 18)
    smallest = truth.endocardium_mm[:, body].argmin(axis=0).mean(axis=0) / 32
    lateral, septal = smallest[0], smallest[12]
    assert lateral - septal == pytest.approx(0.2, abs=0.03)
    assert truth.contraction_delay[12, 0] - truth.contraction_delay[12, 12] == pytest.approx(
        0.2, abs=0.01
    )


def test_a_still_wall_does_not_move_and_a_dyskinetic_one_bulges() -> None:
    def course(amplitude: float) -> np.ndarray:
        patch = ContractionPatch(
            angle_deg=0, height=0.55, angular_extent_deg=180, longitudinal_extent=1.4,
            amplitude=amplitude,
        )  # fmt: skip
        truth = truth_of(Heart(contraction=RegionalContraction(patches=(patch,))), 8)
        return truth.endocardium_mm[3, 13] - truth.endocardium_mm[0, 13]

    normal, still, out = course(1.0), course(0.0), course(-0.4)
    assert normal[0] < -4
    assert abs(still[0]) < 0.35 * abs(normal[0])
    assert out[0] > still[0]
    assert still[12] == pytest.approx(normal[12], abs=1.5)


def test_the_uptake_is_that_of_the_defects() -> None:
    scenario = sample_scenario("clinical", 4)
    heart = replace(scenario.phantom.heart, defects=())
    whole = truth_of(heart)

    for seed in range(0, 40, 2):
        one = sample_scenario("clinical", seed).phantom.heart
        if one.defects and one.left_ventricle.aneurysm is None:
            break
    with_defects, without = truth_of(one), truth_of(replace(one, defects=()))

    lost = 1 - with_defects.uptake / without.uptake
    assert lost.max() <= max(each.severity for each in one.defects) + 1e-5
    assert lost.max() > 0.05
    assert (whole.uptake > 0).all()


def test_truth_is_stored_beside_each_exam_of_both_formats(tmp_path: Path) -> None:
    exam = exam_of(sample_scenario("clinical", 4))
    known = replace(exam, truth=truth_of(exam.scenario.phantom.heart))

    for form in CohortFormat:
        path = write_exam(known, tmp_path / form, form)
        stored = read_exam_truth(path)
        assert stored is not None
        assert_same(stored, known.truth)
    compact = read_compact_exam(tmp_path / "compact" / "exams" / "0000000004.npz")
    assert_same(compact.truth, known.truth)


def test_exams_of_version_1_are_stored_as_ever(tmp_path: Path) -> None:
    exam = exam_of(sample_scenario("clinical", 4, version=1))

    for form in CohortFormat:
        path = write_exam(exam, tmp_path / form, form)
        assert read_exam_truth(path) is None
        if path.is_dir():
            names = {each.name for each in path.iterdir()}
            assert names == {"study.dcm", "pose.json", "scenario.json"}


def assert_same(found: ExamTruth | None, wanted: ExamTruth | None) -> None:
    assert found is not None
    assert wanted is not None
    for name, value in wanted.to_arrays().items():
        assert np.array_equal(found.to_arrays()[name], value), name
