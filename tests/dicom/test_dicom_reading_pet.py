"""PET series: one file a slice, sorted by where the slices lie."""

from __future__ import annotations

import random

import numpy as np
import pytest
import SimpleITK as sitk
from pydicom import Dataset
from scipy.spatial.transform import Rotation

from counts_oracle import counts_on
from nm_object import build_pet_slices, save_object, stored_on_the_gantry
from shortaxis.dicom.elements.attributes import label
from shortaxis.dicom.reading.finding.scan import scan_dicom
from shortaxis.dicom.reading.study import read_dicom_study
from shortaxis.errors import (
    AlreadyReorientedError,
    CountsError,
    GeometryError,
    InputNotFoundError,
    UnsupportedObjectError,
)
from shortaxis.spect.study import Modality
from shortaxis.spect.volume import SpectVolume

N_SLICES = 12


@pytest.fixture(scope="module")
def volume() -> SpectVolume:
    generator = np.random.default_rng(2)
    affine = np.eye(4)
    axes = np.array([(0, 0, 6.0), (0, 7.0, 0), (6.5, 0, 0)]).T
    affine[:3, :3] = Rotation.from_euler("xyz", (20, -10, 5), degrees=True).as_matrix() @ axes
    affine[:3, 3] = (-61.5, -80.25, 33)
    # Levels differ between slices, so that every slice has another Rescale Slope.
    levels = generator.uniform(10, 30000, (N_SLICES, 1, 1))
    return SpectVolume(generator.uniform(0, 1, (N_SLICES, 14, 11)) * levels, affine)


@pytest.fixture(scope="module")
def gates(volume) -> np.ndarray:
    return np.stack([volume.counts * (1 + slot) / 10 for slot in range(4)])


def write_all(slices: list[Dataset], folder) -> list:
    return [save_object(each, folder / f"{n:03}.dcm") for n, each in enumerate(slices)]


@pytest.mark.parametrize("position", ["HFS", "FFS", "HFP", "FFP"])
def test_slices_in_any_file_order_read_to_where_they_lie(volume, read_back, position):
    turned, _ = stored_on_the_gantry(volume, position)
    slices = build_pet_slices(turned, patient_position=position)
    random.Random(1).shuffle(slices)

    study = read_back(slices).study

    assert study.facts.modality is Modality.PET
    assert study.facts.tracer.startswith("Rubidium")
    assert study.facts.units == "{counts}"
    assert len(study.facts.sop_instance_uids) == N_SLICES
    expected = volume.counts
    np.testing.assert_allclose(counts_on(volume.grid, study.volume), expected, rtol=1e-3, atol=1)


def test_geometry_and_counts_agree_with_itk(volume, tmp_path):
    paths = write_all(build_pet_slices(volume), tmp_path)
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(tmp_path)))
    image = reader.Execute()

    entry = scan_dicom(tmp_path).entries[0]
    from shortaxis.dicom.reading.study import read_dicom_study

    read = read_dicom_study(entry).study.volume
    itk_affine = np.eye(4)
    directions = np.array(image.GetDirection()).reshape(3, 3)
    itk_affine[:3, :3] = (directions * image.GetSpacing())[:, ::-1]
    itk_affine[:3, 3] = image.GetOrigin()
    by_itk = SpectVolume(sitk.GetArrayFromImage(image), itk_affine)
    assert len(paths) == entry.n_slices == N_SLICES
    np.testing.assert_allclose(counts_on(by_itk.grid, read), by_itk.counts, rtol=1e-5)


def test_every_slice_has_its_own_slope(volume):
    slopes = {float(each.RescaleSlope) for each in build_pet_slices(volume)}

    assert len(slopes) == N_SLICES


def test_gated_slices_find_their_time_slots(volume, gates, read_back):
    slices = build_pet_slices(volume, gates=gates)
    random.Random(2).shuffle(slices)

    study = read_back(slices).study

    for gate, expected in zip(study.gate_volumes(), gates, strict=True):
        np.testing.assert_allclose(counts_on(volume.grid, gate), expected, rtol=1e-3, atol=0.5)
    np.testing.assert_allclose(study.volume.counts, study.gates.sum(axis=0), rtol=1e-5)


@pytest.mark.parametrize("keyword", ["ImageIndex", "TriggerTime"])
def test_either_way_to_tell_time_slots_is_enough(volume, gates, read_back, keyword):
    slices = build_pet_slices(volume, gates=gates)
    for each in slices:
        delattr(each, keyword)

    study = read_back(slices).study

    np.testing.assert_allclose(
        counts_on(volume.grid, study.gate_volumes()[3]), gates[3], rtol=1e-3, atol=0.5
    )


def test_rr_intervals_of_a_gated_series_are_summed(volume, gates, read_back):
    first = build_pet_slices(volume, gates=gates)
    second = build_pet_slices(volume, gates=gates, seed="second interval")
    for number, (one, other) in enumerate(zip(first, second, strict=True), start=1):
        other.SeriesInstanceUID = one.SeriesInstanceUID
        other.StudyInstanceUID = one.StudyInstanceUID
        other.FrameOfReferenceUID = one.FrameOfReferenceUID
        other.ImageIndex = len(first) + number
        one.NumberOfRRIntervals = other.NumberOfRRIntervals = 2

    study = read_back(first + second).study

    np.testing.assert_allclose(study.gates[1], 2 * gates[1], rtol=1e-3, atol=1)


def drop_from_the_middle(slices):
    del slices[5]


def drop_from_the_middle_silently(slices):
    del slices[5]
    for each in slices:
        del each.NumberOfSlices, each.ImageIndex


def drop_from_the_end(slices):
    del slices[-1]


def double_one(slices):
    slices[4].ImagePositionPatient = slices[5].ImagePositionPatient
    for each in slices:
        each.NumberOfSlices = N_SLICES - 1


def turn_one(slices):
    slices[3].ImageOrientationPatient = [1, 0, 0, 0, 1, 0]


def resize_one(slices):
    slices[3].Rows = 7


def rescale_one(slices):
    slices[3].PixelSpacing = [5, 5]


def lose_a_position(slices):
    del slices[3].ImagePositionPatient


def shear(slices):
    for number, each in enumerate(slices):
        across = np.array(each.ImageOrientationPatient[:3]) * number
        each.ImagePositionPatient = list(np.round(np.array(each.ImagePositionPatient) + across, 6))


@pytest.mark.parametrize(("change", "named"), [
    (drop_from_the_middle, "NumberOfSlices (0054,0081)"),
    (drop_from_the_middle_silently, "is unevenly spaced"),
    (drop_from_the_end, "NumberOfSlices (0054,0081)"),
    (double_one, "ImagePositionPatient (0020,0032) is the same in several slices"),
    (turn_one, "ImageOrientationPatient (0020,0037) differs"),
    (resize_one, "Rows (0028,0010) differs"),
    (rescale_one, "PixelSpacing (0028,0030) differs"),
    (lose_a_position, "ImagePositionPatient (0020,0032) is missing"),
    (shear, "moves sideways"),
])  # fmt: skip
def test_a_broken_stack_is_refused_with_its_reason(volume, tmp_path, change, named):
    slices = build_pet_slices(volume)
    change(slices)
    write_all(slices, tmp_path)

    with pytest.raises(GeometryError) as caught:
        scan_dicom(tmp_path, series_uid=slices[0].SeriesInstanceUID)

    assert named in str(caught.value)
    with pytest.raises(GeometryError) as alone:
        scan_dicom(tmp_path)
    assert str(alone.value) == str(caught.value)


def test_a_broken_stack_among_other_files_is_listed_with_its_reason(volume, tmp_path):
    write_all(build_pet_slices(volume)[:-1], tmp_path)
    (tmp_path / "notes.txt").write_text("x")

    with pytest.raises(InputNotFoundError) as listed:
        scan_dicom(tmp_path)

    assert "NumberOfSlices (0054,0081) contradicts the files" in str(listed.value)


def test_a_missing_slice_of_the_only_series_tells_its_cause(volume, tmp_path):
    paths = write_all(build_pet_slices(volume)[1:], tmp_path)
    (tmp_path / "copy.dcm").write_bytes(paths[3].read_bytes())

    with pytest.raises(GeometryError, match="files of the series are missing") as caught:
        scan_dicom(tmp_path)

    assert caught.value.expected == f"{N_SLICES} slices"


def test_a_reoriented_series_alone_tells_how_to_force_it(volume, tmp_path):
    slices = build_pet_slices(volume, series_description="CARDIAC SAX")
    write_all(slices, tmp_path)

    with pytest.raises(AlreadyReorientedError, match="force the input"):
        scan_dicom(tmp_path)


OF_ONE_SERIES = {
    "PatientID": "OTHER-7",
    "IssuerOfPatientID": "OTHER-7",
    "StudyInstanceUID": "1.2.7",
    "FrameOfReferenceUID": "1.2.7",
    "Units": "BQML",
    "SeriesType": ["STATIC", "REPROJECTION"],
}


@pytest.mark.parametrize("keyword", OF_ONE_SERIES)
def test_slices_of_two_patients_studies_or_units_are_never_one_volume(volume, tmp_path, keyword):
    slices = build_pet_slices(volume)
    for each in slices[6:]:
        setattr(each, keyword, OF_ONE_SERIES[keyword])
    if keyword == "SeriesType":  # a reprojection is refused by itself
        slices[6:] = [slices[6]]
        slices[6].SeriesType = ["STATIC", "IMAGE", "X"]
    write_all(slices, tmp_path)

    with pytest.raises(GeometryError) as caught:
        scan_dicom(tmp_path)

    assert f"{label(keyword)} differs between slices of one series" in str(caught.value)
    assert "1.2.7" not in str(caught.value)
    assert "OTHER-7" not in str(caught.value)


@pytest.mark.parametrize("keyword", ["RescaleSlope"])
@pytest.mark.parametrize("slices_without", [1, N_SLICES])
def test_a_slice_without_its_scale_is_refused(volume, tmp_path, keyword, slices_without):
    slices = build_pet_slices(volume)
    for each in slices[:slices_without]:
        setattr(each, keyword, None)
    write_all(slices, tmp_path)

    with pytest.raises(CountsError) as caught:
        scan_dicom(tmp_path)

    assert f"{label(keyword)} is missing" in str(caught.value)
    assert f"{slices_without} of {N_SLICES} slices" in str(caught.value)


def every_second(volume: SpectVolume) -> list[Dataset]:
    slices = build_pet_slices(SpectVolume(np.tile(volume.counts, (2, 1, 1)),
                                          volume.patient_from_index))[::2]  # fmt: skip
    for each in slices:
        del each.NumberOfSlices
    return slices


def test_every_second_slice_missing_is_told_by_the_image_index(volume, tmp_path):
    slices = every_second(volume)
    for each in slices:
        del each.SliceThickness
    write_all(slices, tmp_path)

    with pytest.raises(GeometryError, match=r"ImageIndex \(0054,1330\) has gaps") as caught:
        scan_dicom(tmp_path)

    assert caught.value.cause == "files of the series are missing"


def test_every_second_slice_missing_is_told_by_the_slice_thickness(volume, tmp_path):
    slices = every_second(volume)
    for each in slices:
        del each.ImageIndex
    write_all(slices, tmp_path)

    with pytest.raises(GeometryError, match=r"SliceThickness \(0018,0050\) contradicts"):
        scan_dicom(tmp_path)


@pytest.mark.parametrize("thickness", [3.0, 9.0, 12.0, None])
def test_thin_or_overlapping_slices_without_their_number_are_read(volume, read_back, thickness):
    slices = build_pet_slices(volume)
    for number, each in enumerate(slices):
        each.SliceThickness = thickness and thickness * 1.5
        each.ImageIndex = 100 - number
        del each.NumberOfSlices

    assert read_back(slices).study.volume.shape == volume.shape


def lose_a_gate_image(slices):
    del slices[17]


def contradict_the_index(slices):
    slices[0].ImageIndex, slices[20].ImageIndex = slices[20].ImageIndex, slices[0].ImageIndex


def lose_both(slices):
    for each in slices:
        del each.ImageIndex, each.TriggerTime


def claim_more_slots(slices):
    for each in slices:
        each.NumberOfTimeSlots = 8


@pytest.mark.parametrize(("change", "named"), [
    (lose_a_gate_image, "missing or doubled in some time slots"),
])  # fmt: skip
def test_broken_gating_is_refused_with_its_reason(volume, gates, tmp_path, change, named):
    slices = build_pet_slices(volume, gates=gates)
    change(slices)
    write_all(slices, tmp_path)

    with pytest.raises(GeometryError) as caught:
        scan_dicom(tmp_path, series_uid=slices[0].SeriesInstanceUID)

    assert named in str(caught.value)


@pytest.mark.parametrize("change", [contradict_the_index, lose_both, claim_more_slots])
def test_slots_in_doubt_are_summed_and_never_written_as_gates(volume, gates, tmp_path, change):
    slices = build_pet_slices(volume, gates=gates)
    change(slices)
    write_all(slices, tmp_path)
    (entry,) = scan_dicom(tmp_path).entries

    study = read_dicom_study(entry).study

    assert study.gates is None
    np.testing.assert_allclose(
        counts_on(volume.grid, study.volume), gates.sum(axis=0), atol=0.02 * gates.sum(axis=0).max()
    )
    assert any("order of the time slots is in doubt" in note.text for note in study.notes)
    assert all(note.is_doubtful for note in study.notes)


@pytest.mark.parametrize("slices_without", [1, N_SLICES])
def test_an_absent_intercept_is_the_zero_that_it_must_be(volume, tmp_path, slices_without):
    slices = build_pet_slices(volume)
    for each in slices[:slices_without]:
        each.RescaleIntercept = None
    write_all(slices, tmp_path)
    (entry,) = scan_dicom(tmp_path).entries

    study = read_dicom_study(entry).study

    np.testing.assert_allclose(
        counts_on(volume.grid, study.volume), volume.counts, atol=0.02 * volume.counts.max()
    )
    assert [note.is_doubtful for note in study.notes] == [False]


def test_a_static_series_holding_gates_is_refused(volume, gates, tmp_path):
    slices = build_pet_slices(volume, gates=gates)
    for each in slices:
        each.SeriesType = ["STATIC", "IMAGE"]
    write_all(slices, tmp_path)

    with pytest.raises(GeometryError, match="the same in several slices"):
        scan_dicom(tmp_path)


@pytest.mark.parametrize(("series_type", "named"), [
    (["DYNAMIC", "IMAGE"], "dynamic"),
    (["WHOLE BODY", "IMAGE"], "whole-body"),
    (["STATIC", "REPROJECTION"], "reprojection"),
])  # fmt: skip
def test_other_series_types_are_refused(volume, tmp_path, series_type, named):
    one = build_pet_slices(volume)[0]
    one.SeriesType = series_type

    with pytest.raises(UnsupportedObjectError, match=named):
        scan_dicom(save_object(one, tmp_path / "one.dcm"))


def test_one_slice_asks_for_its_folder(volume, tmp_path):
    path = save_object(build_pet_slices(volume)[0], tmp_path / "one.dcm")

    with pytest.raises(UnsupportedObjectError, match="one slice of a PET series"):
        scan_dicom(path)


def test_slices_rounded_to_a_hundredth_of_a_millimetre_still_stack(volume, read_back):
    slices = build_pet_slices(volume)
    for each in slices:
        each.ImagePositionPatient = [round(float(v), 2) for v in each.ImagePositionPatient]

    read = read_back(slices).study.volume

    np.testing.assert_allclose(read.patient_from_index, volume.patient_from_index, atol=0.02)
