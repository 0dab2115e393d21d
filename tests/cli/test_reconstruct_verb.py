"""The verb ``reconstruct`` from the outside: projections in, transaxial series out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from PIL import Image
from pydicom import Dataset
from pydicom.uid import CTImageStorage
from typer.testing import CliRunner

import shortaxis as shortaxis_package
from dicom_programs import messages_of_dciodvfy, needs
from drawn_heart import transaxial_grid
from drawn_study import study_dataset, study_pose, study_volume
from nm_object import build_nm, build_pet_slices, save_object
from raw_exams import ANGLES, heart_views, write_gated_raw_exam, write_raw_exam
from raw_views import SPOTS, cardiac_angles, spot_views, write_raw
from shortaxis.cli.main import app
from shortaxis.geometry.pose import RigidPose
from shortaxis.geometry.pose_errors import pose_errors
from shortaxis.nifti.reading import read_nifti_study
from shortaxis.nifti.writing import write_nifti
from shortaxis.spect.reading_notes import ReadingNote
from shortaxis.spect.reading_options import ReadingOptions
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.reconstruct.sheet import draw_reconstruction_sheet
from verb_run import Run

Verb = Callable[..., Run]

NAMES = {"transaxial.dcm", "reconstruction.json", "reconstruction.png"}


@pytest.fixture(scope="module")
def exam(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_raw_exam(tmp_path_factory.mktemp("raw") / "raw.dcm")


@pytest.fixture(scope="module")
def first(exam: Path) -> Path:
    """Results of the default, which tests read and do not change."""
    return reconstructed(exam, exam.parent / "first")


def reconstructed(path: Path, out: Path, *options: object) -> Path:
    run = CliRunner().invoke(app, ["reconstruct", str(path), "-o", str(out), *map(str, options)])
    assert run.exit_code == 0, run.output
    return out


def record_of(out: Path) -> dict[str, object]:
    return json.loads((out / "reconstruction.json").read_text())


def test_series_record_and_picture_are_written(first: Path) -> None:
    assert {path.name for path in first.iterdir()} == NAMES
    record = record_of(first)
    assert record["schema"] == "shortaxis/reconstruction/1"
    assert set(record["files"]) == NAMES
    assert record["preset"] == "standard"
    assert record["settings"]["method"] == "osem"
    assert record["acquisition"]["views"] == 32
    assert record["acquisition"]["angles_deg"][0] == 225
    assert Image.open(first / "reconstruction.png").size == (1600, 1200)


@needs("dciodvfy")
@pytest.mark.parametrize("gated", [False, True])
def test_dciodvfy_finds_no_error(tmp_path: Path, gated: bool) -> None:
    write = write_gated_raw_exam if gated else write_raw_exam

    out = reconstructed(write(tmp_path / "raw.dcm"), tmp_path / "out", "--motion", "ignore")

    written = sorted(out.glob("*.dcm"))
    assert len(written) == 1 + gated
    for path in written:
        assert messages_of_dciodvfy(path, "Error") == []


def test_the_object_says_how_it_came_about(exam: Path, first: Path) -> None:
    raw, made = pydicom.dcmread(exam), pydicom.dcmread(first / "transaxial.dcm")

    assert list(made.ImageType) == ["DERIVED", "PRIMARY", "RECON TOMO", "EMISSION"]
    for keyword in ("StudyInstanceUID", "FrameOfReferenceUID", "PatientID"):
        assert made[keyword].value == raw[keyword].value
    assert made.SeriesInstanceUID != raw.SeriesInstanceUID
    assert made.SourceImageSequence[0].ReferencedSOPInstanceUID == raw.SOPInstanceUID
    assert "OSEM 3i10s" in made.DerivationDescription
    assert made.DerivationCodeSequence[0].CodeMeaning == "Iterative Reconstruction"
    assert made.ConvolutionKernel.startswith("BW 0.4/cm")
    assert "ViewCodeSequence" not in made.DetectorInformationSequence[0]
    assert "SliceProgressionDirection" not in made


def test_the_pose_is_found_on_what_was_reconstructed(
    first: Path, tmp_path: Path, shortaxis: Verb
) -> None:
    run = shortaxis("reorient", first / "transaxial.dcm", "-o", tmp_path / "out")

    assert run.code == 0, run.err
    record = json.loads((tmp_path / "out" / "pose.json").read_text())
    found = RigidPose(record["patient_from_cardiac"], record["center_mm"])
    errors = pose_errors(found, study_pose())
    assert errors.long_axis_deg < 8
    assert errors.center_mm < 8


SPOT_AXIS = (12.0, -8.0, 20.0)


@pytest.mark.parametrize("method", ["osem", "fbp"])
def test_other_software_finds_every_spot_where_it_is(tmp_path: Path, method: str) -> None:
    """Three spots that no mirror takes into each other, read by SimpleITK alone."""
    angles = cardiac_angles(48, 180, 360)
    raw = write_raw(tmp_path / "raw.dcm", spot_views(angles), angles, axis_mm=SPOT_AXIS)

    out = reconstructed(raw, tmp_path / "out", "--method", method, "--motion", "ignore")

    image = sitk.ReadImage(str(out / "transaxial.dcm"))
    counts = sitk.GetArrayFromImage(image)
    for place, _ in SPOTS:
        patient = np.array(place) + SPOT_AXIS
        x, y, z = image.TransformPhysicalPointToIndex([float(value) for value in patient])
        near = counts[z - 2 : z + 3, y - 2 : y + 3, x - 2 : x + 3]
        assert near.max() > 0.9 * counts[z - 4 : z + 5, y - 4 : y + 5, x - 4 : x + 5].max()
        assert near.max() > 20 * np.median(counts[counts > 0])
        peak = np.array(np.unravel_index(np.argmax(near), near.shape)) - 2
        assert np.abs(peak).max() <= 1
    affine = image.GetDirection()
    assert np.linalg.det(np.reshape(affine, (3, 3))) == pytest.approx(1)


def test_two_heads_give_what_one_gives(tmp_path: Path) -> None:
    one = cardiac_angles(32)
    two = [*one[:16], *one[16:]]
    views = spot_views(one)
    single = write_raw(tmp_path / "one.dcm", views, one)
    double = write_raw(tmp_path / "two.dcm", views, two, heads=2)

    outs = [
        reconstructed(path, path.with_suffix(""), "--motion", "ignore") for path in (single, double)
    ]

    first, second = (pydicom.dcmread(out / "transaxial.dcm").pixel_array for out in outs)
    assert np.corrcoef(first.ravel(), second.ravel())[0, 1] > 0.999
    assert record_of(outs[1])["acquisition"]["heads"] == 2


@pytest.mark.parametrize(
    ("options", "settings"),
    [
        (["--method", "fbp", "--filter", "hann", "--cutoff", "0.7"],
         {"method": "fbp", "kind": "hann", "cutoff_per_cm": 0.7}),
        (["--iterations", "2", "--subsets", "4", "--filter", "gaussian", "--fwhm", "10"],
         {"iterations": 2, "subsets": 4, "kind": "gaussian", "fwhm_mm": 10}),
        (["--cutoff", "0.5", "--cutoff-unit", "nyquist", "--order", "5"],
         {"cutoff_per_cm": pytest.approx(0.5 * 5 / 6.4), "order": 5}),
        (["--preset", "thallium"], {"cutoff_per_cm": 0.32}),
        (["--resolution-recovery", "--collimator", "LEHR"], {"collimator": "LEHR"}),
    ],
)  # fmt: skip
def test_options_change_the_settings(
    exam: Path, tmp_path: Path, options: list[str], settings: dict[str, object]
) -> None:
    out = reconstructed(exam, tmp_path / "out", *options, "--motion", "ignore")

    found = record_of(out)["settings"]
    assert {**found, **found["post_filter"]}.items() >= settings.items()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--preset", "best"], "unknown preset"),
        (["--method", "magic"], "unknown reconstruction"),
        (["--filter", "ramp"], "unknown filter"),
        (["--cutoff-unit", "mm"], "unknown unit of the cutoff"),
        (["--cutoff", "-1"], "cutoff_per_cm out of range"),
        (["--motion", "hide"], "unknown handling of motion"),
        (["--start-angle", "left"], "start angle is no angle"),
        (["--format", "png"], "unknown output format"),
        (["--scatter", "triple"], "window"),
        (["--resolution-recovery"], "resolution cannot be recovered"),
        (["--method", "fbp", "--attenuation-map", "ct"], "corrects neither attenuation"),
    ],
)
def test_options_that_mean_nothing_are_refused_and_nothing_is_written(
    exam: Path, tmp_path: Path, shortaxis: Verb, options: list[str], words: str
) -> None:
    run = shortaxis("reconstruct", exam, "-o", tmp_path / "out", *options)

    assert run.code == 2
    assert words in run.err
    assert not (tmp_path / "out").exists()


def test_earlier_results_stay_without_force(exam: Path, tmp_path: Path, shortaxis: Verb) -> None:
    out = reconstructed(exam, tmp_path / "out", "--motion", "ignore")
    before = (out / "transaxial.dcm").read_bytes()

    refused = shortaxis("reconstruct", exam, "-o", out)
    kept = (out / "transaxial.dcm").read_bytes()
    forced = shortaxis("reconstruct", exam, "-o", out, "--force", "--motion", "ignore")

    assert "exists already" in refused.err
    assert kept == before
    assert forced.code == 0
    assert (out / "transaxial.dcm").read_bytes() != before


def test_slices_are_no_projections(tmp_path: Path, shortaxis: Verb) -> None:
    made = save_object(study_dataset(), tmp_path / "made.dcm")

    run = shortaxis("reconstruct", made, "-o", tmp_path / "out")

    assert "holds no raw projections" in run.err
    assert "shortaxis reorient" in run.err


def test_nifti_is_written_where_it_is_asked_for(exam: Path, tmp_path: Path) -> None:
    out = reconstructed(exam, tmp_path / "out", "--format", "nifti,dicom", "--motion", "ignore")

    nifti = read_nifti_study(out / "transaxial.nii.gz", ReadingOptions(force_input=True))
    image = sitk.ReadImage(str(out / "transaxial.dcm"))
    assert nifti.volume.patient_from_index[:3, 3] == pytest.approx(image.GetOrigin(), abs=1e-3)


def water_map(level: float) -> SpectVolume:
    """A body of one level around the middle of the drawn study, longer than the views are high."""
    grid = transaxial_grid((64, 64, 64))
    y, x = np.indices((64, 64)) - 31.5
    body = np.hypot(x / 27, y / 18) < 1
    return SpectVolume(np.tile(body * level, (64, 1, 1)), grid.patient_from_index)


def map_of(path: Path, exam: Path, change: Callable[[Dataset], None] | None = None) -> Path:
    """A map of water in the body, as an NM object in 1/cm, beside an exam."""
    dataset = build_nm(water_map(1500), rescale=(1.0, 0.0))
    dataset.RescaleSlope = "0.0001"
    raw = pydicom.dcmread(exam)
    for keyword in ("PatientID", "PatientName", "PatientSex", "FrameOfReferenceUID"):
        setattr(dataset, keyword, raw[keyword].value)
    if change is not None:
        change(dataset)
    return save_object(dataset, path)


def test_attenuation_is_corrected_with_a_map(exam: Path, first: Path, tmp_path: Path) -> None:
    attenuation = map_of(tmp_path / "map.dcm", exam)

    out = reconstructed(
        exam, tmp_path / "out", "--attenuation-map", attenuation, "--motion", "ignore"
    )

    made = pydicom.dcmread(out / "transaxial.dcm")
    assert "ATTN" in made.CorrectedImage
    assert record_of(out)["settings"]["attenuation_corrected"] is True
    assert record_of(out)["source"]["attenuation_corrected"] is True
    # What is attenuated was counted less often, so that more must have been there.
    plain = pydicom.dcmread(first / "transaxial.dcm")
    totals = [
        float(each.pixel_array.sum()) * float(each.get("RescaleSlope", 1)) for each in (made, plain)
    ]
    assert totals[0] > 1.2 * totals[1]


def ct_of(folder: Path, exam: Path) -> Path:
    """The same body as a CT: water at 0, air at -1000, a slice a file, values stored from 0."""
    raw = pydicom.dcmread(exam)
    water = water_map(1.0)
    for number, dataset in enumerate(build_pet_slices(water)):
        dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = CTImageStorage
        dataset.Modality = "CT"
        for keyword in ("PatientID", "PatientName", "PatientSex", "FrameOfReferenceUID"):
            setattr(dataset, keyword, raw[keyword].value)
        place = round((dataset.ImagePositionPatient[2] - water.patient_from_index[2, 3]) / 6.4)
        dataset.PixelData = (1000 * water.counts[place]).astype("<u2").tobytes()
        dataset.RescaleSlope, dataset.RescaleIntercept = "1", "-1000"
        save_object(dataset, folder / f"{number:03d}.dcm")
    return folder


def test_a_ct_corrects_as_the_map_that_says_the_same(exam: Path, tmp_path: Path) -> None:
    made = [
        reconstructed(exam, tmp_path / name, "--attenuation-map", path, "--motion", "ignore")
        for name, path in (
            ("by-ct", ct_of(tmp_path / "ct", exam)),
            ("by-map", map_of(tmp_path / "map.dcm", exam)),
        )
    ]

    by_ct, by_map = (
        sitk.GetArrayFromImage(sitk.ReadImage(str(out / "transaxial.dcm"))).astype(float)
        for out in made
    )
    # Water has 0.150 to 0.154 per cm at 140 keV, and the map says 0.15.
    assert np.corrcoef(by_ct.ravel(), by_map.ravel())[0, 1] > 0.9999
    assert 0.97 < by_ct.sum() / by_map.sum() < 1.08
    assert record_of(made[0])["settings"]["attenuation_corrected"] is True


def test_scatter_is_taken_out_by_the_window_below(tmp_path: Path) -> None:
    views = heart_views()
    haze = np.full_like(views, 4.0)
    both = np.stack([views + haze, 2 * haze])[:, None]
    x, y, z = study_volume().center_mm.tolist()
    exam = write_raw(
        tmp_path / "raw.dcm",
        both,
        ANGLES,
        pixel_mm=6.4,
        radius_mm=250.0,
        axis_mm=(x, y, z),
        windows_kev=((126.0, 154.0), (92.0, 125.0)),
    )

    plain, corrected = (
        reconstructed(exam, tmp_path / kind, "--scatter", kind, "--motion", "ignore")
        for kind in ("none", "dual")
    )

    totals = [
        float(sitk.GetArrayFromImage(sitk.ReadImage(str(out / "transaxial.dcm"))).sum())
        for out in (plain, corrected)
    ]
    # Half of the window below is what every pixel of the peak has too much.
    assert 1 - totals[1] / totals[0] == pytest.approx(haze.sum() / (views + haze).sum(), abs=0.05)
    assert "SCAT" in pydicom.dcmread(corrected / "transaxial.dcm").CorrectedImage
    assert "SC" in record_of(corrected)["words"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"PatientID": "SOMEBODY-ELSE"}, "the attenuation map is of another patient"),
        (
            {"FrameOfReferenceUID": "1.2.3"},
            "the attenuation map lies in another frame of reference",
        ),
        ({"RescaleSlope": "1"}, "the attenuation map does not tell its unit"),
    ],
)
def test_a_map_that_does_not_belong_is_refused(
    exam: Path, tmp_path: Path, shortaxis: Verb, changes: dict[str, str], words: str
) -> None:
    def change(dataset: Dataset) -> None:
        for keyword, value in changes.items():
            setattr(dataset, keyword, value)

    attenuation = map_of(tmp_path / "map.dcm", exam, change)

    run = shortaxis("reconstruct", exam, "-o", tmp_path / "out", "--attenuation-map", attenuation)

    assert run.code != 0
    assert words in run.err
    assert "SOMEBODY-ELSE" not in run.err
    assert not (tmp_path / "out").exists()


def test_a_map_in_nifti_is_supposed_to_fit_and_flags(exam: Path, tmp_path: Path) -> None:
    volume = water_map(0.15)
    path = tmp_path / "map.nii.gz"
    write_nifti(path, volume.counts, volume.patient_from_index)

    out = reconstructed(exam, tmp_path / "out", "--attenuation-map", path, "--motion", "ignore")

    reasons = record_of(out)["quality"]["reasons"]
    assert any("names no patient and no frame of reference" in reason for reason in reasons)


def test_what_was_stated_flags_the_series(tmp_path: Path) -> None:
    raw = write_raw_exam(tmp_path / "raw.dcm", change=lambda each: each.__delattr__("PixelSpacing"))

    out = reconstructed(raw, tmp_path / "out", "--pixel-spacing", "6.4", "--motion", "ignore")

    assert record_of(out)["quality"]["flag"] == "review"
    made = pydicom.dcmread(out / "transaxial.dcm")
    assert made.SeriesDescription.startswith("REVIEW TRANSAXIAL")
    assert made.ImageComments.startswith("REVIEW: views as stated by the user")


def test_a_patient_who_moves_is_a_reason_to_look(tmp_path: Path) -> None:
    def moved(dataset: Dataset) -> None:
        pixels = dataset.pixel_array.copy()
        pixels[16:] = np.roll(pixels[16:], 4, axis=1)
        dataset.PixelData = pixels.tobytes()

    raw = write_raw_exam(tmp_path / "raw.dcm", change=moved)

    out = reconstructed(raw, tmp_path / "out", "--motion", "correct")

    record = record_of(out)
    assert any("the patient moved" in reason for reason in record["quality"]["reasons"])
    assert record["motion"]["is_corrected"]
    made = pydicom.dcmread(out / "transaxial.dcm")
    assert "MOTN" in made.CorrectedImage
    assert "motion corrected" in made.DerivationDescription


def test_the_terminal_and_json_tell_the_same(exam: Path, tmp_path: Path, shortaxis: Verb) -> None:
    options = ("--motion", "ignore")
    shown = shortaxis("reconstruct", exam, "-o", tmp_path / "shown", *options)
    told = shortaxis("reconstruct", exam, "-o", tmp_path / "told", *options, "--json").json

    (study,) = told["studies"]
    assert study["words"] in shown.out.replace("\n", " ")
    assert "note: reconstructed here with" in shown.out


def test_a_real_acquisition_becomes_an_upright_heart(
    real_data_dir: Path, tmp_path: Path, shortaxis: Verb
) -> None:
    raw = real_data_dir / "projections" / "tomo_rimd_00001.dcm"
    out = reconstructed(raw, tmp_path / "out", "--motion", "ignore")

    run = shortaxis("reorient", out / "transaxial.dcm", "-o", tmp_path / "pose", "--json")

    (study,) = run.json["studies"]
    assert study["quality"]["flag"] == "accept"
    assert study["pose"]["anatomical"]["parameters"]["theta"] == pytest.approx(38, abs=6)


def test_the_picture_says_what_its_flag_is_of_and_that_notes_go_on(exam: Path) -> None:
    made = shortaxis_package.reconstruct(exam, method="fbp", motion="ignore")
    doubted = tuple(ReadingNote(f"doubt {number} of the reading", True) for number in range(20))

    plain, flagged = (
        [each.get_text() for each in draw_reconstruction_sheet(each).texts]
        for each in (
            replace(made, study=replace(made.study, notes=())),
            replace(made, study=replace(made.study, notes=doubted)),
        )
    )

    assert "Reconstruction: accepted" in plain
    assert "Reconstruction: to be reviewed" in flagged
    assert "- doubt 13 of the reading" in flagged
    assert "- doubt 14 of the reading" not in flagged
    assert "more in reconstruction.json" in flagged
    assert "more in reconstruction.json" not in plain
