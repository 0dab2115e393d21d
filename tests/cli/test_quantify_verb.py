"""``shortaxis quantify`` on the bundled study, on short-axis slices, and on what is no heart."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from PIL import Image

from shortaxis.anatomy.segments import SEGMENTS
from shortaxis.cli.arguments import quantify_options


def record_in(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "quantification.json").read_text())


def uptakes_in(folder: Path) -> np.ndarray:
    values = record_in(folder)["uptake_percent"]["segments"]
    return np.array([values[str(number)] for number in range(1, 18)])


def test_the_bundled_study_shows_its_inferior_defect(
    shortaxis: Any, demo_study_path: Path, tmp_path: Path
) -> None:
    code, text, _ = shortaxis("quantify", demo_study_path, "-o", tmp_path / "out")

    assert code == 0
    assert "interchangeable" in text
    record = record_in(tmp_path / "out")
    segments = record["uptake_percent"]["segments"]
    # Inferior, and the inferoseptal wall beside it, against the lateral wall.
    assert max(segments[number] for number in ("4", "10", "15")) < 65
    assert min(segments[number] for number in ("11", "12", "16")) > 80
    scores = record["scores"]
    territories = scores["territories"]
    assert territories["RCA"] == max(territories.values()) > 0
    assert scores["summed"] == sum(scores["segments"].values())
    assert scores["by"] == "normal limits"
    against = scores["limits"]
    assert (against["name"], against["group"]["correction"]) == ("simulated-clinical", "none")
    assert 0.5 < against["uptake_times"] < 2
    assert record["quality"]["flag"] == "accept"
    picture = Image.open(tmp_path / "out/quantification.png")
    assert picture.size == (1600, 1000)


def test_the_table_has_a_row_a_segment(
    shortaxis: Any, demo_study_path: Path, tmp_path: Path
) -> None:
    shortaxis("quantify", demo_study_path, "-o", tmp_path / "out")
    with (tmp_path / "out/segments.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(int(row["segment"]), row["name"], row["sct"]) for row in rows] == [
        (each.number, each.name, each.sct) for each in SEGMENTS
    ]
    uptakes = [float(row["uptake_percent"]) for row in rows]
    np.testing.assert_allclose(uptakes, uptakes_in(tmp_path / "out"))
    scores = record_in(tmp_path / "out")["scores"]
    assert [int(row["score"]) for row in rows] == list(scores["segments"].values())


@pytest.mark.parametrize("form", ["dicom", "nifti"])
def test_short_axis_slices_are_read_as_the_study_that_they_were_cut_from(
    shortaxis: Any, demo_study_path: Path, tmp_path: Path, form: str
) -> None:
    shortaxis("reorient", demo_study_path, "-o", tmp_path / "cut", "--format", form)
    suffix = "dcm" if form == "dicom" else "nii.gz"
    slices = tmp_path / "cut" / f"short_axis.{suffix}"
    shortaxis("quantify", demo_study_path, "-o", tmp_path / "whole")

    code, _, _ = shortaxis("quantify", slices, "-o", tmp_path / "slices", "--force-input")

    assert code == 0
    assert record_in(tmp_path / "slices")["traced_with"]["axes"] == "of the slices"
    apart = np.abs(uptakes_in(tmp_path / "slices") - uptakes_in(tmp_path / "whole"))
    assert apart.max() < 5
    assert apart.mean() < 2


@pytest.fixture
def mislaid(shortaxis: Any, demo_study_path: Path, tmp_path: Path) -> Path:
    """Short-axis slices in a header that lays them transaxially, as some programs write them."""
    shortaxis("reorient", demo_study_path, "-o", tmp_path / "cut", "--format", "dicom")
    path = tmp_path / "cut/short_axis.dcm"
    dataset = pydicom.dcmread(path)
    dataset.DetectorInformationSequence[0].ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    dataset.save_as(path)
    return path


def test_short_axis_slices_that_lie_transaxially_are_refused_with_the_attribute(
    shortaxis: Any, mislaid: Path, tmp_path: Path
) -> None:
    code, _, message = shortaxis("quantify", mislaid, "-o", tmp_path / "out", "--force-input")
    assert code == 1
    assert "ViewCodeSequence (0054,0220) says short axis" in message
    assert "transaxial" in message
    assert not (tmp_path / "out").exists()


def test_words_alone_that_contradict_the_orientation_ask_for_a_look(
    shortaxis: Any, mislaid: Path, tmp_path: Path
) -> None:
    dataset = pydicom.dcmread(mislaid)
    del dataset.DetectorInformationSequence[0].ViewCodeSequence
    del dataset.SliceProgressionDirection
    dataset.SeriesDescription = "SAX"
    dataset.save_as(tmp_path / "sax.dcm")
    arguments = (tmp_path / "sax.dcm", "-o", tmp_path / "out", "--force-input")
    for verb, record in (("quantify", "quantification.json"), ("reorient", "report.json")):
        code, _, _ = shortaxis(verb, *arguments)
        assert code == 0
        quality = json.loads((tmp_path / "out" / record).read_text())["quality"]
        assert quality["flag"] == "review"
        (contradiction,) = (each for each in quality["reasons"] if "transaxially" in each)
        assert contradiction.startswith("SeriesDescription (0008,103E) says short axis")


def test_short_axis_slices_are_taken_only_when_asked_to(
    shortaxis: Any, demo_study_path: Path, tmp_path: Path
) -> None:
    shortaxis("reorient", demo_study_path, "-o", tmp_path / "cut")
    code, _, message = shortaxis("quantify", tmp_path / "cut/short_axis.dcm", "-o", tmp_path / "o")
    assert code == 1
    assert "short axis" in message
    assert not (tmp_path / "o").exists()


def test_earlier_results_are_replaced_only_when_asked_to(
    shortaxis: Any, demo_study_path: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    shortaxis("quantify", demo_study_path, "-o", out)
    before = (out / "quantification.json").stat().st_mtime_ns
    code, _, message = shortaxis("quantify", demo_study_path, "-o", out)
    assert code == 1
    assert "--force" in message
    assert (out / "quantification.json").stat().st_mtime_ns == before
    assert shortaxis("quantify", demo_study_path, "-o", out, "--force")[0] == 0


def test_an_unknown_roll_is_an_error_of_the_command_line(
    shortaxis: Any, demo_study_path: Path, tmp_path: Path
) -> None:
    code, _, message = shortaxis(
        "quantify", demo_study_path, "-o", tmp_path / "out", "--roll", "sideways"
    )
    assert code == 2
    assert "conventional or anatomical" in message
    assert not (tmp_path / "out").exists()


def test_without_normal_limits_nothing_is_scored(
    shortaxis: Any, demo_study_path: Path, tmp_path: Path
) -> None:
    code, text, _ = shortaxis(
        "quantify", demo_study_path, "-o", tmp_path / "out", "--normals", "none"
    )
    assert code == 0
    assert record_in(tmp_path / "out")["scores"] is None
    assert re.search(r"Summed score:? +-", text) or re.search(r"accept +-", text)
    with (tmp_path / "out/segments.csv").open(newline="") as file:
        assert {row["score"] for row in csv.DictReader(file)} == {""}


def test_fixed_bands_score_those_who_ask_for_them_and_say_so(
    shortaxis: Any, demo_study_path: Path, tmp_path: Path
) -> None:
    code, _, _ = shortaxis(
        "quantify", demo_study_path, "-o", tmp_path / "out", "--normals", "fixed-bands"
    )
    assert code == 0
    scores = record_in(tmp_path / "out")["scores"]
    assert scores["by"] == "fixed bands"
    assert scores["bands_percent"] == [70, 50, 30, 10]
    # What needs limits is not told without them.
    assert "scar_burden" not in scores


def test_unknown_normal_limits_are_an_error_before_any_work(
    shortaxis: Any, demo_study_path: Path, tmp_path: Path
) -> None:
    code, _, message = shortaxis(
        "quantify", demo_study_path, "-o", tmp_path / "out", "--normals", "theirs"
    )
    assert code == 2
    assert "simulated-clinical" in message
    assert not (tmp_path / "out").exists()


def test_the_convention_of_phases_is_chosen_and_an_unknown_one_is_refused(
    shortaxis: Any, demo_study_path: Path, tmp_path: Path
) -> None:
    for verb in ("quantify", "report"):
        code, _, errors = shortaxis(
            verb, demo_study_path, "-o", tmp_path / "out", "--phase", "mine"
        )
        assert code == 2
        assert "peak-95" in errors
    assert not (tmp_path / "out").exists()
    assert quantify_options(None, None, "conventional", "none", phase="Peak").phase == "peak"


def test_json_holds_records_and_no_other_text(
    shortaxis: Any, demo_study_path: Path, tmp_path: Path
) -> None:
    code, text, _ = shortaxis("quantify", demo_study_path, "-o", tmp_path / "out", "--json")
    values = json.loads(text)
    assert code == 0
    assert values["errors"] == []
    assert values["studies"][0]["schema"] == "shortaxis/quantification/2"


def test_real_studies_give_polar_maps_with_most_of_the_wall_seen(
    shortaxis: Any, real_dicom_paths: list[Path], tmp_path: Path
) -> None:
    code, _, _ = shortaxis("quantify", real_dicom_paths[0].parent, "-o", tmp_path / "out")
    assert code == 0
    records = [record_in(folder) for folder in sorted((tmp_path / "out").iterdir())]
    assert len(records) == len(real_dicom_paths)
    for record in records:
        assert 60 < record["left_ventricle"]["length_mm"] < 120
        assert 17 < record["left_ventricle"]["mid_wall_radius_mm"] < 42
        assert record["uptake_percent"]["wall"]["mean"] > 55
