"""How files are to be read, the same for every format."""

from __future__ import annotations

from dataclasses import dataclass

from shortaxis.spect.stated_acquisition import ACQUIRED_AS_STORED, StatedAcquisition
from shortaxis.spect.stated_geometry import NOTHING_STATED, StatedGeometry

__all__ = ["AS_STORED", "ReadingOptions"]


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
    refuse_projections : bool
        Leave raw projections out; else they are reconstructed here.
    acquisition : StatedAcquisition
        What raw projections lack or say wrong of their acquisition.
    """

    force_input: bool = False
    whole_body: bool = False
    stated: StatedGeometry = NOTHING_STATED
    refuse_projections: bool = False
    acquisition: StatedAcquisition = ACQUIRED_AS_STORED

    def to_dict(self) -> dict[str, object]:
        """As plain values, for records and comparisons."""
        return {
            "force_input": self.force_input,
            "whole_body": self.whole_body,
            "stated": self.stated.to_dict(),
            "refuse_projections": self.refuse_projections,
            "acquisition": self.acquisition.to_dict(),
        }


AS_STORED = ReadingOptions()
