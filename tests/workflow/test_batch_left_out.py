"""No exam of a batch is lost: every file ends in a row with its path and reason."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pydicom
import pytest

pytest.importorskip("polars", reason="a batch needs a table library")

import polars

from nm_object import save_object
from repository import DEMO
from shortaxis.processes.pool import Pool
from shortaxis.spect.reading_options import ReadingOptions
from shortaxis.spect.stated_geometry import permuted
from shortaxis.workflow.batch import workforce
from shortaxis.workflow.batch.cohort_page import write_cohort_page
from shortaxis.workflow.batch.left_out import outcome_of
from shortaxis.workflow.batch.options import BatchOptions
from shortaxis.workflow.batch.running import BatchRequest, BatchResult, run_batch
from shortaxis.workflow.batch.tables import write_results
from split_exams import (
    write_kinds_in_one_series,
    write_refused_stacks,
    write_slices,
    write_time_slots,
    write_windows,
)

REPORTED = BatchOptions(formats=("nifti",), extras=("report",))

N_STUDIES = 6 + 1 + 1 + 2 + 2
"""Three kinds of stress and of rest, time slots, slices, two windows in each of two objects."""


@pytest.fixture(scope="module")
def local() -> Iterator[Pool]:
    """A worker for all tests: what it imports takes a second."""
    with Pool(1) as pool:
        yield pool


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Exams in several files or several exams in one, and files that cannot be used."""
    root = tmp_path_factory.mktemp("split")
    write_kinds_in_one_series(root / "kinds")
    write_time_slots(root / "slots")
    write_slices(root / "slices")
    write_windows(root / "windows.dcm")
    write_windows(root / "same-names.dcm", second="Tc99m")
    unplaced = pydicom.dcmread(DEMO / "study.dcm")
    del unplaced.DetectorInformationSequence[0].ImagePositionPatient
    del unplaced.DetectorInformationSequence[0].ImageOrientationPatient
    unplaced.SOPInstanceUID = unplaced.file_meta.MediaStorageSOPInstanceUID = "2.25.77"
    save_object(unplaced, root / "unplaced.dcm")
    mask = np.zeros((40, 40, 30), np.uint8)
    mask[10:20] = 1
    nibabel.save(nibabel.Nifti1Image(mask, np.diag([4, 4, 4, 1])), root / "mask.nii.gz")
    (root / "cut-short.dcm").write_bytes((DEMO / "rest.dcm").read_bytes()[:3000])
    for number in range(40):
        (root / f"notes-{number}.txt").write_text(f"nothing {number}")
    return root


def run(local: Pool, inputs: Path, out: Path, options: BatchOptions = REPORTED) -> BatchResult:
    return run_batch(BatchRequest((inputs,), out, options), crew=local)


@pytest.fixture(scope="module")
def batch(
    local: Pool, split: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, BatchResult]:
    out = tmp_path_factory.mktemp("batch") / "out"
    return out, run(local, split, out)


def test_exams_in_many_files_and_many_exams_in_one_are_studies_of_their_own(
    batch: tuple[Path, BatchResult],
) -> None:
    records = batch[1].records

    assert len(records) == N_STUDIES
    assert len({each["key"] for each in records}) == N_STUDIES
    assert not any(each.get("error") for each in records)
    by_folder = {Path(each["path"]).parent.name: each for each in records}
    assert (by_folder["slots"]["files"], by_folder["slots"]["time_slots"]) == (4, 4)
    assert by_folder["slices"]["files"] == 30
    windows = [each for each in records if Path(each["path"]).name == "same-names.dcm"]
    assert len(windows) == 2


def test_every_file_is_a_row_of_the_table_a_record_and_on_the_page(
    batch: tuple[Path, BatchResult], split: Path
) -> None:
    out, result = batch
    left_out = {
        "unplaced.dcm", "mask.nii.gz", "cut-short.dcm", *(f"notes-{n}.txt" for n in range(40)),
    }  # fmt: skip

    table = polars.read_parquet(write_results(out, result.rows))
    page = write_cohort_page(out, result.records, result.skipped).read_text("utf-8")

    rows = table.filter(polars.col("outcome") != "reoriented").to_dicts()
    assert {Path(row["path"]).name for row in rows} == left_out
    assert all(row["error"] for row in rows)
    kept = [json.loads(path.read_text("utf-8")) for path in (out / "failed").glob("*.json")]
    told = {(row["path"], row["outcome"], row["error"]) for row in rows}
    assert {(each["path"], each["outcome"], each["error"]) for each in kept} == told
    for name in left_out:
        assert str(split / name) in page


def test_an_exam_that_could_not_be_read_is_told_from_files_that_are_none(
    batch: tuple[Path, BatchResult],
) -> None:
    by_name = {Path(each["path"]).name: each for each in batch[1].left_out}

    assert outcome_of(by_name["unplaced.dcm"]) == "not read"
    assert outcome_of(by_name["cut-short.dcm"]) == "not read"
    assert outcome_of(by_name["mask.nii.gz"]) == "not used"
    assert outcome_of(by_name["notes-7.txt"]) == "not used"
    assert "ImagePositionPatient" in by_name["unplaced.dcm"]["error"]


def test_a_second_run_does_nothing_again(
    local: Pool, batch: tuple[Path, BatchResult], split: Path
) -> None:
    out, first = batch

    again = run(local, split, out)

    assert (again.done, again.kept) == (0, N_STUDIES)
    assert again.left_out == first.left_out
    assert [each["key"] for each in again.records] == [each["key"] for each in first.records]


def test_the_corrected_pair_is_reported_and_other_stress_exams_say_why_not(
    batch: tuple[Path, BatchResult],
) -> None:
    out, result = batch
    kinds = {
        Path(each["path"]).name: each
        for each in result.records
        if Path(each["path"]).parent.name == "kinds"
    }

    shown = kinds["stress_AC.dcm"]
    report = json.loads((out / shown["report"]).with_name("study_report.json").read_text("utf-8"))
    assert any("attenuation-corrected" in note for note in report["notes"])
    assert {each["file"] for each in report["left_out"]} == {
        "stress_NAC.dcm", "stress_GATED.dcm", "rest_NAC.dcm", "rest_GATED.dcm",
    }  # fmt: skip
    for name in ("stress_NAC.dcm", "stress_GATED.dcm"):
        assert (
            kinds[name]["report"] == f"no report: another reconstruction is shown, {shown['key']}"
        )
    (slots,) = [each for each in result.records if Path(each["path"]).parent.name == "slots"]
    assert "no exam at rest" in slots["report"]


def test_results_follow_from_what_was_stated(local: Pool, tmp_path: Path) -> None:
    stated = BatchOptions(
        formats=("nifti",), reading=ReadingOptions(stated=permuted("LPI"), whole_body=True)
    )
    assert stated.digest != BatchOptions(formats=("nifti",)).digest
    study = tmp_path / "in" / "study.dcm"
    study.parent.mkdir()
    shutil.copy(DEMO / "study.dcm", study)

    result = run(local, study.parent, tmp_path / "out", stated)

    (record,) = result.records
    assert record["flag"] == "review"
    assert any("orientation as stated by the user" in reason for reason in record["reasons"])


def test_a_file_that_is_mended_is_no_longer_among_the_failed(local: Pool, tmp_path: Path) -> None:
    path = tmp_path / "in" / "study.dcm"
    path.parent.mkdir()
    content = (DEMO / "study.dcm").read_bytes()
    path.write_bytes(content[:3000])
    out = tmp_path / "out"

    first = run(local, path.parent, out)
    failed_before = len(list((out / "failed").glob("*.json")))
    path.write_bytes(content)
    second = run(local, path.parent, out)

    assert (len(first.records), len(first.left_out), failed_before) == (0, 1, 1)
    assert (len(second.records), len(second.left_out)) == (1, 0)
    assert not list((out / "failed").glob("*.json"))


def test_a_page_without_paths_names_no_file(
    batch: tuple[Path, BatchResult], split: Path, tmp_path: Path
) -> None:
    (tmp_path / "studies").mkdir()

    page = write_cohort_page(tmp_path, (), batch[1].skipped, with_paths=False)

    assert str(split) not in page.read_text("utf-8")


def test_a_refused_stack_is_one_row_one_record_and_one_line(local: Any, tmp_path: Path) -> None:
    inputs, out = tmp_path / "in", tmp_path / "out"
    numbers = write_refused_stacks(inputs)
    # More than one task looks at the files of a stack.
    for number in range(80):
        (inputs / "ct" / f"{number}.txt").write_text(f"nothing {number}")

    result = run(local, inputs, out)
    page = write_cohort_page(out, result.records, result.skipped).read_text("utf-8")
    table = polars.read_parquet(write_results(out, result.rows)).to_dicts()

    stacks = [row for row in table if row["files"] > 1]
    assert len(stacks) == len(numbers)
    by_name = {Path(row["path"]).parent.name: row for row in stacks}
    assert {name: row["files"] for name, row in by_name.items()} == numbers
    assert {name: row["outcome"] for name, row in by_name.items()} == {
        "pet": "not read", "nm": "not read", "ct": "not used",
    }  # fmt: skip
    assert "--whole-body" in by_name["pet"]["way_on"]
    kept = [json.loads(path.read_text("utf-8")) for path in (out / "failed").glob("*.json")]
    (record,) = [each for each in kept if "WHOLE BODY" in each["error"]]
    assert record["paths"] == sorted(str(path) for path in (inputs / "pet").glob("*.dcm"))
    for name, number in numbers.items():
        first = min((inputs / name).glob("*.dcm"))
        assert f"{first} and {number - 1} more" in page
    assert "--whole-body" in page


def test_the_terminal_has_a_line_a_kind_and_json_has_every_file(
    split: Path, local: Pool, tmp_path: Path, shortaxis: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workforce, "Pool", lambda *_: nullcontext(local))
    inputs = tmp_path / "in"
    inputs.mkdir()
    for path in (*split.glob("*.txt"), split / "unplaced.dcm"):
        shutil.copy(path, inputs)

    told = shortaxis("batch", inputs, "-o", tmp_path / "out", "--json")
    shown = shortaxis("batch", inputs, "-o", tmp_path / "out")

    assert told.code == shown.code == 1
    assert (told.json["studies"], told.json["not_read"], told.json["not_used"]) == (0, 1, 40)
    assert len(told.json["left_out"]) == 41
    assert "not used 40 files, such as" in shown.out
    assert str(inputs / "unplaced.dcm") in shown.out
