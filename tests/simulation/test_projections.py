"""Raw projections as NM objects: valid, and where they say they are."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pydicom
import pytest

pytest.importorskip("torch", reason="the simulation needs torch")

from hypothesis import given
from hypothesis import strategies as st

from dicom_programs import messages_of_dciodvfy
from shortaxis.dicom.reading.finding.scan import scan_dicom
from shortaxis.dicom.reading.projections import read_projections
from shortaxis.dicom.writing.acquired.identity import AcquiredIdentity
from shortaxis.dicom.writing.acquired.projections import (
    AcquiredProjections,
    write_acquired_projections,
)
from shortaxis.errors import CountsError, GeometryError, OptionError
from shortaxis.geometry.pose_errors import pose_errors
from shortaxis.reorientation.methods import estimate_pose
from shortaxis.simulation.camera_facts import camera_facts
from shortaxis.simulation.cohort_request import CohortRequest
from shortaxis.simulation.exam import SimulatedExam
from shortaxis.simulation.exam_files import CohortFormat, write_exam
from shortaxis.simulation.simulating import simulate
from shortaxis.spect.projections import Projections, view_axes
from shortaxis.spect.study import StudyCondition
from shortaxis.workflow.studies.reconstructing import Making, MotionHandling, study_of_projections
from simulation_scenes import scenario_of, small_scenario

VIEWS = ("AngularViewVector", "DetectorVector", "TimeSlotVector", "EnergyWindowVector")


@cache
def exam(slots: int = 0) -> SimulatedExam:
    return simulate(small_scenario(time_slots=slots, preset_version=2))


@cache
def written(slots: int = 0) -> pydicom.Dataset:
    path = write_exam(exam(slots), Path(mkdtemp()), CohortFormat.DICOM, with_projections=True)
    return pydicom.dcmread(path / "projections.dcm")


def angle_of(dataset: pydicom.Dataset, frame: int) -> float:
    """Angle of a frame by its header alone, degrees."""
    head = dataset.DetectorInformationSequence[dataset.DetectorVector[frame] - 1]
    rotation = dataset.RotationInformationSequence[0]
    sign = 1 if rotation.RotationDirection == "CC" else -1
    number = dataset.AngularViewVector[frame] - 1
    return float(head.StartAngle) + sign * number * float(rotation.AngularStep)


def backprojected(dataset: pydicom.Dataset, frames: np.ndarray) -> np.ndarray:
    """Centre of what is hottest in a plain backprojection, LPS mm, by the header alone."""
    head = dataset.DetectorInformationSequence[0]
    row_mm, bin_mm = map(float, dataset.PixelSpacing)
    rows, bins = frames.shape[1:]
    first = angle_of(dataset, 0)
    along, towards = view_axes(first)
    corner = np.array(head.ImagePositionPatient, dtype=float)
    # Half a detector along the bins, and a radius back, lies the axis.
    axis = corner + along * bin_mm * (bins - 1) / 2 - towards * float(head.RadialPosition[0])
    x, y = np.meshgrid(np.arange(-150, 151, 5.0), np.arange(-150, 151, 5.0))
    volume = np.zeros((rows, *x.shape))
    for number, frame in enumerate(frames):
        turn = np.radians(angle_of(dataset, number))
        place = (-np.cos(turn) * x + np.sin(turn) * y) / bin_mm + (bins - 1) / 2
        near = np.clip(np.round(place).astype(int), 0, bins - 1)
        # A ramp, crude but enough to bring out the hottest place.
        sharp = frame - (np.roll(frame, 2, axis=1) + np.roll(frame, -2, axis=1)) / 2
        volume += sharp[:, near]
    hot = np.argwhere(volume > 0.8 * volume.max()).mean(axis=0)
    z = corner[2] - hot[0] * row_mm
    return np.array([axis[0] - 150 + 5 * hot[2], axis[1] - 150 + 5 * hot[1], z])


@pytest.mark.parametrize("slots", [0, 8])
def test_dciodvfy_finds_no_error(slots: int, tmp_path: Path) -> None:
    path = write_exam(exam(slots), tmp_path, CohortFormat.DICOM, with_projections=True)

    assert messages_of_dciodvfy(path / "projections.dcm", "Error") == []


def test_a_backprojection_by_the_header_finds_the_heart() -> None:
    dataset = written()

    found = backprojected(dataset, dataset.pixel_array.astype(float))

    assert found == pytest.approx(exam().pose.center_mm, abs=30)
    assert np.linalg.norm(found - exam().pose.center_mm) < 35


def test_angles_run_from_right_anterior_to_left_posterior() -> None:
    dataset = written()
    frames = range(int(dataset.NumberOfFrames))

    angles = np.array([angle_of(dataset, frame) % 360 for frame in frames])

    assert angles == pytest.approx(exam().projections.angles_deg, abs=0.01)
    assert angles[0] == pytest.approx(225)
    assert angles[-1] > 40


def test_each_head_says_where_it_stands() -> None:
    dataset = written()
    each = int(dataset.RotationInformationSequence[0].NumberOfFramesInRotation)

    for number, head in enumerate(dataset.DetectorInformationSequence):
        angle = exam().projections.angles_deg[number * each]
        along, towards = view_axes(angle)
        assert np.array(head.ImageOrientationPatient, float) == pytest.approx(
            [*along, 0, 0, -1], abs=1e-4
        )
        middle = (
            np.array(head.ImagePositionPatient, float)
            + along * float(dataset.PixelSpacing[1]) * (dataset.Columns - 1) / 2
        )
        off_axis = (middle - exam().projections.axis_mm) @ towards
        assert off_axis == pytest.approx(float(head.RadialPosition[0]), abs=0.01)


def test_counts_are_those_that_were_counted() -> None:
    dataset, projections = written(8), exam(8).projections
    pixels = dataset.pixel_array

    for frame in range(0, len(pixels), 37):
        view, head, slot, window = (int(getattr(dataset, name)[frame]) - 1 for name in VIEWS)
        place = projections.views_of_heads[head][view]
        assert np.array_equal(pixels[frame], projections.counts[window, slot, place])
    assert pixels.sum() == dataset.CountsAccumulated == projections.counts.sum()


@pytest.mark.parametrize("slots", [0, 8])
def test_pytomography_reads_the_same_views(slots: int, tmp_path: Path) -> None:
    reader = pytest.importorskip(
        "pytomography.io.SPECT.dicom", reason="PyTomography is an extra of the tests"
    )
    path = write_exam(exam(slots), tmp_path, CohortFormat.DICOM, with_projections=True)
    ours = exam(slots).projections

    found, angles, radii_cm, flags = reader.parse_projection_dataset(
        pydicom.dcmread(path / "projections.dcm")
    )

    # It counts angles from the patient's front, sorts them, and has rows from feet to head last.
    front = (np.array(ours.angles_deg) + 180) % 360
    order = np.argsort(front)
    assert angles == pytest.approx(front[order], abs=0.01)
    assert 10 * radii_cm == pytest.approx(np.array(ours.radial_position_mm)[order], abs=0.01)
    assert flags["multi_time_slot"] == (slots > 0)
    wanted = np.swapaxes(ours.counts[:, :, order, ::-1], -1, -2)
    assert np.array_equal(found.cpu().numpy(), wanted)


def test_vectors_vary_in_the_order_of_the_pointer() -> None:
    dataset = written(8)
    names = [pydicom.datadict.keyword_for_tag(tag) for tag in dataset.FrameIncrementPointer]

    rows = list(zip(*(getattr(dataset, name) for name in names), strict=True))

    assert names[-1] == "AngularViewVector"
    assert rows == sorted(rows)
    assert len(set(rows)) == len(rows) == dataset.NumberOfFrames


def test_the_projections_belong_to_the_study_of_the_reconstruction(tmp_path: Path) -> None:
    path = write_exam(exam(), tmp_path, CohortFormat.DICOM, with_projections=True)
    raw, study = (pydicom.dcmread(path / name) for name in ("projections.dcm", "study.dcm"))

    for name in ("StudyInstanceUID", "FrameOfReferenceUID", "PatientID"):
        assert raw[name].value == study[name].value
    for name in ("SeriesInstanceUID", "SOPInstanceUID"):
        assert raw[name].value != study[name].value


def test_a_camera_without_projections_stores_none(tmp_path: Path) -> None:
    pinhole = SimulatedExam(
        scenario_of("pinhole"), exam().volume, None, exam().pose, {"hot_organ": False}
    )

    path = write_exam(pinhole, tmp_path, CohortFormat.DICOM, with_projections=True)

    assert not (path / "projections.dcm").exists()


def test_projections_are_written_only_if_asked_for(tmp_path: Path) -> None:
    path = write_exam(exam(), tmp_path, CohortFormat.DICOM)

    assert not (path / "projections.dcm").exists()
    with pytest.raises(OptionError, match="DICOM only"):
        CohortRequest("parallel", 1, 0, CohortFormat.COMPACT, projections=True)


@given(st.floats(0, 360))
def test_bins_grow_to_the_right_of_somebody_in_the_place_of_the_detector(angle: float) -> None:
    bins, towards = view_axes(angle)

    # Facing the patient with the head up, the right hand points along up x forward, reversed.
    assert bins == pytest.approx(np.cross(-towards, [0, 0, 1]), abs=1e-9)


def test_in_the_anterior_view_bins_grow_to_the_left_of_the_patient() -> None:
    bins, towards = view_axes(180)

    assert bins == pytest.approx([1, 0, 0], abs=1e-9)
    assert towards == pytest.approx([0, -1, 0], abs=1e-9)


def made(**changes: object) -> Projections:
    values: dict[str, object] = {
        "counts": np.ones((1, 1, 4, 3, 5), dtype=np.float32),
        "angles_deg": (0.0, 90.0, 180.0, 270.0),
        "radial_position_mm": (200.0,) * 4,
        "pixel_mm": (6.4, 6.4),
        "axis_mm": (0.0, 0.0, 0.0),
        "windows_kev": ((126.0, 154.0),),
    }
    return Projections(**{**values, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {"angles_deg": (0.0, 90.0)},
        {"radial_position_mm": (200.0,)},
        {"heads": 3},
        {"windows_kev": ()},
        {"counts": np.ones((4, 3, 5))},
    ],
)
def test_projections_that_do_not_fit_their_views_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(GeometryError):
        made(**changes)


@pytest.mark.parametrize("wrong", [0.5, -1.0, 70000.0])
def test_counts_that_cannot_be_stored_are_refused(wrong: float, tmp_path: Path) -> None:
    counts = np.full((1, 1, 4, 3, 5), wrong, dtype=np.float32)
    acquired = AcquiredProjections(
        made(counts=counts),
        camera_facts(small_scenario()),
        AcquiredIdentity(StudyCondition.REST, "SIM-X", "PROJECTIONS"),
    )

    with pytest.raises(CountsError):
        write_acquired_projections(
            tmp_path / "x.dcm", acquired, lambda role: "2.25.1", datetime(2024, 1, 2)
        )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("slots", [0, 8])
def test_what_is_read_is_what_was_counted(slots: int, tmp_path: Path) -> None:
    made = exam(slots).projections
    path = write_exam(exam(slots), tmp_path, CohortFormat.DICOM, with_projections=True)
    (entry,) = scan_dicom(path / "projections.dcm").entries

    read = read_projections(entry).projections

    assert np.array_equal(read.counts, made.counts)
    assert read.angles_deg == pytest.approx(made.angles_deg, abs=0.01)
    assert read.radial_position_mm == pytest.approx(made.radial_position_mm, abs=0.01)
    assert read.axis_mm == pytest.approx(made.axis_mm, abs=0.01)
    assert read.pixel_mm == pytest.approx(made.pixel_mm)
    assert (read.heads, read.is_gated) == (made.heads, made.is_gated)


def test_reconstructed_here_the_heart_is_found_where_it_was_drawn(tmp_path: Path) -> None:
    path = write_exam(exam(), tmp_path, CohortFormat.DICOM, with_projections=True)
    (entry,) = scan_dicom(path / "projections.dcm").entries
    unmoved = Making(motion=MotionHandling.IGNORE)

    study = study_of_projections(read_projections(entry), unmoved).study

    errors = pose_errors(estimate_pose(study.volume, "network", None).pose, exam().pose)
    assert errors.long_axis_deg < 10
    assert errors.center_mm < 10
