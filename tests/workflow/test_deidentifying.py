"""A flag that asks for a look outlives the names that are taken away."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pydicom
import pytest
from pydicom import Dataset
from typer.testing import CliRunner

pytest.importorskip("dicomanonymizer", reason="de-identification needs its rules")

from dicomanonymizer import simpledicomanonymizer

from dicom_programs import messages_of_dciodvfy, needs
from repository import DEMO
from shortaxis.cli.main import app
from shortaxis.workflow.batch.deidentifying import deidentify_folder

FLAGGED_CODE = ("REVIEW", "99SHORTAXIS")


@pytest.fixture(scope="module", params=["LPI", ""], ids=["flagged", "accepted"])
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Slices of a named patient; with a stated orientation they are flagged."""
    folder = tmp_path_factory.mktemp("named")
    study = pydicom.dcmread(DEMO / "rest.dcm")
    study.PatientName, study.SeriesDescription = "Private^Person", "Person OSEM 5i8s"
    study.save_as(folder / "rest.dcm")
    stated = ["--orientation", request.param] if request.param else []
    words = ["reorient", folder / "rest.dcm", "-o", folder / "out", *stated]
    assert CliRunner().invoke(app, list(map(str, words))).exit_code == 0
    return folder / "out"


def codes(dataset: Dataset) -> list[tuple[str, str]]:
    return [
        (each.CodeValue, each.CodingSchemeDesignator) for each in dataset.DerivationCodeSequence
    ]


def test_flag_and_reasons_stay_where_names_are_taken_away(written: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(written, tmp_path / "out")
    quality = json.loads((written / "pose.json").read_text("utf-8"))["quality"]
    flagged = quality["flag"] == "review"

    deidentify_folder(folder, b"secret" * 6)

    for path in sorted(folder.glob("*.dcm")):
        dataset = pydicom.dcmread(path)
        assert dataset.SeriesDescription.startswith("REVIEW ShortAxis ") == flagged
        assert dataset.SeriesDescription.endswith(" rest")
        assert dataset.ImageComments.startswith(quality["flag"].upper())
        assert all(reason in dataset.ImageComments for reason in quality["reasons"])
        assert "quality flag " + quality["flag"] in dataset.DerivationDescription.lower()
        assert (FLAGGED_CODE in codes(dataset)) == flagged
        method = [each.CodeValue for each in dataset.DeidentificationMethodCodeSequence]
        assert method == ["113100", "113105"]
        # An LO value (PS3.5 6.2).
        assert len(dataset.DeidentificationMethod) <= 64
        assert b"Person" not in path.read_bytes()
        assert b"OSEM" not in path.read_bytes()


@pytest.mark.system
@needs("dciodvfy")
def test_deidentified_slices_are_valid(written: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(written, tmp_path / "out")

    deidentify_folder(folder, b"secret" * 6)

    assert messages_of_dciodvfy(folder / "short_axis.dcm", "Error") == []


def test_the_flag_outlives_another_program_that_deidentifies(written: Path) -> None:
    dataset = pydicom.dcmread(written / "short_axis.dcm")
    flagged = dataset.SeriesDescription.startswith("REVIEW")

    simpledicomanonymizer.anonymize_dataset(dataset)

    assert not dataset.get("SeriesDescription")
    assert not dataset.get("ImageComments")
    assert (FLAGGED_CODE in codes(dataset)) == flagged


def test_words_of_a_series_that_is_not_ours_are_taken_away(written: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(written, tmp_path / "out")
    dataset = pydicom.dcmread(folder / "short_axis.dcm")
    dataset.Manufacturer = "another"
    dataset.save_as(folder / "short_axis.dcm")

    deidentify_folder(folder, b"secret" * 6)

    left = pydicom.dcmread(folder / "short_axis.dcm")
    assert not left.get("SeriesDescription")
    assert not left.get("ImageComments")


def test_words_that_name_the_patient_are_left_out_of_texts_that_the_rules_keep(
    tmp_path: Path,
) -> None:
    study = pydicom.dcmread(DEMO / "rest.dcm")
    study.PatientName, study.PatientID = "Private^Person", "ID-5544332"
    study.ConvolutionKernel = "BW Private"
    study.EnergyWindowInformationSequence[0].EnergyWindowName = "Tc99m ID-5544332"
    study.save_as(tmp_path / "rest.dcm")
    words = ["reorient", tmp_path / "rest.dcm", "-o", tmp_path / "out", "--no-sheet"]
    assert CliRunner().invoke(app, list(map(str, words))).exit_code == 0

    deidentify_folder(tmp_path / "out", b"secret" * 6)

    for path in sorted((tmp_path / "out").glob("*.dcm")):
        written = path.read_bytes().lower()
        assert b"private" not in written.replace(b"private_", b"")
        assert b"5544332" not in written
        dataset = pydicom.dcmread(path)
        assert dataset.EnergyWindowInformationSequence[0].EnergyWindowName == "Tc99m"
        # What does not name the patient stays.
        meanings = [each.CodeMeaning for each in dataset.DerivationCodeSequence]
        assert all(meanings)
