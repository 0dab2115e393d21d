"""Beats of unequal length, and exams that are mirrored."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="the simulation needs torch")

import torch
from hypothesis import given
from hypothesis import strategies as st

from shortaxis.errors import OptionError
from shortaxis.geometry.affines import apply_affine, invert_affine
from shortaxis.simulation.gated_slots import gated
from shortaxis.simulation.gating import Gating, slot_shares
from shortaxis.simulation.mirroring import MIRRORS, mirrored_counts, mirrored_pose
from shortaxis.simulation.presets import sample_scenario

spreads = st.floats(0, 0.4)


@given(spreads, st.floats(0, 0.3), st.sampled_from([4, 8, 16, 32]))
def test_no_slot_holds_more_than_its_time(spread: float, delay: float, slots: int) -> None:
    shares = slot_shares(Gating(spread, delay), slots)

    assert (shares >= 0).all()
    assert (shares.sum(axis=1) <= 1 + 1e-9).all()
    # Every beat fills the first slot.
    assert shares[0].sum() == pytest.approx(1)


@given(spreads)
def test_late_slots_lose_the_counts_of_short_beats(spread: float) -> None:
    counts = slot_shares(Gating(spread), 16).sum(axis=1)

    assert (np.diff(counts) <= 1e-9).all()


def test_irregular_beats_mix_phases_of_diastole_more_than_of_systole() -> None:
    shares = slot_shares(Gating(0.2), 16)

    def spread(slot: int) -> float:
        places = np.arange(16)
        mean = np.average(places, weights=shares[slot])
        return float(np.average((places - mean) ** 2, weights=shares[slot]))

    assert spread(3) < 0.5 * spread(9)


def test_a_late_trigger_shifts_the_beat() -> None:
    assert slot_shares(Gating(0, 0.25), 8) == pytest.approx(np.roll(np.eye(8), 2, axis=1))


def test_regular_beats_leave_everything_as_it_is() -> None:
    phases = [torch.full((2, 2), float(phase)) for phase in range(8)]

    for gating in (None, Gating()):
        for before, after in zip(phases, gated(gating, phases), strict=True):
            assert torch.allclose(before, after)
    assert list(gated(Gating(0.2), [None, None])) == [None, None]


@pytest.mark.parametrize("mirror", MIRRORS)
def test_the_mirrored_pose_finds_the_mirrored_heart(mirror: str) -> None:
    scenario = sample_scenario("clinical", 8)
    grid, pose = scenario.field_of_view.grid, scenario.phantom.pose
    apex = pose.to_patient((0.0, 0.0, -40.0))
    counts = np.zeros(grid.shape, dtype=np.float32)
    index = np.round(apply_affine(invert_affine(grid.patient_from_index), apex)).astype(int)
    counts[tuple(index)] = 1

    turned = mirrored_pose(pose, mirror, grid.center_mm)
    found = np.argwhere(mirrored_counts(counts, mirror))[0]

    where = apply_affine(grid.patient_from_index, found)
    assert where == pytest.approx(turned.to_patient((0.0, 0.0, -40.0)), abs=1.01 * 6.8)
    assert np.linalg.det(turned.patient_from_cardiac) == pytest.approx(1)


@pytest.mark.parametrize("mirror", MIRRORS)
def test_septum_and_lateral_wall_are_exchanged_by_an_odd_number_of_mirrors(mirror: str) -> None:
    pose = sample_scenario("clinical", 8).phantom.pose
    signs = np.array([-1.0 if axis in mirror else 1.0 for axis in "xyz"])

    turned = mirrored_pose(pose, mirror, np.zeros(3))

    lateral = signs * pose.patient_from_cardiac[:, 0]
    odd = len(mirror) % 2
    assert turned.patient_from_cardiac[:, 0] == pytest.approx(-lateral if odd else lateral)
    for column in (1, 2):
        wanted = signs * pose.patient_from_cardiac[:, column]
        assert turned.patient_from_cardiac[:, column] == pytest.approx(wanted)


def test_the_preset_of_mirrored_exams_draws_every_mirror_and_is_new() -> None:
    drawn = {sample_scenario("mirrored", seed).mirror for seed in range(60)}

    assert drawn == set(MIRRORS)
    with pytest.raises(OptionError, match="preset"):
        sample_scenario("mirrored", 0, version=1)


def test_only_gated_exams_of_version_2_have_gating() -> None:
    assert sample_scenario("clinical", 4).gating is None
    assert sample_scenario("clinical", 4, time_slots=8, version=1).gating is None
    assert sample_scenario("clinical", 4, time_slots=8).gating is not None
