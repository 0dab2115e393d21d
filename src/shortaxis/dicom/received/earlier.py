"""By how many days one exam was made before another one; the dates themselves are not told."""

from __future__ import annotations

from pydicom import Dataset

from shortaxis.dicom.carried.same_patient import days_between
from shortaxis.dicom.carried.source_header import SourceHeader

__all__ = ["days_before"]


def days_before(earlier: SourceHeader | None, later: SourceHeader | None) -> int | None:
    """Days from the earlier to the later acquisition, below 0 the other way round.

    None where one of them has no date.
    """
    days = [days_between(_long_ago(), header) for header in (earlier, later)]
    if days[0] is None or days[1] is None:
        return None
    return days[1] - days[0]


def _long_ago() -> SourceHeader:
    """A day before any exam: differences to it have a sign."""
    header = Dataset()
    header.AcquisitionDate = "18950101"
    return SourceHeader(header)
