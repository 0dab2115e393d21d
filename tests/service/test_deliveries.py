"""One delivery that fails is that delivery's: it says why, it waits, and the others go."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import pydicom
import pytest

pytest.importorskip("pynetdicom", reason="the DICOM node needs pynetdicom")

from pynetdicom import AE, evt
from pynetdicom.association import Association
from pynetdicom.sop_class import NuclearMedicineImageStorage

from outbox import VIEWS, Outbox, to_archive
from service_peers import WAIT_S, Archive, free_port, running_archive, until
from shortaxis.service.bookkeeping.records import StudyState
from shortaxis.service.destinations import Destination, Tls
from shortaxis.service.sending.dicom_store import hold_reader


def gone(folder: Path) -> None:
    shutil.rmtree(folder)


def one_file_gone(folder: Path) -> None:
    (folder / VIEWS[1]).unlink()


def cut_short(folder: Path) -> None:
    path = folder / VIEWS[1]
    path.write_bytes(path.read_bytes()[:10_000])


def no_dicom(folder: Path) -> None:
    (folder / VIEWS[0]).write_bytes(b"no DICOM at all\n" * 100)


def empty(folder: Path) -> None:
    (folder / VIEWS[2]).write_bytes(b"")


def without_class(folder: Path) -> None:
    dataset = pydicom.dcmread(folder / VIEWS[0])
    del dataset.SOPClassUID
    dataset.save_as(folder / VIEWS[0], enforce_file_format=False)


def a_folder(folder: Path) -> None:
    (folder / VIEWS[0]).unlink()
    (folder / VIEWS[0]).mkdir()


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (gone, "gone"),
        (one_file_gone, "gone"),
        (a_folder, "gone"),
        (cut_short, "damaged"),
        (no_dicom, "damaged"),
        (empty, "damaged"),
        (without_class, "AttributeError"),
    ],
)
@pytest.mark.parametrize("by_web", [False, True])
def test_damaged_results_hold_back_nobody_else(
    tmp_path: Path, harm: Callable[[Path], None], words: str, by_web: bool
) -> None:
    if by_web and harm is without_class:
        pytest.skip("a DICOMweb server judges that")
    outbox = Outbox(tmp_path, ["bad", "good"])
    harm(outbox.results("bad"))

    with web_server() if by_web else running_archive() as server:
        there = server.destination if by_web else to_archive(server)
        assert outbox.send(there) == 2

        assert outbox.states()["good"] is StudyState.SENT
        # Of the bad ones, at most what comes before the one that cannot be sent.
        assert len(server.objects) == 3 + (harm is without_class)
    bad = outbox.failing()["bad"]
    assert words in bad["reason"]
    assert (bad["attempts"], bad["destination"]) == (1, "there")
    assert bad["again_in_s"] == 10


def test_results_are_remade_once_they_were_found_damaged(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path, ["bad"])
    cut_short(outbox.results("bad"))
    (outbox.results("bad") / "exam.json").write_text("{}")

    with running_archive() as archive:
        outbox.send(to_archive(archive))

    # The worker takes this record for proof that the results are there.
    assert not (outbox.results("bad") / "exam.json").exists()
    assert outbox.states()["bad"] is StudyState.FAILED
    assert outbox.journal.retry() == 1


class Refusing(Archive):
    """An archive that ends the association when it is sent objects of one study."""

    refused: str = ""

    def _stored(self, event: evt.Event) -> int:
        dataset = pydicom.dcmread(BytesIO(event.encoded_dataset()))
        if dataset.SOPInstanceUID == self.refused:
            event.assoc.abort()
            return 0xC000
        return super()._stored(event)


def test_a_delivery_that_makes_the_archive_hang_up_holds_back_nobody_else(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path, ["bad", "good", "fine"])
    archive = Refusing()
    archive.refused = pydicom.dcmread(outbox.results("bad") / VIEWS[0]).SOPInstanceUID
    archive.start()
    try:
        outbox.send(to_archive(archive))
    finally:
        archive.stop()

    assert outbox.states() == {
        "bad": StudyState.DONE,
        "good": StudyState.SENT,
        "fine": StudyState.SENT,
    }
    assert outbox.failing()["bad"]["attempts"] == 1


def test_what_failed_comes_after_what_was_not_tried(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path, ["bad", "good"])
    bad, _ = outbox.journal.deliveries.due("there", 2, 60)
    outbox.journal.deliveries.note_failed(bad, "no association", 0.0)

    due = outbox.journal.deliveries.due("there", 2, 60)

    assert [each.study for each in due] == ["good", "bad"]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"port": 1}, "no association"),
        ({"tls": Tls(Path("none.pem"), Path("none.key"))}, "FileNotFoundError"),
        ({"host": "no host at all"}, ""),
    ],
)
def test_a_destination_that_cannot_be_reached_is_a_reason_of_its_deliveries(
    tmp_path: Path, values: dict[str, Any], words: str
) -> None:
    outbox = Outbox(tmp_path, ["one", "two"])
    kept = {"host": "127.0.0.1", "port": 1, "timeout_s": 2, **values}

    assert outbox.send(Destination("there", "ARCHIVE", **kept)) == 2

    failing = outbox.failing()
    assert {name: each["attempts"] for name, each in failing.items()} == {"one": 1, "two": 1}
    assert all(each["reason"] and words in each["reason"] for each in failing.values())
    assert outbox.send(Destination("there", "ARCHIVE", **kept)) == 0


def test_another_kind_of_association_is_a_reason_too(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path, ["one"])
    entity, port = AE("ARCHIVE"), free_port()
    entity.add_supported_context("1.2.840.10008.1.1")
    server = entity.start_server(("127.0.0.1", port), block=False)
    try:
        outbox.send(Destination("there", "ARCHIVE", "127.0.0.1", port, timeout_s=WAIT_S))
    finally:
        server.shutdown()

    assert outbox.failing()["one"]["attempts"] == 1


class Web:
    """A DICOMweb server that keeps what it is sent."""

    def __init__(self, answer: Callable[[BaseHTTPRequestHandler, bytes], None]) -> None:
        self.objects: list[bytes] = []
        taken = self.objects

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                taken.extend(part for part in body.split(b"\r\n--") if b"DICM" in part)
                answer(self, body)

            def log_message(self, *arguments: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", free_port()), Handler)

    @property
    def destination(self) -> Destination:
        url = f"http://127.0.0.1:{self.server.server_port}/dicom-web"
        return Destination("there", url=url, timeout_s=2)


def uids_in(body: bytes) -> list[str]:
    parts = [part for part in body.split(b"\r\n--") if b"DICM" in part]
    contents = [part.split(b"\r\n\r\n", 1)[1] for part in parts]
    return [pydicom.dcmread(BytesIO(each), force=True).SOPInstanceUID for each in contents]


def sequence_of(uids: Sequence[str]) -> dict[str, Any]:
    items = [
        {
            "00081150": {"vr": "UI", "Value": [NuclearMedicineImageStorage]},
            "00081155": {"vr": "UI", "Value": [uid]},
        }
        for uid in uids
    ]
    return {"vr": "SQ", "Value": items}


def say(handler: BaseHTTPRequestHandler, status: int, content: bytes) -> None:
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)


def all_stored(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    """PS3.18 10.5.3.2: what was stored, by reference."""
    say(handler, 200, json.dumps({"00081199": sequence_of(uids_in(body))}).encode())


@contextmanager
def web_server(
    answer: Callable[[BaseHTTPRequestHandler, bytes], None] = all_stored,
) -> Iterator[Web]:
    made = Web(answer)
    thread = threading.Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.server.shutdown()
        made.server.server_close()


def no_http(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    handler.wfile.write(b"what is this?\r\n\r\n")


def breaks_off(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")


def endless_header(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000)


def a_page(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    say(handler, 200, b"<html>Please log in</html>")


def a_list(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    say(handler, 200, b"[[[1]]]")


def nothing_said(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    say(handler, 200, b"")


def one_too_few(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    say(handler, 200, json.dumps({"00081199": sequence_of(uids_in(body)[1:])}).encode())


def one_failed(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    uids = uids_in(body)
    answer = {"00081199": sequence_of(uids), "00081198": sequence_of(uids[:1])}
    say(handler, 200, json.dumps(answer).encode())


def silent(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    handler.connection.settimeout(10)
    try:
        handler.connection.recv(1)
    except (TimeoutError, OSError):
        return


@pytest.mark.parametrize(
    "answer",
    [no_http, breaks_off, endless_header, a_page, a_list, nothing_said, one_too_few, one_failed,
     silent],
)  # fmt: skip
def test_a_server_that_answers_nonsense_has_not_stored_anything(
    tmp_path: Path, answer: Callable[[BaseHTTPRequestHandler, bytes], None]
) -> None:
    outbox = Outbox(tmp_path, ["one"])

    with web_server(answer) as server:
        assert outbox.send(server.destination) == 1

        assert outbox.states()["one"] is StudyState.DONE
        assert outbox.failing()["one"]["reason"]
        assert outbox.send(server.destination) == 0
    outbox.now_s += 10
    with web_server() as server:
        assert outbox.send(server.destination) == 1
    assert outbox.states()["one"] is StudyState.SENT


def test_a_token_that_is_not_there_is_a_reason(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path, ["one"])
    there = Destination("there", url="http://127.0.0.1:1", token_file=tmp_path / "none")

    outbox.send(there)

    assert outbox.failing()["one"]["reason"] == "FileNotFoundError"


class Reader:
    """Stands for an association whose reader marks itself as paused all the time."""

    is_alive = staticmethod(lambda: True)
    _is_paused = True

    def __init__(self) -> None:
        self._reactor_checkpoint = threading.Event()
        self._reactor_checkpoint.set()


def test_an_object_is_sent_once_the_reader_of_answers_stands_still() -> None:
    """Else its answer may be taken for one that nobody waits for: see the finding."""
    reader, order = Reader(), list[str]()

    def send() -> None:
        hold_reader(cast("Association", reader))
        order.append("sent")

    sending = threading.Thread(target=send)
    sending.start()
    until(lambda: not reader._reactor_checkpoint.is_set())
    order.append("on its way")
    standing = threading.Thread(target=reader._reactor_checkpoint.wait)
    standing.start()
    sending.join()
    reader._reactor_checkpoint.set()
    standing.join()

    assert order == ["on its way", "sent"]


def test_a_reader_that_has_ended_is_not_waited_for() -> None:
    reader = Reader()
    reader.is_alive = lambda: False

    hold_reader(cast("Association", reader))
