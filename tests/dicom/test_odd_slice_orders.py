"""Slices in an order of their own: told, turned by what the user states, or doubted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset

from nm_object import build_nm, build_pet_slices, save_object
from shortaxis.dicom.reading.finding.scan import scan_dicom
from shortaxis.dicom.reading.study import read_dicom_study
from shortaxis.errors import GeometryError
from shortaxis.spect.reading_options import ReadingOptions
from shortaxis.spect.stated_geometry import StatedGeometry
from shortaxis.spect.study import PerfusionStudy
from shortaxis.spect.volume import SpectVolume

N_SLICES, SLOTS = 12, 4
AFFINE = np.array([(0, 0, 6.4, -70), (0, 6.4, 0, -80), (6.4, 0, 0, 30), (0, 0, 0, 1.0)])
RNG = np.random.default_rng(3)
VOLUME = SpectVolume(RNG.integers(1, 300, (N_SLICES, 20, 22)), AFFINE)
GATES = RNG.integers(1, 300, (SLOTS, N_SLICES, 20, 22)).astype(np.float32)


def gated_from_the_last_slice(*, is_slot_fastest: bool = False) -> Dataset:
    """Each time slot begins with the last slice, and the vectors say so."""
    turned = GATES[:, ::-1]
    written = build_nm(VOLUME, gates=turned)
    slots = np.repeat(np.arange(1, SLOTS + 1), N_SLICES)
    slices = np.tile(np.arange(N_SLICES, 0, -1), SLOTS)
    frames = np.frombuffer(written.PixelData, dtype="<u2").reshape(SLOTS * N_SLICES, -1)
    order = np.lexsort((slots, -slices)) if is_slot_fastest else np.arange(slots.size)
    written.TimeSlotVector = slots[order].tolist()
    written.SliceVector = slices[order].tolist()
    written.PixelData = frames[order].tobytes()
    return written


@pytest.mark.parametrize("is_slot_fastest", [False, True])
def test_gated_slices_from_the_last_one_on_are_refused_like_ungated_ones(
    tmp_path: Path, is_slot_fastest: bool
) -> None:
    written = gated_from_the_last_slice(is_slot_fastest=is_slot_fastest)
    path = save_object(written, tmp_path / "gated.dcm")

    with pytest.raises(GeometryError, match="does not start with slice 1") as caught:
        scan_dicom(path)

    assert "--orientation" in str(caught.value)


@pytest.mark.parametrize("is_slot_fastest", [False, True])
def test_gated_slices_from_the_last_one_on_lie_as_the_user_states(
    tmp_path: Path, is_slot_fastest: bool
) -> None:
    written = gated_from_the_last_slice(is_slot_fastest=is_slot_fastest)
    path = save_object(written, tmp_path / "gated.dcm")
    options = ReadingOptions(stated=StatedGeometry(orientation="LPI"))
    (entry,) = scan_dicom(path, options=options).entries

    study = read_dicom_study(entry, options).study

    assert study.gates is not None
    # The first stored frame is nearest to the head, so the last slice lies at the feet.
    runs_down = study.volume.patient_from_index[2, 0] < 0
    expected = GATES[:, ::-1] if runs_down else GATES
    assert np.corrcoef(study.gates.ravel(), expected.ravel())[0, 1] > 0.999


def pet_of(tmp_path: Path, written: list[Dataset]) -> PerfusionStudy:
    for number, each in enumerate(written):
        save_object(each, tmp_path / "pet" / f"{number:03}.dcm")
    (entry,) = scan_dicom(tmp_path / "pet").entries
    return read_dicom_study(entry).study


def doubts(study: PerfusionStudy) -> list[str]:
    return [note.text for note in study.notes if note.is_doubtful]


def exchange(written: list[Dataset], first: int, second: int) -> None:
    one, other = written[first], written[second]
    one.ImagePositionPatient, other.ImagePositionPatient = (
        other.ImagePositionPatient, one.ImagePositionPatient,
    )  # fmt: skip


@pytest.mark.parametrize("places", [(5, 6), (3, 9)])
@pytest.mark.parametrize("keyword", ["ImageIndex", "InstanceNumber"])
def test_positions_of_two_slices_that_were_exchanged_are_doubted(
    tmp_path: Path, places: tuple[int, int], keyword: str
) -> None:
    written = build_pet_slices(VOLUME)
    exchange(written, *places)
    for each in written:
        for other in {"ImageIndex", "InstanceNumber"} - {keyword}:
            delattr(each, other)

    said = doubts(pet_of(tmp_path, written))

    assert [each for each in said if keyword in each and "positions" in each]


NUMBERINGS = {
    "head first": list(range(1, N_SLICES + 1)),
    "feet first": list(range(N_SLICES, 0, -1)),
    "second bed first": [*range(7, 13), *range(1, 7)],
    "odd ones first": [number // 2 + 1 + (number % 2) * 6 for number in range(N_SLICES)],
    "at random": [4, 11, 2, 9, 1, 7, 12, 3, 10, 5, 8, 6],
    "all the same": [1] * N_SLICES,
}


@pytest.mark.parametrize("numbers", NUMBERINGS.values(), ids=NUMBERINGS)
def test_numbers_that_follow_another_rule_say_nothing_of_places(
    tmp_path: Path, numbers: list[int]
) -> None:
    written = build_pet_slices(VOLUME)
    for each, number in zip(written, numbers, strict=True):
        each.ImageIndex = each.InstanceNumber = number

    assert not [each for each in doubts(pet_of(tmp_path, written)) if "positions" in each]


def test_a_lost_and_a_doubled_slice_are_doubted_in_the_file_of_a_study(tmp_path: Path) -> None:
    counts = VOLUME.counts.copy()
    counts[4] = 0
    counts[8] = counts[7]
    path = save_object(build_nm(SpectVolume(counts, AFFINE)), tmp_path / "nm.dcm")
    (entry,) = scan_dicom(path).entries

    said = doubts(read_dicom_study(entry).study)

    assert [each for each in said if "is empty" in each]
    assert [each for each in said if "the very counts" in each]
