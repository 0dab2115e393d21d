"""Limits that training sets: each by its rule, on the exams that were measured, once."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shortaxis.errors import OptionError
from shortaxis.reorientation.judgement import (
    NETWORK_MEASURES,
    Judgement,
    PresenceThresholds,
    default_judgement,
)
from shortaxis.reorientation.network_cascade import Cascade, Refinement
from shortaxis.reorientation.quality import Limit, Measure
from shortaxis.reorientation.weights import (
    DEFAULT_WEIGHTS,
    BoundLaw,
    find_weights,
    load_cascade,
)
from shortaxis.spect.volume import SpectVolume
from shortaxis.training.calibration import calibrated
from shortaxis.training.config import TrainingConfig, read_config
from shortaxis.training.limit_rules import RULES, LimitRule, calibrated_judgement, outward
from shortaxis.training.limit_settings import LimitSettings
from shortaxis.training.measured_exams import MeasuredExam, MeasuredFile
from shortaxis.training.packaging import recalibrate
from training_scenes import write_config

SAME = [BoundLaw(1.0, 1.0)] * 3
"""Bounds that are the expected errors."""

TRAINED_MM = (3.0, 7.0)

USUAL_MEASURES = {
    "azimuth_deg": 45.0, "elevation_deg": 20.0, "length_mm": 90.0, "radius_mm": 27.0,
    "length_to_radius": 3.3, "start_spread_deg": 4.0, "start_spread_mm": 1.0,
    "last_step_deg": 4.0, "last_step_mm": 2.0, "presence": 9.5, "ellipsoid_apart_deg": 3.0,
    "ellipsoid_apart_mm": 3.0, "edge_part": 0.0, "apex_level": 0.9, "seen_part": 0.98,
    "relative_noise": 0.02, "counts_above_part": 0.4, "min_voxel_mm": 4.0, "max_voxel_mm": 4.0,
    "pixel_ratio": 1.0, "forward_deg": 40.0, "upright_deg": 28.0, "tipped_deg": 20.0,
    "second_presence": -10.0, "motion": -5.0,
}  # fmt: skip


def exam(
    bound_deg: float = 3.0, *, preset: str = "clinical", failed: bool = False, **measures: float
) -> MeasuredExam:
    """A measured exam with this bound of the long axis."""
    errors = (20.0, 3.0, 2.0) if failed else (2.0, 3.0, 2.0)
    return MeasuredExam(preset, errors, (bound_deg, 8.0, 2.0), {**USUAL_MEASURES, **measures})


def judgement_of(
    exams: Sequence[MeasuredExam], **settings: Any
) -> tuple[Judgement, dict[str, Any]]:
    return calibrated_judgement(exams, SAME, TRAINED_MM, LimitSettings(**settings))


def limit_of(judgement: Judgement, measure: Measure) -> Limit:
    return next(limit for limit in judgement.limits if limit.measure is measure)


# Rules


def test_every_measure_of_the_network_has_a_rule_and_every_rule_a_measure() -> None:
    assert set(RULES) == set(NETWORK_MEASURES)
    assert set(RULES.values()) == set(LimitRule)


def test_the_table_of_rules_in_the_docs_is_the_one_in_the_code() -> None:
    page = Path(__file__).resolve().parents[2] / "docs/how-to/train.md"
    text = page.read_text(encoding="utf-8")
    for rule in LimitRule:
        keys = ", ".join(f"`{measure.key}`" for measure, each in RULES.items() if each is rule)
        assert f"| {keys} | {rule.value} |" in text


def test_good_exams_within_the_default_limits_leave_them_as_they_are() -> None:
    judgement, facts = judgement_of([exam() for _ in range(240)])

    strict = {measure for measure, rule in RULES.items() if rule is LimitRule.STRICT}
    for found, usual in zip(judgement.limits, default_judgement().limits, strict=True):
        assert found == usual or found.measure in strict
    assert judgement.trained_voxel_mm == TRAINED_MM
    assert facts["kept_for_want_of_exams"] == []
    assert facts["set"] == "by rule"
    assert (facts["good_exams"], facts["failures"], facts["usual"]) == (240, 0, "clinical")


def test_a_limit_is_widened_to_what_99_of_a_hundred_good_usual_exams_have() -> None:
    # The 239th of 240 is the 99 % quantile (0.99 x 241 = 238.6): two exams lie at or beyond it.
    exams = [exam(ellipsoid_apart_mm=float(n) / 10) for n in range(1, 241)]

    judgement, _ = judgement_of(exams)

    assert limit_of(judgement, Measure.ELLIPSOID_APART_MM).highest == 24.0
    assert limit_of(judgement, Measure.ELLIPSOID_APART_DEG).highest == 12


def test_a_lowest_value_is_widened_downwards() -> None:
    exams = [exam(seen_part=n / 1000) for n in range(1, 241)]

    judgement, _ = judgement_of(exams)

    assert limit_of(judgement, Measure.SEEN_PART).lowest == 0.002


def test_what_is_about_hearts_and_not_about_weights_is_kept() -> None:
    exams = [exam(azimuth_deg=120.0, counts_above_part=0.9, edge_part=0.8) for _ in range(240)]

    judgement, facts = judgement_of(exams)

    for measure in (Measure.AZIMUTH_DEG, Measure.COUNTS_ABOVE_PART, Measure.EDGE_PART):
        assert limit_of(judgement, measure) == limit_of(default_judgement(), measure)
    assert facts["good_flagged"] == 240


@pytest.mark.parametrize(
    ("failure_deg", "highest"),
    [
        # Of 0.03, 0.06 ... 7.2 the 237th is the 98 % quantile (0.98 x 241 = 236.2): 7.11.
        (None, 7.2),
        (12.0, 7.2),
        # Below the smallest of a failure,
        (7.15, 7.1),
        (7.0, 6.9),
        # but not below the 229th, which 95 % have less than: 6.87.
        (1.0, 6.9),
    ],
)
def test_the_bound_of_the_long_axis_stops_one_good_exam_of_fifty_and_failures(
    failure_deg: float | None, highest: float
) -> None:
    exams = [exam(0.03 * n) for n in range(1, 241)]
    if failure_deg is not None:
        exams += [exam(failure_deg, preset="wide", failed=True), exam(30.0, failed=True)]

    judgement, facts = judgement_of(exams)

    assert limit_of(judgement, Measure.LONG_AXIS_BOUND_DEG).highest == highest
    assert facts["failures"] == (0 if failure_deg is None else 2)
    assert facts["failures_not_flagged"] == (1 if failure_deg == 1.0 else 0)


def test_the_apex_is_seen_less_in_one_good_exam_of_fifty() -> None:
    exams = [exam(apex_level=n / 100) for n in range(1, 241)]

    judgement, facts = judgement_of(exams)

    # The fourth smallest of 240 (0.02 x 241 = 4.8).
    assert limit_of(judgement, Measure.APEX_LEVEL).lowest == 0.04
    assert facts["good_flagged"] == 3


def test_a_limit_passes_its_part_of_exams_not_yet_seen() -> None:
    rng = np.random.default_rng(0)
    held = []
    for _ in range(100):
        exams = [exam(start_spread_mm=value) for value in 20 * rng.exponential(size=99)]
        limit = limit_of(judgement_of(exams)[0], Measure.START_SPREAD_MM)
        held.append((20 * rng.exponential(size=200) <= limit.highest).mean())
    assert np.mean(held) == pytest.approx(0.99, abs=0.003)


def test_too_few_good_exams_set_no_limit_and_the_record_says_so() -> None:
    exams = [exam(start_spread_mm=50.0) for _ in range(98)]

    judgement, facts = judgement_of(exams)

    assert limit_of(judgement, Measure.START_SPREAD_MM).highest == 6
    assert judgement.presence == default_judgement().presence
    assert "start_spread_mm" in facts["kept_for_want_of_exams"]
    assert limit_of(judgement_of([*exams, exam(start_spread_mm=50.0)])[0],
                    Measure.START_SPREAD_MM).highest == 50  # fmt: skip


def test_weights_that_find_no_heart_at_all_keep_the_default_limits() -> None:
    judgement, facts = judgement_of([exam(failed=True) for _ in range(10)])

    assert judgement.limits == default_judgement().limits
    assert (facts["good_exams"], facts["failures"]) == (0, 10)


def test_only_the_usual_exams_set_limits() -> None:
    hard = [exam(preset="wide", start_spread_mm=50.0) for _ in range(240)]
    usual = [exam() for _ in range(240)]

    by_usual, facts = judgement_of([*hard, *usual])
    by_hard, _ = judgement_of([*hard, *usual], usual="wide")
    of_one_kind, all_facts = judgement_of(hard)

    assert limit_of(by_usual, Measure.START_SPREAD_MM).highest == 6
    assert limit_of(by_hard, Measure.START_SPREAD_MM).highest == 50
    assert limit_of(of_one_kind, Measure.START_SPREAD_MM).highest == 50
    assert (facts["usual"], all_facts["usual"]) == ("clinical", "all")


def test_measures_that_an_exam_lacks_are_left_out() -> None:
    exams = [exam(start_spread_mm=50.0) for _ in range(99)]
    without = {key: value for key, value in USUAL_MEASURES.items() if key != "start_spread_mm"}
    exams += [replace(exam(), measures=without) for _ in range(500)]

    judgement, _ = judgement_of(exams)

    assert limit_of(judgement, Measure.START_SPREAD_MM).highest == 50


@pytest.mark.parametrize(
    ("smallest", "expected"),
    [
        (9.5, PresenceThresholds(-4.0, 5.0, 9.0)),
        (3.2, PresenceThresholds(-4.0, 3.0, 3.0)),
        (-5.5, PresenceThresholds(-6.0, -6.0, -6.0)),
    ],
)
def test_thresholds_of_presence_are_below_every_good_exam(
    smallest: float, expected: PresenceThresholds
) -> None:
    exams = [exam() for _ in range(239)] + [exam(presence=smallest, preset="wide")]
    assert judgement_of(exams)[0].presence == expected


@pytest.mark.parametrize(
    ("trained_mm", "ends", "words"),
    [((3.0, 7.0), (2.0, 9.0), "the 3 to 7 mm"), ((2.21, 4.05), (1.4, 5.3), "the 2.2 to 4 mm")],
)
def test_voxels_are_limited_by_those_of_training(
    trained_mm: tuple[float, float], ends: tuple[float, float], words: str
) -> None:
    judgement, _ = calibrated_judgement([], SAME, trained_mm, LimitSettings())

    for measure in (Measure.MIN_VOXEL_MM, Measure.MAX_VOXEL_MM):
        limit = limit_of(judgement, measure)
        assert (limit.lowest, limit.highest) == ends
        assert words in limit.reason


def test_limits_by_hand_are_taken_as_they_are() -> None:
    exams = [exam(length_mm=30.0) for _ in range(240)]

    judgement, facts = judgement_of(exams, by_hand={"length_mm": [4, 12], "presence": [2, np.inf]})

    assert limit_of(judgement, Measure.LENGTH_MM).highest == 12
    assert limit_of(judgement, Measure.PRESENCE).highest == float("inf")
    assert facts["by_hand"] == ["length_mm", "presence"]


@pytest.mark.parametrize(
    ("value", "sign", "expected"),
    [(7.0, 1, 7.0), (7.01, 1, 7.1), (0.0, 1, 0.0), (0.12345, -1, 0.12), (99.1, 1, 100.0),
     (-7.01, -1, -7.1), (1234.0, 1, 1300.0)],
)  # fmt: skip
def test_limits_are_rounded_outwards_to_two_digits(
    value: float, sign: int, expected: float
) -> None:
    assert outward(value, sign) == expected


# The configuration


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("passed = 1", "passed is out of range"),
        ("passed = 0.3", "passed is out of range"),
        ("passed = nan", "passed is out of range"),
        ("passed = true", "passed is out of range"),
        ("strictly_passed = '0.9'", "strictly_passed is out of range"),
        ("usual = 5", "usual is no preset"),
        ("usual = 'clinical'", "no calibration exams"),
        ("passd = 0.9", "unknown values of the limits"),
        ("by_hand = { girth_mm = [1, 2] }", "a limit by hand"),
        ("by_hand = { roughness_mm = [1, 2] }", "a limit by hand"),
        ("by_hand = { length_mm = [2, 1] }", "a limit by hand"),
        ("by_hand = { length_mm = [nan, 1] }", "a limit by hand"),
        ("by_hand = { length_mm = [1] }", "a limit by hand"),
        ("by_hand = { length_mm = ['a', 'b'] }", "a limit by hand"),
        ("by_hand = { length_mm = [-inf, inf] }", "a limit by hand"),
        ("by_hand = 5", "a limit by hand"),
    ],
)
def test_a_wrong_value_of_the_limits_is_one_error_that_names_the_file(
    tmp_path: Path, table: str, words: str
) -> None:
    path = with_limits(tmp_path, table)
    with pytest.raises(OptionError, match=words) as caught:
        read_config(path, tmp_path)
    assert "run.toml" in str(caught.value)


def test_the_limits_of_a_configuration_are_read(tmp_path: Path) -> None:
    table = "usual = 'paper'\npassed = 0.9\nby_hand = { presence = [1, inf] }"
    limits = read_config(with_limits(tmp_path, table), tmp_path).limits
    assert (limits.usual, limits.passed, limits.strictly_passed) == ("paper", 0.9, 0.98)
    assert limits.hand_set[Measure.PRESENCE].lowest == 1


def with_limits(folder: Path, table: str) -> Path:
    path = write_config(folder)
    path.write_text(path.read_text() + f"\n[limits]\n{table}\n")
    return path


# Measured exams: two of selection, two of calibration


@pytest.fixture(scope="module")
def config(training_cohorts: Path, tmp_path_factory: pytest.TempPathFactory) -> TrainingConfig:
    folder = tmp_path_factory.mktemp("config")
    table = "passed = 0.5\nstrictly_passed = 0.5"
    return read_config(with_limits(folder, table), training_cohorts)


class Counted:
    """The installed cascade, and how many exams it was asked for."""

    def __init__(self) -> None:
        self.cascade: Cascade = load_cascade(DEFAULT_WEIGHTS)[1]
        self.localiser, self.refiner = self.cascade.localiser, self.cascade.refiner
        self.asked = 0

    def find(self, volume: SpectVolume) -> Refinement:
        self.asked += 1
        return self.cascade.find(volume)


def silent(done: int, total: int) -> None:
    """Show no progress."""


class StoppedError(Exception):
    """A process that ends in the middle."""


def test_a_calibration_that_was_stopped_goes_on_after_the_last_exam(
    config: TrainingConfig, tmp_path: Path
) -> None:
    path, blocks = tmp_path / "calibration.jsonl", ["a", "b"]
    whole = calibrated(Counted(), config, TRAINED_MM, silent)  # type: ignore[arg-type]
    told: list[int] = []

    def stop_after_three(done: int, total: int) -> None:
        told.append(total)
        if done == 3:
            raise StoppedError

    first, rest, again = Counted(), Counted(), Counted()
    with pytest.raises(StoppedError):
        calibrated(first, config, TRAINED_MM, stop_after_three, MeasuredFile(path, blocks))
    with path.open("a") as file:
        file.write('{"key": {"exam": "half of a li')
    found = calibrated(rest, config, TRAINED_MM, silent, MeasuredFile(path, blocks))
    assert calibrated(again, config, TRAINED_MM, silent, MeasuredFile(path, blocks)) == found

    assert told == [4, 4, 4]
    assert (first.asked, rest.asked, again.asked) == (3, 1, 0)
    assert found == whole


@pytest.mark.parametrize("change", ["blocks", "version", "no file"])
def test_exams_that_other_blocks_were_measured_on_are_measured_again(
    config: TrainingConfig, tmp_path: Path, change: str
) -> None:
    path = tmp_path / "calibration.jsonl"
    calibrated(Counted(), config, TRAINED_MM, silent, MeasuredFile(path, ["a", "b"]))
    if change == "version":
        path.write_text(path.read_text().replace('"package": "', '"package": "0.0.', 1))
    if change == "no file":
        path.write_bytes(b"\n")
    counted = Counted()
    blocks = ["a", "c"] if change == "blocks" else ["a", "b"]
    calibrated(counted, config, TRAINED_MM, silent, MeasuredFile(path, blocks))
    assert counted.asked == 4


def test_another_exam_under_the_same_name_is_measured(
    config: TrainingConfig, tmp_path: Path
) -> None:
    path, cohort = tmp_path / "calibration.jsonl", tmp_path / "calib"
    shutil.copytree(config.calibration[0].folder, cohort)
    moved = replace(config, calibration=(replace(config.calibration[0], folder=cohort),))
    calibrated(Counted(), moved, TRAINED_MM, silent, MeasuredFile(path, ["a"]))
    changed = cohort / "exams/0007000020.npz"
    changed.write_bytes(changed.read_bytes() + b"\0")
    counted = Counted()
    calibrated(counted, moved, TRAINED_MM, silent, MeasuredFile(path, ["a"]))
    assert counted.asked == 1


def test_limits_that_were_calibrated_are_those_of_the_record(
    config: TrainingConfig, tmp_path: Path
) -> None:
    folder = shutil.copytree(find_weights(DEFAULT_WEIGHTS).folder, tmp_path / "own")

    recalibrate(*load_cascade(str(folder)), config, version="3")

    weights = find_weights(str(folder))
    record = json.loads((folder / "record.json").read_text())
    facts = record["calibration"]["limits"]
    assert record["schema"] == "shortaxis/weights/4"
    assert facts["set"] == "by rule"
    assert facts["good_exams"] == 2
    assert facts["kept_for_want_of_exams"] == []
    installed = find_weights(DEFAULT_WEIGHTS).judgement
    assert weights.judgement.trained_voxel_mm == installed.trained_voxel_mm
    # Of two exams the lower half lies below the larger bound, rounded up.
    (law, *_), limits = weights.bound_laws, weights.judgement
    spreads = [load_cascade(DEFAULT_WEIGHTS)[1].find(each.volume).spread[0]
               for each in config.calibration[0].posed()]  # fmt: skip
    expected = outward(max(law.bound(float(spread)) for spread in spreads), 1)
    assert limit_of(limits, Measure.LONG_AXIS_BOUND_DEG).highest == expected
    assert limits.limits != default_judgement().limits
