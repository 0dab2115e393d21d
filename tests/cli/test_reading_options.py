"""The same options of reading wherever a study is read: verbs, Python, review, node."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import typer

import shortaxis
from doc_tables import table_below
from repository import REPOSITORY
from shortaxis.cli.main import app
from shortaxis.cli.reading import CHOICES, READING
from shortaxis.errors import ShortAxisError
from shortaxis.review.serving import ReviewRequest
from shortaxis.service.reading_rules import ReadingRules
from shortaxis.spect.reading_options import ReadingOptions
from shortaxis.spect.stated_geometry import StatedGeometry
from shortaxis.workflow.batch.options import BatchOptions
from shortaxis.workflow.studies.finding import find_studies
from split_exams import write_kinds_in_one_series

ONE_MEANT = ("reorient", "info", "quantify", "wall", "consistency", "report")
"""Verbs of which one study may be meant, by its number."""

ALL_MEANT = ("batch", "review open", "review export", "annotate", "normals build")
"""Verbs that take all; review chooses on its page, and a pair of annotate is one study."""

READS_PROJECTIONS = ("reconstruct",)
"""What it takes is raw: it states the acquisition, and has no slices to state."""

RAW_STATED = ("acquisition", "reconstruction")

READ_NONE = (
    "serve run", "serve status", "serve retry", "serve purge", "serve retrieve",
    "normals merge", "simulate", "train",
    "train-wall", "weights", "evaluate", "import-miilab", "import-physionet", "experiment run",
    "experiment time", "experiment report", "agreement measure", "agreement plan",
)  # fmt: skip
"""A node has [reading] in its file; the others read cohorts and data sets of a known layout."""


def verbs() -> Iterator[tuple[str, Any]]:
    def below(name: str, command: Any) -> Iterator[tuple[str, Any]]:
        for part, each in getattr(command, "commands", {"": command}).items():
            words = f"{name} {part}".strip()
            if hasattr(each, "commands"):
                yield from below(words, each)
            else:
                yield words, each

    return below("", typer.main.get_command(app))


VERBS = {
    name.replace("serve open", "serve run"): {
        option for parameter in command.params for option in parameter.opts
    }
    for name, command in verbs()
}


def test_it_is_known_of_every_verb_whether_it_reads_studies() -> None:
    assert set(VERBS) == {*ONE_MEANT, *ALL_MEANT, *READS_PROJECTIONS, *READ_NONE}


@pytest.mark.parametrize("verb", [*ONE_MEANT, *ALL_MEANT])
def test_a_verb_that_reads_studies_has_every_option_of_reading(verb: str) -> None:
    assert set(READING) - VERBS[verb] == set()


@pytest.mark.parametrize("verb", ONE_MEANT)
def test_a_verb_of_which_one_study_may_be_meant_lets_it_be_chosen(verb: str) -> None:
    # A report is of two exams, which have two series: numbers name both.
    wanted = set(CHOICES) - ({"--series"} if verb == "report" else set())

    assert wanted - VERBS[verb] == set()


@pytest.mark.parametrize("verb", READ_NONE)
def test_other_verbs_have_none(verb: str) -> None:
    # What is purged are studies of the node, by the names that it gives them.
    # Limits of patients hold for one reconstruction, which may be stated.
    own = {"--study"} if verb == "serve purge" else set()

    assert VERBS[verb] & {*READING, *CHOICES} == own


def test_the_documented_table_is_that_of_the_verbs() -> None:
    rows = table_below(REPOSITORY / "docs" / "reference" / "cli.md", "Where which option is")

    told = {row[0].strip("`"): row[1:] for row in rows}
    assert set(told) == {*READING, *CHOICES}
    for option, (one, all_of_them, node, python) in told.items():
        assert one == "yes" or (option == "--series" and one == "yes, but `report`")
        assert (all_of_them == "yes") == (option in READING)
        key = node.strip("`")
        assert (key in {each.name for each in fields(ReadingRules)}) == (option in READING)
        assert python


def test_a_node_states_all_that_the_command_line_does() -> None:
    assert {each.name for each in fields(ReadingRules)} >= {
        *(each.name for each in fields(StatedGeometry)),
        # What raw projections lack, and how they are reconstructed, stands in a file of its own.
        *({each.name for each in fields(ReadingOptions)} - {"stated", *RAW_STATED}),
        "raw_settings",
        "corrected",
    }


@pytest.mark.parametrize("name", ["reorient", "quantify", "measure_consistency", "report"])
def test_python_takes_the_same(name: str) -> None:
    parameters = set(inspect.signature(getattr(shortaxis, name)).parameters)

    assert {"reading", "force_input"} <= parameters
    assert {"series", "choice"} <= parameters or {"corrected", "studies"} <= parameters


def test_review_and_batch_take_the_same() -> None:
    for kind in (ReviewRequest, BatchOptions):
        assert {"reading", "corrected"} <= {each.name for each in fields(kind)}


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kinds")
    write_kinds_in_one_series(folder)
    return folder


def test_info_numbers_what_is_chosen_as_it_numbers_all(kinds: Path, shortaxis: Any) -> None:
    everything = shortaxis("info", kinds, "--json").json["studies"]
    corrected = shortaxis("info", kinds, "--corrected", "yes", "--json").json["studies"]
    third = shortaxis("info", kinds, "--study", "3", "--json").json["studies"]
    shown = shortaxis("info", kinds, "--corrected", "yes").out

    assert [each["number"] for each in everything] == [1, 2, 3, 4, 5, 6]
    assert corrected == [each for each in everything if each["attenuation_corrected"]]
    assert len(corrected) == 2
    assert third == everything[2:3]
    for each in corrected:
        assert f"\n{each['number']}: {each['files'][0]}" in shown


def test_folders_have_the_numbers_that_info_lists(kinds: Path) -> None:
    from shortaxis.cli.reading import study_choice

    everything = find_studies(kinds)
    chosen = find_studies(kinds, choice=study_choice("yes", None))

    assert set(chosen.folder_names()) < set(everything.folder_names())


@pytest.mark.parametrize(
    "options",
    [["--study", "9"], ["--corrected", "perhaps"], ["--orientation", "LLS"], ["--series", "1.2.3"]],
)
def test_info_refuses_what_reorient_refuses(
    kinds: Path, tmp_path: Path, shortaxis: Any, options: list[str]
) -> None:
    listed = shortaxis("info", kinds, *options)
    cut = shortaxis("reorient", kinds, "-o", tmp_path / "out", *options)

    assert listed.code == cut.code != 0
    assert listed.err == cut.err


def test_info_reads_as_stated(tmp_path: Path, shortaxis: Any) -> None:
    import pydicom

    from nm_object import save_object
    from repository import DEMO

    nm = pydicom.dcmread(DEMO / "study.dcm")
    del nm.SpacingBetweenSlices
    path = save_object(nm, tmp_path / "study.dcm")

    refused = shortaxis("info", path)
    listed = shortaxis("info", path, "--slice-spacing", "-5", "--json")

    assert refused.code != 0
    (study,) = listed.json["studies"]
    assert study["spacing_mm"][0] == 5
    assert any("slice spacing -5 mm" in doubt for doubt in study["doubts"])


def test_what_info_lists_can_be_read_and_nothing_else(kinds: Path) -> None:
    for options in (ReadingOptions(), ReadingOptions(stated=StatedGeometry("LPI"))):
        for study in find_studies(kinds, options=options).studies:
            try:
                loaded = study.load().study
            except ShortAxisError as error:
                pytest.fail(f"listed and refused: {error}")
            assert loaded.volume.shape == study.shape
            assert set(study.notes) <= set(loaded.notes)
