"""Headers with errors of their own: what is repaired, dropped, or never touched."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom import Dataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from derived_files import DERIVATION, POSE, a_volume, derived, stamp
from nm_object import build_nm, build_pet_slices, save_object
from report_documents import REPORT, WRITERS
from shortaxis.anatomy.cardiac_views import CardiacView, view_grid
from shortaxis.dicom.carried.modules.carried_attributes import IDENTITY
from shortaxis.dicom.carried.real_world_values import SUV_UNITS, UNITS
from shortaxis.dicom.carried.source_header import SourceHeader
from shortaxis.dicom.carried.stated.patient_orientation import SCT_OF_SRT
from shortaxis.dicom.elements.part10 import quiet_pydicom
from shortaxis.dicom.elements.uids import numbered_uids
from shortaxis.dicom.writing.derived_header import with_study_uids
from shortaxis.dicom.writing.derived_series import (
    DerivedSeries,
    Stamp,
    derived_dataset,
    write_derived_series,
)
from shortaxis.errors import CountsError, GeometryError
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.studies.finding import find_studies

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
    "half a trial": sets(
        ClinicalTrialSponsorName="A", ClinicalTrialProtocolID="B", ClinicalTrialSubjectID="7"
    ),
    "issuers": sets(
        IssuerOfPatientIDQualifiersSequence=[
            item(UniversalEntityID="1.2", UniversalEntityIDType="ISO")
        ],
        IssuerOfAccessionNumberSequence=[item(LocalNamespaceEntityID="RIS")],
    ),
    "equipment without purpose": sets(
        ContributingEquipmentSequence=[item(Manufacturer="A", PurposeOfReferenceCodeSequence=[])]
    ),
    "a time zone": sets(TimezoneOffsetFromUTC="-0330"),
    "no time zone": sets(TimezoneOffsetFromUTC="local"),
    "ACR-NEMA dates": sets(StudyDate="2023.01.02", StudyTime="12:30:00"),
    "lossy": sets(
        LossyImageCompression="01",
        LossyImageCompressionRatio="10",
        LossyImageCompressionMethod="ISO_10918_1",
        BurnedInAnnotation="YES",
    ),
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
@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_in_the_source_does_not_get_through_to_documents(
    name: str, tmp_path: Path
) -> None:
    for kind, write in WRITERS.items():
        path = tmp_path / f"{kind}.dcm"

        write(path, header_with(BROKEN[name]), REPORT)

        assert errors_of_dciodvfy(path) == [], kind


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
    assert (str(written.PatientName), written.PatientID) == ("Müller^Jörg", "DEMO-1")
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


@pytest.mark.parametrize("keyword", ["StudyInstanceUID", "FrameOfReferenceUID"])
def test_uids_with_a_leading_zero_are_kept_and_nothing_is_said(
    keyword: str, tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    source = build_nm(a_volume())
    with quiet_pydicom():
        setattr(source, keyword, "1.2.840.0113.45")
        source.SOPInstanceUID = "1.2.840.0113.46"
        path = save_object(source, tmp_path / "source.dcm")
    loaded = find_studies(path).studies[0].load()
    header = with_study_uids(loaded.header, numbered_uids("1.9"))

    dataset = derived_dataset(slices(), header, DERIVATION, stamp())

    assert dataset[keyword].value == "1.2.840.0113.45"
    assert dataset.SourceImageSequence[0].ReferencedSOPInstanceUID == "1.2.840.0113.46"
    assert len(recwarn) == 0


@pytest.mark.parametrize("uid", ["", "1.2.03.bad", "1." + "2" * 70])
def test_only_unusable_uids_are_replaced(uid: str, recwarn: pytest.WarningsRecorder) -> None:
    header = header_with(sets(StudyInstanceUID=uid, FrameOfReferenceUID=uid))

    completed = with_study_uids(header, numbered_uids("1.9")).dataset

    assert (completed.StudyInstanceUID, completed.FrameOfReferenceUID) == ("1.9.1", "1.9.2")
    assert len(recwarn) == 0


def test_lossy_compression_and_annotation_stay_said() -> None:
    dataset = built(BROKEN["lossy"])

    assert (dataset.LossyImageCompression, dataset.BurnedInAnnotation) == ("01", "YES")
    assert float(dataset.LossyImageCompressionRatio) == 10
    assert dataset.LossyImageCompressionMethod == "ISO_10918_1"
    assert built(sets()).LossyImageCompression == "00"


def test_one_lossy_slice_makes_a_pet_series_lossy(tmp_path: Path) -> None:
    each_slice = build_pet_slices(a_volume())
    BROKEN["lossy"](each_slice[7])
    for number, dataset in enumerate(each_slice):
        save_object(dataset, tmp_path / f"{number}.dcm")
    loaded = find_studies(tmp_path).studies[0].load()

    dataset = derived_dataset(slices(), loaded.header, DERIVATION, stamp())

    assert (dataset.LossyImageCompression, dataset.BurnedInAnnotation) == ("01", "YES")
    assert float(dataset.LossyImageCompressionRatio) == 10


@pytest.mark.system
@pytest.mark.skipif(shutil.which("dcmcjpls") is None, reason="dcmcjpls is not installed")
def test_a_lossy_transfer_syntax_is_lossy_whatever_the_header_says(tmp_path: Path) -> None:
    save_object(build_nm(a_volume(), signed=False), tmp_path / "source.dcm")
    path = tmp_path / "lossy.dcm"
    subprocess.run(["dcmcjpls", "+en", str(tmp_path / "source.dcm"), str(path)], check=True)
    lossy = pydicom.dcmread(path)
    for keyword in ("", "Ratio", "Method"):
        lossy.pop(f"LossyImageCompression{keyword}", None)
    lossy.save_as(path)
    loaded = find_studies(path).studies[0].load()

    dataset = derived_dataset(slices(), loaded.header, DERIVATION, stamp())

    assert (dataset.LossyImageCompression, dataset.LossyImageCompressionMethod) == (
        "01", "ISO_14495_1",
    )  # fmt: skip
    expected = a_volume().counts.size * 2 / len(lossy.PixelData)
    assert float(dataset.LossyImageCompressionRatio) == pytest.approx(expected, abs=0.01)


def contributor(name: str, purpose: str) -> Dataset:
    coded = item(CodeValue=purpose, CodingSchemeDesignator="DCM", CodeMeaning="Equipment")
    return item(Manufacturer=name, PurposeOfReferenceCodeSequence=[coded])


@pytest.mark.parametrize(("image_type", "purpose"), [("ORIGINAL", "109101"), ("DERIVED", "109102")])
def test_equipment_of_the_source_comes_first(image_type: str, purpose: str) -> None:
    dataset = built(
        sets(
            ContributingEquipmentSequence=[contributor("Scanner", "109101"), item()],
            ImageType=[image_type, "PRIMARY", "RECON TOMO", "EMISSION"],
        )
    )

    told = [
        (each.Manufacturer, each.PurposeOfReferenceCodeSequence[0].CodeValue)
        for each in dataset.ContributingEquipmentSequence
    ]
    assert told == [("Scanner", "109101"), ("Drawn", purpose), ("ShortAxis", "109102")]


def test_slices_of_slices_name_the_software_and_the_view_once() -> None:
    first = built(sets(SeriesDescription="Trans STRESS", ImageID=""))
    second = derived_dataset(slices(), SourceHeader(first), DERIVATION, stamp())
    third = derived_dataset(slices(), SourceHeader(second), DERIVATION, stamp())

    assert third.SeriesDescription == "ShortAxis SA stress: STRESS"
    makers = [each.Manufacturer for each in third.ContributingEquipmentSequence]
    assert makers == ["Drawn", *["ShortAxis"] * 3]


def lying(value: str, meaning: str, modifier: str, modifier_meaning: str, scheme: str) -> Change:
    def change(dataset: Dataset) -> None:
        inner = item(
            CodeValue=modifier, CodingSchemeDesignator=scheme, CodeMeaning=modifier_meaning
        )
        outer = item(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)
        outer.PatientOrientationModifierCodeSequence = [inner]
        dataset.PatientOrientationCodeSequence = [outer]

    return change


@pytest.mark.parametrize(("change", "expected"), [
    (lying("102539006", "semi-erect", "40199007", "supine", "SCT"), ("semi-erect", "supine")),
    (lying("10904000", "erect", "33586001", "sitting", "SCT"), ("erect", "sitting")),
    (lying("C86043", "erect", "33586001", "sitting", "NCIt"), ("erect", "sitting")),
    (lying("102538003", "recumbent", "102536004", "left lateral decubitus", "SCT"),
     ("recumbent", "left lateral decubitus")),
    (lying("F-10450", "Recumbent", "F-10317", "x", "SRT"),
     ("recumbent", "right lateral decubitus")),
    (lying("F-10460", "x", "F-10340", "x", "99SDM"), ("semi-erect", "supine")),
])  # fmt: skip
def test_how_the_patient_lay_is_carried_as_it_was(
    change: Change, expected: tuple[str, str]
) -> None:
    (lay,) = built(change).PatientOrientationCodeSequence

    (modifier,) = lay.PatientOrientationModifierCodeSequence
    assert (lay.CodeMeaning, modifier.CodeMeaning) == expected


@pytest.mark.parametrize(("position", "expected"), [
    ("HFS", "supine"), ("FFDL", "left lateral decubitus"), ("HFDR", "right lateral decubitus"),
])  # fmt: skip
def test_a_patient_position_alone_becomes_codes(position: str, expected: str) -> None:
    dataset = built(
        sets(PatientPosition=position, PatientOrientationCodeSequence=[],
             PatientGantryRelationshipCodeSequence=[])
    )  # fmt: skip

    (lay,) = dataset.PatientOrientationCodeSequence
    assert lay.CodeMeaning == "recumbent"
    assert lay.PatientOrientationModifierCodeSequence[0].CodeMeaning == expected


def test_nothing_known_of_the_patients_orientation_stays_nothing() -> None:
    dataset = built(sets(PatientOrientationCodeSequence=[item(CodeValue="7")]))

    assert len(dataset.PatientOrientationCodeSequence) == 0
    assert len(dataset.PatientGantryRelationshipCodeSequence) == 1


def test_retired_codes_are_those_of_the_standard() -> None:
    from pydicom.sr._snomed_dict import mapping
    from pydicom.sr.codedict import codes

    groups = (codes.cid19, codes.cid20, codes.cid21)
    meanings = {
        getattr(group, name).value: getattr(group, name).meaning
        for group in groups for name in group.dir()
    }  # fmt: skip
    retired = {mapping["SCT"][value]: value for value in meanings if value in mapping["SCT"]}

    assert {srt: code[0] for srt, code in SCT_OF_SRT.items()} == retired
    for value, scheme, meaning in SCT_OF_SRT.values():
        assert scheme == "SCT"
        # Patient Orientation calls erect what the modifier calls standing.
        assert meaning == ("erect" if meanings[value] == "standing" else meanings[value])


def test_dates_of_old_files_lose_their_separators() -> None:
    dataset = built(BROKEN["ACR-NEMA dates"])

    assert (dataset.StudyDate, dataset.StudyTime) == ("20230102", "123000")


def test_times_are_in_the_zone_that_the_source_states() -> None:
    source = header_with(BROKEN["a time zone"])
    noon = Stamp(1, numbered_uids("1.9"), datetime(2024, 5, 1, 12, 0, tzinfo=UTC))

    dataset = derived_dataset(slices(), source, DERIVATION, noon)

    assert dataset.TimezoneOffsetFromUTC == "-0330"
    assert (dataset.SeriesDate, dataset.SeriesTime) == ("20240501", "083000")
    assert "TimezoneOffsetFromUTC" not in built(BROKEN["no time zone"])


def test_issuers_and_trial_are_carried() -> None:
    issued, trial = built(BROKEN["issuers"]), built(BROKEN["half a trial"])

    assert issued.IssuerOfPatientIDQualifiersSequence[0].UniversalEntityID == "1.2"
    assert issued.IssuerOfAccessionNumberSequence[0].LocalNamespaceEntityID == "RIS"
    assert trial.ClinicalTrialSubjectID == "7"
    assert trial.ClinicalTrialSiteName is None
    assert "ClinicalTrialSiteName" not in issued


def test_counts_of_the_whole_source_are_not_those_of_the_slices() -> None:
    assert built(sets(CountsAccumulated=12345)).CountsAccumulated is None


def test_every_sentence_of_the_derivation_starts_with_a_capital() -> None:
    sentences = built(sets()).DerivationDescription.split(". ")

    assert len(sentences) == 8
    assert all(sentence[0].isupper() for sentence in sentences)


def pet_header(units: str, gated: bool = False, **values: Any) -> SourceHeader:
    source = build_pet_slices(a_volume())[0]
    del source.PixelData
    source.Units, source.SeriesType = units, ["GATED" if gated else "STATIC", "IMAGE"]
    sets(**values)(source)
    return SourceHeader(source)


def test_units_of_pet_counts_are_those_of_the_standard() -> None:
    from pydicom.sr.codedict import codes

    known = {
        getattr(codes.cid84, name).value: getattr(codes.cid84, name).meaning
        for name in codes.cid84.dir()
    }
    for code, meaning in (*UNITS.values(), *SUV_UNITS.values()):
        assert known[code] == meaning


@pytest.mark.parametrize("units", [*UNITS, "GML", "CM2ML"])
def test_pet_slices_tell_the_unit_of_their_counts(units: str) -> None:
    suv = {"SUVType": "BSA"} if units == "CM2ML" else {}
    dataset = derived_dataset(slices(), pet_header(units, **suv), DERIVATION, stamp())

    (mapping,) = dataset.RealWorldValueMappingSequence
    assert mapping.MeasurementUnitsCodeSequence[0].CodingSchemeDesignator == "UCUM"
    assert mapping.RealWorldValueSlope == float(dataset.RescaleSlope)
    assert mapping.RealWorldValueIntercept == 0
    stored = np.frombuffer(dataset.PixelData, "<u2")
    assert (mapping.RealWorldValueFirstValueMapped, mapping.RealWorldValueLastValueMapped) == (
        stored.min(), stored.max(),
    )  # fmt: skip


@pytest.mark.parametrize(("header", "has_unit"), [
    (pet_header("BQML"), True),
    (pet_header("BQML", gated=True), False),  # a sum over time slots is no concentration
    (pet_header("CNTS", gated=True), True),
    (pet_header("NONE"), False),
    (pet_header("GML", SUVType="OTHER"), False),
    (header_with(sets()), False),
])  # fmt: skip
def test_no_unit_is_claimed_that_the_sum_has_not(header: SourceHeader, has_unit: bool) -> None:
    dataset = derived_dataset(slices(), header, DERIVATION, stamp())

    assert ("RealWorldValueMappingSequence" in dataset) == has_unit


@pytest.mark.system
@needs_dciodvfy
@pytest.mark.parametrize("lowest", [0.0, -50.0])
def test_a_real_world_value_mapping_is_valid_and_survives(lowest: float, tmp_path: Path) -> None:
    path = tmp_path / "short_axis.dcm"
    counts = np.random.default_rng(1).random(GRID.shape) * 100 + lowest

    write_derived_series(path, slices(counts), pet_header("BQML"), DERIVATION, stamp())

    assert errors_of_dciodvfy(path) == []
    (mapping,) = pydicom.dcmread(path).RealWorldValueMappingSequence
    assert mapping.MeasurementUnitsCodeSequence[0].CodeValue == "Bq/ml"
    assert (mapping.RealWorldValueFirstValueMapped < 0) == (lowest < 0)


NO_CHANGE = sets()


def gated(change: Change = NO_CHANGE, **options: Any) -> Dataset:
    volume = a_volume()
    source = build_nm(volume, gates=np.stack([volume.counts] * 4), **options)
    del source.PixelData
    change(source)
    counts = np.stack([slices().volume.counts] * 4)
    series = DerivedSeries(CardiacView.SHORT_AXIS, slices().volume, counts)
    return derived_dataset(series, SourceHeader(source), DERIVATION, stamp())


def test_timing_of_summed_intervals_is_merged() -> None:
    def count_beats(dataset: Dataset) -> None:
        gating = dataset.GatedInformationSequence[0]
        gating.CardiacFramingType = "FORW"
        for number, beat in enumerate(gating.DataInformationSequence, start=1):
            beat.IntervalsAcquired, beat.IntervalsRejected = 100 * number, 7

    (gating,) = gated(count_beats, number_of_rr_intervals=2).GatedInformationSequence

    (beat,) = gating.DataInformationSequence
    assert gating.CardiacFramingType == "FORW"
    assert (beat.LowRRValue, beat.HighRRValue) == (700, 1100)
    assert (beat.IntervalsAcquired, beat.NominalInterval, beat.FrameTime) == (300, 800, 200)
    assert "IntervalsRejected" not in beat


def test_what_only_some_intervals_tell_is_left_out() -> None:
    def forget_one(dataset: Dataset) -> None:
        first, second = dataset.GatedInformationSequence[0].DataInformationSequence
        del first.HighRRValue
        second.NominalInterval = 900

    (gating,) = gated(forget_one, number_of_rr_intervals=2).GatedInformationSequence

    (beat,) = gating.DataInformationSequence
    assert "HighRRValue" not in beat
    assert "NominalInterval" not in beat
    assert beat.LowRRValue == 700


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

    assert dataset.SeriesDescription == "ShortAxis SA stress: STRESS AC"


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


@pytest.mark.parametrize(
    ("description", "written"),
    [
        ("STRESS TRANSAXIAL", "ShortAxis SA stress: STRESS"),
        ("Transverse OSEM AC", "ShortAxis SA: OSEM AC"),
        ("Translated protocol", "ShortAxis SA: Translated protocol"),
        ("TRANSAXIAL", "ShortAxis SA"),
    ],
)
def test_a_short_axis_series_is_not_called_transaxial(description: str, written: str) -> None:
    dataset = built(sets(SeriesDescription=description, ImageID="", StudyDescription=""))

    assert dataset.SeriesDescription == written


@pytest.mark.parametrize("corrections", [["ATTN", "SCAT"], ["DECY", "ATTN", "NORM", "RAN"]])
def test_corrections_of_the_source_are_carried(corrections: list[str]) -> None:
    assert list(built(sets(CorrectedImage=corrections)).CorrectedImage) == corrections


def test_corrections_of_a_pet_source_are_carried() -> None:
    dataset = derived_dataset(slices(), pet_header("BQML"), DERIVATION, stamp())

    assert list(dataset.CorrectedImage) == ["DECY", "ATTN"]
    assert "CorrectedImage" not in built(sets())


@pytest.mark.parametrize(("said", "written"), [
    ("MODIFIED", "MODIFIED"), ("UNMODIFIED", "UNMODIFIED"), ("YES", None), ("", None),
])  # fmt: skip
def test_moved_dates_stay_declared(said: str, written: str | None) -> None:
    retained = item(
        CodeValue="113107", CodingSchemeDesignator="DCM",
        CodeMeaning="Retain Longitudinal Temporal Information Modified Dates Option",
    )  # fmt: skip

    dataset = built(
        sets(
            PatientIdentityRemoved="YES",
            DeidentificationMethodCodeSequence=[retained],
            LongitudinalTemporalInformationModified=said,
        )
    )

    assert dataset.get("LongitudinalTemporalInformationModified") == written
    assert dataset.DeidentificationMethodCodeSequence[0].CodeValue == "113107"


@pytest.mark.parametrize(("source", "written"), [
    ("", "HEART"), ("HEART", "HEART"), ("CHEST", "HEART"), ("THORAX", "HEART"),
    ("HEAD", "HEAD"), ("BRAIN", "BRAIN"), ("ABDOMEN", "ABDOMEN"), ("head!", None),
])  # fmt: skip
def test_another_part_of_the_body_is_not_relabelled_heart(source: str, written: str | None) -> None:
    assert built(sets(BodyPartExamined=source)).get("BodyPartExamined") == written


def test_the_file_names_the_software_that_wrote_it() -> None:
    from shortaxis import __version__

    meta = built(sets()).file_meta

    assert meta.ImplementationVersionName == f"SHORTAXIS_{__version__}"[:16]
    assert meta.ImplementationClassUID.is_valid
    assert meta.ImplementationClassUID.startswith("2.25.")
    assert meta.ImplementationClassUID != pydicom.uid.PYDICOM_IMPLEMENTATION_UID


def timed(*times: list[int] | None) -> Change:
    """Time Slot Information Sequence in each R-R interval, in ms; None leaves it out."""

    def change(dataset: Dataset) -> None:
        beats = dataset.GatedInformationSequence[0].DataInformationSequence
        for beat, slots in zip(beats, times, strict=True):
            if slots is not None:
                beat.TimeSlotInformationSequence = [item(TimeSlotTime=str(time)) for time in slots]

    return change


@pytest.mark.parametrize(("times", "written"), [
    ([[10, 20, 30, 40]], [10, 20, 30, 40]),
    ([[10, 20, 30, 40], [1, 2, 3, 4]], [11, 22, 33, 44]),  # both intervals are summed
    ([[10, 20, 30, 40], None], []),
    ([[10, 20, 30]], []),  # three times for four time slots
    ([[]], []),
    ([None], None),
])  # fmt: skip
def test_times_of_time_slots_are_those_of_all_intervals(
    times: list[list[int] | None], written: list[int] | None
) -> None:
    dataset = gated(timed(*times), number_of_rr_intervals=len(times))

    (beat,) = dataset.GatedInformationSequence[0].DataInformationSequence
    told = beat.get("TimeSlotInformationSequence")
    assert (told if told is None else [slot.TimeSlotTime for slot in told]) == written
