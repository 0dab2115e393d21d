"""What stress has lost against rest, and how much wider the ventricle is."""

from __future__ import annotations

import numpy as np
import pytest

from shortaxis.geometry.affines import apply_affine
from shortaxis.geometry.euler import PoseParameters, pose_from_parameters
from shortaxis.quantification.limits_comparison import LimitsComparison, compared_with_limits
from shortaxis.quantification.lung_heart import lung_heart_ratio
from shortaxis.quantification.normal_group import NormalGroup
from shortaxis.quantification.normal_limits import NormalLimits
from shortaxis.quantification.polar_map import LEVELS, PolarMap
from shortaxis.quantification.reversibility import reversibility_of
from shortaxis.quantification.severity import limits_severity
from shortaxis.quantification.tracing import trace_ventricle
from shortaxis.quantification.transient_dilation import MID_WALL, TransientDilation
from shortaxis.spect.volume import SpectVolume
from ventricle_scenes import draw_shell, patient_grid

SHAPE = (LEVELS, 48)


def compared(uptake: dict[int, float], mean: float = 80.0, noise: float = 0.0) -> LimitsComparison:
    """A wall at its normal mean but in segments that keep a part of it."""
    flat = np.full(SHAPE, 100.0)
    shape = PolarMap(np.linspace(0.06, 0.94, LEVELS), flat, np.ones(SHAPE), np.ones(SHAPE))
    counts = flat * (1 + noise * np.random.default_rng(1).normal(size=SHAPE))
    for number, part in uptake.items():
        counts = np.where(shape.segments == number, part * counts, counts)
    polar_map = PolarMap(shape.heights, counts, np.ones(SHAPE), np.ones(SHAPE))
    limits = NormalLimits("x", NormalGroup(), 99, np.full(SHAPE, mean), np.full(SHAPE, 6.0))
    return compared_with_limits(polar_map, limits)


def test_an_exam_has_lost_nothing_against_itself() -> None:
    one = compared({4: 0.5}, noise=0.05)
    found = reversibility_of(one, one)
    assert (found.summed_score, found.extent, found.total_perfusion_deficit) == (0, 0, 0)


def test_what_returns_at_rest_is_told_from_what_does_not() -> None:
    found = reversibility_of(compared({4: 0.5, 10: 0.5}), compared({10: 0.5}))
    assert {number for number, score in found.segment_scores.items() if score} == {4}
    # Half of the uptake is 0.5 / 0.55 of the score of 4.
    assert found.segment_scores[4] == 4


def test_segments_are_named_whose_change_is_not_the_difference_of_their_scores() -> None:
    # Rest lies just within its limits, 15 of 80 below the mean, and stress below them.
    stress = compared({2: 0.5, 4: 0.65, 10: 0.5, 16: 1.0})
    rest = compared({2: 1.0, 4: 0.83, 10: 0.6, 16: 0.5})

    found = reversibility_of(stress, rest)

    unlike = {each.number: each for each in found.unlike_segments}
    assert set(unlike) == {4, 16}
    four, sixteen = unlike[4], unlike[16]
    assert (four.stress_score, four.rest_score, four.score) == (3, 0, 0)
    assert four.lost_part == pytest.approx(0.18, abs=0.02)
    assert (sixteen.stress_score, sixteen.rest_score, sixteen.score) == (0, 4, 0)
    assert sixteen.lost_part == pytest.approx(-0.5, abs=0.02)


def test_limits_of_two_groups_bring_stress_and_rest_to_one_level() -> None:
    """Rest is compared with limits of its own, of another tracer for example."""
    found = reversibility_of(compared({}, mean=80.0), compared({}, mean=60.0))
    assert found.summed_score == 0
    assert np.abs(found.loss_part).max() < 1e-9


def test_differences_as_between_two_exams_of_one_heart_are_no_change() -> None:
    found = reversibility_of(compared({}, noise=0.04), compared({}))
    assert found.summed_score == 0
    assert found.total_perfusion_deficit < 0.01


def test_scar_is_abnormal_and_below_half_of_the_normal_part() -> None:
    # Low everywhere in healthy hearts: no scar, although it is below half.
    mean = np.full(SHAPE, 80.0)
    mean[25:, :20] = 30.0
    limits = NormalLimits("x", NormalGroup(), 99, mean, np.full(SHAPE, 5.0))
    flat = PolarMap(np.linspace(0.06, 0.94, LEVELS), mean, np.ones(SHAPE), np.ones(SHAPE))
    assert limits_severity(flat, limits).scar_burden == 0
    counts = mean.copy()
    counts[5:10] *= 0.4
    counts[10:15] *= 0.6
    low = PolarMap(flat.heights, counts, np.ones(SHAPE), np.ones(SHAPE))
    found = limits_severity(low, limits)
    assert found.scar_burden == pytest.approx(5 / LEVELS)
    assert found.extent == pytest.approx(10 / LEVELS)


def test_a_defect_of_a_third_of_the_wall_with_most_of_the_uptake_lost_is_no_four() -> None:
    one = compared(dict.fromkeys((1, 2, 7, 8, 13, 14), 0.4))
    assert limits_severity(one.polar_map, one.limits).summed_score >= 20


@pytest.mark.parametrize(
    ("days", "words"),
    [(0, "above the 1.29 published for one-day"), (1, "above the 1.24 published for two-day")],
)
def test_the_ratio_is_told_with_the_limit_of_its_protocol(days: int, words: str) -> None:
    assert words in TransientDilation(130, 100, MID_WALL, days).words
    assert "within" in TransientDilation(120, 100, MID_WALL, days).words
    assert TransientDilation(130, 100, MID_WALL).limit is None


@pytest.mark.parametrize("lung", [5.0, 30.0])
def test_lung_beside_the_heart_is_told_as_a_part_of_the_wall(lung: float) -> None:
    pose = pose_from_parameters(PoseParameters(0, 0, 0, 20, 0, 45), (0.0, 0.0, 0.0))
    volume = draw_shell(patient_grid(), pose)
    index = np.moveaxis(np.indices(volume.shape).astype(float), 0, -1)
    points = apply_affine(volume.patient_from_index, index)
    # Above and to the left of the heart there is lung.
    is_lung = (
        (points[..., 0] > -20) & (points[..., 2] > 15) & (np.linalg.norm(points, axis=-1) > 48)
    )
    filled = SpectVolume(np.where(is_lung, lung, volume.counts), volume.patient_from_index)
    traced = trace_ventricle(volume, pose)
    wall = np.average(traced.polar_map.counts, weights=traced.polar_map.area_mm2)
    ratio = lung_heart_ratio(filled, traced)
    assert ratio == pytest.approx(lung / wall, rel=0.15)


def test_a_field_that_ends_before_the_lung_has_no_ratio() -> None:
    pose = pose_from_parameters(PoseParameters(0, 0, 0, 20, 0, 45), (0.0, 0.0, 0.0))
    volume = draw_shell(patient_grid(), pose)
    traced = trace_ventricle(volume, pose)
    cut = SpectVolume(volume.counts[:, :8, :8], volume.patient_from_index)
    assert lung_heart_ratio(cut, traced) is None
