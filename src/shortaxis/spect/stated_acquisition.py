"""How raw projections were acquired, stated by the user because a file does not say, or says wrong.

Angles are those of the standard (PS3.3 C.8.4.12): 0 degrees at the patient's back, growing to the
patient's left.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from shortaxis.errors import OptionError
from shortaxis.spect.reading_notes import ReadingNote

__all__ = ["ACQUIRED_AS_STORED", "DIRECTIONS_OF_ROTATION", "StatedAcquisition"]

DIRECTIONS_OF_ROTATION = {"CC": 1, "CW": -1}
"""Rotation Direction (PS3.3 C.8.4.12), and the sign with which angles follow each other."""

RADIUS_LIMITS_MM = (50.0, 600.0)
"""From a small animal to a gantry that is opened as far as it goes."""


@dataclass(frozen=True)
class StatedAcquisition:
    """What the user says of an acquisition; None and empty leave the file's word.

    Parameters
    ----------
    start_angles_deg : tuple of float
        Angle of the first view of each head.
    rotation_direction : {"CC", "CW"} or None
        CC: angles grow, from back to left; CW: angles fall.
    scan_arc_deg : float or None
        Arc that one head covers; its views share it evenly.
    radius_mm : float or None
        From the axis of rotation to the collimator, for all views.
    collimator : str or None
        Name of the collimator, such as ``LEHR``.
    energy_window : int or None
        Number from 1 of the window that is reconstructed.

    Raises
    ------
    OptionError
        For values that no acquisition has.
    """

    start_angles_deg: tuple[float, ...] = ()
    rotation_direction: str | None = None
    scan_arc_deg: float | None = None
    radius_mm: float | None = None
    collimator: str | None = None
    energy_window: int | None = None

    def __post_init__(self) -> None:
        for angle in self.start_angles_deg:
            _require(-360 <= angle <= 360, "start angle", "-360 to 360 degrees", f"{angle:g}")
        if self.rotation_direction is not None:
            direction = self.rotation_direction.upper()
            known = " or ".join(DIRECTIONS_OF_ROTATION)
            _require(direction in DIRECTIONS_OF_ROTATION, "rotation direction", known, direction)
            object.__setattr__(self, "rotation_direction", direction)
        if self.scan_arc_deg is not None:
            arc = self.scan_arc_deg
            _require(0 < arc <= 360, "scan arc", "above 0, at most 360 degrees", f"{arc:g}")
        if self.radius_mm is not None:
            low, high = RADIUS_LIMITS_MM
            expected = f"{low:g} to {high:g} mm"
            _require(low <= self.radius_mm <= high, "radius", expected, f"{self.radius_mm:g}")
        if self.energy_window is not None:
            window = self.energy_window
            _require(window >= 1, "energy window", "a number from 1", str(window))

    @property
    def notes(self) -> tuple[ReadingNote, ...]:
        """What was stated, for records; it is always a reason to look."""
        said = []
        if self.start_angles_deg:
            angles = " and ".join(f"{angle:g}" for angle in self.start_angles_deg)
            said.append(f"start angle {angles} degrees")
        if self.rotation_direction is not None:
            said.append(f"rotation direction {self.rotation_direction}")
        if self.scan_arc_deg is not None:
            said.append(f"scan arc {self.scan_arc_deg:g} degrees")
        if self.radius_mm is not None:
            said.append(f"radius {self.radius_mm:g} mm")
        if self.collimator is not None:
            said.append(f"collimator {self.collimator}")
        if self.energy_window is not None:
            said.append(f"energy window {self.energy_window}")
        if not said:
            return ()
        return (ReadingNote(f"acquisition as stated by the user: {', '.join(said)}", True),)

    def over(self, other: StatedAcquisition) -> StatedAcquisition:
        """Both, where this one goes before the other."""
        said = self.to_dict()
        if self.start_angles_deg:
            said["start_angles_deg"] = self.start_angles_deg
        return replace(other, **said)

    def to_dict(self) -> dict[str, Any]:
        """As plain values, for records; only what was stated."""
        values: dict[str, Any] = {
            "start_angles_deg": list(self.start_angles_deg) or None,
            "rotation_direction": self.rotation_direction,
            "scan_arc_deg": self.scan_arc_deg,
            "radius_mm": self.radius_mm,
            "collimator": self.collimator,
            "energy_window": self.energy_window,
        }
        return {name: value for name, value in values.items() if value is not None}


def _require(is_possible: bool, what: str, expected: str, found: str) -> None:
    if not is_possible:
        raise OptionError(f"stated {what} is impossible", expected=expected, found=found)


ACQUIRED_AS_STORED = StatedAcquisition()
