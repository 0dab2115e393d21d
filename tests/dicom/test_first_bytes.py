"""Objects of other classes are told by their first bytes, as a whole reading would tell them."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
from pydicom import Dataset, dcmread
from pydicom.sequence import Sequence
from pydicom.uid import (
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    NuclearMedicineImageStorage,
)

from drawn_study import study_dataset
from shortaxis.dicom.reading.finding import findings
from shortaxis.dicom.reading.finding.opening import FIRST_BYTES, opening_of
from shortaxis.dicom.reading.finding.scan import scan_dicom
from shortaxis.dicom.reading.finding.seen_objects import SeenObjects
from shortaxis.errors import InputNotFoundError, ShortAxisError

SERIES = "1.2.826.0.1.3680043.8.498.77"
SYNTAXES = [ExplicitVRLittleEndian, ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian]


def other_object(path: Path, number: int = 0, **values: object) -> Path:
    """An image of computed tomography, or of what `values` say."""
    dataset = study_dataset()
    dataset.SOPClassUID, dataset.Modality = CTImageStorage, "CT"
    dataset.SOPInstanceUID = f"{SERIES}.{number + 1}"
    dataset.SeriesInstanceUID = SERIES
    dataset.NumberOfFrames = 1
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.save_as(path, enforce_file_format=True)
    return path


def stored_in(path: Path, syntax: str) -> Path:
    dataset = dcmread(path)
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.save_as(
        path, implicit_vr=syntax == ImplicitVRLittleEndian, little_endian=True,
        enforce_file_format=True,
    )  # fmt: skip
    return path


def referenced(*, is_undefined: bool) -> Sequence:
    """Items within items, as many cameras store references."""
    inner = Dataset()
    inner.ReferencedSOPInstanceUID = "1.2.3"
    outer = Dataset()
    outer.ReferencedImageSequence = Sequence([inner, inner])
    outer["ReferencedImageSequence"].is_undefined_length = is_undefined
    found = Sequence([outer, inner])
    for item in (*found, inner):
        item.is_undefined_length_sequence_item = is_undefined
    return found


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_class_series_and_frames_are_those_of_the_data_set_or_nothing_is_said(
    syntax: str, tmp_path: Path
) -> None:
    path = stored_in(other_object(tmp_path / "ct.dcm"), syntax)

    opening = opening_of(path)

    if syntax == DeflatedExplicitVRLittleEndian:
        assert opening is None
    else:
        assert opening is not None
        assert (opening.sop_class, opening.series_uid, opening.frames) == (
            CTImageStorage,
            SERIES,
            "1",
        )


@pytest.mark.parametrize("is_undefined", [True, False])
def test_sequences_before_the_series_do_not_mislead(tmp_path: Path, is_undefined: bool) -> None:
    path = other_object(
        tmp_path / "ct.dcm", ReferencedStudySequence=referenced(is_undefined=is_undefined)
    )
    dataset = dcmread(path)
    dataset["ReferencedStudySequence"].is_undefined_length = is_undefined
    dataset.save_as(path)

    opening = opening_of(path)

    # Sequences in sequences of undefined length are left to whoever reads the whole file.
    assert opening is None or opening.series_uid == SERIES
    assert opening is not None or is_undefined


@pytest.mark.parametrize("kept", [0, 100, 140, 300, 600])
def test_of_a_file_that_ends_early_nothing_is_said(tmp_path: Path, kept: int) -> None:
    path = other_object(tmp_path / "ct.dcm")
    path.write_bytes(path.read_bytes()[:kept])

    assert opening_of(path) is None


def test_a_file_whose_two_classes_differ_is_read_as_a_whole(tmp_path: Path) -> None:
    path = other_object(tmp_path / "nm.dcm", SOPClassUID=NuclearMedicineImageStorage)
    dataset = dcmread(path)
    dataset.file_meta.MediaStorageSOPClassUID = CTImageStorage
    dataset.save_as(path)

    assert opening_of(path) is None


def test_no_more_than_the_beginning_is_read(tmp_path: Path) -> None:
    path = other_object(tmp_path / "ct.dcm", StudyDescription="x" * 64)
    content = path.read_bytes()
    path.write_bytes(content + bytes(FIRST_BYTES))

    assert opening_of(path) is not None


def test_a_scan_says_the_same_with_and_without_first_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        other_object(tmp_path / f"{number}.dcm", number)
    other_object(tmp_path / "alone.dcm", 9, SeriesInstanceUID="1.2.3", NumberOfFrames=7)

    def told() -> str:
        with pytest.raises(InputNotFoundError) as caught:
            scan_dicom(tmp_path)
        return str(caught.value)

    quick = told()
    monkeypatch.setattr(findings, "opening_of", lambda path: None)
    assert quick == told()
    assert "4 x CT Image Storage" in quick


def test_errors_of_a_scan_are_not_kept_with_what_they_hold(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"{number}.dcm").write_text(f"nothing {number}")
    found = findings.Findings(findings.ReadingOptions())

    for path in sorted(tmp_path.iterdir()):
        found.add_file(path)

    gc.collect()
    assert len(found.skipped) == 30
    assert len({id(item.reason) for item in found.skipped}) == 1
    # Asking for the class of some objects of libraries warns; their type does not.
    errors = [each for each in gc.get_objects() if issubclass(type(each), ShortAxisError)]
    assert [each for each in errors if str(tmp_path) in str(each)] == [found.first_error]


def test_a_file_is_forgotten_and_no_other(tmp_path: Path) -> None:
    seen, dataset = SeenObjects(), Dataset()
    dataset.SOPInstanceUID, dataset.SeriesInstanceUID = "1.2", "1"
    first, other = tmp_path / "a", tmp_path / "b"
    assert seen.why_doubled(first, dataset) == ""

    seen.forget(other)
    assert seen.first == {"1.2": ("1", first)}
    seen.forget(first)
    assert not seen.first
    assert seen.why_doubled(other, dataset) == ""
