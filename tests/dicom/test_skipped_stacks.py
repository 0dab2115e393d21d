"""Slices in a file each that are refused are one row for people, wherever they are told."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from repository import DEMO
from shortaxis.dicom.reading.finding.scan import scan_dicom, scan_part, scan_stack
from shortaxis.dicom.reading.finding.skipped import SkippedItem, in_stacks, stacks_of
from split_exams import write_refused_stacks, write_slices


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("refused")
    write_refused_stacks(root)
    shutil.copy(DEMO / "study.dcm", root)
    shutil.copy(DEMO / "rest.dcm", root / "copy-1.dcm")
    shutil.copy(DEMO / "rest.dcm", root / "copy-2.dcm")
    return root


def test_every_slice_names_the_first_of_its_stack(folder: Path) -> None:
    skipped = scan_dicom(folder).skipped

    for name in ("pet", "ct", "nm"):
        files = sorted((folder / name).iterdir())
        items = [item for item in skipped if item.path.parent.name == name]
        assert [item.path for item in items] == files
        assert {item.stack for item in items} == {files[0]}
    (copy,) = [item for item in skipped if item.path.parent == folder]
    assert copy.stack is None


def test_a_stack_is_one_row_with_its_reason_and_the_way_on(folder: Path) -> None:
    rows = {row.first.path.parent.name: row for row in stacks_of(scan_dicom(folder).skipped)}

    assert len(rows) == 4
    assert "WHOLE BODY" in rows["pet"].words
    assert "--whole-body" in rows["pet"].words
    assert "CT Image Storage" in rows["ct"].words
    assert "--orientation" in rows["nm"].words
    assert rows["pet"].name == f"{folder / 'pet' / '000.dcm'} and {len(rows['pet'].paths) - 1} more"
    assert {row.first.is_exam for row in (rows["pet"], rows["nm"])} == {True}
    assert not rows["ct"].first.is_exam


def test_a_scan_that_is_shared_out_finds_the_same_stacks(folder: Path) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    parts = [scan_part(files[start : start + 7]) for start in range(0, len(files), 7)]
    skipped = [item for part in parts for item in part.skipped]
    slices: dict[str, list[Path]] = {}
    for part in parts:
        for uid, paths in part.slice_files.items():
            slices.setdefault(uid, []).extend(paths)
    for paths in slices.values():
        skipped += scan_stack(paths).skipped

    found = {item.path: item.stack for item in in_stacks(skipped) if item.path.parent != folder}

    assert found == {
        item.path: item.stack for item in scan_dicom(folder).skipped if item.path.parent != folder
    }


def test_copies_of_the_slices_of_a_series_are_one_row(tmp_path: Path) -> None:
    write_slices(tmp_path / "a")
    shutil.copytree(tmp_path / "a", tmp_path / "b")

    inventory = scan_dicom(tmp_path)

    (row,) = stacks_of(inventory.skipped)
    assert len(inventory.entries) == 1
    assert row.words == "is a copy of another file"
    assert len(row.paths) == len(list((tmp_path / "b").iterdir()))


def test_objects_of_many_slices_stand_for_themselves_even_in_one_series() -> None:
    items = [SkippedItem(Path(name), "is without geometry") for name in ("a.dcm", "b.dcm")]

    assert [row.paths for row in stacks_of(in_stacks(items))] == [
        (Path("a.dcm"),),
        (Path("b.dcm"),),
    ]


def test_the_terminal_has_a_line_a_stack_and_json_every_file(folder: Path, shortaxis: Any) -> None:
    shown = shortaxis("info", folder)
    told = shortaxis("info", folder, "--json")

    lines = [line for line in shown.out.splitlines() if line.startswith("skipped")]
    assert len(lines) == 4
    assert sum("--whole-body" in line for line in lines) == 1
    skipped = told.json["skipped"]
    whole_body = [each for each in skipped if "WHOLE BODY" in each["reason"]]
    assert {each["path"] for each in whole_body} == {
        str(path) for path in (folder / "pet").iterdir()
    }
    assert {each["stack"] for each in whole_body} == {str(folder / "pet" / "000.dcm")}
    assert all("--whole-body" in each["way_on"] for each in whole_body)
