"""NM reconstructions: where the heart lies, whatever way the frames are stored."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.pixels import compress
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)
from scipy.spatial.transform import Rotation

from counts_oracle import counts_on
from drawn_heart import draw_study, transaxial_grid, usual_pose
from nm_object import build_nm, save_object, stored_on_the_gantry
from shortaxis.dicom.reading.finding.scan import scan_dicom
from shortaxis.dicom.reading.study import read_dicom_study
from shortaxis.geometry.affines import apply_affine, invert_affine
from shortaxis.spect.study import Modality
from shortaxis.spect.volume import SpectVolume

POSITIONS = ("HFS", "FFS", "HFP", "FFP")


def whole(volume: SpectVolume) -> SpectVolume:
    return SpectVolume(np.round(volume.counts), volume.patient_from_index)


def noise_volume(seed: int, rotation: Rotation | None = None, shape=(9, 13, 11)) -> SpectVolume:
    """Random whole counts on a grid in which no two axes are alike."""
    generator = np.random.default_rng(seed)
    patient_from_index = np.eye(4)
    axes = np.array([(0, 0, 8.0), (0, 7.0, 0), (6.5, 0, 0)]).T
    turn = np.eye(3) if rotation is None else rotation.as_matrix()
    patient_from_index[:3, :3] = turn @ axes
    patient_from_index[:3, 3] = generator.uniform(-200, 200, 3)
    return SpectVolume(generator.integers(0, 4000, shape), patient_from_index)


def gates_of(volume: SpectVolume, n_slots: int = 4) -> np.ndarray:
    """Different whole counts in every time slot."""
    return np.stack([np.round(volume.counts * (1 + slot) / 10) for slot in range(n_slots)])


@pytest.fixture(scope="module")
def drawn(drawn_volume):
    return whole(drawn_volume)


@pytest.mark.parametrize("negative_spacing", [False, True])
@pytest.mark.parametrize("position", POSITIONS)
def test_the_same_heart_reads_to_the_same_place_from_any_position(
    drawn, read_back, position, negative_spacing
):
    turned, _ = stored_on_the_gantry(drawn, position)
    written = build_nm(turned, patient_position=position, negative_spacing=negative_spacing)

    study = read_back(written).study

    assert np.sign(written.SpacingBetweenSlices) == (-1 if negative_spacing else 1)
    assert study.facts.patient_position == position
    np.testing.assert_array_equal(counts_on(drawn.grid, study.volume), drawn.counts)


@pytest.mark.parametrize("negative_spacing", [False, True])
def test_the_hottest_voxel_of_one_corner_keeps_its_corner(read_back, negative_spacing):
    counts = np.zeros((10, 12, 14))
    counts[0, 0, 0], counts[-1, -1, -1] = 500, 100
    affine = np.diag([0, 0, 0, 1.0])
    affine[:3, :3] = np.array([(0, 0, 10.0), (0, 8.0, 0), (6.0, 0, 0)]).T
    affine[:3, 3] = (-40, -50, 7)

    volume = read_back(
        build_nm(SpectVolume(counts, affine), negative_spacing=negative_spacing)
    ).study.volume

    hottest = np.unravel_index(volume.counts.argmax(), volume.shape)
    np.testing.assert_allclose(apply_affine(volume.patient_from_index, hottest), (-40, -50, 7))
    assert hottest[0] == (9 if negative_spacing else 0)


def test_hand_computed_stacking_against_the_normal(read_back):
    # Rows to the left, columns to the back: the normal points up, so negative goes down.
    written = build_nm(noise_volume(0))
    written.SpacingBetweenSlices = "-7.5"
    written.DetectorInformationSequence[0].ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    written.DetectorInformationSequence[0].ImagePositionPatient = [10, 20, 30]
    written.PixelSpacing = [7, 6]

    affine = read_back(written).study.volume.patient_from_index

    np.testing.assert_allclose(apply_affine(affine, (2, 0, 0)), (10, 20, 15))
    np.testing.assert_allclose(apply_affine(affine, (0, 3, 0)), (10, 41, 30))
    np.testing.assert_allclose(apply_affine(affine, (0, 0, 4)), (34, 20, 30))


@settings(max_examples=40, deadline=None)
@given(
    angles=st.tuples(*[st.floats(-180, 180)] * 3),
    position=st.sampled_from(POSITIONS),
    negative_spacing=st.booleans(),
    signed=st.booleans(),
    rescale=st.sampled_from([None, (1.0, 0.0), (0.25, 0.0), (0.5, -20.0), (2.0, 4000.0)]),
    n_detectors=st.sampled_from([1, 2]),
    seed=st.integers(0, 2**16),
)
def test_any_orientation_sign_and_rescale_reads_back(
    read_back, angles, position, negative_spacing, signed, rescale, n_detectors, seed
):
    volume = noise_volume(seed, Rotation.from_euler("xyz", angles, degrees=True))
    if rescale == (2.0, 4000.0):
        signed = True
    turned, _ = stored_on_the_gantry(volume, position)
    written = build_nm(
        turned,
        patient_position=position,
        negative_spacing=negative_spacing,
        signed=signed,
        rescale=rescale,
        number_of_detectors=n_detectors,
    )

    study = read_back(written).study

    slope = 1.0 if rescale is None else rescale[0]
    np.testing.assert_allclose(
        counts_on(volume.grid, study.volume), volume.counts, atol=slope / 2 + 1e-3
    )
    # The way back to indices is exact only if no axis was mirrored or swapped.
    step = invert_affine(study.volume.patient_from_index) @ volume.patient_from_index
    np.testing.assert_allclose(np.abs(step[:3, :3]), np.eye(3), atol=1e-6)


@pytest.mark.parametrize("syntax", [
    ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
])  # fmt: skip
def test_every_uncompressed_transfer_syntax_reads_the_same(drawn, read_back, syntax):
    study = read_back(build_nm(drawn, transfer_syntax=syntax, negative_spacing=True)).study

    np.testing.assert_array_equal(counts_on(drawn.grid, study.volume), drawn.counts)


def test_rle_compressed_pixels_are_decoded(drawn, read_back):
    written = build_nm(drawn)
    compress(written, RLELossless, generate_instance_uid=False)

    study = read_back(written).study

    np.testing.assert_array_equal(study.volume.counts, drawn.counts)


def gdcm_jpeg_2000(source: Path, target: Path) -> None:
    import gdcm

    reader, change, writer = (
        gdcm.ImageReader(),
        gdcm.ImageChangeTransferSyntax(),
        gdcm.ImageWriter(),
    )
    reader.SetFileName(str(source))
    assert reader.Read()
    change.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.JPEG2000Lossless))
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer.SetFileName(str(target))
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    assert writer.Write()


def dcmtk(*command: str) -> Callable[[Path, Path], None]:
    def compress_with_dcmtk(source: Path, target: Path) -> None:
        if shutil.which(command[0]) is None:
            pytest.skip(f"{command[0]} is not installed (make system-packages)")
        subprocess.run([*command, str(source), str(target)], check=True, timeout=60)

    return compress_with_dcmtk


@pytest.mark.system
@pytest.mark.parametrize(("compress_file", "syntax"), [
    (dcmtk("dcmcrle"), RLELossless),
    (dcmtk("dcmcjpeg", "+e1"), JPEGLosslessSV1),
    (dcmtk("dcmcjpeg", "+el"), JPEGLossless),
    (dcmtk("dcmcjpls"), JPEGLSLossless),
    (gdcm_jpeg_2000, JPEG2000Lossless),
])  # fmt: skip
@pytest.mark.parametrize("signed", [False, True])
def test_losslessly_compressed_counts_are_exact(tmp_path, drawn, signed, compress_file, syntax):
    counts = drawn.counts - (100 if signed else 0)
    volume = SpectVolume(counts, drawn.patient_from_index)
    source = save_object(build_nm(volume, signed=signed), tmp_path / "source.dcm")
    compress_file(source, tmp_path / "compressed.dcm")

    (entry,) = scan_dicom(tmp_path / "compressed.dcm").entries
    read = read_dicom_study(entry).study.volume

    assert pydicom.dcmread(entry.paths[0]).file_meta.TransferSyntaxUID == syntax
    np.testing.assert_array_equal(read.counts, counts)


PADDED = [
    (ExplicitVRLittleEndian, True, -32768, None, "SS"),
    (ExplicitVRLittleEndian, True, 0x8000, None, "US"),
    (ExplicitVRLittleEndian, False, 65535, None, "US"),
    (ExplicitVRLittleEndian, True, -3000, -32768, "SS"),
    (ImplicitVRLittleEndian, True, -32768, None, "SS"),
    (ExplicitVRBigEndian, False, 60000, 65535, "US"),
]


@pytest.mark.parametrize(("syntax", "signed", "value", "limit", "vr"), PADDED)
@pytest.mark.parametrize("rescale", [None, (0.5, 0.0), (0.5, -20.0)])
def test_padded_cells_hold_no_counts(read_back, syntax, signed, value, limit, vr, rescale):
    volume = noise_volume(0)
    written = build_nm(volume, signed=signed, rescale=rescale, transfer_syntax=syntax)
    order = ">" if syntax == ExplicitVRBigEndian else "<"
    cells = np.frombuffer(written.PixelData, dtype=f"{order}u2").copy()
    cells[5], cells[6] = np.uint16(value % 65536), np.uint16((limit or value) % 65536)
    written.PixelData = cells.tobytes()
    written.add_new("PixelPaddingValue", vr, value)
    if limit is not None:
        written.add_new("PixelPaddingRangeLimit", vr, limit)

    counts = read_back(written).study.volume.counts.ravel()

    np.testing.assert_array_equal(counts[5:7], 0)
    np.testing.assert_allclose(counts[7:], volume.counts.ravel()[7:], atol=0.3)


def test_counts_above_32767_need_unsigned_pixels_and_keep_their_value(read_back):
    counts = np.zeros((10, 12, 14))
    counts[5, 6, 7] = 65000

    volume = read_back(
        build_nm(SpectVolume(counts, noise_volume(0).patient_from_index), signed=False)
    ).study.volume

    assert volume.counts.max() == 65000


@pytest.mark.parametrize(("signed", "expected"), [(False, 4095.0), (True, -1.0)])
def test_only_the_stored_bits_count(read_back, signed, expected):
    volume = noise_volume(0)
    written = build_nm(volume, signed=signed)
    cells = np.frombuffer(written.PixelData, dtype="<u2").copy() % 2048
    cells[7] = 0x0FFF | 0x5000
    written.PixelData, written.BitsStored, written.HighBit = cells.tobytes(), 12, 11

    study = read_back(written).study

    assert study.volume.counts.ravel()[7] == expected
    assert study.volume.counts.ravel()[8] == cells[8]


def test_the_ungated_volume_of_a_gated_study_is_the_sum_of_its_gates(drawn, read_back):
    gates = gates_of(drawn)

    study = read_back(build_nm(drawn, gates=gates, negative_spacing=True)).study

    assert study.is_gated
    assert study.facts.modality is Modality.NM
    for gate, expected in zip(study.gate_volumes(), gates, strict=True):
        np.testing.assert_array_equal(counts_on(drawn.grid, gate), expected)
    np.testing.assert_array_equal(counts_on(drawn.grid, study.volume), gates.sum(axis=0))


@pytest.mark.parametrize("position", POSITIONS)
def test_gates_keep_their_place_and_order_from_any_position(read_back, position):
    volume = noise_volume(4, Rotation.from_euler("xyz", (25, -40, 110), degrees=True))
    gates = gates_of(volume)
    turned, turned_gates = stored_on_the_gantry(volume, position, gates)

    study = read_back(build_nm(turned, gates=turned_gates, patient_position=position)).study

    for gate, expected in zip(study.gate_volumes(), gates, strict=True):
        np.testing.assert_array_equal(counts_on(volume.grid, gate), expected)


def test_several_rr_intervals_are_summed(read_back):
    volume = noise_volume(3)
    gates = gates_of(volume)

    study = read_back(build_nm(volume, gates=gates, number_of_rr_intervals=3)).study

    np.testing.assert_array_equal(study.gates, gates)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**16))
def test_vectors_decide_the_order_of_frames_not_their_sequence(read_back, seed):
    volume = noise_volume(seed)
    gates = gates_of(volume)
    written = build_nm(volume, gates=gates, number_of_rr_intervals=2)
    frames = np.frombuffer(written.PixelData, dtype="<i2").reshape(-1, 13, 11)
    # The first frame stays: the position in the header belongs to it.
    order = np.r_[0, 1 + np.random.default_rng(seed).permutation(len(frames) - 1)]
    written.PixelData = frames[order].tobytes()
    for keyword in ("RRIntervalVector", "TimeSlotVector", "SliceVector"):
        written[keyword].value = np.array(written[keyword].value)[order].tolist()

    study = read_back(written).study

    np.testing.assert_array_equal(study.gates, gates)
    np.testing.assert_allclose(study.volume.patient_from_index, volume.patient_from_index)


def test_the_pointer_may_list_its_vectors_in_another_order(read_back):
    volume = noise_volume(5)
    gates = gates_of(volume)
    written = build_nm(volume, gates=gates)
    written.FrameIncrementPointer = [0x00540080, 0x00540060, 0x00540070]
    frames = np.frombuffer(written.PixelData, dtype="<i2").reshape(4, 9, 13, 11)
    written.PixelData = frames.swapaxes(0, 1).tobytes()
    written.SliceVector = np.repeat(np.arange(1, 10), 4).tolist()
    written.TimeSlotVector = np.tile(np.arange(1, 5), 9).tolist()

    np.testing.assert_array_equal(read_back(written).study.gates, gates)


def test_a_gated_study_with_one_rr_interval_may_leave_its_vector_out(read_back):
    volume = noise_volume(6)
    written = build_nm(volume, gates=gates_of(volume))
    written.FrameIncrementPointer = [0x00540070, 0x00540080]
    del written.RRIntervalVector

    assert read_back(written).study.gates.shape == (4, *volume.shape)


def test_geometry_at_the_top_level_is_accepted_where_the_sequence_has_none(read_back):
    volume = noise_volume(7)
    written = build_nm(volume, negative_spacing=True)
    detector = written.DetectorInformationSequence[0]
    written.ImagePositionPatient = detector.ImagePositionPatient
    written.ImageOrientationPatient = detector.ImageOrientationPatient
    del detector.ImagePositionPatient, detector.ImageOrientationPatient

    study = read_back(written).study

    np.testing.assert_array_equal(counts_on(volume.grid, study.volume), volume.counts)


@pytest.mark.parametrize("keyword", ["ImagePositionPatient", "ImageOrientationPatient"])
def test_a_top_level_that_repeats_one_half_of_the_geometry_does_no_harm(read_back, keyword):
    volume = noise_volume(7)
    written = build_nm(volume)
    setattr(written, keyword, getattr(written.DetectorInformationSequence[0], keyword))

    study = read_back(written).study

    np.testing.assert_array_equal(counts_on(volume.grid, study.volume), volume.counts)


def test_the_first_complete_detector_tells_the_geometry(read_back):
    volume = noise_volume(7)
    written = build_nm(volume, number_of_detectors=2)
    del written.DetectorInformationSequence[0].ImageOrientationPatient

    study = read_back(written).study

    np.testing.assert_array_equal(counts_on(volume.grid, study.volume), volume.counts)


def test_a_vector_of_one_energy_window_and_one_detector_does_no_harm(read_back):
    volume = noise_volume(8)
    written = build_nm(volume)
    written.EnergyWindowVector = written.DetectorVector = [1] * 9
    written.FrameIncrementPointer = [0x00540010, 0x00540020, 0x00540080]

    np.testing.assert_array_equal(read_back(written).study.volume.counts, volume.counts)


def test_the_header_is_kept_without_its_pixels(drawn, read_back):
    written = build_nm(drawn)

    header = read_back(written).header

    assert "PixelData" not in header.dataset
    assert header.dataset.DetectorInformationSequence == written.DetectorInformationSequence
    assert header.instances == ((written.SOPClassUID, written.SOPInstanceUID),)


def test_the_drawn_pose_is_where_the_counts_are(drawn_pose, read_back):
    grid = transaxial_grid()
    volume = draw_study(grid, usual_pose(grid), seed=None)

    study = read_back(build_nm(volume, negative_spacing=True, patient_position="FFS")).study

    wall = drawn_pose.to_patient([(0, -26, 0), (-26, 0, 0), (0, 0, -36)])
    cavity = drawn_pose.to_patient([(0, 0, 10)])
    index_of = invert_affine(study.volume.patient_from_index)
    at = [study.volume.counts[tuple(np.round(apply_affine(index_of, p)).astype(int))]
          for p in (*wall, *cavity)]  # fmt: skip
    assert min(at[:3]) > 2 * at[3]
