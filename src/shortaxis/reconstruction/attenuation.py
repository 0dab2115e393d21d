"""Attenuation maps: from CT numbers or given as they are."""

from __future__ import annotations

from dataclasses import dataclass

from shortaxis.errors import OptionError
from shortaxis.spect.volume import SpectVolume

__all__ = ["MAP_UNITS", "AttenuationMap"]

MAP_UNITS = ("per_cm", "hounsfield")


@dataclass(frozen=True, eq=False)
class AttenuationMap:
    """A volume of attenuation, on any grid in the frame of reference of the projections.

    Parameters
    ----------
    volume : SpectVolume
        Values and where they lie, LPS mm.
    unit : {"per_cm", "hounsfield"}
        Linear attenuation at the photopeak, 1/cm, or CT numbers.
    """

    volume: SpectVolume
    unit: str = "per_cm"

    def __post_init__(self) -> None:
        if self.unit not in MAP_UNITS:
            raise OptionError(
                "unknown unit of an attenuation map",
                expected=" or ".join(MAP_UNITS),
                found=self.unit,
            )
