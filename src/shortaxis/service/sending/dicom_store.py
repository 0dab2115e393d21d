"""A storage SCU: objects to a DICOM node over associations that are opened again when they end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pynetdicom import AE, evt
from pynetdicom.association import Association
from pynetdicom.sop_class import (  # type: ignore[attr-defined] # made from a table there
    NuclearMedicineImageStorage,
    StorageCommitmentPushModel,
    StorageCommitmentPushModelInstance,
)

from shortaxis.dicom.received.commitments import CommitmentReport, commitment_request, report_of
from shortaxis.service.destinations import Destination
from shortaxis.service.listener import tls_context
from shortaxis.service.reception.association_requests import LARGEST_PDU_BYTES
from shortaxis.web.peer_time import PeerTime, most_s

__all__ = ["DicomStore", "NoAssociationError", "hold_reader"]

STORED = (0x0000, 0x0111, 0xB000, 0xB006, 0xB007)
"""Success, a duplicate (PS3.7 C.5.11), and warnings: the object was stored (PS3.4, table B.2-1)."""

ASK = 1
"""Action Type ID of a request for storage commitment (PS3.4, table J.3-1)."""

PROCESSING_FAILURE = 0x0110
"""PS3.7 C.4.2."""

LOOKED_EVERY_S = 0.0005
"""Whether pynetdicom's reader stands still; it goes round every thousandth of a second."""


class NoAssociationError(Exception):
    """The destination does not associate: no delivery to it has a chance now."""


@dataclass
class DicomStore:
    """A destination, and the association with it while there is one."""

    destination: Destination
    calling_ae_title: str
    reported: Callable[[CommitmentReport], None] = lambda report: None
    _association: Association | None = field(default=None, repr=False)
    _time: PeerTime = field(default_factory=PeerTime, repr=False)

    @contextmanager
    def connected(self) -> Iterator[None]:
        """Release the association at the end of the block."""
        try:
            yield
        finally:
            if self._association is not None and self._association.is_established:
                with self._time.limited(most_s(self.destination.timeout_s, 0)):
                    self._association.release()
            self._association = None

    def send(self, paths: Sequence[Path]) -> str:
        """Send files; returns why they did not all arrive, else nothing.

        Raises
        ------
        NoAssociationError
            If there is no association, and none can be had.
        """
        association = self._open()
        try:
            for path in paths:
                if not association.is_established:
                    return "the association ended"
                hold_reader(association)
                size = path.stat().st_size
                with self._time.limited(most_s(self.destination.timeout_s, size)):
                    status = association.send_c_store(path)
                code = status.Status if "Status" in status else None
                if code not in STORED:
                    return "no answer" if code is None else f"status {code:04X}"
        except Exception:
            # What is left of it may be in the middle of a message.
            with suppress(Exception):
                association.abort()
            raise
        return ""

    def ask_for_commitment(self, paths: Sequence[Path], transaction_uid: str) -> str:
        """Ask whether files that were stored are kept; returns why it was not taken, else nothing.

        The answer comes later, on this association or on another one.

        Raises
        ------
        NoAssociationError
            If there is no association, and none can be had.
        """
        association = self._open()
        if not any(
            each.abstract_syntax == StorageCommitmentPushModel
            for each in association.accepted_contexts
        ):
            return "it knows no storage commitment"
        hold_reader(association)
        with self._time.limited(most_s(self.destination.timeout_s, 0)):
            status, _ = association.send_n_action(
                commitment_request(transaction_uid, paths),
                ASK,
                StorageCommitmentPushModel,
                StorageCommitmentPushModelInstance,
            )
        code = status.Status if "Status" in status else None
        return "" if code == 0 else "no answer" if code is None else f"status {code:04X}"

    def _reported(self, event: evt.Event) -> tuple[int, None]:
        try:
            self.reported(report_of(event.event_information))
        except Exception:  # what a peer sends may be anything; it reports again, or is asked again
            return PROCESSING_FAILURE, None
        return 0, None

    def _open(self) -> Association:
        if self._association is None or not self._association.is_established:
            self._association = self._associate()
        return self._association

    def _associate(self) -> Association:
        there = self.destination
        tls = None if there.tls is None else (tls_context(there.tls, is_server=False), there.host)
        self._time = PeerTime()
        with self._time.limited(most_s(there.timeout_s, 0)):
            association = self._entity().associate(
                there.host,
                there.port,
                ae_title=there.ae_title,
                tls_args=tls,
                evt_handlers=[
                    (evt.EVT_CONN_OPEN, self._connected),
                    (evt.EVT_N_EVENT_REPORT, self._reported),
                ],
            )
        if not association.is_established:
            raise NoAssociationError("no association")
        return association

    def _connected(self, event: evt.Event) -> None:
        """Watch the time, and read no PDU without end: pynetdicom reads what one claims to have."""
        there: Any = event.assoc.dul.socket
        self._time.watch(there.socket)
        unlimited = there.recv

        def recv(byte_count: int) -> bytearray:
            if byte_count > LARGEST_PDU_BYTES:
                raise OSError("a PDU that is too large")
            content: bytearray = unlimited(byte_count)
            return content

        there.recv = recv

    def _entity(self) -> AE:
        entity = AE(self.destination.calling_ae_title or self.calling_ae_title)
        timeout = self.destination.timeout_s
        entity.network_timeout = entity.acse_timeout = timeout
        entity.dimse_timeout = entity.connection_timeout = timeout
        entity.add_requested_context(NuclearMedicineImageStorage)
        if self.destination.storage_commitment:
            entity.add_requested_context(StorageCommitmentPushModel)
        return entity


def hold_reader(association: Association) -> None:
    """Hold pynetdicom's reader before a request, until the answer has come.

    A request holds it, too, but takes it for held where it has only marked itself so and is on its
    way (3.0.4): the answer is then taken, and thrown away, by the reader. So it is waited for here
    until it stands still.
    """
    checkpoint = association._reactor_checkpoint
    checkpoint.clear()
    # Who waits for an event is known to its condition alone.
    while association.is_alive() and not checkpoint._cond._waiters:  # type: ignore[attr-defined]
        time.sleep(LOOKED_EVERY_S)
