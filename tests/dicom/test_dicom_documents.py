"""Pictures, PDFs, measurements and masks as DICOM: read by pydicom, checked by dciodvfy."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pydicom import Dataset
from pydicom.pixels import apply_color_lut

from derived_files import a_volume, stamp
from dicom_programs import messages_of_dciodvfy, needs
from nm_object import build_nm, save_object
from report_documents import (
    MEASURED,
    PDF,
    PICTURE,
    REPORT,
    WRITERS,
    Write,
    header_from,
    header_of,
    nm_header,
    write_masks,
    write_pdf,
    write_picture,
)  # fmt: skip
from shortaxis.dicom.carried.source_header import SourceHeader
from shortaxis.dicom.documents.encapsulated_pdf import (
    encapsulated_pdf_dataset,
    write_encapsulated_pdf,
)
from shortaxis.dicom.documents.measurements.measurement_report import measurement_report_dataset
from shortaxis.dicom.documents.secondary_capture import (
    secondary_capture_dataset,
    write_secondary_capture,
)
from shortaxis.dicom.elements.part10 import quiet_pydicom
from shortaxis.dicom.elements.uids import numbered_uids
from shortaxis.dicom.writing.derived_header import with_study_uids
from shortaxis.errors import OptionError
from shortaxis.workflow.studies.finding import find_studies
from shortaxis.workflow.studies.record import NOTICE

each_writer = pytest.mark.parametrize("write", WRITERS.values(), ids=list(WRITERS))
each_source = pytest.mark.parametrize(
    "source", ["nm", "nm-gated", "nm-bare-header", "pet", "nifti"]
)
needs_dciodvfy = pytest.mark.skipif(
    shutil.which("dciodvfy") is None, reason="dciodvfy is not installed (make system-packages)"
)


def errors_of_dciodvfy(path: Path) -> list[str]:
    run = subprocess.run(
        ["dciodvfy", str(path)], capture_output=True, text=True, check=False, timeout=60,
        errors="replace",
    )  # fmt: skip
    return [line for line in (run.stdout + run.stderr).splitlines() if line.startswith("Error")]


def references(dataset: Dataset, keyword: str) -> list[tuple[str, str]]:
    return [
        (item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID)
        for item in dataset.get(keyword) or []
    ]


@pytest.mark.system
@needs_dciodvfy
@each_writer
@each_source
def test_dciodvfy_finds_no_error(write: Write, source: str, tmp_path: Path) -> None:
    write(tmp_path / "report.dcm", header_from(source, tmp_path), REPORT)

    assert errors_of_dciodvfy(tmp_path / "report.dcm") == []


@pytest.mark.system
@needs_dciodvfy
@each_writer
def test_dciodvfy_finds_no_error_beside_the_bundled_study(
    write: Write, demo_study_path: Path, tmp_path: Path
) -> None:
    rest = header_from("nm", tmp_path)
    document = replace(
        REPORT, quality_flag="review", reasons=("few counts",), other_sources=(rest,)
    )

    write(tmp_path / "report.dcm", header_of(demo_study_path), document)

    assert errors_of_dciodvfy(tmp_path / "report.dcm") == []


@pytest.mark.system
@needs_dciodvfy
@each_writer
@pytest.mark.parametrize("number", range(3))
def test_dciodvfy_finds_no_error_beside_real_studies(
    write: Write, number: int, real_dicom_paths: list[Path], tmp_path: Path
) -> None:
    write(tmp_path / "report.dcm", header_of(real_dicom_paths[number]), REPORT)

    assert errors_of_dciodvfy(tmp_path / "report.dcm") == []


@each_writer
@each_source
def test_a_document_joins_patient_and_study_in_a_new_series(
    write: Write, source: str, tmp_path: Path
) -> None:
    header = header_from(source, tmp_path)

    write(tmp_path / "report.dcm", header, REPORT)

    written, known = pydicom.dcmread(tmp_path / "report.dcm"), header.dataset
    for keyword in ("PatientName", "PatientID", "PatientBirthDate", "AccessionNumber"):
        assert (written[keyword].value or "") == (known.get(keyword) or "")
    assert written.StudyInstanceUID == known.get("StudyInstanceUID", written.StudyInstanceUID)
    assert written.SeriesInstanceUID != known.get("SeriesInstanceUID")
    assert written.SOPInstanceUID == written.file_meta.MediaStorageSOPInstanceUID
    # Masks alone lie in the patient.
    assert ("FrameOfReferenceUID" in written) == (write is write_masks)


@each_writer
def test_documents_of_a_study_without_header_share_the_one_it_was_given(
    write: Write, tmp_path: Path
) -> None:
    header = with_study_uids(None, numbered_uids("1.9"))

    write(tmp_path / "report.dcm", header, REPORT)

    assert pydicom.dcmread(tmp_path / "report.dcm").StudyInstanceUID == "1.9.1"


def test_the_picture_is_read_back_as_it_was(demo_study_path: Path, tmp_path: Path) -> None:
    path = tmp_path / "report.dcm"

    write_secondary_capture(path, PICTURE, header_of(demo_study_path), REPORT, stamp())

    written = pydicom.dcmread(path)
    np.testing.assert_array_equal(written.pixel_array, PICTURE)
    assert written.SOPClassUID == "1.2.840.10008.5.1.4.1.1.7"
    assert written.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.5"
    assert list(written.ImageType) == ["DERIVED", "SECONDARY"]
    assert (written.Modality, written.ConversionType) == ("NM", "WSD")
    assert NOTICE in written.DerivationDescription


def test_itk_reads_the_same_picture(tmp_path: Path) -> None:
    write_secondary_capture(tmp_path / "report.dcm", PICTURE, SourceHeader(), REPORT, stamp())

    image = sitk.ReadImage(str(tmp_path / "report.dcm"))

    np.testing.assert_array_equal(sitk.GetArrayFromImage(image)[0], PICTURE)


@given(
    rows=st.integers(1, 20),
    columns=st.sampled_from([1, 2, 3, 40, 127, 128, 129, 257, 400]),
    is_transposed=st.booleans(),
    values=st.sampled_from([1, 2, 256]),
    seed=st.integers(0, 2**16),
)
@settings(max_examples=40)
def test_a_picture_of_any_size_is_kept(
    rows: int, columns: int, is_transposed: bool, values: int, seed: int, tmp_path_factory: Any
) -> None:
    random = np.random.default_rng(seed)
    picture = random.integers(0, values, (rows, columns, 3), dtype=np.uint8)
    if is_transposed:  # not contiguous in memory
        picture = picture.transpose(1, 0, 2)
    path = tmp_path_factory.mktemp("picture") / "report.dcm"

    write_secondary_capture(path, picture, SourceHeader(), REPORT, stamp())

    written = pydicom.dcmread(path)
    assert len(written.PixelData) % 2 == 0
    np.testing.assert_array_equal(shown(written), picture)


def picture_of(colours: int) -> np.ndarray:
    numbers = np.arange(40 * 30) % colours
    channels = numbers % 256, 255 - numbers % 256, 255 - numbers // 2 % 256
    return np.stack(channels, axis=-1).astype(np.uint8).reshape(40, 30, 3)


@pytest.mark.parametrize(("colours", "stored_as"), [(256, "PALETTE COLOR"), (257, "RGB")])
def test_itk_sees_the_colours_of_either_kind_of_picture(
    colours: int, stored_as: str, tmp_path: Path
) -> None:
    picture, path = picture_of(colours), tmp_path / "report.dcm"

    write_secondary_capture(path, picture, SourceHeader(), REPORT, stamp())

    assert pydicom.dcmread(path).PhotometricInterpretation == stored_as
    by_itk = sitk.GetArrayFromImage(sitk.ReadImage(str(path)))[0]
    np.testing.assert_array_equal(by_itk, picture)


@needs("dcm2pnm")
@needs("dciodvfy")
def test_dcmtk_sees_the_colours_of_a_palette_and_dciodvfy_says_nothing(tmp_path: Path) -> None:
    picture, path = picture_of(200), tmp_path / "report.dcm"

    write_secondary_capture(path, picture, header_from("nm", tmp_path), REPORT, stamp())

    subprocess.run(["dcm2pnm", path, tmp_path / "seen.ppm"], check=True)
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "seen.ppm")), picture)
    assert messages_of_dciodvfy(path, "Error") == []


def shown(written: pydicom.Dataset) -> np.ndarray:
    """Red, green and blue of a picture of either kind."""
    if written.PhotometricInterpretation == "RGB":
        return written.pixel_array
    return apply_color_lut(written.pixel_array, written) >> 8


@pytest.mark.parametrize("picture", [
    PICTURE.astype(float), PICTURE[..., 0], PICTURE[..., :2], PICTURE[:0],
    np.zeros((1, 65536, 3), np.uint8), np.zeros((1, 4, 4, 3), np.uint8),
])  # fmt: skip
def test_other_arrays_are_refused(picture: np.ndarray) -> None:
    with pytest.raises(OptionError, match="the picture cannot be stored"):
        secondary_capture_dataset(picture, SourceHeader(), REPORT, stamp())


@given(body=st.binary(max_size=200))
@settings(max_examples=40)
def test_a_pdf_of_any_length_is_kept(body: bytes, tmp_path_factory: Any) -> None:
    pdf = b"%PDF-" + body
    path = tmp_path_factory.mktemp("pdf") / "report.dcm"

    write_encapsulated_pdf(path, pdf, SourceHeader(), REPORT, stamp())

    written = pydicom.dcmread(path)
    assert len(written.EncapsulatedDocument) % 2 == 0
    assert written.EncapsulatedDocumentLength == len(pdf)
    assert written.EncapsulatedDocument[: written.EncapsulatedDocumentLength] == pdf


@pytest.mark.system
@pytest.mark.skipif(
    shutil.which("dcm2pdf") is None, reason="dcm2pdf is not installed (make system-packages)"
)
@pytest.mark.parametrize("pdf", [b"%PDF-1.4\n%EOF\n", b"%PDF-1.4\n%%EOF\n"])
def test_dcmtk_takes_the_same_pdf_out(pdf: bytes, tmp_path: Path) -> None:
    write_encapsulated_pdf(tmp_path / "report.dcm", pdf, SourceHeader(), REPORT, stamp())

    subprocess.run(
        ["dcm2pdf", str(tmp_path / "report.dcm"), str(tmp_path / "report.pdf")],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip

    assert (tmp_path / "report.pdf").read_bytes() == pdf


@pytest.mark.parametrize(("title", "flag"), [("", "accept"), ("  ", "accept"), ("Report", "maybe")])
def test_facts_that_say_nothing_are_refused(title: str, flag: str) -> None:
    with pytest.raises(OptionError, match="the document"):
        replace(REPORT, title=title, quality_flag=flag)


@pytest.mark.parametrize("pdf", [b"", b"<html>", b"\x89PNG", b"PDF-1.4"])
def test_what_is_no_pdf_is_refused(pdf: bytes) -> None:
    with pytest.raises(OptionError, match="the document cannot be stored"):
        encapsulated_pdf_dataset(pdf, SourceHeader(), REPORT, stamp())


def test_the_pdf_says_what_it_is(demo_study_path: Path) -> None:
    dataset = encapsulated_pdf_dataset(PDF, header_of(demo_study_path), REPORT, stamp())

    assert dataset.SOPClassUID == "1.2.840.10008.5.1.4.1.1.104.1"
    assert (dataset.Modality, dataset.MIMETypeOfEncapsulatedDocument) == ("DOC", "application/pdf")
    assert (dataset.DocumentTitle, dataset.VerificationFlag) == ("ShortAxis report", "UNVERIFIED")
    assert NOTICE in dataset.ContributingEquipmentSequence[-1].ContributionDescription


@pytest.mark.parametrize(("source", "title"), [
    ("nm", "Nuclear Medicine Report"), ("pet", "PET Scan Report"),
    ("nifti", "Nuclear Medicine Report"),
])  # fmt: skip
def test_titles_are_those_of_the_standard(source: str, title: str, tmp_path: Path) -> None:
    from pydicom.sr.codedict import codes

    dataset = encapsulated_pdf_dataset(PDF, header_from(source, tmp_path), REPORT, stamp())

    known = {
        (getattr(codes.cid7000, name).value, getattr(codes.cid7000, name).meaning)
        for name in codes.cid7000.dir()
    }
    (coded,) = dataset.ConceptNameCodeSequence
    assert coded.CodeMeaning == title
    assert (coded.CodeValue, coded.CodeMeaning) in known


@pytest.mark.parametrize(("source", "modality"), [("nm", "NM"), ("pet", "PT"), ("nifti", "OT")])
def test_a_picture_has_the_modality_of_what_it_shows(
    source: str, modality: str, tmp_path: Path
) -> None:
    header = header_from(source, tmp_path)

    assert secondary_capture_dataset(PICTURE, header, REPORT, stamp()).Modality == modality


def test_every_source_is_referred_to(demo_study_path: Path, tmp_path: Path) -> None:
    stress, rest = header_of(demo_study_path), header_from("pet", tmp_path)
    document = replace(REPORT, other_sources=(rest,))

    picture = secondary_capture_dataset(PICTURE, stress, document, stamp())
    pdf = encapsulated_pdf_dataset(PDF, stress, document, stamp())

    expected = [*stress.instances, *rest.instances]
    assert len(rest.instances) > 1
    assert references(picture, "SourceImageSequence") == expected
    assert references(pdf, "SourceInstanceSequence") == expected
    (own,) = picture.ReferencedSeriesSequence
    assert own.SeriesInstanceUID == stress.dataset.SeriesInstanceUID
    assert references(own, "ReferencedInstanceSequence") == list(stress.instances)
    (other,) = picture.StudiesContainingOtherReferencedInstancesSequence
    assert other.StudyInstanceUID == rest.dataset.StudyInstanceUID
    (series,) = other.ReferencedSeriesSequence
    assert references(series, "ReferencedInstanceSequence") == list(rest.instances)


def test_series_of_one_study_share_its_item(tmp_path: Path) -> None:
    stress = header_from("nm", tmp_path)
    rest = replace(nm_header(tmp_path, SeriesInstanceUID="1.2.3"), instances=(("1.2", "1.2.4"),))

    picture = secondary_capture_dataset(
        PICTURE, stress, replace(REPORT, other_sources=(rest,)), stamp()
    )

    assert [each.SeriesInstanceUID for each in picture.ReferencedSeriesSequence] == [
        stress.dataset.SeriesInstanceUID, "1.2.3",
    ]  # fmt: skip
    assert "StudiesContainingOtherReferencedInstancesSequence" not in picture


@each_writer
def test_a_study_of_no_known_instances_is_referred_to_by_nothing(
    write: Write, tmp_path: Path
) -> None:
    write(tmp_path / "report.dcm", SourceHeader(), REPORT)

    written = pydicom.dcmread(tmp_path / "report.dcm")
    for keyword in ("SourceImageSequence", "SourceInstanceSequence", "ReferencedSeriesSequence"):
        assert keyword not in written


@each_writer
def test_the_flag_and_its_reasons_are_told(write: Write, tmp_path: Path) -> None:
    document = replace(REPORT, quality_flag="review", reasons=("axis ≥ 5°", "few counts"))

    write(tmp_path / "report.dcm", header_from("nm", tmp_path), document)

    written = pydicom.dcmread(tmp_path / "report.dcm")
    told = written.ContributingEquipmentSequence[-1].ContributionDescription
    assert written.SeriesDescription == "REVIEW ShortAxis report"
    assert "Quality flag REVIEW: axis ? 5?; few counts. " in told


@each_writer
def test_endless_reasons_leave_room_for_the_notice(write: Write, tmp_path: Path) -> None:
    document = replace(REPORT, quality_flag="review", reasons=("few counts",) * 500)

    write(tmp_path / "report.dcm", SourceHeader(), document)

    written = pydicom.dcmread(tmp_path / "report.dcm")
    told = written.ContributingEquipmentSequence[-1].ContributionDescription
    assert len(told) == 1024
    assert told.endswith(NOTICE)


@each_writer
def test_nothing_but_the_patients_own_attributes_names_the_patient(
    write: Write, tmp_path: Path
) -> None:
    header = nm_header(
        tmp_path, PatientName="Hartmann^Greta", SeriesDescription="Hartmann STRESS",
        ProtocolName="Rest", InstitutionName="Clinic",
    )  # fmt: skip

    write(tmp_path / "report.dcm", header, REPORT)

    assert {path.name for path in tmp_path.iterdir()} == {"report.dcm", "source.dcm"}
    named = [
        element.keyword
        for element in pydicom.dcmread(tmp_path / "report.dcm").iterall()
        if "hartmann" in str(element.value).casefold() and element.VR != "SQ"
    ]
    assert named == ["PatientName"]


@pytest.mark.parametrize("write", [write_picture, write_pdf])
@pytest.mark.parametrize("says", ["YES", "NO", None])
def test_burned_in_annotation_is_that_of_the_sources_or_none(
    write: Write, says: str | None, tmp_path: Path
) -> None:
    attributes = {} if says is None else {"BurnedInAnnotation": says}
    rest = nm_header(tmp_path, **attributes)

    write(
        tmp_path / "report.dcm",
        header_from("nm", tmp_path),
        replace(REPORT, other_sources=(rest,)),
    )

    expected = "YES" if says == "YES" else "NO"
    assert pydicom.dcmread(tmp_path / "report.dcm").BurnedInAnnotation == expected


def test_pictures_of_lossy_counts_are_lossy(tmp_path: Path) -> None:
    lossy = nm_header(
        tmp_path, LossyImageCompression="01", LossyImageCompressionRatio="10",
        LossyImageCompressionMethod="ISO_10918_1",
    )  # fmt: skip
    plain = header_from("nm", tmp_path)

    told = [
        secondary_capture_dataset(
            PICTURE, plain, replace(REPORT, other_sources=others), stamp()
        ).LossyImageCompression
        for others in ((), (lossy,))
    ]

    assert told == ["00", "01"]


def test_times_are_in_the_zone_of_the_source(tmp_path: Path) -> None:
    header = nm_header(tmp_path, TimezoneOffsetFromUTC="-0330")
    noon = replace(stamp(), now=datetime(2024, 5, 1, 12, 0, tzinfo=UTC))

    picture = secondary_capture_dataset(PICTURE, header, REPORT, noon)
    pdf = encapsulated_pdf_dataset(PDF, header, REPORT, noon)
    measured = measurement_report_dataset(MEASURED, header, REPORT, noon)

    for dataset in (picture, pdf, measured):
        assert dataset.TimezoneOffsetFromUTC == "-0330"
        assert (dataset.ContentDate, dataset.ContentTime) == ("20240501", "083000")


def test_the_pdf_tells_when_the_first_of_its_sources_was_acquired(tmp_path: Path) -> None:
    rest = nm_header(tmp_path, AcquisitionDate="20240101", AcquisitionTime="080000.5")
    stress = nm_header(tmp_path, AcquisitionDate="20240102", AcquisitionTime="093000")
    document = replace(REPORT, other_sources=(rest,))

    told = encapsulated_pdf_dataset(PDF, stress, document, stamp()).AcquisitionDateTime

    assert told == "20240101080000.5"
    assert (
        encapsulated_pdf_dataset(PDF, SourceHeader(), REPORT, stamp()).AcquisitionDateTime is None
    )


def test_what_is_only_referred_to_says_nothing_of_times_and_pixels(tmp_path: Path) -> None:
    earlier = nm_header(
        tmp_path, AcquisitionDate="20200103", AcquisitionTime="080000", BurnedInAnnotation="YES",
        LossyImageCompression="01", LossyImageCompressionRatio="10",
        LossyImageCompressionMethod="ISO_10918_1", StudyDate="20200103", SeriesDate="20200103",
    )  # fmt: skip
    earlier = replace(earlier, instances=(("1.2", "1.2.4"),))
    present = header_from("nm", tmp_path)
    document = replace(REPORT, referenced=(earlier,))

    picture = secondary_capture_dataset(PICTURE, present, document, stamp())
    pdf = encapsulated_pdf_dataset(PDF, present, document, stamp())

    assert references(picture, "SourceImageSequence") == [*present.instances, ("1.2", "1.2.4")]
    assert references(pdf, "SourceInstanceSequence") == [*present.instances, ("1.2", "1.2.4")]
    assert picture.LossyImageCompression == "00"
    for dataset in (picture, pdf):
        assert dataset.BurnedInAnnotation == "NO"
        assert not [each for each in dataset.iterall() if "20200103" in str(each.value)]


@each_writer
def test_bytes_of_a_name_that_does_not_fit_its_character_set_are_kept(
    write: Write, tmp_path: Path
) -> None:
    source = build_nm(a_volume())
    source.SpecificCharacterSet, source.PatientName = "ISO_IR 192", "Mxller^Jxrg"
    path = save_object(source, tmp_path / "source.dcm")
    path.write_bytes(path.read_bytes().replace(b"Mxller^Jxrg", b"M\xfcller^J\xf6rg"))

    write(tmp_path / "report.dcm", header_of(path), REPORT)

    assert b"M\xfcller^J\xf6rg" in (tmp_path / "report.dcm").read_bytes()


@each_writer
def test_headers_that_break_rules_give_documents_that_do_not(write: Write, tmp_path: Path) -> None:
    source = build_nm(a_volume())
    with quiet_pydicom():
        source.add_new("StudyDate", "DA", "2023.01.02")
        source.add_new("PatientWeight", "LO", "85,3")
        source.PatientIdentityRemoved = "YES"
        source.ContributingEquipmentSequence = [Dataset()]
    header = header_of(save_object(source, tmp_path / "source.dcm"))

    write(tmp_path / "report.dcm", header, REPORT)

    written = pydicom.dcmread(tmp_path / "report.dcm")
    assert written.StudyDate == "20230102"
    assert "PatientWeight" not in written
    assert written.DeidentificationMethod == "Not recorded in the source"


@each_writer
def test_nothing_is_left_where_writing_fails(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(path: Path, *_: object, **__: object) -> None:
        Path(path).write_bytes(b"half a file")
        raise OSError("no space left on device")

    monkeypatch.setattr("shortaxis.dicom.elements.part10.dcmwrite", fails)

    with pytest.raises(OSError, match="no space left"):
        write(tmp_path / "report.dcm", SourceHeader(), REPORT)

    assert list(tmp_path.iterdir()) == []


@each_writer
def test_an_earlier_file_stays_where_writing_fails_and_is_replaced_where_not(
    write: Write, tmp_path: Path
) -> None:
    path = tmp_path / "report.dcm"
    path.write_bytes(b"earlier")

    with pytest.raises(OSError, match="No such file"):
        write(tmp_path / "missing" / "report.dcm", SourceHeader(), REPORT)
    assert path.read_bytes() == b"earlier"

    write(path, SourceHeader(), REPORT)
    assert pydicom.dcmread(path).SeriesDescription == "ShortAxis report"


@each_writer
def test_a_document_beside_the_study_is_skipped_when_the_folder_is_read(
    write: Write, demo_study_path: Path, tmp_path: Path
) -> None:
    shutil.copy(demo_study_path, tmp_path / "study.dcm")
    write(tmp_path / "report.dcm", header_of(demo_study_path), REPORT)

    found = find_studies(tmp_path)

    assert len(found.studies) == 1
    assert [each.path.name for each in found.skipped] == ["report.dcm"]


@each_writer
def test_the_source_is_not_changed(write: Write, demo_study_path: Path, tmp_path: Path) -> None:
    header = header_of(demo_study_path)
    before = str(header.dataset)

    write(tmp_path / "report.dcm", header, REPORT)

    assert str(header.dataset) == before
