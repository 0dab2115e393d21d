"""What a node's file states about the studies that it receives."""

from __future__ import annotations

import json
import shutil
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

pytest.importorskip("pynetdicom", reason="the DICOM node needs pynetdicom")

from nm_object import save_object
from raw_exams import write_raw_exam
from service_peers import DEMO, new_study, running_node, send, until
from shortaxis.reconstruction.motion.course import MotionFound
from shortaxis.service.reading_rules import ReadingRules
from shortaxis.service.reorienting import Task, perform
from shortaxis.service.settings import read_settings
from shortaxis.spect.projections import Projections
from shortaxis.spect.reading_options import ReadingOptions
from shortaxis.spect.stated_geometry import StoredAxis, permuted
from shortaxis.workflow.reorient.options import ReorientOptions
from shortaxis.workflow.studies import reconstructing
from split_exams import write_slices, write_time_slots, write_windows


def unplaced_study() -> pydicom.Dataset:
    """A study that does not say where it lies."""
    study = new_study()
    del study.DetectorInformationSequence[0].ImagePositionPatient
    del study.DetectorInformationSequence[0].ImageOrientationPatient
    return study


def task_of(folder: Path, **more: Any) -> Task:
    return Task(
        folder / "incoming", folder / "results", 0.0, ReorientOptions(), review_sheet=False, **more
    )


def test_the_table_of_reading_is_what_studies_are_read_with(tmp_path: Path) -> None:
    path = tmp_path / "node.toml"
    path.write_text(
        'folder = "a"\n[reading]\norientation = "LPI"\nslice_spacing_mm = -6.4\n'
        'pixel_spacing_mm = [6.4, 6.5]\nflips = ["rows"]\nwhole_body = true\n'
    )

    options = read_settings(path).reading.options

    assert options.whole_body
    assert options.stated.orientation == "LPI"
    assert options.stated.slice_spacing_mm == -6.4
    assert options.stated.pixel_spacing_mm == (6.4, 6.5)
    assert options.stated.flips == {StoredAxis.ROWS}


def test_without_the_table_files_are_read_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "node.toml").write_text('folder = "a"')

    assert read_settings(tmp_path / "node.toml").reading.options == ReadingOptions()


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ('orientation = "LLS"', "orientation names no three directions"),
        ('orientation = "LPI"\nslice_spacing_mm = 6.4', "contradict each other"),
        ("slice_spacing_mm = 640", "stated spacing is out of range"),
        ("slice_spacing_mm = nan", "stated spacing is out of range"),
        ("pixel_spacing_mm = [6.4]", "pixel_spacing_mm is no distance"),
        ('pixel_spacing_mm = ["x", "y"]', "pixel_spacing_mm is no distance"),
        ("pixel_spacing_mm = 6.4", "pixel_spacing_mm is of the wrong kind"),
        ('flips = ["up"]', "unknown axis to flip"),
        ('whole_body = "yes"', "whole_body is of the wrong kind"),
        ("upside_down = true", "unknown values in reading"),
        ('raw = "some"', "unknown choice of projections"),
    ],
)
def test_a_statement_that_means_nothing_starts_nothing(
    tmp_path: Path, shortaxis: Any, table: str, words: str
) -> None:
    (tmp_path / "node.toml").write_text(f'folder = "a"\n[reading]\n{table}\n')

    run = shortaxis("serve", tmp_path / "node.toml")

    assert run.code != 0
    assert words in run.err
    assert "node.toml" in run.err
    assert run.err.count("expected") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["node.toml"]


def test_what_the_node_states_is_recorded_and_flags_the_exam(tmp_path: Path) -> None:
    save_object(unplaced_study(), tmp_path / "incoming" / "1.dcm")
    refused = perform(task_of(tmp_path))
    assert not refused.exams
    assert "ImagePositionPatient" in refused.error

    made = perform(task_of(tmp_path, reading=ReadingOptions(stated=permuted("LPI"))))

    (exam,) = made.exams
    assert exam["flag"] == "review"
    assert any("orientation as stated by the user" in each for each in exam["reasons"])
    folder = tmp_path / "results" / exam["exam"]
    pose = json.loads((folder / "pose.json").read_text("utf-8"))
    assert any("LPI" in reason for reason in pose["quality"]["reasons"])


def test_results_are_made_anew_under_other_uids_once_something_else_is_stated(
    tmp_path: Path,
) -> None:
    (tmp_path / "incoming").mkdir()
    shutil.copy(DEMO / "study.dcm", tmp_path / "incoming")
    stated = ReadingOptions(stated=permuted("LPI"))

    def made(**more: Any) -> tuple[str, str]:
        (exam,) = perform(task_of(tmp_path, **more)).exams
        slices = tmp_path / "results" / exam["exam"] / "short_axis.dcm"
        return exam["flag"], str(pydicom.dcmread(slices).SOPInstanceUID)

    first, other, again = made(), made(reading=stated), made(reading=stated)

    assert other[0] == "review"
    assert other[1] != first[1]
    assert again == other
    assert made() == first


def test_objects_that_belong_together_are_one_exam_and_windows_are_several(
    tmp_path: Path,
) -> None:
    write_slices(tmp_path / "slices" / "incoming")
    write_time_slots(tmp_path / "slots" / "incoming")
    write_windows(tmp_path / "windows" / "incoming" / "1.dcm")

    slices, slots, windows = (
        perform(task_of(tmp_path / name)) for name in ("slices", "slots", "windows")
    )

    assert (len(slices.exams), slices.error) == (1, "")
    assert len(slices.exams[0]["sources"]) == 30
    assert (len(slots.exams), slots.error) == (1, "")
    assert len(slots.exams[0]["sources"]) == 4
    assert len({exam["exam"] for exam in windows.exams}) == 2


def test_an_exam_that_cannot_be_read_is_told_beside_one_that_can(tmp_path: Path) -> None:
    save_object(unplaced_study(), tmp_path / "incoming" / "1.dcm")
    save_object(new_study(), tmp_path / "incoming" / "2.dcm")

    made = perform(task_of(tmp_path))

    assert len(made.exams) == 1
    assert "ImagePositionPatient" in made.error


def test_a_node_reads_as_its_file_states(tmp_path: Path) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with running_node(tmp_path, '[reading]\norientation = "LPI"\n') as node:
        assert send(node.port, [unplaced_study()]) == [0]

        def is_in_review() -> bool:
            with opener.open(f"http://127.0.0.1:{node.monitor}/health", timeout=10) as answer:
                return bool(json.load(answer)["studies"]["review"] == 1)

        until(is_in_review)
        (record,) = (node.folder / "results").glob("*/*/exam.json")
        assert any("LPI" in each for each in json.loads(record.read_text("utf-8"))["reasons"])


@pytest.mark.parametrize(("taken", "exams"), [("alone", 1), ("none", 0)])
def test_raw_projections_are_reconstructed_unless_the_table_refuses_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken: str, exams: int
) -> None:
    def still(projections: Projections) -> MotionFound:
        course = np.zeros((len(projections.angles_deg), 3))
        return MotionFound(course, (), (0.0, 0.0, 0.0), 6.4, 0.0, 1.0)

    monkeypatch.setattr(reconstructing, "find_motion", still)
    (tmp_path / "incoming").mkdir()
    write_raw_exam(tmp_path / "incoming" / "raw.dcm")
    reading = ReadingRules(raw=taken).options

    result = perform(task_of(tmp_path, reading=reading))

    assert len(result.exams) == exams
    reports = list((tmp_path / "results").rglob("report.json"))
    assert len(reports) == exams
    for report in reports:
        source = json.loads(report.read_text())["source"]
        assert source["reconstructed_here"].startswith("OSEM")
