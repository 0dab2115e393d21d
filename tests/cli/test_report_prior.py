"""``shortaxis report --prior``: the files, their references, and what is refused."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pydicom
import pytest
from PIL import Image

from repository import DEMO
from shortaxis.workflow.study_report import writing
from verb_run import Run

EARLIER = {"compared.png", "compared.dcm", "compared_segments.csv"}


@pytest.fixture(scope="module")
def prior(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled exam at rest, as a stress exam of four years before."""
    header = pydicom.dcmread(DEMO / "rest.dcm")
    del header.AcquisitionContextSequence
    header.SeriesDescription = "STRESS TRANSAXIAL"
    header.StudyDate = header.SeriesDate = header.AcquisitionDate = "20200103"
    header.SOPInstanceUID = header.file_meta.MediaStorageSOPInstanceUID = "1.2.3.4.5"
    path = tmp_path_factory.mktemp("prior") / "prior.dcm"
    header.save_as(path)
    return path


@pytest.fixture
def no_print(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "pdf_of", lambda figures: b"%PDF-1.7")


def numbers_by_code(dataset: pydicom.Dataset) -> dict[str, list[float]]:
    """Values of a structured report by the code of their concept."""
    found: dict[str, list[float]] = {}
    for element in dataset.iterall():
        for item in element.value if element.keyword == "ContentSequence" else ():
            if item.ValueType == "NUM":
                (measured,) = item.MeasuredValueSequence
                code = item.ConceptNameCodeSequence[0].CodeValue
                found.setdefault(code, []).append(float(measured.NumericValue))
    return found


@pytest.mark.usefixtures("no_print")
def test_an_earlier_exam_adds_a_page_a_table_and_a_document(
    shortaxis: Callable[..., Run], prior: Path, tmp_path: Path
) -> None:
    run = shortaxis(
        "report", DEMO / "study.dcm", "-o", tmp_path / "out", "--prior", prior, "--json"
    )

    assert run.code == 0
    assert {Path(each).name for each in run.json["files"]} >= EARLIER
    compared = run.json["compared_with_earlier"]
    assert compared["days_before"] == 1460
    assert [each["shown_as"] for each in compared["earlier_exams"]] == ["stress"]
    with (tmp_path / "out" / "compared_segments.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["stress_now_score"]) for row in rows] == [
        *run.json["exams"][0]["scores"]["segments"].values()
    ]
    stored = pydicom.dcmread(tmp_path / "out" / "compared.dcm")
    assert (stored.Columns, stored.Rows) == Image.open(tmp_path / "out" / "compared.png").size
    assert stored.StudyInstanceUID == pydicom.dcmread(DEMO / "study.dcm").StudyInstanceUID
    assert "1.2.3.4.5" in str(stored)
    assert "1.2.3.4.5" in str(pydicom.dcmread(tmp_path / "out" / "report.dcm"))
    assert "1.2.3.4.5" not in str(pydicom.dcmread(tmp_path / "out" / "slices.dcm"))
    measured = pydicom.dcmread(tmp_path / "out" / "measurements.dcm")
    assert "1.2.3.4.5" in str(measured.PertinentOtherEvidenceSequence)
    told = numbers_by_code(measured)
    change = compared["changes"]["stress"]
    assert told["DAYS_BEFORE"] == [1460]
    for code, side in (("CHANGE_LESS", "worse"), ("CHANGE_MORE", "better")):
        deficit = 100 * change[side]["total_perfusion_deficit"]
        assert told[code] == pytest.approx([deficit], abs=0.011)
    assert told["CHANGE"] == pytest.approx([*change["segments_percent"].values()], abs=0.06)
    texts = [each.value for each in measured.iterall() if each.keyword == "TextValue"]
    said = compared["words"].removeprefix("Compared with the earlier exam, 4.0 years (1460 days) ")
    change_said = said.removeprefix("before: under stress ").split(" TPD)")[0]
    assert change_said.startswith("less uptake")
    assert any(change_said in text for text in texts)
    for path in (tmp_path / "out").iterdir():
        content = path.read_bytes()
        assert b"20200103" not in content
        assert b"2020-01-03" not in content

    # Without it, nothing of the earlier report stays.
    again = shortaxis("report", DEMO / "study.dcm", "-o", tmp_path / "out", "--force")

    assert again.code == 0
    assert not EARLIER & {path.name for path in (tmp_path / "out").iterdir()}
    record = json.loads((tmp_path / "out" / "study_report.json").read_text())
    assert record["compared_with_earlier"] is None


@pytest.mark.usefixtures("no_print")
def test_the_terminal_says_what_changed(
    shortaxis: Callable[..., Run], prior: Path, tmp_path: Path
) -> None:
    run = shortaxis("report", DEMO / "study.dcm", "-o", tmp_path / "out", "--prior", prior)

    assert "note: Compared with the earlier exam, 4.0 years (1460 days) before: " in run.out
    assert "note: Stress: SSS earlier " in run.out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--prior", DEMO / "study.dcm"), "are the same exam"),
        (("--prior", DEMO / "nothing.dcm"), "nothing.dcm"),
        (("--prior", DEMO / "rest.dcm"), "--prior-stress or --prior-rest"),
        (("--prior-rest", DEMO / "rest.dcm"), "no earlier exam of the same condition"),
        (("--prior", DEMO / "rest.dcm", "--prior-rest", DEMO / "rest.dcm"), "two ways"),
    ],
)
def test_what_cannot_be_compared_is_one_error_before_any_work(
    shortaxis: Callable[..., Run], tmp_path: Path, options: tuple[object, ...], words: str
) -> None:
    run = shortaxis("report", DEMO / "study.dcm", "-o", tmp_path / "out", *options)

    assert run.code in (1, 2)
    assert words in " ".join(run.err.split())
    assert run.err.count("error:") == 1
    assert not (tmp_path / "out").exists()


def test_a_report_does_not_overwrite_an_earlier_exam(
    shortaxis: Callable[..., Run], prior: Path, tmp_path: Path
) -> None:
    named = tmp_path / "compared.dcm"
    named.write_bytes(prior.read_bytes())

    run = shortaxis("report", DEMO / "study.dcm", "-o", tmp_path, "--prior", named, "--force")

    assert "would be overwritten" in run.err
    assert named.read_bytes() == prior.read_bytes()
