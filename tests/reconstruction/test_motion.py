"""Patients who move while views are taken."""

from __future__ import annotations

import numpy as np
import pytest

from reconstruction_scenes import CHEST, PIXEL_MM, angles_of, counted, views_of, with_counts
from shortaxis.errors import GeometryError
from shortaxis.reconstruction.motion.correcting import corrected
from shortaxis.reconstruction.motion.displays import displays_of
from shortaxis.reconstruction.motion.finding import find_motion
from shortaxis.spect.projections import Projections

STEPS = 30
TWO_HEADS = angles_of(90, STEPS) + angles_of(90, STEPS, 135)
WHOLE_TURN = angles_of(360, 64)
HOTTEST = 120.0


def moving(
    course_mm: np.ndarray, angles_deg: tuple[float, ...] = TWO_HEADS, heads: int = 2, seed: int = 0
) -> Projections:
    """Counted views of a patient who lies at `course_mm`, ``(step, 3)``."""
    views = np.tile(course_mm, (heads, 1))
    return counted(views_of(CHEST, angles_deg, course_mm=views, heads=heads), HOTTEST, seed)


def jump(step: int, shift_mm: tuple[float, float, float], steps: int = STEPS) -> np.ndarray:
    return np.outer(np.arange(steps) >= step, shift_mm)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("angles", "heads"),
    [(TWO_HEADS, 2), (angles_of(180, 60), 1), (WHOLE_TURN, 2)],
    ids=["two heads", "one head", "whole turn"],
)
def test_a_still_patient_is_called_still(angles: tuple[float, ...], heads: int, seed: int) -> None:
    found = find_motion(moving(np.zeros((len(angles) // heads, 3)), angles, heads, seed))

    assert not found.is_motion
    assert not found.course_mm.any()
    assert found.score < found.limit


@pytest.mark.parametrize(
    ("step", "shift_mm"),
    [
        (12, (0.0, 0.0, 7.0)),
        (5, (0.0, 0.0, -13.0)),
        (24, (9.0, 0.0, 0.0)),
        (15, (0.0, -12.0, 0.0)),
        (9, (8.0, 5.0, -15.0)),
    ],
)
def test_a_jump_is_found_when_it_was_and_as_far_as_it_went(
    step: int, shift_mm: tuple[float, float, float]
) -> None:
    found = find_motion(moving(jump(step, shift_mm)))

    assert [each.step for each in found.jumps] == [step]
    assert found.jumps[0].shift_mm == pytest.approx(shift_mm, abs=1.5)
    assert found.creep_mm == (0, 0, 0)
    assert found.range_mm == pytest.approx(np.linalg.norm(shift_mm), abs=1.5)
    assert found.course_mm.mean(axis=0) == pytest.approx(0, abs=1e-9)


def test_a_jump_is_found_by_one_head_too() -> None:
    projections = moving(jump(25, (0.0, 0.0, 10.0), 60), angles_of(180, 60), 1)

    found = find_motion(projections)

    assert [each.step for each in found.jumps] == [25]
    assert found.jumps[0].shift_mm[2] == pytest.approx(10, abs=1.5)
    assert "a creep" in found.cannot_tell


def test_one_head_sees_a_jump_along_its_bins_and_none_towards_itself() -> None:
    angles = angles_of(180, 60)
    turn = np.radians(angles[25])
    bins = np.array([-np.cos(turn), np.sin(turn), 0.0])
    towards = np.array([np.sin(turn), np.cos(turn), 0.0])
    across, away = (
        find_motion(moving(jump(25, tuple(10 * each), 60), angles, 1)) for each in (bins, towards)
    )

    assert [each.step for each in across.jumps] == [25]
    assert across.jumps[0].shift_mm == pytest.approx(tuple(10 * bins), abs=1.5)
    assert not away.is_motion


def test_there_and_back_are_two_jumps() -> None:
    course = jump(8, (0.0, 0.0, 12.0)) - jump(18, (0.0, 0.0, 12.0))

    found = find_motion(moving(course))

    assert [each.step for each in found.jumps] == [8, 18]
    assert found.jumps[0].shift_mm[2] == pytest.approx(12, abs=1.5)
    assert found.jumps[1].shift_mm[2] == pytest.approx(-12, abs=1.5)


@pytest.mark.parametrize(
    ("away", "back", "shift_mm"), [(8, 16, (4.5, 4.5, 0.0)), (17, 25, (0.0, 0.0, -7.0))]
)
def test_there_and_back_is_found_though_each_jump_hides_half_of_the_other(
    away: int, back: int, shift_mm: tuple[float, float, float]
) -> None:
    found = find_motion(moving(jump(away, shift_mm) - jump(back, shift_mm)))

    assert [each.step for each in found.jumps] == [away, back]
    assert found.jumps[0].shift_mm == pytest.approx(shift_mm, abs=1.5)
    assert found.score > found.limit


@pytest.mark.parametrize("step", [2, STEPS - 2])
def test_no_jump_is_told_so_near_to_an_end(step: int) -> None:
    found = find_motion(moving(jump(step, (0.0, 0.0, 12.0))))

    assert step not in [each.step for each in found.jumps]


@pytest.mark.parametrize("step", [3, STEPS - 3])
def test_a_jump_with_three_steps_beside_it_is_found(step: int) -> None:
    found = find_motion(moving(jump(step, (0.0, 0.0, 12.0))))

    assert [each.step for each in found.jumps] == [step]


@pytest.mark.parametrize("far_mm", [10.0, -16.0])
def test_a_creep_along_the_body_is_a_creep(far_mm: float) -> None:
    course = np.outer(np.linspace(0, 1, STEPS), (0, 0, far_mm))

    found = find_motion(moving(course))

    assert found.jumps == ()
    assert found.creep_mm[2] == pytest.approx(far_mm, abs=2)


def test_few_counts_and_few_steps_are_said() -> None:
    faint = counted(views_of(CHEST, TWO_HEADS, heads=2), 5)
    few = counted(views_of(CHEST, angles_of(180, 10), heads=2), HOTTEST)

    assert "hottest pixels" in find_motion(faint).cannot_tell
    assert not find_motion(faint).is_motion
    assert "5 steps" in find_motion(few).cannot_tell
    assert find_motion(moving(np.zeros((STEPS, 3)))).cannot_tell == ""


def test_gates_are_summed_before_motion_is_sought() -> None:
    one = moving(jump(12, (0.0, 0.0, 9.0)))
    rng = np.random.default_rng(5)
    parts = rng.multinomial(one.counts.astype(int).ravel(), [0.25] * 4)
    slots = parts.T.reshape(1, 4, *one.counts.shape[2:])

    found = find_motion(with_counts(one, slots, is_gated=True))

    assert found.to_dict() == find_motion(one).to_dict()


@pytest.mark.parametrize("shift_mm", [(0.0, 0.0, 14.0), (12.0, -9.0, 0.0)])
def test_corrected_views_are_those_of_a_patient_at_the_mean_place(
    shift_mm: tuple[float, float, float],
) -> None:
    course = jump(12, shift_mm)
    middle = np.tile(course.mean(axis=0), (STEPS, 1))
    projections = moving(course)
    level = float(projections.counts.sum())

    put_right = corrected(projections, find_motion(projections))

    wanted = views_of(CHEST, TWO_HEADS, course_mm=np.tile(middle, (2, 1)), heads=2).counts
    wanted = wanted * (level / wanted.sum())
    inner = (0, 0, slice(None), slice(4, -4), slice(4, -4))
    noise = wanted[inner].mean()
    assert ((put_right.counts - wanted)[inner] ** 2).mean() < 1.1 * noise
    assert ((projections.counts - wanted)[inner] ** 2).mean() > 1.5 * noise
    assert put_right.counts.min() >= 0
    assert not find_motion(put_right).is_motion


def test_all_windows_and_slots_are_shifted_alike() -> None:
    one = moving(jump(12, (0.0, 0.0, 13.0)))
    double = np.concatenate([one.counts, one.counts * 2]).repeat(2, axis=1)
    several = with_counts(one, double, windows_kev=((126, 154), (92, 125)), is_gated=True)
    found = find_motion(one)

    shifted = corrected(several, found).counts

    alone = corrected(one, found).counts[0, 0]
    for window, slot in np.ndindex(2, 2):
        expected = alone * (1 + window)
        np.testing.assert_allclose(shifted[window, slot], expected, rtol=1e-4, atol=1e-3)


def test_motion_of_other_projections_is_refused() -> None:
    found = find_motion(moving(jump(12, (0.0, 0.0, 13.0))))

    with pytest.raises(GeometryError, match="other projections"):
        corrected(views_of(CHEST, WHOLE_TURN), found)


def test_jumps_are_marked_in_every_head_and_seen_in_the_pictures() -> None:
    projections = moving(jump(12, (0.0, 0.0, 4 * PIXEL_MM)))
    found = find_motion(projections)

    displays = displays_of(projections, found)

    assert displays.marked_views == (12, 42)
    assert displays.cine.shape == (60, 32, 48)
    assert displays.sinogram.shape == (60, 48)
    assert displays.linogram.shape == (60, 32)
    rows = np.arange(32)
    middle = (displays.linogram * rows).sum(axis=1) / displays.linogram.sum(axis=1)
    # Towards the head is towards the first row.
    assert middle[12] - middle[11] == pytest.approx(-4, abs=0.7)


def test_a_jump_is_found_whichever_way_the_camera_turns() -> None:
    back = moving(
        jump(12, (6.0, -8.0, 9.0)), angles_of(90, STEPS, 45, 1) + angles_of(90, STEPS, 135, 1)
    )

    found = find_motion(back)

    assert [each.step for each in found.jumps] == [12]
    assert found.jumps[0].shift_mm == pytest.approx((6, -8, 9), abs=1.5)


@pytest.mark.parametrize("rotations", [2, 3])
def test_views_of_several_rotations_are_those_of_a_still_patient(rotations: int) -> None:
    angles = angles_of(360, 32) * rotations

    found = find_motion(moving(np.zeros((32, 3)), angles, rotations))

    assert not found.is_motion


def test_nothing_can_be_told_of_views_that_lie_far_apart() -> None:
    found = find_motion(moving(np.zeros((10, 3)), angles_of(360, 10), 1))

    assert not found.is_motion
    assert "views lie 36 degrees apart" in found.cannot_tell
