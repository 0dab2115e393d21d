"""Counts in the terminal, and a reader of it that leaves."""

from __future__ import annotations

import subprocess
import sys

import pytest

from repository import REPOSITORY
from shortaxis.cli.counted import counted


@pytest.mark.parametrize(
    ("count", "plural", "words"),
    [
        (1, "exams simulated", "1 exam simulated"),
        (2, "exams simulated", "2 exams simulated"),
        (0, "studies", "0 studies"),
        (1, "studies removed", "1 study removed"),
        (1, "series found", "1 series found"),
    ],
)
def test_one_is_not_told_as_several(count: int, plural: str, words: str) -> None:
    assert counted(count, plural) == words


def test_a_reader_of_the_evidence_may_leave() -> None:
    command = [sys.executable, "-m", "evidence", "list"]
    with subprocess.Popen(
        command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        told = process.stderr.read()

    assert "Traceback" not in told
    assert "BrokenPipe" not in told
