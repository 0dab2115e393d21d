"""A study is compared with the limits of studies like it, or with none, and a note says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from shortaxis.dicom.carried.stated.glucose import FDG, PERHAPS_FDG
from shortaxis.quantification.normal_files import (
    DEFAULT_NORMALS,
    INSTALLED,
    find_normals,
    normals_to_json,
)
from shortaxis.quantification.normal_group import NormalGroup
from shortaxis.quantification.normal_limits import NormalLimits, NormalSet
from shortaxis.quantification.polar_map import LEVELS
from shortaxis.quantification.reconstructed_alike import reconstruction_statements
from shortaxis.quantification.wall_rays import ANGLES
from shortaxis.spect.nuclides import NUCLIDE_NAMES, nuclide_named_in
from shortaxis.spect.reading_notes import ReadingNote
from shortaxis.spect.study import AcquisitionFacts, StudyCondition
from shortaxis.workflow.quantify.limits_choice import group_of, limits_for
from shortaxis.workflow.quantify.wording import scored_by

KNOWN = AcquisitionFacts(
    condition=StudyCondition.REST, nuclide="Tl-201", attenuation_corrected=False, patient_sex="F"
)


def stored(folder: Path, *groups: NormalGroup, statements: Sequence[str] = ()) -> str:
    flat = np.ones((LEVELS, ANGLES))
    limits = tuple(NormalLimits("mine", group, 30, flat, flat) for group in groups)
    made = NormalSet("mine", "drawn", limits, statements=tuple(statements))
    path = folder / "mine.json"
    path.write_text(normals_to_json(made))
    return str(path)


def test_the_limits_of_studies_like_this_one_need_no_note(tmp_path: Path) -> None:
    own = NormalGroup("rest", "none", "Tl-201", "F")
    path = stored(tmp_path, NormalGroup(), NormalGroup(tracer="Tl-201"), own)
    limits, notes = limits_for(KNOWN, path)
    assert limits is not None
    assert limits.group == own
    assert notes == []


@pytest.mark.parametrize(
    ("fact", "value", "words"),
    [
        ("nuclide", "", "tracer"),
        ("patient_sex", "", "sex of the patient"),
        ("patient_sex", "O", "sex of the patient"),
        ("condition", StudyCondition.UNKNOWN, "stress or rest"),
        ("attenuation_corrected", None, "attenuation correction"),
    ],
)
def test_what_the_study_does_not_say_is_a_note(
    tmp_path: Path, fact: str, value: object, words: str
) -> None:
    path = stored(tmp_path, NormalGroup(), NormalGroup("rest", "none", "Tl-201", "F"))
    limits, notes = limits_for(replace(KNOWN, **{fact: value}), path)
    assert limits is not None
    assert limits.group == NormalGroup()
    assert f"the study does not say: {words}; the limits hold for any" in notes


def test_a_group_of_every_kind_of_exam_is_told_as_one() -> None:
    flat = np.ones((LEVELS, ANGLES))
    every, women = (NormalLimits("mine", NormalGroup(sex=sex), 31, flat, flat) for sex in ("", "F"))

    assert scored_by(every, by_bands=False) == "mine: 31 exams, all kinds"
    assert scored_by(women, by_bands=False) == "mine: 31 exams, women"


def test_a_study_that_fits_nothing_and_says_nothing_is_told_so(tmp_path: Path) -> None:
    path = stored(tmp_path, NormalGroup(sex="F"))

    limits, (note,) = limits_for(AcquisitionFacts(), path)

    assert limits is None
    assert "fit this study (it says nothing of its kind), only those for: women" in note


def test_a_study_that_says_nothing_of_itself_gets_one_note(tmp_path: Path) -> None:
    path = stored(tmp_path, NormalGroup(), NormalGroup("rest", "none", "Tl-201", "F"))
    _, notes = limits_for(AcquisitionFacts(), path)
    assert notes == [
        "the study does not say: attenuation correction, tracer, sex of the patient, stress or "
        "rest; the limits hold for any"
    ]


def test_limits_of_women_and_men_together_are_told_of_a_woman(tmp_path: Path) -> None:
    path = stored(tmp_path, NormalGroup(tracer="Tl-201"), NormalGroup(sex="M", tracer="Tl-201"))
    limits, notes = limits_for(KNOWN, path)
    assert limits is not None
    assert limits.group == NormalGroup(tracer="Tl-201")
    assert notes == [
        "there are no normal limits for women alone: those used are of women and men together"
    ]


def test_what_no_group_tells_apart_needs_no_note(tmp_path: Path) -> None:
    limits, notes = limits_for(AcquisitionFacts(), stored(tmp_path, NormalGroup()))
    assert limits is not None
    assert notes == []


@pytest.mark.parametrize(
    "other",
    [
        NormalGroup(tracer="Tc-99m"),
        NormalGroup(sex="M"),
        NormalGroup(condition="stress"),
        NormalGroup(correction="AC"),
    ],
)
def test_limits_of_other_studies_are_not_used_and_a_note_names_both(
    tmp_path: Path, other: NormalGroup
) -> None:
    limits, notes = limits_for(KNOWN, stored(tmp_path, other))
    assert limits is None
    (note,) = notes
    assert "rest, not corrected, Tl-201, women" in note
    assert other.words in note
    assert "nothing is scored" in note


def test_other_sexes_have_no_limits_of_their_own() -> None:
    assert group_of(replace(KNOWN, patient_sex="O")).sex == ""


@pytest.mark.parametrize(
    ("text", "nuclide"),
    [
        ("Technetium (99m-Tc) sestamibi", "Tc-99m"),
        ("^99m^Technetium", "Tc-99m"),
        ("99mTc-Tetrofosmin", "Tc-99m"),
        ("MIBI", "Tc-99m"),
        ("Tc-99m tetrofosmin", "Tc-99m"),
        ("Thallium 201 chloride", "Tl-201"),
        ("^201^Thallium", "Tl-201"),
        ("Tl201", "Tl-201"),
        ("Rubidium chloride Rb^82^", "Rb-82"),
        ("Ammonia N^13^", "N-13"),
        ("Flurpiridaz F^18^", "F-18"),
        ("511 keV", ""),
        ("In111 window", ""),
        ("Dual isotope Tl201/Tc99m", ""),
        ("", ""),
    ],
)
def test_tracers_are_known_by_their_nuclide(text: str, nuclide: str) -> None:
    assert nuclide_named_in(text) == nuclide


def test_every_name_of_the_table_stands_for_its_nuclide() -> None:
    for nuclide, words in NUCLIDE_NAMES.items():
        assert {nuclide_named_in(word) for word in (nuclide, *words)} == {nuclide}


def test_installed_limits_are_those_of_the_method_that_found_the_wall() -> None:
    for wall, name in INSTALLED.items():
        limits, _ = limits_for(KNOWN, DEFAULT_NORMALS, wall=wall)
        assert limits is not None
        assert limits.name == name
        assert find_normals(name).wall == wall


HERE = "OSEM 3i10s, Butterworth 0.4 cycles/cm (0.51 of Nyquist), order 10, from 64 views of 2 heads"


@pytest.mark.parametrize(
    ("made", "of_limits", "words"),
    [
        (HERE, [HERE.replace("64", "60")], None),
        ("", [""], None),
        (HERE, [""], "those of the limits not"),
        ("", [HERE], "this study came as slices, those of the limits with OSEM 3i10s"),
        (HERE, [HERE.replace("0.4 ", "0.3 ")], "those of the limits with OSEM 3i10s"),
    ],
)
def test_limits_of_another_reconstruction_are_a_note(
    tmp_path: Path, made: str, of_limits: list[str], words: str | None
) -> None:
    own = NormalGroup("rest", "none", "Tl-201", "F")
    path = stored(tmp_path, own, statements=["made by hand", *reconstruction_statements(of_limits)])

    _, notes = limits_for(replace(KNOWN, reconstructed_here=made), path)

    assert len(notes) == (words is not None)
    assert words is None or words in notes[0]


def test_sets_that_were_merged_keep_their_reconstruction(tmp_path: Path) -> None:
    own = NormalGroup("rest", "none", "Tl-201", "F")
    said = [f"ours: {each}" for each in reconstruction_statements([HERE])]
    path = stored(tmp_path, own, statements=said)

    _, notes = limits_for(replace(KNOWN, reconstructed_here=HERE), path)

    assert notes == []


@pytest.mark.parametrize("note", [FDG, PERHAPS_FDG])
@pytest.mark.parametrize("stated", [NormalGroup(), NormalGroup(tracer="F-18")])
def test_a_study_of_glucose_is_not_scored_by_limits_of_perfusion(
    tmp_path: Path, note: ReadingNote, stated: NormalGroup
) -> None:
    path = stored(tmp_path, NormalGroup())

    limits, (said,) = limits_for(KNOWN, path, stated, read=[note])

    assert limits is None
    assert "FDG" in said
    assert "nothing is scored" in said
    assert (
        limits_for(KNOWN, path, stated, read=[ReadingNote("something else", True)])[0] is not None
    )
