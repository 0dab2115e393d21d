"""Two objects of one SOP Instance UID: the same one twice, or two that must not be mixed up."""

from __future__ import annotations

import json
import threading
import urllib.request
from io import BytesIO
from typing import Any

import pydicom
import pytest
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian, generate_uid

pytest.importorskip("pynetdicom", reason="the DICOM node needs pynetdicom")

from pynetdicom import AE
from pynetdicom.sop_class import NuclearMedicineImageStorage

from service_peers import Node, new_study, running_node, send, store

OTHER_CONTENT = 0xC111


def copy_of(study: pydicom.Dataset) -> pydicom.Dataset:
    made = new_study()
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "PatientName",
                    "PatientID"):  # fmt: skip
        setattr(made, keyword, study[keyword].value)
    made.file_meta.MediaStorageSOPInstanceUID = study.SOPInstanceUID
    return made


def other_counts(study: pydicom.Dataset) -> pydicom.Dataset:
    pixels = study.pixel_array.copy()
    pixels[0, 0, 0] += 1
    study.PixelData = pixels.tobytes()
    return study


def other_name(study: pydicom.Dataset) -> pydicom.Dataset:
    study.PatientName = "Private^Other"
    return study


def other_study(study: pydicom.Dataset) -> pydicom.Dataset:
    study.StudyInstanceUID = generate_uid()
    return study


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with running_node(tmp_path_factory.mktemp("node"), quiet_s=600) as made:
        yield made


def health(node: Node) -> dict[str, Any]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://127.0.0.1:{node.monitor}/health", timeout=10) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


def contents(node: Node) -> list[bytes]:
    return sorted(path.read_bytes() for path in (node.folder / "incoming").glob("*/*.dcm"))


@pytest.mark.parametrize("change", [other_counts, other_name, other_study])
def test_another_object_of_the_same_uid_is_refused_with_a_status_and_counted(
    node: Node, change: Any, shortaxis: Any
) -> None:
    study = new_study()
    assert send(node.port, [study]) == [0]
    before, refused = contents(node), health(node)["events"].get("other content refused", 0)

    assert send(node.port, [change(copy_of(study))]) == [OTHER_CONTENT]

    assert contents(node) == before
    assert health(node)["events"]["other content refused"] == refused + 1
    status = json.loads(shortaxis("serve", "status", node.config, "--json").out)
    assert status["events"]["other content refused"] == refused + 1
    assert "events" in shortaxis("serve", "status", node.config).out
    log = node.log.read_text()
    assert "same UID" in log
    assert not {"Private", str(study.SOPInstanceUID), str(study.StudyInstanceUID)} & set(
        log.replace("^", " ").split()
    )


def test_the_sender_is_told_in_words(node: Node) -> None:
    study = new_study()
    assert send(node.port, [study]) == [0]
    entity = AE("CAMERA")
    entity.add_requested_context(NuclearMedicineImageStorage)
    association = entity.associate("127.0.0.1", node.port, ae_title="SHORTAXIS")

    answer = store(association, other_counts(copy_of(study)))
    association.release()

    assert answer.Status == OTHER_CONTENT
    assert "other content" in answer.ErrorComment


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_the_same_object_again_does_no_harm_however_it_is_encoded(node: Node, syntax: str) -> None:
    study = new_study()
    block = study.private_block(0x0055, "A MAKER", create=True)
    block.add_new(1, "LO", "something of its own")
    assert send(node.port, [study]) == [0]
    before = contents(node)
    entity = AE("CAMERA")
    entity.add_requested_context(NuclearMedicineImageStorage, syntax)
    association = entity.associate("127.0.0.1", node.port, ae_title="SHORTAXIS")

    again = copy_of(study)
    again.private_block(0x0055, "A MAKER", create=True).add_new(1, "LO", "something of its own")
    encoded = BytesIO()
    again.file_meta.TransferSyntaxUID = syntax
    is_implicit = syntax == ImplicitVRLittleEndian
    again.save_as(encoded, implicit_vr=is_implicit, little_endian=True, enforce_file_format=True)
    encoded.seek(0)
    answer = store(association, pydicom.dcmread(encoded))
    association.release()

    assert answer.Status == 0
    assert contents(node) == before


def test_of_two_that_come_at_once_one_is_taken_and_the_other_refused(node: Node) -> None:
    study = new_study()
    pair = [copy_of(study), other_counts(copy_of(study))]
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda each=each: statuses.extend(send(node.port, [each])))
        for each in pair * 2
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(set(statuses)) == [0, OTHER_CONTENT]
    assert len(statuses) == 4
