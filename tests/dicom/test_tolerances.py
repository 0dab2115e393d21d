"""What is put right in a header, and what is left alone because it could mean two things."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset, config, dcmread
from pydicom.dataelem import RawDataElement
from pydicom.tag import Tag

from nm_object import build_nm, build_pet_slices, save_object
from shortaxis.dicom.reading.headers.read_headers import read_header
from shortaxis.dicom.reading.headers.tolerances import TOLERANCES, put_right
from shortaxis.spect.volume import SpectVolume

AFFINE = np.array([(0, 0, 6.4, -70), (0, 6.4, 0, -80), (6.4, 0, 0, 30), (0, 0, 0, 1.0)])


def volume() -> SpectVolume:
    return SpectVolume(np.random.default_rng(1).integers(0, 300, (12, 20, 22)), AFFINE)


def nm() -> Dataset:
    return build_nm(volume(), rescale=(0.5, 0))


def pet() -> Dataset:
    return build_pet_slices(volume())[0]


def stored(dataset: Dataset, keyword: str, vr: str, value: str) -> None:
    """Put bytes in as they would come from a file: pydicom refuses to make such values."""
    content = value.encode("ascii")
    content += b" " * (len(content) % 2)
    tag = Tag(keyword)
    dataset[tag] = RawDataElement(tag, vr, len(content), content, 0, False, True)


def with_decimal_commas(dataset: Dataset) -> None:
    stored(dataset, "SpacingBetweenSlices", "DS", "6,4")
    stored(dataset.DetectorInformationSequence[0], "ImagePositionPatient", "DS", r"-70\-80,5\30")


def with_printed_image_type(dataset: Dataset) -> None:
    spelt = "['ORIGINAL', 'PRIMARY', 'RECON TOMO', 'EMISSION']"
    stored(dataset, "ImageType", "CS", spelt)


def with_zeros_at_the_top(dataset: Dataset) -> None:
    dataset.ImagePositionPatient = ["0", "0", "0"]
    dataset.ImageOrientationPatient = ["0"] * 6


def with_no_slices_counted(dataset: Dataset) -> None:
    dataset.NumberOfSlices = 0


def with_modality_other(dataset: Dataset) -> None:
    dataset.Modality = "OT"


def without_intercept(dataset: Dataset) -> None:
    del dataset.RescaleIntercept


@dataclass(frozen=True)
class Trait:
    """One row of the table: how the trait is made, and what is read afterwards."""

    tolerance: str
    make: Callable[[], Dataset]
    edit: Callable[[Dataset], None]
    read: Callable[[Dataset], object]
    becomes: object
    says: str


TRAITS = [
    Trait(
        "_decimal_commas", nm, with_decimal_commas,
        lambda each: (
            float(each.SpacingBetweenSlices),
            [float(v) for v in each.DetectorInformationSequence[0].ImagePositionPatient],
        ),
        (6.4, [-70.0, -80.5, 30.0]), "decimal commas",
    ),
    Trait(
        "_image_type_printed_as_list", nm, with_printed_image_type,
        lambda each: list(each.ImageType),
        ["ORIGINAL", "PRIMARY", "RECON TOMO", "EMISSION"], "spells a list",
    ),
    Trait("_modality_other", nm, with_modality_other, lambda each: each.Modality, "NM", "OT"),
    Trait("_modality_other", pet, with_modality_other, lambda each: each.Modality, "PT", "OT"),
    Trait(
        "_intercept_absent", pet, without_intercept, lambda each: float(each.RescaleIntercept),
        0.0, "C.8.9.4",
    ),
    Trait(
        "_zeros_for_geometry", nm, with_zeros_at_the_top,
        lambda each: "ImagePositionPatient" in each or "ImageOrientationPatient" in each,
        False, "zeros",
    ),
    Trait(
        "_no_slices_counted", nm, with_no_slices_counted,
        lambda each: "NumberOfSlices" in each, False, "is zero",
    ),
]  # fmt: skip


def test_every_row_of_the_table_has_a_trait():
    assert {each.__name__ for each in TOLERANCES} == {trait.tolerance for trait in TRAITS}


@pytest.mark.parametrize("trait", TRAITS, ids=lambda trait: trait.tolerance)
def test_a_trait_is_put_right_with_a_note(trait: Trait):
    dataset = trait.make()
    trait.edit(dataset)

    notes = put_right(dataset)

    assert trait.read(dataset) == trait.becomes
    (note,) = notes
    assert trait.says in note.text
    assert not note.is_doubtful


@pytest.mark.parametrize("trait", TRAITS, ids=lambda trait: trait.tolerance)
def test_a_trait_is_put_right_in_a_file_too(tmp_path: Path, trait: Trait):
    dataset = trait.make()
    trait.edit(dataset)
    # pydicom takes values that it would not write, once it is told to ignore them.
    with config.disable_value_validation():
        path = save_object(dataset, tmp_path / "trait.dcm")

    header = read_header(path)

    assert trait.read(header.dataset) == trait.becomes
    assert [trait.says in note.text for note in header.notes] == [True]


@pytest.mark.parametrize("trait", TRAITS, ids=lambda trait: trait.tolerance)
def test_what_was_put_right_needs_it_no_more(trait: Trait):
    dataset = trait.make()
    trait.edit(dataset)
    put_right(dataset)

    assert put_right(dataset) == ()


@pytest.mark.parametrize("make", [nm, pet])
def test_a_plain_header_is_left_as_it_is(make: Callable[[], Dataset]):
    dataset = make()
    before = dataset.to_json()

    assert put_right(dataset) == ()
    assert dataset.to_json() == before


def with_modality_of_another_kind(dataset: Dataset) -> None:
    dataset.Modality = "CT"


def with_points_and_commas(dataset: Dataset) -> None:
    stored(dataset, "SpacingBetweenSlices", "DS", "1.006,4")


def with_commas_between_values(dataset: Dataset) -> None:
    stored(dataset, "PixelSpacing", "DS", "6.4,6.4")


def with_an_empty_list(dataset: Dataset) -> None:
    stored(dataset, "ImageType", "CS", "[]")


def with_a_position_of_zero_and_no_other(dataset: Dataset) -> None:
    del dataset.DetectorInformationSequence
    dataset.ImagePositionPatient = ["0", "0", "0"]


@pytest.mark.parametrize(
    "edit",
    [
        with_modality_of_another_kind,
        with_points_and_commas,
        with_commas_between_values,
        with_an_empty_list,
        with_a_position_of_zero_and_no_other,
    ],
)
def test_what_could_mean_two_things_is_left_alone(edit: Callable[[Dataset], None]):
    dataset = nm()
    edit(dataset)

    assert put_right(dataset) == ()


def test_an_nm_object_without_intercept_gets_none():
    dataset = nm()
    del dataset.RescaleIntercept

    assert put_right(dataset) == ()
    assert "RescaleIntercept" not in dataset


def test_the_file_on_disk_stays_as_it_was(tmp_path: Path):
    dataset = nm()
    dataset.Modality = "OT"
    path = save_object(dataset, tmp_path / "x.dcm")
    before = path.read_bytes()

    read_header(path)

    assert path.read_bytes() == before
    assert dcmread(path).Modality == "OT"
