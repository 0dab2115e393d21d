"""Peers of the DICOM node on the loopback interface: the node itself, senders, an archive."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom
from pydicom.uid import generate_uid
from pynetdicom import AE, evt
from pynetdicom.association import Association
from pynetdicom.sop_class import (  # type: ignore[attr-defined] # made from a table there
    NuclearMedicineImageStorage,
    Verification,
)

from evidence.registry.places import DEMO
from shortaxis.service.sending.dicom_store import hold_reader

WAIT_S = 240.0
"""For what is soon over where a machine has nothing else to do."""

TITLE = "SHORTAXIS"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def until(condition: Callable[[], Any], seconds: float = WAIT_S) -> Any:
    """Wait for a condition, and give what it gave."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s")


@dataclass
class Node:
    """A node in a process of its own; it can be killed and started again."""

    config: Path
    port: int
    monitor: int
    process: subprocess.Popen[str] | None = None
    log: Path = field(init=False)

    def __post_init__(self) -> None:
        self.log = self.config.with_suffix(".log")

    @property
    def folder(self) -> Path:
        return self.config.parent / "spool"

    def start(self) -> None:
        command = [sys.executable, "-u", "-m", "shortaxis", "serve", str(self.config)]
        with self.log.open("a") as log:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert re.match(rf"{TITLE} listens on", line), self.log.read_text()

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(WAIT_S)


@contextmanager
def running_node(folder: Path, more: str = "", node: str = "", **values: Any) -> Iterator[Node]:
    """A node in a process; `more` is added to its file, `node` to the table of that name.

    It is as patient with peers as these are with it, unless `network_timeout_s` is given.
    """
    made = Node(folder / "node.toml", values.get("port") or free_port(), free_port())
    quiet_s = values.get("quiet_s", 0.3)
    made.config.write_text(
        f'folder = "spool"\n[node]\nport = {made.port}\n'
        f"network_timeout_s = {values.get('network_timeout_s', WAIT_S)}\n{node}\n"
        f"[studies]\nquiet_s = {quiet_s}\n"
        f"[retention]\nleast_free_mb = {values.get('least_free_mb', 1)}\n"
        f"[monitor]\nport = {made.monitor}\n"
        f"[sending]\nfirst_delay_s = 0.2\nlongest_delay_s = 1.0\n"
        + ("" if "[work]" in more else "[work]\nreview_sheet = false\n")
        + more
    )
    made.start()
    try:
        yield made
    finally:
        if made.process is not None and made.process.poll() is None:
            made.stop()


@dataclass
class Archive:
    """A DICOM node that keeps what it is sent, as often as it came.

    `changed` are objects that came again and said something else; `refusals` are counted where
    `status` is none of success.
    """

    port: int = field(default_factory=free_port)
    title: str = "ARCHIVE"
    status: int = 0x0000
    objects: dict[str, pydicom.Dataset] = field(default_factory=dict)
    arrivals: Counter[str] = field(default_factory=Counter)
    changed: set[str] = field(default_factory=set)
    refusals: int = 0
    _server: Any = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> None:
        entity = AE(self.title)
        entity.maximum_associations = 20
        entity.add_supported_context(NuclearMedicineImageStorage)
        entity.add_supported_context(Verification)
        handlers: list[Any] = [(evt.EVT_C_STORE, self._stored)]
        self._server = entity.start_server(
            ("127.0.0.1", self.port), block=False, evt_handlers=handlers
        )

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
        self._server = None

    def _stored(self, event: evt.Event) -> int:
        if self.status:
            self.refusals += 1
            return self.status
        dataset = pydicom.dcmread(BytesIO(event.encoded_dataset()))
        with self._lock:
            if self.objects.get(dataset.SOPInstanceUID, dataset) != dataset:
                self.changed.add(dataset.SOPInstanceUID)
            self.objects[dataset.SOPInstanceUID] = dataset
            self.arrivals[dataset.SOPInstanceUID] += 1
        return 0x0000

    def of_study(self, uid: str) -> list[pydicom.Dataset]:
        with self._lock:
            return [each for each in self.objects.values() if each.StudyInstanceUID == uid]

    @property
    def route(self) -> str:
        return (
            f'[[destinations]]\nname = "archive"\nae_title = "{self.title}"\n'
            f'host = "127.0.0.1"\nport = {self.port}\n'
            f"timeout_s = {WAIT_S}\n"
            '[routes]\naccepted = ["archive"]\nreviewed = ["archive"]\n'
        )


@contextmanager
def running_archive() -> Iterator[Archive]:
    made = Archive()
    made.start()
    try:
        yield made
    finally:
        made.stop()


def new_study(name: str = "study.dcm") -> pydicom.Dataset:
    """The bundled study as another patient's: new UIDs and name."""
    dataset = pydicom.dcmread(DEMO / name)
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = generate_uid(), generate_uid()
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    dataset.PatientName = f"Private^Person{dataset.SOPInstanceUID[-6:]}"
    dataset.PatientID = f"PID-{dataset.SOPInstanceUID[-8:]}"
    return dataset


def store(association: Association, dataset: pydicom.Dataset) -> pydicom.Dataset:
    """Send an object over an association; what is answered, empty if nothing is."""
    hold_reader(association)
    return association.send_c_store(dataset)


def send(
    port: int, datasets: Sequence[pydicom.Dataset], title: str = "CAMERA", called: str = TITLE
) -> list[int]:
    """Send objects over one association; statuses, -1 where nobody answered."""
    entity = AE(title)
    entity.network_timeout = entity.dimse_timeout = entity.acse_timeout = WAIT_S
    entity.add_requested_context(NuclearMedicineImageStorage)
    association = entity.associate("127.0.0.1", port, ae_title=called)
    statuses: list[int] = []
    for dataset in datasets:
        if not association.is_established:
            statuses.append(-1)
            continue
        try:
            answer = store(association, dataset)
            statuses.append(answer.Status if "Status" in answer else -1)
        except (RuntimeError, ValueError):
            statuses.append(-1)
    if association.is_established:
        association.release()
    return statuses
