"""What goes out, as the journal knows it: each delivery has its state, reason and attempts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from shortaxis.files.sqlite_file import SqliteFile
from shortaxis.service.bookkeeping.journal_tables import NEXT_REVISION
from shortaxis.service.bookkeeping.records import Delivery
from shortaxis.service.bookkeeping.settling import settle

__all__ = ["Deliveries"]


@dataclass(frozen=True)
class Deliveries:
    """The deliveries of a journal; `clock` gives the time, seconds since the epoch."""

    file: SqliteFile
    clock: Callable[[], float]

    def due(self, destination: str, limit: int, longest_delay_s: float) -> list[Delivery]:
        """Deliveries to a destination whose time has come; those that failed least come first.

        None is put off for longer than `longest_delay_s`: if one seems to be, the clock was set
        back since.
        """
        return self._due("waiting", destination, limit, longest_delay_s)

    def _due(
        self, state: str, destination: str, limit: int, longest_delay_s: float
    ) -> list[Delivery]:
        now_s = self.clock()
        rows = self.file.all(
            "SELECT number, exam, study, destination, folder, attempts FROM deliveries "
            "WHERE state = ? AND destination = ? AND (next_at <= ? OR next_at > ?) "
            "ORDER BY attempts, number LIMIT ?",
            (state, destination, now_s, now_s + longest_delay_s, limit),
        )
        return [Delivery(*row) for row in rows]

    def note_sent(self, delivery: Delivery) -> None:
        """Note that everything has arrived."""
        with self.file.change() as connection:
            connection.execute(
                "UPDATE deliveries SET state = 'sent', reason = '', transaction_uid = '' "
                "WHERE number = ?",
                (delivery.number,),
            )
            settle(connection, delivery.study, self.clock())

    def note_stored(self, delivery: Delivery) -> None:
        """Note that everything was acknowledged; whether it is kept there is to be asked."""
        with self.file.change() as connection:
            connection.execute(
                "UPDATE deliveries SET state = 'stored', reason = '', next_at = 0, "
                "transaction_uid = '' WHERE number = ?",
                (delivery.number,),
            )

    def uncommitted(self, destination: str, limit: int, longest_delay_s: float) -> list[Delivery]:
        """Deliveries of which a destination is to be asked, now, whether it keeps them."""
        return self._due("stored", destination, limit, longest_delay_s)

    def note_asked(self, delivery: Delivery, transaction_uid: str, again_at: float) -> None:
        """Note under which UID a destination is asked, and when it is asked anew."""
        with self.file.change() as connection:
            connection.execute(
                "UPDATE deliveries SET transaction_uid = ?, next_at = ? WHERE number = ?",
                (transaction_uid, again_at, delivery.number),
            )

    def note_not_asked(self, delivery: Delivery, reason: str, again_at: float) -> None:
        """Note why a destination could not be asked; what it acknowledged is not sent again."""
        with self.file.change() as connection:
            connection.execute(
                "UPDATE deliveries SET reason = ?, next_at = ?, attempts = attempts + 1 "
                "WHERE number = ? AND state = 'stored'",
                (reason, again_at, delivery.number),
            )

    def of_transaction(self, transaction_uid: str) -> Delivery | None:
        """The delivery that a destination was asked about under this UID, if it waits for that."""
        row = self.file.one(
            "SELECT number, exam, study, destination, folder, attempts FROM deliveries "
            "WHERE state = 'stored' AND transaction_uid = ? AND transaction_uid <> ''",
            (transaction_uid,),
        )
        return None if row is None else Delivery(*row)

    def note_failed(self, delivery: Delivery, reason: str, again_at: float) -> None:
        """Note why a delivery failed, and when it is tried again."""
        with self.file.change() as connection:
            connection.execute(
                "UPDATE deliveries SET state = 'waiting', attempts = attempts + 1, reason = ?, "
                "next_at = ?, transaction_uid = '' WHERE number = ?",
                (reason, again_at, delivery.number),
            )

    def note_unsendable(self, delivery: Delivery, reason: str) -> None:
        """Note that results are gone or damaged: the study has failed, unless it is remade.

        The delivery waits on: `retry` makes the results again, and they go. Results that a
        reviewer signed are to be signed again.
        """
        with self.file.change() as connection:
            connection.execute(
                "UPDATE exams SET reviewed = '' WHERE exam = ? AND reviewed = ?",
                (delivery.exam, delivery.folder),
            )
            connection.execute(
                "UPDATE studies SET state = 'failed', reason = ?, changed_at = ?, "  # noqa: S608
                f"revision = {NEXT_REVISION} "
                "WHERE study = ? AND state IN ('done', 'review', 'sent')",
                (f"{reason} before they were sent", self.clock(), delivery.study),
            )

    def waiting(self) -> list[dict[str, Any]]:
        """By destination: how many wait, how many of them failed, most attempts, latest reason."""
        rows = self.file.all(
            "SELECT destination, COUNT(*) AS waiting, SUM(attempts > 0) AS failing, "
            "MAX(attempts) AS attempts FROM deliveries WHERE state = 'waiting' GROUP BY destination"
        )
        return [{**dict(row), "reason": self._latest_reason(row["destination"])} for row in rows]

    def uncommitted_counts(self) -> list[dict[str, Any]]:
        """By destination: how many were acknowledged and are not known to be kept, and why."""
        rows = self.file.all(
            "SELECT destination, COUNT(*) AS uncommitted, MAX(reason) AS reason FROM deliveries "
            "WHERE state = 'stored' GROUP BY destination"
        )
        return [dict(row) for row in rows]

    def failing(self) -> list[dict[str, Any]]:
        """Deliveries that failed and wait, those with the most attempts first."""
        rows = self.file.all(
            "SELECT study, destination, attempts, reason, next_at - ? AS again_in_s "
            "FROM deliveries WHERE state = 'waiting' AND attempts > 0 "
            "ORDER BY attempts DESC, number",
            (self.clock(),),
        )
        return [{**dict(row), "again_in_s": round(max(row["again_in_s"], 0.0), 1)} for row in rows]

    def _latest_reason(self, destination: str) -> str:
        row = self.file.one(
            "SELECT reason FROM deliveries WHERE state = 'waiting' AND destination = ? "
            "AND attempts > 0 ORDER BY next_at DESC LIMIT 1",
            (destination,),
        )
        return "" if row is None else str(row[0])
