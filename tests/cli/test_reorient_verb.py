"""The verb ``reorient`` from the outside: files in, files out, messages, exit codes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pydicom
import pytest
import typer
from scipy.spatial.transform import Rotation
from typer.testing import CliRunner

from dicom_programs import read_patient_from_index
from drawn_study import study_pose
from nm_object import build_nm, save_object
from shortaxis.anatomy.cardiac_views import CardiacView
from shortaxis.cli.main import app
from shortaxis.geometry.affines import apply_affine, invert_affine
from shortaxis.geometry.euler import PoseParameters, pose_from_parameters, rotation_from_angles
from shortaxis.geometry.itk_transform import pose_from_itk_transform
from shortaxis.geometry.pose import RigidPose
from shortaxis.geometry.pose_errors import pose_errors
from shortaxis.reorientation.estimate import PoseEstimate
from shortaxis.reorientation.methods import METHODS
from shortaxis.reorientation.pose_record import estimate_from_record, record_from_estimate
from shortaxis.reorientation.weights import DEFAULT_WEIGHTS, find_weights
from shortaxis.spect.study import PerfusionStudy
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.reorient.options import ReorientOptions
from shortaxis.workflow.reorient.outputs import output_names
from shortaxis.workflow.reorient.reorienting import reasons_of_the_source

DICOM_NAMES = set(output_names(["dicom"], gated=False))


def pose_file(path: Path, pose: RigidPose, **changes: Any) -> Path:
    record = {"center_mm": pose.center_mm.tolist()}
    record["patient_from_cardiac"] = pose.patient_from_cardiac.tolist()
    path.write_text(json.dumps({**record, **changes}))
    return path


@pytest.fixture(scope="module")
def first(drawn_study_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results without any option, which tests read and do not change."""
    return reoriented(drawn_study_path, tmp_path_factory.mktemp("results") / "first")


def reoriented(path: Path, out: Path, *options: object) -> Path:
    """What the command makes of a study, for more than one test."""
    arguments = ["reorient", str(path), "-o", str(out), *map(str, options)]
    run = CliRunner().invoke(app, arguments)
    assert run.exit_code == 0, run.output
    return out


def test_the_demo_study_gives_every_file_and_a_pose_near_the_truth(
    shortaxis: Any, drawn_study_path: Path, tmp_path: Path
) -> None:
    run = shortaxis("reorient", drawn_study_path, "-o", tmp_path / "out")

    assert run.code == 0, run.err
    assert set(os.listdir(tmp_path / "out")) == DICOM_NAMES
    assert os.listdir(tmp_path) == ["out"]
    record = json.loads((tmp_path / "out" / "pose.json").read_text())
    errors = pose_errors(
        RigidPose(record["patient_from_cardiac"], record["center_mm"]), study_pose()
    )
    assert errors.long_axis_deg < 10
    assert errors.center_mm < 10
    for name in DICOM_NAMES:
        assert str(tmp_path / "out" / name) in run.out


def test_without_a_sheet_no_picture_is_drawn_and_none_is_named(
    shortaxis: Any, drawn_study_path: Path, tmp_path: Path
) -> None:
    run = shortaxis("reorient", drawn_study_path, "-o", tmp_path / "out", "--no-sheet")

    assert run.code == 0, run.err
    assert set(os.listdir(tmp_path / "out")) == DICOM_NAMES - {"review.png"}
    assert "review.png" not in run.out
    assert "review.png" not in (tmp_path / "out" / "report.json").read_text()


def test_written_voxels_lie_where_the_same_tissue_lay_in_the_input(
    drawn_study_path: Path, first: Path
) -> None:
    # Arrange: input geometry and counts by pydicom alone.
    source = pydicom.dcmread(drawn_study_path)
    source_counts = source.pixel_array.astype(float)
    index_from_patient = invert_affine(read_patient_from_index(drawn_study_path))

    # Act: done by the fixture.
    # Assert: at random voxels the stored value is the input's, interpolated by hand there.
    rng = np.random.default_rng(3)
    for view in CardiacView:
        path = first / f"{view.value}.dcm"
        written = pydicom.dcmread(path)
        slope = float(written.get("RescaleSlope", 1))
        intercept = float(written.get("RescaleIntercept", 0))
        counts = written.pixel_array * slope + intercept
        indices = rng.integers((5, 16, 16), (18, 48, 48), (200, 3))
        patient = apply_affine(read_patient_from_index(path), indices)
        place = apply_affine(index_from_patient, patient)
        inside = ((place >= 0) & (place <= np.array(source_counts.shape) - 1)).all(axis=1)
        assert inside.sum() > 150
        expected = trilinear(source_counts, place[inside])
        actual = counts[tuple(indices[inside].T)]
        np.testing.assert_allclose(actual, expected, atol=max(0.51 * slope, 1e-3))


def trilinear(counts: np.ndarray, indices: np.ndarray) -> np.ndarray:
    """Textbook trilinear interpolation; zero outside."""
    values = np.zeros(len(indices))
    floor = np.floor(indices).astype(int)
    for corner in np.ndindex(2, 2, 2):
        place = floor + corner
        weight = np.prod(np.where(corner, indices - floor, 1 - (indices - floor)), axis=1)
        inside = ((place >= 0) & (place < counts.shape)).all(axis=1)
        values[inside] += weight[inside] * counts[tuple(place[inside].T)]
    return values


def test_every_companion_tells_the_same_pose(
    shortaxis: Any, drawn_study_path: Path, tmp_path: Path
) -> None:
    given = pose_file(tmp_path / "given.json", study_pose())

    shortaxis("reorient", drawn_study_path, "-o", tmp_path, "--roll", "anatomical", "--pose", given)

    record = json.loads((tmp_path / "pose.json").read_text())
    report = json.loads((tmp_path / "report.json").read_text())
    transform = pose_from_itk_transform((tmp_path / "transform.tfm").read_text())
    affine = read_patient_from_index(tmp_path / "short_axis.dcm")
    np.testing.assert_allclose(transform.center_mm, record["center_mm"])
    np.testing.assert_allclose(transform.patient_from_cardiac, record["patient_from_cardiac"])
    assert report["pose"]["anatomical"]["parameters"] == pytest.approx(record["parameters"])
    axes = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    # Short axis: columns grow along x_c, rows along y_c, slices along z_c.
    np.testing.assert_allclose(axes[:, ::-1], transform.patient_from_cardiac, atol=1e-5)
    assert np.linalg.det(axes[:, ::-1]) == pytest.approx(1, abs=1e-5)


def test_the_first_short_axis_slices_show_the_apex_and_the_defect_is_inferolateral(
    shortaxis: Any, drawn_study_path: Path, tmp_path: Path
) -> None:
    # The truth's pose is given, so this checks the way of the counts and not the estimator.
    pose = pose_file(tmp_path / "pose.json", study_pose())
    out = tmp_path / "out"
    assert shortaxis("reorient", drawn_study_path, "-o", out, "--pose", pose).code == 0

    counts = pydicom.dcmread(out / "short_axis.dcm").pixel_array.astype(float)
    spacing_mm, middle = 6.4, (np.array(counts.shape) - 1) / 2

    def at(x_mm: float, y_mm: float, z_mm: float) -> float:
        index = middle + np.array([z_mm, y_mm, x_mm]) / spacing_mm
        return float(trilinear(counts, index[np.newaxis])[0])

    cavity, apical_cap, behind_valve = at(0, 0, 0), at(0, 0, -38), at(0, 0, 62)
    assert apical_cap > 2 * cavity
    assert behind_valve < 0.5 * apical_cap
    radius = 25 / np.sqrt(2)
    defect = at(radius, radius, 5)  # inferior and lateral
    for x, y in ((-radius, -radius), (radius, -radius), (-radius, radius)):
        assert at(x, y, 5) > 1.4 * defect
    # The right ventricle lies beyond the septum, the lung beyond the lateral wall.
    assert at(-45, 0, 10) > 1.5 * at(45, 0, 10)


@pytest.fixture(scope="module")
def as_usual(
    drawn_volume: SpectVolume, drawn_pose: RigidPose, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """A pose, and what the command makes by it of a study that is stored as usual."""
    folder = tmp_path_factory.mktemp("usual")
    pose = pose_file(folder / "pose.json", drawn_pose)
    path = save_object(build_nm(drawn_volume), folder / "reference.dcm")
    return pose, reoriented(path, folder / "reference", "--pose", pose)


@pytest.mark.parametrize("negative_spacing", [False, True])
@pytest.mark.parametrize("position", ["HFS", "FFS", "HFP", "FFP"])
def test_stacking_and_position_of_the_patient_change_nothing_in_the_slices(
    shortaxis: Any,
    tmp_path: Path,
    drawn_volume: SpectVolume,
    as_usual: tuple[Path, Path],
    position: str,
    negative_spacing: bool,
) -> None:
    from nm_object import stored_on_the_gantry

    pose, reference = as_usual
    stored, _ = stored_on_the_gantry(drawn_volume, position)
    source = build_nm(stored, patient_position=position, negative_spacing=negative_spacing)

    path = save_object(source, tmp_path / "turned.dcm")
    assert shortaxis("reorient", path, "-o", tmp_path / "turned", "--pose", pose).code == 0

    counts = []
    for folder in (tmp_path / "turned", reference):
        written = pydicom.dcmread(folder / "short_axis.dcm")
        counts.append(written.pixel_array * float(written.get("RescaleSlope", 1)))
    np.testing.assert_allclose(counts[0], counts[1], atol=0.01 * counts[1].max())


def test_a_gated_study_also_gives_gated_series_that_sum_to_the_ungated_ones(
    shortaxis: Any, tmp_path: Path, drawn_volume: SpectVolume
) -> None:
    weights = np.array([0.6, 0.8, 1.2, 1.4])
    gates = np.round(drawn_volume.counts * weights[:, None, None, None])
    path = save_object(build_nm(drawn_volume, gates=gates), tmp_path / "gated.dcm")

    out = tmp_path / "out"
    run = shortaxis("reorient", path, "-o", out, "--format", "dicom,nifti")

    assert run.code == 0, run.err
    assert set(os.listdir(out)) == set(output_names(["dicom", "nifti"], gated=True))
    ungated = nib.load(out / "short_axis.nii.gz").get_fdata()
    gated = nib.load(out / "short_axis_gated.nii.gz").get_fdata()
    assert gated.shape == (*ungated.shape, 4)
    np.testing.assert_allclose(gated.sum(axis=-1), ungated, rtol=1e-4, atol=1e-2)
    by_gate = pydicom.dcmread(out / "short_axis_gated.dcm")
    assert list(by_gate.ImageType) == ["DERIVED", "PRIMARY", "RECON GATED TOMO", "EMISSION"]
    assert by_gate.NumberOfFrames == 4 * ungated.shape[2]


def test_nifti_and_dicom_place_the_slices_alike(
    shortaxis: Any, drawn_study_path: Path, tmp_path: Path
) -> None:
    shortaxis("reorient", drawn_study_path, "-o", tmp_path, "--format", "dicom,nifti")

    for view in CardiacView:
        ras_from_ijk = nib.load(tmp_path / f"{view.value}.nii.gz").affine
        lps_from_ijk = np.diag([-1, -1, 1, 1]) @ ras_from_ijk
        by_dicom = read_patient_from_index(tmp_path / f"{view.value}.dcm")
        corner = apply_affine(lps_from_ijk, (60, 50, 20))
        np.testing.assert_allclose(corner, apply_affine(by_dicom, (20, 50, 60)), atol=0.01)


def test_a_nifti_study_gives_nifti_slices_of_the_same_heart(
    shortaxis: Any, tmp_path: Path, drawn_volume: SpectVolume
) -> None:
    from shortaxis.nifti.writing import write_nifti

    path = tmp_path / "study.nii.gz"
    write_nifti(path, drawn_volume.counts, drawn_volume.patient_from_index)

    run = shortaxis("reorient", path, "-o", tmp_path / "out")

    assert run.code == 0, run.err
    assert set(os.listdir(tmp_path / "out")) == set(output_names(["nifti"], gated=False))


def test_roll_follows_the_convention_that_was_asked_for(
    shortaxis: Any, drawn_study_path: Path, tmp_path: Path
) -> None:
    center = study_pose().center_mm
    rolled = RigidPose(rotation_from_angles(20, 12, 45), center)
    pose = pose_file(tmp_path / "pose.json", rolled)
    rolls = {}
    for roll in ("conventional", "anatomical"):
        out = tmp_path / roll
        shortaxis("reorient", drawn_study_path, "-o", out, "--pose", pose, "--roll", roll)
        applied = pose_from_itk_transform((out / "transform.tfm").read_text())
        rolls[roll] = pose_errors(applied, rolled)
        record = json.loads((out / "pose.json").read_text())
        assert record["parameters"]["beta"] == pytest.approx(12)
        report = json.loads((out / "report.json").read_text())["pose"]
        assert report["conventional"]["parameters"]["beta"] == pytest.approx(0)
        assert report["anatomical"]["parameters"]["beta"] == pytest.approx(12)

    assert rolls["anatomical"].roll_deg == pytest.approx(0, abs=1e-6)
    assert rolls["conventional"].roll_deg == pytest.approx(12, abs=1e-6)
    assert rolls["conventional"].long_axis_deg == pytest.approx(0, abs=1e-6)


def test_a_written_pose_can_be_applied_again(
    shortaxis: Any, drawn_study_path: Path, first: Path, tmp_path: Path
) -> None:
    second = tmp_path / "second"

    run = shortaxis("reorient", drawn_study_path, "-o", second, "--pose", first / "pose.json")

    assert run.code == 0, run.err
    for view in CardiacView:
        one, two = (pydicom.dcmread(out / f"{view.value}.dcm") for out in (first, second))
        np.testing.assert_array_equal(one.pixel_array, two.pixel_array)
    records = [json.loads((out / "pose.json").read_text()) for out in (first, second)]
    for name in ("center_mm", "patient_from_cardiac", "source"):
        assert records[0][name] == records[1][name]


def test_spacing_and_size_decide_the_grid(
    shortaxis: Any, drawn_study_path: Path, tmp_path: Path
) -> None:
    run = shortaxis(
        "reorient", drawn_study_path, "-o", tmp_path, "--spacing", 3, "--size", 72,
        "--interpolation", "cubic",
    )  # fmt: skip

    assert run.code == 0, run.err
    header = pydicom.dcmread(tmp_path / "short_axis.dcm", stop_before_pixels=True)
    assert (header.Rows, header.Columns) == (72, 72)
    assert [float(value) for value in header.PixelSpacing] == [3, 3]
    assert float(header.SpacingBetweenSlices) == 3


def test_a_folder_of_several_studies_gives_one_folder_each(
    shortaxis: Any, tmp_path: Path, drawn_volume: SpectVolume
) -> None:
    for name in ("stress", "rest"):
        dataset = build_nm(
            drawn_volume,
            seed=name,
            series_description=f"{name} transaxial".upper(),
            image_id=f"Recon{name.capitalize()}",
        )
        save_object(dataset, tmp_path / "in" / f"{name}.dcm")
    (tmp_path / "in" / "notes.txt").write_text("not an image")

    run = shortaxis("reorient", tmp_path / "in", "-o", tmp_path / "out", "--json")

    assert run.code == 0, run.out
    folders = sorted(os.listdir(tmp_path / "out"))
    assert len(folders) == 2
    assert {name.split("-", 1)[1] for name in folders} == {"stress", "rest"}
    for folder in folders:
        assert set(os.listdir(tmp_path / "out" / folder)) == DICOM_NAMES
    assert {study["source"]["condition"] for study in run.json["studies"]} == {"stress", "rest"}
    assert any("notes.txt" in item["path"] for item in run.json["skipped"])


def test_one_series_of_a_folder_can_be_chosen(
    shortaxis: Any, tmp_path: Path, drawn_volume: SpectVolume
) -> None:
    datasets = [build_nm(drawn_volume, seed=name) for name in ("one", "two")]
    for dataset, name in zip(datasets, ("one", "two"), strict=True):
        save_object(dataset, tmp_path / "in" / f"{name}.dcm")
    wanted = datasets[1].SeriesInstanceUID

    run = shortaxis(
        "reorient", tmp_path / "in", "-o", tmp_path / "out", "--series", wanted, "--json"
    )

    assert run.code == 0, run.out
    assert [study["source"]["series_instance_uid"] for study in run.json["studies"]] == [wanted]
    assert set(os.listdir(tmp_path / "out")) == DICOM_NAMES


def test_one_bad_study_does_not_stop_the_others_and_is_told_by_the_exit_code(
    shortaxis: Any, tmp_path: Path, drawn_volume: SpectVolume
) -> None:
    empty = SpectVolume(np.zeros(drawn_volume.shape), drawn_volume.patient_from_index)
    save_object(build_nm(drawn_volume, seed="good"), tmp_path / "in" / "a-good.dcm")
    save_object(build_nm(empty, seed="bad"), tmp_path / "in" / "b-bad.dcm")

    run = shortaxis("reorient", tmp_path / "in", "-o", tmp_path / "out")

    assert run.code == 1
    assert len(os.listdir(tmp_path / "out")) == 1
    assert "b-bad.dcm" in run.err
    assert "all voxels are zero" in run.err


# --- what is refused ---------------------------------------------------------------------


def test_earlier_results_are_kept_unless_force_is_given(
    shortaxis: Any, drawn_study_path: Path, first: Path, tmp_path: Path
) -> None:
    shutil.copytree(first, tmp_path, dirs_exist_ok=True)
    before = (tmp_path / "short_axis.dcm").read_bytes()

    refused = shortaxis("reorient", drawn_study_path, "-o", tmp_path)

    assert refused.code == 1
    assert "exists already" in refused.err
    assert (tmp_path / "short_axis.dcm").read_bytes() == before
    assert shortaxis("reorient", drawn_study_path, "-o", tmp_path, "--force").code == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--method", "magic"], "unknown method"),
        (["--weights", "best"], "weights are not installed"),
        (["--method", "network", "--weights", "best"], "found: best"),
        (["--weights", "default", "--method", "ellipsoid"], "without weights"),
        (["--roll", "sideways"], "unknown roll"),
        (["--spacing", "0"], "spacing is out of range"),
        (["--spacing", "nan"], "spacing is out of range"),
        (["--size", "7"], "size is out of range"),
        (["--size", "16", "--spacing", "4"], "cut off the heart"),
        (["--roll", "anatomical", "--method", "ellipsoid"], "does not see the septum"),
        (["--format", "jpeg"], "unknown output format"),
        (["--format", ""], "unknown output format"),
        (["--interpolation", "nearest"], "unknown interpolation"),
        (["--series", "1.2.3"], "1.2.3"),
        (["--pose", "missing.json"], "missing.json"),
    ],
)
def test_a_bad_option_is_one_clear_error_and_leaves_nothing(
    shortaxis: Any, drawn_study_path: Path, tmp_path: Path, options: list[str], words: str
) -> None:
    run = shortaxis("reorient", drawn_study_path, "-o", tmp_path / "out", *options)

    # What may be a missing file is no fault of the command line.
    assert run.code == (1 if options[0] in ("--pose", "--series") else 2)
    assert words in run.err + run.out
    assert "Traceback" not in run.err + run.out
    assert os.listdir(tmp_path) == []


def test_errors_are_json_for_those_who_asked_for_json(
    shortaxis: Any, drawn_study_path: Path, tmp_path: Path
) -> None:
    run = shortaxis(
        "reorient", drawn_study_path, "-o", tmp_path / "out", "--json", "--method", "magic"
    )

    assert run.code == 2
    assert run.json["errors"][0]["error"] == "OptionError"
    assert run.json["studies"] == run.json["skipped"] == []


def test_a_missing_input_is_named(shortaxis: Any, tmp_path: Path) -> None:
    run = shortaxis("reorient", tmp_path / "nothing.dcm", "-o", tmp_path / "out")

    assert run.code == 1
    assert "nothing.dcm" in run.err
    assert "does not exist" in run.err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not JSON"),
        ("{}", "valid pose"),
        ('{"schema": "shortaxis/pose/9"}', "another schema"),
        (json.dumps({"parameters": vars(PoseParameters(900, 0, 0, 0, 0, 0))}), "inside the volume"),
    ],
)
def test_a_pose_that_cannot_be_applied_is_refused(
    shortaxis: Any, drawn_study_path: Path, tmp_path: Path, text: str, words: str
) -> None:
    path = tmp_path / "pose.json"
    path.write_text(text)

    run = shortaxis("reorient", drawn_study_path, "-o", tmp_path / "out", "--pose", path)

    assert run.code == 1
    assert words in run.err + run.out
    assert "pose.json" in run.err + run.out
    assert os.listdir(tmp_path) == ["pose.json"]


def test_a_mirrored_pose_is_refused(shortaxis: Any, drawn_study_path: Path, tmp_path: Path) -> None:
    mirrored = study_pose().patient_from_cardiac @ np.diag([-1, 1, 1])
    record = {"center_mm": study_pose().center_mm.tolist()}
    record["patient_from_cardiac"] = mirrored.tolist()
    path = tmp_path / "pose.json"
    path.write_text(json.dumps(record))

    run = shortaxis("reorient", drawn_study_path, "-o", tmp_path / "out", "--pose", path)

    assert run.code == 1
    assert "mirrored" in run.out + run.err


def test_one_pose_is_not_applied_to_several_studies(
    shortaxis: Any, tmp_path: Path, drawn_volume: SpectVolume
) -> None:
    for name in ("one", "two"):
        save_object(build_nm(drawn_volume, seed=name), tmp_path / "in" / f"{name}.dcm")
    pose = pose_file(tmp_path / "pose.json", study_pose())

    run = shortaxis("reorient", tmp_path / "in", "-o", tmp_path / "out", "--pose", pose)

    assert run.code == 2
    assert "--series" in run.err


def test_our_own_short_axis_is_refused_as_input_unless_forced(
    shortaxis: Any, first: Path, tmp_path: Path
) -> None:
    short_axis = first / "short_axis.dcm"

    refused = shortaxis("reorient", short_axis, "-o", tmp_path / "second")
    forced = shortaxis(
        "reorient", short_axis, "-o", tmp_path / "second", "--force-input", "--pose",
        first / "pose.json",
    )  # fmt: skip

    assert refused.code == 1
    assert "AlreadyReoriented" in refused.err or "short axis" in refused.err.lower()
    assert forced.code == 0, forced.err + forced.out


def test_a_full_disk_is_one_clear_error_and_leaves_nothing(
    drawn_study_path: Path, tmp_path: Path
) -> None:
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000)); "
        "from shortaxis.cli.main import main; main()"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, "reorient", str(drawn_study_path), "-o",
         str(tmp_path / "out")],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip

    assert run.returncode == 1
    assert "full disk" in run.stdout + run.stderr
    assert "Traceback" not in run.stderr
    assert os.listdir(tmp_path) == []


def test_no_patient_identifier_is_printed_or_written_outside_dicom(
    shortaxis: Any, tmp_path: Path, drawn_volume: SpectVolume
) -> None:
    dataset = build_nm(drawn_volume)
    dataset.PatientName, dataset.PatientID = "Secretname^Jane", "ID-98765"
    dataset.PatientBirthDate, dataset.AccessionNumber = "19470311", "ACC-4711"
    path = save_object(dataset, tmp_path / "study.dcm")

    runs = [
        shortaxis("reorient", path, "-o", tmp_path / "out"),
        shortaxis("reorient", path, "-o", tmp_path / "out2", "--json"),
        shortaxis("info", path),
        shortaxis("info", path, "--json"),
    ]

    texts = [run.out + run.err for run in runs]
    for out in ("out", "out2"):
        texts += [(tmp_path / out / name).read_text() for name in ("pose.json", "report.json")]
        texts.append(" ".join(os.listdir(tmp_path / out)))
    for secret in ("Secretname", "Jane", "98765", "19470311", "4711"):
        assert not any(secret in text for text in texts)
    written = pydicom.dcmread(tmp_path / "out" / "short_axis.dcm")
    assert written.PatientID == "ID-98765"


# --- poses that were given ---------------------------------------------------------------


def given_record(out: Path) -> dict[str, Any]:
    return json.loads((out / "pose.json").read_text())


def test_an_edited_pose_is_manual_and_keeps_nothing_of_the_estimate(
    shortaxis: Any, drawn_study_path: Path, first: Path, tmp_path: Path
) -> None:
    record = given_record(first)
    del record["center_mm"], record["patient_from_cardiac"]
    record["parameters"]["theta"] += 5
    (tmp_path / "mine.json").write_text(json.dumps(record))

    shortaxis(
        "reorient", drawn_study_path, "-o", tmp_path / "out", "--pose", tmp_path / "mine.json"
    )

    written = given_record(tmp_path / "out")
    assert record["method"] == "network"
    assert written["method"] == "manual"
    assert set(written["weights"].values()) == {""}
    assert set(written["uncertainty"].values()) == {None}
    assert written["quality"] == {"flag": "accept", "reasons": []}
    described = pydicom.dcmread(tmp_path / "out" / "short_axis.dcm").DerivationDescription
    assert "ose by manual" in described
    assert "network" not in described
    assert "weights" not in described


def test_a_given_pose_far_from_a_sure_automatic_one_asks_for_a_look(
    shortaxis: Any, drawn_study_path: Path, tmp_path: Path
) -> None:
    turned = PoseParameters(38, -24, 6, 21, 0, 75)
    (tmp_path / "pose.json").write_text(json.dumps({"parameters": vars(turned)}))

    run = shortaxis(
        "reorient", drawn_study_path, "-o", tmp_path / "out", "--pose", tmp_path / "pose.json"
    )

    assert run.code == 0
    quality = given_record(tmp_path / "out")["quality"]
    assert quality["flag"] == "review"
    assert "needs no review, lies 2" in quality["reasons"][0]


def test_the_pose_of_another_series_asks_for_a_look(
    shortaxis: Any, drawn_study_path: Path, tmp_path: Path
) -> None:
    pose = pose_file(tmp_path / "pose.json", study_pose(), source={"sop_instance_uid": "1.2.3"})

    shortaxis("reorient", drawn_study_path, "-o", tmp_path / "out", "--pose", pose)

    assert given_record(tmp_path / "out")["quality"]["reasons"] == [
        "the pose was made for another series"
    ]


def test_a_pose_by_ellipsoid_does_not_become_anatomical_on_its_way_through_a_file(
    shortaxis: Any, drawn_study_path: Path, tmp_path: Path
) -> None:
    shortaxis("reorient", drawn_study_path, "-o", tmp_path / "first", "--method", "ellipsoid")

    run = shortaxis(
        "reorient", drawn_study_path, "-o", tmp_path / "out", "--roll", "anatomical", "--pose",
        tmp_path / "first" / "pose.json",
    )  # fmt: skip

    assert run.code == 2
    assert "anatomical roll is not known" in run.err


# --- what the network knows --------------------------------------------------------------


def test_the_network_is_the_default_and_its_weights_are_told_everywhere(
    shortaxis: Any, drawn_study_path: Path, tmp_path: Path
) -> None:
    run = shortaxis("reorient", drawn_study_path, "-o", tmp_path / "out", "--json")

    (study,) = json.loads(run.out)["studies"]
    pose = given_record(tmp_path / "out")
    installed = find_weights(DEFAULT_WEIGHTS).record
    assert study["method"] == pose["method"] == "network"
    assert study["weights"] == pose["weights"] == vars(installed)
    assert all(value > 0 for value in pose["uncertainty"].values())
    assert study["uncertainty"] == pose["uncertainty"]
    for path in (tmp_path / "out").glob("*.dcm"):
        written = pydicom.dcmread(path, stop_before_pixels=True)
        software = written.ContributingEquipmentSequence[-1]
        for text in (written.DerivationDescription, software.ContributionDescription):
            assert f"eights {installed.name} {installed.version}, " in text
            assert f"SHA-256 {installed.sha256}" in text


def test_the_anatomical_roll_is_that_of_the_pose_and_the_default_is_conventional(
    shortaxis: Any, drawn_study_path: Path, tmp_path: Path
) -> None:
    reports = []
    for options in ([], ["--roll", "anatomical"]):
        out = tmp_path / str(len(reports))
        assert shortaxis("reorient", drawn_study_path, "-o", out, *options).code == 0
        reports.append(json.loads((out / "report.json").read_text())["pose"])
    usual, anatomical = reports

    assert [usual["applied_roll"], anatomical["applied_roll"]] == ["conventional", "anatomical"]
    assert usual["anatomical"] == anatomical["anatomical"]
    assert abs(usual["conventional"]["parameters"]["beta"]) < 1e-6
    seen = rotation_of_header(tmp_path / "1" / "short_axis.dcm")
    np.testing.assert_allclose(
        seen, np.array(anatomical["anatomical"]["patient_from_cardiac"])[:, :2], atol=1e-4
    )


def rotation_of_header(path: Path) -> np.ndarray:
    """Directions of row and column of the slices, as columns."""
    (detector,) = pydicom.dcmread(path, stop_before_pixels=True).DetectorInformationSequence
    return np.reshape([float(each) for each in detector.ImageOrientationPatient], (2, 3)).T


def test_a_pose_by_the_network_keeps_its_roll_on_its_way_through_a_file(
    shortaxis: Any, drawn_study_path: Path, first: Path, tmp_path: Path
) -> None:
    run = shortaxis(
        "reorient", drawn_study_path, "-o", tmp_path / "out", "--roll", "anatomical", "--pose",
        first / "pose.json",
    )  # fmt: skip

    assert run.code == 0, run.err
    before, after = given_record(first), given_record(tmp_path / "out")
    np.testing.assert_allclose(
        before["patient_from_cardiac"], after["patient_from_cardiac"], atol=1e-9
    )


def test_the_default_of_the_command_is_that_of_the_options() -> None:
    command = typer.main.get_command(app).commands["reorient"]
    defaults = {parameter.name: parameter.default for parameter in command.params}

    assert defaults["method"] == ReorientOptions().method == next(iter(METHODS))


# --- what belongs to the user ------------------------------------------------------------


@pytest.mark.parametrize("name", ["short_axis.dcm", "short_axis_gated.dcm"])
def test_a_source_is_never_overwritten_nor_removed_even_with_force(
    shortaxis: Any, drawn_study_path: Path, tmp_path: Path, name: str
) -> None:
    source = tmp_path / name
    source.write_bytes(drawn_study_path.read_bytes())

    run = shortaxis("reorient", source, "-o", tmp_path, "--force")

    assert run.code == 1
    assert "would be overwritten" in run.err
    assert source.read_bytes() == drawn_study_path.read_bytes()
    assert os.listdir(tmp_path) == [name]


def test_force_removes_only_what_the_earlier_run_wrote(
    shortaxis: Any, drawn_study_path: Path, tmp_path: Path
) -> None:
    shortaxis("reorient", drawn_study_path, "-o", tmp_path, "--format", "nifti")
    (tmp_path / "short_axis_gated.nii.gz").write_text("not by ShortAxis")

    run = shortaxis("reorient", drawn_study_path, "-o", tmp_path, "--force")

    assert run.code == 0, run.err
    assert set(os.listdir(tmp_path)) == {*DICOM_NAMES, "short_axis_gated.nii.gz"}


@pytest.mark.parametrize("arguments", [["", "-o", "out"], ["study.dcm", "-o", ""]])
def test_an_empty_path_is_not_the_current_folder(
    shortaxis: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    run = shortaxis("reorient", *arguments)

    assert run.code == 2
    assert "empty" in run.err
    assert os.listdir(tmp_path) == []


def test_nifti_slices_by_shortaxis_are_not_reoriented_again(
    shortaxis: Any, drawn_study_path: Path, tmp_path: Path
) -> None:
    shortaxis("reorient", drawn_study_path, "-o", tmp_path / "first", "--format", "nifti")
    slices = tmp_path / "first" / "short_axis.nii.gz"

    refused = shortaxis("reorient", slices, "-o", tmp_path / "again")
    folder = shortaxis("reorient", tmp_path / "first", "-o", tmp_path / "again")
    forced = shortaxis("info", slices)

    assert (refused.code, folder.code, forced.code) == (1, 1, 1)
    assert "short axis slices by ShortAxis" in refused.err
    assert "--force-input" in refused.err
    assert "is reoriented already" in folder.err
    assert not (tmp_path / "again").exists()


ENDED_ITSELF = """
import os, signal, sys
from shortaxis.cli.main import main

awaited = sys.argv.pop(1)
sent = []

def ends(event, arguments):
    if event == awaited and ".shortaxis-partial-" in str(arguments[0]) and not sent:
        sent.append(event)
        os.kill(os.getpid(), signal.SIGTERM)

sys.addaudithook(ends)
main()
"""


@pytest.mark.parametrize("moment", ["open", "os.rename"])
def test_a_terminated_run_leaves_nothing_behind(
    drawn_study_path: Path, tmp_path: Path, moment: str
) -> None:
    # The signal comes as the first file is staged, or as all of them are to be shown.
    arguments = ["reorient", drawn_study_path, "-o", tmp_path / "out"]

    run = subprocess.run(
        [sys.executable, "-c", ENDED_ITSELF, moment, *arguments],
        stdout=subprocess.DEVNULL, check=False, timeout=240,
    )  # fmt: skip

    assert run.returncode == 143
    assert os.listdir(tmp_path) == []


def test_standard_output_that_is_full_is_one_clear_error(
    drawn_study_path: Path, tmp_path: Path
) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with Path("/dev/full").open("w") as full:
        run = subprocess.run(
            [sys.executable, "-m", "shortaxis", "info", drawn_study_path],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=240,
        )  # fmt: skip

    assert run.returncode == 1
    assert "Traceback" not in run.stderr
    assert "No space left" in run.stderr


def test_a_name_that_the_terminal_cannot_spell_is_still_printed(
    drawn_study_path: Path, tmp_path: Path
) -> None:
    study = tmp_path / "Üntersuchung.dcm"
    study.write_bytes(drawn_study_path.read_bytes())

    run = subprocess.run(
        [sys.executable, "-m", "shortaxis", "info", study],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True, text=True, check=False, timeout=240,
    )  # fmt: skip

    assert run.returncode == 0, run.stderr
    assert "xdcntersuchung.dcm" in run.stdout


def test_a_path_that_is_too_long_is_one_clear_error(
    shortaxis: Any, drawn_study_path: Path, tmp_path: Path
) -> None:
    run = shortaxis("reorient", drawn_study_path, "-o", tmp_path / ("x" * 300))

    assert run.code == 1
    assert "too long" in run.err.lower()
    assert os.listdir(tmp_path) == []


def test_a_narrow_terminal_gets_lines_instead_of_cut_cells(
    shortaxis: Any, drawn_study_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")

    run = shortaxis("info", drawn_study_path)

    assert "Slices: 32 x 64 x 64" in run.out


# --- info and help -----------------------------------------------------------------------


def test_info_tells_what_can_be_used_and_why_not_the_rest(
    shortaxis: Any, tmp_path: Path, drawn_volume: SpectVolume
) -> None:
    save_object(build_nm(drawn_volume), tmp_path / "stress.dcm")
    (tmp_path / "notes.txt").write_text("not an image")

    table = shortaxis("info", tmp_path)
    values = shortaxis("info", tmp_path, "--json").json

    assert table.code == 0
    assert "stress" in table.out
    assert "notes.txt" in table.out
    assert values["studies"][0]["shape"] == [32, 64, 64]
    assert values["studies"][0]["condition"] == "stress"
    assert values["studies"][0]["condition_evidence"]


@pytest.mark.parametrize("verb", [[], ["reorient"], ["info"], ["consistency"]])
def test_help_names_every_option(shortaxis: Any, verb: list[str]) -> None:
    run = shortaxis(*verb, "--help")

    assert run.code == 0
    assert "Usage" in run.out


def test_the_version_is_that_of_the_package(shortaxis: Any) -> None:
    from importlib.metadata import version

    assert version("shortaxis") in shortaxis("--version").out


# --- the same through Python -------------------------------------------------------------


def test_the_python_function_gives_what_the_command_writes(
    shortaxis: Any, drawn_study_path: Path, tmp_path: Path
) -> None:
    import shortaxis as package

    result = package.reorient(drawn_study_path)
    shortaxis("reorient", drawn_study_path, "-o", tmp_path, "--format", "nifti")

    written = nib.load(tmp_path / "short_axis.nii.gz")
    np.testing.assert_allclose(written.get_fdata().T, result.short_axis.counts, rtol=1e-6)
    assert result.report["pose"]["applied_roll"] == "conventional"
    paths = package.write(result, tmp_path / "again")
    assert {path.name for path in paths} == DICOM_NAMES


def test_a_volume_in_memory_can_be_reoriented_with_a_pose(drawn_volume: SpectVolume) -> None:
    import shortaxis as package

    parameters = PoseParameters(42, -28, 4, 24, 7, 42)
    pose = pose_from_parameters(parameters, drawn_volume.center_mm)

    result = package.reorient(drawn_volume, pose=pose, roll="anatomical", spacing_mm=5, size=48)

    assert result.estimate.method == "manual"
    assert result.short_axis.shape == (30, 48, 48)
    np.testing.assert_allclose(result.short_axis.center_mm, pose.center_mm, atol=1e-9)
    record = record_from_estimate(PoseEstimate(result.pose, "manual"), drawn_volume.center_mm)
    assert estimate_from_record(record, drawn_volume.center_mm).pose.matrix == pytest.approx(
        pose.matrix
    )


def test_the_python_function_refuses_what_it_cannot_use_with_its_own_errors(
    drawn_volume: SpectVolume, tmp_path: Path
) -> None:
    import shortaxis as package
    from shortaxis.errors import OptionError

    with pytest.raises(OptionError, match="of no kind"):
        package.reorient(None)
    with pytest.raises(OptionError, match="size is no number"):
        package.reorient(drawn_volume, size="64")
    with pytest.raises(OptionError, match="unknown output format"):
        package.write(package.reorient(drawn_volume), tmp_path, formats="jpeg")
    assert {"reorient", "write"} <= set(dir(package))


def test_a_result_prints_in_a_few_lines(drawn_volume: SpectVolume) -> None:
    import shortaxis as package

    text = repr(package.reorient(drawn_volume))

    assert "network" in text
    assert len(text) < 2000


@pytest.mark.parametrize(("tilt_deg", "is_named"), [(0, False), (8, False), (12, True), (80, True)])
@pytest.mark.parametrize("axis", ["x", "y"])
def test_oblique_slices_are_a_reason_to_look(
    drawn_volume: SpectVolume, drawn_pose: RigidPose, axis: str, tilt_deg: float, is_named: bool
) -> None:
    import shortaxis as package

    turn = np.eye(4)
    turn[:3, :3] = Rotation.from_euler(axis, tilt_deg, degrees=True).as_matrix()
    oblique = SpectVolume(drawn_volume.counts, turn @ drawn_volume.patient_from_index)
    pose = RigidPose(
        turn[:3, :3] @ drawn_pose.patient_from_cardiac, turn[:3, :3] @ drawn_pose.center_mm
    )

    estimated = package.reorient(oblique).estimate.quality
    given = package.reorient(oblique, pose=pose).estimate.quality

    reason = "the slices are oblique, perhaps reoriented already"
    assert (reason in estimated.reasons) == is_named
    assert reason not in given.reasons


@pytest.mark.parametrize(
    ("order", "tilt_deg", "reason"),
    [
        ((1, 0, 2), 0, "the study is stored as coronal slices, not as transaxial ones"),
        ((2, 0, 1), 1, "the study is stored as sagittal slices, not as transaxial ones"),
        ((1, 0, 2), 5, "the slices are oblique, perhaps reoriented already"),
    ],
)
def test_slices_along_the_axes_of_the_patient_are_called_what_they_are(
    drawn_volume: SpectVolume, order: tuple[int, int, int], tilt_deg: float, reason: str
) -> None:
    turn = np.eye(4)
    turn[:3, :3] = Rotation.from_euler("z", tilt_deg, degrees=True).as_matrix()
    affine = turn @ drawn_volume.patient_from_index[:, [*order, 3]]
    stored = SpectVolume(np.ascontiguousarray(drawn_volume.counts.transpose(order)), affine)

    assert reasons_of_the_source(PerfusionStudy(stored)) == [reason]


@pytest.mark.parametrize("order", [(1, 0, 2), (2, 0, 1)])
def test_a_coronal_or_sagittal_study_stays_flagged(
    drawn_volume: SpectVolume, order: tuple[int, int, int]
) -> None:
    import shortaxis as package

    affine = drawn_volume.patient_from_index[:, [*order, 3]]
    stored = SpectVolume(np.ascontiguousarray(drawn_volume.counts.transpose(order)), affine)

    reasons = package.reorient(stored).estimate.quality.reasons

    assert any(" slices, not as transaxial ones" in each for each in reasons)
    assert not any("oblique" in each for each in reasons)


@pytest.mark.parametrize(("part", "is_named"), [("HEAD", True), ("CHEST", False), ("", False)])
def test_another_part_of_the_body_is_a_reason_to_look(
    tmp_path: Path, drawn_volume: SpectVolume, drawn_pose: RigidPose, part: str, is_named: bool
) -> None:
    import shortaxis as package

    dataset = build_nm(drawn_volume)
    dataset.BodyPartExamined = part
    path = save_object(dataset, tmp_path / "source.dcm")

    estimated = package.reorient(path).estimate.quality
    given = package.reorient(path, pose=drawn_pose).estimate.quality

    reason = "the header says HEAD, not the heart"
    assert (reason in estimated.reasons) == is_named
    assert reason not in given.reasons


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("notes.txt", b"just text", "9 bytes of text"),
        ("pose.json", b'{"schema": "shortaxis/pose/1"}', "30 bytes of JSON text"),
        ("picture.dcm", b"\x89PNG\r\n\x1a\n\x00\x00", "10 bytes that are no text"),
    ],
)
@pytest.mark.parametrize("verb", ["reorient", "consistency"])
def test_a_file_that_is_no_study_is_told_with_what_it_is(
    shortaxis: Any, verb: str, name: str, content: bytes, found: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)

    run = shortaxis(verb, tmp_path / name, "-o", tmp_path / "out")

    assert run.code == 1
    assert f"found: {found}" in run.err
    assert "just text" not in run.err
