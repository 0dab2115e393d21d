"""Find where slices lie in the volume that they were cut from, from several starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from shortaxis.errors import ShortAxisError
from shortaxis.geometry.affines import apply_affine
from shortaxis.geometry.arrays import FloatArray
from shortaxis.spect.stored_slices import StoredSlices
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.annotation.engines.choosing import Engine
from shortaxis.workflow.annotation.matching import (
    Fitter,
    match_of,
    motion_matrix,
    zeroed_voxels,
)
from shortaxis.workflow.annotation.registration.coarse_search import coarse_placements

__all__ = ["Registration", "RegistrationError", "register_slices"]

ROUGH, SHARP = (6.0, 3_000), (0.0, 12_000)
"""Blur (standard deviation, mm) and voxels of the fits that come before registration."""

START_TURN_DEG, START_SHIFT_MM = 4.0, 4.0

STARTS: tuple[tuple[float, ...], ...] = (
    (0, 0, 0, 0, 0, 0),
    (1, 0, 0, 0, 1, 0),
    (0, -1, 0, 0, 0, 1),
    (0, 0, 1, -1, 0, 0),
    (-1, 1, -1, 1, -1, 1),
)
"""Directions of the turns and shifts from which registration starts again."""

AGREES_WITHIN_DEG, AGREES_WITHIN_MM = 0.3, 0.5
"""What an annotation may be off; starts that end nearer to the best one agree with it."""


class RegistrationError(ShortAxisError, RuntimeError):
    """The program that registers gave up."""


@dataclass(frozen=True, eq=False)
class Registration:
    """Where slices lie, and how well that is known.

    Parameters
    ----------
    patient_from_index : (4, 4) array
        Affine of the slices as stored, to LPS mm of the transaxial volume.
    engine : str
        What registered.
    is_mirrored : bool
        Whether the slices, as stored, show a mirror image of the patient.
    similarity : float
        Correlation coefficient of the counts, of the best start.
    other_hand : float
        The same for the best place of the slices the other way round.
    start_similarities, start_turns_deg, start_shifts_mm : tuple of float
        Of every start from which the program came to an end: its similarity, and how far it ended
        from the best one.
    """

    patient_from_index: FloatArray
    engine: str
    is_mirrored: bool
    similarity: float
    other_hand: float
    start_similarities: tuple[float, ...]
    start_turns_deg: tuple[float, ...]
    start_shifts_mm: tuple[float, ...]

    @property
    def axes(self) -> FloatArray:
        """Directions (3, 3) of the stored axes, one a column, LPS."""
        linear = self.patient_from_index[:3, :3]
        axes: FloatArray = linear / np.linalg.norm(linear, axis=0)
        return axes

    @property
    def agreeing(self) -> int:
        """Number of starts that end within 0.3 degrees and 0.5 mm of the best one."""
        both = zip(self.start_turns_deg, self.start_shifts_mm, strict=True)
        return sum(turn <= AGREES_WITHIN_DEG and shift <= AGREES_WITHIN_MM for turn, shift in both)


def register_slices(slices: StoredSlices, transaxial: SpectVolume, engine: Engine) -> Registration:
    """Search everywhere, then register from several starts about the best place.

    Raises
    ------
    RegistrationError
        If the program gives up from every start.
    """
    similarities, places = _best_places(slices, transaxial)
    is_mirrored = similarities[True] > similarities[False]
    ends = _from_starts(slices, places[is_mirrored], transaxial, engine)
    reached = np.array([match_of(slices, end, transaxial).similarity for end in ends])
    best = ends[int(reached.argmax())]
    middle = (np.array(slices.counts.shape) - 1) / 2
    return Registration(
        patient_from_index=best,
        engine=engine.name,
        is_mirrored=is_mirrored,
        similarity=float(reached.max()),
        other_hand=match_of(slices, places[not is_mirrored], transaxial).similarity,
        start_similarities=tuple(reached.tolist()),
        start_turns_deg=tuple(_turn_deg(best, end) for end in ends),
        start_shifts_mm=tuple(
            float(np.linalg.norm(apply_affine(best, middle) - apply_affine(end, middle)))
            for end in ends
        ),
    )


def _best_places(
    slices: StoredSlices, transaxial: SpectVolume
) -> tuple[dict[bool, float], dict[bool, FloatArray]]:
    """Similarity and affine of the best place of the slices as they are, and of their mirror image.

    Blurred fits sort the places out, and a sharp one of each kind compares them.
    """
    rough = Fitter(slices, transaxial, *ROUGH)
    sharp = Fitter(slices, transaxial, *SHARP)
    tried: dict[bool, list[tuple[float, FloatArray]]] = {False: [], True: []}
    for placement in coarse_placements(slices, transaxial):
        affine = rough.fitted(placement.patient_from_index(slices))
        hand = slices.is_mirrored_by(placement.axes)
        tried[hand].append((_similarity(slices, affine, transaxial), affine))
    places = {
        hand: sharp.fitted(max(each, key=lambda one: one[0])[1]) for hand, each in tried.items()
    }
    similarities = {
        hand: _similarity(slices, affine, transaxial) for hand, affine in places.items()
    }
    return similarities, places


def _similarity(slices: StoredSlices, affine: FloatArray, transaxial: SpectVolume) -> float:
    """Less where slices lie outside the volume, in which any few voxels are alike."""
    match = match_of(slices, affine, transaxial)
    return match.similarity * match.overlap


def _from_starts(
    slices: StoredSlices, affine: FloatArray, transaxial: SpectVolume, engine: Engine
) -> list[FloatArray]:
    usable = ~zeroed_voxels(slices.counts)
    about = apply_affine(affine, (np.array(slices.counts.shape) - 1) / 2)
    scales = np.array([np.deg2rad(START_TURN_DEG)] * 3 + [START_SHIFT_MM] * 3)
    ends: list[FloatArray] = []
    failures: list[Exception] = []
    for start in STARTS:
        laid = motion_matrix(np.array(start) * scales, about) @ affine
        try:
            ends.append(engine.register(slices.counts, laid, usable, transaxial) @ laid)
        except RuntimeError as error:
            failures.append(error)
    if not ends:
        raise RegistrationError(
            f"{engine.name} finds no place for the slices",
            expected=f"an answer from one of {len(STARTS)} starts",
            found=_last_line(failures),
            cause="slices of another study, or without counts",
        )
    return ends


def _last_line(failures: Sequence[Exception]) -> str:
    lines = str(failures[0]).strip().splitlines()
    return lines[-1].strip() if lines else type(failures[0]).__name__


def _turn_deg(first: FloatArray, second: FloatArray) -> float:
    """Angle between two affines of the same voxels."""
    turn = second[:3, :3] @ np.linalg.inv(first[:3, :3])
    # As in shortaxis.geometry.pose_errors: exact near 0.
    chord = np.linalg.norm(turn - np.eye(3)) / (2 * np.sqrt(2))
    return float(np.rad2deg(2 * np.arcsin(min(float(chord), 1.0))))
