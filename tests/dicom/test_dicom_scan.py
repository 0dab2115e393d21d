"""Finding series in folders as users have them: mixed, linked, damaged."""

from __future__ import annotations

import os
import time
import warnings
from pathlib import Path

import numpy as np
import pytest

from nm_object import build_nm, build_pet_slices, save_object
from shortaxis.dicom.reading.finding.scan import is_dicom_file, scan_dicom
from shortaxis.dicom.reading.study import read_dicom_study
from shortaxis.errors import (
    AlreadyReorientedError,
    InputNotFoundError,
    UnreadableFileError,
    UnsupportedObjectError,
)
from shortaxis.spect.reading_options import ReadingOptions
from shortaxis.spect.study import StudyCondition
from shortaxis.spect.volume import SpectVolume

AFFINE = np.array([(0, 0, 6.4, -70), (0, 6.4, 0, -80), (6.4, 0, 0, 30), (0, 0, 0, 1.0)])


def make_volume() -> SpectVolume:
    return SpectVolume(np.random.default_rng(1).integers(0, 300, (12, 20, 22)), AFFINE)


def ct(seed: str):
    dataset = build_nm(make_volume(), seed=seed)
    dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    return dataset


@pytest.fixture
def mixed(tmp_path):
    """A folder with two NM studies, a gated one, a PET series, and much else."""
    volume = make_volume()
    stress = build_nm(volume, seed="stress", series_description="STRESS_TRANS_AC", image_id="1")
    rest = build_nm(volume, seed="rest", series_description="Repouso", image_id="2")
    gated = build_nm(volume, gates=np.stack([volume.counts] * 8), seed="gated")
    short_axis = build_nm(volume, seed="sa", series_description="STRESS_SA")
    save_object(stress, tmp_path / "b" / "IM0001")
    save_object(rest, tmp_path / "a" / "rest.dcm")
    save_object(gated, tmp_path / "c" / "d" / "gated.ima")
    save_object(short_axis, tmp_path / "c" / "sa.dcm")
    for number, each in enumerate(build_pet_slices(volume, seed="pet")):
        save_object(each, tmp_path / "pet" / f"{number:02}.dcm")
    save_object(ct("ct"), tmp_path / "b" / "ct.dcm")
    save_object(stress, tmp_path / "b" / "copy.dcm")
    (tmp_path / "notes.txt").write_text("nothing to see")
    (tmp_path / "empty.dcm").touch()
    return tmp_path


def test_every_series_of_a_mixed_folder_is_found_once(mixed):
    inventory = scan_dicom(mixed)

    found = {(entry.kind, entry.n_time_slots, len(entry.paths)) for entry in inventory.entries}
    assert found == {
        ("NM RECON TOMO", 1, 1), ("NM RECON GATED TOMO", 8, 1), ("PET STATIC", 1, 12),
    }  # fmt: skip
    assert len(inventory.entries) == 4
    for entry in inventory.entries:
        assert (entry.n_slices, entry.rows, entry.columns) == (12, 20, 22)
        np.testing.assert_allclose(entry.spacing_mm, 6.4)
        study = read_dicom_study(entry).study
        assert study.facts == entry.facts
        assert study.is_gated == (entry.n_time_slots > 1)


def test_everything_else_is_listed_with_its_reason(mixed):
    reasons = {item.path.name: item.reason for item in scan_dicom(mixed).skipped}

    assert "CT Image Storage" in reasons["ct.dcm"]
    assert "short axis" in reasons["sa.dcm"]
    assert reasons["notes.txt"] == "is not a DICOM file"
    assert reasons["empty.dcm"].startswith("is empty")
    assert reasons["copy.dcm"] == "is a copy of another file"
    assert len(reasons) == 5


@pytest.mark.parametrize("keyword", ["SeriesInstanceUID", "PixelData"])
def test_another_object_under_the_same_uid_is_no_copy(tmp_path, keyword):
    first, second = build_nm(make_volume()), build_nm(make_volume())
    other = build_nm(make_volume(), seed="other", signed=False)
    second[keyword].value = other[keyword].value[::-1] if keyword == "PixelData" else "1.2.3"
    save_object(first, tmp_path / "1.dcm")
    save_object(second, tmp_path / "2.dcm")

    (item,) = scan_dicom(tmp_path).skipped

    assert item.path.name == "2.dcm"
    assert item.reason.startswith("two different objects share one SOP Instance UID")


def test_a_copy_sent_by_another_archive_is_a_copy(tmp_path):
    written = build_nm(make_volume())
    save_object(written, tmp_path / "1.dcm")
    written.file_meta.SourceApplicationEntityTitle = "ARCHIVE"
    save_object(written, tmp_path / "2.dcm")

    (item,) = scan_dicom(tmp_path).skipped

    assert item.reason == "is a copy of another file"


def test_reasons_name_no_patient(mixed):
    for item in scan_dicom(mixed).skipped:
        assert "Ada" not in item.reason
        assert "DEMO-1" not in item.reason


def test_the_order_is_that_of_the_paths_whatever_the_file_system_says(mixed, monkeypatch):
    expected = scan_dicom(mixed)
    real_walk = os.walk

    def shuffled(*arguments, **options):
        for here, folders, files in real_walk(*arguments, **options):
            folders.reverse()
            yield here, folders, files[::-1]

    monkeypatch.setattr(os, "walk", shuffled)

    assert scan_dicom(mixed) == expected
    assert [entry.paths for entry in expected.entries] == sorted(e.paths for e in expected.entries)


def test_conditions_are_told_without_reading_pixels(mixed):
    entries = scan_dicom(mixed).entries

    by_name = {entry.paths[0].name: entry.facts.condition for entry in entries}
    assert by_name["rest.dcm"] is StudyCondition.REST
    assert by_name["IM0001"] is StudyCondition.STRESS


def test_a_scan_does_not_need_the_pixels(tmp_path, monkeypatch):
    path = save_object(build_nm(make_volume()), tmp_path / "study.dcm")
    monkeypatch.setattr("shortaxis.dicom.reading.study.frame_counts", None)

    (entry,) = scan_dicom(path).entries

    assert entry.n_slices == 12


def test_a_file_without_its_pixels_is_not_listed_as_usable(tmp_path):
    path = save_object(build_nm(make_volume()), tmp_path / "cut.dcm")
    path.write_bytes(path.read_bytes()[: -2 * 12 * 20 * 22])

    with pytest.raises(UnreadableFileError, match="truncated"):
        scan_dicom(path)


def test_pixels_that_end_early_are_found_when_they_are_read(tmp_path):
    path = save_object(build_nm(make_volume()), tmp_path / "cut.dcm")
    path.write_bytes(path.read_bytes()[:-2])

    with pytest.raises(UnreadableFileError, match="truncated"):
        read_dicom_study(scan_dicom(path).entries[0])


def test_one_series_can_be_asked_for(mixed):
    uid = build_nm(make_volume(), seed="rest").SeriesInstanceUID

    (entry,) = scan_dicom(mixed, series_uid=uid).entries

    assert entry.paths[0].name == "rest.dcm"


def test_an_unknown_series_lists_those_there_are(mixed):
    with pytest.raises(InputNotFoundError) as caught:
        scan_dicom(mixed, series_uid="1.2.3")

    uids = {entry.facts.series_instance_uid for entry in scan_dicom(mixed).entries}
    assert len(uids) == 4
    assert all(uid in str(caught.value) for uid in uids)


def test_a_refused_series_that_was_asked_for_says_why(mixed):
    uid = build_nm(make_volume(), seed="sa").SeriesInstanceUID

    with pytest.raises(AlreadyReorientedError, match="reoriented already"):
        scan_dicom(mixed, series_uid=uid)
    assert (
        len(scan_dicom(mixed, series_uid=uid, options=ReadingOptions(force_input=True)).entries)
        == 1
    )


def test_progress_counts_every_file(mixed):
    seen = []

    scan_dicom(mixed, progress=lambda done, total: seen.append((done, total)))

    total = sum(path.is_file() for path in mixed.rglob("*"))
    assert seen == [(number, total) for number in range(1, total + 1)]


def test_several_volumes_of_one_series_are_several_entries(tmp_path):
    first, second = build_nm(make_volume(), seed="one"), build_nm(make_volume(), seed="two")
    second.SeriesInstanceUID = first.SeriesInstanceUID
    save_object(first, tmp_path / "1.dcm")
    save_object(second, tmp_path / "2.dcm")

    assert len(scan_dicom(tmp_path, series_uid=first.SeriesInstanceUID).entries) == 2


def test_a_folder_without_usable_series_says_what_it_holds(tmp_path):
    for number in range(3):
        save_object(ct(str(number)), tmp_path / f"{number}.dcm")
    (tmp_path / "a.txt").write_text("x")

    with pytest.raises(InputNotFoundError) as caught:
        scan_dicom(tmp_path)

    assert "3 x CT Image Storage holds no reconstructed nuclear tomography" in str(caught.value)
    assert "1 x is not a DICOM file" in str(caught.value)


def test_an_empty_folder_and_a_missing_path_are_not_found(tmp_path):
    with pytest.raises(InputNotFoundError, match="an empty folder"):
        scan_dicom(tmp_path)
    with pytest.raises(InputNotFoundError, match="does not exist"):
        scan_dicom(tmp_path / "nowhere")


def test_a_dicomdir_is_skipped_as_an_index(mixed):
    index = build_nm(make_volume(), seed="index")
    save_object(index, mixed / "DICOMDIR")
    content = (mixed / "DICOMDIR").read_bytes()
    nm = b"1.2.840.10008.5.1.4.1.1.20\0"[:-1]
    # A DICOMDIR has its class in the file meta information only (PS3.10 8).
    at = content.rindex(b"\x08\x00\x16\x00UI")
    content = content[:at] + content[at + 8 + len(nm) :]
    directory = b"1.2.840.10008.1.3.10".ljust(len(nm), b"\0")
    (mixed / "DICOMDIR").write_bytes(content.replace(nm, directory))

    reasons = {item.path.name: item.reason for item in scan_dicom(mixed).skipped}

    assert reasons["DICOMDIR"] == "Media Storage Directory Storage is an index of other files"


def test_links_in_circles_and_to_nowhere_are_survived(mixed):
    before = scan_dicom(mixed)
    (mixed / "a" / "up").symlink_to(mixed, target_is_directory=True)
    (mixed / "c" / "self").symlink_to(mixed / "c", target_is_directory=True)
    (mixed / "nowhere.dcm").symlink_to(mixed / "gone.dcm")

    inventory = scan_dicom(mixed)

    assert len(inventory.entries) == len(before.entries)
    assert len(inventory.skipped) == len(before.skipped) + 1
    reasons = {item.path.name: item.reason for item in inventory.skipped}
    assert reasons["nowhere.dcm"].startswith("is not a file")


def test_a_linked_folder_is_followed(mixed, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "link").symlink_to(mixed, target_is_directory=True)

    assert len(scan_dicom(elsewhere).entries) == 4


def test_a_pipe_does_not_block_the_scan(mixed):
    os.mkfifo(mixed / "pipe.dcm")

    reasons = {item.path.name: item.reason for item in scan_dicom(mixed).skipped}

    assert reasons["pipe.dcm"].startswith("is a pipe, which is not opened")
    assert not is_dicom_file(mixed / "pipe.dcm")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_files_and_folders_without_permission_are_skipped(mixed):
    (mixed / "b" / "ct.dcm").chmod(0)
    (mixed / "c").chmod(0)
    try:
        inventory = scan_dicom(mixed)
    finally:
        (mixed / "c").chmod(0o700)

    reasons = {item.path.name: item.reason for item in inventory.skipped}
    assert "cannot be read" in reasons["ct.dcm"]
    assert "cannot be read" in reasons["c"]
    assert len(inventory.entries) == 3


def test_a_folder_that_cannot_be_listed_is_named(mixed, monkeypatch):
    real = os.scandir

    def refuse(path):
        if str(path).endswith("pet"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", refuse)

    inventory = scan_dicom(mixed)

    assert (mixed / "pet", "is a folder that cannot be read") in [
        (item.path, item.reason) for item in inventory.skipped
    ]
    assert len(inventory.entries) == 3


def test_is_dicom_file_knows_the_prefix(mixed):
    assert is_dicom_file(mixed / "a" / "rest.dcm")
    assert not is_dicom_file(mixed / "notes.txt")
    assert not is_dicom_file(mixed / "empty.dcm")
    assert not is_dicom_file(mixed)
    assert not is_dicom_file(mixed / "gone")


def test_odd_values_neither_warn_nor_print(tmp_path, capfd):
    path = tmp_path / "odd.dcm"
    written = build_nm(make_volume())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        written.SeriesDescription = "x" * 90
        written.SpecificCharacterSet = "ISO_IR 999"
        written.PatientBirthDate = "yesterday"
        written.SliceThickness = "6.400000000000000355271"
        save_object(written, path)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (entry,) = scan_dicom(path).entries
        read_dicom_study(entry)

    assert capfd.readouterr() == ("", "")


def test_hundreds_of_foreign_files_are_passed_quickly(tmp_path):
    count = 300
    content = save_object(ct("many"), tmp_path / "0.dcm").read_bytes()
    for number in range(1, count):
        (tmp_path / f"{number}.dcm").write_bytes(content)
    start = time.process_time()

    with pytest.raises(UnsupportedObjectError, match="CT Image Storage"):
        scan_dicom(tmp_path)

    assert (time.process_time() - start) / count < 0.01


def test_a_damaged_copy_does_not_stand_in_the_way_of_a_good_one(
    demo_study_path: Path, tmp_path: Path
) -> None:
    content = demo_study_path.read_bytes()
    (tmp_path / "a-cut-short.dcm").write_bytes(content[:3000])
    (tmp_path / "b-whole.dcm").write_bytes(content)

    inventory = scan_dicom(tmp_path)

    (entry,) = inventory.entries
    assert entry.paths[0].name == "b-whole.dcm"
    assert [item.path.name for item in inventory.skipped] == ["a-cut-short.dcm"]
