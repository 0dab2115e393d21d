"""Cohorts on disk, their checksums, poses of others, and what a run writes."""

from __future__ import annotations

import csv
import importlib
import json
import math
import re
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from evaluation_scenes import write_cohort, write_note, write_pose
from evidence.measuring.training import benchmark_checksums
from repository import REPOSITORY
from shortaxis.errors import (
    InputNotFoundError,
    OptionError,
    PoseFileError,
    UnreadableFileError,
)
from shortaxis.evaluation.cohorts import benchmarks
from shortaxis.evaluation.cohorts.benchmarks import (
    Benchmark,
    CheckState,
    CohortCheck,
    check_cohort,
    read_checksums,
)
from shortaxis.evaluation.cohorts.checksums import (
    cohort_sha256,
    exam_identity,
    exam_sha256,
    sign_volume,
)
from shortaxis.evaluation.cohorts.cohort import find_cohort, read_exam_volume, read_truth
from shortaxis.evaluation.evaluating import EvaluationRequest
from shortaxis.evaluation.poses.foreign_poses import (
    NO_REASON,
    files_of_no_exam,
    read_foreign_poses,
)
from shortaxis.evaluation.report.content import check_words
from shortaxis.evaluation.scores.exam_estimate import Absence
from shortaxis.geometry.euler import with_conventional_roll
from shortaxis.geometry.pose import RigidPose
from shortaxis.simulation.cohort_request import CohortRequest
from shortaxis.simulation.presets import sample_scenario
from shortaxis.simulation.seed_ranges import TEST
from shortaxis.simulation.simulating import simulate, true_pose

COUNT = 4


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four drawn hearts with the scenarios of ``paper``, of which the last shows no heart."""
    return write_cohort(tmp_path_factory.mktemp("cohort") / "drawn", COUNT, empty=3)


def test_truths_are_those_of_the_scenarios_in_either_format(folder: Path, tmp_path: Path) -> None:
    compact = read_truth(find_cohort(folder))
    dicom_cohort = find_cohort(write_cohort(tmp_path, 2, "dicom"))
    dicom = read_truth(dicom_cohort)

    for truth, same in zip(compact.exams, dicom.exams, strict=False):
        scenario = sample_scenario("paper", truth.exam_seed)
        for each in (truth, same):
            np.testing.assert_array_equal(each.pose.matrix, scenario.phantom.pose.matrix)
            np.testing.assert_allclose(
                each.volume_center_mm, scenario.field_of_view.grid.center_mm, atol=1e-9
            )
            assert each.strata == truth.strata
        volume = read_exam_volume(dicom_cohort.path_of(same.exam_seed))
        np.testing.assert_allclose(volume.center_mm, same.volume_center_mm, atol=1e-3)


def test_an_incomplete_cohort_is_refused_with_the_command_that_goes_on(folder: Path) -> None:
    cohort = find_cohort(folder)
    longer = replace(cohort, request=replace(cohort.request, count=6))

    with pytest.raises(InputNotFoundError, match="not complete") as caught:
        read_truth(longer)

    assert caught.value.expected == "6 exams"
    assert "the first that is missing is 104" in caught.value.found
    assert "--preset paper --count 6 --seed 100 --format compact" in caught.value.cause


@pytest.mark.parametrize(
    "note", ["", "[]", '{"schema": "other"}', '{"schema": "shortaxis/cohort/1"}']
)
def test_a_damaged_note_is_one_error(note: str, tmp_path: Path) -> None:
    (tmp_path / "cohort.json").write_text(note)

    with pytest.raises(UnreadableFileError, match="what cohort"):
        find_cohort(tmp_path)


def test_a_folder_without_a_cohort_is_refused(tmp_path: Path) -> None:
    for path, found in ((tmp_path, "no cohort.json"), (tmp_path / "x", "no such folder")):
        with pytest.raises(InputNotFoundError, match="no cohort") as caught:
            find_cohort(path)
        assert caught.value.found == found


@pytest.mark.parametrize("inside", ["study.dcm", "study.dcm/cohort"])
def test_a_file_instead_of_a_cohort_is_called_a_file(inside: str, tmp_path: Path) -> None:
    (tmp_path / "study.dcm").write_bytes(b"DICM")

    with pytest.raises(InputNotFoundError, match="no cohort") as caught:
        find_cohort(tmp_path / inside)

    assert "a folder with cohort.json" in caught.value.expected
    assert caught.value.found == ("a file" if inside == "study.dcm" else "no such folder")


# Checksums.


def rounded_otherwise(value: object) -> object:
    """As another machine might draw it: each number off in its last digits."""
    if isinstance(value, dict):
        return {name: rounded_otherwise(each) for name, each in value.items()}
    if isinstance(value, list):
        return [rounded_otherwise(each) for each in value]
    return math.nextafter(value, math.inf) if isinstance(value, float) else value


def test_the_checksum_does_not_see_rounding_and_sees_any_change(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scenario = sample_scenario("clinical", 5)
    pose = scenario.phantom.pose
    before = exam_sha256(scenario, pose)
    moved = RigidPose(pose.patient_from_cardiac, pose.center_mm + np.array([0, 0, 1e-3]))
    fewer = replace(
        scenario, acquisition=replace(scenario.acquisition, counts=scenario.acquisition.counts + 1)
    )

    assert exam_sha256(scenario, moved) != before
    assert exam_sha256(fewer, pose) != before
    assert exam_sha256(sample_scenario("clinical", 5), pose) == before
    from shortaxis.evaluation.cohorts import checksums

    text = checksums.scenario_to_json(scenario)
    other = json.dumps(rounded_otherwise(json.loads(text)))
    assert other != text
    monkeypatch.setattr(checksums, "scenario_to_json", lambda _: other)
    assert exam_sha256(scenario, pose) == before


def test_the_canonical_text_holds_no_more_than_six_decimals() -> None:
    scenario = sample_scenario("wide", 5)

    text = exam_identity(scenario, scenario.phantom.pose)

    assert not re.search(r"\.\d{7}", text)
    assert "-0.0," not in text
    assert json.loads(text)["scenario"]["exam_seed"] == 5


def test_signatures_do_not_see_the_format_and_see_another_exam(
    folder: Path, tmp_path: Path
) -> None:
    compact = find_cohort(folder)
    dicom = find_cohort(write_cohort(tmp_path, 2, "dicom"))

    first, same = (sign_volume(read_exam_volume(each.path_of(100))) for each in (compact, dicom))
    other = sign_volume(read_exam_volume(compact.path_of(101)))

    assert first.is_like(same)
    assert not first.is_like(other)


@pytest.fixture
def published(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The drawn cohort as a benchmark, with its checksum published by the tool."""
    file = tmp_path / "checksums.json"
    file.write_text("{}")
    monkeypatch.setattr(benchmarks, "CHECKSUMS_FILE", file)
    monkeypatch.setattr(benchmarks, "SIGNED_EVERY", 2)
    small = {"small": Benchmark("small", "paper", 100, COUNT)}
    for module in (benchmarks, benchmark_checksums):
        monkeypatch.setattr(module, "BENCHMARKS", small)
    assert benchmark_checksums.publish(folder, file) == "small"
    return file


def test_a_published_cohort_is_known_again(folder: Path, published: Path) -> None:
    cohort = find_cohort(folder)

    check = check_cohort(cohort, read_truth(cohort))

    assert check.state is CheckState.SAME
    assert check.benchmark == "small"
    assert sorted(read_checksums(published)["small"].volumes) == [100, 102]


def test_another_draw_or_other_counts_are_told_apart(folder: Path, published: Path) -> None:
    cohort = find_cohort(folder)
    truth = read_truth(cohort)
    record = json.loads(published.read_text())
    record["small"]["volumes"]["102"]["total"] *= 1.1
    published.write_text(json.dumps(record))

    other_draw = check_cohort(cohort, replace(truth, sha256="0" * 64))
    other_counts = check_cohort(cohort, truth)

    assert other_draw.state is other_counts.state is CheckState.DIFFERENT
    assert other_counts.differing_volumes == (102,)
    assert other_counts.sha256 == other_counts.expected_sha256


def test_benchmarks_are_checked_without_a_cohort(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(str(REPOSITORY / "tools"))
    check_benchmarks = importlib.import_module("check_benchmarks")
    one = Benchmark("one-1", "paper", 100, 1)
    file = tmp_path / "checksums.json"
    monkeypatch.setattr(benchmarks, "CHECKSUMS_FILE", file)
    monkeypatch.setattr(check_benchmarks, "BENCHMARKS", {"one-1": one})
    monkeypatch.setattr(sys, "argv", ["check_benchmarks.py"])
    signed = benchmark_checksums.signed_by_draws(one)

    file.write_text(json.dumps({"one-1": signed}))
    assert check_benchmarks.main() == 0
    signed["volumes"]["100"]["total"] *= 1.1
    file.write_text(json.dumps({"one-1": signed | {"exams_sha256": "0" * 64}}))
    assert check_benchmarks.main() == 1

    assert capsys.readouterr().out.splitlines() == [
        "one-1: as published",
        "one-1: draws or true poses are others; the counts of exam 100 are others",
    ]


def test_an_unpublished_benchmark_and_another_cohort_are_no_failure(
    folder: Path, published: Path
) -> None:
    cohort = find_cohort(folder)
    truth = read_truth(cohort)
    shorter = replace(cohort, request=replace(cohort.request, count=2))

    assert check_cohort(shorter, truth).state is CheckState.NO_BENCHMARK
    published.write_text("{}")
    assert check_cohort(cohort, truth).state is CheckState.UNKNOWN


@pytest.mark.parametrize(
    ("check", "words"),
    [
        (CohortCheck(CheckState.SAME, "a", "small", "a"), "the checksum is as published"),
        (CohortCheck(CheckState.UNKNOWN, "a", "small"), "knows no checksum"),
        (CohortCheck(CheckState.NO_BENCHMARK, "a"), "no published benchmark"),
        (CohortCheck(CheckState.DIFFERENT, "a", "small", "b"), "their checksum is a and not b"),
        (
            CohortCheck(CheckState.DIFFERENT, "a", "small", "a", (7,)),
            "counts of exams 7 differ",
        ),
    ],
)
def test_the_report_says_what_the_checksum_says(check: CohortCheck, words: str) -> None:
    assert words in check_words(check)


def test_the_exams_of_a_published_benchmark_are_drawn_again() -> None:
    benchmark = benchmarks.BENCHMARKS["raw-300"]
    scenarios = [
        benchmark_checksums.scenario_of(benchmark, seed) for seed in benchmark.request.seeds
    ]

    drawn = cohort_sha256(exam_sha256(each, true_pose(each)) for each in scenarios)
    volume = simulate(scenarios[0]).volume

    published = benchmark.checksum
    assert published is not None
    assert drawn == published.exams_sha256
    assert published.volumes[benchmark.first_seed].is_like(sign_volume(volume))


def test_only_a_benchmark_can_be_published(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="no benchmark"):
        benchmark_checksums.publish(folder, tmp_path / "checksums.json")


def test_the_benchmarks_are_of_the_range_for_tests_and_say_how_many() -> None:
    for name, benchmark in benchmarks.BENCHMARKS.items():
        assert name == benchmark.name
        assert f"-{benchmark.count}" in name
        TEST.require(benchmark.request.seeds)
    assert set(read_checksums()) <= set(benchmarks.BENCHMARKS)


@pytest.mark.parametrize("name", ["clinical-1000", "wide-1000"])
def test_benchmarks_that_were_published_stay_what_they_were(name: str) -> None:
    request = benchmarks.BENCHMARKS[name].request

    assert request.seeds == range(8_000_000, 8_001_000)
    assert (request.preset_version, request.time_slots, request.projections) == (1, 0, False)


def test_no_two_benchmarks_share_an_exam() -> None:
    exams = [
        (request.preset, request.preset_version, seed)
        for request in (each.request for each in benchmarks.BENCHMARKS.values())
        for seed in request.seeds
    ]

    assert len(exams) == len(set(exams))


# Poses of others.


def test_given_poses_are_found_under_each_name_and_missing_ones_are_told(
    folder: Path, tmp_path: Path
) -> None:
    truths = read_truth(find_cohort(folder)).exams
    write_pose(tmp_path / "0000000100" / "pose.json", truths[0].pose)
    write_pose(tmp_path / "101.json", truths[1].pose)
    flagged = {"quality": {"flag": "review", "reasons": []}}
    write_pose(tmp_path / "102" / "pose.json", truths[2].pose, **flagged)

    estimates = read_foreign_poses(tmp_path, truths)

    for truth, each in zip(truths[:3], estimates[:3], strict=True):
        np.testing.assert_allclose(each.estimate.pose.matrix, truth.pose.matrix)
        assert each.estimate.knows_roll
    assert estimates[1].estimate.quality.reasons == ()
    assert estimates[2].estimate.quality.reasons == (NO_REASON,)
    assert estimates[3].absence is Absence.NO_POSE


def test_given_poses_that_all_have_no_roll_are_a_convention(folder: Path, tmp_path: Path) -> None:
    truths = read_truth(find_cohort(folder)).exams
    for truth in truths[:2]:
        write_pose(tmp_path / f"{truth.exam_seed}.json", with_conventional_roll(truth.pose))

    estimates = read_foreign_poses(tmp_path, truths)

    assert not any(each.estimate.knows_roll for each in estimates[:2])


def test_bad_poses_are_named(folder: Path, tmp_path: Path) -> None:
    truths = read_truth(find_cohort(folder)).exams
    with pytest.raises(InputNotFoundError, match="no pose of any exam"):
        read_foreign_poses(tmp_path, truths)
    write_pose(tmp_path / "100.json", truths[0].pose)
    write_pose(tmp_path / "100" / "pose.json", truths[0].pose)
    with pytest.raises(PoseFileError, match="one of several"):
        read_foreign_poses(tmp_path, truths)
    (tmp_path / "100.json").unlink()
    (tmp_path / "101.json").write_text('{"center_mm": [1, 2, 3]}')
    with pytest.raises(PoseFileError, match=r"101\.json"):
        read_foreign_poses(tmp_path, truths)


def test_zeros_in_front_of_an_exam_may_be_there(folder: Path, tmp_path: Path) -> None:
    truths = read_truth(find_cohort(folder)).exams
    write_pose(tmp_path / "000101.json", truths[1].pose)

    assert [each.estimate is not None for each in read_foreign_poses(tmp_path, truths)] == [
        False, True, False, False,
    ]  # fmt: skip


def test_files_of_no_exam_of_the_cohort_are_told(folder: Path, tmp_path: Path) -> None:
    truths = read_truth(find_cohort(folder)).exams
    for name in ("100.json", "9400000.json", "0000000007/pose.json", "mine/pose.json"):
        write_pose(tmp_path / name, truths[0].pose)
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "101").mkdir()

    told = files_of_no_exam(tmp_path, truths)

    assert told == ("0000000007/pose.json", "9400000.json", "mine/pose.json")


def test_poses_of_another_cohort_are_refused_by_their_names(folder: Path, tmp_path: Path) -> None:
    truths = read_truth(find_cohort(folder)).exams
    write_pose(tmp_path / "9400000.json", truths[0].pose)

    with pytest.raises(InputNotFoundError, match="no pose of any exam") as caught:
        read_foreign_poses(tmp_path, truths)

    assert caught.value.found == "1 file of no exam in this cohort: 9400000.json"


@pytest.mark.parametrize("text", ["{", "[]", '{"center_mm": [1, 2, 3]}'])
def test_a_damaged_pose_has_a_likely_cause(text: str, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "101.json").write_text(text)

    with pytest.raises(PoseFileError, match=r"101\.json") as caught:
        read_foreign_poses(tmp_path, read_truth(find_cohort(folder)).exams)

    assert caught.value.cause


@pytest.mark.parametrize(
    "options",
    [
        {"methods": ("nobody",)},
        {"methods": ("ellipsoid", "ellipsoid")},
        {"methods": ()},
        {"workers": 0},
        {"poses_name": "../up"},
        {"poses_name": "ellipsoid"},
        {"poses_name": ""},
    ],
)
def test_wrong_options_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(OptionError):
        EvaluationRequest(**options)


def test_rows_of_the_table_of_errors_are_the_exams(folder: Path, tmp_path: Path) -> None:
    from shortaxis.evaluation.evaluating import evaluate_cohort
    from shortaxis.evaluation.report.error_rows import errors_as_csv

    cohort = find_cohort(folder)
    evaluation = evaluate_cohort(cohort, EvaluationRequest(("ellipsoid",)))
    rows = list(csv.DictReader(errors_as_csv(evaluation.methods).splitlines()))

    assert [int(row["exam_seed"]) for row in rows] == list(cohort.request.seeds)
    assert rows[3]["outcome"] == "not found"
    assert rows[3]["long_axis_deg"] == rows[3]["alpha"] == ""
    assert float(rows[0]["long_axis_deg"]) < 5
    assert rows[0]["small_heart"] == "True"


def test_a_cohort_moved_elsewhere_is_the_same(folder: Path, tmp_path: Path) -> None:
    write_note(tmp_path, CohortRequest("paper", 1, 100, "compact"))
    (tmp_path / "exams").symlink_to(folder / "exams")

    assert read_truth(find_cohort(tmp_path)).exams[0].exam_seed == 100
