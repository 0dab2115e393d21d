"""Which energy window is the photopeak, and what the others are (PS3.3 C.8.4.10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydicom import Dataset

from shortaxis.dicom.elements.attributes import items_of, label, numbers_of
from shortaxis.dicom.reading.views.view_angles import item_number
from shortaxis.dicom.reading.views.view_order import ViewOrder
from shortaxis.errors import GeometryError
from shortaxis.spect.reading_notes import ReadingNote

__all__ = ["EnergyWindows", "energy_windows"]

PEAK_KEV = {"Tc-99m": 140.5, "Tl-201": 72.0}
"""Of the nuclides that are imaged with parallel holes; thallium by the x rays of mercury, 69 to
80 keV."""

USUAL_WIDTH = 0.2
"""Of a photopeak window, of its energy."""

STATE_WINDOW = "state the number of the window that is meant: --energy-window 1"

Limits = tuple[float, float]


@dataclass(frozen=True)
class EnergyWindows:
    """Places of the windows in `ViewOrder.windows`, the photopeak first, and their limits, keV."""

    places: tuple[int, ...]
    limits_kev: tuple[Limits, ...]
    notes: tuple[ReadingNote, ...] = ()


def energy_windows(
    dataset: Dataset, order: ViewOrder, nuclide: str, stated: int | None
) -> EnergyWindows:
    """Put the windows in order.

    Parameters
    ----------
    dataset : Dataset
        Header.
    order : ViewOrder
        Which windows there are.
    nuclide : str
        As the header names it, such as ``Tc-99m``; may be empty.
    stated : int or None
        Number of the photopeak's window, from 1, by the user.

    Raises
    ------
    GeometryError
        If a window was stated that is not there, or nobody tells which of several is the peak.
    """
    items = items_of(dataset, "EnergyWindowInformationSequence")
    limits = [_limits(item_number(items, number)) for number in order.windows]
    notes: list[ReadingNote] = []
    if stated is not None:
        peak = _stated(order.windows, stated)
    elif len(limits) == 1:
        peak = 0
    else:
        peak, note = _told(limits, nuclide)
        notes += [note] if note else []
    if limits[peak] is None:
        notes.append(_no_limits(nuclide))
    usual = _usual(nuclide)
    places = (peak, *(place for place in range(len(limits)) if place != peak))
    known = tuple(limits[place] or (usual if place == peak else (0.0, 0.0)) for place in places)
    return EnergyWindows(places, known, tuple(notes))


def _limits(item: Dataset) -> Limits | None:
    """Lowest and highest energy of a window that may have several ranges."""
    ranges = items_of(item, "EnergyWindowRangeSequence")
    lower = [numbers_of(each, "EnergyWindowLowerLimit") for each in ranges]
    upper = [numbers_of(each, "EnergyWindowUpperLimit") for each in ranges]
    low = [float(each[0]) for each in lower if each is not None]
    high = [float(each[0]) for each in upper if each is not None]
    if not low or not high or not 0 < min(low) < max(high):
        return None
    return min(low), max(high)


def _stated(windows: Sequence[int], stated: int) -> int:
    if stated not in windows:
        raise GeometryError(
            "has no energy window of the stated number",
            expected=", ".join(map(str, windows)),
            found=str(stated),
            way_on=STATE_WINDOW,
        )
    return windows.index(stated)


def _told(limits: Sequence[Limits | None], nuclide: str) -> tuple[int, ReadingNote | None]:
    """The window around the peak of the nuclide, else around that of technetium or thallium."""
    peaks = [PEAK_KEV[nuclide]] if nuclide in PEAK_KEV else list(PEAK_KEV.values())
    around = [
        place
        for peak in peaks
        for place, each in enumerate(limits)
        if each is not None and each[0] < peak < each[1]
    ]
    if not around:
        raise GeometryError(
            "does not say which energy window is the photopeak",
            expected="a window around 140 keV (technetium) or 72 keV (thallium)",
            found=", ".join(_words(each) for each in limits),
            cause="another nuclide, or windows without limits",
            way_on=STATE_WINDOW,
        )
    if len(set(around)) == 1:
        return around[0], None
    note = ReadingNote(
        f"several windows lie around photopeaks: {_words(limits[around[0]])} is reconstructed; "
        "if another is meant, state it with --energy-window",
        True,
    )
    return around[0], note


def _usual(nuclide: str) -> Limits:
    peak = PEAK_KEV.get(nuclide, PEAK_KEV["Tc-99m"])
    return peak * (1 - USUAL_WIDTH / 2), peak * (1 + USUAL_WIDTH / 2)


def _no_limits(nuclide: str) -> ReadingNote:
    low, high = _usual(nuclide)
    return ReadingNote(
        f"{label('EnergyWindowLowerLimit')} and {label('EnergyWindowUpperLimit')} are missing: "
        f"{low:.0f} to {high:.0f} keV are supposed"
    )


def _words(limits: Limits | None) -> str:
    return "no limits" if limits is None else f"{limits[0]:g} to {limits[1]:g} keV"
