"""What strangers cost the node and the command line: ``python -m evidence run strangers``.

Floods of a hundred connections come from addresses of the loopback network, refused and allowed
ones; meanwhile an honest sender stores objects, from another address and from the same one, and
tries again where it is turned away. Every kind of oversized input is sent to a node, whose own
memory is read, and given to the command line. A node is told to stop while peers do what they do.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pydicom
from pynetdicom import AE
from pynetdicom.sop_class import NuclearMedicineImageStorage  # type: ignore[attr-defined]

from evidence.measuring.robustness.oversized_files import OVERSIZED_FILES
from evidence.measuring.speed.node_peers import Node, new_study, running_node, store
from evidence.measuring.speed.node_strangers import (
    DEFLATED,
    Stranger,
    association_request,
    deflated_elements,
    deflated_header,
    gauge,
    many_items,
    pdu,
    peak_mb,
)
from evidence.recording.record import store_result

FLOOD, SENDS = 100, 10
OVERSIZED_MB = 2000
REFUSED, ALLOWED, HONEST = "127.0.0.9", "127.0.0.1", "127.0.0.2"

AIMS = {"wait_s": 5.0, "node_mb": 300.0, "stop_s": 10.0, "command_mb": 1000.0, "command_s": 10.0}
"""At most, each."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flood", type=int, default=FLOOD)
    parser.add_argument("--megabytes", type=int, default=OVERSIZED_MB)
    arguments = parser.parse_args()
    measured: dict[str, Any] = {
        "floods": {name: flooded(kind, arguments.flood) for name, kind in FLOODS.items()},
        "inputs": {name: sent_to_node(kind) for name, kind in INPUTS.items()},
        "stops": {name: stopped(kind) for name, kind in MOMENTS.items()},
        "files": {
            name: given_to_command(make, arguments.megabytes)
            for name, make in OVERSIZED_FILES.items()
        },
    }
    for part, values in measured.items():
        for name, value in values.items():
            print(part, name, value)
    stored = {"flood": arguments.flood, "megabytes": arguments.megabytes, "sends": SENDS}
    store_result("strangers", {**stored, "aims": AIMS, "measured": measured})


@contextmanager
def node() -> Iterator[Node]:
    addresses = f'addresses = ["{ALLOWED}", "{HONEST}"]\nlargest_object_mb = 64'
    with (
        tempfile.TemporaryDirectory() as folder,
        running_node(Path(folder), node=addresses, quiet_s=600, network_timeout_s=5) as made,
    ):
        yield made


# Floods


class Flood:
    """Keeps so many connections open that each does one thing, and opens those anew that end."""

    def __init__(self, port: int, count: int, source: str, act: Callable[[Stranger], None]) -> None:
        self.port, self.count, self.source, self.act = port, count, source, act
        self.ended = threading.Event()
        self.threads = [threading.Thread(target=self._keep, daemon=True) for _ in range(count)]
        self.open: set[Stranger] = set()

    def _keep(self) -> None:
        while not self.ended.is_set():
            try:
                stranger = Stranger(self.port, self.source)
                self.open.add(stranger)
                try:
                    self.act(stranger)
                    while not (self.ended.wait(0.5) or stranger.is_closed()):
                        pass
                finally:
                    self.open.discard(stranger)
                    stranger.close()
            except OSError:
                self.ended.wait(0.2)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Two seconds after it has begun, and until the block ends."""
        for thread in self.threads:
            thread.start()
        time.sleep(2.0)
        try:
            yield
        finally:
            self.ended.set()
            # One that is answered again and again would go on.
            while any(thread.is_alive() for thread in self.threads):
                for stranger in tuple(self.open):
                    stranger.hangs_up()
                time.sleep(0.1)


def drips(stranger: Stranger) -> None:
    for byte in association_request():
        time.sleep(0.5)
        if not stranger.says(bytes([byte])):
            return


def associates(stranger: Stranger) -> None:
    stranger.associates()


def begins_an_object(stranger: Stranger) -> None:
    if stranger.associates():
        stranger.begins_to_store()
        stranger.says_data(bytes(1000))


def sends(content: bytes) -> Callable[[Stranger], None]:
    """Store the same object again and again."""

    def act(stranger: Stranger) -> None:
        if stranger.associates(DEFLATED):
            while stranger.stores(content) >= 0:
                pass

    return act


SLOW, LARGE = deflated_elements(40), deflated_header(200)
"""Seconds of work in 71 kB, and 200 MB in as many."""

FLOODS: dict[str, tuple[str, Callable[[Stranger], None]]] = {
    "refused address": (REFUSED, associates),
    "silent": (ALLOWED, lambda _: None),
    "dripping": (ALLOWED, drips),
    "idle associations": (ALLOWED, associates),
    "half objects": (ALLOWED, begins_an_object),
    "objects that are slow to read": (ALLOWED, sends(SLOW)),
    "objects that inflate to 200 MB": (ALLOWED, sends(LARGE)),
}


def flooded(kind: tuple[str, Callable[[Stranger], None]], count: int) -> dict[str, Any]:
    source, act = kind
    with node() as made:
        calm = waits(made, HONEST)
        with Flood(made.port, count, source, act).running():
            other = waits(made, HONEST)
            same = waits(made, ALLOWED)
            most = gauge(made, "shortaxis_associations")
        time.sleep(3.0)
        return {
            "calm_s": calm,
            "other_address_s": other,
            "same_address_s": same,
            "connections": int(most),
            "left": int(gauge(made, "shortaxis_associations")),
            "node_mb": round(peak_mb(made), 1),
            "tracebacks": made.log.read_text().count("Traceback"),
        }


def waits(made: Node, source: str) -> dict[str, float]:
    """How long an honest sender takes to store an object, from its first try on."""
    found = sorted(stored_after(made, source) for _ in range(SENDS))
    return {"median": round(found[SENDS // 2], 2), "most": round(found[-1], 2)}


def stored_after(made: Node, source: str) -> float:
    study, begun = new_study(), time.monotonic()
    while time.monotonic() - begun < 60.0:
        if stores(made, source, study) == 0:
            break
        time.sleep(0.2)
    return time.monotonic() - begun


def stores(made: Node, source: str, study: pydicom.Dataset) -> int:
    entity = AE("CAMERA")
    entity.acse_timeout = entity.network_timeout = entity.dimse_timeout = 30
    entity.add_requested_context(NuclearMedicineImageStorage)
    association = entity.associate(
        "127.0.0.1", made.port, ae_title="SHORTAXIS", bind_address=(source, 0)
    )
    if not association.is_established:
        return -1
    try:
        answer = store(association, study)
    except (RuntimeError, ValueError):
        return -1
    if association.is_established:
        association.release()
    return int(answer.Status) if "Status" in answer else -1


# Inputs


def claims_length(port: int) -> None:
    for kind in (1, 4, 7) * 20:
        stranger = Stranger(port)
        if kind == 1 or stranger.associates():
            stranger.says(bytes([kind, 0]) + b"\x7f\xff\xff\xff" + bytes(100_000))
        stranger.hears()
        stranger.close()


def requests_of_items(port: int) -> None:
    with ExitStack() as stack:
        for _ in range(60):
            stranger = Stranger(port)
            stack.callback(stranger.close)
            stranger.says(many_items())
        time.sleep(5.0)


def large_objects(port: int) -> None:
    def send() -> None:
        stranger = Stranger(port)
        if stranger.associates():
            stranger.stores(bytes(200_000_000))
        stranger.close()

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def deflated_values(port: int) -> None:
    content = deflated_header(4000)
    for _ in range(3):
        stranger = Stranger(port)
        stranger.associates(DEFLATED)
        stranger.stores(content)
        stranger.close()


def deflated_tags(port: int) -> None:
    for _ in range(3):
        stranger = Stranger(port)
        stranger.associates(DEFLATED)
        stranger.stores(deflated_elements(1000))
        stranger.close()


def unanswered(port: int) -> None:
    for _ in range(10):
        stranger = Stranger(port)
        stranger.associates()
        while stranger.begins_to_store() and stranger.says_data(bytes(9), is_last=True):
            pass
        stranger.close()


def commands_without_end(port: int) -> None:
    stranger = Stranger(port)
    stranger.associates()
    while stranger.says_data(bytes(16000), is_command=True):
        pass
    stranger.close()


INPUTS: dict[str, Callable[[int], None]] = {
    "PDUs that claim 2 GB": claims_length,
    "association requests of many items": requests_of_items,
    "eight objects of 200 MB at once": large_objects,
    "deflated values of 4 GB": deflated_values,
    "deflated elements of 1 GB": deflated_tags,
    "requests without waiting": unanswered,
    "a command without end": commands_without_end,
}


def sent_to_node(send: Callable[[int], None]) -> dict[str, Any]:
    with node() as made:
        before = peak_mb(made)
        send(made.port)
        answers = stores(made, HONEST, new_study()) == 0
        return {
            "before_mb": round(before, 1),
            "node_mb": round(peak_mb(made), 1),
            "answers": answers,
            "tracebacks": made.log.read_text().count("Traceback"),
        }


# Stops


def half_a_pdu(made: Node) -> Stranger:
    stranger = Stranger(made.port)
    stranger.associates()
    stranger.begins_to_store()
    stranger.says(pdu(4, bytes(1000))[:500])
    return stranger


def at_work(made: Node) -> Stranger:
    for _ in range(3):
        stores(made, HONEST, new_study())
    time.sleep(1.0)
    return Stranger(made.port)


def reading(made: Node) -> Stranger:
    stranger = Stranger(made.port)
    stranger.associates(DEFLATED)
    threading.Thread(target=stranger.stores, args=(SLOW,), daemon=True).start()
    time.sleep(0.5)
    return stranger


MOMENTS: dict[str, Callable[[Node], Stranger]] = {
    "a silent peer": lambda made: Stranger(made.port),
    "half a PDU": half_a_pdu,
    "studies at work": at_work,
    "a header that is slow to read": reading,
}


def stopped(begin: Callable[[Node], Stranger]) -> dict[str, Any]:
    with (
        tempfile.TemporaryDirectory() as folder,
        running_node(Path(folder), network_timeout_s=5) as made,
    ):
        stranger = begin(made)
        begun = time.monotonic()
        code = made.stop()
        seconds = time.monotonic() - begun
        stranger.close()
    return {"seconds": round(seconds, 2), "code": code}


# Files


def given_to_command(make: Callable[[Path, int], Path], megabytes: int) -> dict[str, Any]:
    """What the command takes to refuse a file, its start included."""
    with tempfile.TemporaryDirectory() as folder:
        path = make(Path(folder), megabytes)
        size = path.stat().st_blocks * 512 / 1e6
        command = [sys.executable, "-m", "shortaxis", "reorient", str(path), "--out"]
        begun = time.monotonic()
        with subprocess.Popen(
            [*command, f"{folder}/out"], stderr=subprocess.PIPE, text=True
        ) as process:
            error = process.stderr.read() if process.stderr else ""
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
    return {
        "disk_mb": round(size, 2),
        "seconds": round(time.monotonic() - begun, 1),
        "peak_mb": round(usage.ru_maxrss / 1000),
        "code": process.returncode,
        "names_the_option": "--largest-input-mb" in error,
    }


if __name__ == "__main__":
    main()
