"""Normal limits: what they hold, whom they fit, and what lies below them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortaxis.anatomy.segments import Territory
from shortaxis.errors import GeometryError, OptionError, UnreadableFileError
from shortaxis.quantification.normal_files import (
    DEFAULT_NORMALS,
    find_normals,
    normals_to_json,
    read_normals,
)
from shortaxis.quantification.normal_group import NormalGroup
from shortaxis.quantification.normal_limits import (
    MIN_EXAMS,
    UPPER_PART,
    HealthyMaps,
    NormalLimits,
    NormalSet,
    limits_of,
)
from shortaxis.quantification.polar_map import LEVELS, PolarMap
from shortaxis.quantification.severity import ABSENT_PART, limits_severity

SHAPE = (LEVELS, 48)


def a_map(uptake: np.ndarray) -> PolarMap:
    return PolarMap(
        np.linspace(0.06, 0.94, LEVELS), uptake, np.ones_like(uptake), np.ones_like(uptake)
    )


def flat_limits(upper_ratio: float | None = 1.0) -> NormalLimits:
    """Of 80 % everywhere; files of before 4 did not tell where the upper part of a wall lies."""
    mean, sd = np.full(SHAPE, 80.0), np.full(SHAPE, 5.0)
    return NormalLimits("flat", NormalGroup(), 100, mean, sd, upper_ratio)


def at_80(**lost: float) -> PolarMap:
    """A wall at 80 counts everywhere but in segments that have less."""
    counts = np.full(SHAPE, 80.0)
    healthy = a_map(counts)
    for name, uptake in lost.items():
        counts = np.where(healthy.segments == int(name.removeprefix("s")), uptake, counts)
    return a_map(counts)


def test_limits_are_mean_and_deviation_of_maps_of_the_same_mean() -> None:
    rng = np.random.default_rng(0)
    counts = [rng.uniform(50, 100, SHAPE) for _ in range(MIN_EXAMS)]
    maps = [a_map(each) for each in counts]
    found = limits_of("x", NormalGroup(), maps)
    wall = np.mean([each.mean_uptake_percent for each in maps])
    uptakes = np.stack([wall * each / each.mean() for each in counts])
    np.testing.assert_allclose(found.mean_percent, uptakes.mean(axis=0))
    np.testing.assert_allclose(found.sd_percent, uptakes.std(axis=0, ddof=1))
    # With equal areas it is a quantile of what the mean makes of each map.
    ratios = np.quantile(
        uptakes / uptakes.mean(axis=0), UPPER_PART, axis=(1, 2), method="inverted_cdf"
    )
    assert found.upper_ratio == pytest.approx(ratios.mean())


def test_an_exam_that_is_left_out_counts_in_no_part_of_the_limits() -> None:
    rng = np.random.default_rng(1)
    maps = [a_map(rng.uniform(60, 90, SHAPE)) for _ in range(MIN_EXAMS)]
    odd = a_map(np.where(np.arange(48) < 12, 20.0, 90.0) * np.ones(SHAPE))
    healthy = HealthyMaps.of([*maps, odd])
    without = healthy.limits("x", NormalGroup(), without=MIN_EXAMS)
    # Scaled to the same mean, all that is left of the odd one is that mean.
    factor = healthy.uptake_percent[0].mean() / maps[0].uptake_percent.mean()
    plain = HealthyMaps.of(maps).limits("x", NormalGroup())
    own = HealthyMaps.of(maps).uptake_percent[0].mean() / maps[0].uptake_percent.mean()
    np.testing.assert_allclose(without.mean_percent, plain.mean_percent * factor / own)
    assert without.upper_ratio == pytest.approx(plain.upper_ratio, abs=0.02)
    assert abs(without.upper_ratio - healthy.upper_ratios[-1]) > 0.05  # type: ignore[operator]


def test_a_hot_place_in_a_healthy_heart_widens_the_limits_there_alone() -> None:
    plain = np.full(SHAPE, 80.0)
    hot = plain.copy()
    hot[20:, :6] = 200.0
    # Half of the hearts have an organ behind one place of the wall.
    maps = [a_map(hot if place % 2 else plain) for place in range(MIN_EXAMS)]
    found = limits_of("x", NormalGroup(), maps)
    assert found.sd_percent[25, 2] > 25
    assert np.median(found.sd_percent) < 5


def test_healthy_hearts_that_are_all_alike_give_limits_that_can_be_read(tmp_path: Path) -> None:
    found = limits_of("x", NormalGroup(), [a_map(np.ones(SHAPE))] * MIN_EXAMS)
    path = tmp_path / "x.json"
    path.write_text(normals_to_json(NormalSet("x", "", (found,))))
    assert read_normals(path).limits[0].sd_percent.min() > 0


def test_too_few_exams_give_no_limits() -> None:
    maps = [a_map(np.ones(SHAPE))] * (MIN_EXAMS - 1)
    with pytest.raises(OptionError, match="too few exams"):
        limits_of("x", NormalGroup(), maps)


def test_the_narrowest_group_that_fits_is_taken_and_none_that_does_not() -> None:
    groups = [
        NormalGroup(),
        NormalGroup(correction="AC"),
        NormalGroup(condition="stress", correction="AC"),
        NormalGroup(condition="rest"),
        NormalGroup(tracer="Tl-201", sex="F"),
    ]
    limits = tuple(
        NormalLimits(str(place), group, 30, np.ones(SHAPE), np.ones(SHAPE))
        for place, group in enumerate(groups)
    )
    normals = NormalSet("set", "", limits)
    for exam, wanted in (
        (NormalGroup(condition="stress", correction="AC"), "2"),
        (NormalGroup(condition="rest", correction="AC"), "1"),
        (NormalGroup(condition="stress", correction="none"), "0"),
        (NormalGroup(condition="rest"), "3"),
        (NormalGroup(), "0"),
        (NormalGroup(tracer="Tl-201", sex="F"), "4"),
        (NormalGroup(tracer="Tl-201", sex="M"), "0"),
        (NormalGroup("stress", "AC", "Tl-201", "F"), "2"),
    ):
        found = normals.for_exam(exam)
        assert found is not None
        assert found.name == wanted
    assert NormalSet("set", "", limits[1:]).for_exam(NormalGroup(correction="none")) is None


def test_a_set_is_read_as_it_was_written(tmp_path: Path) -> None:
    group = NormalGroup(condition="stress", correction="none", tracer="Tc-99m", sex="M")
    limits = NormalLimits("mine", group, 31, np.full(SHAPE, 71.3), np.full(SHAPE, 6.25), 1.125)
    path = tmp_path / "mine.json"
    path.write_text(normals_to_json(NormalSet("mine", "somewhere", (limits,))))
    (found,) = read_normals(path).limits
    assert (found.group, found.exams) == (group, 31)
    np.testing.assert_array_equal(found.mean_percent, limits.mean_percent)
    np.testing.assert_array_equal(found.sd_percent, limits.sd_percent)
    assert found.upper_ratio == 1.125
    assert find_normals(str(path)).name == "mine"


def test_sets_of_the_first_schema_tell_neither_tracer_nor_sex_apart(tmp_path: Path) -> None:
    limits = NormalLimits("old", NormalGroup("rest"), 31, np.ones(SHAPE), np.ones(SHAPE))
    values = json.loads(normals_to_json(NormalSet("old", "", (limits,))))
    values["schema"] = "shortaxis/normals/1"
    for fact in ("tracer", "sex", "upper_ratio"):
        del values["groups"][0][fact]
    path = tmp_path / "old.json"
    path.write_text(json.dumps(values))
    (found,) = read_normals(path).limits
    assert found.group == NormalGroup("rest")
    assert found.upper_ratio is None


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"schema": "shortaxis/normals/9"}',
        '{"schema": "shortaxis/normals/1", "name": "x", "source": "", "groups": [{}]}',
        json.dumps(
            {
                "schema": "shortaxis/normals/1", "name": "x", "source": "",
                "groups": [
                    {
                        "condition": "", "correction": "", "exams": 30,
                        "mean_percent": [[1.0]], "sd_percent": [[0.0]],
                    }
                ],
            }
        ),
    ],
)  # fmt: skip
def test_a_file_that_is_no_set_is_one_error_that_names_it(tmp_path: Path, content: str) -> None:
    path = tmp_path / "normals.json"
    path.write_text(content)
    with pytest.raises(UnreadableFileError, match=r"normals\.json.*no set of normal limits"):
        read_normals(path)


def test_an_unknown_name_is_told_with_the_installed_ones() -> None:
    with pytest.raises(OptionError) as caught:
        find_normals("somebody else's")
    assert DEFAULT_NORMALS in str(caught.value)


def test_installed_limits_hold_for_stress_and_rest_with_and_without_correction() -> None:
    normals = find_normals(DEFAULT_NORMALS)
    assert normals.limits
    assert "simulated" in normals.name
    for condition in ("stress", "rest", ""):
        for correction in ("AC", "none", ""):
            found = normals.for_exam(NormalGroup(condition=condition, correction=correction))
            assert found is not None
            assert found.mean_percent.shape == SHAPE
            assert found.exams >= MIN_EXAMS


def test_installed_limits_tell_apart_what_changes_the_uptake() -> None:
    normals = find_normals(DEFAULT_NORMALS)
    assert all(normals.tells_apart_by(fact) for fact in ("correction", "camera", "tracer", "sex"))
    for exam, group in (
        (NormalGroup("stress", "none", "Tc-99m", "F"), NormalGroup("", "none", "Tc-99m", "F")),
        (
            NormalGroup("rest", "none", "Tc-99m", "M", "multi-pinhole"),
            NormalGroup("", "none", "Tc-99m", "M", "multi-pinhole"),
        ),
        (
            NormalGroup("rest", "none", "Tc-99m", "F", "parallel holes"),
            NormalGroup("", "none", "Tc-99m", "F", "parallel holes"),
        ),
        # Too few exams with these tracers.
        (NormalGroup("rest", "AC", "Rb-82"), NormalGroup("", "AC")),
    ):
        found = normals.for_exam(exam)
        assert found is not None
        assert found.group == group


# What lies below them


def test_a_wall_within_its_limits_scores_nothing() -> None:
    found = limits_severity(at_80(), flat_limits())
    assert found.summed_score == 0
    assert found.extent == 0
    assert found.total_perfusion_deficit == 0
    assert found.mean_severity == 0


def test_a_segment_that_lost_half_of_its_uptake_scores_what_the_formula_says() -> None:
    polar_map = at_80(s10=40.0)
    found = limits_severity(polar_map, flat_limits())
    score = 4 * 0.5 / ABSENT_PART
    assert found.segment_scores[10] == round(score)
    assert found.summed_score == round(score)
    part = polar_map.part_of_area(polar_map.segments == 10)
    assert found.extent == pytest.approx(part)
    assert found.mean_severity == pytest.approx(score)
    assert found.total_perfusion_deficit == pytest.approx(part * score / 4)
    assert found.territory_deficit(Territory.RIGHT_CORONARY) > 0
    assert found.territory_deficit(Territory.LEFT_CIRCUMFLEX) == 0


def test_what_is_absent_scores_four_and_not_more() -> None:
    found = limits_severity(at_80(s1=0.0), flat_limits())
    assert found.segment_scores[1] == 4
    assert found.scores.max() == 4


def test_a_hot_place_makes_no_other_abnormal() -> None:
    counts = np.full(SHAPE, 80.0)
    counts[22:, :10] = 160.0
    # Of the hottest twentieth of the wall, all the rest has half.
    assert np.median(a_map(counts).uptake_percent) == pytest.approx(50)
    assert limits_severity(a_map(counts), flat_limits()).total_perfusion_deficit == 0


@pytest.mark.parametrize("level", [0.01, 1.0, 1e5])
def test_scores_do_not_depend_on_how_many_counts_there_are(level: float) -> None:
    lost = at_80(s10=40.0, s4=55.0)
    found = limits_severity(a_map(lost.counts * level), flat_limits())
    np.testing.assert_allclose(found.scores, limits_severity(lost, flat_limits()).scores)


@pytest.mark.parametrize("upper_ratio", [1.0, None])
def test_a_large_defect_is_scored_by_what_is_left_of_the_wall(upper_ratio: float | None) -> None:
    """Two territories that lost half of their uptake pull no scale down with them."""
    numbers = (*Territory.RIGHT_CORONARY.value, *Territory.LEFT_CIRCUMFLEX.value)
    lost = at_80(**{f"s{number}": 40.0 for number in numbers})
    found = limits_severity(lost, flat_limits(upper_ratio))
    assert found.mean_severity == pytest.approx(4 * 0.5 / ABSENT_PART)
    assert {found.segment_scores[number] for number in numbers} == {4}
    assert found.territory_deficit(Territory.LEFT_ANTERIOR_DESCENDING) == 0


def test_a_mild_loss_of_most_of_the_wall_is_told_from_what_is_left() -> None:
    """Its mean is that of a healthy wall of fewer counts: the mean would call the loss normal."""
    numbers = (*Territory.RIGHT_CORONARY.value, *Territory.LEFT_ANTERIOR_DESCENDING.value)
    lost = at_80(**{f"s{number}": 62.0 for number in numbers})
    assert limits_severity(lost, flat_limits()).extent > 0.6
    assert limits_severity(lost, flat_limits(None)).extent == 0


@given(first=st.floats(0, 80), second=st.floats(0, 80))
def test_less_uptake_never_scores_less(first: float, second: float) -> None:
    low, high = sorted((first, second))
    scores = [
        limits_severity(at_80(s4=uptake), flat_limits()).total_perfusion_deficit
        for uptake in (low, high)
    ]
    assert scores[0] >= scores[1]


def test_limits_of_another_shape_are_refused() -> None:
    other = NormalLimits("x", NormalGroup(), 30, np.ones((LEVELS, 12)), np.ones((LEVELS, 12)))
    with pytest.raises(GeometryError):
        limits_severity(at_80(), other)
