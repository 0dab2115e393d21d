"""Results that a node has are used again only if they were made of the same with the same."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

pytest.importorskip("pynetdicom", reason="the DICOM node needs pynetdicom")

from repository import DEMO
from shortaxis.inference import weights_record
from shortaxis.service import reorienting
from shortaxis.service.reorienting import Task, perform
from shortaxis.spect.content import counts_sha256
from shortaxis.workflow.reorient.options import ReorientOptions
from shortaxis.workflow.studies.finding import find_studies

OPTIONS = ReorientOptions(method="ellipsoid")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "incoming").mkdir()
    shutil.copy(DEMO / "study.dcm", tmp_path / "incoming")
    return tmp_path


def exam_of(folder: Path, options: ReorientOptions = OPTIONS, **more: Any) -> dict[str, Any]:
    task = Task(folder / "incoming", folder / "results", 0.0, options, review_sheet=False)
    (exam,) = perform(replace(task, **more)).exams
    return exam


def series_uid(folder: Path, exam: dict[str, Any]) -> str:
    slices = pydicom.dcmread(folder / "results" / exam["exam"] / "short_axis.dcm")
    return str(slices.SeriesInstanceUID)


def shift_counts(folder: Path) -> None:
    path = folder / "incoming" / "study.dcm"
    stored = pydicom.dcmread(path)
    stored.PixelData = np.roll(stored.pixel_array, 4, axis=2).tobytes()
    stored.save_as(path)


def test_the_same_with_the_same_is_used_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = exam_of(folder)
    monkeypatch.setattr(reorienting, "reorient_study", None)

    assert exam_of(folder) == first


@pytest.mark.parametrize(
    "options",
    [
        ReorientOptions(method="network"),
        replace(OPTIONS, spacing_mm=5.0),
        replace(OPTIONS, size=128),
        replace(OPTIONS, interpolation="cubic"),
    ],
    ids=["method", "spacing", "size", "interpolation"],
)
def test_other_options_make_other_results_under_other_uids(
    folder: Path, options: ReorientOptions
) -> None:
    first = exam_of(folder)
    uid = series_uid(folder, first)

    other = exam_of(folder, options)

    assert other["exam"] == first["exam"]
    assert series_uid(folder, other) != uid
    again = exam_of(folder)
    assert (again, series_uid(folder, again)) == (first, uid)


def test_another_roll_makes_other_results(folder: Path) -> None:
    conventional = ReorientOptions(method="network")
    first = series_uid(folder, exam_of(folder, conventional))
    anatomical = replace(conventional, roll="anatomical")  # type: ignore[arg-type]

    assert series_uid(folder, exam_of(folder, anatomical)) != first


def test_weights_that_were_replaced_in_their_folder_make_other_results(folder: Path) -> None:
    weights = Path(shutil.copytree(weights_record.FOLDER / "default", folder / "weights"))
    options = ReorientOptions(weights=str(weights))
    first = exam_of(folder, options)
    record = json.loads((weights / "record.json").read_text("utf-8"))
    record["version"] = "another"
    (weights / "record.json").write_text(json.dumps(record), "utf-8")

    other = exam_of(folder, options)

    assert other["made_with"]["weights_sha256"] != first["made_with"]["weights_sha256"]
    pose = json.loads((folder / "results" / other["exam"] / "pose.json").read_text("utf-8"))
    assert pose["weights"]["sha256"] == other["made_with"]["weights_sha256"]


def test_a_review_sheet_that_is_wanted_by_now_is_drawn_under_the_same_uids(folder: Path) -> None:
    first = exam_of(folder)
    uid = series_uid(folder, first)

    exam = exam_of(folder, review_sheet=True)

    assert (folder / "results" / exam["exam"] / "review.png").exists()
    assert series_uid(folder, exam) == uid


def test_other_counts_under_the_same_uids_are_another_exam_under_other_uids(folder: Path) -> None:
    first = exam_of(folder)
    uid = series_uid(folder, first)
    shift_counts(folder)

    other = exam_of(folder)

    assert other["exam"] != first["exam"]
    assert series_uid(folder, other) != uid
    volume = find_studies(folder / "incoming").studies[0].load().study.volume
    assert other["counts_sha256"] == counts_sha256(volume) != first["counts_sha256"]
    assert series_uid(folder, first) == uid
    assert exam_of(folder) == other


def test_a_result_of_an_earlier_version_is_made_anew_in_its_place(folder: Path) -> None:
    first = exam_of(folder)
    path = folder / "results" / first["exam"] / "exam.json"
    record = json.loads(path.read_text("utf-8"))
    old = {name: record[name] for name in ("exam", "flag", "reasons", "sources", "reading")}
    path.write_text(json.dumps({**old, "software": "0.1"}), "utf-8")

    assert exam_of(folder) == first


@pytest.mark.parametrize("text", ["[]", "null", '"one"', "[" * 100_000, "9" * 5000, "{"])
def test_a_record_of_another_shape_is_made_anew(folder: Path, text: str) -> None:
    first = exam_of(folder)
    (folder / "results" / first["exam"] / "exam.json").write_text(text)

    assert exam_of(folder) == first


def slices_of(folder: Path, exam: dict[str, Any]) -> dict[str, bytes]:
    paths = sorted((folder / "results" / exam["exam"]).glob("*.dcm"))
    return {path.name: path.read_bytes() for path in paths}


def test_the_same_made_again_after_a_purge_is_the_same_to_the_last_byte_or_has_other_uids(
    folder: Path,
) -> None:
    first = slices_of(folder, exam_of(folder, stamped_at=1.0e9))
    shutil.rmtree(folder / "results")

    # Purged, and sent again: it arrived at another time, which its results tell.
    later = slices_of(folder, exam_of(folder, stamped_at=1.0e9 + 0.5))
    shutil.rmtree(folder / "results")
    again = slices_of(folder, exam_of(folder, stamped_at=1.0e9))

    assert len(first) == 3
    assert again == first
    for name, content in first.items():
        one, other = (pydicom.dcmread(BytesIO(each)) for each in (content, later[name]))
        assert one.SOPInstanceUID != other.SOPInstanceUID
        assert one.SeriesInstanceUID != other.SeriesInstanceUID
        assert (one.StudyInstanceUID, one.pixel_array.tolist()) == (
            other.StudyInstanceUID,
            other.pixel_array.tolist(),
        )
