"""How projections are to be reconstructed, as it was asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from shortaxis.dicom.reading.projections import RawStudy
from shortaxis.errors import OptionError
from shortaxis.reconstruction.attenuation import MAP_UNITS, AttenuationMap
from shortaxis.reconstruction.collimators import COLLIMATORS, collimator_named_in
from shortaxis.reconstruction.post_filters import PostFilter, per_cm_from_nyquist
from shortaxis.reconstruction.presets import PRESETS
from shortaxis.reconstruction.settings import ReconstructionSettings
from shortaxis.workflow.studies.reconstructing import Making, MotionHandling, preset_for

__all__ = ["CUTOFF_UNITS", "Asked", "settings_of"]

CUTOFF_UNITS = ("cycles/cm", "nyquist")


@dataclass(frozen=True)
class Asked:
    """Choices of the user; None leaves what the preset has.

    Parameters
    ----------
    preset : str or None
        Name of a row of `PRESETS`; None takes the one that suits each study.
    method, iterations, subsets, scatter
        As in `ReconstructionSettings`.
    filter_kind, cutoff, order, fwhm_mm
        As in `PostFilter`; the cutoff is in `cutoff_unit`.
    cutoff_unit : {"cycles/cm", "nyquist"}
        The second is a fraction of the Nyquist frequency of the bins.
    resolution_recovery : bool or None
        With the collimator that was stated or that the header names.
    map_path : Path or None
        CT series, NM object or NIfTI file with attenuation.
    map_unit : {"per_cm", "hounsfield"} or None
        Of its values; None lets the file tell.
    force_map : bool
        Take a map of another patient or frame of reference.
    motion : MotionHandling
        What becomes of motion.
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
    map_path: Path | None = None
    map_unit: str | None = None
    force_map: bool = False
    motion: MotionHandling = MotionHandling.REPORT

    def __post_init__(self) -> None:
        _require(self.preset is None or self.preset in PRESETS, "preset", PRESETS, self.preset)
        _require(self.cutoff_unit in CUTOFF_UNITS, "unit of the cutoff", CUTOFF_UNITS,
                 self.cutoff_unit)  # fmt: skip
        is_known = self.map_unit is None or self.map_unit in MAP_UNITS
        _require(is_known, "unit of the map", MAP_UNITS, self.map_unit)
        Making(motion=self.motion)
        # What no study could be made with is told before any is read.
        self.settings_on(6.4, "", PRESETS[self.preset or "standard"].settings)

    def settings_on(
        self, bin_mm: float, collimator: str, usual: ReconstructionSettings
    ) -> ReconstructionSettings:
        """The usual settings with what was asked for, for bins this wide.

        Raises
        ------
        OptionError
            For values that no reconstruction has.
        """
        if self.method == "fbp":
            usual = replace(usual, method="fbp", collimator=None)
        asked: dict[str, object] = {
            "method": self.method,
            "iterations": self.iterations,
            "subsets": self.subsets,
            "scatter": self.scatter,
            "attenuation_corrected": True if self.map_path is not None else None,
        }
        changes = {name: value for name, value in asked.items() if value is not None}
        if self.resolution_recovery is not None:
            changes["collimator"] = collimator or None if self.resolution_recovery else None
        changes["post_filter"] = self._filter(bin_mm, usual.post_filter)
        return replace(usual, **changes)  # type: ignore[arg-type]  # checked there

    def _filter(self, bin_mm: float, usual: PostFilter) -> PostFilter:
        cutoff = self.cutoff
        if cutoff is not None and self.cutoff_unit == "nyquist":
            cutoff = per_cm_from_nyquist(cutoff, bin_mm)
        asked: dict[str, object] = {
            "kind": self.filter_kind,
            "cutoff_per_cm": cutoff,
            "order": self.order,
            "fwhm_mm": self.fwhm_mm,
        }
        changes = {name: value for name, value in asked.items() if value is not None}
        return replace(usual, **changes)  # type: ignore[arg-type]  # checked there


def settings_of(raw: RawStudy, asked: Asked, attenuation: AttenuationMap | None) -> Making:
    """What was asked for, for one study.

    Raises
    ------
    OptionError
        If resolution is to be recovered and nobody names a collimator that is known.
    """
    preset = asked.preset or preset_for(raw.facts, is_gated=raw.projections.is_gated)
    usual, collimator = PRESETS[preset].settings, ""
    if asked.resolution_recovery is None and usual.collimator and asked.method != "fbp":
        asked = replace(asked, resolution_recovery=True)
    if asked.resolution_recovery:
        collimator = _known_collimator(raw.collimator)
    settings = asked.settings_on(raw.projections.pixel_mm[1], collimator, usual)
    return Making(preset, settings, attenuation, asked.motion)


def _known_collimator(named: str) -> str:
    """The row of `COLLIMATORS` that a name stands for."""
    found = collimator_named_in(named)
    if found is None:
        raise OptionError(
            "resolution cannot be recovered",
            expected=f"a collimator that is known: {', '.join(COLLIMATORS)}",
            found="another one" if named else "no Collimator/Grid Name (0018,1180)",
            cause="another collimator, or a maker's own name for it",
            way_on="state the nearest one: --collimator LEHR, or leave resolution recovery out",
        )
    return found


def _require(is_known: bool, what: str, known: object, found: object) -> None:
    if not is_known:
        expected = ", ".join(known) if isinstance(known, tuple | dict) else str(known)
        raise OptionError(f"unknown {what}", expected=expected, found=str(found))
