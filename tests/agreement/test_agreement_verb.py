"""``shortaxis agreement``: a table in, numbers out that are known by hand."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from doc_tables import table_below
from repository import REPOSITORY
from shortaxis.agreement.comparisons.comparing import compare
from shortaxis.agreement.exams.columns import PLAIN_COLUMNS
from shortaxis.agreement.exams.quantities import (
    ABNORMAL,
    COMPARED,
    CUTS,
    SEGMENTS,
    segment_column,
)
from shortaxis.agreement.exams.table import read_table
from shortaxis.agreement.report.rows import ROW_COLUMNS, comparison_rows

# Disease, deficits of ShortAxis and of a package, and whether ShortAxis asked for a look.
PATIENTS = [
    ("yes", 12.0, 10.0, "accept"),
    ("yes", 8.0, 9.0, "accept"),
    ("yes", 3.0, 6.0, "review"),
    ("yes", 20.0, 16.0, "accept"),
    ("no", 1.0, 2.0, "accept"),
    ("no", 6.0, 3.0, "review"),
    ("no", 2.0, 2.0, "accept"),
    ("no", 0.0, 1.0, "accept"),
]


def segments(score: int) -> list[str]:
    return [str(score)] + ["0"] * 16


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "table.csv"
    graded = [f"{who}:{segment_column(each)}" for who in ("one", "two") for each in SEGMENTS]
    head = ["patient", "condition", "angiography", "angiography_LAD", "low_likelihood",
            "shortaxis:tpd_percent", "shortaxis:flag", "package:tpd_percent", *graded]  # fmt: skip
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        for number, (sick, ours, other, flag) in enumerate(PATIENTS):
            score = 3 if sick == "yes" else 0
            low = "yes" if number in (4, 5, 6) else "-"
            second = score - 1 if number == 0 else score
            cells = [f"secret-{number}", "stress", sick, sick, low, ours, flag, other]
            writer.writerow([*cells, *segments(score), *segments(second)])
        writer.writerow(
            ["secret-8", "stress", "yes", "yes", "-", "-", "-", "5", *segments(4), *segments(4)]
        )
    return path


def measured(table: Path, cuts: dict[str, float] | None = None) -> dict[tuple[str, ...], Any]:
    exams = [each.exam for each in read_table(table, joined=False)]
    rows = comparison_rows(compare(exams, cuts or {}))
    keys = ("about", "test", "group", "first", "second", "statistic")
    return {tuple(str(row[each] or "") for each in keys): row for row in rows}


def test_numbers_are_those_by_hand(table: Path) -> None:
    found = measured(table)

    bias = found["tpd_percent", "", "all", "shortaxis", "package", "bias"]
    area = found["detection of patient", "tpd_percent", "all", "shortaxis", "", "auc"]
    sick = found["detection of patient", "tpd_percent", "all", "shortaxis", "", "sensitivity"]
    worst = found[
        "detection of patient", "tpd_percent", "all", "shortaxis", "", "worst_sensitivity"
    ]
    normal = found["normalcy", "tpd_percent", "all", "shortaxis", "", "normalcy"]
    same = found["segments", "", "all", "one", "two", "same_grade"]
    # 2 - 1 - 3 + 4 - 1 + 3 + 0 - 1 over eight; the ninth has no number of ours.
    assert (bias["value"], bias["exams"], bias["without"]) == (0.375, 8, 1)
    # Of 16 pairs of a sick and a healthy one, 3 against 6 alone is the wrong way round.
    assert area["value"] == pytest.approx(15 / 16)
    assert area["low"] < 15 / 16 < area["high"] < 1
    assert (sick["value"], worst["value"]) == (0.75, 0.6)
    assert normal["value"] == pytest.approx(2 / 3, abs=1e-5)
    # One of 9 x 17 grades differs.
    assert same["value"] == pytest.approx(152 / 153, abs=1e-5)
    assert "detection of LAD" in {key[0] for key in found}


def test_flagged_exams_are_apart(table: Path) -> None:
    found = measured(table)

    accepted = found["tpd_percent", "", "accepted", "shortaxis", "package", "bias"]
    flagged = found["tpd_percent", "", "flagged", "shortaxis", "package", "bias"]
    area = found["detection of patient", "tpd_percent", "accepted", "shortaxis", "", "auc"]
    assert (accepted["value"], accepted["exams"]) == (0.5, 6)
    # Two exams tell nothing.
    assert (flagged["value"], flagged["exams"]) == (None, 2)
    assert (area["value"], area["low"]) == (1, None)


def test_files_are_complete_name_rows_alone_and_are_not_replaced_unasked(
    shortaxis: Any, table: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    code, text, _ = shortaxis("agreement", "measure", table, "-o", out)

    assert code == 0
    assert "bias +0.38" in text
    record = json.loads((out / "agreement.json").read_text())
    assert sorted(record["files"]) == sorted(path.name for path in out.iterdir())
    with (out / "agreement.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == len(record["statistics"])
    for name in record["files"]:
        if name.endswith(".png"):
            assert min(Image.open(out / name).size) > 300
        else:
            assert "secret" not in (out / name).read_text()
    (out / "mine.png").touch()
    assert shortaxis("agreement", "measure", table, "-o", out).code != 0
    again = shortaxis("agreement", "measure", table, "-o", out, "--force", "--json")
    assert json.loads(again.out)["files"] == record["files"]
    assert (out / "mine.png").exists()


def test_another_cut_changes_sensitivity_and_an_unknown_one_is_refused(
    shortaxis: Any, table: Path, tmp_path: Path
) -> None:
    wrong = shortaxis("agreement", "measure", table, "-o", tmp_path / "o", "--cut", "mass_g=3")

    key = ("detection of patient", "tpd_percent", "all", "shortaxis", "", "sensitivity")
    assert measured(table, {"tpd_percent": 3.0})[key]["value"] == 1
    assert wrong.code == 2
    assert "tpd_percent=VALUE" in wrong.err


def test_one_source_alone_has_nothing_to_be_compared_with(shortaxis: Any, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("patient,condition,shortaxis:tpd_percent\na,stress,3\n")

    ended = shortaxis("agreement", "measure", path, "-o", tmp_path / "out")

    assert ended.code != 0
    assert "the table has nothing to compare" in ended.err
    assert not (tmp_path / "out").exists()


def test_a_plan_says_how_many_patients(shortaxis: Any) -> None:
    both = shortaxis(
        "agreement", "plan", "--limits-within", 1.2, "--sd", 4, "--auc-within", 0.05, "--json"
    )
    words = shortaxis("agreement", "plan", "--auc-within", 0.05)
    neither = shortaxis("agreement", "plan")

    # 1.98 x sqrt(1 / n + 1.92 / (n - 1)) is .3 of 4 at n = 128.
    assert json.loads(both.out)["pairs"] == pytest.approx(128, abs=2)
    assert "117 patients with and 117 without disease" in words.out
    assert neither.code == 2


def test_the_page_has_the_columns_quantities_and_cuts_that_there_are() -> None:
    page = REPOSITORY / "docs" / "how-to" / "agreement.md"

    rows = table_below(page, "Columns of agreement.csv")

    assert rows == [[f"`{name}`", meaning] for name, meaning in ROW_COLUMNS.items()]
    text = page.read_text(encoding="utf-8")
    assert all(f"`{name}`" in text for name in (*COMPARED, ABNORMAL, *PLAIN_COLUMNS))
    assert all(f"| `{name}` | {value:g} |" in text for name, value in CUTS.items())
