"""Simulated exams on disk, read back by the package, by pydicom alone and by dciodvfy."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("torch", reason="the simulation needs torch")

from dicom_programs import messages_of_dciodvfy, needs, read_patient_from_index
from shortaxis.dicom.reading.finding.scan import scan_dicom
from shortaxis.dicom.reading.study import read_dicom_study
from shortaxis.dicom.writing.acquired.identity import AcquiredIdentity
from shortaxis.dicom.writing.acquired.series import (
    AcquiredSeries,
    write_acquired_series,
)
from shortaxis.errors import GeometryError, UnreadableFileError
from shortaxis.geometry.pose import RigidPose
from shortaxis.phantom.organs import Breasts
from shortaxis.reorientation.pose_record import (
    estimate_from_record,
    parse_pose_json,
)
from shortaxis.simulation.acquisition import Tracer
from shortaxis.simulation.camera_facts import RADIOPHARMACEUTICALS, camera_facts
from shortaxis.simulation.exam import SimulatedExam
from shortaxis.simulation.exam_files import (
    FORMATS,
    exam_path,
    read_compact_exam,
    read_exam_facts,
    write_exam,
)
from shortaxis.simulation.presets import sample_scenario
from shortaxis.simulation.scenario import scenario_from_json
from shortaxis.simulation.simulating import simulate
from shortaxis.spect.study import StudyCondition
from shortaxis.spect.volume import SpectVolume
from simulation_scenes import measured_rings, scenario_of, small_scenario


@cache
def easy(kind: str = "osem", *, negative: bool = False, slots: int = 0) -> SimulatedExam:
    scenario = scenario_of(kind, time_slots=slots)
    field = replace(scenario.field_of_view, negative_spacing=negative)
    return simulate(replace(scenario, field_of_view=field))


@cache
def small(condition: str = "stress", slots: int = 0, seed: int = 1) -> SimulatedExam:
    return simulate(small_scenario(condition=condition, time_slots=slots, exam_seed=seed))


def read_by_package(path: Path) -> Any:
    (entry,) = scan_dicom(path / "study.dcm").entries
    return read_dicom_study(entry).study


def read_by_pydicom(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Counts (frame, row, column) and affine, by the words of the standard alone."""
    dataset = pydicom.dcmread(path / "study.dcm")
    slope = float(dataset.get("RescaleSlope", 1))
    return dataset.pixel_array * slope, read_patient_from_index(path / "study.dcm")


@pytest.mark.parametrize("negative", [False, True])
def test_the_package_reads_an_exam_back_where_it_was(negative: bool, tmp_path: Path) -> None:
    exam = easy(negative=negative)

    study = read_by_package(write_exam(exam, tmp_path, "dicom"))

    # The reader may stack slices either way; a voxel is where it is.
    corners = np.array([(0, 0, 0, 1), (*(np.array(exam.volume.shape) - 1), 1)])
    first = corners @ study.volume.patient_from_index.T
    second = corners @ exam.volume.patient_from_index.T
    if np.abs(first[0] - second[0]).max() > 1:
        study_counts = np.flip(study.volume.counts, 0)
        first[:, 2] = first[::-1, 2]
    else:
        study_counts = study.volume.counts
    np.testing.assert_allclose(first, second, atol=0.01)
    # 16 bits: half a step of the highest count.
    step = exam.volume.counts.max() / 32767
    np.testing.assert_allclose(study_counts, exam.volume.counts, atol=0.51 * step)


@pytest.mark.parametrize("negative", [False, True])
def test_pydicom_alone_finds_the_heart_where_pose_json_says(negative: bool, tmp_path: Path) -> None:
    path = write_exam(easy(negative=negative), tmp_path, "dicom")

    counts, affine = read_by_pydicom(path)
    record = json.loads((path / "pose.json").read_text())

    assert np.sign(affine[2, 0]) == (-1 if negative else 1)
    dataset = pydicom.dcmread(path / "study.dcm", stop_before_pixels=True)
    # Rows to the left, columns to the back: row x column points to the head.
    assert (float(dataset.SpacingBetweenSlices) < 0) is negative
    rotation = np.array(record["patient_from_cardiac"])
    assert np.linalg.det(rotation) == pytest.approx(1)
    rings = measured_rings(counts, affine, RigidPose(rotation, record["center_mm"]))
    assert rings.tilt_deg < 2.5
    assert rings.off_mm < 2.2
    assert rings.open_end < 0.45


def test_voxels_of_both_signs_are_the_same_places(tmp_path: Path) -> None:
    paths = [
        write_exam(easy(negative=negative), tmp_path / str(negative), "dicom")
        for negative in (False, True)
    ]

    (up, up_affine), (down, down_affine) = map(read_by_pydicom, paths)

    np.testing.assert_array_equal(up, down[::-1])
    last = down_affine @ (len(down) - 1, 0, 0, 1)
    np.testing.assert_allclose(up_affine[:3, 3], last[:3], atol=0.01)


def test_the_true_pose_can_be_given_to_the_package(tmp_path: Path) -> None:
    exam = easy()
    path = write_exam(exam, tmp_path, "dicom")
    uid = str(pydicom.dcmread(path / "study.dcm", stop_before_pixels=True).SOPInstanceUID)

    record = parse_pose_json((path / "pose.json").read_text())
    estimate = estimate_from_record(record, exam.volume.center_mm, uid)

    np.testing.assert_array_equal(estimate.pose.matrix, exam.pose.matrix)
    assert estimate.method == "truth"
    assert estimate.knows_roll
    assert record["source"]["sop_instance_uid"] == uid
    assert record["uncertainty"] == {"long_axis_deg": None, "center_mm": None, "roll_deg": None}


def test_a_gated_exam_is_a_gated_object(tmp_path: Path) -> None:
    exam = easy(slots=4)
    path = write_exam(exam, tmp_path, "dicom")

    study = read_by_package(path)
    header = pydicom.dcmread(path / "study.dcm")

    assert exam.gates is not None
    assert list(header.ImageType)[2] == "RECON GATED TOMO"
    assert (header.NumberOfRRIntervals, header.NumberOfTimeSlots) == (1, 4)
    assert study.gates.shape == exam.gates.shape
    flipped = study.volume.patient_from_index[2, 0] < 0
    gates = study.gates[:, ::-1] if flipped else study.gates
    np.testing.assert_allclose(gates, exam.gates, atol=0.51 * exam.gates.max() / 32767)
    frames = header.pixel_array.reshape(4, *exam.volume.shape) * float(header.RescaleSlope)
    np.testing.assert_allclose(frames, exam.gates, atol=0.51 * exam.gates.max() / 32767)


@pytest.mark.parametrize("condition", ["stress", "rest"])
def test_stress_and_rest_are_recognised_with_evidence(condition: str, tmp_path: Path) -> None:
    path = write_exam(small(condition), tmp_path, "dicom")

    facts = read_by_package(path).facts

    assert facts.condition is StudyCondition(condition)
    assert "AcquisitionContext" in facts.condition_evidence.replace(" ", "")


def uids(path: Path) -> dict[str, str]:
    header = pydicom.dcmread(path / "study.dcm", stop_before_pixels=True)
    names = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID")
    return {name: str(header[name].value) for name in names}


def test_stress_and_rest_of_a_patient_are_one_study_of_two_series(tmp_path: Path) -> None:
    stress, rest, other = (
        write_exam(small(condition, seed=seed), tmp_path / f"{seed}", "dicom")
        for condition, seed in (("stress", 2), ("rest", 3), ("stress", 4))
    )
    stranger = replace(small(seed=4), scenario=replace(small(seed=4).scenario, patient=9))
    strange = write_exam(stranger, tmp_path / "strange", "dicom")

    first, second, third, fourth = map(uids, (stress, rest, other, strange))

    assert first["StudyInstanceUID"] == second["StudyInstanceUID"] == third["StudyInstanceUID"]
    assert fourth["StudyInstanceUID"] != first["StudyInstanceUID"]
    for name in ("SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID"):
        assert len({each[name] for each in (first, second, third)}) == 3


def test_uids_are_valid_and_the_same_again(tmp_path: Path) -> None:
    first, second = (write_exam(small(), tmp_path / name, "dicom") for name in "ab")

    assert uids(first) == uids(second)
    for uid in uids(first).values():
        # PS3.5 B.2: 2.25. and one decimal number without leading zeros, 64 characters at most.
        assert uid.startswith("2.25.")
        assert uid[5:] == str(int(uid[5:]))
        assert len(uid) <= 64
    assert (first / "study.dcm").read_bytes() == (second / "study.dcm").read_bytes()


def test_gated_and_ungated_exams_of_one_seed_are_different_objects(tmp_path: Path) -> None:
    paths = [write_exam(small(slots=slots), tmp_path / f"{slots}", "dicom") for slots in (0, 4)]

    first, second = map(uids, paths)

    assert not set(first.values()) & set(second.values())


def test_nothing_in_the_header_names_anybody(tmp_path: Path) -> None:
    header = pydicom.dcmread(write_exam(small(), tmp_path, "dicom") / "study.dcm")

    assert header.PatientID == "SIM-CLINICAL-0"
    assert str(header.PatientName) == "Simulated^SIM-CLINICAL-0"
    assert header.PatientBirthDate == header.AccessionNumber == ""
    assert "nobody" in header.ImageComments
    people = {element.keyword for element in header.iterall() if element.VR == "PN"}
    assert people == {"PatientName", "ReferringPhysicianName"}
    assert str(header.ReferringPhysicianName) == ""
    assert not [each for each in header.iterall() if each.tag.is_private]
    dates = {each.value for each in header.iterall() if each.VR == "DA" and each.value}
    assert dates == {"20240102"}


@pytest.mark.parametrize(
    ("breasts", "sex"),
    [
        (Breasts(), "M"),
        (Breasts(radius_mm=70.0, height_mm=-12.5), "F"),
        # Fat before the heart of a man, as version 2 draws it.
        (Breasts(radius_mm=70.0), "M"),
    ],
)
def test_a_torso_with_breasts_is_that_of_a_woman_and_a_soft_chest_that_of_a_man(
    breasts: Breasts, sex: str, tmp_path: Path
) -> None:
    exam = small()
    phantom = exam.scenario.phantom
    torso = replace(phantom.torso, breasts=breasts)
    scenario = replace(exam.scenario, phantom=replace(phantom, torso=torso))
    path = write_exam(replace(exam, scenario=scenario), tmp_path, "dicom")
    assert read_by_package(path).facts.patient_sex == sex


@pytest.mark.parametrize("kind", ["osem", "pinhole", "pet", "corrected"])
def test_the_header_tells_the_camera_as_it_was_simulated(kind: str, tmp_path: Path) -> None:
    exam = replace(small(), scenario=scenario_of(kind))
    header = pydicom.dcmread(write_exam(exam, tmp_path, "dicom") / "study.dcm")

    (rotation,) = header.RotationInformationSequence
    (detector,) = header.DetectorInformationSequence
    parallel = kind in ("osem", "corrected")
    # Collimator Type (PS3.3 C.8.4.11): parallel holes, pinholes, none.
    wanted = {"pinhole": "PINH", "pet": "NONE"}.get(kind, "PARA")
    assert detector.CollimatorType == wanted
    assert float(rotation.ScanArc) == (180 if parallel else 0)
    assert rotation.NumberOfFramesInRotation == (64 if parallel else 1)
    assert ("ATTN" in header.CorrectedImage) is (kind in ("corrected", "pet"))
    assert header.Manufacturer == exam.scenario.acquisition.camera.split()[0]
    if parallel:
        # From RAO, 225, over anterior, 180, and left, 90, to LPO, 45: angles that fall are CW
        # (Rotation Direction, PS3.3 C.8.4.12; zero at the back, growing towards the left).
        assert float(rotation.StartAngle) == 225
        assert rotation.RotationDirection == "CW"
        assert float(rotation.AngularStep) == pytest.approx(180 / 64)


@pytest.mark.parametrize("tracer", Tracer)
def test_the_energy_window_holds_the_photons_of_the_tracer(tracer: Tracer) -> None:
    low, high = RADIOPHARMACEUTICALS[tracer].window_kev

    assert low < tracer.energy_kev < high


def test_header_facts_fit_the_attributes() -> None:
    for seed in range(40):
        facts = camera_facts(sample_scenario("wide", seed))
        # Short strings and long strings: 16 and 64 characters (PS3.5 6.2).
        assert 0 < len(facts.kernel) <= 16
        assert 0 < len(facts.manufacturer) <= 64
        assert 0 < len(facts.model) <= 64


@pytest.mark.system
@needs("dciodvfy")
@pytest.mark.parametrize(
    ("kind", "negative", "slots"),
    [("osem", False, 0), ("osem", True, 0), ("osem", False, 4), ("pinhole", True, 0),
     ("pet", False, 0)],
)  # fmt: skip
def test_dciodvfy_finds_no_error(kind: str, negative: bool, slots: int, tmp_path: Path) -> None:
    path = write_exam(easy(kind, negative=negative, slots=slots), tmp_path, "dicom")

    assert messages_of_dciodvfy(path / "study.dcm", "Error") == []


def test_a_grid_that_no_object_can_hold_is_refused(tmp_path: Path) -> None:
    sheared = np.diag([4.0, 4.0, 4.0, 1.0])
    sheared[0, 1] = 1.0
    volume = SpectVolume(np.ones((3, 4, 5)), sheared)
    series = AcquiredSeries(
        volume,
        camera_facts(small_scenario()),
        AcquiredIdentity(StudyCondition.REST, "SIM-X", "REST"),
    )

    with pytest.raises(GeometryError, match="cannot be stored"):
        write_acquired_series(
            tmp_path / "x.dcm", series, lambda role: "2.25.1", datetime(2024, 1, 2)
        )

    assert os.listdir(tmp_path) == []


def test_an_unknown_condition_is_not_invented(tmp_path: Path) -> None:
    exam = small()
    series = AcquiredSeries(
        exam.volume,
        camera_facts(exam.scenario),
        AcquiredIdentity(StudyCondition.UNKNOWN, "SIM-X", "TRANSAXIAL"),
    )
    numbers = iter(range(1, 9))
    write_acquired_series(
        tmp_path / "study.dcm", series, lambda role: f"2.25.{next(numbers)}", datetime(2024, 1, 2)
    )

    assert read_by_package(tmp_path).facts.condition is StudyCondition.UNKNOWN


@pytest.mark.parametrize("slots", [0, 4])
def test_a_compact_exam_is_read_back(slots: int, tmp_path: Path) -> None:
    exam = small(slots=slots)

    stored = read_compact_exam(write_exam(exam, tmp_path, "compact"))

    highest = exam.volume.counts.max() if exam.gates is None else exam.gates.max()
    step = max(slots, 1) * highest / 65535
    np.testing.assert_allclose(stored.volume.counts, exam.volume.counts, atol=0.51 * step)
    np.testing.assert_array_equal(stored.volume.patient_from_index, exam.volume.patient_from_index)
    np.testing.assert_array_equal(stored.pose.matrix, exam.pose.matrix)
    assert stored.scenario == exam.scenario
    assert stored.strata == exam.strata
    assert (stored.gates is None) == (exam.gates is None)
    if exam.gates is not None:
        np.testing.assert_allclose(stored.gates, exam.gates, atol=0.51 * highest / 65535)


@pytest.mark.parametrize("form", FORMATS)
def test_the_facts_of_an_exam_are_read_without_its_counts(form: str, tmp_path: Path) -> None:
    exam = small()
    path = write_exam(exam, tmp_path, form)
    assert path == exam_path(tmp_path, 1, form)

    scenario, pose, strata = read_exam_facts(path)

    assert scenario == exam.scenario
    np.testing.assert_array_equal(pose.matrix, exam.pose.matrix)
    assert strata == exam.strata


@pytest.mark.parametrize("form", FORMATS)
def test_an_exam_written_again_replaces_the_old_one(form: str, tmp_path: Path) -> None:
    first = write_exam(small(), tmp_path, form)
    before = sorted(path.name for path in tmp_path.rglob("*"))

    again = write_exam(small(), tmp_path, form)

    assert again == first
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


@pytest.mark.parametrize("form", FORMATS)
def test_a_failure_while_writing_leaves_nothing(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path, target: Path) -> None:
        assert path.exists()
        raise KeyboardInterrupt

    # Everything is written; only the rename is left.
    monkeypatch.setattr(Path, "replace", fail)

    with pytest.raises(KeyboardInterrupt):
        write_exam(small(), tmp_path, form)

    assert os.listdir(tmp_path / "exams") == []


@cache
def compact_bytes() -> bytes:
    with TemporaryDirectory() as folder:
        return write_exam(small(), Path(folder), "compact").read_bytes()


@settings(max_examples=50)
@given(st.data())
def test_a_damaged_byte_ends_in_no_other_error(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    content = bytearray(compact_bytes())
    # Local headers and the directory at the end are where a change hurts most.
    place = data.draw(
        st.one_of(
            st.integers(0, 200),
            st.integers(len(content) - 700, len(content) - 1),
            st.integers(0, len(content) - 1),
        )
    )
    content[place] ^= data.draw(st.integers(1, 255))
    path = tmp_path_factory.mktemp("damaged") / "exam.npz"
    path.write_bytes(content)

    for read in (read_compact_exam, read_exam_facts):
        with contextlib.suppress(UnreadableFileError):
            read(path)


@pytest.mark.parametrize("part", [0.0, 0.001, 0.3, 0.97, 0.9999])
def test_a_truncated_compact_exam_is_unreadable(part: float, tmp_path: Path) -> None:
    path = tmp_path / "exam.npz"
    path.write_bytes(compact_bytes()[: int(part * len(compact_bytes()))])

    for read in (read_compact_exam, read_exam_facts):
        with pytest.raises(UnreadableFileError):
            read(path)


@pytest.mark.parametrize("content", ["text", "array", "other archive", "folder", "nothing"])
def test_what_is_no_exam_at_all_is_unreadable(content: str, tmp_path: Path) -> None:
    path = tmp_path / "exam.npz"
    if content == "text":
        path.write_text("not an exam")
    elif content == "array":
        np.save(path.with_suffix(".npy"), np.ones(3))
        path.with_suffix(".npy").rename(path)
    elif content == "other archive":
        np.savez(path, something=np.ones(3))
    elif content == "folder":
        path.mkdir()

    for read in (read_compact_exam, read_exam_facts):
        with pytest.raises(UnreadableFileError):
            read(path)


@pytest.mark.parametrize("name", ["pose.json", "scenario.json"])
@pytest.mark.parametrize("content", [None, "", "{}", "[]", "{"])
def test_a_folder_with_a_damaged_truth_is_unreadable(
    name: str, content: str | None, tmp_path: Path
) -> None:
    path = write_exam(small(), tmp_path, "dicom")
    if content is None:
        (path / name).unlink()
    else:
        (path / name).write_text(content)

    with pytest.raises(UnreadableFileError, match="exam"):
        read_exam_facts(path)


def test_scenario_json_alone_gives_the_exam_again(tmp_path: Path) -> None:
    path = write_exam(small(), tmp_path, "dicom")

    stored = json.loads((path / "scenario.json").read_text())
    again = simulate(scenario_from_json(json.dumps(stored["scenario"])))

    assert np.array_equal(again.volume.counts, small().volume.counts)
    assert stored["strata"] == small().strata
