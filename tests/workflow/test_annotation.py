"""Poses come back from slices that SimpleITK cut, however the slices are stored."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import pytest

from annotated_pairs import CutSlices, cut_slices, turn_between_deg, write_nifti_with
from drawn_heart import DrawnHeart, draw_study, transaxial_grid
from nm_object import build_nm, save_object
from shortaxis.errors import InputNotFoundError, MissingExtraError, OptionError, OutputError
from shortaxis.geometry.affines import apply_affine, invert_affine
from shortaxis.geometry.euler import PoseParameters, pose_from_parameters
from shortaxis.geometry.pose import RigidPose
from shortaxis.geometry.pose_errors import pose_errors
from shortaxis.reorientation.pose_record import estimate_from_record, parse_pose_json
from shortaxis.spect.stored_slices import StoredSlices
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.annotation.annotating import Annotation, Center, annotate_pair
from shortaxis.workflow.annotation.cardiac_axes import apex_contrast
from shortaxis.workflow.annotation.engines import choosing as engines
from shortaxis.workflow.annotation.engines.choosing import ENGINES, Engine, find_engine
from shortaxis.workflow.annotation.pairs import COLUMNS, find_pairs
from shortaxis.workflow.annotation.record import CSV_COLUMNS
from shortaxis.workflow.annotation.registration.axis_orders import (
    base_turns,
    signed_permutations,
    turned_counts,
)
from shortaxis.workflow.annotation.requests import AnnotateOptions, annotate_pairs
from verb_run import Run

MAX_TURN_DEG, MAX_SHIFT_MM = 0.3, 0.5
"""What an annotation may be off."""


@dataclass(frozen=True, eq=False)
class Scene:
    """A drawn study, its pose, and slices about its centre."""

    volume: SpectVolume
    pose: RigidPose
    slices: CutSlices


def scene(parameters: PoseParameters, heart: DrawnHeart, seed: int) -> Scene:
    grid = transaxial_grid((26, 50, 50))
    pose = pose_from_parameters(parameters, grid.center_mm)
    volume = draw_study(grid, pose, heart, seed=seed)
    return Scene(volume, pose, cut_slices(volume, pose, (16, 20, 20)))


@pytest.fixture(scope="module")
def patient() -> Scene:
    return scene(PoseParameters(36, -24, 4, 24, 0, 42), DrawnHeart(), 1)


@pytest.fixture(scope="module")
def another() -> Scene:
    heart = DrawnHeart(length_mm=80, radius_mm=29, defect_uptake=0.6)
    return scene(PoseParameters(30, -18, 0, 15, 0, 50), heart, 7)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return find_engine()


def stored(cut: CutSlices) -> StoredSlices:
    """Without what a header could say, in other units than the volume's."""
    spacing = np.linalg.norm(cut.patient_from_index[:3, :3], axis=0)
    return StoredSlices(cut.counts * 37.5, spacing)


def errors_of(annotation: Annotation, cut: CutSlices, pose: RigidPose) -> tuple[float, float]:
    """Turn, and shift of the centre of the true pose, that the registration is off."""
    found = annotation.registration.patient_from_index
    spacing = np.linalg.norm(cut.patient_from_index[:3, :3], axis=0)
    turn = turn_between_deg(found[:3, :3] / spacing, cut.patient_from_index[:3, :3] / spacing)
    center = apply_affine(invert_affine(cut.patient_from_index), pose.center_mm)
    return turn, float(np.linalg.norm(apply_affine(found, center) - pose.center_mm))


STORED: dict[str, Callable[[Scene], CutSlices]] = {
    "cropped": lambda each: each.slices.cropped((1, 3, 5), (3, 5, 2)),
    "axes swapped, two flipped": lambda each: each.slices.reindexed((2, 1, 0), (-1, 1, 1)),
    "cut out by a cylinder": lambda each: each.slices.within_cylinder(48.0),
    "other voxels": lambda each: cut_slices(
        each.volume, each.pose, (18, 22, 20), (6.0, 5.4, 5.4), cubic=True
    ),
}


@pytest.mark.parametrize("how", STORED)
def test_the_pose_comes_back_however_the_slices_are_stored(
    patient: Scene, engine: Engine, how: str
) -> None:
    cut = STORED[how](patient)

    annotation = annotate_pair(stored(cut), patient.volume, engine)

    turn_deg, shift_mm = errors_of(annotation, cut, patient.pose)
    assert turn_deg < MAX_TURN_DEG
    assert shift_mm < MAX_SHIFT_MM
    assert not annotation.rejections
    assert not annotation.registration.is_mirrored
    pose = annotation.estimate.pose
    off = pose_errors(pose, patient.pose)
    assert max(off.long_axis_deg, off.roll_deg) < MAX_TURN_DEG
    assert np.linalg.det(pose.patient_from_cardiac) == pytest.approx(1)
    assert annotation.apex_contrast > 0
    # The centre is found in the counts, and not where the box of the slices has its middle.
    assert off.center_mm < 4


def test_mirrored_slices_give_a_proper_pose_and_are_flagged(patient: Scene, engine: Engine) -> None:
    cut = patient.slices.reindexed((0, 1, 2), (1, 1, -1))

    annotation = annotate_pair(stored(cut), patient.volume, engine, Center.SLICES)

    assert annotation.registration.is_mirrored
    assert "as they are stored, the slices show a mirror image" in (
        annotation.estimate.quality.reasons
    )
    off = pose_errors(annotation.estimate.pose, patient.pose)
    assert max(off.long_axis_deg, off.roll_deg) < MAX_TURN_DEG
    assert off.center_mm < MAX_SHIFT_MM


def test_slices_of_another_patient_are_rejected(
    patient: Scene, another: Scene, engine: Engine
) -> None:
    annotation = annotate_pair(stored(another.slices), patient.volume, engine)

    assert annotation.estimate is None
    assert any("the counts do not match" in reason for reason in annotation.rejections)


def test_elastix_is_within_the_bounds(patient: Scene) -> None:
    try:
        version("itk-elastix")
    except PackageNotFoundError:
        pytest.skip("itk-elastix is not installed")
    assert_within_bounds(patient, find_engine("elastix"))


def test_simpleitk_is_within_the_bounds(patient: Scene) -> None:
    assert_within_bounds(patient, find_engine("simpleitk"))


def assert_within_bounds(patient: Scene, engine: Engine) -> None:
    """From 4 degrees and 4 mm away."""
    from shortaxis.workflow.annotation.matching import motion_matrix

    cut = patient.slices
    start = motion_matrix(np.array([0.04, -0.04, 0.04, 2, 3, -2]), patient.pose.center_mm)
    laid = start @ cut.patient_from_index
    usable = np.ones(cut.counts.shape, dtype=bool)

    motion = engine.register(cut.counts * 7, laid, usable, patient.volume)

    found = motion @ laid
    turn = turn_between_deg(found[:3, :3], cut.patient_from_index[:3, :3])
    center = apply_affine(invert_affine(cut.patient_from_index), patient.pose.center_mm)
    assert turn < MAX_TURN_DEG
    assert np.linalg.norm(apply_affine(found, center) - patient.pose.center_mm) < MAX_SHIFT_MM


def test_a_run_writes_poses_and_lists_rejects(
    shortaxis: Callable[..., Run], patient: Scene, another: Scene, tmp_path: Path
) -> None:
    pairs = tmp_path / "pairs"
    size = (6.4, 6.4, 6.4)
    transaxial = save_object(build_nm(patient.volume), pairs / "good" / "transaxial.dcm")
    # A header that lays the slices transaxially, as some programs leave it.
    wrong = np.diag([*size, 1.0])[[2, 1, 0, 3]]
    write_nifti_with(pairs / "good" / "short_axis.nii.gz", patient.slices.counts, wrong, size)
    (pairs / "alone").mkdir()
    (pairs / "alone" / "transaxial.dcm").write_bytes(transaxial.read_bytes())
    write_nifti_with(pairs / "empty" / "short_axis.nii.gz", 0 * another.slices.counts, None, size)
    (pairs / "empty" / "transaxial.dcm").write_bytes(b"no DICOM")

    run = shortaxis("annotate", pairs, "-o", tmp_path / "out", "--json", "--center", "slices")

    assert run.code == 1
    assert (run.json["annotated"], run.json["rejected"], run.json["failed"]) == (1, 0, 2)
    assert {each["name"] for each in run.json["rejects"]} == {"alone", "empty"}
    with (tmp_path / "out" / "annotations.csv").open(encoding="utf-8") as file:
        rows = {row["name"]: row for row in csv.DictReader(file)}
    assert list(rows["good"]) == list(CSV_COLUMNS)
    assert rows["good"]["outcome"] == "annotated"
    assert int(rows["good"]["agreeing"]) >= 3
    assert float(rows["good"]["header_deg"]) > 10
    record = parse_pose_json((tmp_path / "out" / "good" / "pose.json").read_text("utf-8"))
    estimate = estimate_from_record(record, patient.volume.center_mm)
    assert record["method"] == "registration"
    assert record["source"]["sop_instance_uid"]
    off = pose_errors(estimate.pose, patient.pose)
    # Counts of DICOM are whole numbers here.
    assert max(off.long_axis_deg, off.roll_deg) < MAX_TURN_DEG
    assert off.center_mm < MAX_SHIFT_MM
    registration = json.loads((tmp_path / "out" / "good" / "registration.json").read_text("utf-8"))
    assert np.array(registration["patient_from_short_axis_index"]).shape == (4, 4)
    assert not (tmp_path / "out" / "alone").exists()


def test_a_table_names_pairs_and_says_what_is_wrong_with_rows(tmp_path: Path) -> None:
    for name in ("a.nii.gz", "b.nii.gz"):
        (tmp_path / name).touch()
    table = tmp_path / "pairs.csv"
    table.write_text(
        "name,transaxial,short_axis,short_axis_spacing_mm,age\n"
        "one,a.nii.gz,b.nii.gz,,70\n"
        "two,a.nii.gz,b.nii.gz,4 3 3,70\n"
        "two,a.nii.gz,b.nii.gz,,70\n"
        "../out,a.nii.gz,b.nii.gz,,70\n"
        "three,a.nii.gz,missing.nii.gz,,70\n"
        "four,a.nii.gz,b.nii.gz,4 3,70\n",
        encoding="utf-8",
    )

    found = find_pairs(table)

    assert [pair.name for pair in found.pairs] == ["one", "two"]
    assert found.pairs[1].short_axis_spacing_mm == (4, 3, 3)
    assert [each.name for each in found.unusable] == ["two", "../out", "three", "four"]
    assert set(COLUMNS) <= {"name", "transaxial", "short_axis", "short_axis_spacing_mm"}


def test_a_path_without_pairs_and_results_among_pairs_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputNotFoundError, match="holds no pair"):
        find_pairs(tmp_path)
    (tmp_path / "one").mkdir()
    with pytest.raises(OutputError, match="among the pairs"):
        annotate_pairs(tmp_path, tmp_path / "out")
    with pytest.raises(OptionError, match="unknown centre"):
        AnnotateOptions("apex")
    with pytest.raises(OptionError, match="unknown engine"):
        find_engine("ants")


def test_without_a_program_that_registers_the_extra_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engines, "_is_installed", lambda name: False)

    with pytest.raises(MissingExtraError) as raised:
        find_engine()

    assert raised.value.expected == 'pip install "shortaxis[annotate]"'
    assert next(iter(ENGINES)) == "elastix"


def test_all_orders_of_axes_are_told_apart_and_lay_counts_where_they_say() -> None:
    counts = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    orders = signed_permutations()

    turned = {turned_counts(counts, order).tobytes() + bytes(order.astype(int)) for order in orders}

    assert len(turned) == 48
    for order in orders:
        # Voxel (1, 2, 3) is the last one along each stored axis.
        at = np.argwhere(turned_counts(counts, order) == 23)[0]
        last = np.array(turned_counts(counts, order).shape) - 1
        assert at.tolist() == np.where(order.sum(axis=1) > 0, last, 0).tolist()


def test_the_turns_of_the_search_leave_no_rotation_far_from_all() -> None:
    from scipy.spatial.transform import Rotation

    turns = Rotation.from_matrix(base_turns())
    proper = Rotation.from_matrix([m for m in signed_permutations() if np.linalg.det(m) > 0])
    asked = Rotation.random(200, random_state=1)

    nearest = [
        min((each.inv() * turns * other).magnitude().min() for other in proper) for each in asked
    ]

    assert np.rad2deg(max(nearest)) < 18


def test_the_wall_closes_at_the_apex(patient: Scene) -> None:
    exchanged = RigidPose(
        patient.pose.patient_from_cardiac @ np.diag([1.0, -1.0, -1.0]), patient.pose.center_mm
    )

    assert apex_contrast(patient.pose, 88, patient.volume) > 0.2
    assert apex_contrast(exchanged, 88, patient.volume) < -0.2
