"""What is stored of a training run: the exams that were learnt from, and how long it ran."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from evidence.measuring.training.training_results import exam_counts, hours_of
from shortaxis.training import exams
from shortaxis.training.exams import SeedRange


def test_exams_of_several_ranges_of_one_preset_are_added_up(training_cohorts: Path) -> None:
    train = SeedRange(training_cohorts / "train", "paper", 20, 2)
    first, second = (SeedRange(train.folder, "paper", seed, 1) for seed in train.seeds)
    assert exam_counts([first, second]) == exam_counts([train]) == {"paper": 2}


def test_exams_that_nothing_was_learnt_from_do_not_count(
    training_cohorts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exams, "MAX_MOVED_MM", -1.0)
    assert exam_counts([SeedRange(training_cohorts / "train", "paper", 20, 2)]) == {"paper": 0}


def test_pauses_between_the_starts_of_a_stage_do_not_count(tmp_path: Path) -> None:
    logs = [tmp_path / number / "metrics.csv" for number in ("000", "001")]
    for log, hours in zip(logs, (1.0, 2.5), strict=True):
        log.parent.mkdir()
        log.touch()
        end = log.parent.stat().st_ctime + hours * 3600
        os.utime(log, (end, end))

    assert hours_of(logs) == pytest.approx(3.5, abs=0.01)
