"""Results that a server has already: made before, of the same, and not to be stored again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR, datetime
from pathlib import Path
from typing import Any

from shortaxis.dicom.elements.attributes import text_of
from shortaxis.dicom.elements.part10 import read_dataset
from shortaxis.errors import ShortAxisError, WebServerError
from shortaxis.web import failures
from shortaxis.web.client import ListedObject, WebClient

__all__ = ["EarlierResults"]

CLOCK = len("HHMMSS")


@dataclass
class EarlierResults:
    """What a server has of the results of a study.

    A server that does not tell is no reason to lose what was made: `fault` holds why, and nothing
    can be stored without adding a second set, perhaps.
    """

    client: WebClient
    fault: ShortAxisError | None = None
    _known: set[str] = field(default_factory=set)

    def made_at(self, uids: Sequence[tuple[str, str]]) -> datetime | None:
        """Ask for objects by their Series and SOP Instance UIDs.

        Returns
        -------
        datetime or None
            When those were made that the server has, by one of them; None if it has none.
        """
        try:
            return self._made_at({ListedObject(*each) for each in uids})
        except WebServerError as error:
            self.fault = self.fault or error
            return None

    def missing(self, paths: Sequence[Path]) -> list[Path]:
        """Files whose objects the server did not have when it was asked.

        Raises
        ------
        WebServerError
            If it did not say which it had.
        """
        if self.fault is not None:
            raise failures.not_known(self.client.address, self.fault)
        return [path for path in paths if _uid_of(path) not in self._known]

    def _made_at(self, ours: set[ListedObject]) -> datetime | None:
        study_uid = self.client.address.study_uid
        listed = self.client.objects_of(study_uid, {each.series_uid for each in ours})
        there = sorted(ours.intersection(listed), key=lambda each: each.sop_instance_uid)
        if not there:
            return None
        dataset = self.client.retrieve(study_uid, there[0])
        if text_of(dataset, "SOPInstanceUID") != there[0].sop_instance_uid:
            raise failures.no_sense(self.client.address, "retrieval", "another object")
        self._known |= {each.sop_instance_uid for each in there}
        return _creation(dataset)


def _uid_of(path: Path) -> str:
    return text_of(read_dataset(path, with_pixels=False), "SOPInstanceUID")


def _creation(dataset: Any) -> datetime | None:  # noqa: ANN401 - pydicom's
    """Instance Creation Date and Time (PS3.3 C.12.1.1), in the zone of the object if it has one.

    A time may end after its hours or minutes (PS3.5 6.2, TM).
    """
    date, time = (text_of(dataset, f"InstanceCreation{each}") for each in ("Date", "Time"))
    zone = text_of(dataset, "TimezoneOffsetFromUTC")
    clock = time.partition(".")[0]
    if not clock:
        return None
    words = f"{date} {clock.ljust(CLOCK, '0')}"
    try:
        if zone:
            made = datetime.strptime(words + zone, "%Y%m%d %H%M%S%z")
        else:
            made = datetime.strptime(words, "%Y%m%d %H%M%S")
    except ValueError:
        return None
    # At either end of the calendar a time cannot be told in another zone.
    return made if MINYEAR < made.year < MAXYEAR else None
