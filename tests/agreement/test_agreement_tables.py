"""The table of a user: what is read, and what is refused by row and column."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from shortaxis.agreement.exams.joining import join
from shortaxis.agreement.exams.quantities import SEGMENTS, SUMMED, TPD, segment_column
from shortaxis.agreement.exams.results import OF_A_BATCH, find_results
from shortaxis.agreement.exams.table import read_table
from shortaxis.errors import InputNotFoundError, ShortAxisError, UnreadableFileError
from shortaxis.workflow.batch.tables import COLUMNS

HEAD = ("patient", "condition", "angiography", "reader_1:summed_score", "shortaxis:tpd_percent")
GOOD = ("anna", "stress", "yes", "7", "6.5")


def write(folder: Path, head: Sequence[str], *rows: Sequence[str]) -> Path:
    path = folder / "table.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([head, *rows])
    return path


def changed(column: str, text: str) -> tuple[str, ...]:
    return tuple(text if name == column else cell for name, cell in zip(HEAD, GOOD, strict=True))


def test_a_table_is_read_and_a_dash_says_that_there_is_none(tmp_path: Path) -> None:
    path = write(tmp_path, HEAD, GOOD, ("anna", "rest", "-", "-", "0"), ("",) * 5)

    stress, rest = (each.exam for each in read_table(path, joined=False))

    assert (stress.row, stress.condition, stress.diseased) == (2, "stress", {"patient": True})
    assert stress.values == {("reader_1", SUMMED): 7, ("shortaxis", TPD): 6.5}
    assert (rest.row, rest.diseased, rest.values) == (3, {}, {("shortaxis", TPD): 0})


@pytest.mark.parametrize(
    ("column", "text", "words"),
    [
        ("patient", "", "an empty cell"),
        ("reader_1:summed_score", "", "write - where there is no value"),
        ("reader_1:summed_score", "69", "a whole number from 0 to 68"),
        ("reader_1:summed_score", "7.5", "a whole number from 0 to 68"),
        ("reader_1:summed_score", "seven", "no number"),
        ("reader_1:summed_score", "nan", "found: nan"),
        ("shortaxis:tpd_percent", "6,5", "a comma in it"),
        ("condition", "exercise", "stress or rest"),
        ("angiography", "perhaps", "yes or no, or -"),
    ],
)
def test_a_cell_that_cannot_be_used_is_named_by_row_and_column(
    column: str, text: str, words: str, tmp_path: Path
) -> None:
    path = write(tmp_path, HEAD, GOOD, changed("patient", "bert"), changed(column, text))

    with pytest.raises(ShortAxisError) as raised:
        read_table(path, joined=False)

    assert f"row 4, column {column}: cannot be used" in str(raised.value)
    assert words in str(raised.value)
    assert "anna" not in str(raised.value)


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (GOOD, "patient", "those of row 2"),
        (("anna", "rest", "no", "0", "0"), "angiography", "that of row 2, the same patient"),
    ],
)
def test_rows_that_are_there_twice_or_contradict_each_other_are_refused(
    row: Sequence[str], column: str, words: str, tmp_path: Path
) -> None:
    path = write(tmp_path, HEAD, GOOD, row)

    with pytest.raises(ShortAxisError) as raised:
        read_table(path, joined=False)

    assert f"row 3, column {column}" in str(raised.value)
    assert words in str(raised.value)


def test_a_sum_that_is_not_that_of_its_segments_is_refused(tmp_path: Path) -> None:
    segments = [f"reader_1:{segment_column(number)}" for number in SEGMENTS]
    path = write(tmp_path, (*HEAD, *segments), (*GOOD, *["1"] * 16, "0"))

    with pytest.raises(ShortAxisError, match="row 2, column reader_1:summed_score") as raised:
        read_table(path, joined=False)

    assert "16, the sum of the segments in the row" in str(raised.value)


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (("patient", "reader_1:summed_score"), "no column condition"),
        ((*HEAD, "reader_2:sss"), "column 'reader_2:sss', which means nothing"),
        ((*HEAD, "angiography"), "column angiography twice"),
        (("patient;condition",), "another separator than the comma"),
    ],
)
def test_columns_that_nobody_would_read_are_refused(
    head: Sequence[str], words: str, tmp_path: Path
) -> None:
    path = write(tmp_path, head, GOOD)

    with pytest.raises(UnreadableFileError) as raised:
        read_table(path, joined=False)

    assert words in str(raised.value)


def test_a_table_without_exams_or_without_a_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputNotFoundError, match="has no exams"):
        read_table(write(tmp_path, HEAD), joined=False)
    with pytest.raises(InputNotFoundError, match="is not there"):
        read_table(tmp_path / "none.csv", joined=False)
    (tmp_path / "table.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UnreadableFileError, match="cannot be read as a table"):
        read_table(tmp_path / "table.csv", joined=False)


def batch_record(**values: Any) -> dict[str, Any]:
    record = {
        "condition": "stress", "study_uid": "1.2.3", "path": "/in/a.dcm", "flag": "accept",
        "summed_score": 9, "total_perfusion_deficit": 0.12, "limits": "all",
        "ejection_fraction": 0.61, "function_flag": "review",
    }  # fmt: skip
    return {**record, **values}


@pytest.fixture
def batch(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    for key, record in (
        ("aaa", batch_record()),
        ("bbb", batch_record(condition="rest", path="/in/b.dcm", summed_score=None)),
    ):
        (folder / "studies" / key).mkdir(parents=True)
        (folder / "studies" / key / "record.json").write_text(json.dumps(record))
    (folder / "results.parquet").touch()
    (folder / "failed").mkdir()
    (folder / "failed" / "ddd.json").write_text(json.dumps({"outcome": "not used"}))
    (folder / "failed" / "ccc.json").write_text(
        json.dumps({"condition": "stress", "study_uid": "1.2.4", "error": "of Anna"})
    )
    return folder


def test_numbers_of_a_batch_are_joined_in_per_cent(batch: Path, tmp_path: Path) -> None:
    head = ("patient", "condition", "study_uid", "key", "reader_1:summed_score")
    rows = [("anna", "stress", "1.2.3", "", "8"), ("anna", "rest", "1.2.3", "bbb", "0"),
            ("bert", "stress", "1.2.4", "", "4")]  # fmt: skip
    path = write(tmp_path, head, *rows)

    found = join(path, read_table(path, joined=True), find_results(batch / "results.parquet"))

    stress, rest, failed = found.exams
    assert stress.value("shortaxis", TPD) == 12
    assert stress.value("shortaxis", "ef_percent") == 61
    assert (stress.is_flagged, stress.is_function_flagged) == (False, True)
    assert rest.value("shortaxis", SUMMED) is None
    assert (failed.failure, failed.is_flagged) == ("failed", None)
    assert found.unused == 0
    assert {column for column, _ in OF_A_BATCH.values()} <= set(COLUMNS)


def test_a_deficit_without_limits_is_none(batch: Path) -> None:
    path = batch / "studies" / "aaa" / "record.json"
    path.write_text(json.dumps(batch_record(limits="")))

    found = next(each for each in find_results(batch) if each.key == "aaa")

    assert ("shortaxis", TPD) not in found.values


@pytest.mark.parametrize(
    ("names", "column", "words"),
    [
        (("", "", ""), "key", "one of key, study_uid, file"),
        (("zzz", "", ""), "key", "a study that the results have"),
        (("", "", "/in"), "file", "that of row 2"),
        (("bbb", "", ""), "condition", "rest, as the header of the study says"),
    ],
)
def test_a_row_that_names_no_result_of_its_own_is_refused(
    names: tuple[str, str, str], column: str, words: str, batch: Path, tmp_path: Path
) -> None:
    head = ("patient", "condition", "key", "study_uid", "file", "reader_1:summed_score")
    path = write(
        tmp_path, head, ("anna", "stress", "aaa", "", "", "8"), ("bert", "stress", *names, "8")
    )

    with pytest.raises(ShortAxisError) as raised:
        join(path, read_table(path, joined=True), find_results(batch))

    assert f"row 3, column {column}: cannot be used" in str(raised.value)
    assert words in str(raised.value)


def test_a_row_that_fits_several_results_is_refused(batch: Path, tmp_path: Path) -> None:
    (batch / "studies" / "bbb" / "record.json").write_text(json.dumps(batch_record()))
    head = ("patient", "condition", "study_uid", "reader_1:summed_score")
    path = write(tmp_path, head, ("anna", "stress", "1.2.3", "8"))

    with pytest.raises(ShortAxisError, match="row 2, column study_uid") as raised:
        join(path, read_table(path, joined=True), find_results(batch))

    assert "name it by key" in str(raised.value)


def test_a_folder_without_results_and_a_damaged_one_are_said(tmp_path: Path) -> None:
    with pytest.raises(InputNotFoundError, match="holds no results"):
        find_results(tmp_path)
    (tmp_path / "quantification.json").write_text('{"scores": {"summed": 1}}')
    with pytest.raises(UnreadableFileError, match="cannot be read as a result"):
        find_results(tmp_path)
    (tmp_path / "quantification.json").write_text("[]")
    with pytest.raises(UnreadableFileError, match="cannot be read as a result"):
        find_results(tmp_path)


def test_numbers_of_quantify_are_those_of_its_record(
    shortaxis: Any, demo_study_path: Path, tmp_path: Path
) -> None:
    assert shortaxis("quantify", demo_study_path, "-o", tmp_path / "q").code == 0

    (found,) = find_results(tmp_path)

    record = json.loads((tmp_path / "q" / "quantification.json").read_text())
    assert found.key == "q"
    assert found.study_uid == record["source"]["study_instance_uid"]
    assert found.values["shortaxis", SUMMED] == record["scores"]["summed"]
    assert found.values["shortaxis", segment_column(4)] == record["scores"]["segments"]["4"]
    assert found.values["shortaxis", TPD] == pytest.approx(
        100 * record["scores"]["total_perfusion_deficit"]
    )
    assert found.is_flagged == (record["quality"]["flag"] == "review")
