"""The DICOM node beside Orthanc, over TLS, with a DICOMweb server, and with bad senders."""

from __future__ import annotations

import email
import json
import re
import shutil
import socket
import ssl
import struct
import subprocess
import threading
from collections.abc import Iterator
from email import policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import ClassVar

import numpy as np
import pydicom
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("pynetdicom", reason="the DICOM node needs pynetdicom")

from pynetdicom import AE
from pynetdicom.association import Association
from pynetdicom.sop_class import NuclearMedicineImageStorage

from evidence.measuring.speed.node_strangers import gauge
from orthanc_server import OrthancServer, find_orthanc, running_orthanc
from service_peers import WAIT_S, Node, free_port, new_study, running_node, send, store, until
from shortaxis.service.bookkeeping.journal import Journal
from shortaxis.service.bookkeeping.records import StudyState
from shortaxis.service.sending.dicom_store import hold_reader

WORK = "[work]\nreview_sheet = false\n"


def sent(node: Node) -> bool:
    journal = Journal(node.folder / "journal.sqlite")
    found = journal.studies()
    journal.close()
    return bool(found) and all(each.state is StudyState.SENT for each in found)


def route(port: int, title: str = "ORTHANC", more: str = "") -> str:
    return (
        f'{WORK}[[destinations]]\nname = "pacs"\nae_title = "{title}"\nhost = "127.0.0.1"\n'
        f'port = {port}\n{more}\n[routes]\naccepted = ["pacs"]\nflagged = ["pacs"]\n'
    )


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrthancServer]:
    if find_orthanc() is None:
        pytest.skip("Orthanc is not installed (make system-packages)")
    with running_orthanc(tmp_path_factory.mktemp("orthanc")) as server:
        yield server


@pytest.mark.system
def test_orthanc_sends_a_study_and_gets_its_slices_back(
    orthanc: OrthancServer, tmp_path: Path
) -> None:
    with running_node(tmp_path, route(orthanc.dicom_port)) as node:
        modality = {"AET": "SHORTAXIS", "Host": "127.0.0.1", "Port": node.port}
        orthanc.put("/modalities/shortaxis", json.dumps(modality).encode())
        study, content = new_study(), BytesIO()
        study.save_as(content)
        stored = orthanc.post("/instances", content.getvalue())
        orthanc.post("/modalities/shortaxis/store", stored["ID"].encode())
        until(lambda: sent(node))
        series = orthanc.get_json(f"/studies/{stored['ParentStudy']}/series")
        assert len(series) == 4
        (results,) = (node.folder / "results").glob("*/*")
        for name in ("short_axis", "vertical_long_axis", "horizontal_long_axis"):
            written = pydicom.dcmread(results / f"{name}.dcm")
            (found,) = orthanc.post("/tools/lookup", written.SOPInstanceUID.encode())
            tags = orthanc.get_json(f"/instances/{found['ID']}/simplified-tags")
            (detector,) = tags["DetectorInformationSequence"]
            expected = written.DetectorInformationSequence[0]
            for keyword in ("ImagePositionPatient", "ImageOrientationPatient"):
                numbers = [float(part) for part in detector[keyword].split("\\")]
                np.testing.assert_allclose(numbers, expected[keyword].value, atol=1e-4)
            across, down = np.reshape(expected.ImageOrientationPatient, (2, 3)).astype(float)
            assert across @ down == pytest.approx(0, abs=1e-5)
            assert float(tags["SpacingBetweenSlices"]) > 0
            assert tags["PatientID"] == study.PatientID


def certificate(folder: Path, name: str, authority: str = "") -> Path:
    """Key and certificate of a name, signed by an authority or by itself, made by openssl."""
    key, made = folder / f"{name}.key", folder / f"{name}.pem"
    new = ["openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key)]
    subject = ["-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1"]
    if not authority:
        command = [*new, "-x509", "-days", "2", "-out", str(made), *subject]
        subprocess.run(command, check=True, capture_output=True)
        return made
    request = folder / f"{name}.csr"
    subprocess.run([*new, "-out", str(request), *subject], check=True, capture_output=True)
    signed = ["openssl", "x509", "-req", "-in", str(request), "-days", "2", "-out", str(made)]
    signed += ["-CA", f"{folder}/{authority}.pem", "-CAkey", f"{folder}/{authority}.key"]
    signed += ["-CAcreateserial", "-copy_extensions", "copy"]
    subprocess.run(signed, check=True, capture_output=True)
    return made


@pytest.mark.skipif(shutil.which("openssl") is None, reason="certificates are made by openssl")
def test_tls_with_client_certificates(tmp_path: Path) -> None:
    certificate(tmp_path, "authority")
    for name in ("node", "camera"):
        certificate(tmp_path, name, "authority")
    certificate(tmp_path, "stranger")
    tls = 'tls = { certificate = "node.pem", key = "node.key", authority = "authority.pem" }'
    with running_node(tmp_path, node=tls) as node:

        def status(name: str) -> int:
            context = ssl.create_default_context(cafile=str(tmp_path / "authority.pem"))
            context.load_cert_chain(tmp_path / f"{name}.pem", tmp_path / f"{name}.key")
            entity = AE("CAMERA")
            entity.network_timeout = entity.acse_timeout = WAIT_S
            entity.add_requested_context(NuclearMedicineImageStorage)
            association = entity.associate(
                "127.0.0.1", node.port, ae_title="SHORTAXIS", tls_args=(context, "127.0.0.1")
            )
            if not association.is_established:
                return -1
            answer = store(association, new_study())
            association.release()
            return int(answer.Status)

        assert status("stranger") == -1
        assert send(node.port, [new_study()]) == [-1]
        assert status("camera") == 0


class Web(BaseHTTPRequestHandler):
    """A DICOMweb server that keeps what it is sent; the first time it has no time."""

    taken: ClassVar[list[pydicom.Dataset]] = []
    refusals: ClassVar[int] = 1
    tokens: ClassVar[set[str | None]] = set()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.tokens.add(self.headers["Authorization"])
        if Web.refusals:
            Web.refusals -= 1
            self.send_error(503)
            return
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        message = email.message_from_bytes(head + body, policy=policy.HTTP)
        parts = list(message.iter_parts())
        assert {each.get_content_type() for each in parts} == {"application/dicom"}
        came = [pydicom.dcmread(BytesIO(each.get_payload(decode=True))) for each in parts]
        self.taken.extend(came)
        # Referenced SOP Sequence (PS3.18 10.5.3.2).
        items = [{"00081155": {"vr": "UI", "Value": [each.SOPInstanceUID]}} for each in came]
        answer = json.dumps({"00081199": {"vr": "SQ", "Value": items}}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *arguments: object) -> None:
        pass


def test_results_go_to_a_dicomweb_server(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("secret\n")
    server = ThreadingHTTPServer(("127.0.0.1", free_port()), Web)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    more = (
        f'{WORK}[[destinations]]\nname = "web"\n'
        f'url = "http://127.0.0.1:{server.server_port}/dicom-web"\ntoken_file = "token"\n'
        '[routes]\naccepted = ["web"]\n'
    )
    try:
        with running_node(tmp_path, more) as node:
            study = new_study()
            assert send(node.port, [study]) == [0]
            until(lambda: sent(node))
            assert "status 503" in node.log.read_text()
            assert "secret" not in node.log.read_text()
    finally:
        server.shutdown()
        server.server_close()
    assert Web.tokens == {"Bearer secret"}
    assert len({each.SOPInstanceUID for each in Web.taken}) == len(Web.taken) == 3
    assert all(each.pixel_array.any() for each in Web.taken)
    assert {each.StudyInstanceUID for each in Web.taken} == {study.StudyInstanceUID}


@pytest.fixture(scope="module")
def listening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with running_node(tmp_path_factory.mktemp("fuzzed"), WORK, quiet_s=600) as node:
        yield node


def talk(port: int, content: bytes) -> None:
    """Say something, and go without waiting for an answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        try:
            connection.sendall(content)
        except OSError:
            return


def association_request() -> bytes:
    """A-ASSOCIATE-RQ for NM storage, as another implementation sends it (PS3.8 9.3.2)."""

    def item(kind: int, content: bytes) -> bytes:
        return struct.pack(">BBH", kind, 0, len(content)) + content

    syntaxes = item(0x30, b"1.2.840.10008.5.1.4.1.1.20") + item(0x40, b"1.2.840.10008.1.2.1")
    context = item(0x20, b"\x01\x00\x00\x00" + syntaxes)
    user = item(0x50, item(0x51, struct.pack(">I", 16384)) + item(0x52, b"1.2.3.4"))
    body = struct.pack(">HH16s16s32x", 1, 0, b"SHORTAXIS".ljust(16), b"FUZZ".ljust(16))
    body += item(0x10, b"1.2.840.10008.3.1.1.1") + context + user
    return struct.pack(">BBI", 1, 0, len(body)) + body


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    cut=st.integers(0, 300),
    flips=st.lists(st.tuples(st.integers(0, 260), st.integers(0, 255)), max_size=6),
    tail=st.binary(max_size=200),
)
def test_mangled_requests_do_not_stop_the_node(
    listening: Node, cut: int, flips: list[tuple[int, int]], tail: bytes
) -> None:
    content = bytearray(association_request())
    for place, value in flips:
        content[place % len(content)] = value
    talk(listening.port, bytes(content[:cut] if cut < len(content) else content) + tail)
    assert listening.process is not None
    assert listening.process.poll() is None


def test_after_all_that_it_still_stores(listening: Node) -> None:
    for pdu in (
        struct.pack(">BBI", 4, 0, 0xFFFFFFFF) + b"\x00" * 64,
        struct.pack(">BBIIBB", 4, 0, 6, 0xFFFFFFF0, 1, 3),
        struct.pack(">BBIIBB", 4, 0, 6, 2, 1, 3) * 50,
    ):
        talk(listening.port, association_request() + pdu)
    assert send(listening.port, [new_study()]) == [0]


@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    places=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=30),
    keep=st.floats(0.02, 1),
)
def test_mangled_data_sets_are_answered(
    listening: Node, places: list[tuple[float, int]], keep: float
) -> None:
    whole = BytesIO()
    study = new_study()
    study.PixelData = study.PixelData[:2000]
    study.save_as(whole)
    content = bytearray(whole.getvalue())
    start = 132 + 12 + int.from_bytes(content[140:144], "little")
    for part, value in places:
        content[start + int(part * (len(content) - start - 1))] = value
    body = bytes(content[start : start + max(int(keep * (len(content) - start)), 8)])
    entity = AE("CAMERA")
    entity.network_timeout = entity.dimse_timeout = entity.acse_timeout = WAIT_S
    entity.add_requested_context(NuclearMedicineImageStorage, study.file_meta.TransferSyntaxUID)
    association = entity.associate("127.0.0.1", listening.port, ae_title="SHORTAXIS")
    assert association.is_established
    answer = store_bytes(association, study.SOPInstanceUID, body)
    assert answer in (0x0000, 0xA700, 0xA900, 0xC000)
    if association.is_established:
        association.release()
    # What strangers send is not quoted, not even as a warning.
    assert not re.search(r"Private|PID-|\d\.\d+\.\d+\.\d+\.\d+", listening.log.read_text())


def store_bytes(association: Association, uid: str, body: bytes) -> int | None:
    """C-STORE of bytes that need not be a data set."""
    from pynetdicom.dimse_primitives import C_STORE

    request = C_STORE()
    request.MessageID = 1
    request.AffectedSOPClassUID = NuclearMedicineImageStorage
    request.AffectedSOPInstanceUID = uid
    request.Priority = 0
    request.DataSet = BytesIO(body)
    (context,) = association.accepted_contexts
    hold_reader(association)
    association.dimse.send_msg(request, context.context_id)
    _, answer = association.dimse.get_msg(block=True)
    association._reactor_checkpoint.set()
    return None if answer is None else int(answer.Status)


def test_a_slow_sender_is_heard_out_and_a_silent_one_is_let_go(tmp_path: Path) -> None:
    with running_node(tmp_path, WORK, node="max_associations = 2") as node:
        silent = [socket.create_connection(("127.0.0.1", node.port)) for _ in range(2)]
        for each in silent:
            each.sendall(association_request())
        until(lambda: gauge(node, "shortaxis_associations") == 2)
        # They hold both places until the node has waited long enough for them.
        until(lambda: send(node.port, [new_study()]) == [0])
        for each in silent:
            each.close()
