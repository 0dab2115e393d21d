"""``shortaxis report`` and ``quantify --rest`` on the bundled patient."""

from __future__ import annotations

import csv
import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.pixels import apply_color_lut

from shortaxis.anatomy.segments import SEGMENTS
from shortaxis.workflow.study_report import writing
from shortaxis.workflow.study_report.pages.difference_rows import NO_SUBTRACTION
from shortaxis.workflow.study_report.requests import StudyReportRequest, make_study_report

FILES = {
    "report.html", "report.pdf", "study_report.json", "segments.csv", "slices.png",
    "polar_maps.png",
}  # fmt: skip
DOCUMENTS = {"slices.dcm", "polar_maps.dcm", "report.dcm", "measurements.dcm"}


@pytest.fixture(scope="module")
def demo(demo_study_path: Path) -> tuple[Path, Path]:
    return demo_study_path, demo_study_path.with_name("rest.dcm")


@pytest.fixture
def no_print(monkeypatch: pytest.MonkeyPatch) -> None:
    """Letters are embedded into the print at half the cost of a report; some look at the rest."""
    monkeypatch.setattr(writing, "pdf_of", lambda figures: b"%PDF-1.7")


@pytest.fixture(scope="module")
def written(demo: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("report") / "out"
    made = make_study_report(StudyReportRequest(*demo), out)
    assert {path.parent for path in made.files} == {out}
    return out


def test_a_report_is_a_page_a_print_pictures_numbers(written: Path) -> None:
    assert {path.name for path in written.iterdir()} == FILES | DOCUMENTS
    assert Image.open(written / "slices.png").width == 1600
    pdf = (written / "report.pdf").read_bytes()
    assert pdf.startswith(b"%PDF")
    assert len(re.findall(rb"/Type /Page\b", pdf)) == 2
    # Else the same report would be another object each time.
    assert b"/CreationDate" not in pdf


def test_the_page_fetches_nothing_and_holds_its_pictures(written: Path) -> None:
    page = (written / "report.html").read_text(encoding="utf-8")
    sources = re.findall(r"""(?:src|href)=["']([^"']*)["']""", page)
    # Slices and polar maps, and the wall of each exam in three dimensions.
    assert len(sources) == 4
    assert all(source.startswith("data:image/png;base64,") for source in sources)
    assert "default-src 'none'" in page
    assert not re.search(r"https?:", page)
    assert "not a medical device" in page
    assert "interchangeable" in page


def test_nothing_names_the_patient(written: Path, demo: tuple[Path, Path]) -> None:
    header = pydicom.dcmread(demo[0], stop_before_pixels=True)
    for name in FILES:
        content = (written / name).read_bytes()
        for value in (header.PatientID, str(header.PatientName), header.PatientBirthDate):
            assert not value or value.encode() not in content, name


def test_numbers_are_those_of_each_exam_alone(
    shortaxis: Any, written: Path, demo: tuple[Path, Path], tmp_path: Path
) -> None:
    record = json.loads((written / "study_report.json").read_text())
    for path, exam in zip(demo, record["exams"], strict=True):
        alone = tmp_path / path.stem
        assert shortaxis("quantify", path, "-o", alone).code == 0
        single = json.loads((alone / "quantification.json").read_text())
        for name in ("scores", "uptake_percent", "left_ventricle", "quality"):
            assert exam[name] == single[name]
    assert [exam["shown_as"] for exam in record["exams"]] == ["stress", "rest"]
    assert {exam["scores"]["by"] for exam in record["exams"]} == {"normal limits"}
    difference = record["difference"]["scores"]
    assert difference["by"] == "loss against rest"
    assert difference["summed"] == sum(difference["segments"].values())
    assert set(record["files"]) == {path.name for path in written.iterdir()}


def test_the_table_holds_both_exams(written: Path) -> None:
    with (written / "segments.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["segment"]) for row in rows] == [each.number for each in SEGMENTS]
    record = json.loads((written / "study_report.json").read_text())
    for name, exam in zip(("stress", "rest"), record["exams"], strict=True):
        assert [int(row[f"{name}_score"]) for row in rows] == [*exam["scores"]["segments"].values()]


def test_the_documents_join_the_study_and_hold_what_the_files_hold(
    written: Path, demo: tuple[Path, Path]
) -> None:
    sources = [pydicom.dcmread(path, stop_before_pixels=True) for path in demo]
    documents = {name: pydicom.dcmread(written / name) for name in DOCUMENTS}

    assert {each.StudyInstanceUID for each in documents.values()} == {sources[0].StudyInstanceUID}
    assert len({each.SeriesInstanceUID for each in documents.values()}) == len(DOCUMENTS)
    assert len({int(each.SeriesNumber) for each in documents.values()}) == len(DOCUMENTS)
    picture = np.asarray(Image.open(written / "slices.png").convert("RGB"))
    stored = documents["slices.dcm"]
    np.testing.assert_array_equal(apply_color_lut(stored.pixel_array, stored) >> 8, picture)
    pdf = (written / "report.pdf").read_bytes()
    assert documents["report.dcm"].EncapsulatedDocument[: len(pdf)] == pdf
    for each in documents.values():
        text = str(each)
        assert all(source.SOPInstanceUID in text for source in sources)
    texts = [e.value for e in documents["measurements.dcm"].iterall() if e.keyword == "TextValue"]
    assert [NO_SUBTRACTION in each for each in texts].count(True) == 1


@pytest.mark.usefixtures("no_print")
def test_nifti_input_gives_no_documents(
    shortaxis: Any, demo: tuple[Path, Path], tmp_path: Path
) -> None:
    made = shortaxis("reorient", demo[0], "-o", tmp_path / "a", "--format", "nifti")
    assert made.code == 0, made.err
    run = shortaxis(
        "report", tmp_path / "a/short_axis.nii.gz", "-o", tmp_path / "out", "--force-input"
    )
    assert run.code == 0, run.err
    assert {path.name for path in (tmp_path / "out").iterdir()} == FILES


def test_exchanged_exams_are_refused(
    shortaxis: Any, demo: tuple[Path, Path], tmp_path: Path
) -> None:
    run = shortaxis("report", *reversed(demo), "-o", tmp_path / "out")
    assert run.code != 0
    assert "says that it is rest" in run.err
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("no_print")
def test_exams_of_two_patients_are_refused_without_naming_either(
    shortaxis: Any, demo: tuple[Path, Path], tmp_path: Path
) -> None:
    other = pydicom.dcmread(demo[1])
    other.PatientID = "SOMEBODY-ELSE"
    other.save_as(tmp_path / "other.dcm")

    run = shortaxis("report", demo[0], tmp_path / "other.dcm", "-o", tmp_path / "out")
    assert run.code != 0
    assert "another patient" in run.err
    assert "SOMEBODY" not in run.err
    assert "SIM-" not in run.err
    still = shortaxis(
        "report", demo[0], tmp_path / "other.dcm", "-o", tmp_path / "out", "--force-input"
    )
    assert still.code != 0
    forced = shortaxis(
        "report", demo[0], tmp_path / "other.dcm", "-o", tmp_path / "out", "--force-pair", "--json"
    )
    assert forced.code == 0, forced.err
    assert forced.json["quality"]["flag"] == "review"
    assert "two patients?" in forced.json["quality"]["reasons"][0]


@pytest.mark.parametrize(
    ("keyword", "value", "other"),
    [
        ("PatientBirthDate", "19500101", "19510101"),
        ("PatientSex", "F", "M"),
        ("PatientName", "A^B", "C^D"),
    ],
)
def test_without_an_identifier_the_rest_of_the_identity_is_compared(
    shortaxis: Any, demo: tuple[Path, Path], tmp_path: Path, keyword: str, value: str, other: str
) -> None:
    paths = [tmp_path / "stress.dcm", tmp_path / "rest.dcm"]
    for source, path, said in zip(demo, paths, (value, other), strict=True):
        dataset = pydicom.dcmread(source)
        dataset.PatientID = ""
        setattr(dataset, keyword, said)
        dataset.save_as(path)
    run = shortaxis("report", *paths, "-o", tmp_path / "out")
    assert run.code != 0
    assert "another patient" in run.err
    assert value not in run.err
    assert other not in run.err


@pytest.mark.usefixtures("no_print")
def test_exchanged_exams_are_taken_on_the_users_word_and_flagged(
    shortaxis: Any, demo: tuple[Path, Path], tmp_path: Path
) -> None:
    run = shortaxis("report", *reversed(demo), "-o", tmp_path / "out", "--force-pair", "--json")
    assert run.code == 0, run.err
    assert "what is shown as stress says that it is rest" in run.json["quality"]["reasons"]
    assert [exam["source"]["condition"] for exam in run.json["exams"]] == ["stress", "rest"]


@pytest.mark.usefixtures("no_print")
def test_exams_of_different_years_are_flagged(
    shortaxis: Any, demo: tuple[Path, Path], tmp_path: Path
) -> None:
    dataset = pydicom.dcmread(demo[1])
    for keyword in ("AcquisitionDate", "SeriesDate", "StudyDate"):
        setattr(dataset, keyword, "20150102")
    dataset.save_as(tmp_path / "old.dcm")
    run = shortaxis("report", demo[0], tmp_path / "old.dcm", "-o", tmp_path / "out", "--json")
    assert run.code == 0, run.err
    assert any("days apart" in reason for reason in run.json["quality"]["reasons"])


@pytest.mark.usefixtures("no_print")
def test_short_axis_slices_share_no_pose(
    shortaxis: Any, demo: tuple[Path, Path], tmp_path: Path
) -> None:
    for path in demo:
        assert shortaxis("reorient", path, "-o", tmp_path / path.stem).code == 0
    slices = [tmp_path / path.stem / "short_axis.dcm" for path in demo]
    arguments = ("report", *slices, "-o", tmp_path / "out", "--force-input")
    run = shortaxis(*arguments, "--pose", "shared")
    assert run.code != 0
    assert "share no pose" in run.err
    assert shortaxis(*arguments).code == 0
    assert "axes of their own" in (tmp_path / "out/report.html").read_text(encoding="utf-8")


def test_one_file_given_twice_is_refused(
    shortaxis: Any, demo: tuple[Path, Path], tmp_path: Path
) -> None:
    copy = tmp_path / "copy.dcm"
    shutil.copyfile(demo[0], copy)
    for second in (demo[0], copy):
        run = shortaxis("report", demo[0], second, "-o", tmp_path / "out", "--force-pair")
        assert run.code != 0
        assert "same exam" in run.err


@pytest.mark.usefixtures("no_print")
def test_a_folder_with_one_of_each_is_a_pair(
    shortaxis: Any, demo: tuple[Path, Path], tmp_path: Path
) -> None:
    folder = tmp_path / "study"
    folder.mkdir()
    for number, path in enumerate(demo):
        shutil.copyfile(path, folder / f"IM{number}")
    run = shortaxis("report", folder, "-o", tmp_path / "out", "--json")
    assert run.code == 0, run.err
    assert [exam["shown_as"] for exam in run.json["exams"]] == ["stress", "rest"]


def test_a_folder_without_rest_says_what_it_holds(
    shortaxis: Any, demo: tuple[Path, Path], tmp_path: Path
) -> None:
    folder = tmp_path / "study"
    folder.mkdir()
    dataset = pydicom.dcmread(demo[0])
    for number in range(2):
        dataset.SeriesInstanceUID = f"2.25.{number + 7}"
        dataset.SOPInstanceUID = f"2.25.{number + 77}"
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
        dataset.save_as(folder / f"IM{number}")
    run = shortaxis("report", folder, "-o", tmp_path / "out")
    assert run.code != 0
    assert "no single stress exam" in run.err
    assert "01-stress, 02-stress" in run.err


@pytest.mark.usefixtures("no_print")
def test_one_exam_makes_a_report(shortaxis: Any, demo: tuple[Path, Path], tmp_path: Path) -> None:
    run = shortaxis("report", demo[1], "-o", tmp_path / "out", "--json")
    assert run.code == 0, run.err
    assert run.json["difference"] is None
    assert [exam["shown_as"] for exam in run.json["exams"]] == ["rest"]
    shared = shortaxis("report", demo[1], "-o", tmp_path / "other", "--pose", "shared")
    assert shared.code != 0


@pytest.mark.usefixtures("no_print")
def test_an_earlier_report_is_kept_unless_told_otherwise(
    shortaxis: Any, demo: tuple[Path, Path], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "gated.png").write_bytes(b"earlier")
    refused = shortaxis("report", *demo, "-o", out)
    assert refused.code != 0
    assert (out / "gated.png").read_bytes() == b"earlier"
    assert shortaxis("report", *demo, "-o", out, "--force").code == 0
    assert (out / "gated.png").read_bytes() == b"earlier"


@pytest.mark.usefixtures("no_print")
def test_what_an_earlier_report_had_and_this_one_has_not_is_removed(
    shortaxis: Any, demo: tuple[Path, Path], tmp_path: Path
) -> None:
    (tmp_path / "gated.png").write_bytes(b"earlier")
    (tmp_path / "study_report.json").write_text(json.dumps({"files": ["gated.png", "../x"]}))
    assert shortaxis("report", *demo, "-o", tmp_path, "--force").code == 0
    assert not (tmp_path / "gated.png").exists()


def test_unknown_pose_rules_are_refused(
    shortaxis: Any, demo: tuple[Path, Path], tmp_path: Path
) -> None:
    run = shortaxis("report", *demo, "-o", tmp_path / "out", "--pose", "mine")
    assert run.code != 0
    assert "own or shared" in run.err


def test_quantify_with_rest_writes_both_and_their_difference(
    shortaxis: Any, written: Path, demo: tuple[Path, Path], tmp_path: Path
) -> None:
    run = shortaxis("quantify", demo[0], "--rest", demo[1], "-o", tmp_path / "out")
    assert run.code == 0, run.err
    names = {"quantification.json", "segments.csv", "quantification.png"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == names
    record, report = (
        json.loads(path.read_text())
        for path in (tmp_path / "out/quantification.json", written / "study_report.json")
    )
    assert record["difference"] == report["difference"]
    table = "segments.csv"
    assert (tmp_path / "out" / table).read_text() == (written / table).read_text()


def test_real_studies_make_a_report(
    shortaxis: Any, real_dicom_paths: list[Path], tmp_path: Path
) -> None:
    for number, path in enumerate(real_dicom_paths):
        run = shortaxis("report", path, "-o", tmp_path / str(number), "--json")
        assert run.code == 0, run.err
        header = pydicom.dcmread(path, stop_before_pixels=True)
        page = (tmp_path / str(number) / "report.html").read_text(encoding="utf-8")
        for value in (str(header.get("PatientID", "")), str(header.get("PatientName", ""))):
            assert len(value) < 4 or value not in page
