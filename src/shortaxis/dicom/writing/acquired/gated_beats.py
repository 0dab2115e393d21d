"""What the header of a simulated gated study says of its beats (PS3.3 C.8.4.16)."""

from __future__ import annotations

from pydicom import Dataset
from pydicom.valuerep import format_number_as_ds

__all__ = ["gated_information"]

NOMINAL_INTERVAL_MS, LOWEST_MS, HIGHEST_MS = 800, 700, 900


def gated_information(slots: int) -> Dataset:
    """Item of Gated Information Sequence for a cycle that is divided into time slots."""
    gating, beat = Dataset(), Dataset()
    beat.FrameTime = format_number_as_ds(NOMINAL_INTERVAL_MS / slots)
    beat.NominalInterval = NOMINAL_INTERVAL_MS
    beat.LowRRValue, beat.HighRRValue = LOWEST_MS, HIGHEST_MS
    gating.DataInformationSequence = [beat]
    return gating
