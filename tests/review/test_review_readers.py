"""Readers on the review server: who is read, two of them, differences, conclusions and reports."""

from __future__ import annotations

import json
import shutil
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

pytest.importorskip("fastapi", reason="the review page needs FastAPI")
pytest.importorskip("httpx2", reason="the tests of the review page need httpx2")

from repository import DEMO
from reviewed_studies import Reviewed
from shortaxis.geometry.euler import rotation_from_angles
from shortaxis.geometry.pose import RigidPose
from shortaxis.review.decisions import ReviewAction, ReviewState
from shortaxis.review.review_rows import StoredReview
from shortaxis.review.second_reading import SecondReading, agreement_summary
from shortaxis.workflow.quantify.quantifying import QuantifyOptions
from shortaxis.workflow.study_report.exams.finding import find_exams, load_exams
from shortaxis.workflow.study_report.exams.pairing import quantify_exams
from shortaxis.workflow.study_report.pages.difference_rows import difference_rows

SECOND = "B. Second"


@pytest.fixture
def reviewed(tmp_path: Path) -> Reviewed:
    studies = tmp_path / "studies"
    studies.mkdir()
    for name in ("study.dcm", "rest.dcm"):
        shutil.copy(DEMO / name, studies)
    return Reviewed(studies, tmp_path / "out")


def asked(reviewed: Reviewed, record: dict[str, Any], path: str, body: dict[str, Any]) -> Any:
    return reviewed.client.post(f"api/studies/{record['study']}/{path}", json=body)


def read_again(reviewed: Reviewed, record: dict[str, Any], action: str, **more: Any) -> Any:
    body = {"action": action, "version": record["version"], "reviewer": SECOND, **more}
    return asked(reviewed, record, "second-reading", body)


def turned(record: dict[str, Any], degrees: float) -> dict[str, Any]:
    """The automatic pose of a record, with another azimuth."""
    said = record["automatic"]["parameters"]
    rotation = rotation_from_angles(said["alpha"], said["beta"], said["theta"] + degrees)
    return {
        "center_mm": record["automatic"]["center_mm"],
        "patient_from_cardiac": rotation.tolist(),
    }


def conventional(record: dict[str, Any]) -> dict[str, Any]:
    said = record["automatic"]["parameters"]
    rotation = rotation_from_angles(said["alpha"], 0, said["theta"])
    return {
        "center_mm": record["automatic"]["center_mm"],
        "patient_from_cardiac": rotation.tolist(),
    }


# Who is read


def test_one_path_alone_tells_whom_the_studies_are_of(reviewed: Reviewed) -> None:
    header = pydicom.dcmread(DEMO / "study.dcm", stop_before_pixels=True)
    assert reviewed.client.get("api/identities").json() == {}
    record = reviewed.opened()
    told = reviewed.client.get("api/identities").json()
    day = header.StudyDate
    assert told[record["study"]] == {
        "name": f"{header.PatientName.given_name} {header.PatientName.family_name}",
        "patient_id": header.PatientID,
        "date": f"{day[:4]}-{day[4:6]}-{day[6:]}",
    }
    assert header.PatientID not in json.dumps([record, reviewed.rows()])
    assert not any(
        header.PatientID.encode() in path.read_bytes() for path in reviewed.session.out.rglob("*")
        if path.is_file()
    )  # fmt: skip


def test_a_study_that_is_being_estimated_is_waited_for(reviewed: Reviewed) -> None:
    assert not any(row["is_being_estimated"] for row in reviewed.rows())
    reviewed.session.is_estimating = True
    assert all(row["is_being_estimated"] for row in reviewed.rows())
    reviewed.session.estimate_all(threading.Event())
    rows = reviewed.rows()
    assert all(row["flag"] for row in rows)
    assert not any(row["is_being_estimated"] for row in rows)


# Two readers


def test_a_second_reading_leaves_the_first_and_tells_how_far_both_agree(
    reviewed: Reviewed,
) -> None:
    assert reviewed.decide(reviewed.opened(), "accept").status_code == 200
    record = reviewed.opened(reviewed.rows()[-1]["study"])
    if record["state"] == "open":
        record = reviewed.opened(record["partner"])
    before = sorted(path.name for path in reviewed.session.out.rglob("*"))

    answer = read_again(reviewed, record, "correct", pose=turned(record, 3.0), comment="tilted")

    assert answer.status_code == 200, answer.text
    after = answer.json()
    assert (after["state"], after["version"]) == (record["state"], record["version"])
    assert sorted(path.name for path in reviewed.session.out.rglob("*")) == before
    (told,) = after["second_readings"]
    assert (told["reviewer"], told["verdict"], told["same_verdict"]) == (SECOND, "corrected", False)
    elevation = np.deg2rad(record["automatic"]["parameters"]["alpha"])
    # An azimuth of 3 degrees turns an axis of this elevation by 3 times its cosine.
    assert told["apart"]["long_axis_deg"] == pytest.approx(3 * np.cos(elevation), abs=0.02)
    assert told["apart"]["center_mm"] == 0
    row = next(row for row in reviewed.rows() if row["study"] == record["study"])
    assert row["second"] == "corrected"
    found = reviewed.client.get("api/agreement").json()
    assert (found["studies"], found["same_verdict"], found["poses"]) == (1, 0, 1)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reviewer": "a. reader "}, "is the first one"),
        ({"action": "comment"}, "no verdict"),
        ({"version": 7}, "changed meanwhile"),
    ],
)
def test_what_is_no_second_reading_is_refused(
    reviewed: Reviewed, changes: dict[str, Any], words: str
) -> None:
    reviewed.decide(reviewed.opened(), "reject")
    record = next(each for each in reviewed.rows() if each["state"] == "rejected")
    body = {"action": "reject", "version": record["version"], "reviewer": SECOND, **changes}
    answer = asked(reviewed, record, "second-reading", body)
    assert answer.status_code in (400, 409)
    assert words in answer.json()["summary"]


def test_nobody_reads_a_second_time_what_nobody_has_read(reviewed: Reviewed) -> None:
    answer = read_again(reviewed, reviewed.opened(), "accept")
    assert answer.status_code == 400
    assert "nobody has read" in answer.json()["summary"]


def test_kappa_is_cohens() -> None:
    """Of ten studies: 5 both signed as they were, 3 both rejected, 2 differ; by hand 0.6."""
    said = [("accepted", "accept")] * 5 + [("rejected", "reject")] * 3
    said += [("accepted", "reject"), ("rejected", "accept")]
    pairs = [
        (
            StoredReview(str(number), state=ReviewState(first)),
            SecondReading(str(number), "", "B", "", ReviewAction(second)),
        )
        for number, (first, second) in enumerate(said)
    ]
    found = agreement_summary(pairs)
    # Seen 0.8; by chance 0.6 * 0.6 + 0.4 * 0.4 = 0.52.
    assert found["kappa"] == pytest.approx((0.8 - 0.52) / (1 - 0.52), abs=1e-3)
    assert found["same_verdict"] == 8
    assert found["apart"]["long_axis_deg"] is None
    assert agreement_summary([])["kappa"] is None


# What stress has lost


def test_the_difference_on_the_page_is_that_of_the_report(reviewed: Reviewed) -> None:
    record = reviewed.opened()
    partner = reviewed.opened(record["partner"])
    body = {"pose": conventional(record), "partner_pose": conventional(partner)}

    found = asked(reviewed, record, "difference", body).json()

    pair = quantify_exams(load_exams(find_exams(DEMO)), QuantifyOptions())
    assert pair.difference is not None
    assert found["rows"] == [list(row) for row in difference_rows(pair.difference)]
    np.testing.assert_allclose(found["uptake_percent"], pair.difference.uptake_percent, atol=0.06)
    assert {int(k): v for k, v in found["segment_scores"].items()} == pair.difference.scored
    # Asked of the other exam it is the same: stress minus rest.
    other = {"pose": body["partner_pose"], "partner_pose": body["pose"]}
    assert asked(reviewed, partner, "difference", other).json() == found


# Conclusions and reports


def test_the_conclusion_and_the_signature_go_from_the_page_into_the_report(
    reviewed: Reviewed,
) -> None:
    record = reviewed.opened()
    words = "Fixed inferior defect.\nNo ischaemia."
    pose = turned(record, 2.0)
    refused = reviewed.decide(record, "reject", conclusion=words)
    assert refused.status_code == 400
    assert asked(reviewed, record, "report", {}).status_code == 400
    assert reviewed.decide(record, "correct", pose=pose, conclusion=words).status_code == 200

    answer = asked(reviewed, record, "report", {"with_identity": True})

    assert answer.status_code == 200, answer.text
    folder = reviewed.session.out / answer.json()["folder"]
    assert {path.name for path in folder.iterdir()} == set(answer.json()["files"])
    told = json.loads((folder / "study_report.json").read_text())
    assert told["conclusion"] == {
        "words": words, "reader": "A. Reader", "at": "2026-01-01T12:00:00+00:00",
    }  # fmt: skip
    page = (folder / "report.html").read_text()
    assert words in page
    assert "signed by A. Reader, 2026-01-01" in page
    # The axes of the report are those that were signed.
    exam = next(each for each in told["exams"] if each["shown_as"] == record["condition"])
    used = RigidPose(exam["pose"]["patient_from_cardiac"], exam["pose"]["center_mm"])
    np.testing.assert_allclose(used.patient_from_cardiac, pose["patient_from_cardiac"], atol=1e-6)
    measured = pydicom.dcmread(folder / "measurements.dcm")
    texts = [each.value for each in measured.iterall() if each.keyword == "TextValue"]
    assert any(text.startswith(words) for text in texts)
    assert reviewed.opened(record["study"])["conclusion"] == words

    # A signature that is taken back takes the report with it.
    reviewed.decide(reviewed.opened(record["study"]), "reopen")
    assert not folder.exists()
