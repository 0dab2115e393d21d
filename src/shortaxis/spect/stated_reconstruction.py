"""How raw projections are to be reconstructed, where the user says so, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

__all__ = ["AS_SUITS", "StatedReconstruction"]


@dataclass(frozen=True)
class StatedReconstruction:
    """What the user says of a reconstruction; None leaves what the preset has.

    What there is of each is checked by `shortaxis.workflow.studies.stated_making`.

    Parameters
    ----------
    preset : str or None
        Name of a preset; None takes the one that suits each study.
    method, iterations, subsets, scatter
        As in `shortaxis.reconstruction.settings.ReconstructionSettings`.
    filter_kind, cutoff, order, fwhm_mm
        As in `shortaxis.reconstruction.post_filters.PostFilter`; the cutoff is in `cutoff_unit`.
    cutoff_unit : {"cycles/cm", "nyquist"}
        The second is a fraction of the Nyquist frequency of the bins.
    resolution_recovery : bool or None
        With the collimator that was stated or that the header names.
    motion : {"report", "correct", "ignore"}
        What becomes of motion of the patient.
    """

    preset: str | None = None
    method: str | None = None
    iterations: int | None = None
    subsets: int | None = None
    scatter: str | None = None
    filter_kind: str | None = None
    cutoff: float | None = None
    cutoff_unit: str = "cycles/cm"
    order: float | None = None
    fwhm_mm: float | None = None
    resolution_recovery: bool | None = None
    motion: str = "report"

    def to_dict(self) -> dict[str, Any]:
        """As plain values, for records and comparisons; only what differs from the default."""
        own = {each.name: getattr(self, each.name) for each in fields(self)}
        usual = {each.name: each.default for each in fields(self)}
        return {name: value for name, value in own.items() if value != usual[name]}

    def over(self, other: StatedReconstruction) -> StatedReconstruction:
        """Both, where this one goes before the other."""
        return replace(other, **self.to_dict())


AS_SUITS = StatedReconstruction()
"""By the preset that suits each study, motion reported."""
