"""Single objects that make up one study, and those that only look as if they did."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset
from pydicom.uid import generate_uid

from nm_object import build_nm, build_pet_slices, save_object
from shortaxis.dicom.reading.finding.belonging import divided, slot_order
from shortaxis.dicom.reading.finding.scan import scan_dicom
from shortaxis.dicom.reading.study import read_dicom_study
from shortaxis.spect.volume import SpectVolume

AFFINE = np.array([(0, 0, 6.4, -70), (0, 6.4, 0, -80), (6.4, 0, 0, 30), (0, 0, 0, 1.0)])
COUNTS = np.random.default_rng(1).integers(1, 300, (12, 20, 22))


def pet(*, twice: bool = False) -> list[Dataset]:
    slices = build_pet_slices(SpectVolume(COUNTS, AFFINE))
    if not twice:
        return slices
    again = [deepcopy(each) for each in slices]
    for number, each in enumerate(again, start=len(slices) + 1):
        each.SOPInstanceUID = generate_uid(entropy_srcs=["again", str(number)])
        each.InstanceNumber = number
    return [*slices, *again]


def members(datasets: list[Dataset]) -> list[tuple[int, ...]]:
    return [stack.members for stack in divided(datasets, is_gated=False)]


FIRST, SECOND = tuple(range(12)), tuple(range(12, 24))


def test_slices_of_one_reconstruction_stay_together():
    assert members(pet()) == [FIRST]


def test_corrected_image_tells_two_reconstructions_apart():
    datasets = pet(twice=True)
    for each in datasets[12:]:
        each.CorrectedImage = ["DECY"]

    assert members(datasets) == [FIRST, SECOND]


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("SeriesDescription", "CARDIAC PET REST NAC"),
        ("ImageID", "2"),
        ("ImageType", ["DERIVED", "PRIMARY"]),
        ("Units", "BQML"),
        ("AcquisitionNumber", 2),
    ],
)
def test_what_names_a_reconstruction_tells_two_apart(keyword: str, value: object):
    datasets = pet(twice=True)
    for each in datasets[:12]:
        each.AcquisitionNumber = 1
    for each in datasets[12:]:
        each.AcquisitionNumber = 1
        setattr(each, keyword, value)

    stacks = divided(datasets, is_gated=False)

    assert [stack.members for stack in stacks] == [FIRST, SECOND]
    assert all(not stack.notes for stack in stacks)


def test_the_order_tells_two_apart_where_nothing_else_does_and_is_a_reason_to_look():
    stacks = divided(pet(twice=True), is_gated=False)

    assert [stack.members for stack in stacks] == [FIRST, SECOND]
    for number, stack in enumerate(stacks, start=1):
        (note,) = stack.notes
        assert note.is_doubtful
        assert f"reconstruction {number} of 2" in note.text


def interleaved(datasets: list[Dataset]) -> None:
    for number, each in enumerate(datasets):
        each.InstanceNumber = 1 + number % 12


def of_two_times(datasets: list[Dataset]) -> None:
    for number, each in enumerate(datasets):
        each.FrameReferenceTime = str(1000 * (number // 12))


def one_short(datasets: list[Dataset]) -> None:
    datasets.pop()


def without_a_position(datasets: list[Dataset]) -> None:
    del datasets[3].ImagePositionPatient


@pytest.mark.parametrize("edit", [interleaved, of_two_times, one_short, without_a_position])
def test_what_nothing_divides_comes_back_whole(edit: Callable[[list[Dataset]], None]):
    datasets = pet(twice=True)
    edit(datasets)

    assert members(datasets) == [tuple(range(len(datasets)))]


def gate(number: int, **attributes: object) -> Dataset:
    header = Dataset()
    header.InstanceNumber = 1
    for keyword, value in attributes.items():
        setattr(header, keyword, value)
    header.SOPInstanceUID = f"1.2.{number}"
    return header


@pytest.mark.parametrize(
    ("keyword", "values", "order", "is_sure"),
    [
        ("TriggerTime", ["200", "0", "100"], [1, 2, 0], True),
        ("InstanceNumber", [3, 1, 2], [1, 2, 0], False),
        ("SeriesNumber", [103, 101, 102], [1, 2, 0], False),
        ("ImageID", ["Gate 10", "Gate 2", "Gate 9"], [1, 2, 0], False),
        ("SeriesDescription", ["G3", "G1", "G2"], [1, 2, 0], False),
    ],
)
def test_the_order_of_time_slots_is_told_by(keyword, values, order, is_sure):
    headers = [gate(i, **{keyword: value}) for i, value in enumerate(values)]

    told = slot_order(headers)

    assert told is not None
    assert told[0] == order
    assert told[1].is_doubtful is not is_sure
    assert keyword in told[1].text


@pytest.mark.parametrize("values", [["Gate", "Gate", "Gate"], ["1 of 3", "2 of 3", "3 of 3"]])
def test_names_that_tell_no_one_number_tell_no_order(values: list[str]):
    assert slot_order([gate(i, ImageID=value) for i, value in enumerate(values)]) is None


def written_gates(folder: Path, edit: Callable[[int, Dataset], None]) -> None:
    for number in range(4):
        volume = SpectVolume(COUNTS + number, AFFINE)
        written = build_nm(volume, gates=volume.counts[np.newaxis], seed="gates")
        written.SOPInstanceUID = generate_uid(entropy_srcs=["gate", str(number)])
        written.InstanceNumber = number + 1
        edit(number, written)
        save_object(written, folder / f"{9 - number}.dcm")


def test_gates_of_one_object_each_are_one_study_in_their_order(tmp_path: Path):
    written_gates(tmp_path, lambda *_: None)

    (entry,) = scan_dicom(tmp_path).entries
    study = read_dicom_study(entry).study

    assert entry.n_time_slots == 4
    np.testing.assert_array_equal(
        study.gates, np.stack([COUNTS + number for number in range(4)]).astype(np.float32)
    )
    np.testing.assert_array_equal(study.volume.counts, 4.0 * COUNTS + 6)


def test_gates_in_no_order_that_can_be_told_stay_apart_and_say_so(tmp_path: Path):
    def same(_: int, written: Dataset) -> None:
        written.InstanceNumber = 1

    written_gates(tmp_path, same)

    entries = scan_dicom(tmp_path).entries

    assert len(entries) == 4
    for entry in entries:
        assert "belong together" in entry.notes[-1].text
        assert entry.notes[-1].is_doubtful


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("StudyInstanceUID", "1.2.3"),
        ("FrameOfReferenceUID", "1.2.3"),
        ("SeriesDescription", "REST TRANSAXIAL"),
        ("CorrectedImage", ["ATTN"]),
    ],
)
def test_a_gate_of_another_study_is_no_part(tmp_path: Path, keyword: str, value: object):
    def other(number: int, written: Dataset) -> None:
        if number == 3:
            setattr(written, keyword, value)

    written_gates(tmp_path, other)

    assert sorted(entry.n_time_slots for entry in scan_dicom(tmp_path).entries) == [1, 3]
