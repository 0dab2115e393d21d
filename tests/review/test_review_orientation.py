"""Geometry that a reviewer states on the page: which choices there are, and what becomes of one."""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pydicom
import pytest

pytest.importorskip("fastapi", reason="the review page needs FastAPI")
pytest.importorskip("httpx2", reason="the tests of the review page need httpx2")


from drawn_study import study_volume
from nm_object import build_pet_slices, save_object
from repository import DEMO
from reviewed_studies import HOST, Reviewed, demo_volume, write_nifti
from shortaxis.errors import ShortAxisError
from shortaxis.review.choices import TypedSizes
from shortaxis.review.decisions import Decision, ReviewAction, ReviewState
from shortaxis.review.store import ReviewStore
from shortaxis.review.worklist import entries_of
from shortaxis.spect.stated_geometry import StatedGeometry, StoredAxis
from shortaxis.workflow.studies.finding import find_studies
from split_exams import write_refused_stacks

STATED = "orientation as stated by the user"


@pytest.fixture
def studies(tmp_path: Path) -> Path:
    folder = tmp_path / "studies"
    folder.mkdir()
    return folder


def dicom_without(folder: Path, *keywords: str) -> Path:
    dataset = pydicom.dcmread(DEMO / "study.dcm")
    for place in (dataset, *dataset.get("DetectorInformationSequence", [])):
        for keyword in keywords:
            if keyword in place:
                del place[keyword]
    path = folder / "refused.dcm"
    dataset.save_as(path)
    return path


def test_the_eight_ways_round_are_those_that_reading_gives(studies: Path, tmp_path: Path) -> None:
    shutil.copy(DEMO / "study.dcm", studies)
    session = Reviewed(studies, tmp_path / "out").session
    (study,) = session.entries
    plain = session.load(study).study.volume

    choices = session.choices(study, TypedSizes())

    as_stored, *others = choices.groups
    assert len(as_stored.choices) == 8
    assert not choices.assumed
    assert len(others) == 5
    for choice in (*as_stored.choices, *others[0].choices, *others[4].choices):
        read = find_studies(DEMO / "study.dcm", options=_options(choice.stated)).studies[0]
        volume = read.load().study.volume
        np.testing.assert_array_equal(volume.counts, plain.counts)
        np.testing.assert_allclose(volume.patient_from_index, choice.patient_from_index, atol=1e-9)
    determinants = [np.linalg.det(each.patient_from_index[:3, :3]) for each in as_stored.choices]
    assert [each.is_mirror for each in as_stored.choices] == [
        determinant * determinants[0] < 0 for determinant in determinants
    ]
    ways = [each for group in choices.groups for each in group.choices]
    assert len({np.round(each.patient_from_index, 3).tobytes() for each in ways}) == 48


def _options(stated: StatedGeometry) -> Any:
    from shortaxis.spect.reading_options import ReadingOptions

    return ReadingOptions(stated=stated)


@pytest.mark.parametrize(("turned", "words"), [(False, []), (True, ["Head and feet exchanged"])])
def test_the_way_round_that_the_surroundings_of_the_heart_suggest_is_proposed(
    studies: Path, tmp_path: Path, turned: bool, words: list[str]
) -> None:
    write_nifti(studies / "study.nii.gz", turned=turned)
    reviewed = Reviewed(studies, tmp_path / "out")
    study = reviewed.opened()["study"]

    groups = reviewed.geometry(study)["groups"]

    proposed = [each for group in groups for each in group["choices"] if each["is_proposed"]]
    assert [each["words"] for each in proposed] == words


def test_before_the_automatic_pose_is_there_nothing_is_proposed(
    studies: Path, tmp_path: Path
) -> None:
    write_nifti(studies / "upside_down.nii.gz", turned=True)
    reviewed = Reviewed(studies, tmp_path / "out")
    (study,) = reviewed.session.entries

    groups = reviewed.geometry(study)["groups"]

    assert not any(each["is_proposed"] for group in groups for each in group["choices"])


def test_a_volume_upside_down_is_put_right_and_every_record_says_so(
    studies: Path, tmp_path: Path
) -> None:
    write_nifti(studies / "upside_down.nii.gz", turned=True)
    write_nifti(tmp_path / "right.nii.gz")
    reviewed = Reviewed(studies, tmp_path / "out")
    (row,) = reviewed.rows()
    before = reviewed.client.get(f"api/studies/{row['study']}").json()
    group = reviewed.geometry(row["study"])["groups"][0]
    (choice,) = [each for each in group["choices"] if each["words"] == "Head and feet exchanged"]
    assert choice["is_mirror"]

    told = reviewed.state(row["study"], choice["stated"], before["version"])

    assert told.status_code == 200, told.text
    record = told.json()
    assert record["version"] == 1
    assert record["state"] == "open"
    assert record["stated"] == {"flips": ["slices"]}
    right = find_studies(tmp_path / "right.nii.gz").studies[0].load().study.volume
    found = reviewed.session.load(row["study"]).study.volume
    at_same_place = found.counts[::-1]
    np.testing.assert_allclose(at_same_place, right.counts, rtol=1e-6)
    assert np.linalg.det(found.patient_from_index[:3, :3]) == pytest.approx(
        -np.linalg.det(right.patient_from_index[:3, :3])
    )
    # The automatic pose is that of the volume as it is now.
    assert not np.allclose(record["automatic"]["center_mm"], before["automatic"]["center_mm"])
    assert record["automatic"]["quality"]["flag"] == "review"
    assert any(STATED in reason for reason in record["automatic"]["quality"]["reasons"])
    (entry,) = record["trail"]
    assert (entry["action"], entry["reviewer"], entry["comment"]) == ("orient", "A. Reader", "seen")
    assert entry["stated"] == {"flips": ["slices"]}

    for action in ("accept", "correct"):
        automatic = record["automatic"]
        pose = {name: automatic[name] for name in ("center_mm", "patient_from_cardiac")}
        more = {"pose": pose} if action == "correct" else {}
        record = reviewed.decide(record, action, **more).json()
        folder = reviewed.session.out / record["folder"]
        for name in ("pose.json", "report.json"):
            written = json.loads((folder / name).read_text("utf-8"))
            assert written["quality"]["flag"] == "review", (action, name)
            assert any(STATED in reason for reason in written["quality"]["reasons"]), action
        report = json.loads((folder / "report.json").read_text("utf-8"))
        assert any(STATED in note for note in report["source"]["notes"])
        signed = json.loads((folder / "review.json").read_text("utf-8"))
        assert signed["stated_geometry"] == {"flips": ["slices"]}


def test_dicom_results_say_that_the_orientation_was_stated(studies: Path, tmp_path: Path) -> None:
    shutil.copy(DEMO / "study.dcm", studies)
    reviewed = Reviewed(studies, tmp_path / "out")
    (row,) = reviewed.rows()
    record = reviewed.state(row["study"], {"flips": ["rows", "slices"]}).json()

    signed = reviewed.decide(record, "accept").json()

    slices = pydicom.dcmread(reviewed.session.out / signed["folder"] / "short_axis.dcm")
    assert STATED in slices.ImageComments
    assert slices.ImageComments.startswith("REVIEW")


@pytest.mark.parametrize("is_oriented", [False, True], ids=["NIfTI", "DICOM"])
def test_a_study_without_orientation_is_a_row_that_a_statement_opens(
    studies: Path, tmp_path: Path, is_oriented: bool
) -> None:
    keywords = ("ImageOrientationPatient", "ImagePositionPatient")
    if is_oriented:
        dicom_without(studies, *keywords)
    else:
        write_nifti(studies / "refused.nii.gz", is_oriented=False)
    shutil.copy(DEMO / "rest.dcm", studies)
    reviewed = Reviewed(studies, tmp_path / "out")
    row = reviewed.rows()[0]
    assert row["state"] == "not read"
    assert row["can_be_stated"]
    assert "--orientation" in row["way_on"]
    refused = reviewed.client.get(f"api/studies/{row['study']}")
    assert refused.status_code == 400
    assert "--orientation" in refused.json()["way_on"]

    geometry = reviewed.geometry(row["study"])

    assert geometry["assumed"] == ["orientation"]
    assert [len(group["choices"]) for group in geometry["groups"]] == [8] * 6
    counts = reviewed.client.get(f"api/studies/{row['study']}/stored-counts").content
    assert len(counts) == 4 * np.prod(geometry["shape"])
    counts_of_demo, affine = demo_volume()
    letters = nib.orientations.aff2axcodes(np.diag([-1, -1, 1, 1]) @ affine[:, [2, 1, 0, 3]])
    told = reviewed.state(row["study"], {"orientation": "".join(letters)})
    assert told.status_code == 200, told.text
    record = told.json()
    assert not [each for each in reviewed.rows() if each["state"] == "not read"]
    found = reviewed.session.load(row["study"]).study.volume
    np.testing.assert_allclose(found.counts, counts_of_demo, rtol=1e-5)
    np.testing.assert_allclose(found.patient_from_index[:3, :3], affine[:3, :3], atol=1e-4)
    assert any(STATED in reason for reason in record["automatic"]["quality"]["reasons"])
    assert reviewed.decide(record, "accept").status_code == 200

    # The next start knows it.
    again = Reviewed(studies, tmp_path / "out").session
    assert again.store.review(row["study"]).state is ReviewState.ACCEPTED
    assert again.entries[row["study"]].folder == record["folder"]
    assert not again.refused


def test_a_missing_distance_must_be_typed(studies: Path, tmp_path: Path) -> None:
    dicom_without(studies, "SpacingBetweenSlices")
    stored = pydicom.dcmread(DEMO / "study.dcm", stop_before_pixels=True)
    reviewed = Reviewed(studies, tmp_path / "out")
    (row,) = reviewed.rows()
    assert row["can_be_stated"]
    geometry = reviewed.geometry(row["study"])
    assert geometry["assumed"] == ["slice_spacing_mm"]
    as_stored = geometry["groups"][0]["choices"][0]
    refused = reviewed.state(row["study"], as_stored["stated"])
    assert refused.status_code == 400
    assert reviewed.session.store.review(row["study"]).version == 0
    assert not reviewed.session.store.trail(row["study"])

    size = abs(float(stored.SpacingBetweenSlices))
    geometry = reviewed.geometry(row["study"], slice_spacing_mm=size)

    assert not geometry["assumed"]
    spacings = {each["stated"]["slice_spacing_mm"] for each in geometry["groups"][0]["choices"]}
    assert spacings == {size, -size}
    (wanted,) = [
        each
        for each in geometry["groups"][0]["choices"]
        if each["stated"] == {"slice_spacing_mm": float(stored.SpacingBetweenSlices)}
    ]
    assert reviewed.state(row["study"], wanted["stated"]).status_code == 200
    _, affine = demo_volume()
    found = reviewed.session.load(row["study"]).study.volume.patient_from_index
    np.testing.assert_allclose(found, affine, atol=1e-6)


def test_a_refused_file_that_is_given_alone_is_a_row(studies: Path, tmp_path: Path) -> None:
    path = write_nifti(studies / "refused.nii.gz", is_oriented=False)

    reviewed = Reviewed(path, tmp_path / "out")

    (row,) = reviewed.rows()
    assert row["can_be_stated"]
    assert row["file"] == "refused.nii.gz"


def test_slices_of_a_series_without_positions_are_one_row_that_a_statement_opens(
    studies: Path, tmp_path: Path
) -> None:
    for number, dataset in enumerate(build_pet_slices(study_volume())):
        del dataset.ImagePositionPatient
        dataset.InstanceNumber = number + 1
        save_object(dataset, studies / f"{number:03}.dcm")
    reviewed = Reviewed(studies, tmp_path / "out")
    (row,) = reviewed.rows()
    assert row["can_be_stated"], row

    geometry = reviewed.geometry(row["study"], slice_spacing_mm=4.0)
    told = reviewed.state(row["study"], geometry["groups"][0]["choices"][0]["stated"])

    assert told.status_code == 200, told.text


def test_a_refused_stack_is_one_row_with_its_reason_and_the_way_on(
    studies: Path, tmp_path: Path
) -> None:
    write_refused_stacks(studies)
    shutil.copy(DEMO / "study.dcm", studies)
    reviewed = Reviewed(studies, tmp_path / "out")

    rows = {Path(row["file"]).parent.name: row for row in reviewed.rows()}

    assert len(rows) == len(reviewed.rows()) == 4
    assert "--whole-body" in rows["pet"]["way_on"]
    assert rows["nm"]["can_be_stated"]


def test_what_cannot_be_read_is_a_row_with_its_reason(studies: Path, tmp_path: Path) -> None:
    shutil.copy(DEMO / "study.dcm", studies)
    (studies / "notes.txt").write_text("nothing of a study")
    (studies / "scan.nrrd").write_bytes(b"NRRD0004\n")
    reviewed = Reviewed(studies, tmp_path / "out")

    rows = {row["file"]: row for row in reviewed.rows()}

    assert rows["study.dcm"]["state"] == "open"
    assert rows["notes.txt"]["state"] == rows["scan.nrrd"]["state"] == "not read"
    assert "save it as NIfTI" in " ".join(rows["scan.nrrd"]["reasons"])
    assert not rows["notes.txt"]["can_be_stated"]
    study = rows["notes.txt"]["study"]
    assert reviewed.client.get(f"api/studies/{study}").status_code == 400
    assert reviewed.client.get(f"api/studies/{study}/orientation").status_code == 400
    assert reviewed.state(study, {"orientation": "LPS"}).status_code == 400
    assert not reviewed.session.store.reviews()


def test_a_study_that_is_found_and_cannot_be_read_says_so_on_its_row(
    studies: Path, tmp_path: Path
) -> None:
    path = studies / "study.dcm"
    shutil.copy(DEMO / "study.dcm", path)
    reviewed = Reviewed(studies, tmp_path / "out")
    path.write_bytes(path.read_bytes()[:-20000])

    reviewed.session.estimate_all(threading.Event())

    (row,) = reviewed.rows()
    assert row["flag"] == "failed"
    assert row["reasons"][0]


def test_another_window_and_signed_results_are_heeded(studies: Path, tmp_path: Path) -> None:
    shutil.copy(DEMO / "study.dcm", studies)
    reviewed = Reviewed(studies, tmp_path / "out")
    (row,) = reviewed.rows()
    record = reviewed.client.get(f"api/studies/{row['study']}").json()
    signed = reviewed.decide(record, "accept").json()
    folder = reviewed.session.out / signed["folder"]
    assert (folder / "short_axis.dcm").exists()
    assert reviewed.state(row["study"], {"flips": ["slices"]}, version=0).status_code == 409
    assert (folder / "short_axis.dcm").exists()

    told = reviewed.state(row["study"], {"flips": ["slices"]}, version=1).json()

    assert (told["state"], told["version"], told["pose"]) == ("open", 2, None)
    assert not folder.exists()
    back = reviewed.state(row["study"], {}, version=2).json()
    assert back["stated"] == {}
    assert not any(STATED in reason for reason in back["automatic"]["quality"]["reasons"])
    np.testing.assert_allclose(
        back["automatic"]["center_mm"], record["automatic"]["center_mm"], atol=1e-6
    )


@pytest.mark.parametrize(
    "stated",
    [
        {"orientation": "LLP"},
        {"orientation": "LP"},
        {"slice_spacing_mm": 1000},
        {"slice_spacing_mm": 0},
        {"flips": ["sideways"]},
        {"orientation": "LPS", "slice_spacing_mm": -4.0},
        {"unknown": 1},
    ],
)
def test_a_statement_that_means_nothing_changes_nothing(
    studies: Path, tmp_path: Path, stated: dict[str, Any]
) -> None:
    shutil.copy(DEMO / "study.dcm", studies)
    reviewed = Reviewed(studies, tmp_path / "out")
    (row,) = reviewed.rows()

    answer = reviewed.state(row["study"], stated)

    assert answer.status_code in (400, 422)
    assert not reviewed.session.store.trail(row["study"])
    assert reviewed.session.entries[row["study"]].found.reading.stated.is_empty


def test_the_panel_answers_only_its_own_page(studies: Path, tmp_path: Path) -> None:
    shutil.copy(DEMO / "study.dcm", studies)
    reviewed = Reviewed(studies, tmp_path / "out")
    (study,) = reviewed.session.entries
    url, client = f"api/studies/{study}/orientation", reviewed.client
    body = {"version": 0, "reviewer": "A", "stated": {"flips": ["slices"]}}

    foreign = client.post(url, json=body, headers={"Origin": "http://evil.example"})

    assert foreign.status_code == 403
    assert client.get(url, headers={"Host": "evil.example"}).status_code == 421
    assert client.get(f"http://{HOST}/wrong/{url}").status_code == 404
    assert client.post(url, content=b"x" * 70_000).status_code == 413
    assert not reviewed.session.store.trail(study)


def test_a_store_of_an_earlier_version_takes_statements(tmp_path: Path) -> None:
    path = tmp_path / "reviews.sqlite"
    ReviewStore(path)
    with sqlite3.connect(path) as older:
        older.execute("DROP TABLE stated")
        older.execute("PRAGMA user_version = 2")
        older.execute("INSERT INTO reviews VALUES ('one', 0, 'open', NULL, '{}')")

    store = ReviewStore(path)

    assert store.stated() == {}
    assert store.review("one").automatic == {}
    with sqlite3.connect(path) as newer:
        assert newer.execute("PRAGMA user_version").fetchone() == (4,)


def test_a_statement_that_was_announced_is_made_at_the_next_start(
    studies: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(DEMO / "study.dcm", studies)
    reviewed = Reviewed(studies, tmp_path / "out")
    (study,) = reviewed.session.entries
    reviewed.session.decide(study, Decision(ReviewAction.ACCEPT, 0, "A. Reader"))
    stated = StatedGeometry(flips=frozenset({StoredAxis.SLICES}))

    def killed(*arguments: object) -> None:
        raise ShortAxisError("the server is gone")

    with monkeypatch.context() as patched:
        patched.setattr(reviewed.session.store, "change", killed)
        with pytest.raises(ShortAxisError, match="gone"):
            reviewed.session.decide(
                study, Decision(ReviewAction.ORIENT, 1, "A. Reader", stated=stated)
            )

    again = Reviewed(studies, tmp_path / "out").session
    again.finish_interrupted()
    assert again.store.review(study).version == 2
    assert again.entries[study].found.reading.stated == stated
    assert not again.store.announced()


def test_an_export_holds_the_geometry_that_was_stated(studies: Path, tmp_path: Path) -> None:
    from shortaxis.evaluation.cohorts.cohort import read_exam_volume
    from shortaxis.review.export import export_reviews

    shutil.copy(DEMO / "study.dcm", studies)
    reviewed = Reviewed(studies, tmp_path / "out")
    (study,) = reviewed.session.entries
    record = reviewed.state(study, {"flips": ["slices"]}).json()
    assert reviewed.decide(record, "accept").status_code == 200

    export_reviews(entries_of(find_studies(studies)), reviewed.session.store, tmp_path / "cohort")

    (path,) = (tmp_path / "cohort" / "exams").glob("*.npz")
    exported = read_exam_volume(path)
    stated = reviewed.session.load(study).study.volume
    np.testing.assert_allclose(exported.patient_from_index, stated.patient_from_index, atol=1e-3)
