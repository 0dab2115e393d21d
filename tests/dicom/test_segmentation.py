"""Masks as DICOM Segmentation: other libraries find them where the source has them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom import Dataset

from derived_files import SOURCES, stamp
from dicom_programs import read_patient_from_index
from drawn_heart import transaxial_grid
from report_documents import REPORT, header_from, nm_header, segmented
from shortaxis.dicom.carried.source_header import SourceHeader
from shortaxis.dicom.documents.segmentation.masks import Segmentation
from shortaxis.dicom.documents.segmentation.segmentation_object import (
    segmentation_dataset,
    write_segmentation,
)
from shortaxis.errors import GeometryError
from shortaxis.geometry.affines import apply_affine
from shortaxis.geometry.grids import Grid
from shortaxis.workflow.studies.finding import find_studies
from split_exams import write_slices


def places(affine: np.ndarray, voxels: np.ndarray) -> np.ndarray:
    """Centres of the voxels that are set, in the patient, in order."""
    found = np.round(apply_affine(affine, np.argwhere(voxels)), 3) + 0.0
    return found[np.lexsort(found.T)]


def by_highdicom(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Affine to the patient and masks (slice, row, column, segment)."""
    highdicom = pytest.importorskip("highdicom")
    read = highdicom.seg.segread(path).get_volume(combine_segments=False)
    return read.affine, read.array.astype(bool)


@pytest.mark.parametrize(
    "source", ["nm", "nm-negative-spacing", "nm-ffs", "nm-oblique", "pet", "nifti"]
)
def test_highdicom_finds_every_voxel_where_the_source_has_it(source: str, tmp_path: Path) -> None:
    loaded = SOURCES[source](tmp_path)
    volume, path = loaded.study.volume, tmp_path / "wall.dcm"
    drawn = segmented(volume.grid)

    write_segmentation(path, drawn, loaded.header or SourceHeader(), REPORT, stamp())

    affine, masks = by_highdicom(path)
    assert masks.shape[-1] == len(drawn.masks)
    for number, mask in enumerate(drawn.masks):
        expected = places(volume.patient_from_index, mask.voxels)
        np.testing.assert_allclose(places(affine, masks[..., number]), expected, atol=2e-3)


@pytest.mark.filterwarnings("ignore")  # of torch and pydicom, inside MONAI
@pytest.mark.parametrize("source", ["nm-negative-spacing", "nm-oblique", "pet"])
def test_monai_which_stacks_frames_unseen_finds_every_voxel(source: str, tmp_path: Path) -> None:
    transforms = pytest.importorskip("monai.transforms")
    loaded = SOURCES[source](tmp_path)
    volume, path = loaded.study.volume, tmp_path / "wall.dcm"
    drawn = segmented(volume.grid)

    write_segmentation(path, drawn, loaded.header or SourceHeader(), REPORT, stamp())

    # MONAI has (column, row, slice, segment), to RAS mm.
    read = transforms.LoadImage(reader="PydicomReader", image_only=True)(path)
    affine = np.diag([-1.0, -1, 1, 1]) @ read.affine.numpy()
    for number, mask in enumerate(drawn.masks):
        expected = places(volume.patient_from_index, mask.voxels)
        np.testing.assert_allclose(
            places(affine, read.numpy()[..., number].astype(bool)), expected, atol=2e-3
        )


def test_masks_lie_where_the_header_of_the_source_says(tmp_path: Path) -> None:
    loaded = SOURCES["nm-gated"](tmp_path)  # slices stacked against the normal
    path = tmp_path / "wall.dcm"
    assert loaded.header is not None

    write_segmentation(path, segmented(loaded.study.volume.grid), loaded.header, REPORT, stamp())

    affine, masks = by_highdicom(path)
    by_header = read_patient_from_index(tmp_path / "source.dcm")
    for number, mask in enumerate(segmented(loaded.study.volume.grid).masks):
        expected = places(by_header, mask.voxels)
        np.testing.assert_allclose(places(affine, masks[..., number]), expected, atol=2e-3)


def dataset_of(header: SourceHeader, **changes: Any) -> Dataset:
    return segmentation_dataset(
        replace(segmented(transaxial_grid()), **changes), header, REPORT, stamp()
    )


def frames_named(written: Dataset) -> list[list[int]]:
    """Frames of the source that each frame names."""
    return [
        [
            int(image.ReferencedFrameNumber)
            for derivation in frame.get("DerivationImageSequence") or []
            for image in derivation.SourceImageSequence
        ]
        for frame in written.PerFrameFunctionalGroupsSequence
    ]


def test_frames_of_a_gated_source_are_named_in_every_time_slot(tmp_path: Path) -> None:
    loaded = SOURCES["nm-gated"](tmp_path)
    slots, slices = loaded.study.gates.shape[:2]
    assert loaded.header is not None

    drawn = segmented(loaded.study.volume.grid)
    written = segmentation_dataset(drawn, loaded.header, REPORT, stamp())

    # Slices vary fastest (C.8.4.8), and the masks are in the third to the sixth one.
    expected = [[slot * slices + number for slot in range(slots)] for number in range(3, 7)]
    assert frames_named(written) == expected * len(drawn.masks)


@pytest.mark.parametrize("lacking", ["SpacingBetweenSlices", "SliceVector"])
def test_frames_that_cannot_be_told_are_not_named(lacking: str, tmp_path: Path) -> None:
    header = nm_header(tmp_path)
    assert all(frames_named(dataset_of(header)))

    delattr(header.dataset, lacking)

    assert not any(frames_named(dataset_of(header)))


def test_frames_of_several_energy_windows_are_not_named(tmp_path: Path) -> None:
    header = nm_header(tmp_path)
    frames = int(header.dataset.NumberOfFrames)

    header.dataset.EnergyWindowVector = [1] * (frames - 1) + [2]

    assert not any(frames_named(dataset_of(header)))


def test_frames_name_the_slice_at_their_place_of_a_source_with_one_in_each_file(
    tmp_path: Path,
) -> None:
    loaded = SOURCES["pet"](tmp_path)
    drawn, paths = segmented(loaded.study.volume.grid), [*(tmp_path / "pet").glob("*.dcm")]
    assert loaded.header is not None

    written = segmentation_dataset(drawn, loaded.header, REPORT, stamp(), paths)

    headers = [pydicom.dcmread(path, stop_before_pixels=True) for path in paths]
    placed = {each.SOPInstanceUID: each.ImagePositionPatient for each in headers}
    for frame in written.PerFrameFunctionalGroupsSequence:
        (derivation,) = frame.DerivationImageSequence
        (image,) = derivation.SourceImageSequence
        here = frame.PlanePositionSequence[0].ImagePositionPatient
        np.testing.assert_allclose(here, placed[image.ReferencedSOPInstanceUID], atol=1e-3)
        assert "ReferencedFrameNumber" not in image


def test_frames_name_the_object_at_their_place_of_nm_with_one_slice_in_each_file(
    tmp_path: Path,
) -> None:
    write_slices(tmp_path)
    found = find_studies(tmp_path).studies[0]
    loaded = found.load()
    assert loaded.header is not None

    drawn = segmented(loaded.study.volume.grid)
    written = segmentation_dataset(drawn, loaded.header, REPORT, stamp(), found.paths)

    headers = [pydicom.dcmread(path, stop_before_pixels=True) for path in found.paths]
    numbers = {each.SOPInstanceUID: each.InstanceNumber for each in headers}
    named = [
        [numbers[image.ReferencedSOPInstanceUID] for image in item.SourceImageSequence]
        for frame in written.PerFrameFunctionalGroupsSequence
        for item in frame.DerivationImageSequence
    ]
    last = len(headers)
    # Slices of a stack are sorted along row x column; these were stored against it.
    expected = [[last - number] for number in range(2, 6)]
    assert named == expected * len(drawn.masks)


def test_where_the_geometry_was_stated_no_frame_is_named(tmp_path: Path) -> None:
    # Turned over, the place of each frame is that of another one by its header.
    pet = SOURCES["pet"](tmp_path)
    for loaded in (SOURCES["nm"](tmp_path), pet):
        assert loaded.header is not None
        drawn = segmented(loaded.study.volume.grid)

        written = segmentation_dataset(drawn, loaded.header, REPORT, stamp(), None)

        assert not any(frames_named(written))


@pytest.mark.parametrize("slant", [0.0004, 0.0019])
def test_directions_of_three_decimals_are_told_at_right_angles(slant: float) -> None:
    straight = transaxial_grid()
    affine = straight.patient_from_index.copy()
    # Rows by a cosine to columns as reading takes it.
    affine[:3, 2] += slant * straight.spacing_mm[2] * affine[:3, 1] / straight.spacing_mm[1]
    drawn = segmented(Grid(straight.shape, affine))

    written = segmentation_dataset(drawn, SourceHeader(), REPORT, stamp())

    (turned,) = written.SharedFunctionalGroupsSequence[0].PlaneOrientationSequence
    row, column = np.reshape(np.array(turned.ImageOrientationPatient, dtype=float), (2, 3))
    assert row @ column == pytest.approx(0, abs=1e-6)
    assert np.linalg.norm([row, column], axis=1) == pytest.approx(1, abs=1e-6)
    axes = affine[:3, :3] / straight.spacing_mm
    np.testing.assert_allclose([column, row], axes.T[1:], atol=slant)


def test_it_joins_the_frame_of_reference_and_names_its_sources(tmp_path: Path) -> None:
    header = header_from("pet", tmp_path)

    written = dataset_of(header)

    assert written.FrameOfReferenceUID == header.dataset.FrameOfReferenceUID
    (series,) = written.ReferencedSeriesSequence
    named = [each.ReferencedSOPInstanceUID for each in series.ReferencedInstanceSequence]
    assert named == [uid for _, uid in header.instances]
    assert [each.ReferencedSOPInstanceUID for each in written.SourceInstanceSequence] == named
    # Which of them a frame is made of is not known here, and a guess would be shown.
    assert "DerivationImageSequence" not in written.SharedFunctionalGroupsSequence[0]
    assert not any(frames_named(written))


def test_frames_are_the_slices_from_the_first_to_the_last_with_a_voxel() -> None:
    written = dataset_of(SourceHeader())

    found = [
        (
            *frame.FrameContentSequence[0].DimensionIndexValues,
            frame.SegmentIdentificationSequence[0].ReferencedSegmentNumber,
        )
        for frame in written.PerFrameFunctionalGroupsSequence
    ]
    assert found == [(each, place, each) for each in (1, 2) for place in range(1, 5)]
    assert written.NumberOfFrames == 8


@pytest.mark.parametrize(("by_hand", "told"), [(False, "AUTOMATIC"), (True, "SEMIAUTOMATIC")])
def test_what_an_operator_set_is_told(by_hand: bool, told: str) -> None:
    written = dataset_of(SourceHeader(), is_set_by_hand=by_hand)

    assert [each.SegmentAlgorithmType for each in written.SegmentSequence] == [told] * 2


def test_only_what_was_learnt_is_called_so() -> None:
    learnt, traced = dataset_of(SourceHeader()), dataset_of(SourceHeader(), is_learnt=False)

    named = [each.SegmentSequence[0] for each in (learnt, traced)]
    identified = ["SegmentationAlgorithmIdentificationSequence" in each for each in named]
    assert identified == [True, False]


def emptied(drawn: Segmentation) -> dict[str, Any]:
    masks = tuple(replace(each, voxels=np.zeros_like(each.voxels)) for each in drawn.masks)
    return {"masks": masks}


def of_another_shape(drawn: Segmentation) -> dict[str, Any]:
    return {"grid": Grid((3, 4, 5), drawn.grid.patient_from_index)}


def sheared(drawn: Segmentation) -> dict[str, Any]:
    affine = drawn.grid.patient_from_index.copy()
    affine[:3, 0] += 0.1 * affine[:3, 1]
    return {"grid": Grid(drawn.grid.shape, affine)}


@pytest.mark.parametrize(
    ("change", "words"),
    [(emptied, "nothing to segment"), (of_another_shape, "shapes"), (sheared, "perpendicular")],
)
def test_what_no_segmentation_can_say_is_refused(
    change: Callable[[Segmentation], dict[str, Any]], words: str
) -> None:
    drawn = segmented(transaxial_grid())

    with pytest.raises(GeometryError, match=words):
        replace(drawn, **change(drawn))


def test_deidentified_masks_stay_where_they_are_and_name_nobody(tmp_path: Path) -> None:
    pytest.importorskip("dicomanonymizer", reason="needs the extra deidentify")
    from shortaxis.dicom.writing.deidentifying import deidentify_file

    header = nm_header(tmp_path, PatientName="Doe^Jane", PatientID="4711")
    path, grid = tmp_path / "wall.dcm", transaxial_grid()
    write_segmentation(path, segmented(grid), header, REPORT, stamp())
    known = str(pydicom.dcmread(path).FrameOfReferenceUID)

    def replaced(uid: str) -> str:
        return f"2.25.{int(hashlib.sha256(uid.encode()).hexdigest()[:30], 16)}"

    deidentify_file(path, replaced, lambda patient: "PSEUDONYM")

    content = path.read_bytes()
    assert not any(name in content for name in (b"Doe", b"4711", known.encode()))
    written = pydicom.dcmread(path)
    assert written.FrameOfReferenceUID == replaced(known)
    affine, masks = by_highdicom(path)
    expected = places(grid.patient_from_index, segmented(grid).masks[0].voxels)
    np.testing.assert_allclose(places(affine, masks[..., 0]), expected, atol=2e-3)
