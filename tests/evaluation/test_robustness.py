"""Exams that were made otherwise: what is changed, what stays, and what is counted as loss."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the simulation needs torch")

from evidence.measuring.robustness.hardest_exams import SETTINGS, to_hardest
from evidence.measuring.robustness.paired_loss import paired_loss
from evidence.measuring.robustness.robustness_cohorts import (
    COHORTS,
    SINGLE_SETTINGS,
    complete,
    pairs_of,
)
from evidence.measuring.robustness.robustness_rows import (
    HARDEST_GROUPS,
    ORDINARY_GROUPS,
    group_rows,
)
from evidence.pages.blocks import block_text
from shortaxis.evaluation.cohorts.benchmarks import BENCHMARKS
from shortaxis.simulation.presets import sample_scenario
from shortaxis.simulation.scenario import ExamScenario
from shortaxis.simulation.seed_ranges import TEST
from shortaxis.simulation.simulating import simulate
from simulation_scenes import small_scenario


@pytest.fixture(scope="module")
def wide() -> list[ExamScenario]:
    return [sample_scenario("wide", seed) for seed in range(500)]


@pytest.fixture(scope="module")
def hardest() -> list[ExamScenario]:
    return [to_hardest(sample_scenario("clinical", seed)) for seed in range(80)]


def numbers(scenario: ExamScenario) -> dict[tuple[str, ...], float]:
    """Every number of the camera, named with what it may depend on."""
    acquisition, field = scenario.acquisition, scenario.field_of_view
    technique, reconstruction = acquisition.technique, scenario.reconstruction
    found = {(technique, "counts"): acquisition.counts}
    if technique == "PARALLEL_HOLES":
        found[technique, "clearance"] = acquisition.clearance_mm
        found[technique, "views"] = acquisition.angular_views
        found[technique, "arc"] = acquisition.scan_arc_deg
    if reconstruction.method == "osem":
        found["osem", "iterations"] = reconstruction.iterations
        found["osem", "subsets"] = reconstruction.subsets
    kind = reconstruction.post_filter.kind
    width = "fwhm_mm" if kind == "gaussian" else "cutoff_per_cm"
    image = str(reconstruction.method == "image")
    found[image, kind, width] = getattr(reconstruction.post_filter, width)
    if technique == "MULTI_PINHOLE":
        found |= {("pinhole", name): value for name, value in vars(acquisition.pinhole).items()}
    else:
        off = np.abs(scenario.phantom.pose.center_mm - np.array(field.center_mm))
        found |= {("offset", axis): float(each) for axis, each in zip("xyz", off, strict=True)}
        found["field", "pixel"], found["field", "slice"] = field.pixel_mm, field.slice_mm
        found["field", "matrix"] = field.matrix
        found["field", "depth"] = (field.slices + 1) * field.slice_mm
    return found


def test_the_hardest_settings_are_ones_that_wide_draws(
    wide: list[ExamScenario], hardest: list[ExamScenario]
) -> None:
    drawn: dict[tuple[str, ...], list[float]] = {}
    for scenario in wide:
        for name, value in numbers(scenario).items():
            drawn.setdefault(name, []).append(value)

    for scenario in hardest:
        for name, value in numbers(scenario).items():
            # The ends of a range are never drawn themselves.
            assert value <= max(drawn[name]) + 0.05 * np.ptp(drawn[name]), name
            assert value >= 0.85 * min(drawn[name]) or name[0] == "offset", name


def test_the_hardest_settings_are_near_the_hard_end_of_what_is_drawn(
    wide: list[ExamScenario], hardest: list[ExamScenario]
) -> None:
    low = {"counts", "views", "iterations", "subsets", "arc", "depth", "matrix"}
    high = {"clearance", "pixel", "slice", "rim_strength", "unevenness", "scatter_part"}
    drawn = [numbers(scenario) for scenario in wide]

    for name, value in {key: each for one in hardest for key, each in numbers(one).items()}.items():
        values = np.array([each[name] for each in drawn if name in each])
        if name[-1] in low:
            assert np.mean(values < value) < 0.02, name
        if name[-1] in high:
            assert np.mean(values > value) < 0.02, name


def test_a_change_of_the_camera_leaves_the_patient_alone() -> None:
    for seed in range(40):
        before = sample_scenario("clinical", seed)
        for change in (to_hardest, *(setting.change for setting in SETTINGS)):
            after = change(before)

            assert after.phantom == before.phantom
            assert after.acquisition.tracer == before.acquisition.tracer
            assert after.acquisition.motion == before.acquisition.motion
            assert change(after) == after


def test_both_methods_and_filters_take_turns(hardest: list[ExamScenario]) -> None:
    parallel = [each for each in hardest if each.acquisition.technique == "PARALLEL_HOLES"]

    kinds = {
        (each.reconstruction.method, each.reconstruction.post_filter.kind) for each in parallel
    }

    assert kinds == {
        (method, kind) for method in ("osem", "fbp") for kind in ("hanning", "gaussian")
    }


@pytest.mark.parametrize("name", COHORTS)
def test_seeds_are_for_tests_and_in_no_benchmark(name: str, tmp_path: Path) -> None:
    pairs = list(pairs_of(COHORTS[name], tmp_path, 20))

    seeds = [pair.scenario.exam_seed for pair in pairs]

    TEST.require(range(min(seeds), max(seeds) + 1))
    for benchmark in BENCHMARKS.values():
        assert not set(seeds) & set(benchmark.request.seeds)
    assert all(pair.ordinary != pair.changed for pair in pairs)


def test_an_exam_by_pytomography_resembles_ours_and_has_the_same_pose() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pytest.importorskip("pytomography", reason="makes the exam", exc_type=ImportError)
        from evidence.measuring.robustness.pytomography_exams import simulate_by_pytomography

        scenario = small_scenario()
        theirs, ours = simulate_by_pytomography(scenario), simulate(scenario)

    heart = np.linalg.norm(voxels_mm(ours) - ours.pose.center_mm, axis=-1) < 65
    inside = [exam.volume.counts[heart] for exam in (theirs, ours)]
    assert np.corrcoef(*inside)[0, 1] > 0.9
    assert not np.array_equal(*inside)
    np.testing.assert_array_equal(theirs.pose.matrix, scenario.phantom.pose.matrix)
    np.testing.assert_array_equal(theirs.volume.patient_from_index, ours.volume.patient_from_index)
    assert theirs.strata == ours.strata


def voxels_mm(exam: object) -> np.ndarray:
    volume = exam.volume
    index = np.moveaxis(np.indices(volume.shape), 0, -1)
    return index @ volume.patient_from_index[:3, :3].T + volume.patient_from_index[:3, 3]


def test_a_loss_is_the_difference_of_the_medians() -> None:
    before = np.array([1.0, 2.0, 3.0, 4.0, 9.0, 10.0])

    found = paired_loss(before, before + 0.7, range(6))

    assert found.pairs == 6
    assert found.loss == pytest.approx(0.7)
    assert found.interval == pytest.approx((0.7, 0.7))


def test_exams_of_one_patient_are_drawn_together() -> None:
    rng = np.random.default_rng(3)
    before, after = rng.gamma(2, 1, (2, 30))

    alone = paired_loss(before, after, range(30))
    doubled = paired_loss(np.repeat(before, 2), np.repeat(after, 2), np.repeat(range(30), 2))

    # Twice the exams of the same patients are no more evidence.
    assert np.ptp(doubled.interval) == pytest.approx(np.ptp(alone.interval), rel=0.2)


def test_a_cohort_is_completed_once_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from evidence.measuring.robustness import robustness_cohorts

    made = []

    def small(scenario: ExamScenario) -> object:
        made.append(scenario.exam_seed)
        return simulate(scenario)

    monkeypatch.setattr(robustness_cohorts, "simulate", small)
    monkeypatch.setattr(
        robustness_cohorts, "sample_scenario", lambda preset, seed, version: small_scenario()
    )
    cohort = SINGLE_SETTINGS["filter"]
    complete(cohort, tmp_path, 1, lambda done: None)
    complete(cohort, tmp_path, 1, lambda done: None)

    rows = group_rows(
        tuple(pairs_of(cohort, tmp_path, 1)), "ellipsoid", ORDINARY_GROUPS | HARDEST_GROUPS
    )

    assert made == [1]  # the changed one is made by the function that the cohort holds
    assert rows["all"]["exams"] == rows["changed to the heaviest filter"]["exams"] == 1
    assert "changed to the lightest filter" not in rows
    loss = rows["all"]["loss"]["long_axis_deg"]
    medians = [
        rows["all"][each]["errors"]["long_axis_deg"]["median"] for each in ("changed", "ordinary")
    ]
    assert loss["loss"] == pytest.approx(medians[0] - medians[1], abs=0.002)


def test_the_tables_name_what_was_lost() -> None:
    nothing = block_text("robustness", lambda name: None)
    assert "`python -m evidence run robustness`" in nothing
    numbers = {"not_found": 0, "failures": 1, "flagged": 2, "unflagged_failures": 0}
    error = {"exams": 12, "median": 2.0, "p95": 7.0}
    errors = {"long_axis_deg": error, "roll_deg": None, "center_mm": error}
    loss = {"pairs": 12, "loss": 0.72, "interval": [0.1, 1.4]}
    row = {
        "exams": 12,
        "ordinary": {**numbers, "errors": errors},
        "changed": {**numbers, "errors": errors},
        "loss": {"long_axis_deg": loss, "roll_deg": None, "center_mm": loss},
    }
    cohorts = {
        "hardest": {"words": "hardest", "methods": {"network": {"all": row, "small heart": row}}},
        "counts": {"words": "counts alone", "methods": {"network": {"concerned": row}}},
    }
    record = {
        "command": "python some/script.py", "seed": 5, "git_revision": "0123456789", "count": 12,
        "settings": [["counts", "20", "20 to 900"]], "cohorts": cohorts,
    }  # fmt: skip

    lines = block_text("robustness", {"robustness": record}.get).splitlines()

    said = next(line for line in lines if line.startswith("- "))
    assert "+0.72° (+0.10 to +1.40) of the median, more than half a degree" in said
    assert said.endswith("the largest are *small heart* +0.72° (+0.10 to +1.40).")
    assert "| small heart | +0.72° (+0.10 to +1.40), 12 |" in lines
    assert lines[-1] == "| counts | 20 | 20 to 900 | +0.72° (+0.10 to +1.40), 12 |"
    assert not any("counts alone" in line for line in lines)
