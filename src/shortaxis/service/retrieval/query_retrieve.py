"""A client of C-FIND, C-MOVE and C-GET, Study Root (PS3.4 annex C)."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pynetdicom import AE, build_role, evt
from pynetdicom.association import Association
from pynetdicom.sop_class import (  # type: ignore[attr-defined] # made from a table there
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
)

from shortaxis.dicom.elements.transfer_syntaxes import readable_syntaxes
from shortaxis.errors import ArchiveError
from shortaxis.service.destinations import Destination
from shortaxis.service.listener import STORED_CLASSES, tls_context
from shortaxis.service.sending.dicom_store import hold_reader

__all__ = ["Archive"]

PENDING = (0xFF00, 0xFF01)
"""One more result, or sub-operations that go on (PS3.4, tables C.4-1 and C.4-2)."""

MOST_RESULTS = 100_000

MOVE_PATIENCE = 10
"""Times the time limit: between two of its answers an archive may fetch from a slow store."""

UNKNOWN_TITLE = 0xA801
"""Refused: Move Destination unknown (PS3.4, table C.4-2)."""


@dataclass(frozen=True)
class Archive:
    """An archive that is asked; one association for each question."""

    destination: Destination
    calling_ae_title: str

    def find(self, asked: Any) -> list[Any]:  # noqa: ANN401 - data sets, which pydicom has
        """Results of a query.

        Raises
        ------
        ArchiveError
            If there is no association, or the query fails.
        """
        found: list[Any] = []
        model = StudyRootQueryRetrieveInformationModelFind
        with self._associated(model, self.destination.timeout_s) as association:
            for status, result in association.send_c_find(asked, model):
                code = self._code_of(status, "the query")
                if code in PENDING and result is not None:
                    found.append(result)
                elif code not in (0, *PENDING):
                    raise self._failed("the query", f"status {code:04X}")
                if len(found) > MOST_RESULTS:
                    raise self._failed("the query", "more results than anybody can look at")
        return found

    def move(self, asked: Any, to_title: str) -> None:  # noqa: ANN401 - a data set
        """Let the archive send what is asked for to an application entity.

        Raises
        ------
        ArchiveError
            If there is no association, or not everything was sent.
        """
        model = StudyRootQueryRetrieveInformationModelMove
        patience_s = MOVE_PATIENCE * self.destination.timeout_s
        with self._associated(model, patience_s) as association:
            for status, _ in association.send_c_move(asked, to_title, model):
                code = self._code_of(status, "the retrieval")
                if code == UNKNOWN_TITLE:
                    raise self._failed("the retrieval", f"it does not know {to_title} as a node")
                if code not in (0, *PENDING):
                    count = status.get("NumberOfFailedSuboperations") or 0
                    told = f"status {code:04X}, {count} objects failed"
                    raise self._failed("the retrieval", told)

    def get(self, asked: Any, node: Destination) -> None:  # noqa: ANN401 - a data set
        """Fetch what is asked for over the same association, and send it to the node.

        For archives that cannot connect to the node. It comes into the node as from any other
        sender: on disk and noted before it is acknowledged.

        Raises
        ------
        ArchiveError
            If not everything came, or the node did not take all of it.
        """
        model = StudyRootQueryRetrieveInformationModelGet
        patience_s = MOVE_PATIENCE * self.destination.timeout_s
        with tempfile.TemporaryDirectory(prefix="shortaxis-") as name:
            folder = Path(name)
            with self._associated(model, patience_s, _kept_in(folder)) as association:
                for status, _ in association.send_c_get(asked, model):
                    code = self._code_of(status, "the retrieval")
                    if code not in (0, *PENDING):
                        raise self._failed("the retrieval", f"status {code:04X}")
            Archive(node, self.calling_ae_title).store(sorted(folder.iterdir()))

    def store(self, paths: Sequence[Path]) -> None:
        """Send files; all of them, or an error.

        Raises
        ------
        ArchiveError
            If there is no association, or an object is not taken.
        """
        with self._associated("", self.destination.timeout_s) as association:
            for path in paths:
                hold_reader(association)
                code = self._code_of(association.send_c_store(path), "storage")
                if code != 0:
                    raise self._failed("storage", f"status {code:04X}")

    @contextmanager
    def _associated(
        self, model: str, timeout_s: float, received: Callable[[evt.Event], int] | None = None
    ) -> Iterator[Association]:
        """An association for a model, or for storage; with `received` the peer may store, too."""
        there = self.destination
        entity = AE(there.calling_ae_title or self.calling_ae_title)
        entity.connection_timeout = entity.acse_timeout = there.timeout_s
        entity.network_timeout = entity.dimse_timeout = timeout_s
        if model:
            entity.add_requested_context(model)
        stores = list(STORED_CLASSES) if received is not None or not model else []
        for each in stores:
            for syntax in readable_syntaxes():
                entity.add_requested_context(each, syntax)
        roles: list[Any] = (
            [] if received is None else [build_role(each, scp_role=True) for each in stores]
        )
        handlers: list[Any] = [] if received is None else [(evt.EVT_C_STORE, received)]
        tls = None if there.tls is None else (tls_context(there.tls, is_server=False), there.host)
        association = entity.associate(
            there.host,
            there.port,
            ae_title=there.ae_title,
            tls_args=tls,
            ext_neg=roles,
            evt_handlers=handlers,
        )
        if not association.is_established:
            raise self._failed("an association", "no association, or not for this service")
        hold_reader(association)
        try:
            yield association
        finally:
            if association.is_established:
                association.release()

    def _code_of(self, status: Any, step: str) -> int:  # noqa: ANN401 - a data set
        if "Status" not in status:
            raise self._failed(step, "no answer in time")
        return int(status.Status)

    def _failed(self, step: str, found: str) -> ArchiveError:
        return ArchiveError(
            f"{self.destination.name} does not do it: {step}",
            expected=f"{self.destination.ae_title} at {self.destination.host}:"
            f"{self.destination.port} that answers",
            found=found,
            cause="an archive that is down, or knows neither title nor address of this node",
            way_on="make this node known to the archive for query and retrieve, and run it again: "
            "what is here is left out",
        )


def _kept_in(folder: Path) -> Callable[[evt.Event], int]:
    """Write what comes into a folder, as files without identifiers in their names."""

    def received(event: evt.Event) -> int:
        count = len(list(folder.iterdir()))
        (folder / f"{count:06}.dcm").write_bytes(event.encoded_dataset())
        return 0

    return received
