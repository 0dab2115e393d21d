"""Quantify one study: pose, traced wall, polar map, segments, scores."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from scipy.spatial.transform import Rotation

from shortaxis.errors import GeometryError, UnsupportedObjectError
from shortaxis.function.phase import DEFAULT_PHASE, phase_convention
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.euler import with_conventional_roll
from shortaxis.geometry.pose import RigidPose
from shortaxis.geometry.pose_errors import geodesic_angle_deg, long_axis_angle_deg
from shortaxis.quantification.drawn_surfaces import TRACED_WALL
from shortaxis.quantification.lung_heart import lung_heart_ratio
from shortaxis.quantification.normal_files import DEFAULT_NORMALS, FIXED_BANDS, find_normals
from shortaxis.quantification.normal_group import NOTHING_STATED, NormalGroup
from shortaxis.quantification.normal_limits import NormalLimits
from shortaxis.quantification.polar_map import PolarMap
from shortaxis.quantification.severity import Severity, fixed_band_severity, limits_severity
from shortaxis.quantification.tracing import TracedVentricle
from shortaxis.quantification.trust import reasons_to_review
from shortaxis.quantification.wall_methods import (
    DEFAULT_WALL_METHOD,
    NOTHING_BY_HAND,
    FoundWall,
    find_wall,
    require_wall_method,
)
from shortaxis.reorientation.estimate import PoseEstimate
from shortaxis.reorientation.methods import DEFAULT_METHOD, estimate_pose
from shortaxis.reorientation.pose_in_field import reasons_of_the_field, refuse_pose_outside
from shortaxis.reorientation.roll import RollConvention
from shortaxis.spect.study import PerfusionStudy
from shortaxis.spect.volume import SpectVolume
from shortaxis.ventricle.by_hand import WallByHand
from shortaxis.workflow.drawing.header_words import note_words, plain_notes
from shortaxis.workflow.quantify.function_study import StudyFunction, function_of
from shortaxis.workflow.quantify.limits_choice import limits_for
from shortaxis.workflow.quantify.valve_planes import PlanesApart, planes_apart
from shortaxis.workflow.reorient.reorienting import NOT_TRANSAXIAL_REASONS, reasons_of_the_source

__all__ = [
    "QuantifiedStudy",
    "QuantifyOptions",
    "notes_of_the_base",
    "quantify_study",
    "severity_by",
]

SLICED_WITHIN_DEG = 35.0
"""Axes of voxels this near to those of the heart are short-axis slices, and their axes are kept."""

SLICES_APART_DEG = 10.0
"""Between the long axes of slices and estimate: twice what nineteen of twenty estimates are off."""


SURE_DIRECTIONS = 0.75
"""Part of the directions that see the valve plane; with less of them a quarter of the base is a
guess, though no reason to review."""


@dataclass(frozen=True)
class QuantifyOptions:
    """Choices for one quantification.

    `method` and `weights` find the pose, as in `ReorientOptions`; `roll` says where the walls of
    the polar map are taken to be. `normals` are installed normal limits by name, or a file;
    ``fixed-bands`` scores by fixed bands of uptake, and None leaves scores out. `stated` says what
    headers do not: it takes the place of what they say. `wall` finds the wall, a name in
    `shortaxis.quantification.wall_methods.WALL_METHODS`; what an operator set of it by `hand` has
    the last word, and is of one study. `phase` is how phases of gated studies are
    counted, a name in `shortaxis.function.phase.PHASE_CONVENTIONS`.

    Raises
    ------
    OptionError
        For an unknown roll, unknown normal limits, or an unknown method for the wall or convention
        of phases.
    UnreadableFileError
        If the file of the limits is none.
    """

    method: str = DEFAULT_METHOD
    weights: str | None = None
    roll: RollConvention = RollConvention.CONVENTIONAL
    normals: str | None = DEFAULT_NORMALS
    wall: str = DEFAULT_WALL_METHOD
    phase: str = DEFAULT_PHASE
    stated: NormalGroup = NOTHING_STATED
    hand: WallByHand = NOTHING_BY_HAND

    def __post_init__(self) -> None:
        object.__setattr__(self, "roll", RollConvention(self.roll))
        require_wall_method(self.wall)
        phase_convention(self.phase)
        self.stated.require_known_words()
        if self.normals not in (None, FIXED_BANDS):
            find_normals(self.normals)

    @property
    def is_by_fixed_bands(self) -> bool:
        """Whether scores are by fixed bands, which only those get who ask for them."""
        return self.normals == FIXED_BANDS


@dataclass(frozen=True, eq=False)
class QuantifiedStudy:
    """A study with its polar map.

    `estimate` holds the pose and all reasons to review, `pose` the one that the wall was traced
    with, `wall` what the method for the wall found; `is_short_axis` says that the axes are those of
    the study's own slices. `limits` are the normal limits of studies like this one, None if there
    are none; `notes` say what the limits were chosen without.
    """

    study: PerfusionStudy = field(repr=False)
    options: QuantifyOptions
    estimate: PoseEstimate
    pose: RigidPose = field(repr=False)
    traced: TracedVentricle = field(repr=False)
    is_short_axis: bool
    wall: FoundWall = field(repr=False)
    limits: NormalLimits | None = field(default=None, repr=False)
    notes: tuple[str, ...] = ()

    @cached_property
    def lung_heart_ratio(self) -> float | None:
        """Counts of the left lung over those of the wall; None where the field ends before it."""
        return lung_heart_ratio(self.study.volume, self.traced)

    @cached_property
    def valve_planes_apart(self) -> PlanesApart | None:
        """A traced valve plane against that of review sheets; None for any other wall."""
        if self.options.wall != TRACED_WALL or self.options.hand.what:
            return None
        return planes_apart(self.study.volume, self.estimate, self.pose, self.traced)

    @property
    def all_notes(self) -> tuple[str, ...]:
        """`notes`, what the wall of review sheets says against this one, and what was read."""
        apart = self.valve_planes_apart
        own = (apart.note, *self.notes) if apart and apart.note else self.notes
        return (*own, *plain_notes(self.study.notes))

    @property
    def base_doubt(self) -> str:
        """Why the valve plane is not sure, and basal segments with it; empty where it is."""
        if self.options.hand.valve_center_mm is not None:
            return ""
        apart, seen = self.valve_planes_apart, self.traced.ends.directions_part
        told = [apart.words] if apart and apart.note else []
        told += [_seen_words(seen)] if seen < SURE_DIRECTIONS else []
        return ", and ".join(told)

    @property
    def is_base_cut(self) -> bool:
        """Whether all the doubt is that the traced plane lies nearer to the apex than another."""
        apart, seen = self.valve_planes_apart, self.traced.ends.directions_part
        is_nearer = bool(apart and apart.note and apart.farther_mm < 0)
        return is_nearer and seen >= SURE_DIRECTIONS

    @cached_property
    def severity(self) -> Severity | None:
        """Scores by normal limits, or by fixed bands if those were asked for.

        None without fitting limits: nothing is scored then, here and wherever numbers are shown.
        """
        by_bands = self.options.is_by_fixed_bands
        return severity_by(self.traced.polar_map, self.limits, by_bands=by_bands)

    @cached_property
    def function(self) -> StudyFunction | None:
        """How the ventricle beats, measured when it is asked for; None for an ungated study."""
        return function_of(self.study, self.estimate.pose, self.pose, self.options.phase)


def severity_by(
    polar_map: PolarMap, limits: NormalLimits | None, *, by_bands: bool
) -> Severity | None:
    """Scores of a map by the bands if they were asked for, else by limits, or none."""
    if by_bands:
        return fixed_band_severity(polar_map)
    return None if limits is None else limits_severity(polar_map, limits)


def quantify_study(
    study: PerfusionStudy,
    options: QuantifyOptions,
    given: RigidPose | None = None,
    estimated: PoseEstimate | None = None,
) -> QuantifiedStudy:
    """Trace the left ventricle of a study and lay its wall flat.

    Transaxial counts are sampled along the axes of the estimated pose. Of short-axis slices,
    whoever cut them, the axes are kept, and only the place and the size are estimated: what
    was cut is what is quantified. A `given` pose, of another exam of the same patient, takes the
    place of the estimated one, which still says where the heart seems to lie. What the same
    options have `estimated` before need not be estimated again.

    Raises
    ------
    UnsupportedObjectError
        If the header names the volume an attenuation map.
    GeometryError
        If a code says that the slices are short-axis or long-axis ones, and their orientation
        that they are transaxial.
    HeartNotFoundError
        If the estimator finds no left ventricle.
    PoseFileError
        If the centre of the pose lies outside the volume.
    """
    volume = study.volume
    _refuse_attenuation_map(study)
    _refuse_contradictory_view(study)
    limits, notes = limits_for(
        study.facts, options.normals, options.stated, options.wall, study.notes
    )
    estimate = estimated or estimate_pose(volume, options.method, options.weights)
    sliced = axes_of_slices(volume, estimate.pose)
    if sliced is not None:
        pose = sliced
    elif given is not None:
        pose = given
    elif options.roll is RollConvention.CONVENTIONAL:
        pose = with_conventional_roll(estimate.pose)
    else:
        pose = estimate.pose
    refuse_pose_outside(volume, pose)
    extent = estimate.extent
    size = () if extent is None else (extent.length_mm, extent.radius_mm)
    estimated_axis = sliced is None and given is None
    wall = find_wall(
        volume,
        pose,
        options.wall,
        anatomical=estimate.pose,
        size=size,
        hand=options.hand,
        axis_bound_deg=estimate.uncertainty.long_axis_deg if estimated_axis else None,
    )
    traced = wall.traced
    # Of an estimated pose its own measures tell how near the edge is.
    of_the_field = [] if given is None else reasons_of_the_field(volume, pose)
    of_the_wall = reasons_to_review(traced, volume)
    if options.wall != TRACED_WALL:
        of_the_wall = (*of_the_wall, *wall.surfaces.reasons)
    of_the_source = map(note_words, reasons_of_the_source(study))
    reasons = [*of_the_source, *of_the_field, *of_the_wall]
    if sliced is not None:
        reasons = [reason for reason in reasons if reason not in NOT_TRANSAXIAL_REASONS]
        apart_deg = long_axis_angle_deg(sliced, estimate.pose)
        if apart_deg > SLICES_APART_DEG:
            reasons.append(f"the slices lie {apart_deg:.0f} degrees from the estimated long axis")
    flagged = replace(estimate, quality=estimate.quality.with_reasons(*reasons))
    notes += notes_of_the_base(traced, options.hand)
    return QuantifiedStudy(
        study, options, flagged, pose, traced, sliced is not None, wall, limits, tuple(notes)
    )


def notes_of_the_base(traced: TracedVentricle, hand: WallByHand = NOTHING_BY_HAND) -> list[str]:
    """That basal segments are not sure, where too few directions see a plane that nobody set."""
    seen = traced.ends.directions_part
    if seen >= SURE_DIRECTIONS or hand.valve_center_mm is not None:
        return []
    return [f"{_seen_words(seen)}: basal segments are not sure"]


def _seen_words(seen: float) -> str:
    return f"the valve plane is seen in {100 * seen:.0f} % of directions"


def axes_of_slices(volume: SpectVolume, estimated: RigidPose) -> RigidPose | None:
    """The pose of short-axis slices with the estimated centre; None for other volumes.

    The axes of the voxels, in any order and sense that is right-handed, nearest to the estimated
    ones. A transaxial volume of a heart that happens to lie along its axes has its slices across
    the patient's axis all the same, and is none.
    """
    if _is_transaxial(volume):
        return None
    axes = volume.patient_from_index[:3, :3] / volume.spacing_mm
    if np.linalg.det(axes) < 0:
        axes = axes * np.array([-1.0, 1.0, 1.0])
    turns = Rotation.create_group("O").as_matrix()
    poses = [RigidPose(_orthonormal(axes @ turn), estimated.center_mm) for turn in turns]
    nearest = min(poses, key=lambda pose: geodesic_angle_deg(pose, estimated))
    return nearest if geodesic_angle_deg(nearest, estimated) <= SLICED_WITHIN_DEG else None


def _refuse_attenuation_map(study: PerfusionStudy) -> None:
    """A map shows tissue and no tracer: whatever is scored from it is no finding."""
    evidence = study.facts.named_attenuation_map
    if evidence:
        raise UnsupportedObjectError(
            "is an attenuation map: there is no tracer to score",
            expected="an emission reconstruction",
            found=evidence,
            cause="the map that belongs to a corrected study, taken with --force-input",
            way_on="quantify the emission study; if the name is wrong, correct it in the file",
        )


def _refuse_contradictory_view(study: PerfusionStudy) -> None:
    """Slices whose place in the patient the header gets wrong have no axes to keep."""
    facts = study.facts
    if facts.view_is_coded and _is_transaxial(study.volume):
        raise GeometryError(
            "says that it is reoriented, and lies transaxially",
            expected="short-axis slices with their own Image Orientation (Patient)",
            found=f"{facts.declared_view}, and an orientation that is transaxial",
            cause="a program that cut the slices and kept the orientation of the study; quantify "
            "the transaxial study instead",
        )


def _is_transaxial(volume: SpectVolume) -> bool:
    across = volume.patient_from_index[:3, 0] / volume.spacing_mm[0]
    return bool(abs(across[2]) > TRANSAXIAL_COSINE)


TRANSAXIAL_COSINE = float(np.cos(np.deg2rad(10.0)))


def _orthonormal(matrix: FloatArray) -> FloatArray:
    """The nearest rotation: axes of stored slices are rounded."""
    left, _, right = np.linalg.svd(matrix)
    rotation: FloatArray = left @ right
    return rotation
