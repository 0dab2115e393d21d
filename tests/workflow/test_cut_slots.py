"""Time slots of the views are cut when they are asked for, and what a study needed is let go."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from shortaxis.anatomy.cardiac_views import CardiacView
from shortaxis.geometry.pose import RigidPose
from shortaxis.geometry.resampling import resample
from shortaxis.reorientation import handedness_weights, weights
from shortaxis.spect.study import PerfusionStudy
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.reorient.given_poses import estimate_from_pose
from shortaxis.workflow.reorient.options import ReorientOptions
from shortaxis.workflow.reorient.reorienting import reorient_study
from shortaxis.workflow.reorient.requests import ReorientRequest
from shortaxis.workflow.studies.finding import find_studies

SLOTS = 3


@pytest.fixture(scope="module")
def gated(drawn_volume: SpectVolume) -> PerfusionStudy:
    rng = np.random.default_rng(8)
    gates = rng.poisson(drawn_volume.counts, (SLOTS, *drawn_volume.shape)).astype(np.float32)
    return PerfusionStudy(SpectVolume(gates.sum(axis=0), drawn_volume.patient_from_index), gates)


@pytest.mark.parametrize("interpolation", ["linear", "cubic"])
def test_every_slot_is_cut_as_a_study_by_itself_would_be(
    gated: PerfusionStudy, drawn_pose: RigidPose, interpolation: str
) -> None:
    given = estimate_from_pose(drawn_pose, gated.volume)

    made = reorient_study(gated, ReorientOptions(interpolation=interpolation), given)

    assert list(made.gated_views) == list(CardiacView)
    for view, cut in made.gated_views.items():
        for slot, gate in zip(cut, gated.gate_volumes(), strict=True):
            expected = resample(
                gate.counts, gate.patient_from_index, made.views[view].grid, interpolation
            )
            np.testing.assert_array_equal(slot, np.maximum(expected, 0))


def test_slots_are_not_kept(gated: PerfusionStudy, drawn_pose: RigidPose) -> None:
    made = reorient_study(gated, ReorientOptions(), estimate_from_pose(drawn_pose, gated.volume))

    once, again = (made.gated_views[CardiacView.SHORT_AXIS] for _ in range(2))

    assert once is not again
    np.testing.assert_array_equal(once, again)


@pytest.mark.parametrize("kept", [True, False])
def test_networks_are_let_go_where_no_other_study_needs_them(
    demo_study_path: Path, tmp_path: Path, kept: bool
) -> None:
    request = ReorientRequest(ReorientOptions(), review_sheet=False, keeps_networks=kept)

    request.make(find_studies(demo_study_path).studies[0], tmp_path)

    caches = (weights._loaded_cascade, handedness_weights._loaded)
    assert [cache.cache_info().currsize > 0 for cache in caches] == [kept, kept]
