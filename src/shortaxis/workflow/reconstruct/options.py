"""How projections are to be reconstructed, as it was asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from shortaxis.reconstruction.attenuation import MAP_UNITS
from shortaxis.spect.stated_reconstruction import AS_SUITS, StatedReconstruction
from shortaxis.workflow.studies.stated_making import require_known, require_possible

__all__ = ["Asked"]


@dataclass(frozen=True)
class Asked:
    """Choices of the user for one reconstruction.

    Parameters
    ----------
    stated : StatedReconstruction
        What any study can be reconstructed with.
    map_path : Path or None
        CT series, NM object or NIfTI file with attenuation, which belongs to one study.
    map_unit : {"per_cm", "hounsfield"} or None
        Of its values; None lets the file tell.
    force_map : bool
        Take a map of another patient or frame of reference.

    Raises
    ------
    OptionError
        For what no study could be made with, before any is read.
    """

    stated: StatedReconstruction = field(default=AS_SUITS)
    map_path: Path | None = None
    map_unit: str | None = None
    force_map: bool = False

    def __post_init__(self) -> None:
        require_known("unit of the map", self.map_unit, MAP_UNITS)
        require_possible(self.stated, with_map=self.map_path is not None)
