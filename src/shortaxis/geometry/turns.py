"""A turn about a line through the origin, as a matrix.

In numpy, since SciPy's rotations load as much as all else that a pose needs.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from shortaxis.geometry.arrays import FloatArray

__all__ = ["turn_about"]


def turn_about(turn_rad: ArrayLike) -> FloatArray:
    """The right-handed turn about a vector by its length in radians, as a rotation matrix (3, 3).

    After Rodrigues, by way of the unit quaternion ``(cos a/2, n sin a/2)``, which is exact for
    small angles too.

    Examples
    --------
    >>> turn_about([0, 0, np.pi / 2]).round(6).tolist()
    [[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    turn = np.asarray(turn_rad, dtype=np.float64)
    angle = float(np.linalg.norm(turn))
    # sinc is sin(pi x) / (pi x): one at zero.
    x, y, z = turn * (0.5 * np.sinc(angle / (2 * np.pi)))
    w = np.cos(angle / 2)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
