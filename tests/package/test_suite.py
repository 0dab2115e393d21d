"""What is told of the tests themselves is true: files that come first, and those that cost most."""

from __future__ import annotations

import re

from conftest import LONGEST
from repository import REPOSITORY

TESTS = REPOSITORY / "tests"


def test_files_that_come_first_exist_and_no_name_is_in_two_folders() -> None:
    names = [path.stem for path in TESTS.rglob("*.py")]

    assert set(LONGEST) <= set(names)
    assert len(set(names)) == len(names)


def test_the_dearest_tests_of_the_table_are_there_in_order_of_what_they_cost() -> None:
    text = (TESTS / "README.md").read_text(encoding="utf-8")
    table = re.findall(r"^\| ([\d.]+) \| `(\S+?)::(\w+)", text, re.MULTILINE)

    assert len(table) == 20
    seconds = [float(cost) for cost, *_ in table]
    assert seconds == sorted(seconds, reverse=True)
    for _, path, name in table:
        assert f"def {name}(" in (REPOSITORY / path).read_text(encoding="utf-8"), name
