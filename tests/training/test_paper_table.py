"""Table 1 and paired comparisons: numbers that can be checked by hand or by another program."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from repository import REPOSITORY
from shortaxis.evaluation.document.blocks import Table
from shortaxis.evaluation.document.markdown import to_markdown
from shortaxis.geometry.arrays import FloatArray
from shortaxis.training.paper.comparisons import compare, comparison_table, comparisons_csv, holm
from shortaxis.training.paper.experiment import PARAMETERS, read_experiment
from shortaxis.training.paper.latex import to_latex
from shortaxis.training.paper.methods import METHODS
from shortaxis.training.paper.predictions import (
    PURPOSES,
    Predictions,
    read_all_predictions,
)
from shortaxis.training.paper.resampled import (
    interval_of,
    patient_weights,
    weighted_correlations,
    weighted_medians,
)
from shortaxis.training.paper.table import column_of, method_table, table_csv

EXAMS = 60
TRUTHS = np.random.default_rng(0).normal(0, 10, (EXAMS, 6))


def predictions(method: str, off: FloatArray | float, folds: int = 1) -> Predictions:
    """Of exams in pairs of stress and rest, off by this."""
    seeds = np.tile(np.arange(EXAMS), folds)
    truths = np.tile(TRUTHS, (folds, 1))
    return Predictions(method, folds, seeds, truths, truths + off)


def noisy(method: str, size: float, seed: int = 1, folds: int = 1) -> Predictions:
    return predictions(
        method, np.random.default_rng(seed).normal(0, size, (EXAMS * folds, 6)), folds
    )


def test_r_is_that_of_scipy_and_a_shift_is_an_error_of_the_centre() -> None:
    found = noisy("cnn-stn", 4)
    column = column_of(found, {})
    for place, name in enumerate(PARAMETERS):
        known = column.correlations[name]
        assert known is not None
        r = stats.pearsonr(found.truths[:, place], found.estimates[:, place]).statistic
        assert known.value == pytest.approx(r)
        assert known.low < r < known.high
    shifted = column_of(predictions("cnn-stn", np.array([3.0, 0, 4.0, 0, 0, 0])), {})
    center, axis = shifted.medians["center_mm"], shifted.medians["long_axis_deg"]
    assert center is not None
    assert axis is not None
    assert (center.value, center.low, center.high) == pytest.approx((5, 5, 5))
    assert axis.value == pytest.approx(0, abs=1e-4)
    assert shifted.tails["center_mm"] == pytest.approx(5)


def test_medians_of_drawn_patients_are_those_of_their_rows() -> None:
    rng = np.random.default_rng(3)
    patients = np.repeat(np.arange(15), 2)
    values, others = rng.normal(size=30), rng.normal(size=30)
    weights = patient_weights(patients, 20)
    medians = weighted_medians(values, weights)
    correlations = weighted_correlations(values, others, weights)
    assert correlations is not None
    for line, median, r in zip(weights.astype(int), medians, correlations, strict=True):
        rows = np.repeat(np.arange(30), line)
        assert median == pytest.approx(np.median(values[rows]))
        assert r == pytest.approx(np.corrcoef(values[rows], others[rows])[0, 1])
        assert line.sum() == 30
        assert np.array_equal(line[::2], line[1::2])


def test_exams_of_one_patient_are_no_two_observations() -> None:
    rng = np.random.default_rng(4)
    once = rng.normal(0, 5, (EXAMS // 2, 6))
    alike = Predictions("cnn-stn", 1, np.arange(EXAMS), TRUTHS, TRUTHS + np.repeat(once, 2, axis=0))
    shuffled = Predictions("cnn-stn", 1, rng.permutation(EXAMS), alike.truths, alike.estimates)
    widths = []
    for found in (alike, shuffled):
        median = column_of(found, {}).medians["center_mm"]
        assert median is not None
        widths.append(median.high - median.low)
    assert widths[0] > widths[1]


def test_several_folds_that_saw_an_exam_count_it_once() -> None:
    one, five = (column_of(noisy("cnn-stn", 4, folds=folds), {}) for folds in (1, 5))
    assert (one.exams, five.exams, five.folds) == (EXAMS, EXAMS, 5)
    widths = []
    for each in (one, five):
        r = each.correlations["x_m"]
        assert r is not None
        widths.append(r.high - r.low)
    # Exams counted five times would narrow it by the root of five.
    assert widths[1] > 0.55 * widths[0]


def test_a_heart_that_was_not_found_is_counted_and_has_no_error() -> None:
    off = np.zeros((EXAMS, 6))
    off[7] = np.nan
    column = column_of(predictions("ellipsoid", off), {})
    assert column.not_found == 1
    assert column.tails["center_mm"] == pytest.approx(0)
    assert "| no heart found | 1 |" in to_markdown([method_table([column])])


def test_a_roll_that_is_a_convention_is_no_result() -> None:
    found = noisy("ellipsoid", 2)
    found.estimates[:, PARAMETERS.index("beta")] = 0
    column = column_of(found, {})
    assert column.correlations["beta"] is None
    assert column.medians["roll_deg"] is None
    assert column.medians["long_axis_deg"] is not None


def test_the_table_has_a_column_a_method_and_the_papers_rows() -> None:
    costs = {"parameters": 360262, "minutes_per_epoch": 2.05, "prediction_s": 0.1109}
    columns = [column_of(noisy("cnn-stn", 2), costs), column_of(noisy("ellipsoid", 3), {})]
    table = method_table(columns)
    assert table.header == ("", "CNN+STN", "Ellipsoid")
    rows = {row[0]: row[1:] for row in table.rows}
    assert list(rows)[:6] == [f"r of {name}" for name in PARAMETERS]
    assert rows["parameters"] == ("360,262", "-")
    assert rows["training, minutes for an epoch"] == ("2.05", "-")
    assert rows["prediction, seconds for an exam"] == ("0.1109", "-")
    lines = list(csv.DictReader(io.StringIO(table_csv({"test": columns, "validation": []}))))
    assert [line["method"] for line in lines] == ["cnn-stn", "ellipsoid"]
    known = columns[0].correlations["theta"]
    assert known is not None
    assert float(lines[0]["r_theta"]) == known.value
    assert lines[1]["parameters"] == ""


def test_latex_is_well_formed() -> None:
    table = Table(("a_b", "50 %"), (("x & y", "1.0°"), ("z#", "-")))
    text = to_latex(table, "Only 5 % of {all}", "tab:one")
    body = text[text.index(r"\toprule") : text.index(r"\bottomrule")]
    rows = [line for line in body.splitlines() if line.endswith(r"\\")]
    assert len(rows) == 3
    assert all(len(re.findall(r"(?<!\\)&", row)) == 1 for row in rows)
    assert r"a\_b & 50 \% \\" in text
    assert r"Only 5 \% of \{all\}" in text
    for name in ("table*", "tabular"):
        assert text.count(rf"\begin{{{name}}}") == text.count(rf"\end{{{name}}}") == 1
    assert text.count("{") == text.count("}")


def test_a_better_method_is_found_to_be_better() -> None:
    sizes = {"cnn-stn-three-stages": 2, "cnn-stn": 6, "cascade": 2, "network": 2}
    found = [noisy(name, size, seed) for seed, (name, size) in enumerate(sizes.items(), start=10)]
    rows = {(each.first, each.second): each for each in compare(found)}
    assert set(rows) == {
        ("cnn-stn-three-stages", "cnn-stn"),
        ("cascade", "cnn-stn-three-stages"),
        ("network", "cascade"),
    }
    helped = rows["cnn-stn-three-stages", "cnn-stn"]
    alike = rows["cascade", "cnn-stn-three-stages"]
    assert helped.differences["center_mm"] is not None
    assert helped.differences["center_mm"] < -3
    assert helped.p_values["center_mm"] is not None
    assert helped.p_values["center_mm"] < 0.001
    assert helped.r_difference is not None
    assert helped.r_difference.low > 0
    assert alike.p_values["center_mm"] is not None
    assert alike.p_values["center_mm"] > 0.05
    assert alike.r_difference is not None
    assert alike.r_difference.low < 0 < alike.r_difference.high


def test_p_is_wilcoxons_over_patients() -> None:
    pair = [noisy("cnn-stn-three-stages", 3, 5), noisy("cnn-stn", 3, 6)]
    (row,) = compare(pair)
    means = [each.errors.reshape(EXAMS // 2, 2, 3).mean(axis=1) for each in pair]
    apart = means[0] - means[1]
    expected = holm([stats.wilcoxon(column).pvalue for column in apart.T])
    assert list(row.p_values.values()) == pytest.approx(expected)
    assert list(row.differences.values()) == pytest.approx(np.median(apart, axis=0).tolist())


def test_exams_without_a_pose_in_either_are_left_out_and_counted() -> None:
    first, second = noisy("network", 2, 7), noisy("cascade", 2, 8)
    second.estimates[3] = np.nan
    (row,) = compare([second, first])
    assert (row.exams, row.left_out) == (EXAMS - 1, 1)
    assert "59, 1 left out" in to_markdown([comparison_table([row])])
    (line,) = csv.DictReader(io.StringIO(comparisons_csv([row])))
    assert (line["first"], line["exams"]) == ("network", "59")


def test_holms_correction_is_that_of_his_example() -> None:
    assert holm([0.01, 0.02, 0.03, 0.005]) == pytest.approx([0.03, 0.04, 0.04, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


def test_the_interval_is_that_of_the_draws() -> None:
    found = interval_of(np.concatenate([[0.5], np.linspace(0, 1, 2001)]))
    assert (found.value, found.low, found.high) == pytest.approx((0.5, 0.025, 0.975))


def test_every_method_has_a_title_of_its_own() -> None:
    titles = [each.title for each in METHODS.values()]
    assert len(set(titles)) == len(titles) == 10


def test_the_stored_table_is_made_of_the_stored_predictions() -> None:
    stored = REPOSITORY / "evidence" / "results" / "paper-cpu"
    experiment = read_experiment(REPOSITORY / "configs" / "paper-cpu.toml", Path())
    costs = json.loads((stored / "timing.json").read_text("utf-8"))["methods"]
    found = {
        purpose: [
            column_of(each, costs[each.method])
            for each in read_all_predictions(experiment, stored, purpose)
        ]
        for purpose in PURPOSES
    }
    made = list(csv.reader(io.StringIO(table_csv(found))))
    kept = list(csv.reader(io.StringIO((stored / "table1.csv").read_text("utf-8"))))
    assert made[0] == kept[0]
    assert len(made) == len(kept) == 1 + 2 * 10
    for line, other in zip(made[1:], kept[1:], strict=True):
        assert line[:2] == other[:2]
        assert [each == "" for each in line] == [each == "" for each in other]
        numbers = [[float(each) for each in cells[2:] if each] for cells in (line, other)]
        assert numbers[0] == pytest.approx(numbers[1], rel=1e-6, abs=1e-6)
