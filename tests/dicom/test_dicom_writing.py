"""What derived series hold, read back from the raw header."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pydicom import Dataset
from pydicom.sr.codedict import codes

from derived_files import (
    DERIVATION,
    NOW,
    POSE,
    SOURCES,
    a_volume,
    derived,
    gates_of,
    stamp,
    write_all,
)
from geometry_strategies import poses
from nm_object import build_nm, save_object
from shortaxis.anatomy.cardiac_views import CardiacView, view_grid
from shortaxis.dicom.carried.modules.carried_attributes import CARRIED
from shortaxis.dicom.carried.source_header import SourceHeader
from shortaxis.dicom.elements.stored_counts import MAX_STORED, store_counts
from shortaxis.dicom.elements.uids import numbered_uids, random_uid
from shortaxis.dicom.elements.vocabulary import VIEW_CODES
from shortaxis.dicom.writing.derived_header import with_study_uids
from shortaxis.dicom.writing.derived_series import DerivedSeries, derived_dataset
from shortaxis.dicom.writing.repairs import REPAIRS
from shortaxis.errors import AlreadyReorientedError, GeometryError
from shortaxis.geometry.affines import apply_affine
from shortaxis.geometry.pose import RigidPose
from shortaxis.spect.reading_options import ReadingOptions
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.studies.finding import find_studies

VIEWS = list(CardiacView)


def counts_in(dataset: Dataset) -> np.ndarray:
    slope = float(dataset.get("RescaleSlope", 1))
    return dataset.pixel_array * slope + float(dataset.get("RescaleIntercept", 0))


def position_of(dataset: Dataset, index: np.ndarray) -> np.ndarray:
    """Equation C.7.6.2.1-1 of PS3.3, written out, with the spacing of C.8.4.15."""
    detector = dataset.DetectorInformationSequence[0]
    row, column = np.reshape(detector.ImageOrientationPatient, (2, 3)).astype(float)
    between_rows, between_columns = map(float, dataset.PixelSpacing)
    slice_number, row_number, column_number = index
    return (
        np.array(detector.ImagePositionPatient, dtype=float)
        + row * between_columns * column_number
        + column * between_rows * row_number
        + np.cross(row, column) * float(dataset.SpacingBetweenSlices) * slice_number
    )


@given(pose=poses, view=st.sampled_from(VIEWS), seed=st.integers(0, 1000))
@settings(max_examples=40, deadline=None)
def test_every_voxel_is_stored_where_it_was_cut(
    pose: RigidPose, view: CardiacView, seed: int
) -> None:
    grid = view_grid(view, pose, (9, 10, 12), 3.7)
    volume = SpectVolume(np.random.default_rng(seed).random(grid.shape), grid.patient_from_index)

    dataset = derived_dataset(DerivedSeries(view, volume), SourceHeader(), DERIVATION, stamp())

    index = np.random.default_rng(seed).integers(0, grid.shape)
    expected = apply_affine(grid.patient_from_index, index)
    np.testing.assert_allclose(position_of(dataset, index), expected, atol=0.001)
    assert float(dataset.SpacingBetweenSlices) > 0


finite_counts = hnp.arrays(
    np.float32,
    (3, 4, 4),
    elements=st.floats(-(2.0**20), 2.0**20, width=32) | st.floats(0, 1, width=32),
)


@given(finite_counts)
def test_counts_survive_storage_within_half_a_step(counts: np.ndarray) -> None:
    stored = store_counts(counts)

    step = float(stored.slope)
    back = stored.stored.astype(np.float64) * step
    assert np.abs(stored.stored).max() <= MAX_STORED
    np.testing.assert_allclose(back, counts, atol=0.5001 * step)
    # One decimal string holds the slope, and it is no coarser than the range needs.
    assert len(stored.slope) <= 16
    assert stored.slope == "1" or step <= max(np.abs(counts).max() / MAX_STORED * 1.001, 1e-30)


@given(hnp.arrays(np.float32, (2, 5, 5), elements=st.integers(-32767, 32767)))
def test_whole_counts_are_stored_as_they_are(counts: np.ndarray) -> None:
    stored = store_counts(counts)

    assert stored.slope == "1"
    np.testing.assert_array_equal(stored.stored, counts)


@pytest.mark.parametrize("value", [0.0, 7.0, 1e-9, 3e12])
def test_a_volume_of_one_value_survives(value: float) -> None:
    stored = store_counts(np.full((2, 3, 3), value, np.float32))

    np.testing.assert_allclose(stored.stored * float(stored.slope), value, rtol=2e-5)


@pytest.mark.parametrize("source", SOURCES)
def test_series_of_every_source_read_back_with_pydicom(source: str, tmp_path: Path) -> None:
    loaded = SOURCES[source](tmp_path)

    for path, series in write_all(loaded, tmp_path):
        dataset = pydicom.dcmread(path)
        counts = series.volume.counts if series.gates is None else series.gates
        step = float(dataset.get("RescaleSlope", 1))
        np.testing.assert_allclose(
            counts_in(dataset).reshape(counts.shape), counts, atol=0.51 * step
        )
        kind = "RECON TOMO" if series.gates is None else "RECON GATED TOMO"
        assert list(dataset.ImageType) == ["DERIVED", "PRIMARY", kind, "EMISSION"]
        assert dataset.Modality == "NM"
        assert dataset.SOPClassUID.name == "Nuclear Medicine Image Storage"
        assert dataset.file_meta.TransferSyntaxUID.name == "Explicit VR Little Endian"


@pytest.mark.parametrize("view", VIEWS)
def test_the_view_is_coded_beside_its_geometry(view: CardiacView, tmp_path: Path) -> None:
    loaded = SOURCES["nm"](tmp_path)
    dataset = derived_dataset(derived(loaded, view), loaded.header, DERIVATION, stamp())

    (detector,) = dataset.DetectorInformationSequence
    (code,) = detector.ViewCodeSequence
    assert (code.CodeValue, code.CodeMeaning) == VIEW_CODES[view]
    assert code.CodingSchemeDesignator == "SCT"
    assert code.CodeMeaning.lower() == view.title.lower()
    assert "ImagePositionPatient" not in dataset
    expected = "APEX_TO_BASE" if view is CardiacView.SHORT_AXIS else None
    assert dataset.get("SliceProgressionDirection") == expected


def test_time_slots_vary_slower_than_slices(tmp_path: Path) -> None:
    loaded = SOURCES["nm-gated"](tmp_path)
    series = derived(loaded, CardiacView.SHORT_AXIS, gated=True)

    dataset = derived_dataset(series, loaded.header, DERIVATION, stamp())

    assert [int(tag) for tag in dataset.FrameIncrementPointer] == [
        0x00540060, 0x00540070, 0x00540080,
    ]  # fmt: skip
    assert dataset.NumberOfFrames == 8 * 30
    assert list(dataset.SliceVector[:3]) == [1, 2, 3]
    assert list(dataset.TimeSlotVector[:31]) == [1] * 30 + [2]
    assert set(dataset.RRIntervalVector) == {1}
    beat = dataset.GatedInformationSequence[0].DataInformationSequence[0]
    assert float(beat.FrameTime) == 100


def test_study_and_patient_stay_and_series_and_instance_are_new(tmp_path: Path) -> None:
    source = build_nm(a_volume())
    source.PatientName, source.PatientID = "Дрон^Пётр", "A-17"
    source.SpecificCharacterSet = "ISO_IR 144"
    loaded = find_studies(save_object(source, tmp_path / "source.dcm")).studies[0].load()

    (path, _), *_ = write_all(loaded, tmp_path)

    written = pydicom.dcmread(path)
    for keyword in (
        "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyInstanceUID",
        "StudyDate", "StudyTime", "AccessionNumber", "FrameOfReferenceUID", "SpecificCharacterSet",
    ):  # fmt: skip
        assert written[keyword].value == source[keyword].value, keyword
    assert written.SeriesInstanceUID != source.SeriesInstanceUID
    assert written.SOPInstanceUID != source.SOPInstanceUID
    (reference,) = written.SourceImageSequence
    assert reference.ReferencedSOPInstanceUID == source.SOPInstanceUID
    assert reference.ReferencedSOPClassUID == source.SOPClassUID
    assert written.SeriesDate == f"{NOW:%Y%m%d}"


def test_the_derivation_tells_method_pose_flag_and_software(tmp_path: Path) -> None:
    loaded = SOURCES["nm"](tmp_path)

    dataset = derived_dataset(
        derived(loaded, CardiacView.SHORT_AXIS), loaded.header, DERIVATION, stamp()
    )

    for words in ("network", "conventional roll", "(52.0, -48.0, 4.0) mm LPS", "accept"):
        assert words in dataset.DerivationDescription
    assert "not a medical device" in dataset.DerivationDescription
    (code,) = dataset.DerivationCodeSequence
    # CID 7203, as pydicom's copy of PS3.16 has it.
    assert code.CodeValue == codes.DCM.MultiplanarReformatting.value
    purposes = [
        item.PurposeOfReferenceCodeSequence[0].CodeValue
        for item in dataset.ContributingEquipmentSequence
    ]
    assert purposes == [
        codes.DCM.AcquisitionEquipment.value,
        codes.DCM.ProcessingEquipment.value,
    ]
    assert dataset.ContributingEquipmentSequence[0].ManufacturerModelName == "Drawn camera"
    assert "stress" in dataset.SeriesDescription


def test_weights_are_named_in_plain_words_with_their_whole_hash(tmp_path: Path) -> None:
    loaded = SOURCES["nm"](tmp_path)
    sha256 = "0123456789abcdef" * 4
    derivation = replace(
        DERIVATION,
        method="network",
        weights_name="Zürich\n" + "x" * 2000,
        weights_version="2",
        weights_sha256=sha256,
    )

    dataset = derived_dataset(
        derived(loaded, CardiacView.SHORT_AXIS), loaded.header, derivation, stamp()
    )

    for text in (
        dataset.DerivationDescription,
        dataset.ContributingEquipmentSequence[-1].ContributionDescription,
    ):
        assert "eights Z?rich?xxx" in text
        assert f"2, SHA-256 {sha256}" in text
        assert len(text) <= 1024
    assert "not a medical device" in dataset.DerivationDescription


def test_acquisition_facts_are_carried_over(tmp_path: Path) -> None:
    loaded = SOURCES["nm"](tmp_path)

    dataset = derived_dataset(
        derived(loaded, CardiacView.SHORT_AXIS), loaded.header, DERIVATION, stamp()
    )

    (limits,) = dataset.EnergyWindowInformationSequence[0].EnergyWindowRangeSequence
    assert (limits.EnergyWindowLowerLimit, limits.EnergyWindowUpperLimit) == (126, 154)
    (tracer,) = dataset.RadiopharmaceuticalInformationSequence
    assert tracer.RadiopharmaceuticalCodeSequence[0].CodeMeaning == "Tc-99m sestamibi"
    (rotation,) = dataset.RotationInformationSequence
    assert (rotation.StartAngle, rotation.NumberOfFramesInRotation) == (135, 30)
    assert dataset.DetectorInformationSequence[0].CollimatorType == "PARA"
    assert dataset.ImageID == "ReconStress"


def test_every_source_slice_of_a_pet_series_is_referenced(tmp_path: Path) -> None:
    loaded = SOURCES["pet"](tmp_path)

    dataset = derived_dataset(
        derived(loaded, CardiacView.SHORT_AXIS), loaded.header, DERIVATION, stamp()
    )

    assert len(dataset.SourceImageSequence) == loaded.study.volume.shape[0]


def test_views_of_a_source_without_header_share_one_study(tmp_path: Path) -> None:
    loaded = SOURCES["nifti"](tmp_path)
    header = with_study_uids(loaded.header, random_uid)

    datasets = [
        derived_dataset(derived(loaded, view), header, DERIVATION, stamp(number))
        for number, view in enumerate(VIEWS)
    ]

    assert len({dataset.StudyInstanceUID for dataset in datasets}) == 1
    assert len({dataset.FrameOfReferenceUID for dataset in datasets}) == 1
    assert datasets[0].PatientID is None


def test_new_study_uids_do_not_reach_the_header_of_the_source(tmp_path: Path) -> None:
    loaded = SOURCES["nm"](tmp_path)
    loaded.header.dataset.StudyInstanceUID = None

    header = with_study_uids(loaded.header, random_uid)

    assert not loaded.header.dataset.StudyInstanceUID
    assert pydicom.uid.UID(header.dataset.StudyInstanceUID).is_valid


def test_a_forbidden_patient_position_becomes_codes(tmp_path: Path) -> None:
    loaded = SOURCES["nm-hfp"](tmp_path)
    source = loaded.header.dataset
    del source.PatientOrientationCodeSequence, source.PatientGantryRelationshipCodeSequence

    dataset = derived_dataset(
        derived(loaded, CardiacView.SHORT_AXIS), loaded.header, DERIVATION, stamp()
    )

    assert "PatientPosition" not in dataset
    (lying,) = dataset.PatientOrientationCodeSequence
    assert lying.PatientOrientationModifierCodeSequence[0].CodeMeaning == "prone"
    assert dataset.PatientGantryRelationshipCodeSequence[0].CodeMeaning == "headfirst"


def test_private_and_unknown_attributes_do_not_get_through(tmp_path: Path) -> None:
    loaded = SOURCES["nm"](tmp_path)
    source = loaded.header.dataset
    source.add_new(0x00091001, "LO", "vendor")
    source.add_new(0x00090010, "LO", "VENDOR")
    source.FrameTime = "12"
    source.PatientWeight = "85"
    with pytest.warns(UserWarning, match="Invalid value for VR AS"):
        source.PatientAge = "fifty"

    dataset = derived_dataset(
        derived(loaded, CardiacView.SHORT_AXIS), loaded.header, DERIVATION, stamp()
    )

    assert not any(element.tag.is_private for element in dataset.iterall())
    assert "FrameTime" not in dataset
    assert float(dataset.PatientWeight) == 85
    assert "PatientAge" not in dataset  # not an AS value


def test_the_source_header_is_left_as_it_was(tmp_path: Path) -> None:
    loaded = SOURCES["nm"](tmp_path)
    before = loaded.header.dataset.to_json()

    written = derived_dataset(
        derived(loaded, CardiacView.SHORT_AXIS), loaded.header, DERIVATION, stamp()
    )
    written.EnergyWindowInformationSequence[0].EnergyWindowName = "changed"

    assert loaded.header.dataset.to_json() == before


def test_a_stack_against_row_times_column_is_not_written() -> None:
    grid = view_grid(CardiacView.SHORT_AXIS, POSE, (9, 10, 12), 4.0)
    affine = grid.patient_from_index @ np.diag([-1.0, 1, 1, 1])
    volume = SpectVolume(np.ones(grid.shape), affine)

    with pytest.raises(GeometryError, match="cannot be stored"):
        derived_dataset(
            DerivedSeries(CardiacView.SHORT_AXIS, volume), SourceHeader(), DERIVATION, stamp()
        )


def test_our_reader_knows_its_own_slices_and_puts_them_where_they_were(tmp_path: Path) -> None:
    loaded = SOURCES["nm-oblique"](tmp_path)
    (path, series), *_ = write_all(loaded, tmp_path)

    with pytest.raises(AlreadyReorientedError, match="short axis"):
        find_studies(path)
    volume = (
        find_studies(path, options=ReadingOptions(force_input=True)).studies[0].load().study.volume
    )

    np.testing.assert_allclose(
        volume.patient_from_index, series.volume.patient_from_index, atol=1e-4
    )
    np.testing.assert_allclose(volume.counts, series.volume.counts, atol=0.01)


def test_the_window_shows_the_heart_whatever_the_liver_has() -> None:
    grid = view_grid(CardiacView.SHORT_AXIS, POSE, (30, 40, 40), 5.0)
    counts = np.full(grid.shape, 10.0)
    counts[10:20, 15:25, 15:25] = 100.0
    hot_corner = counts.copy()
    hot_corner[:, 36:, :4] = 5000.0

    widths = []
    for values in (counts, hot_corner):
        series = DerivedSeries(CardiacView.SHORT_AXIS, SpectVolume(values, grid.patient_from_index))
        dataset = derived_dataset(series, SourceHeader(), DERIVATION, stamp())
        widths.append(float(dataset.WindowWidth))

    assert widths[0] == widths[1] == 100


def test_the_window_is_the_level_of_the_wall_where_it_is_known() -> None:
    grid = view_grid(CardiacView.SHORT_AXIS, POSE, (30, 40, 40), 5.0)
    counts = np.full(grid.shape, 10.0)
    counts[:, 28:32, 18:22] = 5000.0  # an organ 40 mm below the centre of the heart
    volume = SpectVolume(counts, grid.patient_from_index)
    series = DerivedSeries(CardiacView.SHORT_AXIS, volume, level=100.0)

    dataset = derived_dataset(series, SourceHeader(), DERIVATION, stamp())

    assert float(dataset.WindowWidth) == 100


def test_generated_uids_are_valid_and_new() -> None:
    uids = {pydicom.uid.UID(random_uid()) for _ in range(100)}

    assert len(uids) == 100
    assert all(uid.is_valid for uid in uids)
    assert numbered_uids("1.2")() == "1.2.1"


def test_the_tables_of_carried_attributes_name_real_attributes() -> None:
    from shortaxis.dicom.carried import equipment, pixel_history
    from shortaxis.dicom.carried.modules import carried_attributes
    from shortaxis.dicom.carried.modules import patient as modules_patient
    from shortaxis.dicom.carried.modules import validity as modules_validity
    from shortaxis.dicom.carried.stated import patient_orientation
    from shortaxis.dicom.elements import vocabulary
    from shortaxis.dicom.reading.layouts import stack_agreement
    from shortaxis.dicom.writing import gating

    tables = [
        *CARRIED.values(), *carried_attributes.ITEM_ATTRIBUTES.values(),
        carried_attributes.ITEM_ATTRIBUTES, *carried_attributes.REQUIRED_WITH.values(),
        carried_attributes.EMPTY_IF_UNKNOWN, carried_attributes.UNCHECKED,
        carried_attributes.CODE_ITEM, carried_attributes.KEPT_EMPTY,
        carried_attributes.DETECTOR_ITEM, carried_attributes.ROTATION_ITEM_REQUIRED,
        equipment.OWN_EQUIPMENT, gating.CARRIED_PER_GATING, gating.MERGED, pixel_history.HOW_LOSSY,
        stack_agreement.SHARED_BY_SLICES, stack_agreement.RESCALING, modules_patient.NAMING,
        modules_validity.CHECKED, modules_validity.ENUMERATED_VALUES,
        modules_validity.ITEMS_REQUIRED, *modules_validity.ITEMS_REQUIRED.values(),
        *modules_validity.CONTENT_ITEM_VALUES.values(), vocabulary.FRAME_VECTORS.values(),
        vocabulary.VECTOR_SIZES, vocabulary.VECTOR_SIZES.values(), vocabulary.SERIES_TEXTS,
        vocabulary.STUDY_TEXTS,
        (patient_orientation.LYING, patient_orientation.MODIFIER, patient_orientation.TOWARD),
    ]  # fmt: skip
    unknown = {
        keyword
        for table in tables
        for keyword in table
        if pydicom.datadict.tag_for_keyword(keyword) is None
    }
    assert unknown == set()
    assert all(repair.attribute and repair.found and repair.written for repair in REPAIRS)


def test_gates_of_the_drawn_study_are_not_all_the_same() -> None:
    gates = gates_of(a_volume())

    assert gates[2].sum() > 1.2 * gates[6].sum()
