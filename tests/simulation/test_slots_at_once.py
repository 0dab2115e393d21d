"""Time slots of version 2 are simulated at once, and show what one by one would show."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch", reason="the simulation needs torch")

import torch

from shortaxis.geometry.pose import RigidPose
from shortaxis.phantom.drawing import draw_phantom
from shortaxis.simulation.acquisition import PatientMotion
from shortaxis.simulation.drawn_slots import DrawnSlots
from shortaxis.simulation.expected_counts import expected_counts
from shortaxis.simulation.motion_course import course_of, steps_of
from shortaxis.simulation.reconstructed import reconstructed
from shortaxis.simulation.scenario import ExamScenario
from simulation_scenes import CORRECTED, OSEM, PARALLEL, scenario_of, small_scenario

SLOTS = 4


def moving() -> ExamScenario:
    """A patient who moves in all directions, with known scatter."""
    motion = PatientMotion(9.0, 0.5, left_mm=5.0, back_mm=-4.0)
    scenario = small_scenario(time_slots=SLOTS, preset_version=2)
    return replace(
        scenario,
        acquisition=replace(scenario.acquisition, motion=motion),
        reconstruction=replace(scenario.reconstruction, scatter_corrected=True),
    )


def one_by_one(scenario: ExamScenario) -> ExamScenario:
    """The same exam, simulated as version 1 was."""
    return replace(scenario, preset_version=1)


def test_only_later_versions_simulate_slots_at_once() -> None:
    assert moving().slots_at_once
    assert not one_by_one(moving()).slots_at_once
    assert not replace(moving(), time_slots=0).slots_at_once


def test_what_beats_alone_gives_the_counts_of_every_slot() -> None:
    scenario = moving()
    course = course_of(scenario.acquisition)

    wanted = expected_counts(one_by_one(scenario), course, with_scatter=True)
    found = expected_counts(scenario, course, with_scatter=True)

    for name in ("counts", "known_scatter", "scatter"):
        for slot in range(SLOTS):
            one, other = getattr(wanted, name)[slot], getattr(found, name)[slot]
            assert float((one - other).abs().max() / one.max()) < 1e-4
    # Slots differ by more than that, and so does scatter of a patient who moves.
    assert float((found.counts[0] - found.counts[2]).abs().max() / found.counts[0].max()) > 0.02
    assert not torch.allclose(found.scatter[0], found.known_scatter[0], rtol=1e-2)


def test_scatter_is_kept_apart_only_where_it_is_asked_for() -> None:
    scenario = small_scenario(time_slots=SLOTS, preset_version=2)

    expected = expected_counts(scenario, course_of(scenario.acquisition))

    assert expected.scatter == [None] * SLOTS
    assert expected.known_scatter == [None] * SLOTS


@pytest.mark.parametrize(
    "settings",
    [
        replace(OSEM, iterations=2),
        replace(CORRECTED, iterations=2),
        replace(CORRECTED, iterations=2, resolution_modelled=True),
        replace(OSEM, method="fbp"),
    ],
    ids=["osem", "corrected", "resolution", "fbp"],
)
def test_noise_and_heart_are_those_of_slots_that_are_reconstructed_one_by_one(settings) -> None:
    scenario = scenario_of(
        acquisition=replace(PARALLEL, angular_views=16),
        reconstruction=settings,
        time_slots=SLOTS,
        preset_version=2,
    )
    expected = expected_counts(scenario, course_of(scenario.acquisition))
    rng = np.random.default_rng(1)
    counts = [torch.poisson(each, generator=_seeded(rng)) for each in expected.counts]
    given = (expected.camera, expected.attenuation_per_cm, counts, expected.known_scatter)

    wanted = reconstructed(one_by_one(scenario), *given)
    found = reconstructed(scenario, *given)

    for one, other in zip(wanted, found, strict=True):
        assert float((one - other).norm() / one.norm()) < 0.02
        assert float(other.std() / one.std()) == pytest.approx(1, abs=0.01)


def _seeded(rng: np.random.Generator) -> torch.Generator:
    return torch.Generator().manual_seed(int(rng.integers(2**31)))


def test_slots_of_one_torso_are_those_that_are_drawn_one_by_one() -> None:
    scenario = small_scenario(time_slots=SLOTS)
    grid = scenario.field_of_view.grid

    drawn = list(DrawnSlots(scenario, grid))

    for slot, maps in enumerate(drawn):
        alone = draw_phantom(scenario.phantom, grid, time_slot=slot, n_time_slots=SLOTS)
        # To the last bit: exams of version 1 depend on it.
        assert torch.equal(maps.activity, alone.activity)
        assert torch.equal(maps.attenuation_per_cm, alone.attenuation_per_cm)
    assert not torch.equal(drawn[0].activity, drawn[2].activity)


def test_a_body_that_moves_takes_its_attenuation_along() -> None:
    still = small_scenario(time_slots=SLOTS, preset_version=2)
    phantom, moved_mm = still.phantom, np.array([12.0, -9.0, 8.0])
    elsewhere = replace(
        phantom,
        pose=RigidPose(phantom.pose.patient_from_cardiac, phantom.pose.center_mm + moved_mm),
        body_center_mm=tuple((phantom.body_center_mm + moved_mm).tolist()),
    )
    course = np.tile(moved_mm, (steps_of(still.acquisition), 1))

    wanted = expected_counts(replace(still, phantom=elsewhere), np.zeros_like(course))
    body = expected_counts(still, course, moves_body=True)
    heart_alone = expected_counts(still, course)

    for slot in (0, SLOTS - 1):
        # The middle of the rows: the ends of a moved patient lie beyond what is simulated.
        one, other, alone = (each.counts[slot][:, 6:-6] for each in (wanted, body, heart_alone))
        off, off_alone = (
            float((each / each.mean() - one / one.mean()).square().mean().sqrt())
            for each in (other, alone)
        )
        assert off < 0.05
        assert off < 0.3 * off_alone
