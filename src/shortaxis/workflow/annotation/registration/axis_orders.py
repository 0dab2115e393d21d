"""The 48 ways in which a box can be laid along three axes: 24 turns and 24 mirrored ones.

Programs store short-axis slices in any order of axes and any sense, and not all say which.
"""

from __future__ import annotations

from functools import cache
from itertools import permutations, product

import numpy as np
from scipy.spatial.transform import Rotation

from shortaxis.geometry.arrays import CountsArray, FloatArray

__all__ = ["base_turns", "signed_permutations", "turned_counts"]

TURN_STEP_DEG = 18.0
"""Between neighbouring turns of the search: the nearest one is then within 16 degrees."""


@cache
def signed_permutations() -> tuple[FloatArray, ...]:
    """All 48 matrices with one entry of +1 or -1 in each row and column; turns have det +1.

    Examples
    --------
    >>> sum(bool(np.linalg.det(matrix) > 0) for matrix in signed_permutations())
    24
    """
    eye = np.eye(3)
    return tuple(
        eye[:, list(order)] * np.array(signs, dtype=np.float64)
        for order in permutations(range(3))
        for signs in product((1, -1), repeat=3)
    )


def turned_counts(counts: CountsArray, order: FloatArray) -> CountsArray:
    """Lay stored axis ``a`` of `counts` along ``order[:, a]``: no voxel is interpolated.

    Examples
    --------
    The first axis becomes the last one, backwards:

    >>> order = np.array([(0, 1, 0), (0, 0, 1), (-1, 0, 0)])
    >>> turned_counts(np.arange(2).reshape(2, 1, 1), order).tolist()
    [[[1, 0]]]
    """
    stored_axis = np.abs(order).argmax(axis=1)
    signs = order[np.arange(3), stored_axis]
    turned: CountsArray = np.flip(
        counts.transpose(stored_axis), tuple(np.flatnonzero(signs < 0).tolist())
    )
    return turned


@cache
def base_turns(step_deg: float = TURN_STEP_DEG) -> tuple[FloatArray, ...]:
    """Turns that, followed by the 24 of `signed_permutations`, cover all rotations.

    A grid of rotation vectors, of which those are kept that no turn of a cube brings nearer to
    the identity.
    """
    steps = np.arange(-4, 5) * step_deg
    vectors = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(-1, 3)
    vectors = vectors[np.linalg.norm(vectors, axis=1) <= MAX_DEG + step_deg / 2]
    turns = Rotation.from_rotvec(np.deg2rad(vectors))
    around = Rotation.from_matrix([m for m in signed_permutations() if np.linalg.det(m) > 0])
    nearest = np.array([(turn * around).magnitude().min() for turn in turns])
    kept = turns[turns.magnitude() <= nearest + np.deg2rad(step_deg) / 4]
    return tuple(kept.as_matrix())


MAX_DEG = 62.8
"""No rotation is further than this from one of the 24 turns of a cube."""
