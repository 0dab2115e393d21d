"""What is refused, and whether the error says why."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom import Dataset
from pydicom.encaps import encapsulate
from pydicom.pixels.decoders import JPEGLSLosslessDecoder
from pydicom.uid import JPEGLSLossless

from counts_oracle import counts_on
from nm_object import build_nm, build_pet_slices, save_object
from shortaxis.dicom.carried.stated.view_vocabulary import CARDIAC_VIEW_PHRASES, CARDIAC_VIEW_WORDS
from shortaxis.dicom.elements.attributes import label
from shortaxis.dicom.elements.vocabulary import (
    CARDIAC_PROGRESSIONS,
    CARDIAC_VIEW_CODES,
    FRAME_VECTORS,
    NM_REFUSED,
)
from shortaxis.dicom.reading.finding.scan import scan_dicom
from shortaxis.dicom.reading.study import read_dicom_study
from shortaxis.errors import (
    AlreadyReorientedError,
    CountsError,
    GeometryError,
    ShortAxisError,
    UnreadableFileError,
    UnsupportedObjectError,
)
from shortaxis.spect.checks import check_counts_can_hold_a_heart
from shortaxis.spect.reading_options import RawProjections, ReadingOptions
from shortaxis.spect.volume import SpectVolume

AFFINE = np.array([(0, 0, 6.4, -70), (0, 6.4, 0, -80), (6.4, 0, 0, 30), (0, 0, 0, 1.0)])
N_SLICES = 12


def make_volume(counts=None) -> SpectVolume:
    if counts is None:
        counts = np.random.default_rng(1).integers(0, 300, (N_SLICES, 20, 22))
    return SpectVolume(counts, AFFINE)


def make_gates() -> np.ndarray:
    return np.stack([make_volume().counts] * 4)


def detector(dataset: Dataset) -> Dataset:
    return dataset.DetectorInformationSequence[0]


def setting(**values):
    def change(dataset: Dataset) -> None:
        for keyword, value in values.items():
            setattr(dataset, keyword, value)

    return change


def dropping(*keywords: str):
    def change(dataset: Dataset) -> None:
        for keyword in keywords:
            delattr(dataset, keyword)

    return change


def in_detector(change):
    return lambda dataset: change(detector(dataset))


def no_detectors(dataset: Dataset) -> None:
    dataset.DetectorInformationSequence = []


def second_detector_elsewhere(dataset: Dataset) -> None:
    dataset.DetectorInformationSequence[1].ImagePositionPatient = [0, 0, 0]


def second_detector_turned(dataset: Dataset) -> None:
    dataset.DetectorInformationSequence[1].ImageOrientationPatient = [0, 1, 0, 1, 0, 0]


def top_level_elsewhere(dataset: Dataset) -> None:
    dataset.ImagePositionPatient = [1, 2, 3]
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]


def top_level_turned(dataset: Dataset) -> None:
    dataset.ImageOrientationPatient = [0, 1, 0, 1, 0, 0]


def position_below_orientation_above(dataset: Dataset) -> None:
    dataset.ImageOrientationPatient = detector(dataset).ImageOrientationPatient
    del detector(dataset).ImageOrientationPatient


IPP, IOP = "ImagePositionPatient (0020,0032)", "ImageOrientationPatient (0020,0037)"
SPACING = "SpacingBetweenSlices (0018,0088)"

BROKEN_GEOMETRY = [
    (in_detector(dropping("ImagePositionPatient")), IPP),
    (in_detector(dropping("ImageOrientationPatient")), IOP),
    (in_detector(dropping("ImagePositionPatient", "ImageOrientationPatient")), IPP),
    (no_detectors, IPP),
    (in_detector(setting(ImagePositionPatient=None)), IPP),
    (in_detector(setting(ImagePositionPatient=[1, 2])), IPP),
    (in_detector(setting(ImageOrientationPatient=[1, 0, 0, 1, 0, 0])), IOP),
    (in_detector(setting(ImageOrientationPatient=[1, 0, 0, 0.1, 1, 0])), IOP),
    (in_detector(setting(ImageOrientationPatient=[0, 0, 0, 0, 0, 0])), IOP),
    (in_detector(setting(ImageOrientationPatient=[2, 0, 0, 0, 1, 0])), IOP),
    (second_detector_elsewhere, IPP),
    (second_detector_turned, IOP),
    (top_level_elsewhere, IPP),
    (top_level_turned, IOP),
    (position_below_orientation_above, IOP),
    (dropping("SpacingBetweenSlices"), SPACING),
    (setting(SpacingBetweenSlices=None), SPACING),
    (setting(SpacingBetweenSlices="0"), SPACING),
    (dropping("PixelSpacing"), "PixelSpacing (0028,0030)"),
    (setting(PixelSpacing=[6.4, 0]), "PixelSpacing (0028,0030)"),
    (setting(PixelSpacing=[-6.4, 6.4]), "PixelSpacing (0028,0030)"),
    (setting(PixelSpacing=[6.4]), "PixelSpacing (0028,0030)"),
    (dropping("Rows"), "Rows (0028,0010)"),
    (setting(Columns=0), "Columns (0028,0011)"),
    (dropping("NumberOfFrames"), "NumberOfFrames (0028,0008)"),
    (setting(NumberOfFrames=0), "NumberOfFrames (0028,0008)"),
    (setting(NumberOfFrames=10**9), "NumberOfFrames (0028,0008)"),
    (setting(NumberOfFrames=11), "SliceVector (0054,0080)"),
    (setting(FrameIncrementPointer=[0x00540050]), "RotationVector (0054,0050)"),
    (setting(FrameIncrementPointer=[0x00181063]), "FrameIncrementPointer (0028,0009)"),
    (dropping("SliceVector"), "SliceVector (0054,0080)"),
    (setting(SliceVector=[1] * N_SLICES), "SliceVector (0054,0080)"),
    (setting(SliceVector=[1, 1, *range(3, N_SLICES + 1)]), "SliceVector (0054,0080)"),
    (setting(SliceVector=list(range(N_SLICES))), "SliceVector (0054,0080)"),
    (setting(SliceVector=list(range(2, N_SLICES + 2))), "SliceVector (0054,0080)"),
    (setting(SliceVector=list(range(N_SLICES, 0, -1))), "SliceVector (0054,0080)"),
    (setting(NumberOfSlices=N_SLICES - 1), "NumberOfSlices (0054,0081)"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "named"), BROKEN_GEOMETRY)
def test_broken_geometry_names_the_attribute(tmp_path, change, named):
    written = build_nm(make_volume(), number_of_detectors=2)
    if change not in (second_detector_elsewhere, second_detector_turned):
        del written.DetectorInformationSequence[1]
    change(written)
    path = save_object(written, tmp_path / "broken.dcm")

    with pytest.raises(GeometryError) as caught:
        scan_dicom(path)

    assert named in str(caught.value)
    assert caught.value.path == str(path)
    assert caught.value.expected
    assert caught.value.found


@pytest.mark.parametrize(("change", "named"), [
    (setting(FrameIncrementPointer=[0x00540080]), "TimeSlotVector (0054,0070)"),
    (dropping("TimeSlotVector"), "TimeSlotVector (0054,0070)"),
])  # fmt: skip
def test_broken_gating_names_the_attribute(tmp_path, change, named):
    written = build_nm(make_volume(), gates=make_gates())
    change(written)

    with pytest.raises(GeometryError) as caught:
        scan_dicom(save_object(written, tmp_path / "gated.dcm"))

    assert named in str(caught.value)


@pytest.mark.parametrize("change", [
    setting(TimeSlotVector=[1] * 4 * N_SLICES),
    setting(NumberOfRRIntervals=2),
    setting(NumberOfTimeSlots=3),
])  # fmt: skip
def test_time_slots_in_doubt_are_summed_and_never_written_as_gates(tmp_path, change):
    written = build_nm(make_volume(), gates=make_gates())
    change(written)
    (entry,) = scan_dicom(save_object(written, tmp_path / "gated.dcm")).entries

    study = read_dicom_study(entry).study

    assert (entry.n_time_slots, study.gates) == (1, None)
    assert study.volume.counts.sum() == pytest.approx(make_gates().sum(), rel=1e-3)
    assert any(n.is_doubtful and "time slots is in doubt" in n.text for n in study.notes)


def test_time_slots_that_every_vector_tells_are_read_whatever_image_type_says(tmp_path):
    written = build_nm(make_volume(), gates=make_gates())
    written.ImageType = ["ORIGINAL", "PRIMARY", "RECON TOMO", "EMISSION"]
    (entry,) = scan_dicom(save_object(written, tmp_path / "gated.dcm")).entries

    study = read_dicom_study(entry).study

    assert study.is_gated
    assert len(study.gate_volumes()) == len(make_gates())


@pytest.mark.parametrize(("change", "said"), [
    (dropping("FrameIncrementPointer"), "FrameIncrementPointer (0028,0009) is missing"),
    (dropping("FrameIncrementPointer", "SliceVector"), "SliceVector (0054,0080) is missing"),
    (setting(NumberOfSlices=N_SLICES + 30), "NumberOfSlices (0054,0081) counts"),
])  # fmt: skip
def test_what_can_only_be_slices_is_read_and_flagged(tmp_path, change, said):
    written = build_nm(make_volume())
    change(written)
    (entry,) = scan_dicom(save_object(written, tmp_path / "short.dcm")).entries

    study = read_dicom_study(entry).study

    assert counts_on(make_volume().grid, study.volume) == pytest.approx(
        make_volume().counts, abs=0.51
    )
    assert [said in note.text and note.is_doubtful for note in study.notes] == [True]


@pytest.mark.parametrize("keyword", ["EnergyWindowVector", "DetectorVector", "AngularViewVector"])
def test_several_energy_windows_or_detectors_in_one_object_are_refused(tmp_path, keyword):
    written = build_nm(make_volume())
    setattr(written, keyword, [1] * 6 + [2] * 6)
    tag = written[keyword].tag
    written.FrameIncrementPointer = [tag, 0x00540080]

    with pytest.raises(GeometryError, match="has several values") as caught:
        scan_dicom(save_object(written, tmp_path / "windows.dcm"))

    assert keyword in str(caught.value)


@pytest.mark.parametrize("keyword", sorted({*FRAME_VECTORS.values()} - {"SliceVector"}))
def test_a_vector_that_nothing_points_to_may_not_contradict_the_frames(tmp_path, keyword):
    written = build_nm(make_volume())
    setattr(written, keyword, [1] * 6 + [2] * 6)
    if keyword == "TimeSlotVector":
        written.NumberOfTimeSlots = 2

    with pytest.raises(GeometryError, match="has several values") as caught:
        scan_dicom(save_object(written, tmp_path / "hidden.dcm"))

    assert label(keyword) in str(caught.value)


def test_an_interval_vector_of_a_gated_study_must_be_pointed_to(tmp_path):
    written = build_nm(make_volume(), gates=make_gates(), number_of_rr_intervals=2)
    written.FrameIncrementPointer = [0x00540070, 0x00540080]

    with pytest.raises(GeometryError, match=r"RRIntervalVector \(0054,0060\) has several values"):
        scan_dicom(save_object(written, tmp_path / "hidden.dcm"))


def read_one(path):
    return read_dicom_study(scan_dicom(path).entries[0])


def test_a_frame_count_that_does_not_fit_the_pixels_is_contradictory(tmp_path):
    written = build_nm(make_volume())
    written.PixelData = written.PixelData[: -2 * 20 * 22]

    with pytest.raises(GeometryError, match="PixelData"):
        read_one(save_object(written, tmp_path / "short.dcm"))


def test_a_file_cut_short_says_it_is_truncated(tmp_path):
    path = save_object(build_nm(make_volume()), tmp_path / "cut.dcm")
    path.write_bytes(path.read_bytes()[:-500])

    with pytest.raises(UnreadableFileError, match="truncated") as caught:
        read_one(path)

    assert caught.value.path == str(path)


def test_a_file_cut_before_its_pixels_says_what_is_missing(tmp_path):
    path = save_object(build_nm(make_volume()), tmp_path / "cut.dcm")
    path.write_bytes(path.read_bytes()[: -2 * N_SLICES * 20 * 22 - 12])

    with pytest.raises(UnreadableFileError, match="is truncated"):
        read_one(path)


@pytest.mark.parametrize("content", [b"", b"hello", b"\0" * 128 + b"DICM", b"\0" * 4000])
def test_what_is_not_dicom_is_unreadable(tmp_path, content):
    path = tmp_path / "other.dcm"
    path.write_bytes(content)

    with pytest.raises(UnreadableFileError) as caught:
        scan_dicom(path)

    assert caught.value.path == str(path)


def save_with_damaged_jpeg(path):
    written = build_nm(make_volume())
    written.file_meta.TransferSyntaxUID = JPEGLSLossless
    written.PixelData = encapsulate([b"\xff\xd8\xff\xd9"] * N_SLICES)
    written["PixelData"].is_undefined_length = True
    return save_object(written, path)


def test_a_compression_without_decoder_names_the_package(tmp_path, monkeypatch):
    path = save_with_damaged_jpeg(tmp_path / "jpegls.dcm")
    monkeypatch.setattr(JPEGLSLosslessDecoder, "_available", {})

    with pytest.raises(UnreadableFileError, match="JPEG-LS Lossless") as caught:
        read_one(path)

    assert 'pip install "shortaxis[codecs]"' in caught.value.cause


def test_damaged_compressed_pixels_are_named(tmp_path):
    path = save_with_damaged_jpeg(tmp_path / "jpegls.dcm")

    with pytest.raises(UnreadableFileError, match="JPEG-LS Lossless") as caught:
        read_one(path)

    assert "damaged" in caught.value.cause


@pytest.mark.parametrize(("syntax", "named"), [
    ("1.2.840.113619.5.2", "unknown or private"),
    ("1.2.840.10008.1.2.4.201", "High-Throughput JPEG 2000"),
    ("1.2.840.10008.1.2.4.102", "MPEG-4"),
])  # fmt: skip
def test_pixels_in_an_unknown_transfer_syntax_are_refused(tmp_path, syntax, named):
    path = save_object(build_nm(make_volume()), tmp_path / "private.dcm")
    dataset = pydicom.dcmread(path)
    dataset.file_meta.TransferSyntaxUID = syntax
    del dataset.PixelData
    dataset.save_as(path, implicit_vr=False, little_endian=True)

    with pytest.raises(UnsupportedObjectError) as caught:
        scan_dicom(path)

    assert named in caught.value.found


@pytest.mark.parametrize("value3", NM_REFUSED)
def test_every_other_kind_of_nm_image_is_refused_by_name(tmp_path, value3):
    written = build_nm(make_volume(), image_type=("ORIGINAL", "PRIMARY", value3, "EMISSION"))

    with pytest.raises(UnsupportedObjectError) as caught:
        scan_dicom(save_object(written, tmp_path / "other.dcm"))

    assert NM_REFUSED[value3] in str(caught.value)
    assert not isinstance(caught.value, AlreadyReorientedError)


@pytest.mark.parametrize("value3", ["TOMO", "GATED TOMO"])
def test_projections_are_refused_by_name_if_they_are_to_be(tmp_path, value3):
    written = build_nm(make_volume(), image_type=("ORIGINAL", "PRIMARY", value3, "EMISSION"))
    options = ReadingOptions(raw=RawProjections.NONE)

    with pytest.raises(UnsupportedObjectError, match="projections") as caught:
        scan_dicom(save_object(written, tmp_path / "projections.dcm"), options=options)

    assert caught.value.found == value3


@pytest.mark.parametrize("value3", ["TOMO", "GATED TOMO"])
def test_slices_that_call_themselves_projections_are_refused(tmp_path, value3):
    written = build_nm(make_volume(), image_type=("ORIGINAL", "PRIMARY", value3, "EMISSION"))

    with pytest.raises(GeometryError, match="SliceVector"):
        scan_dicom(save_object(written, tmp_path / "projections.dcm"))


@pytest.mark.parametrize("image_type", [("ORIGINAL", "PRIMARY"), (), ("A", "B", "C", "D")])
def test_an_image_type_that_says_nothing_is_refused(tmp_path, image_type):
    written = build_nm(make_volume())
    written.ImageType = list(image_type)

    with pytest.raises(UnsupportedObjectError):
        scan_dicom(save_object(written, tmp_path / "untyped.dcm"))


def test_transmission_images_are_refused(tmp_path):
    written = build_nm(
        make_volume(), image_type=("ORIGINAL", "PRIMARY", "RECON TOMO", "TRANSMISSION")
    )

    with pytest.raises(UnsupportedObjectError, match="transmission"):
        scan_dicom(save_object(written, tmp_path / "map.dcm"))


@pytest.mark.parametrize(("sop_class", "named"), [
    ("1.2.840.10008.5.1.4.1.1.2", "CT Image Storage"),
    ("1.2.840.10008.5.1.4.1.1.7", "Secondary Capture Image Storage"),
    ("1.2.840.10008.5.1.4.1.1.88.11", "Basic Text SR Storage"),
    ("1.2.840.10008.5.1.4.1.1.130", "Enhanced PET Image Storage"),
    ("1.2.840.10008.1.3.10", "index of other files"),
])  # fmt: skip
def test_other_sop_classes_are_refused_by_name(tmp_path, sop_class, named):
    written = build_nm(make_volume())
    written.SOPClassUID = sop_class

    with pytest.raises(UnsupportedObjectError) as caught:
        scan_dicom(save_object(written, tmp_path / "other.dcm"))

    assert named in str(caught.value)


def test_an_unknown_sop_class_is_refused_without_repeating_it(tmp_path):
    written = build_nm(make_volume())
    written.SOPClassUID = written.file_meta.MediaStorageSOPClassUID = "1.2.3.987654"

    with pytest.raises(UnsupportedObjectError, match="unknown class") as caught:
        scan_dicom(save_object(written, tmp_path / "other.dcm"))

    assert "987654" not in str(caught.value)


def test_colour_images_are_refused(tmp_path):
    written = build_nm(make_volume())
    written.SamplesPerPixel = 3

    with pytest.raises(UnsupportedObjectError, match="colour"):
        scan_dicom(save_object(written, tmp_path / "colour.dcm"))


def with_view_code(value: str) -> Dataset:
    written = build_nm(make_volume())
    view = Dataset()
    view.CodeValue, view.CodingSchemeDesignator, view.CodeMeaning = value, "SCT", ""
    detector(written).ViewCodeSequence = [view]
    return written


def with_progression(value: str) -> Dataset:
    written = build_nm(make_volume())
    written.SliceProgressionDirection = value
    return written


SAYS_REORIENTED = [
    *(with_view_code(value) for value in CARDIAC_VIEW_CODES),
    *(with_progression(value) for value in CARDIAC_PROGRESSIONS),
    *(build_nm(make_volume(), series_description=f"STRESS {word.upper()} 1")
      for word in CARDIAC_VIEW_WORDS),
    *(build_nm(make_volume(), series_description=f"{first}_{second}")
      for first, second in CARDIAC_VIEW_PHRASES if f"{first}{second}".isascii()),
    *(build_nm(make_volume(), image_id=name)
      for name in ("SA", "StressSA", "IRNC_SAX01", "Rest-VLA", "HLA AC", "EIXO CURTO", "s.a. SA1",
                   "STRSA", "RSTSA", "GSA", "GSAX", "SAXG", "SAGATED", "SAREST", "STRESSSAX",
                   "STRESSSA", "restSA", "GVLA", "HLAG", "StressLAX")),
    *(build_nm(make_volume(), series_description=name)
      for name in ("SH AX", "MIBI short axes", "LONG AXES", "LAX", "HORIZONTAL LONG", "VERT LONG",
                   "Reoriented", "ReorientedStress", "Petits axes", "Ejes cortos", "Kurzachsen",
                   "assi corti")),
]  # fmt: skip


@pytest.mark.parametrize("written", SAYS_REORIENTED)
def test_a_reoriented_series_is_refused_unless_forced(tmp_path, written):
    path = save_object(written, tmp_path / "reoriented.dcm")

    with pytest.raises(AlreadyReorientedError, match="axis"):
        scan_dicom(path)
    (entry,) = scan_dicom(path, options=ReadingOptions(force_input=True)).entries
    with pytest.raises(AlreadyReorientedError):
        read_dicom_study(entry)
    assert read_dicom_study(entry, ReadingOptions(force_input=True)).study.volume.shape == (
        N_SLICES,
        20,
        22,
    )


@pytest.mark.parametrize("text", ["короткая ось", "по короткой оси", "длинная ось"])
def test_cyrillic_descriptions_of_reoriented_series_are_known(tmp_path, text):
    written = build_nm(make_volume(), series_description=text)
    written.SpecificCharacterSet = "ISO_IR 144"

    with pytest.raises(AlreadyReorientedError, match="axis"):
        scan_dicom(save_object(written, tmp_path / "reoriented.dcm"))


@pytest.mark.parametrize("description", [
    "TRANSAXIAL", "Transaxials AC", "SALINE", "NSA", "SAGITTAL", "Saxony heart", "VLADIMIR",
    "SAG", "SAG AC", "SAGT", "SALA 2", "SATRANS", "LAXMI", "RELAX", "Rests", "along", "GSAT",
    "Long rest", "Restage", "Vertical", "OSEM_transaxial_S_A_C",
    "Short acquisition", "axis", "SAO PAULO transversal", "RestTransAxial",
])  # fmt: skip
def test_words_that_only_resemble_a_short_axis_do_not_refuse(read_back, description):
    written = build_nm(make_volume(), series_description=description, image_id="Recon")

    assert read_back(written).study.facts.series_description == description


@pytest.mark.parametrize("value", ["72481006", "24422004"])
def test_view_codes_of_other_planes_do_not_refuse(read_back, value):
    assert read_back(with_view_code(value)).study


@pytest.mark.parametrize(("counts", "error", "named"), [
    (np.zeros((12, 20, 22)), CountsError, "all voxels are zero"),
    (np.full((12, 20, 22), 7), CountsError, "all voxels are 7"),
    (-np.random.default_rng(1).integers(1, 9, (12, 20, 22)), CountsError, "highest voxel"),
    (np.ones((7, 20, 22)), GeometryError, "too few voxels"),
    (np.ones((12, 20, 9)), GeometryError, "too small"),
])  # fmt: skip
def test_counts_that_cannot_hold_a_heart_are_refused(tmp_path, counts, error, named):
    path = save_object(build_nm(make_volume(counts)), tmp_path / "empty.dcm")

    with pytest.raises(error) as caught:
        read_one(path)

    assert named in str(caught.value)
    assert caught.value.path == str(path)


def test_voxels_larger_than_a_ventricle_are_refused():
    volume = SpectVolume(make_volume().counts, np.diag([30.0, 6.4, 6.4, 1.0]))

    with pytest.raises(GeometryError, match="too large"):
        check_counts_can_hold_a_heart(volume)


@pytest.mark.parametrize(("slope", "error"), [
    ("0", CountsError), ("1e300", CountsError), ("nan", GeometryError), ("1e38", CountsError),
])  # fmt: skip
def test_a_rescale_that_ruins_counts_is_refused(tmp_path, slope, error):
    written = build_nm(make_volume(), rescale=(1.0, 0.0))
    path = save_object(written, tmp_path / "slope.dcm")
    content = path.read_bytes()
    at = content.index(b"\x28\x00\x53\x10DS")
    header = content[:at] + b"\x28\x00\x53\x10DS" + (8).to_bytes(2, "little")
    path.write_bytes(header + slope.ljust(8).encode() + content[at + 10 :])

    with pytest.raises(error, match="RescaleSlope"):
        read_one(path)


def test_errors_name_no_patient(tmp_path):
    written = build_nm(make_volume())
    written.PatientName, written.PatientID = "Secret^Name", "SECRET-7"
    written.SeriesDescription = "Secret^Name SA"

    with pytest.raises(AlreadyReorientedError) as caught:
        scan_dicom(save_object(written, tmp_path / "private.dcm"))

    assert "secret" not in str(caught.value.to_dict()).lower().replace(str(tmp_path).lower(), "")


@pytest.mark.parametrize("kept", [200, 1000, 5000])
def test_a_file_that_was_cut_short_is_refused_before_its_pixels_are_read(
    drawn_study_path: Path, tmp_path: Path, kept: int
) -> None:
    path = tmp_path / "short.dcm"
    path.write_bytes(drawn_study_path.read_bytes()[:kept])

    with pytest.raises(ShortAxisError) as caught:
        scan_dicom(path)

    assert caught.value.path == str(path)
    assert caught.value.expected
    assert caught.value.found
    assert caught.value.cause


@pytest.mark.parametrize(("build", "modality", "expected"), [
    (lambda: [build_nm(make_volume())], "CT", "NM"),
    (lambda: [build_nm(make_volume())], "PT", "NM"),
    (lambda: [build_nm(make_volume())], "SECRET_NAME", "NM"),
    (lambda: build_pet_slices(make_volume()), "NM", "PT"),
    (lambda: build_pet_slices(make_volume()), "CT", "PT"),
])  # fmt: skip
def test_a_modality_of_another_class_is_refused(tmp_path, build, modality, expected):
    for number, dataset in enumerate(build()):
        dataset.Modality = modality
        save_object(dataset, tmp_path / f"{number}.dcm")

    with pytest.raises(UnsupportedObjectError, match=r"Modality \(0008,0060\)") as caught:
        scan_dicom(tmp_path / "0.dcm")
    with pytest.raises(UnsupportedObjectError, match=r"Modality \(0008,0060\)"):
        scan_dicom(tmp_path)

    assert expected in caught.value.expected
    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize("force_input", [False, True])
def test_a_ct_in_an_nm_class_is_skipped_beside_a_study(tmp_path, force_input):
    stray = build_nm(make_volume(), seed="stray")
    stray.Modality = "CT"
    save_object(stray, tmp_path / "stray.dcm")
    save_object(build_nm(make_volume()), tmp_path / "study.dcm")

    inventory = scan_dicom(tmp_path, options=ReadingOptions(force_input=force_input))

    assert [entry.paths[0].name for entry in inventory.entries] == ["study.dcm"]
    (skipped,) = inventory.skipped
    assert "Modality (0008,0060)" in skipped.reason
    assert "(CT)" in skipped.reason
