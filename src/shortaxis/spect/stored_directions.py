"""Where the axes of a stored volume run in the patient, and how another way round is stated."""

from __future__ import annotations

import numpy as np

from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.cube_symmetries import WayRound
from shortaxis.spect.stated_geometry import StatedGeometry, StoredAxis

__all__ = [
    "LETTERS_OF_AXIS",
    "SIDES",
    "axes_along",
    "corrected_affine",
    "direction_letters",
    "statement_of",
]

SIDES = ("left and right", "front and back", "head and feet")
"""Ends of the axes of LPS."""

LETTERS_OF_AXIS = ("LR", "PA", "SI")
"""Towards the end of each axis of LPS, and away from it."""


def axes_along(affine: FloatArray) -> tuple[int, ...]:
    """Axis of LPS that (slice, row, column) index lie along most."""
    return tuple(int(np.argmax(np.abs(column))) for column in affine[:3, :3].T)


def direction_letters(affine: FloatArray) -> list[str]:
    """Letters of the sides that (row, column, slice) run to most, as ``--orientation`` takes them.

    Examples
    --------
    >>> direction_letters(np.diag([-4.0, 2.0, 2.0, 1.0])[[2, 1, 0, 3]])
    ['L', 'P', 'I']
    """
    along = axes_along(affine)
    signs = affine[:3, :3][list(along), range(3)] < 0
    return [LETTERS_OF_AXIS[each][int(away)] for each, away in zip(along, signs, strict=True)][::-1]


def corrected_affine(
    patient_from_index: FloatArray, way: WayRound, middle: FloatArray
) -> FloatArray:
    """The affine of a volume that is stored another way round than its affine says, LPS mm.

    Parameters
    ----------
    patient_from_index : (4, 4) array
        As the file says.
    way : WayRound
        Of its voxels, on axes that run to the head, to the back and to the left.
    middle : (3,) array
        Index that stays where it is, usually the middle of the volume.
    """
    turn = np.zeros((3, 3))
    for axis, meant in enumerate(way.order):
        # Axis i of such voxels lies along axis 2 - i of LPS.
        turn[2 - meant, 2 - axis] = -1.0 if axis in way.flips else 1.0
    corrected = np.array(patient_from_index, dtype=np.float64)
    corrected[:3, :3] = turn @ patient_from_index[:3, :3]
    corrected[:3, 3] += (patient_from_index[:3, :3] - corrected[:3, :3]) @ middle
    return corrected


def statement_of(patient_from_index: FloatArray, way: WayRound) -> StatedGeometry:
    """What a user states of a volume that lies this way round: flips, or three letters."""
    if way.order == (0, 1, 2):
        along = axes_along(patient_from_index)
        reversed_ = {2 - axis for axis in way.flips}
        flips = (axis for axis, each in zip(StoredAxis, along, strict=True) if each in reversed_)
        return StatedGeometry(flips=frozenset(flips))
    corrected = corrected_affine(patient_from_index, way, np.zeros(3))
    return StatedGeometry(orientation="".join(direction_letters(corrected)))
