"""Which of several reconstructions a report shows, and who decides."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

import shortaxis as library
from repository import DEMO
from shortaxis.errors import OptionError
from shortaxis.spect.reading_options import ReadingOptions
from shortaxis.spect.stated_geometry import permuted
from shortaxis.workflow.study_report.exams.choosing import ExamChoice
from shortaxis.workflow.study_report.exams.finding import FoundExams, find_exams, load_exams
from split_exams import write_kinds_in_one_series, write_windows


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kinds")
    write_kinds_in_one_series(folder)
    return folder


def names_of(found: FoundExams) -> list[str]:
    return [exam.found.paths[0].name for exam in found.exams]


def test_both_corrected_exams_are_shown_and_the_others_are_listed(kinds: Path) -> None:
    found = find_exams(kinds)

    assert names_of(found) == ["stress_AC.dcm", "rest_AC.dcm"]
    assert found.notes == (
        "stress and rest: of several corrections the attenuation-corrected is shown",
    )
    assert {item.path.name for item in found.left_out} == {
        "rest_GATED.dcm", "rest_NAC.dcm", "stress_GATED.dcm", "stress_NAC.dcm",
    }  # fmt: skip
    assert all(item.reason.startswith("another exam: ") for item in found.left_out)


def test_of_uncorrected_exams_the_gated_ones_are_shown(kinds: Path) -> None:
    found = find_exams(kinds, choice=ExamChoice(corrected=False))

    assert names_of(found) == ["stress_GATED.dcm", "rest_GATED.dcm"]
    assert found.notes == (
        "stress: the gated series is shown, an ungated one left out",
        "rest: the gated series is shown, an ungated one left out",
    )
    assert len(found.left_out) == 4


def test_a_pair_is_chosen_by_its_numbers(kinds: Path) -> None:
    found = find_exams(kinds, choice=ExamChoice(numbers=(6, 3)))

    assert names_of(found) == ["stress_NAC.dcm", "rest_NAC.dcm"]
    assert [exam.condition.value for exam in found.exams] == ["stress", "rest"]


def test_a_correction_that_only_one_exam_has_is_not_preferred(kinds: Path, tmp_path: Path) -> None:
    for path in kinds.iterdir():
        if path.name != "rest_AC.dcm":
            shutil.copy(path, tmp_path)

    found = find_exams(tmp_path)

    assert names_of(found) == ["stress_GATED.dcm", "rest_GATED.dcm"]
    assert "the uncorrected is shown" in found.notes[0]


def named_prone(folder: Path, name: str, words: str) -> None:
    stored = pydicom.dcmread(DEMO / "study.dcm")
    stored.SOPInstanceUID = f"{stored.SOPInstanceUID[:50]}.77"
    stored.file_meta.MediaStorageSOPInstanceUID = stored.SOPInstanceUID
    stored.SeriesInstanceUID = f"{stored.SeriesInstanceUID[:50]}.77"
    stored.SeriesDescription = words
    stored.PixelData = np.ascontiguousarray(stored.pixel_array[:, ::-1]).tobytes()
    stored.save_as(folder / name)


def test_a_prone_exam_goes_with_the_supine_one(tmp_path: Path) -> None:
    for name in ("study.dcm", "rest.dcm"):
        shutil.copy(DEMO / name, tmp_path)
    named_prone(tmp_path, "prone.dcm", "Stress prone")

    found = find_exams(tmp_path)

    assert names_of(found) == ["study.dcm", "rest.dcm"]
    stress, rest = found.exams
    assert stress.beside is not None
    assert stress.beside.paths[0].name == "prone.dcm"
    assert stress.beside.facts.lying == "prone"
    assert rest.beside is None
    assert found.left_out == ()
    loaded = load_exams(found)
    assert loaded.exams[0].other_position is not None
    assert loaded.exams[1].other_position is None


def test_a_second_position_that_is_the_same_file_is_refused() -> None:
    found = find_exams(DEMO / "study.dcm", second_position=DEMO / "study.dcm")
    with pytest.raises(OptionError, match="same exam"):
        load_exams(found)


def test_numbers_that_mean_nothing_are_refused(kinds: Path) -> None:
    with pytest.raises(OptionError, match="no study that was chosen"):
        find_exams(kinds, choice=ExamChoice(numbers=(9, 3)))
    with pytest.raises(OptionError, match="one number for two exams"):
        find_exams(kinds / "stress_AC.dcm", kinds / "rest_AC.dcm", choice=ExamChoice(numbers=(1,)))
    for numbers in ((0,), (1, 2, 3)):
        with pytest.raises(OptionError, match="no numbers of exams"):
            ExamChoice(numbers=numbers)


def test_of_energy_windows_that_of_technetium_is_shown_and_a_reason_to_look(tmp_path: Path) -> None:
    write_windows(tmp_path / "windows.dcm")

    found = find_exams(tmp_path / "windows.dcm")

    (exam,) = found.exams
    assert exam.found.facts.energy_window == "Tc-99m"
    assert found.reasons == ("of several energy windows that of Tc-99m is shown",)


def test_windows_that_nothing_tells_apart_are_not_guessed(tmp_path: Path) -> None:
    write_windows(tmp_path / "windows.dcm", second="Tc99m")

    with pytest.raises(OptionError, match="no single stress exam") as caught:
        find_exams(tmp_path / "windows.dcm")
    assert "--study" in str(caught.value)


def test_the_verb_takes_the_pair_it_is_told(kinds: Path, tmp_path: Path, shortaxis: Any) -> None:
    run = shortaxis("report", kinds, "-o", tmp_path / "out", "--study", "6,3", "--json")

    assert run.code == 0, run.err
    assert {Path(each["path"]).name for each in run.json["left_out"]} == {
        "rest_AC.dcm", "rest_GATED.dcm", "stress_AC.dcm", "stress_GATED.dcm",
    }  # fmt: skip


@pytest.mark.parametrize("arguments", [("--study", "six"), ("--corrected", "perhaps")])
def test_a_choice_that_means_nothing_is_one_error(
    kinds: Path, tmp_path: Path, shortaxis: Any, arguments: tuple[str, str]
) -> None:
    run = shortaxis("report", kinds, "-o", tmp_path / "out", *arguments)

    assert run.code != 0
    assert arguments[1] in run.err
    assert not (tmp_path / "out").exists()


def test_python_states_geometry_for_both_exams(tmp_path: Path) -> None:
    reading = ReadingOptions(stated=permuted("LPI"))

    made = library.report(DEMO, out=tmp_path, reading=reading, studies=(2, 1))

    reasons = made.pair.quality.reasons
    for title in ("stress", "rest"):
        assert any(
            reason.startswith(f"{title}: orientation as stated by the user") for reason in reasons
        )
