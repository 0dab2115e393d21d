"""What the user says of a reconstruction, checked, and made the settings of one study."""

from __future__ import annotations

from dataclasses import replace

from shortaxis.dicom.reading.projections import RawStudy
from shortaxis.errors import OptionError
from shortaxis.reconstruction.attenuation import AttenuationMap
from shortaxis.reconstruction.collimators import COLLIMATORS, collimator_named_in
from shortaxis.reconstruction.post_filters import PostFilter, per_cm_from_nyquist
from shortaxis.reconstruction.presets import PRESETS
from shortaxis.reconstruction.settings import ReconstructionSettings
from shortaxis.spect.stated_reconstruction import StatedReconstruction
from shortaxis.workflow.studies.reconstructing import Making, MotionHandling, preset_for

__all__ = ["CUTOFF_UNITS", "making_of", "require_known", "require_possible"]

CUTOFF_UNITS = ("cycles/cm", "nyquist")

USUAL_BIN_MM = 6.4
"""On which what is stated is tried before any study is read."""


def require_possible(stated: StatedReconstruction, *, with_map: bool = False) -> None:
    """Raise `OptionError` for what no study could be reconstructed with."""
    require_known("preset", stated.preset, PRESETS)
    require_known("unit of the cutoff", stated.cutoff_unit, CUTOFF_UNITS)
    require_known("handling of motion", stated.motion, tuple(MotionHandling))
    usual = PRESETS[stated.preset or "standard"].settings
    _settings_on(stated, USUAL_BIN_MM, "", usual, with_map=with_map)


def making_of(
    raw: RawStudy, stated: StatedReconstruction, attenuation: AttenuationMap | None = None
) -> Making:
    """What was stated, for one study, with the preset that suits it.

    Raises
    ------
    OptionError
        For values that no reconstruction has, or if resolution is to be recovered and nobody names
        a collimator that is known.
    """
    preset = stated.preset or preset_for(raw)
    usual, collimator = PRESETS[preset].settings, ""
    if stated.resolution_recovery is None and usual.collimator and stated.method != "fbp":
        stated = replace(stated, resolution_recovery=True)
    if stated.resolution_recovery:
        collimator = _known_collimator(raw.collimator)
    settings = _settings_on(
        stated,
        raw.projections.pixel_mm[1],
        collimator,
        usual,
        with_map=attenuation is not None,
    )
    return Making(preset, settings, attenuation, MotionHandling(stated.motion), stated)


def require_known(what: str, value: object, known: object) -> None:
    """Raise `OptionError` unless the value is None or one of those known."""
    names = tuple(known) if isinstance(known, tuple | dict) else ()
    if value is not None and value not in names:
        raise OptionError(f"unknown {what}", expected=", ".join(names), found=str(value))


def _settings_on(
    stated: StatedReconstruction,
    bin_mm: float,
    collimator: str,
    usual: ReconstructionSettings,
    *,
    with_map: bool,
) -> ReconstructionSettings:
    """The usual settings with what was stated, for bins this wide."""
    if stated.method == "fbp":
        usual = replace(usual, method="fbp", collimator=None)
    said: dict[str, object] = {
        "method": stated.method,
        "iterations": stated.iterations,
        "subsets": stated.subsets,
        "scatter": stated.scatter,
        "attenuation_corrected": True if with_map else None,
    }
    changes = {name: value for name, value in said.items() if value is not None}
    if stated.resolution_recovery is not None:
        changes["collimator"] = collimator or None if stated.resolution_recovery else None
    changes["post_filter"] = _filter(stated, bin_mm, usual.post_filter)
    return replace(usual, **changes)  # type: ignore[arg-type]  # checked there


def _filter(stated: StatedReconstruction, bin_mm: float, usual: PostFilter) -> PostFilter:
    cutoff = stated.cutoff
    if cutoff is not None and stated.cutoff_unit == "nyquist":
        cutoff = per_cm_from_nyquist(cutoff, bin_mm)
    said: dict[str, object] = {
        "kind": stated.filter_kind,
        "cutoff_per_cm": cutoff,
        "order": stated.order,
        "fwhm_mm": stated.fwhm_mm,
    }
    changes = {name: value for name, value in said.items() if value is not None}
    return replace(usual, **changes)  # type: ignore[arg-type]  # checked there


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
