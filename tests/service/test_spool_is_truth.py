"""The journal may be lost, old or damaged: what was acknowledged is on disk, and stays there."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pynetdicom", reason="the DICOM node needs pynetdicom")

from service_peers import Node, new_study, running_node, send
from shortaxis.service.journal import Journal
from shortaxis.service.spool import hashed_name


def emptied(journal: Path) -> None:
    journal.write_bytes(b"")


def removed(journal: Path) -> None:
    journal.unlink()


def without_rows(journal: Path) -> None:
    with sqlite3.connect(journal) as connection:
        for table in ("objects", "studies"):
            connection.execute(f"DELETE FROM {table}")


def truncated(journal: Path) -> None:
    content = journal.read_bytes()
    journal.write_bytes(content[: len(content) // 2 + 100])


def overwritten(journal: Path) -> None:
    content = bytearray(journal.read_bytes())
    content[4096:] = bytes(b ^ 0x5A for b in content[4096:])
    journal.write_bytes(content)


def another_file(journal: Path) -> None:
    journal.write_bytes(b"no database at all\n" * 100)


def known_studies(node: Node) -> set[str]:
    journal = Journal(node.folder / "journal.sqlite")
    found = {each.study for each in journal.studies()}
    journal.close()
    return found


def files(node: Node) -> set[str]:
    return {path.name for path in (node.folder / "incoming").glob("*/*.dcm")}


@pytest.mark.parametrize(
    ("harm", "is_damage"),
    [
        (emptied, False),
        (removed, False),
        (without_rows, False),
        (truncated, True),
        (overwritten, True),
        (another_file, True),
    ],
)
def test_whatever_becomes_of_the_journal_the_objects_stay_and_are_known_again(
    tmp_path: Path, harm: Callable[[Path], None], is_damage: bool, shortaxis: Any
) -> None:
    with running_node(tmp_path, quiet_s=600) as node:
        studies = [new_study() for _ in range(2)]
        assert [send(node.port, [each]) for each in studies] == [[0], [0]]
        # Ended, so that everything is in the one file.
        assert node.stop() == 0
        journal = node.folder / "journal.sqlite"
        harm(journal)
        spoilt = journal.read_bytes() if journal.exists() else b""

        node.start()

        assert files(node) == {f"{hashed_name(each.SOPInstanceUID)}.dcm" for each in studies}
        assert known_studies(node) == {hashed_name(each.StudyInstanceUID) for each in studies}
        kept = [path.read_bytes() for path in node.folder.glob("journal-damaged-*.sqlite")]
        assert kept == ([spoilt] if is_damage else [])
        assert ("damaged" in node.log.read_text()) is is_damage
        status = json.loads(shortaxis("serve", "status", node.config, "--json").out)
        assert status["journals_set_aside"] == int(is_damage)
        assert status["events"]["objects adopted"] == 2
        # Only now is a duplicate one again, and is the same object.
        assert send(node.port, [studies[0]]) == [0]
        assert len(files(node)) == 2


def test_an_older_journal_forgets_nothing_that_came_after_it(tmp_path: Path) -> None:
    with running_node(tmp_path, quiet_s=600) as node:
        studies = [new_study() for _ in range(3)]
        journal = node.folder / "journal.sqlite"
        assert send(node.port, studies[:1]) == [0]
        assert node.stop() == 0
        shutil.copy(journal, tmp_path / "backup")
        node.start()
        assert send(node.port, studies[1:]) == [0, 0]
        assert node.stop() == 0
        shutil.copy(tmp_path / "backup", journal)

        node.start()

        assert known_studies(node) == {hashed_name(each.StudyInstanceUID) for each in studies}
        assert len(files(node)) == 3


def test_an_object_that_only_the_journal_knows_is_taken_again(tmp_path: Path) -> None:
    with running_node(tmp_path, quiet_s=600) as node:
        study = new_study()
        assert send(node.port, [study]) == [0]
        for path in (node.folder / "incoming").glob("*/*.dcm"):
            path.unlink()

        assert send(node.port, [study]) == [0]

        assert files(node) == {f"{hashed_name(study.SOPInstanceUID)}.dcm"}


def test_files_of_others_are_set_aside_and_told(tmp_path: Path, shortaxis: Any) -> None:
    with running_node(tmp_path, quiet_s=600) as node:
        assert send(node.port, [new_study()]) == [0]
        assert node.stop() == 0
        (folder,) = (node.folder / "incoming").iterdir()
        (folder / "Doe^Jane.dcm").write_bytes(b"whose is it?")
        (node.folder / "incoming" / "loose.dcm").write_bytes(b"and this?")
        (folder / ".partial-of-a-killed-run").write_bytes(b"never acknowledged")

        node.start()

        assert len(files(node)) == 1
        assert not list(folder.glob(".*"))
        found = {path.read_bytes() for path in (node.folder / "unknown").rglob("*.dcm")}
        assert found == {b"whose is it?", b"and this?"}
        assert "Doe" not in node.log.read_text()
        assert "2 files" in node.log.read_text()
        status = json.loads(shortaxis("serve", "status", node.config, "--json").out)
        assert status["unknown_files"] == 2
