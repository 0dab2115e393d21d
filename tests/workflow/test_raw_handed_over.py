"""Raw projections given to any verb: reconstructed on the way, told everywhere, refused on wish."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest

from drawn_study import study_dataset, study_pose
from nm_object import save_object
from raw_exams import write_gated_raw_exam, write_raw_exam
from shortaxis.dicom.reading.finding.reconstructed_already import RECONSTRUCTED_ALREADY
from shortaxis.dicom.reading.projections import read_projections
from shortaxis.errors import UnsupportedObjectError
from shortaxis.geometry.pose import RigidPose
from shortaxis.geometry.pose_errors import pose_errors
from shortaxis.reconstruction.motion.course import Jump, MotionFound
from shortaxis.spect.projections import Projections
from shortaxis.spect.reading_notes import doubts
from shortaxis.spect.reading_options import RawProjections, ReadingOptions
from shortaxis.spect.study import StudyCondition
from shortaxis.workflow.studies import reconstructing
from shortaxis.workflow.studies.finding import find_studies
from shortaxis.workflow.studies.reconstructing import (
    BETWEEN_HALVES,
    Making,
    MotionHandling,
    study_of_projections,
)
from verb_run import Run

Verb = Callable[..., Run]

WORDS = "reconstructed here with OSEM 3i10s"


def still(projections: Projections) -> MotionFound:
    """Nobody moved: what is tested here is not how motion is found."""
    steps = len(projections.angles_deg) // projections.heads
    return MotionFound(np.zeros((steps, 3)), (), (0.0, 0.0, 0.0), 6.4, 0.0, 1.0)


def moving(projections: Projections) -> MotionFound:
    found = still(projections)
    course = np.where(np.arange(len(found.course_mm))[:, None] < 10, 0.0, (0.0, 0.0, 14.0))
    return MotionFound(course, (Jump(10, (0.0, 0.0, 14.0)),), (0.0, 0.0, 0.0), 6.4, 9.0, 1.0)


@pytest.fixture(autouse=True)
def _nobody_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconstructing, "find_motion", still)


@pytest.fixture(scope="module")
def exam(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_raw_exam(tmp_path_factory.mktemp("raw") / "raw.dcm")


def test_reorient_finds_the_heart_and_says_how(exam: Path, tmp_path: Path, shortaxis: Verb) -> None:
    run = shortaxis("reorient", exam, "-o", tmp_path / "out")

    assert run.code == 0, run.err
    pose = json.loads((tmp_path / "out" / "pose.json").read_text())
    found = RigidPose(pose["patient_from_cardiac"], pose["center_mm"])
    errors = pose_errors(found, study_pose())
    assert errors.long_axis_deg < 8
    assert errors.center_mm < 8
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["source"]["reconstructed_here"].startswith("OSEM 3i10s")
    assert any(note.startswith(WORDS) for note in report["source"]["notes"])
    slices = pydicom.dcmread(tmp_path / "out" / "short_axis.dcm")
    assert f"Of projections {WORDS}" in slices.DerivationDescription
    raw = pydicom.dcmread(exam)
    assert slices.SourceImageSequence[0].ReferencedSOPInstanceUID == raw.SOPInstanceUID
    assert slices.FrameOfReferenceUID == raw.FrameOfReferenceUID


@pytest.mark.parametrize(
    ("verb", "record_file"), [("quantify", "quantification.json"), ("wall", "wall.json")]
)
def test_what_is_measured_says_how(
    exam: Path, tmp_path: Path, shortaxis: Verb, verb: str, record_file: str
) -> None:
    run = shortaxis(verb, exam, "-o", tmp_path / "out")

    assert run.code == 0, run.err
    record = json.loads((tmp_path / "out" / record_file).read_text())
    assert record["source"]["reconstructed_here"].startswith("OSEM 3i10s")


def test_a_report_says_how_in_record_page_and_measurements(
    exam: Path, tmp_path: Path, shortaxis: Verb
) -> None:
    run = shortaxis("report", exam, "-o", tmp_path / "out")

    assert run.code == 0, run.err
    out = tmp_path / "out"
    assert any(
        note.startswith(WORDS)
        for note in json.loads((out / "study_report.json").read_text())["notes"]
    )
    assert WORDS in (out / "report.html").read_text()
    document = pydicom.dcmread(out / "measurements.dcm")
    assert WORDS in str(document)


def test_info_lists_what_it_will_be(exam: Path, shortaxis: Verb) -> None:
    (study,) = shortaxis("info", exam, "--json").json["studies"]

    assert study["kind"] == "NM TOMO"
    assert study["shape"] == [64, 64, 64]
    assert study["notes"] == ["raw projections: they are reconstructed where they are read"]


def test_gated_projections_give_every_time_slot(tmp_path: Path, shortaxis: Verb) -> None:
    raw = write_gated_raw_exam(tmp_path / "raw.dcm")

    run = shortaxis("reorient", raw, "-o", tmp_path / "out")

    assert run.code == 0, run.err
    gated = pydicom.dcmread(tmp_path / "out" / "short_axis_gated.dcm")
    assert int(gated.NumberOfTimeSlots) == 4
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["source"]["time_slots"] == 4


def test_motion_is_a_reason_to_look(exam: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconstructing, "find_motion", moving)

    study = find_studies(exam).studies[0].load().study

    (reason,) = doubts(study.notes)
    assert reason.startswith("the patient moved during the acquisition, by up to 14 mm")
    assert "--motion correct" in reason


def test_views_that_would_show_no_motion_say_so(
    exam: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def blind(projections: Projections) -> MotionFound:
        return MotionFound(np.zeros((32, 3)), (), (0.0, 0.0, 0.0), 6.4, 0.0, 1.0, "any motion")

    monkeypatch.setattr(reconstructing, "find_motion", blind)

    notes = find_studies(exam).studies[0].load().study.notes

    assert "cannot be told from these views: any motion" in [note.text for note in notes]
    assert doubts(notes) == []


def test_a_step_where_a_second_head_would_begin_is_not_corrected(
    exam: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def of_heads(projections: Projections) -> MotionFound:
        if projections.heads == 2:
            return still(projections)
        return replace(moving(projections), jumps=(Jump(16, (20.0, -20.0, 0.0)),))

    monkeypatch.setattr(reconstructing, "find_motion", of_heads)
    raw = read_projections(find_studies(exam).studies[0].series)

    made = study_of_projections(raw, Making(motion=MotionHandling.CORRECT))

    assert doubts(made.study.notes) == [BETWEEN_HALVES.text]
    assert not made.is_motion_corrected


@pytest.mark.parametrize("verb", ["info", "reorient", "quantify", "report"])
def test_raw_projections_can_be_refused(
    exam: Path, tmp_path: Path, shortaxis: Verb, verb: str
) -> None:
    out = () if verb == "info" else ("-o", tmp_path / "out")

    run = shortaxis(verb, exam, *out, "--raw", "none")

    assert run.code != 0
    assert "shortaxis reconstruct" in run.err
    assert not (tmp_path / "out").exists()


def pair_in(folder: Path, condition: StudyCondition = StudyCondition.STRESS) -> Path:
    """A reconstruction of stress, and projections of the same study."""
    made = study_dataset()
    save_object(made, folder / "made.dcm")

    def same_study(raw: pydicom.Dataset) -> None:
        raw.StudyInstanceUID = made.StudyInstanceUID

    write_raw_exam(folder / "raw.dcm", condition=condition, change=same_study)
    return folder


def test_projections_beside_their_reconstruction_are_left_alone(tmp_path: Path) -> None:
    found = find_studies(pair_in(tmp_path))

    assert [study.kind for study in found.studies] == ["NM RECON TOMO"]
    (left_out,) = found.skipped
    assert (left_out.reason, left_out.is_exam) == (RECONSTRUCTED_ALREADY, False)


def test_projections_beside_their_reconstruction_can_be_taken(tmp_path: Path) -> None:
    folder = pair_in(tmp_path)

    everything = find_studies(folder, options=ReadingOptions(raw=RawProjections.ALL))
    alone = find_studies(folder / "raw.dcm")
    (raw,) = alone.studies
    by_series = find_studies(folder, series_uid=raw.facts.series_instance_uid)

    assert [study.kind for study in everything.studies] == ["NM RECON TOMO", "NM TOMO"]
    assert [study.kind for study in by_series.studies] == ["NM TOMO"]


def test_projections_of_rest_are_none_of_the_reconstruction_of_stress(tmp_path: Path) -> None:
    found = find_studies(pair_in(tmp_path, StudyCondition.REST))

    assert sorted(study.kind for study in found.studies) == ["NM RECON TOMO", "NM TOMO"]


def test_where_slices_are_looked_for_projections_are_refused(exam: Path) -> None:
    from shortaxis.dicom.reading.stored import read_stored_dicom

    with pytest.raises(UnsupportedObjectError, match="holds projections"):
        read_stored_dicom(exam)


def test_a_study_is_read_the_same_twice(exam: Path) -> None:
    first, second = (find_studies(exam).studies[0].load().study for _ in range(2))

    assert np.array_equal(first.volume.counts, second.volume.counts)


def test_a_batch_takes_them(exam: Path, tmp_path: Path, shortaxis: Verb) -> None:
    run = shortaxis("batch", exam.parent, "-o", tmp_path / "out", "--workers", "1", "--json")

    assert run.code == 0, run.err
    records = list((tmp_path / "out").rglob("report.json"))
    assert len(records) == 1
    assert WORDS.split("with ")[1] in records[0].read_text()


def test_python_reconstructs_and_hands_over_what_it_made(exam: Path, tmp_path: Path) -> None:
    import shortaxis

    made = shortaxis.reconstruct(exam, method="fbp", cutoff=0.6, cutoff_unit="nyquist")
    result = shortaxis.reorient(made, pose=study_pose())
    slices, *_ = shortaxis.write(made, tmp_path / "slices")
    views = shortaxis.write(result, tmp_path / "views", review_sheet=False)

    assert made.record["words"].startswith("FBP, Butterworth")
    assert made.volume.counts.sum() > 0
    source = pydicom.dcmread(exam)
    for path in (slices, next(path for path in views if path.suffix == ".dcm")):
        written = pydicom.dcmread(path)
        assert written.FrameOfReferenceUID == source.FrameOfReferenceUID
        assert written.StudyInstanceUID == source.StudyInstanceUID
    assert pydicom.dcmread(slices).ImageType[2] == "RECON TOMO"


def test_python_says_what_it_was_given_in_place_of_projections(tmp_path: Path) -> None:
    import shortaxis

    slices = save_object(study_dataset(), tmp_path / "slices.dcm")

    with pytest.raises(UnsupportedObjectError, match="holds no raw projections") as caught:
        shortaxis.reconstruct(slices)
    assert "reorient" in str(caught.value)
