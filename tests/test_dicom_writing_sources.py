"""Headers with errors of their own: what is repaired, dropped, or never touched."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom import Dataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from derived_files import DERIVATION, POSE, a_volume, derived, stamp
from nm_object import build_nm, build_pet_slices, save_object
from shortaxis.anatomy.cardiac_views import CardiacView, view_grid
from shortaxis.dicom.carried_attributes import IDENTITY
from shortaxis.dicom.derived_series import DerivedSeries, derived_dataset, write_derived_series
from shortaxis.dicom.part10 import quiet_pydicom
from shortaxis.dicom.source_header import SourceHeader
from shortaxis.errors import CountsError, GeometryError
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.studies import find_studies

Change = Callable[[Dataset], None]

GRID = view_grid(CardiacView.SHORT_AXIS, POSE, (5, 6, 7), 4.0)


def item(**attributes: Any) -> Dataset:
    dataset = Dataset()
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return dataset


def code(**attributes: Any) -> Dataset:
    return item(CodeValue="1", CodingSchemeDesignator="99TEST", **attributes)


def sets(**attributes: Any) -> Change:
    def change(dataset: Dataset) -> None:
        for keyword, value in attributes.items():
            setattr(dataset, keyword, value)

    return change


def holds(keyword: str, vr: str, value: Any) -> Change:
    return lambda dataset: dataset.add_new(keyword, vr, value)


HEART_RATE = code(CodeMeaning="Heart rate")

BROKEN: dict[str, Change] = {
    "dates": sets(StudyDate="2024.13.45", StudyTime="99:99", AcquisitionTime="noon"),
    "weight with a comma": holds("PatientWeight", "LO", "85,3"),
    "a sequence that is text": holds("RadiopharmaceuticalInformationSequence", "LO", "Tc-99m"),
    "two physicians": holds("ReferringPhysicianName", "PN", ["A^B", "C^D"]),
    "two counts": holds("CountsAccumulated", "IS", [12, 13]),
    "invalid study UID": sets(StudyInstanceUID="1.2.03.bad"),
    "no frame of reference": sets(FrameOfReferenceUID=""),
    "invalid identity flag": sets(PatientIdentityRemoved="TRUE"),
    "de-identified nobody knows how": sets(PatientIdentityRemoved="YES"),
    "procedure code without meaning": sets(ProcedureCodeSequence=[code()]),
    "tracer code without value": sets(
        RadiopharmaceuticalInformationSequence=[
            item(RadionuclideCodeSequence=[item(CodeMeaning="Tc-99m")])
        ]
    ),
    "context without concept": sets(AcquisitionContextSequence=[item(TextValue="stress")]),
    "context without value": sets(AcquisitionContextSequence=[item(ValueType="CODE")]),
    "context without unit": sets(
        AcquisitionContextSequence=[
            item(ValueType="NUMERIC", ConceptNameCodeSequence=[HEART_RATE], NumericValue="75")
        ]
    ),
    "wrong way round": lambda dataset: setattr(
        dataset.RotationInformationSequence[0], "RotationDirection", "CLOCK"
    ),
    "drugs without items": sets(InterventionDrugInformationSequence=[item()]),
    "long description": sets(
        SpecificCharacterSet="ISO_IR 192", SeriesDescription="心筋 repouso " * 5
    ),
    "control characters": sets(SeriesDescription="STRESS\nTRANS\x07VERSE"),
    "undeclared letters": holds("SeriesDescription", "LO", "Übersicht RUHE"),
    "last series number": sets(SeriesNumber=2**31 - 1),
}
"""What cameras, archives and anonymisers leave behind."""


def header_with(change: Change) -> SourceHeader:
    source = build_nm(a_volume())
    del source.PixelData
    with quiet_pydicom():
        change(source)
    return SourceHeader(source, ((str(source.SOPClassUID), str(source.SOPInstanceUID)),))


def slices(counts: np.ndarray | None = None) -> DerivedSeries:
    values = np.random.default_rng(3).random(GRID.shape) * 100 if counts is None else counts
    return DerivedSeries(CardiacView.SHORT_AXIS, SpectVolume(values, GRID.patient_from_index))


def built(change: Change) -> Dataset:
    return derived_dataset(slices(), header_with(change), DERIVATION, stamp())


def errors_of_dciodvfy(path: Path) -> list[str]:
    run = subprocess.run(
        ["dciodvfy", str(path)], capture_output=True, text=True, check=False, timeout=60,
        errors="replace",
    )  # fmt: skip
    return [line for line in (run.stdout + run.stderr).splitlines() if line.startswith("Error")]


needs_dciodvfy = pytest.mark.skipif(
    shutil.which("dciodvfy") is None, reason="dciodvfy is not installed (make system-packages)"
)


@pytest.mark.system
@needs_dciodvfy
@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_in_the_source_does_not_get_through(name: str, tmp_path: Path) -> None:
    path = tmp_path / "short_axis.dcm"

    write_derived_series(path, slices(), header_with(BROKEN[name]), DERIVATION, stamp())

    assert errors_of_dciodvfy(path) == []


@pytest.mark.system
@needs_dciodvfy
@pytest.mark.parametrize("scale", [1e-9, 0.0, -5.0, 1.0, 3e7, 1e9])
def test_counts_of_any_size_give_a_valid_object(scale: float, tmp_path: Path) -> None:
    path = tmp_path / "short_axis.dcm"
    counts = np.random.default_rng(1).random(GRID.shape) * scale

    write_derived_series(path, slices(counts), SourceHeader(), DERIVATION, stamp())

    assert errors_of_dciodvfy(path) == []
    written = pydicom.dcmread(path)
    step = float(written.get("RescaleSlope", 1))
    np.testing.assert_allclose(written.pixel_array * step, counts, atol=0.51 * step)
    assert step <= max(np.abs(counts).max() / 32767 * 1.001, 1e-30) or step == 1


def test_bytes_of_a_name_that_does_not_fit_its_character_set_are_kept(tmp_path: Path) -> None:
    source = build_nm(a_volume())
    source.SpecificCharacterSet, source.PatientName = "ISO_IR 192", "Mxller^Jxrg"
    path = save_object(source, tmp_path / "source.dcm")
    path.write_bytes(path.read_bytes().replace(b"Mxller^Jxrg", b"M\xfcller^J\xf6rg"))
    loaded = find_studies(path).studies[0].load()

    for view in CardiacView:
        written = tmp_path / f"{view.value}.dcm"
        write_derived_series(written, derived(loaded, view), loaded.header, DERIVATION, stamp())

        assert b"M\xfcller^J\xf6rg" in written.read_bytes()


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian])
def test_names_survive_from_every_transfer_syntax(syntax: str, tmp_path: Path) -> None:
    source = build_nm(a_volume(), transfer_syntax=syntax)
    source.SpecificCharacterSet, source.PatientName = "ISO_IR 100", "Müller^Jörg"
    loaded = find_studies(save_object(source, tmp_path / "source.dcm")).studies[0].load()
    path = tmp_path / "short_axis.dcm"

    write_derived_series(
        path, derived(loaded, CardiacView.SHORT_AXIS), loaded.header, DERIVATION, stamp()
    )

    written = pydicom.dcmread(path)
    assert (str(written.PatientName), written.PatientID) == ("Müller^Jörg", "DRAWN-1")
    assert written.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian


@pytest.mark.parametrize(
    ("character_set", "name"),
    [
        ("ISO_IR 100", "Müller^Jörg"),
        ("ISO_IR 144", "Дрон^Пётр"),
        ("ISO_IR 192", "山田^太郎"),
        (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎=やまだ^たろう"),
    ],
)
def test_names_survive_in_every_character_set(
    character_set: str | list[str], name: str, tmp_path: Path
) -> None:
    source = build_nm(a_volume())
    source.SpecificCharacterSet, source.PatientName = character_set, name
    loaded = find_studies(save_object(source, tmp_path / "source.dcm")).studies[0].load()
    path = tmp_path / "short_axis.dcm"

    write_derived_series(
        path, derived(loaded, CardiacView.SHORT_AXIS), loaded.header, DERIVATION, stamp()
    )

    assert str(pydicom.dcmread(path).PatientName) == name


def test_identity_is_never_changed_even_where_it_is_invalid() -> None:
    dataset = built(sets(PatientSex="Male", PatientBirthDate="1950-01-01", PatientID="A\\B"))

    assert (dataset.PatientSex, dataset.PatientBirthDate) == ("Male", "1950-01-01")
    assert list(dataset.PatientID) == ["A", "B"]
    assert all(keyword in dataset for keyword in IDENTITY)


def test_building_leaves_undecoded_elements_of_the_source_undecoded(tmp_path: Path) -> None:
    path = save_object(build_nm(a_volume()), tmp_path / "source.dcm")
    source = pydicom.dcmread(path, stop_before_pixels=True)

    derived_dataset(slices(), SourceHeader(source), DERIVATION, stamp())

    assert source.get_item("PatientName").is_raw


def test_valid_items_stay_where_others_are_dropped() -> None:
    state = code(CodeMeaning="Patient state")
    resting = item(CodeValue="128975004", CodingSchemeDesignator="SCT", CodeMeaning="Resting state")
    complete = item(
        ValueType="CODE", ConceptNameCodeSequence=[state], ConceptCodeSequence=[resting]
    )

    dataset = built(sets(AcquisitionContextSequence=[item(TextValue="x"), complete]))

    (kept,) = dataset.AcquisitionContextSequence
    assert kept.ConceptCodeSequence[0].CodeMeaning == "Resting state"


def test_dropped_attributes_are_empty_where_they_must_be_present() -> None:
    dataset = built(BROKEN["a sequence that is text"])

    assert len(dataset.RadiopharmaceuticalInformationSequence) == 0
    assert built(BROKEN["dates"]).StudyDate is None
    assert len(built(BROKEN["wrong way round"]).RotationInformationSequence) == 0
    assert "ProcedureCodeSequence" not in built(BROKEN["procedure code without meaning"])


def test_a_deidentified_source_without_method_says_so() -> None:
    dataset = built(sets(PatientIdentityRemoved="YES"))

    assert dataset.PatientIdentityRemoved == "YES"
    assert dataset.DeidentificationMethod == "Not recorded in the source"


@pytest.mark.parametrize(
    "identity",
    [
        {"PatientName": "Drawnheart^Ada"},
        {"PatientName": "O'Neill^DRAWNHEART"},
        {"PatientID": "drawnheart"},
        {"AccessionNumber": "Drawnheart"},
    ],
)
def test_a_description_that_names_the_patient_is_left_out(identity: dict[str, str]) -> None:
    dataset = built(sets(SeriesDescription="STRESS Drawnheart TRANS", **identity))

    assert dataset.SeriesDescription == "ShortAxis SA stress"


def test_a_description_without_the_patient_is_kept() -> None:
    dataset = built(sets(SeriesDescription="Trans STRESS AC", PatientName="Li^A", PatientID="12"))

    assert dataset.SeriesDescription == "ShortAxis SA stress: Trans STRESS AC"


def test_a_pet_source_without_energy_window_gets_the_annihilation_window() -> None:
    source = build_pet_slices(a_volume())[0]
    del source.PixelData

    dataset = derived_dataset(slices(), SourceHeader(source), DERIVATION, stamp())

    (window,) = dataset.EnergyWindowInformationSequence
    assert window.EnergyWindowName == "511 keV"
    (tracer,) = dataset.RadiopharmaceuticalInformationSequence
    assert tracer.RadionuclideCodeSequence[0].CodeMeaning == "^82^Rubidium"


def test_a_pet_source_keeps_its_energy_limits() -> None:
    source = build_pet_slices(a_volume())[0]
    del source.PixelData
    limits = item(EnergyWindowLowerLimit="425", EnergyWindowUpperLimit="650")
    source.EnergyWindowRangeSequence = [limits]

    dataset = derived_dataset(slices(), SourceHeader(source), DERIVATION, stamp())

    (window,) = dataset.EnergyWindowInformationSequence
    assert float(window.EnergyWindowRangeSequence[0].EnergyWindowLowerLimit) == 425


def test_time_slots_of_another_shape_or_without_numbers_are_refused() -> None:
    volume = slices().volume

    with pytest.raises(GeometryError, match="do not fit the slices"):
        DerivedSeries(CardiacView.SHORT_AXIS, volume, np.zeros((8, 5, 6, 6), np.float32))
    with pytest.raises(CountsError, match="not finite"):
        DerivedSeries(CardiacView.SHORT_AXIS, volume, np.full((2, 5, 6, 7), np.nan, np.float32))
