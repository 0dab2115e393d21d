"""Earlier exams of a patient on the review server: which they are, and what has changed since."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

pytest.importorskip("fastapi", reason="the review page needs FastAPI")
pytest.importorskip("httpx2", reason="the tests of the review page need httpx2")

from dated_exams import BEFORE, LONG_BEFORE, NOW, PATIENT, write_exam
from repository import DEMO
from reviewed_studies import Reviewed
from shortaxis.review.identities import Identities
from shortaxis.workflow.quantify.quantifying import QuantifyOptions
from shortaxis.workflow.study_report.earlier.comparing import with_earlier
from shortaxis.workflow.study_report.earlier.finding import (
    EarlierPaths,
    find_earlier,
    load_earlier,
)
from shortaxis.workflow.study_report.earlier.record import comparison_record
from shortaxis.workflow.study_report.earlier.section import compared_section
from shortaxis.workflow.study_report.exams.finding import find_exams, load_exams
from shortaxis.workflow.study_report.exams.pairing import quantify_exams


@pytest.fixture
def exams(tmp_path: Path) -> Path:
    """Stress of today, stress with less of a defect ten months before, and rest of then."""
    folder = tmp_path / "studies"
    write_exam(folder / "now.dcm", "study.dcm", "STRESS", NOW)
    write_exam(folder / "before.dcm", "rest.dcm", "STRESS", BEFORE)
    write_exam(folder / "rest.dcm", "rest.dcm", "REST", BEFORE, PatientSex="")
    return folder


def read_all(reviewed: Reviewed) -> dict[str, str]:
    """Studies by their files, once all were read."""
    rows = reviewed.rows()
    for row in rows:
        reviewed.opened(row["study"])
    return {Path(row["file"]).stem: row["study"] for row in rows}


def earlier_of(reviewed: Reviewed, study: str) -> list[dict[str, Any]]:
    answer = reviewed.client.get(f"api/studies/{study}/earlier")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


def heart(record: dict[str, Any]) -> dict[str, Any]:
    return {name: record["automatic"][name] for name in ("center_mm", "patient_from_cardiac")}


def compared(reviewed: Reviewed, now: str, before: str, normals: str = "simulated-clinical") -> Any:
    hearts = {
        name: heart(reviewed.opened(study)) for name, study in (("now", now), ("before", before))
    }
    body = {"earlier": before, **hearts}
    return reviewed.client.post(f"api/studies/{now}/comparison?normals={normals}", json=body)


# Which exams are earlier ones


def test_an_earlier_exam_of_the_patient_is_found_by_days_and_told_without_a_date(
    exams: Path, tmp_path: Path
) -> None:
    write_exam(exams / "long-before.dcm", "rest.dcm", "STRESS", LONG_BEFORE)
    reviewed = Reviewed(exams, tmp_path / "out")
    studies = read_all(reviewed)

    found = earlier_of(reviewed, studies["now"])

    # 1 March 2025 to 10 January 2026, and 5 November 2023 to then.
    assert found == [
        {"study": studies["before"], "condition": "stress", "days_before": 315, "is_alike": True},
        {"study": studies["long-before"], "condition": "stress", "days_before": 797,
         "is_alike": True},
        {"study": studies["rest"], "condition": "rest", "days_before": 315, "is_alike": False},
    ]  # fmt: skip
    assert [each["study"] for each in earlier_of(reviewed, studies["before"])] == [
        studies["long-before"]
    ]
    assert earlier_of(reviewed, studies["long-before"]) == []


@pytest.mark.parametrize(
    "said",
    [
        {"PatientID": "KX-9917365"},
        {"PatientBirthDate": "19310730"},
        {"PatientSex": "F"},
        {"StudyDate": NOW, "SeriesDate": NOW, "AcquisitionDate": NOW},
        {"StudyDate": "", "SeriesDate": "", "AcquisitionDate": ""},
        {"SeriesDescription": "REST TRANSAXIAL", "AcquisitionDate": "20260108"},
    ],
    ids=["another ID", "another birthday", "another sex", "that day", "no day", "rest of the exam"],
)
def test_what_is_no_earlier_exam_of_the_patient_is_not_named(
    tmp_path: Path, said: dict[str, str]
) -> None:
    folder = tmp_path / "studies"
    write_exam(folder / "now.dcm", "study.dcm", "STRESS", NOW)
    write_exam(folder / "before.dcm", "rest.dcm", "STRESS", BEFORE, **said)
    reviewed = Reviewed(folder, tmp_path / "out")
    studies = read_all(reviewed)

    assert earlier_of(reviewed, studies["now"]) == []


@pytest.mark.parametrize(
    ("issuers", "is_found"), [(("North", "South"), False), (("North", ""), True)]
)
def test_the_issuer_of_an_id_tells_patients_apart_where_both_say_it(
    tmp_path: Path, issuers: tuple[str, str], is_found: bool
) -> None:
    folder = tmp_path / "studies"
    for name, source, day, issuer in zip(
        ("now", "before"), ("study.dcm", "rest.dcm"), (NOW, BEFORE), issuers, strict=True
    ):
        write_exam(folder / f"{name}.dcm", source, "STRESS", day, IssuerOfPatientID=issuer)
    reviewed = Reviewed(folder, tmp_path / "out")
    studies = read_all(reviewed)

    assert bool(earlier_of(reviewed, studies["now"])) is is_found


def test_an_id_that_de_identified_files_share_makes_nobody_a_patient(tmp_path: Path) -> None:
    folder = tmp_path / "studies"
    for name, day in (("now", NOW), ("before", BEFORE)):
        write_exam(folder / f"{name}.dcm", "study.dcm", "STRESS", day, PatientID="Anonymous")
    reviewed = Reviewed(folder, tmp_path / "out")

    assert earlier_of(reviewed, read_all(reviewed)["now"]) == []


def test_of_two_reconstructions_the_one_that_is_corrected_alike_comes_first(tmp_path: Path) -> None:
    folder = tmp_path / "studies"
    write_exam(folder / "now.dcm", "study.dcm", "STRESS", NOW, CorrectedImage=["ATTN"])
    for name, said in (("a", ["DECY"]), ("b", ["DECY", "ATTN"])):
        write_exam(folder / f"{name}.dcm", "rest.dcm", "STRESS", BEFORE, CorrectedImage=said)
    reviewed = Reviewed(folder, tmp_path / "out")
    studies = read_all(reviewed)

    found = earlier_of(reviewed, studies["now"])

    assert [each["study"] for each in found] == [studies["b"], studies["a"]]


def test_little_is_kept_of_a_header(exams: Path) -> None:
    header = find_exams(exams / "now.dcm").exams[0].found.load().header
    identities = Identities()

    identities.note("study", header)

    kept = identities._headers["study"].dataset
    assert len(kept) <= 8
    assert "PixelData" not in kept
    assert kept.PatientID == PATIENT["PatientID"]


# What has changed


def test_the_comparison_on_the_page_is_that_of_the_report(exams: Path, tmp_path: Path) -> None:
    reviewed = Reviewed(exams, tmp_path / "out")
    studies = read_all(reviewed)

    answer = compared(reviewed, studies["now"], studies["before"])

    assert answer.status_code == 200, answer.text
    found = answer.json()
    present = find_exams(exams / "now.dcm")
    pair = quantify_exams(load_exams(present), QuantifyOptions())
    earlier = find_earlier(EarlierPaths(exams / "before.dcm"), present)
    assert earlier is not None
    loaded = load_earlier(earlier, load_exams(present).exams)
    pair = with_earlier(pair, loaded, QuantifyOptions())
    section, record = compared_section(pair), comparison_record(pair)
    assert section is not None
    assert record is not None
    assert found["words"] == section.words
    assert "less uptake" in found["words"]
    assert found["rows"] == [list(row[1:]) for row in section.rows]
    for name in ("not_called", "notes"):
        assert found[name] == record[name]
    assert found["doubts"] == record["reasons_to_doubt"]
    change = record["changes"]["stress"]
    assert change is not None
    np.testing.assert_allclose(found["change"]["values"], change["change_percent"], atol=0.11)
    assert found["change"]["segments_percent"] == pytest.approx(change["segments_percent"], abs=0.2)
    before = record["earlier_exams"][0]["polar_map"]["uptake_percent"]
    np.testing.assert_allclose(found["maps"]["earlier"]["uptake_percent"], before, atol=0.11)


def test_the_comparison_names_nobody_and_writes_nothing(exams: Path, tmp_path: Path) -> None:
    reviewed = Reviewed(exams, tmp_path / "out")
    studies = read_all(reviewed)
    before = sorted(path.name for path in reviewed.session.out.rglob("*"))

    told = compared(reviewed, studies["now"], studies["before"]).text
    told += json.dumps(earlier_of(reviewed, studies["now"]))

    name = pydicom.dcmread(DEMO / "study.dcm", stop_before_pixels=True).PatientName
    for word in (*PATIENT.values(), name.family_name, NOW, BEFORE, "2025-03-01", "signed by"):
        assert len(word) == 1 or word not in told
    assert sorted(path.name for path in reviewed.session.out.rglob("*")) == before


def test_hearts_are_compared_as_they_are_shown(exams: Path, tmp_path: Path) -> None:
    reviewed = Reviewed(exams, tmp_path / "out")
    studies = read_all(reviewed)
    now, before = (reviewed.opened(studies[name]) for name in ("now", "before"))
    moved = heart(now)
    moved["center_mm"] = [value + 12 for value in moved["center_mm"]]
    hand = {"neighbours": [{"center_mm": heart(before)["center_mm"], "radius_mm": 12}]}
    path = f"api/studies/{now['study']}/comparison"
    body = {"earlier": before["study"], "now": heart(now), "before": heart(before)}

    as_found, with_now, with_before = (
        reviewed.client.post(path, json={**body, **changed}).json()
        for changed in ({}, {"now": moved}, {"before": {**heart(before), "wall_by_hand": hand}})
    )

    assert with_now["maps"]["now"] != as_found["maps"]["now"]
    assert with_now["maps"]["earlier"] == as_found["maps"]["earlier"]
    assert with_before["maps"]["earlier"] != as_found["maps"]["earlier"]
    assert with_before["maps"]["now"] == as_found["maps"]["now"]


def test_fixed_bands_and_no_scores_give_numbers_without_a_map_of_the_change(
    exams: Path, tmp_path: Path
) -> None:
    reviewed = Reviewed(exams, tmp_path / "out")
    studies = read_all(reviewed)
    for normals in ("fixed-bands", "none"):
        found = compared(reviewed, studies["now"], studies["before"], normals).json()
        assert found["change"] is None
        assert found["rows"]


@pytest.mark.parametrize(
    ("now", "before", "normals", "words"),
    [
        ("before", "now", "simulated-clinical", "is no earlier exam"),
        ("now", "rest", "simulated-clinical", "is no earlier exam"),
        ("now", "now", "simulated-clinical", "is no earlier exam"),
        ("now", "before", "/etc/passwd", "unknown normal limits"),
    ],
)
def test_what_is_no_comparison_is_refused(
    exams: Path, tmp_path: Path, now: str, before: str, normals: str, words: str
) -> None:
    reviewed = Reviewed(exams, tmp_path / "out")
    studies = read_all(reviewed)

    answer = compared(reviewed, studies[now], studies[before], normals)

    assert answer.status_code == 400
    assert words in answer.json()["summary"]
