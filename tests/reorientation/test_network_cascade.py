"""The cascade: frames are composed rightly, whatever the blocks say."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from shortaxis.geometry.pose import RigidPose, compose, invert
from shortaxis.geometry.pose_errors import pose_errors
from shortaxis.inference.onnx_session import BlockPrediction
from shortaxis.reorientation.network_cascade import (
    MAX_STEPS,
    PERTURBED_STARTS,
    UNSEEN_MM,
    Block,
    Cascade,
    window_frames,
)
from shortaxis.reorientation.network_grid import NetworkGrid
from shortaxis.spect.volume import SpectVolume

COARSE = NetworkGrid(32, 12.8, level_radius_mm=160.0)
FINE = NetworkGrid(32, 6.4, level_radius_mm=64.0)


def volume(shape: tuple[int, int, int] = (20, 20, 20), spacing_mm: float = 10.0) -> SpectVolume:
    counts = np.random.default_rng(0).poisson(5, shape).astype(np.float32)
    affine = np.diag([spacing_mm, spacing_mm, spacing_mm, 1.0])[[2, 1, 0, 3]]
    affine[:3, 3] = (-30.0, 40.0, 100.0)
    return SpectVolume(counts, affine)


class KnowsTheWay:
    """A block that is told in which frames it will be asked, and answers so that the pose is true.

    `slip` is a turn by which every answer misses.
    """

    def __init__(self, truth: RigidPose, slip_deg: Sequence[float] = (0, 0, 0)) -> None:
        self.truth = truth
        self.slip = RigidPose(Rotation.from_rotvec(slip_deg, degrees=True).as_matrix(), np.zeros(3))
        self.frames: list[RigidPose] = []
        self.asked = 0
        self.presence = 8.0

    def block(self, grid: NetworkGrid) -> Block:
        knows = self

        class Watched(Block):
            def estimate(self, smooth: SpectVolume, frames: Sequence[RigidPose]) -> list:
                knows.frames = list(frames)
                knows.asked += 1
                return super().estimate(smooth, frames)

        return Watched(grid, self.predict)

    def predict(self, counts: np.ndarray) -> BlockPrediction:
        targets = [compose(compose(invert(frame), self.truth), self.slip) for frame in self.frames]
        batch = len(counts)
        return BlockPrediction(
            np.array([t.patient_from_cardiac for t in targets], dtype=np.float32),
            np.array([t.center_mm for t in targets], dtype=np.float32),
            np.zeros((batch, 3), dtype=np.float32),
            np.full((batch, 2), np.log(50.0), dtype=np.float32),
            np.full(batch, self.presence, dtype=np.float32),
        )


@given(turn=st.tuples(*[st.floats(-90, 90)] * 3), shift=st.tuples(*[st.floats(-50, 50)] * 3))
def test_blocks_that_know_the_way_find_the_truth(
    turn: tuple[float, ...], shift: tuple[float, ...]
) -> None:
    truth = RigidPose(Rotation.from_rotvec(turn, degrees=True).as_matrix(), np.array(shift))
    localiser, refiner = KnowsTheWay(truth), KnowsTheWay(truth)
    found = Cascade(localiser.block(COARSE), refiner.block(FINE)).find(volume())
    errors = pose_errors(found.pose, truth)
    assert errors.geodesic_deg < 1e-2
    assert errors.center_mm < 1e-3
    assert np.linalg.det(found.pose.patient_from_cardiac) == pytest.approx(1)
    assert len(found.steps) == 1
    assert found.presence == pytest.approx(8.0)
    np.testing.assert_allclose(found.spread, 1.0)
    np.testing.assert_allclose(found.size_mm, 50.0, rtol=1e-5)


def test_a_refiner_that_never_converges_is_stopped() -> None:
    truth = RigidPose(np.eye(3), np.zeros(3))
    restless = KnowsTheWay(truth)
    turns: list[int] = []

    def predict(counts: np.ndarray) -> BlockPrediction:
        turns.append(1)
        sign = -1 if len(turns) % 2 else 1
        restless.slip = RigidPose(
            Rotation.from_rotvec((0, 20 * sign, 0), degrees=True).as_matrix(), np.zeros(3)
        )
        return KnowsTheWay.predict(restless, counts)

    restless.predict = predict  # type: ignore[method-assign]
    found = Cascade(KnowsTheWay(truth).block(COARSE), restless.block(FINE)).find(volume())
    assert len(found.steps) == MAX_STEPS
    assert found.steps[-1][0] == pytest.approx(40, abs=0.1)


def test_perturbed_starts_have_no_preferred_direction() -> None:
    turns = [
        Rotation.from_matrix(start.patient_from_cardiac).as_rotvec(degrees=True)
        for start in PERTURBED_STARTS
    ]
    np.testing.assert_allclose(np.mean(turns, axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(
        np.mean([s.center_mm for s in PERTURBED_STARTS], axis=0), 0, atol=1e-9
    )


def test_one_window_sees_a_usual_field() -> None:
    usual = volume()
    (frame,) = window_frames(usual, COARSE)
    np.testing.assert_allclose(frame.center_mm, usual.center_mm)
    np.testing.assert_array_equal(frame.patient_from_cardiac, np.eye(3))


@given(length=st.integers(20, 120))
def test_windows_see_all_of_a_long_field_and_overlap_by_half(length: int) -> None:
    long = volume((length, 20, 20))
    heights = np.sort([frame.center_mm[2] for frame in window_frames(long, COARSE)])
    half = 16 * 12.8
    ends = long.center_mm[2] + np.array([-1, 1]) * (length - 1) * 5.0
    assert heights[0] - half <= ends[0] + 1e-6
    assert heights[-1] + half >= ends[1] - 1e-6
    assert (np.diff(heights) <= half + 1e-6).all()


@given(length=st.integers(30, 120))
def test_a_first_search_misses_only_what_it_may(length: int) -> None:
    long = volume((length, 20, 20))
    few, all_of_it = window_frames(long, COARSE, UNSEEN_MM), window_frames(long, COARSE)
    highest = max(frame.center_mm[2] for frame in few) + 16 * 12.8
    assert highest >= long.center_mm[2] + (length - 1) * 5.0 - UNSEEN_MM - 1e-6
    assert len(few) <= len(all_of_it)


@pytest.mark.parametrize(("presence", "windows"), [(8.0, [1]), (0.0, [1, 2])])
def test_a_field_a_little_too_large_is_searched_to_its_edges_only_for_want_of_a_heart(
    presence: float, windows: list[int]
) -> None:
    truth = RigidPose(np.eye(3), np.zeros(3))
    localiser, refiner = KnowsTheWay(truth), KnowsTheWay(truth)
    refiner.presence = presence
    block = localiser.block(COARSE)
    seen: list[int] = []
    estimate = block.estimate

    def watched(smooth: SpectVolume, frames: Sequence[RigidPose]) -> list:
        seen.append(len(frames))
        return estimate(smooth, frames)

    object.__setattr__(block, "estimate", watched)
    found = Cascade(block, refiner.block(FINE)).find(volume((48, 20, 20)))
    assert seen == windows
    assert pose_errors(found.pose, truth).center_mm < 1e-3


def test_where_the_middle_shows_no_heart_the_likelier_of_both_is_taken() -> None:
    truth, elsewhere = (RigidPose(np.eye(3), np.array([0.0, 0.0, z])) for z in (0.0, 60.0))
    localiser, refiner = KnowsTheWay(truth), KnowsTheWay(elsewhere)
    plain = refiner.predict

    def doubtful(counts: np.ndarray) -> BlockPrediction:
        said = plain(counts)
        # Once the localiser has looked at the edges, the refiner sees the heart, and is sure.
        if localiser.asked > 1:
            refiner.truth, refiner.presence = truth, 8.0
        return said

    refiner.presence = 0.0
    refiner.predict = doubtful  # type: ignore[method-assign]
    found = Cascade(localiser.block(COARSE), refiner.block(FINE)).find(volume((48, 20, 20)))
    assert found.presence == pytest.approx(8.0)
    assert pose_errors(found.pose, truth).center_mm < 1e-3


def test_of_several_windows_the_likeliest_heart_is_taken() -> None:
    truth = RigidPose(np.eye(3), np.array([0.0, 0.0, 0.0]))
    asked: list[Callable] = []
    localiser, refiner = KnowsTheWay(truth), KnowsTheWay(truth)
    plain = refiner.predict

    def doubtful(counts: np.ndarray) -> BlockPrediction:
        said = plain(counts)
        asked.append(plain)
        if len(asked) == 1:
            presence = np.arange(len(counts), dtype=np.float32)
            center = said.center_mm + 10 * presence[:, None]
            return BlockPrediction(said.rotation, center, said.log_spread, said.log_size, presence)
        return said

    refiner.predict = doubtful  # type: ignore[method-assign]
    found = Cascade(localiser.block(COARSE), refiner.block(FINE)).find(volume((100, 20, 20)))
    assert pose_errors(found.pose, truth).center_mm < 1e-3
    assert found.steps[0][1] > 15
