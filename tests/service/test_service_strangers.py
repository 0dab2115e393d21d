"""What strangers send costs the node little: memory, places, and the time of honest senders."""

from __future__ import annotations

import json
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import pytest

pytest.importorskip("pynetdicom", reason="the DICOM node needs pynetdicom")

from pynetdicom import AE
from pynetdicom.sop_class import NuclearMedicineImageStorage

from dicom_programs import needs
from evidence.measuring.speed.node_strangers import (
    DEFLATED,
    Stranger,
    association_request,
    deflated_elements,
    deflated_header,
    gauge,
    many_items,
    peak_mb,
)
from service_peers import WAIT_S, Node, new_study, running_node, send, store, until

MOST_MB = 300
"""Of the node's own process, whatever is sent."""

OUT_OF_RESOURCES, CANNOT_UNDERSTAND = 0xA700, 0xC000

WORK = "[work]\nreview_sheet = false\n"


def honest(node: Node, source: str) -> int:
    """Status of an object from an address; -1 where there was no answer."""
    entity = AE("CAMERA")
    entity.acse_timeout = entity.network_timeout = entity.dimse_timeout = WAIT_S
    entity.add_requested_context(NuclearMedicineImageStorage)
    association = entity.associate(
        "127.0.0.1", node.port, ae_title="SHORTAXIS", bind_address=(source, 0)
    )
    if not association.is_established:
        return -1
    answer = store(association, new_study())
    association.release()
    return int(answer.Status) if "Status" in answer else -1


def connected(
    node: Node, count: int, stack: ExitStack, source: str = "127.0.0.1"
) -> list[Stranger]:
    made = []
    for _ in range(count):
        made.append(Stranger(node.port, source))
        stack.callback(made[-1].close)
    return made


@pytest.fixture
def few(tmp_path: Path) -> Iterator[Node]:
    """A node with few places."""
    limits = "[limits]\nassociations_per_address = 2\nidle_gives_way_s = 0.5\n"
    with running_node(tmp_path, WORK + limits, node="max_associations = 4", quiet_s=600) as node:
        yield node


def test_a_flood_from_a_refused_address_leaves_nothing_behind(tmp_path: Path) -> None:
    with (
        running_node(tmp_path, WORK, node='addresses = ["127.0.0.2"]', quiet_s=600) as node,
        ExitStack() as stack,
    ):
        flood = connected(node, 100, stack)
        for each in flood:
            each.says(association_request())

        assert honest(node, "127.0.0.2") == 0

        until(lambda: all(each.is_closed() for each in flood))
        until(lambda: gauge(node, "shortaxis_associations") == 0)
        assert gauge(node, 'shortaxis_events_total{event="addresses_refused"}') == 100
        assert "Traceback" not in node.log.read_text()


def test_silent_and_dripping_connections_do_not_keep_honest_senders_out(few: Node) -> None:
    with ExitStack() as stack:
        connected(few, 20, stack)
        for each in connected(few, 20, stack):
            each.says(association_request()[:50])

        assert honest(few, "127.0.0.2") == 0
        assert honest(few, "127.0.0.1") == 0


def test_idle_associations_give_way_to_a_sender_of_the_same_address(few: Node) -> None:
    with ExitStack() as stack:
        for each in connected(few, 2, stack):
            assert each.associates()

        assert honest(few, "127.0.0.2") == 0
        assert honest(few, "127.0.0.1") == 0


def test_objects_that_drip_give_way_to_a_sender_of_the_same_address(few: Node) -> None:
    ended = threading.Event()

    def drip(one: Stranger) -> None:
        while one.says_data(b"\0") and not ended.wait(0.2):
            pass

    with ExitStack() as stack:
        stack.callback(ended.set)
        for each in connected(few, 2, stack):
            assert each.associates()
            each.begins_to_store()
            threading.Thread(target=drip, args=(each,), daemon=True).start()

        assert honest(few, "127.0.0.1") == 0


@needs("storescu")
def test_objects_that_are_slow_to_read_give_way_to_a_sender_of_the_same_address(
    tmp_path: Path,
) -> None:
    costly, ended = deflated_elements(40), threading.Event()
    limits = "[limits]\nassociations_per_address = 4\n"

    def flood() -> None:
        while not ended.is_set():
            with suppress(OSError), closing(Stranger(node.port)) as one:
                if one.associates(DEFLATED):
                    one.stores(costly)

    with (
        ExitStack() as stack,
        running_node(tmp_path, WORK + limits, node="max_associations = 8", quiet_s=600) as node,
    ):
        for _ in range(12):
            thread = threading.Thread(target=flood)
            thread.start()
            stack.callback(thread.join)
        stack.callback(ended.set)
        until(lambda: gauge(node, "shortaxis_associations") >= 12)

        new_study().save_as(tmp_path / "study.dcm", enforce_file_format=True)
        command = ["storescu", "-aec", "SHORTAXIS", "127.0.0.1", str(node.port)]

        def by_dcmtk() -> int:
            return subprocess.run([*command, tmp_path / "study.dcm"], check=False).returncode

        until(lambda: honest(node, "127.0.0.1") == 0)
        until(lambda: by_dcmtk() == 0)


def test_an_address_that_has_its_places_is_told_so(tmp_path: Path) -> None:
    limits = "[limits]\nassociations_per_address = 1\nidle_gives_way_s = 60\nnegotiation_s = 2\n"
    with running_node(tmp_path, WORK + limits, quiet_s=600) as node, ExitStack() as stack:
        first, second = connected(node, 2, stack)
        assert first.associates()
        second.says(association_request())

        # A-ASSOCIATE-RJ: transient, local limit exceeded (PS3.8 9.3.4).
        assert second.hears() == b"\x03\0\0\0\0\x04\0\x02\x03\x02"
        assert honest(node, "127.0.0.2") == 0


def test_a_connection_that_says_too_little_is_closed(tmp_path: Path) -> None:
    limits = "[limits]\nnegotiation_s = 1\nleast_rate_kb_s = 10\n"
    with (
        running_node(tmp_path, WORK + limits, network_timeout_s=5) as node,
        ExitStack() as stack,
    ):
        silent, half, dripping, storing = connected(node, 4, stack)
        half.says(association_request()[:9])
        dripping.associates()
        dripping.says(struct.pack(">BBI", 4, 0, 16000))
        storing.associates()
        storing.begins_to_store()

        def drips() -> bool:
            dripping.says(b"\0")
            storing.says_data(b"\0")
            return all(each.is_closed() for each in (silent, half, dripping, storing))

        until(drips)
        until(lambda: gauge(node, "shortaxis_associations") == 0)


@pytest.mark.parametrize("kind", [1, 4, 7])
def test_a_pdu_that_claims_to_be_huge_is_not_waited_for(few: Node, kind: int) -> None:
    with ExitStack() as stack:
        (one,) = connected(few, 1, stack)
        if kind != 1:
            assert one.associates()

        one.says(struct.pack(">BBI", kind, 0, 0x7FFFFFFF))

        until(one.is_closed)


def test_an_association_request_of_very_many_items_is_not_taken_apart(few: Node) -> None:
    with ExitStack() as stack:
        (one,) = connected(few, 1, stack)

        one.says(many_items())

        until(one.is_closed)


IDENTITY_OF_NO_KIND = b"\x58\0\0\4\x09\1\xff\xff"


@pytest.mark.parametrize(
    "request_",
    [
        association_request(context_id=2),
        association_request(context_id=0),
        association_request(more_user_items=IDENTITY_OF_NO_KIND),
        association_request(more_user_items=b"\x7f\0\0\0"),
    ],
    ids=["an even context", "context 0", "an identity of no kind", "an item of no kind"],
)
def test_a_request_that_cannot_be_understood_is_answered_at_once_and_holds_no_place(
    few: Node, request_: bytes
) -> None:
    with ExitStack() as stack:
        flood = connected(few, 2, stack)
        for each in flood:
            each.says(request_)

        # A-ABORT of the provider: invalid PDU parameter value (PS3.8 9.3.8).
        assert [each.hears() for each in flood] == [b"\x07\0\0\0\0\4\0\0\2\6"] * 2
        assert "a thread ended" not in few.log.read_text()


def test_an_object_that_is_too_large_is_dropped_while_it_comes_and_the_next_one_is_taken(
    tmp_path: Path,
) -> None:
    node_table = "largest_object_mb = 1"
    with running_node(tmp_path, WORK, node=node_table, quiet_s=600) as node, ExitStack() as stack:
        (one,) = connected(node, 1, stack)
        assert one.associates()
        one.begins_to_store()
        before = peak_mb(node)
        for _ in range(3000):
            assert one.says_data(bytes(16000))

        # Not even said to the end yet.
        def kept() -> int:
            return sum(each.stat().st_size for each in node.folder.rglob("*.dcm*"))

        assert kept() <= 1_100_000
        assert peak_mb(node) - before < 30
        one.says_data(b"\0\0", is_last=True)
        assert one.status() == OUT_OF_RESOURCES
        assert one.stores(b"no data set") == CANNOT_UNDERSTAND
        assert kept() == 0
        assert honest(node, "127.0.0.1") == 0


def test_what_was_not_said_to_the_end_is_removed(few: Node) -> None:
    with ExitStack() as stack:
        (one,) = connected(few, 1, stack)
        assert one.associates()
        one.begins_to_store()
        one.says_data(bytes(16000))
        until(lambda: [each for each in (few.folder / "arriving").iterdir() if each.stat().st_size])
        one.close()

        until(lambda: not list((few.folder / "arriving").iterdir()))


def test_a_deflated_bomb_is_refused_outside_the_node(tmp_path: Path) -> None:
    limits = "[limits]\nheader_memory_limit_mb = 1024\n"
    with running_node(tmp_path, WORK + limits, quiet_s=600) as node, ExitStack() as stack:
        (one,) = connected(node, 1, stack)
        assert one.associates(DEFLATED)

        assert one.stores(deflated_header(2000)) in (OUT_OF_RESOURCES, CANNOT_UNDERSTAND)

        assert peak_mb(node) < MOST_MB
        assert honest(node, "127.0.0.1") == 0


def test_a_sender_that_does_not_wait_for_answers_is_cut_off(few: Node) -> None:
    with ExitStack() as stack:
        (one,) = connected(few, 1, stack)
        assert one.associates()

        until(
            lambda: (
                not all(
                    one.begins_to_store() and one.says_data(bytes(9), is_last=True)
                    for _ in range(50)
                )
            )
        )

        until(one.is_closed)
        assert "Traceback" not in few.log.read_text()


@pytest.mark.parametrize("moment", ["silent", "begun", "half a message", "reading", "working"])
def test_a_node_that_is_told_to_stop_does(tmp_path: Path, moment: str) -> None:
    with running_node(tmp_path, WORK) as node, ExitStack() as stack:
        (one,) = connected(node, 1, stack)
        if moment == "begun":
            one.says(b"\x01")
        if moment == "half a message":
            assert one.associates()
            one.begins_to_store()
            one.says(struct.pack(">BBI", 4, 0, 16000))
        if moment == "reading":
            for each in (one, *connected(node, 5, stack)):
                assert each.associates(DEFLATED)
                storing = threading.Thread(target=each.stores, args=(deflated_elements(40),))
                storing.start()
                stack.callback(storing.join)
            until(lambda: len(list((node.folder / "arriving").iterdir())) == 6)
        if moment == "working":
            for _ in range(5):
                assert send(node.port, [new_study()]) == [0]
            until(lambda: health(node)["studies"]["running"])
        assert node.process is not None

        node.process.send_signal(signal.SIGTERM)

        assert node.process.wait(10) == 0
        assert "Traceback" not in node.log.read_text()


HELD = """
import threading
from shortaxis.cli import serve

serve.END_S = 0.2
lock = threading.Lock()
with lock, serve._ending_on_signals(lambda: lock.acquire()):
    print("ready", flush=True)
    threading.Event().wait()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_process_ends_though_its_main_thread_holds_what_ending_needs(number: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HELD], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"

        process.send_signal(number)

        assert process.wait(20) == 0


def test_a_node_that_ended_by_itself_leaves_signals_and_the_process_alone() -> None:
    from shortaxis.cli import serve

    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]

    with serve._ending_on_signals(lambda: None):
        during = signal.getsignal(signal.SIGTERM)

    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
    assert during not in before
    assert signal.set_wakeup_fd(-1) == -1
    until(lambda: "signals" not in {each.name for each in threading.enumerate()})


def health(node: Node) -> dict[str, dict[str, int]]:
    with socket.create_connection(("127.0.0.1", node.monitor), timeout=20) as connection:
        connection.sendall(b"GET /health HTTP/1.0\r\n\r\n")
        text = b"".join(iter(lambda: connection.recv(65536), b""))
    found: dict[str, dict[str, int]] = json.loads(text.split(b"\r\n\r\n", 1)[1])
    return found
