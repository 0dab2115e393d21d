"""The pages on the simulation say what the code does, and the draws are like their sources."""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from doc_tables import table_below
from repository import DOCS, REPOSITORY

pytest.importorskip("torch")
polars = pytest.importorskip("polars")

from evidence.pages.blocks import block_text  # noqa: E402
from evidence.pages.origins import command_to_repeat  # noqa: E402
from evidence.pages.values.simulation import apart_from_sources  # noqa: E402
from shortaxis.simulation.cohort import CohortRequest, simulate_cohort  # noqa: E402
from shortaxis.simulation.presets import PRESETS, sample_scenario  # noqa: E402
from shortaxis.simulation.scenario import scenario_to_json  # noqa: E402
from shortaxis.simulation.strata import STRATA  # noqa: E402

FILES = DOCS / "reference" / "cohort-files.md"
EXPLANATION = DOCS / "explanation" / "simulation.md"


def names(heading: str, page: Path = FILES) -> list[str]:
    return [name for row in table_below(page, heading) for name in re.findall(r"`(\w+)`", row[0])]


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cohort")
    simulate_cohort(CohortRequest("paper", 1, 9_300_000, "compact"), folder)
    return folder


def test_the_tables_name_every_field_of_the_files(cohort: Path) -> None:
    with np.load(next((cohort / "exams").iterdir())) as stored:
        arrays = list(stored)

    assert names("scenario.json") == list(json.loads(scenario_to_json(scenario())))
    assert sorted(names("Compact exams")) == sorted(arrays)
    assert names("index.parquet") == polars.read_parquet(cohort / "index.parquet").columns
    assert names("cohort.json") == list(json.loads((cohort / "cohort.json").read_text("utf-8")))
    assert names("Strata") == list(STRATA)


def scenario() -> object:
    return sample_scenario("paper", 9_300_000)


def test_the_preset_tables_name_the_presets() -> None:
    assert set(names("Presets", EXPLANATION)) == set(PRESETS)
    assert set(names("Simulate a cohort", DOCS / "how-to" / "simulate-a-cohort.md")) == set(PRESETS)


def test_ranges_of_seeds_begin_even_and_do_not_overlap() -> None:
    ranges = [
        [int(number.replace(",", "")) for number in row[0].split(" to ")]
        for row in table_below(EXPLANATION, "Seeds")
    ]

    assert all(first % 2 == 0 and first < last for first, last in ranges)
    assert all(last < first for (_, last), (first, _) in itertools.pairwise(ranges))


@pytest.mark.parametrize(
    "script",
    [path for folder in ("evidence/measuring", "docs/figures", "demo")
     for path in sorted((REPOSITORY / folder).rglob("*.py"))
     if "FIRST_SEED = " in path.read_text("utf-8")],
    ids=lambda path: path.name,
)  # fmt: skip
def test_each_script_that_simulates_keeps_to_its_range(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    seed = int(re.search(r"^FIRST_SEED = ([\d_]+)$", text, re.M)[1])

    ranges = [row[0].replace(",", "").split(" to ") for row in table_below(EXPLANATION, "Seeds")]

    assert any(int(first) <= seed <= int(last) for first, last in ranges)


STATISTICS = json.loads(
    (REPOSITORY / "evidence" / "results" / "scenario_statistics.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize(
    "quantity",
    [
        "theta_deg", "alpha_deg", "left_mm", "length_mm", "radius_mm", "ejection_fraction",
        "pixel_mm", "wall_mm", "lung_uptake", "liver_uptake", "counts",
    ],
)  # fmt: skip
def test_the_clinical_mean_lies_within_what_sources_say(quantity: str) -> None:
    assert quantity in STATISTICS["quantities"]

    assert quantity not in apart_from_sources(STATISTICS)


def test_what_lies_apart_from_its_source_is_explained() -> None:
    # Phantoms take 0.2 to 0.5 for the right ventricle, which is what blurred images show of it.
    assert apart_from_sources(STATISTICS) == ["right_ventricle_uptake"]
    text = EXPLANATION.read_text(encoding="utf-8")
    assert "its true uptake raised; what images show is after partial volume" in text


@pytest.mark.parametrize("quantity", ["alpha_deg", "left_mm", "length_mm", "radius_mm"])
def test_the_clinical_spread_is_like_that_of_the_sources(quantity: str) -> None:
    sources = STATISTICS["quantities"][quantity]["sources"]
    spreads = [source["high"] - source["mean"] for source in sources]
    drawn = STATISTICS["presets"]["clinical"]["quantities"][quantity]["sd"]

    assert 0.8 * min(spreads) < drawn < 1.3 * max(spreads)


def test_a_third_of_the_patients_breathe_deeply() -> None:
    # Pretorius 2017: 33 % of 1,103 patients over 10 mm.
    share = STATISTICS["presets"]["clinical"]["shares"]["respiration above 10 mm"]

    assert share == pytest.approx(0.33, abs=0.08)


def test_wide_draws_go_beyond_clinical_ones_on_both_sides() -> None:
    wide, clinical = (STATISTICS["presets"][name]["quantities"] for name in ("wide", "clinical"))

    for quantity in set(wide) - {"pixel_mm", "theta_deg"}:
        assert wide[quantity]["p05"] < clinical[quantity]["p05"], quantity
        assert wide[quantity]["p95"] > clinical[quantity]["p95"], quantity


def test_the_stored_statistics_are_those_of_the_draws() -> None:
    # A few of the 2,000: the priors have not changed since the file was written.
    drawn = [sample_scenario("clinical", STATISTICS["seed"] + number) for number in range(60)]
    lengths = [each.phantom.heart.left_ventricle.length_mm for each in drawn]
    stored = STATISTICS["presets"]["clinical"]["quantities"]["length_mm"]

    # Stress and rest share a heart: 30 hearts.
    assert np.mean(lengths) == pytest.approx(stored["mean"], abs=4 * stored["sd"] / np.sqrt(30))


def test_every_parameter_of_a_scenario_is_in_the_programming_reference() -> None:
    page = (DOCS / "reference" / "api-simulation.md").read_text(encoding="utf-8")
    parts = [getattr(scenario(), each.name) for each in fields(scenario())]

    for part in parts:
        if type(part).__module__.startswith("shortaxis"):
            assert f"::: {type(part).__module__}\n" in page


ORIGIN = {"command": "python some/script.py --count 3", "seed": 5, "git_revision": "0123456789"}


@pytest.mark.parametrize(
    ("stored_command", "shown"),
    [
        ("python a.py --method ellipsoid --pictures docs/images", "python a.py --method ellipsoid"),
        ("python a.py --cohorts ../cohorts --each-setting", "python a.py --each-setting"),
        ("python a.py runs/1 --config x.toml", "python a.py runs/1 --config x.toml"),
        ("python a.py --data=elsewhere --count=3", "python a.py --count=3"),
        ("python a.py", "python a.py"),
    ],
)  # fmt: skip
def test_a_shown_command_keeps_every_argument_but_places(stored_command: str, shown: str) -> None:
    assert command_to_repeat(stored_command) == shown


def test_missing_results_become_sentences_that_name_the_command() -> None:
    for block, command in (
        ("realism", "realism"),
        ("scenarios", "scenario_statistics"),
        ("camera speed", "benchmark_camera"),
        ("simulation speed", "benchmark_simulate"),
    ):
        text = block_text(block, lambda name: None)

        assert f"`python -m evidence run {command}`" in text
        assert "\n" not in text


def test_the_table_of_realism_is_made_of_what_is_compared() -> None:
    from evidence.measuring.simulation.realism import compare

    simulated = [{"wall (mm)": float(value)} for value in [*range(10, 21), "nan"]]
    measures = compare(
        [{"wall (mm)": 12.0}, {"wall (mm)": 25.0}], {"MULTI_PINHOLE": simulated, "PET": simulated}
    )
    stored = {"realism": {**ORIGIN, "count": 12, "measures": measures}}

    table = block_text("realism", stored.get).splitlines()

    assert table[0].startswith("12 simulated exams")
    assert "`python some/script.py --count 3`, seed 5, revision 0123456" in table[0]
    assert table[2] == "| measure | real studies | simulated 530c | simulated PET | real inside |"
    row = "| wall (mm) | 12, 25 | 10.5 – 15 – 19.5 | 10.5 – 15 – 19.5 | 1 of 2 |"
    assert table[4] == row


def test_the_tables_of_speed_show_medians_and_ratios() -> None:
    medians = {"forward_s": 0.21, "pytomography_forward_s": 2.1}
    camera = {"runs": 3, "medians": medians, "pytomography_ratio": {"forward": 10.0}}
    preset = {"median_s": 0.6, "slowest_s": 1.24, "exams_per_second": 1.5, "peak_memory_mb": 640}
    stored = {
        "benchmark_camera": {**ORIGIN, **camera},
        "benchmark_simulate": {**ORIGIN, "count": 40, "presets": {"paper": preset}},
    }

    beside_theirs = block_text("camera speed", stored.get).splitlines()
    alone = block_text("simulation speed", stored.get).splitlines()

    assert beside_theirs[-1].endswith("| 0.21 s | 2.10 s | 10.0 |")
    assert alone[-1] == "| `paper` | 0.60 s | 1.2 s | 1.50 | 640 MB |"
