"""A decision belongs to the counts that it was made on; others under the name are a new study."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

pytest.importorskip("fastapi", reason="the review page needs FastAPI")
pytest.importorskip("httpx2", reason="the tests of the review page need httpx2")

from repository import DEMO
from reviewed_studies import Reviewed, demo_volume, turned_demo, write_nifti
from shortaxis.errors import InputNotFoundError, ShortAxisError
from shortaxis.geometry.pose import RigidPose
from shortaxis.geometry.pose_errors import long_axis_angle_deg
from shortaxis.review.decisions import Decision, ReviewAction, ReviewState
from shortaxis.review.export import export_reviews
from shortaxis.review.session import ReviewSession
from shortaxis.review.store import ReviewStore
from shortaxis.review.worklist import entries_of
from shortaxis.spect.content import counts_sha256
from shortaxis.spect.reading_options import ReadingOptions
from shortaxis.spect.stated_geometry import StatedGeometry, StoredAxis
from shortaxis.workflow.reorient.options import ReorientOptions
from shortaxis.workflow.studies.finding import find_studies

TURNED_DEG = 25.0

ON_OTHER_COUNTS = "on other counts"


@pytest.fixture
def studies(tmp_path: Path) -> Path:
    folder = tmp_path / "studies"
    folder.mkdir()
    write_nifti(folder / "exam.nii.gz")
    return folder


def replace_by_turned(path: Path) -> None:
    """The same name, format and grid; a heart that lies elsewhere; the time of the file is kept."""
    before = path.stat()
    counts, _ = turned_demo(TURNED_DEG)
    write_nifti(path, counts=counts)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def signed_folders(out: Path) -> list[Path]:
    return sorted(path.parent for path in out.glob("*/review.json"))


def pose_in(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "pose.json").read_text("utf-8"))
    return found


def apart_deg(one: dict[str, Any], other: dict[str, Any]) -> float:
    first, second = (
        RigidPose(each["patient_from_cardiac"], each["center_mm"]) for each in (one, other)
    )
    return long_axis_angle_deg(first, second)


def only(session: ReviewSession) -> str:
    (study,) = session.entries
    return study


def test_a_file_that_is_replaced_before_it_is_signed_gets_the_pose_of_its_own_counts(
    studies: Path, tmp_path: Path
) -> None:
    first = Reviewed(studies, tmp_path / "out")
    before = first.session.automatic(only(first.session))
    replace_by_turned(studies / "exam.nii.gz")

    again = Reviewed(studies, tmp_path / "out")
    record = again.opened()
    assert again.decide(record, "accept").status_code == 200

    (folder,) = signed_folders(tmp_path / "out")
    volume = find_studies(studies).studies[0].load().study.volume
    assert apart_deg(pose_in(folder), before) > TURNED_DEG / 2
    assert pose_in(folder)["source"]["counts_sha256"] == counts_sha256(volume)


def test_a_file_that_is_replaced_while_the_page_is_open_is_not_signed(
    studies: Path, tmp_path: Path
) -> None:
    reviewed = Reviewed(studies, tmp_path / "out")
    record = reviewed.opened()
    replace_by_turned(studies / "exam.nii.gz")

    refused = reviewed.decide(record, "accept")

    assert refused.status_code == 409
    assert "meanwhile" in refused.json()["summary"]
    assert not signed_folders(tmp_path / "out")
    seen = reviewed.opened()
    assert seen["state"] == "open"
    assert apart_deg(seen["automatic"], record["automatic"]) > TURNED_DEG / 2
    assert reviewed.decide(seen, "accept").status_code == 200


def test_a_correction_drawn_on_other_counts_is_not_signed(studies: Path, tmp_path: Path) -> None:
    reviewed = Reviewed(studies, tmp_path / "out")
    record = reviewed.opened()
    pose = {name: record["automatic"][name] for name in ("center_mm", "patient_from_cardiac")}
    replace_by_turned(studies / "exam.nii.gz")

    assert reviewed.decide(record, "correct", pose=pose).status_code == 409
    assert not signed_folders(tmp_path / "out")


def test_counts_that_are_not_those_of_the_record_are_not_shown(
    studies: Path, tmp_path: Path
) -> None:
    reviewed = Reviewed(studies, tmp_path / "out")
    record = reviewed.opened()
    replace_by_turned(studies / "exam.nii.gz")

    answer = reviewed.client.get(
        f"api/studies/{record['study']}/counts", params={"content": record["content"]}
    )

    assert answer.status_code == 409


def test_a_signed_study_whose_counts_are_replaced_is_open_and_its_decision_is_history(
    studies: Path, tmp_path: Path
) -> None:
    first = Reviewed(studies, tmp_path / "out")
    signed = first.decide(first.opened(), "accept", comment="good").json()
    replace_by_turned(studies / "exam.nii.gz")

    again = Reviewed(studies, tmp_path / "out")
    record = again.opened()

    assert record["state"] == "open"
    assert record["pose"] is None
    assert record["version"] > signed["version"]
    assert [each["action"] for each in record["trail"]] == ["accept", "replaced"]
    assert [each["is_of_present_counts"] for each in record["trail"]] == [False, True]
    # What was signed on the earlier counts stays as it was, in a folder of its own.
    (folder,) = signed_folders(tmp_path / "out")
    assert record["folder"] != folder.name
    assert again.decide(record, "accept").status_code == 200
    folders = signed_folders(tmp_path / "out")
    assert len(folders) == 2
    assert apart_deg(*map(pose_in, folders)) > TURNED_DEG / 2


def test_the_worklist_says_open_before_anybody_opens_a_replaced_study(
    studies: Path, tmp_path: Path
) -> None:
    import threading

    first = Reviewed(studies, tmp_path / "out")
    first.decide(first.opened(), "accept")
    replace_by_turned(studies / "exam.nii.gz")

    again = Reviewed(studies, tmp_path / "out")
    again.session.estimate_all(threading.Event())

    (row,) = again.rows()
    assert row["state"] == "open"


def test_the_earlier_decision_is_back_with_the_earlier_counts(
    studies: Path, tmp_path: Path
) -> None:
    path = studies / "exam.nii.gz"
    kept = path.read_bytes()
    reviewed = Reviewed(studies, tmp_path / "out")
    signed = reviewed.decide(reviewed.opened(), "accept", comment="good").json()
    replace_by_turned(path)
    assert reviewed.opened()["state"] == "open"

    path.write_bytes(kept)
    record = reviewed.opened()

    assert record["state"] == "accepted"
    assert record["pose"] == signed["pose"]
    assert record["folder"] == signed["folder"]
    assert [each["action"] for each in record["trail"]] == ["accept", "replaced", "replaced"]


def test_other_counts_under_the_same_dicom_uids_are_a_new_study(
    studies: Path, tmp_path: Path
) -> None:
    (studies / "exam.nii.gz").unlink()
    path = Path(shutil.copy(DEMO / "study.dcm", studies))
    first = Reviewed(studies, tmp_path / "out")
    first.decide(first.opened(), "accept")
    stored = pydicom.dcmread(path)
    stored.PixelData = np.roll(stored.pixel_array, 4, axis=2).tobytes()
    stored.save_as(path)

    record = Reviewed(studies, tmp_path / "out").opened()

    assert record["state"] == "open"
    assert record["trail"][0]["is_of_present_counts"] is False


def test_a_link_that_points_elsewhere_is_another_study(studies: Path, tmp_path: Path) -> None:
    path = studies / "exam.nii.gz"
    one, other = tmp_path / "one.nii.gz", tmp_path / "other.nii.gz"
    shutil.move(path, one)
    shutil.copy2(one, other)
    replace_by_turned(other)
    path.symlink_to(one)
    reviewed = Reviewed(studies, tmp_path / "out")
    record = reviewed.opened()

    path.unlink()
    path.symlink_to(other)

    assert reviewed.decide(record, "accept").status_code == 409


def test_a_half_copied_file_takes_no_decision_away(studies: Path, tmp_path: Path) -> None:
    path = studies / "exam.nii.gz"
    kept = path.read_bytes()
    reviewed = Reviewed(studies, tmp_path / "out")
    record = reviewed.opened()
    signed = reviewed.decide(record, "accept").json()
    path.write_bytes(kept[: len(kept) // 2])

    assert reviewed.client.get(f"api/studies/{record['study']}").status_code == 400
    assert reviewed.decide(signed, "reopen").status_code == 400
    path.write_bytes(kept)

    assert reviewed.opened()["state"] == "accepted"


def test_a_change_between_reading_and_writing_is_written_from_what_was_read(
    studies: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from shortaxis.review import signing

    path = studies / "exam.nii.gz"
    counts, _ = demo_volume()
    reviewed = Reviewed(studies, tmp_path / "out")
    record = reviewed.opened()
    reorient = signing.reorient_study

    def replaced_meanwhile(study: Any, *arguments: Any) -> Any:
        replace_by_turned(path)
        np.testing.assert_array_equal(study.volume.counts, counts)
        return reorient(study, *arguments)

    monkeypatch.setattr(signing, "reorient_study", replaced_meanwhile)

    assert reviewed.decide(record, "accept").status_code == 200
    (folder,) = signed_folders(tmp_path / "out")
    assert pose_in(folder)["source"] == record["automatic"]["source"]
    assert reviewed.opened()["state"] == "open"


def test_a_statement_of_geometry_is_not_made_of_other_counts(studies: Path, tmp_path: Path) -> None:
    reviewed = Reviewed(studies, tmp_path / "out")
    study = only(reviewed.session)
    stated = reviewed.state(study, {"flips": ["slices"]}).json()
    assert stated["stated"] == {"flips": ["slices"]}
    replace_by_turned(studies / "exam.nii.gz")

    record = Reviewed(studies, tmp_path / "out").opened()

    assert record["stated"] == {}
    assert record["state"] == "open"
    assert record["trail"][-1]["action"] == "replaced"


def test_what_was_announced_of_other_counts_is_not_written(
    studies: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reviewed = Reviewed(studies, tmp_path / "out")
    study = reviewed.opened()["study"]

    def killed(*arguments: object) -> None:
        raise ShortAxisError("the server is gone")

    with monkeypatch.context() as patched:
        patched.setattr(reviewed.session.store, "change", killed)
        with pytest.raises(ShortAxisError, match="gone"):
            reviewed.session.decide(study, Decision(ReviewAction.ACCEPT, 0, "A. Reader"))
    replace_by_turned(studies / "exam.nii.gz")

    again = Reviewed(studies, tmp_path / "out").session
    again.finish_interrupted()

    assert again.store.review(study).state is ReviewState.OPEN
    assert not [each for each in again.store.trail(study) if each["action"] == "accept"]


def test_other_options_give_an_open_study_another_automatic_pose(
    studies: Path, tmp_path: Path
) -> None:
    store = ReviewStore(tmp_path / "reviews.sqlite")
    entries = entries_of(find_studies(studies))

    def method(name: str) -> str:
        options = ReorientOptions(method=name)
        session = ReviewSession(entries, store, tmp_path, options)
        found: str = session.automatic(only(session))["method"]
        return found

    assert [method("network"), method("ellipsoid")] == ["network", "ellipsoid"]
    session = ReviewSession(entries, store, tmp_path, ReorientOptions(method="ellipsoid"))
    session.decide(only(session), Decision(ReviewAction.ACCEPT, 0, "A. Reader"))
    # What was seen when it was signed stays.
    assert method("network") == "ellipsoid"


def signed_by_an_earlier_version(studies: Path, out: Path) -> str:
    """A store whose decisions do not say of which counts they are."""
    reviewed = Reviewed(studies, out)
    record = reviewed.opened()
    reviewed.decide(record, "accept", comment="good")
    with sqlite3.connect(out / "reviews.sqlite") as older:
        for table in ("contents", "earlier", "decided_on", "begun"):
            older.execute(f"DROP TABLE {table}")
        older.execute("CREATE TABLE announced (study TEXT PRIMARY KEY, change TEXT NOT NULL)")
        older.execute("PRAGMA user_version = 3")
    study: str = record["study"]
    return study


def test_a_decision_of_unknown_counts_is_loaded_and_asks_to_be_confirmed(
    studies: Path, tmp_path: Path
) -> None:
    study = signed_by_an_earlier_version(studies, tmp_path / "out")

    again = Reviewed(studies, tmp_path / "out")
    record = again.opened()

    assert record["study"] == study
    assert record["state"] == "open"
    assert record["trail"][0]["comment"] == "good"
    assert record["trail"][0]["is_of_present_counts"] is False
    assert "not known" in record["trail"][-1]["comment"]
    assert again.decide(record, "accept").status_code == 200


def test_an_export_takes_nothing_of_other_or_unknown_counts_and_says_so(
    studies: Path, tmp_path: Path
) -> None:
    shutil.copy(DEMO / "rest.dcm", studies)
    reviewed = Reviewed(studies, tmp_path / "out")
    for row in reviewed.rows():
        reviewed.decide(reviewed.opened(row["study"]), "accept", comment="Mrs Example")
    replace_by_turned(studies / "exam.nii.gz")
    entries = entries_of(find_studies(studies))

    summary = export_reviews(entries, reviewed.session.store, tmp_path / "cohort")

    assert (summary.exams, summary.changed) == (1, 1)
    assert len(list((tmp_path / "cohort" / "exams").iterdir())) == 1
    history = (tmp_path / "cohort" / "history.csv").read_text("utf-8")
    assert history.count("accept") == 1
    assert "Mrs Example" not in history
    assert "exam.nii" not in history


def test_an_export_of_nothing_but_earlier_counts_is_an_error(studies: Path, tmp_path: Path) -> None:
    signed_by_an_earlier_version(studies, tmp_path / "out")
    store = ReviewStore(tmp_path / "out" / "reviews.sqlite")

    with pytest.raises(InputNotFoundError, match="signed off") as raised:
        export_reviews(entries_of(find_studies(studies)), store, tmp_path / "cohort")
    assert ON_OTHER_COUNTS in str(raised.value)


def test_an_export_reads_as_the_review_did(studies: Path, tmp_path: Path, shortaxis: Any) -> None:
    turned = ReadingOptions(stated=StatedGeometry(flips=frozenset({StoredAxis.SLICES})))
    out = tmp_path / "reviewed"
    out.mkdir()
    entries = entries_of(find_studies(studies, options=turned))
    session = ReviewSession(entries, ReviewStore(out / "reviews.sqlite"), out)
    session.decide(only(session), Decision(ReviewAction.ACCEPT, 0, "A. Reader"))
    given = ("review", "export", studies, "--reviewed", out, "-o")

    otherwise = shortaxis(*given, tmp_path / "otherwise")
    alike = shortaxis(*given, tmp_path / "alike", "--flip", "slices")

    assert otherwise.code != 0
    assert "on other counts" in otherwise.err
    assert (alike.code, "1 accepted" in alike.out) == (0, True), alike.err
