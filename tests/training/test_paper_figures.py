"""Figures of the paper: which exams are shown, and that they show what was predicted."""

from __future__ import annotations

import csv
from dataclasses import astuple, replace
from pathlib import Path

import numpy as np
import pytest

from shortaxis.evaluation.figures.style import house_style
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.euler import parameters_from_pose
from shortaxis.simulation.cohort import CohortRequest, simulate_cohort
from shortaxis.simulation.strata import hot_part
from shortaxis.training.exams import SeedRange
from shortaxis.training.paper import pictures
from shortaxis.training.paper.examples import (
    TestExam,
    extreme_exams,
    map_exams,
    posed,
    slice_exams,
)
from shortaxis.training.paper.figures import write_figures
from shortaxis.training.paper.pictures import write_pictures
from shortaxis.training.paper.predictions import Predictions
from shortaxis.training.paper.regression_figure import draw_regressions
from shortaxis.training.paper.scores_figure import MEASURES, score_rows, scores_csv
from shortaxis.training.paper.slices_figure import VIEWS

FIRST, COUNT = 8_700_020, 6


@pytest.fixture(scope="module")
def exams(tmp_path_factory: pytest.TempPathFactory) -> list[TestExam]:
    folder = tmp_path_factory.mktemp("figures")
    simulate_cohort(CohortRequest("paper", COUNT, FIRST, "compact", 0, preset_version=1), folder)
    return [TestExam(each) for each in SeedRange(folder, "paper", FIRST, COUNT).exams()]


def predictions(
    exams: list[TestExam], off: FloatArray | float = 0.0, method: str = "cnn-stn-three-stages"
) -> Predictions:
    truths = np.array(
        [
            astuple(parameters_from_pose(each.stored.pose, each.stored.volume.center_mm))
            for each in exams
        ]
    )
    return Predictions(method, 1, np.array([each.seed for each in exams]), truths, truths + off)


def with_strata(exam: TestExam, **strata: float | bool) -> TestExam:
    """The same exam, said to be of another kind."""
    return TestExam(replace(exam.stored, strata={**exam.stored.strata, **strata}))


def test_a_prediction_becomes_the_pose_it_says(exams: list[TestExam]) -> None:
    found = predictions(exams)
    for exam in exams:
        pose = posed(found, exam)
        assert pose is not None
        np.testing.assert_allclose(pose.matrix, exam.stored.pose.matrix, atol=1e-6)
    found.estimates[0] = np.nan
    assert posed(found, exams[0]) is None
    with pytest.raises(LookupError, match=str(FIRST + 1)):
        posed(predictions(exams[:1]), exams[1])


def test_the_patients_of_figure_4_are_chosen_by_what_they_have(exams: list[TestExam]) -> None:
    sound = {"defect_part": 0.0, "hot_organ": False, "small_heart": False}
    kinds = [with_strata(each, **{**sound, "hot_organ": True}) for each in exams]
    kinds[2] = with_strata(exams[2], **sound)
    lengths = [each.stored.scenario.phantom.heart.left_ventricle.length_mm for each in exams]
    left = [number for number in range(COUNT) if number != 2]
    shortest = min(left, key=lambda number: (lengths[number], number))
    defect = next(number for number in left if number != shortest)
    kinds[defect] = with_strata(exams[defect], **{**sound, "hot_organ": True, "defect_part": 0.3})
    chosen = slice_exams(kinds)
    assert [one.exam.seed - FIRST for one in chosen] == [2, shortest, defect]
    assert [one.words.split(",")[0] for one in chosen] == [
        "normal",
        "small heart",
        "abnormal uptake",
    ]


def test_the_maps_of_figure_6_are_of_both_conditions_and_none_twice(
    exams: list[TestExam],
) -> None:
    chosen = map_exams(exams)
    conditions = [one.exam.stored.scenario.condition for one in chosen]
    assert conditions == ["stress"] * 3 + ["rest"] * 3
    assert len({one.exam.seed for one in chosen}) == COUNT
    normal, *_ = chosen
    scores = [
        each.at_truth.summed_score
        for each in exams
        if each.at_truth and each.stored.scenario.condition == "stress"
    ]
    assert normal.exam.at_truth is not None
    assert normal.exam.at_truth.summed_score == min(scores)
    assert len(map_exams(exams[:2])) == 2


def test_figure_7_has_the_largest_angle_and_the_hottest_neighbour(exams: list[TestExam]) -> None:
    angles = np.abs(predictions(exams).truths[:, 3:]).max(axis=1)
    marked = [with_strata(each, hot_organ=True) for each in exams]
    turned, organ = extreme_exams(marked)
    assert turned.exam.seed - FIRST == int(angles.argmax())
    assert f"{angles.max():.0f}°" in turned.words
    parts = {each.seed: hot_part(each.stored.scenario.phantom) for each in exams}
    del parts[turned.exam.seed]
    assert parts[organ.exam.seed] == max(parts.values())
    unmarked = [with_strata(each, hot_organ=False) for each in exams]
    assert extreme_exams(unmarked)[1].words == "hot organ, 0 % of the rim"


def test_scores_by_the_true_pose_are_the_true_ones(exams: list[TestExam]) -> None:
    for row in score_rows(exams, predictions(exams)):
        assert row.predicted == pytest.approx(row.true, nan_ok=True)
    wrong = score_rows(exams, predictions(exams, np.array([0, 0, 0, 25.0, 0, 25.0])))
    assert any(row.predicted != row.true for row in wrong)
    lost = predictions(exams)
    lost.estimates[1] = np.nan
    rows = score_rows(exams, lost)
    assert np.isnan(list(rows[1].predicted.values())).all()
    table = list(csv.DictReader(scores_csv(rows).splitlines()))
    assert [int(each["seed"]) for each in table] == list(range(FIRST, FIRST + COUNT))
    for name, *_ in MEASURES:
        assert float(table[0][f"true_{name}"]) == pytest.approx(rows[0].true[name], rel=1e-3)


def test_letters_at_a_slice_are_its_walls() -> None:
    letters = {"Anterior": "A", "Inferior": "I", "Septal": "S", "Lateral": "L"}
    letters |= {"Apical": "Ap", "Basal": "B", "Apex": "Ap", "Base": "B"}
    for view, _, marks in VIEWS:
        walls = view.axes.walls()
        expected = [letters[walls[side].label] for side in ("top", "bottom", "left", "right")]
        assert list(marks) == expected, view


def test_figures_are_written_and_their_svg_is_the_same_again(
    exams: list[TestExam], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is the same in coarse pictures is so in sharp ones, and their SVG has no dots.
    monkeypatch.setattr(pictures, "DOTS_PER_INCH", 30)
    first, second = tmp_path / "first", tmp_path / "second"
    off = np.random.default_rng(0).normal(0, 5, (COUNT, 6))
    lost = predictions(exams, off, "ellipsoid")
    lost.estimates[:] = np.nan
    found = [predictions(exams, off), lost]
    for folder in (first, second):
        folder.mkdir()
        write_figures(exams, found, folder)
        with house_style():
            write_pictures(draw_regressions(found[0]), folder, "figure3")
    names = sorted(path.name for path in first.iterdir())
    expected = ("figure3", "figure4", "figure5-cnn-stn-three-stages", "figure6", "figure7")
    assert {f"{name}.{ending}" for name in expected for ending in ("png", "svg")} <= set(names)
    for name in names:
        assert (first / name).read_bytes() == (second / name).read_bytes(), name
    assert "no heart" in (first / "figure4.svg").read_text("utf-8")
    none = tmp_path / "none"
    none.mkdir()
    write_figures(exams, [], none)
    assert not list(none.iterdir())
