"""How files are to be read, the same for every format."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from shortaxis.errors import OptionError
from shortaxis.spect.stated_acquisition import ACQUIRED_AS_STORED, StatedAcquisition
from shortaxis.spect.stated_geometry import NOTHING_STATED, StatedGeometry
from shortaxis.spect.stated_reconstruction import AS_SUITS, StatedReconstruction

__all__ = ["AS_STORED", "RawProjections", "ReadingOptions", "raw_projections"]


class RawProjections(StrEnum):
    """Which raw projections are reconstructed here.

    ALONE takes those whose reconstruction does not lie beside them, ALL takes all, NONE refuses
    them.
    """

    ALONE = "alone"
    ALL = "all"
    NONE = "none"


def raw_projections(word: str) -> RawProjections:
    """The choice by its word; an unknown one is an `OptionError`."""
    try:
        return RawProjections(word.lower())
    except ValueError:
        raise OptionError(
            "unknown choice of projections", expected=", ".join(RawProjections), found=word
        ) from None


@dataclass(frozen=True)
class ReadingOptions:
    """What the user allows and states beyond what files say.

    Parameters
    ----------
    force_input : bool
        Take a series that says it is reoriented already, or names itself an attenuation map.
    whole_body : bool
        Take whole-body PET series; the heart is sought in all of it.
    stated : StatedGeometry
        Geometry that files lack or say wrong.
    raw : RawProjections
        Which raw projections are reconstructed here.
    acquisition : StatedAcquisition
        What raw projections lack or say wrong of their acquisition.
    reconstruction : StatedReconstruction
        How raw projections are reconstructed.
    """

    force_input: bool = False
    whole_body: bool = False
    stated: StatedGeometry = NOTHING_STATED
    raw: RawProjections = RawProjections.ALONE
    acquisition: StatedAcquisition = ACQUIRED_AS_STORED
    reconstruction: StatedReconstruction = AS_SUITS

    def to_dict(self) -> dict[str, object]:
        """As plain values, for records and comparisons."""
        return {
            "force_input": self.force_input,
            "whole_body": self.whole_body,
            "stated": self.stated.to_dict(),
            "raw": self.raw.value,
            "acquisition": self.acquisition.to_dict(),
            "reconstruction": self.reconstruction.to_dict(),
        }


AS_STORED = ReadingOptions()
