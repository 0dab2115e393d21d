"""What every new object of a study has: patient, study, UIDs, numbers and dates."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone

from pydicom import Dataset

from shortaxis.dicom.carried.modules.carried_attributes import CARRIED, REQUIRED_WITH
from shortaxis.dicom.carried.modules.carrying import carry
from shortaxis.dicom.elements.attributes import text_of
from shortaxis.dicom.elements.uids import UidGenerator, is_usable_uid
from shortaxis.dicom.writing.derivation import Stamp

__all__ = ["LONGEST", "complete_uids", "local_time", "object_header"]

TIME_ZONE = re.compile(r"([+-])(\d\d)([0-5]\d)")
"""Timezone Offset From UTC (C.12.1.1.8)."""

LONGEST = {"LO": 64, "ST": 1024}
"""Characters that a value may have (PS3.5 6.2)."""

SERIES_NUMBERS = 10_000
"""How many of the derived series belong to one of the source."""

MAX_SERIES_NUMBER = 2**31 - 1


def object_header(source: Dataset, sop_class: str, modules: Iterable[str], stamp: Stamp) -> Dataset:
    """Build a new object in a new series, with what is valid of these modules of `CARRIED`.

    UIDs that the study or the frame of reference should have and lacks are new ones.
    """
    dataset = Dataset()
    if text_of(source, "SpecificCharacterSet"):
        dataset.SpecificCharacterSet = source.SpecificCharacterSet
    for module in modules:
        carry(source, dataset, CARRIED[module])
        _complete_module(dataset, module)
    dataset.SOPClassUID = sop_class
    dataset.SOPInstanceUID = stamp.uids()
    dataset.SeriesInstanceUID = stamp.uids()
    complete_uids(dataset, stamp.uids)
    dataset.SeriesNumber = _series_number(source, stamp.number)
    dataset.InstanceNumber = 1
    _add_dates(dataset, local_time(dataset, stamp.now))
    return dataset


def complete_uids(
    dataset: Dataset, uids: UidGenerator, keywords: Iterable[str] = ("StudyInstanceUID",)
) -> None:
    """Give new UIDs to whatever should have one and has none that is usable."""
    for keyword in keywords:
        if not is_usable_uid(text_of(dataset, keyword)):
            # A new element: assigning would change the one shared with the source.
            dataset.add_new(keyword, "UI", uids())


def local_time(dataset: Dataset, now: datetime) -> datetime:
    """The time in the zone of the object, if it states one, since it is that of every time."""
    offset = TIME_ZONE.fullmatch(text_of(dataset, "TimezoneOffsetFromUTC"))
    if offset is None:
        dataset.pop("TimezoneOffsetFromUTC", None)
        return now
    sign, hours, minutes = offset.groups()
    ahead = timedelta(hours=int(hours), minutes=int(minutes))
    return now.astimezone(timezone(-ahead if sign == "-" else ahead))


def _add_dates(dataset: Dataset, now: datetime) -> None:
    for kind in ("Series", "Content", "InstanceCreation"):
        setattr(dataset, f"{kind}Date", f"{now:%Y%m%d}")
        setattr(dataset, f"{kind}Time", f"{now:%H%M%S}")


def _complete_module(dataset: Dataset, module: str) -> None:
    """Leave type 2 attributes empty where a module that an object may lack is there in part."""
    if any(keyword in dataset for keyword in CARRIED[module]):
        for keyword in REQUIRED_WITH.get(module, ()):
            if keyword not in dataset:
                setattr(dataset, keyword, None)


def _series_number(source: Dataset, number: int) -> int:
    """A number that follows the source's in a list."""
    try:
        wanted = SERIES_NUMBERS * int(text_of(source, "SeriesNumber")) + number
    except ValueError:
        return number
    return wanted if abs(wanted) <= MAX_SERIES_NUMBER else number
