"""The pose of one pair: registration, the names of its axes, the centre, and what to doubt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from shortaxis.anatomy.heart_sizes import TYPICAL_LENGTH_MM
from shortaxis.errors import HeartNotFoundError
from shortaxis.geometry.affines import apply_affine
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.pose import RigidPose
from shortaxis.reorientation.estimate import PoseEstimate
from shortaxis.reorientation.quality import judge, plausibility_measures
from shortaxis.spect.stored_slices import StoredSlices
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.annotation.cardiac_axes import (
    apex_contrast,
    cardiac_axes,
    ventricle_center_mm,
)
from shortaxis.workflow.annotation.engines.choosing import Engine
from shortaxis.workflow.annotation.matching import Match, match_of
from shortaxis.workflow.annotation.registration.registering import (
    AGREES_WITHIN_DEG,
    AGREES_WITHIN_MM,
    STARTS,
    Registration,
    register_slices,
)

__all__ = ["METHOD", "Annotation", "Center", "annotate_pair"]

METHOD = "registration"

MIN_SIMILARITY, MIN_HEART_SIMILARITY = 0.96, 0.99
"""Of all slices and in the heart, between what slices of the same exams and those of other patients
reach in the heart (``evidence/results/annotation_errors.json``)."""

SURE_SIMILARITY = 0.995
"""In the heart."""

MIN_OVERLAP = 0.5
"""Part of the slices that must lie in the volume."""

MIN_AGREEING = 3

HEADER_AGREES_DEG, HEADER_AGREES_MM = 3.0, 5.0

SAME_BOTH_WAYS = 0.005
"""A mirrored copy whose similarity comes so near cannot be distinguished from the slices."""


class Center(Enum):
    """What the centre of the pose is."""

    VENTRICLE = "ventricle"
    SLICES = "slices"


@dataclass(frozen=True, eq=False)
class Annotation:
    """What is known of a pair; `estimate` is its pose, None where `rejections` say why not.

    `match` is that of the final place, `apex_contrast` above 0 where the wall closes at the apex,
    `axes_apart_deg` how far the automatic estimate lies, `header` how far the header of the slices
    is off (degrees, mm), None where it says nothing; `notes` are no reason to review it.
    """

    registration: Registration
    match: Match
    rejections: tuple[str, ...]
    estimate: PoseEstimate | None
    apex_contrast: float | None = None
    axes_apart_deg: float | None = None
    header: tuple[float, float] | None = None
    notes: tuple[str, ...] = ()

    def with_reasons(self, *reasons: str) -> Annotation:
        """The same with more reasons to look at its pose."""
        if self.estimate is None or not reasons:
            return self
        quality = self.estimate.quality.with_reasons(*reasons)
        return replace(self, estimate=replace(self.estimate, quality=quality))


def annotate_pair(
    slices: StoredSlices,
    transaxial: SpectVolume,
    engine: Engine,
    center: Center = Center.VENTRICLE,
) -> Annotation:
    """Find the pose that a person gave a heart, from the slices that were cut.

    Parameters
    ----------
    slices : StoredSlices
        Short-axis slices, in any order and sense of their axes, cropped or not, in any unit.
    transaxial : SpectVolume
        The volume that they were cut from.
    engine : Engine
        What registers.
    center : Center
        Centre of the pose: the middle of the left ventricle as the counts show it along the axes of
        the slices, or the middle of the box of the slices.

    Raises
    ------
    RegistrationError
        If no place is found.
    """
    registration = register_slices(slices, transaxial, engine)
    axes, automatic = cardiac_axes(registration.axes, transaxial)
    middle = apply_affine(registration.patient_from_index, (np.array(slices.counts.shape) - 1) / 2)
    found, length_mm, reasons = _ventricle(axes.patient_from_cardiac, transaxial, automatic)
    heart_mm = middle if found is None else found
    match = match_of(slices, registration.patient_from_index, transaxial, heart_mm)
    pose = RigidPose(axes.patient_from_cardiac, middle if center is Center.SLICES else heart_mm)
    contrast = apex_contrast(RigidPose(pose.patient_from_cardiac, heart_mm), length_mm, transaxial)
    header = _header_off(slices, registration)
    rejections = _rejections(registration, match)
    reasons = [*reasons, *axes.reasons, *_doubts(registration, match, contrast)]
    quality = judge(plausibility_measures(pose)).with_reasons(*reasons)
    return Annotation(
        registration=registration,
        match=match,
        rejections=rejections,
        estimate=None if rejections else PoseEstimate(pose, METHOD, quality=quality),
        apex_contrast=contrast,
        axes_apart_deg=axes.apart_deg,
        header=header,
        notes=(*slices.notes, *_notes(header)),
    )


def _ventricle(
    rotation: FloatArray, transaxial: SpectVolume, automatic: PoseEstimate | None
) -> tuple[FloatArray | None, float, list[str]]:
    """Centre of the left ventricle, its length, and why to review them."""
    lost = "the left ventricle is not found: the centre is that of the slices"
    if automatic is None:
        return None, TYPICAL_LENGTH_MM, [lost]
    try:
        found, length_mm = ventricle_center_mm(rotation, transaxial, automatic)
    except HeartNotFoundError:
        return None, TYPICAL_LENGTH_MM, [lost]
    return found, length_mm, []


def _rejections(registration: Registration, match: Match) -> tuple[str, ...]:
    checks = (
        (
            match.similarity < MIN_SIMILARITY or match.heart < MIN_HEART_SIMILARITY,
            f"the counts do not match: similarity {match.similarity:.3f} of at least "
            f"{MIN_SIMILARITY:g}, about the heart {match.heart:.3f} of at least "
            f"{MIN_HEART_SIMILARITY:g}: slices of another study or patient, or of other voxel "
            "sizes than the header says",
        ),
        (
            match.overlap < MIN_OVERLAP,
            f"only {100 * match.overlap:.0f} % of the slices lie in the transaxial volume",
        ),
        (
            registration.agreeing < MIN_AGREEING,
            f"only {registration.agreeing} of {len(STARTS)} starts agree within "
            f"{AGREES_WITHIN_DEG:g} degrees and {AGREES_WITHIN_MM:g} mm",
        ),
    )
    return tuple(words for is_wrong, words in checks if is_wrong)


def _doubts(registration: Registration, match: Match, contrast: float) -> list[str]:
    margin = registration.similarity - registration.other_hand
    checks = (
        (match.heart < SURE_SIMILARITY, f"the heart matches by {match.heart:.3f} only"),
        (registration.is_mirrored, "as they are stored, the slices show a mirror image"),
        (margin < SAME_BOTH_WAYS, "a mirror image of the slices matches nearly as well"),
        (contrast <= 0, "the wall does not close at the apex: apex and base exchanged?"),
    )
    return [words for is_so, words in checks if is_so]


def _header_off(slices: StoredSlices, registration: Registration) -> tuple[float, float] | None:
    """How far the header's directions and middle lie from what was found: degrees, mm."""
    if slices.patient_from_index is None:
        return None
    said = slices.patient_from_index[:3, :3] / slices.spacing_mm
    cosine = (np.trace(said.T @ registration.axes) - 1) / 2
    if registration.is_mirrored:
        cosine = -1.0
    middle = (np.array(slices.counts.shape) - 1) / 2
    apart = apply_affine(slices.patient_from_index, middle) - apply_affine(
        registration.patient_from_index, middle
    )
    return float(np.rad2deg(np.arccos(np.clip(cosine, -1, 1)))), float(np.linalg.norm(apart))


def _notes(header: tuple[float, float] | None) -> tuple[str, ...]:
    if header is None or (header[0] <= HEADER_AGREES_DEG and header[1] <= HEADER_AGREES_MM):
        return ()
    return (
        f"the header of the slices is {header[0]:.0f} degrees and {header[1]:.0f} mm off, and was "
        "not used",
    )
