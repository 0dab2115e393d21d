"""What a node says and keeps of studies names nobody, whether it can read them or not."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

import pydicom
import pytest

pytest.importorskip("pynetdicom", reason="the DICOM node needs pynetdicom")

from pydicom.uid import generate_uid

from named_patients import PATIENTS, write_named_pair
from service_peers import WAIT_S, Node, running_node, send, until
from shortaxis.service.bookkeeping.records import FINISHED


def asked(node: Node, path: str) -> str:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://127.0.0.1:{node.monitor}/{path}", timeout=10) as answer:
        return str(answer.read().decode())


def unreadable(path: Path) -> pydicom.Dataset:
    """A study of the same person that says nothing of where its slices lie."""
    dataset = pydicom.dcmread(path)
    del dataset.DetectorInformationSequence
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = generate_uid(), generate_uid()
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    return dataset


def test_the_log_the_journal_the_names_of_files_and_every_answer_name_nobody(
    tmp_path: Path, shortaxis: Any
) -> None:
    patient = PATIENTS[0]
    stress, _ = write_named_pair(tmp_path / "sent", patient)
    with running_node(tmp_path, "[work]\nreview_sheet = true\n") as node:
        assert send(node.port, [pydicom.dcmread(stress), unreadable(stress)]) == [0, 0]

        def both_are_through() -> bool:
            studies = json.loads(asked(node, "health"))["studies"]
            return sum(studies[state] for state in FINISHED) == 2

        until(both_are_through, seconds=3 * WAIT_S)
        studies = json.loads(asked(node, "health"))["studies"]
        assert studies["failed"] == 1, studies
        told = [asked(node, path) for path in ("health", "metrics")]
        for options in ([], ["--json"]):
            told.append(shortaxis("serve", "status", node.config, *options).out)
        assert node.stop() == 0
    told.append(node.log.read_text())
    files = [path for path in node.folder.rglob("*") if path.is_file()]
    told += [str(path.relative_to(node.folder)) for path in files]
    content = [path.read_bytes() for path in files if path.suffix != ".dcm"]

    assert any(path.suffix == ".png" for path in files)
    found = [
        word
        for word in patient.words
        for text in [*(each.encode() for each in told), *content]
        if word.lower().encode() in text.lower()
    ]
    assert found == []
