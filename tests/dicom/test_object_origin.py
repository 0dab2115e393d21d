"""UIDs that follow from what objects hold: the same object has the same, and no other has it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset, dcmread

from drawn_heart import transaxial_grid
from nm_object import build_nm
from shortaxis.dicom.documents.object_origin import NewOrigin, RepeatedOrigin
from shortaxis.dicom.elements.part10 import file_meta_of, write_dataset
from shortaxis.dicom.elements.uids import UidGenerator
from shortaxis.spect.volume import SpectVolume

MONDAY, TUESDAY = datetime(2026, 1, 5, 9, 30), datetime(2026, 1, 6, 14)

Change = Callable[[Dataset], object]


def unchanged(dataset: Dataset) -> None:
    """Leave everything as it is."""


def written(
    folder: Path,
    change: Change = unchanged,
    now: datetime = MONDAY,
    made_at: Callable[[Sequence[tuple[str, str]]], datetime | None] = lambda uids: None,
) -> list[Dataset]:
    """Two objects, the first changed, as a run at a time writes them."""
    folder.mkdir(exist_ok=True)
    grid = transaxial_grid()

    def write(uids: UidGenerator, at: datetime) -> None:
        for name in ("a", "b"):
            dataset = build_nm(SpectVolume(np.ones(grid.shape), grid.patient_from_index))
            if name == "a":
                change(dataset)
            dataset.SOPInstanceUID, dataset.SeriesInstanceUID = uids(), uids()
            dataset.InstanceCreationTime = f"{at:%d%H%M}"
            dataset.file_meta = file_meta_of(dataset)
            write_dataset(folder / f"{name}.dcm", dataset)

    RepeatedOrigin(made_at, lambda: now).write(folder, write)
    return [dcmread(folder / name) for name in ("a.dcm", "b.dcm")]


def uids_of(objects: list[Dataset]) -> set[str]:
    return {value for each in objects for value in (each.SOPInstanceUID, each.SeriesInstanceUID)}


def test_what_is_made_again_is_the_same_object_with_its_time(tmp_path: Path) -> None:
    first = written(tmp_path / "first")
    again = written(tmp_path / "again", now=TUESDAY, made_at=lambda uids: MONDAY)

    assert len(uids_of(first)) == 4
    assert first == again


def test_those_are_asked_for_that_are_written(tmp_path: Path) -> None:
    asked: list[tuple[str, str]] = []

    objects = written(tmp_path / "first", made_at=asked.extend)

    assert asked == [(each.SeriesInstanceUID, each.SOPInstanceUID) for each in objects]


def test_what_was_not_there_has_the_present_time(tmp_path: Path) -> None:
    (first, _) = written(tmp_path / "first", now=TUESDAY)

    assert first.InstanceCreationTime == f"{TUESDAY:%d%H%M}"


@pytest.mark.parametrize(
    "change",
    [
        lambda each: setattr(each, "PixelData", each.PixelData[:-2] + b"\7\0"),
        lambda each: setattr(each, "DerivationDescription", "another pose"),
        lambda each: setattr(each, "StudyInstanceUID", "1.2.3.4"),
        lambda each: setattr(each, "FrameOfReferenceUID", "1.2.3.4"),
    ],
    ids=["counts", "words", "study", "frame of reference"],
)
def test_other_objects_have_other_uids(tmp_path: Path, change: Change) -> None:
    once, other = written(tmp_path / "once"), written(tmp_path / "other", change)

    assert not uids_of(once) & uids_of(other)


def test_a_name_that_the_archive_corrects_makes_no_second_set(tmp_path: Path) -> None:
    once = written(tmp_path / "once")
    corrected = written(tmp_path / "corrected", lambda each: setattr(each, "PatientName", "Roe"))

    assert uids_of(once) == uids_of(corrected)


def test_new_objects_are_new_each_time(tmp_path: Path) -> None:
    drawn: list[str] = []
    for _ in range(2):
        NewOrigin().write(tmp_path, lambda uids, now: drawn.append(uids()))

    assert drawn[0] != drawn[1]
