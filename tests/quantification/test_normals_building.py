"""Normal limits are made of healthy hearts alone, in groups that are large enough."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shortaxis.errors import OptionError
from shortaxis.evaluation.cohorts.cohort import find_cohort
from shortaxis.evaluation.normals_building import build_normals, exam_group
from shortaxis.quantification.normal_files import read_normals
from shortaxis.quantification.normal_group import NormalGroup
from shortaxis.simulation.acquisition import Tracer
from shortaxis.simulation.cohort import CohortRequest, simulate_cohort
from shortaxis.simulation.exam_files import read_exam_facts
from shortaxis.spect.nuclides import nuclide_named_in
from shortaxis.workflow.normals import healthy_exams

SEEDS = range(120, 128)


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cohort")
    simulate_cohort(CohortRequest("paper", len(SEEDS), SEEDS[0], "compact", 0), folder)
    return folder


@pytest.fixture
def two_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(healthy_exams, "MIN_EXAMS", 2)


def healthy(folder: Path) -> list[NormalGroup]:
    """Groups of the exams without a defect, from their scenarios alone."""
    found = find_cohort(folder)
    facts = [read_exam_facts(found.path_of(seed)) for seed in SEEDS]
    return [
        exam_group(scenario)
        for scenario, _, _ in facts
        if not scenario.phantom.heart.defects
        and scenario.phantom.heart.left_ventricle.aneurysm is None
    ]


@pytest.mark.usefixtures("two_are_enough")
def test_groups_count_healthy_exams_and_those_alone(cohort: Path) -> None:
    groups = healthy(cohort)
    assert 2 <= len(groups) < len(SEEDS)
    built = build_normals(find_cohort(cohort), "mine", ["condition", "sex"]).normals
    counts = {limits.group: limits.exams for limits in built.limits}
    for wanted, exams in counts.items():
        # An exam may be left out for a reason to look; none may come from elsewhere.
        assert 2 <= exams <= sum(wanted.holds(group) for group in groups)
    assert NormalGroup() in counts
    assert "exams 120 to 127 of the preset paper" in built.source
    for limits in built.limits:
        assert (limits.sd_percent > 0).all()
        assert 30 < float(np.mean(limits.mean_percent)) < 100
    assert {group.tracer for group in counts} == {""}


def test_a_simulated_exam_says_of_which_group_it_is(cohort: Path) -> None:
    found = find_cohort(cohort)
    for seed in SEEDS:
        scenario, _, strata = read_exam_facts(found.path_of(seed))
        group = exam_group(scenario)
        assert (group.correction, group.tracer) == (strata["correction"], "Tc-99m")
        breasts = scenario.phantom.torso.breasts
        # Fat before the heart of a man is level with the middle of the body.
        assert (group.sex == "F") == (breasts.radius_mm > 0 and breasts.height_mm != 0)


def test_every_tracer_that_is_simulated_has_a_nuclide() -> None:
    nuclides = {each.label: nuclide_named_in(each.label) for each in Tracer}
    assert all(label.startswith(nuclide) for label, nuclide in nuclides.items())
    assert "" not in nuclides.values()


def test_a_cohort_with_too_few_healthy_exams_is_refused(cohort: Path) -> None:
    with pytest.raises(OptionError, match="too few healthy exams"):
        build_normals(find_cohort(cohort), "mine")


def test_exams_are_grouped_by_known_facts_only(cohort: Path) -> None:
    with pytest.raises(OptionError, match="unknown fact"):
        build_normals(find_cohort(cohort), "mine", ["age"])


@pytest.mark.usefixtures("two_are_enough")
def test_the_verb_writes_a_file_once(shortaxis: Any, cohort: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    made = shortaxis("normals", "build", cohort, "-o", path, "--name", "mine", "--by", "condition")
    assert made.code == 0
    assert read_normals(path).name == "mine"
    refused = shortaxis("normals", "build", cohort, "-o", path)
    assert refused.code == 1
    assert "--force" in refused.err


def test_a_group_holds_what_is_told_apart_further() -> None:
    wide = NormalGroup(condition="stress")
    assert wide.holds(replace(wide, correction="AC"))
    assert not replace(wide, correction="AC").holds(wide)
