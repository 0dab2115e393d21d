"""Measure the function of a left ventricle from its time slots: from counts and pose to numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from shortaxis.function.beating_wall import BeatingWall, draw_beating_wall
from shortaxis.function.correction import VolumeCorrection, installed_correction
from shortaxis.function.fitted_surfaces import enclosing_surfaces
from shortaxis.function.phase import DEFAULT_PHASE, PhaseAnalysis, phase_convention, phase_of
from shortaxis.function.regional import RegionalFunction, regional_function
from shortaxis.function.regional_scores import (
    RegionalScores,
    installed_regional_normals,
    regional_scores,
)
from shortaxis.function.segment_means import WallPlaces, wall_places
from shortaxis.function.time_slots_used import UsedTimeSlots, used_time_slots
from shortaxis.function.trust import reasons_to_doubt
from shortaxis.function.uncorrected import uncorrected_beat
from shortaxis.function.ventricle_shape import VentricleShape, ventricle_shape
from shortaxis.function.volume_curve import VolumeCurve
from shortaxis.function.wall_counts import WallCounts, wall_counts
from shortaxis.geometry.arrays import CountsArray
from shortaxis.geometry.pose import RigidPose
from shortaxis.spect.volume import SpectVolume
from shortaxis.ventricle.surfaces import VentricleSurfaces
from shortaxis.ventricle.wall_network import WallDrawer, load_wall_drawer

__all__ = ["MUSCLE_G_PER_ML", "LeftVentricularFunction", "measure_function"]

MUSCLE_G_PER_ML = 1.05
"""Density of myocardium (Vinnakota and Bassingthwaighte, Am J Physiol 2004;286:H1742)."""


@dataclass(frozen=True, eq=False)
class LeftVentricularFunction:
    """What a gated study tells of the left ventricle.

    Parameters
    ----------
    slots : UsedTimeSlots
        Which time slots the beat is made of.
    curve : VolumeCurve
        Volumes of the cavity, corrected.
    wall_ml : float
        Volume of the muscle.
    bounds : mapping
        What nine errors of ten stay below on simulated exams like this one: ``end_diastolic_ml``,
        ``end_systolic_ml``, ``ejection_fraction`` (a part), ``wall_ml``.
    surfaces : tuple of VentricleSurfaces
        Of every slot, in the frame of the pose that was drawn along.
    places : WallPlaces
        Of the mean wall.
    regional : RegionalFunction
        Motion and thickening.
    counts : WallCounts
        From which other phases can be read.
    phase : PhaseAnalysis
        By the convention that was asked for.
    reasons, notes : tuples of str
        Why an operator should look, and what else a reader should know.
    """

    slots: UsedTimeSlots
    curve: VolumeCurve
    wall_ml: float
    bounds: Mapping[str, float]
    surfaces: tuple[VentricleSurfaces, ...] = field(repr=False)
    places: WallPlaces = field(repr=False)
    regional: RegionalFunction = field(repr=False)
    counts: WallCounts = field(repr=False)
    phase: PhaseAnalysis = field(repr=False)
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def flag(self) -> str:
        """``review`` if there is a reason to look, else ``accept``."""
        return "review" if self.reasons else "accept"

    @cached_property
    def scores(self) -> RegionalScores:
        """Motion and thickening of the segments by the installed normal limits."""
        return regional_scores(self.regional, installed_regional_normals())

    @property
    def mass_g(self) -> float:
        """Of the muscle."""
        return self.wall_ml * MUSCLE_G_PER_ML

    @property
    def mass_bound_g(self) -> float:
        """What nine errors of ten of the mass stay below."""
        return self.bounds["wall_ml"] * MUSCLE_G_PER_ML

    @cached_property
    def end_diastolic_shape(self) -> VentricleShape:
        """How round the ventricle is where it is largest."""
        return ventricle_shape(self.surfaces[self.curve.end_diastolic_slot - 1])

    @cached_property
    def end_systolic_shape(self) -> VentricleShape:
        """How round it is where it is smallest."""
        return ventricle_shape(self.surfaces[self.curve.end_systolic_slot - 1])


def measure_function(  # noqa: PLR0913 - what is measured, and with what
    gates: CountsArray,
    volume: SpectVolume,
    pose: RigidPose,
    *,
    shown_in: RigidPose | None = None,
    convention: str = DEFAULT_PHASE,
    drawer: WallDrawer | None = None,
    correction: VolumeCorrection | None = None,
) -> LeftVentricularFunction:
    """Measure volumes, motion, thickening and phase.

    Parameters
    ----------
    gates : (time_slot, slice, row, column) array
        Counts.
    volume : SpectVolume
        Their sum, on the same grid.
    pose : RigidPose
        Of the left ventricle in the sum, anatomical roll.
    shown_in : RigidPose, optional
        Whose roll names the segments; by default that of `pose`.
    convention : str
        Of the phases, a name in `PHASE_CONVENTIONS`.
    drawer, correction : optional
        By default the installed ones.

    Raises
    ------
    OptionError
        If too few slots tell anything, or there is no such convention.
    HeartNotFoundError
        If there are no counts around the pose.
    """
    phase_convention(convention)
    slots = used_time_slots(gates, volume.spacing_mm)
    beating = draw_beating_wall(gates, volume, pose, slots.fit, drawer or load_wall_drawer())
    found = uncorrected_beat(beating)
    corrected = (correction or installed_correction()).of(found)
    ejected = corrected.end_diastolic_ml - corrected.end_systolic_ml
    volumes = corrected.end_diastolic_ml - found.course.part * ejected
    curve = VolumeCurve(volumes, slots.fit.harmonics)
    surfaces, missed = enclosing_surfaces(beating, curve.cavity_ml)
    places = _mean_places(beating, shown_in or pose)
    counts = wall_counts(beating, places)
    phase = phase_of(counts, places, convention)
    bounds = {
        "end_diastolic_ml": corrected.bounds["end_diastolic_part"] * curve.end_diastolic_ml,
        "end_systolic_ml": corrected.bounds["end_systolic_part"] * curve.end_systolic_ml,
        "ejection_fraction": corrected.bounds["ejection_fraction"],
        "wall_ml": corrected.bounds["wall_part"] * corrected.wall_ml,
    }
    reasons = reasons_to_doubt(found, curve, corrected, missed, gates, volume)
    return LeftVentricularFunction(
        slots,
        curve,
        corrected.wall_ml,
        bounds,
        surfaces,
        places,
        regional_function(surfaces, curve, counts, places),
        counts,
        phase,
        (*slots.reasons, *reasons),
        slots.notes,
    )


def _mean_places(beating: BeatingWall, shown_in: RigidPose) -> WallPlaces:
    return wall_places(beating.summed.surfaces, shown_in)
